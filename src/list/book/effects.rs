//! How the values of cells change when rows come or go.

use std::collections::{BTreeMap, BTreeSet};

use super::shared_formula::Area;

/// A formula and where it stands, in old numbers.
#[derive(Debug, Clone)]
pub(super) struct FormulaCell {
    /// The sheet's place in tab order.
    pub(super) sheet: usize,
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) text: Box<str>,
}

/// How a value changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    By(i64),
    Unknown,
}

/// What a cell of a row that comes or goes holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Whole(i64),
    /// A number with a fraction, or a formula's number that is not known yet.
    Number,
    Text(String),
    Other,
}

/// The cells of one row that comes or goes, by column.
pub(super) type Contents = BTreeMap<u32, Content>;

/// First and last rows.
type Runs = Vec<(u32, u32)>;

/// Formulas that look at nothing but their own row: where they stand, by their column and the columns they look at.
///
/// Rows are kept as runs, because a list has one such formula in every row.
#[derive(Debug, Default)]
pub(super) struct Local {
    pub(super) groups: BTreeMap<(u32, BTreeSet<u32>), Runs>,
}

impl Local {
    /// Takes note of a formula; rows come from top to bottom.
    pub(super) fn note(&mut self, row: u32, column: u32, looks_at: BTreeSet<u32>) {
        let runs = self.groups.entry((column, looks_at)).or_default();
        match runs.last_mut().filter(|(_, last)| last + 1 == row) {
            Some((_, last)) => *last = row,
            None => runs.push((row, row)),
        }
    }
}

/// Changes by sheet, column and row.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) cells: BTreeMap<(usize, u32, u32), Change>,
}

impl Effects {
    /// Tells how the value of a cell changes.
    pub(super) fn of(&self, sheet: usize, row: u32, column: u32) -> Change {
        self.cells.get(&(sheet, column, row)).copied().unwrap_or(Change::By(0))
    }

    /// Sets a change that is known from elsewhere (a renumbered serial).
    pub(super) fn set(&mut self, sheet: usize, row: u32, column: u32, change: Change) {
        if change != Change::By(0) {
            self.cells.insert((sheet, column, row), change);
        }
    }

    /// Lists the changes within a block of a sheet.
    pub(super) fn within(&self, sheet: usize, area: Area) -> impl Iterator<Item = (u32, Change)> + '_ {
        let next = move |at: (usize, u32, u32)| self.cells.range(at..).next().map(|(&key, &change)| (key, change));
        let mut at = (sheet, area.columns.0, area.rows.0);
        std::iter::from_fn(move || {
            loop {
                let ((found, column, row), change) = next(at)?;
                if found != sheet || column > area.columns.1 {
                    return None;
                }
                if row > area.rows.1 {
                    at = (sheet, column + 1, area.rows.0);
                } else if row < area.rows.0 {
                    at = (sheet, column, area.rows.0);
                } else {
                    at = (sheet, column, row + 1);
                    return Some((row, change));
                }
            }
        })
    }
}
