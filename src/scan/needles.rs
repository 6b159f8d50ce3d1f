//! The numbers and people looked for, laid out for asking "is this one of them?" a billion times.
//!
//! A needle's number takes 8 bytes, its place in the hash table 8 and its filter 2 to 4: memory is the limit with a million of them, and
//! what fits in the nearest cache is the limit of speed with a thousand.

use super::classify::Classifier;
use super::people::People;
use super::person::{Person, ToldOf};
use super::portrait::{Brief, Portrait};
use super::prefix::{carriers, country_digits, is_prefix, prefixes};
use crate::phone::Number;

/// Digits by which beginnings of spellings are told apart before anything else.
pub const BEGINNING_DIGITS: usize = 4;

/// How many beginnings there are.
const BEGINNINGS: usize = 10_000;

/// Bits of the filter for each needle.
const FILTER_BITS_EACH: usize = 16;

/// A free place of the hash table.
const FREE: u32 = u32::MAX;

/// Where the count of national digits stands in a packed number.
const LENGTH_SHIFT: u32 = 56;

/// A canary to look for.
#[derive(Debug, Clone)]
pub struct Needle {
    pub number: Number,
    /// Boxed, because a million numbers often come without.
    pub person: Option<Box<Person>>,
}

/// All that is looked for; built once, shared by threads.
pub struct Needles {
    numbers: Vec<u64>,
    slots: Vec<u32>,
    filter: Vec<u64>,
    /// Counts of national digits that occur.
    lengths: Vec<u8>,
    beginnings: Vec<u64>,
    /// By first digit, how many digits a spelling may have: one bit for each count.
    lengths_of: [u32; 16],
    classifier: Classifier,
    /// The needles ordered by their last four digits, then by the national number.
    by_end: Vec<u32>,
    /// The needles ordered by the national number's digits.
    by_beginning: Vec<u32>,
    /// How many digits may stand before a national number.
    prefix_digits: Vec<usize>,
    /// By needle, up to the last that has a person; what is asked for at every name stands close together.
    briefs: Vec<Brief>,
    portraits: Vec<Option<Box<Portrait>>>,
    people: People,
}

impl Needles {
    /// Lays out the needles; the place of each is its id in [`super::Sighting`].
    pub fn of(needles: impl IntoIterator<Item = Needle>) -> Needles {
        let mut numbers = Vec::new();
        let mut persons = Vec::new();
        for needle in needles {
            numbers.push(pack(&needle.number));
            if needle.person.is_some() || !persons.is_empty() {
                persons.resize_with(numbers.len() - 1, || None);
                persons.push(needle.person);
            }
        }
        numbers.shrink_to_fit();
        let slots = (numbers.len() * 2).next_power_of_two().max(16);
        let words = (numbers.len() * FILTER_BITS_EACH / 64).next_power_of_two().max(16);
        let mut made = Needles {
            slots: vec![FREE; slots],
            filter: vec![0; words],
            lengths: Vec::new(),
            beginnings: vec![0; BEGINNINGS.div_ceil(64)],
            lengths_of: [0; 16],
            classifier: Classifier::of(|_, _| false),
            by_end: Vec::new(),
            by_beginning: Vec::new(),
            prefix_digits: Vec::new(),
            people: People::default(),
            briefs: Vec::new(),
            portraits: Vec::new(),
            numbers: Vec::new(),
        };
        for (id, number) in numbers.iter().enumerate() {
            made.enter(*number, id as u32);
        }
        made.by_end = (0..numbers.len() as u32).collect();
        made.by_end.sort_unstable_by_key(|id| by_end(numbers[*id as usize]));
        made.by_beginning = (0..numbers.len() as u32).collect();
        made.by_beginning.sort_unstable_by_key(|id| by_beginning(numbers[*id as usize]));
        made.numbers = numbers;
        made.prefix_digits.sort_unstable();
        if !persons.is_empty() {
            let known = persons.iter().enumerate();
            made.people = People::of(known.map(|(id, person)| (id as u32, person.as_deref())));
            made.portraits = persons.into_iter().map(|person| Some(Box::new(Portrait::of(&*person?)))).collect();
            let brief = |(portrait, number): (&Option<Box<Portrait>>, &u64)| {
                let digits = (*number >> LENGTH_SHIFT) as u8;
                portrait.as_ref().map_or(Brief::NOBODY, |it| Brief::of(it, (parts(*number).1, digits)))
            };
            made.briefs = made.portraits.iter().zip(&made.numbers).map(brief).collect();
        }
        made.lengths.sort_unstable();
        let hundreds = |pair: usize| (pair * 100..pair * 100 + 100).any(|four| made.may_begin(four));
        made.classifier = Classifier::of(|first, second| hundreds(usize::from(first) * 10 + usize::from(second)));
        made
    }

    /// How many needles there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Gives what is known of a needle's person.
    pub(super) fn person(&self, needle: u32) -> Option<&Portrait> {
        self.portraits.get(needle as usize)?.as_deref()
    }

    /// Gives what is rare about a needle's person.
    pub(super) fn brief(&self, needle: u32) -> Option<&Brief> {
        self.briefs.get(needle as usize)
    }

    /// Gives what a needle's person may be told by.
    pub fn told_of(&self, needle: u32) -> ToldOf {
        let Some(portrait) = self.person(needle) else { return ToldOf::default() };
        ToldOf {
            birth: portrait.birth_date,
            mother_birth: portrait.mother_birth_date,
            has_address: !portrait.address.is_empty(),
            names: portrait.names.len() as u32,
        }
    }

    pub(super) fn people(&self) -> &People {
        &self.people
    }

    /// Gives a needle's country code and national number, in digits.
    pub(super) fn written(&self, needle: u32) -> (String, String) {
        let number = self.numbers[needle as usize];
        let (country, national) = parts(number);
        (country.to_string(), format!("{national:0width$}", width = (number >> LENGTH_SHIFT) as usize))
    }

    /// Bytes that the numbers take; people come on top.
    pub fn bytes(&self) -> usize {
        self.numbers.capacity() * 8
            + self.slots.capacity() * 4
            + self.filter.capacity() * 8
            + self.beginnings.capacity() * 8
    }

    /// Tells whether any spelling of any needle begins with these four digits, read as one number.
    pub(super) fn may_begin(&self, four: usize) -> bool {
        self.beginnings[four / 64] >> (four % 64) & 1 == 1
    }

    /// Tells how many digits a spelling with this first digit may have: one bit for each count.
    pub(super) fn lengths_of(&self, first: u8) -> u32 {
        self.lengths_of[usize::from(first & 15)]
    }

    pub(super) fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// Tells whether ASCII digits, eight at least, may spell a needle: false for nearly all that do not.
    pub(super) fn may_be(&self, digits: &[u8]) -> bool {
        self.lengths.iter().any(|length| {
            let length = usize::from(*length);
            digits.len() >= length && {
                let national = value(&digits[digits.len() - length..]);
                self.passes(hash(key(national, length as u8)))
            }
        })
    }

    /// Gives the needles that a string of digits spells: the national number after nothing, a trunk digit or a country code.
    pub(super) fn spelt(&self, digits: &[u8], found: &mut Vec<u32>) {
        for length in &self.lengths {
            let Some(before) = digits.len().checked_sub(usize::from(*length)) else { break };
            let national = digits[before..].iter().fold(0, |value, digit| value * 10 + u64::from(*digit));
            self.matching(national, *length, |id, country| {
                if is_prefix(&digits[..before], country, *length) {
                    found.push(id);
                }
            });
        }
    }

    /// Counts of national digits that occur.
    pub(super) fn lengths(&self) -> &[u8] {
        &self.lengths
    }

    /// How many digits may stand before a national number.
    pub(super) fn prefix_digits(&self) -> impl Iterator<Item = usize> {
        self.prefix_digits.iter().copied()
    }

    /// Adds the needles whose spelling begins with some digits, of which `prefix` stand before the national number, and ends with others; the
    /// national number has `length` digits.
    pub(super) fn fitting(&self, (before, prefix): (&[u8], usize), after: &[u8], length: u8, found: &mut Vec<u32>) {
        let number = |digits: &[u8]| digits.iter().fold(0, |value, digit| value * 10 + u64::from(*digit));
        let (first, last) = (number(&before[prefix..]), number(after));
        let free = 10_u64.pow((usize::from(length) + prefix - before.len()) as u32);
        let nationals = first * free..(first + 1) * free;
        let fits = |id: &u32| {
            let (country, national) = parts(self.numbers[*id as usize]);
            (self.numbers[*id as usize] >> LENGTH_SHIFT) as u8 == length
                && nationals.contains(&national)
                && national % 10_u64.pow(after.len() as u32) == last
                && is_prefix(&before[..prefix], country, length)
        };
        let order = if after.len() >= 4 { &self.by_end } else { &self.by_beginning };
        let key = |id: &u32, national: u64| {
            let packed = national | u64::from(length) << LENGTH_SHIFT;
            match after.len() {
                4.. => by_end(self.numbers[*id as usize]) < (last % 10_000, packed),
                _ => by_beginning(self.numbers[*id as usize]) < packed,
            }
        };
        let from = order.partition_point(|id| key(id, nationals.start));
        let to = order.partition_point(|id| key(id, nationals.end));
        found.extend(order[from..to].iter().filter(|id| fits(id)));
    }

    fn matching(&self, national: u64, length: u8, mut take: impl FnMut(u32, u64)) {
        let key = key(national, length);
        let hash = hash(key);
        if !self.passes(hash) {
            return;
        }
        let mut slot = self.slot(hash);
        while self.slots[slot] != FREE {
            let id = self.slots[slot];
            let number = self.numbers[id as usize];
            let (country, rest) = parts(number);
            if (number >> LENGTH_SHIFT) as u8 == length && rest == national {
                take(id, country);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn enter(&mut self, number: u64, id: u32) {
        let length = (number >> LENGTH_SHIFT) as u8;
        let (country, national) = parts(number);
        if !self.lengths.contains(&length) {
            self.lengths.push(length);
        }
        let hash = hash(key(national, length));
        let mut slot = self.slot(hash);
        while self.slots[slot] != FREE {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = id;
        let word = self.word(hash);
        self.filter[word] |= bits(hash);
        for before in prefixes(country) {
            let before_digits = before.len();
            // Runs with a carrier's digits are judged by themselves, or every number would be one that may go on.
            let is_carrier = carriers(country).contains(&&before[..]);
            if !self.prefix_digits.contains(&before_digits) {
                self.prefix_digits.push(before_digits);
            }
            let mut spelling = before.into_iter().chain(national_digits(national, length));
            let four = (0..BEGINNING_DIGITS).fold(0, |four, _| four * 10 + usize::from(spelling.next().unwrap_or(0)));
            self.beginnings[four / 64] |= 1 << (four % 64);
            let counted = if is_carrier { 0 } else { 1 };
            self.lengths_of[four / 1000] |= counted << (before_digits + usize::from(length));
        }
    }

    fn passes(&self, hash: u64) -> bool {
        let wanted = bits(hash);
        self.filter[self.word(hash)] & wanted == wanted
    }

    fn slot(&self, hash: u64) -> usize {
        (hash >> 20) as usize & (self.slots.len() - 1)
    }

    fn word(&self, hash: u64) -> usize {
        (hash >> 18) as usize & (self.filter.len() - 1)
    }
}

/// Packs an E.164 number: its digits, and how many of them are the national number.
fn pack(number: &Number) -> u64 {
    let digits = &number.as_str()[1..];
    let value = digits.bytes().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
    value | ((digits.len() - country_digits(digits.as_bytes())) as u64) << LENGTH_SHIFT
}

/// Splits a packed number into country code and national number.
fn parts(number: u64) -> (u64, u64) {
    let power = 10_u64.pow((number >> LENGTH_SHIFT) as u32);
    let digits = number & ((1 << LENGTH_SHIFT) - 1);
    (digits / power, digits % power)
}

/// What orders needles by their last four digits, then by length and the national number.
fn by_end(number: u64) -> (u64, u64) {
    let (_, national) = parts(number);
    (national % 10_000, by_beginning(number))
}

/// What orders needles by length, then by the national number.
fn by_beginning(number: u64) -> u64 {
    parts(number).1 | number >> LENGTH_SHIFT << LENGTH_SHIFT
}

fn national_digits(national: u64, length: u8) -> impl Iterator<Item = u8> {
    (0..u32::from(length)).rev().map(move |place| (national / 10_u64.pow(place) % 10) as u8)
}

/// The value of ASCII digits; the first eight at once (Lemire, Faster integer parsing, 2018).
fn value(digits: &[u8]) -> u64 {
    let Some((eight, rest)) = digits.split_first_chunk::<8>() else {
        return digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
    };
    let ones = u64::from_le_bytes(*eight) & 0x0F0F_0F0F_0F0F_0F0F;
    let tens = ones.wrapping_mul(10 << 8 | 1) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = tens.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_FFFF_0000_FFFF;
    let first = fours.wrapping_mul(10_000 << 32 | 1) >> 32;
    rest.iter().fold(first, |value, digit| value * 10 + u64::from(digit - b'0'))
}

fn key(national: u64, length: u8) -> u64 {
    national | u64::from(length) << LENGTH_SHIFT
}

/// Mixes a key (Fibonacci hashing, Knuth, The Art of Computer Programming 6.4, and a fold of the upper half).
fn hash(key: u64) -> u64 {
    let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// The three bits of a filter's word that a key sets.
fn bits(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63)
}
