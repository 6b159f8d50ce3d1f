//! What neighbours tell of a key: far more order, or far more like beside like, than shuffled rows would have.

use std::collections::HashMap;

use super::collation::Collation;
use super::{Neighbours, SortKeys, Sorting};
use crate::list::digits;
use crate::list::moment::Reading;
use crate::list::profile::order::Direction;

/// Natural logarithm of how much likelier a sorting is than shuffled rows before it is believed.
const EVIDENCE_MIN: f64 = 9.0;

/// Share of changing pairs that may go against an order of many.
const AGAINST_SHARE: f64 = 0.02;

/// Changing pairs from which some may go against the order.
const CHANGES_MANY: usize = 100;

/// Changing pairs after which a hopeless order is given up.
const CHANGES_TRIED: usize = 40;

/// Share of equal steps that makes numbers a count, which nobody sorted.
const COUNT_SHARE: f64 = 0.8;

/// Steps that tell of a count.
const STEPS_MIN: usize = 3;

/// Least of the long numbers.
const LONG_FROM: i64 = 1_000_000;

/// Different values for each row, at most, where like stands beside like: twins alone are no sorting.
const RUNS_SHARE: f64 = 0.4;

/// Share of rows that may stand apart from their like.
const ASTRAY_SHARE: f64 = 0.01;

/// Neighbours, and which of them are alike in all keys so far.
pub(super) struct Rows<'r> {
    pub(super) pairs: &'r [Neighbours<'r>],
    pub(super) ties: Vec<usize>,
    /// What the lower row of each pair says in the keys so far.
    contexts: Vec<SortKeys>,
}

impl<'r> Rows<'r> {
    pub(super) fn new(sorting: &Sorting, pairs: &'r [Neighbours<'r>]) -> Rows<'r> {
        let contexts: Vec<SortKeys> = pairs.iter().map(|(_, at, _)| sorting.keys_of(at)).collect();
        let is_tie = |at: &usize| sorting.keys_of(pairs[*at].0) == contexts[*at];
        Rows { pairs, ties: (0..pairs.len()).filter(is_tie).collect(), contexts }
    }

    fn cells(&self, tie: usize, column: usize) -> (&'r str, &'r str) {
        let (above, at, _) = self.pairs[tie];
        (above.cell(column).trim(), at.cell(column).trim())
    }

    /// Counts the pairs in which a column changes.
    pub(super) fn changes(&self, column: usize) -> usize {
        self.ties.iter().map(|tie| self.cells(*tie, column)).filter(|(above, at)| above != at).count()
    }
}

/// Finds the ways in which a column is in order, all of those that no row speaks against, and the direction.
pub(super) fn in_order(rows: &Rows<'_>, column: usize, reading: Reading) -> Option<(Vec<Collation>, Direction)> {
    if is_count(rows, column) {
        return None;
    }
    let mut best: Option<(usize, Vec<Collation>, Direction)> = None;
    for way in Collation::all(reading) {
        let Some((against, direction)) = goes(rows, column, way) else { continue };
        match &mut best {
            Some((fewest, ways, goes)) if *fewest == against && *goes == direction => ways.push(way),
            Some((fewest, ..)) if *fewest <= against => {}
            Some(_) | None => best = Some((against, vec![way], direction)),
        }
    }
    best.map(|(_, ways, direction)| (ways, direction))
}

/// Tells which way a column goes in one way of sorting, and how many pairs go against it.
fn goes(rows: &Rows<'_>, column: usize, way: Collation) -> Option<(usize, Direction)> {
    let (mut rising, mut falling, mut unread) = (0_usize, 0_usize, 0_usize);
    let (mut run, mut evidence, mut last) = (0_usize, 0.0, None);
    for tie in &rows.ties {
        let (above, at) = rows.cells(*tie, column);
        let row = rows.pairs[*tie].2;
        if last != Some(row - 1) {
            evidence += ln_factorial(run + 1);
            run = 0;
        }
        last = Some(row);
        if above == at || above.is_empty() || at.is_empty() {
            continue;
        }
        match (way.key(above), way.key(at)) {
            (Some(above), Some(at)) if above < at => rising += 1,
            (Some(above), Some(at)) if above > at => falling += 1,
            (Some(_), Some(_)) => continue,
            (None, _) | (_, None) => unread += 1,
        }
        run += 1;
        let changes = rising + falling + unread;
        if changes >= CHANGES_TRIED && rising.min(falling) + unread > changes / 10 {
            return None;
        }
    }
    evidence += ln_factorial(run + 1);
    let (against, direction) =
        if rising >= falling { (falling + unread, Direction::Rising) } else { (rising + unread, Direction::Falling) };
    let changes = rising + falling + unread;
    let few = changes >= CHANGES_MANY && against as f64 <= AGAINST_SHARE * changes as f64;
    (evidence >= EVIDENCE_MIN && (against == 0 || few)).then_some((against, direction))
}

/// Tells whether numbers, alone or within a text, go on by one and the same step: made up one after the other, not sorted.
///
/// Short ones only where none comes twice: ages go on by one too.
fn is_count(rows: &Rows<'_>, column: usize) -> bool {
    let number = |cell| match digits::groups(cell).as_slice() {
        [one] => i64::try_from(one.value).ok(),
        [] | [_, ..] => None,
    };
    let mut steps: HashMap<i64, usize> = HashMap::new();
    let mut is_long = true;
    for tie in &rows.ties {
        let (above, at) = rows.cells(*tie, column);
        if let (Some(above), Some(at)) = (number(above), number(at))
            && above != at
        {
            *steps.entry(at - above).or_default() += 1;
            is_long &= above >= LONG_FROM;
        }
    }
    let all: usize = steps.values().sum();
    let most = steps.values().max().copied().unwrap_or(0);
    let is_steady = all >= STEPS_MIN && most as f64 >= COUNT_SHARE * all as f64;
    is_steady && (is_long || all == rows.ties.len())
}

/// Tells whether like stands beside like in a column.
pub(super) fn beside(rows: &Rows<'_>, column: usize) -> bool {
    let (mut evidence, mut all, mut kinds, mut astray) = (0.0, 0, 0, 0);
    for part in parts(rows) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let mut runs = 0;
        let mut before = None;
        for at in part {
            let cell = rows.pairs[at].1.cell(column).trim();
            *counts.entry(cell).or_default() += 1;
            runs += usize::from(before != Some(cell));
            before = Some(cell);
        }
        let rows: usize = counts.values().sum();
        evidence += ln_factorial(rows) - ln_factorial(counts.len());
        evidence -= counts.values().map(|count| ln_factorial(*count)).sum::<f64>();
        all += rows;
        kinds += counts.len();
        astray += runs - counts.len();
    }
    evidence >= EVIDENCE_MIN && kinds as f64 <= RUNS_SHARE * all as f64 && astray as f64 <= ASTRAY_SHARE * all as f64
}

/// Parts the rows where the keys so far change.
fn parts<'a>(rows: &'a Rows<'_>) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = rows.contexts.get(start)?;
        let end = rows.contexts[start..].iter().position(|context| context != first);
        let end = end.map_or(rows.contexts.len(), |length| start + length);
        let part = start..end;
        start = end;
        Some(part)
    })
}

/// Gives the natural logarithm of a factorial (Stirling's series from 20 on).
fn ln_factorial(number: usize) -> f64 {
    if number < 20 {
        return (2..=number).map(|n| (n as f64).ln()).sum();
    }
    let n = number as f64;
    n * n.ln() - n + 0.5 * (2.0 * std::f64::consts::PI * n).ln() + 1.0 / (12.0 * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stirlings_series_goes_on_where_the_sum_ends() {
        let sum = |number: u32| (2..=number).map(|n| f64::from(n).ln()).sum::<f64>();
        for number in [19_u32, 20, 21, 200] {
            assert!((ln_factorial(number as usize) - sum(number)).abs() < 1e-6, "{number}");
        }
    }
}
