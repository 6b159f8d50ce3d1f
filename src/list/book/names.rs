//! Defined names, put in place of themselves so that what a formula depends on can be seen.

use std::borrow::Cow;
use std::collections::HashMap;

use super::formula::{TokenKind, tokens};
use super::markup::replaced;

/// How deep a name may stand for other names.
const DEPTH_MAX: usize = 4;

/// The defined names of a book, in lower case, with the sheet they are limited to, if any.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<(String, Option<usize>), String>,
}

impl Names {
    /// Adds a name and what it stands for.
    pub(super) fn add(&mut self, name: &str, sheet: Option<usize>, text: &str) {
        self.known.insert((name.to_lowercase(), sheet), text.to_string());
    }

    /// Writes a formula of a sheet with its names spelt out; only for looking at, it may be longer than Excel allows.
    pub(super) fn spelt_out<'a>(&self, formula: &'a str, sheet: usize) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(formula);
        for _ in 0..DEPTH_MAX {
            if self.known.is_empty() || text.len() > 8_192 {
                break;
            }
            let edits: Vec<_> = tokens(&text)
                .into_iter()
                .filter(|token| token.kind == TokenKind::Other)
                .filter_map(|token| {
                    let name = text[token.at.clone()].to_lowercase();
                    let found =
                        self.known.get(&(name.clone(), Some(sheet))).or_else(|| self.known.get(&(name, None)))?;
                    Some((token.at, found.clone()))
                })
                .collect();
            if edits.is_empty() {
                break;
            }
            text = Cow::Owned(replaced(&text, &edits));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_out_for_their_sheet() {
        let mut names = Names::default();
        names.add("全部", None, "'6月'!$B$3:$B$32");
        names.add("Rate", Some(1), "A1");
        names.add("rate", None, "Rate2*2");
        names.add("Rate2", None, "B1");
        assert_eq!(names.spelt_out("COUNTA(全部)*RATE&\"rate\"", 1), "COUNTA('6月'!$B$3:$B$32)*A1&\"rate\"");
        assert_eq!(names.spelt_out("rate+rate(1)", 0), "B1*2+rate(1)");
    }
}
