//! Finds the places that canaries of earlier exports of the same growing list had.
//!
//! Next month's export holds this month's rows again. If last month's canaries were not there any more, the
//! difference of the two files would name them all; so they are put back between the same two rows. Those rows
//! are known again by keyed hashes, never by their content.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use super::super::{DeedError, EarlierError};
use super::columns::{is_akin, matched, meant};
use crate::holder::{Came, HolderId};
use crate::id::{CanaryId, PlantingId};
use crate::list::profile::{Profile, fingerprint, fingerprint_at};
use crate::list::{Column, Layout, LineEnd, Meaning, NewRow, Row};
use crate::store::{CanaryRow, PlantingRow, PlantingState, Reader, ReceivedRow, StoreError};

/// A canary of an earlier export and the rows it stood between.
pub(super) struct Earlier {
    pub(super) id: CanaryId,
    /// The canaries of further numbers in its row.
    others: Vec<CanaryId>,
    /// Headings of the list it was made for, and what stood below them.
    header: Rc<Vec<String>>,
    cells: Vec<String>,
    fields: BTreeMap<Meaning, String>,
    anchors: Vec<u64>,
}

/// A canary that goes back to its place.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) id: CanaryId,
    /// The canaries of further numbers in its row.
    pub(super) others: Vec<CanaryId>,
    /// Data row of the input that it goes in front of, from 1.
    pub(super) input_row: u64,
    /// Data row of the output, from 1.
    pub(super) row: u64,
    pub(super) new_row: NewRow,
}

/// Gathers the canaries of what was planted for a holder in lists with columns like these.
pub(super) fn earlier(reader: &Reader<'_>, holder: &HolderId, columns: &[Column]) -> Result<Vec<Earlier>, StoreError> {
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    let seen = reader.seen_with(holder)?;
    for planting in reader.plantings_for(holder)? {
        let is_list = matches!(planting.state, PlantingState::Planted { .. }) && planting.input_rows.is_some();
        if !is_list || !is_akin(&planting.header, columns) {
            continue;
        }
        let header = Rc::new(planting.header.clone());
        let mut canaries = reader.canaries_in(planting.id)?;
        canaries.extend(shared_in(reader, &planting, &seen)?);
        let (seconds, firsts): (Vec<_>, Vec<_>) =
            canaries.into_iter().partition(|canary| canary.record.beside.is_some());
        let mut others: HashMap<String, Vec<CanaryId>> = HashMap::new();
        for (beside, id) in seconds.into_iter().filter_map(|canary| Some((canary.record.beside?, canary.id))) {
            others.entry(beside).or_default().push(id);
        }
        for canary in firsts.into_iter().filter(|canary| known.insert(canary.id)) {
            found.push(Earlier {
                id: canary.id,
                others: others.remove(&canary.number.to_string()).unwrap_or_default(),
                header: Rc::clone(&header),
                cells: canary.record.cells,
                fields: canary.record.fields,
                anchors: canary.record.anchors,
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

/// Refuses a list that may have canaries of its holders' earlier lists to be put back, which cannot be read.
pub(super) fn refuse_unread(
    reader: &Reader<'_>,
    holders: &[HolderId],
    columns: &[Column],
    list: &Path,
) -> Result<(), DeedError> {
    let is_like = |planting: &PlantingRow| {
        matches!(planting.state, PlantingState::Planted { .. })
            && planting.input_rows.is_some()
            && is_akin(&planting.header, columns)
    };
    for holder in holders {
        if reader.plantings_for(holder)?.iter().any(is_like) {
            return Err(EarlierError::Unread { path: list.to_path_buf(), id: holder.clone() }.into());
        }
    }
    Ok(())
}

/// A record of the list that stands where a canary stood.
#[derive(Debug, Clone)]
struct Spot {
    data_row: u64,
    ordinal: u64,
    offset: u64,
    line_end: LineEnd,
    quoted: Vec<bool>,
    cells: Vec<String>,
}

/// How the rows of an earlier list are read in this one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cells {
    /// The columns are the same.
    All,
    /// They stand at these places, those that hold a serial number left out.
    At(Vec<usize>),
    /// One of them is gone.
    Lost,
}

/// Looks for rows of earlier exports with the same columns.
struct View {
    header: Rc<Vec<String>>,
    cells: Cells,
    /// Where each of those columns is now.
    places: Vec<Option<usize>>,
    wanted: HashSet<u64>,
    at: HashMap<u64, Spot>,
    behind: HashMap<u64, Spot>,
    last: Option<u64>,
}

impl View {
    fn new(header: &Rc<Vec<String>>, columns: &[Column]) -> View {
        let places = matched(header, columns);
        let is_serial = |name: &String, place: &Option<usize>| match place {
            Some(at) => columns[*at].meaning == Meaning::Serial,
            None => meant(name) == Some(Meaning::Serial),
        };
        let told = header.iter().zip(&places).filter(|(name, place)| !is_serial(name, place));
        let cells = match told.map(|(_, place)| *place).collect::<Option<Vec<usize>>>() {
            _ if header.iter().eq(columns.iter().map(|column| &column.name)) => Cells::All,
            Some(at) => Cells::At(at),
            None => Cells::Lost,
        };
        let (wanted, at, behind) = (HashSet::new(), HashMap::new(), HashMap::new());
        View { header: Rc::clone(header), cells, places, wanted, at, behind, last: None }
    }

    /// Looks at one data record.
    fn see(&mut self, row: &Row<'_>, layout: &Layout, key: &[u8; 32], spot: impl Fn() -> Spot) {
        let fingerprint = match &self.cells {
            Cells::All => fingerprint(row, layout, key),
            Cells::At(columns) => fingerprint_at(row, columns, key),
            Cells::Lost => return,
        };
        if let Some(above) = self.last.take() {
            self.behind.insert(above, spot());
        }
        if self.wanted.contains(&fingerprint) {
            // Twins are two rows that look alike here: a canary stood above the first or below the last of them.
            self.at.entry(fingerprint).or_insert_with(spot);
            self.last = Some(fingerprint);
        }
    }
}

/// Looks for rows of earlier exports while the list is read.
pub(super) struct Trail {
    key: [u8; 32],
    views: Vec<View>,
    data_rows: u64,
}

impl Trail {
    /// Starts before the first record of a list with these columns.
    pub(super) fn new(key: [u8; 32], earlier: &[Earlier], columns: &[Column]) -> Trail {
        let mut views: Vec<View> = Vec::new();
        for canary in earlier {
            let known = views.iter().position(|view| view.header == canary.header);
            let at = known.unwrap_or_else(|| {
                views.push(View::new(&canary.header, columns));
                views.len() - 1
            });
            views[at].wanted.extend(&canary.anchors);
        }
        Trail { key, views, data_rows: 0 }
    }

    /// Looks at one record.
    pub(super) fn see(&mut self, row: &Row<'_>, layout: &Layout) {
        if !layout.is_data(row) {
            self.views.iter_mut().for_each(|view| view.last = None);
            return;
        }
        self.data_rows += 1;
        let spot = || Spot {
            data_row: self.data_rows,
            ordinal: row.ordinal,
            offset: row.offset,
            line_end: row.line_end,
            quoted: (0..row.len()).map(|cell| row.quoted(cell)).collect(),
            cells: row.texts(),
        };
        self.views.iter_mut().for_each(|view| view.see(row, layout, &self.key, spot));
    }

    /// Gives the canaries whose places were found and that do not stand in the list already, in its order.
    ///
    /// Fails with the heading of a column that the earlier list did not have and that cannot be filled in.
    pub(super) fn keep(
        &self,
        earlier: &[Earlier],
        carried: &[(CanaryId, u64)],
        profile: &Profile,
    ) -> Result<Vec<Kept>, String> {
        let mut kept = Vec::new();
        for canary in earlier.iter().filter(|canary| carried.iter().all(|(standing, _)| *standing != canary.id)) {
            let Some((view, spot)) = self.spot(canary) else { continue };
            let new_row = NewRow {
                before: spot.ordinal,
                offset: spot.offset,
                cells: laid_out(canary, (view, spot), profile)?,
                quoted: spot.quoted.clone(),
                line_end: spot.line_end,
            };
            kept.push(Kept { id: canary.id, others: canary.others.clone(), input_row: spot.data_row, row: 0, new_row });
        }
        kept.sort_by_key(|kept| (kept.input_row, kept.id));
        Ok(kept)
    }

    fn spot(&self, canary: &Earlier) -> Option<(&View, &Spot)> {
        let [above, below] = canary.anchors[..] else { return None };
        let view = self.views.iter().find(|view| view.header == canary.header)?;
        Some((view, view.at.get(&below).or_else(|| view.behind.get(&above))?))
    }
}

/// Writes a canary's cells in the columns that the list has now.
fn laid_out(canary: &Earlier, (view, spot): (&View, &Spot), profile: &Profile) -> Result<Vec<String>, String> {
    if view.cells == Cells::All {
        return Ok(canary.cells.clone());
    }
    let laid_in = |(at, column): (usize, &Column)| match view.places.iter().position(|place| *place == Some(at)) {
        Some(earlier) => Ok(canary.cells.get(earlier).cloned().unwrap_or_default()),
        None => filled_in(canary, spot, profile, (at, column)),
    };
    profile.layout.columns.iter().enumerate().map(laid_in).collect()
}

/// Gives what the canary says in a new column; one that says nothing of a person is filled as it is in the row below.
fn filled_in(
    canary: &Earlier,
    spot: &Spot,
    profile: &Profile,
    (at, column): (usize, &Column),
) -> Result<String, String> {
    if let Some(text) = canary.fields.get(&column.meaning) {
        return Ok(text.clone());
    }
    let beside = spot.cells.get(at).map_or("", |cell| cell.trim());
    let tells_nobody = matches!(
        column.meaning,
        Meaning::Other | Meaning::Serial | Meaning::Ward | Meaning::HukouType | Meaning::Hospital
    );
    if beside.is_empty() || tells_nobody && !profile.seen.keeps_apart(at) {
        return Ok(beside.to_string());
    }
    match profile.habits.get(at) {
        Some(habit) if habit.blank > 0.0 => Ok(String::new()),
        Some(_) | None => Err(column.name.clone()),
    }
}
