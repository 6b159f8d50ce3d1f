//! From hits to a source: which copy explains what was seen, better than chance and than other copies.
//!
//! A hospital's canary is also in every copy made downstream of it, so "most hits wins" accuses the
//! hospital of what the agency leaked; the canaries that stayed silent are what tells the two apart.

mod doubt;
mod evidence;
mod presence;
mod weigh;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

pub use doubt::Doubt;
pub use evidence::{CanaryFact, Cohort, ControlFact, Evidence, Receipt, Standing};
pub use presence::{Reached, Story, related, story};

use crate::hit::{Caller, CampaignId, Hit};
use crate::holder::HolderId;
use crate::id::CanaryId;
use presence::Presence;
use weigh::{Background, Weighed};

/// What may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Inconclusive,
    NotACanary,
}

/// A holder whose copy may be where the data came from; `probability` is 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    pub holder: HolderId,
    pub probability: f64,
    pub hits_explained: usize,
    /// The days between which one copy with all these canaries was made; none if one copy cannot have them all.
    pub copied_between: Option<(NaiveDate, NaiveDate)>,
}

/// The contacts of one campaign, weighed apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Campaign {
    pub id: CampaignId,
    pub callers: Vec<Caller>,
    pub sources: Vec<Source>,
    pub background: f64,
    pub verdict: Verdict,
}

/// What a trace found; probabilities of `sources` and `background` add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    pub verdict: Verdict,
    pub hits: Vec<Hit>,
    pub sources: Vec<Source>,
    pub background: f64,
    pub campaigns: Vec<Campaign>,
    pub against: Vec<Doubt>,
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

impl Default for NotOurs {
    fn default() -> NotOurs {
        NotOurs::new()
    }
}

/// Weighs all hits together, and each campaign apart.
pub fn trace(evidence: &Evidence) -> Finding {
    let presence = Presence::of(evidence);
    let background = Background::learned(evidence);
    let all: Vec<&Hit> = evidence.hits.iter().collect();
    let together = weigh::weigh(&presence, &background, &all);
    let mut apart: BTreeMap<CampaignId, Vec<&Hit>> = BTreeMap::new();
    for hit in &evidence.hits {
        apart.entry(hit.campaign).or_default().push(hit);
    }
    let only_one = apart.len() == 1;
    let campaigns = apart.into_iter().map(|(id, hits)| {
        let weighed = if only_one { together.clone() } else { weigh::weigh(&presence, &background, &hits) };
        let callers: BTreeSet<&Caller> = hits.iter().filter_map(|hit| hit.contact.from.as_ref()).collect();
        Campaign {
            id,
            callers: callers.into_iter().cloned().collect(),
            sources: sources(&presence, &weighed, &hits),
            background: weighed.background,
            verdict: Verdict::Inconclusive,
        }
    });
    let campaigns = campaigns.collect();
    Finding {
        verdict: Verdict::Inconclusive,
        hits: evidence.hits.clone(),
        against: doubt::doubts(evidence, &presence, &background, &together),
        sources: sources(&presence, &together, &all),
        background: together.background,
        campaigns,
    }
}

fn sources(presence: &Presence<'_>, weighed: &Weighed, hits: &[&Hit]) -> Vec<Source> {
    let source = |(holder, probability): &(usize, f64)| {
        let explained: Vec<(CanaryId, DateTime<Utc>)> =
            hits.iter().filter_map(|hit| Some((presence.explained_by(*holder, hit)?, hit.contact.at))).collect();
        Source {
            holder: presence.holder(*holder).clone(),
            probability: *probability,
            hits_explained: explained.len(),
            copied_between: copied_between(presence, &explained),
        }
    };
    weighed.sources.iter().map(source).collect()
}

/// Gives the days of the newest canary's planting and of the first contact.
fn copied_between(presence: &Presence<'_>, explained: &[(CanaryId, DateTime<Utc>)]) -> Option<(NaiveDate, NaiveDate)> {
    let newest = explained.iter().filter_map(|(canary, _)| presence.planted_at(*canary)).max()?;
    let first = explained.iter().map(|(_, at)| *at).min()?;
    (newest <= first).then(|| (newest.date_naive(), first.date_naive()))
}

#[cfg(test)]
mod tests;
