//! Numbers in binary books, lowest byte first; nothing where the bytes end before.

/// Reads two bytes.
pub(super) fn short(body: &[u8], at: usize) -> Option<u16> {
    body.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

/// Reads four bytes.
pub(super) fn long(body: &[u8], at: usize) -> Option<u32> {
    body.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
