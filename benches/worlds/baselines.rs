//! Three simpler ways to name a source, to see what the model adds.
//!
//! Each is told which calls the leak caused, which no real desk is: what they lose, they lose to the flow of data and not to
//! noise.

use super::leak::Leak;
use super::shape::Known;
use super::world::World;

/// The chance that a leaked row was got otherwise than from an agent, Papadimitriou and Garcia-Molina's p; 0.2 is the
/// smallest they report, and a canary that nobody else was given can hardly be guessed.
const OTHERWISE: f64 = 0.2;

/// The names the baselines have in reports.
pub const NAMES: [&str; 3] = ["most hits", "first hit", "guilt"];

/// Names a keeper by each baseline; nothing if no canary was called.
pub fn named(world: &World, leak: &Leak) -> [Option<usize>; 3] {
    [most_hits(world, leak), first_hit(world, leak), most_guilty(world, leak)]
}

/// Names whose canaries were called most often; of several, the one with the first call.
fn most_hits(world: &World, leak: &Leak) -> Option<usize> {
    let mut hits = vec![0_usize; world.graph.keepers.len()];
    owners(world, leak).for_each(|owner| hits[owner] += 1);
    let most = *hits.iter().max()?;
    owners(world, leak).find(|owner| hits[*owner] == most)
}

fn first_hit(world: &World, leak: &Leak) -> Option<usize> {
    owners(world, leak).next()
}

/// Gives whose canary each call reached, by time.
fn owners(world: &World, leak: &Leak) -> impl Iterator<Item = usize> {
    leak.calls.iter().filter_map(|call| Some(world.canaries[world.lines[call.line].canary?].keeper))
}

fn most_guilty(world: &World, leak: &Leak) -> Option<usize> {
    let keepers = world.graph.keepers.len();
    let receives = receivers(world);
    let leaked: Vec<usize> = leak.touches.iter().map(|touch| world.canaries[touch.canary].keeper).collect();
    let guilty = guilt(keepers, &leaked, &receives, OTHERWISE);
    // Of equally guilty agents the one that holds least is the likelier.
    let held = |keeper: usize| world.canaries.iter().filter(|canary| receives[canary.keeper][keeper]).count();
    let best = (0..keepers).filter(|keeper| guilty[*keeper] > 0.0);
    best.max_by(|a, b| guilty[*a].total_cmp(&guilty[*b]).then_with(|| held(*b).cmp(&held(*a))))
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

/// Gives each agent's guilt: 1 - product over its leaked rows of (1 - (1 - p) / number of agents that hold the row)
/// (Papadimitriou and Garcia-Molina, TKDE 2011, equation 5). Rows are named by their origin.
pub fn guilt(agents: usize, leaked: &[usize], receives: &[Vec<bool>], otherwise: f64) -> Vec<f64> {
    let innocence = |agent: usize| -> f64 {
        let own = leaked.iter().filter(|origin| receives[**origin][agent]);
        own.map(|origin| 1.0 - (1.0 - otherwise) / receives[*origin].iter().filter(|has| **has).count() as f64)
            .product()
    };
    (0..agents).map(|agent| 1.0 - innocence(agent)).collect()
}
