//! OpenDocument files (`.ods`, `.odt`, `.odp`): rows of tables as rows, paragraphs outside them as lines.
//!
//! Repeated cells and rows are claims (a billion empty ones): they move the count and are not written out.

use quick_xml::events::Event;

use super::desk::{Desk, Text};
use super::error::Unreadable;
use super::rows::Rows;
use super::xml::{Xml, attribute, entity, local, resolved};
use super::zip::Package;

/// The cell at hand: its column, the value behind it, and the text it shows.
#[derive(Default)]
struct Cell {
    value: Option<String>,
    shown: String,
    repeated: u32,
}

/// Goes through the content.
pub(super) fn read(desk: &mut Desk<'_>, package: &mut Package<'_>, place: &str) -> Result<(), Unreadable> {
    if let Some(manifest) = package.small("META-INF/manifest.xml")?
        && memchr::memmem::find(&manifest, b"encryption-data").is_some()
    {
        return Err(Unreadable::Encrypted);
    }
    let Some(at) = package.find("content.xml") else { return Err(Unreadable::Damaged { what: "OpenDocument" }) };
    let mut xml = Xml::new(package.part(at)?);
    let mut prose = Text::begin(desk.needles);
    let walked = walk(desk, &mut xml, &mut prose, place);
    desk.end(prose, place);
    walked
}

fn walk<R: std::io::Read>(
    desk: &mut Desk<'_>,
    xml: &mut Xml<R>,
    prose: &mut Text<'_>,
    place: &str,
) -> Result<(), Unreadable> {
    let (mut row, mut column, mut cell) = (0_u64, 0_u32, Cell::default());
    let (mut rows, mut tables, mut paragraphs, mut line) = (None::<Rows<'_>>, 0_usize, 0_usize, String::new());
    loop {
        match xml.next()? {
            Event::Start(tag) => match local(tag.name().as_ref()) {
                "table" => {
                    tables += 1;
                    if tables == 1 {
                        let name = attribute(&tag, "name").unwrap_or_default();
                        rows = Some(Rows::begin(desk, place, &name));
                        row = 0;
                    }
                }
                "table-row" => {
                    (row, column) = (row + 1, 0);
                }
                "table-cell" | "covered-table-cell" => cell = begun(&tag),
                "p" | "h" => paragraphs += 1,
                _ => {}
            },
            Event::Empty(tag) => match local(tag.name().as_ref()) {
                "table-row" => row = row.saturating_add(repeats(&tag, "number-rows-repeated").into()),
                "table-cell" | "covered-table-cell" => {
                    cell = begun(&tag);
                    put(rows.as_mut(), row, &mut column, &mut cell);
                }
                "s" | "tab" | "line-break" if paragraphs > 0 => line.push(' '),
                _ => {}
            },
            Event::Text(more) if paragraphs > 0 => line.push_str(&resolved(&more)),
            Event::CData(more) if paragraphs > 0 => line.push_str(&more),
            Event::GeneralRef(name) if paragraphs > 0 => line.extend(entity(&name)),
            Event::End(tag) => match local(tag.name().as_ref()) {
                "p" | "h" => {
                    paragraphs = paragraphs.saturating_sub(1);
                    match tables {
                        0 => {
                            line.push('\n');
                            prose.feed(line.as_bytes());
                            desk.count(line.len() as u64)?;
                        }
                        _ => cell.shown.push_str(&line),
                    }
                    line.clear();
                }
                "table-cell" | "covered-table-cell" => put(rows.as_mut(), row, &mut column, &mut cell),
                "table-row" => {
                    if let Some(rows) = &mut rows {
                        rows.row(desk)?;
                    }
                }
                "table" => {
                    tables = tables.saturating_sub(1);
                    if let Some(rows) = rows.take_if(|_| tables == 0) {
                        rows.end(desk)?;
                    }
                }
                _ => {}
            },
            Event::Eof => return rows.map_or(Ok(()), |rows| rows.end(desk)),
            _ => {}
        }
    }
}

fn begun(tag: &str) -> Cell {
    let value = attribute(tag, "date-value").or_else(|| attribute(tag, "value"));
    Cell { value, shown: String::new(), repeated: repeats(tag, "number-columns-repeated") }
}

fn repeats(tag: &str, name: &str) -> u32 {
    attribute(tag, name).and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// Hands the cell over; what it shows may be rounded (`1.38E+10`), so the value behind it comes first.
fn put(rows: Option<&mut Rows<'_>>, row: u64, column: &mut u32, cell: &mut Cell) {
    if let Some(rows) = rows {
        for text in cell.value.iter().chain(Some(&cell.shown).filter(|shown| Some(*shown) != cell.value.as_ref())) {
            if !text.is_empty() {
                rows.cell(row, Some(*column), text);
            }
        }
    }
    *column = column.saturating_add(cell.repeated);
    *cell = Cell::default();
}
