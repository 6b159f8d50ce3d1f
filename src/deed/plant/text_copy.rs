//! Writes a seeded text list, makes it durable and reads it again: one after the other, or all at once.
//!
//! The hash and the check are of bytes read back from the file, never of those that were handed to it. The hash is
//! told only if taking the new rows out of these very bytes gives the list back.

use std::fs::File;
use std::io::{self, Read};

use super::super::stream_hash::HashedRead;
use super::super::{Stage, Watcher};
use super::behind::{Ahead, Behind, FromStart, Written};
use super::copy::NewRows;
use crate::ledger::{GrownRows, RowsTree};
use crate::list::text::{self, Dialect, Records, TextError};

/// Bytes written from which on the disk is kept busy while the rest is written.
const SYNC_BYTES: u64 = 64 * 1024 * 1024;

/// A copy that is to be written.
pub(super) struct TextCopy<'a> {
    /// The new file, empty.
    pub(super) file: &'a File,
    pub(super) list: &'a File,
    pub(super) dialect: Dialect,
    pub(super) new: &'a NewRows<'a>,
}

/// How each part of the work ended; the check gives the SHA-256 in hex of a copy that can be undone.
pub(super) struct Finished {
    pub(super) written: Result<(), TextError>,
    pub(super) durable: io::Result<()>,
    pub(super) checked: Result<Option<String>, TextError>,
    /// The tree over the copy's rows, where one is wanted.
    pub(super) rows: Result<Option<GrownRows>, TextError>,
}

impl TextCopy<'_> {
    /// Writes, syncs and checks, each when the one before has ended well.
    pub(super) fn step_by_step(&self, watcher: &mut Watcher) -> Finished {
        let written = Written::new();
        let mut finished = Finished { written: Ok(()), durable: Ok(()), checked: Ok(None), rows: Ok(None) };
        finished.written = self.write(&written, watcher);
        if finished.written.is_ok() {
            finished.durable = self.file.sync_all();
        }
        if finished.written.is_ok() && finished.durable.is_ok() {
            finished.checked = self.check(&written);
            finished.rows = self.grow(&written);
            self.tell_checked(watcher);
        }
        finished
    }

    /// Syncs and checks behind the writer, on threads of their own.
    pub(super) fn at_once(&self, watcher: &mut Watcher) -> Finished {
        let progress = Written::new();
        std::thread::scope(|scope| {
            let durable = scope.spawn(|| self.sync(&progress));
            let checked = scope.spawn(|| self.check(&progress));
            let rows = scope.spawn(|| self.grow(&progress));
            let written = self.write(&progress, watcher);
            let checked = checked.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let durable = durable.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let rows = rows.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            self.tell_checked(watcher);
            Finished { written, durable, checked, rows }
        })
    }

    fn write(&self, written: &Written, watcher: &mut Watcher) -> Result<(), TextError> {
        // First of all: those behind wait until it is dropped.
        let out = Ahead { file: self.file, written, bytes: 0 };
        let total = self.list.metadata().map_or(0, |known| known.len());
        let list = Counted { inner: FromStart { file: self.list, at: 0 }, done: 0, total, watcher };
        text::seed(list, &self.dialect, self.new.rows, self.new.serial, out)
    }

    /// Lets the disk begin long before the last byte is written; the last sync is what counts.
    fn sync(&self, written: &Written) -> io::Result<()> {
        let mut synced = 0;
        while let Some(bytes) = written.beyond(synced + SYNC_BYTES) {
            self.file.sync_data()?;
            synced = bytes;
        }
        self.file.sync_all()
    }

    /// Reads the copy: its hash, if taking the new rows out gives the list back.
    fn check(&self, written: &Written) -> Result<Option<String>, TextError> {
        let mut copy = HashedRead::new(Behind { file: self.file, written, at: 0 });
        let list = FromStart { file: self.list, at: 0 };
        let undone = text::is_undone(&mut copy, list, &self.dialect, self.new.rows, self.new.serial)?;
        Ok(undone.then(|| copy.finish()))
    }

    /// Reads the copy once more, as records, and grows the tree over them.
    fn grow(&self, written: &Written) -> Result<Option<GrownRows>, TextError> {
        let Some(mut tree) = self.new.tree() else { return Ok(None) };
        let mut records = Records::new(Behind { file: self.file, written, at: 0 }, &self.dialect);
        while let Some(row) = records.next_row()? {
            tree.add(row.ordinal + 1, row.record());
        }
        Ok(Some(RowsTree::finish(tree)))
    }

    fn tell_checked(&self, watcher: &mut Watcher) {
        let bytes = self.file.metadata().map_or(0, |known| known.len());
        watcher(Stage::Checking, bytes, Some(bytes));
    }
}

/// Tells a watcher how much of the list has been read to be written.
struct Counted<'a, R> {
    inner: R,
    done: u64,
    total: u64,
    watcher: &'a mut Watcher,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.done += len as u64;
        (self.watcher)(Stage::Writing, self.done, Some(self.total));
        Ok(len)
    }
}
