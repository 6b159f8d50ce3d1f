//! New rows in the hand of their neighbours.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::effects::{Content, Contents, Effects};
use super::error::BookError;
use super::markup::{attributes, escape, replaced};
use super::pattern::{Pattern, Spelling};
use super::reference::Frame;
use super::sample::{Close, Held, Last, Sample, style};
use super::sheet::Kind;
use super::shown::{NewRowOf, Shown};
use super::survey::{Spot, Survey, Template};
use super::value::Values;
use super::visible::Visible;
use crate::list::row::NewRow;

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

/// What a new row shows in columns that it does not take from the caller: what is counted or worked out there, and nothing where the
/// neighbouring row shows nothing.
pub(super) type OwnTexts = Vec<(usize, Option<String>)>;

/// Makes the new rows of a seeding.
pub(super) struct Builder<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) here: usize,
    pub(super) survey: &'a Survey,
    pub(super) values: &'a Values,
    pub(super) visible: Option<Visible>,
    pub(super) close: Close,
    pub(super) has_strings: bool,
    pub(super) serial: Option<u32>,
}

impl Builder<'_> {
    /// Decides on every cell of a new row, the `nth` of its spot.
    pub(super) fn plan(&self, spot: &Spot, nth: usize, new: &NewRow) -> Vec<NewCell> {
        let texts = &new.cells;
        let Some(template) = &spot.template else { return Vec::new() };
        let covered = self.covered(spot.before);
        let width = template.row.cells.last().map_or(0, |cell| cell.column as usize + 1).max(texts.len());
        (0..width as u32)
            .map(|column| {
                let serial = spot.serials.get(nth).filter(|_| self.serial == Some(column));
                let serial = serial.map(|&number| self.survey.serial_text(number));
                let text = serial.as_deref().or_else(|| texts.get(column as usize).map(String::as_str)).unwrap_or("");
                if template.patterns.contains_key(&column) {
                    return NewCell::Formula { value: text.to_string() };
                }
                if text.is_empty() || covered.contains(&column) {
                    return self.blank(template, column);
                }
                self.value(template, (column, new.quoted.get(column as usize).copied()), text)
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

    /// Writes a value as the neighbour's is kept; a number that the caller wants as a number, or as a text, as that.
    fn value(&self, template: &Template, (column, as_text): (u32, Option<bool>), text: &str) -> NewCell {
        let habits = self.survey.habits.get(column as usize);
        let cell = template.row.cell(column).filter(|cell| !template.row.is_blank(cell));
        let last = template.lasts.get(column as usize).and_then(|last| last.kind);
        let usual = habits.and_then(|habits| habits.usual_kind());
        let kind = cell.map(|cell| cell.kind).or(last).or(usual).unwrap_or_else(|| self.text_kind(column));
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let kind = match as_text.filter(|_| is_number) {
            Some(true) if kind == Kind::Number => self.text_kind(column),
            Some(false) if kind.is_text() && habits.is_some_and(|habits| habits.has_numbers()) => Kind::Number,
            Some(_) | None => kind,
        };
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

    /// Gives the neighbour's style; that of the sample where the neighbour is of another kind, as styled as its kind is.
    fn style_of_kind<'b>(
        &self,
        template: &'b Template,
        (column, kind): (u32, Kind),
        sample: &'b Sample,
    ) -> Option<&'b str> {
        let own = self.style(template, column);
        let beside = template.row.cell(column).filter(|cell| !template.row.is_blank(cell)).map(|cell| cell.kind);
        let samples = self.survey.habits.get(column as usize).map(|habits| &habits.samples);
        let usual = |kind: Kind| samples.and_then(|samples| samples.get(&(kind as u8)));
        let goes_with_kind = beside.and_then(usual).is_some_and(|usual| style(usual.at(&usual.cell().tag)) == own);
        match beside {
            Some(beside) if beside != kind && goes_with_kind && usual(kind).is_some() => {
                style(sample.at(&sample.cell().tag))
            }
            Some(_) | None => own,
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
                    let pattern = spot.template.as_ref().and_then(|template| template.patterns.get(&column));
                    if pattern.is_some_and(Pattern::is_number) { Content::Number } else { Content::Other }
                }
            };
            contents.insert(column, content);
        }
        contents
    }

    /// Tells by how much each column that is filled down counts on over the new rows of a spot.
    pub(super) fn steps(&self, spot: &Spot) -> BTreeMap<u32, i64> {
        let Some(template) = &spot.template else { return BTreeMap::new() };
        let found = template.patterns.iter().filter_map(|(&column, pattern)| Some((column, pattern.step()?)));
        found.map(|(column, step)| (column, step * spot.count as i64)).collect()
    }

    /// Writes a new row; gives with it the texts that are its own.
    pub(super) fn write(
        &self,
        spot: &Spot,
        nth: usize,
        plan: &[NewCell],
        indexes: &HashMap<String, usize>,
        effects: &Effects,
    ) -> Result<(String, OwnTexts), BookError> {
        let Some(template) = &spot.template else { return Ok((String::new(), OwnTexts::new())) };
        let mut own = OwnTexts::new();
        let number = self.number(spot, nth);
        let shown =
            self.visible.as_ref().and_then(|visible| visible.tag(&template.row, &|at| self.read(template, plan, at)));
        let tag = shown.as_deref().unwrap_or(template.row.at(&template.row.tag)).trim_end_matches([' ', '/']);
        let place = attributes(tag).find(|(name, _)| *name == "r").map(|(_, at)| (at, number.to_string()));
        let name = tag.split([' ', '\t', '\n']).next().unwrap_or("row");
        let mut out = format!("<{}>", replaced(tag, place.as_slice()));
        let (patterns, beside) = (&template.patterns, &template.row);
        let new = NewRowOf { number, plan, patterns, beside, frame: &self.frame, values: self.values };
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
                    if self.serial == Some(column) {
                        own.push((column as usize, Some(text.clone())));
                    }
                    let sample = self.sample(column, *kind);
                    let style = self.style_of_kind(template, (column, *kind), &sample);
                    sample.write(number, column, style, Some(&held), &mut out);
                }
                NewCell::Formula { value } => {
                    let Some(pattern) = template.patterns.get(&column) else { continue };
                    let change = effects.of(self.here, pattern.row(), column);
                    let value = new.shown(column, (nth, spot.count), change, value)?;
                    let style = pattern.cell().style;
                    own.push((column as usize, value.as_ref().map(|shown| self.values.read(shown, style))));
                    let text = pattern.text_at(number, &self.frame)?;
                    let shares = self.survey.masters.shares(pattern, spot.before);
                    let spelling = Spelling { text: &text, shares, close: self.close };
                    pattern.write(number, &spelling, value.as_ref(), &mut out);
                }
            }
        }
        out.extend(["</", name, ">"]);
        Ok((out, own))
    }

    /// Reads a new cell as it will read; nothing for one that is worked out.
    fn read(&self, template: &Template, plan: &[NewCell], column: u32) -> Option<String> {
        match plan.get(column as usize) {
            None | Some(NewCell::Absent | NewCell::Blank) => Some(String::new()),
            Some(NewCell::Value { kind: Kind::Shared | Kind::Inline, text }) => Some(text.clone()),
            Some(NewCell::Value { kind, text }) => {
                let style = self.style(template, column).and_then(|style| style.parse().ok()).unwrap_or(0);
                Some(self.values.read(&Shown { kind: *kind, text: text.clone() }, style))
            }
            Some(NewCell::Formula { .. }) => None,
        }
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
            Sample::cut(&template.row, cell).write_empty(number, column, self.close, out);
        }
    }
}
