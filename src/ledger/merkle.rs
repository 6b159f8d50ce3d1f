//! The Merkle tree of RFC 6962 over the bodies of entries: roots, and proofs that one leaf or one earlier tree is in it.
//!
//! A growing [`Tree`] keeps its right edge only: the roots of the full subtrees, largest first. That is all an append and
//! a root need. Proofs are made from all leaf hashes ([`inclusion_proof`], [`consistency_proof`]) and checked as
//! RFC 9162, sections 2.1.3.2 and 2.1.4.2, says: a proof that is too long, too short or for an empty tree is refused.

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
pub(super) fn node_hash(left: &Hash, right: &Hash) -> Hash {
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

/// Proves that the leaf at `index` is in the tree over `leaves`: the hashes beside its way to the root, lowest first.
///
/// Nothing if there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    let at = usize::try_from(index).ok().filter(|at| *at < leaves.len())?;
    let (mut from, mut to) = (0, leaves.len());
    let mut proof = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        let beside = if at < middle { middle..to } else { from..middle };
        proof.push(root_of(&leaves[beside]));
        (from, to) = if at < middle { (from, middle) } else { (middle, to) };
    }
    proof.reverse();
    Some(proof)
}

/// Proves that the tree over the first `old` of `leaves` is the beginning of the tree over all.
///
/// Nothing if `old` is 0 or more than there are: RFC 6962 has no proof then. Empty if both are one.
pub fn consistency_proof(leaves: &[Hash], old: u64) -> Option<Vec<Hash>> {
    let old = usize::try_from(old).ok().filter(|old| (1..=leaves.len()).contains(old))?;
    let (mut from, mut to, mut is_whole) = (0, leaves.len(), true);
    let mut proof = Vec::new();
    while to > old {
        let middle = from + split(to - from);
        if old <= middle {
            proof.push(root_of(&leaves[middle..to]));
            to = middle;
        } else {
            proof.push(root_of(&leaves[from..middle]));
            from = middle;
            is_whole = false;
        }
    }
    if !is_whole {
        proof.push(root_of(&leaves[from..to]));
    }
    proof.reverse();
    Some(proof)
}

/// Checks an inclusion proof; `leaf` is a leaf's hash.
pub fn is_included(leaf: &Hash, (index, size): (u64, u64), proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut node) = (index, size - 1, *leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            node = node_hash(beside, &node);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            node = node_hash(&node, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && node == *root
}

/// Checks a consistency proof between an older tree and a newer one, each given as size and root.
pub fn is_consistent((old, old_root): (u64, &Hash), (new, new_root): (u64, &Hash), proof: &[Hash]) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at % 2 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let mut rest = proof.iter();
    // A full tree of a power of two is its own first node.
    let first = if old.is_power_of_two() { Some(old_root) } else { rest.next() };
    let Some(first) = first else { return false };
    let (mut earlier, mut later) = (*first, *first);
    for beside in rest {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            earlier = node_hash(beside, &earlier);
            later = node_hash(beside, &later);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            later = node_hash(&later, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && earlier == *old_root && later == *new_root
}

/// Gives the root over leaf hashes.
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// Gives the largest power of two below `leaves`, which must be more than 1.
fn split(leaves: usize) -> usize {
    leaves.next_power_of_two() / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use rand::rngs::ChaCha20Rng;
    use rand::{RngExt, SeedableRng};

    fn leaf_bytes(count: u32) -> Vec<Vec<u8>> {
        (0..count).map(|i| i.to_be_bytes().to_vec()).collect()
    }

    fn leaf_hashes(count: u32) -> Vec<Hash> {
        leaf_bytes(count).iter().map(|leaf| leaf_hash(leaf)).collect()
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proved_and_only_at_its_place() {
        let leaves = leaf_hashes(256);
        for size in 1..=256u64 {
            let some = &leaves[..size as usize];
            let root = root_of(some);
            for index in 0..size {
                let proof = inclusion_proof(some, index).unwrap();
                let leaf = &some[index as usize];
                assert!(is_included(leaf, (index, size), &proof, &root), "{index} of {size}");
                assert!(!is_included(leaf, (index ^ 1, size), &proof, &root), "{index} of {size} elsewhere");
                assert!(!is_included(&[7; 32], (index, size), &proof, &root), "another leaf at {index} of {size}");
            }
            assert_eq!(inclusion_proof(some, size), None);
        }
    }

    #[test]
    fn every_small_tree_is_proved_to_begin_every_larger_one() {
        let leaves = leaf_hashes(256);
        let roots: Vec<Hash> = (0..=256).map(|size| root_of(&leaves[..size])).collect();
        for new in 1..=256u64 {
            for old in 1..=new {
                let proof = consistency_proof(&leaves[..new as usize], old).unwrap();
                let (before, after) = (&roots[old as usize], &roots[new as usize]);
                assert!(is_consistent((old, before), (new, after), &proof), "{old} in {new}");
                assert!(!is_consistent((old, &[7; 32]), (new, after), &proof), "another {old} in {new}");
                assert!(!is_consistent((old, before), (new, &[7; 32]), &proof), "{old} in another {new}");
            }
            assert_eq!(consistency_proof(&leaves[..new as usize], 0), None);
            assert_eq!(consistency_proof(&leaves[..new as usize], new + 1), None);
        }
    }

    /// Changes a proof in one of the ways in which somebody could try to.
    fn mutate(proof: &mut Vec<Hash>, numbers: &mut [u64; 2], rng: &mut ChaCha20Rng) {
        match rng.random_range(0..7) {
            0 if !proof.is_empty() => {
                let at = rng.random_range(0..proof.len());
                proof[at][rng.random_range(0..32)] ^= 1 << rng.random_range(0..8);
            }
            1 if !proof.is_empty() => {
                proof.remove(rng.random_range(0..proof.len()));
            }
            2 => proof.insert(rng.random_range(0..=proof.len()), rng.random()),
            3 if proof.len() > 1 => {
                let at = rng.random_range(1..proof.len());
                proof.swap(at - 1, at);
            }
            4 if !proof.is_empty() => {
                let copy = proof[rng.random_range(0..proof.len())];
                proof.push(copy);
            }
            5 => numbers[0] = rng.random_range(0..300),
            _ => numbers[1] = rng.random_range(0..300),
        }
    }

    #[test]
    fn none_of_a_hundred_thousand_mutated_proofs_is_accepted() {
        let mut rng = ChaCha20Rng::seed_from_u64(9);
        let leaves = leaf_hashes(256);
        let roots: Vec<Hash> = (0..=256).map(|size| root_of(&leaves[..size])).collect();
        let mut tried = 0;
        while tried < 100_000 {
            let size = rng.random_range(1..=256u64);
            let index = rng.random_range(0..size);
            let some = &leaves[..size as usize];
            let mut proof = inclusion_proof(some, index).unwrap();
            let (good, mut numbers) = (proof.clone(), [index, size]);
            mutate(&mut proof, &mut numbers, &mut rng);
            // Another size is another claim, and may have the same proof; that the root is of another tree is not in it.
            if proof != good || numbers[0] != index {
                let claim = (numbers[0], numbers[1]);
                assert!(!is_included(&some[index as usize], claim, &proof, &roots[size as usize]), "{claim:?}");
                tried += 1;
            }
            let old = rng.random_range(1..=size);
            let mut proof = consistency_proof(some, old).unwrap();
            let (good, mut numbers) = (proof.clone(), [old, size]);
            mutate(&mut proof, &mut numbers, &mut rng);
            if proof != good {
                let (old_root, new_root) = (&roots[old as usize], &roots[size as usize]);
                let [old, new] = numbers;
                assert!(!is_consistent((old, old_root), (new, new_root), &proof), "{old} in {new}");
                tried += 1;
            }
        }
    }

    #[test]
    fn another_implementation_has_the_same_roots_and_proofs() {
        let bytes = leaf_bytes(130);
        let hashes = leaf_hashes(130);
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for (at, leaf) in bytes.iter().enumerate() {
            theirs.push(leaf.clone());
            let some = &hashes[..=at];
            assert_eq!(theirs.root().as_bytes()[..], root_of(some));
            for index in [0, at / 3, at / 2, at] {
                let ours = inclusion_proof(some, index as u64).unwrap().concat();
                assert_eq!(theirs.prove_inclusion(index).as_bytes(), ours, "{index} of {}", at + 1);
            }
            for old in 1..=at {
                let ours = consistency_proof(some, old as u64).unwrap().concat();
                let more = at + 1 - old;
                assert_eq!(theirs.prove_consistency(more).as_bytes(), ours, "{old} in {}", at + 1);
            }
        }
    }

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
