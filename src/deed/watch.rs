//! The stretches of time in which nobody can have had a number from a list, and what reached it then.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::DeedError;
use crate::hit::{CampaignId, Contact, Ears, Known, Level, script};
use crate::phone::Number;
use crate::store::Reader;
use crate::trace::{Watch, WatchKind};

/// Share of contacts from before their number came to the pool at which the records are taken to reach back.
const EARLIER_SHARE: f64 = 0.05;
/// Days after the time of asking from which a contact's date is taken for a slip, and does not lengthen the record.
const AHEAD_DAYS_MAX: i64 = 400;

/// Gives the end of the record: the time of asking, or of the last contact if that is later.
pub(super) fn end_of_record(contacts: &[(Contact, CampaignId)], now: DateTime<Utc>) -> DateTime<Utc> {
    let near = contacts.iter().map(|(contact, _)| contact.at).filter(|at| *at - now <= TimeDelta::days(AHEAD_DAYS_MAX));
    near.max().map_or(now, |last| last.max(now))
}

/// All watched stretches, one for each number that has any.
pub(super) struct Watched {
    pub watches: Vec<Watch>,
    /// Numbers in the pool.
    pub pool: usize,
    /// Contacts in these stretches, by day.
    pub days: BTreeMap<NaiveDate, u64>,
    by_number: HashMap<Number, usize>,
    /// What was said in these stretches, as scripts: whoever says it to anybody knows nothing.
    scripts: HashSet<String>,
}

impl Watched {
    /// Tells whether the same words, names aside, were said to a number that nobody can have had.
    pub fn is_script(&self, said: &str) -> bool {
        self.scripts.contains(&script(said))
    }

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
    // Records that reach back before numbers came to the pool were kept for all of them; a few such contacts are slips.
    let earlier = contacts.iter().filter(|(contact, _)| is_earlier(contact)).count();
    let records_since = first.filter(|_| earlier as f64 > EARLIER_SHARE * contacts.len() as f64);
    let mut watched = Watched {
        pool: rows.len(),
        watches: Vec::new(),
        days: BTreeMap::new(),
        by_number: HashMap::new(),
        scripts: HashSet::new(),
    };
    for row in rows {
        let since = records_since.map_or(row.added_at, |records| records.min(row.added_at));
        let (kind, until) = match (row.control, row.planted_at) {
            (true, _) => (WatchKind::Control, until),
            (false, planted) => (WatchKind::NotPlanted, planted.unwrap_or(until)),
        };
        let until = row.retired_at.map_or(until, |retired| until.min(retired));
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
            if !said.is_empty() {
                watched.scripts.insert(script(said));
            }
            *watched.days.entry(contact.at.date_naive()).or_default() += 1;
        }
    }
    Ok(watched)
}
