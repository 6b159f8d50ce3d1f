//! New rows in the hand of their neighbours.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cached::{Change, Content, Contents, Effects};
use super::error::BookError;
use super::formula::{SheetName, column_letters};
use super::linear::{What, terms};
use super::markup::{attributes, escape, replaced};
use super::reference::{Frame, Stand, copied};
use super::sample::{Held, Last, Sample, style};
use super::shared_formula::{Form, form};
use super::sheet::{Kind, RawCell};
use super::survey::{Side, Spot, Survey, Template};
use super::value::Values;

/// What a new cell is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NewCell {
    Absent,
    Blank,
    /// A text or number of some kind; a shared text stands here as itself.
    Value {
        kind: Kind,
        text: String,
    },
    /// The neighbour's formula, with the value the caller gave for it.
    Formula {
        value: String,
    },
}

/// Makes the new rows of a seeding.
pub(super) struct Builder<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) here: usize,
    pub(super) survey: &'a Survey,
    pub(super) values: &'a Values,
    /// Whether empty tags are closed without a blank (`/>`).
    pub(super) tight: bool,
    pub(super) has_strings: bool,
    pub(super) serial: Option<u32>,
}

impl Builder<'_> {
    /// Decides on every cell of a new row, the `nth` of its spot.
    pub(super) fn plan(&self, spot: &Spot, nth: usize, texts: &[String]) -> Vec<NewCell> {
        let Some(template) = &spot.template else { return Vec::new() };
        let covered = self.covered(spot.before);
        let width = template.row.cells.last().map_or(0, |cell| cell.column as usize + 1).max(texts.len());
        (0..width as u32)
            .map(|column| {
                let serial = spot.serials.get(nth).filter(|_| self.serial == Some(column));
                let serial = serial.map(|&number| self.survey.serial_text(number));
                let text = serial.as_deref().or_else(|| texts.get(column as usize).map(String::as_str)).unwrap_or("");
                let cell = template.row.cell(column);
                if cell.is_some_and(|cell| cell.formula.is_some()) {
                    return NewCell::Formula { value: text.to_string() };
                }
                if text.is_empty() || covered.contains(&column) {
                    return self.blank(template, column);
                }
                self.value(template, column, text)
            })
            .collect()
    }

    /// Finds the columns where a new row falls into cells that are merged over several rows.
    fn covered(&self, before: u32) -> BTreeSet<u32> {
        let spans = |rows: (u32, u32)| rows.0 < before && before <= rows.1;
        let merges = self.survey.merges.iter().filter(|merge| spans(merge.rows));
        merges.flat_map(|merge| merge.columns.0..=merge.columns.1).collect()
    }

    fn blank(&self, template: &Template, column: u32) -> NewCell {
        let habits = self.survey.habits.get(column as usize);
        match template.row.cell(column) {
            None => NewCell::Absent,
            Some(cell) if template.row.is_blank(cell) => NewCell::Blank,
            Some(_) if habits.is_some_and(|habits| habits.blank.is_none() && habits.absent > 0) => NewCell::Absent,
            Some(cell) if cell.style == 0 && habits.is_none_or(|habits| habits.blank.is_none()) => NewCell::Absent,
            Some(_) => NewCell::Blank,
        }
    }

    fn value(&self, template: &Template, column: u32, text: &str) -> NewCell {
        let habits = self.survey.habits.get(column as usize);
        let cell = template.row.cell(column).filter(|cell| !template.row.is_blank(cell));
        let last = template.lasts.get(column as usize).and_then(|last| last.kind);
        let usual = habits.and_then(|habits| habits.usual_kind());
        let kind = cell.map(|cell| cell.kind).or(last).or(usual).unwrap_or_else(|| self.text_kind(column));
        let style = self.style(template, column).and_then(|style| style.parse().ok()).unwrap_or(0);
        let fitting = match kind {
            Kind::Number => self.values.number_for(text, style).map(|text| (kind, text)),
            Kind::Bool => ["FALSE", "TRUE"].iter().position(|word| *word == text).map(|flag| (kind, flag.to_string())),
            Kind::Iso => Some((kind, text.replace(' ', "T"))),
            Kind::Shared | Kind::Inline | Kind::Text => Some((kind, text.to_string())),
            Kind::Error => None,
        };
        let (kind, text) = fitting.unwrap_or_else(|| (self.text_kind(column), text.to_string()));
        NewCell::Value { kind, text }
    }

    /// Gives the way this list writes texts, in this column if it does.
    fn text_kind(&self, column: u32) -> Kind {
        let here = self.survey.habits.get(column as usize).and_then(|habits| habits.text_kind());
        let elsewhere = || self.survey.habits.iter().find_map(|habits| habits.text_kind());
        here.or_else(elsewhere).unwrap_or(if self.has_strings { Kind::Shared } else { Kind::Inline })
    }

    fn style<'b>(&self, template: &'b Template, column: u32) -> Option<&'b str> {
        match template.row.cell(column) {
            Some(cell) => style(template.row.at(&cell.tag)),
            None => template.lasts.get(column as usize).and_then(|last: &Last| last.style.as_deref()),
        }
    }

    /// Says what the formulas of the book will find in a new row.
    pub(super) fn contents(&self, spot: &Spot, plan: &[NewCell]) -> Contents {
        let mut contents = Contents::new();
        for (column, cell) in (0u32..).zip(plan) {
            let content = match cell {
                NewCell::Absent | NewCell::Blank => continue,
                NewCell::Value { kind: Kind::Number, text } => text.parse().map_or(Content::Number, Content::Whole),
                NewCell::Value { kind: Kind::Bool | Kind::Error, .. } => Content::Other,
                NewCell::Value { text, .. } => Content::Text(text.clone()),
                NewCell::Formula { .. } => {
                    let number = spot.template.as_ref().and_then(|template| template.row.cell(column));
                    if number.is_some_and(|cell| cell.kind == Kind::Number) { Content::Number } else { Content::Other }
                }
            };
            contents.insert(column, content);
        }
        contents
    }

    /// Tells by how much each column that is filled down counts on over the new rows of a spot.
    pub(super) fn steps(&self, spot: &Spot) -> BTreeMap<u32, i64> {
        let Some(template) = &spot.template else { return BTreeMap::new() };
        let all = template.formulas.iter();
        let found = all.filter_map(|(&column, text)| Some((column, step(text, template.row.number, column)?)));
        found.map(|(column, step)| (column, step * spot.count as i64)).collect()
    }

    /// Writes a new row.
    pub(super) fn write(
        &self,
        spot: &Spot,
        nth: usize,
        plan: &[NewCell],
        indexes: &HashMap<String, usize>,
        effects: &Effects,
    ) -> Result<String, BookError> {
        let Some(template) = &spot.template else { return Ok(String::new()) };
        let number = self.number(spot, nth);
        let tag = template.row.at(&template.row.tag).trim_end_matches([' ', '/']);
        let place = attributes(tag).find(|(name, _)| *name == "r").map(|(_, at)| (at, number.to_string()));
        let name = tag.split([' ', '\t', '\n']).next().unwrap_or("row");
        let mut out = format!("<{}>", replaced(tag, place.as_slice()));
        for (column, cell) in (0u32..).zip(plan) {
            match cell {
                NewCell::Absent => {}
                NewCell::Blank => self.write_blank(template, number, column, &mut out),
                NewCell::Value { kind, text } => {
                    let held = match kind {
                        Kind::Shared => Held::Value(indexes.get(text).copied().unwrap_or(0).to_string()),
                        Kind::Inline => Held::Inline(text.clone()),
                        Kind::Number | Kind::Text | Kind::Bool | Kind::Error | Kind::Iso => Held::Value(escape(text)),
                    };
                    let style = self.style(template, column);
                    self.sample(column, *kind).write(number, column, style, Some(&held), &mut out);
                }
                NewCell::Formula { value } => self.write_formula(spot, nth, column, (value, effects), &mut out)?,
            }
        }
        out.extend(["</", name, ">"]);
        Ok(out)
    }

    /// Gives the row number a new row gets.
    pub(super) fn number(&self, spot: &Spot, nth: usize) -> u32 {
        let earlier: usize =
            self.survey.spots.iter().take_while(|other| other.before < spot.before).map(|other| other.count).sum();
        spot.before + (earlier + nth) as u32
    }

    fn sample(&self, column: u32, kind: Kind) -> Sample {
        let here = self.survey.habits.get(column as usize).and_then(|habits| habits.samples.get(&(kind as u8)));
        let elsewhere = || self.survey.habits.iter().find_map(|habits| habits.samples.get(&(kind as u8)));
        here.or_else(elsewhere).cloned().unwrap_or_else(|| Sample::made(kind))
    }

    fn write_blank(&self, template: &Template, number: u32, column: u32, out: &mut String) {
        let Some(cell) = template.row.cell(column) else { return };
        let style = style(template.row.at(&cell.tag));
        let blank = self.survey.habits.get(column as usize).and_then(|habits| habits.blank.as_ref());
        if template.row.is_blank(cell) {
            Sample::cut(&template.row, cell).write(number, column, style, None, out);
        } else if let Some(blank) = blank {
            blank.write(number, column, style, None, out);
        } else {
            Sample::cut(&template.row, cell).write_empty(number, column, self.tight, out);
        }
    }

    fn write_formula(
        &self,
        spot: &Spot,
        nth: usize,
        column: u32,
        (given, effects): (&str, &Effects),
        out: &mut String,
    ) -> Result<(), BookError> {
        let Some(template) = &spot.template else { return Ok(()) };
        let number = self.number(spot, nth);
        let parts = template.row.cell(column).and_then(|cell| Some((cell, cell.formula.as_ref()?)));
        let (Some((cell, formula)), Some(text)) = (parts, template.formulas.get(&column)) else { return Ok(()) };
        let old = template.row.number;
        let new = self.frame.moves.row(old).unwrap_or(old);
        let shifted = replaced(text, &self.frame.shift(text, Stand::Cell { old, new }, "")?);
        let by = i64::from(number) - i64::from(new);
        let text = replaced(&shifted, &copied(&shifted, by, 0));
        let tag = template.row.at(&formula.tag);
        let written = match form(tag, old, column) {
            Form::Shared { number: shared, .. } if self.joins(&shared, spot.before, column) => self.child(tag),
            Form::Plain | Form::Shared { .. } => format!("<f>{}</f>", escape(&text)),
            Form::Array { .. } => {
                let place = attributes(tag).find(|(name, _)| *name == "ref").map(|(_, at)| at);
                let own = place.map(|at| (at, format!("{}{number}", column_letters(column))));
                format!("<{}>{}</f>", replaced(tag, own.as_slice()), escape(&text))
            }
        };
        let value = self.formula_value(template, cell, (nth, given), effects);
        let sample = Sample::cut(&template.row, cell);
        sample.write_formula(number, &written, value.as_deref(), out);
        Ok(())
    }

    /// Tells whether a cell put in front of a row falls within a shared formula's range.
    fn joins(&self, shared: &str, before: u32, column: u32) -> bool {
        self.survey.masters.get(shared).is_some_and(|master| {
            let area = master.area;
            (area.columns.0..=area.columns.1).contains(&column) && area.rows.0 < before && before <= area.rows.1
        })
    }

    /// Writes a formula that is written out elsewhere.
    fn child(&self, tag: &str) -> String {
        let area = attributes(tag).find(|(name, _)| *name == "ref");
        let cut = area.map(|(_, at)| (tag[..at.start].rfind(' ').unwrap_or(at.start)..at.end + 1, String::new()));
        let end = if self.tight { "/>" } else { " />" };
        format!("<{}{end}", replaced(tag.trim_end_matches([' ', '/']), cut.as_slice()))
    }

    /// Works out what a new formula shows; nothing when it is not known or the neighbour keeps no value either.
    fn formula_value(
        &self,
        template: &Template,
        cell: &RawCell,
        (nth, given): (usize, &str),
        effects: &Effects,
    ) -> Option<String> {
        let kept = cell.value.as_ref().map(|value| template.row.at(&value.inner)).filter(|kept| !kept.is_empty())?;
        let row = template.row.number;
        let by_row = template.formulas.get(&cell.column).and_then(|text| step(text, row, cell.column));
        if let (Some(step), Ok(kept), Kind::Number) = (by_row, kept.parse::<i64>(), cell.kind) {
            return match (template.side, effects.of(self.here, row, cell.column)) {
                (Side::Above, Change::By(by)) => Some((kept + by + step * (nth as i64 + 1)).to_string()),
                (Side::Below, _) => Some((kept + step * nth as i64).to_string()),
                (Side::Above, Change::Unknown) => None,
            };
        }
        match cell.kind {
            _ if given.is_empty() => None,
            Kind::Number => self.values.number_for(given, cell.style),
            Kind::Text => Some(escape(given)),
            Kind::Shared | Kind::Inline | Kind::Bool | Kind::Error | Kind::Iso => None,
        }
    }
}

/// By how much a formula grows from row to row: `ROW()-2` and `A3+1` below `A3`; nothing when that cannot be said.
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
