//! Cells as numbers that can be compared: moments in seconds, counters as whole numbers.
//!
//! Read from raw bytes where possible, because every row of a large list passes here.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use crate::list::layout::Layout;
use crate::list::moment::{self, DAY_SECONDS, Reading};
use crate::list::row::Row;

/// Most digits of a counter that are looked at, from the right.
pub const COUNTER_DIGITS_MAX: usize = 18;

/// A cell of a date column, read once for all who need it.
#[derive(Debug, Clone, Copy)]
pub struct Dated {
    pub column: usize,
    /// Seconds since 1 January of year 1.
    pub seconds: Option<i64>,
}

impl Dated {
    /// Reads a cell.
    #[inline]
    pub fn read(row: &Row<'_>, column: usize, layout: &Layout, year: i32) -> Dated {
        Dated { column, seconds: seconds(row, column, layout, year) }
    }

    /// Gives the day, counted from year 1.
    #[inline]
    pub fn day(self) -> Option<i64> {
        self.seconds.map(|seconds| seconds.div_euclid(DAY_SECONDS))
    }
}

/// Reads days of births row by row; in a list in order most are the day before them, written alike.
#[derive(Debug, Clone, Default)]
pub struct Days {
    /// The last cell that began with a whole date, and its day.
    last: Option<((u64, u64), i64)>,
}

/// A date as `2026-03-01`.
type DateText = [u8; 10];

impl Days {
    /// Reads a cell as a day, counted from year 1.
    #[inline]
    pub fn read(&mut self, row: &Row<'_>, at: usize, layout: &Layout, year: i32) -> Option<i64> {
        let date = row.bytes(at).first_chunk().filter(|date| is_plain_moment(date, row.bytes(at)));
        let date = date.map(as_number);
        if let (Some(date), Some((last, day))) = (date, self.last)
            && date == last
        {
            return Some(day);
        }
        let day = day(row, at, layout, year);
        if let (Some(date), Some(day)) = (date, day) {
            self.last = Some((date, day));
        }
        day
    }
}

/// Makes a date comparable at once, by two loads that overlap.
#[inline]
fn as_number(date: &DateText) -> (u64, u64) {
    let [first @ .., _, _] = date;
    let [_, _, last @ ..] = date;
    (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
}

/// Tells whether a cell that begins with `date` is sure to be of that day: the date alone, or ` hh:mm` behind it.
#[inline]
fn is_plain_moment(date: &DateText, cell: &[u8]) -> bool {
    let is_below = |tens: u8, ones: u8, end: u8| {
        tens.is_ascii_digit() && ones.is_ascii_digit() && (tens - b'0') * 10 + (ones - b'0') < end
    };
    let behind = match cell[date.len()..] {
        [] => true,
        [b' ' | b'T', h, hour, b':', m, minute] => is_below(h, hour, 24) && is_below(m, minute, 60),
        _ => false,
    };
    behind && date[4] == b'-' && date[7] == b'-'
}

/// Reads a cell as a moment, in seconds since 1 January of year 1.
#[inline]
pub fn seconds(row: &Row<'_>, at: usize, layout: &Layout, year: i32) -> Option<i64> {
    let bytes = row.bytes(at);
    if bytes.len() < 4 {
        return None;
    }
    quick(bytes).or_else(|| slow(row, at, layout, year))
}

/// Reads a cell as a day, counted from year 1.
#[inline]
pub fn day(row: &Row<'_>, at: usize, layout: &Layout, year: i32) -> Option<i64> {
    seconds(row, at, layout, year).map(|seconds| seconds.div_euclid(DAY_SECONDS))
}

fn slow(row: &Row<'_>, at: usize, layout: &Layout, year: i32) -> Option<i64> {
    let reading = Reading { order: layout.columns.get(at)?.order, year };
    let (moment, _) = moment::parse(crate::list::contents::unguarded(&row.text(at)), reading)?;
    moment.day().map(|_| moment.seconds())
}

/// Reads year-first dates, with a time or without, by their digit runs alone.
#[inline]
fn quick(bytes: &[u8]) -> Option<i64> {
    let mut runs = [(0_u32, 0_u32); 6];
    let mut count = 0;
    let mut within = false;
    for b in bytes {
        if b.is_ascii_digit() {
            if !within {
                if count == runs.len() {
                    return None;
                }
                count += 1;
            }
            let run = &mut runs[count - 1];
            run.0 = run.0 * 10 + u32::from(b - b'0');
            run.1 += 1;
            if run.1 > 4 {
                return None;
            }
            within = true;
        } else if *b == b'+' {
            // What follows is no part of the time, but how far it is from UTC.
            return None;
        } else {
            within = false;
        }
    }
    let [year, month, rest @ ..] = &runs;
    if count < 3 || count == 4 || year.1 != 4 || month.1 > 2 || rest.iter().any(|run| run.1 > 2) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year.0).ok()?, month.0, rest[0].0)?;
    let time = NaiveTime::from_hms_opt(rest[1].0, rest[2].0, rest[3].0)?;
    if !(1900..=2100).contains(&date.year()) {
        return None;
    }
    Some(i64::from(date.num_days_from_ce()) * DAY_SECONDS + i64::from(time.num_seconds_from_midnight()))
}

/// Finds a cell's counter, its longest run of digits (the last of equals): where it begins and ends.
#[inline]
pub fn counter_span(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            at += 1;
        }
        if best.is_none_or(|(from, to)| at - start >= to - from) {
            best = Some((start, at));
        }
    }
    best
}

/// Reads the last `digits` digits of a cell's counter.
#[inline]
pub fn counter(bytes: &[u8], digits: usize) -> Option<i64> {
    let (start, end) = counter_span(bytes)?;
    let start = start.max(end.saturating_sub(digits.min(COUNTER_DIGITS_MAX)));
    Some(bytes[start..end].iter().fold(0_i64, |value, b| value * 10 + i64::from(b - b'0')))
}

/// Writes a counter's number in place of the donor's last `digits` digits, as wide as the donor's.
pub fn with_counter(donor: &str, digits: usize, number: i64) -> Option<String> {
    let (start, end) = counter_span(donor.as_bytes())?;
    let start = start.max(end.saturating_sub(digits));
    let old = donor.get(start..end)?;
    let is_whole = !donor[..start].ends_with(|c: char| c.is_ascii_digit());
    let new = if is_whole && !old.starts_with('0') {
        number.to_string()
    } else {
        format!("{number:0width$}", width = old.len())
    };
    if !is_whole && new.len() != old.len() || number < 0 {
        return None;
    }
    Some(format!("{}{new}{}", &donor[..start], &donor[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_agrees_with_the_careful_one() {
        let reading = Reading { order: moment::DayOrder::DayFirst, year: 2026 };
        for text in [
            "2026-03-01",
            "2026/3/1",
            "2026年3月1日",
            "2026-01-01 02:47",
            "2026-01-01T02:47:09",
            "2026.12.31",
            "2026-03-01 星期日",
        ] {
            let careful = moment::parse(text, reading).map(|(moment, _)| moment.seconds());
            assert_eq!(quick(text.as_bytes()), careful, "{text}");
            assert!(careful.is_some());
        }
        for text in [
            "01/03/2026",
            "3月1日",
            "2026-13-01",
            "20260301",
            "2026-01-01 99:00",
            "139-0013-9000",
            "2026-01-01 02:47:09.000",
            "2026-01-01 02:47+0800",
        ] {
            assert_eq!(quick(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_day_read_after_another_is_the_day_read_alone() {
        use crate::list::ColumnMap;
        use crate::list::layout::recognise;
        use crate::list::rows::{Rows, head};
        let births =
            ["2026-03-01", "2026-03-01 02:47", "2026-03-01 24:00", "2026-03-01T23:59", "2026-03-01 2:4", "2026-03-02"];
        let odd = ["2026-02-30", "2026-02-30 01:01", "", "2026/3/1", "2026-03-01 ab:cd", "2026-03-012", "0000-00-00"];
        let lines = births.iter().chain(&odd).chain(&births).map(|birth| format!("张三,{birth},13800138000\n"));
        let text = format!("姓名,分娩日期,电话\n{}", lines.collect::<String>());
        let layout = recognise(&head(&text), &ColumnMap::default()).expect("a layout");
        let mut days = Days::default();
        for row in Rows::new(&text).iter().skip(1) {
            assert_eq!(days.read(&row, 1, &layout, 2026), day(&row, 1, &layout, 2026), "{}", row.text(1));
        }
    }

    #[test]
    fn the_counter_of_an_id_is_its_longest_run() {
        assert_eq!(counter(b"ZY268597", 18), Some(268_597));
        assert_eq!(counter(b"26-04574", 18), Some(4_574));
        assert_eq!(counter(b"310003260260101", 9), Some(260_260_101));
        assert_eq!(counter("19床".as_bytes(), 18), Some(19));
        assert_eq!(counter(b"abc", 18), None);
    }

    #[test]
    fn a_counter_keeps_prefix_width_and_zeros() {
        assert_eq!(with_counter("ZY268597", 18, 268_600).as_deref(), Some("ZY268600"));
        assert_eq!(with_counter("26-04574", 18, 4_580).as_deref(), Some("26-04580"));
        assert_eq!(with_counter("310003260260101", 9, 260_260_107).as_deref(), Some("310003260260107"));
        assert_eq!(with_counter("999", 18, 1_000).as_deref(), Some("1000"));
        assert_eq!(with_counter("310003260260101", 9, 7).as_deref(), Some("310003000000007"));
    }
}
