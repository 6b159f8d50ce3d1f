//! The steps of the check of an evidence package about canaries: each in its planting, each row in its file, all in their order.

use super::entry_check::{Proven, of_planting, value};
use super::proof_check::{Opened, PackageFault, PackageStep, fault};
use super::spelling::{CANARY, ROW};
use crate::ledger::{Checkpoint, Hash, is_included, leaf_hash, row_in};

/// Last digits of a number by which it is known again in a row, however its beginning is written there.
const NUMBER_END: usize = 7;

/// A canary that is shown by its place in its planting.
pub(super) struct ShownByPlace<'f> {
    pub(super) file: &'f str,
    pub(super) canary: &'f [u8],
    pub(super) planting: &'f [u8],
    pub(super) number: &'f [u8],
}

impl<'f> Opened<'f> {
    /// Checks that every canary is in its planting, and every row in its file.
    pub(super) fn canaries(&self, entries: &[Proven<'_>]) -> Result<Vec<ShownByPlace<'f>>, PackageFault> {
        let step = PackageStep::Canaries;
        let of = |row: &&str| {
            let id = row.strip_prefix("rows/").and_then(|name| name.split('.').next()).unwrap_or_default();
            !self.has(&format!("canaries/{id}.open"))
        };
        if let Some(row) = self.named("rows/", ".row").find(of) {
            return Err(fault(step, row));
        }
        let mut canaries = Vec::new();
        for file in self.named("canaries/", ".open") {
            let bad = || fault(step, file);
            let text = self.spelt(file, &CANARY, step)?;
            let [canary, planting, number] = ["canary", "planting", "number"].map(|name| value(text, name));
            let sealed = of_planting(entries, "sealed", planting).ok_or_else(bad)?;
            let proof = format!("{}.proof", file.strip_suffix(".open").unwrap_or(file));
            let is_good = file.as_bytes() == [b"canaries/", canary, b".open"].concat()
                && !sealed.opened("holder").is_empty()
                && self.is_under(text, &proof, sealed.line("canaries-root"));
            if !is_good {
                return Err(bad());
            }
            canaries.push(ShownByPlace { file, canary, planting, number });
        }
        self.named("rows/", ".row").try_for_each(|file| self.row(file, entries, &canaries))?;
        Ok(canaries)
    }

    /// Checks a row that a canary stands in: it is in the file of that planting, and has the canary's number.
    fn row(&self, file: &str, entries: &[Proven<'_>], canaries: &[ShownByPlace<'_>]) -> Result<(), PackageFault> {
        let bad = || fault(PackageStep::Canaries, file);
        let name = file.strip_suffix(".row").unwrap_or(file);
        let inner = name.strip_prefix("rows/").unwrap_or(name);
        let (id, copy) = inner.split_once('.').map_or((inner, None), |(id, of)| (id, Some(of)));
        let id = id.as_bytes();
        let shown = canaries.iter().find(|shown| shown.canary == id).ok_or_else(bad)?;
        let sealed = of_planting(entries, "sealed", copy.map_or(shown.planting, str::as_bytes)).ok_or_else(bad)?;
        let text = self.bytes(file, PackageStep::Canaries)?;
        let row = row_in(text).filter(|row| ROW.is_file(&text[..text.len() - row.len()])).ok_or_else(bad)?;
        let digits: Vec<u8> = row.iter().copied().filter(u8::is_ascii_digit).collect();
        let end = shown.number.len().checked_sub(NUMBER_END).ok_or_else(bad)?;
        let has_number = digits.windows(NUMBER_END).any(|run| run == &shown.number[end..]);
        let is_good = has_number && self.is_under(text, &format!("{name}.proof"), sealed.line("rows-root"));
        if is_good { Ok(()) } else { Err(bad()) }
    }

    /// Tells whether the leaf of these bytes is in the tree with this root, by the proof in a file.
    pub(super) fn is_under(&self, bytes: &[u8], proof: &str, root: &[u8]) -> bool {
        let mut hash = Hash::default();
        let is_hash = is_hash(root) && hex::decode_to_slice(root, &mut hash).is_ok();
        let proof = self.proof(proof, PackageStep::Canaries);
        is_hash && proof.is_ok_and(|(place, proof)| is_included(&leaf_hash(bytes), place, &proof, &hash))
    }

    /// Checks what must stand before what in the log.
    pub(super) fn order(
        &self,
        entries: &[Proven<'_>],
        canaries: &[ShownByPlace<'_>],
        planting: Option<&Checkpoint>,
    ) -> Result<(), PackageFault> {
        let step = PackageStep::Order;
        for shown in canaries {
            let sealed = of_planting(entries, "sealed", shown.planting);
            let is_before = |entry: &Proven<'_>| sealed.is_some_and(|sealed| entry.index < sealed.index);
            let mut numbers = entries.iter().filter(|entry| entry.kind == b"number" && is_before(entry));
            if !numbers.any(|entry| entry.opened("number") == shown.number) {
                return Err(fault(step, shown.file));
            }
        }
        // What somebody enters later about an older planting must not speak for it.
        let late = |entry: &&Proven<'_>| {
            let is_of_planting = matches!(entry.kind, b"planted" | b"sealed");
            is_of_planting && planting.is_some_and(|checkpoint| entry.index >= checkpoint.size)
                || entry.kind == b"sealed"
                    && of_planting(entries, "planted", entry.line("planting"))
                        .is_some_and(|planted| planted.index < entry.index)
        };
        let ours = |number: &[u8]| {
            entries
                .iter()
                .any(|entry| entry.kind == b"number" && !number.is_empty() && entry.opened("number") == number)
        };
        let stray = |entry: &&Proven<'_>| entry.kind == b"contact" && !ours(entry.opened("number"));
        match entries.iter().find(|entry| late(entry) || stray(entry)) {
            Some(entry) => Err(fault(step, entry.name)),
            None => Ok(()),
        }
    }
}

fn is_hash(text: &[u8]) -> bool {
    text.len() == 64 && text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
