//! A holder's file as rows: text lists and workbooks, columns by meaning, the list's profile.
//!
//! Nothing here knows what a canary is: rows are put in and taken out by their place.

mod encoding;
mod meaning;
mod row;
mod sniff;
mod text;

pub use encoding::{Certainty, Encoding, EncodingError};
pub use meaning::Meaning;
pub use row::{LineEnd, NewRow, Row, Span};
pub use sniff::{Foreign, SNIFF_BYTES, Shape, SniffError, sniff};
pub use text::{CELL_BYTES_MAX, Dialect, RECORD_BYTES_MAX, Records, Serial, Spacing, TextError, seed, strip};
