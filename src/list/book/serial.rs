//! Counting on in a serial column.
//!
//! A block starts again where the cell reads 1, unless that is the first number of all. A new row belongs to the
//! block above it, or below it when there is none above.

use std::collections::BTreeMap;

use super::sheet::Kind;

/// The state of a serial column while rows pass from top to bottom.
#[derive(Debug, Default)]
pub(super) struct Serial {
    previous: Option<u64>,
    seen: bool,
    moved: u64,
    width: usize,
}

/// A serial cell's new text, and how the cell stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Renumbered {
    pub(super) text: String,
    pub(super) kind: Kind,
}

/// New texts of a serial column by old row.
pub(super) type Renumbering = BTreeMap<u32, Renumbered>;

/// What a new row's serial is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Number(u64),
    /// As the next row that is there, plus the number of rows that wait already.
    AsBelow,
}

impl Serial {
    /// Passes a row that is to go in, and gives its number.
    pub(super) fn put_in(&mut self) -> Next {
        self.moved += 1;
        match &mut self.previous {
            Some(previous) => {
                *previous += 1;
                Next::Number(*previous)
            }
            None => Next::AsBelow,
        }
    }

    /// Passes a row that is to come out.
    pub(super) fn take_out(&mut self) {
        self.moved += 1;
    }

    /// Passes a row that stays while others go in; gives its new number.
    pub(super) fn pushed(&mut self, number: u64) -> u64 {
        self.restart(number);
        self.previous = Some(number + self.moved);
        number + self.moved
    }

    /// Passes a row that stays while others come out; gives its new number.
    pub(super) fn pulled(&mut self, number: u64) -> u64 {
        self.restart(number);
        number.saturating_sub(self.moved)
    }

    /// Reads a serial written as text, and keeps in mind how wide they are when zeros stand in front.
    pub(super) fn parse(&mut self, text: &str) -> Option<u64> {
        let digits = !text.is_empty() && text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit());
        if digits && text.starts_with('0') {
            self.width = text.len();
        }
        digits.then(|| text.parse().ok()).flatten()
    }

    /// Writes a serial as wide as the others.
    pub(super) fn written(&self, number: u64) -> String {
        format!("{number:0width$}", width = self.width)
    }

    fn restart(&mut self, number: u64) {
        if number == 1 && self.seen {
            self.moved = 0;
        }
        self.seen = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts a row in front of each place of `before`; gives all serials, new ones negative.
    fn seeded(old: &[u64], before: &[usize]) -> Vec<i64> {
        let mut serial = Serial::default();
        let (mut all, mut waiting) = (Vec::new(), 0);
        for (i, &number) in old.iter().enumerate() {
            for _ in before.iter().filter(|&&at| at == i) {
                match serial.put_in() {
                    Next::Number(number) => all.push(-(number as i64)),
                    Next::AsBelow => waiting += 1,
                }
            }
            all.extend((0..std::mem::take(&mut waiting)).map(|i| -((number + i) as i64)));
            all.push(serial.pushed(number) as i64);
        }
        all
    }

    fn stripped(all: &[i64]) -> Vec<u64> {
        let mut serial = Serial::default();
        let mut old = Vec::new();
        for &number in all {
            match number {
                number if number < 0 => serial.take_out(),
                number => old.push(serial.pulled(number as u64)),
            }
        }
        old
    }

    #[test]
    fn blocks_count_on_and_start_again() {
        let old = [1, 2, 3, 1, 2];
        assert_eq!(seeded(&old, &[1, 3, 4]), [1, -2, 3, 4, -5, 1, -2, 3]);
        assert_eq!(seeded(&old, &[0, 0]), [-1, -2, 3, 4, 5, 1, 2]);
        assert_eq!(seeded(&[101, 102], &[0, 1]), [-101, 102, -103, 104]);
        for before in [vec![0], vec![0, 0, 3], vec![1, 3, 3, 4], vec![2, 4]] {
            assert_eq!(stripped(&seeded(&old, &before)), old, "{before:?}");
        }
    }

    #[test]
    fn zeros_in_front_are_kept() {
        let mut serial = Serial::default();
        assert_eq!(serial.parse("009"), Some(9));
        assert_eq!(serial.written(10), "010");
        assert_eq!(serial.parse("合计"), None);
    }
}
