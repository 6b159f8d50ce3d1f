//! Documents and slides (`.docx`, `.pptx`): a paragraph is a line, and so is a row of a table.

use std::io::Read;

use quick_xml::events::Event;

use super::desk::{Desk, Text, within};
use super::error::Unreadable;
use super::xml::{Xml, entity, local, resolved};
use super::zip::Package;

/// Bytes of one line, from which on it is handed over as it is.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Goes through all parts that hold text.
pub(super) fn read(desk: &mut Desk<'_>, package: &mut Package<'_>, place: &str) -> Result<(), Unreadable> {
    for at in 0..package.names().len() {
        let name = package.names()[at].clone();
        let holds_text = (name.starts_with("word/") || name.starts_with("ppt/"))
            && name.ends_with(".xml")
            && !["styles", "theme", "settings", "fontTable", "webSettings", "slideLayout", "numbering"]
                .iter()
                .any(|other| name.rsplit('/').next().is_some_and(|file| file.starts_with(other)));
        if !holds_text {
            continue;
        }
        let inside = match name.as_str() {
            "word/document.xml" => place.to_string(),
            name => within(place, name),
        };
        let done = match package.part(at) {
            Ok(part) => paragraphs(desk, part, &inside),
            Err(why) => Err(why),
        };
        desk.note(done, &inside);
    }
    Ok(())
}

/// Goes through the paragraphs of one part.
fn paragraphs(desk: &mut Desk<'_>, part: impl Read, place: &str) -> Result<(), Unreadable> {
    let mut text = Text::begin(desk.needles);
    let walked = walk(desk, &mut Xml::new(part), &mut text);
    desk.end(text, place);
    walked
}

fn walk<R: Read>(desk: &mut Desk<'_>, xml: &mut Xml<R>, text: &mut Text<'_>) -> Result<(), Unreadable> {
    let (mut line, mut in_text, mut tables) = (String::new(), false, 0_usize);
    loop {
        let mut is_whole = line.len() > LINE_BYTES_MAX;
        match xml.next()? {
            Event::Start(tag) => match local(tag.name().as_ref()) {
                "t" | "delText" | "instrText" => in_text = true,
                "tbl" => tables += 1,
                _ => {}
            },
            Event::Empty(tag) => match local(tag.name().as_ref()) {
                "tab" => line.push('\t'),
                "br" | "cr" => line.push(' '),
                _ => {}
            },
            Event::Text(more) if in_text => line.push_str(&resolved(&more)),
            Event::CData(more) if in_text => line.push_str(&more),
            Event::GeneralRef(name) if in_text => line.extend(entity(&name)),
            Event::End(tag) => match local(tag.name().as_ref()) {
                "t" | "delText" | "instrText" => in_text = false,
                "p" if tables == 0 => is_whole = true,
                "p" => line.push(' '),
                "tc" => line.push('\t'),
                "tr" => is_whole = true,
                "tbl" => tables = tables.saturating_sub(1),
                _ => {}
            },
            Event::Eof => {
                text.feed(line.as_bytes());
                return desk.count(line.len() as u64);
            }
            _ => {}
        }
        if is_whole && !line.is_empty() {
            line.push('\n');
            text.feed(line.as_bytes());
            desk.count(line.len() as u64)?;
            line.clear();
        }
    }
}
