//! Checks what is signed: checkpoints in the log, changes of its key, and checkpoints that were kept elsewhere.

use std::collections::BTreeMap;

use super::check::Faults;
use super::fault::Fault;
use crate::ledger::{
    Checkpoint, Event, Hash, NoteError, Signatory, Tree, WitnessRecord, checkpoint_in, open_note, origin_of, public_key,
};

/// A checkpoint that was kept elsewhere, and the root that the entries have at its size.
struct Kept<'k> {
    name: &'k str,
    note: &'k [u8],
    claimed: Option<Checkpoint>,
    found: Option<Hash>,
}

/// What is known of the log's signatures while its entries are read again.
pub(super) struct LogCheck<'k> {
    known: Vec<Signatory>,
    /// The checkpoint that the entry before this one holds.
    before: Option<String>,
    kept: Vec<Kept<'k>>,
    /// Checkpoints in the log that were found good, by size.
    good: BTreeMap<u64, Checkpoint>,
    pub(super) witnessed: Vec<WitnessRecord>,
    /// Entries covered by the last checkpoint that was found good.
    pub(super) sealed: u64,
}

impl<'k> LogCheck<'k> {
    pub(super) fn new(kept: &'k [(String, Vec<u8>)]) -> LogCheck<'k> {
        let kept = kept.iter().map(|(name, note)| Kept { name, note, claimed: checkpoint_in(note), found: None });
        LogCheck {
            known: Vec::new(),
            before: None,
            kept: kept.collect(),
            good: BTreeMap::new(),
            witnessed: Vec::new(),
            sealed: 0,
        }
    }

    /// Looks at an entry; `tree` is over all before it. Tells a fault, if there is one.
    pub(super) fn see(&mut self, index: i64, tree: &Tree, event: &Event) -> Option<Fault> {
        let before = self.before.take();
        match event {
            Event::Key { public } => {
                let is_good = self.take_key(public, before.as_deref());
                (!is_good).then_some(Fault::KeyUnproven { index })
            }
            Event::Seal { size, root, note } => {
                let stated = *size == tree.size() && *root == hex::encode(tree.root());
                let signed = open_note(note.as_bytes(), &self.known).is_ok_and(|(checkpoint, signed)| {
                    let same = checkpoint.size == tree.size() && checkpoint.root == tree.root();
                    same && signed.contains(&(self.known.len() - 1))
                });
                if stated && signed {
                    self.sealed = tree.size();
                    self.good.insert(tree.size(), Checkpoint::of(&self.known[0].name, tree));
                    self.before = Some(note.clone());
                    return None;
                }
                Some(Fault::SealWrong { index })
            }
            Event::Witness(record) => {
                let is_good = record.read().is_some_and(|(witness, by)| {
                    self.good.get(&record.size).is_some_and(|checkpoint| witness.signed(checkpoint, &by))
                });
                self.witnessed.push(record.clone());
                (!is_good).then_some(Fault::WitnessWrong { index })
            }
            Event::Holder(_)
            | Event::Flow(_)
            | Event::Line { .. }
            | Event::Number(_)
            | Event::Control { .. }
            | Event::Retired { .. }
            | Event::Reserved(_)
            | Event::Mint { .. }
            | Event::Made { .. }
            | Event::Sealed { .. }
            | Event::Known { .. }
            | Event::Planted { .. }
            | Event::Void { .. }
            | Event::Received { .. }
            | Event::Contact(_)
            | Event::Stray { .. }
            | Event::Backup { .. }
            | Event::Receipt(_)
            | Event::Stamp(_)
            | Event::Trap { .. }
            | Event::Lock(_)
            | Event::Lookup(_)
            | Event::Met(_) => None,
        }
    }

    /// Takes the log's first key, or a further one if the checkpoint right before it is signed by it and the last one.
    fn take_key(&mut self, public: &str, before: Option<&str>) -> bool {
        let Some(key) = public_key(public) else { return false };
        let name = self.known.first().map_or_else(|| origin_of(&key), |first| first.name.clone());
        let last = self.known.len().checked_sub(1);
        self.known.push(Signatory { name, key });
        let Some(last) = last else { return true };
        let signed = before.map(|note| open_note(note.as_bytes(), &self.known));
        matches!(signed, Some(Ok((_, signed))) if signed.contains(&last) && signed.contains(&(last + 1)))
    }

    /// Notes the root over all entries so far, where a kept checkpoint is of that size.
    pub(super) fn grown(&mut self, tree: &Tree) {
        for kept in &mut self.kept {
            if kept.claimed.as_ref().is_some_and(|claimed| claimed.size == tree.size()) {
                kept.found = Some(tree.root());
            }
        }
    }

    /// Compares the kept checkpoints with the log; gives how many entries stand by them.
    ///
    /// Where one has another root, something before its end was changed, and only what a good one covers stands. One that covers more
    /// entries than there are tells that later ones are missing, one of another log tells nothing: what is here stands all the same.
    pub(super) fn compare(&self, tree: &Tree, faults: &mut Faults) -> u64 {
        let (mut good, mut differs) = (0, false);
        for kept in &self.kept {
            match self.fault_of(kept, tree) {
                Ok(size) => good = good.max(size),
                Err(fault) => {
                    differs |= matches!(fault, Fault::KeptDiffers { .. });
                    faults.add(fault);
                }
            }
        }
        if differs { good } else { tree.size() }
    }

    fn fault_of(&self, kept: &Kept<'_>, tree: &Tree) -> Result<u64, Fault> {
        let name = kept.name.to_string();
        let (checkpoint, _) = open_note(kept.note, &self.known)
            .map_err(|source: NoteError| Fault::KeptRefused { name: name.clone(), source })?;
        let size = checkpoint.size;
        match kept.found {
            None => Err(Fault::KeptBeyond { name, size, entries: tree.size() }),
            Some(root) if root != checkpoint.root => Err(Fault::KeptDiffers { name, size }),
            Some(_) => Ok(size),
        }
    }
}
