//! Plants canaries into copies of a list, one copy a recipient.
//!
//! How a copy gets into the world, and what a crash may never break, is `deed::publish`; here the list is learned, the
//! copies are drafted, and each is written so that it can be undone.

mod behind;
mod carry;
mod check;
mod copy;
mod learn;
mod order;
mod text_copy;
mod undo;

use super::publish::{Intent, Outputs, PlantingDone, Reserved, Written, reserve, until_free};
use super::{DeedError, Session};
use crate::list::NewRow;
use crate::store::Store;

use copy::{NewRows, try_copy, write_copy};
use learn::{Draft, Learnt};
use order::outputs;

pub use check::{CheckOrder, Checked, check};
pub use order::{Amount, PlantOrder, Relation};

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
    let published = outputs.publish(session, &mut store, reserved, |session, _, reserved| {
        let written =
            reserved.iter().zip(&drafts).map(|(file, draft)| write(session, &mut learnt, &outputs, file, draft));
        let written = written.collect::<Result<Vec<_>, _>>()?;
        learnt.source.check_unchanged()?;
        Ok(written)
    })?;
    let columns: Vec<_> =
        learnt.source.layout.columns.iter().map(|column| (column.name.clone(), column.meaning)).collect();
    let done = published.into_iter().zip(&drafts).map(|(published, draft)| PlantingDone {
        carried: learnt.carried_rows as u64,
        kept: draft.kept.len() as u64,
        ..published.done(columns.clone())
    });
    Ok(done.collect())
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
        let new = NewRows { rows: &draft.rows(), serial: learnt.serial, last: learnt.last, tried: None };
        draft.tried = try_copy(&mut learnt.source, &new)?.filter(|_| keep);
    }
    let now = session.now();
    let reserved = store.write(now, &mut session.rng, |writing| {
        let files = order.holders.iter().zip(&outputs.all).zip(&drafts).map(|((holder, output), draft)| {
            let intent = Intent {
                holder: holder.clone(),
                output: output.clone(),
                input: Some(learnt.input.clone()),
                header: learnt.header.clone(),
                authority: None,
                as_of,
            };
            let canaries = draft.canaries.iter().flat_map(learn::CanaryDraft::numbers).map(Ok);
            reserve(writing, intent, canaries)
        });
        files.collect::<Result<Vec<_>, DeedError>>()
    })?;
    Ok((drafts, reserved))
}

fn write(
    session: &mut Session,
    learnt: &mut Learnt,
    outputs: &Outputs,
    file: &Reserved,
    draft: &Draft,
) -> Result<Written, DeedError> {
    let rows: Vec<NewRow> = draft.rows();
    let new = NewRows { rows: &rows, serial: learnt.serial, last: learnt.last, tried: draft.tried.as_ref() };
    let folder = outputs.folder_for(&file.output)?;
    let (sha256, undo) = write_copy(&mut learnt.source, &new, &file.output.temp, folder, &mut session.watcher)?;
    let carried = learnt.carried.iter().map(|(canary, row)| (*canary, draft.row_in_copy(*row)));
    let kept = draft.kept.iter().flat_map(|kept| std::iter::once(kept.id).chain(kept.second).map(|id| (id, kept.row)));
    let received = carried.chain(kept).collect();
    let met = learnt.met.iter().map(|(number, row)| (number.clone(), draft.row_in_copy(*row))).collect();
    Ok(Written { sha256, rows: learnt.input.rows + rows.len() as u64, undo, received, met })
}
