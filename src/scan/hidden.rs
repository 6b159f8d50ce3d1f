//! Numbers with some of their digits hidden: `138****8000`, `138-XXXX-8000`, `1380013****`, `138…8000`.

use std::ops::Range;

use super::border::{self, Joint, Shape};
use super::needles::Needles;
use super::text::{Joiner, Kind, Text};

/// Fewest digits that must be shown: six of eleven leave a hundred thousand people in the country.
const SHOWN_DIGITS_MIN: usize = 6;

/// Fewest digits shown before the hidden ones.
const BEFORE_MIN: usize = 3;

/// Fewest digits that must be shown at the end where nobody can know how many are hidden.
const END_DIGITS_MIN: usize = 4;

/// Most places of a masked number, hidden ones included.
const PLACES_MAX: usize = 20;

/// Most hidden digits.
const HIDDEN_MAX: usize = 5;

/// Most needles that are named for one masked number; all that fit are counted.
pub const FITS_MAX: usize = 64;

/// A masked number found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The first [`FITS_MAX`] that fit.
    pub needles: Vec<u32>,
    pub fits: u32,
    pub hidden: u32,
    pub span: Range<usize>,
}

/// What is hidden, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// One mark for each digit.
    Each,
    /// An ellipsis: one mark for all.
    All,
}

/// Reads the masked number whose first digit stands at a byte; nothing where none is or no needle fits.
pub fn masked_at(needles: &Needles, text: Text<'_>, start: usize) -> Option<Masked> {
    let pattern = Pattern::read(text, start)?;
    let shape = Shape { groups: &[], joints: &[] as &[Joint] };
    let side = border::left(text, start, shape)?;
    if !matches!(side, border::Side::Open) {
        return None;
    }
    let mut fitting = Vec::new();
    let mut hidden = 0;
    for length in needles.lengths() {
        let before = pattern.before.len();
        let shown = before + pattern.after.len();
        for prefix in needles.prefix_digits() {
            let Some(places) = before.checked_sub(prefix).filter(|places| *places >= BEFORE_MIN) else { continue };
            let counted = places + pattern.marks + pattern.after.len() == usize::from(*length);
            let missing = usize::from(*length).saturating_sub(shown - prefix);
            let about = pattern.open || pattern.marks.abs_diff(missing) <= 1;
            let stretched = pattern.after.len() >= END_DIGITS_MIN && about;
            let sensible = (1..=HIDDEN_MAX).contains(&missing) && shown - prefix >= SHOWN_DIGITS_MIN;
            if sensible && (counted || stretched) {
                hidden = missing;
                needles.fitting((&pattern.before, prefix), &pattern.after, *length, &mut fitting);
            }
        }
    }
    fitting.sort_unstable();
    fitting.dedup();
    let fits = u32::try_from(fitting.len()).unwrap_or(u32::MAX);
    fitting.truncate(FITS_MAX);
    (fits > 0).then_some(Masked { needles: fitting, fits, hidden: hidden as u32, span: start..pattern.end })
}

struct Pattern {
    before: Vec<u8>,
    /// How many digits the marks hide, if each hides one.
    marks: usize,
    /// Whether one of them stands for any number of digits.
    open: bool,
    after: Vec<u8>,
    end: usize,
}

impl Pattern {
    fn read(text: Text<'_>, start: usize) -> Option<Pattern> {
        let mut read = Pattern { before: Vec::new(), marks: 0, open: false, after: Vec::new(), end: start };
        let mut at = start;
        let mut joints = 0;
        while let Some(unit) = text.unit(at) {
            match (unit.kind, mark(unit.kind)) {
                (Kind::Digit(digit, _), _) if read.marks == 0 => read.before.push(digit),
                (Kind::Digit(digit, _), _) => read.after.push(digit),
                (_, Some(kind)) if read.after.is_empty() && !read.before.is_empty() => {
                    read.marks += 1;
                    read.open |= kind == Mark::All;
                }
                (Kind::Joiner(Joiner::Underscore), _) => break,
                (Kind::Joiner(_) | Kind::Invisible, _) if joints < 3 => {
                    joints += 1;
                    at += unit.bytes;
                    continue;
                }
                _ => break,
            }
            joints = 0;
            at += unit.bytes;
            read.end = at;
            if read.before.len() + read.marks + read.after.len() > PLACES_MAX {
                return None;
            }
        }
        let enough = read.before.len() >= BEFORE_MIN && (read.marks >= 2 || read.open);
        let letter_follows = text.unit(read.end).is_some_and(|it| matches!(it.kind, Kind::Letter(_)));
        (enough && !letter_follows).then_some(read)
    }
}

fn mark(kind: Kind) -> Option<Mark> {
    match kind {
        Kind::Letter('x' | 'X') | Kind::Joiner(Joiner::Underscore) => Some(Mark::Each),
        Kind::Other('*' | '#' | '×' | '＊' | '●' | '○' | '•' | '■' | '□' | '◆' | '※' | '﹡' | 'Ｘ' | 'ｘ' | '＃') => {
            Some(Mark::Each)
        }
        Kind::Other('…') => Some(Mark::All),
        _ => None,
    }
}
