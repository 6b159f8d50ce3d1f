//! Putting new rows into a sheet.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Read, Seek, Write};

use quick_xml::events::Event;
use serde::{Deserialize, Serialize};

use super::super::counting::Counting;
use super::super::row::NewRow;
use super::Book;
use super::build::{Builder, NewCell};
use super::cached::Cached;
use super::edit::Edit;
use super::effects::FormulaCell;
use super::error::BookError;
use super::first_use::{FirstUse, TableOrder};
use super::formula::column_letters;
use super::markup::{Grammar, Scanner, attribute, local};
use super::moves::{Moves, ROW_MAX};
use super::reference::Frame;
use super::rewrite::Lost;
use super::sample::Close;
use super::shared_formula::Area;
use super::sheet::Kind;
use super::shift::Merges;
use super::spelt::Addresses;
use super::survey::{Field, Look, Spot, Survey, formulas_elsewhere};
use super::table::TableChange;
use super::value::Values;
use super::workbook::{SheetKind, relations};

/// The list on a sheet that rows go into or come out of.
///
/// `first` and `last` are the ordinals of its first and last record; `serial` is the column that numbers them, from 0, and `counting` its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    pub sheet: &'a str,
    pub first: u64,
    pub last: u64,
    pub serial: Option<usize>,
    pub counting: Counting,
}

/// What stripping a seeded book needs to know to give back the original part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeded {
    /// How many texts were added to the shared ones.
    pub strings_added: usize,
    /// Whether they went where the rows use them first, rather than to the end.
    #[serde(default)]
    pub by_row: bool,
    /// Cells that could not be kept: in most books none.
    pub lost: Vec<Lost>,
}

/// All that seeding is going to change in a book.
pub struct Tried {
    edit: Edit,
}

impl Tried {
    /// Gives, for each new row in the order of the list, the columns (from 0) whose text nobody gave and what they show: serial numbers
    /// and results of formulas, nothing where a formula shows nothing.
    pub fn own_texts(&self) -> &[Vec<(usize, Option<String>)>] {
        &self.edit.own
    }
}

impl Target<'_> {
    pub(super) fn field(&self) -> Field {
        let row = |ordinal: u64| ordinal.saturating_add(1).min(u64::from(ROW_MAX)) as u32;
        let serial = self.serial.map(|column| column as u32);
        Field { first: row(self.first), last: row(self.last), serial, counting: self.counting }
    }
}

impl<R: Read + Seek> Book<R> {
    /// Writes the book to `out` with `rows` put into the list, each in front of the record [`NewRow::before`] names.
    ///
    /// A new row follows the record above it (the first record, when it goes in front of that) in style, height and
    /// the way each cell is stored. References, serials and the values of formulas are carried on.
    pub fn seed<W: Write + Seek>(&mut self, target: &Target<'_>, rows: &[NewRow], out: W) -> Result<Seeded, BookError> {
        self.refuse_pivots(target.sheet)?;
        let values = self.read_values()?;
        let edit = self.seeding(target, rows, &values);
        self.values = Some(values);
        self.seed_tried(&Tried { edit: edit? }, out)
    }

    /// Goes through all of [`Book::seed`] but the writing: what that would refuse is refused here.
    pub fn try_seed(&mut self, target: &Target<'_>, rows: &[NewRow]) -> Result<Tried, BookError> {
        self.refuse_pivots(target.sheet)?;
        let values = self.read_values()?;
        let edit = self.seeding(target, rows, &values);
        let tried = edit.and_then(|edit| {
            edit.try_out(&mut self.package, (&self.workbook, &values))?;
            Ok(Tried { edit })
        });
        self.values = Some(values);
        tried
    }

    /// Does the rest of [`Book::seed`] for a book that is still as it was when it was tried.
    pub fn seed_tried<W: Write + Seek>(&mut self, tried: &Tried, out: W) -> Result<Seeded, BookError> {
        let values = self.read_values()?;
        let lost = tried.edit.write(&mut self.package, (&self.workbook, &values), out);
        self.values = Some(values);
        let table = &tried.edit.table;
        Ok(Seeded { strings_added: table.added.len(), by_row: table.order.is_some(), lost: lost? })
    }

    fn seeding(&mut self, target: &Target<'_>, rows: &[NewRow], values: &Values) -> Result<Edit, BookError> {
        let field = target.field();
        let mut sorted: Vec<&NewRow> = rows.iter().collect();
        sorted.sort_by_key(|row| row.before);
        let row_after = |row: &&NewRow| row.before.saturating_add(1).min(u64::from(ROW_MAX)) as u32;
        let befores: Vec<u32> = sorted.iter().map(row_after).collect();
        let moves = Moves::putting_in(befores.clone(), field.first);
        let order = self.order();
        let here = self.workbook.place_of(target.sheet)?;
        let part = self.workbook.sheets[here].part.clone();
        let owned = self.owned(&part)?;
        let addresses = Addresses::among(&values.strings);
        let frame = Frame { moves: &moves, sheet: &order[here], order: &order, addresses };
        let look = Look { frame, here, field, values, names: &self.workbook.names };

        let place = self.place(&part)?;
        let mut scanner = Scanner::new(self.package.reader(place)?, &part, Grammar::Xml)?;
        let mut survey = Survey::read(&mut scanner, spots(&befores), look)?;
        drop(scanner);
        check_places(target.sheet, &survey, rows.len())?;
        check_counts(target.sheet, &survey, field.last, rows.len())?;
        let mut formulas = std::mem::take(&mut survey.formulas);
        let elsewhere = self.formulas_of_others(here, &mut formulas)?;
        let known = std::mem::take(&mut survey.effects);
        let serials = field.serial.map(|column| (column, std::mem::take(&mut survey.serials)));
        let visible = self.visible(&part, (&survey, field), values)?;

        let mut edit = Edit {
            here,
            new_rows: Vec::new(),
            own: Vec::new(),
            serials,
            indexes: HashMap::new(),
            table: TableChange::default(),
            strings_len: values.strings.len(),
            chain_after: BTreeMap::new(),
            merges: Merges::default(),
            effects: known,
            restored: HashMap::new(),
            owned,
            addresses,
            moves: moves.clone(),
        };
        let builder = Builder {
            frame,
            here,
            survey: &survey,
            values,
            visible,
            close: close(&survey),
            has_strings: self.workbook.strings.is_some(),
            serial: field.serial,
        };
        new_rows(&builder, (&sorted, elsewhere), &formulas, &mut edit)?;
        Ok(edit)
    }
}

/// Decides on the new rows and writes them, with all that follows from them.
fn new_rows(
    builder: &Builder<'_>,
    (sorted, elsewhere): (&[&NewRow], usize),
    formulas: &[FormulaCell],
    edit: &mut Edit,
) -> Result<(), BookError> {
    let survey = builder.survey;
    let places: Vec<(&Spot, usize)> =
        survey.spots.iter().flat_map(|spot| (0..spot.count).map(move |nth| (spot, nth))).collect();
    let plan = |((spot, nth), row): (&(&Spot, usize), &&NewRow)| builder.plan(spot, *nth, row);
    let plans: Vec<Vec<NewCell>> = places.iter().zip(sorted).map(plan).collect();
    let contents: Vec<_> = places.iter().zip(&plans).map(|((spot, _), plan)| builder.contents(spot, plan)).collect();
    let steps_of = |spot: &Spot| {
        builder.steps(spot).into_iter().map(|(column, step)| ((spot.before, column), step)).collect::<Vec<_>>()
    };
    let mut cached = Cached {
        frame: builder.frame,
        here: builder.here,
        rows: &contents,
        sign: 1,
        steps: &survey.spots.iter().flat_map(steps_of).collect(),
        local: &survey.local,
        first_moved: survey.spots.first().map_or(ROW_MAX, |spot| spot.before),
        effects: std::mem::take(&mut edit.effects),
    };
    cached.work_out(formulas);
    edit.effects = cached.effects;
    share_texts(&plans, builder.values, edit);
    if survey.first_use.orders(edit.strings_len, elsewhere) {
        order_texts(&places, &plans, elsewhere, edit);
    }
    for ((spot, nth), plan) in places.iter().zip(&plans) {
        let (written, own) = builder.write(spot, *nth, plan, &edit.indexes, &edit.effects)?;
        edit.new_rows.push((spot.before, written));
        edit.own.push(own);
        for (&column, pattern) in spot.template.iter().flat_map(|template| &template.patterns) {
            edit.chain_after.entry((column, pattern.row())).or_default().push(builder.number(spot, *nth));
        }
    }
    edit.merges = merges(builder, &places);
    Ok(())
}

/// Finds the indexes of the texts that new cells and renumbered serials share, and adds those that are missing.
fn share_texts(plans: &[Vec<NewCell>], values: &Values, edit: &mut Edit) {
    let mut shared: Vec<&str> = Vec::new();
    for cell in plans.iter().flatten() {
        if let NewCell::Value { kind: Kind::Shared, text } = cell {
            shared.push(text);
        }
    }
    edit.table.uses = shared.len() as i64;
    let serials = edit.serials.iter().flat_map(|(_, serials)| serials.values());
    shared.extend(serials.filter(|new| new.kind == Kind::Shared).map(|new| new.text.as_str()));
    let wanted: HashSet<&str> = shared.iter().copied().collect();
    edit.indexes = values.strings.find(&|text| wanted.contains(text));
    for text in shared {
        if !edit.indexes.contains_key(text) {
            edit.indexes.insert(text.to_string(), values.strings.len() + edit.table.added.len());
            edit.table.added.push(text.to_string());
        }
    }
}

/// Puts the texts of new rows where these use them first. Where the serials are texts, all texts below would change their places:
/// there they stay at the end.
fn order_texts(places: &[(&Spot, usize)], plans: &[Vec<NewCell>], elsewhere: usize, edit: &mut Edit) {
    if edit.serials.iter().any(|(_, serials)| serials.values().any(|new| new.kind == Kind::Shared)) {
        return;
    }
    let (mut put, mut seen) = (Vec::new(), HashSet::new());
    for ((spot, _), plan) in places.iter().zip(plans) {
        let used = spot.texts.max(elsewhere);
        for cell in plan {
            let NewCell::Value { kind: Kind::Shared, text } = cell else { continue };
            let index = edit.indexes.get(text).copied().filter(|index| *index >= used && !seen.contains(index));
            if let Some(index) = index {
                seen.insert(index);
                put.push((used, index));
            }
        }
    }
    let order = TableOrder::putting_in(edit.strings_len, &put);
    edit.indexes.values_mut().for_each(|index| *index = order.place(*index).unwrap_or(*index));
    edit.table.order = Some(order);
}

/// Gives a new row the merged cells of the row it follows, when those lie in that row alone.
fn merges(builder: &Builder<'_>, places: &[(&Spot, usize)]) -> Merges {
    let mut merges = Merges::default();
    for (spot, nth) in places {
        let row = spot.template.as_ref().map_or(0, |template| template.row.number);
        for merge in builder.survey.merges.iter().filter(|merge| merge.rows == (row, row)) {
            let number = builder.number(spot, *nth);
            let new = Area { rows: (number, number), ..*merge };
            merges.after.entry(merge.to_string()).or_default().push(new.to_string());
        }
    }
    merges
}

/// Groups places in front of the same row.
fn spots(befores: &[u32]) -> Vec<Spot> {
    let group = |same: &[u32]| Spot { before: same[0], count: same.len(), ..Spot::default() };
    befores.chunk_by(|a, b| a == b).map(group).collect()
}

fn check_places(sheet: &str, survey: &Survey, more: usize) -> Result<(), BookError> {
    let next = survey.spots.iter().find(|spot| spot.template.is_none() || spot.before > survey.last_row + 1);
    if let Some(spot) = next {
        return Err(BookError::NoSuchRow { sheet: sheet.to_string(), row: u64::from(spot.before) });
    }
    if survey.last_row as usize + more > ROW_MAX as usize {
        return Err(BookError::NoRoom { sheet: sheet.to_string(), more });
    }
    Ok(())
}

/// Refuses a list whose formulas count down by row numbers to 1: below the new rows they would show nothing above 0.
fn check_counts(sheet: &str, survey: &Survey, last: u32, more: usize) -> Result<(), BookError> {
    let templates = survey.spots.iter().filter_map(|spot| spot.template.as_ref());
    for (&column, pattern) in templates.flat_map(|template| &template.patterns) {
        let (Some(step), Ok(shown)) = (pattern.step().filter(|step| *step < 0), pattern.kept().parse::<i64>()) else {
            continue;
        };
        let at_last = shown + step * (i64::from(last) - i64::from(pattern.row()));
        let then = at_last + step * more as i64;
        if at_last >= 0 && then < at_last.min(1) {
            let cell = format!("{}{}", column_letters(column), pattern.row());
            return Err(BookError::CountsBelow { sheet: sheet.to_string(), cell, then });
        }
    }
    Ok(())
}

/// Finds out how the sheet's writer closes empty tags.
fn close(survey: &Survey) -> Close {
    let mut templates = survey.spots.iter().filter_map(|spot| spot.template.as_ref());
    if templates.any(|template| template.row.raw.contains(" />")) { Close::Spaced } else { Close::Tight }
}

impl<R: Read + Seek> Book<R> {
    /// Lists all sheets in tab order.
    pub(super) fn order(&self) -> Vec<String> {
        self.workbook.sheets.iter().map(|sheet| sheet.name.clone()).collect()
    }

    /// Lists the parts that belong to a sheet, in lower case.
    pub(super) fn owned(&mut self, part: &str) -> Result<HashSet<String>, BookError> {
        let links = relations(&mut self.package, part)?;
        Ok(links.into_iter().map(|link| link.target.to_lowercase()).collect())
    }

    /// Gathers the formulas of all sheets but one; gives one more than the highest index of a shared text there.
    pub(super) fn formulas_of_others(&mut self, here: usize, found: &mut Vec<FormulaCell>) -> Result<usize, BookError> {
        let mut first_use = FirstUse::default();
        for (i, sheet) in self.workbook.sheets.clone().iter().enumerate() {
            if i == here || sheet.kind != SheetKind::Cells {
                continue;
            }
            let place = self.place(&sheet.part)?;
            let mut scanner = Scanner::new(self.package.reader(place)?, &sheet.part, Grammar::Xml)?;
            formulas_elsewhere(&mut scanner, (i, &self.workbook.names), found, &mut first_use)?;
        }
        Ok(first_use.used(0))
    }

    /// Refuses a sheet that a pivot table stands on or takes its rows from.
    pub(super) fn refuse_pivots(&mut self, sheet: &str) -> Result<(), BookError> {
        let refused = || BookError::Pivot { sheet: sheet.to_string() };
        let part = self.workbook.sheet(sheet)?.part.clone();
        if relations(&mut self.package, &part)?.iter().any(|link| link.kind == "pivotTable") {
            return Err(refused());
        }
        for place in 0..self.package.names().len() {
            let name = self.package.names()[place].clone();
            if !name.to_lowercase().contains("pivotcachedefinition") || !name.to_lowercase().ends_with(".xml") {
                continue;
            }
            let mut scanner = Scanner::new(self.package.reader(place)?, &name, Grammar::Xml)?;
            loop {
                match scanner.next()? {
                    Event::Start(tag) | Event::Empty(tag)
                        if local(tag.name().as_ref()) == "worksheetSource"
                            && attribute(&tag, "sheet").is_none_or(|source| source == sheet) =>
                    {
                        return Err(refused());
                    }
                    Event::Eof => break,
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
