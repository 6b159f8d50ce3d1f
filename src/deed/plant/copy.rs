//! Writes one seeded copy to a temporary file, makes it durable, and checks that it can be undone.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use super::super::files::file_sha256;
use super::super::folder::{Folder, create_private};
use super::super::source::Source;
use super::super::stream_hash::LONG_BYTES;
use super::super::{DeedError, ListFault, Watcher};
use crate::ledger::{GrownRows, RowsTree};
use crate::list::book::{Book, BookError, Seeded, Target, Tried};
use crate::list::text::{Serial, TextError};
use crate::list::{Counting, NewRow, Row, Shape, ordinals_in_copy};

use super::text_copy::{Finished, TextCopy};
use super::undo::fit_for_the_ledger;

/// The rows of a copy and the column that counts them.
pub(super) struct NewRows<'a> {
    pub(super) rows: &'a [NewRow],
    pub(super) serial: Option<Serial>,
    /// Ordinal of the last data row of the input.
    pub(super) last: u64,
    /// What was found out when the rows were tried, if it was kept.
    pub(super) tried: Option<&'a Tried>,
    /// What the salts of the tree over all rows are derived from; without it no such tree is grown.
    pub(super) rows_key: Option<[u8; 32]>,
}

/// A copy that is durable and checked.
pub(super) struct Copied {
    /// In hex.
    pub(super) sha256: String,
    /// What undoing it needs besides the file.
    pub(super) undo: Option<String>,
    /// The tree over its rows, of which those that are new in it are kept, in order.
    pub(super) grown: Option<GrownRows>,
}

impl NewRows<'_> {
    fn target<'s>(&self, sheet: &'s str, first: u64) -> Target<'s> {
        let counting = self.serial.map_or(Counting::Up, |serial| serial.counting);
        Target { sheet, first, last: self.last, serial: self.serial.map(|serial| serial.column), counting }
    }

    /// Begins the tree over the rows of the copy; the new ones are to be kept.
    pub(super) fn tree(&self) -> Option<RowsTree> {
        let numbers: Vec<u64> = ordinals_in_copy(self.rows).into_iter().map(|ordinal| ordinal + 1).collect();
        self.rows_key.map(|key| RowsTree::new(key, &numbers))
    }
}

/// Writes the copy to `temp`, makes it durable and checks it.
pub(super) fn write_copy(
    source: &mut Source,
    new: &NewRows<'_>,
    temp: &Path,
    folder: &Folder,
    watcher: &mut Watcher,
) -> Result<Copied, DeedError> {
    let mut file = create_private(temp)?;
    let path = source.path.clone();
    let total = source.bytes();
    let shape = source.shape;
    let sheet = source.sheet.clone();
    let layout_first = source.layout.first;
    let mut undo = None;
    let grown;
    let sha256 = match shape {
        Shape::Text(dialect) => {
            let fault = |error: TextError| list_or_write(error, &path, temp);
            let copy = TextCopy { file: &file, list: source.file(), dialect, new };
            let Finished { written, durable, checked, rows } =
                if total < LONG_BYTES { copy.step_by_step(watcher) } else { copy.at_once(watcher) };
            written.map_err(fault)?;
            durable.map_err(|error| DeedError::Write { path: temp.to_path_buf(), source: error })?;
            grown = rows.map_err(fault)?;
            checked.map_err(fault)?
        }
        Shape::Book => {
            let fault = |error: BookError| book_or_write(error, &path, temp);
            let mut book = Book::open(source.reopen()?).map_err(fault)?;
            let target = new.target(&sheet, layout_first);
            let seeded = match new.tried {
                Some(tried) => book.seed_tried(tried, &mut file),
                None => book.seed(&target, new.rows, &mut file),
            };
            let seeded = seeded.map_err(fault)?;
            file.sync_all().map_err(|error| DeedError::Write { path: temp.to_path_buf(), source: error })?;
            undo = Some(undo_text(&fit_for_the_ledger(&seeded)));
            drop(book);
            let last = new.last + new.rows.len() as u64;
            let undoing = Undoing { target: Target { last, ..target }, seeded: &seeded };
            let (sha256, rows) = check_book((&mut file, temp), source, new, &undoing)?;
            grown = rows;
            sha256
        }
    };
    folder.sync()?;
    match sha256 {
        Some(sha256) => Ok(Copied { sha256, undo, grown }),
        None => {
            source.check_unchanged()?;
            Err(DeedError::List { path, source: ListFault::NotReversible })
        }
    }
}

/// Refuses a book that the rows could not be written into, before anything is entered or written.
pub(super) fn try_copy(source: &mut Source, new: &NewRows<'_>) -> Result<Option<Tried>, DeedError> {
    match source.shape {
        Shape::Text(_) => Ok(None),
        Shape::Book => {
            let path = source.path.clone();
            let fault = |error: BookError| DeedError::List { path: path.clone(), source: error.into() };
            let (sheet, first) = (source.sheet.clone(), source.layout.first);
            let mut book = Book::open(source.reopen()?).map_err(fault)?;
            book.try_seed(&new.target(&sheet, first), new.rows).map(Some).map_err(fault)
        }
    }
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

fn undo_text(seeded: &Seeded) -> String {
    serde_json::to_string(seeded).expect("texts and counts always become JSON")
}

/// How a seeded book is undone: what the ledger keeps, and all that could not be kept in it.
struct Undoing<'a> {
    target: Target<'a>,
    seeded: &'a Seeded,
}

/// Compares what taking the new rows out again gives with the input; gives the SHA-256 in hex of a copy that is undone,
/// and the tree over its rows.
fn check_book(
    (file, temp): (&mut File, &Path),
    source: &mut Source,
    new: &NewRows<'_>,
    undoing: &Undoing<'_>,
) -> Result<(Option<String>, Option<GrownRows>), DeedError> {
    let list = source.path.clone();
    let fault = |error: BookError| book_or_write(error, &list, temp);
    let places: HashSet<u64> = ordinals_in_copy(new.rows).into_iter().collect();
    let (mut tree, mut line) = (new.tree(), Vec::new());
    let mut is_new = |row: &Row<'_>| {
        if let Some(tree) = &mut tree {
            row.one_line(&mut line);
            tree.add(row.ordinal + 1, &line);
        }
        places.contains(&row.ordinal)
    };
    let input = source.reopen()?;
    let removed = Book::open(&mut *file)
        .and_then(|mut book| book.is_undone(&undoing.target, &mut is_new, undoing.seeded, input))
        .map_err(fault)?;
    let sha256 = if removed == Some(new.rows.len() as u64) { Some(file_sha256(temp)?) } else { None };
    Ok((sha256, tree.map(RowsTree::finish)))
}
