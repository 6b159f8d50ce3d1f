//! Dates that sheets keep as numbers of days, written out so that a birth date is seen as one.

use chrono::{Days, NaiveDate};

/// The last day a sheet can hold: 31 December 9999.
const DAYS_MAX: f64 = 2_958_465.0;

/// From when a workbook counts its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Epoch {
    From1900,
    From1904,
}

/// Which cell formats show a date, by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Formats {
    custom: Vec<u32>,
    by_style: Vec<bool>,
}

impl Formats {
    /// Adds a format of the book's own.
    pub(super) fn define(&mut self, id: u32, code: &str) {
        if shows_date(code) {
            self.custom.push(id);
        }
    }

    /// Adds the next style.
    pub(super) fn style(&mut self, format: u32) {
        // The numbers that stand for dates in every book, those of Chinese ones included (ECMA-376, 18.8.30).
        let is_date = matches!(format, 14..=17 | 22 | 27..=31 | 34..=36 | 50..=58) || self.custom.contains(&format);
        self.by_style.push(is_date);
    }

    /// Writes a number of days as a date if its style does.
    pub(super) fn date(&self, style: usize, days: f64, epoch: Epoch) -> Option<String> {
        if !self.by_style.get(style).copied().unwrap_or(false) || !(1.0..=DAYS_MAX).contains(&days) {
            return None;
        }
        let begin = match epoch {
            Epoch::From1900 => NaiveDate::from_ymd_opt(1899, 12, 30)?,
            Epoch::From1904 => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        };
        Some(begin.checked_add_days(Days::new(days as u64))?.to_string())
    }
}

/// Tells whether a format code shows a day or a year, outside quotes and brackets.
fn shows_date(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    code.chars().any(|c| {
        if escaped {
            escaped = false;
            return false;
        }
        match c {
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => escaped = true,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            'y' | 'Y' | 'd' | 'D' => return !quoted && !bracketed,
            _ => {}
        }
        false
    })
}

/// Writes a number as a sheet's text would have it: whole where it is whole.
pub(super) fn number(value: f64) -> String {
    match value.fract() == 0.0 && value.abs() < 1e15 {
        true => format!("{value:.0}"),
        false => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_told_by_its_format() {
        for code in ["yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]d/m/yy;@"] {
            assert!(shows_date(code), "{code}");
        }
        for code in ["0.00", "\"day\"0", "[Red]0", "\\d0", "hh:mm", "General"] {
            assert!(!shows_date(code), "{code}");
        }
        let mut formats = Formats::default();
        formats.define(164, "yyyy-mm-dd");
        [0, 164, 14].into_iter().for_each(|format| formats.style(format));
        assert_eq!(formats.date(1, 46_328.5, Epoch::From1900).as_deref(), Some("2026-11-02"));
        assert_eq!(formats.date(2, 46_328.0 - 1_462.0, Epoch::From1904).as_deref(), Some("2026-11-02"));
        assert_eq!((formats.date(0, 46_328.0, Epoch::From1900), formats.date(9, 1.0, Epoch::From1900)), (None, None));
    }

    #[test]
    fn a_phone_kept_as_a_number_keeps_its_digits() {
        assert_eq!((number(13_800_138_000.0).as_str(), number(1.5).as_str()), ("13800138000", "1.5"));
    }
}
