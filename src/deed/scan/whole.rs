//! One container, taken apart by one thread; a fault in a reader of a format ends that file and nothing else.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::outside::Around;
use super::quiet::quietly;
use crate::deed::files::{file_sha256, open_plain};
use crate::scan::open::{Behind, Desk, Found, Hidden, Kind, Outside, Unread, Unreadable};
use crate::scan::{Namesakes, Needles};

/// Bytes of the record at the end of a zip package, with the longest remark.
const ZIP_END_BYTES_MAX: u64 = 22 + 0xFFFF;

/// What a container held.
pub(super) struct TakenApart {
    pub found: Vec<Found>,
    pub unread: Vec<Unread>,
    pub rows: u64,
    pub texts: u64,
    pub heads: Vec<Vec<u8>>,
    pub namesakes: Namesakes,
    pub bytes: u64,
    /// None if it was not read to its end.
    pub sha256: Option<String>,
}

/// Hashes what is read.
struct Hashing<R> {
    input: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

/// Takes a file apart.
pub(super) fn whole(path: &Path, kind: Kind, needles: &Needles, around: &Around<'_>) -> TakenApart {
    let opened = open_plain(path).map_err(Unreadable::from);
    let opened = opened.and_then(|file| Ok((file.metadata().map_err(Unreadable::Io)?.len(), file)));
    let (bytes, mut file) = match opened {
        Ok(opened) => opened,
        Err(why) => return TakenApart::unread(why),
    };
    let mut taken = match kind.is_sought() {
        true => guarded(needles, around, bytes, |desk| desk.file(&mut file, "")),
        false => streamed(&mut file, bytes, needles, around),
    };
    if kind != Kind::Zip && ends_as_zip(&mut file, bytes).is_ok_and(|is_zip| is_zip) {
        taken.add(guarded(needles, around, bytes, |desk| desk.behind(&mut file, Hidden::Zip)));
    }
    if !kind.is_sought() {
        return taken;
    }
    taken.bytes = bytes;
    taken.sha256 = file_sha256(path).ok().filter(|_| !around.is_stopped());
    taken
}

/// Tells whether a file ends as a zip package does.
fn ends_as_zip(file: &mut File, bytes: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(bytes.saturating_sub(ZIP_END_BYTES_MAX)))?;
    let (mut behind, mut end) = (Behind::default(), Vec::new());
    file.take(ZIP_END_BYTES_MAX).read_to_end(&mut end)?;
    behind.feed(&end);
    Ok(behind.end() == Some(Hidden::Zip))
}

/// Takes apart what lies behind the begin of a file that was read as text.
pub(super) fn behind(path: &Path, hidden: Hidden, needles: &Needles, around: &Around<'_>) -> TakenApart {
    let opened = open_plain(path).map_err(Unreadable::from);
    let opened = opened.and_then(|file| Ok((file.metadata().map_err(Unreadable::Io)?.len(), file)));
    match opened {
        Ok((bytes, mut file)) => guarded(needles, around, bytes, |desk| desk.behind(&mut file, hidden)),
        Err(why) => TakenApart::unread(why),
    }
}

/// Takes apart what comes in once, such as standard input; its length is not known before.
pub(super) fn part(input: &mut dyn Read, needles: &Needles, around: &Around<'_>) -> TakenApart {
    streamed(input, u64::MAX, needles, around)
}

fn streamed(input: &mut (impl Read + ?Sized), packed: u64, needles: &Needles, around: &Around<'_>) -> TakenApart {
    let mut hashing = Hashing { input, hash: Sha256::new(), bytes: 0 };
    let mut taken = guarded(needles, around, packed, |desk| desk.part(&mut hashing, ""));
    // The hash is that of the whole file, also of what lies behind the container.
    let rest = if around.is_stopped() { None } else { io::copy(&mut hashing, &mut io::sink()).ok() };
    taken.bytes = hashing.bytes;
    taken.sha256 = rest.map(|_| hex::encode(hashing.hash.finalize()));
    taken
}

/// Runs a reader of a format; a panic in it is damage of the file.
fn guarded(needles: &Needles, around: &Around<'_>, packed: u64, work: impl FnOnce(&mut Desk<'_>)) -> TakenApart {
    let name = around.path.map(Path::to_string_lossy).unwrap_or_default();
    let mut desk = Desk::new(needles, around, &name, packed);
    if quietly(|| work(&mut desk)).is_err() {
        desk.note(Err(Unreadable::Damaged { what: "its reader gave up" }), "");
    }
    let Desk { found, unread, rows, texts, heads, namesakes, .. } = desk;
    TakenApart { found, unread, rows, texts, heads, namesakes, bytes: 0, sha256: None }
}

impl TakenApart {
    /// Takes in what lay behind it.
    fn add(&mut self, behind: TakenApart) {
        // What its bytes show of that is not told again.
        let known: HashSet<u32> = behind.found.iter().map(|found| found.sighting.needle).collect();
        self.found.retain(|found| found.place.is_some() || !known.contains(&found.sighting.needle));
        self.found.extend(behind.found);
        self.unread.extend(behind.unread);
        self.heads.extend(behind.heads);
        self.namesakes.add(behind.namesakes);
        self.rows += behind.rows;
        self.texts += behind.texts;
    }

    fn unread(why: Unreadable) -> TakenApart {
        let unread = vec![Unread { place: None, why }];
        let (found, heads, namesakes) = Default::default();
        TakenApart { found, unread, rows: 0, texts: 0, heads, namesakes, bytes: 0, sha256: None }
    }
}
