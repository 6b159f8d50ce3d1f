//! What the bytes of a name and those beside it tell by themselves: its place in the maps, and whether it ends where it seems to.

use std::ops::Range;

use super::fold::{fold, is_han};
use super::text::{Reading, Text};

/// Bits of the map of first characters (8 KiB).
pub(super) const FIRST_BITS: u32 = 16;

/// Letters by which words are told apart before they are looked up.
pub(super) const WORD_LETTERS: usize = 3;

/// Bytes of a run by itself that is tried as UTF-8 and as GBK: hardly a longer one of either is sound in the other.
pub(super) const GBK_RUN_BYTES_MAX: usize = 12;

/// Tells whether Chinese characters are a name and not a part of a longer one or of another word.
pub(super) fn stands_alone(text: Text<'_>, span: Range<usize>) -> bool {
    const BEFORE: &str = "名亲妈爸是叫母父人为给找和与及者妇宝娘婴儿女子产孕患姐生";
    const BEHIND: &str = "之女男先的宝妈爸是小太母父产出于生在与和及同住已婴孩新儿您你说电手联家老";
    let is_known = |c: char, known: &str| !is_han(c) || known.contains(fold(c));
    let is_narrow = matches!(text.reading, Reading::Bytes | Reading::Gbk);
    let closed = |byte: Option<&u8>| is_narrow && byte.is_none_or(|byte| *byte < 0x30);
    // No Chinese character ends or begins with one of these bytes, in any encoding.
    if closed(span.start.checked_sub(1).and_then(|at| text.bytes.get(at))) && closed(text.bytes.get(span.end)) {
        return true;
    }
    let before = text.unit_before(span.start).and_then(|(_, begin)| text.character(begin)).map(|(c, ..)| c);
    let behind = text.character(span.end).map(|(c, ..)| c);
    before.is_none_or(|c| is_known(c, BEFORE)) && behind.is_none_or(|c| is_known(c, BEHIND))
}

/// Numbers the first letters of a word, which are small.
pub(super) fn word_beginning(letters: &[u8]) -> usize {
    letters[..WORD_LETTERS].iter().fold(0, |word, letter| word * 26 + usize::from(letter - b'a'))
}

/// The lowest bytes of a word.
pub(super) fn mask(bytes: usize) -> u64 {
    (1 << (8 * bytes)) - 1
}

/// The place of a first character in the map of these.
pub(super) fn first_bit(bytes: u64) -> usize {
    (bytes.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - FIRST_BITS)) as usize
}

/// The hash of a folded name (FNV-1a, Fowler, Noll and Vo), its bits mixed once more.
pub(super) fn hash_of(name: impl Iterator<Item = char>) -> u64 {
    let hash = name
        .fold(0xCBF2_9CE4_8422_2325, |hash: u64, c| (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01B3));
    (hash ^ hash >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}
