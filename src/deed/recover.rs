//! Takes up what an earlier crash left, before anything new is written.
//!
//! A planting that was only reserved is void; one that was sealed is finished if a file with the sealed hash is
//! still there, and waits if its folder is not. A sealed file is removed only when its planting is void in the ledger: so one
//! that is sealed and gone had its name, and somebody may have taken it. Such a planting stays open. A file that is not
//! ours is never touched.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::files::{file_sha256, folder_of, look};
use super::folder::{Folder, remove};
use super::{DeedError, Session};
use crate::id::PlantingId;
use crate::ledger::{Event, VoidReason};
use crate::store::{PlantingRow, PlantingState, Store};

/// What became of a planting that a crash had left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    pub planting: PlantingId,
    pub path: String,
    pub ending: RecoveredAs,
}

/// How it was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveredAs {
    Planted,
    Void,
    /// Something else lies at the place where the copy should have been.
    VoidForeignFile,
    /// Not at all: the copy had its name, and is gone.
    Gone,
}

/// Ends every open planting whose folder nobody is writing to, and notes each in the session.
///
/// `held` is a folder whose lock the caller has already; others are tried and left alone if taken.
pub(super) fn recover(session: &mut Session, store: &mut Store, held: &[Folder]) -> Result<(), DeedError> {
    clear_void(store, held)?;
    for row in store.read().open_plantings()? {
        let target = Path::new(&row.final_path);
        let ours = held.iter().find(|folder| folder.holds(target));
        let taken = if ours.is_some() { None } else { Folder::try_lock(target) };
        match (ours, &taken) {
            (Some(folder), _) => end(session, store, &row, folder)?,
            (None, Some(folder)) => match end(session, store, &row, folder) {
                // What is gone elsewhere is told to whoever plants there.
                Ok(()) => session.recovered.retain(|one| one.planting != row.id || one.ending != RecoveredAs::Gone),
                // A folder that cannot be mended today must not stop a planting into another one.
                Err(DeedError::Read { .. } | DeedError::Write { .. } | DeedError::Folder { .. }) => {}
                Err(error) => return Err(error),
            },
            // A sealed copy can lie on a disk that is not mounted now; one that was only reserved never got its name.
            (None, None) if row.state == PlantingState::Reserved && matches!(look(&folder_of(target)), Ok(None)) => {
                close(session, store, &row, RecoveredAs::Void)?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

fn end(session: &mut Session, store: &mut Store, row: &PlantingRow, folder: &Folder) -> Result<(), DeedError> {
    let (temp, target) = (Path::new(&row.temp_path), Path::new(&row.final_path));
    // Another process may have ended it between our question and our lock.
    store.catch_up()?;
    let fresh = store.read().planting(row.id)?;
    let sealed = match fresh.map(|fresh| (fresh.state, fresh.output_sha256)) {
        Some((PlantingState::Reserved, _)) => None,
        Some((PlantingState::Sealed, sha256)) => sha256,
        Some((PlantingState::Planted { .. } | PlantingState::Void, _)) | None => return Ok(()),
    };
    let Some(sealed) = sealed else {
        remove(temp)?;
        folder.sync()?;
        return close(session, store, row, RecoveredAs::Void);
    };
    if has_hash(target, &sealed)? {
        remove(temp)?;
        folder.sync()?;
        return close(session, store, row, RecoveredAs::Planted);
    }
    if !has_hash(temp, &sealed)? {
        remove(temp)?;
        return close(session, store, row, RecoveredAs::Gone);
    }
    if look(target)?.is_some() {
        close(session, store, row, RecoveredAs::VoidForeignFile)?;
        remove(temp)?;
        return folder.sync();
    }
    folder.publish(temp, target)?;
    folder.sync()?;
    close(session, store, row, RecoveredAs::Planted)
}

/// Removes the hidden files that void plantings left: a crash can come between the one and the other.
fn clear_void(store: &Store, held: &[Folder]) -> Result<(), DeedError> {
    for temp in store.read().void_files()? {
        let temp = Path::new(&temp);
        let is_ours = held.iter().any(|folder| folder.holds(temp));
        match look(temp).and_then(|found| if found.is_some() { remove(temp) } else { Ok(()) }) {
            Ok(()) => {}
            Err(error) if is_ours => return Err(error),
            // A folder that cannot be mended today must not stop a planting into another one.
            Err(_) => {}
        }
    }
    Ok(())
}

fn has_hash(path: &Path, sha256: &str) -> Result<bool, DeedError> {
    let is_file = look(path)?.is_some_and(|known| known.is_file());
    Ok(is_file && file_sha256(path)? == sha256)
}

fn close(session: &mut Session, store: &mut Store, row: &PlantingRow, ending: RecoveredAs) -> Result<(), DeedError> {
    let planting = row.id;
    let event = match ending {
        RecoveredAs::Planted => Some(Event::Planted { planting }),
        RecoveredAs::Void => Some(Event::Void { planting, why: VoidReason::Crashed }),
        RecoveredAs::VoidForeignFile => Some(Event::Void { planting, why: VoidReason::ForeignFile }),
        RecoveredAs::Gone => None,
    };
    if let Some(event) = event {
        let now: DateTime<Utc> = session.now();
        store.write(now, &mut session.rng, |writing| writing.append(&event))?;
    }
    session.recovered.push(Recovered { planting, path: row.final_path.clone(), ending });
    Ok(())
}
