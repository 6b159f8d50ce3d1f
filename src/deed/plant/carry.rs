//! Finds the places that canaries of earlier exports of the same growing list had.
//!
//! Next month's export holds this month's rows again. If last month's canaries were not there any more, the
//! difference of the two files would name them all; so they are put back between the same two rows. Those rows
//! are known again by keyed hashes, never by their content.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::super::DeedError;
use crate::holder::Came;
use crate::id::{CanaryId, PlantingId};
use crate::list::profile::{Profile, fingerprint};
use crate::list::{Layout, LineEnd, NewRow, Row};
use crate::store::{CanaryRow, PlantingRow, PlantingState, Reader, ReceivedRow, StoreError};

/// A canary of an earlier export and the rows it stood between.
pub(super) struct Earlier {
    pub(super) id: CanaryId,
    /// The canary of the second number in its row.
    second: Option<CanaryId>,
    cells: Vec<String>,
    anchors: Vec<u64>,
    /// Data row of the earlier input that it stood in front of.
    input_row: u64,
    /// Data rows of the earlier input.
    input_rows: u64,
}

/// A canary that goes back to its place.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) id: CanaryId,
    /// The canary of the second number in its row.
    pub(super) second: Option<CanaryId>,
    /// Data row of the input that it goes in front of, from 1.
    pub(super) input_row: u64,
    /// Data row of the output, from 1.
    pub(super) row: u64,
    pub(super) new_row: NewRow,
}

/// Gathers the canaries of what was planted for a holder in lists with this header.
pub(super) fn earlier(
    reader: &Reader<'_>,
    holder: &crate::holder::HolderId,
    header: &[String],
) -> Result<Vec<Earlier>, StoreError> {
    let header = serde_json::json!(header).to_string();
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    let seen = reader.seen_with(holder)?;
    for planting in reader.plantings_for(holder)? {
        let (PlantingState::Planted { .. }, Some(input_rows)) = (&planting.state, planting.input_rows) else {
            continue;
        };
        if planting.header != header {
            continue;
        }
        let mut canaries = reader.canaries_in(planting.id)?;
        canaries.extend(shared_in(reader, &planting, &seen)?);
        let (seconds, firsts): (Vec<_>, Vec<_>) =
            canaries.into_iter().partition(|canary| canary.record.beside.is_some());
        let seconds: HashMap<String, CanaryId> =
            seconds.into_iter().filter_map(|canary| Some((canary.record.beside?, canary.id))).collect();
        for canary in firsts.into_iter().filter(|canary| known.insert(canary.id)) {
            found.push(Earlier {
                id: canary.id,
                second: seconds.get(&canary.number.to_string()).copied(),
                cells: canary.record.cells,
                anchors: canary.record.anchors,
                input_row: canary.record.input_row,
                input_rows,
            });
        }
    }
    Ok(found)
}

/// Gives the canaries of a copy that were made for it and for others at once: another copy of the same list enters them.
fn shared_in(
    reader: &Reader<'_>,
    planting: &PlantingRow,
    seen: &[(ReceivedRow, PlantingId)],
) -> Result<Vec<CanaryRow>, StoreError> {
    let mut by_planting: BTreeMap<PlantingId, HashSet<CanaryId>> = BTreeMap::new();
    let of_this = |row: &ReceivedRow| row.planting == planting.id && row.came == Came::AtOnce;
    for (row, made_in) in seen.iter().filter(|(row, _)| of_this(row)) {
        by_planting.entry(*made_in).or_default().insert(row.canary);
    }
    let mut shared = Vec::new();
    for (made_in, ids) in by_planting {
        let all = reader.canaries_in(made_in)?;
        let numbers: HashSet<String> =
            all.iter().filter(|canary| ids.contains(&canary.id)).map(|canary| canary.number.to_string()).collect();
        let is_shared = |canary: &CanaryRow| {
            let first = canary.record.beside.clone().unwrap_or_else(|| canary.number.to_string());
            numbers.contains(&first)
        };
        shared.extend(all.into_iter().filter(is_shared));
    }
    Ok(shared)
}

/// Refuses a list that may have canaries of its holder's earlier lists to be put back, which cannot be read.
pub(super) fn refuse_unread(
    reader: &Reader<'_>,
    holder: &crate::holder::HolderId,
    header: &[String],
    list: &Path,
) -> Result<(), DeedError> {
    let header = serde_json::json!(header).to_string();
    let is_like = |planting: &PlantingRow| {
        matches!(planting.state, PlantingState::Planted { .. })
            && planting.input_rows.is_some()
            && planting.header == header
    };
    match reader.plantings_for(holder)?.iter().any(is_like) {
        true => Err(DeedError::EarlierUnread { path: list.to_path_buf(), id: holder.clone() }),
        false => Ok(()),
    }
}

/// A record of the list that stands where a canary stood.
#[derive(Debug, Clone)]
struct Spot {
    data_row: u64,
    ordinal: u64,
    offset: u64,
    line_end: LineEnd,
    quoted: Vec<bool>,
}

/// Looks for rows of earlier exports while the list is read.
pub(super) struct Trail {
    key: [u8; 32],
    wanted: HashSet<u64>,
    at: HashMap<u64, Spot>,
    behind: HashMap<u64, Spot>,
    last: Option<u64>,
    data_rows: u64,
}

impl Trail {
    /// Starts before the first record.
    pub(super) fn new(key: [u8; 32], earlier: &[Earlier]) -> Trail {
        let wanted = earlier.iter().flat_map(|canary| canary.anchors.iter().copied()).collect();
        Trail { key, wanted, at: HashMap::new(), behind: HashMap::new(), last: None, data_rows: 0 }
    }

    /// Looks at one record.
    pub(super) fn see(&mut self, row: &Row<'_>, layout: &Layout) {
        if self.wanted.is_empty() {
            return;
        }
        if !layout.is_data(row) {
            self.last = None;
            return;
        }
        self.data_rows += 1;
        let fingerprint = fingerprint(row, layout, &self.key);
        let spot = || Spot {
            data_row: self.data_rows,
            ordinal: row.ordinal,
            offset: row.offset,
            line_end: row.line_end,
            quoted: (0..row.len()).map(|cell| row.quoted(cell)).collect(),
        };
        if let Some(above) = self.last.take() {
            self.behind.insert(above, spot());
        }
        if self.wanted.contains(&fingerprint) {
            self.at.insert(fingerprint, spot());
            self.last = Some(fingerprint);
        }
    }

    /// Gives the canaries whose places were found and that do not stand in the list already, in its order.
    pub(super) fn keep(&self, earlier: &[Earlier], carried: &[(CanaryId, u64)]) -> Vec<Kept> {
        let mut kept: Vec<Kept> = earlier
            .iter()
            .filter(|canary| carried.iter().all(|(standing, _)| *standing != canary.id))
            .filter_map(|canary| {
                let spot = self.spot(canary)?;
                let new_row = NewRow {
                    before: spot.ordinal,
                    offset: spot.offset,
                    cells: canary.cells.clone(),
                    quoted: spot.quoted.clone(),
                    line_end: spot.line_end,
                };
                Some(Kept { id: canary.id, second: canary.second, input_row: spot.data_row, row: 0, new_row })
            })
            .collect();
        kept.sort_by_key(|kept| (kept.input_row, kept.id));
        kept
    }

    fn spot(&self, canary: &Earlier) -> Option<&Spot> {
        let [above, below] = canary.anchors[..] else { return None };
        self.at.get(&below).or_else(|| self.behind.get(&above))
    }

    /// Leaves only places among rows that the latest earlier export did not have, if it is known which those are.
    ///
    /// An export that only grew has its new rows behind the old ones, or in front of them all (newest first); otherwise the
    /// rows behind the last known one count as new. With no new place left, all stay.
    pub(super) fn only_new_places(&self, profile: &mut Profile, earlier: &[Earlier]) {
        let found: Vec<(&Earlier, &Spot)> =
            earlier.iter().filter_map(|canary| Some((canary, self.spot(canary)?))).collect();
        let Some(last) = found.iter().map(|(_, spot)| spot.data_row).max() else { return };
        let new_above = |canary: &Earlier| profile.rows.checked_sub(canary.input_rows);
        let moved_down = |(canary, spot): &(&Earlier, &Spot)| {
            new_above(canary).is_some_and(|new| new > 0 && canary.input_row + new == spot.data_row)
        };
        if found.iter().all(moved_down) {
            let new = found.iter().filter_map(|(canary, _)| new_above(canary)).min().unwrap_or(0);
            if new > 1 {
                retain_places(profile, &|data_row| data_row <= new + 1);
            }
            return;
        }
        let only_grew = found.iter().all(|(canary, spot)| canary.input_row == spot.data_row);
        let old_rows = found.iter().map(|(canary, _)| canary.input_rows).max().unwrap_or(last);
        let behind = if only_grew { old_rows } else { last };
        if profile.rows > behind + 1 {
            retain_places(profile, &|data_row| data_row > behind);
        }
    }
}

fn retain_places(profile: &mut Profile, is_new: &dyn Fn(u64) -> bool) {
    profile.places.retain(|place| is_new(place.data_row));
    if let Some(roomy) = &mut profile.roomy {
        roomy.retain(|place| is_new(place.data_row));
    }
}
