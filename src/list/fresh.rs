//! New lists, for rows that stand in no list yet: to be keyed in, or loaded into another system.

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

/// A new list: the heading and meaning of each column, and the rows.
#[derive(Debug)]
pub struct FreshList<'a> {
    pub columns: &'a [(String, Meaning)],
    pub rows: &'a [Vec<String>],
}

/// Why a list cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FreshError {
    #[error("`{word}` is not a format of new lists")]
    NoSuchFormat { word: String },
    #[error("the workbook cannot be written")]
    Book(#[from] rust_xlsxwriter::XlsxError),
    #[error("the rows cannot be written")]
    Csv(#[from] csv::Error),
}

impl Speak for FreshError {
    fn zh(&self) -> String {
        match self {
            FreshError::NoSuchFormat { word } => format!("`{word}` 不是新名单的格式"),
            FreshError::Book(_) => "无法写出工作簿".to_string(),
            FreshError::Csv(_) => "无法写出各行".to_string(),
        }
    }

    fn hint(&self) -> Option<Pair> {
        match self {
            FreshError::NoSuchFormat { .. } => {
                let words = FreshFormat::ALL.map(FreshFormat::word).join(", ");
                Some(Pair::new(format!("formats are {words}"), format!("格式有 {words}")))
            }
            FreshError::Book(_) | FreshError::Csv(_) => None,
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

/// Writes a new list; text in UTF-8 with LF.
pub fn write(list: &FreshList<'_>, format: FreshFormat) -> Result<Vec<u8>, FreshError> {
    match format {
        FreshFormat::Csv => csv_bytes(list),
        FreshFormat::Xlsx => book_bytes(list),
        FreshFormat::Sql => Ok(sql_text(list).into_bytes()),
        FreshFormat::Fhir => Ok(format!("{:#}\n", bundle(list)).into_bytes()),
    }
}

fn csv_bytes(list: &FreshList<'_>) -> Result<Vec<u8>, FreshError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(list.columns.iter().map(|(name, _)| name))?;
    for row in list.rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| FreshError::Csv(error.into_error().into()))
}

fn book_bytes(list: &FreshList<'_>) -> Result<Vec<u8>, FreshError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (name, _)) in (0..).zip(list.columns) {
        sheet.write_string(0, column, name)?;
    }
    for (line, row) in (1..).zip(list.rows) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(line, column, cell)?;
        }
    }
    Ok(book.save_to_buffer()?)
}

fn sql_text(list: &FreshList<'_>) -> String {
    let quoted = |text: &str, mark: char| format!("{mark}{}{mark}", text.replace(mark, &format!("{mark}{mark}")));
    let names: Vec<String> = list.columns.iter().map(|(name, _)| quoted(name, '"')).collect();
    let value = |cell: &String| if cell.is_empty() { "NULL".to_string() } else { quoted(cell, '\'') };
    let line = |row: &Vec<String>| {
        let values: Vec<String> = row.iter().map(value).collect();
        format!("insert into newborns ({}) values ({});\n", names.join(", "), values.join(", "))
    };
    list.rows.iter().map(line).collect()
}

fn bundle(list: &FreshList<'_>) -> Value {
    let entries: Vec<Value> =
        list.rows.iter().enumerate().flat_map(|(index, row)| people(list, row, index + 1)).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

fn people(list: &FreshList<'_>, row: &[String], nth: usize) -> [Value; 2] {
    let cell = |meaning: Meaning| {
        let at = list.columns.iter().position(|(_, known)| *known == meaning)?;
        row.get(at).map(String::as_str).filter(|cell| !cell.is_empty())
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
        let rows =
            [vec!["O'Neil, \"Jo\"".to_string(), "13800138000".to_string()], vec![String::new(), "1".to_string()]];
        write(&FreshList { columns: &columns, rows: &rows }, format).expect("a list")
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
