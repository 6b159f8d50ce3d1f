//! Plants canaries into copies of a list, one copy a recipient.
//!
//! The order of writing is what a crash may never break: the ledger knows every canary, durably, before the
//! first byte of a file that holds it exists; it knows the file's hash before the file gets its name.

mod behind;
mod carry;
mod copy;
mod learn;
mod order;
mod parts;
mod text_copy;
mod undo;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rand::RngExt;

use super::files::look;
use super::folder::{Folder, remove};
use super::number::check_free;
use super::recover::{Recovered, recover};
use super::{DeedError, Session};
use crate::holder::HolderId;
use crate::id::PlantingId;
use crate::ledger::{Event, InputFile, PlantingRecord, VoidReason};
use crate::list::NewRow;
use crate::store::{PlantingState, Store, StoreError, Writing};

use copy::{NewRows, write_copy};
use learn::{Draft, Learnt};
use order::outputs;

pub use order::{Amount, CanaryDone, PlantOrder, PlantingDone};

/// Times that numbers are drawn anew because other programs were faster; each time, one of them got further.
pub(super) const DRAFTS_MAX: usize = 1000;

/// One copy on its way.
struct Job {
    holder: HolderId,
    /// As it was asked for.
    shown: PathBuf,
    target: PathBuf,
    temp: PathBuf,
    draft: Draft,
    planting: PlantingId,
    sha256: String,
    undo: Option<String>,
}

/// Plants the list for every recipient, or for none; also gives what an earlier crash had left to end.
pub fn plant(session: &mut Session, order: &PlantOrder) -> Result<(Vec<PlantingDone>, Vec<Recovered>), DeedError> {
    let mut store = session.open()?;
    for holder in &order.holders {
        if store.read().holder(holder)?.is_none() {
            return Err(DeedError::UnknownHolder { id: holder.clone() });
        }
    }
    let shown = outputs(order)?;
    let targets = shown.iter().map(|path| absolute(path)).collect::<Result<Vec<_>, _>>()?;
    let folders = lock_folders(&targets)?;
    let recovered = recover(session, &mut store, &folders)?;
    for (target, shown) in targets.iter().zip(&shown) {
        if look(target)?.is_some() {
            return Err(DeedError::OutputExists { path: shown.clone() });
        }
    }
    let mut learnt = learn::learn(session, &store, order)?;
    let places: Vec<(PathBuf, PathBuf)> = targets.into_iter().zip(shown).collect();
    let mut jobs = reserve_all(session, &mut store, &mut learnt, order, &places)?;
    let done = write_all(session, &mut store, &mut learnt, &mut jobs, &folders)?;
    Ok((done, recovered))
}

fn absolute(path: &Path) -> Result<PathBuf, DeedError> {
    std::path::absolute(path).map_err(|source| DeedError::Write { path: path.to_path_buf(), source })
}

/// Locks each folder once, in one order for everybody, so that two planters never wait for each other.
fn lock_folders(targets: &[PathBuf]) -> Result<Vec<Folder>, DeedError> {
    let mut sorted: Vec<&PathBuf> = targets.iter().collect();
    sorted.sort_by_key(|target| target.parent());
    sorted.dedup_by_key(|target| target.parent());
    sorted.into_iter().map(|target| Folder::lock(target)).collect()
}

/// Names the temporary file: hidden, beside the final one, and by chance so that nobody else's is ever taken for it.
fn temp_path(target: &Path, session: &mut Session) -> PathBuf {
    target.with_file_name(format!(".{:016x}.tmp", session.rng.random::<u64>()))
}

/// Drafts every copy and reserves it; drafts anew when another program took one of the numbers first.
///
/// `places` are the outputs, each in full and as it was asked for.
fn reserve_all(
    session: &mut Session,
    store: &mut Store,
    learnt: &mut Learnt,
    order: &PlantOrder,
    places: &[(PathBuf, PathBuf)],
) -> Result<Vec<Job>, DeedError> {
    let mut tries = 0;
    loop {
        let drafts = learn::draft_all(session, store, learnt, order)?;
        let drafts = drafts.into_iter().zip(&order.holders).zip(places);
        let mut jobs: Vec<Job> = drafts
            .map(|((draft, holder), (target, shown))| Job {
                holder: holder.clone(),
                shown: shown.clone(),
                target: target.clone(),
                temp: temp_path(target, session),
                draft,
                planting: PlantingId(0),
                sha256: String::new(),
                undo: None,
            })
            .collect();
        let now = session.now();
        let all = |writing: &mut Writing<'_>| jobs.iter_mut().try_for_each(|job| reserve(writing, learnt, job));
        match store.write(now, &mut session.rng, all) {
            Ok(()) => return Ok(jobs),
            Err(DeedError::NumberTaken { .. }) if tries < DRAFTS_MAX => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Writes, seals, publishes and confirms all jobs; undoes all of them if one fails before it is sealed.
fn write_all(
    session: &mut Session,
    store: &mut Store,
    learnt: &mut Learnt,
    jobs: &mut [Job],
    folders: &[Folder],
) -> Result<Vec<PlantingDone>, DeedError> {
    if let Err(error) = copy_and_seal(session, store, learnt, jobs, folders) {
        // What cannot be taken back now, because the disk or the ledger fails again, recovery takes back later.
        return match abandon(session, store, jobs, folders) {
            Ok(()) | Err(_) => Err(error),
        };
    }
    if let Err(error) = publish(session, store, jobs, folders) {
        // The copies are sealed: recovery finishes them, now or before the next planting.
        return match recover(session, store, folders) {
            Ok(_) if all_planted(store, jobs)? => finished(store, learnt, jobs),
            Ok(_) | Err(_) => Err(error),
        };
    }
    finished(store, learnt, jobs)
}

/// Gives the copies their names, then confirms them.
fn publish(session: &mut Session, store: &mut Store, jobs: &[Job], folders: &[Folder]) -> Result<(), DeedError> {
    for job in jobs {
        let folder = folder_for(job, folders)?;
        folder.publish(&job.temp, &job.target)?;
        folder.sync()?;
    }
    let at = session.now();
    store.write(at, &mut session.rng, |writing| {
        jobs.iter().try_for_each(|job| writing.append(&Event::Planted { planting: job.planting }))
    })?;
    Ok(())
}

fn all_planted(store: &Store, jobs: &[Job]) -> Result<bool, DeedError> {
    for job in jobs {
        let row = store.read().planting(job.planting)?;
        if !row.is_some_and(|row| matches!(row.state, PlantingState::Planted { .. })) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn finished(store: &Store, learnt: &Learnt, jobs: &[Job]) -> Result<Vec<PlantingDone>, DeedError> {
    let mut all = Vec::new();
    for job in jobs {
        let row = store.read().planting(job.planting)?.ok_or(DeedError::PlantingLost { planting: job.planting })?;
        all.push(done(job, learnt, super::hit::planted_at(&row)));
    }
    Ok(all)
}

fn folder_for<'a>(job: &Job, folders: &'a [Folder]) -> Result<&'a Folder, DeedError> {
    let found = folders.iter().find(|folder| folder.holds(&job.target));
    found.ok_or_else(|| DeedError::BadOutput { path: job.target.clone() })
}

/// Enters the intent and the canaries, before any byte is written.
fn reserve(writing: &mut Writing<'_>, learnt: &Learnt, job: &mut Job) -> Result<(), DeedError> {
    job.planting = writing.read().next_planting()?;
    writing.append(&Event::Reserved(PlantingRecord {
        planting: job.planting,
        holder: job.holder.clone(),
        input: Some(learnt.input.clone()),
        final_path: job.target.display().to_string(),
        temp_path: job.temp.display().to_string(),
        header: learnt.header.clone(),
        authority: None,
    }))?;
    let mut next = writing.read().next_canary()?;
    for canary in &mut job.draft.canaries {
        check_free(writing, &canary.number)?;
        canary.id = next;
        next.0 += 1;
        writing.append(&Event::Mint {
            canary: canary.id,
            planting: job.planting,
            number: canary.number.clone(),
            row: canary.row,
            record: canary.record.clone(),
        })?;
    }
    Ok(())
}

fn copy_and_seal(
    session: &mut Session,
    store: &mut Store,
    learnt: &mut Learnt,
    jobs: &mut [Job],
    folders: &[Folder],
) -> Result<(), DeedError> {
    for job in jobs.iter_mut() {
        let rows: Vec<NewRow> = job.draft.rows();
        let new = NewRows { rows: &rows, serial: learnt.serial, last: learnt.last };
        let folder = folder_for(job, folders)?;
        (job.sha256, job.undo) = write_copy(&mut learnt.source, &new, &job.temp, folder, &mut session.watcher)?;
    }
    learnt.source.check_unchanged()?;
    let now = session.now();
    store.write(now, &mut session.rng, |writing| jobs.iter().try_for_each(|job| seal(writing, learnt, job)))
}

/// Enters the hash of the finished copy, and which older canaries its recipient gets with it.
fn seal(writing: &mut Writing<'_>, learnt: &Learnt, job: &Job) -> Result<(), DeedError> {
    let undo = job.undo.clone();
    writing.append(&Event::Sealed { planting: job.planting, output: output(job, learnt, &job.target), undo })?;
    let carried = learnt.carried.iter().map(|(canary, row)| (*canary, job.draft.row_in_copy(*row)));
    for (canary, row) in carried.chain(job.draft.kept.iter().map(|kept| (kept.id, kept.row))) {
        writing.append(&Event::Received {
            canary,
            holder: job.holder.clone(),
            planting: job.planting,
            list_sha256: job.sha256.clone(),
            row,
        })?;
    }
    Ok(())
}

fn output(job: &Job, learnt: &Learnt, path: &Path) -> InputFile {
    let added = (job.draft.canaries.len() + job.draft.kept.len()) as u64;
    InputFile { path: path.display().to_string(), sha256: job.sha256.clone(), rows: learnt.input.rows + added }
}

/// Takes back what failed: temporary files go, plantings become void; what cannot be done now, recovery does later.
fn abandon(session: &mut Session, store: &mut Store, jobs: &[Job], folders: &[Folder]) -> Result<(), DeedError> {
    for job in jobs {
        remove(&job.temp)?;
    }
    for folder in folders {
        folder.sync()?;
    }
    let now = session.now();
    let void = |writing: &mut Writing<'_>| {
        jobs.iter().try_for_each(|job| writing.append(&Event::Void { planting: job.planting, why: VoidReason::Failed }))
    };
    store.write::<(), StoreError>(now, &mut session.rng, void)?;
    Ok(())
}

fn done(job: &Job, learnt: &Learnt, at: DateTime<Utc>) -> PlantingDone {
    let canaries = job.draft.canaries.iter().map(|canary| CanaryDone {
        id: canary.id,
        number: canary.number.clone(),
        row: canary.row,
        fields: canary.record.fields.clone(),
    });
    let columns = learnt.source.layout.columns.iter().map(|column| (column.name.clone(), column.meaning));
    PlantingDone {
        planting: job.planting,
        holder: job.holder.clone(),
        planted_at: at,
        input: Some(learnt.input.clone()),
        output: output(job, learnt, &job.shown),
        carried: learnt.carried.len() as u64,
        kept: job.draft.kept.len() as u64,
        canaries: canaries.collect(),
        columns: columns.collect(),
    }
}
