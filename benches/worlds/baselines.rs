//! Three simpler ways to name a source, to see what the model adds.
//!
//! Each is tried twice: on the calls that look suspicious, and told which calls the leak caused, which no real desk is.
//! What they lose then, they lose to the flow of data and not to noise.

use std::collections::{HashMap, HashSet};

use canaries::hit::{Known as Persona, Level, hear};

use super::noise::Call;
use super::shape::Known;
use super::world::World;

/// The chance that a leaked row was got otherwise than from an agent, Papadimitriou and Garcia-Molina's p; 0.2 is the
/// smallest they report, and a canary that nobody else was given can hardly be guessed.
const OTHERWISE: f64 = 0.2;

/// Which calls a baseline goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The calls that the leak caused.
    Told,
    /// Calls after planting that speak of the trade, or whose caller reached two canaries: what a desk would look at.
    Desk,
}

/// Chooses the calls that a baseline goes by, with the canary of each, by time.
pub fn seen<'c>(world: &World, sight: Sight, calls: impl Iterator<Item = &'c Call>) -> Vec<usize> {
    let to_canary = |call: &'c Call| {
        let canary = world.lines[call.line].canary?;
        (world.canaries[canary].day <= call.day).then_some((call, canary))
    };
    let mut calls: Vec<(&Call, usize)> = calls.filter_map(to_canary).collect();
    calls.sort_by(|a, b| a.0.day.total_cmp(&b.0.day));
    if sight == Sight::Desk {
        let mut reached: HashMap<&str, HashSet<usize>> = HashMap::new();
        for (call, canary) in &calls {
            reached.entry(call.from.as_deref().unwrap_or_default()).or_default().insert(*canary);
        }
        calls.retain(|(call, _)| {
            let by_one = call.from.as_deref().is_some_and(|from| reached[from].len() > 1);
            by_one || call.said.as_ref().is_some_and(|said| hear(said, &Persona::default()).level >= Level::Topic)
        });
    }
    calls.into_iter().map(|(_, canary)| canary).collect()
}

/// Names a keeper by each baseline, from the canaries of the calls it goes by; nothing if there are none.
pub fn named(world: &World, called: &[usize]) -> [Option<usize>; 3] {
    let owners: Vec<usize> = called.iter().map(|canary| world.canaries[*canary].keeper).collect();
    [most_hits(&owners, world.graph.keepers.len()), owners.first().copied(), most_guilty(world, called)]
}

/// Names whose canaries were called most often; of several, the one with the first call.
fn most_hits(owners: &[usize], keepers: usize) -> Option<usize> {
    let mut hits = vec![0_usize; keepers];
    owners.iter().for_each(|owner| hits[*owner] += 1);
    let most = *hits.iter().max()?;
    owners.iter().copied().find(|owner| hits[*owner] == most)
}

fn most_guilty(world: &World, called: &[usize]) -> Option<usize> {
    let keepers = world.graph.keepers.len();
    let receives = receivers(world);
    let leaked: HashSet<usize> = called.iter().copied().collect();
    let leaked: Vec<usize> = leaked.into_iter().map(|canary| world.canaries[canary].keeper).collect();
    let innocent = innocence(keepers, &leaked, &receives, OTHERWISE);
    // Of equally guilty agents the one that holds least is the likelier.
    let held = |keeper: usize| world.canaries.iter().filter(|canary| receives[canary.keeper][keeper]).count();
    let some = (0..keepers).filter(|keeper| innocent[*keeper] < 0.0);
    some.min_by(|a, b| {
        let nearly_alike = (innocent[*a] - innocent[*b]).abs() < 1e-9;
        if nearly_alike { held(*a).cmp(&held(*b)) } else { innocent[*a].total_cmp(&innocent[*b]) }
    })
}

/// Tells, by origin, who has its rows as far as the ledger knows.
fn receivers(world: &World) -> Vec<Vec<bool>> {
    let keepers = world.graph.keepers.len();
    let mut receives = vec![vec![false; keepers]; keepers];
    for (origin, has) in receives.iter_mut().enumerate() {
        has[origin] = true;
        for giver in origin..keepers {
            if has[giver] {
                let known =
                    world.graph.streams.iter().filter(|stream| stream.from == giver && stream.known != Known::Nowise);
                known.for_each(|stream| has[stream.to] = true);
            }
        }
    }
    receives
}

/// Gives the logarithm of each agent's innocence, which is 1 - guilt: the product over its leaked rows of
/// 1 - (1 - p) / number of agents that hold the row (Papadimitriou and Garcia-Molina, TKDE 2011, equation 5).
/// Rows are named by their origin.
pub fn innocence(agents: usize, leaked: &[usize], receives: &[Vec<bool>], otherwise: f64) -> Vec<f64> {
    let holders: Vec<usize> = receives.iter().map(|row| row.iter().filter(|has| **has).count()).collect();
    let of = |agent: usize| -> f64 {
        let own = leaked.iter().filter(|origin| receives[**origin][agent]);
        own.map(|origin| (1.0 - (1.0 - otherwise) / holders[*origin] as f64).ln()).sum()
    };
    (0..agents).map(of).collect()
}
