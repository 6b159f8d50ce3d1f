//! Formulas whose value changes by an exact amount when rows come or go: sums of counts, sums, cells, row numbers.
//!
//! Anything else is not linear: its value is not guessed.

use super::formula::{Reference, Token, TokenKind, tokens};
use super::markup::unescape;

/// A term and its sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub(super) sign: i64,
    pub(super) what: What,
}

/// What a term is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Constant(Option<i64>),
    Cell(Reference),
    /// `ROW()` or `ROW(A3)`.
    Row(Option<Reference>),
    Count(Vec<Reference>),
    CountFilled(Vec<Reference>),
    CountEqual(Reference, String),
    Sum(Vec<Reference>),
}

/// Takes a formula apart; nothing when it is not linear.
pub(super) fn terms(formula: &str) -> Option<Vec<Term>> {
    let all: Vec<Token> =
        tokens(formula).into_iter().filter(|token| !formula[token.at.clone()].trim().is_empty()).collect();
    let mut rest = all.as_slice();
    let mut found = Vec::new();
    let mark = |rest: &[Token]| rest.first().map(|token| formula[token.at.clone()].to_string());
    let mut sign = 1;
    if let Some(first) = mark(rest).filter(|first| first == "-" || first == "+") {
        sign = if first == "-" { -1 } else { 1 };
        rest = &rest[1..];
    }
    loop {
        let (what, used) = term(formula, rest)?;
        found.push(Term { sign, what });
        rest = &rest[used..];
        match mark(rest).as_deref() {
            None => return Some(found),
            Some("+") => sign = 1,
            Some("-") => sign = -1,
            Some(_) => return None,
        }
        rest = &rest[1..];
    }
}

fn term(formula: &str, rest: &[Token]) -> Option<(What, usize)> {
    let first = rest.first()?;
    match &first.kind {
        TokenKind::Number => Some((What::Constant(formula[first.at.clone()].parse().ok()), 1)),
        TokenKind::Reference(reference) if reference.to.is_none() => Some((What::Cell(reference.clone()), 1)),
        TokenKind::Function => {
            let close = rest.iter().position(|token| &formula[token.at.clone()] == ")")?;
            let what = call(&formula[first.at.clone()], formula, &rest[2..close])?;
            Some((what, close + 1))
        }
        TokenKind::Reference(_) | TokenKind::Text | TokenKind::Mark | TokenKind::Other => None,
    }
}

fn call(name: &str, formula: &str, inside: &[Token]) -> Option<What> {
    let is_comma = |token: &Token| &formula[token.at.clone()] == ",";
    let arguments: Vec<&[Token]> = inside.split(is_comma).collect();
    let reference = |argument: &[Token]| match argument {
        [Token { kind: TokenKind::Reference(reference), .. }] => Some(reference.clone()),
        _ => None,
    };
    let references = || arguments.iter().map(|argument| reference(argument)).collect::<Option<Vec<_>>>();
    match (name.to_ascii_uppercase().as_str(), arguments.as_slice()) {
        ("ROW", [[]]) => Some(What::Row(None)),
        ("ROW", [argument]) => Some(What::Row(Some(reference(argument)?))),
        ("COUNT", _) => Some(What::Count(references()?)),
        ("COUNTA", _) => Some(What::CountFilled(references()?)),
        ("SUBTOTAL", [[kind], ranges @ ..]) => {
            let ranges = ranges.iter().map(|argument| reference(argument)).collect::<Option<Vec<_>>>()?;
            match &formula[kind.at.clone()] {
                "2" | "102" => Some(What::Count(ranges)),
                "3" | "103" => Some(What::CountFilled(ranges)),
                "9" | "109" => Some(What::Sum(ranges)),
                _ => None,
            }
        }
        ("SUM", _) => Some(What::Sum(references()?)),
        ("COUNTIF", [range, [wanted]]) => {
            let written = &formula[wanted.at.clone()];
            let wanted = match wanted.kind {
                TokenKind::Text => written.trim_matches('"').to_string(),
                TokenKind::Number => written.to_string(),
                _ => return None,
            };
            let plain = !wanted.is_empty() && !wanted.contains(['*', '?', '~', '"', '<', '>', '=']);
            plain
                .then(|| reference(range).map(|range| What::CountEqual(range, unescape(&wanted).into_owned())))
                .flatten()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_counts_and_cells_are_linear_and_nothing_else_is() {
        for formula in [
            "ROW()-2",
            "A3+1",
            "COUNTA(B3:B9)-COUNTIF(H3:H9,\"已签\")",
            "SUM(K3:K9,L3:L9)+'6月'!B4",
            "-A1",
            "SUBTOTAL(103,B$3:B9)",
        ] {
            assert!(terms(formula).is_some(), "{formula}");
        }
        for formula in [
            "AVERAGE(K3:K9)",
            "A1*2",
            "(A1+B1)",
            "IF(A1,1,2)",
            "COUNTIF(H3:H9,\">3\")",
            "COUNTIF(H3:H9,A1)",
            "A1&B1",
            "SUM(A1:A3*2)",
            "A1:A3",
            "SUM(",
            "SUBTOTAL(1,K3:K9)",
            "",
        ] {
            assert_eq!(terms(formula), None, "{formula}");
        }
    }

    #[test]
    fn terms_carry_their_signs() {
        let signs: Vec<i64> = terms("-A1+B1-3").expect("linear").iter().map(|term| term.sign).collect();
        assert_eq!(signs, [-1, 1, -1]);
    }
}
