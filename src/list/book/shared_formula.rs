//! The forms a formula takes in a cell, and the text of those that share another cell's.
//!
//! A shared formula is written once, at its master; the others only say its number and read as if copied from there.

use std::collections::HashMap;

use super::formula::{cell_name, column_letters};
use super::markup::{attribute, replaced, unescape};
use super::pattern::{Pattern, Shares};
use super::reference::copied;
use super::sheet::{RawCell, RawRow};

/// The form of an `<f>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// A shared formula: its number, and the range it covers where it is written out.
    Shared {
        number: String,
        area: Option<Area>,
    },
    /// An array formula or a data table, and the range of its results.
    Array {
        area: Area,
    },
}

/// A block of cells: columns from 0, rows from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) columns: (u32, u32),
    pub(super) rows: (u32, u32),
}

/// A shared formula where it is written out.
#[derive(Debug, Clone)]
pub(super) struct Master {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) text: String,
    pub(super) area: Area,
}

/// The shared formulas of a sheet, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Masters {
    known: HashMap<String, Master>,
}

impl Area {
    /// Reads `A1` or `A1:B2`.
    pub(super) fn read(text: &str) -> Option<Area> {
        let (from, to) = text.split_once(':').unwrap_or((text, text));
        let ((left, top), (right, bottom)) = (cell_name(from)?, cell_name(to)?);
        Some(Area { columns: (left.min(right), left.max(right)), rows: (top.min(bottom), top.max(bottom)) })
    }
}

impl std::fmt::Display for Area {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", column_letters(self.columns.0), self.rows.0)?;
        if self.columns.0 == self.columns.1 && self.rows.0 == self.rows.1 {
            return Ok(());
        }
        write!(f, ":{}{}", column_letters(self.columns.1), self.rows.1)
    }
}

/// Tells the form of a formula from its tag, standing in a given cell.
pub(super) fn form(tag: &str, row: u32, column: u32) -> Form {
    let area = attribute(tag, "ref").and_then(|area| Area::read(&area));
    let own = Area { columns: (column, column), rows: (row, row) };
    match (attribute(tag, "t").as_deref(), attribute(tag, "si")) {
        (Some("shared"), Some(number)) => Form::Shared { number: number.into_owned(), area },
        (Some("array" | "dataTable"), _) => Form::Array { area: area.unwrap_or(own) },
        _ => Form::Plain,
    }
}

impl Masters {
    /// Gives the text of a cell's formula, entities resolved; nothing when the cell has none or its master is unknown.
    pub(super) fn text(&mut self, row: &RawRow, cell: &RawCell) -> Option<String> {
        let formula = cell.formula.as_ref()?;
        let written = unescape(row.at(&formula.inner)).into_owned();
        let Form::Shared { number, area } = form(row.at(&formula.tag), row.number, cell.column) else {
            return Some(written);
        };
        if written.is_empty() {
            return self.known.get(&number).map(|master| master.at(row.number, cell.column));
        }
        let own = Area { columns: (cell.column, cell.column), rows: (row.number, row.number) };
        let master = Master { row: row.number, column: cell.column, text: written.clone(), area: area.unwrap_or(own) };
        self.known.insert(number, master);
        Some(written)
    }

    /// Tells whether a copy of a formula, put in front of a row, falls within the range that shares it.
    pub(super) fn shares(&self, pattern: &Pattern, before: u32) -> Shares {
        let shared = pattern.shared();
        let found = shared.and_then(|(number, column)| Some((self.known.get(&number)?.area, column)));
        let within = found.is_some_and(|(area, column)| {
            (area.columns.0..=area.columns.1).contains(&column) && area.rows.0 < before && before <= area.rows.1
        });
        if within { Shares::Formula } else { Shares::Nothing }
    }
}

impl Master {
    /// Gives the formula as it reads in another cell.
    pub(super) fn at(&self, row: u32, column: u32) -> String {
        let (down, right) = (i64::from(row) - i64::from(self.row), i64::from(column) - i64::from(self.column));
        replaced(&self.text, &copied(&self.text, down, right))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::rows_of;
    use super::*;

    #[test]
    fn cells_that_share_a_formula_read_it_from_their_place() {
        let text = "<worksheet><sheetData><row r=\"3\"><c r=\"J3\"><f t=\"shared\" ref=\"J3:J9\" si=\"0\">A3&amp;$B$1</f></c></row>\
                    <row r=\"5\"><c r=\"J5\"><f t=\"shared\" si=\"0\"/></c><c r=\"K5\"><f t=\"array\" ref=\"K5:K7\">A5:A7</f></c></row>\
                    </sheetData></worksheet>";
        let rows = rows_of(text).expect("sound");
        let mut masters = Masters::default();
        assert_eq!(masters.text(&rows[0], &rows[0].cells[0]).as_deref(), Some("A3&$B$1"));
        assert_eq!(masters.text(&rows[1], &rows[1].cells[0]).as_deref(), Some("A5&$B$1"));
        let array = rows[1].cells[1].formula.as_ref().expect("it has one");
        let area = Area { columns: (10, 10), rows: (5, 7) };
        assert_eq!(form(rows[1].at(&array.tag), 5, 10), Form::Array { area });
    }
}
