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
    /// The last row before the place of the hospital that the new row is of, if that is not the row above.
    pub host: Option<Texts>,
    /// The data row below the one at the place, if it follows at once.
    pub below: Option<Texts>,
    /// The next row of the host's hospital.
    pub peer: Option<Texts>,
    /// The key of the host's kin.
    pub kin: Option<u64>,
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
            host: None,
            below: None,
            peer: None,
            kin: None,
        }
    }

    /// Gives the row whose hospital, formats and counters a new row goes on with.
    pub fn host(&self) -> &Texts {
        self.host.as_ref().unwrap_or(&self.above)
    }

    /// Makes the one place of a list of one row.
    pub(super) fn before_only_row(row: &Row<'_>) -> Place {
        Place::between(row, row, 1, (None, 0))
    }
}
