//! Other copies that have every row that was told of: a name stands only where their own silent canaries speak against them.
//!
//! A list that goes on into a later copy takes its canaries along. Whoever calls those alone leaves no trace of which of the two
//! copies they are from but the silence of what the later one has besides, and of that only what stands among the same rows: who
//! took some days of a list, or the rows of some hospitals, took nothing of the others. A canary that rang by chance is as good as silent.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::calls::{Called, Calls};
use super::parts::{Part, Parts};
use super::presence::Presence;

/// Chance that what another copy has besides stays silent, below which the holder of that copy is out of the question: for a name at
/// all, and for the stronger word.
pub const SILENT_BY_CHANCE: f64 = 0.05;
pub const SILENT_BY_CHANCE_STRONG: f64 = 0.01;

/// Canaries that were told of or called by those who told, by place in [`Presence::listed`], the time in seconds at which one was
/// told of first, and the end of what is on record.
pub struct Told {
    pub listed: Vec<usize>,
    pub first: i64,
    pub until: i64,
}

/// What was told of as the common copy of `places` has it, and among which rows it stands.
pub struct SameRows<'t> {
    presence: &'t Presence<'t>,
    called: &'t Called,
    told: Told,
    places: &'t [usize],
    classes: BTreeSet<usize>,
    days: RangeInclusive<i32>,
    rows: BTreeSet<Part>,
    parts: Parts,
}

/// A canary, or several that nothing reached, among the same rows; `part` is its chance to be so.
struct Among {
    canaries: f64,
    part: f64,
    /// How much likelier what reached it is from a buyer than by chance.
    ratio: f64,
}

impl<'t> SameRows<'t> {
    /// Finds among which rows it stands; none if nothing was told of.
    pub fn of(presence: &'t Presence<'t>, called: &'t Called, told: Told, places: &'t [usize]) -> Option<SameRows<'t>> {
        let classes: BTreeSet<usize> = told.listed.iter().filter_map(|at| presence.listed[*at].class).collect();
        let rows = classes.iter().map(|class| Part::of(presence, *class)).collect();
        let days = || told.listed.iter().map(|listed| presence.listed[*listed].day);
        let days = days().min()?..=days().max()?;
        Some(SameRows { presence, called, told, places, classes, days, rows, parts: Parts::default() })
    }

    /// Finds the other holders whose copies have all of it; each with the chance that it had all of this and that what its copy has
    /// besides among these rows was not called.
    pub fn others(&self) -> Vec<(usize, f64)> {
        let Some(one) = self.classes.first() else { return Vec::new() };
        let reach = |class: usize| &self.presence.classes[class].reach;
        let has_all = |place: &usize| self.classes.iter().all(|class| reach(*class).contains_key(place));
        let candidates = reach(*one).keys().copied().filter(|place| !self.places.contains(place));
        candidates.filter(has_all).filter_map(|place| Some((place, self.chance(place)?))).collect()
    }

    /// Gives the chance that what was told of is from the copy of `other`, beside its being from that of `places`; none if it had that too
    /// late.
    fn chance(&self, other: usize) -> Option<f64> {
        let presence = self.presence;
        let had = self.told.listed.iter().map(|listed| {
            let since = presence.class_of(*listed).map_or(i64::MIN, |class| class.since(other));
            since.max(presence.listed[*listed].planted)
        });
        let by = had.max().filter(|by| *by <= self.told.first)?;
        let known: BTreeSet<usize> = self.told.listed.iter().copied().collect();
        let (mut common_silent, mut besides) = (0.0, Vec::new());
        let mut common_called = known.len() as f64;
        for class in presence.at(other) {
            let reach = &presence.classes[class].reach;
            let among = self.among(class, (other, by), &known);
            match self.places.iter().all(|place| reach.contains_key(place)) {
                true => among.iter().for_each(|one| match one.ratio > 1.0 {
                    true => common_called += one.canaries * one.part,
                    false => common_silent += one.canaries * one.part,
                }),
                false => besides.extend(among.into_iter().map(|one| (reach[&other], one))),
            }
        }
        // One more that is silent: of few canaries the share that was called is not known to the last.
        let rate = common_called / (common_called + common_silent + 1.0);
        let came: f64 = known.iter().filter_map(|listed| presence.share(*listed, other)).map(f64::ln).sum();
        let besides =
            besides.iter().map(|(share, one)| one.canaries * (share * one.part * rate * (one.ratio - 1.0)).ln_1p());
        Some((came + besides.sum::<f64>()).exp())
    }

    /// Lists the canaries of a class that were in a copy by then, among the rows of what was told of, but for this itself.
    fn among(&self, class: usize, (place, by): (usize, i64), known: &BTreeSet<usize>) -> Vec<Among> {
        let presence = self.presence;
        let found = &presence.classes[class];
        let part: f64 = self.rows.iter().map(|part| self.parts.share(presence, *part, class)).sum();
        if found.since(place) > by || part == 0.0 {
            return Vec::new();
        }
        let (part, is_in) = (part.min(1.0), |planted: i64, day: i32| planted <= by && self.days.contains(&day));
        let silent = found.silent.iter().filter(|silent| is_in(silent.planted, silent.day));
        let silent =
            silent.map(|silent| Among { canaries: silent.canaries as f64, part, ratio: Calls::silent_ratio() });
        let listed = found.listed.iter().filter(|listed| !known.contains(listed));
        let listed = listed.filter(|listed| is_in(presence.listed[**listed].planted, presence.listed[**listed].day));
        let listed = listed.map(|listed| {
            let calls = self.called.get(listed);
            let ratio = calls.map_or(Calls::silent_ratio(), |calls| calls.ratio(by, self.told.until));
            Among { canaries: 1.0, part, ratio }
        });
        silent.chain(listed).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, TimeZone, Utc};

    use super::super::evidence::{CanaryFact, Cohort, Evidence, Receipt, Rows, Seen, Standing};
    use super::*;
    use crate::holder::{Came, FlowGraph, Holder, HolderId, Kind};
    use crate::id::{CanaryId, PlantingId};
    use crate::phone::Number;

    fn id(text: &str) -> HolderId {
        text.parse().expect("a test id")
    }

    fn day(days: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 6, 1, 2, 0, 0).single().expect("a test day") + TimeDelta::days(days)
    }

    /// Six canaries that `a` has of the first six days; `b` got them on day 30, with as many of its own on each of these days.
    fn carried_on(own: &[(i64, usize)]) -> Evidence {
        let holder = |name: &str| Holder {
            id: id(name),
            name: name.to_string(),
            kind: Kind::Hospital,
            region: None,
            parent: None,
        };
        let canary = |nth: i64| CanaryFact {
            id: CanaryId(nth as u64 + 1),
            number: Number::from_e164(&format!("+86139{nth:08}")).expect("a test number"),
            holder: id("a"),
            planting: PlantingId(1),
            planted_at: day(10),
            dated: Some(day(nth).date_naive()),
            rows: Rows::Unknown,
            standing: Standing::Planted,
        };
        let seen = Seen { holder: id("b"), at: day(30), came: Came::Along };
        let receipt = |nth| Receipt { canary: CanaryId(nth), planting: PlantingId(2), seen: seen.clone() };
        let cohort = |(on, canaries): &(i64, usize)| Cohort {
            holder: id("b"),
            planted_at: day(30),
            dated: Some(day(*on).date_naive()),
            rows: Rows::Unknown,
            received: Vec::new(),
            canaries: *canaries,
        };
        let graph = FlowGraph::new(vec![holder("a"), holder("b")], Vec::new());
        Evidence {
            canaries: (0..6).map(canary).collect(),
            received: (1..=6).map(receipt).collect(),
            silent: own.iter().map(cohort).collect(),
            ..Evidence::none(graph, day(60))
        }
    }

    fn chance_of_b(own: &[(i64, usize)], first_told: i64) -> Option<f64> {
        let evidence = carried_on(own);
        let presence = Presence::of(&evidence);
        let place = |name: &str| presence.place(&id(name)).expect("a holder");
        let called: Called = (0..6).map(|listed| (listed, Default::default())).collect();
        let (first, until) = (day(first_told).timestamp(), day(60).timestamp());
        let told = Told { listed: (0..6).collect(), first, until };
        let places = [place("a")];
        let others = SameRows::of(&presence, &called, told, &places).expect("six were told of").others();
        others.into_iter().find(|(other, _)| *other == place("b")).map(|(_, chance)| chance)
    }

    #[test]
    fn only_canaries_of_the_same_days_speak_against_another_copy() {
        assert_eq!(chance_of_b(&[(20, 40)], 40), Some(1.0), "the days after need not have been taken");
        let among = chance_of_b(&[(2, 3), (20, 40)], 40).expect("it had them all");
        let silent = 1.0 - 6.0 / 7.0 * (1.0 - Calls::silent_ratio());
        assert!((among - silent.powi(3)).abs() < 1e-12, "{among}");
    }

    #[test]
    fn a_copy_that_came_after_the_first_call_is_out_of_the_question() {
        assert_eq!(chance_of_b(&[(20, 40)], 29), None);
    }
}
