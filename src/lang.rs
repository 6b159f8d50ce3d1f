//! The two languages the program speaks.
//!
//! An error says what happened in English through `Display` and in Chinese through [`Speak::zh`];
//! what to do about it comes apart, as a [`Pair`], because only the command line shows it.

/// A language for messages and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    #[default]
    En,
    Zh,
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub en: String,
    pub zh: String,
}

impl Pair {
    /// Puts the two wordings of one text together.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Pair {
        Pair { en: en.into(), zh: zh.into() }
    }

    /// Gives the wording in `lang`.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// Writes a count before its English noun, and the verb that goes with it: `1 hit is`, `2 hits are`.
pub fn with_noun(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Tells whether a character cannot be seen, or turns what stands beside it around: controls, joiners, marks of direction,
/// tags, and variants of a sign. Line ends and tabs are among them.
pub fn is_unseen(c: char) -> bool {
    let is_format = matches!(u32::from(c),
        0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
        | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF);
    c.is_control() || is_format
}

/// Writes a character by its number: `[U+202E]`.
pub fn by_number(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}

/// An error that can be told to a person in either language.
pub trait Speak: std::error::Error {
    /// Says in Chinese what `Display` says in English.
    fn zh(&self) -> String;

    /// Says what the person at the keyboard can do about it, if anything.
    fn hint(&self) -> Option<Pair>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_known_and_what_can_is_not() {
        for c in [
            '\u{202E}',
            '\u{2067}',
            '\u{200B}',
            '\u{200D}',
            '\u{FEFF}',
            '\u{AD}',
            '\u{7}',
            '\u{E0041}',
            '\u{3164}',
            '\u{FE0F}',
        ] {
            assert!(is_unseen(c), "{}", by_number(c));
        }
        assert!("市妇幼 Élodie (1)·😀—".chars().all(|c| !is_unseen(c)));
        assert_eq!((by_number('\u{7}'), by_number('😀')), ("[U+0007]".to_string(), "[U+1F600]".to_string()));
    }
}
