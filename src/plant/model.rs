//! The list as the planter sees it: donors by hospital, names in use, where the list is from.

use std::collections::{HashMap, HashSet};

use rand::Rng;
use rand::seq::IndexedRandom;

use super::crowd::{Crowd, titled};
use super::draw::Drawn;
use super::error::PlantError;
use super::flat::{self, Flats};
use super::likeness::{Likeness, Second};
use super::regions::Regions;
use super::{clinic, clock, draw, stay};
use super::{phones, spelling};
use crate::list::Meaning;
use crate::list::heading;
use crate::list::moment::{self, Moment, MomentFormat};
use crate::list::profile::{Profile, Texts};
use crate::persona::{COMPOUND_SURNAMES, Culture, Place};

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
    pub name: Option<usize>,
    pub birth: Option<usize>,
    /// The column of times that go on where birth dates are alike.
    pub clock: Option<usize>,
    /// Days in hospital, repeats kept.
    pub stays: Vec<i64>,
    /// Share of neighbours that step back in their days of birth.
    pub steps_back: Option<f64>,
    /// How homes are told in parts, if they are.
    pub flats: Option<Flats>,
    /// Fewest and most weeks of gestation.
    pub weeks: Option<(u32, u32)>,
    /// The column of second phones, if every row has one.
    pub always_second: Option<usize>,
    pub regions: Option<Regions>,
    group: Option<usize>,
    donors: Vec<&'p Texts>,
    /// By hospital and by whether they have two numbers; all of them under no hospital.
    by_group: HashMap<(&'p str, Second), Vec<&'p Texts>>,
}

impl<'p> Model<'p> {
    /// Prepares a profile.
    pub fn of(profile: &'p Profile) -> Model<'p> {
        let name = profile.position(Meaning::MotherName).or(profile.position(Meaning::Name));
        let group = profile.position(Meaning::Hospital);
        let all: Vec<&Texts> =
            if profile.crowd.is_empty() { profile.donors().collect() } else { profile.crowd.iter().collect() };
        let donors = donors(profile, &all, name);
        let mut by_group: HashMap<(&str, Second), Vec<&Texts>> = HashMap::new();
        let seconds = profile.layout.positions(Meaning::Phone2);
        let phone = profile.position(Meaning::Phone).unwrap_or(0);
        for donor in &donors {
            let second = if phones::has_second(phone, &seconds, donor) { Second::With } else { Second::Without };
            let kin = group.map_or("", |at| donor.cell(at).trim());
            by_group.entry(("", second)).or_default().push(donor);
            if !kin.is_empty() {
                by_group.entry((kin, second)).or_default().push(donor);
            }
        }
        let filled = |at: &usize| all.iter().all(|row| !row.cell(*at).trim().is_empty());
        let always_second = seconds.iter().copied().find(|at| !all.is_empty() && filled(at));
        let texts = [Meaning::Address, Meaning::Hospital, Meaning::District];
        let texts: Vec<usize> = texts.into_iter().filter_map(|meaning| profile.position(meaning)).collect();
        let place = Place::find(all.iter().take(PLACE_ROWS).flat_map(|row| texts.iter().map(|at| row.cell(*at))));
        let culture = culture(profile, &all, name);
        let mut model = Model {
            culture,
            place,
            crowd: Crowd::of(profile, culture),
            regions: Regions::of(profile),
            phone,
            always_second,
            name,
            birth: profile.position(Meaning::BirthDate),
            group,
            donors,
            by_group,
            profile,
            clock: None,
            stays: Vec::new(),
            steps_back: None,
            flats: flat::learn(profile),
            weeks: clinic::weeks_between(profile),
        };
        model.clock = clock::column(&model);
        model.stays = stay::all(&model);
        model.steps_back = draw::steps_back(&model);
        model
    }

    /// Draws a row to follow: of the same hospital, with as many numbers, best born on the same day of the week and
    /// with a number of the same kind.
    pub fn donor(&self, wanted: &Likeness<'_>, rng: &mut impl Rng) -> &'p Texts {
        let key = (self.group.map_or("", |at| wanted.host.cell(at).trim()), wanted.second);
        let far = ("", wanted.second);
        let same = self.by_group.get(&key).filter(|same| same.len() >= DONORS_MIN).or_else(|| self.by_group.get(&far));
        let same = same.unwrap_or(&self.donors);
        let mut best = (-1, &self.donors[0]);
        for _ in 0..LOOKS {
            let Some(row) = same.choose(rng) else { break };
            let score = wanted.score(self, row);
            if score > best.0 {
                best = (score, row);
            }
        }
        best.1
    }

    /// Tells whether a donor can be followed in its identity number: with a region that the list knows, or without a number.
    ///
    /// The first donor says which of the two it is, so that rows without a number stay as rare as they are.
    pub fn number_fits(&self, donor: &Texts, drawn: &Drawn, numbered: &mut Option<bool>, rng: &mut impl Rng) -> bool {
        let Some(regions) = &self.regions else { return true };
        let is_whole = regions.is_whole(donor);
        let wanted = *numbered.get_or_insert(is_whole);
        wanted == is_whole && (!is_whole || regions.draw(donor, drawn.persona.mother_birth, rng).is_some())
    }

    /// Draws any row of the same hospital.
    pub fn another(&self, host: &Texts, rng: &mut impl Rng) -> &'p Texts {
        self.donor(&Likeness { host, second: Second::Without, weekday: None, prefix: None }, rng)
    }

    /// Gives how many of `count` rows would have a second number.
    pub fn seconds_for(&self, count: usize) -> usize {
        let with = self.by_group.get(&("", Second::With)).map_or(0, Vec::len);
        (count * with + self.donors.len() / 2) / self.donors.len().max(1)
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
        self.profile.layout.columns.iter().any(|column| column.meaning.is_of_birth())
    }

    /// Writes a number as this hospital's rows have theirs, or as any row has.
    pub fn spelled(&self, national: &str, above: &'p Texts, rng: &mut impl Rng) -> Option<String> {
        const TRIES: usize = 40;
        let near = (0..TRIES).find_map(|_| spelling::like(national, self.another(above, rng).cell(self.phone)));
        near.or_else(|| self.donors.iter().find_map(|donor| spelling::like(national, donor.cell(self.phone))))
            .or_else(|| self.profile.donors().find_map(|donor| spelling::like(national, donor.cell(self.phone))))
            .or_else(|| self.donors.iter().find_map(|donor| spelling::like_first(national, donor.cell(self.phone))))
    }

    /// Says why no number can be written as this list's are.
    pub fn no_spelling(&self) -> PlantError {
        PlantError::NoSpelling { column: self.profile.layout.columns[self.phone].name.clone() }
    }
}

/// Chooses the rows that may be followed: whole, not of twins.
fn donors<'p>(profile: &Profile, all: &[&'p Texts], name: Option<usize>) -> Vec<&'p Texts> {
    let filled = |row: &Texts, at: Option<usize>| at.is_none_or(|at| !row.cell(at).trim().is_empty());
    let birth = profile.position(Meaning::BirthDate);
    let shared = shared_phones(profile, all);
    let one_child = |row: &Texts| {
        let told = (0..row.len()).any(|at| {
            let short = row.cell(at).len() <= TWINS_BYTES_MAX;
            short && TWINS.iter().any(|word| row.cell(at).to_lowercase().contains(word))
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

/// Finds phones that several rows share, as those of twins do.
fn shared_phones(profile: &Profile, all: &[&Texts]) -> HashSet<String> {
    let Some(phone) = profile.position(Meaning::Phone) else { return HashSet::new() };
    let mut seen = HashSet::new();
    let repeated = all.iter().map(|row| row.cell(phone)).filter(|cell| !cell.is_empty() && !seen.insert(*cell));
    repeated.map(str::to_string).collect()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Parts a name into surname and given name.
pub fn name_parts(name: &str) -> Option<(String, String)> {
    let name = name.trim();
    if name.chars().all(is_han) && (2..=4).contains(&name.chars().count()) {
        let long = COMPOUND_SURNAMES.iter().any(|surname| name.starts_with(surname) && name != *surname);
        let (at, _) = name.char_indices().nth(if long { 2 } else { 1 })?;
        return Some((name[..at].to_string(), name[at..].to_string()));
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

/// Reads the sex a donor's row gives the baby.
pub fn sex_in(profile: &Profile, donor: &Texts) -> Option<crate::persona::Sex> {
    profile.position(Meaning::BabySex).and_then(|at| clinic::sex_of(donor.cell(at)))
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
