//! The canaries whose rows a caller knew: those that were told of, and those that the same callers reached besides.
//!
//! Who knew a row has the list. What else he called is of that list too, though he said nothing there, and a copy that lacks it is
//! not the one he has.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use super::evidence::Evidence;
use super::presence::Presence;
use super::verdict::tells;
use crate::hit::{Caller, Hit, Level};

/// What callers said and reached, by place in [`Presence::listed`].
pub struct Spoken {
    /// Canaries whose callers spoke of the trade or of the row, and whether they told of it.
    pub speaking: BTreeMap<usize, bool>,
    /// Canaries that were told of, each with the time in seconds at which it first was, and those that callers who told reached besides.
    pub known: BTreeMap<usize, Option<i64>>,
}

impl Spoken {
    /// Sorts what the hits of a case say.
    pub fn of(evidence: &Evidence, case: &Case<'_>) -> Spoken {
        let (mut speaking, mut known): (BTreeMap<usize, bool>, BTreeMap<usize, Option<i64>>) = Default::default();
        let calls = |hit: &Hit| !hit.is_listed() && !evidence.is_dialled(hit);
        let callers = case.counted.iter().filter(|(_, hit)| calls(hit) && tells(hit));
        let callers: BTreeSet<&Caller> = callers.filter_map(|(_, hit)| hit.contact.from.as_ref()).collect();
        for (listed, hit) in &case.counted {
            if tells(hit) || hit.heard.level >= Level::Topic && !evidence.is_dialled(hit) {
                *speaking.entry(*listed).or_default() |= tells(hit);
            }
            if tells(hit) {
                let (at, first) = (hit.contact.at.timestamp(), known.entry(*listed).or_default());
                *first = Some(first.map_or(at, |first| first.min(at)));
            } else if calls(hit) && hit.contact.from.as_ref().is_some_and(|caller| callers.contains(caller)) {
                known.entry(*listed).or_default();
            }
        }
        Spoken { speaking, known }
    }

    /// Counts the canaries that these copies have and none of the others, and tells whether any was told of.
    pub fn told(&self, presence: &Presence<'_>, place: usize, others: &[usize]) -> (usize, bool) {
        let has = |listed: usize, place: usize| presence.share(listed, place).is_some();
        let here = self
            .speaking
            .iter()
            .filter(|(listed, _)| has(**listed, place) && !others.iter().any(|other| has(**listed, *other)));
        here.fold((0, false), |(canaries, told), (_, tells)| (canaries + 1, told | tells))
    }

    /// Counts the known canaries that no copy has of which `has` tells.
    pub fn elsewhere(&self, has: &dyn Fn(usize) -> bool) -> usize {
        self.known.keys().filter(|listed| !has(**listed)).count()
    }

    /// Finds the holders, but for `places`, whose copies have all known canaries.
    pub fn had_by(&self, presence: &Presence<'_>, places: &[usize]) -> Vec<usize> {
        let classes: BTreeSet<usize> = self.known.keys().filter_map(|listed| presence.listed[*listed].class).collect();
        let Some(one) = classes.first() else { return Vec::new() };
        let all = |place: &usize| classes.iter().all(|class| presence.classes[*class].reach.contains_key(place));
        let holders = presence.classes[*one].reach.keys().copied();
        holders.filter(|place| !places.contains(place) && all(place)).collect()
    }
}
