//! The shape of a list, learned in one pass: how columns are filled, how rows run on, where a new row may go.
//!
//! A profile holds real rows in memory, because new rows must look like them. It is never stored, logged or
//! shown.

mod around;
mod between;
mod bloom;
mod fingerprint;
mod gaps;
mod habit;
mod kinship;
mod known;
mod learner;
mod order;
mod place;
mod reservoir;
mod sample;
mod seen;
mod segments;
mod serial;
mod sorting;
mod texts;
mod turns;
mod unique;
mod value;

use segments::Segments;

use crate::list::layout::Layout;
use crate::list::meaning::Meaning;

pub use around::Around;
pub use between::{Stretch, Wanted};
pub use fingerprint::{fingerprint, fingerprint_at, fingerprint_of};
pub use gaps::Gaps;
pub use habit::Habit;
pub use kinship::Kin;
pub use known::{KnownRows, RowKey, RowKeys, RowsSeen};
pub use learner::{Ask, Kind, Learner};
pub use order::{Direction, Key, Order, Scope};
pub use place::Place;
pub use seen::Seen;
pub use sorting::{SortKeys, Sorting};
pub use texts::Texts;
pub use value::{COUNTER_DIGITS_MAX, counter, with_counter};

/// A number of ours that stands in the list already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// National digits.
    pub digits: u64,
    pub column: usize,
    /// Data row, from 1.
    pub data_row: u64,
    pub ordinal: u64,
    pub offset: u64,
}

/// What a list looks like.
#[derive(Debug)]
pub struct Profile {
    pub layout: Layout,
    /// Data rows.
    pub rows: u64,
    /// Ordinal of the last data row; of the first record that could have been one if there is none.
    pub last: u64,
    /// A fair sample of places, by data row.
    pub places: Vec<Place>,
    /// A fair sample of places where every counter has a number free; nothing if no counter runs through the list.
    pub roomy: Option<Vec<Place>>,
    /// A fair sample of rows, in the order of the list: all of a list that is not long.
    pub crowd: Vec<Texts>,
    pub orders: Vec<Order>,
    pub sorting: Sorting,
    /// What tells the rows that go on from each other and are alike: of one hospital, else of one depot.
    pub kin: Option<Kin>,
    /// The column of serial numbers, if it counts.
    pub serial: Option<usize>,
    /// Which way it counts.
    pub serial_goes: Direction,
    /// One for each column.
    pub habits: Vec<Habit>,
    pub seen: Seen,
    /// Of the column of phones.
    pub segments: Segments,
    /// Numbers of ours, in the order of the list.
    pub watched: Vec<Watched>,
    /// The year of dates that name none.
    pub year: i32,
}

struct Parts {
    rows: u64,
    last: u64,
    anywhere: Vec<Place>,
    roomy: Option<Vec<Place>>,
    crowd: Vec<Texts>,
    orders: Vec<Order>,
    serial: Option<(usize, Direction)>,
    seen: Seen,
    segments: Segments,
    year: i32,
}

impl Profile {
    fn new(layout: Layout, mut parts: Parts, watched: Vec<Watched>) -> Profile {
        parts.anywhere.sort_by_key(|place| place.data_row);
        if let Some(roomy) = &mut parts.roomy {
            roomy.sort_by_key(|place| place.data_row);
        }
        let pairs: Vec<_> = parts.anywhere.iter().map(|place| (&place.above, &place.at, place.data_row)).collect();
        let sorting = Sorting::of(&layout, &parts.orders, parts.year, &pairs);
        let rows: Vec<&Texts> = parts.anywhere.iter().map(|place| &place.at).collect();
        let habits =
            (0..layout.columns.len()).map(|at| Habit::of(&rows, at, layout.columns[at].order, parts.year)).collect();
        Profile {
            kin: layout.position(Meaning::Hospital).map(Kin::Cell).or_else(|| Kin::of(&parts.orders, &layout)),
            layout,
            rows: parts.rows,
            last: parts.last,
            places: parts.anywhere,
            roomy: parts.roomy,
            crowd: parts.crowd,
            orders: parts.orders,
            sorting,
            serial: parts.serial.map(|(column, _)| column),
            serial_goes: parts.serial.map_or(Direction::Rising, |(_, goes)| goes),
            habits,
            seen: parts.seen,
            segments: parts.segments,
            watched,
            year: parts.year,
        }
    }

    /// Tells whether a row may belong at one place that is not among those kept: the list is long and sorted by values.
    ///
    /// Not where numbers run on within hospitals: what a place has of that shows only when all rows are followed.
    pub fn has_more_places(&self) -> bool {
        let is_known = self.places.len() as u64 + 1 >= self.rows;
        !is_known && self.sorting.is_by_value() && self.orders.iter().all(|order| order.scope == Scope::Whole)
    }

    /// Lists sampled rows, to follow in style and values.
    pub fn donors(&self) -> impl Iterator<Item = &Texts> {
        self.places.iter().map(|place| &place.at)
    }

    /// Says how many rows of the list each row of the crowd stands for, 1 for a list that is not long.
    pub fn rows_per_sampled(&self) -> f64 {
        (self.rows as f64 / self.crowd.len().max(1) as f64).max(1.0)
    }

    /// Finds the order of a column.
    pub fn order(&self, column: usize) -> Option<&Order> {
        self.orders.iter().find(|order| order.column == column)
    }

    /// Gives the column of a meaning.
    pub fn position(&self, meaning: Meaning) -> Option<usize> {
        self.layout.position(meaning)
    }
}

#[cfg(test)]
mod tests;
