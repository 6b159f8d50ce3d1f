//! What became of a planting, for whoever asked for it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::ledger::InputFile;
use crate::list::Meaning;
use crate::phone::Number;
use crate::plant::{Astray, Unfilled};

/// A canary that the copies of several holders have; `row` is its data row in one of them, from 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedCanary {
    pub id: CanaryId,
    pub number: Number,
    pub row: u64,
    /// What was written, by meaning.
    pub fields: BTreeMap<Meaning, String>,
    pub holders: Vec<HolderId>,
}

/// One finished planting.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantingDone {
    pub planting: PlantingId,
    pub holder: HolderId,
    pub planted_at: DateTime<Utc>,
    pub input: Option<InputFile>,
    pub output: InputFile,
    /// Canaries of other plantings that stood in the list already.
    pub carried: u64,
    /// Canaries of this holder's earlier plantings that were put back into their places.
    pub kept: u64,
    /// Canaries of the holder's last copy of this list that were left out: the rows beside them are gone or were corrected.
    pub left_out: u64,
    /// Whether a recipient of these copies got one of this very list before.
    pub came_before: bool,
    /// Columns out of whose order canaries of the planting stand, because they found no place in it.
    pub astray: Vec<Astray>,
    /// Columns that canaries of the planting leave empty where most rows have a number, or nearly every row a value.
    pub unfilled: Vec<Unfilled>,
    /// Canaries that were made for it alone.
    pub canaries: u64,
    /// Canaries that were made for it and for others at once.
    pub shared: Vec<SharedCanary>,
    /// What the columns of the list were taken to mean.
    pub columns: Vec<(String, Meaning)>,
}
