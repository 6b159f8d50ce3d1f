//! Re-reads the whole ledger and recomputes what can be recomputed.
//!
//! SQLite's own integrity check misses most flipped bits and every lost tail, so it is only one of the
//! checks: every commitment is opened, the tree is grown again from the bodies and compared with
//! every head, and the tables are rebuilt from the entries and compared row by row.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Result};

use super::error::StoreError;
use super::fault::Fault;
use super::{TABLES, append_only_triggers, project};
use crate::ledger::{Entry, Event, Hash, Tree, leaf_hash};

/// Most faults that are kept one by one.
const FAULTS_MAX: usize = 50;

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    pub entries: u64,
    pub root: Hash,
    /// The first ones.
    pub faults: Vec<Fault>,
    /// Faults beyond these, only counted.
    pub more_faults: u64,
}

/// Checks everything; `seen` is told how many entries have been read.
pub(super) fn check(db: &Connection, path: &Path, seen: &mut dyn FnMut(u64)) -> Result<Checked, StoreError> {
    let of = |source| StoreError::of(path, source);
    let mut faults = Faults::default();
    for line in pages(db).map_err(of)? {
        faults.add(Fault::Page { line });
    }
    let rebuilt = Connection::open_in_memory().map_err(of)?;
    rebuilt.execute_batch(include_str!("schema.sql")).map_err(of)?;
    rebuilt.execute_batch(&append_only_triggers()).map_err(of)?;
    compare_schemas(db, &rebuilt, &mut faults).map_err(of)?;
    let tree = replay(db, &rebuilt, &mut faults, seen).map_err(of)?;
    for table in TABLES.into_iter().filter(|table| !matches!(*table, "entry" | "head")) {
        compare(db, &rebuilt, table, &mut faults).map_err(of)?;
    }
    Ok(Checked { entries: tree.size(), root: tree.root(), faults: faults.first, more_faults: faults.more })
}

#[derive(Default)]
struct Faults {
    first: Vec<Fault>,
    more: u64,
}

impl Faults {
    fn add(&mut self, fault: Fault) {
        match self.first.len() < FAULTS_MAX {
            true => self.first.push(fault),
            false => self.more += 1,
        }
    }
}

fn pages(db: &Connection) -> Result<Vec<String>> {
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>>>();
    Ok(lines?.into_iter().filter(|line| line != "ok").collect())
}

/// Grows the tree and the tables again from the entries, and compares each head on the way.
fn replay(db: &Connection, rebuilt: &Connection, faults: &mut Faults, seen: &mut dyn FnMut(u64)) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut heads = db.prepare("SELECT size, root, edge FROM head ORDER BY size")?;
    let mut heads = heads.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut head: Option<(i64, Vec<u8>, Vec<u8>)> = heads.next().transpose()?;
    let mut entries = db.prepare("SELECT idx, body, openings FROM entry ORDER BY idx")?;
    let mut rows = entries.query([])?;
    rebuilt.execute_batch("BEGIN")?;
    while let Some(row) = rows.next()? {
        let index: i64 = row.get(0)?;
        if index != tree.size() as i64 {
            faults.add(Fault::EntryMissing { index: tree.size(), next: index });
        }
        let entry = Entry { body: row.get(1)?, openings: row.get(2)? };
        tree.push(leaf_hash(&entry.body));
        match Event::read(&entry) {
            Ok((at, event)) => {
                if let Err(source) = project::put(rebuilt, project::project(&event, at).as_ref()) {
                    faults.add(Fault::EntryUnfounded { index, source });
                }
            }
            Err(source) => faults.add(Fault::EntryUnreadable { index, source }),
        }
        seen(tree.size());
        if let Some((size, root, edge)) = &head
            && *size == tree.size() as i64
        {
            if root[..] != tree.root()[..] || *edge != tree.edge_bytes() {
                faults.add(Fault::HeadWrong { size: *size });
            }
            head = heads.next().transpose()?;
        }
    }
    rebuilt.execute_batch("COMMIT")?;
    if let Some((size, _, _)) = head {
        faults.add(Fault::HeadWithoutEntries { size });
    }
    let last: Option<i64> = db.query_row("SELECT max(size) FROM head", [], |row| row.get(0))?;
    if last.unwrap_or(0) < tree.size() as i64 {
        faults.add(Fault::EntryUncovered { index: last.unwrap_or(0) });
    }
    Ok(tree)
}

/// Compares the tables, indexes and triggers themselves: without its triggers a ledger is not append-only.
fn compare_schemas(db: &Connection, rebuilt: &Connection, faults: &mut Faults) -> Result<()> {
    let parts = |db: &Connection| -> Result<BTreeMap<String, String>> {
        let sql = "SELECT type || ' `' || name || '`', sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
        db.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    let (kept, made) = (parts(db)?, parts(rebuilt)?);
    for (name, sql) in &made {
        match kept.get(name) {
            Some(other) if other == sql => {}
            Some(_) => faults.add(Fault::PartChanged { part: name.clone() }),
            None => faults.add(Fault::PartMissing { part: name.clone() }),
        }
    }
    for name in kept.keys().filter(|name| !made.contains_key(*name)) {
        faults.add(Fault::PartForeign { part: name.clone() });
    }
    Ok(())
}

/// Compares one table with the rebuilt one, row by row in key order.
fn compare(db: &Connection, rebuilt: &Connection, table: &'static str, faults: &mut Faults) -> Result<()> {
    let sql = format!("SELECT * FROM {table} ORDER BY 1, 2");
    let (mut kept, mut made) = (db.prepare(&sql)?, rebuilt.prepare(&sql)?);
    let (mut kept, mut made) = (kept.query([])?, made.query([])?);
    let mut row = 0u64;
    loop {
        row += 1;
        match (values(kept.next()?)?, values(made.next()?)?) {
            (None, None) => return Ok(()),
            (Some(kept), Some(made)) if kept == made => {}
            (Some(_), Some(_)) => faults.add(Fault::RowDiffers { table, row }),
            (Some(_), None) => faults.add(Fault::RowUnfounded { table, row }),
            (None, Some(_)) => faults.add(Fault::RowMissing { table, row }),
        }
    }
}

fn values(row: Option<&rusqlite::Row<'_>>) -> Result<Option<Vec<Value>>> {
    let Some(row) = row else { return Ok(None) };
    (0..row.as_ref().column_count()).map(|column| row.get(column)).collect::<Result<_>>().map(Some)
}
