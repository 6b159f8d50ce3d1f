//! Days in hospital: a discharge follows its birth by a stay the list knows, whatever column is in order.
//!
//! Where births and discharges are both in order, a place may have no pair of days that fits both; then the
//! birth decides, because a discharge out of order is a usual sight and one before its birth is none.

use chrono::{NaiveDate, TimeDelta};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::draw::moment_of;
use super::model::Model;
use super::site::{Site, around};
use crate::list::Meaning;
use crate::list::profile::{Order, Scope};

/// Longest stay that is followed, in days.
const DAYS_MAX: i64 = 90;

/// Tries to find a birth and a stay that fit both orders.
const TRIES: usize = 40;

/// What the weight of a place is worth where no stay fits.
const UNFIT: f64 = 0.001;

/// Lists the stays of the sampled rows, in days.
pub fn all(model: &Model<'_>) -> Vec<i64> {
    let (Some(birth), Some(discharge)) = (model.birth, model.profile.position(Meaning::DischargeDate)) else {
        return Vec::new();
    };
    let day = |row, at| model.moment(row, at).and_then(|(moment, _)| moment.day());
    let stays = model.profile.donors().filter_map(|row| Some((day(row, discharge)? - day(row, birth)?).num_days()));
    stays.filter(|days| (0..=DAYS_MAX).contains(days)).collect()
}

/// Gives a site whose discharge is in order a stay, and a birth to go with it.
pub fn settle(model: &Model<'_>, site: &mut Site<'_>, rng: &mut impl Rng) {
    let Some(order) = model.profile.position(Meaning::DischargeDate).and_then(|at| model.profile.order(at)) else {
        return;
    };
    let Some(left) = site.values.get(&order.column).and_then(|value| moment_of(order, *value)) else { return };
    let births = model.birth.and_then(|at| model.profile.order(at));
    for nth in 0..TRIES {
        let Some(stay) = model.stays.choose(rng).copied() else { return };
        site.stay = Some(stay);
        let Some(births) = births.filter(|births| site.values.contains_key(&births.column)) else {
            site.birth = Some(left.0 - TimeDelta::days(stay));
            return;
        };
        if nth > 0 && births.scope == Scope::Whole {
            redraw(model, site, births, rng);
        }
        let born = site.values.get(&births.column).and_then(|value| moment_of(births, *value));
        if born.is_some_and(|(born, _)| fits(model, site, order, born + TimeDelta::days(stay))) {
            return;
        }
    }
    site.weight *= UNFIT;
}

/// Draws another moment of birth between the rows around.
fn redraw(model: &Model<'_>, site: &mut Site<'_>, births: &Order, rng: &mut impl Rng) {
    if let (Some(low), Some(high)) = around(model, births, site.place)
        && low <= high
    {
        site.values.insert(births.column, rng.random_range(low..=high));
    }
}

/// Tells whether a day of discharge lies between those of the rows around.
fn fits(model: &Model<'_>, site: &Site<'_>, order: &Order, day: NaiveDate) -> bool {
    let (low, high) = around(model, order, site.place);
    let days: Vec<NaiveDate> =
        [low, high].into_iter().flatten().filter_map(|value| moment_of(order, value)).map(|(day, _)| day).collect();
    let first = days.iter().min().is_none_or(|first| *first <= day);
    let last = days.len() < 2 || days.iter().max().is_none_or(|last| day <= *last);
    first && last
}
