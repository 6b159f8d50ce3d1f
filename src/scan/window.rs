//! What stands around a name or a number: its row where there are rows, else some hundred bytes, and which facts of a person it holds.

use std::cell::OnceCell;
use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate};

use super::Fact;
use super::few::Few;
use super::fold::{fold, is_han};
use super::portrait::{Portrait, grams, is_letter_or_digit};
use super::slip::Runs;
use super::text::{Reading, Text};

/// How far a person's facts may stand from a name, in bytes.
pub const WINDOW_BYTES: usize = 500;

/// Bytes of the longest character.
const CHARACTER_BYTES_MAX: usize = 4;

/// Runs of digits that a row has room for at first.
const RUNS_USUAL: usize = 16;

/// What parts the cells of a row, and how many of them make a line a row.
const SEPARATORS: [char; 4] = [',', '\t', '|', ';'];
const SEPARATORS_MIN: usize = 3;

/// Days of a spreadsheet's calendar that are read as dates: 1954 to 2064.
const SERIAL_DAYS: Range<u32> = 20_000..60_000;

/// The text around a place, folded; what it tells is read when it is asked for.
#[derive(Debug)]
pub struct Window {
    pub chars: Vec<char>,
    /// Where each character begins, and the end of the last.
    pub places: Vec<usize>,
    /// Whether this is one record, such as a row, and not some of a running text.
    pub is_record: bool,
    dates: OnceCell<Dates>,
    bare: OnceCell<String>,
    grams: OnceCell<Few>,
    runs: OnceCell<Runs>,
}

impl Window {
    /// Reads what stands around the bytes of a name or number.
    pub fn around(text: Text<'_>, span: Range<usize>) -> Window {
        let within = narrow_row(text, &span).unwrap_or_else(|| {
            let high = (span.end + WINDOW_BYTES).min(text.bytes.len());
            begin(text, span.start)..high
        });
        let room = within.len();
        let (mut chars, mut places) = (Vec::with_capacity(room), Vec::with_capacity(room + 1));
        let mut at = within.start;
        while let Some((c, bytes, _)) = text.character(at).filter(|_| at < within.end) {
            chars.push(fold(c));
            places.push(at);
            at += bytes;
        }
        places.push(at);
        let here = places.partition_point(|place| *place < span.start).min(chars.len());
        let (row, is_record) = row(&chars, here);
        places.truncate(row.end + 1);
        places.drain(..row.start);
        chars.truncate(row.end);
        chars.drain(..row.start);
        let (dates, bare, grams, runs) = Default::default();
        Window { chars, places, is_record, dates, bare, grams, runs }
    }

    /// Lists the facts of a person that are told here, other than names.
    pub fn facts(&self, person: &Portrait) -> Vec<Fact> {
        let told = |date: Option<NaiveDate>| date.is_some_and(|date| self.days().contains(&date.num_days_from_ce()));
        let said = |words: &str| !words.is_empty() && self.says(words);
        let month = person.birth_date.map(|birth| month(birth.year(), birth.month()));
        let all = [
            (Fact::BirthDate, told(person.birth_date)),
            (Fact::BirthMonth, month.is_some_and(|month| self.months().contains(&month))),
            (Fact::MotherBirthDate, told(person.mother_birth_date)),
            (Fact::Hospital, said(&person.hospital)),
            (Fact::Address, said(person.local_address())),
        ];
        all.into_iter().filter(|(_, is_told)| *is_told).map(|(fact, _)| fact).collect()
    }

    /// The bytes that the window covers.
    pub fn span(&self) -> Range<usize> {
        let first = self.places.first().copied().unwrap_or_default();
        first..self.places.last().copied().unwrap_or(first)
    }

    /// Lists which of a person's names are written out here.
    pub fn names(&self, person: &Portrait) -> Vec<Fact> {
        person.names.iter().filter(|(_, name)| self.says(name)).map(|(fact, _)| *fact).collect()
    }

    /// Days that are told, counted from the first of our era.
    pub fn days(&self) -> &[i32] {
        &self.dates().days
    }

    /// Months that are told, twelve a year.
    pub fn months(&self) -> &[i32] {
        &self.dates().months
    }

    /// Runs of letters and digits.
    pub fn grams(&self) -> &Few {
        self.grams.get_or_init(|| grams(&self.chars))
    }

    /// Runs that can be damaged numbers.
    pub fn runs(&self) -> &Runs {
        self.runs.get_or_init(|| Runs::of(&self.chars))
    }

    fn dates(&self) -> &Dates {
        self.dates.get_or_init(|| Dates::told(&self.chars))
    }

    /// Letters and digits alone.
    fn bare(&self) -> &str {
        self.bare.get_or_init(|| self.chars.iter().filter(|c| is_letter_or_digit(**c)).collect())
    }

    fn says(&self, words: &str) -> bool {
        memchr::memmem::find(self.bare().as_bytes(), words.as_bytes()).is_some()
    }
}

/// A place at most [`WINDOW_BYTES`] before another where a character begins.
fn begin(text: Text<'_>, at: usize) -> usize {
    let low = at.saturating_sub(WINDOW_BYTES);
    match text.reading {
        Reading::Bytes | Reading::Gbk if low == 0 => 0,
        Reading::Bytes | Reading::Gbk => {
            // Here a character ends for sure; Chinese prose may have no such place for long.
            let edge = (low..at).find(|at| is_edge(text.bytes, *at)).unwrap_or(at);
            first_character(text, low, edge)
        }
        Reading::Utf16Le | Reading::Utf16Be => low + (at - low) % 2,
    }
}

/// Tells whether a byte is ASCII for sure: no character of more bytes has one below a digit in it, and only GB18030's longest have
/// digits, behind high bytes.
fn is_edge(bytes: &[u8], at: usize) -> bool {
    bytes[at] < 0x30 || bytes[at] < 0x40 && at.checked_sub(1).is_some_and(|before| bytes[before] < 0x80)
}

/// The first place from which characters lead to an edge; the edge itself if there is none.
fn first_character(text: Text<'_>, low: usize, edge: usize) -> usize {
    let places = low..(low + CHARACTER_BYTES_MAX).min(edge);
    let is_utf8 = |from: &usize| std::str::from_utf8(&text.bytes[*from..edge]).is_ok();
    if let Some(from) = places.clone().find(|from| text.reading == Reading::Bytes && is_utf8(from)) {
        return from;
    }
    let leads = |from: &usize| {
        let mut at = *from;
        let is_sound = |(c, ..): &(char, usize, bool)| *c != char::REPLACEMENT_CHARACTER;
        while let Some((_, bytes, _)) = text.character(at).filter(|it| at < edge && is_sound(it)) {
            at += bytes;
        }
        at == edge
    };
    places.clone().find(leads).unwrap_or(edge)
}

/// The bytes of the line around a place, if it is surely a row: not all that is near has to be read then.
///
/// No character of more bytes has one of these separators or a line break in it.
fn narrow_row(text: Text<'_>, span: &Range<usize>) -> Option<Range<usize>> {
    match text.reading {
        Reading::Bytes | Reading::Gbk => {}
        Reading::Utf16Le | Reading::Utf16Be => return None,
    }
    let bytes = text.bytes;
    let (low, high) = (span.start.saturating_sub(WINDOW_BYTES), (span.end + WINDOW_BYTES).min(bytes.len()));
    let line = memchr::memrchr(b'\n', &bytes[low..span.start]).map(|at| low + at + 1);
    let from = line.unwrap_or_else(|| begin(text, span.start));
    let to = memchr::memchr(b'\n', &bytes[span.start..high]).map_or(high, |at| span.start + at);
    let separators = bytes[from..to].iter().filter(|byte| matches!(byte, b',' | b'\t' | b';')).count();
    (separators >= SEPARATORS_MIN).then_some(from..to)
}

/// The part of the text that belongs together: a row, or a record of JSON, SQL or HTML; in running text all up to a blank line.
/// Tells as well whether it has the edges of a record.
fn row(chars: &[char], here: usize) -> (Range<usize>, bool) {
    let line_start = chars[..here].iter().rposition(|c| *c == '\n').map_or(0, |at| at + 1);
    let line_end = chars[here..].iter().position(|c| *c == '\n').map_or(chars.len(), |at| here + at);
    let separators = chars[line_start..line_end].iter().filter(|c| SEPARATORS.contains(c)).count();
    let is_row = separators >= SEPARATORS_MIN || separators > 0 && is_dated_row(chars, line_start..line_end);
    let (mut from, mut to) = if is_row { (line_start, line_end) } else { (0, chars.len()) };
    let edge_at = |at: usize| match &chars[at..] {
        ['}', ..] => 1,
        [')', ',', ..] | ['\n', '\n', ..] => 2,
        ['<', 't', 'r', ..] | ['\n', '\r', '\n', ..] => 3,
        ['<', '/', 't', 'r', ..] => 4,
        _ => 0,
    };
    let before = (from..here).rev().map(|at| (at, edge_at(at))).find(|(_, edge)| *edge > 0);
    let behind = (here..to).find(|at| edge_at(*at) > 0);
    if let Some((at, edge)) = before {
        from = at + edge;
    }
    to = behind.unwrap_or(to);
    (from.min(here)..to, is_row || before.is_some() && behind.is_some())
}

/// Tells whether a line of two or three cells is a row: it tells a day, and so does a line beside it that is cut alike.
///
/// Sheets leave out cells that are empty, so tabs need not be as many. Without this a window over a narrow table tells the days of
/// a dozen other people.
fn is_dated_row(chars: &[char], line: Range<usize>) -> bool {
    let above = chars[..line.start.saturating_sub(1)].rsplit(|c| *c == '\n').next();
    let below = chars.get(line.end + 1..).and_then(|rest| rest.split(|c| *c == '\n').next());
    let here = &chars[line];
    let is_dated = |line: &[char]| !Dates::told(line).days.is_empty();
    let count = |line: &[char], separator: char| line.iter().filter(|c| **c == separator).count();
    let is_cut_alike = |other: &&[char]| {
        SEPARATORS.into_iter().any(|separator| match (count(here, separator), count(other, separator)) {
            (0, _) | (_, 0) => false,
            (own, its) => own == its || separator == '\t',
        })
    };
    let mut beside = [above, below].into_iter().flatten().filter(is_cut_alike);
    is_dated(here) && beside.any(is_dated)
}

/// Dates and months that a text tells.
#[derive(Debug, Default)]
struct Dates {
    days: Vec<i32>,
    months: Vec<i32>,
}

/// Counts months, twelve a year.
fn month(year: i32, month: u32) -> i32 {
    year * 12 + month as i32 - 1
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
                let day = first.and_then(|first| first.checked_add_days(Days::new(run.value)));
                self.days.extend(day.map(|day| day.num_days_from_ce()));
                return;
            }
            _ => return,
        };
        self.day(year, month, day);
    }

    fn named_months(&mut self, chars: &[char], runs: &[Run]) {
        const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        for at in 0..chars.len().saturating_sub(2) {
            let begins = chars[at].is_ascii_alphabetic() && (at == 0 || !chars[at - 1].is_ascii_alphabetic());
            let is_name = |name: &&str| name.chars().eq(chars[at..at + 3].iter().copied());
            let Some(month) = MONTHS.iter().position(|name| begins && is_name(name)) else { continue };
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
            self.days.push(date.num_days_from_ce());
            self.month(year, month);
        }
    }

    fn month(&mut self, year: u64, month: u64) {
        if (1900..2100).contains(&year) && (1..=12).contains(&month) {
            self.months.push(self::month(year as i32, month as u32));
        }
    }
}

fn runs(chars: &[char]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::with_capacity(RUNS_USUAL);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Text before and behind a name, in an encoding, and where the name stands.
    fn prose(before: &str, encoding: &'static encoding_rs::Encoding) -> (Vec<u8>, usize) {
        let head = encoding.encode(before).0.into_owned();
        let at = head.len();
        ([head, encoding.encode("张伟丽。").0.into_owned()].concat(), at)
    }

    #[test]
    fn a_narrow_table_is_read_row_by_row_and_a_form_is_not() {
        let days = |text: &str, name: &str| {
            let at = text.find(name).unwrap();
            let window = Window::around(Text { bytes: text.as_bytes(), reading: Reading::Bytes }, at..at + name.len());
            (window.days().len(), window.is_record)
        };
        assert_eq!(days("姓名\t日期\n李兆彦\t2026-02-11\t未接\n孟昊莹\t2026-02-12\n", "李兆彦"), (1, true));
        assert_eq!(days("李兆彦,2026-02-11\n孟昊莹,2026-02-12\n康莹雯,2026-01-18", "孟昊莹"), (1, true));
        assert_eq!(days("李兆彦,2026-02-11\n孟昊莹,2026-02-12\n康莹雯,2026-01-18", "康莹雯"), (1, true));
        assert_eq!(days("姓名\t李兆彦\n出生日期\t2026-02-11\n填表\t2026-03-01\n", "李兆彦"), (2, false));
        assert_eq!(days("李兆彦，2026年2月11日\n电话，地址，如下：2026年3月1日\n", "李兆彦"), (2, false));
    }

    #[test]
    fn prose_without_spaces_is_read_from_far_before_a_name() {
        for (encoding, reading) in [(encoding_rs::UTF_8, Reading::Bytes), (encoding_rs::GBK, Reading::Gbk)] {
            for letters in 0..8 {
                let filling = format!("{}{}", "x".repeat(letters), "该院所记录的情况如下，".repeat(40));
                let (bytes, at) = prose(&format!("{filling}产妇于2024年6月1日在本院分娩，姓名为"), encoding);
                let window = Window::around(Text { bytes: &bytes, reading }, at..at + 9);
                assert!(window.says("产妇于2024年6月1日"), "{encoding:?} {letters}: {:?}", window.bare());
                let day = NaiveDate::from_ymd_opt(2024, 6, 1).unwrap().num_days_from_ce();
                assert_eq!(window.days(), [day], "{encoding:?} {letters}");
                let reach = at - window.span().start;
                assert!((WINDOW_BYTES - 3..=WINDOW_BYTES).contains(&reach), "{encoding:?} {letters}: {reach}");
                assert!(window.says("该院所记录的情况如下"), "{encoding:?} {letters}");
            }
        }
    }

    #[test]
    fn a_window_begins_with_a_whole_character() {
        let (bytes, at) = prose(&"的".repeat(400), encoding_rs::GBK);
        for cut in 0..2 {
            let window = Window::around(Text { bytes: &bytes[cut..], reading: Reading::Gbk }, at - cut..at - cut + 6);
            assert!(window.chars.starts_with(&['的', '的']), "{cut}: {:?}", window.chars);
        }
        let (bytes, at) = prose(&"的".repeat(400), encoding_rs::UTF_8);
        let window = Window::around(Text { bytes: &bytes, reading: Reading::Bytes }, at..at + 9);
        assert!(window.chars.starts_with(&['的', '的']), "{:?}", window.chars);
    }
}
