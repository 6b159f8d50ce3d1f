//! Calls that no leak causes: unwanted calls of every day, storms, machines that dial through a block, and friends of
//! a number's last owner.
//!
//! Rates and their spread follow Prasad et al. (USENIX Security 2020): 0.12 calls a number and day, a quarter of the
//! numbers never called, caller numbers seldom seen twice.

use rand::RngExt;

use super::chance::{Chance, exponential, gamma_of_mean_one, one_of};
use super::said::{by_a_machine, by_a_stranger, by_an_old_friend};
use super::world::Line;

/// One contact; `day` counts from the world's first.
#[derive(Debug, Clone)]
pub struct Call {
    pub line: usize,
    pub from: Option<String>,
    pub day: f64,
    pub seconds: u32,
    pub said: Option<String>,
}

/// What the noise of a world is like.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    /// Calls a number and day.
    pub rate: f64,
    /// The share of strangers who are in the trade.
    pub topic: f64,
    pub storms: usize,
    pub diallers: usize,
    /// The share of numbers that somebody else had before.
    pub recycled: f64,
    pub callers: Callers,
}

/// Whether callers show their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    Shown,
    Withheld,
}

impl Noise {
    /// Draws the ordinary noise at a rate.
    pub fn ordinary(rate: f64, rng: &mut Chance) -> Noise {
        let (topic, storms, diallers) =
            (rng.random_range(0.01..0.05), rng.random_range(0..=4), rng.random_range(0..=4));
        Noise { rate, topic, storms, diallers, recycled: 0.0, callers: Callers::Shown }
    }

    /// Gives the same noise with a share of its calls.
    pub fn made_less(self, share: f64) -> Noise {
        Noise { rate: self.rate * share, recycled: self.recycled * share, ..self }
    }

    /// Draws all calls between two days, by time.
    pub fn calls(&self, lines: &[Line], (first, last): (f64, f64), rng: &mut Chance) -> Vec<Call> {
        let regulars: Vec<String> = (0..200).map(|_| caller(rng)).collect();
        let mut calls = Vec::new();
        for line in 0..lines.len() {
            let rate = self.rate * gamma_of_mean_one(0.7, rng);
            self.strangers(line, rate, (first, last), &regulars, &mut calls, rng);
            if rng.random_bool(self.recycled) {
                old_friends(line, (first, last), &mut calls, rng);
            }
        }
        for _ in 0..self.storms {
            self.storm(lines, rng.random_range(first..last), &mut calls, rng);
        }
        for _ in 0..self.diallers {
            calls.extend(dial_through(lines, rng.random_range(first..last), rng));
        }
        if self.callers == Callers::Withheld {
            calls.iter_mut().for_each(|call| call.from = None);
        }
        calls.retain(|call| call.day < last);
        calls.sort_by(|a, b| a.day.total_cmp(&b.day));
        calls
    }

    fn strangers(
        &self,
        line: usize,
        rate: f64,
        (first, last): (f64, f64),
        regulars: &[String],
        calls: &mut Vec<Call>,
        rng: &mut Chance,
    ) {
        let mut day = first;
        loop {
            day += exponential(1.0 / rate.max(1e-9), rng);
            if day >= last {
                return;
            }
            let from = if rng.random_bool(0.08) { one_of(regulars, rng).clone() } else { caller(rng) };
            let call = Call {
                line,
                from: rng.random_bool(0.95).then_some(from),
                day: in_office_hours(day, rng),
                seconds: seconds(rng),
                said: by_a_stranger(self.topic, rng),
            };
            if rng.random_bool(0.05) {
                calls.push(Call { day: call.day + rng.random_range(0.001..1.0), said: None, ..call.clone() });
            }
            calls.push(call);
        }
    }

    /// One day with 5 to 20 times the calls, on one block and some other numbers.
    fn storm(&self, lines: &[Line], day: f64, calls: &mut Vec<Call>, rng: &mut Chance) {
        let factor = rng.random_range(5.0..20.0);
        let block = one_of(lines, rng).block;
        let share = rng.random_range(0.05..0.4);
        let few: Option<Vec<String>> = rng.random_bool(0.5).then(|| (0..3).map(|_| caller(rng)).collect());
        for (line, known) in lines.iter().enumerate() {
            if known.block != block && !rng.random_bool(share) {
                continue;
            }
            let mut at = exponential(1.0 / (self.rate * factor), rng);
            while at < 1.0 {
                let from = Some(match &few {
                    Some(few) => one_of(few, rng).clone(),
                    None => caller(rng),
                });
                let (seconds, said) = (seconds(rng), by_a_stranger(self.topic, rng));
                calls.push(Call { line, from, day: in_office_hours(day, rng), seconds, said });
                at += exponential(1.0 / (self.rate * factor), rng);
            }
        }
    }
}

/// A machine dials a block from end to end, whatever its numbers are used for; a lone number has no neighbours.
pub fn dial_through(lines: &[Line], day: f64, rng: &mut Chance) -> Vec<Call> {
    let runs: Vec<usize> =
        lines.windows(2).filter(|pair| pair[0].block == pair[1].block).map(|pair| pair[0].block).collect();
    if runs.is_empty() {
        return Vec::new();
    }
    let block = *one_of(&runs, rng);
    let (from, said, one_caller) = (caller(rng), by_a_machine(rng), rng.random_bool(0.7));
    let mut at = in_office_hours(day, rng);
    let mut calls = Vec::new();
    for (line, _) in lines.iter().enumerate().filter(|(_, known)| known.block == block) {
        at += rng.random_range(20.0..90.0) / 86_400.0;
        let from = Some(if one_caller { from.clone() } else { caller(rng) });
        calls.push(Call { line, from, day: at, seconds: seconds(rng), said: said.clone() });
    }
    calls
}

fn old_friends(line: usize, (first, last): (f64, f64), calls: &mut Vec<Call>, rng: &mut Chance) {
    let friends: Vec<String> = (0..rng.random_range(3..9)).map(|_| caller(rng)).collect();
    let gap = 1.0 / rng.random_range(0.2..2.0);
    let fades = rng.random_range(100.0..600.0);
    let mut day = first + exponential(gap, rng);
    while day < last {
        if rng.random_bool((-(day - first) / fades).exp()) {
            let from = Some(one_of(&friends, rng).clone());
            calls.push(Call { line, from, day, seconds: seconds(rng), said: by_an_old_friend(rng) });
        }
        day += exponential(gap, rng);
    }
}

/// Draws a caller's number that was not seen before.
pub fn caller(rng: &mut Chance) -> String {
    match rng.random_range(0..3) {
        0 => format!("0755{:08}", rng.random_range(22_000_000..88_000_000)),
        _ => format!("1{}{:08}", one_of(&[36, 59, 77, 82, 87], rng), rng.random_range(0..100_000_000)),
    }
}

/// Moves a time to the hours in which people call, 9 to 21 in China.
pub fn in_office_hours(day: f64, rng: &mut Chance) -> f64 {
    day.floor() + rng.random_range(1.0..13.0) / 24.0
}

/// Draws how long a call lasts.
pub fn seconds(rng: &mut Chance) -> u32 {
    exponential(25.0, rng) as u32
}
