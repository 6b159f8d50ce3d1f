//! Names that sound alike: speech recognition and tired clerks write 程 for 陈 and 章 for 张.
//!
//! Sounds are Hanyu Pinyin without tones, with the pairs merged that the south does not tell apart (zh and z, ch and c, sh
//! and s, final ng and n).

use std::ops::Range;

use pinyin::ToPinyin;

use super::speech::{Speech, is_han};

/// Surnames that, spelled in Latin letters, are everyday English words.
const ENGLISH: [&str; 9] = ["he", "she", "you", "me", "an", "so", "long", "sun", "fan"];

/// Finds the places of a speech that sound like a name and are written otherwise.
pub fn places_alike(speech: &Speech, name: &str) -> Vec<Range<usize>> {
    let sounds: Vec<Sound> = name.chars().filter_map(sound).collect();
    if sounds.is_empty() || sounds.len() != name.chars().count() {
        return Vec::new();
    }
    let chars: Vec<(usize, char)> = speech.text().char_indices().collect();
    let windows = chars.windows(sounds.len());
    let alike = windows.filter(|window| {
        let same = window.iter().map(|(_, c)| *c).eq(name.chars());
        !same && window.iter().zip(&sounds).all(|((_, c), wanted)| sound(*c) == Some(*wanted))
    });
    let place = |window: &[(usize, char)]| {
        let (end, last) = window[window.len() - 1];
        window[0].0..end + last.len_utf8()
    };
    alike.map(place).collect()
}

/// Finds the places of a speech where a Chinese name is spelled in Latin letters, in either order.
///
/// A name of two syllables is not found where they are written as one word (`lina` is a name of its own), nor where it
/// reads as English.
pub fn places_spelled(speech: &Speech, surname: &str, given: &str) -> Vec<Range<usize>> {
    let syllables: Option<Vec<String>> = given.chars().map(|c| spelling(c.encode_utf8(&mut [0; 4]))).collect();
    let (Some(surname), Some(syllables)) = (spelling(surname), syllables) else { return Vec::new() };
    if syllables.is_empty() || !speech.text().contains(&surname) {
        return Vec::new();
    }
    let short = syllables.len() == 1;
    let mut forms = Vec::new();
    if !(short && ENGLISH.contains(&surname.as_str())) {
        for given in [syllables.concat(), syllables.join("-"), syllables.join(" ")] {
            forms.extend([format!("{surname} {given}"), format!("{given} {surname}"), format!("{surname}, {given}")]);
        }
    }
    if !short {
        forms.extend([format!("{surname}{}", syllables.concat()), format!("{}{surname}", syllables.concat())]);
    }
    forms.iter().flat_map(|form| speech.places_of(form)).collect()
}

/// Gives a Chinese name in Latin letters without tones; ü as people write it, v.
pub fn spelling(name: &str) -> Option<String> {
    let syllables: Option<Vec<&str>> = name.chars().map(|c| Some(c.to_pinyin()?.plain())).collect();
    syllables.map(|syllables| syllables.concat().replace('ü', "v")).filter(|spelled| !spelled.is_empty())
}

/// How a Chinese character sounds: what it begins with where that is merged, and the rest.
pub type Sound = (char, &'static str);

/// Gives how a Chinese character sounds.
pub fn sound(c: char) -> Option<Sound> {
    let plain = Some(c).filter(|c| is_han(*c))?.to_pinyin()?.plain();
    let plain = plain.strip_suffix('g').unwrap_or(plain);
    let first = plain.chars().next()?;
    let rest = &plain[first.len_utf8()..];
    // Both zh and z begin with z.
    let rest = if matches!(first, 'z' | 'c' | 's') { rest.strip_prefix('h').unwrap_or(rest) } else { rest };
    Some((first, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_that_are_mistaken_for_each_other_are_one() {
        for (one, other) in [('陈', '程'), ('张', '章'), ('黄', '王'), ('林', '凌'), ('史', '四')] {
            let alike = sound(one) == sound(other);
            assert_eq!(alike, (one, other) != ('黄', '王'), "{one} {other}");
        }
        assert_eq!(sound('a'), None);
    }

    #[test]
    fn a_name_is_found_in_latin_letters_and_no_english_words_are() {
        let spelled =
            |said: &str, surname: &str, given: &str| !places_spelled(&Speech::of(said), surname, given).is_empty();
        for said in ["Is that Qian Yulan?", "Yulan Qian please", "Ms Qian Yu-lan", "QianYulan", "Qian Yu Lan"] {
            assert!(spelled(said, "钱", "玉兰"), "{said}");
        }
        assert!(!spelled("Is that Qian Yulin?", "钱", "玉兰"));
        assert!(!spelled("hi lina", "李", "娜"), "one word of two syllables");
        assert!(!spelled("can you call back", "尤", "灿"), "English");
        assert_eq!(spelling("吕").as_deref(), Some("lv"));
    }

    #[test]
    fn a_place_is_where_it_is_written_otherwise() {
        let speech = Speech::of("请问是程静女士吗");
        let places = places_alike(&speech, "陈静");
        assert_eq!(places.into_iter().map(|place| &speech.text()[place]).collect::<Vec<_>>(), ["程静"]);
        assert!(places_alike(&Speech::of("陈静"), "陈静").is_empty());
    }
}
