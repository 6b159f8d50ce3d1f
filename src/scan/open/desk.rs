//! Where one file is taken apart: what was found in it, what could not be read, and how much it may still unpack to.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::behind::{Behind, Hidden};
use super::error::{HIDDEN, UNKNOWN, Unreadable};
use super::kind::{HEAD_BYTES, Kind};
use super::limits::{ALL_BYTES_MIN, DEPTH_MAX, PART_BYTES_MAX, PARTS_MAX, PIECE_BYTES, RATIO_MAX, small};
pub(super) use super::passage::Text;
use super::raw::{self, Mark, Raw, Searched};
use super::rows::Rows;
use super::wide::{Utf32, Writing};
use super::{
    Held, Outside, Source, Spool, database_log, mail, ole, parquet, pdf, rar, seven_zip, stream, tar, wide, zip,
};
use crate::scan::{Namesakes, Needles, Sighting};

/// Parts whose bytes fit in here are not spooled.
const SPOOL_BYTES_MIN: u64 = 1 << 20;

/// Texts of which the begin is kept.
const HEADS_MAX: usize = 32;

/// A canary that was seen, and where within the file: `a.xlsx!Sheet1!C17`; nothing for a plain file.
#[derive(Debug, Clone)]
pub struct Found {
    pub sighting: Sighting,
    pub place: Option<String>,
}

/// Something that could not be read, and where within the file it lies.
#[derive(Debug)]
pub struct Unread {
    pub place: Option<String>,
    pub why: Unreadable,
}

/// What is found in one file.
pub struct Desk<'d> {
    pub(super) needles: &'d Needles,
    pub(super) outside: &'d dyn Outside,
    pub found: Vec<Found>,
    pub unread: Vec<Unread>,
    /// Lines of text and rows of sheets and tables.
    pub rows: u64,
    /// Streams of text that were gone through.
    pub texts: u64,
    /// How the first of these begin, where a list has the names of its columns.
    pub heads: Vec<Vec<u8>>,
    /// How often needles' names stand in its texts.
    pub namesakes: Namesakes,
    /// Containers around what is read at present.
    pub(super) depth: Rc<Cell<usize>>,
    pub(super) parts: u64,
    name: String,
    /// Bytes the file has, and bytes that came out of it so far.
    packed: u64,
    unpacked: u64,
}

impl<'d> Desk<'d> {
    /// Prepares for a file of so many bytes; its name tells what its bytes do not.
    pub fn new(needles: &'d Needles, outside: &'d dyn Outside, name: &str, packed: u64) -> Desk<'d> {
        Desk {
            needles,
            outside,
            found: Vec::new(),
            unread: Vec::new(),
            rows: 0,
            texts: 0,
            heads: Vec::new(),
            namesakes: Namesakes::default(),
            depth: Rc::default(),
            parts: 0,
            name: name.to_string(),
            packed,
            unpacked: 0,
        }
    }

    /// Goes through a file that can be gone back and forth in.
    pub fn file(&mut self, source: &mut dyn Source, place: &str) {
        let mark = Mark::of(self);
        let opened = head(source).and_then(|head| {
            source.seek(SeekFrom::Start(0))?;
            Ok(self.kind(&head, place))
        });
        let kind = opened.as_ref().ok().copied();
        let done = match opened {
            Ok(kind) => self.guarded(|desk| desk.by_kind(kind, source, place)),
            Err(error) => Err(Unreadable::Io(error)),
        };
        let is_searched = kind.is_some_and(|kind| kind != Kind::Bytes) && raw::goes_on(&done);
        self.note(done, place);
        if is_searched {
            let searched = self.guarded(|desk| raw::whole(desk, source, place, mark));
            self.note(searched, place);
        }
    }

    /// Goes through what lies behind the begin of a file, which was read as something else.
    pub fn behind(&mut self, source: &mut dyn Source, hidden: Hidden) {
        match hidden {
            Hidden::Zip => {
                let done = self.guarded(|desk| zip::read(desk, source, ""));
                // What only looked like an archive was read as what it is.
                let done = done.map_err(|why| match why {
                    Unreadable::Damaged { .. } => Unreadable::NotUnpacked { what: HIDDEN },
                    why => why,
                });
                self.note(done, "");
            }
            Hidden::At(at) => match source.seek(SeekFrom::Start(at)) {
                Ok(_) => self.part(&mut { source }, &format!("archive at byte {at}")),
                Err(error) => self.note(Err(Unreadable::Io(error)), ""),
            },
        }
    }

    /// Goes through a part that comes in once, such as a file in an archive.
    pub fn part(&mut self, input: &mut dyn Read, place: &str) {
        let depth = self.depth.get();
        self.depth.set(depth + 1);
        let done = self.enter(input, place);
        self.note(done, place);
        self.depth.set(depth);
    }

    /// Tells what a file or part is.
    fn kind(&self, head: &[u8], place: &str) -> Kind {
        let kind = Kind::called(if place.is_empty() { &self.name } else { place }, head);
        // What comes out of a packed stream bears the stream's name.
        if kind == Kind::Packed(UNKNOWN) && self.depth.get() > 1 { Kind::Bytes } else { kind }
    }

    /// Makes damage of a panic, so that the rest is gone through.
    fn guarded(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Unreadable>) -> Result<(), Unreadable> {
        let depth = self.depth.get();
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        self.depth.set(depth);
        done.unwrap_or(Err(Unreadable::Damaged { what: "its reader gave up" }))
    }

    /// Notes why something could not be read.
    pub fn note(&mut self, done: Result<(), Unreadable>, place: &str) {
        if let Err(why) = done {
            let place = Some(place).filter(|place| !place.is_empty()).map(str::to_string);
            self.unread.push(Unread { place, why });
        }
    }

    fn enter(&mut self, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(Unreadable::TooManyParts);
        }
        if self.depth.get() > DEPTH_MAX {
            return Err(Unreadable::TooDeep);
        }
        let head = head(input).map_err(|error| Unreadable::of(error, "archive"))?;
        let kind = self.kind(&head, place);
        let mut whole = head.chain(input);
        if kind == Kind::Bytes {
            return self.text(&mut whole, place);
        }
        let mark = Mark::of(self);
        let searched = if kind == Kind::Tar { Searched::BetweenParts } else { Searched::All };
        let mut raw = Raw::new(&mut whole, self, searched);
        let done = self.guarded(|desk| match kind.is_sought() {
            true => desk.spooled(&mut raw).and_then(|mut spool| desk.by_kind(kind, &mut spool, place)),
            false => desk.once(kind, &mut raw, place),
        });
        let goes_on = raw::goes_on(&done);
        self.note(done, place);
        let drained = if goes_on { self.guarded(|desk| raw.drain(desk)) } else { Ok(()) };
        // Of one fault one reason is told.
        let drained = if mark.is_all_read(self) { drained } else { Ok(()) };
        let (text, is_zip_behind) = raw.into_text();
        raw::keep(self, text, place, mark);
        // A file's own end is looked at by whoever can go back in it.
        if is_zip_behind && kind != Kind::Zip && !place.is_empty() {
            self.note(Err(Unreadable::NotUnpacked { what: HIDDEN }), place);
        }
        drained
    }

    /// Puts bytes where they can be gone back and forth in.
    fn spooled(&mut self, input: &mut dyn Read) -> Result<Box<dyn Spool>, Unreadable> {
        let mut first = Vec::new();
        let of = |error| Unreadable::of(error, "archive");
        input.take(SPOOL_BYTES_MIN).read_to_end(&mut first).map_err(of)?;
        self.count(first.len() as u64)?;
        if (first.len() as u64) < SPOOL_BYTES_MIN {
            return Ok(Box::new(io::Cursor::new(first)));
        }
        let mut spool = self.outside.spool().map_err(Unreadable::Io)?;
        spool.write_all(&first).map_err(Unreadable::Io)?;
        let mut piece = vec![0; PIECE_BYTES];
        let mut count = first.len() as u64;
        loop {
            let read = input.read(&mut piece).map_err(of)?;
            if read == 0 {
                break;
            }
            count += read as u64;
            self.count(read as u64)?;
            if count > PART_BYTES_MAX {
                return Err(Unreadable::PartTooLarge);
            }
            spool.write_all(&piece[..read]).map_err(Unreadable::Io)?;
        }
        spool.seek(SeekFrom::Start(0)).map_err(Unreadable::Io)?;
        Ok(spool)
    }

    fn by_kind(&mut self, kind: Kind, source: &mut dyn Source, place: &str) -> Result<(), Unreadable> {
        match kind {
            Kind::Zip => zip::read(self, source, place),
            Kind::SevenZip => seven_zip::read(self, source, place),
            Kind::Rar => rar::read(self, source, place),
            Kind::Ole => ole::read(self, source, place),
            Kind::Database => self.database(source, place),
            Kind::Parquet => {
                let held = if self.depth.get() == 0 { Held::TheFile } else { Held::Part(source) };
                parquet::read(self, held, place)
            }
            Kind::Bytes
            | Kind::Stream(_)
            | Kind::Tar
            | Kind::Pdf
            | Kind::Message
            | Kind::Mailbox
            | Kind::Picture
            | Kind::Packed(_)
            | Kind::Written(_)
            | Kind::DatabaseLog(_)
            | Kind::Locked => self.once(kind, source, place),
        }
    }

    fn once(&mut self, kind: Kind, mut input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
        match kind {
            Kind::Stream(packing) => stream::read(self, packing, input, place),
            Kind::Tar => tar::read(self, input, place),
            Kind::Pdf => pdf::read(self, input, place),
            Kind::Message => mail::message(self, input, place),
            Kind::Mailbox => mail::mailbox(self, input, place),
            Kind::Picture => self.picture(input, place),
            Kind::Packed(what) => Err(Unreadable::NotUnpacked { what }),
            Kind::Locked => Err(Unreadable::Encrypted),
            Kind::DatabaseLog(pages) => database_log::read(self, input, pages, place),
            Kind::Written(writing @ (Writing::Utf32Little | Writing::Utf32Big)) => {
                self.text(&mut Utf32::new(input, writing), place)
            }
            Kind::Written(writing @ (Writing::Base64 | Writing::Hex)) => {
                let bytes = wide::decoded(input, writing)?;
                self.part(&mut &bytes[..], &within(place, writing.word()));
                Ok(())
            }
            Kind::Bytes | Kind::Zip | Kind::SevenZip | Kind::Rar | Kind::Ole | Kind::Database | Kind::Parquet => {
                self.text(&mut input, place)
            }
        }
    }

    /// Goes through text of whatever encoding.
    pub(super) fn text(&mut self, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
        let mut text = Text::begin(self.needles);
        let mut behind = Behind::default();
        let mut piece = vec![0; PIECE_BYTES];
        let done = loop {
            if self.outside.is_stopped() {
                break Err(Unreadable::Stopped);
            }
            match input.read(&mut piece) {
                Ok(0) => break Ok(()),
                Ok(read) => {
                    text.feed(&piece[..read]);
                    behind.feed(&piece[..read]);
                    if let Err(why) = self.count(read as u64) {
                        break Err(why);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(Unreadable::of(error, "its end is missing")),
            }
        };
        self.end(text, place);
        if behind.end().is_some() {
            self.note(Err(Unreadable::NotUnpacked { what: HIDDEN }), place);
        }
        if let Err(Unreadable::Bomb) = done {
            // What a bomb spills is looked at, and does not count as read.
            self.texts -= 1;
        }
        done
    }

    /// Ends a text: keeps what was seen in it.
    pub(super) fn end(&mut self, text: Text<'_>, place: &str) {
        let (rows, seen) = self.ended(text);
        self.rows += rows;
        let place = Some(place).filter(|place| !place.is_empty()).map(str::to_string);
        self.found.extend(seen.into_iter().map(|sighting| Found { sighting, place: place.clone() }));
    }

    /// Takes in how a text began; gives its lines and what was seen in it.
    pub(super) fn ended(&mut self, text: Text<'_>) -> (u64, Vec<Sighting>) {
        let (head, lines, seen, namesakes) = text.end();
        self.texts += 1;
        self.keep_head(head);
        self.namesakes.add(namesakes);
        (lines, seen)
    }

    /// Keeps how a text began.
    pub(super) fn keep_head(&mut self, head: Vec<u8>) {
        if self.heads.len() < HEADS_MAX {
            self.heads.push(head);
        }
    }

    /// Counts bytes that came out of the file, and ends where they are too many or nobody wants the rest.
    pub(super) fn count(&mut self, bytes: u64) -> Result<(), Unreadable> {
        self.unpacked += bytes;
        if self.outside.is_stopped() {
            return Err(Unreadable::Stopped);
        }
        match self.unpacked > ALL_BYTES_MIN && self.unpacked / RATIO_MAX > self.packed {
            true => Err(Unreadable::Bomb),
            false => Ok(()),
        }
    }

    fn database(&mut self, source: &mut dyn Source, place: &str) -> Result<(), Unreadable> {
        let outside = self.outside;
        let mut at_hand: Option<(String, Rows<'d>)> = None;
        let held = if self.depth.get() == 0 { Held::TheFile } else { Held::Part(source) };
        let read = outside.each_row(held, &mut |table, row, cells| {
            if at_hand.as_ref().is_none_or(|(name, _)| name != table) {
                if let Some((_, rows)) = at_hand.take() {
                    rows.end(self)?;
                }
                at_hand = Some((table.to_string(), Rows::begin(self, place, table)));
            }
            let Some((_, rows)) = &mut at_hand else { return Ok(()) };
            cells.iter().for_each(|cell| rows.cell(row, None, cell));
            rows.row(self)
        });
        read.and(at_hand.map_or(Ok(()), |(_, rows)| rows.end(self)))
    }

    pub(super) fn picture(&mut self, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
        let text = self.outside.recognise(&small(input, "picture")?)?;
        self.text(&mut text.as_bytes(), place)
    }
}

/// Names something within a place.
pub(super) fn within(place: &str, name: &str) -> String {
    // A name of an archive is not ours: it must not break a line of the answer.
    let name: String = name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if place.is_empty() { name } else { format!("{place}!{name}") }
}

fn head(input: &mut (impl Read + ?Sized)) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    input.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}
