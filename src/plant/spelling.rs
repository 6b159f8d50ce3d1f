//! A number written as a neighbour's is: same separators, country code, digits and guards.

use crate::list::digits::{self, Group};

/// Writes national digits in the spelling of a donor cell that holds one number.
///
/// None if the donor holds no number or several, or one of another length. What stands around the number to
/// keep it a text (a tab, a quote, blanks), or shows that it was a number (`.0`), is kept.
pub fn like(national: &str, donor: &str) -> Option<String> {
    let groups = digits::groups(donor);
    let [group] = groups.as_slice() else { return None };
    let around = (&donor[..group.start], &donor[group.end..]);
    let behind = if digits::without_decimal(donor) == donor { around.1 } else { "" };
    if around.0.chars().chain(behind.chars()).any(is_word) {
        return None;
    }
    Some(format!("{}{}{}", around.0, in_place_of(national, donor, *group)?, around.1))
}

/// Writes national digits as the first of two or more numbers in a donor cell; the others are left out.
///
/// A remark in brackets behind the first (`(妈妈)`) is kept: every cell of such a list has one.
pub fn like_first(national: &str, donor: &str) -> Option<String> {
    let groups = digits::groups(donor);
    let [first, second, ..] = groups.as_slice() else { return None };
    let between = &donor[first.end..second.start];
    let is_remark = between.starts_with(['(', '（', '[', '【']);
    let remark = between.find([')', '）', ']', '】']).filter(|_| is_remark);
    let remark = remark.and_then(|end| between[end..].chars().next().map(|close| &between[..end + close.len_utf8()]));
    let spelled = in_place_of(national, donor, *first)?;
    Some(format!("{}{spelled}{}", donor[..first.start].trim_start(), remark.unwrap_or_default()))
}

/// Writes the national digits of two numbers in place of the two in a donor cell; none if it does not hold two.
pub fn like_both(first: &str, second: &str, donor: &str) -> Option<String> {
    let groups = digits::groups(donor);
    let [one, other] = groups.as_slice() else { return None };
    let spelled = [in_place_of(first, donor, *one)?, in_place_of(second, donor, *other)?];
    let (before, between, after) = (&donor[..one.start], &donor[one.end..other.start], &donor[other.end..]);
    Some(format!("{before}{}{between}{}{after}", spelled[0], spelled[1]))
}

/// Counts the numbers in a cell.
pub fn count(cell: &str) -> usize {
    digits::groups(cell).len()
}

/// Spells national digits as one number of a donor cell is spelled.
fn in_place_of(national: &str, donor: &str, group: Group) -> Option<String> {
    let written = &donor[group.start..group.end];
    let old: String = written.chars().filter_map(digit).collect();
    let new = fitted(national, &old, donor[..group.start].ends_with('+'))?;
    let mut next = new.chars();
    let spelled = written.chars().map(|c| match digit(c) {
        Some(_) if c.is_ascii_digit() => next.next().unwrap_or(c),
        Some(_) => next.next().map_or(c, widened),
        None => c,
    });
    Some(spelled.collect())
}

/// Gives the digits to write in place of `old`: bare, behind a trunk 0, or behind the donor's country code.
///
/// A code other than 86 counts only where a plus sign or `00` says so: a digit too many is a slip of the pen.
fn fitted(national: &str, old: &str, plus: bool) -> Option<String> {
    let more = old.len().checked_sub(national.len())?;
    let before = &old[..more];
    let is_code = matches!(before, "" | "0" | "86" | "0086" | "086")
        || plus && (1..=3).contains(&more)
        || before.starts_with("00") && (3..=5).contains(&more);
    // A landline's area code is no pattern for a mobile number.
    let same_kind = !is_mobile(national) || is_mobile(&old[more..]);
    (is_code && same_kind).then(|| format!("{before}{national}"))
}

/// Tells whether national digits are a Chinese mobile number's.
fn is_mobile(national: &str) -> bool {
    national.len() == 11 && national.starts_with('1')
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(u32::from(c) - 0xff10 + 0x30),
        _ => None,
    }
}

fn widened(c: char) -> char {
    char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap_or(c)
}

/// Tells whether a character beside a number says something about its owner (`(夫)`).
fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_donors_spelling_is_kept() {
        for (donor, expected) in [
            ("13800138000", "17712345678"),
            ("138-0013-8000", "177-1234-5678"),
            ("138 0013 8000", "177 1234 5678"),
            ("+86 138 0013 8000", "+86 177 1234 5678"),
            ("+86-13800138000", "+86-17712345678"),
            ("8613800138000", "8617712345678"),
            ("013800138000", "017712345678"),
            ("１３８００１３８０００", "１７７１２３４５６７８"),
            ("=\"13800138000\"", "=\"17712345678\""),
            ("'13800138000", "'17712345678"),
            ("13800138000.0", "17712345678.0"),
            ("13800138000\t", "17712345678\t"),
            ("\t13800138000 ", "\t17712345678 "),
        ] {
            assert_eq!(like("17712345678", donor).as_deref(), Some(expected), "{donor}");
        }
        assert_eq!(like("7700900123", "07911 123456").as_deref(), Some("07700 900123"));
        assert_eq!(like("7700900123", "+44 7911 123456").as_deref(), Some("+44 7700 900123"));
    }

    #[test]
    fn of_two_numbers_the_first_is_followed() {
        for (donor, expected) in [
            ("13800138000/13900139000", "17712345678"),
            ("138-0013-8000、139-0013-9000", "177-1234-5678"),
            ("13800138000 13900139000", "17712345678"),
            ("13800138000(妈妈) 13900139000(爸爸)", "17712345678(妈妈)"),
            ("13800138000（本人）；13900139000（丈夫）", "17712345678（本人）"),
            ("+86 13800138000,+86 13900139000", "+86 17712345678"),
        ] {
            assert_eq!(like_first("17712345678", donor).as_deref(), Some(expected), "{donor}");
        }
        assert_eq!(like_first("17712345678", "13800138000"), None);
    }

    #[test]
    fn donors_that_hold_two_numbers_or_another_kind_are_passed_over() {
        for donor in
            ["", "无", "13800138000/13900139000", "1380013800", "138001380001", "13800138000(夫)", "0571-88888888"]
        {
            assert_eq!(like("17712345678", donor), None, "{donor}");
        }
    }

    #[test]
    fn two_numbers_take_the_places_of_two() {
        let both = like_both("13800138000", "13912345678", "186-1234-5678（本人）/15812345678");
        assert_eq!(both.as_deref(), Some("138-0013-8000（本人）/13912345678"));
        assert_eq!(like_both("13800138000", "13912345678", "18612345678"), None);
        assert_eq!(count("18612345678 / 15812345678"), 2);
    }
}
