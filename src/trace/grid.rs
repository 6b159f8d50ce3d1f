//! The points at which a leak is weighed: when the copy was made, which rows it had, how many of them were called.
//!
//! Hypotheses that are compared closely are weighed on the same points, so that none gains by having more of them.

use std::collections::BTreeSet;

use super::presence::Presence;

/// Seconds after the last planting at which a copy can have been made too.
const AFTER_LAST: [i64; 4] = [3 * DAY, 10 * DAY, 30 * DAY, 100 * DAY];
const DAY: i64 = 86_400;
/// Prior share of leaks that take all rows a copy has; the others take a stretch of days.
const WHOLE_COPY: f64 = 0.5;

/// Shares of a copy's canaries that are called, about evenly spaced in log-odds: nothing is known of how much of a list is
/// called but that it is anything from five calls of a sample to the whole.
pub const RATES: [f64; 12] = [0.005, 0.015, 0.035, 0.07, 0.13, 0.22, 0.35, 0.5, 0.65, 0.8, 0.92, 0.98];

/// How fine a grid is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fineness {
    /// To choose among all holders.
    Coarse,
    /// To weigh the likely ones.
    Fine,
}

/// A time at which the copy can have been made: after what was planted up to `newest`, with calls counted from `from`;
/// in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Copied {
    pub from: i64,
    pub newest: i64,
    /// Begin of the next point's time.
    pub before: i64,
}

/// A stretch of bins of days, `first` included and `end` not, with its prior weight.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub first: usize,
    pub end: usize,
    pub weight: f64,
}

/// The points of time, days and rates.
pub struct Grid {
    pub times: Vec<Copied>,
    /// Shares of the copy's canaries that are called, evenly weighted.
    pub rates: &'static [f64],
    /// The last day of each bin of days but the last, in days of the common era.
    edges: Vec<i32>,
    pub windows: Vec<Window>,
    pub until: i64,
}

impl Fineness {
    fn times(self) -> usize {
        match self {
            Fineness::Coarse => 8,
            Fineness::Fine => 28,
        }
    }

    fn bins(self) -> usize {
        match self {
            Fineness::Coarse => 5,
            Fineness::Fine => 12,
        }
    }

    fn rates(self) -> &'static [f64] {
        match self {
            Fineness::Coarse => &[0.015, 0.07, 0.25, 0.6, 0.92],
            Fineness::Fine => &RATES,
        }
    }
}

impl Grid {
    /// Lays the points over the canaries of some classes; `until` in seconds.
    pub fn over(presence: &Presence<'_>, classes: impl Iterator<Item = usize>, until: i64, fine: Fineness) -> Grid {
        let (mut planted, mut days) = (BTreeSet::new(), BTreeSet::new());
        for class in classes.map(|class| &presence.classes[class]) {
            planted.extend(class.times());
            planted.extend(class.late.values());
            days.extend(&class.days);
        }
        let planted: Vec<i64> = planted.into_iter().collect();
        let days: Vec<i32> = days.into_iter().collect();
        let ends = even_parts(days.len(), fine.bins());
        let edges = ends.iter().rev().skip(1).rev().map(|end| days[end - 1]).collect();
        let times = times(&planted, until, fine.times());
        Grid { times, rates: fine.rates(), edges, windows: windows(ends.len().max(1)), until }
    }

    /// Gives the first point of time at which a copy can have what was planted then.
    pub fn first_with(&self, planted: i64) -> usize {
        self.times.partition_point(|copied| copied.newest < planted)
    }

    /// Gives the bin of a day.
    pub fn bin(&self, day: i32) -> usize {
        self.edges.partition_point(|edge| *edge < day)
    }

    /// Counts the bins of days.
    pub fn bins(&self) -> usize {
        self.edges.len() + 1
    }

    /// Gives how long each time stands for, in days and at least one: a copy is as likely made on any day.
    pub fn span_days(&self, time: usize) -> f64 {
        let Copied { from, before, .. } = self.times[time];
        ((before - from) as f64 / DAY as f64).max(1.0)
    }
}

/// Cuts `count` things in order into `parts` of about the same number; gives the ends.
fn even_parts(count: usize, parts: usize) -> Vec<usize> {
    let parts = parts.min(count);
    (1..=parts).map(|part| part * count / parts).collect()
}

fn times(planted: &[i64], until: i64, points: usize) -> Vec<Copied> {
    let mut times = Vec::new();
    let mut first = 0;
    for end in even_parts(planted.len(), points) {
        times.push(Copied { from: planted[first], newest: planted[end - 1], before: until });
        first = end;
    }
    if let Some(last) = planted.last() {
        let later = AFTER_LAST.iter().map(|after| last + after).filter(|at| *at < until);
        times.extend(later.map(|at| Copied { from: at, newest: at, before: until }));
    }
    for place in 1..times.len() {
        times[place - 1].before = times[place].from;
    }
    times
}

fn windows(bins: usize) -> Vec<Window> {
    let whole = Window { first: 0, end: bins, weight: 1.0 };
    let mut parts: Vec<Window> = (0..bins)
        .flat_map(|first| (first + 1..=bins).map(move |end| Window { first, end, weight: 0.0 }))
        .filter(|window| window.end - window.first < bins)
        .collect();
    let each = (1.0 - WHOLE_COPY) / parts.len() as f64;
    parts.iter_mut().for_each(|window| window.weight = each);
    let whole = if parts.is_empty() { whole } else { Window { weight: WHOLE_COPY, ..whole } };
    parts.push(whole);
    parts
}
