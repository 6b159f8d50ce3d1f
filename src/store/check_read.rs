//! Reads entries ahead on a thread of its own: their leaves, what they tell, and the rows that follow from them.
//!
//! Only that work is done there which needs no database; the order of the entries is kept.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use chrono::{DateTime, Utc};
use rusqlite::{Result, Rows};

use super::counts::Counted;
use super::envelope::Opener;
use super::lock::Lock;
use super::project::{NewRow, project};
use crate::ledger::{Entry, Event, Hash, LedgerError, kind_of, leaf_hash};

/// Entries that are handed over at once.
const BATCH: usize = 2048;
/// Batches on their way at once.
const BATCHES: usize = 4;

/// What an entry tells; nothing if it is locked to others.
pub(super) type Told = std::result::Result<Option<Read>, LedgerError>;

/// What was read of an entry: the event, the rows that follow from it, and what it adds to the counts.
pub(super) struct Read {
    pub(super) at: DateTime<Utc>,
    pub(super) event: Event,
    pub(super) rows: Vec<NewRow>,
    pub(super) counted: Vec<Counted>,
}

/// An entry that was read.
pub(super) struct ReadEntry {
    pub(super) index: i64,
    pub(super) leaf: Hash,
    /// Names its kind, if that can be read.
    pub(super) kind: Option<String>,
    pub(super) told: Told,
}

/// The thread's two ends, and how many batches it has.
pub(super) struct ReadAhead<'r> {
    rows: Rows<'r>,
    full: SyncSender<Vec<(i64, Entry)>>,
    done: Receiver<Vec<ReadEntry>>,
    under_way: usize,
}

impl<'r> ReadAhead<'r> {
    /// Starts the thread.
    pub(super) fn start<'s, 'e: 's>(rows: Rows<'r>, lock: Option<&'e Lock>, scope: &'s Scope<'s, 'e>) -> ReadAhead<'r> {
        let (full, batches) = sync_channel::<Vec<(i64, Entry)>>(BATCHES);
        let (give, done) = sync_channel(BATCHES);
        scope.spawn(move || {
            let mut opener = lock.map(Opener::new);
            for batch in batches {
                if give.send(batch.into_iter().map(|one| read(one, opener.as_mut())).collect()).is_err() {
                    // Nobody wants the rest.
                    return;
                }
            }
        });
        ReadAhead { rows, full, done, under_way: 0 }
    }

    /// Gives the next entries; nothing after the last.
    pub(super) fn next(&mut self) -> Result<Option<Vec<ReadEntry>>> {
        while self.under_way < BATCHES {
            let mut batch = Vec::with_capacity(BATCH);
            while batch.len() < BATCH
                && let Some(row) = self.rows.next()?
            {
                batch.push((row.get(0)?, Entry { body: row.get(1)?, openings: row.get(2)? }));
            }
            if batch.is_empty() {
                break;
            }
            self.full.send(batch).expect("the thread ends only when this end is dropped");
            self.under_way += 1;
        }
        if self.under_way == 0 {
            return Ok(None);
        }
        self.under_way -= 1;
        Ok(Some(self.done.recv().expect("the thread gives every batch back")))
    }
}

fn read((index, entry): (i64, Entry), opener: Option<&mut Opener<'_>>) -> ReadEntry {
    let leaf = leaf_hash(&entry.body);
    let kind = opener.as_ref().and_then(|_| kind_of(&entry.body)).map(str::to_string);
    let opened = match opener {
        Some(opener) => open(opener, index, entry),
        None => Ok(Some(entry)),
    };
    let told = opened.and_then(|entry| {
        let Some(entry) = entry else { return Ok(None) };
        let (at, event) = Event::read(&entry)?;
        let (rows, counted) = (project(&event, at), Counted::of(&event, at));
        Ok(Some(Read { at, event, rows, counted }))
    });
    ReadEntry { index, leaf, kind, told }
}

fn open(opener: &mut Opener<'_>, index: i64, entry: Entry) -> std::result::Result<Option<Entry>, LedgerError> {
    match opener.open(index.unsigned_abs(), &entry.body, &entry.openings) {
        Ok(Some(openings)) => Ok(Some(Entry { openings, ..entry })),
        Ok(None) => Ok(None),
        Err(_) => Err(LedgerError::BadEnvelope),
    }
}
