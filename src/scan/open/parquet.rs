//! Parquet files, row by row: columns packed by Snappy or Zstandard, or not packed; lists within a cell are told of as not read.
//!
//! The library believes what a page says of its size and makes room for that: each page is looked at before the library sees it.
//! Packings that unpack for as long as they like (gzip, Brotli, LZ4) are left out of the library for the same reason.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use chrono::{DateTime, Days, NaiveDate};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::desk::Desk;
use super::error::{NESTED_COLUMN, OTHER_PARQUET, Unreadable};
use super::limits::{ALL_BYTES_MIN, PIECE_BYTES, RATIO_MAX};
use super::parquet_page::{are_columns_sane, sizes};
use super::rows::Rows;
use super::{Held, Shelf};

/// Bytes of the directory at the end, and of one page's header.
const DIRECTORY_BYTES_MAX: usize = 4 << 20;
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Bytes at the very end: how long the directory is, and the magic.
const END_BYTES: u64 = 8;
/// Bytes that one page, and one page of each column together, may unpack to.
const PAGE_BYTES_MAX: u64 = 32 << 20;
const PAGES_BYTES_MAX: u64 = 256 << 20;
/// Rows that are unpacked at once: values may share their beginnings with those before, and each is as long as a page then.
const BATCH_ROWS: usize = 8;
/// What a row counts for besides its text: a page of a few bytes may hold millions of empty ones.
const ROW_BYTES: u64 = 8;

/// Goes through the rows.
pub(super) fn read(desk: &mut Desk<'_>, held: Held<'_>, place: &str) -> Result<(), Unreadable> {
    let shelf = desk.outside.lend(held).map_err(Unreadable::Io)?;
    let pages = Pages { shelf: shelf.into(), shared: Arc::default() };
    let shared = pages.shared.clone();
    let packed = pages.len();
    pages.check_columns()?;
    let reader = SerializedFileReader::new(pages).map_err(of)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let (wanted, is_whole) = flat(&schema)?;
    let columns = schema.num_columns().max(1) as u64;
    shared.page_bytes_max.store((PAGES_BYTES_MAX / columns).min(PAGE_BYTES_MAX), Ordering::Relaxed);
    shared.left.store(packed.saturating_mul(RATIO_MAX).max(ALL_BYTES_MIN), Ordering::Relaxed);
    shared.is_opened.store(true, Ordering::Relaxed);
    let mut rows = Rows::begin(desk, place, "rows");
    wanted.get_fields().iter().for_each(|column| rows.cell(0, None, column.name()));
    rows.row(desk)?;
    let walked = walk(desk, reader, wanted, &mut rows);
    walked.and(rows.end(desk))?;
    match is_whole {
        true => Ok(()),
        false => Err(Unreadable::NotUnpacked { what: NESTED_COLUMN }),
    }
}

fn walk(
    desk: &mut Desk<'_>,
    reader: SerializedFileReader<Pages>,
    wanted: Type,
    rows: &mut Rows<'_>,
) -> Result<(), Unreadable> {
    let found = RowIter::from_file_into(Box::new(reader)).project(Some(wanted)).map_err(of)?;
    for (row, number) in found.with_batch_size(BATCH_ROWS).zip(1..) {
        cells(&row.map_err(of)?, number, rows);
        rows.row(desk)?;
        desk.count(ROW_BYTES)?;
    }
    Ok(())
}

/// Leaves out the columns of which one row may have any number of values; tells whether there was none.
fn flat(schema: &SchemaDescriptor) -> Result<(Type, bool), Unreadable> {
    let root = schema.root_schema();
    let is_flat = |at: &usize| {
        let mut leaves = (0..schema.num_columns()).filter(|leaf| schema.get_column_root_idx(*leaf) == *at);
        leaves.all(|leaf| schema.column(leaf).max_rep_level() == 0)
    };
    let all = root.get_fields();
    let kept: Vec<_> = (0..all.len()).filter(is_flat).map(|at| all[at].clone()).collect();
    let is_whole = kept.len() == all.len();
    let wanted = Type::group_type_builder(root.name()).with_fields(kept).build().map_err(of)?;
    Ok((wanted, is_whole))
}

/// Adds the cells of a row, or of a group within one.
fn cells(row: &Row, number: u64, rows: &mut Rows<'_>) {
    for (_, field) in row.get_column_iter() {
        match field {
            Field::Group(inner) => cells(inner, number, rows),
            field => rows.cell(number, None, &text(field)),
        }
    }
}

/// Writes a value as a list would: dates as dates, numbers without a decimal that is none.
fn text(field: &Field) -> String {
    let instant = |instant: Option<DateTime<_>>| instant.map_or_else(String::new, |at| at.naive_utc().to_string());
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Double(value) => value.to_string(),
        Field::Float(value) => value.to_string(),
        Field::Date(days) => {
            let first = NaiveDate::from_ymd_opt(1970, 1, 1);
            let days_on = Days::new(days.unsigned_abs().into());
            let date = match days.is_negative() {
                true => first.and_then(|first| first.checked_sub_days(days_on)),
                false => first.and_then(|first| first.checked_add_days(days_on)),
            };
            date.map_or_else(String::new, |date| date.to_string())
        }
        Field::TimestampMillis(at) => instant(DateTime::from_timestamp_millis(*at)),
        Field::TimestampMicros(at) => instant(DateTime::from_timestamp_micros(*at)),
        Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_)
        | Field::Float16(_)
        | Field::Decimal(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::Group(_)
        | Field::ListInternal(_)
        | Field::MapInternal(_) => field.to_string(),
    }
}

/// Takes a limit that was met out of an error of the library.
fn of(error: ParquetError) -> Unreadable {
    match error {
        ParquetError::External(inner) => match inner.downcast::<Unreadable>() {
            Ok(why) => *why,
            Err(_) => DAMAGED,
        },
        error if error.to_string().contains("Disabled feature") => Unreadable::NotUnpacked { what: OTHER_PARQUET },
        _ => DAMAGED,
    }
}

const DAMAGED: Unreadable = Unreadable::Damaged { what: "Parquet" };

fn refused(why: Unreadable) -> ParquetError {
    ParquetError::External(Box::new(why))
}

/// What the pages of a file have to keep to.
#[derive(Default)]
struct Shared {
    is_opened: AtomicBool,
    page_bytes_max: AtomicU64,
    /// Bytes that all pages may still unpack to.
    left: AtomicU64,
}

/// A file's bytes on their way to the library.
struct Pages {
    shelf: Arc<dyn Shelf>,
    shared: Arc<Shared>,
}

impl Pages {
    fn bytes(&self, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        Bytewise { shelf: self.shelf.clone(), at }.take(bytes as u64).read_to_end(&mut read)?;
        Ok(read)
    }

    /// Refuses a directory that the library should not see.
    fn check_columns(&self) -> Result<(), Unreadable> {
        let at = self.len().checked_sub(END_BYTES).ok_or(DAMAGED)?;
        let end = self.bytes(at, END_BYTES as usize).map_err(Unreadable::Io)?;
        let bytes = end.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        if bytes as usize > DIRECTORY_BYTES_MAX {
            return Err(Unreadable::TooLarge { what: "Parquet" });
        }
        let begin = at.checked_sub(bytes.into()).ok_or(DAMAGED)?;
        let directory = self.bytes(begin, bytes as usize).map_err(Unreadable::Io)?;
        if end.ends_with(b"PARE") {
            return Err(Unreadable::Encrypted);
        }
        match end.ends_with(b"PAR1") && are_columns_sane(&directory) {
            true => Ok(()),
            false => Err(DAMAGED),
        }
    }

    /// Refuses a page whose header asks for too much.
    fn check(&self, at: u64) -> Result<(), ParquetError> {
        let header = self.bytes(at, HEADER_BYTES_MAX)?;
        let (unpacked, packed) = sizes(&header).ok_or_else(|| refused(DAMAGED))?;
        let most = self.shared.page_bytes_max.load(Ordering::Relaxed);
        if unpacked > most || packed > most {
            return Err(refused(Unreadable::TooLarge { what: "Parquet" }));
        }
        let left =
            self.shared.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(unpacked));
        left.map(|_| ()).map_err(|_| refused(Unreadable::Bomb))
    }
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.shelf.bytes()
    }
}

impl ChunkReader for Pages {
    type T = io::BufReader<Bytewise>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        if self.shared.is_opened.load(Ordering::Relaxed) {
            self.check(start)?;
        }
        let bytewise = Bytewise { shelf: self.shelf.clone(), at: start };
        Ok(io::BufReader::with_capacity(PIECE_BYTES, bytewise))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let most = match self.shared.is_opened.load(Ordering::Relaxed) {
            true => PAGE_BYTES_MAX as usize,
            false => DIRECTORY_BYTES_MAX,
        };
        if length > most {
            return Err(refused(Unreadable::TooLarge { what: "Parquet" }));
        }
        let bytes = self.bytes(start, length)?;
        match bytes.len() == length {
            true => Ok(bytes.into()),
            false => Err(refused(DAMAGED)),
        }
    }
}

/// Bytes from some place on.
struct Bytewise {
    shelf: Arc<dyn Shelf>,
    at: u64,
}

impl Read for Bytewise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.shelf.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
