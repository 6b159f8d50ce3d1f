//! Other copies that have every row that was told of: a name stands only where their own silent canaries speak against them.
//!
//! A list that goes on into a later copy takes its canaries along. Whoever calls those alone leaves no trace of which of the two
//! copies they are from but the silence of what the later one has besides, and of that only what stands among the same days:
//! who took some days of a list took nothing of the others.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::calls::Called;
use super::presence::{Class, Presence};

/// Chance that what another copy has besides stays silent, below which the holder of that copy is out of the question: for a name at
/// all, and for the stronger word.
pub const SILENT_BY_CHANCE: f64 = 0.05;
pub const SILENT_BY_CHANCE_STRONG: f64 = 0.01;

/// Canaries that were told of, by place in [`Presence::listed`], and the time in seconds at which one was first.
pub struct Told {
    pub listed: Vec<usize>,
    pub first: i64,
}

/// Which canaries of a copy are looked at: those of these days that it had by then.
struct Stretch {
    days: RangeInclusive<i32>,
    by: i64,
}

/// Finds the holders whose copies have all that was told of, as the common copy of `places` has; each with the chance that it had all of
/// this and that its other canaries of these days stayed silent.
pub fn also_had(presence: &Presence<'_>, called: &Called, told: &Told, places: &[usize]) -> Vec<(usize, f64)> {
    let classes: BTreeSet<usize> = told.listed.iter().filter_map(|listed| presence.listed[*listed].class).collect();
    let Some((one, others)) = classes.iter().next().map(|first| (*first, classes.iter().skip(1))) else {
        return Vec::new();
    };
    let has_all = |place: &usize| others.clone().all(|class| presence.classes[*class].reach.contains_key(place));
    let candidates = presence.classes[one].reach.keys().copied().filter(|place| !places.contains(place));
    let with_chance = |place: usize| Some((place, chance(presence, called, (told, places), place)?));
    candidates.filter(has_all).filter_map(with_chance).collect()
}

/// Gives the chance that the copy of `other` had all that was told of and nothing else of it was called; none if it had that too late.
fn chance(presence: &Presence<'_>, called: &Called, (told, places): (&Told, &[usize]), other: usize) -> Option<f64> {
    let listed = || told.listed.iter().map(|listed| &presence.listed[*listed]);
    let had = listed()
        .map(|one| one.class.map_or(one.planted, |class| presence.classes[class].since(other).max(one.planted)));
    let by = had.max().filter(|by| *by <= told.first)?;
    let (first, last) = (listed().map(|one| one.day).min()?, listed().map(|one| one.day).max()?);
    let stretch = Stretch { days: first..=last, by };
    let is_common = |class: &Class| places.iter().all(|place| class.reach.contains_key(place));
    let (mut common_silent, mut besides) = (0, Vec::new());
    for class in presence.at(other).map(|class| &presence.classes[class]) {
        let silent = stretch.silent(presence, called, class, other);
        match is_common(class) {
            true => common_silent += silent,
            false if silent > 0 => besides.push((class.reach[&other], silent)),
            false => {}
        }
    }
    // One more that is silent: of few canaries the share that was called is not known to the last.
    let rate = told.listed.len() as f64 / (told.listed.len() + common_silent + 1) as f64;
    let came: f64 = told.listed.iter().filter_map(|listed| presence.share(*listed, other)).map(f64::ln).sum();
    let silent: f64 = besides.iter().map(|(share, silent)| *silent as f64 * (-share * rate).ln_1p()).sum();
    Some((came + silent).exp())
}

impl Stretch {
    /// Counts the canaries of a class that were in a copy by then, of these days, and that nothing reached.
    fn silent(&self, presence: &Presence<'_>, called: &Called, class: &Class, place: usize) -> usize {
        if class.since(place) > self.by {
            return 0;
        }
        let is_in = |planted: i64, day: i32| planted <= self.by && self.days.contains(&day);
        let counted = class.silent.iter().filter(|silent| is_in(silent.planted, silent.day));
        let listed = class.listed.iter().filter(|listed| !called.contains_key(listed));
        let listed = listed.map(|listed| &presence.listed[*listed]).filter(|one| is_in(one.planted, one.day));
        counted.map(|silent| silent.canaries).sum::<usize>() + listed.count()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, TimeZone, Utc};

    use super::super::evidence::{CanaryFact, Cohort, Evidence, Receipt, Seen, Standing};
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
            standing: Standing::Planted,
        };
        let seen = Seen { holder: id("b"), at: day(30), came: Came::Along };
        let receipt = |nth| Receipt { canary: CanaryId(nth), planting: PlantingId(2), seen: seen.clone() };
        let cohort = |(on, canaries): &(i64, usize)| Cohort {
            holder: id("b"),
            planted_at: day(30),
            dated: Some(day(*on).date_naive()),
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
        let told = Told { listed: (0..6).collect(), first: day(first_told).timestamp() };
        let others = also_had(&presence, &called, &told, &[place("a")]);
        others.into_iter().find(|(other, _)| *other == place("b")).map(|(_, chance)| chance)
    }

    #[test]
    fn only_canaries_of_the_same_days_speak_against_another_copy() {
        assert_eq!(chance_of_b(&[(20, 40)], 40), Some(1.0), "the days after need not have been taken");
        let among = chance_of_b(&[(2, 3), (20, 40)], 40).expect("it had them all");
        assert!((among - (1.0_f64 / 7.0).powi(3)).abs() < 1e-12, "{among}");
    }

    #[test]
    fn a_copy_that_came_after_the_first_call_is_out_of_the_question() {
        assert_eq!(chance_of_b(&[(20, 40)], 29), None);
    }
}
