//! Packed streams (gzip, zlib, bzip2, xz, LZMA, lzip, Zstandard): one, or several one after the other; of any length, as long as they do not
//! grow too much.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::desk::Desk;
use super::error::Unreadable;
use super::limits::{PIECE_BYTES, RATIO_BYTES_MIN, RATIO_MAX};
use super::lzip::Members;

/// Memory that a stream of LZMA's family may ask for: `xz -9` asks for 65 MiB.
pub(super) const LZMA_KIB_MAX: u32 = 128 << 10;
/// Bytes that a Zstandard frame may refer back to: `zstd --ultra -22` takes as many.
const ZSTANDARD_WINDOW_BYTES_MAX: u64 = 128 << 20;

/// How a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zlib,
    Bzip2,
    Xz,
    /// LZMA as it stands, without a container around it.
    Lzma,
    Lzip,
    Zstandard,
}

impl Packing {
    /// Names it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zlib => "zlib",
            Packing::Bzip2 => "bzip2",
            Packing::Xz => "xz",
            Packing::Lzma => "lzma",
            Packing::Lzip => "lzip",
            Packing::Zstandard => "zstd",
        }
    }
}

/// Unpacks a stream and goes through what was in it.
pub(super) fn read(desk: &mut Desk<'_>, packing: Packing, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
    let count = Cell::new(0);
    let packed = Counted { inner: input, count: &count };
    let inner: Box<dyn Read + '_> = match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(packed)),
        Packing::Bzip2 => Box::new(MultiBzDecoder::new(packed)),
        Packing::Zlib => Box::new(ZlibDecoder::new(packed)),
        Packing::Xz => Box::new(XzReader::new_mem_limit(packed, true, LZMA_KIB_MAX)),
        Packing::Lzma => {
            let opened = LzmaReader::new_mem_limit(packed, LZMA_KIB_MAX, None);
            Box::new(opened.map_err(|error| Unreadable::of(limited(error, packing), packing.word()))?)
        }
        Packing::Lzip => Box::new(Members::new(packed)),
        Packing::Zstandard => Box::new(Frames::new(packed)),
    };
    desk.part(&mut Unpacked { inner, packing, packed: &count, count: 0 }, place);
    Ok(())
}

/// Makes a limit of the memory that a decoder was refused.
fn limited(error: io::Error, packing: Packing) -> io::Error {
    match error.kind() {
        io::ErrorKind::OutOfMemory => io::Error::other(Unreadable::TooLarge { what: packing.word() }),
        _ => error,
    }
}

/// Counts the packed bytes.
struct Counted<'r> {
    inner: &'r mut dyn Read,
    count: &'r Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

struct Unpacked<'r> {
    inner: Box<dyn Read + 'r>,
    packing: Packing,
    packed: &'r Cell<u64>,
    count: u64,
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer).map_err(|error| limited(error, self.packing))?;
        self.count += read as u64;
        match self.count > RATIO_BYTES_MIN && self.count / RATIO_MAX > self.packed.get() {
            true => Err(io::Error::other(Unreadable::Bomb)),
            false => Ok(read),
        }
    }
}

/// The frames of a Zstandard stream, one after the other.
struct Frames<R> {
    input: BufReader<R>,
    decoder: FrameDecoder,
}

impl<R: Read> Frames<R> {
    fn new(input: R) -> Frames<R> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTANDARD_WINDOW_BYTES_MAX);
        Frames { input: BufReader::with_capacity(PIECE_BYTES, input), decoder }
    }

    /// Begins the next frame; tells whether there is one.
    fn next(&mut self) -> io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut (&mut self.input).take(length.into()), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                    return Err(io::Error::other(Unreadable::TooLarge { what: "Zstandard" }));
                }
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
        Ok(false)
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 {
            if self.decoder.is_finished() {
                if !self.next()? {
                    return Ok(0);
                }
                continue;
            }
            let decoded = self.decoder.decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1));
            decoded.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        self.decoder.read(buffer)
    }
}
