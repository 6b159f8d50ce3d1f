//! Values as usual, and as unusual, as the next real row's would be.
//!
//! Of the values of a list a share stands there once; the next row brings a new one with just that chance (Good 1953,
//! after Turing), and one that now stands there `r` times with the chance that the values of `r + 1` have. A row that
//! repeats old values only, or new ones only, is found by counting.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// Values that stand in the list more often than this are simply taken: one row more or less tells nothing.
const RARE_MAX: u32 = 8;

/// How often each value stands in a list.
#[derive(Debug, Clone)]
pub struct Counts<T> {
    /// By value.
    items: Vec<(T, u32)>,
    /// Where the rows of each item end among all.
    ends: Vec<u32>,
    /// Items that stand there a few times only, the rarest first.
    rare: Vec<u32>,
    /// Share of those seen once that are new to the whole list, not only to the sample of it.
    newness: f64,
}

impl<T: Clone + Ord> Counts<T> {
    /// Counts the values of sampled rows; each stands for `per_sampled` rows of the list.
    pub fn of(values: impl Iterator<Item = T>, per_sampled: f64) -> Counts<T> {
        let mut values: Vec<T> = values.collect();
        let half = once(&mut values.iter().step_by(2).cloned().collect::<Vec<T>>());
        let whole = once(&mut values);
        let newness = newness((half, whole), values.len(), per_sampled);
        Counts::sorted(&values, newness)
    }

    /// Counts sorted values, given the share of single ones that are new to the whole list.
    pub fn sorted(values: &[T], newness: f64) -> Counts<T> {
        let chunks = values.chunk_by(|a, b| a == b);
        let items: Vec<(T, u32)> = chunks.map(|chunk| (chunk[0].clone(), chunk.len() as u32)).collect();
        let mut sum = 0;
        let ends = items.iter().map(|(_, count)| {
            sum += count;
            sum
        });
        let ends = ends.collect();
        let mut rare: Vec<u32> = (0..items.len() as u32).filter(|at| items[*at as usize].1 <= RARE_MAX).collect();
        rare.sort_by_key(|at| items[*at as usize].1);
        Counts { items, ends, rare, newness }
    }

    /// Gives the share of single values that are new to the whole list.
    pub fn newness(&self) -> f64 {
        self.newness
    }

    fn place(&self, value: &T) -> Option<usize> {
        self.items.binary_search_by(|(item, _)| item.cmp(value)).ok()
    }

    /// Lists the items that stand there just so often.
    fn of_count(&self, count: u32) -> &[u32] {
        let from = self.rare.partition_point(|at| self.items[*at as usize].1 < count);
        let to = self.rare.partition_point(|at| self.items[*at as usize].1 <= count);
        &self.rare[from..to]
    }

    /// Counts the rows.
    pub fn total(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Gives how often a value stands in the list.
    pub fn count(&self, value: &T) -> u32 {
        self.place(value).map_or(0, |at| self.items[at].1)
    }

    /// Gives the share of rows whose value stands there once.
    pub fn novelty(&self) -> f64 {
        self.of_count(1).len() as f64 * self.newness / f64::from(self.total().max(1))
    }

    /// Draws the value of any row.
    pub fn any(&self, rng: &mut impl Rng) -> Option<&T> {
        let sum = self.ends.last()?;
        let row = rng.random_range(0..*sum);
        self.items.get(self.ends.partition_point(|end| *end <= row)).map(|(item, _)| item)
    }

    /// Draws a value as the next row would have it; none for a value that the list does not hold yet.
    pub fn draw(&self, rng: &mut impl Rng) -> Option<&T> {
        let donor = self.any(rng)?;
        self.like(donor, |_| true, rng)
    }

    /// Draws a value that stands in the list as often as a donor's does beside the donor; none for a new one.
    ///
    /// Values for which `fits` is true are preferred where the donor's own would be once too many.
    pub fn like(&self, donor: &T, fits: impl Fn(&T) -> bool, rng: &mut impl Rng) -> Option<&T> {
        const TRIES: usize = 40;
        let at = self.place(donor)?;
        let count = self.items[at].1;
        let own = Some(&self.items[at].0);
        if count > RARE_MAX {
            return own;
        }
        if count == 1 {
            return own.filter(|_| !rng.random_bool(self.newness));
        }
        let others = self.of_count(count - 1);
        let mut other = (0..TRIES).map_while(|_| others.choose(rng)).map(|at| &self.items[*at as usize].0);
        other.find(|other| fits(other)).or(own)
    }

    /// Draws a value that stands in the list once, for the parts of a new one.
    pub fn single(&self, rng: &mut impl Rng) -> Option<&T> {
        self.of_count(1).choose(rng).map(|at| &self.items[*at as usize].0)
    }

    /// Lists the values.
    pub fn values(&self) -> impl Iterator<Item = &(T, u32)> {
        self.items.iter()
    }
}

/// Sorts values and gives the share of those that stand there once.
fn once<T: Ord>(values: &mut [T]) -> f64 {
    values.sort_unstable();
    values.chunk_by(|a, b| a == b).filter(|chunk| chunk.len() == 1).count() as f64 / values.len().max(1) as f64
}

/// Estimates from the shares in half a sample and in all of it how many of its single values are single in the whole
/// list too: the share falls as a power of the length (Heaps).
fn newness((half, whole): (f64, f64), sampled: usize, per_sampled: f64) -> f64 {
    const TELLING: usize = 2_000;
    if sampled < TELLING || per_sampled <= 1.0 || whole <= 0.0 || half <= whole {
        return 1.0;
    }
    per_sampled.powf(-(half / whole).log2()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    use super::*;

    #[test]
    fn new_values_come_as_often_as_single_ones_stand_in_the_list() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let list = (0..600).map(|row| if row < 200 { row } else { 1_000 + row % 4 });
        let counts = Counts::of(list, 1.0);
        let new = (0..3_000).filter(|_| counts.draw(&mut rng).is_none()).count();
        assert!((850..1_150).contains(&new), "a third is new: {new} of 3,000");
    }

    #[test]
    fn a_value_seen_twice_becomes_one_that_was_seen_once() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let counts = Counts::of(["a", "a", "b"].into_iter(), 1.0);
        assert_eq!(counts.like(&"a", |_| true, &mut rng), Some(&"b"));
        assert_eq!(counts.like(&"a", |_| false, &mut rng), Some(&"a"), "nothing else fits");
        assert_eq!(counts.like(&"b", |_| true, &mut rng), None);
    }

    #[test]
    fn a_sample_of_a_long_list_makes_fewer_values_new_than_it_shows_once() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let values: Vec<u32> = (0..4_000).map(|_| rng.random_range(0..3_000)).collect();
        assert!(
            Counts::of(values.iter().copied(), 100.0).novelty() < 0.5 * Counts::of(values.into_iter(), 1.0).novelty()
        );
    }
}
