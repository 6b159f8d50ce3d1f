//! Re-reads the whole ledger and recomputes what can be recomputed.
//!
//! SQLite's own integrity check misses most flipped bits and every lost tail, so it is only one of the
//! checks: every commitment is opened, the tree is grown again from the bodies and compared with
//! every head, and the tables are rebuilt from the entries and compared row by row.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Result};

use super::check_log::LogCheck;
use super::check_read::{ReadAhead, ReadEntry};
use super::counts::Counts;
use super::error::StoreError;
use super::fault::Fault;
use super::lock::Lock;
use super::{COUNTS, TABLES, migrate, project};
use crate::ledger::{Hash, Tree};

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
    let (tree, log, counts) = (Tree::default(), LogCheck::new(kept), Counts::default());
    let mut replay = Replay { tree, counts, log, lock, faults: &mut faults, stands: 0, unopened: 0, is_broken: false };
    replay.run(db, &rebuilt, seen).map_err(of)?;
    let Replay { tree, log, stands, unopened, .. } = replay;
    let stands = stands.min(log.compare(&tree, &mut faults));
    for table in TABLES.into_iter().chain(COUNTS).filter(|table| !matches!(*table, "entry" | "head")) {
        compare(db, &rebuilt, table, &mut faults).map_err(of)?;
    }
    Ok(Checked {
        entries: tree.size(),
        root: tree.root(),
        faults: faults.first,
        more_faults: faults.more,
        stands,
        sealed: log.sealed.min(stands),
        unopened,
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
}

impl Replay<'_, '_> {
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
        let ReadEntry { index, leaf, told } = read;
        if index != self.tree.size() as i64 {
            self.fault(Fault::EntryMissing { index: self.tree.size(), next: index });
        }
        match told {
            Ok(None) => self.unopened += 1,
            Ok(Some((event, row, counted))) => {
                if let Some(fault) = self.log.see(index, &self.tree, &event) {
                    // Whoever wrote a wrong checkpoint may have written the heads before it as well.
                    if !self.is_broken {
                        self.stands = self.stands.min(self.log.sealed);
                    }
                    self.fault(fault);
                }
                // The tables of a locked ledger are empty in its file.
                let (row, counted) = if self.lock.is_none() { (row, counted) } else { (None, None) };
                let put = project::put(rebuilt, row.as_ref()).and_then(|()| match &counted {
                    Some(counted) => self.counts.see(rebuilt, counted),
                    None => Ok(()),
                });
                if let Err(source) = put {
                    self.fault(Fault::EntryUnfounded { index, source });
                }
            }
            Err(source) => self.fault(Fault::EntryUnreadable { index, source }),
        }
        self.tree.push(leaf);
        self.log.grown(&self.tree);
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
