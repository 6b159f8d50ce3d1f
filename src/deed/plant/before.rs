//! What a recipient got before, looked for in the list row by row.
//!
//! Which earlier canaries go back, which rows are old, and which copies are still there are three questions: a row can be
//! known as old and be written so otherwise that no canary goes back beside it.

use super::super::{DeedError, EarlierError};
use super::carry::{Earlier, Kept, Trail, earlier};
use super::former::{Formers, Missed};
use super::history::{History, Lists};
use super::learn::List;
use crate::holder::HolderId;
use crate::list::profile::{Profile, RowKeys};
use crate::list::{Column, Meaning, Row};
use crate::plant::InOrder;
use crate::store::Reader;

/// What a recipient got before: canaries, the places they had, and which rows.
pub(super) struct Before {
    holder: HolderId,
    earlier: Vec<Earlier>,
    pub(super) trail: Trail,
    pub(super) history: History,
    formers: Formers,
    /// How many canaries of the last copy find no place.
    pub(super) left_out: u64,
}

/// How often the rows were read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    First,
    Again,
}

impl Before {
    /// Gathers it for a list with these columns, whose rows are known again under this key.
    pub(super) fn of(
        reader: &Reader<'_>,
        holder: &HolderId,
        (columns, key): (&[Column], [u8; 32]),
        lists: &Lists,
    ) -> Result<Before, DeedError> {
        let earlier = earlier(reader, holder, columns)?;
        let trail = Trail::new(key, &earlier, columns);
        let formers = Formers::of(reader, holder)?;
        let holder = holder.clone();
        Ok(Before { holder, earlier, trail, history: lists.but(None), formers, left_out: 0 })
    }

    /// Gives the canaries that go back to their places: all that find them, but for those whose number a late row has now.
    pub(super) fn keep(&self, list: &List, profile: &Profile) -> Result<Vec<Kept>, EarlierError> {
        let mut kept = self.found(list, profile)?;
        kept.retain(|kept| !has_anothers_number(kept, profile));
        Ok(kept)
    }

    fn found(&self, list: &List, profile: &Profile) -> Result<Vec<Kept>, EarlierError> {
        let kept = self.trail.keep(&self.earlier, &list.carried, profile);
        let mut kept = kept.map_err(|column| EarlierError::NewColumn { path: list.source.path.clone(), column })?;
        if let Some(order) = InOrder::of(profile) {
            kept.iter_mut().for_each(|kept| put_in_order(kept, &order));
            let in_order = |one: &Kept, other: &Kept| order.compare(&one.new_row.cells, &other.new_row.cells);
            kept.sort_by(|one, other| {
                one.input_row.cmp(&other.input_row).then_with(|| in_order(one, other)).then(one.id.cmp(&other.id))
            });
        }
        Ok(kept)
    }

    /// Counts the canaries of the last copy that find no place; fails if it is not their rows that are gone.
    pub(super) fn tell_left_out(&mut self, list: &List, profile: &Profile) -> Result<(), EarlierError> {
        let kept = self.found(list, profile)?;
        let anothers = kept.iter().filter(|kept| has_anothers_number(kept, profile)).count() as u64;
        let standing = kept.iter().map(|kept| kept.id).chain(list.carried.iter().map(|(id, _)| *id)).collect();
        match self.formers.missed(&standing) {
            Missed::Gone(left_out) => {
                self.left_out = left_out + anothers;
                Ok(())
            }
            Missed::Changed(planting) => {
                Err(EarlierError::Changed { path: list.source.path.clone(), id: self.holder.clone(), planting })
            }
        }
    }
}

/// Moves a canary where its values belong: rows may have come between it and its neighbours, or the list is sorted otherwise now.
fn put_in_order(kept: &mut Kept, order: &InOrder<'_>) {
    if let Some(place) = order.instead(&kept.new_row.cells, kept.new_row.before) {
        kept.input_row = place.data_row;
        kept.new_row.before = place.ordinal;
        kept.new_row.offset = place.offset;
        kept.new_row.line_end = place.line_end;
    }
}

/// Tells whether a row of the list has, perhaps, a number by now that is the canary's alone: the source system gave it out late.
fn has_anothers_number(kept: &Kept, profile: &Profile) -> bool {
    let own = [Meaning::RecordId, Meaning::WaybillNumber, Meaning::IdNumber, Meaning::PlateNumber];
    let columns = own.into_iter().flat_map(|meaning| profile.layout.positions(meaning));
    let mut cells = columns.filter_map(|at| Some((at, kept.new_row.cells.get(at)?.trim())));
    cells.any(|(at, cell)| !cell.is_empty() && profile.seen.may_hold_value(at, cell))
}

/// Looks at the keys of the next data row.
pub(super) fn see_keys(before: &mut [Before], keys: &RowKeys, row: &Row<'_>, look: Look) {
    if before.iter().any(|before| !before.history.is_empty() || !before.formers.is_empty()) {
        let keys = keys.all(row);
        for before in before {
            before.history.see(&keys);
            if look == Look::First {
                before.formers.see(&keys);
            }
        }
    }
}
