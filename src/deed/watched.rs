//! The numbers of the pool as they are looked for in a list: a sieve while it is read, the ledger afterwards.
//!
//! The sieve has a largest size, so memory does not grow with the pool. What falls through it by chance is told from
//! the pool's own numbers by a look-up, once the list has been read.

use std::collections::{BTreeSet, HashMap};

use super::DeedError;
use crate::list::profile::Profile;
use crate::phone::Number;
use crate::store::Reader;

/// Bits of the sieve for each number, if there is room.
const BITS_PER_NUMBER: u64 = 64;

/// Largest sieve, in bits: 16 MiB, through which two in a hundred others fall where ten million are sieved for.
const BITS_MAX: u64 = 1 << 27;

/// All numbers of the pool, known by the digits they are dialled with in their country.
pub(super) struct Watched {
    sieve: Sieve,
    /// What stands before those digits in E.164: a country code, and zeros that a whole number does not show.
    leads: BTreeSet<String>,
}

/// A number of the pool that stands in a list.
pub(super) struct Standing {
    pub(super) number: Number,
    /// Data row, from 1.
    pub(super) data_row: u64,
}

impl Watched {
    /// Reads the pool.
    pub(super) fn of_pool(reader: &Reader<'_>) -> Result<Watched, DeedError> {
        let (numbers, _) = reader.pool_and_marks()?;
        let (mut sieve, mut leads) = (Sieve::for_numbers(numbers), BTreeSet::new());
        reader.each_number(&mut |number| {
            let Ok(digits) = number.as_dialled().parse::<u64>() else { return };
            sieve.put_in(digits);
            let lead = number.as_str().strip_suffix(digits.to_string().as_str());
            if let Some(lead) = lead.filter(|lead| !leads.contains(*lead)) {
                leads.insert(lead.to_string());
            }
        })?;
        reader.let_pages_go()?;
        Ok(Watched { sieve, leads })
    }

    /// Tells whether these national digits may be a number of the pool; a no is certain.
    #[inline]
    pub(super) fn may_be_ours(&self, digits: u64) -> bool {
        self.sieve.may_hold(digits)
    }

    /// Leaves in the profile only what is a number of the pool, and gives these numbers in the order of the list.
    pub(super) fn standing(&self, reader: &Reader<'_>, profile: &mut Profile) -> Result<Vec<Standing>, DeedError> {
        let mut known: HashMap<u64, Vec<Number>> = HashMap::new();
        for watched in &profile.watched {
            if known.contains_key(&watched.digits) {
                continue;
            }
            let numbers = self.numbers(reader, watched.digits)?;
            if !numbers.is_empty() {
                known.insert(watched.digits, numbers);
            }
        }
        profile.watched.retain(|watched| known.contains_key(&watched.digits));
        let standing = profile.watched.iter().flat_map(|watched| {
            let numbers = known.get(&watched.digits).into_iter().flatten();
            numbers.map(|number| Standing { number: number.clone(), data_row: watched.data_row })
        });
        Ok(standing.collect())
    }

    /// Finds the numbers of the pool that are dialled with these digits, each in its country.
    fn numbers(&self, reader: &Reader<'_>, digits: u64) -> Result<Vec<Number>, DeedError> {
        let mut found = Vec::new();
        for lead in &self.leads {
            let Ok(number) = Number::from_e164(&format!("{lead}{digits}")) else { continue };
            if reader.owns(&number)? {
                found.push(number);
            }
        }
        Ok(found)
    }
}

/// A filter of whole numbers: a number sets two bits of one word.
pub(super) struct Sieve(Vec<u64>);

impl Sieve {
    /// Makes an empty sieve for about so many numbers.
    pub(super) fn for_numbers(numbers: u64) -> Sieve {
        let bits = numbers.saturating_mul(BITS_PER_NUMBER).clamp(64, BITS_MAX);
        Sieve(vec![0; (bits as usize / 64).next_power_of_two()])
    }

    pub(super) fn put_in(&mut self, digits: u64) {
        let (word, bits) = self.place(digits);
        self.0[word] |= bits;
    }

    /// Tells whether a number may have been put in; a no is certain.
    #[inline]
    pub(super) fn may_hold(&self, digits: u64) -> bool {
        let (word, bits) = self.place(digits);
        self.0[word] & bits == bits
    }

    /// Gives the word and the two bits of a number; the length is a power of two.
    #[inline]
    fn place(&self, digits: u64) -> (usize, u64) {
        let mixed = digits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let word = (mixed >> 38) as usize & (self.0.len() - 1);
        (word, 1 << (mixed >> 32 & 63) | 1 << (mixed >> 26 & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NewNumber, Session, add_number, init};
    use super::*;
    use crate::phone::Region;

    #[test]
    fn numbers_are_found_by_what_is_dialled_in_their_country() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Session::real(folder.path().join("canaries.db"));
        init(&mut session, &[]).unwrap();
        for text in ["13800138000", "+442079460018"] {
            let new = NewNumber { text: text.to_string(), ..NewNumber::default() };
            add_number(&mut session, new, Region::default(), 0).unwrap();
        }
        let store = session.open().unwrap();
        let reader = store.read();
        let pool = Watched::of_pool(&reader).unwrap();
        let found = |digits| -> Vec<String> {
            let numbers = pool.numbers(&reader, digits).unwrap();
            numbers.iter().map(Number::to_string).collect()
        };
        for (digits, number) in [(13_800_138_000, "+8613800138000"), (2_079_460_018, "+442079460018")] {
            assert!(pool.may_be_ours(digits), "{number}");
            assert_eq!(found(digits), [number]);
        }
        assert_eq!(found(13_800_138_001), Vec::<String>::new(), "no number of ours, whatever falls through the sieve");
    }

    #[test]
    fn a_sieve_holds_what_was_put_in_and_little_else() {
        for count in [0_u64, 1, 1_000, 100_000] {
            let mut sieve = Sieve::for_numbers(count);
            let number = |nth: u64| 13_000_000_000 + nth * 7_919;
            (0..count).for_each(|nth| sieve.put_in(number(nth)));
            assert!((0..count).all(|nth| sieve.may_hold(number(nth))));
            let through = (count..count + 100_000).filter(|nth| sieve.may_hold(number(*nth))).count();
            assert!(through < 500, "{through} of 100,000 fall through a sieve of {count}");
        }
    }

    #[test]
    fn a_sieve_has_a_largest_size() {
        assert_eq!(Sieve::for_numbers(u64::MAX).0.len(), Sieve::for_numbers(1 << 21).0.len());
        assert_eq!(Sieve::for_numbers(1 << 21).0.len() as u64 * 64, BITS_MAX);
    }
}
