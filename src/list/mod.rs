//! A holder's file as rows: text lists and workbooks, columns by meaning, the list's profile.
//!
//! Nothing here knows what a canary is: rows are put in and taken out by their place.

pub mod book;
mod column_map;
pub mod contents;
mod counting;
pub mod digits;
mod encoding;
pub mod fresh;
mod hash;
mod header;
pub mod heading;
pub mod home;
mod layout;
mod layout_error;
mod look;
mod meaning;
pub mod moment;
pub mod profile;
mod row;
#[cfg(test)]
pub(crate) mod rows;
mod settle;
mod sniff;
pub mod text;
mod total;

pub use column_map::{ColumnMap, Pointer};
pub use counting::Counting;
pub use encoding::{Certainty, Encoding, EncodingError};
pub use layout::{Column, HeadRow, Layout, recognise};
pub use layout_error::{LayoutError, Seen};
pub use meaning::{Meaning, NoSuchMeaning};
pub use row::{LineEnd, NewRow, Row, Span, ordinals_in_copy};
pub use sniff::{Foreign, SNIFF_BYTES, Shape, SniffError, sniff};
