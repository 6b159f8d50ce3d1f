//! The callers of many contacts, each looked up once.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::contact::{Caller, Contact};

/// Which caller each of some contacts has, by number in the order in which callers first come; none where withheld.
#[derive(Debug, Default)]
pub struct Roster {
    of: Vec<Option<u32>>,
    callers: usize,
}

impl Roster {
    /// Numbers the callers.
    pub fn of(contacts: &[Contact]) -> Roster {
        let mut known: HashMap<&Caller, u32, RandomState> =
            HashMap::with_capacity_and_hasher(contacts.len(), RandomState::default());
        let mut number = |caller| {
            let next = known.len() as u32;
            *known.entry(caller).or_insert(next)
        };
        let of = contacts.iter().map(|contact| contact.from.as_ref().map(&mut number)).collect();
        Roster { of, callers: known.len() }
    }

    /// Gives the number of a contact's caller.
    pub fn caller(&self, contact: usize) -> Option<u32> {
        self.of[contact]
    }

    /// Counts the callers.
    pub fn callers(&self) -> usize {
        self.callers
    }

    /// Follows the contacts into another order, given by their places in this one.
    pub fn in_order(&self, order: &[usize]) -> Roster {
        Roster { of: order.iter().map(|at| self.of[*at]).collect(), callers: self.callers }
    }

    /// Gives for each caller the places of its contacts, in order.
    pub fn groups(&self) -> Groups {
        let mut ends = vec![0_usize; self.callers + 1];
        for caller in self.of.iter().flatten() {
            ends[*caller as usize + 1] += 1;
        }
        for caller in 0..self.callers {
            ends[caller + 1] += ends[caller];
        }
        let (mut free, mut places) = (ends.clone(), vec![0; ends[self.callers]]);
        for (place, caller) in self.of.iter().enumerate().filter_map(|(place, caller)| Some((place, (*caller)?))) {
            places[free[caller as usize]] = place;
            free[caller as usize] += 1;
        }
        Groups { ends, places }
    }
}

/// Places of contacts by caller.
pub struct Groups {
    ends: Vec<usize>,
    places: Vec<usize>,
}

impl Groups {
    /// Walks over the callers.
    pub fn each(&self) -> impl Iterator<Item = &[usize]> {
        self.ends.windows(2).map(|ends| &self.places[ends[0]..ends[1]])
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::contact::ContactKind;
    use super::*;
    use crate::phone::Number;

    #[test]
    fn contacts_are_found_by_their_caller_in_any_order() {
        let contact = |from: &str| Contact {
            to: Number::from_e164("+8613800138000").expect("a test number"),
            from: Some(from).filter(|from| !from.is_empty()).map(|from| Caller::Text(from.to_string())),
            at: DateTime::UNIX_EPOCH,
            kind: ContactKind::Call,
            seconds: None,
            said: None,
        };
        let roster = Roster::of(&["a", "b", "", "a"].map(contact));
        assert_eq!((roster.callers(), roster.caller(2), roster.caller(0)), (2, None, roster.caller(3)));
        assert_eq!(roster.groups().each().collect::<Vec<_>>(), [&[0, 3][..], &[1]]);
        assert_eq!(roster.in_order(&[3, 2, 1, 0]).groups().each().collect::<Vec<_>>(), [&[0, 3][..], &[2]]);
    }
}
