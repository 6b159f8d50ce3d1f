//! How a list writes its cells: one sample of each kind, by column.
//!
//! A new cell is a sample with another place, style and value, so that it comes out in its writer's own hand
//! (attribute order, `t="n"`, ` />`).

use std::collections::BTreeMap;

use super::formula::column_letters;
use super::markup::{attributes, escape, replaced};
use super::sheet::{Kind, RawCell, RawRow};
use super::shown::Shown;

/// The bytes of one cell on its own.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    row: RawRow,
}

/// The habits of one column in the data rows.
#[derive(Debug, Default)]
pub(super) struct Habits {
    /// Cells that hold a value and no formula.
    pub(super) samples: BTreeMap<u8, Sample>,
    counts: BTreeMap<u8, u32>,
    pub(super) blank: Option<Sample>,
    /// Rows that have no cell in this column.
    pub(super) absent: u32,
    /// The kind of the last cell above that holds a value, and the style of the last cell.
    pub(super) last: Last,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Last {
    pub(super) kind: Option<Kind>,
    pub(super) style: Option<String>,
}

/// What a cell is to hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Held {
    /// Digits, an index or a flag: what goes into `<v>` as it is.
    Value(String),
    /// A text within the cell.
    Inline(String),
}

/// How a writer closes an empty tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    Tight,
    Spaced,
}

impl Close {
    /// Gives the end of an empty tag.
    pub(super) fn end(self) -> &'static str {
        match self {
            Close::Tight => "/>",
            Close::Spaced => " />",
        }
    }
}

impl Habits {
    /// Takes note of a cell.
    pub(super) fn note(&mut self, row: &RawRow, cell: &RawCell) {
        self.last.style = style(row.at(&cell.tag)).map(str::to_string);
        if row.is_blank(cell) {
            self.blank.get_or_insert_with(|| Sample::cut(row, cell));
        } else if cell.formula.is_none() {
            self.last.kind = Some(cell.kind);
            self.samples.entry(cell.kind as u8).or_insert_with(|| Sample::cut(row, cell));
            *self.counts.entry(cell.kind as u8).or_default() += 1;
        }
    }

    /// Tells whether a number stands here.
    pub(super) fn has_numbers(&self) -> bool {
        self.counts.contains_key(&(Kind::Number as u8))
    }

    /// Gives the usual way to write a text here.
    pub(super) fn text_kind(&self) -> Option<Kind> {
        let texts = [Kind::Shared, Kind::Inline, Kind::Text];
        let count = |kind: &Kind| self.counts.get(&(*kind as u8)).copied().unwrap_or(0);
        texts.into_iter().filter(|kind| count(kind) > 0).max_by_key(count)
    }

    /// Gives the usual kind of value here.
    pub(super) fn usual_kind(&self) -> Option<Kind> {
        let all = [Kind::Number, Kind::Shared, Kind::Inline, Kind::Text, Kind::Bool, Kind::Iso];
        let count = |kind: &Kind| self.counts.get(&(*kind as u8)).copied().unwrap_or(0);
        all.into_iter().filter(|kind| count(kind) > 0).max_by_key(count)
    }
}

impl Sample {
    /// Cuts a cell out of its row.
    pub(super) fn cut(row: &RawRow, cell: &RawCell) -> Sample {
        let base = cell.whole.start;
        let at = |range: &std::ops::Range<usize>| range.start - base..range.end - base;
        let element = |element: &super::sheet::Element| super::sheet::Element {
            whole: at(&element.whole),
            tag: at(&element.tag),
            inner: at(&element.inner),
        };
        let cut = RawCell {
            whole: at(&cell.whole),
            tag: at(&cell.tag),
            row_digits: cell.row_digits.as_ref().map(at),
            formula: cell.formula.as_ref().map(element),
            value: cell.value.as_ref().map(element),
            inline: cell.inline.as_ref().map(element),
            ..cell.clone()
        };
        let raw = row.at(&cell.whole).to_string();
        Sample { row: RawRow { number: row.number, raw, tag: 0..0, cells: vec![cut] } }
    }

    /// Makes a sample where a sheet has none.
    pub(super) fn made(kind: Kind) -> Sample {
        let raw = match kind {
            Kind::Shared => "<c r=\"A1\" t=\"s\"><v>0</v></c>".to_string(),
            Kind::Inline => "<c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is></c>".to_string(),
            Kind::Text => "<c r=\"A1\" t=\"str\"><v>x</v></c>".to_string(),
            Kind::Bool => "<c r=\"A1\" t=\"b\"><v>0</v></c>".to_string(),
            Kind::Iso => "<c r=\"A1\" t=\"d\"><v>2000-01-01</v></c>".to_string(),
            Kind::Number | Kind::Error => "<c r=\"A1\"><v>0</v></c>".to_string(),
        };
        let tag = 1..raw.find('>').unwrap_or(raw.len());
        let inside = |name: &str| {
            let (open, close) = (format!("<{name}>"), format!("</{name}>"));
            let start = raw.find(&open)?;
            let end = raw.find(&close)?;
            let inner = start + open.len()..end;
            Some(super::sheet::Element { whole: start..end + close.len(), tag: start + 1..inner.start - 1, inner })
        };
        let cell = RawCell {
            kind,
            whole: 0..raw.len(),
            tag,
            row_digits: Some(6..7),
            value: inside("v"),
            inline: inside("is"),
            ..RawCell::default()
        };
        Sample { row: RawRow { number: 1, raw, tag: 0..0, cells: vec![cell] } }
    }

    /// Gives the cell; its ranges are those of [`Sample::at`].
    pub(super) fn cell(&self) -> &RawCell {
        &self.row.cells[0]
    }

    /// Gives a piece of the cell's bytes.
    pub(super) fn at(&self, range: &std::ops::Range<usize>) -> &str {
        self.row.at(range)
    }

    /// Gives the row the cell was cut out of.
    pub(super) fn row_number(&self) -> u32 {
        self.row.number
    }

    /// Writes the sample at another place, in another style, with another value (none: as it is).
    pub(super) fn write(&self, row: u32, column: u32, style: Option<&str>, held: Option<&Held>, out: &mut String) {
        let cell = self.cell();
        let mut edits = self.placed(row, column);
        edits.extend(self.styled(style));
        match held {
            Some(Held::Value(text)) => {
                edits.extend(cell.value.as_ref().map(|value| (value.inner.clone(), text.clone())));
            }
            Some(Held::Inline(text)) => edits.extend(self.inline(text)),
            None => {}
        }
        edits.sort_by_key(|(at, _)| at.start);
        out.push_str(&replaced(&self.row.raw, &edits));
    }

    /// Writes the sample's tag alone, without a value or a kind, as an empty cell.
    pub(super) fn write_empty(&self, row: u32, column: u32, close: Close, out: &mut String) {
        let cell = self.cell();
        let mut edits = self.placed(row, column);
        edits.extend(self.without("t"));
        edits.sort_by_key(|(at, _)| at.start);
        let whole = replaced(&self.row.raw[..cell.tag.end], &edits);
        out.extend([whole.trim_end(), close.end()]);
    }

    /// Writes the sample in another row with another formula (`<f>…</f>`) and the value it shows, if that is known.
    pub(super) fn write_formula(&self, row: u32, formula: &str, value: Option<&Shown>, out: &mut String) {
        let cell = self.cell();
        let mut edits = self.placed(row, cell.column);
        edits.extend(cell.formula.as_ref().map(|old| (old.whole.clone(), formula.to_string())));
        match (value, &cell.value) {
            (Some(shown), Some(old)) => {
                edits.push((old.whole.clone(), format!("<v>{}</v>", shown.text)));
                edits.extend(if shown.kind == cell.kind { None } else { self.with_kind(shown.kind) });
            }
            (None, Some(old)) if !old.inner.is_empty() => {
                edits.push((old.whole.clone(), String::new()));
                edits.extend(self.without("t"));
            }
            (_, None) | (None, Some(_)) => {}
        }
        edits.sort_by_key(|(at, _)| at.start);
        out.push_str(&replaced(&self.row.raw, &edits));
    }

    /// An edit that says how the value is stored.
    fn with_kind(&self, kind: Kind) -> Option<(std::ops::Range<usize>, String)> {
        let word = match kind {
            Kind::Text => "str",
            Kind::Bool => "b",
            Kind::Number | Kind::Shared | Kind::Inline | Kind::Error | Kind::Iso => return self.without("t"),
        };
        let (base, tag) = (self.cell().tag.start, self.row.at(&self.cell().tag));
        match attributes(tag).find(|(found, _)| *found == "t") {
            Some((_, at)) => Some((base + at.start..base + at.end, word.to_string())),
            None => Some((base + tag.len()..base + tag.len(), format!(" t=\"{word}\""))),
        }
    }

    /// Edits that change the place; nothing when the sample's writer leaves it out.
    fn placed(&self, row: u32, column: u32) -> Vec<(std::ops::Range<usize>, String)> {
        let cell = self.cell();
        let Some(digits) = &cell.row_digits else { return Vec::new() };
        let letters = column_letters(cell.column).len();
        vec![(digits.start - letters..digits.end, format!("{}{row}", column_letters(column)))]
    }

    fn styled(&self, new: Option<&str>) -> Option<(std::ops::Range<usize>, String)> {
        let tag = self.row.at(&self.cell().tag);
        let base = self.cell().tag.start;
        let old = attributes(tag).find(|(name, _)| *name == "s").map(|(_, at)| base + at.start..base + at.end);
        match (old, new) {
            (Some(at), Some(new)) => Some((at, new.to_string())),
            (Some(_), None) => self.without("s"),
            (None, Some(new)) => {
                let place = self.cell().row_digits.as_ref().map(|digits| digits.end + 1);
                let name_end = base + tag.find(' ').unwrap_or(tag.len());
                let at = place.unwrap_or(name_end);
                Some((at..at, format!(" s=\"{new}\"")))
            }
            (None, None) => None,
        }
    }

    /// An edit that takes an attribute away with the blank in front of it.
    fn without(&self, name: &str) -> Option<(std::ops::Range<usize>, String)> {
        let base = self.cell().tag.start;
        let tag = self.row.at(&self.cell().tag);
        let (_, at) = attributes(tag).find(|(found, _)| *found == name)?;
        let start = tag[..at.start].rfind([' ', '\t', '\n'])?;
        Some((base + start..base + at.end + 1, String::new()))
    }

    /// An edit that writes a text into `<is>`, with the name its `<t>` has here.
    fn inline(&self, text: &str) -> Option<(std::ops::Range<usize>, String)> {
        let inline = self.cell().inline.as_ref()?;
        let inner = self.row.at(&inline.inner);
        let name = inner.strip_prefix('<').map_or("t", |rest| rest.split(['>', ' ', '/']).next().unwrap_or("t"));
        let prefix = name.rsplit_once(':').map_or("", |(prefix, _)| prefix);
        let colon = if prefix.is_empty() { "" } else { ":" };
        let space = if keeps_space(text) { " xml:space=\"preserve\"" } else { "" };
        let new = format!("<{prefix}{colon}t{space}>{}</{prefix}{colon}t>", escape(text));
        Some((inline.inner.clone(), new))
    }
}

/// Tells whether a text needs `xml:space="preserve"`.
pub(super) fn keeps_space(text: &str) -> bool {
    text.trim() != text || text.contains(['\n', '\t']) || text.contains("  ")
}

/// Reads a cell's style as it is written; nothing when it is left out.
pub(super) fn style(tag: &str) -> Option<&str> {
    attributes(tag).find(|(name, _)| *name == "s").map(|(_, at)| &tag[at])
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::rows_of;
    use super::*;

    fn sample(cell: &str) -> Sample {
        let text = format!("<worksheet><sheetData><row r=\"3\">{cell}</row></sheetData></worksheet>");
        let rows = rows_of(&text).expect("sound");
        Sample::cut(&rows[0], &rows[0].cells[0])
    }

    fn written(cell: &str, style: Option<&str>, held: Held) -> String {
        let mut out = String::new();
        sample(cell).write(12, 27, style, Some(&held), &mut out);
        out
    }

    #[test]
    fn a_new_cell_is_in_its_writers_hand() {
        let inline = Held::Inline("张 & 三 ".to_string());
        assert_eq!(
            written("<c r=\"B3\" s=\"2\" t=\"inlineStr\"><is><t>x</t></is></c>", Some("4"), inline.clone()),
            "<c r=\"AB12\" s=\"4\" t=\"inlineStr\"><is><t xml:space=\"preserve\">张 &amp; 三 </t></is></c>"
        );
        assert_eq!(
            written(
                "<x:c t='inlineStr' r='B3'><x:is><x:t>x</x:t></x:is></x:c>",
                Some("4"),
                Held::Inline("a".to_string())
            ),
            "<x:c t='inlineStr' r='AB12' s=\"4\"><x:is><x:t>a</x:t></x:is></x:c>"
        );
        let number = Held::Value("13800138000".to_string());
        assert_eq!(
            written("<c r=\"B3\" s=\"2\" t=\"n\"><v>1</v></c>", None, number),
            "<c r=\"AB12\" t=\"n\"><v>13800138000</v></c>"
        );
    }

    #[test]
    fn an_empty_cell_keeps_its_style_only() {
        let mut out = String::new();
        sample("<c r=\"B3\" s=\"2\" t=\"s\"><v>1</v></c>").write_empty(4, 1, Close::Tight, &mut out);
        assert_eq!(out, "<c r=\"B4\" s=\"2\"/>");
    }

    #[test]
    fn made_samples_are_as_good_as_found_ones() {
        for kind in [Kind::Shared, Kind::Inline, Kind::Text, Kind::Bool, Kind::Number] {
            let made = Sample::made(kind);
            let found = sample(&made.row.raw.replace("A1", "A3"));
            assert_eq!(made.cell().tag, found.cell().tag, "{kind:?}");
            assert_eq!(made.cell().value, found.cell().value, "{kind:?}");
            assert_eq!(made.cell().inline, found.cell().inline, "{kind:?}");
        }
    }
}
