//! The zip package around a workbook: what it may hold, and how its files are passed on.
//!
//! Sizes in a zip directory are claims; the limits count bytes as they are unpacked.

use std::collections::HashMap;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};

use zip::read::ZipFile;
use zip::{ZipArchive, ZipWriter};

use super::error::BookError;
use super::spool::Spool;
use super::workbook::Workbook;

/// Bytes that one part, and all parts together, may unpack to.
const PART_BYTES_MAX: u64 = 256 << 20;
const ALL_BYTES_MAX: u64 = 512 << 20;
/// How many times its packed size a part may unpack to.
const RATIO_MAX: u64 = 200;
/// Below this, a part may shrink as well as it likes: a blank theme does.
const RATIO_BYTES_MIN: u64 = 1 << 20;
/// Files in a package, at most.
const FILES_MAX: usize = 1_000;
/// How much of a part that is read whole is accepted.
const SMALL_BYTES_MAX: u64 = 16 << 20;

/// Bytes that are read at once.
const PIECE_BYTES: usize = 64 << 10;

/// An open package.
pub(super) struct Package<R> {
    archive: ZipArchive<R>,
    /// By name in lower case, without a leading slash.
    places: HashMap<String, usize>,
    names: Vec<String>,
    /// The most bytes that were unpacked from each file.
    unpacked: Vec<u64>,
}

/// A file of the package, counted while it is unpacked.
pub(super) struct Counted<'a, R: Read> {
    file: ZipFile<'a, R>,
    part: String,
    packed: u64,
    count: u64,
    others: u64,
    seen: &'a mut u64,
}

/// A limit that was met inside a reader; [`BookError::reading`] takes it out of the error again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a limit was met")]
pub(super) enum Limit {
    Ratio { part: String },
    Part,
    All,
}

impl<R: Read + Seek> Package<R> {
    /// Reads the directory and refuses what is no package.
    pub(super) fn open(mut input: R) -> Result<Package<R>, BookError> {
        sniff(&mut input)?;
        let mut archive = ZipArchive::new(input)?;
        if archive.len() > FILES_MAX {
            return Err(BookError::TooLarge { what: "files in the package", max: FILES_MAX as u64 });
        }
        let mut places = HashMap::new();
        let mut names = Vec::new();
        for i in 0..archive.len() {
            let file = archive.by_index_raw(i)?;
            if file.encrypted() {
                return Err(BookError::Encrypted);
            }
            let name = String::from_utf8_lossy(file.name_raw()).replace('\\', "/");
            if places.insert(name.trim_start_matches('/').to_lowercase(), i).is_some() {
                return Err(BookError::NotAWorkbook { why: "two files have the same name" });
            }
            names.push(name);
        }
        if archive.has_duplicate_names() {
            return Err(BookError::NotAWorkbook { why: "two files have the same name" });
        }
        let unpacked = vec![0; names.len()];
        Ok(Package { archive, places, names, unpacked })
    }

    /// Lists the files in the order they lie in.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Finds a file whatever its capitals.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(&name.trim_start_matches('/').to_lowercase()).copied()
    }

    /// Gives the number of bytes the directory claims a file unpacks to, as far as the limit.
    pub(super) fn claimed_len(&mut self, place: usize) -> Result<u64, BookError> {
        Ok(self.archive.by_index_raw(place)?.size().min(PART_BYTES_MAX))
    }

    /// Opens one file for reading.
    pub(super) fn reader(&mut self, place: usize) -> Result<BufReader<Counted<'_, R>>, BookError> {
        let others = self.unpacked.iter().sum::<u64>() - self.unpacked[place];
        let file = self.archive.by_index(place)?;
        let part = self.names[place].clone();
        let packed = file.compressed_size();
        let counted = Counted { file, part, packed, count: 0, others, seen: &mut self.unpacked[place] };
        Ok(BufReader::with_capacity(PIECE_BYTES, counted))
    }

    /// Reads a small file whole.
    pub(super) fn small(&mut self, place: usize) -> Result<String, BookError> {
        let name = self.names[place].clone();
        let mut bytes = Vec::new();
        self.reader(place)?
            .take(SMALL_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| BookError::reading(&name, quick_xml::Error::from(error)))?;
        if bytes.len() as u64 > SMALL_BYTES_MAX {
            return Err(BookError::TooLarge { what: "bytes in one part", max: SMALL_BYTES_MAX });
        }
        String::from_utf8(bytes).map_err(|_| BookError::NotUtf8 { part: name })
    }

    /// Refuses a document type declaration in any part that reading rows does not go through anyway.
    pub(super) fn refuse_doctypes(&mut self, workbook: &Workbook) -> Result<(), BookError> {
        let sheets = workbook.sheets.iter().map(|sheet| &sheet.part).chain(&workbook.strings);
        let read_later: Vec<usize> = sheets.filter_map(|part| self.place(part)).collect();
        for place in 0..self.names.len() {
            let name = self.names[place].to_lowercase();
            let is_xml = [".xml", ".rels", ".vml"].iter().any(|end| name.ends_with(end));
            if !is_xml || read_later.contains(&place) {
                continue;
            }
            let found = holds(self.reader(place)?, b"<!DOCTYPE");
            if found.map_err(|error| BookError::reading(&name, quick_xml::Error::from(error)))? {
                return Err(BookError::Doctype { part: self.names[place].clone() });
            }
        }
        Ok(())
    }

    /// Passes one file on as it lies there.
    pub(super) fn copy<W: Write + Seek>(&mut self, place: usize, out: &mut ZipWriter<W>) -> Result<(), BookError> {
        out.raw_copy_file(self.archive.by_index_raw(place)?)?;
        Ok(())
    }

    /// Tells whether the files at one place of two packages are packed into the same bytes.
    pub(super) fn same_packed<O: Read + Seek>(
        &mut self,
        place: usize,
        other: &mut Package<O>,
    ) -> Result<bool, BookError> {
        let (mut one, mut two) = (self.archive.by_index_raw(place)?, other.archive.by_index_raw(place)?);
        if (one.compression(), one.crc32(), one.compressed_size(), one.size())
            != (two.compression(), two.crc32(), two.compressed_size(), two.size())
        {
            return Ok(false);
        }
        let (mut left, mut right) = (vec![0; PIECE_BYTES], vec![0; PIECE_BYTES]);
        loop {
            let len = one.read(&mut left)?;
            if len == 0 {
                return Ok(true);
            }
            two.read_exact(&mut right[..len])?;
            if left[..len] != right[..len] {
                return Ok(false);
            }
        }
    }

    /// Begins a changed file that takes the place of one.
    pub(super) fn spool(&mut self, place: usize) -> Result<Spool, BookError> {
        Spool::like(&self.archive.by_index_raw(place)?)
    }

    /// Gives the comment at the end of the package.
    pub(super) fn comment(&self) -> &[u8] {
        self.archive.comment()
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.count += read as u64;
        *self.seen = (*self.seen).max(self.count);
        let limit = if self.count > RATIO_BYTES_MIN && self.count / RATIO_MAX > self.packed {
            Limit::Ratio { part: self.part.clone() }
        } else if self.count > PART_BYTES_MAX {
            Limit::Part
        } else if self.others + *self.seen > ALL_BYTES_MAX {
            Limit::All
        } else {
            return Ok(read);
        };
        Err(std::io::Error::other(limit))
    }
}

impl From<Limit> for BookError {
    fn from(limit: Limit) -> BookError {
        match limit {
            Limit::Ratio { part } => BookError::Bomb { part, max: RATIO_MAX },
            Limit::Part => BookError::TooLarge { what: "bytes in one part", max: PART_BYTES_MAX },
            Limit::All => BookError::TooLarge { what: "bytes in all", max: ALL_BYTES_MAX },
        }
    }
}

impl BookError {
    /// Tells a limit, a damaged stream and bad XML apart.
    pub(super) fn reading(part: &str, error: quick_xml::Error) -> BookError {
        let quick_xml::Error::Io(io) = &error else {
            return match error {
                quick_xml::Error::Encoding(_) => BookError::NotUtf8 { part: part.to_string() },
                source => BookError::Malformed { part: part.to_string(), source },
            };
        };
        if let Some(limit) = io.get_ref().and_then(|inner| inner.downcast_ref::<Limit>()) {
            return limit.clone().into();
        }
        let kind = io.kind();
        let copy = std::io::Error::new(kind, std::sync::Arc::clone(io));
        match kind {
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput | std::io::ErrorKind::UnexpectedEof => {
                BookError::Damaged { source: zip::result::ZipError::Io(copy) }
            }
            _ => BookError::Io { source: copy },
        }
    }
}

/// Refuses by their first bytes the files that are often taken for workbooks.
fn sniff<R: Read + Seek>(input: &mut R) -> Result<(), BookError> {
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.by_ref().take(128).read_to_end(&mut head)?;
    if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(if holds_encrypted_package(input)? { BookError::Encrypted } else { BookError::OldFormat });
    }
    if head.windows(26).any(|w| w == b"vnd.oasis.opendocument.spr") {
        return Err(BookError::OpenDocument);
    }
    match head.get(..4) {
        _ if head.is_empty() => Err(BookError::NotAWorkbook { why: "it is empty" }),
        Some(b"PK\x03\x04") => {
            input.seek(SeekFrom::Start(0))?;
            Ok(())
        }
        _ => Err(BookError::NotAWorkbook { why: "it is not a zip package" }),
    }
}

/// Looks for the stream that an OLE container keeps an encrypted workbook in.
fn holds_encrypted_package<R: Read + Seek>(input: &mut R) -> Result<bool, BookError> {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    input.seek(SeekFrom::Start(0))?;
    Ok(holds(input, &name)?)
}

/// Looks for some bytes, a window at a time; reads to the end of the stream unless it finds them.
fn holds(mut input: impl Read, wanted: &[u8]) -> std::io::Result<bool> {
    let mut window = Vec::new();
    loop {
        let kept = window.len().min(wanted.len());
        window.drain(..window.len() - kept);
        if input.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut window)? == 0 {
            return Ok(false);
        }
        if memchr::memmem::find(&window, wanted).is_some() {
            return Ok(true);
        }
    }
}
