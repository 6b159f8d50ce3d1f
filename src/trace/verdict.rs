//! From probabilities to what may be claimed.
//!
//! A ring proves nothing: nobody is named unless some caller knew what only the row could tell.

use std::collections::BTreeMap;

use serde::Serialize;

use super::background::Background;
use super::evidence::Evidence;
use super::explain::{How, Weighed};
use super::presence::Presence;
use super::same_rows::{SILENT_BY_CHANCE, SILENT_BY_CHANCE_STRONG, Told, also_had};
use super::tally::Tally;
use super::{Case, Part};
use crate::hit::{Fact, Hit, Level};

/// Probabilities from which a source is named; the one of several sources together is the higher.
pub const SUPPORTED: f64 = 0.95;
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

/// A verdict, the holders it names, by place, and those because of whom it names nobody, or not more strongly: their copies have all
/// that was told of too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub verdict: Verdict,
    pub named: Vec<usize>,
    pub not_excluded: Vec<usize>,
}

impl Judged {
    fn inconclusive() -> Judged {
        Judged { verdict: Verdict::Inconclusive, named: Vec::new(), not_excluded: Vec::new() }
    }

    /// Names these, as far as no other copy that has all that was told of stands against it.
    fn unless_others_had((verdict, named): (Verdict, Vec<usize>), others: &[(usize, f64)]) -> Judged {
        let from = |least: f64| others.iter().filter(|(_, chance)| *chance >= least).map(|(place, _)| *place).collect();
        let (any, strong): (Vec<usize>, Vec<usize>) = (from(SILENT_BY_CHANCE), from(SILENT_BY_CHANCE_STRONG));
        if !any.is_empty() {
            return Judged { not_excluded: any, ..Judged::inconclusive() };
        }
        match verdict == Verdict::StronglySupported && !strong.is_empty() {
            true => Judged { verdict: Verdict::Supported, named, not_excluded: strong },
            false => Judged { verdict, named, not_excluded: Vec::new() },
        }
    }
}

/// Canaries that callers told of and that the named copy never had, at most: one can have come in a way that nobody
/// declared, two say that this is not the copy.
pub const TOLD_ELSEWHERE_MAX: usize = 1;
/// Chance of a guess above which facts do not count as knowing the row: a surname and a sex are guessed once in fifty, a
/// surname and a hospital once in 250.
const GUESS_MAX: f64 = 0.001;
/// Chance that all of a holder's own canaries stay silent, below which its copy is not where the calls come from.
const OWN_SILENT_MIN: f64 = 0.01;

/// Tells whether a caller knew what only the row could tell: two facts or a whole name, hard to guess; or whether the row
/// stood in a list.
pub fn tells(hit: &Hit) -> bool {
    let heard = &hit.heard;
    let is_whole = |fact: &Fact| matches!(fact, Fact::MotherName | Fact::FatherName | Fact::IdNumber);
    let enough = hit.is_listed() || heard.facts.len() > 1 || heard.facts.iter().any(is_whole);
    // Of a list its level says whether it is hard to guess, by itself or together with what else stands in it.
    heard.level == Level::Content && enough && (hit.is_listed() || heard.chance <= GUESS_MAX)
}

/// Judges what was weighed.
pub fn judge(
    evidence: &Evidence,
    presence: &Presence<'_>,
    background: &Background<'_>,
    weighed: &Weighed,
    case: &Case<'_>,
) -> Judged {
    let inconclusive = Judged::inconclusive();
    let Some((first, probability)) = weighed.sources.first() else { return inconclusive };
    let speaking = speaking(evidence, case);
    let others_had = |places: &[usize], beside: &[usize]| {
        let has = |listed: usize, place: usize| presence.share(listed, place).is_some();
        let here = speaking.keys().copied().filter(|listed| {
            places.iter().all(|place| has(*listed, *place)) && !beside.iter().any(|place| has(*listed, *place))
        });
        let listed: Vec<usize> = here.collect();
        let of_these = case.counted.iter().filter(|(at, hit)| tells(hit) && listed.binary_search(at).is_ok());
        let first = of_these.map(|(_, hit)| hit.contact.at.timestamp()).min();
        let others = first.map(|first| also_had(presence, &case.called, &Told { listed, first }, places));
        let mut others = others.unwrap_or_default();
        others.retain(|(place, _)| !beside.contains(place));
        others
    };
    let told = |place: usize, others: &[usize]| {
        let has = |listed: usize, place: usize| presence.share(listed, place).is_some();
        let here = speaking
            .iter()
            .filter(|(listed, _)| has(**listed, place) && !others.iter().any(|other| has(**listed, *other)));
        here.fold((0, false), |(canaries, told), (_, tells)| (canaries + 1, told | tells))
    };
    let (canaries, is_told) = told(*first, &[]);
    let elsewhere = speaking.iter().filter(|(listed, tells)| **tells && presence.share(**listed, *first).is_none());
    let is_whole = elsewhere.count() <= TOLD_ELSEWHERE_MAX;
    if *probability >= SUPPORTED && is_told && is_whole && !own_are_missing(presence, *first, &case.tally) {
        let strong = *probability >= STRONGLY_SUPPORTED
            && canaries >= CANARIES_MIN
            && (background.has_controls() || is_only_listed(case))
            && !case.hits.iter().any(|hit| tells(hit) && evidence.is_dialled(hit));
        let verdict = if strong { Verdict::StronglySupported } else { Verdict::Supported };
        return Judged::unless_others_had((verdict, vec![*first]), &others_had(&[*first], &[]));
    }
    let Some(best) = weighed.explanations.first().filter(|best| best.places.len() > 1) else { return inconclusive };
    if best.how == How::RowsInCommon {
        // What they have in common speaks for all of them, and what one has alone for none: they deleted it.
        let in_all = |listed: usize| best.places.iter().all(|place| presence.share(listed, *place).is_some());
        let (here, elsewhere): (Vec<_>, Vec<_>) = speaking.iter().partition(|(listed, _)| in_all(**listed));
        let elsewhere = elsewhere.into_iter().filter(|(_, tells)| **tells).count();
        let is_told = here.len() >= CANARIES_MIN && here.iter().any(|(_, tells)| **tells);
        if best.probability >= STRONGLY_SUPPORTED && is_told && elsewhere <= TOLD_ELSEWHERE_MAX {
            let named = (Verdict::Supported, best.places.clone());
            return Judged::unless_others_had(named, &others_had(&best.places, &[]));
        }
        return inconclusive;
    }
    // Of several, those are named that were told of by themselves.
    let each = |place: &usize| {
        let others: Vec<usize> = best.places.iter().copied().filter(|other| other != place).collect();
        let (canaries, is_told) = told(*place, &others);
        canaries >= CANARIES_OF_EACH_MIN && is_told
    };
    let named: Vec<usize> = best.places.iter().copied().filter(each).collect();
    if best.probability < STRONGLY_SUPPORTED || named.is_empty() {
        return inconclusive;
    }
    let others = named.iter().flat_map(|place| {
        let beside: Vec<usize> = best.places.iter().copied().filter(|other| other != place).collect();
        others_had(&[*place], &beside)
    });
    Judged::unless_others_had((Verdict::Supported, named.clone()), &others.collect::<Vec<_>>())
}

/// Tells whether a holder's own canaries stayed silent where others of its copy were called so often that its own
/// should have been: then several of those that feed it leaked, not it.
pub fn own_are_missing(presence: &Presence<'_>, place: usize, tally: &Tally) -> bool {
    let Some(explained) = tally.explained(presence, place) else { return false };
    let parts = tally.parts(presence, place, explained.newest);
    let (own, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.origin == *presence.holder(place));
    let count = |parts: &[&Part]| {
        parts.iter().fold((0, 0), |(called, silent), part| (called + part.called, silent + part.silent))
    };
    let ((own_called, own_silent), (called, silent)) = (count(&own), count(&others));
    let rate = called as f64 / (called + silent).max(1) as f64;
    own_called == 0 && (1.0 - rate).powf(own_silent as f64) < OWN_SILENT_MIN
}

/// Tells whether nobody called, and all there is are lists: what stands in a list did not get there by chance calls.
pub fn is_only_listed(case: &Case<'_>) -> bool {
    !case.hits.is_empty() && case.hits.iter().all(|hit| hit.is_listed())
}

/// Finds the canaries whose callers spoke of the trade or of the row, and whether they told of it.
fn speaking(evidence: &Evidence, case: &Case<'_>) -> BTreeMap<usize, bool> {
    let mut speaking: BTreeMap<usize, bool> = BTreeMap::new();
    for (listed, hit) in &case.counted {
        if tells(hit) || hit.heard.level >= Level::Topic && !evidence.is_dialled(hit) {
            *speaking.entry(*listed).or_default() |= tells(hit);
        }
    }
    speaking
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_word_is_the_greater() {
        assert!(Verdict::StronglySupported > Verdict::Supported && Verdict::Supported > Verdict::Inconclusive);
    }
}
