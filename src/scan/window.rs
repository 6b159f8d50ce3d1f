//! What stands around a name or a number: its row where there are rows, else some hundred bytes, and which facts of a person it holds.

use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate};

use super::Fact;
use super::fold::{fold, is_han};
use super::needles::Person;
use super::text::{Reading, Text};

/// How far a person's facts may stand from a name, in bytes.
pub const WINDOW_BYTES: usize = 500;

/// Separators that make a line a row.
const SEPARATORS_MIN: usize = 3;

/// Fewest characters of an address without its province and city that are taken for it.
const ADDRESS_CHARS_MIN: usize = 6;

/// Days of a spreadsheet's calendar that are read as dates: 1954 to 2064.
const SERIAL_DAYS: Range<u32> = 20_000..60_000;

/// The text around a place, folded.
#[derive(Debug)]
pub struct Window {
    pub chars: Vec<char>,
    /// Where each character begins, and the end of the last.
    pub places: Vec<usize>,
    dates: Dates,
    /// Letters and digits alone.
    bare: String,
}

impl Window {
    /// Reads what stands around the bytes of a name or number.
    pub fn around(text: Text<'_>, span: Range<usize>) -> Window {
        let low = begin(text, span.start);
        let high = (span.end + WINDOW_BYTES).min(text.bytes.len());
        let (mut chars, mut places) = (Vec::new(), Vec::new());
        let mut at = low;
        while let Some((c, bytes, _)) = text.character(at).filter(|_| at < high) {
            chars.push(fold(c));
            places.push(at);
            at += bytes;
        }
        places.push(at);
        let here = places.partition_point(|place| *place < span.start).min(chars.len());
        let row = row(&chars, here);
        places.truncate(row.end + 1);
        places.drain(..row.start);
        let chars = chars[row].to_vec();
        let bare = chars.iter().filter(|c| c.is_alphanumeric()).collect();
        Window { dates: Dates::told(&chars), bare, chars, places }
    }

    /// Lists the facts of a person that are told here, other than names.
    pub fn facts(&self, person: &Person) -> Vec<Fact> {
        let told = &self.dates;
        let mut facts = Vec::new();
        if let Some(birth) = person.birth_date {
            if told.days.contains(&birth) {
                facts.push(Fact::BirthDate);
            }
            if told.months.contains(&(birth.year(), birth.month())) {
                facts.push(Fact::BirthMonth);
            }
        }
        if person.mother_birth_date.is_some_and(|birth| told.days.contains(&birth)) {
            facts.push(Fact::MotherBirthDate);
        }
        let said = |words: &str| {
            let words: String = words.chars().map(fold).filter(|c| c.is_alphanumeric()).collect();
            !words.is_empty() && self.bare.contains(&words)
        };
        if person.hospital.as_deref().is_some_and(said) {
            facts.push(Fact::Hospital);
        }
        if person.address.as_deref().is_some_and(|address| said(address) || local_part(address).is_some_and(said)) {
            facts.push(Fact::Address);
        }
        facts
    }

    /// The bytes that the window covers.
    pub fn span(&self) -> Range<usize> {
        let first = self.places.first().copied().unwrap_or_default();
        first..self.places.last().copied().unwrap_or(first)
    }

    /// Lists which of a person's names are written out here.
    pub fn names(&self, person: &Person) -> Vec<Fact> {
        let names = [
            (&person.mother_name, Fact::MotherName),
            (&person.baby_name, Fact::BabyName),
            (&person.father_name, Fact::FatherName),
        ];
        let written = |name: &str| {
            let name: String = name.chars().map(fold).filter(|c| c.is_alphanumeric()).collect();
            name.chars().count() >= 2 && self.bare.contains(&name)
        };
        let told = names.into_iter().filter(|(name, _)| name.as_deref().is_some_and(written));
        told.map(|(_, fact)| fact).collect()
    }
}

/// Tells whether facts beside a name make a person: a date of birth, or the hospital and the month, or the address.
pub fn is_person(facts: &[Fact]) -> bool {
    let has = |fact| facts.contains(&fact);
    has(Fact::BirthDate)
        || has(Fact::MotherBirthDate)
        || has(Fact::Address)
        || has(Fact::Hospital) && has(Fact::BirthMonth)
}

/// A place at most [`WINDOW_BYTES`] before another where a character begins.
fn begin(text: Text<'_>, at: usize) -> usize {
    let low = at.saturating_sub(WINDOW_BYTES);
    if low == 0 && matches!(text.reading, Reading::Bytes | Reading::Gbk) {
        return 0;
    }
    match text.reading {
        // No character of more bytes has one of these in it, but GB18030's longest.
        Reading::Bytes | Reading::Gbk => (low..at).find(|at| text.bytes[*at] < 0x30).unwrap_or(at),
        Reading::Utf16Le | Reading::Utf16Be => low + (at - low) % 2,
    }
}

/// The part of the text that belongs together: a row, or a record of JSON, SQL or HTML; in running text all up to a blank line.
fn row(chars: &[char], here: usize) -> Range<usize> {
    let line_start = chars[..here].iter().rposition(|c| *c == '\n').map_or(0, |at| at + 1);
    let line_end = chars[here..].iter().position(|c| *c == '\n').map_or(chars.len(), |at| here + at);
    let is_separator = |c: &&char| matches!(c, ',' | '\t' | '|' | ';');
    let is_row = chars[line_start..line_end].iter().filter(is_separator).count() >= SEPARATORS_MIN;
    let (mut from, mut to) = if is_row { (line_start, line_end) } else { (0, chars.len()) };
    for edge in [&['}'][..], &[')', ','], &['<', 't', 'r'], &['<', '/', 't', 'r'], &['\n', '\n'], &['\n', '\r', '\n']] {
        let matches = |at: &usize| chars[*at..].starts_with(edge);
        if let Some(at) = (from..here).rev().find(matches) {
            from = at + edge.len();
        }
        if let Some(at) = (here..to).find(matches) {
            to = at;
        }
    }
    from.min(here)..to
}

/// The part of an address behind its province, city and district.
fn local_part(address: &str) -> Option<&str> {
    let behind = address.char_indices().rfind(|(_, c)| matches!(fold(*c), '省' | '市' | '区' | '县'));
    let (at, c) = behind?;
    let rest = &address[at + c.len_utf8()..];
    let tells = rest.chars().count() >= ADDRESS_CHARS_MIN && rest.chars().any(|c| fold(c).is_ascii_digit());
    tells.then_some(rest)
}

/// Dates and months that a text tells.
#[derive(Debug, Default)]
struct Dates {
    days: Vec<NaiveDate>,
    months: Vec<(i32, u32)>,
}

/// A run of digits.
#[derive(Debug, Clone, Copy)]
struct Run {
    value: u64,
    digits: usize,
    begin: usize,
    end: usize,
}

impl Dates {
    fn told(chars: &[char]) -> Dates {
        let runs = runs(chars);
        let mut told = Dates::default();
        for (k, run) in runs.iter().enumerate() {
            told.one(*run, chars);
            let Some(second) = runs.get(k + 1).filter(|it| is_date_gap(&chars[run.end..it.begin])) else { continue };
            if run.digits == 4 && second.digits <= 2 {
                told.month(run.value, second.value);
            }
            let Some(third) = runs.get(k + 2).filter(|it| is_date_gap(&chars[second.end..it.begin])) else { continue };
            let [a, b, c] = [run, second, third].map(|it| it.value);
            match [run, second, third].map(|it| it.digits) {
                [4, 1..=2, 1..=2] => told.day(a, b, c),
                [1..=2, 1..=2, 4] => {
                    told.day(c, a, b);
                    told.day(c, b, a);
                }
                [2, 2, 2] => told.day(2000 + a, b, c),
                _ => {}
            }
        }
        told.named_months(chars, &runs);
        told
    }

    /// Reads a run that is a date by itself: `20240601`, an identity number, a spreadsheet's day.
    fn one(&mut self, run: Run, chars: &[char]) {
        let eight = |value: u64| (value / 10_000, value / 100 % 100, value % 100);
        let (year, month, day) = match run.digits {
            8 => eight(run.value),
            14 => eight(run.value / 1_000_000),
            17 if chars.get(run.end) == Some(&'x') => eight(run.value / 1_000 % 100_000_000),
            18 => eight(run.value / 10_000 % 100_000_000),
            5 if SERIAL_DAYS.contains(&(run.value as u32)) => {
                let first = NaiveDate::from_ymd_opt(1899, 12, 30);
                self.days.extend(first.and_then(|first| first.checked_add_days(Days::new(run.value))));
                return;
            }
            _ => return,
        };
        self.day(year, month, day);
    }

    fn named_months(&mut self, chars: &[char], runs: &[Run]) {
        const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        for at in 0..chars.len().saturating_sub(2) {
            let begins = at == 0 || !chars[at - 1].is_ascii_alphabetic();
            let name: String = chars[at..at + 3].iter().collect();
            let Some(month) = MONTHS.iter().position(|it| begins && *it == name) else { continue };
            let end = at + chars[at..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
            let before = runs.iter().rfind(|run| run.end <= at && at - run.end <= 4);
            let mut behind = runs.iter().filter(|run| run.begin >= end && run.begin - end <= 8);
            let (first, second) = (behind.next(), behind.next());
            let month = month as u64 + 1;
            match (before, first, second) {
                (_, Some(day), Some(year)) if day.digits <= 2 && year.digits == 4 => {
                    self.day(year.value, month, day.value)
                }
                (Some(day), Some(year), _) if year.digits == 4 => self.day(year.value, month, day.value),
                (None, Some(year), _) if year.digits == 4 => self.month(year.value, month),
                _ => {}
            }
        }
    }

    fn day(&mut self, year: u64, month: u64, day: u64) {
        let date = NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32);
        if let Some(date) = date.filter(|date| (1900..2100).contains(&date.year())) {
            self.days.push(date);
            self.month(year, month);
        }
    }

    fn month(&mut self, year: u64, month: u64) {
        if (1900..2100).contains(&year) && (1..=12).contains(&month) {
            self.months.push((year as i32, month as u32));
        }
    }
}

fn runs(chars: &[char]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        let Some(digit) = c.to_digit(10).map(u64::from) else { continue };
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => {
                *run = Run {
                    value: run.value.wrapping_mul(10).wrapping_add(digit),
                    digits: run.digits + 1,
                    end: at + 1,
                    ..*run
                };
            }
            None => runs.push(Run { value: digit, digits: 1, begin: at, end: at + 1 }),
        }
    }
    runs
}

/// Tells whether characters part the numbers of a date.
fn is_date_gap(chars: &[char]) -> bool {
    matches!(
        chars,
        ['-' | '/' | '.' | '年' | '月' | ' ']
            | ['年' | '月' | '-' | '/', ' ']
            | [' ', '年' | '月']
            | [' ', '年' | '月', ' ']
    ) && !chars.is_empty()
        && chars.iter().all(|c| !c.is_ascii_alphabetic() && (!is_han(*c) || matches!(c, '年' | '月')))
}
