//! Reads all files: one thread reads and hashes, the others look for canaries.
//!
//! Text goes out in sections, of one long file or of many short ones; a container goes to one thread as a whole. Memory is
//! that of the sections under way, however long a file is.

use std::io::{self, Read as _};
use std::num::NonZero;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::super::Watcher;
use super::cut::{Cut, SECTION_BYTES};
use super::outside::{Around, World};
use super::quiet::quietly;
use super::slot::{Contents, Ended, Slot};
use super::standard::Standard;
use super::walk::Input;
use super::whole::{behind, part, whole};
use super::{FileScanned, Stage, UnreadFile};
use crate::deed::files::open_plain;
use crate::scan::open::{HEAD_BYTES, HIDDEN, Hidden, Kind, TEXT_HEAD_BYTES, Unreadable};
use crate::scan::{Finder, Namesakes, Needles};

/// Threads at most, however many cores there are.
const THREADS_MAX: usize = 64;

/// What was read.
pub(super) struct Read {
    pub files: Vec<FileScanned>,
    /// What was found, by place in `files`.
    pub contents: Vec<(usize, Box<Contents>)>,
    pub unread: Vec<UnreadFile>,
    /// How often needles' names stand in all of it.
    pub namesakes: Namesakes,
}

/// Work for a thread.
enum Job<'i> {
    Section { file: usize, index: usize, bytes: Vec<u8>, section: std::ops::Range<u64> },
    Whole { file: usize, path: &'i Path, kind: Kind },
    Behind { file: usize, path: &'i Path, hidden: Hidden },
}

/// What the threads share.
struct Shared<'s> {
    needles: &'s Needles,
    world: &'s World<'s>,
    slots: Mutex<Vec<Slot>>,
    namesakes: Mutex<Namesakes>,
}

/// Goes through all files.
pub(super) fn read(inputs: Vec<Input>, needles: &Needles, world: &World<'_>, watcher: &mut Watcher) -> Read {
    let shared = Shared { needles, world, slots: Mutex::default(), namesakes: Mutex::default() };
    let threads = match world.order.threads {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        asked => asked,
    };
    let threads = threads.min(THREADS_MAX);
    let (jobs, queue) = sync_channel::<Job<'_>>(1);
    let queue = Mutex::new(queue);
    std::thread::scope(|scope| {
        let (returned, spare) = channel::<Vec<u8>>();
        for _ in 0..threads {
            let (shared, queue, returned) = (&shared, &queue, returned.clone());
            scope.spawn(move || work(shared, queue, &returned));
        }
        drop(returned);
        let total = inputs.iter().map(|input| match input {
            Input::File { bytes, .. } => Some(*bytes),
            Input::Standard => None,
        });
        let (mut feeder, total) = (Feeder { shared: &shared, jobs, spare, done: 0 }, total.sum());
        for input in &inputs {
            if world.is_stopped() {
                break;
            }
            feeder.feed(input, &mut |done| watcher(Stage::Scanning, done, total));
        }
    });
    let slots = shared.slots.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let namesakes = shared.namesakes.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut read = Read { files: Vec::new(), contents: Vec::new(), unread: Vec::new(), namesakes };
    for slot in slots {
        let Ended { file, contents, unread } = slot.end();
        if let Some(file) = file {
            read.contents.extend(contents.map(|contents| (read.files.len(), contents)));
            read.files.push(file);
        }
        read.unread.extend(unread);
    }
    read
}

/// Takes jobs until there are no more.
fn work(shared: &Shared<'_>, queue: &Mutex<Receiver<Job<'_>>>, returned: &Sender<Vec<u8>>) {
    loop {
        let next = queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).recv();
        match next {
            Err(_) => return,
            Ok(Job::Section { file, index, bytes, section }) => {
                let mut finder = Finder::over(shared.needles, section);
                let mut seen = Vec::new();
                let looked = quietly(|| {
                    finder.feed(&bytes, &mut seen);
                    finder.finish(&mut seen);
                });
                let looked = looked.map_err(|_| Unreadable::Damaged { what: "its reader gave up" });
                shared.slot(file, |slot| slot.note(looked));
                // A begin is kept of files that may turn out to be lists; most of 100,000 are not.
                let is_wanted = index == 0 && (!seen.is_empty() || bytes.len() > SECTION_BYTES);
                let head = Some(&bytes[..bytes.len().min(TEXT_HEAD_BYTES)]).filter(|_| is_wanted);
                shared.slot(file, |slot| slot.section((index, finder.line_breaks()), seen, head));
                shared.count(finder.namesakes());
                if returned.send(bytes).is_err() {
                    // Nobody reads any more, and the room is not needed.
                    continue;
                }
            }
            Ok(Job::Whole { file, path, kind }) => {
                let around = Around { world: shared.world, path: Some(path) };
                let mut taken_apart = whole(path, kind, shared.needles, &around);
                shared.count(std::mem::take(&mut taken_apart.namesakes));
                shared.slot(file, |slot| slot.whole(taken_apart));
            }
            Ok(Job::Behind { file, path, hidden }) => {
                let around = Around { world: shared.world, path: Some(path) };
                let mut taken_apart = behind(path, hidden, shared.needles, &around);
                shared.count(std::mem::take(&mut taken_apart.namesakes));
                shared.slot(file, |slot| slot.behind(taken_apart));
            }
        }
    }
}

impl Shared<'_> {
    /// Makes room for what is found in one more file.
    fn begin(&self, path: String) -> usize {
        let mut slots = self.slots.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        slots.push(Slot::new(path));
        slots.len() - 1
    }

    /// Takes in how often needles' names stand somewhere.
    fn count(&self, namesakes: Namesakes) {
        self.namesakes.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).add(namesakes);
    }

    fn slot(&self, file: usize, change: impl FnOnce(&mut Slot)) {
        change(&mut self.slots.lock().unwrap_or_else(|poisoned| poisoned.into_inner())[file]);
    }
}

/// Hands the files out.
struct Feeder<'f, 'i> {
    shared: &'f Shared<'f>,
    jobs: SyncSender<Job<'i>>,
    spare: Receiver<Vec<u8>>,
    done: u64,
}

impl<'i> Feeder<'_, 'i> {
    fn feed(&mut self, input: &'i Input, told: &mut dyn FnMut(u64)) {
        let shared = self.shared;
        match input {
            Input::Standard => {
                let file = shared.begin("-".to_string());
                let mut standard = Standard::new(shared.world);
                let done = self.open(file, &mut standard, None, told);
                shared.slot(file, |slot| slot.note(done));
            }
            Input::File { path, .. } => {
                let file = shared.begin(path.to_string_lossy().into_owned());
                let done = match open_plain(path) {
                    Ok(mut opened) => self.open(file, &mut opened, Some(path), told),
                    Err(why) => Err(why.into()),
                };
                shared.slot(file, |slot| slot.note(done));
            }
        }
    }

    /// Looks what a file is, and hands it out.
    fn open(
        &mut self,
        file: usize,
        input: &mut dyn io::Read,
        path: Option<&'i Path>,
        told: &mut dyn FnMut(u64),
    ) -> Result<(), Unreadable> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        let begun = input.take(HEAD_BYTES as u64).read_to_end(&mut head);
        if head.is_empty() {
            // What came before a fault is searched, and the fault comes again behind it.
            begun.map_err(|error| Unreadable::of(error, "its begin"))?;
        }
        let name = path.map(Path::to_string_lossy).unwrap_or_default();
        match (Kind::called(&name, &head), path) {
            (Kind::Bytes, _) => match (self.sections(file, Cut::new(input, head), told)?, path) {
                (None, _) => Ok(()),
                (Some(_), None) => Err(Unreadable::NotUnpacked { what: HIDDEN }),
                (Some(hidden), Some(path)) => {
                    self.jobs.send(Job::Behind { file, path, hidden }).map_err(|_| Unreadable::Stopped)
                }
            },
            (kind, Some(path)) => {
                // A thread that is gone has told why.
                let sent = self.jobs.send(Job::Whole { file, path, kind });
                self.done += path.metadata().map_or(0, |known| known.len());
                told(self.done);
                sent.map_err(|_| Unreadable::Stopped)
            }
            (_, None) => {
                let around = Around { world: self.shared.world, path: None };
                let mut taken_apart = part(&mut head.chain(input), self.shared.needles, &around);
                self.shared.count(std::mem::take(&mut taken_apart.namesakes));
                self.shared.slot(file, |slot| slot.whole(taken_apart));
                Ok(())
            }
        }
    }

    /// Hands a text out; tells what lies behind its begin.
    fn sections(
        &mut self,
        file: usize,
        mut cut: Cut<'_>,
        told: &mut dyn FnMut(u64),
    ) -> Result<Option<Hidden>, Unreadable> {
        let mut index = 0;
        loop {
            let mut bytes = self.spare.try_recv().unwrap_or_default();
            let next = cut.next(&mut bytes);
            let next = next.map_err(|error| Unreadable::of(error, "its end is missing"));
            let section = match next {
                Ok(Some(section)) => section,
                Ok(None) | Err(_) => {
                    let hidden = cut.hidden();
                    let (bytes, sha256, has_end) = cut.end();
                    let is_whole = next.is_ok();
                    self.shared.slot(file, |slot| slot.text(bytes, Some(sha256).filter(|_| is_whole), has_end));
                    return next.map(|_| hidden);
                }
            };
            self.done += section.end - section.start;
            told(self.done);
            // What was read is searched, also where no more is wanted.
            let is_sent = self.jobs.send(Job::Section { file, index, bytes, section: section.clone() }).is_ok();
            if !is_sent || self.shared.world.is_stopped() {
                let searched = if is_sent { section.end } else { section.start };
                self.shared.slot(file, |slot| slot.text(searched, None, true));
                return Err(Unreadable::Stopped);
            }
            index += 1;
        }
    }
}
