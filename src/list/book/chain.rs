//! The calculation chain: the list of all formula cells, sheet by sheet.

use std::collections::BTreeMap;
use std::io::BufRead;

use quick_xml::events::Event;

use super::error::BookError;
use super::formula::{cell_name, column_letters};
use super::markup::{Scanner, attributes, local, raw, replaced};
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
        let mut here = false;
        loop {
            let event = scanner.next()?;
            match &event {
                Event::Empty(tag) if local(tag.name().as_ref()) == "c" => {
                    let mut place = None;
                    for (name, at) in attributes(tag) {
                        match name {
                            "i" => here = tag[at] == *self.sheet,
                            "r" => place = cell_name(&tag[at.clone()]).map(|cell| (at, cell)),
                            _ => {}
                        }
                    }
                    match place.filter(|_| here) {
                        Some((at, (column, row))) => self.entry(tag, at, (column, row), &mut out),
                        None => raw(&event, &mut out),
                    }
                }
                Event::Eof => return Ok(out),
                _ => raw(&event, &mut out),
            }
        }
    }

    fn entry(&self, tag: &str, at: std::ops::Range<usize>, (column, row): (u32, u32), out: &mut String) {
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
}
