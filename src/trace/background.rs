//! How numbers are called by chance, learned from times at which nobody can have had them from a list.
//!
//! Calls by chance are Poisson with a rate of each number's own, and the rates follow a Gamma distribution: a quarter
//! of new numbers never rang, others ring daily (Prasad et al., *Who's calling?*, USENIX Security 2020). A number that
//! rings often lifts its own rate, so a flood of rings says less than three.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use foldhash::fast::RandomState;

use super::evidence::{Evidence, Quiet, Watch, WatchKind};
use super::numbers::ln_gamma;
use crate::hit::{Hit, Level};
use crate::phone::Number;

/// Calls a day that reach a number by chance before anything was watched: Prasad et al. 2020 saw one call in 8.42 days
/// on 66,606 unpublished lines.
const CALLS_PER_DAY: f64 = 0.12;
/// Days of watching that this starting value is worth.
const CALLS_PRIOR_DAYS: f64 = 10.0;
/// Days of watching that the pool's mean is worth beside a block's own.
const BLOCK_PRIOR_DAYS: f64 = 60.0;
/// Shapes of the Gamma distribution that are tried; below 1 many numbers never ring.
const SHAPES: [f64; 8] = [0.15, 0.25, 0.4, 0.6, 1.0, 1.8, 3.5, 8.0];
/// The shape taken when nothing was watched long enough to tell: a quarter of the numbers silent for a month.
const SHAPE_UNKNOWN: f64 = 0.6;
/// Share of chance calls about a trade that uses such lists, and the calls that this starting value is worth.
const TOPIC_SHARE: f64 = 0.02;
const TOPIC_PRIOR_CALLS: f64 = 50.0;
/// Shares of a leak's calls in which nothing was said (62 % of answered calls are silent, Prasad et al. 2020, and buyers
/// speak a little more often), and in which the trade was named without a fact.
const LEAK_RING_SHARE: f64 = 0.5;
const LEAK_TOPIC_SHARE: f64 = 0.3;
/// Calls that a day's expectation is worth before the day is called a storm.
const STORM_PRIOR_CALLS: f64 = 3.0;
/// The most that one contact can speak for a leak: a note can be mistaken.
pub const GAIN_MAX: f64 = 1e9;
/// Digits at the end of a number that differ within a block.
const BLOCK_DIGITS: usize = 4;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Contacts and days of watching.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    contacts: f64,
    days: f64,
}

/// How numbers are called by chance.
pub struct Background<'e> {
    shape: f64,
    mean_per_day: f64,
    blocks: HashMap<&'e str, Seen, RandomState>,
    own: HashMap<&'e Number, Seen, RandomState>,
    topic_share: f64,
    storms: BTreeMap<NaiveDate, f64>,
    has_controls: bool,
}

impl<'e> Background<'e> {
    /// Learns from the watched stretches, those of numbers that nobody called counted, and from what reached the numbers
    /// then on each day.
    pub fn learned(watches: &'e [Watch], quiet: &[Quiet], watched_days: &BTreeMap<NaiveDate, u64>) -> Background<'e> {
        let mut own: HashMap<&Number, Seen, RandomState> = HashMap::default();
        let mut blocks: HashMap<&str, Seen, RandomState> = HashMap::default();
        let mut all = Seen::default();
        let mut topics = 0.0;
        for watch in watches {
            let seen = Seen { contacts: watch.contacts as f64, days: days_between(watch.since, watch.until) };
            all.add(seen);
            blocks.entry(block(&watch.number)).or_default().add(seen);
            own.entry(&watch.number).or_default().add(seen);
            topics += watch.topics as f64;
        }
        let silent = |quiet: &Quiet| {
            let seen = Seen { contacts: 0.0, days: days_between(quiet.since, quiet.until) };
            (seen, quiet.numbers as f64)
        };
        for (seen, numbers) in quiet.iter().map(silent) {
            all.days += numbers * seen.days;
        }
        let mean_per_day = (CALLS_PER_DAY * CALLS_PRIOR_DAYS + all.contacts) / (CALLS_PRIOR_DAYS + all.days);
        Background {
            shape: fitted_shape(own.values().map(|seen| (*seen, 1.0)).chain(quiet.iter().map(silent)), mean_per_day),
            mean_per_day,
            blocks,
            own,
            topic_share: (TOPIC_SHARE * TOPIC_PRIOR_CALLS + topics) / (TOPIC_PRIOR_CALLS + all.contacts),
            storms: storms((watches, quiet), watched_days, mean_per_day),
            has_controls: watches.iter().any(|watch| watch.kind == WatchKind::Control),
        }
    }

    /// Gives the calls a day to expect on a number by chance, given what reached it while it could only be chance and
    /// `others` contacts in `days` since: the mean of the Gamma distribution after seeing them.
    pub fn calls_per_day(&self, number: &Number, others: f64, days: f64) -> f64 {
        let block = self.blocks.get(block(number)).copied().unwrap_or_default();
        let mean = (self.mean_per_day * BLOCK_PRIOR_DAYS + block.contacts) / (BLOCK_PRIOR_DAYS + block.days);
        let own = self.own.get(number).copied().unwrap_or_default();
        (self.shape + own.contacts + others) / (self.shape / mean + own.days + days)
    }

    /// Gives how many times likelier what this contact said is from somebody who holds the canary's row than by chance,
    /// per call a day: to be divided by the chance rate and by the days in which a buyer's call could have fallen.
    pub fn gain_per_rate(&self, hit: &Hit, evidence: &Evidence) -> f64 {
        let dials_anybody = evidence.is_dialled(hit);
        let by_words = match hit.heard.level {
            Level::Content => 1.0 / hit.heard.chance,
            Level::Ring | Level::Topic if dials_anybody => return 0.0,
            Level::Ring => LEAK_RING_SHARE / (1.0 - self.topic_share) / hit.heard.chance,
            // One fact of a birth makes a topic as well as the trade's words do.
            Level::Topic => (LEAK_TOPIC_SHARE / self.topic_share).max(1.0 / hit.heard.chance),
        };
        (by_words / self.storm(hit.contact.at)).min(GAIN_MAX)
    }

    /// Gives the calls a day that reach a number by chance, on average over the pool.
    pub fn mean_per_day(&self) -> f64 {
        self.mean_per_day
    }

    /// Gives the shape of the Gamma distribution by which numbers differ; below 1 many never ring.
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// Tells whether any control number is watched.
    pub fn has_controls(&self) -> bool {
        self.has_controls
    }

    /// Gives how many times busier than usual the watched numbers were on that day, never below 1.
    fn storm(&self, at: DateTime<Utc>) -> f64 {
        self.storms.get(&at.date_naive()).copied().unwrap_or(1.0)
    }
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.contacts += other.contacts;
        self.days += other.days;
    }
}

/// Gives a number's block: all but its last digits.
pub fn block(number: &Number) -> &str {
    let text = number.as_str();
    &text[..text.len().saturating_sub(BLOCK_DIGITS)]
}

/// Finds the shape under which the counts of all watched numbers, each standing for so many, are likeliest (negative binomial,
/// mean held).
fn fitted_shape(seen: impl Iterator<Item = (Seen, f64)> + Clone, mean: f64) -> f64 {
    let expected: f64 = seen.clone().map(|(seen, numbers)| numbers * seen.days * mean).sum();
    if expected < 1.0 {
        return SHAPE_UNKNOWN;
    }
    let likelihood = |shape: f64| -> f64 {
        let of_shape = ln_gamma(shape);
        let one = |(seen, numbers): (Seen, f64)| {
            let odds = seen.days * mean / shape;
            let silent = -shape * odds.ln_1p();
            if seen.contacts == 0.0 {
                return numbers * silent;
            }
            let called = ln_gamma(shape + seen.contacts) - of_shape
                + seen.contacts * (odds.max(f64::MIN_POSITIVE).ln() - odds.ln_1p());
            numbers * (silent + called)
        };
        seen.clone().map(one).sum()
    };
    // A lone quiet number says nothing of how rates spread: the unknown shape is held with the weight of a few.
    let held = |shape: f64| -2.0 * (shape / SHAPE_UNKNOWN).ln().powi(2);
    let of = |shape: f64| likelihood(shape) + held(shape);
    SHAPES.into_iter().max_by(|a, b| of(*a).total_cmp(&of(*b))).unwrap_or(SHAPE_UNKNOWN)
}

/// Finds the days on which the watched numbers were busier than their number explains.
fn storms(
    (watches, quiet): (&[Watch], &[Quiet]),
    watched_days: &BTreeMap<NaiveDate, u64>,
    mean_per_day: f64,
) -> BTreeMap<NaiveDate, f64> {
    let mut changes: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    let silent = quiet.iter().map(|quiet| (quiet.since, quiet.until, quiet.numbers as i64));
    for (since, until, numbers) in watches.iter().map(|watch| (watch.since, watch.until, 1)).chain(silent) {
        *changes.entry(since.date_naive()).or_default() += numbers;
        *changes.entry(until.date_naive().succ_opt().unwrap_or(NaiveDate::MAX)).or_default() -= numbers;
    }
    let mut changes = changes.into_iter().peekable();
    let (mut open, mut storms) = (0, BTreeMap::new());
    for (day, contacts) in watched_days {
        while let Some((_, change)) = changes.next_if(|(at, _)| at <= day) {
            open += change;
        }
        let times = (STORM_PRIOR_CALLS + *contacts as f64) / (STORM_PRIOR_CALLS + open as f64 * mean_per_day);
        if times > 1.0 {
            storms.insert(*day, times);
        }
    }
    storms
}

/// Gives the days between two times, 0 if they are the wrong way round.
pub fn days_between(since: DateTime<Utc>, until: DateTime<Utc>) -> f64 {
    ((until - since).num_seconds() as f64 / SECONDS_PER_DAY).max(0.0)
}
