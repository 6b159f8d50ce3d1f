//! Opening the ledger: for planting, to be read whole, or to be looked into.
//!
//! Whoever looks into a locked ledger is put on record first: what cannot be put on record is not shown.

use std::path::PathBuf;

use super::{DeedError, Session};
use crate::ledger::{Event, Looked, LookupRecord};
use crate::store::{Access, Store, StoreError};

/// How a locked ledger is opened, and who looks into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unlocking {
    /// The investigator's age identity.
    pub identity: Option<PathBuf>,
    /// Who looks; the user of the system is put on record besides.
    pub by: String,
    pub case: Option<String>,
}

impl Session {
    /// Opens the ledger; of a locked one without its identity only what planting needs can be read.
    pub fn open(&self) -> Result<Store, StoreError> {
        Store::open_with(&self.db, self.unlocking.identity.as_deref())
    }

    /// Tells whether the ledger is locked, be the identity at hand or not.
    pub fn is_locked(&self) -> Result<bool, DeedError> {
        Ok(self.open()?.access() != Access::Clear)
    }

    /// Opens the ledger to be checked; no key is needed.
    pub(super) fn open_unread(&self) -> Result<Store, StoreError> {
        Store::open_unread(&self.db, self.unlocking.identity.as_deref())
    }

    /// Opens the ledger to be read whole.
    pub(super) fn open_whole(&self) -> Result<Store, StoreError> {
        let store = self.open()?;
        match store.access() {
            Access::Clear | Access::Investigator => Ok(store),
            Access::Planter | Access::Nobody => Err(StoreError::Locked { path: self.db.clone() }),
        }
    }

    /// Opens the ledger to show what it says of `asked`; of a locked one, the look is on record when this returns.
    pub(super) fn look_into(&mut self, what: Looked, asked: String) -> Result<Store, DeedError> {
        let mut store = self.open_whole()?;
        if store.access() == Access::Clear {
            return Ok(store);
        }
        let user = format!("uid {}", rustix::process::getuid().as_raw());
        let by = match self.unlocking.by.as_str() {
            "" => user,
            name => format!("{name} ({user})"),
        };
        let record = LookupRecord { what, by, case: self.unlocking.case.clone(), asked };
        let now = self.now();
        store.write::<_, StoreError>(now, &mut self.rng, |writing| writing.append(&Event::Lookup(record)))?;
        Ok(store)
    }
}
