//! What Bayes makes of a leak that knows everything but whose copy it was: the limit for any tracing.
//!
//! The oracle knows the true chances to be in each copy, the true distributions that leaks are drawn from, and is even
//! told which calls the leak caused and when the list was sold to their callers. It has to find out the holder, when
//! the copy was made, which rows, and how eagerly they were called. Being told more than any program can know, it is
//! an upper limit; the fewer canaries were called, the looser. [`blind`] is not told, and sorts the calls by a rule of
//! thumb that fits the simulator's noise: a good tracing should reach it, and may pass it.

use std::collections::BTreeMap;

use super::chance::log_uniform_at;
use super::leak::{DELAYS, Leak, RATES, SAMPLES, Style, Touch, WINDOWS};
use super::noise::Call;
use super::world::{Canary, World};

/// Points of each grid that is summed over.
const COPY_POINTS: usize = 16;
const RATE_POINTS: usize = 8;
const DELAY_POINTS: usize = 5;
const WINDOW_LENGTHS: usize = 12;
const WINDOW_ENDS: usize = 14;
/// Days of rows that are counted together.
const BIN_DAYS: f64 = 3.0;
/// The share of leaks that take a window of rows.
const WINDOW_PRIOR: f64 = 1.0 / 3.0;
/// A chance that was never seen in the draws, but is not nothing.
const CHANCE_MIN: f64 = 1e-3;

/// Silent canaries of one planting in one bin of row days.
struct Silent {
    bin: usize,
    planting: usize,
    count: f64,
}

/// What all hypotheses share.
struct Case<'w> {
    world: &'w World,
    style: &'w Style,
    sales: &'w [f64],
    touched: Vec<(&'w Canary, Touch)>,
    /// By bin, and within it by planting.
    silent: Vec<Silent>,
    first_row: f64,
    bins: usize,
    rates: Vec<f64>,
    sampled_rates: Vec<f64>,
}

/// Gives each keeper's probability to be the source, all adding up to 1; nothing if nobody can be.
pub fn posterior(world: &World, leak: &Leak, style: &Style) -> Vec<(usize, f64)> {
    let case = Case::of(world, leak, style);
    let keepers = world.with_canaries();
    let evidence: Vec<f64> = keepers.iter().map(|keeper| case.log_evidence(*keeper)).collect();
    let total = log_sum(&evidence);
    if !total.is_finite() {
        return Vec::new();
    }
    keepers.into_iter().zip(evidence).map(|(keeper, log)| (keeper, (log - total).exp())).collect()
}

/// Gives the same without being told which calls the leak caused, only how far strangers' calls go: a caller who
/// reached more canaries, and nothing else, than any stranger did is taken for the leak's, and so is one who names
/// the mother.
pub fn blind(world: &World, strangers: &[Call], calls: &[Call], style: &Style) -> Vec<(usize, f64)> {
    let (_, by_chance) = sorted(world, strangers.iter());
    let most_by_chance = by_chance.iter().map(BTreeMap::len).max().unwrap_or(1);
    let (named, mut callers) = sorted(world, strangers.iter().chain(calls));
    callers.retain(|touched| touched.len() > most_by_chance);
    let loudest = callers.iter().max_by_key(|touched| touched.len()).cloned().unwrap_or_default();
    let mut all = named;
    for (canary, day) in callers.into_iter().flatten() {
        let first = all.entry(canary).or_insert(day);
        *first = first.min(day);
    }
    // Where no copy explains all of it, something was taken in that is not the leak's.
    let tries = [all, loudest].into_iter().filter(|touched| !touched.is_empty());
    let mut found = tries.map(|touched| posterior(world, &as_if_sold_once(touched), style));
    found.find(|found| !found.is_empty()).unwrap_or_default()
}

/// Canaries with the day of their first call.
type Touched = BTreeMap<usize, f64>;

/// Finds canaries whose mother was named, and the canaries of each caller who reached two and never any other number.
fn sorted<'c>(world: &World, calls: impl Iterator<Item = &'c Call>) -> (Touched, Vec<Touched>) {
    let mut named = Touched::new();
    // Nothing for a caller who reached a number that was not planted then.
    let mut by_caller: BTreeMap<&str, Option<Touched>> = BTreeMap::new();
    for call in calls {
        let canary = world.lines[call.line].canary.filter(|canary| world.canaries[*canary].day <= call.day);
        let note = |touched: &mut Touched, canary: usize| {
            let first = touched.entry(canary).or_insert(call.day);
            *first = first.min(call.day);
        };
        if let (Some(canary), Some(said)) = (canary, &call.said)
            && said.contains(&world.canaries[canary].words.mother)
        {
            note(&mut named, canary);
        }
        let Some(from) = &call.from else { continue };
        let touched = by_caller.entry(from).or_insert_with(|| Some(Touched::new()));
        match (canary, touched.as_mut()) {
            (Some(canary), Some(touched)) => note(touched, canary),
            (None, _) => *touched = None,
            (Some(_), None) => {}
        }
    }
    (named, by_caller.into_values().flatten().filter(|touched| touched.len() > 1).collect())
}

fn as_if_sold_once(touched: Touched) -> Leak {
    let touches = touched.into_iter().map(|(canary, day)| Touch { canary, day, resold_after: 0.0 }).collect();
    Leak { keeper: 0, copied: 0.0, touches, sales: vec![0.0], calls: Vec::new() }
}

impl<'w> Case<'w> {
    fn of(world: &'w World, leak: &'w Leak, style: &'w Style) -> Case<'w> {
        let touched: Vec<(&Canary, Touch)> =
            leak.touches.iter().map(|touch| (&world.canaries[touch.canary], *touch)).collect();
        let mut is_touched = vec![false; world.canaries.len()];
        leak.touches.iter().for_each(|touch| is_touched[touch.canary] = true);
        let first_row = world.canaries.iter().map(|canary| canary.row_day).fold(f64::INFINITY, f64::min);
        let bin_of = |canary: &Canary| ((canary.row_day - first_row) / BIN_DAYS) as usize;
        let mut counted = BTreeMap::new();
        for (canary, _) in world.canaries.iter().zip(&is_touched).filter(|(_, touched)| !**touched) {
            *counted.entry((bin_of(canary), canary.planting)).or_insert(0.0) += 1.0;
        }
        let silent = counted.into_iter().map(|((bin, planting), count)| Silent { bin, planting, count }).collect();
        let bins = world.canaries.iter().map(bin_of).max().unwrap_or_default() + 1;
        let rates: Vec<f64> = shares(RATE_POINTS).map(|share| log_uniform_at(RATES, share)).collect();
        let sales = &leak.sales;
        let sampled_rates = sampled(&rates);
        Case { world, style, sales, touched, silent, first_row, bins, rates, sampled_rates }
    }

    /// Sums the likelihood of what was seen over copy times, delays, rates and rows, for one keeper.
    fn log_evidence(&self, keeper: usize) -> f64 {
        let could = |(canary, touch): &(&Canary, Touch)| {
            self.world.plantings[canary.planting].reach[keeper].first().is_some_and(|at| *at <= touch.day)
        };
        let (mut low, mut high) = self.style.copied;
        let year = high - low;
        for (canary, touch) in &self.touched {
            low = low.max(canary.day);
            high = high.min(touch.day - touch.resold_after);
        }
        if low >= high || !self.touched.iter().all(could) {
            return f64::NEG_INFINITY;
        }
        let width = (high - low) / year / COPY_POINTS as f64;
        let mut logs = Vec::with_capacity(COPY_POINTS * DELAY_POINTS * RATE_POINTS * 3);
        for copy in shares(COPY_POINTS).map(|share| low + share * (high - low)) {
            let chances: Vec<f64> =
                self.world.plantings.iter().map(|planting| planting.chance_in(keeper, copy)).collect();
            let stays = 1.0 - self.style.stripped;
            let chance = |planting: usize| {
                let floor = if self.world.plantings[planting].reach[keeper].is_empty() { 0.0 } else { CHANCE_MIN };
                chances[planting].max(floor) * stays
            };
            for delay in shares(DELAY_POINTS).map(|share| log_uniform_at(DELAYS, share)) {
                let log_touched = self.log_touched(copy, delay, &chance) + width.ln() - (DELAY_POINTS as f64).ln();
                if log_touched.is_finite() {
                    self.over_rows(copy, (delay, log_touched), &chances, stays, &mut logs);
                }
            }
        }
        log_sum(&logs)
    }

    /// Gives the likelihood of the touched canaries' times and presence, their rate left out.
    fn log_touched(&self, copy: f64, delay: f64, chance: &dyn Fn(usize) -> f64) -> f64 {
        let log = |(canary, touch): &(&Canary, Touch)| {
            let waited = touch.day - touch.resold_after - copy;
            chance(canary.planting).ln() - waited / delay - delay.ln()
        };
        self.touched.iter().map(log).sum()
    }

    fn over_rows(&self, copy: f64, (delay, log_touched): (f64, f64), chances: &[f64], stays: f64, logs: &mut Vec<f64>) {
        // A silent canary may yet be called: only a part of the delays has passed, for each buyer another.
        let passed: f64 =
            self.sales.iter().map(|sale| 1.0 - (-(self.style.now - copy - sale).max(0.0) / delay).exp()).sum();
        let passed = passed / self.sales.len() as f64;
        let called = self.touched.len() as f64;
        let log_prior = |prior: f64| log_touched + (prior / RATE_POINTS as f64).ln();
        for (rates, prior) in [(&self.rates, WINDOW_PRIOR), (&self.sampled_rates, WINDOW_PRIOR)] {
            for rate in rates {
                let log_silent: f64 = self.silent.iter().map(|silent| silent.log(chances, rate * passed * stays)).sum();
                logs.push(log_prior(prior) + called * rate.ln() + log_silent);
            }
        }
        for rate in &self.rates {
            let mut before = vec![0.0; self.bins + 1];
            for silent in &self.silent {
                before[silent.bin + 1] += silent.log(chances, rate * passed * stays);
            }
            for bin in 0..self.bins {
                before[bin + 1] += before[bin];
            }
            let (windows, share) = self.windows(copy);
            for (first, last) in windows {
                let bin = |day: f64| (((day - self.first_row) / BIN_DAYS).round().max(0.0) as usize).min(self.bins);
                let log_silent = before[bin(last)] - before[bin(first)];
                logs.push(log_prior(WINDOW_PRIOR) + share.ln() + called * rate.ln() + log_silent);
            }
        }
    }

    /// Lists windows that hold all touched rows, and the prior of each.
    fn windows(&self, copy: f64) -> (Vec<(f64, f64)>, f64) {
        let rows = self.touched.iter().map(|(canary, _)| canary.row_day);
        let (oldest, newest) = (rows.clone().fold(f64::INFINITY, f64::min), rows.fold(f64::NEG_INFINITY, f64::max));
        let mut found = Vec::new();
        for length in shares(WINDOW_LENGTHS).map(|share| log_uniform_at(WINDOWS, share)) {
            // Half of all windows end with the copy, the others anywhere before it.
            let ends = shares(WINDOW_ENDS).map(|share| share * copy.max(1.0));
            for last in ends.chain((0..WINDOW_ENDS).map(|_| copy)) {
                if last - length <= oldest && newest <= last {
                    found.push((last - length, last));
                }
            }
        }
        (found, 1.0 / (WINDOW_LENGTHS * WINDOW_ENDS * 2) as f64)
    }
}

impl Silent {
    fn log(&self, chances: &[f64], rate: f64) -> f64 {
        let chance = chances[self.planting];
        if chance == 0.0 { 0.0 } else { self.count * (-chance * rate).ln_1p() }
    }
}

/// Gives the midpoints of equal parts of 0 to 1.
fn shares(points: usize) -> impl Iterator<Item = f64> {
    (0..points).map(move |point| (point as f64 + 0.5) / points as f64)
}

/// Gives quantiles of a rate times the share of a sample.
fn sampled(rates: &[f64]) -> Vec<f64> {
    let samples: Vec<f64> = shares(RATE_POINTS).map(|share| SAMPLES.0 + share * (SAMPLES.1 - SAMPLES.0)).collect();
    let mut all: Vec<f64> = rates.iter().flat_map(|rate| samples.iter().map(move |sample| rate * sample)).collect();
    all.sort_by(f64::total_cmp);
    all.chunks(RATE_POINTS).map(|part| part.iter().sum::<f64>() / part.len() as f64).collect()
}

pub fn log_sum(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most.is_finite() { most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln() } else { most }
}
