//! Scans seized files for canaries, and says whose copy they come from.
//!
//! What is found counts as what a caller knew of all these rows at once; canaries of the same copies that are not in the
//! files count as silent. Other people's rows are looked at and never kept, printed or written down.

mod answer;
mod crowd;
mod cut;
mod error;
mod layout;
mod matches;
mod needles;
mod outside;
mod quiet;
mod rar;
mod read;
mod slot;
mod standard;
mod walk;
mod whole;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::files::NotOpened;
use super::{DeedError, Session, Stage};
use crate::id::PlantingId;
use crate::ledger::Looked;
use crate::phone::Number;
use crate::scan::open::Unreadable;
use crate::store::PlantingState;

pub use answer::{Answer, Recorded};
pub use error::ScanError;
pub use layout::Layout;
pub use matches::Match;

/// Whether the text in pictures is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    Skipped,
    Recognised,
}

/// Whether what is found becomes hits in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    Nothing,
    Hits,
}

/// What to scan, and how.
#[derive(Debug, Clone)]
pub struct ScanOrder {
    /// Files and folders; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// Threads that scan; 0 for one a core.
    pub threads: usize,
    pub pictures: Pictures,
    pub recording: Recording,
    /// Where files without a name are made for what has to be gone back and forth in.
    pub spool: PathBuf,
    /// Set by somebody else when no more is wanted.
    pub stopped: Arc<AtomicBool>,
}

/// A file that was scanned, at least in part; `rows` are lines of text, or rows of sheets and tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileScanned {
    pub path: String,
    /// None for a file that was not read to its end.
    pub sha256: Option<String>,
    pub bytes: u64,
    pub rows: u64,
    /// The planting whose copy this is, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planting: Option<PlantingId>,
    /// Whether that planting's copy is on record as handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<bool>,
    /// Whose columns it has, where it names columns at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<Box<Layout>>,
}

/// A file, or a part of one, that could not be read.
#[derive(Debug)]
pub struct UnreadFile {
    pub path: String,
    pub place: Option<String>,
    pub why: Unreadable,
}

/// What a scan gives.
#[derive(Debug)]
pub struct Scanned {
    pub files: Vec<FileScanned>,
    pub unread: Vec<UnreadFile>,
    pub matches: Vec<Match>,
    /// Sightings beyond the first ones of each canary in each file.
    pub matches_left_out: u64,
    /// People seen without their number who are as likely strangers: not among the matches.
    pub coincidences: u64,
    /// Numbers that stand only in the ledger, and in these files: the ledger itself was read.
    pub traps: BTreeSet<Number>,
    /// Nothing if no canary was found.
    pub answer: Option<Answer>,
    /// Whether it was ended before all was read.
    pub interrupted: bool,
    pub recorded: Option<Recorded>,
}

/// Scans the files, and weighs what was found.
pub fn scan(session: &mut Session, order: &ScanOrder) -> Result<Scanned, DeedError> {
    let asked: Vec<String> = order.paths.iter().map(|path| path.display().to_string()).collect();
    let asked = asked.join(" ");
    let mut store = session.look_into(Looked::Scan, asked.clone())?;
    let known = needles::Known::of(&store.read())?;
    let walked = walk::walk(&order.paths, store.path())?;
    let outside = outside::World { order };
    let read = read::read(walked.files, &known.needles, &outside, &mut session.watcher);
    let interrupted = order.stopped.load(Ordering::Relaxed);
    let mut unread = walked.unread;
    unread.extend(read.unread);
    if read.files.is_empty() && !interrupted {
        let error = match unread.into_iter().next() {
            Some(UnreadFile { path, why, .. }) => ScanError::NothingRead { path: path.into(), source: why },
            None => ScanError::NothingToRead,
        };
        return Err(error.into());
    }
    let reader = store.read();
    let mut files = read.files;
    let mut found = matches::matches(&reader, &known, &files, (&read.contents, &read.namesakes))?;
    let plantings = reader.plantings()?;
    let layouts = layout::Layouts::of(&plantings);
    for (at, contents) in &read.contents {
        let canaries = found.canaries_by_planting(&files[*at].path);
        let layout = layouts.nearest(&contents.heads, &canaries);
        files[*at].layout = layout.filter(|_| contents.found().next().is_some()).map(Box::new);
    }
    for file in &mut files {
        let is_this = |sha256: &Option<String>| sha256.is_some() && *sha256 == file.sha256;
        let row = plantings.iter().find(|row| is_this(&row.output_sha256));
        file.planting = row.map(|row| row.id);
        file.handed_over = row.map(|row| matches!(row.state, PlantingState::Planted { .. }));
    }
    let now = session.now();
    let listed = answer::listed(&known, (&files, &unread), &mut found, now);
    let traps: BTreeSet<Number> = found.lists.iter().flat_map(|list| list.traps.iter().cloned()).collect();
    let answer = answer::weigh(&reader, &listed, &traps, now)?;
    let recorded = match order.recording {
        Recording::Nothing => None,
        Recording::Hits => Some(answer::record(&mut store, &mut session.rng, &listed, now)?),
    };
    if !found.matches.is_empty() || !traps.is_empty() {
        session.looked(&mut store, Looked::Scan, asked)?;
    }
    let (matches, matches_left_out, coincidences) = (found.matches, found.left_out, found.coincidences);
    Ok(Scanned { files, unread, matches, matches_left_out, coincidences, traps, answer, interrupted, recorded })
}

impl From<NotOpened> for Unreadable {
    fn from(why: NotOpened) -> Unreadable {
        match why {
            NotOpened::Failed(source) => Unreadable::Io(source),
            NotOpened::NotAFile => Unreadable::NotAFile { what: "a folder or a device" },
        }
    }
}
