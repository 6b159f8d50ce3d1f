//! What a trace stands on, as plain values: nothing here asks the ledger.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use foldhash::fast::RandomState;
use serde::Serialize;

use crate::hit::{Caller, Hit};
use crate::holder::{Came, FlowGraph, HolderId};
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;

/// Whether a canary can have reached anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Planted,
    /// Its list was never handed over, or its number was never ours.
    Void,
}

/// Whose births a canary's row is among: lists are grouped and sold by hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Rows {
    /// The row names no hospital, or nobody told of any.
    #[default]
    Unknown,
    /// One of the hospitals of which callers told, in their order.
    Hospital(u8),
    /// A hospital of which nobody told.
    Other,
}

/// A canary as the ledger knows it; `dated` is the birth date its row has, if that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryFact {
    pub id: CanaryId,
    pub number: Number,
    pub holder: HolderId,
    pub planting: PlantingId,
    pub planted_at: DateTime<Utc>,
    pub dated: Option<NaiveDate>,
    pub rows: Rows,
    pub standing: Standing,
}

/// A canary was seen in this holder's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub canary: CanaryId,
    /// The list's planting.
    pub planting: PlantingId,
    pub seen: Seen,
}

/// In whose list something was seen, when that was made, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    pub holder: HolderId,
    pub at: DateTime<Utc>,
    pub came: Came,
}

/// Silent canaries of one planting with one date, among rows of one hospital, that were seen in the same lists: counted, not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    pub holder: HolderId,
    pub planted_at: DateTime<Utc>,
    pub dated: Option<NaiveDate>,
    pub rows: Rows,
    /// Holders whose own lists they were seen in.
    pub received: Vec<Seen>,
    pub canaries: usize,
}

/// Why what reached a number came by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WatchKind {
    /// It is a control: nobody is ever given it.
    Control,
    /// It was in the pool and not planted yet.
    NotPlanted,
}

/// A stretch of time in which nobody can have had a number from a list; `topics` of the contacts spoke of the trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    pub number: Number,
    pub kind: WatchKind,
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub contacts: u64,
    pub topics: u64,
}

/// Numbers that nobody ever called, in blocks where nobody called any, with one stretch as a [`Watch`] has it: counted, not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub numbers: u64,
}

impl Watch {
    /// Tells whether a time lies in the stretch.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.since <= at && at < self.until || self.kind == WatchKind::Control && at == self.until
    }
}

/// Everything a trace weighs.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub graph: FlowGraph,
    /// Canaries that were called or asked about; one that was not called counts as silent.
    pub canaries: Vec<CanaryFact>,
    /// Where the canaries that are listed were seen.
    pub received: Vec<Receipt>,
    /// All other silent canaries that a holder of a called one can have.
    pub silent: Vec<Cohort>,
    /// The hits that are asked about.
    pub hits: Vec<Hit>,
    /// Canaries with hits that are not asked about: they are neither silent nor counted.
    pub called_otherwise: BTreeSet<CanaryId>,
    /// Numbers that are out of use, each since when: what reached one later has nothing to do with its canary.
    pub retired: BTreeMap<Number, DateTime<Utc>>,
    /// Seized lists of which a part could not be read, and that are asked about: nothing counts as silent beside them.
    pub in_part: BTreeSet<Caller>,
    /// Plantings that a crash left open: nothing says that their copies were handed over.
    pub open: BTreeSet<PlantingId>,
    /// Numbers in the pool, planted or not.
    pub pool: usize,
    /// Stretches in which only chance can have called.
    pub watches: Vec<Watch>,
    /// All other such stretches.
    pub quiet: Vec<Quiet>,
    /// Contacts that came in these stretches, by day.
    pub watched_days: BTreeMap<NaiveDate, u64>,
    /// Callers that call anybody: they reached controls, or ran through neighbouring numbers.
    pub diallers: HashSet<Caller, RandomState>,
    /// Callers that reached several numbers of the pool, and how many, whether asked about or not.
    pub reached_by: BTreeMap<Caller, usize>,
    /// The end of what is on record: the time of asking, or of the last contact if that is later.
    pub until: DateTime<Utc>,
}

impl Evidence {
    /// Makes evidence without a canary, a hit or a watched number.
    pub fn none(graph: FlowGraph, until: DateTime<Utc>) -> Evidence {
        Evidence {
            graph,
            canaries: Vec::new(),
            received: Vec::new(),
            silent: Vec::new(),
            hits: Vec::new(),
            called_otherwise: BTreeSet::new(),
            retired: BTreeMap::new(),
            in_part: BTreeSet::new(),
            open: BTreeSet::new(),
            pool: 0,
            watches: Vec::new(),
            quiet: Vec::new(),
            watched_days: BTreeMap::new(),
            diallers: HashSet::default(),
            reached_by: BTreeMap::new(),
            until,
        }
    }

    /// Tells whether a hit is from a caller that calls anybody.
    pub fn is_dialled(&self, hit: &Hit) -> bool {
        hit.contact.from.as_ref().is_some_and(|caller| self.diallers.contains(caller))
    }
}
