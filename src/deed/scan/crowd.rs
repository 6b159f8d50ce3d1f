//! Strangers in all that was scanned: how many of the personas that were seen without their number are due by chance.
//!
//! Chance is counted over the whole scan and all canaries of the ledger, not file by file: many names meet many rows, and of those that meet
//! some have the day. A persona that strangers are due for by itself is left out on both sides, of what was found and of what is due. Rows in
//! which a persona itself is seen are no strangers' to it: the same list may lie in four files, and is one chance.

use std::collections::{HashMap, HashSet};

use chrono::{Datelike, NaiveDate};
use foldhash::fast::RandomState;

use super::needles::Known;
use super::slot::Contents;
use crate::hit::{Strangers, Told, chance_of, rare_share};
use crate::scan::{Fact, MatchedBy, Namesakes, Sighting, rare_facts};

/// Strangers that are due in the place of one persona, from which on it is as likely one of them.
const STRANGERS_MAX: f64 = 1.0;
const MILLION: f64 = 1e6;

/// Personas that were seen, and how many are due.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    found: u64,
    due: f64,
}

/// All that stands beside canaries' names in one scan.
pub(super) struct Crowd<'k> {
    known: &'k Known,
    namesakes: &'k Namesakes,
    /// Needles that were seen by their number too.
    by_number: HashSet<u32, RandomState>,
    /// Rows in which a persona was seen, by needle.
    own: HashMap<u32, u64, RandomState>,
    all: Count,
    /// Those with a fact more that few share.
    rare: Count,
}

impl<'k> Crowd<'k> {
    /// Counts them.
    pub fn of(known: &'k Known, namesakes: &'k Namesakes, contents: &[(usize, Box<Contents>)]) -> Crowd<'k> {
        let each = || contents.iter().flat_map(|(file, contents)| contents.found().map(move |found| (*file, found)));
        let is_number = |one: &Sighting| match one.by {
            MatchedBy::Number | MatchedBy::DamagedNumber => true,
            MatchedBy::MaskedNumber => one.fits <= 1 || !one.facts.is_empty(),
            MatchedBy::Persona => false,
        };
        let numbers = each().filter(|(_, found)| is_number(&found.sighting));
        let by_number = numbers.map(|(_, found)| found.sighting.needle).collect();
        let (all, rare, own) = Default::default();
        let mut crowd = Crowd { known, namesakes, by_number, own, all, rare };
        let is_persona = |one: &Sighting| one.by == MatchedBy::Persona && told(&one.facts) != Told::Month;
        for (_, found) in each().filter(|(_, found)| is_persona(&found.sighting)) {
            *crowd.own.entry(found.sighting.needle).or_default() += 1;
        }
        let mut seen: HashMap<u32, bool, RandomState> = HashMap::default();
        // Canaries that share a name and a day are one where they are seen in one row.
        let (mut rows, mut rare_rows) = (HashSet::new(), HashSet::new());
        for (file, found) in each() {
            let one = &found.sighting;
            if !is_persona(one) || crowd.by_number.contains(&one.needle) {
                continue;
            }
            let is_rare = rare_facts(&one.facts) > 0;
            let [due, due_rare] = crowd.due(one.needle);
            let first = !seen.contains_key(&one.needle);
            let known_rare = seen.entry(one.needle).or_insert(false);
            if first && due < STRANGERS_MAX {
                rows.insert((file, found.place.as_deref(), one.line));
            }
            if is_rare && !std::mem::replace(known_rare, true) && due_rare < STRANGERS_MAX {
                rare_rows.insert((file, found.place.as_deref(), one.line));
            }
        }
        (crowd.all.found, crowd.rare.found) = (rows.len() as u64, rare_rows.len() as u64);
        for (needle, _) in namesakes.each() {
            let dues = crowd.due(needle);
            for (count, due) in [&mut crowd.all, &mut crowd.rare].into_iter().zip(dues) {
                count.due += if due < STRANGERS_MAX { due } else { 0.0 };
            }
        }
        crowd
    }

    /// Says what strangers share with a persona that was seen without its number; nothing of other sightings.
    pub fn around(&self, one: &Sighting) -> Option<Strangers> {
        if one.by != MatchedBy::Persona {
            return None;
        }
        let told = told(&one.facts);
        let rare_facts = rare_facts(&one.facts);
        let chance = |count: &Count| chance_of(count.found, count.due);
        let count = if rare_facts > 0 && chance(&self.rare) < chance(&self.all) { self.rare } else { self.all };
        Some(Strangers {
            namesakes: self.namesakes.rows(one.needle).max(1),
            told,
            alike: self.alike(one.needle, told),
            rare_facts,
            found: count.found,
            due_millionths: (count.due * MILLION).ceil() as u64,
        })
    }

    /// Tells whether a canary was seen by its number too.
    pub fn has_number(&self, needle: u32) -> bool {
        self.by_number.contains(&needle)
    }

    /// Counts the rows in which a canary is seen without its number.
    fn own(&self, needle: u32) -> u64 {
        self.own.get(&needle).copied().unwrap_or_default()
    }

    /// Counts the strangers that are due in the place of a canary, in all and with a rare fact.
    fn due(&self, needle: u32) -> [f64; 2] {
        let known = self.known.needles.told_of(needle);
        let share = |told: Told, is_known: bool| match is_known {
            true => told.share(self.alike(needle, told)),
            false => 0.0,
        };
        let days = share(Told::BirthDay, known.birth.is_some()) + share(Told::MotherDay, known.mother_birth.is_some());
        let rows = self.namesakes.rows(needle) as f64;
        let home = share(Told::Home, known.has_address);
        let kinds =
            known.names.saturating_sub(1) + u32::from(known.has_address) + u32::from(known.mother_birth.is_some());
        [rows * (days + home).min(1.0), rows * (days + home).min(1.0) * rare_share(kinds)]
    }

    /// Counts the rows other than its own that tell a canary's day or month, and that tell any.
    fn alike(&self, needle: u32, told: Told) -> (u64, u64) {
        let own = self.own(needle);
        let known = self.known.needles.told_of(needle);
        let day = |date: Option<NaiveDate>| date.map(|date| self.namesakes.on(date.num_days_from_ce()));
        let counted = match told {
            Told::BirthDay => day(known.birth),
            Told::MotherDay => day(known.mother_birth),
            Told::Month => known.birth.map(|birth| self.namesakes.in_month(birth.year() * 12 + birth.month0() as i32)),
            Told::Home => None,
        };
        counted.map_or((0, 0), |(alike, others)| (alike.saturating_sub(own), others.saturating_sub(own)))
    }
}

/// Tells whether a persona is as likely a stranger.
pub(super) fn is_stranger(strangers: &Strangers) -> bool {
    strangers.due() >= STRANGERS_MAX
}

/// Tells by what, beside its name, a persona was told.
fn told(facts: &[Fact]) -> Told {
    match facts {
        _ if facts.contains(&Fact::BirthDate) => Told::BirthDay,
        _ if facts.contains(&Fact::MotherBirthDate) => Told::MotherDay,
        _ if facts.contains(&Fact::Address) => Told::Home,
        _ => Told::Month,
    }
}
