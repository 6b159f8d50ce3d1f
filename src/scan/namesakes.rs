//! How often needles' names stand in what is scanned, and which days stand beside them: what strangers share with a canary.
//!
//! A name and a day that meet in a list say something only where the name stands in few of its rows and the day in few others. Both are
//! counted in the list itself, row by row, since no table knows how common they are there.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::window::Window;

/// Rows of one name whose days are kept, so that a row that comes again in another file is told; a name of more rows is common.
const ROWS_KNOWN_MAX: usize = 16;

/// The rows with a name of one needle.
#[derive(Debug, Clone, Default)]
struct Rows {
    count: u64,
    /// What the days of the first of them hash to.
    known: Vec<u32>,
    /// Where the last of them began in its stream.
    last: Option<u64>,
}

/// Rows with a name of some needle, over all that was scanned; every row counts once.
#[derive(Debug, Clone, Default)]
pub struct Namesakes {
    /// By needle, the rows with a name of its person; the same list in ten files is one list.
    by_needle: HashMap<u32, Rows, RandomState>,
    /// By day, counted from the first of our era, the rows that tell it; by month, twelve a year.
    days: HashMap<i32, u64, RandomState>,
    months: HashMap<i32, u64, RandomState>,
    /// Rows that tell a day, and a month.
    with_day: u64,
    with_month: u64,
    last: Option<u64>,
}

impl Namesakes {
    /// Counts a row that begins at a place of its stream.
    pub(super) fn row(&mut self, at: u64, window: &Window) {
        if self.last.replace(at) == Some(at) {
            return;
        }
        let count = |told: &[i32], counts: &mut HashMap<i32, u64, RandomState>| {
            for (_, one) in told.iter().enumerate().filter(|(k, one)| !told[..*k].contains(one)) {
                *counts.entry(*one).or_default() += 1;
            }
            u64::from(!told.is_empty())
        };
        self.with_day += count(window.days(), &mut self.days);
        self.with_month += count(window.months(), &mut self.months);
    }

    /// Counts a needle's name in the row that begins at a place of its stream.
    pub(super) fn name(&mut self, needle: u32, at: u64, window: &Window) {
        let rows = self.by_needle.entry(needle).or_default();
        if rows.last.replace(at) != Some(at) {
            rows.add(hash_of(window.days()));
        }
    }

    /// Takes in what was counted elsewhere.
    pub fn add(&mut self, other: Namesakes) {
        for (needle, others) in other.by_needle {
            let rows = self.by_needle.entry(needle).or_default();
            rows.count += others.count - others.known.len() as u64;
            others.known.into_iter().for_each(|days| rows.add(Some(days)));
            rows.last = None;
        }
        for (counts, others) in [(&mut self.days, other.days), (&mut self.months, other.months)] {
            for (told, rows) in others {
                *counts.entry(told).or_default() += rows;
            }
        }
        self.with_day += other.with_day;
        self.with_month += other.with_month;
        self.last = None;
    }

    /// Gives the needles whose names were seen, and in how many rows.
    pub fn each(&self) -> impl Iterator<Item = (u32, u64)> {
        self.by_needle.iter().map(|(needle, rows)| (*needle, rows.count))
    }

    /// Counts the rows with a name of a needle.
    pub fn rows(&self, needle: u32) -> u64 {
        self.by_needle.get(&needle).map_or(0, |rows| rows.count)
    }

    /// Counts the rows that tell a day, and those that tell any.
    pub fn on(&self, day: i32) -> (u64, u64) {
        (self.days.get(&day).copied().unwrap_or_default(), self.with_day)
    }

    /// Counts the rows that tell a month, twelve a year, and those that tell any.
    pub fn in_month(&self, month: i32) -> (u64, u64) {
        (self.months.get(&month).copied().unwrap_or_default(), self.with_month)
    }
}

impl Rows {
    /// Counts a row by its days, unless one with these is known; each of those that tell none.
    fn add(&mut self, days: Option<u32>) {
        if days.is_some_and(|days| self.known.contains(&days)) {
            return;
        }
        self.count += 1;
        if self.known.len() < ROWS_KNOWN_MAX {
            self.known.extend(days);
        }
    }
}

/// Hashes days, whatever their order (FNV-1a, Fowler, Noll and Vo).
fn hash_of(days: &[i32]) -> Option<u32> {
    if days.is_empty() {
        return None;
    }
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    let bytes = days.iter().flat_map(|day| day.to_le_bytes());
    Some(bytes.fold(0x811C_9DC5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_comes_again_counts_once_and_common_names_count_all_theirs() {
        let counted = |days: &[u32]| {
            let mut namesakes = Namesakes::default();
            let rows = namesakes.by_needle.entry(0).or_default();
            days.iter().for_each(|day| rows.add(Some(*day)));
            namesakes
        };
        let mut all = counted(&[1, 2, 2]);
        all.add(counted(&[2, 3, 1]));
        assert_eq!(all.rows(0), 3);
        let common: Vec<u32> = (0..100).collect();
        all.add(counted(&common));
        assert_eq!(all.rows(0), 100);
        let rows = all.by_needle.entry(1).or_default();
        (0..3).for_each(|_| rows.add(hash_of(&[])));
        assert_eq!(all.rows(1), 3);
        assert_eq!(hash_of(&[5, 7, 5]), hash_of(&[7, 5]));
        assert_ne!(hash_of(&[5]), hash_of(&[7]));
    }
}
