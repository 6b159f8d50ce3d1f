//! Many records of a text list at once, cut by one thread and looked at by another.
//!
//! A batch owns its bytes: the reader gives its buffer away and goes on with the one of an older batch.

use std::io::Read;

use super::source::Source;
use crate::list::encoding::Encoding;
use crate::list::row::{LineEnd, Row, Span};

/// Records that follow each other in a list.
#[derive(Debug)]
pub struct Batch {
    bytes: Vec<u8>,
    pub(super) spans: Vec<Span>,
    heads: Vec<Head>,
    /// Ordinal of the first record.
    ordinal: u64,
    encoding: Encoding,
}

/// Where one record lies in the batch.
#[derive(Debug)]
struct Head {
    offset: u64,
    start: usize,
    end: usize,
    spans_end: usize,
    line_end: LineEnd,
}

impl Batch {
    /// Makes an empty batch.
    pub fn new() -> Batch {
        Batch { bytes: Vec::new(), spans: Vec::new(), heads: Vec::new(), ordinal: 0, encoding: Encoding::Utf8 }
    }

    /// Gives the records, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let mut spans_start = 0;
        self.heads.iter().zip(self.ordinal..).map(move |(head, ordinal)| {
            let spans = &self.spans[spans_start..head.spans_end];
            spans_start = head.spans_end;
            self.record(head, ordinal, spans)
        })
    }

    /// Counts the records.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Tells whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Gives the record at `nth`, from 0; nothing behind the last one.
    pub fn row(&self, nth: usize) -> Option<Row<'_>> {
        let head = self.heads.get(nth)?;
        let spans_start = nth.checked_sub(1).map_or(0, |before| self.heads[before].spans_end);
        Some(self.record(head, self.ordinal + nth as u64, &self.spans[spans_start..head.spans_end]))
    }

    #[inline]
    fn record<'b>(&'b self, head: &Head, ordinal: u64, spans: &'b [Span]) -> Row<'b> {
        Row {
            ordinal,
            offset: head.offset,
            line_end: head.line_end,
            bytes: &self.bytes[head.start..head.end],
            spans,
            encoding: self.encoding,
        }
    }

    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.heads.clear();
    }

    /// Adds a record of `len` bytes at `start`, whose spans are the last ones.
    pub(super) fn push(&mut self, start: usize, len: usize, line_end: LineEnd, offset: u64) {
        self.heads.push(Head { offset, start, end: start + len, spans_end: self.spans.len(), line_end });
    }

    /// Takes the buffer that the records lie in.
    pub(super) fn take_buffer(&mut self, ordinal: u64, encoding: Encoding, source: &mut Source<impl Read>) {
        (self.ordinal, self.encoding) = (ordinal, encoding);
        source.swap_buffer(&mut self.bytes);
    }
}

impl Default for Batch {
    fn default() -> Batch {
        Batch::new()
    }
}
