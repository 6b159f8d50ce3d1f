//! A row taken out of the reader's buffer: whole and decoded for keeping, or raw until the next row comes.

use std::sync::Arc;

use crate::list::encoding::Encoding;
use crate::list::row::{LineEnd, Row, Span};

/// A decoded row, kept small: one text and where its cells end. A clone is the same text in the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    text: Arc<str>,
    cells: Arc<[(u32, bool)]>,
}

impl Texts {
    /// Decodes a row.
    pub fn of(row: &Row<'_>) -> Texts {
        let mut text = String::with_capacity(row.bytes.len());
        let mut cells = Vec::with_capacity(row.len());
        for at in 0..row.len() {
            text.push_str(&row.text(at));
            cells.push((u32::try_from(text.len()).unwrap_or(u32::MAX), row.quoted(at)));
        }
        Texts { text: text.into(), cells: cells.into() }
    }

    /// Counts the cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Tells whether there is no cell at all.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Gives cell `at`; empty when the row is shorter.
    pub fn cell(&self, at: usize) -> &str {
        let Some((end, _)) = self.cells.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.cells[at - 1].0 };
        self.text.get(start as usize..*end as usize).unwrap_or("")
    }

    /// Tells whether cell `at` stands in double quotes, or is stored as a text in a workbook.
    pub fn quoted(&self, at: usize) -> bool {
        self.cells.get(at).is_some_and(|(_, quoted)| *quoted)
    }

    /// Gives about how many bytes the row takes in memory.
    pub fn weight(&self) -> usize {
        self.text.len() + self.cells.len() * size_of::<(u32, bool)>() + size_of::<Texts>()
    }
}

/// A raw copy of a record that outlives the reader's buffer.
#[derive(Debug, Clone)]
pub struct Kept {
    ordinal: u64,
    offset: u64,
    line_end: LineEnd,
    bytes: Vec<u8>,
    spans: Vec<Span>,
    encoding: Encoding,
}

impl Kept {
    /// Copies a record.
    pub fn of(row: &Row<'_>) -> Kept {
        Kept {
            ordinal: row.ordinal,
            offset: row.offset,
            line_end: row.line_end,
            bytes: row.bytes.to_vec(),
            spans: row.spans.to_vec(),
            encoding: row.encoding,
        }
    }

    /// Copies another record over this one, keeping the memory.
    #[inline]
    pub fn set(&mut self, row: &Row<'_>) {
        self.ordinal = row.ordinal;
        self.offset = row.offset;
        self.line_end = row.line_end;
        self.encoding = row.encoding;
        self.bytes.clear();
        self.bytes.extend_from_slice(row.bytes);
        self.spans.clear();
        self.spans.extend_from_slice(row.spans);
    }

    /// Lends the record as a row.
    pub fn row(&self) -> Row<'_> {
        Row {
            ordinal: self.ordinal,
            offset: self.offset,
            line_end: self.line_end,
            bytes: &self.bytes,
            spans: &self.spans,
            encoding: self.encoding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::rows::Rows;

    #[test]
    fn a_kept_row_reads_as_the_row_did() {
        let rows = Rows::new("a,,汉字,d");
        for row in rows.iter() {
            let texts = Texts::of(&row);
            assert_eq!((0..5).map(|at| texts.cell(at)).collect::<Vec<_>>(), ["a", "", "汉字", "d", ""]);
            assert_eq!(Kept::of(&row).row().texts(), row.texts());
        }
    }
}
