//! Dates and times of day as lists write them, and how to write another one in the very same style.
//!
//! One cell seldom tells all of its style: `2026/11/21` does not say whether a one-digit month would be
//! padded. Such fields are [`Padding::Unknown`] until [`MomentFormat::settle`] takes them from the column's
//! other cells. `3月1日` has no year: the reader is told which year to think of.

mod reading;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

pub use reading::parse;

/// Seconds in a day.
pub const DAY_SECONDS: i64 = 86_400;

/// Which comes first in `01/03/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOrder {
    #[default]
    DayFirst,
    MonthFirst,
}

/// What a cell cannot say about itself: the order of day and month, and the year of `3月1日`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub order: DayOrder,
    pub year: i32,
}

/// A day, a time of day, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Day(NaiveDate),
    DayTime(NaiveDate, NaiveTime),
    Time(NaiveTime),
}

/// Whether one-digit fields get a leading zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Padding {
    Padded,
    Bare,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Field {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Number(Field, Padding),
    MonthName {
        long: bool,
        case: Case,
    },
    Weekday(WeekdayName),
    /// So many digits behind the second.
    Fraction(usize),
    Literal(String),
}

/// How the day of the week is named, which says nothing that the day does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum WeekdayName {
    Chinese { lead: &'static str },
    English { long: bool, case: Case },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Case {
    Upper,
    Lower,
    Title,
}

/// How a moment is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MomentFormat {
    parts: Vec<Part>,
    full_width: bool,
}

const MONTHS: [&str; 12] = [
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

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// What stands in front of the sign of a day of the week.
const WEEKDAY_LEADS: [&str; 3] = ["星期", "礼拜", "周"];

const WEEKDAY_SIGNS: [char; 7] = ['一', '二', '三', '四', '五', '六', '日'];

impl Moment {
    /// Gives the day, if it has one.
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Moment::Day(day) | Moment::DayTime(day, _) => Some(day),
            Moment::Time(_) => None,
        }
    }

    /// Gives the time of day, if it has one.
    pub fn time(self) -> Option<NaiveTime> {
        match self {
            Moment::Day(_) => None,
            Moment::DayTime(_, time) | Moment::Time(time) => Some(time),
        }
    }

    /// Gives seconds since 1 January of year 1, midnight where there is no time; a time alone counts from 0.
    pub fn seconds(self) -> i64 {
        let days = self.day().map_or(0, |day| i64::from(day.num_days_from_ce()));
        days * DAY_SECONDS + self.time().map_or(0, |time| i64::from(time.num_seconds_from_midnight()))
    }
}

impl MomentFormat {
    /// Takes what this cell does not say about padding from `other`, a cell of the same column.
    pub fn settle(&self, other: &MomentFormat) -> MomentFormat {
        let known = |format: &MomentFormat, wanted: Field| {
            format.parts.iter().find_map(|part| match part {
                Part::Number(field, padding) if *field == wanted && *padding != Padding::Unknown => Some(*padding),
                Part::Number(..) | Part::MonthName { .. } | Part::Weekday(_) | Part::Fraction(_) | Part::Literal(_) => {
                    None
                }
            })
        };
        let twin = |field: Field| match field {
            Field::Month => Some(Field::Day),
            Field::Day => Some(Field::Month),
            Field::Year | Field::Hour | Field::Minute | Field::Second => None,
        };
        let settled = |field: Field| {
            known(self, field)
                .or_else(|| known(other, field))
                .or_else(|| twin(field).and_then(|twin| known(self, twin).or_else(|| known(other, twin))))
                .unwrap_or(Padding::Unknown)
        };
        let parts = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Number(field, _) => Part::Number(*field, settled(*field)),
                Part::MonthName { .. } | Part::Weekday(_) | Part::Fraction(_) | Part::Literal(_) => part.clone(),
            })
            .collect();
        MomentFormat { parts, full_width: self.full_width }
    }

    /// Writes a day and a time in this format; fields of unknown padding are padded.
    pub fn render(&self, day: NaiveDate, time: NaiveTime) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::MonthName { long, case } => text.push_str(&month_written(day.month0(), *long, *case)),
                Part::Weekday(name) => text.push_str(&weekday_written(day, *name)),
                Part::Fraction(digits) => {
                    let nanos = format!("{:09}", time.nanosecond() % 1_000_000_000);
                    text.push_str(nanos.get(..*digits).unwrap_or(&nanos));
                }
                Part::Number(field, padding) => {
                    let value = match field {
                        Field::Year => day.year().unsigned_abs(),
                        Field::Month => day.month(),
                        Field::Day => day.day(),
                        Field::Hour => time.hour(),
                        Field::Minute => time.minute(),
                        Field::Second => time.second(),
                    };
                    match padding {
                        Padding::Bare => text.push_str(&value.to_string()),
                        Padding::Padded | Padding::Unknown => text.push_str(&format!("{value:02}")),
                    }
                }
            }
        }
        if self.full_width { text.chars().map(widened).collect() } else { text }
    }
}

fn month_written(month0: u32, long: bool, case: Case) -> String {
    cased(if long { MONTHS[month0 as usize] } else { &MONTHS[month0 as usize][..3] }, case)
}

fn weekday_written(day: NaiveDate, name: WeekdayName) -> String {
    let nth = day.weekday().num_days_from_monday() as usize;
    match name {
        WeekdayName::Chinese { lead } => format!("{lead}{}", WEEKDAY_SIGNS[nth]),
        WeekdayName::English { long, case } => cased(if long { WEEKDAYS[nth] } else { &WEEKDAYS[nth][..3] }, case),
    }
}

fn cased(name: &str, case: Case) -> String {
    match case {
        Case::Upper => name.to_ascii_uppercase(),
        Case::Lower => name.to_string(),
        Case::Title => name[..1].to_ascii_uppercase() + &name[1..],
    }
}

fn widened(c: char) -> char {
    if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c) } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READING: Reading = Reading { order: DayOrder::DayFirst, year: 2026 };

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a test day")
    }

    fn at(h: u32, m: u32, s: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(h, m, s).expect("a test time")
    }

    #[test]
    fn every_style_reads_back_its_own_writing() {
        for (text, expected) in [
            ("2026-03-01", Moment::Day(day(2026, 3, 1))),
            ("2026/3/1", Moment::Day(day(2026, 3, 1))),
            ("2026.3.1", Moment::Day(day(2026, 3, 1))),
            ("20260301", Moment::Day(day(2026, 3, 1))),
            ("2026年3月1日", Moment::Day(day(2026, 3, 1))),
            ("2026年03月01日", Moment::Day(day(2026, 3, 1))),
            ("３月１日", Moment::Day(day(2026, 3, 1))),
            ("3月1日", Moment::Day(day(2026, 3, 1))),
            ("2026-01-01 02:47", Moment::DayTime(day(2026, 1, 1), at(2, 47, 0))),
            ("2026-01-01 02:47:09", Moment::DayTime(day(2026, 1, 1), at(2, 47, 9))),
            ("2026-01-01T02:47:09", Moment::DayTime(day(2026, 1, 1), at(2, 47, 9))),
            ("2026/1/1 4:56", Moment::DayTime(day(2026, 1, 1), at(4, 56, 0))),
            ("2026年1月1日 4时56分", Moment::DayTime(day(2026, 1, 1), at(4, 56, 0))),
            ("202601010247", Moment::DayTime(day(2026, 1, 1), at(2, 47, 0))),
            ("01/03/2026", Moment::Day(day(2026, 3, 1))),
            ("1 March 2026", Moment::Day(day(2026, 3, 1))),
            ("01-MAR-2026", Moment::Day(day(2026, 3, 1))),
            ("Mar 1, 2026", Moment::Day(day(2026, 3, 1))),
            ("2026-03-01 00:00:00.000", Moment::DayTime(day(2026, 3, 1), at(0, 0, 0))),
            ("2026-03-01T08:31:22+08:00", Moment::DayTime(day(2026, 3, 1), at(8, 31, 22))),
            ("2026-03-01 08:31:22 +0800", Moment::DayTime(day(2026, 3, 1), at(8, 31, 22))),
            ("2026-03-01T08:31:22Z", Moment::DayTime(day(2026, 3, 1), at(8, 31, 22))),
            ("2026-03-01T08:31:00.0000000-05:00", Moment::DayTime(day(2026, 3, 1), at(8, 31, 0))),
            ("2026-03-01 星期日", Moment::Day(day(2026, 3, 1))),
            ("2026年3月2日（周一）", Moment::Day(day(2026, 3, 2))),
            ("2026/3/3 礼拜二 08:15", Moment::DayTime(day(2026, 3, 3), at(8, 15, 0))),
            ("Sun, 01 Mar 2026", Moment::Day(day(2026, 3, 1))),
            ("Sunday 1 March 2026", Moment::Day(day(2026, 3, 1))),
            ("02:47", Moment::Time(at(2, 47, 0))),
            ("2:47:01", Moment::Time(at(2, 47, 1))),
        ] {
            let (moment, format) = parse(text, READING).unwrap_or_else(|| panic!("{text} is not read"));
            assert_eq!(moment, expected, "{text}");
            let written = format.render(moment.day().unwrap_or_default(), moment.time().unwrap_or_default());
            assert_eq!(written, text);
        }
    }

    #[test]
    fn another_moment_takes_the_style() {
        let written = |like: &str| {
            let (_, format) = parse(like, READING).expect(like);
            format.render(day(2026, 11, 5), at(9, 3, 7))
        };
        assert_eq!(written("2026/3/1 4:05"), "2026/11/5 9:03");
        assert_eq!(written("２０２６年３月１日"), "２０２６年１１月５日");
        assert_eq!(written("1 March 2026"), "5 November 2026");
        assert_eq!(written("3月1日"), "11月5日");
        assert_eq!(written("2026-03-01 星期天"), "2026-11-05 星期四");
        assert_eq!(written("2026-03-01 (周日)"), "2026-11-05 (周四)");
        assert_eq!(written("SUN, 01 MAR 2026"), "THU, 05 NOV 2026");
        assert_eq!(written("2026-03-01T00:00:00.000+08:00"), "2026-11-05T09:03:07.000+08:00");
        let (moment, _) = parse("2026-03-01 08:31:22.317", READING).expect("a moment");
        assert_eq!(moment.time().map(|time| time.nanosecond()), Some(317_000_000));
    }

    #[test]
    fn padding_that_a_cell_does_not_show_comes_from_its_column() {
        let (_, unknown) = parse("2026/11/21", READING).expect("a date");
        let (_, bare) = parse("2026/3/21", READING).expect("a date");
        assert_eq!(unknown.settle(&bare).render(day(2026, 1, 2), at(0, 0, 0)), "2026/1/2");
        assert_eq!(unknown.render(day(2026, 1, 2), at(0, 0, 0)), "2026/01/02");
    }

    #[test]
    fn order_of_day_and_month_follows_the_column_unless_the_cell_proves_it() {
        let us = Reading { order: DayOrder::MonthFirst, year: 2026 };
        assert_eq!(parse("01/03/2026", us).map(|found| found.0), Some(Moment::Day(day(2026, 1, 3))));
        assert_eq!(parse("01/13/2026", READING).map(|found| found.0), Some(Moment::Day(day(2026, 1, 13))));
        assert_eq!(parse("13/01/2026", us).map(|found| found.0), Some(Moment::Day(day(2026, 1, 13))));
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for text in [
            "",
            "张三",
            "13800138000",
            "39+4",
            "2026-13-01",
            "2026-02-30",
            "3580",
            "1栋",
            "101",
            "8-9-10",
            "12/5",
            "9-10-10",
            "20269999",
            "2026-01-01 99:00",
            "月",
            "310003260260101",
            "5106041974********",
            "8:5",
            "2026-03-01 08:31.5",
            "2026-03-01+08:00",
            "46174",
            "26-06-01",
            "6.1",
            "2026-03-01 周末",
        ] {
            assert_eq!(parse(text, READING), None, "{text}");
        }
    }
}
