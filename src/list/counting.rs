//! Which way a serial column counts.
//!
//! A count that ends at the bottom moves the numbers above a new row, so it must be known beforehand how many rows go in or come out.

/// The way of a count, from the first row to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// 1, 2, 3 …, perhaps anew in each group.
    #[default]
    Up,
    /// … 3, 2, 1, once; so many rows go in or come out in all.
    Down { rows: u64 },
}

impl Counting {
    /// Gives the same way for so many rows.
    pub fn of_rows(self, rows: u64) -> Counting {
        match self {
            Counting::Up => Counting::Up,
            Counting::Down { .. } => Counting::Down { rows },
        }
    }
}
