//! Contacts: adding one, importing call records, listing them as hits.

use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};

use super::{DeedError, Session};
use crate::hit::{Caller, CampaignId, Contact, ContactKind, Heard, Hit, Known, Planted, campaigns, hear};
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
    let hit = hits_of(&store.read(), vec![this])?.pop().ok_or(DeedError::ContactLost)?;
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
    hits_of(&reader, numbered(&reader)?)
}

/// Reads all contacts by time, each with its campaign: campaigns are numbered over all of them or not at all.
pub(super) fn numbered(reader: &Reader<'_>) -> Result<Vec<(Contact, CampaignId)>, DeedError> {
    let contacts: Vec<Contact> = reader.contacts()?.into_iter().map(contact).collect::<Result<_, _>>()?;
    let campaigns = campaigns(&contacts);
    let mut numbered: Vec<(Contact, CampaignId)> = contacts.into_iter().zip(campaigns).collect();
    numbered.sort_by_key(|(contact, _)| contact.at);
    Ok(numbered)
}

/// Makes hits of contacts: whose canary each reached, and what its caller knew.
pub(super) fn hits_of(reader: &Reader<'_>, contacts: Vec<(Contact, CampaignId)>) -> Result<Vec<Hit>, DeedError> {
    let mut known: HashMap<Number, Option<(CanaryRow, PlantingRow)>> = HashMap::new();
    let mut hits = Vec::with_capacity(contacts.len());
    for (contact, campaign) in contacts {
        if !known.contains_key(&contact.to) {
            known.insert(contact.to.clone(), canary_and_planting(reader, &contact.to)?);
        }
        let planted = known.get(&contact.to).and_then(Option::as_ref);
        let heard = heard(contact.said.as_deref(), planted.map(|(canary, _)| &canary.record));
        let planted = planted.map(|(canary, planting)| Planted {
            canary: canary.id,
            holder: planting.holder.clone(),
            planting: planting.id,
            planted_at: planted_at(planting),
        });
        hits.push(Hit { contact, heard, campaign, planted });
    }
    Ok(hits)
}

fn canary_and_planting(reader: &Reader<'_>, number: &Number) -> Result<Option<(CanaryRow, PlantingRow)>, DeedError> {
    let Some(canary) = reader.canary_of(number)? else { return Ok(None) };
    Ok(reader.planting(canary.planting)?.map(|planting| (canary, planting)))
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

fn heard(said: Option<&str>, record: Option<&Record>) -> Heard {
    let field = |meaning: Meaning| record.and_then(|record| record.fields.get(&meaning)).map(String::as_str);
    let known = Known {
        mother_name: field(Meaning::MotherName).or_else(|| field(Meaning::Name)),
        father_name: field(Meaning::FatherName),
        baby_name: field(Meaning::BabyName),
        baby_sex: field(Meaning::BabySex),
        birth_date: field(Meaning::BirthDate).or_else(|| field(Meaning::BirthTime)),
        hospital: field(Meaning::Hospital),
        address: field(Meaning::Address),
        district: field(Meaning::District),
        id_number: field(Meaning::IdNumber),
    };
    hear(said.unwrap_or_default(), &known)
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
