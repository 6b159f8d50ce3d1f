//! Puts new rows into a text list and takes rows out, every other byte untouched.
//!
//! Without a serial column, seeding copies blocks between the rows' offsets and cuts no record. Only
//! the digits of a serial column are ever replaced, and [`strip`] puts back what [`seed`] replaced.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use super::dialect::Dialect;
use super::error::TextError;
use super::line::line;
use super::records::{Record, Records};
use super::serial::{DIGITS_MAX, Numbering, Numeral, Serial, U64_DIGITS};
use crate::list::encoding::Encoding;
use crate::list::row::{LineEnd, NewRow, Row};

/// Bytes copied at once: few enough for a processor's cache.
pub(super) const COPY_BYTES: usize = 256 * 1024;

/// Copies a list and puts new rows in, each before its record; rows before one record keep their order.
///
/// Fails before anything is written if a cell cannot be written in the list's encoding, and if the
/// list is shorter than it was when the places were chosen.
pub fn seed(
    input: impl Read,
    dialect: &Dialect,
    rows: &[NewRow],
    serial: Option<Serial>,
    out: impl Write,
) -> Result<(), TextError> {
    let mut rows: Vec<&NewRow> = rows.iter().collect();
    rows.sort_by_key(|row| row.before);
    let lines = rows.iter().map(|row| line(row, dialect)).collect::<Result<Vec<_>, _>>()?;
    if changes_records(dialect, rows.iter().copied(), serial) {
        renumber(input, dialect, &rows, serial, out)
    } else {
        splice(input, &rows, &lines, out)
    }
}

/// Tells whether seeding looks at the records, and not only at the offsets of the rows.
///
/// Behind a bare CR, a blank record that ends in LF would no longer be one.
pub(super) fn changes_records<'a>(
    dialect: &Dialect,
    rows: impl IntoIterator<Item = &'a NewRow>,
    serial: Option<Serial>,
) -> bool {
    let joins = |row: &NewRow| row.line_end == LineEnd::Cr || dialect.line_end == LineEnd::Cr;
    serial.is_some() || rows.into_iter().any(joins)
}

/// Copies a list without the rows that `is_canary` picks and gives their number.
///
/// With the serial column that [`seed`] was given, its numbers become the old ones again.
pub fn strip(
    input: impl Read,
    dialect: &Dialect,
    is_canary: &mut dyn FnMut(&Row<'_>) -> bool,
    serial: Option<Serial>,
    out: impl Write,
) -> Result<u64, TextError> {
    let mut records = Records::new(input, dialect);
    let mut copy = Copy::new(out, dialect.encoding);
    let mut numbering = serial.map(Numbering::new);
    let mut removed = 0;
    copy.write(records.mark()?)?;
    while let Some(record) = records.next_record()? {
        let old_ordinal = record.row.ordinal - removed;
        let numbering = numbering.as_mut().filter(|numbering| old_ordinal >= numbering.serial.first);
        if is_canary(&record.row) {
            removed += 1;
            if let Some(numbering) = numbering {
                numbering.count();
            }
            continue;
        }
        let Some(numbering) = numbering else {
            copy.text(record.raw)?;
            continue;
        };
        match numbering.numeral(&record.row)? {
            Some(numeral) => {
                let old = numbering.lower(numeral.value);
                copy.renumbered(&record, numeral, numbering, old)?;
            }
            None => {
                numbering.pass();
                copy.text(record.raw)?;
            }
        }
    }
    copy.finish()?;
    Ok(removed)
}

fn splice(input: impl Read, rows: &[&NewRow], lines: &[Vec<u8>], mut out: impl Write) -> Result<(), TextError> {
    let mut input = BufReader::with_capacity(COPY_BYTES, input);
    let mut at = 0;
    for (row, line) in rows.iter().zip(lines) {
        let gone = TextError::NoSuchRecord { record: row.before + 1 };
        let Some(between) = row.offset.checked_sub(at) else { return Err(gone) };
        if copy(&mut input, &mut out, between)? < between || input.fill_buf().map_err(TextError::Read)?.is_empty() {
            return Err(gone);
        }
        out.write_all(line).map_err(TextError::Write)?;
        at = row.offset;
    }
    copy(&mut input, &mut out, u64::MAX)?;
    out.flush().map_err(TextError::Write)
}

/// Copies up to `most` bytes and gives how many there were.
fn copy(input: &mut impl BufRead, out: &mut impl Write, most: u64) -> Result<u64, TextError> {
    let mut left = most;
    while left > 0 {
        let ready = match input.fill_buf() {
            Ok(ready) => ready,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(TextError::Read(error)),
        };
        if ready.is_empty() {
            break;
        }
        let len = usize::try_from(left).map_or(ready.len(), |left| left.min(ready.len()));
        out.write_all(&ready[..len]).map_err(TextError::Write)?;
        input.consume(len);
        left -= len as u64;
    }
    Ok(most - left)
}

fn renumber(
    input: impl Read,
    dialect: &Dialect,
    rows: &[&NewRow],
    serial: Option<Serial>,
    out: impl Write,
) -> Result<(), TextError> {
    let mut records = Records::new(input, dialect);
    let mut copy = Copy::new(out, dialect.encoding);
    let mut numbering = serial.map(Numbering::new);
    let mut rows = rows.iter().peekable();
    copy.write(records.mark()?)?;
    while let Some(record) = records.next_record()? {
        let ordinal = record.row.ordinal;
        let mut numbering = numbering.as_mut().filter(|numbering| ordinal >= numbering.serial.first);
        let numeral = match &mut numbering {
            Some(numbering) => {
                numbering.numeral(&record.row)?.inspect(|numeral| numbering.learn(&record.row, *numeral))
            }
            None => None,
        };
        while let Some(row) = rows.next_if(|row| row.before == ordinal) {
            let row = match &mut numbering {
                Some(numbering) => Cow::Owned(numbering.add(row, numeral, record.row.encoding)),
                None => Cow::Borrowed(*row),
            };
            copy.write(&line(&beside(row, &record), dialect)?)?;
        }
        match (numbering, numeral) {
            (Some(numbering), Some(numeral)) => {
                let new = numbering.raise(numeral.value);
                copy.renumbered(&record, numeral, numbering, new)?;
            }
            (Some(numbering), None) => {
                numbering.pass();
                copy.text(record.raw)?;
            }
            (None, _) => copy.text(record.raw)?,
        }
    }
    match rows.next() {
        Some(row) => Err(TextError::NoSuchRecord { record: row.before + 1 }),
        None => copy.finish(),
    }
}

/// Ends a row in LF where its CR would run into the LF of the blank record behind it.
fn beside<'a>(row: Cow<'a, NewRow>, record: &Record<'_>) -> Cow<'a, NewRow> {
    match row.line_end {
        LineEnd::Cr | LineEnd::None if record.raw.starts_with(b"\n") => {
            Cow::Owned(NewRow { line_end: LineEnd::Lf, ..row.into_owned() })
        }
        LineEnd::Cr | LineEnd::None | LineEnd::Lf | LineEnd::CrLf => row,
    }
}

/// The copy of a list that is being written.
struct Copy<W: Write> {
    out: BufWriter<W>,
    encoding: Encoding,
    wide: Vec<u8>,
}

impl<W: Write> Copy<W> {
    fn new(out: W, encoding: Encoding) -> Copy<W> {
        Copy { out: BufWriter::with_capacity(COPY_BYTES, out), encoding, wide: Vec::new() }
    }

    /// Writes bytes that are in the list's encoding.
    fn write(&mut self, bytes: &[u8]) -> Result<(), TextError> {
        self.out.write_all(bytes).map_err(TextError::Write)
    }

    /// Writes bytes of the reader's buffer, which holds UTF-16 as UTF-8.
    fn text(&mut self, bytes: &[u8]) -> Result<(), TextError> {
        let unit: fn(u16) -> [u8; 2] = match self.encoding {
            Encoding::Utf16Le => u16::to_le_bytes,
            Encoding::Utf16Be => u16::to_be_bytes,
            Encoding::Utf8 | Encoding::Gbk | Encoding::Gb18030 | Encoding::Latin1 => return self.write(bytes),
        };
        self.wide.clear();
        // The reader took only well-formed UTF-16 in, so that this gives the very same units.
        for chunk in bytes.utf8_chunks() {
            self.wide.extend(chunk.valid().encode_utf16().flat_map(unit));
        }
        self.out.write_all(&self.wide).map_err(TextError::Write)
    }

    /// Writes a record with another number in the place of its own.
    fn renumbered(
        &mut self,
        record: &Record<'_>,
        numeral: Numeral,
        numbering: &Numbering,
        number: u64,
    ) -> Result<(), TextError> {
        if number == numeral.value {
            return self.text(record.raw);
        }
        let mut room = [0; U64_DIGITS];
        let digits = numbering.digits(number, &mut room);
        if digits.len() > DIGITS_MAX {
            return Err(TextError::SerialTooLong { record: record.row.ordinal + 1 });
        }
        self.text(&record.raw[..numeral.start])?;
        self.text(digits)?;
        self.text(&record.raw[numeral.end..])
    }

    fn finish(mut self) -> Result<(), TextError> {
        self.out.flush().map_err(TextError::Write)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::list::Counting;
    use crate::list::encoding::{Certainty, Extent};
    use crate::list::text::Spacing;

    const KEY: &str = "13800138000";

    fn dialect(encoding: Encoding, delimiter: u8, bom: bool) -> Dialect {
        let (certainty, spacing) = (Certainty::Settled, Spacing::Tight);
        Dialect { encoding, certainty, bom, delimiter, line_end: LineEnd::CrLf, spacing }
    }

    fn offsets(bytes: &[u8], dialect: &Dialect) -> Vec<u64> {
        let mut records = Records::new(bytes, dialect);
        let mut offsets = Vec::new();
        while let Some(row) = records.next_row().unwrap() {
            offsets.push(row.offset);
        }
        offsets
    }

    fn canary(before: u64, offsets: &[u64], line_end: LineEnd) -> NewRow {
        let cells = ["", KEY, "王\"五,六;|\t", "two\nlines"].map(String::from).to_vec();
        NewRow { before, offset: offsets[before as usize], cells, quoted: vec![false, true], line_end }
    }

    fn is_canary(row: &Row<'_>) -> bool {
        row.text(1) == KEY
    }

    fn seeded(bytes: &[u8], dialect: &Dialect, rows: &[NewRow], serial: Option<Serial>) -> Vec<u8> {
        let mut out = Vec::new();
        seed(bytes, dialect, rows, serial, &mut out).unwrap();
        out
    }

    fn stripped(bytes: &[u8], dialect: &Dialect, serial: Option<Serial>) -> (u64, Vec<u8>) {
        let mut out = Vec::new();
        let removed = strip(bytes, dialect, &mut is_canary, serial, &mut out).unwrap();
        (removed, out)
    }

    #[test]
    fn a_row_goes_in_where_it_belongs_and_nothing_else_changes() {
        let text = "\u{feff}姓名,电话\r\n张三,1\r\n李四,2";
        let dialect = dialect(Encoding::Utf8, b',', true);
        let places = offsets(text.as_bytes(), &dialect);
        let row =
            |before: u64| NewRow { cells: vec!["王五".into(), KEY.into()], ..canary(before, &places, LineEnd::None) };
        let out = seeded(text.as_bytes(), &dialect, &[row(2), row(0)], None);
        let expected = format!("\u{feff}王五,\"{KEY}\"\r\n姓名,电话\r\n张三,1\r\n王五,\"{KEY}\"\r\n李四,2");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_list_that_became_shorter_is_refused() {
        let dialect = dialect(Encoding::Utf8, b',', false);
        let row = canary(2, &[0, 4, 8], LineEnd::Lf);
        let serial = Serial { column: 0, first: 0, width: None, counting: Counting::Up };
        for serial in [None, Some(serial)] {
            for text in ["a,b\nc,d\n", "a,b\n", ""] {
                let seeded = seed(text.as_bytes(), &dialect, std::slice::from_ref(&row), serial, Vec::new());
                assert!(matches!(seeded, Err(TextError::NoSuchRecord { record: 3 })), "{text:?} {seeded:?}");
            }
        }
    }

    #[test]
    fn a_name_the_encoding_lacks_is_refused_before_anything_is_written() {
        let dialect = dialect(Encoding::Gbk, b',', false);
        let row = NewRow { cells: vec!["𠮷".into()], ..canary(1, &[0, 2], LineEnd::Lf) };
        let mut out = Vec::new();
        assert!(matches!(seed(&b"a\nb\n"[..], &dialect, &[row], None, &mut out), Err(TextError::Encoding(_))));
        assert_eq!(out, b"");
    }

    #[test]
    fn a_bare_cr_does_not_swallow_the_blank_record_behind_it() {
        let dialect = Dialect { line_end: LineEnd::Cr, ..dialect(Encoding::Utf8, b',', false) };
        let bytes = b"a\n\nb\rc\r";
        let places = offsets(bytes, &dialect);
        for line_end in [LineEnd::Cr, LineEnd::None] {
            let rows: Vec<NewRow> = (0..4).map(|before| canary(before, &places, line_end)).collect();
            let out = seeded(bytes, &dialect, &rows, None);
            assert_eq!(stripped(&out, &dialect, None), (4, bytes.to_vec()));
        }
    }

    #[test]
    fn odd_lists_come_back_byte_for_byte() {
        let odd: [(&[u8], Encoding, u8); 9] = [
            (b"x", Encoding::Utf8, b','),
            (b"\n\n\n", Encoding::Utf8, b','),
            (b"\r\n\r\r\n\n\r", Encoding::Utf8, b','),
            (b"a,\"b\r\n\"\"c\"\"\",d\r\n \"e\" , f\n", Encoding::Utf8, b','),
            (b"1,5\" pipe\n2,\"a\"b\n3,=\"1,2\"\n", Encoding::Utf8, b','),
            (b"1,cut \xE5\xBC\n2,\xFF\xFE\n", Encoding::Utf8, b','),
            (b"1|\x81\x7C\n2|\xA2\xE3\xA3\xA0\x80\n", Encoding::Gbk, b'|'),
            (b"1|\x95\x32\x82\x36|\x84\n2|x", Encoding::Gb18030, b'|'),
            (b"1;\xE9t\xE9;\x80\x81\r2;na\xEFve", Encoding::Latin1, b';'),
        ];
        for (bytes, encoding, delimiter) in odd {
            let dialect = dialect(encoding, delimiter, false);
            let places = offsets(bytes, &dialect);
            let row =
                |before| NewRow { cells: vec![String::new(), KEY.into()], ..canary(before, &places, LineEnd::None) };
            let rows: Vec<NewRow> = (0..places.len() as u64).map(row).collect();
            for serial in [None, Some(Serial { column: 0, first: 0, width: None, counting: Counting::Up })] {
                let out = seeded(bytes, &dialect, &rows, serial);
                assert_eq!(stripped(&out, &dialect, serial), (rows.len() as u64, bytes.to_vec()), "{bytes:?}");
            }
        }
    }

    #[derive(Debug, Clone)]
    struct List {
        bytes: Vec<u8>,
        dialect: Dialect,
        rows: Vec<NewRow>,
        serial: Option<Serial>,
    }

    /// A first cell such as serial columns hold, for its record's number.
    fn first_cell(number: usize, form: u8) -> String {
        match form {
            0 => String::new(),
            1 => "合计".to_string(),
            2 => "1".to_string(),
            3 => "0".to_string(),
            4 => format!("{number}."),
            5 => format!("=\"{number}\""),
            6 => format!("\"{number}\""),
            7 => format!("{number:03}"),
            8 => " 00".to_string(),
            _ => number.to_string(),
        }
    }

    prop_compose! {
        fn any_list()(
            (encoding, bom) in prop::sample::select(vec![
                (Encoding::Utf8, false), (Encoding::Utf8, true), (Encoding::Gbk, false), (Encoding::Gb18030, false),
                (Encoding::Utf16Le, true), (Encoding::Utf16Be, true), (Encoding::Utf16Le, false), (Encoding::Latin1, false),
            ]),
            delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
            records in prop::collection::vec((
                0_u8..14,
                prop::collection::vec(prop_oneof![
                    "[a-z0-9 ]{0,5}", "\"[a-z,;|\t\r\n ]{0,6}(\"\")?\" ?", " ?\"x\"", "[a-z]\"[a-z]?", "=\"[0-9]{2}\"",
                    Just("张喆丰".to_string()), Just("é".to_string()),
                ], 0..4),
                prop::sample::select(vec!["\n", "\r\n", "\r", "\r\n", "\n\n", "\n"]),
            ), 1..25),
            last in any::<bool>(),
            places in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..4), 0..8),
            serial in prop::option::of((0_u64..4, prop::option::of(1_usize..4), 0_usize..2)),
        ) -> List {
            let mut text = String::new();
            let count = records.len();
            for (i, (form, cells, line_end)) in records.into_iter().enumerate() {
                text.push_str(&first_cell(i, form));
                for cell in cells {
                    text.push(delimiter);
                    text.push_str(&cell);
                }
                if last || i + 1 < count {
                    text.push_str(line_end);
                }
            }
            let held: String = text.chars().filter(|c| encoding.encode(c.encode_utf8(&mut [0; 4])).is_ok()).collect();
            let mut bytes = if bom { encoding.mark().to_vec() } else { Vec::new() };
            bytes.extend(encoding.encode(&held).unwrap());
            let dialect = dialect(encoding, delimiter as u8, bom);
            let offsets = offsets(&bytes, &dialect);
            let ends = [LineEnd::Lf, LineEnd::CrLf, LineEnd::Cr, LineEnd::None];
            let rows = if offsets.is_empty() { Vec::new() } else {
                places.iter().map(|(place, end)| {
                    let mut row = canary(place.index(offsets.len()) as u64, &offsets, ends[*end as usize]);
                    row.cells[2].retain(|c| encoding.encode(c.encode_utf8(&mut [0; 4])).is_ok());
                    row
                }).collect()
            };
            let serial = serial.map(|(first, width, column)| Serial { column: column * 4, first, width, counting: Counting::Up });
            List { bytes, dialect, rows, serial }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn stripping_a_seeded_list_gives_it_back(list in any_list()) {
            let List { bytes, dialect, rows, serial } = list;
            let out = seeded(&bytes, &dialect, &rows, serial);
            prop_assert_eq!(stripped(&out, &dialect, serial), (rows.len() as u64, bytes.clone()));

            let mut records = Records::new(&out[..], &dialect);
            let mut found = 0;
            while let Some(row) = records.next_row().unwrap() {
                if is_canary(&row) {
                    prop_assert_eq!(row.texts()[1..].to_vec(), rows[0].cells[1..].to_vec());
                    found += 1;
                }
            }
            prop_assert_eq!(found, rows.len());
        }

        #[test]
        fn a_list_without_new_rows_is_copied(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\"\r\n,;|=\t a10"[..])], 0..200),
            serial in any::<bool>(),
        ) {
            let serial = serial.then_some(Serial { column: 0, first: 0, width: None, counting: Counting::Up });
            let Some(dialect) = Dialect::guess(&bytes, Extent::Whole) else { return Ok(()) };
            let mut out = Vec::new();
            if seed(&bytes[..], &dialect, &[], serial, &mut out).is_ok() {
                prop_assert_eq!(&out, &bytes);
            }
            let mut out = Vec::new();
            if strip(&bytes[..], &dialect, &mut |_| false, serial, &mut out).is_ok() {
                prop_assert_eq!(&out, &bytes);
            }
        }
    }
}
