//! Signs a checkpoint over the whole log, enters it, and lays copies of it elsewhere.
//!
//! A checkpoint proves something only if a copy lies where whoever could write the ledger cannot change it.

use std::path::Path;

use ed25519_dalek::SigningKey;
use rand::rngs::ChaCha20Rng;

use super::new_folder::{check_new, write_file};
use super::push::{Elsewhere, lay_all};
use super::{DeedError, Session};
use crate::hit::rfc3339;
use crate::lang::Pair;
use crate::ledger::{Checkpoint, Event, Signatory, open_note, origin_of, public_key};
use crate::report::seal_page;
use crate::store::{KeyRow, SealRow, Store, StoreError, Writing, add_key, signing_key};

/// Whether a new key takes over with the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    Keep,
    NewKey,
}

/// A signed checkpoint and where copies of it were laid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub checkpoint: Checkpoint,
    pub note: String,
    /// False if nothing had been entered since, and the last checkpoint stands.
    pub is_new: bool,
    pub pushed: Vec<String>,
    /// Places that have no copy, and why.
    pub failed: Vec<Pair>,
    /// The key that signs from now on, as other programs read it.
    pub key: String,
}

/// Signs a checkpoint, lays a copy at each place of `push` that takes one, and writes it as a page to be printed.
pub fn seal(
    session: &mut Session,
    rotation: Rotation,
    push: &[Elsewhere],
    page: Option<&Path>,
) -> Result<Sealed, DeedError> {
    if let Some(page) = page {
        check_new(page)?;
    }
    let mut store = session.open()?;
    let mut sealed = seal_log(session, &mut store, rotation)?;
    if let Some(page) = page {
        let at = store.read().seal_of(sealed.checkpoint.size)?.map_or_else(String::new, |seal| rfc3339(&seal.at));
        write_file(session, page, seal_page(&sealed.checkpoint, &sealed.note, &at).as_bytes())?;
    }
    (sealed.pushed, sealed.failed) = lay_all(&sealed, push);
    Ok(sealed)
}

/// Signs a checkpoint over all entries unless the newest one covers all but itself.
pub(super) fn seal_log(session: &mut Session, store: &mut Store, rotation: Rotation) -> Result<Sealed, DeedError> {
    let (now, mut keys_rng) = (session.now(), session.fork());
    let enter = |writing: &mut Writing<'_>| enter_checkpoint(writing, rotation, &mut keys_rng);
    Ok(store.write::<_, StoreError>(now, &mut session.rng, enter)?)
}

/// Signs a checkpoint over what a transaction has entered, if the key is at hand and the log goes on from what it signed last.
///
/// A copy that has its name is confirmed whatever is wrong with the key or the log before it: `seal`, `report` and `verify` tell of that.
pub(super) fn seal_along(writing: &mut Writing<'_>, keys_rng: &mut ChaCha20Rng) -> Result<(), StoreError> {
    match enter_checkpoint(writing, Rotation::Keep, keys_rng) {
        Ok(_)
        | Err(
            StoreError::KeyMissing { .. }
            | StoreError::KeyUnreadable { .. }
            | StoreError::KeyForeign { .. }
            | StoreError::NotContinued { .. },
        ) => Ok(()),
        Err(error) => Err(error),
    }
}

fn enter_checkpoint(
    writing: &mut Writing<'_>,
    rotation: Rotation,
    keys_rng: &mut ChaCha20Rng,
) -> Result<Sealed, StoreError> {
    let path = writing.ledger().to_path_buf();
    let keys = writing.read().log_keys()?;
    let (known, last_key) = signatories(&keys, &path)?;
    let last = writing.read().last_seal()?;
    if let Some(last) = &last {
        continued(writing, last, &known)?;
    }
    let checkpoint = Checkpoint::of(&known[0].name, writing.tree());
    let signs = known.len() - 1;
    let sealed = |checkpoint, note, is_new, key| Sealed {
        checkpoint,
        note,
        is_new,
        pushed: Vec::new(),
        failed: Vec::new(),
        key,
    };
    if let (Some(last), Rotation::Keep) = (last.filter(|last| last.size + 1 == checkpoint.size), rotation) {
        let (checkpoint, _) =
            open_note(last.note.as_bytes(), &known).map_err(|_| StoreError::NotContinued { size: last.size })?;
        return Ok(sealed(checkpoint, last.note, false, known[signs].text()));
    }
    let old = signing_key(&path, last_key)?;
    let new = match rotation {
        Rotation::Keep => None,
        Rotation::NewKey => Some(add_key(&path, keys_rng)?),
    };
    let all: Vec<&SigningKey> = [Some(&old), new.as_ref()].into_iter().flatten().collect();
    let note = checkpoint.sign(&all);
    writing.append_seal(&checkpoint, &note)?;
    let mut by = known[signs].clone();
    if let Some(new) = &new {
        by.key = new.verifying_key();
        writing.append(&Event::Key { public: hex::encode(by.key.to_bytes()) })?;
    }
    Ok(sealed(checkpoint, note, true, by.text()))
}

/// Gives all keys under the log's name, and the newest in hex.
pub(super) fn signatories<'k>(keys: &'k [KeyRow], path: &Path) -> Result<(Vec<Signatory>, &'k str), StoreError> {
    let foreign = || StoreError::KeyForeign { path: crate::store::key_path(path) };
    let last = keys.last().ok_or_else(foreign)?;
    let read = keys.iter().map(|row| public_key(&row.public).ok_or_else(foreign)).collect::<Result<Vec<_>, _>>()?;
    let name = origin_of(&read[0]);
    Ok((read.into_iter().map(|key| Signatory { name: name.clone(), key }).collect(), &last.public))
}

/// Refuses to sign a log that does not begin with what was signed last.
fn continued(writing: &Writing<'_>, last: &SealRow, known: &[Signatory]) -> Result<(), StoreError> {
    let signed = open_note(last.note.as_bytes(), known).ok().map(|(checkpoint, _)| checkpoint);
    let root = writing.read().head_root(last.size)?;
    match signed.is_some_and(|signed| signed.size == last.size && Some(signed.root) == root) {
        true => Ok(()),
        false => Err(StoreError::NotContinued { size: last.size }),
    }
}
