//! Places of a long list that are not in its profile: whoever has the list looks for them.
//!
//! A row has one place in a list sorted by values, and a profile keeps few places of a long list. Nothing is read here: the
//! caller hands in how to look between two places that are known.

use std::cell::OnceCell;
use std::cmp::Ordering;

use rand::Rng;
use rand::seq::IteratorRandom;

use super::Wish;
use super::sorted::DRAWS;
use crate::list::profile::{Place, SortKeys, Sorting, Wanted};

/// Looks between two places that are known.
type Between<'b> = dyn Fn((&Place, &Place), &Wanted<'_>) -> Vec<Place> + 'b;

/// How to find places that a profile does not hold.
pub struct Beyond<'b> {
    /// All places known, in the order of the list, those included that nothing may be put at.
    pub known: &'b [Place],
    /// Tells whether something may be put at a place.
    pub is_open: &'b dyn Fn(&Place) -> bool,
    pub between: &'b Between<'b>,
}

/// The places found so far.
pub struct Far<'p> {
    beyond: &'p Beyond<'p>,
    found: &'p [OnceCell<Box<Place>>],
}

/// Makes room for what may be found for a wish.
pub fn room(wish: &Wish<'_>) -> Vec<OnceCell<Box<Place>>> {
    (0..wish.count * DRAWS).map(|_| OnceCell::new()).collect()
}

impl<'p> Far<'p> {
    /// Begins with nothing found; no more can be found than there is room for.
    pub fn new(beyond: &'p Beyond<'p>, found: &'p [OnceCell<Box<Place>>]) -> Far<'p> {
        Far { beyond, found }
    }

    /// Gives all places that were known beforehand.
    pub fn known(&self) -> &'p [Place] {
        self.beyond.known
    }

    /// Tells whether something may be put at a place.
    pub fn is_open(&self, place: &Place) -> bool {
        (self.beyond.is_open)(place)
    }

    /// Finds a place between two that are known where a row with these keys stands in order.
    pub fn place(
        &self,
        (sorting, own): (&Sorting, &SortKeys),
        ends: (&Place, &Place),
        is_free: &dyn Fn(&Place) -> bool,
        rng: &mut impl Rng,
    ) -> Option<&'p Place> {
        let wanted = Wanted {
            is_behind: &|row| sorting.compare(&sorting.keys_of(row), own) == Some(Ordering::Less),
            fits: &|above, at| sorting.fits(&sorting.keys_of(above), own, &sorting.keys_of(at)),
        };
        let found = (self.beyond.between)(ends, &wanted).into_iter().filter(|place| is_free(place)).choose(rng)?;
        let empty = self.found.iter().find(|cell| cell.get().is_none())?;
        Some(empty.get_or_init(|| Box::new(found)))
    }
}
