//! All that is known of one canary's way, also when nobody ever called it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::evidence::{Evidence, Standing};
use super::ways::Ways;
use crate::hit::rfc3339;
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;

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

/// Tells the story of a canary; `None` if the evidence does not tell of it.
pub fn story(evidence: &Evidence, id: CanaryId) -> Option<Story> {
    let fact = evidence.canaries.iter().find(|fact| fact.id == id)?;
    let mut ways = Ways::of(evidence);
    let receipts: Vec<(&HolderId, DateTime<Utc>)> = evidence
        .received
        .iter()
        .filter(|receipt| receipt.canary == fact.id)
        .map(|receipt| (&receipt.seen.holder, receipt.seen.at))
        .collect();
    let mut key = vec![(ways.place_of(&fact.holder), ways.span_of(fact.planted_at.date_naive()))];
    for (holder, at) in &receipts {
        key.push((ways.place_of(holder), ways.span_of(at.date_naive())));
    }
    let mut seen: BTreeMap<&HolderId, DateTime<Utc>> = BTreeMap::new();
    for (holder, at) in receipts.into_iter().filter(|(holder, _)| **holder != fact.holder) {
        // The same canary comes again with each later export.
        seen.entry(holder).and_modify(|first| *first = at.min(*first)).or_insert(at);
    }
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
