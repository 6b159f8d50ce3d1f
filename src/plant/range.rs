//! Record numbers as the list has them: new ones lie in gaps between real ones that are written alike.
//!
//! Where a list is not in the order of its numbers, nothing else holds them in its range. Whoever sorts by them sees gaps, so
//! the two new ones should be as usual as the one they replace; a wide gap is entered no further than gaps usually are wide, so a
//! day or year within a number stays one that real numbers have.

use std::collections::BTreeMap;

use rand::Rng;
use rand::seq::IndexedRandom;

use crate::list::profile::Gaps;

/// Digits of a run that counts; a shorter last one may tell a kind.
const DIGITS_MIN: usize = 2;

/// Most digits of a run that counts, from the right.
const DIGITS_MAX: usize = 18;

/// Gaps on either side of the donor's number that are drawn among.
const NEAR: usize = 20;

/// The numbers of one column by what stands around them and how wide they are.
#[derive(Debug, Default)]
pub struct Ranges {
    by_shape: BTreeMap<(String, String, usize), Numbers>,
}

/// Numbers written alike.
#[derive(Debug, Default)]
struct Numbers {
    /// Rising; all of them a multiple of `step`, and counted in it.
    sorted: Vec<i64>,
    step: i64,
    gaps: Gaps,
}

impl Ranges {
    /// Learns the numbers of cells.
    pub fn of<'c>(cells: impl Iterator<Item = &'c str>) -> Ranges {
        let mut ranges = Ranges::default();
        for (before, digits, behind) in cells.filter_map(parts) {
            let Ok(number) = digits.parse() else { continue };
            let shape = (before.to_string(), behind.to_string(), digits.len());
            ranges.by_shape.entry(shape).or_default().sorted.push(number);
        }
        ranges.by_shape.values_mut().for_each(Numbers::settle);
        ranges
    }

    /// Draws a number between two that stand near the donor's; nothing where there is no room.
    pub fn between(&self, donor: &str, rng: &mut impl Rng) -> Option<String> {
        let (before, digits, behind) = parts(donor)?;
        let numbers = self.by_shape.get(&(before.to_string(), behind.to_string(), digits.len()))?;
        let made = numbers.near(digits.parse().ok()?, rng)?;
        Some(format!("{before}{made:0width$}{behind}", width = digits.len()))
    }
}

impl Numbers {
    fn settle(&mut self) {
        self.sorted.sort_unstable();
        self.sorted.dedup();
        let zeros = self.sorted.iter().map(|number| closing_zeros(*number)).min().unwrap_or(0);
        self.step = 10_i64.pow(zeros);
        self.sorted.iter_mut().for_each(|number| *number /= self.step);
        self.sorted.windows(2).for_each(|pair| self.gaps.see(pair[1] - pair[0]));
    }

    /// Draws a number that nobody has in a gap near another number, a gap the more often the better one more fits there.
    fn near(&self, number: i64, rng: &mut impl Rng) -> Option<i64> {
        let own = self.sorted.partition_point(|other| *other < number / self.step);
        let around = &self.sorted[own.saturating_sub(NEAR)..(own + NEAR).min(self.sorted.len())];
        let fitting = around.windows(2).filter_map(|pair| self.gaps.between(pair[0], pair[1], rng));
        let fitting: Vec<(i64, f64)> = fitting.collect();
        let Ok((made, _)) = fitting.choose_weighted(rng, |(_, weight)| *weight) else { return None };
        Some(made * self.step)
    }
}

fn closing_zeros(number: i64) -> u32 {
    number.to_string().bytes().rev().take_while(|digit| *digit == b'0').count() as u32
}

/// Cuts a cell around its last long run of digits.
fn parts(cell: &str) -> Option<(&str, &str, &str)> {
    let bytes = cell.as_bytes();
    let mut end = bytes.len();
    while end > 0 {
        let start = bytes[..end].iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
        if end - start >= DIGITS_MIN {
            let start = start.max(end.saturating_sub(DIGITS_MAX));
            return Some((cell.get(..start)?, cell.get(start..end)?, cell.get(end..)?));
        }
        end = start.saturating_sub(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn new_numbers_lie_between_real_ones_written_alike() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let real: Vec<String> = (0..200)
            .map(|n| format!("ZY{}", 268_597 + n * 22))
            .chain((0..50).map(|n| format!("26-{:05}", 400 + n * 30)))
            .collect();
        let ranges = Ranges::of(real.iter().map(String::as_str));
        for _ in 0..200 {
            let made = ranges.between("ZY268597", &mut rng).expect("room");
            let number: u64 = made.strip_prefix("ZY").expect("the prefix").parse().expect("a number");
            assert!((268_597..=268_597 + 199 * 22).contains(&number), "{made}");
            let made = ranges.between("26-00450", &mut rng).expect("room");
            assert!(made.starts_with("26-0") && made.len() == 8 && made.ends_with('0'), "{made}");
        }
        assert_eq!(ranges.between("QX268597", &mut rng), None, "nothing is written so");
        assert_eq!(ranges.between("无", &mut rng), None);
    }

    #[test]
    fn a_day_within_a_number_stays_a_day() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let real: Vec<String> = (0..60).map(|n| format!("202608{:02}{:04}", 1 + n / 4, n % 4 * 7 + 1)).collect();
        let ranges = Ranges::of(real.iter().map(String::as_str));
        for donor in &real {
            let made = ranges.between(donor, &mut rng).expect("room");
            let day: u32 = made[6..8].parse().expect("a day");
            assert!(made.starts_with("202608") && (1..=15).contains(&day), "{made}");
        }
    }
}
