//! Workbooks: rows are read from a sheet and planted into it in place.
//!
//! Nothing of a book is kept in memory but its directory, its shared texts and its small parts. What does not have to
//! change is passed on byte for byte; the parts that do change are edited where they must be and nowhere else.

mod build;
mod cached;
mod chain;
mod edit;
mod error;
mod formula;
mod linear;
mod markup;
mod moves;
mod package;
mod pattern;
mod reference;
mod rewrite;
mod sample;
mod seed;
mod serial;
mod shared_formula;
mod sheet;
mod shift;
mod spool;
mod strings;
mod strip;
mod styles;
mod survey;
mod table;
mod value;
mod workbook;

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use super::encoding::Encoding;
use super::row::{LineEnd, Row, Span};
pub use error::BookError;
use markup::{Grammar, Scanner};
use package::Package;
pub use rewrite::Lost;
pub use seed::{Seeded, Target};
use sheet::{Piece, RawRow};
use strings::Strings;
use styles::Styles;
use value::Values;
use workbook::{SheetKind, Shown, Workbook};

/// An open workbook.
pub struct Book<R> {
    package: Package<R>,
    workbook: Workbook,
    values: Option<Values>,
}

impl<R: Read + Seek> Book<R> {
    /// Opens a workbook; refuses what is none, or what cannot be planted into whatever the sheet.
    ///
    /// Parts other than sheets and shared texts are unpacked here once: a document type declaration in any of them,
    /// an encryption or a signature is an error.
    pub fn open(input: R) -> Result<Book<R>, BookError> {
        let mut package = Package::open(input)?;
        let workbook = Workbook::read(&mut package)?;
        let signed = |name: &String| name.to_lowercase().starts_with("_xmlsignatures/");
        if package.names().iter().any(signed) {
            return Err(BookError::Signed);
        }
        package.refuse_doctypes(&workbook)?;
        Ok(Book { package, workbook, values: None })
    }

    /// Lists the visible sheets in the order of their tabs.
    pub fn sheets(&self) -> Vec<String> {
        let listed = |sheet: &&workbook::Sheet| sheet.kind == SheetKind::Cells && sheet.shown == Shown::Visible;
        self.workbook.sheets.iter().filter(listed).map(|sheet| sheet.name.clone()).collect()
    }

    /// Walks over the stored rows of a sheet until `visit` breaks.
    ///
    /// A row's `ordinal` is its number on the sheet less 1; its cells are texts as in `value.rs`.
    pub fn rows(&mut self, sheet: &str, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>) -> Result<(), BookError> {
        let part = self.workbook.sheet(sheet)?.part.clone();
        let place = self.place(&part)?;
        let values = self.read_values()?;
        let mut scanner = Scanner::new(self.package.reader(place)?, &part, Grammar::Xml)?;
        let mut line = Line::default();
        let scanned = sheet::scan(&mut scanner, &mut |piece| match piece {
            Piece::Row(raw) => Ok(visit(&line.read(raw, &values)?)),
            Piece::Outside(_) => Ok(ControlFlow::Continue(())),
        });
        self.values = Some(values);
        scanned
    }

    fn place(&self, part: &str) -> Result<usize, BookError> {
        let missing = || BookError::Unexpected { part: part.to_string(), why: "a part is missing" };
        self.package.place(part).ok_or_else(missing)
    }

    /// Takes the shared texts and styles, reading them the first time.
    fn read_values(&mut self) -> Result<Values, BookError> {
        if let Some(values) = self.values.take() {
            return Ok(values);
        }
        let strings = match &self.workbook.strings {
            Some(part) => Strings::read(&mut self.package, part)?,
            None => Strings::default(),
        };
        let styles = match &self.workbook.styles {
            Some(part) => Styles::read(&mut self.package, part)?,
            None => Styles::default(),
        };
        Ok(Values { strings, styles, from_1904: self.workbook.from_1904 })
    }
}

/// The buffer rows are read into.
#[derive(Debug, Default)]
struct Line {
    text: String,
    spans: Vec<Span>,
}

impl Line {
    fn read(&mut self, raw: &RawRow, values: &Values) -> Result<Row<'_>, BookError> {
        self.text.clear();
        self.spans.clear();
        for cell in &raw.cells {
            let start = self.text.len() as u32;
            self.spans.resize(cell.column as usize, Span { start, end: start, quoted: false });
            values.append(raw, cell, &mut self.text)?;
            self.spans.push(Span { start, end: self.text.len() as u32, quoted: false });
        }
        Ok(Row {
            ordinal: u64::from(raw.number) - 1,
            offset: 0,
            line_end: LineEnd::None,
            bytes: self.text.as_bytes(),
            spans: &self.spans,
            encoding: Encoding::Utf8,
        })
    }
}
