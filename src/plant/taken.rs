//! What the sites chosen so far have taken: numbers, homes, and gaps of numbers with who stands where in them.

use std::collections::{HashMap, HashSet};

use super::model::Model;
use super::site::{Site, Why, around};

/// What no two new rows may share.
#[derive(Default)]
pub struct Taken {
    numbers: HashSet<(usize, i64)>,
    homes: HashSet<Vec<(usize, String)>>,
    gaps: HashMap<Gap, Vec<(u64, i64)>>,
}

impl Taken {
    /// Takes what is a site's own, or says what somebody else has taken.
    pub fn take(&mut self, model: &Model<'_>, site: &Site<'_>) -> Result<(), Why> {
        let repeated = own_numbers(model, site).find(|number| self.numbers.contains(number));
        let in_gaps = numbers_in_gaps(model, site);
        // Rows of one hospital can share a gap of its numbers though others stand between them.
        let is_crossed = |(gap, (row, number)): &&(Gap, (u64, i64))| {
            let beside = self.gaps.get(gap).into_iter().flatten();
            beside.into_iter().any(|(other_row, other)| (row < other_row) != (number < other))
        };
        let crossed = in_gaps.iter().find(is_crossed).map(|((column, ..), _)| *column);
        if let Some(column) = repeated.map(|(column, _)| column).or(crossed) {
            return Err(Why::NoGap(column));
        }
        if !site.home.is_empty() && !self.homes.insert(site.home.clone()) {
            return Err(Why::NoHome);
        }
        self.numbers.extend(own_numbers(model, site));
        in_gaps.into_iter().for_each(|(gap, own)| self.gaps.entry(gap).or_default().push(own));
        Ok(())
    }
}

/// Lists the numbers by which a site's row differs from all others, with their columns.
fn own_numbers(model: &Model<'_>, site: &Site<'_>) -> impl Iterator<Item = (usize, i64)> {
    let strict =
        model.profile.orders.iter().filter(|order| order.strict && model.profile.seen.keeps_apart(order.column));
    strict.filter_map(|order| site.values.get(&order.column).map(|number| (order.column, *number)))
}

/// A gap of numbers: the column, and the numbers around it.
type Gap = (usize, Option<i64>, Option<i64>);

/// Lists the gaps that a site's numbers are taken from, each with the site's data row and its number there.
fn numbers_in_gaps(model: &Model<'_>, site: &Site<'_>) -> Vec<(Gap, (u64, i64))> {
    let strict = model.profile.orders.iter().filter(|order| order.strict);
    let numbered = strict.filter_map(|order| {
        let (low, high) = around(model, order, site.place);
        Some(((order.column, low, high), (site.place.data_row, *site.values.get(&order.column)?)))
    });
    numbered.collect()
}
