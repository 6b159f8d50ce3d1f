//! Call records in a table: cells by the name of their column.
//!
//! A row with fewer cells than the header has columns has empty ones; a row with more is an error,
//! because a comma without quotation marks would otherwise cut what was said.

use std::io::{Chain, Read};

use csv::{ReaderBuilder, StringRecord};

use super::error::{CallError, Wrong};
use super::pairs_hash;
use super::text::{Spent, Text};

/// Characters that part cells, most usual first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// A last row of our own: where it ends up inside a cell, a quotation mark was never closed.
///
/// The text itself cannot hold this character, and the parser says nothing of an open quote.
const END: &str = "\n\u{1}\n";

/// A table that is read row by row.
pub struct Table<'a> {
    reader: csv::Reader<Chain<Text<'a>, &'static [u8]>>,
    spent: Spent,
    names: Vec<String>,
    record: StringRecord,
}

/// One row; `line` counts from 1.
pub struct Cells<'t> {
    pub line: u64,
    names: &'t [String],
    record: &'t StringRecord,
}

impl<'a> Table<'a> {
    /// Opens a table; its delimiter is the one its first lines use most.
    pub fn open(mut text: Text<'a>) -> Result<Table<'a>, CallError> {
        let beginning = text.beginning().map_err(CallError::reading)?;
        let count = |delimiter: u8| beginning.bytes().take(4096).filter(|byte| *byte == delimiter).count();
        let delimiter = DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',');
        let spent = text.spent();
        let ended = text.chain(END.as_bytes());
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(ended);
        Ok(Table { reader, spent, names: Vec::new(), record: StringRecord::new() })
    }

    /// Gives columns their names, by position.
    pub fn name_columns<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        self.names = names.into_iter().map(str::to_string).collect();
    }

    /// Reads the next row that has anything in it.
    pub fn next_row(&mut self) -> Result<Option<Cells<'_>>, CallError> {
        loop {
            let more = self.reader.read_record(&mut self.record).map_err(of_csv)?;
            self.spent.record_ends();
            let line = self.record.position().map_or(0, csv::Position::line);
            if !more || self.record.get(0) == Some(END.trim()) {
                return Ok(None);
            }
            if self.record.iter().any(|cell| cell.contains(END.trim())) {
                return Err(CallError::CutOff { line });
            }
            if self.record.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(Cells { line, names: &self.names, record: &self.record }));
            }
        }
    }
}

impl Cells<'_> {
    /// Walks over the cells, trimmed.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.record.iter().map(str::trim)
    }

    /// Gives a cell by position, if anything is in it.
    pub fn at(&self, column: usize) -> Option<&str> {
        self.record.get(column).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Gives a cell by the name of its column, if anything is in it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.at(self.names.iter().position(|column| column == name)?)
    }

    /// Gives a cell that must not be empty.
    pub fn need(&self, name: &str) -> Result<&str, CallError> {
        self.get(name).ok_or_else(|| CallError::field(self.line, name, Wrong::Missing))
    }

    /// Refuses a row that is longer than the header.
    pub fn check_width(&self) -> Result<(), CallError> {
        let extra = self.record.iter().skip(self.names.len()).any(|cell| !cell.trim().is_empty());
        if extra { Err(CallError::TooManyCells { line: self.line }) } else { Ok(()) }
    }

    /// Hashes the row as name=value pairs.
    pub fn hash(&self) -> [u8; 32] {
        pairs_hash(self.names.iter().map(String::as_str).zip(self.texts()))
    }

    /// Hashes the row with each cell as `read` has read it, by its column's name.
    pub fn hash_as_read(&self, read: &dyn Fn(&str, &str) -> String) -> [u8; 32] {
        let cells: Vec<String> = self.names.iter().zip(self.texts()).map(|(name, text)| read(name, text)).collect();
        pairs_hash(self.names.iter().map(String::as_str).zip(cells.iter().map(String::as_str)))
    }
}

fn of_csv(error: csv::Error) -> CallError {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => CallError::reading(source),
        csv::ErrorKind::Utf8 { pos, .. } => CallError::NotText { line: pos.map_or(0, |pos| pos.line()) },
        other => CallError::reading(std::io::Error::other(format!("{other:?}"))),
    }
}
