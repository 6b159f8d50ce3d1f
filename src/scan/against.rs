//! What in a record speaks against its being a canary's: another whole phone number, or another day of birth.
//!
//! Only a record is asked, a row or what has the edges of one: in running text the next person's number stands near by. A hidden digit agrees
//! with any.

use chrono::{Datelike, NaiveDate};

use super::Fact;
use super::portrait::Portrait;
use super::window::Window;

/// Most places of a number with what stands before it, and fewest digits of it that are shown.
const PLACES_MAX: usize = 24;
const SHOWN_DIGITS_MIN: usize = 6;

/// Days on either side of a birth within which another day that a record tells is another birth.
const BIRTH_DAYS: i32 = 366;

/// How many years before a birth its mother was born.
const MOTHER_YEARS: std::ops::RangeInclusive<i32> = 13..=60;

/// One place of a number: its digit, or nothing where it is hidden.
type Place = Option<u8>;

/// A needle's number as people write it: country code and national digits.
pub type Written<'n> = (&'n str, &'n str);

/// Tells whether facts beside a name make a person: a date of birth, or the hospital and the month, or the address.
///
/// In a record with another number only a birth day with one more rare fact does: who sells lists may put other numbers in.
pub fn is_person(window: &Window, person: &Portrait, number: Written<'_>, facts: &[Fact]) -> bool {
    let has = |fact| facts.contains(&fact);
    let is_told = has(Fact::BirthDate)
        || has(Fact::MotherBirthDate)
        || has(Fact::Address)
        || has(Fact::Hospital) && has(Fact::BirthMonth);
    if !is_told || !window.is_record {
        return is_told;
    }
    if tells_another_birth(window, person) {
        return false;
    }
    !tells_another_number(&window.chars, number) || has(Fact::BirthDate) && rare_facts(facts) > 0
}

/// Counts what is told of a person besides one name and one day and is shared by few: another name, the mother's day, the address.
pub fn rare_facts(facts: &[Fact]) -> u32 {
    let has = |fact: &Fact| facts.contains(fact);
    let names = [Fact::MotherName, Fact::BabyName, Fact::FatherName].iter().filter(|fact| has(fact)).count();
    let both_days = has(&Fact::BirthDate) && has(&Fact::MotherBirthDate);
    let day_and_home = has(&Fact::Address) && (has(&Fact::BirthDate) || has(&Fact::MotherBirthDate));
    names.saturating_sub(1) as u32 + u32::from(both_days) + u32::from(day_and_home)
}

fn tells_another_birth(window: &Window, person: &Portrait) -> bool {
    let day = |date: NaiveDate| date.num_days_from_ce();
    let told = |date: NaiveDate| window.days().contains(&day(date));
    let Some(birth) = person.birth_date else { return false };
    let another = |others: std::ops::RangeInclusive<i32>| window.days().iter().any(|it| others.contains(it));
    if !told(birth) && another(day(birth) - BIRTH_DAYS..=day(birth) + BIRTH_DAYS) {
        return true;
    }
    let Some(mother) = person.mother_birth_date.filter(|mother| !told(*mother)) else { return false };
    let year = |years: i32| birth.with_day(1).and_then(|birth| birth.with_year(birth.year() - years));
    let (Some(first), Some(last)) = (year(*MOTHER_YEARS.end()), year(*MOTHER_YEARS.start())) else { return false };
    mother < birth && another(day(first)..=day(last))
}

/// Tells whether folded text holds a whole number of the kind that a needle's is, and none that can be the needle's.
fn tells_another_number(chars: &[char], written: Written<'_>) -> bool {
    let mut is_another = false;
    for at in 0..chars.len() {
        let begins = chars[at].is_ascii_digit() && (at == 0 || place(chars[at - 1]).is_none());
        if !begins {
            continue;
        }
        match numbers_from(&chars[at..], written) {
            Some(Seen::Same) => return false,
            Some(Seen::Another) => is_another = true,
            None => {}
        }
    }
    is_another
}

/// What a run of digits is to a needle's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Same,
    Another,
}

/// Reads the numbers that begin with a run of places, which may be parted by single blanks, dashes and the like.
fn numbers_from(chars: &[char], written: Written<'_>) -> Option<Seen> {
    let mut places: Vec<Place> = Vec::with_capacity(PLACES_MAX);
    let (mut at, mut seen) = (0, None);
    while places.len() < PLACES_MAX {
        while let Some(place) = chars.get(at).copied().and_then(place) {
            places.push(place);
            at += 1;
        }
        match number(&places, written) {
            Some(Seen::Same) => return Some(Seen::Same),
            Some(Seen::Another) => seen = Some(Seen::Another),
            None => {}
        }
        let is_joint = matches!(chars.get(at), Some(' ' | '-' | '.' | ')' | '('));
        if !is_joint || chars.get(at + 1).copied().and_then(place).is_none() {
            break;
        }
        at += 1;
    }
    seen
}

/// Tells what places are to a number, if they are as many as one of its kind has and begin like one.
fn number(places: &[Place], (country, national): Written<'_>) -> Option<Seen> {
    let national = national.as_bytes();
    let before = places.len().checked_sub(national.len())?;
    let (prefix, own) = places.split_at(before);
    let is_prefix = |known: &[u8]| known.iter().map(|digit| Some(*digit)).eq(prefix.iter().copied());
    let country = country.as_bytes();
    if !(prefix.is_empty() || is_prefix(b"0") || is_prefix(country) || is_prefix(&[b"00", country].concat())) {
        return None;
    }
    let shown = own.iter().flatten().count();
    let is_mobile = country == b"86" && own.len() == 11 && own[0] == Some(b'1') && own[1] >= Some(b'3');
    let is_of_kind = own[0] == national.first().copied() || is_mobile;
    if shown < SHOWN_DIGITS_MIN || !is_of_kind || is_day(own) {
        return None;
    }
    let agrees = own.iter().zip(national).all(|(place, digit)| place.is_none_or(|place| place == *digit));
    Some(if agrees { Seen::Same } else { Seen::Another })
}

/// Tells whether eight digits are a day of these times.
fn is_day(places: &[Place]) -> bool {
    let Some(digits) = places.iter().copied().collect::<Option<Vec<u8>>>().filter(|digits| digits.len() == 8) else {
        return false;
    };
    let value = |digits: &[u8]| digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    let (year, month, day) = (value(&digits[..4]), value(&digits[4..6]), value(&digits[6..]));
    (1900..2100).contains(&year) && NaiveDate::from_ymd_opt(year as i32, month, day).is_some()
}

fn place(c: char) -> Option<Place> {
    match c {
        '0'..='9' => Some(Some(c as u8)),
        '*' | '×' | '●' | '•' | '■' | '□' => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_whole_number_is_told_from_the_same_and_from_what_is_none() {
        let another = |text: &str| {
            let chars: Vec<char> = text.chars().collect();
            tells_another_number(&chars, ("86", "13800138000"))
        };
        for text in ["x,13911112222,y", "86 139-1111-2222", "139****2222", "+8613911112222;", "0139 1111 2222"] {
            assert!(another(text), "{text}");
        }
        let same = ["138****8000", "13800138000", "138 0013 8000", "1380013****", "13911112222,13800138000"];
        let none = ["440305199001011234", "2024-06-01 3250", "20240601", "139111122", "139111122223", "1.39e10", ""];
        for text in same.iter().chain(&none) {
            assert!(!another(text), "{text}");
        }
        let hong_kong: Vec<char> = "20240601".chars().collect();
        assert!(!tells_another_number(&hong_kong, ("852", "21234567")), "a day is no number");
    }
}
