//! Holders and flows: adding, importing, showing.

use std::path::Path;

use chrono::NaiveDate;

use super::import::{ImportRow, read_rows};
use super::{DeedError, Session};
use crate::hit::Caller;
use crate::holder::{Flow, FlowGraph, Holder, HolderError, HolderId};
use crate::id::PlantingId;
use crate::ledger::{Event, Looked};
use crate::phone::Region;
use crate::store::{Access, CanaryRow, PlantingRow, Writing};

/// A holder with all that hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct HolderShown {
    pub holder: Holder,
    pub receives_from: Vec<HolderId>,
    pub downstream: Vec<HolderId>,
    pub plantings: Vec<PlantingRow>,
}

/// Adds one holder.
pub fn add_holder(session: &mut Session, holder: Holder) -> Result<(), DeedError> {
    add_all(session, vec![holder]).map(|_| ())
}

/// Adds every holder of a file, or none; gives how many.
pub fn import_holders(session: &mut Session, path: &Path) -> Result<u64, DeedError> {
    let holders = read_rows(session, path, &["id", "name"], |row| {
        let holder = |id: String| {
            Ok(Holder {
                id: id.parse()?,
                name: row.maybe("name").unwrap_or_default(),
                kind: row.maybe("kind").map_or(Ok(crate::holder::Kind::Company), |kind| kind.parse())?,
                region: row.maybe("region"),
                parent: row.maybe("parent").map(|parent| parent.parse()).transpose()?,
            })
        };
        holder(row.need(path, "id")?).map_err(|source| at_line(path, row, source))
    })?;
    add_all(session, holders)
}

fn at_line(path: &Path, row: &ImportRow<'_>, source: HolderError) -> DeedError {
    DeedError::ImportHolder { path: path.to_path_buf(), line: row.line, source }
}

fn add_all(session: &mut Session, mut waiting: Vec<Holder>) -> Result<u64, DeedError> {
    let mut store = session.open()?;
    let now = session.now();
    let added = waiting.len() as u64;
    store.write(now, &mut session.rng, |writing| {
        // A parent may stand below its child in a file, so each round adds those whose parent is there.
        while !waiting.is_empty() {
            let graph = writing.read().graph()?;
            let (ready, rest): (Vec<Holder>, Vec<Holder>) = waiting
                .drain(..)
                .partition(|holder| holder.parent.as_ref().is_none_or(|parent| graph.holder(parent).is_some()));
            if ready.is_empty() {
                return Err(no_parent(&rest));
            }
            for holder in ready {
                add_one(writing, &holder)?;
            }
            waiting = rest;
        }
        Ok(added)
    })
}

fn no_parent(rest: &[Holder]) -> DeedError {
    let missing = rest.iter().filter_map(|holder| holder.parent.clone());
    let outside = missing.clone().find(|parent| rest.iter().all(|holder| holder.id != *parent));
    match (outside, rest.first()) {
        (Some(id), _) => DeedError::UnknownHolder { id },
        (None, Some(first)) => HolderError::OwnAncestor { id: first.id.clone() }.into(),
        (None, None) => unreachable!("called only while holders are waiting"),
    }
}

fn add_one(writing: &mut Writing<'_>, holder: &Holder) -> Result<(), DeedError> {
    holder.check_name()?;
    let graph = writing.read().graph()?;
    if graph.holder(&holder.id).is_some() {
        return Err(DeedError::HolderExists { id: holder.id.clone() });
    }
    graph.check_parent(holder)?;
    Ok(writing.append(&Event::Holder(holder.clone()))?)
}

/// Lists all holders by id.
pub fn list_holders(session: &Session) -> Result<Vec<Holder>, DeedError> {
    Ok(session.open()?.read().holders()?)
}

/// Characters of a refused line that an error shows.
const LINE_CHARS_SHOWN: usize = 32;

/// Shows one holder: who feeds it, whom it feeds, and what it was given.
pub fn show_holder(session: &mut Session, id: &HolderId) -> Result<HolderShown, DeedError> {
    let mut store = session.look_into(Looked::Holder, id.to_string())?;
    let graph = store.read().graph()?;
    let holder = graph.holder(id).cloned().ok_or_else(|| DeedError::UnknownHolder { id: id.clone() })?;
    let plantings = store.read().plantings_for(id)?;
    if !plantings.is_empty() {
        session.looked(&mut store, Looked::Holder, id.to_string())?;
    }
    let receives_from =
        graph.holders().map(|other| other.id.clone()).filter(|other| graph.receivers(other).contains(&id));
    Ok(HolderShown { receives_from: receives_from.collect(), downstream: graph.downstream(id), plantings, holder })
}

/// Lists the canaries that were made for a holder, oldest first.
pub fn canaries_of(session: &mut Session, id: &HolderId) -> Result<Vec<CanaryRow>, DeedError> {
    let mut store = session.look_into(Looked::Holder, id.to_string())?;
    let mut found = Vec::new();
    for planting in store.read().plantings_for(id)? {
        found.extend(store.read().canaries_in(planting.id)?);
    }
    if !found.is_empty() {
        session.looked(&mut store, Looked::Holder, id.to_string())?;
    }
    Ok(found)
}

/// Lists the canaries that were made for a planting, by id; nothing of a locked ledger, which is to be looked into otherwise.
pub fn canaries_in(session: &Session, planting: PlantingId) -> Result<Option<Vec<CanaryRow>>, DeedError> {
    let store = session.open()?;
    match store.access() {
        Access::Clear => Ok(Some(store.read().canaries_in(planting)?)),
        Access::Investigator | Access::Planter | Access::Nobody => Ok(None),
    }
}

/// Declares lines from which a holder itself calls those on its lists; gives how many are new.
///
/// Contacts from these lines never count as hits, those that are on record already included.
pub fn add_lines(session: &mut Session, id: &HolderId, lines: &[String], region: Region) -> Result<u64, DeedError> {
    let now = session.now();
    let mut store = session.open()?;
    store.write(now, &mut session.rng, |writing| {
        if writing.read().holder(id)?.is_none() {
            return Err(DeedError::UnknownHolder { id: id.clone() });
        }
        let mut added = 0;
        for text in lines {
            let refused = || HolderError::NoLine { line: text.chars().take(LINE_CHARS_SHOWN).collect() };
            let caller = Caller::read(text, region).filter(|caller| caller.as_str().contains(char::is_numeric));
            let caller = caller.ok_or_else(refused)?;
            if let Caller::Number(number) = &caller
                && writing.read().owns(number)?
            {
                return Err(HolderError::LineInPool { line: caller.to_string(), id: id.clone() }.into());
            }
            match writing.read().lines()?.remove(&caller.to_string()) {
                Some(known) if known == *id => {}
                Some(known) => return Err(HolderError::LineOfOther { line: caller.to_string(), id: known }.into()),
                None => {
                    writing.append(&Event::Line { holder: id.clone(), caller: caller.to_string() })?;
                    added += 1;
                }
            }
        }
        Ok(added)
    })
}

/// Declares one flow.
pub fn add_flow(session: &mut Session, flow: Flow) -> Result<(), DeedError> {
    add_flows(session, vec![flow]).map(|_| ())
}

/// Declares every flow of a file, or none; gives how many.
pub fn import_flows(session: &mut Session, path: &Path) -> Result<u64, DeedError> {
    let flows = read_rows(session, path, &["from", "to"], |row| {
        let end = |column| row.need(path, column)?.parse().map_err(|source| at_line(path, row, source));
        Ok(Flow {
            from: end("from")?,
            to: end("to")?,
            share: read_cell(path, row, "share")?.unwrap_or(1.0),
            since: read_cell::<NaiveDate>(path, row, "since")?,
            until: read_cell::<NaiveDate>(path, row, "until")?,
        })
    })?;
    add_flows(session, flows)
}

fn read_cell<T: std::str::FromStr>(
    path: &Path,
    row: &ImportRow<'_>,
    column: &'static str,
) -> Result<Option<T>, DeedError> {
    let bad = |_| DeedError::ImportCell { path: path.to_path_buf(), line: row.line, column };
    row.maybe(column).map(|cell| cell.parse().map_err(bad)).transpose()
}

fn add_flows(session: &mut Session, flows: Vec<Flow>) -> Result<u64, DeedError> {
    let mut store = session.open()?;
    let now = session.now();
    store.write(now, &mut session.rng, |writing| {
        let graph: FlowGraph = writing.read().graph()?;
        let mut known = graph.flows().to_vec();
        for flow in &flows {
            for id in [&flow.from, &flow.to] {
                if graph.holder(id).is_none() {
                    return Err(DeedError::UnknownHolder { id: id.clone() });
                }
            }
            graph.check_flow(flow)?;
            if known.contains(flow) {
                return Err(DeedError::FlowExists { from: flow.from.clone(), to: flow.to.clone() });
            }
            known.push(flow.clone());
            writing.append(&Event::Flow(flow.clone()))?;
        }
        Ok(flows.len() as u64)
    })
}

/// Lists the declared flows, oldest first.
pub fn list_flows(session: &Session) -> Result<Vec<Flow>, DeedError> {
    Ok(session.open()?.read().flows()?)
}
