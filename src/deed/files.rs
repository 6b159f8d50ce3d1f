//! Files outside the ledger: hashing them, and the few things `std` does not do safely.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Seek};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::DeedError;

/// Size of the pieces in which files are read.
pub(super) const CHUNK_BYTES: usize = 1 << 20;

/// Why a file was not opened.
#[derive(Debug)]
pub(super) enum NotOpened {
    /// It is a folder or a device.
    NotAFile,
    Failed(std::io::Error),
}

/// Tells whether a path stands for standard input, or for standard output.
pub(super) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file to read; `-` is standard input, which can be read once; a folder or a device is refused.
pub(super) fn open_input(path: &Path) -> Result<File, DeedError> {
    if is_standard(path) {
        let input = std::io::stdin().as_fd().try_clone_to_owned();
        return input.map(File::from).map_err(|source| DeedError::Read { path: path.to_path_buf(), source });
    }
    open_plain(path).map_err(|why| match why {
        NotOpened::NotAFile => DeedError::NotAFile { path: path.to_path_buf() },
        NotOpened::Failed(source) => DeedError::Read { path: path.to_path_buf(), source },
    })
}

/// Opens a file that is read several times. Standard input is taken into memory first, unless it is a plain file: what comes through
/// a pipe is never put on a disk.
pub(super) fn open_seekable(path: &Path) -> Result<File, DeedError> {
    let failed = |source| DeedError::Read { path: path.to_path_buf(), source };
    let mut input = open_input(path)?;
    if input.metadata().map_err(failed)?.is_file() {
        return Ok(input);
    }
    let memory = rustix::fs::memfd_create("canaries", rustix::fs::MemfdFlags::CLOEXEC);
    let mut memory = memory.map(File::from).map_err(|error| failed(error.into()))?;
    std::io::copy(&mut input, &mut memory).map_err(failed)?;
    memory.rewind().map_err(failed)?;
    Ok(memory)
}

/// Opens a file to read, as [`open_input`] does; whoever asks names it.
pub(super) fn open_plain(path: &Path) -> Result<File, NotOpened> {
    // A pipe without a writer would wait for ever when opened; O_NONBLOCK makes it fail in is_file below instead.
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(nonblock).open(path).map_err(NotOpened::Failed)?;
    match file.metadata().map_err(NotOpened::Failed)?.is_file() {
        true => Ok(file),
        false => Err(NotOpened::NotAFile),
    }
}

/// Hashes a whole file; gives the SHA-256 in hex.
pub(super) fn file_sha256(path: &Path) -> Result<String, DeedError> {
    sha256_of(&mut open_input(path)?, path)
}

/// Hashes what is left to read of `file`; gives the SHA-256 in hex. Errors name `path`.
pub(super) fn sha256_of(file: &mut File, path: &Path) -> Result<String, DeedError> {
    let failed = |source| DeedError::Read { path: path.to_path_buf(), source };
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk).map_err(failed)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            n => hasher.update(&chunk[..n]),
        }
    }
}

/// Looks what has this name, a link itself and not what it leads to; a look that fails is an error, never "nothing".
pub(super) fn look(path: &Path) -> Result<Option<Metadata>, DeedError> {
    match path.symlink_metadata() {
        Ok(known) => Ok(Some(known)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(DeedError::Read { path: path.to_path_buf(), source }),
    }
}

/// Gives the folder a file lies in, `.` for a bare name.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        Some(_) | None => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        assert!(look(&file).unwrap().is_none());
        std::fs::write(&file, "x").unwrap();
        assert!(look(&file).unwrap().is_some());
        assert!(look(&file.join("b")).unwrap().is_none());
        let too_long = folder.path().join("x".repeat(300));
        assert!(matches!(look(&too_long), Err(DeedError::Read { .. })));
    }
}
