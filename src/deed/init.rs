//! Makes the ledger and its signing key.

use std::path::PathBuf;

use super::files::look;
use super::folder::remove;
use super::{DeedError, Session};
use crate::ledger::Event;
use crate::store::{Store, StoreError, key_path, make_key};

/// Where the new ledger and its key lie, and the key's public half in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initialised {
    pub ledger: PathBuf,
    pub key: PathBuf,
    pub public: String,
}

/// Makes both; refuses if either is there, and leaves nothing behind if anything fails.
pub fn init(session: &mut Session) -> Result<Initialised, DeedError> {
    let (ledger, key) = (session.db.clone(), key_path(&session.db));
    for path in [&ledger, &key] {
        if look(path)?.is_some() {
            return Err(StoreError::Exists { path: path.clone() }.into());
        }
    }
    let public = make_key(&key, &mut session.rng)?;
    let made = Store::create(&ledger).and_then(|mut store| {
        let now = session.now();
        store.write(now, &mut session.rng, |writing| writing.append(&Event::Key { public: public.clone() }))
    });
    if let Err(error) = made {
        remove(&key)?;
        if let StoreError::Exists { .. } = error {
            // Somebody else made it in this very moment: it is not ours to remove.
            return Err(error.into());
        }
        for suffix in ["", "-wal", "-shm"] {
            remove(&PathBuf::from(format!("{}{suffix}", ledger.display())))?;
        }
        return Err(error.into());
    }
    Ok(Initialised { ledger, key, public })
}
