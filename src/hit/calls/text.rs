//! Bytes of a file as UTF-8 text, whatever it was written in: UTF-8, UTF-16 with its mark, or GB18030.
//!
//! The encoding is decided at the first byte beyond ASCII, not at the start of the file, so a bill
//! whose first Chinese cell stands far down is still read right.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use encoding_rs::{Decoder, Encoding, GB18030, UTF_8};

/// Longest record that is read, in bytes of UTF-8.
pub const RECORD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes that are decoded at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// What is wrong with the text, carried through `std::io`.
#[derive(Debug, thiserror::Error)]
pub enum TextFault {
    #[error("line {line} is not text")]
    NotText { line: u64 },
    #[error("line {line} is longer than {bytes_max} bytes")]
    TooLong { line: u64, bytes_max: usize },
}

/// Counts the bytes handed out since the last whole record.
#[derive(Clone, Default)]
pub struct Spent(Rc<Cell<usize>>);

impl Spent {
    /// Says that a record is complete.
    pub fn record_ends(&self) {
        self.0.set(0);
    }
}

/// A reader of UTF-8.
pub struct Text<'a> {
    input: &'a mut dyn BufRead,
    decoder: Option<Decoder>,
    ready: String,
    at: usize,
    line: u64,
    begun: bool,
    ended: bool,
    spent: Spent,
}

impl<'a> Text<'a> {
    /// Reads text from bytes.
    pub fn new(input: &'a mut dyn BufRead) -> Text<'a> {
        Text {
            input,
            decoder: None,
            ready: String::new(),
            at: 0,
            line: 1,
            begun: false,
            ended: false,
            spent: Spent::default(),
        }
    }

    /// Gives the counter that whoever cuts the text into records must keep.
    pub fn spent(&self) -> Spent {
        self.spent.clone()
    }

    /// Gives the beginning of the text, at most 64 KiB of the file, without reading past it.
    pub fn beginning(&mut self) -> io::Result<&str> {
        if !self.begun {
            self.fill()?;
        }
        Ok(&self.ready[self.at..])
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut raw = Vec::with_capacity(CHUNK_BYTES);
        Read::take(&mut *self.input, CHUNK_BYTES as u64).read_to_end(&mut raw)?;
        self.ended = raw.len() < CHUNK_BYTES;
        let begins = !std::mem::replace(&mut self.begun, true);
        self.line += memchr::memchr_iter(b'\n', self.ready.as_bytes()).count() as u64;
        self.ready.clear();
        self.at = 0;
        if self.decoder.is_none() && (begins || !raw.is_ascii()) {
            let marked = if begins { Encoding::for_bom(&raw) } else { None };
            self.decoder = match marked {
                Some((encoding, _)) => Some(encoding.new_decoder_with_bom_removal()),
                None if raw.is_ascii() => None,
                None => Some(guess(&raw).new_decoder_without_bom_handling()),
            };
        }
        let sound = match &mut self.decoder {
            Some(decoder) => {
                let room = decoder.max_utf8_buffer_length(raw.len()).unwrap_or(raw.len() * 4 + 16);
                self.ready.reserve(room);
                let (_, _, faulty) = decoder.decode_to_string(&raw, &mut self.ready, self.ended);
                !faulty
            }
            None => {
                self.ready.extend(raw.iter().map(|byte| char::from(*byte)));
                true
            }
        };
        let never = ['\0', '\u{1}'];
        let fault = if sound { self.ready.find(never) } else { self.ready.find(['\0', '\u{1}', '\u{fffd}']) };
        match fault.or_else(|| (!sound).then_some(0)) {
            Some(at) => {
                let line = self.line + memchr::memchr_iter(b'\n', &self.ready.as_bytes()[..at]).count() as u64;
                Err(io::Error::new(io::ErrorKind::InvalidData, TextFault::NotText { line }))
            }
            None => Ok(()),
        }
    }
}

/// Tells UTF-8 from GB18030; a character cut off at the end of the chunk speaks against neither.
fn guess(raw: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(raw) {
        Err(error) if error.error_len().is_some() => GB18030,
        Ok(_) | Err(_) => UTF_8,
    }
}

impl Read for Text<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !(self.begun && self.ended) {
            self.fill()?;
        }
        let spent = self.spent.0.get();
        if spent > RECORD_BYTES_MAX {
            let line = self.line;
            let bytes_max = RECORD_BYTES_MAX;
            return Err(io::Error::new(io::ErrorKind::InvalidData, TextFault::TooLong { line, bytes_max }));
        }
        let count = into.len().min(self.ready.len() - self.at);
        into[..count].copy_from_slice(&self.ready.as_bytes()[self.at..self.at + count]);
        self.at += count;
        self.spent.0.set(spent + count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Text::new(&mut bytes).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "对方号码,时间\n";
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let (gbk, _, _) = encoding_rs::GBK.encode(text);
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &marked, &gbk, &utf16] {
            assert_eq!(read(bytes).ok().as_deref(), Some(text));
        }
    }

    #[test]
    fn the_first_chinese_cell_may_stand_far_down() {
        let mut bytes = vec![b'a'; 3 * CHUNK_BYTES + 1];
        let (gbk, _, _) = encoding_rs::GBK.encode("被叫");
        bytes.extend_from_slice(&gbk);
        assert!(read(&bytes).is_ok_and(|text| text.ends_with("a被叫")));
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        for bytes in [&b"a\nb\0"[..], b"a\n\xff\xff\xff"] {
            let error = read(bytes).expect_err("not text");
            assert_eq!(error.to_string(), "line 2 is not text");
        }
    }

    #[test]
    fn a_record_without_end_is_refused() {
        let bytes = vec![b'a'; RECORD_BYTES_MAX + 2 * CHUNK_BYTES];
        assert!(read(&bytes).is_err_and(|error| error.to_string().contains("longer")));
    }
}
