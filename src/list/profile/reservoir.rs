//! A fair sample of a stream of unknown length, in fixed memory.
//!
//! Li's Algorithm L (ACM TOMS 20, 1994): it knows beforehand how many items to pass over, so that most rows
//! cost one comparison.

use rand::{Rng, RngExt};

/// A sample of at most `capacity` items.
#[derive(Debug)]
pub struct Reservoir<T> {
    items: Vec<T>,
    capacity: usize,
    offered: u64,
    next: Option<u64>,
    weight: f64,
}

impl<T> Reservoir<T> {
    /// Makes an empty sample; `capacity` of 0 keeps nothing.
    pub fn new(capacity: usize) -> Reservoir<T> {
        Reservoir { items: Vec::new(), capacity, offered: 0, next: None, weight: 1.0 }
    }

    /// Tells whether the next item, if one is offered, will be taken.
    #[inline]
    pub fn is_due(&self) -> bool {
        let waits = |next: u64| self.offered < next;
        self.items.len() < self.capacity || self.capacity > 0 && !self.next.is_some_and(waits)
    }

    /// Offers the next item of the stream and says where it would go, if it is taken.
    #[inline]
    pub fn offer(&mut self, rng: &mut impl Rng) -> Option<usize> {
        let nth = self.offered;
        self.offered += 1;
        if self.items.len() < self.capacity {
            return Some(self.items.len());
        }
        if self.capacity == 0 {
            return None;
        }
        let next = match self.next {
            Some(next) => next,
            None => self.skip_from(nth, rng),
        };
        if nth < next {
            return None;
        }
        self.skip_from(nth + 1, rng);
        Some(rng.random_range(0..self.capacity))
    }

    /// Decides which item from `nth` on is taken next.
    fn skip_from(&mut self, nth: u64, rng: &mut impl Rng) -> u64 {
        let (first, second) = (1.0 - rng.random::<f64>(), 1.0 - rng.random::<f64>());
        self.weight *= (first.ln() / self.capacity as f64).exp();
        let passed = (second.ln() / (1.0 - self.weight).ln()).floor();
        let next = nth.saturating_add(if passed.is_finite() { passed as u64 } else { u64::MAX });
        self.next = Some(next);
        next
    }

    /// Puts an item where [`Reservoir::offer`] said.
    pub fn put(&mut self, slot: usize, item: T) {
        if slot < self.items.len() {
            self.items[slot] = item;
        } else {
            self.items.push(item);
        }
    }

    /// Gives the item in a slot.
    pub fn get_mut(&mut self, slot: usize) -> Option<&mut T> {
        self.items.get_mut(slot)
    }

    /// Gives up the sample.
    pub fn into_items(self) -> Vec<T> {
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn every_item_has_the_same_chance() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut hits = [0_u32; 100];
        for _ in 0..4_000 {
            let mut reservoir = Reservoir::new(10);
            for item in 0..100_usize {
                let due = reservoir.is_due();
                if let Some(slot) = reservoir.offer(&mut rng) {
                    assert!(due, "an item that is taken was due");
                    reservoir.put(slot, item);
                }
            }
            let items = reservoir.into_items();
            assert_eq!(items.len(), 10);
            items.into_iter().for_each(|item| hits[item] += 1);
        }
        assert!(hits.iter().all(|hit| (310..500).contains(hit)), "{hits:?}");
    }

    #[test]
    fn a_short_stream_is_kept_whole() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut reservoir = Reservoir::new(10);
        for item in 0..7 {
            let slot = reservoir.offer(&mut rng).expect("room for all");
            reservoir.put(slot, item);
        }
        assert_eq!(reservoir.into_items(), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(Reservoir::<u8>::new(0).offer(&mut rng), None);
    }
}
