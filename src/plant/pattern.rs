//! New values in the pattern of real ones: digits changed, everything else kept.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// Letters that plates use behind the city.
const PLATE_LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Changes the digits of a value but the first and the closing zeros of each run.
///
/// Gives the value itself when it has no digit that may change. No fraction comes to end in a zero.
pub fn varied(donor: &str, rng: &mut impl Rng) -> String {
    let chars: Vec<char> = donor.chars().collect();
    let mut varied = String::with_capacity(donor.len());
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            varied.push(chars[at]);
            at += 1;
            continue;
        }
        let end = chars[at..].iter().position(|c| !c.is_ascii_digit()).map_or(chars.len(), |len| at + len);
        let zeros = chars[at..end].iter().rev().take_while(|c| **c == '0').count();
        let single = end - at == 1;
        let is_fraction = at > 1 && chars[at - 1] == '.' && chars[at - 2].is_ascii_digit();
        for (nth, c) in chars.iter().enumerate().take(end).skip(at) {
            let keep = nth == at && !single || nth + zeros >= end;
            let lowest = u8::from(single || is_fraction && nth + 1 == end);
            varied.push(if keep { *c } else { char::from(b'0' + rng.random_range(lowest..10)) });
        }
        at = end;
    }
    varied
}

/// Changes a licence plate behind the city's letter; `letters` are seen in this list at the third place.
pub fn plate(donor: &str, letters: &[char], rng: &mut impl Rng) -> String {
    let mut place = 0;
    let changed = donor.chars().map(|c| {
        if matches!(c, '·' | ' ' | '-') {
            return c;
        }
        place += 1;
        match c {
            '0'..='9' if place > 2 => char::from(b'0' + rng.random_range(0..10)),
            'A'..='Z' if place == 3 => letters.choose(rng).copied().unwrap_or(c),
            'A'..='Z' if place > 3 => PLATE_LETTERS.choose(rng).map_or(c, |letter| char::from(*letter)),
            c => c,
        }
    });
    changed.collect()
}

/// Puts another whole number in place of the first one in the donor (`30岁`).
pub fn first_number(donor: &str, number: u32) -> Option<String> {
    let start = donor.find(|c: char| c.is_ascii_digit())?;
    let end = donor[start..].find(|c: char| !c.is_ascii_digit()).map_or(donor.len(), |len| start + len);
    Some(format!("{}{number}{}", &donor[..start], &donor[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn patterns_are_kept() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for _ in 0..100 {
            let value = varied("A-4037/200x", &mut rng);
            assert!(value.starts_with("A-4") && value.ends_with("/200x") && value.len() == 11, "{value}");
            let value = plate("川FA0461", &['E', 'J'], &mut rng);
            assert!(value.starts_with("川FE") || value.starts_with("川FJ"), "{value}");
            assert!(value.chars().skip(3).all(|c| c.is_ascii_digit()) && value.chars().count() == 7, "{value}");
        }
        assert_eq!(varied("备注", &mut rng), "备注");
        assert!((0..200).all(|_| !varied("19755.67", &mut rng).ends_with('0')));
    }

    #[test]
    fn a_number_is_put_for_another() {
        assert_eq!(first_number("30岁", 28).as_deref(), Some("28岁"));
        assert_eq!(first_number("岁", 28), None);
    }
}
