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
/// Steps over pairs that an allocation may take, roughly; beyond that numbers are given in blocks.
const STEPS_MAX: f64 = 1.5e9;
/// Gains are looked at anew about so often for each number given.
const LOOKS: f64 = 3.0;
/// Gain for all holders together below which more numbers change nothing; they are spread evenly.
const GAIN_MIN: f64 = 1e-12;

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
    /// How many numbers had been given at the last one that gained something.
    pub useful: usize,
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
        let mut greedy = Greedy { copies, told, unheard, pairs, of, waiting, given, scratch, useful: 0 };
        for (reach, canaries) in groups.iter().filter(|(_, canaries)| *canaries > 0) {
            greedy.give_to(reach, *canaries);
        }
        for place in 0..holders {
            let gain = greedy.gain(place, 1);
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
        let pairs_a_look = self.pairs.len() as f64 / self.given.len().max(1) as f64 * 2.0 * self.mean_reach();
        let block = ((count as f64 * pairs_a_look * LOOKS / STEPS_MAX).ceil() as usize).max(1);
        let mut order = Vec::with_capacity(count);
        while order.len() < count {
            let Some((_, Reverse(place), seen)) = self.waiting.pop() else { break };
            let total: usize = self.useful + order.len();
            let size = block.min(count - order.len());
            if seen != total {
                let gain = self.gain(place, 1);
                self.waiting.push((gain.to_bits(), Reverse(place), total));
                continue;
            }
            if self.gain(place, 1) <= GAIN_MIN {
                self.waiting.push((0, Reverse(place), seen));
                self.spread(count - order.len(), &mut order);
                return order;
            }
            let reach = &self.copies.clusters[self.copies.next[place]].reach;
            self.give_to(reach, size);
            self.given[place] += size;
            order.extend(std::iter::repeat_n(place, size));
            let gain = self.gain(place, 1);
            self.waiting.push((gain.to_bits(), Reverse(place), total + size));
        }
        self.useful += order.len();
        order
    }

    fn mean_reach(&self) -> f64 {
        let reach: usize = self.copies.next.iter().map(|cluster| self.copies.clusters[*cluster].reach.len()).sum();
        reach as f64 / self.copies.next.len().max(1) as f64
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

    /// Gives what numbers given to a holder take off the chances not to be named.
    fn gain(&mut self, place: usize, count: i32) -> f64 {
        let reach = &self.copies.clusters[self.copies.next[place]].reach;
        reach.iter().for_each(|share| self.scratch[share.place] = share.share);
        let mut gain = 0.0;
        for share in reach {
            gain += self.unheard[share.place] * taken(self.told[share.place] * share.share, count);
            for pair in self.of[share.place].iter().map(|pair| &self.pairs[*pair as usize]) {
                let other = if pair.a == share.place { pair.b } else { pair.a };
                let apart = (share.share - self.scratch[other]).abs();
                // A pair of which both have the number is met twice.
                if apart > 0.0 && (self.scratch[other] == 0.0 || other > share.place) {
                    gain += pair.b_stays * taken(self.told[pair.a] * apart, count)
                        + pair.a_stays * taken(self.told[pair.b] * apart, count);
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
            for at in &self.of[share.place] {
                let pair = &mut self.pairs[*at as usize];
                let other = if pair.a == share.place { pair.b } else { pair.a };
                let apart = (share.share - self.scratch[other]).abs();
                if apart > 0.0 && (self.scratch[other] == 0.0 || other > share.place) {
                    pair.b_stays *= left(self.told[pair.a] * apart, count);
                    pair.a_stays *= left(self.told[pair.b] * apart, count);
                }
            }
        }
        reach.iter().for_each(|share| self.scratch[share.place] = 0.0);
    }
}

fn left(chance: f64, count: i32) -> f64 {
    (1.0 - chance).max(0.0).powi(count)
}

fn taken(chance: f64, count: i32) -> f64 {
    1.0 - left(chance, count)
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
