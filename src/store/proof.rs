//! Questions about what proves the ledger: its keys, checkpoints, receipts, stamps, and single entries.

use chrono::{DateTime, Utc};
use rusqlite::Row;

use super::envelope::Opener;
use super::error::StoreError;
use super::read::Reader;
use super::rows::time;
use crate::id::{CanaryId, PlantingId};
use crate::ledger::{CanaryOpening, Entry, Hash, ReceiptRecord, SignedHow, StampRecord};

/// A key that signs, or signed, checkpoints; in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    pub public: String,
    pub at: DateTime<Utc>,
}

/// A signed checkpoint; the root is in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealRow {
    pub size: u64,
    pub root: String,
    pub note: String,
    pub at: DateTime<Utc>,
}

/// A holder's receipt, and when it was put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRow {
    pub record: ReceiptRecord,
    pub at: DateTime<Utc>,
}

/// A time stamp, and when it was put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampRow {
    pub record: StampRecord,
    pub at: DateTime<Utc>,
}

/// An entry and its place in the log, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    pub index: u64,
    pub entry: Entry,
}

/// Looks at one entry: its place in the log, its body, its openings.
pub type SeeEntry<'v, E> = dyn FnMut(u64, &[u8], &[u8]) -> Result<(), E> + 'v;

const SEALS: &str = "SELECT size, root, note, at FROM seal";

impl Reader<'_> {
    /// Lists the keys, oldest first; the last one signs.
    pub fn log_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        self.many("SELECT public, at FROM log_key ORDER BY id", [], |row| {
            Ok(KeyRow { public: row.get(0)?, at: time(row, 1)? })
        })
    }

    /// Gives the newest checkpoint.
    pub fn last_seal(&self) -> Result<Option<SealRow>, StoreError> {
        self.one(&format!("{SEALS} ORDER BY size DESC LIMIT 1"), [], seal)
    }

    /// Gives the oldest checkpoint that covers the entry at `index`.
    pub fn seal_over(&self, index: u64) -> Result<Option<SealRow>, StoreError> {
        self.one(&format!("{SEALS} WHERE size > ?1 ORDER BY size LIMIT 1"), [index as i64], seal)
    }

    /// Lists the newest checkpoints, newest first.
    pub fn newest_seals(&self, most: usize) -> Result<Vec<SealRow>, StoreError> {
        self.many(&format!("{SEALS} ORDER BY size DESC LIMIT ?1"), [most as i64], seal)
    }

    /// Gives the checkpoint over the first `size` entries.
    pub fn seal_of(&self, size: u64) -> Result<Option<SealRow>, StoreError> {
        self.one(&format!("{SEALS} WHERE size = ?1"), [size as i64], seal)
    }

    /// Gives the root that a head has for the first `size` entries.
    pub fn head_root(&self, size: u64) -> Result<Option<Hash>, StoreError> {
        self.one("SELECT root FROM main.head WHERE size = ?1", [size as i64], |row| row.get(0))
    }

    /// Lists the receipts for a planting, oldest first.
    pub fn receipts_for(&self, planting: PlantingId) -> Result<Vec<ReceiptRow>, StoreError> {
        let sql = "SELECT planting, how, statement, signature, key, at FROM receipt WHERE planting = ?1 ORDER BY id";
        self.many(sql, [planting.0 as i64], receipt)
    }

    /// Lists the time stamps of the checkpoint over the first `size` entries, oldest first.
    pub fn stamps_of(&self, size: u64) -> Result<Vec<StampRow>, StoreError> {
        let sql = "SELECT size, token, authority, stamped_at, at FROM stamp WHERE size = ?1 ORDER BY id";
        self.many(sql, [size as i64], stamp)
    }

    /// Gives the size of the oldest time-stamped checkpoint that covers the entry at `index`.
    pub fn stamped_over(&self, index: u64) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT size FROM stamp WHERE size > ?1 ORDER BY size LIMIT 1";
        self.one(sql, [index as i64], |row| Ok(row.get::<_, i64>(0)?.unsigned_abs()))
    }

    /// Visits every entry in the order of the log; of a locked ledger, openings that are for others are left out.
    pub fn each_entry<E: From<StoreError>>(&self, visit: &mut SeeEntry<'_, E>) -> Result<(), E> {
        let of = |source| StoreError::of(self.path, source);
        let mut statement =
            self.db.prepare_cached("SELECT idx, body, openings FROM main.entry ORDER BY idx").map_err(of)?;
        let mut rows = statement.query([]).map_err(of)?;
        let mut opener = self.lock.map(Opener::new);
        while let Some(row) = rows.next().map_err(of)? {
            let blob = |column| -> rusqlite::Result<&[u8]> { Ok(row.get_ref(column)?.as_blob()?) };
            let index = row.get::<_, i64>(0).map_err(of)?.unsigned_abs();
            let (body, stored) = (blob(1).map_err(of)?, blob(2).map_err(of)?);
            match &mut opener {
                Some(opener) => visit(index, body, &opener.open(index, body, stored)?.unwrap_or_default())?,
                None => visit(index, body, stored)?,
            }
        }
        Ok(())
    }

    /// Visits the canaries of a planting by id, each as it is opened to whoever checks.
    pub fn each_opening<E: From<StoreError>>(
        &self,
        planting: PlantingId,
        visit: &mut dyn FnMut(CanaryOpening) -> Result<(), E>,
    ) -> Result<(), E> {
        let of = |source| StoreError::of(self.path, source);
        let sql = "SELECT id, number, row, record FROM canary WHERE planting = ?1 ORDER BY id";
        let mut statement = self.db.prepare_cached(sql).map_err(of)?;
        let mut rows = statement.query([planting.0 as i64]).map_err(of)?;
        while let Some(row) = rows.next().map_err(of)? {
            visit(opening(row, planting).map_err(of)?)?;
        }
        Ok(())
    }
}

fn opening(row: &Row<'_>, planting: PlantingId) -> rusqlite::Result<CanaryOpening> {
    Ok(CanaryOpening {
        canary: CanaryId(row.get::<_, i64>(0)?.unsigned_abs()),
        planting,
        number: row.get(1)?,
        row: row.get::<_, i64>(2)?.unsigned_abs(),
        record: row.get(3)?,
    })
}

fn seal(row: &Row<'_>) -> rusqlite::Result<SealRow> {
    Ok(SealRow { size: row.get::<_, i64>(0)?.unsigned_abs(), root: row.get(1)?, note: row.get(2)?, at: time(row, 3)? })
}

fn stamp(row: &Row<'_>) -> rusqlite::Result<StampRow> {
    let record = StampRecord {
        size: row.get::<_, i64>(0)?.unsigned_abs(),
        token: row.get(1)?,
        authority: row.get(2)?,
        stamped_at: time(row, 3)?,
    };
    Ok(StampRow { record, at: time(row, 4)? })
}

fn receipt(row: &Row<'_>) -> rusqlite::Result<ReceiptRow> {
    let how: String = row.get(1)?;
    let record = ReceiptRecord {
        planting: PlantingId(row.get::<_, i64>(0)?.unsigned_abs()),
        how: SignedHow::from_word(&how).ok_or(rusqlite::Error::InvalidQuery)?,
        statement: row.get(2)?,
        signature: row.get(3)?,
        key: row.get(4)?,
    };
    Ok(ReceiptRow { record, at: time(row, 5)? })
}
