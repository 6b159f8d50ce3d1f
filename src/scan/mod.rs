//! Finds canaries in any bytes: numbers in every spelling, masked and damaged ones, and people without their number.
//!
//! Nothing says beforehand what the bytes are. Each place is judged by the bytes around it alone (at most
//! [`OVERLAP_BYTES`] on either side), so a stream may be cut into blocks and a file into sections wherever one likes.

mod against;
mod border;
mod classify;
mod column;
mod few;
mod finder;
mod fold;
mod hidden;
mod latin;
mod likely;
mod literal;
mod name_bytes;
mod name_places;
mod namesakes;
mod needles;
pub mod open;
mod people;
mod person;
mod portrait;
mod prefix;
mod slip;
mod spell;
mod sweep;
mod tag;
mod text;
mod window;

pub use against::rare_facts;
pub use column::{Column, is_of_others};
pub use finder::{Finder, OVERLAP_BYTES};
pub use hidden::FITS_MAX;
pub use namesakes::Namesakes;
pub use needles::{Needle, Needles};
pub use person::{Person, ToldOf};

/// How a canary was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchedBy {
    /// The whole number, in whatever spelling.
    Number,
    /// A number with some of its digits hidden (`138****8000`): every canary that fits is reported.
    MaskedNumber,
    /// A number with one slip in it, beside its canary's name.
    DamagedNumber,
    /// A name with other facts of the same person, the number missing.
    Persona,
}

/// A fact of a canary's person that stands beside what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    MotherName,
    BabyName,
    FatherName,
    BirthDate,
    /// The month of the birth, where the day is not said.
    BirthMonth,
    MotherBirthDate,
    Hospital,
    Address,
}

/// One place where a canary was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The needle's place in what [`Needles::of`] was given.
    pub needle: u32,
    pub by: MatchedBy,
    /// Offset in the stream of the first byte of `text`.
    pub at: u64,
    /// The line `at` is in, from 1.
    pub line: u64,
    /// The number as it is spelt there, or the name: never more than that.
    pub text: String,
    /// How many canaries fit: 1, or more where digits are hidden.
    pub fits: u32,
    /// How many digits are hidden.
    pub hidden: u32,
    /// What else of the needle's person stands beside it; looked for where digits are hidden, damaged or missing.
    pub facts: Vec<Fact>,
    /// Of a person without its number, the column its name stands in.
    pub column: Option<Column>,
}

#[cfg(test)]
mod tests;
