//! What a set of hits comes to, class by class: counted once, then added up for each holder.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::Part;
use super::calls::{Called, Counted};
use super::presence::Presence;
use super::verdict::tells;
use crate::hit::Level;

/// Hits on the canaries of one class.
#[derive(Debug, Default)]
struct Count {
    hits: usize,
    canaries: usize,
    newest: i64,
    /// Times in seconds of the first contact, and of all that told of their row.
    first: i64,
    told: Vec<i64>,
    /// Times and canaries of all contacts, where some holder has the canaries later than they were planted.
    contacts: Vec<(i64, usize)>,
}

impl Count {
    /// Counts only what came after some time.
    fn since(&self, since: i64) -> (usize, usize, i64) {
        if since == i64::MIN {
            return (self.hits, self.canaries, self.first);
        }
        let later = || self.contacts.iter().filter(|(at, _)| *at >= since);
        let canaries: HashSet<usize> = later().map(|(_, listed)| *listed).collect();
        (later().count(), canaries.len(), later().map(|(at, _)| *at).min().unwrap_or(i64::MAX))
    }
}

/// Hits by the class of their canaries.
pub struct Tally {
    by_class: BTreeMap<usize, Count>,
}

/// What a holder's copy explains.
#[derive(Debug)]
pub struct Explained {
    pub hits: usize,
    pub called: usize,
    /// Canaries of the copy, no newer than the newest called one, that nothing reached, or no more than chance does.
    pub silent: usize,
    /// Planting of the newest called canary and first contact, in seconds.
    pub newest: i64,
    pub first: i64,
}

impl Tally {
    /// Counts the hits to canaries that are likelier called by a buyer than by chance; all others are as good as silent. `until` in
    /// seconds.
    pub fn of(presence: &Presence<'_>, counted: &[Counted<'_>], called: &Called, until: i64) -> Tally {
        let is_called = |listed: usize| {
            let planted = presence.listed[listed].planted;
            called.get(&listed).is_some_and(|calls| calls.ratio(planted, until) > 1.0)
        };
        let mut by_class: BTreeMap<usize, Count> = BTreeMap::new();
        let mut seen = vec![false; presence.listed.len()];
        for (listed, hit) in counted.iter().filter(|(listed, _)| is_called(*listed)) {
            let Some(class) = presence.listed[*listed].class else { continue };
            let at = hit.contact.at.timestamp();
            let count = by_class.entry(class).or_insert_with(|| Count {
                first: i64::MAX,
                newest: i64::MIN,
                ..Count::default()
            });
            count.canaries += usize::from(!std::mem::replace(&mut seen[*listed], true));
            count.newest = count.newest.max(presence.listed[*listed].planted);
            // A number that a buyer called is called by strangers too.
            if hit.heard.level == Level::Ring && !called[listed].speak_at((at, until), presence.listed[*listed].planted)
            {
                continue;
            }
            count.hits += 1;
            count.first = count.first.min(at);
            if tells(hit) {
                count.told.push(at);
            }
            if !presence.classes[class].late.is_empty() {
                count.contacts.push((at, *listed));
            }
        }
        Tally { by_class }
    }

    /// Counts the hits on canaries that were made for a holder, perhaps for others at once.
    pub fn at_origin(&self, presence: &Presence<'_>, place: usize) -> usize {
        let own = self.by_class.iter().filter(|(class, _)| presence.classes[**class].is_made_for(place));
        own.map(|(_, count)| count.hits).sum()
    }

    /// Adds up what the copy of a holder explains; nothing if it explains nothing.
    pub fn explained(&self, presence: &Presence<'_>, place: usize) -> Option<Explained> {
        let here = |class: usize| {
            let since = presence.classes[class].since(place);
            let count = self.by_class.get(&class)?;
            let (hits, canaries, first) = count.since(since);
            (canaries > 0).then_some((hits, canaries, first, count.newest.max(since)))
        };
        let here: Vec<(usize, usize, i64, i64)> = presence.at(place).filter_map(here).collect();
        let newest = here.iter().map(|(.., newest)| *newest).max()?;
        let silent = presence.at(place).map(|class| self.silent(presence, (class, place), newest));
        Some(Explained {
            hits: here.iter().map(|(hits, ..)| hits).sum(),
            called: here.iter().map(|(_, canaries, ..)| canaries).sum(),
            silent: silent.sum(),
            newest,
            first: here.iter().map(|(_, _, first, _)| *first).min()?,
        })
    }

    /// Gives the times of all contacts that told of a row in the copy of a holder.
    pub fn told<'t>(&'t self, presence: &'t Presence<'_>, place: usize) -> impl Iterator<Item = i64> + 't {
        let here = presence.at(place).filter_map(|class| self.by_class.get(&class));
        here.flat_map(|count| count.told.iter().copied())
    }

    /// Counts the canaries of a class, planted up to `newest` and in the copy by then, that nothing reached.
    fn silent(&self, presence: &Presence<'_>, (class, place): (usize, usize), newest: i64) -> usize {
        if presence.classes[class].since(place) > newest {
            return 0;
        }
        let called = self.by_class.get(&class).map_or(0, |count| count.canaries);
        let (listed, silent) = presence.classes[class].planted_by(newest);
        listed.saturating_sub(called) + silent
    }

    /// Counts the canaries of the copy at `place` by origin, planted up to `newest`, most called first.
    pub fn parts(&self, presence: &Presence<'_>, place: usize, newest: i64) -> Vec<Part> {
        let mut parts: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for class in presence.at(place) {
            let part = parts.entry(presence.classes[class].home(place)).or_default();
            let since = presence.classes[class].since(place);
            part.0 += self.by_class.get(&class).map_or(0, |count| count.since(since).1);
            part.1 += self.silent(presence, (class, place), newest);
        }
        let part = |(origin, (called, silent)): (usize, (usize, usize))| Part {
            origin: presence.holder(origin).clone(),
            called,
            silent,
        };
        let counted = parts.into_iter().filter(|(_, (called, silent))| called + silent > 0);
        let mut parts: Vec<Part> = counted.map(part).collect();
        parts.sort_by(|a, b| b.called.cmp(&a.called).then_with(|| a.origin.cmp(&b.origin)));
        parts
    }
}

impl Explained {
    /// Gives the days of the newest canary's planting and of the first contact.
    pub fn plain_dates(&self) -> Option<(NaiveDate, NaiveDate)> {
        if self.newest > self.first {
            return None;
        }
        Some((day(self.newest)?, day(self.first)?))
    }
}

/// Gives the day of a time in seconds.
pub fn day(seconds: i64) -> Option<NaiveDate> {
    Some(DateTime::<Utc>::from_timestamp(seconds, 0)?.date_naive())
}
