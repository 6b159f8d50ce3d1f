//! A place for a new row, with the rows around it.

use super::texts::Texts;
use crate::list::row::{LineEnd, Row};

/// A place in front of a data row that follows another data row.
#[derive(Debug, Clone)]
pub struct Place {
    /// Data row (from 1) that the new row goes in front of, with its ordinal and offset.
    pub data_row: u64,
    pub ordinal: u64,
    pub offset: u64,
    /// How the record above ends.
    pub line_end: LineEnd,
    /// The serial number of the row at the place, and which count it belongs to.
    pub serial: Option<u64>,
    pub run: u32,
    pub above: Texts,
    pub at: Texts,
    /// The data row below the one at the place, if it follows at once.
    pub below: Option<Texts>,
    /// The next row of the hospital of the row above, if a column is in order within hospitals.
    pub peer: Option<Texts>,
}

impl Place {
    pub(super) fn between(above: &Row<'_>, at: &Row<'_>, data_row: u64, serial: (Option<u64>, u32)) -> Place {
        Place {
            data_row,
            ordinal: at.ordinal,
            offset: at.offset,
            line_end: above.line_end,
            serial: serial.0,
            run: serial.1,
            above: Texts::of(above),
            at: Texts::of(at),
            below: None,
            peer: None,
        }
    }

    /// Makes the one place of a list of one row.
    pub(super) fn before_only_row(row: &Row<'_>) -> Place {
        Place::between(row, row, 1, (None, 0))
    }
}
