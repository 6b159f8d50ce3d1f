//! The stretches of time in which nobody can have had a number from a list, and what reached it then.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::DeedError;
use crate::hit::{Contact, ContactKind, Ears, Known, Level, script};
use crate::phone::Number;
use crate::store::{Reader, WatchRow};
use crate::trace::{Watch, WatchKind};

/// Share of contacts from before their number came to the pool at which the records are taken to reach back.
const EARLIER_SHARE: f64 = 0.05;
/// Days after the time of asking from which a contact's date is taken for a slip, and does not lengthen the record.
const AHEAD_DAYS_MAX: i64 = 400;

/// Gives the end of the record: the time of asking, or of the last contact if that is later.
pub(super) fn end_of_record(contacts: &[Contact], now: DateTime<Utc>) -> DateTime<Utc> {
    let near = contacts.iter().map(|contact| contact.at).filter(|at| *at - now <= TimeDelta::days(AHEAD_DAYS_MAX));
    near.max().map_or(now, |last| last.max(now))
}

/// All watched stretches, one for each number that has any.
pub(super) struct Watched {
    pub watches: Vec<Watch>,
    /// Numbers in the pool.
    pub pool: usize,
    /// Contacts in these stretches, by day.
    pub days: BTreeMap<NaiveDate, u64>,
    /// For each contact, whether it reached its number while nobody can have had it from a list.
    pub by_chance: Vec<bool>,
    /// What was said in these stretches, as scripts: whoever says it to anybody knows nothing.
    scripts: HashSet<String>,
}

impl Watched {
    /// Tells whether the same words, names aside, were said to a number that nobody can have had.
    pub fn is_script(&self, said: &str) -> bool {
        self.scripts.contains(&script(said))
    }
}

/// Counts what reached each number while it can only have been chance.
pub(super) fn watches(reader: &Reader<'_>, contacts: &[Contact], until: DateTime<Utc>) -> Result<Watched, DeedError> {
    let rows = reader.watches()?;
    let places: HashMap<&Number, usize> = rows.iter().enumerate().map(|(at, row)| (&row.number, at)).collect();
    let reached: Vec<Option<usize>> = contacts.iter().map(|contact| places.get(&contact.to).copied()).collect();
    let is_earlier =
        |(contact, row): &(&Contact, &Option<usize>)| row.is_some_and(|row| contact.at < rows[row].added_at);
    // Records that reach back before numbers came to the pool were kept for all of them; a few such contacts are slips.
    let earlier = contacts.iter().zip(&reached).filter(is_earlier).count();
    let first = contacts.iter().map(|contact| contact.at).min();
    let records_since = first.filter(|_| earlier as f64 > EARLIER_SHARE * contacts.len() as f64);
    let mut watched = Watched {
        pool: rows.len(),
        watches: Vec::new(),
        days: BTreeMap::new(),
        by_chance: vec![false; contacts.len()],
        scripts: HashSet::new(),
    };
    let watch_of: Vec<Option<usize>> = rows
        .into_iter()
        .map(|row| {
            let watch = stretch(row, records_since, until)?;
            watched.watches.push(watch);
            Some(watched.watches.len() - 1)
        })
        .collect();
    let (lines, mut ears, mut said_before) = (reader.lines()?, Ears::default(), HashSet::new());
    let of_holder = |contact: &Contact| contact.from.as_ref().is_some_and(|from| lines.contains_key(from.as_str()));
    for (place, contact) in contacts.iter().enumerate() {
        let watch = reached[place].and_then(|row| watch_of[row]).map(|at| &mut watched.watches[at]);
        let Some(watch) = watch.filter(|watch| watch.holds(contact.at)) else { continue };
        watched.by_chance[place] = true;
        // A list reaches nobody: it says nothing of how often numbers are called.
        if contact.kind == ContactKind::List || of_holder(contact) {
            continue;
        }
        let said = contact.said.as_deref().unwrap_or_default();
        watch.contacts += 1;
        watch.topics += u64::from(ears.hear(said, &Known::default()).level >= Level::Topic);
        if !said.is_empty() && said_before.insert(said) {
            watched.scripts.insert(script(said));
        }
        *watched.days.entry(contact.at.date_naive()).or_default() += 1;
    }
    Ok(watched)
}

/// Gives the stretch in which nobody can have had a number; none if there was no such time.
fn stretch(row: WatchRow, records_since: Option<DateTime<Utc>>, until: DateTime<Utc>) -> Option<Watch> {
    let since = records_since.map_or(row.added_at, |records| records.min(row.added_at));
    let (kind, until) = match (row.control, row.planted_at) {
        (true, _) => (WatchKind::Control, until),
        (false, planted) => (WatchKind::NotPlanted, planted.unwrap_or(until)),
    };
    let until = row.retired_at.map_or(until, |retired| until.min(retired));
    (since < until).then_some(Watch { number: row.number, kind, since, until, contacts: 0, topics: 0 })
}
