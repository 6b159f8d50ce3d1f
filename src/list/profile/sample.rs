//! A sample of places while the list goes by: each waits for the rows that come behind it.

use std::collections::HashMap;

use super::place::Place;
use super::reservoir::Reservoir;
use super::texts::Texts;
use crate::list::row::Row;

/// What stands before a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Data,
    Other,
}

/// A sample of places, with those whose later neighbours are still to come.
pub(super) struct Sample {
    pub(super) places: Reservoir<Place>,
    next: Option<(usize, u64)>,
    peers: HashMap<u64, Vec<(usize, u64)>>,
}

impl Default for Sample {
    fn default() -> Sample {
        Sample::new(0)
    }
}

impl Sample {
    pub(super) fn new(capacity: usize) -> Sample {
        Sample { places: Reservoir::new(capacity), next: None, peers: HashMap::new() }
    }

    /// Tells whether a place waits for a row that is still to come.
    pub(super) fn waits(&self) -> bool {
        self.next.is_some() || !self.peers.is_empty()
    }

    /// Hands a data row to the places that wait for one.
    pub(super) fn complete(&mut self, row: &Row<'_>, after: After, group: Option<u64>) {
        if let Some((slot, data_row)) = self.next.take()
            && after == After::Data
            && let Some(place) = self.places.get_mut(slot)
            && place.data_row == data_row
        {
            place.below = Some(Texts::of(row));
        }
        let Some(waiting) = group.and_then(|group| self.peers.remove(&group)) else { return };
        for (slot, data_row) in waiting {
            if let Some(place) = self.places.get_mut(slot)
                && place.data_row == data_row
            {
                place.peer = Some(Texts::of(row));
            }
        }
    }

    pub(super) fn put(&mut self, slot: usize, place: Place) {
        self.next = Some((slot, place.data_row));
        if let Some(group) = place.kin.filter(|_| place.peer.is_none()) {
            self.peers.entry(group).or_default().push((slot, place.data_row));
        }
        self.places.put(slot, place);
    }
}
