//! The tables of each version of the ledger, and how an older ledger gets them.
//!
//! Entries never change; a newer version only has more tables, which are filled from what is there.

use std::path::Path;

use rusqlite::{Connection, Result, TransactionBehavior};

use super::error::StoreError;
use super::{SCHEMA_VERSION, TABLES, counts, project};
use crate::ledger::{Entry, Event};

/// Tables of version 1 come first in [`TABLES`].
const TABLES_1: usize = 13;

/// What lays the tables, in the order of versions.
pub(super) const TABLES_SQL: [&str; 3] =
    [include_str!("schema.sql"), include_str!("schema_2.sql"), include_str!("schema_3.sql")];
/// What a locked ledger has besides: tags of what is in use.
const LOCKED_SQL: &str = include_str!("schema_locked.sql");

/// Lays all tables of today's version into an empty database.
pub(super) fn lay(db: &Connection) -> Result<()> {
    TABLES_SQL.iter().try_for_each(|text| db.execute_batch(text))?;
    db.execute_batch(&append_only_triggers(&TABLES))?;
    db.pragma_update(None, "user_version", SCHEMA_VERSION)
}

/// Lays what a locked ledger has besides; its rows are written anew and not only added to, so that no trigger keeps them.
pub(super) fn lay_locked(db: &Connection) -> Result<()> {
    db.execute_batch(LOCKED_SQL)
}

/// Brings an older ledger up to date in one transaction; another program may have done it meanwhile.
pub(super) fn migrate(db: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let of = |source| StoreError::of(path, source);
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(of)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(of)?;
    if version == 1 {
        transaction.execute_batch(include_str!("schema_2.sql")).map_err(of)?;
        transaction.execute_batch(&append_only_triggers(&TABLES[TABLES_1..])).map_err(of)?;
        let first = transaction.query_row("SELECT body, openings FROM entry WHERE idx = 0", [], |row| {
            Ok(Entry { body: row.get(0)?, openings: row.get(1)? })
        });
        // Of what the new tables tell, a ledger of version 1 knows only its key: the first entry.
        let (at, event) = Event::read(&first.map_err(of)?).map_err(|source| StoreError::Entry { index: 0, source })?;
        project::put(&transaction, &project::project(&event, at)).map_err(of)?;
    }
    if version < SCHEMA_VERSION {
        transaction.execute_batch(include_str!("schema_3.sql")).map_err(of)?;
        transaction.execute_batch(counts::FILL).map_err(of)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(of)?;
    }
    transaction.commit().map_err(of)
}

/// Keeps `tables` from being changed or deleted from.
pub(super) fn append_only_triggers(tables: &[&str]) -> String {
    let trigger = |table: &str, act: &str| {
        format!(
            "CREATE TRIGGER {table}_no_{} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;\n",
            act.to_ascii_lowercase()
        )
    };
    tables.iter().map(|table| trigger(table, "UPDATE") + &trigger(table, "DELETE")).collect()
}
