//! From hits to a source: gathers what the ledger knows and has it weighed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::hit::{hits_of, planted_at};
use super::{DeedError, Session};
use crate::hit::{Caller, CampaignId, Hit, Level};
use crate::id::CanaryId;
use crate::ledger::Record;
use crate::phone::{Number, Region};
use crate::store::{PlantingRow, PlantingState, Reader};
use crate::trace::{CanaryFact, ControlFact, Evidence, Finding, Receipt, Standing, Story, story, trace};

/// Which hits are asked about; nothing set means all.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub numbers: Vec<String>,
    pub region: Region,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub from: Option<String>,
    pub campaign: Option<CampaignId>,
}

/// One canary that was asked about: its way, its record, and the file it was planted in.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub story: Story,
    pub record: Record,
    pub row: u64,
    pub planting: PlantingRow,
}

/// What a trace gives.
#[derive(Debug)]
pub enum Traced {
    /// None of the numbers is in the pool.
    NotOurs,
    Found {
        finding: Box<Finding>,
        asked: Vec<Asked>,
        evidence: Box<Evidence>,
    },
}

/// Answers whose copy the hits came from.
pub fn trace_hits(session: &Session, question: &Question) -> Result<Traced, DeedError> {
    let store = session.open()?;
    let reader = store.read();
    let mut ours = Vec::new();
    for text in &question.numbers {
        let Ok(number) = Number::parse(text, question.region) else { continue };
        if reader.owns(&number)? && !ours.contains(&number) {
            ours.push(number);
        }
    }
    if ours.is_empty() && !question.numbers.is_empty() {
        return Ok(Traced::NotOurs);
    }
    let now = session.now();
    let evidence = match ours.as_slice() {
        [] => whole(&reader, question, &ours, now)?,
        _ if any_contact(&reader, &ours)? => whole(&reader, question, &ours, now)?,
        _ => untouched(&reader, &ours, now)?,
    };
    let mut asked = Vec::new();
    for number in &ours {
        asked.extend(ask(&reader, &evidence, number)?);
    }
    Ok(Traced::Found { finding: Box::new(trace(&evidence)), asked, evidence: Box::new(evidence) })
}

fn any_contact(reader: &Reader<'_>, numbers: &[Number]) -> Result<bool, DeedError> {
    for number in numbers {
        if !reader.contacts_of(number)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Gathers everything that a weighing of the hits in question needs.
fn whole(
    reader: &Reader<'_>,
    question: &Question,
    numbers: &[Number],
    now: DateTime<Utc>,
) -> Result<Evidence, DeedError> {
    let all = hits_of(reader, reader.contacts()?)?;
    let plantings = reader.plantings()?;
    let fact = |(id, number, planting)| {
        let row = plantings.iter().find(|row| row.id == planting)?;
        Some(canary_fact(id, number, row))
    };
    let canaries = reader.canary_numbers()?.into_iter().filter_map(fact).collect();
    let caller = question.from.as_deref().and_then(|text| Caller::read(text, question.region));
    let is_asked = |hit: &Hit| {
        (numbers.is_empty() || numbers.contains(&hit.contact.to))
            && question.since.is_none_or(|since| hit.contact.at >= since)
            && question.until.is_none_or(|until| hit.contact.at <= until)
            && (question.from.is_none() || hit.contact.from == caller)
            && question.campaign.is_none_or(|campaign| hit.campaign == campaign)
    };
    let controls = controls(reader, &all)?;
    let (hits, others): (Vec<Hit>, Vec<Hit>) = all.into_iter().partition(is_asked);
    let called_otherwise: BTreeSet<CanaryId> =
        others.iter().filter_map(|hit| Some(hit.planted.as_ref()?.canary)).collect();
    let received =
        reader.received()?.into_iter().map(|row| Receipt { canary: row.canary, holder: row.holder, at: row.at });
    Ok(Evidence {
        graph: reader.graph()?,
        canaries,
        received: received.collect(),
        hits,
        called_otherwise,
        controls,
        now,
    })
}

/// Gathers what is known of numbers that nobody called yet.
fn untouched(reader: &Reader<'_>, numbers: &[Number], now: DateTime<Utc>) -> Result<Evidence, DeedError> {
    let mut canaries = Vec::new();
    let mut received = Vec::new();
    for number in numbers {
        let Some(canary) = reader.canary_of(number)? else { continue };
        let Some(planting) = reader.planting(canary.planting)? else { continue };
        canaries.push(canary_fact(canary.id, canary.number, &planting));
        let rows = reader.received_of(canary.id)?;
        received.extend(rows.into_iter().map(|row| Receipt { canary: row.canary, holder: row.holder, at: row.at }));
    }
    let graph = reader.graph()?;
    let controls = controls(reader, &[])?;
    Ok(Evidence { graph, canaries, received, hits: Vec::new(), called_otherwise: BTreeSet::new(), controls, now })
}

fn canary_fact(id: CanaryId, number: Number, planting: &PlantingRow) -> CanaryFact {
    let standing = match planting.state {
        PlantingState::Void => Standing::Void,
        PlantingState::Reserved | PlantingState::Sealed | PlantingState::Planted { .. } => Standing::Planted,
    };
    let (holder, at) = (planting.holder.clone(), planted_at(planting));
    CanaryFact { id, number, holder, planting: planting.id, planted_at: at, standing }
}

fn controls(reader: &Reader<'_>, hits: &[Hit]) -> Result<Vec<ControlFact>, DeedError> {
    let of = |(number, since): (Number, DateTime<Utc>)| {
        let to_it = || hits.iter().filter(|hit| hit.contact.to == number && hit.contact.at >= since);
        let topics = to_it().filter(|hit| hit.heard.level >= Level::Topic).count() as u64;
        ControlFact { since, contacts: to_it().count() as u64, topics, number }
    };
    Ok(reader.controls()?.into_iter().map(of).collect())
}

fn ask(reader: &Reader<'_>, evidence: &Evidence, number: &Number) -> Result<Option<Asked>, DeedError> {
    let (Some(story), Some(canary)) = (story(evidence, number), reader.canary_of(number)?) else { return Ok(None) };
    let planting = reader.planting(canary.planting)?;
    Ok(planting.map(|planting| Asked { story, record: canary.record, row: canary.row, planting }))
}
