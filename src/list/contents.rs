//! What the cells of a column look like, whatever its heading says.
//!
//! Shares are of the filled cells seen. A cell may look like several things: `20260301` is a date and a
//! whole number.

use super::heading::Strength;
use super::look::{ANY_YEAR, LOOKS, Look, looks_of, proven_order};
use super::meaning::Meaning;
use super::moment::{self, DayOrder};

/// Share of filled cells that must look like the heading's meaning.
const FITTING: f64 = 0.5;

/// Share of cells that must be one more than the cell above where a heading says that rows are counted: groups may be small.
const RISING_MIN: f64 = 0.3;

/// The same where no heading says so.
const RISING_SURE: f64 = 0.6;

/// What the cells of one column looked like.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    pub rows: usize,
    pub filled: usize,
    counts: [usize; LOOKS],
    month_first: usize,
    day_first: usize,
    distinct: std::collections::HashSet<u64>,
    counting: usize,
    rising: usize,
    counting_down: usize,
    most: u64,
    first: Option<u64>,
    last: Option<u64>,
    sum: f64,
    days: Vec<i64>,
}

impl Contents {
    /// Looks at one more cell.
    pub fn see(&mut self, cell: &str) {
        self.rows += 1;
        let cell = unguarded(cell);
        if cell.is_empty() {
            return;
        }
        self.filled += 1;
        for look in looks_of(cell) {
            self.counts[look as usize] += 1;
        }
        self.days.extend(day_of(cell).map(|day| day / moment::DAY_SECONDS));
        match proven_order(cell) {
            Some(DayOrder::MonthFirst) => self.month_first += 1,
            Some(DayOrder::DayFirst) => self.day_first += 1,
            None => {}
        }
        self.distinct.insert(super::hash::of(cell.as_bytes(), 0));
        let value = cell.parse::<u64>().ok();
        if let Some(value) = value {
            self.sum += value as f64;
            let begins = value == 1 || value == 0 && self.first.is_none();
            let rises = self.last.is_some_and(|last| last + 1 == value);
            self.counting += usize::from(begins || rises);
            self.rising += usize::from(rises);
            self.most = self.most.max(value);
            self.counting_down += usize::from(self.last == Some(value + 1));
            self.first = self.first.or(Some(value));
        }
        self.last = value;
    }

    /// Gives the share of filled cells that look like `look`.
    pub fn share(&self, look: Look) -> f64 {
        if self.filled == 0 { 0.0 } else { self.counts[look as usize] as f64 / self.filled as f64 }
    }

    /// Tells whether each cell is one more than that above, perhaps from 1 again in each group.
    ///
    /// Wherever it begins: hospital numbers given out one by one count rows too. A column that says 1 nearly everywhere (a dose, the
    /// order of twins) counts nothing.
    pub fn counts_rows(&self) -> bool {
        self.filled >= 2
            && self.rising as f64 >= RISING_MIN * (self.filled - 1) as f64
            && self.counting + usize::from(self.first > Some(1)) >= (self.filled * 49).div_ceil(50)
            && self.filled * 10 >= self.rows * 9
    }

    /// Tells whether each cell is one less than that above.
    pub fn counts_down(&self) -> bool {
        self.filled >= 3
            && self.counting_down + 1 >= (self.filled * 49).div_ceil(50)
            && self.filled * 10 >= self.rows * 9
    }

    /// Tells whether the cells count 1, 2, 3 … (or 0, 1, 2 …), perhaps anew in each group, so that it shows without a heading: twins are
    /// counted 1, 2, 1, 2 too.
    pub fn counts_rows_from_one(&self) -> bool {
        let shows =
            self.rising as f64 >= RISING_SURE * (self.filled.max(1) - 1) as f64 && (self.most > 2 || self.filled <= 3);
        self.first.is_some_and(|first| first <= 1) && shows && self.counts_rows()
    }

    /// Counts the different values seen.
    pub fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// Gives the middle day of a date column, counted from year 1.
    pub fn middle_day(&self) -> Option<i64> {
        self.quantile(1, 2)
    }

    /// Gives the days between the early and the late tenth of a date column.
    pub fn day_spread(&self) -> Option<i64> {
        Some(self.quantile(9, 10)? - self.quantile(1, 10)?)
    }

    fn quantile(&self, of: usize, parts: usize) -> Option<i64> {
        let mut days = self.days.clone();
        days.sort_unstable();
        days.get((days.len() * of / parts).min(days.len().saturating_sub(1))).copied()
    }

    /// Says whether `01/03/2026` is in January: the order that more cells prove.
    pub fn day_order(&self) -> DayOrder {
        if self.month_first > self.day_first { DayOrder::MonthFirst } else { DayOrder::DayFirst }
    }

    /// Tells whether the cells can mean `meaning`; an empty column can mean anything.
    pub fn fit(&self, meaning: Meaning) -> bool {
        if self.filled == 0 {
            return true;
        }
        let any = |looks: &[Look]| looks.iter().any(|look| self.share(*look) >= FITTING);
        match meaning {
            Meaning::Phone | Meaning::Phone2 => any(&[Look::Phone]),
            Meaning::BirthDate | Meaning::MotherBirthDate | Meaning::DischargeDate => any(&[Look::Day]),
            Meaning::BirthTime => any(&[Look::TimeOfDay, Look::Day]),
            // Those of other countries look like phones of no region: `943 476 5919`, `123-45-6789`.
            Meaning::IdNumber => any(&[Look::IdNumber, Look::Whole]) || self.share(Look::Mobile) < FITTING,
            Meaning::BabySex => any(&[Look::Sex]),
            Meaning::MotherName | Meaning::FatherName | Meaning::Name | Meaning::BabyName => {
                !any(&[Look::Phone, Look::Day, Look::IdNumber, Look::Whole, Look::Sex, Look::Plate])
            }
            Meaning::MotherAge | Meaning::Parity | Meaning::BirthLength => {
                !any(&[Look::Phone, Look::Day, Look::HanName])
            }
            Meaning::BirthWeight | Meaning::Area => any(&[Look::Measure]),
            Meaning::GestationWeeks => any(&[Look::Gestation]),
            Meaning::PlateNumber => any(&[Look::Plate]) || !any(&[Look::Phone, Look::Day]),
            Meaning::Address | Meaning::Hospital | Meaning::District | Meaning::Ward => {
                !any(&[Look::Phone, Look::Day, Look::IdNumber, Look::Sex])
            }
            Meaning::DeliveryMode | Meaning::HukouType => !any(&[Look::Phone, Look::Day, Look::IdNumber]),
            // `20261019` is a number given out one by one as well as a day.
            Meaning::RecordId | Meaning::WaybillNumber => {
                !any(&[Look::HanName, Look::Address]) && (any(&[Look::Whole]) || !any(&[Look::Day]))
            }
            Meaning::Serial => any(&[Look::Whole]),
            Meaning::Other => true,
        }
    }

    /// Guesses a meaning from the cells alone, for a list without headings.
    pub fn guess(&self) -> Option<(Meaning, Strength)> {
        let most = |look| self.share(look) >= 0.8;
        if self.filled == 0 {
            return None;
        }
        if self.counts_rows_from_one() {
            return Some((Meaning::Serial, Strength::Usual));
        }
        if most(Look::IdNumber) {
            return Some((Meaning::IdNumber, Strength::Usual));
        }
        if self.share(Look::Mobile) >= FITTING {
            return Some((Meaning::Phone, Strength::Sure));
        }
        if most(Look::Day) {
            return Some((Meaning::BirthDate, Strength::Usual));
        }
        if most(Look::Sex) {
            return Some((Meaning::BabySex, Strength::Usual));
        }
        if most(Look::Plate) {
            return Some((Meaning::PlateNumber, Strength::Usual));
        }
        if most(Look::Hospital) {
            return Some((Meaning::Hospital, Strength::Usual));
        }
        if most(Look::District) {
            return Some((Meaning::District, Strength::Usual));
        }
        if most(Look::Address) {
            return Some((Meaning::Address, Strength::Usual));
        }
        if self.share(Look::ChildOf) >= 0.2 {
            return Some((Meaning::BabyName, Strength::Usual));
        }
        let various = self.distinct() * 3 >= self.filled || self.distinct() > 60;
        if (most(Look::HanName) || most(Look::LatinName)) && various {
            return Some((Meaning::MotherName, Strength::Weak));
        }
        if self.share(Look::Gestation) >= 0.8 && self.share(Look::Whole) < FITTING {
            return Some((Meaning::GestationWeeks, Strength::Usual));
        }
        let mean = self.sum / self.filled as f64;
        if most(Look::Whole) && (2_000.0..4_500.0).contains(&mean) && self.share(Look::Measure) >= 0.95 {
            return Some((Meaning::BirthWeight, Strength::Weak));
        }
        None
    }
}

/// Takes off what keeps a spreadsheet from reading a number: `="…"`, a leading apostrophe, tabs.
pub fn unguarded(cell: &str) -> &str {
    let cell = cell.trim();
    match cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => inside,
        None => cell.strip_prefix('\'').unwrap_or(cell),
    }
}

fn day_of(cell: &str) -> Option<i64> {
    let (moment, _) = moment::parse(cell, ANY_YEAR)?;
    moment.day().map(|_| moment.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(cells: &[&str]) -> Contents {
        let mut contents = Contents::default();
        for cell in cells {
            contents.see(cell);
        }
        contents
    }

    fn guess(cells: &[&str]) -> Option<Meaning> {
        seen(cells).guess().map(|guess| guess.0)
    }

    #[test]
    fn columns_without_headings_are_guessed() {
        assert_eq!(guess(&["13800138000", "=\"13900139000\"", "138-0013-8001", ""]), Some(Meaning::Phone));
        assert_eq!(guess(&["2026-01-01", "2026-01-02"]), Some(Meaning::BirthDate));
        assert_eq!(guess(&["男", "女宝"]), Some(Meaning::BabySex));
        assert_eq!(guess(&["川FA0461", "川FE1067"]), Some(Meaning::PlateNumber));
        assert_eq!(guess(&["5106041974********"]), Some(Meaning::IdNumber));
        assert_eq!(guess(&["1", "2", "3"]), Some(Meaning::Serial));
        assert_eq!(guess(&["西湖区东山弄569号文鼎苑12栋1101室"]), Some(Meaning::Address));
        assert_eq!(guess(&["市一妇婴", "长宁妇幼", "市中心医院"]), Some(Meaning::Hospital));
        assert_eq!(guess(&["张三", "李四", "王小五"]), Some(Meaning::MotherName));
        assert_eq!(guess(&["39+4", "40+1"]), Some(Meaning::GestationWeeks));
        assert_eq!(guess(&["是", "否"]), None);
    }

    #[test]
    fn a_column_of_ones_counts_nothing() {
        assert_ne!(guess(&["1"; 9]), Some(Meaning::Serial));
        assert_ne!(
            guess(&["1", "1", "1", "2", "1", "1", "2", "1", "1", "1"]),
            Some(Meaning::Serial),
            "twins among others"
        );
        assert_ne!(guess(&["1", "2", "1", "2", "1", "2", "1", "2"]), Some(Meaning::Serial), "twins");
        assert_eq!(guess(&["1", "2", "3", "1", "2", "3", "4"]), Some(Meaning::Serial));
        assert!(!seen(&["1"; 9]).counts_rows() && seen(&["1", "2", "1", "2", "3", "1"]).counts_rows());
    }

    #[test]
    fn contents_that_speak_against_a_meaning_do_not_fit_it() {
        assert!(!seen(&["张三", "李四"]).fit(Meaning::Phone));
        assert!(!seen(&["2026-01-01", "2026-01-02"]).fit(Meaning::Phone));
        assert!(!seen(&["女宝", "男"]).fit(Meaning::BabyName));
        assert!(seen(&["女宝", "男"]).fit(Meaning::BabySex));
        assert!(seen(&["", ""]).fit(Meaning::Phone));
        assert!(seen(&["020 7946 0958", "+44 7700 900123"]).fit(Meaning::Phone));
    }

    #[test]
    fn the_order_of_day_and_month_is_what_more_cells_prove() {
        assert_eq!(seen(&["01/02/2026", "01/13/2026"]).day_order(), DayOrder::MonthFirst);
        assert_eq!(seen(&["01/02/2026", "13/01/2026"]).day_order(), DayOrder::DayFirst);
    }
}
