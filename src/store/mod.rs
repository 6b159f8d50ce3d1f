//! Keeps the ledger in SQLite, and the signing key in a file beside it.
//!
//! Every change goes through [`Store::write`]: the entries, the tables that answer questions and the new tree head
//! are one transaction. All tables but two of counts are append-only, kept so by triggers.

mod check;
mod check_log;
mod check_read;
mod counts;
mod error;
mod fault;
mod foreign;
mod key;
mod migrate;
mod pool;
mod project;
mod proof;
mod read;
mod ready;
mod rows;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, config::DbConfig, params};

use counts::Counts;

use crate::ledger::{Event, Hash, Tree};

pub use check::Checked;
pub use error::StoreError;
pub use fault::Fault;
pub use foreign::{Foreign, each_foreign_row};
pub use key::{add_key, anchor_key, key_path, make_key, public_pem, sign_bytes, signing_key};
pub use pool::{StockRow, WatchRow};
pub use proof::{EntryRow, KeyRow, ReceiptRow, SealRow, StampRow};
pub use read::Reader;
pub use ready::Ready;
pub use rows::{CanaryRow, CohortRow, MadeRow, NumberRow, PlantingRow, PlantingState, ReceivedRow, SeenRow};

/// Marks the file as ours in its SQLite header: "CNRY".
const APPLICATION_ID: i64 = 0x434E_5259;
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
}

/// A transaction under way: what is appended here is kept whole or not at all.
pub struct Writing<'a> {
    transaction: rusqlite::Transaction<'a>,
    path: &'a Path,
    before: u64,
    tree: Tree,
    counts: Counts,
    at: DateTime<Utc>,
    rng: &'a mut dyn Rng,
}

impl Store {
    /// Makes a new, empty ledger at `path`, readable by its owner only.
    pub fn create(path: &Path) -> Result<Store, StoreError> {
        check_sqlite()?;
        create_private(path)?;
        let made = Store::lay_tables(path);
        if made.is_err() {
            std::fs::remove_file(path).map_err(|source| StoreError::File { path: path.to_path_buf(), source })?;
        }
        made
    }

    fn lay_tables(path: &Path) -> Result<Store, StoreError> {
        let of = |source| StoreError::of(path, source);
        let connection = connect(path)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(of)?;
        connection.execute_batch("BEGIN IMMEDIATE").map_err(of)?;
        migrate::lay(&connection).map_err(of)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(of)?;
        connection.execute_batch("COMMIT").map_err(of)?;
        Ok(Store { connection, path: path.to_path_buf() })
    }

    /// Opens the ledger at `path`.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
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
        if pragma("application_id")? != APPLICATION_ID {
            return Err(StoreError::NotALedger { path });
        }
        let version = pragma("user_version")?;
        if version > SCHEMA_VERSION {
            return Err(StoreError::Newer { path, version });
        }
        if version < SCHEMA_VERSION {
            migrate::migrate(&mut connection, &path)?;
        }
        Ok(Store { connection, path })
    }

    /// Gives the path the ledger was opened at.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks questions.
    pub fn read(&self) -> Reader<'_> {
        Reader::new(&self.connection, &self.path)
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
        let path = self.path.as_path();
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|source| StoreError::of(path, source))?;
        let tree = load_tree(&transaction, path)?;
        let mut writing = Writing { transaction, path, before: tree.size(), tree, counts: Counts::default(), at, rng };
        let done = work(&mut writing)?;
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
        check::check(&self.connection, &self.path, kept, seen)
    }

    /// Writes a consistent copy to a new file while the ledger stays in use; durable on return. Counts its entries.
    pub fn copy_to(&self, target: &Path) -> Result<u64, StoreError> {
        let file_error = |source: std::io::Error| StoreError::File { path: target.to_path_buf(), source };
        let text = target.to_str().ok_or_else(|| file_error(std::io::ErrorKind::InvalidFilename.into()))?;
        let file = create_private(target)?;
        // SQLite copies into an empty file as into none, and this one nobody else could ever read.
        let copied = self.connection.execute("VACUUM INTO ?1", [text]).map_err(|source| StoreError::of(target, source));
        let kept = copied.and_then(|_| file.sync_all().map_err(file_error)).and_then(|()| entries_in(target));
        if kept.is_err() {
            std::fs::remove_file(target).map_err(file_error)?;
        }
        kept
    }
}

impl Writing<'_> {
    /// Asks questions within the transaction.
    pub fn read(&self) -> Reader<'_> {
        Reader::new(&self.transaction, self.path)
    }

    /// Gives the tree over all entries so far.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Counts the entries that were there when the transaction began.
    pub fn began_at(&self) -> u64 {
        self.before
    }

    /// Gives the time that this transaction's entries bear.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Draws a secret of 32 random bytes.
    pub fn draw(&mut self) -> [u8; 32] {
        let mut secret = [0; 32];
        self.rng.fill_bytes(&mut secret);
        secret
    }

    /// Appends one fact: its entry, its leaf, and the row that answers questions about it.
    pub fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        let ready = Ready::new(event, self.at, &mut *self.rng);
        self.append_ready(&ready)
    }

    /// Appends one fact that was made ready for this transaction's time.
    pub fn append_ready(&mut self, ready: &Ready) -> Result<(), StoreError> {
        let Ready { entry, leaf, row, counted } = ready;
        let index = self.tree.size() as i64;
        let entered = self
            .transaction
            .prepare_cached("INSERT INTO entry (idx, body, openings) VALUES (?1, ?2, ?3)")
            .and_then(|mut insert| insert.execute(params![index, entry.body, entry.openings]));
        let projected = entered.and_then(|_| project::put(&self.transaction, row.as_ref()));
        let counted = projected.and_then(|()| match counted {
            Some(counted) => self.counts.see(&self.transaction, counted),
            None => Ok(()),
        });
        counted.map_err(|source| StoreError::of(self.path, source))?;
        self.tree.push(*leaf);
        Ok(())
    }

    fn save_head(&self) -> Result<(), StoreError> {
        self.transaction
            .execute(
                "INSERT INTO head (size, root, edge) VALUES (?1, ?2, ?3)",
                params![self.tree.size() as i64, self.tree.root(), self.tree.edge_bytes()],
            )
            .map_err(|source| StoreError::of(self.path, source))?;
        Ok(())
    }
}

/// Counts the entries of a copy that nobody writes to.
fn entries_in(copy: &Path) -> Result<u64, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags).map_err(|source| StoreError::of(copy, source))?;
    Reader::new(&connection, copy).entries()
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

fn load_tree(connection: &Connection, path: &Path) -> Result<Tree, StoreError> {
    let head: Option<(i64, Hash, Vec<u8>)> = connection
        .query_row("SELECT size, root, edge FROM head ORDER BY size DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()
        .map_err(|source| StoreError::of(path, source))?;
    let Some((size, root, edge)) = head else { return Ok(Tree::default()) };
    let tree = Tree::from_edge(size.unsigned_abs(), &edge).filter(|tree| tree.root() == root);
    tree.ok_or(StoreError::BadHead)
}
