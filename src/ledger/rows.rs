//! The tree over the rows of a file that was handed over, by which one row is shown and no other.
//!
//! A leaf is a row with its number and a salt of its own. The tree grows while rows come by: of those that are to be shown
//! one day the bytes and the hashes beside their way to the root are kept, of all others nothing. Salts are derived from one key by
//! HMAC-SHA256, so whoever has key and file can grow the same tree, and learns nothing of which rows are canaries.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::merkle::{Hash, leaf_hash, node_hash, sha256};

/// First line of a leaf: the format and its version.
const FORMAT: &str = "canaries/row/1";
/// Lines of a leaf before the bytes of the row.
const HEAD_LINES: usize = 3;

/// Gives what the leaf of a row is the hash of; `number` counts the file's records from 1, a sheet's rows as the sheet does.
pub fn row_text(key: &[u8; 32], number: u64, row: &[u8]) -> Vec<u8> {
    Salts::new(key).text(number, row)
}

/// Gives the bytes of the row in such a text.
pub fn row_in(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(FORMAT.as_bytes()).filter(|rest| rest.starts_with(b"\n"))?;
    text.splitn(HEAD_LINES + 1, |byte| *byte == b'\n').nth(HEAD_LINES)
}

/// A tree that grows by rows.
pub struct RowsTree {
    key: [u8; 32],
    salts: Salts,
    size: u64,
    edge: Vec<Node>,
    /// Numbers of rows to be kept, the next one last.
    wanted: Vec<u64>,
    kept: Vec<KeptRow>,
}

/// A full subtree of the right edge, and which kept rows are in it.
struct Node {
    hash: Hash,
    holds: Vec<usize>,
}

/// A row that is to be shown one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    pub number: u64,
    /// Its place in the tree, from 0.
    pub index: u64,
    pub bytes: Vec<u8>,
    /// The hashes beside its way to the root, lowest first.
    pub proof: Vec<Hash>,
}

/// The whole tree, of which the kept rows are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrownRows {
    pub key: [u8; 32],
    pub root: Hash,
    /// Leaves of the tree.
    pub size: u64,
    pub kept: Vec<KeptRow>,
}

impl RowsTree {
    /// Begins a tree whose salts come from `key`; `wanted` are the numbers of the rows to be kept, rising.
    pub fn new(key: [u8; 32], wanted: &[u64]) -> RowsTree {
        let wanted = wanted.iter().rev().copied().collect();
        RowsTree { key, salts: Salts::new(&key), size: 0, edge: Vec::new(), wanted, kept: Vec::new() }
    }

    /// Adds the next row; numbers rise.
    pub fn add(&mut self, number: u64, row: &[u8]) {
        let mut node = Node { hash: leaf_hash(&self.salts.text(number, row)), holds: Vec::new() };
        if self.wanted.pop_if(|wanted| *wanted == number).is_some() {
            node.holds.push(self.kept.len());
            self.kept.push(KeptRow { number, index: self.size, bytes: row.to_vec(), proof: Vec::new() });
        }
        for _ in 0..self.size.trailing_ones() {
            let left = self.edge.pop().expect("one full subtree stands for each trailing one bit of the size");
            node = self.joined(left, node);
        }
        self.edge.push(node);
        self.size += 1;
    }

    /// Ends the tree; the root of no rows is SHA-256 of nothing.
    pub fn finish(mut self) -> GrownRows {
        let mut root = sha256(b"");
        if let Some(mut node) = self.edge.pop() {
            while let Some(left) = self.edge.pop() {
                node = self.joined(left, node);
            }
            root = node.hash;
        }
        GrownRows { key: self.key, root, size: self.size, kept: self.kept }
    }

    fn joined(&mut self, left: Node, right: Node) -> Node {
        left.holds.iter().for_each(|at| self.kept[*at].proof.push(right.hash));
        right.holds.iter().for_each(|at| self.kept[*at].proof.push(left.hash));
        let hash = node_hash(&left.hash, &right.hash);
        Node { hash, holds: [left.holds, right.holds].concat() }
    }
}

/// Derives the salts of rows.
struct Salts(Hmac<Sha256>);

impl Salts {
    fn new(key: &[u8; 32]) -> Salts {
        Salts(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    fn text(&self, number: u64, row: &[u8]) -> Vec<u8> {
        let number = number.to_string();
        let mut mac = self.0.clone();
        mac.update(b"canaries/row-salt/1\n");
        mac.update(number.as_bytes());
        let salt: Hash = mac.finalize().into_bytes().into();
        let head = [FORMAT, "\nsalt ", &hex::encode(salt), "\nrecord ", &number, "\n"].concat();
        [head.as_bytes(), row].concat()
    }
}

/// What is kept of a tree in the ledger: its size, and each canary's row with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowProofs {
    pub size: u64,
    pub rows: Vec<RowProof>,
}

/// A canary's row; `row` is its data row, as the `mint` entry has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProof {
    pub row: u64,
    pub record: u64,
    pub index: u64,
    /// In base64.
    bytes: String,
    /// The hashes one behind the other, in base64.
    proof: String,
}

impl RowProof {
    /// Notes down a kept row.
    pub fn of(row: u64, kept: &KeptRow) -> RowProof {
        let (bytes, proof) = (STANDARD.encode(&kept.bytes), STANDARD.encode(kept.proof.concat()));
        RowProof { row, record: kept.number, index: kept.index, bytes, proof }
    }

    /// Gives the row's bytes and the hashes of its proof; nothing if they cannot be read.
    pub fn read(&self) -> Option<(Vec<u8>, Vec<Hash>)> {
        let (bytes, proof) = (STANDARD.decode(&self.bytes).ok()?, STANDARD.decode(&self.proof).ok()?);
        let (hashes, rest) = proof.as_chunks::<32>();
        rest.is_empty().then(|| (bytes, hashes.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{inclusion_proof, is_included, root_of};

    const KEY: [u8; 32] = [5; 32];

    fn row(number: u64) -> Vec<u8> {
        format!("{number},王芳\n,1380013{number:04}").into_bytes()
    }

    fn grown(size: u64, wanted: &[u64]) -> GrownRows {
        let mut tree = RowsTree::new(KEY, wanted);
        (1..=size).for_each(|number| tree.add(number, &row(number)));
        tree.finish()
    }

    #[test]
    fn every_kept_row_of_every_small_tree_has_the_proof_of_the_whole_tree() {
        for size in 1..=70 {
            let all: Vec<u64> = (1..=size).collect();
            let grown = grown(size, &all);
            let leaves: Vec<Hash> =
                all.iter().map(|number| leaf_hash(&row_text(&KEY, *number, &row(*number)))).collect();
            assert_eq!((grown.root, grown.size, grown.kept.len() as u64), (root_of(&leaves), size, size));
            for kept in &grown.kept {
                assert_eq!(
                    Some(&kept.proof),
                    inclusion_proof(&leaves, kept.index).as_ref(),
                    "{} of {size}",
                    kept.number
                );
            }
        }
    }

    #[test]
    fn only_wanted_rows_are_kept_and_another_row_is_not_proved() {
        let grown = grown(801, &[17, 800]);
        let numbers: Vec<u64> = grown.kept.iter().map(|kept| kept.number).collect();
        assert_eq!(numbers, [17, 800]);
        for kept in &grown.kept {
            let place = (kept.index, grown.size);
            let proved = |number, bytes: &[u8]| {
                is_included(&leaf_hash(&row_text(&KEY, number, bytes)), place, &kept.proof, &grown.root)
            };
            assert!(proved(kept.number, &row(kept.number)));
            assert!(!proved(kept.number, &row(3)) && !proved(kept.number + 1, &row(kept.number)));
        }
        assert_eq!(RowsTree::new(KEY, &[]).finish().root, sha256(b""));
    }

    #[test]
    fn a_kept_row_comes_back_as_it_was_noted_down() {
        let grown = grown(40, &[9]);
        let noted = RowProof::of(8, &grown.kept[0]);
        let proofs = RowProofs { size: 40, rows: vec![noted] };
        let read: RowProofs = serde_json::from_str(&serde_json::to_string(&proofs).unwrap()).unwrap();
        assert_eq!(read.rows[0].read(), Some((row(9), grown.kept[0].proof.clone())));
        let text = row_text(&KEY, 9, &row(9));
        assert!(text.starts_with(b"canaries/row/1\nsalt ") && row_in(&text) == Some(&row(9)[..]));
        assert_eq!(row_in(b"canaries/row/10\na\nb\nc"), None);
    }
}
