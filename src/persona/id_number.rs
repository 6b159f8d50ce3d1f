//! Identity numbers (GB 11643-1999) that no living person has.
//!
//! A number is never reused and a withdrawn region code is never issued again, so a number with a region
//! code that was withdrawn before the birth belongs to nobody. Numbers were first issued in 1984: a code
//! that was gone by then is safe for any birth.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use rand::{Rng, RngExt};

use super::Sex;
use super::country;
use super::tables::{REGION_CODES, rows};

/// Weights of the first 17 digits (ISO 7064, MOD 11-2; GB 11643-1999, 3.3).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check characters by the weighted sum modulo 11.
const CHECKS: &[u8; 11] = b"10X98765432";

/// Last year whose codes no number was ever issued with: the first numbers are of 1984.
const LAST_YEAR_WITHOUT_NUMBERS: i32 = 1982;

/// A six-digit code of a district or county (GB/T 2260), such as `330106`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionCode(u32);

impl RegionCode {
    /// Reads six digits; anything else is none.
    pub fn parse(text: &str) -> Option<RegionCode> {
        let six_digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        if six_digits { text.parse().map(RegionCode).ok() } else { None }
    }

    /// Gives the province's two digits.
    pub fn province(self) -> u32 {
        self.0 / 10_000
    }

    /// Gives the four digits of province and city.
    pub fn prefecture(self) -> u32 {
        self.0 / 100
    }

    /// Says whether identity cards bear the code: islands and zones of statistics (`320571`) have no holders.
    pub(super) fn is_on_cards(self) -> bool {
        !(71..80).contains(&(self.0 % 100)) && self.prefecture() != 4603
    }

    /// Names the region as lists write an origin, `安徽省`, `安徽省蚌埠市` or with the district; empty for a
    /// code that is not in force today.
    pub fn origin(self, depth: OriginDepth) -> String {
        let Some((city, district)) = country::by_code(self) else { return String::new() };
        let mut text = city.province.to_string();
        if depth != OriginDepth::Province && city.name != city.province {
            text.push_str(city.name);
        }
        if depth == OriginDepth::District && district.name != city.name {
            text.push_str(district.name);
        }
        text
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// How far down an origin is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginDepth {
    Province,
    City,
    District,
}

/// Makes an 18-character number with a correct check character, for a person who never was.
///
/// The region is near `origin` (its prefecture, else its province) but withdrawn before `birth`.
pub fn id_number(origin: RegionCode, birth: NaiveDate, sex: Sex, rng: &mut impl Rng) -> String {
    let region = withdrawn_near(origin, birth.year(), rng);
    let sequence = 2 * rng.random_range(0..500u32) + u32::from(sex == Sex::Male);
    id_number_of(region, birth, sequence)
}

/// Writes a number of given parts with its check character; `sequence` has three digits, odd for a man.
pub fn id_number_of(region: RegionCode, birth: NaiveDate, sequence: u32) -> String {
    let mut text = format!("{region}{}{:03}", birth.format("%Y%m%d"), sequence % 1_000);
    text.extend(check_character(&text));
    text
}

/// Computes the check character of 17 digits; none for any other text.
pub fn check_character(digits: &str) -> Option<char> {
    if digits.len() != 17 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    Some(char::from(CHECKS[sum as usize % 11]))
}

/// Hides in `id` what `donor` hides: `4403**********12` shows four digits first and two last.
///
/// A donor that hides nothing gives the whole number; the mask signs and their count are the donor's.
pub fn mask_like(id: &str, donor: &str) -> String {
    let digits: Vec<char> = id.chars().collect();
    let signs: Vec<char> = donor.trim().chars().collect();
    let shows = |index: usize| {
        let last_check = index + 1 == signs.len() && index > 0 && matches!(signs[index], 'X' | 'x');
        signs[index].is_ascii_digit() || (last_check && signs[index - 1].is_ascii_digit())
    };
    let hidden_from = (0..signs.len()).find(|index| !shows(*index));
    let Some(hidden_from) = hidden_from else { return id.to_string() };
    let from_end = digits.len() as isize - signs.len() as isize;
    let shown = |index: usize| {
        let at = if index < hidden_from { index as isize } else { index as isize + from_end };
        usize::try_from(at).ok().and_then(|at| digits.get(at)).copied()
    };
    (0..signs.len()).map(|index| if shows(index) { shown(index).unwrap_or('*') } else { signs[index] }).collect()
}

/// Says whether no number of a person born in `birth_year` can have the code.
///
/// True for a code that was in force once and last in force at least one whole year before the birth, or
/// before numbers were issued at all.
pub fn is_withdrawn(code: RegionCode, birth_year: i32) -> bool {
    LAST_YEARS.get(&code).is_some_and(|last| is_before(*last, birth_year))
}

fn is_before(last_year: i32, birth_year: i32) -> bool {
    last_year <= LAST_YEAR_WITHOUT_NUMBERS || last_year + 1 < birth_year
}

/// Last year in force of every withdrawn code; a code in force again under another name is not withdrawn.
static LAST_YEARS: LazyLock<BTreeMap<RegionCode, i32>> = LazyLock::new(|| {
    let mut last_years: BTreeMap<RegionCode, i32> = BTreeMap::new();
    for [code, _, _, end] in rows::<4>(REGION_CODES) {
        let Some(code) = RegionCode::parse(code) else { continue };
        let end = end.parse().unwrap_or(i32::MAX);
        let last = last_years.entry(code).or_insert(end);
        *last = end.max(*last);
    }
    last_years.retain(|_, last| *last != i32::MAX);
    last_years
});

/// The withdrawn codes of districts and counties, by prefecture and by province, oldest first.
struct Withdrawn {
    by_prefecture: Vec<(u32, i32, RegionCode)>,
    by_province: Vec<(u32, i32, RegionCode)>,
}

static WITHDRAWN: LazyLock<Withdrawn> = LazyLock::new(|| {
    let districts = || LAST_YEARS.iter().filter(|(code, _)| code.0 % 100 != 0);
    let mut by_prefecture: Vec<_> = districts().map(|(code, last)| (code.prefecture(), *last, *code)).collect();
    let mut by_province: Vec<_> = districts().map(|(code, last)| (code.province(), *last, *code)).collect();
    by_prefecture.sort_unstable();
    by_province.sort_unstable();
    Withdrawn { by_prefecture, by_province }
});

/// Draws a code that was withdrawn before a birth: of the prefecture of `origin`, else of its province, else any.
pub fn withdrawn_near(origin: RegionCode, birth_year: i32, rng: &mut impl Rng) -> RegionCode {
    let latest = LAST_YEAR_WITHOUT_NUMBERS.max(birth_year - 2);
    let upto = |codes: &'static [(u32, i32, RegionCode)], area: u32| {
        let from = codes.partition_point(|(other, ..)| *other < area);
        let to = codes.partition_point(|(other, last, _)| (*other, *last) <= (area, latest));
        &codes[from..to.max(from)]
    };
    let near = upto(&WITHDRAWN.by_prefecture, origin.prefecture());
    let province = upto(&WITHDRAWN.by_province, origin.province());
    // Sichuan has withdrawn codes of every age, so there is always one to fall back on.
    let anywhere = upto(&WITHDRAWN.by_province, 51);
    let area = [near, province, anywhere].into_iter().find(|codes| !codes.is_empty()).unwrap_or_default();
    area.get(rng.random_range(0..area.len().max(1))).map_or(origin, |(.., code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn birth(year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, 2, 28).unwrap()
    }

    #[test]
    fn the_check_character_is_that_of_the_standard() {
        for number in ["11010519491231002X", "440524188001010014", "34052419800101001X"] {
            assert_eq!(check_character(&number[..17]), number.chars().last(), "{number}");
        }
        assert_eq!(check_character("1101051949123100"), None);
        assert_eq!(check_character("1101051949123100X"), None);
    }

    #[test]
    fn a_number_is_whole_and_of_a_region_withdrawn_before_the_birth() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        for year in 1974..=2008 {
            for origin in ["310107", "330106", "460105", "540102", "630102", "659001", "330212"] {
                let origin = RegionCode::parse(origin).unwrap();
                for sex in [Sex::Female, Sex::Male] {
                    let number = id_number(origin, birth(year), sex, &mut rng);
                    assert_eq!(number.len(), 18);
                    assert_eq!(check_character(&number[..17]), number.chars().last());
                    assert_eq!(&number[6..14], format!("{year}0228"));
                    assert_eq!(number.as_bytes()[16] % 2 == 1, sex == Sex::Male);
                    let code = RegionCode::parse(&number[..6]).unwrap();
                    assert!(is_withdrawn(code, year), "{number}");
                }
            }
        }
    }

    #[test]
    fn a_code_that_was_given_to_another_place_is_not_withdrawn() {
        for code in ["130123", "120110", "310107"] {
            assert!(!is_withdrawn(RegionCode::parse(code).unwrap(), 2008), "{code}");
        }
        let nanshi = RegionCode::parse("310102").unwrap();
        assert!(!is_withdrawn(nanshi, 1999) && !is_withdrawn(nanshi, 2000) && is_withdrawn(nanshi, 2001));
    }

    #[test]
    fn the_region_stays_in_the_prefecture_where_it_can() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let hangzhou = RegionCode::parse("330106").unwrap();
        for _ in 0..50 {
            assert!(id_number(hangzhou, birth(1998), Sex::Female, &mut rng).starts_with("3301"));
        }
    }

    #[test]
    fn a_mask_hides_what_the_donor_hides() {
        let id = "33012119980228002X";
        for (donor, masked) in [
            ("4403**********12", "3301**********2X"),
            ("5106041974********", "3301211998********"),
            ("110105********002X", "330121********002X"),
            ("1101****1234", "3301****002X"),
            ("******************", "******************"),
            ("11010519491231002X", id),
            ("４４０３", "４４０３"),
        ] {
            assert_eq!(mask_like(id, donor), masked, "{donor}");
        }
    }

    #[test]
    fn an_origin_is_written_as_deep_as_asked() {
        let bengbu = RegionCode::parse("340302").unwrap();
        assert_eq!(bengbu.origin(OriginDepth::Province), "安徽省");
        assert_eq!(bengbu.origin(OriginDepth::City), "安徽省蚌埠市");
        assert_eq!(bengbu.origin(OriginDepth::District), "安徽省蚌埠市龙子湖区");
        assert_eq!(RegionCode::parse("310107").unwrap().origin(OriginDepth::City), "上海市");
        assert_eq!(RegionCode::parse("310107").unwrap().origin(OriginDepth::District), "上海市普陀区");
    }
}
