//! A leak: whose copy, when it was made, which rows, and the calls that follow.
//!
//! The oracle draws on the same constants, so that what is stated here is what truly happens and nothing else.

use rand::RngExt;

use super::chance::{Chance, exponential, log_uniform};
use super::noise::{Call, caller, in_office_hours, seconds};
use super::said::{Talk, by_one_who_frames, by_one_who_knows};
use super::shape::YEAR_DAYS;
use super::world::World;

/// The chance that a stolen row is called at all, log-uniform between these.
pub const RATES: (f64, f64) = (0.03, 0.9);
/// Mean days from the copy, or from its resale, to a call: log-uniform between these.
pub const DELAYS: (f64, f64) = (10.0, 120.0);
/// Length of a window of rows in days, log-uniform between these.
pub const WINDOWS: (f64, f64) = (7.0, 180.0);
/// Share of a random sample of rows, uniform between these.
pub const SAMPLES: (f64, f64) = (0.05, 1.0);
/// Days until a list is sold on, uniform from nothing to this.
const RESALE_DAYS: f64 = 60.0;

/// Which rows were taken.
#[derive(Debug, Clone, Copy)]
pub enum Rows {
    All,
    /// Rows that bear a date between these days.
    Window {
        first: f64,
        last: f64,
    },
    /// Each row by chance.
    Sample(f64),
}

/// A canary's first call by a buyer.
#[derive(Debug, Clone, Copy)]
pub struct Touch {
    pub canary: usize,
    pub day: f64,
    /// Days from the copy to the sale to this buyer.
    pub resold_after: f64,
}

/// One leak and what came of it.
#[derive(Debug, Clone)]
pub struct Leak {
    pub keeper: usize,
    pub copied: f64,
    /// Canaries that rang because of it until now.
    pub touches: Vec<Touch>,
    /// Days from the copy to each buyer's purchase.
    pub sales: Vec<f64>,
    pub calls: Vec<Call>,
}

/// How a leak is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// The days between which the copy was made.
    pub copied: (f64, f64),
    /// The share of canaries that the thief takes out.
    pub stripped: f64,
    /// The day on which all is looked at.
    pub now: f64,
    pub talk: Talk,
}

impl Style {
    /// Leaks over the year of planting.
    pub fn of_the_year(now: f64) -> Style {
        Style { copied: (0.0, YEAR_DAYS), stripped: 0.0, now, talk: Talk::Usual }
    }
}

/// Draws a leak of `keeper`'s copy.
pub fn leak(world: &World, keeper: usize, style: &Style, rng: &mut Chance) -> Leak {
    let copied = rng.random_range(style.copied.0..style.copied.1);
    let rows = match rng.random_range(0..3) {
        0 => Rows::All,
        1 => {
            let last = if rng.random_bool(0.5) { copied } else { rng.random_range(0.0..copied.max(1.0)) };
            Rows::Window { first: last - log_uniform(WINDOWS, rng), last }
        }
        _ => Rows::Sample(rng.random_range(SAMPLES.0..SAMPLES.1)),
    };
    let (rate, delay) = (log_uniform(RATES, rng), log_uniform(DELAYS, rng));
    let sales: Vec<f64> =
        (0..rng.random_range(1..=3)).map(|n| if n == 0 { 0.0 } else { rng.random_range(0.0..RESALE_DAYS) }).collect();
    // A company calls from one or two lines of its own.
    let phones: Vec<Vec<String>> =
        sales.iter().map(|_| (0..rng.random_range(1..=2)).map(|_| caller(rng)).collect()).collect();
    let mut leak = Leak { keeper, copied, touches: Vec::new(), sales, calls: Vec::new() };
    for (place, canary) in world.canaries.iter().enumerate() {
        let taken = match rows {
            Rows::All => true,
            Rows::Window { first, last } => (first..=last).contains(&canary.row_day),
            Rows::Sample(share) => rng.random_bool(share),
        };
        let stays = style.stripped == 0.0 || !rng.random_bool(style.stripped);
        if !(taken && stays && canary.reached[keeper] <= copied && rng.random_bool(rate)) {
            continue;
        }
        let buyer = rng.random_range(0..leak.sales.len());
        let resold_after = leak.sales[buyer];
        let mut day = copied + resold_after + exponential(delay, rng);
        if day > style.now {
            continue;
        }
        leak.touches.push(Touch { canary: place, day, resold_after });
        loop {
            let from = Some(phones[buyer][rng.random_range(0..phones[buyer].len())].clone());
            let said = by_one_who_knows(&canary.words, style.talk, rng);
            leak.calls.push(Call { line: canary.line, from, day: at_work(day, rng), seconds: seconds(rng), said });
            day += exponential(10.0, rng);
            if day > style.now || !rng.random_bool(0.25) {
                break;
            }
        }
    }
    leak.calls.sort_by(|a, b| a.day.total_cmp(&b.day));
    leak
}

/// Draws three calls with content to canaries of one keeper, by somebody who wants it blamed.
pub fn frame(world: &World, keeper: usize, day: f64, rng: &mut Chance) -> Vec<Call> {
    let mut own: Vec<usize> = (0..world.canaries.len())
        .filter(|canary| world.canaries[*canary].keeper == keeper && world.canaries[*canary].day < day)
        .collect();
    let from = caller(rng);
    let mut calls = Vec::new();
    while calls.len() < 3 && !own.is_empty() {
        let canary = &world.canaries[own.swap_remove(rng.random_range(0..own.len()))];
        let day = at_work(day + rng.random_range(0.0..5.0), rng);
        let said = Some(by_one_who_frames(&canary.words, rng));
        calls.push(Call { line: canary.line, from: Some(from.clone()), day, seconds: seconds(rng), said });
    }
    calls
}

/// Moves a time to working hours of that day, but never before it.
fn at_work(day: f64, rng: &mut Chance) -> f64 {
    in_office_hours(day, rng).max(day)
}
