//! Ends a planting that a crash left open and whose copy is gone, on the operator's word that nobody received it.
//!
//! The program cannot know that: somebody may have taken the file. So a call to one of its canaries still makes `trace` doubt, as with
//! any copy that came to nothing.

use std::path::Path;

use super::files::{folder_of, look};
use super::folder::Folder;
use super::receipt::ReceiptError;
use super::recover::recover;
use super::{DeedError, Session};
use crate::id::PlantingId;
use crate::ledger::{Event, VoidReason};
use crate::store::PlantingState;

/// Enters that a planting's file reached nobody. One whose file is there again is finished instead, and refused here.
pub fn withdraw(session: &mut Session, planting: PlantingId) -> Result<(), DeedError> {
    let mut store = session.open()?;
    let row = store.read().planting(planting)?.ok_or(ReceiptError::NoPlanting { planting })?;
    match row.state {
        PlantingState::Reserved | PlantingState::Sealed => {}
        PlantingState::Planted { .. } | PlantingState::Void => return Err(ReceiptError::NotOpen { planting }.into()),
    }
    let target = Path::new(&row.final_path);
    let folder = Folder::try_lock(target);
    if folder.is_none() && look(&folder_of(target))?.is_some() {
        return Err(ReceiptError::InUse { path: target.to_path_buf() }.into());
    }
    let held: Vec<Folder> = folder.into_iter().collect();
    recover(session, &mut store, &held)?;
    session.recovered.retain(|one| one.planting != planting);
    let now = session.now();
    store.write::<_, DeedError>(now, &mut session.rng, |writing| {
        match writing.read().planting(planting)?.map(|row| row.state) {
            Some(PlantingState::Reserved | PlantingState::Sealed) => {
                Ok(writing.append(&Event::Void { planting, why: VoidReason::Withdrawn })?)
            }
            Some(PlantingState::Planted { .. } | PlantingState::Void) | None => {
                Err(ReceiptError::NotOpen { planting }.into())
            }
        }
    })
}
