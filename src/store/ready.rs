//! A fact made ready to be entered.
//!
//! All that needs no ledger is done here, so that many facts can be made ready by one thread while another enters them.

use chrono::{DateTime, Utc};
use rand::Rng;

use super::counts::Counted;
use super::project::{NewRow, project};
use crate::ledger::{Entry, Event, Hash, Salter, leaf_hash, opening_of};

/// The entry of a fact, its leaf, and the row that answers questions about it.
pub struct Ready {
    pub(super) entry: Entry,
    pub(super) leaf: Hash,
    pub(super) row: Option<NewRow>,
    pub(super) counted: Option<Counted>,
}

impl Ready {
    /// Makes a fact ready that bears the time `at`; `rng` salts its commitments.
    pub fn new(event: &Event, at: DateTime<Utc>, rng: &mut dyn Rng) -> Ready {
        let entry = event.write(at, &mut Salter(rng));
        // A record with nothing to escape stands in the entry as it goes into the table.
        let record = opening_of(&entry.openings, "record").filter(|record| !record.contains('\\'));
        let row = project(event, at, record);
        Ready { leaf: leaf_hash(&entry.body), row, counted: Counted::of(event, at), entry }
    }
}
