//! Cells of columns whose meaning is unknown: values the list repeats are taken over, others are made in their
//! pattern and never copied.

use chrono::{Datelike, NaiveTime};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::crowd::mother_birth;
use super::draw::{self, Subject, local_place};
use super::model::name_parts;
use super::naming::Bearer;
use super::ties::year_in;
use super::write::{self, Source};
use super::{naming, pattern};
use crate::list::Meaning;
use crate::list::profile::{Habit, Texts};
use crate::persona::{self, Culture, PersonName, Sex, names};

/// Tries to make a value that is not in the list.
const TRIES: usize = 50;

/// Writes a cell of any column in the manner of the donor's.
pub fn written(source: &Source<'_, '_>, at: usize, donor: &str, rng: &mut impl Rng) -> Option<String> {
    let habit = &source.model.profile.habits[at];
    if let Some(masked) = masked_phone(source, donor) {
        return Some(masked);
    }
    if source.model.ties.follows_birth(at)
        && let Some(date) = date(source, at, rng)
    {
        return Some(date);
    }
    if let Some(born) = mothers_year(source, at, donor) {
        return Some(born);
    }
    if habit.is_choice {
        return Some(taken_over(source, at, rng));
    }
    if let Some(date) = date(source, at, rng) {
        return Some(date);
    }
    if habit.phones >= 0.5 {
        return Some(if repeats(habit, donor) { donor.to_string() } else { String::new() });
    }
    if habit.id_numbers >= 0.5 {
        let persona = &source.drawn.persona;
        let born = names::father_birth(persona.mother_birth, rng);
        let number = persona::id_number(persona.origin, born, Sex::Male, rng);
        return Some(persona::mask_like(&number, donor));
    }
    if repeats(habit, donor) {
        return Some(taken_over(source, at, rng));
    }
    if habit.names >= 0.5 {
        return Some(somebody(source, at, donor, rng));
    }
    if habit.addresses >= 0.5
        && let Some(address) = address(source, at, rng)
    {
        return Some(address);
    }
    if let Some(streets) = source.model.crowd.streets(at) {
        let place = local_place(source.model, source.donor);
        let new = |code: &String| !source.model.profile.seen.may_hold_value(at, code);
        let code = (0..TRIES).filter_map(|_| streets.like(source.donor.cell(at).trim(), &place, rng)).find(new);
        if code.is_some() {
            return code;
        }
    }
    if donor.bytes().any(|b| b.is_ascii_digit()) {
        return unique(source, at, donor, rng);
    }
    let common: Vec<&String> = habit.values.iter().filter(|(_, n)| *n > 1).map(|(value, _)| value).collect();
    Some(common.choose(rng).map_or_else(String::new, |value| (*value).clone()))
}

/// Hides of the new phone what the cell hides of its donor's: `138****8000`.
fn masked_phone(source: &Source<'_, '_>, donor: &str) -> Option<String> {
    let phone = source.donor.cell(source.model.profile.position(Meaning::Phone)?).trim();
    let is_of_phone = donor.contains(['*', '＊']) && persona::mask_like(phone, donor) == donor.trim();
    is_of_phone.then(|| persona::mask_like(source.phones.first.trim(), donor))
}

/// Writes a place nobody lives at, as the list writes its own.
pub fn address(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> Option<String> {
    let place = local_place(source.model, source.donor);
    let donor = source.donor.cell(at).trim();
    match source.model.crowd.streets(at) {
        Some(streets) => streets.like(donor, &place, rng),
        None => persona::address::like(donor, &place, rng),
    }
}

/// Takes over the donor's value, or one as rare; one that stands there once becomes new, if it is a number.
pub fn taken_over(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> String {
    let donor = source.donor.cell(at).trim();
    let Some(values) = source.model.crowd.values(at) else { return donor.to_string() };
    match values.like(&donor, |_| true, rng) {
        Some(value) => (*value).to_string(),
        None if donor.bytes().any(|b| b.is_ascii_digit()) => {
            let mut made = (0..TRIES).map(|_| pattern::varied(donor, rng));
            made.find(|made| values.count(&made.as_str()) == 0).unwrap_or_else(|| donor.to_string())
        }
        None => values.single(rng).map_or(donor, |value| value).to_string(),
    }
}

/// Takes over a measure that stands near the donor's in the list, written alike.
pub fn near(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> Option<String> {
    let donor = source.donor.cell(at).trim();
    source.model.crowd.near(at, donor, rng).map(str::to_string)
}

/// Makes a value in the donor's pattern that the list does not hold, among its numbers where it has any like it.
///
/// What a mask leaves of a number may stand there already.
pub fn unique<R: Rng>(source: &Source<'_, '_>, at: usize, donor: &str, rng: &mut R) -> Option<String> {
    let new = |value: &String| value != donor && !source.model.profile.seen.may_hold_value(at, value);
    let ranges = source.model.crowd.ranges(at);
    let beside = if draw::is_in_no_order(source.model) { "" } else { source.site.place.host().cell(at).trim() };
    let like =
        |rng: &mut R| ranges.and_then(|ranges| ranges.room(donor, rng).or_else(|| ranges.between(donor, beside, rng)));
    let among = (0..TRIES).filter_map(|_| like(rng)).find(new);
    if among.is_some() {
        return among;
    }
    if naming::is_masked(donor) {
        return Some(donor.to_string());
    }
    let made = (0..TRIES).map(|_| pattern::varied(donor, rng)).find(new);
    match made {
        Some(value) => Some(value),
        None if source.model.profile.habits[at].blank > 0.0 => Some(String::new()),
        None => None,
    }
}

fn repeats(habit: &Habit, value: &str) -> bool {
    habit.values.iter().take_while(|(_, n)| *n > 1).any(|(known, _)| known == value)
}

/// Writes a date as far from the birth as the donor's is from its own.
fn date(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> Option<String> {
    let (moment, format) = source.model.moment(source.donor, at)?;
    source.model.profile.habits[at].moment.as_ref()?;
    let day = moment.day()?;
    let time = moment.time().unwrap_or(NaiveTime::MIN);
    let births = source.model.birth.and_then(|birth| source.model.moment(source.donor, birth));
    let day = match births.and_then(|(birth, _)| birth.day()) {
        Some(birth) => source.drawn.persona.birth.date() + (day - birth),
        None => draw::beside_order(source.model, source.site, source.donor)
            .map_or_else(|| source.model.day_near(at, day, rng), |(own, donors)| own + (day - donors)),
    };
    Some(format.render(day, time))
}

/// Writes the year, or the month, in which the mother was born, where the donor's cell has its own mother's.
fn mothers_year(source: &Source<'_, '_>, at: usize, donor: &str) -> Option<String> {
    let profile = source.model.profile;
    let known = mother_birth(profile, source.donor)?;
    let donor = donor.trim();
    if (year_in(donor)? - known.year()).abs() > 1 {
        return None;
    }
    let own = source.drawn.persona.mother_birth;
    let is_digit = |c: char| c.is_ascii_digit();
    let (head, tail) = match donor[4..].find(is_digit) {
        Some(start) => donor.split_at(4 + start),
        None => return Some(format!("{}{}", own.year(), &donor[4..])),
    };
    let behind = tail.trim_start_matches(is_digit);
    let is_padded = profile.habits[at].values.iter().any(|(value, _)| {
        value.get(4..).is_some_and(|month| month.trim_start_matches(|c| !is_digit(c)).starts_with('0'))
    });
    let is_month = tail.len() - behind.len() <= 2 && !behind.contains(is_digit);
    let month = if is_padded { format!("{:02}", own.month()) } else { own.month().to_string() };
    is_month.then(|| format!("{}{}{month}{behind}", own.year(), &head[4..]))
}

/// Names somebody else on the row: one of the persona's own people where the donor's cell names one, or whose surname it has.
fn somebody(source: &Source<'_, '_>, at: usize, donor: &str, rng: &mut impl Rng) -> String {
    let persona = &source.drawn.persona;
    let profile = source.model.profile;
    let own = |meaning: Meaning| profile.position(meaning).map_or("", |at| source.donor.cell(at).trim());
    let subject = match source.drawn.subject {
        Subject::Mother => &persona.mother,
        Subject::Father => &persona.father,
    };
    let people = [
        (own(Meaning::MotherName), &persona.mother),
        (own(Meaning::FatherName), &persona.father),
        (own(Meaning::BabyName), &persona.baby),
        (own(Meaning::Name), subject),
    ];
    if let Some((_, name)) = people.iter().find(|(own, _)| !own.is_empty() && *own == donor) {
        return write::named(source, at, name, donor);
    }
    let told = relation(source.donor);
    let is_free = |meaning: Meaning| profile.position(meaning).is_none() && profile.position(Meaning::Name).is_none();
    match told {
        Some(Sex::Female) if is_free(Meaning::MotherName) => return write::named(source, at, &persona.mother, donor),
        Some(Sex::Male) if is_free(Meaning::FatherName) => return write::named(source, at, &persona.father, donor),
        Some(_) | None => {}
    }
    let family = |name: &str| name_parts(name).map(|(family, _)| family);
    let kin = people.iter().find(|(own, _)| family(own).is_some_and(|own| family(donor) == Some(own)));
    let names = source.model.crowd.others(at);
    let family = match (kin, names) {
        (Some((_, name)), _) => name.family.clone(),
        (None, Some((names, _))) => names.family(rng),
        (None, None) => names::surname(Culture::Chinese, &[], rng),
    };
    let born = persona.mother_birth;
    let given = match names {
        Some((names, sex)) => names.given(Bearer::Adult(told.unwrap_or(*sex)), born, rng),
        None if told == Some(Sex::Female) => names::mother_given(Culture::Chinese, born, names::Seen::NOTHING, rng),
        None => names::father_given(Culture::Chinese, born, rng),
    };
    write::named(source, at, &PersonName { family, given }, donor)
}

/// Tells whether a cell of a row says that the one named is the mother, or the father.
fn relation(row: &Texts) -> Option<Sex> {
    const MOTHER: [&str; 5] = ["母亲", "妈妈", "母", "mother", "mum"];
    const FATHER: [&str; 5] = ["父亲", "爸爸", "父", "father", "dad"];
    (0..row.len()).find_map(|at| {
        let word = row.cell(at).trim().to_lowercase();
        let is = |words: &[&str]| words.contains(&word.as_str());
        is(&MOTHER).then_some(Sex::Female).or(is(&FATHER).then_some(Sex::Male))
    })
}
