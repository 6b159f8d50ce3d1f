//! Writes a copy of a list without the canaries in it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use super::files::{CHUNK_BYTES, is_standard, look, sha256_of};
use super::folder::Folder;
use super::learn_list::{Learned, check_copy_name, learn_list, open_list, serial_of, serial_on_record};
use super::source::Source;
use super::unseen::Unseen;
use super::watched::Sieve;
use super::{DeedError, EarlierError, ListFault, Session};
use crate::ledger::InputFile;
use crate::list::book::{Book, Seeded, Target};
use crate::list::{ColumnMap, Counting, Meaning, Row, Shape, digits, text};
use crate::phone::Number;
use crate::store::{Access, PlantingRow, Store, StoreError};

/// A list to be stripped.
#[derive(Debug, Clone)]
pub struct StripOrder {
    pub list: PathBuf,
    /// The file to write; nothing for a file without a name, which the caller reads.
    pub output: Option<PathBuf>,
    pub sheet: Option<String>,
    pub map: Option<PathBuf>,
}

/// A copy without canaries.
#[derive(Debug)]
pub struct Stripped {
    pub removed: u64,
    pub output: InputFile,
    /// The copy itself, from its beginning, if it was to have no name.
    pub unnamed: Option<File>,
}

/// Writes the copy; every row that holds the number of a canary goes.
pub fn strip(session: &mut Session, order: &StripOrder) -> Result<Stripped, DeedError> {
    let store = session.open()?;
    let is_unread = store.access() == Access::Planter;
    let planted = Planted::new(match is_unread {
        true => store.read().numbers_used_unread()?,
        false => store.read().planted_numbers()?,
    });
    let shown = order.output.clone().unwrap_or_else(|| PathBuf::from("-"));
    let target = std::path::absolute(&shown).map_err(|source| DeedError::Write { path: shown.clone(), source })?;
    let folder = Folder::lock(&target)?;
    if order.output.is_some() && look(&target)?.is_some() {
        return Err(DeedError::OutputExists { path: shown });
    }
    let mut source = open_list(&order.list, order.sheet.as_deref(), order.map.as_deref())?;
    order.output.iter().try_for_each(|output| check_copy_name(&source, output))?;
    // What a workbook keeps of its canaries besides their rows, only the investigator can read.
    if is_unread && source.shape == Shape::Book {
        return Err(StoreError::Locked { path: session.db.clone() }.into());
    }
    let watch = |digits| planted.holds_digits(digits);
    let mut learned = learn_list(session, &mut source, &watch, 1, &mut |_, _, _| {})?;
    let planting = store.read().planting_of_copy(&learned.sha256)?;
    if let Some(known) = planting.as_ref().filter(|_| order.map.is_none() && !is_unread)
        && let Some(again) = opened_as_planted(&store, known, (&source, &learned))?
    {
        source = again;
        learned = learn_list(session, &mut source, &watch, 1, &mut |_, _, _| {})?;
    }
    let undo = match store.read().undo_of(&learned.sha256)? {
        Some(text) => {
            serde_json::from_str(&text).map_err(|_| DeedError::UndoUnreadable { path: order.list.clone() })?
        }
        None => None,
    };
    let mut canaries: Vec<u64> = learned.profile.watched.iter().map(|watched| watched.data_row).collect();
    canaries.dedup();
    let serial = serial_of(&learned.profile).map(|serial| serial.for_rows(canaries.len()));
    let how = How { planted: &planted, serial, last: learned.profile.last, undo };
    let whole = Whole { planting: planting.as_ref(), path: &order.list };
    let rows = |removed| learned.profile.rows - removed;
    let copy = |removed, sha256| InputFile { path: shown.display().to_string(), sha256, rows: rows(removed) };
    if order.output.is_none() {
        let mut file = folder.nameless_file()?;
        let removed = write(&mut source, &how, (&mut file, &shown))?;
        source.check_unchanged()?;
        file.rewind().map_err(|source| DeedError::Write { path: shown.clone(), source })?;
        if whole.is_due(source.shape, removed) {
            whole.check(&sha256_of(&mut file, &shown)?)?;
            file.rewind().map_err(|source| DeedError::Write { path: shown.clone(), source })?;
        }
        return Ok(Stripped { removed, output: copy(removed, String::new()), unnamed: Some(file) });
    }
    let mut unseen = Unseen::new(session, &folder, &target)?;
    let written = write(&mut source, &how, (&mut unseen.file, &shown)).and_then(|removed| {
        source.check_unchanged()?;
        unseen.file.rewind().map_err(|source| DeedError::Read { path: shown.clone(), source })?;
        let sha256 = sha256_of(&mut unseen.file, &shown)?;
        if whole.is_due(source.shape, removed) {
            whole.check(&sha256)?;
        }
        unseen.show(&folder)?;
        folder.sync()?;
        Ok(Stripped { removed, output: copy(removed, sha256), unnamed: None })
    });
    if written.is_err() {
        unseen.discard()?;
    }
    written
}

/// Opens a copy again with the serial column that its planting counted rows in; nothing if that is the one it is seen to have.
///
/// The file itself does not say: a map file may have said it.
fn opened_as_planted(
    store: &Store,
    planting: &PlantingRow,
    (source, learned): (&Source, &Learned),
) -> Result<Option<Source>, DeedError> {
    let seen = learned.profile.position(Meaning::Serial);
    let serial = serial_on_record(&store.read().canaries_in(planting.id)?, seen);
    let Some(serial) = serial.filter(|serial| Some(*serial) != seen && !is_standard(&source.path)) else {
        return Ok(None);
    };
    let sheet = Some(source.sheet.as_str()).filter(|sheet| !sheet.is_empty());
    Source::open(&source.path, sheet, &ColumnMap::of(Meaning::Serial, serial)).map(Some)
}

/// The list that a copy was made from, if the ledger knows the copy.
struct Whole<'a> {
    planting: Option<&'a PlantingRow>,
    path: &'a Path,
}

impl Whole<'_> {
    /// Tells whether a text without so many canaries must be the list that was planted into, byte for byte: no older ones stood
    /// in that.
    fn is_due(&self, shape: Shape, removed: u64) -> bool {
        let added = self.planting.and_then(|planting| planting.output_rows?.checked_sub(planting.input_rows?));
        matches!(shape, Shape::Text(_)) && added == Some(removed)
    }

    fn check(&self, sha256: &str) -> Result<(), EarlierError> {
        match self.planting {
            Some(planting) if planting.input_sha256.as_deref().is_some_and(|input| input != sha256) => {
                Err(EarlierError::OtherColumns { path: self.path.to_path_buf(), planting: planting.id })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Numbers of canaries, by the digits they are dialled with in their country.
struct Planted {
    /// Most cells of a list are told from ours by it alone.
    sieve: Sieve,
    digits: HashSet<u64>,
}

impl Planted {
    fn new(numbers: Vec<Number>) -> Planted {
        let digits: HashSet<u64> = numbers.iter().filter_map(|number| number.as_dialled().parse().ok()).collect();
        let mut sieve = Sieve::for_numbers(digits.len() as u64);
        digits.iter().for_each(|digits| sieve.put_in(*digits));
        Planted { sieve, digits }
    }

    fn holds_digits(&self, digits: u64) -> bool {
        self.sieve.may_hold(digits) && self.digits.contains(&digits)
    }

    /// Tells whether a cell holds one of the numbers.
    fn are_in(&self, row: &Row<'_>, cell: usize) -> bool {
        let is_ours = |group| digits::national_forms(group).any(|digits| self.holds_digits(digits));
        match digits::plain(row.bytes(cell)) {
            Some(group) => is_ours(group),
            None => digits::groups(&row.text(cell)).into_iter().any(is_ours),
        }
    }
}

/// What is needed to take the canaries out.
struct How<'a> {
    planted: &'a Planted,
    serial: Option<text::Serial>,
    last: u64,
    undo: Option<Seeded>,
}

fn write(source: &mut Source, how: &How<'_>, (file, shown): (&mut File, &Path)) -> Result<u64, DeedError> {
    let failed = |error: std::io::Error| DeedError::Write { path: shown.to_path_buf(), source: error };
    let path = source.path.clone();
    let fault = |source: ListFault| DeedError::List { path: path.clone(), source };
    let (shape, sheet) = (source.shape, source.sheet.clone());
    let (columns, first) = (source.layout.columns.len(), source.layout.first);
    let mut is_canary = |row: &Row<'_>| (0..columns.max(row.len())).any(|cell| how.planted.are_in(row, cell));
    let removed = match shape {
        Shape::Text(dialect) => {
            let mut out = BufWriter::with_capacity(CHUNK_BYTES, &mut *file);
            let removed = text::strip(source.reopen()?, &dialect, &mut is_canary, how.serial, &mut out);
            let removed = removed.map_err(|error| fault(error.into()))?;
            out.flush().map_err(failed)?;
            removed
        }
        Shape::Book => {
            let mut book = Book::open(source.reopen()?).map_err(|error| fault(error.into()))?;
            let counting = how.serial.map_or(Counting::Up, |serial| serial.counting);
            let serial = how.serial.map(|serial| serial.column);
            let target = Target { sheet: &sheet, first, last: how.last, serial, counting };
            let removed = book.strip(&target, &mut is_canary, how.undo.as_ref(), &mut *file);
            removed.map_err(|error| fault(error.into()))?
        }
    };
    file.sync_all().map_err(failed)?;
    Ok(removed)
}
