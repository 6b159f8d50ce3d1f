//! Days of a column in no order, and how many rows have each.
//!
//! A day taken from a row has that row's company and the row itself, one more than the row has; so a new row gets a day
//! near it that one row fewer has.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use rand::Rng;
use rand::seq::IndexedRandom;

/// Weeks within which a day is looked for, either way.
const WEEKS: i64 = 5;

/// Days within which it is looked for if no same day of a week fits, either way.
const DAYS_NEAR: i64 = 4;

/// Rows for each day, on the average, above which one more is not seen.
const ROWS_A_DAY_MAX: usize = 200;

/// How many rows have each day.
#[derive(Debug, Default)]
pub struct DayCounts {
    counts: BTreeMap<NaiveDate, u32>,
}

impl DayCounts {
    /// Counts days.
    pub fn of(days: impl Iterator<Item = NaiveDate>) -> DayCounts {
        let mut counts = BTreeMap::new();
        days.for_each(|day| *counts.entry(day).or_default() += 1);
        DayCounts { counts }
    }

    /// Draws a day near a row's own that as many rows have as there are others on the row's; its own if there is none.
    ///
    /// It is the same day of the week, if possible: what is done on which days goes with the rest of the row.
    pub fn near(&self, own: NaiveDate, rng: &mut impl Rng) -> NaiveDate {
        let (Some((first, _)), Some((last, _))) = (self.counts.first_key_value(), self.counts.last_key_value()) else {
            return own;
        };
        let others = self.count(own).saturating_sub(1);
        if others as usize > ROWS_A_DAY_MAX {
            return own;
        }
        let fits = |day: &NaiveDate| *day != own && (first..=last).contains(&day) && self.count(*day) == others;
        let week = |nth: i64| moved(own, 7 * nth);
        let weeks: Vec<NaiveDate> = (-WEEKS..=WEEKS).filter_map(week).filter(fits).collect();
        let days = || (-DAYS_NEAR..=DAYS_NEAR).filter_map(|nth| moved(own, nth)).filter(fits);
        let is_weekend = |day: &NaiveDate| day.weekday().num_days_from_monday() >= 5;
        let alike = || days().filter(|day| is_weekend(day) == is_weekend(&own)).collect::<Vec<NaiveDate>>();
        weeks.choose(rng).copied().or_else(|| alike().choose(rng).copied()).unwrap_or(own)
    }

    fn count(&self, day: NaiveDate) -> u32 {
        self.counts.get(&day).copied().unwrap_or(0)
    }
}

fn moved(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    let way = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(way) } else { day.checked_add_days(way) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn a_day_is_taken_that_one_row_fewer_has() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let first = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
        let day = |nth: u64| first + Days::new(nth);
        let rows = (0..70).flat_map(|nth| (0..1 + nth / 7 % 3).map(move |_| day(nth)));
        let counts = DayCounts::of(rows);
        for nth in 0..70 {
            let near = counts.near(day(nth), &mut rng);
            let (own, other) = (counts.count(day(nth)), counts.count(near));
            assert!(own == 1 && near == day(nth) || other == own - 1, "{nth}: {own} {other}");
            assert_eq!(near.weekday(), day(nth).weekday());
        }
    }
}
