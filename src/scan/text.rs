//! Bytes as units of text, in whatever encoding they are: what a phone number consists of, and what it does not.
//!
//! UTF-8 and GBK are told apart unit by unit: what is not valid UTF-8 is read as GBK or GB18030. UTF-16 is a reading of its own
//! that the caller asks for. Escapes (`&#49;`, `%31`, `\u0031`, `=31`) are one unit, like the character they stand for.

/// How many bytes a character has at least, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// UTF-8, and GBK or GB18030 where it is not that.
    Bytes,
    /// GBK or GB18030 alone: some of its characters are valid UTF-8.
    Gbk,
    Utf16Le,
    Utf16Be,
}

/// Scripts whose digits are not mixed within one number.
///
/// In GBK the bytes of a full-width digit are also the end of some UTF-8 characters, and those of an Arabic digit in UTF-8 are
/// Chinese characters in GBK: neither can be trusted beside a digit of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// ASCII and full-width.
    Latin,
    Arabic,
    FullWidthGbk,
}

/// What may stand between the digits of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joiner {
    Space,
    Dash,
    Dot,
    Open,
    Close,
    Slash,
    Plus,
    Underscore,
    Tilde,
}

/// What a unit is to a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Digit(u8, Script),
    Joiner(Joiner),
    /// Takes no room: zero-width spaces, marks of direction, soft line breaks.
    Invisible,
    LineBreak,
    Letter(char),
    Other(char),
}

/// One unit and how many bytes it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub kind: Kind,
    pub bytes: usize,
}

/// Longest escape of one character, in characters (`&#x0000ff11;`).
const ESCAPE_CHARS_MAX: usize = 12;

/// Bytes under one reading.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    pub bytes: &'a [u8],
    pub reading: Reading,
}

impl Text<'_> {
    /// Gives the unit that begins at a byte, escapes resolved; nothing at the end.
    pub fn unit(&self, at: usize) -> Option<Unit> {
        let (c, bytes, gbk) = self.character(at)?;
        match c {
            '0'..='9' => Some(Unit { kind: Kind::Digit(c as u8 - b'0', Script::Latin), bytes }),
            '%' | '&' | '\\' | '=' => {
                let escaped = self.escape(at, c);
                Some(
                    escaped.map_or(Unit { kind: Kind::Other(c), bytes }, |(c, bytes)| Unit {
                        kind: kind(c, false),
                        bytes,
                    }),
                )
            }
            _ => Some(Unit { kind: kind(c, gbk), bytes }),
        }
    }

    /// Bytes of the shortest character.
    fn unit_bytes(&self) -> usize {
        match self.reading {
            Reading::Bytes | Reading::Gbk => 1,
            Reading::Utf16Le | Reading::Utf16Be => 2,
        }
    }

    /// Gives the unit that ends before a byte, and where it begins.
    pub fn unit_before(&self, at: usize) -> Option<(Unit, usize)> {
        let step = self.unit_bytes();
        let begin_of =
            |back: usize| at.checked_sub(back).filter(|begin| self.unit(*begin).is_some_and(|it| it.bytes == back));
        let last = self.character(at.checked_sub(step)?)?.0;
        let escapes: &[usize] = match last {
            ';' => &[4, 5, 6, 7, 8, 9, 10, 11, 12],
            'a'..='f' | 'A'..='F' | '0'..='9' => &[3, 4, 6, 9],
            '\n' => &[2, 3],
            '/' => &[2],
            _ => &[],
        };
        for chars in escapes {
            let escape =
                |begin: &usize| self.character(*begin).is_some_and(|it| matches!(it.0, '%' | '&' | '\\' | '='));
            if let Some(begin) = begin_of(chars * step).filter(escape) {
                return Some((self.unit(begin)?, begin));
            }
        }
        let lengths: &[usize] = match self.reading {
            Reading::Bytes | Reading::Gbk if self.bytes[at - 1].is_ascii_digit() => &[4, 1],
            Reading::Bytes | Reading::Gbk if self.bytes[at - 1] < 0x80 => &[1],
            Reading::Bytes => &[3, 2, 4, 1],
            Reading::Gbk => &[2, 4, 1],
            Reading::Utf16Le | Reading::Utf16Be => &[2],
        };
        let begin = lengths.iter().find_map(|back| begin_of(*back))?;
        Some((self.unit(begin)?, begin))
    }

    /// Gives the character at a byte, its length in bytes, and whether it is one of GBK's.
    #[inline]
    pub fn character(&self, at: usize) -> Option<(char, usize, bool)> {
        let first = *self.bytes.get(at)?;
        match self.reading {
            Reading::Bytes | Reading::Gbk if first < 0x80 => Some((first as char, 1, false)),
            Reading::Bytes | Reading::Gbk => Some(self.long_character(at, first)),
            Reading::Utf16Le => Some((utf16(u16::from_le_bytes([first, *self.bytes.get(at + 1)?])), 2, false)),
            Reading::Utf16Be => Some((utf16(u16::from_be_bytes([first, *self.bytes.get(at + 1)?])), 2, false)),
        }
    }

    fn long_character(&self, at: usize, first: u8) -> (char, usize, bool) {
        let rest = &self.bytes[at..];
        // Nearly all that is long is three bytes of UTF-8.
        if let [0xE1..=0xEC | 0xEE..=0xEF, second @ 0x80..=0xBF, third @ 0x80..=0xBF, ..] = rest
            && self.reading == Reading::Bytes
        {
            let code = u32::from(first & 15) << 12 | u32::from(second & 63) << 6 | u32::from(third & 63);
            return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 3, false);
        }
        let length = match first {
            _ if self.reading == Reading::Gbk => 0,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 0,
        };
        let utf8 =
            rest.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(|it| it.chars().next());
        if let Some(c) = utf8 {
            return (c, length, false);
        }
        let length = match rest {
            [_, b'0'..=b'9', 0x81..=0xFE, b'0'..=b'9', ..] => 4,
            [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, ..] => 2,
            // A space that does not break, in Latin-1 and its like.
            [0xA0, ..] => return ('\u{a0}', 1, false),
            _ => return (char::REPLACEMENT_CHARACTER, 1, false),
        };
        let (text, _) = encoding_rs::GB18030.decode_without_bom_handling(&rest[..length]);
        (text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER), length, true)
    }

    /// Resolves an escape that begins at a byte: the character it stands for, and its length in bytes.
    fn escape(&self, at: usize, lead: char) -> Option<(char, usize)> {
        let mut spelt = ['\0'; ESCAPE_CHARS_MAX];
        let mut length = 0;
        let mut end = at;
        while length < ESCAPE_CHARS_MAX {
            let Some((c, bytes, _)) = self.character(end).filter(|(c, ..)| c.is_ascii()) else { break };
            spelt[length] = c;
            length += 1;
            end += bytes;
        }
        let step = self.unit_bytes();
        let spelt = &spelt[1..length];
        let (c, chars) = match lead {
            '&' => entity(spelt)?,
            '\\' => backslash(spelt)?,
            '%' => hexadecimal(spelt, '%')?,
            _ => quoted_printable(spelt).or_else(|| self.quoted_digit(at, spelt))?,
        };
        Some((c, (chars + 1) * step))
    }
}

impl Text<'_> {
    /// Reads a digit in quoted-printable, which has a need for none: one with others beside it, as phone books of old phones have them.
    fn quoted_digit(&self, at: usize, spelt: &[char]) -> Option<(char, usize)> {
        let ['3', digit @ '0'..='9', rest @ ..] = spelt else { return None };
        let step = self.unit_bytes();
        let before = |back: usize| at.checked_sub(back * step).and_then(|at| self.character(at)).map(|it| it.0);
        let is_behind_one =
            before(3) == Some('=') && before(2) == Some('3') && before(1).is_some_and(|c| c.is_ascii_digit());
        let is_before_one = matches!(rest, ['=', '3', '0'..='9', ..] | ['=', '\r' | '\n', ..]);
        // Behind a soft line break stands the rest of what was quoted before it.
        let is_behind_break =
            before(1) == Some('\n') && matches!((before(2), before(3)), (Some('='), _) | (Some('\r'), Some('=')));
        (is_behind_one || is_before_one || is_behind_break).then_some((*digit, 2))
    }
}

/// Half a surrogate pair is no part of a number, whatever it is.
fn utf16(unit: u16) -> char {
    char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Reads `#49;`, `#x31;` or `nbsp;`: the character and how many were read.
fn entity(spelt: &[char]) -> Option<(char, usize)> {
    let end = spelt.iter().position(|c| *c == ';')?;
    let name: String = spelt[..end].iter().collect();
    let c = match name.strip_prefix('#') {
        Some(code) => {
            let hex = code.strip_prefix(['x', 'X']);
            let digits = hex.unwrap_or(code);
            if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
                return None;
            }
            char::from_u32(u32::from_str_radix(digits, if hex.is_some() { 16 } else { 10 }).ok()?)?
        }
        None => match name.as_str() {
            "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
            "ndash" | "mdash" | "minus" | "hyphen" | "dash" => '-',
            "lpar" => '(',
            "rpar" => ')',
            "plus" => '+',
            "period" => '.',
            "sol" => '/',
            "shy" | "zwnj" | "zwj" | "lrm" | "rlm" => '\u{200b}',
            _ => return None,
        },
    };
    Some((c, end + 1))
}

/// Reads `u0031`, `x31`, or an escaped slash or line break: the character and how many were read.
fn backslash(spelt: &[char]) -> Option<(char, usize)> {
    let code = |digits: usize| {
        let digits: String = spelt.get(1..=digits)?.iter().collect();
        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
    };
    match spelt.first()? {
        'u' => Some((code(4)?, 5)),
        'x' => Some((code(2)?, 3)),
        '/' => Some(('/', 1)),
        _ => None,
    }
}

/// Reads `31`, or the two or three bytes of a UTF-8 character, `C2%A0`: the character and how many were read.
fn hexadecimal(spelt: &[char], lead: char) -> Option<(char, usize)> {
    let byte = |from: usize| -> Option<u8> {
        let high = spelt.get(from)?.to_digit(16)?;
        let low = spelt.get(from + 1)?.to_digit(16)?;
        u8::try_from(high * 16 + low).ok()
    };
    let first = byte(0)?;
    let more = match first {
        0..=0x7F => return Some((first as char, 2)),
        0xC2..=0xDF => 1,
        0xE0..=0xEF => 2,
        _ => return Some((char::REPLACEMENT_CHARACTER, 2)),
    };
    let mut bytes = vec![first];
    for k in 1..=more {
        if spelt.get(3 * k - 1) == Some(&lead) {
            bytes.extend(byte(3 * k));
        }
    }
    let c = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
    Some(c.map_or((char::REPLACEMENT_CHARACTER, 2), |c| (c, 3 * more + 2)))
}

/// Reads what follows `=` in quoted-printable: a soft line break, or a byte that has to be written so.
///
/// `=13800138000` is a value after an equals sign, so only bytes that mail programs encode are taken.
fn quoted_printable(spelt: &[char]) -> Option<(char, usize)> {
    match spelt {
        ['\r', '\n', ..] => Some(('\u{200b}', 2)),
        ['\n', ..] => Some(('\u{200b}', 1)),
        ['2', '0' | 'B' | '8' | '9' | 'D' | 'E' | 'F', ..] | ['3', 'D', ..] | ['8'..='9' | 'A'..='F', _, ..] => {
            hexadecimal(spelt, '=')
        }
        _ => None,
    }
}

/// Says what a character is to a phone number.
fn kind(c: char, gbk: bool) -> Kind {
    let digit = |zero: u32, script| Kind::Digit((u32::from(c) - zero) as u8, script);
    match c {
        '0'..='9' => digit(0x30, Script::Latin),
        '\u{ff10}'..='\u{ff19}' if gbk => digit(0xff10, Script::FullWidthGbk),
        '\u{ff10}'..='\u{ff19}' => digit(0xff10, Script::Latin),
        '\u{660}'..='\u{669}' => digit(0x660, Script::Arabic),
        '\u{6f0}'..='\u{6f9}' => digit(0x6f0, Script::Arabic),
        ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Kind::Joiner(Joiner::Space),
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' | '\u{fe58}' | '\u{2500}' => {
            Kind::Joiner(Joiner::Dash)
        }
        '.' | '\u{ff0e}' | '\u{b7}' | '\u{2027}' | '\u{30fb}' => Kind::Joiner(Joiner::Dot),
        '(' | '[' | '\u{ff08}' | '\u{ff3b}' | '\u{3010}' | '\u{3014}' => Kind::Joiner(Joiner::Open),
        ')' | ']' | '\u{ff09}' | '\u{ff3d}' | '\u{3011}' | '\u{3015}' => Kind::Joiner(Joiner::Close),
        // How dashes in Big5 read in GBK.
        '\u{2312}' | '\u{e4dc}' | '\u{e4de}' if gbk => Kind::Joiner(Joiner::Dash),
        '/' | '\u{ff0f}' => Kind::Joiner(Joiner::Slash),
        '_' | '\u{ff3f}' => Kind::Joiner(Joiner::Underscore),
        '~' | '\u{ff5e}' | '\u{301c}' | '\u{223c}' => Kind::Joiner(Joiner::Tilde),
        '+' | '\u{ff0b}' => Kind::Joiner(Joiner::Plus),
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{61c}' => Kind::Invisible,
        '\n' | '\r' => Kind::LineBreak,
        'a'..='z' | 'A'..='Z' => Kind::Letter(c),
        _ => Kind::Other(c),
    }
}
