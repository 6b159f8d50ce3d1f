//! The encodings lists come in: told from bytes, read, and written.
//!
//! A list is never decoded and encoded again: two of the 23,940 GBK pairs come back as others. Only
//! new cells are encoded. `encoding_rs` writes UTF-8 when asked for UTF-16, so UTF-16 is written here.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::EncoderResult;

use crate::lang::{Pair, Speak};

/// Bytes that are looked at for the zero bytes of UTF-16 without a byte order mark.
const ZEROS_BYTES: usize = 64 * 1024;

/// How the text of a list is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Gbk,
    Gb18030,
    Utf16Le,
    Utf16Be,
    Latin1,
}

/// How sure it is that a text has the encoding that was told from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    Settled,
    /// Nothing but ASCII was seen, which most encodings share: what comes later decides.
    AsciiSoFar,
}

/// Whether bytes are all there is of a file, or of a record, or more may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    Cut,
}

/// Why a text cannot be written in a list's encoding.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EncodingError {
    #[error("`{character}` cannot be written in {encoding}")]
    Unmappable { character: char, encoding: Encoding },
}

impl Speak for EncodingError {
    fn zh(&self) -> String {
        match self {
            EncodingError::Unmappable { character, encoding } => format!("`{character}` 无法用 {encoding} 编码写出"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        match self {
            EncodingError::Unmappable { .. } => {
                Some(Pair::new("take a value that the list's encoding holds", "请改用该名单编码所能表示的内容"))
            }
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Gbk => "GBK",
            Encoding::Gb18030 => "GB18030",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
            Encoding::Latin1 => "Latin-1",
        })
    }
}

impl Encoding {
    /// Decodes bytes of one cell; what the encoding does not know becomes U+FFFD.
    pub fn decode<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        self.known().decode_without_bom_handling(bytes).0
    }

    /// Encodes a text without a byte order mark; fails on the first character the encoding lacks.
    pub fn encode(&self, text: &str) -> Result<Vec<u8>, EncodingError> {
        match self {
            Encoding::Utf8 => Ok(text.as_bytes().to_vec()),
            Encoding::Utf16Le => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Encoding::Utf16Be => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Encoding::Gbk | Encoding::Gb18030 | Encoding::Latin1 => self.encode_narrow(text),
        }
    }

    fn encode_narrow(&self, text: &str) -> Result<Vec<u8>, EncodingError> {
        let mut encoder = self.known().new_encoder();
        let mut bytes = Vec::with_capacity(text.len() + 8);
        let mut rest = text;
        loop {
            let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
            rest = &rest[read..];
            match result {
                EncoderResult::InputEmpty => return Ok(bytes),
                EncoderResult::OutputFull => bytes.reserve(rest.len() * 2 + 8),
                EncoderResult::Unmappable(character) => {
                    return Err(EncodingError::Unmappable { character, encoding: *self });
                }
            }
        }
    }

    /// Tells whether a code unit has two bytes, so that offsets in UTF-8 and in the file differ.
    pub(super) fn is_wide(&self) -> bool {
        match self {
            Encoding::Utf16Le | Encoding::Utf16Be => true,
            Encoding::Utf8 | Encoding::Gbk | Encoding::Gb18030 | Encoding::Latin1 => false,
        }
    }

    /// Gives the bytes that mark the encoding at the beginning of a file; none where it has no mark.
    pub(super) fn mark(&self) -> &'static [u8] {
        match self {
            Encoding::Utf8 => b"\xEF\xBB\xBF",
            Encoding::Utf16Le => b"\xFF\xFE",
            Encoding::Utf16Be => b"\xFE\xFF",
            Encoding::Gb18030 => b"\x84\x31\x95\x33",
            Encoding::Gbk | Encoding::Latin1 => b"",
        }
    }

    /// Tells the encoding from the mark a file begins with.
    pub(super) fn of_mark(head: &[u8]) -> Option<Encoding> {
        [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Gb18030]
            .into_iter()
            .find(|encoding| head.starts_with(encoding.mark()))
    }

    /// Tells UTF-16 without a mark by its zero bytes: ASCII characters have them all on one side.
    pub(super) fn of_zeros(head: &[u8]) -> Option<Encoding> {
        let sample = &head[..head.len().min(ZEROS_BYTES)];
        let (mut first, mut second) = (0_usize, 0_usize);
        for pair in sample.as_chunks::<2>().0 {
            first += usize::from(pair[0] == 0);
            second += usize::from(pair[1] == 0);
        }
        let one_sided = |many: usize, few: usize| many * 20 >= sample.len() && many > 0 && few * 50 <= many;
        if one_sided(second, first) {
            return Some(Encoding::Utf16Le);
        }
        one_sided(first, second).then_some(Encoding::Utf16Be)
    }

    /// Tells encodings of one-byte units apart by what their bytes above 0x7F do.
    ///
    /// The last line of bytes that are cut is left out, because a character may be cut with it.
    pub(super) fn of_text(bytes: &[u8], extent: Extent) -> (Encoding, Certainty) {
        let end = match extent {
            Extent::Whole => None,
            Extent::Cut => memchr::memrchr2(b'\n', b'\r', bytes),
        };
        let bytes = &bytes[..end.unwrap_or(bytes.len())];
        if bytes.is_ascii() {
            return (Encoding::Utf8, Certainty::AsciiSoFar);
        }
        let (mut good, mut bad) = (0_usize, 0_usize);
        for chunk in bytes.utf8_chunks() {
            good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            bad += usize::from(!chunk.invalid().is_empty());
        }
        // A list may hold a few characters that a database cut in two.
        let encoding = if good >= bad * 20 { Encoding::Utf8 } else { Pairs::count(bytes).encoding() };
        (encoding, Certainty::Settled)
    }

    fn known(&self) -> &'static encoding_rs::Encoding {
        match self {
            Encoding::Utf8 => encoding_rs::UTF_8,
            Encoding::Gbk => encoding_rs::GBK,
            Encoding::Gb18030 => encoding_rs::GB18030,
            Encoding::Utf16Le => encoding_rs::UTF_16LE,
            Encoding::Utf16Be => encoding_rs::UTF_16BE,
            Encoding::Latin1 => encoding_rs::WINDOWS_1252,
        }
    }
}

/// What a text looks like when it is read as GB18030.
///
/// Common Chinese characters have two high bytes. A Western accent stands alone among ASCII, so that
/// reading it as the first byte of a pair swallows a letter or finds no pair at all.
#[derive(Default)]
struct Pairs {
    chinese: usize,
    western: usize,
    fours: usize,
}

impl Pairs {
    fn count(bytes: &[u8]) -> Pairs {
        let mut pairs = Pairs::default();
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|b| !b.is_ascii()) {
            let taken = match &rest[at..] {
                [0x81..=0xFE, 0x80..=0xFE, ..] => {
                    pairs.chinese += 1;
                    2
                }
                [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, ..] => {
                    pairs.fours += 1;
                    4
                }
                [0x81..=0xFE, b'A'..=b'Z' | b'a'..=b'z', ..] => {
                    pairs.western += 1;
                    2
                }
                [0x81..=0xFE, 0x40..=0x7E, ..] => 2,
                _ => {
                    pairs.western += 1;
                    1
                }
            };
            rest = &rest[at + taken..];
        }
        pairs
    }

    fn encoding(&self) -> Encoding {
        if self.chinese + self.fours <= self.western {
            Encoding::Latin1
        } else if self.fours > 0 {
            Encoding::Gb18030
        } else {
            Encoding::Gbk
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Encoding {
        Encoding::of_text(bytes, Extent::Whole).0
    }

    #[test]
    fn what_is_encoded_is_decoded_again() {
        let text = "序号,产妇\r\n1,张三\t";
        for encoding in [Encoding::Utf8, Encoding::Gbk, Encoding::Gb18030, Encoding::Utf16Le, Encoding::Utf16Be] {
            let bytes = encoding.encode(text).unwrap();
            assert_eq!(encoding.decode(&bytes), text, "{encoding}");
        }
        assert_eq!(Encoding::Utf16Be.encode("男1").unwrap(), [0x75, 0x37, 0, 0x31]);
        assert_eq!(Encoding::Latin1.decode(&Encoding::Latin1.encode("Zoë Müller").unwrap()), "Zoë Müller");
    }

    #[test]
    fn a_character_the_encoding_lacks_is_refused_and_named() {
        let unmappable = |character, encoding| Err(EncodingError::Unmappable { character, encoding });
        assert_eq!(Encoding::Gbk.encode("吉𠮷"), unmappable('𠮷', Encoding::Gbk));
        assert_eq!(Encoding::Latin1.encode("Li 李"), unmappable('李', Encoding::Latin1));
        assert_eq!(Encoding::Gb18030.encode("𠮷").unwrap().len(), 4);
    }

    #[test]
    fn chinese_encodings_are_told_apart() {
        let text = "序号,姓名,性别\n1,张立诚,男\n2,王喆,女\n";
        assert_eq!(told(text.as_bytes()), Encoding::Utf8);
        assert_eq!(told(&Encoding::Gbk.encode(text).unwrap()), Encoding::Gbk);
        assert_eq!(told(&Encoding::Gb18030.encode("姓名\n𠮷野\n").unwrap()), Encoding::Gb18030);
        assert_eq!(told(&Encoding::Gbk.encode("id,sex\n1,男\n2,女\n").unwrap()), Encoding::Gbk);
    }

    #[test]
    fn western_accents_are_not_chinese() {
        for text in ["name,city\nRenée,Köln\nZoë,São Paulo\n", "MÜLLER;\u{a0}12 °C", "“quoted”,naïve"] {
            assert_eq!(told(&Encoding::Latin1.encode(text).unwrap()), Encoding::Latin1, "{text}");
        }
    }

    #[test]
    fn a_few_characters_cut_in_two_do_not_hide_utf8() {
        let mut bytes = "浙江省杭州市拱墅区灯芯巷二百六十一号七栋一单元一千三百零八室".as_bytes().to_vec();
        bytes.truncate(bytes.len() - 1);
        bytes.extend(b",x\n");
        assert_eq!(told(&bytes), Encoding::Utf8);
    }

    #[test]
    fn ascii_is_not_settled_and_a_cut_character_is_not_counted() {
        assert_eq!(Encoding::of_text(b"a,b\n", Extent::Whole), (Encoding::Utf8, Certainty::AsciiSoFar));
        assert_eq!(Encoding::of_text(b"a,b\n\xE5\xBC", Extent::Cut), (Encoding::Utf8, Certainty::AsciiSoFar));
        assert_eq!(Encoding::of_text(b"a,b\n\xD5\xC5", Extent::Whole), (Encoding::Gbk, Certainty::Settled));
    }

    #[test]
    fn utf16_without_a_mark_shows_in_its_zeros() {
        let text = "医院\t出生日期\r\n某医院\t2026年3月1日\r\n";
        assert_eq!(Encoding::of_zeros(&Encoding::Utf16Le.encode(text).unwrap()), Some(Encoding::Utf16Le));
        assert_eq!(Encoding::of_zeros(&Encoding::Utf16Be.encode(text).unwrap()), Some(Encoding::Utf16Be));
        assert_eq!(Encoding::of_zeros(text.as_bytes()), None);
        assert_eq!(Encoding::of_zeros(&[0; 64]), None);
    }
}
