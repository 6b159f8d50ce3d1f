//! Whose sex a row tells: the newborn's, or that of whom a list of no births is about.

use super::clinic;
use crate::list::Meaning;
use crate::list::profile::{Profile, Texts};
use crate::persona::Sex;

/// Tells whether a list is about births; a sex beside a name and nothing of a birth is that person's.
pub fn is_of_births(profile: &Profile) -> bool {
    let is_about = |meaning: Meaning| {
        meaning.is_of_birth() && (meaning != Meaning::BabySex || profile.position(Meaning::Name).is_none())
    };
    profile.layout.columns.iter().any(|column| is_about(column.meaning))
}

/// Gives the sex of whom a row is about, in a list of no births: what a cell says, or an identity number.
pub fn subject_sex(profile: &Profile, row: &Texts) -> Option<Sex> {
    let of_number = || {
        let number = row.cell(profile.position(Meaning::IdNumber)?).trim();
        let digit = number.get(16..17).filter(|_| number.len() == 18)?.parse::<u32>().ok()?;
        Some(if digit % 2 == 1 { Sex::Male } else { Sex::Female })
    };
    if is_of_births(profile) {
        return None;
    }
    sex_in(profile, row).or_else(of_number)
}

/// Reads the sex a donor's row gives the baby.
pub fn sex_in(profile: &Profile, donor: &Texts) -> Option<Sex> {
    profile.position(Meaning::BabySex).and_then(|at| clinic::sex_of(donor.cell(at)))
}
