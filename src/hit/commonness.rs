//! How common facts are in the lists a canary stands in: what somebody who guesses gets right.
//!
//! Canaries are made in their list's own shape, so those of one holder are a sample of its list: where all were born in
//! one hospital, naming it says nothing. The sample is small, so each share is held to what is known of the country.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use foldhash::fast::RandomState;

use super::dates;
use super::hear::{Fact, Known};
use super::names::Name;
use super::places;
use super::speech::fold;
use crate::persona::surname_share;

/// Canaries that the share known beforehand is worth.
const PRIOR_CANARIES: f64 = 8.0;
/// Chance to be right about a district for somebody who knows the hospital or part of the address.
const DISTRICT_NEAR_BY: f64 = 0.5;
/// How many times commoner a name is that was heard as one that sounds like it.
const SOUNDS_ALIKE: f64 = 5.0;

/// Values of facts among the canaries of one holder.
#[derive(Debug, Clone)]
pub struct Commonness {
    /// Those that are counted.
    facts: Vec<Fact>,
    canaries: f64,
    values: HashMap<(Fact, String), f64, RandomState>,
}

impl Default for Commonness {
    fn default() -> Commonness {
        Commonness::about(&Fact::COUNTED)
    }
}

impl Commonness {
    /// Begins to count, of these facts, those that people of one list often share; of others there is nothing to count.
    pub fn about(facts: &[Fact]) -> Commonness {
        let facts = Fact::COUNTED.into_iter().filter(|fact| facts.contains(fact)).collect();
        Commonness { facts, canaries: 0.0, values: HashMap::default() }
    }

    /// Gives the facts that are counted.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Tells whether the chance of these facts can be given.
    pub fn tells(&self, facts: &[Fact]) -> bool {
        facts.iter().all(|fact| !Fact::COUNTED.contains(fact) || self.facts.contains(fact))
    }

    /// Counts one more canary.
    pub fn add(&mut self, known: &Known<'_>) {
        self.canaries += 1.0;
        // A name has a surname and a given name, a date its month: each is read once.
        let mother = known.mother_name.and_then(Name::written);
        let birth = known.birth_date.and_then(dates::written);
        for fact in &self.facts {
            let value = match fact {
                Fact::Surname => mother.as_ref().map(|name| name.surname.clone()),
                Fact::GivenName => mother.as_ref().map(|name| name.given.clone()),
                Fact::BirthDate => birth.map(of_day),
                Fact::BirthMonth => birth.map(of_month),
                Fact::BabySex | Fact::Hospital | Fact::District | Fact::Address | Fact::BabyName => value(*fact, known),
                Fact::MotherName | Fact::MotherNameAlike | Fact::SurnameAlike | Fact::FatherName | Fact::IdNumber => {
                    None
                }
            };
            if let Some(value) = value {
                *self.values.entry((*fact, value)).or_default() += 1.0;
            }
        }
    }

    /// Gives the chance that somebody who knows nothing of this person gets all these facts right.
    pub fn chance(&self, facts: &[Fact], known: &Known<'_>) -> f64 {
        facts.iter().map(|fact| self.share(*fact, facts, known)).product::<f64>().max(f64::MIN_POSITIVE)
    }

    fn share(&self, fact: Fact, said: &[Fact], known: &Known<'_>) -> f64 {
        let near_by = [Fact::Hospital, Fact::Address].iter().any(|fact| said.contains(fact));
        if fact == Fact::District && near_by {
            return DISTRICT_NEAR_BY;
        }
        let surname = || known.mother_name.and_then(Name::written).and_then(|name| surname_share(&name.surname));
        let prior = match fact {
            Fact::Surname => surname().unwrap_or_else(|| fact.commonness()),
            Fact::SurnameAlike => (surname().unwrap_or_else(|| Fact::Surname.commonness()) * SOUNDS_ALIKE).min(0.5),
            fact => fact.commonness(),
        };
        // A date that may put the day or the month first is guessed right by either.
        let readings =
            if fact == Fact::BirthDate { known.birth_date.map_or(1, |it| dates::readings(it).len()) } else { 1 };
        let prior = prior * readings.max(1) as f64;
        let Some(value) = value(fact, known) else { return prior };
        // This canary is in the sample itself.
        let same = (self.values.get(&(fact, value)).copied().unwrap_or_default() - 1.0).max(0.0);
        (same + PRIOR_CANARIES * prior) / ((self.canaries - 1.0).max(0.0) + PRIOR_CANARIES)
    }
}

/// Gives what stands for a fact in a sample; facts that hardly two people share are not counted.
fn value(fact: Fact, known: &Known<'_>) -> Option<String> {
    match fact {
        Fact::Surname => known.mother_name.and_then(Name::written).map(|name| name.surname),
        Fact::BabySex => known.baby_sex.map(fold),
        Fact::BirthDate => known.birth_date.and_then(dates::written).map(of_day),
        Fact::BirthMonth => known.birth_date.and_then(dates::written).map(of_month),
        Fact::Hospital => known.hospital.map(fold),
        Fact::District => known.district.map(fold),
        Fact::Address => known.address.and_then(places::estate_or_road),
        Fact::GivenName => known.mother_name.and_then(Name::written).map(|name| name.given),
        Fact::BabyName => known.baby_name.and_then(Name::written).map(|name| name.given),
        Fact::MotherName | Fact::MotherNameAlike | Fact::SurnameAlike | Fact::FatherName | Fact::IdNumber => None,
    }
}

fn of_day(day: NaiveDate) -> String {
    format!("{}-{}", of_month(day), day.day())
}

fn of_month(day: NaiveDate) -> String {
    format!("{}-{}", day.year(), day.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANG: Known<'static> = Known {
        mother_name: Some("王芳"),
        father_name: None,
        baby_name: None,
        baby_sex: Some("男"),
        birth_date: Some("2026-03-05"),
        hospital: Some("市妇幼保健院"),
        address: None,
        district: Some("南山区"),
        id_number: None,
    };

    #[test]
    fn a_fact_that_all_canaries_share_says_little() {
        let (mut one, mut many) = (Commonness::default(), Commonness::default());
        one.add(&WANG);
        for _ in 0..200 {
            many.add(&WANG);
        }
        assert!((one.chance(&[Fact::Hospital], &WANG) - Fact::Hospital.commonness()).abs() < 1e-9);
        assert!(many.chance(&[Fact::Hospital], &WANG) > 0.95);
        assert!(many.chance(&[Fact::BirthDate], &WANG) > 0.95, "a list of one day");
    }

    #[test]
    fn facts_that_are_counted_alone_have_the_same_share() {
        let facts = [Fact::MotherName, Fact::Surname, Fact::Hospital];
        let (mut all, mut few) = (Commonness::default(), Commonness::about(&facts));
        for name in ["王芳", "王静", "李静", "鲜于婷"] {
            let known = Known { mother_name: Some(name), ..WANG };
            all.add(&known);
            few.add(&known);
        }
        assert_eq!(all.chance(&facts, &WANG), few.chance(&facts, &WANG));
        assert!(few.tells(&facts) && !few.tells(&[Fact::District]) && all.tells(&[Fact::District, Fact::IdNumber]));
    }

    #[test]
    fn a_rare_surname_says_more_than_a_common_one() {
        let mut list = Commonness::default();
        let rare = Known { mother_name: Some("鲜于婷"), ..WANG };
        list.add(&WANG);
        list.add(&rare);
        assert!(list.chance(&[Fact::Surname], &rare) < 0.1 * list.chance(&[Fact::Surname], &WANG));
    }

    #[test]
    fn a_name_that_sounds_alike_is_never_rarer_than_the_name() {
        let mut list = Commonness::default();
        for _ in 0..1_000 {
            list.add(&Known { mother_name: Some("李静"), ..WANG });
        }
        list.add(&WANG);
        assert!(list.chance(&[Fact::SurnameAlike], &WANG) > list.chance(&[Fact::Surname], &WANG));
        assert_eq!(list.chance(&[Fact::MotherName], &WANG), Fact::MotherName.commonness());
    }

    #[test]
    fn a_date_that_can_be_read_two_ways_is_guessed_twice_as_often() {
        let mut list = Commonness::default();
        let (clear, either) =
            (Known { birth_date: Some("25/09/2026"), ..WANG }, Known { birth_date: Some("05/09/2026"), ..WANG });
        list.add(&clear);
        list.add(&either);
        let ratio = list.chance(&[Fact::BirthDate], &either) / list.chance(&[Fact::BirthDate], &clear);
        assert!((ratio - 2.0).abs() < 1e-9, "{ratio}");
    }

    #[test]
    fn a_district_adds_little_to_its_hospital() {
        let mut list = Commonness::default();
        list.add(&WANG);
        let both = list.chance(&[Fact::Hospital, Fact::District], &WANG);
        assert!((both / list.chance(&[Fact::Hospital], &WANG) - DISTRICT_NEAR_BY).abs() < 1e-9);
    }
}
