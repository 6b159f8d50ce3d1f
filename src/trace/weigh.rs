//! How well each copy explains a set of hits, against calls that come by chance.
//!
//! Given a leak at a holder, each canary of its copy is called with one unknown rate ρ, which is
//! integrated out; every other canary is called by chance only. All in logarithms: the product over a
//! thousand silent canaries is far below the smallest `f64`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::evidence::Evidence;
use super::presence::Presence;
use crate::hit::{CampaignId, Hit, Level};
use crate::id::CanaryId;
use crate::phone::Number;

/// Calls a day that reach a number by chance, before any control was watched: Prasad et al., *Who's
/// calling?*, USENIX Security 2020, saw one call in 8.42 days on a number of its honeypot.
const CHANCE_CALLS_PER_DAY: f64 = 0.12;
/// Days of watching that this starting value is worth.
const CHANCE_PRIOR_DAYS: f64 = 10.0;
/// Share of chance calls that are about a trade which uses such lists, and the calls that is worth.
const CHANCE_TOPIC_SHARE: f64 = 0.02;
const CHANCE_TOPIC_PRIOR_CALLS: f64 = 50.0;
/// Share of a leak's calls that are known to be about such a trade.
const LEAK_TOPIC_SHARE: f64 = 0.7;
/// The prior of ρ is Beta(1, 3): most buyers call a part of what they bought, with mean a quarter.
const RATE_PRIOR_BETA: f64 = 3.0;
/// Prior probability that nothing leaked and all is chance.
const CHANCE_PRIOR: f64 = 0.5;
/// The most that the contacts of one canary can speak for a leak; a note can be mistaken.
const GAIN_MAX: f64 = 1e9;
/// Points of ρ, evenly spread over its logarithm from `RATE_MIN` to 1.
const RATE_POINTS: usize = 400;
const RATE_MIN: f64 = 1e-7;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// How numbers are called by chance.
pub struct Background {
    calls_per_day: f64,
    topic_share: f64,
    /// Campaigns that reached a control too: they call anybody.
    pub diallers: BTreeSet<CampaignId>,
    now: DateTime<Utc>,
}

/// Probabilities of the holders by place, likeliest first, and of chance; they add up to 1.
#[derive(Clone)]
pub struct Weighed {
    pub sources: Vec<(usize, f64)>,
    pub background: f64,
}

impl Background {
    /// Learns from the controls: Poisson calls with a Gamma prior, and a Beta prior for their topics.
    pub fn learned(evidence: &Evidence) -> Background {
        let days: f64 = evidence.controls.iter().map(|control| days_between(control.since, evidence.now)).sum();
        let contacts: f64 = evidence.controls.iter().map(|control| control.contacts as f64).sum();
        let topics: f64 = evidence.controls.iter().map(|control| control.topics as f64).sum();
        let controls: BTreeSet<&Number> = evidence.controls.iter().map(|control| &control.number).collect();
        let on_controls = evidence.hits.iter().filter(|hit| controls.contains(&hit.contact.to));
        Background {
            calls_per_day: (CHANCE_CALLS_PER_DAY * CHANCE_PRIOR_DAYS + contacts) / (CHANCE_PRIOR_DAYS + days),
            topic_share: (CHANCE_TOPIC_SHARE * CHANCE_TOPIC_PRIOR_CALLS + topics)
                / (CHANCE_TOPIC_PRIOR_CALLS + contacts),
            diallers: on_controls.map(|hit| hit.campaign).collect(),
            now: evidence.now,
        }
    }

    /// Gives how many times likelier a contact is from a buyer who called this canary than by chance.
    ///
    /// The buyer's call falls anywhere in the days since the planting; chance calls come at their rate,
    /// speak of the trade as often as on controls, and guess each fact with the fact's commonness.
    fn gain(&self, hit: &Hit, planted_at: DateTime<Utc>) -> f64 {
        let days = days_between(planted_at, self.now.max(hit.contact.at)).max(1.0);
        let no_topic = (1.0 - LEAK_TOPIC_SHARE) / (1.0 - self.topic_share);
        let by_level = match hit.heard.level {
            // Whoever calls controls too calls anybody about the trade; only facts speak then.
            Level::Ring | Level::Topic | Level::Content if self.diallers.contains(&hit.campaign) => no_topic,
            Level::Ring => no_topic,
            Level::Topic => LEAK_TOPIC_SHARE / self.topic_share,
            // Whether the trade was named too is not kept at this level; its facts speak for it.
            Level::Content => 1.0,
        };
        let by_facts: f64 = hit.heard.facts.iter().map(|fact| 1.0 / fact.commonness()).product();
        (by_level * by_facts / (days * self.calls_per_day)).min(GAIN_MAX)
    }
}

/// Weighs every holder that has any of the hit canaries, and chance.
pub fn weigh(presence: &Presence<'_>, background: &Background, hits: &[&Hit]) -> Weighed {
    let mut gains: BTreeMap<CanaryId, f64> = BTreeMap::new();
    for hit in hits {
        let Some(canary) = hit.planted.as_ref().map(|planted| planted.canary) else { continue };
        let planted_at = presence.planted_at(canary).filter(|planted_at| *planted_at <= hit.contact.at);
        if let Some(planted_at) = planted_at.filter(|_| presence.reach(canary).is_some()) {
            let gain = gains.entry(canary).or_insert(0.0);
            *gain = (*gain + background.gain(hit, planted_at)).min(GAIN_MAX);
        }
    }
    let candidates: BTreeSet<usize> =
        gains.keys().filter_map(|canary| presence.reach(*canary)).flat_map(|reach| reach.keys().copied()).collect();
    if candidates.is_empty() {
        return Weighed { sources: Vec::new(), background: 1.0 };
    }
    let prior = ((1.0 - CHANCE_PRIOR) / candidates.len() as f64).ln();
    let logs: Vec<(usize, f64)> =
        candidates.into_iter().map(|place| (place, prior + likelihood(presence, place, &gains))).collect();
    let chance = CHANCE_PRIOR.ln();
    let total = log_sum(logs.iter().map(|(_, log)| *log).chain([chance]));
    let origins = |place: usize| gains.keys().filter(|canary| presence.is_origin(**canary, place)).count();
    let mut sources: Vec<(usize, f64)> = logs.into_iter().map(|(place, log)| (place, (log - total).exp())).collect();
    sources.sort_by(|(a, p), (b, q)| {
        q.total_cmp(p)
            .then_with(|| origins(*b).cmp(&origins(*a)))
            .then_with(|| presence.holder(*a).cmp(presence.holder(*b)))
    });
    Weighed { sources, background: (chance - total).exp() }
}

/// Gives the logarithm of how much likelier the hits are given a leak at `place` than by chance.
fn likelihood(presence: &Presence<'_>, place: usize, gains: &BTreeMap<CanaryId, f64>) -> f64 {
    let here: Vec<(f64, f64)> =
        gains.iter().filter_map(|(canary, gain)| Some((presence.share(*canary, place)?, *gain))).collect();
    let hit_here = gains.keys().filter(|canary| presence.share(**canary, place).is_some());
    let Some(newest) = hit_here.filter_map(|canary| presence.planted_at(*canary)).max() else {
        return 0.0;
    };
    let silent = presence.silent(place, newest);
    let step = -RATE_MIN.ln() / RATE_POINTS as f64;
    let points = (0..RATE_POINTS).map(|point| {
        let log_rate = RATE_MIN.ln() + (point as f64 + 0.5) * step;
        let rate = log_rate.exp();
        let prior = RATE_PRIOR_BETA.ln() + (RATE_PRIOR_BETA - 1.0) * (-rate).ln_1p();
        let called: f64 = here.iter().map(|(share, gain)| (share * rate * (gain - 1.0)).ln_1p()).sum();
        let quiet: f64 = silent.iter().map(|(share, count)| *count as f64 * (-share * rate).ln_1p()).sum();
        prior + called + quiet + log_rate + step.ln()
    });
    log_sum(points)
}

/// Adds numbers that are given as logarithms.
fn log_sum(logs: impl Iterator<Item = f64>) -> f64 {
    let logs: Vec<f64> = logs.collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
}

fn days_between(since: DateTime<Utc>, until: DateTime<Utc>) -> f64 {
    ((until - since).num_seconds() as f64 / SECONDS_PER_DAY).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiny_probabilities_add_up_without_vanishing() {
        let sum = log_sum([-10_000.0, -10_000.0].into_iter());
        assert!((sum - (-10_000.0 + 2.0_f64.ln())).abs() < 1e-9);
    }
}
