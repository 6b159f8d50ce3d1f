//! Everything outside the rows of a sheet that says where a row is.
//!
//! One patcher serves sheets, tables, drawings, comments, charts and the workbook: which attribute or element holds
//! what is told by the two tables at the foot. Attributes that place something on a sheet count only in parts that
//! belong to the sheet whose rows move; formulas count everywhere.

use std::collections::BTreeMap;
use std::ops::Range;

use quick_xml::events::Event;

use super::error::BookError;
use super::markup::{attribute, attributes, local, raw, replaced};
use super::reference::{Frame, Stand};
use super::shared_formula::Area;

/// Whose part it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// The sheet whose rows move.
    Here,
    Elsewhere,
}

/// Merged cells that come or go with rows: a list whose rows have merged cells of their own.
#[derive(Debug, Default)]
pub(super) struct Merges {
    /// What is written after a merged range, by its old text.
    pub(super) after: BTreeMap<String, Vec<String>>,
    /// Old texts of merged ranges that are taken out.
    pub(super) gone: Vec<String>,
}

/// Rewrites one part, event by event.
pub(super) struct Patcher<'a> {
    frame: Frame<'a>,
    home: Home,
    part: &'a str,
    merges: &'a Merges,
    stack: Vec<String>,
    /// The text of an element that is held back until its end.
    held: Option<(Says, String)>,
    /// How far the upper end of the drawing anchor at hand moved, and whether it keeps its size.
    anchor: Anchor,
    skipping: usize,
    pub(super) changed: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Anchor {
    moved: i64,
    keeps_size: bool,
}

/// What an attribute or a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Formula,
    Place,
    /// Merged cells: what they show stands in the first one, so a new row above does not join them.
    Merge,
    /// The row above a page break, from 1.
    RowBreak,
    /// A row, from 0.
    Row,
    /// The lower end of an anchor: a row, from 0.
    LowerRow,
    /// Eight numbers, the third and seventh of them rows from 0.
    VmlAnchor,
    MergeCount,
}

impl<'a> Patcher<'a> {
    pub(super) fn new(frame: Frame<'a>, home: Home, part: &'a str, merges: &'a Merges) -> Patcher<'a> {
        Patcher {
            frame,
            home,
            part,
            merges,
            stack: Vec::new(),
            held: None,
            anchor: Anchor::default(),
            skipping: 0,
            changed: false,
        }
    }

    /// Appends what becomes of an event.
    pub(super) fn event(&mut self, event: &Event<'_>, out: &mut String) -> Result<(), BookError> {
        match event {
            Event::Start(tag) => {
                let name = local(tag.name().as_ref()).to_string();
                if self.skipping > 0 {
                    self.skipping += 1;
                    return Ok(());
                }
                if name == "twoCellAnchor" {
                    let keeps_size = attribute(tag, "editAs").is_some_and(|how| how != "twoCell");
                    self.anchor = Anchor { moved: 0, keeps_size };
                }
                self.tag(&name, tag, "<", ">", out)?;
                let parent = self.stack.last().map_or("", String::as_str);
                self.held = text_says(parent, &name, self.home).map(|says| (says, String::new()));
                self.stack.push(name);
            }
            Event::Empty(tag) if self.skipping == 0 => {
                let name = local(tag.name().as_ref()).to_string();
                self.merge_cell(&name, tag, out)?;
            }
            Event::End(_) if self.skipping > 0 => self.skipping -= 1,
            Event::End(_) => {
                if let Some((says, text)) = self.held.take() {
                    let new = self.rewritten(says, &text, self.text_stand())?;
                    self.changed |= new.is_some();
                    out.push_str(new.as_deref().unwrap_or(&text));
                }
                self.stack.pop();
                raw(event, out);
            }
            _ if self.skipping > 0 => {}
            _ => match &mut self.held {
                Some((_, text)) => raw(event, text),
                None => raw(event, out),
            },
        }
        Ok(())
    }

    /// Writes an empty tag; a merged range may go, or bring others after it.
    fn merge_cell(&mut self, name: &str, tag: &str, out: &mut String) -> Result<(), BookError> {
        let merged = if name == "mergeCell" && self.home == Home::Here { attribute(tag, "ref") } else { None };
        if let Some(merged) = merged.as_ref().filter(|merged| self.merges.gone.iter().any(|gone| gone == *merged)) {
            self.changed |= !merged.is_empty();
            return Ok(());
        }
        self.tag(name, tag, "<", "/>", out)?;
        let after = merged.and_then(|merged| self.merges.after.get(&*merged));
        for new in after.into_iter().flatten() {
            let at = attributes(tag).find(|(name, _)| *name == "ref").map_or(0..0, |(_, at)| at);
            out.extend(["<", &replaced(tag, &[(at, new.clone())]), "/>"]);
            self.changed = true;
        }
        Ok(())
    }

    fn tag(&mut self, name: &str, tag: &str, open: &str, close: &str, out: &mut String) -> Result<(), BookError> {
        let parent = self.stack.last().cloned().unwrap_or_default();
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        for (attribute, at) in attributes(tag) {
            let Some(says) = attribute_says(&parent, name, attribute, self.home) else { continue };
            let stand = match (says, self.home) {
                (Says::Formula, Home::Here) => Stand::Rule,
                (Says::Formula, Home::Elsewhere) => Stand::Elsewhere,
                _ => Stand::Place,
            };
            if let Some(new) = self.rewritten(says, &tag[at.clone()], stand)? {
                edits.push((at, new));
            }
        }
        self.changed |= !edits.is_empty();
        out.extend([open, &replaced(tag, &edits), close]);
        Ok(())
    }

    fn text_stand(&self) -> Stand {
        match (self.home, self.held.as_ref().map(|(says, _)| *says)) {
            (_, Some(Says::Place)) => Stand::Place,
            (Home::Here, _) => Stand::Rule,
            (Home::Elsewhere, _) => Stand::Elsewhere,
        }
    }

    fn rewritten(&mut self, says: Says, text: &str, stand: Stand) -> Result<Option<String>, BookError> {
        let number = || text.trim().parse::<u32>().ok();
        let new = match says {
            Says::Place => return self.frame.shift_raw(text, Stand::Place, self.part),
            Says::Merge => return Ok(self.merged(text)),
            Says::Formula => {
                let at = || format!("{} ({})", self.part, self.stack.last().map_or("", String::as_str));
                let shifted = self.frame.shift_raw(text, stand, self.part);
                return shifted.map_err(|error| error.standing_at(at));
            }
            Says::RowBreak | Says::Row => number().map(|row| {
                let new = self.moved(row);
                if says == Says::Row {
                    self.anchor.moved = i64::from(new) - i64::from(row);
                }
                i64::from(new)
            }),
            Says::LowerRow => number().map(|row| match self.anchor.keeps_size {
                true => i64::from(row) + self.anchor.moved,
                false => i64::from(self.moved(row)),
            }),
            Says::MergeCount => number().map(|count| {
                let after = self.merges.after.values().map(Vec::len).sum::<usize>() as i64;
                i64::from(count) + after - self.merges.gone.len() as i64
            }),
            Says::VmlAnchor => return Ok(self.vml_anchor(text)),
        };
        Ok(new.map(|new| new.to_string()).filter(|new| new != text.trim()))
    }

    fn merged(&self, text: &str) -> Option<String> {
        let area = Area::read(text)?;
        let moved = self.frame.moved_block(area);
        (moved != area).then(|| moved.to_string())
    }

    /// Moves a row counted from 0, or the row above a break, with the row below.
    fn moved(&self, row: u32) -> u32 {
        let next = row.saturating_add(1).min(super::moves::ROW_MAX);
        self.frame.moves.row(next).unwrap_or_else(|| self.frame.moves.start(next)).saturating_sub(1)
    }

    /// A note keeps its size and goes with its upper edge.
    fn vml_anchor(&self, text: &str) -> Option<String> {
        let places: Vec<&str> = text.split(',').collect();
        let row = |i: usize| places.get(i).and_then(|place| place.trim().parse::<u32>().ok());
        let (upper, lower) = (row(2)?, row(6)?);
        let new = self.moved(upper);
        let moved = i64::from(new) - i64::from(upper);
        let written = |i: usize, place: &str| {
            let number = match i {
                2 => i64::from(new),
                6 => i64::from(lower) + moved,
                _ => return place.to_string(),
            };
            place.replace(place.trim(), &number.to_string())
        };
        let all: Vec<String> = places.iter().enumerate().map(|(i, place)| written(i, place)).collect();
        (moved != 0).then(|| all.join(","))
    }
}

/// Says what an attribute holds (ECMA-376 part 1, clause 18, and Microsoft's extensions).
fn attribute_says(parent: &str, element: &str, attribute: &str, home: Home) -> Option<Says> {
    match (element, attribute) {
        ("hyperlink", "location") | ("sp" | "cxnSp" | "pic", "textlink") => return Some(Says::Formula),
        ("formControlPr", "fmlaLink" | "fmlaRange" | "fmlaTxbx" | "fmlaGroup") => return Some(Says::Formula),
        _ if home == Home::Elsewhere => return None,
        _ => {}
    }
    match (element, attribute) {
        (
            "dimension" | "autoFilter" | "sortState" | "sortCondition" | "hyperlink" | "comment" | "table"
            | "threadedComment",
            "ref",
        )
        | ("selection", "activeCell" | "sqref")
        | ("dataValidation" | "conditionalFormatting" | "protectedRange" | "ignoredError" | "scenarios", "sqref")
        | ("cellWatch" | "inputCells", "r") => Some(Says::Place),
        ("mergeCell", "ref") => Some(Says::Merge),
        ("brk", "id") if parent == "rowBreaks" => Some(Says::RowBreak),
        ("mergeCells", "count") => Some(Says::MergeCount),
        // What is at the top stays at the top when rows are put in right there.
        ("cfvo", "val") | ("pane" | "sheetView" | "customSheetView", "topLeftCell") => Some(Says::Formula),
        _ => None,
    }
}

/// Says what the text of an element holds.
fn text_says(parent: &str, element: &str, home: Home) -> Option<Says> {
    match (parent, element) {
        (_, "formula" | "formula1" | "formula2" | "f" | "definedName") => return Some(Says::Formula),
        (_, "calculatedColumnFormula" | "totalsRowFormula" | "FmlaLink" | "FmlaRange") => return Some(Says::Formula),
        _ if home == Home::Elsewhere => return None,
        _ => {}
    }
    match (parent, element) {
        (_, "sqref") => Some(Says::Place),
        ("from", "row") | (_, "Row") => Some(Says::Row),
        ("to", "row") => Some(Says::LowerRow),
        (_, "Anchor") => Some(Says::VmlAnchor),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::markup::{Grammar, Scanner};
    use super::super::moves::Moves;
    use super::super::spelt::Addresses;
    use super::*;

    fn patched(text: &str, moves: &Moves, home: Home, merges: &Merges) -> String {
        let order = ["6月".to_string()];
        let frame = Frame { moves, sheet: "6月", order: &order, addresses: Addresses::Never };
        let mut patcher = Patcher::new(frame, home, "x", merges);
        let mut scanner = Scanner::new(text.as_bytes(), "x", Grammar::Xml).expect("sound");
        let mut out = String::new();
        loop {
            let event = scanner.next().expect("sound");
            if matches!(event, Event::Eof) {
                return out;
            }
            patcher.event(&event, &mut out).expect("sound");
        }
    }

    const PLACES: [(&str, &str); 9] = [
        ("<dimension ref=\"A1:H44\" />", "<dimension ref=\"A1:H46\" />"),
        ("<selection activeCell=\"A20\" sqref=\"A20 B3:B9\"/>", "<selection activeCell=\"A22\" sqref=\"A22 B3:B9\"/>"),
        (
            "<rowBreaks><brk id=\"9\"/><brk id=\"8\"/></rowBreaks>",
            "<rowBreaks><brk id=\"11\"/><brk id=\"8\"/></rowBreaks>",
        ),
        ("<colBreaks><brk id=\"30\"/></colBreaks>", "<colBreaks><brk id=\"30\"/></colBreaks>"),
        ("<a><x:sqref>H3:H43</x:sqref><x:f>$A$10</x:f></a>", "<a><x:sqref>H3:H45</x:sqref><x:f>$A$12</x:f></a>"),
        (
            "<a><x:Row>9</x:Row><x:Anchor> 1, 15, 8, 10, 3, 15, 12, 4</x:Anchor></a>",
            "<a><x:Row>11</x:Row><x:Anchor> 1, 15, 8, 10, 3, 15, 12, 4</x:Anchor></a>",
        ),
        (
            "<twoCellAnchor editAs=\"oneCell\"><from><row>9</row></from><to><row>20</row></to></twoCellAnchor>",
            "<twoCellAnchor editAs=\"oneCell\"><from><row>11</row></from><to><row>22</row></to></twoCellAnchor>",
        ),
        (
            "<definedName name=\"a\">'6月'!$A$1:$H$44</definedName>",
            "<definedName name=\"a\">'6月'!$A$1:$H$46</definedName>",
        ),
        (
            "<formula>AND(A10&gt;1,\"A10\"&amp;&quot;x&quot;)</formula>",
            "<formula>AND(A12&gt;1,\"A10\"&amp;&quot;x&quot;)</formula>",
        ),
    ];

    #[test]
    fn places_move_and_move_back() {
        let none = Merges::default();
        for (old, new) in PLACES {
            assert_eq!(patched(old, &Moves::putting_in(vec![10, 10], 3), Home::Here, &none), new);
            assert_eq!(patched(new, &Moves::taking_out(vec![10, 11]), Home::Here, &none), old);
        }
    }

    #[test]
    fn places_on_other_sheets_stay() {
        let moves = Moves::putting_in(vec![10, 10], 3);
        let text = "<a><dimension ref=\"A1:H44\"/><sqref>A20</sqref><formula>A20+'6月'!A20</formula></a>";
        let expected = text.replace("'6月'!A20", "'6月'!A22");
        assert_eq!(patched(text, &moves, Home::Elsewhere, &Merges::default()), expected);
    }

    #[test]
    fn a_row_with_merged_cells_brings_its_own() {
        let merges =
            Merges { after: BTreeMap::from([("B9:C9".to_string(), vec!["B10:C10".to_string()])]), gone: vec![] };
        let text = "<mergeCells count=\"2\"><mergeCell ref=\"B9:C9\"/><mergeCell ref=\"B10:C10\"/></mergeCells>";
        let seeded = patched(text, &Moves::putting_in(vec![10], 3), Home::Here, &merges);
        let expected = "<mergeCells count=\"3\"><mergeCell ref=\"B9:C9\"/><mergeCell ref=\"B10:C10\"/><mergeCell ref=\"B11:C11\"/></mergeCells>";
        assert_eq!(seeded, expected);
        let back = Merges { after: BTreeMap::new(), gone: vec!["B10:C10".to_string()] };
        assert_eq!(patched(&seeded, &Moves::taking_out(vec![10]), Home::Here, &back), text);
    }
}
