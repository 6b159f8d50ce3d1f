//! Old office files: workbooks (`.xls`) by their records; anything else (`.doc`, `.ppt`) stream by stream, as it stands.

use std::io::{Read, Seek};

use cfb::{CompoundFile, OpenOptions};

use super::desk::{Desk, within};
use super::error::{Unreadable, damaged};
use super::limits::PARTS_MAX;
use super::{Source, old_book};

/// Goes through what the container holds.
pub(super) fn read(desk: &mut Desk<'_>, source: &mut dyn Source, place: &str) -> Result<(), Unreadable> {
    let mut container = OpenOptions::new().open_with(source).map_err(damaged("OLE container"))?;
    if container.exists("/EncryptedPackage") {
        return Err(Unreadable::Encrypted);
    }
    for name in ["/Workbook", "/Book"] {
        if container.is_stream(name) {
            let book = container.open_stream(name).map_err(damaged("workbook"))?;
            return old_book::read(desk, book, place);
        }
    }
    every_stream(desk, &mut container, place)
}

fn every_stream<F: Read + Seek>(
    desk: &mut Desk<'_>,
    container: &mut CompoundFile<F>,
    place: &str,
) -> Result<(), Unreadable> {
    let streams = container.walk().filter(|entry| entry.is_stream()).map(|entry| entry.path().to_path_buf());
    let streams: Vec<_> = streams.take(PARTS_MAX as usize).collect();
    for path in streams {
        let name = path.to_string_lossy().trim_start_matches('/').to_string();
        let mut stream = container.open_stream(&path).map_err(damaged("OLE container"))?;
        desk.text(&mut stream, &within(place, &name))?;
    }
    Ok(())
}
