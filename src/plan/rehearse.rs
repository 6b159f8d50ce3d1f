//! Rehearses leaks: draws which canaries would be told of, and weighs that as `trace` would.
//!
//! The same ratios, rates and allowances as in `trace`, with what is not known before a leak left out: all canaries are there
//! at the time of the copy, the whole copy is called, and a call without words counts as silence.

use std::collections::HashMap;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use super::same_rows::is_shared;
use crate::trace::Copies;
use crate::trace::priors::{
    CHANCE_PRIOR, FLOW_ABSENT, OWN_ABSENT, RATES, SILENT_RATIO, SOURCES_MAX, SUPPORTED, UNDECLARED_FLOWS, ln_sum,
    set_prior, single_prior,
};

/// Leaks drawn for each copy, where that is cheap and where it is not.
const DRAWS_MAX: usize = 400;
const DRAWS_MIN: usize = 24;
/// Leaks drawn for all copies together, and steps over rates that may be taken for them.
const DRAWS_OF_A_GLANCE: usize = 20_000;
const DRAWS_IN_FULL: usize = 100_000;
const STEPS_OF_A_GLANCE: f64 = 1e8;
const STEPS_IN_FULL: f64 = 4e8;
/// Clusters of one copy that are weighed; of more, so many by chance, as if there were no others.
const CLUSTERS_MAX: usize = 96;
/// Shares are kept to a thousandth, as in `trace`.
const SHARES: f64 = 1000.0;
/// Least mean probability from which a holder counts as confused with the source.
const ALIKE: f64 = 0.05;
const POINTS: usize = RATES.len();

/// One value for each rate.
type Row = [f64; POINTS];

/// How much work a rehearsal may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// To compare numbers of canaries: their mean over holders. Where time is short, one stands for those after it.
    Glance,
    /// To be told.
    Full,
}

/// What a rehearsal of leaks at one holder came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsed {
    /// Share of leaks in which the verdict names the holder.
    pub named: f64,
    /// Standard error of `named`, from the number of draws.
    pub error: f64,
    /// Places of holders that take a good part of the probability, most first.
    pub confused: Vec<usize>,
}

/// Canaries by cluster, and how copies are called.
pub struct Stage<'a> {
    pub copies: &'a Copies,
    /// Canaries of each cluster that ring.
    pub canaries: &'a [usize],
    /// By place, the chance that a canary of the copy is called by somebody who tells of its row.
    pub told: &'a [f64],
    /// Likelihood ratio of a call that tells.
    pub ratio: f64,
}

struct Factors {
    called: Row,
    silent: Row,
}

/// What a cluster of which nobody tells weighs: by share in thousandths, canaries, and whether it is the holder's own.
type Silences = HashMap<(u32, usize, bool), Row>;

/// What the rehearsal of one copy may take.
#[derive(Debug, Clone, Copy)]
struct Work {
    draws: usize,
    steps: f64,
}

struct Rehearsal<'a> {
    stage: &'a Stage<'a>,
    factors: HashMap<u32, Factors>,
    silences: Silences,
    /// By place, its clusters with canaries, each with its share.
    at: Vec<Vec<(usize, f64)>>,
    /// By place, the logarithm for all its canaries silent.
    base: Vec<Row>,
    undeclared: f64,
    /// What a draw adds to each place, and the places that one touched.
    added: Vec<Row>,
    touched: Vec<usize>,
}

/// Rehearses a leak at each holder; the result is by place.
pub fn rehearse(stage: &Stage<'_>, effort: Effort, rng: &mut impl Rng) -> Vec<Rehearsed> {
    let mut rehearsal = Rehearsal::new(stage);
    let holders = stage.copies.holders.len();
    let mut alike: HashMap<Vec<(usize, u32)>, usize> = HashMap::new();
    let first: Vec<usize> = (0..holders)
        .map(|place| {
            let copy = rehearsal.at[place].iter().map(|(cluster, share)| (*cluster, thousandths(*share))).collect();
            *alike.entry(copy).or_insert(place)
        })
        .collect();
    let (draws, steps) = match effort {
        Effort::Glance => (DRAWS_OF_A_GLANCE, STEPS_OF_A_GLANCE),
        Effort::Full => (DRAWS_IN_FULL, STEPS_IN_FULL),
    };
    let apart: Vec<usize> = (0..holders).filter(|place| first[*place] == *place).collect();
    let fewest: f64 = apart.iter().map(|place| rehearsal.steps_of_a_draw(*place) * DRAWS_MIN as f64).sum();
    // To compare, some holders do for all where each takes long.
    let every = match effort {
        Effort::Glance => (fewest / steps).ceil().max(1.0) as usize,
        Effort::Full => 1,
    };
    let shares = apart.len().div_ceil(every).max(1);
    let work = Work { draws: draws / shares, steps: steps / shares as f64 };
    rehearsal.at_every(every, &first, work, rng)
}

/// Tells of a holder whose copy is that of another: each is confused with the other.
fn beside(same: &Rehearsed, other: usize, place: usize) -> Rehearsed {
    let mut confused: Vec<usize> = same.confused.iter().copied().filter(|one| *one != place).collect();
    if same.confused.contains(&place) {
        confused.insert(0, other);
    }
    Rehearsed { confused, ..same.clone() }
}

fn thousandths(share: f64) -> u32 {
    (share * SHARES).round() as u32
}

fn absent(own: bool) -> f64 {
    if own { OWN_ABSENT } else { FLOW_ABSENT }
}

impl<'a> Rehearsal<'a> {
    fn new(stage: &'a Stage<'a>) -> Rehearsal<'a> {
        let holders = stage.copies.holders.len();
        let (mut factors, mut silences): (HashMap<u32, Factors>, _) = (HashMap::new(), Silences::new());
        let mut at = vec![Vec::new(); holders];
        let mut base = vec![[0.0; POINTS]; holders];
        let factor = |share: f64| Factors {
            called: RATES.map(|rate| (share * rate * (stage.ratio - 1.0)).ln_1p()),
            silent: RATES.map(|rate| (-(share * rate * (1.0 - SILENT_RATIO))).ln_1p()),
        };
        factors.insert(thousandths(1.0), factor(1.0));
        for (cluster, found) in stage.copies.clusters.iter().enumerate() {
            let canaries = stage.canaries[cluster];
            for share in found.reach.iter().filter(|_| canaries > 0) {
                let kept = thousandths(share.share);
                let factors = factors.entry(kept).or_insert_with(|| factor(f64::from(kept) / SHARES));
                at[share.place].push((cluster, share.share));
                let silent = silences
                    .entry((kept, canaries, share.own))
                    .or_insert_with(|| silent(factors, canaries, absent(share.own)));
                base[share.place].iter_mut().zip(silent).for_each(|(sum, ln)| *sum += *ln);
            }
        }
        let undeclared = UNDECLARED_FLOWS / holders.max(2) as f64;
        let added = vec![[0.0; POINTS]; holders];
        Rehearsal { stage, factors, silences, at, base, undeclared, added, touched: Vec::new() }
    }

    /// Rehearses at every so many-th holder whose copy no earlier one has, who stands for those after it; `first` gives by
    /// place the first holder with that copy.
    fn at_every(&mut self, every: usize, first: &[usize], work: Work, rng: &mut impl Rng) -> Vec<Rehearsed> {
        let (mut done, mut apart, mut last) = (Vec::<Rehearsed>::with_capacity(first.len()), 0_usize, 0);
        for (place, same) in first.iter().copied().enumerate() {
            let rehearsed = if same != place {
                beside(&done[same], same, place)
            } else if apart.is_multiple_of(every) {
                last = place;
                self.at_place(place, work, rng)
            } else {
                done[last].clone()
            };
            apart += usize::from(same == place);
            done.push(rehearsed);
        }
        done
    }

    /// Says how many steps over rates weighing a draw may take.
    fn steps_of_a_draw(&self, place: usize) -> f64 {
        let reach = |(cluster, _): &(usize, f64)| self.stage.copies.clusters[*cluster].reach.len();
        let reached: usize = self.at[place].iter().take(CLUSTERS_MAX).map(reach).sum();
        (reached * POINTS * 4).max(1) as f64
    }

    fn at_place(&mut self, place: usize, work: Work, rng: &mut impl Rng) -> Rehearsed {
        let mut copy = self.at[place].clone();
        let mut left_out = Vec::new();
        if copy.len() > CLUSTERS_MAX {
            copy.shuffle(rng);
            left_out = copy.split_off(CLUSTERS_MAX);
        }
        let told = self.stage.told[place];
        if copy.is_empty() || told <= 0.0 {
            return Rehearsed { named: 0.0, error: 0.0, confused: Vec::new() };
        }
        let whole = (!left_out.is_empty()).then(|| self.base.clone());
        left_out.iter().for_each(|(cluster, _)| self.forget(*cluster));
        let draws = work.draws.min((work.steps / self.steps_of_a_draw(place)) as usize).clamp(DRAWS_MIN, DRAWS_MAX);
        let (mut named, mut heard) = (0_usize, 0_usize);
        let mut shares: HashMap<usize, f64> = HashMap::new();
        for _ in 0..draws {
            let drawn: Vec<(usize, usize)> = copy
                .iter()
                .map(|(cluster, share)| (*cluster, binomial(self.stage.canaries[*cluster], share * told, rng)))
                .filter(|(_, canaries)| *canaries > 0)
                .collect();
            if drawn.is_empty() {
                continue;
            }
            heard += 1;
            for (holder, probability) in self.weigh(&drawn) {
                let is_likely = holder == place && probability >= SUPPORTED;
                let held = (self.stage.canaries, self.at.as_slice());
                named += usize::from(is_likely && !is_shared(self.stage.copies, held, place, &drawn));
                *shares.entry(holder).or_default() += probability;
            }
        }
        if let Some(whole) = whole {
            self.base = whole;
        }
        let mut confused: Vec<(usize, f64)> = shares.into_iter().collect();
        confused.retain(|(holder, sum)| *holder != place && *sum >= ALIKE * heard as f64);
        confused.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let share = named as f64 / draws as f64;
        Rehearsed {
            named: share,
            error: (share * (1.0 - share) / draws as f64).sqrt(),
            confused: confused.into_iter().map(|(holder, _)| holder).collect(),
        }
    }

    /// Takes a cluster out of every copy, as if it did not exist.
    fn forget(&mut self, cluster: usize) {
        for share in &self.stage.copies.clusters[cluster].reach {
            let silent = self.silences[&(thousandths(share.share), self.stage.canaries[cluster], share.own)];
            self.base[share.place].iter_mut().zip(silent).for_each(|(sum, ln)| *sum -= ln);
        }
    }

    /// Weighs canaries that were told of; gives the probability of each holder that has any of them.
    fn weigh(&mut self, drawn: &[(usize, usize)]) -> Vec<(usize, f64)> {
        let (clusters, mut elsewhere) = (&self.stage.copies.clusters, [0.0; POINTS]);
        let whole = &self.factors[&thousandths(1.0)];
        for (cluster, told) in drawn {
            let canaries = self.stage.canaries[*cluster];
            let undeclared = told_of(whole, (canaries, *told), 1.0 - self.undeclared);
            elsewhere.iter_mut().zip(undeclared).for_each(|(sum, ln)| *sum += ln);
            for share in &clusters[*cluster].reach {
                let kept = thousandths(share.share);
                let here = told_of(&self.factors[&kept], (canaries, *told), absent(share.own));
                let silent = self.silences[&(kept, canaries, share.own)];
                if self.added[share.place] == [0.0; POINTS] {
                    self.touched.push(share.place);
                }
                let added = self.added[share.place].iter_mut().zip(here.iter().zip(silent).zip(undeclared));
                added.for_each(|(sum, ((here, silent), undeclared))| *sum += here - silent - undeclared);
            }
        }
        let holders = clusters_holders(self.stage.copies);
        let single = single_prior(holders);
        let over_rates = |row: Row| ln_sum(row) - (POINTS as f64).ln();
        let of = |place: usize| -> Row {
            std::array::from_fn(|rate| self.base[place][rate] + self.added[place][rate] + elsewhere[rate])
        };
        let mut lns: Vec<(usize, f64)> =
            self.touched.iter().map(|place| (*place, single + over_rates(of(*place)))).collect();
        lns.sort_unstable_by_key(|(place, _)| *place);
        lns.dedup_by_key(|(place, _)| *place);
        let others = (holders - lns.len() as f64).max(0.0);
        let rest =
            [CHANCE_PRIOR.ln(), others.ln() + single + over_rates(elsewhere), self.each_alone(drawn, over_rates)];
        let total = ln_sum(lns.iter().map(|(_, ln)| *ln).chain(rest));
        for place in self.touched.drain(..) {
            self.added[place] = [0.0; POINTS];
        }
        lns.into_iter().map(|(place, ln)| (place, (ln - total).exp())).collect()
    }

    /// Gives the logarithm for "each origin leaked by itself", with its prior.
    fn each_alone(&self, drawn: &[(usize, usize)], over_rates: impl Fn(Row) -> f64) -> f64 {
        let mut origins: HashMap<usize, Row> = HashMap::new();
        for (cluster, told) in drawn {
            let found = &self.stage.copies.clusters[*cluster];
            let canaries = self.stage.canaries[*cluster];
            let whole = &self.factors[&thousandths(1.0)];
            let row = origins.entry(found.origin).or_insert(self.base[found.origin]);
            let here = told_of(whole, (canaries, *told), OWN_ABSENT);
            let silent = silent(whole, canaries, OWN_ABSENT);
            row.iter_mut().zip(here.iter().zip(silent)).for_each(|(sum, (here, silent))| *sum += here - silent);
        }
        let sources = origins.len();
        if !(2..=SOURCES_MAX).contains(&sources) {
            return f64::NEG_INFINITY;
        }
        let alone: f64 = origins.into_values().map(over_rates).sum();
        set_prior(sources, clusters_holders(self.stage.copies)) + alone
    }
}

fn clusters_holders(copies: &Copies) -> f64 {
    copies.holders.len().max(1) as f64
}

/// Gives the logarithms for a cluster of which nobody told: it was not in the copy, or it was and stayed silent.
fn silent(factors: &Factors, canaries: usize, absent: f64) -> Row {
    factors.silent.map(|ln| ((1.0 - absent) * (canaries as f64 * ln).exp_m1()).ln_1p())
}

/// Gives the logarithms for a cluster of `canaries`, `told` of which were told of; the larger of the two ways stands for both.
fn told_of(factors: &Factors, (canaries, told): (usize, usize), absent: f64) -> Row {
    let (there, away) = ((1.0 - absent).ln(), absent.ln());
    let silent = (canaries - told) as f64;
    std::array::from_fn(|rate| (there + told as f64 * factors.called[rate] + silent * factors.silent[rate]).max(away))
}

/// Draws how many of `count` things happen that happen with this chance each, by the gaps between them.
fn binomial(count: usize, chance: f64, rng: &mut impl Rng) -> usize {
    if chance >= 1.0 {
        return count;
    }
    if chance <= 0.0 {
        return 0;
    }
    let (ln_not, mut at, mut happened) = ((-chance).ln_1p(), 0.0, 0);
    loop {
        let gap = ((1.0 - rng.random::<f64>()).ln() / ln_not).floor();
        at += gap + 1.0;
        if at > count as f64 {
            return happened;
        }
        happened += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::{city, traced};
    use crate::plan::{Assumptions, Ground};
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn draws_have_the_mean_and_spread_of_a_binomial() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let drawn: Vec<f64> = (0..50_000).map(|_| binomial(40, 0.3, &mut rng) as f64).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance = drawn.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / drawn.len() as f64;
        assert!((mean - 12.0).abs() < 0.06, "{mean}");
        assert!((variance - 8.4).abs() < 0.25, "{variance}");
        assert_eq!((binomial(5, 1.0, &mut rng), binomial(5, 0.0, &mut rng)), (5, 0));
    }

    #[test]
    fn a_holder_that_is_left_out_has_the_figures_of_the_one_before() {
        let known = city();
        let ground = Ground::of(&known, &Assumptions::default()).expect("there are holders");
        let stage = ground.stage(&ground.ringing);
        let (work, apart) = (Work { draws: 200, steps: 1e9 }, [0, 1, 2, 3, 4, 5]);
        let [all, some] = [1, 4].map(|every| {
            let mut rng = ChaCha20Rng::seed_from_u64(3);
            Rehearsal::new(&stage).at_every(every, &apart, work, &mut rng)
        });
        assert!(some[1] == some[0] && some[3] == some[0] && some[5] == some[4], "{some:?}");
        assert!((some[4].named - all[4].named).abs() < 0.15 && some[4] != some[0], "{some:?} {all:?}");
        let twins = Rehearsal::new(&stage).at_every(2, &[0, 0, 2, 3, 3, 5], work, &mut ChaCha20Rng::seed_from_u64(3));
        assert_eq!((twins[1].named, twins[2].named, twins[4].named), (twins[0].named, twins[0].named, twins[3].named));
    }

    #[test]
    fn canaries_that_were_told_of_weigh_as_in_the_trace() {
        let known = city();
        let ground = Ground::of(&known, &Assumptions::default()).expect("there are holders");
        let stage = ground.stage(&ground.ringing);
        let cases: [&[u64]; 5] = [
            &[1, 2],
            &[1, 2, 3],
            &[1, 7, 13, 19],
            &[1, 2, 7, 13, 14, 19, 25, 26],
            &[1, 2, 3, 7, 8, 13, 14, 19, 20, 25],
        ];
        for told in cases {
            let (drawn, sources) = traced::told(&known, &ground, told);
            let (first, probability) = sources.first().cloned().expect("somebody is suspected");
            let weighed = Rehearsal::new(&stage).weigh(&drawn);
            let place = ground.copies.holders.iter().position(|holder| *holder == first).expect("a holder");
            let mine = weighed.iter().find(|(holder, _)| *holder == place).expect("it is weighed").1;
            println!("{told:?}: {first} {mine:.4} rehearsed, {probability:.4} traced");
            assert!((mine - probability).abs() < 0.06, "{told:?}: {first} {mine} rehearsed, {probability} traced");
        }
    }
}
