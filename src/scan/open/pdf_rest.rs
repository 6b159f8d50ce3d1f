//! What a PDF holds beside what its pages show: forms and the XML of forms (XFA), attached files, bookmarks, titles, remarks.
//!
//! Nobody says where in a file these stand, so every text of every object counts; what a page showed is not told again.

use std::collections::BTreeSet;

use lopdf::xref::XrefEntry;
use lopdf::{Document, Object, ObjectId, Stream};

use super::desk::{Desk, Text, within};
use super::error::Unreadable;
use super::pdf_stream::unpacked;
use super::pdf_text::{PageText, text_of};
use super::raw::{self, Mark};

/// Bytes that one stream may unpack to.
const STREAM_BYTES_MAX: usize = 32 << 20;
/// Lists and dictionaries within others.
const DEPTH_MAX: usize = 16;

/// Goes through all objects but the contents of pages and the forms that these draw, which are `shown`.
pub(super) fn read(
    desk: &mut Desk<'_>,
    document: &Document,
    shown: &BTreeSet<ObjectId>,
    place: &str,
    mark: Mark,
) -> Result<(), Unreadable> {
    let inside = within(place, "beside its pages");
    let mut text = Text::begin(desk.needles);
    let mut done = all_there(document);
    let files = attached(document);
    for (id, object) in &document.objects {
        let mut line = String::new();
        strings(object, &mut line, DEPTH_MAX);
        if !line.is_empty() {
            line.push('\n');
            desk.count(line.len() as u64)?;
            text.feed(line.as_bytes());
        }
        let Object::Stream(stream) = object else { continue };
        if shown.contains(id) {
            continue;
        }
        let (bytes, read) = match what_is(stream, files.contains(id)) {
            Holds::Nothing => continue,
            Holds::Form => {
                let form = PageText::of_form(document, *id, stream);
                (form.text.into_bytes(), form.done)
            }
            Holds::File | Holds::Text | Holds::Objects => unpacked(stream, STREAM_BYTES_MAX),
        };
        done = done.and(read);
        match what_is(stream, files.contains(id)) {
            Holds::File => desk.part(&mut &bytes[..], &within(place, "attachment")),
            Holds::Form | Holds::Text => {
                desk.count(bytes.len() as u64)?;
                text.feed(&bytes);
                text.feed(b"\n\n");
            }
            // What is in it stands among the others.
            Holds::Objects | Holds::Nothing => {}
        }
    }
    raw::keep_unread(desk, text, &inside, mark);
    done
}

/// Tells whether every object is there that the file says to have within streams.
fn all_there(document: &Document) -> Result<(), Unreadable> {
    let has = |number: u32| document.objects.range((number, 0)..=(number, u16::MAX)).next().is_some();
    let mut inner = document.reference_table.entries.iter().filter_map(|(number, entry)| match entry {
        XrefEntry::Compressed { .. } => Some(*number),
        XrefEntry::Free | XrefEntry::UnusableFree | XrefEntry::Normal { .. } => None,
    });
    match inner.all(has) {
        true => Ok(()),
        false => Err(Unreadable::Damaged { what: "PDF: a stream" }),
    }
}

/// Finds the streams that are attached files, which need not say so themselves.
fn attached(document: &Document) -> BTreeSet<ObjectId> {
    let mut files = BTreeSet::new();
    for object in document.objects.values() {
        file_streams(document, object, &mut files, DEPTH_MAX);
    }
    files
}

fn file_streams(document: &Document, object: &Object, files: &mut BTreeSet<ObjectId>, depth: usize) {
    let entries = match object {
        Object::Dictionary(entries) => entries,
        Object::Stream(stream) => &stream.dict,
        Object::Array(objects) if depth > 0 => {
            return objects.iter().for_each(|object| file_streams(document, object, files, depth - 1));
        }
        Object::Array(_)
        | Object::String(..)
        | Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::Reference(_) => return,
    };
    if let Ok(ways) = entries.get_deref(b"EF", document).and_then(Object::as_dict) {
        files.extend(ways.iter().filter_map(|(_, file)| file.as_reference().ok()));
    }
    if depth > 0 {
        entries.iter().for_each(|(_, object)| file_streams(document, object, files, depth - 1));
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

/// What a stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// An attached file.
    File,
    /// What a page would show if it drew it.
    Form,
    /// Other objects, which the library takes out.
    Objects,
    Text,
    /// A picture, a font, or a table of the file itself.
    Nothing,
}

/// Tells what a stream holds that is no content of a page.
fn what_is(stream: &Stream, is_attached: bool) -> Holds {
    let is_one =
        |key: &[u8], of: &[&[u8]]| stream.dict.get(key).and_then(Object::as_name).is_ok_and(|name| of.contains(&name));
    let is_font = || [&b"Length1"[..], b"Length2", b"Length3"].iter().any(|key| stream.dict.has(key));
    if is_attached || is_one(b"Type", &[b"EmbeddedFile"]) {
        Holds::File
    } else if is_one(b"Subtype", &[b"Form"]) {
        Holds::Form
    } else if is_one(b"Type", &[b"ObjStm"]) {
        Holds::Objects
    } else if is_font()
        || is_one(b"Type", &[b"XRef"])
        || is_one(b"Subtype", &[b"Image", b"Type1C", b"CIDFontType0C", b"OpenType"])
    {
        Holds::Nothing
    } else {
        Holds::Text
    }
}
