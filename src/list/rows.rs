//! Made-up records for tests: a small text cut at commas, without quotes.

use super::encoding::Encoding;
use super::layout::HeadRow;
use super::row::{LineEnd, Row, Span};

/// A list in memory.
pub struct Rows {
    lines: Vec<(u64, Vec<u8>, Vec<Span>)>,
}

impl Rows {
    /// Cuts a text into records and cells.
    pub fn new(text: &str) -> Rows {
        let mut offset = 0;
        let mut lines = Vec::new();
        for line in text.lines() {
            let mut spans = Vec::new();
            let mut start = 0;
            for cell in line.split(',') {
                let end = start + u32::try_from(cell.len()).expect("a short test cell");
                spans.push(Span { start, end, quoted: false });
                start = end + 1;
            }
            lines.push((offset, line.as_bytes().to_vec(), spans));
            offset += line.len() as u64 + 1;
        }
        Rows { lines }
    }

    /// Walks over the records.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.lines.iter().enumerate().map(|(ordinal, (offset, bytes, spans))| Row {
            ordinal: ordinal as u64,
            offset: *offset,
            line_end: LineEnd::Lf,
            bytes,
            spans,
            encoding: Encoding::Utf8,
        })
    }
}

/// Gives the first 1,000 records of a text.
pub fn head(text: &str) -> Vec<HeadRow> {
    let rows = Rows::new(text);
    rows.iter().take(1_000).map(|row| HeadRow { ordinal: row.ordinal, cells: row.texts() }).collect()
}
