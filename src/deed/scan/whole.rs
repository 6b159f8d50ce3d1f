//! One container, taken apart by one thread; a fault in a reader of a format ends that file and nothing else.

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::outside::Around;
use super::quiet::quietly;
use crate::deed::files::{file_sha256, open_plain};
use crate::scan::Needles;
use crate::scan::open::{Desk, Found, Kind, Outside, Unread, Unreadable};

/// What a container held.
pub(super) struct TakenApart {
    pub found: Vec<Found>,
    pub unread: Vec<Unread>,
    pub rows: u64,
    pub texts: u64,
    pub heads: Vec<Vec<u8>>,
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
    if !kind.is_sought() {
        return streamed(&mut file, bytes, needles, around);
    }
    let mut taken = guarded(needles, around, bytes, |desk| desk.file(&mut file, ""));
    taken.bytes = bytes;
    taken.sha256 = file_sha256(path).ok().filter(|_| !around.is_stopped());
    taken
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
    let Desk { found, unread, rows, texts, heads, .. } = desk;
    TakenApart { found, unread, rows, texts, heads, bytes: 0, sha256: None }
}

impl TakenApart {
    fn unread(why: Unreadable) -> TakenApart {
        let unread = vec![Unread { place: None, why }];
        TakenApart { found: Vec::new(), unread, rows: 0, texts: 0, heads: Vec::new(), bytes: 0, sha256: None }
    }
}
