//! Holders who put their copies together and delete every row that differs: what leaks is what all of them have.
//!
//! Only canaries that were given to several holders at once can be left then, so only such holders come into question.
//! Canaries that one of them has alone are silent for this reason, and say nothing against them.

use std::collections::BTreeSet;

use super::calls::Called;
use super::explain::{SOURCES_MAX, compared_prior};
use super::presence::{Class, Presence};
use super::tables::Arrival;
use super::weigh::{Group, Weigher};

/// Pairs from which larger sets are sought.
const STARTS_MAX: usize = 3;

/// Finds sets of holders whose common rows may be what leaked; each with the logarithm of its likelihood ratio to chance
/// and of its prior. `among` are the holders in question.
pub fn common_sets(
    presence: &Presence<'_>,
    weigher: &Weigher<'_>,
    called: &Called,
    among: &[usize],
) -> Vec<(Vec<usize>, f64)> {
    let classes: Vec<usize> = called.keys().filter_map(|listed| presence.listed[*listed].class).collect();
    let shared = |place: usize| {
        let of = |class: &&usize| {
            let class = &presence.classes[**class];
            !class.together.is_empty() && class.is_made_for(place)
        };
        classes.iter().filter(of).copied().collect::<BTreeSet<usize>>()
    };
    let members: Vec<(usize, BTreeSet<usize>)> = among.iter().map(|place| (*place, shared(*place))).collect();
    let members: Vec<_> = members.into_iter().filter(|(_, classes)| !classes.is_empty()).collect();
    let ln = |places: &[usize]| weigher.weigh_only(places[0], &common(presence, weigher, places)).ln;
    let mut found: Vec<(Vec<usize>, f64)> = Vec::new();
    for (at, (one, of_one)) in members.iter().enumerate() {
        for (other, of_other) in &members[at + 1..] {
            if !of_one.is_disjoint(of_other) {
                let pair = vec![*one, *other];
                found.push((pair.clone(), ln(&pair)));
            }
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    for start in 0..found.len().min(STARTS_MAX) {
        let mut set = found[start].clone();
        while set.0.len() < SOURCES_MAX {
            let others = members.iter().map(|(place, _)| *place).filter(|place| !set.0.contains(place));
            let larger = others.map(|place| {
                let mut places = [&set.0[..], &[place]].concat();
                places.sort_unstable();
                let ln = ln(&places);
                (places, ln)
            });
            let Some(best) = larger.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|best| best.1 > set.1) else { break };
            if found.iter().all(|(places, _)| *places != best.0) {
                found.push(best.clone());
            }
            set = best;
        }
    }
    // Whoever was given such canaries might have compared, called or not: the calls must not choose their own prior.
    let group: BTreeSet<usize> =
        presence.classes.iter().filter(|class| !class.together.is_empty()).flat_map(made_for).collect();
    let prior = |size: usize| compared_prior(size, group.len() as f64, presence.holders.len() as f64);
    found.into_iter().map(|(places, ln)| (places.clone(), ln + prior(places.len()))).collect()
}

/// Lists the holders that canaries were made for at once.
fn made_for(class: &Class) -> impl Iterator<Item = usize> {
    class.together.iter().copied().chain([class.origin])
}

/// Gives the rows that all of these holders have.
fn common(presence: &Presence<'_>, weigher: &Weigher<'_>, places: &[usize]) -> Vec<Group> {
    let [first, others @ ..] = places else { return Vec::new() };
    let mut groups = weigher.groups(*first);
    for other in others {
        let theirs = weigher.groups(*other);
        let of_theirs = |class: usize| {
            let group = theirs.iter().find_map(|group| {
                let found = group.classes.iter().find(|(theirs, ..)| *theirs == class)?;
                Some((group.absent, *found))
            });
            group.map(|(absent, (_, share, arrival))| (absent, share, arrival))
        };
        for group in &mut groups {
            let mut absent = group.absent;
            let both = group.classes.iter().filter_map(|(class, share, arrival)| {
                let (missing, theirs, came) = of_theirs(*class)?;
                absent = absent.max(missing);
                Some((*class, share * theirs, later(*arrival, came)))
            });
            group.classes = both.collect();
            group.absent = absent;
            let first = |(class, _, arrival): &(usize, f64, Arrival)| {
                presence.classes[*class].first_planted().max(arrival.since())
            };
            group.first_planted = group.classes.iter().map(first).min().unwrap_or(i64::MAX);
        }
        groups.retain(|group| !group.classes.is_empty());
    }
    groups
}

/// Gives how rows came that came in one way and in another: both must have come.
fn later(one: Arrival, other: Arrival) -> Arrival {
    let since = one.since().max(other.since());
    match (one, other) {
        (Arrival::AtOnce { .. }, Arrival::AtOnce { .. }) => Arrival::AtOnce { since },
        (Arrival::ByFlow { .. }, _) | (_, Arrival::ByFlow { .. }) => Arrival::ByFlow { since },
    }
}
