//! A few numbers that are asked for many times: a bitmap turns away nearly all that are not among them.

/// Bits of the map.
const BITS: u32 = 1024;

/// A small set of numbers.
#[derive(Debug, Default)]
pub struct Few {
    map: [u64; BITS as usize / 64],
    all: Vec<u32>,
}

impl Few {
    /// Makes a set with room for some numbers.
    pub fn with_room(numbers: usize) -> Few {
        Few { all: Vec::with_capacity(numbers), ..Few::default() }
    }

    /// Adds a number; one that is there already costs a little room.
    pub fn add(&mut self, number: u32) {
        let bit = bit(number);
        self.map[bit / 64] |= 1 << (bit % 64);
        self.all.push(number);
    }

    /// Tells whether a number was added.
    #[inline]
    pub fn holds(&self, number: u32) -> bool {
        let bit = bit(number);
        self.map[bit / 64] >> (bit % 64) & 1 == 1 && self.all.contains(&number)
    }
}

/// The place of a number in the map (Fibonacci hashing, Knuth, The Art of Computer Programming 6.4).
#[inline]
fn bit(number: u32) -> usize {
    (number.wrapping_mul(0x9E37_79B9) >> (32 - BITS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_added_is_held_and_nothing_else() {
        let mut few = Few::default();
        (0..3000).step_by(7).for_each(|number| few.add(number));
        for number in 0..3000 {
            assert_eq!(few.holds(number), number % 7 == 0, "{number}");
        }
    }
}
