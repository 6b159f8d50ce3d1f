//! New files and folders for people: written beside under a hidden name, made durable, and only then given their name.

use std::fs;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rand::RngExt;

use super::files::look;
use super::folder::{Folder, create_private, remove};
use super::{DeedError, ProofError, Session};
use crate::report::package::Files;

/// Refuses a name that is taken, and standard output.
pub(super) fn check_new(path: &Path) -> Result<PathBuf, DeedError> {
    if path == Path::new("-") {
        return Err(ProofError::ReportToStandardOutput.into());
    }
    let made = std::path::absolute(path);
    let target = made.map_err(|source| DeedError::Write { path: path.to_path_buf(), source })?;
    // A trailing slash says that a folder is meant, and is no part of its name.
    let target: PathBuf = target.components().collect();
    if target.file_name().is_none() {
        return Err(DeedError::BadOutput { path: path.to_path_buf() });
    }
    match look(&target)? {
        Some(_) => Err(DeedError::OutputExists { path: path.to_path_buf() }),
        None => Ok(target),
    }
}

/// Refuses a name that is taken, and a folder that takes no files, before anything is made or entered.
pub(super) fn check_place(path: &Path) -> Result<(), DeedError> {
    let target = check_new(path)?;
    Folder::lock(&target)?.nameless_file().map(drop)
}

/// Writes a new file.
pub(super) fn write_file(session: &mut Session, path: &Path, bytes: &[u8]) -> Result<(), DeedError> {
    let target = check_new(path)?;
    let folder = Folder::lock(&target)?;
    let temp = target.with_file_name(format!(".{:016x}.tmp", session.rng.random::<u64>()));
    let written = put(&temp, bytes).and_then(|()| folder.publish(&temp, &target));
    if written.is_err() {
        remove(&temp)?;
    }
    written?;
    folder.sync()
}

/// Writes a new folder with files in it; names may have one folder in them.
pub(super) fn write_folder(session: &mut Session, path: &Path, files: &Files) -> Result<(), DeedError> {
    let target = check_new(path)?;
    let folder = Folder::lock(&target)?;
    let temp = target.with_file_name(format!(".{:016x}.tmp", session.rng.random::<u64>()));
    let written = fill(&temp, files).and_then(|()| folder.publish(&temp, &target));
    if let Err(error) = written {
        return match fs::remove_dir_all(&temp) {
            // What cannot be taken back is hidden and has no meaning.
            Ok(()) | Err(_) => Err(error),
        };
    }
    folder.sync()
}

fn fill(folder: &Path, files: &Files) -> Result<(), DeedError> {
    let failed = |source| DeedError::Write { path: folder.to_path_buf(), source };
    let mut builder = fs::DirBuilder::new();
    builder.mode(0o700).create(folder).map_err(failed)?;
    for (name, bytes) in files {
        let path = folder.join(name);
        if let Some(inner) = path.parent().filter(|inner| !inner.is_dir()) {
            builder.create(inner).map_err(failed)?;
        }
        put(&path, bytes)?;
    }
    for folder in files.keys().filter_map(|name| Some(folder.join(name.split_once('/')?.0))) {
        fs::File::open(&folder).and_then(|held| held.sync_all()).map_err(failed)?;
    }
    fs::File::open(folder).and_then(|held| held.sync_all()).map_err(failed)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), DeedError> {
    let failed = |source| DeedError::Write { path: path.to_path_buf(), source };
    let mut file = create_private(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}
