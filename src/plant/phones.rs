//! The cells of a row that hold its numbers, spelled as a donor's.
//!
//! A column of further phones may repeat the row's own number or hold somebody else's: the canary does as its donor does,
//! and somebody else's number is another one of the pool.

use std::collections::BTreeMap;

use rand::Rng;

use super::PlantError;
use super::model::Model;
use super::nation::Writable;
use super::numbers::RowNumbers;
use super::spelling::{self, Digits};
use crate::list::digits;
use crate::list::profile::Texts;
use crate::list::{Layout, Meaning};
use crate::phone::Number;

/// What is written into the columns of phones.
pub struct Phones {
    pub first: String,
    /// What the columns of further phones hold; a column that is not in here stays empty.
    pub further: BTreeMap<usize, String>,
    /// Whether the row that the first is spelled after has it as a text, or in quotes; nothing if it follows no one row.
    pub quoted: Option<bool>,
}

/// The columns of a list that hold phones.
pub struct PhoneColumns {
    pub own: usize,
    /// Those of further phones that numbers of the pool can be written into.
    pub further: Vec<usize>,
}

/// What a cell of a column of further phones holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    /// The row's own number again.
    Own,
    /// The number in another such column of the row.
    Again(usize),
    Other,
}

impl PhoneColumns {
    /// Finds the columns of a layout.
    pub fn of(layout: &Layout) -> PhoneColumns {
        PhoneColumns { own: layout.position(Meaning::Phone).unwrap_or(0), further: layout.positions(Meaning::Phone2) }
    }

    /// Leaves out columns whose cells no number offered can be written like.
    pub fn keep_writable(&mut self, model: &Model<'_>, numbers: &[Number]) {
        self.further.retain(|at| {
            let writable = Writable::of(model, *at);
            model.profile.donors().all(|row| row.cell(*at).trim().is_empty())
                || numbers.iter().any(|number| writable.is(number))
        });
    }

    /// Counts the numbers of a row that are not its own.
    pub fn others_in(&self, row: &Texts) -> usize {
        self.others_at(row).len()
    }

    /// Lists the columns of the numbers of a row that are not its own, in the order in which they are written.
    pub fn others_at(&self, row: &Texts) -> Vec<usize> {
        let own = Some(self.own).filter(|own| spelling::count(row.cell(*own)) > 1);
        let further = self.further.iter().filter(|at| self.held(row, **at) == Held::Other);
        own.into_iter().chain(further.copied()).collect()
    }

    fn held(&self, row: &Texts, at: usize) -> Held {
        let Some(number) = number_in(row.cell(at)) else { return Held::Nothing };
        if number_in(row.cell(self.own)) == Some(number) {
            return Held::Own;
        }
        let before = self.further.iter().take_while(|column| **column != at);
        let again = before.copied().find(|column| number_in(row.cell(*column)) == Some(number));
        again.map_or(Held::Other, Held::Again)
    }
}

/// Reads the first number of a cell, without the code of China.
fn number_in(cell: &str) -> Option<u64> {
    let group = digits::groups(cell).into_iter().next()?;
    digits::national_forms(group).next()
}

/// Spells the numbers of a row as the donor spells its own; none where this list spells no number that way.
pub fn written<'p>(
    model: &Model<'p>,
    host: &'p Texts,
    donor: &'p Texts,
    numbers: &RowNumbers,
    rng: &mut impl Rng,
) -> Option<Phones> {
    let own = Digits::of(&numbers.first, model.home);
    let others: Vec<Digits<'_>> = numbers.others.iter().map(|number| Digits::of(number, model.home)).collect();
    let mut left: Vec<&Digits<'_>> = others.iter().collect();
    let cell = donor.cell(model.phones.own);
    let mut quoted = Some(donor.quoted(model.phones.own));
    let first = match others.first().and_then(|second| spelling::like_both(&own, second, cell)) {
        Some(both) => {
            left.remove(0);
            both
        }
        None => match spelling::like(&own, cell) {
            Some(first) => first,
            None => {
                quoted = None;
                model.spelled(&own, host, rng)?
            }
        },
    };
    let mut said: BTreeMap<usize, (&Digits<'_>, String)> = BTreeMap::new();
    let mut empty = Vec::new();
    for at in &model.phones.further {
        let spelled = |number: &Digits<'_>| spelled(model, number, donor, *at);
        let number = match model.phones.held(donor, *at) {
            Held::Nothing => None,
            Held::Own => Some(&own),
            Held::Again(column) => said.get(&column).map(|(number, _)| *number),
            Held::Other => {
                // Each column takes a number of its own kind: a mobile stands in no column of landlines.
                let fitting = left.iter().position(|number| spelled(number).is_some());
                fitting.map(|nth| left.remove(nth))
            }
        };
        match number {
            Some(number) => {
                said.insert(*at, (number, spelled(number)?));
            }
            None => empty.push(*at),
        }
    }
    // A donor with fewer numbers than the new row is to have.
    for number in left {
        let fitting = empty.iter().position(|at| spelled(model, number, donor, *at).is_some());
        let at = empty.remove(fitting?);
        said.insert(at, (number, spelled(model, number, donor, at)?));
    }
    Some(Phones { first, quoted, further: said.into_iter().map(|(at, (_, text))| (at, text)).collect() })
}

/// Spells a number as the donor's in a column of further phones, or as anybody's there.
fn spelled(model: &Model<'_>, number: &Digits<'_>, donor: &Texts, at: usize) -> Option<String> {
    let like_any = || model.profile.donors().find_map(|row| spelling::like(number, row.cell(at)));
    spelling::like(number, donor.cell(at)).or_else(like_any)
}

/// Says how many further numbers each of `count` rows is to have, as usual in the list but `spare` at most in all.
pub fn needs(model: &Model<'_>, count: usize, spare: usize) -> Result<Vec<usize>, PlantError> {
    let shares = model.others_shares();
    let total: usize = shares.values().sum();
    let fewest = shares.keys().next().copied().unwrap_or(0);
    let mut needs = Vec::with_capacity(count);
    for (others, rows) in shares.iter().rev() {
        let due = (count * rows + total / 2) / total.max(1);
        needs.extend(std::iter::repeat_n(*others, due.min(count - needs.len())));
    }
    needs.resize(count, fewest);
    cut(model, needs, spare)
}

/// Takes further numbers away from rows until `spare` are enough, so that each has as many as some row of the list.
pub fn cut(model: &Model<'_>, mut needs: Vec<usize>, spare: usize) -> Result<Vec<usize>, PlantError> {
    let shares = model.others_shares();
    while needs.iter().sum::<usize>() > spare {
        let most = needs.iter_mut().max();
        let fewer = most.as_deref().and_then(|most| shares.range(..*most).next_back());
        match (most, fewer) {
            (Some(most), Some((fewer, _))) => *most = *fewer,
            // Of two numbers in one cell one can always be left out.
            (Some(most), None) if *most > 0 => match model.always_second() {
                Some(refusal) => return Err(refusal),
                None => *most = 0,
            },
            (Some(_), None) | (None, _) => break,
        }
    }
    Ok(needs)
}
