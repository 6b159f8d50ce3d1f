//! Which cell styles show a number as a date or a time.

use std::collections::HashMap;
use std::io::{Read, Seek};

use quick_xml::events::Event;

use super::error::BookError;
use super::markup::{Grammar, Scanner, attribute, local};
use super::package::Package;

/// What a number in a cell of some style means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    Number,
    Date,
    DateAndTime,
    Time,
}

/// The styles of a book, by the index cells use.
#[derive(Debug, Default)]
pub(super) struct Styles {
    shows: Vec<Shows>,
}

impl Styles {
    /// Reads the styles part.
    pub(super) fn read<R: Read + Seek>(package: &mut Package<R>, part: &str) -> Result<Styles, BookError> {
        let Some(place) = package.place(part) else { return Ok(Styles::default()) };
        Styles::from_text(&package.small(place)?, part)
    }

    fn from_text(text: &str, part: &str) -> Result<Styles, BookError> {
        let mut scanner = Scanner::new(text.as_bytes(), part, Grammar::Xml)?;
        let mut codes: HashMap<u32, Shows> = HashMap::new();
        let mut formats = Vec::new();
        let mut in_cells = false;
        loop {
            match scanner.next()? {
                Event::Start(tag) if local(tag.name().as_ref()) == "cellXfs" => in_cells = true,
                Event::End(tag) if local(tag.name().as_ref()) == "cellXfs" => in_cells = false,
                Event::Start(tag) | Event::Empty(tag) => match local(tag.name().as_ref()) {
                    "numFmt" => {
                        let id = attribute(&tag, "numFmtId").and_then(|id| id.parse().ok());
                        if let (Some(id), Some(code)) = (id, attribute(&tag, "formatCode")) {
                            codes.insert(id, shown_by(&code));
                        }
                    }
                    "xf" if in_cells => {
                        formats.push(attribute(&tag, "numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0));
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        let shows = formats.iter().map(|id| codes.get(id).copied().unwrap_or_else(|| built_in(*id))).collect();
        Ok(Styles { shows })
    }

    /// Tells what a number in a cell of style `style` means.
    pub(super) fn shows(&self, style: u32) -> Shows {
        self.shows.get(style as usize).copied().unwrap_or(Shows::Number)
    }
}

/// The formats that have no code in the file (ECMA-376 part 1, 18.8.30, with its East Asian lists).
fn built_in(id: u32) -> Shows {
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57..=58 => Shows::Date,
        22 => Shows::DateAndTime,
        18..=21 | 32..=35 | 45..=47 | 55..=56 => Shows::Time,
        _ => Shows::Number,
    }
}

/// Reads a format code such as `m"月"d"日"` or `[$-804]yyyy/m/d\ h:mm;@`.
fn shown_by(code: &str) -> Shows {
    let (mut date, mut time) = (false, false);
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c.to_ascii_lowercase() {
            '"' => while chars.next().is_some_and(|c| c != '"') {},
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                time |= !inside.is_empty() && inside.bytes().all(|b| b"hHmMsS".contains(&b));
            }
            ';' => break,
            'y' | 'd' => date = true,
            'h' | 's' => time = true,
            _ => {}
        }
    }
    // A bare `m` is a month, unless hours or seconds make it minutes.
    let month = !time && !date && code.eq_ignore_ascii_case("mmm") || code.eq_ignore_ascii_case("mmmm");
    match (date || month, time) {
        (true, true) => Shows::DateAndTime,
        (true, false) => Shows::Date,
        (false, true) => Shows::Time,
        (false, false) => Shows::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_past_quotes_and_brackets() {
        for (code, shows) in [
            ("yyyy-mm-dd", Shows::Date),
            ("m\"月\"d\"日\"", Shows::Date),
            ("[$-804]yyyy/m/d\\ h:mm;@", Shows::DateAndTime),
            ("[h]:mm:ss", Shows::Time),
            ("#,##0.00\"days\"", Shows::Number),
            ("General", Shows::Number),
            ("[Red]0.00_);\\(0\\)", Shows::Number),
            ("0\\d", Shows::Number),
        ] {
            assert_eq!(shown_by(code), shows, "{code}");
        }
    }

    #[test]
    fn cells_use_the_second_list_of_formats() {
        let text = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy/m/d\"/></numFmts><cellStyleXfs>\
                    <xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"22\"/>\
                    </cellXfs></styleSheet>";
        let styles = Styles::from_text(text, "x").expect("sound");
        assert_eq!(
            [0, 1, 2, 3].map(|style| styles.shows(style)),
            [Shows::Number, Shows::Date, Shows::DateAndTime, Shows::Number]
        );
    }
}
