//! What a 7z archive asks for before anything can be seen of it: its directory is packed itself, with whatever dictionary
//! its writer liked, and the library makes that before anybody is asked.
//!
//! Only so much is read here as tells how much memory that takes; whether it is sound, the library says.

use std::io::{Read, SeekFrom};

use sevenz_rust2::EncoderMethod;

use super::Source;
use super::error::Unreadable;

/// Bytes of the header at the beginning.
const HEADER_BYTES: usize = 32;
/// Bytes that a directory may have, packed or not: some 150,000 files; each takes the library a hundred bytes of memory and more.
const DIRECTORY_BYTES_MAX: u64 = 12 << 20;
/// Bytes that the dictionaries of what is unpacked together may take: `7z -mx=9` takes as many.
const DICTIONARY_BYTES_MAX: u64 = 256 << 20;
/// Coders of one file that the library accepts.
const CODERS_MAX: u64 = 32;

const END: u8 = 0x00;
const PACK_INFO: u8 = 0x06;
const UNPACK_INFO: u8 = 0x07;
const SIZES: u8 = 0x09;
const CHECKSUMS: u8 = 0x0A;
const FOLDERS: u8 = 0x0B;
const UNPACKED_SIZES: u8 = 0x0C;
const PACKED_DIRECTORY: u8 = 0x17;

/// Refuses an archive whose directory asks for too much memory.
pub(super) fn check(source: &mut dyn Source) -> Result<(), Unreadable> {
    let of = |error| Unreadable::of(error, "7z");
    let mut header = [0; HEADER_BYTES];
    source.seek(SeekFrom::Start(0)).map_err(Unreadable::Io)?;
    source.read_exact(&mut header).map_err(of)?;
    let long = |at: usize| header[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let (offset, bytes) = (long(12), long(20));
    // Without a header the library guesses where the directory is.
    if header[8..].iter().all(|byte| *byte == 0) {
        return Err(DAMAGED);
    }
    if bytes > DIRECTORY_BYTES_MAX {
        return Err(TOO_LARGE);
    }
    let at = offset.checked_add(HEADER_BYTES as u64).ok_or(DAMAGED)?;
    source.seek(SeekFrom::Start(at)).map_err(|_| DAMAGED)?;
    let mut directory = Vec::new();
    source.take(bytes).read_to_end(&mut directory).map_err(of)?;
    source.seek(SeekFrom::Start(0)).map_err(Unreadable::Io)?;
    match directory.split_first() {
        Some((&PACKED_DIRECTORY, rest)) => Fields { rest }.packed_directory(),
        Some(_) | None => Ok(()),
    }
}

/// Refuses coders that take too much memory together.
pub(super) fn check_coders<'c>(coders: impl Iterator<Item = (&'c [u8], &'c [u8])>) -> Result<(), Unreadable> {
    let sum = coders.map(|(method, properties)| dictionary_bytes(method, properties)).fold(0, u64::saturating_add);
    match sum > DICTIONARY_BYTES_MAX {
        true => Err(TOO_LARGE),
        false => Ok(()),
    }
}

const DAMAGED: Unreadable = Unreadable::Damaged { what: "7z" };
const TOO_LARGE: Unreadable = Unreadable::TooLarge { what: "7z" };

/// Tells how much memory a coder says it needs; the others need little, whatever they say.
fn dictionary_bytes(method: &[u8], properties: &[u8]) -> u64 {
    let long = || properties.get(1..5).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes));
    match method {
        EncoderMethod::ID_LZMA | EncoderMethod::ID_PPMD => long().into(),
        EncoderMethod::ID_LZMA2 => match properties.first().copied().unwrap_or(0) {
            bits @ 0..=39 => u64::from(2 | bits & 1) << (bits / 2 + 11),
            _ => u32::MAX.into(),
        },
        _ => 0,
    }
}

/// Fields of a directory, one behind the other.
struct Fields<'b> {
    rest: &'b [u8],
}

impl<'b> Fields<'b> {
    fn packed_directory(mut self) -> Result<(), Unreadable> {
        let mut next = self.byte()?;
        if next == PACK_INFO {
            self.pack_info()?;
            next = self.byte()?;
        }
        if next != UNPACK_INFO || self.byte()? != FOLDERS {
            return Err(DAMAGED);
        }
        let folders = self.number()?;
        // Folders that stand elsewhere cannot.
        if self.byte()? != 0 || folders > self.rest.len() as u64 {
            return Err(DAMAGED);
        }
        let mut streams = 0_u64;
        for _ in 0..folders {
            streams = streams.saturating_add(self.folder()?);
        }
        if self.byte()? != UNPACKED_SIZES {
            return Err(DAMAGED);
        }
        for _ in 0..streams {
            if self.number()? > DIRECTORY_BYTES_MAX {
                return Err(TOO_LARGE);
            }
        }
        Ok(())
    }

    fn pack_info(&mut self) -> Result<(), Unreadable> {
        let (_, streams) = (self.number()?, self.number()?);
        loop {
            match self.byte()? {
                END => return Ok(()),
                SIZES => {
                    for _ in 0..streams {
                        self.number()?;
                    }
                }
                CHECKSUMS => {
                    let known = match self.byte()? {
                        0 => {
                            let bytes = usize::try_from(streams.div_ceil(8)).map_err(|_| DAMAGED)?;
                            self.take(bytes)?.iter().map(|byte| u64::from(byte.count_ones())).sum()
                        }
                        _ => streams,
                    };
                    self.take(usize::try_from(known.saturating_mul(4)).map_err(|_| DAMAGED)?)?;
                }
                _ => return Err(DAMAGED),
            }
        }
    }

    /// Reads the coders of a folder, and checks them; gives how many streams come out of them.
    fn folder(&mut self) -> Result<u64, Unreadable> {
        let coders = self.number()?;
        if coders > CODERS_MAX {
            return Err(DAMAGED);
        }
        let (mut known, mut inputs, mut outputs) = (Vec::new(), 0_u64, 0_u64);
        for _ in 0..coders {
            let bits = self.byte()?;
            let method = self.take(usize::from(bits & 0x0F))?;
            let (input, output) = if bits & 0x10 == 0 { (1, 1) } else { (self.number()?, self.number()?) };
            let properties = match bits & 0x20 {
                0 => &[],
                _ => {
                    let bytes = usize::try_from(self.number()?).map_err(|_| DAMAGED)?;
                    self.take(bytes)?
                }
            };
            known.push((method, properties));
            inputs = inputs.saturating_add(input);
            outputs = outputs.saturating_add(output);
        }
        check_coders(known.into_iter())?;
        let bound = outputs.checked_sub(1).ok_or(DAMAGED)?;
        let packed = inputs.checked_sub(bound).ok_or(DAMAGED)?;
        let numbers = bound.saturating_mul(2).saturating_add(if packed > 1 { packed } else { 0 });
        for _ in 0..numbers {
            self.number()?;
        }
        Ok(outputs)
    }

    fn byte(&mut self) -> Result<u8, Unreadable> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, bytes: usize) -> Result<&'b [u8], Unreadable> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(DAMAGED)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a number: as many ones lead its first byte as bytes follow, lowest first; what is left of that byte is highest.
    fn number(&mut self) -> Result<u64, Unreadable> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let low = self.take(more as usize)?.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
        let high = match more {
            0..=6 => u64::from(first & (0x7F >> more)),
            _ => 0,
        };
        Ok(if high == 0 { low } else { high << (8 * more) | low })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// An archive whose directory is packed by LZMA with a dictionary of so many bytes, and unpacks to so many.
    fn archive(dictionary: u32, unpacked: u8) -> Vec<u8> {
        let coder = [&[1, 0x23, 3, 1, 1, 5, 0x5D][..], &dictionary.to_le_bytes()].concat();
        let directory = [
            &[PACKED_DIRECTORY, PACK_INFO, 0, 1, SIZES, 20, CHECKSUMS, 1, 0, 0, 0, 0, END, UNPACK_INFO, FOLDERS, 1, 0]
                [..],
            &coder,
            &[UNPACKED_SIZES, 0xE0, 0, 0, unpacked, END, END],
        ]
        .concat();
        let mut header = b"7z\xBC\xAF\x27\x1C\0\x04\x01\x02\x03\x04".to_vec();
        header.extend(0_u64.to_le_bytes());
        header.extend((directory.len() as u64).to_le_bytes());
        header.extend([0; 4]);
        [header, directory].concat()
    }

    fn told(archive: Vec<u8>) -> Option<String> {
        check(&mut Cursor::new(archive)).err().map(|why| why.to_string())
    }

    #[test]
    fn a_directory_that_asks_for_much_memory_is_refused() {
        assert_eq!(told(archive(1 << 20, 1)), None);
        assert_eq!(told(archive(0x6000_0000, 1)).unwrap(), TOO_LARGE.to_string());
        // It would unpack to 16 MiB.
        assert_eq!(told(archive(1 << 20, 0xFF)).unwrap(), TOO_LARGE.to_string());
        let mut long = archive(1 << 20, 1);
        long[23] = 1;
        assert_eq!(told(long).unwrap(), TOO_LARGE.to_string());
    }

    #[test]
    fn a_directory_that_is_cut_or_missing_is_damaged() {
        let sound = archive(1 << 20, 1);
        for cut in 0..sound.len() - 2 {
            let why = told(sound[..cut].to_vec());
            assert!(why.is_none_or(|why| why == DAMAGED.to_string()), "{cut}");
        }
        let mut bare = sound;
        bare[8..32].fill(0);
        assert_eq!(told(bare).unwrap(), DAMAGED.to_string());
    }

    #[test]
    fn numbers_are_read_in_all_lengths() {
        for (bytes, value) in [
            (&[0x7F][..], 0x7F),
            (&[0x81, 0x02], 0x102),
            (&[0xC1, 0x02, 0x03], 0x1_0302),
            (&[0xFF, 1, 0, 0, 0, 0, 0, 0, 0x80], 0x8000_0000_0000_0001),
        ] {
            assert_eq!(Fields { rest: bytes }.number().unwrap(), value);
        }
    }

    #[test]
    fn coders_are_counted_together() {
        let (lzma2, ppmd) = (EncoderMethod::ID_LZMA2, EncoderMethod::ID_PPMD);
        let (small, large) = (&[24][..], &[31][..]);
        let memory = [&[6][..], &(100_u32 << 20).to_le_bytes()].concat();
        assert!(check_coders([(lzma2, small), (ppmd, &memory[..])].into_iter()).is_ok());
        assert!(check_coders([(lzma2, large), (ppmd, &memory[..])].into_iter()).is_err());
        assert!(check_coders([(lzma2, &[40][..])].into_iter()).is_err());
        assert_eq!(dictionary_bytes(lzma2, small), 16 << 20);
    }
}
