//! Phone numbers: two spellings of one number are one [`Number`].
//!
//! The `phonenumber` crate does not read full-width digits, guards of spreadsheets or two numbers in
//! one cell, so text is folded and split before it gets there; and it must always be told a region,
//! because without one it guesses wrong (its issues 68 and 77).

mod pool;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use phonenumber::country::Id as Country;
use phonenumber::metadata::{DATABASE, Descriptor, Descriptors};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::lang::{Pair, Speak};

pub use pool::{NoSuchState, State, StateName};

/// Longest text that is looked at as a phone number, in bytes.
const NUMBER_BYTES_MAX: usize = 128;

/// China's country calling code (ITU-T E.164).
const CHINA: u16 = 86;

/// Longest E.164 text: `+` and 15 digits.
const E164_BYTES_MAX: usize = 16;

/// A valid phone number in E.164 form, such as `+8613800138000`.
///
/// The bytes behind the text are zero. A pool has millions of numbers, so none has memory of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Number([u8; E164_BYTES_MAX]);

/// The country whose habits a spelling follows when it has no country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(Country);

/// Why a text is not a number.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PhoneError {
    #[error("`{text}` is not a phone number")]
    NotANumber { text: String },
    #[error("`{text}` is not a valid phone number in region {region}")]
    NotValid { text: String, region: String },
    #[error("`{code}` is not a region code")]
    NoSuchRegion { code: String },
}

impl Speak for PhoneError {
    fn zh(&self) -> String {
        match self {
            PhoneError::NotANumber { text } => format!("`{text}` 不是电话号码"),
            PhoneError::NotValid { text, region } => format!("`{text}` 不是地区 {region} 的有效号码"),
            PhoneError::NoSuchRegion { code } => format!("`{code}` 不是地区代码"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            PhoneError::NotANumber { .. } | PhoneError::NotValid { .. } => Pair::new(
                "write it with its country code (`+86 138…`), or give the region it belongs to with --region",
                "请写上国家代码（`+86 138…`），或用 --region 指明所属地区",
            ),
            PhoneError::NoSuchRegion { .. } => {
                Pair::new("use a two-letter code such as CN, HK, GB or US", "请用两个字母的代码，如 CN、HK、GB、US")
            }
        })
    }
}

impl Default for Region {
    fn default() -> Region {
        Region(Country::CN)
    }
}

impl FromStr for Region {
    type Err = PhoneError;

    fn from_str(code: &str) -> Result<Region, PhoneError> {
        Country::from_str(&code.to_ascii_uppercase())
            .map(Region)
            .map_err(|_| PhoneError::NoSuchRegion { code: code.to_string() })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Number {
    /// Reads one number in any spelling `region` uses.
    pub fn parse(text: &str, region: Region) -> Result<Number, PhoneError> {
        let not_a_number = || PhoneError::NotANumber { text: shown(text) };
        if text.len() > NUMBER_BYTES_MAX {
            return Err(not_a_number());
        }
        let folded = fold(text);
        if !folded.chars().any(|c| c.is_ascii_digit()) {
            return Err(not_a_number());
        }
        if let Some(mobile) = plain_mobile(&folded, region).filter(|mobile| is_valid(CHINA, mobile)) {
            return Number::from_e164(&format!("+{CHINA}{mobile}"));
        }
        let parsed = phonenumber::parse(Some(region.0), &folded).map_err(|_| not_a_number())?;
        if !is_valid(parsed.country().code(), &parsed.national().to_string()) {
            return Err(PhoneError::NotValid { text: shown(text), region: region.to_string() });
        }
        Number::from_e164(&parsed.format().mode(phonenumber::Mode::E164).to_string())
    }

    /// Takes a text for the one number it can mean: `+` and digits, or the eleven digits of a Chinese mobile.
    ///
    /// Does not say that there is such a number: it is for looking among numbers that [`Number::parse`] let in. Parsing
    /// begins with compiling the patterns of all countries, which takes a tenth of a second.
    pub fn as_written(text: &str, region: Region) -> Option<Number> {
        let folded = fold(text);
        let e164 = match region.0 {
            Country::CN if is_chinese_mobile(&folded) => format!("+86{folded}"),
            _ => folded,
        };
        Number::from_e164(&e164).ok()
    }

    /// Takes back a number that [`Number::parse`] made and the ledger kept.
    pub fn from_e164(text: &str) -> Result<Number, PhoneError> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        if (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            let mut bytes = [0; E164_BYTES_MAX];
            bytes[..text.len()].copy_from_slice(text.as_bytes());
            return Ok(Number(bytes));
        }
        Err(PhoneError::NotANumber { text: shown(text) })
    }

    /// Gives the E.164 text, `+` first.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(E164_BYTES_MAX);
        std::str::from_utf8(&self.0[..end]).expect("a plus and digits are ASCII")
    }

    /// Gives the calling code of its country (ITU-T E.164): no code is the beginning of another.
    pub fn country_code(&self) -> u16 {
        if self.is_chinese_mobile() {
            return CHINA;
        }
        let digits = self.as_str().trim_start_matches('+');
        let codes = (1..=3).filter_map(|len| digits.get(..len)?.parse().ok());
        codes.into_iter().find(|code| DATABASE.by_code(code).is_some()).unwrap_or_default()
    }

    /// Tells whether it is a mobile of mainland China.
    pub fn is_chinese_mobile(&self) -> bool {
        self.as_str().strip_prefix("+86").is_some_and(is_chinese_mobile)
    }

    /// Gives the region the number is of; nothing for one of no country, such as a satellite's.
    pub fn region(&self) -> Option<Region> {
        if self.is_chinese_mobile() {
            return Some(Region::default());
        }
        phonenumber::parse(None, self.as_str()).ok()?.country().id().map(Region)
    }

    /// Gives the digits as they are dialled within the country (for China: 11 digits of a mobile).
    pub fn national(&self) -> String {
        self.as_dialled().into_owned()
    }

    /// Gives what [`Number::national`] gives, without a text of its own where it can be had from this one.
    pub fn as_dialled(&self) -> Cow<'_, str> {
        if let Some(mobile) = self.as_str().strip_prefix("+86").filter(|rest| is_chinese_mobile(rest)) {
            return Cow::Borrowed(mobile);
        }
        match phonenumber::parse(None, self.as_str()) {
            Ok(parsed) => Cow::Owned(parsed.national().to_string()),
            Err(_) => Cow::Borrowed(self.as_str().trim_start_matches('+')),
        }
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_ne_bytes(self.0));
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    /// Compares the texts, in one go.
    fn cmp(&self, other: &Number) -> Ordering {
        u128::from_be_bytes(self.0).cmp(&u128::from_be_bytes(other.0))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Number").field(&self.as_str()).finish()
    }
}

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// Tells whether a national number is one that its country gives out.
///
/// `phonenumber::is_valid` is content with a pattern that matches the number's beginning, and takes `23712345678`.
fn is_valid(country_code: u16, national: &str) -> bool {
    let mut countries = DATABASE.by_code(&country_code).unwrap_or_default().into_iter();
    countries.any(|country| patterns(country.descriptors()).into_iter().flatten().any(|kind| is_whole(kind, national)))
}

fn is_whole(kind: &Descriptor, national: &str) -> bool {
    let found = kind.national_number().find(national);
    kind.is_match(national) && found.is_some_and(|found| found.end() == national.len())
}

/// Gives the kinds of number that libphonenumber counts as valid.
fn patterns(of: &Descriptors) -> [Option<&Descriptor>; 10] {
    [
        of.mobile(),
        of.fixed_line(),
        of.voip(),
        of.toll_free(),
        of.shared_cost(),
        of.premium_rate(),
        of.personal_number(),
        of.pager(),
        of.uan(),
        of.voicemail(),
    ]
}

/// Gives the eleven digits of a folded text that is a Chinese mobile in its plainest spellings, and as anything else in
/// no way: most numbers are, and a parse of one takes twenty times as long.
fn plain_mobile(folded: &str, region: Region) -> Option<&str> {
    let national = match region.0 {
        Country::CN => folded.strip_prefix("+86").unwrap_or(folded),
        _ => folded.strip_prefix("+86")?,
    };
    is_chinese_mobile(national).then_some(national)
}

/// Tells whether a text is eleven digits that begin as Chinese mobiles do, and as nothing else in China.
fn is_chinese_mobile(text: &str) -> bool {
    let mut digits = text.bytes();
    text.len() == 11
        && text.bytes().all(|b| b.is_ascii_digit())
        && digits.next() == Some(b'1')
        && digits.next().is_some_and(|second| (b'3'..=b'9').contains(&second))
}

/// Cuts a text for an error message, so that a huge cell is not repeated whole.
fn shown(text: &str) -> String {
    text.chars().take(32).collect()
}

/// Folds full-width forms to ASCII and drops guards, invisible characters and separators.
pub fn fold(text: &str) -> String {
    let folded: String = text
        .nfkc()
        .filter(
            |c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'),
        )
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    let bare = folded.trim().trim_start_matches(['=', '"', '\'']).trim_end_matches('"').trim();
    // A spreadsheet that took the number for a quantity writes `13800138000.0`.
    bare.strip_suffix(".0").unwrap_or(bare).to_string()
}

/// Finds every valid number in a cell that may hold several (`138…/139…`, `138… 139…(丈夫)`).
pub fn numbers_in(cell: &str, region: Region) -> Vec<Number> {
    if let Ok(number) = Number::parse(cell, region) {
        return vec![number];
    }
    let folded = fold(cell);
    let pieces = |on: fn(char) -> bool| {
        folded.split(on).filter_map(|piece| Number::parse(piece, region).ok()).collect::<Vec<_>>()
    };
    let found = pieces(|c| !(c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.')));
    if found.is_empty() { pieces(|c| !(c.is_ascii_digit() || matches!(c, '+' | '-'))) } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cn(text: &str) -> Result<String, PhoneError> {
        Number::parse(text, Region::default()).map(|number| number.to_string())
    }

    #[test]
    fn numbers_stand_in_the_order_of_their_texts() {
        let mut texts = ["+8613800138000", "+861380013800", "+447911123456", "+8613800138001", "+8613900000000"];
        texts.sort_unstable();
        let mut numbers: Vec<Number> = texts.iter().rev().filter_map(|text| Number::from_e164(text).ok()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers.iter().map(Number::as_str).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn plain_mobiles_are_read_as_the_patterns_of_all_countries_read_them() {
        let read = |text: &str| {
            let parsed = phonenumber::parse(Some(Country::CN), text).ok()?;
            let national = parsed.national().to_string();
            is_valid(parsed.country().code(), &national)
                .then(|| parsed.format().mode(phonenumber::Mode::E164).to_string())
        };
        for prefix in 130..=199 {
            for rest in ["00000000", "05123456", "38001380", "99999999"] {
                for text in [format!("{prefix}{rest}"), format!("+86{prefix}{rest}")] {
                    assert_eq!(cn(&text).ok(), read(&text), "{text}");
                }
            }
        }
        let abroad = Region::from_str("GB").expect("a region");
        assert!(Number::parse("13800138000", abroad).is_err(), "eleven digits mean something else there");
        assert_eq!(Number::parse("+8613800138000", abroad).map(|it| it.to_string()), cn("13800138000"));
    }

    #[test]
    fn plain_spellings_are_read_without_patterns_as_parsing_reads_them() {
        let cn = Region::default();
        for text in ["13800138000", "+8613800138000", "+447911123456", "１３８００１３８０００", "=\"19912345678\""]
        {
            let number = Number::as_written(text, cn).expect("a plain spelling");
            assert_eq!(Ok(&number), Number::parse(text, cn).as_ref(), "{text}");
            let parsed = phonenumber::parse(None, number.as_str()).expect("a number");
            assert_eq!(number.national(), parsed.national().to_string(), "{text}");
        }
        let gb = "GB".parse().expect("a region");
        for (text, region) in [("075512345678", cn), ("138 0013 8000", cn), ("13800138000", gb), ("", cn), ("+", cn)] {
            assert_eq!(Number::as_written(text, region), None, "{text}");
        }
    }

    #[test]
    fn spellings_of_one_number_are_one_number() {
        for text in [
            "13800138000",
            "+8613800138000",
            "0086-138-0013-8000",
            "86 138 0013 8000",
            "013800138000",
            "138-0013-8000",
            "１３８００１３８０００",
            "=\"13800138000\"",
            "'13800138000",
            "\t13800138000",
            "138\u{a0}0013\u{a0}8000",
            "\u{202d}13800138000\u{202c}",
            "138–0013–8000",
            "13800138000.0",
        ] {
            assert_eq!(cn(text).as_deref(), Ok("+8613800138000"), "{text}");
        }
    }

    #[test]
    fn what_cannot_ring_is_refused() {
        for text in [
            "",
            "张三",
            "12345678901",
            "1380013800",
            "10086",
            "14012345678",
            "23712345678",
            "10000000000",
            &"1".repeat(200),
        ] {
            assert!(cn(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_country_s_own_example_is_valid() {
        let mut seen = 0;
        for country in DATABASE.iter() {
            for kind in patterns(country.descriptors()).into_iter().flatten() {
                let Some(example) = kind.example() else { continue };
                assert!(is_valid(country.country_code(), example), "{} {example}", country.id());
                seen += 1;
            }
        }
        assert!(seen > 500, "only {seen} examples");
    }

    #[test]
    fn two_numbers_in_a_cell_are_both_found() {
        for cell in [
            "13800138000/13900139000",
            "13800138000、13900139000",
            "13800138000 13900139000",
            "138-0013-8000(夫13900139000)",
        ] {
            let found: Vec<_> = numbers_in(cell, Region::default()).iter().map(|n| n.to_string()).collect();
            assert_eq!(found, ["+8613800138000", "+8613900139000"], "{cell}");
        }
    }

    #[test]
    fn a_kept_number_is_taken_back_and_another_text_is_not() {
        assert_eq!(Number::from_e164("+8613800138000").map(|n| n.national()), Ok("13800138000".to_string()));
        assert!(Number::from_e164("13800138000").is_err());
    }
}
