//! Keeps the ledger in SQLite, and the signing key in a file beside it.
//!
//! Every change goes through [`Store::write`]: the entries, the tables that answer questions and the new tree head
//! are one transaction. All tables but two of counts are append-only, kept so by triggers.

mod check;
mod check_log;
mod check_read;
mod counts;
mod envelope;
mod error;
mod fault;
mod foreign;
mod hospitals;
mod key;
mod known;
mod lock;
mod mark;
mod migrate;
mod mirror;
mod people;
mod plantings;
mod pool;
mod project;
mod proof;
mod read;
mod ready;
mod rows;
mod used;
mod writing;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use crate::ledger::LockRecord;
use counts::Counts;
use envelope::Encloser;
use lock::Lock;
use writing::load_tree;

pub use check::{Checked, Lookup};
pub use error::StoreError;
pub use fault::Fault;
pub use foreign::{Foreign, each_foreign_row};
pub use key::{
    add_key, anchor_key, key_path, make_key, make_locked_key, new_key_pem, public_pem, read_key_pem, sign_bytes,
    signing_key,
};
pub use lock::Access;
pub use people::People;
pub use pool::{StockRow, WatchRow};
pub use proof::{EntryRow, KeyRow, ReceiptRow, SealRow, StampRow};
pub use read::Reader;
pub use ready::Ready;
pub use rows::{CanaryRow, CohortRow, MadeRow, NumberRow, PlantingRow, PlantingState, ReceivedRow, SeenRow};
pub use writing::Writing;

/// Marks the file as ours in its SQLite header: "CNRY".
const APPLICATION_ID: i64 = 0x434E_5259;
/// Marks a locked ledger, "CNRL": a program that knows of no locks must not write into it.
const APPLICATION_ID_LOCKED: i64 = 0x434E_524C;
/// The version of the tables.
const SCHEMA_VERSION: i64 = 3;
/// First SQLite without the WAL-reset bug that can lose committed rows.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// How long a writer waits for another one.
const BUSY_WAIT: Duration = Duration::from_secs(30);
/// Memory for pages of the file. An index by number is written all over, and pages that are pushed out are written twice.
const CACHE_KIB: i64 = 16 * 1024;
/// Tables in which nothing is ever changed or deleted.
const TABLES: [&str; 17] = [
    "entry",
    "head",
    "holder",
    "flow",
    "line",
    "number",
    "number_mark",
    "planting",
    "planting_step",
    "canary",
    "received",
    "contact",
    "stray",
    "log_key",
    "seal",
    "receipt",
    "stamp",
];

/// Tables whose counts are added to.
const COUNTS: [&str; 2] = ["arrival", "cohort"];

/// An open ledger.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    lock: Option<Lock>,
}

impl Store {
    /// Makes a new, empty ledger at `path`, readable by its owner only.
    pub fn create(path: &Path) -> Result<Store, StoreError> {
        Store::make(path, None)
    }

    /// Makes a new, empty ledger that is locked; its second entry must be `record`.
    pub fn create_locked(path: &Path, record: &LockRecord) -> Result<Store, StoreError> {
        Store::make(path, Some(Lock::new(record, path, None)?))
    }

    /// Tells whether a text is a public key that a ledger can be locked to.
    pub fn check_recipient(text: &str) -> Result<(), StoreError> {
        lock::recipient(text).map(|_| ())
    }

    fn make(path: &Path, lock: Option<Lock>) -> Result<Store, StoreError> {
        check_sqlite()?;
        create_private(path)?;
        let made = Store::lay_tables(path, lock);
        if made.is_err() {
            std::fs::remove_file(path).map_err(|source| StoreError::File { path: path.to_path_buf(), source })?;
        }
        made
    }

    fn lay_tables(path: &Path, lock: Option<Lock>) -> Result<Store, StoreError> {
        let of = |source| StoreError::of(path, source);
        let connection = connect(path)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(of)?;
        connection.execute_batch("BEGIN IMMEDIATE").map_err(of)?;
        migrate::lay(&connection).map_err(of)?;
        let id = match &lock {
            Some(_) => {
                migrate::lay_locked(&connection).map_err(of)?;
                APPLICATION_ID_LOCKED
            }
            None => APPLICATION_ID,
        };
        connection.pragma_update(None, "application_id", id).map_err(of)?;
        connection.execute_batch("COMMIT").map_err(of)?;
        if let Some(lock) = &lock {
            mirror::lay(&connection, lock).map_err(of)?;
        }
        Ok(Store { connection, path: path.to_path_buf(), lock })
    }

    /// Opens the ledger at `path`; a locked one as far as its key opens it.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        Store::open_with(path, None)
    }

    /// Opens the ledger at `path`; a locked one as far as its key, and the age identity in the file `identity`, open it.
    pub fn open_with(path: &Path, identity: Option<&Path>) -> Result<Store, StoreError> {
        let mut store = Store::open_unread(path, identity)?;
        if let Some(lock) = &store.lock {
            if lock.access == Access::Nobody {
                return Err(StoreError::KeyMissing { path: key_path(path) });
            }
            mirror::lay(&store.connection, lock).map_err(|source| StoreError::of(path, source))?;
            store.catch_up()?;
        }
        Ok(store)
    }

    /// Opens the ledger at `path` to be checked: of a locked one nothing is read yet.
    pub fn open_unread(path: &Path, identity: Option<&Path>) -> Result<Store, StoreError> {
        check_sqlite()?;
        let path = path.to_path_buf();
        if !path.exists() {
            return Err(StoreError::Missing { path });
        }
        if !path.is_file() {
            return Err(StoreError::NotALedger { path });
        }
        let mut connection = connect(&path)?;
        let of = |source| StoreError::of(&path, source);
        let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(of);
        let id = pragma("application_id")?;
        if id != APPLICATION_ID && id != APPLICATION_ID_LOCKED {
            return Err(StoreError::NotALedger { path });
        }
        let version = pragma("user_version")?;
        if version > SCHEMA_VERSION {
            return Err(StoreError::Newer { path, version });
        }
        if version < SCHEMA_VERSION {
            migrate::migrate(&mut connection, &path)?;
        }
        let lock = Lock::of(&connection, &path, identity)?;
        // A ledger that should be locked and does not say to whom, or the other way round, is none that was made here.
        if lock.is_some() != (id == APPLICATION_ID_LOCKED) {
            return Err(StoreError::NotALedger { path });
        }
        if lock.is_some() {
            connection.pragma_update(None, "secure_delete", true).map_err(of)?;
        }
        Ok(Store { connection, path, lock })
    }

    /// Closes the ledger, with all of it in its one file; it must be open nowhere else.
    pub fn close(self) -> Result<(), StoreError> {
        let Store { connection, path, .. } = self;
        let of = |source| StoreError::of(&path, source);
        let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(of)?;
        connection.close().map_err(|(_, source)| of(source))?;
        match busy {
            false => Ok(()),
            true => Err(StoreError::File { path, source: std::io::ErrorKind::ResourceBusy.into() }),
        }
    }

    /// Tells what of the ledger can be read.
    pub fn access(&self) -> Access {
        self.lock.as_ref().map_or(Access::Clear, |lock| lock.access)
    }

    /// Reads what other programs have entered since, which a locked ledger does not see by itself.
    pub fn catch_up(&mut self) -> Result<(), StoreError> {
        let Some(lock) = &self.lock else { return Ok(()) };
        let of = |source| StoreError::of(&self.path, source);
        let transaction = self.connection.transaction().map_err(of)?;
        mirror::catch_up(&transaction, lock, &self.path)?;
        transaction.commit().map_err(of)
    }

    /// Gives the path the ledger was opened at.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks questions.
    pub fn read(&self) -> Reader<'_> {
        Reader::new(&self.connection, &self.path, self.lock.as_ref())
    }

    /// Runs `work` in one transaction; whatever fails in it undoes all of it.
    ///
    /// Takes the write lock at once, so that what `work` reads cannot change under it.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        at: DateTime<Utc>,
        rng: &mut dyn Rng,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // Kept even if `work` fails: whoever tries again must see why.
        self.catch_up()?;
        let (path, lock) = (self.path.as_path(), self.lock.as_ref());
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|source| StoreError::of(path, source))?;
        if let Some(lock) = lock {
            mirror::catch_up(&transaction, lock, path)?;
        }
        let tree = load_tree(&transaction, path)?;
        let (encloser, counts) = (Encloser::default(), Counts::default());
        let mut writing =
            Writing { transaction, path, lock, encloser, before: tree.size(), tree, counts, at, rng, has_taken: false };
        let done = work(&mut writing)?;
        if let (true, Some(lock)) = (writing.has_taken, lock) {
            used::sort(&writing.transaction, lock.blind()?).map_err(|source| StoreError::of(path, source))?;
        }
        if writing.tree.size() > writing.before {
            writing.counts.put(&writing.transaction).map_err(|source| StoreError::of(path, source))?;
            writing.save_head()?;
        }
        writing.transaction.commit().map_err(|source| StoreError::of(path, source))?;
        Ok(done)
    }

    /// Re-reads everything and recomputes what can be recomputed.
    ///
    /// `kept` are checkpoints that were kept elsewhere, each with a name to tell it by.
    pub fn check(&self, kept: &[(String, Vec<u8>)], seen: &mut dyn FnMut(u64)) -> Result<Checked, StoreError> {
        check::check((&self.connection, &self.path), self.lock.as_ref(), kept, seen)
    }

    /// Writes a consistent copy to a new file while the ledger stays in use; durable on return. Counts its entries.
    pub fn copy_to(&self, target: &Path) -> Result<u64, StoreError> {
        let file_error = |source: std::io::Error| StoreError::File { path: target.to_path_buf(), source };
        let text = target.to_str().ok_or_else(|| file_error(std::io::ErrorKind::InvalidFilename.into()))?;
        let file = create_private(target)?;
        // SQLite copies into an empty file as into none, and this one nobody else could ever read.
        let copy =
            |db: &Connection| db.execute("VACUUM INTO ?1", [text]).map_err(|source| StoreError::of(target, source));
        let copied = match self.lock {
            // The tables in memory have the names of those in the file, and would be in the way.
            Some(_) => connect(&self.path).and_then(|plain| copy(&plain)),
            None => copy(&self.connection),
        };
        let kept = copied.and_then(|_| file.sync_all().map_err(file_error)).and_then(|()| entries_in(target));
        if kept.is_err() {
            std::fs::remove_file(target).map_err(file_error)?;
        }
        kept
    }
}

/// Counts the entries of a copy that nobody writes to.
fn entries_in(copy: &Path) -> Result<u64, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags).map_err(|source| StoreError::of(copy, source))?;
    Reader::new(&connection, copy, None).entries()
}

/// Makes a new, empty file that only its owner may read.
fn create_private(path: &Path) -> Result<File, StoreError> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => StoreError::Exists { path: path.to_path_buf() },
        _ => StoreError::File { path: path.to_path_buf(), source },
    })
}

fn check_sqlite() -> Result<(), StoreError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(StoreError::OldSqlite { found: rusqlite::version().to_string() });
    }
    Ok(())
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let of = |source| StoreError::of(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(of)?;
    connection.busy_timeout(BUSY_WAIT).map_err(of)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(of)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).map_err(of)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(of)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(of)?;
    connection.pragma_update(None, "cell_size_check", true).map_err(of)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB).map_err(of)?;
    Ok(connection)
}
