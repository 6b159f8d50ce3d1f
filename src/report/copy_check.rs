//! The step of the check of an evidence package that tells in whose copy each canary stands.
//!
//! A copy has a canary that its own planting made, or one that another made and that stands among its own (in older ledgers: that it
//! received). A planting which only
//! entered it, and is not shown to have been handed over, speaks for nobody.

use super::canary_check::ShownByPlace;
use super::entry_check::{Proven, of_planting, value};
use super::proof_check::{Opened, PackageFault, PackageStep, fault};
use super::spelling::CAME;

/// A canary in a copy that was handed over: both are entered in the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProvenCopy {
    pub canary: String,
    pub planting: String,
    pub holder: String,
    pub number: String,
    pub file_sha256: String,
}

/// A canary that is shown, be it by its place in a planting or by its own entry.
pub(super) struct Shown<'f> {
    file: &'f str,
    pub(super) canary: &'f [u8],
    planting: &'f [u8],
    pub(super) number: &'f [u8],
}

impl Opened<'_> {
    /// Lists the copies in order; a received canary that is of none of them, or a canary without any, is a fault.
    pub(super) fn copies(
        &self,
        entries: &[Proven<'_>],
        canaries: &[ShownByPlace<'_>],
    ) -> Result<Vec<ProvenCopy>, PackageFault> {
        let shown = shown(entries, canaries);
        if let Some(one) = shown.iter().find(|one| one.number.is_empty()) {
            return Err(fault(PackageStep::Copies, one.file));
        }
        if let Some(mint) = entries.iter().find(|entry| entry.kind == b"mint" && !is_first_word(entries, entry)) {
            return Err(fault(PackageStep::Copies, mint.name));
        }
        let mut copies = Vec::new();
        let received = entries.iter().filter(|entry| entry.kind == b"received");
        for entry in received.chain(entries.iter().filter(|entry| entry.kind == b"met")) {
            let number = entry.opened("number");
            let is_of =
                |one: &&Shown<'_>| one.canary == entry.line("canary") || !number.is_empty() && one.number == number;
            let known = shown.iter().find(is_of).and_then(|one| received_copy(entries, entry, one));
            copies.push(known.ok_or_else(|| fault(PackageStep::Copies, entry.name))?);
        }
        for file in self.named("copies/", ".open") {
            let bad = || fault(PackageStep::Copies, file);
            let text = self.spelt(file, &CAME, PackageStep::Copies)?;
            copies.push(self.came_copy((file, text), entries, &shown).ok_or_else(bad)?);
        }
        for one in shown {
            copies.extend(copy(entries, &one, one.planting));
            if !copies.iter().any(|copy| copy.canary.as_bytes() == one.canary) {
                return Err(fault(PackageStep::Copies, one.file));
            }
        }
        copies.sort();
        copies.dedup();
        Ok(copies)
    }

    /// Gives the copy in which a canary of another planting stands, by its place among those of the copy.
    fn came_copy(
        &self,
        (file, text): (&str, &[u8]),
        entries: &[Proven<'_>],
        shown: &[Shown<'_>],
    ) -> Option<ProvenCopy> {
        let (planting, number) = (value(text, "planting"), value(text, "number"));
        let one = shown.iter().find(|one| one.number == number)?;
        let sealed = of_planting(entries, "sealed", planting)?;
        let name = file.strip_suffix(".open")?;
        let is_named = name.as_bytes() == [b"copies/", one.canary, b".", planting].concat();
        let is_good = is_named
            && !sealed.opened("holder").is_empty()
            && self.is_under(text, &format!("{name}.proof"), sealed.line("canaries-root"));
        copy(entries, one, planting).filter(|_| is_good)
    }
}

/// Tells whether an entry of one canary, or of a reservation, is what its planting went by: of an older ledger, and entered before the
/// planting was sealed. A later one could say anything.
fn is_first_word(entries: &[Proven<'_>], entry: &Proven<'_>) -> bool {
    let sealed = of_planting(entries, "sealed", entry.line("planting"));
    sealed.is_some_and(|sealed| sealed.line("canaries-root").is_empty() && entry.index < sealed.index)
}

/// Lists the canaries that are shown.
pub(super) fn shown<'f>(entries: &[Proven<'f>], canaries: &[ShownByPlace<'f>]) -> Vec<Shown<'f>> {
    let by_place = canaries.iter().map(|shown| Shown {
        file: shown.file,
        canary: shown.canary,
        planting: shown.planting,
        number: shown.number,
    });
    let by_entry = entries.iter().filter(|entry| entry.kind == b"mint").map(|entry| Shown {
        file: entry.name,
        canary: entry.line("canary"),
        planting: entry.line("planting"),
        number: entry.opened("number"),
    });
    by_place.chain(by_entry).collect()
}

/// Gives for whom a planting's copy is opened to be; empty if it is not.
pub(super) fn holder_of<'f>(entries: &[Proven<'f>], sealed: &Proven<'f>) -> &'f [u8] {
    let reserved = of_planting(entries, "reserved", sealed.line("planting"));
    let of_reserved = || reserved.filter(|entry| is_first_word(entries, entry)).map(|entry| entry.opened("holder"));
    Some(sealed.opened("holder")).filter(|holder| !holder.is_empty()).or_else(of_reserved).unwrap_or_default()
}

/// Gives the copy of a planting that was handed over, for the holder that its entries are opened to be for.
fn copy(entries: &[Proven<'_>], one: &Shown<'_>, planting: &[u8]) -> Option<ProvenCopy> {
    let sealed = of_planting(entries, "sealed", planting)?;
    let holder = holder_of(entries, sealed);
    let is_given = !holder.is_empty() && of_planting(entries, "planted", planting).is_some();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    is_given.then(|| ProvenCopy {
        canary: text(one.canary),
        planting: text(planting),
        holder: text(holder),
        number: text(one.number),
        file_sha256: text(sealed.line("sha256")),
    })
}

/// Gives the copy in which a canary was received: the same file, for the same holder.
fn received_copy(entries: &[Proven<'_>], received: &Proven<'_>, one: &Shown<'_>) -> Option<ProvenCopy> {
    let planting = received.line("planting");
    let sealed = of_planting(entries, "sealed", planting)?;
    let planted = of_planting(entries, "planted", planting)?;
    let is_same =
        sealed.line("sha256") == received.line("sha256") && (sealed.index..planted.index).contains(&received.index);
    copy(entries, one, planting).filter(|_| is_same && holder_of(entries, sealed) == received.opened("holder"))
}
