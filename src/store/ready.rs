//! A fact made ready to be entered.
//!
//! All that needs no ledger is done here, so that many facts can be made ready by one thread while another enters them.

use chrono::{DateTime, Utc};
use rand::Rng;

use super::project::{NewRow, project};
use crate::ledger::{Entry, Event, Hash, Salter, leaf_hash};

/// The entry of a fact, its leaf, and the row that answers questions about it.
pub struct Ready {
    pub(super) entry: Entry,
    pub(super) leaf: Hash,
    pub(super) row: Option<NewRow>,
}

impl Ready {
    /// Makes a fact ready that bears the time `at`; `rng` salts its commitments.
    pub fn new(event: &Event, at: DateTime<Utc>, rng: &mut dyn Rng) -> Ready {
        let entry = event.write(at, &mut Salter(rng));
        Ready { leaf: leaf_hash(&entry.body), entry, row: project(event, at) }
    }
}
