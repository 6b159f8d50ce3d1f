//! Which copies hold which canaries, before anything is called: presence as the weighing sees it, for those who plan.
//!
//! Canaries that are in the same copies are one cluster. Every holder has one for what it would be given next, perhaps
//! still without a canary.

use chrono::{DateTime, Utc};

use super::evidence::{Cohort, Evidence, Rows};
use super::presence::Presence;
use crate::holder::{FlowGraph, HolderId};

/// A holder, by place, whose copy has a share of a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    pub place: usize,
    pub share: f64,
    /// Whether it was made for this holder, or seen in its list.
    pub own: bool,
}

/// Canaries that are in the same copies; `origin` is the place of the holder they were made for.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    pub origin: usize,
    pub canaries: usize,
    pub reach: Vec<Share>,
}

/// All holders by place, and all clusters; `next` gives by place the cluster that a holder's next canaries join.
#[derive(Debug, Clone, PartialEq)]
pub struct Copies {
    pub holders: Vec<HolderId>,
    pub clusters: Vec<Cluster>,
    pub next: Vec<usize>,
}

impl Copies {
    /// Sorts cohorts of canaries into clusters; what is planted next is planted at `now`.
    pub fn of(graph: &FlowGraph, cohorts: &[Cohort], now: DateTime<Utc>) -> Copies {
        let next = |id: &HolderId| Cohort {
            holder: id.clone(),
            planted_at: now,
            dated: None,
            rows: Rows::Unknown,
            received: Vec::new(),
            canaries: 0,
        };
        let ids: Vec<HolderId> = graph.holders().map(|holder| holder.id.clone()).collect();
        let evidence = Evidence {
            silent: ids.iter().map(next).chain(cohorts.iter().cloned()).collect(),
            ..Evidence::none(graph.clone(), now)
        };
        let presence = Presence::of(&evidence);
        let cluster = |class: &super::presence::Class| Cluster {
            origin: class.origin,
            canaries: class.silent.iter().map(|silent| silent.canaries).sum(),
            reach: class
                .reach
                .iter()
                .map(|(place, share)| {
                    let own = *place == class.origin || class.seen.contains(place);
                    Share { place: *place, share: if own { 1.0 } else { *share }, own }
                })
                .collect(),
        };
        // The first cohorts make the first classes, one for each holder: no two of them have the same origin.
        let mut next = vec![0; presence.holders.len()];
        for (class, found) in presence.classes.iter().enumerate().take(ids.len()) {
            next[found.origin] = class;
        }
        let holders = presence.holders.iter().map(|holder| (*holder).clone()).collect();
        Copies { holders, clusters: presence.classes.iter().map(cluster).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holder::{Flow, Holder, Kind};

    #[test]
    fn what_flows_on_is_in_two_copies_and_what_is_next_has_a_cluster() {
        let id = |text: &str| text.parse::<HolderId>().expect("a test id");
        let holder = |name: &str| Holder {
            id: id(name),
            name: name.to_string(),
            kind: Kind::Agency,
            region: None,
            parent: None,
        };
        let flow = Flow { from: id("a"), to: id("b"), share: 0.5, since: None, until: None };
        let graph = FlowGraph::new(vec![holder("a"), holder("b")], vec![flow]);
        let now: DateTime<Utc> = "2026-11-21T02:00:00Z".parse().expect("a time");
        let cohort = Cohort {
            holder: id("a"),
            planted_at: now,
            dated: None,
            rows: Rows::Unknown,
            received: Vec::new(),
            canaries: 7,
        };
        let copies = Copies::of(&graph, &[cohort], now);
        let place = |name: &str| copies.holders.iter().position(|holder| *holder == id(name)).expect("a holder");
        let of_a = &copies.clusters[copies.next[place("a")]];
        assert_eq!((of_a.canaries, of_a.reach.len()), (7, 2));
        let in_b = of_a.reach.iter().find(|share| share.place == place("b")).expect("it flows on");
        assert_eq!((in_b.share, in_b.own), (0.5, false));
        assert_eq!(copies.clusters[copies.next[place("b")]].reach.len(), 1);
    }
}
