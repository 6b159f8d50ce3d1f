//! Writes a person into the columns of a list, each cell as the row above and a donor have theirs.

use chrono::{NaiveDate, NaiveTime, TimeDelta, Timelike};
use rand::Rng;

use super::draw::{Drawn, Subject, moment_of};
use super::model::{Model, name_parts};
use super::naming::{NO_NAMES, is_masked, masked_like};
use super::pattern;
use super::phones::Phones;
use super::site::Site;
use super::{clinic, id_form, other};
use crate::list::Meaning;
use crate::list::heading::{self, NamePart, Whose};
use crate::list::moment::Moment;
use crate::list::profile::{Key, Texts};
use crate::persona::{self, Culture, PersonName, Sex};

/// What a row is written from.
pub struct Source<'a, 'p> {
    pub model: &'a Model<'p>,
    pub site: &'a Site<'p>,
    pub donor: &'p Texts,
    pub drawn: &'a Drawn,
    pub phones: &'a Phones,
}

/// Writes all cells; nothing when one cannot be written in the list's manner.
pub fn cells(source: &Source<'_, '_>, rng: &mut impl Rng) -> Option<Vec<String>> {
    let columns = source.model.profile.layout.columns.len();
    let width = width(source).max(source.model.phone + 1);
    let cell = |at: usize| if at < columns { standing(source, at, rng) } else { Some(String::new()) };
    let mut cells: Vec<String> = (0..width).map(cell).collect::<Option<_>>()?;
    source.model.ties.keep(source.model.profile, &mut cells);
    Some(cells)
}

/// Counts the cells that rows around have; where two neighbours differ, those that most rows have.
fn width(source: &Source<'_, '_>) -> usize {
    let place = source.site.place;
    if place.above.len() == place.at.len() || source.model.profile.rows == 1 {
        return place.above.len();
    }
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    source.model.profile.donors().for_each(|row| *counts.entry(row.len()).or_default() += 1);
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(place.above.len(), |(width, _)| width)
}

/// Writes a cell with what stands around the values of its column.
fn standing(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> Option<String> {
    let meaning = source.model.profile.layout.columns[at].meaning;
    if meaning == Meaning::Serial {
        return Some(String::new());
    }
    let like = if meaning == Meaning::Hospital { source.site.place.host() } else { source.donor }.cell(at);
    source.model.profile.habits[at].around.dressed(&cell(source, at, rng)?, like)
}

fn cell(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> Option<String> {
    let meaning = source.model.profile.layout.columns[at].meaning;
    if meaning == Meaning::Phone {
        return Some(source.phones.first.clone());
    }
    if meaning == Meaning::Phone2 {
        return Some(source.phones.further.get(&at).cloned().unwrap_or_default());
    }
    if let Some((_, part)) = source.site.home.iter().find(|(column, _)| *column == at) {
        return Some(part.clone());
    }
    // Digits in an address of mail, or in somebody's phone, are no count that goes on.
    let making = &source.model.making;
    let is_counted = !making.phones.contains(&at) && !making.mails.contains_key(&at);
    if let Some(ordered) = ordered(source, at, rng).filter(|_| is_counted) {
        return ordered;
    }
    let donor = source.donor.cell(at).trim();
    let always = matches!(meaning, Meaning::MotherName | Meaning::Name | Meaning::BirthDate | Meaning::Hospital);
    if donor.is_empty() && !always {
        return Some(String::new());
    }
    let bare = crate::list::contents::unguarded(donor);
    let written = by_meaning(source, at, bare, rng)?;
    let written = if bare == donor || written.is_empty() { written } else { donor.replacen(bare, &written, 1) };
    let guarded = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    (!guarded(&written) || guarded(donor)).then_some(written)
}

/// Writes a cell of a column in order; the inner nothing is a cell that cannot be written.
fn ordered(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> Option<Option<String>> {
    let order = source.model.profile.order(at)?;
    let is_discharge = source.model.profile.layout.columns[at].meaning == Meaning::DischargeDate;
    if is_discharge && source.site.stay.is_some() {
        return None;
    }
    let above = &source.site.place.above;
    let Some(value) = source.site.values.get(&at) else { return Some(Some(String::new())) };
    if let Key::Counter { .. } = order.key {
        let cell = if order.strict { source.site.place.host().cell(at) } else { above.cell(at) };
        return Some(if order.strict { order.written(cell, *value) } else { Some(cell.to_string()) });
    }
    let (day, time) = moment_of(order, *value)?;
    let is_birth = source.model.birth == Some(at);
    let time = match time {
        Some(time) => time,
        None if is_birth => source.drawn.persona.birth.time(),
        None => time_between(source, at, rng),
    };
    Some(dated(source, at, day, time))
}

/// Draws a time of day between those of the rows around.
fn time_between(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> NaiveTime {
    use rand::RngExt;
    let place = source.site.place;
    let times = [&place.above, &place.at].map(|row| source.model.moment(row, at).and_then(|(moment, _)| moment.time()));
    match times {
        [Some(a), Some(b)] => {
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            low + TimeDelta::seconds(rng.random_range(0..=(high - low).num_seconds()))
        }
        [one, other] => one.or(other).unwrap_or_default(),
    }
}

/// Writes a day in the format of the row above, else the donor's, else the column's.
fn dated(source: &Source<'_, '_>, at: usize, day: NaiveDate, time: NaiveTime) -> Option<String> {
    let model = source.model;
    let near = [source.site.place.host(), source.donor];
    let format = near.into_iter().find_map(|row| model.moment(row, at)).map(|(_, format)| format);
    let habit = &model.profile.habits[at];
    let format = format.or_else(|| habit.moment.clone())?;
    // No clock of a place goes finer than seconds: what a database has behind them is a neighbour's.
    let fine =
        near.into_iter().rev().find_map(|row| model.moment(row, at)?.0.time()).map_or(0, |time| time.nanosecond());
    let time = match habit.is_midnight {
        true => NaiveTime::MIN,
        false if habit.has_seconds => time.with_nanosecond(fine).unwrap_or(time),
        false => time.with_second(0).unwrap_or(time),
    };
    Some(format.render(day, time))
}

fn by_meaning(source: &Source<'_, '_>, at: usize, donor: &str, rng: &mut impl Rng) -> Option<String> {
    let persona = &source.drawn.persona;
    let heading = source.model.profile.layout.columns[at].name.as_str();
    match source.model.profile.layout.columns[at].meaning {
        Meaning::MotherName => Some(named(source, at, &persona.mother, donor)),
        Meaning::FatherName => Some(named(source, at, &persona.father, donor)),
        Meaning::Name => Some(match source.drawn.subject {
            Subject::Mother => named(source, at, &persona.mother, donor),
            Subject::Father => named(source, at, &persona.father, donor),
        }),
        Meaning::BabyName => Some(baby_named(source, at, donor)),
        Meaning::BabySex if source.model.is_of_births() => Some(clinic::sex_like(persona.sex, donor)),
        Meaning::BabySex => Some(clinic::sex_like(source.drawn.sex(), donor)),
        Meaning::BirthDate => dated(source, at, persona.birth.date(), persona.birth.time()),
        Meaning::BirthTime => timed(source, at),
        Meaning::MotherBirthDate => dated(source, at, persona.mother_birth, NaiveTime::MIN),
        Meaning::MotherAge => {
            pattern::first_number(donor, persona.birth.date().years_since(persona.mother_birth).unwrap_or(28))
        }
        Meaning::IdNumber => id_form::written(source, at, donor, |rng| id_number(source, donor, rng), rng),
        Meaning::Address => other::address(source, at, rng).or_else(|| other::written(source, at, donor, rng)),
        Meaning::District => Some(other::taken_over(source, at, rng)),
        Meaning::Hospital => Some(source.site.place.host().cell(at).trim().to_string()),
        Meaning::BirthWeight => other::near(source, at, rng)
            .or_else(|| clinic::weight_like(persona.weight_g, donor, heading, rng))
            .or_else(|| other::written(source, at, donor, rng)),
        Meaning::BirthLength | Meaning::GestationWeeks => Some(other::taken_over(source, at, rng)),
        Meaning::DischargeDate => dated(source, at, persona.discharge, discharge_time(source, at)),
        Meaning::PlateNumber => plate(source, at, donor, rng),
        Meaning::Parity | Meaning::DeliveryMode => Some(other::taken_over(source, at, rng)),
        Meaning::Ward | Meaning::HukouType | Meaning::Area => other::written(source, at, donor, rng),
        Meaning::RecordId | Meaning::WaybillNumber => other::unique(source, at, donor, rng),
        Meaning::Other => match heading::name_part(&source.model.profile.layout.columns[at].name) {
            Some(part) => name_part(source, part, donor).or_else(|| other::written(source, at, donor, rng)),
            None => other::written(source, at, donor, rng),
        },
        Meaning::Phone | Meaning::Phone2 | Meaning::Serial => None,
    }
}

/// Writes a name as the donor's (order, capitals, what is hidden), spaced as those of its column.
pub fn named(source: &Source<'_, '_>, at: usize, name: &PersonName, donor: &str) -> String {
    let culture = source.drawn.persona.culture;
    let full = match culture {
        Culture::English if donor.contains(',') => format!("{}, {}", name.family, name.given),
        Culture::English => name.full(culture),
        Culture::Chinese if is_masked(donor) => masked_like(name.full(culture), donor),
        Culture::Chinese => source.model.crowd.spaced(at, name.full(culture)),
    };
    cased(full, donor)
}

fn cased(text: String, donor: &str) -> String {
    let letters: Vec<char> = donor.chars().filter(|c| c.is_alphabetic()).collect();
    if !letters.is_empty() && letters.iter().all(|c| c.is_uppercase()) {
        text.to_uppercase()
    } else if !letters.is_empty() && letters.iter().all(|c| c.is_lowercase()) {
        text.to_lowercase()
    } else {
        text
    }
}

fn name_part(source: &Source<'_, '_>, part: NamePart, donor: &str) -> Option<String> {
    let persona = &source.drawn.persona;
    let of = |whose: Whose| match whose {
        Whose::Mother => Some(&persona.mother),
        Whose::Father => Some(&persona.father),
        Whose::Baby => Some(&persona.baby),
        Whose::Owner | Whose::Nobody => Some(match source.drawn.subject {
            Subject::Mother => &persona.mother,
            Subject::Father => &persona.father,
        }),
        Whose::Staff => None,
    };
    let text = match part {
        NamePart::Given(whose) => &of(whose)?.given,
        NamePart::Family(whose) => &of(whose)?.family,
    };
    Some(cased(masked_like(text.clone(), donor), donor))
}

/// Writes the baby's name, or what stands for it, as the donor does.
fn baby_named(source: &Source<'_, '_>, at: usize, donor: &str) -> String {
    let persona = &source.drawn.persona;
    let mother = source.model.name.map_or("", |at| source.donor.cell(at).trim());
    let sexed = |text: String| match persona.sex {
        Sex::Male => text.replace("之女", "之子").replace("女儿", "儿子").replace("女宝", "男宝"),
        Sex::Female => text.replace("之子", "之女").replace("儿子", "女儿").replace("男宝", "女宝"),
    };
    if !mother.is_empty() && donor.contains(mother) {
        let column = source.model.name.unwrap_or(at);
        return sexed(donor.replacen(mother, &named(source, column, &persona.mother, mother), 1));
    }
    let stands_for_a_name = NO_NAMES.iter().any(|word| donor.contains(word));
    let (mothers, babys) = (name_parts(mother), name_parts(donor));
    if stands_for_a_name {
        let family = mothers.map(|(family, _)| family).filter(|family| donor.starts_with(family.as_str()));
        return sexed(match family {
            Some(family) => donor.replacen(&family, &persona.mother.family, 1),
            None => donor.to_string(),
        });
    }
    let fathers = source.model.profile.position(Meaning::FatherName).and_then(|at| name_parts(source.donor.cell(at)));
    let alike = |parents: &Option<(String, String)>| matches!((parents, &babys), (Some(parent), Some(baby)) if parent.0 == baby.0);
    let of_mother = alike(&mothers) && !alike(&fathers);
    let family = if of_mother { &persona.mother.family } else { &persona.baby.family };
    let lower = donor.to_lowercase();
    if lower.starts_with("baby") || lower.starts_with("infant") {
        let word = donor.split_whitespace().next().unwrap_or("Baby");
        return format!("{word} {}", cased(family.clone(), donor));
    }
    let name = PersonName { family: family.clone(), given: persona.baby.given.clone() };
    if persona.culture == Culture::English && !donor.contains([' ', ',']) {
        return cased(name.given, donor);
    }
    named(source, at, &name, donor)
}

fn timed(source: &Source<'_, '_>, at: usize) -> Option<String> {
    let near = [source.site.place.host(), source.donor];
    let format = near.into_iter().find_map(|row| source.model.moment(row, at))?.1;
    let birth = source.drawn.persona.birth;
    let time = birth.time();
    // A workbook's cells read with seconds whether they show any or not.
    let time = if source.model.profile.habits[at].has_seconds { time } else { time.with_second(0).unwrap_or(time) };
    Some(format.render(birth.date(), time))
}

/// Takes the donor's time of discharge, where its cell has one.
fn discharge_time(source: &Source<'_, '_>, at: usize) -> NaiveTime {
    source.model.moment(source.donor, at).and_then(|(moment, _): (Moment, _)| moment.time()).unwrap_or_default()
}

fn id_number(source: &Source<'_, '_>, donor: &str, rng: &mut impl Rng) -> String {
    let persona = &source.drawn.persona;
    let (birth, sex) = (persona.mother_birth, source.drawn.sex());
    let known = source
        .model
        .regions
        .as_ref()
        .and_then(|regions| Some((regions.draw(source.donor, birth, rng)?, regions.sequence(sex, rng))));
    let number = match known {
        Some((region, sequence)) => persona::id_number_of(region, birth, sequence),
        None => persona::id_number(persona.origin, birth, sex, rng),
    };
    let number = if donor.ends_with('x') { number.to_lowercase() } else { number };
    persona::mask_like(&number, donor)
}

fn plate(source: &Source<'_, '_>, at: usize, donor: &str, rng: &mut impl Rng) -> Option<String> {
    const TRIES: usize = 50;
    let third = |row: &Texts| row.cell(at).chars().filter(|c| !matches!(c, '·' | ' ' | '-')).nth(2);
    let letters: Vec<char> = source.model.profile.donors().filter_map(third).filter(char::is_ascii_uppercase).collect();
    let new = |plate: &String| plate != donor && !source.model.profile.seen.may_hold_value(at, plate);
    (0..TRIES).map(|_| pattern::plate(donor, &letters, rng)).find(new)
}
