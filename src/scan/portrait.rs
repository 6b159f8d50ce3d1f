//! What a list would say of a canary's person, folded once so that it can be compared with folded text.
//!
//! A common name stands in very many rows, and a row is looked at closely only where something rare of the same person may stand beside the
//! name: a [`Brief`] tells that in a few comparisons. It may be wrong in one direction only: what it turns away is no person.

use chrono::{Datelike, NaiveDate};

use super::Fact;
use super::few::Few;
use super::fold::{fold, is_han};
use super::person::Person;
use super::slip::Halves;
use super::window::Window;

/// Fewest characters of an address without its province and city that are taken for it.
const ADDRESS_CHARS_MIN: usize = 6;

/// Characters of a run by which words are told apart before they are compared.
const GRAM_CHARS: usize = 4;

/// A day that no calendar has.
const NO_DAY: i32 = i32::MIN;

/// A person's facts, folded.
#[derive(Debug)]
pub struct Portrait {
    pub birth_date: Option<NaiveDate>,
    pub mother_birth_date: Option<NaiveDate>,
    pub names: Box<[(Fact, Box<str>)]>,
    pub hospital: Box<str>,
    pub address: Box<str>,
    /// Where the part of the address behind its province, city and district begins; at its beginning where there is none that tells.
    local: usize,
}

impl Portrait {
    /// Folds a person's facts, once for all texts they are looked for in.
    pub fn of(person: &Person) -> Portrait {
        let names = person.names().map(|(fact, name)| (fact, bare(name)));
        let address = bare(person.address.as_deref().unwrap_or_default());
        let local = person.address.as_deref().and_then(local_part).map_or(0, |local| address.len() - bare(local).len());
        Portrait {
            birth_date: person.birth_date,
            mother_birth_date: person.mother_birth_date,
            names: names.filter(|(_, name)| name.chars().count() >= 2).collect(),
            hospital: bare(person.hospital.as_deref().unwrap_or_default()),
            address,
            local,
        }
    }

    /// The shortest part of the address that is taken for it.
    pub fn local_address(&self) -> &str {
        &self.address[self.local..]
    }
}

/// Letters and digits of a text, folded.
fn bare(text: &str) -> Box<str> {
    text.chars().map(fold).filter(|c| is_letter_or_digit(*c)).collect()
}

/// Tells whether a folded character is a letter or a digit.
pub fn is_letter_or_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { is_han(c) || c.is_alphanumeric() }
}

/// The part of an address behind its province, city and district.
fn local_part(address: &str) -> Option<&str> {
    let behind = address.char_indices().rfind(|(_, c)| matches!(fold(*c), '省' | '市' | '区' | '县'));
    let (at, c) = behind?;
    let rest = &address[at + c.len_utf8()..];
    let tells = rest.chars().count() >= ADDRESS_CHARS_MIN && rest.chars().any(|c| fold(c).is_ascii_digit());
    tells.then_some(rest)
}

/// What is rare about a canary's person, in a few numbers.
#[derive(Debug, Clone, Copy)]
pub struct Brief {
    birth: i32,
    mother_birth: i32,
    month: i32,
    hospital: Gram,
    address: Gram,
    number: Halves,
}

impl Brief {
    /// What stands for somebody of whom nothing is known.
    pub const NOBODY: Brief = Brief {
        birth: NO_DAY,
        mother_birth: NO_DAY,
        month: NO_DAY,
        hospital: Gram::None,
        address: Gram::None,
        number: Halves::NONE,
    };

    /// Takes what is rare from a portrait and a national number of so many digits.
    pub fn of(portrait: &Portrait, (national, digits): (u64, u8)) -> Brief {
        let day = |date: Option<NaiveDate>| date.map_or(NO_DAY, |date| date.num_days_from_ce());
        Brief {
            birth: day(portrait.birth_date),
            mother_birth: day(portrait.mother_birth_date),
            month: portrait.birth_date.map_or(NO_DAY, |date| date.year() * 12 + date.month0() as i32),
            hospital: Gram::first(&portrait.hospital),
            address: Gram::last(portrait.local_address()),
            number: Halves::of(national, digits),
        }
    }

    /// Tells whether the person, or its number with a slip, may stand in a window.
    pub fn may_stand_in(&self, window: &Window) -> bool {
        let told = |day: i32| day != NO_DAY && window.days().contains(&day);
        told(self.birth)
            || told(self.mother_birth)
            || self.address.is_in(window)
            || self.month != NO_DAY && window.months().contains(&self.month) && self.hospital.is_in(window)
            || window.runs().may_be_damaged(self.number)
    }
}

/// A run of characters by which words are recognised: nothing where there are no words, anything where they are short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gram {
    None,
    Any,
    Run(u32),
}

impl Gram {
    fn first(words: &str) -> Gram {
        Gram::over(words.chars())
    }

    fn last(words: &str) -> Gram {
        let skipped = words.chars().count().saturating_sub(GRAM_CHARS);
        Gram::over(words.chars().skip(skipped))
    }

    fn over(chars: impl Iterator<Item = char>) -> Gram {
        let (count, run) = chars.take(GRAM_CHARS).fold((0, 0), |(count, run), c| (count + 1, next_run(run, c)));
        match count {
            0 => Gram::None,
            GRAM_CHARS => Gram::Run(hash_of_run(run)),
            _ => Gram::Any,
        }
    }

    fn is_in(self, window: &Window) -> bool {
        match self {
            Gram::None => false,
            Gram::Any => true,
            Gram::Run(run) => window.grams().holds(run),
        }
    }
}

/// Notes the runs of characters of a folded text, of which letters and digits count.
pub fn grams(chars: &[char]) -> Few {
    let mut all = Few::with_room(chars.len());
    let mut run = 0;
    for (at, c) in chars.iter().filter(|c| is_letter_or_digit(**c)).enumerate() {
        run = next_run(run, *c);
        if at + 1 >= GRAM_CHARS {
            all.add(hash_of_run(run));
        }
    }
    all
}

fn next_run(run: u64, c: char) -> u64 {
    run << 16 | u64::from(c as u32 & 0xFFFF)
}

fn hash_of_run(run: u64) -> u32 {
    (run.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}
