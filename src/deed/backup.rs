//! Copies the ledger while it stays in use.

use std::path::{Path, PathBuf};

use super::files::file_sha256;
use super::folder::Folder;
use super::{DeedError, Session};
use crate::ledger::Event;

/// A copy that was made: where, its SHA-256 in hex, and how many entries it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    pub path: PathBuf,
    pub sha256: String,
    pub entries: u64,
}

/// Writes a consistent copy to the new file `target` and enters its hash in the ledger.
pub fn backup(session: &mut Session, target: &Path) -> Result<Backup, DeedError> {
    let mut store = session.open()?;
    let entries = store.copy_to(target)?;
    Folder::lock(target)?.sync()?;
    let sha256 = file_sha256(target)?;
    let now = session.now();
    store.write(now, &mut session.rng, |writing| writing.append(&Event::Backup { sha256: sha256.clone() }))?;
    Ok(Backup { path: target.to_path_buf(), sha256, entries })
}
