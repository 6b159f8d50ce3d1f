//! What the columns of unknown meaning, and those of numbers, are made by: learnt once, for all canaries.

use std::collections::{BTreeMap, BTreeSet};

use super::amount::Amounts;
use super::check_digit::CheckDigit;
use super::mail::Mails;
use super::wording::Wording;
use crate::list::heading::name_part;
use crate::list::moment::{self, DayOrder, Reading};
use crate::list::profile::{Habit, Profile};
use crate::list::{LineEnd, Meaning};

/// Share of cells of names, or of addresses, from which others make what stands there.
const OTHERS_MIN: f64 = 0.5;

/// Rows of a workbook from which the kind of a column's cells shows.
const ROWS_MIN: usize = 5;

/// How a workbook's dates are read: all with a year, as it is read as a list.
const ANY_YEAR: Reading = Reading { order: DayOrder::DayFirst, year: 2024 };

/// Makers by column.
#[derive(Debug, Default)]
pub struct Making {
    pub checks: BTreeMap<usize, CheckDigit>,
    pub amounts: BTreeMap<usize, Amounts>,
    pub mails: BTreeMap<usize, Mails>,
    pub wordings: BTreeMap<usize, Wording>,
    /// Columns of no known meaning that hold phones: none is ever made up.
    pub phones: BTreeSet<usize>,
    /// Columns of a workbook whose every value is a number, a time or a truth value.
    numbers: Vec<usize>,
}

impl Making {
    /// Learns the columns; those of phones are told apart where the region is known.
    pub fn of(profile: &Profile) -> Making {
        let mut making = Making { numbers: numbers_of_book(profile), ..Making::default() };
        for (at, column) in profile.layout.columns.iter().enumerate() {
            let cells = || profile.crowd.iter().map(move |row| row.cell(at).trim());
            let habit = &profile.habits[at];
            let is_numbered = matches!(
                column.meaning,
                Meaning::RecordId | Meaning::WaybillNumber | Meaning::IdNumber | Meaning::Other
            );
            if is_numbered && !habit.is_choice {
                making.checks.extend(CheckDigit::of(cells()).map(|check| (at, check)));
            }
            if column.meaning != Meaning::Other
                || habit.is_choice
                || habit.moment.is_some()
                || name_part(&column.name).is_some()
            {
                continue;
            }
            if let Some(mails) = Mails::of(cells()) {
                making.mails.insert(at, mails);
            } else if let Some(amounts) = Amounts::of(cells()) {
                making.amounts.insert(at, amounts);
            } else if is_text(habit) {
                let plain = cells().filter(|cell| !cell.bytes().any(|b| b.is_ascii_digit()));
                making.wordings.extend(Wording::of(plain).map(|wording| (at, wording)));
            }
        }
        making
    }

    /// Tells whether each cell of a row can be stored as its column's are.
    pub fn can_store(&self, cells: &[String]) -> bool {
        self.numbers.iter().filter_map(|at| cells.get(*at)).all(|cell| cell.trim().is_empty() || is_number(cell.trim()))
    }
}

fn is_text(habit: &Habit) -> bool {
    habit.names < OTHERS_MIN && habit.addresses < OTHERS_MIN && habit.id_numbers < OTHERS_MIN
}

/// Finds the columns of a workbook in which nothing is stored as a text; nothing in other lists.
fn numbers_of_book(profile: &Profile) -> Vec<usize> {
    let is_book = profile.rows > 1 && profile.places.iter().all(|place| place.line_end == LineEnd::None);
    let all_numbers = |at: &usize| {
        let mut filled = 0;
        let mut rows = profile.donors().filter(|row| !row.cell(*at).trim().is_empty());
        rows.all(|row| {
            filled += 1;
            !row.quoted(*at)
        }) && filled >= ROWS_MIN
    };
    if is_book { (0..profile.layout.columns.len()).filter(all_numbers).collect() } else { Vec::new() }
}

fn is_number(cell: &str) -> bool {
    let is_plain = cell.parse::<f64>().is_ok_and(f64::is_finite) && !cell.starts_with('+');
    is_plain || matches!(cell, "TRUE" | "FALSE") || moment::parse(cell, ANY_YEAR).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_times_and_truth_values_are_no_texts() {
        for cell in ["0.8576388888888889", "3580", "2026-07-01", "2026-07-01 20:35:00", "20:35:00", "TRUE"] {
            assert!(is_number(cell), "{cell}");
        }
        for cell in ["29:35:00", "3580g", "+86", "无"] {
            assert!(!is_number(cell), "{cell}");
        }
    }
}
