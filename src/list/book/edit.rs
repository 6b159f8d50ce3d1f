//! Writing the changed book: every file of the package in its old order, most of them as they lie.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, Read, Seek, Write};
use std::ops::ControlFlow;

use quick_xml::events::Event;
use zip::ZipWriter;

use super::build::OwnTexts;
use super::chain::ChainChange;
use super::effects::Effects;
use super::error::BookError;
use super::markup::{Grammar, Scanner, local};
use super::moves::Moves;
use super::outlet::{Outlet, Valve};
use super::package::Package;
use super::reference::Frame;
use super::rewrite::{Lost, Orders, Rewriter};
use super::serial::Renumbering;
use super::sheet::{Piece, scan};
use super::shift::{Home, Merges, Patcher};
use super::spelt::Addresses;
use super::table::{TableChange, early_texts};
use super::value::Values;
use super::workbook::{SheetKind, Workbook};

/// How much is gathered before it is written.
const CHUNK_BYTES: usize = 64 << 10;

/// Parts that name no cells of this book, or are dealt with on their own.
const LEFT_ALONE: [&str; 8] = [
    "_rels/",
    "docprops/",
    "/theme/",
    "/externallinks/",
    "/pivotcache/",
    "customxml/",
    "[content_types].xml",
    "/media/",
];

/// Everything that is to change.
pub(super) struct Edit {
    pub(super) moves: Moves,
    pub(super) addresses: Addresses,
    /// The place of the sheet in tab order.
    pub(super) here: usize,
    /// New rows and the old rows they go in front of, in order.
    pub(super) new_rows: Vec<(u32, String)>,
    /// What each new row shows that nobody gave.
    pub(super) own: Vec<OwnTexts>,
    pub(super) serials: Option<(u32, Renumbering)>,
    pub(super) indexes: HashMap<String, usize>,
    pub(super) table: TableChange,
    pub(super) strings_len: usize,
    pub(super) chain_after: BTreeMap<(u32, u32), Vec<u32>>,
    pub(super) merges: Merges,
    pub(super) effects: Effects,
    /// By part and new cell name.
    pub(super) restored: HashMap<String, HashMap<String, String>>,
    /// Parts that belong to the sheet, in lower case.
    pub(super) owned: HashSet<String>,
}

/// Takes the text gathered so far.
type Flush<'a> = &'a mut dyn FnMut(&mut String) -> Result<(), BookError>;

/// What is to be done with a file.
pub(super) enum Task {
    Copy,
    Sheet(usize),
    Strings,
    Chain,
    Patch(Home),
}

impl Edit {
    /// Writes the book; gives the cells that could not be kept.
    pub(super) fn write<R: Read + Seek, W: Write + Seek>(
        &self,
        package: &mut Package<R>,
        (workbook, values): (&Workbook, &Values),
        out: W,
    ) -> Result<Vec<Lost>, BookError> {
        let valve = Cell::new(Valve::Open);
        let mut zip = ZipWriter::new(Outlet::new(out, &valve));
        let filled = self.fill(package, (workbook, values), &mut zip);
        if filled.is_err() && valve.get() == Valve::Open {
            valve.set(Valve::Shut);
        }
        let written = filled.and_then(|lost| zip.finish().map(|_| lost).map_err(BookError::from));
        written.map_err(|error| match error {
            BookError::Io { source } if valve.get() == Valve::Burst => BookError::Write { source },
            other => other,
        })
    }

    /// Changes every part as `write` would, and keeps nothing of it.
    pub(super) fn try_out<R: Read + Seek>(
        &self,
        package: &mut Package<R>,
        (workbook, values): (&Workbook, &Values),
    ) -> Result<(), BookError> {
        for place in 0..package.names().len() {
            let task = self.task(package, workbook, place);
            if !matches!(task, Task::Copy) {
                self.run(package, (workbook, values), (place, &task), &mut forget, &mut Vec::new())?;
            }
        }
        Ok(())
    }

    fn fill<R: Read + Seek, W: Write + Seek>(
        &self,
        package: &mut Package<R>,
        (workbook, values): (&Workbook, &Values),
        zip: &mut ZipWriter<W>,
    ) -> Result<Vec<Lost>, BookError> {
        zip.set_raw_comment(package.comment().into())?;
        let mut lost = Vec::new();
        for place in 0..package.names().len() {
            let task = self.task(package, workbook, place);
            if !self.changes(package, (workbook, values), (place, &task))? {
                package.copy(place, zip)?;
                continue;
            }
            let mut spool = package.spool(place)?;
            let mut keep = |text: &mut String| {
                let next = String::with_capacity(text.capacity());
                spool.write(std::mem::replace(text, next).into_bytes())
            };
            self.run(package, (workbook, values), (place, &task), &mut keep, &mut lost)?;
            spool.join(zip)?;
        }
        Ok(lost)
    }

    /// Tells whether one file is to be rewritten.
    pub(super) fn changes<R: Read + Seek>(
        &self,
        package: &mut Package<R>,
        (workbook, values): (&Workbook, &Values),
        (place, task): (usize, &Task),
    ) -> Result<bool, BookError> {
        match task {
            Task::Copy => Ok(false),
            Task::Sheet(sheet) if *sheet == self.here => Ok(true),
            task => self.run(package, (workbook, values), (place, task), &mut forget, &mut Vec::new()),
        }
    }

    pub(super) fn task<R: Read + Seek>(&self, package: &Package<R>, workbook: &Workbook, place: usize) -> Task {
        let is = |part: &str| package.place(part) == Some(place);
        let cells = |sheet: &super::workbook::Sheet| sheet.kind == SheetKind::Cells && is(&sheet.part);
        if let Some(sheet) = workbook.sheets.iter().position(cells) {
            return Task::Sheet(sheet);
        }
        if workbook.strings.as_deref().is_some_and(is) {
            return if self.table.is_empty() { Task::Copy } else { Task::Strings };
        }
        if workbook.calc_chain.as_deref().is_some_and(is) {
            return Task::Chain;
        }
        let name = package.names()[place].to_lowercase();
        let is_xml = name.ends_with(".xml") || name.ends_with(".vml");
        if !is_xml || workbook.styles.as_deref().is_some_and(is) || LEFT_ALONE.iter().any(|left| name.contains(left)) {
            return Task::Copy;
        }
        let home = if self.owned.contains(name.trim_start_matches('/')) { Home::Here } else { Home::Elsewhere };
        Task::Patch(home)
    }

    /// Rewrites one file; tells whether anything changed.
    pub(super) fn run<R: Read + Seek>(
        &self,
        package: &mut Package<R>,
        (workbook, values): (&Workbook, &Values),
        (place, task): (usize, &Task),
        flush: Flush<'_>,
        lost: &mut Vec<Lost>,
    ) -> Result<bool, BookError> {
        let name = package.names()[place].clone();
        let grammar = if name.to_lowercase().ends_with(".vml") { Grammar::Vml } else { Grammar::Xml };
        let mut scanner = Scanner::new(package.reader(place)?, &name, grammar)?;
        let order: Vec<String> = workbook.sheets.iter().map(|sheet| sheet.name.clone()).collect();
        let frame = Frame { moves: &self.moves, sheet: &order[self.here], order: &order, addresses: self.addresses };
        match task {
            Task::Copy => Ok(false),
            Task::Strings => {
                let Some(order) = &self.table.order else {
                    return self.table.apply(&mut scanner, self.strings_len, flush).map(|()| true);
                };
                let early = early_texts(&mut scanner, order)?;
                drop(scanner);
                let mut again = Scanner::new(package.reader(place)?, &name, grammar)?;
                self.table.apply_ordered(&mut again, (order, self.strings_len), early, flush).map(|()| true)
            }
            Task::Chain => {
                let sheet = &workbook.sheets[self.here].id;
                let mut text =
                    ChainChange { moves: &self.moves, sheet, after: &self.chain_after }.apply(&mut scanner)?;
                flush(&mut text)?;
                Ok(true)
            }
            Task::Patch(home) => {
                let mut patcher = Patcher::new(frame, *home, &name, &self.merges);
                patch(&mut scanner, &mut patcher, flush)?;
                Ok(patcher.changed)
            }
            Task::Sheet(sheet) => {
                let none = HashMap::new();
                let home = if *sheet == self.here { Home::Here } else { Home::Elsewhere };
                let orders = Orders {
                    frame,
                    home,
                    part: &name,
                    sheet: *sheet,
                    effects: &self.effects,
                    serials: self.serials.as_ref().filter(|_| home == Home::Here).map(|(column, all)| (*column, all)),
                    indexes: &self.indexes,
                    texts: self.table.order.as_ref().filter(|_| home == Home::Here),
                    restored: self.restored.get(&name).unwrap_or(&none),
                    values,
                };
                let mut rewriter = Rewriter::new(orders);
                let patcher = Patcher::new(frame, home, &order[*sheet], &self.merges);
                let new_rows = if home == Home::Here { self.new_rows.as_slice() } else { &[] };
                let changed = rewrite_sheet(&mut scanner, &mut rewriter, patcher, new_rows, flush)?;
                lost.append(&mut rewriter.lost);
                Ok(changed)
            }
        }
    }
}

/// A flush that keeps nothing: only whether anything changes is of interest.
fn forget(text: &mut String) -> Result<(), BookError> {
    text.clear();
    Ok(())
}

fn patch<B: BufRead>(scanner: &mut Scanner<B>, patcher: &mut Patcher<'_>, flush: Flush<'_>) -> Result<(), BookError> {
    let mut text = scanner.prefix().to_string();
    loop {
        let event = scanner.next()?;
        if matches!(event, Event::Eof) {
            return flush(&mut text);
        }
        patcher.event(&event, &mut text)?;
        if text.len() > CHUNK_BYTES {
            flush(&mut text)?;
        }
    }
}

fn rewrite_sheet<B: BufRead>(
    scanner: &mut Scanner<B>,
    rewriter: &mut Rewriter<'_>,
    mut patcher: Patcher<'_>,
    new_rows: &[(u32, String)],
    flush: Flush<'_>,
) -> Result<bool, BookError> {
    let mut text = scanner.prefix().to_string();
    let mut waiting = new_rows.iter().peekable();
    scan(scanner, &mut |piece| {
        match piece {
            Piece::Row(row) => {
                while let Some((_, new)) = waiting.next_if(|(before, _)| *before <= row.number) {
                    text.push_str(new);
                }
                rewriter.row(row, &mut text)?;
            }
            Piece::Outside(event) => {
                if matches!(event, Event::End(tag) if local(tag.name().as_ref()) == "sheetData") {
                    text.extend(waiting.by_ref().map(|(_, new)| new.as_str()));
                }
                patcher.event(event, &mut text)?;
            }
        }
        if text.len() > CHUNK_BYTES {
            flush(&mut text)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    flush(&mut text)?;
    Ok(rewriter.changed || patcher.changed)
}
