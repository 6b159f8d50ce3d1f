//! The first walk over the sheet that is to be seeded: what new rows follow, and what depends on them.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::ControlFlow;

use quick_xml::events::Event;

use super::super::counting::Counting;
use super::cached::own_row_only;
use super::effects::{Change, Effects, FormulaCell, Local};
use super::error::BookError;
use super::first_use::FirstUse;
use super::markup::{Scanner, attribute, local};
use super::names::Names;
use super::pattern::{Pattern, Side, step};
use super::reference::Frame;
use super::sample::{Habits, Last};
use super::serial::{Next, Renumbered, Renumbering, Serial};
use super::shared_formula::{Area, Masters};
use super::sheet::{Piece, RawRow, scan};
use super::value::Values;
use super::visible::{Filters, is_hidden};

/// Where the records of a sheet stand: rows from 1, the serial column from 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) serial: Option<u32>,
    pub(super) counting: Counting,
}

/// A place where new rows go.
#[derive(Debug, Default)]
pub(super) struct Spot {
    /// The old row they go in front of.
    pub(super) before: u32,
    pub(super) count: usize,
    pub(super) template: Option<Template>,
    /// The serials of the new rows, once they are known.
    pub(super) serials: Vec<u64>,
    /// How many shared texts the sheet has used above.
    pub(super) texts: usize,
}

/// The row that new rows follow.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) row: RawRow,
    /// What the last cells above held, by column.
    pub(super) lasts: Vec<Last>,
    /// The formulas that new rows copy, by column.
    pub(super) patterns: BTreeMap<u32, Pattern>,
}

/// The texts of a row's formulas, by column.
type Texts = BTreeMap<u32, String>;

/// What the first walk finds.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) spots: Vec<Spot>,
    pub(super) habits: Vec<Habits>,
    pub(super) merges: Vec<Area>,
    pub(super) formulas: Vec<FormulaCell>,
    pub(super) local: Local,
    pub(super) serials: Renumbering,
    pub(super) effects: Effects,
    pub(super) masters: Masters,
    pub(super) last_row: u32,
    pub(super) first_use: FirstUse,
    /// Whether a record is hidden, and which columns the sheet's own filter looks at.
    pub(super) has_hidden: bool,
    pub(super) filters: Filters,
    /// The last record and the texts of its formulas.
    previous: Option<(RawRow, Texts)>,
    counter: Serial,
    /// Spots whose new rows wait for the next serial.
    waiting: Vec<usize>,
    at: usize,
    /// How many spots know of the texts above them.
    told: usize,
}

/// What a walk needs to know.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) frame: Frame<'a>,
    /// The sheet's place in tab order.
    pub(super) here: usize,
    pub(super) field: Field,
    pub(super) values: &'a Values,
    pub(super) names: &'a Names,
}

impl Survey {
    /// Walks over the sheet.
    pub(super) fn read<B: BufRead>(
        scanner: &mut Scanner<B>,
        spots: Vec<Spot>,
        look: Look<'_>,
    ) -> Result<Survey, BookError> {
        let mut survey = Survey { spots, counter: Serial::new(look.field.counting), ..Survey::default() };
        scan(scanner, &mut |piece| {
            match piece {
                Piece::Row(row) => survey.row(row, look)?,
                Piece::Outside(Event::Empty(tag) | Event::Start(tag)) if local(tag.name().as_ref()) == "mergeCell" => {
                    survey.merges.extend(attribute(tag, "ref").and_then(|area| Area::read(&area)));
                }
                Piece::Outside(event) => survey.filters.see(event),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        survey.pass_spots(u32::MAX, None);
        let (told, texts) = (survey.told, survey.first_use.used(0));
        survey.spots[told..].iter_mut().for_each(|spot| spot.texts = texts);
        Ok(survey)
    }

    fn row(&mut self, row: &RawRow, look: Look<'_>) -> Result<(), BookError> {
        self.last_row = row.number;
        self.note_texts(row);
        let texts = self.formulas_of(row, look);
        if !(look.field.first..=look.field.last).contains(&row.number) {
            return Ok(());
        }
        self.pass_spots(row.number, Some((row, &texts)));
        self.has_hidden |= is_hidden(row);
        self.note_cells(row);
        self.note_serial(row, look)?;
        let (raw, formulas) = self.previous.get_or_insert_default();
        raw.number = row.number;
        raw.tag = row.tag.clone();
        raw.raw.clone_from(&row.raw);
        raw.cells.clone_from(&row.cells);
        *formulas = texts;
        Ok(())
    }

    /// Takes note of a row's formulas and gives their texts by column.
    fn formulas_of(&mut self, row: &RawRow, look: Look<'_>) -> Texts {
        let mut texts = Texts::new();
        for cell in row.cells.iter().filter(|cell| cell.formula.is_some()) {
            let Some(text) = self.masters.text(row, cell) else { continue };
            let spelt_out = look.names.spelt_out(&text, look.here);
            match own_row_only(&spelt_out, row.number, &look.frame) {
                Some(columns) => self.local.note(row.number, cell.column, columns),
                None => self.formulas.push(FormulaCell {
                    sheet: look.here,
                    row: row.number,
                    column: cell.column,
                    text: spelt_out.into(),
                }),
            }
            texts.insert(cell.column, text);
        }
        texts
    }

    /// Settles the spots in front of a row, following the record above or else the one below.
    fn pass_spots(&mut self, upto: u32, below: Option<(&RawRow, &Texts)>) {
        while let Some(spot) = self.spots.get_mut(self.at).filter(|spot| spot.before <= upto) {
            let above = self.previous.as_ref().map(|(row, texts)| (row, texts));
            let Some((row, _)) = above.or(below) else { return };
            let lasts = self.habits.iter().map(|habits| habits.last.clone()).collect();
            let patterns = patterns(above, below.filter(|(row, _)| row.number == spot.before));
            spot.template = Some(Template { row: row.clone(), lasts, patterns });
            for _ in 0..spot.count {
                match self.counter.put_in() {
                    Next::Number(number) => spot.serials.push(number),
                    Next::AsBelow => self.waiting.push(self.at),
                }
            }
            self.at += 1;
        }
    }

    fn note_texts(&mut self, row: &RawRow) {
        let texts = self.first_use.used(0);
        let passed = self.spots[self.told..].iter_mut().take_while(|spot| spot.before <= row.number);
        self.told += passed.map(|spot| spot.texts = texts).count();
        self.first_use.row(row);
    }

    fn note_cells(&mut self, row: &RawRow) {
        let mut next = 0;
        for cell in &row.cells {
            let column = cell.column as usize;
            if self.habits.len() <= column {
                self.habits.resize_with(column + 1, Habits::default);
            }
            self.habits[next..column].iter_mut().for_each(|habits| habits.absent += 1);
            self.habits[column].note(row, cell);
            next = column + 1;
        }
        self.habits[next..].iter_mut().for_each(|habits| habits.absent += 1);
    }

    /// Renumbers a serial that is a value; one that is a formula comes by itself.
    fn note_serial(&mut self, row: &RawRow, look: Look<'_>) -> Result<(), BookError> {
        let Some(column) = look.field.serial else { return Ok(()) };
        let Some(cell) = row.cell(column).filter(|cell| cell.formula.is_none()) else { return Ok(()) };
        let mut text = String::new();
        look.values.append(row, cell, &mut text)?;
        let Some(number) = self.counter.parse(&text) else { return Ok(()) };
        let waiting = std::mem::take(&mut self.waiting);
        for (nth, spot) in waiting.iter().enumerate() {
            self.spots[*spot].serials.push(self.counter.beside(number, (nth, waiting.len())));
        }
        let new = self.counter.pushed(number);
        if new != number {
            let text = self.counter.written(new);
            self.serials.insert(row.number, Renumbered { text, kind: cell.kind });
            self.effects.set(look.here, row.number, column, Change::By((new - number) as i64));
        }
        Ok(())
    }

    /// Writes a serial as the column writes them.
    pub(super) fn serial_text(&self, number: u64) -> String {
        self.counter.written(number)
    }
}

/// Takes the formulas of the row above; where it has none, those of the row below that count on from it.
fn patterns(above: Option<(&RawRow, &Texts)>, below: Option<(&RawRow, &Texts)>) -> BTreeMap<u32, Pattern> {
    let mut patterns = BTreeMap::new();
    for (side, (row, texts)) in
        [(Side::Below, below), (Side::Above, above)].into_iter().filter_map(|(side, at)| Some((side, at?)))
    {
        for (&column, text) in texts {
            let counts_on = || step(text, row.number, column).is_some();
            if side == Side::Above || above.is_none() || counts_on() {
                let pattern = row.cell(column).map(|cell| Pattern::cut(row, cell, text, side));
                patterns.extend(pattern.map(|pattern| (column, pattern)));
            }
        }
    }
    patterns
}

/// Walks over another sheet for its formulas and its shared texts.
pub(super) fn formulas_elsewhere<B: BufRead>(
    scanner: &mut Scanner<B>,
    (sheet, names): (usize, &Names),
    found: &mut Vec<FormulaCell>,
    first_use: &mut FirstUse,
) -> Result<(), BookError> {
    let mut masters = Masters::default();
    scan(scanner, &mut |piece| {
        let Piece::Row(row) = piece else { return Ok(ControlFlow::Continue(())) };
        first_use.row(row);
        for cell in row.cells.iter().filter(|cell| cell.formula.is_some()) {
            let Some(text) = masters.text(row, cell) else { continue };
            let text = names.spelt_out(&text, sheet).into();
            found.push(FormulaCell { sheet, row: row.number, column: cell.column, text });
        }
        Ok(ControlFlow::Continue(()))
    })
}
