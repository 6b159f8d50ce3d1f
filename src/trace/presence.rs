//! Who had which canary: whom it was planted for, everybody downstream, and where it was seen.
//!
//! A flow carries what its giver gets on the days it runs, not what was planted before or after.
//! Canaries of one origin and one span of days went the same ways, so they are kept as one class: the
//! graph is walked once per class, however many canaries there are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use super::evidence::{CanaryFact, Evidence, Standing};
use crate::hit::{Hit, rfc3339};
use crate::holder::{FlowGraph, HolderId};
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;

/// Canaries that are in the same copies; `reach` gives each holder's share of them.
struct Class {
    reach: BTreeMap<usize, f64>,
    /// When silent ones were planted, and how many.
    silent: Vec<(DateTime<Utc>, usize)>,
}

/// Classes by what makes them: the holders that canaries started from, each with its span of days.
#[derive(Default)]
struct Classes {
    by_starts: HashMap<Vec<(usize, usize)>, usize>,
    all: Vec<Class>,
}

/// A canary that was hit.
struct Called<'e> {
    fact: &'e CanaryFact,
    class: Option<usize>,
}

/// Holders by place, classes of canaries, and the canaries that were hit.
pub struct Presence<'e> {
    holders: Vec<&'e HolderId>,
    classes: Vec<Class>,
    called: BTreeMap<CanaryId, Called<'e>>,
}

/// One way out of a holder: to whom, which share, on which days (in days of the common era, both included).
struct Way {
    to: usize,
    share: f64,
    from_day: i32,
    until_day: i32,
}

/// The graph by places, with the days on which it changes.
struct Ways<'e> {
    holders: Vec<&'e HolderId>,
    place: HashMap<&'e HolderId, usize>,
    out: Vec<Vec<Way>>,
    changes: Vec<i32>,
}

impl<'e> Presence<'e> {
    /// Sorts the canaries of the evidence into classes.
    pub fn of(evidence: &'e Evidence) -> Presence<'e> {
        let mut ways = Ways::of(evidence);
        let mut seen_in: HashMap<CanaryId, Vec<(usize, DateTime<Utc>)>> = HashMap::new();
        for receipt in &evidence.received {
            seen_in.entry(receipt.canary).or_default().push((ways.place_of(&receipt.holder), receipt.at));
        }
        let hit: HashSet<CanaryId> =
            evidence.hits.iter().filter_map(|hit| Some(hit.planted.as_ref()?.canary)).collect();
        let mut classes = Classes::default();
        let mut called = BTreeMap::new();
        for fact in &evidence.canaries {
            let is_hit = hit.contains(&fact.id);
            if fact.standing == Standing::Void {
                if is_hit {
                    called.insert(fact.id, Called { fact, class: None });
                }
                continue;
            }
            if !is_hit && evidence.called_otherwise.contains(&fact.id) {
                continue;
            }
            let seen = seen_in.get(&fact.id).map_or(&[][..], Vec::as_slice);
            let origin = (ways.place_of(&fact.holder), fact.planted_at);
            let class = classes.of(&ways, std::iter::once(origin).chain(seen.iter().copied()));
            if is_hit {
                called.insert(fact.id, Called { fact, class: Some(class) });
            } else {
                classes.all[class].silent.push((fact.planted_at, 1));
            }
        }
        for cohort in &evidence.silent {
            let mut starts = vec![(ways.place_of(&cohort.holder), cohort.planted_at)];
            starts.extend(cohort.received.iter().map(|(holder, at)| (ways.place_of(holder), *at)));
            let class = classes.of(&ways, starts.into_iter());
            classes.all[class].silent.push((cohort.planted_at, cohort.canaries));
        }
        Presence { holders: ways.holders, classes: classes.all, called }
    }

    /// Gives the holder at a place.
    pub fn holder(&self, place: usize) -> &'e HolderId {
        self.holders[place]
    }

    /// Gives the share of a hit canary's chance to be in the copy of the holder at `place`.
    pub fn share(&self, canary: CanaryId, place: usize) -> Option<f64> {
        self.reach(canary)?.get(&place).copied()
    }

    /// Gives everybody who has a hit canary; `None` if it is void or unknown.
    pub fn reach(&self, canary: CanaryId) -> Option<&BTreeMap<usize, f64>> {
        self.called.get(&canary)?.class.map(|class| &self.classes[class].reach)
    }

    /// Gives when a hit canary was planted.
    pub fn planted_at(&self, canary: CanaryId) -> Option<DateTime<Utc>> {
        self.called.get(&canary).map(|called| called.fact.planted_at)
    }

    /// Tells whether a hit canary was planted for the holder at `place`.
    pub fn is_origin(&self, canary: CanaryId, place: usize) -> bool {
        self.called.get(&canary).is_some_and(|called| called.fact.holder == *self.holders[place])
    }

    /// Gives the canary of a hit that a leak at `place` explains: it was there before the contact.
    pub fn explained_by(&self, place: usize, hit: &Hit) -> Option<CanaryId> {
        let canary = hit.planted.as_ref()?.canary;
        let planted_at = self.planted_at(canary)?;
        (planted_at <= hit.contact.at && self.share(canary, place).is_some()).then_some(canary)
    }

    /// Counts the canaries of the copy at `place` that were never hit and are no newer than `newest`, by share.
    pub fn silent(&self, place: usize, newest: DateTime<Utc>) -> Vec<(f64, usize)> {
        let mut counted: Vec<(f64, usize)> = Vec::new();
        for class in &self.classes {
            let Some(share) = class.reach.get(&place) else { continue };
            let no_newer = class.silent.iter().filter(|(planted_at, _)| *planted_at <= newest);
            let silent = no_newer.map(|(_, count)| count).sum();
            match counted.iter_mut().find(|(known, _)| known == share) {
                Some((_, count)) => *count += silent,
                None => counted.push((*share, silent)),
            }
        }
        counted.retain(|(_, count)| *count > 0);
        counted
    }
}

impl Classes {
    /// Finds the class of canaries that these holders got at these times, or makes it.
    fn of(&mut self, ways: &Ways<'_>, starts: impl Iterator<Item = (usize, DateTime<Utc>)>) -> usize {
        let mut key: Vec<(usize, usize)> = starts.map(|(place, at)| (place, ways.span_of(at.date_naive()))).collect();
        key.sort_unstable();
        key.dedup();
        *self.by_starts.entry(key).or_insert_with_key(|key| {
            self.all.push(Class { reach: ways.reach(key), silent: Vec::new() });
            self.all.len() - 1
        })
    }
}

impl<'e> Ways<'e> {
    fn of(evidence: &'e Evidence) -> Ways<'e> {
        let mut ways = Ways { holders: Vec::new(), place: HashMap::new(), out: Vec::new(), changes: Vec::new() };
        let day = |date: Option<NaiveDate>, open: i32| date.map_or(open, |date| date.num_days_from_ce());
        for holder in evidence.graph.holders() {
            let child = ways.place_of(&holder.id);
            if let Some(parent) = &holder.parent {
                let parent = ways.place_of(parent);
                ways.out[parent].push(Way { to: child, share: 1.0, from_day: i32::MIN, until_day: i32::MAX });
            }
        }
        for flow in evidence.graph.flows() {
            let (from, to) = (ways.place_of(&flow.from), ways.place_of(&flow.to));
            let (from_day, until_day) = (day(flow.since, i32::MIN), day(flow.until, i32::MAX));
            ways.out[from].push(Way { to, share: flow.share, from_day, until_day });
            ways.changes.extend([from_day, until_day.saturating_add(1)]);
        }
        ways.changes.sort_unstable();
        ways.changes.dedup();
        ways
    }

    fn place_of(&mut self, holder: &'e HolderId) -> usize {
        *self.place.entry(holder).or_insert_with(|| {
            self.holders.push(holder);
            self.out.push(Vec::new());
            self.holders.len() - 1
        })
    }

    /// Gives the span of days, between two changes of the graph, in which a day lies.
    fn span_of(&self, day: NaiveDate) -> usize {
        self.changes.partition_point(|change| *change <= day.num_days_from_ce())
    }

    fn runs_in(&self, way: &Way, span: usize) -> bool {
        let first_day = span.checked_sub(1).map_or(i32::MIN, |before| self.changes[before]);
        way.from_day <= first_day && first_day <= way.until_day
    }

    /// Gives the best share with which each holder got what these starts got; each holder is left at most
    /// once per improvement, and a share only falls along a way, so the walk ends.
    fn reach(&self, starts: &[(usize, usize)]) -> BTreeMap<usize, f64> {
        let mut best: BTreeMap<usize, f64> = BTreeMap::new();
        for (start, span) in starts {
            let mut from_here: BTreeMap<usize, f64> = BTreeMap::from([(*start, 1.0)]);
            let mut to_leave = vec![*start];
            while let Some(place) = to_leave.pop() {
                let share = from_here[&place];
                for way in self.out[place].iter().filter(|way| way.share > 0.0 && self.runs_in(way, *span)) {
                    let passed = share * way.share;
                    if from_here.get(&way.to).is_none_or(|known| *known < passed) {
                        from_here.insert(way.to, passed);
                        to_leave.push(way.to);
                    }
                }
            }
            for (place, share) in from_here {
                let known = best.entry(place).or_insert(share);
                *known = known.max(share);
            }
        }
        best
    }
}

/// Finds all holders whose canaries can be in a copy that some holder of these canaries has, on whatever day.
///
/// `starts` are those the canaries were planted for or seen with. What others planted cannot be silent there.
pub fn related(graph: &FlowGraph, starts: impl IntoIterator<Item = HolderId>) -> BTreeSet<HolderId> {
    let mut below: HashMap<&HolderId, Vec<&HolderId>> = HashMap::new();
    let mut above: HashMap<&HolderId, Vec<&HolderId>> = HashMap::new();
    let children = graph.holders().filter_map(|holder| Some((holder.parent.as_ref()?, &holder.id)));
    for (from, to) in children.chain(graph.flows().iter().map(|flow| (&flow.from, &flow.to))) {
        below.entry(from).or_default().push(to);
        above.entry(to).or_default().push(from);
    }
    let walk = |mut found: BTreeSet<HolderId>, ways: &HashMap<&HolderId, Vec<&HolderId>>| {
        let mut to_leave: Vec<HolderId> = found.iter().cloned().collect();
        while let Some(holder) = to_leave.pop() {
            for next in ways.get(&holder).into_iter().flatten() {
                if found.insert((*next).clone()) {
                    to_leave.push((*next).clone());
                }
            }
        }
        found
    };
    walk(walk(starts.into_iter().collect(), &below), &above)
}

/// A holder that got a canary: for certain where it was seen or planted, else with the share of its flows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reached {
    pub holder: HolderId,
    pub share: f64,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some_time")]
    pub seen_at: Option<DateTime<Utc>>,
}

/// All that is known of one canary's way, also when nobody ever called it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    pub id: CanaryId,
    pub number: Number,
    pub holder: HolderId,
    pub planting: PlantingId,
    #[serde(serialize_with = "time")]
    pub planted_at: DateTime<Utc>,
    pub standing: Standing,
    /// Holders whose own lists it was seen in.
    pub received: Vec<Reached>,
    /// Holders it can have reached by declared flows and from parent to child.
    pub downstream: Vec<Reached>,
}

/// Tells the story of the canary with this number; `None` if the number was never planted.
///
/// A number that was planted more than once is its newest canary.
pub fn story(evidence: &Evidence, number: &Number) -> Option<Story> {
    let of_number = evidence.canaries.iter().filter(|fact| fact.number == *number);
    let fact = of_number.max_by_key(|fact| (fact.planted_at, fact.id))?;
    let mut ways = Ways::of(evidence);
    let receipts: Vec<(&HolderId, DateTime<Utc>)> = evidence
        .received
        .iter()
        .filter(|receipt| receipt.canary == fact.id)
        .map(|receipt| (&receipt.holder, receipt.at))
        .collect();
    let mut key = vec![(ways.place_of(&fact.holder), ways.span_of(fact.planted_at.date_naive()))];
    for (holder, at) in &receipts {
        key.push((ways.place_of(holder), ways.span_of(at.date_naive())));
    }
    let seen: BTreeMap<&HolderId, DateTime<Utc>> =
        receipts.into_iter().filter(|(holder, _)| **holder != fact.holder).collect();
    let reach = if fact.standing == Standing::Void { BTreeMap::new() } else { ways.reach(&key) };
    let downstream = reach.into_iter().map(|(place, share)| (ways.holders[place], share));
    let downstream = downstream.filter(|(holder, _)| **holder != fact.holder && !seen.contains_key(*holder));
    let mut downstream: Vec<Reached> =
        downstream.map(|(holder, share)| Reached { holder: holder.clone(), share, seen_at: None }).collect();
    downstream.sort_by(|a, b| a.holder.cmp(&b.holder));
    let received =
        seen.iter().map(|(holder, at)| Reached { holder: (*holder).clone(), share: 1.0, seen_at: Some(*at) });
    Some(Story {
        id: fact.id,
        number: fact.number.clone(),
        holder: fact.holder.clone(),
        planting: fact.planting,
        planted_at: fact.planted_at,
        standing: fact.standing,
        received: received.collect(),
        downstream,
    })
}

fn time<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(at))
}

fn some_time<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => time(at, serializer),
        None => serializer.serialize_none(),
    }
}
