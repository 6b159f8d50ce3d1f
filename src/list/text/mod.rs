//! Lists of delimited text (CSV, TSV, `;`, `|`), read as a stream and spliced byte for byte.
//!
//! What is not a canary is copied, never written anew: not the encoding, the quoting, the line ends,
//! nor the lack of a last one. A record may span several lines, so records are counted, not lines.

mod batch;
mod check;
mod cut;
mod dialect;
mod error;
mod line;
mod records;
mod serial;
mod source;
mod splice;

pub use batch::Batch;
pub use check::is_undone;
pub(super) use dialect::readable;
pub use dialect::{Dialect, Spacing};
pub use error::TextError;
pub use records::Records;
pub use serial::Serial;
pub use splice::{seed, strip};

/// Longest record, in bytes (in UTF-8 for a list in UTF-16); what is longer is not a list.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// Longest cell, in bytes; a quote that is not closed within it was not meant as one.
pub const CELL_BYTES_MAX: usize = 64 * 1024;
