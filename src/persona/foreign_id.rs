//! Identity numbers of other countries that nobody was ever given.
//!
//! NHS numbers: those that begin with 5 are not to be issued and lie between the two ranges of England and Wales, so that they
//! look usual; those that begin with 9 are for tests (ranges collated in `constants.py` and `nhs-numbers.md` of the public
//! package `nhs-number` from ISB 0149 and the CLOSER report on NHS numbers). Social security numbers: areas 900 to 999 are never
//! assigned (Social Security Administration, "Which Social Security numbers are invalid?"), and as taxpayers' numbers only
//! with groups from 50 on (Internal Revenue Service, Publication 1915), so groups below are nobody's.

use rand::{Rng, RngExt};

/// Weights of the first nine digits of an NHS number (NHS Data Dictionary, `NHS NUMBER`).
const NHS_WEIGHTS: [u32; 9] = [10, 9, 8, 7, 6, 5, 4, 3, 2];

/// Times an NHS number is made again that has no check digit; one in eleven has none.
const TRIES: usize = 60;

/// The ranges of NHS numbers that are never issued to anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NhsRange {
    /// From 500 000 000 to 599 999 999.
    Reserved,
    /// From 900 000 000 on: systems under test, and lists of made-up patients.
    Test,
}

/// Makes the ten digits of an NHS number, its check digit last.
pub fn nhs_number(range: NhsRange, rng: &mut impl Rng) -> String {
    let first = match range {
        NhsRange::Reserved => 500_000_000,
        NhsRange::Test => 900_000_000,
    };
    let made = (0..TRIES).find_map(|_| {
        let digits = (first + rng.random_range(0..100_000_000_u32)).to_string();
        nhs_check(&digits).map(|check| format!("{digits}{check}"))
    });
    made.unwrap_or_else(|| format!("{first}0"))
}

/// Computes the check digit of nine digits of an NHS number (modulo 11); none where no number has them, or for other text.
pub fn nhs_check(digits: &str) -> Option<char> {
    if digits.len() != NHS_WEIGHTS.len() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = digits.bytes().zip(NHS_WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    match 11 - sum % 11 {
        11 => Some('0'),
        10 => None,
        check => char::from_digit(check, 10),
    }
}

/// Makes the nine digits of a social security number.
pub fn social_security_number(rng: &mut impl Rng) -> String {
    let (area, group) = (rng.random_range(900..1_000_u32), rng.random_range(1..50_u32));
    format!("{area}{group:02}{:04}", rng.random_range(1..10_000_u32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn the_check_digit_is_that_of_published_examples() {
        for number in ["9434765919", "4010232137"] {
            assert_eq!(nhs_check(&number[..9]), number.chars().last(), "{number}");
        }
        assert_eq!(nhs_check("94347659"), None);
    }

    #[test]
    fn numbers_are_whole_and_of_ranges_that_are_never_issued() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for _ in 0..300 {
            for (range, first) in [(NhsRange::Reserved, '5'), (NhsRange::Test, '9')] {
                let number = nhs_number(range, &mut rng);
                assert!(number.len() == 10 && number.starts_with(first), "{number}");
                assert_eq!(nhs_check(&number[..9]), number.chars().last(), "{number}");
            }
            let number = social_security_number(&mut rng);
            assert!(number.len() == 9 && number.starts_with('9') && &number[3..5] < "50" && &number[3..5] != "00");
        }
    }
}
