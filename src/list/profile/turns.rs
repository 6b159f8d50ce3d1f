//! Which rows of a long list are learnt in full, and which only counted and remembered.
//!
//! Whole runs of neighbours are learnt, so that the gaps between two rows are seen as they are, and the runs lie at
//! even distances over the whole list, so that every part of it has the same chance of a place.

/// Rows that are learnt of the longest list: habits, gaps and formats are known far better than canaries can show.
const LEARNT_ROWS: u64 = 200_000;

/// Neighbours in one run: few rows stand at its edge, where no place is taken.
const RUN_ROWS: u64 = 256;

/// Places that are looked at for each one that is kept.
const CHOICE: u64 = 8;

/// Tells the rows that are learnt, run by run.
#[derive(Debug, Clone)]
pub struct Turns {
    /// One run in so many is learnt.
    every: u64,
    run: u64,
    left: u64,
}

impl Turns {
    /// Plans for a list of about `rows` rows of which `places` are to be kept, where a share of `fitting` has room.
    pub fn new(rows: u64, places: u64, fitting: f64) -> Turns {
        let looked_at = (places * CHOICE) as f64 / fitting.max(f64::MIN_POSITIVE);
        let learnt = LEARNT_ROWS.max(looked_at as u64);
        Turns { every: rows.div_ceil(learnt).max(1), run: 0, left: RUN_ROWS }
    }

    /// Learns every row.
    pub fn all() -> Turns {
        Turns { every: 1, run: 0, left: RUN_ROWS }
    }

    /// Tells whether the next row is learnt.
    #[inline]
    pub fn next(&mut self) -> bool {
        if self.left == 0 {
            self.left = RUN_ROWS;
            self.run = if self.run + 1 == self.every { 0 } else { self.run + 1 };
        }
        self.left -= 1;
        self.run == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(mut turns: Turns, rows: u64) -> Vec<u64> {
        (0..rows).filter(|_| turns.next()).collect()
    }

    #[test]
    fn short_lists_are_learnt_whole_and_long_ones_in_even_runs() {
        assert_eq!(learnt(Turns::new(LEARNT_ROWS, 1_500, 1.0), 10_000).len(), 10_000);
        assert_eq!(learnt(Turns::all(), 10_000).len(), 10_000);
        let rows = 50 * LEARNT_ROWS;
        let some = learnt(Turns::new(rows, 1_500, 1.0), rows);
        assert!((LEARNT_ROWS / 2..=LEARNT_ROWS + RUN_ROWS).contains(&(some.len() as u64)), "{}", some.len());
        let alone = some.windows(2).filter(|pair| pair[1] - pair[0] > 1).count() as u64;
        assert_eq!(alone + 1, (some.len() as u64).div_ceil(RUN_ROWS));
        let upper = some.iter().filter(|row| **row >= rows / 2).count() as f64 / some.len() as f64;
        assert!((0.49..0.51).contains(&upper), "{upper}");
    }

    #[test]
    fn more_is_learnt_where_room_is_rare() {
        let rows = 50 * LEARNT_ROWS;
        assert_eq!(learnt(Turns::new(rows, 4_000, 0.0), 100_000).len(), 100_000);
        let (common, rare) = (Turns::new(rows, 4_000, 1.0), Turns::new(rows, 4_000, 0.02));
        assert!(learnt(rare, rows).len() > 5 * learnt(common, rows).len());
    }
}
