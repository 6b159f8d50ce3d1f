//! From probabilities to what may be claimed.
//!
//! A ring proves nothing: nobody is named unless some caller knew what only the row could tell.

use serde::Serialize;

use super::background::Background;
use super::calls::Called;
use super::evidence::Evidence;
use super::explain::{Explanation, How, Weighed};
use super::presence::Presence;
use super::same_rows::{SILENT_BY_CHANCE, SILENT_BY_CHANCE_STRONG, SameRows, Told};
use super::spoken::Spoken;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    NotACanary,
    #[default]
    Inconclusive,
    Supported,
    StronglySupported,
}

/// A verdict, the holders it names, by place, and what stands against naming anybody, or against the stronger word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    pub verdict: Verdict,
    pub named: Vec<usize>,
    /// Their copies have all that was told of too, and do not stay silent besides.
    pub not_excluded: Vec<usize>,
    pub elsewhere: Option<Elsewhere>,
}

/// Who knew rows of the likeliest copies called canaries that none of these has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub places: Vec<usize>,
    pub canaries: usize,
    /// Whose copies have all of it.
    pub had_by: Vec<usize>,
}

impl Judged {
    /// Names these, as far as no other copy that has all that was told of stands against it.
    fn unless_others_had((verdict, named): (Verdict, Vec<usize>), others: &[(usize, f64)]) -> Judged {
        let from = |least: f64| others.iter().filter(|(_, chance)| *chance >= least).map(|(place, _)| *place).collect();
        let (any, strong): (Vec<usize>, Vec<usize>) = (from(SILENT_BY_CHANCE), from(SILENT_BY_CHANCE_STRONG));
        if !any.is_empty() {
            return Judged { not_excluded: any, ..Judged::default() };
        }
        match verdict == Verdict::StronglySupported && !strong.is_empty() {
            true => Judged { verdict: Verdict::Supported, named, not_excluded: strong, elsewhere: None },
            false => Judged { verdict, named, ..Judged::default() },
        }
    }

    /// Lists the holders because of whom nobody is named, or not more strongly.
    pub fn others(&self) -> impl Iterator<Item = usize> {
        let had_by = self.elsewhere.as_ref().map_or(&[][..], |elsewhere| elsewhere.had_by.as_slice());
        self.not_excluded.iter().chain(had_by).copied()
    }
}

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

/// What a judgement is made of.
struct Judge<'j> {
    presence: &'j Presence<'j>,
    called: &'j Called,
    spoken: Spoken,
    until: i64,
}

/// Judges what was weighed.
pub fn judge(
    evidence: &Evidence,
    presence: &Presence<'_>,
    background: &Background<'_>,
    weighed: &Weighed,
    case: &Case<'_>,
) -> Judged {
    let Some((first, probability)) = weighed.sources.first() else { return Judged::default() };
    let (spoken, until) = (Spoken::of(evidence, case), evidence.until.timestamp());
    let judge = Judge { presence, called: &case.called, spoken, until };
    let (canaries, is_told) = judge.spoken.told(presence, *first, &[]);
    let has = |listed: usize| presence.share(listed, *first).is_some();
    if *probability >= SUPPORTED && is_told && !own_are_missing(presence, *first, &case.tally) {
        let strong = *probability >= STRONGLY_SUPPORTED
            && canaries >= CANARIES_MIN
            && (background.has_controls() || is_only_listed(case))
            && !case.hits.iter().any(|hit| tells(hit) && evidence.is_dialled(hit));
        let verdict = if strong { Verdict::StronglySupported } else { Verdict::Supported };
        return judge.unless_elsewhere(&[*first], &has, || {
            Judged::unless_others_had((verdict, vec![*first]), &judge.others_had(&[*first], &[]))
        });
    }
    match weighed.explanations.first() {
        Some(best) if best.places.len() > 1 && best.probability >= STRONGLY_SUPPORTED => judge.several(best),
        Some(_) | None if is_told => judge.unless_elsewhere(&[*first], &has, || Judged {
            not_excluded: judge.not_excluded(*first),
            ..Judged::default()
        }),
        Some(_) | None => Judged::default(),
    }
}

impl Judge<'_> {
    /// Names what is given only where these copies have all that was called by those who knew rows.
    fn unless_elsewhere(&self, places: &[usize], has: &dyn Fn(usize) -> bool, name: impl Fn() -> Judged) -> Judged {
        match self.spoken.elsewhere(has) {
            0 => name(),
            canaries => {
                let (places, had_by) = (places.to_vec(), self.spoken.had_by(self.presence, places));
                Judged { elsewhere: Some(Elsewhere { places, canaries, had_by }), ..Judged::default() }
            }
        }
    }

    /// Lists the holders whose copies explain all that was told of as well as that of the likeliest, who is not likely enough to be named.
    fn not_excluded(&self, first: usize) -> Vec<usize> {
        let others = self.others_had(&[first], &[]).into_iter();
        others.filter(|(_, chance)| *chance >= SILENT_BY_CHANCE).map(|(place, _)| place).collect()
    }

    /// Judges the likeliest explanation by several holders.
    fn several(&self, best: &Explanation) -> Judged {
        let (presence, places) = (self.presence, best.places.as_slice());
        let has = |listed: usize, place: &usize| presence.share(listed, *place).is_some();
        if best.how == How::RowsInCommon {
            // What they have in common speaks for all of them, and what one has alone for none: they deleted it.
            let in_all = |listed: usize| places.iter().all(|place| has(listed, place));
            let here = self.spoken.speaking.iter().filter(|(listed, _)| in_all(**listed));
            let (canaries, is_told) = here.fold((0, false), |(all, told), (_, tells)| (all + 1, told | tells));
            if canaries < CANARIES_MIN || !is_told {
                return Judged::default();
            }
            return self.unless_elsewhere(places, &in_all, || {
                Judged::unless_others_had((Verdict::Supported, places.to_vec()), &self.others_had(places, &[]))
            });
        }
        // Of several, those are named that were told of by themselves.
        let beside = |place: &usize| places.iter().copied().filter(|other| other != place).collect::<Vec<usize>>();
        let each = |place: &usize| {
            let (canaries, is_told) = self.spoken.told(presence, *place, &beside(place));
            canaries >= CANARIES_OF_EACH_MIN && is_told
        };
        let named: Vec<usize> = places.iter().copied().filter(each).collect();
        if named.is_empty() {
            return Judged::default();
        }
        let in_any = |listed: usize| places.iter().any(|place| has(listed, place));
        self.unless_elsewhere(places, &in_any, || {
            let others = named.iter().flat_map(|place| self.others_had(&[*place], &beside(place)));
            Judged::unless_others_had((Verdict::Supported, named.clone()), &others.collect::<Vec<_>>())
        })
    }

    /// Finds the holders, but for those `beside`, whose copies have all that was told of in the common copy of `places` alone.
    fn others_had(&self, places: &[usize], beside: &[usize]) -> Vec<(usize, f64)> {
        let has = |listed: usize, place: usize| self.presence.share(listed, place).is_some();
        let is_here = |listed: usize| {
            places.iter().all(|place| has(listed, *place)) && !beside.iter().any(|place| has(listed, *place))
        };
        let here = self.spoken.known.iter().filter(|(listed, _)| is_here(**listed));
        let (listed, told): (Vec<usize>, Vec<Option<i64>>) = here.unzip();
        let Some(first) = told.into_iter().flatten().min() else { return Vec::new() };
        let mut others = SameRows::of(self.presence, self.called, Told { listed, first, until: self.until }, places)
            .map_or_else(Vec::new, |same| same.others());
        others.retain(|(place, _)| !beside.contains(place));
        others
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_word_is_the_greater() {
        assert!(Verdict::StronglySupported > Verdict::Supported && Verdict::Supported > Verdict::Inconclusive);
    }
}
