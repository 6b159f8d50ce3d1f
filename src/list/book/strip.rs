//! Taking rows out of a sheet again.
//!
//! What seeding carried on is carried back by the same code, the other way round. Shared texts are taken away only
//! from the end of their table, and only those that nothing else uses.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, Read, Seek, Write};
use std::ops::ControlFlow;

use quick_xml::events::Event;

use super::super::row::Row;
use super::cached::{Cached, Change, Content, Contents, Effects, FormulaCell, Local, own_row_only};
use super::edit::Edit;
use super::error::BookError;
use super::markup::{Grammar, Scanner, attribute, local};
use super::moves::{Moves, ROW_MAX};
use super::pattern::step;
use super::reference::Frame;
use super::seed::{Seeded, Target};
use super::serial::{Renumbered, Renumbering, Serial};
use super::shared_formula::{Area, Masters};
use super::sheet::{Kind, Piece, RawCell, RawRow, scan};
use super::shift::Merges;
use super::survey::Field;
use super::table::TableChange;
use super::value::Values;
use super::workbook::SheetKind;
use super::{Book, Line};

/// What the first walk finds.
#[derive(Default)]
struct Found {
    /// Rows to take out, from 1.
    rows: Vec<u32>,
    contents: Vec<Contents>,
    /// By how much columns filled down count on over the rows that go since the last one that stays.
    steps: BTreeMap<u32, i64>,
    all_steps: BTreeMap<(u32, u32), i64>,
    formulas: Vec<(u32, u32, String)>,
    serials: Renumbering,
    /// By how much serials count back, by row and column.
    serial_changes: BTreeMap<(u32, u32), i64>,
    counter: Serial,
    merges: Vec<Area>,
    shared: Shared,
    masters: Masters,
}

/// Which shared texts are in use.
#[derive(Default)]
struct Shared {
    /// By cells that go or get another text.
    freed: HashSet<usize>,
    /// By cells that go.
    uses: i64,
    /// By all other cells, as bits.
    kept: Vec<u64>,
}

impl<R: Read + Seek> Book<R> {
    /// Writes the book to `out` without the rows that `is_canary` picks; gives their number.
    ///
    /// With what [`Book::seed`] gave back, the original comes back part by part. Without it, or for a book that another
    /// program has saved since, values of formulas that cannot be worked back are dropped.
    pub fn strip<W: Write + Seek>(
        &mut self,
        target: &Target<'_>,
        is_canary: &mut dyn FnMut(&Row<'_>) -> bool,
        seeded: Option<&Seeded>,
        out: W,
    ) -> Result<u64, BookError> {
        self.refuse_pivots(target.sheet)?;
        let values = self.read_values()?;
        let edit = self.stripping(target, is_canary, seeded, &values);
        self.values = Some(values);
        let (edit, count) = edit?;
        edit.write(&mut self.package, &self.workbook, out)?;
        Ok(count)
    }

    fn stripping(
        &mut self,
        target: &Target<'_>,
        is_canary: &mut dyn FnMut(&Row<'_>) -> bool,
        seeded: Option<&Seeded>,
        values: &Values,
    ) -> Result<(Edit, u64), BookError> {
        let field = target.field();
        let here = self.workbook.place_of(target.sheet)?;
        let part = self.workbook.sheets[here].part.clone();
        let owned = self.owned(&part)?;
        let place = self.place(&part)?;
        let mut scanner = Scanner::new(self.package.reader(place)?, &part, Grammar::Xml)?;
        let mut found = Found::default();
        found.read(&mut scanner, field, values, is_canary)?;
        drop(scanner);
        let moves = Moves::taking_out(found.rows.clone());
        let count = found.rows.len() as u64;
        let effects = self.effects_back(here, &moves, &mut found)?;
        let wanted: HashSet<&str> = found.serials.values().map(|new| new.text.as_str()).collect();
        let indexes = values.strings.find(&|text| wanted.contains(text));
        self.mark_kept(here, &mut found, &indexes)?;
        let removed = if values.strings.len() == 0 {
            0
        } else {
            found.shared.tail(values.strings.len(), seeded.map(|seeded| seeded.strings_added))
        };
        let gone = found.merges.iter().filter(|merge| moves.range(merge.rows.0, merge.rows.1).is_none());
        let gone = gone.map(Area::to_string).collect();
        let edit = Edit {
            here,
            new_rows: Vec::new(),
            serials: field.serial.map(|column| (column, std::mem::take(&mut found.serials))),
            indexes,
            table: TableChange { added: Vec::new(), removed, uses: -found.shared.uses },
            strings_len: values.strings.len(),
            chain_after: BTreeMap::new(),
            merges: Merges { after: BTreeMap::new(), gone },
            effects,
            restored: restored(seeded),
            owned,
            moves,
        };
        Ok((edit, count))
    }

    fn effects_back(&mut self, here: usize, moves: &Moves, found: &mut Found) -> Result<Effects, BookError> {
        let order = self.order();
        let frame = Frame { moves, sheet: &order[here], order: &order };
        let mut local = Local::default();
        let mut formulas = Vec::new();
        for (row, column, text) in std::mem::take(&mut found.formulas) {
            match own_row_only(&text, row, &frame) {
                Some(columns) => local.note(row, column, columns),
                None => formulas.push(FormulaCell { sheet: here, row, column, text }),
            }
        }
        self.formulas_of_others(here, &mut formulas)?;
        let mut cached = Cached {
            frame,
            here,
            rows: &found.contents,
            sign: -1,
            steps: &found.all_steps,
            local: &local,
            first_moved: found.rows.first().copied().unwrap_or(ROW_MAX),
            effects: found.serial_effects(here),
        };
        cached.work_out(&formulas);
        Ok(cached.effects)
    }

    /// Marks the shared texts that other sheets use, and those that renumbered serials will.
    fn mark_kept(&mut self, here: usize, found: &mut Found, indexes: &HashMap<String, usize>) -> Result<(), BookError> {
        for new in found.serials.values().filter(|new| new.kind == Kind::Shared) {
            indexes.get(&new.text).into_iter().for_each(|&index| found.shared.keep(index));
        }
        if found.shared.freed.is_empty() {
            return Ok(());
        }
        for (i, sheet) in self.workbook.sheets.clone().iter().enumerate() {
            if i == here || sheet.kind != SheetKind::Cells {
                continue;
            }
            let place = self.place(&sheet.part)?;
            let mut scanner = Scanner::new(self.package.reader(place)?, &sheet.part, Grammar::Xml)?;
            scan(&mut scanner, &mut |piece| {
                if let Piece::Row(row) = piece {
                    row.cells
                        .iter()
                        .filter_map(|cell| shared_index(row, cell))
                        .for_each(|index| found.shared.keep(index));
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(())
    }
}

impl Found {
    fn read<B: BufRead>(
        &mut self,
        scanner: &mut Scanner<B>,
        field: Field,
        values: &Values,
        is_canary: &mut dyn FnMut(&Row<'_>) -> bool,
    ) -> Result<(), BookError> {
        let mut line = Line::default();
        scan(scanner, &mut |piece| {
            match piece {
                Piece::Row(row) => {
                    let goes = (field.first..=field.last).contains(&row.number) && is_canary(&line.read(row, values)?);
                    self.row(row, goes, field, values)?;
                }
                Piece::Outside(Event::Empty(tag) | Event::Start(tag)) if local(tag.name().as_ref()) == "mergeCell" => {
                    self.merges.extend(attribute(tag, "ref").and_then(|area| Area::read(&area)));
                }
                Piece::Outside(_) => {}
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    fn row(&mut self, row: &RawRow, goes: bool, field: Field, values: &Values) -> Result<(), BookError> {
        if !goes {
            let steps = std::mem::take(&mut self.steps);
            self.all_steps.extend(steps.into_iter().map(|(column, step)| ((row.number, column), step)));
        }
        for cell in row.cells.iter().filter(|cell| cell.formula.is_some()) {
            let Some(text) = self.masters.text(row, cell) else { continue };
            if !goes {
                self.formulas.push((row.number, cell.column, text));
            } else if let Some(step) = step(&text, row.number, cell.column) {
                *self.steps.entry(cell.column).or_default() += step;
            }
        }
        if goes {
            self.rows.push(row.number);
            self.contents.push(contents(row, values)?);
            self.counter.take_out();
        }
        for cell in &row.cells {
            let mut renumbered = false;
            if !goes && field.serial == Some(cell.column) && (field.first..=field.last).contains(&row.number) {
                renumbered = self.serial(row, cell, values)?;
            }
            if let Some(index) = shared_index(row, cell) {
                self.shared.note(index, goes, renumbered);
            }
        }
        Ok(())
    }

    /// Counts a serial back; tells whether it changes.
    fn serial(&mut self, row: &RawRow, cell: &RawCell, values: &Values) -> Result<bool, BookError> {
        if cell.formula.is_some() {
            return Ok(false);
        }
        let mut text = String::new();
        values.append(row, cell, &mut text)?;
        let Some(number) = self.counter.parse(&text) else { return Ok(false) };
        let new = self.counter.pulled(number);
        if new != number {
            let text = self.counter.written(new);
            self.serials.insert(row.number, Renumbered { text, kind: cell.kind });
            self.serial_changes.insert((row.number, cell.column), new as i64 - number as i64);
        }
        Ok(new != number)
    }

    fn serial_effects(&self, here: usize) -> Effects {
        let mut effects = Effects::default();
        for (&(row, column), &by) in &self.serial_changes {
            effects.set(here, row, column, Change::By(by));
        }
        effects
    }
}

impl Shared {
    fn note(&mut self, index: usize, goes: bool, renumbered: bool) {
        self.uses += i64::from(goes);
        if goes || renumbered {
            self.freed.insert(index);
        } else {
            self.keep(index);
        }
    }

    fn keep(&mut self, index: usize) {
        let word = index / 64;
        if self.kept.len() <= word {
            self.kept.resize(word + 1, 0);
        }
        self.kept[word] |= 1 << (index % 64);
    }

    /// Counts the texts at the end of a table of `len` that only freed cells used.
    fn tail(&self, len: usize, at_most: Option<usize>) -> usize {
        let kept = |index: usize| self.kept.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1);
        let free = (0..len).rev().take_while(|index| self.freed.contains(index) && !kept(*index)).count();
        free.min(at_most.unwrap_or(len))
    }
}

fn shared_index(row: &RawRow, cell: &RawCell) -> Option<usize> {
    let value = cell.value.as_ref().filter(|_| cell.kind == Kind::Shared)?;
    row.at(&value.inner).trim().parse().ok().filter(|&index| index < 1 << 28)
}

/// Says what formulas found in a row that goes.
fn contents(row: &RawRow, values: &Values) -> Result<Contents, BookError> {
    let mut contents = Contents::new();
    for cell in row.cells.iter().filter(|cell| !row.is_blank(cell)) {
        let value = cell.value.as_ref().map_or("", |value| row.at(&value.inner));
        let content = match (cell.formula.is_some(), cell.kind) {
            (true, Kind::Number) => Content::Number,
            (true, _) | (false, Kind::Bool | Kind::Error) => Content::Other,
            (false, Kind::Number) => value.parse().map_or(Content::Number, Content::Whole),
            (false, Kind::Shared | Kind::Inline | Kind::Text | Kind::Iso) => {
                let mut text = String::new();
                values.append(row, cell, &mut text)?;
                Content::Text(text)
            }
        };
        contents.insert(cell.column, content);
    }
    Ok(contents)
}

fn restored(seeded: Option<&Seeded>) -> HashMap<String, HashMap<String, String>> {
    let mut restored: HashMap<String, HashMap<String, String>> = HashMap::new();
    for lost in seeded.into_iter().flat_map(|seeded| &seeded.lost) {
        restored.entry(lost.part.clone()).or_default().insert(lost.cell.clone(), lost.raw.clone());
    }
    restored
}
