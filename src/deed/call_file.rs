//! Imports a file of call records: all of it or nothing, and each contact once however often it is imported.

use std::io::BufReader;
use std::path::PathBuf;

use super::files::open_input;
use super::hit::{Entered, keep};
use super::{DeedError, Session, Stage};
use crate::hit::calls::{CallFormat, RawContact, Reading, read};
use crate::ledger::{ContactRecord, Event};
use crate::phone::{Number, Region};
use crate::store::Writing;

/// A file of call records and what it does not say by itself.
#[derive(Debug, Clone)]
pub struct CallFile {
    pub path: PathBuf,
    pub format: CallFormat,
    pub map: Option<PathBuf>,
    pub year: Option<i32>,
    pub number: Option<String>,
    pub region: Region,
}

/// What an import did, counted in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub rows: u64,
    pub kept: u64,
    pub known: u64,
    /// To numbers that are not ours: counted and forgotten.
    pub strays: u64,
    /// Outgoing calls, titles, totals.
    pub skipped: u64,
    /// Rows that bear no time, and got that of the import.
    pub undated: u64,
}

/// Puts every contact of the file on record.
pub fn import_hits(session: &mut Session, file: &CallFile) -> Result<Imported, DeedError> {
    let map = file
        .map
        .as_ref()
        .map(|path| std::fs::read_to_string(path).map_err(|source| DeedError::Read { path: path.clone(), source }));
    let map = map.transpose()?;
    let target = file.number.as_ref().map(|text| Number::parse(text, file.region)).transpose()?;
    let mut input = BufReader::with_capacity(super::files::CHUNK_BYTES, open_input(&file.path)?);
    let now = session.now();
    let mut store = session.open()?;
    let Session { rng, local, watcher, .. } = session;
    let how = Reading {
        region: file.region,
        local: &**local,
        received: Some(now),
        map: map.as_deref(),
        year: file.year,
        target,
    };
    store.write(now, rng, |writing| {
        let mut counts = Imported::default();
        let summary = read(file.format, &mut input, &how, &mut |raw: RawContact| {
            counts.rows += 1;
            if counts.rows.is_multiple_of(4096) {
                watcher(Stage::Importing, counts.rows, None);
            }
            note(writing, file.format, raw, &mut counts)
        });
        let summary = summary.map_err(|error| told(file, error))?;
        counts.strays += summary.elsewhere;
        counts.rows += summary.elsewhere + summary.passed_over;
        counts.skipped = summary.passed_over;
        counts.undated = summary.undated;
        if counts.strays > 0 {
            let source = file.format.word().to_string();
            writing.append(&Event::Stray { source, contacts: counts.strays })?;
        }
        Ok(counts)
    })
}

fn note(
    writing: &mut Writing<'_>,
    format: CallFormat,
    raw: RawContact,
    counts: &mut Imported,
) -> Result<(), DeedError> {
    let diverted = match raw.diverted_from {
        Some(number) if writing.read().owns(&number)? => Some(number),
        Some(_) | None => None,
    };
    let record = ContactRecord {
        number: diverted.unwrap_or(raw.contact.to),
        from: raw.contact.from.map(|caller| caller.as_str().to_string()),
        at: raw.contact.at,
        kind: raw.contact.kind.word().to_string(),
        seconds: raw.contact.seconds,
        said: raw.contact.said,
        source: format.word().to_string(),
        key: hex::encode(raw.key),
        raw_sha256: hex::encode(raw.raw_hash),
    };
    match keep(writing, &record)? {
        Entered::New => counts.kept += 1,
        Entered::Known => counts.known += 1,
        Entered::Stray => counts.strays += 1,
    }
    Ok(())
}

/// Names the file in an error about its rows.
fn told(file: &CallFile, error: DeedError) -> DeedError {
    match error {
        DeedError::CallRow(source) => DeedError::CallFile { path: file.path.clone(), source },
        other => other,
    }
}
