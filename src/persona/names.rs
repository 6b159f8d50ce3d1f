//! Names: surnames, and given names of mothers, fathers and newborns.
//!
//! Names come in cohorts: a mother of 1990 and a child of 2026 share few characters. A list's own names are
//! the best model, but names that only repeat them give a canary away, so a share must be new to the list.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, TimeDelta};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::tables::{self, Weighted, in_gb2312, pick, rows};
use super::{Culture, Sex};

/// Surnames of two characters.
pub const COMPOUND_SURNAMES: [&str; 25] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "司空", "端木", "夏侯",
    "宇文", "长孙", "南宫", "独孤", "轩辕", "百里", "呼延", "东郭", "西门", "申屠", "闻人",
];

/// Share of surnames that a list does not hold yet (measured on a simulated registry of 20,000 rows).
const NEW_SURNAME_SHARE: f64 = 0.005;

/// How often a name is drawn again when it is not new to the list.
const DRAWS_MAX: usize = 12;

/// How often a name is drawn by frequency: a long list has all names of one character and all usual pairs.
const COMMON_DRAWS: usize = 3;

/// Gives the share of people with a surname in the country of its language; none if the tables do not have it.
pub fn surname_share(surname: &str) -> Option<f64> {
    static SHARES: LazyLock<HashMap<String, f64>> = LazyLock::new(|| {
        let tables = [tables::SURNAMES, tables::ENGLISH_SURNAMES];
        let rows = tables.into_iter().flat_map(rows::<2>);
        rows.filter_map(|[name, percent]| Some((name.to_lowercase(), percent.parse::<f64>().ok()? / 100.0))).collect()
    });
    SHARES.get(&surname.to_lowercase()).copied()
}

/// Draws a surname: one of the list's (repeats are its frequencies), rarely one of the table.
pub fn surname(culture: Culture, seen: &[String], rng: &mut impl Rng) -> String {
    if !seen.is_empty() && !rng.random_bool(NEW_SURNAME_SHARE) {
        return seen[rng.random_range(0..seen.len())].clone();
    }
    let table: &Weighted<&str> = match culture {
        Culture::Chinese => &CHINESE_SURNAMES,
        Culture::English => &ENGLISH_SURNAMES,
    };
    table.draw(rng).map_or_else(String::new, ToString::to_string)
}

/// What a list shows of mothers' given names.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Given names of the list, sorted, repeats kept as frequencies; may be empty. Unsorted names do no harm
    /// but that a name meant to be new may be an old one.
    pub given_names: &'a [String],
    /// Share of given names that should be new to the list, 0 to 1.
    pub novelty: f64,
}

impl Seen<'_> {
    /// A list of which nothing is known.
    pub const NOTHING: Seen<'static> = Seen { given_names: &[], novelty: 1.0 };
}

/// Draws a mother's given name: one of the list's, or a new one in the list's manner and of her cohort.
pub fn mother_given(culture: Culture, birth: NaiveDate, seen: Seen, rng: &mut impl Rng) -> String {
    let Some(model) = seen.given_names.choose(rng) else {
        return of_cohort(culture, Sex::Female, birth.year(), rng);
    };
    if !rng.random_bool(seen.novelty.clamp(0.0, 1.0)) {
        return model.clone();
    }
    let length = model.chars().count().min(2);
    let mut name = String::new();
    for draw in 0..DRAWS_MAX {
        name = match culture {
            Culture::Chinese if draw < COMMON_DRAWS => recombined(length, birth.year(), seen.given_names, rng),
            Culture::Chinese => uncommon(birth.year(), seen.given_names, rng),
            Culture::English => of_cohort(culture, Sex::Female, birth.year(), rng),
        };
        if seen.given_names.binary_search(&name).is_err() {
            break;
        }
    }
    name
}

/// Draws a father's given name of his cohort.
pub fn father_given(culture: Culture, birth: NaiveDate, rng: &mut impl Rng) -> String {
    of_cohort(culture, Sex::Male, birth.year(), rng)
}

/// Draws a father's birth date: mostly from a year after the mother's to eight before.
pub fn father_birth(mother_birth: NaiveDate, rng: &mut impl Rng) -> NaiveDate {
    let years = pick([(-1.0, 0.06), (0.0, 0.2), (1.0, 0.2), (2.0, 0.2), (3.0, 0.14), (5.0, 0.14), (8.0, 0.06)], rng);
    mother_birth - TimeDelta::days((365.25 * (years + rng.random::<f64>() - 0.5)) as i64)
}

/// Draws a newborn's given name: the most used names now and then, else characters that newborns get.
pub fn baby_given(culture: Culture, sex: Sex, birth: NaiveDate, rng: &mut impl Rng) -> String {
    let known = match culture {
        Culture::Chinese => NEWBORNS[slot(sex)].choose(rng).filter(|_| rng.random_bool(0.15)),
        Culture::English => None,
    };
    known.map_or_else(|| of_cohort(culture, sex, birth.year(), rng), ToString::to_string)
}

/// Makes a name of one or two characters out of the list's own, now and then out of her cohort's.
fn recombined(length: usize, year: i32, seen: &[String], rng: &mut impl Rng) -> String {
    let cohort = Cohort::of(year, Sex::Female);
    let mut name = String::with_capacity(2 * '王'.len_utf8());
    for at in 0..length {
        let own = seen.choose(rng).and_then(|other| {
            let same_length = other.chars().count() == length;
            other.chars().nth(at).filter(|_| same_length)
        });
        let from_cohort = own.is_none() || rng.random_bool(if length == 1 { 0.7 } else { 0.2 });
        let part = if length == 1 { &cohort.single } else { [&cohort.first, &cohort.last][at] };
        let drawn = if from_cohort { part.draw(rng).copied() } else { None };
        name.extend(drawn.or(own));
    }
    name
}

/// Makes a pair of which one character may be the list's and the other is any of her cohort's.
fn uncommon(year: i32, seen: &[String], rng: &mut impl Rng) -> String {
    let cohort = Cohort::of(year, Sex::Female);
    let own = seen.choose(rng).and_then(|other| other.chars().next()).filter(|_| rng.random_bool(0.5));
    let first = own.or_else(|| cohort.first.draw_any(rng).copied());
    first.into_iter().chain(cohort.last.draw_any(rng).copied()).collect()
}

fn of_cohort(culture: Culture, sex: Sex, year: i32, rng: &mut impl Rng) -> String {
    match culture {
        Culture::English => {
            let decade = (year.clamp(1980, 2019) - 1980) as usize / 10;
            let table = &ENGLISH_GIVEN[slot(sex)][decade];
            table.draw(rng).map_or_else(String::new, ToString::to_string)
        }
        Culture::Chinese => {
            let cohort = Cohort::of(year, sex);
            if rng.random_bool(cohort.single_share) {
                return cohort.single.draw(rng).map_or_else(String::new, ToString::to_string);
            }
            let (first, last) = (cohort.first.draw(rng), cohort.last.draw(rng));
            first.into_iter().chain(last).collect()
        }
    }
}

fn slot(sex: Sex) -> usize {
    match sex {
        Sex::Female => 0,
        Sex::Male => 1,
    }
}

/// The characters that given names of one sex were made of in some years.
struct Cohort {
    first: Weighted<char>,
    last: Weighted<char>,
    single: Weighted<char>,
    single_share: f64,
}

impl Cohort {
    fn of(year: i32, sex: Sex) -> &'static Cohort {
        &COHORTS[slot(sex)][ERAS.iter().rposition(|(from, ..)| *from <= year).unwrap_or(0)]
    }
}

/// First year of a cohort, its name in the table, and the share of names of one character.
const ERAS: [(i32, &str, f64); 5] =
    [(i32::MIN, "1970", 0.34), (1980, "1980", 0.36), (1990, "1990", 0.22), (2000, "2000", 0.12), (2012, "2020", 0.08)];

static COHORTS: LazyLock<[Vec<Cohort>; 2]> = LazyLock::new(|| {
    let characters: HashMap<(&str, &str, &str), &str> =
        rows::<4>(tables::GIVEN_CHARACTERS).map(|[era, sex, part, text]| ((era, sex, part), text)).collect();
    ["F", "M"].map(|sex| {
        let cohort = |(_, era, single_share): (i32, &'static str, f64)| {
            let part = |part| {
                let text: &str = characters.get(&(era, sex, part)).copied().unwrap_or_default();
                Weighted::by_rank(text.chars().filter(|character| in_gb2312(character.encode_utf8(&mut [0; 4]))))
            };
            Cohort { first: part("first"), last: part("last"), single: part("single"), single_share }
        };
        ERAS.map(cohort).into()
    })
});

static CHINESE_SURNAMES: LazyLock<Weighted<&'static str>> = LazyLock::new(|| {
    let all = rows::<2>(tables::SURNAMES).filter(|row| in_gb2312(row[0]));
    Weighted::new(all.map(|[name, weight]| (name, weight.parse().unwrap_or(0.0))))
});

static ENGLISH_SURNAMES: LazyLock<Weighted<&'static str>> = LazyLock::new(|| {
    Weighted::new(rows::<2>(tables::ENGLISH_SURNAMES).map(|[name, weight]| (name, weight.parse().unwrap_or(0.0))))
});

/// By sex, then by decade from 1980.
static ENGLISH_GIVEN: LazyLock<[[Weighted<&'static str>; 4]; 2]> = LazyLock::new(|| {
    ["F", "M"].map(|sex| {
        ["1980", "1990", "2000", "2010"].map(|decade| {
            let of_both = rows::<4>(tables::ENGLISH_GIVEN).filter(|row| row[0] == sex && row[1] == decade);
            Weighted::new(of_both.map(|[_, _, name, births]| (name, births.parse().unwrap_or(0.0))))
        })
    })
});

/// Whole names of newborns by sex; a name that the table gives to both sexes is a boy's.
static NEWBORNS: LazyLock<[Vec<&'static str>; 2]> = LazyLock::new(|| {
    ["F", "M"].map(|sex| {
        let most_used = rows::<4>(tables::NEWBORN_NAMES).filter(|row| row[1] == sex).map(|row| row[3]);
        let others = rows::<2>(tables::GIVEN_NAMES)
            .filter(|row| row[1] == sex || (row[1] == "U" && sex == "M"))
            .map(|row| row[0]);
        most_used.chain(others).filter(|name| in_gb2312(name)).collect()
    })
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn born(year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, 6, 1).unwrap()
    }

    fn list() -> Vec<String> {
        let mut names: Vec<String> =
            ["静", "婷", "晓燕", "海霞", "雪梅", "文静", "佳慧", "丽娟", "玉洁", "春红", "秋月", "思敏"]
                .iter()
                .map(ToString::to_string)
                .collect();
        names.sort();
        names
    }

    #[test]
    fn every_chinese_name_can_be_written_in_gb2312() {
        let mut rng = ChaCha20Rng::seed_from_u64(30);
        for year in 1974..=2026 {
            for _ in 0..100 {
                for name in [
                    surname(Culture::Chinese, &[], &mut rng),
                    mother_given(Culture::Chinese, born(year), Seen::NOTHING, &mut rng),
                    father_given(Culture::Chinese, born(year), &mut rng),
                    baby_given(Culture::Chinese, Sex::Female, born(year), &mut rng),
                    baby_given(Culture::Chinese, Sex::Male, born(year), &mut rng),
                ] {
                    assert!(in_gb2312(&name) && name.chars().count() <= 2, "`{name}`");
                }
            }
        }
    }

    #[test]
    fn the_asked_share_of_given_names_is_new_to_the_list() {
        let mut rng = ChaCha20Rng::seed_from_u64(31);
        let list = list();
        for (novelty, expected) in [(0.0, 0..=0), (0.4, 1850..=2150), (1.0, 4950..=5000)] {
            let seen = Seen { given_names: &list, novelty };
            let names = (0..5000).map(|_| mother_given(Culture::Chinese, born(1992), seen, &mut rng));
            let new = names.filter(|name| !list.contains(name)).count();
            assert!(expected.contains(&new), "{novelty}: {new}");
        }
    }

    #[test]
    fn new_names_are_as_long_as_the_lists_and_of_its_characters() {
        let mut rng = ChaCha20Rng::seed_from_u64(32);
        let list = list();
        let seen = Seen { given_names: &list, novelty: 1.0 };
        let names: Vec<String> =
            (0..4000).map(|_| mother_given(Culture::Chinese, born(1992), seen, &mut rng)).collect();
        let single = names.iter().filter(|name| name.chars().count() == 1).count();
        assert!((560..780).contains(&single), "{single}");
        let own: HashSet<char> = list.iter().flat_map(|name| name.chars()).collect();
        let two: Vec<&String> = names.iter().filter(|name| name.chars().count() == 2).collect();
        let recombined = two.iter().filter(|name| name.chars().all(|character| own.contains(&character))).count();
        assert!(recombined * 10 > two.len() * 5, "{recombined} of {}", two.len());
    }

    #[test]
    fn a_character_outside_gb2312_comes_back_only_from_a_list_that_has_it() {
        let mut rng = ChaCha20Rng::seed_from_u64(33);
        let list = ["玥彤".to_string()];
        let seen = Seen { given_names: &list, novelty: 1.0 };
        let names = (0..500).map(|_| mother_given(Culture::Chinese, born(1992), seen, &mut rng));
        assert!(names.into_iter().any(|name| name.starts_with('玥')));
    }

    #[test]
    fn cohorts_differ() {
        let mut rng = ChaCha20Rng::seed_from_u64(34);
        let mut names = |year| -> HashSet<String> {
            (0..2000).map(|_| mother_given(Culture::Chinese, born(year), Seen::NOTHING, &mut rng)).collect()
        };
        let (early, late, child) = (names(1984), names(2003), names(2026));
        assert!(early.intersection(&child).count() < 100, "{}", early.intersection(&child).count());
        assert!(early.len() > 700 && late.len() > 700 && child.len() > 900);
    }

    #[test]
    fn surnames_follow_the_list_and_now_and_then_are_new() {
        let mut rng = ChaCha20Rng::seed_from_u64(35);
        let seen: Vec<String> = ["王", "王", "王", "李"].iter().map(ToString::to_string).collect();
        let drawn: Vec<String> = (0..4000).map(|_| surname(Culture::Chinese, &seen, &mut rng)).collect();
        let wang = drawn.iter().filter(|name| *name == "王").count();
        assert!((2850..3150).contains(&wang), "{wang}");
        let new = drawn.iter().filter(|name| !seen.contains(name)).count();
        assert!((3..50).contains(&new), "{new}");
    }

    #[test]
    fn english_names_are_of_their_decade() {
        let mut rng = ChaCha20Rng::seed_from_u64(36);
        let mut count = |year, name: &str| {
            let names = (0..20_000).map(|_| mother_given(Culture::English, born(year), Seen::NOTHING, &mut rng));
            names.filter(|drawn| drawn == name).count()
        };
        assert!(count(1985, "Jessica") > 5 * count(2012, "Jessica").max(1));
        assert!(!surname(Culture::English, &[], &mut rng).is_empty());
    }
}
