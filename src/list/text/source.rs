//! The buffer between a file and the cutter: UTF-16 enters it as UTF-8, all else as it is.
//!
//! The buffer grows up to one record's limit and is used again, so memory stays flat however long
//! the list is. A fault is kept with its place: the records before it are still handed out.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult};
use memchr::memchr;

use super::dialect::Dialect;
use super::error::TextError;
use super::{CELL_BYTES_MAX, RECORD_BYTES_MAX};
use crate::list::encoding::{Certainty, Encoding, Extent};

/// First size of the buffer, in bytes: small enough for a processor's cache.
const BUFFER_BYTES: usize = 2 * CELL_BYTES_MAX;

/// Bytes of UTF-16 read at once.
const WIDE_BYTES: usize = 64 * 1024;

/// A file behind a buffer of text.
pub(super) struct Source<R> {
    input: R,
    dialect: Dialect,
    wide: Option<Wide>,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    fault: Option<Fault>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Ended,
}

/// What is wrong with the text, and where in the buffer.
#[derive(Debug, Clone, Copy)]
struct Fault {
    at: usize,
    kind: FaultKind,
}

#[derive(Debug, Clone, Copy)]
enum FaultKind {
    Nul,
    Surrogate,
}

/// UTF-16 on its way to UTF-8.
struct Wide {
    decoder: Decoder,
    raw: Vec<u8>,
    start: usize,
    filled: usize,
    ended: bool,
}

impl<R: Read> Source<R> {
    pub(super) fn new(input: R, dialect: &Dialect) -> Source<R> {
        let decoder = match dialect.encoding {
            Encoding::Utf16Le => Some(encoding_rs::UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(encoding_rs::UTF_16BE.new_decoder_without_bom_handling()),
            Encoding::Utf8 | Encoding::Gbk | Encoding::Gb18030 | Encoding::Latin1 => None,
        };
        Source {
            input,
            dialect: *dialect,
            wide: decoder.map(Wide::new),
            buffer: vec![0; BUFFER_BYTES],
            start: 0,
            filled: 0,
            fault: None,
            state: State::New,
        }
    }

    /// Gives the dialect, its encoding settled by what was read so far.
    pub(super) fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Gives the bytes that are read and not yet consumed.
    pub(super) fn ready(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// Tells whether anything may follow what is ready.
    pub(super) fn extent(&self) -> Extent {
        match self.state {
            State::New | State::Open => Extent::Cut,
            State::Ended => Extent::Whole,
        }
    }

    /// Gives where the ready bytes begin in the buffer.
    pub(super) fn at(&self) -> usize {
        self.start
    }

    /// Takes another buffer into use and gives its own away, with all that was consumed in it.
    pub(super) fn swap_buffer(&mut self, other: &mut Vec<u8>) {
        other.resize(self.buffer.len(), 0);
        let ready = self.start..self.filled;
        other[..ready.len()].copy_from_slice(&self.buffer[ready]);
        std::mem::swap(&mut self.buffer, other);
        self.moved_to_front();
    }

    /// Consumes `len` of the ready bytes; fails if they hold a fault of the text.
    pub(super) fn consume(&mut self, len: usize, record: u64) -> Result<&[u8], TextError> {
        self.check(len, record)?;
        self.start += len;
        Ok(&self.buffer[self.start - len..self.start])
    }

    /// Fails if the first `len` ready bytes hold a fault of the text.
    pub(super) fn check(&self, len: usize, record: u64) -> Result<(), TextError> {
        match self.fault {
            Some(fault) if fault.at < self.start + len => Err(match fault.kind {
                FaultKind::Nul => TextError::Nul { record },
                FaultKind::Surrogate => TextError::Surrogate { record },
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Passes over the byte order mark, if the dialect has one, and gives it.
    ///
    /// Does so once; to be called before anything is consumed.
    pub(super) fn mark(&mut self, record: u64) -> Result<&'static [u8], TextError> {
        if self.state != State::New {
            return Ok(b"");
        }
        self.more(record)?;
        let encoding = self.dialect.encoding;
        let mark = if encoding.is_wide() { Encoding::Utf8.mark() } else { encoding.mark() };
        if !self.dialect.bom || !self.ready().starts_with(mark) {
            return Ok(b"");
        }
        self.start += mark.len();
        Ok(encoding.mark())
    }

    /// Reads until the buffer is full or the file ends; fails if a record fills the largest buffer.
    pub(super) fn more(&mut self, record: u64) -> Result<(), TextError> {
        self.make_room(record)?;
        let fresh = self.filled;
        let mut state = State::Open;
        while state == State::Open && self.filled < self.buffer.len() {
            let room = &mut self.buffer[self.filled..];
            let read = match &mut self.wide {
                Some(wide) => wide.read(&mut self.input, room)?,
                None => Step::of(read(&mut self.input, room)?),
            };
            match read {
                Step::Read(len) => self.filled += len,
                Step::Full => break,
                Step::Ended => state = State::Ended,
                Step::Malformed(len) => {
                    self.filled += len;
                    self.fault = self.fault.or(Some(Fault { at: self.filled - 1, kind: FaultKind::Surrogate }));
                    state = State::Ended;
                }
            }
        }
        self.state = state;
        self.inspect(fresh);
        Ok(())
    }

    fn make_room(&mut self, record: u64) -> Result<(), TextError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.moved_to_front();
        }
        if self.filled > RECORD_BYTES_MAX {
            self.check(self.filled, record)?;
            return Err(TextError::RecordTooLong { record });
        }
        if self.filled * 2 > self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        Ok(())
    }

    fn moved_to_front(&mut self) {
        self.filled -= self.start;
        self.fault = self.fault.map(|fault| Fault { at: fault.at - self.start, ..fault });
        self.start = 0;
    }

    /// Looks at what was just read for NUL bytes and, while only ASCII was seen, for the encoding.
    fn inspect(&mut self, fresh: usize) {
        let text = &self.buffer[fresh..self.filled];
        if let Some(at) = memchr(0, text)
            && self.fault.is_none_or(|fault| fresh + at < fault.at)
        {
            self.fault = Some(Fault { at: fresh + at, kind: FaultKind::Nul });
        }
        if self.dialect.certainty == Certainty::AsciiSoFar && !text.is_ascii() {
            let (encoding, certainty) = Encoding::of_text(&self.buffer[self.start..self.filled], self.extent());
            self.dialect.encoding = encoding;
            self.dialect.certainty = certainty;
        }
    }
}

/// What one reading brought.
enum Step {
    Read(usize),
    /// The buffer has no room for another character.
    Full,
    Ended,
    /// The bytes before, the last of them a stand-in for what is no UTF-16.
    Malformed(usize),
}

impl Step {
    fn of(len: usize) -> Step {
        if len == 0 { Step::Ended } else { Step::Read(len) }
    }
}

impl Wide {
    fn new(decoder: Decoder) -> Wide {
        Wide { decoder, raw: vec![0; WIDE_BYTES], start: 0, filled: 0, ended: false }
    }

    fn read(&mut self, input: &mut impl Read, room: &mut [u8]) -> Result<Step, TextError> {
        if self.start == self.filled && !self.ended {
            self.start = 0;
            self.filled = read(input, &mut self.raw)?;
            self.ended = self.filled == 0;
        }
        let raw = &self.raw[self.start..self.filled];
        let (result, taken, written) = self.decoder.decode_to_utf8_without_replacement(raw, room, self.ended);
        self.start += taken;
        match result {
            DecoderResult::InputEmpty if self.ended => Ok(Step::of(written)),
            DecoderResult::InputEmpty => Ok(Step::Read(written)),
            DecoderResult::OutputFull if written == 0 => Ok(Step::Full),
            DecoderResult::OutputFull => Ok(Step::Read(written)),
            DecoderResult::Malformed(..) => {
                // The decoder leaves room for a whole character, of which one byte is enough here.
                room[written] = b'?';
                Ok(Step::Malformed(written + 1))
            }
        }
    }
}

/// Reads once, again if a signal came between; 0 is the end.
fn read(input: &mut impl Read, room: &mut [u8]) -> Result<usize, TextError> {
    loop {
        match input.read(room) {
            Ok(len) => return Ok(len),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(TextError::Read(error)),
        }
    }
}
