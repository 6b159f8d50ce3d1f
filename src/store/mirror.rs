//! The tables of a locked ledger: in memory, filled at each opening with what the keys at hand can read.
//!
//! They have the names of the tables in the file, which stay empty, so every question is asked as ever. Before each
//! transaction they are brought up to what other programs have entered since.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result as SqlResult, params};

use super::counts::{Counted, Counts};
use super::envelope::Opener;
use super::error::StoreError;
use super::lock::{Access, Lock};
use super::mark::NumberMark;
use super::migrate::TABLES_SQL;
use super::project::{self, NewRow};
use crate::id::{CanaryId, PlantingId};
use crate::ledger::{Entry, Event, LedgerError, PlantingRecord, kind_of};

/// Lays the empty tables.
pub(super) fn lay(db: &Connection, lock: &Lock) -> SqlResult<()> {
    db.pragma_update(None, "temp_store", "MEMORY")?;
    // Of what cannot be read, some rows refer to nothing.
    db.pragma_update(None, "foreign_keys", lock.access == Access::Investigator)?;
    for text in TABLES_SQL {
        db.execute_batch(&text.replace("CREATE TABLE ", "CREATE TEMP TABLE "))?;
    }
    db.execute_batch("DROP TABLE temp.entry")
}

/// Brings the tables up to the last entry of the file; within a transaction.
pub(super) fn catch_up(db: &Connection, lock: &Lock, path: &Path) -> Result<(), StoreError> {
    let of = |source| StoreError::of(path, source);
    let size = |of: &str| format!("SELECT coalesce(max(size), 0) FROM {of}.head");
    let [known, size] =
        [size("temp"), size("main")].map(|sql| db.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_err(of));
    let (known, size) = (known?, size?);
    if known >= size {
        return Ok(());
    }
    let mut entries = db
        .prepare_cached("SELECT idx, body, openings FROM main.entry WHERE idx >= ?1 AND idx < ?2 ORDER BY idx")
        .map_err(of)?;
    let mut rows = entries.query([known, size]).map_err(of)?;
    let (mut opener, mut counts) = (Opener::new(lock), Counts::default());
    let mut is_pool_changed = false;
    while let Some(row) = rows.next().map_err(of)? {
        let index = row.get::<_, i64>(0).map_err(of)?.unsigned_abs();
        let (body, stored): (Vec<u8>, Vec<u8>) = (row.get(1).map_err(of)?, row.get(2).map_err(of)?);
        is_pool_changed |= matches!(kind_of(&body), Some("number" | "mint" | "made" | "trap"));
        let unreadable = |source| StoreError::Entry { index, source };
        let (new, counted) = match opener.open(index, &body, &stored)? {
            Some(openings) => {
                let (at, event) = Event::read(&Entry { body, openings }).map_err(unreadable)?;
                (with_unread(lock, &event, project::project(&event, at)), Counted::of(&event, at))
            }
            None => (unopened(body).map_err(unreadable)?.into_iter().collect(), Vec::new()),
        };
        project::put(db, &new).map_err(of)?;
        counted.iter().try_for_each(|one| counts.see(db, one)).map_err(of)?;
    }
    counts.put(db).map_err(of)?;
    db.execute("INSERT INTO temp.head SELECT size, root, edge FROM main.head WHERE size = ?1", [size]).map_err(of)?;
    if is_pool_changed && lock.access == Access::Planter {
        mark_used(db, lock, path)?;
    }
    Ok(())
}

/// Adds to what follows from an event the canaries that it announces, where only their ids can be read.
fn with_unread(lock: &Lock, event: &Event, mut rows: Vec<NewRow>) -> Vec<NewRow> {
    if let (Access::Planter, Event::Reserved(PlantingRecord { planting, canaries: Some(made), .. })) =
        (lock.access, event)
    {
        rows.extend(made.ids().map(|id| project::unread_canary(id, *planting)));
    }
    rows
}

/// Gives the row of an entry that cannot be opened: of a canary its id, of a finished file its hash.
fn unopened(body: Vec<u8>) -> Result<Option<NewRow>, LedgerError> {
    let kind = kind_of(&body).map(str::to_string);
    let lines = Entry { body, openings: Vec::new() }.open_lines()?;
    let line = |name: &str| lines.get(name).ok_or_else(|| LedgerError::BadLine { name: name.to_string() });
    let bad = |name: &str| LedgerError::BadLine { name: name.to_string() };
    let planting = || line("planting")?.parse::<PlantingId>().map_err(|_| bad("planting"));
    Ok(match kind.as_deref() {
        Some("mint") => {
            let canary: CanaryId = line("canary")?.parse().map_err(|_| bad("canary"))?;
            Some(project::unread_canary(canary, planting()?))
        }
        Some("sealed") => {
            let at: DateTime<Utc> = line("at")?.parse().map_err(|_| bad("at"))?;
            let rows = line("rows")?.parse().map_err(|_| bad("rows"))?;
            Some(project::unread_seal(planting()?, line("sha256")?, rows, at))
        }
        Some(_) | None => None,
    })
}

/// Marks the numbers that are in use, be it as canaries or as traps.
fn mark_used(db: &Connection, lock: &Lock, path: &Path) -> Result<(), StoreError> {
    let of = |source| StoreError::of(path, source);
    let blind = lock.blind()?;
    let sql = "SELECT number FROM number n WHERE NOT EXISTS
               (SELECT 1 FROM number_mark m WHERE m.number = n.number AND m.mark = 'used')";
    let numbers: Vec<String> =
        db.prepare_cached(sql).and_then(|mut found| found.query_map([], |row| row.get(0))?.collect()).map_err(of)?;
    let mut known = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM main.used WHERE tag = ?1)").map_err(of)?;
    let mut mark =
        db.prepare_cached("INSERT INTO temp.number_mark (number, mark, at) VALUES (?1, ?2, 0)").map_err(of)?;
    for number in numbers {
        if known.query_row([blind.number(&number)], |row| row.get(0)).map_err(of)? {
            mark.execute(params![number, NumberMark::Used]).map_err(of)?;
        }
    }
    Ok(())
}
