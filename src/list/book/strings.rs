//! The table of shared texts.
//!
//! All texts lie in one buffer: a million short ones as separate strings would not fit the memory a list may
//! take. Runs of rich text are joined; reading aids (`rPh`) are not part of the text.

use std::collections::HashMap;
use std::io::{BufRead, Read, Seek};

use quick_xml::events::Event;

use super::error::BookError;
use super::markup::{Grammar, Scanner, local, unescape};
use super::package::Package;

/// Every shared text, by index.
#[derive(Debug, Default)]
pub(super) struct Strings {
    bytes: String,
    ends: Vec<u32>,
}

impl Strings {
    /// Reads the table.
    pub(super) fn read<R: Read + Seek>(package: &mut Package<R>, part: &str) -> Result<Strings, BookError> {
        let missing = || BookError::Unexpected { part: part.to_string(), why: "a part is missing" };
        let place = package.place(part).ok_or_else(missing)?;
        let room = package.claimed_len(place)? as usize;
        // Only pages that are written to count, so the claim may be large.
        let mut strings = Strings { bytes: String::with_capacity(room), ends: Vec::new() };
        let mut texts = Texts::new(package.reader(place)?, part)?;
        while texts.next(&mut strings.bytes)? {
            strings.ends.push(strings.bytes.len() as u32);
        }
        Ok(strings)
    }

    /// Gives a text.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        Some(&self.bytes[start..end])
    }

    /// Counts the texts.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Finds the first index of each text that `wanted` accepts.
    pub(super) fn find(&self, wanted: &dyn Fn(&str) -> bool) -> HashMap<String, usize> {
        let mut found = HashMap::new();
        for index in 0..self.len() {
            if let Some(text) = self.get(index).filter(|text| wanted(text)) {
                found.entry(text.to_string()).or_insert(index);
            }
        }
        found
    }
}

/// The texts of a `sharedStrings.xml` or of one `<is>`, one after the other.
pub(super) struct Texts<B> {
    scanner: Scanner<B>,
}

impl<B: BufRead> Texts<B> {
    pub(super) fn new(input: B, part: &str) -> Result<Texts<B>, BookError> {
        Ok(Texts { scanner: Scanner::new(input, part, Grammar::Xml)? })
    }

    /// Appends the next text; false at the end.
    pub(super) fn next(&mut self, out: &mut String) -> Result<bool, BookError> {
        let (mut in_text, mut aids) = (false, 0);
        loop {
            match self.scanner.next()? {
                Event::Start(tag) => match local(tag.name().as_ref()) {
                    "t" => in_text = aids == 0,
                    "rPh" => aids += 1,
                    _ => {}
                },
                Event::End(tag) => match local(tag.name().as_ref()) {
                    "t" => in_text = false,
                    "rPh" => aids -= 1,
                    "si" | "is" => return Ok(true),
                    _ => {}
                },
                Event::Empty(tag) if matches!(local(tag.name().as_ref()), "si" | "is") => return Ok(true),
                Event::Text(text) if in_text => out.push_str(&text),
                Event::CData(text) if in_text => out.push_str(&text),
                Event::GeneralRef(name) if in_text => out.push_str(&unescape(&format!("&{};", &*name))),
                Event::Eof => return Ok(false),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_joined_and_reading_aids_left_out() {
        let table = "<sst><si><t>张&amp;三</t></si><si/><si><r><t>a</t></r><r><t xml:space=\"preserve\"> b</t></r>\
                     <rPh sb=\"0\" eb=\"1\"><t>x</t></rPh></si></sst>";
        let mut texts = Texts::new(table.as_bytes(), "x").expect("sound");
        let mut found = Vec::new();
        let mut text = String::new();
        while texts.next(&mut text).expect("sound") {
            found.push(std::mem::take(&mut text));
        }
        assert_eq!(found, ["张&三", "", "a b"]);
    }
}
