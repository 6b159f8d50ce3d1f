//! The stretches of time in which nobody can have had a number from a list, and what reached it then.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::DeedError;
use crate::hit::{CampaignId, Contact, Ears, Known, Level};
use crate::phone::Number;
use crate::store::Reader;
use crate::trace::{Watch, WatchKind};

/// All watched stretches, one for each number that has any.
pub(super) struct Watched {
    pub watches: Vec<Watch>,
    /// Numbers in the pool.
    pub pool: usize,
    /// Contacts in these stretches, by day.
    pub days: BTreeMap<NaiveDate, u64>,
    by_number: HashMap<Number, usize>,
}

impl Watched {
    /// Tells whether a contact reached its number while nobody can have had it from a list.
    pub fn by_chance(&self, contact: &Contact) -> bool {
        self.by_number.get(&contact.to).is_some_and(|at| self.watches[*at].holds(contact.at))
    }
}

/// Counts what reached each number while it can only have been chance.
pub(super) fn watches(
    reader: &Reader<'_>,
    contacts: &[(Contact, CampaignId)],
    until: DateTime<Utc>,
) -> Result<Watched, DeedError> {
    let rows = reader.watches()?;
    let first = contacts.iter().map(|(contact, _)| contact.at).min();
    let added: HashMap<&Number, DateTime<Utc>> = rows.iter().map(|row| (&row.number, row.added_at)).collect();
    let is_earlier = |contact: &Contact| added.get(&contact.to).is_some_and(|added| contact.at < *added);
    // Records that reach back before a number came to the pool were kept for all of them.
    let records_since = first.filter(|_| contacts.iter().any(|(contact, _)| is_earlier(contact)));
    let mut watched =
        Watched { pool: rows.len(), watches: Vec::new(), days: BTreeMap::new(), by_number: HashMap::new() };
    for row in rows {
        let since = records_since.map_or(row.added_at, |records| records.min(row.added_at));
        let (kind, until) = match (row.control, row.planted_at) {
            (true, _) => (WatchKind::Control, until),
            (false, planted) => (WatchKind::NotPlanted, planted.unwrap_or(until)),
        };
        if since < until {
            watched.by_number.insert(row.number.clone(), watched.watches.len());
            watched.watches.push(Watch { number: row.number, kind, since, until, contacts: 0, topics: 0 });
        }
    }
    let (lines, mut ears) = (reader.lines()?, Ears::default());
    let of_holder = |contact: &Contact| contact.from.as_ref().is_some_and(|from| lines.contains_key(from.as_str()));
    for (contact, _) in contacts.iter().filter(|(contact, _)| !of_holder(contact)) {
        if let Some(at) =
            watched.by_number.get(&contact.to).copied().filter(|at| watched.watches[*at].holds(contact.at))
        {
            let said = contact.said.as_deref().unwrap_or_default();
            watched.watches[at].contacts += 1;
            watched.watches[at].topics += u64::from(ears.hear(said, &Known::default()).level >= Level::Topic);
            *watched.days.entry(contact.at.date_naive()).or_default() += 1;
        }
    }
    Ok(watched)
}
