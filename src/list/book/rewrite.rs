//! The second walk over a sheet: rows are passed on with what has to change in them.
//!
//! What cannot be worked back from the new file alone (a dropped value, a formula that no longer shares another's)
//! is handed out as [`Lost`], so that stripping can put it back.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::compute::Worth;
use super::effects::{Change, Effects};
use super::error::BookError;
use super::first_use::TableOrder;
use super::formula::column_letters;
use super::markup::{Plain, attributes, escape, replaced, unescape};
use super::reference::{Frame, Stand};
use super::sample::keeps_space;
use super::serial::Renumbering;
use super::shared_formula::{Area, Form, Master, Masters, form};
use super::sheet::{Kind, RawCell, RawRow};
use super::shift::Home;
use super::shown::{Shown, anew, standing};
use super::value::Values;

/// A cell that seeding could not keep as it was, as it stood in the original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// The part of the package.
    pub part: String,
    /// Its place in the original (`B12`).
    pub cell: String,
    /// Its bytes in the original: formulas and the values they showed.
    pub raw: String,
}

/// What a second walk does besides moving rows.
pub(super) struct Orders<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) home: Home,
    pub(super) part: &'a str,
    /// The sheet's place in tab order.
    pub(super) sheet: usize,
    pub(super) effects: &'a Effects,
    /// The serial column and its new texts.
    pub(super) serials: Option<(u32, &'a Renumbering)>,
    pub(super) indexes: &'a HashMap<String, usize>,
    /// Where the shared texts of the sheet go.
    pub(super) texts: Option<&'a TableOrder>,
    /// Cells to put back, by their new names.
    pub(super) restored: &'a HashMap<String, String>,
    pub(super) values: &'a Values,
}

/// Rewrites the rows of one sheet.
pub(super) struct Rewriter<'a> {
    orders: Orders<'a>,
    old: Masters,
    /// Shared formulas as they are written in the new file.
    new: HashMap<String, Master>,
    pub(super) lost: Vec<Lost>,
    pub(super) changed: bool,
}

type CellEdits = Vec<(Range<usize>, String)>;

impl<'a> Rewriter<'a> {
    pub(super) fn new(orders: Orders<'a>) -> Rewriter<'a> {
        Rewriter { orders, old: Masters::default(), new: HashMap::new(), lost: Vec::new(), changed: false }
    }

    /// Appends what becomes of a row; nothing when it is taken out.
    pub(super) fn row(&mut self, row: &RawRow, out: &mut String) -> Result<(), BookError> {
        let number = match self.orders.home {
            Home::Here => self.orders.frame.moves.row(row.number),
            Home::Elsewhere => Some(row.number),
        };
        let Some(number) = number else {
            self.changed = true;
            return Ok(());
        };
        let mut edits = CellEdits::new();
        let moved = number != row.number;
        if moved {
            let tag = row.at(&row.tag);
            let place = attributes(tag).find(|(name, _)| *name == "r");
            edits.extend(place.map(|(_, at)| (row.tag.start + at.start..row.tag.start + at.end, number.to_string())));
        }
        for cell in &row.cells {
            let sheet = &self.orders.frame.order[self.orders.sheet];
            let done = self.cell(row, cell, number, &mut edits);
            done.map_err(|error| {
                error.standing_at(|| format!("{sheet}!{}{}", column_letters(cell.column), row.number))
            })?;
        }
        self.changed |= moved || !edits.is_empty();
        if edits.is_empty() {
            out.push_str(&row.raw);
            return Ok(());
        }
        out.push_str(&replaced(&row.raw, &edits));
        Ok(())
    }

    fn cell(&mut self, row: &RawRow, cell: &RawCell, number: u32, edits: &mut CellEdits) -> Result<(), BookError> {
        let start = edits.len();
        if let (Some(texts), Some(index)) = (self.orders.texts, row.shared(cell))
            && let (Some(value), Some(new)) = (&cell.value, texts.place(index).filter(|new| *new != index))
        {
            edits.push((value.inner.clone(), new.to_string()));
        }
        if cell.formula.is_none() && number == row.number && self.orders.serials.is_none() {
            return Ok(());
        }
        if number != row.number {
            edits.extend(cell.row_digits.as_ref().map(|at| (at.clone(), number.to_string())));
        }
        if cell.formula.is_some() {
            self.formula(row, cell, number, edits)?;
        }
        if let Some((_, serials)) = self.orders.serials.filter(|(column, _)| *column == cell.column)
            && let Some(new) = serials.get(&row.number).filter(|_| cell.formula.is_none())
        {
            edits.extend(self.new_text(row, cell, &new.text));
        }
        edits[start..].sort_by_key(|(at, _)| at.start);
        if cell.formula.is_some() && !self.orders.restored.is_empty() {
            let name = format!("{}{number}", column_letters(cell.column));
            if let Some(raw) = self.orders.restored.get(&name) {
                edits.truncate(start);
                edits.push((cell.whole.clone(), raw.clone()));
            }
        }
        Ok(())
    }

    /// An edit that puts another text into a cell, stored as the old one.
    fn new_text(&self, row: &RawRow, cell: &RawCell, text: &str) -> Option<(Range<usize>, String)> {
        if let Some(inline) = &cell.inline {
            let inner = row.at(&inline.inner);
            let (from, to) = (inner.find('>')? + 1, inner.rfind("</")?);
            let at = inline.inner.start + from..inline.inner.start + to;
            return (from <= to && !inner[from..to].contains('<') && !keeps_space(text)).then(|| (at, escape(text)));
        }
        let value = cell.value.as_ref()?;
        let new = match cell.kind {
            Kind::Shared => self.orders.indexes.get(text)?.to_string(),
            Kind::Number | Kind::Inline | Kind::Text | Kind::Bool | Kind::Error | Kind::Iso => escape(text),
        };
        Some((value.inner.clone(), new))
    }

    fn formula(&mut self, row: &RawRow, cell: &RawCell, number: u32, edits: &mut CellEdits) -> Result<(), BookError> {
        let (Some(formula), Some(text)) = (&cell.formula, self.old.text(row, cell)) else { return Ok(()) };
        let stand = match self.orders.home {
            Home::Here => Stand::Cell { old: row.number, new: number },
            Home::Elsewhere => Stand::Elsewhere,
        };
        let inner = row.at(&formula.inner);
        let form = form(row.at(&formula.tag), row.number, cell.column);
        if let Form::Array { area } = form {
            self.refuse_across(area)?;
        }
        let shared = match &form {
            Form::Shared { number: shared, .. } => Some(shared),
            Form::Plain | Form::Array { .. } => None,
        };
        if inner.is_empty()
            && let Some(shared) = shared
        {
            let right = replaced(&text, &self.orders.frame.shift(&text, stand, self.orders.part)?);
            if self.new.get(shared).is_none_or(|master| master.at(number, cell.column) != right) {
                self.lose(row, cell);
                edits.push((formula.whole.clone(), format!("<f>{}</f>", escape(&right))));
            }
        } else if let Some(new) = self.orders.frame.shift_raw(inner, stand, self.orders.part)? {
            edits.push((formula.inner.clone(), new));
        }
        if let Form::Shared { number: shared, area: Some(area) } = &form {
            let new = edits.last().filter(|(at, _)| *at == formula.inner).map(|(_, new)| unescape(new).into_owned());
            let text = new.unwrap_or_else(|| Plain::new(inner).text.into_owned());
            self.new.insert(shared.clone(), Master { row: number, column: cell.column, text, area: *area });
        }
        self.formula_tag(row, cell, edits)?;
        self.value(row, cell, &text, edits);
        Ok(())
    }

    /// Moves the places that an array's or a shared formula's tag names.
    fn formula_tag(&mut self, row: &RawRow, cell: &RawCell, edits: &mut CellEdits) -> Result<(), BookError> {
        let Some(formula) = &cell.formula else { return Ok(()) };
        if self.orders.home == Home::Elsewhere {
            return Ok(());
        }
        let tag = row.at(&formula.tag);
        for (name, at) in attributes(tag).filter(|(name, _)| matches!(*name, "ref" | "r1" | "r2")) {
            let place = formula.tag.start + at.start..formula.tag.start + at.end;
            let old = &tag[at];
            let new = match Area::read(old).filter(|_| name == "ref") {
                Some(area) => Some(self.orders.frame.moved_block(area).to_string()).filter(|new| new != old),
                None => self.orders.frame.shift_raw(old, Stand::Place, self.orders.part)?,
            };
            edits.extend(new.map(|new| (place, new)));
        }
        Ok(())
    }

    fn refuse_across(&self, area: Area) -> Result<(), BookError> {
        let across = self.orders.home == Home::Here
            && area.rows.0 != area.rows.1
            && !self.orders.frame.moves.within(area.rows.0, area.rows.1).is_empty();
        if across { Err(BookError::ArrayAcross { cell: area.to_string() }) } else { Ok(()) }
    }

    /// Changes or drops the value a formula keeps.
    fn value(&mut self, row: &RawRow, cell: &RawCell, text: &str, edits: &mut CellEdits) {
        let Some(value) = cell.value.as_ref().filter(|value| !value.inner.is_empty()) else { return };
        let change = self.orders.effects.of(self.orders.sheet, row.number, cell.column);
        let kept = row.at(&value.inner);
        let number = kept.parse::<i64>().ok().filter(|number| number.to_string() == kept && cell.kind == Kind::Number);
        match (change, number) {
            (Change::By(0), _) => {}
            (Change::By(by), Some(number)) => edits.push((value.inner.clone(), (number + by).to_string())),
            (Change::By(_), None) | (Change::Unknown, _) => {
                self.lose(row, cell);
                if let Some(new) = self.worked_out(row, cell, text).filter(|new| new.kind == cell.kind) {
                    return edits.push((value.inner.clone(), new.text));
                }
                edits.push((value.whole.clone(), String::new()));
                let tag = row.at(&cell.tag);
                let kind = attributes(tag).find(|(name, _)| *name == "t" && cell.kind != Kind::Number);
                edits.extend(kind.and_then(|(_, at)| {
                    let start = tag[..at.start].rfind([' ', '\t', '\n'])?;
                    Some((cell.tag.start + start..cell.tag.start + at.end + 1, String::new()))
                }));
            }
        }
    }

    /// Works out what a formula of the own row shows when cells it looks at change.
    fn worked_out(&self, row: &RawRow, cell: &RawCell, text: &str) -> Option<Shown> {
        let orders = &self.orders;
        let serial = |column: u32| {
            let (_, serials) = orders.serials.filter(|(serial, _)| *serial == column)?;
            let new = &serials.get(&row.number)?.text;
            Some(match row.cell(column)?.kind {
                Kind::Number => new.parse().ok().map(Worth::Number),
                _ => Some(Worth::Text(new.clone())),
            })
        };
        let changed = |column: u32| match orders.effects.of(orders.sheet, row.number, column) {
            Change::By(0) => None,
            change => serial(column).or(Some(match (change, standing(row, column, orders.values)) {
                (Change::By(by), Some(Worth::Number(number))) => Some(Worth::Number(number + by as f64)),
                _ => None,
            })),
        };
        anew((row, cell, text), &changed, orders.values).filter(|_| orders.home == Home::Here)
    }

    fn lose(&mut self, row: &RawRow, cell: &RawCell) {
        let name = format!("{}{}", column_letters(cell.column), row.number);
        if self.lost.last().is_none_or(|last| last.cell != name) {
            let raw = row.at(&cell.whole).to_string();
            self.lost.push(Lost { part: self.orders.part.to_string(), cell: name, raw });
        }
    }
}
