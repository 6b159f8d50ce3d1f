//! Columns that tell rows apart: record numbers, and others in which no two rows are alike.

use std::collections::HashSet;

use super::texts::Kept;
use crate::list::hash;
use crate::list::layout::Layout;
use crate::list::meaning::Meaning;

/// Share of different values that makes a column unique.
const UNIQUE_SHARE: f64 = 0.9;

/// Finds columns in which no two of the first rows are alike.
///
/// Columns in order are among them: one row out of order, and a number between two neighbours stands elsewhere.
pub(super) fn unique_columns(layout: &Layout, rows: &[Kept]) -> Vec<usize> {
    let by_meaning = |meaning: Meaning| {
        matches!(
            meaning,
            Meaning::RecordId | Meaning::WaybillNumber | Meaning::PlateNumber | Meaning::IdNumber | Meaning::Other
        )
    };
    let is_unique = |at: usize| {
        let mut values = HashSet::new();
        let mut filled = 0;
        for kept in rows {
            let cell = kept.row().bytes(at).trim_ascii();
            if !cell.is_empty() {
                filled += 1;
                values.insert(hash::of(cell, 0));
            }
        }
        filled > 0 && values.len() as f64 >= UNIQUE_SHARE * f64::from(filled)
    };
    let columns = 0..layout.columns.len();
    columns.filter(|at| by_meaning(layout.columns[*at].meaning) && is_unique(*at)).collect()
}
