//! Rewriting the table of shared texts: texts are added at its end, and only from there taken away, unless the table is in the order
//! of its rows.

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::events::Event;

use super::error::BookError;
use super::first_use::{Reordered, TableOrder};
use super::markup::{Scanner, attributes, escape, local, raw, replaced};
use super::sample::keeps_space;

/// What changes in the table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TableChange {
    pub(super) added: Vec<String>,
    /// How many texts go from the end.
    pub(super) removed: usize,
    /// How many cells more (or fewer) use texts of the table.
    pub(super) uses: i64,
    /// Where all texts go, if not to the end.
    pub(super) order: Option<TableOrder>,
}

/// Takes the text gathered so far.
type Flush<'a> = &'a mut dyn FnMut(&mut String) -> Result<(), BookError>;

impl TableChange {
    pub(super) fn is_empty(&self) -> bool {
        *self == TableChange::default()
    }

    /// Passes the table of `len` texts on with its changes.
    pub(super) fn apply<B: BufRead>(
        &self,
        scanner: &mut Scanner<B>,
        len: usize,
        flush: Flush<'_>,
    ) -> Result<(), BookError> {
        let mut out = scanner.prefix().to_string();
        let (mut index, mut depth) = (0, 0);
        let last = len - self.removed.min(len);
        loop {
            let event = scanner.next()?;
            let skipped = index >= last && depth >= 1;
            match &event {
                Event::Start(tag) if depth == 0 => {
                    out.extend(["<", &self.counted(tag), ">"]);
                    depth += 1;
                    continue;
                }
                Event::Empty(tag) if depth == 0 => {
                    out.extend(["<", &self.counted(tag), ">"]);
                    self.add(tag.name().as_ref(), &mut out);
                    out.extend(["</", tag.name().as_ref(), ">"]);
                    continue;
                }
                Event::Start(_) => depth += 1,
                Event::End(tag) if depth == 1 => {
                    depth = 0;
                    self.add(tag.name().as_ref(), &mut out);
                    raw(&event, &mut out);
                    continue;
                }
                Event::End(tag) => {
                    depth -= 1;
                    index += usize::from(depth == 1 && local(tag.name().as_ref()) == "si");
                }
                Event::Empty(tag) if depth == 1 => index += usize::from(local(tag.name().as_ref()) == "si"),
                Event::Eof => return flush(&mut out),
                _ => {}
            }
            if !skipped {
                raw(&event, &mut out);
            }
            if out.len() > 64 << 10 {
                flush(&mut out)?;
            }
        }
    }

    fn counted(&self, tag: &str) -> String {
        let more = self.added.len() as i64 - self.removed as i64;
        let edits: Vec<_> = attributes(tag)
            .filter_map(|(name, at)| {
                let by = match name {
                    "count" => self.uses,
                    "uniqueCount" => more,
                    _ => return None,
                };
                let old: i64 = tag[at.clone()].parse().ok()?;
                Some((at, (old + by).to_string()))
            })
            .collect();
        replaced(tag, &edits)
    }

    fn add(&self, parent: &str, out: &mut String) {
        self.added.iter().for_each(|text| out.push_str(&element(parent, text)));
    }

    /// Passes the table of `len` texts on in a new order; `early` are the raw texts that come before some that stood before them.
    pub(super) fn apply_ordered<B: BufRead>(
        &self,
        scanner: &mut Scanner<B>,
        (order, len): (&TableOrder, usize),
        early: HashMap<u32, String>,
        flush: Flush<'_>,
    ) -> Result<(), BookError> {
        let mut texts = RawTexts::begin(scanner)?;
        let mut out = texts.scanner.prefix().to_string() + &texts.before;
        out.extend(["<", &self.counted(&texts.tag), ">"]);
        let added = (len as u32..).zip(self.added.iter().map(|text| element(&texts.tag, text)));
        let mut reordered = Reordered::new(order, early.into_iter().chain(added).collect());
        reordered.pass(&mut out);
        for old in 0.. {
            let mut raw = String::new();
            if !texts.next(&mut raw)? {
                out.push_str(&raw);
                return flush(&mut out);
            }
            reordered.take(old, raw, &mut out);
            if out.len() > 64 << 10 {
                flush(&mut out)?;
            }
        }
        Ok(())
    }
}

/// Reads the raw texts of a table that come early in its new order.
pub(super) fn early_texts<B: BufRead>(
    scanner: &mut Scanner<B>,
    order: &TableOrder,
) -> Result<HashMap<u32, String>, BookError> {
    let mut early = HashMap::new();
    let mut texts = RawTexts::begin(scanner)?;
    for old in 0.. {
        let mut raw = String::new();
        if early.len() == order.early.len() || !texts.next(&mut raw)? {
            break;
        }
        if order.early.contains(&old) {
            early.insert(old, raw);
        }
    }
    Ok(early)
}

/// Writes an added text as an element of the table whose tag is given.
fn element(table: &str, text: &str) -> String {
    let name = table.split([' ', '\t', '\r', '\n']).next().unwrap_or(table);
    let prefix = name.rsplit_once(':').map_or(String::new(), |(prefix, _)| format!("{prefix}:"));
    let space = if keeps_space(text) { " xml:space=\"preserve\"" } else { "" };
    let text = escape(text);
    format!("<{prefix}si><{prefix}t{space}>{text}</{prefix}t></{prefix}si>")
}

/// The raw texts of a table, one after the other, each with what stands in front of it.
struct RawTexts<'s, B> {
    scanner: &'s mut Scanner<B>,
    /// What stands in front of the table.
    before: String,
    /// The content of the table's start tag.
    tag: String,
}

impl<'s, B: BufRead> RawTexts<'s, B> {
    fn begin(scanner: &'s mut Scanner<B>) -> Result<RawTexts<'s, B>, BookError> {
        let mut before = String::new();
        let tag = loop {
            match scanner.next()? {
                Event::Start(tag) => break tag.to_string(),
                Event::Eof => break String::new(),
                event => raw(&event, &mut before),
            }
        };
        Ok(RawTexts { scanner, before, tag })
    }

    /// Appends the next raw text, or else all that is left; tells which.
    fn next(&mut self, out: &mut String) -> Result<bool, BookError> {
        let mut depth = 0;
        loop {
            let event = self.scanner.next()?;
            raw(&event, out);
            match event {
                Event::Start(_) => depth += 1,
                Event::End(tag) => {
                    depth -= 1;
                    if depth == 0 && local(tag.name().as_ref()) == "si" {
                        return Ok(true);
                    }
                }
                Event::Empty(tag) if depth == 0 && local(tag.name().as_ref()) == "si" => return Ok(true),
                Event::Eof => return Ok(false),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::markup::Grammar;
    use super::*;

    fn applied(text: &str, len: usize, change: &TableChange) -> String {
        let mut scanner = Scanner::new(text.as_bytes(), "x", Grammar::Xml).expect("sound");
        let mut all = String::new();
        let mut flush = |out: &mut String| {
            all.push_str(&std::mem::take(out));
            Ok(())
        };
        change.apply(&mut scanner, len, &mut flush).expect("sound");
        all
    }

    #[test]
    fn texts_come_and_go_at_the_end() {
        let old = "<?xml version=\"1.0\"?>\n<sst count=\"5\" uniqueCount=\"3\"><si><t>a</t></si><si/><si><r><t>b</t></r></si></sst>";
        let added =
            TableChange { added: vec!["张&三".to_string(), " b".to_string()], removed: 0, uses: 4, order: None };
        let new = applied(old, 3, &added);
        assert!(new.contains("<sst count=\"9\" uniqueCount=\"5\">"));
        assert!(new.ends_with("</si><si><t>张&amp;三</t></si><si><t xml:space=\"preserve\"> b</t></si></sst>"));
        assert_eq!(applied(&new, 5, &TableChange { added: vec![], removed: 2, uses: -4, order: None }), old);
    }
}
