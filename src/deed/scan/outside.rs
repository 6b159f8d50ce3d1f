//! What containers need from outside: room for what is unpacked, somebody else's database, and text recognition.
//!
//! `tesseract` and `bsdtar` are the only programs that are ever run; each gets a file on its standard input and nothing else.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, linkat};

use super::rar;
use super::{Pictures, ScanOrder};
use crate::deed::files::{NotOpened, open_plain};
use crate::scan::open::{Held, Outside, SeeRow, SeeTar, Shelf, Source, Spool, Unreadable, each_committed};
use crate::store::{Foreign, each_foreign_row};

/// The program that reads pictures, and the languages it reads.
const RECOGNISER: &str = "tesseract";
const LANGUAGES: &str = "chi_sim+eng";
/// How long one picture may take.
const RECOGNITION_MAX: Duration = Duration::from_secs(120);
/// How often is looked whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Bytes of text that one picture may give.
const TEXT_BYTES_MAX: u64 = 4 << 20;

/// Bytes of a database that is copied to be read with its log.
const COPY_BYTES_MAX: u64 = 4 << 30;

/// The outside as one scan sees it.
pub(super) struct World<'o> {
    pub order: &'o ScanOrder,
}

/// The outside as one file's containers see it; its path is none where it is standard input.
pub(super) struct Around<'o> {
    pub world: &'o World<'o>,
    pub path: Option<&'o Path>,
}

impl World<'_> {
    /// Makes a file that has no name.
    fn nameless(&self) -> io::Result<File> {
        let flags = rustix::fs::OFlags::TMPFILE.bits() as i32;
        OpenOptions::new().read(true).write(true).custom_flags(flags).mode(0o600).open(&self.order.spool)
    }

    pub fn is_stopped(&self) -> bool {
        self.order.stopped.load(Ordering::Relaxed)
    }
}

impl Around<'_> {
    /// Opens what is held, or a copy of it.
    fn file(&self, held: Held<'_>) -> io::Result<File> {
        match (held, self.path) {
            (Held::TheFile, Some(path)) => File::open(path),
            (Held::TheFile, None) => Err(io::ErrorKind::NotSeekable.into()),
            (Held::Part(part), _) => self.copy(part),
        }
    }

    /// Copies a part to a file that has no name.
    fn copy(&self, part: &mut dyn Source) -> io::Result<File> {
        let mut file = self.world.nameless()?;
        part.rewind()?;
        io::copy(part, &mut file)?;
        Ok(file)
    }
}

impl Around<'_> {
    /// Makes a copy of a database with all that was committed to the log beside it; nothing where there is no such log.
    fn with_log(&self, database: &Path) -> Result<Option<File>, Unreadable> {
        let mut beside = database.as_os_str().to_owned();
        beside.push("-wal");
        let mut log = match open_plain(Path::new(&beside)) {
            Ok(log) => log,
            Err(NotOpened::NotAFile) => return Ok(None),
            Err(NotOpened::Failed(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(NotOpened::Failed(error)) => return Err(Unreadable::Io(error)),
        };
        if each_committed(&mut log, &mut |_, _| Ok(()))? == 0 {
            return Ok(None);
        }
        let mut whole = open_plain(database).map_err(Unreadable::from)?;
        if whole.metadata().map_err(Unreadable::Io)?.len() > COPY_BYTES_MAX {
            return Err(Unreadable::TooLarge { what: "SQLite with its log" });
        }
        let copy = self.copy(&mut whole).map_err(Unreadable::Io)?;
        log.rewind().map_err(Unreadable::Io)?;
        let bytes = each_committed(&mut log, &mut |at, page| copy.write_all_at(page, at))?;
        copy.set_len(bytes).map_err(Unreadable::Io)?;
        Ok(Some(copy))
    }

    /// Has a file that has no name opened by one, for as long as that takes.
    fn read_named(
        &self,
        file: &File,
        read: impl FnOnce(&Path, &mut dyn FnMut()) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let mut name = Some(Name::give(file, &self.world.order.spool).map_err(Unreadable::Io)?);
        let path = name.as_ref().map(|name| name.path.clone()).unwrap_or_default();
        read(&path, &mut || name = None)
    }
}

/// A file that several readers read.
struct Lent {
    file: File,
    bytes: u64,
}

impl Shelf for Lent {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.file.read_at(buffer, at)
    }
}

impl Outside for Around<'_> {
    fn spool(&self) -> io::Result<Box<dyn Spool>> {
        Ok(Box::new(self.world.nameless()?))
    }

    fn is_stopped(&self) -> bool {
        self.world.is_stopped()
    }

    fn reads_pictures(&self) -> bool {
        self.world.order.pictures == Pictures::Recognised
    }

    fn recognise(&self, picture: &[u8]) -> Result<String, Unreadable> {
        match self.reads_pictures() {
            true => recognise(picture, &|| self.is_stopped()),
            false => Err(Unreadable::Picture),
        }
    }

    fn as_tar(&self, archive: Held<'_>, see: &mut SeeTar<'_>) -> Result<(), Unreadable> {
        let mut file = self.file(archive).map_err(Unreadable::Io)?;
        file.rewind().map_err(Unreadable::Io)?;
        rar::as_tar(file, &|| self.is_stopped(), see)
    }

    fn lend(&self, held: Held<'_>) -> io::Result<Box<dyn Shelf>> {
        let file = self.file(held)?;
        let bytes = file.metadata()?.len();
        Ok(Box::new(Lent { file, bytes }))
    }

    fn each_row(&self, database: Held<'_>, see: &mut SeeRow<'_>) -> Result<(), Unreadable> {
        let read =
            |path: &Path, opened: &mut dyn FnMut(), see: &mut SeeRow<'_>| match each_foreign_row(path, opened, see) {
                Ok(()) => Ok(()),
                Err(Foreign::Ended(why)) => Err(why),
                Err(Foreign::Damaged) => Err(Unreadable::Damaged { what: "SQLite" }),
            };
        match (database, self.path) {
            (Held::TheFile, Some(path)) => match self.with_log(path) {
                Ok(None) => read(path, &mut || {}, see),
                Ok(Some(file)) => self.read_named(&file, |path, opened| read(path, opened, see)),
                // What is in the database itself is read all the same.
                Err(why) => read(path, &mut || {}, see).and(Err(why)),
            },
            (Held::TheFile, None) => Err(Unreadable::TooLarge { what: "SQLite from standard input" }),
            (Held::Part(part), _) => {
                let file = self.copy(part).map_err(Unreadable::Io)?;
                self.read_named(&file, |path, opened| read(path, opened, see))
            }
        }
    }
}

/// The name of a file that had none, for as long as it takes to open it by that.
struct Name {
    path: PathBuf,
}

impl Name {
    fn give(file: &File, folder: &Path) -> io::Result<Name> {
        let path = folder.join(format!(".canaries-scan-{}-{}", std::process::id(), file.metadata()?.ino()));
        let open = format!("/proc/self/fd/{}", file.as_raw_fd());
        linkat(CWD, open.as_str(), CWD, &path, AtFlags::SYMLINK_FOLLOW)?;
        Ok(Name { path })
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        match std::fs::remove_file(&self.path) {
            // Nobody can be told here, and the scan is not wrong for it.
            Ok(()) | Err(_) => {}
        }
    }
}

/// Has the text of a picture read by a program of its own, which is ended where it takes too long.
fn recognise(picture: &[u8], is_stopped: &dyn Fn() -> bool) -> Result<String, Unreadable> {
    let mut command = Command::new(RECOGNISER);
    command.args(["stdin", "stdout", "-l", LANGUAGES]).env("OMP_THREAD_LIMIT", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unreadable::NoRecognition,
        _ => Unreadable::Io(error),
    })?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        // A program that wants no more of the picture closes its end; what it says of it counts.
        scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(picture)));
        let text = scope.spawn(|| said(stdout));
        let complaint = scope.spawn(|| said(stderr));
        let ended = wait(&mut child, is_stopped);
        let (text, complaint) = (text.join().unwrap_or_default(), complaint.join().unwrap_or_default());
        match ended? {
            true => Ok(text),
            false if complaint.contains("Failed loading language") => Err(Unreadable::NoRecognition),
            false => Err(Unreadable::Recognition),
        }
    })
}

pub(super) fn said(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    match pipe.map(|pipe| pipe.take(TEXT_BYTES_MAX).read_to_end(&mut bytes)) {
        // What came before a broken pipe was said all the same.
        Some(Ok(_) | Err(_)) | None => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// Waits for a program; tells whether it ended well.
fn wait(child: &mut Child, is_stopped: &dyn Fn() -> bool) -> Result<bool, Unreadable> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(Unreadable::Io)? {
            return Ok(status.success());
        }
        let late = begun.elapsed() > RECOGNITION_MAX;
        if late || is_stopped() {
            child.kill().and_then(|()| child.wait()).map_err(Unreadable::Io)?;
            let seconds = RECOGNITION_MAX.as_secs();
            return Err(if late { Unreadable::RecognitionTime { seconds } } else { Unreadable::Stopped });
        }
        std::thread::sleep(LOOK_EVERY);
    }
}
