//! A folder that seeded copies are written to: locked while one is, and synced so that names survive a power cut.

use std::fs::{File, OpenOptions};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, RenameFlags};

use super::DeedError;
use super::files::folder_of;
use super::unseen::clear_left;

/// An open folder, which others of our kind leave alone while the lock is held.
#[derive(Debug)]
pub(super) struct Folder {
    handle: File,
    path: PathBuf,
}

impl Folder {
    /// Locks the folder that `file` lies in, waiting for others that write there; removes what killed ones left there.
    pub(super) fn lock(file: &Path) -> Result<Folder, DeedError> {
        let folder = Folder::open(file)?;
        match rustix::fs::flock(&folder.handle, FlockOperation::LockExclusive) {
            Ok(()) => clear_left(&folder, &folder.path).map(|()| folder),
            Err(error) => Err(folder.failed(error)),
        }
    }

    /// Locks the folder that `file` lies in unless somebody is writing there or it is gone.
    pub(super) fn try_lock(file: &Path) -> Option<Folder> {
        let folder = Folder::open(file).ok()?;
        let locked = rustix::fs::flock(&folder.handle, FlockOperation::NonBlockingLockExclusive);
        locked.is_ok().then_some(folder)
    }

    /// Tells whether `file` lies in this folder.
    pub(super) fn holds(&self, file: &Path) -> bool {
        folder_of(file) == self.path
    }

    fn open(file: &Path) -> Result<Folder, DeedError> {
        let path = folder_of(file);
        let handle = File::open(&path).map_err(|source| DeedError::Folder { path: path.clone(), source })?;
        let known = handle.metadata().map_err(|source| DeedError::Folder { path: path.clone(), source })?;
        match known.is_dir() {
            true => Ok(Folder { handle, path }),
            false => Err(DeedError::Folder { path, source: std::io::ErrorKind::NotADirectory.into() }),
        }
    }

    fn failed(&self, error: rustix::io::Errno) -> DeedError {
        DeedError::Folder { path: self.path.clone(), source: error.into() }
    }

    /// Makes a file that has no name and is gone when it is closed: in the folder, or in memory where the folder's file
    /// system (a share, a memory stick) has no nameless files.
    pub(super) fn nameless_file(&self) -> Result<File, DeedError> {
        use rustix::fs::{MemfdFlags, Mode, memfd_create, openat};
        use rustix::io::Errno;
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let opened = match openat(&self.handle, ".", flags, Mode::RUSR | Mode::WUSR) {
            Err(Errno::NOTSUP | Errno::ISDIR | Errno::INVAL) => memfd_create("canaries", MemfdFlags::CLOEXEC),
            opened => opened,
        };
        opened.map(File::from).map_err(|error| DeedError::Write { path: self.path.clone(), source: error.into() })
    }

    /// Makes the names in the folder durable, where its file system can do that.
    pub(super) fn sync(&self) -> Result<(), DeedError> {
        use rustix::io::Errno;
        match rustix::fs::fsync(&self.handle) {
            // Some network and special file systems know no such thing for a folder; their names are theirs to keep.
            Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Gives the file `temp` the name `target`, which must not be taken.
    pub(super) fn publish(&self, temp: &Path, target: &Path) -> Result<(), DeedError> {
        use rustix::fs::CWD;
        use rustix::io::Errno;
        match rustix::fs::renameat_with(CWD, temp, CWD, target, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            Err(Errno::EXIST) => Err(DeedError::OutputExists { path: target.to_path_buf() }),
            // A file system that cannot do it in one step: a second name, then the first one goes.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => self.publish_by_link(temp, target),
            Err(error) => Err(DeedError::Write { path: target.to_path_buf(), source: error.into() }),
        }
    }

    fn publish_by_link(&self, temp: &Path, target: &Path) -> Result<(), DeedError> {
        let linked = std::fs::hard_link(temp, target).and_then(|()| std::fs::remove_file(temp));
        linked.map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => DeedError::OutputExists { path: target.to_path_buf() },
            _ => DeedError::Write { path: target.to_path_buf(), source },
        })
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }
}

/// Makes a new file for its owner only; an existing one or a link in its place is refused.
pub(super) fn create_private(path: &Path) -> Result<File, DeedError> {
    let nofollow = OFlags::NOFOLLOW.bits() as i32;
    let opened =
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).custom_flags(nofollow).open(path);
    opened.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => DeedError::OutputExists { path: path.to_path_buf() },
        _ => DeedError::Write { path: path.to_path_buf(), source },
    })
}

/// Removes a file; one that is gone already is fine.
pub(super) fn remove(path: &Path) -> Result<(), DeedError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(DeedError::Write { path: path.to_path_buf(), source })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
