//! New lists, for rows that stand in no list yet: to be keyed in, or loaded into another system.

use std::io::{self, Write};

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::Meaning;
use super::moment::{self, DayOrder, Reading};
use crate::lang::{Pair, Speak};

/// How a new list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreshFormat {
    Csv,
    Xlsx,
    /// INSERT statements into a table `newborns`, quoted by the SQL standard; to be reviewed before they are run.
    Sql,
    /// A FHIR R4 collection bundle: one Patient (the newborn) and one RelatedPerson (the mother) a row.
    Fhir,
}

/// Why a list cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FreshError {
    #[error("`{word}` is not a format of new lists")]
    NoSuchFormat { word: String },
    #[error("the workbook cannot be written")]
    Book(#[from] rust_xlsxwriter::XlsxError),
    #[error("the rows cannot be written")]
    Write(#[from] io::Error),
}

impl Speak for FreshError {
    fn zh(&self) -> String {
        match self {
            FreshError::NoSuchFormat { word } => format!("`{word}` 不是新名单的格式"),
            FreshError::Book(_) => "无法写出工作簿".to_string(),
            FreshError::Write(_) => "无法写出各行".to_string(),
        }
    }

    fn hint(&self) -> Option<Pair> {
        match self {
            FreshError::NoSuchFormat { .. } => {
                let words = FreshFormat::ALL.map(FreshFormat::word).join(", ");
                Some(Pair::new(format!("formats are {words}"), format!("格式有 {words}")))
            }
            FreshError::Book(_) | FreshError::Write(_) => None,
        }
    }
}

impl FreshFormat {
    /// All formats, in the order help texts show them.
    pub const ALL: [FreshFormat; 4] = [FreshFormat::Csv, FreshFormat::Xlsx, FreshFormat::Sql, FreshFormat::Fhir];

    /// Gives the word used on the command line.
    pub fn word(self) -> &'static str {
        match self {
            FreshFormat::Csv => "csv",
            FreshFormat::Xlsx => "xlsx",
            FreshFormat::Sql => "sql",
            FreshFormat::Fhir => "fhir",
        }
    }
}

impl std::str::FromStr for FreshFormat {
    type Err = FreshError;

    fn from_str(word: &str) -> Result<FreshFormat, FreshError> {
        let found = FreshFormat::ALL.into_iter().find(|format| format.word() == word);
        found.ok_or_else(|| FreshError::NoSuchFormat { word: word.to_string() })
    }
}

/// A new list on its way out, row by row; text in UTF-8 with LF.
///
/// Text goes on at once; a workbook is kept until the end.
pub struct FreshWriter<'a, W: Write> {
    columns: &'a [(String, Meaning)],
    out: Out<W>,
    rows: u32,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Xlsx(Box<rust_xlsxwriter::Workbook>, W),
    Sql(W),
    Fhir(W),
}

impl<'a, W: Write> FreshWriter<'a, W> {
    /// Begins a list with these headings and meanings of columns.
    pub fn new(columns: &'a [(String, Meaning)], format: FreshFormat, out: W) -> Result<Self, FreshError> {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let out = match format {
            FreshFormat::Csv => {
                let mut writer = Box::new(csv::Writer::from_writer(out));
                writer.write_record(&names).map_err(io::Error::from)?;
                Out::Csv(writer)
            }
            FreshFormat::Xlsx => {
                let mut book = Box::new(rust_xlsxwriter::Workbook::new());
                book_row(book.add_worksheet(), 0, &names)?;
                Out::Xlsx(book, out)
            }
            FreshFormat::Sql => Out::Sql(out),
            FreshFormat::Fhir => Out::Fhir(out),
        };
        Ok(FreshWriter { columns, out, rows: 0 })
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[impl AsRef<str>]) -> Result<(), FreshError> {
        self.rows += 1;
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        match &mut self.out {
            Out::Csv(writer) => writer.write_record(&cells).map_err(io::Error::from)?,
            Out::Xlsx(book, _) => book_row(book.worksheet_from_index(0)?, self.rows, &cells)?,
            Out::Sql(out) => sql_row(self.columns, &cells, out)?,
            Out::Fhir(out) => {
                for (at, entry) in people(self.columns, &cells, self.rows).iter().enumerate() {
                    let before = if self.rows == 1 && at == 0 { BUNDLE_HEAD } else { ",\n" };
                    let entry = format!("{entry:#}").replace('\n', "\n    ");
                    write!(out, "{before}    {entry}")?;
                }
            }
        }
        Ok(())
    }

    /// Ends the list; gives back what it was written to, flushed.
    pub fn finish(self) -> Result<W, FreshError> {
        let mut out = match self.out {
            Out::Csv(writer) => writer.into_inner().map_err(|error| error.into_error())?,
            Out::Sql(out) => out,
            Out::Xlsx(mut book, mut out) => {
                out.write_all(&book.save_to_buffer()?)?;
                out
            }
            Out::Fhir(mut out) => {
                out.write_all(if self.rows == 0 { EMPTY_BUNDLE } else { BUNDLE_FOOT }.as_bytes())?;
                out
            }
        };
        out.flush()?;
        Ok(out)
    }
}

/// What stands around the entries of a bundle, as `serde_json` sets it.
const BUNDLE_HEAD: &str = "{\n  \"entry\": [\n";
const BUNDLE_FOOT: &str = "\n  ],\n  \"resourceType\": \"Bundle\",\n  \"type\": \"collection\"\n}\n";
const EMPTY_BUNDLE: &str = "{\n  \"entry\": [],\n  \"resourceType\": \"Bundle\",\n  \"type\": \"collection\"\n}\n";

fn book_row(sheet: &mut rust_xlsxwriter::Worksheet, line: u32, cells: &[&str]) -> Result<(), FreshError> {
    for (column, cell) in (0..).zip(cells) {
        sheet.write_string(line, column, *cell)?;
    }
    Ok(())
}

fn sql_row(columns: &[(String, Meaning)], cells: &[&str], out: &mut impl Write) -> io::Result<()> {
    let quoted = |text: &str, mark: char| format!("{mark}{}{mark}", text.replace(mark, &format!("{mark}{mark}")));
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name, '"')).collect();
    let value = |cell: &&str| if cell.is_empty() { "NULL".to_string() } else { quoted(cell, '\'') };
    let values: Vec<String> = cells.iter().map(value).collect();
    writeln!(out, "insert into newborns ({}) values ({});", names.join(", "), values.join(", "))
}

/// Gives the newborn and the mother of the `nth` row, from 1.
fn people(columns: &[(String, Meaning)], row: &[&str], nth: u32) -> [Value; 2] {
    let cell = |meaning: Meaning| {
        let at = columns.iter().position(|(_, known)| *known == meaning)?;
        row.get(at).copied().filter(|cell| !cell.is_empty())
    };
    let id = format!("newborn-{nth}");
    let mut newborn = json!({"resourceType": "Patient", "id": id});
    if let Some(name) = cell(Meaning::BabyName) {
        newborn["name"] = json!([{"text": name}]);
    }
    if let Some(sex) = cell(Meaning::BabySex) {
        newborn["gender"] = json!(gender(sex));
    }
    if let Some(day) = cell(Meaning::BirthDate).and_then(day_of) {
        newborn["birthDate"] = json!(day.to_string());
    }
    if let Some(address) = cell(Meaning::Address) {
        newborn["address"] = json!([{"text": address}]);
    }
    let role = json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH"}]}]);
    let mut mother = json!({
        "resourceType": "RelatedPerson",
        "id": format!("mother-{nth}"),
        "patient": {"reference": format!("Patient/{id}")},
        "relationship": role,
    });
    if let Some(name) = cell(Meaning::MotherName) {
        mother["name"] = json!([{"text": name}]);
    }
    if let Some(phone) = cell(Meaning::Phone) {
        mother["telecom"] = json!([{"system": "phone", "value": phone, "use": "mobile"}]);
    }
    [json!({"resource": newborn}), json!({"resource": mother})]
}

/// Reads a sex as lists write it; FHIR has a word for what cannot be read.
fn gender(sex: &str) -> &'static str {
    match sex.trim().to_lowercase().chars().next() {
        Some('男' | 'm' | 'b' | '1') => "male",
        Some('女' | 'f' | 'g' | '2') => "female",
        Some(_) | None => "unknown",
    }
}

/// Reads the day of a date that has a year.
fn day_of(text: &str) -> Option<NaiveDate> {
    let without_year = Reading { order: DayOrder::default(), year: 1 };
    moment::parse(text.trim(), without_year)?.0.day().filter(|day| day.year() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: FreshFormat) -> Vec<u8> {
        let columns = [("mother".to_string(), Meaning::MotherName), ("phone".to_string(), Meaning::Phone)];
        let mut writer = FreshWriter::new(&columns, format, Vec::new()).expect("a list");
        for row in [["O'Neil, \"Jo\"", "13800138000"], ["", "1"]] {
            writer.row(&row).expect("a row");
        }
        writer.finish().expect("a list")
    }

    #[test]
    fn quotes_stay_data_in_every_text_format() {
        let text = |format| String::from_utf8(written(format)).expect("text");
        assert_eq!(text(FreshFormat::Csv), "mother,phone\n\"O'Neil, \"\"Jo\"\"\",13800138000\n,1\n");
        let sql = text(FreshFormat::Sql);
        assert!(
            sql.starts_with(r#"insert into newborns ("mother", "phone") values ('O''Neil, "Jo"', '13800138000');"#)
        );
        assert!(sql.contains("values (NULL, '1');"));
    }

    #[test]
    fn a_bundle_ties_the_mother_to_the_newborn() {
        let bundle: Value = serde_json::from_slice(&written(FreshFormat::Fhir)).expect("JSON");
        assert_eq!(bundle["entry"][1]["resource"]["patient"]["reference"], "Patient/newborn-1");
        assert_eq!(bundle["entry"][1]["resource"]["telecom"][0]["value"], "13800138000");
        assert_eq!(bundle["entry"].as_array().map(Vec::len), Some(4));
        let whole = format!("{bundle:#}\n");
        assert_eq!(String::from_utf8(written(FreshFormat::Fhir)).expect("text"), whole, "as if set at once");
        let empty = FreshWriter::new(&[], FreshFormat::Fhir, Vec::new()).and_then(FreshWriter::finish).expect("a list");
        assert_eq!(
            String::from_utf8(empty).expect("text"),
            format!("{:#}\n", json!({"resourceType": "Bundle", "type": "collection", "entry": []}))
        );
    }

    #[test]
    fn a_new_workbook_reads_back() {
        let mut book =
            super::super::book::Book::open(std::io::Cursor::new(written(FreshFormat::Xlsx))).expect("a book");
        let sheet = book.sheets().remove(0);
        let mut rows = Vec::new();
        let visited = book.rows(&sheet, &mut |row| {
            rows.push(row.texts());
            std::ops::ControlFlow::Continue(())
        });
        visited.expect("rows");
        assert_eq!(rows[1], ["O'Neil, \"Jo\"", "13800138000"]);
    }
}
