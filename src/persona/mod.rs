//! A made-up mother and newborn whose facts fit each other, their time and their place.
//!
//! Nobody may be hit by a canary: names are drawn apart from addresses, identity numbers have withdrawn
//! region codes, and phone numbers are not made here at all. Parts can be drawn alone (`names`, `newborn`,
//! `address`, `id_number`), because a list often holds only some of them.

use chrono::{Days, Months, NaiveDate, NaiveDateTime};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

pub mod address;
mod country;
pub mod foreign_id;
pub mod id_number;
pub mod names;
pub mod newborn;
pub mod places;
mod reading_zh;
mod rewrite_en;
mod rewrite_zh;
mod tables;
mod words;

pub use address::Address;
pub use foreign_id::{NhsRange, nhs_check, nhs_number, social_security_number};
pub use id_number::{RegionCode, id_number, id_number_of, is_withdrawn, mask_like, withdrawn_near};
pub use names::{COMPOUND_SURNAMES, surname_share};
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use chrono::Datelike;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn facts(place: &Place, birth: NaiveDateTime) -> Facts<'_> {
        let culture = Culture::Chinese;
        Facts { culture, place, birth, sex: None, delivery: None, given_names: &[], surnames: &[], novelty: 0.4 }
    }

    fn hangzhou() -> Place {
        Place::find(["杭州市"].into_iter())
    }

    fn personas(count: usize) -> Vec<Persona> {
        let mut rng = ChaCha20Rng::seed_from_u64(40);
        let place = hangzhou();
        let births = (0..count).map(|at| day(1 + at as u32 % 12, 1 + at as u32 % 28).and_hms_opt(0, 0, 0).unwrap());
        births.map(|birth| make(&facts(&place, birth), &mut rng)).collect()
    }

    #[test]
    fn the_facts_of_a_persona_fit_each_other() {
        for persona in personas(10_000) {
            let date = persona.birth.date();
            let age = date.years_since(persona.mother_birth).unwrap();
            assert!((18..=46).contains(&age), "{persona:?}");
            assert!(persona.parity >= 1 && (persona.parity < 3 || age >= 23), "{persona:?}");
            let stay = (persona.discharge - date).num_days();
            match persona.delivery {
                Delivery::Vaginal | Delivery::Assisted => assert!((2..=4).contains(&stay)),
                Delivery::Caesarean => assert!((4..=6).contains(&stay)),
            }
            assert!((600..=5500).contains(&persona.weight_g) && (28..=56).contains(&persona.length_cm));
            assert!(persona.gestation_days > 32 * 7 || persona.weight_g < 3200, "{persona:?}");
            assert!(persona.weight_g < 3500 || persona.length_cm >= 47, "{persona:?}");
            assert!(persona.weight_g > 2000 || persona.length_cm <= 46, "{persona:?}");
            assert!([&persona.mother.family, &persona.father.family].contains(&&persona.baby.family));
            assert_eq!((persona.home.province.as_str(), persona.home.city.as_str()), ("浙江省", "杭州市"));
            assert!(hangzhou().with_district(&persona.home.district).district() == persona.home.district);
        }
    }

    #[test]
    fn shares_are_those_of_real_lists() {
        let personas = personas(10_000);
        let share = |holds: &dyn Fn(&Persona) -> bool| personas.iter().filter(|persona| holds(persona)).count();
        assert!((5080..5400).contains(&share(&|persona| persona.sex == Sex::Male)));
        assert!((4150..4450).contains(&share(&|persona| persona.delivery == Delivery::Caesarean)));
        assert!((4200..6800).contains(&share(&|persona| persona.parity == 1)));
        assert!(share(&|persona| persona.mother.family == persona.father.family) < 700);
        let with_father = share(&|persona| persona.baby.family == persona.father.family);
        assert!((8850..9250).contains(&with_father), "{with_father}");
        let from_here = share(&|persona| persona.origin.prefecture() == 3301);
        assert!((5700..6700).contains(&from_here), "{from_here}");
        let ages: i32 = personas.iter().map(|persona| persona.birth.year() - persona.mother_birth.year()).sum();
        assert!((295_000..312_000).contains(&ages), "{ages}");
    }

    #[test]
    fn what_is_settled_stays() {
        let mut rng = ChaCha20Rng::seed_from_u64(41);
        let place = hangzhou().with_district("西湖区");
        let birth = day(3, 2).and_hms_opt(3, 14, 0).unwrap();
        let (sex, delivery) = (Some(Sex::Female), Some(Delivery::Assisted));
        for _ in 0..100 {
            let persona = make(&Facts { sex, delivery, ..facts(&place, birth) }, &mut rng);
            assert_eq!((persona.sex, persona.delivery), (Sex::Female, Delivery::Assisted));
            assert_eq!((persona.birth, persona.home.district.as_str()), (birth, "西湖区"));
        }
    }

    #[test]
    fn no_two_of_100_000_personas_are_alike() {
        let mut rng = ChaCha20Rng::seed_from_u64(42);
        let place = hangzhou();
        let birth = day(3, 2).and_hms_opt(0, 0, 0).unwrap();
        let facts = facts(&place, birth);
        let mut seen = HashSet::new();
        for _ in 0..100_000 {
            let persona = make(&facts, &mut rng);
            let who = (persona.mother.full(persona.culture), persona.mother_birth, persona.birth);
            assert!(seen.insert((who, persona.home)));
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_persona() {
        let (place, birth) = (Place::default(), day(3, 2).and_hms_opt(0, 0, 0).unwrap());
        let once = || make(&facts(&place, birth), &mut ChaCha20Rng::seed_from_u64(43));
        assert_eq!(once(), once());
    }

    #[test]
    fn an_english_persona_has_an_english_name_and_home() {
        let mut rng = ChaCha20Rng::seed_from_u64(44);
        let (place, birth) = (Place::default(), day(3, 2).and_hms_opt(0, 0, 0).unwrap());
        let persona = make(&Facts { culture: Culture::English, ..facts(&place, birth) }, &mut rng);
        let home = persona.home.text(Culture::English, address::StartAt::Province);
        for text in [persona.mother.full(Culture::English), persona.baby.full(Culture::English), home] {
            assert!(text.is_ascii() && text.contains(' '), "{text}");
        }
    }
}
