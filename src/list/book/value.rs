//! What a cell says, as text; and a text as what a cell can hold.
//!
//! Numbers are written without an exponent (Excel stores a phone number as `1.3800138E10` at times), days as
//! `YYYY-MM-DD`, so that a list reads the same whoever saved it.

use chrono::{NaiveDate, NaiveTime, Timelike};

use super::error::BookError;
use super::markup::unescape;
use super::sheet::{Kind, RawCell, RawRow};
use super::shown::Shown;
use super::strings::{Strings, Texts};
use super::styles::{Shows, Styles};

/// Day numbers Excel shows: up to 9999-12-31.
const DAY_MAX: f64 = 2_958_466.0;

/// Longest whole number, in bytes: more digits than a cell keeps are no number's.
const WHOLE_BYTES_MAX: usize = 17;

/// Longest number with a fraction, in bytes: a sign, 17 digits that count (IEEE 754), a point and a few zeros.
const FRACTION_BYTES_MAX: usize = 25;

/// What cells of a book need to be read.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) strings: Strings,
    pub(super) styles: Styles,
    pub(super) from_1904: bool,
    /// The day the book was saved, if it says: what `TODAY()` said then.
    pub(super) saved_on: Option<NaiveDate>,
}

impl Values {
    /// Appends what a cell says.
    pub(super) fn append(&self, row: &RawRow, cell: &RawCell, out: &mut String) -> Result<(), BookError> {
        if let Some(inline) = &cell.inline {
            return append_inline(row.at(&inline.whole), row.at(&inline.inner), out);
        }
        let Some(value) = cell.value.as_ref().map(|value| row.at(&value.inner)).filter(|value| !value.is_empty())
        else {
            return Ok(());
        };
        match cell.kind {
            Kind::Shared => {
                let text = value.trim().parse().ok().and_then(|index| self.strings.get(index));
                let why = "it names a shared text that does not exist";
                out.push_str(text.ok_or_else(|| BookError::Unexpected { part: format!("row {}", row.number), why })?);
            }
            Kind::Bool => out.push_str(if value.trim() == "1" { "TRUE" } else { "FALSE" }),
            Kind::Number => self.append_number(value, cell.style, out),
            Kind::Iso => out.push_str(value.trim_end_matches("T00:00:00").replace('T', " ").trim_end_matches(".000")),
            Kind::Inline | Kind::Text | Kind::Error => out.push_str(&unescape(value)),
        }
        Ok(())
    }

    /// Gives what a formula's cell of style `style` says.
    pub(super) fn read(&self, shown: &Shown, style: u32) -> String {
        let mut out = String::new();
        match shown.kind {
            Kind::Number => self.append_number(&shown.text, style, &mut out),
            Kind::Bool => out.push_str(if shown.text == "1" { "TRUE" } else { "FALSE" }),
            Kind::Shared | Kind::Inline | Kind::Text | Kind::Iso | Kind::Error => out.push_str(&unescape(&shown.text)),
        }
        out
    }

    fn append_number(&self, value: &str, style: u32, out: &mut String) {
        let shows = self.styles.shows(style);
        let number = value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(number) = number else { return out.push_str(&unescape(value)) };
        match moment(number, shows, self.from_1904) {
            Some(text) => out.push_str(&text),
            None if value.len() <= 15 && value.bytes().all(|b| b.is_ascii_digit()) => out.push_str(value),
            None => out.push_str(&number.to_string()),
        }
    }

    /// Finds the number a cell of style `style` must hold to read as `text`; nothing when none does.
    pub(super) fn number_for(&self, text: &str, style: u32) -> Option<String> {
        match self.styles.shows(style) {
            Shows::Number => plain_number(text),
            Shows::Date | Shows::DateAndTime | Shows::Time => serial_day(text, self.from_1904),
        }
    }
}

/// Takes a text for the number that a cell holds; nothing for one that would read otherwise: a leading zero, a plus sign or a
/// sixteenth digit would be lost. A zero that closes a fraction is the style's to show.
fn plain_number(text: &str) -> Option<String> {
    let is_fraction = text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let written = if is_fraction { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    let number = written.parse::<f64>().ok().filter(|number| number.is_finite())?;
    let longest = if is_fraction { FRACTION_BYTES_MAX } else { WHOLE_BYTES_MAX };
    (number.to_string() == written && written.len() <= longest).then(|| written.to_string())
}

fn append_inline(whole: &str, inner: &str, out: &mut String) -> Result<(), BookError> {
    let plain = inner.strip_prefix("<t").and_then(|rest| rest.split_once('>'));
    if let Some(text) = plain.and_then(|(tag, rest)| rest.strip_suffix("</t>").filter(|_| !tag.ends_with('/')))
        && !text.contains('<')
    {
        out.push_str(&unescape(text));
        return Ok(());
    }
    Texts::new(whole.as_bytes(), "is")?.next(out)?;
    Ok(())
}

/// Writes a day number as a date, a time or both; nothing when the style or the number is none.
fn moment(number: f64, shows: Shows, from_1904: bool) -> Option<String> {
    if shows == Shows::Number || !(0.0..DAY_MAX).contains(&number) {
        return None;
    }
    let seconds = (number * 86_400.0).round();
    let (day, second) = ((seconds / 86_400.0).floor(), seconds.rem_euclid(86_400.0) as u32);
    let time = NaiveTime::from_num_seconds_from_midnight_opt(second, 0)?.format("%H:%M:%S");
    if shows == Shows::Time && day == 0.0 {
        return Some(time.to_string());
    }
    let date = day_zero(from_1904, day).checked_add_days(chrono::Days::new(day as u64))?.format("%Y-%m-%d");
    Some(if shows == Shows::Date && second == 0 { date.to_string() } else { format!("{date} {time}") })
}

/// The day that is counted from; Excel believes in a 29 February 1900.
fn day_zero(from_1904: bool, day: f64) -> NaiveDate {
    let (year, month, date) = match from_1904 {
        true => (1904, 1, 1),
        false if day < 60.0 => (1899, 12, 31),
        false => (1899, 12, 30),
    };
    NaiveDate::from_ymd_opt(year, month, date).expect("these days exist")
}

/// Gives the day of a day number.
pub(super) fn day_of(number: f64, from_1904: bool) -> Option<NaiveDate> {
    let day = number.floor();
    let days = (0.0..DAY_MAX).contains(&day).then_some(chrono::Days::new(day as u64))?;
    day_zero(from_1904, day).checked_add_days(days)
}

/// Gives the day number of a day from 1 March 1900 on.
pub(super) fn day_number(day: NaiveDate, from_1904: bool) -> f64 {
    day.signed_duration_since(day_zero(from_1904, 60.0)).num_days() as f64
}

/// Reads `2026-07-01`, `2026/7/1 13:05`, `13:05:09` as a day number.
pub(super) fn serial_day(text: &str, from_1904: bool) -> Option<String> {
    let text = text.trim().replace('/', "-").replace('T', " ");
    let clock = |text: &str| {
        NaiveTime::parse_from_str(text, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M")).ok()
    };
    let (days, time) = match text.split_once(' ') {
        Some((date, time)) => (Some(NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?), Some(clock(time.trim())?)),
        None => match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            Ok(date) => (Some(date), None),
            Err(_) => (None, Some(clock(&text)?)),
        },
    };
    let days = days.map_or(0, |date| date.signed_duration_since(day_zero(from_1904, 60.0)).num_days());
    let days = if !from_1904 && (1..=60).contains(&days) { days - 1 } else { days };
    let fraction = time.map_or(0.0, |time| f64::from(time.num_seconds_from_midnight()) / 86_400.0);
    (days >= 0).then(|| (days as f64 + fraction).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> String {
        let text = format!("<worksheet><sheetData><row r=\"1\">{cell}</row></sheetData></worksheet>");
        let rows = super::super::sheet::tests::rows_of(&text).expect("sound");
        let mut out = String::new();
        Values::default().append(&rows[0], &rows[0].cells[0], &mut out).expect("sound");
        out
    }

    #[test]
    fn cells_read_as_people_see_them() {
        for (cell, expected) in [
            ("<c r=\"A1\"><v>13800138000</v></c>", "13800138000"),
            ("<c r=\"A1\"><v>1.3800138E10</v></c>", "13800138000"),
            ("<c r=\"A1\"><v>0.1</v></c>", "0.1"),
            ("<c r=\"A1\" t=\"b\"><v>1</v></c>", "TRUE"),
            ("<c r=\"A1\" t=\"str\"><f>A2&amp;\"\"</f><v>a&amp;b</v></c>", "a&b"),
            ("<c r=\"A1\" t=\"inlineStr\"><is><t xml:space=\"preserve\"> a</t></is></c>", " a"),
            ("<c r=\"A1\" t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r></is></c>", "ab"),
            ("<c r=\"A1\" t=\"inlineStr\" />", ""),
            ("<c r=\"A1\"><f>ROW()</f><v></v></c>", ""),
        ] {
            assert_eq!(read(cell), expected, "{cell}");
        }
    }

    #[test]
    fn day_numbers_are_dates_and_back() {
        for (number, shows, from_1904, text) in [
            (46204.0, Shows::Date, false, "2026-07-01"),
            (46204.5, Shows::Date, false, "2026-07-01 12:00:00"),
            (46204.0, Shows::DateAndTime, false, "2026-07-01 00:00:00"),
            (0.5625, Shows::Time, false, "13:30:00"),
            (44742.0, Shows::Date, true, "2026-07-01"),
            (1.0, Shows::Date, false, "1900-01-01"),
            (61.0, Shows::Date, false, "1900-03-01"),
        ] {
            assert_eq!(moment(number, shows, from_1904).as_deref(), Some(text));
            assert_eq!(serial_day(text, from_1904), Some(number.to_string()), "{text}");
        }
        assert_eq!(moment(13800138000.0, Shows::Date, false), None);
    }

    #[test]
    fn what_a_number_would_lose_is_not_a_number() {
        let values = Values::default();
        assert_eq!(values.number_for("13800138000", 0).as_deref(), Some("13800138000"));
        for (text, number) in [
            ("0.857638888888889", "0.857638888888889"),
            ("-113.26452370000001", "-113.26452370000001"),
            ("19755.60", "19755.6"),
            ("42.0", "42"),
        ] {
            assert_eq!(values.number_for(text, 0).as_deref(), Some(number));
        }
        for text in ["0138", "1.2.3", "00.5", "138/139", "+86", "", "1e5", "440301199001011234", "张三", "2026-07-01"]
        {
            assert_eq!(values.number_for(text, 0), None, "{text}");
        }
    }
}
