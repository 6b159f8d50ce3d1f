//! A small gradient boosting of trees of two levels (Friedman 2001), over features cut into bins.
//!
//! It is the classifier of an insider, made small: what it finds a larger one finds too, but not the other way round.

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// Bins of one feature, the lowest for missing values.
const BINS: usize = 32;
/// Trees of a forest, and the part of each that counts: a check is waited for.
const TREES: usize = 45;
const RATE: f64 = 0.15;
/// Parts of the rows, each scored by a forest grown on the others.
const FOLDS: usize = 5;

/// Share of the features that one tree looks at.
const LOOKS: f64 = 0.4;

/// Weight of prior rows that say nothing, for each leaf.
const SHRINK: f64 = 5.0;

/// A split: the feature, and the last bin that goes left.
#[derive(Debug, Clone, Copy)]
struct Split {
    feature: usize,
    bin: u8,
}

/// Two levels: a split, a split on each side, four leaves.
struct Tree {
    root: Split,
    sides: [Split; 2],
    leaves: [f64; 4],
}

/// Scores every row by a forest that was grown without it.
pub(super) fn out_of_fold(features: &[Vec<f32>], is_canary: &[bool], rng: &mut impl Rng) -> Vec<f64> {
    let binned: Vec<Vec<u8>> = features.iter().map(|feature| bins(feature)).collect();
    let mut folds: Vec<usize> = vec![0; is_canary.len()];
    for class in [false, true] {
        let mut rows: Vec<usize> = (0..is_canary.len()).filter(|row| is_canary[*row] == class).collect();
        rows.shuffle(rng);
        rows.into_iter().enumerate().for_each(|(nth, row)| folds[row] = nth % FOLDS);
    }
    let mut scores = vec![0.0; is_canary.len()];
    for fold in 0..FOLDS {
        let seen: Vec<usize> = (0..is_canary.len()).filter(|row| folds[*row] != fold).collect();
        let forest = grow(&binned, is_canary, &seen, rng);
        for row in (0..is_canary.len()).filter(|row| folds[*row] == fold) {
            scores[row] = forest.iter().map(|tree| tree.leaves[leaf(tree, &binned, row)]).sum();
        }
    }
    scores
}

/// Cuts a feature into bins of about as many rows; missing values have the lowest.
fn bins(feature: &[f32]) -> Vec<u8> {
    let mut sorted: Vec<f32> = feature.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f32::total_cmp);
    let mut edges: Vec<f32> =
        (1..BINS - 1).filter_map(|at| sorted.get(at * sorted.len() / (BINS - 1)).copied()).collect();
    edges.dedup();
    let bin = |value: &f32| if value.is_nan() { 0 } else { 1 + edges.partition_point(|edge| edge < value) as u8 };
    feature.iter().map(bin).collect()
}

fn grow(binned: &[Vec<u8>], is_canary: &[bool], seen: &[usize], rng: &mut impl Rng) -> Vec<Tree> {
    let mut sums = vec![0.0_f64; is_canary.len()];
    let mut forest = Vec::with_capacity(TREES);
    // Both kinds weigh the same, however few the canaries are.
    let canaries = seen.iter().filter(|row| is_canary[**row]).count().max(1) as f64;
    let weight = (seen.len() as f64 - canaries) / canaries;
    for _ in 0..TREES {
        let slopes: Vec<(f64, f64)> = (0..is_canary.len())
            .map(|row| {
                let p = 1.0 / (1.0 + (-sums[row]).exp());
                let (y, w) = if is_canary[row] { (1.0, weight) } else { (0.0, 1.0) };
                (w * (y - p), w * p * (1.0 - p))
            })
            .collect();
        let looked: Vec<usize> = (0..binned.len()).filter(|_| rng.random_bool(LOOKS)).collect();
        let Some(root) = best(binned, &looked, seen, &slopes) else { continue };
        let (left, right): (Vec<usize>, Vec<usize>) =
            seen.iter().partition(|row| binned[root.feature][**row] <= root.bin);
        let side = |rows: &[usize]| best(binned, &looked, rows, &slopes).unwrap_or(root);
        let mut tree = Tree { root, sides: [side(&left), side(&right)], leaves: [0.0; 4] };
        let mut totals = [(0.0, 0.0); 4];
        for row in seen {
            let total = &mut totals[leaf(&tree, binned, *row)];
            *total = (total.0 + slopes[*row].0, total.1 + slopes[*row].1);
        }
        tree.leaves = totals.map(|(slope, curve)| RATE * slope / (curve + SHRINK));
        seen.iter().for_each(|row| sums[*row] += tree.leaves[leaf(&tree, binned, *row)]);
        forest.push(tree);
    }
    forest
}

fn leaf(tree: &Tree, binned: &[Vec<u8>], row: usize) -> usize {
    let side = usize::from(binned[tree.root.feature][row] > tree.root.bin);
    let split = tree.sides[side];
    2 * side + usize::from(binned[split.feature][row] > split.bin)
}

/// Finds the split that gains most.
fn best(binned: &[Vec<u8>], looked: &[usize], rows: &[usize], slopes: &[(f64, f64)]) -> Option<Split> {
    let gain = |(slope, curve): (f64, f64)| slope * slope / (curve + SHRINK);
    let mut found: Option<(f64, Split)> = None;
    for feature in looked {
        let mut sums = [(0.0, 0.0); BINS + 1];
        for row in rows {
            let sum = &mut sums[usize::from(binned[*feature][*row])];
            *sum = (sum.0 + slopes[*row].0, sum.1 + slopes[*row].1);
        }
        let all = sums.iter().fold((0.0, 0.0), |all, sum| (all.0 + sum.0, all.1 + sum.1));
        let mut left = (0.0, 0.0);
        for (bin, sum) in sums.iter().enumerate().take(BINS) {
            left = (left.0 + sum.0, left.1 + sum.1);
            let gained = gain(left) + gain((all.0 - left.0, all.1 - left.1)) - gain(all);
            if gained > found.map_or(1e-9, |(most, _)| most) {
                found = Some((gained, Split { feature: *feature, bin: bin as u8 }));
            }
        }
    }
    found.map(|(_, split)| split)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    use super::super::auc;
    use super::*;

    #[test]
    fn it_finds_what_only_two_features_together_tell_and_nothing_in_noise() {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let is_canary: Vec<bool> = (0..2_000).map(|row| row % 10 == 0).collect();
        let noise: Vec<f32> = (0..2_000).map(|_| rng.random()).collect();
        let one: Vec<f32> = (0..2_000).map(|_| f32::from(rng.random_range(0..2_u8))).collect();
        let other: Vec<f32> =
            one.iter().zip(&is_canary).map(|(one, is)| if *is { *one } else { rng.random() }).collect();
        let blind = auc(&is_canary, &out_of_fold(std::slice::from_ref(&noise), &is_canary, &mut rng));
        assert!((0.42..0.58).contains(&blind), "{blind}");
        let told = auc(&is_canary, &out_of_fold(&[noise, one, other], &is_canary, &mut rng));
        assert!(told > 0.9, "{told}");
    }
}
