//! What may stand beside a number, so that it is one and not a part of something longer.

use super::text::{Joiner, Kind, Script, Text};

/// A run of digits behind a dot that is this long is a number of its own, not a fraction.
const OWN_NUMBER_DIGITS_MIN: usize = 7;

/// Most units of a country code and what follows it (`+358 (`).
const COUNTRY_CODE_UNITS_MAX: usize = 6;

/// How far invisible characters are looked through.
const INVISIBLE_MAX: usize = 8;

/// The shape of digits as they stand in the text.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// Digits in each group.
    pub groups: &'a [u8],
    /// What stands first between a group and the next.
    pub joints: &'a [Joint],
}

/// What parts two groups of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joint {
    pub first: Option<Joiner>,
    pub units: u8,
    pub line_break: bool,
}

impl Shape<'_> {
    /// Tells whether the groups and what parts them can be a phone number.
    pub fn is_phone(&self, digits: &[u8]) -> bool {
        let is = |wanted: Joiner| self.joints.iter().filter(move |joint| joint.first == Some(wanted)).count();
        let dots = is(Joiner::Dot);
        if dots == 1 && self.joints.len() == 1 && !(digits[0] == 0 && self.groups[0] >= 3) {
            return false;
        }
        let is_area_code = digits[0] == 0 && self.groups[0] >= 3 && self.groups.len() <= 3;
        let is_parted = is(Joiner::Underscore) + is(Joiner::Tilde) > 0 || is(Joiner::Slash) > 0 && !is_area_code;
        if is_parted && !self.is_in_usual_groups() {
            return false;
        }
        let is_date = self.groups == [4, 2, 2] && self.joints.iter().all(|joint| joint.first != Some(Joiner::Space));
        let broken = self.joints.iter().position(|joint| joint.line_break);
        let pieces_are_long = broken.is_none_or(|at| {
            let before: u8 = self.groups[..=at].iter().sum();
            before >= 3 && digits.len() >= usize::from(before) + 3
        });
        !is_date && pieces_are_long
    }

    /// Tells whether a mobile number is parted as all in China part it, three, four and four digits, by the same sign: what parts numbers
    /// in lists parts one only where it looks like that.
    fn is_in_usual_groups(&self) -> bool {
        let is_alike = |joints: &[Joint]| joints.iter().all(|joint| *joint == joints[0] && joint.units == 1);
        self.groups.len() <= 4 && self.groups.ends_with(&[3, 4, 4]) && is_alike(&self.joints[self.joints.len() - 2..])
    }

    /// Tells whether the number is written in fours, as bank cards are.
    fn in_fours(&self) -> bool {
        self.groups.len() >= 2 && self.groups[..self.groups.len() - 1].iter().all(|digits| *digits == 4)
    }
}

/// Tells what is on the left of a number that stands alone, or nothing where it does not.
pub fn left(text: Text<'_>, start: usize, shape: Shape<'_>) -> Option<Side> {
    let mut at = start;
    for _ in 0..INVISIBLE_MAX {
        let Some((unit, begin)) = text.unit_before(at) else { return Some(Side::Open) };
        match unit.kind {
            Kind::Invisible => at = begin,
            Kind::Digit(_, script) => {
                let own = script_at(text, start);
                let is_apart = own.is_some_and(|own| !goes_with(script, own)) || is_home_code(text, at, start);
                return is_apart.then_some(Side::Open);
            }
            Kind::Joiner(Joiner::Dot) => return after_dot(text, begin).then_some(Side::Open),
            Kind::Joiner(joiner) => {
                let fours = shape.in_fours() && shape.groups[0] == 4 && shape.joints[0].first == Some(joiner);
                let card = fours && digits_before(text, begin) == 4;
                let abroad =
                    joiner != Joiner::Plus && is_country_code(text, begin) && !is_home_code(text, begin, start);
                return (!abroad && !card).then_some(Side::Open);
            }
            Kind::Letter('x' | 'X') => {
                let zero = text.unit_before(begin).is_some_and(|(unit, _)| matches!(unit.kind, Kind::Digit(0, _)));
                return (!zero).then_some(Side::Letter);
            }
            Kind::Letter(_) => {
                let escape = text.unit_before(begin).is_some_and(|(unit, _)| unit.kind == Kind::Other('\\'));
                return Some(if escape { Side::Open } else { Side::Letter });
            }
            Kind::Other('#') => {
                let entity = text.unit_before(begin).is_some_and(|(unit, _)| unit.kind == Kind::Other('&'));
                return (!entity).then_some(Side::Open);
            }
            Kind::LineBreak | Kind::Other(_) => return Some(Side::Open),
        }
    }
    Some(Side::Open)
}

/// Tells whether a country code (`+1`) stands before what parts it from a number; it is not the needle's, or it would be part of the spelling.
fn is_country_code(text: Text<'_>, behind: usize) -> bool {
    let mut at = behind;
    let mut digits = 0;
    for _ in 0..COUNTRY_CODE_UNITS_MAX {
        let Some((unit, begin)) = text.unit_before(at) else { return false };
        match unit.kind {
            Kind::Digit(..) => digits += 1,
            Kind::Joiner(Joiner::Plus) => return (1..=3).contains(&digits),
            Kind::Joiner(_) | Kind::Invisible if digits == 0 => {}
            _ => return false,
        }
        at = begin;
    }
    false
}

/// Tells whether China's code stands in ASCII before a number in the full-width digits of GBK, which are never read as one with others.
fn is_home_code(text: Text<'_>, behind: usize, start: usize) -> bool {
    if script_at(text, start) != Some(Script::FullWidthGbk) {
        return false;
    }
    let (mut at, mut digits) = (behind, Vec::new());
    while let Some((unit, begin)) = text.unit_before(at).filter(|_| digits.len() < COUNTRY_CODE_UNITS_MAX) {
        match unit.kind {
            Kind::Digit(digit, Script::Latin) => digits.insert(0, digit),
            Kind::Joiner(Joiner::Space | Joiner::Dash) | Kind::Invisible if digits.is_empty() => {}
            _ => break,
        }
        at = begin;
    }
    matches!(digits[..], [8, 6] | [0, 0, 8, 6])
}

/// Tells whether digits of two scripts side by side are digits of one number.
fn goes_with(script: Script, other: Script) -> bool {
    (script == Script::Arabic) == (other == Script::Arabic)
}

/// What a number touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Open,
    Letter,
}

/// Tells whether a number that follows a dot stands alone: the dot ends a list number (`1.`) or another phone number, and no
/// decimal fraction begins behind it.
fn after_dot(text: Text<'_>, dot: usize) -> bool {
    let digits = digits_before(text, dot);
    if digits == 0 || digits >= OWN_NUMBER_DIGITS_MIN {
        return true;
    }
    let mut at = dot;
    let mut first = 0;
    while let Some((unit, begin)) = text.unit_before(at) {
        match unit.kind {
            Kind::Digit(digit, _) => (at, first) = (begin, digit),
            Kind::LineBreak => break,
            _ => return false,
        }
    }
    digits <= 2 && first != 0
}

/// Counts the digits right before a byte, up to as many as make a number of their own.
fn digits_before(text: Text<'_>, mut at: usize) -> usize {
    for count in 0..OWN_NUMBER_DIGITS_MIN {
        match text.unit_before(at) {
            Some((unit, begin)) if matches!(unit.kind, Kind::Digit(..)) => at = begin,
            _ => return count,
        }
    }
    OWN_NUMBER_DIGITS_MIN
}

/// Tells where a number that stands alone ends, with the `.0` of spreadsheets, or nothing where it does not stand alone.
pub fn right(text: Text<'_>, end: usize, left: Side, shape: Shape<'_>) -> Option<usize> {
    let Some(unit) = text.unit(end) else { return Some(end) };
    match unit.kind {
        Kind::Joiner(Joiner::Dot) => after_end(text, end, end + unit.bytes),
        Kind::Letter(letter) => {
            let exponent = matches!(letter, 'e' | 'E') && is_exponent(text, end + unit.bytes);
            (!exponent && left != Side::Letter).then_some(end)
        }
        Kind::Joiner(joiner) => {
            let card = shape.in_fours()
                && shape.groups.last() == Some(&4)
                && shape.joints[0].first == Some(joiner)
                && digits_after(text, end + unit.bytes) >= 3;
            (!card).then_some(end)
        }
        Kind::Digit(_, script) => {
            let own = text.unit_before(end).map(|(unit, _)| unit.kind);
            (!matches!(own, Some(Kind::Digit(_, own)) if goes_with(script, own))).then_some(end)
        }
        Kind::Invisible | Kind::LineBreak | Kind::Other(_) => Some(end),
    }
}

/// Tells whether an exponent follows the letter E.
fn is_exponent(text: Text<'_>, at: usize) -> bool {
    let Some(unit) = text.unit(at) else { return false };
    match unit.kind {
        Kind::Joiner(Joiner::Plus | Joiner::Dash) => digits_after(text, at + unit.bytes) > 0,
        Kind::Digit(..) => true,
        _ => false,
    }
}

fn after_end(text: Text<'_>, end: usize, behind: usize) -> Option<usize> {
    let mut at = behind;
    let (mut count, mut zeros) = (0, true);
    while let Some(unit) = text.unit(at) {
        let Kind::Digit(digit, _) = unit.kind else { break };
        (count, zeros) = (count + 1, zeros && digit == 0);
        if count >= OWN_NUMBER_DIGITS_MIN {
            return Some(end);
        }
        at += unit.bytes;
    }
    match (count, zeros) {
        (0, _) => Some(end),
        (_, true) => Some(at),
        (_, false) => None,
    }
}

fn digits_after(text: Text<'_>, mut at: usize) -> usize {
    for count in 0..OWN_NUMBER_DIGITS_MIN {
        match text.unit(at) {
            Some(unit) if matches!(unit.kind, Kind::Digit(..)) => at += unit.bytes,
            _ => return count,
        }
    }
    OWN_NUMBER_DIGITS_MIN
}

fn script_at(text: Text<'_>, at: usize) -> Option<Script> {
    match text.unit(at)?.kind {
        Kind::Digit(_, script) => Some(script),
        _ => None,
    }
}
