//! What a file is, told from its first bytes; its name says nothing.

use memchr::memmem;

use super::error::{AVRO, ORC, PARQUET, RAR};
use super::stream::Packing;

/// First bytes that are looked at.
pub const HEAD_BYTES: usize = 4096;
/// Header lines of a message of which it must have two, besides `:` in its first line.
const MAIL_HEADERS: [&str; 11] = [
    "received",
    "return-path",
    "message-id",
    "mime-version",
    "from",
    "to",
    "date",
    "subject",
    "delivered-to",
    "content-type",
    "x-mailer",
];

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text of any kind and whatever is not known: scanned as it is.
    Bytes,
    /// Archives, and all office formats that are zip packages.
    Zip,
    /// One packed file.
    Stream(Packing),
    Tar,
    SevenZip,
    /// Old office files.
    Ole,
    Pdf,
    Message,
    Mailbox,
    Database,
    Picture,
    /// Something that is packed in a way that is not unpacked here.
    Packed(&'static str),
}

impl Kind {
    /// Tells the kind from the first [`HEAD_BYTES`], or all there are.
    pub fn of(head: &[u8]) -> Kind {
        const SIGNATURES: [(&[u8], Kind); 22] = [
            (b"PK\x03\x04", Kind::Zip),
            (b"PK\x05\x06", Kind::Zip),
            (b"PK\x07\x08", Kind::Zip),
            (b"\x1F\x8B\x08", Kind::Stream(Packing::Gzip)),
            (b"7z\xBC\xAF\x27\x1C", Kind::SevenZip),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Kind::Ole),
            (b"SQLite format 3\0", Kind::Database),
            (b"\x89PNG\r\n\x1A\n", Kind::Picture),
            (b"\xFF\xD8\xFF", Kind::Picture),
            (b"GIF87a", Kind::Picture),
            (b"GIF89a", Kind::Picture),
            (b"II*\0", Kind::Picture),
            (b"MM\0*", Kind::Picture),
            (b"PAR1", Kind::Packed(PARQUET)),
            (b"ORC\0", Kind::Packed(ORC)),
            (b"Obj\x01", Kind::Packed(AVRO)),
            (b"Rar!\x1A\x07", Kind::Packed(RAR)),
            (b"BZh", Kind::Stream(Packing::Bzip2)),
            (b"\xFD7zXZ\0", Kind::Stream(Packing::Xz)),
            (b"\x28\xB5\x2F\xFD", Kind::Stream(Packing::Zstandard)),
            (b"\x04\x22\x4D\x18", Kind::Packed("an LZ4 file")),
            (b"MSCF\0\0\0\0", Kind::Packed("a cabinet archive")),
        ];
        if let Some((_, kind)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
            return *kind;
        }
        let riff = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
        let bitmap = head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]);
        let heic = head.get(4..8) == Some(b"ftyp") && head.get(8..12).is_some_and(|brand| brand.starts_with(b"hei"));
        if riff || bitmap || heic {
            return Kind::Picture;
        }
        if head.get(257..262) == Some(b"ustar") {
            return Kind::Tar;
        }
        // Some printers put bytes of their own in front.
        if memmem::find(&head[..head.len().min(1024)], b"%PDF-").is_some() {
            return Kind::Pdf;
        }
        match head.strip_prefix(b"From ") {
            Some(rest) if rest.iter().position(|b| *b == b'\n').is_some_and(|end| is_message(&rest[end + 1..])) => {
                Kind::Mailbox
            }
            Some(_) => Kind::Bytes,
            None if is_message(head) => Kind::Message,
            None => Kind::Bytes,
        }
    }

    /// Tells whether reading it takes going back and forth in it.
    pub fn is_sought(self) -> bool {
        match self {
            Kind::Zip | Kind::SevenZip | Kind::Ole | Kind::Database => true,
            Kind::Bytes
            | Kind::Stream(_)
            | Kind::Tar
            | Kind::Pdf
            | Kind::Message
            | Kind::Mailbox
            | Kind::Picture
            | Kind::Packed(_) => false,
        }
    }

    /// Names it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Bytes => "text",
            Kind::Zip => "zip",
            Kind::Stream(Packing::Gzip) => "gzip",
            Kind::Stream(Packing::Bzip2) => "bzip2",
            Kind::Stream(Packing::Xz) => "xz",
            Kind::Stream(Packing::Zstandard) => "zstd",
            Kind::Tar => "tar",
            Kind::SevenZip => "7z",
            Kind::Ole => "ole",
            Kind::Pdf => "pdf",
            Kind::Message => "mail",
            Kind::Mailbox => "mbox",
            Kind::Database => "sqlite",
            Kind::Picture => "picture",
            Kind::Packed(_) => "packed",
        }
    }
}

/// Tells whether a text begins as a message does: lines of known headers up to an empty line.
fn is_message(head: &[u8]) -> bool {
    let mut known = 0;
    for line in head.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return known >= 2;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { return known >= 3 };
        let name = &line[..colon];
        if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'_') {
            return false;
        }
        known += usize::from(MAIL_HEADERS.iter().any(|header| header.as_bytes().eq_ignore_ascii_case(name)));
    }
    known >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_bytes() {
        assert_eq!(Kind::of(b"PK\x03\x04xx"), Kind::Zip);
        assert_eq!(Kind::of(b"\x1F\x8B\x08\0"), Kind::Stream(Packing::Gzip));
        assert_eq!(Kind::of(b"PAR1...."), Kind::Packed("a Parquet file"));
        assert_eq!(Kind::of(b"garbage %PDF-1.4\n"), Kind::Pdf);
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(Kind::of(&tar), Kind::Tar);
    }

    #[test]
    fn a_message_is_told_from_a_log() {
        let mail = b"Received: from a\r\n by b\r\nFrom: a@example.org\r\nSubject: x\r\n\r\nbody";
        assert_eq!(Kind::of(mail), Kind::Message);
        assert_eq!(Kind::of(b"From a@example.org Mon Jan  1 00:00:00 2026\nFrom: a\nTo: b\n\nx"), Kind::Mailbox);
        for text in ["", "name,phone\n1,2\n", "error: x\nwarning: y\n\n", "From here on\n1,2\n", "date: 1\n\n"] {
            assert_eq!(Kind::of(text.as_bytes()), Kind::Bytes, "{text}");
        }
    }
}
