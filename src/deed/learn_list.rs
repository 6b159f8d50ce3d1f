//! Learns a list for a deed: its shape, its hash, and which of our numbers stand in it.

use std::collections::HashMap;
use std::path::Path;

use super::source::Source;
use super::{DeedError, ListFault, Session};
use crate::list::profile::{Ask, Learner, Profile};
use crate::list::text::Serial;
use crate::list::{ColumnMap, Layout, Row, digits};
use crate::phone::Number;

/// Numbers to be found in cells, by the digits they are dialled with in their country.
pub(super) struct Watched {
    by_digits: HashMap<u64, Number>,
}

impl Watched {
    pub(super) fn new(numbers: Vec<Number>) -> Watched {
        let keyed = numbers.into_iter().filter_map(|number| Some((number.national().parse().ok()?, number)));
        Watched { by_digits: keyed.collect() }
    }

    /// Finds the number with these national digits.
    pub(super) fn number(&self, digits: u64) -> Option<&Number> {
        self.by_digits.get(&digits)
    }

    /// Tells whether a cell holds one of the numbers.
    pub(super) fn holds(&self, row: &Row<'_>, cell: usize) -> bool {
        let is_ours = |group| digits::national_forms(group).any(|digits| self.by_digits.contains_key(&digits));
        match digits::plain(row.bytes(cell)) {
            Some(group) => is_ours(group),
            None => digits::groups(&row.text(cell)).into_iter().any(is_ours),
        }
    }
}

/// Reads a column map, if there is one.
fn read_map(path: Option<&Path>) -> Result<ColumnMap, DeedError> {
    let Some(path) = path else { return Ok(ColumnMap::default()) };
    let text = std::fs::read_to_string(path).map_err(|source| DeedError::Read { path: path.to_path_buf(), source })?;
    ColumnMap::parse(&text).map_err(|source| DeedError::Map { path: path.to_path_buf(), source })
}

/// Opens a list with the column map at `map`, if there is one; a fault of the map is told of the map.
pub(super) fn open_list(list: &Path, sheet: Option<&str>, map: Option<&Path>) -> Result<Source, DeedError> {
    let columns = read_map(map)?;
    Source::open(list, sheet, &columns).map_err(|error| match (error, map) {
        (DeedError::List { source: ListFault::Layout(source) | ListFault::Sheet { source, .. }, .. }, Some(path))
            if source.is_of_map() =>
        {
            DeedError::Map { path: path.to_path_buf(), source }
        }
        (other, _) => other,
    })
}

/// A list as it was learnt.
pub(super) struct Learned {
    pub(super) profile: Profile,
    /// SHA-256 of the file in hex.
    pub(super) sha256: String,
}

/// Reads the whole list once and learns its shape for `places` canaries.
///
/// `see` is shown every record on the way.
pub(super) fn learn_list(
    session: &mut Session,
    source: &mut Source,
    watched: &Watched,
    places: usize,
    see: &mut dyn FnMut(&Row<'_>, &Layout),
) -> Result<Learned, DeedError> {
    let today = session.now().date_naive();
    let rng = session.fork();
    let layout = source.layout.clone();
    let watch = |digits| watched.by_digits.contains_key(&digits);
    let mut learner = Learner::new(layout.clone(), Ask { places, watch: &watch, today, known: None }, rng);
    let sha256 = source.each_row(&mut session.watcher, &mut |row| {
        see(row, &layout);
        learner.see(row);
    })?;
    source.check_unchanged()?;
    Ok(Learned { profile: learner.finish(), sha256 })
}

/// Gives the serial-number column as the writers want it; padding shows in any number with a leading zero.
pub(super) fn serial_of(profile: &Profile) -> Option<Serial> {
    let column = profile.serial?;
    let cells = profile.donors().map(|row| row.cell(column).trim());
    let width = cells.filter(|cell| cell.len() > 1 && cell.starts_with('0')).map(str::len).max();
    Some(Serial { column, first: profile.layout.first, width })
}
