//! Callers that went through a list: what one caller reached by and by is told from what a stranger reaches.
//!
//! A caller's number names nobody, and can be forged; but a caller who reaches five numbers of the pool, all of them in one
//! small copy, did not draw them from the whole pool. That holds for the contacts of this caller, silent ones too. Forged
//! or withheld numbers only take this away: what callers knew then stands alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::calls::counts;
use super::evidence::Evidence;
use super::presence::Presence;
use super::verdict::tells;
use crate::hit::{Caller, Hit, NEIGHBOURS};
use crate::phone::Number;

/// Least probability that a caller went through a copy, for its contacts to count as such.
const LIKELY: f64 = 0.5;

/// How much likelier each contact of a caller is than a chance call, as a part of one draw from the pool.
pub struct Coherent<'e> {
    by_caller: HashMap<&'e Caller, Draws>,
}

#[derive(Debug, Clone, Copy)]
struct Draws {
    /// Draws beyond the first, as the share of all of them.
    beyond_first: f64,
    /// Probability that the caller went through a copy.
    likely: f64,
    /// Logarithm of the numbers in the pool.
    ln_pool: f64,
    /// Logarithm of the prior that such a caller goes through a copy, for each draw.
    ln_prior: f64,
}

impl<'e> Coherent<'e> {
    /// Finds the callers whose canaries lie in one copy that is small beside the pool.
    pub fn among(evidence: &'e Evidence, presence: &Presence<'_>) -> Coherent<'e> {
        let mut reached: BTreeMap<&Caller, BTreeSet<&Number>> = BTreeMap::new();
        let all = &evidence.reached_by;
        let mut words: HashMap<&Caller, f64> = HashMap::new();
        let mut canaries: HashMap<&Caller, BTreeSet<usize>> = HashMap::new();
        // Who reached one number went through nothing.
        let repeated: HashSet<&Caller> = all.keys().collect();
        for hit in evidence.hits.iter().filter(|hit| hit.expected.is_none()) {
            let Some(caller) = hit.contact.from.as_ref().filter(|caller| repeated.contains(*caller)) else { continue };
            reached.entry(caller).or_default().insert(&hit.contact.to);
            canaries.entry(caller).or_default().extend(counts(presence, hit));
            if tells(hit) {
                let told = words.entry(caller).or_default();
                *told = told.max(-hit.heard.chance.ln());
            }
        }
        // One of all that reached several numbers, asked about or not, is as likely as not the buyer.
        let several = all.keys().filter(|caller| !evidence.diallers.contains(*caller)).count();
        let ln_prior = -(1.0 + several as f64).ln();
        let sizes = presence.sizes();
        let smallest = sizes.values().copied().min_by(f64::total_cmp).unwrap_or(1.0).max(1.0);
        let pool = evidence.pool.max(2) as f64;
        let mut by_caller = HashMap::new();
        for (caller, numbers) in &reached {
            let canaries = &canaries[*caller];
            let dials = evidence.diallers.contains(*caller);
            if dials || all.get(*caller).is_none_or(|numbers| canaries.len() < *numbers) {
                continue;
            }
            let draws = draws(numbers) as f64;
            // Who knew one of these rows by word is hardly a stranger at the others.
            let ln_prior = (ln_prior + words.get(caller).copied().unwrap_or_default()).min(0.0);
            let likely_in = |copy: f64| {
                let ln_ratio = ln_prior + (draws - 1.0) * (pool / copy.max(1.0)).ln();
                1.0 / (1.0 + (-ln_ratio).exp())
            };
            // Not even the smallest of all copies would do.
            if likely_in(smallest) < LIKELY {
                continue;
            }
            let Some(copy) = smallest_copy(presence, &sizes, canaries).filter(|_| draws > 1.0) else { continue };
            let likely = likely_in(copy);
            if likely >= LIKELY {
                let beyond_first = (draws - 1.0) / draws;
                let (ln_pool, ln_prior) = (pool.ln(), ln_prior / draws);
                by_caller.insert(*caller, Draws { beyond_first, likely, ln_pool, ln_prior });
            }
        }
        Coherent { by_caller }
    }

    /// Gives how many times likelier this contact is from somebody who went through a copy than by chance, if chance calls
    /// are `expected` in the time seen; none for a caller who did not.
    pub fn ratio(&self, hit: &Hit, expected: f64) -> Option<f64> {
        let draws = self.by_caller.get(hit.contact.from.as_ref()?)?;
        let ln = draws.beyond_first * draws.ln_pool + draws.ln_prior - (1.0 - draws.beyond_first) * expected.ln();
        Some(draws.likely * ln.min(draws.ln_pool).exp())
    }
}

/// Counts draws: neighbouring numbers are one.
fn draws(numbers: &BTreeSet<&Number>) -> usize {
    let digits = numbers.iter().filter_map(|number| number.as_str().strip_prefix('+')?.parse::<u64>().ok());
    let mut digits: Vec<u64> = digits.collect();
    digits.sort_unstable();
    1 + digits.windows(2).filter(|pair| pair[1] - pair[0] > NEIGHBOURS).count()
}

/// Gives the canaries in the smallest copy that holds all of these.
fn smallest_copy(presence: &Presence<'_>, sizes: &BTreeMap<usize, f64>, canaries: &BTreeSet<usize>) -> Option<f64> {
    let mut classes: Vec<usize> = canaries.iter().filter_map(|listed| presence.listed[*listed].class).collect();
    classes.sort_unstable();
    classes.dedup();
    let (first, others) = classes.split_first()?;
    let holds = |place: &&usize| others.iter().all(|class| presence.classes[*class].reach.contains_key(place));
    let places = presence.classes[*first].reach.keys().filter(holds);
    places.filter_map(|place| sizes.get(place)).copied().min_by(f64::total_cmp)
}
