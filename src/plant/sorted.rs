//! Rows for a list that is sorted by names, phones or other values: the row is drawn first, and goes where it belongs.
//!
//! Drawing a value for a place would give every gap as many new rows as any other; like this a wide gap gets more, as it
//! would of real rows. What cannot be put in order is left to the caller, who takes any place and says so ([`astray`]).

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet, VecDeque};

use rand::Rng;
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde::Serialize;

use super::far::Far;
use super::model::Model;
use super::numbers::RowNumbers;
use super::site::{Full, Site, around, site, usable};
use super::taken::Taken;
use super::{Chosen, Made, Planned, PlantError, Used, Wish, canary, numbers, repeats_neighbour};
use crate::list::profile::{Place, Profile, Scope, SortKeys, Sorting};
use crate::phone::Number;

/// Rows drawn for each that is asked for, where every place is known or can be found.
pub const DRAWS: usize = 60;

/// Rows drawn with one number where the list is sorted by phones.
const DRAWS_A_NUMBER: usize = 4;

/// Times that nobody new is found before the rest is given up, or one for so many rows that are asked for.
const NOBODY_MAX: usize = 4;
const NOBODY_SHARE: usize = 10;

/// Other numbers that are tried for each canary.
const NUMBERS_A_CANARY: usize = 12;

/// Places that are tried for one row.
const PLACES_TRIED: usize = 12;

/// Chooses rows that stand in order with their neighbours, up to as many as are wished, and leaves the pairs of numbers that
/// the others may have.
pub fn choose<'p>(
    model: &Model<'p>,
    (wish, far): (&Wish<'_>, Option<&Far<'p>>),
    pairs: &mut Vec<RowNumbers>,
    (used, taken): (&mut Used, &mut Taken),
    rng: &mut impl Rng,
) -> Result<Vec<Chosen<'p>>, PlantError> {
    let sorting = &model.profile.sorting;
    let by_phone = sorting.columns().any(|at| at == model.phones.own);
    let mut more = if by_phone { with_more(model, wish, pairs, rng)? } else { VecDeque::new() };
    let (sites, _) = usable(model, wish.count, rng);
    let shelf = Shelf::of(far.map_or(&model.profile.places, Far::known), sorting);
    let draws = match by_phone {
        true => (pairs.len() + more.len()) * DRAWS_A_NUMBER,
        false => draws(model.profile, wish.count, far),
    };
    let nobody_max = NOBODY_MAX.max(wish.count / NOBODY_SHARE);
    let mut queue: VecDeque<(RowNumbers, usize)> = pairs.drain(..).map(|pair| (pair, 0)).collect();
    let (mut chosen, mut rows, mut nobody) = (Vec::new(), HashSet::new(), 0);
    for _ in 0..draws {
        if chosen.len() == wish.count || nobody == nobody_max {
            break;
        }
        let (Some((mut pair, mut tries)), Some(from)) = (queue.pop_front(), sites.choose(rng)) else { break };
        if tries == DRAWS_A_NUMBER
            && let Some(other) = more.pop_front()
        {
            (pair.first, tries) = (other, 0);
        }
        let made = match canary(model, from, &pair, wish, (used, rng)) {
            Ok(made) => made,
            Err(PlantError::NobodyNew { .. }) => {
                nobody += 1;
                queue.push_back((pair, tries));
                continue;
            }
            Err(other) => return Err(other),
        };
        let is_free = |place: &Place| !rows.contains(&place.data_row) && far.is_none_or(|far| far.is_open(place));
        let Some((place, (own, cells))) = home(model, (&shelf, far), (from, &made), &is_free, rng) else {
            queue.push_back((pair, tries + 1));
            continue;
        };
        if taken.take(model, &own).is_err() {
            queue.push_back((pair, tries + 1));
            continue;
        }
        rows.insert(place.data_row);
        used.note(model, &made.drawn, &cells);
        chosen.push(Chosen { place, numbers: pair, made: Made { cells, ..made } });
    }
    pairs.extend(queue.into_iter().map(|(pair, _)| pair));
    Ok(chosen)
}

/// Says how many rows are drawn at most: the more, the fewer of their places are known.
fn draws(profile: &Profile, count: usize, far: Option<&Far<'_>>) -> usize {
    match far {
        Some(_) => count * DRAWS,
        None => {
            let share = (profile.places.len() as f64 / profile.rows.max(1) as f64).clamp(0.001, 1.0);
            ((count * DRAWS) as f64 / share) as usize
        }
    }
}

/// Finds a place for a row that was drawn elsewhere, and fits it in there.
fn home<'p>(
    model: &Model<'p>,
    (shelf, far): (&Shelf<'p>, Option<&Far<'p>>),
    (from, made): (&Site<'_>, &Made),
    is_free: &dyn Fn(&Place) -> bool,
    rng: &mut impl Rng,
) -> Option<(&'p Place, (Site<'p>, Vec<String>))> {
    let near = shelf.places(&made.cells, rng).into_iter().filter(|place| is_free(place));
    let mut settled = near.filter_map(|place| Some((place, settle(model, from, place, made, rng)?)));
    if let Some(home) = settled.next() {
        return Some(home);
    }
    let own = shelf.sorting.keys_in(&|at| made.cells.get(at).map_or("", String::as_str));
    let place = far?.place((shelf.sorting, &own), shelf.around(&own)?, is_free, rng)?;
    Some((place, settle(model, from, place, made, rng)?))
}

/// Chooses the numbers of pairs anew, and all others that may stand in one list with them: most have no place of their own.
fn with_more(
    model: &Model<'_>,
    wish: &Wish<'_>,
    pairs: &mut [RowNumbers],
    rng: &mut impl Rng,
) -> Result<VecDeque<Number>, PlantError> {
    let fitting = model.writable(wish.numbers)?;
    let all = numbers::choose(&fitting, (pairs.len(), fitting.len()), Some(model.profile), rng)?;
    let mut all: VecDeque<Number> = all.single().collect();
    // Numbers of another kind than this column's were chosen for other columns, and stay.
    let own: HashSet<&Number> = fitting.iter().collect();
    let others: Vec<Number> = pairs.iter().flat_map(|pair| pair.others.iter().cloned()).collect();
    let are_of_own = others.iter().all(|number| own.contains(number));
    if !are_of_own {
        all.retain(|number| others.iter().all(|other| numbers::are_apart(other, number)));
    }
    for pair in pairs.iter_mut() {
        pair.first = all.pop_front().unwrap_or_else(|| pair.first.clone());
    }
    for pair in pairs.iter_mut().filter(|_| are_of_own) {
        pair.others = (0..pair.others.len()).map_while(|_| all.pop_front()).collect();
    }
    all.truncate(pairs.len() * NUMBERS_A_CANARY);
    Ok(all)
}

/// Fits a row that was drawn elsewhere into a place: its counters become the place's, all else must be in order there.
fn settle<'p>(
    model: &Model<'p>,
    from: &Site<'_>,
    place: &'p Place,
    made: &Made,
    rng: &mut impl Rng,
) -> Option<(Site<'p>, Vec<String>)> {
    let profile = model.profile;
    let own = site(model, place, Full::Unusable, rng).ok()?;
    let mut cells = made.cells.clone();
    for order in &profile.orders {
        let cell = cells.get_mut(order.column)?;
        if order.strict {
            let value = own.values.get(&order.column)?;
            *cell = order.written(place.host().cell(order.column), *value)?;
        } else if !profile.sorting.columns().any(|at| at == order.column)
            && let (Some(low), Some(high)) = around(model, order, place)
        {
            let reading = profile.habits[order.column].reading;
            let value = order.value_of(cell, reading);
            if value.is_some_and(|value| value < low || high < value) {
                return None;
            }
        }
        if let Scope::Within { group } = order.scope
            && group != order.column
            && cells.get(group)?.trim() != place.host().cell(group).trim()
        {
            return None;
        }
    }
    let is_by_name = model.name.is_some_and(|at| profile.sorting.columns().any(|column| column == at));
    if !is_by_name && repeats_neighbour(model, place, &cells) {
        return None;
    }
    Some((Site { home: from.home.clone(), ..own }, cells))
}

/// The places of a list by what their rows say in its keys.
struct Shelf<'p> {
    sorting: &'p Sorting,
    places: Vec<(&'p Place, SortKeys, SortKeys)>,
    /// By the parts of the list where like stands beside like, in the order of the list.
    parts: HashMap<SortKeys, Vec<usize>>,
}

impl<'p> Shelf<'p> {
    fn of(places: &'p [Place], sorting: &'p Sorting) -> Shelf<'p> {
        let keys = |place: &'p Place| (place, sorting.keys_of(&place.above), sorting.keys_of(&place.at));
        let places: Vec<_> = places.iter().map(keys).collect();
        let mut parts: HashMap<SortKeys, Vec<usize>> = HashMap::new();
        for (nth, (_, above, at)) in places.iter().enumerate() {
            let (above, at) = (&above[..sorting.parts()], &at[..sorting.parts()]);
            parts.entry(above.to_vec()).or_default().push(nth);
            if at != above {
                parts.entry(at.to_vec()).or_default().push(nth);
            }
        }
        Shelf { sorting, places, parts }
    }

    /// Gives some places where a row stands in order, in any order.
    fn places(&self, cells: &[String], rng: &mut impl Rng) -> Vec<&'p Place> {
        let own = self.sorting.keys_in(&|at| cells.get(at).map_or("", String::as_str));
        let Some(part) = self.parts.get(&own[..self.sorting.parts()]) else { return Vec::new() };
        let first = self.first(part, &own);
        let is_not_behind = |nth: &usize| self.sorting.compare(&own, &self.places[*nth].1) != Some(Ordering::Less);
        let end = part.partition_point(is_not_behind).max(first);
        let mut found = Vec::new();
        for _ in 0..PLACES_TRIED.min(end - first) {
            let (place, above, at) = &self.places[part[rng.random_range(first..end)]];
            if self.sorting.fits(above, &own, at) {
                found.push(*place);
            }
        }
        found
    }

    /// Gives the two neighbours among the places of its part that a row belongs between; nothing at the part's ends.
    fn around(&self, own: &SortKeys) -> Option<(&'p Place, &'p Place)> {
        let part = self.parts.get(&own[..self.sorting.parts()])?;
        let first = self.first(part, own);
        let (from, to) = (part.get(first.checked_sub(1)?)?, part.get(first)?);
        Some((self.places[*from].0, self.places[*to].0))
    }

    /// Finds the first place of a part whose row does not stand before a row.
    fn first(&self, part: &[usize], own: &SortKeys) -> usize {
        let is_before = |nth: &usize| self.sorting.compare(&self.places[*nth].2, own) == Some(Ordering::Less);
        part.partition_point(is_before)
    }
}

/// Where rows that were made before belong in a list that is sorted by values.
pub struct InOrder<'p>(Shelf<'p>);

impl<'p> InOrder<'p> {
    /// Prepares a list; nothing for one in which a row's values do not say where it belongs.
    pub fn of(profile: &'p Profile) -> Option<InOrder<'p>> {
        profile.sorting.is_by_value().then(|| InOrder(Shelf::of(&profile.places, &profile.sorting)))
    }

    /// Gives the place where a row stands in order that is nearest to the record `before`; nothing if it does in front of
    /// that, or nowhere.
    pub fn instead(&self, cells: &[String], before: u64) -> Option<&'p Place> {
        let shelf = &self.0;
        let own = shelf.sorting.keys_in(&|at| cells.get(at).map_or("", String::as_str));
        let fitting = shelf.places.iter().filter(|(_, above, at)| shelf.sorting.fits(above, &own, at));
        let nearest = fitting.map(|(place, ..)| *place).min_by_key(|place| place.ordinal.abs_diff(before));
        nearest.filter(|place| place.ordinal != before)
    }

    /// Tells which of two rows comes first; equal where the list does not say.
    pub fn compare(&self, one: &[String], other: &[String]) -> Ordering {
        let sorting = self.0.sorting;
        let keys = |cells: &[String]| sorting.keys_in(&|at| cells.get(at).map_or("", String::as_str));
        sorting.compare(&keys(one), &keys(other)).unwrap_or(Ordering::Equal)
    }
}

/// New rows that stand out of the order of a column by which a list is sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Astray {
    pub column: String,
    pub rows: usize,
}

/// Lists the columns by which a list is sorted and out of whose order new rows stand.
pub fn astray(profile: &Profile, planned: &[Planned]) -> Vec<Astray> {
    let sorting = &profile.sorting;
    if !sorting.is_by_value() {
        return Vec::new();
    }
    let places: HashMap<u64, &Place> = profile.places.iter().map(|place| (place.ordinal, place)).collect();
    let count = |column: usize| {
        let one = sorting.up_to(column);
        let stands = |row: &&Planned| {
            let Some(place) = places.get(&row.row.before) else { return false };
            let own = one.keys_in(&|at| row.row.cells.get(at).map_or("", String::as_str));
            !one.fits(&one.keys_of(&place.above), &own, &one.keys_of(&place.at))
        };
        planned.iter().filter(stands).count()
    };
    let mut before = 0;
    let told = sorting.columns().filter_map(|at| {
        let rows = count(at);
        let more = rows > before;
        before = rows;
        more.then(|| Astray { column: profile.layout.columns[at].name.clone(), rows })
    });
    told.collect()
}
