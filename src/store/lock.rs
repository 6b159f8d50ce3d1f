//! Whom a ledger is locked to, and which of their keys are at hand.
//!
//! The planting machine's identity lies in the key file, before the signing keys; the investigator's is in a file of its own
//! and is read only where somebody names it. What is in use already is known again by tags: keyed hashes, in no order.

use std::fs;
use std::path::{Path, PathBuf};

use age::x25519::{Identity, Recipient};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension};
use sha2::Sha256;

use super::error::StoreError;
use super::key::{blind_key, key_path, planter_identity};
use crate::ledger::{Audience, Entry, Event, LockRecord};

/// A tag, 32 bytes.
pub(super) type Tag = [u8; 32];

/// What of a ledger can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// All: the ledger is not locked.
    Clear,
    /// All, with an investigator's identity.
    Investigator,
    /// What planting needs.
    Planter,
    /// Only what anybody may read.
    Nobody,
}

/// The lock of a ledger.
pub(super) struct Lock {
    investigators: Vec<Recipient>,
    planter: Recipient,
    identities: Vec<Identity>,
    pub(super) access: Access,
    blind: Option<[u8; 32]>,
    key: PathBuf,
}

impl Lock {
    /// Reads whom the ledger at `path` is locked to, and takes the keys that are there; nothing for one that is not locked.
    pub(super) fn of(db: &Connection, path: &Path, identity: Option<&Path>) -> Result<Option<Lock>, StoreError> {
        let of = |source| StoreError::of(path, source);
        let second = db.query_row("SELECT body, openings FROM main.entry WHERE idx = 1", [], |row| {
            Ok(Entry { body: row.get(0)?, openings: row.get(1)? })
        });
        let Some(second) = second.optional().map_err(of)? else { return Ok(None) };
        if crate::ledger::kind_of(&second.body) != Some("lock") {
            return Ok(None);
        }
        let (_, event) = Event::read(&second).map_err(|source| StoreError::Entry { index: 1, source })?;
        let Event::Lock(record) = event else { return Ok(None) };
        Lock::new(&record, path, identity).map(Some)
    }

    /// Takes the keys that are there.
    pub(super) fn new(record: &LockRecord, path: &Path, identity: Option<&Path>) -> Result<Lock, StoreError> {
        let key = key_path(path);
        let investigators = record.investigators.iter().map(|text| recipient(text)).collect::<Result<Vec<_>, _>>()?;
        let planter = recipient(&record.planter)?;
        let mut lock =
            Lock { investigators, planter, identities: Vec::new(), access: Access::Nobody, blind: None, key };
        if lock.key.exists() {
            let own = planter_identity(&lock.key)?.filter(|own| own.to_public() == lock.planter);
            let own = own.ok_or_else(|| StoreError::KeyForeign { path: lock.key.clone() })?;
            lock.identities.push(own);
            lock.access = Access::Planter;
            lock.blind = Some(blind_key(&lock.key)?);
        }
        if let Some(file) = identity {
            let found = identities(file)?;
            if !found.iter().any(|one| lock.investigators.contains(&one.to_public())) {
                return Err(StoreError::WrongIdentity { path: file.to_path_buf() });
            }
            lock.identities.extend(found);
            lock.access = Access::Investigator;
        }
        Ok(lock)
    }

    /// Tells whether envelopes for an audience can be opened.
    pub(super) fn opens(&self, audience: Audience) -> bool {
        match (self.access, audience) {
            (Access::Clear | Access::Investigator, _) | (Access::Planter, Audience::Planter) => true,
            (Access::Planter, Audience::Investigator) | (Access::Nobody, _) => false,
        }
    }

    pub(super) fn investigators(&self) -> Vec<&Recipient> {
        self.investigators.iter().collect()
    }

    pub(super) fn all_recipients(&self) -> Vec<&Recipient> {
        self.investigators.iter().chain([&self.planter]).collect()
    }

    /// Gives what an age file holds; nothing if it is for others or damaged.
    pub(super) fn unwrap(&self, age_file: &[u8]) -> Option<Vec<u8>> {
        let decryptor = age::Decryptor::new(age_file).ok()?;
        let all = self.identities.iter().map(|identity| identity as &dyn age::Identity);
        let mut reader = decryptor.decrypt(all).ok()?;
        let mut plain = Vec::new();
        std::io::Read::read_to_end(&mut reader, &mut plain).ok()?;
        Some(plain)
    }

    /// Gives the key under which tags are made.
    pub(super) fn blind(&self) -> Result<Blind, StoreError> {
        self.blind.map(Blind).ok_or_else(|| StoreError::KeyMissing { path: self.key.clone() })
    }

    pub(super) fn blind_if_there(&self) -> Option<Blind> {
        self.blind.map(Blind)
    }
}

/// Makes tags.
#[derive(Clone, Copy)]
pub(super) struct Blind([u8; 32]);

impl Blind {
    pub(super) fn number(&self, number: &str) -> Tag {
        self.tag("number", number)
    }

    pub(super) fn contact(&self, key: &str) -> Tag {
        self.tag("contact", key)
    }

    pub(super) fn person(&self, identity: i64) -> Tag {
        self.tag("person", &identity.to_string())
    }

    /// Makes a tag that stands for nothing.
    pub(super) fn filler(&self, at: u64) -> Tag {
        self.tag("filler", &at.to_string())
    }

    fn tag(&self, what: &str, text: &str) -> Tag {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(what.as_bytes());
        mac.update(b"\n");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Reads a recipient of age.
pub(super) fn recipient(text: &str) -> Result<Recipient, StoreError> {
    // It is not repeated: it could be the secret one.
    text.parse().map_err(|_| StoreError::NotARecipient)
}

/// Reads the identities in a file of `age-keygen`.
fn identities(path: &Path) -> Result<Vec<Identity>, StoreError> {
    let failed = |source| StoreError::IdentityUnreadable { path: path.to_path_buf(), source };
    let text = fs::read_to_string(path).map_err(failed)?;
    // Windows puts a mark in front of text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let all: Vec<Identity> = lines
        .map(|line| line.parse().map_err(|_| failed(std::io::ErrorKind::InvalidData.into())))
        .collect::<Result<_, _>>()?;
    if all.is_empty() { Err(failed(std::io::ErrorKind::InvalidData.into())) } else { Ok(all) }
}
