//! One stream of text on its way through the finder; how it begins is kept, where a list has the names of its columns.

use crate::scan::{Finder, Namesakes, Needles, Sighting};

/// How much is kept of the begin of a text.
pub const TEXT_HEAD_BYTES: usize = 2048;

/// One stream of text on its way through the finder.
pub(super) struct Text<'n> {
    finder: Finder<'n>,
    seen: Vec<Sighting>,
    lines: u64,
    last: u8,
    head: Vec<u8>,
}

impl<'n> Text<'n> {
    pub(super) fn begin(needles: &'n Needles) -> Text<'n> {
        Text { finder: Finder::new(needles), seen: Vec::new(), lines: 0, last: b'\n', head: Vec::new() }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.last = bytes.last().copied().unwrap_or(self.last);
        let room = TEXT_HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.finder.feed(bytes, &mut self.seen);
    }

    /// Takes out what was seen so far.
    pub(super) fn seen(&mut self) -> std::vec::Drain<'_, Sighting> {
        self.seen.drain(..)
    }

    /// Gives how it began, its lines, what was seen that was not taken out before, and how often needles' names stand in it.
    pub(super) fn end(mut self) -> (Vec<u8>, u64, Vec<Sighting>, Namesakes) {
        self.finder.finish(&mut self.seen);
        (self.head, self.lines + u64::from(self.last != b'\n'), self.seen, self.finder.namesakes())
    }
}
