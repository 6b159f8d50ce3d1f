//! A sheet as a stream of raw rows.
//!
//! A [`RawRow`] keeps the bytes of one row and where its cells, formulas and values stand in them; nothing is
//! decoded. A row or cell may leave out its `r`: then it follows the one before.

use std::io::BufRead;
use std::ops::{ControlFlow, Range};

use quick_xml::events::Event;

use super::error::BookError;
use super::formula::{COLUMN_MAX, cell_name};
use super::markup::{Scanner, attributes, local, raw};
use super::moves::ROW_MAX;
use super::plain_row;

const CELLS_MAX: u64 = 5_000_000;
const ROW_BYTES_MAX: usize = 8 << 20;
const ROW_END: &str = "</row>";
/// Cells that a reader of rows would see: a cell in column `XFD` counts as 16,384.
const BREADTH_MAX: u64 = 100_000_000;

/// What a sheet is made of.
pub(super) enum Piece<'a> {
    /// Anything that is not within a row.
    Outside(&'a Event<'a>),
    Row(&'a RawRow),
}

/// The bytes of one `<row>` and where things stand in them.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct RawRow {
    /// The row number, from 1.
    pub(super) number: u32,
    pub(super) raw: String,
    /// Where the start tag's content stands (`row r="3" …`).
    pub(super) tag: Range<usize>,
    pub(super) cells: Vec<RawCell>,
}

/// Where one `<c>` stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RawCell {
    /// From 0.
    pub(super) column: u32,
    pub(super) style: u32,
    pub(super) kind: Kind,
    pub(super) whole: Range<usize>,
    pub(super) tag: Range<usize>,
    /// Where the digits of its `r` stand.
    pub(super) row_digits: Option<Range<usize>>,
    pub(super) formula: Option<Element>,
    pub(super) value: Option<Element>,
    pub(super) inline: Option<Element>,
}

/// Where an element stands: all of it, its start tag's content, what is between the tags.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Element {
    pub(super) whole: Range<usize>,
    pub(super) tag: Range<usize>,
    pub(super) inner: Range<usize>,
}

/// How a cell's value is stored (its `t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Kind {
    #[default]
    Number,
    /// An index into the shared texts.
    Shared,
    Inline,
    /// The text of a formula; some programs write plain texts so.
    Text,
    Bool,
    Error,
    /// A date as ISO 8601 text.
    Iso,
}

impl RawRow {
    /// Gives the raw text of a range.
    pub(super) fn at(&self, range: &Range<usize>) -> &str {
        &self.raw[range.clone()]
    }

    /// Finds the cell in a column.
    pub(super) fn cell(&self, column: u32) -> Option<&RawCell> {
        self.cells.binary_search_by_key(&column, |cell| cell.column).ok().map(|i| &self.cells[i])
    }

    /// Tells whether a cell holds nothing: no formula, no value, no text.
    pub(super) fn is_blank(&self, cell: &RawCell) -> bool {
        let empty = |element: &Option<Element>| element.as_ref().is_none_or(|element| element.inner.is_empty());
        cell.formula.is_none() && empty(&cell.value) && empty(&cell.inline)
    }

    /// Gives the index of the shared text that a cell shows.
    pub(super) fn shared(&self, cell: &RawCell) -> Option<usize> {
        let value = cell.value.as_ref().filter(|_| cell.kind == Kind::Shared)?;
        self.at(&value.inner).trim().parse().ok().filter(|&index| index < 1 << 28)
    }

    fn push(&mut self, event: &Event<'_>) -> Range<usize> {
        let start = self.raw.len();
        raw(event, &mut self.raw);
        start..self.raw.len()
    }

    fn begin(&mut self, event: &Event<'_>, last: u32) -> Result<(), &'static str> {
        self.raw.clear();
        self.cells.clear();
        let whole = self.push(event);
        self.tag = whole.start + 1..whole.start + 1 + event.len();
        let written = attributes(event).find(|(name, _)| *name == "r").map(|(_, at)| &event[at]);
        self.number = match written {
            Some(number) => number.parse().map_err(|_| "it lies outside the sheet")?,
            None => last + 1,
        };
        if self.number == 0 || self.number > ROW_MAX {
            return Err("it lies outside the sheet");
        }
        if self.number <= last { Err("rows are not in order") } else { Ok(()) }
    }

    fn begin_cell(&mut self, event: &Event<'_>) -> Result<(), &'static str> {
        let whole = self.push(event);
        let tag = whole.start + 1..whole.start + 1 + event.len();
        let follows = self.cells.last().map_or(0, |cell| cell.column + 1);
        let mut cell = RawCell { column: follows, whole, tag: tag.clone(), ..RawCell::default() };
        for (name, at) in attributes(event) {
            let stands = tag.start + at.start..tag.start + at.end;
            cell.take(name, &event[at], stands, (follows, self.number))?;
        }
        if cell.column > COLUMN_MAX {
            return Err("it lies outside the sheet");
        }
        self.cells.push(cell);
        Ok(())
    }
}

impl Kind {
    /// Tells whether a cell of this kind holds a text, as it was typed.
    pub(super) fn is_text(self) -> bool {
        match self {
            Kind::Shared | Kind::Inline | Kind::Text => true,
            Kind::Number | Kind::Bool | Kind::Error | Kind::Iso => false,
        }
    }

    fn read(value: &str) -> Kind {
        match value {
            "s" => Kind::Shared,
            "inlineStr" => Kind::Inline,
            "str" => Kind::Text,
            "b" => Kind::Bool,
            "e" => Kind::Error,
            "d" => Kind::Iso,
            _ => Kind::Number,
        }
    }
}

/// Walks over a sheet; stops early when `visit` breaks.
pub(super) fn scan<B: BufRead>(
    scanner: &mut Scanner<B>,
    visit: &mut dyn FnMut(Piece<'_>) -> Result<ControlFlow<()>, BookError>,
) -> Result<(), BookError> {
    let mut row = RawRow::default();
    let (mut cells, mut breadth, mut in_rows) = (0, 0, false);
    loop {
        let event = scanner.next()?;
        match &event {
            Event::Start(tag) | Event::Empty(tag) if in_rows && local(tag.name().as_ref()) == "row" => {
                let empty = matches!(event, Event::Empty(_));
                let begun = row.begin(&event, row.number);
                begun.map_err(|why| unexpected(scanner.part(), why))?;
                if !empty {
                    cut_row(scanner, &mut row)?;
                }
                cells += row.cells.len() as u64;
                breadth += row.cells.last().map_or(0, |cell| u64::from(cell.column) + 1);
                if cells > CELLS_MAX || breadth > BREADTH_MAX {
                    return Err(BookError::TooLarge { what: "cells on one sheet", max: CELLS_MAX });
                }
                if visit(Piece::Row(&row))?.is_break() {
                    return Ok(());
                }
                continue;
            }
            Event::Start(tag) if local(tag.name().as_ref()) == "sheetData" => in_rows = true,
            Event::End(tag) if local(tag.name().as_ref()) == "sheetData" => in_rows = false,
            _ => {}
        }
        if visit(Piece::Outside(&event))?.is_break() || matches!(event, Event::Eof) {
            return Ok(());
        }
    }
}

fn unexpected(part: &str, why: &'static str) -> BookError {
    BookError::Unexpected { part: part.to_string(), why }
}

/// Reads a row's cells as plain text where it can, event by event where it must.
fn cut_row<B: BufRead>(scanner: &mut Scanner<B>, row: &mut RawRow) -> Result<(), BookError> {
    let plain = row.at(&row.tag).starts_with("row");
    let content = if plain { scanner.upto(ROW_END, ROW_BYTES_MAX)? } else { None };
    let cut = content.and_then(|content| plain_row::cut(content, row).map(|()| content.len()));
    match cut {
        Some(bytes) => scanner.pass(bytes),
        None => row.cells.clear(),
    }
    rest_of_row(scanner, row)
}

/// Reads a row event by event up to its end.
pub(super) fn rest_of_row<B: BufRead>(scanner: &mut Scanner<B>, row: &mut RawRow) -> Result<(), BookError> {
    let part = scanner.part().to_string();
    let (mut depth, mut in_cell) = (1, false);
    while depth > 0 {
        let event = scanner.next()?;
        if row.raw.len() > ROW_BYTES_MAX {
            return Err(BookError::TooLarge { what: "bytes in one row", max: ROW_BYTES_MAX as u64 });
        }
        match &event {
            Event::Start(tag) if depth == 1 && local(tag.name().as_ref()) == "c" => {
                row.begin_cell(&event).map_err(|why| unexpected(&part, why))?;
                in_cell = true;
                depth += 1;
            }
            Event::Empty(tag) if depth == 1 && local(tag.name().as_ref()) == "c" => {
                row.begin_cell(&event).map_err(|why| unexpected(&part, why))?;
            }
            Event::Start(tag) | Event::Empty(tag) if depth == 2 && in_cell => {
                let whole = row.push(&event);
                let tag_at = whole.start + 1..whole.start + 1 + event.len();
                let element = Element { inner: whole.end..whole.end, tag: tag_at, whole };
                if let Some(cell) = row.cells.last_mut() {
                    match local(tag.name().as_ref()) {
                        "f" => cell.formula = Some(element),
                        "v" => cell.value = Some(element),
                        "is" => cell.inline = Some(element),
                        _ => {}
                    }
                }
                depth += u32::from(matches!(event, Event::Start(_)));
            }
            Event::End(tag) => {
                let at = row.push(&event);
                depth -= 1;
                if let Some(cell) = row.cells.last_mut().filter(|_| in_cell) {
                    cell.end(depth, local(tag.name().as_ref()), &at);
                }
                in_cell &= depth != 1;
            }
            Event::Start(_) => {
                row.push(&event);
                depth += 1;
            }
            Event::Eof => return Err(unexpected(&part, "it breaks off")),
            _ => {
                row.push(&event);
            }
        }
    }
    Ok(())
}

impl RawCell {
    /// Takes note of an attribute, whose value stands at `at`; the cell is at least in the column, and in the row, `place`.
    pub(super) fn take(
        &mut self,
        name: &str,
        value: &str,
        at: Range<usize>,
        place: (u32, u32),
    ) -> Result<(), &'static str> {
        match name {
            "r" => {
                let (column, row) = cell_name(value).ok_or("it lies outside the sheet")?;
                if column < place.0 || row != place.1 {
                    return Err("cells are not in order");
                }
                let letters = value.bytes().take_while(u8::is_ascii_alphabetic).count();
                self.column = column;
                self.row_digits = Some(at.start + letters..at.end);
            }
            "s" => self.style = value.parse().unwrap_or(0),
            "t" => self.kind = Kind::read(value),
            _ => {}
        }
        Ok(())
    }

    /// Takes note of an end tag within the cell, or of the cell's own.
    fn end(&mut self, depth: u32, name: &str, at: &Range<usize>) {
        let element = match name {
            "f" => &mut self.formula,
            "v" => &mut self.value,
            "is" => &mut self.inline,
            _ => &mut None,
        };
        if let Some(element) = element.as_mut().filter(|_| depth == 2) {
            element.inner.end = at.start;
            element.whole.end = at.end;
        }
        if depth == 1 {
            self.whole.end = at.end;
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::markup::Grammar;
    use super::*;

    pub(in super::super) fn rows_of(text: &str) -> Result<Vec<RawRow>, BookError> {
        let mut rows = Vec::new();
        let mut scanner = Scanner::new(text.as_bytes(), "x", Grammar::Xml)?;
        scan(&mut scanner, &mut |piece| {
            if let Piece::Row(row) = piece {
                rows.push(row.clone());
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    #[test]
    fn a_row_knows_where_its_cells_and_values_stand() {
        let text = "<worksheet><sheetData><row r=\"3\" ht=\"15\"><c r=\"A3\" s=\"2\"><f>ROW()-2</f><v /></c>\
                    <c t=\"s\" r=\"C3\"><v>12</v></c><c r=\"D3\" t=\"inlineStr\"><is><t>a&amp;b</t></is></c><c r=\"E3\"/></row>\
                    <row/></sheetData></worksheet>";
        let rows = rows_of(text).expect("sound");
        let row = &rows[0];
        assert_eq!(rows[1].number, 4);
        assert_eq!(row.at(&row.tag), "row r=\"3\" ht=\"15\"");
        assert_eq!(row.cells.iter().map(|cell| cell.column).collect::<Vec<_>>(), [0, 2, 3, 4]);
        let formula = row.cells[0].formula.as_ref().expect("it has one");
        assert_eq!((row.at(&formula.whole), row.at(&formula.inner)), ("<f>ROW()-2</f>", "ROW()-2"));
        assert_eq!(row.at(&row.cells[0].value.as_ref().expect("it has one").whole), "<v />");
        assert_eq!(row.at(&row.cells[1].value.as_ref().expect("it has one").inner), "12");
        assert_eq!(row.at(&row.cells[2].inline.as_ref().expect("it has one").inner), "<t>a&amp;b</t>");
        assert_eq!(row.cells[1].row_digits.as_ref().map(|at| row.at(at)), Some("3"));
        assert!(row.is_blank(&row.cells[3]) && !row.is_blank(&row.cells[0]));
    }

    #[test]
    fn far_and_disordered_cells_are_refused() {
        for bad in [
            "<row r=\"1048577\"/>",
            "<row r=\"0\"/>",
            "<row r=\"2\"/><row r=\"2\"/>",
            "<row r=\"1\"><c r=\"XFE1\"/></row>",
            "<row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row>",
            "<row r=\"1\"><c r=\"A2\"/></row>",
        ] {
            let text = format!("<worksheet><sheetData>{bad}</sheetData></worksheet>");
            assert!(matches!(rows_of(&text), Err(BookError::Unexpected { .. })), "{bad}");
        }
    }
}
