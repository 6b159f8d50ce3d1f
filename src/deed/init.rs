//! Makes the ledger and its signing key; on request, locked to investigators whose own keys lie elsewhere.

use std::path::PathBuf;

use super::files::look;
use super::folder::remove;
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
/// With public keys of age in `investigators`, the ledger is locked to them.
pub fn init(session: &mut Session, investigators: &[String]) -> Result<Initialised, DeedError> {
    investigators.iter().try_for_each(|text| Store::check_recipient(text))?;
    let (ledger, key) = (session.db.clone(), key_path(&session.db));
    for path in [&ledger, &key] {
        if look(path)?.is_some() {
            return Err(StoreError::Exists { path: path.clone() }.into());
        }
    }
    let (public, planter) = match investigators {
        [] => (make_key(&key, &mut session.rng)?, None),
        [_, ..] => {
            let (public, planter) = make_locked_key(&key, &mut session.rng)?;
            (public, Some(planter))
        }
    };
    let lock = planter.map(|planter| LockRecord { investigators: investigators.to_vec(), planter });
    let created = match &lock {
        Some(lock) => Store::create_locked(&ledger, lock),
        None => Store::create(&ledger),
    };
    let made = created.and_then(|mut store| {
        let now = session.now();
        store.write(now, &mut session.rng, |writing| {
            writing.append(&Event::Key { public: public.clone() })?;
            lock.map_or(Ok(()), |lock| writing.append(&Event::Lock(lock)))
        })
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
    Ok(Initialised { ledger, key, public, investigators: investigators.to_vec() })
}
