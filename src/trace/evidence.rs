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
    pub canaries: Vec<CanaryFact>,
    pub received: Vec<Receipt>,
    /// The hits that are asked about.
    pub hits: Vec<Hit>,
    /// Canaries with hits that are not asked about: they are neither silent nor counted.
    pub called_otherwise: BTreeSet<CanaryId>,
    pub controls: Vec<ControlFact>,
    pub now: DateTime<Utc>,
}
