//! What the sampled rows tell of each column: whose names stand there, which places, how often each value.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::naming::{Gaps, Names, whole};
use super::range::Ranges;
use super::street::Streets;
use super::subject::{sex_in, subject_sex};
use super::turing::Counts;
use crate::list::Meaning;
use crate::list::contents::unguarded;
use crate::list::heading::{NamePart, Whose, name_part};
use crate::list::moment;
use crate::list::profile::{Profile, Texts};
use crate::persona::{Culture, PersonName, Sex};

/// Share of cells that look like addresses, from which a column is one of addresses.
const ADDRESSES_MIN: f64 = 0.5;

/// Share of cells that are names, from which a column is one of people.
const NAMES_MIN: f64 = 0.5;

/// Rows from which measures are drawn.
const MEASURES_MIN: usize = 60;

/// A measure is drawn among this part of all, on either side.
const NEAR: usize = 40;

/// Cells that tell whether a column holds codes.
const CODES_ASKED: usize = 500;

/// The columns of a list, counted.
pub struct Crowd<'p> {
    names: BTreeMap<(Role, Option<Sex>), Names>,
    /// Of further people, by column.
    others: BTreeMap<usize, Names>,
    /// By columns of whole names.
    gaps: BTreeMap<usize, Gaps>,
    streets: BTreeMap<usize, Streets<'p>>,
    /// Empty for columns whose values are never taken over.
    values: Vec<Option<Counts<&'p str>>>,
    /// Measures by column, in their order, repeats kept.
    measures: BTreeMap<usize, Vec<(f64, &'p str)>>,
    ranges: BTreeMap<usize, Ranges>,
}

/// Whose names are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Mother,
    Father,
    Newborn,
    /// Whoever a list of no births is about.
    Owner,
}

impl<'p> Crowd<'p> {
    /// Counts what the sampled rows hold.
    pub fn of(profile: &'p Profile, culture: Culture) -> Crowd<'p> {
        let columns = &profile.layout.columns;
        let per_sampled = profile.rows_per_sampled();
        let mut crowd = Crowd {
            names: BTreeMap::new(),
            others: others(profile, culture, per_sampled),
            gaps: BTreeMap::new(),
            streets: BTreeMap::new(),
            values: Vec::new(),
            measures: BTreeMap::new(),
            ranges: BTreeMap::new(),
        };
        for (at, column) in columns.iter().enumerate() {
            let cells = || profile.crowd.iter().map(move |row| row.cell(at).trim());
            let is_address = column.meaning == Meaning::Address
                || column.meaning == Meaning::Other
                    && (profile.habits[at].addresses >= ADDRESSES_MIN || is_code(profile, at));
            if is_address && let Some(streets) = Streets::of(cells(), per_sampled) {
                crowd.streets.insert(at, streets);
            }
            if column.meaning == Meaning::BirthWeight {
                let mut measures: Vec<(f64, &str)> =
                    cells().filter_map(|cell| Some((cell.parse().ok()?, cell))).collect();
                measures.sort_by(|a, b| a.0.total_cmp(&b.0));
                crowd.measures.insert(at, measures);
            }
            if matches!(column.meaning, Meaning::MotherName | Meaning::FatherName | Meaning::BabyName | Meaning::Name) {
                crowd.gaps.insert(at, Gaps::of(cells()));
            }
            if matches!(column.meaning, Meaning::RecordId | Meaning::WaybillNumber | Meaning::Other)
                && !profile.habits[at].is_choice
            {
                crowd.ranges.insert(at, Ranges::of(cells(), neighbours(profile, at)));
            }
            let counted = is_taken_over(column.meaning) && !profile.seen.keeps_apart(at);
            let values = counted.then(|| Counts::of(cells().filter(|cell| !cell.is_empty()), per_sampled));
            crowd.values.push(values);
        }
        for role in [Role::Mother, Role::Father, Role::Newborn, Role::Owner] {
            let Some(column) = column_of(profile, role) else { continue };
            let sexes: &[Option<Sex>] = match (role, profile.position(Meaning::BabySex)) {
                (Role::Newborn, Some(_)) => &[Some(Sex::Female), Some(Sex::Male)],
                (Role::Owner, _) => &[Some(Sex::Female), Some(Sex::Male), None],
                (Role::Newborn, None) | (Role::Mother | Role::Father, _) => &[None],
            };
            let sex_of = |row: &Texts| match role {
                Role::Owner => subject_sex(profile, row),
                Role::Newborn | Role::Mother | Role::Father => sex_in(profile, row),
            };
            for sex in sexes {
                let rows = profile.crowd.iter().filter(|row| sex.is_none() || sex_of(row) == *sex);
                let parts = rows.filter_map(|row| Some((name(row, column)?, year(profile, row, role))));
                if let Some(names) = Names::of(culture, parts, per_sampled) {
                    crowd.names.insert((role, *sex), names);
                }
            }
        }
        crowd
    }

    /// Gives the names of a role; those of newborns of one sex, where the list tells it.
    pub fn names(&self, role: Role, sex: Sex) -> Option<&Names> {
        self.names.get(&(role, Some(sex))).or_else(|| self.names.get(&(role, None)))
    }

    /// Gives the names of a column of further people.
    pub fn others(&self, column: usize) -> Option<&Names> {
        self.others.get(&column)
    }

    /// Writes a name of two signs with what stands between those of a column.
    pub fn spaced(&self, column: usize, name: String) -> String {
        match self.gaps.get(&column) {
            Some(gaps) => gaps.spaced(name),
            None => name,
        }
    }

    /// Gives the addresses of a column.
    pub fn streets(&self, column: usize) -> Option<&Streets<'p>> {
        self.streets.get(&column)
    }

    /// Draws a measure of a column near another, with as many digits; nothing where few rows have one.
    pub fn near(&self, column: usize, cell: &str, rng: &mut impl Rng) -> Option<&'p str> {
        let measures = self.measures.get(&column).filter(|measures| measures.len() >= MEASURES_MIN)?;
        let own: f64 = cell.parse().ok()?;
        let middle = measures.partition_point(|(measure, _)| *measure < own);
        let reach = measures.len() / NEAR;
        let around = &measures[middle.saturating_sub(reach)..(middle + reach).min(measures.len())];
        let mut drawn = (0..MEASURES_MIN).filter_map(|_| around.choose(rng));
        drawn.find(|(_, other)| other.len() == cell.len()).map(|(_, other)| *other)
    }

    /// Gives the numbers of a column whose values are no choice.
    pub fn ranges(&self, column: usize) -> Option<&Ranges> {
        self.ranges.get(&column)
    }

    /// Gives the values of a column; nothing where they are nobody's to share.
    pub fn values(&self, column: usize) -> Option<&Counts<&'p str>> {
        self.values.get(column)?.as_ref()
    }
}

/// Tells whether a column holds codes of letters and digits that are no counter, such as postcodes.
fn is_code(profile: &Profile, at: usize) -> bool {
    let habit = &profile.habits[at];
    let is_mixed = |cell: &str| cell.chars().any(|c| c.is_ascii_digit()) && cell.chars().any(char::is_alphabetic);
    let sample =
        || profile.crowd.iter().map(|row| row.cell(at)).filter(|cell| !cell.trim().is_empty()).take(CODES_ASKED);
    let mixed = sample().filter(|cell| is_mixed(cell)).count();
    let is_free = !habit.is_choice && habit.moment.is_none() && profile.order(at).is_none();
    is_free && habit.phones < 0.5 && habit.id_numbers < 0.5 && mixed * 10 >= sample().count() * 9 && mixed > 0
}

/// Tells whether values of such a column are taken over from row to row.
pub fn is_taken_over(meaning: Meaning) -> bool {
    match meaning {
        Meaning::BabySex
        | Meaning::MotherAge
        | Meaning::District
        | Meaning::Ward
        | Meaning::BirthWeight
        | Meaning::BirthLength
        | Meaning::GestationWeeks
        | Meaning::Parity
        | Meaning::DeliveryMode
        | Meaning::HukouType
        | Meaning::Area
        | Meaning::Other => true,
        Meaning::RecordId
        | Meaning::Serial
        | Meaning::MotherName
        | Meaning::FatherName
        | Meaning::BabyName
        | Meaning::BirthDate
        | Meaning::BirthTime
        | Meaning::MotherBirthDate
        | Meaning::IdNumber
        | Meaning::Phone
        | Meaning::Phone2
        | Meaning::Address
        | Meaning::Hospital
        | Meaning::DischargeDate
        | Meaning::Name
        | Meaning::PlateNumber
        | Meaning::WaybillNumber => false,
    }
}

/// Learns the names of columns of further people.
fn others(profile: &Profile, culture: Culture, per_sampled: f64) -> BTreeMap<usize, Names> {
    let columns = profile.layout.columns.iter().enumerate();
    let named =
        columns.filter(|(at, column)| column.meaning == Meaning::Other && profile.habits[*at].names >= NAMES_MIN);
    let learnt = named.filter_map(|(at, _)| {
        let people = profile.crowd.iter().filter_map(|row| Some((whole(row.cell(at).trim())?, None)));
        Some((at, Names::of(culture, people, per_sampled)?))
    });
    learnt.collect()
}

/// Where the names of a role stand.
#[derive(Debug, Clone, Copy)]
enum Column {
    Whole(usize),
    Parts { family: usize, given: usize },
}

/// Finds the names of a role: in one column, or in two.
fn column_of(profile: &Profile, role: Role) -> Option<Column> {
    let (meaning, whose): (Meaning, &[Whose]) = match role {
        Role::Mother => (Meaning::MotherName, &[Whose::Mother]),
        Role::Father => (Meaning::FatherName, &[Whose::Father]),
        Role::Newborn => (Meaning::BabyName, &[Whose::Baby]),
        Role::Owner => (Meaning::Name, &[Whose::Owner, Whose::Nobody]),
    };
    if let Some(at) = profile.position(meaning) {
        return Some(Column::Whole(at));
    }
    let (mut given, mut family) = (None, None);
    let others = profile.layout.columns.iter().enumerate().filter(|(_, column)| column.meaning == Meaning::Other);
    for (at, column) in others {
        match name_part(&column.name) {
            Some(NamePart::Given(of)) if whose.contains(&of) => given = given.or(Some(at)),
            Some(NamePart::Family(of)) if whose.contains(&of) => family = family.or(Some(at)),
            Some(_) | None => {}
        }
    }
    Some(Column::Parts { family: family?, given: given? })
}

/// Reads a name of a row.
fn name(row: &Texts, column: Column) -> Option<PersonName> {
    match column {
        Column::Whole(at) => whole(row.cell(at).trim()),
        Column::Parts { family, given } => {
            let [family, given] = [family, given].map(|at| titled(row.cell(at).trim()));
            (!family.is_empty() && !given.is_empty()).then_some(PersonName { family, given })
        }
    }
}

/// Gives the year an adult of the row was born in, where a cell tells it.
fn year(profile: &Profile, row: &Texts, role: Role) -> Option<i32> {
    match role {
        Role::Mother | Role::Owner => mother_birth(profile, row).map(|day| day.year()),
        Role::Father | Role::Newborn => None,
    }
}

/// Reads the mother's birth date, or the middle of the year that her age or her identity number leaves.
pub fn mother_birth(profile: &Profile, row: &Texts) -> Option<NaiveDate> {
    let cell = |meaning: Meaning| profile.position(meaning).map(|at| (at, unguarded(row.cell(at).trim())));
    let day = |meaning: Meaning| {
        let (at, text) = cell(meaning)?;
        moment::parse(text, profile.habits[at].reading)?.0.day()
    };
    let of_number = || {
        let (_, number) = cell(Meaning::IdNumber)?;
        let digits = |from: usize, to: usize| number.get(from..to)?.parse::<u32>().ok();
        let year = i32::try_from(digits(6, 10)?).ok().filter(|year| (1900..2100).contains(year))?;
        NaiveDate::from_ymd_opt(year, digits(10, 12).unwrap_or(7), digits(12, 14).unwrap_or(1))
    };
    let of_age = || {
        let (_, age) = cell(Meaning::MotherAge)?;
        let age: u32 = age.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
        let born = day(Meaning::BirthDate).or_else(|| NaiveDate::from_ymd_opt(profile.year, 7, 1))?;
        born.checked_sub_months(chrono::Months::new(12 * age.min(120) + 6))
    };
    day(Meaning::MotherBirthDate).or_else(of_number).or_else(of_age)
}

/// Writes an all-capitals word as a name.
pub fn titled(word: &str) -> String {
    let all_upper = word.chars().all(|c| !c.is_lowercase());
    let mut chars = word.chars();
    match chars.next() {
        Some(first) if all_upper => first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect(),
        Some(_) | None => word.to_string(),
    }
}

/// Gives what stands in a column of two neighbouring rows of one hospital, for the places of the list.
fn neighbours(profile: &Profile, column: usize) -> impl Iterator<Item = (&str, &str)> {
    let hospital = profile.position(Meaning::Hospital);
    let pairs = profile.places.iter().map(|place| (place.host(), place.peer.as_ref().unwrap_or(&place.at)));
    let is_one = move |(above, below): &(&Texts, &Texts)| {
        hospital.is_none_or(|hospital| above.cell(hospital).trim() == below.cell(hospital).trim())
    };
    pairs.filter(is_one).map(move |(above, below)| (above.cell(column).trim(), below.cell(column).trim()))
}
