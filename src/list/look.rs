//! What a single cell looks like. A cell may look like several things: `20260301` is a date and a whole number.

use super::moment::{self, DayOrder, Reading};

/// How a date is read while its column's habits are not known yet.
pub const ANY_YEAR: Reading = Reading { order: DayOrder::DayFirst, year: 2024 };

/// What a cell can look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Mobile,
    Phone,
    Day,
    TimeOfDay,
    IdNumber,
    HanName,
    LatinName,
    Sex,
    Plate,
    Whole,
    Measure,
    Gestation,
    Address,
    Hospital,
    District,
    ChildOf,
}

/// How many looks there are.
pub const LOOKS: usize = 16;

/// Tells what `13/01/2026` and `01/13/2026` prove about the order of day and month.
pub fn proven_order(cell: &str) -> Option<DayOrder> {
    let mut numbers = cell.split(['/', '-', '.']);
    let (first, second) = (numbers.next()?.parse::<u32>().ok()?, numbers.next()?.parse::<u32>().ok()?);
    match (first, second) {
        (13..=31, 1..=12) => Some(DayOrder::DayFirst),
        (1..=12, 13..=31) => Some(DayOrder::MonthFirst),
        _ => None,
    }
}

/// Lists what a cell looks like.
pub fn looks_of(cell: &str) -> Vec<Look> {
    let mut looks = Vec::new();
    let mut put = |is: bool, look: Look| {
        if is {
            looks.push(look);
        }
    };
    let moment = moment::parse(cell, ANY_YEAR).map(|found| found.0);
    put(moment.is_some_and(|moment| moment.day().is_some()), Look::Day);
    put(moment.is_some_and(|moment| moment.day().is_none()), Look::TimeOfDay);
    let digits = super::digits::groups(cell);
    put(digits.iter().any(|group| super::digits::is_mobile(group.value)), Look::Mobile);
    put(moment.is_none() && !is_id_number(cell) && looks_like_phone(cell), Look::Phone);
    put(is_id_number(cell), Look::IdNumber);
    put(is_han_name(cell), Look::HanName);
    put(is_latin_name(cell), Look::LatinName);
    put(is_sex(cell), Look::Sex);
    put(is_plate(cell), Look::Plate);
    put(cell.len() <= 18 && cell.bytes().all(|b| b.is_ascii_digit()), Look::Whole);
    put(is_measure(cell), Look::Measure);
    put(is_gestation(cell), Look::Gestation);
    put(is_address(cell), Look::Address);
    put(is_hospital(cell), Look::Hospital);
    let short = cell.chars().count() <= 10;
    put(short && cell.ends_with(['区', '县', '旗']) && !cell.contains(|c: char| c.is_ascii_digit()), Look::District);
    put(["之子", "之女", "之宝", "儿子", "女儿"].iter().any(|end| cell.ends_with(end)), Look::ChildOf);
    looks
}

fn looks_like_phone(cell: &str) -> bool {
    let letters = cell.chars().filter(|c| c.is_ascii_alphabetic()).count();
    let folded: String = cell.chars().filter(|c| !matches!(c, '+' | '-' | ' ' | '(' | ')' | '.')).collect();
    letters <= 4
        && super::digits::groups(cell).iter().any(|group| (7..=15).contains(&group.digits))
        && !folded.chars().all(|c| c.is_ascii_digit() && c == '0')
}

/// Tells whether a text is an 18-digit Chinese identity number, whole or masked.
pub fn is_id_number(cell: &str) -> bool {
    let chars: Vec<char> = cell.chars().collect();
    if !(15..=18).contains(&chars.len()) {
        return false;
    }
    let hidden = chars.iter().filter(|c| matches!(c, '*' | '＊' | 'x' | 'X')).count();
    let digits = chars.iter().filter(|c| c.is_ascii_digit()).count();
    let masked = hidden >= 2 && hidden + digits == chars.len() && digits >= 4;
    let whole = chars.len() == 18 && digits >= 17 && (digits == 18 || matches!(chars[17], 'x' | 'X'));
    masked || whole && has_birth_date(&cell[6..14])
}

fn has_birth_date(digits: &str) -> bool {
    moment::parse(digits, ANY_YEAR).is_some()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_han_name(cell: &str) -> bool {
    let chars = cell.chars().filter(|c| !matches!(c, '·' | '•' | ' ' | '\u{3000}')).count();
    (2..=5).contains(&chars)
        && cell.chars().all(|c| is_han(c) || matches!(c, '·' | '•' | ' ' | '\u{3000}'))
        && !is_sex(cell)
}

fn is_latin_name(cell: &str) -> bool {
    let words = cell.split_whitespace().count();
    (2..=4).contains(&words)
        && cell.chars().all(|c| c.is_alphabetic() && !is_han(c) || matches!(c, ' ' | '-' | '\'' | '.' | ','))
}

fn is_sex(cell: &str) -> bool {
    let lower = cell.to_lowercase();
    matches!(
        lower.as_str(),
        "男" | "女"
            | "男宝"
            | "女宝"
            | "男婴"
            | "女婴"
            | "男孩"
            | "女孩"
            | "男性"
            | "女性"
            | "男宝宝"
            | "女宝宝"
            | "1"
            | "2"
            | "m"
            | "f"
            | "male"
            | "female"
            | "boy"
            | "girl"
            | "b"
            | "g"
            | "不详"
            | "未知"
            | "1男"
            | "2女"
            | "1-男"
            | "2-女"
            | "龙凤胎"
            | "双胞胎"
    )
}

fn is_plate(cell: &str) -> bool {
    let chars: Vec<char> = cell.chars().filter(|c| !matches!(c, '·' | ' ' | '-')).collect();
    (7..=8).contains(&chars.len())
        && is_han(chars[0])
        && chars[1].is_ascii_uppercase()
        && chars[2..].iter().all(|c| c.is_ascii_alphanumeric() || is_han(*c))
}

fn is_measure(cell: &str) -> bool {
    let number: String = cell.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let unit = cell[number.len()..].trim().to_lowercase();
    let has_liang = unit
        .strip_prefix('斤')
        .and_then(|rest| rest.strip_suffix('两'))
        .is_some_and(|liang| liang.len() == 1 && liang.bytes().all(|b| b.is_ascii_digit()));
    !number.is_empty()
        && number.len() <= 7
        && (has_liang
            || matches!(
                unit.as_str(),
                "" | "g"
                    | "kg"
                    | "克"
                    | "千克"
                    | "公斤"
                    | "斤"
                    | "㎡"
                    | "m2"
                    | "m²"
                    | "平"
                    | "平米"
                    | "平方"
                    | "平方米"
                    | "sqm"
            ))
}

fn is_gestation(cell: &str) -> bool {
    let runs: Vec<u32> = cell
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .filter_map(|run| run.parse().ok())
        .collect();
    cell.chars().count() <= 12
        && match runs.as_slice() {
            [weeks] => (20..=44).contains(weeks),
            [weeks, days] => (20..=44).contains(weeks) && *days <= 9,
            _ => false,
        }
}

fn is_address(cell: &str) -> bool {
    let chars = cell.chars().count();
    let han = cell.chars().filter(|c| is_han(*c)).count();
    let chinese = han >= 4
        && chars >= 6
        && (cell.contains(['路', '街', '弄', '巷', '村', '栋', '幢', '室', '号', '镇', '苑', '园'])
            && cell.contains(|c: char| c.is_ascii_digit()));
    let latin = chars >= 10
        && cell.starts_with(|c: char| c.is_ascii_alphanumeric())
        && cell.contains(|c: char| c.is_ascii_digit())
        && cell.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() >= 2;
    chinese || latin
}

fn is_hospital(cell: &str) -> bool {
    let lower = cell.to_lowercase();
    ["医院", "妇幼", "保健院", "卫生院", "妇婴", "hospital", "infirmary", "maternity"]
        .iter()
        .any(|word| lower.contains(word))
}
