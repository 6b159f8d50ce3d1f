//! Contacts: adding one, importing call records, listing them as hits.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};

use super::{DeedError, Session};
use crate::hit::{
    Caller, CampaignId, Commonness, Contact, ContactKind, Ears, Fact, Hit, Known, Planted, birth_day, campaigns,
};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::ledger::{ContactRecord, Event, Record, sha256};
use crate::list::Meaning;
use crate::phone::{Number, Region};
use crate::store::{CanaryRow, ContactRow, PlantingRow, PlantingState, Reader, StoreError, Writing};

/// A contact as somebody noted it down.
#[derive(Debug, Clone)]
pub struct NewContact {
    pub to: String,
    pub from: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub kind: ContactKind,
    pub said: Option<String>,
    pub region: Region,
}

/// What became of a contact.
#[derive(Debug, Clone, PartialEq)]
pub enum Noted {
    /// It is on record now.
    Kept(Box<Hit>),
    /// It was on record already.
    Known(Box<Hit>),
    /// Its number is not ours: it was counted and forgotten.
    Stray,
}

/// Puts one contact on record.
pub fn add_hit(session: &mut Session, new: NewContact) -> Result<Noted, DeedError> {
    let now = session.now();
    let contact = Contact {
        to: Number::parse(&new.to, new.region)?,
        from: new.from.as_deref().map(|text| Caller::typed(text, new.region)).transpose()?.flatten(),
        // What the ledger keeps: a finer time would not be found again.
        at: new.at.map_or(now, |at| at.trunc_subsecs(6)),
        kind: new.kind,
        seconds: None,
        said: new.said,
    };
    let record = typed_in(&contact);
    let mut store = session.open()?;
    let entered = store.write(now, &mut session.rng, |writing| {
        let entered = keep(writing, &record)?;
        if let Entered::Stray = entered {
            writing.append(&Event::Stray { source: record.source.clone(), contacts: 1 })?;
        }
        Ok::<_, StoreError>(entered)
    })?;
    let told: fn(Box<Hit>) -> Noted = match entered {
        Entered::New => Noted::Kept,
        Entered::Known => Noted::Known,
        Entered::Stray => return Ok(Noted::Stray),
    };
    let all = numbered(&store.read())?;
    let this = all.into_iter().find(|(known, _)| *known == contact).ok_or(DeedError::ContactLost)?;
    let reader = store.read();
    let hit = hits_of(&mut Listener::new(&reader)?, vec![this])?.pop().ok_or(DeedError::ContactLost)?;
    Ok(told(Box::new(hit)))
}

/// What became of one contact in the ledger.
pub(super) enum Entered {
    New,
    Known,
    Stray,
}

/// Appends a contact unless it is on record or its number is not ours.
pub(super) fn keep(writing: &mut Writing<'_>, record: &ContactRecord) -> Result<Entered, StoreError> {
    if !writing.read().owns(&record.number)? {
        return Ok(Entered::Stray);
    }
    if writing.read().has_contact(&record.key)? {
        return Ok(Entered::Known);
    }
    writing.append(&Event::Contact(record.clone()))?;
    Ok(Entered::New)
}

fn typed_in(contact: &Contact) -> ContactRecord {
    let from = contact.from.as_ref().map(|caller| caller.as_str().to_string());
    let parts = [
        contact.to.as_str(),
        from.as_deref().unwrap_or(""),
        &crate::hit::rfc3339(&contact.at),
        contact.kind.word(),
        contact.said.as_deref().unwrap_or(""),
    ];
    let key = hex::encode(sha256(format!("typed\n{}", parts.join("\n")).as_bytes()));
    ContactRecord {
        number: contact.to.clone(),
        from,
        at: contact.at,
        kind: contact.kind.word().to_string(),
        seconds: contact.seconds,
        said: contact.said.clone(),
        source: "typed".to_string(),
        raw_sha256: key.clone(),
        key,
    }
}

/// Lists every contact to the pool as a hit, by time.
pub fn list_hits(session: &Session) -> Result<Vec<Hit>, DeedError> {
    let store = session.open()?;
    let reader = store.read();
    hits_of(&mut Listener::new(&reader)?, numbered(&reader)?)
}

/// Reads all contacts by time, each with its campaign: campaigns are numbered over all of them or not at all.
pub(super) fn numbered(reader: &Reader<'_>) -> Result<Vec<(Contact, CampaignId)>, DeedError> {
    let contacts: Vec<Contact> = reader.contacts()?.into_iter().map(contact).collect::<Result<_, _>>()?;
    let campaigns = campaigns(&contacts);
    let mut numbered: Vec<(Contact, CampaignId)> = contacts.into_iter().zip(campaigns).collect();
    numbered.sort_by_key(|(contact, _)| contact.at);
    Ok(numbered)
}

/// Hears what callers knew: keeps the canaries it met, and how common facts are among those of each holder.
pub(super) struct Listener<'r> {
    pub reader: &'r Reader<'r>,
    canaries: HashMap<Number, Option<CanaryRow>>,
    dates: HashMap<CanaryId, Option<NaiveDate>>,
    plantings: HashMap<PlantingId, Option<PlantingRow>>,
    commonness: HashMap<HolderId, Commonness>,
    ears: Ears,
    /// Lines that holders call from themselves.
    lines: HashMap<String, HolderId>,
}

impl<'r> Listener<'r> {
    pub fn new(reader: &'r Reader<'r>) -> Result<Listener<'r>, DeedError> {
        Ok(Listener {
            reader,
            canaries: HashMap::new(),
            dates: HashMap::new(),
            plantings: HashMap::new(),
            commonness: HashMap::new(),
            ears: Ears::default(),
            lines: reader.lines()?,
        })
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
        if let Entry::Vacant(place) = self.dates.entry(id) {
            place.insert(self.reader.birth_date_of(id)?.as_deref().and_then(birth_day));
        }
        Ok(self.dates.get(&id).copied().flatten())
    }

    /// Makes a hit of a contact: whose canary it reached, and what its caller knew.
    pub fn hit(&mut self, contact: Contact, campaign: CampaignId) -> Result<Hit, DeedError> {
        if !self.canaries.contains_key(&contact.to) {
            self.canaries.insert(contact.to.clone(), self.reader.canary_of(&contact.to)?);
        }
        let expected = contact.from.as_ref().and_then(|caller| self.lines.get(caller.as_str()).cloned());
        let Some(canary) = self.canaries.get(&contact.to).and_then(Option::as_ref) else {
            let heard = self.ears.hear(contact.said.as_deref().unwrap_or_default(), &Known::default());
            return Ok(Hit { contact, heard, campaign, planted: None, expected });
        };
        let (id, planting) = (canary.id, canary.planting);
        let mut heard = self.ears.hear(contact.said.as_deref().unwrap_or_default(), &known(&canary.record));
        let planted = self.planting(planting)?.map(|row| Planted {
            canary: id,
            holder: row.holder.clone(),
            planting: row.id,
            planted_at: planted_at(row),
        });
        if let Some(planted) = planted.as_ref().filter(|_| !heard.facts.is_empty()) {
            heard.chance = self.chance(&heard.facts, &contact.to, &planted.holder)?;
        }
        Ok(Hit { contact, heard, campaign, planted, expected })
    }

    /// Gives the chance that a guess at these facts is right in the lists of a holder.
    fn chance(&mut self, facts: &[Fact], number: &Number, holder: &HolderId) -> Result<f64, DeedError> {
        if !self.commonness.contains_key(holder) {
            let mut counted = Commonness::default();
            for planting in self.reader.plantings_for(holder)? {
                for canary in self.reader.canaries_in(planting.id)? {
                    counted.add(&known(&canary.record));
                }
            }
            self.commonness.insert(holder.clone(), counted);
        }
        let canary = self.canaries.get(number).and_then(Option::as_ref);
        let counted = self.commonness.get(holder);
        Ok(canary.zip(counted).map_or(1.0, |(canary, counted)| counted.chance(facts, &known(&canary.record))))
    }
}

/// Gives the campaign of each contact, in the order of the record.
pub(super) fn campaigns_on_record(reader: &Reader<'_>) -> Result<Vec<CampaignId>, DeedError> {
    let contacts: Vec<Contact> = reader.contacts()?.into_iter().map(contact).collect::<Result<_, _>>()?;
    Ok(campaigns(&contacts))
}

/// Makes hits of contacts.
pub(super) fn hits_of(
    listener: &mut Listener<'_>,
    contacts: Vec<(Contact, CampaignId)>,
) -> Result<Vec<Hit>, DeedError> {
    contacts.into_iter().map(|(contact, campaign)| listener.hit(contact, campaign)).collect()
}

/// Gives the time a planting was published, or was meant to be.
pub(super) fn planted_at(planting: &PlantingRow) -> DateTime<Utc> {
    match planting.state {
        PlantingState::Planted { at } => at,
        PlantingState::Reserved | PlantingState::Sealed | PlantingState::Void => planting.reserved_at,
    }
}

fn contact(row: ContactRow) -> Result<Contact, DeedError> {
    Ok(Contact {
        to: row.number,
        from: row.from.as_deref().map(Caller::from_kept),
        at: row.at,
        kind: row.kind.parse()?,
        seconds: row.seconds,
        said: row.said,
    })
}

/// Gives what a caller could know of a canary.
fn known(record: &Record) -> Known<'_> {
    let field = |meaning: Meaning| record.fields.get(&meaning).map(String::as_str);
    Known {
        mother_name: field(Meaning::MotherName).or_else(|| field(Meaning::Name)),
        father_name: field(Meaning::FatherName),
        baby_name: field(Meaning::BabyName),
        baby_sex: field(Meaning::BabySex),
        birth_date: field(Meaning::BirthDate).or_else(|| field(Meaning::BirthTime)),
        hospital: field(Meaning::Hospital),
        address: field(Meaning::Address),
        district: field(Meaning::District),
        id_number: field(Meaning::IdNumber),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NewNumber, add_number, init};
    use super::*;

    #[test]
    fn a_contact_at_a_time_finer_than_the_ledgers_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Session::real(folder.path().join("canaries.db"));
        init(&mut session).unwrap();
        let text = "13800138000".to_string();
        add_number(&mut session, NewNumber { text: text.clone(), ..NewNumber::default() }, Region::default(), 0)
            .unwrap();
        let at = "2026-11-21T02:30:00.123456789Z".parse().ok();
        let new =
            NewContact { to: text, from: None, at, kind: ContactKind::Call, said: None, region: Region::default() };
        assert!(matches!(add_hit(&mut session, new.clone()), Ok(Noted::Kept(_))));
        assert!(matches!(add_hit(&mut session, new), Ok(Noted::Known(_))));
    }
}
