//! What a thief sees of each row: numbers that can be computed of any list, without knowing what its columns mean.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{Datelike, Timelike};
use rand::Rng;
use rand::seq::index;

use super::super::Planned;
use super::super::model::Model;
use super::super::numbers::SEGMENT_DIGITS;
use crate::list::contents::unguarded;
use crate::list::moment;
use crate::list::profile::{COUNTER_DIGITS_MAX, Profile, counter};

/// What a feature is of a cell, or of the whole row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    Length,
    /// How many rows have the value, its beginning up to a digit, its words, its shape, its first digits; see [`others`].
    Value,
    Start,
    Words,
    Shape,
    Segment,
    Number,
    LastDigit,
    Weekday,
    Hour,
    Minute,
    StepBefore,
    StepAfter,
    /// How many cells of the row are blank, and how many rows lack the same; see [`others`].
    Blanks,
    Lacks,
}

/// The features of the canaries and of some of the rows around them.
pub(super) struct Sight {
    /// The kind of each feature and the column it is of.
    pub(super) kinds: Vec<(Kind, usize)>,
    /// One vector a feature.
    pub(super) features: Vec<Vec<f32>>,
    pub(super) is_canary: Vec<bool>,
}

/// A row of the list with the canaries in it.
struct Seen<'a> {
    cells: Vec<&'a str>,
    is_canary: bool,
}

impl Sight {
    /// Looks at all rows, and keeps the features of the canaries and of at most `rows_max` others.
    pub(super) fn of(model: &Model<'_>, planned: &[Planned], rows_max: usize, rng: &mut impl Rng) -> Sight {
        let profile = model.profile;
        let rows = rows(profile, planned);
        let real: Vec<usize> = (0..rows.len()).filter(|at| !rows[*at].is_canary).collect();
        let kept = index::sample(rng, real.len(), rows_max.min(real.len()));
        let mut kept: Vec<usize> = kept.into_iter().map(|at| real[at]).collect();
        kept.extend((0..rows.len()).filter(|at| rows[*at].is_canary));
        kept.sort_unstable();
        let mut sight = Sight {
            kinds: Vec::new(),
            features: Vec::new(),
            is_canary: kept.iter().map(|at| rows[*at].is_canary).collect(),
        };
        // Of a sample nobody can tell which row stood beside which.
        let whole = profile.crowd.len() as u64 == profile.rows;
        for at in 0..profile.layout.columns.len() {
            sight.look(profile, &rows, &kept, (at, whole));
        }
        let lacks = |seen: &Seen<'_>| seen.cells.iter().map(|cell| cell.is_empty()).collect::<Vec<bool>>();
        let blanks = rows.iter().map(|seen| seen.cells.iter().filter(|cell| cell.is_empty()).count() as f32).collect();
        sight.keep((Kind::Blanks, 0), blanks, &kept);
        sight.keep((Kind::Lacks, 0), others(rows.iter().map(lacks)), &kept);
        sight
    }

    fn keep(&mut self, kind: (Kind, usize), all: Vec<f32>, kept: &[usize]) {
        let feature: Vec<f32> = kept.iter().map(|at| all[*at]).collect();
        if feature.iter().any(|value| *value != feature[0]) {
            self.kinds.push(kind);
            self.features.push(feature);
        }
    }

    /// Computes the features of one column.
    fn look(&mut self, profile: &Profile, rows: &[Seen<'_>], kept: &[usize], (at, whole): (usize, bool)) {
        let cells = || rows.iter().map(move |seen| seen.cells[at]);
        let each = |of: &dyn Fn(&str) -> Option<f32>| cells().map(|cell| of(cell).unwrap_or(f32::NAN)).collect();
        self.keep((Kind::Blank, at), each(&|cell| Some(f32::from(u8::from(cell.is_empty())))), kept);
        self.keep((Kind::Length, at), each(&|cell| Some(cell.chars().count() as f32)), kept);
        self.keep((Kind::Value, at), others(cells()), kept);
        self.keep((Kind::Start, at), others(cells().map(|cell| cell.split(is_digit).next().unwrap_or_default())), kept);
        self.keep((Kind::Words, at), others(cells().map(words)), kept);
        self.keep((Kind::Shape, at), others(cells().map(shape)), kept);
        let segment = |cell: &str| cell.chars().filter(char::is_ascii_digit).take(SEGMENT_DIGITS).collect::<String>();
        self.keep((Kind::Segment, at), others(cells().map(segment)), kept);
        self.keep((Kind::Number, at), each(&|cell| cell.parse().ok()), kept);
        let last = |cell: &str| cell.chars().next_back()?.to_digit(10).map(|digit| digit as f32);
        self.keep((Kind::LastDigit, at), each(&last), kept);
        let reading = profile.habits[at].reading;
        let is_dated = profile.habits[at].moment.is_some();
        let moments: Vec<_> = cells()
            .map(|cell| moment::parse(unguarded(cell), reading).filter(|_| is_dated).map(|(at, _)| at))
            .collect();
        let of_moment = |of: &dyn Fn(moment::Moment) -> Option<u32>| -> Vec<f32> {
            moments.iter().map(|at| at.and_then(of).map_or(f32::NAN, |value| value as f32)).collect()
        };
        if is_dated {
            let weekday = |at: moment::Moment| at.day().map(|day| day.weekday().num_days_from_monday());
            self.keep((Kind::Weekday, at), of_moment(&weekday), kept);
            self.keep((Kind::Hour, at), of_moment(&|at| at.time().map(|time| time.hour())), kept);
            self.keep((Kind::Minute, at), of_moment(&|at| at.time().map(|time| time.minute())), kept);
        }
        if whole && (is_dated || profile.order(at).is_some()) {
            let value = |nth: usize| match (is_dated, moments[nth]) {
                (true, Some(at)) => Some(at.seconds()),
                (true, None) => None,
                (false, _) => counter(rows[nth].cells[at].as_bytes(), COUNTER_DIGITS_MAX),
            };
            let values: Vec<Option<i64>> = (0..rows.len()).map(value).collect();
            let step = |pair: (Option<i64>, Option<i64>)| match pair {
                (Some(before), Some(now)) => signed_log((now - before) as f32),
                (None, _) | (_, None) => f32::NAN,
            };
            let pairs: Vec<f32> = values.windows(2).map(|pair| step((pair[0], pair[1]))).collect();
            self.keep((Kind::StepBefore, at), std::iter::once(f32::NAN).chain(pairs.iter().copied()).collect(), kept);
            self.keep((Kind::StepAfter, at), pairs.into_iter().chain([f32::NAN]).collect(), kept);
        }
    }
}

/// Puts the canaries among the sampled rows, each where it would stand.
fn rows<'a>(profile: &'a Profile, planned: &'a [Planned]) -> Vec<Seen<'a>> {
    let columns = profile.layout.columns.len();
    let share = profile.crowd.len() as f64 / profile.rows.max(1) as f64;
    let mut canaries = planned.iter().enumerate().peekable();
    let mut rows = Vec::with_capacity(profile.crowd.len() + planned.len());
    for (nth, row) in profile.crowd.iter().enumerate() {
        while let Some((above, canary)) = canaries.peek()
            && (canary.data_row - *above as u64 - 1) as f64 * share <= nth as f64
        {
            rows.push(Seen { cells: of_canary(canary, columns), is_canary: true });
            canaries.next();
        }
        rows.push(Seen { cells: (0..columns).map(|at| row.cell(at).trim()).collect(), is_canary: false });
    }
    rows.extend(canaries.map(|(_, canary)| Seen { cells: of_canary(canary, columns), is_canary: true }));
    rows
}

fn of_canary(canary: &Planned, columns: usize) -> Vec<&str> {
    (0..columns).map(|at| canary.row.cells.get(at).map_or("", |cell| cell.trim())).collect()
}

/// Counts for each row how many have the same key, itself included, as a logarithm: 0 where no other has.
fn others<K: Hash>(keys: impl Iterator<Item = K>) -> Vec<f32> {
    let keys: Vec<u64> = keys
        .map(|key| {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    let mut counts: HashMap<u64, u32> = HashMap::new();
    keys.iter().for_each(|key| *counts.entry(*key).or_default() += 1);
    keys.iter().map(|key| (counts[key] as f32).log2()).collect()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn words(cell: &str) -> String {
    cell.chars().filter(|c| !is_digit(*c)).collect()
}

/// Writes the kinds of a cell's characters, runs of letters made one.
fn shape(cell: &str) -> String {
    let mut shape = String::new();
    for c in cell.chars() {
        let kind = match c {
            '0'..='9' => '9',
            c if c.is_uppercase() => 'A',
            c if c.is_lowercase() => 'a',
            c if c.is_alphabetic() => '字',
            c => c,
        };
        if kind == '9' || !shape.ends_with(kind) {
            shape.push(kind);
        }
    }
    shape
}

fn signed_log(step: f32) -> f32 {
    step.signum() * (1.0 + step.abs()).ln()
}
