//! How many rows share their day, or their moment, with a new one.
//!
//! A place is found among many rows more easily than among few, and the new row then has one companion more than those
//! rows have: real rows do not count themselves. So the places are weighed until the new rows have company as real ones do.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::model::Model;
use super::site::Site;
use crate::list::moment::DAY_SECONDS;
use crate::list::profile::{Direction, Key, Order, Texts};

/// Rounds in which each kind of company is put right after the others.
const ROUNDS: usize = 3;

/// A round changes a weight by this factor at most.
const CHANGE_MAX: f64 = 8.0;

/// Counts within this part of each other are taken together.
const ALIKE: usize = 6;

/// Seconds of a minute, where times have no seconds.
const MINUTE_SECONDS: i64 = 60;

/// What rows share, in the finer ways last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    Day,
    /// A day in one hospital, or of one depot.
    DayOfKin,
    /// A time as it is written.
    Moment,
}

/// Changes the weights of sites so that those chosen by them share their moments with as many rows as real rows do.
pub fn weigh(model: &Model<'_>, sites: &mut [Site<'_>]) {
    let dated = model.profile.orders.iter().filter(|order| !order.strict && !matches!(order.key, Key::Counter { .. }));
    let mut kinds = Vec::new();
    for order in dated {
        let of_kin = model.profile.kin.map(|_| Shared::DayOfKin);
        let moment = (order.key == Key::Instant).then_some(Shared::Moment);
        kinds.extend([Some(Shared::Day), of_kin, moment].into_iter().flatten().map(|shared| (order, shared)));
    }
    let company: Vec<Company> = kinds.iter().map(|(order, shared)| Company::of(model, sites, order, *shared)).collect();
    for _ in 0..ROUNDS {
        company.iter().for_each(|company| company.put_right(sites));
    }
}

/// With how many others real rows share something, and with how many rows the sites would.
struct Company {
    /// Of real rows, by how many others.
    real: Vec<f64>,
    sites: Vec<Option<usize>>,
}

impl Company {
    fn of(model: &Model<'_>, sites: &[Site<'_>], order: &Order, shared: Shared) -> Company {
        let profile = model.profile;
        let habit = &profile.habits[order.column];
        let key = |value: i64, row: &Texts| {
            let value = if order.direction == Direction::Falling { -value } else { value };
            let day = if order.key == Key::Instant { value.div_euclid(DAY_SECONDS) } else { value };
            let mut hasher = DefaultHasher::new();
            match shared {
                Shared::Day => day.hash(&mut hasher),
                Shared::DayOfKin => (day, profile.kin.map(|kin| kin.told_by(row))).hash(&mut hasher),
                Shared::Moment if habit.has_seconds => value.hash(&mut hasher),
                Shared::Moment => value.div_euclid(MINUTE_SECONDS).hash(&mut hasher),
            }
            hasher.finish()
        };
        let rows = profile.crowd.iter();
        let keys: Vec<u64> =
            rows.filter_map(|row| Some(key(order.value_of(row.cell(order.column), habit.reading)?, row))).collect();
        let mut counts: HashMap<u64, usize> = HashMap::new();
        keys.iter().for_each(|key| *counts.entry(*key).or_default() += 1);
        let mut real = Vec::new();
        keys.iter().for_each(|key| add(&mut real, counts[key] - 1, 1.0));
        let of_site = |site: &Site<'_>| {
            let value = *site.values.get(&order.column)?;
            Some(counts.get(&key(value, site.place.host())).copied().unwrap_or(0))
        };
        Company { real, sites: sites.iter().map(of_site).collect() }
    }

    fn put_right(&self, sites: &mut [Site<'_>]) {
        let mut own = Vec::new();
        for (site, others) in sites.iter().zip(&self.sites) {
            others.iter().for_each(|others| add(&mut own, *others, site.weight));
        }
        let sum = |shares: &[f64]| shares.iter().sum::<f64>();
        let (all, all_own) = (sum(&self.real), sum(&own));
        if all <= 0.0 || all_own <= 0.0 {
            return;
        }
        for (site, others) in sites.iter_mut().zip(&self.sites) {
            let Some(others) = *others else { continue };
            let near = |shares: &[f64]| {
                let range = others - others / ALIKE..others + others / ALIKE + 1;
                sum(&shares[range.start.min(shares.len())..range.end.min(shares.len())])
            };
            let change = (near(&self.real) / all) / (near(&own) / all_own).max(f64::MIN_POSITIVE);
            site.weight *= change.clamp(1.0 / CHANGE_MAX, CHANGE_MAX);
        }
    }
}

fn add(shares: &mut Vec<f64>, at: usize, share: f64) {
    if shares.len() <= at {
        shares.resize(at + 1, 0.0);
    }
    shares[at] += share;
}
