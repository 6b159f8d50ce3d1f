//! The segments of a list's phones, all of them: a sample of a long list knows but a part, and what it does not know may
//! stand in the list all the same.

/// Bits of the set, half a MiB: a hundredth of them is set by 40,000 segments.
const BITS: u64 = 1 << 22;

/// What a number has behind its segment.
const TAIL: u64 = 10_000;

/// A set of segments that seldom claims too much.
#[derive(Debug)]
pub struct Segments {
    words: Vec<u64>,
}

impl Default for Segments {
    fn default() -> Segments {
        Segments { words: vec![0; (BITS / 64) as usize] }
    }
}

impl Segments {
    /// Puts in the segment of a national number.
    #[inline]
    pub fn insert(&mut self, number: u64) {
        let (word, bit) = place(number);
        self.words[word] |= bit;
    }

    /// Tells whether some number of the segment was, perhaps, put in.
    pub fn may_hold(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.words[word] & bit != 0
    }
}

/// Spreads segments by Fibonacci's way of hashing (Knuth, TAOCP 3, 6.4).
#[inline]
fn place(number: u64) -> (usize, u64) {
    let at = (number / TAIL).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS.ilog2());
    ((at / 64) as usize, 1 << (at % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_one_segment_are_known_by_one_another() {
        let mut segments = Segments::default();
        (0..20_000).for_each(|nth| segments.insert(13_000_000_000 + nth * 130_000));
        assert!((0..20_000).all(|nth| segments.may_hold(13_000_009_999 + nth * 130_000)));
        let wrong = (0..20_000).filter(|nth| segments.may_hold(17_000_000_000 + nth * 130_000)).count();
        assert!(wrong < 400, "{wrong}");
    }
}
