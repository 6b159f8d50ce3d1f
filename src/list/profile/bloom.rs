//! What stands in a list, remembered in fixed memory: never forgets, seldom claims too much.
//!
//! A blocked Bloom filter (Putze, Sanders, Singler 2007): one key touches one cache line. 32 MiB hold 27
//! million keys with about 2 false claims in 100; a false claim only costs another draw.

/// Bits of the filter: 32 MiB.
const BITS: usize = 1 << 28;

const WORDS_PER_BLOCK: usize = 8;

/// Bits set for a key.
const PROBES: u32 = 4;

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
    fn block(hash: u64) -> usize {
        (hash >> 40) as usize % (BITS / 64 / WORDS_PER_BLOCK) * WORDS_PER_BLOCK
    }

    #[inline]
    fn probe(hash: u64, nth: u32) -> (usize, u64) {
        let nine = hash >> (nth * 9) & 511;
        ((nine >> 6) as usize, 1 << (nine & 63))
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
        let touched = self.waiting.iter().fold(0, |touched, hash| touched ^ self.words[Bloom::block(*hash)]);
        std::hint::black_box(touched);
        for hash in self.waiting.drain(..) {
            let block = Bloom::block(hash);
            for nth in 0..PROBES {
                let (word, bit) = Bloom::probe(hash, nth);
                self.words[block + word] |= bit;
            }
        }
    }

    /// Tells whether a key may be in; a no is certain.
    pub fn may_hold(&self, hash: u64) -> bool {
        let block = Bloom::block(hash);
        let is_in = (0..PROBES).all(|nth| {
            let (word, bit) = Bloom::probe(hash, nth);
            self.words[block + word] & bit != 0
        });
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
