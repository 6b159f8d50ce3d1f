//! Reads a text list record by record, borrowing one buffer.
//!
//! A row is valid until the next one is read. Its offset counts the file's bytes even where the text
//! was turned from UTF-16 into UTF-8, which loses nothing and can be counted backwards.

use std::io::Read;

use super::batch::Batch;
use super::cut::{CellFault, Cut, Cutter};
use super::dialect::Dialect;
use super::error::TextError;
use super::source::Source;
use crate::list::encoding::{Encoding, Extent};
use crate::list::row::{LineEnd, Row, Span};

/// The records of a text list, in order.
pub struct Records<R: Read> {
    source: Source<R>,
    cutter: Cutter,
    spans: Vec<Span>,
    ordinal: u64,
    offset: u64,
}

/// A record with all its bytes, line end included, as the buffer holds them.
pub(super) struct Record<'a> {
    pub row: Row<'a>,
    pub raw: &'a [u8],
}

impl<R: Read> Records<R> {
    /// Begins to read at the start of the file; reads nothing yet.
    pub fn new(input: R, dialect: &Dialect) -> Records<R> {
        Records {
            source: Source::new(input, dialect),
            cutter: Cutter::new(dialect.delimiter, dialect.encoding),
            spans: Vec::new(),
            ordinal: 0,
            offset: 0,
        }
    }

    /// Reads the next record; a blank line is a record with one empty cell.
    ///
    /// Fails on what is no text list, naming the record: NUL bytes, UTF-16 with unpaired surrogates, a
    /// cell above [`super::CELL_BYTES_MAX`], a record above [`super::RECORD_BYTES_MAX`], a quote that is never closed.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, TextError> {
        Ok(self.next_record()?.map(|record| record.row))
    }

    /// Gives the dialect, its encoding settled by what was read so far.
    ///
    /// It differs from the one given only where a list began with more ASCII than was looked at.
    pub fn dialect(&self) -> &Dialect {
        self.source.dialect()
    }

    /// Passes over the byte order mark and gives its bytes; to be called before the first record.
    pub(super) fn mark(&mut self) -> Result<&'static [u8], TextError> {
        let mark = self.source.mark(1)?;
        self.offset += mark.len() as u64;
        Ok(mark)
    }

    /// Reads on by many records at once; tells whether there were any.
    ///
    /// Fails as [`Records::next_row`] does, once the records before the fault have been handed out.
    pub fn next_batch(&mut self, batch: &mut Batch) -> Result<bool, TextError> {
        batch.clear();
        std::mem::swap(&mut self.spans, &mut batch.spans);
        let mut cut = self.cut()?;
        std::mem::swap(&mut self.spans, &mut batch.spans);
        let encoding = self.source.dialect().encoding;
        let (first, mut at) = (self.ordinal, self.source.at());
        while let Some(Piece { len, next, line_end }) = cut {
            let raw = self.source.consume(next, self.ordinal + 1)?;
            batch.push(at, len, line_end, self.offset);
            self.offset += if encoding.is_wide() { wide_len(raw) } else { raw.len() as u64 };
            self.ordinal += 1;
            at += next;
            let ready = self.source.ready();
            cut = match ready.is_empty() {
                true => None,
                false => match self.cutter.cut(ready, self.source.extent(), &mut batch.spans) {
                    Ok(Cut::Record { len, next, line_end }) if self.source.check(next, self.ordinal + 1).is_ok() => {
                        Some(Piece { len, next, line_end })
                    }
                    // What is wrong here is told when it is the first record of a batch.
                    Ok(Cut::Record { .. } | Cut::Short) | Err(_) => None,
                },
            };
        }
        batch.take_buffer(first, shown(encoding), &mut self.source);
        Ok(!batch.is_empty())
    }

    pub(super) fn next_record(&mut self) -> Result<Option<Record<'_>>, TextError> {
        let number = self.ordinal + 1;
        let Some(Piece { len, next, line_end }) = self.cut()? else { return Ok(None) };
        let encoding = self.source.dialect().encoding;
        let raw = self.source.consume(next, number)?;
        let row = Row {
            ordinal: self.ordinal,
            offset: self.offset,
            line_end,
            bytes: &raw[..len],
            spans: &self.spans,
            encoding: shown(encoding),
        };
        self.ordinal += 1;
        self.offset += if encoding.is_wide() { wide_len(raw) } else { raw.len() as u64 };
        Ok(Some(Record { row, raw }))
    }

    /// Cuts the next record, reading on where what is ready does not hold all of it.
    fn cut(&mut self) -> Result<Option<Piece>, TextError> {
        if self.offset == 0 {
            self.mark()?;
        }
        let number = self.ordinal + 1;
        loop {
            let (ready, extent) = (self.source.ready(), self.source.extent());
            if ready.is_empty() && extent == Extent::Whole {
                return Ok(None);
            }
            self.spans.clear();
            if !ready.is_empty() {
                match self.cutter.cut(ready, extent, &mut self.spans) {
                    Ok(Cut::Record { len, next, line_end }) => return Ok(Some(Piece { len, next, line_end })),
                    Ok(Cut::Short) => {}
                    Err(fault) => {
                        self.source.check(ready.len(), number)?;
                        let column = self.spans.len() + 1;
                        return Err(match fault {
                            CellFault::TooLong => TextError::CellTooLong { record: number, column },
                            CellFault::Unclosed => TextError::UnclosedQuote { record: number, column },
                        });
                    }
                }
            }
            self.source.more(number)?;
        }
    }
}

/// What is cut off the front of the ready bytes.
struct Piece {
    len: usize,
    next: usize,
    line_end: LineEnd,
}

/// Gives the encoding of the reader's buffer, which holds UTF-16 as UTF-8.
fn shown(encoding: Encoding) -> Encoding {
    if encoding.is_wide() { Encoding::Utf8 } else { encoding }
}

/// Counts the bytes that UTF-8 text takes in UTF-16.
fn wide_len(text: &[u8]) -> u64 {
    let units: usize = text.iter().map(|&byte| usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0)).sum();
    units as u64 * 2
}

#[cfg(test)]
mod tests {
    use std::io;

    use proptest::prelude::*;

    use super::*;
    use crate::list::encoding::Certainty;
    use crate::list::text::{CELL_BYTES_MAX, RECORD_BYTES_MAX, Spacing};

    fn dialect(encoding: Encoding, delimiter: u8) -> Dialect {
        Dialect {
            encoding,
            certainty: Certainty::Settled,
            bom: true,
            delimiter,
            line_end: LineEnd::Lf,
            spacing: Spacing::Tight,
        }
    }

    fn utf8() -> Dialect {
        dialect(Encoding::Utf8, b',')
    }

    /// Offset and cells of every record.
    fn read(bytes: impl Read, dialect: &Dialect) -> Result<Vec<(u64, Vec<String>)>, TextError> {
        let mut records = Records::new(bytes, dialect);
        let mut rows = Vec::new();
        while let Some(row) = records.next_row()? {
            assert_eq!(row.ordinal, rows.len() as u64);
            rows.push((row.offset, row.texts()));
        }
        Ok(rows)
    }

    /// Gives one byte at a time.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let len = self.0.len().min(room.len()).min(1);
            room[..len].copy_from_slice(&self.0[..len]);
            self.0 = &self.0[len..];
            Ok(len)
        }
    }

    #[test]
    fn offsets_count_the_file_s_bytes_in_every_encoding() {
        let text = "序号,姓名\r\n1,张三\n\n2,\"李\n四\"\r3,𠮷\n4,é";
        for encoding in [Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16Le, Encoding::Utf16Be] {
            for mark in [&b""[..], encoding.mark()] {
                let bytes = [mark, &encoding.encode(text).unwrap()].concat();
                let rows = read(&bytes[..], &dialect(encoding, b',')).unwrap();
                let firsts = ["序", "1", "\n", "2", "3", "4"];
                assert_eq!(rows.len(), firsts.len(), "{encoding}");
                for ((offset, _), first) in rows.iter().zip(firsts) {
                    let first = encoding.encode(first).unwrap();
                    assert!(bytes[*offset as usize..].starts_with(&first), "{encoding} {offset}");
                }
                assert_eq!(rows[0].0, mark.len() as u64);
                assert_eq!(rows[3].1, ["2", "李\n四"]);
                assert_eq!(rows[4].1, ["3", "𠮷"]);
            }
        }
    }

    #[test]
    fn doubled_quotes_are_single_in_the_text_only() {
        assert_eq!(read(&b"\"a\"\"b\",c\"\"d\n"[..], &utf8()).unwrap(), [(0, vec!["a\"b".into(), "c\"\"d".into()])]);
    }

    #[test]
    fn a_reader_that_trickles_gives_the_same_rows() {
        let text = "a,\"b\r\nc\"\r\n=\"1,2\",d\r\n\r\n\"x\" ,y";
        for encoding in [Encoding::Utf8, Encoding::Utf16Le] {
            let bytes = encoding.encode(text).unwrap();
            let whole = read(&bytes[..], &dialect(encoding, b',')).unwrap();
            assert_eq!(read(Trickle(&bytes), &dialect(encoding, b',')).unwrap(), whole);
            assert_eq!(whole.len(), 4);
        }
    }

    #[test]
    fn records_that_cross_the_buffer_s_end_are_whole() {
        let mut text = String::new();
        for i in 0..40_000 {
            text.push_str(&format!("{i},\"line one\r\nof {i}\",住址{}\r\n", "号".repeat(i % 50)));
        }
        for encoding in [Encoding::Utf8, Encoding::Gbk, Encoding::Utf16Be] {
            let bytes = encoding.encode(&text).unwrap();
            let rows = read(&bytes[..], &dialect(encoding, b',')).unwrap();
            assert_eq!(rows.len(), 40_000);
            for (i, (_, cells)) in rows.iter().enumerate() {
                assert_eq!(cells[..2], [i.to_string(), format!("line one\r\nof {i}")]);
            }
        }
    }

    #[test]
    fn the_longest_record_is_read_and_a_longer_one_is_not() {
        let cell = format!("{},", "x".repeat(CELL_BYTES_MAX - 1));
        let record = cell.repeat(RECORD_BYTES_MAX / CELL_BYTES_MAX);
        let rows = read(format!("a\n{}\nb\n", &record[..RECORD_BYTES_MAX - 1]).as_bytes(), &utf8()).unwrap();
        assert_eq!(rows.len(), 3);
        let longer = read(format!("a\n{record}x{record}\nb\n").as_bytes(), &utf8());
        assert!(matches!(longer, Err(TextError::RecordTooLong { record: 2 })), "{longer:?}");
    }

    #[test]
    fn an_endless_line_fails_after_a_few_buffers() {
        struct Endless(u64);
        impl Read for &mut Endless {
            fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
                room.fill(b'x');
                self.0 += room.len() as u64;
                Ok(room.len())
            }
        }
        for start in ["", "\"", "1,\""] {
            let mut endless = Endless(0);
            assert!(read(start.as_bytes().chain(&mut endless), &utf8()).is_err());
            assert!(endless.0 <= 4 * RECORD_BYTES_MAX as u64, "{}", endless.0);
        }
    }

    #[test]
    fn faults_name_their_record_and_spare_those_before() {
        let wide = |text: &str, tail: &[u8]| [&Encoding::Utf16Le.encode(text).unwrap(), tail].concat();
        let le = dialect(Encoding::Utf16Le, b',');
        for (bytes, dialect, expected) in [
            (b"a\nb\0c\nd\n".to_vec(), utf8(), TextError::Nul { record: 2 }),
            (b"a\n\"b\nc\n".to_vec(), utf8(), TextError::UnclosedQuote { record: 2, column: 1 }),
            (wide("a\nb\nc", b"\x00\xD8x\0\n\0"), le, TextError::Surrogate { record: 3 }),
            (wide("a\nb\n", b"\x00\xDC"), le, TextError::Surrogate { record: 3 }),
            (wide("a\nb\n", b"x"), le, TextError::Surrogate { record: 3 }),
            (wide("a\n\"b", b"x"), le, TextError::Surrogate { record: 2 }),
            (wide("a\nb\0\n", b""), le, TextError::Nul { record: 2 }),
        ] {
            let mut records = Records::new(&bytes[..], &dialect);
            assert_eq!(records.next_row().unwrap().unwrap().text(0), "a");
            let error = loop {
                match records.next_row() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{expected} was not noticed"),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.to_string(), expected.to_string());
        }
    }

    #[test]
    fn a_fault_in_a_record_that_crosses_the_buffer_s_end_is_that_record_s() {
        let mut bytes = b"123456789\n".repeat(60_000);
        let crossing = 4 * CELL_BYTES_MAX / 10;
        bytes[crossing * 10 + 1] = 0;
        let error = read(&bytes[..], &utf8()).unwrap_err();
        assert_eq!(error.to_string(), TextError::Nul { record: crossing as u64 + 1 }.to_string());
    }

    #[test]
    fn an_ascii_beginning_is_settled_by_what_follows() {
        let mut bytes = b"id,name\n".to_vec();
        for _ in 0..100_000 {
            bytes.extend(b"1,Smith\n");
        }
        let open = Dialect { certainty: Certainty::AsciiSoFar, bom: false, ..utf8() };
        let mut records = Records::new(&bytes[..], &open);
        while records.next_row().unwrap().is_some() {}
        assert_eq!(records.dialect(), &open);

        bytes.extend(Encoding::Gbk.encode("2,张三丰\n").unwrap());
        let mut records = Records::new(&bytes[..], &open);
        let mut last = Vec::new();
        while let Some(row) = records.next_row().unwrap() {
            last = row.texts();
        }
        assert_eq!(last, ["2", "张三丰"]);
        assert_eq!((records.dialect().encoding, records.dialect().certainty), (Encoding::Gbk, Certainty::Settled));
    }

    fn any_dialect() -> impl Strategy<Value = Dialect> {
        let encodings = vec![Encoding::Utf8, Encoding::Gbk, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Latin1];
        (prop::sample::select(encodings), prop::sample::select(&b",;\t|"[..]), any::<bool>()).prop_map(
            |(encoding, delimiter, settled)| Dialect {
                certainty: if settled { Certainty::Settled } else { Certainty::AsciiSoFar },
                ..dialect(encoding, delimiter)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn no_bytes_make_it_panic_and_none_are_lost(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\"\"\r\n,;|=\t a1\0"[..])], 0..300),
            dialect in any_dialect(),
        ) {
            let dialect = Dialect { bom: false, ..dialect };
            let mut records = Records::new(&bytes[..], &dialect);
            let mut raw = Vec::new();
            while let Ok(Some(record)) = records.next_record() {
                raw.extend_from_slice(record.raw);
                record.row.texts();
            }
            if !dialect.encoding.is_wide() {
                prop_assert!(bytes.starts_with(&raw));
            }
        }

        #[test]
        fn well_formed_text_is_cut_as_the_csv_crate_cuts_it(
            rows in prop::collection::vec(prop::collection::vec("[a-z张,;\"\r\n ]{0,6}", 2..5), 1..20),
            delimiter in prop::sample::select(&b",;\t|"[..]),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let read = read(&bytes[..], &dialect(Encoding::Utf8, delimiter)).unwrap();
            prop_assert_eq!(read.into_iter().map(|(_, cells)| cells).collect::<Vec<_>>(), rows);
        }
    }
}
