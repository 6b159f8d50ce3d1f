//! The stretches of time in which nobody can have had a number from a list, and what reached it then.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::f64::consts::E;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::DeedError;
use crate::hit::{Contact, ContactKind, Ears, Hit, Known, Level, script};
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
pub(super) struct Watches {
    pub watches: Vec<Watch>,
    /// Numbers in the pool.
    pub pool: usize,
    /// Numbers that were retired, and when.
    pub retired: BTreeMap<Number, DateTime<Utc>>,
    /// Contacts in these stretches, by day.
    pub days: BTreeMap<NaiveDate, u64>,
    /// For each contact, whether it reached its number while nobody can have had it from a list.
    pub by_chance: Vec<bool>,
    /// What was said in these stretches, word by word: whoever says it to anybody knows nothing.
    said: HashSet<String>,
    /// The numbers that heard each script, names and figures aside, in these stretches.
    scripts: HashMap<String, HashSet<Number>>,
}

impl Watches {
    /// Makes less of facts that were a guess: words that were said to a number which nobody can have had, and scripts that
    /// were wrong at some of the numbers that heard them.
    ///
    /// To be right at k of n numbers somebody who guesses has at most (e n / k)^k ways, a factor of e n / k for each.
    pub fn count_guesses(&self, hits: &mut [Hit]) {
        let mut scripts: HashMap<&str, String> = HashMap::new();
        let mut heard: HashMap<String, [HashSet<&Number>; 2]> = HashMap::new();
        for hit in hits.iter().filter(|hit| !hit.is_listed()) {
            let Some(said) = hit.contact.said.as_deref().filter(|said| !said.is_empty()) else { continue };
            let of_script = scripts.entry(said).or_insert_with(|| script(said));
            let [all, right] = heard.entry(of_script.clone()).or_default();
            all.insert(&hit.contact.to);
            if !hit.heard.facts.is_empty() {
                right.insert(&hit.contact.to);
            }
        }
        let by_chance = |script: &String| self.scripts.get(script).map_or(0, HashSet::len);
        let odds = heard.iter().map(|(script, [all, right])| {
            let (all, right) = ((all.len() + by_chance(script)) as f64, right.len().max(1) as f64);
            (script.clone(), if all > right { E * all / right } else { 1.0 })
        });
        let odds: HashMap<String, f64> = odds.collect();
        let scripts: HashMap<String, String> =
            scripts.into_iter().map(|(said, script)| (said.to_string(), script)).collect();
        for hit in hits.iter_mut().filter(|hit| !hit.is_listed() && !hit.heard.facts.is_empty()) {
            let Some(said) = hit.contact.said.as_deref() else { continue };
            let odds = scripts.get(said).and_then(|script| odds.get(script)).copied().unwrap_or(1.0);
            hit.heard.chance = if self.said.contains(said) { 1.0 } else { (hit.heard.chance * odds).min(1.0) };
        }
    }
}

/// Counts what reached each number while it can only have been chance.
pub(super) fn watches(reader: &Reader<'_>, contacts: &[Contact], until: DateTime<Utc>) -> Result<Watches, DeedError> {
    let rows = reader.watches()?;
    let places: HashMap<&Number, usize> = rows.iter().enumerate().map(|(at, row)| (&row.number, at)).collect();
    let reached: Vec<Option<usize>> = contacts.iter().map(|contact| places.get(&contact.to).copied()).collect();
    let is_earlier =
        |(contact, row): &(&Contact, &Option<usize>)| row.is_some_and(|row| contact.at < rows[row].added_at);
    // Records that reach back before numbers came to the pool were kept for all of them; a few such contacts are slips.
    let earlier = contacts.iter().zip(&reached).filter(is_earlier).count();
    let first = contacts.iter().map(|contact| contact.at).min();
    let records_since = first.filter(|_| earlier as f64 > EARLIER_SHARE * contacts.len() as f64);
    let retired = rows.iter().filter_map(|row| Some((row.number.clone(), row.retired_at?)));
    let mut watched = Watches {
        pool: rows.len(),
        retired: retired.collect(),
        watches: Vec::new(),
        days: BTreeMap::new(),
        by_chance: vec![false; contacts.len()],
        said: HashSet::new(),
        scripts: HashMap::new(),
    };
    let watch_of: Vec<Option<usize>> = rows
        .into_iter()
        .map(|row| {
            let watch = stretch(row, records_since, until)?;
            watched.watches.push(watch);
            Some(watched.watches.len() - 1)
        })
        .collect();
    let (lines, mut ears) = (reader.lines()?, Ears::default());
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
        if !said.is_empty() {
            if !watched.said.contains(said) {
                watched.said.insert(said.to_string());
            }
            watched.scripts.entry(script(said)).or_default().insert(contact.to.clone());
        }
        *watched.days.entry(contact.at.date_naive()).or_default() += 1;
    }
    Ok(watched)
}

/// Gives the stretch in which nobody can have had a number; none if there was no such time.
fn stretch(row: WatchRow, records_since: Option<DateTime<Utc>>, until: DateTime<Utc>) -> Option<Watch> {
    // Whoever calls a trap can have it from the ledger: that is not by chance.
    if row.trap {
        return None;
    }
    let since = records_since.map_or(row.added_at, |records| records.min(row.added_at));
    let (kind, until) = match (row.control, row.planted_at) {
        (true, _) => (WatchKind::Control, until),
        (false, planted) => (WatchKind::NotPlanted, planted.unwrap_or(until)),
    };
    let until = row.retired_at.map_or(until, |retired| until.min(retired));
    (since < until).then_some(Watch { number: row.number, kind, since, until, contacts: 0, topics: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hit::{CampaignId, ContactKind, Fact, Heard};

    fn watched() -> Watches {
        Watches {
            watches: Vec::new(),
            pool: 30,
            retired: BTreeMap::new(),
            days: BTreeMap::new(),
            by_chance: Vec::new(),
            said: HashSet::new(),
            scripts: HashMap::new(),
        }
    }

    fn number(at: u64) -> Number {
        Number::from_e164(&format!("+86139{at:08}")).expect("a test number")
    }

    fn said(at: u64, said: &str, facts: &[Fact]) -> Hit {
        let contact = Contact {
            to: number(at),
            from: None,
            at: DateTime::<Utc>::UNIX_EPOCH,
            kind: ContactKind::Call,
            seconds: None,
            said: Some(said.to_string()),
        };
        let heard = Heard { level: Level::Content, facts: facts.to_vec(), chance: 1e-7 };
        Hit { contact, heard, campaign: CampaignId(1), planted: None, expected: None }
    }

    #[test]
    fn a_script_that_is_wrong_at_most_numbers_was_guessed() {
        let facts = [Fact::MotherName, Fact::BirthDate];
        let mut hits: Vec<Hit> = (0..20).map(|at| said(at, "您是王芳吗", if at == 3 { &facts } else { &[] })).collect();
        watched().count_guesses(&mut hits);
        assert!((hits[3].heard.chance - 1e-7 * E * 20.0).abs() < 1e-12);
        let mut right: Vec<Hit> = (0..20).map(|at| said(at, "您是王芳吗", &facts)).collect();
        watched().count_guesses(&mut right);
        assert!(right.iter().all(|hit| hit.heard.chance == 1e-7));
    }

    #[test]
    fn one_misdial_takes_little_from_those_who_knew_every_row_and_all_from_a_fixed_sentence() {
        let facts = [Fact::MotherName, Fact::BirthDate];
        let mut hits: Vec<Hit> =
            (0..12).map(|at| said(at, &format!("您2026年3月{}日生的吧", at + 1), &facts)).collect();
        let mut watched = watched();
        watched.said.insert("您2026年3月1日生的吧".to_string());
        watched.scripts.entry(script("您2026年3月1日生的吧")).or_default().insert(number(99));
        watched.count_guesses(&mut hits);
        assert_eq!(hits[0].heard.chance, 1.0, "word by word what a control heard");
        assert!(hits[1..].iter().all(|hit| hit.heard.chance < 4e-7), "{:?}", hits[1].heard);
    }
}
