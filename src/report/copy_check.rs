//! The step of the check of an evidence package that tells in whose copy each canary stands.
//!
//! A copy has a canary that its own planting entered, or one that another entered and that it received. A planting which only
//! entered it, and is not shown to have been handed over, speaks for nobody.

use super::proof_check::{PackageFault, PackageStep, Proven, fault, of_planting};
use crate::ledger::CanaryOpening;

/// A canary in a copy that was handed over: both are entered in the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProvenCopy {
    pub canary: String,
    pub planting: String,
    pub holder: String,
}

/// A canary that is shown, be it by its place in a planting or by its own entry.
struct Shown {
    file: String,
    canary: String,
    planting: String,
    number: String,
}

/// Lists the copies in order; a received canary that is of none of them, or a canary without any, is a fault.
pub(super) fn copies(
    entries: &[Proven<'_>],
    canaries: &[(&str, CanaryOpening)],
) -> Result<Vec<ProvenCopy>, PackageFault> {
    let shown = shown(entries, canaries);
    let mut copies = Vec::new();
    let received = entries.iter().filter(|entry| entry.kind == "received");
    for entry in received.chain(entries.iter().filter(|entry| entry.kind == "met")) {
        let number = entry.opened("number");
        let is_of = |one: &&Shown| one.canary == entry.line("canary") || !number.is_empty() && one.number == number;
        let known = shown.iter().find(is_of).and_then(|one| received_copy(entries, entry, &one.canary));
        copies.push(known.ok_or_else(|| fault(PackageStep::Copies, entry.name))?);
    }
    for one in shown {
        copies.extend(copy(entries, &one.canary, &one.planting));
        if !copies.iter().any(|copy| copy.canary == one.canary) {
            return Err(fault(PackageStep::Copies, one.file));
        }
    }
    copies.sort();
    copies.dedup();
    Ok(copies)
}

fn shown(entries: &[Proven<'_>], canaries: &[(&str, CanaryOpening)]) -> Vec<Shown> {
    let by_place = canaries.iter().map(|(file, opening)| Shown {
        file: file.to_string(),
        canary: opening.canary.to_string(),
        planting: opening.planting.to_string(),
        number: opening.number.clone(),
    });
    let by_entry = entries.iter().filter(|entry| entry.kind == "mint").map(|entry| Shown {
        file: entry.name.to_string(),
        canary: entry.line("canary").to_string(),
        planting: entry.line("planting").to_string(),
        number: entry.opened("number").to_string(),
    });
    by_place.chain(by_entry).collect()
}

/// Gives the copy of a planting that was handed over, for the holder that its entries are opened to be for.
fn copy(entries: &[Proven<'_>], canary: &str, planting: &str) -> Option<ProvenCopy> {
    let sealed = of_planting(entries, "sealed", planting)?;
    let of_reserved = || of_planting(entries, "reserved", planting).map(|entry| entry.opened("holder"));
    let holder = Some(sealed.opened("holder")).filter(|holder| !holder.is_empty()).or_else(of_reserved)?;
    let is_given = !holder.is_empty() && of_planting(entries, "planted", planting).is_some();
    let proven = ProvenCopy { canary: canary.to_string(), planting: planting.to_string(), holder: holder.to_string() };
    is_given.then_some(proven)
}

/// Gives the copy in which a canary was received: the same file, for the same holder.
fn received_copy(entries: &[Proven<'_>], received: &Proven<'_>, canary: &str) -> Option<ProvenCopy> {
    let planting = received.line("planting");
    let sealed = of_planting(entries, "sealed", planting)?;
    let is_same = sealed.line("sha256") == received.line("sha256") && sealed.index < received.index;
    copy(entries, canary, planting).filter(|copy| is_same && copy.holder == received.opened("holder"))
}
