//! Checks that a seeded copy can be undone, against the very input it was made from.
//!
//! The copy is compared with the input byte for byte. Where seeding changed no record of the input, the rows' own
//! places tell where the copy differs: a record is cut by its own bytes alone, so only the new rows are cut again.

use std::io::{self, BufRead, BufReader, Read, Write};

use super::cut::{Cut, Cutter};
use super::dialect::Dialect;
use super::error::TextError;
use super::line::line;
use super::serial::Serial;
use super::splice::{COPY_BYTES, changes_records, strip};
use crate::list::encoding::{Encoding, Extent};
use crate::list::row::{NewRow, Row, ordinals_in_copy};

/// Tells whether taking `rows`, which seeding put in, out of `copy` gives `input` back.
pub fn is_undone(
    copy: impl BufRead,
    input: impl Read,
    dialect: &Dialect,
    rows: &[NewRow],
    serial: Option<Serial>,
) -> Result<bool, TextError> {
    let mut input = Expected { input: BufReader::with_capacity(COPY_BYTES, input), same: true };
    if !changes_records(dialect, rows, serial) {
        return is_longer_by_rows(copy, input, dialect, rows);
    }
    let mut places = ordinals_in_copy(rows).into_iter().peekable();
    let mut is_new = |row: &Row<'_>| places.next_if_eq(&row.ordinal).is_some();
    let removed = strip(copy, dialect, &mut is_new, serial, &mut input)?;
    Ok(removed == rows.len() as u64 && input.ends().map_err(TextError::Read)?)
}

/// Tells whether `copy` is `input` but for the rows, each one record at its offset.
fn is_longer_by_rows(
    mut copy: impl BufRead,
    mut input: Expected<impl Read>,
    dialect: &Dialect,
    rows: &[NewRow],
) -> Result<bool, TextError> {
    let mut rows: Vec<&NewRow> = rows.iter().collect();
    rows.sort_by_key(|row| row.before);
    let mut at = 0;
    for row in rows {
        let Some(between) = row.offset.checked_sub(at) else { return Ok(false) };
        at = row.offset;
        let new = line(row, dialect)?;
        let mut found = vec![0; new.len()];
        if input.compare(&mut copy, between)? < between || !input.same || !is_one_record(&new, dialect) {
            return Ok(false);
        }
        match copy.read_exact(&mut found) {
            Ok(()) if found == new => {}
            Ok(()) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(TextError::Read(error)),
        }
    }
    input.compare(&mut copy, u64::MAX)?;
    input.ends().map_err(TextError::Read)
}

/// Tells whether a reader takes a new line as one record, whatever follows it.
fn is_one_record(line: &[u8], dialect: &Dialect) -> bool {
    let decoded = dialect.encoding.is_wide().then(|| dialect.encoding.decode(line));
    let (text, encoding) = match &decoded {
        Some(text) => (text.as_bytes(), Encoding::Utf8),
        None => (line, dialect.encoding),
    };
    let cut = Cutter::new(dialect.delimiter, encoding).cut(text, Extent::Cut, &mut Vec::new());
    matches!(cut, Ok(Cut::Record { next, .. }) if next == text.len())
}

/// Takes bytes as a file would and compares them with what is expected.
struct Expected<R> {
    input: BufReader<R>,
    same: bool,
}

impl<R: Read> Expected<R> {
    /// Compares up to `most` bytes of `copy` and gives how many there were; ends early where they differ.
    fn compare(&mut self, copy: &mut impl BufRead, most: u64) -> Result<u64, TextError> {
        let mut left = most;
        while left > 0 && self.same {
            let ready = match copy.fill_buf() {
                Ok(ready) => ready,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(TextError::Read(error)),
            };
            if ready.is_empty() {
                break;
            }
            let len = usize::try_from(left).map_or(ready.len(), |left| left.min(ready.len()));
            self.write_all(&ready[..len]).map_err(TextError::Read)?;
            copy.consume(len);
            left -= len as u64;
        }
        Ok(most - left)
    }

    /// Tells whether all that was written is all that was expected.
    fn ends(&mut self) -> io::Result<bool> {
        Ok(self.same && self.input.fill_buf()?.is_empty())
    }
}

impl<R: Read> Write for Expected<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while self.same && !rest.is_empty() {
            let expected = self.input.fill_buf()?;
            let len = rest.len().min(expected.len());
            self.same = len > 0 && rest[..len] == expected[..len];
            self.input.consume(len);
            rest = &rest[len..];
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Counting;
    use crate::list::encoding::{Certainty, Encoding};
    use crate::list::row::LineEnd;
    use crate::list::text::{Spacing, seed};

    const LIST: &str = "序号,姓名,电话\r\n1,张三,1\r\n2,李四,2\r\n";

    fn dialect() -> Dialect {
        Dialect {
            encoding: Encoding::Utf8,
            certainty: Certainty::Settled,
            bom: false,
            delimiter: b',',
            line_end: LineEnd::CrLf,
            spacing: Spacing::Tight,
        }
    }

    fn rows() -> Vec<NewRow> {
        let offset = LIST.find("2,").unwrap() as u64;
        let row = |name: &str| NewRow {
            before: 2,
            offset,
            cells: ["2", name, "13800138000"].map(String::from).to_vec(),
            quoted: Vec::new(),
            line_end: LineEnd::CrLf,
        };
        vec![row("王五"), row("赵\"六")]
    }

    fn check(copy: &[u8], input: &str, serial: Option<Serial>) -> bool {
        is_undone(copy, input.as_bytes(), &dialect(), &rows(), serial).unwrap_or(false)
    }

    #[test]
    fn only_an_untouched_copy_of_the_very_input_is_undone() {
        for serial in [None, Some(Serial { column: 0, first: 1, width: None, counting: Counting::Up })] {
            let mut copy = Vec::new();
            seed(LIST.as_bytes(), &dialect(), &rows(), serial, &mut copy).unwrap();
            assert!(check(&copy, LIST, serial));
            for at in 0..copy.len() {
                let mut other = copy.clone();
                other[at] ^= 1;
                let in_new_row = at >= LIST.find("2,").unwrap() && serial.is_some();
                assert!(!check(&other, LIST, serial) || in_new_row, "byte {at}");
                assert!(!check(&copy[..at], LIST, serial), "cut at {at}");
            }
            assert!(!check(&[&copy[..], b"x"].concat(), LIST, serial));
            assert!(!check(&copy, &LIST[..LIST.len() - 2], serial));
            assert!(!check(&copy, &LIST.replace("张三", "张四"), serial));
            assert!(!check(LIST.as_bytes(), LIST, serial));
        }
    }
}
