//! Workbooks: rows are read from a sheet and planted into it in place.
//!
//! Nothing of a book is kept in memory but its directory, its shared texts and its small parts. What does not have to
//! change is passed on byte for byte; the parts that do change are edited where they must be and nowhere else.

mod ahead;
mod build;
mod cached;
mod chain;
mod compute;
mod compute_text;
mod edit;
mod effects;
mod error;
mod first_use;
mod formula;
mod linear;
mod markup;
mod moves;
mod names;
mod outlet;
mod package;
mod pattern;
mod plain_row;
mod reference;
mod rewrite;
mod sample;
mod seed;
mod serial;
mod shared_formula;
mod sheet;
mod shift;
mod shown;
mod spelt;
mod spool;
mod strings;
mod strip;
mod styles;
mod survey;
mod table;
mod undone;
mod value;
mod visible;
mod workbook;

use std::io::{BufReader, Read, Seek};
use std::ops::ControlFlow;

use super::encoding::Encoding;
use super::row::{LineEnd, Row, Span};
pub use error::BookError;
use markup::{Grammar, Scanner};
use package::Package;
pub use rewrite::Lost;
pub use seed::{Seeded, Target, Tried};
use sheet::{Piece, RawRow};
use strings::Strings;
use styles::Styles;
use value::Values;
use workbook::{SheetKind, Shown, Workbook};

/// Bytes of the package that are read at a time: its directory is read in pieces of a few bytes.
const READ_BYTES: usize = 64 << 10;

/// An open workbook.
pub struct Book<R> {
    package: Package<BufReader<R>>,
    workbook: Workbook,
    values: Option<Values>,
}

impl<R: Read + Seek> Book<R> {
    /// Opens a workbook; refuses what is none, or what cannot be planted into whatever the sheet.
    ///
    /// Parts other than sheets and shared texts are unpacked here once: a document type declaration in any of them,
    /// an encryption or a signature is an error.
    pub fn open(input: R) -> Result<Book<R>, BookError> {
        let mut package = Package::open(BufReader::with_capacity(READ_BYTES, input))?;
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
        let saved_on = workbook::saved_on(&mut self.package)?;
        Ok(Values { strings, styles, from_1904: self.workbook.from_1904, saved_on })
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
            let quoted = cell.kind.is_text();
            // Read as of a text list, in which quotes within quotes are doubled.
            if quoted && self.text[start as usize..].contains("\"\"") {
                let doubled = self.text[start as usize..].replace('"', "\"\"");
                self.text.replace_range(start as usize.., &doubled);
            }
            self.spans.push(Span { start, end: self.text.len() as u32, quoted });
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

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;
    use zip::{ZipArchive, ZipWriter};

    use super::*;

    const WORKBOOK: &str = "<workbook xmlns:r=\"r\"><sheets><sheet name=\"6月\" sheetId=\"4\" r:id=\"rId1\"/>\
        <sheet name=\"汇总\" sheetId=\"7\" r:id=\"rId2\"/><sheet name=\"隐\" sheetId=\"9\" state=\"hidden\" r:id=\"rId3\"/></sheets>\
        <definedNames><definedName name=\"_xlnm.Print_Area\" localSheetId=\"0\">'6月'!$A$1:$F$6</definedName>\
        <definedName name=\"全部\">'6月'!$B$3:$B$5</definedName></definedNames></workbook>";

    const LIST: &str = "<worksheet><dimension ref=\"A1:F6\"/><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c></row>\
        <row r=\"3\" ht=\"20\" customHeight=\"1\"><c r=\"A3\"><v>1</v></c><c r=\"B3\" s=\"1\" t=\"s\"><v>2</v></c>\
        <c r=\"C3\" s=\"1\"><v>13800138000</v></c><c r=\"D3\" s=\"2\"><v>46204</v></c><c r=\"E3\"/><c r=\"F3\"><f t=\"shared\" ref=\"F3:F5\" si=\"0\">A3*2</f><v>2</v></c></row>\
        <row r=\"4\" ht=\"20\" customHeight=\"1\"><c r=\"A4\"><v>2</v></c><c r=\"B4\" s=\"1\" t=\"s\"><v>3</v></c>\
        <c r=\"C4\" s=\"1\" t=\"s\"><v>4</v></c><c r=\"D4\" s=\"2\"><v>46205</v></c><c r=\"E4\" t=\"s\"><v>5</v></c><c r=\"F4\"><f t=\"shared\" si=\"0\"/><v>4</v></c></row>\
        <row r=\"5\" ht=\"20\" customHeight=\"1\"><c r=\"A5\"><v>3</v></c><c r=\"B5\" s=\"1\" t=\"s\"><v>6</v></c>\
        <c r=\"C5\" s=\"1\"><v>13900139000</v></c><c r=\"D5\" s=\"2\"><v>46205.5</v></c><c r=\"E5\" t=\"s\"><v>5</v></c><c r=\"F5\"><f t=\"shared\" si=\"0\"/><v>6</v></c></row>\
        <row r=\"6\"><c r=\"A6\"><f>COUNTA(B3:B5)</f><v>3</v></c><c r=\"B6\"><f>COUNTIF(E3:E5,\"已签\")</f><v>2</v></c><c r=\"C6\"><f>AVERAGE(D3:D5)</f><v>46204.8</v></c></row>\
        </sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:F1\"/></mergeCells><dataValidations count=\"1\"><dataValidation sqref=\"E3:E5\"/></dataValidations></worksheet>";

    const SUMMARY: &str = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><f>'6月'!A6+COUNTA(全部)</f><v>6</v></c>\
        <c r=\"B1\" t=\"str\"><f>'6月'!B5&amp;\"A5\"</f><v>王五A5</v></c></row></sheetData></worksheet>";

    const STRINGS: &str = "<sst count=\"9\" uniqueCount=\"7\"><si><t>登记</t></si><si><t>序号</t></si><si><t>张三</t></si>\
        <si><t>李四</t></si><si><t>13700137000/13600136000</t></si><si><t>已签</t></si><si><t>王五</t></si></sst>";

    const STYLES: &str =
        "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"1\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";

    /// The parts of a small book as Excel would write it.
    pub(in super::super) fn parts() -> Vec<(String, String)> {
        let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let link = |id: usize, word: &str, target: &str| {
            format!("<Relationship Id=\"rId{id}\" Type=\"{kind}/{word}\" Target=\"{target}\"/>")
        };
        let links = |all: &[String]| format!("<Relationships>{}</Relationships>", all.concat());
        let book_links = [
            link(1, "worksheet", "worksheets/sheet2.xml"),
            link(2, "worksheet", "/xl/worksheets/sheet1.xml"),
            link(3, "worksheet", "worksheets/sheet3.xml"),
            link(4, "sharedStrings", "sharedStrings.xml"),
            link(5, "styles", "styles.xml"),
            link(6, "calcChain", "calcChain.xml"),
        ];
        let chain =
            "<calcChain><c r=\"A6\" i=\"4\"/><c r=\"F3\"/><c r=\"F4\"/><c r=\"F5\"/><c r=\"A1\" i=\"7\"/></calcChain>";
        [
            ("[Content_Types].xml", "<Types/>".to_string()),
            ("_rels/.rels", links(&[link(1, "officeDocument", "xl/workbook.xml")])),
            ("xl/workbook.xml", WORKBOOK.to_string()),
            ("xl/_rels/workbook.xml.rels", links(&book_links)),
            ("xl/worksheets/sheet1.xml", SUMMARY.to_string()),
            ("xl/worksheets/sheet2.xml", LIST.to_string()),
            ("xl/worksheets/sheet3.xml", "<worksheet><sheetData/></worksheet>".to_string()),
            ("xl/sharedStrings.xml", STRINGS.to_string()),
            ("xl/styles.xml", STYLES.to_string()),
            ("xl/calcChain.xml", chain.to_string()),
            ("docProps/app.xml", "<Properties><f>'6月'!A6</f></Properties>".to_string()),
        ]
        .map(|(name, text)| (name.to_string(), text))
        .to_vec()
    }

    pub(in super::super) fn packed(parts: &[(String, String)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(name, SimpleFileOptions::default()).expect("a fresh name");
            zip.write_all(text.as_bytes()).expect("memory");
        }
        zip.finish().expect("memory").into_inner()
    }

    pub(in super::super) fn unpacked(bytes: &[u8]) -> Vec<(String, String)> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a package");
        let read = |i: usize| {
            let mut file = zip.by_index(i).expect("it is there");
            let mut text = String::new();
            file.read_to_string(&mut text).expect("text");
            (file.name().expect("a name").into_owned(), text)
        };
        (0..ZipArchive::new(Cursor::new(bytes)).expect("a package").len()).map(read).collect()
    }

    /// The small book with one part changed.
    pub(in super::super) fn with(part: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
        let mut parts = parts();
        let found = parts.iter_mut().find(|(name, _)| name == part).expect("it has this part");
        found.1 = change(&found.1);
        packed(&parts)
    }

    fn refusal(bytes: Vec<u8>) -> BookError {
        match Book::open(Cursor::new(bytes)) {
            Ok(mut book) => {
                book.rows("6月", &mut |_| ControlFlow::Continue(())).expect_err("something is wrong with it")
            }
            Err(error) => error,
        }
    }

    #[test]
    fn rows_read_as_people_see_them() {
        let mut book = Book::open(Cursor::new(packed(&parts()))).expect("a sound book");
        assert_eq!(book.sheets(), ["6月", "汇总"]);
        let mut rows = Vec::new();
        book.rows("6月", &mut |row| {
            rows.push((row.ordinal, row.texts()));
            ControlFlow::Continue(())
        })
        .expect("a sound sheet");
        let texts: Vec<&str> = rows[4].1.iter().map(String::as_str).collect();
        assert_eq!((rows[4].0, texts), (4, vec!["3", "王五", "13900139000", "2026-07-02 12:00:00", "已签", "6"]));
    }

    #[test]
    fn what_is_no_workbook_is_told_apart() {
        let good = packed(&parts());
        let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        let stream = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes);
        let encrypted: Vec<u8> = ole.iter().copied().chain(vec![0; 70_000]).chain(stream).collect();
        assert!(matches!(refusal(Vec::new()), BookError::NotAWorkbook { .. }));
        assert!(matches!(refusal(b"\xFF\xD8\xFF\xE0 a picture".to_vec()), BookError::NotAWorkbook { .. }));
        assert!(matches!(refusal(ole), BookError::OldFormat));
        assert!(matches!(refusal(encrypted), BookError::Encrypted));
        assert!(matches!(refusal(good[..good.len() / 2].to_vec()), BookError::Damaged { .. }));
        assert!(matches!(refusal(packed(&[("a.txt".into(), "a".into())])), BookError::NotAWorkbook { .. }));
        let mimetype = ("mimetype".to_string(), "application/vnd.oasis.opendocument.spreadsheet".to_string());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(&mimetype.0, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
            .expect("a fresh name");
        zip.write_all(mimetype.1.as_bytes()).expect("memory");
        assert!(matches!(refusal(zip.finish().expect("memory").into_inner()), BookError::OpenDocument));
        let mut signed = parts();
        signed.push(("_xmlsignatures/sig1.xml".to_string(), "<Signature/>".to_string()));
        assert!(matches!(refusal(packed(&signed)), BookError::Signed));
    }

    #[test]
    fn hostile_parts_are_refused() {
        let doctype = |text: &str| format!("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{text}");
        for part in ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"] {
            assert!(matches!(refusal(with(part, doctype)), BookError::Doctype { .. }), "{part}");
        }
        let blanks = |text: &str| text.replace("<sheetData>", &format!("<sheetData>{}", " ".repeat(3 << 20)));
        assert!(matches!(refusal(with("xl/worksheets/sheet2.xml", blanks)), BookError::Bomb { .. }));
        let far = |text: &str| text.replace("r=\"A6\"", "r=\"XFE6\"");
        assert!(matches!(refusal(with("xl/worksheets/sheet2.xml", far)), BookError::Unexpected { .. }));
        let cut = |text: &str| text.replace("</worksheet>", "");
        assert!(matches!(refusal(with("xl/worksheets/sheet2.xml", cut)), BookError::Unexpected { .. }));
        let dangling =
            |text: &str| text.replace("<v>6</v></c>\u{20}", "<v>999</v></c>").replace("<v>3</v></c>", "<v>999</v></c>");
        assert!(matches!(refusal(with("xl/worksheets/sheet2.xml", dangling)), BookError::Unexpected { .. }));
    }

    #[test]
    fn a_missing_sheet_is_told_with_the_others() {
        let mut book = Book::open(Cursor::new(packed(&parts()))).expect("a sound book");
        let error = book.rows("7月", &mut |_| ControlFlow::Continue(())).expect_err("it has no such sheet");
        let BookError::NoSuchSheet { sheets, .. } = error else { panic!("{error}") };
        assert_eq!(sheets, ["6月", "汇总", "隐"]);
    }
}
