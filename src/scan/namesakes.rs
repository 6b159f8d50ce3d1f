//! How often needles' names stand in what is scanned, and which days stand beside them: what strangers share with a canary.
//!
//! A name and a day that meet in a list say something only where the name stands in few of its rows and the day in few others. Both are
//! counted in the list itself, row by row, since no table knows how common they are there.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::window::Window;

/// Rows with a name of some needle, over all that was scanned; every row counts once.
#[derive(Debug, Clone, Default)]
pub struct Namesakes {
    /// By needle, the rows with a name of its person, and where the last of these began.
    by_needle: HashMap<u32, (u64, u64), RandomState>,
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
    pub(super) fn name(&mut self, needle: u32, at: u64) {
        let (rows, last) = self.by_needle.entry(needle).or_insert((0, u64::MAX));
        if std::mem::replace(last, at) != at {
            *rows += 1;
        }
    }

    /// Takes in what was counted elsewhere.
    pub fn add(&mut self, other: Namesakes) {
        for (needle, (rows, last)) in other.by_needle {
            let known = self.by_needle.entry(needle).or_insert((0, last));
            known.0 += rows;
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
        self.by_needle.iter().map(|(needle, (rows, _))| (*needle, *rows))
    }

    /// Counts the rows with a name of a needle.
    pub fn rows(&self, needle: u32) -> u64 {
        self.by_needle.get(&needle).map_or(0, |(rows, _)| *rows)
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
