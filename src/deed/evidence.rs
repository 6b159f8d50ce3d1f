//! Gathers what the ledger knows of some hits, for a trace to weigh.
//!
//! Canaries that nobody called are counted by planting and not read one by one, and only where they can be in a copy
//! that has a called one: the cost follows the contacts and the plantings in question, not the ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::DeedError;
use super::hit::{hits_of, numbered, planted_at};
use crate::hit::{CampaignId, Contact, Hit, Level};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;
use crate::store::{PlantingRow, PlantingState, Reader};
use crate::trace::{CanaryFact, Cohort, ControlFact, Evidence, Receipt, Standing, related};

/// Lists in which a canary was seen.
type Lists = Vec<(HolderId, DateTime<Utc>)>;

/// Gathers everything that a weighing of the hits in question needs; `numbers` are told of even without hits.
pub(super) fn called(
    reader: &Reader<'_>,
    numbers: &[Number],
    is_asked: &dyn Fn(&Contact, CampaignId) -> bool,
    now: DateTime<Utc>,
) -> Result<Evidence, DeedError> {
    let all = numbered(reader)?;
    let controls = controls(reader, &all)?;
    let (asked, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(contact, campaign)| is_asked(contact, *campaign));
    let hits = hits_of(reader, asked)?;
    let mut told: BTreeMap<Number, (CanaryId, PlantingId)> = BTreeMap::new();
    for hit in &hits {
        let place = hit.planted.as_ref().map(|planted| (planted.canary, planted.planting));
        told.extend(place.map(|place| (hit.contact.to.clone(), place)));
    }
    for number in numbers {
        told.extend(reader.canary_at(number)?.map(|place| (number.clone(), place)));
    }
    let mut called_otherwise = BTreeMap::new();
    for number in others.into_iter().map(|(contact, _)| contact.to).collect::<HashSet<_>>() {
        called_otherwise.extend(reader.canary_at(&number)?);
    }
    let mut evidence = facts(reader, told, now)?;
    let starts = evidence.canaries.iter().filter(|fact| fact.standing == Standing::Planted).map(|fact| &fact.holder);
    let starts: Vec<HolderId> = starts.chain(evidence.received.iter().map(|seen| &seen.holder)).cloned().collect();
    let listed = evidence.canaries.iter().map(|fact| (fact.id, fact.planting));
    let apart: HashMap<CanaryId, PlantingId> =
        listed.chain(called_otherwise.iter().map(|(id, at)| (*id, *at))).collect();
    evidence.silent = silent(reader, &related(&evidence.graph, starts), &apart)?;
    evidence.called_otherwise = called_otherwise.into_keys().collect();
    Ok(Evidence { hits, controls, ..evidence })
}

/// Gathers what is known of numbers that nobody called yet.
pub(super) fn uncalled(reader: &Reader<'_>, numbers: &[Number], now: DateTime<Utc>) -> Result<Evidence, DeedError> {
    let mut told = BTreeMap::new();
    for number in numbers {
        told.extend(reader.canary_at(number)?.map(|place| (number.clone(), place)));
    }
    Ok(Evidence { controls: controls(reader, &[])?, ..facts(reader, told, now)? })
}

/// Begins the evidence with the canaries that are told of one by one.
fn facts(
    reader: &Reader<'_>,
    told: BTreeMap<Number, (CanaryId, PlantingId)>,
    now: DateTime<Utc>,
) -> Result<Evidence, DeedError> {
    let mut plantings = HashMap::new();
    let mut canaries = Vec::new();
    let mut received = Vec::new();
    for (number, (id, planting)) in told {
        let Some(made_in) = planting_row(reader, planting, &mut plantings)? else { continue };
        let standing = match made_in.state {
            PlantingState::Void => Standing::Void,
            PlantingState::Reserved | PlantingState::Sealed | PlantingState::Planted { .. } => Standing::Planted,
        };
        let (holder, planted_at) = (made_in.holder.clone(), planted_at(made_in));
        canaries.push(CanaryFact { id, number, holder, planting, planted_at, standing });
        let rows = reader.received_of(id)?;
        received.extend(rows.into_iter().map(|row| Receipt { canary: row.canary, holder: row.holder, at: row.at }));
    }
    canaries.sort_by_key(|fact| fact.id);
    Ok(Evidence {
        graph: reader.graph()?,
        canaries,
        received,
        silent: Vec::new(),
        hits: Vec::new(),
        called_otherwise: BTreeSet::new(),
        controls: Vec::new(),
        now,
    })
}

fn planting_row<'p>(
    reader: &Reader<'_>,
    id: PlantingId,
    known: &'p mut HashMap<PlantingId, Option<PlantingRow>>,
) -> Result<Option<&'p PlantingRow>, DeedError> {
    if let std::collections::hash_map::Entry::Vacant(place) = known.entry(id) {
        place.insert(reader.planting(id)?);
    }
    Ok(known.get(&id).and_then(Option::as_ref))
}

/// Counts the canaries that these holders' copies have, but for those in `apart`.
fn silent(
    reader: &Reader<'_>,
    holders: &BTreeSet<HolderId>,
    apart: &HashMap<CanaryId, PlantingId>,
) -> Result<Vec<Cohort>, DeedError> {
    let mut seen: HashMap<CanaryId, (PlantingId, Lists)> = HashMap::new();
    for holder in holders {
        for (row, made_in) in reader.seen_with(holder)? {
            seen.entry(row.canary).or_insert_with(|| (made_in, Vec::new())).1.push((row.holder, row.at));
        }
    }
    let mut counted_apart: HashMap<PlantingId, u64> = HashMap::new();
    for planting in apart.iter().filter(|(id, _)| !seen.contains_key(id)).map(|(_, planting)| planting) {
        *counted_apart.entry(*planting).or_default() += 1;
    }
    let mut alike: BTreeMap<(PlantingId, Lists), usize> = BTreeMap::new();
    for (canary, (made_in, mut lists)) in seen {
        *counted_apart.entry(made_in).or_default() += 1;
        if !apart.contains_key(&canary) {
            lists.sort();
            *alike.entry((made_in, lists)).or_default() += 1;
        }
    }
    let mut cohorts = Vec::new();
    for holder in holders {
        for row in reader.cohorts_of(holder)? {
            let left = row.canaries.saturating_sub(counted_apart.get(&row.planting).copied().unwrap_or(0));
            if left > 0 {
                let (holder, canaries) = (holder.clone(), left as usize);
                cohorts.push(Cohort { holder, planted_at: row.at, received: Vec::new(), canaries });
            }
        }
    }
    let mut plantings = HashMap::new();
    for ((made_in, received), canaries) in alike {
        let Some(row) = planting_row(reader, made_in, &mut plantings)? else { continue };
        if row.state != PlantingState::Void {
            cohorts.push(Cohort { holder: row.holder.clone(), planted_at: planted_at(row), received, canaries });
        }
    }
    Ok(cohorts)
}

/// Counts what reached each control since it is one.
fn controls(reader: &Reader<'_>, contacts: &[(Contact, CampaignId)]) -> Result<Vec<ControlFact>, DeedError> {
    let since: BTreeMap<Number, DateTime<Utc>> = reader.controls()?.into_iter().collect();
    let to_them =
        contacts.iter().filter(|(contact, _)| since.get(&contact.to).is_some_and(|since| contact.at >= *since));
    let mut by_number: HashMap<Number, (u64, u64)> = HashMap::new();
    for Hit { contact, heard, .. } in hits_of(reader, to_them.cloned().collect())? {
        let (contacts, topics) = by_number.entry(contact.to).or_default();
        *contacts += 1;
        *topics += u64::from(heard.level >= Level::Topic);
    }
    let of = |(number, since)| {
        let (contacts, topics) = by_number.get(&number).copied().unwrap_or_default();
        ControlFact { since, contacts, topics, number }
    };
    Ok(since.into_iter().map(of).collect())
}
