//! What a text could tell of anybody, so that the many that tell nothing of a persona are passed over.
//!
//! A text is never passed over that [`hear`](super::hear) finds a fact in: each test here asks for less than hearing
//! does, such as two characters of an address side by side instead of a road with its number.

use super::dates;
use super::hear::Known;
use super::names::TITLES;
use super::sexes::{Sex, sex_said};
use super::sounds::{Sound, sound, spelling};
use super::speech::{Speech, is_han, simplified};

/// Characters that a hospital's short forms have and its name may lack.
const HOSPITAL_CHARS: [char; 3] = ['市', '区', '第'];

/// Marks of one text.
#[derive(Debug, Clone)]
pub struct Clues {
    /// Pairs of neighbouring characters, in order, and where they hash to.
    pairs: Vec<(char, char)>,
    pair_bits: [u64; 4],
    sound_pairs: Vec<(Sound, Sound)>,
    /// Characters, and how they sound, of which a title stands one or two further.
    titled: Vec<char>,
    titled_sounds: Vec<Sound>,
    dated: bool,
    sex: Option<Sex>,
    letters: bool,
    /// Words in Latin letters, in which a Chinese name could be spelled.
    words: Vec<String>,
    digits: bool,
}

impl Clues {
    /// Reads the marks off a folded text.
    pub fn of(speech: &Speech) -> Clues {
        let text = speech.text();
        let chars: Vec<char> = text.chars().collect();
        let mut pairs: Vec<(char, char)> = chars.windows(2).map(|pair| (pair[0], pair[1])).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut pair_bits = [0; 4];
        for pair in &pairs {
            let (word, bit) = hashed(*pair);
            pair_bits[word] |= bit;
        }
        let sounds: Vec<Option<Sound>> = chars.iter().copied().map(sound).collect();
        let sound_pairs = sounds.windows(2).filter_map(|pair| Some((pair[0]?, pair[1]?))).collect();
        let (mut titled, mut titled_sounds) = (Vec::new(), Vec::new());
        for (at, (from, _)) in text.char_indices().enumerate() {
            if TITLES.iter().any(|title| text[from..].starts_with(title)) {
                let before = at.saturating_sub(2)..at;
                titled.extend(&chars[before.clone()]);
                titled_sounds.extend(sounds[before].iter().flatten());
            }
        }
        Clues {
            pairs,
            pair_bits,
            sound_pairs,
            titled,
            titled_sounds,
            dated: dates::any_said(text),
            sex: sex_said(speech),
            letters: chars.iter().any(|c| c.is_alphabetic() && !is_han(*c)),
            words: text
                .split(|c: char| !c.is_ascii_alphabetic())
                .filter(|word| word.len() > 1)
                .map(str::to_string)
                .collect(),
            digits: chars.iter().any(|c| c.is_numeric()),
        }
    }

    /// Tells whether the text can hold any fact of a persona.
    pub fn could_tell(&self, speech: &Speech, known: &Known<'_>) -> bool {
        self.dated && known.birth_date.is_some()
            || self.sex.is_some() && known.baby_sex.and_then(Sex::written) == self.sex
            || [known.mother_name, known.father_name, known.baby_name].into_iter().flatten().any(|n| self.name(n))
            || known.hospital.is_some_and(|hospital| self.hospital(hospital))
            || known.address.is_some_and(|address| self.place(address))
            || known.district.is_some_and(|district| self.place(district))
            || known.id_number.is_some_and(|id| self.id_number(speech, id))
    }

    fn name(&self, name: &str) -> bool {
        let mut chars = [' '; 4];
        let mut count = 0;
        for c in name.chars() {
            match is_plain_han(c) && count < chars.len() {
                true => chars[count] = simplified(c),
                // A name in Latin letters, or an odd one.
                false => return self.letters || self.digits || !name.is_ascii(),
            }
            count += 1;
        }
        let [first, second, third, fourth] = chars;
        if count < 2 {
            return false;
        }
        let heard = |c: char, next: char| match (sound(c), sound(next)) {
            (Some(this), Some(next)) => self.sound_pairs.contains(&(this, next)),
            (None, _) | (_, None) => false,
        };
        self.has(first, second)
            || self.has('姓', first)
            || self.titled.contains(&first)
            || count > 2 && self.has(second, third)
            || count > 3 && self.has(third, fourth)
            || !self.titled_sounds.is_empty() && sound(first).is_some_and(|sound| self.titled_sounds.contains(&sound))
            || !self.sound_pairs.is_empty() && heard(first, second)
            || !self.words.is_empty() && self.spells(first)
    }

    /// Tells whether a word begins or ends like a surname spelled in Latin letters.
    fn spells(&self, surname: char) -> bool {
        let spelled = spelling(surname.encode_utf8(&mut [0; 4]));
        spelled.is_some_and(|it| self.words.iter().any(|word| word.starts_with(&it) || word.ends_with(&it)))
    }

    fn hospital(&self, name: &str) -> bool {
        if name.chars().count() < 3 || !name.chars().all(is_plain_han) {
            return self.letters || !name.is_ascii();
        }
        // Every form is two characters or more, all of them the name's or these.
        let within = |c: char| HOSPITAL_CHARS.contains(&c) || name.chars().any(|own| simplified(own) == c);
        self.pairs.iter().any(|(one, next)| within(*one) && within(*next))
    }

    /// Tells whether two neighbouring characters of an address are said; spaces aside, which folding drops.
    fn place(&self, place: &str) -> bool {
        if !place.chars().any(is_han) {
            return self.letters || self.digits || !place.is_ascii();
        }
        let mut before = None;
        for c in place.chars().filter(|c| !c.is_whitespace()) {
            if !c.is_ascii() && !is_plain_han(c) {
                return true;
            }
            let c = if c.is_ascii() { c.to_ascii_lowercase() } else { simplified(c) };
            if before.replace(c).is_some_and(|before| self.has(before, c)) {
                return true;
            }
        }
        false
    }

    fn id_number(&self, speech: &Speech, id: &str) -> bool {
        let tail = id.len().checked_sub(4).and_then(|at| id.get(at..)).filter(|_| id.is_ascii());
        tail.is_none_or(|tail| self.digits && speech.text().contains(&tail.to_ascii_lowercase()))
    }

    fn has(&self, one: char, next: char) -> bool {
        let (word, bit) = hashed((one, next));
        self.pair_bits[word] & bit != 0 && self.pairs.binary_search(&(one, next)).is_ok()
    }
}

/// Tells whether folding changes a character at most from its traditional form.
fn is_plain_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

fn hashed((one, next): (char, char)) -> (usize, u64) {
    let mixed = (one as u32).wrapping_mul(0x9e37_79b1) ^ (next as u32).wrapping_mul(0x85eb_ca6b);
    (mixed as usize >> 30 & 3, 1 << (mixed >> 24 & 63))
}

#[cfg(test)]
mod tests {
    use super::super::hear::{Level, heard_whole};
    use super::*;

    const TEXTS: [&str; 23] = [
        "您好,需要贷款吗",
        "王女士您好,给宝宝拍满月照吗",
        "汪小姐您好",
        "我找姓王的",
        "请问是王晓燕吗",
        "请问是汪小燕吗",
        "晓燕姐在吗",
        "欧阳女士您好",
        "子轩宝宝满月了",
        "您在妇儿生的吧",
        "市妇幼出院的",
        "二院出院的宝宝",
        "南山区的产妇",
        "您住科技园路12号",
        "3栋502在吗",
        "11月2号生的",
        "恭喜您喜得贵子",
        "身份证尾号1234",
        "hello Ms Carter, about your baby",
        "you live on Maple Street?",
        "早教中心開業",
        "一直没人说话",
        "hello, is that Wang Xiaoyan?",
    ];

    #[test]
    fn what_can_be_heard_is_never_passed_over() {
        let names = [None, Some("王晓燕"), Some("欧阳静"), Some("Emily Carter"), Some("王　晓燕"), Some("王·晓燕")];
        let hospitals = [None, Some("深圳市妇女儿童医院"), Some("深圳市第二人民医院"), Some("Maple Women's Hospital")];
        let addresses = [
            None,
            Some("深圳市南山区科技园路１２号3栋502"),
            Some("南山区 科技园路 12号3-502"),
            Some("12 Maple Street, Boston"),
        ];
        let mut told = 0;
        for text in TEXTS {
            let speech = Speech::of(text);
            let clues = Clues::of(&speech);
            for (place, mother_name) in names.into_iter().cycle().take(48).enumerate() {
                let known = Known {
                    mother_name,
                    baby_name: (place % 5 == 0).then_some("王子轩"),
                    baby_sex: (place % 3 == 0).then_some("男"),
                    birth_date: (place % 7 == 0).then_some("2026-11-02"),
                    hospital: hospitals[place / 6 % 4],
                    address: addresses[place / 12 % 4],
                    district: (place % 2 == 0).then_some("南山区"),
                    id_number: (place % 11 == 0).then_some("440301199001011234"),
                    ..Known::default()
                };
                let heard = heard_whole(speech.clone(), false, &known);
                told += usize::from(heard.level > Level::Ring);
                assert!(heard.facts.is_empty() || clues.could_tell(&speech, &known), "{text} {known:?}");
            }
        }
        assert!(told > 100, "{told}");
    }

    #[test]
    fn a_text_that_has_nothing_to_do_with_a_persona_is_passed_over() {
        let known = Known {
            mother_name: Some("王晓燕"),
            baby_sex: Some("男"),
            birth_date: Some("2026-11-02"),
            hospital: Some("深圳市妇幼保健院"),
            address: Some("深圳市南山区科技园路12号"),
            ..Known::default()
        };
        for text in ["您好,需要贷款吗", "李女士您好,给宝宝拍满月照吗", "恭喜您喜得千金"] {
            let speech = Speech::of(text);
            assert!(!Clues::of(&speech).could_tell(&speech, &known), "{text}");
        }
    }
}
