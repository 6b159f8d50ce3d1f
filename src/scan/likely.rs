//! Places of a chunk at which a name may begin, written down without a branch for each.

use super::name_places::{CHUNK_BYTES, WORD_BYTES};

/// How a name is to be read; in this order names that begin at the same byte are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    Utf8,
    Gbk,
    Word,
    WordLittle,
    WordBig,
    Wide,
}

const KINDS: [Kind; 6] = [Kind::Utf8, Kind::Gbk, Kind::Word, Kind::WordLittle, Kind::WordBig, Kind::Wide];

/// Words of marks that a chunk has.
const WORDS: usize = CHUNK_BYTES / WORD_BYTES;

/// Places that are written at once.
const AT_ONCE: usize = 4;

/// Bits of a place that tell its kind.
const KIND_BITS: u32 = 3;

/// Most places of a chunk: one of each kind at every byte.
const PLACES_MAX: usize = KINDS.len() * CHUNK_BYTES;

/// Places of a chunk, counted from its begin, each with its kind in the lowest bits.
pub struct Likely {
    places: [u32; PLACES_MAX + 1],
    pub count: usize,
}

impl Default for Likely {
    fn default() -> Likely {
        Likely { places: [0; _], count: 0 }
    }
}

impl Likely {
    /// Writes a place down whether it is likely or not; it counts only if it is.
    #[inline]
    pub fn add(&mut self, at: usize, kind: Kind, is_likely: bool) {
        self.places[self.count] = (at as u32) << KIND_BITS | kind as u32;
        self.count += usize::from(is_likely);
    }

    /// Keeps of the places from a count on those that are likely still.
    #[inline]
    pub fn keep(&mut self, from: usize, is_likely: impl Fn(usize) -> bool) {
        let mut kept = from;
        for k in from..self.count {
            let place = self.places[k];
            self.places[kept] = place;
            kept += usize::from(is_likely((place >> KIND_BITS) as usize));
        }
        self.count = kept;
    }

    /// Gives the places in order, and forgets them.
    pub fn take(&mut self) -> impl Iterator<Item = (usize, Kind)> {
        let count = std::mem::take(&mut self.count);
        self.places[..count].sort_unstable();
        let kind = |place: u32| KINDS[(place & ((1 << KIND_BITS) - 1)) as usize];
        self.places[..count].iter().map(move |place| ((place >> KIND_BITS) as usize, kind(*place)))
    }
}

/// Visits the places that marks stand for, one bit a byte.
#[inline]
pub fn each_place(marks: &[u64; WORDS], mut see: impl FnMut(usize)) {
    if *marks == [0; WORDS] {
        return;
    }
    let mut places = [0; CHUNK_BYTES + AT_ONCE];
    let mut count = 0;
    for (word, mut marks) in marks.iter().copied().enumerate() {
        let base = word * WORD_BYTES;
        let total = count + marks.count_ones() as usize;
        // Some are written whether they are there or not: a branch for each would be guessed wrong too often.
        while count < total {
            for place in &mut places[count..count + AT_ONCE] {
                *place = (base as u32 + marks.trailing_zeros()) as u16;
                marks &= marks.wrapping_sub(1);
            }
            count += AT_ONCE;
        }
        count = total;
    }
    places[..count].iter().for_each(|place| see(usize::from(*place)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likely_places_come_in_order_with_their_kinds() {
        let mut likely = Likely::default();
        likely.add(500, Kind::Utf8, true);
        likely.add(3, Kind::Utf8, true);
        likely.keep(0, |at| at > 3);
        likely.add(500, Kind::Wide, true);
        likely.add(7, Kind::Gbk, false);
        each_place(&[1 << 5, 0, 0, 0, 0, 0, 0, 1 << 63], |at| likely.add(at, Kind::Word, true));
        let places: Vec<_> = likely.take().collect();
        assert_eq!(places, [(5, Kind::Word), (500, Kind::Utf8), (500, Kind::Wide), (511, Kind::Word)]);
        assert_eq!(likely.take().count(), 0);
    }
}
