//! Learns a list for a deed: its shape, its hash, and which of our numbers stand in it.

use std::collections::HashMap;
use std::path::Path;

use super::source::Source;
use super::{DeedError, ListFault, Session};
use crate::list::profile::{Ask, Direction, Learner, Profile};
use crate::list::text::Serial;
use crate::list::{ColumnMap, Counting, Layout, Row, Shape, digits};
use crate::phone::Number;

/// Numbers to be found in cells, by the digits they are dialled with in their country.
pub(super) struct Watched {
    by_digits: HashMap<u64, Number>,
    /// A bit for each remainder that some number leaves: most cells of a list are told from ours by it alone.
    sieve: Vec<u64>,
}

/// Bits of the sieve for each number.
const SIEVE_BITS: usize = 64;

impl Watched {
    pub(super) fn new(numbers: Vec<Number>) -> Watched {
        let keyed = numbers.into_iter().filter_map(|number| Some((number.national().parse().ok()?, number)));
        let by_digits: HashMap<u64, Number> = keyed.collect();
        let mut sieve = vec![0; (by_digits.len() * SIEVE_BITS / 64).next_power_of_two()];
        for digits in by_digits.keys() {
            let (word, bit) = place_in(&sieve, *digits);
            sieve[word] |= bit;
        }
        Watched { by_digits, sieve }
    }

    /// Tells whether these national digits are one of the numbers.
    #[inline]
    fn is_ours(&self, digits: u64) -> bool {
        let (word, bit) = place_in(&self.sieve, digits);
        self.sieve[word] & bit != 0 && self.by_digits.contains_key(&digits)
    }

    /// Finds the number with these national digits.
    pub(super) fn number(&self, digits: u64) -> Option<&Number> {
        self.by_digits.get(&digits)
    }

    /// Tells whether a cell holds one of the numbers.
    pub(super) fn holds(&self, row: &Row<'_>, cell: usize) -> bool {
        let is_ours = |group| digits::national_forms(group).any(|digits| self.is_ours(digits));
        match digits::plain(row.bytes(cell)) {
            Some(group) => is_ours(group),
            None => digits::groups(&row.text(cell)).into_iter().any(is_ours),
        }
    }
}

/// Gives the word and the bit of a number in a sieve whose length is a power of two.
#[inline]
fn place_in(sieve: &[u64], digits: u64) -> (usize, u64) {
    let mixed = digits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    (mixed as usize >> 6 & (sieve.len() - 1), 1 << (mixed & 63))
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
    let watch = |digits| watched.is_ours(digits);
    let bytes = match source.shape {
        Shape::Text(_) => Some(source.bytes()),
        Shape::Book => None,
    };
    let ask = Ask { places, watch: &watch, today, bytes };
    let mut learner = Learner::new(layout.clone(), ask, rng);
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
    let counting = match profile.serial_goes {
        Direction::Rising => Counting::Up,
        Direction::Falling => Counting::Down { rows: 0 },
    };
    Some(Serial { column, first: profile.layout.first, width, counting })
}
