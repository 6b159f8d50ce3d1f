//! The order of writing, for every deed that puts canaries into files.
//!
//! The ledger knows every canary, durably, before the first byte of a file that holds it exists; it knows the file's hash
//! before the file gets its name. So a file is an [`Output`] while it is only asked for, [`Reserved`] once the
//! ledger knows its canaries, and [`Published`] when it has its name.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rand::RngExt;

use super::files::look;
use super::folder::{Folder, remove};
use super::number::check_free;
use super::planting_done::PlantingDone;
use super::recover::recover;
use super::seal::seal_along;
use super::sealed_copy::seal;
use super::{DeedError, Session};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::ledger::{CanaryRange, Event, InputFile, MadeCanary, PlantingRecord, Record, SealedRows, VoidReason};
use crate::list::Meaning;
use crate::phone::Number;
use crate::store::{PlantingState, Store, StoreError, Writing};

/// Times that numbers are drawn anew because other programs were faster; each time, one of them got further.
const DRAWS_MAX: usize = 1000;

/// Most canaries of one entry. A planting of more has as many entries as the next power of two, the last of them empty.
pub(super) const MADE_MAX: usize = 1024;

/// A file that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Output {
    /// As it was asked for.
    pub(super) shown: PathBuf,
    pub(super) target: PathBuf,
    /// Hidden, beside the target, and named by chance so that nobody else's is ever taken for it.
    pub(super) temp: PathBuf,
}

/// Files that are asked for, in folders that are locked and hold nothing half done.
pub(super) struct Outputs {
    pub(super) all: Vec<Output>,
    folders: Vec<Folder>,
}

/// What is settled before anything is written.
pub(super) struct Intent {
    pub(super) holder: HolderId,
    pub(super) output: Output,
    pub(super) input: Option<InputFile>,
    pub(super) header: Vec<String>,
    pub(super) authority: Option<String>,
    /// Entries of the ledger when its free numbers were read.
    pub(super) as_of: u64,
    /// Numbers that will be given to canaries; a row with two of them counts twice.
    pub(super) numbers: u64,
}

/// A canary that is to be entered.
pub(super) struct NewCanary {
    pub(super) number: Number,
    /// Data row of the output, from 1.
    pub(super) row: u64,
    pub(super) record: Record,
}

/// A file whose planting and canaries the ledger knows.
#[derive(Debug)]
pub(super) struct Reserved {
    pub(super) planting: PlantingId,
    pub(super) holder: HolderId,
    pub(super) output: Output,
    pub(super) input: Option<InputFile>,
    pub(super) canaries: u64,
}

/// What was written under a temporary name, durably.
pub(super) struct Written {
    /// In hex.
    pub(super) sha256: String,
    pub(super) rows: u64,
    /// What taking the canaries out again needs besides the file itself.
    pub(super) undo: Option<String>,
    /// Which rows the list had, to be known again in its next export; nothing where there was no list.
    pub(super) known: Option<String>,
    /// Older canaries that came along, each with its data row.
    pub(super) received: Vec<(CanaryId, u64)>,
    /// What is kept of the tree over its rows, if one was grown.
    pub(super) row_tree: Option<SealedRows>,
    /// Numbers in use that came along, each with its data row, where it cannot be read whose canaries they are.
    pub(super) met: Vec<(Number, u64)>,
}

/// A file that has its name.
pub(super) struct Published {
    reserved: Reserved,
    written: Written,
    at: DateTime<Utc>,
}

impl Output {
    fn new(session: &mut Session, shown: PathBuf) -> Result<Output, DeedError> {
        let made = std::path::absolute(&shown);
        let target = made.map_err(|source| DeedError::Write { path: shown.clone(), source })?;
        let temp = target.with_file_name(format!(".{:016x}.tmp", session.rng.random::<u64>()));
        Ok(Output { shown, target, temp })
    }

    /// Stands for standard output.
    pub(super) fn standard() -> Output {
        let path = PathBuf::from("-");
        Output { shown: path.clone(), target: path.clone(), temp: path }
    }
}

impl Outputs {
    /// Locks the folders of the files `shown` and ends what a crash left there; refuses a file that is there already.
    pub(super) fn lock(session: &mut Session, store: &mut Store, shown: Vec<PathBuf>) -> Result<Outputs, DeedError> {
        let all = shown.into_iter().map(|shown| Output::new(session, shown)).collect::<Result<Vec<_>, _>>()?;
        // Each folder once, in one order for everybody, so that two programs never wait for each other.
        let mut targets: Vec<&Path> = all.iter().map(|output| output.target.as_path()).collect();
        targets.sort_by_key(|target| target.parent());
        targets.dedup_by_key(|target| target.parent());
        let folders = targets.into_iter().map(Folder::lock).collect::<Result<Vec<_>, _>>()?;
        recover(session, store, &folders)?;
        for output in &all {
            if look(&output.target)?.is_some() {
                return Err(DeedError::OutputExists { path: output.shown.clone() });
            }
        }
        // A folder that cannot be written to must show before any number is given away.
        folders.iter().try_for_each(|folder| folder.nameless_file().map(drop))?;
        Ok(Outputs { all, folders })
    }

    /// Gives the folder a file goes to.
    pub(super) fn folder_for(&self, output: &Output) -> Result<&Folder, DeedError> {
        let found = self.folders.iter().find(|folder| folder.holds(&output.target));
        found.ok_or_else(|| DeedError::BadOutput { path: output.target.clone() })
    }

    /// Has all files written, seals them, gives them their names and confirms them; undoes all if one fails before that.
    ///
    /// `write` puts each file under its temporary name, durably, and says what it wrote.
    pub(super) fn publish(
        &self,
        session: &mut Session,
        store: &mut Store,
        files: Vec<Reserved>,
        write: impl FnOnce(&mut Session, &Store, &[Reserved]) -> Result<Vec<Written>, DeedError>,
    ) -> Result<Vec<Published>, DeedError> {
        // What cannot be taken back now, because the disk or the ledger fails again, recovery takes back or finishes later.
        let written = match write(session, store, &files) {
            Ok(written) => written,
            Err(error) => match self.remove(&files).and_then(|()| void(session, store, &files)) {
                Ok(()) | Err(_) => return Err(error),
            },
        };
        let now = session.now();
        let sealed: Result<(), StoreError> = store.write(now, &mut session.rng, |writing| {
            files.iter().zip(&written).try_for_each(|(file, what)| seal(writing, file, what))
        });
        if let Err(error) = sealed {
            // It may have been entered all the same, and what is sealed goes only once it is void.
            match void(session, store, &files).and_then(|()| self.remove(&files)) {
                Ok(()) | Err(_) => return Err(error.into()),
            }
        }
        if let Err(error) = self.name(session, store, &files) {
            // The files are sealed: recovery finishes them, now or before the next planting.
            match recover(session, store, &self.folders) {
                Ok(()) if planted_at(store, &files)?.iter().all(Option::is_some) => {}
                Ok(()) | Err(_) => return Err(error),
            }
        }
        let at = planted_at(store, &files)?;
        let all = files.into_iter().zip(written).zip(at);
        all.map(|((reserved, written), at)| match at {
            Some(at) => Ok(Published { reserved, written, at }),
            None => Err(DeedError::PlantingLost { planting: reserved.planting }),
        })
        .collect()
    }

    fn name(&self, session: &mut Session, store: &mut Store, files: &[Reserved]) -> Result<(), DeedError> {
        for file in files {
            let folder = self.folder_for(&file.output)?;
            folder.publish(&file.output.temp, &file.output.target)?;
            folder.sync()?;
        }
        let (now, mut keys_rng) = (session.now(), session.fork());
        Ok(store.write::<_, StoreError>(now, &mut session.rng, |writing| {
            let planted = |file: &Reserved| Event::Planted { planting: file.planting };
            files.iter().try_for_each(|file| writing.append(&planted(file)))?;
            seal_along(writing, &mut keys_rng)
        })?)
    }

    /// Removes what was written under temporary names.
    fn remove(&self, files: &[Reserved]) -> Result<(), DeedError> {
        files.iter().try_for_each(|file| remove(&file.output.temp))?;
        self.folders.iter().try_for_each(Folder::sync)
    }
}

/// Enters that plantings failed.
fn void(session: &mut Session, store: &mut Store, files: &[Reserved]) -> Result<(), DeedError> {
    let why = VoidReason::Failed;
    let (now, failed) = (session.now(), |file: &Reserved| Event::Void { planting: file.planting, why });
    store.write::<_, StoreError>(now, &mut session.rng, |writing| {
        files.iter().try_for_each(|file| writing.append(&failed(file)))
    })?;
    Ok(())
}

/// Reserves; does so again, with numbers drawn anew, as often as another program took one of them first.
pub(super) fn until_free<T>(mut reserve: impl FnMut() -> Result<T, DeedError>) -> Result<T, DeedError> {
    for _ in 0..DRAWS_MAX {
        match reserve() {
            Err(DeedError::NumberTaken { .. }) => {}
            other => return other,
        }
    }
    reserve()
}

/// Enters the intent and the canaries, before any byte is written.
pub(super) fn reserve(
    writing: &mut Writing<'_>,
    intent: Intent,
    canaries: impl Iterator<Item = Result<NewCanary, DeedError>>,
) -> Result<Reserved, DeedError> {
    let canaries = canaries.collect::<Result<Vec<_>, _>>()?;
    let mut begun = Begun::new(writing, intent)?;
    let mut canaries = canaries.into_iter().peekable();
    while canaries.peek().is_some() {
        let batch: Vec<NewCanary> = canaries.by_ref().take(MADE_MAX).collect();
        if begun.is_stale {
            batch.iter().try_for_each(|new| check_free(writing, &new.number))?;
        }
        writing.append(&begun.made(batch))?;
    }
    begun.reserved(writing)
}

/// A file whose intent is entered, and whose canaries are being so.
pub(super) struct Begun {
    /// Whether the numbers may have been given away since they were read.
    pub(super) is_stale: bool,
    next: CanaryId,
    /// Behind the last canary.
    end: CanaryId,
    entries: usize,
    reserved: Reserved,
}

impl Begun {
    /// Enters the intent.
    pub(super) fn new(writing: &mut Writing<'_>, intent: Intent) -> Result<Begun, DeedError> {
        let Intent { holder, output, input, header, authority, as_of, numbers } = intent;
        let is_stale = writing.began_at() != as_of;
        let planting = writing.read().next_planting()?;
        let next = writing.read().next_canary()?;
        writing.append(&Event::Reserved(PlantingRecord {
            planting,
            holder: holder.clone(),
            input: input.clone(),
            final_path: output.target.display().to_string(),
            temp_path: output.temp.display().to_string(),
            header,
            authority,
            canaries: Some(CanaryRange { first: next, count: numbers }),
        }))?;
        let reserved = Reserved { planting, holder, output, input, canaries: 0 };
        Ok(Begun { is_stale, next, end: CanaryId(next.0 + numbers), entries: 0, reserved })
    }

    /// Numbers the next canaries, at most [`MADE_MAX`].
    pub(super) fn made(&mut self, batch: Vec<NewCanary>) -> Event {
        self.entries += 1;
        let canaries = batch.into_iter().map(|NewCanary { number, row, record }| {
            let canary = self.next;
            self.next.0 += 1;
            // A row with two numbers is one canary to whoever asked for so many.
            self.reserved.canaries += u64::from(record.beside.is_none());
            MadeCanary { canary, number, row, record }
        });
        Event::Made { canaries: canaries.collect(), planting: self.reserved.planting }
    }

    /// Ends with all canaries numbered so far, which must be as many as were announced.
    pub(super) fn reserved(mut self, writing: &mut Writing<'_>) -> Result<Reserved, DeedError> {
        if self.next != self.end {
            return Err(DeedError::PlantingLost { planting: self.reserved.planting });
        }
        // Nobody who counts the entries is to know the canaries better than by a power of two.
        while self.entries == 0 || !self.entries.is_power_of_two() {
            let empty = self.made(Vec::new());
            writing.append(&empty)?;
        }
        Ok(self.reserved)
    }
}

/// Gives when each file was planted, nothing for one that is not.
fn planted_at(store: &Store, files: &[Reserved]) -> Result<Vec<Option<DateTime<Utc>>>, StoreError> {
    let at = |file: &Reserved| {
        let state = store.read().planting(file.planting)?.map(|row| row.state);
        Ok(match state {
            Some(PlantingState::Planted { at }) => Some(at),
            Some(PlantingState::Reserved | PlantingState::Sealed | PlantingState::Void) | None => None,
        })
    };
    files.iter().map(at).collect()
}

impl Written {
    /// Describes the file, which lies or will lie at `path`.
    pub(super) fn file(&self, path: &Path) -> InputFile {
        InputFile { path: path.display().to_string(), sha256: self.sha256.clone(), rows: self.rows }
    }
}

impl Published {
    /// Puts together what became of a file whose ledger entries are all written.
    pub(super) fn new(reserved: Reserved, written: Written, at: DateTime<Utc>) -> Published {
        Published { reserved, written, at }
    }

    /// Gives the finished planting, in which no older canary came along.
    pub(super) fn done(self, columns: Vec<(String, Meaning)>) -> PlantingDone {
        let Published { reserved, written, at } = self;
        PlantingDone {
            planting: reserved.planting,
            output: written.file(&reserved.output.shown),
            holder: reserved.holder,
            planted_at: at,
            input: reserved.input,
            carried: 0,
            kept: 0,
            left_out: 0,
            came_before: false,
            astray: Vec::new(),
            unfilled: Vec::new(),
            canaries: reserved.canaries,
            shared: Vec::new(),
            columns,
        }
    }
}
