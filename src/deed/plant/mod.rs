//! Plants canaries into copies of a list, one copy a recipient.
//!
//! How a copy gets into the world, and what a crash may never break, is `deed::publish`; here the list is learned, the
//! copies are drafted, and each is written so that it can be undone.

mod before;
mod behind;
mod carry;
mod check;
mod columns;
mod copy;
mod draft;
mod former;
mod history;
mod learn;
mod order;
mod planned;
mod share;
mod text_copy;
mod undo;

use std::collections::HashSet;

use rand::RngExt;

use super::planting_done::{PlantingDone, SharedCanary};
use super::publish::{Intent, Outputs, Reserved, Written, reserve, until_free};
use super::{DeedError, Session};
use crate::id::CanaryId;
use crate::ledger::{GrownRows, RowProof, RowProofs, SealedRows};
use crate::list::{NewRow, Shape};
use crate::phone::Number;
use crate::store::Store;

use carry::Kept;
use copy::{Copied, NewRows, try_copy, write_copy};
use draft::{CanaryDraft, Draft};
use learn::{Learnt, List};
use order::outputs;
use share::Given;

pub use check::{CheckOrder, Checked, check};
pub use order::{Amount, PlantOrder, Relation, RowTree};

/// Data rows of a text list up to which a tree over them is grown unasked: a row takes as long again as planting it.
const ROW_TREE_ROWS_MAX: u64 = 10_000;

/// Plants the list for every recipient, or for none.
pub fn plant(session: &mut Session, order: &PlantOrder) -> Result<Vec<PlantingDone>, DeedError> {
    let mut store = session.open()?;
    for holder in &order.holders {
        if store.read().holder(holder)?.is_none() {
            return Err(DeedError::UnknownHolder { id: holder.clone() });
        }
    }
    let outputs = Outputs::lock(session, &mut store, outputs(order)?)?;
    let mut learnt = learn::learn(session, &store, order)?;
    let (drafts, reserved) = until_free(|| reserve_all(session, &mut store, &mut learnt, order, &outputs))?;
    let mut list = learnt.into_list();
    let published = outputs.publish(session, &mut store, reserved, |session, store, reserved| {
        let written = reserved.iter().zip(&drafts).map(|(file, draft)| {
            let written = write(session, &mut list, &outputs, (file, draft), order.rows)?;
            Ok(Written { received: received(store, &list, draft)?, ..written })
        });
        let written = written.collect::<Result<Vec<_>, DeedError>>()?;
        list.source.check_unchanged()?;
        Ok(written)
    })?;
    let columns: Vec<_> =
        list.source.layout.columns.iter().map(|column| (column.name.clone(), column.meaning)).collect();
    let done = published.into_iter().zip(&drafts).map(|(published, draft)| {
        let shared = shared(&store, order, draft)?;
        let own = draft.canaries.len() - shared.len();
        Ok(PlantingDone {
            carried: list.carried_rows as u64,
            kept: draft.kept.len() as u64,
            left_out: draft.left_out,
            came_before: list.came_before,
            astray: draft.astray.clone(),
            unfilled: draft.unfilled.clone(),
            canaries: own as u64,
            shared,
            ..published.done(columns.clone())
        })
    });
    done.collect()
}

/// Finds the canaries of a copy that others have too.
fn shared(store: &Store, order: &PlantOrder, draft: &Draft) -> Result<Vec<SharedCanary>, DeedError> {
    let holders = |to: &[usize]| to.iter().map(|place| order.holders[*place].clone()).collect();
    let found = draft.canaries.iter().filter_map(|canary| match &canary.given {
        Given::Alone => None,
        Given::Shared { to, .. } => Some(id_of(store, &canary.number).map(|id| SharedCanary {
            id,
            number: canary.number.clone(),
            row: canary.row,
            fields: canary.record.fields.clone(),
            holders: holders(to),
        })),
    });
    found.collect()
}

/// Finds the canary of a number that was entered with these copies.
fn id_of(store: &Store, number: &Number) -> Result<CanaryId, DeedError> {
    let lost = || DeedError::NumberTaken { number: number.clone() };
    Ok(store.read().canary_of(number)?.ok_or_else(lost)?.id)
}

/// Drafts every copy and reserves it.
fn reserve_all(
    session: &mut Session,
    store: &mut Store,
    learnt: &mut Learnt,
    order: &PlantOrder,
    outputs: &Outputs,
) -> Result<(Vec<Draft>, Vec<Reserved>), DeedError> {
    let as_of = store.read().entries()?;
    let mut drafts = learn::draft_all(session, store, learnt, order)?;
    // Numbers of a planting that comes to nothing are spent, so a list that would be refused is refused now.
    // What that finds out is kept for one copy: of many, it would take too much room.
    let keep = drafts.len() == 1;
    for draft in &mut drafts {
        let rows = draft.rows();
        let (serial, last) = (learnt.list.serial_for(rows.len()), learnt.list.last);
        let new = NewRows { rows: &rows, serial, last, tried: None, rows_key: None };
        draft.tried = try_copy(&mut learnt.list.source, &new)?;
        draft.take_own_texts(&learnt.list.source.layout);
        draft.tried = draft.tried.take().filter(|_| keep);
    }
    let now = session.now();
    let reserved = store.write(now, &mut session.rng, |writing| {
        let files = order.holders.iter().zip(&outputs.all).zip(&drafts).map(|((holder, output), draft)| {
            let intent = Intent {
                holder: holder.clone(),
                output: output.clone(),
                input: Some(learnt.list.input.clone()),
                header: learnt.header.clone(),
                authority: None,
                as_of,
                numbers: draft.entered().flat_map(CanaryDraft::entries).count() as u64,
            };
            let canaries = draft.entered().flat_map(CanaryDraft::entries).map(Ok);
            reserve(writing, intent, canaries)
        });
        files.collect::<Result<Vec<_>, DeedError>>()
    })?;
    Ok((drafts, reserved))
}

fn write(
    session: &mut Session,
    list: &mut List,
    outputs: &Outputs,
    (file, draft): (&Reserved, &Draft),
    asked: RowTree,
) -> Result<Written, DeedError> {
    let rows: Vec<NewRow> = draft.rows();
    let is_wanted = match (asked, list.source.shape) {
        (RowTree::Always, _) | (RowTree::WhereQuick, Shape::Book) => true,
        (RowTree::WhereQuick, Shape::Text(_)) => list.input.rows <= ROW_TREE_ROWS_MAX,
    };
    let rows_key = is_wanted.then(|| session.rng.random());
    let (serial, last, tried) = (list.serial_for(rows.len()), list.last, draft.tried.as_ref());
    let new = NewRows { rows: &rows, serial, last, tried, rows_key };
    let folder = outputs.folder_for(&file.output)?;
    let Copied { sha256, undo, grown } =
        write_copy(&mut list.source, &new, &file.output.temp, folder, &mut session.watcher)?;
    let row_tree = grown.map(|grown| sealed_rows(&grown, draft));
    let met = list.met.iter().map(|(number, row)| (number.clone(), draft.row_in_copy(*row))).collect();
    let rows = list.input.rows + rows.len() as u64;
    let known = Some(list.known.clone());
    Ok(Written { sha256, rows, undo, known, received: Vec::new(), met, row_tree })
}

/// Keeps of the tree what will show the canaries that were made for this copy.
fn sealed_rows(grown: &GrownRows, draft: &Draft) -> SealedRows {
    let made: HashSet<u64> = draft.canaries.iter().map(|canary| canary.row).collect();
    let pairs = draft.data_rows().into_iter().zip(&grown.kept).filter(|(row, _)| made.contains(row));
    let rows = pairs.map(|(row, kept)| RowProof::of(row, kept)).collect();
    let proofs = RowProofs { size: grown.size, rows };
    SealedRows { root: hex::encode(grown.root), key: hex::encode(grown.key), proofs }
}

/// Lists the older canaries that come with a copy, and those that other copies enter, with their data rows in it.
fn received(store: &Store, list: &List, draft: &Draft) -> Result<Vec<(CanaryId, u64)>, DeedError> {
    let carried = list.carried.iter().map(|(canary, row)| (*canary, draft.row_in_copy(*row)));
    let ids = |kept: &Kept| std::iter::once(kept.id).chain(kept.others.clone());
    let kept = draft.kept.iter().flat_map(|kept| ids(kept).map(|id| (id, kept.row)));
    let mut received: Vec<(CanaryId, u64)> = carried.chain(kept).collect();
    for canary in draft.received() {
        for number in canary.numbers() {
            received.push((id_of(store, number)?, canary.row));
        }
    }
    Ok(received)
}
