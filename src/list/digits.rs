//! Digit groups of a phone cell, found without knowing the country.
//!
//! Digits joined by `-`, space, dot or brackets are one group unless that is longer than any number;
//! then spaces and hyphens part numbers too, as in `138… 139…`.

/// Most digits a phone number has, country code and `00` included.
const DIGITS_MAX: usize = 17;

/// The digits of one number as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The digits as one whole number: leading zeros are gone.
    pub value: u64,
    /// How many digits are written, leading zeros counted.
    pub digits: usize,
    /// Where the number is written: from its first to behind its last digit (or its `+`), in bytes.
    pub start: usize,
    pub end: usize,
}

/// Gives a cell without the `.0` that a table of numbers with gaps puts behind phones.
pub fn without_decimal(cell: &str) -> &str {
    let whole = cell.trim_end().strip_suffix(".0").unwrap_or_default();
    let digits = whole.trim_start();
    if digits.len() >= 7 && digits.bytes().all(|b| b.is_ascii_digit()) { whole } else { cell }
}

/// Finds the digit groups of a cell; full-width digits count too.
pub fn groups(cell: &str) -> Vec<Group> {
    let cell = without_decimal(cell);
    let joined = split(cell, |c| matches!(c, '-' | ' ' | '.' | '(' | ')' | '+' | '–' | '—' | '\u{a0}'));
    if joined.iter().all(|group| group.digits <= DIGITS_MAX) {
        return joined;
    }
    let hyphened = split(cell, |c| matches!(c, '-' | '+'));
    if hyphened.iter().all(|group| group.digits <= DIGITS_MAX) { hyphened } else { split(cell, |_| false) }
}

fn split(cell: &str, joins: fn(char) -> bool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut open: Option<Group> = None;
    for (at, c) in cell.char_indices() {
        let digit = c.to_digit(10).or_else(|| ('０'..='９').contains(&c).then(|| u32::from(c) - 0xff10));
        match (digit, &mut open) {
            (Some(digit), Some(group)) => {
                group.value = group.value.wrapping_mul(10).wrapping_add(u64::from(digit));
                group.digits += 1;
                group.end = at + c.len_utf8();
            }
            (Some(digit), None) => {
                open = Some(Group { value: u64::from(digit), digits: 1, start: at, end: at + c.len_utf8() });
            }
            (None, Some(_)) if joins(c) && c != '+' => {}
            (None, _) => groups.extend(open.take()),
        }
    }
    groups.extend(open);
    groups
}

/// Tells whether digits are a Chinese mobile number, with or without `86`.
pub fn is_mobile(value: u64) -> bool {
    (13_000_000_000..20_000_000_000).contains(&without_86(value))
}

fn without_86(value: u64) -> u64 {
    if (8_613_000_000_000..8_620_000_000_000).contains(&value) { value - 8_600_000_000_000 } else { value }
}

/// Gives what the national number may be: the digits, and the digits behind a country code of 1 to 3 digits.
pub fn national_forms(group: Group) -> impl Iterator<Item = u64> {
    let value = without_86(group.value);
    let codes = if is_mobile(value) { 0..0 } else { 1..4_u32 };
    let behind_code = codes.filter_map(move |code| {
        let written = group.value.checked_ilog10().map_or(0, |digits| digits + 1);
        let keep = written.checked_sub(code).filter(|keep| (6..=12).contains(keep))?;
        (written >= 9).then(|| group.value % 10_u64.pow(keep))
    });
    std::iter::once(value).chain(behind_code)
}

/// Reads a cell of ASCII digits and separators that is one number; nothing when it needs a closer look.
#[inline]
pub fn plain(bytes: &[u8]) -> Option<Group> {
    if let Some(value) = bytes.as_array().and_then(eleven_digits) {
        return Some(Group { value, digits: 11, start: 0, end: 11 });
    }
    let mut value = 0_u64;
    let mut digits = 0;
    for b in bytes {
        match b {
            b'0'..=b'9' => {
                value = value.wrapping_mul(10).wrapping_add(u64::from(b - b'0'));
                digits += 1;
            }
            b'-' | b' ' | b'\t' | b'=' | b'"' | b'\'' => {}
            _ => return None,
        }
    }
    (digits <= 13).then_some(Group { value, digits, start: 0, end: bytes.len() })
}

/// Reads eleven digits, as most mobiles are written, eight of them at once; nothing if one is no digit.
///
/// Neighbours are joined to pairs, pairs to fours, fours to eight, each time in one multiplication (Lemire's
/// `parse_eight_digits_unrolled`).
#[inline]
fn eleven_digits(bytes: &[u8; 11]) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let [first @ .., a, b, c] = bytes;
    let word = u64::from_le_bytes(*first);
    let are_digits = word & HIGH == ZEROS && word.wrapping_add(0x0606_0606_0606_0606) & HIGH == ZEROS;
    if !are_digits || ![a, b, c].into_iter().all(u8::is_ascii_digit) {
        return None;
    }
    let pairs = (word & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul(2_561) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(6_553_601) >> 16;
    let eight = (fours & 0x0000_ffff_0000_ffff).wrapping_mul(42_949_672_960_001) >> 32;
    let digit = |byte: &u8| u64::from(byte - b'0');
    Some(eight * 1_000 + digit(a) * 100 + digit(b) * 10 + digit(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(cell: &str) -> Vec<u64> {
        groups(cell).iter().map(|group| group.value).collect()
    }

    #[test]
    fn one_and_two_numbers_are_told_apart() {
        assert_eq!(values("138-0013-8000"), [13_800_138_000]);
        assert_eq!(values("+86 138 0013 8000"), [8_613_800_138_000]);
        assert_eq!(values("１３８００１３８０００"), [13_800_138_000]);
        assert_eq!(values("13800138000 13900139000"), [13_800_138_000, 13_900_139_000]);
        assert_eq!(values("13800138000/13900139000"), [13_800_138_000, 13_900_139_000]);
        assert_eq!(values("138-0013-8000 139-0013-9000"), [13_800_138_000, 13_900_139_000]);
        assert_eq!(values("13800138000.0"), [13_800_138_000]);
        assert_eq!(values("0755.8888.6660"), [75_588_886_660]);
        assert_eq!(values("没有"), Vec::<u64>::new());
    }

    #[test]
    fn a_group_knows_where_it_stands() {
        let cell = "夫(139-0013-9000)";
        let group = groups(cell)[0];
        assert_eq!(&cell[group.start..group.end], "139-0013-9000");
    }

    #[test]
    fn a_country_code_is_looked_behind() {
        let forms = |cell| national_forms(groups(cell)[0]).collect::<Vec<_>>();
        assert!(forms("+8613800138000").contains(&13_800_138_000));
        assert!(forms("+44 7700 900123").contains(&7_700_900_123));
        assert!(forms("07700 900123").contains(&7_700_900_123));
        assert!(is_mobile(8_613_800_138_000) && is_mobile(13_800_138_000) && !is_mobile(2_158_888_888));
    }

    #[test]
    fn eleven_digits_read_at_once_are_those_read_one_by_one() {
        for text in ["13800138000", "00000000000", "99999999999", "18765432109"] {
            assert_eq!(plain(text.as_bytes()).map(|group| group.value), text.parse().ok(), "{text}");
            for at in 0..11 {
                for odd in [b'/', b':', b'0' | 0x80, b'p', 0] {
                    let mut bytes = text.as_bytes().to_vec();
                    bytes[at] = odd;
                    assert_eq!(plain(&bytes), None, "{bytes:?}");
                }
                let mut joined = text.as_bytes().to_vec();
                joined[at] = b'-';
                let digits = [&text[..at], &text[at + 1..]].concat();
                assert_eq!(
                    plain(&joined).map(|group| (group.value, group.digits)),
                    Some((digits.parse().unwrap(), 10))
                );
            }
        }
    }

    #[test]
    fn plain_cells_need_no_decoding() {
        assert_eq!(plain(b"138-0013-8000").map(|group| group.value), Some(13_800_138_000));
        assert_eq!(plain(b"13800138000/13900139000"), None);
        assert_eq!(plain(b"13800138000 13900139000"), None);
    }
}
