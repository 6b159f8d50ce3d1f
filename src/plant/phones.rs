//! The cells of a row that hold its one or two numbers, spelled as a donor's.

use rand::Rng;

use super::model::Model;
use super::numbers::Pair;
use super::spelling;
use crate::list::Meaning;
use crate::list::profile::Texts;

/// What is written into the columns of phones.
pub struct Phones {
    pub first: String,
    /// What is written into the column of second phones; empty where both numbers stand in one cell, or there is one.
    pub second: String,
    /// The column of the second number.
    pub second_at: Option<usize>,
    /// Whether the row that the first is spelled after has it as a text, or in quotes; nothing if it follows no one row.
    pub quoted: Option<bool>,
}

/// Tells whether a row has two numbers, in two cells or in one.
pub fn has_second(model_phone: usize, seconds: &[usize], row: &Texts) -> bool {
    seconds.iter().any(|at| !row.cell(*at).trim().is_empty()) || spelling::count(row.cell(model_phone)) > 1
}

/// Spells the numbers of a row as the donor spells its own; none where this list spells no number that way.
pub fn written<'p>(
    model: &Model<'p>,
    host: &'p Texts,
    donor: &'p Texts,
    numbers: &Pair,
    rng: &mut impl Rng,
) -> Option<Phones> {
    let first = numbers.first.national();
    let second_at = model.profile.position(Meaning::Phone2);
    if let Some(second) = &numbers.second {
        let second = second.national();
        if let Some(both) = spelling::like_both(&first, &second, donor.cell(model.phone)) {
            let quoted = Some(donor.quoted(model.phone));
            return Some(Phones { first: both, second: String::new(), second_at: None, quoted });
        }
        if let Some(at) = second_at {
            let own = spelling::like(&second, donor.cell(at));
            let other = || model.profile.donors().find_map(|row| spelling::like(&second, row.cell(at)));
            let second = own.or_else(other)?;
            let (first, quoted) = spelled(model, &first, host, donor, rng)?;
            return Some(Phones { first, second, second_at, quoted });
        }
        return None;
    }
    let (first, quoted) = spelled(model, &first, host, donor, rng)?;
    Some(Phones { first, second: String::new(), second_at, quoted })
}

fn spelled<'p>(
    model: &Model<'p>,
    national: &str,
    host: &'p Texts,
    donor: &'p Texts,
    rng: &mut impl Rng,
) -> Option<(String, Option<bool>)> {
    let own = spelling::like(national, donor.cell(model.phone)).map(|own| (own, Some(donor.quoted(model.phone))));
    own.or_else(|| model.spelled(national, host, rng).map(|other| (other, None)))
}
