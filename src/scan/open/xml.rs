//! XML parts of office packages, event by event; a document type declaration is refused, and no entity is ever fetched.

use std::borrow::Cow;
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use super::error::Unreadable;
use super::limits::PIECE_BYTES;

/// One part, read event by event.
pub(super) struct Xml<R: Read> {
    reader: Reader<BufReader<R>>,
    buffer: Vec<u8>,
}

impl<R: Read> Xml<R> {
    pub(super) fn new(input: R) -> Xml<R> {
        let mut reader = Reader::from_reader(BufReader::with_capacity(PIECE_BYTES, input));
        let config = reader.config_mut();
        // What is read here is evidence, however badly it is made.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Xml { reader, buffer: Vec::new() }
    }

    /// Reads the next event; `Eof` at the end.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Unreadable> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::DocType(_)) => Err(Unreadable::Damaged { what: "XML with a document type" }),
            Ok(event) => Ok(event),
            Err(quick_xml::Error::Io(error)) => {
                // A limit that was met on the way is an error of the reader; only a copy of it can be had here.
                let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Unreadable>());
                Err(match inner {
                    Some(Unreadable::Bomb) => Unreadable::Bomb,
                    Some(Unreadable::Stopped) => Unreadable::Stopped,
                    Some(_) | None => Unreadable::Damaged { what: "package" },
                })
            }
            Err(_) => Err(Unreadable::Damaged { what: "XML" }),
        }
    }
}

/// Cuts a prefix such as `x:` off a name.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Finds one attribute's value by its local name, entities resolved; `tag` is a tag without its brackets.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let name_len = tag.find([' ', '\t', '\r', '\n']).unwrap_or(tag.len());
    let mut found = Attributes::new(tag, name_len);
    found.with_checks(false);
    let mut found = found.filter_map(Result::ok);
    let one = found.find(|attribute| local(attribute.key.as_ref()) == name)?;
    Some(resolved(&one.value).into_owned())
}

/// Resolves entities; one that is not known stays as it stands.
pub(super) fn resolved(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.find(';').filter(|end| *end <= 10).and_then(|end| Some((entity(&rest[..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Gives the character an entity stands for (`amp`, `#22`, `#x4E2D`).
pub(super) fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_resolved_and_others_stay() {
        assert_eq!(resolved("a&amp;b&#20013;&#x6587;&foo;&"), "a&b中文&foo;&");
        assert_eq!(attribute("x:c r='A1' x:t=\"s&amp;t\"", "t").as_deref(), Some("s&t"));
        assert_eq!(attribute("c", "t"), None);
    }

    #[test]
    fn a_document_type_is_refused() {
        let mut xml = Xml::new(&b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"[..]);
        assert!(xml.next().is_err());
    }
}
