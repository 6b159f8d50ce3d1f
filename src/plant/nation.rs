//! The country whose numbers a list writes without a code, and which of the pool's numbers the list can hold.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::Model;
use super::spelling::{self, Digits};
use crate::list::Meaning;
use crate::list::digits;
use crate::list::heading;
use crate::persona::Culture;
use crate::phone::{Number, Region};

/// Cells of phones that are asked.
const ASKED: usize = 200;

/// Share of numbers that must be valid ones, from which a column of unknown heading holds phones.
const RINGS_MIN: f64 = 0.8;

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

/// Finds the columns of no known meaning that hold phones: by their headings, or because nearly every number there rings somebody.
///
/// Digits alone are a phone only as a mobile of China; others must be written as a phone is (`0755-…`, `+44 …`, `(415) …`).
pub fn phone_columns(model: &Model<'_>) -> BTreeSet<usize> {
    let columns = model.profile.layout.columns.iter().enumerate();
    let rings = |at: usize| {
        let cells = model.rows_to_follow().map(|row| row.cell(at).trim()).filter(|cell| !cell.is_empty());
        let (mut all, mut rings) = (0_usize, 0_usize);
        for cell in cells.take(ASKED) {
            all += 1;
            rings += usize::from(rings_somebody(cell, model.home));
        }
        rings as f64 >= RINGS_MIN * all as f64
    };
    let is_one =
        |at: usize, name: &str| model.profile.habits[at].phones >= 0.5 && (heading::says_phone(name) || rings(at));
    columns
        .filter(|(at, column)| column.meaning == Meaning::Other && is_one(*at, &column.name))
        .map(|(at, _)| at)
        .collect()
}

fn rings_somebody(cell: &str, home: Region) -> bool {
    let is_written_so = cell.starts_with(['0', '+', '(', '（']) || cell.contains('-');
    let is_mobile = digits::groups(cell).iter().any(|group| digits::is_mobile(group.value));
    (is_mobile || is_written_so) && Number::parse(cell, home).is_ok()
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
