//! The stretches of time in which nobody can have had a number from a list, and what reached it then.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::f64::consts::E;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use foldhash::fast::RandomState;

use super::DeedError;
use crate::hit::{Contact, ContactKind, Ears, Hit, Known, Level, script};
use crate::phone::Number;
use crate::store::{Reader, StockRow, WatchRow};
use crate::trace::{Quiet, Watch, WatchKind, block};

/// Share of contacts from before their number came to the pool at which the records are taken to reach back.
const EARLIER_SHARE: f64 = 0.05;
/// Days after the time of asking from which a contact's date is taken for a slip, and does not lengthen the record.
const AHEAD_DAYS_MAX: i64 = 400;

/// Gives the end of the record: the time of asking, or of the last contact if that is later.
pub(super) fn end_of_record(contacts: &[Contact], now: DateTime<Utc>) -> DateTime<Utc> {
    let near = contacts.iter().map(|contact| contact.at).filter(|at| *at - now <= TimeDelta::days(AHEAD_DAYS_MAX));
    near.max().map_or(now, |last| last.max(now))
}

/// Numbers of the pool for each contact or mark from which on all are looked at one by one.
const NUMBERS_A_CONTACT_MIN: u64 = 20;

/// All watched stretches, one for each number that has any.
pub(super) struct Watches {
    pub watches: Vec<Watch>,
    /// Those of numbers that are only counted.
    pub quiet: Vec<Quiet>,
    /// Numbers in the pool.
    pub pool: usize,
    /// Numbers that were retired, and when.
    pub retired: BTreeMap<Number, DateTime<Utc>>,
    /// Contacts in these stretches, by day.
    pub days: BTreeMap<NaiveDate, u64>,
    /// For each contact, whether it reached its number while nobody can have had it from a list.
    pub by_chance: Vec<bool>,
    /// What was said in these stretches, word by word: whoever says it to anybody knows nothing.
    said: HashSet<String, RandomState>,
    /// How many numbers heard each script, names and figures aside, in these stretches.
    scripts: HashMap<String, usize>,
}

impl Watches {
    /// Makes less of facts that were a guess: words that were said to a number which nobody can have had, and scripts that
    /// were wrong at some of the numbers that heard them.
    ///
    /// To be right at k of n numbers somebody who guesses has at most (e n / k)^k ways, a factor of e n / k for each.
    pub fn count_guesses(&self, hits: &mut [Hit]) {
        let mut scripts = Scripts::default();
        let spoken = |hit: &&Hit| !hit.is_listed() && hit.contact.said.as_deref().is_some_and(|said| !said.is_empty());
        let knew = |hit: &&Hit| !hit.heard.facts.is_empty();
        // Of scripts that were right nowhere nothing is asked.
        let mut right: HashMap<usize, HashSet<&Number, RandomState>, RandomState> = HashMap::default();
        for hit in hits.iter().filter(spoken).filter(knew) {
            right.entry(scripts.of(hit)).or_default().insert(&hit.contact.to);
        }
        let mut all: HashMap<usize, HashSet<&Number, RandomState>, RandomState> = HashMap::default();
        for hit in hits.iter().filter(spoken) {
            let script = scripts.of(hit);
            if right.contains_key(&script) {
                all.entry(script).or_default().insert(&hit.contact.to);
            }
        }
        let odds = |script: usize| {
            let by_chance = self.scripts.get(&scripts.texts[script]).copied().unwrap_or(0);
            let (all, right) = ((all[&script].len() + by_chance) as f64, right[&script].len() as f64);
            if all > right { E * all / right } else { 1.0 }
        };
        let by_said = scripts.by_said.iter().filter(|(_, script)| right.contains_key(script));
        let odds: HashMap<String, f64, RandomState> =
            by_said.map(|(said, script)| ((*said).to_string(), odds(*script))).collect();
        for hit in hits.iter_mut().filter(|hit| !hit.is_listed() && !hit.heard.facts.is_empty()) {
            let Some(said) = hit.contact.said.as_deref() else { continue };
            let odds = odds.get(said).copied().unwrap_or(1.0);
            hit.heard.chance = if self.said.contains(said) { 1.0 } else { (hit.heard.chance * odds).min(1.0) };
        }
    }
}

/// Scripts by place; each text is read once.
#[derive(Default)]
struct Scripts<'h> {
    by_said: HashMap<&'h str, usize, RandomState>,
    by_text: HashMap<String, usize, RandomState>,
    texts: Vec<String>,
}

impl<'h> Scripts<'h> {
    fn of(&mut self, hit: &'h Hit) -> usize {
        self.of_said(hit.contact.said.as_deref().unwrap_or_default())
    }

    fn of_said(&mut self, said: &'h str) -> usize {
        if let Some(known) = self.by_said.get(said) {
            return *known;
        }
        let text = script(said);
        let next = self.texts.len();
        let place = *self.by_text.entry(text.clone()).or_insert(next);
        if place == next {
            self.texts.push(text);
        }
        self.by_said.insert(said, place);
        place
    }
}

/// Counts what reached each number while it can only have been chance.
pub(super) fn watches(reader: &Reader<'_>, contacts: &[Contact], until: DateTime<Utc>) -> Result<Watches, DeedError> {
    watched(reader, (reader.watches()?, Vec::new()), contacts, until)
}

/// Does so for the blocks that were called and those of `numbers`; the rest of the pool is only counted.
pub(super) fn watches_near(
    reader: &Reader<'_>,
    contacts: &[Contact],
    numbers: &[Number],
    until: DateTime<Utc>,
) -> Result<Watches, DeedError> {
    let (pool, marks) = reader.pool_and_marks()?;
    if (contacts.len() as u64 + marks) * NUMBERS_A_CONTACT_MIN > pool {
        return watches(reader, contacts, until);
    }
    let blocks: BTreeSet<&str> = contacts.iter().map(|contact| &contact.to).chain(numbers).map(block).collect();
    let rows = reader.watches_in(&blocks.into_iter().collect::<Vec<_>>())?;
    let mut listed: HashMap<(DateTime<Utc>, Option<DateTime<Utc>>), u64> = HashMap::new();
    for row in &rows {
        *listed.entry((row.added_at, row.planted_at)).or_default() += 1;
    }
    let mut stock = reader.stock()?;
    for row in &mut stock {
        row.numbers -= listed.get(&(row.added_at, row.planted_at)).copied().unwrap_or(0).min(row.numbers);
    }
    watched(reader, (rows, stock), contacts, until)
}

fn watched(
    reader: &Reader<'_>,
    (rows, stock): (Vec<WatchRow>, Vec<StockRow>),
    contacts: &[Contact],
    until: DateTime<Utc>,
) -> Result<Watches, DeedError> {
    let places: HashMap<&Number, usize, RandomState> =
        rows.iter().enumerate().map(|(at, row)| (&row.number, at)).collect();
    let reached: Vec<Option<usize>> = contacts.iter().map(|contact| places.get(&contact.to).copied()).collect();
    let is_earlier =
        |(contact, row): &(&Contact, &Option<usize>)| row.is_some_and(|row| contact.at < rows[row].added_at);
    // Records that reach back before numbers came to the pool were kept for all of them; a few such contacts are slips.
    let earlier = contacts.iter().zip(&reached).filter(is_earlier).count();
    let first = contacts.iter().map(|contact| contact.at).min();
    let records_since = first.filter(|_| earlier as f64 > EARLIER_SHARE * contacts.len() as f64);
    let retired = rows.iter().filter_map(|row| Some((row.number.clone(), row.retired_at?)));
    let quiet = |row: &StockRow| {
        let (since, until) = not_planted(row.added_at, row.planted_at, records_since, until);
        (row.numbers > 0 && since < until).then_some(Quiet { since, until, numbers: row.numbers })
    };
    let mut watched = Watches {
        pool: rows.len() + stock.iter().map(|row| row.numbers as usize).sum::<usize>(),
        retired: retired.collect(),
        quiet: stock.iter().filter_map(quiet).collect(),
        watches: Vec::new(),
        days: BTreeMap::new(),
        by_chance: vec![false; contacts.len()],
        said: HashSet::default(),
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
    let (mut scripts, mut heard_by): (Scripts<'_>, Vec<HashSet<&Number, RandomState>>) = Default::default();
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
            let script = scripts.of_said(said);
            heard_by.resize_with(scripts.texts.len(), HashSet::default);
            heard_by[script].insert(&contact.to);
        }
        *watched.days.entry(contact.at.date_naive()).or_default() += 1;
    }
    watched.scripts = scripts.texts.into_iter().zip(heard_by.iter().map(HashSet::len)).collect();
    Ok(watched)
}

/// Gives the stretch in which nobody can have had a number; none if there was no such time.
fn stretch(row: WatchRow, records_since: Option<DateTime<Utc>>, until: DateTime<Utc>) -> Option<Watch> {
    // Whoever calls a trap can have it from the ledger: that is not by chance.
    if row.trap {
        return None;
    }
    let (since, planted) = not_planted(row.added_at, row.planted_at, records_since, until);
    let (kind, until) = match row.control {
        true => (WatchKind::Control, until),
        false => (WatchKind::NotPlanted, planted),
    };
    let until = row.retired_at.map_or(until, |retired| until.min(retired));
    (since < until).then_some(Watch { number: row.number, kind, since, until, contacts: 0, topics: 0 })
}

/// Gives from when to when a number was on record and not in a list.
fn not_planted(
    added_at: DateTime<Utc>,
    planted_at: Option<DateTime<Utc>>,
    records_since: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    (records_since.map_or(added_at, |records| records.min(added_at)), planted_at.unwrap_or(until))
}

#[cfg(test)]
mod tests {
    use super::super::mint::{MintOrder, mint};
    use super::super::{NewContact, NewNumber, Session, add_hit, add_holder, add_number, choose_controls, init};
    use super::*;
    use crate::hit::{CampaignId, ContactKind, Fact, Heard};
    use crate::holder::{Holder, Kind};
    use crate::list::fresh::FreshFormat;
    use crate::phone::Region;
    use crate::trace::Background;

    #[test]
    fn numbers_that_are_only_counted_weigh_as_they_do_one_by_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut session = Session::real(folder.path().join("canaries.db"));
        init(&mut session, &[]).expect("a ledger");
        let id: crate::holder::HolderId = "szfy".parse().expect("an id");
        let holder = Holder { id: id.clone(), name: "A".to_string(), kind: Kind::Hospital, region: None, parent: None };
        add_holder(&mut session, holder).expect("a holder");
        for nth in 0..90_u64 {
            let new = NewNumber { text: format!("138{:08}", nth * 3_001), ..NewNumber::default() };
            add_number(&mut session, new, Region::default(), 0).expect("a number");
        }
        let format = FreshFormat::Csv;
        let order = MintOrder {
            holder: id,
            count: 40,
            like: None,
            sheet: None,
            map: None,
            format,
            output: None,
            authority: None,
        };
        mint(&mut session, &order).expect("canaries");
        choose_controls(&mut session, 2).expect("controls");
        let to = "13800015005".to_string();
        let new =
            NewContact { to, from: None, at: None, kind: ContactKind::Call, said: None, region: Region::default() };
        add_hit(&mut session, new).expect("a contact");
        let store = session.open().expect("the ledger");
        let reader = store.read();
        let contacts = reader.contacts().expect("contacts");
        let until = session.now() + TimeDelta::days(100);
        let all = watches(&reader, &contacts, until).expect("watches");
        let near = watches_near(&reader, &contacts, &[], until).expect("watches");
        assert!(near.watches.len() < 20 && !near.quiet.is_empty() && all.quiet.is_empty());
        assert_eq!(
            (near.pool, near.days.clone(), near.by_chance.clone()),
            (all.pool, all.days.clone(), all.by_chance.clone())
        );
        let numbers: u64 = near.quiet.iter().map(|quiet| quiet.numbers).sum();
        assert_eq!(numbers as usize + near.watches.len(), all.watches.len());
        let learned = |watched: &Watches| {
            let background = Background::learned(&watched.watches, &watched.quiet, &watched.days);
            let rate = background.calls_per_day(&contacts[0].to, 1.0, 5.0);
            [background.mean_per_day(), background.shape(), rate]
        };
        for (one, other) in learned(&near).into_iter().zip(learned(&all)) {
            assert!((one - other).abs() <= 1e-12 * other, "{one} {other}");
        }
    }

    fn watched() -> Watches {
        Watches {
            watches: Vec::new(),
            quiet: Vec::new(),
            pool: 30,
            retired: BTreeMap::new(),
            days: BTreeMap::new(),
            by_chance: Vec::new(),
            said: HashSet::default(),
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
        watched.scripts.insert(script("您2026年3月1日生的吧"), 1);
        watched.count_guesses(&mut hits);
        assert_eq!(hits[0].heard.chance, 1.0, "word by word what a control heard");
        assert!(hits[1..].iter().all(|hit| hit.heard.chance < 4e-7), "{:?}", hits[1].heard);
    }
}
