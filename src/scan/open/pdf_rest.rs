//! What a PDF holds beside what its pages show: forms and the XML of forms (XFA), attached files, bookmarks, titles, remarks.
//!
//! Nobody says where in a file these stand, so every text of every object counts; what a page showed is not told again.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::desk::{Desk, Text, within};
use super::error::Unreadable;
use super::pdf_text::{text_of, unpacked};
use super::raw::{self, Mark};

/// Bytes that one stream may unpack to.
const STREAM_BYTES_MAX: usize = 32 << 20;
/// Lists and dictionaries within others.
const DEPTH_MAX: usize = 16;

/// Goes through all objects but the contents of pages, which are `shown`.
pub(super) fn read(
    desk: &mut Desk<'_>,
    document: &Document,
    shown: &BTreeSet<ObjectId>,
    place: &str,
    mark: Mark,
) -> Result<(), Unreadable> {
    let inside = within(place, "beside its pages");
    let mut text = Text::begin(desk.needles);
    let mut is_whole = true;
    for (id, object) in &document.objects {
        let mut line = String::new();
        strings(object, &mut line, DEPTH_MAX);
        if !line.is_empty() {
            line.push('\n');
            desk.count(line.len() as u64)?;
            text.feed(line.as_bytes());
        }
        let Object::Stream(stream) = object else { continue };
        if shown.contains(id) || !may_hold_text(&stream.dict) {
            continue;
        }
        match unpacked(stream, STREAM_BYTES_MAX) {
            Some(bytes) if is_file(stream) => desk.part(&mut &bytes[..], &within(place, "attachment")),
            Some(bytes) => {
                desk.count(bytes.len() as u64)?;
                text.feed(&bytes);
                text.feed(b"\n\n");
            }
            None => is_whole = false,
        }
    }
    raw::keep_unread(desk, text, &inside, mark);
    match is_whole {
        true => Ok(()),
        false => Err(Unreadable::Damaged { what: "PDF: a stream" }),
    }
}

/// Adds all texts of an object, one behind the other.
fn strings(object: &Object, line: &mut String, depth: usize) {
    let inner = |object: &Object, line: &mut String| {
        if depth > 0 {
            strings(object, line, depth - 1);
        }
    };
    match object {
        Object::String(bytes, _) => {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&text_of(bytes));
        }
        Object::Array(objects) => objects.iter().for_each(|object| inner(object, line)),
        Object::Dictionary(entries) => entries.iter().for_each(|(_, object)| inner(object, line)),
        Object::Stream(stream) => stream.dict.iter().for_each(|(_, object)| inner(object, line)),
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::Reference(_) => {}
    }
}

fn is_file(stream: &Stream) -> bool {
    stream.dict.get(b"Type").and_then(Object::as_name).is_ok_and(|kind| kind == b"EmbeddedFile")
}

/// Tells whether a stream may hold text that a page does not show: it is no picture, font, form, or table of the file itself.
fn may_hold_text(entries: &Dictionary) -> bool {
    const KINDS: [&[u8]; 3] = [b"ObjStm", b"XRef", b"XObject"];
    const SUBTYPES: [&[u8]; 5] = [b"Image", b"Form", b"Type1C", b"CIDFontType0C", b"OpenType"];
    let is_one =
        |key: &[u8], of: &[&[u8]]| entries.get(key).and_then(Object::as_name).is_ok_and(|name| of.contains(&name));
    let is_font = [&b"Length1"[..], b"Length2", b"Length3"].iter().any(|key| entries.has(key));
    !is_font && !is_one(b"Type", &KINDS) && !is_one(b"Subtype", &SUBTYPES)
}
