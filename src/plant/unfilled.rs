//! Columns that canaries leave empty though the rows of the list do not.
//!
//! A column of phones needs numbers of its kind; any other is told if all canaries leave it empty, whatever the cause: whoever
//! looks for rows without it finds them all.

use crate::list::Meaning;
use crate::list::profile::Profile;

/// Share of canaries by which empty phones may exceed those of the list, by chance or for want of numbers, before it is told.
const PHONES_SHARE: f64 = 0.3;

/// Share of rows that are filled, from which a column is nearly full.
const FULL_SHARE: f64 = 0.9;

/// Canaries that may all leave a nearly full column empty by chance.
const CHANCE_MAX: usize = 4;

/// What real rows have in a column that canaries leave empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lacking {
    Phones,
    Values,
}

/// A column that canaries leave empty more often than the rows of the list do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unfilled {
    pub column: String,
    /// How many canaries have nothing there.
    pub rows: usize,
    pub lacking: Lacking,
}

/// Finds columns of further phones that most canaries leave empty, and columns of any meaning that all of them do.
pub fn unfilled<'c>(profile: &Profile, cells: impl Iterator<Item = &'c [String]> + Clone) -> Vec<Unfilled> {
    let all = cells.clone().count();
    let columns = profile.layout.columns.iter().enumerate();
    let told = columns.filter_map(|(at, column)| {
        let is_empty = |row: &&[String]| row.get(at).is_none_or(|cell| cell.trim().is_empty());
        let rows = cells.clone().filter(is_empty).count();
        let blank = profile.habits[at].blank;
        let lacks_phones = rows as f64 > blank * all as f64 + all as f64 * PHONES_SHARE;
        let lacks_all = all > CHANCE_MAX && rows == all && blank <= 1.0 - FULL_SHARE;
        let lacking = if column.meaning == Meaning::Phone2 && all > 0 && lacks_phones {
            Lacking::Phones
        } else if column.meaning != Meaning::Serial && lacks_all {
            Lacking::Values
        } else {
            return None;
        };
        Some(Unfilled { column: column.name.clone(), rows, lacking })
    });
    told.collect()
}
