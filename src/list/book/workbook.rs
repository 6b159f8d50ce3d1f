//! The plan of a workbook: its sheets, and which part of the package belongs to which sheet.
//!
//! Parts are found through relationships; their names and order say nothing. Only the last word of a relationship's
//! type counts, so books in the strict dialect are found as well.

use std::io::{Read, Seek};

use chrono::NaiveDate;
use quick_xml::events::Event;

use super::error::BookError;
use super::markup::{Grammar, Scanner, attribute, attributes, local, unescape};
use super::names::Names;
use super::package::Package;

/// What the workbook part says.
#[derive(Debug)]
pub(super) struct Workbook {
    pub(super) part: String,
    pub(super) sheets: Vec<Sheet>,
    /// Whether days are counted from 1904.
    pub(super) from_1904: bool,
    pub(super) strings: Option<String>,
    pub(super) styles: Option<String>,
    pub(super) calc_chain: Option<String>,
    pub(super) names: Names,
}

/// One tab.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// The `sheetId`, by which the calculation chain knows it.
    pub(super) id: String,
    pub(super) part: String,
    pub(super) kind: SheetKind,
    pub(super) shown: Shown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SheetKind {
    Cells,
    /// A chart, a dialog or a macro sheet.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Visible,
    Hidden,
}

/// A link from one part to another.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    id: String,
    pub(super) kind: String,
    pub(super) target: String,
}

impl Workbook {
    /// Reads the plan; refuses a package without one.
    pub(super) fn read<R: Read + Seek>(package: &mut Package<R>) -> Result<Workbook, BookError> {
        let none = BookError::NotAWorkbook { why: "it is a zip package without a workbook" };
        let roots = relations(package, "")?;
        let Some(root) = roots.into_iter().find(|relation| relation.kind == "officeDocument") else {
            return Err(none);
        };
        let part = root.target;
        let (Some(place), true) = (package.place(&part), part.to_lowercase().ends_with(".xml")) else {
            return Err(none);
        };
        let links = relations(package, &part)?;
        let linked = |kind: &str| links.iter().find(|link| link.kind == kind).map(|link| link.target.clone());
        let source = package.small(place)?;
        let mut book = Workbook {
            sheets: Vec::new(),
            from_1904: false,
            strings: linked("sharedStrings"),
            styles: linked("styles"),
            calc_chain: linked("calcChain"),
            names: Names::default(),
            part,
        };
        let mut scanner = Scanner::new(source.as_bytes(), &book.part, Grammar::Xml)?;
        let mut name: Option<(String, Option<usize>)> = None;
        let mut text = String::new();
        loop {
            match scanner.next()? {
                Event::Start(tag) | Event::Empty(tag) => match local(tag.name().as_ref()) {
                    "definedName" => {
                        let sheet = attribute(&tag, "localSheetId").and_then(|sheet| sheet.parse().ok());
                        name = attribute(&tag, "name").map(|name| (name.into_owned(), sheet));
                        text.clear();
                    }
                    "sheet" => book.sheets.extend(sheet(&tag, &links)),
                    "workbookPr" => {
                        book.from_1904 =
                            attribute(&tag, "date1904").is_some_and(|value| value == "1" || value == "true");
                    }
                    _ => {}
                },
                Event::Text(more) if name.is_some() => text.push_str(&more),
                Event::GeneralRef(more) if name.is_some() => text.push_str(&unescape(&format!("&{};", &*more))),
                Event::End(_) => {
                    if let Some((name, sheet)) = name.take() {
                        book.names.add(&name, sheet, &text);
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if book.sheets.is_empty() {
            return Err(none);
        }
        Ok(book)
    }

    /// Finds a sheet's place in tab order.
    pub(super) fn place_of(&self, name: &str) -> Result<usize, BookError> {
        self.sheet(name)?;
        Ok(self.sheets.iter().take_while(|sheet| sheet.kind != SheetKind::Cells || sheet.name != name).count())
    }

    /// Finds a sheet of cells by its name.
    pub(super) fn sheet(&self, name: &str) -> Result<&Sheet, BookError> {
        let cells = || self.sheets.iter().filter(|sheet| sheet.kind == SheetKind::Cells);
        cells().find(|sheet| sheet.name == name).ok_or_else(|| BookError::NoSuchSheet {
            name: name.to_string(),
            sheets: cells().map(|sheet| sheet.name.clone()).collect(),
        })
    }
}

fn sheet(tag: &str, links: &[Relation]) -> Option<Sheet> {
    // Its own `id` has a namespace and is never called `sheetId`.
    let id = attributes(tag).find(|(name, _)| *name == "id")?.1;
    let link = links.iter().find(|link| link.id == tag[id.clone()])?;
    let hidden = attribute(tag, "state").is_some_and(|state| state != "visible");
    Some(Sheet {
        name: attribute(tag, "name")?.into_owned(),
        id: attribute(tag, "sheetId")?.into_owned(),
        part: link.target.clone(),
        kind: if link.kind == "worksheet" { SheetKind::Cells } else { SheetKind::Other },
        shown: if hidden { Shown::Hidden } else { Shown::Visible },
    })
}

/// Reads the day a package says it was last saved on.
pub(super) fn saved_on<R: Read + Seek>(package: &mut Package<R>) -> Result<Option<NaiveDate>, BookError> {
    let roots = relations(package, "")?;
    let part = roots.iter().find(|root| root.kind == "core-properties").map(|root| root.target.as_str());
    let Some(place) = part.and_then(|part| package.place(part)) else { return Ok(None) };
    let text = package.small(place)?;
    let after = text.split_once("modified").and_then(|(_, rest)| rest.split_once('>')).map_or("", |(_, rest)| rest);
    Ok(after.get(..10).and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()))
}

/// Reads the links of a part (of the package itself when `part` is empty); outside links are left out.
pub(super) fn relations<R: Read + Seek>(package: &mut Package<R>, part: &str) -> Result<Vec<Relation>, BookError> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let slash = if folder.is_empty() { "" } else { "/" };
    let name = format!("{folder}{slash}_rels/{file}.rels");
    let Some(place) = package.place(&name) else { return Ok(Vec::new()) };
    let text = package.small(place)?;
    let mut scanner = Scanner::new(text.as_bytes(), &name, Grammar::Xml)?;
    let mut found = Vec::new();
    loop {
        match scanner.next()? {
            Event::Start(tag) | Event::Empty(tag) if local(tag.name().as_ref()) == "Relationship" => {
                let outside = attribute(&tag, "TargetMode").is_some_and(|mode| mode == "External");
                let (id, kind, target) = (attribute(&tag, "Id"), attribute(&tag, "Type"), attribute(&tag, "Target"));
                if let (false, Some(id), Some(kind), Some(target)) = (outside, id, kind, target) {
                    let kind = kind.rsplit('/').next().unwrap_or(&kind).to_string();
                    found.push(Relation { id: id.into_owned(), kind, target: resolved(folder, &target) });
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// Follows a target from a folder, `..` and a leading slash included.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let start = if target.starts_with('/') { "" } else { folder };
    let mut steps: Vec<&str> = Vec::new();
    for step in start.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_followed_from_their_folder() {
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl/worksheets", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolved("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolved("", "../../etc/passwd"), "etc/passwd");
    }
}
