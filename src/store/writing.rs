//! A transaction on the ledger: entries, the tables that answer questions, and the new tree head, all or nothing.

use std::path::Path;

use chrono::{DateTime, Utc};
use rand::Rng;
use rusqlite::{Connection, OptionalExtension, params};

use super::counts::Counts;
use super::envelope::Encloser;
use super::error::StoreError;
use super::lock::Lock;
use super::project;
use super::read::Reader;
use super::ready::{Ready, Taken};
use super::used;
use crate::ledger::{Checkpoint, Event, Hash, Tree};

/// A transaction under way: what is appended here is kept whole or not at all.
pub struct Writing<'a> {
    pub(super) transaction: rusqlite::Transaction<'a>,
    pub(super) path: &'a Path,
    pub(super) lock: Option<&'a Lock>,
    pub(super) encloser: Encloser,
    pub(super) before: u64,
    pub(super) tree: Tree,
    pub(super) counts: Counts,
    pub(super) at: DateTime<Utc>,
    pub(super) rng: &'a mut dyn Rng,
    /// Whether numbers of a locked ledger were taken into use.
    pub(super) has_taken: bool,
}

impl Writing<'_> {
    /// Asks questions within the transaction.
    pub fn read(&self) -> Reader<'_> {
        Reader::new(&self.transaction, self.path, self.lock)
    }

    /// Gives the path of the ledger.
    pub fn ledger(&self) -> &Path {
        self.path
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

    /// Appends one fact: its entry, its leaf, and the rows that answer questions about it.
    pub fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        let make = if self.lock.is_some() { Ready::locked } else { Ready::new };
        let ready = make(event, self.at, &mut *self.rng);
        self.append_ready(&ready)
    }

    /// Appends one fact that was made ready for this transaction's time.
    pub fn append_ready(&mut self, ready: &Ready) -> Result<(), StoreError> {
        let Ready { entry, leaf, rows, counted, .. } = ready;
        let index = self.tree.size();
        let enclosed = match self.lock {
            Some(lock) => {
                used::take(&self.transaction, self.path, lock, &ready.taken)?;
                self.has_taken |= ready.taken.iter().any(|one| matches!(one, Taken::Number(_)));
                Some(self.encloser.enclose(lock, (index, entry), ready.audience, &mut *self.rng)?)
            }
            None => None,
        };
        let entered = self
            .transaction
            .prepare_cached("INSERT INTO main.entry (idx, body, openings) VALUES (?1, ?2, ?3)")
            .and_then(|mut insert| {
                insert.execute(params![index as i64, entry.body, enclosed.as_ref().unwrap_or(&entry.openings)])
            });
        let projected = entered.and_then(|_| project::put(&self.transaction, rows));
        let counted =
            projected.and_then(|()| counted.iter().try_for_each(|one| self.counts.see(&self.transaction, one)));
        counted.map_err(|source| StoreError::of(self.path, source))?;
        self.tree.push(*leaf);
        Ok(())
    }

    /// Appends a checkpoint over all entries so far; there is a head under each, to compare the log with before the next one is signed.
    pub fn append_seal(&mut self, checkpoint: &Checkpoint, note: &str) -> Result<(), StoreError> {
        if self.tree.size() > self.before {
            self.save_head()?;
        }
        let root = hex::encode(checkpoint.root);
        self.append(&Event::Seal { size: checkpoint.size, root, note: note.to_string() })
    }

    pub(super) fn save_head(&self) -> Result<(), StoreError> {
        let save = |sql| {
            let head = params![self.tree.size() as i64, self.tree.root(), self.tree.edge_bytes()];
            self.transaction.execute(sql, head).map(|_| ()).map_err(|source| StoreError::of(self.path, source))
        };
        save("INSERT INTO main.head (size, root, edge) VALUES (?1, ?2, ?3)")?;
        match self.lock {
            Some(_) => save("INSERT INTO temp.head (size, root, edge) VALUES (?1, ?2, ?3)"),
            None => Ok(()),
        }
    }
}

/// Reads the tree that the newest head is of.
pub(super) fn load_tree(connection: &Connection, path: &Path) -> Result<Tree, StoreError> {
    let head: Option<(i64, Hash, Vec<u8>)> = connection
        .query_row("SELECT size, root, edge FROM main.head ORDER BY size DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()
        .map_err(|source| StoreError::of(path, source))?;
    let Some((size, root, edge)) = head else { return Ok(Tree::default()) };
    let tree = Tree::from_edge(size.unsigned_abs(), &edge).filter(|tree| tree.root() == root);
    tree.ok_or(StoreError::BadHead)
}
