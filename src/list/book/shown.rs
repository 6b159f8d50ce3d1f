//! What the formulas of a new row show, and those of rows whose own cells change.
//!
//! A formula is worked out for a row beside it first: only where that gives what the row shows is the result believed.

use std::collections::BTreeMap;

use super::build::NewCell;
use super::compute::{Surroundings, Worth, compute};
use super::effects::Change;
use super::error::BookError;
use super::formula::column_letters;
use super::markup::escape;
use super::pattern::Pattern;
use super::reference::Frame;
use super::sheet::{Kind, RawCell, RawRow};
use super::value::Values;

/// How deep a formula of a row may look at others of the same row.
const DEPTH_MAX: usize = 8;

/// The value a formula keeps, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl From<Worth> for Shown {
    fn from(worth: Worth) -> Shown {
        match worth {
            Worth::Blank => Shown { kind: Kind::Number, text: "0".to_string() },
            Worth::Number(number) => Shown { kind: Kind::Number, text: number.to_string() },
            Worth::Text(text) => Shown { kind: Kind::Text, text: escape(&text) },
            Worth::Flag(flag) => Shown { kind: Kind::Bool, text: u8::from(flag).to_string() },
        }
    }
}

/// A new row: its number, its cells and the formulas it copies.
pub(super) struct NewRowOf<'a> {
    pub(super) number: u32,
    pub(super) plan: &'a [NewCell],
    pub(super) patterns: &'a BTreeMap<u32, Pattern>,
    pub(super) beside: &'a RawRow,
    pub(super) frame: &'a Frame<'a>,
    pub(super) values: &'a Values,
}

impl NewRowOf<'_> {
    /// Tells what a new formula shows, the `nth` of `count` in its place; nothing when those beside it show nothing.
    pub(super) fn shown(
        &self,
        column: u32,
        (nth, count): (usize, usize),
        change: Change,
        given: &str,
    ) -> Result<Option<Shown>, BookError> {
        let Some(pattern) = self.patterns.get(&column) else { return Ok(None) };
        if !pattern.is_kept() {
            return Ok(None);
        }
        if pattern.step().is_some() && pattern.is_number() {
            let number = pattern.stepped(change, (nth, count));
            return Ok(number.map(|number| Shown { kind: Kind::Number, text: number.to_string() }));
        }
        if self.is_believed(pattern)
            && let Some(worth) = self.worth(column, (nth, count), DEPTH_MAX)?
        {
            return Ok(Some(worth.into()));
        }
        let guess = if pattern.says("TODAY") { pattern.given(given, self.values) } else { None };
        match (guess, change) {
            (Some(text), _) => Ok(Some(Shown { kind: pattern.kind(), text })),
            // The one beside it loses its value too.
            (None, Change::Unknown) => Ok(None),
            (None, Change::By(_)) => {
                let cell = format!("{}{}", column_letters(column), pattern.row());
                Err(BookError::UnknownFormula { sheet: self.frame.sheet.to_string(), cell })
            }
        }
    }

    /// Tells whether working out the formula beside gives what is shown there.
    fn is_believed(&self, pattern: &Pattern) -> bool {
        pattern.kind() == Kind::Error || {
            let cell = |column: u32| standing(self.beside, column, self.values);
            let found = compute(pattern.text(), &around(pattern.row(), &cell, self.values));
            found.is_some_and(|found| agree(&found, pattern.cell(), pattern.kept()))
        }
    }

    fn worth(&self, column: u32, place: (usize, usize), depth: usize) -> Result<Option<Worth>, BookError> {
        let Some(pattern) = self.patterns.get(&column).filter(|_| depth > 0) else { return Ok(None) };
        let text = pattern.text_at(self.number, self.frame)?;
        let cell = |column: u32| match self.plan.get(column as usize) {
            None | Some(NewCell::Absent | NewCell::Blank) => Some(Worth::Blank),
            Some(NewCell::Value { kind: Kind::Number, text }) => text.parse().ok().map(Worth::Number),
            Some(NewCell::Value { kind: Kind::Bool, text }) => Some(Worth::Flag(text == "1")),
            Some(NewCell::Value { kind: Kind::Iso | Kind::Error, .. }) => None,
            Some(NewCell::Value { text, .. }) => Some(Worth::Text(text.clone())),
            Some(NewCell::Formula { .. }) => match self.patterns.get(&column)?.stepped(Change::By(0), place) {
                Some(number) => Some(Worth::Number(number as f64)),
                None => self.worth(column, place, depth - 1).ok().flatten(),
            },
        };
        Ok(compute(&text, &around(self.number, &cell, self.values)))
    }
}

/// Works out anew what a formula of a row shows whose own cells change; nothing when that cannot be believed.
///
/// `changed` gives the new worth of the cells that change, and nothing for one that is no longer known.
pub(super) fn anew(
    (row, cell, text): (&RawRow, &RawCell, &str),
    changed: &dyn Fn(u32) -> Option<Option<Worth>>,
    values: &Values,
) -> Option<Shown> {
    if text.to_ascii_uppercase().contains("ROW(") {
        return None;
    }
    let kept = cell.value.as_ref().map(|value| row.at(&value.inner))?;
    let old = |column: u32| standing(row, column, values);
    let before = compute(text, &around(row.number, &old, values))?;
    let new = |column: u32| changed(column).unwrap_or_else(|| standing(row, column, values));
    agree(&before, cell, kept).then(|| compute(text, &around(row.number, &new, values)))?.map(Shown::from)
}

fn around<'a>(row: u32, cell: &'a dyn Fn(u32) -> Option<Worth>, values: &Values) -> Surroundings<'a> {
    Surroundings { row, cell, today: values.saved_on, from_1904: values.from_1904 }
}

/// Reads a cell that stands on the sheet; nothing when it is an error.
pub(super) fn standing(row: &RawRow, column: u32, values: &Values) -> Option<Worth> {
    let Some(cell) = row.cell(column) else { return Some(Worth::Blank) };
    let kept = cell.value.as_ref().map_or("", |value| row.at(&value.inner));
    match cell.kind {
        Kind::Number if kept.is_empty() => cell.formula.is_none().then_some(Worth::Blank),
        Kind::Number => kept.trim().parse().ok().map(Worth::Number),
        Kind::Bool => Some(Worth::Flag(kept.trim() == "1")),
        Kind::Error | Kind::Iso => None,
        Kind::Shared | Kind::Inline | Kind::Text => {
            let mut text = String::new();
            values.append(row, cell, &mut text).is_ok().then_some(Worth::Text(text))
        }
    }
}

/// Tells whether a cell shows what was worked out.
fn agree(found: &Worth, cell: &RawCell, kept: &str) -> bool {
    match (Shown::from(found.clone()), cell.kind) {
        (Shown { kind: Kind::Number, text }, Kind::Number) => {
            let (Ok(a), Ok(b)) = (text.parse::<f64>(), kept.trim().parse::<f64>()) else { return false };
            (a - b).abs() <= 1e-9 * a.abs().max(1.0)
        }
        (shown, kind) => shown.kind == kind && super::markup::unescape(&shown.text) == super::markup::unescape(kept),
    }
}
