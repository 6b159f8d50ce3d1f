//! Times of birth in a column of their own, where the rows of one day stand in their order.

use chrono::{NaiveDate, NaiveTime};
use rand::{Rng, RngExt};

use super::model::Model;
use super::site::Site;
use crate::list::Meaning;
use crate::list::profile::{Direction, Order, Place, Scope, Texts};

/// Neighbours born on one day from which an order of times can be told.
const PAIRS_MIN: usize = 4;

/// Share of such neighbours that must be in order, in hundredths.
const SHARE_MIN: usize = 95;

const LAST_SECOND: u32 = 86_399;

/// Finds the column of times, if it goes on where the order of birth dates leaves two rows alike.
pub fn column(model: &Model<'_>) -> Option<usize> {
    let at = model.profile.position(Meaning::BirthTime)?;
    let birth = model.birth?;
    let order = model.profile.order(birth)?;
    let mut pairs = 0;
    let mut in_order = 0;
    for place in &model.profile.places {
        let Some(later) = below(order, place) else { continue };
        let [above, below] =
            [above(order, place), later].map(|row| Some((day(model, row, birth)?, time(model, row, at)?)));
        if let (Some(above), Some(below)) = (above, below)
            && above.0 == below.0
        {
            pairs += 1;
            in_order += usize::from(match order.direction {
                Direction::Rising => above.1 <= below.1,
                Direction::Falling => below.1 <= above.1,
            });
        }
    }
    (pairs >= PAIRS_MIN && in_order * 100 >= pairs * SHARE_MIN).then_some(at)
}

/// Draws a time of birth between those of the rows around that are of the same day; nothing where none is.
pub fn between(model: &Model<'_>, site: &Site<'_>, date: NaiveDate, rng: &mut impl Rng) -> Option<NaiveTime> {
    let at = model.clock?;
    let birth = model.birth?;
    let order = model.profile.order(birth)?;
    let of = |row: &Texts| {
        let second = chrono::Timelike::num_seconds_from_midnight(&time(model, row, at)?);
        (day(model, row, birth)? == date).then_some(second)
    };
    let around = (of(above(order, site.place)), below(order, site.place).and_then(of));
    let (low, high) = match order.direction {
        Direction::Rising => around,
        Direction::Falling => (around.1, around.0),
    };
    if low.is_none() && high.is_none() {
        return None;
    }
    let (low, high) = (low.unwrap_or(0), high.unwrap_or(LAST_SECOND));
    NaiveTime::from_num_seconds_from_midnight_opt(rng.random_range(low..=high.max(low)), 0)
}

/// Gives the row that comes before in the order.
fn above<'p>(order: &Order, place: &'p Place) -> &'p Texts {
    match order.scope {
        Scope::Whole => &place.above,
        Scope::Within { .. } => place.host(),
    }
}

/// Gives the row that comes next in the order.
fn below<'p>(order: &Order, place: &'p Place) -> Option<&'p Texts> {
    match order.scope {
        Scope::Whole => Some(&place.at),
        Scope::Within { .. } => place.peer.as_ref(),
    }
}

fn day(model: &Model<'_>, row: &Texts, at: usize) -> Option<NaiveDate> {
    model.moment(row, at).and_then(|(moment, _)| moment.day())
}

fn time(model: &Model<'_>, row: &Texts, at: usize) -> Option<NaiveTime> {
    model.moment(row, at).and_then(|(moment, _)| moment.time())
}
