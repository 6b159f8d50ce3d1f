//! Checks the whole ledger.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::files::open_input;
use super::{DeedError, Session, Stage};
use crate::ledger::NOTE_BYTES_MAX;
use crate::store::Checked;

/// Re-reads every entry, recomputes the tree, rebuilds the tables, and compares checkpoints that were kept elsewhere.
pub fn verify(session: &mut Session, checkpoints: &[PathBuf]) -> Result<Checked, DeedError> {
    let kept = checkpoints.iter().map(|path| Ok((path.display().to_string(), read_note(path)?)));
    let kept = kept.collect::<Result<Vec<_>, DeedError>>()?;
    let store = session.open_unread()?;
    let total = store.read().entries()?;
    let watcher = &mut session.watcher;
    Ok(store.check(&kept, &mut |seen| {
        if seen.is_multiple_of(1024) {
            watcher(Stage::Verifying, seen, Some(total));
        }
    })?)
}

/// Reads a note; of a file that is too long for one, only as much as shows that.
fn read_note(path: &Path) -> Result<Vec<u8>, DeedError> {
    let mut bytes = Vec::new();
    let read = open_input(path)?.take(NOTE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|source| DeedError::Read { path: path.to_path_buf(), source })?;
    Ok(bytes)
}
