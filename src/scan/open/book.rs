//! Excel workbooks (`.xlsx`, `.xlsm`), sheet by sheet and row by row.
//!
//! Cells without a reference follow the one before; shared strings are held, rows are not. Parts that hold no rows
//! (comments, text boxes, pivot caches) are scanned as they stand.

use quick_xml::events::Event;

use super::dates::{Epoch, Formats};
use super::desk::{Desk, within};
use super::error::Unreadable;
use super::limits::PART_BYTES_MAX;
use super::rows::{Rows, cell_name};
use super::xml::{Xml, attribute, entity, local, resolved};
use super::zip::{Package, Part};

/// Texts that cells of many sheets share.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    pub(super) fn push(&mut self, one: &str) -> Result<(), Unreadable> {
        if (self.text.len() + one.len() + 8 * self.ends.len()) as u64 > PART_BYTES_MAX {
            return Err(Unreadable::PartTooLarge);
        }
        self.text.push_str(one);
        self.ends.push(self.text.len());
        Ok(())
    }

    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[begin..end])
    }
}

/// One tab: its name and the part that holds it.
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) part: String,
}

/// What the cells of a book need to be read.
pub(super) struct Plan {
    pub(super) strings: Strings,
    pub(super) formats: Formats,
    pub(super) epoch: Epoch,
}

/// Goes through all sheets.
pub(super) fn read(desk: &mut Desk<'_>, package: &mut Package<'_>, place: &str) -> Result<(), Unreadable> {
    let (sheets, epoch) = sheets(package)?;
    let plan = Plan { strings: strings(package)?, formats: formats(package)?, epoch };
    for sheet in &sheets {
        let inside = within(place, &sheet.name);
        let done = match package.find(&sheet.part) {
            Some(at) => {
                let part = package.part(at)?;
                let mut rows = Rows::begin(desk, place, &sheet.name);
                let mut margins = String::new();
                let walked = walk(desk, part, &plan, (&mut rows, &mut margins));
                let ended = walked.and(rows.end(desk));
                if !margins.is_empty() {
                    desk.text(&mut margins.as_bytes(), &inside)?;
                }
                ended
            }
            None => Err(Unreadable::Damaged { what: "a sheet is missing" }),
        };
        desk.note(done, &inside);
    }
    for at in 0..package.names().len() {
        let name = package.names()[at].clone();
        let lower = name.to_ascii_lowercase();
        let of_rows = sheets.iter().any(|sheet| sheet.part.eq_ignore_ascii_case(&name));
        let plain = ["sharedstrings.xml", "styles.xml", "theme1.xml", "calcchain.xml"];
        let wanted = lower.starts_with("xl/") && [".xml", ".vml", ".rels"].iter().any(|end| lower.ends_with(end));
        if wanted && !of_rows && !plain.iter().any(|end| lower.ends_with(end)) {
            let mut part = package.part(at)?;
            desk.text(&mut part, &within(place, &name))?;
        }
    }
    Ok(())
}

/// Reads the names of the sheets and the parts they are in.
fn sheets(package: &mut Package<'_>) -> Result<(Vec<Sheet>, Epoch), Unreadable> {
    let targets = targets(package, "xl/_rels/workbook.xml.rels")?;
    let mut epoch = Epoch::From1900;
    let mut sheets = Vec::new();
    if let Some(plan) = package.small("xl/workbook.xml")? {
        let mut xml = Xml::new(&plan[..]);
        loop {
            match xml.next()? {
                Event::Start(tag) | Event::Empty(tag) => match local(tag.name().as_ref()) {
                    "sheet" => {
                        let target = attribute(&tag, "id").and_then(|id| {
                            targets.iter().find(|(known, _)| *known == id).map(|(_, target)| target.clone())
                        });
                        if let (Some(name), Some(part)) = (attribute(&tag, "name"), target) {
                            sheets.push(Sheet { name, part });
                        }
                    }
                    "workbookPr" if attribute(&tag, "date1904").is_some_and(|on| on == "1" || on == "true") => {
                        epoch = Epoch::From1904;
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
    }
    // A book whose plan is broken still has its sheets.
    for name in package.names() {
        let is_known = sheets.iter().any(|sheet: &Sheet| sheet.part.eq_ignore_ascii_case(name));
        if let Some(file) = name.strip_prefix("xl/worksheets/").filter(|file| file.ends_with(".xml") && !is_known) {
            sheets.push(Sheet { name: file.trim_end_matches(".xml").to_string(), part: name.clone() });
        }
    }
    Ok((sheets, epoch))
}

/// Reads which id of a relationship leads to which part.
pub(super) fn targets(package: &mut Package<'_>, part: &str) -> Result<Vec<(String, String)>, Unreadable> {
    let mut targets = Vec::new();
    let Some(links) = package.small(part)? else { return Ok(targets) };
    let mut xml = Xml::new(&links[..]);
    loop {
        match xml.next()? {
            Event::Start(tag) | Event::Empty(tag) if local(tag.name().as_ref()) == "Relationship" => {
                if let (Some(id), Some(target)) = (attribute(&tag, "Id"), attribute(&tag, "Target")) {
                    let target = match target.strip_prefix('/') {
                        Some(whole) => whole.to_string(),
                        None => format!("xl/{}", target.trim_start_matches("./")),
                    };
                    targets.push((id, target));
                }
            }
            Event::Eof => return Ok(targets),
            _ => {}
        }
    }
}

fn strings(package: &mut Package<'_>) -> Result<Strings, Unreadable> {
    let mut strings = Strings::default();
    let Some(at) = package.find("xl/sharedStrings.xml") else { return Ok(strings) };
    let mut xml = Xml::new(package.part(at)?);
    let (mut one, mut in_text, mut sounds) = (String::new(), false, false);
    loop {
        match xml.next()? {
            Event::Start(tag) => match local(tag.name().as_ref()) {
                "si" => one.clear(),
                "t" => in_text = !sounds,
                "rPh" => sounds = true,
                _ => {}
            },
            Event::Empty(tag) if local(tag.name().as_ref()) == "si" => strings.push("")?,
            Event::Text(text) if in_text => one.push_str(&resolved(&text)),
            Event::CData(text) if in_text => one.push_str(&text),
            Event::GeneralRef(name) if in_text => one.extend(entity(&name)),
            Event::End(tag) => match local(tag.name().as_ref()) {
                "si" => strings.push(&one)?,
                "t" => in_text = false,
                "rPh" => sounds = false,
                _ => {}
            },
            Event::Eof => return Ok(strings),
            _ => {}
        }
    }
}

fn formats(package: &mut Package<'_>) -> Result<Formats, Unreadable> {
    let mut formats = Formats::default();
    let Some(styles) = package.small("xl/styles.xml")? else { return Ok(formats) };
    let mut xml = Xml::new(&styles[..]);
    let mut in_cells = false;
    loop {
        match xml.next()? {
            Event::Start(tag) | Event::Empty(tag) => {
                let id = || attribute(&tag, "numFmtId").and_then(|id| id.parse().ok());
                match local(tag.name().as_ref()) {
                    "cellXfs" => in_cells = true,
                    "numFmt" => {
                        if let (Some(id), Some(code)) = (id(), attribute(&tag, "formatCode")) {
                            formats.define(id, &code);
                        }
                    }
                    "xf" if in_cells => formats.style(id().unwrap_or(0)),
                    _ => {}
                }
            }
            Event::End(tag) if local(tag.name().as_ref()) == "cellXfs" => in_cells = false,
            Event::Eof => return Ok(formats),
            _ => {}
        }
    }
}

/// The cell at hand.
#[derive(Default)]
struct Cell {
    column: u32,
    kind: String,
    style: usize,
    value: String,
    /// What it is calculated by.
    formula: String,
}

/// What a sheet says outside its cells: headers and footers of its pages, the values a cell may be chosen from, conditions.
const MARGINS: [&str; 10] = [
    "oddHeader",
    "oddFooter",
    "evenHeader",
    "evenFooter",
    "firstHeader",
    "firstFooter",
    "formula1",
    "formula2",
    "formula",
    "f",
];
/// Bytes of it that are kept.
const MARGINS_BYTES_MAX: usize = 4 << 20;

/// Goes through the rows of one sheet; what stands outside its cells is put into `margins`, a line each.
fn walk(
    desk: &mut Desk<'_>,
    part: Part<'_, '_>,
    plan: &Plan,
    (rows, margins): (&mut Rows<'_>, &mut String),
) -> Result<(), Unreadable> {
    let mut xml = Xml::new(part);
    let (mut row, mut cell, mut next_column) = (0_u64, Cell::default(), 0);
    let (mut in_value, mut in_formula, mut in_cell, mut in_margin) = (false, false, false, false);
    loop {
        match xml.next()? {
            Event::Start(tag) => match local(tag.name().as_ref()) {
                "row" => {
                    row = attribute(&tag, "r").and_then(|row| row.parse().ok()).unwrap_or(row + 1);
                    next_column = 0;
                }
                "c" => {
                    cell = Cell::begin(&tag, next_column);
                    next_column = cell.column.saturating_add(1);
                    in_cell = true;
                }
                "v" | "t" => in_value = true,
                "f" if in_cell => in_formula = true,
                "hyperlink" => link(desk, &tag, rows)?,
                "dataValidation" => prompts(&tag, margins),
                name => in_margin = MARGINS.contains(&name),
            },
            Event::Empty(tag) => match local(tag.name().as_ref()) {
                "row" => row += 1,
                "hyperlink" => link(desk, &tag, rows)?,
                "dataValidation" => prompts(&tag, margins),
                "c" => next_column = Cell::begin(&tag, next_column).column.saturating_add(1),
                _ => {}
            },
            Event::Text(text) if in_value => cell.value.push_str(&resolved(&text)),
            Event::CData(text) if in_value => cell.value.push_str(&text),
            Event::GeneralRef(name) if in_value => cell.value.extend(entity(&name)),
            Event::Text(text) if in_formula => cell.formula.push_str(&resolved(&text)),
            Event::GeneralRef(name) if in_formula => cell.formula.extend(entity(&name)),
            Event::Text(text) if in_margin && margins.len() < MARGINS_BYTES_MAX => margins.push_str(&resolved(&text)),
            Event::GeneralRef(name) if in_margin => margins.extend(entity(&name)),
            Event::End(tag) => match local(tag.name().as_ref()) {
                "v" | "t" => in_value = false,
                "f" if in_cell => in_formula = false,
                "c" => {
                    put(plan, rows, row, &cell);
                    in_cell = false;
                }
                "row" => rows.row(desk)?,
                _ if in_margin => {
                    margins.push('\n');
                    in_margin = false;
                }
                _ => {}
            },
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

impl Cell {
    /// Begins a cell; one without a reference follows the one before.
    fn begin(tag: &str, next_column: u32) -> Cell {
        let at = attribute(tag, "r").and_then(|name| cell_name(&name));
        Cell {
            column: at.map_or(next_column, |(column, _)| column),
            kind: attribute(tag, "t").unwrap_or_default(),
            style: attribute(tag, "s").and_then(|style| style.parse().ok()).unwrap_or(0),
            ..Cell::default()
        }
    }
}

/// Notes what is said to whoever fills a cell in.
fn prompts(tag: &str, margins: &mut String) {
    for said in ["promptTitle", "prompt", "errorTitle", "error"].iter().filter_map(|name| attribute(tag, name)) {
        if margins.len() < MARGINS_BYTES_MAX {
            margins.push_str(&said);
            margins.push('\n');
        }
    }
}

fn put(plan: &Plan, rows: &mut Rows<'_>, row: u64, cell: &Cell) {
    let date;
    let shown = match cell.kind.as_str() {
        "s" => cell.value.trim().parse().ok().and_then(|at| plan.strings.get(at)).unwrap_or_default(),
        "b" | "e" => "",
        "inlineStr" | "str" | "d" => &cell.value,
        _ => {
            let days = cell.value.trim().parse::<f64>().ok();
            date = days.and_then(|days| plan.formats.date(cell.style, days, plan.epoch));
            date.as_deref().unwrap_or(cell.value.trim())
        }
    };
    // A formula may hold what it does not show, or was never calculated: `HYPERLINK("tel:138…", "call")`.
    let (column, spells) = (Some(cell.column), cell.formula.contains('"') || shown.is_empty());
    match cell.formula.is_empty() || !spells {
        true => rows.cell(row, column, shown),
        false => {
            let joined = Some(joined(&cell.formula)).filter(|joined| !shown.contains(joined));
            rows.cell(row, column, &format!("{shown} {} {}", cell.formula, joined.unwrap_or_default()));
        }
    }
}

/// Gives what texts come to that a formula joins (`"138"&"00138000"`, `CONCAT("138","00138000")`), parted by blanks; texts that it does
/// not join stand in the formula as they are.
fn joined(formula: &str) -> String {
    let pieces: Vec<&str> = formula.split('"').collect();
    let sign = if formula.to_ascii_uppercase().contains("CONCAT") { "," } else { "&" };
    let (mut all, mut one, mut count) = (String::new(), String::new(), 0);
    // Every other piece is a text, behind what parts it from the last.
    for pair in pieces.chunks_exact(2) {
        if count > 0 && ![sign, "&"].contains(&pair[0].trim()) {
            keep(&mut all, &mut one, count);
            count = 0;
        }
        one.push_str(pair[1]);
        count += 1;
    }
    keep(&mut all, &mut one, count);
    all
}

/// Adds a text if several were joined to it.
fn keep(all: &mut String, one: &mut String, count: usize) {
    if count > 1 {
        all.push_str(if all.is_empty() { "" } else { " " });
        all.push_str(one);
    }
    one.clear();
}

/// Looks at what a link to a cell shows; where it leads stands in another part.
fn link(desk: &mut Desk<'_>, tag: &str, rows: &mut Rows<'_>) -> Result<(), Unreadable> {
    let Some((column, row)) = attribute(tag, "ref").and_then(|name| cell_name(&name)) else { return Ok(()) };
    let shown = ["location", "display", "tooltip"].iter().filter_map(|name| attribute(tag, name));
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() {
        return Ok(());
    }
    rows.cell(row, Some(column), &shown.join(" "));
    rows.row(desk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_a_formula_joins_are_one() {
        for (formula, wanted) in [
            (r#""138"&"0013"  & "8000""#, "13800138000"),
            (r#"CONCATENATE("138","00138000")"#, "13800138000"),
            (r#"IF(A1>0,"1"&"2","x")&"3"&"4""#, "12 34"),
            (r#"HYPERLINK("tel:1","call")"#, ""),
            (r#""13800138000""#, ""),
            ("A1&B1", ""),
            ("", ""),
        ] {
            assert_eq!(joined(formula), wanted, "{formula}");
        }
    }
}
