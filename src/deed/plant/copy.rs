//! Writes one seeded copy to a temporary file, makes it durable, and checks that it can be undone.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::super::files::file_sha256;
use super::super::folder::{Folder, create_private};
use super::super::source::Source;
use super::super::stream_hash::{LONG_BYTES, StreamHash};
use super::super::{DeedError, ListFault, Stage, Watcher};
use crate::list::book::{Book, BookError, Seeded, Target};
use crate::list::text::{self, Dialect, Serial, TextError};
use crate::list::{NewRow, Row, Shape};

use super::parts::same_parts;
use super::undo::fit_for_the_ledger;

/// The rows of a copy and the column that counts them.
pub(super) struct NewRows<'a> {
    pub(super) rows: &'a [NewRow],
    pub(super) serial: Option<Serial>,
    /// Ordinal of the last data row of the input.
    pub(super) last: u64,
    pub(super) input_sha256: &'a str,
}

/// Writes the copy to `temp`; gives its SHA-256 in hex once it is durable and checked, and what undoing it needs.
pub(super) fn write_copy(
    source: &mut Source,
    new: &NewRows<'_>,
    temp: &Path,
    folder: &Folder,
    watcher: &mut Watcher,
) -> Result<(String, Option<String>), DeedError> {
    let mut file = create_private(temp)?;
    let written = |error: std::io::Error| DeedError::Write { path: temp.to_path_buf(), source: error };
    let path = source.path.clone();
    let total = source.bytes();
    let shape = source.shape;
    let sheet = source.sheet.clone();
    let layout_first = source.layout.first;
    let mut undo = None;
    let sha256 = match shape {
        Shape::Text(dialect) => {
            let fault = |error: TextError| list_or_write(error, &path, temp);
            let input = Counted { inner: source.reopen()?, stage: Stage::Writing, done: 0, total, watcher };
            text::seed(input, &dialect, new.rows, new.serial, &mut file).map_err(fault)?;
            let mut check = || check_text(&file, &dialect, new, watcher);
            let (durable, checked) =
                if total < LONG_BYTES { (file.sync_all(), check()) } else { beside(|| file.sync_all(), check) };
            durable.map_err(written)?;
            checked.map_err(fault)?
        }
        Shape::Book => {
            let fault = |error: BookError| book_or_write(error, &path, temp);
            let mut book = Book::open(source.reopen()?).map_err(fault)?;
            let first = layout_first;
            let target =
                Target { sheet: &sheet, first, last: new.last, serial: new.serial.map(|serial| serial.column) };
            let seeded = book.seed(&target, new.rows, &mut file).map_err(fault)?;
            file.sync_all().map_err(written)?;
            undo = Some(undo_text(&fit_for_the_ledger(&seeded)));
            drop(book);
            let last = new.last + new.rows.len() as u64;
            let undoing = Undoing { target: Target { last, ..target }, seeded: &seeded };
            check_book((&mut file, temp), source, new, &undoing, folder)?
        }
    };
    folder.sync()?;
    match sha256 {
        Some(sha256) => Ok((sha256, undo)),
        None => {
            source.check_unchanged()?;
            Err(DeedError::List { path, source: ListFault::NotReversible })
        }
    }
}

/// Does two things at once, the first on a thread of its own.
fn beside<A: Send, B>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), second)
    })
}

/// An error of the list is told of the list, one of the disk of the new file.
fn list_or_write(error: TextError, list: &Path, temp: &Path) -> DeedError {
    match error {
        TextError::Write(source) => DeedError::Write { path: temp.to_path_buf(), source },
        other => DeedError::List { path: list.to_path_buf(), source: other.into() },
    }
}

fn book_or_write(error: BookError, list: &Path, temp: &Path) -> DeedError {
    match error {
        BookError::Write { source } => DeedError::Write { path: temp.to_path_buf(), source },
        other => DeedError::List { path: list.to_path_buf(), source: other.into() },
    }
}

/// Tells a watcher how much has been read.
struct Counted<'a, R> {
    inner: R,
    stage: Stage,
    done: u64,
    total: u64,
    watcher: &'a mut Watcher,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.done += n as u64;
        (self.watcher)(self.stage, self.done, Some(self.total));
        Ok(n)
    }
}

/// Hashes what is read through it.
struct HashedRead<R> {
    inner: R,
    hash: StreamHash,
}

impl<R: Read> Read for HashedRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}

/// Reads the copy again: its hash, if taking the new rows out gives the input's hash back.
fn check_text(
    mut file: &File,
    dialect: &Dialect,
    new: &NewRows<'_>,
    watcher: &mut Watcher,
) -> Result<Option<String>, TextError> {
    file.seek(SeekFrom::Start(0)).map_err(TextError::Read)?;
    let total = file.metadata().map_or(0, |known| known.len());
    let counted = Counted { inner: file, stage: Stage::Checking, done: 0, total, watcher };
    let mut input = HashedRead { inner: counted, hash: StreamHash::new() };
    let mut places = places_in_output(new.rows).into_iter().peekable();
    let mut stripped = StreamHash::new();
    let mut is_new = |row: &Row<'_>| places.next_if_eq(&row.ordinal).is_some();
    let removed = text::strip(&mut input, dialect, &mut is_new, new.serial, &mut stripped)?;
    let undone = removed == new.rows.len() as u64 && stripped.finish() == new.input_sha256;
    Ok(undone.then(|| input.hash.finish()))
}

/// Gives the ordinals that the new rows have in the copy, in order.
fn places_in_output(rows: &[NewRow]) -> Vec<u64> {
    let mut before: Vec<u64> = rows.iter().map(|row| row.before).collect();
    before.sort_unstable();
    before.into_iter().enumerate().map(|(above, before)| before + above as u64).collect()
}

fn undo_text(seeded: &Seeded) -> String {
    serde_json::to_string(seeded).expect("texts and counts always become JSON")
}

/// How a seeded book is undone: what the ledger keeps, and all that could not be kept in it.
struct Undoing<'a> {
    target: Target<'a>,
    seeded: &'a Seeded,
}

/// Takes the new rows out again, into a file without a name, and compares every part with the input's.
fn check_book(
    (file, temp): (&mut File, &Path),
    source: &mut Source,
    new: &NewRows<'_>,
    undoing: &Undoing<'_>,
    folder: &Folder,
) -> Result<Option<String>, DeedError> {
    let list = source.path.clone();
    let fault = |error: BookError| book_or_write(error, &list, temp);
    let places: HashSet<u64> = places_in_output(new.rows).into_iter().collect();
    let mut is_new = |row: &Row<'_>| places.contains(&row.ordinal);
    let mut stripped = folder.nameless_file()?;
    let removed = Book::open(&mut *file)
        .and_then(|mut book| book.strip(&undoing.target, &mut is_new, Some(undoing.seeded), &mut stripped))
        .map_err(fault)?;
    let same =
        same_parts(&mut stripped, source.reopen()?).map_err(|source| DeedError::Read { path: list.clone(), source })?;
    let undone = removed == new.rows.len() as u64 && same;
    Ok(if undone { Some(file_sha256(temp)?) } else { None })
}
