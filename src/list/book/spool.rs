//! One changed file of a package, packed on its own before it joins the others; a long one by a thread of its own.
//!
//! The zip crate sets the flag "this name is UTF-8" on a file it packs only where the name needs it, and keeps the flag on
//! a file it copies: among copies a changed part would stand out. So the flag is set here, and the packed file is copied.

use std::io::{Cursor, Read, Seek, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use zip::read::ZipFile;
use zip::write::FullFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::error::BookError;

/// Where the flags of the only file of a package are: in its own header, and in its entry of the directory.
const LOCAL_FLAGS: usize = 6;
const CENTRAL_FLAGS: usize = 8;
/// The end of the directory record, and where it says where the directory begins.
const END_BYTES: usize = 22;
const END_DIRECTORY: usize = 16;
/// The high byte of the flag for UTF-8 names.
const UTF8_FLAG: u8 = 0x08;

/// Bytes from which on a thread is worth its start.
const LONG_BYTES: usize = 1 << 20;

/// Pieces that wait to be packed.
const PIECES: usize = 4;

/// A package of one file.
pub(super) struct Spool {
    place: Place,
    written: usize,
    says_utf8: bool,
}

type Zip = Box<ZipWriter<Cursor<Vec<u8>>>>;

/// Where the file is packed.
enum Place {
    Here(Zip),
    Away { pieces: SyncSender<Vec<u8>>, thread: JoinHandle<Result<Zip, BookError>> },
}

impl Spool {
    /// Begins a file with the name, method, time, attributes and extra fields of another.
    pub(super) fn like<R: Read>(file: &ZipFile<'_, R>) -> Result<Spool, BookError> {
        let name = file.name()?.into_owned();
        let mut options: FullFileOptions<'_, '_> = file.options().large_file(false).into_full_options();
        let extra = file.extra_data().unwrap_or_default();
        let mut rest = extra.as_slice();
        while let [a, b, c, d, after @ ..] = rest {
            let (id, len) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
            let (data, next) = after.split_at(len.min(after.len()));
            options.add_extra_field(id, data, false)?;
            rest = next;
        }
        let says_utf8 = file.flags().as_u16() >> 8 & u16::from(UTF8_FLAG) != 0;
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(name, options)?;
        Ok(Spool { place: Place::Here(Box::new(zip)), written: 0, says_utf8 })
    }

    /// Packs some more bytes.
    pub(super) fn write(&mut self, bytes: Vec<u8>) -> Result<(), BookError> {
        self.written += bytes.len();
        match &mut self.place {
            Place::Here(zip) if self.written < LONG_BYTES => Ok(zip.write_all(&bytes)?),
            Place::Here(zip) => {
                let mut zip = std::mem::replace(zip, Box::new(ZipWriter::new(Cursor::new(Vec::new()))));
                let (pieces, waiting) = sync_channel::<Vec<u8>>(PIECES);
                let pack = move || {
                    zip.write_all(&bytes)?;
                    waiting.into_iter().try_for_each(|piece| zip.write_all(&piece))?;
                    Ok(zip)
                };
                let thread = std::thread::Builder::new().name("deflate".to_string()).spawn(pack)?;
                self.place = Place::Away { pieces, thread };
                Ok(())
            }
            Place::Away { pieces, .. } => match pieces.send(bytes) {
                Ok(()) => Ok(()),
                // The thread has ended early; it says why when it is joined.
                Err(_) => Ok(()),
            },
        }
    }

    /// Puts the packed file at the end of `out`.
    pub(super) fn join<W: Write + Seek>(self, out: &mut ZipWriter<W>) -> Result<(), BookError> {
        let zip = match self.place {
            Place::Here(zip) => zip,
            Place::Away { pieces, thread } => {
                drop(pieces);
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?
            }
        };
        let mut bytes = zip.finish()?.into_inner();
        if self.says_utf8 {
            let end = bytes.len() - END_BYTES + END_DIRECTORY;
            let directory = bytes[end..end + 4].iter().rev().fold(0, |sum, &b| sum << 8 | usize::from(b));
            bytes[LOCAL_FLAGS + 1] |= UTF8_FLAG;
            bytes[directory + CENTRAL_FLAGS + 1] |= UTF8_FLAG;
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes))?;
        Ok(out.raw_copy_file(archive.by_index_raw(0)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_keeps_the_flag_of_its_name() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("xl/a.xml", zip::write::SimpleFileOptions::default()).expect("a fresh name");
        let mut bytes = zip.finish().expect("memory").into_inner();
        let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("it has a directory");
        bytes[LOCAL_FLAGS + 1] |= UTF8_FLAG;
        bytes[directory + CENTRAL_FLAGS + 1] |= UTF8_FLAG;
        let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("still a package");

        let mut spool = Spool::like(&archive.by_index_raw(0).expect("it is there")).expect("memory");
        spool.write(b"<a/>".to_vec()).expect("memory");
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        spool.join(&mut out).expect("memory");
        let mut joined = ZipArchive::new(Cursor::new(out.finish().expect("memory").into_inner())).expect("a package");
        let mut file = joined.by_index(0).expect("it is there");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("text");
        assert_eq!((text.as_str(), file.flags().as_u16() >> 8), ("<a/>", u16::from(UTF8_FLAG)));
    }

    #[test]
    fn a_long_file_is_packed_as_a_short_one_is() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("a.xml", zip::write::SimpleFileOptions::default()).expect("a fresh name");
        let mut archive = ZipArchive::new(zip.finish().expect("memory")).expect("a package");
        let text: Vec<u8> = (0..3 * LONG_BYTES).map(|at| (at % 251) as u8).collect();
        let mut packed = |step: usize| {
            let mut spool = Spool::like(&archive.by_index_raw(0).expect("it is there")).expect("memory");
            text.chunks(step).for_each(|piece| spool.write(piece.to_vec()).expect("memory"));
            let mut out = ZipWriter::new(Cursor::new(Vec::new()));
            spool.join(&mut out).expect("memory");
            out.finish().expect("memory").into_inner()
        };
        let long = packed(64 << 10);
        let mut joined = ZipArchive::new(Cursor::new(long)).expect("a package");
        let mut found = Vec::new();
        joined.by_index(0).expect("it is there").read_to_end(&mut found).expect("bytes");
        assert!(found == text);
    }
}
