//! The serial-number column: does it count, and where does it start anew?

use crate::list::row::Row;

/// Share of rows that may break the count.
const FAULTS_MAX: f64 = 0.02;

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
    numbers: u64,
    rows: u64,
}

impl Serial {
    /// Starts before the first row.
    pub fn new(column: usize) -> Serial {
        Serial { column, run: 0, previous: None, faults: 0, numbers: 0, rows: 0 }
    }

    /// Follows one row and gives its number and its run.
    #[inline]
    pub fn follow(&mut self, row: &Row<'_>) -> (Option<u64>, u32) {
        self.rows += 1;
        let number = number_in(row.bytes(self.column));
        self.numbers += u64::from(number.is_some());
        match (self.previous, number) {
            (Some(before), Some(now)) if now == before + 1 => {}
            (Some(_), Some(1)) => self.run += 1,
            (None, Some(_)) if self.rows == 1 => {}
            (None, _) | (_, None) | (Some(_), Some(_)) => self.faults += 1,
        }
        self.previous = number;
        (number, self.run)
    }

    /// Tells whether the column counts rows, or is empty as far as can be read (a formula without a value).
    pub fn counts(&self) -> bool {
        self.numbers == 0 || self.faults as f64 <= FAULTS_MAX * self.rows as f64
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

    fn followed(text: &str) -> (bool, Vec<u32>) {
        let mut serial = Serial::new(0);
        let rows = Rows::new(text);
        let runs = rows.iter().map(|row| serial.follow(&row).1).collect();
        (serial.counts(), runs)
    }

    #[test]
    fn a_count_may_start_anew() {
        assert_eq!(followed("1,a\n2,b\n3,c\n1,d\n2,e\n"), (true, vec![0, 0, 0, 1, 1]));
        assert_eq!(followed("17,a\n18,b\n"), (true, vec![0, 0]));
    }

    #[test]
    fn numbers_with_gaps_are_no_count() {
        assert!(!followed("1,a\n3,b\n4,c\n9,d\n").0);
        assert!(!followed("1,a\nA2,b\n").0);
        assert!(followed(",a\n,b\n").0);
    }
}
