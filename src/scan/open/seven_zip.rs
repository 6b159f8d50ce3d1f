//! 7z archives (LZMA, LZMA2, PPMd, bzip2, stored); one that asks for too much memory is refused before it gets it.

use std::io;

use sevenz_rust2::{ArchiveReader, Error, Password};

use super::desk::{Desk, within};
use super::error::Unreadable;
use super::limits::PARTS_MAX;
use super::seven_zip_head::check_coders;
use super::{Source, seven_zip_head};

/// Goes through the files of an archive.
pub(super) fn read(desk: &mut Desk<'_>, source: &mut dyn Source, place: &str) -> Result<(), Unreadable> {
    seven_zip_head::check(source)?;
    let mut archive = ArchiveReader::new(source, Password::empty()).map_err(of)?;
    for block in &archive.archive().blocks {
        check_coders(block.coders.iter().map(|coder| (coder.encoder_method_id(), coder.properties())))?;
    }
    if archive.archive().files.len() as u64 > PARTS_MAX {
        return Err(Unreadable::TooManyParts);
    }
    archive.set_thread_count(1);
    let mut done = Ok(());
    let walked = archive.for_each_entries(|entry, input| {
        if entry.is_directory() || !entry.has_stream() {
            return Ok(true);
        }
        desk.part(input, &within(place, entry.name()));
        // A solid archive is one stream: what was not read of this file lies before the next.
        done = io::copy(input, &mut io::sink())
            .map_err(|error| Unreadable::of(error, "7z"))
            .and_then(|skipped| desk.count(skipped));
        Ok(done.is_ok())
    });
    walked.map_err(of)?;
    done
}

fn of(error: Error) -> Unreadable {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Unreadable::Encrypted,
        // Without a password the only filter that nobody can undo.
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => Unreadable::Encrypted,
        Error::UnsupportedCompressionMethod(_) | Error::Unsupported(_) => {
            Unreadable::NotUnpacked { what: "packed in a way other than LZMA" }
        }
        Error::Io(error, _) => Unreadable::of(error, "7z"),
        Error::MaxMemLimited { .. } => Unreadable::TooLarge { what: "7z" },
        _ => Unreadable::Damaged { what: "7z" },
    }
}
