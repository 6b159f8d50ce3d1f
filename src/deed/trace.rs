//! From hits to a source: finds the hits that are asked about and has them weighed.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::copies::{CopyOf, copies};
use super::hit::{Numbered, numbered};
use super::weighed::{IsAsked, Weighing};
use super::{DeedError, Session, evidence};
use crate::hit::{Caller, CampaignId, Contact, ContactKind, rfc3339};
use crate::ledger::Looked;
use crate::phone::{Number, PhoneError, Region, StateName};
use crate::store::{CanaryRow, PlantingRow, Reader, Store};
use crate::trace::{Evidence, Finding, Story, story, trace_taking_hits};

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
    /// As it was entered: where a row has two numbers, that of the one that was asked about.
    pub canary: CanaryRow,
    /// The list that tells of it first, and its data row there, from 1.
    pub planting: PlantingRow,
    pub row: u64,
    /// All lists that have it.
    pub copies: Vec<CopyOf>,
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
        /// Numbers of the pool that were asked about but never planted, and what they are used for.
        unplanted: Vec<(Number, StateName)>,
        /// What was asked about and is not in the pool.
        unknown: Vec<String>,
        /// Traps that were asked about or called: whoever calls one has read the ledger.
        traps: Vec<TrapCalled>,
    },
}

/// A trap, and how often it was reached since it was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrapCalled {
    pub number: Number,
    pub contacts: u64,
}

impl Question {
    /// Writes down what is asked, for the record of look-ups.
    pub(super) fn in_words(&self) -> String {
        let time = |name: &str, at: Option<DateTime<Utc>>| at.map(|at| format!("{name} {}", rfc3339(&at)));
        let words = self.numbers.iter().cloned().chain(time("since", self.since)).chain(time("until", self.until));
        let words = words.chain(self.from.iter().map(|from| format!("from {from}")));
        let words: Vec<String> = words.chain(self.campaign.map(|id| format!("campaign {id}"))).collect();
        if words.is_empty() { "all".to_string() } else { words.join(" ") }
    }
}

/// Answers whose copy the hits came from.
pub fn trace_hits(session: &mut Session, question: &Question) -> Result<Traced, DeedError> {
    let mut store = session.look_into(Looked::Trace, question.in_words())?;
    let traced = traced(&store, question, session.now())?;
    if let Traced::Found { finding, asked, traps, .. } = &traced
        && (!asked.is_empty() || !traps.is_empty() || finding.hits.iter().any(|hit| hit.planted.is_some()))
    {
        session.looked(&mut store, Looked::Trace, question.in_words())?;
    }
    Ok(traced)
}

/// Answers from an open ledger.
pub(super) fn traced(store: &Store, question: &Question, now: DateTime<Utc>) -> Result<Traced, DeedError> {
    if let (Some(since), Some(until)) = (question.since, question.until)
        && until < since
    {
        return Err(DeedError::EndsBeforeItBegins { since, until });
    }
    let reader = store.read();
    let (mut ours, mut unknown) = (Vec::new(), Vec::new());
    for text in &question.numbers {
        match own_number(&reader, text, question.region)? {
            Some(number) if ours.contains(&number) => {}
            Some(number) => ours.push(number),
            None if !text.chars().any(char::is_numeric) => {
                return Err(PhoneError::NotANumber { text: text.chars().take(32).collect() }.into());
            }
            None => unknown.push(text.clone()),
        }
    }
    if ours.is_empty() && !question.numbers.is_empty() {
        return Ok(Traced::NotOurs);
    }
    let caller = question.from.as_deref().map(|text| caller(&reader, text, question.region)).transpose()?.flatten();
    let weighed = ours.is_empty() || any_contact(&reader, &ours)?;
    let record = (weighed || question.campaign.is_some()).then(|| numbered(&reader)).transpose()?;
    let now_called = |record: &Numbered| question.campaign.map(|id| record.now_called(id)).transpose();
    let asked_campaign = record.as_ref().map(now_called).transpose()?.flatten();
    let is_asked = |contact: &Contact, campaign: CampaignId| {
        (ours.is_empty() || ours.contains(&contact.to))
            && question.since.is_none_or(|since| contact.at >= since)
            && question.until.is_none_or(|until| contact.at <= until)
            && (question.from.is_none() || contact.from == caller)
            && asked_campaign.is_none_or(|asked| campaign == asked)
    };
    let (finding, evidence) = match record.filter(|_| weighed) {
        Some(record) => weighed_beside_trap_lists(&reader, record, (&ours, &is_asked), now)?,
        None => {
            let mut evidence = evidence::uncalled(&reader, &ours, now)?;
            (trace_taking_hits(&mut evidence), evidence)
        }
    };
    let (mut asked, mut unplanted) = (Vec::new(), Vec::new());
    for number in &ours {
        match ask(&reader, &evidence, number)? {
            Some(canary) => asked.push(canary),
            None => unplanted.extend(reader.number(number, now)?.map(|row| (row.number, row.state.name()))),
        }
    }
    let finding = match traps_called_by(&reader, &evidence, &finding)? {
        0 => finding,
        read => finding.after_ledger_was_read(read),
    };
    let finding = Box::new(finding);
    let traps = traps(&reader, &ours)?;
    Ok(Traced::Found { finding, asked, evidence: Box::new(evidence), unplanted, unknown, traps })
}

/// Weighs the hits that are asked about; seized lists with traps in them name nobody, and the rest is judged as if they were not there.
fn weighed_beside_trap_lists(
    reader: &Reader<'_>,
    record: Numbered,
    (numbers, is_asked): (&[Number], &IsAsked<'_>),
    now: DateTime<Utc>,
) -> Result<(Finding, Evidence), DeedError> {
    let whole = || numbered(reader);
    let all = Weighing { reader, record: &whole, numbers, is_asked, now };
    let of_traps = reader.trap_lists()?;
    if of_traps.is_empty() {
        return all.weigh(record);
    }
    let lists: HashSet<Caller> = of_traps.iter().map(|(_, list)| list.clone()).collect();
    let is_out = |contact: &Contact| {
        contact.kind == ContactKind::List && contact.from.as_ref().is_some_and(|list| lists.contains(list))
    };
    let clean = || Ok(numbered(reader)?.without(&is_out));
    let (without, evidence) = Weighing { record: &clean, ..all }.weigh(clean()?)?;
    let is_met =
        record.contacts.iter().zip(&record.campaigns).any(|(one, campaign)| is_out(one) && is_asked(one, *campaign));
    if !is_met {
        return Ok((without, evidence));
    }
    let traps = of_traps.into_iter().map(|(number, _)| number).collect::<HashSet<Number>>().len();
    let (found, evidence) = all.weigh(record)?;
    let finding = match without.named.is_empty() {
        true => found.after_traps_in_lists(traps),
        false => Finding { hits: found.hits, ..without.beside_traps_in_lists(traps) },
    };
    Ok((finding, evidence))
}

/// Counts the traps that were reached, since they were set aside, by somebody who called one of the canaries in a finding.
fn traps_called_by(reader: &Reader<'_>, evidence: &Evidence, finding: &Finding) -> Result<usize, DeedError> {
    let reached_traps = reader.trap_callers()?;
    if reached_traps.is_empty() {
        return Ok(0);
    }
    // The trap's own contacts may be among the hits: a caller of nothing else has no canary.
    let called = finding.hits.iter().filter(|hit| hit.planted.is_some());
    let callers: HashSet<&Caller> = called.filter_map(|hit| hit.contact.from.as_ref()).collect();
    let mut reached = HashSet::new();
    for (number, from) in reached_traps {
        // A machine that dials anybody has read nothing.
        if callers.contains(&from) && !evidence.diallers.contains(&from) {
            reached.insert(number);
        }
    }
    Ok(reached.len())
}

/// Lists the traps among `ours`, or of the whole pool those that were called.
fn traps(reader: &Reader<'_>, ours: &[Number]) -> Result<Vec<TrapCalled>, DeedError> {
    let mut found = Vec::new();
    for (number, contacts) in reader.traps()? {
        let is_asked = if ours.is_empty() { contacts > 0 } else { ours.contains(&number) };
        if is_asked {
            found.push(TrapCalled { number, contacts });
        }
    }
    Ok(found)
}

/// Reads the caller that is asked for; any text is one that an import kept in its place.
fn caller(reader: &Reader<'_>, text: &str, region: Region) -> Result<Option<Caller>, DeedError> {
    match Caller::typed(text, region) {
        Ok(caller) => Ok(caller),
        Err(error) => {
            let kept = Caller::read(text, region);
            let on_record = reader.contacts()?.into_iter().any(|contact| contact.from == kept);
            if on_record { Ok(kept) } else { Err(error.into()) }
        }
    }
}

/// Finds the number of the pool that a text means.
fn own_number(reader: &Reader<'_>, text: &str, region: Region) -> Result<Option<Number>, DeedError> {
    if let Some(number) = Number::as_written(text, region)
        && reader.owns(&number)?
    {
        return Ok(Some(number));
    }
    let Ok(number) = Number::parse(text, region) else { return Ok(None) };
    Ok(reader.owns(&number)?.then_some(number))
}

fn any_contact(reader: &Reader<'_>, numbers: &[Number]) -> Result<bool, DeedError> {
    for number in numbers {
        if reader.is_called(number)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells all that is known of one canary; nothing if the number was never planted.
pub(super) fn ask(reader: &Reader<'_>, evidence: &Evidence, number: &Number) -> Result<Option<Asked>, DeedError> {
    let Some((id, _)) = reader.canary_at(number)? else { return Ok(None) };
    let (Some(mut story), Some(canary)) = (story(evidence, id), reader.canary_of(number)?) else { return Ok(None) };
    story.number = number.clone();
    let copies = copies(reader, &canary)?;
    let first = match copies.first() {
        Some(first) => Some((first.planting.clone(), first.row)),
        None => reader.planting(canary.planting)?.map(|planting| (planting, canary.row)),
    };
    Ok(first.map(|(planting, row)| Asked { story, canary, planting, row, copies }))
}
