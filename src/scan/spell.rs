//! Reads the number that begins at a place of a text, joined over what people put between digits.

use super::border::{self, Joint, Shape};
use super::needles::{BEGINNING_DIGITS, Needles};
use super::tag::inline_tag;
use super::text::{Joiner, Kind, Script, Text};

/// Most digits a spelling has: `00`, a country code, a trunk digit and 15 digits (ITU-T E.164), and room for one more group.
const DIGITS_MAX: usize = 24;

/// Fewest digits of a spelling.
const DIGITS_MIN: usize = 6;

/// Most characters between two groups of digits (`) - (`); a line break may have some spaces more.
const JOINT_UNITS_MAX: u8 = 4;

/// Most invisible characters in one spelling.
const INVISIBLE_MAX: usize = 32;

/// Most tags in one spelling.
const TAGS_MAX: usize = 12;

/// Longest spelling, in bytes.
pub const SPELLING_BYTES_MAX: usize = 512;

/// Fewest digits that a number in scientific notation must show: a spreadsheet that rounds for display shows six.
const MANTISSA_DIGITS_MIN: usize = 7;

/// A number found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    pub needles: Vec<u32>,
    /// The first byte, `+` and brackets included.
    pub start: usize,
    pub end: usize,
}

struct Reader<'a> {
    needles: &'a Needles,
    text: Text<'a>,
    start: usize,
    digits: [u8; DIGITS_MAX],
    count: usize,
    groups: [u8; DIGITS_MAX],
    joints: [Joint; DIGITS_MAX],
    group: usize,
}

const NO_JOINT: Joint = Joint { first: None, units: 0, line_break: false };

/// Reads the number whose first digit, or escape of a digit, stands at a byte; nothing where it is no needle's or does not stand alone.
pub fn number_at(needles: &Needles, text: Text<'_>, start: usize) -> Option<Spelling> {
    let Kind::Digit(_, script) = text.unit(start)?.kind else { return None };
    let mut reader = Reader {
        needles,
        text,
        start,
        digits: [0; DIGITS_MAX],
        count: 0,
        groups: [0; DIGITS_MAX],
        joints: [NO_JOINT; DIGITS_MAX],
        group: 0,
    };
    reader.read(script)
}

impl Reader<'_> {
    fn read(&mut self, script: Script) -> Option<Spelling> {
        let mut at = self.start;
        let mut end = at;
        let mut joint = NO_JOINT;
        let mut invisible = 0;
        let mut broken = false;
        let mut tags = 0;
        loop {
            let unit = self.text.unit(at).filter(|_| at - self.start < SPELLING_BYTES_MAX);
            let kind = unit.map(|unit| unit.kind);
            if let Some(Kind::Digit(digit, its)) = kind
                && its == script
            {
                self.push(digit, joint)?;
                joint = NO_JOINT;
                at += unit?.bytes;
                end = at;
                continue;
            }
            if kind == Some(Kind::Invisible) && invisible < INVISIBLE_MAX {
                invisible += 1;
                at += unit?.bytes;
                continue;
            }
            if joint == NO_JOINT
                && let Some(found) = self.ending(end)
            {
                return Some(found);
            }
            if kind == Some(Kind::Other('<'))
                && tags < TAGS_MAX
                && let Some(bytes) = inline_tag(self.text, at)
            {
                tags += 1;
                at += bytes;
                continue;
            }
            match kind? {
                Kind::Joiner(joiner) if joint.units < JOINT_UNITS_MAX => {
                    joint = Joint { first: joint.first.or(Some(joiner)), units: joint.units + 1, ..joint };
                }
                Kind::LineBreak if !broken || joint.line_break => {
                    joint.line_break = true;
                    joint.units += 1;
                    broken = true;
                }
                Kind::Letter('e' | 'E') if joint == NO_JOINT => return self.scientific(at),
                Kind::Joiner(_) | Kind::LineBreak | Kind::Letter(_) | Kind::Other(_) => return None,
                Kind::Digit(..) | Kind::Invisible => return None,
            }
            if joint.units > JOINT_UNITS_MAX {
                return None;
            }
            at += unit?.bytes;
        }
    }

    /// Takes a digit; nothing once no needle can be meant.
    fn push(&mut self, digit: u8, joint: Joint) -> Option<()> {
        if self.count == DIGITS_MAX {
            return None;
        }
        if joint != NO_JOINT {
            self.joints[self.group] = joint;
            self.group += 1;
        }
        self.groups[self.group] += 1;
        self.digits[self.count] = digit;
        self.count += 1;
        let four = || self.digits[..BEGINNING_DIGITS].iter().fold(0, |four, digit| four * 10 + usize::from(*digit));
        (self.count != BEGINNING_DIGITS || self.needles.may_begin(four())).then_some(())
    }

    fn shape(&self) -> Shape<'_> {
        Shape { groups: &self.groups[..=self.group], joints: &self.joints[..self.group] }
    }

    /// Judges the digits so far, a group having ended.
    fn ending(&self, end: usize) -> Option<Spelling> {
        let digits = &self.digits[..self.count];
        if digits.len() < DIGITS_MIN {
            return None;
        }
        let mut needles = Vec::new();
        self.needles.spelt(digits, &mut needles);
        if needles.is_empty() || !self.shape().is_phone(digits) {
            return None;
        }
        let side = border::left(self.text, self.start, self.shape())?;
        let end = border::right(self.text, end, side, self.shape())?;
        Some(Spelling { needles, start: self.opening(), end })
    }

    /// Reads `1.3800138E10`, its E at a byte.
    fn scientific(&self, at: usize) -> Option<Spelling> {
        let dotted = self.shape().groups[0] == 1
            && matches!(self.shape().joints, [Joint { first: Some(Joiner::Dot), units: 1, line_break: false }]);
        if !dotted || self.count < MANTISSA_DIGITS_MIN {
            return None;
        }
        let mut end = at + self.text.unit(at)?.bytes;
        let sign = self.text.unit(end)?;
        if sign.kind == Kind::Joiner(Joiner::Plus) {
            end += sign.bytes;
        }
        let mut exponent = None;
        while let Some(unit) = self.text.unit(end) {
            let Kind::Digit(digit, _) = unit.kind else { break };
            exponent = Some(exponent.unwrap_or(0) * 10 + usize::from(digit)).filter(|exponent| *exponent < DIGITS_MAX);
            exponent?;
            end += unit.bytes;
        }
        let length = exponent? + 1;
        if length < self.count || length > DIGITS_MAX {
            return None;
        }
        let mut needles = Vec::new();
        self.needles.spelt(&self.digits[..length], &mut needles);
        let side = border::left(self.text, self.start, self.shape())?;
        let closed =
            side == border::Side::Letter && self.text.unit(end).is_some_and(|it| matches!(it.kind, Kind::Letter(_)));
        (!needles.is_empty() && !closed).then_some(Spelling { needles, start: self.start, end })
    }

    /// The first byte with the `+` and the bracket that belong to the number.
    fn opening(&self) -> usize {
        let joints = self.shape().joints;
        let has = |wanted| joints.iter().position(|joint| joint.first == Some(wanted));
        let mut start = self.start;
        for wanted in [Joiner::Open, Joiner::Plus, Joiner::Open] {
            let closes =
                wanted == Joiner::Plus || has(Joiner::Close).is_some_and(|it| has(Joiner::Open).is_none_or(|o| it < o));
            if let Some((unit, begin)) = self.text.unit_before(start)
                && closes
                && unit.kind == Kind::Joiner(wanted)
            {
                start = begin;
                if wanted == Joiner::Open {
                    break;
                }
            }
        }
        start
    }
}
