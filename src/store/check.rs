//! Re-reads the whole ledger and recomputes what can be recomputed.
//!
//! SQLite's own integrity check misses most flipped bits and every lost tail, so it is only one of the
//! checks: every commitment is opened, the tree is grown again from the bodies and compared with
//! every head, and the tables are rebuilt from the entries and compared row by row.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, Result};

use super::check_log::LogCheck;
use super::check_read::{Read, ReadAhead, ReadEntry};
use super::counts::Counts;
use super::error::StoreError;
use super::fault::Fault;
use super::lock::{Access, Lock};
use super::ready::taken;
use super::used::Expected;
use super::{COUNTS, TABLES, migrate, project};
use crate::ledger::{Event, Hash, LookupRecord, PlantingRecord, Tree, WitnessRecord};

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
    /// So many entries, from the first one, are what they were.
    pub stands: u64,
    /// So many entries are covered by the newest checkpoint that is good.
    pub sealed: u64,
    /// So many entries are locked to others: only their place in the tree was checked.
    pub unopened: u64,
    /// Whether the ledger is locked.
    pub is_locked: bool,
    /// Who looked into the ledger, as far as that can be read.
    pub lookups: Vec<Lookup>,
    /// What witnesses signed.
    pub witnessed: Vec<WitnessRecord>,
}

/// A look into the ledger that is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    pub index: u64,
    pub at: DateTime<Utc>,
    pub record: LookupRecord,
}

/// Checks everything; `seen` is told how many entries have been read.
pub(super) fn check(
    (db, path): (&Connection, &Path),
    lock: Option<&Lock>,
    kept: &[(String, Vec<u8>)],
    seen: &mut dyn FnMut(u64),
) -> Result<Checked, StoreError> {
    let of = |source| StoreError::of(path, source);
    let mut faults = Faults::default();
    for line in pages(db).map_err(of)? {
        faults.add(Fault::Page { line });
    }
    let rebuilt = Connection::open_in_memory().map_err(of)?;
    migrate::lay(&rebuilt).map_err(of)?;
    if lock.is_some() {
        migrate::lay_locked(&rebuilt).map_err(of)?;
    }
    compare_schemas(db, &rebuilt, &mut faults).map_err(of)?;
    let mut replay = Replay::new(lock, kept, &mut faults);
    replay.run(db, &rebuilt, seen).map_err(of)?;
    let Replay { tree, log, stands, unopened, used, lookups, .. } = replay;
    let stands = stands.min(log.compare(&tree, &mut faults));
    let implied = match lock {
        // The tables of a locked ledger are empty in its file.
        Some(_) => {
            let empty = Connection::open_in_memory().map_err(of)?;
            migrate::lay(&empty).map_err(of)?;
            empty
        }
        None => rebuilt,
    };
    for table in TABLES.into_iter().chain(COUNTS).filter(|table| !matches!(*table, "entry" | "head")) {
        compare(db, &implied, table, &mut faults).map_err(of)?;
    }
    if let Some(blind) = lock.and_then(Lock::blind_if_there) {
        used.compare(db, blind, unopened).map_err(of)?.into_iter().for_each(|fault| faults.add(fault));
    }
    Ok(Checked {
        entries: tree.size(),
        root: tree.root(),
        faults: faults.first,
        more_faults: faults.more,
        stands,
        sealed: log.sealed.min(stands),
        unopened,
        is_locked: lock.is_some(),
        lookups,
        witnessed: log.witnessed,
    })
}

/// The faults found so far.
#[derive(Default)]
pub(super) struct Faults {
    first: Vec<Fault>,
    more: u64,
}

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
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

/// A head as it is kept: size, root, edge.
type Head = (i64, Vec<u8>, Vec<u8>);

/// The entries being read again from the first one.
struct Replay<'f, 'k> {
    tree: Tree,
    counts: Counts,
    log: LogCheck<'k>,
    lock: Option<&'k Lock>,
    faults: &'f mut Faults,
    unopened: u64,
    /// Entries under the last head or checkpoint before the first fault.
    stands: u64,
    is_broken: bool,
    used: Expected,
    lookups: Vec<Lookup>,
}

impl<'f, 'k> Replay<'f, 'k> {
    fn new(lock: Option<&'k Lock>, kept: &'k [(String, Vec<u8>)], faults: &'f mut Faults) -> Replay<'f, 'k> {
        Replay {
            tree: Tree::default(),
            counts: Counts::default(),
            log: LogCheck::new(kept),
            lock,
            faults,
            unopened: 0,
            stands: 0,
            is_broken: false,
            used: Expected::default(),
            lookups: Vec::new(),
        }
    }

    /// Grows the tree and the tables again from the entries, and compares each head on the way.
    fn run(&mut self, db: &Connection, rebuilt: &Connection, seen: &mut dyn FnMut(u64)) -> Result<()> {
        let mut heads = db.prepare("SELECT size, root, edge FROM head ORDER BY size")?;
        let mut heads = heads.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let mut head: Option<Head> = heads.next().transpose()?;
        let mut entries = db.prepare("SELECT idx, body, openings FROM entry ORDER BY idx")?;
        rebuilt.execute_batch("BEGIN")?;
        self.log.grown(&self.tree);
        let rows = entries.query([])?;
        let lock = self.lock;
        std::thread::scope(|scope| {
            let mut ahead = ReadAhead::start(rows, lock, scope);
            while let Some(batch) = ahead.next()? {
                for read in batch {
                    self.entry(read, rebuilt);
                    seen(self.tree.size());
                    while let Some(known) = head.take_if(|(size, ..)| *size <= self.tree.size() as i64) {
                        self.head(&known);
                        head = heads.next().transpose()?;
                    }
                }
            }
            Ok::<_, rusqlite::Error>(())
        })?;
        self.counts.put(rebuilt)?;
        rebuilt.execute_batch("COMMIT")?;
        if let Some((size, ..)) = head {
            self.fault(Fault::HeadWithoutEntries { size });
        }
        let last: Option<i64> = db.query_row("SELECT max(size) FROM head", [], |row| row.get(0))?;
        if last.unwrap_or(0) < self.tree.size() as i64 {
            self.fault(Fault::EntryUncovered { index: last.unwrap_or(0) });
        }
        Ok(())
    }

    fn entry(&mut self, read: ReadEntry, rebuilt: &Connection) {
        let ReadEntry { index, leaf, kind, told } = read;
        self.used.see_kind(kind.as_deref());
        if index != self.tree.size() as i64 {
            self.fault(Fault::EntryMissing { index: self.tree.size(), next: index });
        }
        match told {
            Ok(None) => self.unopened += 1,
            Ok(Some(Read { at, event, rows, counted })) => {
                self.note(index, at, &event);
                if let Some(fault) = self.log.see(index, &self.tree, &event) {
                    // Whoever wrote a wrong checkpoint may have written the heads before it as well.
                    if !self.is_broken {
                        self.stands = self.stands.min(self.log.sealed);
                    }
                    self.fault(fault);
                }
                // Of a locked ledger rows follow only if all of it is read: some refer to others.
                let is_whole = self.lock.is_none_or(|lock| lock.access == Access::Investigator);
                let (rows, counted) = if is_whole { (rows, counted) } else { (Vec::new(), Vec::new()) };
                let put = project::put(rebuilt, &rows)
                    .and_then(|()| counted.iter().try_for_each(|one| self.counts.see(rebuilt, one)));
                if let Err(source) = put {
                    self.fault(Fault::EntryUnfounded { index, source });
                }
            }
            Err(source) => self.fault(Fault::EntryUnreadable { index, source }),
        }
        self.tree.push(leaf);
        self.log.grown(&self.tree);
    }

    /// Notes what a locked ledger has besides its tables: what is in use, and who looked.
    fn note(&mut self, index: i64, at: DateTime<Utc>, event: &Event) {
        if let Event::Lookup(record) = event {
            self.lookups.push(Lookup { index: index.unsigned_abs(), at, record: record.clone() });
        }
        let is_partly_read = self.lock.is_some_and(|lock| lock.access != Access::Investigator);
        if let Some(blind) = self.lock.and_then(Lock::blind_if_there) {
            let added = if let Event::Number(record) = event { Some(record.number.as_str()) } else { None };
            self.used.see(blind, &taken(event), added);
            if let (Event::Reserved(PlantingRecord { canaries: Some(made), .. }), true) = (event, is_partly_read) {
                self.used.see_made(made.count);
            }
        }
    }

    fn head(&mut self, (size, root, edge): &Head) {
        if *size != self.tree.size() as i64 || root[..] != self.tree.root()[..] || *edge != self.tree.edge_bytes() {
            self.fault(Fault::HeadWrong { size: *size });
        } else if !self.is_broken {
            self.stands = self.tree.size();
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.is_broken = true;
        self.faults.add(fault);
    }
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
