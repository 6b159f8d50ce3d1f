//! A holder's file as rows: text lists and workbooks, columns by meaning, the list's profile.
//!
//! Nothing here knows what a canary is: rows are put in and taken out by their place.

pub mod book;
mod encoding;
mod meaning;
mod row;

pub use encoding::Encoding;
pub use meaning::Meaning;
pub use row::{LineEnd, NewRow, Row, Span};
