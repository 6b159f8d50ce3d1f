//! The font that a PDF is set in: which glyph is which character, how wide it is, and the part of it that goes into the file.
//!
//! An ASCII letter or digit, or a usual Chinese character, that the font does not have is an error: a blank in its place would be a number with
//! a digit missing. Any other, and what cannot be seen, is written by its number.

use std::collections::BTreeMap;

use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId, RawFace, Tag, fonts_in_collection, name_id};

use crate::lang::{Pair, Speak, by_number, is_unseen};

/// What is looked for in the names of a collection's fonts: the one with Chinese forms of the characters.
const CHINESE: [&str; 3] = [" SC", "GB", "Micro Hei"];

/// Why text cannot be set in a font.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    #[error("it is not an OpenType or TrueType font")]
    NotAFont,
    #[error("it has no glyph for `{character}` (U+{:04X})", u32::from(*.character))]
    NoGlyph { character: char },
}

impl Speak for FontError {
    fn zh(&self) -> String {
        match self {
            FontError::NotAFont => "不是 OpenType 或 TrueType 字体".to_string(),
            FontError::NoGlyph { character } => {
                format!("没有字符 `{character}`（U+{:04X}）的字形", u32::from(*character))
            }
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new(
            "nothing was written; name a font that has it: --font /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
            "未写出任何文件；请指定含有该字符的字体：--font /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        ))
    }
}

/// A font in use: the glyphs that were asked for so far.
pub struct Font<'f> {
    bytes: &'f [u8],
    index: u32,
    face: Face<'f>,
    used: GlyphRemapper,
    /// By new glyph id: the character, and the width in thousandths of the size.
    glyphs: BTreeMap<u16, (char, f32)>,
}

/// The part of a font that goes into a file.
pub struct Subset {
    pub bytes: Vec<u8>,
    pub outlines: Outlines,
    /// By glyph id: the character, and the width in thousandths of the size.
    pub glyphs: BTreeMap<u16, (char, f32)>,
    /// Thousandths of the size: above and below the line, and the box around all glyphs.
    pub ascent: f32,
    pub descent: f32,
    pub bounds: [f32; 4],
}

/// How a font draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlines {
    TrueType,
    /// The bare `CFF ` table.
    Cff,
}

impl<'f> Font<'f> {
    /// Reads a font; of a collection, the one with Chinese forms, or else the first.
    pub fn read(bytes: &'f [u8]) -> Result<Font<'f>, FontError> {
        let fonts = fonts_in_collection(bytes).unwrap_or(1);
        let is_chinese = |index: &u32| {
            let names = Face::parse(bytes, *index).ok().map(|face| family(&face)).unwrap_or_default();
            CHINESE.iter().any(|part| names.contains(part))
        };
        let index = (0..fonts).find(is_chinese).unwrap_or(0);
        let face = Face::parse(bytes, index).map_err(|_| FontError::NotAFont)?;
        Ok(Font { bytes, index, face, used: GlyphRemapper::new(), glyphs: BTreeMap::new() })
    }

    /// Gives the characters that a text is set in: `[U+1F600]` for one that the font need not have, or that cannot be seen.
    pub fn spelt(&self, text: &str) -> Vec<char> {
        let mut out = Vec::new();
        for c in text.chars() {
            let is_there = self.face.glyph_index(c).is_some_and(|glyph| glyph != GlyphId(0));
            match c {
                '\t' | '\n' | '\r' => out.push(' '),
                c if is_unseen(c) || !is_there && !is_usual(c) => out.extend(by_number(c).chars()),
                c => out.push(c),
            }
        }
        out
    }

    /// Gives the id that a character has in the subset, and its width in thousandths of the size.
    pub fn glyph(&mut self, character: char) -> Result<(u16, f32), FontError> {
        let missing = || FontError::NoGlyph { character };
        let glyph = self.face.glyph_index(character).filter(|glyph| *glyph != GlyphId(0)).ok_or_else(missing)?;
        let width = self.thousandths(self.face.glyph_hor_advance(glyph).ok_or_else(missing)?.into());
        let id = self.used.remap(glyph.0);
        self.glyphs.entry(id).or_insert((character, width));
        Ok((id, width))
    }

    /// Gives the part that was used.
    pub fn subset(self) -> Result<Subset, FontError> {
        let bytes = subsetter::subset(self.bytes, self.index, &self.used).map_err(|_| FontError::NotAFont)?;
        let cff =
            RawFace::parse(&bytes, 0).ok().and_then(|face| face.table(Tag::from_bytes(b"CFF ")).map(<[u8]>::to_vec));
        let bounds = self.face.global_bounding_box();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|side| self.thousandths(side.into()));
        Ok(Subset {
            ascent: self.thousandths(self.face.ascender().into()),
            descent: self.thousandths(self.face.descender().into()),
            bounds,
            glyphs: self.glyphs,
            outlines: if cff.is_some() { Outlines::Cff } else { Outlines::TrueType },
            bytes: cff.unwrap_or(bytes),
        })
    }

    fn thousandths(&self, units: f32) -> f32 {
        units * 1000.0 / f32::from(self.face.units_per_em())
    }
}

/// Tells whether a font that a report can be set in has a character.
fn is_usual(c: char) -> bool {
    matches!(c, ' '..='~' | '一'..='鿿' | '，' | '。' | '：' | '；' | '（' | '）' | '、' | '“' | '”')
}

fn family(face: &Face<'_>) -> String {
    let names = face.names().into_iter().filter(|name| [name_id::FAMILY, name_id::FULL_NAME].contains(&name.name_id));
    names.filter_map(|name| name.to_string()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_font_is_refused() {
        for bytes in [&b""[..], b"%PDF-1.7", &[0; 400]] {
            assert_eq!(Font::read(bytes).err(), Some(FontError::NotAFont));
        }
    }
}
