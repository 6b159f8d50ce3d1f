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

/// Bytes that are asked of a decoder at once, and may be lost where it meets a fault.
const DECODED_BYTES: usize = 1 << 10;
/// What ends a Zstandard frame: a last block of no bytes, and a check sum that nobody looks at.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

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
        // A decoder that meets a fault gives nothing of what it had put into the buffer before.
        let piece = buffer.len().min(DECODED_BYTES);
        let read = self.inner.read(&mut buffer[..piece]).map_err(|error| limited(error, self.packing))?;
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
    /// What went wrong, told once all that was unpacked before is handed out.
    fault: Option<io::Error>,
}

impl<R: Read> Frames<R> {
    fn new(input: R) -> Frames<R> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTANDARD_WINDOW_BYTES_MAX);
        Frames { input: BufReader::with_capacity(PIECE_BYTES, input), decoder, fault: None }
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

impl<R: Read> Frames<R> {
    /// Tells whether what came out of the frame at hand has the check sum that stands at its end.
    fn check(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(written), Some(own)) if written != own => Err(io::ErrorKind::InvalidData.into()),
            _ => Ok(()),
        }
    }

    /// Has the decoder hand out what it holds back for later blocks to refer to, up to 128 MiB.
    fn release(&mut self, fault: io::Error) -> io::Result<()> {
        let ended = self.decoder.decode_blocks(&LAST_BLOCK[..], BlockDecodingStrategy::UptoBlocks(1));
        match ended {
            Ok(_) => {
                self.fault = Some(fault);
                Ok(())
            }
            Err(_) => Err(fault),
        }
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 {
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            if self.decoder.is_finished() {
                self.check()?;
                if !self.next()? {
                    return Ok(0);
                }
                continue;
            }
            let decoded = self.decoder.decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1));
            if let Err(error) = decoded {
                self.release(io::Error::new(io::ErrorKind::InvalidData, error))?;
            }
        }
        self.decoder.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    /// Reads what comes out before a fault, and tells whether there was one.
    fn before_fault(packed: &[u8]) -> (Vec<u8>, bool) {
        let (mut frames, mut out) = (Frames::new(packed), Vec::new());
        let is_sound = io::copy(&mut frames, &mut out).is_ok();
        (out, !is_sound)
    }

    #[test]
    fn a_zstandard_stream_that_is_cut_gives_all_that_came_before() {
        let text: Vec<u8> =
            (0..40_000_u32).flat_map(|at| format!("{}\n", at.wrapping_mul(2_654_435_761)).into_bytes()).collect();
        let packed = compress_to_vec(&text[..], CompressionLevel::Fastest);
        assert_eq!(before_fault(&packed), (text.clone(), false));
        let (out, is_faulty) = before_fault(&packed[..packed.len() - 9]);
        assert!(is_faulty && out.len() >= 128 << 10 && text.starts_with(&out), "{}", out.len());
    }

    #[test]
    fn a_zstandard_stream_that_unpacks_to_something_else_is_damaged() {
        let mut packed = compress_to_vec(&b"1,13800138000\n"[..], CompressionLevel::Uncompressed);
        let at = packed.windows(5).position(|window| window == b"13800").unwrap();
        packed[at] = b'2';
        assert!(before_fault(&packed).1);
    }
}
