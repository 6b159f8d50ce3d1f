//! What becomes of the values that formulas keep, when rows come or go.
//!
//! A book is not recalculated by everybody who opens it, so a total must be right in the file. Where the change is an
//! exact amount it is added; where it is not, the value is dropped and the next program works it out.

use std::collections::{BTreeMap, BTreeSet};

use super::effects::{Change, Content, Contents, Effects, FormulaCell, Local};
use super::formula::{COLUMN_MAX, Reference, SheetName, TokenKind, tokens};
use super::linear::{What, terms};
use super::moves::ROW_MAX;
use super::reference::{Frame, Stand};
use super::shared_formula::Area;

/// How often effects are carried on before what still changes is given up.
const ROUNDS_MAX: usize = 24;

/// Works out all changes.
pub(super) struct Cached<'a> {
    pub(super) frame: Frame<'a>,
    /// The place of the sheet whose rows move.
    pub(super) here: usize,
    /// The rows that come or go, in order.
    pub(super) rows: &'a [Contents],
    /// `1` when they come, `-1` when they go.
    pub(super) sign: i64,
    /// By how much a column that is filled down counts on over the rows in front of a row, by that row and column.
    pub(super) steps: &'a BTreeMap<(u32, u32), i64>,
    pub(super) local: &'a Local,
    pub(super) first_moved: u32,
    pub(super) effects: Effects,
}

impl Cached<'_> {
    /// Carries changes on from formula to formula.
    pub(super) fn work_out(&mut self, formulas: &[FormulaCell]) {
        for round in 0..ROUNDS_MAX {
            let mut settled = true;
            for formula in formulas {
                let key = (formula.sheet, formula.column, formula.row);
                let known = self.effects.cells.get(&key).copied();
                let mut new = self.change(formula);
                if known.unwrap_or(Change::By(0)) == new || known == Some(Change::Unknown) {
                    continue;
                }
                settled = false;
                if round + 1 == ROUNDS_MAX {
                    new = Change::Unknown;
                }
                self.effects.cells.insert(key, new);
            }
            settled &= !self.spread_along_rows();
            if settled {
                return;
            }
        }
    }

    /// Carries changes on to formulas that look at a changed cell of their own row; tells whether any is new.
    fn spread_along_rows(&mut self) -> bool {
        let mut reached = Vec::new();
        for ((column, looks_at), runs) in &self.local.groups {
            for (&other, &rows) in looks_at.iter().flat_map(|other| runs.iter().map(move |rows| (other, rows))) {
                let changed = self.effects.within(self.here, Area { columns: (other, other), rows });
                reached.extend(changed.map(|(row, _)| (self.here, *column, row)));
            }
        }
        let mut added = false;
        for cell in reached {
            added |= self.effects.cells.insert(cell, Change::Unknown) != Some(Change::Unknown);
        }
        added
    }

    fn change(&self, formula: &FormulaCell) -> Change {
        // Taken apart anew each time: kept, the terms of a long list would not fit the memory it may take.
        let Some(terms) = terms(&formula.text) else {
            return if self.touches_change(formula) { Change::Unknown } else { Change::By(0) };
        };
        let mut sum = 0i64;
        for term in terms {
            match self.term(formula, &term.what) {
                Change::By(by) => sum += term.sign * by,
                Change::Unknown => return Change::Unknown,
            }
        }
        Change::By(sum)
    }

    fn term(&self, formula: &FormulaCell, what: &What) -> Change {
        let all = |references: &[Reference], one: &dyn Fn(&Reference) -> Change| {
            references.iter().map(one).fold(Change::By(0), |sum, change| match (sum, change) {
                (Change::By(sum), Change::By(by)) => Change::By(sum + by),
                _ => Change::Unknown,
            })
        };
        match what {
            What::Constant(_) => Change::By(0),
            What::Cell(reference) => self.cell(formula, reference),
            What::Row(None) if formula.sheet == self.here => self.moved(formula.row),
            What::Row(None) => Change::By(0),
            What::Row(Some(reference)) => match (self.sheet(formula, reference), &reference.from.row) {
                (Some(sheet), Some(row)) if sheet == self.here => self.moved(row.number),
                _ => Change::By(0),
            },
            What::Count(references) => all(references, &|one| {
                self.counted(formula, one, &|content| matches!(content, Content::Whole(_) | Content::Number))
            }),
            What::CountFilled(references) => all(references, &|one| self.counted(formula, one, &|_| true)),
            What::CountEqual(reference, wanted) => {
                if self.has_changes(formula, reference) {
                    return Change::Unknown;
                }
                self.counted(formula, reference, &|content| match content {
                    Content::Whole(number) => number.to_string() == *wanted,
                    Content::Text(text) => text.to_lowercase() == wanted.to_lowercase(),
                    Content::Number | Content::Other => false,
                })
            }
            What::Sum(references) => all(references, &|one| self.summed(formula, one)),
        }
    }

    fn moved(&self, row: u32) -> Change {
        match self.frame.moves.row(row) {
            Some(new) => Change::By(i64::from(new) - i64::from(row)),
            None => Change::Unknown,
        }
    }

    /// A plain reference to a cell; one to the row above follows the rows that are put in between.
    fn cell(&self, formula: &FormulaCell, reference: &Reference) -> Change {
        let (Some(column), Some(row)) = (&reference.from.column, &reference.from.row) else { return Change::Unknown };
        let Some(sheet) = self.sheet(formula, reference) else { return Change::By(0) };
        let moves = self.frame.moves;
        let above = sheet == self.here && formula.sheet == self.here && !row.fixed && row.number + 1 == formula.row;
        if !above {
            return self.effects.of(sheet, row.number, column.number);
        }
        let upper = (1..=row.number).rev().find(|&upper| moves.row(upper).is_some()).unwrap_or(row.number);
        let base = self.effects.of(sheet, upper, column.number);
        let taken_out = upper != row.number;
        let put_in =
            moves.row(row.number).is_some_and(|upper| moves.row(formula.row).is_some_and(|row| row > upper + 1));
        if !taken_out && !put_in {
            return base;
        }
        match (base, self.steps.get(&(formula.row, column.number))) {
            (Change::By(by), Some(step)) => Change::By(by + self.sign * step),
            _ => Change::Unknown,
        }
    }

    /// Counts the cells of coming or going rows that a range holds.
    fn counted(&self, formula: &FormulaCell, reference: &Reference, counts: &dyn Fn(&Content) -> bool) -> Change {
        let found = self.contents(formula, reference).filter(|content| counts(content)).count();
        Change::By(self.sign * found as i64)
    }

    fn summed(&self, formula: &FormulaCell, reference: &Reference) -> Change {
        let (Some(sheet), Some(area)) = (self.sheet(formula, reference), area(reference)) else {
            return Change::By(0);
        };
        let mut sum = 0;
        for content in self.contents(formula, reference) {
            match content {
                Content::Whole(number) => sum += self.sign * number,
                Content::Number => return Change::Unknown,
                Content::Text(_) | Content::Other => {}
            }
        }
        for (_, change) in self.effects.within(sheet, area) {
            match change {
                Change::By(by) => sum += by,
                Change::Unknown => return Change::Unknown,
            }
        }
        Change::By(sum)
    }

    /// Walks over the cells of coming or going rows that a range holds.
    fn contents<'b>(
        &'b self,
        formula: &FormulaCell,
        reference: &Reference,
    ) -> impl Iterator<Item = &'b Content> + use<'b> {
        let here = self.sheet(formula, reference) == Some(self.here);
        let area = area(reference).filter(|_| here);
        let rows = area.map_or(0..0, |area| {
            let within = self.frame.moves.within(area.rows.0, area.rows.1);
            // A range that ends in the row above its formula takes in rows put in between.
            let above = reference.to.as_ref().and_then(|to| to.row.as_ref()).is_some_and(|row| !row.fixed)
                && formula.sheet == self.here
                && area.rows.1 + 1 == formula.row;
            let end = if above { self.frame.moves.within(area.rows.0, formula.row).end } else { within.end };
            within.start..end.max(within.end)
        });
        let columns = area.map_or(0..0, |area| area.columns.0..area.columns.1 + 1);
        self.rows
            .get(rows)
            .unwrap_or_default()
            .iter()
            .flat_map(move |row| row.range(columns.clone()).map(|(_, content)| content))
    }

    fn has_changes(&self, formula: &FormulaCell, reference: &Reference) -> bool {
        let (Some(sheet), Some(area)) = (self.sheet(formula, reference), area(reference)) else { return false };
        self.effects.within(sheet, area).next().is_some()
    }

    /// Tells whether a formula that is not linear may change.
    fn touches_change(&self, formula: &FormulaCell) -> bool {
        tokens(&formula.text).iter().any(|token| match &token.kind {
            TokenKind::Reference(reference) => {
                self.contents(formula, reference).next().is_some()
                    || self.has_changes(formula, reference)
                    || (reference.to.is_none() && self.cell(formula, reference) != Change::By(0))
            }
            TokenKind::Function => {
                let name = formula.text[token.at.clone()].to_ascii_uppercase();
                formula.sheet == self.here && formula.row >= self.first_moved && name == "ROW"
                    || matches!(name.as_str(), "INDIRECT" | "OFFSET")
            }
            TokenKind::Other => formula.text[token.at.clone()].contains('['),
            TokenKind::Number | TokenKind::Text | TokenKind::Mark => false,
        })
    }

    fn sheet(&self, formula: &FormulaCell, reference: &Reference) -> Option<usize> {
        match &reference.sheet {
            SheetName::Own => Some(formula.sheet),
            SheetName::Named(name) if self.frame.is_sheet(name) => Some(self.here),
            SheetName::Named(name) => {
                self.frame.order.iter().position(|sheet| sheet.to_lowercase() == name.to_lowercase())
            }
            SheetName::Span(..) | SheetName::Foreign => None,
        }
    }
}

/// Tells which columns a formula looks at when it looks at nothing but its own row; nothing when it looks further.
pub(super) fn own_row_only(formula: &str, row: u32, frame: &Frame<'_>) -> Option<BTreeSet<u32>> {
    let mut columns = BTreeSet::new();
    for token in tokens(formula) {
        match token.kind {
            TokenKind::Reference(reference) => {
                let stand = Stand::Cell { old: row, new: row };
                let area =
                    area(&reference).filter(|area| area.rows == (row, row) && area.columns.1 - area.columns.0 < 64);
                let area = area.filter(|_| frame.points_here(&reference, stand))?;
                columns.extend(area.columns.0..=area.columns.1);
            }
            TokenKind::Function => {
                let name = formula[token.at].to_ascii_uppercase();
                if matches!(name.as_str(), "ROW" | "INDIRECT" | "OFFSET") {
                    return None;
                }
            }
            TokenKind::Other if formula[token.at.clone()].contains('[') => return None,
            TokenKind::Other | TokenKind::Number | TokenKind::Text | TokenKind::Mark => {}
        }
    }
    Some(columns)
}

/// Gives the cells a reference covers.
fn area(reference: &Reference) -> Option<Area> {
    let to = reference.to.as_ref().unwrap_or(&reference.from);
    let pair =
        |a: &Option<super::formula::Ordinate>, b: &Option<super::formula::Ordinate>, max: (u32, u32)| match (a, b) {
            (Some(a), Some(b)) => (a.number.min(b.number), a.number.max(b.number)),
            _ => max,
        };
    Some(Area {
        columns: pair(&reference.from.column, &to.column, (0, COLUMN_MAX)),
        rows: pair(&reference.from.row, &to.row, (1, ROW_MAX)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::moves::Moves;
    use super::super::spelt::Addresses;
    use super::*;

    fn worked_out(texts: &[(usize, u32, u32, &str)], set: &[(u32, u32, i64)]) -> Vec<Change> {
        let moves = Moves::putting_in(vec![10, 20], 3);
        let order = ["6月".to_string(), "汇总".to_string()];
        let row = |signed: &str| {
            Contents::from([
                (0, Content::Whole(1)),
                (7, Content::Text(signed.to_string())),
                (10, Content::Whole(3200)),
                (11, Content::Number),
            ])
        };
        let rows = [row("已签"), row("")];
        let formulas: Vec<FormulaCell> = texts
            .iter()
            .map(|&(sheet, row, column, text)| FormulaCell { sheet, row, column, text: text.into() })
            .collect();
        let (steps, local) = (BTreeMap::from([((10, 0), 1), ((20, 0), 1)]), Local::default());
        let frame = Frame { moves: &moves, sheet: "6月", order: &order, addresses: Addresses::Never };
        let mut cached = Cached {
            frame,
            here: 0,
            rows: &rows,
            sign: 1,
            steps: &steps,
            local: &local,
            first_moved: 10,
            effects: Effects::default(),
        };
        for &(row, column, by) in set {
            cached.effects.set(0, row, column, Change::By(by));
        }
        cached.work_out(&formulas);
        formulas.iter().map(|one| cached.effects.of(one.sheet, one.row, one.column)).collect()
    }

    #[test]
    fn totals_change_by_what_the_new_rows_hold() {
        let changes = worked_out(
            &[
                (0, 53, 0, "COUNTA(H3:H52)"),
                (0, 53, 1, "COUNTIF(H3:H52,\"已签\")"),
                (0, 53, 2, "SUM(K3:K52)"),
                (0, 53, 3, "AVERAGE(K3:K52)"),
                (0, 53, 4, "SUM(L3:L52)"),
                (0, 53, 5, "SUM(K3:K9)"),
                (0, 53, 6, "SUM(K:K)-COUNT(K11:K52)"),
                (1, 1, 0, "'6月'!A53+1"),
                (1, 2, 0, "A1*2"),
                (1, 3, 0, "SUM(A1:A2)"),
                (1, 4, 0, "TODAY()+B9"),
                (0, 30, 9, "ROW()-2"),
            ],
            &[],
        );
        let by = Change::By;
        let expected = [by(2), by(1), by(6400), Change::Unknown, Change::Unknown, by(0), by(6399), by(2)];
        assert_eq!(changes[..8], expected);
        assert_eq!(changes[8..], [Change::Unknown, Change::Unknown, by(0), by(2)]);
    }

    #[test]
    fn a_column_filled_down_counts_on() {
        let texts: Vec<(usize, u32, u32, String)> = (4..53).map(|row| (0, row, 0, format!("A{}+1", row - 1))).collect();
        let texts: Vec<_> =
            texts.iter().map(|(sheet, row, column, text)| (*sheet, *row, *column, text.as_str())).collect();
        let changes = worked_out(&texts, &[]);
        assert_eq!(
            [changes[5], changes[6], changes[15], changes[16]].map(|c| c),
            [Change::By(0), Change::By(1), Change::By(1), Change::By(2)]
        );
    }

    #[test]
    fn a_renumbered_serial_is_seen_by_sums_but_not_by_counts() {
        let changes = worked_out(&[(0, 53, 0, "COUNT(A3:A52)"), (0, 53, 1, "SUM(A3:A52)")], &[(30, 0, 2)]);
        assert_eq!(changes, [Change::By(2), Change::By(4)]);
    }
}
