//! What a file is, told from its first bytes; its name counts only where a format begins with nothing of its own.

use memchr::memmem;

use super::database_log::Pages;
use super::error::{BROTLI, UNKNOWN};
use super::signature;
use super::stream::Packing;
use super::wide::{self, Writing};

/// First bytes that are looked at.
pub const HEAD_BYTES: usize = 4096;
/// How Brotli's files are called, which begin with no bytes of their own.
const BROTLI_ENDINGS: [&str; 2] = [".br", ".brotli"];
/// How packed files are called, whatever they begin with.
const PACKED_ENDINGS: [&str; 12] =
    [".gz", ".tgz", ".bz2", ".xz", ".lzma", ".lz", ".zst", ".zip", ".7z", ".rar", ".deflate", ".lz4"];
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
    Rar,
    /// Old office files.
    Ole,
    Pdf,
    Message,
    Mailbox,
    Database,
    /// Pages of a SQLite database that lie beside it: its `-wal` or its `-journal`.
    DatabaseLog(Pages),
    Parquet,
    Picture,
    /// Text that stands for another.
    Written(Writing),
    /// Something that is packed in a way that is not unpacked here.
    Packed(&'static str),
    /// Something that is encrypted as a whole.
    Locked,
}

impl Kind {
    /// Tells the kind from the first bytes, and from the name where a format has none of its own.
    pub fn called(name: &str, head: &[u8]) -> Kind {
        // Text may be called whatever its writer likes.
        let is_text = || std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
        let ends = |ending: &str| {
            name.len() > ending.len()
                && name.is_char_boundary(name.len() - ending.len())
                && name[name.len() - ending.len()..].eq_ignore_ascii_case(ending)
        };
        match Kind::of(head) {
            Kind::Bytes if BROTLI_ENDINGS.iter().any(|ending| ends(ending)) && !is_text() => Kind::Packed(BROTLI),
            Kind::Bytes if PACKED_ENDINGS.iter().any(|ending| ends(ending)) && !is_text() => Kind::Packed(UNKNOWN),
            kind => kind,
        }
    }

    /// Tells the kind from the first [`HEAD_BYTES`], or all there are.
    pub fn of(head: &[u8]) -> Kind {
        if let Some(kind) = signature::of(head) {
            return kind;
        }
        // Some printers put bytes of their own in front.
        if memmem::find(&head[..head.len().min(1024)], b"%PDF-").is_some() {
            return Kind::Pdf;
        }
        if let Some(writing) = wide::of(head) {
            return Kind::Written(writing);
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
            Kind::Zip | Kind::SevenZip | Kind::Rar | Kind::Ole | Kind::Database | Kind::Parquet => true,
            Kind::Bytes
            | Kind::Stream(_)
            | Kind::Tar
            | Kind::Pdf
            | Kind::Message
            | Kind::Mailbox
            | Kind::Picture
            | Kind::Packed(_)
            | Kind::Written(_)
            | Kind::DatabaseLog(_)
            | Kind::Locked => false,
        }
    }

    /// Names it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Bytes => "text",
            Kind::Zip => "zip",
            Kind::Stream(packing) => packing.word(),
            Kind::Tar => "tar",
            Kind::SevenZip => "7z",
            Kind::Rar => "rar",
            Kind::Ole => "ole",
            Kind::Pdf => "pdf",
            Kind::Message => "mail",
            Kind::Mailbox => "mbox",
            Kind::Database => "sqlite",
            Kind::DatabaseLog(pages) => pages.word(),
            Kind::Parquet => "parquet",
            Kind::Picture => "picture",
            Kind::Packed(_) => "packed",
            Kind::Written(writing) => writing.word(),
            Kind::Locked => "locked",
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
        assert_eq!(Kind::of(b"\x1F\x8B\x08\0"), Kind::Stream(Packing::Gzip));
        assert_eq!(Kind::of(b"garbage %PDF-1.4\n"), Kind::Pdf);
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(Kind::of(&tar), Kind::Tar);
    }

    #[test]
    fn a_name_counts_where_the_bytes_say_nothing() {
        assert_eq!(Kind::called("x/a.BR", b"\x0B\x02\x80\xFF\xFF"), Kind::Packed("a Brotli file"));
        assert_eq!(Kind::called("单.br", "姓名,电话\n".as_bytes()), Kind::Bytes);
        assert_eq!(Kind::called("a.br", b"\x1F\x8B\x08\0"), Kind::Stream(Packing::Gzip));
        assert_eq!(Kind::called("a.lzma", b"\x5D\x07\x02\x80\xFF\xFF"), Kind::Packed(UNKNOWN));
        assert_eq!(Kind::called("a.zst", b"name,phone\n"), Kind::Bytes);
        assert_eq!(Kind::called("a.bin", b"\x0B\x02\x80\xFF\xFF"), Kind::Bytes);
        assert_eq!(Kind::called("名", b"\xFF\xFE\xFD"), Kind::Bytes);
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
