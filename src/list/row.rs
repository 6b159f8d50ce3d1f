//! One record of a list as it was read, and one that is to be put in.
//!
//! A [`Row`] borrows the reader's buffer and is valid until the next one is read. Cells are cut but
//! not decoded: most of a large list is looked at only as bytes.

use std::borrow::Cow;

use super::encoding::Encoding;

/// Where a cell's bytes lie within its record, without surrounding quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
    /// Whether it stands in double quotes; in a workbook, whether it is stored as a text.
    pub quoted: bool,
}

/// How a record of a text list ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineEnd {
    Lf,
    CrLf,
    Cr,
    /// The last record of a file without a final newline, and every row of a workbook.
    None,
}

/// One record of a list.
///
/// `ordinal` counts records of the file from 0, titles and header included (in a workbook: the sheet's row
/// number less 1, so blank rows that are not stored leave gaps). `offset` is the byte where the record
/// begins in the file (0 in a workbook).
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub ordinal: u64,
    pub offset: u64,
    pub line_end: LineEnd,
    pub(super) bytes: &'a [u8],
    pub(super) spans: &'a [Span],
    pub(super) encoding: Encoding,
}

impl<'a> Row<'a> {
    /// Gives the same record as one that stands elsewhere in the file.
    pub(super) fn standing(self, ordinal: u64, offset: u64) -> Row<'a> {
        Row { ordinal, offset, ..self }
    }

    /// Counts the cells.
    #[inline]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Tells whether the record has no cell at all.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Gives the undecoded bytes of cell `i`; nothing when the record is shorter.
    #[inline]
    pub fn bytes(&self, i: usize) -> &'a [u8] {
        self.spans.get(i).map_or(&[], |span| &self.bytes[span.start as usize..span.end as usize])
    }

    /// Tells whether cell `i` stands in double quotes, or is stored as a text in a workbook.
    #[inline]
    pub fn quoted(&self, i: usize) -> bool {
        self.spans.get(i).is_some_and(|span| span.quoted)
    }

    /// Decodes cell `i`, doubled quotes made single; empty when the record is shorter.
    ///
    /// Guards such as `="138…"` are left in place. Bytes that the encoding does not know become U+FFFD.
    pub fn text(&self, i: usize) -> Cow<'a, str> {
        let text = self.encoding.decode(self.bytes(i));
        if self.quoted(i) && text.contains("\"\"") { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
    }

    /// Gives the undecoded bytes of the whole record, without its line end; means nothing in a workbook.
    pub fn record(&self) -> &'a [u8] {
        self.bytes
    }

    /// Writes the cells of a workbook's row on one line: a TAB between two, none behind the last that says something.
    ///
    /// TAB, LF, CR and `\` in a cell become `\t`, `\n`, `\r` and `\\`.
    pub fn one_line(&self, out: &mut Vec<u8>) {
        out.clear();
        for cell in 0..self.len() {
            if cell > 0 {
                out.push(b'\t');
            }
            for byte in self.bytes(cell) {
                match byte {
                    b'\t' => out.extend(b"\\t"),
                    b'\n' => out.extend(b"\\n"),
                    b'\r' => out.extend(b"\\r"),
                    b'\\' => out.extend(b"\\\\"),
                    byte => out.push(*byte),
                }
            }
        }
        let said = out.iter().rposition(|byte| *byte != b'\t').map_or(0, |last| last + 1);
        out.truncate(said);
    }

    /// Decodes all cells.
    pub fn texts(&self) -> Vec<String> {
        (0..self.len()).map(|i| self.text(i).into_owned()).collect()
    }
}

/// A row to be put into a list.
///
/// `before` is the ordinal of the record it goes in front of and `offset` that record's [`Row::offset`];
/// `quoted` and `line_end` follow a neighbour; in a workbook `line_end` says nothing, and `quoted` whether a number is stored as
/// a text (as [`Row::quoted`]), where it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow {
    pub before: u64,
    pub offset: u64,
    pub cells: Vec<String>,
    pub quoted: Vec<bool>,
    pub line_end: LineEnd,
}

/// Gives the ordinals that new rows have once they stand in the list, in order.
pub fn ordinals_in_copy(rows: &[NewRow]) -> Vec<u64> {
    let mut before: Vec<u64> = rows.iter().map(|row| row.before).collect();
    before.sort_unstable();
    before.into_iter().enumerate().map(|(above, before)| before + above as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cells_of_a_workbook_stand_on_one_line_and_can_be_told_apart() {
        let text = "王芳a\tb\nc\r\\n";
        let cut = [0, 6, 6, text.len(), text.len()];
        let spans: Vec<Span> =
            cut.windows(2).map(|at| Span { start: at[0] as u32, end: at[1] as u32, quoted: false }).collect();
        let row = Row {
            ordinal: 0,
            offset: 0,
            line_end: LineEnd::None,
            bytes: text.as_bytes(),
            spans: &spans,
            encoding: Encoding::Utf8,
        };
        let mut line = b"what stood there before".to_vec();
        row.one_line(&mut line);
        assert_eq!(String::from_utf8(line).unwrap(), "王芳\t\ta\\tb\\nc\\r\\\\n");
    }
}
