//! XML that is passed on byte for byte.
//!
//! quick-xml gives events; [`raw`] gives back exactly the bytes an event was read from, so what is not changed
//! stays as its writer wrote it (`<v />`, attribute order, entities). Ranges are bytes of the raw text.

use std::borrow::Cow;
use std::io::BufRead;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::ahead::Ahead;
use super::error::BookError;

const BOM: &str = "\u{feff}";

/// A part of the package, read event by event.
pub(super) struct Scanner<B> {
    reader: Reader<Ahead<B>>,
    part: String,
    buffer: Vec<u8>,
    depth: usize,
    grammar: Grammar,
    /// Whether the part begins with a byte order mark, which quick-xml takes off.
    bom: bool,
}

/// How strictly tags must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    Xml,
    /// Excel's comment shapes, which may hold `<br>`.
    Vml,
}

impl<B: BufRead> Scanner<B> {
    /// Begins to read `part`.
    pub(super) fn new(input: B, part: &str, grammar: Grammar) -> Result<Scanner<B>, BookError> {
        let mut input = Ahead::new(input);
        let start = input.fill_buf().map_err(|error| BookError::reading(part, quick_xml::Error::from(error)))?;
        if start.starts_with(b"\xFE\xFF") || start.starts_with(b"\xFF\xFE") || start.starts_with(b"<\0") {
            return Err(BookError::NotUtf8 { part: part.to_string() });
        }
        let bom = start.starts_with(BOM.as_bytes());
        let mut reader = Reader::from_reader(input);
        let config = reader.config_mut();
        config.check_end_names = grammar == Grammar::Xml;
        config.allow_unmatched_ends = grammar == Grammar::Vml;
        config.allow_dangling_amp = grammar == Grammar::Vml;
        config.trim_markup_names_in_closing_tags = false;
        Ok(Scanner { reader, part: part.to_string(), buffer: Vec::new(), depth: 0, grammar, bom })
    }

    /// Reads the next event; `Eof` at the end of a complete part.
    pub(super) fn next(&mut self) -> Result<Event<'_>, BookError> {
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(BookError::reading(&self.part, error)),
        };
        match &event {
            Event::DocType(_) => return Err(BookError::Doctype { part: self.part.clone() }),
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 && self.grammar == Grammar::Xml => {
                return Err(BookError::Unexpected { part: self.part.clone(), why: "it breaks off" });
            }
            Event::Empty(_) | Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::Decl(_) => {}
            Event::PI(_) | Event::GeneralRef(_) | Event::Eof => {}
        }
        Ok(event)
    }

    /// Looks at what stands before `mark`; nothing when it does not come within `max` bytes.
    pub(super) fn upto(&mut self, mark: &str, max: usize) -> Result<Option<&[u8]>, BookError> {
        let ahead = self.reader.get_mut().upto(mark, max);
        ahead.map_err(|error| BookError::reading(&self.part, quick_xml::Error::from(error)))
    }

    /// Passes over bytes that were looked at.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.reader.stream().consume(bytes);
    }

    /// Names the part that is read.
    pub(super) fn part(&self) -> &str {
        &self.part
    }

    /// Gives the bytes the part begins with and no event holds.
    pub(super) fn prefix(&self) -> &'static str {
        if self.bom { BOM } else { "" }
    }
}

/// Appends the bytes an event was read from.
pub(super) fn raw(event: &Event<'_>, out: &mut String) {
    let (open, close) = match event {
        Event::Start(_) => ("<", ">"),
        Event::Empty(_) => ("<", "/>"),
        Event::End(_) => ("</", ">"),
        Event::Text(_) | Event::Eof => ("", ""),
        Event::CData(_) => ("<![CDATA[", "]]>"),
        Event::Comment(_) => ("<!--", "-->"),
        Event::Decl(_) | Event::PI(_) => ("<?", "?>"),
        Event::DocType(_) => ("<!DOCTYPE", ">"),
        Event::GeneralRef(_) => ("&", ";"),
    };
    out.push_str(open);
    out.push_str(event);
    out.push_str(close);
}

/// Cuts a prefix such as `x:` off a name.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Walks over the attributes of a tag (`name a="b"`, no angle brackets): local name and where the value stands.
pub(super) fn attributes(tag: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let name_len = tag.find([' ', '\t', '\r', '\n']).unwrap_or(tag.len());
    let base = tag.as_ptr() as usize;
    let mut found = quick_xml::events::attributes::Attributes::new(tag, name_len);
    found.with_checks(false);
    found.map_while(Result::ok).filter_map(move |attribute| {
        let Cow::Borrowed(value) = attribute.value else { return None };
        let start = value.as_ptr() as usize - base;
        let key = attribute.key.as_ref();
        let at = key.as_ptr() as usize - base;
        (!key.starts_with("xmlns")).then(|| (local(&tag[at..at + key.len()]), start..start + value.len()))
    })
}

/// Finds one attribute's value, entities resolved.
pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<Cow<'a, str>> {
    attributes(tag).find(|(found, _)| *found == name).map(|(_, at)| unescape(&tag[at]))
}

/// Resolves entities; one that is not known stays as it stands.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(Plain::new(text).text.into_owned())
}

/// A text with its entities resolved, and the way back to the raw bytes.
pub(super) struct Plain<'a> {
    pub(super) text: Cow<'a, str>,
    /// The raw byte each byte of `text` comes from, with one more at the end; empty when both are the same.
    origin: Vec<u32>,
}

impl<'a> Plain<'a> {
    pub(super) fn new(raw: &'a str) -> Plain<'a> {
        if !raw.contains('&') {
            return Plain { text: Cow::Borrowed(raw), origin: Vec::new() };
        }
        let mut text = String::with_capacity(raw.len());
        let mut origin = Vec::with_capacity(raw.len() + 1);
        let mut at = 0;
        while at < raw.len() {
            let (c, len) = character(&raw[at..]);
            text.push(c);
            origin.resize(text.len(), at as u32);
            at += len;
        }
        origin.push(raw.len() as u32);
        Plain { text: Cow::Owned(text), origin }
    }

    /// Carries replacements in the plain text over to the raw text.
    pub(super) fn raw_edits(&self, edits: Vec<(Range<usize>, String)>) -> Vec<(Range<usize>, String)> {
        edits.into_iter().map(|(at, new)| (self.raw_range(&at), escape(&new))).collect()
    }

    fn raw_range(&self, plain: &Range<usize>) -> Range<usize> {
        if self.origin.is_empty() {
            return plain.clone();
        }
        self.origin[plain.start] as usize..self.origin[plain.end] as usize
    }
}

/// Reads one character at the start of a raw text that is not empty, and how many bytes it takes.
fn character(raw: &str) -> (char, usize) {
    let end = raw.starts_with('&').then(|| raw.bytes().take(12).position(|b| b == b';')).flatten();
    let resolved = end.and_then(|end| {
        let c = match &raw[1..end] {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            name => {
                let digits = name.strip_prefix('#')?;
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                char::from_u32(code)?
            }
        };
        Some((c, end + 1))
    });
    resolved.unwrap_or_else(|| raw.chars().next().map_or(('\0', 1), |c| (c, c.len_utf8())))
}

/// Replaces ranges of a text by other texts; the ranges are in order and do not overlap.
pub(super) fn replaced(text: &str, edits: &[(Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    for (range, new) in edits {
        out.push_str(&text[at..range.start]);
        out.push_str(new);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Writes a text as XML content; what XML cannot hold at all is left out.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let text =
            "\u{feff}<?xml version=\"1.0\"?>\r\n<!-- x --><a  b='1' ><c /><d/>x &amp; y<![CDATA[<z>]]></a>\n<?pi x?>";
        let mut scanner = Scanner::new(text.as_bytes(), "x", Grammar::Xml).expect("sound");
        let mut out = scanner.prefix().to_string();
        loop {
            let event = scanner.next().expect("sound");
            if matches!(event, Event::Eof) {
                break;
            }
            raw(&event, &mut out);
        }
        assert_eq!(out, text);
    }

    #[test]
    fn what_breaks_off_or_declares_a_type_is_refused() {
        let last = |text: &str| {
            let mut scanner = Scanner::new(text.as_bytes(), "x", Grammar::Xml)?;
            loop {
                if matches!(scanner.next()?, Event::Eof) {
                    return Ok::<(), BookError>(());
                }
            }
        };
        assert!(matches!(last("<a><b></b>"), Err(BookError::Unexpected { .. })));
        assert!(matches!(last("<!DOCTYPE a SYSTEM 'file:///x'><a/>"), Err(BookError::Doctype { .. })));
        assert!(matches!(last("\u{0}<a/>").and(last("<a></b>")), Err(BookError::Malformed { .. })));
    }

    #[test]
    fn ranges_of_plain_text_find_their_raw_bytes() {
        let raw = "A1&amp;&quot;月&quot;&amp;B2&#50;";
        let plain = Plain::new(raw);
        assert_eq!(plain.text, "A1&\"月\"&B22");
        let at = plain.text.find("B22").expect("it is there");
        assert_eq!(&raw[plain.raw_range(&(at..at + 3))], "B2&#50;");
    }

    #[test]
    fn attributes_are_found_where_they_stand() {
        let tag = "x:c  r=\"A1\"\n t='s' xml:space=\"preserve\" ";
        let found: Vec<_> = attributes(tag).map(|(name, at)| (name, &tag[at])).collect();
        assert_eq!(found, [("r", "A1"), ("t", "s"), ("space", "preserve")]);
    }
}
