//! From hits to a source: which copy explains what was seen, better than chance and than other copies.
//!
//! A hospital's canary is also in every copy made downstream of it, so "most hits wins" accuses the hospital of what the
//! agency leaked; the canaries that stayed silent are what tells the two apart. `docs/METHOD.md` has the model in words.

mod background;
mod callers;
mod calls;
mod compared;
mod copies;
mod decide;
mod doubt;
mod evidence;
mod explain;
mod grid;
mod in_part;
mod list_doubt;
mod numbers;
mod parts;
mod presence;
pub mod priors;
mod same_rows;
mod spoken;
mod story;
mod sums;
mod tables;
mod tally;
mod verdict;
mod ways;
mod weigh;
mod withheld;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;

pub use background::{Background, block};
pub use copies::{Cluster, Copies, Share};
pub use decide::Decider;
pub use doubt::{Doubt, WholeDoubt};
pub use evidence::{CanaryFact, Cohort, Evidence, Quiet, Receipt, Rows, Seen, Standing, Watch, WatchKind};
pub use explain::How;
pub use in_part::mixes_others_in;
pub use list_doubt::ListDoubt;
pub use story::{Reached, Story, story};
pub use verdict::Verdict;
pub use ways::related;

use crate::hit::{Caller, CampaignId, Hit, Level};
use crate::holder::HolderId;
use callers::Coherent;
use calls::{Called, Chance, Counted};
use explain::{Depth, Weighed, explain};
use grid::{Fineness, Grid};
use presence::Presence;
use tally::{Tally, day};
use verdict::Judged;
use weigh::{Undeclared, Weigher};

/// Most campaigns that are weighed apart, those with most to say first; more are counted.
const CAMPAIGNS_MAX: usize = 20;
/// Most sources whose copying is dated by weighing; the others' is between their newest canary and the first contact.
const DATED_MAX: usize = 6;
/// Probabilities nearer to each other than this are alike.
const ALIKE_PROBABILITY: f64 = 1e-9;
/// Share of the first source's probability from which another cannot be told apart from it.
const ALIKE: f64 = 0.05;
/// Least probability of an explanation by several sources that is shown.
const TOGETHER_MIN: f64 = 0.01;
/// Chance that the copy was made outside the days that are given, half on each side.
const OUTSIDE: f64 = 0.05;

/// A holder whose copy may be where the data came from; `probability` is 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    pub holder: HolderId,
    pub probability: f64,
    /// Hits to canaries of its copy that are likelier called by a buyer than by chance.
    pub hits_explained: usize,
    /// Canaries of its copy that were so called, and that stayed silent, or rang as by chance, though they were there by then.
    pub canaries_called: usize,
    pub canaries_silent: usize,
    /// The days between which the copy was made, 95 % sure; none if one copy cannot have been called as these were.
    pub copied_between: Option<(NaiveDate, NaiveDate)>,
}

/// The canaries of one origin in a copy: how many were called, and how many stayed silent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    pub origin: HolderId,
    pub called: usize,
    pub silent: usize,
}

/// Several holders whose copies leaked, each by itself or only what all of them have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Together {
    pub holders: Vec<HolderId>,
    pub how: How,
    pub probability: f64,
}

/// The contacts of one campaign, weighed apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Campaign {
    pub id: CampaignId,
    pub callers: Vec<Caller>,
    pub sources: Vec<Source>,
    pub background: f64,
    pub verdict: Verdict,
    pub hits: usize,
}

/// What a trace found; probabilities of `sources` and `background` add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    pub verdict: Verdict,
    /// The holders that the verdict names: the data used derive from the copies given to them.
    pub named: Vec<HolderId>,
    pub hits: Vec<Hit>,
    pub sources: Vec<Source>,
    pub background: f64,
    /// Leaks at several holders at once, where that may be; their probability is shared out among `sources`.
    pub together: Vec<Together>,
    /// What the copy of the first source holds, by origin.
    pub copy: Vec<Part>,
    /// Holders that the evidence cannot tell apart from the first source.
    pub alike: Vec<HolderId>,
    pub campaigns: Vec<Campaign>,
    /// Campaigns of a single ring and the like that are not weighed apart.
    pub campaigns_left_out: usize,
    pub against: Vec<Doubt>,
    pub decides: Vec<Decider>,
}

/// The answer for a number that is not in the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NotOurs {
    verdict: Verdict,
}

impl NotOurs {
    /// Says that a number is no canary's.
    pub fn new() -> NotOurs {
        NotOurs { verdict: Verdict::NotACanary }
    }
}

impl Finding {
    /// Takes back what this finding on some of the hits names, and its campaigns, where all hits together do not bear it out.
    pub fn beside(mut self, whole: &Finding) -> Finding {
        let most = |holder: &HolderId| whole.at_most(holder);
        for campaign in &mut self.campaigns {
            campaign.verdict =
                campaign.sources.first().map_or(campaign.verdict, |source| campaign.verdict.min(most(&source.holder)));
        }
        let borne_out = self.named.iter().map(most).min().unwrap_or(self.verdict);
        if borne_out < self.verdict {
            self.verdict = borne_out;
            let [own, likely] = [&self, whole].map(|one| one.sources.first().map(|source| &source.holder));
            let doubt = match likely.filter(|likely| Some(*likely) != own) {
                Some(likely) => Doubt::Whole(WholeDoubt::Other { holder: likely.clone() }),
                None => Doubt::Whole(WholeDoubt::Less),
            };
            self.against.insert(0, doubt);
        }
        if self.verdict <= Verdict::Inconclusive {
            self.named.clear();
        }
        self
    }

    /// Gives the strongest verdict on a holder that all hits together allow on some of them.
    fn at_most(&self, holder: &HolderId) -> Verdict {
        if self.named.contains(holder) { self.verdict } else { Verdict::Inconclusive }
    }
}

impl Default for NotOurs {
    fn default() -> NotOurs {
        NotOurs::new()
    }
}

/// Some hits, and what they come to.
struct Case<'h> {
    hits: &'h [&'h Hit],
    counted: Vec<Counted<'h>>,
    tally: Tally,
    called: Called,
}

/// What a weighing needs besides the hits.
struct Bench<'e> {
    evidence: &'e Evidence,
    presence: Presence<'e>,
    chance: Chance<'e>,
}

/// Weighs all hits together, and each campaign apart.
pub fn trace(evidence: &Evidence) -> Finding {
    Finding { hits: evidence.hits.clone(), ..found(evidence).unless_void_told(evidence) }
}

/// Does the same, and moves the hits into the finding: the evidence has none afterwards.
pub fn trace_taking_hits(evidence: &mut Evidence) -> Finding {
    let finding = found(evidence).unless_void_told(evidence);
    Finding { hits: std::mem::take(&mut evidence.hits), ..finding }
}

/// Weighs all there is; the hits themselves are to be put in.
fn found(evidence: &Evidence) -> Finding {
    let presence = Presence::of(evidence);
    let background = Background::learned(&evidence.watches, &evidence.quiet, &evidence.watched_days);
    let all: Vec<&Hit> = evidence.hits.iter().collect();
    let counted = calls::counted(&presence, all.iter().copied());
    let rates = calls::chance_rates(&presence, &background, &counted, evidence.until);
    let coherent = Coherent::among(evidence, &presence);
    let bench = Bench { evidence, presence, chance: Chance { background, rates, coherent } };
    let case = bench.case(&all, counted);
    let together = bench.weigh(&case, Depth::Whole);
    let judged = verdict::judge(evidence, &bench.presence, &bench.chance.background, &together, &case);
    let (campaigns, campaigns_left_out) = bench.campaigns((&together, &judged), &case);
    let sources = bench.sources(&together, &case, DATED_MAX);
    let name = |places: &[usize]| places.iter().map(|place| bench.presence.holder(*place).clone()).collect();
    let mut alike = rivals(&together);
    alike.extend(judged.others().filter(|place| !alike.contains(place)).collect::<Vec<_>>());
    let mut against = doubt::doubts(evidence, &bench.presence, &bench.chance.background, &sources, &case);
    let withheld = doubt::withheld(&judged, &name);
    // What withholds a name stands first; beside a source that is not likely enough it is one doubt of several.
    match together.sources.first().is_some_and(|(_, probability)| *probability >= verdict::SUPPORTED) {
        true => against.splice(0..0, withheld).for_each(drop),
        false => against.extend(withheld),
    }
    let decides = decide::deciders(&bench.presence, &together, &alike, &against);
    let several = together.explanations.iter().filter(|one| one.places.len() > 1 && one.probability >= TOGETHER_MIN);
    let several = several.map(|one| {
        let mut holders: Vec<HolderId> = one.places.iter().map(|place| bench.presence.holder(*place).clone()).collect();
        holders.sort_unstable();
        Together { holders, how: one.how, probability: one.probability }
    });
    Finding {
        verdict: judged.verdict,
        named: name(&judged.named),
        sources,
        background: together.background,
        together: several.collect(),
        copy: together.sources.first().map_or_else(Vec::new, |(place, _)| bench.copy(*place, &case)),
        alike: name(&alike),
        campaigns,
        campaigns_left_out,
        against,
        decides,
        hits: Vec::new(),
    }
}

/// Finds the holders that cannot be told apart from the first source; those that share its explanation are no rivals.
fn rivals(weighed: &Weighed) -> Vec<usize> {
    let Some((first, least)) = weighed.sources.first().map(|(place, p)| (*place, ALIKE * p)) else { return Vec::new() };
    let best = weighed.explanations.iter().find(|one| one.places.contains(&first));
    let joined = best.map_or(&[][..], |best| best.places.as_slice());
    let others = weighed.sources.iter().skip(1).take_while(|(_, probability)| *probability >= least);
    others.map(|(place, _)| *place).filter(|place| !joined.contains(place)).collect()
}

impl Bench<'_> {
    fn case<'h>(&self, hits: &'h [&'h Hit], counted: Vec<Counted<'h>>) -> Case<'h> {
        let called = calls::called(&self.presence, &self.chance, self.evidence, &counted);
        let tally = Tally::of(&self.presence, &counted, &called, self.evidence.until.timestamp());
        Case { hits, counted, tally, called }
    }

    fn weigh(&self, case: &Case<'_>, depth: Depth) -> Weighed {
        let mut weighed = explain(&self.presence, &case.called, self.evidence.until.timestamp(), depth);
        // Of holders that are equally likely, the one that the canaries were made for stands first.
        let alike = |a: f64, b: f64| (a - b).abs() < ALIKE_PROBABILITY;
        let mut ranked: Vec<(usize, f64)> = std::mem::take(&mut weighed.sources);
        for run in ranked.chunk_by_mut(|a, b| alike(a.1, b.1)) {
            if run.len() > 1 && run[0].1 > ALIKE_PROBABILITY {
                run.sort_by_cached_key(|(place, _)| {
                    (
                        std::cmp::Reverse(case.tally.at_origin(&self.presence, *place)),
                        self.presence.holder(*place).clone(),
                    )
                });
            }
        }
        weighed.sources = ranked;
        weighed
    }

    fn copy(&self, place: usize, case: &Case<'_>) -> Vec<Part> {
        let newest = case.tally.explained(&self.presence, place).map(|explained| explained.newest);
        newest.map_or_else(Vec::new, |newest| case.tally.parts(&self.presence, place, newest))
    }

    fn campaigns(&self, (together, judged): (&Weighed, &Judged), whole: &Case<'_>) -> (Vec<Campaign>, usize) {
        let hits = &self.evidence.hits;
        let mut by_campaign: Vec<(CampaignId, usize)> =
            hits.iter().enumerate().map(|(place, hit)| (hit.campaign, place)).collect();
        by_campaign.sort_unstable();
        let mut order: Vec<&[(CampaignId, usize)]> = by_campaign.chunk_by(|a, b| a.0 == b.0).collect();
        if let [_] = order[..] {
            return (vec![self.campaign(by_campaign[0].0, whole, together, judged)], 0);
        }
        let says = |of: &[(CampaignId, usize)]| {
            // Most strangers call once.
            if let [(_, place)] = of {
                return (Some(hits[*place].heard.level), 1);
            }
            let mut numbers: Vec<_> = of.iter().map(|(_, place)| &hits[*place].contact.to).collect();
            numbers.sort_unstable();
            numbers.dedup();
            (of.iter().map(|(_, place)| hits[*place].heard.level).max(), numbers.len())
        };
        let left_out = order.len().saturating_sub(CAMPAIGNS_MAX);
        if left_out > 0 {
            order.sort_by_cached_key(|of| (std::cmp::Reverse(says(of)), of[0].0));
            order.truncate(CAMPAIGNS_MAX);
            order.sort_unstable_by_key(|of| of[0].0);
        }
        let order =
            order.into_iter().map(|of| (of[0].0, of.iter().map(|(_, place)| &hits[*place]).collect::<Vec<_>>()));
        let weighed = order.map(|(id, hits)| {
            let content = hits.iter().any(|hit| hit.heard.level == Level::Content);
            let depth = if content { Depth::Single } else { Depth::Glance };
            let case = self.case(&hits, calls::counted(&self.presence, hits.iter().copied()));
            self.campaign(id, &case, &self.weigh(&case, depth), judged)
        });
        (weighed.collect(), left_out)
    }

    /// Tells of one campaign; it names nobody whom the whole of the evidence does not name, and nobody more strongly.
    fn campaign(&self, id: CampaignId, case: &Case<'_>, weighed: &Weighed, whole: &Judged) -> Campaign {
        let own = verdict::judge(self.evidence, &self.presence, &self.chance.background, weighed, case).verdict;
        let is_named = weighed.sources.first().is_some_and(|(place, _)| whole.named.contains(place));
        let verdict = if is_named { own.min(whole.verdict) } else { Verdict::Inconclusive };
        let callers: BTreeSet<&Caller> = case.hits.iter().filter_map(|hit| hit.contact.from.as_ref()).collect();
        Campaign {
            id,
            callers: callers.into_iter().cloned().collect(),
            sources: self.sources(weighed, case, 1),
            background: weighed.background,
            verdict,
            hits: case.hits.len(),
        }
    }

    fn sources(&self, weighed: &Weighed, case: &Case<'_>, dated: usize) -> Vec<Source> {
        let source = |(rank, (place, probability)): (usize, &(usize, f64))| {
            let explained = case.tally.explained(&self.presence, *place);
            let copied_between = explained.as_ref().and_then(|explained| match rank < dated {
                true => self.dated(*place, case),
                false => explained.plain_dates(),
            });
            Source {
                holder: self.presence.holder(*place).clone(),
                probability: *probability,
                hits_explained: explained.as_ref().map_or(0, |explained| explained.hits),
                canaries_called: explained.as_ref().map_or(0, |explained| explained.called),
                canaries_silent: explained.as_ref().map_or(0, |explained| explained.silent),
                copied_between,
            }
        };
        weighed.sources.iter().enumerate().map(source).collect()
    }

    /// Dates a copy: the days that hold all but [`OUTSIDE`] of its probability.
    fn dated(&self, place: usize, case: &Case<'_>) -> Option<(NaiveDate, NaiveDate)> {
        let presence = &self.presence;
        let grid = Grid::over(presence, presence.at(place), self.evidence.until.timestamp(), Fineness::Fine);
        let fit = Weigher::new(presence, &grid, &case.called).weigh(place, Undeclared::Excluded);
        let mut sum = 0.0;
        let (mut first, mut last) = (None, None);
        for (time, share) in fit.by_time.iter().enumerate() {
            sum += share;
            if first.is_none() && sum > OUTSIDE / 2.0 {
                first = Some(grid.times[time].from);
            }
            if last.is_none() && sum >= 1.0 - OUTSIDE / 2.0 {
                last = Some(grid.times[time]);
            }
        }
        let (first, last) = (first?, last?);
        // A caller who told of a row after that point of time had it from a copy made before.
        let told = case.tally.told(presence, place).filter(|at| *at >= last.from).min();
        let before = told.map_or(last.before, |told| told.min(last.before)).max(first);
        Some((day(first)?, day(before)?))
    }
}

#[cfg(test)]
mod tests;
