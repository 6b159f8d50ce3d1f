//! Makes the ledger and its signing key; on request, locked to investigators whose own keys lie elsewhere.

use std::path::{Path, PathBuf};

use rand::RngExt;

use super::files::look;
use super::folder::{Folder, remove};
use super::{DeedError, Session};
use crate::ledger::{Event, LockRecord};
use crate::store::{Store, StoreError, key_path, make_key, make_locked_key};

/// Where the new ledger and its key lie, and the key's public half in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initialised {
    pub ledger: PathBuf,
    pub key: PathBuf,
    pub public: String,
    /// The public keys it is locked to; none for a ledger that is not locked.
    pub investigators: Vec<String>,
}

/// Makes both; refuses if either is there, and leaves nothing behind if anything fails.
///
/// With public keys of age in `investigators`, the ledger is locked to them. Both are made under hidden names and get their own
/// when they are whole, the key first: a ledger without its key would be of no use.
pub fn init(session: &mut Session, investigators: &[String]) -> Result<Initialised, DeedError> {
    investigators.iter().try_for_each(|text| Store::check_recipient(text))?;
    let (ledger, key) = (session.db.clone(), key_path(&session.db));
    let folder = Folder::lock(&ledger)?;
    for path in [&ledger, &key] {
        if look(path)?.is_some() {
            return Err(StoreError::Exists { path: path.clone() }.into());
        }
    }
    let temp = ledger.with_file_name(format!(".{:016x}.tmp", session.rng.random::<u64>()));
    let made = make(session, &temp, investigators);
    match made.and_then(|public| name(&folder, &temp, (&ledger, &key)).map(|()| public)) {
        Ok(public) => Ok(Initialised { ledger, key, public, investigators: investigators.to_vec() }),
        Err(error) => {
            let left = ["", "-wal", "-shm"].map(|suffix| PathBuf::from(format!("{}{suffix}", temp.display())));
            // What cannot be removed stays under a hidden name; what went wrong first is told.
            match std::iter::once(&key_path(&temp)).chain(&left).try_for_each(|path| remove(path)) {
                Ok(()) | Err(_) => Err(error),
            }
        }
    }
}

/// Gives both their names, or neither.
fn name(folder: &Folder, temp: &Path, (ledger, key): (&Path, &Path)) -> Result<(), DeedError> {
    folder.publish(&key_path(temp), key)?;
    let named = folder.publish(temp, ledger);
    let is_named = named.is_ok();
    named.and_then(|()| folder.sync()).map_err(|error| {
        let undone = if is_named { remove(ledger) } else { Ok(()) };
        match undone.and_then(|()| remove(key)) {
            Ok(()) | Err(_) => error,
        }
    })
}

/// Makes a whole ledger at `path` and its key beside it; gives the key's public half in hex.
fn make(session: &mut Session, path: &Path, investigators: &[String]) -> Result<String, DeedError> {
    let key = key_path(path);
    let (public, planter) = match investigators {
        [] => (make_key(&key, &mut session.rng)?, None),
        [_, ..] => {
            let (public, planter) = make_locked_key(&key, &mut session.rng)?;
            (public, Some(planter))
        }
    };
    let lock = planter.map(|planter| LockRecord { investigators: investigators.to_vec(), planter });
    let mut store = match &lock {
        Some(lock) => Store::create_locked(path, lock)?,
        None => Store::create(path)?,
    };
    let now = session.now();
    store.write::<_, StoreError>(now, &mut session.rng, |writing| {
        writing.append(&Event::Key { public: public.clone() })?;
        lock.map_or(Ok(()), |lock| writing.append(&Event::Lock(lock)))
    })?;
    store.close()?;
    Ok(public)
}
