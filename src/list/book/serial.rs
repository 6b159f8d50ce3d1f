//! Counting on in a serial column.
//!
//! A block starts again where the cell reads 1, unless that is the first number of all. A new row belongs to the
//! block above it, or below it when there is none above.

use std::collections::BTreeMap;

use super::super::counting::Counting;
use super::sheet::Kind;

/// The state of a serial column while rows pass from top to bottom.
#[derive(Debug, Default)]
pub(super) struct Serial {
    counting: Counting,
    previous: Option<u64>,
    seen: bool,
    /// Rows that went in or came out; where the list counts down, those that are still to.
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
    /// Next to the number of the next row that is there, see [`Serial::beside`].
    AsBelow,
}

impl Serial {
    /// Starts above the first row.
    pub(super) fn new(counting: Counting) -> Serial {
        let moved = match counting {
            Counting::Up => 0,
            Counting::Down { rows } => rows,
        };
        Serial { counting, moved, ..Serial::default() }
    }

    /// Passes a row that is to go in, and gives its number.
    pub(super) fn put_in(&mut self) -> Next {
        self.pass_new();
        match (&mut self.previous, self.counting) {
            (Some(previous), Counting::Up) => {
                *previous += 1;
                Next::Number(*previous)
            }
            (Some(previous), Counting::Down { .. }) => {
                *previous = previous.saturating_sub(1);
                Next::Number(*previous)
            }
            (None, _) => Next::AsBelow,
        }
    }

    /// Passes a row that is to come out.
    pub(super) fn take_out(&mut self) {
        self.pass_new();
    }

    /// Gives the number of a row that waited, the `nth` of `all` (from 0), when the row below them has the old number `below`.
    pub(super) fn beside(&self, below: u64, (nth, all): (usize, usize)) -> u64 {
        match self.counting {
            Counting::Up => below + nth as u64,
            Counting::Down { .. } => below + self.moved + (all - nth) as u64,
        }
    }

    fn pass_new(&mut self) {
        self.moved = match self.counting {
            Counting::Up => self.moved + 1,
            Counting::Down { .. } => self.moved.saturating_sub(1),
        };
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
        number.checked_sub(self.moved).unwrap_or(number)
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
        if number == 1 && self.seen && self.counting == Counting::Up {
            self.moved = 0;
        }
        self.seen = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_down_moves_what_stands_above() {
        let mut serial = Serial::new(Counting::Down { rows: 3 });
        let first = [serial.put_in(), serial.put_in()];
        assert_eq!(first, [Next::AsBelow; 2]);
        assert_eq!([0, 1].map(|nth| serial.beside(2, (nth, 2))), [5, 4]);
        assert_eq!((serial.pushed(2), serial.put_in(), serial.pushed(1)), (3, Next::Number(2), 1));
        let mut back = Serial::new(Counting::Down { rows: 3 });
        back.take_out();
        back.take_out();
        assert_eq!(back.pulled(3), 2);
        back.take_out();
        assert_eq!(back.pulled(1), 1);
    }

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
