//! Makes canaries that stand in no list: to key into a live system, or to load into one.
//!
//! The order is that of planting: the ledger knows every canary and the hash of what is handed out, durably, before the
//! first byte of it is.

use std::io::Write;
use std::path::PathBuf;

use rand::RngExt;
use rand::seq::SliceRandom;

use super::folder::{Folder, create_private, remove};
use super::learn_list::{Learned, Watched, learn_list, read_map};
use super::number::check_free;
use super::plant::{CanaryDone, DRAFTS_MAX, PlantingDone};
use super::recover::recover;
use super::source::Source;
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
    let target = order.output.as_deref().map(std::path::absolute).transpose();
    let target =
        target.map_err(|source| DeedError::Write { path: order.output.clone().unwrap_or_default(), source })?;
    let folder = target.as_deref().map(Folder::lock).transpose()?;
    if let (Some(path), Some(_)) = (&target, &folder) {
        recover(session, &mut store, folder.as_slice())?;
        if path.symlink_metadata().is_ok() {
            return Err(DeedError::OutputExists { path: path.clone() });
        }
    }
    let temp = target.as_ref().map(|path| path.with_file_name(format!(".{:016x}.tmp", session.rng.random::<u64>())));
    let (mut done, bytes) = draw_and_reserve(session, &mut store, order, (target.as_deref(), temp.as_deref()))?;
    done.output.sha256 = hex::encode(sha256(&bytes));
    if let (Some(target), Some(temp), Some(folder)) = (&target, &temp, &folder) {
        let written = create_private(temp).and_then(|mut file| {
            let all = file.write_all(&bytes).and_then(|()| file.sync_all());
            all.map_err(|source| DeedError::Write { path: temp.clone(), source })
        });
        if let Err(error) = written.and_then(|()| seal(session, &mut store, &done)) {
            // What cannot be taken back now, recovery takes back later.
            return match remove(temp).and_then(|()| void(session, &mut store, &done)) {
                Ok(()) | Err(_) => Err(error),
            };
        }
        folder.publish(temp, target)?;
        folder.sync()?;
    } else {
        seal(session, &mut store, &done)?;
    }
    let at = session.now();
    let planted = Event::Planted { planting: done.planting };
    store.write(at, &mut session.rng, |writing| writing.append(&planted))?;
    done.planted_at = at;
    Ok(Minted { done, bytes: target.is_none().then_some(bytes) })
}

/// Draws the rows and reserves them; draws anew when another program took one of the numbers first.
fn draw_and_reserve(
    session: &mut Session,
    store: &mut Store,
    order: &MintOrder,
    places: (Option<&std::path::Path>, Option<&std::path::Path>),
) -> Result<(PlantingDone, Vec<u8>), DeedError> {
    let mut tries = 0;
    loop {
        let sheet = draw(session, store, order)?;
        let rows: Vec<Vec<String>> = sheet.people.iter().map(|person| person.cells.clone()).collect();
        let bytes = write(&FreshList { columns: &sheet.columns, rows: &rows }, order.format)?;
        match reserve(session, store, order, &sheet, places) {
            Ok(done) => return Ok((done, bytes)),
            Err(DeedError::NumberTaken { .. }) if tries < DRAFTS_MAX => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

fn draw(session: &mut Session, store: &Store, order: &MintOrder) -> Result<Sheet, DeedError> {
    let today = session.now().date_naive();
    let mut free = store.read().free_numbers(session.now())?;
    if free.len() < order.count {
        return Err(DeedError::TooFewNumbers { asked: order.count, free: free.len() });
    }
    free.shuffle(&mut session.rng);
    let reader = store.read();
    let taken = |person: &str| reader.has_identity(identity(person)).unwrap_or(true);
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
    like: &std::path::Path,
    wish: &Wish<'_>,
) -> Result<Sheet, DeedError> {
    let map = read_map(order.map.as_deref())?;
    let mut source = Source::open(like, order.sheet.as_deref(), &map)?;
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

/// Enters the intent and the canaries; gives what will be done.
fn reserve(
    session: &mut Session,
    store: &mut Store,
    order: &MintOrder,
    sheet: &Sheet,
    (target, temp): (Option<&std::path::Path>, Option<&std::path::Path>),
) -> Result<PlantingDone, DeedError> {
    let now = session.now();
    let shown = |path: Option<&std::path::Path>| path.map_or("-".to_string(), |path| path.display().to_string());
    let output = order.output.as_ref().map_or("-".to_string(), |path| path.display().to_string());
    store.write(now, &mut session.rng, |writing| {
        let planting = writing.read().next_planting()?;
        writing.append(&Event::Reserved(PlantingRecord {
            planting,
            holder: order.holder.clone(),
            input: sheet.input.clone(),
            final_path: shown(target),
            temp_path: shown(temp),
            header: sheet.columns.iter().map(|(name, _)| name.clone()).collect(),
            authority: order.authority.clone(),
        }))?;
        let mut id = writing.read().next_canary()?;
        let mut canaries = Vec::with_capacity(sheet.people.len());
        for (row, person) in (1..).zip(&sheet.people) {
            check_free(writing, &person.number)?;
            let (number, record) = (person.number.clone(), person.record.clone());
            canaries.push(CanaryDone { id, number: number.clone(), row, fields: record.fields.clone() });
            writing.append(&Event::Mint { canary: id, planting, number, row, record })?;
            id.0 += 1;
        }
        let rows = canaries.len() as u64;
        let output = InputFile { path: output, sha256: String::new(), rows };
        let (holder, input) = (order.holder.clone(), sheet.input.clone());
        Ok(PlantingDone { planting, holder, planted_at: now, input, output, carried: 0, kept: 0, canaries })
    })
}

fn seal(session: &mut Session, store: &mut Store, done: &PlantingDone) -> Result<(), DeedError> {
    let now = session.now();
    let sealed = Event::Sealed { planting: done.planting, output: done.output.clone(), undo: None };
    Ok(store.write::<(), StoreError>(now, &mut session.rng, |writing| writing.append(&sealed))?)
}

fn void(session: &mut Session, store: &mut Store, done: &PlantingDone) -> Result<(), DeedError> {
    let now = session.now();
    let event = Event::Void { planting: done.planting, why: VoidReason::Failed };
    let work = |writing: &mut Writing<'_>| writing.append(&event);
    Ok(store.write::<(), StoreError>(now, &mut session.rng, work)?)
}
