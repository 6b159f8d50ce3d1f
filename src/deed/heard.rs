//! All contacts as they were heard, before any is left out: what the weighings with and without some of them share.
//!
//! Hits are kept by who weighs them, and their chances here as they were heard: what a guess may have got right depends on which hits
//! are weighed together.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use foldhash::fast::RandomState;

use super::DeedError;
use super::hit::Numbered;
use super::listener::Listener;
use super::watch::{Watches, end_of_record, watches_near};
use crate::hit::{Caller, CampaignId, Contact, ContactKind, Fact, Hit, Roster, diallers};
use crate::phone::Number;

/// What was heard, and what all contacts on record say of chance.
pub(super) struct Heard {
    /// The end of the record.
    pub until: DateTime<Utc>,
    pub watched: Watches,
    pub diallers: HashSet<Caller, RandomState>,
    pub reached_by: BTreeMap<Caller, usize>,
    /// Numbers that were reached by contacts that are not asked about.
    pub others: HashSet<Number, RandomState>,
    /// Of each hit that is asked about, the chance that somebody who knows nothing says as much, whatever else was said.
    chances: Vec<f64>,
}

impl Heard {
    /// Hears the contacts that are asked about; gives them as hits. `numbers` are told of even without hits.
    pub fn of(
        listener: &mut Listener<'_>,
        all: Numbered,
        numbers: &[Number],
        is_asked: &dyn Fn(&Contact, CampaignId) -> bool,
        now: DateTime<Utc>,
    ) -> Result<(Heard, Vec<Hit>), DeedError> {
        let until = end_of_record(&all.contacts, now);
        let watched = watches_near(listener.reader, &all.contacts, numbers, until)?;
        let dialling = diallers(&all.contacts, &all.roster, |place| watched.by_chance[place]);
        let diallers = dialling.into_iter().cloned().collect();
        let reached_by = reached_by(&all.contacts, &all.roster);
        let asked = all.contacts.iter().zip(&all.campaigns).filter(|(contact, campaign)| is_asked(contact, **campaign));
        let asked = asked.count();
        listener.prepare(asked)?;
        let (mut hits, mut others) = (Vec::with_capacity(asked), HashSet::default());
        for (contact, campaign) in all.into_pairs() {
            match is_asked(&contact, campaign) {
                true => hits.push(listener.hit(contact, campaign)?),
                false => {
                    others.insert(contact.to);
                }
            }
        }
        let chances = hits.iter().map(|hit| hit.heard.chance).collect();
        Ok((Heard { until, watched, diallers, reached_by, others, chances }, hits))
    }

    /// Gives hits back the chances with which they were heard; they are all that were.
    pub fn forget_guesses(&self, hits: &mut [Hit]) {
        hits.iter_mut().zip(&self.chances).for_each(|(hit, chance)| hit.heard.chance = *chance);
    }

    /// Makes less of what may have been guessed, or was known of a number before, among these hits.
    pub fn weigh_guesses(&self, hits: &mut [Hit]) {
        self.watched.count_guesses(hits);
        forget_known_before(hits);
    }
}

/// Takes the weight from facts that somebody knew of a number before its canary was handed over: they are not from its row.
fn forget_known_before(hits: &mut [Hit]) {
    let mut before: BTreeMap<Number, BTreeSet<Fact>> = BTreeMap::new();
    for hit in hits.iter().filter(|hit| !hit.heard.facts.is_empty()) {
        if hit.planted.as_ref().is_some_and(|planted| hit.contact.at < planted.planted_at) {
            before.entry(hit.contact.to.clone()).or_default().extend(&hit.heard.facts);
        }
    }
    for hit in hits.iter_mut().filter(|hit| !hit.is_listed() && before.contains_key(&hit.contact.to)) {
        let known = &before[&hit.contact.to];
        let (old, new): (Vec<Fact>, Vec<Fact>) = hit.heard.facts.iter().partition(|fact| known.contains(fact));
        let of_old: f64 = old.into_iter().map(Fact::commonness).product();
        hit.heard.chance = if new.is_empty() { 1.0 } else { (hit.heard.chance / of_old).min(1.0) };
    }
}

/// Counts the numbers that each caller reached, where they are several.
fn reached_by(contacts: &[Contact], roster: &Roster) -> BTreeMap<Caller, usize> {
    let groups = roster.groups();
    let several = groups.each().filter(|places| places.len() > 1).filter_map(|places| {
        if places.iter().any(|place| contacts[*place].kind == ContactKind::List) {
            return None;
        }
        let mut numbers: Vec<&Number> = places.iter().map(|place| &contacts[*place].to).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let caller = contacts[*places.first()?].from.clone()?;
        (numbers.len() > 1).then_some((caller, numbers.len()))
    });
    several.collect()
}
