//! Opening the ledger: for planting, to be read whole, or to be looked into.
//!
//! Whoever looks into the ledger is put on record before anything is shown: what cannot be put on record is not shown. Of a locked one
//! that is done before anything is read, of any other when the answer is known, so that a refusal changes nothing.

use std::path::{Path, PathBuf};

use super::{DeedError, Session};
use crate::ledger::{Event, Looked, LookupRecord};
use crate::store::{Access, Store, StoreError};

/// The file with an investigator's age identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityFile {
    /// It was named for this command: it must open the ledger.
    Named(PathBuf),
    /// It is always at hand: what needs no identity is done without it if it does not open this ledger.
    AtHand(PathBuf),
}

/// How a locked ledger is opened, and who looks into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unlocking {
    pub identity: Option<IdentityFile>,
    /// Who looks; the user of the system is put on record besides.
    pub by: String,
    pub case: Option<String>,
}

impl Unlocking {
    fn file(&self) -> Option<&Path> {
        self.identity.as_ref().map(|identity| match identity {
            IdentityFile::Named(path) | IdentityFile::AtHand(path) => path.as_path(),
        })
    }
}

impl Session {
    /// Opens the ledger; of a locked one without its identity only what planting needs can be read.
    pub fn open(&self) -> Result<Store, StoreError> {
        self.with_or_without(Store::open_with)
    }

    /// Opens the ledger; leaves aside an identity that is only at hand and does not open it.
    fn with_or_without(
        &self,
        open: fn(&Path, Option<&Path>) -> Result<Store, StoreError>,
    ) -> Result<Store, StoreError> {
        let opened = open(&self.db, self.unlocking.file());
        match (&self.unlocking.identity, &opened) {
            (
                Some(IdentityFile::AtHand(_)),
                Err(StoreError::IdentityUnreadable { .. } | StoreError::WrongIdentity { .. }),
            ) => open(&self.db, None),
            (_, _) => opened,
        }
    }

    /// Tells whether the ledger is locked, be the identity at hand or not.
    pub fn is_locked(&self) -> Result<bool, DeedError> {
        Ok(self.open()?.access() != Access::Clear)
    }

    /// Opens the ledger to be checked; no key is needed.
    pub(super) fn open_unread(&self) -> Result<Store, StoreError> {
        self.with_or_without(Store::open_unread)
    }

    /// Opens the ledger to be read whole.
    pub(super) fn open_whole(&self) -> Result<Store, StoreError> {
        let store = Store::open_with(&self.db, self.unlocking.file())?;
        match store.access() {
            Access::Clear | Access::Investigator => Ok(store),
            Access::Planter | Access::Nobody => Err(StoreError::Locked { path: self.db.clone() }),
        }
    }

    /// Opens the ledger to show what it says of `asked`; of a locked one, the look is on record when this returns, of another one
    /// [`Session::looked`] puts it there.
    pub(super) fn look_into(&mut self, what: Looked, asked: String) -> Result<Store, DeedError> {
        let mut store = self.open_whole()?;
        if store.access() != Access::Clear {
            self.record_look(&mut store, what, asked)?;
        }
        Ok(store)
    }

    /// Puts on record that what is about to be shown of `asked` was looked at, if it is not yet.
    pub(super) fn looked(&mut self, store: &mut Store, what: Looked, asked: String) -> Result<(), DeedError> {
        if store.access() == Access::Clear { self.record_look(store, what, asked) } else { Ok(()) }
    }

    fn record_look(&mut self, store: &mut Store, what: Looked, asked: String) -> Result<(), DeedError> {
        let user = format!("uid {}", rustix::process::getuid().as_raw());
        let by = match self.unlocking.by.as_str() {
            "" => user,
            name => format!("{name} ({user})"),
        };
        let record = LookupRecord { what, by, case: self.unlocking.case.clone(), asked };
        let now = self.now();
        Ok(store.write::<_, StoreError>(now, &mut self.rng, |writing| writing.append(&Event::Lookup(record)))?)
    }
}
