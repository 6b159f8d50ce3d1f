//! Places that a formula spells out as text or counts off from a cell: `INDIRECT`, `OFFSET`, `ADDRESS`.
//!
//! Nothing in such a formula can be shifted, so it either means the same without that (what it points to does not
//! move, or moves as its own row does) or the book is refused. What cannot be proved harmless is not.

use super::formula::{Corner, Reference, SheetName, Token, TokenKind, tokens};
use super::moves::Moves;
use super::reference::{Frame, Stand};
use super::strings::Strings;

/// Functions that count cells or find one among them, and what may stand around them.
const COUNTING: [&str; 9] = ["MATCH", "COUNT", "COUNTA", "COUNTIF", "ROWS", "MAX", "MIN", "IFERROR", "COLUMN"];

/// Whether a cell of the book may hold the name of a cell, as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addresses {
    Never,
    Perhaps,
}

impl Addresses {
    /// Looks through the shared texts; a book that has none may keep its texts anywhere.
    pub(super) fn among(texts: &Strings) -> Addresses {
        let names_rows = |text: &str| text.ends_with(|c: char| c.is_ascii_digit()) && whole_reference(text).is_some();
        let found = (0..texts.len()).filter_map(|index| texts.get(index)).any(names_rows);
        if found || texts.len() == 0 { Addresses::Perhaps } else { Addresses::Never }
    }
}

/// Where a formula stands among rows that move.
struct Place<'a> {
    frame: Frame<'a>,
    stand: Stand,
    formula: &'a str,
}

/// How many rows an argument says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    Fixed(i64),
    /// The formula's own row and so many more.
    Own(i64),
    /// Counted or found in ranges that begin where no row is put in.
    Counted,
    Unknown,
}

/// Finds the first function whose place would mean something else after the move.
pub(super) fn breaking<'a>(frame: &Frame<'_>, formula: &'a str, all: &[Token], stand: Stand) -> Option<&'a str> {
    if frame.moves.is_still() {
        return None;
    }
    let place = Place { frame: *frame, stand, formula };
    let function = |at: usize| {
        let token = all.get(at).filter(|token| token.kind == TokenKind::Function)?;
        let name = &formula[token.at.clone()];
        let arguments = || arguments(formula, &all[at + 1..]);
        let harmless = match name.to_ascii_uppercase().as_str() {
            "INDIRECT" => place.indirect(&arguments()),
            "OFFSET" => place.offset(&arguments()),
            "ADDRESS" => place.address(&arguments()),
            _ => true,
        };
        (!harmless).then_some(name)
    };
    (0..all.len()).find_map(function)
}

/// Cuts what stands between the brackets of a call at its commas; blanks are left out.
fn arguments<'a>(formula: &str, after: &'a [Token]) -> Vec<Vec<&'a Token>> {
    let mut found = vec![Vec::new()];
    let mut depth = 0;
    for token in after {
        match &formula[token.at.clone()] {
            "(" | "{" if depth == 0 => {
                depth = 1;
                continue;
            }
            "(" | "{" => depth += 1,
            ")" | "}" => depth -= 1,
            "," if depth == 1 => {
                found.push(Vec::new());
                continue;
            }
            blank if blank.trim().is_empty() => continue,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        found.last_mut().into_iter().for_each(|argument| argument.push(token));
    }
    found
}

/// Reads a text that is a reference and nothing else.
fn whole_reference(text: &str) -> Option<Reference> {
    match tokens(text).as_slice() {
        [Token { kind: TokenKind::Reference(reference), .. }] => Some(reference.clone()),
        _ => None,
    }
}

impl Place<'_> {
    fn text(&self, token: &Token) -> &str {
        &self.formula[token.at.clone()]
    }

    fn moves(&self) -> &Moves {
        self.frame.moves
    }

    /// Tells whether the formula's own row gets another number.
    fn moved(&self) -> bool {
        matches!(self.stand, Stand::Cell { old, new } if old != new)
    }

    fn own_row(&self) -> Option<u32> {
        match self.stand {
            Stand::Cell { old, .. } => Some(old),
            Stand::Rule | Stand::Place | Stand::Elsewhere => None,
        }
    }

    fn stays(&self, row: i64) -> bool {
        u32::try_from(row).is_ok_and(|row| self.moves().start(row) == row && self.moves().row(row) == Some(row))
    }

    fn indirect(&self, arguments: &[Vec<&Token>]) -> bool {
        let by_letters = arguments.get(1).is_none_or(|style| match style.as_slice() {
            [one] => matches!(self.text(one).to_ascii_uppercase().as_str(), "TRUE" | "1"),
            _ => false,
        });
        if !by_letters {
            return false;
        }
        let Some(argument) = arguments.first().filter(|argument| !argument.is_empty()) else { return true };
        if let [Token { kind: TokenKind::Reference(reference), .. }] = argument.as_slice()
            && reference.to.is_none()
        {
            return self.frame.addresses == Addresses::Never;
        }
        if argument.first().is_some_and(|first| self.text(first).eq_ignore_ascii_case("ADDRESS"))
            && argument.iter().all(|token| self.text(token) != "&")
        {
            return true;
        }
        self.spelt(argument)
    }

    /// Judges a text put together with `&`.
    fn spelt(&self, argument: &[&Token]) -> bool {
        let (mut text, mut own, mut known) = (String::new(), false, true);
        let parts: Vec<&[&Token]> = argument.split(|token| self.text(token) == "&").collect();
        for part in &parts {
            match (part, self.rows(part)) {
                ([one], _) if one.kind == TokenKind::Text => {
                    text.push_str(&self.text(one).trim_matches('"').replace("\"\"", "\""));
                }
                (_, Rows::Fixed(number)) => text.push_str(&number.to_string()),
                (_, Rows::Own(by)) => {
                    own = true;
                    text.push_str(&self.own_row().map_or(1, |row| i64::from(row) + by).max(1).to_string());
                }
                // What is counted from a row that stays has no fault; any row stands for it.
                (_, Rows::Counted) => text.push('1'),
                (_, Rows::Unknown) => {
                    known = false;
                    text.push('\u{1}');
                }
            }
        }
        if !known {
            return self.half_known(&text, argument);
        }
        let Some(reference) = whole_reference(&text) else { return true };
        if !self.frame.points_here(&reference, self.stand) {
            return !(own && self.moved());
        }
        let fits =
            |row: u32| self.stays(row.into()) || own && self.own_row().is_some_and(|own| row == own || row + 1 == own);
        self.corners(&reference, &fits)
    }

    /// Judges a text of which pieces are not known: a sheet is, or what stands after it, or it names no row.
    fn half_known(&self, text: &str, argument: &[&Token]) -> bool {
        if text.ends_with(|c: char| !c.is_ascii_digit() && c != '\u{1}') {
            return self.frame.addresses == Addresses::Never;
        }
        let Some((sheet, cells)) = text.rsplit_once('!') else { return false };
        if !sheet.contains('\u{1}') {
            let named = sheet.trim_matches('\'').replace("''", "'");
            return !self.frame.is_sheet(&named) && self.steady(argument);
        }
        whole_reference(cells).is_some_and(|reference| self.corners(&reference, &|row| self.stays(row.into())))
    }

    fn corners(&self, reference: &Reference, fits: &dyn Fn(u32) -> bool) -> bool {
        let fits = |corner: &Corner| corner.row.as_ref().is_none_or(|row| fits(row.number));
        fits(&reference.from) && reference.to.as_ref().is_none_or(fits)
    }

    fn offset(&self, arguments: &[Vec<&Token>]) -> bool {
        let (Some(base), Some(down)) = (arguments.first(), arguments.get(1)) else { return true };
        let [Token { kind: TokenKind::Reference(base), .. }] = base.as_slice() else { return false };
        if !self.frame.points_here(base, self.stand) {
            return base.sheet == SheetName::Foreign || arguments[1..].iter().all(|argument| self.steady(argument));
        }
        let height = arguments.get(3).filter(|height| !height.is_empty()).map(|height| self.rows(height));
        let down = self.rows(down);
        let Some(first) = &base.from.row else { return down == Rows::Fixed(0) && height.is_none() };
        let last = base.to.as_ref().and_then(|to| to.row.as_ref()).unwrap_or(first);
        let (low, high) = (i64::from(first.number.min(last.number)), i64::from(first.number.max(last.number)));
        match (down, height) {
            (Rows::Fixed(0), None) => true,
            (Rows::Fixed(-1), None | Some(Rows::Fixed(1))) if low == high && !first.fixed && self.is_own(low) => true,
            (Rows::Fixed(down), None) => self.together((low, low + down), high - low),
            (Rows::Fixed(down), Some(Rows::Fixed(height))) => self.together((low, low + down), height - 1),
            (Rows::Fixed(down), Some(Rows::Counted)) => self.stays(low) && self.stays(low + down),
            (Rows::Counted, None | Some(Rows::Fixed(1) | Rows::Counted)) => low == high && self.stays(low),
            (Rows::Own(by), None | Some(Rows::Fixed(1))) => {
                low == high && self.stays(low) && matches!(low + by, -1 | 0)
            }
            (Rows::Fixed(_) | Rows::Own(_) | Rows::Counted | Rows::Unknown, _) => false,
        }
    }

    fn is_own(&self, row: i64) -> bool {
        self.own_row().is_some_and(|own| i64::from(own) == row)
    }

    /// Tells whether a cell and the rows counted off from it move by the same amount, and nothing comes between those.
    fn together(&self, (base, from): (i64, i64), more: i64) -> bool {
        let row = |row: i64| u32::try_from(row).ok().filter(|&row| row > 0);
        let (Some(base), Some(from), Some(to)) = (row(base), row(from), row(from + more)) else { return false };
        let by = |row: u32| self.moves().row(row).map(|new| i64::from(new) - i64::from(row));
        by(base).is_some() && by(base) == by(from) && by(from) == by(to)
    }

    fn address(&self, arguments: &[Vec<&Token>]) -> bool {
        let sheet = arguments.get(4).filter(|sheet| !sheet.is_empty());
        let here = match sheet.map(Vec::as_slice) {
            None => self.stand != Stand::Elsewhere,
            Some([one]) if one.kind == TokenKind::Text => self.frame.is_sheet(self.text(one).trim_matches('"')),
            Some(_) => true,
        };
        match self.rows(arguments.first().map_or(&[], Vec::as_slice)) {
            Rows::Fixed(row) => !here || self.stays(row),
            Rows::Own(by) => here && self.own_row().is_some() && matches!(by, -1 | 0) || !self.moved() && !here,
            Rows::Counted => true,
            Rows::Unknown => false,
        }
    }

    /// Tells whether an argument says the same wherever rows go: nothing in it counts rows of the sheet that moves.
    fn steady(&self, argument: &[&Token]) -> bool {
        argument.iter().all(|token| match &token.kind {
            TokenKind::Reference(reference) => reference.to.is_none() || !self.frame.points_here(reference, self.stand),
            TokenKind::Function => !self.text(token).eq_ignore_ascii_case("ROW") || !self.moved(),
            TokenKind::Number | TokenKind::Text | TokenKind::Mark | TokenKind::Other => true,
        })
    }

    /// Reads a count of rows: a sum of whole numbers and `ROW()`, or what [`COUNTING`] functions find.
    fn rows(&self, argument: &[&Token]) -> Rows {
        self.sum(argument).unwrap_or_else(|| if self.is_counted(argument) { Rows::Counted } else { Rows::Unknown })
    }

    fn sum(&self, argument: &[&Token]) -> Option<Rows> {
        let (mut sum, mut own, mut sign, mut rest) = (0i64, 0i64, 1i64, argument);
        while let Some((first, more)) = rest.split_first() {
            rest = more;
            match (&first.kind, self.text(first)) {
                (TokenKind::Mark, "+") => sign = 1,
                (TokenKind::Mark, "-") => sign = -1,
                (TokenKind::Number, number) => sum += sign * number.parse::<i64>().ok()?,
                (TokenKind::Function, name) if name.eq_ignore_ascii_case("ROW") => {
                    let close = rest.iter().position(|token| self.text(token) == ")")?;
                    let is_own = match &rest[1..close] {
                        [] => true,
                        [Token { kind: TokenKind::Reference(reference), .. }] => {
                            let row = reference.from.row.as_ref().filter(|row| !row.fixed);
                            self.frame.points_here(reference, self.stand)
                                && row.is_some_and(|row| self.is_own(row.number.into()))
                        }
                        _ => false,
                    };
                    own += is_own.then_some(sign)?;
                    rest = &rest[close + 1..];
                }
                _ => return None,
            }
        }
        match own {
            0 => Some(Rows::Fixed(sum)),
            1 => Some(Rows::Own(sum)),
            _ => None,
        }
    }

    fn is_counted(&self, argument: &[&Token]) -> bool {
        let (mut depth, mut counts) = (0, false);
        for token in argument {
            let sound = match &token.kind {
                TokenKind::Function => {
                    counts = true;
                    COUNTING.contains(&self.text(token).to_ascii_uppercase().as_str())
                }
                TokenKind::Reference(reference) => {
                    let start = reference.from.row.as_ref().filter(|_| reference.to.is_some());
                    let here = self.frame.points_here(reference, self.stand);
                    depth > 0 && start.is_none_or(|row| !here || self.moves().start(row.number) == row.number)
                }
                TokenKind::Mark => {
                    depth += match self.text(token) {
                        "(" => 1,
                        ")" => -1,
                        _ => 0,
                    };
                    true
                }
                TokenKind::Number | TokenKind::Text => true,
                TokenKind::Other => depth > 0,
            };
            if !sound {
                return false;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows go in before 10 and 20 of sheet `6月`, whose list begins at row 3.
    fn broken(formula: &str, stand: Stand, addresses: Addresses) -> bool {
        let moves = Moves::putting_in(vec![10, 20], 3);
        let order = ["6月".to_string(), "字典".to_string()];
        let frame = Frame { moves: &moves, sheet: "6月", order: &order, addresses };
        breaking(&frame, formula, &tokens(formula), stand).is_some()
    }

    const IN_ROW_12: Stand = Stand::Cell { old: 12, new: 13 };

    #[test]
    fn places_that_stay_or_go_with_their_row_are_harmless() {
        for formula in [
            "INDIRECT(\"B2\")",
            "INDIRECT(\"A:A\")",
            "INDIRECT(\"字典!B99\")",
            "INDIRECT(\"全部\")",
            "INDIRECT(\"T1[姓名]\")",
            "SUM(INDIRECT(\"B2:B9\"),B10)",
            "INDIRECT(\"B\"&ROW())",
            "INDIRECT(\"B\"&ROW()-1)+1",
            "SUM(INDIRECT(\"B3:B\"&ROW(A12)))",
            "INDIRECT(\"'\"&A12&\"'!B2\")",
            "INDIRECT(\"字典!B\"&MATCH(B12,字典!A:A,0))",
            "INDIRECT(\"B\"&MATCH(B12,A:A,0))",
            "INDIRECT(ADDRESS(ROW(),3))",
            "SUBSTITUTE(ADDRESS(1,COLUMN(),4),\"1\",\"\")",
            "ADDRESS(99,3,1,1,\"字典\")",
            "OFFSET(B12,0,1)",
            "OFFSET(B12,-1,0)+1",
            "OFFSET($B$14,3,0)",
            "OFFSET($A$1,0,0,COUNTA($A:$A),3)",
            "OFFSET('6月'!$A$2,1,0,COUNTA('6月'!$A:$A)-2,1)",
            "OFFSET($A$1,MATCH(B12,$A:$A,0)-1,2)",
            "OFFSET(字典!$A$1,MATCH(B12,字典!A:A,0),99)",
            "OFFSET($B$1,ROW()-1,0)",
            "CELL(\"address\",B12)&\"INDIRECT(A99)\"",
        ] {
            assert!(!broken(formula, IN_ROW_12, Addresses::Perhaps), "{formula}");
        }
        assert!(!broken("INDIRECT($D12)", Stand::Rule, Addresses::Never));
        assert!(!broken("INDIRECT($D12&\"_市\")", Stand::Rule, Addresses::Never));
        assert!(!broken("INDIRECT(\"B12\")+OFFSET(A5,99,0)", Stand::Elsewhere, Addresses::Perhaps));
    }

    #[test]
    fn places_that_would_be_others_are_found() {
        for formula in [
            "INDIRECT(\"B12\")",
            "SUM(INDIRECT(\"B3:B30\"))",
            "INDIRECT(\"R2C2\",FALSE)",
            "INDIRECT(\"'6月'!B12\")",
            "INDIRECT(\"B\"&ROW()+1)",
            "INDIRECT(\"字典!B\"&ROW())",
            "INDIRECT(\"B\"&A1)",
            "INDIRECT($D12)",
            "INDIRECT(\"'\"&A12&\"'!B12\")",
            "ADDRESS(12,3)",
            "ADDRESS(A1,3)",
            "OFFSET($B$9,3,0)",
            "OFFSET(B12,1,0,9,1)",
            "OFFSET($A$1,0,0,30,3)",
            "OFFSET($A$12,0,0,COUNTA($A:$A),3)",
            "OFFSET($A$1,B12,0)",
            "OFFSET($A$1,MATCH(B12,$A$12:$A$30,0),2)",
            "OFFSET(字典!$A$1,ROW()-1,0)",
            "OFFSET(起点,1,0)",
            "SUM(1,OFFSET(INDIRECT(\"B2\"),1,0))",
        ] {
            assert!(broken(formula, IN_ROW_12, Addresses::Perhaps), "{formula}");
        }
        assert!(broken("INDIRECT(\"'6月'!B12\")", Stand::Elsewhere, Addresses::Never));
        assert!(broken("OFFSET('6月'!B9,3,0)", Stand::Elsewhere, Addresses::Never));
    }
}
