//! Where in the list the new rows go, and what the columns in order allow there.
//!
//! A place is taken with a chance that grows with how well one more row would fit the gaps of the counters.

use std::collections::{BTreeMap, HashSet};

use chrono::{Datelike, NaiveDate};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::draw::moment_of;
use super::error::PlantError;
use super::model::Model;
use super::taken::Taken;
use super::{company, flat, stay};
use crate::list::moment::DAY_SECONDS;
use crate::list::profile::{Direction, Key, Order, Place, Scope, Texts};

/// Weights of places lie within this factor of each other, so that a few do not take all.
const WEIGHT_RANGE: f64 = 1_000.0;

/// A time between two others is long from this on: it may hold hours at which less is entered.
const LONG_SECONDS: i64 = 7_200;

/// A place with the values its ordered columns take.
pub struct Site<'p> {
    pub place: &'p Place,
    /// Values as the column's order sees them; a column that is not in here stays empty.
    pub values: BTreeMap<usize, i64>,
    /// The day of birth, where the place does not decide it.
    pub birth: Option<NaiveDate>,
    /// Days in hospital, where discharges are in order.
    pub stay: Option<i64>,
    /// Cells of a home in parts, by column.
    pub home: Vec<(usize, String)>,
    pub weight: f64,
}

/// Why a place is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// The rows around are one mother's.
    Twins,
    /// No number is free in this column.
    NoGap(usize),
    /// The rows around do not go the way the column goes.
    OutOfOrder(usize),
    /// What stands in this column around cannot be read as a number or a time.
    Unread(usize),
    /// Every home that fits is somebody's.
    NoHome,
}

/// Whether a counter may be left empty where it has no number free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    Blank,
    Unusable,
}

/// Chooses `count` sites, by place, none in front of the data rows in `taken` and nothing that is taken with them.
pub fn choose<'p>(
    model: &Model<'p>,
    count: usize,
    (rows, mut taken): (&HashSet<u64>, Taken),
    rng: &mut impl Rng,
) -> Result<Vec<Site<'p>>, PlantError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let (mut sites, mut whys) = usable(model, count + rows.len(), rng);
    sites.retain(|site| !rows.contains(&site.place.data_row));
    if sites.len() < count {
        return Err(refusal(model, count, sites.len(), &whys));
    }
    company::weigh(model, &mut sites);
    let middle = middle_weight(&sites);
    let mut race: Vec<(f64, Site<'p>)> = sites
        .into_iter()
        .map(|site| {
            let weight = (site.weight / middle).clamp(1.0 / WEIGHT_RANGE, WEIGHT_RANGE);
            (-(1.0 - rng.random::<f64>()).ln() / weight, site)
        })
        .collect();
    race.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut chosen: Vec<Site<'p>> = Vec::with_capacity(count);
    for (_, site) in race {
        if chosen.len() == count {
            break;
        }
        match taken.take(model, &site) {
            Ok(()) => chosen.push(site),
            Err(why) => *whys.entry(why).or_insert(0) += 1,
        }
    }
    if chosen.len() < count {
        return Err(refusal(model, count, chosen.len(), &whys));
    }
    chosen.sort_by_key(|site| site.place.data_row);
    Ok(chosen)
}

/// Lists the sites of all places that can be used, `count` at least if there are so many, and why others cannot.
pub fn usable<'p>(model: &Model<'p>, count: usize, rng: &mut impl Rng) -> (Vec<Site<'p>>, BTreeMap<Why, usize>) {
    let profile = model.profile;
    let mut taken = HashSet::new();
    let mut sites = Vec::new();
    let roomy = profile.roomy.iter().flatten().map(|place| (place, Full::Unusable));
    let anywhere = profile.places.iter();
    let first: Vec<_> = roomy.chain(anywhere.clone().map(|place| (place, Full::Unusable))).collect();
    let fallback: Vec<_> = anywhere.map(|place| (place, Full::Blank)).collect();
    let mut whys = BTreeMap::new();
    for candidates in [first, fallback] {
        if sites.len() >= count {
            break;
        }
        whys.clear();
        for (place, full) in candidates {
            if taken.contains(&place.data_row) {
                continue;
            }
            match site(model, place, full, rng) {
                Ok(site) => {
                    taken.insert(place.data_row);
                    sites.push(site);
                }
                Err(why) => *whys.entry(why).or_insert(0_usize) += 1,
            }
        }
    }
    (sites, whys)
}

/// Makes a site whose row looks as if it were entered on `day`: dates are that day's, counters stay empty.
///
/// None if the list has no two rows that follow each other.
pub fn unplaced<'p>(model: &Model<'p>, day: NaiveDate, rng: &mut impl Rng) -> Option<Site<'p>> {
    let place = model.profile.places.choose(rng)?;
    let mut site = Site {
        place,
        values: BTreeMap::new(),
        birth: Some(day),
        stay: model.stays.choose(rng).copied(),
        home: Vec::new(),
        weight: 1.0,
    };
    for order in &model.profile.orders {
        let days = i64::from(day.num_days_from_ce());
        let value = match order.key {
            Key::Counter { .. } if order.strict => continue,
            Key::Counter { .. } => 0,
            Key::Day => days,
            Key::Instant => days * DAY_SECONDS + rng.random_range(0..DAY_SECONDS),
        };
        site.values.insert(
            order.column,
            match order.direction {
                Direction::Rising => value,
                Direction::Falling => -value,
            },
        );
    }
    if let Some((home, _)) = model.flats.as_ref().and_then(|flats| flat::draw(model, flats, place, rng)) {
        site.home = home;
    }
    Some(site)
}

fn middle_weight(sites: &[Site<'_>]) -> f64 {
    let mut weights: Vec<f64> = sites.iter().map(|site| site.weight).collect();
    weights.sort_by(f64::total_cmp);
    weights.get(weights.len() / 2).copied().unwrap_or(1.0).max(f64::MIN_POSITIVE)
}

/// Says what made most places useless, or that there are too few.
fn refusal(model: &Model<'_>, needs: usize, has: usize, whys: &BTreeMap<Why, usize>) -> PlantError {
    let places = model.profile.places.len().max(model.profile.roomy.as_ref().map_or(0, Vec::len));
    let most = whys.iter().max_by_key(|(_, places)| **places).map(|(why, _)| *why).filter(|_| places >= needs);
    let name = |column: usize| model.profile.layout.columns[column].name.clone();
    match most {
        None => PlantError::TooFewPlaces { needs, has },
        Some(Why::Twins) => PlantError::Twins { needs, has },
        Some(Why::OutOfOrder(column)) => PlantError::OutOfOrder { column: name(column), needs, has },
        Some(Why::Unread(column)) => PlantError::Unread { column: name(column), needs, has },
        Some(Why::NoHome) => PlantError::NoHome { needs, has },
        Some(Why::NoGap(column)) => match model.profile.order(column).map(|order| order.direction) {
            Some(Direction::Falling) => PlantError::CountsDown { column: name(column), needs, has },
            Some(Direction::Rising) | None => PlantError::Dense { column: name(column), needs, has },
        },
    }
}

/// Works out what the ordered columns allow at a place, or why a new row would break an order there.
pub fn site<'p>(model: &Model<'p>, place: &'p Place, full: Full, rng: &mut impl Rng) -> Result<Site<'p>, Why> {
    if model.profile.rows > 1 && parts_twins(model, place) {
        return Err(Why::Twins);
    }
    let mut site = Site { place, values: BTreeMap::new(), birth: None, stay: None, home: Vec::new(), weight: 1.0 };
    let parts: Vec<usize> = model.flats.iter().flat_map(|flats| flats.home.columns()).collect();
    let orders = model.profile.orders.iter().filter(|order| !parts.contains(&order.column));
    let (whole, within): (Vec<&Order>, Vec<&Order>) = orders.partition(|order| order.scope == Scope::Whole);
    for order in whole.into_iter().chain(within) {
        let (low, high) = around(model, order, place);
        let filled = |row: &Texts| !row.cell(order.column).trim().is_empty();
        if order.strict {
            let blank_ok = model.profile.habits[order.column].blank > 0.0;
            match (low, high) {
                (Some(low), Some(high)) => match free_number(model, order, place, (low, high), rng) {
                    Some((number, weight)) => {
                        site.weight *= weight;
                        // As many new rows go without a number as rows do.
                        if !rng.random_bool(model.profile.habits[order.column].blank) {
                            site.values.insert(order.column, number);
                        }
                    }
                    None if full == Full::Blank && blank_ok => {}
                    None => return Err(Why::NoGap(order.column)),
                },
                (Some(low), None) if place.peer.is_none() && order.scope != Scope::Whole => {
                    let free = free_number(model, order, place, (low, i64::MAX / 2), rng);
                    let (number, _) = free.ok_or(Why::NoGap(order.column))?;
                    site.values.insert(order.column, number);
                }
                (None, _) | (_, None) if full == Full::Blank && blank_ok => {}
                (None, _) | (_, None) => return Err(Why::Unread(order.column)),
            }
            continue;
        }
        match bounded(model, order, place, (low, high)) {
            (Some(low), Some(high)) if low <= high => {
                let high = high.min(latest(model, &site, order).unwrap_or(high)).max(low);
                site.values.insert(order.column, anywhere_in(model, order, (low, high), rng));
            }
            (Some(_), Some(_)) => return Err(Why::OutOfOrder(order.column)),
            (Some(one), None) | (None, Some(one)) => {
                site.values.insert(order.column, one);
            }
            (None, None) if filled(&place.above) || filled(&place.at) => return Err(Why::Unread(order.column)),
            (None, None) => {}
        }
    }
    stay::settle(model, &mut site, rng);
    leave_out(model, &mut site, rng);
    if let Some(flats) = &model.flats {
        let (home, weight) = flat::draw(model, flats, place, rng).ok_or(Why::NoHome)?;
        site.home = home;
        site.weight *= weight;
    }
    Ok(site)
}

/// Leaves dates empty as often as rows do, but never the day of birth.
fn leave_out(model: &Model<'_>, site: &mut Site<'_>, rng: &mut impl Rng) {
    let dated = model.profile.orders.iter().filter(|order| !order.strict && model.birth != Some(order.column));
    for order in dated.filter(|order| !matches!(order.key, Key::Counter { .. })) {
        if rng.random_bool(model.profile.habits[order.column].blank) {
            site.values.remove(&order.column);
        }
    }
}

/// Reads a column in order above and below a place, below among the rows it is in order with.
pub fn around(model: &Model<'_>, order: &Order, place: &Place) -> (Option<i64>, Option<i64>) {
    let reading = model.profile.habits[order.column].reading;
    let below = match order.scope {
        Scope::Whole => Some(&place.at),
        Scope::Within { .. } => place.peer.as_ref(),
    };
    let value = |row: &Texts| order.value_of(row.cell(order.column), reading);
    let above = match order.scope {
        Scope::Whole => &place.above,
        Scope::Within { .. } => place.host(),
    };
    (value(above), below.and_then(value))
}

/// Bounds births in order within hospitals by the rows around, where births nearly are in order over the whole list.
fn bounded(
    model: &Model<'_>,
    order: &Order,
    place: &Place,
    (low, high): (Option<i64>, Option<i64>),
) -> (Option<i64>, Option<i64>) {
    let nearly = order.scope != Scope::Whole && model.birth == Some(order.column) && model.is_nearly_in_order();
    let reading = model.profile.habits[order.column].reading;
    let beside = [&place.above, &place.at].map(|row| order.value_of(row.cell(order.column), reading));
    // A day without a time, among others that have one, ends a day later than it begins.
    let rest = |value: i64| if value.rem_euclid(DAY_SECONDS) == 0 { DAY_SECONDS - 1 } else { 0 };
    let beside = match (order.key, order.direction) {
        (Key::Instant, Direction::Rising) => [beside[0], beside[1].map(|value| value + rest(value))],
        (Key::Instant, Direction::Falling) => [beside[0].map(|value| value - rest(value)), beside[1]],
        (Key::Day | Key::Counter { .. }, _) => beside,
    };
    match beside {
        [Some(above), Some(at)] if nearly && above <= at => {
            let within = (low.map_or(above, |low| low.max(above)), high.map_or(at, |high| high.min(at)));
            if within.0 <= within.1 { (Some(within.0), Some(within.1)) } else { (Some(above), Some(at)) }
        }
        [_, _] => (low, high),
    }
}

/// Finds the last day that another date in order allows: nobody is born after being reported.
///
/// Only dates of the rows around count that never lie before this column's.
fn latest(model: &Model<'_>, site: &Site<'_>, order: &Order) -> Option<i64> {
    if order.scope == Scope::Whole || order.direction == Direction::Falling {
        return None;
    }
    let rows = [Some(site.place.host()), Some(&site.place.at), site.place.peer.as_ref()];
    let day = |row: &Texts, at: usize| model.moment(row, at).and_then(|(moment, _)| moment.day());
    let bounds = model.profile.orders.iter().filter(|other| other.scope == Scope::Whole);
    bounds
        .filter_map(|other| {
            let (bound, _) = moment_of(other, *site.values.get(&other.column)?)?;
            let mut pairs = rows.into_iter().flatten().map(|row| (day(row, order.column), day(row, other.column)));
            let never_before = pairs.all(|pair| matches!(pair, (Some(own), Some(other)) if own <= other));
            never_before.then(|| match order.key {
                Key::Instant => i64::from(bound.num_days_from_ce()) * DAY_SECONDS + DAY_SECONDS - 1,
                Key::Day => i64::from(bound.num_days_from_ce()),
                Key::Counter { .. } => i64::MAX,
            })
        })
        .min()
}

/// Draws a number between two others that nobody else has: in a loose order it may stand elsewhere.
fn free_number(
    model: &Model<'_>,
    order: &Order,
    place: &Place,
    (low, high): (i64, i64),
    rng: &mut impl Rng,
) -> Option<(i64, f64)> {
    const TRIES: usize = 30;
    (0..TRIES).find_map(|_| {
        let (number, weight) = order.gaps_of(place.kin).between(low, high, rng)?;
        let text = order.written(place.host().cell(order.column), number)?;
        (!model.profile.seen.may_hold_value(order.column, &text)).then_some((number, weight))
    })
}

/// Draws a value of a column that may repeat; a label repeats the one above, a long time is entered at an hour as others are.
fn anywhere_in<R: Rng>(model: &Model<'_>, order: &Order, (low, high): (i64, i64), rng: &mut R) -> i64 {
    const TRIES: usize = 30;
    let at_an_hour = |rng: &mut R| {
        let cell = model.profile.crowd.choose(rng)?.cell(order.column);
        let second = order.value_of(cell, model.profile.habits[order.column].reading)?.rem_euclid(DAY_SECONDS);
        let day = rng.random_range(low.div_euclid(DAY_SECONDS)..=high.div_euclid(DAY_SECONDS));
        Some((day * DAY_SECONDS + second, second)).filter(|(moment, _)| (low..=high).contains(moment))
    };
    let mut midnight = None;
    let usual = match order.key {
        Key::Counter { .. } => return low,
        Key::Day => None,
        Key::Instant if high - low < LONG_SECONDS => None,
        Key::Instant => (0..TRIES).find_map(|_| {
            let (moment, second) = at_an_hour(rng)?;
            midnight = midnight.or((second == 0).then_some(moment));
            (second > 0).then_some(moment)
        }),
    };
    if let Some(moment) = usual.or(midnight) {
        return moment;
    }
    rng.random_range(low..=high)
}

/// Tells whether the rows around are one mother's, so that nothing belongs between them.
fn parts_twins(model: &Model<'_>, place: &Place) -> bool {
    let phone = |row: &'_ Texts| row.cell(model.phone).trim().to_string();
    let is_one = |above: String, below: &Texts| !above.is_empty() && above == phone(below);
    is_one(phone(&place.above), &place.at) || place.peer.as_ref().is_some_and(|peer| is_one(phone(place.host()), peer))
}
