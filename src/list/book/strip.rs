//! Taking rows out of a sheet again.
//!
//! What seeding carried on is carried back by the same code, the other way round. Shared texts are taken away only if nothing else
//! uses them, and only from the end of their table, unless that is in the order of its rows.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, Read, Seek, Write};
use std::ops::ControlFlow;

use quick_xml::events::Event;

use super::super::row::Row;
use super::cached::{Cached, own_row_only};
use super::edit::Edit;
use super::effects::{Change, Content, Contents, Effects, FormulaCell, Local};
use super::error::BookError;
use super::first_use::{FirstUse, TableOrder};
use super::markup::{Grammar, Scanner, attribute, local};
use super::moves::{Moves, ROW_MAX};
use super::pattern::step;
use super::reference::Frame;
use super::seed::{Seeded, Target};
use super::serial::{Renumbered, Renumbering, Serial};
use super::shared_formula::{Area, Masters};
use super::sheet::{Kind, Piece, RawCell, RawRow, scan};
use super::shift::Merges;
use super::spelt::Addresses;
use super::survey::Field;
use super::table::TableChange;
use super::value::Values;
use super::workbook::SheetKind;
use super::{Book, Line};

/// What the first walk finds.
#[derive(Default)]
struct Found {
    /// Rows to take out, from 1.
    rows: Vec<u32>,
    contents: Vec<Contents>,
    /// By how much columns filled down count on over the rows that go since the last one that stays.
    steps: BTreeMap<u32, i64>,
    all_steps: BTreeMap<(u32, u32), i64>,
    formulas: Vec<(u32, u32, String)>,
    serials: Renumbering,
    /// By how much serials count back, by row and column.
    serial_changes: BTreeMap<(u32, u32), i64>,
    counter: Serial,
    merges: Vec<Area>,
    shared: Shared,
    masters: Masters,
}

/// What becomes of a row, or of a cell's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
}

/// Which shared texts are in use.
#[derive(Default)]
struct Shared {
    /// By cells that go or get another text.
    freed: HashSet<usize>,
    /// By cells that go.
    uses: i64,
    /// By all other cells, as bits.
    kept: Vec<u64>,
    /// By cells of the sheet that stay, in the order of their first use.
    stays: Vec<u32>,
    first_use: FirstUse,
}

impl<R: Read + Seek> Book<R> {
    /// Writes the book to `out` without the rows that `is_canary` picks; gives their number.
    ///
    /// With what [`Book::seed`] gave back, the original comes back part by part. Without it, or for a book that another
    /// program has saved since, values of formulas that cannot be worked back are dropped.
    pub fn strip<W: Write + Seek>(
        &mut self,
        target: &Target<'_>,
        is_canary: &mut dyn FnMut(&Row<'_>) -> bool,
        seeded: Option<&Seeded>,
        out: W,
    ) -> Result<u64, BookError> {
        self.refuse_pivots(target.sheet)?;
        let values = self.read_values()?;
        let edit = self.stripping(target, is_canary, seeded, &values);
        let count = edit.and_then(|(edit, count)| {
            edit.write(&mut self.package, (&self.workbook, &values), out)?;
            Ok(count)
        });
        self.values = Some(values);
        count
    }

    pub(super) fn stripping(
        &mut self,
        target: &Target<'_>,
        is_canary: &mut dyn FnMut(&Row<'_>) -> bool,
        seeded: Option<&Seeded>,
        values: &Values,
    ) -> Result<(Edit, u64), BookError> {
        let field = target.field();
        let here = self.workbook.place_of(target.sheet)?;
        let part = self.workbook.sheets[here].part.clone();
        let owned = self.owned(&part)?;
        let place = self.place(&part)?;
        let mut scanner = Scanner::new(self.package.reader(place)?, &part, Grammar::Xml)?;
        let mut found = Found { counter: Serial::new(field.counting), ..Found::default() };
        found.read(&mut scanner, field, values, is_canary)?;
        drop(scanner);
        let moves = Moves::taking_out(found.rows.clone());
        let addresses = Addresses::among(&values.strings);
        let count = found.rows.len() as u64;
        let (effects, elsewhere) = self.effects_back(here, &moves, &mut found)?;
        let wanted: HashSet<&str> = found.serials.values().map(|new| new.text.as_str()).collect();
        let indexes = values.strings.find(&|text| wanted.contains(text));
        self.mark_kept(here, &mut found, &indexes)?;
        let table = found.table_back(values.strings.len(), elsewhere, seeded);
        let gone = found.merges.iter().filter(|merge| moves.range(merge.rows.0, merge.rows.1).is_none());
        let gone = gone.map(Area::to_string).collect();
        let edit = Edit {
            here,
            new_rows: Vec::new(),
            own: Vec::new(),
            serials: field.serial.map(|column| (column, std::mem::take(&mut found.serials))),
            indexes,
            table,
            strings_len: values.strings.len(),
            chain_after: BTreeMap::new(),
            merges: Merges { after: BTreeMap::new(), gone },
            effects,
            restored: restored(seeded),
            owned,
            addresses,
            moves,
        };
        Ok((edit, count))
    }

    /// Works out what seeding changed; gives with it the end of the shared texts that other sheets use.
    fn effects_back(&mut self, here: usize, moves: &Moves, found: &mut Found) -> Result<(Effects, usize), BookError> {
        let order = self.order();
        let frame = Frame { moves, sheet: &order[here], order: &order, addresses: Addresses::Perhaps };
        let mut local = Local::default();
        let mut formulas = Vec::new();
        for (row, column, text) in std::mem::take(&mut found.formulas) {
            let text = self.workbook.names.spelt_out(&text, here).into_owned();
            match own_row_only(&text, row, &frame) {
                Some(columns) => local.note(row, column, columns),
                None => formulas.push(FormulaCell { sheet: here, row, column, text: text.into() }),
            }
        }
        let elsewhere = self.formulas_of_others(here, &mut formulas)?;
        let mut cached = Cached {
            frame,
            here,
            rows: &found.contents,
            sign: -1,
            steps: &found.all_steps,
            local: &local,
            first_moved: found.rows.first().copied().unwrap_or(ROW_MAX),
            effects: found.serial_effects(here),
        };
        cached.work_out(&formulas);
        Ok((cached.effects, elsewhere))
    }

    /// Marks the shared texts that other sheets use, and those that renumbered serials will.
    fn mark_kept(&mut self, here: usize, found: &mut Found, indexes: &HashMap<String, usize>) -> Result<(), BookError> {
        for new in found.serials.values().filter(|new| new.kind == Kind::Shared) {
            indexes.get(&new.text).into_iter().for_each(|&index| found.shared.keep(index));
        }
        if found.shared.freed.is_empty() {
            return Ok(());
        }
        for (i, sheet) in self.workbook.sheets.clone().iter().enumerate() {
            if i == here || sheet.kind != SheetKind::Cells {
                continue;
            }
            let place = self.place(&sheet.part)?;
            let mut scanner = Scanner::new(self.package.reader(place)?, &sheet.part, Grammar::Xml)?;
            scan(&mut scanner, &mut |piece| {
                if let Piece::Row(row) = piece {
                    row.cells.iter().filter_map(|cell| row.shared(cell)).for_each(|index| found.shared.keep(index));
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(())
    }
}

impl Found {
    fn read<B: BufRead>(
        &mut self,
        scanner: &mut Scanner<B>,
        field: Field,
        values: &Values,
        is_canary: &mut dyn FnMut(&Row<'_>) -> bool,
    ) -> Result<(), BookError> {
        let mut line = Line::default();
        scan(scanner, &mut |piece| {
            match piece {
                Piece::Row(row) => {
                    let is_record = (field.first..=field.last).contains(&row.number);
                    let fate = match is_record && is_canary(&line.read(row, values)?) {
                        true => Fate::Goes,
                        false => Fate::Stays,
                    };
                    self.row(row, fate, field, values)?;
                }
                Piece::Outside(Event::Empty(tag) | Event::Start(tag)) if local(tag.name().as_ref()) == "mergeCell" => {
                    self.merges.extend(attribute(tag, "ref").and_then(|area| Area::read(&area)));
                }
                Piece::Outside(_) => {}
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Says how the table of `len` shared texts becomes what it was; other sheets use none from `elsewhere` on.
    fn table_back(&mut self, len: usize, elsewhere: usize, seeded: Option<&Seeded>) -> TableChange {
        let (shared, added) = (&self.shared, Vec::new());
        let uses = -shared.uses;
        if len == 0 {
            return TableChange { uses, ..TableChange::default() };
        }
        let is_text = |new: &Renumbered| new.kind == Kind::Shared;
        let by_row = seeded.is_none_or(|seeded| seeded.by_row) && !self.serials.values().any(is_text);
        if by_row && shared.first_use.orders(len, elsewhere) {
            let order = TableOrder::taking_out(len, elsewhere, &shared.stays);
            return TableChange { added, removed: len - order.texts.len(), uses, order: Some(order) };
        }
        let removed = shared.tail(len, seeded.map(|seeded| seeded.strings_added));
        TableChange { added, removed, uses, order: None }
    }

    fn row(&mut self, row: &RawRow, fate: Fate, field: Field, values: &Values) -> Result<(), BookError> {
        self.shared.first_use.row(row);
        if fate == Fate::Stays {
            let steps = std::mem::take(&mut self.steps);
            self.all_steps.extend(steps.into_iter().map(|(column, step)| ((row.number, column), step)));
        }
        for cell in row.cells.iter().filter(|cell| cell.formula.is_some()) {
            let Some(text) = self.masters.text(row, cell) else { continue };
            if fate == Fate::Stays {
                self.formulas.push((row.number, cell.column, text));
            } else if let Some(step) = step(&text, row.number, cell.column) {
                *self.steps.entry(cell.column).or_default() += step;
            }
        }
        if fate == Fate::Goes {
            self.rows.push(row.number);
            self.contents.push(contents(row, values)?);
            self.counter.take_out();
        }
        for cell in &row.cells {
            let is_serial = field.serial == Some(cell.column) && (field.first..=field.last).contains(&row.number);
            let text = match fate {
                Fate::Stays if is_serial => self.serial(row, cell, values)?,
                Fate::Stays | Fate::Goes => fate,
            };
            if let Some(index) = row.shared(cell) {
                self.shared.uses += i64::from(fate == Fate::Goes);
                self.shared.note(index, text);
            }
        }
        Ok(())
    }

    /// Counts a serial back; tells what becomes of its old text.
    fn serial(&mut self, row: &RawRow, cell: &RawCell, values: &Values) -> Result<Fate, BookError> {
        if cell.formula.is_some() {
            return Ok(Fate::Stays);
        }
        let mut text = String::new();
        values.append(row, cell, &mut text)?;
        let Some(number) = self.counter.parse(&text) else { return Ok(Fate::Stays) };
        let new = self.counter.pulled(number);
        if new != number {
            let text = self.counter.written(new);
            self.serials.insert(row.number, Renumbered { text, kind: cell.kind });
            self.serial_changes.insert((row.number, cell.column), new as i64 - number as i64);
        }
        Ok(if new == number { Fate::Stays } else { Fate::Goes })
    }

    fn serial_effects(&self, here: usize) -> Effects {
        let mut effects = Effects::default();
        for (&(row, column), &by) in &self.serial_changes {
            effects.set(here, row, column, Change::By(by));
        }
        effects
    }
}

impl Shared {
    fn note(&mut self, index: usize, fate: Fate) {
        match fate {
            Fate::Stays => {
                if !self.is_kept(index) {
                    self.stays.push(index as u32);
                }
                self.keep(index);
            }
            Fate::Goes => {
                self.freed.insert(index);
            }
        }
    }

    fn keep(&mut self, index: usize) {
        let word = index / 64;
        if self.kept.len() <= word {
            self.kept.resize(word + 1, 0);
        }
        self.kept[word] |= 1 << (index % 64);
    }

    /// Counts the texts at the end of a table of `len` that only freed cells used.
    fn tail(&self, len: usize, at_most: Option<usize>) -> usize {
        let free = (0..len).rev().take_while(|index| self.freed.contains(index) && !self.is_kept(*index)).count();
        free.min(at_most.unwrap_or(len))
    }

    fn is_kept(&self, index: usize) -> bool {
        self.kept.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}

/// Says what formulas found in a row that goes.
fn contents(row: &RawRow, values: &Values) -> Result<Contents, BookError> {
    let mut contents = Contents::new();
    for cell in row.cells.iter().filter(|cell| !row.is_blank(cell)) {
        let value = cell.value.as_ref().map_or("", |value| row.at(&value.inner));
        let content = match (cell.formula.is_some(), cell.kind) {
            (true, Kind::Number) => Content::Number,
            (true, _) | (false, Kind::Bool | Kind::Error) => Content::Other,
            (false, Kind::Number) => value.parse().map_or(Content::Number, Content::Whole),
            (false, Kind::Shared | Kind::Inline | Kind::Text | Kind::Iso) => {
                let mut text = String::new();
                values.append(row, cell, &mut text)?;
                Content::Text(text)
            }
        };
        contents.insert(cell.column, content);
    }
    Ok(contents)
}

fn restored(seeded: Option<&Seeded>) -> HashMap<String, HashMap<String, String>> {
    let mut restored: HashMap<String, HashMap<String, String>> = HashMap::new();
    for lost in seeded.into_iter().flat_map(|seeded| &seeded.lost) {
        restored.entry(lost.part.clone()).or_default().insert(lost.cell.clone(), lost.raw.clone());
    }
    restored
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::super::super::counting::Counting;
    use super::super::super::row::{LineEnd, NewRow};
    use super::super::tests::{packed, parts, unpacked, with};
    use super::*;

    const TARGET: Target<'static> =
        Target { sheet: "6月", first: 2, last: 4, serial: Some(0), counting: Counting::Up };

    fn new_row(before: u64, name: &str, phone: &str, signed: &str) -> NewRow {
        let cells = ["", name, phone, "2026-07-02", signed].map(str::to_string).to_vec();
        NewRow { before, offset: 0, cells, quoted: Vec::new(), line_end: LineEnd::None }
    }

    fn seeded(book: &[u8], rows: &[NewRow]) -> Result<(Vec<u8>, Seeded), BookError> {
        let mut out = Cursor::new(Vec::new());
        let seeded = Book::open(Cursor::new(book))?.seed(&TARGET, rows, &mut out)?;
        Ok((out.into_inner(), seeded))
    }

    fn stripped(book: &[u8], more: u64, seeded: Option<&Seeded>) -> Result<(Vec<u8>, u64), BookError> {
        let target = Target { last: TARGET.last + more, ..TARGET };
        let mut out = Cursor::new(Vec::new());
        let mut is_canary = |row: &Row<'_>| row.text(1).contains('雀');
        let count = Book::open(Cursor::new(book))?.strip(&target, &mut is_canary, seeded, &mut out)?;
        Ok((out.into_inner(), count))
    }

    fn part(book: &[u8], name: &str) -> String {
        unpacked(book).into_iter().find(|(found, _)| found == name).expect("it has this part").1
    }

    #[test]
    fn a_new_row_follows_its_neighbour_and_totals_count_it() {
        let rows = [new_row(4, "金雀", "13811112222", "已签"), new_row(2, "雀&儿", "13722223333", "")];
        let (book, given) = seeded(&packed(&parts()), &rows).expect("it can be planted into");
        let sheet = part(&book, "xl/worksheets/sheet2.xml");
        for piece in [
            "<row r=\"3\" ht=\"20\" customHeight=\"1\"><c r=\"A3\"><v>1</v></c><c r=\"B3\" s=\"1\" t=\"s\"><v>2</v></c>\
             <c r=\"C3\" s=\"1\"><v>13722223333</v></c><c r=\"D3\" s=\"2\"><v>46205</v></c><c r=\"E3\"/><c r=\"F3\"><f>A3*2</f><v>2</v></c></row>",
            "<c r=\"C6\" s=\"1\" t=\"s\"><v>8</v></c>",
            "<c r=\"F6\"><f t=\"shared\" si=\"0\"/><v>8</v></c></row>",
            "<c r=\"A7\"><v>5</v></c>",
            "<f>COUNTA(B3:B7)</f><v>5</v>",
            "<f>COUNTIF(E3:E7,\"已签\")</f><v>3</v>",
            "<f>AVERAGE(D3:D7)</f></c>",
            "<dataValidation sqref=\"E3:E7\"/>",
            "<f t=\"shared\" ref=\"F4:F7\" si=\"0\">A4*2</f>",
        ] {
            assert!(sheet.contains(piece), "{piece}\n{sheet}");
        }
        let summary = part(&book, "xl/worksheets/sheet1.xml");
        assert!(
            summary.contains("<f>'6月'!A8+COUNTA(全部)</f><v>10</v>")
                && summary.contains("<f>'6月'!B7&amp;\"A5\"</f><v>王五A5</v>")
        );
        let table = part(&book, "xl/sharedStrings.xml");
        assert!(table.starts_with("<sst count=\"13\" uniqueCount=\"10\">"));
        assert!(table.contains("<t>序号</t></si><si><t>雀&amp;儿</t></si><si><t>张三</t>"), "{table}");
        assert_eq!(given.strings_added, 3);
        assert_eq!(part(&book, "docProps/app.xml"), "<Properties><f>'6月'!A6</f></Properties>");
    }

    #[test]
    fn a_value_that_is_dropped_is_handed_out_and_put_back() {
        let original = packed(&parts());
        let (book, given) =
            seeded(&original, &[new_row(3, "金雀", "13811112222", "")]).expect("it can be planted into");
        let names: Vec<&str> = given.lost.iter().map(|lost| lost.cell.as_str()).collect();
        assert_eq!(names, ["F4", "F5", "C6"]);
        let (back, _) = stripped(&book, 1, Some(&given)).expect("it can be stripped");
        assert_eq!(unpacked(&back), unpacked(&original));
        let (without, _) = stripped(&book, 1, None).expect("it can be stripped");
        assert!(part(&without, "xl/worksheets/sheet2.xml").contains("<c r=\"C6\"><f>AVERAGE(D3:D5)</f></c>"));
    }

    #[test]
    fn what_cannot_be_carried_on_is_refused() {
        let rows = [new_row(4, "金雀", "13811112222", "")];
        let array = |text: &str| text.replace("<f>AVERAGE(D3:D5)</f>", "<f t=\"array\" ref=\"C6:C6\">D3:D5</f>");
        assert!(seeded(&with("xl/worksheets/sheet2.xml", array), &rows).is_ok());
        let across =
            |text: &str| text.replace("<f t=\"shared\" ref=\"F3:F5\" si=\"0\">", "<f t=\"array\" ref=\"F3:F5\">");
        let error = seeded(&with("xl/worksheets/sheet2.xml", across), &rows).expect_err("an array stands across");
        assert!(matches!(&error, BookError::ArrayAcross { cell } if cell == "F3:F5"), "{error}");
        let span = |text: &str| text.replace("'6月'!B5", "SUM('6月:汇总'!B5)");
        let error = seeded(&with("xl/worksheets/sheet1.xml", span), &rows).expect_err("a sum over sheets");
        assert!(matches!(error, BookError::AcrossSheets { .. }), "{error}");
        let mut pivot = parts();
        let source = "<pivotCacheDefinition><cacheSource><worksheetSource ref=\"A2:F5\" sheet=\"6月\"/></cacheSource></pivotCacheDefinition>";
        pivot.push(("xl/pivotCache/pivotCacheDefinition1.xml".to_string(), source.to_string()));
        assert!(matches!(seeded(&packed(&pivot), &rows), Err(BookError::Pivot { .. })));
        let beyond = [new_row(40, "金雀", "13811112222", "")];
        assert!(matches!(seeded(&packed(&parts()), &beyond), Err(BookError::NoSuchRow { .. })));
    }

    /// The small book with one more formula in each row of the list, and what it shows there.
    fn with_column(cells: [&str; 3]) -> Vec<u8> {
        with("xl/worksheets/sheet2.xml", |text| {
            let mut text = text.to_string();
            for (row, cell) in (3..).zip(cells) {
                let (head, tail) = text.split_once(&format!("<c r=\"F{row}\">")).expect("it has this cell");
                let (own, tail) = tail.split_once("</row>").expect("the row ends");
                text = format!("{head}<c r=\"F{row}\">{own}{cell}</row>{tail}");
            }
            text
        })
    }

    #[test]
    fn a_new_row_shows_what_its_formulas_give() {
        let rows = [new_row(3, "金雀", "13811112222", "")];
        let joined = [
            "<c r=\"G3\" t=\"str\"><f>B3&amp;\"/\"&amp;RIGHT(C3,4)</f><v>张三/8000</v></c>",
            "<c r=\"G4\" t=\"str\"><f>B4&amp;\"/\"&amp;RIGHT(C4,4)</f><v>李四/6000</v></c>",
            "<c r=\"G5\" t=\"str\"><f>B5&amp;\"/\"&amp;RIGHT(C5,4)</f><v>王五/9000</v></c>",
        ];
        let mixed = [
            "<c r=\"G3\" t=\"str\"><f>IF(E3=\"\",A3,\"\")</f><v></v></c>".replace("(E3=", "(B3="),
            "<c r=\"G4\"><f>ROW()-2</f><v>2</v></c>".to_string(),
            "<c r=\"G5\"><f>ROW()-2</f><v>3</v></c>".to_string(),
        ];
        let mixed = mixed.each_ref().map(String::as_str);
        let running = [
            "<c r=\"G3\"><f>SUBTOTAL(103,$B$3:B3)</f><v>1</v></c>",
            "<c r=\"G4\"><f>SUBTOTAL(103,$B$3:B4)</f><v>2</v></c>",
            "<c r=\"G5\"><f>SUBTOTAL(103,$B$3:B5)</f><v>3</v></c>",
        ];
        let aged = [
            "<c r=\"G3\" t=\"str\"><f>IF(E3=\"\",\"\",LEN(E3))</f><v></v></c>",
            "<c r=\"G4\"><f>IF(E4=\"\",\"\",LEN(E4))</f><v>2</v></c>",
            "<c r=\"G5\"><f>IF(E5=\"\",\"\",LEN(E5))</f><v>2</v></c>",
        ];
        for (column, piece) in [
            (joined, "<c r=\"G4\" t=\"str\"><f>B4&amp;\"/\"&amp;RIGHT(C4,4)</f><v>金雀/2222</v></c></row>"),
            (mixed, "<c r=\"G4\" t=\"str\"><f>IF(B4=\"\",A4,\"\")</f><v></v></c></row>"),
            (running, "<c r=\"G4\"><f>SUBTOTAL(103,$B$3:B4)</f><v>2</v></c></row>"),
            (running, "<c r=\"G6\"><f>SUBTOTAL(103,$B$3:B6)</f><v>4</v></c></row>"),
            (aged, "<c r=\"G4\" t=\"str\"><f>IF(E4=\"\",\"\",LEN(E4))</f><v></v></c></row>"),
        ] {
            let original = with_column(column);
            let (book, given) = seeded(&original, &rows).expect("it can be planted into");
            let sheet = part(&book, "xl/worksheets/sheet2.xml");
            assert!(sheet.contains(piece), "{piece}\n{sheet}");
            let (back, _) = stripped(&book, 1, Some(&given)).expect("it can be stripped");
            assert_eq!(unpacked(&back), unpacked(&original));
        }
        let signed = [new_row(3, "金雀", "13811112222", "已签字")];
        let (book, _) = seeded(&with_column(aged), &signed).expect("it can be planted into");
        let piece = "<c r=\"G4\"><f>IF(E4=\"\",\"\",LEN(E4))</f><v>3</v></c></row>";
        assert!(part(&book, "xl/worksheets/sheet2.xml").contains(piece), "a number beside an empty text");
    }

    #[test]
    fn a_formula_whose_result_is_not_known_is_refused_unless_no_row_shows_one() {
        let rows = [new_row(3, "金雀", "13811112222", "")];
        let column = |shown: &str| {
            let cell = |row| format!("<c r=\"G{row}\" t=\"str\"><f>VLOOKUP(B{row},隐!A:B,2,0)</f>{shown}</c>");
            let cells = [cell(3), cell(4), cell(5)];
            with_column(cells.each_ref().map(String::as_str))
        };
        let error = seeded(&column("<v>罗湖</v>"), &rows).map(|_| ()).expect_err("nobody knows what it shows");
        assert!(matches!(&error, BookError::UnknownFormula { cell, .. } if cell == "G3"), "{error}");
        let (book, _) = seeded(&column(""), &rows).expect("the others show nothing either");
        let piece = "<c r=\"G4\" t=\"str\"><f>VLOOKUP(B4,隐!A:B,2,0)</f></c></row>";
        assert!(part(&book, "xl/worksheets/sheet2.xml").contains(piece));
    }

    #[test]
    fn a_place_spelt_out_as_text_is_refused_with_its_cell() {
        let rows = [new_row(4, "金雀", "13811112222", "")];
        let total = |by: &'static str| move |text: &str| text.replace("AVERAGE(D3:D5)", by);
        let rule = |text: &str| {
            text.replace("\"E3:E5\"/>", "\"E3:E5\"><formula1>INDIRECT(\"B5:B9\")</formula1></dataValidation>")
        };
        let name = |text: &str| text.replace("'6月'!$B$3:$B$5", "OFFSET('6月'!$B$3,0,0,3,1)");
        let summary = |text: &str| text.replace("'6月'!B5", "INDIRECT(\"'6月'!B5\")");
        let sheet = "xl/worksheets/sheet2.xml";
        for (book, at) in [
            (with(sheet, total("SUM(INDIRECT(\"D3:D5\"))")), "6月!C6"),
            (with(sheet, total("OFFSET(D3,2,0)")), "6月!C6"),
            (with(sheet, rule), "6月 (formula1)"),
            (with("xl/workbook.xml", name), "xl/workbook.xml (definedName)"),
            (with("xl/worksheets/sheet1.xml", summary), "汇总!B1"),
        ] {
            let error = seeded(&book, &rows).map(|_| ()).expect_err("it would be another place");
            assert!(matches!(&error, BookError::SpeltPlace { place, .. } if place == at), "{error}");
        }
        for harmless in ["SUM(INDIRECT(\"A1:D2\"))", "OFFSET($A$1,0,0,COUNTA($A:$A),2)", "INDIRECT(\"汇总!B9\")"] {
            let original = with(sheet, total(harmless));
            let (book, given) = seeded(&original, &rows).expect("it stays what it is");
            let (back, _) = stripped(&book, 1, Some(&given)).expect("it can be stripped");
            assert_eq!(unpacked(&back), unpacked(&original), "{harmless}");
        }
    }

    /// The small book with a text that no cell uses, so that its table is in no order.
    fn unordered() -> Vec<u8> {
        let orphan = |text: &str| text.replace("</sst>", "<si><t>无人</t></si></sst>");
        with("xl/sharedStrings.xml", orphan)
    }

    #[test]
    fn texts_that_a_later_row_uses_move_up_and_back() {
        let original = packed(&parts());
        let (book, given) =
            seeded(&original, &[new_row(2, "雀", "13811112222", "已签")]).expect("it can be planted into");
        assert!(given.by_row);
        let table = part(&book, "xl/sharedStrings.xml");
        let texts = "<si><t>序号</t></si><si><t>雀</t></si><si><t>已签</t></si><si><t>张三</t></si>";
        assert!(table.contains(texts), "{table}");
        let sheet = part(&book, "xl/worksheets/sheet2.xml");
        assert!(
            sheet.contains("<c r=\"E6\" t=\"s\"><v>3</v></c>")
                && sheet.contains("<c r=\"B6\" s=\"1\" t=\"s\"><v>7</v></c>"),
            "{sheet}"
        );
        for known in [Some(&given), None] {
            let (back, _) = stripped(&book, 1, known).expect("it can be stripped");
            assert_eq!(part(&back, "xl/sharedStrings.xml"), part(&original, "xl/sharedStrings.xml"));
        }
    }

    #[test]
    fn texts_that_others_use_stay() {
        let original = unordered();
        let (book, _) = seeded(&original, &[new_row(3, "金雀", "13811112222", "")]).expect("it can be planted into");
        let mut all = unpacked(&book);
        let hidden = all.iter_mut().find(|(name, _)| name == "xl/worksheets/sheet3.xml").expect("it has this part");
        hidden.1 = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>8</v></c></row></sheetData></worksheet>"
            .to_string();
        let (back, count) = stripped(&packed(&all), 1, None).expect("it can be stripped");
        assert_eq!(count, 1);
        assert!(part(&back, "xl/sharedStrings.xml").contains("<si><t>金雀</t></si></sst>"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn stripping_gives_back_every_part(
            places in prop::collection::vec((2u64..5, "[13][0-9]{10}", "(已签|未签)?", "[a-z<& ]{0,3}"), 1..8),
            in_order: bool,
        ) {
            let original = if in_order { packed(&parts()) } else { unordered() };
            let rows: Vec<NewRow> = places
                .iter()
                .map(|(before, phone, signed, name)| new_row(*before, &format!("雀{name}"), phone, signed))
                .collect();
            let (book, given) = seeded(&original, &rows).expect("it can be planted into");
            prop_assert_eq!(given.by_row, in_order);
            let (back, count) = stripped(&book, rows.len() as u64, Some(&given)).expect("it can be stripped");
            prop_assert_eq!(count, rows.len() as u64);
            prop_assert_eq!(unpacked(&back), unpacked(&original));
        }
    }
}
