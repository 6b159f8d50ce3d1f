//! Which rows of a list its recipient had in an earlier copy: nothing new may come to stand among them.
//!
//! A thief who compares two months' copies sees every row that only the later one has. A canary among rows that are new
//! themselves is one of many; among old ones it stands alone.

use super::super::{DeedError, EarlierError};
use super::columns::is_akin;
use crate::holder::HolderId;
use crate::list::Column;
use crate::list::profile::{KnownRows, Place, RowKey};
use crate::store::{PlantingState, Reader};

/// Rows beside a place, in either direction, that must be new where only part of the old rows are known.
const RUN: usize = 32;

/// Where new rows may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// Between two rows that are new.
    New,
    /// In front of a row that is new: where new rows stand singly among the old ones.
    Beside,
}

/// What is known of the rows of one recipient's earlier copies.
#[derive(Debug, Default)]
pub(super) struct History {
    sets: Vec<KnownRows>,
    /// Of each data row from 1, whether it is old.
    rows: Vec<Age>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Old,
    New,
    Untold,
}

/// The lists that a recipient got copies of, with their hashes.
pub(super) struct Lists {
    sets: Vec<(String, KnownRows)>,
}

impl Lists {
    /// Gathers the lists with columns like these that were planted for a holder.
    pub(super) fn of(reader: &Reader<'_>, holder: &HolderId, columns: &[Column]) -> Result<Lists, DeedError> {
        let mut sets: Vec<(String, KnownRows)> = Vec::new();
        for planting in reader.plantings_for(holder)? {
            let (PlantingState::Planted { .. }, Some(sha256)) = (&planting.state, planting.input_sha256.clone()) else {
                continue;
            };
            if !is_akin(&planting.header, columns) || sets.iter().any(|(known, _)| *known == sha256) {
                continue;
            }
            if let Some(rows) = reader.known_rows(planting.id)? {
                let known = KnownRows::parse(&rows).ok_or(EarlierError::KnownUnreadable { planting: planting.id })?;
                sets.push((sha256, known));
            }
        }
        Ok(Lists { sets })
    }

    /// Tells whether the list with this hash is one of them.
    pub(super) fn has(&self, sha256: &str) -> bool {
        self.sets.iter().any(|(known, _)| known == sha256)
    }

    /// Makes ready to look at the rows of another list than the one with this hash: a list is no later export of itself.
    pub(super) fn but(&self, sha256: Option<&str>) -> History {
        let others = self.sets.iter().filter(|(known, _)| Some(known.as_str()) != sha256);
        History { sets: others.map(|(_, rows)| rows.clone()).collect(), rows: Vec::new() }
    }
}

impl History {
    /// Tells whether there is nothing that a row could be known from.
    pub(super) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Looks at the keys of the next data row.
    pub(super) fn see(&mut self, keys: &[RowKey]) {
        let mut age = Age::New;
        for had in self.sets.iter().map(|known| known.had(keys)) {
            match had {
                Some(true) => {
                    age = Age::Old;
                    break;
                }
                None => age = Age::Untold,
                Some(false) => {}
            }
        }
        self.rows.push(age);
    }

    /// Lists what may be tried, the best first: places beside a single new row only if all old rows are surely known.
    pub(super) fn ways(&self) -> &'static [Among] {
        match self.sets.iter().all(KnownRows::is_sure) {
            true => &[Among::New, Among::Beside],
            false => &[Among::New],
        }
    }

    /// Tells whether a place is among new rows.
    pub(super) fn allows(&self, place: &Place, among: Among) -> bool {
        let at = place.data_row as usize;
        match among {
            Among::New | Among::Beside if self.is_empty() => true,
            Among::New => self.is_new(at) && self.is_new(at - 1),
            Among::Beside => self.is_new(at),
        }
    }

    /// Tells whether a data row, from 1, is new.
    fn is_new(&self, data_row: usize) -> bool {
        let Some(at) = data_row.checked_sub(1).filter(|at| *at < self.rows.len()) else { return false };
        if !self.sets.iter().any(KnownRows::is_thinned) {
            return self.rows[at] == Age::New;
        }
        let told = |age: &&Age| **age != Age::Untold;
        let below = self.rows[at..].iter().filter(told).take(RUN);
        let above = self.rows[..at].iter().rev().filter(told).take(RUN);
        below.chain(above).all(|age| *age == Age::New)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(rows: &str, sets: &[&str]) -> History {
        let sets = sets.iter().map(|text| KnownRows::parse(text).unwrap()).collect();
        let age = |c| match c {
            'o' => Age::Old,
            'n' => Age::New,
            _ => Age::Untold,
        };
        History { sets, rows: rows.chars().map(age).collect() }
    }

    fn new_rows(history: &History) -> Vec<usize> {
        (0..=history.rows.len() + 1).filter(|row| history.is_new(*row)).collect()
    }

    #[test]
    fn where_every_row_is_known_each_is_judged_by_itself() {
        assert_eq!(new_rows(&history("onno", &["AgAI"])), [2, 3]);
        assert_eq!(history("", &["AgAI"]).ways(), [Among::New, Among::Beside]);
    }

    #[test]
    fn where_part_is_known_a_row_is_new_only_in_a_long_run_of_new_ones() {
        let run = "n..".repeat(RUN * 2);
        let rows = format!("{}o..{run}", "..o".repeat(9));
        let found = new_rows(&history(&rows, &["AQII"]));
        assert_eq!(found.first(), Some(&(30 + 3 * RUN - 1)), "{found:?}");
        assert_eq!(found.last(), Some(&rows.len()), "the end of the list is no old row");
        assert_eq!(history("", &["AQII"]).ways(), [Among::New]);
    }
}
