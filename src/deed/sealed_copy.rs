//! What the ledger commits to when a copy is finished and has no name yet: its hash, and a root over its canaries.
//!
//! The root is over canaries that were made for the copy and over older ones that stand in it alike, so that one entry tells of all of
//! them and nobody who sees it can count them.

use super::publish::{Reserved, Written};
use crate::id::PlantingId;
use crate::ledger::{CameAlong, CameOpening, CanaryTree, Event, SealedRoots};
use crate::store::{StoreError, Writing};

/// Enters the hash of a finished file, the root over its canaries, and which older canaries its recipient gets with it.
pub(super) fn seal(writing: &mut Writing<'_>, file: &Reserved, written: &Written) -> Result<(), StoreError> {
    let planting = file.planting;
    let (sealed, undo) = (written.file(&file.output.target), written.undo.clone());
    let roots = Some(roots(writing, file, written)?);
    writing.append(&Event::Sealed { planting, output: sealed, undo, roots })?;
    let known = |rows: &String| Event::Known { planting, rows: rows.clone() };
    written.known.iter().try_for_each(|rows| writing.append(&known(rows)))
}

/// Makes the root over the canaries of a file.
fn roots(writing: &mut Writing<'_>, file: &Reserved, written: &Written) -> Result<SealedRoots, StoreError> {
    let key = writing.draw();
    let mut tree = CanaryTree::new(key);
    writing.read().each_opening(file.planting, &mut |opening| {
        tree.add(&opening);
        Ok::<_, StoreError>(())
    })?;
    let came = came(writing, written)?;
    openings(file.planting, &came).for_each(|opening| tree.add_came(&opening));
    Ok(SealedRoots {
        holder: file.holder.clone(),
        canaries_root: hex::encode(tree.finish().root()),
        canaries_key: hex::encode(key),
        came,
        rows: written.row_tree.clone(),
    })
}

/// Lists the older canaries that came along, by number.
fn came(writing: &Writing<'_>, written: &Written) -> Result<Vec<CameAlong>, StoreError> {
    let reader = writing.read();
    let known = written.received.iter().map(|(canary, row)| {
        let number = reader.number_of(*canary)?.ok_or(StoreError::NoSuchCanary { canary: *canary })?;
        Ok(CameAlong { number, row: *row })
    });
    let met = written.met.iter().map(|(number, row)| Ok(CameAlong { number: number.clone(), row: *row }));
    known.chain(met).collect()
}

/// Gives the leaves of canaries that came along, in the order of their places.
pub(super) fn openings(planting: PlantingId, came: &[CameAlong]) -> impl Iterator<Item = CameOpening> {
    (0..).zip(came).map(move |(place, came)| CameOpening {
        planting,
        number: came.number.to_string(),
        row: came.row,
        place,
    })
}
