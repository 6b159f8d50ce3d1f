//! The first bytes by which formats are told; those of packings that name themselves by more than a few bytes.
//!
//! A file that is taken for something by mistake loses nothing: its own bytes are searched too.

use flate2::{Decompress, FlushDecompress, Status};

use super::database_log::Pages;
use super::error::{ACE, ARROW, AVRO, CABINET, COMPRESS, HDF5, LHA, LRZIP, LZ4, LZOP, ORC, OUTLOOK, SNAPPY, WIM, XAR};
use super::kind::Kind;
use super::stream::Packing;

/// What formats begin with.
const FIRST_BYTES: [(&[u8], Kind); 46] = [
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    (b"PK\x07\x08", Kind::Zip),
    (b"\x1F\x8B\x08", Kind::Stream(Packing::Gzip)),
    (b"BZh", Kind::Stream(Packing::Bzip2)),
    (b"\xFD7zXZ\0", Kind::Stream(Packing::Xz)),
    (b"\x28\xB5\x2F\xFD", Kind::Stream(Packing::Zstandard)),
    (b"LZIP\x01", Kind::Stream(Packing::Lzip)),
    (b"7z\xBC\xAF\x27\x1C", Kind::SevenZip),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Kind::Ole),
    (b"SQLite format 3\0", Kind::Database),
    (b"\x37\x7F\x06\x82", Kind::DatabaseLog(Pages::Written)),
    (b"\x37\x7F\x06\x83", Kind::DatabaseLog(Pages::Written)),
    (b"\xD9\xD5\x05\xF9\x20\xA1\x63\xD7", Kind::DatabaseLog(Pages::Replaced)),
    (b"\x89PNG\r\n\x1A\n", Kind::Picture),
    (b"\xFF\xD8\xFF", Kind::Picture),
    (b"GIF87a", Kind::Picture),
    (b"GIF89a", Kind::Picture),
    (b"II*\0", Kind::Picture),
    (b"MM\0*", Kind::Picture),
    (b"PAR1", Kind::Parquet),
    (b"PARE", Kind::Locked),
    (b"ORC\0", Kind::Packed(ORC)),
    (b"ORC\x0A", Kind::Packed(ORC)),
    (b"Obj\x01", Kind::Packed(AVRO)),
    (b"ARROW1\0\0", Kind::Packed(ARROW)),
    (b"\x89HDF\r\n\x1A\n", Kind::Packed(HDF5)),
    (b"Rar!\x1A\x07", Kind::Rar),
    (b"\x04\x22\x4D\x18", Kind::Packed(LZ4)),
    (b"\x02\x21\x4C\x18", Kind::Packed(LZ4)),
    (b"\x1F\x9D", Kind::Packed(COMPRESS)),
    (b"\x1F\xA0", Kind::Packed(COMPRESS)),
    (b"\x89LZO\0\r\n\x1A\n", Kind::Packed(LZOP)),
    (b"\xFF\x06\0\0sNaPpY", Kind::Packed(SNAPPY)),
    (b"LRZI", Kind::Packed(LRZIP)),
    (b"MSCF\0\0\0\0", Kind::Packed(CABINET)),
    (b"MSWIM\0\0\0", Kind::Packed(WIM)),
    (b"xar!\0", Kind::Packed(XAR)),
    (b"!BDN", Kind::Packed(OUTLOOK)),
    (b"age-encryption.org/", Kind::Locked),
    (b"-----BEGIN AGE ENCRYPTED", Kind::Locked),
    (b"-----BEGIN PGP MESSAGE", Kind::Locked),
    (b"Salted__", Kind::Locked),
    (b"LUKS\xBA\xBE", Kind::Locked),
    (b"-FVE-FS-", Kind::Locked),
    (b"\xEB\x58\x90-FVE-FS-", Kind::Locked),
];
/// What stands further in, and where.
const INNER_BYTES: [(usize, &[u8], Kind); 4] = [
    (257, b"ustar", Kind::Tar),
    (2, b"-lh", Kind::Packed(LHA)),
    (2, b"-lz", Kind::Packed(LHA)),
    (7, b"**ACE**", Kind::Packed(ACE)),
];
/// Bytes of a skippable frame's own header, which Zstandard and LZ4 share.
const SKIPPABLE_BYTES: usize = 8;
/// Bytes of the header of an LZMA stream without a container, and the least that it may refer back to.
const LZMA_BYTES: usize = 13;
const LZMA_DICTIONARY_MIN: u32 = 4096;
/// Bytes that such a stream may say to hold.
const LZMA_SIZE_MAX: u64 = 1 << 40;

/// Tells a format by bytes of its own, if it is one of these.
pub(super) fn of(head: &[u8]) -> Option<Kind> {
    let first = FIRST_BYTES.iter().find(|(signature, _)| head.starts_with(signature)).map(|(_, kind)| *kind);
    let inner = || {
        let fits = |at: usize, wanted: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(wanted));
        INNER_BYTES.iter().find(|(at, wanted, _)| fits(*at, wanted)).map(|(.., kind)| *kind)
    };
    first.or_else(inner).or_else(|| skippable(head)).or_else(|| picture(head)).or_else(|| headerless(head))
}

/// Skippable frames may stand before others: the first that is not one tells, if it can be seen from here.
fn skippable(head: &[u8]) -> Option<Kind> {
    let mut rest = head;
    while let [0x50..=0x5F, 0x2A, 0x4D, 0x18, a, b, c, d, ..] = rest {
        let bytes = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        rest = rest.get(SKIPPABLE_BYTES.saturating_add(bytes)..).unwrap_or_default();
    }
    match rest.len() == head.len() {
        true => None,
        false if rest.starts_with(b"\x04\x22\x4D\x18") => Some(Kind::Packed(LZ4)),
        false => Some(Kind::Stream(Packing::Zstandard)),
    }
}

fn picture(head: &[u8]) -> Option<Kind> {
    let riff = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    let bitmap = head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]);
    let heic = head.get(4..8) == Some(b"ftyp") && head.get(8..12).is_some_and(|brand| brand.starts_with(b"hei"));
    (riff || bitmap || heic).then_some(Kind::Picture)
}

/// Tells streams that have no signature: by what their headers may say, or by whether they unpack.
fn headerless(head: &[u8]) -> Option<Kind> {
    if is_lzma(head) {
        return Some(Kind::Stream(Packing::Lzma));
    }
    is_zlib(head).then_some(Kind::Stream(Packing::Zlib))
}

/// Tells an LZMA stream as `xz` does (`is_format_lzma`): properties, a dictionary as programs choose it, a size that can be,
/// and the zero with which every stream begins.
fn is_lzma(head: &[u8]) -> bool {
    let Some((header, [0, ..])) = head.split_at_checked(LZMA_BYTES) else { return false };
    let [properties, a, b, c, d, size @ ..] = header else { return false };
    let dictionary = u32::from_le_bytes([*a, *b, *c, *d]);
    let is_chosen = dictionary == u32::MAX
        || dictionary.is_power_of_two()
        || dictionary % 3 == 0 && (dictionary / 3).is_power_of_two();
    let size = size.first_chunk().map_or(0, |size| u64::from_le_bytes(*size));
    *properties < 225 && is_chosen && dictionary >= LZMA_DICTIONARY_MIN && (size == u64::MAX || size < LZMA_SIZE_MAX)
}

/// Tells a zlib stream: its two bytes fit, and what follows unpacks.
fn is_zlib(head: &[u8]) -> bool {
    let [method @ (0x08 | 0x18 | 0x28 | 0x38 | 0x48 | 0x58 | 0x68 | 0x78), flags, ..] = head else { return false };
    if u16::from_be_bytes([*method, *flags]) % 31 != 0 || flags & 0x20 != 0 {
        return false;
    }
    let (mut inflate, mut room) = (Decompress::new(true), [0; 512]);
    match inflate.decompress(head, &mut room, FlushDecompress::None) {
        Ok(Status::StreamEnd) => true,
        Ok(Status::Ok | Status::BufError) => inflate.total_out() == room.len() as u64,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_bytes_of_their_own() {
        let cases: [(&[u8], Kind); 7] = [
            (b"PK\x03\x04xx", Kind::Zip),
            (b"LZIP\x01\x0C", Kind::Stream(Packing::Lzip)),
            (b"\x1F\x9D\x90abc", Kind::Packed(COMPRESS)),
            (b"PAR1....", Kind::Parquet),
            (b"\x20\x50-lh5-", Kind::Packed(LHA)),
            (b"!BDNxxxx", Kind::Packed(OUTLOOK)),
            (b"Salted__12345678", Kind::Locked),
        ];
        for (head, kind) in cases {
            assert_eq!(of(head), Some(kind), "{head:?}");
        }
        for text in
            [&b""[..], b"P", b"name,phone\n", b"x^2 + y^2 is the square of the distance to the middle\n", b"x\x9Cx"]
        {
            assert_eq!(of(text), None, "{text:?}");
        }
    }

    #[test]
    fn frames_to_be_skipped_hide_no_stream() {
        let frame = |bytes: &[u8]| [&b"\x53\x2A\x4D\x18"[..], &(bytes.len() as u32).to_le_bytes(), bytes].concat();
        let zstandard = [frame(b"abc"), frame(b""), b"\x28\xB5\x2F\xFD".to_vec()].concat();
        assert_eq!(of(&zstandard), Some(Kind::Stream(Packing::Zstandard)));
        assert_eq!(of(&[frame(b"abc"), b"\x04\x22\x4D\x18".to_vec()].concat()), Some(Kind::Packed(LZ4)));
        // What lies behind the head cannot be seen from here; the stream's reader will see it.
        assert_eq!(of(b"\x50\x2A\x4D\x18\xFF\xFF\xFF\xFF"), Some(Kind::Stream(Packing::Zstandard)));
    }

    #[test]
    fn streams_without_a_signature_are_told_by_their_headers() {
        let mut lzma = b"\x5D\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0abc".to_vec();
        assert_eq!(of(&lzma), Some(Kind::Stream(Packing::Lzma)));
        for (at, byte) in [(0, 0xF0), (1, 1), (5, 7), (13, 1)] {
            let before = std::mem::replace(&mut lzma[at], byte);
            assert_eq!(of(&lzma), None, "byte {at}");
            lzma[at] = before;
        }
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut zlib, b"1,\xE5\xBC\xA0,13800138000\n").unwrap();
        let mut zlib = zlib.finish().unwrap();
        assert_eq!(of(&zlib), Some(Kind::Stream(Packing::Zlib)));
        zlib[2] = 0xFF;
        assert_eq!(of(&zlib), None);
    }
}
