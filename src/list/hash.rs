//! A fast hash of short byte strings, for filters and tables that never leave the process.

/// Mixes bytes and a salt into 64 bits; not for anything an adversary may choose.
#[inline]
pub fn of(bytes: &[u8], salt: u64) -> u64 {
    let mut state = salt ^ 0x9e37_79b9_7f4a_7c15 ^ (bytes.len() as u64).wrapping_mul(0xa076_1d64_78bd_642f);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = mixed(state ^ u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        state = mixed(state ^ last_word(bytes, rest));
    }
    mixed(state)
}

/// Gathers the last bytes by loads of a fixed size: bytes seen twice do no harm, because the length is mixed in too.
#[inline]
fn last_word(bytes: &[u8], rest: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk() {
        return u64::from_le_bytes(*last);
    }
    match (rest.first_chunk(), rest.last_chunk()) {
        (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
        (None, _) | (_, None) => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[inline]
fn mixed(word: u64) -> u64 {
    let wide = u128::from(word ^ 0xe703_7ed1_a0b4_28db) * u128::from(0x8ebc_6af0_9c88_c6e3_u64);
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_bytes_salts_and_lengths_give_different_hashes() {
        let long = [7; 40];
        for len in 0..long.len() {
            for at in 0..len {
                let mut other = long;
                other[at] = 8;
                assert_ne!(of(&long[..len], 0), of(&other[..len], 0), "byte {at} of {len}");
            }
            assert_ne!(of(&long[..len], 0), of(&long[..len + 1], 0));
        }
        let hashes =
            [of(b"", 0), of(b"\0", 0), of(b"\0\0", 0), of(b"abcdefgh", 0), of(b"abcdefgi", 0), of(b"abcdefgh", 1)];
        for (i, a) in hashes.iter().enumerate() {
            assert!(hashes[i + 1..].iter().all(|b| a != b));
        }
    }
}
