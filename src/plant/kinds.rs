//! Numbers for lists whose phone columns hold numbers of different kinds: mobiles in one, landlines in another.
//!
//! A number for a further column is chosen among those that can be written there; what the row's own column holds says nothing of it.

use std::collections::{BTreeMap, HashSet};

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::error::PlantError;
use super::model::Model;
use super::nation::Writable;
use super::numbers::{self, Chosen, RowNumbers};
use crate::phone::Number;

/// How many times as many numbers are chosen as are due: some are too near those of another column.
const SPARE: usize = 2;

/// The numbers offered by the columns of further phones that they can stand in.
pub struct Kinds<'n> {
    by_column: BTreeMap<usize, Vec<&'n Number>>,
}

impl<'n> Kinds<'n> {
    /// Sorts numbers by columns; nothing where every column takes what the row's own does.
    pub fn of(model: &Model<'_>, offered: &'n [Number]) -> Option<Kinds<'n>> {
        let own = Writable::of(model, model.phones.own);
        let mut differ = false;
        let mut by_column = BTreeMap::new();
        for at in &model.phones.further {
            let writable = Writable::of(model, *at);
            differ |= offered.iter().any(|number| writable.is(number) != own.is(number));
            by_column.insert(*at, offered.iter().filter(|number| writable.is(number)).collect());
        }
        if !differ {
            return None;
        }
        by_column.insert(model.phones.own, offered.iter().filter(|number| own.is(number)).collect());
        Some(Kinds { by_column })
    }

    /// Gives each row its first number and as many others as it needs, fewer where a kind runs out.
    pub fn rows(
        &self,
        model: &Model<'_>,
        (firsts, mut needs): (Chosen, Vec<usize>),
        rng: &mut impl Rng,
    ) -> Result<Vec<RowNumbers>, PlantError> {
        let firsts: Vec<Number> = firsts.single().collect();
        needs.shuffle(rng);
        let patterns: Vec<Vec<usize>> = needs.iter().map(|need| pattern(model, *need, rng)).collect();
        let mut taken: HashSet<Number> = firsts.iter().cloned().collect();
        let mut left: BTreeMap<usize, Vec<Number>> = BTreeMap::new();
        for (at, offered) in &self.by_column {
            let due = patterns.iter().flatten().filter(|column| *column == at).count();
            let free = offered.iter().filter(|number| !taken.contains(number));
            let free: Vec<Number> = free.map(|number| (*number).clone()).collect();
            let chosen = numbers::choose(&free, (0, due * SPARE), Some(model.profile), rng)?.single();
            let is_apart = |number: &Number| taken.iter().all(|taken| numbers::are_apart(taken, number));
            let chosen: Vec<Number> = chosen.filter(is_apart).take(due).collect();
            taken.extend(chosen.iter().cloned());
            left.insert(*at, chosen);
        }
        let others = |pattern: &Vec<usize>| pattern.iter().filter_map(|at| left.get_mut(at)?.pop()).collect();
        let others: Vec<Vec<Number>> = patterns.iter().map(others).collect();
        Ok(firsts.into_iter().zip(others).map(|(first, others)| RowNumbers { first, others }).collect())
    }
}

/// Says which columns of a row with so many other numbers hold them, as in some row of the list.
fn pattern(model: &Model<'_>, need: usize, rng: &mut impl Rng) -> Vec<usize> {
    let alike: Vec<Vec<usize>> =
        model.donor_rows().map(|row| model.phones.others_at(row)).filter(|columns| columns.len() == need).collect();
    alike.choose(rng).cloned().unwrap_or_default()
}
