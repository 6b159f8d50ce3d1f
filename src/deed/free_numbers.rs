//! A fair sample of the free numbers, so that memory follows what is asked for and not the pool.

use chrono::{DateTime, Utc};
use rand::{Rng, RngExt};

use super::DeedError;
use crate::phone::Number;
use crate::plant::how_many_apart;
use crate::store::Reader;

/// Numbers offered for each canary, so that those can be chosen that fit a list and each other.
const OFFERED: usize = 4;
/// Numbers offered at least.
const OFFERED_MIN: usize = 20_000;

/// Draws free numbers enough for `count` canaries; all of them where a sample might leave too few that are far apart.
pub(super) fn free_numbers(
    reader: &Reader<'_>,
    now: DateTime<Utc>,
    count: usize,
    rng: &mut impl Rng,
) -> Result<Vec<Number>, DeedError> {
    let most = (count * OFFERED).max(OFFERED_MIN);
    let (sample, free) = sample_free(reader, now, most, rng)?;
    if free < count {
        return Err(DeedError::TooFewNumbers { asked: count, free });
    }
    if free > sample.len() && how_many_apart(&sample) < 2 * count {
        return Ok(reader.free_numbers(now)?);
    }
    Ok(sample)
}

/// Draws up to `most` free numbers, each with the same chance, and counts all; in order of the pool if these are all.
pub(super) fn sample_free(
    reader: &Reader<'_>,
    now: DateTime<Utc>,
    most: usize,
    rng: &mut impl Rng,
) -> Result<(Vec<Number>, usize), DeedError> {
    let (mut sample, mut free) = (Vec::new(), 0_usize);
    reader.each_free_number(now, &mut |number| {
        free += 1;
        if sample.len() < most {
            sample.push(number);
        } else if let Some(place) = sample.get_mut(rng.random_range(0..free)) {
            *place = number;
        }
    })?;
    Ok((sample, free))
}
