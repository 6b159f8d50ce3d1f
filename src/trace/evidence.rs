//! What a trace stands on, as plain values: nothing here asks the ledger.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::hit::Hit;
use crate::holder::{FlowGraph, HolderId};
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

/// A canary as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryFact {
    pub id: CanaryId,
    pub number: Number,
    pub holder: HolderId,
    pub planting: PlantingId,
    pub planted_at: DateTime<Utc>,
    pub standing: Standing,
}

/// A canary was seen in this holder's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub canary: CanaryId,
    pub holder: HolderId,
    pub at: DateTime<Utc>,
}

/// Silent canaries of one planting that were seen in the same lists: counted, not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    pub holder: HolderId,
    pub planted_at: DateTime<Utc>,
    /// Holders whose own lists they were seen in.
    pub received: Vec<(HolderId, DateTime<Utc>)>,
    pub canaries: usize,
}

/// A number that was never planted, and how often it was contacted since it was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlFact {
    pub number: Number,
    pub since: DateTime<Utc>,
    pub contacts: u64,
    /// Those of the contacts that were at level `topic`.
    pub topics: u64,
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
    pub controls: Vec<ControlFact>,
    pub now: DateTime<Utc>,
}
