//! What can happen, and its exact bytes.
//!
//! Each fact is an [`Event`]. It is written as an [`Entry`]: a public body, whose bytes are the leaf of a
//! Merkle log, and openings, which hold what the body only commits to. What is hashed is what was
//! stored; nothing is ever encoded a second time to be checked.

mod cosign;
mod entry;
mod event;
mod lock_lines;
mod merkle;
mod note;
mod openings;
mod planting_lines;
mod proof_lines;
mod record;
mod rows;

pub use cosign::{Cosignature, Witness, cosign, cosigned_text};
pub use entry::{Entry, LedgerError, Salter, commitment, kind_of, opening_of};
pub use event::{Event, identity};
pub use lock_lines::{Audience, LockRecord, Looked, LookupRecord, MetRecord};
pub use merkle::{
    Hash, Tree, consistency_proof, inclusion_proof, is_consistent, is_included, leaf_hash, root_of, sha256,
};
pub use note::{Checkpoint, NOTE_BYTES_MAX, NoteError, Signatory, checkpoint_in, open_note, origin_of, public_key};
pub use openings::{CameOpening, CanaryOpening, CanaryTree};
pub use record::{
    CameAlong, CanaryRange, ContactRecord, InputFile, MadeCanary, NumberRecord, PlantingRecord, ReceiptRecord, Record,
    RecordFields, SealedRoots, SealedRows, SignedHow, StampRecord, VoidReason, WitnessRecord,
};
pub use rows::{GrownRows, KeptRow, RowProof, RowProofs, RowsTree, row_in, row_text};
