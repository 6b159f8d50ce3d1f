//! All explanations beside each other: chance alone, a leak at one holder, leaks at several.
//!
//! Several sources are sought only from the single ones that explain much: adding the source that explains most of what
//! is left, one at a time. A set needs far better evidence than one source does, because there are far more sets.

use std::collections::BTreeMap;

use serde::Serialize;

use super::calls::Called;
use super::compared::common_sets;
use super::grid::{Fineness, Grid};
use super::numbers::{ln_gamma, ln_sum};
use super::presence::Presence;
use super::tables::Taken;
use super::weigh::{Fit, Undeclared, Weigher};

/// Prior probability that nothing leaked and all is chance.
pub const CHANCE_PRIOR: f64 = 0.5;
/// Prior probability of two sources at once, of three half of it, and so on.
pub const PAIR_PRIOR: f64 = 0.05;
/// Most sources in one explanation.
pub const SOURCES_MAX: usize = 8;
/// Explanations below this share of the best, as a logarithm, are weighed on the coarse grid only.
const LN_UNLIKELY: f64 = -14.0;
/// Most holders weighed on the fine grid, and most from which sets are sought.
const FINE_MAX: usize = 16;
const STARTS_MAX: usize = 4;
/// Most holders among which further sources are sought.
const MEMBERS_MAX: usize = 100;
/// Least gain, as a logarithm, at which one more source is kept.
const LN_GAIN_MIN: f64 = 3.0;

/// How several holders come to be the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Each copy leaked by itself.
    Apart,
    /// The copies were compared, and only the rows that all have leaked.
    RowsInCommon,
}

/// One explanation and its probability; no place stands for chance alone.
#[derive(Debug, Clone)]
pub struct Explanation {
    pub places: Vec<usize>,
    pub how: How,
    pub probability: f64,
}

/// What explains a set of hits; probabilities of `sources` (by place, likeliest first) and `background` add up to 1.
#[derive(Debug, Clone, Default)]
pub struct Weighed {
    pub sources: Vec<(usize, f64)>,
    pub background: f64,
    pub explanations: Vec<Explanation>,
}

/// How much work a weighing may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Single sources on the coarse grid.
    Glance,
    /// Single sources.
    Single,
    /// All of it.
    Whole,
}

/// Weighs every holder that has any of the called canaries, sets of them, and chance.
pub fn explain(presence: &Presence<'_>, called: &Called, until: i64, depth: Depth) -> Weighed {
    let mut candidates: Vec<usize> = called
        .keys()
        .filter_map(|listed| presence.class_of(*listed))
        .flat_map(|class| class.reach.keys().copied())
        .collect();
    candidates.sort_unstable();
    candidates.dedup();
    if candidates.is_empty() {
        return Weighed { background: 1.0, ..Weighed::default() };
    }
    let holders = presence.holders.len().max(1) as f64;
    let single = single_prior(holders);
    let classes = classes_of(presence, &candidates);
    let coarse = Grid::over(presence, classes.iter().copied(), until, Fineness::Coarse);
    let weigher = Weigher::new(presence, &coarse, called);
    let speaks = called.values().any(|calls| calls.speak(until));
    let mut declared: BTreeMap<usize, Fit> = BTreeMap::new();
    let possible = |place: &usize| {
        if depth != Depth::Whole || !speaks {
            return (*place, weigher.weigh(*place, Undeclared::Possible));
        }
        // Sets are sought among what was declared alone, of which most is the same.
        let [possible, excluded] = weigher.weigh_both(*place);
        declared.insert(*place, excluded);
        (*place, possible)
    };
    let mut fits: BTreeMap<usize, Fit> = candidates.iter().map(possible).collect();
    let mut explanations = vec![(Vec::new(), How::Apart, CHANCE_PRIOR.ln())];
    if depth != Depth::Glance && speaks {
        let likely = likely(&fits, FINE_MAX);
        let classes = classes_of(presence, &likely);
        let fine = Grid::over(presence, classes.into_iter(), until, Fineness::Fine);
        let finer = Weigher::new(presence, &fine, called);
        fits.extend(likely.iter().map(|place| (*place, finer.weigh(*place, Undeclared::Possible))));
        let sets = match depth {
            Depth::Whole => sets(presence, &weigher, &declared),
            Depth::Single | Depth::Glance => Vec::new(),
        };
        explanations.extend(sets.into_iter().map(|(places, ln)| {
            let prior = set_prior(places.len(), holders);
            (places, How::Apart, prior + ln)
        }));
        if depth == Depth::Whole {
            let common = common_sets(presence, &finer, called, &likely);
            explanations.extend(common.into_iter().map(|(places, ln)| (places, How::RowsInCommon, ln)));
        }
    }
    explanations.extend(fits.values().map(|fit| (vec![fit.place], How::Apart, single + fit.ln)));
    normalised(explanations)
}

fn classes_of(presence: &Presence<'_>, places: &[usize]) -> Vec<usize> {
    let mut reached = vec![false; presence.classes.len()];
    places.iter().flat_map(|place| presence.at(*place)).for_each(|class| reached[class] = true);
    (0..presence.classes.len()).filter(|class| reached[*class]).collect()
}

/// Gives the likeliest holders, none far below the first.
fn likely(fits: &BTreeMap<usize, Fit>, most: usize) -> Vec<usize> {
    let mut sorted: Vec<&Fit> = fits.values().collect();
    sorted.sort_by(|a, b| b.ln.total_cmp(&a.ln));
    let least = sorted.first().map_or(0.0, |first| first.ln) + LN_UNLIKELY;
    sorted.into_iter().take_while(|fit| fit.ln >= least).take(most).map(|fit| fit.place).collect()
}

/// Gives the logarithm of the prior of one holder among so many as the only source.
pub fn single_prior(holders: f64) -> f64 {
    (1.0 - CHANCE_PRIOR - 2.0 * PAIR_PRIOR).ln() - holders.ln()
}

/// Gives the logarithm of the prior of one set of `size` holders among so many.
pub fn set_prior(size: usize, holders: f64) -> f64 {
    let (size, kinds) = (size as f64, ln_gamma(holders + 1.0));
    let sets = kinds - ln_gamma(size + 1.0) - ln_gamma((holders - size).max(0.0) + 1.0);
    PAIR_PRIOR.ln() - (size - 2.0) * std::f64::consts::LN_2 - sets
}

/// Gives the logarithm of the prior of one set of `size` holders who compared their copies, of a `group` that was given canaries at
/// once, among so many holders: a member's leak is one of two who compared as often, beside a single one, as two sources are.
pub fn compared_prior(size: usize, group: f64, holders: f64) -> f64 {
    set_prior(size, group) + (group / holders).ln()
}

/// Seeks sets of sources; each with the logarithm of its likelihood ratio to chance.
fn sets(presence: &Presence<'_>, alone: &Weigher<'_>, fits: &BTreeMap<usize, Fit>) -> Vec<(Vec<usize>, f64)> {
    // Who explains nothing better than chance alone is no second source either.
    let mut others: Vec<&Fit> = fits.values().filter(|fit| fit.ln > 0.0).collect();
    others.sort_by(|a, b| b.ln.total_cmp(&a.ln));
    let candidates: Vec<usize> = others.into_iter().take(MEMBERS_MAX).map(|fit| fit.place).collect();
    let mut found: BTreeMap<Vec<usize>, f64> = BTreeMap::new();
    for start in likely(fits, STARTS_MAX) {
        let first = &fits[&start];
        let (mut taken, mut ln) = (Taken { fits: vec![first.clone()] }, first.ln);
        while taken.fits.len() < SOURCES_MAX {
            let Some(next) = next_source(presence, alone, (&candidates, fits), &taken) else { break };
            ln += next.ln;
            taken.fits.push(next);
            let mut places: Vec<usize> = taken.fits.iter().map(|fit| fit.place).collect();
            places.sort_unstable();
            let known = found.entry(places).or_insert(ln);
            *known = known.max(ln);
        }
    }
    found.into_iter().collect()
}

/// Finds the holder that explains most of what the others leave.
fn next_source(
    presence: &Presence<'_>,
    alone: &Weigher<'_>,
    (candidates, fits): (&[usize], &BTreeMap<usize, Fit>),
    taken: &Taken,
) -> Option<Fit> {
    let weigher = alone.beside(taken);
    let others = candidates.iter().filter(|place| taken.fits.iter().all(|fit| fit.place != **place));
    // Whom the sources that are taken share nothing with explains as much as alone.
    let touched: Vec<bool> = (0..presence.classes.len()).map(|class| taken.reaches(presence, class)).collect();
    let weighed = others.map(|place| match presence.at(*place).any(|class| touched[class]) {
        true => weigher.weigh(*place, Undeclared::Excluded),
        false => fits[place].clone(),
    });
    let best = weighed.max_by(|a, b| a.ln.total_cmp(&b.ln));
    best.filter(|fit| fit.ln >= LN_GAIN_MIN)
}

fn normalised(explanations: Vec<(Vec<usize>, How, f64)>) -> Weighed {
    let total = ln_sum(explanations.iter().map(|(.., ln)| *ln));
    let mut background = 0.0;
    let mut shares: BTreeMap<usize, f64> = BTreeMap::new();
    let mut kept = Vec::new();
    for (places, how, ln) in explanations {
        let probability = (ln - total).exp();
        if places.is_empty() {
            background += probability;
        }
        for place in &places {
            *shares.entry(*place).or_default() += probability / places.len() as f64;
        }
        kept.push(Explanation { places, how, probability });
    }
    kept.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.places.cmp(&b.places)));
    let mut sources: Vec<(usize, f64)> = shares.into_iter().collect();
    sources.sort_by(|(a, p), (b, q)| q.total_cmp(p).then_with(|| a.cmp(b)));
    Weighed { sources, background, explanations: kept }
}
