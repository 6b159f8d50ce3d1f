//! Reading of dates and times: a cell is cut into runs, its numbers are given fields, its rest is the format.

use chrono::{NaiveDate, NaiveTime};

use super::{
    Case, DayOrder, Field, MONTHS, Moment, MomentFormat, Padding, Part, Reading, WEEKDAY_LEADS, WEEKDAY_SIGNS,
    WEEKDAYS, WeekdayName,
};

/// Longest text that is looked at as a date, in bytes.
const MOMENT_BYTES_MAX: usize = 64;

/// Reads a cell and its format; nothing when the whole cell is not a date or a time.
pub fn parse(text: &str, reading: Reading) -> Option<(Moment, MomentFormat)> {
    if text.is_empty() || text.len() > MOMENT_BYTES_MAX || !text.chars().any(char::is_numeric) {
        return None;
    }
    let narrow: String = text.chars().map(narrowed).collect();
    let full_width = narrow != text && text.chars().any(|c| ('０'..='９').contains(&c));
    let (core, tail) = tail_of(&narrow);
    let pieces = cut(core);
    let numbers: Vec<&str> = pieces.iter().filter(|piece| is_number(piece)).copied().collect();
    let named = pieces.iter().filter_map(|piece| month_name(piece)).next();
    let fields = fields_of(&numbers, named.is_some(), core, reading)?;
    let mut parts = parts_of(&pieces, &fields, text)?;
    parts.extend(tail.parts());
    let format = MomentFormat { parts, full_width };
    let mut found = Found { nanos: tail.nanos(), ..Found::default() };
    for (field, value) in &fields {
        found.put(*field, *value);
    }
    if let Some(month) = named {
        found.month = Some(month);
    }
    Some((found.moment(reading)?, format))
}

/// What a database writes behind a time: `.000`, `Z`, `+08:00`.
#[derive(Default)]
struct Tail<'t> {
    /// The sign in front of the fraction of a second, and its digits.
    fraction: Option<(&'t str, &'t str)>,
    /// How far the clock is from UTC: every row of a list says the same.
    offset: &'t str,
}

impl Tail<'_> {
    fn nanos(&self) -> u32 {
        let digits = self.fraction.map_or("", |(_, digits)| digits);
        format!("{digits:0<9}").parse().unwrap_or_default()
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        if let Some((sign, digits)) = self.fraction {
            parts.extend([Part::Literal(sign.to_string()), Part::Fraction(digits.len())]);
        }
        if !self.offset.is_empty() {
            parts.push(Part::Literal(self.offset.to_string()));
        }
        parts
    }
}

/// Parts a text from what stands behind its seconds; only a text with a time has such a tail.
fn tail_of(text: &str) -> (&str, Tail<'_>) {
    let Some(colon) = text.find(':') else { return (text, Tail::default()) };
    let (core, offset) = text.split_at(offset_at(text, colon).unwrap_or(text.len()));
    let fraction = core.rfind(['.', ',']).filter(|at| {
        let digits = &core[at + 1..];
        let behind_seconds = core[..*at].bytes().rev().take(6).map(|b| if b.is_ascii_digit() { b'0' } else { b });
        (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && behind_seconds.eq(*b"00:00:")
    });
    match fraction {
        Some(at) => (&core[..at], Tail { fraction: Some((&core[at..=at], &core[at + 1..])), offset }),
        None => (core, Tail { fraction: None, offset }),
    }
}

/// Finds where an offset from UTC begins, with the blank in front of it.
fn offset_at(text: &str, colon: usize) -> Option<usize> {
    let signed = |at: &usize| {
        let digits: String = text[at + 1..].replacen(':', "", 1);
        digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let zulu = text.ends_with(['Z', 'z']).then(|| text.len() - 1);
    let at = zulu.or_else(|| text.rfind(['+', '-']).filter(signed)).filter(|at| *at > colon)?;
    Some(text[..at].trim_end().len())
}

#[derive(Default)]
struct Found {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    hour: Option<u32>,
    minute: Option<u32>,
    second: Option<u32>,
    nanos: u32,
}

impl Found {
    fn put(&mut self, field: Field, value: u32) {
        match field {
            Field::Year => self.year = i32::try_from(value).ok(),
            Field::Month => self.month = Some(value),
            Field::Day => self.day = Some(value),
            Field::Hour => self.hour = Some(value),
            Field::Minute => self.minute = Some(value),
            Field::Second => self.second = Some(value),
        }
    }

    fn moment(&self, reading: Reading) -> Option<Moment> {
        let time = match (self.hour, self.minute) {
            (Some(hour), Some(minute)) => {
                Some(NaiveTime::from_hms_nano_opt(hour, minute, self.second.unwrap_or(0), self.nanos)?)
            }
            (Some(_), None) | (None, Some(_)) => return None,
            (None, None) => None,
        };
        let Some(month) = self.month else { return time.map(Moment::Time) };
        let year = self.year.unwrap_or(reading.year);
        let day = NaiveDate::from_ymd_opt(year, month, self.day?)?;
        if !(1900..=2100).contains(&year) {
            return None;
        }
        Some(time.map_or(Moment::Day(day), |time| Moment::DayTime(day, time)))
    }
}

fn narrowed(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

/// Cuts a text into runs of digits, runs of Latin letters and runs of anything else.
fn cut(text: &str) -> Vec<&str> {
    let class = |c: char| {
        if c.is_ascii_digit() {
            0
        } else if c.is_ascii_alphabetic() {
            1
        } else {
            2
        }
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| before != class(c)) {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(class(c));
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_number(piece: &str) -> bool {
    piece.starts_with(|c: char| c.is_ascii_digit())
}

fn month_name(piece: &str) -> Option<u32> {
    let lower = piece.to_ascii_lowercase();
    if lower.len() < 3 {
        return None;
    }
    let at = MONTHS.iter().position(|month| *month == lower || month[..3] == lower)?;
    u32::try_from(at + 1).ok()
}

/// Says which field each number of the cell is, with its value.
fn fields_of(numbers: &[&str], named: bool, text: &str, reading: Reading) -> Option<Vec<(Field, u32)>> {
    use Field::{Day, Hour, Minute, Month, Second, Year};
    const TIMES: [Field; 3] = [Hour, Minute, Second];
    let widths: Vec<usize> = numbers.iter().map(|number| number.len()).collect();
    let mut fields: Vec<Field> = match widths.as_slice() {
        _ if named => match widths.as_slice() {
            [4, 1 | 2, ..] => vec![Year, Day],
            [1 | 2, 4, ..] => vec![Day, Year],
            _ => return None,
        },
        [8, rest @ ..] if rest.len() <= 3 => vec![Year, Month, Day],
        [12] | [14] => vec![Year, Month, Day],
        [4, 1 | 2, 1 | 2, ..] => vec![Year, Month, Day],
        [1 | 2, 1 | 2, 4, ..] => day_and_month(numbers, reading),
        [1 | 2, 1 | 2, ..] if text.contains('月') => vec![Month, Day],
        [1 | 2, 2] | [1 | 2, 2, 2] if text.contains([':', '时', '点']) => Vec::new(),
        _ => return None,
    };
    if let [8 | 12 | 14, ..] = widths.as_slice() {
        return compact(numbers);
    }
    let rest = &numbers[fields.len()..];
    if rest.len() > 3 || rest.len() == 1 || rest.iter().skip(1).any(|number| number.len() != 2) {
        return None;
    }
    fields.extend(&TIMES[..rest.len()]);
    fields.into_iter().zip(numbers).map(|(field, number)| Some((field, number.parse().ok()?))).collect()
}

fn day_and_month(numbers: &[&str], reading: Reading) -> Vec<Field> {
    let above_twelve =
        |at: usize| numbers.get(at).and_then(|number| number.parse::<u32>().ok()).is_some_and(|n| n > 12);
    let month_first = above_twelve(1) || reading.order == DayOrder::MonthFirst && !above_twelve(0);
    if month_first { vec![Field::Month, Field::Day, Field::Year] } else { vec![Field::Day, Field::Month, Field::Year] }
}

/// Reads `20260301`, `202603011430`, `20260301143000` and `20260301 14:30`.
fn compact(numbers: &[&str]) -> Option<Vec<(Field, u32)>> {
    use Field::{Day, Hour, Minute, Month, Second, Year};
    let mut widths = vec![(Year, 4), (Month, 2), (Day, 2), (Hour, 2), (Minute, 2), (Second, 2)].into_iter();
    let mut fields = Vec::new();
    for (nth, number) in numbers.iter().enumerate() {
        let mut rest = *number;
        while !rest.is_empty() {
            let (field, width) = widths.next()?;
            let width = if nth > 0 { rest.len().min(width) } else { width };
            let piece = rest.get(..width)?;
            fields.push((field, piece.parse().ok()?));
            rest = &rest[width..];
        }
    }
    if fields.len() == 4 { None } else { Some(fields) }
}

/// Makes the parts of a format; what is neither a number nor a name stays as `text` has it.
fn parts_of(pieces: &[&str], fields: &[(Field, u32)], text: &str) -> Option<Vec<Part>> {
    let mut fields = fields.iter().map(|(field, _)| *field);
    let mut parts = Vec::new();
    let mut signs = text.chars();
    for piece in pieces {
        let as_written: String = signs.by_ref().take(piece.chars().count()).collect();
        if !is_number(piece) {
            if month_name(piece).is_some() {
                parts.push(Part::MonthName { long: piece.len() > 3, case: case_of(piece) });
            } else if let Some((before, day, after)) = weekday_in(&as_written) {
                let around = [before, after].map(|text| text.trim_matches(['(', ')', '（', '）']));
                if !around.iter().all(|text| is_separator(text)) {
                    return None;
                }
                let literals = [before, after].map(|text| Part::Literal(text.to_string()));
                let [before, after] = literals;
                parts.extend([before, Part::Weekday(day), after]);
            } else if is_separator(piece) {
                parts.push(Part::Literal(as_written));
            } else {
                return None;
            }
            continue;
        }
        let mut rest = *piece;
        while !rest.is_empty() {
            let field = fields.next()?;
            let width = match (field, rest.len()) {
                (Field::Year, _) => 4,
                (_, width @ (1 | 2)) => width,
                _ => 2,
            };
            let packed = piece.len() > 4;
            parts.push(Part::Number(field, padding_of(&rest[..width], field, packed)));
            rest = &rest[width..];
        }
    }
    Some(parts)
}

/// Finds the name of a day of the week, with what stands in front of it and behind it.
fn weekday_in(piece: &str) -> Option<(&str, WeekdayName, &str)> {
    let lower = piece.to_ascii_lowercase();
    if let Some(day) = WEEKDAYS.iter().find(|day| **day == lower || day[..3] == lower) {
        return Some(("", WeekdayName::English { long: *day == lower, case: case_of(piece) }, ""));
    }
    WEEKDAY_LEADS.iter().find_map(|lead| {
        let at = piece.find(lead)?;
        let behind = &piece[at + lead.len()..];
        let day = behind.chars().next().filter(|day| WEEKDAY_SIGNS.contains(day) || *day == '天')?;
        Some((&piece[..at], WeekdayName::Chinese { lead }, &behind[day.len_utf8()..]))
    })
}

fn padding_of(digits: &str, field: Field, packed: bool) -> Padding {
    match field {
        Field::Year | Field::Minute | Field::Second => Padding::Padded,
        Field::Month | Field::Day | Field::Hour => {
            if packed || digits.len() == 2 && digits.starts_with('0') {
                Padding::Padded
            } else if digits.len() == 1 {
                Padding::Bare
            } else {
                Padding::Unknown
            }
        }
    }
}

fn case_of(word: &str) -> Case {
    if word.chars().all(|c| c.is_ascii_uppercase()) {
        Case::Upper
    } else if word.chars().all(|c| c.is_ascii_lowercase()) {
        Case::Lower
    } else {
        Case::Title
    }
}

fn is_separator(piece: &str) -> bool {
    if matches!(piece, "T" | "t" | "st" | "nd" | "rd" | "th") {
        return matches!(piece, "T" | "t");
    }
    piece.chars().all(|c| "-/.:, 年月日时点分秒号".contains(c))
}
