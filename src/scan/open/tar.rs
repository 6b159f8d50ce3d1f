//! Tar archives, read as they come; links and devices in them lead nowhere.

use std::io::Read;

use ::tar::{Archive, EntryType};

use super::desk::{Desk, within};
use super::error::Unreadable;

/// Goes through the files of an archive.
pub(super) fn read(desk: &mut Desk<'_>, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
    let of = |error| Unreadable::of(error, "tar");
    let mut archive = Archive::new(input);
    archive.set_ignore_zeros(true);
    for entry in archive.entries().map_err(of)? {
        let mut entry = entry.map_err(of)?;
        // A sparse file's holes are claims.
        if matches!(entry.header().entry_type(), EntryType::Regular | EntryType::Continuous) {
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            desk.part(&mut entry, &within(place, &name));
        } else if entry.header().entry_type() == EntryType::GNUSparse {
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            desk.note(Err(Unreadable::NotUnpacked { what: "a sparse file" }), &within(place, &name));
        }
        desk.count(0)?;
    }
    Ok(())
}
