//! Streams of a PDF, unpacked, and whether they came out whole.
//!
//! The library takes what it gets of a damaged stream for all of it, so each packed with Flate is unpacked once more here,
//! only to see whether it ends as it should.

use std::io::{self, Read};

use flate2::bufread::{DeflateDecoder, ZlibDecoder};
use lopdf::{DecompressError, Error, Object, Stream};

use super::error::{PDF_PACKING, Unreadable};

/// Bytes in front of and behind what is packed: two that say how, four of a check sum.
const BEGIN_BYTES: usize = 2;
const SUM_BYTES: usize = 4;

/// Unpacks a stream that takes no more than so many bytes; gives what came out, and what was wrong with it.
pub(super) fn unpacked(stream: &Stream, bytes_max: usize) -> (Vec<u8>, Result<(), Unreadable>) {
    if !stream.dict.has(b"Filter") {
        return (stream.content.clone(), Ok(()));
    }
    match stream.decompressed_content_with_limit(bytes_max) {
        Ok(bytes) => (bytes, whole(stream, bytes_max)),
        Err(error) => (Vec::new(), Err(of(error, bytes_max))),
    }
}

/// Makes a reason of an error of the library, which was to unpack no more than so many bytes.
pub(super) fn of(error: Error, bytes_max: usize) -> Unreadable {
    match error {
        Error::Decompress(DecompressError::MemoryLimitExceeded { .. }) => {
            Unreadable::StreamTooLarge { mib: bytes_max >> 20 }
        }
        Error::Unimplemented(_) => Unreadable::NotUnpacked { what: PDF_PACKING },
        _ => Unreadable::Damaged { what: "PDF: a stream" },
    }
}

/// Tells whether all of a stream is there, whatever it is packed in.
fn whole(stream: &Stream, bytes_max: usize) -> Result<(), Unreadable> {
    let filters = stream.filters().unwrap_or_default();
    let damage = Err(Unreadable::Damaged { what: "PDF: a stream" });
    for (at, filter) in filters.iter().enumerate() {
        if *filter != b"FlateDecode" {
            continue;
        }
        let is_whole = match at {
            0 => ends_well(&stream.content, bytes_max),
            _ => match before(stream, at).decompressed_content_with_limit(bytes_max) {
                Ok(packed) => ends_well(&packed, bytes_max),
                Err(_) => false,
            },
        };
        if !is_whole {
            return damage;
        }
    }
    Ok(())
}

/// Gives a stream as its first filters leave it.
fn before(stream: &Stream, at: usize) -> Stream {
    let mut part = stream.clone();
    let names = stream.filters().unwrap_or_default();
    let names = names.into_iter().take(at).map(|name| Object::Name(name.to_vec())).collect();
    part.dict.set("Filter", Object::Array(names));
    part
}

/// Tells whether packed bytes unpack to their end, and what came out has the check sum that stands there; a check sum that
/// is missing is none of what was packed.
fn ends_well(packed: &[u8], bytes_max: usize) -> bool {
    let limit = bytes_max as u64 + 1;
    if packed.is_empty() || drains(ZlibDecoder::new(packed).take(limit)) {
        return true;
    }
    let mut bare = DeflateDecoder::new(packed.get(BEGIN_BYTES..).unwrap_or_default());
    drains((&mut bare).take(limit)) && bare.into_inner().len() < SUM_BYTES
}

fn drains(mut input: impl Read) -> bool {
    io::copy(&mut input, &mut io::sink()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::dictionary;
    use std::io::Write;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(text).unwrap();
        zlib.finish().unwrap()
    }

    fn flate(content: Vec<u8>) -> Stream {
        Stream::new(dictionary! { "Filter" => "FlateDecode" }, content)
    }

    #[test]
    fn a_stream_that_is_cut_or_changed_is_damaged_and_what_came_out_is_kept() {
        let text: Vec<u8> =
            (0..9_000).flat_map(|at| format!("{},1380013{:04}\n", at * 7919, at).into_bytes()).collect();
        let whole = packed(&text);
        let (bytes, done) = unpacked(&flate(whole.clone()), 1 << 20);
        assert!(done.is_ok() && bytes == text);
        let (bytes, done) = unpacked(&flate(whole[..whole.len() / 2].to_vec()), 1 << 20);
        assert!(matches!(done, Err(Unreadable::Damaged { .. })) && bytes.len() > 10_000);
        for at in [whole.len() / 3, whole.len() / 2, whole.len() - 2] {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            let (_, done) = unpacked(&flate(changed), 1 << 20);
            assert!(matches!(done, Err(Unreadable::Damaged { .. })), "{at}");
        }
        // Some programs leave the check sum out.
        assert!(unpacked(&flate(whole[..whole.len() - 4].to_vec()), 1 << 20).1.is_ok());
    }

    #[test]
    fn a_stream_that_holds_too_much_says_how_much_that_is() {
        let (_, done) = unpacked(&flate(packed(&vec![b'1'; 3 << 20])), 2 << 20);
        assert!(matches!(done, Err(Unreadable::StreamTooLarge { mib: 2 })));
    }

    #[test]
    fn a_packing_within_another_is_looked_at_too() {
        let nested = |inner: &[u8]| {
            let content = [hex::encode(inner).as_bytes(), b">"].concat();
            let filters = vec![Object::Name(b"ASCIIHexDecode".to_vec()), Object::Name(b"FlateDecode".to_vec())];
            Stream::new(dictionary! { "Filter" => filters }, content)
        };
        let whole = packed(b"1,13800138000,2,13800138001");
        assert!(unpacked(&nested(&whole), 1 << 20).1.is_ok());
        assert!(unpacked(&nested(&whole[..whole.len() / 2]), 1 << 20).1.is_err());
    }
}
