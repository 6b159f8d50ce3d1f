//! Names as the list has them: surnames and given names drawn by how often they stand there, new ones of its own
//! characters.
//!
//! Given names come in cohorts, so a mother's is drawn from those of mothers about her age, where the list tells ages.

use chrono::Datelike;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::model::{is_han, name_parts};
use super::turing::Counts;
use crate::persona::{Culture, PersonName, Sex, names};

/// Names from which a column can tell its own.
const NAMES_MIN: usize = 30;

/// Names that are looked at for one of a mother's cohort.
const COHORT: usize = 60;

/// Times a name is made again that the list holds.
const TRIES: usize = 40;

/// Words for a newborn that has no name yet.
pub const NO_NAMES: [&str; 8] = ["宝宝", "之子", "之女", "毛毛", "未取名", "未命名", "待定", "无名"];

/// Whose names a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    Adult(Sex),
    Newborn(Sex),
}

/// The names of one column, or of two that hold their parts.
pub struct Names {
    culture: Culture,
    families: Counts<String>,
    givens: Counts<String>,
    characters: Counts<char>,
    /// Given names by the year their bearer was born in.
    by_year: Vec<(i32, String)>,
}

impl Names {
    /// Learns names, each with the year its bearer was born in if that is known; nothing from a few.
    pub fn of(
        culture: Culture,
        parts: impl Iterator<Item = (PersonName, Option<i32>)>,
        per_sampled: f64,
    ) -> Option<Names> {
        let (mut families, mut givens, mut by_year) = (Vec::new(), Vec::new(), Vec::new());
        for (name, year) in parts {
            by_year.extend(year.map(|year| (year, name.given.clone())));
            families.push(name.family);
            givens.push(name.given);
        }
        if givens.len() < NAMES_MIN {
            return None;
        }
        by_year.sort_by_key(|(year, _)| *year);
        let characters: Vec<char> = givens.iter().flat_map(|given| given.chars()).collect();
        Some(Names {
            culture,
            families: Counts::of(families.into_iter(), per_sampled),
            givens: Counts::of(givens.into_iter(), per_sampled),
            characters: Counts::of(characters.into_iter(), per_sampled),
            by_year,
        })
    }

    /// Draws a surname.
    pub fn family(&self, rng: &mut impl Rng) -> String {
        match self.families.draw(rng) {
            Some(family) => family.clone(),
            None => {
                let made = (0..TRIES).map(|_| names::surname(self.culture, &[], rng));
                let mut new = made.filter(|family| self.families.count(family) == 0);
                new.next().or_else(|| self.families.any(rng).cloned()).unwrap_or_default()
            }
        }
    }

    /// Draws a given name for somebody born on a day.
    pub fn given(&self, bearer: Bearer, born: chrono::NaiveDate, rng: &mut impl Rng) -> String {
        let near = self.by_year.partition_point(|(year, _)| *year < born.year());
        let around = &self.by_year[near.saturating_sub(COHORT)..(near + COHORT).min(self.by_year.len())];
        let donor = around.choose(rng).map(|(_, given)| given).or_else(|| self.givens.any(rng));
        let Some(donor) = donor else { return String::new() };
        match self.givens.like(donor, |other| other.chars().count() == donor.chars().count(), rng) {
            Some(given) => given.clone(),
            None => self.new_given(donor, bearer, born, rng).unwrap_or_else(|| donor.clone()),
        }
    }

    /// Makes a given name that the list does not hold, as long as another that stands there once.
    fn new_given(&self, like: &str, bearer: Bearer, born: chrono::NaiveDate, rng: &mut impl Rng) -> Option<String> {
        let length = like.chars().count();
        let of_table = |rng: &mut _| match bearer {
            Bearer::Adult(Sex::Female) => names::mother_given(self.culture, born, names::Seen::NOTHING, rng),
            Bearer::Adult(Sex::Male) => names::father_given(self.culture, born, rng),
            Bearer::Newborn(sex) => names::baby_given(self.culture, sex, born, rng),
        };
        let is_chinese = self.culture == Culture::Chinese;
        let strange = self.strange_share();
        (0..TRIES).find_map(|_| {
            let given = if !is_chinese || length == 1 {
                of_table(rng)
            } else if rng.random_bool(strange) {
                let made = of_table(rng);
                // One character that the list does not know; two at once would be a sign of their own.
                let strange = made.chars().find(|c| self.characters.count(c) == 0)?;
                like.chars().take(length - 1).chain([strange]).collect()
            } else {
                let (first, last) = (self.givens.single(rng)?, self.givens.single(rng)?);
                let mut parts = first.chars().take(length - 1).collect::<String>();
                parts.extend(last.chars().last());
                parts
            };
            let is_long = is_chinese && given.chars().count() != length;
            (!is_long && self.givens.count(&given) == 0).then_some(given)
        })
    }

    /// Gives the share of new names that bring a character no other name has.
    fn strange_share(&self) -> f64 {
        let single = self.characters.novelty() * f64::from(self.characters.total());
        let new = self.givens.novelty() * f64::from(self.givens.total());
        if new > 0.0 { (single / new).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// What stands between the two signs of short names (`王　芳`), so that they are as long as others; repeats kept.
#[derive(Debug, Clone, Default)]
pub struct Gaps(Vec<String>);

impl Gaps {
    /// Learns from the names of a column.
    pub fn of<'c>(cells: impl Iterator<Item = &'c str>) -> Gaps {
        let gaps = cells.filter_map(|cell| {
            let name = cell.trim();
            let (first, last) = (name.chars().next()?, name.chars().next_back()?);
            let between = name.get(first.len_utf8()..name.len().checked_sub(last.len_utf8())?)?;
            (is_han(first) && is_han(last) && between.trim().is_empty()).then(|| between.to_string())
        });
        Gaps(gaps.collect())
    }

    /// Writes a name of two signs with a gap as usual in the column; the same name always with the same one.
    pub fn spaced(&self, name: String) -> String {
        let mut signs = name.chars();
        let (Some(first), Some(last), None, false) = (signs.next(), signs.next(), signs.next(), self.0.is_empty())
        else {
            return name;
        };
        let nth = u32::from(first).wrapping_mul(31).wrapping_add(u32::from(last)) as usize;
        format!("{first}{}{last}", self.0[nth % self.0.len()])
    }
}

/// Signs that lists put in place of what they hide.
const MASKS: [char; 6] = ['*', '＊', '某', '×', '○', '●'];

/// Tells whether a cell hides part of what it says.
pub fn is_masked(cell: &str) -> bool {
    cell.contains(MASKS)
}

/// Hides of a name what the donor hides of its own: `孙**`, `*娜丽`; one that hides nothing gives the whole name.
pub fn masked_like(name: String, donor: &str) -> String {
    let signs: Vec<char> = donor.chars().collect();
    let (Some(first), Some(last)) = (donor.find(MASKS), donor.rfind(MASKS)) else { return name };
    let (first, last) = (donor[..first].chars().count(), donor[..last].chars().count());
    let letters: Vec<char> = name.chars().collect();
    // One letter at least stays hidden, however short the name.
    let shown = letters.len().saturating_sub(1);
    let ahead = first.min(shown);
    let behind = (signs.len() - 1 - last).min(shown - ahead);
    let hidden = signs[first..=last].iter().map(|sign| if MASKS.contains(sign) { *sign } else { signs[first] });
    letters[..ahead].iter().copied().chain(hidden).chain(letters[letters.len() - behind..].iter().copied()).collect()
}

/// Reads whole names; words that stand for a name that is not given yet are none.
pub fn whole(cell: &str) -> Option<PersonName> {
    if NO_NAMES.iter().any(|word| cell.contains(word)) {
        return None;
    }
    name_parts(cell).map(|(family, given)| PersonName { family, given })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    use super::*;

    fn born(year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, 5, 1).expect("a day")
    }

    #[test]
    fn names_are_new_as_often_as_the_list_has_them_once_and_made_of_its_characters() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (first, last): (Vec<char>, Vec<char>) =
            ("春夏秋冬梅兰竹菊琴棋书画".chars().collect(), "英芳华玲".chars().collect());
        let given = |row: usize| match row {
            0..400 => "秀英".to_string(),
            _ => [first[row % 12], last[row / 12 % 4]].iter().collect(),
        };
        let list: Vec<PersonName> =
            (0..436).map(|row| PersonName { family: "王".to_string(), given: given(row) }).collect();
        let names = Names::of(Culture::Chinese, list.iter().map(|name| (name.clone(), None)), 1.0).expect("enough");
        let drawn: Vec<String> =
            (0..2_000).map(|_| names.given(Bearer::Adult(Sex::Female), born(1995), &mut rng)).collect();
        let usual = drawn.iter().filter(|given| *given == "秀英").count();
        assert!((1_700..1_950).contains(&usual), "{usual}");
        let strange = drawn.iter().filter(|given| given.chars().any(|c| names.characters.count(&c) == 0)).count();
        assert!(strange < 20, "{strange}");
    }

    #[test]
    fn a_mother_is_named_as_those_of_her_age() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let name =
            |row: i32| PersonName { family: "李".into(), given: if row < 300 { "桂芳" } else { "梓涵" }.into() };
        let list = (0..600).map(|row| (name(row), Some(if row < 300 { 1975 } else { 2002 })));
        let names = Names::of(Culture::Chinese, list, 1.0).expect("enough");
        assert!((0..50).all(|_| names.given(Bearer::Adult(Sex::Female), born(1975), &mut rng) == "桂芳"));
        assert!((0..50).all(|_| names.given(Bearer::Adult(Sex::Female), born(2003), &mut rng) == "梓涵"));
    }

    #[test]
    fn words_for_no_name_yet_are_no_names() {
        assert!(whole("周燕之女").is_none() && whole("王宝宝").is_none());
        assert_eq!(whole("欧阳水芳").map(|name| name.given).as_deref(), Some("水芳"));
    }

    #[test]
    fn names_of_two_signs_are_spaced_as_often_as_the_lists() {
        let gaps = Gaps::of(["王　芳", "李　娜", "张小丽", "欧阳水芳"].into_iter());
        assert_eq!(gaps.spaced("赵敏".to_string()), "赵　敏");
        assert_eq!(gaps.spaced("赵小敏".to_string()), "赵小敏");
        let mixed = Gaps::of((0..100).map(|n| if n < 70 { "王 芳" } else { "李娜" }));
        let names = (0..500).filter_map(|n| Some(format!("王{}", char::from_u32(0x4e00 + n)?)));
        let spaced = names.filter(|name| mixed.spaced(name.clone()).contains(' ')).count();
        assert!((300..400).contains(&spaced), "{spaced} of 500");
        assert_eq!(Gaps::of(["王芳"].into_iter()).spaced("赵敏".to_string()), "赵敏");
        assert_eq!(whole("王　芳").map(|name| (name.family, name.given)), Some(("王".into(), "芳".into())));
    }

    #[test]
    fn a_name_is_hidden_as_the_donors_is() {
        for (donor, name, masked) in [
            ("孙**", "李小娟", "李**"),
            ("孙*", "李小娟", "李*"),
            ("*娜丽", "李小娟", "*小娟"),
            ("*娜丽", "李娟", "*娟"),
            ("张*芳", "李小娟", "李*娟"),
            ("张*芳", "李娟", "李*"),
            ("王某某", "李娟", "李某某"),
            ("**", "娟", "**"),
            ("王芳", "李小娟", "李小娟"),
        ] {
            assert_eq!(masked_like(name.to_string(), donor), masked, "{donor}");
        }
    }
}
