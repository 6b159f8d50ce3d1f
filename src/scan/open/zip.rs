//! Zip packages: archives of files, and the office formats that are zip packages, told apart by their parts.

use std::io::{Read, SeekFrom};

use ::zip::read::{ZipFile, read_zipfile_from_stream};
use ::zip::result::ZipError;
use ::zip::{CompressionMethod, ZipArchive};

use super::desk::{Desk, within};
use super::error::{IWORK, Unreadable};
use super::limits::{Metered, PARTS_MAX, small};
use super::raw::{self, Mark, Raw, Searched};
use super::{Source, binary_book, book, open_document, prose};
use crate::scan::MatchedBy;

/// How the parts of Numbers, Pages and Keynote are called, which are packed once more.
const IWORK_PART: &str = ".iwa";

/// Ways of packing that are unpacked.
const UNPACKED: [CompressionMethod; 4] =
    [CompressionMethod::Stored, CompressionMethod::Deflated, CompressionMethod::Deflate64, CompressionMethod::Bzip2];
const OTHER_ZIP: &str = "packed in a way other than deflate";

/// An open package.
pub(super) struct Package<'s> {
    archive: ZipArchive<&'s mut dyn Source>,
    names: Vec<String>,
}

/// One part on its way out.
pub(super) type Part<'p, 's> = Metered<ZipFile<'p, &'s mut dyn Source>>;

/// Goes through a package, whatever it is.
pub(super) fn read(desk: &mut Desk<'_>, source: &mut dyn Source, place: &str) -> Result<(), Unreadable> {
    match Package::open(&mut *source) {
        Ok(package) => return whole(desk, package, place),
        Err(Unreadable::Damaged { .. }) => {}
        Err(why) => return Err(why),
    }
    salvage(desk, source, place)
}

fn whole(desk: &mut Desk<'_>, mut package: Package<'_>, place: &str) -> Result<(), Unreadable> {
    let mark = Mark::of(desk);
    let has = |name: &str| package.names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let under = |folder: &str| package.names.iter().any(|known| known.starts_with(folder));
    let done = if has("xl/workbook.bin") {
        binary_book::read(desk, &mut package, place)
    } else if under("xl/worksheets/") || has("xl/workbook.xml") {
        book::read(desk, &mut package, place)
    } else if under("word/") || under("ppt/") {
        prose::read(desk, &mut package, place)
    } else if has("mimetype") && has("content.xml") {
        open_document::read(desk, &mut package, place)
    } else {
        return every_part(desk, &mut package, place);
    };
    if !raw::goes_on(&done) {
        return done;
    }
    let inserted = insertions(desk, &mut package, place).and_then(|()| properties(desk, &mut package, place));
    if done.is_err() || !mark.is_all_read(desk) {
        as_they_stand(desk, &mut package, place, mark)?;
    }
    done.and(inserted)
}

/// Searches the parts of an office file that could not be read as what they are, each unpacked, as they stand.
fn as_they_stand(desk: &mut Desk<'_>, package: &mut Package<'_>, place: &str, mark: Mark) -> Result<(), Unreadable> {
    // Whatever is missing was told of.
    for at in 0..package.names.len() {
        let inside = within(place, &package.names[at]);
        if let Ok(mut part) = package.part(at) {
            let mut text = Raw::new(&mut part, desk, Searched::All);
            let drained = text.drain(desk);
            raw::keep_unread(desk, text.into_text().0, &inside, mark);
            if let Err(why @ (Unreadable::Bomb | Unreadable::Stopped)) = drained {
                return Err(why);
            }
        }
    }
    Ok(())
}

/// Goes through the files of an archive whose directory is missing, one behind the other, as far as they go.
fn salvage(desk: &mut Desk<'_>, mut source: &mut dyn Source, place: &str) -> Result<(), Unreadable> {
    source.seek(SeekFrom::Start(0)).map_err(Unreadable::Io)?;
    while let Ok(Some(file)) = read_zipfile_from_stream(&mut source) {
        let (packed, inside) = (file.compressed_size(), within(place, &named(file.name_raw())));
        desk.part(&mut Metered::new(file, packed), &inside);
        desk.count(0)?;
    }
    Err(Unreadable::Damaged { what: "zip" })
}

/// Goes through the files of an archive.
fn every_part(desk: &mut Desk<'_>, package: &mut Package<'_>, place: &str) -> Result<(), Unreadable> {
    if package.names.iter().any(|name| name.ends_with(IWORK_PART)) {
        desk.note(Err(Unreadable::NotUnpacked { what: IWORK }), place);
    }
    for at in 0..package.names.len() {
        let name = package.names[at].clone();
        if name.ends_with('/') || name.ends_with(IWORK_PART) {
            continue;
        }
        let inside = within(place, &name);
        match package.part(at) {
            Ok(mut part) => desk.part(&mut part, &inside),
            Err(why) => desk.note(Err(why), &inside),
        }
        desk.count(0)?;
    }
    Ok(())
}

/// Goes through what was put into an office file: other files, and pictures where those are read.
fn insertions(desk: &mut Desk<'_>, package: &mut Package<'_>, place: &str) -> Result<(), Unreadable> {
    for at in 0..package.names.len() {
        let name = package.names[at].clone();
        let wanted = name.contains("/embeddings/")
            || desk.outside.reads_pictures() && (name.contains("/media/") || name.starts_with("Pictures/"));
        if wanted {
            let inside = within(place, &name);
            match package.part(at) {
                Ok(mut part) => desk.part(&mut part, &inside),
                Err(why) => desk.note(Err(why), &inside),
            }
        }
    }
    Ok(())
}

/// Goes through what an office file says of itself, its title for one; the names of those who wrote it are nobody's of a list.
fn properties(desk: &mut Desk<'_>, package: &mut Package<'_>, place: &str) -> Result<(), Unreadable> {
    for at in 0..package.names.len() {
        let name = package.names[at].clone();
        if (name.starts_with("docProps/") && name.ends_with(".xml")) || name == "meta.xml" {
            let (inside, before) = (within(place, &name), desk.found.len());
            match package.part(at) {
                Ok(mut part) => desk.part(&mut part, &inside),
                Err(why) => desk.note(Err(why), &inside),
            }
            let mut at = 0;
            desk.found.retain(|found| {
                at += 1;
                at <= before || found.sighting.by == MatchedBy::Number
            });
        }
    }
    Ok(())
}

impl<'s> Package<'s> {
    fn open(source: &'s mut dyn Source) -> Result<Package<'s>, Unreadable> {
        let archive = ZipArchive::new(source).map_err(of)?;
        if archive.len() as u64 > PARTS_MAX {
            return Err(Unreadable::TooManyParts);
        }
        let mut package = Package { archive, names: Vec::new() };
        for at in 0..package.archive.len() {
            let file = package.archive.by_index_raw(at).map_err(of)?;
            package.names.push(named(file.name_raw()));
        }
        Ok(package)
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Opens one part.
    pub(super) fn part(&mut self, at: usize) -> Result<Part<'_, 's>, Unreadable> {
        let raw = self.archive.by_index_raw(at).map_err(of)?;
        if raw.encrypted() {
            return Err(Unreadable::Encrypted);
        }
        // What is in a way that is not known would fail as damage only when it is read.
        if !UNPACKED.contains(&raw.compression()) {
            return Err(Unreadable::NotUnpacked { what: OTHER_ZIP });
        }
        drop(raw);
        let file = self.archive.by_index(at).map_err(of)?;
        let packed = file.compressed_size();
        Ok(Metered::new(file, packed))
    }

    /// Finds a part whatever its capitals.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches('/');
        self.names.iter().position(|known| known.eq_ignore_ascii_case(name))
    }

    /// Reads a small part whole, if it is there.
    pub(super) fn small(&mut self, name: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        let Some(at) = self.find(name) else { return Ok(None) };
        let mut part = self.part(at)?;
        small(&mut part as &mut dyn Read, "package").map(Some)
    }
}

/// Gives the name of a part; Chinese tools write names in GBK without saying so.
fn named(raw: &[u8]) -> String {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.into(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0,
    };
    name.replace('\\', "/").trim_start_matches('/').to_string()
}

fn of(error: ZipError) -> Unreadable {
    match error {
        ZipError::Io(error) => Unreadable::of(error, "zip"),
        ZipError::UnsupportedArchive(why) if why.contains("assword") => Unreadable::Encrypted,
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            Unreadable::NotUnpacked { what: OTHER_ZIP }
        }
        _ => Unreadable::Damaged { what: "zip" },
    }
}
