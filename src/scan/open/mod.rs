//! Goes through a file whatever it is: text as it stands, and what stands in workbooks, documents, mail and archives.
//!
//! Nothing here opens a file: bytes are handed in, and what only the outside can do is asked of [`Outside`]. What cannot be
//! read is noted with its reason, and the rest goes on.

mod behind;
mod binary_book;
mod book;
mod database_log;
mod database_page;
mod dates;
mod desk;
mod error;
mod kind;
mod limits;
mod little_endian;
mod lzip;
mod mail;
mod old_book;
mod ole;
mod open_document;
mod parquet;
mod parquet_page;
mod passage;
mod pdf;
mod pdf_rest;
mod pdf_stream;
mod pdf_text;
mod prose;
mod rar;
mod raw;
mod rows;
mod seven_zip;
mod seven_zip_head;
mod signature;
mod stream;
mod tar;
mod uuencode;
mod wide;
mod xml;
mod zip;

use std::io::{self, Read, Seek, Write};

pub use behind::{Behind, Hidden};
pub use database_log::each_committed;
pub use desk::{Desk, Found, Unread};
pub use error::{HIDDEN, Unreadable};
pub use kind::{HEAD_BYTES, Kind};
pub use limits::{DEPTH_MAX, PART_BYTES_MAX, PARTS_MAX, PIECE_BYTES, RATIO_MAX, SMALL_BYTES_MAX};
pub use passage::TEXT_HEAD_BYTES;
pub use stream::Packing;
pub use wide::Writing;

/// Bytes that can be gone back and forth in.
pub trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// A place for bytes that come in once and have to be gone back and forth in.
pub trait Spool: Read + Write + Seek {}
impl<T: Read + Write + Seek> Spool for T {}

/// Is told of each row of a database: its table, its place in that, and its cells.
pub type SeeRow<'s> = dyn FnMut(&str, u64, &[String]) -> Result<(), Unreadable> + 's;

/// Bytes that several readers read at once, wherever each likes.
pub trait Shelf: Send + Sync {
    /// Tells how many there are.
    fn bytes(&self) -> u64;
    /// Reads some from a place on; nothing behind the end.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;
}

/// Where something lies that the outside has to open.
pub enum Held<'s> {
    /// It is the file that is scanned, which the outside knows.
    TheFile,
    Part(&'s mut dyn Source),
}

/// Is handed a tar archive.
pub type SeeTar<'s> = dyn FnMut(&mut dyn Read) -> Result<(), Unreadable> + 's;

/// What only the outside can do.
pub trait Outside {
    /// Makes an empty place for bytes, which is gone when it is dropped.
    fn spool(&self) -> io::Result<Box<dyn Spool>>;
    /// Opens something for several readers.
    fn lend(&self, held: Held<'_>) -> io::Result<Box<dyn Shelf>>;
    /// Tells whether nobody wants the rest.
    fn is_stopped(&self) -> bool;
    /// Tells whether pictures are read at all.
    fn reads_pictures(&self) -> bool;
    /// Reads the text of a picture.
    fn recognise(&self, picture: &[u8]) -> Result<String, Unreadable>;
    /// Makes a tar archive of a RAR archive.
    fn as_tar(&self, archive: Held<'_>, see: &mut SeeTar<'_>) -> Result<(), Unreadable>;
    /// Visits the rows of a SQLite database.
    fn each_row(&self, database: Held<'_>, see: &mut SeeRow<'_>) -> Result<(), Unreadable>;
}
