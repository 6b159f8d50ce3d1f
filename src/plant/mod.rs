//! Plans canaries for a list: who they are, where they stand and what each cell says.
//!
//! A new row stands between two people of the list, keeps every order it finds there, and repeats no real
//! person, address or number. Nothing is written here: the plan is rows for `list` to put in.

mod amount;
mod check_digit;
mod clinic;
mod clock;
mod company;
mod crowd;
mod days;
mod draw;
mod error;
mod far;
mod flat;
mod free;
pub mod hide;
mod id_form;
mod kin;
mod kinds;
mod likeness;
mod mail;
mod making;
mod model;
mod naming;
mod nation;
mod numbers;
mod other;
mod pattern;
mod phones;
mod range;
mod regions;
mod site;
mod sorted;
mod spelling;
mod stay;
mod street;
mod subject;
mod taken;
mod ties;
mod turing;
mod unfilled;
mod wording;
mod write;

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use rand::Rng;

use crate::list::profile::{COUNTER_DIGITS_MAX, Place, Profile, with_counter};
use crate::list::{LineEnd, Meaning, NewRow};
use crate::persona::Persona;
use crate::phone::Number;

use draw::{Drawn, Naming};
use far::Far;
use kinds::Kinds;
use model::Model;
use numbers::RowNumbers;
use site::Site;
use taken::Taken;
use write::Source;

pub use draw::identity;
pub use error::PlantError;
pub use far::Beyond;
pub use free::{DEFAULT_COLUMNS, FreeRow, free_rows, free_rows_like};
pub use numbers::{are_apart, how_many_apart};
pub use sorted::{Astray, InOrder, astray};
pub use unfilled::{Lacking, Unfilled, unfilled};

/// Times a person is drawn again who is in the list already, or cannot be written.
const DRAWS_MAX: usize = 200;

/// Donors whose spelling of numbers is tried.
const SPELLINGS_MAX: usize = 20;

/// What is to be planted.
pub struct Wish<'a> {
    /// Numbers that may be used, more than are needed.
    pub numbers: &'a [Number],
    pub count: usize,
    /// How many numbers beside `count` may be spent on second phones.
    pub spare: usize,
    pub today: NaiveDate,
    /// Tells whether the list's encoding has all characters of a text.
    pub encodable: &'a dyn Fn(&str) -> bool,
    /// Tells whether somebody of this [`identity`] was planted before.
    pub taken: &'a dyn Fn(&str) -> bool,
}

/// A canary and its row. In the serial column stands the number of the row at its place: what the canary's own is
/// depends on all that goes into a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub number: Number,
    /// The numbers of further phones in the row.
    pub others: Vec<Number>,
    pub persona: Persona,
    /// What is written, by meaning; empty cells and unknown columns are left out.
    pub fields: BTreeMap<Meaning, String>,
    pub row: NewRow,
    /// Data row in the output, from 1.
    pub data_row: u64,
}

/// Plans `wish.count` canaries, in the order of the list.
pub fn plan(profile: &Profile, wish: &Wish<'_>, rng: &mut impl Rng) -> Result<Vec<Planned>, PlantError> {
    planned(profile, (wish, None), rng)
}

/// Plans canaries for a long list sorted by values, and gives the places besides that were found for them.
pub fn plan_beyond(
    profile: &Profile,
    wish: &Wish<'_>,
    beyond: &Beyond<'_>,
    rng: &mut impl Rng,
) -> Result<(Vec<Planned>, Vec<Place>), PlantError> {
    let room = far::room(wish);
    let planned = planned(profile, (wish, Some(&Far::new(beyond, &room))), rng)?;
    let is_used = |place: &Place| planned.iter().any(|row| row.row.before == place.ordinal);
    let found = room.into_iter().filter_map(OnceCell::into_inner).map(|place| *place).filter(is_used).collect();
    Ok((planned, found))
}

fn planned<'p>(
    profile: &'p Profile,
    (wish, far): (&Wish<'_>, Option<&Far<'p>>),
    rng: &mut impl Rng,
) -> Result<Vec<Planned>, PlantError> {
    let model = Model::for_numbers(profile, wish.numbers);
    check_serial(profile)?;
    let mut used = Used::default();
    let mut chosen = Vec::with_capacity(wish.count);
    let mut pairs = pairs(&model, wish, wish.count, rng)?;
    let mut taken = Taken::default();
    if profile.sorting.is_by_value() {
        chosen = sorted::choose(&model, (wish, far), &mut pairs, (&mut used, &mut taken), rng)?;
    }
    let places: HashSet<u64> = chosen.iter().map(|row| row.place.data_row).collect();
    let sites = site::choose(&model, wish.count - chosen.len(), (&places, taken), rng)?;
    for (site, numbers) in sites.into_iter().zip(pairs) {
        let made = canary(&model, &site, &numbers, wish, (&used, rng))?;
        used.note(&model, &made.drawn, &made.cells);
        chosen.push(Chosen { place: site.place, numbers, made });
    }
    chosen.sort_by_key(|row| row.place.data_row);
    Ok(chosen.into_iter().zip(0..).map(|(row, before)| finished(&model, row, before)).collect())
}

/// Chooses numbers for so many rows.
fn pairs(model: &Model<'_>, wish: &Wish<'_>, count: usize, rng: &mut impl Rng) -> Result<Vec<RowNumbers>, PlantError> {
    let needs = phones::needs(model, count, wish.spare)?;
    let fitting = model.writable(wish.numbers)?;
    if let Some(kinds) = Kinds::of(model, wish.numbers) {
        let firsts = numbers::choose(&fitting, (count, 0), Some(model.profile), rng)?;
        return kinds.rows(model, (firsts, needs), rng);
    }
    let chosen = numbers::choose(&fitting, (count, needs.iter().sum()), Some(model.profile), rng)?;
    let needs = phones::cut(model, needs, chosen.beside(count))?;
    Ok(chosen.rows(needs, rng))
}

/// Refuses a serial column that cannot be renumbered, unless rows without a number are usual.
fn check_serial(profile: &Profile) -> Result<(), PlantError> {
    match profile.position(Meaning::Serial) {
        Some(at) if profile.serial.is_none() && profile.habits[at].blank == 0.0 => {
            Err(PlantError::NoCount { column: profile.layout.columns[at].name.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

/// Whom and what this planting has used already.
#[derive(Default)]
pub(crate) struct Used {
    people: HashSet<String>,
    cells: HashSet<(usize, String)>,
}

/// A row that is to be put in at a place.
struct Chosen<'p> {
    place: &'p Place,
    numbers: RowNumbers,
    made: Made,
}

/// A person and the cells that tell of them.
struct Made {
    drawn: Drawn,
    cells: Vec<String>,
    /// Whether the phone is a text, or in quotes, as that of the row it is spelled after.
    quoted: Option<bool>,
}

/// Draws persons for a site until one is new and can be written.
fn canary(
    model: &Model<'_>,
    site: &Site<'_>,
    numbers: &RowNumbers,
    wish: &Wish<'_>,
    (used, rng): (&Used, &mut impl Rng),
) -> Result<Made, PlantError> {
    let place = site.place;
    let mut numbered = None;
    for nth in 0..DRAWS_MAX {
        let donor = model.followed(&site.likeness(model, numbers), &mut numbered, rng);
        let Some(phones) = phones::written(model, place.host(), donor, numbers, rng) else {
            if nth < SPELLINGS_MAX { continue } else { return Err(model.no_spelling()) }
        };
        // Somebody whose number cannot be made of a region that the list knows is followed only if nobody else is left.
        let naming = if nth < DRAWS_MAX / 4 { Naming::AsUsual } else { Naming::New };
        let drawn = draw::person(model, site, (donor, naming), wish.today, rng);
        if nth < DRAWS_MAX / 2 && !model.number_fits(donor, &drawn, rng) {
            continue;
        }
        let source = Source { model, site, donor, drawn: &drawn, phones: &phones };
        let Some(cells) = write::cells(&source, rng) else { continue };
        if nth < DRAWS_MAX / 2 && !model.making.can_store(&cells) {
            continue;
        }
        // A list with few names may have no other one left.
        let beside = nth < DRAWS_MAX / 2 && (repeats_neighbour(model, place, &cells) || used.has_values(model, &cells));
        let is_new = !beside && is_new(model, &drawn, &cells, wish, used);
        if is_new && cells.iter().all(|cell| (wish.encodable)(cell)) {
            return Ok(Made { drawn, cells, quoted: phones.quoted });
        }
    }
    Err(PlantError::NobodyNew { row: place.data_row })
}

/// Tells whether nobody in the list, in an earlier planting or in this one is the same.
fn is_new(model: &Model<'_>, drawn: &Drawn, cells: &[String], wish: &Wish<'_>, used: &Used) -> bool {
    let seen = &model.profile.seen;
    let birth = drawn.persona.birth.date();
    let names = [Meaning::MotherName, Meaning::Name, Meaning::BabyName];
    let mut names =
        names.into_iter().filter_map(|meaning| model.profile.position(meaning)).filter_map(|at| cells.get(at));
    let address = model.profile.position(Meaning::Address).and_then(|at| cells.get(at)).filter(|cell| !cell.is_empty());
    let id = identity(&drawn.persona);
    !names.any(|name| !name.trim().is_empty() && seen.may_hold_person(name.trim(), birth))
        && !seen.may_hold_parts(cells, birth)
        && !address.is_some_and(|address| seen.may_hold_address(address))
        && !used.people.contains(&id)
        && !(wish.taken)(&id)
        && !used.keys(model, cells).any(|key| used.cells.contains(&key))
}

/// Tells whether somebody of the same name stands beside the place.
fn repeats_neighbour(model: &Model<'_>, place: &Place, cells: &[String]) -> bool {
    let Some((at, name)) = model.name.and_then(|at| Some((at, cells.get(at)?.trim()))) else { return false };
    let beside = [Some(&place.above), Some(&place.at), place.below.as_ref(), place.peer.as_ref()];
    beside.into_iter().flatten().any(|row| row.cell(at).trim() == name)
}

impl Used {
    /// Lists the cells that no two canaries may share.
    fn keys<'c>(&self, model: &'c Model<'_>, cells: &'c [String]) -> impl Iterator<Item = (usize, String)> + 'c {
        let single =
            [Meaning::Address, Meaning::IdNumber, Meaning::PlateNumber, Meaning::RecordId, Meaning::WaybillNumber];
        let whole = |cell: &String| !cell.is_empty() && !cell.contains(['*', '＊']);
        let columns = single.into_iter().filter_map(|meaning| model.profile.position(meaning));
        columns.filter_map(move |at| cells.get(at).filter(|cell| whole(cell)).map(|cell| (at, cell.clone())))
    }

    /// Lists the cells that no two rows share, in columns of unknown meaning.
    fn values<'c>(&self, model: &'c Model<'_>, cells: &'c [String]) -> impl Iterator<Item = (usize, String)> + 'c {
        let columns = model.profile.layout.positions(Meaning::Other).into_iter();
        let own = columns.filter(|at| model.profile.seen.keeps_apart(*at)).filter_map(|at| Some((at, cells.get(at)?)));
        own.filter(|(_, cell)| !cell.is_empty()).map(|(at, cell)| (at, cell.clone()))
    }

    /// Tells whether another canary has a value that is one row's only; of some texts there are not enough for all.
    fn has_values(&self, model: &Model<'_>, cells: &[String]) -> bool {
        self.values(model, cells).any(|value| self.cells.contains(&value))
    }

    fn note(&mut self, model: &Model<'_>, drawn: &Drawn, cells: &[String]) {
        self.people.insert(identity(&drawn.persona));
        let keys: Vec<_> = self.keys(model, cells).chain(self.values(model, cells)).collect();
        self.cells.extend(keys);
    }
}

fn finished(model: &Model<'_>, row: Chosen<'_>, before: u64) -> Planned {
    let Chosen { place, numbers, made } = row;
    let mut cells = made.cells;
    if let (Some(column), Some(_)) = (model.profile.serial, place.serial)
        && let Some(cell) = cells.get_mut(column)
    {
        *cell = place.at.cell(column).to_string();
    }
    let mut quoted: Vec<bool> = (0..cells.len()).map(|at| place.above.quoted(at)).collect();
    // In a workbook it goes with how the number is spelled whether it is a text; quotes go with the program that wrote the rows.
    if let (LineEnd::None, Some(as_donor), Some(own)) = (place.line_end, made.quoted, quoted.get_mut(model.phones.own))
    {
        *own = as_donor;
    }
    Planned {
        number: numbers.first,
        others: numbers.others,
        fields: fields(&model.profile.layout.columns.iter().map(|column| column.meaning).collect::<Vec<_>>(), &cells),
        persona: made.drawn.persona,
        row: NewRow { before: place.ordinal, offset: place.offset, cells, quoted, line_end: place.line_end },
        data_row: place.data_row + before,
    }
}

/// Gathers what is written by meaning.
fn fields(meanings: &[Meaning], cells: &[String]) -> BTreeMap<Meaning, String> {
    let told = |(meaning, cell): (&Meaning, &String)| {
        let known = !matches!(meaning, Meaning::Other) && !cell.trim().is_empty();
        known.then(|| (*meaning, cell.trim().to_string()))
    };
    meanings.iter().zip(cells).filter_map(told).collect()
}

/// Writes a serial number as another cell of its column is written.
pub fn serial_text(like: &str, number: u64) -> String {
    let alike = i64::try_from(number).ok().and_then(|number| with_counter(like.trim(), COUNTER_DIGITS_MAX, number));
    alike.unwrap_or_else(|| number.to_string())
}

#[cfg(test)]
mod tests;
