//! Identity numbers in the form of their country: a Chinese one only where the list's are Chinese.
//!
//! Forms that are not known here are made in the pattern of the column, so that they may be somebody's; NHS and social security
//! numbers are of ranges that are never issued.

use rand::Rng;

use super::check_digit::CheckDigit;
use super::other;
use super::write::Source;
use crate::list::heading;
use crate::persona::{self, Culture, NhsRange};

/// Signs of a Chinese number, of today and of before 1999.
const CHINESE_SIGNS: [usize; 2] = [18, 15];

/// Digits of an NHS number and of a social security number.
const NHS_SIGNS: usize = 10;
const SOCIAL_SIGNS: usize = 9;

/// Where the hyphens of a social security number stand.
const SOCIAL_HYPHENS: [usize; 2] = [3, 6];

/// Of which country an identity number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdForm {
    Chinese,
    Nhs,
    SocialSecurity,
    Unknown,
}

impl IdForm {
    /// Tells the form of a cell under a heading; `check` is the check digit that its column keeps.
    pub fn of(name: &str, cell: &str, culture: Culture, check: Option<CheckDigit>) -> IdForm {
        let cell = cell.trim();
        let (signs, named) = (cell.chars().filter(|c| is_sign(*c)).count(), heading::folded(name));
        let hyphens: Vec<usize> = cell.char_indices().filter(|(_, c)| *c == '-').map(|(at, _)| at).collect();
        if signs == NHS_SIGNS && (named.contains("nhs") || check == Some(CheckDigit::Nhs)) {
            IdForm::Nhs
        } else if signs == SOCIAL_SIGNS && (has_social(&named) || hyphens == SOCIAL_HYPHENS) {
            IdForm::SocialSecurity
        } else if CHINESE_SIGNS.contains(&signs) || culture == Culture::Chinese && is_masked(cell) {
            IdForm::Chinese
        } else {
            IdForm::Unknown
        }
    }
}

/// Writes an identity number of the canary's as the donor's is written; nothing where none can be made.
pub fn written<R: Rng>(
    source: &Source<'_, '_>,
    at: usize,
    donor: &str,
    chinese: impl FnOnce(&mut R) -> String,
    rng: &mut R,
) -> Option<String> {
    let model = source.model;
    let form =
        IdForm::of(&model.profile.layout.columns[at].name, donor, model.culture, model.making.checks.get(&at).copied());
    match form {
        IdForm::Chinese => Some(chinese(rng)),
        IdForm::Nhs => {
            let tests = model.profile.crowd.iter().filter(|row| row.cell(at).trim().starts_with('9')).count();
            let range = if tests * 2 > model.profile.crowd.len() { NhsRange::Test } else { NhsRange::Reserved };
            Some(shaped(&persona::nhs_number(range, rng), donor))
        }
        IdForm::SocialSecurity => Some(shaped(&persona::social_security_number(rng), donor)),
        IdForm::Unknown => other::unique(source, at, donor, rng),
    }
}

/// Puts digits in the places of a donor's, hidden where those are.
fn shaped(digits: &str, donor: &str) -> String {
    let mut next = digits.chars();
    let sign = |c: char| if is_sign(c) { next.next().filter(|_| c.is_ascii_digit()).unwrap_or(c) } else { c };
    donor.chars().map(sign).collect()
}

fn is_sign(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '*' | '＊')
}

fn is_masked(cell: &str) -> bool {
    cell.contains(['*', '＊'])
}

fn has_social(named: &str) -> bool {
    named.starts_with("ssn") || named.ends_with("ssn") || named.contains("socialsecurity")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_heading_signs_and_hyphens() {
        let form = |name, cell, culture| IdForm::of(name, cell, culture, None);
        for (name, cell, culture, expected) in [
            ("NHS Number", "943 476 5919", Culture::English, IdForm::Nhs),
            ("NHS No", "******5919", Culture::English, IdForm::Nhs),
            ("SSN", "123456789", Culture::English, IdForm::SocialSecurity),
            ("ID number", "***-**-6789", Culture::English, IdForm::SocialSecurity),
            ("身份证号", "110105194912310021", Culture::Chinese, IdForm::Chinese),
            ("身份证号", "1101****0021", Culture::Chinese, IdForm::Chinese),
            ("证件号码", "E12345678", Culture::Chinese, IdForm::Unknown),
        ] {
            assert_eq!(form(name, cell, culture), expected, "{name} {cell}");
        }
        assert_eq!(IdForm::of("Patient ID", "9434765919", Culture::English, Some(CheckDigit::Nhs)), IdForm::Nhs);
    }

    #[test]
    fn spaces_and_masks_are_the_donors() {
        assert_eq!(shaped("5001234567", "943 476 5919"), "500 123 4567");
        assert_eq!(shaped("900101234", "***-**-6789"), "***-**-1234");
    }
}
