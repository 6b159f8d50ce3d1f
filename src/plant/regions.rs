//! Identity numbers that nobody alive can have, of regions that the list knows.
//!
//! A region code that was withdrawn before the birth is nobody's; the list's older people have such codes. A masked
//! number names nobody, so its region may be any.

use std::collections::BTreeMap;

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

/// Times a region that the list does not know is drawn.
const TRIES: usize = 20;

/// Share of the list's people who are followed whenever they are drawn: those for whom it has the most regions.
const ALWAYS_FOLLOWED: f64 = 0.1;

/// Signs of a whole number, of before 1999 and of today; numbers of other countries have no region.
const SIGNS: [usize; 2] = [15, 18];

/// The regions and sequences of a list's identity numbers.
pub struct Regions {
    at: usize,
    codes: Counts<RegionCode>,
    sequences: Vec<i32>,
    /// How often somebody is followed, by province and year of birth.
    open: BTreeMap<(u32, i32), f64>,
}

impl Regions {
    /// Learns the column of identity numbers; nothing where there is none with region codes.
    pub fn of(profile: &Profile) -> Option<Regions> {
        let at = profile.position(Meaning::IdNumber)?;
        let is_chinese = |cell: &&str| SIGNS.contains(&cell.chars().count()) || is_masked(cell);
        let cells = || profile.crowd.iter().map(|row| unguarded(row.cell(at).trim())).filter(is_chinese);
        let codes = Counts::of(cells().filter_map(code), profile.rows_per_sampled());
        let sequences = cells().filter_map(|cell| cell.get(14..17)?.parse().ok()).collect();
        let mut regions = Regions { at, codes, sequences, open: BTreeMap::new() };
        regions.open = regions.opened(cells());
        (regions.codes.total() > 0).then_some(regions)
    }

    /// Weighs people by how many rows of their province have regions that were withdrawn before their birth.
    ///
    /// Followed in this measure, new rows have such regions as often as the list's own rows have each of them.
    fn opened<'c>(&self, cells: impl Iterator<Item = &'c str>) -> BTreeMap<(u32, i32), f64> {
        let people =
            cells.filter(|cell| !is_masked(cell)).filter_map(|cell| Some((code(cell)?.province(), year(cell)?)));
        let mut rows: BTreeMap<(u32, i32), usize> = BTreeMap::new();
        people.for_each(|kind| *rows.entry(kind).or_default() += 1);
        let all = |province: u32| self.codes.values().filter(move |(code, _)| code.province() == province);
        let share = |province: u32, year: i32| {
            let sum = |withdrawn: bool| -> f64 {
                let fits = |code: RegionCode| !withdrawn || persona::is_withdrawn(code, year);
                all(province).filter(|(code, _)| fits(*code)).map(|(_, rows)| f64::from(*rows)).sum()
            };
            sum(true) / sum(false).max(1.0)
        };
        let mut open: BTreeMap<(u32, i32), f64> = rows.keys().map(|kind| (*kind, share(kind.0, kind.1))).collect();
        let mut ranked: Vec<(f64, usize)> = rows.iter().map(|(kind, rows)| (open[kind], *rows)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut left = (rows.values().sum::<usize>() as f64 * ALWAYS_FOLLOWED) as usize;
        let best = ranked.iter().find(|(_, rows)| {
            left = left.saturating_sub(*rows);
            left == 0
        });
        match best {
            Some((best, _)) if *best > 0.0 => open.values_mut().for_each(|share| *share = (*share / best).min(1.0)),
            // Next to nobody's number can be followed, so all are tried alike.
            Some(_) | None => open.clear(),
        }
        open
    }

    /// Tells, by chance, whether somebody with a whole number is followed this time.
    pub fn is_open_to(&self, donor: &Texts, rng: &mut impl Rng) -> bool {
        let cell = unguarded(donor.cell(self.at).trim());
        let kind = code(cell).and_then(|code| Some((code.province(), year(cell)?)));
        kind.and_then(|kind| self.open.get(&kind)).is_none_or(|share| rng.random_bool(*share))
    }

    /// Draws the region of a number for somebody born then: as usual as the list's that were withdrawn by then, and of the
    /// donor's province.
    ///
    /// None if the list has no such region.
    pub fn draw(&self, donor: &Texts, birth: NaiveDate, rng: &mut impl Rng) -> Option<RegionCode> {
        let cell = unguarded(donor.cell(self.at).trim());
        let own = code(cell)?;
        if is_masked(cell) {
            let like = self.codes.like(&own, |other| other.province() == own.province(), rng);
            return Some(like.copied().unwrap_or(own));
        }
        let fits = |code: RegionCode| code.province() == own.province() && persona::is_withdrawn(code, birth.year());
        let near: Vec<&(RegionCode, u32)> = self.codes.values().filter(|(code, _)| fits(*code)).collect();
        let (drawn, _) = *near.choose_weighted(rng, |(_, rows)| *rows).ok()?;
        if let Some(like) = self.codes.like(drawn, |other| fits(*other), rng) {
            return Some(if fits(*like) { *like } else { *drawn });
        }
        let mut new = (0..TRIES).map(|_| persona::withdrawn_near(*drawn, birth.year(), rng));
        Some(new.find(|code| fits(*code) && self.codes.count(code) == 0).unwrap_or(*drawn))
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

/// Reads the year of birth in a number.
fn year(cell: &str) -> Option<i32> {
    cell.get(6..10)?.parse().ok()
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
