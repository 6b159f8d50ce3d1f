//! The steps of the check of an evidence package about the log: older checkpoint, entries, and what is opened of them.
//!
//! Values are compared as they stand in the entries, escaped and all, as readers of lines do who know no escapes.

use std::collections::BTreeSet;

use super::proof_check::{Opened, PackageFault, PackageStep, fault};
use super::spelling::{ABOUT, ENTRY, TOLD, WAY};
use crate::ledger::{Checkpoint, commitment, is_consistent, is_included, leaf_hash};

/// An entry that was found in the log; values are as they stand in it.
pub(super) struct Proven<'f> {
    /// Its file, without the ending.
    pub(super) name: &'f str,
    pub(super) index: u64,
    pub(super) kind: &'f [u8],
    body: &'f [u8],
    open: &'f [u8],
}

impl<'f> Proven<'f> {
    /// Gives an open line; empty if there is none.
    pub(super) fn line(&self, name: &str) -> &'f [u8] {
        value(self.body, name)
    }

    /// Gives a secret line that is opened; empty if it is not.
    pub(super) fn opened(&self, name: &str) -> &'f [u8] {
        value(self.open, name).get(SALT_END..).unwrap_or_default()
    }
}

/// Characters of a salt in hex, and the blank behind it.
const SALT_END: usize = 65;

/// Gives what stands behind a name at the beginning of a line; empty if there is none.
pub(super) fn value<'t>(text: &'t [u8], name: &str) -> &'t [u8] {
    let lines = text.split(|byte| *byte == b'\n');
    let mut values = lines.filter_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b" "));
    values.next().unwrap_or_default()
}

/// Finds the entry of a kind about a planting.
pub(super) fn of_planting<'e, 'f>(entries: &'e [Proven<'f>], kind: &str, planting: &[u8]) -> Option<&'e Proven<'f>> {
    entries.iter().find(|entry| entry.kind == kind.as_bytes() && entry.line("planting") == planting)
}

impl<'f> Opened<'f> {
    /// Checks that the older checkpoint is a beginning of the newer.
    pub(super) fn history(&self, old: &Checkpoint, new: &Checkpoint) -> Result<(), PackageFault> {
        let step = PackageStep::History;
        let (sizes, proof) = self.proof("consistency.proof", step)?;
        let fits = sizes == (old.size, new.size)
            && old.size < new.size
            && old.origin == new.origin
            && is_consistent((old.size, &old.root), (new.size, &new.root), &proof);
        if fits { Ok(()) } else { Err(fault(step, "planting.note")) }
    }

    /// Checks that each entry is in the log and fits what is opened of it.
    pub(super) fn entries(&self, checkpoint: &Checkpoint) -> Result<Vec<Proven<'f>>, PackageFault> {
        let entry = |file: &'f str| {
            let step = PackageStep::Entries;
            let (name, bad) = (file.strip_suffix(".entry").unwrap_or(file), || fault(step, file));
            let body = self.spelt(file, &ENTRY, step)?;
            let about = ["kind", "planting", "sha256", "canary"].map(|name| value(body, name)).join(&b","[..]);
            let mut names = BTreeSet::new();
            let mut lines = body.split(|byte| *byte == b'\n').map(|line| line.split(|byte| *byte == b' ').next());
            let (place, proof) = self.proof(&format!("{name}.proof"), step).map_err(|_| bad())?;
            let is_good = ABOUT.is_line(&about)
                && place.1 == checkpoint.size
                && is_included(&leaf_hash(body), place, &proof, &checkpoint.root)
                && lines.all(|line| names.insert(line));
            if !is_good {
                return Err(bad());
            }
            let open = self.openings(name, body)?;
            Ok(Proven { name, index: place.0, kind: value(body, "kind"), body, open })
        };
        self.named("entries/", ".entry").map(entry).collect()
    }

    /// Gives what is opened of an entry, which must fit its commitments; of a way from holder to holder both ends.
    fn openings(&self, name: &str, body: &[u8]) -> Result<&'f [u8], PackageFault> {
        let (step, file) = (PackageStep::Openings, format!("{name}.open"));
        let is_way = matches!(value(body, "kind"), b"flow" | b"holder");
        if !is_way && !self.has(&file) {
            return Ok(b"");
        }
        let open = self.spelt(&file, if is_way { &WAY } else { &TOLD }, step)?;
        let fits = |line: &[u8]| {
            let mut parts = line.splitn(3, |byte| *byte == b' ');
            let (Some(name), Some(salt), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
                return false;
            };
            let hash = hex::decode(salt).map(|salt| hex::encode(commitment(name, &salt, value))).unwrap_or_default();
            let wanted = [name, b" =", hash.as_bytes()].concat();
            body.split(|byte| *byte == b'\n').any(|line| line == wanted)
        };
        let mut lines = open.strip_suffix(b"\n").unwrap_or(open).split(|byte| *byte == b'\n');
        if lines.all(fits) { Ok(open) } else { Err(fault(step, file)) }
    }
}
