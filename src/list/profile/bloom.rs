//! What stands in a list, remembered in fixed memory: never forgets, seldom claims too much.
//!
//! A blocked Bloom filter (Putze, Sanders, Singler 2007) whose blocks are words, so that a key costs one load and one
//! store. 16 MiB hold 34 million keys with about 16 false claims in 100; a false claim only costs another draw.

/// Bits of the filter: 16 MiB.
const BITS: usize = 1 << 27;

/// Keys put in at once.
const BATCH: usize = 256;

/// A set of hashes.
pub struct Bloom {
    words: Vec<u64>,
    /// Keys that wait to be put in together: one by one, each would wait for memory that is in no cache.
    waiting: Vec<u64>,
}

impl Bloom {
    /// Makes an empty filter; memory is taken as it fills.
    pub fn new() -> Bloom {
        Bloom { words: vec![0; BITS / 64], waiting: Vec::with_capacity(BATCH) }
    }

    #[inline]
    fn word(hash: u64) -> usize {
        (hash >> 32) as usize % (BITS / 64)
    }

    /// Gives the two bits of a key.
    #[inline]
    fn bits(hash: u64) -> u64 {
        1 << (hash & 63) | 1 << (hash >> 6 & 63)
    }

    /// Puts a key in, given by its hash.
    #[inline]
    pub fn insert(&mut self, hash: u64) {
        self.waiting.push(hash);
        if self.waiting.len() == BATCH {
            self.put_in();
        }
    }

    fn put_in(&mut self) {
        // These loads wait for nothing but memory, so the processor has many of them under way at once.
        let touched = self.waiting.iter().fold(0, |touched, hash| touched ^ self.words[Bloom::word(*hash)]);
        std::hint::black_box(touched);
        for hash in self.waiting.drain(..) {
            self.words[Bloom::word(hash)] |= Bloom::bits(hash);
        }
    }

    /// Tells whether a key may be in; a no is certain.
    pub fn may_hold(&self, hash: u64) -> bool {
        let bits = Bloom::bits(hash);
        let is_in = self.words[Bloom::word(hash)] & bits == bits;
        is_in || self.waiting.contains(&hash)
    }
}

impl std::fmt::Debug for Bloom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bloom")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::hash;

    #[test]
    fn nothing_is_forgotten_and_little_is_made_up() {
        let mut bloom = Bloom::new();
        let key = |n: u64| hash::of(&n.to_le_bytes(), 7);
        (0..200_000).for_each(|n| bloom.insert(key(n)));
        assert!((0..200_000).all(|n| bloom.may_hold(key(n))));
        let wrong = (200_000..400_000).filter(|n| bloom.may_hold(key(*n))).count();
        assert!(wrong < 40, "{wrong}");
    }
}
