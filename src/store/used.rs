//! What a locked ledger keeps of what is in use: tags, in an order that tells nothing.
//!
//! A table of a database keeps its rows in the order of their keys, but on a page they lie as they came, and numbers that came
//! together stand in one planting. So every transaction that takes numbers into use writes the whole table anew, sorted.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::{Connection, Result};

use super::error::StoreError;
use super::fault::Fault;
use super::lock::{Blind, Lock, Tag};
use super::ready::Taken;

/// Tags of a table come in multiples of so many: what is missing is filled up.
const TAGS_AT_ONCE: usize = 256;

/// Makes the tag of what a fact takes into use.
pub(super) fn tag(blind: Blind, taken: &Taken) -> Tag {
    match taken {
        Taken::Number(number) => blind.number(number.as_str()),
        Taken::Contact(key) => blind.contact(key),
        Taken::Person(identity) => blind.person(*identity),
    }
}

/// Notes what is taken into use; a number or a contact that is in use already is refused.
pub(super) fn take(db: &Connection, path: &Path, lock: &Lock, taken: &[Taken]) -> Result<(), StoreError> {
    for one in taken {
        let sql = match one {
            Taken::Number(_) | Taken::Contact(_) => "INSERT INTO main.used (tag) VALUES (?1)",
            Taken::Person(_) => "INSERT INTO main.used (tag) VALUES (?1) ON CONFLICT DO NOTHING",
        };
        let tag = tag(lock.blind()?, one);
        let noted = db.prepare_cached(sql).and_then(|mut insert| insert.execute([tag]));
        noted.map_err(|source| StoreError::of(path, source))?;
    }
    Ok(())
}

/// Writes the tags anew, so that where they lie follows from them alone, and fills them up so that their number tells little.
pub(super) fn sort(db: &Connection, blind: Blind) -> Result<()> {
    let mut tags = real(tags(db)?, blind);
    let missing = tags.len().next_multiple_of(TAGS_AT_ONCE) - tags.len();
    tags.extend(fillers(blind).take(missing).map(|tag| tag.to_vec()));
    tags.sort_unstable();
    db.execute("DELETE FROM main.used", [])?;
    let mut insert = db.prepare_cached("INSERT INTO main.used (tag) VALUES (?1)")?;
    tags.iter().try_for_each(|tag| insert.execute([tag]).map(|_| ()))
}

/// Gives the tags that stand for nothing, in the order they are used in.
fn fillers(blind: Blind) -> impl Iterator<Item = Tag> {
    (0..TAGS_AT_ONCE as u64).map(move |at| blind.filler(at))
}

/// Gives the tags that stand for something.
fn real(mut all: Vec<Vec<u8>>, blind: Blind) -> Vec<Vec<u8>> {
    let fillers: HashSet<Tag> = fillers(blind).collect();
    all.retain(|tag| !<&Tag>::try_from(&tag[..]).is_ok_and(|tag| fillers.contains(tag)));
    all
}

fn tags(db: &Connection) -> Result<Vec<Vec<u8>>> {
    db.prepare_cached("SELECT tag FROM main.used ORDER BY tag")?.query_map([], |row| row.get(0))?.collect()
}

/// What the entries take into use, as far as they can be read.
#[derive(Default)]
pub(super) struct Expected {
    tags: Vec<Tag>,
    /// Numbers of the pool: a canary or a trap has one of them, whichever it is.
    pool: Vec<Tag>,
    numbers: u64,
    contacts: u64,
    /// Contacts since the table was last filled up, which is when numbers are taken into use; nothing where that never happened.
    since_filled: Option<usize>,
}

impl Expected {
    /// Looks at an entry by its kind, which anybody can read.
    pub(super) fn see_kind(&mut self, kind: Option<&str>) {
        match kind {
            Some("made") => self.since_filled = Some(0),
            Some("mint" | "trap") => {
                self.numbers += 1;
                self.since_filled = self.since_filled.map(|_| 0);
            }
            Some("contact") => {
                self.contacts += 1;
                self.since_filled = self.since_filled.map(|since| since + 1);
            }
            Some(_) | None => {}
        }
    }

    /// Looks at how many canaries an entry announces that cannot be read themselves.
    pub(super) fn see_made(&mut self, count: u64) {
        self.numbers += count;
    }

    /// Looks at what an entry that was read takes into use, or at the number that it adds to the pool.
    pub(super) fn see(&mut self, blind: Blind, taken: &[Taken], added: Option<&str>) {
        self.tags.extend(taken.iter().map(|one| tag(blind, one)));
        self.pool.extend(added.map(|number| blind.number(number)));
    }

    /// Compares the table with the entries: tag by tag if all were read, else by how many there must be.
    pub(super) fn compare(mut self, db: &Connection, blind: Blind, unopened: u64) -> Result<Vec<Fault>> {
        let all = tags(db)?;
        let kept = if unopened > 0 { real(all, blind) } else { all };
        let has = |tag: &Tag| kept.binary_search_by(|known| known[..].cmp(&tag[..])).is_ok();
        if unopened > 0 {
            let found = self.pool.iter().filter(|tag| has(tag)).count() as u64;
            let (least, most) = (self.numbers + self.contacts, 2 * self.numbers + self.contacts);
            let is_whole =
                (least..=most).contains(&(kept.len() as u64)) && (self.pool.is_empty() || found == self.numbers);
            let fault = Fault::TagsWrong { tags: kept.len() as u64, least, most, found, numbers: self.numbers };
            return Ok(if is_whole { Vec::new() } else { vec![fault] });
        }
        self.tags.sort_unstable();
        self.tags.dedup();
        if let Some(since) = self.since_filled {
            let filled = self.tags.len().saturating_sub(since);
            self.tags.extend(fillers(blind).take(filled.next_multiple_of(TAGS_AT_ONCE) - filled));
            self.tags.sort_unstable();
        }
        let missing = (1..).zip(&self.tags).filter(|(_, tag)| !has(tag));
        let missing = missing.map(|(row, _)| Fault::RowMissing { table: "used", row });
        let is_known = |tag: &Vec<u8>| self.tags.binary_search_by(|known| known[..].cmp(tag)).is_ok();
        let unfounded = (1..).zip(&kept).filter(|(_, tag)| !is_known(tag));
        Ok(missing.chain(unfounded.map(|(row, _)| Fault::RowUnfounded { table: "used", row })).collect())
    }
}
