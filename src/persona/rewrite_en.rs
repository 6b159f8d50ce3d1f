//! English addresses, written anew: `12 Oak Street, Flat 3` becomes `31 Mill Street, Flat 7`.
//!
//! Only numbers that stand before a street or after a word for a flat are changed: the other digits of an
//! English address are postcodes, which must go on fitting their town.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

const STEMS: [&str; 44] = [
    "Oak",
    "Mill",
    "Church",
    "Station",
    "Park",
    "Maple",
    "Cedar",
    "Elm",
    "Chestnut",
    "Victoria",
    "Albert",
    "Queen",
    "King",
    "Green",
    "Grove",
    "Meadow",
    "Orchard",
    "School",
    "Spring",
    "Highfield",
    "Windsor",
    "York",
    "Richmond",
    "North",
    "South",
    "Manor",
    "Hill",
    "Lake",
    "River",
    "Forest",
    "Willow",
    "Birch",
    "Hazel",
    "Holly",
    "Walnut",
    "Poplar",
    "Laurel",
    "Garden",
    "Chapel",
    "Bridge",
    "Clarence",
    "Stanley",
    "Lincoln",
    "Jackson",
];

const KINDS: [&str; 8] = ["Street", "Road", "Avenue", "Lane", "Drive", "Close", "Court", "Way"];

/// Words that end a street's name, in lower case.
const STREET_WORDS: [&str; 32] = [
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "ln",
    "drive",
    "dr",
    "close",
    "cl",
    "court",
    "ct",
    "way",
    "place",
    "pl",
    "crescent",
    "cres",
    "terrace",
    "ter",
    "boulevard",
    "blvd",
    "gardens",
    "grove",
    "square",
    "sq",
    "row",
    "hill",
    "walk",
    "circle",
    "parkway",
];

/// Words whose number is that of a flat, in lower case.
const FLAT_WORDS: [&str; 9] = ["flat", "apt", "apartment", "unit", "suite", "room", "no", "#", "block"];

/// Draws a street name.
pub(super) fn a_street(rng: &mut impl Rng) -> String {
    format!("{} {}", a_stem(rng), KINDS.choose(rng).copied().unwrap_or("Street"))
}

/// Writes the address anew; none without a street and a number.
pub(super) fn rewrite(donor: &str, rng: &mut impl Rng) -> Option<String> {
    let mut words: Vec<String> = donor.split(' ').map(str::to_string).collect();
    let street = (1..words.len()).find(|at| is_one_of(&words[*at], &STREET_WORDS) && is_stem(&words[at - 1]))?;
    let stem = words[street - 1].clone();
    words[street - 1] = in_case_of(&stem, a_stem(rng));
    let first = (0..street).rev().find(|at| starts_with_digit(&words[*at]));
    let mut changed = false;
    for at in 0..words.len() {
        let after_flat = at > 0 && is_one_of(&words[at - 1], &FLAT_WORDS);
        let is_flat = after_flat || words[at].starts_with('#');
        if words[at].bytes().filter(u8::is_ascii_digit).count() > 6 {
            return None;
        }
        if Some(at) == first || is_flat {
            let number = renumbered(&words[at], rng);
            changed |= number != words[at];
            words[at] = number;
        }
    }
    (changed || first.is_none()).then(|| words.join(" "))
}

fn a_stem(rng: &mut impl Rng) -> &'static str {
    STEMS.choose(rng).copied().unwrap_or("Oak")
}

fn letters(word: &str) -> &str {
    word.trim_end_matches([',', '.', ';'])
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.contains(&letters(word).to_ascii_lowercase().as_str())
}

fn is_stem(word: &str) -> bool {
    word.len() > 1 && word.chars().all(|letter| letter.is_alphabetic() || letter == '\'')
}

fn starts_with_digit(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

fn in_case_of(model: &str, word: &str) -> String {
    if model.chars().all(char::is_uppercase) {
        word.to_uppercase()
    } else if model.chars().all(char::is_lowercase) {
        word.to_lowercase()
    } else {
        word.to_string()
    }
}

/// Draws each run of digits again: the first digit never 0, the count the same.
fn renumbered(word: &str, rng: &mut impl Rng) -> String {
    let mut after_digit = false;
    let draw = |letter: char| {
        let lowest = u32::from(!after_digit);
        after_digit = letter.is_ascii_digit();
        if after_digit { char::from_digit(rng.random_range(lowest..10), 10).unwrap_or(letter) } else { letter }
    };
    word.chars().map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn numbers_and_street_change_and_the_town_stays() {
        let mut rng = ChaCha20Rng::seed_from_u64(20);
        for (donor, tail) in [
            ("12 Zebra Street, Flat 3", ""),
            ("Flat 2, 14 Zebra Road, Leeds LS1 4AB", "Road, Leeds LS1 4AB"),
            ("1450 W Zebra Ave Apt 12B, Springfield, IL 62704", "B, Springfield, IL 62704"),
            ("7 ZEBRA CLOSE", " CLOSE"),
        ] {
            let rewritten = rewrite(donor, &mut rng).unwrap();
            assert!(!rewritten.to_lowercase().contains("zebra"), "{rewritten}");
            assert!(rewritten.ends_with(tail), "{rewritten}");
            assert_eq!(rewritten.split(' ').count(), donor.split(' ').count(), "{rewritten}");
            let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
            assert_eq!(digits(&rewritten), digits(donor), "{rewritten}");
        }
    }

    #[test]
    fn what_is_no_address_or_holds_a_phone_is_refused() {
        let mut rng = ChaCha20Rng::seed_from_u64(21);
        for donor in ["", "unknown", "see notes 12", "12 Oak Street, call 07700900123"] {
            assert_eq!(rewrite(donor, &mut rng), None, "{donor}");
        }
    }
}
