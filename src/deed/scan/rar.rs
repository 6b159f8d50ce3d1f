//! RAR archives, which libarchive's `bsdtar` makes tar archives of: from its standard input to its standard output.
//!
//! Nothing is written to disk under a name that stands in an archive. What the program gives is as little trusted as any file.

use std::fs::File;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::outside::said;
use crate::scan::open::{SeeTar, Unreadable};

/// The program that unpacks.
const UNPACKER: &str = "bsdtar";
/// How long it may give nothing.
const SILENCE_MAX: Duration = Duration::from_secs(120);
/// How often is looked whether it gives something.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What was heard of the program so far.
#[derive(Default)]
struct Heard {
    reads: AtomicU64,
    has_ended: AtomicBool,
}

/// What the program gives.
struct Given<'h, R> {
    pipe: R,
    heard: &'h Heard,
}

impl<R: Read> Read for Given<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pipe.read(buffer)?;
        self.heard.reads.fetch_add(1, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R> Drop for Given<'_, R> {
    fn drop(&mut self) {
        self.heard.has_ended.store(true, Ordering::Relaxed);
    }
}

/// Has an archive unpacked, and what comes out seen.
pub(super) fn as_tar(
    archive: File,
    is_stopped: &(dyn Fn() -> bool + Sync),
    see: &mut SeeTar<'_>,
) -> Result<(), Unreadable> {
    let mut command = Command::new(UNPACKER);
    command.args(["-cf", "-", "--format=pax", "@-"]).env("LC_ALL", "C.UTF-8");
    command.stdin(Stdio::from(archive)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unreadable::NoUnpacker,
        _ => Unreadable::Io(error),
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (child, heard) = (Mutex::new(child), Heard::default());
    std::thread::scope(|scope| {
        let complaint = scope.spawn(|| said(stderr));
        let watch = scope.spawn(|| watch(&child, &heard, is_stopped));
        let seen = match stdout {
            Some(pipe) => see(&mut Given { pipe, heard: &heard }),
            None => Ok(()),
        };
        heard.has_ended.store(true, Ordering::Relaxed);
        let watched = watch.join().unwrap_or(Ok(()));
        let complaint = complaint.join().unwrap_or_default();
        let ended = child.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).wait().map_err(Unreadable::Io);
        watched.and(seen)?;
        match ended?.success() {
            true => Ok(()),
            false if complaint.to_lowercase().contains("encrypt") => Err(Unreadable::Encrypted),
            false => Err(Unreadable::Damaged { what: "RAR" }),
        }
    })
}

/// Ends a program that gives nothing for too long, or of which nobody wants more.
fn watch(child: &Mutex<Child>, heard: &Heard, is_stopped: &(dyn Fn() -> bool + Sync)) -> Result<(), Unreadable> {
    let (mut reads, mut since) = (0, Instant::now());
    while !heard.has_ended.load(Ordering::Relaxed) {
        let now = heard.reads.load(Ordering::Relaxed);
        if now != reads {
            (reads, since) = (now, Instant::now());
        }
        if is_stopped() || since.elapsed() > SILENCE_MAX {
            child.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).kill().map_err(Unreadable::Io)?;
            return Err(if is_stopped() {
                Unreadable::Stopped
            } else {
                Unreadable::Damaged { what: "its reader gave up" }
            });
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
