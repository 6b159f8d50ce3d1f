//! Check digits that a column keeps: a number made in its pattern must keep them too.
//!
//! Which one it is shows in the cells: by chance one number in ten or eleven passes.

use crate::persona;

/// Numbers that must be there to tell.
const NUMBERS_MIN: usize = 8;

/// Numbers that are asked.
const ASKED: usize = 300;

/// Share of numbers that must pass.
const SHARE_MIN: f64 = 0.9;

/// Digits of the shortest number with a check digit.
const DIGITS_MIN: usize = 8;

/// Digits of an NHS number.
const NHS_DIGITS: usize = 10;

/// How the last digit follows from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigit {
    /// As on bank cards (ISO/IEC 7812-1, annex B).
    Luhn,
    /// As in NHS numbers, modulo 11.
    Nhs,
}

impl CheckDigit {
    /// Finds the rule that nearly all numbers of a column keep.
    pub fn of<'c>(cells: impl Iterator<Item = &'c str>) -> Option<CheckDigit> {
        let numbers: Vec<String> = cells.map(digits_of).filter(|digits| !digits.is_empty()).take(ASKED).collect();
        let keeps = |rule: &CheckDigit| {
            let passed = numbers.iter().filter(|digits| rule.last(digits) == digits.chars().last()).count();
            numbers.len() >= NUMBERS_MIN && passed as f64 >= SHARE_MIN * numbers.len() as f64
        };
        [CheckDigit::Nhs, CheckDigit::Luhn].into_iter().find(keeps)
    }

    /// Puts the right digit in the place of a number's last one; none if no digit is right.
    pub fn corrected(self, text: &str) -> Option<String> {
        let check = self.last(&digits_of(text))?;
        let at = text.rfind(|c: char| c.is_ascii_digit())?;
        Some(format!("{}{check}{}", &text[..at], &text[at + 1..]))
    }

    /// Computes the last digit from those before it.
    fn last(self, digits: &str) -> Option<char> {
        let before = digits.get(..digits.len().checked_sub(1)?)?;
        match self {
            CheckDigit::Nhs if digits.len() == NHS_DIGITS => persona::nhs_check(before),
            CheckDigit::Luhn if digits.len() >= DIGITS_MIN => {
                let doubled = |(nth, byte): (usize, u8)| {
                    let digit = u32::from(byte - b'0') * if nth % 2 == 0 { 2 } else { 1 };
                    digit / 10 + digit % 10
                };
                let sum: u32 = before.bytes().rev().enumerate().map(doubled).sum();
                char::from_digit((10 - sum % 10) % 10, 10)
            }
            CheckDigit::Nhs | CheckDigit::Luhn => None,
        }
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_most_numbers_keep_is_found_and_kept() {
        let card = |n: u64| CheckDigit::Luhn.corrected(&format!("62220{n:011}0")).expect("a card");
        let cards: Vec<String> = (0..40).map(|n| card(n * 7_919)).collect();
        assert_eq!(CheckDigit::of(cards.iter().map(String::as_str)), Some(CheckDigit::Luhn));
        assert_eq!(CheckDigit::Luhn.corrected("7992739871-0").as_deref(), Some("7992739871-3"));
        assert_eq!(CheckDigit::Nhs.corrected("943 476 5910").as_deref(), Some("943 476 5919"));
        let plain: Vec<String> = (0..40).map(|n| format!("6{:09}", n * 7_919)).collect();
        assert_eq!(CheckDigit::of(plain.iter().map(String::as_str)), None);
    }
}
