//! Goes over bytes and tries every place where a number may begin.
//!
//! A place is marked by its first bytes ([`super::classify`]); a marked run of ASCII digits is turned away by its length, its beginning and the
//! needles' filter, before anything is read unit by unit. Turning away is only ever about speed: `try_at` decides.

use std::cmp::Ordering;
use std::ops::Range;

use super::classify::{Places, WORD_BYTES, WORDS_MAX};
use super::hidden::{Masked, masked_at};
use super::needles::{BEGINNING_DIGITS, Needles};
use super::spell::{Spelling, number_at};
use super::text::{Kind, Reading, Text};

/// Bytes on either side that tell in which order the bytes of UTF-16 are.
const NEIGHBOUR_BYTES: usize = 64;

/// Bytes looked at in one load when a run of digits is measured.
const RUN_BYTES: usize = 16;

/// Fewest digits before a line break that parts a number.
const BROKEN_DIGITS_MIN: usize = 3;

/// Bytes of a stream, and where in it they stand.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    pub bytes: &'a [u8],
    /// Offset of the first byte in the stream: UTF-16 mostly begins at even ones.
    pub offset: u64,
}

/// What a place turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Whole(Spelling),
    Masked(Masked),
}

impl Found {
    /// The first byte and the one behind the last.
    pub fn span(&self) -> Range<usize> {
        match self {
            Found::Whole(spelling) => spelling.start..spelling.end,
            Found::Masked(masked) => masked.span.clone(),
        }
    }

    pub fn needles(&self) -> &[u32] {
        match self {
            Found::Whole(spelling) => &spelling.needles,
            Found::Masked(masked) => &masked.needles,
        }
    }
}

/// Goes over the places in `range`, and hands each number found to `found` with the place where its digits begin; goes on behind it.
/// Gives the place to go on at, which is behind `range` where a number reaches over its end.
pub fn sweep(
    needles: &Needles,
    stretch: Stretch<'_>,
    range: Range<usize>,
    mut found: impl FnMut(usize, Found),
) -> usize {
    let mut next = range.start;
    let mut places: Places = [0; _];
    let mut from = range.start;
    while from < range.end {
        let words = (range.end - from).div_ceil(WORD_BYTES).min(WORDS_MAX);
        let count = needles.classifier().places(stretch.bytes, from, words, &mut places);
        let count = keep_likely(needles, stretch.bytes, from, &mut places[..count]);
        for place in &places[..count] {
            let at = from + *place as usize;
            if at >= range.end || !is_worth_trying(needles, stretch.bytes, at) || at < next {
                continue;
            }
            if let Some((start, it)) = try_at(needles, stretch, at) {
                next = it.span().end.max(at + 1);
                found(start, it);
            }
        }
        from += words * WORD_BYTES;
    }
    next.max(range.end)
}

/// Keeps the places whose run of digits has a fitting length or may go on; says how many. No branch depends on the text.
fn keep_likely(needles: &Needles, bytes: &[u8], from: usize, places: &mut [u32]) -> usize {
    let mut kept = 0;
    for k in 0..places.len() {
        let at = from + places[k] as usize;
        let keep = match bytes.get(at.wrapping_sub(2)..at + RUN_BYTES + 1) {
            Some(around) => {
                let run: &[u8; RUN_BYTES] = around[2..2 + RUN_BYTES].try_into().expect("as long as said");
                let digits = leading_digits(run);
                let lengths = needles.lengths_of(run[0].wrapping_sub(b'0'));
                let joint = IS_JOINT[usize::from(around[2 + digits])];
                let fits = lengths >> digits & 1 == 1;
                let may_go_on = joint & (lengths >> digits > 1);
                let long_or_special = (digits == RUN_BYTES) | (digits == 0);
                let doubtful = (around[1] == 0) | (around[1] >= 0x80) & around[0].is_ascii_digit();
                fits | may_go_on | long_or_special | doubtful
            }
            None => true,
        };
        places[kept] = places[k];
        kept += usize::from(keep);
    }
    kept
}

/// Turns away most of the runs of digits that are left; what it lets through may still be nothing.
fn is_worth_trying(needles: &Needles, bytes: &[u8], at: usize) -> bool {
    let Some(around) = bytes.get(at.wrapping_sub(2)..at + RUN_BYTES) else { return true };
    let run: &[u8; RUN_BYTES] = around[2..].try_into().expect("as long as said");
    if run[0].is_ascii_digit() && (run[1] == 0 || around[1] == 0) {
        return wide_run(bytes, at).is_none_or(|run| is_likely_run(needles, &run));
    }
    if !run[0].is_ascii_digit() || around[1] >= 0x80 && around[0].is_ascii_digit() {
        return true;
    }
    is_likely_run(needles, run)
}

/// Gives the characters of UTF-16 from a digit on, of either byte order; what is not ASCII as something that may go on.
fn wide_run(bytes: &[u8], at: usize) -> Option<[u8; RUN_BYTES]> {
    const MAY_GO_ON: u8 = 0x81;
    let wide: &[u8; 2 * RUN_BYTES] = bytes.get(at..)?.first_chunk()?;
    let mut run = [MAY_GO_ON; RUN_BYTES];
    for (narrow, pair) in run.iter_mut().zip(wide.chunks_exact(2)) {
        *narrow = if pair[1] == 0 && pair[0].is_ascii() { pair[0] } else { MAY_GO_ON };
    }
    run[0].is_ascii_digit().then_some(run)
}

/// Turns away most of the runs that begin with digits.
fn is_likely_run(needles: &Needles, run: &[u8; RUN_BYTES]) -> bool {
    let digits = leading_digits(run);
    let lengths = needles.lengths_of(run[0] - b'0');
    // Of UTF-16 the last of so many may look like something else.
    let may_be_as_long = digits + 1 == RUN_BYTES && run[digits] >= 0x80;
    if may_be_as_long || digits == RUN_BYTES && needles.may_be(run) {
        return true;
    }
    if lengths >> digits & 1 == 1 && (digits < 8 || needles.may_be(&run[..digits])) {
        return true;
    }
    lengths >> digits > 1 && goes_on(needles, run, digits)
}

/// Tells whether a run of digits may go on behind what parts groups of digits.
fn goes_on(needles: &Needles, run: &[u8; RUN_BYTES], digits: usize) -> bool {
    if digits == RUN_BYTES {
        return true;
    }
    if matches!(run[digits], b'\r' | b'\n') && digits < BROKEN_DIGITS_MIN {
        return false;
    }
    let lengths = needles.lengths_of(run[0] - b'0');
    let (mut count, mut four) = (0, 0);
    for byte in run {
        if byte.is_ascii_digit() {
            count += 1;
            if count <= BEGINNING_DIGITS {
                four = four * 10 + usize::from(byte - b'0');
            }
            if count == BEGINNING_DIGITS && !needles.may_begin(four) {
                return false;
            }
        } else if !IS_JOINT[usize::from(*byte)] {
            // The digits before all that parts them were judged already.
            return count > digits && lengths >> count & 1 == 1 || matches!(byte, b'e' | b'E');
        } else if count > digits && lengths >> count & 1 == 1 || !IS_PLAIN_JOINT[usize::from(*byte)] {
            return true;
        }
    }
    true
}

/// Bytes that may begin what stands between two digits of a number: an escaped digit and a mark for a hidden one included.
static IS_JOINT: [bool; 256] = {
    let mut is = IS_PLAIN_JOINT;
    let more = [
        b'*', b'#', b'_', b'~', b'<', 0xA0, b'x', b'X', 0xC3, b'%', b'&', b'\\', b'=', 0, 0x81, 0x82, 0x83, 0x84, 0xA1,
        0xA2, 0xA3, 0xA8, 0xA9, 0x89, 0x8A, 0x98, 0xC2, 0xD8, 0xE2, 0xE3, 0xEF,
    ];
    let mut k = 0;
    while k < more.len() {
        is[more[k] as usize] = true;
        k += 1;
    }
    is
};

/// Those of them that are one byte and nothing else.
static IS_PLAIN_JOINT: [bool; 256] = {
    let mut is = [false; 256];
    let plain = b" -.()[]/+\r\n";
    let mut k = 0;
    while k < plain.len() {
        is[plain[k] as usize] = true;
        k += 1;
    }
    is
};

/// Counts the ASCII digits that a run begins with.
fn leading_digits(run: &[u8; RUN_BYTES]) -> usize {
    const UPPER: u128 = u128::from_le_bytes([0xF0; RUN_BYTES]);
    const THREE: u128 = u128::from_le_bytes([0x30; RUN_BYTES]);
    const SIX: u128 = u128::from_le_bytes([6; RUN_BYTES]);
    let run = u128::from_le_bytes(*run);
    // A byte is a digit where its upper half is 3, and is so still when 6 is added.
    let others = (run & UPPER ^ THREE) | (run.wrapping_add(SIX) & UPPER ^ THREE);
    others.trailing_zeros() as usize / 8
}

/// Tries all readings of the number that may begin at a byte.
pub fn try_at(needles: &Needles, stretch: Stretch<'_>, at: usize) -> Option<(usize, Found)> {
    let bytes = stretch.bytes;
    let byte = bytes[at];
    let next = bytes.get(at + 1).copied().unwrap_or(b' ');
    let before = |back: usize| at.checked_sub(back).map_or(b' ', |at| bytes[at]);
    let narrow = Text { bytes, reading: Reading::Bytes };
    let starts = |start: usize| read(needles, narrow, start);
    match byte {
        // In UTF-16 a zero belongs to a digit, and what looks like one before it to another character (`〇` is 07 30).
        b'0'..=b'9' if before(1).is_ascii_digit() && next != 0 => None,
        b'0'..=b'9' if next == 0 || before(1) == 0 => wide(needles, stretch, at),
        b'1' if before(1) == 0x81 && next >= 0x81 => starts(at - 1),
        b'0'..=b'9' => {
            let fourth_of_gb18030 = before(1) >= 0x81 && before(2).is_ascii_digit() && before(3) >= 0x81;
            starts(at).or_else(|| starts(at + 1).filter(|_| fourth_of_gb18030))
        }
        b'%' | b'&' | b'\\' | b'=' if next == 0 || before(1) == 0 => wide(needles, stretch, at),
        b'%' | b'&' | b'\\' | b'=' => {
            let unit = narrow.unit(at)?;
            match unit.kind {
                Kind::Digit(..) => starts(at),
                _ if unit.bytes > 1 => starts(at + unit.bytes),
                _ => None,
            }
        }
        0xFF | 0x06 => wide(needles, stretch, at + 1),
        0x10..=0x19 | 0x60..=0x69 | 0xF0..=0xF9 => wide(needles, stretch, at),
        _ => starts(at),
    }
}

/// Reads the number that begins at a byte, whole or masked.
fn read(needles: &Needles, text: Text<'_>, start: usize) -> Option<(usize, Found)> {
    let whole = number_at(needles, text, start).map(Found::Whole);
    whole.or_else(|| masked_at(needles, text, start).map(Found::Masked)).map(|found| (start, found))
}

/// Reads the number in UTF-16 that begins with the character whose low byte stands at a place.
fn wide(needles: &Needles, stretch: Stretch<'_>, low: usize) -> Option<(usize, Found)> {
    let bytes = stretch.bytes;
    let inside = low >= 3 && bytes[low - 3] == 0 && bytes[low - 2].is_ascii_digit() && bytes[low - 1] == 0;
    if inside && bytes.get(low + 1) == Some(&0) {
        return None;
    }
    let (text, start) = reading_at(stretch, low)?;
    let unit = text.unit(start)?;
    let begin = match unit.kind {
        Kind::Digit(..) => start,
        _ if unit.bytes > 2 => start + unit.bytes,
        _ => return None,
    };
    let is_same = |it: Kind| matches!((it, unit.kind), (Kind::Digit(_, one), Kind::Digit(_, other)) if one == other);
    let goes_on = begin == start && text.unit_before(start).is_some_and(|(it, _)| is_same(it.kind));
    (!goes_on).then(|| read(needles, text, begin)).flatten()
}

/// Tells in which byte order the character is whose low byte stands at a place. Among ASCII both orders read the same digits, one byte apart:
/// the one wins whose neighbours make more sense, or whose units begin at even offsets.
fn reading_at(stretch: Stretch<'_>, low: usize) -> Option<(Text<'_>, usize)> {
    let text = |reading| Text { bytes: stretch.bytes, reading };
    let begins = |text: &Text<'_>, start: usize| {
        let kind = text.unit(start).map(|unit| unit.kind);
        matches!(kind, Some(Kind::Digit(..))) || text.unit(start).is_some_and(|unit| unit.bytes > 2)
    };
    let little = Some((text(Reading::Utf16Le), low)).filter(|(text, start)| begins(text, *start));
    let big =
        low.checked_sub(1).map(|start| (text(Reading::Utf16Be), start)).filter(|(text, start)| begins(text, *start));
    let (Some(little), Some(big)) = (little, big) else { return little.or(big) };
    let even = (stretch.offset + low as u64).is_multiple_of(2);
    match nonsense(little).cmp(&nonsense(big)) {
        Ordering::Less => Some(little),
        Ordering::Greater => Some(big),
        Ordering::Equal => Some(if even { little } else { big }),
    }
}

/// Counts the characters around a place that no text has.
fn nonsense((text, start): (Text<'_>, usize)) -> usize {
    let first = start - start.min(NEIGHBOUR_BYTES) / 2 * 2;
    let last = (start + NEIGHBOUR_BYTES).min(text.bytes.len());
    let makes_sense = |c: char| matches!(c, ' '..='~' | '\n' | '\r' | '\t' | '\u{600}'..='\u{6ff}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    let characters = (first..last).step_by(2).filter_map(|at| text.character(at));
    characters.filter(|(c, ..)| !makes_sense(*c)).count()
}
