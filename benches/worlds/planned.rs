//! What `plan` promises beside what leaks then come to: one who works through a whole copy, as the plan assumes.
//!
//! The plan is asked before the leaks, of a ledger with a year of plantings and of unwanted calls. What is seen comes
//! from the truth of the world (which rows reached the copy) and from `trace`, never from the plan's own formulas.

use canaries::deed::{PlanOrder, plan};
use canaries::plan::{Assumptions, WhatIf};
use rand::RngExt;
use rand::seq::index::sample;

use super::chance::{Chance, one_of, seeded};
use super::noise::{Call, Noise, caller, seconds};
use super::said::{Talk, by_one_who_knows};
use super::scenario::{ask, put};
use super::shape::{Shape, YEAR_DAYS};
use super::world::{POOL_DAY, Recipe, World};

/// Controls of each world.
const CONTROLS: usize = 60;
/// Days from the copy until all is looked at: the caller is through by then.
const AFTER_DAYS: f64 = 60.0;

/// What is compared: a chance that was planned and whether it came so, summed over leaks.
#[derive(Debug, Clone, Default)]
struct Tally {
    leaks: f64,
    planned: f64,
    seen: f64,
}

/// One leak: what was noticed of it.
struct Leaked {
    sampled: bool,
    called: bool,
    told_day: Option<f64>,
    calls: Vec<Call>,
}

impl Tally {
    fn add(&mut self, planned: f64, seen: f64) {
        self.leaks += 1.0;
        self.planned += planned;
        self.seen += seen;
    }

    fn print(&self, what: &str) {
        let (planned, seen) = (self.planned / self.leaks, self.seen / self.leaks);
        let error = (seen * (1.0 - seen).max(0.0) / self.leaks).sqrt();
        println!("{what:<28} {:>6}  {planned:>7.3}  {seen:>7.3}  {error:>6.3}", self.leaks);
    }
}

/// Plans in some worlds, lets `leaks` copies of each be worked through, and prints both.
pub fn compare(worlds: usize, leaks: usize, seed: u64, noise: f64) {
    let assumed = Assumptions::default();
    let mut tallies: [Tally; 4] = Default::default();
    let (mut days, mut wrong) = (Tally::default(), 0);
    for world in 0..worlds {
        let mut rng = seeded(&[seed, 77, world as u64]);
        let recipe = Recipe {
            shape: Shape::ALL[world % Shape::ALL.len()],
            controls: CONTROLS,
            undeclared: 0.0,
            seed: rng.random(),
        };
        let world_of = World::build(&recipe);
        let copied = YEAR_DAYS + 30.0;
        let strangers =
            Noise::ordinary(0.12, &mut rng).made_less(noise).calls(&world_of.lines, (POOL_DAY, copied), &mut rng);
        world_of.wait_until(copied);
        let mut session = world_of.session(rng.random());
        put(&world_of, &mut session, &strangers, "noise");
        let order =
            PlanOrder { assumed, what_if: WhatIf { background: 1.0, ..WhatIf::default() }, wish: None, months: 1 };
        let outlook = plan(&mut session, &order).expect("a plan can be made").outlook;
        let keepers = world_of.with_canaries();
        for _ in 0..leaks {
            let keeper = *one_of(&keepers, &mut rng);
            let planned = outlook.iter().find(|one| one.holder.to_string() == world_of.id(keeper)).expect("a holder");
            let leaked = leak(&world_of, keeper, (planned.rows, copied), &assumed, &mut rng);
            let named = is_named(&world_of, keeper, &leaked, copied, &mut rng);
            wrong += usize::from(named == Some(false));
            let told = planned.first_told.map_or(0.0, |first| first.chance);
            let share = |is: bool| f64::from(u8::from(is));
            tallies[0].add(planned.noticed.sample, share(leaked.sampled));
            tallies[1].add(planned.noticed.worked_through, share(leaked.called));
            tallies[2].add(told, share(leaked.told_day.is_some()));
            tallies[3].add(planned.named, share(named == Some(true)));
            if let (Some(first), Some(day)) = (planned.first_told, leaked.told_day) {
                days.add(first.days, day);
            }
        }
        eprintln!("{} of {worlds}", world + 1);
    }
    println!("{:<28} {:>6}  {:>7}  {:>7}  {:>6}", "chance", "leaks", "planned", "seen", "error");
    let names = ["noticed in a sample", "noticed, worked through", "told of", "named rightly"];
    names.iter().zip(&tallies).for_each(|(name, tally)| tally.print(name));
    println!("days until told of: planned {:.1}, seen {:.1}", days.planned / days.leaks, days.seen / days.leaks);
    println!("another named: {wrong} of {}", tallies[3].leaks);
}

/// Lets a copy of so many rows be called, row by row in any order.
fn leak(world: &World, keeper: usize, (rows, copied): (u64, f64), assumed: &Assumptions, rng: &mut Chance) -> Leaked {
    let copy: Vec<usize> =
        (0..world.canaries.len()).filter(|canary| world.canaries[*canary].reached[keeper] <= copied).collect();
    let rows = (rows as usize).max(copy.len());
    let sampled = sample(rng, rows, (assumed.sample_calls as usize).min(rows)).iter().any(|row| row < copy.len());
    let calls = ((assumed.calls_a_day * assumed.days) as usize).min(rows);
    let from = caller(rng);
    let mut leaked = Leaked { sampled, called: false, told_day: None, calls: Vec::new() };
    for (place, row) in sample(rng, rows, calls).iter().enumerate().filter(|(_, row)| *row < copy.len()) {
        let canary = &world.canaries[copy[row]];
        let waited = (place as f64 + 1.0) / assumed.calls_a_day as f64;
        let said = rng.random_bool(assumed.told).then(|| by_one_who_knows(&canary.words, Talk::Always, rng)).flatten();
        leaked.called = true;
        if said.is_some() && leaked.told_day.is_none() {
            leaked.told_day = Some(waited);
        }
        let (day, from) = (copied + waited, Some(from.clone()));
        leaked.calls.push(Call { line: canary.line, from, day, seconds: seconds(rng), said });
    }
    leaked
}

/// Asks `trace` after the calls: whether it names the true source, or somebody else, or nobody.
fn is_named(world: &World, keeper: usize, leaked: &Leaked, copied: f64, rng: &mut Chance) -> Option<bool> {
    world.wait_until(copied + AFTER_DAYS);
    let (folder, mut session) = world.twin(rng.random());
    put(world, &mut session, &leaked.calls, "leak");
    let told = ask(&mut session);
    folder.close().expect("a copy can be removed");
    world.wait_until(copied);
    if told.verdict == "inconclusive" {
        return None;
    }
    told.sources.first().map(|first| first.holder == world.id(keeper))
}
