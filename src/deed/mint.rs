//! Makes canaries that stand in no list: to key into a live system, or to load into one.
//!
//! They go into the ledger one by one as they are drawn, and from there into the file: however many there are, few are
//! in memory at a time. What is handed out is what the ledger holds.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use chrono::{DateTime, NaiveDate, Utc};
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;

use super::files::CHUNK_BYTES;
use super::folder::create_private;
use super::free_numbers::free_numbers;
use super::learn_list::{Learned, learn_list, open_list};
use super::number::check_free;
use super::planting_done::PlantingDone;
use super::publish::{
    Begun, Intent, MADE_MAX, NewCanary, Output, Outputs, Published, Reserved, Written, reserve, until_free,
};
use super::seal::seal_along;
use super::sealed_copy::seal;
use super::stream_hash::StreamHash;
use super::watched::Watched;
use super::{DeedError, Session};
use crate::holder::HolderId;
use crate::ledger::{Event, InputFile, Record, identity};
use crate::list::Meaning;
use crate::list::fresh::{FreshError, FreshFormat, FreshWriter};
use crate::list::profile::Profile;
use crate::persona::{Culture, Place};
use crate::phone::Number;
use crate::plant::{DEFAULT_COLUMNS, FreeRow, PlantError, Wish, free_rows, free_rows_like};
use crate::store::{People, Reader, Ready, Store, Writing};

/// Canaries from which on a thread is worth its start.
const MANY: usize = 1000;
/// Batches that wait at most.
const BATCHES: usize = 4;

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

/// What the canaries look like.
struct Manner {
    columns: Vec<(String, Meaning)>,
    like: Option<(Profile, InputFile)>,
    /// Where people without a list to follow live: the holder's region.
    place: Place,
}

/// What they may be made of.
struct Offer {
    numbers: Vec<Number>,
    /// Identities that were planted before.
    people: People,
    as_of: u64,
    chance: ChaCha20Rng,
}

/// Mints canaries for a holder.
pub fn mint(session: &mut Session, order: &MintOrder) -> Result<Minted, DeedError> {
    let mut store = session.open()?;
    if store.read().holder(&order.holder)?.is_none() {
        return Err(DeedError::UnknownHolder { id: order.holder.clone() });
    }
    match &order.output {
        Some(output) => mint_file(session, &mut store, order, output),
        None => mint_bytes(session, &mut store, order),
    }
}

/// Hands the bytes out; as no file of theirs can be left behind, the ledger learns everything in one transaction.
fn mint_bytes(session: &mut Session, store: &mut Store, order: &MintOrder) -> Result<Minted, DeedError> {
    let manner = Manner::of(session, store, order)?;
    let (bytes, published) = until_free(|| {
        let (mut offer, now) = (Offer::read(session, store, order)?, session.now());
        let mut keys_rng = session.fork();
        store.write::<_, DeedError>(now, &mut session.rng, |writing| {
            let reserved = manner.reserve(writing, order, &Output::standard(), &mut offer)?;
            let mut bytes = Vec::new();
            let written = manner.write(writing.read(), order.format, &reserved, &mut bytes)?;
            seal(writing, &reserved, &written)?;
            writing.append(&Event::Planted { planting: reserved.planting })?;
            seal_along(writing, &mut keys_rng)?;
            Ok((bytes, Published::new(reserved, written, now)))
        })
    })?;
    Ok(Minted { done: published.done(manner.columns), bytes: Some(bytes) })
}

/// Writes a new file, in the order of planting.
fn mint_file(session: &mut Session, store: &mut Store, order: &MintOrder, shown: &Path) -> Result<Minted, DeedError> {
    let outputs = Outputs::lock(session, store, vec![shown.to_path_buf()])?;
    let manner = Manner::of(session, store, order)?;
    let reserved = until_free(|| {
        let (mut offer, now) = (Offer::read(session, store, order)?, session.now());
        let files = |writing: &mut Writing<'_>| {
            outputs.all.iter().map(|output| manner.reserve(writing, order, output, &mut offer)).collect()
        };
        store.write::<Vec<_>, DeedError>(now, &mut session.rng, files)
    })?;
    let published = outputs.publish(session, store, reserved, |_, store, files| {
        let write = |file: &Reserved| {
            let written = create_private(&file.output.temp).and_then(|mut made| {
                let written = manner.write(store.read(), order.format, file, &mut made)?;
                made.sync_all().map_err(|source| DeedError::Write { path: file.output.temp.clone(), source })?;
                Ok(written)
            })?;
            outputs.folder_for(&file.output)?.sync()?;
            Ok(written)
        };
        files.iter().map(write).collect()
    })?;
    let done = published.into_iter().next().map(|published| published.done(manner.columns));
    Ok(Minted { done: done.expect("one file was asked for"), bytes: None })
}

impl Offer {
    fn read(session: &mut Session, store: &Store, order: &MintOrder) -> Result<Offer, DeedError> {
        let reader = store.read();
        let as_of = reader.entries()?;
        let mut chance = session.fork();
        let numbers = free_numbers(&reader, session.now(), order.count, &mut chance)?;
        Ok(Offer { numbers, people: reader.people()?, as_of, chance })
    }
}

impl Manner {
    fn of(session: &mut Session, store: &Store, order: &MintOrder) -> Result<Manner, DeedError> {
        let Some(like) = &order.like else {
            let columns = DEFAULT_COLUMNS.map(|meaning| (meaning.word().to_string(), meaning)).to_vec();
            let region = store.read().holder(&order.holder)?.and_then(|holder| holder.region);
            let place = region.as_deref().map_or_else(Place::default, Place::of_region);
            return Ok(Manner { columns, like: None, place });
        };
        let mut source = open_list(like, order.sheet.as_deref(), order.map.as_deref())?;
        let pool = Watched::of_pool(&store.read())?;
        let watch = |digits| pool.may_be_ours(digits);
        let learned = learn_list(session, &mut source, &watch, order.count, &mut |_, _, _| {})?;
        let Learned { mut profile, sha256 } = learned;
        pool.standing(&store.read(), &mut profile)?;
        let columns = profile.layout.columns.iter().map(|column| (column.name.clone(), column.meaning)).collect();
        let input = InputFile { path: like.display().to_string(), sha256, rows: profile.rows };
        Ok(Manner { columns, like: Some((profile, input)), place: Place::default() })
    }

    /// Draws the canaries and enters each at once; many are drawn and made ready on threads of their own.
    fn reserve(
        &self,
        writing: &mut Writing<'_>,
        order: &MintOrder,
        output: &Output,
        offer: &mut Offer,
    ) -> Result<Reserved, DeedError> {
        let intent = Intent {
            holder: order.holder.clone(),
            output: output.clone(),
            input: self.like.as_ref().map(|(_, input)| input.clone()),
            header: self.columns.iter().map(|(name, _)| name.clone()).collect(),
            authority: order.authority.clone(),
            as_of: offer.as_of,
            numbers: order.count as u64,
        };
        let today = writing.at().date_naive();
        if order.count < MANY {
            return self.draw(order, today, offer, |canaries| reserve(writing, intent, canaries));
        }
        let salts = ChaCha20Rng::from_rng(&mut offer.chance);
        std::thread::scope(|scope| {
            let (batches, drawn) = sync_channel(BATCHES);
            let draw = move || self.draw(order, today, offer, |canaries| hand_over(canaries, &batches));
            let drawing = scope.spawn(draw);
            let begun = Begun::new(writing, intent)?;
            let (is_stale, at) = (begun.is_stale, writing.at());
            let (batches, ready) = sync_channel(BATCHES);
            let readying = scope.spawn(move || make_ready(begun, at, drawn, salts, &batches));
            let entered = ready.into_iter().try_for_each(|batch: Result<_, DeedError>| {
                let (numbers, ready): (Vec<Number>, Ready) = batch?;
                if is_stale {
                    numbers.iter().try_for_each(|number| check_free(writing, number))?;
                }
                Ok(writing.append_ready(&ready)?)
            });
            let begun = readying.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            drawing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            entered.and_then(|()| begun.reserved(writing))
        })
    }

    /// Draws the canaries one by one, for `enter` to take.
    fn draw<T>(
        &self,
        order: &MintOrder,
        today: NaiveDate,
        offer: &mut Offer,
        enter: impl FnOnce(&mut dyn Iterator<Item = Result<NewCanary, DeedError>>) -> Result<T, DeedError>,
    ) -> Result<T, DeedError> {
        let Offer { numbers, people, chance, .. } = offer;
        let taken = |person: &str| people.contains(identity(person));
        let wish = Wish { numbers, count: order.count, spare: 0, today, encodable: &|_| true, taken: &taken };
        let path = order.like.clone().unwrap_or_else(|| Output::standard().shown);
        let fault = |source: PlantError| DeedError::Plant { path: path.clone(), source };
        let rows: Box<dyn Iterator<Item = Result<FreeRow, PlantError>>> = match &self.like {
            Some((profile, _)) => Box::new(free_rows_like(profile, &wish, chance).map_err(fault)?),
            None => {
                Box::new(free_rows(&DEFAULT_COLUMNS, (Culture::Chinese, &self.place), &wish, chance).map_err(fault)?)
            }
        };
        enter(&mut (1..).zip(rows).map(|(row, made)| made.map(|made| new_canary(row, made)).map_err(fault)))
    }

    /// Writes what the ledger holds of a planting, a row a canary.
    fn write(
        &self,
        reader: Reader<'_>,
        format: FreshFormat,
        file: &Reserved,
        out: &mut impl Write,
    ) -> Result<Written, DeedError> {
        let fault = |error: FreshError| match error {
            FreshError::Write(source) => DeedError::Write { path: file.output.temp.clone(), source },
            other => DeedError::Fresh(other),
        };
        let hashed = Hashed { out, hash: StreamHash::new() };
        let buffered = BufWriter::with_capacity(CHUNK_BYTES, hashed);
        let mut writer = FreshWriter::new(&self.columns, format, buffered).map_err(fault)?;
        reader.each_cells(file.planting, &mut |cells| writer.row(cells).map_err(fault))?;
        let buffered = writer.finish().map_err(fault)?;
        let hashed = buffered.into_inner().map_err(|error| fault(error.into_error().into()))?;
        Ok(Written {
            sha256: hashed.hash.finish(),
            rows: file.canaries,
            undo: None,
            known: None,
            received: Vec::new(),
            row_tree: None,
            met: Vec::new(),
        })
    }
}

/// Passes canaries on in batches, until there are no more or nobody takes them.
fn hand_over(
    canaries: &mut dyn Iterator<Item = Result<NewCanary, DeedError>>,
    batches: &SyncSender<Vec<Result<NewCanary, DeedError>>>,
) -> Result<(), DeedError> {
    loop {
        let batch: Vec<_> = canaries.take(MADE_MAX).collect();
        if batch.is_empty() || batches.send(batch).is_err() {
            return Ok(());
        }
    }
}

/// Makes drawn canaries ready to be entered, and passes them on with their numbers.
fn make_ready(
    mut begun: Begun,
    at: DateTime<Utc>,
    drawn: Receiver<Vec<Result<NewCanary, DeedError>>>,
    mut salts: ChaCha20Rng,
    batches: &SyncSender<Result<(Vec<Number>, Ready), DeedError>>,
) -> Begun {
    for batch in drawn {
        let ready = batch.into_iter().collect::<Result<Vec<_>, _>>().map(|batch| {
            let numbers = batch.iter().map(|new| new.number.clone()).collect();
            (numbers, Ready::new(&begun.made(batch), at, &mut salts))
        });
        if batches.send(ready).is_err() {
            break;
        }
    }
    begun
}

fn new_canary(row: u64, made: FreeRow) -> NewCanary {
    let identity = identity(&crate::plant::identity(&made.persona));
    let record =
        Record { fields: made.fields, cells: made.cells, anchors: Vec::new(), input_row: 0, identity, beside: None };
    NewCanary { number: made.number, row, record }
}

/// Hands bytes on and hashes them on the way.
struct Hashed<W> {
    out: W,
    hash: StreamHash,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
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
        init(&mut session, &[]).unwrap();
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
        let hash = |bytes: Vec<u8>| hex::encode(crate::ledger::sha256(&bytes));
        assert_eq!(minted.bytes.map(hash), Some(minted.done.output.sha256));
        assert_eq!(store.read().open_plantings().unwrap(), []);
        // Reserved, made, sealed, planted, and a checkpoint over them.
        assert_eq!(store.read().entries().unwrap(), before + 5);
        assert!(mint(&mut session, &order).is_err(), "the only number is planted");
    }
}
