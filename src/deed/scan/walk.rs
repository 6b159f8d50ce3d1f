//! Which files there are to scan, folders gone through to their ends.
//!
//! Links are followed once everything else has been seen, so that no file is scanned twice because of one, and no circle
//! is gone round. Pipes, sockets and devices are never opened.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::super::DeedError;
use super::UnreadFile;
use crate::scan::open::Unreadable;

/// What was found to scan.
pub(super) struct Walked {
    pub files: Vec<Input>,
    pub unread: Vec<UnreadFile>,
}

/// One file to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Standard,
    File { path: PathBuf, bytes: u64 },
}

type Inode = (u64, u64);

struct Walk {
    found: Walked,
    seen: HashSet<Inode>,
    links: Vec<PathBuf>,
    /// The ledger and the files beside it, which hold every canary.
    own: Vec<Inode>,
}

/// Finds all files; a path that somebody named and that is not there is an error.
pub(super) fn walk(paths: &[PathBuf], ledger: &Path) -> Result<Walked, DeedError> {
    let beside = ["", "-wal", "-shm"].iter().map(|end| {
        let mut name = ledger.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    });
    let own = beside.filter_map(|path| fs::metadata(path).ok().map(|known| inode(&known))).collect();
    let found = Walked { files: Vec::new(), unread: Vec::new() };
    let mut walk = Walk { found, seen: HashSet::new(), links: Vec::new(), own };
    for path in paths {
        if path.as_os_str() == "-" {
            walk.found.files.push(Input::Standard);
            continue;
        }
        let known = fs::metadata(path).map_err(|source| DeedError::Read { path: path.clone(), source })?;
        walk.enter(path.clone(), &known);
    }
    while let Some(link) = walk.links.pop() {
        match fs::metadata(&link) {
            Ok(known) if walk.seen.contains(&inode(&known)) && !known.is_dir() => {}
            Ok(known) if known.is_dir() && walk.seen.contains(&inode(&known)) => walk.unread(link, Unreadable::Link),
            Ok(known) => walk.enter(link, &known),
            Err(_) => walk.unread(link, Unreadable::Link),
        }
    }
    Ok(walk.found)
}

impl Walk {
    fn unread(&mut self, path: PathBuf, why: Unreadable) {
        self.found.unread.push(UnreadFile { path: path.to_string_lossy().into_owned(), place: None, why });
    }

    fn enter(&mut self, path: PathBuf, known: &Metadata) {
        let mut folders = vec![];
        self.one(path, known, &mut folders);
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>()) {
                Ok(entries) => entries,
                Err(error) => {
                    self.unread(folder, Unreadable::Io(error));
                    continue;
                }
            };
            let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
            paths.sort();
            let mut inner = Vec::new();
            for path in paths {
                match fs::symlink_metadata(&path) {
                    Ok(known) if known.is_symlink() => self.links.push(path),
                    Ok(known) => self.one(path, &known, &mut inner),
                    Err(error) => self.unread(path, Unreadable::Io(error)),
                }
            }
            folders.extend(inner.into_iter().rev());
        }
    }

    fn one(&mut self, path: PathBuf, known: &Metadata, folders: &mut Vec<PathBuf>) {
        let kind = known.file_type();
        if kind.is_dir() {
            if self.seen.insert(inode(known)) {
                folders.push(path);
            }
            return;
        }
        let what = match kind {
            _ if kind.is_fifo() => Some("a pipe"),
            _ if kind.is_socket() => Some("a socket"),
            _ if kind.is_file() => None,
            _ => Some("a device"),
        };
        if let Some(what) = what {
            return self.unread(path, Unreadable::NotAFile { what });
        }
        if self.own.contains(&inode(known)) {
            return self.unread(path, Unreadable::NotAFile { what: "this ledger itself" });
        }
        // A file with several names is scanned under each of them, one that was named twice is not.
        if !self.seen.insert(inode(known)) && known.nlink() == 1 {
            return;
        }
        self.found.files.push(Input::File { path, bytes: known.len() });
    }
}

fn inode(known: &Metadata) -> Inode {
    (known.dev(), known.ino())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn circles_and_pipes_are_told_of_and_each_file_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("in")).unwrap();
        fs::write(at("in/a.csv"), "1").unwrap();
        fs::write(at("canaries.db"), "x").unwrap();
        symlink("..", at("in/up")).unwrap();
        symlink("a.csv", at("in/again")).unwrap();
        symlink("nowhere", at("in/broken")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("in/pipe"), rustix::fs::Mode::RWXU).unwrap();
        let walked = walk(&[folder.path().to_path_buf()], &at("canaries.db")).unwrap();
        assert_eq!(walked.files, [Input::File { path: at("in/a.csv"), bytes: 1 }]);
        let mut told: Vec<String> =
            walked.unread.iter().map(|one| format!("{}: {}", one.path.rsplit('/').next().unwrap(), one.why)).collect();
        told.sort();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("broken: the links") && told[3].starts_with("up: the links"), "{told:?}");
        assert!(told[2].starts_with("pipe: it is a pipe"), "{told:?}");
        assert!(walk(&[at("none")], &at("canaries.db")).is_err());
    }
}
