//! A stream of bytes, fed in blocks of any size; what is found does not depend on where it is cut.

use std::ops::Range;

use super::against::is_person;
use super::literal::each_literal;
use super::namesakes::Namesakes;
use super::needles::Needles;
use super::people::{NameOf, NameSeen};
use super::sweep::{Found, Stretch, sweep};
use super::text::{Reading, Text};
use super::window::Window;
use super::{Column, MatchedBy, Sighting};

/// How many bytes on either side of a place decide what is found there.
///
/// A section of a file is read with as many bytes before and behind it.
pub const OVERLAP_BYTES: usize = 4096;

/// Bytes that are gone over at a time: they stay in the nearest caches.
const STRIDE_BYTES: usize = 128 << 10;

/// Finds needles in a stream of bytes.
pub struct Finder<'n> {
    needles: &'n Needles,
    /// Where sightings are wanted.
    section: Range<u64>,
    /// The last bytes fed, or all of them while they are few.
    held: Vec<u8>,
    /// Offset of the first byte held.
    held_at: u64,
    /// Bytes before this place have been gone over.
    swept: u64,
    /// A number that was found ends here.
    done: u64,
    /// Needles whose people were seen, and up to where that is not said again.
    told: Vec<(u32, u64)>,
    namesakes: Namesakes,
    /// Line breaks are counted up to this place.
    counted: u64,
    line_breaks: u64,
}

impl<'n> Finder<'n> {
    /// Looks through a whole stream.
    pub fn new(needles: &'n Needles) -> Finder<'n> {
        Finder::over(needles, 0..u64::MAX)
    }

    /// Looks through a section of a stream: [`Finder::feed`] begins [`OVERLAP_BYTES`] before it (or at the stream's beginning) and goes as
    /// far behind it (or to the stream's end).
    ///
    /// Lines are counted from the section's beginning: the line breaks of the sections before are to be added.
    pub fn over(needles: &'n Needles, section: Range<u64>) -> Finder<'n> {
        let begin = section.start.saturating_sub(OVERLAP_BYTES as u64);
        Finder {
            needles,
            held: Vec::new(),
            held_at: begin,
            swept: begin,
            done: begin,
            told: Vec::new(),
            namesakes: Namesakes::default(),
            counted: section.start,
            line_breaks: 0,
            section,
        }
    }

    /// How many line breaks of the section have been passed; all of them after [`Finder::finish`].
    pub fn line_breaks(&self) -> u64 {
        self.line_breaks
    }

    /// Gives how often needles' names were seen in the section, once it was gone through.
    pub fn namesakes(self) -> Namesakes {
        self.namesakes
    }

    /// Takes the next bytes, and adds what is found to `found`, in order; a damaged number comes with the name beside it.
    pub fn feed(&mut self, block: &[u8], found: &mut Vec<Sighting>) {
        let block_at = self.held_at + self.held.len() as u64;
        let block_end = block_at + block.len() as u64;
        if !self.held.is_empty() || block.len() <= 2 * OVERLAP_BYTES {
            let seam = block.len().min(2 * OVERLAP_BYTES);
            self.held.extend_from_slice(&block[..seam]);
            let held = std::mem::take(&mut self.held);
            let until = (self.held_at + held.len() as u64).saturating_sub(OVERLAP_BYTES as u64);
            self.go(Stretch { bytes: &held, offset: self.held_at }, until, found);
            self.held = held;
        }
        if block.len() > 2 * OVERLAP_BYTES {
            self.go(Stretch { bytes: block, offset: block_at }, block_end - OVERLAP_BYTES as u64, found);
            self.held.clear();
            self.held.extend_from_slice(&block[block.len() - 2 * OVERLAP_BYTES..]);
            self.held_at = block_end - 2 * OVERLAP_BYTES as u64;
        } else if self.held.len() > 8 * OVERLAP_BYTES {
            let over = self.held.len() - 2 * OVERLAP_BYTES;
            self.held.drain(..over);
            self.held_at += over as u64;
        }
    }

    /// Takes the stream's end, and adds what is left to be found.
    pub fn finish(&mut self, found: &mut Vec<Sighting>) {
        let held = std::mem::take(&mut self.held);
        let end = self.held_at + held.len() as u64;
        self.go(Stretch { bytes: &held, offset: self.held_at }, end, found);
        self.held_at = end;
    }

    /// Goes over a stretch from where the last one was left to `until`.
    fn go(&mut self, stretch: Stretch<'_>, until: u64, found: &mut Vec<Sighting>) {
        while self.swept < until {
            let from = (self.swept - stretch.offset) as usize;
            let to = ((until - stretch.offset) as usize).min(from + STRIDE_BYTES);
            let mut seen = Vec::new();
            self.sweep_numbers(stretch, to, &mut seen);
            self.sweep_literals(stretch, from..to, &mut seen);
            if !self.needles.people().is_empty() {
                self.find_people(stretch, from..to, &mut seen);
                seen.sort_by_key(|sighting| sighting.at);
            }
            for mut sighting in seen {
                sighting.line = self.line_of(stretch, sighting.at);
                found.push(sighting);
            }
            self.swept = stretch.offset + to as u64;
            self.count_lines(stretch, self.swept);
        }
    }

    fn sweep_numbers(&mut self, stretch: Stretch<'_>, to: usize, seen: &mut Vec<Sighting>) {
        let from = (self.done.max(self.swept) - stretch.offset) as usize;
        if from >= to {
            return;
        }
        let needles = self.needles;
        let section = self.section.clone();
        let next = sweep(needles, stretch, from..to, |start, found| {
            if section.contains(&(stretch.offset + start as u64)) {
                seen.extend(found.needles().iter().map(|needle| sighting(needles, stretch, *needle, &found)));
            }
        });
        self.done = stretch.offset + next as u64;
    }

    /// Looks into numbers that are written as hexadecimal literals.
    fn sweep_literals(&self, stretch: Stretch<'_>, range: Range<usize>, seen: &mut Vec<Sighting>) {
        let before = seen.len();
        each_literal(stretch.bytes, range, |span, text| {
            let at = stretch.offset + span.start as u64;
            let inside = Stretch { bytes: text, offset: 0 };
            sweep(self.needles, inside, 0..text.len(), |_, found| {
                let Found::Whole(spelling) = found else { return };
                let spelt = shown(&stretch.bytes[span.clone()], Reading::Bytes);
                let one = |needle: &u32| Sighting {
                    needle: *needle,
                    by: MatchedBy::Number,
                    at,
                    line: 0,
                    text: spelt.clone(),
                    fits: 1,
                    hidden: 0,
                    facts: Vec::new(),
                    column: None,
                };
                seen.extend(spelling.needles.iter().map(one).filter(|_| self.section.contains(&at)));
            });
        });
        if seen.len() > before {
            seen.sort_by_key(|sighting| sighting.at);
        }
    }

    fn find_people(&mut self, stretch: Stretch<'_>, range: Range<usize>, seen: &mut Vec<Sighting>) {
        let needles = self.needles;
        needles.people().find(stretch.bytes, range, |name| {
            let at = stretch.offset + name.start as u64;
            self.told.retain(|(_, until)| *until > at);
            let text = Text { bytes: stretch.bytes, reading: name.reading };
            let window = Window::around(text, name.start..name.end);
            let row_at = stretch.offset + window.span().start as u64;
            let is_wanted = self.section.contains(&at);
            if is_wanted {
                self.namesakes.row(row_at, &window);
            }
            for one in name.of {
                if self.told.iter().any(|(known, _)| *known == one.needle) {
                    continue;
                }
                let stands = person_seen(needles, stretch, (&name, &window), one);
                if is_wanted && stands != Stands::WithNumber {
                    self.namesakes.name(one.needle, row_at, &window);
                }
                if stands != Stands::Unproven {
                    self.told.push((one.needle, stretch.offset + window.span().end as u64));
                }
                if let Stands::Seen(sighting) = stands
                    && self.section.contains(&sighting.at)
                {
                    seen.push(*sighting);
                }
            }
        });
    }

    fn line_of(&mut self, stretch: Stretch<'_>, at: u64) -> u64 {
        self.count_lines(stretch, at);
        let inside = |place: u64| (place - stretch.offset) as usize;
        let behind = if at < self.counted { line_breaks(stretch.bytes, inside(at)..inside(self.counted)) } else { 0 };
        self.line_breaks + 1 - behind
    }

    /// Counts the line breaks of the section up to a place.
    fn count_lines(&mut self, stretch: Stretch<'_>, until: u64) {
        let until = until.min(self.section.end);
        if until <= self.counted {
            return;
        }
        let from = (self.counted - stretch.offset) as usize;
        let to = (until - stretch.offset) as usize;
        self.line_breaks += line_breaks(stretch.bytes, from..to);
        self.counted = until;
    }
}

/// Says what a number found is to one of the needles it fits.
fn sighting(needles: &Needles, stretch: Stretch<'_>, needle: u32, found: &Found) -> Sighting {
    let span = found.span();
    let (by, fits, hidden) = match found {
        Found::Whole(_) => (MatchedBy::Number, 1, 0),
        Found::Masked(masked) => (MatchedBy::MaskedNumber, masked.fits, masked.hidden),
    };
    let facts = match needles.person(needle).filter(|_| by == MatchedBy::MaskedNumber) {
        Some(person) => {
            let reading = reading_of(&stretch.bytes[span.clone()]);
            let window = Window::around(Text { bytes: stretch.bytes, reading }, span.clone());
            let names = window.names(person);
            if names.is_empty() { names } else { [names, window.facts(person)].concat() }
        }
        None => Vec::new(),
    };
    let at = stretch.offset + span.start as u64;
    Sighting {
        needle,
        by,
        at,
        line: 0,
        text: shown(&stretch.bytes[span.clone()], reading_of(&stretch.bytes[span])),
        fits,
        hidden,
        facts,
        column: None,
    }
}

/// How a name stands for a needle.
#[derive(Debug, PartialEq, Eq)]
enum Stands {
    /// Too few facts stand beside it.
    Unproven,
    /// The number itself stands beside it.
    WithNumber,
    /// As its person, beside a damaged number or without one.
    Seen(Box<Sighting>),
}

/// Says what a name is to a needle.
fn person_seen(
    needles: &Needles,
    stretch: Stretch<'_>,
    (name, window): (&NameSeen<'_>, &Window),
    one: &NameOf,
) -> Stands {
    let may_stand = needles.brief(one.needle).is_some_and(|brief| brief.may_stand_in(window));
    let Some(person) = needles.person(one.needle).filter(|_| may_stand) else {
        return Stands::Unproven;
    };
    let (country, national) = needles.written(one.needle);
    let slip = window.runs().damaged(&national, &country);
    let mut facts = [window.facts(person), window.names(person), vec![one.fact]].concat();
    facts.sort_unstable();
    facts.dedup();
    if slip.is_none() && !is_person(window, person, (&country, &national), &facts) {
        return Stands::Unproven;
    }
    let mut whole = false;
    sweep(needles, stretch, window.span(), |_, found| whole |= found.needles().contains(&one.needle));
    if whole {
        return Stands::WithNumber;
    }
    let (by, span, column) = match slip {
        Some(slip) => (MatchedBy::DamagedNumber, window.places[slip.start]..window.places[slip.end], None),
        None => (MatchedBy::Persona, name.start..one.end, Column::of(window, name.start)),
    };
    let at = stretch.offset + span.start as u64;
    let text = shown(&stretch.bytes[span], name.reading);
    Stands::Seen(Box::new(Sighting { needle: one.needle, by, at, line: 0, text, fits: 1, hidden: 0, facts, column }))
}

/// Counts line breaks; in UTF-16 a byte 10 is one only beside a zero.
fn line_breaks(bytes: &[u8], range: Range<usize>) -> u64 {
    let around = &bytes[range.start.saturating_sub(8)..(range.end + 8).min(bytes.len())];
    if memchr::memchr(0, around).is_none() {
        return memchr::memchr_iter(b'\n', &bytes[range]).count() as u64;
    }
    let is_break = |at: &usize| {
        let near = &bytes[at.saturating_sub(8)..(at + 9).min(bytes.len())];
        let before = at.checked_sub(1).map(|at| bytes[at]);
        memchr::memchr(0, near).is_none() || before == Some(0) || bytes.get(at + 1) == Some(&0)
    };
    memchr::memchr_iter(b'\n', &bytes[range.clone()]).filter(|at| is_break(&(range.start + at))).count() as u64
}

/// Tells how a few bytes of a number or name are to be read.
fn reading_of(bytes: &[u8]) -> Reading {
    match bytes {
        [_, 0, ..] => Reading::Utf16Le,
        [0, ..] => Reading::Utf16Be,
        _ => Reading::Bytes,
    }
}

/// Gives the text of a few bytes in whatever encoding they are, control characters as spaces.
fn shown(bytes: &[u8], reading: Reading) -> String {
    let text = match (reading, std::str::from_utf8(bytes)) {
        (Reading::Utf16Le, _) => encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0,
        (Reading::Utf16Be, _) => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0,
        (Reading::Bytes, Ok(text)) => text.into(),
        (Reading::Gbk, _) | (Reading::Bytes, Err(_)) => encoding_rs::GB18030.decode_without_bom_handling(bytes).0,
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Needle, Needles};
    use super::*;
    use crate::phone::Number;

    fn needles(numbers: &[&str]) -> Needles {
        Needles::of(
            numbers.iter().map(|number| Needle { number: Number::from_e164(number).expect("a number"), person: None }),
        )
    }

    fn found(needles: &Needles, bytes: &[u8]) -> Vec<Sighting> {
        let mut finder = Finder::new(needles);
        let mut found = Vec::new();
        finder.feed(bytes, &mut found);
        finder.finish(&mut found);
        found
    }

    #[test]
    fn a_number_is_found_with_its_line_and_its_text() {
        let needles = needles(&["+8613900139000", "+8613800138000"]);
        let seen = found(&needles, "姓名,电话\n王芳,138-0013-8000\n李娜,+86 139 0013 9000\n".as_bytes());
        let seen: Vec<_> = seen.iter().map(|it| (it.needle, it.line, it.text.as_str())).collect();
        assert_eq!(seen, [(1, 2, "138-0013-8000"), (0, 3, "+86 139 0013 9000")]);
    }
}
