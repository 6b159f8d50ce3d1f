//! How far apart the numbers of a counter usually are.

use rand::{Rng, RngExt};

/// Gaps up to this are counted one by one; longer ones in four classes per doubling.
const EXACT_MAX: i64 = 64;

const CLASSES: usize = 64 + 4 * 57;

/// Counts nobody saw, shared out so that no gap is impossible.
const UNSEEN: f64 = 0.05;

/// A gap this many times the middle one is a jump.
const JUMP: i64 = 16;

/// Most numbers of one gap that are weighed against each other.
const WEIGHED_MAX: i64 = 256;

/// The gaps between neighbouring numbers of a list.
#[derive(Debug, Clone)]
pub struct Gaps {
    counts: Vec<u32>,
}

impl Default for Gaps {
    fn default() -> Gaps {
        Gaps { counts: vec![0; CLASSES] }
    }
}

fn class(gap: i64) -> usize {
    if gap <= EXACT_MAX {
        return usize::try_from(gap - 1).unwrap_or(0);
    }
    let log = gap.ilog2();
    let quarter = (gap >> (log - 2)) & 3;
    (64 + (log as usize - 6) * 4 + quarter as usize).min(CLASSES - 1)
}

fn width(gap: i64) -> f64 {
    if gap <= EXACT_MAX { 1.0 } else { f64::from(gap.ilog2() - 2).exp2() }
}

impl Gaps {
    /// Counts a gap; only rising numbers have one.
    #[inline]
    pub fn see(&mut self, gap: i64) {
        if gap > 0 {
            self.counts[class(gap)] += 1;
        }
    }

    /// Says how usual one gap is; not a probability, only good for comparing.
    pub fn density(&self, gap: i64) -> f64 {
        (f64::from(self.counts[class(gap)]) + UNSEEN) / width(gap)
    }

    /// Draws a number strictly between two others so that both new gaps are usual ones.
    ///
    /// Gives with it how much better the two gaps fit the list than the one they replace: places where a real
    /// row might as well have been score high. None when there is no number in between.
    pub fn between(&self, low: i64, high: i64, rng: &mut impl Rng) -> Option<(i64, f64)> {
        let room = high.checked_sub(low)?.checked_sub(1).filter(|room| *room > 0)?;
        let step = self.middle();
        if room > JUMP.saturating_mul(step) {
            let steps = 1..=4 * step.min(WEIGHED_MAX / 4);
            let behind = steps.clone().map(|step| low + step);
            let before = steps.map(|step| high - step).filter(|_| !begins_anew(room, high));
            let ends: Vec<i64> = behind.chain(before).collect();
            let taken = weighted(&ends, |number| self.density((number - low).min(high - number)), rng);
            return Some((taken.0, taken.1 / self.density(room + 1)));
        }
        let inside: Vec<i64> = if room <= WEIGHED_MAX {
            (low + 1..high).collect()
        } else {
            let near = (1..=WEIGHED_MAX / 4).flat_map(|step| [low + step, high - step]);
            let far: Vec<i64> = (0..WEIGHED_MAX / 2).map(|_| rng.random_range(low + 1..high)).collect();
            near.chain(far).collect()
        };
        let both = |number: i64| self.density(number - low) * self.density(high - number);
        let (number, sum) = weighted(&inside, both, rng);
        Some((number, sum / self.density(high - low)))
    }

    /// Gives the middle gap, at least 1.
    fn middle(&self) -> i64 {
        let half = self.counts.iter().map(|count| u64::from(*count)).sum::<u64>() / 2;
        let mut so_far = 0;
        let at = self.counts.iter().position(|count| {
            so_far += u64::from(*count);
            so_far > half
        });
        at.map_or(1, lowest)
    }
}

/// Tells whether a new day or floor begins behind a jump: a row more would have been one more of what was before.
fn begins_anew(room: i64, high: i64) -> bool {
    let block = 10_i64.saturating_pow(room.ilog10() + 1);
    high.rem_euclid(block) < block / 20
}

/// Gives the lowest gap of a class.
fn lowest(class: usize) -> i64 {
    if class < 64 {
        return class as i64 + 1;
    }
    let (log, quarter) = ((class - 64) / 4 + 6, ((class - 64) % 4) as i64);
    ((4 + quarter) << (log - 2)).max(EXACT_MAX + 1)
}

/// Draws one of the numbers by weight, which is not 0; gives the sum of weights with it.
fn weighted(numbers: &[i64], weight: impl Fn(i64) -> f64, rng: &mut impl Rng) -> (i64, f64) {
    let weights: Vec<f64> = numbers.iter().map(|number| weight(*number)).collect();
    let sum: f64 = weights.iter().sum();
    let mut left = rng.random::<f64>() * sum;
    let drawn = numbers.iter().zip(&weights).find(|(_, weight)| {
        left -= **weight;
        left <= 0.0
    });
    (drawn.map_or(numbers[0], |(number, _)| *number), sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn numbers_lie_strictly_between_and_follow_the_usual_gap() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut gaps = Gaps::default();
        (0..100).for_each(|_| gaps.see(1));
        (0..30).for_each(|_| gaps.see(98));
        for _ in 0..50 {
            let (number, _) = gaps.between(103, 201, &mut rng).expect("room");
            assert!((104..=107).contains(&number), "{number}");
        }
        assert_eq!(gaps.between(7, 8, &mut rng), None);
        assert_eq!(gaps.between(8, 7, &mut rng), None);
        for high in [9_i64, 100, 1_000, 1_000_000_000_000] {
            let (number, score) = gaps.between(7, high, &mut rng).expect("room");
            assert!(7 < number && number < high && score > 0.0);
        }
    }

    #[test]
    fn a_jump_is_entered_from_both_ends_unless_a_new_day_begins_behind_it() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let mut gaps = Gaps::default();
        (0..100).for_each(|_| gaps.see(2));
        let mut drawn = |high: i64| -> Vec<i64> {
            (0..60).map(|_| gaps.between(26_137, high, &mut rng).expect("room").0).collect()
        };
        let both = drawn(26_951);
        assert!(both.iter().any(|number| *number < 26_150) && both.iter().any(|number| *number > 26_940), "{both:?}");
        assert!(drawn(27_001).iter().all(|number| *number < 26_150));
    }

    #[test]
    fn classes_of_gaps_never_overlap() {
        let mut last = 0;
        for gap in 1..100_000 {
            assert!(class(gap) >= last && class(gap) <= last + 1, "{gap}");
            last = class(gap);
            assert!(lowest(last) <= gap && class(lowest(last)) == last, "{gap}");
        }
    }
}
