//! Rewriting the table of shared texts: texts are added at its end, and only from there taken away.

use std::io::BufRead;

use quick_xml::events::Event;

use super::error::BookError;
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
}

impl TableChange {
    pub(super) fn is_empty(&self) -> bool {
        *self == TableChange::default()
    }

    /// Passes the table of `len` texts on with its changes.
    pub(super) fn apply<B: BufRead>(
        &self,
        scanner: &mut Scanner<B>,
        len: usize,
        flush: &mut dyn FnMut(&mut String) -> Result<(), BookError>,
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
        let prefix = parent.rsplit_once(':').map_or(String::new(), |(prefix, _)| format!("{prefix}:"));
        for text in &self.added {
            let space = if keeps_space(text) { " xml:space=\"preserve\"" } else { "" };
            let text = escape(text);
            out.push_str(&format!("<{prefix}si><{prefix}t{space}>{text}</{prefix}t></{prefix}si>"));
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
        let added = TableChange { added: vec!["张&三".to_string(), " b".to_string()], removed: 0, uses: 4 };
        let new = applied(old, 3, &added);
        assert!(new.contains("<sst count=\"9\" uniqueCount=\"5\">"));
        assert!(new.ends_with("</si><si><t>张&amp;三</t></si><si><t xml:space=\"preserve\"> b</t></si></sst>"));
        assert_eq!(applied(&new, 5, &TableChange { added: vec![], removed: 2, uses: -4 }), old);
    }
}
