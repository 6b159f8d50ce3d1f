//! Streams of a PDF, unpacked, and whether they came out whole.
//!
//! The library takes what it gets of a damaged stream for all of it, so each packed with Flate or LZW is unpacked once more
//! here, and each in ASCII85 is gone over, only to see whether it ends as it should.

use std::io::{self, Read};

use flate2::bufread::{DeflateDecoder, ZlibDecoder};
use lopdf::{DecompressError, Dictionary, Error, Object, Stream};
use weezl::{BitOrder, LzwStatus, decode::Decoder};

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
        let ends_well = |packed: &[u8]| match *filter {
            b"FlateDecode" => ends_well(packed, bytes_max),
            b"LZWDecode" => lzw_ends_well(packed, changes_early(stream, at)),
            b"ASCII85Decode" => ascii85_ends_well(packed),
            _ => true,
        };
        let is_whole = match at {
            0 => ends_well(&stream.content),
            _ => match before(stream, at).decompressed_content_with_limit(bytes_max) {
                Ok(packed) => ends_well(&packed),
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

/// Tells whether the codes of LZW become longer one code early, as they do unless it is said otherwise.
fn changes_early(stream: &Stream, at: usize) -> bool {
    let parameters = match stream.dict.get(b"DecodeParms") {
        Ok(Object::Array(all)) => all.get(at),
        Ok(one) => Some(one),
        Err(_) => None,
    };
    let early =
        |parameters: &Dictionary| parameters.get(b"EarlyChange").and_then(Object::as_i64).map_or(true, |it| it != 0);
    parameters.and_then(|it| it.as_dict().ok()).is_none_or(early)
}

/// Tells whether packed bytes have a code at their end that says so, and only sound codes before it.
fn lzw_ends_well(mut packed: &[u8], changes_early: bool) -> bool {
    let mut decoder = match changes_early {
        true => Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
        false => Decoder::new(BitOrder::Msb, 8),
    };
    let mut room = [0; 4096];
    loop {
        let result = decoder.decode_bytes(packed, &mut room);
        packed = &packed[result.consumed_in..];
        match result.status {
            Ok(LzwStatus::Ok) => {}
            Ok(LzwStatus::Done) => return true,
            Ok(LzwStatus::NoProgress) | Err(_) => return false,
        }
    }
}

/// Tells whether a text of ASCII85 has its mark at the end and nothing before that cannot stand there.
fn ascii85_ends_well(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let Some(text) = text.strip_suffix(b"~>") else { return false };
    let mut group = 0;
    text.trim_ascii_start().strip_prefix(b"<~").unwrap_or(text).iter().all(|byte| match byte {
        b'!'..=b'u' => {
            group = (group + 1) % 5;
            true
        }
        b'z' => group == 0,
        byte => byte.is_ascii_whitespace() || *byte == 0,
    }) && group != 1
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
    fn lzw_and_ascii85_that_are_cut_or_changed_are_damaged() {
        let text = b"1,13800138000,2,13800138001\n".repeat(300);
        let with = |filter: &str, content: &[u8]| {
            unpacked(&Stream::new(dictionary! { "Filter" => filter }, content.to_vec()), 1 << 20)
        };
        let packed = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(&text).unwrap();
        let (bytes, done) = with("LZWDecode", &packed);
        assert!(done.is_ok() && bytes == text);
        assert!(with("LZWDecode", &packed[..packed.len() / 2]).1.is_err());
        let late = weezl::encode::Encoder::new(BitOrder::Msb, 8).encode(&text).unwrap();
        let filter = dictionary! { "Filter" => "LZWDecode", "DecodeParms" => dictionary! { "EarlyChange" => 0 } };
        let (bytes, done) = unpacked(&Stream::new(filter, late), 1 << 20);
        assert!(done.is_ok() && bytes == text);
        let (bytes, done) = with("ASCII85Decode", b"0ekC;1,CaF1,CaF1,CaF~>");
        assert!(done.is_ok() && bytes.len() == 16, "{bytes:?}");
        for cut in [&b"0ekC;1,CaF1,CaF1,C"[..], b"0ekC;1,CaF\x7f,CaF~>", b"0ekC;1~>"] {
            assert!(with("ASCII85Decode", cut).1.is_err(), "{cut:?}");
        }
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
