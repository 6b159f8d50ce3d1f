//! The pool: adding, importing, listing numbers, and taking them out of use.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use rand::seq::SliceRandom;

use super::hit::contacts_by_time;
use super::import::read_rows;
use super::watch::{end_of_record, watches};
use super::{DeedError, Session};
use crate::ledger::{Event, Looked, NumberRecord};
use crate::phone::{Number, Region, State, StateName};
use crate::store::{NumberRow, Reader, Writing};
use crate::trace::Background;

/// A number as the operator gives it, with what is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewNumber {
    pub text: String,
    pub provider: Option<String>,
    pub kind: Option<String>,
    pub since: Option<String>,
    pub until: Option<String>,
    pub address: Option<String>,
    pub note: Option<String>,
    /// Line of the import file, from 1; nothing when typed in.
    pub line: Option<u64>,
}

/// Adds one number, which may be planted after `quarantine_days`.
pub fn add_number(
    session: &mut Session,
    new: NewNumber,
    region: Region,
    quarantine_days: u32,
) -> Result<Number, DeedError> {
    let number = Number::parse(&new.text, region)?;
    add_all(session, vec![(number.clone(), new)], quarantine_days)?;
    Ok(number)
}

/// Adds every number of a file, or none; gives how many.
pub fn import_numbers(
    session: &mut Session,
    path: &Path,
    region: Region,
    quarantine_days: u32,
) -> Result<u64, DeedError> {
    let numbers = read_rows(session, path, &["number"], |row| {
        let new = NewNumber {
            text: row.need(path, "number")?,
            provider: row.maybe("provider"),
            kind: row.maybe("kind"),
            since: row.maybe("since"),
            until: row.maybe("until"),
            address: row.maybe("address"),
            note: row.maybe("note"),
            line: Some(row.line),
        };
        let number = Number::parse(&new.text, region).map_err(|source| DeedError::ImportNumber {
            path: path.to_path_buf(),
            line: row.line,
            source,
        })?;
        Ok((number, new))
    })?;
    add_all(session, numbers, quarantine_days)
}

fn add_all(session: &mut Session, numbers: Vec<(Number, NewNumber)>, quarantine_days: u32) -> Result<u64, DeedError> {
    let now = session.now();
    let free_from = now + TimeDelta::days(i64::from(quarantine_days));
    let mut store = session.open()?;
    let mut seen = HashSet::new();
    store.write(now, &mut session.rng, |writing| {
        for (number, new) in &numbers {
            if !seen.insert(number.clone()) || writing.read().number(number, now)?.is_some() {
                return Err(DeedError::NumberExists { number: number.clone(), line: new.line });
            }
            writing.append(&Event::Number(record(number, new, free_from)))?;
        }
        Ok(numbers.len() as u64)
    })
}

fn record(number: &Number, new: &NewNumber, free_from: DateTime<Utc>) -> NumberRecord {
    NumberRecord {
        number: number.clone(),
        provider: new.provider.clone(),
        kind: new.kind.clone(),
        since: new.since.clone(),
        until: new.until.clone(),
        address: new.address.clone(),
        note: new.note.clone(),
        free_from,
    }
}

/// Makes sure that a number may still be planted: another program can have taken it since it was chosen.
pub(super) fn check_free(writing: &Writing<'_>, number: &Number) -> Result<(), DeedError> {
    match writing.read().is_free(number, writing.at())? {
        true => Ok(()),
        false => Err(DeedError::NumberTaken { number: number.clone() }),
    }
}

/// A number, and the calls a day to expect on it by chance, as learned from all that reached the pool.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberListed {
    pub row: NumberRow,
    pub chance_per_day: f64,
    /// Contacts while nobody can have had it from a list.
    pub by_chance: u64,
}

/// Lists the pool by number, all of it or one state.
pub fn list_numbers(session: &mut Session, state: Option<StateName>) -> Result<Vec<NumberListed>, DeedError> {
    let asked = state.map_or_else(|| "all".to_string(), |state| state.to_string());
    let mut store = session.look_into(Looked::Numbers, asked.clone())?;
    let listed = listed(&store.read(), state, session.now())?;
    let is_telling = |one: &NumberListed| matches!(one.row.state, State::Planted { .. } | State::Trap);
    if listed.iter().any(is_telling) {
        session.looked(&mut store, Looked::Numbers, asked)?;
    }
    Ok(listed)
}

fn listed(reader: &Reader<'_>, state: Option<StateName>, now: DateTime<Utc>) -> Result<Vec<NumberListed>, DeedError> {
    let contacts = contacts_by_time(reader)?;
    let until = end_of_record(&contacts, now);
    let watched = watches(reader, &contacts, until)?;
    let background = Background::learned(&watched.watches, &watched.quiet, &watched.days);
    let by_chance: HashMap<&Number, u64> =
        watched.watches.iter().map(|watch| (&watch.number, watch.contacts)).collect();
    let mut rows = reader.numbers(now)?;
    rows.retain(|row| state.is_none_or(|state| row.state.name() == state));
    let of_row = |row: NumberRow| NumberListed {
        chance_per_day: background.calls_per_day(&row.number, 0.0, 0.0),
        by_chance: by_chance.get(&row.number).copied().unwrap_or_default(),
        row,
    };
    Ok(rows.into_iter().map(of_row).collect())
}

/// Turns `count` free numbers, chosen by chance, into controls.
pub fn choose_controls(session: &mut Session, count: usize) -> Result<Vec<Number>, DeedError> {
    choose(session, count, |number| Event::Control { number })
}

/// Turns `count` free numbers, chosen by chance, into traps.
pub fn choose_traps(session: &mut Session, count: usize) -> Result<Vec<Number>, DeedError> {
    choose(session, count, |number| Event::Trap { number })
}

fn choose(session: &mut Session, count: usize, event: fn(Number) -> Event) -> Result<Vec<Number>, DeedError> {
    let now = session.now();
    let mut store = session.open()?;
    let mut chance = session.fork();
    let chosen = store.write(now, &mut session.rng, |writing| {
        let mut free = writing.read().free_numbers(now)?;
        if free.len() < count {
            return Err(DeedError::TooFewNumbers { asked: count, free: free.len() });
        }
        free.shuffle(&mut chance);
        free.truncate(count);
        free.sort();
        for number in &free {
            writing.append(&event(number.clone()))?;
        }
        Ok(free)
    })?;
    Ok(chosen)
}

/// Takes a number out of use for good; hits on it still resolve.
pub fn retire_number(session: &mut Session, text: &str, region: Region) -> Result<Number, DeedError> {
    let number = Number::parse(text, region)?;
    let now = session.now();
    let mut store = session.open()?;
    store.write(now, &mut session.rng, |writing| match writing.read().number(&number, now)?.map(|row| row.state) {
        None => Err(DeedError::NotInPool { number: number.clone() }),
        Some(State::Retired) => Err(DeedError::RetiredAlready { number: number.clone() }),
        Some(State::Quarantined { .. } | State::Free | State::Planted { .. } | State::Control | State::Trap) => {
            writing.append(&Event::Retired { number: number.clone() })?;
            Ok(number.clone())
        }
    })
}
