//! The encodings lists come in.

use std::borrow::Cow;

/// How the text of a list is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Gbk,
    Gb18030,
    Utf16Le,
    Utf16Be,
    Latin1,
}

impl Encoding {
    /// Decodes bytes of one cell; what the encoding does not know becomes U+FFFD.
    ///
    /// The two UTF-16 forms are read as UTF-8 here: their reader hands its rows out in UTF-8.
    pub fn decode<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        let known = match self {
            Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be => encoding_rs::UTF_8,
            Encoding::Gbk | Encoding::Gb18030 => encoding_rs::GB18030,
            Encoding::Latin1 => encoding_rs::WINDOWS_1252,
        };
        known.decode_without_bom_handling(bytes).0
    }
}
