//! What lies beside a SQLite database: its write-ahead log (`-wal`), and the pages that a transaction replaced (`-journal`).
//!
//! A seized phone's newest rows stand in the log alone until it is written back. Each page is read as it stands, whether its
//! transaction came to an end or not: this is evidence, and not the database as its program would see it. Formats as in SQLite's
//! documentation, "WAL-mode File Format" and "Database File Format", 3 and 4.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, SeekFrom};

use super::Source;
use super::database_page::each_record;
use super::desk::Desk;
use super::error::Unreadable;
use super::rows::Rows;

/// Bytes of a log's header, and of that before each of its pages.
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// The magic number of a log whose checksums are of big-endian words; one less where they are of little-endian ones.
const BIG_ENDIAN: u32 = 0x377F_0683;
/// Bytes of a journal's header that are read, and where its sector and page sizes stand.
const JOURNAL_HEADER_BYTES: usize = 28;
const SECTOR_AT: usize = 20;
const PAGE_SIZE_AT: usize = 24;
/// Bytes of a page, and of a sector, as SQLite allows them.
const PAGE_BYTES: std::ops::RangeInclusive<usize> = 512..=65_536;
const SECTOR_BYTES: std::ops::RangeInclusive<usize> = 32..=65_536;
/// Records whose hash is kept so that one that stands in many pages is told once.
const RECORDS_KNOWN_MAX: usize = 1 << 20;

/// Is told of each page: its number from 1, and its bytes.
type SeePage<'s> = dyn FnMut(u32, &[u8]) -> Result<(), Unreadable> + 's;

/// Which pages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// New ones, in a `-wal` file.
    Written,
    /// Old ones, in a `-journal` file.
    Replaced,
}

impl Pages {
    /// Names it in reports.
    pub(super) fn word(self) -> &'static str {
        match self {
            Pages::Written => "sqlite-wal",
            Pages::Replaced => "sqlite-journal",
        }
    }
}

/// Goes through the rows of all pages that are kept.
pub(super) fn read(desk: &mut Desk<'_>, input: &mut dyn Read, pages: Pages, place: &str) -> Result<(), Unreadable> {
    let mut rows = Rows::begin(desk, place, pages.word());
    let (hasher, mut known, mut row) = (RandomState::new(), HashSet::new(), 0_u64);
    let mut see = |number: u32, page: &[u8]| {
        let mut done = Ok(());
        each_record((number, page), &mut |cells| {
            if done.is_err() || !known.insert(hasher.hash_one(cells)) {
                return;
            }
            if known.len() >= RECORDS_KNOWN_MAX {
                known.clear();
            }
            row += 1;
            cells.iter().for_each(|cell| rows.cell(row, None, cell));
            done = rows.row(desk);
        });
        done
    };
    let done = match pages {
        Pages::Written => each_frame(input, &mut |frame| see(frame.page, frame.bytes)),
        Pages::Replaced => each_replaced(input, &mut see),
    };
    done.and(rows.end(desk))
}

/// One page of a log.
struct Frame<'f> {
    page: u32,
    /// Pages of the database after the transaction that ends with this one; 0 where it goes on.
    pages: u32,
    header: &'f [u8],
    bytes: &'f [u8],
}

/// Visits the frames of a log, whatever their checksums say.
fn each_frame(
    input: &mut dyn Read,
    see: &mut dyn FnMut(&Frame<'_>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let Some(header) = exactly(input, LOG_HEADER_BYTES)? else { return damaged() };
    frames(input, page_bytes(&header)?, see)
}

fn frames(
    input: &mut dyn Read,
    page_bytes: usize,
    see: &mut dyn FnMut(&Frame<'_>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    // A frame that was cut off was not committed.
    while let Some(frame) = exactly(input, FRAME_HEADER_BYTES + page_bytes)? {
        let (header, bytes) = frame.split_at(FRAME_HEADER_BYTES);
        see(&Frame { page: word(header, 0), pages: word(header, 4), header, bytes })?;
    }
    Ok(())
}

/// Visits the pages of a journal, behind each of its headers.
fn each_replaced(input: &mut dyn Read, see: &mut SeePage<'_>) -> Result<(), Unreadable> {
    let Some(header) = exactly(input, JOURNAL_HEADER_BYTES)? else { return damaged() };
    let (sector, page_bytes) = (word(&header, SECTOR_AT) as usize, word(&header, PAGE_SIZE_AT) as usize);
    if !SECTOR_BYTES.contains(&sector) || !is_page_size(page_bytes) {
        return damaged();
    }
    exactly(input, sector - JOURNAL_HEADER_BYTES)?;
    // Number, page, checksum; a header of a later part is as long as some sectors, and is read as pages that are none.
    while let Some(record) = exactly(input, 8 + page_bytes)? {
        see(word(&record, 0), &record[4..4 + page_bytes])?;
    }
    Ok(())
}

/// Visits the pages of all transactions of a log that came to an end, in order, as SQLite would read them: where the page stands in the
/// database, and its bytes. Gives how many bytes the database has then, or 0 where nothing was committed; what is damaged, and all behind
/// it, was not.
pub fn each_committed(
    log: &mut dyn Source,
    see: &mut dyn FnMut(u64, &[u8]) -> io::Result<()>,
) -> Result<u64, Unreadable> {
    let Some(header) = exactly(log, LOG_HEADER_BYTES)? else { return Ok(0) };
    let value = if word(&header, 0) == BIG_ENDIAN { u32::from_be_bytes } else { u32::from_le_bytes };
    let mut sum = checksum((0, 0), &header[..24], value);
    if word(&header, 0) | 1 != BIG_ENDIAN || sum != (word(&header, 24), word(&header, 28)) {
        return Ok(0);
    }
    let page_bytes = page_bytes(&header)?;
    let (mut at, mut committed, mut pages, mut is_sound) = (0_u64, 0, 0, true);
    frames(log, page_bytes, &mut |frame| {
        sum = checksum(checksum(sum, &frame.header[..8], value), frame.bytes, value);
        is_sound &= frame.header[8..16] == header[16..24] && sum == (word(frame.header, 16), word(frame.header, 20));
        at += 1;
        if is_sound && frame.pages > 0 {
            (committed, pages) = (at, frame.pages);
        }
        Ok(())
    })?;
    log.seek(SeekFrom::Start(LOG_HEADER_BYTES as u64)).map_err(Unreadable::Io)?;
    let bytes = (FRAME_HEADER_BYTES + page_bytes) as u64 * committed;
    frames(&mut log.take(bytes), page_bytes, &mut |frame| match frame.page.checked_sub(1) {
        Some(before) if before < pages => {
            see(u64::from(before) * page_bytes as u64, frame.bytes).map_err(Unreadable::Io)
        }
        Some(_) | None => Ok(()),
    })?;
    Ok(u64::from(pages) * page_bytes as u64)
}

/// Goes on with the sums of SQLite's logs over bytes whose count is a multiple of eight.
fn checksum(sum: (u32, u32), bytes: &[u8], value: fn([u8; 4]) -> u32) -> (u32, u32) {
    let word = |four: &[u8]| value(four.first_chunk().copied().unwrap_or_default());
    bytes.chunks_exact(8).fold(sum, |(first, second), eight| {
        let first = first.wrapping_add(word(&eight[..4])).wrapping_add(second);
        (first, second.wrapping_add(word(&eight[4..])).wrapping_add(first))
    })
}

/// Reads the page size from a log's header.
fn page_bytes(header: &[u8]) -> Result<usize, Unreadable> {
    match word(header, 8) as usize {
        size if is_page_size(size) => Ok(size),
        _ => Err(Unreadable::Damaged { what: "SQLite" }),
    }
}

fn is_page_size(size: usize) -> bool {
    PAGE_BYTES.contains(&size) && size.is_power_of_two()
}

fn damaged<T>() -> Result<T, Unreadable> {
    Err(Unreadable::Damaged { what: "SQLite" })
}

/// Reads a big-endian word at a place of bytes that hold it.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |four| u32::from_be_bytes(*four))
}

/// Reads so many bytes; nothing where there are not as many.
fn exactly(input: &mut dyn Read, count: usize) -> Result<Option<Vec<u8>>, Unreadable> {
    let mut bytes = Vec::with_capacity(count);
    let read = input.take(count as u64).read_to_end(&mut bytes).map_err(|error| Unreadable::of(error, "SQLite"))?;
    Ok((read == count).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of one table's page, committed, and of a later one that was not.
    fn log(folder: &std::path::Path) -> Vec<u8> {
        let path = folder.join("a.db");
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(
            "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE b (n, p);
             INSERT INTO b VALUES ('王芳', 13800138000); INSERT INTO b VALUES ('李娜', 13800138001);",
        )
        .unwrap();
        std::fs::read(folder.join("a.db-wal")).unwrap()
    }

    /// Where the committed pages stand, and how long the database is then.
    fn committed(log: &[u8]) -> (Vec<u64>, u64) {
        let mut seen = Vec::new();
        let bytes = each_committed(&mut io::Cursor::new(log), &mut |at, _| {
            seen.push(at);
            Ok(())
        });
        (seen, bytes.unwrap())
    }

    #[test]
    fn what_is_committed_is_told_from_what_is_damaged_or_old() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path());
        let (whole, bytes) = committed(&log);
        assert!(whole.len() >= 3 && whole.iter().all(|at| *at < bytes), "{whole:?} {bytes}");
        // One byte of the last page is another: its transaction is left out, and those before it stay.
        let mut bent = log.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert_eq!(committed(&bent).0, whole[..whole.len() - 1]);
        assert_eq!(committed(&log[..log.len() - 7]).0, whole[..whole.len() - 1]);
        let mut other = log.clone();
        other[17] ^= 1;
        assert_eq!(committed(&other), (vec![], 0));
        assert_eq!(committed(b""), (vec![], 0));
    }
}
