//! Times and lengths of time as call records write them.
//!
//! A time without a zone is local, and an hour that the clocks skipped is an error, not a guess.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::Reading;
use super::error::Wrong;

/// Spellings of a day.
const DAYS: [&str; 5] = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"];
/// Spellings of a time of day.
const HOURS: [&str; 5] = ["%H:%M:%S%.f", "%H:%M", "%H%M%S", "%H时%M分%S秒", "%H点%M分%S秒"];

/// Reads RFC 3339, RFC 2822, a time in `UTC`, or a local time.
pub fn time(text: &str, how: &Reading<'_>) -> Result<DateTime<Utc>, Wrong> {
    let zoned = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    if let Ok(zoned) = zoned {
        return Ok(zoned.with_timezone(&Utc));
    }
    if let Some(utc) = text.strip_suffix("UTC").or_else(|| text.strip_suffix('Z')) {
        return naive(utc.trim()).map(|naive| naive.and_utc()).ok_or(Wrong::NotATime);
    }
    (how.local)(naive(text).ok_or(Wrong::NotATime)?).ok_or(Wrong::NoSuchLocalTime)
}

/// Reads a day and a time of day, with a blank or a `T` between.
pub fn naive(text: &str) -> Option<NaiveDateTime> {
    let folded: String = text.trim().chars().map(|c| if c == '：' { ':' } else { c }).collect();
    let (day, hour) = match folded.split_once([' ', 'T', '\u{3000}']) {
        Some((day, hour)) => (day, hour.trim()),
        None => folded.split_at_checked(folded.find('日')? + '日'.len_utf8())?,
    };
    let day = DAYS.iter().find_map(|spelling| NaiveDate::parse_from_str(day, spelling).ok())?;
    Some(day.and_time(hour_of(hour)?))
}

/// Reads a time of day.
pub fn hour_of(text: &str) -> Option<NaiveTime> {
    HOURS.iter().find_map(|spelling| NaiveTime::parse_from_str(text, spelling).ok())
}

/// Reads seconds since 1970, with a fraction or not.
pub fn epoch(text: &str) -> Result<DateTime<Utc>, Wrong> {
    let whole = text.split('.').next().unwrap_or(text);
    let seconds: i64 = whole.parse().map_err(|_| Wrong::NotATime)?;
    DateTime::from_timestamp(seconds, 0).filter(|_| seconds > 0).ok_or(Wrong::NotATime)
}

/// Reads a length of time in seconds: `83`, `83秒`, `00:01:23`, `1分23秒`, `1时2分3秒`.
pub fn seconds(text: &str) -> Result<u32, Wrong> {
    let text = text.trim().trim_end_matches(['s', 'S']);
    let text = match text.split_once('.') {
        Some((whole, part)) if !whole.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) => whole,
        Some(_) | None => text,
    };
    let unit = |c: char| match c {
        '时' | '小' | 'h' => Some(3600),
        '分' | '\'' | 'm' => Some(60),
        '秒' | '"' => Some(1),
        _ => None,
    };
    if let Some((head, tail)) = text.split_once(':') {
        let parts: Vec<&str> = std::iter::once(head).chain(tail.split(':')).collect();
        let parts: Vec<u32> =
            parts.iter().map(|part| part.parse().map_err(|_| Wrong::NotSeconds)).collect::<Result<_, _>>()?;
        let sum = parts.iter().try_fold(0_u32, |sum, part| sum.checked_mul(60)?.checked_add(*part));
        return sum.filter(|_| parts.len() <= 3).ok_or(Wrong::NotSeconds);
    }
    let (mut sum, mut number) = (0_u32, None::<u32>);
    for c in text.chars() {
        match (c.to_digit(10), unit(c), number) {
            (Some(digit), _, _) => {
                let grown = number.unwrap_or(0).checked_mul(10).and_then(|tens| tens.checked_add(digit));
                number = Some(grown.ok_or(Wrong::NotSeconds)?);
            }
            (None, Some(weight), Some(count)) => {
                sum = count.checked_mul(weight).and_then(|part| sum.checked_add(part)).ok_or(Wrong::NotSeconds)?;
                number = None;
            }
            (None, None, None) if matches!(c, '时' | '钟' | ' ') => {}
            (None, Some(_), None) if c == '时' => {}
            _ => return Err(Wrong::NotSeconds),
        }
    }
    match number {
        Some(rest) => sum.checked_add(rest).ok_or(Wrong::NotSeconds),
        None if text.is_empty() => Err(Wrong::NotSeconds),
        None => Ok(sum),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_in_every_spelling_are_seconds() {
        for (text, expected) in [
            ("83", 83),
            ("0", 0),
            ("12.5", 12),
            ("83秒", 83),
            ("1分23秒", 83),
            ("1分钟23秒", 83),
            ("00:01:23", 83),
            ("01:23", 83),
            ("1时2分3秒", 3723),
            ("1小时2分3秒", 3723),
            ("2分", 120),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "abc", "-1", "1:2:3:4", "99999999999", "1元", "1:x", "分"] {
            assert_eq!(seconds(text), Err(Wrong::NotSeconds), "{text}");
        }
    }

    #[test]
    fn local_times_are_read_in_the_spellings_of_bills() {
        let expected = NaiveDate::from_ymd_opt(2026, 11, 21).and_then(|day| day.and_hms_opt(10, 5, 0));
        for text in
            ["2026-11-21 10:05:00", "2026-11-21T10:05", "2026/11/21 10:05", "20261121 100500", "2026年11月21日10:05:00"]
        {
            assert_eq!(naive(text), expected, "{text}");
        }
        for text in ["", "2026-11-21", "2026-13-21 10:05", "10:05", "昨天"] {
            assert_eq!(naive(text), None, "{text}");
        }
    }
}
