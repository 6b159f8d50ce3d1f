//! Lzip streams: members one after the other, each with a dictionary of its own, which is looked at before it is made.

use std::io::{self, Read};

use lzma_rust2::LzmaReader;

use super::error::Unreadable;
use super::stream::LZMA_KIB_MAX;

/// Bytes before and behind a member, and what the former begin with: the magic and the version.
const HEADER_BYTES: usize = 6;
const TRAILER_BYTES: usize = 20;
const BEGIN: &[u8] = b"LZIP\x01";
/// Bits of context, of position in it, and of position, which are always the same.
const PROPERTIES: (u32, u32, u32) = (3, 0, 2);

/// The members of a stream.
pub(super) struct Members<R: Read> {
    /// What lies behind the last member; nothing while there is one at hand.
    rest: Option<Rest<R>>,
    member: Option<LzmaReader<Rest<R>>>,
    /// Bytes that came out of the member at hand.
    count: u64,
}

/// Input of which some was read too early.
struct Rest<R> {
    early: io::Cursor<Vec<u8>>,
    input: R,
}

impl<R: Read> Read for Rest<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.early.read(buffer)? {
            0 => self.input.read(buffer),
            read => Ok(read),
        }
    }
}

impl<R: Read> Members<R> {
    pub(super) fn new(input: R) -> Members<R> {
        Members { rest: Some(Rest { early: io::Cursor::default(), input }), member: None, count: 0 }
    }

    /// Begins the next member; tells whether there is one.
    fn next(&mut self) -> io::Result<bool> {
        let Some(mut rest) = self.rest.take() else { return Err(io::ErrorKind::InvalidData.into()) };
        let mut header = Vec::with_capacity(HEADER_BYTES);
        (&mut rest).take(HEADER_BYTES as u64).read_to_end(&mut header)?;
        let Some(coded) = header.strip_prefix(BEGIN).and_then(|coded| coded.first()) else {
            let is_end = header.is_empty();
            self.rest = Some(rest);
            return if is_end { Ok(false) } else { Err(io::ErrorKind::InvalidData.into()) };
        };
        let dictionary = dictionary_bytes(*coded).ok_or(io::ErrorKind::InvalidData)?;
        if dictionary >> 10 > LZMA_KIB_MAX {
            return Err(io::Error::other(Unreadable::TooLarge { what: "lzip" }));
        }
        let (lc, lp, pb) = PROPERTIES;
        self.member = Some(LzmaReader::new(rest, u64::MAX, lc, lp, pb, dictionary, None)?);
        self.count = 0;
        Ok(true)
    }

    /// Ends the member at hand, whose trailer says how long it is.
    fn end(&mut self) -> io::Result<()> {
        let Some(member) = self.member.take() else { return Ok(()) };
        let (before, mut early) = member.into_parts();
        early.extend_from_slice(&before.early.get_ref()[before.early.position() as usize..]);
        let mut rest = Rest { early: io::Cursor::new(early), input: before.input };
        let mut trailer = [0; TRAILER_BYTES];
        rest.read_exact(&mut trailer)?;
        self.rest = Some(rest);
        // Four bytes of a check sum, eight of the length, eight of the packed length.
        match trailer[4..].first_chunk().is_some_and(|bytes| u64::from_le_bytes(*bytes) == self.count) {
            true => Ok(()),
            false => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(member) = &mut self.member else {
                match self.next()? {
                    true => continue,
                    false => return Ok(0),
                }
            };
            match member.read(buffer)? {
                0 => self.end()?,
                read => {
                    self.count += read as u64;
                    return Ok(read);
                }
            }
        }
    }
}

/// Reads how large a dictionary is: a power of two, less some sixteenths of it.
fn dictionary_bytes(coded: u8) -> Option<u32> {
    let power = u32::from(coded & 31);
    let whole = (12..=29).contains(&power).then(|| 1_u32 << power)?;
    Some(whole - whole / 16 * u32::from(coded >> 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs bytes with the encoder of another container, whose stream is the same, and puts it between header and trailer.
    fn member(text: &[u8], dictionary: u8) -> Vec<u8> {
        let (packed, size) = (hex::decode(text).unwrap(), 12_u64);
        let trailer = [&[0; 4][..], &size.to_le_bytes(), &(packed.len() as u64 + 26).to_le_bytes()].concat();
        [BEGIN, &[dictionary], &packed, &trailer].concat()
    }

    /// `13800138000\n` as `xz --format=raw` packs it, with a mark at its end.
    const PACKED: &[u8] = b"00188cc36d21b1fc5e68935127fffe9ce800";

    fn unpacked(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Members::new(bytes).read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn members_are_read_one_behind_the_other() {
        let two = [member(PACKED, 12), member(PACKED, 0x34)].concat();
        assert_eq!(unpacked(&two).unwrap(), b"13800138000\n13800138000\n");
        assert!(unpacked(&two[..two.len() - 3]).is_err());
        assert!(unpacked(&[&two[..], b"x,13800138000\n"].concat()).is_err());
    }

    #[test]
    fn a_member_that_asks_for_much_memory_is_refused_wherever_it_stands() {
        let two = [member(PACKED, 12), member(PACKED, 29)].concat();
        let error = unpacked(&two).unwrap_err();
        assert!(matches!(Unreadable::of(error, "x"), Unreadable::TooLarge { what: "lzip" }));
        for coded in [0, 11, 30, 31, 0xFF] {
            assert_eq!(dictionary_bytes(coded), None);
        }
        assert_eq!(dictionary_bytes(0xD3), Some((1 << 19) - 6 * (1 << 15)));
    }
}
