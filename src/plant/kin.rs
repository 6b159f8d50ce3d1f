//! Makes a persona somebody of the list: named as people there are, of an age and with a child as a donor has them.
//!
//! What goes together (gestation, weight, parity, delivery) stays together, because it is one donor's; what would tell
//! the donor (a birth date, a weight to the gram) is moved a little.

use chrono::{Datelike, Days, NaiveDate};
use rand::{Rng, RngExt};

use super::clinic;
use super::crowd::{Role, mother_birth};
use super::draw::Subject;
use super::model::Model;
use super::naming::{Bearer, whole};
use crate::list::Meaning;
use crate::list::profile::Texts;
use crate::persona::{Persona, Sex, birth_for_age};

/// Days by which a mother's birth date is moved from the donor's, either way.
const AGE_DAYS: u64 = 150;

/// Grams by which a weight is moved from the donor's, either way.
const WEIGHT_G: i64 = 90;

/// Donors that are asked for what the first does not tell.
const ASKED: usize = 30;

/// Gives the persona the donor's age and measures.
pub fn follow<'p>(model: &Model<'p>, donor: &'p Texts, persona: &mut Persona, rng: &mut impl Rng) {
    let profile = model.profile;
    let birth = persona.birth.date();
    let tells = |row: &Texts| Some((mother_birth(profile, row)?, day(model, row).unwrap_or(birth)));
    let born = tells(donor).or_else(|| (0..ASKED).find_map(|_| tells(model.another(donor, rng))));
    if let Some((born, then)) = born {
        let days = u64::try_from((then - born).num_days()).unwrap_or(0);
        persona.mother_birth = match age(model, donor) {
            // Where only the age is told it is the donor's.
            Some(age) if profile.position(Meaning::IdNumber).is_none() => birth_for_age(birth, age, rng),
            Some(_) | None => {
                let moved = birth - Days::new(days + rng.random_range(0..=2 * AGE_DAYS)) + Days::new(AGE_DAYS);
                tells(model.another(donor, rng)).map_or(moved, |(other, _)| on_the_day_of(moved, other))
            }
        };
    }
    let cell = |meaning: Meaning| profile.position(meaning).map(|at| donor.cell(at));
    if let Some(days) = cell(Meaning::GestationWeeks).and_then(clinic::gestation_of) {
        persona.gestation_days = days;
    }
    let heading =
        |meaning: Meaning| profile.position(meaning).map_or("", |at| profile.layout.columns[at].name.as_str());
    if let Some(grams) =
        cell(Meaning::BirthWeight).and_then(|cell| clinic::grams_of(cell, heading(Meaning::BirthWeight)))
    {
        let moved = i64::from(grams) + rng.random_range(-WEIGHT_G..=WEIGHT_G);
        persona.weight_g = u32::try_from(moved).unwrap_or(grams);
    }
    if let Some(parity) = cell(Meaning::Parity).and_then(|cell| cell.trim().parse().ok()) {
        persona.parity = parity;
    }
}

/// Gives the day of another's birth in the year that is nearest: on some days of the year more are born, or are said to be.
fn on_the_day_of(birth: NaiveDate, other: NaiveDate) -> NaiveDate {
    let days = (-1..=1).filter_map(|years| other.with_year(birth.year() + years));
    days.min_by_key(|day| (*day - birth).num_days().abs()).unwrap_or(birth)
}

fn age(model: &Model<'_>, donor: &Texts) -> Option<u32> {
    let cell = donor.cell(model.profile.position(Meaning::MotherAge)?).trim();
    cell.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

fn day(model: &Model<'_>, row: &Texts) -> Option<NaiveDate> {
    model.moment(row, model.birth?).and_then(|(moment, _)| moment.day())
}

/// Names the persona's people as the list names its own.
pub fn name(model: &Model<'_>, donor: &Texts, persona: &mut Persona, subject: Subject, rng: &mut impl Rng) {
    let crowd = &model.crowd;
    let mothers = crowd.names(Role::Mother, Sex::Female).or(crowd.names(Role::Owner, Sex::Female));
    let fathers = crowd.names(Role::Father, Sex::Male).or(match subject {
        Subject::Father => crowd.names(Role::Owner, Sex::Male),
        Subject::Mother => None,
    });
    if let Some(mothers) = mothers {
        persona.mother.family = mothers.family(rng);
        persona.mother.given = mothers.given(Bearer::Adult(Sex::Female), persona.mother_birth, rng);
    }
    let is_mothers = has_mothers_name(model, donor).unwrap_or(persona.baby.family != persona.father.family);
    if let Some(families) = fathers.or(mothers) {
        persona.father.family = families.family(rng);
    }
    if let Some(fathers) = fathers {
        persona.father.given = fathers.given(Bearer::Adult(Sex::Male), persona.mother_birth, rng);
    }
    persona.baby.family = if is_mothers { persona.mother.family.clone() } else { persona.father.family.clone() };
    if let Some(newborns) = crowd.names(Role::Newborn, persona.sex) {
        persona.baby.given = newborns.given(Bearer::Newborn(persona.sex), persona.birth.date(), rng);
    }
}

/// Tells whose surname the donor's child has, where its row names one of the parents with it.
fn has_mothers_name(model: &Model<'_>, donor: &Texts) -> Option<bool> {
    let family = |meaning: Meaning| {
        let name = whole(donor.cell(model.profile.position(meaning)?).trim())?;
        Some(name.family)
    };
    let child = family(Meaning::BabyName)?;
    match (family(Meaning::MotherName), family(Meaning::FatherName)) {
        (_, Some(father)) if father == child => Some(false),
        (Some(mother), _) if mother == child => Some(true),
        (_, Some(_)) | (Some(_), None) | (None, None) => None,
    }
}
