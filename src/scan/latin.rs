//! Chinese names in Latin letters, as passports and foreign lists write them.

use pinyin::ToPinyin;

/// Surnames whose everyday reading is another.
const SURNAME_READINGS: [(char, &str); 11] = [
    ('单', "shan"),
    ('曾', "zeng"),
    ('区', "ou"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('查', "zha"),
    ('盖', "ge"),
    ('朴', "piao"),
    ('缪', "miao"),
    ('乐', "yue"),
    ('翟', "zhai"),
];

/// Spells a Chinese name in Latin letters, surname first and last.
pub fn spellings(name: &[char]) -> Vec<String> {
    let Some(mut sounds) = syllables(&name.iter().collect::<String>()) else { return Vec::new() };
    if let Some((_, reading)) = SURNAME_READINGS.iter().find(|(surname, _)| *surname == name[0]) {
        sounds[0] = (*reading).to_string();
    }
    let surname = if name.len() >= 4 { 2 } else { 1 };
    let (family, given) = sounds.split_at(surname);
    vec![sounds.concat(), [given, family].concat().concat()]
}

/// Spells Chinese characters in Latin letters without tones, a syllable each; ü is v. Nothing where a character has no reading.
fn syllables(name: &str) -> Option<Vec<String>> {
    name.chars().map(|c| Some(c.to_pinyin()?.plain().replace('ü', "v"))).collect()
}
