//! What was found in one file, as it comes in from several threads.

use std::collections::{HashMap, HashSet};

use super::layout::is_of_others;
use super::whole::TakenApart;
use super::{FileScanned, UnreadFile};
use crate::scan::Sighting;
use crate::scan::open::{Found, Unreadable};

/// Sightings of one canary in one file that are kept; more are counted.
const SIGHTINGS_EACH_MAX: u32 = 100;

/// What was found in a file; most files have nothing.
#[derive(Default)]
pub(super) struct Contents {
    /// What was seen, with the section it was seen in.
    found: Vec<(usize, Found)>,
    seen: HashMap<u32, u32>,
    pub left_out: u64,
    /// How its texts begin.
    pub heads: Vec<Vec<u8>>,
}

/// One file on its way; small, as there can be a hundred thousand.
pub(super) struct Slot {
    path: String,
    /// Line breaks of each section, by index.
    breaks: Vec<u64>,
    contents: Option<Box<Contents>>,
    unread: Vec<UnreadFile>,
    bytes: u64,
    sha256: Option<String>,
    rows: u64,
    is_read: bool,
    /// What was found behind the begin of a text; it is not told again where its bytes show it.
    behind: HashSet<u32>,
}

/// What became of a file.
pub(super) struct Ended {
    /// Nothing if it was not read.
    pub file: Option<FileScanned>,
    pub contents: Option<Box<Contents>>,
    pub unread: Vec<UnreadFile>,
}

impl Slot {
    pub fn new(path: String) -> Slot {
        let (breaks, unread) = (Vec::new(), Vec::new());
        Slot {
            path,
            breaks,
            contents: None,
            unread,
            bytes: 0,
            sha256: None,
            rows: 0,
            is_read: false,
            behind: HashSet::new(),
        }
    }

    fn contents(&mut self) -> &mut Contents {
        self.contents.get_or_insert_default()
    }

    /// Takes in what was seen in one section.
    pub fn section(&mut self, (index, line_breaks): (usize, u64), seen: Vec<Sighting>, head: Option<&[u8]>) {
        if let Some(head) = head {
            self.contents().heads.push(head.to_vec());
        }
        if self.breaks.len() <= index {
            self.breaks.resize(index + 1, 0);
        }
        self.breaks[index] = line_breaks;
        seen.into_iter().for_each(|sighting| self.keep(index, Found { sighting, place: None }));
    }

    /// Takes in that a text has ended; with no hash if it was not read to its end.
    pub fn text(&mut self, bytes: u64, sha256: Option<String>, has_end: bool) {
        (self.bytes, self.sha256, self.is_read) = (bytes, sha256, true);
        self.rows += u64::from(!has_end);
    }

    /// Takes in a container.
    pub fn whole(&mut self, taken: TakenApart) {
        let path = &self.path;
        let unread =
            taken.unread.into_iter().map(|one| UnreadFile { path: path.clone(), place: one.place, why: one.why });
        self.unread.extend(unread);
        // A container that held nothing is read, unless that is because it could not be.
        self.is_read = taken.texts > 0 || !taken.found.is_empty() || self.unread.is_empty();
        if !taken.found.is_empty() {
            self.contents().heads = taken.heads;
        }
        (self.bytes, self.sha256, self.rows) = (taken.bytes, taken.sha256, taken.rows);
        taken.found.into_iter().for_each(|found| self.keep(0, found));
    }

    /// Takes in what lay behind the begin of a file that was read as text.
    pub fn behind(&mut self, taken: TakenApart) {
        for one in taken.unread {
            self.unread.push(UnreadFile { path: self.path.clone(), place: one.place, why: one.why });
        }
        if !taken.found.is_empty() {
            self.contents().heads.extend(taken.heads);
        }
        self.rows += taken.rows;
        self.behind.extend(taken.found.iter().map(|found| found.sighting.needle));
        taken.found.into_iter().for_each(|found| self.keep(0, found));
    }

    /// Notes why the file was not read, or not to its end.
    pub fn note(&mut self, done: Result<(), Unreadable>) {
        if let Err(why) = done {
            self.unread.push(UnreadFile { path: self.path.clone(), place: None, why });
        }
    }

    fn keep(&mut self, section: usize, found: Found) {
        let contents = self.contents();
        let seen = contents.seen.entry(found.sighting.needle).or_default();
        *seen += 1;
        match *seen <= SIGHTINGS_EACH_MAX {
            true => contents.found.push((section, found)),
            false => contents.left_out += 1,
        }
    }

    /// Gives what was read, lines counted from the file's beginning.
    pub fn end(self) -> Ended {
        let Slot { path, breaks, mut contents, unread, bytes, sha256, rows, is_read, behind } = self;
        let sum: u64 = breaks.iter().sum();
        if let Some(contents) = &mut contents {
            contents.found.retain(|(_, found)| found.place.is_some() || !behind.contains(&found.sighting.needle));
            let Contents { found, heads, .. } = &mut **contents;
            found.retain(|(_, found)| !(found.sighting.column).is_some_and(|column| is_of_others(heads, column)));
            contents.count_lines(&breaks);
        }
        let file =
            FileScanned { path, sha256, bytes, rows: rows + sum, planting: None, handed_over: None, layout: None };
        Ended { file: is_read.then_some(file), contents, unread }
    }
}

impl Contents {
    /// Counts lines from the file's beginning, and puts what was seen in order.
    fn count_lines(&mut self, breaks: &[u64]) {
        let mut before = Vec::with_capacity(breaks.len());
        let mut sum = 0;
        for count in breaks {
            before.push(sum);
            sum += count;
        }
        for (section, found) in &mut self.found {
            found.sighting.line += before.get(*section).copied().unwrap_or(0);
        }
        match breaks.is_empty() {
            // Parts of a container each count their own bytes.
            true => {
                self.found.sort_by(|(_, a), (_, b)| a.place.cmp(&b.place).then(a.sighting.line.cmp(&b.sighting.line)))
            }
            false => self.found.sort_by_key(|(section, found)| (*section, found.sighting.at)),
        }
    }

    /// Gives what was seen, in order.
    pub fn found(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().map(|(_, found)| found)
    }
}
