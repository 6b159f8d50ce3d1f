//! Which rows belong together where the list runs on: those of one hospital, or with one lead before their counters.
//!
//! Where hospitals take turns row by row, a new row may be of any that came lately, and goes on from the last row of it.

use std::collections::{HashMap, VecDeque};

use rand::{Rng, RngExt};

use super::order::{Order, Scope};
use super::texts::{Kept, Texts};
use super::value;
use crate::list::hash;
use crate::list::layout::Layout;
use crate::list::meaning::Meaning;
use crate::list::row::Row;

/// Rows among which the host of a new row is looked for.
const RECENT_ROWS: usize = 24;

/// How much more often than by chance neighbours are of one hospital where rows stand hospital by hospital.
const BLOCKS_MORE: f64 = 0.15;

/// What tells a row's kin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kin {
    /// The text of a cell: the hospital.
    Cell(usize),
    /// What a cell has before its counter: the depot's letters.
    Lead(usize),
}

impl Kin {
    /// Gives the kin that columns in order are in order within, else hospitals.
    pub(super) fn of(orders: &[Order], layout: &Layout) -> Option<Kin> {
        let within = orders.iter().find_map(|order| match order.scope {
            Scope::Within { group } => Some(Kin::in_order(group, order.column)),
            Scope::Whole => None,
        });
        within.or_else(|| layout.position(Meaning::Hospital).map(Kin::Cell))
    }

    /// Gives the kin of a column that is in order within the values of `group`, or within its own leads.
    pub(super) fn in_order(group: usize, column: usize) -> Kin {
        if group == column { Kin::Lead(column) } else { Kin::Cell(group) }
    }

    /// Gives the text that tells a row's kin.
    pub fn told_by(self, row: &Texts) -> &str {
        match self {
            Kin::Cell(at) => row.cell(at).trim(),
            Kin::Lead(at) => {
                let cell = row.cell(at).trim();
                cell.get(..value::counter_span(cell.as_bytes()).map_or(0, |(start, _)| start)).unwrap_or(cell)
            }
        }
    }

    /// Hashes a row's kin.
    #[inline]
    pub(super) fn key(self, row: &Row<'_>) -> u64 {
        match self {
            Kin::Cell(at) => hash::of(row.bytes(at).trim_ascii(), 0),
            Kin::Lead(at) => {
                let cell = row.bytes(at).trim_ascii();
                let lead = value::counter_span(cell).map_or(0, |(start, _)| start);
                hash::of(&cell[..lead], 0)
            }
        }
    }
}

/// The rows that came last, where kins take turns.
#[derive(Default)]
pub(super) struct Recent {
    rows: VecDeque<(u64, Kept)>,
    kin: Option<Kin>,
}

impl Recent {
    /// Follows a list of which the first rows are known; nothing is kept of one in blocks.
    pub(super) fn new(kin: Option<Kin>, first: &[Kept]) -> Recent {
        let takes_turns = |kin: &Kin| {
            let keys: Vec<u64> = first.iter().map(|kept| kin.key(&kept.row())).collect();
            let mut counts: HashMap<u64, f64> = HashMap::new();
            keys.iter().for_each(|key| *counts.entry(*key).or_default() += 1.0);
            let all = keys.len().max(1) as f64;
            let by_chance: f64 = counts.values().map(|count| (count / all).powi(2)).sum();
            let alike = keys.windows(2).filter(|pair| pair[0] == pair[1]).count() as f64 / (all - 1.0).max(1.0);
            counts.len() > 1 && alike < by_chance + BLOCKS_MORE
        };
        Recent { rows: VecDeque::new(), kin: kin.filter(takes_turns) }
    }

    /// Forgets the rows, because some were left out.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
    }

    /// Notes a row.
    pub(super) fn see(&mut self, row: &Row<'_>) {
        let Some(kin) = self.kin else { return };
        let key = kin.key(row);
        if self.rows.len() < RECENT_ROWS {
            self.rows.push_back((key, Kept::of(row)));
        } else if let Some((_, mut kept)) = self.rows.pop_front() {
            kept.set(row);
            self.rows.push_back((key, kept));
        }
    }

    /// Draws the kin of a new row behind the last row seen, with the last row of that kin; nothing in a list in blocks.
    pub(super) fn host(&self, rng: &mut impl Rng) -> Option<(u64, &Kept)> {
        let any = self.rows.len().checked_sub(1).map(|last| rng.random_range(0..=last))?;
        let (key, _) = self.rows[any];
        self.rows.iter().rev().find(|(other, _)| *other == key).map(|(key, kept)| (*key, kept))
    }
}
