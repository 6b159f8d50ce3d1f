//! Looks for an archive behind the begin of a file: behind a program that unpacks itself, a text, a picture, a stray byte.
//!
//! A signature alone proves nothing, as programs that read archives have it in them too; the header behind it must fit.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Bytes of a header that are looked at.
const HEADER_BYTES: usize = 32;
/// How archives and packed streams begin, and the record at the end of a zip package.
const SIGNATURES: [&[u8]; 6] =
    [b"PK\x03\x04", ZIP_END, b"7z\xBC\xAF\x27\x1C", b"Rar!\x1A\x07", b"\x1F\x8B\x08", b"\xFD7zXZ\0"];
const ZIP_END: &[u8] = b"PK\x05\x06";
/// Bytes of that record without its remark.
const ZIP_END_BYTES: u64 = 22;
/// How zip packages pack their parts, as numbers in a header.
const ZIP_METHODS: [u16; 9] = [0, 8, 9, 12, 14, 93, 95, 98, 99];

/// No two of the signatures overlap, so the kind of match makes no difference but one: this kind is looked for with vectors.
static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(SIGNATURES);
    finder.expect("six short words make no automaton that is too large")
});

/// What lies behind the begin of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// A zip package that ends where the file ends.
    Zip,
    /// Something packed that begins at this byte.
    At(u64),
}

/// Bytes as they pass by.
#[derive(Debug, Default)]
pub struct Behind {
    /// The last ones, whose headers have not all come yet, and how many came before.
    carried: Vec<u8>,
    before: u64,
    first: Option<u64>,
    zip_end: Option<u64>,
}

impl Behind {
    /// Looks at the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        if bytes.len() < HEADER_BYTES {
            self.carried.extend_from_slice(bytes);
            let ready = self.carried.len().saturating_sub(HEADER_BYTES - 1);
            let rest = self.carried.split_off(ready);
            let ready = std::mem::replace(&mut self.carried, rest);
            let joined = [&ready[..], &self.carried].concat();
            self.look(&joined, ready.len());
            return;
        }
        let mut joined = std::mem::take(&mut self.carried);
        let starts = joined.len();
        joined.extend_from_slice(&bytes[..HEADER_BYTES]);
        self.look(&joined, starts);
        let starts = bytes.len() - (HEADER_BYTES - 1);
        self.look(bytes, starts);
        self.carried = bytes[starts..].to_vec();
    }

    /// Looks at as many places from the begin of a window on.
    fn look(&mut self, window: &[u8], starts: usize) {
        for found in FINDER.find_iter(window).take_while(|found| found.start() < starts) {
            let at = self.before + found.start() as u64;
            let header = &window[found.start()..];
            if header.starts_with(ZIP_END) {
                self.zip_end = zip_end(header).map(|bytes| at + bytes).or(self.zip_end);
            } else if at > 0 && self.first.is_none() && fits(header) {
                self.first = Some(at);
            }
        }
        self.before += starts as u64;
    }

    /// Tells what was there, once all bytes have passed by.
    pub fn end(mut self) -> Option<Hidden> {
        let rest = std::mem::take(&mut self.carried);
        let padded = [&rest[..], &[0; HEADER_BYTES]].concat();
        self.look(&padded, rest.len());
        match self.zip_end == Some(self.before) {
            true => Some(Hidden::Zip),
            false => self.first.map(Hidden::At),
        }
    }
}

fn short(header: &[u8], at: usize) -> u16 {
    header.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

/// Gives how many bytes the record at the end of a zip package has, if this is one.
fn zip_end(header: &[u8]) -> Option<u64> {
    let is_one = short(header, 4) == short(header, 6) && short(header, 8) == short(header, 10);
    is_one.then(|| ZIP_END_BYTES + u64::from(short(header, 20)))
}

/// Tells whether what stands behind a signature fits it.
fn fits(header: &[u8]) -> bool {
    let sum = |bytes: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        sum.sum().to_le_bytes()
    };
    match header.get(..HEADER_BYTES) {
        Some(header) if header.starts_with(b"PK") => {
            header[5] == 0 && ZIP_METHODS.contains(&short(header, 8)) && (1..1024).contains(&short(header, 26))
        }
        Some(header) if header.starts_with(b"7z") => sum(&header[12..32]) == header[8..12],
        Some(header) if header.starts_with(b"\xFD") => sum(&header[6..8]) == header[8..12],
        Some(header) if header.starts_with(b"\x1F") => {
            header[3] < 0x20 && matches!(header[8], 0 | 2 | 4) && matches!(header[9], 0..=13 | 255)
        }
        Some(_) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GZIP: &[u8] = b"\x1F\x8B\x08\0\0\0\0\0\0\x03abcdefghijklmnopqrstuvwxyz";
    const END: &[u8] = b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x30\0\0\0\x10\0\0\0\0\0";

    fn hidden(bytes: &[u8], piece: usize) -> Option<Hidden> {
        let mut behind = Behind::default();
        bytes.chunks(piece).for_each(|piece| behind.feed(piece));
        behind.end()
    }

    #[test]
    fn an_archive_is_seen_wherever_it_stands_and_however_its_bytes_come() {
        for piece in [1, 7, 31, 32, 33, 100, 4096] {
            for front in [1, 30, 64, 777] {
                let text = vec![b'x'; front];
                assert_eq!(hidden(&[&text, GZIP].concat(), piece), Some(Hidden::At(front as u64)), "{front} {piece}");
                assert_eq!(hidden(&[&text, END].concat(), piece), Some(Hidden::Zip), "{front} {piece}");
            }
        }
    }

    #[test]
    fn signatures_that_nothing_fits_to_are_none() {
        let other = [b"\x1F\x8B\x08\xFF".as_slice(), b"7z\xBC\xAF\x27\x1C", b"PK\x03\x04", b"\xFD7zXZ\0", &[b' '; 40]];
        assert_eq!(hidden(&[b"x", other.concat().as_slice()].concat(), 64), None);
        assert_eq!(hidden(&[END, b"what follows is no remark"].concat(), 64), None);
        assert_eq!(hidden("姓名,电话\n张,13800138000\n".repeat(99).as_bytes(), 64), None);
    }
}
