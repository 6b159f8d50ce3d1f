//! Writes a new row the way its neighbours are written.
//!
//! A cell is quoted where its column is, and where it must be; but a guard `="…"` stays bare, because
//! quoting it would tell it from the real rows.

use memchr::memchr3;

use super::dialect::{Dialect, Spacing};
use crate::list::encoding::EncodingError;
use crate::list::row::{LineEnd, NewRow};

/// Makes the bytes of a new record, line end included, in the list's encoding.
///
/// A row without a line end gets the list's usual one, since another record always follows it.
pub(super) fn line(row: &NewRow, dialect: &Dialect) -> Result<Vec<u8>, EncodingError> {
    let delimiter = char::from(dialect.delimiter);
    let mut text = String::new();
    for (i, cell) in row.cells.iter().enumerate() {
        if i > 0 {
            text.push(delimiter);
        }
        let asked = row.quoted.get(i).copied().unwrap_or_default();
        if asked || must_be_quoted(cell, dialect.delimiter) {
            match dialect.spacing {
                Spacing::Spaced if i > 0 => text.push(' '),
                Spacing::Spaced | Spacing::Tight => {}
            }
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    if text.is_empty() {
        text.push_str("\"\"");
    }
    text.push_str(match (row.line_end, dialect.line_end) {
        (LineEnd::CrLf, _) | (LineEnd::None, LineEnd::CrLf) => "\r\n",
        (LineEnd::Cr, _) | (LineEnd::None, LineEnd::Cr) => "\r",
        (LineEnd::Lf, _) | (LineEnd::None, LineEnd::Lf | LineEnd::None) => "\n",
    });
    dialect.encoding.encode(&text)
}

fn must_be_quoted(cell: &str, delimiter: u8) -> bool {
    if is_guard(cell) {
        return false;
    }
    memchr3(b'"', b'\n', b'\r', cell.as_bytes()).is_some() || cell.as_bytes().contains(&delimiter)
}

/// Tells whether a cell is a guard `="…"` that the reader takes as one unquoted cell.
fn is_guard(cell: &str) -> bool {
    cell.strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .is_some_and(|content| memchr3(b'"', b'\n', b'\r', content.as_bytes()).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::encoding::{Certainty, Encoding};

    fn written(cells: &[&str], quoted: &[bool], dialect: &Dialect) -> String {
        let cells = cells.iter().map(|cell| cell.to_string()).collect();
        let row = NewRow { before: 0, offset: 0, cells, quoted: quoted.to_vec(), line_end: LineEnd::None };
        String::from_utf8(line(&row, dialect).unwrap()).unwrap()
    }

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

    #[test]
    fn a_cell_is_quoted_where_asked_and_where_it_must_be() {
        let cells = ["1", "张三", "a,b", "say \"hi\"", "two\nlines"];
        let expected = "1,\"张三\",\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n";
        assert_eq!(written(&cells, &[false, true], &dialect()), expected);
    }

    #[test]
    fn a_guard_stays_bare_unless_its_column_is_quoted() {
        assert_eq!(written(&["=\"13800138000\"", "x"], &[], &dialect()), "=\"13800138000\",x\r\n");
        assert_eq!(written(&["=\"1\""], &[true], &dialect()), "\"=\"\"1\"\"\"\r\n");
        assert_eq!(written(&["=\"1\"2\""], &[], &dialect()), "\"=\"\"1\"\"2\"\"\"\r\n");
    }

    #[test]
    fn the_list_s_space_before_a_quote_is_kept() {
        let spaced = Dialect { spacing: Spacing::Spaced, ..dialect() };
        assert_eq!(written(&["1", "2", "3"], &[true, true, false], &spaced), "\"1\", \"2\",3\r\n");
    }

    #[test]
    fn a_blank_row_cannot_run_into_its_neighbour() {
        assert_eq!(written(&[""], &[], &Dialect { line_end: LineEnd::Lf, ..dialect() }), "\"\"\n");
    }
}
