//! How many canaries, where, for which chance: how likely a leak is to be noticed, and its source to be named.
//!
//! Everything rests on which copy holds which canaries, as `trace` sees it, and on assumptions that no ledger can give
//! ([`Assumptions`]). A chance here is one under those assumptions, for a leak that has happened; how often leaks
//! happen is not known to it.

mod allocate;
mod allot;
mod chance;
mod error;
mod rehearse;
mod reuse;
mod same_rows;
mod what_if;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rand::Rng;
use serde::Serialize;

pub use allocate::Greedy;
pub use allot::{Allotment, Give, Point, Wish, allot};
pub use chance::{FirstTold, ROWS_MAX, chance_called, first_told};
pub use error::PlanError;
pub use rehearse::{Effort, Rehearsed, Stage, rehearse};
pub use reuse::{QUIET, Reuse, after_years, quiet_after_days};
pub use what_if::WhatIf;

use crate::holder::{FlowGraph, HolderId};
use crate::trace::priors::told_ratio;
use crate::trace::{Cohort, Copies};
use chance::{Part, chance_of_parts};

/// Days of watching controls after which their rate is to be known.
const WATCH_DAYS: f64 = 90.0;
/// Relative standard error with which controls are to tell the rate of chance calls.
const RATE_ERROR: f64 = 0.3;

/// What no ledger can tell; each has a source.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Assumptions {
    /// Rows called of a sample that is given away: Shenzhen 2016, 5 of 230.
    pub sample_calls: u64,
    /// Calls a day of somebody who works through a list: Deyang 2015, 135 and more.
    pub calls_a_day: u64,
    /// Days for which he does so.
    pub days: u64,
    /// Rows of a list that is seized: Shenzhen 2016, more than 1,000 of one hospital.
    pub seized_rows: u64,
    /// Share of calls in which something is said that tells of the row: 62 % of answered calls are silent (Prasad et al. 2020).
    pub told: f64,
    /// Rows of a list that was never seen: as of one that is seized.
    pub list_rows: u64,
}

impl Default for Assumptions {
    fn default() -> Assumptions {
        Assumptions { sample_calls: 5, calls_a_day: 135, days: 30, seized_rows: 1_000, told: 0.38, list_rows: 1_000 }
    }
}

/// Canaries of one planting that were seen in the same lists; those of the cohort ring, `retired` ones stand in lists only.
///
/// A row with two numbers of the pool is one canary here.
#[derive(Debug, Clone, PartialEq)]
pub struct Planted {
    pub cohort: Cohort,
    pub retired: usize,
}

/// What a plan stands on.
#[derive(Debug, Clone)]
pub struct Known {
    pub graph: FlowGraph,
    pub planted: Vec<Planted>,
    /// Rows of each holder's own lists, where any was seen.
    pub rows: BTreeMap<HolderId, u64>,
    /// Calls a day that reach a number by chance, and the shape of their Gamma distribution.
    pub chance_per_day: f64,
    pub shape: f64,
    pub controls: usize,
    pub now: DateTime<Utc>,
}

/// Chances that a leak of a copy is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Noticed {
    /// A canary is called where a few rows of a sample are.
    pub sample: f64,
    /// A canary is called by somebody who works through the list.
    pub worked_through: f64,
    /// A canary stands in a part of the list that is seized.
    pub seized: f64,
}

/// What a leak at one holder would come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    pub holder: HolderId,
    /// Canaries made for it, and those in its copy (expected, where flows carry shares), all of which ring.
    pub canaries: usize,
    pub in_copy: f64,
    pub rows: u64,
    /// Whether the rows are assumed, because no list was seen.
    pub rows_assumed: bool,
    pub noticed: Noticed,
    pub first_told: Option<FirstTold>,
    pub named: f64,
    pub named_error: f64,
    pub confused_with: Vec<HolderId>,
}

/// Copies with their rows and how they are called, under some assumptions.
pub struct Ground {
    pub copies: Copies,
    /// By cluster, canaries that ring, and all that stand in lists.
    pub ringing: Vec<usize>,
    standing: Vec<usize>,
    /// By place, rows of the copy and whether they are assumed.
    rows: Vec<(u64, bool)>,
    /// By place, the chance that a canary of the copy is called by somebody who tells of it.
    pub told: Vec<f64>,
    /// Likelihood ratio of a call that tells.
    pub ratio: f64,
}

impl Known {
    /// Tells how many controls measure the rate of chance calls well enough: the relative variance of a mean over n
    /// numbers is (1/shape + 1/(rate · days)) / n.
    pub fn controls_wanted(&self) -> usize {
        let variance = 1.0 / self.shape + 1.0 / (self.chance_per_day * WATCH_DAYS);
        (variance / RATE_ERROR.powi(2)).ceil() as usize
    }
}

impl Ground {
    /// Lays the ground of a plan; refuses where there is no holder.
    pub fn of(known: &Known, assumed: &Assumptions) -> Result<Ground, PlanError> {
        if known.graph.holders().next().is_none() {
            return Err(PlanError::NoHolders);
        }
        let ringing: Vec<Cohort> = known.planted.iter().map(|planted| planted.cohort.clone()).collect();
        let standing = known.planted.iter().map(|planted| {
            let canaries = planted.cohort.canaries + planted.retired;
            Cohort { canaries, ..planted.cohort.clone() }
        });
        let counts = |copies: &Copies| copies.clusters.iter().map(|cluster| cluster.canaries).collect::<Vec<usize>>();
        let all = Copies::of(&known.graph, &standing.collect::<Vec<_>>(), known.now);
        let copies = Copies::of(&known.graph, &ringing, known.now);
        let rows = rows(known, &copies, assumed);
        let told = rows.iter().map(|(rows, _)| {
            let called = (assumed.calls_a_day * assumed.days) as f64 / (*rows).max(1) as f64;
            called.min(1.0) * assumed.told
        });
        Ok(Ground {
            told: told.collect(),
            ringing: counts(&copies),
            standing: counts(&all),
            rows,
            ratio: told_ratio(known.chance_per_day, known.shape),
            copies,
        })
    }

    /// Gives what rehearsals need, with these canaries by cluster.
    pub fn stage<'s>(&'s self, canaries: &'s [usize]) -> Stage<'s> {
        Stage { copies: &self.copies, canaries, told: &self.told, ratio: self.ratio }
    }

    /// Tells what a leak at each holder would come to, by id.
    pub fn outlook(&self, assumed: &Assumptions, rng: &mut impl Rng) -> Vec<Outlook> {
        let rehearsed = rehearse(&self.stage(&self.ringing), Effort::Full, rng);
        let (ringing, standing) = (self.parts(&self.ringing), self.parts(&self.standing));
        let holder = |place: usize| self.copies.holders[place].clone();
        let mut all: Vec<Outlook> = (0..self.copies.holders.len())
            .map(|place| {
                let (rows, rows_assumed) = self.rows[place];
                let in_copy = expected(&ringing[place]);
                let chance = |parts: &[Part], calls: u64| chance_of_parts(parts, rows, calls.min(rows));
                Outlook {
                    holder: holder(place),
                    canaries: self.made_for(place),
                    in_copy,
                    rows,
                    rows_assumed,
                    noticed: Noticed {
                        sample: chance(&ringing[place], assumed.sample_calls),
                        worked_through: chance(&ringing[place], assumed.calls_a_day * assumed.days),
                        seized: chance(&standing[place], assumed.seized_rows),
                    },
                    first_told: first_told(rows, in_copy, assumed.told, assumed.calls_a_day as f64),
                    named: rehearsed[place].named,
                    named_error: rehearsed[place].error,
                    confused_with: rehearsed[place].confused.iter().map(|other| holder(*other)).collect(),
                }
            })
            .collect();
        all.sort_by(|a, b| a.holder.cmp(&b.holder));
        all
    }

    fn made_for(&self, place: usize) -> usize {
        let own = self.copies.clusters.iter().zip(&self.ringing).filter(|(cluster, _)| cluster.origin == place);
        own.map(|(_, canaries)| canaries).sum()
    }

    /// Gives by place the canaries of each copy.
    fn parts(&self, canaries: &[usize]) -> Vec<Vec<Part>> {
        let mut parts = vec![Vec::new(); self.copies.holders.len()];
        for (cluster, canaries) in self.copies.clusters.iter().zip(canaries).filter(|(_, canaries)| **canaries > 0) {
            for share in &cluster.reach {
                parts[share.place].push(Part { canaries: *canaries, share: share.share });
            }
        }
        parts
    }
}

fn expected(parts: &[Part]) -> f64 {
    // A sum of nothing is -0 in floating point, and would be printed so.
    parts.iter().fold(0.0, |sum, part| sum + part.canaries as f64 * part.share)
}

/// Gives by place the rows of each copy: those of the holder's own lists or what flows to it, whichever is more.
fn rows(known: &Known, copies: &Copies, assumed: &Assumptions) -> Vec<(u64, bool)> {
    let own: Vec<Option<u64>> = copies.holders.iter().map(|holder| known.rows.get(holder).copied()).collect();
    let mut fed: Vec<Option<f64>> = vec![None; own.len()];
    for (origin, cluster) in copies.next.iter().enumerate() {
        let Some(rows) = own[origin] else { continue };
        for share in copies.clusters[*cluster].reach.iter().filter(|share| share.place != origin) {
            *fed[share.place].get_or_insert(0.0) += rows as f64 * share.share;
        }
    }
    let mut canaries = vec![0.0; own.len()];
    for cluster in &copies.clusters {
        cluster.reach.iter().for_each(|share| canaries[share.place] += cluster.canaries as f64 * share.share);
    }
    let of = |((own, fed), canaries): ((Option<u64>, Option<f64>), f64)| {
        let rows = own.into_iter().chain(fed.map(|rows| rows.round() as u64)).max();
        (rows.unwrap_or(assumed.list_rows).max(canaries.ceil() as u64).max(1), rows.is_none())
    };
    own.into_iter().zip(fed).zip(canaries).map(of).collect()
}

#[cfg(test)]
mod tests;
