//! From probabilities to what may be claimed.
//!
//! A ring proves nothing: nobody is named unless some caller knew what only the row could tell.

use std::collections::BTreeSet;

use serde::Serialize;

use super::background::Background;
use super::calls::counts;
use super::evidence::Evidence;
use super::explain::Weighed;
use super::presence::Presence;
use crate::hit::{Hit, Level};

/// Probabilities from which a source is named; the one of several sources together is the higher.
const SUPPORTED: f64 = 0.95;
const STRONGLY_SUPPORTED: f64 = 0.99;
/// Canaries that must have been called for the stronger word, and of each of several sources.
const CANARIES_MIN: usize = 3;
const CANARIES_OF_EACH_MIN: usize = 2;

/// What may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    NotACanary,
    Inconclusive,
    Supported,
    StronglySupported,
}

/// What one holder's copy explains: canaries that were called about the trade or with facts, and hits with facts.
struct Explained {
    canaries: usize,
    contents: usize,
}

/// Judges what was weighed.
pub fn judge(
    evidence: &Evidence,
    presence: &Presence<'_>,
    background: &Background<'_>,
    weighed: &Weighed,
    hits: &[&Hit],
) -> Verdict {
    let explained = |place: usize| {
        let mut canaries = BTreeSet::new();
        let mut contents = 0;
        for hit in hits {
            let listed = counts(presence, hit).filter(|listed| presence.share(*listed, place).is_some());
            let heard =
                hit.heard.level == Level::Content || hit.heard.level == Level::Topic && !evidence.is_dialled(hit);
            if let Some(listed) = listed.filter(|_| heard) {
                canaries.insert(listed);
                contents += usize::from(hit.heard.level == Level::Content);
            }
        }
        Explained { canaries: canaries.len(), contents }
    };
    if let Some((first, probability)) = weighed.sources.first() {
        let Explained { canaries, contents } = explained(*first);
        if *probability >= SUPPORTED && contents > 0 {
            let strong = *probability >= STRONGLY_SUPPORTED
                && canaries >= CANARIES_MIN
                && background.has_controls()
                && are_quiet(evidence, hits);
            return if strong { Verdict::StronglySupported } else { Verdict::Supported };
        }
    }
    let several = weighed.explanations.first().filter(|best| best.places.len() > 1);
    let each = |place: &usize| {
        let Explained { canaries, contents } = explained(*place);
        canaries >= CANARIES_OF_EACH_MIN && contents > 0
    };
    match several {
        Some(best) if best.probability >= STRONGLY_SUPPORTED && best.places.iter().all(each) => Verdict::Supported,
        Some(_) | None => Verdict::Inconclusive,
    }
}

/// Tells whether none of those who knew facts calls anybody.
fn are_quiet(evidence: &Evidence, hits: &[&Hit]) -> bool {
    hits.iter().all(|hit| hit.heard.level != Level::Content || !evidence.is_dialled(hit))
}
