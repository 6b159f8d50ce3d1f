//! What a container may cost: real bytes are counted as they are unpacked, sizes in a directory are claims.

use std::io::{self, Read};

use super::error::Unreadable;

/// Bytes a part that is held in memory, or spooled so that it can be sought in, may unpack to.
pub const PART_BYTES_MAX: u64 = 256 << 20;
/// Times its packed size that a part, or all parts of a file together, may unpack to.
pub const RATIO_MAX: u64 = 200;
/// Below these, a part, and all parts of a file, may shrink as well as they like: a blank theme does.
pub const RATIO_BYTES_MIN: u64 = 1 << 20;
pub const ALL_BYTES_MIN: u64 = 64 << 20;
/// Archives within archives.
pub const DEPTH_MAX: usize = 8;
/// Parts of one file, over all depths.
pub const PARTS_MAX: u64 = 200_000;
/// Bytes of a part that is read whole into memory: the plan of a workbook, a message, a picture.
pub const SMALL_BYTES_MAX: u64 = 32 << 20;
/// Bytes read at once.
pub const PIECE_BYTES: usize = 64 << 10;

/// Counts what comes out of a packed part, and ends it where that is too much.
pub struct Metered<R> {
    inner: R,
    /// Bytes it was packed into.
    packed: u64,
    count: u64,
}

impl<R: Read> Metered<R> {
    pub fn new(inner: R, packed: u64) -> Metered<R> {
        Metered { inner, packed, count: 0 }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        match self.count > RATIO_BYTES_MIN && self.count / RATIO_MAX > self.packed {
            true => Err(io::Error::other(Unreadable::Bomb)),
            false => Ok(read),
        }
    }
}

/// Reads all of a part that is small; one that is not is an error.
pub fn small(input: &mut dyn Read, what: &'static str) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    input.take(SMALL_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| Unreadable::of(error, what))?;
    match bytes.len() as u64 > SMALL_BYTES_MAX {
        true => Err(Unreadable::TooLarge { what }),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unpacks_to_too_much_ends_in_a_bomb() {
        let mut long = Metered::new(io::repeat(0), 1_000);
        let error = io::copy(&mut long, &mut io::sink()).unwrap_err();
        assert!(matches!(Unreadable::of(error, "x"), Unreadable::Bomb));
        let mut sound = Metered::new(io::repeat(0).take(2 << 20), 11_000);
        assert_eq!(io::copy(&mut sound, &mut io::sink()).unwrap(), 2 << 20);
    }

    #[test]
    fn a_part_that_is_not_small_is_not_held() {
        assert!(matches!(small(&mut io::repeat(0), "x"), Err(Unreadable::TooLarge { .. })));
    }
}
