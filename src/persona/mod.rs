//! A made-up mother and newborn whose facts fit each other, their time and their place.
//!
//! Nobody may be hit by a canary: names are drawn apart from addresses, identity numbers have withdrawn
//! region codes, and phone numbers are not made here at all. Parts can be drawn alone (`names`, `newborn`,
//! `address`, `id_number`), because a list often holds only some of them.

use chrono::{Days, Months, NaiveDate, NaiveDateTime};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

pub mod address;
pub mod id_number;
pub mod names;
pub mod newborn;
pub mod places;
mod rewrite_en;
mod rewrite_zh;
mod tables;

pub use address::Address;
pub use id_number::{RegionCode, id_number, mask_like};
pub use places::Place;

/// The naming and address habits a list follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Culture {
    Chinese,
    English,
}

/// A sex, as lists of newborns write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
}

/// A way of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Vaginal,
    Caesarean,
    /// With forceps or vacuum.
    Assisted,
}

/// A name in its two parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PersonName {
    pub family: String,
    pub given: String,
}

impl PersonName {
    /// Writes the name out: `王芳`, `Jane Smith`.
    pub fn full(&self, culture: Culture) -> String {
        match culture {
            Culture::Chinese => format!("{}{}", self.family, self.given),
            Culture::English => format!("{} {}", self.given, self.family),
        }
    }
}

/// A mother, her newborn and what a list says about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    pub culture: Culture,
    pub mother: PersonName,
    pub mother_birth: NaiveDate,
    pub father: PersonName,
    pub baby: PersonName,
    pub sex: Sex,
    pub birth: NaiveDateTime,
    pub gestation_days: u32,
    pub weight_g: u32,
    pub length_cm: u32,
    /// Children the mother has had, this one counted.
    pub parity: u8,
    pub delivery: Delivery,
    pub discharge: NaiveDate,
    pub home: Address,
    /// Where the mother is from, for an identity number and an origin column; Chinese whatever the culture.
    pub origin: RegionCode,
}

/// What is settled before a persona is drawn.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub culture: Culture,
    pub place: &'a Place,
    /// Birth of the child; midnight sharp stands for an unknown hour.
    pub birth: NaiveDateTime,
    pub sex: Option<Sex>,
    pub delivery: Option<Delivery>,
    /// Mothers' given names of the list, sorted, repeats kept as frequencies; may be empty.
    pub given_names: &'a [String],
    /// Surnames of the list, repeats kept as frequencies; may be empty.
    pub surnames: &'a [String],
    /// Share of given names that should be new to the list, 0 to 1; 0.4 if unknown.
    pub novelty: f64,
}

/// Makes a persona that fits the facts.
pub fn make(facts: &Facts, rng: &mut impl Rng) -> Persona {
    let culture = facts.culture;
    let date = facts.birth.date();
    let sex = facts.sex.unwrap_or_else(|| newborn::sex(rng));
    let delivery = facts.delivery.unwrap_or_else(|| newborn::delivery(facts.birth, rng));
    let age = newborn::mother_age(rng);
    let mother_birth = birth_for_age(date, age, rng);
    let seen = names::Seen { given_names: facts.given_names, novelty: facts.novelty };
    let mother = PersonName {
        family: names::surname(culture, facts.surnames, rng),
        given: names::mother_given(culture, mother_birth, seen, rng),
    };
    let father_birth = names::father_birth(mother_birth, rng);
    let father = PersonName {
        family: names::surname(culture, facts.surnames, rng),
        given: names::father_given(culture, father_birth, rng),
    };
    let gestation_days = newborn::gestation_days(rng);
    let weight_g = newborn::weight(culture, gestation_days, sex, rng);
    let of_mother = rng.random_bool(MOTHERS_NAME_SHARE);
    let baby = PersonName {
        family: if of_mother { mother.family.clone() } else { father.family.clone() },
        given: names::baby_given(culture, sex, date, rng),
    };
    Persona {
        culture,
        mother,
        mother_birth,
        father,
        baby,
        sex,
        birth: facts.birth,
        gestation_days,
        weight_g,
        length_cm: newborn::length(weight_g, rng),
        parity: newborn::parity(age, rng),
        delivery,
        discharge: date + Days::new(u64::from(newborn::stay_days(delivery, rng))),
        home: address::home(culture, facts.place, rng),
        origin: facts.place.an_origin(rng),
    }
}

/// Share of newborns that get the mother's surname.
const MOTHERS_NAME_SHARE: f64 = 0.1;

/// Draws a birth date of somebody who is `age` full years old on `day`.
pub fn birth_for_age(day: NaiveDate, age: u32, rng: &mut impl Rng) -> NaiveDate {
    day - Months::new(12 * age) - Days::new(rng.random_range(0..365))
}
