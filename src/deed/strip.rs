//! Writes a copy of a list without the canaries in it.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use rand::RngExt;

use super::files::{CHUNK_BYTES, file_sha256, look};
use super::folder::{Folder, create_private, remove};
use super::learn_list::{Watched, learn_list, read_map, serial_of};
use super::source::Source;
use super::{DeedError, ListFault, Session};
use crate::ledger::InputFile;
use crate::list::book::{Book, Seeded, Target};
use crate::list::{Row, Shape, text};

/// A list to be stripped.
#[derive(Debug, Clone)]
pub struct StripOrder {
    pub list: PathBuf,
    pub output: PathBuf,
    pub sheet: Option<String>,
    pub map: Option<PathBuf>,
}

/// A copy without canaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripped {
    pub removed: u64,
    pub output: InputFile,
}

/// Writes the copy; every row that holds the number of a canary goes.
pub fn strip(session: &mut Session, order: &StripOrder) -> Result<Stripped, DeedError> {
    let store = session.open()?;
    let planted = Watched::new(store.read().planted_numbers()?);
    let target =
        std::path::absolute(&order.output).map_err(|source| DeedError::Write { path: order.output.clone(), source })?;
    let folder = Folder::lock(&target)?;
    if look(&target)?.is_some() {
        return Err(DeedError::OutputExists { path: order.output.clone() });
    }
    let map = read_map(order.map.as_deref())?;
    let mut source = Source::open(&order.list, order.sheet.as_deref(), &map)?;
    let learned = learn_list(session, &mut source, &planted, 1, &mut |_, _| {})?;
    let undo = match store.read().undo_of(&learned.sha256)? {
        Some(text) => {
            serde_json::from_str(&text).map_err(|_| DeedError::UndoUnreadable { path: order.list.clone() })?
        }
        None => None,
    };
    let how = How { planted: &planted, serial: serial_of(&learned.profile), last: learned.profile.last, undo };
    let temp = target.with_file_name(format!(".{:016x}.tmp", session.rng.random::<u64>()));
    let written = write(&mut source, &how, &temp).and_then(|removed| {
        source.check_unchanged()?;
        let sha256 = file_sha256(&temp)?;
        folder.publish(&temp, &target)?;
        folder.sync()?;
        let rows = learned.profile.rows - removed;
        Ok(Stripped { removed, output: InputFile { path: order.output.display().to_string(), sha256, rows } })
    });
    if written.is_err() {
        remove(&temp)?;
    }
    written
}

/// What is needed to take the canaries out.
struct How<'a> {
    planted: &'a Watched,
    serial: Option<text::Serial>,
    last: u64,
    undo: Option<Seeded>,
}

fn write(source: &mut Source, how: &How<'_>, temp: &std::path::Path) -> Result<u64, DeedError> {
    let mut file = create_private(temp)?;
    let failed = |error: std::io::Error| DeedError::Write { path: temp.to_path_buf(), source: error };
    let path = source.path.clone();
    let fault = |source: ListFault| DeedError::List { path: path.clone(), source };
    let (shape, sheet) = (source.shape, source.sheet.clone());
    let (columns, first) = (source.layout.columns.len(), source.layout.first);
    let mut is_canary = |row: &Row<'_>| (0..columns.max(row.len())).any(|cell| how.planted.holds(row, cell));
    let removed = match shape {
        Shape::Text(dialect) => {
            let mut out = BufWriter::with_capacity(CHUNK_BYTES, &mut file);
            let removed = text::strip(source.reopen()?, &dialect, &mut is_canary, how.serial, &mut out);
            let removed = removed.map_err(|error| fault(error.into()))?;
            out.flush().map_err(failed)?;
            removed
        }
        Shape::Book => {
            let mut book = Book::open(source.reopen()?).map_err(|error| fault(error.into()))?;
            let serial = how.serial.map(|serial| serial.column);
            let target = Target { sheet: &sheet, first, last: how.last, serial };
            let removed = book.strip(&target, &mut is_canary, how.undo.as_ref(), &mut file);
            removed.map_err(|error| fault(error.into()))?
        }
    };
    file.sync_all().map_err(failed)?;
    Ok(removed)
}
