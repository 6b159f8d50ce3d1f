//! The Merkle tree of RFC 6962 over the bodies of entries.
//!
//! Only the right edge is kept: the roots of the full subtrees, largest first. That is all an append and a
//! root need, so a million entries cost twenty hashes of memory.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Hashes plain bytes.
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Hashes a leaf: SHA-256(00 ‖ leaf), RFC 6962 section 2.1.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(leaf).finalize().into()
}

/// Hashes an inner node: SHA-256(01 ‖ left ‖ right), RFC 6962 section 2.1.
fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// A growing tree, as its size and right edge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    size: u64,
    edge: Vec<Hash>,
}

impl Tree {
    /// Counts the leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.edge.pop().expect("one full subtree stands for each trailing one bit of the size");
            node = node_hash(&left, &node);
        }
        self.edge.push(node);
        self.size += 1;
    }

    /// Gives the root over all leaves; the root of no leaves is SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let mut nodes = self.edge.iter().rev();
        let Some(last) = nodes.next() else { return sha256(b"") };
        nodes.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Gives the right edge as bytes, to be kept beside the size.
    pub fn edge_bytes(&self) -> Vec<u8> {
        self.edge.concat()
    }

    /// Takes back what [`Tree::edge_bytes`] gave; nothing if the two cannot belong together.
    pub fn from_edge(size: u64, bytes: &[u8]) -> Option<Tree> {
        let edge: Vec<Hash> = bytes.chunks(32).map(Hash::try_from).collect::<Result<_, _>>().ok()?;
        (edge.len() == size.count_ones() as usize).then_some(Tree { size, edge })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 section 2.1, word for word.
    fn by_definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => sha256(b""),
            [leaf] => leaf_hash(leaf),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_growing_tree_has_the_root_of_the_definition_at_every_size() {
        let leaves: Vec<Vec<u8>> = (0..257u32).map(|i| i.to_be_bytes().to_vec()).collect();
        let mut tree = Tree::default();
        for size in 0..=leaves.len() {
            assert_eq!(tree.root(), by_definition(&leaves[..size]), "size {size}");
            assert_eq!(Tree::from_edge(tree.size(), &tree.edge_bytes()), Some(tree.clone()));
            if let Some(leaf) = leaves.get(size) {
                tree.push(leaf_hash(leaf));
            }
        }
    }

    #[test]
    fn known_roots_come_out() {
        // From the test vectors of Certificate Transparency: no leaf, one empty leaf, the two leaves "" and 00.
        let mut tree = Tree::default();
        assert_eq!(hex::encode(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        tree.push(leaf_hash(b""));
        assert_eq!(hex::encode(tree.root()), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        tree.push(leaf_hash(&[0x00]));
        assert_eq!(hex::encode(tree.root()), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    }

    #[test]
    fn an_edge_that_does_not_fit_its_size_is_refused() {
        assert_eq!(Tree::from_edge(3, &[0; 32]), None);
        assert_eq!(Tree::from_edge(1, &[0; 31]), None);
    }
}
