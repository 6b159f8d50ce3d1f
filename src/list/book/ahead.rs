//! A reader that can look ahead as far as a mark.
//!
//! What was looked at is not taken: whoever reads next, an XML reader for one, finds it again.

use std::io::{BufRead, ErrorKind, Read, Result};

use memchr::memmem;

/// Bytes asked of the input at a time.
const READ_BYTES: usize = 64 << 10;

/// An input whose next bytes can be seen whole.
pub(super) struct Ahead<R> {
    input: R,
    held: Vec<u8>,
    /// What of `held` has been taken.
    at: usize,
}

impl<R: Read> Ahead<R> {
    pub(super) fn new(input: R) -> Ahead<R> {
        Ahead { input, held: Vec::new(), at: 0 }
    }

    /// Gives what stands before `mark`; nothing when the input ends, or more than `max` bytes were seen, without it.
    pub(super) fn upto(&mut self, mark: &str, max: usize) -> Result<Option<&[u8]>> {
        let finder = memmem::Finder::new(mark);
        let mut seen = 0;
        loop {
            let ahead = &self.held[self.at..];
            if let Some(found) = finder.find(&ahead[seen..]) {
                return Ok(Some(&self.held[self.at..self.at + seen + found]));
            }
            seen = ahead.len().saturating_sub(mark.len() - 1);
            if seen > max || self.more()? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads on behind what is held; 0 at the end.
    fn more(&mut self) -> Result<usize> {
        self.held.drain(..self.at);
        self.at = 0;
        let len = self.held.len();
        self.held.resize(len + READ_BYTES, 0);
        let read = loop {
            match self.input.read(&mut self.held[len..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.held.truncate(len + read.as_ref().map_or(0, |read| *read));
        read
    }
}

impl<R: Read> Read for Ahead<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Ahead<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.at == self.held.len() {
            self.more()?;
        }
        Ok(&self.held[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> Result<usize> {
            let some = into.len().min(3).min(self.0.len());
            into[..some].copy_from_slice(&self.0[..some]);
            self.0 = &self.0[some..];
            Ok(some)
        }
    }

    #[test]
    fn what_was_looked_at_is_still_there_to_be_read() {
        let mark = "</row>";
        let mut ahead = Ahead::new(Drops(b"abc</ro</row>def"));
        assert_eq!(ahead.upto(mark, 100).expect("memory"), Some(&b"abc</ro"[..]));
        ahead.consume(2);
        assert_eq!(ahead.upto(mark, 100).expect("memory"), Some(&b"c</ro"[..]));
        let mut rest = String::new();
        ahead.read_to_string(&mut rest).expect("memory");
        assert_eq!(rest, "c</ro</row>def");
    }

    #[test]
    fn a_mark_that_does_not_come_is_not_waited_for() {
        let mark = "</row>";
        let mut ahead = Ahead::new(Drops(b"0123456789</row>"));
        assert_eq!(ahead.upto(mark, 4).expect("memory"), None);
        assert_eq!(ahead.upto(mark, 100).expect("memory"), Some(&b"0123456789"[..]));
        let mut ahead = Ahead::new(Drops(b"0123456789"));
        assert_eq!(ahead.upto(mark, 100).expect("memory"), None);
        assert_eq!(ahead.fill_buf().expect("memory"), b"0123456789");
    }
}
