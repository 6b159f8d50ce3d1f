//! New values in the pattern of real ones: digits changed, everything else kept.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// Letters that plates use behind the city.
const PLATE_LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Changes the digits of a value but the first and the closing zeros of each run.
///
/// Gives the value itself when it has no digit that may change.
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
        for (nth, c) in chars.iter().enumerate().take(end).skip(at) {
            let keep = nth == at && !single || nth + zeros >= end;
            varied.push(if keep { *c } else { char::from(b'0' + rng.random_range(u8::from(single)..10)) });
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

/// Writes a counter's number in place of the donor's last `digits` digits, as wide as the donor's.
pub fn counter(donor: &str, digits: usize, number: i64) -> Option<String> {
    let (start, end) = crate::list::profile::counter_span(donor.as_bytes())?;
    let start = start.max(end.saturating_sub(digits));
    let old = donor.get(start..end)?;
    let is_whole = !donor[..start].ends_with(|c: char| c.is_ascii_digit());
    let new = if is_whole && !old.starts_with('0') {
        number.to_string()
    } else {
        format!("{number:0width$}", width = old.len())
    };
    if !is_whole && new.len() != old.len() || number < 0 {
        return None;
    }
    Some(format!("{}{new}{}", &donor[..start], &donor[end..]))
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
    }

    #[test]
    fn counters_keep_prefix_width_and_zeros() {
        assert_eq!(counter("ZY268597", 18, 268_600).as_deref(), Some("ZY268600"));
        assert_eq!(counter("26-04574", 18, 4_580).as_deref(), Some("26-04580"));
        assert_eq!(counter("310003260260101", 9, 260_260_107).as_deref(), Some("310003260260107"));
        assert_eq!(counter("999", 18, 1_000).as_deref(), Some("1000"));
        assert_eq!(counter("310003260260101", 9, 7).as_deref(), Some("310003000000007"));
        assert_eq!(first_number("30岁", 28).as_deref(), Some("28岁"));
    }
}
