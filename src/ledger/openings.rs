//! The tree over one planting's canaries, by which one canary is shown without showing how many there are.
//!
//! A leaf is a canary's opening: a text with a salt of its own. Leaves that hold nothing fill the tree up to 64 (or the next power of
//! two), and all stand in the order of their hashes, which is no order. Salts and empty leaves are derived from
//! one random key by HMAC-SHA256, so that only the key is kept.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::entry::{escape, unescape};
use super::merkle::{Hash, inclusion_proof, leaf_hash, root_of};
use crate::id::{CanaryId, PlantingId};

/// First line of an opening: the format and its version.
const FORMAT: &str = "canaries/canary/1";
/// The same for a canary that another planting made.
const CAME_FORMAT: &str = "canaries/came/1";
/// Fewest leaves of a tree.
const LEAVES_MIN: usize = 64;

/// One canary, as it is shown to somebody who checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryOpening {
    pub canary: CanaryId,
    pub planting: PlantingId,
    /// E.164.
    pub number: String,
    /// Data row of the file, from 1.
    pub row: u64,
    /// As the ledger has it: JSON.
    pub record: String,
}

/// A canary of another planting that stands in a file, as it is shown to somebody who checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameOpening {
    pub planting: PlantingId,
    /// E.164.
    pub number: String,
    /// Data row of the file, from 1.
    pub row: u64,
    /// Its place among those that came along, from 0.
    pub place: u64,
}

/// The tree over the canaries of one planting.
pub struct CanaryTree {
    key: [u8; 32],
    real: usize,
    leaves: Vec<Hash>,
}

impl CanaryOpening {
    /// Writes the text whose leaf hash is in the tree.
    pub fn text(&self, key: &[u8; 32]) -> String {
        let CanaryOpening { canary, planting, number, row, record } = self;
        let salt = hex::encode(derived(key, "salt", canary.0));
        let record = escape(record);
        format!(
            "{FORMAT}\nsalt {salt}\ncanary {canary}\nplanting {planting}\nnumber {number}\nrow {row}\nrecord {record}\n"
        )
    }

    /// Reads such a text.
    pub fn read(text: &str) -> Option<CanaryOpening> {
        let rest = text.strip_prefix(FORMAT)?.strip_prefix('\n')?.strip_suffix('\n')?;
        let mut lines = rest.split('\n');
        let mut next = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        next("salt")?;
        let read = CanaryOpening {
            canary: next("canary")?.parse().ok()?,
            planting: next("planting")?.parse().ok()?,
            number: next("number")?.to_string(),
            row: next("row")?.parse().ok()?,
            record: unescape(next("record")?),
        };
        lines.next().is_none().then_some(read)
    }
}

impl CameOpening {
    /// Writes the text whose leaf hash is in the tree.
    pub fn text(&self, key: &[u8; 32]) -> String {
        let CameOpening { planting, number, row, place } = self;
        let salt = hex::encode(derived(key, "came", *place));
        format!("{CAME_FORMAT}\nsalt {salt}\nplanting {planting}\nnumber {number}\nrow {row}\n")
    }
}

impl CanaryTree {
    /// Begins a tree whose salts come from `key`.
    pub fn new(key: [u8; 32]) -> CanaryTree {
        CanaryTree { key, real: 0, leaves: Vec::new() }
    }

    /// Adds a canary that was made for the file.
    pub fn add(&mut self, opening: &CanaryOpening) {
        self.leaves.push(leaf_hash(opening.text(&self.key).as_bytes()));
        self.real += 1;
    }

    /// Adds a canary that came along.
    pub fn add_came(&mut self, opening: &CameOpening) {
        self.leaves.push(leaf_hash(opening.text(&self.key).as_bytes()));
        self.real += 1;
    }

    /// Fills the tree up and puts the leaves into their order.
    pub fn finish(mut self) -> FinishedTree {
        let full = self.real.next_power_of_two().max(LEAVES_MIN);
        self.leaves.extend((self.real..full).map(|at| leaf_hash(&derived(&self.key, "empty", at as u64))));
        self.leaves.sort_unstable();
        FinishedTree { leaves: self.leaves }
    }
}

/// The whole tree.
pub struct FinishedTree {
    leaves: Vec<Hash>,
}

impl FinishedTree {
    /// Gives the root.
    pub fn root(&self) -> Hash {
        root_of(&self.leaves)
    }

    /// Proves an opening by its text: its place, the number of leaves, and the hashes beside its way to the root.
    pub fn prove(&self, text: &str) -> Option<(u64, u64, Vec<Hash>)> {
        let index = self.leaves.binary_search(&leaf_hash(text.as_bytes())).ok()? as u64;
        Some((index, self.leaves.len() as u64, inclusion_proof(&self.leaves, index)?))
    }
}

fn derived(key: &[u8; 32], what: &str, number: u64) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("canaries/{what}/1\n{number}").as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::is_included;

    fn opening(number: u64) -> CanaryOpening {
        CanaryOpening {
            canary: CanaryId(number),
            planting: PlantingId(1),
            number: format!("+86138001{number:05}"),
            row: number * 7,
            record: "{\"cells\":[\"a\\nb\"]}\n".to_string(),
        }
    }

    fn tree(count: u64) -> FinishedTree {
        let mut tree = CanaryTree::new([5; 32]);
        (1..=count).for_each(|number| tree.add(&opening(number)));
        tree.finish()
    }

    #[test]
    fn every_canary_is_proved_and_no_other() {
        for count in [1, 2, 63, 64, 65, 200] {
            let tree = tree(count);
            for number in 1..=count {
                let text = opening(number).text(&[5; 32]);
                assert_eq!(CanaryOpening::read(&text), Some(opening(number)));
                let (index, size, proof) = tree.prove(&text).unwrap();
                assert!(is_included(&leaf_hash(text.as_bytes()), (index, size), &proof, &tree.root()));
                assert!(!is_included(&leaf_hash(text.to_uppercase().as_bytes()), (index, size), &proof, &tree.root()));
            }
            assert!(tree.prove(&opening(count + 1).text(&[5; 32])).is_none());
        }
    }

    #[test]
    fn up_to_sixty_four_canaries_look_alike() {
        let shape = |count| tree(count).prove(&opening(1).text(&[5; 32])).map(|(_, size, proof)| (size, proof.len()));
        assert_eq!(shape(1), Some((64, 6)));
        assert_eq!(shape(64), Some((64, 6)));
        assert_eq!(shape(65), Some((128, 7)));
    }

    #[test]
    fn canaries_that_came_along_are_proved_too_and_count_as_the_others_do() {
        let came = |place| CameOpening { planting: PlantingId(2), number: "+8613800138000".to_string(), row: 3, place };
        let mut tree = CanaryTree::new([5; 32]);
        (1..=40).for_each(|number| tree.add(&opening(number)));
        (0..24).for_each(|place| tree.add_came(&came(place)));
        let tree = tree.finish();
        let text = came(7).text(&[5; 32]);
        let (index, size, proof) = tree.prove(&text).unwrap();
        assert_eq!(size, 64);
        assert!(is_included(&leaf_hash(text.as_bytes()), (index, size), &proof, &tree.root()));
        assert_ne!(text, came(8).text(&[5; 32]), "each has a salt of its own");
        assert!(tree.prove(&came(24).text(&[5; 32])).is_none());
    }

    #[test]
    fn canaries_stand_in_no_order() {
        let tree = tree(64);
        let places: Vec<u64> = (1..=64).map(|number| tree.prove(&opening(number).text(&[5; 32])).unwrap().0).collect();
        let rising = places.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!((20..44).contains(&rising), "{rising} of 63 neighbours stand in their order");
    }
}
