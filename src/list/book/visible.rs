//! Which rows a filter shows: a new row is hidden or shown as the rows with its values are, not as its neighbour is.
//!
//! What the filter asks for is not read: in a column that is filtered, a value that no shown row has is one that the filter hides.

use std::collections::HashSet;
use std::io::{BufRead, Read, Seek};
use std::ops::ControlFlow;

use quick_xml::events::Event;

use super::Book;
use super::error::BookError;
use super::markup::{Grammar, Scanner, attribute, attributes, local, replaced};
use super::shared_formula::Area;
use super::sheet::{Piece, RawRow, scan};
use super::survey::{Field, Survey};
use super::value::Values;
use super::workbook::relations;

/// The columns that a filter looks at, and what it shows of them.
#[derive(Debug, Default)]
pub(super) struct Visible {
    columns: Vec<u32>,
    known: HashSet<(u32, String)>,
    shown: HashSet<(u32, String)>,
    /// The start tag of a row that is hidden, and of one that is not.
    hidden_tag: Option<String>,
    shown_tag: Option<String>,
}

/// Columns that filters look at, gathered while a part goes by.
#[derive(Debug, Default)]
pub(super) struct Filters {
    first: u32,
    pub(super) columns: Vec<u32>,
}

impl Filters {
    /// Takes note of a filter, and of a column for which it asks for something.
    pub(super) fn see(&mut self, event: &Event<'_>) {
        let Event::Start(tag) = event else { return };
        match local(tag.name().as_ref()) {
            "autoFilter" => {
                let area = attribute(tag, "ref").and_then(|area| Area::read(&area));
                self.first = area.map_or(0, |area| area.columns.0);
            }
            "filterColumn" => {
                let column = attribute(tag, "colId").and_then(|id| id.parse::<u32>().ok());
                self.columns.extend(column.and_then(|column| self.first.checked_add(column)));
            }
            _ => {}
        }
    }
}

/// Tells whether a row is hidden.
pub(super) fn is_hidden(row: &RawRow) -> bool {
    let tag = row.at(&row.tag);
    attributes(tag).any(|(name, at)| name == "hidden" && matches!(&tag[at], "1" | "true"))
}

impl Visible {
    /// Walks over the records of a sheet.
    fn read<B: BufRead>(
        scanner: &mut Scanner<B>,
        (columns, field): (Vec<u32>, Field),
        values: &Values,
    ) -> Result<Visible, BookError> {
        let mut visible = Visible { columns, ..Visible::default() };
        scan(scanner, &mut |piece| {
            if let Piece::Row(row) = piece
                && (field.first..=field.last).contains(&row.number)
            {
                visible.note(row, values)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(visible)
    }

    fn note(&mut self, row: &RawRow, values: &Values) -> Result<(), BookError> {
        let hidden = is_hidden(row);
        for column in self.columns.clone() {
            let mut text = String::new();
            if let Some(cell) = row.cell(column) {
                values.append(row, cell, &mut text)?;
            }
            if !hidden {
                self.shown.insert((column, text.clone()));
            }
            self.known.insert((column, text));
        }
        let tag = if hidden { &mut self.hidden_tag } else { &mut self.shown_tag };
        tag.get_or_insert_with(|| row.at(&row.tag).to_string());
        Ok(())
    }

    /// Tells whether a row with these texts is hidden; nothing where no row has some of them.
    fn hides(&self, text: &dyn Fn(u32) -> Option<String>) -> Option<bool> {
        let texts: Vec<Option<(u32, String)>> = self.columns.iter().map(|at| Some((*at, text(*at)?))).collect();
        let is_known = |own: &Option<(u32, String)>| own.as_ref().is_some_and(|own| self.known.contains(own));
        if texts.iter().any(|own| is_known(own) && own.as_ref().is_some_and(|own| !self.shown.contains(own))) {
            return Some(true);
        }
        texts.iter().all(is_known).then_some(false)
    }

    /// Gives the start tag that a new row needs in the place of its neighbour's; nothing where that will do.
    pub(super) fn tag(&self, beside: &RawRow, text: &dyn Fn(u32) -> Option<String>) -> Option<String> {
        let hides = self.hides(text).filter(|hides| *hides != is_hidden(beside))?;
        let like = if hides { &self.hidden_tag } else { &self.shown_tag }.as_ref()?;
        let spans = |tag: &str| attributes(tag).find(|(name, _)| *name == "spans").map(|(_, at)| at);
        let own = beside.at(&beside.tag);
        match (spans(like), spans(own)) {
            (Some(at), Some(of_own)) => Some(replaced(like, &[(at, own[of_own].to_string())])),
            _ => Some(like.clone()),
        }
    }
}

impl<R: Read + Seek> Book<R> {
    /// Learns what the filter of a sheet, or of a table on it, shows; nothing where no row of the list is hidden by one.
    pub(super) fn visible(
        &mut self,
        part: &str,
        (survey, field): (&Survey, Field),
        values: &Values,
    ) -> Result<Option<Visible>, BookError> {
        if !survey.has_hidden {
            return Ok(None);
        }
        let mut columns = survey.filters.columns.clone();
        for link in relations(&mut self.package, part)?.into_iter().filter(|link| link.kind == "table") {
            let Some(place) = self.package.place(&link.target) else { continue };
            let text = self.package.small(place)?;
            let mut scanner = Scanner::new(text.as_bytes(), &link.target, Grammar::Xml)?;
            let mut filters = Filters::default();
            loop {
                match scanner.next()? {
                    Event::Eof => break,
                    event => filters.see(&event),
                }
            }
            columns.extend(filters.columns);
        }
        if columns.is_empty() {
            return Ok(None);
        }
        let place = self.place(part)?;
        let mut scanner = Scanner::new(self.package.reader(place)?, part, Grammar::Xml)?;
        Visible::read(&mut scanner, (columns, field), values).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::rows_of;
    use super::*;

    fn row(number: u32, hidden: &str, word: &str) -> String {
        format!("<row r=\"{number}\" spans=\"1:2\"{hidden}><c r=\"B{number}\" t=\"str\"><v>{word}</v></c></row>")
    }

    #[test]
    fn a_new_row_is_shown_as_rows_with_its_value_are() {
        let rows = [row(2, "", "已访"), row(3, " hidden=\"1\"", "未访"), row(4, "", "已访")].concat();
        let rows = rows_of(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")).expect("sound");
        let mut visible = Visible { columns: vec![1], ..Visible::default() };
        rows.iter().for_each(|row| visible.note(row, &Values::default()).expect("sound"));
        let tag = |beside: usize, word: &'static str| visible.tag(&rows[beside], &|_| Some(word.to_string()));
        assert_eq!(tag(0, "已访"), None);
        assert_eq!(tag(1, "未访"), None);
        assert_eq!(tag(0, "未访").as_deref(), Some("row r=\"3\" spans=\"1:2\" hidden=\"1\""));
        assert_eq!(tag(1, "已访").as_deref(), Some("row r=\"2\" spans=\"1:2\""));
        assert_eq!(tag(1, "失访"), None, "nobody knows");
    }
}
