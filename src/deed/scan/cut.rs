//! Cuts a stream into sections that overlap, and hashes it in the same reading.

use std::io::{self, Read};
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::scan::OVERLAP_BYTES;
use crate::scan::open::{Behind, Hidden};

/// Bytes of a section; each thread holds one, and as many wait.
pub(super) const SECTION_BYTES: usize = 4 << 20;

/// A stream on its way into sections.
pub(super) struct Cut<'r> {
    input: &'r mut dyn Read,
    hash: Sha256,
    behind: Behind,
    /// What was read already of what the next section needs.
    carried: Vec<u8>,
    at: u64,
    has_ended: bool,
    /// A fault that ended the stream, until it is told.
    fault: Option<io::Error>,
    last: u8,
}

impl<'r> Cut<'r> {
    /// Begins with bytes that were read of the stream already.
    pub fn new(input: &'r mut dyn Read, head: Vec<u8>) -> Cut<'r> {
        let mut hash = Sha256::new();
        hash.update(&head);
        let mut behind = Behind::default();
        behind.feed(&head);
        let (last, fault) = (head.last().copied().unwrap_or(b'\n'), None);
        Cut { behind, input, hash, last, carried: head, at: 0, has_ended: false, fault }
    }

    /// Fills `buffer` with the next section and what is around it; gives which bytes of the stream the section is, or
    /// nothing at the end. What came before a fault is a section, the fault comes with the next.
    pub fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Range<u64>>> {
        buffer.clear();
        buffer.append(&mut self.carried);
        let before = OVERLAP_BYTES.min(self.at as usize);
        if self.has_ended {
            return self.fault.take().map_or(Ok(None), Err);
        }
        let (wanted, kept) = (before + SECTION_BYTES + OVERLAP_BYTES, buffer.len());
        buffer.reserve(wanted - kept);
        let read = (&mut *self.input).take((wanted - kept) as u64).read_to_end(buffer);
        self.hash.update(&buffer[kept..]);
        self.behind.feed(&buffer[kept..]);
        self.last = buffer.last().copied().unwrap_or(self.last);
        self.has_ended = buffer.len() < wanted;
        let begin = self.at;
        self.at += if self.has_ended { buffer.len() - before } else { SECTION_BYTES } as u64;
        self.carried.extend_from_slice(&buffer[(self.at - begin) as usize + before - self.behind()..]);
        match read {
            Err(error) if self.at == begin => Err(error),
            Err(error) => {
                (self.has_ended, self.fault) = (true, Some(error));
                Ok(Some(begin..self.at))
            }
            Ok(_) if self.at == begin => Ok(None),
            Ok(_) => Ok(Some(begin..self.at)),
        }
    }

    /// Tells what lies behind the begin, once all was read.
    pub fn hidden(&mut self) -> Option<Hidden> {
        std::mem::take(&mut self.behind).end()
    }

    /// Gives how many bytes before the next section go with it.
    fn behind(&self) -> usize {
        OVERLAP_BYTES.min(self.at as usize)
    }

    /// Gives the bytes there were, the hash in hex, and whether the last line had an end.
    pub fn end(self) -> (u64, String, bool) {
        (self.at, hex::encode(self.hash.finalize()), self.last == b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives some bytes, and then only faults.
    struct Broken(usize);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = buffer.len().min(self.0).min(1000);
            self.0 -= read;
            buffer[..read].fill(b'x');
            if read == 0 { Err(io::Error::other("gone")) } else { Ok(read) }
        }
    }

    #[test]
    fn what_came_before_a_fault_is_a_section() {
        for len in [1, 5_000, SECTION_BYTES + OVERLAP_BYTES + 7] {
            let mut input = Broken(len);
            let mut cut = Cut::new(&mut input, Vec::new());
            let (mut buffer, mut end) = (Vec::new(), 0);
            while let Ok(section) = cut.next(&mut buffer) {
                end = section.expect("a fault comes before the end").end;
            }
            assert_eq!((end, cut.end().0), (len as u64, len as u64));
        }
    }

    #[test]
    fn sections_join_up_and_overlap() {
        for len in
            [0, 1, 5_000, SECTION_BYTES, SECTION_BYTES + 100, 2 * SECTION_BYTES + OVERLAP_BYTES, 3 * SECTION_BYTES + 9]
        {
            let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            let head = bytes[..len.min(4096)].to_vec();
            let mut rest = &bytes[head.len()..];
            let mut cut = Cut::new(&mut rest, head);
            let (mut buffer, mut end) = (Vec::new(), 0);
            while let Some(section) = cut.next(&mut buffer).unwrap() {
                assert_eq!(section.start, end);
                end = section.end;
                let from = section.start.saturating_sub(OVERLAP_BYTES as u64) as usize;
                assert_eq!(buffer, bytes[from..from + buffer.len()], "{len}");
                assert!(from + buffer.len() >= (end as usize + OVERLAP_BYTES).min(len), "{len}");
            }
            assert_eq!((end, cut.end().1), (len as u64, hex::encode(Sha256::digest(&bytes))));
        }
    }
}
