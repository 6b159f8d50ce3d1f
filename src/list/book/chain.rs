//! The calculation chain: the list of all formula cells, sheet by sheet.

use std::collections::BTreeMap;
use std::io::BufRead;

use quick_xml::events::Event;

use super::error::BookError;
use super::formula::{cell_name, column_letters};
use super::markup::{Scanner, attribute, attributes, local, raw, replaced};
use super::moves::Moves;

/// What becomes of the chain.
pub(super) struct ChainChange<'a> {
    pub(super) moves: &'a Moves,
    /// The `sheetId` of the sheet whose rows move.
    pub(super) sheet: &'a str,
    /// New formula cells' rows, by the column and row of the old cell they follow.
    pub(super) after: &'a BTreeMap<(u32, u32), Vec<u32>>,
}

impl ChainChange<'_> {
    /// Rewrites the chain. An entry without a sheet is of the same sheet as the one before it.
    pub(super) fn apply<B: BufRead>(&self, scanner: &mut Scanner<B>) -> Result<String, BookError> {
        let mut out = scanner.prefix().to_string();
        let mut sheet = String::new();
        let mut sheet_written = String::new();
        loop {
            let event = scanner.next()?;
            match &event {
                Event::Empty(tag) if local(tag.name().as_ref()) == "c" => {
                    let said = attribute(tag, "i");
                    if let Some(said) = &said {
                        sheet = said.to_string();
                    }
                    let before = out.len();
                    self.entry(tag, sheet == self.sheet, &mut out);
                    if out.len() > before && sheet_written != sheet {
                        if said.is_none() {
                            out.insert_str(before + 1 + tag.name().as_ref().len(), &format!(" i=\"{sheet}\""));
                        }
                        sheet_written.clone_from(&sheet);
                    }
                }
                Event::Eof => return Ok(out),
                _ => raw(&event, &mut out),
            }
        }
    }

    /// Writes what becomes of an entry: nothing, itself, or itself and those of new cells.
    fn entry(&self, tag: &str, here: bool, out: &mut String) {
        let place = attributes(tag).find(|(name, _)| *name == "r").map(|(_, at)| at);
        let cell = place.as_ref().and_then(|at| cell_name(&tag[at.clone()]));
        let (Some(at), Some((column, row)), true) = (place, cell, here) else {
            return out.extend(["<", tag, "/>"]);
        };
        let rows = self.moves.row(row).into_iter().chain(self.after.get(&(column, row)).into_iter().flatten().copied());
        for row in rows {
            let name = format!("{}{row}", column_letters(column));
            out.extend(["<", &replaced(tag, &[(at.clone(), name)]), "/>"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::markup::Grammar;
    use super::*;

    #[test]
    fn entries_move_come_and_go() {
        let old = "<calcChain><c r=\"A3\" i=\"1\" l=\"1\"/><c r=\"A9\"/><c r=\"A10\"/><c r=\"A9\" i=\"2\"/><c r=\"A10\"/></calcChain>";
        let new = "<calcChain><c r=\"A3\" i=\"1\" l=\"1\"/><c r=\"A9\"/><c r=\"A10\"/><c r=\"A11\"/><c r=\"A9\" i=\"2\"/><c r=\"A10\"/></calcChain>";
        let apply = |text: &str, moves: &Moves, after: &BTreeMap<_, _>| {
            let mut scanner = Scanner::new(text.as_bytes(), "x", Grammar::Xml).expect("sound");
            ChainChange { moves, sheet: "1", after }.apply(&mut scanner).expect("sound")
        };
        let after = BTreeMap::from([((0, 9), vec![10])]);
        assert_eq!(apply(old, &Moves::putting_in(vec![10], 3), &after), new);
        assert_eq!(apply(new, &Moves::taking_out(vec![10]), &BTreeMap::new()), old);
    }

    #[test]
    fn an_entry_whose_forerunner_went_says_its_sheet() {
        let old = "<calcChain><c r=\"A3\" i=\"2\"/><c r=\"A9\" i=\"1\"/><c r=\"A10\"/><c r=\"A11\"/></calcChain>";
        let mut scanner = Scanner::new(old.as_bytes(), "x", Grammar::Xml).expect("sound");
        let moves = Moves::taking_out(vec![9]);
        let new =
            ChainChange { moves: &moves, sheet: "1", after: &BTreeMap::new() }.apply(&mut scanner).expect("sound");
        assert_eq!(new, "<calcChain><c r=\"A3\" i=\"2\"/><c i=\"1\" r=\"A9\"/><c r=\"A10\"/></calcChain>");
    }
}
