//! Identity numbers that nobody alive can have, of regions that the list knows.
//!
//! A region code that was withdrawn before the birth is nobody's; the list's older people have such codes. A masked
//! number names nobody, so its region may be any.

use chrono::{Datelike, NaiveDate};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::turing::Counts;
use crate::list::Meaning;
use crate::list::contents::unguarded;
use crate::list::profile::{Profile, Texts};
use crate::persona::{self, RegionCode, Sex};

/// Steps of two by which a sequence is moved from one of the list's, either way.
const SEQUENCE_STEPS: i32 = 6;

/// Sequences below this are drawn where the list hides its own.
const MASKED_MAX: i32 = 400;

/// Times a region is drawn for one that was withdrawn in time.
const TRIES: usize = 60;

/// The regions and sequences of a list's identity numbers.
pub struct Regions {
    at: usize,
    codes: Counts<RegionCode>,
    sequences: Vec<i32>,
}

impl Regions {
    /// Learns the column of identity numbers; nothing where there is none with region codes.
    pub fn of(profile: &Profile) -> Option<Regions> {
        let at = profile.position(Meaning::IdNumber)?;
        let cells = || profile.crowd.iter().map(|row| unguarded(row.cell(at).trim()));
        let codes = Counts::of(cells().filter_map(code), profile.rows);
        let sequences = cells().filter_map(|cell| cell.get(14..17)?.parse().ok()).collect();
        (codes.total() > 0).then_some(Regions { at, codes, sequences })
    }

    /// Draws the region of a number for somebody born then: as usual as the donor's, and of the donor's province.
    ///
    /// None if the list has no such region that was withdrawn by then.
    pub fn draw(&self, donor: &Texts, birth: NaiveDate, rng: &mut impl Rng) -> Option<RegionCode> {
        let cell = unguarded(donor.cell(self.at).trim());
        let own = code(cell)?;
        let like = self.codes.like(&own, |other| other.province() == own.province(), rng).copied().unwrap_or(own);
        if is_masked(cell) || persona::is_withdrawn(like, birth.year()) {
            return Some(like);
        }
        let fits =
            |code: &&RegionCode| code.province() == own.province() && persona::is_withdrawn(**code, birth.year());
        let drawn = (0..TRIES).find_map(|_| self.codes.any(rng).filter(|code| fits(code)));
        let near: Vec<&RegionCode> = match drawn {
            Some(_) => Vec::new(),
            None => self.codes.values().map(|(code, _)| code).filter(fits).collect(),
        };
        drawn.or_else(|| near.choose(rng).copied()).copied()
    }

    /// Tells whether the donor's number is written out in full.
    pub fn is_whole(&self, donor: &Texts) -> bool {
        let cell = unguarded(donor.cell(self.at).trim());
        !cell.is_empty() && !is_masked(cell)
    }

    /// Draws a sequence as the list has them, of one sex.
    pub fn sequence(&self, sex: Sex, rng: &mut impl Rng) -> u32 {
        let own = self.sequences.choose(rng).copied().unwrap_or_else(|| rng.random_range(0..MASKED_MAX));
        let moved = (own + 2 * rng.random_range(-SEQUENCE_STEPS..=SEQUENCE_STEPS)).clamp(0, 997);
        let odd = u32::from(sex == Sex::Male);
        (u32::try_from(moved).unwrap_or(0) / 2 * 2 + odd).max(1 + u32::from(odd == 0))
    }
}

fn code(cell: &str) -> Option<RegionCode> {
    RegionCode::parse(cell.get(..6)?)
}

fn is_masked(cell: &str) -> bool {
    cell.contains(['*', '＊'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_masked_numbers_may_be_of_a_region_in_force() {
        assert!(is_masked("510604197*********") && !is_masked("510604197401011234"));
        assert_eq!(code("510604197401011234"), RegionCode::parse("510604"));
        assert_eq!(code("不详"), None);
    }
}
