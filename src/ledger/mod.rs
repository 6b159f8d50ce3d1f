//! What can happen, and its exact bytes.
//!
//! Each fact is an [`Event`]. It is written as an [`Entry`]: a public body, whose bytes are the leaf of a
//! Merkle log, and openings, which hold what the body only commits to. What is hashed is what was
//! stored; nothing is ever encoded a second time to be checked.

mod entry;
mod event;
mod record;
mod tree;

pub use entry::{Entry, LedgerError, Salter};
pub use event::{Event, VoidReason, identity};
pub use record::{ContactRecord, InputFile, NumberRecord, PlantingRecord, Record, RecordFields};
pub use tree::{Hash, Tree, leaf_hash, sha256};
