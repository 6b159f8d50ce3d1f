//! The copies that a recipient got before: whether their rows still stand in a list, and so whether canaries that find no
//! place again lost it with their rows or only because every row is written otherwise now.
//!
//! Rows are known by keys that a change of form, heading or column leaves alone, but some strangers look known by them too;
//! what is said here is said of many rows together, never of one.

use std::collections::HashSet;

use super::super::DeedError;
use super::super::EarlierError;
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::list::profile::{KnownRows, RowKey};
use crate::store::{PlantingState, Reader};

/// Rows up to which all are looked at; of the rest, one in [`SAMPLED`].
const LOOKED_AT: u64 = 20_000;
const SAMPLED: u64 = 16;

/// Most strangers that look known: each of two keys of a row is one of 64.
const STRANGERS: f64 = 0.03;

/// Share of a copy's rows from which on it counts as still there.
const STILL_THERE_MIN: f64 = 0.5;

/// Chance that all canaries of a copy went with the rows that are gone, below which that is not believed.
const ALL_GONE_MAX: f64 = 0.02;

/// One copy.
struct Former {
    planting: PlantingId,
    rows: u64,
    known: KnownRows,
    canaries: Vec<CanaryId>,
    /// About how many of the rows looked at are known.
    still: f64,
}

/// All lists that a recipient got copies of, whatever their columns; the latest first.
pub(super) struct Formers {
    copies: Vec<Former>,
    looked_at: u64,
}

/// Why so many canaries found no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missed {
    /// So many went with the rows beside them.
    Gone(u64),
    /// The rows of this planting's list are there and all look otherwise.
    Changed(PlantingId),
}

impl Formers {
    /// Gathers them.
    pub(super) fn of(reader: &Reader<'_>, holder: &HolderId) -> Result<Formers, DeedError> {
        let seen = reader.seen_with(holder)?;
        let (mut copies, mut made) = (Vec::new(), HashSet::new());
        for planting in reader.plantings_for(holder)? {
            let (PlantingState::Planted { .. }, Some(rows)) = (&planting.state, planting.input_rows) else { continue };
            let canaries = reader.canaries_in(planting.id)?;
            made.extend(canaries.iter().filter(|canary| canary.record.beside.is_none()).map(|canary| canary.id));
            let Some(known) = reader.known_rows(planting.id)? else { continue };
            let known = KnownRows::parse(&known).ok_or(EarlierError::KnownUnreadable { planting: planting.id })?;
            let own = canaries.iter().filter(|canary| canary.record.beside.is_none()).map(|canary| canary.id);
            // Canaries of others that stood in its list say nothing of this recipient's.
            let received = seen.iter().filter(|(row, _)| row.planting == planting.id).map(|(row, _)| row.canary);
            let canaries = own.chain(received.filter(|id| made.contains(id))).collect();
            copies.push(Former { planting: planting.id, rows, known, canaries, still: 0.0 });
        }
        copies.reverse();
        Ok(Formers { copies, looked_at: 0 })
    }

    /// Tells whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.copies.is_empty()
    }

    /// Looks at the keys of the next data row.
    pub(super) fn see(&mut self, keys: &[RowKey]) {
        self.looked_at += 1;
        let stands_for = if self.looked_at <= LOOKED_AT { 1 } else { SAMPLED };
        if !self.looked_at.is_multiple_of(stands_for) {
            return;
        }
        for copy in &mut self.copies {
            if copy.known.had(keys) == Some(true) {
                copy.still += stands_for as f64 * copy.known.rows_of_one();
            }
        }
    }

    /// Judges by the latest copy whose rows are there, given the canaries that stand in the new one.
    pub(super) fn missed(&self, standing: &HashSet<CanaryId>) -> Missed {
        let mut gone = 0;
        for copy in self.copies.iter().filter(|copy| !copy.canaries.is_empty()) {
            let found = copy.canaries.iter().filter(|id| standing.contains(id)).count();
            let missing = copy.canaries.len() - found;
            let Some(left) = self.rows_left(copy) else {
                if found > 0 {
                    return Missed::Gone(missing as u64);
                }
                continue;
            };
            if found > 0 {
                return Missed::Gone(missing as u64);
            }
            let all_gone = (1.0 - left).powi(i32::try_from(missing).unwrap_or(i32::MAX));
            if all_gone < ALL_GONE_MAX {
                return Missed::Changed(copy.planting);
            }
            gone = gone.max(missing as u64);
        }
        Missed::Gone(gone)
    }

    /// Gives the share of a copy's rows that are in the list, if it is sure that many are.
    fn rows_left(&self, copy: &Former) -> Option<f64> {
        let rows = copy.rows as f64;
        let others = self.looked_at.saturating_sub(copy.rows) as f64 * STRANGERS;
        let is_there = copy.still >= rows * STILL_THERE_MIN + others + 3.0 * others.sqrt();
        is_there.then_some(((copy.still - others) / rows).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy of 300 rows with these canaries, of which so many rows still stand in a list of 400.
    fn formers(copies: &[(&[u64], f64)]) -> Formers {
        let known = KnownRows::parse("AgAI").expect("an empty list");
        let former = |(at, (canaries, still)): (usize, &(&[u64], f64))| Former {
            planting: PlantingId(at as u64 + 1),
            rows: 300,
            known: known.clone(),
            canaries: canaries.iter().copied().map(CanaryId).collect(),
            still: *still,
        };
        Formers { copies: copies.iter().enumerate().map(former).collect(), looked_at: 400 }
    }

    fn missed(copies: &[(&[u64], f64)], standing: &[u64]) -> Missed {
        formers(copies).missed(&standing.iter().copied().map(CanaryId).collect())
    }

    #[test]
    fn canaries_whose_rows_are_all_there_are_not_gone_with_them() {
        assert_eq!(missed(&[(&[1, 2, 3, 4], 302.0)], &[]), Missed::Changed(PlantingId(1)));
        assert_eq!(missed(&[(&[1], 303.0)], &[]), Missed::Changed(PlantingId(1)));
        assert_eq!(missed(&[(&[1, 2, 3, 4], 302.0)], &[2]), Missed::Gone(3));
    }

    #[test]
    fn canaries_whose_rows_are_gone_are_left_out() {
        assert_eq!(missed(&[(&[1, 2, 3, 4], 9.0)], &[]), Missed::Gone(0), "another list");
        assert_eq!(missed(&[(&[1, 2], 200.0)], &[]), Missed::Gone(2));
        assert_eq!(missed(&[(&[1, 2, 3, 4], 90.0)], &[4]), Missed::Gone(3));
    }

    #[test]
    fn the_latest_copy_decides() {
        let latest: (&[u64], f64) = (&[3, 4], 303.0);
        let first: (&[u64], f64) = (&[1, 2], 303.0);
        assert_eq!(missed(&[latest, first], &[3, 4]), Missed::Gone(0), "the first lost its canaries long ago");
        assert_eq!(
            missed(&[(&[5, 6], 9.0), first], &[]),
            Missed::Changed(PlantingId(2)),
            "a list of its own came between"
        );
    }
}
