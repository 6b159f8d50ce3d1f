//! What a page of a PDF shows as text: its own content, forms that it draws, fields that somebody filled in.
//!
//! Only where text moves to another line is kept of where it stands. What is shown without a known encoding is taken as it
//! is: digits mostly are themselves.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Encoding, Object, ObjectId, Stream, decode_text_string};

use super::error::Unreadable;
use super::pdf_stream::unpacked;

/// Bytes that the content of a page, or of one form, may unpack to; what it consists of takes ten times as much memory.
const CONTENT_BYTES_MAX: usize = 8 << 20;
/// Bytes of text that one page may show.
const TEXT_BYTES_MAX: usize = 16 << 20;
/// Forms that one page may draw, those within others included.
const FORMS_MAX: usize = 256;
/// Fields within fields, lists within lists, and values of one list.
const PARENTS_MAX: usize = 16;
const VALUE_DEPTH_MAX: usize = 4;
const VALUES_MAX: usize = 10_000;
/// A move to the left within a line, in thousandths of the letters' size, that is a gap between words.
const GAP_MIN: f32 = -100.0;

/// Why a page was not read whole.
const PART: Unreadable = Unreadable::Damaged { what: "PDF: part of a page" };
const TOO_LARGE: Unreadable = Unreadable::StreamTooLarge { mib: CONTENT_BYTES_MAX >> 20 };

type Encodings<'d> = BTreeMap<Vec<u8>, Encoding<'d>>;

/// Text on its way out of one page.
pub(super) struct PageText<'d> {
    document: &'d Document,
    /// Forms that were read, and those that they draw.
    pub(super) forms: BTreeSet<ObjectId>,
    pub(super) text: String,
    /// Whether all of it could be read, or what was the first that could not.
    pub(super) done: Result<(), Unreadable>,
}

impl<'d> PageText<'d> {
    /// Reads a page.
    pub(super) fn of(document: &'d Document, page: ObjectId) -> PageText<'d> {
        let mut read = PageText::empty(document);
        let fonts = document.get_page_fonts(page).unwrap_or_default();
        let encodings = read.encodings(fonts.into_iter());
        let content = read.page_content(page);
        read.content(&content, &encodings);
        if let Ok((own, inherited)) = document.get_page_resources(page) {
            let inherited = inherited.into_iter().filter_map(|id| document.get_dictionary(id).ok());
            own.into_iter().chain(inherited).for_each(|resources| read.drawn_forms(resources));
        }
        for note in document.get_page_annotations(page).unwrap_or_default() {
            read.note(note);
        }
        read
    }

    /// Reads a form that no page draws.
    pub(super) fn of_form(document: &'d Document, id: ObjectId, form: &'d Stream) -> PageText<'d> {
        let mut read = PageText::empty(document);
        read.form(id, &form.dict);
        read
    }

    fn empty(document: &'d Document) -> PageText<'d> {
        PageText { document, forms: BTreeSet::new(), text: String::new(), done: Ok(()) }
    }

    /// Puts the streams of a page's content one behind the other.
    fn page_content(&mut self, page: ObjectId) -> Vec<u8> {
        let mut content = Vec::new();
        for id in self.document.get_page_contents(page) {
            match self.document.get_object(id).and_then(Object::as_stream) {
                Ok(stream) => {
                    let room = CONTENT_BYTES_MAX - content.len();
                    let (bytes, done) = unpacked(stream, room);
                    // The limit is that of all of them together.
                    self.mind(done.map_err(|why| match why {
                        Unreadable::StreamTooLarge { .. } => TOO_LARGE,
                        why => why,
                    }));
                    if bytes.len() > room {
                        self.mind(Err(TOO_LARGE));
                    }
                    content.extend_from_slice(&bytes[..bytes.len().min(room)]);
                }
                Err(_) => self.mind(Err(PART)),
            }
            if content.len() < CONTENT_BYTES_MAX {
                content.push(b'\n');
            }
        }
        content
    }

    /// Keeps the first reason why not all was read.
    fn mind(&mut self, done: Result<(), Unreadable>) {
        if self.done.is_ok() {
            self.done = done;
        }
    }

    fn encodings(&mut self, fonts: impl Iterator<Item = (Vec<u8>, &'d Dictionary)>) -> Encodings<'d> {
        let mut known = Encodings::new();
        for (name, font) in fonts {
            match font.get_font_encoding_with_limit(self.document, CONTENT_BYTES_MAX) {
                Ok(encoding) => {
                    known.insert(name, encoding);
                }
                Err(_) => self.mind(Err(PART)),
            }
        }
        known
    }

    /// Reads the forms that may be drawn with some resources.
    fn drawn_forms(&mut self, resources: &'d Dictionary) {
        let objects = resources.get_deref(b"XObject", self.document).and_then(Object::as_dict);
        let Ok(objects) = objects else { return };
        for (_, object) in objects.iter() {
            if let Ok(id) = object.as_reference() {
                self.form(id, resources);
            }
        }
    }

    fn form(&mut self, id: ObjectId, around: &'d Dictionary) {
        let Ok(stream) = self.document.get_object(id).and_then(Object::as_stream) else { return };
        let is_form = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form");
        if !is_form || !self.forms.insert(id) {
            return;
        }
        if self.forms.len() > FORMS_MAX {
            self.mind(Err(PART));
            return;
        }
        // Old programs leave it to the page to say what its forms use.
        let own = stream.dict.get_deref(b"Resources", self.document).and_then(Object::as_dict);
        let resources = own.unwrap_or(around);
        let document = self.document;
        let fonts = resources.get_deref(b"Font", document).and_then(Object::as_dict);
        let fonts = fonts.into_iter().flat_map(|fonts| fonts.iter());
        let fonts = fonts.filter_map(|(name, font)| {
            Some((name.to_vec(), document.dereference(font).ok().and_then(|(_, font)| font.as_dict().ok())?))
        });
        let encodings = self.encodings(fonts);
        let (content, done) = unpacked(stream, CONTENT_BYTES_MAX);
        self.mind(done);
        self.content(&content, &encodings);
        self.drawn_forms(resources);
    }

    /// Reads a note or a field: what stands in it, and what it shows.
    fn note(&mut self, note: &'d Dictionary) {
        for key in [&b"V"[..], b"RV", b"Contents", b"RC"] {
            // What is filled in may stand in the field that this is one of the boxes of.
            if let Some(value) = inherited(self.document, note, key) {
                self.value(value, VALUE_DEPTH_MAX);
            }
        }
        let shown = note.get_deref(b"AP", self.document).and_then(Object::as_dict);
        let Ok(shown) = shown.and_then(|shown| shown.get(b"N")) else { return };
        match (shown.as_reference(), self.document.dereference(shown)) {
            (_, Ok((_, Object::Dictionary(states)))) => {
                for (_, state) in states.iter() {
                    if let Ok(id) = state.as_reference() {
                        self.form(id, note);
                    }
                }
            }
            (Ok(id), _) => self.form(id, note),
            (Err(_), _) => {}
        }
    }

    /// Reads what was filled in: a text, a text in a stream, or several.
    fn value(&mut self, value: &Object, depth: usize) {
        let Ok((_, value)) = self.document.dereference(value) else { return };
        match value {
            Object::String(bytes, _) => self.text.push_str(&text_of(bytes)),
            Object::Stream(stream) => {
                let (bytes, done) = unpacked(stream, CONTENT_BYTES_MAX);
                self.mind(done);
                self.text.push_str(&text_of(&bytes));
            }
            Object::Array(values) if depth > 0 => {
                for value in values.iter().take(VALUES_MAX) {
                    self.value(value, depth - 1);
                }
            }
            Object::Name(name) => self.text.push_str(&String::from_utf8_lossy(name)),
            _ => {}
        }
        self.line();
    }

    fn content(&mut self, content: &[u8], encodings: &Encodings<'d>) {
        let strict = Content::decode_strict(content);
        self.mind(strict.as_ref().map(|_| ()).map_err(|_| PART));
        // What stands before the fault is read.
        let Ok(content) = strict.or_else(|_| Content::decode(content)) else { return };
        let (mut encoding, mut height) = (None, 0.0);
        for operation in &content.operations {
            let operands = operation.operands.as_slice();
            let number = |at: usize| operands.get(at).and_then(|it| it.as_float().ok()).unwrap_or(0.0);
            match operation.operator.as_str() {
                "Tf" => encoding = operands.first().and_then(|it| it.as_name().ok()).and_then(|it| encodings.get(it)),
                "Tj" | "TJ" => self.show(operands, encoding),
                "'" | "\"" => {
                    self.line();
                    self.show(operands.last().map_or(&[], std::slice::from_ref), encoding);
                }
                "Td" | "TD" if number(1) == 0.0 => self.text.push(' '),
                "Tm" if number(5) == height => self.text.push(' '),
                "Tm" => {
                    height = number(5);
                    self.line();
                }
                "Td" | "TD" | "T*" | "ET" => self.line(),
                _ => {}
            }
            if self.text.len() > TEXT_BYTES_MAX {
                self.mind(Err(PART));
                return;
            }
        }
        self.line();
    }

    fn show(&mut self, operands: &[Object], encoding: Option<&Encoding<'d>>) {
        for operand in operands {
            match operand {
                Object::String(bytes, _) => match encoding.map(|encoding| Document::decode_text(encoding, bytes)) {
                    Some(Ok(text)) => self.text.push_str(&text),
                    Some(Err(_)) | None => self.text.extend(bytes.iter().copied().map(char::from)),
                },
                Object::Array(parts) => {
                    for part in parts {
                        if part.as_float().is_ok_and(|moved| moved < GAP_MIN) {
                            self.text.push(' ');
                        }
                        if matches!(part, Object::String(..)) {
                            self.show(std::slice::from_ref(part), encoding);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

/// Reads a text in the encodings of the format; bytes that are none of them as UTF-8 or GB18030.
pub(super) fn text_of(bytes: &[u8]) -> String {
    let has_mark = bytes.starts_with(b"\xFE\xFF") || bytes.starts_with(b"\xEF\xBB\xBF");
    let text = Object::String(bytes.to_vec(), lopdf::StringFormat::Literal);
    match (has_mark, decode_text_string(&text), std::str::from_utf8(bytes)) {
        (true, Ok(text), _) => text,
        (_, _, Ok(text)) => text.to_string(),
        (..) => encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Finds a field's entry in itself or in the fields it belongs to.
fn inherited<'d>(document: &'d Document, field: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
    let mut at_hand = field;
    for _ in 0..PARENTS_MAX {
        if let Ok(value) = at_hand.get(key) {
            return Some(value);
        }
        at_hand = at_hand.get_deref(b"Parent", document).and_then(Object::as_dict).ok()?;
    }
    None
}
