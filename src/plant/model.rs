//! The list as the planter sees it: donors by hospital, names in use, where the list is from.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use rand::Rng;
use rand::seq::IndexedRandom;

use super::crowd::{Crowd, titled};
use super::days::DayCounts;
use super::draw::Drawn;
use super::error::PlantError;
use super::flat::{self, Flats};
use super::likeness::Likeness;
use super::making::Making;
use super::nation::{self, Writable};
use super::phones::PhoneColumns;
use super::regions::Regions;
use super::spelling::{self, Digits};
use super::subject::is_of_births;
use super::ties::Ties;
use super::{clinic, clock, draw, stay};
use crate::list::Meaning;
use crate::list::heading;
use crate::list::moment::{self, Moment, MomentFormat};
use crate::list::profile::{Profile, Texts};
use crate::persona::{COMPOUND_SURNAMES, Culture, Place};
use crate::phone::{Number, Region, numbers_in};

/// Words of rows that are one of two or more births.
const TWINS: [&str; 7] = ["双胎", "双胞", "多胎", "三胎", "龙凤", "twin", "triplet"];

/// Bytes of a cell, at most, that such a word tells of: a longer one is a remark about anything.
const TWINS_BYTES_MAX: usize = 24;

/// Steps back among neighbours up to which births are nearly in order.
const STEPS_BACK_MAX: f64 = 0.2;

/// Rows of one hospital from which one can be chosen.
const DONORS_MIN: usize = 6;

/// Rows that are looked at for the one that is most alike.
const LOOKS: usize = 24;

/// Donors that are drawn for one whose identity number can be followed.
const FOLLOWED_TRIES: usize = 150;

/// Phones that tell whether a number can be written like them at all.
const SPELT_ASKED: usize = 200;

/// Rows that tell the list's city and district.
const PLACE_ROWS: usize = 400;

/// Rows that tell the language of names.
const CULTURE_ROWS: usize = 2_000;

/// What rows are made from.
pub struct Model<'p> {
    pub profile: &'p Profile,
    pub culture: Culture,
    pub place: Place,
    pub crowd: Crowd<'p>,
    pub phone: usize,
    pub phones: PhoneColumns,
    /// The region of numbers without a code; China until a pool tells of others.
    pub home: Region,
    pub name: Option<usize>,
    pub birth: Option<usize>,
    /// The column of times that go on where birth dates are alike.
    pub clock: Option<usize>,
    /// Days of the columns of dates in no order.
    pub days: BTreeMap<usize, DayCounts>,
    /// Days in hospital, repeats kept.
    pub stays: Vec<i64>,
    /// Share of neighbours that step back in their days of birth.
    pub steps_back: Option<f64>,
    /// By how much neighbours' days of birth are apart, of what any two are.
    pub apart: Option<f64>,
    /// How homes are told in parts, if they are.
    pub flats: Option<Flats>,
    /// Fewest and most weeks of gestation.
    pub weeks: Option<(u32, u32)>,
    pub regions: Option<Regions>,
    pub ties: Ties,
    pub making: Making,
    donors: Vec<&'p Texts>,
    /// By hospital or depot and by how many numbers of others they have; all of them under no hospital.
    by_group: HashMap<(&'p str, usize), Vec<&'p Texts>>,
}

impl<'p> Model<'p> {
    /// Prepares a profile.
    pub fn of(profile: &'p Profile) -> Model<'p> {
        let name = profile.position(Meaning::MotherName).or(profile.position(Meaning::Name));
        let all: Vec<&Texts> =
            if profile.crowd.is_empty() { profile.donors().collect() } else { profile.crowd.iter().collect() };
        let donors = donors(profile, &all, name);
        let phones = PhoneColumns::of(&profile.layout);
        let texts = [Meaning::Address, Meaning::Hospital, Meaning::District];
        let texts: Vec<usize> = texts.into_iter().filter_map(|meaning| profile.position(meaning)).collect();
        let place = Place::find(all.iter().take(PLACE_ROWS).flat_map(|row| texts.iter().map(|at| row.cell(*at))));
        let culture = culture(profile, &all, name);
        let mut model = Model {
            culture,
            place,
            crowd: Crowd::of(profile, culture),
            regions: Regions::of(profile),
            ties: Ties::of(profile, &donors),
            making: Making::of(profile),
            phone: phones.own,
            phones,
            home: Region::default(),
            name,
            birth: profile.position(Meaning::BirthDate),
            donors,
            by_group: HashMap::new(),
            profile,
            clock: None,
            days: BTreeMap::new(),
            stays: Vec::new(),
            steps_back: None,
            apart: None,
            flats: flat::learn(profile),
            weeks: clinic::weeks_between(profile),
        };
        model.making.phones = nation::phone_columns(&model);
        model.by_group = model.grouped();
        model.clock = clock::column(&model);
        model.days = model.counted_days();
        model.stays = stay::all(&model);
        model.steps_back = draw::steps_back(&model);
        model.apart = draw::apart(&model);
        model
    }

    /// Prepares a profile for numbers of a pool.
    pub fn for_numbers(profile: &'p Profile, numbers: &[Number]) -> Model<'p> {
        let mut model = Model::of(profile);
        model.home = nation::home(&model, numbers);
        model.making.phones = nation::phone_columns(&model);
        let mut phones = PhoneColumns::of(&profile.layout);
        phones.keep_writable(&model, numbers);
        model.phones = phones;
        model.by_group = model.grouped();
        model
    }

    fn counted_days(&self) -> BTreeMap<usize, DayCounts> {
        let columns = 0..self.profile.layout.columns.len();
        let in_no_order = |at: &usize| self.profile.habits[*at].moment.is_some() && self.profile.order(*at).is_none();
        let days = |at: usize| {
            let rows = self.profile.crowd.iter();
            DayCounts::of(rows.filter_map(move |row| self.moment(row, at)?.0.day()))
        };
        columns.filter(in_no_order).map(|at| (at, days(at))).collect()
    }

    /// Gives a day of a column for a row that follows another's.
    pub fn day_near(&self, column: usize, own: NaiveDate, rng: &mut impl Rng) -> NaiveDate {
        self.days.get(&column).map_or(own, |days| days.near(own, rng))
    }

    fn grouped(&self) -> HashMap<(&'p str, usize), Vec<&'p Texts>> {
        let mut by_group: HashMap<(&str, usize), Vec<&Texts>> = HashMap::new();
        for donor in &self.donors {
            let others = self.phones.others_in(donor);
            let kin = self.profile.kin.map_or("", |kin| kin.told_by(donor));
            by_group.entry(("", others)).or_default().push(donor);
            if !kin.is_empty() {
                by_group.entry((kin, others)).or_default().push(donor);
            }
        }
        by_group
    }

    /// Draws a row to follow: of the same hospital, with as many numbers, best born on the same day of the week and
    /// with a number of the same kind.
    pub fn donor(&self, wanted: &Likeness<'_>, rng: &mut impl Rng) -> &'p Texts {
        self.most_alike(wanted, |_, _| true, rng)
    }

    /// Draws rows that fit, and gives the one that is most alike; any where none of many does.
    fn most_alike<R: Rng>(
        &self,
        wanted: &Likeness<'_>,
        fits: impl Fn(&Texts, &mut R) -> bool,
        rng: &mut R,
    ) -> &'p Texts {
        let key = (self.profile.kin.map_or("", |kin| kin.told_by(wanted.host)), wanted.others);
        let far = ("", wanted.others);
        let same = self.by_group.get(&key).filter(|same| same.len() >= DONORS_MIN).or_else(|| self.by_group.get(&far));
        let same = same.unwrap_or(&self.donors);
        let (mut best, mut tries) = ((-1, &self.donors[0]), 0);
        for _ in 0..LOOKS {
            let Some(mut row) = same.choose(rng) else { break };
            while tries < FOLLOWED_TRIES && !fits(row, rng) {
                tries += 1;
                row = same.choose(rng).unwrap_or(row);
            }
            let score = wanted.score(self, row);
            if score > best.0 {
                best = (score, row);
            }
        }
        best.1
    }

    /// Draws a row to follow whose identity number can be followed too: as often as the list has regions for one like it.
    ///
    /// The first one drawn says whether the new row has a whole number, so that rows without one stay as rare as they are.
    pub fn followed(&self, wanted: &Likeness<'_>, numbered: &mut Option<bool>, rng: &mut impl Rng) -> &'p Texts {
        let first = self.donor(wanted, rng);
        let Some(regions) = &self.regions else { return first };
        let is_whole = *numbered.get_or_insert(regions.is_whole(first));
        let fits =
            |row: &Texts, rng: &mut _| regions.is_whole(row) == is_whole && (!is_whole || regions.is_open_to(row, rng));
        if fits(first, rng) { first } else { self.most_alike(wanted, fits, rng) }
    }

    /// Tells whether a donor can be followed in its identity number: with a region that the list knows, or without a number.
    pub fn number_fits(&self, donor: &Texts, drawn: &Drawn, rng: &mut impl Rng) -> bool {
        let Some(regions) = &self.regions else { return true };
        !regions.is_whole(donor) || regions.draw(donor, drawn.persona.mother_birth, rng).is_some()
    }

    /// Draws any row of the same hospital.
    pub fn another(&self, host: &Texts, rng: &mut impl Rng) -> &'p Texts {
        self.donor(&Likeness { host, others: 0, weekday: None, prefix: None }, rng)
    }

    /// Counts rows by how many numbers of others they have.
    pub fn others_shares(&self) -> BTreeMap<usize, usize> {
        let all = self.by_group.iter().filter(|((group, _), _)| group.is_empty());
        all.map(|((_, others), rows)| (*others, rows.len())).collect()
    }

    /// Says that every row has a second phone, if there is a column of them without an empty cell.
    pub fn always_second(&self) -> Option<PlantError> {
        let filled = |at: &&usize| self.donors.iter().all(|row| !row.cell(**at).trim().is_empty());
        let column = self.phones.further.iter().find(filled)?;
        Some(PlantError::SecondPhoneAlways { column: self.profile.layout.columns[*column].name.clone() })
    }

    /// Reads a cell of dates; nothing for a cell without a day.
    pub fn moment(&self, row: &Texts, at: usize) -> Option<(Moment, MomentFormat)> {
        let habit = self.profile.habits.get(at)?;
        let (moment, format) = moment::parse(crate::list::contents::unguarded(row.cell(at)), habit.reading)?;
        let settled = habit.moment.as_ref().map_or(format.clone(), |usual| format.settle(usual));
        Some((moment, settled))
    }

    /// Tells whether nearly every row was born on the day of the row above or later.
    pub fn is_nearly_in_order(&self) -> bool {
        self.steps_back.is_some_and(|share| share <= STEPS_BACK_MAX)
    }

    /// Tells whether the list is about births, not about owners or parcels.
    pub fn is_of_births(&self) -> bool {
        is_of_births(self.profile)
    }

    /// Lists the cells of phones that a number may be written like.
    pub fn phone_cells(&self) -> impl Iterator<Item = &'p str> {
        let phone = self.phone;
        self.rows_to_follow().map(move |row| row.cell(phone))
    }

    /// Lists the rows that may be followed.
    pub fn donor_rows(&self) -> impl Iterator<Item = &'p Texts> {
        self.donors.iter().copied()
    }

    /// Lists rows that may be followed, and then those that are less fit for it.
    pub fn rows_to_follow(&self) -> impl Iterator<Item = &'p Texts> {
        self.donors.iter().copied().chain(self.profile.donors())
    }

    /// Writes a number as this hospital's rows have theirs, or as any row has.
    pub fn spelled(&self, number: &Digits<'_>, above: &'p Texts, rng: &mut impl Rng) -> Option<String> {
        const TRIES: usize = 40;
        let near = (0..TRIES).find_map(|_| spelling::like(number, self.another(above, rng).cell(self.phone)));
        near.or_else(|| self.phone_cells().find_map(|cell| spelling::like(number, cell)))
            .or_else(|| self.phone_cells().find_map(|cell| spelling::like_first(number, cell)))
    }

    /// Gives those of the numbers that can be written as phones are here; fails if there are none.
    pub fn writable<'n>(&self, numbers: &'n [Number]) -> Result<Cow<'n, [Number]>, PlantError> {
        let writable = Writable::of(self, self.phone);
        if numbers.iter().all(|number| writable.is(number)) {
            return Ok(Cow::Borrowed(numbers));
        }
        let fitting: Vec<Number> = numbers.iter().filter(|number| writable.is(number)).cloned().collect();
        if fitting.is_empty() { Err(self.no_spelling()) } else { Ok(Cow::Owned(fitting)) }
    }

    /// Says why no number can be written as this list's are.
    pub fn no_spelling(&self) -> PlantError {
        let column = self.profile.layout.columns[self.phone].name.clone();
        let is_like_itself = |cell: &str| {
            let own = numbers_in(cell, self.home);
            own.first().is_some_and(|own| spelling::like(&Digits::of(own, self.home), cell).is_some())
        };
        match self.phone_cells().take(SPELT_ASKED).any(is_like_itself) {
            true => PlantError::NoSpelling { column },
            false => PlantError::OddPhones { column },
        }
    }
}

/// Chooses the rows that may be followed: whole, not of twins.
fn donors<'p>(profile: &Profile, all: &[&'p Texts], name: Option<usize>) -> Vec<&'p Texts> {
    let filled = |row: &Texts, at: Option<usize>| at.is_none_or(|at| !row.cell(at).trim().is_empty());
    let birth = profile.position(Meaning::BirthDate);
    let shared = shared_phones(profile, all);
    let one_child = |row: &Texts| {
        let told = (0..row.len()).any(|at| {
            let cell = row.cell(at);
            cell.len() <= TWINS_BYTES_MAX && tells_of_twins(cell)
        });
        !told && !profile.position(Meaning::Phone).is_some_and(|at| shared.contains(row.cell(at)))
    };
    let whole = |row: &Texts| filled(row, name) && filled(row, birth);
    let best: Vec<&Texts> = all.iter().copied().filter(|row| whole(row) && one_child(row)).collect();
    if !best.is_empty() {
        return best;
    }
    let good: Vec<&Texts> = all.iter().copied().filter(|row| whole(row)).collect();
    if good.is_empty() { all.to_vec() } else { good }
}

fn tells_of_twins(cell: &str) -> bool {
    let has_word = |cell: &str| TWINS.iter().any(|word| cell.contains(word));
    // Most cells are words and numbers without capitals.
    match cell.bytes().any(|b| b.is_ascii_uppercase()) {
        true => has_word(&cell.to_lowercase()),
        false => has_word(cell),
    }
}

/// Finds phones that several rows share, as those of twins do.
fn shared_phones(profile: &Profile, all: &[&Texts]) -> HashSet<String> {
    let Some(phone) = profile.position(Meaning::Phone) else { return HashSet::new() };
    let mut seen = HashSet::new();
    let repeated = all.iter().map(|row| row.cell(phone)).filter(|cell| !cell.is_empty() && !seen.insert(*cell));
    repeated.map(str::to_string).collect()
}

/// Tells whether a character is Chinese.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Parts a name into surname and given name.
pub fn name_parts(name: &str) -> Option<(String, String)> {
    let name = name.trim();
    // Names of two signs are often spaced to be as long as others.
    let signs: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    if signs.chars().all(is_han) && (2..=4).contains(&signs.chars().count()) {
        let long = COMPOUND_SURNAMES.iter().any(|surname| signs.starts_with(surname) && signs != *surname);
        let (at, _) = signs.char_indices().nth(if long { 2 } else { 1 })?;
        return Some((signs[..at].to_string(), signs[at..].to_string()));
    }
    if let Some((family, given)) = name.split_once(',') {
        return Some((titled(family.trim()), titled(given.split_whitespace().next()?)));
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        [given, .., family] if name.chars().all(|c| !is_han(c) && !c.is_ascii_digit()) => {
            Some((titled(family), titled(given)))
        }
        _ => None,
    }
}

/// Tells in which language people are named: in one cell or two, else what most of a few rows is written in.
fn culture(profile: &Profile, rows: &[&Texts], name: Option<usize>) -> Culture {
    let is_part = |at: &usize| heading::name_part(&profile.layout.columns[*at].name).is_some();
    let mut columns: Vec<usize> = name.into_iter().chain((0..profile.layout.columns.len()).filter(is_part)).collect();
    if columns.is_empty() {
        columns = (0..profile.layout.columns.len()).collect();
    }
    let cells = || rows.iter().take(CULTURE_ROWS).flat_map(|row| columns.iter().map(|at| row.cell(*at)));
    let han = cells().filter(|cell| cell.chars().any(is_han)).count();
    let latin =
        cells().filter(|cell| cell.chars().any(|c| c.is_ascii_alphabetic()) && !cell.chars().any(is_han)).count();
    if latin > han { Culture::English } else { Culture::Chinese }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parted() {
        let parts = |name: &str| name_parts(name).map(|(family, given)| format!("{family}/{given}"));
        assert_eq!(parts("张三").as_deref(), Some("张/三"));
        assert_eq!(parts("欧阳水芳").as_deref(), Some("欧阳/水芳"));
        assert_eq!(parts("欧阳").as_deref(), Some("欧/阳"));
        assert_eq!(parts("Jane Anne Smith").as_deref(), Some("Smith/Jane"));
        assert_eq!(parts("SMITH, JANE").as_deref(), Some("Smith/Jane"));
        assert_eq!(parts("宝宝1"), None);
    }
}
