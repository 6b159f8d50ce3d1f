//! A number written as a neighbour's is: same separators, country code, digits and guards.
//!
//! Whatever is written is read back: digits that ring somebody else, in the list's region or with the code in front of
//! them, are never written, and a code that stands in the donor is never put in front of another country's number.

use crate::list::digits::{self, Group};
use crate::phone::{Number, Region};

/// Words beside a number that say it is the row's own, or what kind of number it is.
const OWN_WORDS: [&str; 24] = [
    "本人",
    "产妇",
    "母亲",
    "妈妈",
    "妈",
    "母",
    "手机",
    "手机号",
    "手机号码",
    "电话",
    "联系电话",
    "联系方式",
    "移动",
    "移动电话",
    "微信同号",
    "mobile",
    "mob",
    "cell",
    "tel",
    "phone",
    "mother",
    "self",
    "m",
    "t",
];

/// A number and what it takes to write it into a list.
pub struct Digits<'n> {
    number: &'n Number,
    national: String,
    code: String,
    /// The region whose numbers the list writes without a code.
    home: Region,
}

impl<'n> Digits<'n> {
    /// Takes a number for a list that is at home in a region.
    pub fn of(number: &'n Number, home: Region) -> Digits<'n> {
        Digits { number, national: number.national(), code: number.country_code().to_string(), home }
    }
}

/// Writes a number in the spelling of a donor cell that holds one.
///
/// None if the donor holds no number or several, or one that this number cannot be written like. What stands around the
/// number to keep it a text (a tab, a quote, blanks), shows that it was a number (`.0`), or says that it is the row's
/// own (`（本人）`), is kept; words that may be somebody's name are none to keep.
pub fn like(number: &Digits<'_>, donor: &str) -> Option<String> {
    let groups = digits::groups(donor);
    let [group] = groups.as_slice() else { return None };
    let around = (&donor[..group.start], &donor[group.end..]);
    let behind = if digits::without_decimal(donor) == donor { around.1 } else { "" };
    if !is_of_row(around.0) || !is_of_row(behind) {
        return None;
    }
    Some(format!("{}{}{}", around.0, in_place_of(number, donor, *group)?, around.1))
}

/// Writes a number as the first of two or more in a donor cell; the others are left out.
///
/// A remark in brackets behind the first (`(妈妈)`) is kept: every cell of such a list has one.
pub fn like_first(number: &Digits<'_>, donor: &str) -> Option<String> {
    let groups = digits::groups(donor);
    let [first, second, ..] = groups.as_slice() else { return None };
    let between = &donor[first.end..second.start];
    let is_remark = between.starts_with(['(', '（', '[', '【']);
    let remark = between.find([')', '）', ']', '】']).filter(|_| is_remark);
    let remark = remark.and_then(|end| between[end..].chars().next().map(|close| &between[..end + close.len_utf8()]));
    let spelled = in_place_of(number, donor, *first)?;
    Some(format!("{}{spelled}{}", donor[..first.start].trim_start(), remark.unwrap_or_default()))
}

/// Writes two numbers in place of the two in a donor cell; none if it does not hold two.
pub fn like_both(first: &Digits<'_>, second: &Digits<'_>, donor: &str) -> Option<String> {
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

/// Spells a number as one of a donor cell is spelled.
fn in_place_of(number: &Digits<'_>, donor: &str, group: Group) -> Option<String> {
    let written = &donor[group.start..group.end];
    let old: String = written.chars().filter_map(digit).collect();
    let new = fitted(number, &old, donor[..group.start].ends_with(['+', '＋']))?;
    let mut next = new.chars();
    let spelled = written.chars().map(|c| match digit(c) {
        Some(_) if c.is_ascii_digit() => next.next().unwrap_or(c),
        Some(_) => next.next().map_or(c, widened),
        None => c,
    });
    Some(spelled.collect())
}

/// Gives the digits to write in place of `old`: bare, behind a trunk 0, or behind the donor's country code if that is
/// the number's own; none that would be read as another number.
fn fitted(number: &Digits<'_>, old: &str, plus: bool) -> Option<String> {
    let Digits { national, code, home, .. } = number;
    let (before, behind) = old.split_at_checked(old.len().checked_sub(national.len())?)?;
    let coded = if plus { before } else { before.strip_prefix("00").unwrap_or(before) };
    let trunk = if plus { coded.strip_suffix('0') } else { coded.strip_prefix('0') };
    let is_own_code = coded == code || trunk == Some(code);
    let is_national = !plus && matches!(before, "" | "0");
    // A landline's area code is no pattern for a mobile number, nor the other way round.
    let same_kind = !number.is_chinese() || is_mobile(national) == is_mobile(behind);
    if !same_kind || !is_own_code && !is_national {
        return None;
    }
    let written = format!("{before}{national}");
    let text = format!("{}{written}", if plus { "+" } else { "" });
    // In its plainest spelling it is sure to be read as itself; to parse would be to compile the patterns of all countries.
    let is_plain = Number::as_written(&text, *home).is_some_and(|read| read == *number.number);
    let is_read = || Number::parse(&text, *home).is_ok_and(|read| read == *number.number);
    (is_plain || is_read()).then_some(written)
}

impl Digits<'_> {
    fn is_chinese(&self) -> bool {
        self.code == "86"
    }
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

/// Tells whether what stands beside a number says nothing, or nothing but that it is the row's own.
fn is_of_row(beside: &str) -> bool {
    let lower = beside.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| OWN_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::phone::numbers_in;

    fn region(code: &str) -> Region {
        code.parse().expect("a region")
    }

    fn number(text: &str, of: &str) -> Number {
        Number::parse(text, region(of)).expect("a number")
    }

    /// Writes a Chinese mobile like a donor, in a list from China.
    fn chinese(text: &str, donor: &str) -> Option<String> {
        like(&Digits::of(&number(text, "CN"), region("CN")), donor)
    }

    #[test]
    fn the_donors_spelling_is_kept() {
        for (donor, expected) in [
            ("13800138000", "17712345678"),
            ("138-0013-8000", "177-1234-5678"),
            ("138 0013 8000", "177 1234 5678"),
            ("+86 138 0013 8000", "+86 177 1234 5678"),
            ("+86-13800138000", "+86-17712345678"),
            ("(+86)13800138000", "(+86)17712345678"),
            ("8613800138000", "8617712345678"),
            ("008613800138000", "008617712345678"),
            ("013800138000", "017712345678"),
            ("１３８００１３８０００", "１７７１２３４５６７８"),
            ("=\"13800138000\"", "=\"17712345678\""),
            ("'13800138000", "'17712345678"),
            ("13800138000.0", "17712345678.0"),
            ("13800138000\t", "17712345678\t"),
            ("\t13800138000 ", "\t17712345678 "),
            ("13800138000（本人）", "17712345678（本人）"),
            ("手机:13800138000", "手机:17712345678"),
            ("Mob. 13800138000", "Mob. 17712345678"),
        ] {
            assert_eq!(chinese("17712345678", donor).as_deref(), Some(expected), "{donor}");
        }
    }

    #[test]
    fn british_numbers_take_every_british_spelling() {
        let own = number("07400 123456", "GB");
        let own = Digits::of(&own, region("GB"));
        for (donor, expected) in [
            ("07911 123456", "07400 123456"),
            ("+44 7911 123456", "+44 7400 123456"),
            ("+447911123456", "+447400123456"),
            ("00447911123456", "00447400123456"),
            ("447911123456", "447400123456"),
            ("+44 (0)7911 123456", "+44 (0)7400 123456"),
        ] {
            assert_eq!(like(&own, donor).as_deref(), Some(expected), "{donor}");
        }
    }

    #[test]
    fn a_code_never_stands_before_another_countrys_number() {
        for (text, of, home, donor) in [
            ("021-58886666", "CN", "CN", "+8613912345678"),
            ("021-58886666", "CN", "CN", "008613912345678"),
            ("021-58886666", "CN", "CN", "13912345678"),
            ("4155552671", "US", "CN", "+8613912345678"),
            ("4155552671", "US", "CN", "008613912345678"),
            ("0698765432", "FR", "GB", "+447911123456"),
            ("4155552671", "US", "GB", "+447911123456"),
            ("07754438953", "GB", "CN", "021-58886666"),
            ("07754438953", "GB", "CN", "0755-2345678"),
            ("13912345678", "CN", "GB", "7911123456"),
            ("90-1234-5678", "JP", "CN", "+8613912345678"),
        ] {
            let number = number(text, of);
            assert_eq!(like(&Digits::of(&number, region(home)), donor), None, "{number} like {donor}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn what_is_written_is_read_as_the_number_and_no_other(
            own in 0..REGIONS.len(),
            home in 0..REGIONS.len(),
            donor in 0..REGIONS.len(),
            digits in prop::collection::vec(0..10_u8, 4),
            spelling in 0..SPELLINGS,
        ) {
            let end: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            let of = |at: usize| {
                let (code, example) = REGIONS[at];
                let text = format!("{}{end}", &example[..example.len() - 4]);
                Number::parse(&text, region(code)).unwrap_or_else(|_| number(example, code))
            };
            let (number, home) = (of(own), region(REGIONS[home].0));
            if let Some(written) = like(&Digits::of(&number, home), &spelled(&of(donor), spelling)) {
                prop_assert_eq!(numbers_in(&written, home), vec![number], "{}", written);
            }
        }
    }

    /// Regions, each with a number of its own.
    const REGIONS: [(&str, &str); 14] = [
        ("CN", "13912345678"),
        ("CN", "02158886666"),
        ("CN", "075586881234"),
        ("GB", "07911123456"),
        ("GB", "02079460958"),
        ("FR", "0612345678"),
        ("US", "4155552671"),
        ("HK", "91234567"),
        ("MO", "66123456"),
        ("JP", "09012345678"),
        ("DE", "015123456789"),
        ("IT", "0612345678"),
        ("SG", "81234567"),
        ("AU", "0412345678"),
    ];

    const SPELLINGS: usize = 8;

    fn spelled(number: &Number, spelling: usize) -> String {
        let (code, national) = (number.country_code(), number.national());
        match spelling {
            0 => format!("+{code}{national}"),
            1 => format!("00{code}{national}"),
            2 => format!("{code}{national}"),
            3 => national,
            4 => format!("0{national}"),
            5 => format!("+{code} (0){national}"),
            6 => format!("+{code} {} {}", &national[..3], &national[3..]),
            _ => format!("0{code}-{national}"),
        }
    }

    #[test]
    fn of_two_numbers_the_first_is_followed() {
        let own = number("17712345678", "CN");
        let own = Digits::of(&own, region("CN"));
        for (donor, expected) in [
            ("13800138000/13900139000", "17712345678"),
            ("138-0013-8000、139-0013-9000", "177-1234-5678"),
            ("13800138000 13900139000", "17712345678"),
            ("13800138000(妈妈) 13900139000(爸爸)", "17712345678(妈妈)"),
            ("13800138000（本人）；13900139000（丈夫）", "17712345678（本人）"),
            ("+86 13800138000,+86 13900139000", "+86 17712345678"),
        ] {
            assert_eq!(like_first(&own, donor).as_deref(), Some(expected), "{donor}");
        }
        assert_eq!(like_first(&own, "13800138000"), None);
    }

    #[test]
    fn donors_that_hold_two_numbers_or_another_kind_are_passed_over() {
        for donor in [
            "",
            "无",
            "13800138000/13900139000",
            "1380013800",
            "138001380001",
            "13800138000(夫)",
            "13800138000 王小五",
            "0571-88888888",
        ] {
            assert_eq!(chinese("17712345678", donor), None, "{donor}");
        }
    }

    #[test]
    fn two_numbers_take_the_places_of_two() {
        let (one, other) = (number("13800138000", "CN"), number("13912345678", "CN"));
        let [one, other] = [&one, &other].map(|number| Digits::of(number, region("CN")));
        let both = like_both(&one, &other, "186-1234-5678（本人）/15812345678");
        assert_eq!(both.as_deref(), Some("138-0013-8000（本人）/13912345678"));
        assert_eq!(like_both(&one, &other, "18612345678"), None);
        assert_eq!(count("18612345678 / 15812345678"), 2);
    }
}
