//! Cuts one record off the front of a buffer and into cells.
//!
//! Quotes follow RFC 4180 leniently: spaces around a quoted cell are allowed, and a quote within an
//! unquoted cell is data. A guard `="…"` is unquoted, but a delimiter between its quotes does not cut.

use memchr::{memchr, memchr3};

use super::CELL_BYTES_MAX;
use crate::list::encoding::{Encoding, Extent};
use crate::list::row::{LineEnd, Span};

/// Bytes that are looked at together.
const BLOCK_BYTES: usize = 32;

/// The rule by which records are cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cutter {
    delimiter: u8,
    trail: Trail,
}

/// Whether the delimiter's byte can be the second byte of a Chinese character (`|` in GBK).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trail {
    Never,
    Possible,
}

/// What was found at the front of the buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A record of `len` bytes; the next one begins `next` bytes from the front.
    Record { len: usize, next: usize, line_end: LineEnd },
    /// The record may go on behind the buffer.
    Short,
}

/// What is wrong with a cell, which is the one after those already cut.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CellFault {
    TooLong,
    Unclosed,
}

/// A cell and where it ends: at a delimiter, a line end or the end of the buffer.
struct Cell {
    span: Span,
    end: usize,
}

impl Cutter {
    pub(super) fn new(delimiter: u8, encoding: Encoding) -> Cutter {
        let trail = match encoding {
            Encoding::Gbk | Encoding::Gb18030 if (0x40..0x7F).contains(&delimiter) => Trail::Possible,
            Encoding::Gbk | Encoding::Gb18030 => Trail::Never,
            Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be | Encoding::Latin1 => Trail::Never,
        };
        Cutter { delimiter, trail }
    }

    /// Cuts the first record of `bytes`, which are not empty, and puts its cells behind those in `spans`.
    pub(super) fn cut(&self, bytes: &[u8], extent: Extent, spans: &mut Vec<Span>) -> Result<Cut, CellFault> {
        let before = spans.len();
        let mut start = 0;
        let mut base = 0;
        let len = 'record: loop {
            let Some(mut marks) = bytes.get(base..).and_then(|rest| self.marks(rest)) else {
                match extent {
                    Extent::Cut => return Ok(Cut::Short),
                    Extent::Whole => break bytes.len(),
                }
            };
            while marks != 0 {
                let at = base + marks.trailing_zeros() as usize;
                marks &= marks - 1;
                match bytes[at] {
                    b'\n' | b'\r' => break 'record at,
                    b'"' => {
                        spans.truncate(before);
                        return self.cut_quoted(bytes, extent, spans);
                    }
                    byte if byte == self.delimiter && !self.completes(&bytes[start..at]) => {
                        spans.push(span(start, at));
                        start = at + 1;
                    }
                    _ => {}
                }
            }
            base += BLOCK_BYTES;
        };
        spans.push(span(start, len));
        if len > CELL_BYTES_MAX
            && let Some(i) = spans[before..].iter().position(|span| (span.end - span.start) as usize > CELL_BYTES_MAX)
        {
            spans.truncate(before + i);
            return Err(CellFault::TooLong);
        }
        Ok(end_of_line(bytes, len, extent))
    }

    /// Marks, a bit a byte, the delimiters, quotes and control characters; nothing when `bytes` are at their end.
    #[inline]
    fn marks(&self, bytes: &[u8]) -> Option<u32> {
        match bytes.first_chunk() {
            Some(block) => Some(self.marks_of(block)),
            None if bytes.is_empty() => None,
            None => {
                let mut block = [0xFF; BLOCK_BYTES];
                block[..bytes.len()].copy_from_slice(bytes);
                Some(self.marks_of(&block))
            }
        }
    }

    /// Is written so that the compiler looks at sixteen bytes at once.
    #[inline]
    fn marks_of(&self, block: &[u8; BLOCK_BYTES]) -> u32 {
        /// Gathers the lowest bits of eight bytes in the highest byte of the product.
        const GATHER: u64 = 0x0102_0408_1020_4080;
        let mut found = [0; BLOCK_BYTES];
        for (found, byte) in found.iter_mut().zip(*block) {
            *found = u8::from(byte == self.delimiter) | u8::from(byte == b'"') | u8::from(byte < 0x0E);
        }
        let (words, _) = found.as_chunks::<8>();
        let bits = words.iter().map(|word| (u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56) as u32);
        bits.rev().fold(0, |marks, bits| marks << 8 | bits)
    }

    fn cut_quoted(&self, bytes: &[u8], extent: Extent, spans: &mut Vec<Span>) -> Result<Cut, CellFault> {
        let mut start = 0;
        loop {
            let Some(cell) = self.cell(bytes, start, extent)? else { return Ok(Cut::Short) };
            spans.push(cell.span);
            if bytes.get(cell.end) != Some(&self.delimiter) {
                return Ok(end_of_line(bytes, cell.end, extent));
            }
            start = cell.end + 1;
        }
    }

    /// Cuts the cell at `start`; nothing when it may go on behind the buffer.
    fn cell(&self, bytes: &[u8], start: usize, extent: Extent) -> Result<Option<Cell>, CellFault> {
        let first = start + spaces(&bytes[start..]);
        match &bytes[first..] {
            [b'"', ..] => self.quoted(bytes, start, first + 1, extent),
            [b'=', b'"', ..] => {
                let behind = guard_end(bytes, first + 2).unwrap_or(first);
                self.plain(bytes, start, behind, extent)
            }
            _ => self.plain(bytes, start, first, extent),
        }
    }

    /// Tells whether the delimiter's byte behind `before`, the cell so far, is part of a character.
    fn completes(&self, before: &[u8]) -> bool {
        self.trail == Trail::Possible && is_trail(before)
    }

    /// Cuts an unquoted cell that ends at or behind `from`.
    fn plain(&self, bytes: &[u8], start: usize, from: usize, extent: Extent) -> Result<Option<Cell>, CellFault> {
        let mut from = from;
        let end = loop {
            match memchr3(self.delimiter, b'\n', b'\r', &bytes[from..]) {
                Some(i) if bytes[from + i] == self.delimiter && self.completes(&bytes[start..from + i]) => {
                    from += i + 1
                }
                Some(i) => break from + i,
                None if extent == Extent::Whole => break bytes.len(),
                None if bytes.len() - start > CELL_BYTES_MAX => return Err(CellFault::TooLong),
                None => return Ok(None),
            }
        };
        if end - start > CELL_BYTES_MAX {
            return Err(CellFault::TooLong);
        }
        Ok(Some(Cell { span: span(start, end), end }))
    }

    /// Cuts a quoted cell whose content begins at `open`.
    fn quoted(&self, bytes: &[u8], start: usize, open: usize, extent: Extent) -> Result<Option<Cell>, CellFault> {
        let mut from = open;
        let close = loop {
            let Some(i) = memchr(b'"', &bytes[from..]) else {
                let given_up = extent == Extent::Whole || bytes.len() - open > CELL_BYTES_MAX;
                return if given_up { Err(CellFault::Unclosed) } else { Ok(None) };
            };
            let at = from + i;
            if at - open > CELL_BYTES_MAX {
                return Err(CellFault::Unclosed);
            }
            match bytes.get(at + 1) {
                Some(b'"') => from = at + 2,
                None if extent == Extent::Cut => return Ok(None),
                Some(_) | None => break at,
            }
        };
        let end = close + 1 + spaces(&bytes[close + 1..]);
        match bytes.get(end) {
            None if extent == Extent::Cut => Ok(None),
            Some(&byte) if byte != self.delimiter && byte != b'\n' && byte != b'\r' => {
                self.plain(bytes, start, close + 1, extent)
            }
            Some(_) | None => Ok(Some(Cell { span: Span { quoted: true, ..span(open, close) }, end })),
        }
    }
}

/// Makes the span of an unquoted cell; records are far shorter than 4 GiB.
fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32, quoted: false }
}

fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| **byte == b' ').count()
}

/// Finds the end of a guard whose content begins at `from`; nothing when its line ends first.
fn guard_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let at = from + memchr3(b'"', b'\n', b'\r', &bytes[from..])?;
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', Some(b'"')) => from = at + 2,
            (b'"', _) => return Some(at + 1),
            _ => return None,
        }
    }
}

/// Tells whether `before` ends with the first byte of a two-byte character.
fn is_trail(before: &[u8]) -> bool {
    let high = before.iter().rev().take_while(|byte| **byte >= 0x80).count();
    let mut run = &before[before.len() - high..];
    while let [first, rest @ ..] = run {
        run = match (first, rest) {
            (0x81..=0xFE, []) => return true,
            (0x81..=0xFE, [_, rest @ ..]) => rest,
            _ => rest,
        };
    }
    false
}

fn end_of_line(bytes: &[u8], len: usize, extent: Extent) -> Cut {
    match &bytes[len..] {
        [b'\n', ..] => Cut::Record { len, next: len + 1, line_end: LineEnd::Lf },
        [b'\r', b'\n', ..] => Cut::Record { len, next: len + 2, line_end: LineEnd::CrLf },
        [b'\r'] if extent == Extent::Cut => Cut::Short,
        [b'\r', ..] => Cut::Record { len, next: len + 1, line_end: LineEnd::Cr },
        _ => Cut::Record { len, next: len, line_end: LineEnd::None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts a whole text and shows each record's cells, quoted ones in angle brackets.
    fn cells(bytes: &[u8], delimiter: u8, encoding: Encoding) -> Vec<Vec<String>> {
        let cutter = Cutter::new(delimiter, encoding);
        let (mut rest, mut spans, mut records) = (bytes, Vec::new(), Vec::new());
        while !rest.is_empty() {
            spans.clear();
            let Cut::Record { next, .. } = cutter.cut(rest, Extent::Whole, &mut spans).unwrap() else { panic!() };
            let shown = spans.iter().map(|span| {
                let text = encoding.decode(&rest[span.start as usize..span.end as usize]);
                if span.quoted { format!("<{text}>") } else { text.into_owned() }
            });
            records.push(shown.collect());
            rest = &rest[next..];
        }
        records
    }

    fn comma(text: &str) -> Vec<Vec<String>> {
        cells(text.as_bytes(), b',', Encoding::Utf8)
    }

    #[test]
    fn lines_end_in_every_way_and_the_last_one_need_not() {
        assert_eq!(comma("a,b\nc\r\nd\re"), [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"]]);
        assert_eq!(comma("\n\r\n,\n"), [vec![""], vec![""], vec!["", ""]]);
        assert_eq!(comma("a,"), [vec!["a", ""]]);
    }

    #[test]
    fn quoted_cells_hold_delimiters_line_breaks_and_quotes() {
        assert_eq!(comma("\"a,b\",\"c\r\nd\",\"\"\n"), [vec!["<a,b>", "<c\r\nd>", "<>"]]);
        assert_eq!(comma("\"say \"\"hi\"\"\",x"), [vec!["<say \"\"hi\"\">", "x"]]);
        assert_eq!(comma("x, \"a,b\" ,y\n"), [vec!["x", "<a,b>", "y"]]);
    }

    #[test]
    fn a_stray_quote_is_data() {
        assert_eq!(comma("5\" pipe,x\ny\"\n"), [vec!["5\" pipe", "x"], vec!["y\""]]);
        assert_eq!(comma("\"a\"b,c\n"), [vec!["\"a\"b", "c"]]);
        assert_eq!(comma("\"a\" b\"c,d\n"), [vec!["\"a\" b\"c", "d"]]);
    }

    #[test]
    fn a_guard_keeps_its_delimiter_but_not_the_next_line() {
        assert_eq!(comma("=\"138\",x\n"), [vec!["=\"138\"", "x"]]);
        assert_eq!(comma("=\"1,3\",x\n"), [vec!["=\"1,3\"", "x"]]);
        assert_eq!(comma("=\"1,x\ny\",z\n"), [vec!["=\"1", "x"], vec!["y\"", "z"]]);
        assert_eq!(comma("=\"a\"\"b,c\"&1,x"), [vec!["=\"a\"\"b,c\"&1", "x"]]);
    }

    #[test]
    fn a_bar_within_a_chinese_character_does_not_cut() {
        // 0x81 0x7C and 0xD5 0x7C are single characters in GBK.
        let bytes = b"\x81\x7C|\xD5\xC5\xD5\x7C|\"\x81\x7C|\"|x\xB0\xA1|y\n";
        let found = cells(bytes, b'|', Encoding::Gbk);
        assert_eq!(found[0].len(), 5, "{found:?}");
        assert_eq!(cells(b"\xE9|a", b'|', Encoding::Latin1), [["é", "a"]]);
    }

    #[test]
    fn what_may_go_on_behind_the_buffer_is_not_cut_yet() {
        let cutter = Cutter::new(b',', Encoding::Utf8);
        for text in ["a", "a,b\r", "\"a", "\"a\"", "\"a\" ", "\"a\",", "=", "=\"1,2", "x,\"\n"] {
            assert_eq!(cutter.cut(text.as_bytes(), Extent::Cut, &mut Vec::new()), Ok(Cut::Short), "{text:?}");
        }
    }

    #[test]
    fn an_overlong_cell_is_a_fault_at_its_column() {
        let cutter = Cutter::new(b',', Encoding::Utf8);
        let long = "x".repeat(CELL_BYTES_MAX + 1);
        for (text, fault) in [
            (format!("a,{long}\n"), CellFault::TooLong),
            (format!("\"a\",{long}\n"), CellFault::TooLong),
            (format!("a,\"{long}\"\n"), CellFault::Unclosed),
            ("a,\"b\n".to_string(), CellFault::Unclosed),
        ] {
            let mut spans = Vec::new();
            assert_eq!(cutter.cut(text.as_bytes(), Extent::Whole, &mut spans), Err(fault));
            assert_eq!(spans.len(), 1);
        }
        let longest = format!("{},b\n", "x".repeat(CELL_BYTES_MAX));
        assert!(cutter.cut(longest.as_bytes(), Extent::Whole, &mut Vec::new()).is_ok());
    }
}
