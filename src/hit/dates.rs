//! Dates in text, in the spellings of both languages; what they are dates of, `births` tells.
//!
//! `05/09/2026` is two dates: the fifth of September where days come first, the ninth of May where months do.

use std::ops::Range;

use chrono::NaiveDate;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTHS_WHOLE: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Days said as words; those from the twenty-first on are two words and are not heard.
const ORDINALS: [&str; 20] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];
/// What follows two numbers that are no date (`3-5个月`).
const COUNTED: &str = "个天岁折次%千万元斤年周楼线公克月点分人页室";

/// A date as somebody says it; without a day it is a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    pub year: Option<i32>,
    pub month: u32,
    pub day: Option<u32>,
    /// Where it begins and ends.
    pub at: usize,
    pub end: usize,
    /// Written so that it may as well be no date (`8.3`, `0803`).
    pub loose: bool,
}

/// Reads what a list writes as a birth date: `2026-11-02`, `2026/11/2 08:30`, `20261102`, `2026年11月2日`.
pub fn written(text: &str) -> Option<NaiveDate> {
    readings(text).into_iter().next()
}

/// Gives every day that a birth date as a list writes it can be: two for `05/09/2026`.
pub fn readings(text: &str) -> Vec<NaiveDate> {
    let found = mentions(&super::speech::fold(text));
    let days = found.iter().filter(|mention| !mention.loose);
    let days = days.filter_map(|it| Some((it.at, NaiveDate::from_ymd_opt(it.year?, it.month, it.day?)?)));
    let mut days: Vec<(usize, NaiveDate)> = days.collect();
    let first = days.first().map(|(at, _)| *at);
    days.retain(|(at, _)| Some(*at) == first);
    days.dedup();
    days.into_iter().map(|(_, day)| day).collect()
}

/// Tells whether any date is in a folded text.
pub fn any_said(text: &str) -> bool {
    !mentions(text).is_empty()
}

/// Finds every date in a folded text; one that can be read two ways is given twice.
pub fn mentions(text: &str) -> Vec<Mention> {
    let mut found = english(text);
    for (at, _) in text.char_indices() {
        if number(&text[at..]).is_some() && begins_here(&text[..at]) {
            found.extend(chinese(text, at));
            found.extend(by_digits(text, at));
        }
    }
    found.retain(|mention| (1..=12).contains(&mention.month) && mention.day.is_none_or(|day| (1..=31).contains(&day)));
    found
}

/// Tells whether a date can begin behind `front`: not inside a number, behind a year, nor at `满`三月.
fn begins_here(front: &str) -> bool {
    let ends_in_number = |front: &str| {
        let last = front.chars().next_back();
        last.is_some_and(|c| c.is_ascii_digit() || han_digit(c).is_some())
    };
    let before_separator = front.strip_suffix(['年', '-', '/', '.']);
    !ends_in_number(front) && !before_separator.is_some_and(ends_in_number) && !front.ends_with('满')
}

/// Reads `2026年3月5日`, `三月五号`, `3月5`, `3月份`.
fn chinese(text: &str, at: usize) -> Option<Mention> {
    let (first, rest) = number(&text[at..])?;
    let (year, month, rest) = match rest.strip_prefix('年') {
        Some(rest) => {
            let (month, rest) = number(rest)?;
            (Some(whole_year(first)), month, rest)
        }
        None => (None, first, rest),
    };
    let rest = rest.strip_prefix('月')?;
    let behind = rest.strip_prefix('份').unwrap_or(rest);
    let day = number(behind).filter(|(_, rest)| !rest.starts_with(['个', '点', '月', '年', '折', '岁', '-']));
    let rest = day.map_or(rest, |(_, rest)| rest.strip_prefix(['日', '号']).unwrap_or(rest));
    Some(Mention { year, month, day: day.map(|(day, _)| day), at, end: text.len() - rest.len(), loose: false })
}

/// Reads `20260305`, `2026-3-5`, `03-05`, `3/5`, `5/3/2026`, and loosely `3.5`, `0305`.
fn by_digits(text: &str, at: usize) -> Vec<Mention> {
    let Some((first, chars, rest)) = digits(&text[at..]) else {
        return Vec::new();
    };
    let end = |rest: &str| text.len() - rest.len();
    if chars == 8 {
        let (year, month, day) = (Some((first / 10_000) as i32), first / 100 % 100, Some(first % 100));
        return vec![Mention { year, month, day, at, end: end(rest), loose: false }];
    }
    let Some(separator) = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.')) else {
        let (month, day) = (first / 100, Some(first % 100));
        let four = chars == 4 && rest.chars().next().is_none_or(|c| !matches!(c, '年' | ':'));
        return four
            .then_some(Mention { year: None, month, day, at, end: end(rest), loose: true })
            .into_iter()
            .collect();
    };
    let Some((second, _, rest)) = digits(&rest[1..]) else {
        return Vec::new();
    };
    let third = rest.strip_prefix(separator).and_then(digits);
    match (chars, third) {
        (4, Some((day, _, rest))) => {
            let year = Some(first as i32);
            vec![Mention { year, month: second, day: Some(day), at, end: end(rest), loose: false }]
        }
        (1 | 2, Some((year, _, rest))) => both_ways(Some(whole_year(year)), (first, second), at..end(rest), false),
        (1 | 2, None) if !rest.starts_with(|c| COUNTED.contains(c)) => {
            let numbers = both_ways(None, (first, second), at..end(rest), separator != '/');
            // A point stands in no date that puts the day first without a year.
            numbers.into_iter().take(if separator == '.' { 1 } else { 2 }).collect()
        }
        _ => Vec::new(),
    }
}

fn both_ways(year: Option<i32>, (first, second): (u32, u32), at: Range<usize>, loose: bool) -> Vec<Mention> {
    let read = |(month, day)| Mention { year, month, day: Some(day), at: at.start, end: at.end, loose };
    [(first, second), (second, first)].map(read).to_vec()
}

/// Reads `5 March`, `March 5th 2026`, `5th of March`, `in March`.
fn english(text: &str) -> Vec<Mention> {
    let words: Vec<(usize, &str)> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .collect();
    let word = |i: usize| words.get(i).map_or("", |(_, word)| word);
    let mut found = Vec::new();
    for (i, (at, name)) in words.iter().enumerate() {
        let Some(month) = MONTHS.iter().zip(MONTHS_WHOLE).position(|(short, whole)| name == short || *name == whole)
        else {
            continue;
        };
        let behind = if word(i + 1) == "the" { i + 2 } else { i + 1 };
        let in_front = if i >= 2 && word(i - 1) == "of" { i.checked_sub(2) } else { i.checked_sub(1) };
        let before = in_front.and_then(|i| day_word(word(i)));
        let after = day_word(word(behind)).filter(|_| before.is_none());
        let last = if after.is_some() { behind } else { i };
        let year = word(last + 1).parse().ok().filter(|year| (1990..2100).contains(year));
        let last = if year.is_some() { last + 1 } else { last };
        let alone = i > 0 && matches!(word(i - 1), "in" | "last" | "this")
            || matches!(word(i + 1), "baby" | "born" | "boy" | "girl");
        let day = before.or(after);
        if day.is_some() || alone {
            let at = if before.is_some() { in_front.map_or(*at, |i| words[i].0) } else { *at };
            let end = words[last].0 + words[last].1.len();
            found.push(Mention { year, month: month as u32 + 1, day, at, end, loose: false });
        }
    }
    found
}

fn day_word(word: &str) -> Option<u32> {
    if let Some(place) = ORDINALS.iter().position(|ordinal| *ordinal == word) {
        return Some(place as u32 + 1);
    }
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    digits.parse().ok().filter(|day| (1..=31).contains(day))
}

fn whole_year(year: u32) -> i32 {
    let year = year.min(9999) as i32;
    if year < 100 { 2000 + year } else { year }
}

/// Reads a number in digits (at most 8 of them): value, count of digits, the rest.
fn digits(text: &str) -> Option<(u32, usize, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=8).contains(&count) {
        return None;
    }
    Some((text[..count].parse().ok()?, count, &text[count..]))
}

/// Reads a number in digits or in Chinese (`五`, `十二`, `二十一`, `廿八`, `二〇二六`).
fn number(text: &str) -> Option<(u32, &str)> {
    if let Some((value, _, rest)) = digits(text) {
        return Some((value, rest));
    }
    let end = text.char_indices().find(|(_, c)| han_digit(*c).is_none()).map_or(text.len(), |(i, _)| i);
    let (said, rest) = text.split_at(end);
    let values: Vec<u32> = said.chars().take(5).filter_map(han_digit).collect();
    let value = match values.as_slice() {
        [] => return None,
        [20] => 20,
        [20, unit] => 20 + unit,
        [10, unit] => 10 + unit,
        [ten, 10] => ten * 10,
        [ten, 10, unit] => ten * 10 + unit,
        units if units.len() <= 4 => units.iter().fold(0, |sum, unit| sum * 10 + unit),
        _ => return None,
    };
    Some((value, rest))
}

fn han_digit(c: char) -> Option<u32> {
    let units = "〇一二三四五六七八九";
    match c {
        '零' => Some(0),
        '十' => Some(10),
        '廿' => Some(20),
        c => units.chars().position(|unit| unit == c).map(|value| value as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lists_write_is_read() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 5);
        for text in ["2026-03-05", "2026/3/5 08:30", "20260305", "2026年3月5日", "2026-03-05T08:30:00"] {
            assert_eq!(written(text), day, "{text}");
        }
        assert_eq!(written("03-05"), None);
    }

    #[test]
    fn a_list_that_may_put_days_first_means_either_day() {
        let days = |text: &str| readings(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(days("05/09/2026"), ["2026-05-09", "2026-09-05"]);
        assert_eq!(days("25/09/2026"), ["2026-09-25"]);
        assert_eq!(days("04/04/2026"), ["2026-04-04"]);
        assert_eq!(days("2026-09-05"), ["2026-09-05"]);
    }

    #[test]
    fn a_mention_ends_where_its_date_ends() {
        for (text, end) in [
            ("3月5号生", "3月5号"),
            ("3月份5号生", "3月份5号"),
            ("2026-03-05.", "2026-03-05"),
            ("march the 5th, ok", "march the 5th"),
        ] {
            let found = mentions(text);
            assert!(found.iter().any(|it| it.at == 0 && it.end == end.len() && it.day == Some(5)), "{text} {found:?}");
        }
    }
}
