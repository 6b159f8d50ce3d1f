//! Hears what callers knew: keeps the canaries it met, and how common facts are among those of each holder.
//!
//! A few canaries are looked up one by one; where a good part of them was called, all are read in one go.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use foldhash::fast::RandomState;

use super::DeedError;
use crate::hit::{CampaignId, Commonness, Contact, ContactKind, Ears, Fact, Hit, Known, Listed, Planted, birth_day};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::ledger::RecordFields;
use crate::list::Meaning;
use crate::phone::Number;
use crate::store::{PlantingRow, PlantingState, Reader, ReceivedRow};

/// Contacts for each canary of the ledger from which all canaries are read in one go.
const CONTACTS_FOR_ALL: f64 = 0.1;
/// What a caller can know, each by the meanings under which a list may have it.
const HEARD: [&[Meaning]; 9] = [
    &[Meaning::MotherName, Meaning::Name],
    &[Meaning::FatherName],
    &[Meaning::BabyName],
    &[Meaning::BabySex],
    &[Meaning::BirthDate, Meaning::BirthTime],
    &[Meaning::Hospital],
    &[Meaning::Address],
    &[Meaning::District],
    &[Meaning::IdNumber],
];

/// A canary as far as callers can know it.
///
/// A row with two numbers is one canary, whichever of them is called: its id is that of the first.
struct Met {
    id: CanaryId,
    planting: PlantingId,
    dated: Option<NaiveDate>,
    text: Box<str>,
    /// Where in the text each of [`HEARD`] stands.
    places: [Option<Range<u32>>; HEARD.len()],
    /// In whose lists it stands, once that was asked.
    planted: Option<Arc<Planted>>,
}

/// Makes hits of contacts.
pub(super) struct Listener<'r> {
    pub reader: &'r Reader<'r>,
    canaries: Vec<Met>,
    by_number: HashMap<Number, Option<usize>, RandomState>,
    by_id: HashMap<CanaryId, usize, RandomState>,
    /// Whether all canaries of the ledger are among these.
    complete: bool,
    dates: HashMap<CanaryId, Option<NaiveDate>, RandomState>,
    days: HashMap<String, Option<NaiveDate>, RandomState>,
    plantings: HashMap<PlantingId, Option<PlantingRow>, RandomState>,
    received: HashMap<CanaryId, Vec<ReceivedRow>, RandomState>,
    /// Whether all lists in which canaries were seen are among these.
    has_all_received: bool,
    commonness: HashMap<HolderId, Commonness>,
    ears: Ears,
    /// Lines that holders call from themselves.
    lines: HashMap<String, HolderId>,
}

impl<'r> Listener<'r> {
    pub fn new(reader: &'r Reader<'r>) -> Result<Listener<'r>, DeedError> {
        Ok(Listener {
            reader,
            canaries: Vec::new(),
            by_number: HashMap::default(),
            by_id: HashMap::default(),
            complete: false,
            dates: HashMap::default(),
            days: HashMap::default(),
            plantings: HashMap::default(),
            received: HashMap::default(),
            has_all_received: false,
            commonness: HashMap::new(),
            ears: Ears::default(),
            lines: reader.lines()?,
        })
    }

    /// Reads all canaries at once, where so many contacts are to be heard that looking them up would take longer.
    pub fn prepare(&mut self, contacts: usize) -> Result<(), DeedError> {
        let canaries = self.reader.next_canary()?.0.saturating_sub(1);
        if self.complete || (contacts as f64) < CONTACTS_FOR_ALL * canaries as f64 {
            return Ok(());
        }
        let reader = self.reader;
        self.by_number.reserve(canaries as usize);
        self.by_id.reserve(canaries as usize);
        reader.each_canary::<DeedError>(&mut |id, number, planting, record| {
            self.keep(id, number, planting, record);
            Ok(())
        })?;
        self.plantings = reader.plantings()?.into_iter().map(|row| (row.id, Some(row))).collect();
        self.read_received()?;
        self.complete = true;
        Ok(())
    }

    fn keep(&mut self, id: CanaryId, number: Number, planting: PlantingId, record: RecordFields<'_>) {
        let first = record.beside().and_then(|first| Number::from_e164(first).ok());
        let first = first.and_then(|first| self.by_number.get(&first).copied().flatten());
        let id = first.map_or(id, |first| self.canaries[first].id);
        let mut text = String::new();
        let places = HEARD.map(|meanings| {
            let found = meanings.iter().find_map(|meaning| record.field(*meaning))?;
            let start = text.len() as u32;
            text.push_str(found);
            Some(start..text.len() as u32)
        });
        let mut met = Met { id, planting, dated: None, text: text.into_boxed_str(), places, planted: None };
        met.dated = met.known().birth_date.and_then(|written| match self.days.get(written) {
            Some(day) => *day,
            None => *self.days.entry(written.to_string()).or_insert_with(|| birth_day(written)),
        });
        let place = self.canaries.len();
        self.canaries.push(met);
        self.by_number.insert(number, Some(place));
        self.by_id.entry(id).or_insert(place);
    }

    /// Finds the canary of a number, by its place among those that are met.
    fn canary(&mut self, number: &Number) -> Result<Option<usize>, DeedError> {
        if let Some(known) = self.by_number.get(number) {
            return Ok(*known);
        }
        if self.complete {
            return Ok(None);
        }
        match self.reader.canary_of(number)? {
            Some(row) => {
                let first = row.record.beside.as_deref().map(Number::from_e164).transpose()?;
                first.map(|first| self.canary(&first)).transpose()?;
                self.keep(row.id, row.number, row.planting, RecordFields::of(&row.record));
            }
            None => {
                self.by_number.insert(number.clone(), None);
            }
        }
        Ok(self.by_number.get(number).copied().flatten())
    }

    /// Finds the canary of a number: its id and planting.
    pub fn canary_at(&mut self, number: &Number) -> Result<Option<(CanaryId, PlantingId)>, DeedError> {
        match self.complete || self.by_number.contains_key(number) {
            true => {
                let met = self.canary(number)?.map(|place| &self.canaries[place]);
                Ok(met.map(|met| (met.id, met.planting)))
            }
            false => Ok(self.reader.canary_at(number)?),
        }
    }

    /// Finds a planting.
    pub fn planting(&mut self, id: PlantingId) -> Result<Option<&PlantingRow>, DeedError> {
        if let Entry::Vacant(place) = self.plantings.entry(id) {
            place.insert(self.reader.planting(id)?);
        }
        Ok(self.plantings.get(&id).and_then(Option::as_ref))
    }

    /// Gives the date of a canary's row.
    pub fn dated(&mut self, id: CanaryId) -> Result<Option<NaiveDate>, DeedError> {
        if let Some(place) = self.by_id.get(&id) {
            return Ok(self.canaries[*place].dated);
        }
        if let Entry::Vacant(place) = self.dates.entry(id) {
            place.insert(self.reader.birth_date_of(id)?.as_deref().and_then(birth_day));
        }
        Ok(self.dates.get(&id).copied().flatten())
    }

    /// Gives the hospital that a canary's row names, as it is written.
    pub fn hospital(&mut self, id: CanaryId) -> Result<Option<String>, DeedError> {
        match self.by_id.get(&id) {
            Some(place) => Ok(self.canaries[*place].known().hospital.map(str::to_string)),
            None => Ok(self.reader.hospital_of(id)?),
        }
    }

    /// Makes a hit of a contact: whose canary it reached, and what its caller knew.
    pub fn hit(&mut self, contact: Contact, campaign: CampaignId) -> Result<Hit, DeedError> {
        let canary = self.canary(&contact.to)?;
        let expected = match &contact.from {
            Some(caller) if !self.lines.is_empty() => self.lines.get(caller.as_str()).cloned(),
            Some(_) | None => None,
        };
        let said = contact.said.as_deref().unwrap_or_default();
        let listed = match contact.kind {
            ContactKind::List => Some(said.parse::<Listed>()?.heard()),
            ContactKind::Call | ContactKind::Sms | ContactKind::Visit => None,
        };
        let Some(place) = canary else {
            let heard = listed.unwrap_or_else(|| self.ears.hear(said, &Known::default()));
            return Ok(Hit { contact, heard, campaign, planted: None, expected });
        };
        let mut heard = match &listed {
            Some(heard) => heard.clone(),
            // Most contacts are silent: what could have been known is not even looked at.
            None if said.is_empty() => self.ears.hear(said, &Known::default()),
            None => self.ears.hear(said, &self.canaries[place].known()),
        };
        if self.canaries[place].planted.is_none() {
            let (id, planting) = (self.canaries[place].id, self.canaries[place].planting);
            self.canaries[place].planted = self.planted(id, planting)?.map(Arc::new);
        }
        let planted = self.canaries[place].planted.clone();
        if let Some(planted) = planted.as_ref().filter(|_| listed.is_none() && !heard.facts.is_empty()) {
            heard.chance = self.chance(&heard.facts, place, &planted.holder)?;
        }
        Ok(Hit { contact, heard, campaign, planted, expected })
    }

    /// Tells in whose lists a canary stands: that of the copy that it was made in, or of the first that was handed over if
    /// that one came to nothing.
    fn planted(&mut self, canary: CanaryId, made_in: PlantingId) -> Result<Option<Planted>, DeedError> {
        let received = self.received_of(canary)?;
        let Some(made) = self.planting(made_in)? else { return Ok(None) };
        let (holder, planting, planted_at) = match (&made.state, received.first()) {
            (PlantingState::Void, Some(first)) => (first.holder.clone(), first.planting, first.at),
            (PlantingState::Void, None)
            | (PlantingState::Reserved | PlantingState::Sealed | PlantingState::Planted { .. }, _) => {
                (made.holder.clone(), made.id, planted_at(made))
            }
        };
        let others: BTreeSet<HolderId> = received.into_iter().map(|row| row.holder).collect();
        let others = others.into_iter().filter(|other| *other != holder).collect();
        Ok(Some(Planted { canary, holder, planting, planted_at, others }))
    }

    /// Lists the other lists in which a canary was seen, without those that came to nothing.
    pub fn received_of(&mut self, canary: CanaryId) -> Result<Vec<ReceivedRow>, DeedError> {
        if !self.has_all_received && !self.received.contains_key(&canary) {
            self.received.insert(canary, self.reader.received_of(canary)?);
        }
        let rows = self.received.get(&canary).cloned().unwrap_or_default();
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            if self.planting(row.planting)?.is_some_and(|planting| planting.state != PlantingState::Void) {
                kept.push(row);
            }
        }
        Ok(kept)
    }

    /// Reads all lists in which canaries were seen, where so many are to be told of that asking for each would take longer.
    pub fn read_received(&mut self) -> Result<(), DeedError> {
        if !self.has_all_received {
            self.received.clear();
            for row in self.reader.received()? {
                self.received.entry(row.canary).or_default().push(row);
            }
            self.has_all_received = true;
        }
        Ok(())
    }

    /// Gives the chance that a guess at these facts is right in the lists of a holder.
    fn chance(&mut self, facts: &[Fact], place: usize, holder: &HolderId) -> Result<f64, DeedError> {
        if self.complete && self.commonness.is_empty() {
            self.count_all();
        }
        if !self.commonness.get(holder).is_some_and(|counted| counted.tells(facts)) {
            // Only what is asked about is counted: a holder can have very many canaries.
            let known_facts = self.commonness.get(holder).map_or(&[][..], Commonness::facts);
            let mut counted = Commonness::about(&[known_facts, facts].concat());
            let plantings = if counted.facts().is_empty() { Vec::new() } else { self.reader.plantings_for(holder)? };
            for planting in plantings {
                self.reader.each_fields::<DeedError>(planting.id, &mut |fields| {
                    if fields.beside().is_none() {
                        counted.add(&known(|at| HEARD[at].iter().find_map(|meaning| fields.field(*meaning))));
                    }
                    Ok(())
                })?;
            }
            self.commonness.insert(holder.clone(), counted);
        }
        let counted = self.commonness.get(holder);
        Ok(counted.map_or(1.0, |counted| counted.chance(facts, &self.canaries[place].known())))
    }

    fn count_all(&mut self) {
        for (place, met) in self.canaries.iter().enumerate() {
            if self.by_id[&met.id] != place {
                continue;
            }
            let Some(Some(row)) = self.plantings.get(&met.planting) else { continue };
            if !self.commonness.contains_key(&row.holder) {
                self.commonness.insert(row.holder.clone(), Commonness::default());
            }
            if let Some(counted) = self.commonness.get_mut(&row.holder) {
                counted.add(&met.known());
            }
        }
    }
}

impl Met {
    /// Gives what a caller could know of it.
    fn known(&self) -> Known<'_> {
        known(|at| self.places[at].as_ref().map(|place| &self.text[place.start as usize..place.end as usize]))
    }
}

/// Gives what a caller could know, from the texts in the order of [`HEARD`].
fn known<'t>(text: impl Fn(usize) -> Option<&'t str>) -> Known<'t> {
    Known {
        mother_name: text(0),
        father_name: text(1),
        baby_name: text(2),
        baby_sex: text(3),
        birth_date: text(4),
        hospital: text(5),
        address: text(6),
        district: text(7),
        id_number: text(8),
    }
}

/// Gives the time a planting was published, or was meant to be.
pub(super) fn planted_at(planting: &PlantingRow) -> DateTime<Utc> {
    match planting.state {
        PlantingState::Planted { at } => at,
        PlantingState::Reserved | PlantingState::Sealed | PlantingState::Void => planting.reserved_at,
    }
}
