//! The cells of a row in the plain form that nearly all programs write, cut without an XML reader.
//!
//! It gives what `sheet.rs` would make of the same bytes, or nothing: a prefix, an entity, a comment, rich text, an
//! attribute in single quotes, a cell out of order, whatever is not plain, is left to the XML reader and its errors.

use std::ops::Range;

use memchr::{memchr, memchr2};

use super::sheet::{Element, RawCell, RawRow};

/// Where a cut stands.
struct Cut<'a> {
    text: &'a str,
    at: usize,
    /// Where the text begins in the row's bytes.
    base: usize,
}

/// How a start tag ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closed {
    Open,
    Empty,
}

/// Appends the cells that stand in `content`, what is between a row's tags; nothing when it is not plain.
///
/// Cells of a row that is not plain may then be left in `row.cells`; its bytes are as they were.
pub(super) fn cut(content: &[u8], row: &mut RawRow) -> Option<()> {
    if memchr2(b'&', b'\'', content).is_some() {
        return None;
    }
    let text = std::str::from_utf8(content).ok()?;
    let mut cut = Cut { text, at: 0, base: row.raw.len() };
    while cut.at < text.len() {
        if text.as_bytes()[cut.at].is_ascii_whitespace() {
            cut.at += 1;
            continue;
        }
        let cell = cut.cell(row)?;
        row.cells.push(cell);
    }
    row.raw.push_str(text);
    Some(())
}

impl Cut<'_> {
    fn cell(&mut self, row: &RawRow) -> Option<RawCell> {
        let start = self.at;
        self.pass(b"<c")?;
        let follows = row.cells.last().map_or(0, |cell| cell.column + 1);
        let mut cell = RawCell { column: follows, ..RawCell::default() };
        let (tag, closed) =
            self.tag(start, |name, value, at| cell.take(name, value, at, (follows, row.number)).ok())?;
        cell.tag = tag;
        while closed == Closed::Open && self.pass(b"</c>").is_none() {
            match self.text.as_bytes().get(self.at..self.at + 2)? {
                b"<v" => cell.value = Some(self.element()?),
                b"<f" => cell.formula = Some(self.element()?),
                b"<i" => cell.inline = Some(self.inline()?),
                _ => return None,
            }
        }
        cell.whole = self.base + start..self.base + self.at;
        (cell.column <= super::formula::COLUMN_MAX).then_some(cell)
    }

    /// Cuts `<v>…</v>` or `<f …>…</f>` with nothing but text within.
    fn element(&mut self) -> Option<Element> {
        let start = self.at;
        self.at += 2;
        let (tag, closed) = self.tag(start, |_, _, _| Some(()))?;
        let begins = self.at;
        if closed == Closed::Empty {
            let end = self.base + begins;
            return Some(Element { whole: self.base + start..end, tag, inner: end..end });
        }
        let ends = begins + memchr(b'<', &self.text.as_bytes()[begins..])?;
        self.at = ends;
        self.pass(&[b'<', b'/', self.text.as_bytes()[start + 1], b'>'])?;
        Some(Element {
            whole: self.base + start..self.base + self.at,
            tag,
            inner: self.base + begins..self.base + ends,
        })
    }

    /// Cuts `<is><t>…</t></is>`.
    fn inline(&mut self) -> Option<Element> {
        let start = self.at;
        self.pass(b"<is>")?;
        let begins = self.at;
        self.pass(b"<t>").or_else(|| self.pass(b"<t xml:space=\"preserve\">"))?;
        self.at += memchr(b'<', &self.text.as_bytes()[self.at..])?;
        self.pass(b"</t>")?;
        let ends = self.at;
        self.pass(b"</is>")?;
        let at = |from: usize, to: usize| self.base + from..self.base + to;
        Some(Element { whole: at(start, self.at), tag: at(start + 1, start + 3), inner: at(begins, ends) })
    }

    /// Reads ` a="b"`s up to the end of a start tag that began at `start`; gives where its content stands.
    fn tag(
        &mut self,
        start: usize,
        mut attribute: impl FnMut(&str, &str, Range<usize>) -> Option<()>,
    ) -> Option<(Range<usize>, Closed)> {
        let bytes = self.text.as_bytes();
        loop {
            let blanks = bytes[self.at..].iter().take_while(|byte| **byte == b' ').count();
            let tag = self.base + start + 1..self.base + self.at + blanks;
            self.at += blanks;
            if self.pass(b">").is_some() {
                return Some((tag, Closed::Open));
            }
            if self.pass(b"/>").is_some() {
                return Some((tag, Closed::Empty));
            }
            let name = bytes[self.at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            if blanks == 0 || name == 0 {
                return None;
            }
            let name = self.at..self.at + name;
            self.at = name.end;
            self.pass(b"=\"")?;
            let value = self.at..self.at + memchr2(b'"', b'<', &bytes[self.at..])?;
            self.at = value.end;
            self.pass(b"\"")?;
            attribute(&self.text[name], &self.text[value.clone()], self.base + value.start..self.base + value.end)?;
        }
    }

    fn pass<const LEN: usize>(&mut self, expected: &[u8; LEN]) -> Option<()> {
        let passed = self.text.as_bytes()[self.at..].first_chunk() == Some(expected);
        passed.then(|| self.at += LEN)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::markup::{Grammar, Scanner};
    use super::super::sheet::rest_of_row;
    use super::*;

    /// Reads a row's content with the XML reader.
    fn read(content: &str) -> Option<RawRow> {
        let text = format!("<row>{content}</row>");
        let mut scanner = Scanner::new(text.as_bytes(), "x", Grammar::Xml).ok()?;
        scanner.next().ok()?;
        let mut row = RawRow { number: 3, ..RawRow::default() };
        rest_of_row(&mut scanner, &mut row).ok()?;
        Some(row)
    }

    fn cut_out(content: &str) -> Option<RawRow> {
        let mut row = RawRow { number: 3, ..RawRow::default() };
        cut(content.as_bytes(), &mut row)?;
        row.raw.push_str("</row>");
        Some(row)
    }

    #[test]
    fn what_programs_usually_write_is_cut() {
        for content in [
            "",
            "<c r=\"A3\" s=\"2\" t=\"s\"><v>1</v></c><c r=\"C3\"/>",
            "<c r=\"A3\" t=\"inlineStr\"><is><t>王五</t></is></c>\n <c r=\"B3\"><f t=\"shared\" ref=\"B3:B9\" si=\"0\">A3*2</f><v>2</v></c>",
            "<c><f>ROW()-2</f><v /></c><c /><c t=\"str\"><f>A3</f><v></v></c>",
            "<c r=\"A3\" t=\"inlineStr\"><is><t xml:space=\"preserve\"> 王 </t></is></c>",
        ] {
            let row = cut_out(content);
            assert!(row.is_some(), "{content}");
            assert_eq!(row, read(content), "{content}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_reader() {
        for content in [
            "<c r='A3'/>",
            "<c r=\"A3\"><v>&amp;</v></c>",
            "<x:c r=\"A3\"/>",
            "<c r=\"A3\"><!-- x --><v>1</v></c>",
            "<c r=\"A3\" t=\"inlineStr\"><is><r><t>a</t></r></is></c>",
            "<c r=\"B3\"/><c r=\"A3\"/>",
            "<c r=\"A4\"/>",
            "<c r=\"A3\"><v>1</f></c>",
            "<c r=\"A3\"><v>1</v>",
            "<c r=\"A3\"s=\"1\"/>",
        ] {
            assert!(cut_out(content).is_none(), "{content}");
        }
    }

    proptest! {
        #[test]
        fn a_cut_row_is_the_row_an_xml_reader_gives(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "<c", "<c>", "</c>", " r=\"A3\"", " r=\"B3\"", " r=\"XFE3\"", " s=\"2\"", " t=\"s\"", " t=\"str\"", " t=\"inlineStr\"", " cm=\"1\"", ">", "/>",
                " />", "<v>", "</v>", "<v/>", "<v />", "<v>1</v>", "<f>", "</f>", "<f>A1</f>", "<f t=\"shared\" si=\"0\"/>", "<is><t>", "</t></is>", "<is>",
                "</is>", "12", "王", " ", "\n", "&amp;", "&", "'", "\"", "<", "<!-- -->", "<![CDATA[x]]>", "<x:v>", "=", "<c r=\"A3\"><v>7</v></c>",
                "<c r=\"B3\" s=\"1\"><v>7</v></c>", "<c r=\"C3\"/>", "<c><is><t>x</t></is></c>", "<extLst/>", "xml:space=\"preserve\"",
            ]), 0..9)
        ) {
            let content = pieces.concat();
            if let Some(row) = cut_out(&content) {
                prop_assert_eq!(Some(row), read(&content));
            }
        }
    }
}
