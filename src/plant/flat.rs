//! A home in parts: the building and unit of the row above, and a room nobody has.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::model::Model;
use crate::list::home::Home;
use crate::list::profile::{COUNTER_DIGITS_MAX, Place, Profile, Texts, counter, with_counter};

/// Neighbours of one unit whose rooms must rise for the list to be sorted by rooms, in hundredths.
const SORTED_MIN: usize = 90;

/// Rooms of one floor that are tried where the list's own doors leave none free.
const DOORS_MAX: i64 = 12;

/// What the weight of a place is worth where only a floor above all others is free.
const OVER: f64 = 0.2;

/// What the weight of a place is worth where only an unusual room is free.
const UNUSUAL: f64 = 0.001;

/// How a list tells homes.
pub struct Flats {
    pub home: Home,
    /// Whether the rooms of a unit rise down the list.
    sorted: bool,
    /// Door numbers that the list has on its floors, and its highest floor.
    doors: Vec<i64>,
    top: i64,
}

/// Learns how a list tells homes; nothing where rooms are no numbers.
pub fn learn(profile: &Profile) -> Option<Flats> {
    let home = Home::of(&profile.layout)?;
    let rooms: Vec<i64> = profile.donors().filter_map(|row| room(row, &home)).collect();
    let mut doors: Vec<i64> = rooms.iter().map(|room| room % 100).collect();
    doors.sort_unstable();
    doors.dedup();
    let pairs = profile.places.iter().filter(|place| beside(&home, place));
    let pairs: Vec<_> = pairs.filter_map(|place| Some((room(&place.above, &home)?, room(&place.at, &home)?))).collect();
    let rising = pairs.iter().filter(|(above, at)| above < at).count();
    let top = rooms.iter().map(|room| room / 100).max()?;
    Some(Flats { sorted: rising * 100 >= pairs.len() * SORTED_MIN, home, doors, top })
}

fn room(row: &Texts, home: &Home) -> Option<i64> {
    counter(row.cell(home.room).as_bytes(), COUNTER_DIGITS_MAX)
}

/// Tells whether the rows around a place are of one unit.
fn beside(home: &Home, place: &Place) -> bool {
    home.outer.iter().all(|at| place.above.cell(*at).trim() == place.at.cell(*at).trim())
}

/// Draws the cells of a home for a place, by column, and what they do to its weight.
pub fn draw(
    model: &Model<'_>,
    flats: &Flats,
    place: &Place,
    rng: &mut impl Rng,
) -> Option<(Vec<(usize, String)>, f64)> {
    let home = &flats.home;
    let above = room(&place.above, home)?;
    let is_free = |number: i64| {
        let cells = cells(home, place, number)?;
        let texts: Vec<&str> = cells.iter().map(|(_, cell)| cell.as_str()).collect();
        (!model.profile.seen.may_hold_home(&texts)).then_some(cells)
    };
    let low = if flats.sorted { above } else { 0 };
    let high = if flats.sorted && beside(home, place) { room(&place.at, home)? } else { i64::MAX };
    let usual = (1.max(low / 100)..=flats.top).flat_map(|floor| flats.doors.iter().map(move |door| floor * 100 + door));
    let usual: Vec<i64> = usual.filter(|number| low < *number && *number < high).collect();
    // Of a sorted unit only what follows at once may be chosen freely; higher floors would leave a gap.
    let near = usual.len().min(if flats.sorted { flats.doors.len().max(2) } else { usual.len() });
    let free: Vec<_> = usual[..near].iter().filter_map(|number| is_free(*number)).collect();
    if let Some(cells) = free.choose(rng) {
        return Some((cells.clone(), 1.0));
    }
    let between = |number: &i64| low < *number && *number < high;
    let mut over = flats.doors.iter().map(|door| (flats.top + 1) * 100 + door).filter(between);
    if let Some(cells) = over.find_map(is_free) {
        return Some((cells, OVER));
    }
    let mut unusual = (1..=DOORS_MAX).map(|door| above / 100 * 100 + door).filter(between);
    unusual.find_map(is_free).map(|cells| (cells, UNUSUAL))
}

/// Writes a room in the building and unit of the row above.
fn cells(home: &Home, place: &Place, number: i64) -> Option<Vec<(usize, String)>> {
    let mut cells: Vec<(usize, String)> =
        home.outer.iter().map(|at| (*at, place.above.cell(*at).to_string())).collect();
    cells.push((home.room, with_counter(place.above.cell(home.room), COUNTER_DIGITS_MAX, number)?));
    Some(cells)
}
