//! The tables the program carries, and drawing from them by weight.
//!
//! They are text inside the program, read once on first use. `SOURCES.md` beside them says where each
//! comes from; a table with a weight column has it as parts of any total, never as a cumulative sum.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

pub(super) const SURNAMES: &str = include_str!("tables/cn_surnames.tsv");
pub(super) const GIVEN_CHARACTERS: &str = include_str!("tables/cn_given_characters.tsv");
pub(super) const GIVEN_NAMES: &str = include_str!("tables/cn_given_names_faker.tsv");
pub(super) const NEWBORN_NAMES: &str = include_str!("tables/cn_newborn_names_mps.tsv");
pub(super) const DIVISIONS: &str = include_str!("tables/cn_divisions_all_districts.tsv");
pub(super) const ROADS: &str = include_str!("tables/cn_roads_7cities.tsv");
pub(super) const COMPOUNDS: &str = include_str!("tables/cn_compounds_7cities.tsv");
pub(super) const REGION_CODES: &str = include_str!("tables/cn_id_region_codes.tsv");
pub(super) const WEIGHTS: &str = include_str!("tables/gestation_weight_joint.tsv");
pub(super) const ENGLISH_GIVEN: &str = include_str!("tables/us_given_names_by_decade.tsv");
pub(super) const ENGLISH_SURNAMES: &str = include_str!("tables/us_surnames_1990.tsv");

/// Reads the first `N` cells of every row below the heading; a missing cell is empty.
pub(super) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

/// Things that are drawn more or less often.
#[derive(Debug)]
pub(super) struct Weighted<T> {
    items: Vec<T>,
    ends: Vec<f64>,
}

impl<T> Weighted<T> {
    /// Keeps the items whose weight is above zero.
    pub(super) fn new(pairs: impl IntoIterator<Item = (T, f64)>) -> Weighted<T> {
        let (mut items, mut ends, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for (item, weight) in pairs {
            if weight > 0.0 {
                sum += weight;
                items.push(item);
                ends.push(sum);
            }
        }
        Weighted { items, ends }
    }

    /// Weighs items by their rank: the first most, later ones ever less (a Zipf curve).
    pub(super) fn by_rank(items: impl IntoIterator<Item = T>) -> Weighted<T> {
        Weighted::new(items.into_iter().enumerate().map(|(rank, item)| (item, 1.0 / (rank as f64 + 4.0))))
    }

    /// Draws one item as if all weighed the same, or none from an empty table.
    pub(super) fn draw_any(&self, rng: &mut impl Rng) -> Option<&T> {
        self.items.choose(rng)
    }

    /// Draws one item, or none from an empty table.
    pub(super) fn draw(&self, rng: &mut impl Rng) -> Option<&T> {
        let sum = *self.ends.last()?;
        let point = rng.random::<f64>() * sum;
        let index = self.ends.partition_point(|end| *end <= point).min(self.items.len() - 1);
        self.items.get(index)
    }
}

/// Draws one of a few items with fixed weights, such as the days of a stay.
pub(super) fn pick<T: Copy, const N: usize>(choices: [(T, f64); N], rng: &mut impl Rng) -> T {
    const { assert!(N > 0) };
    let mut left = rng.random::<f64>() * choices.iter().map(|(_, weight)| weight).sum::<f64>();
    for (item, weight) in choices {
        left -= weight;
        if left < 0.0 {
            return item;
        }
    }
    choices[N - 1].0
}

/// Draws from the normal distribution (Box and Muller 1958), never beyond four standard deviations.
pub(super) fn normal(mean: f64, deviation: f64, rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    let turn = (std::f64::consts::TAU * rng.random::<f64>()).cos();
    mean + deviation * (radius * turn).clamp(-4.0, 4.0)
}

/// Says whether every character of a name is a Chinese one that a GB 2312 file holds.
pub(super) fn in_gb2312(name: &str) -> bool {
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(name);
    !unmappable && !name.is_empty() && bytes.len() == 2 * name.chars().count() && {
        bytes.chunks(2).all(|pair| (0xB0..=0xF7).contains(&pair[0]) && pair[1] >= 0xA1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn weights_are_met() {
        let table = Weighted::new([("never", 0.0), ("seldom", 1.0), ("often", 3.0)]);
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let drawn: Vec<_> = (0..4000).filter_map(|_| table.draw(&mut rng)).collect();
        assert!(!drawn.contains(&&"never"));
        let often = drawn.iter().filter(|item| ***item == "often").count();
        assert!((2900..3100).contains(&often), "{often}");
        assert_eq!(Weighted::<u8>::new([]).draw(&mut rng), None);
    }

    #[test]
    fn every_table_has_the_columns_that_are_read() {
        assert_eq!(rows::<2>(SURNAMES).count(), 399);
        assert!(rows::<4>(GIVEN_CHARACTERS).all(|row| row.iter().all(|cell| !cell.is_empty())));
        assert!(rows::<4>(DIVISIONS).all(|row| row.iter().all(|cell| !cell.is_empty())));
        assert!(rows::<3>(ROADS).all(|row| row.iter().all(|cell| !cell.is_empty())));
        assert!(rows::<6>(COMPOUNDS).all(|row| row.iter().all(|cell| !cell.is_empty())));
        assert!(rows::<4>(WEIGHTS).all(|row| row[3].parse::<u32>().is_ok()));
        assert!(rows::<4>(ENGLISH_GIVEN).all(|row| row[3].parse::<u32>().is_ok()));
        assert!(rows::<2>(ENGLISH_SURNAMES).all(|row| row[1].parse::<f64>().is_ok()));
    }

    #[test]
    fn rare_characters_are_told_from_those_of_gb2312() {
        assert!(in_gb2312("王梓涵"));
        assert!(!in_gb2312("玥"));
        assert!(!in_gb2312("Ann"));
        assert!(!in_gb2312(""));
    }
}
