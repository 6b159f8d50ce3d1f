//! A number written as a neighbour's is: same separators, country code, digits and guards.

use crate::list::digits;

/// Writes national digits in the spelling of a donor cell that holds one number.
///
/// None if the donor holds no number or several, or one of another length.
pub fn like(national: &str, donor: &str) -> Option<String> {
    let groups = digits::groups(donor);
    let [group] = groups.as_slice() else { return None };
    let written = &donor[group.start..group.end];
    let old: String = written.chars().filter_map(digit).collect();
    let new = fitted(national, &old, donor[..group.start].ends_with('+'))?;
    let mut next = new.chars();
    let spelled = written.chars().map(|c| match digit(c) {
        Some(_) if c.is_ascii_digit() => next.next().unwrap_or(c),
        Some(_) => next.next().map_or(c, widened),
        None => c,
    });
    let spelled: String = spelled.collect();
    let around = (&donor[..group.start], &donor[group.end..]);
    if around.0.chars().chain(around.1.chars()).any(is_word) {
        return None;
    }
    Some(format!("{}{spelled}{}", around.0.trim_start(), around.1.trim_end()))
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
        ] {
            assert_eq!(like("17712345678", donor).as_deref(), Some(expected), "{donor}");
        }
        assert_eq!(like("7700900123", "07911 123456").as_deref(), Some("07700 900123"));
        assert_eq!(like("7700900123", "+44 7911 123456").as_deref(), Some("+44 7700 900123"));
    }

    #[test]
    fn donors_that_hold_two_numbers_or_another_kind_are_passed_over() {
        for donor in
            ["", "无", "13800138000/13900139000", "1380013800", "138001380001", "13800138000(夫)", "0571-88888888"]
        {
            assert_eq!(like("17712345678", donor), None, "{donor}");
        }
    }
}
