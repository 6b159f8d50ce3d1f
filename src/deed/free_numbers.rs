//! A fair sample of the free numbers, so that memory follows what is asked for and not the pool.

use chrono::{DateTime, Utc};
use rand::{Rng, RngExt};

use super::DeedError;
use crate::phone::Number;
use crate::store::Reader;

/// Numbers offered for each canary, so that those can be chosen that fit a list and each other.
const OFFERED: usize = 4;
/// Numbers offered at least.
const OFFERED_MIN: usize = 20_000;
/// Numbers of one list are further apart than this; see `plant::numbers`.
const APART: u64 = 1_000;

/// Draws free numbers enough for `count` canaries; all of them where a sample might leave too few that are far apart.
pub(super) fn free_numbers(
    reader: &Reader<'_>,
    now: DateTime<Utc>,
    count: usize,
    rng: &mut impl Rng,
) -> Result<Vec<Number>, DeedError> {
    let most = (count * OFFERED).max(OFFERED_MIN);
    let (mut sample, mut free) = (Vec::new(), 0_usize);
    reader.each_free_number(now, &mut |number| {
        free += 1;
        if sample.len() < most {
            sample.push(number);
        } else if let Some(place) = sample.get_mut(rng.random_range(0..free)) {
            *place = number;
        }
    })?;
    if free < count {
        return Err(DeedError::TooFewNumbers { asked: count, free });
    }
    if free > sample.len() && far_apart(&sample) < 2 * count {
        return Ok(reader.free_numbers(now)?);
    }
    Ok(sample)
}

/// Counts as many numbers as possible that are far apart. Each that is chosen rules out two of them at most.
fn far_apart(numbers: &[Number]) -> usize {
    let mut values: Vec<u64> = numbers.iter().filter_map(|number| number.national().parse().ok()).collect();
    values.sort_unstable();
    let (mut last, mut count) = (None, 0);
    for value in values {
        if last.is_none_or(|last| value - last > APART) {
            (last, count) = (Some(value), count + 1);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_far_apart_are_counted() {
        let numbers = |step: u64| -> Vec<Number> {
            (0..50).map(|nth| Number::from_e164(&format!("+86138{:08}", nth * step)).expect("a test number")).collect()
        };
        assert_eq!(far_apart(&numbers(1_001)), 50);
        assert_eq!(far_apart(&numbers(1_000)), 25);
        assert_eq!(far_apart(&numbers(1)), 1);
    }
}
