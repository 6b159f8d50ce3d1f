//! Gzip: one stream, or several one after the other; of any length, as long as it does not grow too much.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::desk::Desk;
use super::error::Unreadable;
use super::limits::{RATIO_BYTES_MIN, RATIO_MAX};

/// Unpacks what is in it and goes through that.
pub(super) fn read(desk: &mut Desk<'_>, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
    let mut unpacked = Unpacked { inner: MultiGzDecoder::new(Counted { inner: input, count: 0 }), count: 0 };
    desk.part(&mut unpacked, place);
    Ok(())
}

/// Counts the packed bytes.
struct Counted<'r> {
    inner: &'r mut dyn Read,
    count: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

struct Unpacked<'r> {
    inner: MultiGzDecoder<Counted<'r>>,
    count: u64,
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        match self.count > RATIO_BYTES_MIN && self.count / RATIO_MAX > self.inner.get_ref().count {
            true => Err(io::Error::other(Unreadable::Bomb)),
            false => Ok(read),
        }
    }
}
