//! The bytes of a container as they stand, searched beside what its reader makes of them.
//!
//! A few bytes in front make an archive of a list that is none, and formats have corners that no reader looks into: whatever
//! a file is taken for, its own bytes are searched too. What was found in its parts is not told again. Where all was read,
//! whole numbers alone count: rows of a database lie side by side in it, and a name is not beside its own date there.

use std::collections::HashSet;
use std::io::{self, Read, SeekFrom};

use super::Source;
use super::behind::{Behind, Hidden};
use super::desk::{Desk, Found};
use super::error::Unreadable;
use super::limits::PIECE_BYTES;
use super::passage::Text;
use crate::scan::MatchedBy;

/// What a desk had when something was begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    found: usize,
    unread: usize,
}

impl Mark {
    pub(super) fn of(desk: &Desk<'_>) -> Mark {
        Mark { found: desk.found.len(), unread: desk.unread.len() }
    }

    /// Tells whether all was read since then.
    pub(super) fn is_all_read(self, desk: &Desk<'_>) -> bool {
        desk.unread.len() == self.unread
    }
}

/// Which bytes of a container are searched as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Searched {
    All,
    /// Those that belong to no part; a tar archive's parts stand in it as they are.
    BetweenParts,
}

/// A container's bytes on their way to its reader.
pub(super) struct Raw<'r, 'n> {
    input: &'r mut dyn Read,
    text: Text<'n>,
    behind: Behind,
    searched: Searched,
    /// How many containers lie around what is read at present, which the desk counts.
    depth: std::rc::Rc<std::cell::Cell<usize>>,
    own: usize,
}

impl<'r, 'n> Raw<'r, 'n> {
    pub(super) fn new(input: &'r mut dyn Read, desk: &Desk<'n>, searched: Searched) -> Raw<'r, 'n> {
        let depth = desk.depth.clone();
        let own = depth.get();
        Raw { input, text: Text::begin(desk.needles), behind: Behind::default(), searched, depth, own }
    }

    /// Reads to the end what the reader has left.
    pub(super) fn drain(&mut self, desk: &mut Desk<'_>) -> Result<(), Unreadable> {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match self.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => desk.count(read as u64)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Unreadable::of(error, "its end is missing")),
            }
        }
    }

    /// Gives the text, and whether the bytes end as a zip package does.
    pub(super) fn into_text(self) -> (Text<'n>, bool) {
        (self.text, self.behind.end() == Some(Hidden::Zip))
    }
}

impl Read for Raw<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.behind.feed(&buffer[..read]);
        let is_wanted = match self.searched {
            Searched::All => true,
            Searched::BetweenParts => self.depth.get() == self.own,
        };
        if is_wanted {
            self.text.feed(&buffer[..read]);
        }
        Ok(read)
    }
}

/// Searches all bytes of a source as they stand.
pub(super) fn whole(desk: &mut Desk<'_>, source: &mut dyn Source, place: &str, mark: Mark) -> Result<(), Unreadable> {
    source.seek(SeekFrom::Start(0)).map_err(Unreadable::Io)?;
    let mut text = Text::begin(desk.needles);
    let mut piece = vec![0; PIECE_BYTES];
    let done = loop {
        if desk.outside.is_stopped() {
            break Err(Unreadable::Stopped);
        }
        match source.read(&mut piece) {
            Ok(0) => break Ok(()),
            Ok(read) => text.feed(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(Unreadable::Io(error)),
        }
    };
    keep(desk, text, place, mark);
    done
}

/// Ends a container's bytes: keeps what was seen in them and in none of its parts since the mark.
pub(super) fn keep(desk: &mut Desk<'_>, text: Text<'_>, place: &str, mark: Mark) {
    match mark.is_all_read(desk) {
        true => add(desk, text, place, mark, |by| by == MatchedBy::Number),
        false => keep_unread(desk, text, place, mark),
    }
}

/// Ends a text that nothing else was made of: keeps all that was seen in it and nowhere else since the mark.
pub(super) fn keep_unread(desk: &mut Desk<'_>, text: Text<'_>, place: &str, mark: Mark) {
    add(desk, text, place, mark, |_| true);
}

fn add(desk: &mut Desk<'_>, text: Text<'_>, place: &str, mark: Mark, counts: impl Fn(MatchedBy) -> bool) {
    let (head, lines, seen, namesakes) = text.end();
    if counts(MatchedBy::Persona) {
        desk.namesakes.add(namesakes);
    }
    if seen.is_empty() {
        return;
    }
    let known: HashSet<u32> = desk.found[mark.found..].iter().map(|found| found.sighting.needle).collect();
    let place = Some(place).filter(|place| !place.is_empty()).map(str::to_string);
    let before = desk.found.len();
    let new = seen.into_iter().filter(|one| counts(one.by) && !known.contains(&one.needle));
    desk.found.extend(new.map(|sighting| Found { sighting, place: place.clone() }));
    if desk.found.len() > before {
        // Its lines are rows among which such a canary may stand by chance.
        desk.rows += lines;
        desk.keep_head(head);
    }
}

/// Tells whether the rest of a container may be read after this.
pub(super) fn goes_on(done: &Result<(), Unreadable>) -> bool {
    !matches!(
        done,
        Err(Unreadable::Bomb
            | Unreadable::Stopped
            | Unreadable::TooManyParts
            | Unreadable::TooDeep
            | Unreadable::Io(_))
    )
}
