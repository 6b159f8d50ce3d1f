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

/// An error that can be told to a person in either language.
pub trait Speak: std::error::Error {
    /// Says in Chinese what `Display` says in English.
    fn zh(&self) -> String;

    /// Says what the person at the keyboard can do about it, if anything.
    fn hint(&self) -> Option<Pair>;
}
