//! The serial-number column: does it count, up or down, and where does it start anew?

use super::order::Direction;
use crate::list::row::Row;

/// Share of rows that may break the count.
const FAULTS_MAX: f64 = 0.02;

/// Share of rows that must be one more than the row above: where all say 1 nothing is counted.
const RISING_MIN: f64 = 0.3;

/// What may stand behind a serial number.
const SUFFIXES: [&[u8]; 3] = [b".0", b".", b")"];

/// Follows a serial-number column over the list.
#[derive(Debug, Clone)]
pub struct Serial {
    pub column: usize,
    /// Counts the times the numbers began again; rows of one run are numbered through.
    run: u32,
    previous: Option<u64>,
    faults: u64,
    /// How many rows are one more than the row above.
    counted: u64,
    /// The same for a count from the last row to the first, which never starts anew.
    faults_falling: u64,
    rises: u64,
    numbers: u64,
    rows: u64,
}

impl Serial {
    /// Starts before the first row.
    pub fn new(column: usize) -> Serial {
        Serial {
            column,
            run: 0,
            previous: None,
            faults: 0,
            counted: 0,
            faults_falling: 0,
            rises: 0,
            numbers: 0,
            rows: 0,
        }
    }

    /// Follows one row and gives its number and its run.
    #[inline]
    pub fn follow(&mut self, row: &Row<'_>) -> (Option<u64>, u32) {
        self.rows += 1;
        let number = number_in(row.bytes(self.column));
        self.numbers += u64::from(number.is_some());
        match (self.previous, number) {
            (Some(before), Some(now)) if now == before + 1 => self.counted += 1,
            (Some(_), Some(1)) => self.run += 1,
            (None, Some(_)) if self.rows == 1 => {}
            (None, _) | (_, None) | (Some(_), Some(_)) => self.faults += 1,
        }
        match (self.previous, number) {
            (Some(before), Some(now)) if now + 1 == before => {}
            (Some(before), Some(now)) if now < before => self.faults_falling += 1,
            (Some(_), Some(_)) => self.rises += 1,
            (None, Some(_)) if self.rows == 1 => {}
            (None, _) | (_, None) => self.faults_falling += 1,
        }
        self.previous = number;
        (number, self.run)
    }

    /// Says which way the column counts rows, if it does or is empty as far as can be read (a formula without a value).
    pub fn goes(&self) -> Option<Direction> {
        let few = |faults: u64| faults as f64 <= FAULTS_MAX * self.rows as f64;
        let counts = self.counted as f64 >= RISING_MIN * self.numbers.saturating_sub(1) as f64;
        if self.numbers == 0 || counts && few(self.faults) {
            return Some(Direction::Rising);
        }
        (self.rises == 0 && few(self.faults_falling)).then_some(Direction::Falling)
    }
}

#[inline]
fn number_in(bytes: &[u8]) -> Option<u64> {
    let digits = bytes.trim_ascii();
    let digits = SUFFIXES.iter().find_map(|suffix| digits.strip_suffix(*suffix)).unwrap_or(digits);
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |value, b| value * 10 + u64::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::rows::Rows;

    fn followed(text: &str) -> (Option<Direction>, Vec<u32>) {
        let mut serial = Serial::new(0);
        let rows = Rows::new(text);
        let runs = rows.iter().map(|row| serial.follow(&row).1).collect();
        (serial.goes(), runs)
    }

    #[test]
    fn a_count_may_start_anew() {
        assert_eq!(followed("1,a\n2,b\n3,c\n1,d\n2,e\n"), (Some(Direction::Rising), vec![0, 0, 0, 1, 1]));
        assert_eq!(followed("17,a\n18,b\n"), (Some(Direction::Rising), vec![0, 0]));
    }

    #[test]
    fn a_count_may_go_down_once_but_not_in_blocks() {
        assert_eq!(followed("4,a\n3,b\n2,c\n1,d\n").0, Some(Direction::Falling));
        assert_eq!(followed("9,a\n8,b\n7,c\n").0, Some(Direction::Falling));
        assert_eq!(followed("3,a\n2,b\n1,c\n4,d\n3,e\n2,f\n1,g\n").0, None);
    }

    #[test]
    fn numbers_with_gaps_are_no_count() {
        assert_eq!(followed("1,a\n3,b\n4,c\n9,d\n").0, None);
        assert_eq!(followed("1,a\nA2,b\n").0, None);
        assert_eq!(followed("1,a\n1,b\n1,c\n1,d\n2,e\n1,f\n").0, None);
        assert_eq!(followed(",a\n,b\n").0, Some(Direction::Rising));
    }
}
