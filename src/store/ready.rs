//! A fact made ready to be entered.
//!
//! All that needs no ledger is done here, so that many facts can be made ready by one thread while another enters them.

use chrono::{DateTime, Utc};
use rand::Rng;

use super::counts::Counted;
use super::project::{NewRow, project};
use crate::ledger::{Audience, Entry, Event, Hash, Salter, leaf_hash, opening_of};
use crate::phone::Number;

/// The entry of a fact, its leaf, and the row that answers questions about it.
pub struct Ready {
    pub(super) entry: Entry,
    pub(super) leaf: Hash,
    pub(super) row: Option<NewRow>,
    pub(super) counted: Option<Counted>,
    pub(super) audience: Audience,
    pub(super) taken: Vec<Taken>,
}

/// What a fact takes into use, so that a locked ledger must know it again unread.
pub(super) enum Taken {
    Number(Number),
    /// The key of a contact.
    Contact(String),
    /// The identity of a persona; both numbers of a row have one.
    Person(i64),
}

impl Ready {
    /// Makes a fact ready that bears the time `at`; `rng` salts its commitments.
    pub fn new(event: &Event, at: DateTime<Utc>, rng: &mut dyn Rng) -> Ready {
        Ready::of(event, event.write(at, &mut Salter(rng)), at)
    }

    /// Makes a fact ready for a locked ledger.
    pub(super) fn locked(event: &Event, at: DateTime<Utc>, rng: &mut dyn Rng) -> Ready {
        Ready::of(event, event.write_locked(at, &mut Salter(rng)), at)
    }

    fn of(event: &Event, entry: Entry, at: DateTime<Utc>) -> Ready {
        // A record with nothing to escape stands in the entry as it goes into the table.
        let record = opening_of(&entry.openings, "record").filter(|record| !record.contains('\\'));
        let (leaf, row) = (leaf_hash(&entry.body), project(event, at, record));
        let (counted, audience) = (Counted::of(event, at), event.audience());
        Ready { entry, leaf, row, counted, audience, taken: taken(event) }
    }
}

/// Lists what an event takes into use.
pub(super) fn taken(event: &Event) -> Vec<Taken> {
    match event {
        Event::Mint { number, record, .. } => vec![Taken::Number(number.clone()), Taken::Person(record.identity)],
        Event::Trap { number } => vec![Taken::Number(number.clone())],
        Event::Contact(record) => vec![Taken::Contact(record.key.clone())],
        Event::Key { .. }
        | Event::Lock(_)
        | Event::Holder(_)
        | Event::Flow(_)
        | Event::Line { .. }
        | Event::Number(_)
        | Event::Control { .. }
        | Event::Retired { .. }
        | Event::Reserved(_)
        | Event::Sealed { .. }
        | Event::Known { .. }
        | Event::Planted { .. }
        | Event::Void { .. }
        | Event::Received { .. }
        | Event::Met(_)
        | Event::Stray { .. }
        | Event::Backup { .. }
        | Event::Seal { .. }
        | Event::Receipt(_)
        | Event::Stamp(_)
        | Event::Witness(_)
        | Event::Lookup(_) => Vec::new(),
    }
}
