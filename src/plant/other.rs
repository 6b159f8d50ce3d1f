//! Cells of columns whose meaning is unknown: values the list repeats are taken over, others are made in their
//! pattern and never copied.

use chrono::NaiveTime;
use rand::Rng;
use rand::seq::IndexedRandom;

use super::draw::{self, local_place};
use super::write::Source;
use super::{naming, pattern};
use crate::list::Meaning;
use crate::list::profile::Habit;
use crate::persona::{self, Culture, Sex, names};

/// Tries to make a value that is not in the list.
const TRIES: usize = 50;

/// Writes a cell of any column in the manner of the donor's.
pub fn written(source: &Source<'_, '_>, at: usize, donor: &str, rng: &mut impl Rng) -> Option<String> {
    let habit = &source.model.profile.habits[at];
    if let Some(masked) = masked_phone(source, donor) {
        return Some(masked);
    }
    if habit.is_choice {
        return Some(taken_over(source, at, rng));
    }
    if let Some(date) = date(source, at) {
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
        return Some(somebody(source, rng));
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
fn date(source: &Source<'_, '_>, at: usize) -> Option<String> {
    let (moment, format) = source.model.moment(source.donor, at)?;
    source.model.profile.habits[at].moment.as_ref()?;
    let day = moment.day()?;
    let time = moment.time().unwrap_or(NaiveTime::MIN);
    let births = source.model.birth.and_then(|birth| source.model.moment(source.donor, birth));
    let day = match births.and_then(|(birth, _)| birth.day()) {
        Some(birth) => source.drawn.persona.birth.date() + (day - birth),
        None => draw::beside_order(source.model, source.site, source.donor)
            .map_or(day, |(own, donors)| own + (day - donors)),
    };
    Some(format.render(day, time))
}

/// Makes up a name of somebody else on the row.
fn somebody(source: &Source<'_, '_>, rng: &mut impl Rng) -> String {
    let persona = &source.drawn.persona;
    let family = names::surname(Culture::Chinese, &[], rng);
    format!("{family}{}", names::father_given(Culture::Chinese, persona.mother_birth, rng))
}
