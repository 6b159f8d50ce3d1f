//! A fact made ready to be entered.
//!
//! All that needs no ledger is done here, so that many facts can be made ready by one thread while another enters them.

use chrono::{DateTime, Utc};
use rand::Rng;

use super::counts::Counted;
use super::project::{NewRow, project};
use crate::ledger::{Audience, Entry, Event, Hash, MadeCanary, Salter, leaf_hash};
use crate::phone::Number;

/// The entry of a fact, its leaf, and the rows that answer questions about it.
pub struct Ready {
    pub(super) entry: Entry,
    pub(super) leaf: Hash,
    pub(super) rows: Vec<NewRow>,
    pub(super) counted: Vec<Counted>,
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
        let (leaf, rows) = (leaf_hash(&entry.body), project(event, at));
        let (counted, audience) = (Counted::of(event, at), event.audience());
        Ready { entry, leaf, rows, counted, audience, taken: taken(event) }
    }
}

/// Lists what an event takes into use.
pub(super) fn taken(event: &Event) -> Vec<Taken> {
    match event {
        Event::Mint { number, record, .. } => vec![Taken::Number(number.clone()), Taken::Person(record.identity)],
        Event::Made { canaries, .. } => {
            let takes = |made: &MadeCanary| [Taken::Number(made.number.clone()), Taken::Person(made.record.identity)];
            canaries.iter().flat_map(takes).collect()
        }
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
