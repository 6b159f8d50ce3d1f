//! Renumbers a serial column around rows that are put in or taken out.
//!
//! In each block, numbers below a new row go up by the new rows above them; a block begins where a
//! number is 1 (or 0) again. Where the list counts down, numbers above a new row go up by the new rows below them. Taking the rows out gives exactly the old numbers back, and for that
//! only numbers in the one form that would be written are numbers at all: `007` in a column without
//! padding is text.

use crate::list::counting::Counting;
use crate::list::encoding::Encoding;
use crate::list::row::{NewRow, Row};

use super::error::TextError;

/// Most digits of a serial number.
pub(super) const DIGITS_MAX: usize = 15;

/// Most digits of any number.
pub(super) const U64_DIGITS: usize = 20;

/// What may stand between a serial number and the end of its cell.
const SUFFIXES: [&str; 7] = [".", "、", ")", "\u{ff09}", "\u{ff0e}", "号", ".0"];

/// A column of serial numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Serial {
    /// Counted from 0.
    pub column: usize,
    /// Ordinal of the first record below the header.
    pub first: u64,
    /// Digits that numbers are padded to with zeros.
    pub width: Option<usize>,
    pub counting: Counting,
}

impl Serial {
    /// Makes it ready for so many rows that go in or come out.
    pub fn for_rows(self, rows: usize) -> Serial {
        Serial { counting: self.counting.of_rows(rows as u64), ..self }
    }
}

/// A number in a cell: its value and where its digits lie in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numeral {
    pub value: u64,
    pub start: usize,
    pub end: usize,
}

/// Where the numbering of a list stands while its records go by.
///
/// Rows put in before a block's first number end the block above, unless a row without a number (a
/// blank or a subtitle) lies between: then they begin the new block.
#[derive(Debug)]
pub(super) struct Numbering {
    pub serial: Serial,
    /// New rows in this block so far; where the list counts down, those that are still to come.
    added: u64,
    /// Those of them since the last row without a number.
    added_since_gap: u64,
    gap: Gap,
    /// The last old number, and the last number written.
    old: Option<u64>,
    written: Option<u64>,
    prefix: Vec<u8>,
    suffix: Vec<u8>,
}

/// Whether a row without a number came since the last number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Open,
    Closed,
}

impl Numbering {
    pub(super) fn new(serial: Serial) -> Numbering {
        let added = match serial.counting {
            Counting::Up => 0,
            Counting::Down { rows } => rows,
        };
        Numbering {
            serial,
            added,
            added_since_gap: 0,
            gap: Gap::Closed,
            old: None,
            written: None,
            prefix: Vec::new(),
            suffix: Vec::new(),
        }
    }

    /// Reads a record's serial number; nothing where the cell holds something else.
    pub(super) fn numeral(&self, row: &Row<'_>) -> Result<Option<Numeral>, TextError> {
        let Some(span) = row.spans.get(self.serial.column) else { return Ok(None) };
        let cell = &row.bytes[span.start as usize..span.end as usize];
        let before = cell.iter().take_while(|byte| matches!(byte, b'=' | b'"' | b'\'' | b' ' | b'\t')).count();
        let digits = cell[before..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, behind) = cell[before..].split_at(digits);
        if digits == 0 || !self.is_written_so(number) || !is_suffix(behind, row.encoding) {
            return Ok(None);
        }
        if digits > DIGITS_MAX {
            return Err(TextError::SerialTooLong { record: row.ordinal + 1 });
        }
        let value = number.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        let start = span.start as usize + before;
        Ok(Some(Numeral { value, start, end: start + digits }))
    }

    /// Tells whether digits are written as this column writes numbers.
    fn is_written_so(&self, digits: &[u8]) -> bool {
        let width = self.serial.width.unwrap_or(1);
        digits.len() == width || digits.len() > width && digits[0] != b'0'
    }

    /// Remembers what stands around the digits, for the next new row.
    pub(super) fn learn(&mut self, row: &Row<'_>, numeral: Numeral) {
        let Some(span) = row.spans.get(self.serial.column) else { return };
        self.prefix.clear();
        self.prefix.extend_from_slice(&row.bytes[span.start as usize..numeral.start]);
        self.suffix.clear();
        self.suffix.extend_from_slice(&row.bytes[numeral.end..span.end as usize]);
    }

    /// Numbers a new row that comes before a record with the number `next`, if it has one.
    pub(super) fn add(&mut self, new: &NewRow, next: Option<Numeral>, encoding: Encoding) -> NewRow {
        let next = next.map(|numeral| numeral.value);
        let number = match (self.serial.counting, next, self.old) {
            (Counting::Down { .. }, Some(next), _) => Some(next + self.added),
            (Counting::Down { .. }, None, _) => self.written.and_then(|written| written.checked_sub(1)),
            (Counting::Up, Some(next), None) => Some(next + self.added),
            (Counting::Up, Some(next), Some(old)) if self.gap == Gap::Open && restarts(next, old) => {
                Some(next + self.added_since_gap)
            }
            (Counting::Up, Some(_) | None, _) => self.written.map(|written| written + 1),
        };
        self.written = number.or(self.written);
        self.count();
        let mut new = new.clone();
        if let (Some(number), Some(cell)) = (number, new.cells.get_mut(self.serial.column)) {
            let around = |bytes: &[u8]| encoding.decode(bytes).replace("\"\"", "\"");
            let mut room = [0; U64_DIGITS];
            let digits = encoding.decode(self.digits(number, &mut room));
            *cell = format!("{}{digits}{}", around(&self.prefix), around(&self.suffix));
        }
        new
    }

    /// Counts a row that is put in or taken out here.
    pub(super) fn count(&mut self) {
        match self.serial.counting {
            Counting::Up => {
                self.added += 1;
                self.added_since_gap += 1;
            }
            Counting::Down { .. } => self.added = self.added.saturating_sub(1),
        }
    }

    /// Passes a row without a number.
    pub(super) fn pass(&mut self) {
        self.gap = Gap::Open;
        self.added_since_gap = 0;
    }

    /// Gives the new number of a record whose old one is `old`.
    pub(super) fn raise(&mut self, old: u64) -> u64 {
        if self.serial.counting == Counting::Up && self.old.is_some_and(|before| restarts(old, before)) {
            self.added = self.added_at_start();
        }
        self.close(old);
        self.written = Some(old + self.added);
        old + self.added
    }

    /// Gives the old number of a record that [`Numbering::raise`] gave `new`.
    pub(super) fn lower(&mut self, new: u64) -> u64 {
        let at_start = self.added_at_start();
        let is_restart = |before| new.checked_sub(at_start).is_some_and(|old| restarts(old, before));
        if self.serial.counting == Counting::Up && self.old.is_some_and(is_restart) {
            self.added = at_start;
        }
        // A number below the count was never raised; it is left as it is.
        let old = new.checked_sub(self.added).unwrap_or(new);
        self.close(old);
        old
    }

    /// Counts the new rows that belong to a block that begins now.
    fn added_at_start(&self) -> u64 {
        match self.gap {
            Gap::Open => self.added_since_gap,
            Gap::Closed => 0,
        }
    }

    fn close(&mut self, old: u64) {
        self.old = Some(old);
        self.gap = Gap::Closed;
        self.added_since_gap = 0;
    }

    /// Writes a number as this column does, into the end of `room`.
    ///
    /// Done by hand because it is done for every record below the first new row.
    pub(super) fn digits<'a>(&self, number: u64, room: &'a mut [u8; U64_DIGITS]) -> &'a [u8] {
        let width = self.serial.width.unwrap_or(1).clamp(1, U64_DIGITS);
        let mut start = U64_DIGITS;
        let mut rest = number;
        while rest > 0 || U64_DIGITS - start < width {
            start -= 1;
            room[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        &room[start..]
    }
}

/// Tells whether `number` behind `before` begins a block.
fn restarts(number: u64, before: u64) -> bool {
    number == 0 || number == 1 && before != 0
}

fn is_suffix(bytes: &[u8], encoding: Encoding) -> bool {
    if bytes.is_empty() {
        return true;
    }
    let text = encoding.decode(bytes);
    let text = text.trim_matches(['"', ' ', '\t', '\'']);
    text.is_empty() || SUFFIXES.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::encoding::Certainty;
    use crate::list::row::LineEnd;
    use crate::list::text::{Dialect, Records, Spacing, seed};

    fn dialect(encoding: Encoding) -> Dialect {
        Dialect {
            encoding,
            certainty: Certainty::Settled,
            bom: false,
            delimiter: b',',
            line_end: LineEnd::Lf,
            spacing: Spacing::Tight,
        }
    }

    /// Puts rows `,new` before the given ordinals and shows the first column.
    fn column(text: &str, before: &[u64], serial: Serial) -> Vec<String> {
        let rows: Vec<NewRow> = before.iter().map(|before| new_row(*before)).collect();
        let mut out = Vec::new();
        seed(text.as_bytes(), &dialect(Encoding::Utf8), &rows, Some(serial), &mut out).unwrap();
        let mut records = Records::new(&out[..], &dialect(Encoding::Utf8));
        let mut column = Vec::new();
        while let Some(row) = records.next_row().unwrap() {
            let mark = if row.text(1) == "new" { "+" } else { "" };
            column.push(format!("{mark}{}", row.text(0)));
        }
        column
    }

    fn new_row(before: u64) -> NewRow {
        let cells = vec![String::new(), "new".to_string()];
        NewRow { before, offset: 0, cells, quoted: Vec::new(), line_end: LineEnd::Lf }
    }

    fn serial(first: u64) -> Serial {
        Serial { column: 0, first, width: None, counting: Counting::Up }
    }

    #[test]
    fn numbers_above_new_rows_go_up_where_the_list_counts_down() {
        let down = |rows| Serial { counting: Counting::Down { rows }, ..serial(1) };
        let text = "序号,x\n3,a\n2,b\n1,c\n合计,3\n";
        assert_eq!(column(text, &[2, 3, 3], down(3)), ["序号", "6", "+5", "4", "+3", "+2", "1", "合计"]);
        assert_eq!(column(text, &[1], down(1)), ["序号", "+4", "3", "2", "1", "合计"]);
        let gaps = "序号,x\n12,a\n,b\n10,c\n8,d\n";
        assert_eq!(column(gaps, &[2, 4], down(2)), ["序号", "14", "+13", "", "11", "+9", "8"]);
        let wide = Serial { width: Some(2), ..down(1) };
        assert_eq!(column("99,a\n98,b\n", &[1], Serial { first: 0, ..wide }), ["100", "+99", "98"]);
    }

    #[test]
    fn numbers_below_new_rows_go_up() {
        let text = "序号,x\n1,a\n2,b\n3,c\n合计,3\n";
        assert_eq!(column(text, &[2, 3, 3], serial(1)), ["序号", "1", "+2", "3", "+4", "+5", "6", "合计"]);
        assert_eq!(column(text, &[1, 4], serial(1)), ["序号", "+1", "2", "3", "4", "+5", "合计"]);
    }

    #[test]
    fn a_block_that_starts_again_is_counted_apart() {
        let text = "序号,x\n1,a\n2,b\n1,c\n2,d\n";
        assert_eq!(column(text, &[2, 4], serial(1)), ["序号", "1", "+2", "3", "1", "+2", "3"]);
        assert_eq!(column(text, &[3], serial(1)), ["序号", "1", "2", "+3", "1", "2"]);
        let titled = "甲院,\n1,a\n2,b\n乙院,\n1,c\n";
        assert_eq!(column(titled, &[3, 4], serial(0)), ["甲院", "1", "2", "+3", "乙院", "+1", "2"]);
        assert_eq!(column(titled, &[2, 4, 4], serial(0)), ["甲院", "1", "+2", "3", "乙院", "+1", "+2", "3"]);
    }

    #[test]
    fn counting_may_begin_at_zero_and_gaps_stay() {
        assert_eq!(column("0,a\n1,b\n2,c\n", &[1], serial(0)), ["0", "+1", "2", "3"]);
        assert_eq!(column("0,a\n1,b\n", &[0], serial(0)), ["+0", "1", "2"]);
        assert_eq!(column("10,a\n,b\n13,c\n", &[0, 2], serial(0)), ["+10", "11", "", "+12", "15"]);
    }

    #[test]
    fn the_way_a_number_is_written_is_kept() {
        let padded = Serial { width: Some(3), ..serial(0) };
        assert_eq!(column("009,a\n010,b\n999,c\n", &[1], padded), ["009", "+010", "011", "1000"]);
        assert_eq!(column("1、,a\n2、,b\n", &[1], serial(0)), ["1、", "+2、", "3、"]);
        assert_eq!(column("=\"1\",a\n=\"2\",b\n", &[1], serial(0)), ["=\"1\"", "+=\"2\"", "=\"3\""]);
        assert_eq!(column("\"=\"\"1\"\"\",a\n", &[0], serial(0)), ["+=\"1\"", "=\"2\""]);
        assert_eq!(column("1.0,a\n2.0,b\n", &[1], serial(0)), ["1.0", "+2.0", "3.0"]);
    }

    #[test]
    fn what_is_no_number_in_this_column_stays() {
        let text = "1,a\n007,b\n1.5,c\n3岁,d\n2,e\n";
        assert_eq!(column(text, &[1], serial(0)), ["1", "+2", "007", "1.5", "3岁", "3"]);
    }

    #[test]
    fn a_number_too_long_to_count_up_is_refused() {
        for digits in ["1234567890123456", "999999999999999"] {
            let seeded = seed(
                format!("1,a\n{digits},b\n").as_bytes(),
                &dialect(Encoding::Utf8),
                &[new_row(1)],
                Some(serial(0)),
                Vec::new(),
            );
            assert!(matches!(seeded, Err(TextError::SerialTooLong { record: 2 })), "{seeded:?}");
        }
    }
}
