//! Cutting a formula into tokens, only as far as its references need.
//!
//! What looks like a reference need not be one: `LOG10(` is a function, `Q1!` a sheet, `"A1"` a text, `T[A1]` a
//! table's column, `[1]A!A1` another book. Offsets are bytes of the unescaped text.

use std::ops::Range;

use super::moves::ROW_MAX;

/// The last column, `XFD`, counted from 0.
pub(super) const COLUMN_MAX: u32 = 16_383;

/// A piece of a formula and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) at: Range<usize>,
    pub(super) kind: TokenKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    Reference(Reference),
    /// A name directly in front of `(`.
    Function,
    Number,
    /// A text in double quotes.
    Text,
    /// An operator, bracket, separator or blank: one character.
    Mark,
    /// A defined name, an error value, a boolean, a table's column.
    Other,
}

/// A reference to cells, whole rows or whole columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) sheet: SheetName,
    pub(super) from: Corner,
    /// Nothing for a single cell.
    pub(super) to: Option<Corner>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SheetName {
    /// The sheet the formula stands on.
    Own,
    Named(String),
    /// All sheets from one to another (`Jan:Dec!B2`).
    Span(String, String),
    /// A sheet of another book.
    Foreign,
}

/// One corner of a reference; a missing row or column is "all of them".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Corner {
    pub(super) column: Option<Ordinate>,
    pub(super) row: Option<Ordinate>,
}

/// A row (from 1) or a column (from 0) and where its text stands, without a `$`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ordinate {
    pub(super) number: u32,
    pub(super) fixed: bool,
    pub(super) at: Range<usize>,
}

/// Cuts a formula (without a leading `=`) into tokens that cover all of it.
pub(super) fn tokens(formula: &str) -> Vec<Token> {
    let mut cutter = Cutter { text: formula, at: 0, found: Vec::new() };
    while cutter.at < formula.len() {
        cutter.next();
    }
    cutter.found
}

/// Reads a column's letters, from 0.
pub(super) fn column_number(letters: &str) -> Option<u32> {
    if letters.is_empty() || letters.len() > 3 || !letters.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let number = letters.bytes().fold(0, |sum, b| sum * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1) - 1;
    (number <= COLUMN_MAX).then_some(number)
}

/// Writes a column's letters, from 0.
pub(super) fn column_letters(number: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = number + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.iter().rev().map(|&b| char::from(b)).collect()
}

/// Reads a name such as `B12` (no `$`): column from 0 and row from 1.
pub(super) fn cell_name(name: &str) -> Option<(u32, u32)> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    Some((column_number(&name[..letters])?, row_number(&name[letters..])?))
}

fn row_number(digits: &str) -> Option<u32> {
    if digits.is_empty() || digits.len() > 7 || digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|&row| row <= ROW_MAX)
}

struct Cutter<'a> {
    text: &'a str,
    at: usize,
    found: Vec<Token>,
}

impl Cutter<'_> {
    fn next(&mut self) {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return };
        match first {
            '"' => self.push(quoted_len(rest, b'"'), TokenKind::Text),
            '\'' => self.sheet(quoted_len(rest, b'\'')),
            '[' => self.bracket(),
            '#' if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
                let word =
                    1 + rest[1..].bytes().take_while(|&b| b.is_ascii_alphanumeric() || b"/_".contains(&b)).count();
                let mark = usize::from(rest[word..].starts_with(['!', '?']));
                self.push(word + mark, TokenKind::Other);
            }
            // LibreOffice leaves the quotes off a sheet such as `6月`.
            '0'..='9' | '.' if !rest[word_len(rest)..].starts_with('!') => self.number_or_rows(),
            c if is_word(c) => self.word(),
            c => self.push(c.len_utf8(), TokenKind::Mark),
        }
    }

    fn push(&mut self, len: usize, kind: TokenKind) {
        self.found.push(Token { at: self.at..self.at + len, kind });
        self.at += len;
    }

    /// `[1]Sheet!A1` is another book; anything else in brackets is a table's column.
    fn bracket(&mut self) {
        let rest = &self.text[self.at..];
        let close = bracket_len(rest);
        let sheet = close + word_len(&rest[close..]);
        if sheet > close && rest[sheet..].starts_with('!') {
            return self.sheet(sheet);
        }
        self.push(close, TokenKind::Other);
    }

    fn number_or_rows(&mut self) {
        if let Some((from, to, len)) =
            corners(&self.text[self.at..], self.at).filter(|(from, ..)| from.column.is_none())
        {
            return self.push(len, TokenKind::Reference(Reference { sheet: SheetName::Own, from, to }));
        }
        let rest = &self.text.as_bytes()[self.at..];
        let plain = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let mut len = plain;
        if rest.get(len).is_some_and(|b| b.eq_ignore_ascii_case(&b'e')) {
            let sign = len + 1 + usize::from(matches!(rest.get(len + 1), Some(b'+' | b'-')));
            let digits = rest[sign.min(rest.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
            len = if digits > 0 { sign + digits } else { len };
        }
        self.push(len.max(1), TokenKind::Number);
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let len = word_len(rest);
        let after = &rest[len..];
        if after.starts_with('!') {
            return self.sheet(len);
        }
        let second = after.strip_prefix(':').map_or(0, word_len);
        if second > 0 && after[1 + second..].starts_with('!') && corners(&after[1..], 0).is_none_or(|c| c.2 != second) {
            return self.sheet(len + 1 + second);
        }
        if let Some((from, to, len)) = corners(rest, self.at) {
            return self.push(len, TokenKind::Reference(Reference { sheet: SheetName::Own, from, to }));
        }
        if after.starts_with('(') {
            return self.push(len, TokenKind::Function);
        }
        let column = if after.starts_with('[') { bracket_len(after) } else { 0 };
        self.push(len + column, TokenKind::Other);
    }

    /// Takes a sheet's name of `len` bytes, the `!` and what follows.
    fn sheet(&mut self, len: usize) {
        let rest = &self.text[self.at..];
        if !rest[len..].starts_with('!') {
            return self.push(len, TokenKind::Other);
        }
        let written = &rest[..len];
        let name = match written.strip_prefix('\'') {
            Some(inner) => inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'"),
            None => written.to_string(),
        };
        match corners(&rest[len + 1..], self.at + len + 1) {
            Some((from, to, more)) => {
                let sheet = match name.split_once(':') {
                    _ if name.contains('[') => SheetName::Foreign,
                    Some((first, last)) => SheetName::Span(first.to_string(), last.to_string()),
                    None => SheetName::Named(name),
                };
                self.push(len + 1 + more, TokenKind::Reference(Reference { sheet, from, to }));
            }
            None => self.push(len + 1 + word_len(&rest[len + 1..]), TokenKind::Other),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '\\' | '$' | '?') || !c.is_ascii()
}

fn word_len(text: &str) -> usize {
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

/// Measures a quoted piece; a doubled quote stays inside, a missing end takes all.
fn quoted_len(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) != Some(&quote) {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    text.len()
}

/// Measures a bracketed piece; `'` takes away the meaning of the next character.
fn bracket_len(text: &str) -> usize {
    let mut depth = 0;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\'' => escaped = true,
            '[' => depth += 1,
            ']' if depth == 1 => return at + 1,
            ']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Reads `A1`, `A1:B2`, `A:B` or `3:5` at the start of a text; `base` is added to the places.
fn corners(text: &str, base: usize) -> Option<(Corner, Option<Corner>, usize)> {
    let (from, len) = corner(text, base)?;
    let second = text[len..].strip_prefix(':').and_then(|rest| corner(rest, base + len + 1));
    match second {
        Some((to, more)) if from.row.is_some() == to.row.is_some() && from.column.is_some() == to.column.is_some() => {
            Some((from, Some(to), len + 1 + more))
        }
        _ if from.row.is_some() && from.column.is_some() => Some((from, None, len)),
        _ => None,
    }
}

/// Reads a whole word that is a corner and is neither a function nor a sheet.
fn corner(text: &str, base: usize) -> Option<(Corner, usize)> {
    let len = word_len(text);
    if text[len..].starts_with(['(', '!', '[']) {
        return None;
    }
    let word = &text[..len];
    let dollar = usize::from(word.starts_with('$'));
    let letters = word[dollar..].bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters == 0 {
        let number = row_number(&word[dollar..])?;
        let row = Ordinate { number, fixed: dollar == 1, at: base + dollar..base + len };
        return Some((Corner { column: None, row: Some(row) }, len));
    }
    let number = column_number(&word[dollar..dollar + letters])?;
    let end = dollar + letters;
    let column = Some(Ordinate { number, fixed: dollar == 1, at: base + dollar..base + end });
    if end == len {
        return Some((Corner { column, row: None }, len));
    }
    let digits = end + usize::from(word[end..].starts_with('$'));
    let number = row_number(&word[digits..])?;
    let row = Ordinate { number, fixed: digits > end, at: base + digits..base + len };
    Some((Corner { column, row: Some(row) }, len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn references(formula: &str) -> Vec<&str> {
        let is_reference = |token: &Token| matches!(token.kind, TokenKind::Reference(_));
        tokens(formula).into_iter().filter(is_reference).map(|token| &formula[token.at]).collect()
    }

    #[test]
    fn only_references_are_references() {
        for (formula, expected) in [
            ("SUM(K3:K52)+LOG10(A1)", vec!["K3:K52", "A1"]),
            ("COUNTIF('6月'!$H$3:$H$43,\"A1已签\")", vec!["'6月'!$H$3:$H$43"]),
            ("'it''s A1'!B2&\"say \"\"A1\"\"\"", vec!["'it''s A1'!B2"]),
            ("[1]A1!A1+'[2]B 1'!B1+Q1!C3", vec!["[1]A1!A1", "'[2]B 1'!B1", "Q1!C3"]),
            ("T1[A1]+T1[[#This Row],[A1:B2]]+[@A1]", vec![]),
            ("SUM(A:A,3:5,$3:$5,A3:INDEX(B:B,9))", vec!["A:A", "3:5", "$3:$5", "A3", "B:B"]),
            ("1.5E+10+1E5+2.0-A1^2", vec!["A1"]),
            ("#REF!+Sheet1!#REF!+IFERROR(A1,#N/A)", vec!["A1"]),
            ("XFE1+A1048577+A0+TRUE+_xlfn.A1.B2", vec![]),
            ("Jan:Mar!B2+SUM(一月:三月!B2)", vec!["Jan:Mar!B2", "一月:三月!B2"]),
            ("汇总!A1*数量+6月!B2:C3+11.20!D4", vec!["汇总!A1", "6月!B2:C3", "11.20!D4"]),
            ("A1#+@A2", vec!["A1", "A2"]),
        ] {
            assert_eq!(references(formula), expected, "{formula}");
        }
    }

    #[test]
    fn letters_and_numbers_of_columns_agree() {
        assert_eq!(column_number("XFD"), Some(COLUMN_MAX));
        assert_eq!(column_number("XFE"), None);
        for number in 0..=COLUMN_MAX {
            assert_eq!(column_number(&column_letters(number)), Some(number));
        }
    }

    proptest! {
        #[test]
        fn tokens_cover_any_text(formula in "[A-Za-z0-9$:!'\"\\[\\]#(),.+é月 ]{0,40}") {
            let mut at = 0;
            for token in tokens(&formula) {
                prop_assert_eq!(token.at.start, at);
                prop_assert!(token.at.end > at);
                at = token.at.end;
            }
            prop_assert_eq!(at, formula.len());
        }

        #[test]
        fn another_tokenizer_finds_the_same_references(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "A1", "$B$2", "K3:K52", "'6月'!H3:H43", "S!A$1", "A:A", "3:5", "\"A1\"", "12.5", "LOG10(A1)", "SUM(A1,B2)", "TRUE",
            ]), 1..6),
        ) {
            let formula = pieces.join("+");
            let with_sign = format!("={formula}");
            let stream = formualizer_parse::tokenizer::TokenStream::new(&with_sign).expect("a sound formula");
            let theirs: Vec<&str> = stream
                .spans
                .iter()
                .filter(|span| span.subtype == formualizer_parse::tokenizer::TokenSubType::Range)
                .map(|span| &with_sign[span.start..span.end])
                .collect();
            prop_assert_eq!(references(&formula), theirs);
        }
    }
}
