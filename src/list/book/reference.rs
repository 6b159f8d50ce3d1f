//! Rewriting the references of a formula when rows move, or when the formula is copied to another cell.
//!
//! A relative reference to the row directly above stays one: in a column filled down with `=A3+1` the row
//! below a new row must count on from the new row. So does one to the formula's own row, also where a range
//! begins there in the first data row. That is what makes it invertible, too.

use std::ops::Range;

use super::error::BookError;
use super::formula::{COLUMN_MAX, Corner, Ordinate, Reference, SheetName, TokenKind, column_letters, tokens};
use super::markup::{Plain, replaced};
use super::moves::{Moves, ROW_MAX};
use super::shared_formula::Area;
use super::spelt::{Addresses, breaking};

/// New texts for ranges of a formula, in order.
pub(super) type Edits = Vec<(Range<usize>, String)>;

/// What moves: rows of one sheet among the sheets of the book, in tab order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) moves: &'a Moves,
    pub(super) sheet: &'a str,
    pub(super) order: &'a [String],
    pub(super) addresses: Addresses,
}

/// Where a formula stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// In a cell of the sheet whose rows move: its old row and its new one.
    Cell { old: u32, new: u32 },
    /// In a rule of that sheet (validation, conditional format), relative to its range's first cell.
    Rule,
    /// Not a formula but a place on that sheet (a merged range, a filter).
    Place,
    /// Somewhere else in the book.
    Elsewhere,
}

impl Frame<'_> {
    /// Tells whether a name means the sheet whose rows move.
    pub(super) fn is_sheet(&self, name: &str) -> bool {
        name == self.sheet || name.to_lowercase() == self.sheet.to_lowercase()
    }

    /// Tells whether a reference of a formula at `stand` points to the sheet whose rows move.
    pub(super) fn points_here(&self, reference: &Reference, stand: Stand) -> bool {
        match &reference.sheet {
            SheetName::Own => stand != Stand::Elsewhere,
            SheetName::Named(name) => self.is_sheet(name),
            SheetName::Span(..) | SheetName::Foreign => false,
        }
    }

    /// Gives the new place of a block whose first cell speaks for all: merged cells, a shared formula's range.
    pub(super) fn moved_block(&self, area: Area) -> Area {
        let from = self.moves.row(area.rows.0).unwrap_or_else(|| self.moves.start(area.rows.0));
        Area { rows: (from, self.moves.end(area.rows.1).max(from)), ..area }
    }

    /// Works out how a formula reads after the move.
    pub(super) fn shift(&self, formula: &str, stand: Stand, part: &str) -> Result<Edits, BookError> {
        let mut edits = Edits::new();
        let all = tokens(formula);
        if let Some(function) = breaking(self, formula, &all, stand) {
            return Err(BookError::SpeltPlace { place: part.to_string(), function: function.to_ascii_uppercase() });
        }
        for token in all {
            let TokenKind::Reference(reference) = token.kind else { continue };
            if self.points_here(&reference, stand) {
                self.shift_one(&reference, stand, &token.at, &mut edits);
            } else if self.spans_here(&reference) {
                return Err(BookError::AcrossSheets { part: part.to_string(), sheet: self.sheet.to_string() });
            }
        }
        Ok(edits)
    }

    /// Rewrites the raw text of a formula or place; nothing when it stays as it is.
    pub(super) fn shift_raw(&self, raw: &str, stand: Stand, part: &str) -> Result<Option<String>, BookError> {
        if !raw.bytes().any(|b| b.is_ascii_digit() || b == b'(') {
            return Ok(None);
        }
        let plain = Plain::new(raw);
        let edits = self.shift(&plain.text, stand, part)?;
        Ok((!edits.is_empty()).then(|| replaced(raw, &plain.raw_edits(edits))))
    }

    /// Tells whether a reference goes through this sheet on its way from one sheet to another, over rows that move.
    fn spans_here(&self, reference: &Reference) -> bool {
        let SheetName::Span(first, last) = &reference.sheet else { return false };
        let place = |name: &str| self.order.iter().position(|sheet| sheet.to_lowercase() == name.to_lowercase());
        let (Some(first), Some(last), Some(here)) = (place(first), place(last), place(self.sheet)) else {
            return false;
        };
        let moved =
            |corner: &Corner| corner.row.as_ref().is_some_and(|row| self.moves.row(row.number) != Some(row.number));
        (first.min(last)..=first.max(last)).contains(&here)
            && (moved(&reference.from) || reference.to.as_ref().is_some_and(moved))
    }

    fn shift_one(&self, reference: &Reference, stand: Stand, whole: &Range<usize>, edits: &mut Edits) {
        let Some(from) = &reference.from.row else { return };
        let gone = |edits: &mut Edits| match stand {
            Stand::Place => renumber(from, self.moves.start(from.number), edits),
            Stand::Cell { .. } | Stand::Rule | Stand::Elsewhere => edits.push((whole.clone(), "#REF!".to_string())),
        };
        let Some(to) = reference.to.as_ref().and_then(|corner| corner.row.as_ref()) else {
            let row = beside(from, stand).or_else(|| match stand {
                Stand::Rule if !from.fixed => Some(self.moves.start(from.number)),
                Stand::Rule | Stand::Cell { .. } | Stand::Place | Stand::Elsewhere => self.moves.row(from.number),
            });
            return match row {
                Some(row) => renumber(from, row, edits),
                None => gone(edits),
            };
        };
        let (low, high) = if from.number <= to.number { (from, to) } else { (to, from) };
        let Some((mut start, mut end)) = self.moves.range(low.number, high.number) else {
            return gone(edits);
        };
        start = beside(low, stand).unwrap_or(start);
        end = beside(high, stand).unwrap_or(end);
        let (first, second) = if from.number <= to.number { (start, end) } else { (end, start) };
        renumber(from, first, edits);
        renumber(to, second, edits);
    }
}

/// Keeps a relative reference to its cell's own row or to the row directly above.
fn beside(row: &Ordinate, stand: Stand) -> Option<u32> {
    match stand {
        Stand::Cell { old, new } if !row.fixed && row.number == old => Some(new),
        Stand::Cell { old, new } if !row.fixed && row.number + 1 == old => new.checked_sub(1),
        Stand::Cell { .. } | Stand::Rule | Stand::Place | Stand::Elsewhere => None,
    }
}

fn renumber(row: &Ordinate, number: u32, edits: &mut Edits) {
    if number != row.number {
        edits.push((row.at.clone(), number.to_string()));
    }
}

/// Works out how a formula reads when it is copied `down` rows and `right` columns.
pub(super) fn copied(formula: &str, down: i64, right: i64) -> Edits {
    let mut edits = Edits::new();
    for token in tokens(formula) {
        let TokenKind::Reference(reference) = token.kind else { continue };
        let before = edits.len();
        let corners = std::iter::once(&reference.from).chain(&reference.to);
        let kept =
            corners.clone().all(|corner| {
                corner.column.as_ref().is_none_or(|column| {
                    copy_one(column, right, 0..=i64::from(COLUMN_MAX), &mut edits, &column_letters)
                }) && corner.row.as_ref().is_none_or(|row| {
                    copy_one(row, down, 1..=i64::from(ROW_MAX), &mut edits, &|number| number.to_string())
                })
            });
        if !kept {
            edits.truncate(before);
            edits.push((token.at, "#REF!".to_string()));
        }
    }
    edits
}

fn copy_one(
    ordinate: &Ordinate,
    by: i64,
    bounds: std::ops::RangeInclusive<i64>,
    edits: &mut Edits,
    write: &dyn Fn(u32) -> String,
) -> bool {
    let number = i64::from(ordinate.number) + by;
    if ordinate.fixed || by == 0 {
        return true;
    }
    let inside = bounds.contains(&number);
    if inside {
        edits.push((ordinate.at.clone(), write(number as u32)));
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shifted(formula: &str, moves: &Moves, stand: Stand) -> String {
        let order = ["汇总".to_string(), "6月".to_string(), "7月".to_string()];
        let frame = Frame { moves, sheet: "6月", order: &order, addresses: Addresses::Never };
        replaced(formula, &frame.shift(formula, stand, "x").expect("no span"))
    }

    #[test]
    fn references_below_a_new_row_move_and_others_stay() {
        let moves = Moves::putting_in(vec![10, 20], 3);
        let total = Stand::Cell { old: 53, new: 55 };
        for (formula, expected) in [
            ("SUM(K3:K52)", "SUM(K3:K54)"),
            ("$A$10+A$9+A20", "$A$11+A$9+A22"),
            ("'7月'!A10+'6月'!A10+汇总!A99", "'7月'!A10+'6月'!A11+汇总!A99"),
            ("SUM(A:A)+SUM(10:20)+\"A10\"", "SUM(A:A)+SUM(11:22)+\"A10\""),
            ("K52*2", "K54*2"),
            ("SUM(A20:A3)", "SUM(A22:A3)"),
        ] {
            assert_eq!(shifted(formula, &moves, total), expected, "{formula}");
        }
        assert_eq!(shifted("A10+'6月'!A10", &moves, Stand::Elsewhere), "A10+'6月'!A11");
    }

    #[test]
    fn a_column_filled_down_counts_on_from_the_new_row() {
        let moves = Moves::putting_in(vec![10], 3);
        assert_eq!(shifted("A9+1", &moves, Stand::Cell { old: 10, new: 11 }), "A10+1");
        assert_eq!(shifted("A$9+1", &moves, Stand::Cell { old: 10, new: 11 }), "A$9+1");
    }

    #[test]
    fn a_range_from_the_own_row_goes_with_the_row() {
        let moves = Moves::putting_in(vec![3], 3);
        let own = Stand::Cell { old: 3, new: 4 };
        assert_eq!(shifted("SUM($C3:D4)-SUM(C$3:D4)", &moves, own), "SUM($C4:D5)-SUM(C$3:D5)");
    }

    #[test]
    fn a_sum_over_sheets_is_refused_when_its_rows_move() {
        let moves = Moves::putting_in(vec![10], 3);
        let order = ["1月".to_string(), "6月".to_string(), "7月".to_string()];
        let frame = Frame { moves: &moves, sheet: "6月", order: &order, addresses: Addresses::Never };
        assert!(frame.shift("SUM('1月:7月'!B12)", Stand::Elsewhere, "x").is_err());
        assert!(frame.shift("SUM('1月:7月'!B2)", Stand::Elsewhere, "x").is_ok());
    }

    #[test]
    fn a_copy_moves_relative_references_only() {
        let copy = |formula: &str, down, right| replaced(formula, &copied(formula, down, right));
        assert_eq!(copy("A3+$A$3+A$3+$A3+S!B2", 2, 1), "B5+$A$3+B$3+$A5+S!C4");
        assert_eq!(copy("A1", -1, 0), "#REF!");
        assert_eq!(copy("SUM(A1:B2)", 0, -1), "SUM(#REF!)");
    }

    proptest! {
        #[test]
        fn taking_out_restores_every_formula(
            mut before in prop::collection::vec(3u32..40, 0..8),
            rows in prop::collection::vec((1u32..50, 0u32..20, prop::bool::ANY, prop::bool::ANY), 1..4),
            old in 1u32..50,
        ) {
            before.sort_unstable();
            let put = Moves::putting_in(before.clone(), 3);
            let taken = Moves::taking_out(before.iter().enumerate().map(|(i, &at)| at + i as u32).collect());
            let dollar = |fixed| if fixed { "$" } else { "" };
            let pieces: Vec<String> = rows
                .iter()
                .map(|&(row, long, a, b)| match long {
                    0 => format!("B{}{row}", dollar(a)),
                    long => format!("SUM($C{}{row}:D{}{})", dollar(a), dollar(b), row + long),
                })
                .collect();
            let formula = pieces.join("-");
            let new = put.row(old).expect("putting in loses nothing");
            let there = shifted(&formula, &put, Stand::Cell { old, new });
            prop_assert_eq!(shifted(&there, &taken, Stand::Cell { old: new, new: old }), formula);
        }
    }
}
