//! A finding as a PDF of A4 pages, with its own font in it; its text can be copied out again.
//!
//! The blocks are those of the HTML page. Lines are broken between words, or between any two characters of Chinese.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::Finding;
use super::font::{Font, FontError, Outlines, Subset};
use super::pictures::{Ink, Picture, Shape};
use super::sheet::{Block, sheet};
use crate::lang::Lang;

/// A4 and its margins, in points.
const PAGE: [f32; 2] = [595.0, 842.0];
const MARGIN: f32 = 51.0;
const INSIDE: f32 = PAGE[0] - 2.0 * MARGIN;
/// Height of a line for a size of 1.
const LEADING: f32 = 1.45;
/// Sizes of text, in points.
const TITLE: f32 = 18.0;
const VERDICT: f32 = 13.0;
const HEADING: f32 = 12.0;
const PLAIN: f32 = 9.5;
const SMALL: f32 = 8.0;
/// Room between two columns.
const GAP: f32 = 8.0;
/// Narrowest column.
const COLUMN_MIN: f32 = 26.0;

const FONT: Name<'static> = Name(b"F");
const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// Writes the finding in one language, in the font whose file is `font`.
pub fn pdf(finding: &Finding, lang: Lang, font: &[u8]) -> Result<Vec<u8>, FontError> {
    let mut paper = Paper { font: Font::read(font)?, pages: Vec::new(), content: Content::new(), y: PAGE[1] - MARGIN };
    for block in sheet(finding, lang) {
        paper.block(&block)?;
    }
    paper.turn();
    let Paper { font, pages, .. } = paper;
    Ok(file(&pages, &font.subset()?))
}

/// A line of text as glyphs, and how wide it is for a size of 1.
struct Line {
    glyphs: Vec<u8>,
    width: f32,
}

struct Paper<'f> {
    font: Font<'f>,
    pages: Vec<Vec<u8>>,
    content: Content,
    /// Where the next line's upper edge is.
    y: f32,
}

impl Paper<'_> {
    fn block(&mut self, block: &Block) -> Result<(), FontError> {
        match block {
            Block::Title(text) => self.text(text, TITLE, 0.0),
            Block::Made(text) => self.text(text, SMALL, 0.0),
            Block::Verdict(text) => self.text(text, VERDICT, 6.0),
            Block::Claim(text) => self.text(text, PLAIN + 1.0, 2.0),
            Block::Heading(text) => {
                self.keep(4.0 * HEADING * LEADING);
                self.text(text, HEADING, 10.0)
            }
            Block::Items(items) => (1..).zip(items).try_for_each(|(at, item)| {
                let number = (format!("{at}."), 16.0);
                self.row(&[number, (item.clone(), INSIDE - 16.0 - GAP)], PLAIN)
            }),
            Block::Table { head, rows } => {
                let widths = self.widths(head, rows)?;
                let cells = |row: &[String]| row.iter().cloned().zip(widths.iter().copied()).collect::<Vec<_>>();
                self.row(&cells(head), SMALL)?;
                rows.iter().try_for_each(|row| {
                    self.rule();
                    self.row(&cells(row), SMALL)
                })
            }
            Block::Picture(picture) => self.picture(picture),
        }
    }

    fn text(&mut self, text: &str, size: f32, above: f32) -> Result<(), FontError> {
        self.y -= above;
        self.row(&[(text.to_string(), INSIDE)], size)
    }

    /// Sets cells of given widths side by side.
    fn row(&mut self, cells: &[(String, f32)], size: f32) -> Result<(), FontError> {
        let mut columns = Vec::new();
        let mut x = MARGIN;
        for (text, width) in cells {
            columns.push((x, self.lines(text, width / size)?));
            x += width + GAP;
        }
        let height = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        for at in 0..height {
            self.keep(size * LEADING);
            let foot = self.y - size;
            for (x, line) in columns.iter().filter_map(|(x, lines)| Some((*x, lines.get(at)?))) {
                self.show(line, [x, foot], size);
            }
            self.y -= size * LEADING;
        }
        Ok(())
    }

    fn show(&mut self, line: &Line, [x, y]: [f32; 2], size: f32) {
        let text = self.content.begin_text().set_font(FONT, size).set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
        text.show(Str(&line.glyphs)).end_text();
    }

    /// Breaks text into lines of at most `width`, for a size of 1.
    fn lines(&mut self, text: &str, width: f32) -> Result<Vec<Line>, FontError> {
        let mut lines = Vec::new();
        for part in text.split(['\n', '\r']) {
            let mut rest = self.font.spelt(part);
            while !rest.is_empty() {
                let (mut wide, mut fits, mut at) = (0.0, 0, 0);
                while at < rest.len() {
                    wide += self.font.glyph(rest[at])?.1 / 1000.0;
                    if wide > width && at > 0 {
                        break;
                    }
                    at += 1;
                    if at == rest.len() || breaks(rest[at - 1], rest[at]) {
                        fits = at;
                    }
                }
                let end = if at == rest.len() || fits == 0 { at } else { fits };
                let line: Vec<char> = rest.drain(..end).collect();
                lines.push(self.line(&line)?);
            }
        }
        Ok(lines)
    }

    fn line(&mut self, characters: &[char]) -> Result<Line, FontError> {
        let mut line = Line { glyphs: Vec::new(), width: 0.0 };
        for character in characters {
            let (glyph, width) = self.font.glyph(*character)?;
            line.glyphs.extend(glyph.to_be_bytes());
            line.width += width / 1000.0;
        }
        Ok(line)
    }

    /// Shares the page's width out among columns, by what stands in them.
    fn widths(&mut self, head: &[String], rows: &[Vec<String>]) -> Result<Vec<f32>, FontError> {
        let mut wanted = vec![COLUMN_MIN; head.len()];
        for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
            for (wanted, cell) in wanted.iter_mut().zip(row) {
                let characters = self.font.spelt(cell);
                *wanted = wanted.max(self.line(&characters)?.width * SMALL + 1.0);
            }
        }
        let room = INSIDE - GAP * head.len().saturating_sub(1) as f32;
        // A column gets what it wants up to an equal share; what others leave goes to those that want more.
        let (mut left, mut open) = (room, head.len() as f32);
        let mut order: Vec<usize> = (0..head.len()).collect();
        order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
        for at in order {
            wanted[at] = wanted[at].min(left / open);
            (left, open) = (left - wanted[at], open - 1.0);
        }
        Ok(wanted)
    }

    fn rule(&mut self) {
        self.keep(2.0 * SMALL);
        self.y -= 2.0;
        self.content.set_stroke_gray(0.7).set_line_width(0.4);
        self.content.move_to(MARGIN, self.y).line_to(PAGE[0] - MARGIN, self.y).stroke();
        self.y -= 2.0;
    }

    fn picture(&mut self, picture: &Picture) -> Result<(), FontError> {
        self.keep(picture.height + 8.0);
        let (left, top) = (MARGIN, self.y - 4.0);
        for shape in &picture.shapes {
            match shape {
                Shape::Area([x, y, w, h], ink) => {
                    self.content.set_fill_gray(match ink {
                        Ink::Quiet => 0.9,
                        Ink::Plain => 0.5,
                        Ink::Strong => 0.0,
                    });
                    self.content.rect(left + x, top - y - h, *w, *h).fill_nonzero().set_fill_gray(0.0);
                }
                Shape::Line([x1, y1, x2, y2], ink) => {
                    self.content.set_stroke_gray(if *ink == Ink::Quiet { 0.6 } else { 0.0 }).set_line_width(0.6);
                    self.content.move_to(left + x1, top - y1).line_to(left + x2, top - y2).stroke();
                }
                Shape::Text([x, y], text, _) => {
                    let line = self.line(&self.font.spelt(text))?;
                    self.show(&line, [left + x, top - y], SMALL);
                }
            }
        }
        self.y -= picture.height + 8.0;
        Ok(())
    }

    /// Turns the page unless so much room is left.
    fn keep(&mut self, height: f32) {
        if self.y - height < MARGIN {
            self.turn();
        }
    }

    fn turn(&mut self) {
        let content = std::mem::replace(&mut self.content, Content::new());
        self.pages.push(content.finish().to_vec());
        self.y = PAGE[1] - MARGIN;
    }
}

/// Tells whether a line may end between two characters.
fn breaks(before: char, after: char) -> bool {
    let is_wide = |c: char| u32::from(c) >= 0x2E80;
    before == ' ' || ((is_wide(before) || is_wide(after)) && !"，。；：！？、）》”’".contains(after))
}

/// Puts pages and font together.
fn file(pages: &[Vec<u8>], font: &Subset) -> Vec<u8> {
    let mut next = 0;
    let mut id = || {
        next += 1;
        Ref::new(next)
    };
    let [catalog, tree, type0, cid, descriptor, cmap, data, info] = std::array::from_fn(|_| id());
    let pairs: Vec<(Ref, Ref)> = pages.iter().map(|_| (id(), id())).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.document_info(info).producer(TextStr(concat!("canaries ", env!("CARGO_PKG_VERSION"))));
    pdf.pages(tree).kids(pairs.iter().map(|(page, _)| *page)).count(pairs.len() as i32);
    for ((page, content), bytes) in pairs.iter().zip(pages) {
        let mut made = pdf.page(*page);
        made.parent(tree).media_box(Rect::new(0.0, 0.0, PAGE[0], PAGE[1])).contents(*content);
        made.resources().fonts().pair(FONT, type0);
        made.finish();
        pdf.stream(*content, &packed(bytes)).filter(Filter::FlateDecode);
    }
    let name = Name(b"CANARY+Report");
    pdf.type0_font(type0)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(cmap);
    let mut made = pdf.cid_font(cid);
    made.base_font(name).system_info(IDENTITY).font_descriptor(descriptor).default_width(1000.0);
    match font.outlines {
        Outlines::TrueType => made.subtype(CidFontType::Type2).cid_to_gid_map_predefined(Name(b"Identity")),
        Outlines::Cff => made.subtype(CidFontType::Type0),
    };
    let mut widths = made.widths();
    for (glyph, (_, width)) in &font.glyphs {
        widths.consecutive(*glyph, [*width]);
    }
    widths.finish();
    made.finish();
    let [left, foot, right, top] = font.bounds;
    let mut made = pdf.font_descriptor(descriptor);
    made.name(name).flags(FontFlags::SYMBOLIC).bbox(Rect::new(left, foot, right, top)).italic_angle(0.0);
    made.ascent(font.ascent).descent(font.descent).cap_height(font.ascent).stem_v(80.0);
    match font.outlines {
        Outlines::TrueType => made.font_file2(data),
        Outlines::Cff => made.font_file3(data),
    };
    made.finish();
    let mut to_unicode = UnicodeCmap::<u16>::new(Name(b"Report"), IDENTITY);
    for (glyph, (character, _)) in &font.glyphs {
        to_unicode.pair(*glyph, *character);
    }
    pdf.cmap(cmap, &to_unicode.finish());
    let bytes = packed(&font.bytes);
    let mut made = pdf.stream(data, &bytes);
    made.filter(Filter::FlateDecode);
    if font.outlines == Outlines::Cff {
        made.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    made.finish();
    pdf.finish()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all that is written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words_and_before_no_full_stop() {
        assert!(breaks(' ', 'a') && breaks('王', '芳') && breaks('a', '王'));
        assert!(!breaks('a', 'b') && !breaks('芳', '。') && !breaks('1', '3'));
    }
}
