//! Checks the whole ledger.

use super::{DeedError, Session, Stage};
use crate::store::Checked;

/// Re-reads every entry, recomputes the tree, and rebuilds the tables.
pub fn verify(session: &mut Session) -> Result<Checked, DeedError> {
    let store = session.open()?;
    let total = store.read().entries()?;
    let watcher = &mut session.watcher;
    Ok(store.check(&mut |seen| {
        if seen.is_multiple_of(1024) {
            watcher(Stage::Verifying, seen, Some(total));
        }
    })?)
}
