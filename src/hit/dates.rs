//! Birth dates in what was said, in the spellings of both languages.
//!
//! A date that belongs to an event (`3月5号下午有活动`) is no birth date, and a month alone counts only
//! where a birth is spoken of.

use chrono::{Datelike, NaiveDate};

use super::speech::Speech;

/// Words of a clause whose date is an event's.
const EVENTS: [&str; 28] = [
    "账单",
    "生成",
    "生鲜",
    "到货",
    "停诊",
    "生效",
    "快递",
    "缴费",
    "活动",
    "优惠",
    "截止",
    "促销",
    "店庆",
    "讲座",
    "开业",
    "预约",
    "上午",
    "下午",
    "之前",
    "到期",
    "发货",
    "送达",
    "event",
    "offer",
    "until",
    "sale",
    "appointment",
    "deadline",
];
/// Words of a text that speaks of a birth.
const BIRTHS: [&str; 12] =
    ["生的", "出生", "宝宝", "宝贝", "孩子", "分娩", "生产", "产妇", "生了", "born", "baby", "birth"];
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
/// What follows two numbers that are no date (`3-5个月`).
const COUNTED: &str = "个天岁折次%千万元斤年周楼号线";

/// How exactly a birth date was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Day,
    Month,
}

/// A date as somebody says it; without a day it is a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mention {
    year: Option<i32>,
    month: u32,
    day: Option<u32>,
    at: usize,
}

/// Reads what a list writes as a birth date: `2026-11-02`, `2026/11/2 08:30`, `20261102`, `2026年11月2日`.
pub fn written(text: &str) -> Option<NaiveDate> {
    let folded = super::speech::fold(text);
    let found = mentions(&folded).into_iter().find(|mention| mention.year.is_some() && mention.day.is_some())?;
    NaiveDate::from_ymd_opt(found.year?, found.month, found.day?)
}

/// Tells how exactly `birth` is said.
pub fn birth_said(speech: &Speech, birth: NaiveDate) -> Option<Known> {
    let of_birth = BIRTHS.iter().any(|word| speech.has(word));
    let fits = |mention: &Mention| {
        let clause = [speech.clause_before(mention.at), speech.clause_after(mention.at)];
        let eventful = EVENTS.iter().any(|event| clause.iter().any(|part| part.contains(event)));
        !eventful && mention.month == birth.month() && mention.year.is_none_or(|year| year == birth.year())
    };
    let fitting: Vec<Mention> = mentions(speech.text()).into_iter().filter(fits).collect();
    if fitting.iter().any(|mention| mention.day == Some(birth.day())) {
        return Some(Known::Day);
    }
    (of_birth && fitting.iter().any(|mention| mention.day.is_none())).then_some(Known::Month)
}

/// Tells whether any date is in a folded text.
pub fn any_said(text: &str) -> bool {
    !mentions(text).is_empty()
}

/// Finds every date in a folded text; one that can be read two ways is given twice.
fn mentions(text: &str) -> Vec<Mention> {
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
    let day = number(rest).filter(|(_, rest)| !rest.starts_with(['个', '点', '月', '年', '折', '岁']));
    Some(Mention { year, month, day: day.map(|(day, _)| day), at })
}

/// Reads `20260305`, `2026-3-5`, `03-05`, `3/5`, `5/3/2026`.
fn by_digits(text: &str, at: usize) -> Vec<Mention> {
    let Some((first, chars, rest)) = digits(&text[at..]) else {
        return Vec::new();
    };
    if chars == 8 {
        return vec![Mention {
            year: Some((first / 10_000) as i32),
            month: first / 100 % 100,
            day: Some(first % 100),
            at,
        }];
    }
    let Some(separator) = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.')) else {
        return Vec::new();
    };
    let Some((second, _, rest)) = digits(&rest[1..]) else {
        return Vec::new();
    };
    let third = rest.strip_prefix(separator).and_then(digits);
    match (chars, third) {
        (4, Some((day, _, _))) => vec![Mention { year: Some(first as i32), month: second, day: Some(day), at }],
        (1 | 2, Some((year, _, _))) => both_ways(Some(whole_year(year)), first, second, at),
        (1 | 2, None) if separator != '.' && !rest.starts_with(|c| COUNTED.contains(c)) => {
            both_ways(None, first, second, at)
        }
        _ => Vec::new(),
    }
}

fn both_ways(year: Option<i32>, first: u32, second: u32, at: usize) -> Vec<Mention> {
    [(first, second), (second, first)].map(|(month, day)| Mention { year, month, day: Some(day), at }).to_vec()
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
        let in_front = if i >= 2 && word(i - 1) == "of" { i.checked_sub(2) } else { i.checked_sub(1) };
        let before = in_front.and_then(|i| day_word(word(i)));
        let after = day_word(word(i + 1));
        let year_at = if after.is_some() { i + 2 } else { i + 1 };
        let year = word(year_at).parse().ok().filter(|year| (1990..2100).contains(year));
        let alone = i > 0 && matches!(word(i - 1), "in" | "last" | "this") || matches!(word(i + 1), "baby" | "born");
        let day = before.or(after);
        if day.is_some() || alone {
            found.push(Mention { year, month: month as u32 + 1, day, at: *at });
        }
    }
    found
}

fn day_word(word: &str) -> Option<u32> {
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

    fn said(text: &str) -> Option<Known> {
        birth_said(&Speech::of(text), NaiveDate::from_ymd_opt(2026, 3, 5).expect("a test day"))
    }

    #[test]
    fn one_day_in_many_spellings_is_one_day() {
        for text in [
            "3月5号生的",
            "三月五号",
            "3月5日出生",
            "2026年3月5日",
            "26年三月五日",
            "03-05生的",
            "2026-03-05",
            "2026/3/5",
            "20260305",
            "born on 5 March",
            "March 5th",
            "5th of March 2026",
            "Mar 5",
            "05/03/2026",
            "二〇二六年三月五日",
        ] {
            assert_eq!(said(text), Some(Known::Day), "{text}");
        }
    }

    #[test]
    fn other_days_counts_and_events_are_not_the_birth() {
        for text in [
            "3月6号生的",
            "2025年3月5日",
            "3月15号",
            "13月5号",
            "宝宝3个月",
            "3-5个月的宝宝",
            "3月5号下午有活动",
            "上周二",
            "you may 5",
            "3.5公斤",
            "满三月了",
            "十三月",
            "last Tuesday",
            "120260305",
            "the sale ends March 5",
        ] {
            assert_ne!(said(text), Some(Known::Day), "{text}");
        }
        assert_eq!(said("3-5个月的宝宝"), None);
    }

    #[test]
    fn a_month_counts_where_a_birth_is_spoken_of() {
        assert_eq!(said("宝宝是3月份生的吧"), Some(Known::Month));
        assert_eq!(said("your baby was born in March"), Some(Known::Month));
        assert_eq!(said("三月份搬家"), None);
        assert_eq!(said("宝宝四月出生"), None);
    }

    #[test]
    fn what_lists_write_is_read() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 5);
        for text in ["2026-03-05", "2026/3/5 08:30", "20260305", "2026年3月5日", "2026-03-05T08:30:00"] {
            assert_eq!(written(text), day, "{text}");
        }
        assert_eq!(written("03-05"), None);
    }
}
