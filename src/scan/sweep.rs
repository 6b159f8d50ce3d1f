//! Goes over bytes and tries every place where a number may begin.
//!
//! Which places are tried is decided here by plain comparisons; a place that is tried in vain costs time and nothing else.

use std::ops::Range;

use super::needles::Needles;
use super::spell::{Spelling, number_at};
use super::text::{Kind, Reading, Text};

/// Bytes of a stream, and where in it they stand.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    pub bytes: &'a [u8],
    /// Offset of the first byte in the stream: UTF-16 mostly begins at even ones.
    pub offset: u64,
}

/// Goes over the places in `range`, and hands each number found to `found` with the place where its digits begin; goes on behind it.
/// Gives the place to go on at, which is behind `range` where a number reaches over its end.
pub fn sweep(
    needles: &Needles,
    stretch: Stretch<'_>,
    range: Range<usize>,
    mut found: impl FnMut(usize, Spelling),
) -> usize {
    let mut at = range.start;
    while at < range.end {
        let next = try_at(needles, stretch, at);
        at = match next {
            Some((start, spelling)) => {
                let end = spelling.end.max(at + 1);
                found(start, spelling);
                end
            }
            None => at + 1,
        };
    }
    at
}

/// Tries all readings of the number that may begin at a byte.
pub fn try_at(needles: &Needles, stretch: Stretch<'_>, at: usize) -> Option<(usize, Spelling)> {
    let bytes = stretch.bytes;
    let byte = bytes[at];
    let before = |back: usize| at.checked_sub(back).map_or(b' ', |at| bytes[at]);
    let narrow = Text { bytes, reading: Reading::Bytes };
    let starts = |start: usize| number_at(needles, narrow, start).map(|it| (start, it));
    if byte.is_ascii_digit() {
        if bytes.get(at + 1) == Some(&0) || before(1) == 0 {
            return wide(needles, stretch, at);
        }
        if before(1).is_ascii_digit() {
            return None;
        }
        let fourth_of_gb18030 = before(1) >= 0x81 && before(2).is_ascii_digit() && before(3) >= 0x81;
        return starts(at).or_else(|| starts(at + 1).filter(|_| fourth_of_gb18030));
    }
    match byte {
        b'%' | b'&' | b'\\' | b'=' => {
            if bytes.get(at + 1) == Some(&0) || before(1) == 0 {
                return wide(needles, stretch, at);
            }
            let unit = narrow.unit(at)?;
            match unit.kind {
                Kind::Digit(..) => starts(at),
                _ if unit.bytes > 1 => starts(at + unit.bytes),
                _ => None,
            }
        }
        0xEF | 0xD9 | 0xDB | 0xA3 => starts(at),
        _ => None,
    }
    .or_else(|| wide_sign(byte, bytes.get(at + 1).copied(), before(1)).then(|| wide(needles, stretch, at)).flatten())
}

/// Tells whether a byte is half of a full-width or Arabic digit in UTF-16.
fn wide_sign(byte: u8, next: Option<u8>, before: u8) -> bool {
    let half_of = |high: u8| match high {
        0xFF => matches!(byte, 0x10..=0x19),
        0x06 => matches!(byte, 0x60..=0x69 | 0xF0..=0xF9),
        _ => false,
    };
    next.is_some_and(half_of) || half_of(before)
}

/// Tries both readings of a UTF-16 unit whose low byte stands at a place; the one at an even offset first.
fn wide(needles: &Needles, stretch: Stretch<'_>, low: usize) -> Option<(usize, Spelling)> {
    let little = (Reading::Utf16Le, Some(low));
    let big = (Reading::Utf16Be, low.checked_sub(1));
    let even = (stretch.offset + low as u64).is_multiple_of(2);
    let order = if even { [little, big] } else { [big, little] };
    order.into_iter().find_map(|(reading, start)| {
        let text = Text { bytes: stretch.bytes, reading };
        let start = start?;
        let unit = text.unit(start)?;
        let begin = match unit.kind {
            Kind::Digit(..) => start,
            _ if unit.bytes > 2 => start + unit.bytes,
            _ => return None,
        };
        let goes_on =
            begin == start && text.unit_before(start).is_some_and(|(it, _)| matches!(it.kind, Kind::Digit(..)));
        (!goes_on).then(|| number_at(needles, text, begin).map(|it| (begin, it))).flatten()
    })
}
