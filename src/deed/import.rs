//! Reads the program's own import files: CSV with a header, UTF-8, extra columns ignored.

use std::path::Path;

use super::files::open_input;
use super::{DeedError, Session, Stage};

/// Digits in a cell that no heading has: those of a date or a phone.
const DATA_DIGITS: usize = 5;

/// One row of an import file, cells by column name.
pub(super) struct ImportRow<'a> {
    headers: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
    /// Line of the file, from 1.
    pub(super) line: u64,
}

impl ImportRow<'_> {
    /// Gives a cell that may be missing or blank.
    pub(super) fn maybe(&self, column: &str) -> Option<String> {
        let at = self.headers.iter().position(|header| header.trim().eq_ignore_ascii_case(column))?;
        self.record.get(at).map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_string)
    }

    /// Gives a cell that must be there, or says which row lacks it.
    pub(super) fn need(&self, path: &Path, column: &'static str) -> Result<String, DeedError> {
        let line = self.line;
        self.maybe(column).ok_or_else(|| DeedError::ImportCell { path: path.to_path_buf(), line, column })
    }
}

/// Gives the headings for an error; none when the first line looks like people, who never stand in one.
fn headings(line: &csv::StringRecord) -> Vec<String> {
    let digits = |cell: &str| cell.chars().filter(|c| c.is_numeric()).count();
    let is_data = line.iter().any(|cell| digits(cell) >= DATA_DIGITS);
    if is_data { Vec::new() } else { line.iter().map(|cell| cell.trim().to_string()).collect() }
}

/// Reads every row of `path`, which must have the columns in `required`.
pub(super) fn read_rows<T>(
    session: &mut Session,
    path: &Path,
    required: &[&'static str],
    mut read: impl FnMut(&ImportRow<'_>) -> Result<T, DeedError>,
) -> Result<Vec<T>, DeedError> {
    let broken = |source| DeedError::ImportFile { path: path.to_path_buf(), source };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(open_input(path)?);
    let headers = reader.headers().map_err(broken)?.clone();
    for column in required {
        if !headers.iter().any(|header| header.trim().eq_ignore_ascii_case(column)) {
            return Err(DeedError::ImportColumn { path: path.to_path_buf(), column, seen: headings(&headers) });
        }
    }
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(broken)? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(read(&ImportRow { headers: &headers, record: &record, line })?);
            if rows.len().is_multiple_of(4096) {
                (session.watcher)(Stage::Importing, rows.len() as u64, None);
            }
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_headings_and_never_a_person() {
        let line = |cells: &[&str]| headings(&csv::StringRecord::from(cells.to_vec()));
        assert_eq!(line(&["phone ", "提供方"]), ["phone", "提供方"]);
        assert_eq!(line(&["张三", "13800138000"]), Vec::<String>::new());
        assert_eq!(line(&["张三", "２０２６-11-21"]), Vec::<String>::new());
    }
}
