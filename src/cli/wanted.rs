//! What values of options must be, told in both languages; clap says in front which value of which option it was.

use std::fmt;

use crate::lang::Speak;

/// Says what is wanted in the place of a value that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    en: String,
    zh: String,
}

impl Wanted {
    /// Says what is wanted: `a price` and `价格`.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Wanted {
        Wanted { en: format!("{} is wanted", en.into()), zh: format!("须为{}", zh.into()) }
    }

    /// Says what an error says.
    pub fn said(error: &impl Speak) -> Wanted {
        Wanted { en: error.to_string(), zh: error.zh() }
    }

    /// Says it in Chinese.
    pub fn zh(&self) -> &str {
        &self.zh
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Wanted {}

/// Reads a count of at least one.
pub fn positive(text: &str) -> Result<usize, Wanted> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        Ok(_) | Err(_) => Err(Wanted::new("a whole number of at least 1", "不小于 1 的整数")),
    }
}

/// Reads a count, which may be none.
pub fn whole(text: &str) -> Result<usize, Wanted> {
    text.parse().map_err(|_| Wanted::new("a whole number", "整数"))
}

/// Reads a share of a whole.
pub fn share(text: &str) -> Result<f64, Wanted> {
    number(text, |share| share > 0.0 && share <= 1.0, ("a number above 0 and at most 1", "大于 0、不大于 1 的数"))
}

/// Reads a number that fits, or says in English and Chinese what is wanted.
pub fn number(text: &str, fits: impl Fn(f64) -> bool, (en, zh): (&str, &str)) -> Result<f64, Wanted> {
    match text.parse() {
        Ok(number) if fits(number) => Ok(number),
        Ok(_) | Err(_) => Err(Wanted::new(en, zh)),
    }
}
