//! Where the next number does most: greedy on a bound of the chance that the right source is named.
//!
//! A leak at v is not named if nobody tells of a canary, or if some u that shares canaries with v stays possible. The chance of
//! each is at most a product over canaries, so the sum of these is convex in the numbers given, and what a number takes off
//! it only falls: a monotone submodular gain. Greedy reaches at least 1 − 1/e of the best gain (Nemhauser, Wolsey, Fisher 1978).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::trace::{Copies, Share};

use super::PlanError;

/// Most pairs of holders that share canaries; each takes 40 bytes.
pub const PAIRS_MAX: usize = 8_000_000;
/// How much less than the best a gain may then be: greedy so reaches at least 1 − e^−0.9, or 0.59, of the best gain, as long as
/// numbers are given one by one.
const SLACK: f64 = 0.1;
/// Gain for all holders together below which more numbers change nothing; they are spread evenly.
const GAIN_MIN: f64 = 1e-12;
/// Chance to stay possible below which a pair is no longer looked at: all of [`PAIRS_MAX`] together are below [`GAIN_MIN`].
const SETTLED: f64 = 1e-20;

/// Steps over pairs, roughly, that giving numbers may take.
#[derive(Debug, Clone, Copy)]
struct Budget {
    /// After so many a gain that is nearly the best is good enough.
    exact: f64,
    /// To stay within these, numbers are given in blocks.
    most: f64,
}

/// A few seconds' worth; worlds in which a copy shares canaries with some hundred others need less for 100,000 numbers.
const BUDGET: Budget = Budget { exact: 0.1e9, most: 0.6e9 };

/// Two holders that share canaries, and the chances that the one stays possible when the other leaked.
#[derive(Debug, Clone, Copy)]
struct Pair {
    a: usize,
    b: usize,
    /// If a leaked, that b stays possible; if b leaked, that a does.
    b_stays: f64,
    a_stays: f64,
}

/// Gives numbers to holders one after the other.
pub struct Greedy<'a> {
    copies: &'a Copies,
    told: &'a [f64],
    /// By place, the chance that nobody tells of any canary.
    unheard: Vec<f64>,
    pairs: Vec<Pair>,
    of: Vec<Vec<u32>>,
    waiting: BinaryHeap<(u64, Reverse<usize>, usize)>,
    given: Vec<usize>,
    scratch: Vec<f64>,
    budget: Budget,
    /// Steps over pairs so far.
    steps: f64,
    /// How many numbers had been given at the last one that gained something.
    pub useful: usize,
    /// Share of the best gain that is reached at least; nothing where numbers went in blocks.
    pub guaranteed: Option<f64>,
}

impl<'a> Greedy<'a> {
    /// Prepares; `told` is by place the chance that a canary of the copy is told of, `canaries` what each cluster has.
    pub fn new(copies: &'a Copies, canaries: &[usize], told: &'a [f64]) -> Result<Greedy<'a>, PlanError> {
        let holders = copies.holders.len();
        let groups = merged(copies, canaries);
        let mut related = vec![false; holders * holders];
        for (reach, _) in &groups {
            for one in reach {
                reach.iter().for_each(|other| related[one.place * holders + other.place] = true);
            }
        }
        let (mut pairs, mut of) = (Vec::new(), vec![Vec::new(); holders]);
        for a in 0..holders {
            for b in (a + 1..holders).filter(|b| related[a * holders + b]) {
                of[a].push(pairs.len() as u32);
                of[b].push(pairs.len() as u32);
                pairs.push(Pair { a, b, b_stays: 1.0, a_stays: 1.0 });
                if pairs.len() > PAIRS_MAX {
                    return Err(PlanError::Tangled { holders });
                }
            }
        }
        let (unheard, scratch) = (vec![1.0; holders], vec![0.0; holders]);
        let (waiting, given) = (BinaryHeap::new(), vec![0; holders]);
        let guaranteed = Some(reached_at_least(0.0));
        let mut greedy = Greedy {
            copies,
            told,
            unheard,
            pairs,
            of,
            waiting,
            given,
            scratch,
            budget: BUDGET,
            steps: 0.0,
            useful: 0,
            guaranteed,
        };
        for (reach, canaries) in groups.iter().filter(|(_, canaries)| *canaries > 0) {
            greedy.give_to(reach, *canaries);
        }
        for place in 0..holders {
            let gain = greedy.gain(place);
            greedy.waiting.push((gain.to_bits(), Reverse(place), 0));
        }
        Ok(greedy)
    }

    /// Gives the bound: mean over holders of one less all chances not to be named; below 0 where many stay possible.
    pub fn bound(&self) -> f64 {
        let stays: f64 = self.pairs.iter().map(|pair| pair.a_stays + pair.b_stays).sum();
        1.0 - (self.unheard.iter().sum::<f64>() + stays) / self.unheard.len() as f64
    }

    /// Gives `count` more numbers; returns the holders, by place, in the order in which they get them.
    pub fn give(&mut self, count: usize) -> Vec<usize> {
        let (begin, mut blocks) = (self.steps, 0.0);
        let mut order = Vec::with_capacity(count);
        while order.len() < count {
            let Some((bits, Reverse(place), seen)) = self.waiting.pop() else { break };
            let total: usize = self.useful + order.len();
            let gain = if seen == total { f64::from_bits(bits) } else { self.gain(place) };
            if seen != total && !self.is_near_best(gain) {
                self.waiting.push((gain.to_bits(), Reverse(place), total));
                continue;
            }
            if gain <= GAIN_MIN {
                self.waiting.push((0, Reverse(place), seen));
                self.spread(count - order.len(), &mut order);
                return order;
            }
            if seen != total {
                self.guaranteed = self.guaranteed.map(|_| reached_at_least(SLACK));
            }
            blocks += 1.0;
            let spent = self.steps - begin;
            let blocks_left = (self.budget.most - spent).max(self.budget.most / 10.0) / (spent / blocks).max(1.0);
            let left = count - order.len();
            // The first numbers tell too little of what the others take: all gains are looked at anew for them.
            let size = match spent < self.budget.most / 10.0 {
                true => 1,
                false => ((left as f64 / blocks_left).ceil() as usize).clamp(1, left),
            };
            if size > 1 {
                self.guaranteed = None;
            }
            let reach = &self.copies.clusters[self.copies.next[place]].reach;
            self.give_to(reach, size);
            self.given[place] += size;
            order.extend(std::iter::repeat_n(place, size));
            let gain = self.gain(place);
            self.waiting.push((gain.to_bits(), Reverse(place), total + size));
        }
        self.useful += order.len();
        order
    }

    /// Tells whether a gain is good enough without a look at all that might be better: their last known ones are upper bounds.
    fn is_near_best(&self, gain: f64) -> bool {
        let bound = self.waiting.peek().map_or(0.0, |(bits, ..)| f64::from_bits(*bits));
        self.steps > self.budget.exact && gain >= (1.0 - SLACK) * bound
    }

    /// Spreads numbers that gain nothing: always to a holder that got fewest.
    fn spread(&mut self, count: usize, order: &mut Vec<usize>) {
        self.useful += order.len();
        let mut fewest: BinaryHeap<Reverse<(usize, usize)>> =
            self.given.iter().enumerate().map(|(place, given)| Reverse((*given, place))).collect();
        for _ in 0..count {
            let Some(Reverse((given, place))) = fewest.pop() else { return };
            order.push(place);
            self.given[place] = given + 1;
            fewest.push(Reverse((given + 1, place)));
        }
    }

    /// Gives what one number given to a holder takes off the chances not to be named.
    fn gain(&mut self, place: usize) -> f64 {
        let reach = &self.copies.clusters[self.copies.next[place]].reach;
        reach.iter().for_each(|share| self.scratch[share.place] = share.share);
        let mut gain = 0.0;
        for share in reach {
            gain += self.unheard[share.place] * self.told[share.place] * share.share;
            self.steps += self.of[share.place].len() as f64;
            for pair in self.of[share.place].iter().map(|pair| &self.pairs[*pair as usize]) {
                let other = if pair.a == share.place { pair.b } else { pair.a };
                let apart = (share.share - self.scratch[other]).abs();
                // A pair of which both have the number is met twice.
                if apart > 0.0 && (self.scratch[other] == 0.0 || other > share.place) {
                    gain += pair.b_stays * self.told[pair.a] * apart + pair.a_stays * self.told[pair.b] * apart;
                }
            }
        }
        reach.iter().for_each(|share| self.scratch[share.place] = 0.0);
        gain
    }

    fn give_to(&mut self, reach: &[Share], count: usize) {
        reach.iter().for_each(|share| self.scratch[share.place] = share.share);
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        for share in reach {
            self.unheard[share.place] *= left(self.told[share.place] * share.share, count);
            self.steps += self.of[share.place].len() as f64;
            let (pairs, scratch, told) = (&mut self.pairs, &self.scratch, self.told);
            self.of[share.place].retain(|at| {
                let pair = &mut pairs[*at as usize];
                let other = if pair.a == share.place { pair.b } else { pair.a };
                let apart = (share.share - scratch[other]).abs();
                if apart > 0.0 && (scratch[other] == 0.0 || other > share.place) {
                    pair.b_stays *= left(told[pair.a] * apart, count);
                    pair.a_stays *= left(told[pair.b] * apart, count);
                }
                pair.a_stays.max(pair.b_stays) >= SETTLED
            });
        }
        reach.iter().for_each(|share| self.scratch[share.place] = 0.0);
    }
}

/// Gives the share of the best gain that greedy reaches at least if each step's gain is at most so much below the best.
fn reached_at_least(slack: f64) -> f64 {
    1.0 - (slack - 1.0).exp()
}

fn left(chance: f64, count: i32) -> f64 {
    (1.0 - chance).max(0.0).powi(count)
}

/// Puts clusters that are in the same copies together; those that are still empty count as ways, not as canaries.
fn merged(copies: &Copies, canaries: &[usize]) -> Vec<(Vec<Share>, usize)> {
    let mut places: HashMap<Vec<(usize, u64)>, usize> = HashMap::new();
    let mut groups: Vec<(Vec<Share>, usize)> = Vec::new();
    for (cluster, count) in copies.clusters.iter().zip(canaries) {
        let key = cluster.reach.iter().map(|share| (share.place, share.share.to_bits())).collect();
        let at = *places.entry(key).or_insert_with(|| {
            groups.push((cluster.reach.clone(), 0));
            groups.len() - 1
        });
        groups[at].1 += count;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holder::HolderId;
    use crate::plan::{Effort, Stage, rehearse};
    use crate::trace::Cluster;
    use rand::rngs::ChaCha20Rng;
    use rand::{RngExt, SeedableRng};

    /// Draws holders whose next canaries reach themselves and, with shares, some of those after them.
    fn world(holders: usize, rng: &mut ChaCha20Rng) -> (Copies, Vec<usize>, Vec<f64>) {
        let id = |place: usize| format!("h{place}").parse::<HolderId>().expect("a test id");
        let cluster = |origin: usize, rng: &mut ChaCha20Rng| {
            let mut reach = vec![Share { place: origin, share: 1.0, own: true }];
            for place in origin + 1..holders {
                if rng.random_bool(0.4) {
                    let share = if rng.random_bool(0.5) { 1.0 } else { rng.random_range(0.2..1.0) };
                    reach.push(Share { place, share, own: false });
                }
            }
            Cluster { origin, canaries: rng.random_range(0..3), reach }
        };
        let clusters: Vec<Cluster> = (0..holders).map(|origin| cluster(origin, rng)).collect();
        let canaries = clusters.iter().map(|cluster| cluster.canaries).collect();
        let told = (0..holders).map(|_| rng.random_range(0.05..0.9)).collect();
        (Copies { holders: (0..holders).map(id).collect(), clusters, next: (0..holders).collect() }, canaries, told)
    }

    /// Lists all ways to give `count` numbers to the holders from `first` on.
    fn all_ways(holders: usize, first: usize, count: usize) -> Vec<Vec<usize>> {
        if first + 1 == holders || count == 0 {
            return vec![vec![first; count]];
        }
        let with = |here: usize| {
            let rest = all_ways(holders, first + 1, count - here);
            rest.into_iter().map(move |rest| std::iter::repeat_n(first, here).chain(rest).collect())
        };
        (0..=count).flat_map(with).collect()
    }

    fn with(canaries: &[usize], given: &[usize]) -> Vec<usize> {
        let mut canaries = canaries.to_vec();
        given.iter().for_each(|place| canaries[*place] += 1);
        canaries
    }

    fn bound(copies: &Copies, canaries: &[usize], told: &[f64]) -> f64 {
        Greedy::new(copies, canaries, told).expect("a small world").bound()
    }

    #[test]
    fn greedy_comes_nearer_to_the_best_than_is_promised() {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let (mut least, mut sum) = (f64::INFINITY, 0.0);
        for _ in 0..40 {
            let (copies, canaries, told) = world(5, &mut rng);
            let now = bound(&copies, &canaries, &told);
            let ways = all_ways(5, 0, 5);
            let best = ways.iter().map(|given| bound(&copies, &with(&canaries, given), &told));
            let best = best.fold(f64::NEG_INFINITY, f64::max) - now;
            let order = Greedy::new(&copies, &canaries, &told).expect("a small world").give(5);
            let gain = bound(&copies, &with(&canaries, &order), &told) - now;
            least = least.min(gain / best);
            sum += gain / best;
        }
        println!("gain of greedy to the best gain: least {least:.4}, mean {:.4}", sum / 40.0);
        assert!(least >= 0.97, "{least}");
    }

    #[test]
    fn what_greedy_chooses_names_nearly_as_often_as_the_best_choice() {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let mut gaps = Vec::new();
        for _ in 0..6 {
            let (copies, canaries, told) = world(4, &mut rng);
            let named = |given: &[usize]| {
                let canaries = with(&canaries, given);
                let stage = Stage { copies: &copies, canaries: &canaries, told: &told, ratio: 2000.0 };
                let rehearsed = rehearse(&stage, Effort::Glance, &mut ChaCha20Rng::seed_from_u64(1));
                rehearsed.iter().map(|one| one.named).sum::<f64>() / 4.0
            };
            let best = all_ways(4, 0, 8).iter().map(|given| named(given)).fold(0.0, f64::max);
            gaps.push(best - named(&Greedy::new(&copies, &canaries, &told).expect("a small world").give(8)));
        }
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        println!("chance to be named, best choice less greedy's: {gaps:.3?}, mean {mean:.3}");
        assert!(mean < 0.15, "{gaps:?}");
    }

    #[test]
    fn a_number_gains_less_the_more_there_are() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        for _ in 0..50 {
            let (copies, canaries, told) = world(6, &mut rng);
            let (a, b) = (rng.random_range(0..6), rng.random_range(0..6));
            let of = |given: &[usize]| bound(&copies, &with(&canaries, given), &told);
            let (alone, after) = (of(&[a]) - of(&[]), of(&[a, b]) - of(&[b]));
            assert!(alone >= after - 1e-12 && after >= -1e-12, "{alone} {after}");
        }
    }

    #[test]
    fn what_is_looked_up_as_gain_is_what_the_bound_gains() {
        let mut rng = ChaCha20Rng::seed_from_u64(8);
        let (copies, canaries, told) = world(6, &mut rng);
        let mut greedy = Greedy::new(&copies, &canaries, &told).expect("a small world");
        for place in 0..6 {
            let gained = bound(&copies, &with(&canaries, &[place]), &told) - greedy.bound();
            assert!((greedy.gain(place) / 6.0 - gained).abs() < 1e-12, "{place}");
        }
    }

    #[test]
    fn a_tangled_world_takes_few_steps_and_gains_nearly_as_much() {
        let mut rng = ChaCha20Rng::seed_from_u64(10);
        let (copies, canaries, told) = world(40, &mut rng);
        let now = bound(&copies, &canaries, &told);
        let [exact, quick] = [BUDGET, Budget { exact: 0.0, most: 60_000.0 }].map(|budget| {
            let mut greedy = Greedy::new(&copies, &canaries, &told).expect("a small world");
            (greedy.budget, greedy.steps) = (budget, 0.0);
            let order = greedy.give(300);
            assert_eq!(order.len(), 300);
            (bound(&copies, &with(&canaries, &order), &told) - now, greedy.steps, greedy.guaranteed)
        });
        println!("gain and steps: exact {exact:?}, quick {quick:?}");
        assert!(quick.1 < 120_000.0 && exact.1 > 5.0 * quick.1, "{exact:?} {quick:?}");
        assert!(quick.0 > 0.9 * exact.0, "{exact:?} {quick:?}");
        assert!(exact.2.is_some_and(|share| (share - 0.632).abs() < 1e-3) && quick.2.is_none(), "{exact:?} {quick:?}");
    }

    #[test]
    fn numbers_that_gain_nothing_are_spread_and_none_is_lost() {
        let mut rng = ChaCha20Rng::seed_from_u64(9);
        let (copies, canaries, _) = world(4, &mut rng);
        let told = [0.9; 4];
        let mut greedy = Greedy::new(&copies, &canaries, &told).expect("a small world");
        let order = greedy.give(400);
        assert_eq!(order.len(), 400);
        assert!(greedy.useful < 200, "{}", greedy.useful);
        for place in 0..4 {
            assert!(order.iter().filter(|given| **given == place).count() > 50);
        }
    }
}
