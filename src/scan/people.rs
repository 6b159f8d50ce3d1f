//! Finds names of needles' people: Chinese ones in either script and in pinyin, and others, in any encoding.
//!
//! A name alone never counts (see [`super::window`]). Places are found by the hash of a name's first two characters in a bitmap, for each
//! encoding; what passes is decoded, folded and looked up whole.

use std::ops::Range;

use super::Fact;
use super::fold::{fold, is_han, variants};
use super::latin::spellings;
use super::name_bytes::{
    FIRST_BITS, WORD_LETTERS, first_bit, hash_of, letters, mask, may_be_gbk, stands_alone, word_beginning,
};
use super::person::Person;
use super::text::{Reading, Text};

/// Bits of the map of beginnings, fewest (128 KiB, which stay in the second cache) and most.
const MAP_BITS: Range<u32> = 20..26;

/// Bits of the map for each name, in powers of two: in four encodings, with all traditional forms.
const MAP_BITS_EACH: u32 = 6;

/// Longest Chinese name, in characters.
const HAN_MAX: usize = 6;

/// Most words of a name in Latin letters.
const WORDS_MAX: usize = 4;

/// Bytes on either side that tell whether a place is UTF-16: a list has ASCII among its text, and that has zeros there.
const ZERO_REACH_BYTES: usize = 32;

/// Bytes that are gone over as UTF-16 together where a zero is near.
const CHUNK_BYTES: usize = 512;

/// The names looked for.
#[derive(Debug, Default)]
pub struct People {
    /// Hash of a folded name, the needle, and whose name it is; ordered.
    names: Vec<(u64, u32, Fact)>,
    /// Where the names begin whose hashes have the same first bits, and the end of the last.
    shelves: Vec<u32>,
    /// How far a hash is moved to leave these bits.
    shelf_shift: u32,
    /// First characters, by their bytes' hash: a map that stays in the nearest cache.
    firsts: Vec<u64>,
    /// First two characters.
    beginnings: Vec<u64>,
    words: Vec<u64>,
}

/// A name found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSeen {
    pub start: usize,
    /// The end of the longest name that begins there.
    pub end: usize,
    pub reading: Reading,
    pub of: Vec<NameOf>,
}

/// Whose name begins at a place, and where that one ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameOf {
    pub needle: u32,
    pub fact: Fact,
    pub end: usize,
}

impl People {
    /// Lays out the names of people, each with its needle.
    pub fn of<'a>(people: impl ExactSizeIterator<Item = (u32, Option<&'a Person>)>) -> People {
        let bits = (people.len().max(1).ilog2() + 1 + MAP_BITS_EACH).clamp(MAP_BITS.start, MAP_BITS.end);
        let mut made = People {
            names: Vec::new(),
            shelves: Vec::new(),
            shelf_shift: 63,
            firsts: vec![0; 1 << (FIRST_BITS - 6)],
            beginnings: vec![0; 1 << (bits - 6)],
            words: vec![0; 26_usize.pow(WORD_LETTERS as u32).div_ceil(64)],
        };
        for (needle, person) in people {
            let Some(person) = person else { continue };
            for (fact, name) in person.names() {
                made.enter(name, needle, fact);
            }
        }
        made.names.sort_unstable();
        made.names.dedup();
        made.shelve();
        made
    }

    /// Notes where each shelf of names begins.
    fn shelve(&mut self) {
        let bits = self.names.len().max(2).ilog2();
        self.shelf_shift = 64 - bits;
        let first_of = |shelf: u64| self.names.partition_point(|(hash, ..)| hash >> self.shelf_shift < shelf) as u32;
        self.shelves = (0..=1_u64 << bits).map(first_of).collect();
    }

    /// Whether there is no name to look for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    fn enter(&mut self, name: &str, needle: u32, fact: Fact) {
        let folded: Vec<char> = name.chars().map(fold).filter(|c| c.is_alphanumeric()).collect();
        if folded.len() >= 2 && folded.len() <= HAN_MAX && folded.iter().all(|c| is_han(*c)) {
            self.names.push((hash_of(folded.iter().copied()), needle, fact));
            for first in variants(folded[0]) {
                for second in variants(folded[1]) {
                    self.enter_beginning(first, second);
                }
            }
            for spelt in spellings(&folded) {
                self.enter_word(&spelt, needle, fact);
            }
        } else if folded.len() >= 5 && folded.iter().all(char::is_ascii_alphabetic) {
            let words: Vec<String> = name.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase).collect();
            let turned: String = words.iter().rev().map(String::as_str).collect();
            self.enter_word(&words.concat(), needle, fact);
            self.enter_word(&turned, needle, fact);
        }
    }

    fn enter_word(&mut self, letters: &str, needle: u32, fact: Fact) {
        if letters.len() < 5 || !letters.bytes().all(|b| b.is_ascii_lowercase()) {
            return;
        }
        self.names.push((hash_of(letters.chars()), needle, fact));
        let word = word_beginning(letters.as_bytes());
        self.words[word / 64] |= 1 << (word % 64);
    }

    fn enter_beginning(&mut self, first: char, second: char) {
        let text: String = [first, second].iter().collect();
        let (gbk, _, unmappable) = encoding_rs::GBK.encode(&text);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let wanted: [&[u8]; 4] = [text.as_bytes(), if unmappable { &[] } else { &gbk }, &little, &big];
        for bytes in wanted {
            let mut eight = [0; 8];
            if bytes.len() == 4 || bytes.len() == 6 {
                eight[..bytes.len()].copy_from_slice(bytes);
                let both = u64::from_le_bytes(eight);
                let (first, both) = (first_bit(both & mask(bytes.len() / 2)), self.bit_of(both));
                self.firsts[first / 64] |= 1 << (first % 64);
                self.beginnings[both / 64] |= 1 << (both % 64);
            }
        }
    }

    /// Tells whether some name may begin with two characters of so many bytes each, which are the lowest of a word.
    #[inline]
    fn may_begin(&self, word: u64, bytes: usize) -> bool {
        let first = first_bit(word & mask(bytes));
        self.firsts[first / 64] >> (first % 64) & 1 == 1 && {
            let bit = self.bit_of(word & mask(2 * bytes));
            self.beginnings[bit / 64] >> (bit % 64) & 1 == 1
        }
    }

    /// Hands every name that begins in `range` to `seen`.
    pub fn find(&self, bytes: &[u8], range: Range<usize>, mut seen: impl FnMut(NameSeen)) {
        let mut at = range.start;
        while at < range.end {
            let until = (at + CHUNK_BYTES).min(range.end);
            let near = &bytes[at.saturating_sub(ZERO_REACH_BYTES)..(until + ZERO_REACH_BYTES).min(bytes.len())];
            if memchr::memchr(0, near).is_some() {
                (at..until).for_each(|at| self.try_wide(bytes, at, &mut seen));
                at = until;
            } else {
                at = self.find_narrow(bytes, at..until, &mut seen);
            }
        }
    }

    /// Goes over a few bytes that are not UTF-16; a character may reach over their end.
    fn find_narrow(&self, bytes: &[u8], range: Range<usize>, seen: &mut impl FnMut(NameSeen)) -> usize {
        let mut at = range.start;
        while at < range.end {
            if let Some(eight) = bytes[at..].first_chunk::<8>() {
                let word = u64::from_le_bytes(*eight);
                let interesting = word & 0x8080_8080_8080_8080 | letters(word);
                if interesting == 0 {
                    at += 8;
                    continue;
                }
                at += interesting.trailing_zeros() as usize / 8;
                if at >= range.end {
                    break;
                }
            }
            at = self.try_narrow(bytes, at, seen);
        }
        at.max(range.end)
    }

    /// Tries the place of a letter or of a byte that is not ASCII; says where to go on.
    fn try_narrow(&self, bytes: &[u8], at: usize, seen: &mut impl FnMut(NameSeen)) -> usize {
        let rest = &bytes[at..];
        let text = Text { bytes, reading: Reading::Bytes };
        match rest[0] {
            0x80.. => self.try_han(text, at, seen),
            b'a'..=b'z' | b'A'..=b'Z' => {
                let letters = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
                let begins = at == 0 || !bytes[at - 1].is_ascii_alphabetic();
                if begins && letters >= 2 {
                    self.look_up_words(text, at, seen);
                }
                at + letters
            }
            _ => at + 1,
        }
    }

    /// Tries the places of characters of three bytes in UTF-8, one behind the other, or of one byte of another encoding.
    fn try_han(&self, text: Text<'_>, from: usize, seen: &mut impl FnMut(NameSeen)) -> usize {
        let mut at = from;
        while let Some(eight) = text.bytes[at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*eight);
            if word & 0x00C0_C0F0 != 0x0080_80E0 {
                if at == from {
                    if self.may_begin(word, 2) {
                        self.look_up(Text { reading: Reading::Gbk, ..text }, at, seen);
                    }
                    return at + 1;
                }
                break;
            }
            if self.may_begin(word, 3) {
                self.look_up(text, at, seen);
            }
            at += 3;
        }
        if at == from {
            self.look_up(text, at, seen);
            self.look_up(Text { reading: Reading::Gbk, ..text }, at, seen);
            return at + 1;
        }
        if may_be_gbk(text.bytes, from..at) {
            self.try_gbk(text.bytes, from..at, seen);
        }
        at
    }

    /// Tries each byte of a run of GBK.
    fn try_gbk(&self, bytes: &[u8], run: Range<usize>, seen: &mut impl FnMut(NameSeen)) {
        for at in run {
            let may_begin =
                bytes[at..].first_chunk::<8>().is_none_or(|eight| self.may_begin(u64::from_le_bytes(*eight), 2));
            if may_begin {
                self.look_up(Text { bytes, reading: Reading::Gbk }, at, seen);
            }
        }
    }

    fn try_wide(&self, bytes: &[u8], at: usize, seen: &mut impl FnMut(NameSeen)) {
        let near = &bytes[at.saturating_sub(ZERO_REACH_BYTES)..(at + ZERO_REACH_BYTES).min(bytes.len())];
        let Some(four) = bytes[at..].first_chunk::<4>() else { return };
        if four[1] == 0 && four[0].is_ascii_alphabetic() {
            self.look_up_words(Text { bytes, reading: Reading::Utf16Le }, at, seen);
        }
        if four[0] == 0 && four[1].is_ascii_alphabetic() && four[2] == 0 {
            self.look_up_words(Text { bytes, reading: Reading::Utf16Be }, at, seen);
        }
        if self.may_begin(u64::from(u32::from_le_bytes(*four)), 2) && memchr::memchr(0, near).is_some() {
            for reading in [Reading::Utf16Le, Reading::Utf16Be] {
                self.look_up(Text { bytes, reading }, at, seen);
            }
        }
        if !matches!(four, [0, ..] | [_, 0, ..]) {
            self.try_narrow_beside_zeros(bytes, at, seen);
        }
    }

    /// A zero may stand in other text too: its names are found as elsewhere.
    fn try_narrow_beside_zeros(&self, bytes: &[u8], at: usize, seen: &mut impl FnMut(NameSeen)) {
        if bytes[at] >= 0x80 || bytes[at].is_ascii_alphabetic() {
            self.try_narrow(bytes, at, seen);
        }
    }

    /// Looks up the Chinese names that begin at a byte.
    fn look_up(&self, text: Text<'_>, at: usize, seen: &mut impl FnMut(NameSeen)) {
        let (mut folded, mut count) = (['\0'; HAN_MAX], 0);
        let mut end = at;
        let mut of = Vec::new();
        let mut last = at;
        while let Some((c, bytes, _)) = text.character(end).filter(|(c, ..)| is_han(*c)) {
            folded[count] = fold(c);
            count += 1;
            end += bytes;
            if count >= 2 {
                let before = of.len();
                self.named(hash_of(folded[..count].iter().copied()), end, &mut of);
                if of.len() > before && stands_alone(text, at..end) {
                    last = end;
                } else {
                    of.truncate(before);
                }
            }
            if count == HAN_MAX {
                break;
            }
        }
        if !of.is_empty() {
            seen(NameSeen { start: at, end: last, reading: text.reading, of });
        }
    }

    /// Looks up the names in Latin letters that begin with the word at a byte.
    fn look_up_words(&self, text: Text<'_>, at: usize, seen: &mut impl FnMut(NameSeen)) {
        let is_letter = |at: usize| text.character(at).is_some_and(|(c, ..)| c.is_ascii_alphabetic());
        let mut letters = String::new();
        let mut end = at;
        let mut of = Vec::new();
        let mut last = at;
        for _ in 0..WORDS_MAX {
            while let Some((c, bytes, _)) = text.character(end).filter(|(c, ..)| c.is_ascii_alphabetic()) {
                letters.push(c.to_ascii_lowercase());
                end += bytes;
                if letters.len() == WORD_LETTERS {
                    let word = word_beginning(letters.as_bytes());
                    if self.words[word / 64] >> (word % 64) & 1 == 0 {
                        return;
                    }
                }
            }
            let before = of.len();
            self.named(hash_of(letters.chars()), end, &mut of);
            last = if of.len() > before { end } else { last };
            let Some((' ' | '-' | '\'' | ',' | '.', bytes, _)) = text.character(end) else { break };
            end += bytes;
            if let Some((' ', bytes, _)) = text.character(end) {
                end += bytes;
            }
            if !is_letter(end) {
                break;
            }
        }
        if !of.is_empty() {
            seen(NameSeen { start: at, end: last, reading: text.reading, of });
        }
    }

    fn named(&self, hash: u64, end: usize, of: &mut Vec<NameOf>) {
        let shelf = (hash >> self.shelf_shift) as usize;
        let shelf = self.shelves[shelf] as usize..self.shelves[shelf + 1] as usize;
        let same = self.names[shelf].iter().filter(|(known, ..)| *known == hash);
        of.extend(same.map(|(_, needle, fact)| NameOf { needle: *needle, fact: *fact, end }));
    }

    #[inline]
    fn bit_of(&self, bytes: u64) -> usize {
        let bits = self.beginnings.len().ilog2() + 6;
        (bytes.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - bits)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, bytes: &[u8]) -> usize {
        let person = Person { mother_name: Some(name.into()), ..Person::default() };
        let people = People::of([(0, Some(&person))].into_iter());
        let mut count = 0;
        people.find(bytes, 0..bytes.len(), |name| {
            count += usize::from(matches!(name.of[..], [NameOf { needle: 0, fact: Fact::MotherName, .. }]));
        });
        count
    }

    #[test]
    fn names_in_gbk_are_seen_whatever_stands_before_them() {
        // The last byte of the first and both of the next are a character of UTF-8: in most of these pairs.
        let mut pairs = 0;
        for before in "名亲妈爸是叫母父人为给找和与及者妇宝娘婴儿女子产孕患姐生".chars() {
            for surname in "韩方丁江蒋康董范傅龚王张李陈".chars() {
                let name = format!("{surname}梅芳");
                for text in [format!("{before}{name}，"), format!("宝妈{before}{name}"), format!("x{before}{name},y")]
                {
                    let gbk = encoding_rs::GBK.encode(&text).0;
                    assert_eq!(seen(&name, &gbk), 1, "{text}");
                    assert_eq!(seen(&name, text.as_bytes()), 1, "{text}");
                    let looks_like_utf8 = |three: &[u8]| matches!(three, [0xE0..=0xEF, 0x80..=0xBF, 0x80..=0xBF]);
                    pairs += usize::from(gbk.windows(3).any(looks_like_utf8));
                }
            }
        }
        assert!(pairs > 100, "{pairs}");
    }

    #[test]
    fn names_whose_own_bytes_look_like_utf8_are_seen() {
        let (mut found, mut cases) = (0, 0);
        // All names of two characters that are two bytes each in GBK and, together with a third, two characters of UTF-8.
        for (first, second) in [(0xE8_u8, 0xA2_u8), (0xEC, 0xB2), (0xE6, 0xBF), (0xEB, 0xB9)]
            .into_iter()
            .flat_map(|(a, b)| [(0xB0_u8, 0xE5_u8), (0xB8, 0xE8), (0xBF, 0xEC)].map(|(c, d)| ([a, b], [c, d])))
        {
            let bytes = [&first[..], &second, &[0xB0, 0xA2]].concat();
            let name = encoding_rs::GBK.decode(&bytes).0.into_owned();
            cases += usize::from(std::str::from_utf8(&bytes).is_ok());
            found += seen(&name, &[b",", &bytes[..], b",2024-06-01\n"].concat());
        }
        assert_eq!((found, cases), (12, 12));
    }
}
