//! Callers that went through a list: what one caller reached by and by is told from what a stranger reaches.
//!
//! A caller's number names nobody, and can be forged; but a caller who reaches five numbers of the pool, all of them in one
//! small copy, did not draw them from the whole pool. That holds for the contacts of this caller, silent ones too. Forged
//! or withheld numbers only take this away: what callers knew then stands alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use foldhash::fast::RandomState;

use super::calls::counts;
use super::evidence::Evidence;
use super::numbers::ln_sum;
use super::presence::Presence;
use super::verdict::tells;
use crate::hit::{Caller, Hit, NEIGHBOURS};
use crate::phone::Number;

/// Least probability that a caller went through a copy, for its contacts to count as such.
const LIKELY: f64 = 0.5;

/// How much likelier each contact of a caller is than a chance call, as a part of one draw from the pool.
pub struct Coherent<'e> {
    by_caller: HashMap<&'e Caller, Draws, RandomState>,
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
        let mut words: HashMap<&Caller, f64, RandomState> = HashMap::default();
        let mut last: HashMap<&Caller, i64, RandomState> = HashMap::default();
        let mut canaries: HashMap<&Caller, BTreeSet<usize>, RandomState> = HashMap::default();
        let mut counted: HashMap<&Caller, BTreeSet<&Number>, RandomState> = HashMap::default();
        // Who reached one number went through nothing.
        let repeated: HashSet<&Caller, RandomState> = all.keys().collect();
        for hit in evidence.hits.iter().filter(|hit| hit.expected.is_none()) {
            let Some(caller) = hit.contact.from.as_ref().filter(|caller| repeated.contains(*caller)) else { continue };
            reached.entry(caller).or_default().insert(&hit.contact.to);
            let at = hit.contact.at.timestamp();
            last.entry(caller).and_modify(|known| *known = at.max(*known)).or_insert(at);
            let canary = counts(presence, hit);
            canaries.entry(caller).or_default().extend(canary);
            counted.entry(caller).or_default().extend(canary.map(|_| &hit.contact.to));
            if tells(hit) {
                let told = words.entry(caller).or_default();
                *told = told.max(-hit.heard.chance.ln());
            }
        }
        // One of all that reached several numbers, asked about or not, is as likely as not the buyer.
        let several = all.keys().filter(|caller| !evidence.diallers.contains(*caller)).count();
        let ln_prior = -(1.0 + several as f64).ln();
        let mut copies = Copies::of(presence);
        let pool = evidence.pool.max(2) as f64;
        let mut by_caller = HashMap::default();
        for (caller, numbers) in &reached {
            let canaries = &canaries[*caller];
            let dials = evidence.diallers.contains(*caller);
            if dials || all.get(*caller).is_none_or(|numbers| counted[*caller].len() < *numbers) {
                continue;
            }
            // Both numbers of a row were drawn together.
            let draws = draws(numbers).min(canaries.len()) as f64;
            if draws < 2.0 {
                continue;
            }
            // Who knew one of these rows by word is hardly a stranger at the others.
            let ln_prior = (ln_prior + words.get(caller).copied().unwrap_or_default()).min(0.0);
            let Some(ln_draws) = copies.ln_one_draw(canaries, last[*caller], (draws, pool), -ln_prior) else {
                continue;
            };
            let likely = 1.0 / (1.0 + (-ln_prior - ln_draws).exp());
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

/// All copies that a caller can have drawn from: each holder's, as it was at each time.
struct Copies<'p> {
    presence: &'p Presence<'p>,
    /// By holder: when its copy grew, and how many canaries it had then.
    grown: HashMap<usize, Vec<(i64, f64)>>,
    begin: i64,
}

impl<'p> Copies<'p> {
    fn of(presence: &'p Presence<'p>) -> Copies<'p> {
        let begin = presence.classes.iter().map(|class| class.first_planted()).min();
        Copies { presence, grown: HashMap::new(), begin: begin.unwrap_or_default() }
    }

    /// Gives the logarithm of how much likelier it is that these canaries were drawn from one copy, made before `last`,
    /// than from the whole pool: the mean over all holders and days. None if it is certainly below `least`.
    fn ln_one_draw(
        &mut self,
        canaries: &BTreeSet<usize>,
        last: i64,
        (draws, pool): (f64, f64),
        least: f64,
    ) -> Option<f64> {
        let presence = self.presence;
        let mut classes: Vec<usize> = canaries.iter().filter_map(|listed| presence.listed[*listed].class).collect();
        classes.sort_unstable();
        classes.dedup();
        let newest = canaries.iter().map(|listed| presence.listed[*listed].planted).max()?;
        let (one, others) = classes.split_first()?;
        let holds = |place: &usize| others.iter().all(|class| presence.classes[*class].reach.contains_key(place));
        let places: Vec<usize> = presence.classes[*one].reach.keys().copied().filter(holds).collect();
        let drawn = |size: f64| draws * (pool / size.max(draws)).ln();
        let ln_holders = (presence.holders.len().max(1) as f64).ln();
        // A copy is never smaller than when the newest of them came in.
        let at_best = places.iter().map(|place| {
            let grown = self.grown.entry(*place).or_insert_with(|| grown(presence, *place));
            grown.get(grown.partition_point(|(at, _)| *at < newest)).map_or(f64::NEG_INFINITY, |(_, size)| drawn(*size))
        });
        if ln_sum(at_best) - ln_holders < least {
            return None;
        }
        let span = (last - self.begin).max(1) as f64;
        let mut logs = Vec::new();
        for place in &places {
            let grown = &self.grown[place];
            let from = grown.partition_point(|(at, _)| *at < newest);
            let until = grown.partition_point(|(at, _)| *at <= last);
            for (step, (at, size)) in grown.iter().enumerate().take(until).skip(from) {
                let next = grown.get(step + 1).map_or(last, |(next, _)| *next).min(last);
                logs.push(((next - at).max(1) as f64 / span).ln() + drawn(*size));
            }
        }
        Some(ln_sum(logs) - ln_holders)
    }
}

/// Gives when a holder's copy grew, by time, and how many canaries it had from then on.
fn grown(presence: &Presence<'_>, place: usize) -> Vec<(i64, f64)> {
    let mut steps: BTreeMap<i64, f64> = BTreeMap::new();
    for (class, share) in presence.by_origin(place).flatten() {
        let (found, mut before) = (&presence.classes[*class], 0);
        for at in found.times() {
            let (listed, silent) = found.planted_by(at);
            *steps.entry(at.max(found.since(place))).or_default() += share * (listed + silent - before) as f64;
            before = listed + silent;
        }
    }
    let mut size = 0.0;
    let grow = |(at, canaries): (i64, f64)| {
        size += canaries;
        (at, size)
    };
    steps.into_iter().map(grow).collect()
}
