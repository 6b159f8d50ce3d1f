//! Which rows of a copy somebody takes who wants those of one hospital.
//!
//! A hospital's canaries are not all there is among its rows: whoever has these rows further down has canaries of its own among
//! them. Canaries among the rows of other hospitals are not taken, so that they are silent says nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::evidence::Rows;
use super::presence::Presence;
use super::weigh::{Group, Weigher};

/// The rows of one hospital, or those that came from one holder where the hospital of its canaries is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Hospital(u8),
    Origin(usize),
}

impl Part {
    /// Gives the part in which the canaries of a class are.
    pub fn of(presence: &Presence<'_>, class: usize) -> Part {
        let found = &presence.classes[class];
        match found.rows {
            Rows::Hospital(hospital) => Part::Hospital(hospital),
            Rows::Other | Rows::Unknown => Part::Origin(found.origin),
        }
    }
}

/// Shares of the canaries of each class that are in a part.
#[derive(Debug, Default)]
pub struct Parts {
    /// By part and by the holder that canaries without a hospital were made for.
    known: RefCell<HashMap<(Part, usize), f64, RandomState>>,
}

impl Parts {
    /// Gives the share of a class, 0 to 1, that is in a part. Where a row's hospital is not known, it is as likely in the part as those that
    /// came to the holder of its list from others.
    pub fn share(&self, presence: &Presence<'_>, part: Part, class: usize) -> f64 {
        let found = &presence.classes[class];
        match (part, found.rows) {
            (Part::Hospital(hospital), Rows::Hospital(own)) => f64::from(u8::from(hospital == own)),
            (Part::Hospital(_), Rows::Other) => 0.0,
            (Part::Origin(origin), Rows::Hospital(_) | Rows::Other | Rows::Unknown) if origin == found.origin => 1.0,
            (Part::Hospital(_), Rows::Unknown) | (Part::Origin(_), Rows::Hospital(_) | Rows::Other | Rows::Unknown) => {
                let key = (part, found.origin);
                if let Some(known) = self.known.borrow().get(&key) {
                    return *known;
                }
                let share = came(presence, part, found.origin);
                self.known.borrow_mut().insert(key, share);
                share
            }
        }
    }
}

/// Gives the share of what a holder got from others that is in a part.
fn came(presence: &Presence<'_>, part: Part, place: usize) -> f64 {
    let others = presence.by_origin(place).flatten().filter(|(class, _)| !presence.classes[*class].is_made_for(place));
    let (mut inside, mut all) = (0.0, 0.0);
    for (class, share) in others {
        let (found, share) = (&presence.classes[*class], share * presence.classes[*class].canaries() as f64);
        let is_inside = match (part, found.rows) {
            (Part::Hospital(hospital), Rows::Hospital(own)) => hospital == own,
            (Part::Hospital(_), Rows::Other) => false,
            (Part::Hospital(_), Rows::Unknown) => continue,
            (Part::Origin(origin), Rows::Hospital(_) | Rows::Other | Rows::Unknown) => origin == found.origin,
        };
        all += share;
        inside += if is_inside { share } else { 0.0 };
    }
    if all > 0.0 { inside / all } else { 0.0 }
}

impl Weigher<'_> {
    /// Gives the rows of one part in a copy.
    pub(super) fn in_part(&self, groups: &[Group], part: Part) -> Vec<Group> {
        let presence = self.presence;
        let restricted = |group: &Group| {
            let inside = group.classes.iter().filter_map(|(class, share, arrival)| {
                let of_part = self.parts.share(presence, part, *class);
                (of_part > 0.0).then_some((*class, share * of_part, *arrival))
            });
            let classes: Vec<_> = inside.collect();
            let first =
                classes.iter().map(|(class, _, came)| presence.classes[*class].first_planted().max(came.since()));
            let first_planted = first.min()?;
            Some(Group { origin: group.origin, absent: group.absent, first_planted, classes })
        };
        groups.iter().filter_map(restricted).collect()
    }

    /// Lists the parts of a copy of which calls speak.
    pub(super) fn parts_that_speak(&self, groups: &[Group]) -> BTreeSet<Part> {
        let speaking: &BTreeMap<usize, Vec<usize>> = self.speaking();
        let here: BTreeSet<usize> =
            groups.iter().flat_map(|group| group.classes.iter().map(|(class, ..)| *class)).collect();
        let classes = speaking.values().flatten().filter(|class| here.contains(*class));
        classes.map(|class| Part::of(self.presence, *class)).collect()
    }
}
