//! Old Excel workbooks (`.xls`, BIFF5 and BIFF8, [MS-XLS]): records, sheet after sheet, row by row.
//!
//! Texts that cells share stand before the sheets, in a record that goes on in others; where one of its texts is cut, the
//! next record begins by saying anew how wide its characters are.

use std::io::{BufReader, Read};

use encoding_rs::GBK;

use super::binary_book::packed;
use super::book::Strings;
use super::dates::{Epoch, Formats, number};
use super::desk::Desk;
use super::error::Unreadable;
use super::limits::{PART_BYTES_MAX, PIECE_BYTES};
use super::little_endian::{long, short};
use super::rows::Rows;

const DAMAGED: Unreadable = Unreadable::Damaged { what: "old workbook" };

/// One record with those it goes on in, each a piece.
struct Record {
    kind: u16,
    pieces: Vec<Vec<u8>>,
}

struct Records<R> {
    input: BufReader<R>,
    next: Option<(u16, Vec<u8>)>,
}

impl<R: Read> Records<R> {
    fn one(&mut self) -> Result<Option<(u16, Vec<u8>)>, Unreadable> {
        let mut head = [0; 4];
        let mut got = 0;
        while got < 4 {
            match self.input.read(&mut head[got..]).map_err(|error| Unreadable::of(error, "old workbook"))? {
                0 if got == 0 => return Ok(None),
                0 => return Err(DAMAGED),
                read => got += read,
            }
        }
        let len = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let mut body = vec![0; len];
        self.input.read_exact(&mut body).map_err(|_| DAMAGED)?;
        Ok(Some((u16::from_le_bytes([head[0], head[1]]), body)))
    }

    /// Reads the next record, and all that it goes on in where it is one that is joined.
    fn next(&mut self) -> Result<Option<Record>, Unreadable> {
        const CONTINUE: u16 = 0x003C;
        let first = match self.next.take() {
            Some(kept) => Some(kept),
            None => self.one()?,
        };
        let Some((kind, body)) = first else { return Ok(None) };
        let mut bytes = body.len() as u64;
        let mut record = Record { kind, pieces: vec![body] };
        loop {
            match self.one()? {
                Some((CONTINUE, body)) => {
                    bytes += body.len() as u64;
                    if bytes > PART_BYTES_MAX {
                        return Err(Unreadable::PartTooLarge);
                    }
                    record.pieces.push(body);
                }
                other => {
                    self.next = other;
                    return Ok(Some(record));
                }
            }
        }
    }
}

/// What the records before the sheets say.
#[derive(Default)]
struct Book {
    sheets: Vec<String>,
    strings: Strings,
    formats: Formats,
    from_1904: bool,
    /// Whether texts are of the older kind: bytes in the code page.
    is_old: bool,
}

/// Goes through all sheets.
pub(super) fn read(desk: &mut Desk<'_>, stream: impl Read, place: &str) -> Result<(), Unreadable> {
    let mut records = Records { input: BufReader::with_capacity(PIECE_BYTES, stream), next: None };
    let mut book = Book::default();
    let (mut sheet, mut is_first) = (0, true);
    loop {
        let Some(record) = records.next()? else { return Ok(()) };
        let body = &record.pieces[0];
        match record.kind {
            // The first BOF begins the book, each later one a sheet.
            0x0809 | 0x0009 | 0x0209 | 0x0409 if is_first => {
                is_first = false;
                book.is_old = short(body, 0) != Some(0x0600);
            }
            0x0809 | 0x0009 | 0x0209 | 0x0409 => {
                let name = book.sheets.get(sheet).cloned().unwrap_or_else(|| format!("Sheet{}", sheet + 1));
                let mut rows = Rows::begin(desk, place, &name);
                let walked = walk(desk, &mut records, &book, &mut rows);
                walked.and(rows.end(desk))?;
                sheet += 1;
            }
            0x002F => return Err(Unreadable::Encrypted),
            0x0022 => book.from_1904 = short(body, 0) == Some(1),
            0x0085 => book.sheets.extend(body.get(6..).and_then(|rest| text(rest, 1, book.is_old))),
            0x00FC => shared(&record.pieces, &mut book.strings)?,
            0x041E => {
                if let (Some(id), Some(code)) =
                    (short(body, 0), body.get(2..).and_then(|rest| text(rest, 2, book.is_old)))
                {
                    book.formats.define(u32::from(id), &code);
                }
            }
            0x00E0 => book.formats.style(short(body, 2).unwrap_or(0).into()),
            _ => {}
        }
    }
}

/// Goes through the rows of one sheet.
fn walk<R: Read>(
    desk: &mut Desk<'_>,
    records: &mut Records<R>,
    book: &Book,
    rows: &mut Rows<'_>,
) -> Result<(), Unreadable> {
    let (mut at, mut formula) = (u64::MAX, None);
    while let Some(record) = records.next()? {
        let body = &record.pieces[0];
        let (row, column) = (u64::from(short(body, 0).unwrap_or(0)) + 1, u32::from(short(body, 2).unwrap_or(0)));
        let is_cell = matches!(record.kind, 0x0203 | 0x027E | 0x00BD | 0x00FD | 0x0204 | 0x00D6 | 0x0006);
        if is_cell && row != at {
            rows.row(desk)?;
            at = row;
        }
        let real =
            |from: usize| body.get(from..from + 8).and_then(|bytes| Some(f64::from_le_bytes(bytes.try_into().ok()?)));
        let style = usize::from(short(body, 4).unwrap_or(0));
        match record.kind {
            0x000A => return Ok(()),
            // A chart within a sheet has records of its own.
            0x0809 => skip(records)?,
            0x0203 => put(book, rows, (row, column), real(6), style),
            0x027E => put(book, rows, (row, column), long(body, 6).map(packed), style),
            0x00BD => {
                let cells = body.len().saturating_sub(6) / 6;
                for cell in 0..cells {
                    let from = 4 + 6 * cell;
                    let style = usize::from(short(body, from).unwrap_or(0));
                    put(book, rows, (row, column + cell as u32), long(body, from + 2).map(packed), style);
                }
            }
            0x00FD => {
                let shared = long(body, 6).and_then(|at| book.strings.get(at as usize));
                rows.cell(row, Some(column), shared.unwrap_or_default());
            }
            0x0204 | 0x00D6 => {
                let value = body.get(6..).and_then(|rest| text(rest, 2, book.is_old));
                rows.cell(row, Some(column), value.as_deref().unwrap_or_default());
            }
            // A formula's value, unless a text follows.
            0x0006 if body.get(12..14) == Some(&[0xFF, 0xFF]) => formula = Some((row, column)),
            0x0006 => put(book, rows, (row, column), real(6), style),
            0x0207 => {
                if let (Some((row, column)), Some(value)) = (formula.take(), text(body, 2, book.is_old)) {
                    rows.cell(row, Some(column), &value);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn skip<R: Read>(records: &mut Records<R>) -> Result<(), Unreadable> {
    while let Some(record) = records.next()? {
        if record.kind == 0x000A {
            break;
        }
    }
    Ok(())
}

fn put(book: &Book, rows: &mut Rows<'_>, (row, column): (u64, u32), value: Option<f64>, style: usize) {
    let Some(value) = value else { return };
    let epoch = if book.from_1904 { Epoch::From1904 } else { Epoch::From1900 };
    let date = book.formats.date(style, value, epoch);
    rows.cell(row, Some(column), &date.unwrap_or_else(|| number(value)));
}

/// Reads a text with its length in front, of one byte or two.
fn text(body: &[u8], length_bytes: usize, is_old: bool) -> Option<String> {
    let len = match length_bytes {
        1 => usize::from(*body.first()?),
        _ => usize::from(short(body, 0)?),
    };
    let rest = body.get(length_bytes..)?;
    if is_old {
        return Some(GBK.decode_without_bom_handling(rest.get(..len.min(rest.len()))?).0.into_owned());
    }
    let flags = *rest.first()?;
    let mut at = 1;
    at += if flags & 8 != 0 { 2 } else { 0 };
    at += if flags & 4 != 0 { 4 } else { 0 };
    Some(characters(rest.get(at..)?, len, flags & 1 != 0))
}

/// Reads so many characters, or as many as there are.
fn characters(bytes: &[u8], count: usize, are_wide: bool) -> String {
    match are_wide {
        true => {
            let units = bytes.chunks_exact(2).take(count).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
        }
        false => bytes.iter().take(count).map(|byte| char::from(*byte)).collect(),
    }
}

/// Walks over the pieces of a record.
struct Pieces<'p> {
    pieces: &'p [Vec<u8>],
    piece: usize,
    at: usize,
}

impl Pieces<'_> {
    /// Goes on to the next piece if this one is used up; tells whether there is anything.
    fn has_more(&mut self) -> bool {
        while self.piece < self.pieces.len() && self.at >= self.pieces[self.piece].len() {
            (self.piece, self.at) = (self.piece + 1, 0);
        }
        self.piece < self.pieces.len()
    }

    fn byte(&mut self) -> Option<u8> {
        if !self.has_more() {
            return None;
        }
        self.at += 1;
        Some(self.pieces[self.piece][self.at - 1])
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn long(&mut self) -> Option<u32> {
        Some(u32::from(self.short()?) | u32::from(self.short()?) << 16)
    }

    fn skip(&mut self, mut bytes: usize) {
        while bytes > 0 && self.has_more() {
            let here = bytes.min(self.pieces[self.piece].len() - self.at);
            self.at += here;
            bytes -= here;
        }
    }

    /// Reads so many characters; a piece they go on in says anew how wide they are.
    fn characters(&mut self, count: usize, mut are_wide: bool) -> Option<String> {
        let (mut left, mut units) = (count, Vec::new());
        let mut piece = self.piece;
        while left > 0 {
            if !self.has_more() {
                return None;
            }
            if self.piece != piece {
                piece = self.piece;
                are_wide = self.byte()? & 1 != 0;
                continue;
            }
            let rest = &self.pieces[self.piece][self.at..];
            let width = if are_wide { 2 } else { 1 };
            let here = left.min(rest.len() / width);
            if here == 0 {
                // Half a character before the end of a piece.
                self.at += rest.len();
                continue;
            }
            match are_wide {
                true => {
                    units.extend(rest[..2 * here].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])))
                }
                false => units.extend(rest[..here].iter().map(|byte| u16::from(*byte))),
            }
            self.at += here * width;
            left -= here;
        }
        Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect())
    }
}

/// Reads the texts that cells share.
fn shared(pieces: &[Vec<u8>], strings: &mut Strings) -> Result<(), Unreadable> {
    let mut all = Pieces { pieces, piece: 0, at: 0 };
    all.skip(8);
    while all.has_more() {
        let one = || -> Option<String> {
            let (count, flags) = (usize::from(all.short()?), all.byte()?);
            let runs = if flags & 8 != 0 { usize::from(all.short()?) } else { 0 };
            let more = if flags & 4 != 0 { all.long()? as usize } else { 0 };
            all.has_more();
            let text = all.characters(count, flags & 1 != 0)?;
            all.skip(4 * runs + more);
            Some(text)
        };
        let mut one = one;
        strings.push(&one().ok_or(DAMAGED)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_text_that_is_cut_goes_on_in_the_next_record() {
        // Two texts: the first narrow and cut, going on wide; the second follows.
        let mut first = vec![0; 8];
        first.extend([6, 0, 0, b'1', b'3', b'8']);
        let mut second = vec![1, b'0', 0, 0x2D, 0x4E, b'1', 0];
        second.extend([2, 0, 0, b'o', b'k']);
        let mut strings = Strings::default();
        assert!(shared(&[first, second], &mut strings).is_ok());
        assert_eq!((strings.get(0), strings.get(1)), (Some("1380中1"), Some("ok")));
    }

    #[test]
    fn a_shared_text_without_its_end_is_damage() {
        let mut first = vec![0; 8];
        first.extend([9, 0, 0, b'1']);
        assert!(shared(&[first], &mut Strings::default()).is_err());
    }
}
