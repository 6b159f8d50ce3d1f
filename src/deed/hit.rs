//! Contacts: adding one, importing call records, listing them as hits.

use chrono::{DateTime, SubsecRound, Utc};

use super::listener::Listener;
use super::{DeedError, Session};
use crate::hit::{Caller, CampaignId, Contact, ContactKind, Hit, Roster, campaigns, in_order};
use crate::ledger::{ContactRecord, Event, Looked, sha256};
use crate::phone::{Number, Region};
use crate::store::{Access, Reader, StoreError, Writing};

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
    /// It is on record now, and can be read by the ledger's investigator alone.
    Locked,
    /// It was on record already, for the investigator alone.
    LockedBefore,
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
    // Whose canary a number is would be a look into the ledger: only `hit list` and `trace` give one, on record.
    if store.access() != Access::Clear {
        return Ok(match entered {
            Entered::New => Noted::Locked,
            Entered::Known => Noted::LockedBefore,
            Entered::Stray => Noted::Stray,
        });
    }
    let all = numbered(&store.read())?;
    let this = all.into_pairs().find(|(known, _)| *known == contact).ok_or(DeedError::ContactLost)?;
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
pub fn list_hits(session: &mut Session) -> Result<Vec<Hit>, DeedError> {
    let mut store = session.look_into(Looked::Hits, "all".to_string())?;
    let hits = every_hit(&store.read())?;
    if hits.iter().any(|hit| hit.planted.is_some()) {
        session.looked(&mut store, Looked::Hits, "all".to_string())?;
    }
    Ok(hits)
}

fn every_hit(reader: &Reader<'_>) -> Result<Vec<Hit>, DeedError> {
    hits_of(&mut Listener::new(reader)?, numbered(reader)?.into_pairs().collect())
}

/// All contacts on record by time, each with its campaign: campaigns are numbered over all of them or not at all.
pub(super) struct Numbered {
    pub contacts: Vec<Contact>,
    pub campaigns: Vec<CampaignId>,
    pub roster: Roster,
    /// The campaigns in the order of the record.
    on_record: Vec<CampaignId>,
}

/// Reads all contacts and groups them into campaigns.
pub(super) fn numbered(reader: &Reader<'_>) -> Result<Numbered, DeedError> {
    Ok(Numbered::of(reader.contacts()?))
}

/// Reads all contacts by time.
pub(super) fn contacts_by_time(reader: &Reader<'_>) -> Result<Vec<Contact>, DeedError> {
    let contacts = reader.contacts()?;
    let order = in_order(&contacts);
    Ok(put_in_order(contacts, &order))
}

fn put_in_order(contacts: Vec<Contact>, order: &[usize]) -> Vec<Contact> {
    // Most records are kept in the order of time already.
    if order.is_sorted() {
        return contacts;
    }
    let mut contacts: Vec<Option<Contact>> = contacts.into_iter().map(Some).collect();
    order.iter().filter_map(|at| contacts[*at].take()).collect()
}

impl Numbered {
    /// Groups contacts into campaigns; they come in the order of the record.
    pub fn of(contacts: Vec<Contact>) -> Numbered {
        let (roster, order) = (Roster::of(&contacts), in_order(&contacts));
        let on_record = campaigns(&contacts, &roster, &order);
        Numbered {
            contacts: put_in_order(contacts, &order),
            campaigns: order.iter().map(|at| on_record[*at]).collect(),
            roster: roster.in_order(&order),
            on_record,
        }
    }

    /// Gives the id under which a campaign goes on: it can have been joined to an earlier one since it was told.
    pub fn now_called(&self, id: CampaignId) -> Result<CampaignId, DeedError> {
        let place = usize::try_from(id.0).ok().and_then(|number| number.checked_sub(1));
        let known = place.and_then(|place| self.on_record.get(place)).copied();
        known.ok_or(DeedError::NoSuchCampaign { id })
    }

    /// Takes contacts out as if they had never been; what is left stays in its campaigns.
    pub fn without(self, is_out: &dyn Fn(&Contact) -> bool) -> Numbered {
        let on_record = self.on_record.clone();
        let (contacts, campaigns): (Vec<_>, Vec<_>) = self.into_pairs().filter(|(contact, _)| !is_out(contact)).unzip();
        Numbered { roster: Roster::of(&contacts), contacts, campaigns, on_record }
    }

    /// Gives the contacts and their campaigns, by time.
    pub fn into_pairs(self) -> impl Iterator<Item = (Contact, CampaignId)> {
        self.contacts.into_iter().zip(self.campaigns)
    }
}

/// Makes hits of contacts.
pub(super) fn hits_of(
    listener: &mut Listener<'_>,
    contacts: Vec<(Contact, CampaignId)>,
) -> Result<Vec<Hit>, DeedError> {
    listener.prepare(contacts.len())?;
    let mut hits = Vec::with_capacity(contacts.len());
    for (contact, campaign) in contacts {
        hits.push(listener.hit(contact, campaign)?);
    }
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use super::super::{NewNumber, add_number, init};
    use super::*;

    #[test]
    fn a_contact_at_a_time_finer_than_the_ledgers_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Session::real(folder.path().join("canaries.db"));
        init(&mut session, &[]).unwrap();
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
