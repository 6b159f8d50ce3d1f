//! A file that nobody sees before it is whole, and that a killed program does not leave behind.
//!
//! Where the file system can do that it has no name at all until then. Elsewhere it has a hidden one with our mark and is
//! locked while it is written; what a killed program left is removed by the next one that writes to the folder.

use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rand::RngExt;
use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, RawDir, flock, linkat, openat};
use rustix::io::Errno;

use super::folder::{Folder, create_private, remove};
use super::{DeedError, Session};

/// What the names of such files begin and end with; 16 hex digits stand between.
const MARK: (&str, &str) = (".canaries-unseen-", ".tmp");

/// Where the kernel shows a process's open files; a nameless file gets its name through it.
const OPEN_FILES: &str = "/proc/self/fd";

/// Room for names of a folder that are read at once.
const ENTRIES_BYTES: usize = 16 * 1024;

/// A file on its way.
pub(super) struct Unseen {
    pub(super) file: File,
    target: PathBuf,
    /// Nothing for a file without a name.
    temp: Option<PathBuf>,
}

impl Unseen {
    /// Makes a new file for its owner only, in the folder of `target`, which is locked.
    pub(super) fn new(session: &mut Session, folder: &Folder, target: &Path) -> Result<Unseen, DeedError> {
        let target = target.to_path_buf();
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        if Path::new(OPEN_FILES).exists() {
            match openat(folder, ".", flags, Mode::RUSR | Mode::WUSR) {
                Ok(file) => return Ok(Unseen { file: file.into(), target, temp: None }),
                Err(Errno::NOTSUP | Errno::ISDIR | Errno::INVAL) => {}
                Err(error) => return Err(DeedError::Write { path: target, source: error.into() }),
            }
        }
        let temp = target.with_file_name(format!("{}{:016x}{}", MARK.0, session.rng.random::<u64>(), MARK.1));
        let file = create_private(&temp)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Unseen { file, target, temp: Some(temp) }),
            Err(error) => {
                remove(&temp)?;
                Err(DeedError::Write { path: temp, source: error.into() })
            }
        }
    }

    /// Gives the file its name, which must not be taken.
    pub(super) fn show(&self, folder: &Folder) -> Result<(), DeedError> {
        match &self.temp {
            Some(temp) => folder.publish(temp, &self.target),
            None => {
                let open = format!("{OPEN_FILES}/{}", self.file.as_raw_fd());
                linkat(CWD, open, CWD, &self.target, AtFlags::SYMLINK_FOLLOW).map_err(|error| match error {
                    Errno::EXIST => DeedError::OutputExists { path: self.target.clone() },
                    other => DeedError::Write { path: self.target.clone(), source: other.into() },
                })
            }
        }
    }

    /// Takes back what failed.
    pub(super) fn discard(&self) -> Result<(), DeedError> {
        self.temp.as_deref().map_or(Ok(()), remove)
    }
}

/// Removes what killed programs left in a locked folder: files with our mark that no living one has locked.
///
/// `path` is the folder's. `std` would panic if the folder cannot be closed.
pub(super) fn clear_left(folder: impl AsFd, path: &Path) -> Result<(), DeedError> {
    let mut room = [MaybeUninit::uninit(); ENTRIES_BYTES];
    let mut entries = RawDir::new(folder, &mut room);
    let mut left = Vec::new();
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|error| DeedError::Folder { path: path.to_path_buf(), source: error.into() })?;
        left.extend(entry.file_name().to_str().ok().filter(|name| is_marked(name)).map(|name| path.join(name)));
    }
    left.iter().filter(|path| is_left(path)).try_for_each(|path| remove(path))
}

fn is_marked(name: &str) -> bool {
    let digits = name.strip_prefix(MARK.0).and_then(|rest| rest.strip_suffix(MARK.1)).unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Tells whether a file is one of ours, written by a user who is us, and nobody is at it.
fn is_left(path: &Path) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = openat(CWD, path, flags, Mode::empty()).map(File::from) else { return false };
    let is_ours = file
        .metadata()
        .is_ok_and(|known| known.is_file() && known.nlink() == 1 && known.uid() == rustix::process::geteuid().as_raw());
    is_ours && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: &str = ".canaries-unseen-0123456789abcdef.tmp";

    #[test]
    fn what_is_left_goes_and_what_is_in_use_or_foreign_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let others = [".0123456789abcdef.tmp", ".canaries-unseen-0123456789ABCDEF.tmp", ".canaries-unseen-1.tmp", "a"];
        for name in [LEFT].iter().chain(&others) {
            std::fs::write(at(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(at("a"), at(".canaries-unseen-0000000000000000.tmp")).unwrap();
        std::fs::create_dir(at(".canaries-unseen-0000000000000001.tmp")).unwrap();
        let in_use = File::open(at(LEFT)).unwrap();
        flock(&in_use, FlockOperation::LockExclusive).unwrap();
        let clear = || clear_left(File::open(folder.path()).unwrap(), folder.path()).unwrap();
        clear();
        assert!(at(LEFT).exists(), "somebody is at it");
        drop(in_use);
        clear();
        assert!(!at(LEFT).exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), others.len() + 2);
    }

    #[test]
    fn nothing_shows_before_it_is_whole_and_nothing_is_replaced() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.csv");
        let mut session = Session::real(folder.path().join("canaries.db"));
        let locked = Folder::lock(&target).unwrap();
        let mut unseen = Unseen::new(&mut session, &locked, &target).unwrap();
        unseen.file.write_all(b"whole").unwrap();
        assert!(!target.exists());
        unseen.show(&locked).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
        let second = Unseen::new(&mut session, &locked, &target).unwrap();
        assert!(matches!(second.show(&locked), Err(DeedError::OutputExists { .. })));
        second.discard().unwrap();
        drop(second);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }
}
