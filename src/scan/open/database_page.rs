//! One page of a SQLite database, record by record: what its rows hold, without the tables that say what it means.
//!
//! Numbers stand in it as integers of a few bytes, which no search for digits finds. Of a row that goes on in other pages only
//! what stands in this one is read. Format as in SQLite's documentation, "Database File Format", 1.6 and 2.

use encoding_rs::{Encoding, UTF_8, UTF_16LE};

/// The kinds of page that hold records: leaves of tables, and leaves of indexes and of tables without row numbers.
const TABLE_LEAF: u8 = 0x0D;
const INDEX_LEAF: u8 = 0x0A;
/// Bytes of the database's own header, at the begin of its first page.
const FIRST_HEADER_BYTES: usize = 100;
/// Bytes of the smallest page.
const PAGE_BYTES_MIN: usize = 512;
/// Bytes of a leaf's header.
const LEAF_HEADER_BYTES: usize = 8;
/// The kinds of binary values are even from here on, those of texts odd.
const BLOB_MIN: u64 = 12;
const TEXT_MIN: u64 = 13;
/// Columns of one record.
const COLUMNS_MAX: usize = 2000;

/// Hands the values of each record of a page to `see`, as text; pages are numbered from 1, and one of another kind, or a damaged one, has
/// none.
pub(super) fn each_record((number, page): (u32, &[u8]), see: &mut dyn FnMut(&[String])) {
    let begin = if number == 1 { FIRST_HEADER_BYTES } else { 0 };
    if page.len() < PAGE_BYTES_MIN {
        return;
    }
    let Some([kind @ (TABLE_LEAF | INDEX_LEAF), _, _, high, low, ..]) = page.get(begin..) else { return };
    let cells = usize::from(u16::from_be_bytes([*high, *low]));
    let pointers = page.get(begin + LEAF_HEADER_BYTES..).unwrap_or_default().chunks_exact(2).take(cells);
    for pointer in pointers {
        let at = usize::from(u16::from_be_bytes([pointer[0], pointer[1]]));
        let cell = page.get(at..).filter(|_| at >= begin + LEAF_HEADER_BYTES);
        if let Some(values) = cell.and_then(|cell| record(cell, *kind, page.len())) {
            see(&values);
        }
    }
}

/// Reads a cell of a page of so many bytes.
fn record(cell: &[u8], kind: u8, page_bytes: usize) -> Option<Vec<String>> {
    let (length, rest) = varint(cell)?;
    let rest = if kind == TABLE_LEAF { varint(rest)?.1 } else { rest };
    let held = held(usize::try_from(length).ok()?, kind, page_bytes).min(rest.len());
    let payload = &rest[..held];
    let (header, mut types) = varint(payload)?;
    let mut body = payload.get(usize::try_from(header).ok()?..)?;
    types = &types[..types.len().checked_sub(body.len())?];
    let mut values: Vec<(u64, &[u8])> = Vec::new();
    while !types.is_empty() && values.len() < COLUMNS_MAX {
        let (kind, left) = varint(types)?;
        types = left;
        let bytes = body.split_at_checked(bytes_of(kind)?).map_or(body, |(own, _)| own);
        values.push((kind, bytes));
        body = &body[bytes.len()..];
    }
    // A database of UTF-16 says so only in its first page, and some of its texts can be read as UTF-8.
    let is_wide = |(kind, bytes): &(u64, &[u8])| *kind >= TEXT_MIN && kind % 2 == 1 && is_wide(bytes);
    let encoding = if values.iter().any(is_wide) { UTF_16LE } else { UTF_8 };
    Some(values.into_iter().map(|(kind, bytes)| value(kind, bytes, encoding)).collect())
}

/// Tells whether a text is none of UTF-8: by control characters, or by bytes that are not valid but for its end, which may be cut off.
fn is_wide(text: &[u8]) -> bool {
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    text.iter().any(is_control) || std::str::from_utf8(text).is_err_and(|error| error.error_len().is_some())
}

/// Counts how much of a record of so many bytes stands in its page, and not in others.
fn held(length: usize, kind: u8, page_bytes: usize) -> usize {
    let most = if kind == TABLE_LEAF { page_bytes - 35 } else { (page_bytes - 12) * 64 / 255 - 23 };
    if length <= most {
        return length;
    }
    let least = (page_bytes - 12) * 32 / 255 - 23;
    let wanted = least + (length - least) % (page_bytes - 4);
    if wanted <= most { wanted } else { least }
}

/// Gives how many bytes a value of a kind has.
fn bytes_of(kind: u64) -> Option<usize> {
    Some(match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind as usize,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => usize::try_from((kind - BLOB_MIN) / 2).ok()?,
    })
}

fn value(kind: u64, bytes: &[u8], encoding: &'static Encoding) -> String {
    match kind {
        8 | 9 => (kind - 8).to_string(),
        1..=6 => {
            let is_negative = bytes.first().is_some_and(|first| *first >= 0x80);
            let begin = if is_negative { -1 } else { 0 };
            bytes.iter().fold(begin, |value: i64, byte| value << 8 | i64::from(*byte)).to_string()
        }
        7 => bytes.first_chunk().map(|eight| f64::from_be_bytes(*eight).to_string()).unwrap_or_default(),
        0 => String::new(),
        _ if kind % 2 == 1 => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Reads a number of one to nine bytes; gives what is behind it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some((value << 8 | u64::from(*byte), &bytes[9..]));
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if *byte < 0x80 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(database: &[u8], page_bytes: usize) -> Vec<String> {
        let mut seen = Vec::new();
        for (at, page) in database.chunks(page_bytes).enumerate() {
            each_record((at as u32 + 1, page), &mut |cells| seen.push(cells.join("|")));
        }
        seen
    }

    #[test]
    fn values_of_every_kind_are_read_as_the_database_reads_them() {
        for encoding in ["UTF-8", "UTF-16le"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.db");
            let db = rusqlite::Connection::open(&path).unwrap();
            db.execute_batch(&format!(
                "PRAGMA encoding = '{encoding}'; PRAGMA page_size = 1024; CREATE TABLE b (n, p, x);
                 INSERT INTO b VALUES ('王芳', 13800138000, NULL), ('a', -7, 1.5), ('', 0, 1), ('李娜', 13800138001, zeroblob(5000));
                 CREATE TABLE k (p PRIMARY KEY) WITHOUT ROWID; INSERT INTO k VALUES (13800138002);"
            ))
            .unwrap();
            drop(db);
            let seen = records(&std::fs::read(&path).unwrap(), 1024);
            for wanted in ["王芳|13800138000|", "a|-7|1.5", "|0|1", "13800138002"] {
                assert!(seen.iter().any(|one| one == wanted), "{encoding} {wanted}: {seen:?}");
            }
            assert!(seen.iter().any(|one| one.starts_with("李娜|13800138001|")), "{encoding}: {seen:?}");
        }
    }

    #[test]
    fn a_page_of_garbage_gives_nothing_and_ends() {
        let mut rng: u32 = 7;
        for _ in 0..2_000 {
            let mut page: Vec<u8> = (0..512)
                .map(|_| {
                    rng = rng.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (rng >> 24) as u8
                })
                .collect();
            page[0] = if rng & 1 == 0 { TABLE_LEAF } else { INDEX_LEAF };
            each_record((2, &page), &mut |cells| assert!(cells.len() <= COLUMNS_MAX));
        }
        for short in 0..16 {
            each_record((1, &vec![TABLE_LEAF; short]), &mut |_| {});
        }
    }
}
