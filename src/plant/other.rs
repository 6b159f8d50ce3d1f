//! Cells of columns whose meaning is unknown: values the list repeats are taken over, others are made in their
//! pattern and never copied.

use chrono::{Datelike, NaiveTime, Timelike};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::crowd::mother_birth;
use super::draw::{self, Subject, local_place};
use super::mail::Mails;
use super::model::name_parts;
use super::naming::Bearer;
use super::ties::year_in;
use super::write::{self, Source};
use super::{naming, pattern};
use crate::list::Meaning;
use crate::list::moment::Moment;
use crate::list::profile::{Habit, Texts};
use crate::persona::{self, Culture, PersonName, Sex, names};

/// Tries to make a value that is not in the list.
const TRIES: usize = 50;

/// Times a value stands in the list from which it is nobody's own.
const COMMON_MIN: u32 = 9;

/// Share of filled cells that must hold common values before one of these stands for a text that cannot be made.
const COMMON_SHARE_MIN: f64 = 0.5;

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
    if let Some(date) = date(source, at, rng).or_else(|| time_of_day(source, at, rng)) {
        return Some(date);
    }
    let model = source.model;
    let is_repeated = repeats(habit, donor) && !model.profile.seen.keeps_apart(at);
    if model.making.phones.contains(&at) {
        return Some(if is_repeated { donor.to_string() } else { String::new() });
    }
    if habit.id_numbers >= 0.5 {
        let persona = &source.drawn.persona;
        let born = names::father_birth(persona.mother_birth, rng);
        let number = persona::id_number(persona.origin, born, Sex::Male, rng);
        return Some(persona::mask_like(&number, donor));
    }
    if let Some(mails) = model.making.mails.get(&at) {
        return mail(source, at, mails, rng);
    }
    if is_repeated {
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
    if let Some(streets) = model.crowd.streets(at) {
        let place = local_place(model, source.donor);
        let new = |code: &String| !model.profile.seen.may_hold_value(at, code);
        let code = (0..TRIES).filter_map(|_| streets.like(source.donor.cell(at).trim(), &place, rng)).find(new);
        if code.is_some() {
            return code;
        }
    }
    if donor.bytes().any(|b| b.is_ascii_digit()) {
        return unique(source, at, donor, rng);
    }
    Some(text(source, at, rng))
}

/// Makes a text that no row has; where none can be made, takes one that many rows have, or leaves the cell empty.
fn text(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> String {
    let (profile, habit) = (source.model.profile, &source.model.profile.habits[at]);
    let wording = source.model.making.wordings.get(&at);
    let new = |text: &String| !profile.seen.may_hold_value(at, text);
    if let Some(made) = wording.and_then(|wording| (0..TRIES).filter_map(|_| wording.make(rng)).find(new)) {
        return made;
    }
    let common: Vec<&(String, u32)> = habit.values.iter().take_while(|(_, rows)| *rows >= COMMON_MIN).collect();
    let rows = |values: &mut dyn Iterator<Item = u32>| f64::from(values.sum::<u32>());
    let share =
        rows(&mut common.iter().map(|value| value.1)) / rows(&mut habit.values.iter().map(|value| value.1)).max(1.0);
    let drawn = common.choose_weighted(rng, |(_, rows)| *rows).ok().filter(|_| share >= COMMON_SHARE_MIN);
    drawn.map_or_else(String::new, |(value, _)| value.clone())
}

/// Writes an e-mail address of nobody; one that many rows have is an office's.
fn mail(source: &Source<'_, '_>, at: usize, mails: &Mails, rng: &mut impl Rng) -> Option<String> {
    let (profile, donor) = (source.model.profile, source.donor.cell(at).trim());
    let rows = profile.habits[at].values.iter().find(|(value, _)| value == donor).map_or(0, |(_, rows)| *rows);
    if rows >= COMMON_MIN {
        return Some(donor.to_string());
    }
    let old = source.model.name.and_then(|name| name_parts(source.donor.cell(name)));
    let old = old.map(|(family, given)| PersonName { family, given });
    let persona = &source.drawn.persona;
    let new = match source.drawn.subject {
        Subject::Mother => &persona.mother,
        Subject::Father => &persona.father,
    };
    let mut made = (0..TRIES).filter_map(|_| mails.like(donor, (old.as_ref(), new), rng));
    let made = made.find(|address| !profile.seen.may_hold_value(at, address));
    Some(made.unwrap_or_default())
}

/// Writes a time of day: the donor's hour, and the minute of somebody else.
fn time_of_day(source: &Source<'_, '_>, at: usize, rng: &mut impl Rng) -> Option<String> {
    let (Moment::Time(own), format) = source.model.moment(source.donor, at)? else { return None };
    let other = source.model.moment(source.model.another(source.donor, rng), at).and_then(|(moment, _)| moment.time());
    let time = other.unwrap_or(own).with_hour(own.hour())?;
    Some(format.render(source.drawn.persona.birth.date(), time))
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
    let model = source.model;
    let new = |value: &String| value != donor && !model.profile.seen.may_hold_value(at, value);
    if let Some(amounts) = model.making.amounts.get(&at) {
        let among = (0..TRIES).filter_map(|_| amounts.near(donor, rng)).find(new);
        if among.is_some() {
            return among;
        }
    }
    let ranges = model.crowd.ranges(at);
    let beside = if draw::is_in_no_order(model) { "" } else { source.site.place.host().cell(at).trim() };
    let like =
        |rng: &mut R| ranges.and_then(|ranges| ranges.room(donor, rng).or_else(|| ranges.between(donor, beside, rng)));
    let check = model.making.checks.get(&at);
    let checked = |value: String| check.map_or(Some(value.clone()), |check| check.corrected(&value));
    let among = (0..TRIES).filter_map(|_| like(rng)).filter_map(checked).find(new);
    if among.is_some() {
        return among;
    }
    if naming::is_masked(donor) {
        return Some(donor.to_string());
    }
    let made = (0..TRIES).map(|_| pattern::varied(donor, rng)).filter_map(checked).find(new);
    match made {
        Some(value) => Some(value),
        None if model.profile.habits[at].blank > 0.0 => Some(String::new()),
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
        (None, Some(names)) => names.family(rng),
        (None, None) => names::surname(Culture::Chinese, &[], rng),
    };
    let born = persona.mother_birth;
    let sex = told.unwrap_or(if rng.random_bool(0.5) { Sex::Female } else { Sex::Male });
    let given = match (names, sex) {
        (Some(names), _) => names.given(Bearer::Adult(sex), born, rng),
        (None, Sex::Female) => names::mother_given(Culture::Chinese, born, names::Seen::NOTHING, rng),
        (None, Sex::Male) => names::father_given(Culture::Chinese, born, rng),
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
