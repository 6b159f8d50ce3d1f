//! Rows of cells as lines of text, so that a person is seen in its row, and what is seen is found in its cell again.

use std::collections::{HashSet, VecDeque};

use super::desk::{Desk, Found, within};
use super::error::Unreadable;
use super::passage::Text;
use crate::scan::{Sighting, is_of_others};

/// Bytes of a cell that are looked at: more than the largest a workbook may hold.
const CELL_BYTES_MAX: usize = 128 << 10;
/// Bytes of one row.
const ROW_BYTES_MAX: usize = 4 << 20;
/// Bytes for which is remembered which cell they are of, behind what was fed last.
const REMEMBERED_BYTES: u64 = 8 << 20;

/// Digits of the cells over which a mobile number of China is spread.
const GROUPS: [usize; 3] = [3, 4, 4];

/// First rows in which the names of columns are sought, below titles.
const HEADER_ROWS_MAX: u64 = 8;

/// Where a cell begins in the stream.
struct Mark {
    at: u64,
    row: u64,
    column: Option<u32>,
}

/// One sheet or table on its way through the finder.
pub(super) struct Rows<'n> {
    text: Text<'n>,
    place: String,
    line: Vec<u8>,
    marks: VecDeque<Mark>,
    fed: u64,
    rows: u64,
    found: Vec<Found>,
    /// Columns that the first rows name as those of other people.
    of_others: HashSet<u32>,
    /// The last cells of the row at hand, where they are digits.
    parts: Vec<String>,
}

impl<'n> Rows<'n> {
    pub(super) fn begin(desk: &Desk<'n>, place: &str, name: &str) -> Rows<'n> {
        Rows {
            text: Text::begin(desk.needles),
            place: within(place, name),
            line: Vec::new(),
            marks: VecDeque::new(),
            fed: 0,
            rows: 0,
            found: Vec::new(),
            of_others: HashSet::new(),
            parts: Vec::new(),
        }
    }

    /// Adds a cell of the row at hand; columns count from 0, and rows from 1.
    pub(super) fn cell(&mut self, row: u64, column: Option<u32>, value: &str) {
        let mut end = value.len().min(CELL_BYTES_MAX);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        let value = &value[..end];
        if self.line.len() + value.len() > ROW_BYTES_MAX {
            return;
        }
        if self.rows < HEADER_ROWS_MAX && is_of_others(value) {
            self.of_others.extend(column);
        }
        if !self.line.is_empty() {
            self.line.push(b'\t');
        }
        self.marks.push_back(Mark { at: self.fed + self.line.len() as u64, row, column });
        // A row is a line: a break within a cell is no end of it.
        self.line.extend(value.bytes().map(|b| if matches!(b, b'\n' | b'\r' | b'\t') { b' ' } else { b }));
        self.join(row, column, value.trim());
    }

    /// Adds a number that is spread over three cells, as phone numbers are grouped, once more as a whole.
    fn join(&mut self, row: u64, column: Option<u32>, value: &str) {
        if !GROUPS.contains(&value.len()) || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            self.parts.clear();
            return;
        }
        self.parts.push(value.to_string());
        if self.parts.len() > GROUPS.len() {
            self.parts.remove(0);
        }
        if self.parts.len() == GROUPS.len() && self.parts.iter().map(String::len).eq(GROUPS) {
            let whole = self.parts.drain(..).collect::<String>();
            self.marks.push_back(Mark { at: self.fed + self.line.len() as u64 + 1, row, column });
            self.line.push(b'\t');
            self.line.extend(whole.bytes());
        }
    }

    /// Ends the row at hand, if there is anything in it.
    pub(super) fn row(&mut self, desk: &mut Desk<'_>) -> Result<(), Unreadable> {
        self.parts.clear();
        if self.line.is_empty() {
            return Ok(());
        }
        self.line.push(b'\n');
        self.text.feed(&self.line);
        let bytes = self.line.len() as u64;
        self.fed += bytes;
        self.rows += 1;
        self.line.clear();
        self.locate();
        while self.marks.front().is_some_and(|mark| mark.at + REMEMBERED_BYTES < self.fed) {
            self.marks.pop_front();
        }
        desk.count(bytes)
    }

    /// Ends the sheet and keeps what was seen in it.
    pub(super) fn end(mut self, desk: &mut Desk<'_>) -> Result<(), Unreadable> {
        let done = self.row(desk);
        let Rows { text, place, marks, mut found, rows, of_others, .. } = self;
        let (_, seen) = desk.ended(text);
        found.extend(seen.into_iter().filter_map(|sighting| located((&marks, &of_others), &place, sighting)));
        desk.rows += rows;
        desk.found.append(&mut found);
        done
    }

    fn locate(&mut self) {
        let Rows { text, marks, place, found, of_others, .. } = self;
        found.extend(text.seen().filter_map(|sighting| located((marks, of_others), place, sighting)));
    }
}

/// Names the cell that holds what was seen; nothing where a person stands in a column of others.
fn located((marks, of_others): (&VecDeque<Mark>, &HashSet<u32>), place: &str, mut sighting: Sighting) -> Option<Found> {
    // Cells that are empty are not in the line, so the sheet's own columns tell.
    let is_person = sighting.column.take().is_some();
    let behind = marks.partition_point(|mark| mark.at <= sighting.at);
    let place = match behind.checked_sub(1).map(|last| &marks[last]) {
        Some(Mark { column: Some(column), .. }) if is_person && of_others.contains(column) => return None,
        Some(Mark { row, column, .. }) => {
            sighting.line = *row;
            match column {
                Some(column) => format!("{place}!{}{row}", letters(*column)),
                None => format!("{place}!{row}"),
            }
        }
        None => place.to_string(),
    };
    Some(Found { sighting, place: Some(place) })
}

/// Writes a column, counted from 0, as sheets do: A … Z, AA ….
fn letters(column: u32) -> String {
    let (mut left, mut name) = (column, Vec::new());
    loop {
        name.push(char::from(b'A' + (left % 26) as u8));
        match (left / 26).checked_sub(1) {
            Some(more) => left = more,
            None => return name.into_iter().rev().collect(),
        }
    }
}

/// Reads the column and row of a cell's name (`C17`), the column counted from 0.
pub(super) fn cell_name(name: &str) -> Option<(u32, u64)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (column, row) = name.split_at(digits);
    let mut number: u32 = 0;
    for letter in column.bytes() {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() {
            return None;
        }
        number = number.checked_mul(26)?.checked_add(u32::from(letter - b'A') + 1)?;
    }
    Some((number.checked_sub(1)?, row.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_sheets_name_them() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(column), name);
            assert_eq!(cell_name(&format!("{name}17")), Some((column, 17)));
        }
        for bad in ["", "17", "A", "A-1", "é1", "ZZZZZZZZZZ1"] {
            assert_eq!(cell_name(bad), None, "{bad}");
        }
    }
}
