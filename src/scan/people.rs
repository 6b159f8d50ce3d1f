//! Finds names of needles' people: Chinese ones in either script and in pinyin, and others, in any encoding.
//!
//! A name alone never counts (see [`super::window`]). Places are found by the hash of a name's first two characters in a bitmap, for each
//! encoding; what passes is decoded, folded and looked up whole.

use std::ops::Range;

use foldhash::HashSet;

use super::Fact;
use super::fold::{fold, is_han, variants};
use super::latin::spellings;
use super::likely::{Kind, Likely, each_place};
use super::name_bytes::{FIRST_BITS, WORD_LETTERS, first_bit, hash_of, mask, stands_alone, word_beginning};
use super::name_places::{Chunk, Marker, Places};
use super::person::Person;
use super::text::{Reading, Text};

/// Bits of the map of beginnings, fewest (128 KiB, which stay in the second cache) and most.
const MAP_BITS: Range<u32> = 20..26;

/// Bits of the map for each name, in powers of two: in four encodings, with all traditional forms.
const MAP_BITS_EACH: u32 = 6;

/// Bits of the map of whole names for each of them.
const KNOWN_BITS_EACH: usize = 16;

/// Longest Chinese name, in characters.
const HAN_MAX: usize = 6;

/// Longest name in Latin letters; no word is longer that belongs to one.
const NAME_LETTERS_MAX: usize = 64;

/// Most words of a name in Latin letters.
const WORDS_MAX: usize = 4;

/// Bytes on either side that tell whether a place is UTF-16: a list has ASCII among its text, and that has zeros there.
const ZERO_REACH_BYTES: usize = 32;

/// Loads eight bytes; zeros stand for what is behind the end.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    match bytes[at..].first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => bytes[at..].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

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
    /// Whole names, by the hash: most of what begins like a name is none.
    known: Vec<u64>,
    marker: Marker,
}

/// A name found in a text.
#[derive(Debug, Clone)]
pub struct NameSeen<'o> {
    pub start: usize,
    /// The end of the longest name that begins there.
    pub end: usize,
    pub reading: Reading,
    pub of: &'o [NameOf],
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
            known: Vec::new(),
            marker: Marker::default(),
        };
        let mut pairs = HashSet::default();
        for (needle, person) in people {
            let Some(person) = person else { continue };
            for (fact, name) in person.names() {
                made.enter(name, (needle, fact), &mut pairs);
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
        self.known = vec![0; (self.names.len() * KNOWN_BITS_EACH / 64).next_power_of_two()];
        for (hash, ..) in &self.names {
            let bit = known_bit(*hash, self.known.len());
            self.known[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// Whether there is no name to look for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    fn enter(&mut self, name: &str, (needle, fact): (u32, Fact), pairs: &mut HashSet<(char, char)>) {
        let folded: Vec<char> = name.chars().map(fold).filter(|c| c.is_alphanumeric()).collect();
        if folded.len() >= 2 && folded.len() <= HAN_MAX && folded.iter().all(|c| is_han(*c)) {
            self.names.push((hash_of(folded.iter().copied()), needle, fact));
            if pairs.insert((folded[0], folded[1])) {
                for first in variants(folded[0]) {
                    self.marker.enter(first);
                    variants(folded[1]).into_iter().for_each(|second| self.enter_beginning(first, second));
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

    /// Hands every name that begins in `range` to `seen`.
    pub fn find(&self, bytes: &[u8], range: Range<usize>, mut seen: impl FnMut(NameSeen<'_>)) {
        let mut of = Vec::new();
        let mut likely = Likely::default();
        let mut chunk = Chunk::of(&self.marker, bytes, range.start);
        while chunk.from() < range.end {
            let from = chunk.from();
            self.keep_likely(&bytes[from..], &chunk.places(bytes, range.end), &mut likely);
            for (at, kind) in likely.take() {
                self.try_place(bytes, (from + at, kind), &mut of, &mut seen);
            }
            chunk.advance(&self.marker, bytes);
        }
    }

    /// Keeps the places of a chunk, which `bytes` begins with, at which some name may begin. No branch depends on the text but how many there are.
    fn keep_likely(&self, bytes: &[u8], places: &Places, likely: &mut Likely) {
        each_place(&places.three, |at| {
            likely.add(at, Kind::Utf8, self.may_be_beginning(eight(bytes, at) & mask(6)));
        });
        let before = likely.count;
        for (marks, kind) in [(&places.gbk, Kind::Gbk), (&places.wide, Kind::Wide)] {
            each_place(marks, |at| {
                let first = first_bit(eight(bytes, at) & mask(2));
                likely.add(at, kind, self.firsts[first / 64] >> (first % 64) & 1 == 1);
            });
        }
        likely.keep(before, |at| self.may_be_beginning(eight(bytes, at) & mask(4)));
        each_place(&places.word, |at| likely.add(at, Kind::Word, self.may_begin_word(eight(bytes, at))));
        each_place(&places.little, |at| likely.add(at, Kind::WordLittle, true));
        each_place(&places.big, |at| likely.add(at, Kind::WordBig, true));
    }

    #[inline]
    fn may_be_beginning(&self, both: u64) -> bool {
        let bit = self.bit_of(both);
        self.beginnings[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// Tells whether some name may begin with the letters of a word: any may where something else is among the first of them.
    #[inline]
    fn may_begin_word(&self, word: u64) -> bool {
        let small = (word | 0x0020_2020).to_le_bytes();
        if !small[..WORD_LETTERS].iter().all(u8::is_ascii_lowercase) {
            return true;
        }
        let word = word_beginning(&small);
        self.words[word / 64] >> (word % 64) & 1 == 1
    }

    /// Looks up what begins at a likely place.
    fn try_place(
        &self,
        bytes: &[u8],
        (at, kind): (usize, Kind),
        of: &mut Vec<NameOf>,
        seen: &mut impl FnMut(NameSeen<'_>),
    ) {
        let text = |reading| Text { bytes, reading };
        match kind {
            Kind::Utf8 => self.look_up(text(Reading::Bytes), at, of, seen),
            Kind::Gbk => self.look_up(text(Reading::Gbk), at, of, seen),
            Kind::Word => self.look_up_words(text(Reading::Bytes), at, of, seen),
            Kind::WordLittle => self.look_up_words(text(Reading::Utf16Le), at, of, seen),
            Kind::WordBig => self.look_up_words(text(Reading::Utf16Be), at, of, seen),
            Kind::Wide => {
                let near = at.saturating_sub(ZERO_REACH_BYTES)..(at + ZERO_REACH_BYTES).min(bytes.len());
                if memchr::memchr(0, &bytes[near]).is_some() {
                    self.look_up(text(Reading::Utf16Le), at, of, seen);
                    self.look_up(text(Reading::Utf16Be), at, of, seen);
                }
            }
        }
    }

    /// Looks up the Chinese names that begin at a byte.
    fn look_up(&self, text: Text<'_>, at: usize, of: &mut Vec<NameOf>, seen: &mut impl FnMut(NameSeen<'_>)) {
        of.clear();
        let (mut folded, mut count) = (['\0'; HAN_MAX], 0);
        let mut end = at;
        let mut last = at;
        while let Some((c, bytes, _)) = text.character(end).filter(|(c, ..)| is_han(*c)) {
            folded[count] = fold(c);
            count += 1;
            end += bytes;
            if count >= 2 {
                let before = of.len();
                self.named(hash_of(folded[..count].iter().copied()), end, of);
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
    fn look_up_words(&self, text: Text<'_>, at: usize, of: &mut Vec<NameOf>, seen: &mut impl FnMut(NameSeen<'_>)) {
        of.clear();
        let is_letter = |at: usize| text.character(at).is_some_and(|(c, ..)| c.is_ascii_alphabetic());
        let (mut letters, mut count) = ([0; NAME_LETTERS_MAX], 0);
        let mut end = at;
        let mut last = at;
        'words: for _ in 0..WORDS_MAX {
            while let Some((c, bytes, _)) = text.character(end).filter(|(c, ..)| c.is_ascii_alphabetic()) {
                if count == NAME_LETTERS_MAX {
                    break 'words;
                }
                letters[count] = c.to_ascii_lowercase() as u8;
                count += 1;
                end += bytes;
                if count == WORD_LETTERS {
                    let word = word_beginning(&letters);
                    if self.words[word / 64] >> (word % 64) & 1 == 0 {
                        return;
                    }
                }
            }
            let before = of.len();
            self.named(hash_of(letters[..count].iter().map(|letter| char::from(*letter))), end, of);
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
        let bit = known_bit(hash, self.known.len());
        if self.known[bit / 64] >> (bit % 64) & 1 == 0 {
            return;
        }
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

/// The place of a name's hash in a map of so many words; its upper bits choose a shelf.
#[inline]
fn known_bit(hash: u64, words: usize) -> usize {
    hash as usize & (words * 64 - 1)
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
