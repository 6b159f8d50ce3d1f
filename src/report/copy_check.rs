//! The step of the check of an evidence package that tells in whose copy each canary stands.
//!
//! A copy has a canary that its own planting entered, or one that another entered and that it received. A planting which only
//! entered it, and is not shown to have been handed over, speaks for nobody.

use super::canary_check::ShownByPlace;
use super::entry_check::{Proven, of_planting};
use super::proof_check::{PackageFault, PackageStep, fault};

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

/// Lists the copies in order; a received canary that is of none of them, or a canary without any, is a fault.
pub(super) fn copies(entries: &[Proven<'_>], canaries: &[ShownByPlace<'_>]) -> Result<Vec<ProvenCopy>, PackageFault> {
    let shown = shown(entries, canaries);
    if let Some(one) = shown.iter().find(|one| one.number.is_empty()) {
        return Err(fault(PackageStep::Copies, one.file));
    }
    let mut copies = Vec::new();
    let received = entries.iter().filter(|entry| entry.kind == b"received");
    for entry in received.chain(entries.iter().filter(|entry| entry.kind == b"met")) {
        let number = entry.opened("number");
        let is_of = |one: &&Shown<'_>| one.canary == entry.line("canary") || !number.is_empty() && one.number == number;
        let known = shown.iter().find(is_of).and_then(|one| received_copy(entries, entry, one));
        copies.push(known.ok_or_else(|| fault(PackageStep::Copies, entry.name))?);
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
    let of_reserved = || of_planting(entries, "reserved", sealed.line("planting")).map(|entry| entry.opened("holder"));
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
    let is_same = sealed.line("sha256") == received.line("sha256") && sealed.index < received.index;
    copy(entries, one, planting).filter(|_| is_same && holder_of(entries, sealed) == received.opened("holder"))
}
