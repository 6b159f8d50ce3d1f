//! Learns a list for a deed: its shape, its hash, and where numbers stand in it that may be ours.

use std::path::Path;

use super::source::Source;
use super::{DeedError, ListFault, Session};
use crate::list::profile::{Ask, Direction, Kind, Learner, Profile};
use crate::list::text::Serial;
use crate::list::{ColumnMap, Counting, Layout, Meaning, Row, Shape};
use crate::store::CanaryRow;

/// Reads a column map, if there is one.
fn read_map(path: Option<&Path>) -> Result<ColumnMap, DeedError> {
    let Some(path) = path else { return Ok(ColumnMap::default()) };
    let text = std::fs::read_to_string(path).map_err(|source| DeedError::Read { path: path.to_path_buf(), source })?;
    ColumnMap::parse(&text).map_err(|source| DeedError::Map { path: path.to_path_buf(), source })
}

/// Opens a list with the column map at `map`, if there is one; a fault of the map is told of the map.
pub(super) fn open_list(list: &Path, sheet: Option<&str>, map: Option<&Path>) -> Result<Source, DeedError> {
    let columns = read_map(map)?;
    let opened = Source::open(list, sheet, &columns).map_err(|error| match (error, map) {
        (DeedError::List { source: ListFault::Layout(source) | ListFault::Sheet { source, .. }, .. }, Some(path))
            if source.is_of_map() =>
        {
            DeedError::Map { path: path.to_path_buf(), source }
        }
        (other, _) => other,
    })?;
    match is_named_otherwise(list, opened.shape) {
        true => Err(DeedError::List { path: list.to_path_buf(), source: ListFault::Misnamed { shape: opened.shape } }),
        false => Ok(opened),
    }
}

/// Finds the column of serial numbers that a planting took its list to have, in what its canaries put on record.
///
/// None where they tell of none; `expected` is believed where several columns would do.
pub(super) fn serial_on_record(canaries: &[CanaryRow], expected: Option<usize>) -> Option<usize> {
    let told =
        |canary: &CanaryRow| Some((canary.record.fields.get(&Meaning::Serial)?.clone(), canary.record.cells.clone()));
    let told: Vec<(String, Vec<String>)> = canaries.iter().filter_map(told).collect();
    let width = told.iter().map(|(_, cells)| cells.len()).min()?;
    let is_it = |at: &usize| told.iter().all(|(serial, cells)| cells[*at].trim() == serial.trim());
    expected.filter(|at| *at < width && is_it(at)).or_else(|| (0..width).find(is_it))
}

/// Refuses a name that says something else of a copy than what the list is, and so the copy.
pub(super) fn check_copy_name(list: &Source, output: &Path) -> Result<(), DeedError> {
    let shape = list.shape;
    let output = output.display().to_string();
    match is_named_otherwise(Path::new(&output), shape) {
        true => Err(DeedError::List { path: list.path.clone(), source: ListFault::CopyMisnamed { shape, output } }),
        false => Ok(()),
    }
}

/// Tells whether programs would take a file of this name for something else; other endings say nothing.
fn is_named_otherwise(path: &Path, shape: Shape) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match shape {
        Shape::Text(_) => matches!(ending.as_str(), "xlsx" | "xlsm" | "ods"),
        Shape::Book => matches!(ending.as_str(), "csv" | "tsv" | "tab" | "txt" | "xls"),
    }
}

/// A list as it was learnt.
pub(super) struct Learned {
    pub(super) profile: Profile,
    /// SHA-256 of the file in hex.
    pub(super) sha256: String,
}

/// Reads the whole list once and learns its shape for `places` canaries.
///
/// `watch` tells digits that may be a number of ours, `see` is shown every record on the way.
pub(super) fn learn_list(
    session: &mut Session,
    source: &mut Source,
    watch: &dyn Fn(u64) -> bool,
    places: usize,
    see: &mut dyn FnMut(&Row<'_>, &Layout, Kind),
) -> Result<Learned, DeedError> {
    let today = session.now().date_naive();
    let rng = session.fork();
    let layout = source.layout.clone();
    let bytes = match source.shape {
        Shape::Text(_) => Some(source.bytes()),
        Shape::Book => None,
    };
    let ask = Ask { places, watch, today, bytes };
    let mut learner = Learner::new(layout.clone(), ask, rng);
    let sha256 = source.each_row(&mut session.watcher, &mut |row| {
        let kind = Kind::of(row, &layout);
        see(row, &layout, kind);
        learner.see_as(row, kind);
    })?;
    source.check_unchanged()?;
    Ok(Learned { profile: learner.finish(), sha256 })
}

/// Gives the serial-number column as the writers want it; padding shows in any number with a leading zero.
pub(super) fn serial_of(profile: &Profile) -> Option<Serial> {
    let column = profile.serial?;
    let cells = profile.donors().map(|row| row.cell(column).trim());
    let width = cells.filter(|cell| cell.len() > 1 && cell.starts_with('0')).map(str::len).max();
    let counting = match profile.serial_goes {
        Direction::Rising => Counting::Up,
        Direction::Falling => Counting::Down { rows: 0 },
    };
    Some(Serial { column, first: profile.layout.first, width, counting })
}
