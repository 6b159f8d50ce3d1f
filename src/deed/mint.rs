//! Makes canaries that stand in no list: to key into a live system, or to load into one.
//!
//! The order is that of planting: the ledger knows every canary and the hash of what is handed out, durably, before the
//! first byte of it is.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rand::RngExt;
use rand::seq::SliceRandom;

use super::files::look;
use super::folder::{Folder, create_private, remove};
use super::learn_list::{Learned, Watched, learn_list, open_list};
use super::number::check_free;
use super::plant::{CanaryDone, DRAFTS_MAX, PlantingDone};
use super::recover::{Recovered, recover};
use super::{DeedError, Session};
use crate::holder::HolderId;
use crate::ledger::{Event, InputFile, PlantingRecord, Record, VoidReason, identity, sha256};
use crate::list::Meaning;
use crate::list::fresh::{FreshFormat, FreshList, write};
use crate::persona::{Culture, Place};
use crate::phone::Number;
use crate::plant::{DEFAULT_COLUMNS, Wish, free_rows, plan};
use crate::store::{Store, StoreError, Writing};

/// What is to be minted.
#[derive(Debug, Clone)]
pub struct MintOrder {
    pub holder: HolderId,
    pub count: usize,
    /// A list whose columns, formats and places the canaries follow.
    pub like: Option<PathBuf>,
    pub sheet: Option<String>,
    pub map: Option<PathBuf>,
    pub format: FreshFormat,
    /// The file to write; nothing for standard output.
    pub output: Option<PathBuf>,
    /// The order that allows loading them into a clinical or statutory system.
    pub authority: Option<String>,
}

/// What was minted, and its bytes if they are to go to standard output.
#[derive(Debug, Clone, PartialEq)]
pub struct Minted {
    pub done: PlantingDone,
    pub bytes: Option<Vec<u8>>,
    /// What an earlier crash had left to end.
    pub recovered: Vec<Recovered>,
}

/// New rows with their columns.
struct Sheet {
    columns: Vec<(String, Meaning)>,
    people: Vec<Person>,
    input: Option<InputFile>,
}

struct Person {
    number: Number,
    cells: Vec<String>,
    record: Record,
}

/// Mints canaries for a holder.
pub fn mint(session: &mut Session, order: &MintOrder) -> Result<Minted, DeedError> {
    let mut store = session.open()?;
    if store.read().holder(&order.holder)?.is_none() {
        return Err(DeedError::UnknownHolder { id: order.holder.clone() });
    }
    let mut tries = 0;
    loop {
        let minted = match &order.output {
            Some(output) => mint_file(session, &mut store, order, output),
            None => mint_bytes(session, &mut store, order),
        };
        match minted {
            // Another program took one of the numbers first: others are drawn.
            Err(DeedError::NumberTaken { .. }) if tries < DRAFTS_MAX => tries += 1,
            other => return other,
        }
    }
}

/// Hands the bytes out; as no file of theirs can be left behind, the ledger learns everything in one transaction.
fn mint_bytes(session: &mut Session, store: &mut Store, order: &MintOrder) -> Result<Minted, DeedError> {
    let sheet = draw(session, store, order)?;
    let bytes = sheet.written(order.format)?;
    let output = sheet.output(Path::new("-"), &bytes);
    let at = session.now();
    let done = store.write::<_, DeedError>(at, &mut session.rng, |writing| {
        let done = reserve(writing, order, &sheet, output, &Files::none())?;
        writing.append(&sealed(&done))?;
        writing.append(&Event::Planted { planting: done.planting })?;
        Ok(done)
    })?;
    Ok(Minted { done, bytes: Some(bytes), recovered: Vec::new() })
}

/// Writes the bytes to a new file, in the order of planting.
fn mint_file(session: &mut Session, store: &mut Store, order: &MintOrder, shown: &Path) -> Result<Minted, DeedError> {
    let target = std::path::absolute(shown).map_err(|source| DeedError::Write { path: shown.to_path_buf(), source })?;
    let folder = Folder::lock(&target)?;
    let recovered = recover(session, store, std::slice::from_ref(&folder))?;
    if look(&target)?.is_some() {
        return Err(DeedError::OutputExists { path: shown.to_path_buf() });
    }
    let sheet = draw(session, store, order)?;
    let bytes = sheet.written(order.format)?;
    let output = sheet.output(shown, &bytes);
    let temp = target.with_file_name(format!(".{:016x}.tmp", session.rng.random::<u64>()));
    let files = Files { target, temp };
    let at = session.now();
    let mut done =
        store.write::<_, DeedError>(at, &mut session.rng, |writing| reserve(writing, order, &sheet, output, &files))?;
    let written = create_private(&files.temp).and_then(|mut file| {
        let all = file.write_all(&bytes).and_then(|()| file.sync_all());
        all.map_err(|source| DeedError::Write { path: files.temp.clone(), source })
    });
    if let Err(error) = written.and_then(|()| enter(session, store, &sealed(&done)).map(drop)) {
        // What cannot be taken back now, recovery takes back later.
        let void = Event::Void { planting: done.planting, why: VoidReason::Failed };
        return match remove(&files.temp).and_then(|()| enter(session, store, &void)) {
            Ok(_) | Err(_) => Err(error),
        };
    }
    folder.publish(&files.temp, &files.target)?;
    folder.sync()?;
    done.planted_at = enter(session, store, &Event::Planted { planting: done.planting })?;
    Ok(Minted { done, bytes: None, recovered })
}

fn draw(session: &mut Session, store: &Store, order: &MintOrder) -> Result<Sheet, DeedError> {
    let today = session.now().date_naive();
    let mut free = store.read().free_numbers(session.now())?;
    if free.len() < order.count {
        return Err(DeedError::TooFewNumbers { asked: order.count, free: free.len() });
    }
    free.shuffle(&mut session.rng);
    let people = store.read().identities()?;
    let taken = |person: &str| people.contains(&identity(person));
    let wish = Wish { numbers: &free, count: order.count, today, encodable: &|_| true, taken: &taken };
    match &order.like {
        Some(like) => draw_like(session, store, order, like, &wish),
        None => {
            let place = Place::default();
            let fault = |source| DeedError::Plant { path: PathBuf::from("-"), source };
            let made =
                free_rows(&DEFAULT_COLUMNS, (Culture::Chinese, &place), &wish, &mut session.rng).map_err(fault)?;
            let people = made.into_iter().map(|row| Person {
                number: row.number,
                record: record(row.fields, &row.cells, &row.persona),
                cells: row.cells,
            });
            let columns = DEFAULT_COLUMNS.map(|meaning| (meaning.word().to_string(), meaning)).to_vec();
            Ok(Sheet { columns, people: people.collect(), input: None })
        }
    }
}

fn draw_like(
    session: &mut Session,
    store: &Store,
    order: &MintOrder,
    like: &Path,
    wish: &Wish<'_>,
) -> Result<Sheet, DeedError> {
    let mut source = open_list(like, order.sheet.as_deref(), order.map.as_deref())?;
    let pool = Watched::new(store.read().numbers_in_pool()?);
    let Learned { profile, sha256, .. } = learn_list(session, &mut source, &pool, order.count, &mut |_, _| {})?;
    let fault = |source| DeedError::Plant { path: like.to_path_buf(), source };
    let planned = plan(&profile, wish, &mut session.rng).map_err(fault)?;
    let people = planned.into_iter().map(|planned| Person {
        number: planned.number,
        record: record(planned.fields, &planned.row.cells, &planned.persona),
        cells: planned.row.cells,
    });
    let columns = profile.layout.columns.iter().map(|column| (column.name.clone(), column.meaning)).collect();
    let input = Some(InputFile { path: like.display().to_string(), sha256, rows: profile.rows });
    Ok(Sheet { columns, people: people.collect(), input })
}

fn record(
    fields: std::collections::BTreeMap<Meaning, String>,
    cells: &[String],
    persona: &crate::persona::Persona,
) -> Record {
    let identity = identity(&crate::plant::identity(persona));
    Record { fields, cells: cells.to_vec(), anchors: Vec::new(), input_row: 0, identity }
}

/// Where the file is to lie, and where it lies until it is whole.
struct Files {
    target: PathBuf,
    temp: PathBuf,
}

impl Files {
    /// Stands for standard output.
    fn none() -> Files {
        Files { target: PathBuf::from("-"), temp: PathBuf::from("-") }
    }
}

impl Sheet {
    fn written(&self, format: FreshFormat) -> Result<Vec<u8>, DeedError> {
        let rows: Vec<Vec<String>> = self.people.iter().map(|person| person.cells.clone()).collect();
        Ok(write(&FreshList { columns: &self.columns, rows: &rows }, format)?)
    }

    fn output(&self, shown: &Path, bytes: &[u8]) -> InputFile {
        let rows = self.people.len() as u64;
        InputFile { path: shown.display().to_string(), sha256: hex::encode(sha256(bytes)), rows }
    }
}

/// Enters the intent and the canaries; gives what will be done.
fn reserve(
    writing: &mut Writing<'_>,
    order: &MintOrder,
    sheet: &Sheet,
    output: InputFile,
    files: &Files,
) -> Result<PlantingDone, DeedError> {
    let planting = writing.read().next_planting()?;
    writing.append(&Event::Reserved(PlantingRecord {
        planting,
        holder: order.holder.clone(),
        input: sheet.input.clone(),
        final_path: files.target.display().to_string(),
        temp_path: files.temp.display().to_string(),
        header: sheet.columns.iter().map(|(name, _)| name.clone()).collect(),
        authority: order.authority.clone(),
    }))?;
    let mut id = writing.read().next_canary()?;
    let mut canaries = Vec::with_capacity(sheet.people.len());
    for (row, person) in (1..).zip(&sheet.people) {
        let (number, record) = (person.number.clone(), person.record.clone());
        check_free(writing, &number)?;
        canaries.push(CanaryDone { id, number: number.clone(), row, fields: record.fields.clone() });
        writing.append(&Event::Mint { canary: id, planting, number, row, record })?;
        id.0 += 1;
    }
    let (holder, input, planted_at) = (order.holder.clone(), sheet.input.clone(), writing.at());
    let columns = sheet.columns.clone();
    Ok(PlantingDone { planting, holder, planted_at, input, output, carried: 0, kept: 0, canaries, columns })
}

fn sealed(done: &PlantingDone) -> Event {
    Event::Sealed { planting: done.planting, output: done.output.clone(), undo: None }
}

/// Enters one event; gives its time.
fn enter(session: &mut Session, store: &mut Store, event: &Event) -> Result<DateTime<Utc>, DeedError> {
    let at = session.now();
    store.write::<(), StoreError>(at, &mut session.rng, |writing| writing.append(event))?;
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::super::{NewNumber, add_holder, add_number, init};
    use super::*;
    use crate::holder::{Holder, Kind};
    use crate::phone::Region;

    #[test]
    fn what_goes_to_standard_output_leaves_nothing_to_recover() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Session::real(folder.path().join("canaries.db"));
        init(&mut session).unwrap();
        let id: HolderId = "szfy".parse().unwrap();
        let holder = Holder { id: id.clone(), name: "A".to_string(), kind: Kind::Hospital, region: None, parent: None };
        add_holder(&mut session, holder).unwrap();
        let new = NewNumber { text: "13800138000".to_string(), ..NewNumber::default() };
        add_number(&mut session, new, Region::default(), 0).unwrap();
        let format = FreshFormat::Csv;
        let order = MintOrder {
            holder: id,
            count: 1,
            like: None,
            sheet: None,
            map: None,
            format,
            output: None,
            authority: None,
        };
        let before = session.open().unwrap().read().entries().unwrap();
        let minted = mint(&mut session, &order).unwrap();
        let store = session.open().unwrap();
        assert_eq!(minted.bytes.map(|bytes| hex::encode(sha256(&bytes))), Some(minted.done.output.sha256));
        assert_eq!(store.read().open_plantings().unwrap(), []);
        assert_eq!(store.read().entries().unwrap(), before + 4);
        assert!(mint(&mut session, &order).is_err(), "the only number is planted");
    }
}
