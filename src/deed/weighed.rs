//! Weighs the hits that are asked about as often as it takes: with and without lists of which only a part was read, beside all
//! hits there are, and without copies that are not on record as handed over.

use chrono::{DateTime, Utc};

use super::hit::Numbered;
use super::unconfirmed::borne_out;
use super::{DeedError, evidence};
use crate::hit::{CampaignId, Contact};
use crate::phone::Number;
use crate::store::Reader;
use crate::trace::{Evidence, Finding, mixes_others_in, trace, trace_taking_hits};

/// Tells which contacts are asked about.
pub(super) type IsAsked<'w> = dyn Fn(&Contact, CampaignId) -> bool + 'w;

/// What is weighed; `record` gives all contacts, and is asked again for each weighing.
#[derive(Clone, Copy)]
pub(super) struct Weighing<'w> {
    pub reader: &'w Reader<'w>,
    pub record: &'w dyn Fn() -> Result<Numbered, DeedError>,
    /// Numbers that are told of even without hits.
    pub numbers: &'w [Number],
    pub is_asked: &'w IsAsked<'w>,
    pub now: DateTime<Utc>,
}

impl Weighing<'_> {
    /// Weighs what is asked about; nobody is named whom all hits together, or the copies on record alone, do not name.
    pub fn weigh(&self, record: Numbered) -> Result<(Finding, Evidence), DeedError> {
        let contacts = record.contacts.len();
        let (mut finding, mut evidence) = self.weigh_lists(record)?;
        let mut whole = None;
        if finding.hits.len() < contacts {
            let all = Weighing { numbers: &[], is_asked: &|_, _| true, ..*self };
            let (found, _) = all.weigh_lists((self.record)()?)?;
            finding = finding.beside(&found);
            whole = Some(found.hits);
        }
        let finding = borne_out(self.reader, finding, &mut evidence, whole.as_deref(), &|leaves_out| {
            self.gather((self.record)()?, &|contact| leaves_out(&contact.to))
        })?;
        Ok((finding, evidence))
    }

    /// Weighs all of it, and where lists that were read in part leave nobody named, what there is without them.
    fn weigh_lists(&self, record: Numbered) -> Result<(Finding, Evidence), DeedError> {
        let mut evidence = self.gather(record, &|_| false)?;
        let finding = trace_taking_hits(&mut evidence);
        if evidence.in_part.is_empty() || !finding.named.is_empty() {
            return Ok((finding, evidence));
        }
        let is_in_part = |contact: &Contact| contact.from.as_ref().is_some_and(|list| evidence.in_part.contains(list));
        let without = trace(&self.gather((self.record)()?, &is_in_part)?);
        if without.named.is_empty() || mixes_others_in(&evidence, &finding.hits, &without.named) {
            return Ok((finding, evidence));
        }
        let hits = finding.hits;
        Ok((Finding { hits, ..without.beside_lists_in_part(evidence.in_part.len()) }, evidence))
    }

    fn gather(&self, record: Numbered, leaves_out: &dyn Fn(&Contact) -> bool) -> Result<Evidence, DeedError> {
        let is_asked = |contact: &Contact, campaign| (self.is_asked)(contact, campaign) && !leaves_out(contact);
        evidence::called(self.reader, record, self.numbers, &is_asked, self.now)
    }
}
