//! The country whose numbers a list writes without a code, and which of the pool's numbers the list can hold.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use super::model::Model;
use super::spelling::{self, Digits};
use crate::list::digits;
use crate::persona::Culture;
use crate::phone::{Number, Region};

/// Cells of phones that are asked.
const ASKED: usize = 200;

/// Finds the region that most of a list's numbers without a code are valid in: China's or that of a number offered.
///
/// Where several regions would do, people with Chinese names are of China and others are not. A list that writes every
/// number with its code has no such region; then it is China too.
pub fn home(model: &Model<'_>, numbers: &[Number]) -> Region {
    let mut abroad: BTreeMap<u16, &Number> = BTreeMap::new();
    for number in numbers.iter().filter(|number| !number.is_chinese_mobile()) {
        abroad.entry(number.country_code()).or_insert(number);
    }
    let mut best = (0, Region::default());
    if abroad.is_empty() {
        return best.1;
    }
    let cells = || model.phone_cells().take(ASKED);
    let china = std::iter::once(Region::default());
    let abroad = abroad.values().filter_map(|number| number.region());
    let regions: Vec<Region> = match model.culture {
        Culture::Chinese => china.chain(abroad).collect(),
        Culture::English => abroad.chain(china).collect(),
    };
    for region in regions {
        let valid = cells().filter(|cell| first(cell).is_some_and(|text| Number::parse(text, region).is_ok())).count();
        if valid > best.0 {
            best = (valid, region);
        }
    }
    best.1
}

/// Gives the first number of a cell as it is written, if no code is sure to stand in front of it.
fn first(cell: &str) -> Option<&str> {
    let group = digits::groups(cell).into_iter().next()?;
    let text = &cell[group.start..group.end];
    (!cell[..group.start].ends_with(['+', '＋']) && !text.starts_with("00")).then_some(text)
}

/// Tells numbers that some cell of a column can be followed in from those of a country or kind that stands nowhere there.
pub struct Writable<'m, 'p> {
    model: &'m Model<'p>,
    column: usize,
    /// By country code, length, and whether it is a Chinese mobile: what is so of one is so of all.
    known: RefCell<HashMap<(u16, usize, bool), bool>>,
}

impl<'m, 'p> Writable<'m, 'p> {
    /// Begins with a column.
    pub fn of(model: &'m Model<'p>, column: usize) -> Writable<'m, 'p> {
        Writable { model, column, known: RefCell::default() }
    }

    /// Tells whether a number can be written as some cell is.
    pub fn is(&self, number: &Number) -> bool {
        let kind = (number.country_code(), number.as_str().len(), number.is_chinese_mobile());
        let known = self.known.borrow().get(&kind).copied();
        known.unwrap_or_else(|| {
            let found = self.is_anywhere(number);
            self.known.borrow_mut().insert(kind, found);
            found
        })
    }

    fn is_anywhere(&self, number: &Number) -> bool {
        let digits = Digits::of(number, self.model.home);
        self.model.rows_to_follow().any(|row| {
            let cell = row.cell(self.column);
            spelling::like(&digits, cell).or_else(|| spelling::like_first(&digits, cell)).is_some()
        })
    }
}
