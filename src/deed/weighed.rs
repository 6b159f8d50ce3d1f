//! Weighs the hits that are asked about as often as it takes: with and without lists of which only a part was read, beside all
//! hits there are, and without copies that are not on record as handed over.
//!
//! Contacts are heard once for each set of hits that is asked about: what is left out of a second weighing is put back afterwards.

use chrono::{DateTime, Utc};

use super::heard::Heard;
use super::hit::Numbered;
use super::listener::Listener;
use super::unconfirmed::borne_out;
use super::{DeedError, evidence};
use crate::hit::{CampaignId, Contact, Hit};
use crate::phone::Number;
use crate::store::Reader;
use crate::trace::{Evidence, Finding, mixes_others_in, trace_taking_hits};

/// Tells which contacts are asked about.
pub(super) type IsAsked<'w> = dyn Fn(&Contact, CampaignId) -> bool + 'w;

/// What is weighed; `record` gives all contacts, and is asked again where all are to be weighed beside some.
#[derive(Clone, Copy)]
pub(super) struct Weighing<'w> {
    pub reader: &'w Reader<'w>,
    pub record: &'w dyn Fn() -> Result<Numbered, DeedError>,
    /// Numbers that are told of even without hits.
    pub numbers: &'w [Number],
    pub is_asked: &'w IsAsked<'w>,
    pub now: DateTime<Utc>,
}

/// Contacts that were heard, and who heard them.
struct Hearing<'h, 'r> {
    listener: &'h mut Listener<'r>,
    heard: Heard,
    numbers: &'h [Number],
}

impl Weighing<'_> {
    /// Weighs what is asked about; nobody is named whom all hits together, or the copies on record alone, do not name.
    pub fn weigh(&self, record: Numbered) -> Result<(Finding, Evidence), DeedError> {
        let contacts = record.contacts.len();
        let mut listener = Listener::new(self.reader)?;
        let (heard, hits) = Heard::of(&mut listener, record, self.numbers, self.is_asked, self.now)?;
        let mut hearing = Hearing { listener: &mut listener, heard, numbers: self.numbers };
        let (mut finding, mut evidence) = hearing.weigh(hits)?;
        let mut whole = None;
        if finding.hits.len() < contacts {
            let (heard, hits) = Heard::of(hearing.listener, (self.record)()?, &[], &|_, _| true, self.now)?;
            let all = Hearing { listener: &mut *hearing.listener, heard, numbers: &[] };
            let (found, _) = { all }.weigh(hits)?;
            finding = finding.beside(&found);
            whole = Some(found.hits);
        }
        let finding =
            borne_out(self.reader, finding, &mut evidence, whole.as_deref(), &mut |hits, leaves_out, change| {
                hearing.weigh_without(hits, leaves_out, change)
            })?;
        Ok((finding, evidence))
    }
}

impl Hearing<'_, '_> {
    /// Weighs all of it, and where lists that were read in part leave nobody named, what there is without them.
    fn weigh(&mut self, hits: Vec<Hit>) -> Result<(Finding, Evidence), DeedError> {
        let mut evidence = evidence::of_hits(self.listener, &self.heard, (hits, &[]), self.numbers)?;
        let mut finding = trace_taking_hits(&mut evidence);
        if evidence.in_part.is_empty() || !finding.named.is_empty() {
            return Ok((finding, evidence));
        }
        let is_in_part = |hit: &Hit| hit.contact.from.as_ref().is_some_and(|list| evidence.in_part.contains(list));
        let without = self.weigh_without(&mut finding.hits, &is_in_part, &|_| {})?;
        if without.named.is_empty() || mixes_others_in(&evidence, &finding.hits, &without.named) {
            return Ok((finding, evidence));
        }
        let hits = finding.hits;
        Ok((Finding { hits, ..without.beside_lists_in_part(evidence.in_part.len()) }, evidence))
    }

    /// Weighs what there is without some of all hits, which are there again afterwards; the finding has none. The evidence is changed
    /// before it is weighed.
    fn weigh_without(
        &mut self,
        hits: &mut Vec<Hit>,
        leaves_out: &dyn Fn(&Hit) -> bool,
        change: &dyn Fn(&mut Evidence),
    ) -> Result<Finding, DeedError> {
        let chances: Vec<f64> = hits.iter().map(|hit| hit.heard.chance).collect();
        self.heard.forget_guesses(hits);
        let is_out: Vec<bool> = hits.iter().map(leaves_out).collect();
        let (mut kept, mut out) = (Vec::with_capacity(hits.len()), Vec::new());
        for (hit, is_out) in std::mem::take(hits).into_iter().zip(&is_out) {
            if *is_out { &mut out } else { &mut kept }.push(hit);
        }
        let mut evidence = evidence::of_hits(self.listener, &self.heard, (kept, &out), self.numbers)?;
        change(&mut evidence);
        let mut finding = trace_taking_hits(&mut evidence);
        let (mut kept, mut out) = (std::mem::take(&mut finding.hits).into_iter(), out.into_iter());
        hits.extend(is_out.into_iter().filter_map(|is_out| if is_out { out.next() } else { kept.next() }));
        hits.iter_mut().zip(chances).for_each(|(hit, chance)| hit.heard.chance = chance);
        Ok(finding)
    }
}
