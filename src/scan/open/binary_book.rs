//! Binary Excel workbooks (`.xlsb`): records in a zip package ([MS-XLSB]), row by row.

use std::io::{BufReader, Read};

use super::book::{Plan, Strings, targets};
use super::dates::{Epoch, Formats, number};
use super::desk::{Desk, within};
use super::error::Unreadable;
use super::limits::PIECE_BYTES;
use super::little_endian::{long, short};
use super::rows::Rows;
use super::zip::Package;

/// Bytes of one record; the longest text of a cell has 65,534.
const RECORD_BYTES_MAX: usize = 1 << 20;
const DAMAGED: Unreadable = Unreadable::Damaged { what: "binary workbook" };

/// Records, one after the other.
struct Records<R> {
    input: BufReader<R>,
    body: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn new(input: R) -> Records<R> {
        Records { input: BufReader::with_capacity(PIECE_BYTES, input), body: Vec::new() }
    }

    fn byte(&mut self) -> Result<Option<u8>, Unreadable> {
        let mut one = [0];
        let read = self.input.read(&mut one).map_err(|error| Unreadable::of(error, "binary workbook"))?;
        Ok((read == 1).then_some(one[0]))
    }

    /// Reads a number of seven bits a byte, lowest first.
    fn varying(&mut self, bytes: u32) -> Result<Option<u32>, Unreadable> {
        let mut value = 0;
        for at in 0..bytes {
            let Some(byte) = self.byte()? else { return if at == 0 { Ok(None) } else { Err(DAMAGED) } };
            value |= u32::from(byte & 0x7F) << (7 * at);
            if byte < 0x80 {
                break;
            }
        }
        Ok(Some(value))
    }

    /// Reads the next record: its kind and its bytes.
    fn next(&mut self) -> Result<Option<(u32, &[u8])>, Unreadable> {
        let Some(first) = self.byte()? else { return Ok(None) };
        let mut kind = u32::from(first);
        if first >= 0x80 {
            let second = self.byte()?.ok_or(DAMAGED)?;
            kind = (kind & 0x7F) | u32::from(second & 0x7F) << 7;
        }
        let len = self.varying(4)?.ok_or(DAMAGED)? as usize;
        self.body.clear();
        let kept = len.min(RECORD_BYTES_MAX) as u64;
        let of = |error| Unreadable::of(error, "binary workbook");
        let read = (&mut self.input).take(kept).read_to_end(&mut self.body).map_err(of)?;
        let over = std::io::copy(&mut (&mut self.input).take(len as u64 - kept), &mut std::io::sink()).map_err(of)?;
        match read as u64 + over == len as u64 {
            true => Ok(Some((kind, &self.body))),
            false => Err(DAMAGED),
        }
    }
}

/// Goes through all sheets.
pub(super) fn read(desk: &mut Desk<'_>, package: &mut Package<'_>, place: &str) -> Result<(), Unreadable> {
    let targets = targets(package, "xl/_rels/workbook.bin.rels")?;
    let (mut sheets, mut epoch) = (Vec::new(), Epoch::From1900);
    each(package, "xl/workbook.bin", &mut |kind, body| {
        match kind {
            // BrtBundleSh: state, id, then the relationship's id and the name.
            156 => {
                if let Some((id, next)) = wide(body, 8)
                    && let Some((name, _)) = wide(body, next)
                    && let Some((_, part)) = targets.iter().find(|(known, _)| *known == id)
                {
                    sheets.push((name, part.clone()));
                }
            }
            // BrtWbProp, whose first bit is the epoch.
            153 if body.first().is_some_and(|flags| flags & 1 == 1) => epoch = Epoch::From1904,
            _ => {}
        }
        Ok(())
    })?;
    let mut strings = Strings::default();
    each(package, "xl/sharedStrings.bin", &mut |kind, body| match kind {
        19 => strings.push(wide(body, 1).map(|(text, _)| text).as_deref().unwrap_or_default()),
        _ => Ok(()),
    })?;
    let plan = Plan { strings, formats: formats(package)?, epoch };
    for (name, part) in &sheets {
        let done = match package.find(part) {
            Some(at) => {
                let mut rows = Rows::begin(desk, place, name);
                let walked = walk(desk, &mut Records::new(package.part(at)?), &plan, &mut rows);
                walked.and(rows.end(desk))
            }
            None => Err(DAMAGED),
        };
        desk.note(done, &within(place, name));
    }
    Ok(())
}

/// Is told of each record: its kind and its bytes.
type See<'s> = dyn FnMut(u32, &[u8]) -> Result<(), Unreadable> + 's;

/// Visits the records of a part, if it is there.
fn each(package: &mut Package<'_>, part: &str, see: &mut See<'_>) -> Result<(), Unreadable> {
    let Some(at) = package.find(part) else { return Ok(()) };
    let mut records = Records::new(package.part(at)?);
    while let Some((kind, body)) = records.next()? {
        see(kind, body)?;
    }
    Ok(())
}

fn formats(package: &mut Package<'_>) -> Result<Formats, Unreadable> {
    let (mut formats, mut in_cells) = (Formats::default(), false);
    each(package, "xl/styles.bin", &mut |kind, body| {
        match kind {
            44 => {
                if let (Some(id), Some((code, _))) = (short(body, 0), wide(body, 2)) {
                    formats.define(u32::from(id), &code);
                }
            }
            617 => in_cells = true,
            618 => in_cells = false,
            47 if in_cells => formats.style(short(body, 2).unwrap_or(0).into()),
            _ => {}
        }
        Ok(())
    })?;
    Ok(formats)
}

fn walk<R: Read>(
    desk: &mut Desk<'_>,
    records: &mut Records<R>,
    plan: &Plan,
    rows: &mut Rows<'_>,
) -> Result<(), Unreadable> {
    let mut row = 0;
    while let Some((kind, body)) = records.next()? {
        let column = long(body, 0);
        let style = long(body, 4).unwrap_or(0) as usize & 0xFF_FFFF;
        let value = match kind {
            0 => {
                rows.row(desk)?;
                row = u64::from(long(body, 0).unwrap_or(0)) + 1;
                continue;
            }
            2 => long(body, 8).map(packed),
            5 | 9 => body.get(8..16).and_then(|bytes| Some(f64::from_le_bytes(bytes.try_into().ok()?))),
            6 | 8 => {
                rows.cell(row, column, wide(body, 8).map(|(text, _)| text).as_deref().unwrap_or_default());
                None
            }
            7 => {
                let shared = long(body, 8).and_then(|at| plan.strings.get(at as usize));
                rows.cell(row, column, shared.unwrap_or_default());
                None
            }
            _ => None,
        };
        if let Some(value) = value {
            let date = plan.formats.date(style, value, plan.epoch);
            rows.cell(row, column, &date.unwrap_or_else(|| number(value)));
        }
    }
    Ok(())
}

/// Unpacks a number of 30 bits: a whole one or the upper half of a real one, perhaps in hundredths.
pub(super) fn packed(bits: u32) -> f64 {
    let value = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits as i32 >> 2),
    };
    if bits & 1 == 1 { value / 100.0 } else { value }
}

/// Reads a text of wide characters with its length in front; gives it and where it ends.
fn wide(body: &[u8], at: usize) -> Option<(String, usize)> {
    let len = long(body, at)? as usize;
    let end = (at + 4).checked_add(len.checked_mul(2)?)?;
    let units = body.get(at + 4..end)?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    Some((char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect(), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers_are_unpacked() {
        assert_eq!(packed((123 << 2) | 2), 123.0);
        assert_eq!(packed((12_345 << 2) | 3), 123.45);
        let high = (1.5_f64.to_bits() >> 32) as u32;
        assert_eq!(packed(high), 1.5);
        assert_eq!(packed(((-7_i32 << 2) as u32) | 2), -7.0);
    }

    #[test]
    fn a_record_that_breaks_off_is_damage() {
        let mut records = Records::new(&[0x06, 0x05, 1, 2][..]);
        assert!(records.next().is_err());
        let mut long = vec![0x06, 0xFF, 0xFF, 0xFF, 0x7F];
        long.extend([0; 100]);
        assert!(Records::new(&long[..]).next().is_err());
    }
}
