//! Numbers and days as `TEXT` writes them: the few formats lists use.

use chrono::{Datelike, NaiveDate};

use super::value::day_of;

/// Writes a number in a format (`yyyy-mm-dd`, `yyyy年m月d日`, `0000`, `0.00`, `@`); nothing for any other.
pub(super) fn formatted(number: f64, format: &str, from_1904: bool) -> Option<String> {
    let format = format.to_lowercase();
    if format == "@" || format == "general" || format == "g/通用格式" {
        return Some(number.to_string());
    }
    if format.bytes().all(|b| b == b'0') && !format.is_empty() && number >= 0.0 {
        return Some(format!("{:0width$}", number.round(), width = format.len()));
    }
    if let Some(places) = format.strip_prefix("0.").filter(|places| places.bytes().all(|b| b == b'0')) {
        return Some(format!("{number:.width$}", width = places.len()));
    }
    day_in(day_of(number, from_1904)?, &format)
}

fn day_in(day: NaiveDate, format: &str) -> Option<String> {
    if !format.contains('y') && !format.contains("m") && !format.contains('d') || format.contains(['h', 's', '#', '0'])
    {
        return None;
    }
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let many = rest.chars().take_while(|&next| next == first).count();
        match (first, many) {
            ('y', 4) => out.push_str(&format!("{:04}", day.year())),
            ('y', 2) => out.push_str(&format!("{:02}", day.year() % 100)),
            ('m', 1) => out.push_str(&day.month().to_string()),
            ('m', 2) => out.push_str(&format!("{:02}", day.month())),
            ('d', 1) => out.push_str(&day.day().to_string()),
            ('d', 2) => out.push_str(&format!("{:02}", day.day())),
            ('-' | '/' | '.' | ' ' | '年' | '月' | '日', _) => out.extend(std::iter::repeat_n(first, many)),
            _ => return None,
        }
        rest = &rest[many * first.len_utf8()..];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_formats_that_are_known_are_written() {
        for (number, format, expected) in [
            (46_204.0, "yyyy-mm-dd", Some("2026-07-01")),
            (46_204.5, "YYYY年M月D日", Some("2026年7月1日")),
            (46_204.0, "yyyymm", Some("202607")),
            (7.0, "000", Some("007")),
            (1.005, "0.0", Some("1.0")),
            (7.0, "#,##0", None),
            (46_204.0, "yyyy-mm-dd hh:mm", None),
            (46_204.0, "[$-804]aaaa", None),
        ] {
            assert_eq!(formatted(number, format, false).as_deref(), expected, "{format}");
        }
    }
}
