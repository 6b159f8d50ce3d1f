//! Text that is written in some other way and read as what it stands for: UTF-32, and files that are base64 or hex as a whole.
//!
//! What is taken for one of these by mistake loses nothing, as its own bytes are searched too.

use std::io::{self, Read};

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::error::Unreadable;
use super::limits::{PIECE_BYTES, small};

/// Characters in the first bytes of a text without a mark, by which UTF-32 is told.
const CHARS_MIN: usize = 16;
/// Letters that a line of base64 or hex has at least.
const LETTERS_MIN: usize = 32;

/// A way of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    Utf32Little,
    Utf32Big,
    Base64,
    Hex,
}

/// Tells a way of writing from the first bytes.
pub(super) fn of(head: &[u8]) -> Option<Writing> {
    if head.starts_with(b"\xFF\xFE\0\0") && head.len().is_multiple_of(4) || is_utf32(head, u32::from_le_bytes) {
        return Some(Writing::Utf32Little);
    }
    if head.starts_with(b"\0\0\xFE\xFF") && head.len().is_multiple_of(4) || is_utf32(head, u32::from_be_bytes) {
        return Some(Writing::Utf32Big);
    }
    let lines = head.trim_ascii().split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let are_all = |is_one: fn(&u8) -> bool| lines.clone().all(|line| line.iter().all(is_one));
    let first = lines.clone().next().map_or(0, <[u8]>::len);
    // All lines but the last, which may be cut off here, are as long as the first.
    let is_even = lines.clone().rev().skip(1).all(|line| line.len() == first);
    if first < LETTERS_MIN || !is_even {
        return None;
    }
    let has = |is_one: fn(&u8) -> bool| head.iter().any(is_one);
    if are_all(u8::is_ascii_hexdigit) {
        return Some(Writing::Hex);
    }
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    (is_mixed && are_all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte))).then_some(Writing::Base64)
}

/// Tells whether many characters stand in four bytes each, and nothing else.
fn is_utf32(head: &[u8], read: fn([u8; 4]) -> u32) -> bool {
    let (chars, _) = head.as_chunks::<4>();
    chars.len() >= CHARS_MIN && chars.iter().all(|bytes| read(*bytes) > 8 && char::from_u32(read(*bytes)).is_some())
}

/// Reads base64 or hex as a whole.
pub(super) fn decoded(input: &mut dyn Read, writing: Writing) -> Result<Vec<u8>, Unreadable> {
    let mut text = small(input, writing.word())?;
    text.retain(|byte| !byte.is_ascii_whitespace());
    let damaged = Unreadable::Damaged { what: writing.word() };
    match writing {
        Writing::Hex => hex::decode(&text).map_err(|_| damaged),
        Writing::Base64 => {
            let config = GeneralPurposeConfig::new()
                .with_decode_padding_mode(DecodePaddingMode::Indifferent)
                .with_decode_allow_trailing_bits(true);
            let is_url = text.iter().any(|byte| b"-_".contains(byte));
            let alphabet = if is_url { &URL_SAFE } else { &STANDARD };
            GeneralPurpose::new(alphabet, config).decode(&text).map_err(|_| damaged)
        }
        Writing::Utf32Little | Writing::Utf32Big => Ok(text),
    }
}

impl Writing {
    /// Names it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Writing::Utf32Little | Writing::Utf32Big => "utf-32",
            Writing::Base64 => "base64",
            Writing::Hex => "hex",
        }
    }
}

/// UTF-32 on its way to UTF-8.
pub(super) struct Utf32<R> {
    input: R,
    writing: Writing,
    /// Characters that nobody took yet, and how far they were taken.
    ready: io::Cursor<Vec<u8>>,
}

impl<R: Read> Utf32<R> {
    pub(super) fn new(input: R, writing: Writing) -> Utf32<R> {
        Utf32 { input, writing, ready: io::Cursor::default() }
    }
}

impl<R: Read> Read for Utf32<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.ready.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        (&mut self.input).take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        let (chars, rest) = piece.as_chunks::<4>();
        let read = match self.writing {
            Writing::Utf32Big => u32::from_be_bytes,
            Writing::Utf32Little | Writing::Base64 | Writing::Hex => u32::from_le_bytes,
        };
        let mut text: String =
            chars.iter().map(|bytes| char::from_u32(read(*bytes)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        if !rest.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        self.ready = io::Cursor::new(text.into_bytes());
        self.ready.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_are_told_and_read() {
        let text = "张三,13800138000,2026-01-02\n";
        let little: Vec<u8> = text.chars().flat_map(|one| u32::from(one).to_le_bytes()).collect();
        let big: Vec<u8> = text.chars().flat_map(|one| u32::from(one).to_be_bytes()).collect();
        for (bytes, writing) in [(little, Writing::Utf32Little), (big, Writing::Utf32Big)] {
            assert_eq!(of(&bytes), Some(writing));
            let mut out = String::new();
            Utf32::new(&bytes[..], writing).read_to_string(&mut out).unwrap();
            assert_eq!(out, text);
        }
        let base64 = base64::engine::general_purpose::STANDARD.encode(text);
        assert_eq!(of(base64.as_bytes()), Some(Writing::Base64));
        assert_eq!(decoded(&mut base64.as_bytes(), Writing::Base64).unwrap(), text.as_bytes());
        let hex = hex::encode(text);
        assert_eq!(of(hex.as_bytes()), Some(Writing::Hex));
        assert_eq!(decoded(&mut hex.as_bytes(), Writing::Hex).unwrap(), text.as_bytes());
    }

    #[test]
    fn lists_are_none_of_these() {
        for text in ["", "13800138000\n13900139000\n", "name,phone\n", "Abc\n", "张三,13800138000\n"] {
            assert_eq!(of(text.repeat(20).as_bytes()), None, "{text}");
        }
        assert_eq!(of(&[0; 400]), None);
    }
}
