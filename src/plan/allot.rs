//! The use of some numbers, or the fewest for a chance: who gets how many, in which month, and how many are controls.
//!
//! Over several months each list is one month's rows, and a leak takes those of one month: the months are alike and apart, so
//! greedy gives each its numbers in turn, in the same order of holders. What is planted already counts for one month only.

use std::collections::BTreeMap;

use rand::Rng;
use serde::Serialize;

use super::allocate::Greedy;
use super::{Effort, Ground, Known, PlanError, rehearse};
use crate::holder::HolderId;

/// Most numbers that are tried to reach a chance.
const NUMBERS_MAX: usize = 200_000;
/// Points of the picture, besides the one without a number.
const POINTS: usize = 8;
/// The fewest numbers are sought to one part in so many.
const CLOSE_ENOUGH: usize = 200;
/// Of ten numbers at most so many become controls.
const CONTROLS_OF_TEN: usize = 1;

/// What is wished for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wish {
    /// The best use of so many numbers, controls among them.
    Numbers(usize),
    /// The fewest numbers for this mean chance that the right source is named.
    Chance(f64),
}

/// What one holder is to be given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Give {
    pub holder: HolderId,
    pub add: usize,
    /// The same by month, from the next one on.
    pub by_month: Vec<usize>,
}

/// The mean chance that the right source is named, with so many more canaries.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    pub numbers: usize,
    pub chance: f64,
}

/// The use of some numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allotment {
    #[serde(rename = "allocation")]
    pub gives: Vec<Give>,
    pub controls: usize,
    pub months: usize,
    /// Mean chance that the right source is named, with these numbers, and the least of any holder.
    pub chance: f64,
    pub chance_least: f64,
    /// Canaries, of those given, after which more changed nothing.
    pub useful: usize,
    /// Share of the best possible gain, on the bound that is maximised, which is reached at least; nothing in tangled worlds.
    pub guaranteed: Option<f64>,
    pub curve: Vec<Point>,
}

/// One month's lists, and the order in which holders get numbers for them.
struct Month<'g, R> {
    ground: &'g Ground,
    greedy: Greedy<'g>,
    canaries: Vec<usize>,
    order: Vec<usize>,
    chance: &'g dyn Fn() -> R,
}

/// Finds the use of numbers; `months` is at least 1. `chance` begins anew with each call, so that rehearsals compare.
pub fn allot<R: Rng>(
    known: &Known,
    ground: &Ground,
    wish: Wish,
    months: usize,
    chance: &dyn Fn() -> R,
) -> Result<Allotment, PlanError> {
    let canaries = if months == 1 { ground.ringing.clone() } else { vec![0; ground.ringing.len()] };
    let greedy = Greedy::new(&ground.copies, &canaries, &ground.told)?;
    let mut month = Month { ground, greedy, canaries, order: Vec::new(), chance };
    let missing = known.controls_wanted().saturating_sub(known.controls);
    let (count, controls) = match wish {
        Wish::Numbers(numbers) => {
            let controls = if numbers < 2 { 0 } else { missing.min((numbers * CONTROLS_OF_TEN).div_ceil(10)) };
            (numbers - controls, controls)
        }
        Wish::Chance(chance) => {
            let count = month.fewest(chance, months)?;
            (count, missing.min((count * CONTROLS_OF_TEN).div_ceil(10 - CONTROLS_OF_TEN)))
        }
    };
    month.grow(count.div_ceil(months));
    // The picture ends where more numbers change little, not at a hundred thousand.
    let shown = count.min(2 * month.greedy.useful * months).max(1);
    let mut at: Vec<usize> = (0..=POINTS).map(|point| (shown * point).div_ceil(POINTS)).collect();
    at.dedup();
    let curve = at.into_iter().map(|numbers| Point { numbers, chance: mean(&month.named(numbers / months)) });
    let curve: Vec<Point> = curve.take_while(|point| point.numbers <= count).collect();
    let last = month.named(count / months);
    Ok(Allotment {
        gives: gives(ground, &month.order, count, months),
        controls,
        months,
        chance: mean(&last),
        chance_least: last.iter().copied().fold(1.0, f64::min),
        useful: count.min(month.greedy.useful * months),
        guaranteed: month.greedy.guaranteed,
        curve,
    })
}

impl<R: Rng> Month<'_, R> {
    fn grow(&mut self, count: usize) {
        if count > self.order.len() {
            let more = self.greedy.give(count - self.order.len());
            self.order.extend(more);
        }
    }

    /// Gives the chance of each holder to be named rightly, with the first `count` numbers of the order.
    fn named(&self, count: usize) -> Vec<f64> {
        let mut canaries = self.canaries.clone();
        for place in self.order.iter().take(count) {
            canaries[self.ground.copies.next[*place]] += 1;
        }
        let rehearsed = rehearse(&self.ground.stage(&canaries), Effort::Glance, &mut (self.chance)());
        rehearsed.into_iter().map(|one| one.named).collect()
    }

    /// Finds the fewest numbers, over all months, with which the mean chance is reached in each: exact up to 400 a month,
    /// to half of one in a hundred above.
    fn fewest(&mut self, chance: f64, months: usize) -> Result<usize, PlanError> {
        let mut reached = mean(&self.named(0));
        let (mut low, mut high) = (0, 0);
        let first = self.ground.copies.holders.len().div_ceil(4);
        while reached < chance {
            low = high;
            high = (high * 2).max(first);
            if high * months > NUMBERS_MAX {
                return Err(PlanError::OutOfReach { chance, numbers: low * months, reached });
            }
            self.grow(high);
            reached = mean(&self.named(high));
        }
        // Rehearsals of a large world differ by more than one number does.
        while high - low > (high / CLOSE_ENOUGH).max(1) {
            let middle = usize::midpoint(low, high);
            match mean(&self.named(middle)) >= chance {
                true => high = middle,
                false => low = middle,
            }
        }
        Ok(high * months)
    }
}

fn mean(named: &[f64]) -> f64 {
    named.iter().sum::<f64>() / named.len().max(1) as f64
}

/// Shares the order out: each month takes the first of it, the first months one more where it does not come out even.
fn gives(ground: &Ground, order: &[usize], count: usize, months: usize) -> Vec<Give> {
    let mut by_place: BTreeMap<&HolderId, Vec<usize>> = BTreeMap::new();
    for month in 0..months {
        let share = count / months + usize::from(month < count % months);
        for place in order.iter().take(share) {
            by_place.entry(&ground.copies.holders[*place]).or_insert_with(|| vec![0; months])[month] += 1;
        }
    }
    let give = |(holder, by_month): (&HolderId, Vec<usize>)| Give {
        holder: holder.clone(),
        add: by_month.iter().sum(),
        by_month,
    };
    by_place.into_iter().map(give).collect()
}
