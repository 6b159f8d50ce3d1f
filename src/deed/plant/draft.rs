//! What one recipient's copy gets: the rows that are new in it, in its order.
//!
//! A shared canary is the same row in several copies, but its data row and its serial number are each copy's own.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::super::publish::NewCanary;
use super::carry::Kept;
use super::share::Given;
use crate::ledger::Record;
use crate::list::book::Tried;
use crate::list::profile::{Direction, Profile};
use crate::list::{Layout, Meaning, NewRow};
use crate::phone::Number;
use crate::plant::{Astray, Unfilled, serial_text, unfilled};

/// A canary that is to be written.
#[derive(Debug, Clone)]
pub(super) struct CanaryDraft {
    pub(super) number: Number,
    /// The numbers of further phones in the row.
    pub(super) others: Vec<Number>,
    /// Data row of the output, from 1.
    pub(super) row: u64,
    pub(super) record: Record,
    pub(super) given: Given,
    /// The serial number of the list's row at its place, and which count that belongs to.
    pub(super) serial: Option<(u32, u64)>,
    pub(super) born: NaiveDate,
    pub(super) new_row: NewRow,
}

impl CanaryDraft {
    /// Gives what is entered for the row: a canary for each of its numbers.
    pub(super) fn entries(&self) -> impl Iterator<Item = NewCanary> {
        let of = move |number: &Number, record: Record| NewCanary { number: number.clone(), row: self.row, record };
        let beside = Record { beside: Some(self.number.to_string()), ..self.record.clone() };
        let others = self.others.iter().map(move |number| of(number, beside.clone()));
        std::iter::once(of(&self.number, self.record.clone())).chain(others)
    }

    /// Gives its numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &Number> {
        std::iter::once(&self.number).chain(&self.others)
    }
}

/// What one recipient's copy gets.
pub(super) struct Draft {
    /// The place of the recipient among all.
    at: usize,
    pub(super) canaries: Vec<CanaryDraft>,
    pub(super) kept: Vec<Kept>,
    /// How many canaries of the recipient's last copy found no place.
    pub(super) left_out: u64,
    /// Columns out of whose order new rows stand.
    pub(super) astray: Vec<Astray>,
    /// Columns that new rows leave empty.
    pub(super) unfilled: Vec<Unfilled>,
    /// What trying a copy of a workbook found out.
    pub(super) tried: Option<Tried>,
}

impl Draft {
    /// Puts a copy together, its rows numbered.
    pub(super) fn new(at: usize, mut canaries: Vec<CanaryDraft>, kept: Vec<Kept>, profile: &Profile) -> Draft {
        canaries.sort_by_key(|canary| canary.record.input_row);
        let unfilled = unfilled(profile, canaries.iter().map(|canary| canary.new_row.cells.as_slice()));
        let mut draft = Draft { at, canaries, kept, left_out: 0, astray: Vec::new(), unfilled, tried: None };
        draft.number_rows();
        draft.number_through(profile);
        draft
    }

    /// Says how many of the recipient's earlier canaries found no place.
    pub(super) fn leaving_out(self, left_out: u64) -> Draft {
        Draft { left_out, ..self }
    }

    /// Says which new rows stand out of order.
    pub(super) fn standing(self, astray: Vec<Astray>) -> Draft {
        Draft { astray, ..self }
    }

    /// Gives the canaries that this copy's planting enters.
    pub(super) fn entered(&self) -> impl Iterator<Item = &CanaryDraft> {
        self.canaries.iter().filter(|canary| canary.given.is_entered_by(self.at))
    }

    /// Gives the canaries that another copy's planting enters: this one receives them.
    pub(super) fn received(&self) -> impl Iterator<Item = &CanaryDraft> {
        self.canaries.iter().filter(|canary| !canary.given.is_entered_by(self.at))
    }

    /// Gives all rows that go into the copy, in its order.
    pub(super) fn rows(&self) -> Vec<NewRow> {
        let new = self.canaries.iter().map(|canary| (canary.row, &canary.new_row));
        let mut rows: Vec<(u64, &NewRow)> = new.chain(self.kept.iter().map(|kept| (kept.row, &kept.new_row))).collect();
        rows.sort_by_key(|(row, _)| *row);
        rows.into_iter().map(|(_, new_row)| new_row.clone()).collect()
    }

    /// Gives the data rows of the copy where they stand, rising.
    pub(super) fn data_rows(&self) -> Vec<u64> {
        let new = self.canaries.iter().map(|canary| canary.row);
        let mut rows: Vec<u64> = new.chain(self.kept.iter().map(|kept| kept.row)).collect();
        rows.sort_unstable();
        rows
    }

    /// Gives where data row `row` of the input stands in the copy.
    pub(super) fn row_in_copy(&self, row: u64) -> u64 {
        let above = self.canaries.iter().map(|canary| canary.record.input_row);
        let above = above.chain(self.kept.iter().map(|kept| kept.input_row)).filter(|before| *before <= row);
        row + above.count() as u64
    }

    /// Numbers the rows of the copy: each new one pushes those below it down.
    fn number_rows(&mut self) {
        let new = self.canaries.iter_mut().map(|canary| (canary.record.input_row, 1, &mut canary.row));
        let mut places: Vec<(u64, u8, &mut u64)> =
            new.chain(self.kept.iter_mut().map(|kept| (kept.input_row, 0, &mut kept.row))).collect();
        places.sort_by_key(|(before, rank, _)| (*before, *rank));
        for (above, (before, _, row)) in places.into_iter().enumerate() {
            *row = before + above as u64;
        }
    }

    /// Gives the new canaries the serial numbers that they have in this copy: a plan knows only of its own.
    ///
    /// Where the count began anew above and rows are kept, no number is told.
    fn number_through(&mut self, profile: &Profile) {
        let Some(column) = profile.serial else { return };
        let (new, kept) = (self.canaries.len(), &self.kept);
        let mut before: BTreeMap<u32, usize> = BTreeMap::new();
        for (at, canary) in self.canaries.iter_mut().enumerate() {
            let Some((run, serial)) = canary.serial else { continue };
            let (earlier, input_row) = (before.entry(run).or_default(), canary.record.input_row);
            let kept_where =
                |is_passed: &dyn Fn(u64) -> bool| kept.iter().filter(|kept| is_passed(kept.input_row)).count();
            let added = match profile.serial_goes {
                Direction::Rising => *earlier + kept_where(&|kept| kept <= input_row),
                Direction::Falling => new - at + kept_where(&|kept| kept > input_row),
            };
            *earlier += 1;
            if !kept.is_empty() && run > 0 && profile.serial_goes == Direction::Rising {
                canary.record.fields.remove(&Meaning::Serial);
            } else if let Some(cell) = canary.new_row.cells.get_mut(column) {
                let number = serial_text(cell, serial + added as u64);
                *cell = profile.habits[column].around.dressed(&number, cell).unwrap_or_else(|| number.clone());
                canary.record.fields.insert(Meaning::Serial, number);
                canary.record.cells.clone_from(&canary.new_row.cells);
            }
        }
    }

    /// Puts what the workbook counts or works out by itself on record, in the place of what was drafted for it.
    pub(super) fn take_own_texts(&mut self, layout: &Layout) {
        let Some(tried) = &self.tried else { return };
        let new = self.canaries.iter_mut().map(|canary| (canary.row, Some(&mut canary.record)));
        let mut rows: Vec<(u64, Option<&mut Record>)> =
            new.chain(self.kept.iter().map(|kept| (kept.row, None))).collect();
        rows.sort_by_key(|(row, _)| *row);
        for ((_, record), own) in rows.into_iter().zip(tried.own_texts()) {
            if let Some(record) = record {
                take_own(record, own, layout);
            }
        }
        // What is worked out there is filled.
        let own = |column: &str| layout.columns.iter().position(|other| other.name == column);
        let is_told =
            |at: usize| tried.own_texts().iter().flatten().any(|(column, text)| *column == at && text.is_some());
        self.unfilled.retain(|unfilled| !own(&unfilled.column).is_some_and(is_told));
    }
}

/// Corrects one row's record; a column that shows nothing tells nothing.
fn take_own(record: &mut Record, own: &[(usize, Option<String>)], layout: &Layout) {
    for (column, text) in own {
        if let (Some(cell), Some(text)) = (record.cells.get_mut(*column), text) {
            cell.clone_from(text);
        }
    }
    let shows = |column: usize| own.iter().all(|(other, text)| *other != column || text.is_some());
    for (column, _) in own {
        let Some(meaning) = layout.columns.get(*column).map(|column| column.meaning) else { continue };
        let told = layout.positions(meaning).into_iter().filter(|column| shows(*column));
        let mut told = told.filter_map(|column| Some(record.cells.get(column)?.trim())).filter(|text| !text.is_empty());
        match told.next_back().map(str::to_string).filter(|_| meaning != Meaning::Other) {
            Some(text) => record.fields.insert(meaning, text),
            None => record.fields.remove(&meaning),
        };
    }
}
