//! New texts in the manner of a column's: each sign, or each word, follows two that it follows somewhere in the list.
//!
//! A text that the list holds is never made, so a column of a few fixed words makes none.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand::seq::IndexedRandom;

/// Texts from which a manner shows.
const TEXTS_MIN: usize = 12;

/// Times a text is made again that the list holds, or that is longer than its texts.
const TRIES: usize = 60;

/// What stands before the first piece of a text, and behind its last.
const EDGE: &str = "";

/// The texts of a column, cut into signs, or into words where they have blanks.
#[derive(Debug)]
pub struct Wording {
    next: BTreeMap<(String, String), Vec<String>>,
    known: BTreeSet<String>,
    longest: usize,
    by_words: bool,
}

impl Wording {
    /// Learns texts; nothing from a few.
    pub fn of<'c>(texts: impl Iterator<Item = &'c str>) -> Option<Wording> {
        let known: BTreeSet<String> = texts.filter(|text| !text.is_empty()).map(str::to_string).collect();
        if known.len() < TEXTS_MIN {
            return None;
        }
        let by_words = known.iter().filter(|text| text.trim().contains(' ')).count() * 2 > known.len();
        let mut next: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let mut longest = 0;
        for text in &known {
            longest = longest.max(text.chars().count());
            let (mut before, mut last) = (EDGE.to_string(), EDGE.to_string());
            for piece in pieces(text, by_words).chain(std::iter::once(EDGE.to_string())) {
                next.entry((before, last.clone())).or_default().push(piece.clone());
                (before, last) = (last, piece);
            }
        }
        Some(Wording { next, known, longest, by_words })
    }

    /// Makes a text that the list does not hold; nothing if none is found.
    pub fn make(&self, rng: &mut impl Rng) -> Option<String> {
        (0..TRIES).filter_map(|_| self.drawn(rng)).find(|text| !self.known.contains(text))
    }

    fn drawn(&self, rng: &mut impl Rng) -> Option<String> {
        let (mut before, mut last, mut text) = (EDGE.to_string(), EDGE.to_string(), String::new());
        while text.chars().count() <= self.longest {
            let piece = self.next.get(&(before, last.clone()))?.choose(rng)?.clone();
            if piece == EDGE {
                return Some(text);
            }
            if self.by_words && !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&piece);
            (before, last) = (last, piece);
        }
        None
    }
}

/// Cuts a text into its words or its signs.
fn pieces(text: &str, by_words: bool) -> Box<dyn Iterator<Item = String> + '_> {
    match by_words {
        true => Box::new(text.split_whitespace().map(str::to_string)),
        false => Box::new(text.chars().map(String::from)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn new_texts_are_made_of_the_lists_and_are_none_of_them() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let endings = [
            "血压偏高复查",
            "血压正常",
            "血压偏低观察",
            "血糖偏高复查",
            "血糖正常",
            "血糖偏低观察",
            "体温偏高复查",
            "体温正常",
            "体温偏低观察",
        ];
        let all: Vec<String> =
            endings.iter().flat_map(|end| ["孕期", "产后"].map(|when| format!("{when}{end}"))).collect();
        let known: Vec<&str> =
            all.iter().enumerate().filter(|(nth, _)| nth % 4 != 3).map(|(_, text)| text.as_str()).collect();
        let wording = Wording::of(known.iter().copied()).expect("a manner");
        for _ in 0..30 {
            let made = wording.make(&mut rng).expect("a text");
            assert!(!known.contains(&made.as_str()) && made.chars().count() <= 8, "{made}");
        }
        assert!(Wording::of(known.into_iter().take(5)).is_none());
    }
}
