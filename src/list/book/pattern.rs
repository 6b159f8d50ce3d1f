//! A formula that the cells of new rows copy from a neighbour.

use super::effects::Change;
use super::error::BookError;
use super::formula::{Reference, SheetName, column_letters};
use super::linear::{What, terms};
use super::markup::{attributes, escape, replaced};
use super::reference::{Frame, Stand, copied};
use super::sample::{Close, Sample};
use super::shared_formula::{Form, form};
use super::sheet::{Kind, RawCell, RawRow};
use super::shown::Shown;
use super::value::Values;

/// A formula cell and its text, in old numbers.
#[derive(Debug)]
pub(super) struct Pattern {
    sample: Sample,
    text: String,
    side: Side,
}

/// Where the neighbour stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
}

/// How a new formula is to be written.
pub(super) struct Spelling<'a> {
    pub(super) text: &'a str,
    pub(super) shares: Shares,
    pub(super) close: Close,
}

/// Whether a new cell shares the formula its neighbour shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shares {
    Formula,
    Nothing,
}

impl Pattern {
    /// Cuts a formula cell out of its row.
    pub(super) fn cut(row: &RawRow, cell: &RawCell, text: &str, side: Side) -> Pattern {
        Pattern { sample: Sample::cut(row, cell), text: text.to_string(), side }
    }

    /// Gives the row the formula stands in.
    pub(super) fn row(&self) -> u32 {
        self.sample.row_number()
    }

    /// Tells whether the formula shows numbers.
    pub(super) fn is_number(&self) -> bool {
        self.sample.cell().kind == Kind::Number
    }

    /// Gives by how much the formula grows from row to row.
    pub(super) fn step(&self) -> Option<i64> {
        step(&self.text, self.row(), self.sample.cell().column)
    }

    /// Gives the shared formula it belongs to, and its column.
    pub(super) fn shared(&self) -> Option<(String, u32)> {
        match self.form() {
            Form::Shared { number, .. } => Some((number, self.sample.cell().column)),
            Form::Plain | Form::Array { .. } => None,
        }
    }

    fn form(&self) -> Form {
        form(self.tag(), self.row(), self.sample.cell().column)
    }

    fn tag(&self) -> &str {
        self.sample.cell().formula.as_ref().map_or("", |formula| self.sample.at(&formula.tag))
    }

    /// Gives the formula as it reads in a new row.
    pub(super) fn text_at(&self, number: u32, frame: &Frame<'_>) -> Result<String, BookError> {
        let old = self.row();
        let new = frame.moves.row(old).unwrap_or(old);
        let shifted = frame.shift(&self.text, Stand::Cell { old, new }, "");
        let at = || format!("{}!{}{old}", frame.sheet, column_letters(self.sample.cell().column));
        let shifted = replaced(&self.text, &shifted.map_err(|error| error.standing_at(at))?);
        Ok(replaced(&shifted, &copied(&shifted, i64::from(number) - i64::from(new), 0)))
    }

    /// Counts on to what a new cell shows, the `nth` of `count` before or after the neighbour whose own value has `change`.
    pub(super) fn stepped(&self, change: Change, (nth, count): (usize, usize)) -> Option<i64> {
        let kept = self.kept().parse::<i64>().ok().filter(|_| self.is_number())?;
        let steps = match self.side {
            Side::Above => nth as i64 + 1,
            Side::Below => nth as i64 - count as i64,
        };
        match change {
            Change::By(by) => Some(kept + by + self.step()? * steps),
            Change::Unknown => None,
        }
    }

    /// Gives the caller's value as the cell would hold it.
    pub(super) fn given(&self, given: &str, values: &Values) -> Option<String> {
        match self.kind() {
            _ if given.is_empty() => None,
            Kind::Number => values.number_for(given, self.cell().style),
            Kind::Text => Some(escape(given)),
            Kind::Shared | Kind::Inline | Kind::Bool | Kind::Error | Kind::Iso => None,
        }
    }

    /// Tells whether the neighbour shows anything; an empty text is something.
    pub(super) fn is_kept(&self) -> bool {
        self.cell().value.is_some() && (self.kind() == Kind::Text || !self.kept().is_empty())
    }

    /// Gives the value the neighbour keeps, as it is stored.
    pub(super) fn kept(&self) -> &str {
        self.cell().value.as_ref().map_or("", |value| self.sample.at(&value.inner))
    }

    /// Gives the neighbour's cell.
    pub(super) fn cell(&self) -> &RawCell {
        self.sample.cell()
    }

    /// Gives how the neighbour stores what it shows.
    pub(super) fn kind(&self) -> Kind {
        self.sample.cell().kind
    }

    /// Gives the neighbour's formula.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether the formula calls a function, named in capitals.
    pub(super) fn says(&self, function: &str) -> bool {
        self.text.to_ascii_uppercase().contains(&format!("{function}("))
    }

    /// Writes a new cell; a formula that joins a shared one is not written out.
    pub(super) fn write(&self, number: u32, spelling: &Spelling<'_>, value: Option<&Shown>, out: &mut String) {
        let tag = self.tag();
        let place = attributes(tag).find(|(name, _)| *name == "ref").map(|(_, at)| at);
        let written = match self.form() {
            Form::Shared { .. } if spelling.shares == Shares::Formula => {
                let cut = place.map(|at| (tag[..at.start].rfind(' ').unwrap_or(at.start)..at.end + 1, String::new()));
                let tag = replaced(tag, cut.as_slice());
                format!("<{}{}", tag.trim_end_matches([' ', '/']), spelling.close.end())
            }
            Form::Plain | Form::Shared { .. } => format!("<f>{}</f>", escape(spelling.text)),
            Form::Array { .. } => {
                let own = format!("{}{number}", column_letters(self.sample.cell().column));
                let own = place.map(|at| (at, own));
                format!("<{}>{}</f>", replaced(tag, own.as_slice()), escape(spelling.text))
            }
        };
        self.sample.write_formula(number, &written, value, out);
    }
}

/// By how much a formula grows from row to row: `ROW()-2`, `COUNTA(B$3:B9)` and `A3+1` below `A3`; nothing when that cannot be said.
pub(super) fn step(formula: &str, row: u32, column: u32) -> Option<i64> {
    let mut step = 0;
    let mut chained = false;
    let mut constants = 0;
    for term in terms(formula)? {
        match term.what {
            What::Constant(number) => constants += term.sign * number?,
            What::Row(None) => step += term.sign,
            What::Cell(above) if !chained && term.sign == 1 && above.sheet == SheetName::Own => {
                let own = above.from.column.as_ref().is_some_and(|at| at.number == column);
                let next = above.from.row.as_ref().is_some_and(|at| !at.fixed && at.number + 1 == row);
                if !own || !next {
                    return None;
                }
                chained = true;
            }
            What::CountFilled(ranges) if runs_to(&ranges, row) => step += term.sign,
            What::Cell(_) | What::Row(Some(_)) | What::Count(_) | What::CountFilled(_) => return None,
            What::CountEqual(..) | What::Sum(_) => return None,
        }
    }
    match (chained, step) {
        (true, 0) => Some(constants),
        (true, _) | (false, 0) => None,
        (false, step) => Some(step),
    }
}

/// Tells whether cells are counted from a fixed row to the formula's own.
fn runs_to(ranges: &[Reference], row: u32) -> bool {
    let [range] = ranges else { return false };
    let to = range.to.as_ref().and_then(|to| to.row.as_ref());
    range.sheet == SheetName::Own
        && range.from.row.as_ref().is_some_and(|from| from.fixed)
        && to.is_some_and(|to| !to.fixed && to.number == row)
}
