//! Which numbers of the pool go into a list.
//!
//! No two within 1,000 of each other (a block of numbers is the surest sign of a canary), none that stands in
//! the list, and mostly those with prefixes that are usual there.

use std::collections::{BTreeSet, HashMap, HashSet};

use rand::{Rng, RngExt};

use super::error::PlantError;
use crate::list::digits;
use crate::list::profile::Profile;
use crate::phone::Number;

/// Numbers of one list are further apart than this.
const APART: u64 = 1_000;

/// Weight of a prefix that the sample does not hold, against one row that does.
const UNSEEN_WEIGHT: f64 = 0.02;

/// Digits of a prefix.
const PREFIX_DIGITS: usize = 3;

/// The first digits of a national number; all zero if it is shorter.
type Prefix = [u8; PREFIX_DIGITS];

fn prefix(national: &str) -> Prefix {
    national.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// Chooses `count` numbers that fit the list, in random order.
pub fn choose(
    numbers: &[Number],
    count: usize,
    profile: Option<&Profile>,
    rng: &mut impl Rng,
) -> Result<Vec<Number>, PlantError> {
    let standing: HashSet<u64> = profile.iter().flat_map(|profile| &profile.watched).map(|seen| seen.digits).collect();
    let prefixes = profile.map(prefixes).unwrap_or_default();
    let mut candidates: Vec<(Prefix, u64, &Number)> = Vec::with_capacity(numbers.len());
    for number in numbers {
        let national = number.national();
        if let Ok(value) = national.parse::<u64>()
            && !standing.contains(&value)
        {
            candidates.push((prefix(&national), value, number));
        }
    }
    let mut offered: HashMap<Prefix, f64> = HashMap::new();
    candidates.iter().for_each(|(prefix, ..)| *offered.entry(*prefix).or_default() += 1.0);
    // What matters is the share of a prefix in the list, however many numbers of it the pool has.
    let mut race: Vec<(f64, u64, &Number)> = candidates
        .into_iter()
        .map(|(prefix, value, number)| {
            let wanted = UNSEEN_WEIGHT + prefixes.get(&prefix).copied().unwrap_or(0.0);
            let weight = wanted / offered.get(&prefix).copied().unwrap_or(1.0);
            (-(1.0 - rng.random::<f64>()).ln() / weight, value, number)
        })
        .collect();
    race.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut taken = BTreeSet::new();
    let mut chosen = Vec::with_capacity(count);
    for (_, value, number) in race {
        if chosen.len() == count {
            break;
        }
        let near = value.saturating_sub(APART)..=value.saturating_add(APART);
        if taken.range(near).next().is_none() {
            taken.insert(value);
            chosen.push(number.clone());
        }
    }
    if chosen.len() < count {
        return Err(PlantError::TooFewNumbers { needs: count, has: chosen.len() });
    }
    Ok(chosen)
}

/// Counts the prefixes of the sampled rows' phones.
fn prefixes(profile: &Profile) -> HashMap<Prefix, f64> {
    let mut counts = HashMap::new();
    let Some(phone) = profile.position(crate::list::Meaning::Phone) else { return counts };
    for row in profile.donors() {
        for group in digits::groups(row.cell(phone)) {
            let national = digits::national_forms(group).next().unwrap_or(group.value).to_string();
            *counts.entry(prefix(&national)).or_default() += 1.0;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::Region;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn numbers(tails: impl Iterator<Item = u64>) -> Vec<Number> {
        let number =
            |tail: u64| Number::parse(&(13_800_000_000 + tail).to_string(), Region::default()).expect("a number");
        tails.map(number).collect()
    }

    #[test]
    fn neighbours_in_a_block_never_go_together() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let pool = numbers((0..50).map(|n| n * 400));
        let chosen = choose(&pool, 10, None, &mut rng).expect("enough");
        let mut values: Vec<u64> = chosen.iter().map(|n| n.national().parse().expect("digits")).collect();
        values.sort_unstable();
        assert!(values.windows(2).all(|pair| pair[1] - pair[0] > APART));
        let all = choose(&numbers(0..50), 2, None, &mut rng);
        assert_eq!(all, Err(PlantError::TooFewNumbers { needs: 2, has: 1 }));
    }
}
