//! Where rows go when some are put in or taken out.
//!
//! Rows are numbered from 1, as in the file. Both directions are one type, so that what seeding moves, stripping
//! moves back. A range that begins at the first data row takes in rows put in front of that row (its start
//! stays), while a single cell there moves down; [`Moves::start`] and [`Moves::row`] differ in just that.

/// The last row of a sheet, as Excel has it.
pub(super) const ROW_MAX: u32 = 1_048_576;

/// A map from old row numbers to new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moves {
    way: Way,
    /// Sorted. Put in: the old rows in front of which each new row goes. Taken out: the old rows that go.
    rows: Vec<u32>,
    /// The first data row in old numbers; only putting in looks at it.
    first: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

impl Moves {
    /// Puts one row in front of each row of `before` (sorted, may repeat).
    pub(super) fn putting_in(before: Vec<u32>, first: u32) -> Moves {
        Moves { way: Way::In, rows: before, first }
    }

    /// Takes `rows` out (sorted, each once).
    pub(super) fn taking_out(rows: Vec<u32>) -> Moves {
        Moves { way: Way::Out, rows, first: 0 }
    }

    /// Tells whether no row comes or goes.
    pub(super) fn is_still(&self) -> bool {
        self.rows.is_empty()
    }

    /// Gives the new number of a row; nothing when it is taken out.
    pub(super) fn row(&self, row: u32) -> Option<u32> {
        match self.way {
            Way::In => Some(self.pushed(row)),
            Way::Out if self.rows.binary_search(&row).is_ok() => None,
            Way::Out => Some(self.start(row)),
        }
    }

    /// Gives the new number of the row a range of several rows begins with.
    pub(super) fn start(&self, row: u32) -> u32 {
        match self.way {
            Way::In if row == self.first => self.pushed(row) - self.before(row),
            Way::In => self.pushed(row),
            Way::Out if row == ROW_MAX => row,
            Way::Out => row - self.rows.partition_point(|&gone| gone < row) as u32,
        }
    }

    /// Gives the new number of the row a range ends with.
    pub(super) fn end(&self, row: u32) -> u32 {
        match self.way {
            Way::In => self.pushed(row),
            Way::Out if row == ROW_MAX => row,
            Way::Out => row - self.rows.partition_point(|&gone| gone <= row) as u32,
        }
    }

    /// Gives the new ends of a range; nothing when all of it is taken out.
    pub(super) fn range(&self, from: u32, to: u32) -> Option<(u32, u32)> {
        if from == to {
            return self.row(from).map(|row| (row, row));
        }
        let (from, to) = (self.start(from), self.end(to));
        (from <= to).then_some((from, to))
    }

    /// Counts the rows that are put in between the ends of a range of old rows, or taken out of it.
    pub(super) fn within(&self, from: u32, to: u32) -> std::ops::Range<usize> {
        let below = |row: u32| self.rows.partition_point(|&at| at <= row);
        let above = |row: u32| self.rows.partition_point(|&at| at < row);
        match self.way {
            Way::In if from == to => 0..0,
            Way::In if from == self.first => above(from)..below(to),
            Way::In => below(from)..below(to).max(below(from)),
            Way::Out => above(from)..below(to),
        }
    }

    fn before(&self, row: u32) -> u32 {
        (self.rows.partition_point(|&at| at <= row) - self.rows.partition_point(|&at| at < row)) as u32
    }

    fn pushed(&self, row: u32) -> u32 {
        if row == ROW_MAX {
            return row;
        }
        (row + self.rows.partition_point(|&at| at <= row) as u32).min(ROW_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_widens_around_new_rows_and_a_cell_moves() {
        let moves = Moves::putting_in(vec![3, 5, 5], 3);
        assert_eq!(moves.range(3, 10), Some((3, 13)));
        assert_eq!(moves.row(3), Some(4));
        assert_eq!(moves.range(3, 3), Some((4, 4)));
        assert_eq!(moves.range(1, ROW_MAX), Some((1, ROW_MAX)));
        assert_eq!(moves.within(3, 10), 0..3);
        assert_eq!(moves.within(4, 10), 1..3);
        assert_eq!(moves.within(6, 10), 3..3);
    }

    #[test]
    fn a_range_that_is_taken_out_whole_is_gone() {
        let moves = Moves::taking_out(vec![4, 5]);
        assert_eq!(moves.range(4, 5), None);
        assert_eq!(moves.range(4, 6), Some((4, 4)));
        assert_eq!(moves.range(3, 5), Some((3, 3)));
        assert_eq!(moves.row(5), None);
    }

    proptest! {
        #[test]
        fn taking_out_undoes_putting_in(
            mut before in prop::collection::vec(3u32..60, 0..12),
            from in 1u32..80,
            long in 0u32..40,
        ) {
            before.sort_unstable();
            let put = Moves::putting_in(before.clone(), 3);
            let new: Vec<u32> = before.iter().enumerate().map(|(i, &at)| at + i as u32).collect();
            let taken = Moves::taking_out(new);
            let to = from + long;
            let (a, b) = put.range(from, to).expect("putting in loses nothing");
            prop_assert_eq!(taken.range(a, b), Some((from, to)));
            prop_assert_eq!(taken.row(put.row(from).expect("as above")), Some(from));
        }
    }
}
