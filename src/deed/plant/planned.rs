//! Plans the canaries of a copy among rows that its recipient did not have before.
//!
//! Of a long list sorted by values few places are kept, and a row has one place in it: the rows around that one are read
//! again from the file.

use std::cell::RefCell;
use std::collections::HashSet;

use super::super::{DeedError, EarlierError, Session};
use super::behind::FromStart;
use super::carry::Kept;
use super::history::{Among, History};
use super::learn::Learnt;
use crate::ledger::identity;
use crate::list::Shape;
use crate::list::profile::{Place, Profile, Stretch, Wanted};
use crate::list::text::{Dialect, Records, TextError};
use crate::phone::Number;
use crate::plant::{Beyond, Planned, PlantError, Wish, plan, plan_beyond};
use crate::store::People;

/// What one copy may use.
pub(super) struct Offer<'a> {
    pub(super) count: usize,
    pub(super) spare: usize,
    pub(super) numbers: &'a [Number],
    /// Identities that were planted before, or go into another copy.
    pub(super) people: &'a People,
}

/// What was planned, and the places of it that the profile does not hold.
type Plans = (Vec<Planned>, Vec<Place>);

/// Where new rows may go.
struct Room<'a> {
    /// All places of the profile, in the order of the list.
    known: &'a [Place],
    /// Tells whether nothing stands at a place, and new rows are around it.
    is_open: &'a dyn Fn(&Place) -> bool,
}

/// Plans canaries for the copies of the holders at these places, and finds those that keep theirs.
pub(super) fn planned(
    session: &mut Session,
    learnt: &mut Learnt,
    holders: &[usize],
    offer: &Offer<'_>,
) -> Result<(Vec<Planned>, Vec<Kept>), DeedError> {
    // Where one recipient had canaries before says nothing of the next one's places.
    let all = (learnt.profile.places.clone(), learnt.profile.roomy.clone());
    let mut kept = Vec::new();
    for holder in holders.iter().filter(|holder| **holder < learnt.before.len()) {
        kept.extend(learnt.before[*holder].keep(&learnt.list, &learnt.profile)?);
    }
    // A gap of numbers that holds a kept canary has no room that the planner knows of.
    let taken: HashSet<u64> =
        kept.iter().map(|kept: &Kept| kept.new_row.before).chain(learnt.full.iter().copied()).collect();
    keep_places(&mut learnt.profile, |place| !taken.contains(&place.ordinal));
    learnt.profile.seen.keep_apart_from(kept.iter().map(|kept| kept.new_row.cells.as_slice()));
    let planned = planned_anew(session, learnt, holders, (&all.0, &taken), offer);
    learnt.profile.seen.keep_apart_from(std::iter::empty());
    (learnt.profile.places, learnt.profile.roomy) = all;
    let (planned, found) = planned?;
    take_in(&mut learnt.profile, found);
    Ok((planned, kept))
}

/// Leaves only some of a profile's places.
pub(super) fn keep_places(profile: &mut Profile, keep: impl Fn(&Place) -> bool) {
    profile.places.retain(&keep);
    if let Some(roomy) = &mut profile.roomy {
        roomy.retain(&keep);
    }
}

/// Adds places to those that are known.
fn take_in(profile: &mut Profile, mut found: Vec<Place>) {
    let known: HashSet<u64> = profile.places.iter().map(|place| place.ordinal).collect();
    found.retain(|place| !known.contains(&place.ordinal));
    profile.places.extend(found);
    profile.places.sort_by_key(|place| place.data_row);
}

/// Plans canaries among rows that no copy of these holders had before.
fn planned_anew(
    session: &mut Session,
    learnt: &mut Learnt,
    holders: &[usize],
    (known, taken): (&[Place], &HashSet<u64>),
    offer: &Offer<'_>,
) -> Result<Plans, DeedError> {
    if offer.count == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    let path = learnt.list.source.path.clone();
    let histories: Vec<&History> =
        holders.iter().filter_map(|holder| learnt.before.get(*holder)).map(|before| &before.history).collect();
    let histories: Vec<&History> = histories.into_iter().filter(|history| !history.is_empty()).collect();
    let is_empty = |place: &Place| !taken.contains(&place.ordinal);
    let Some(first) = histories.first() else {
        let room = Room { known, is_open: &is_empty };
        return plan_for(session, learnt, &room, offer)?.map_err(|source| DeedError::Plant { path, source });
    };
    let ways: Vec<Among> = first
        .ways()
        .iter()
        .copied()
        .filter(|way| histories.iter().all(|history| history.ways().contains(way)))
        .collect();
    let all = (learnt.profile.places.clone(), learnt.profile.roomy.clone());
    let mut refusal = PlantError::TooFewPlaces { needs: offer.count, has: 0 };
    for among in ways {
        (learnt.profile.places, learnt.profile.roomy) = all.clone();
        let is_among = |place: &Place| histories.iter().all(|history| history.allows(place, among));
        keep_places(&mut learnt.profile, is_among);
        if learnt.profile.places.is_empty() {
            continue;
        }
        let room = Room { known, is_open: &|place| is_empty(place) && is_among(place) };
        match plan_for(session, learnt, &room, offer)? {
            Err(source) if source.is_about_room() => refusal = source,
            other => return other.map_err(|source| DeedError::Plant { path, source }),
        }
    }
    Err(EarlierError::AmongOld { path, source: refusal }.into())
}

/// Plans; fails where the list cannot be read again, and gives the planner's own refusal besides.
fn plan_for(
    session: &mut Session,
    learnt: &Learnt,
    room: &Room<'_>,
    offer: &Offer<'_>,
) -> Result<Result<Plans, PlantError>, DeedError> {
    let encodable = |text: &str| match learnt.list.source.shape {
        Shape::Text(dialect) => dialect.encoding.encode(text).is_ok(),
        Shape::Book => true,
    };
    let taken = |person: &str| offer.people.contains(identity(person));
    let today = session.now().date_naive();
    let wish = Wish {
        numbers: offer.numbers,
        count: offer.count,
        spare: offer.spare,
        today,
        encodable: &encodable,
        taken: &taken,
    };
    let Some(dialect) = read_beyond(learnt) else {
        return Ok(plan(&learnt.profile, &wish, &mut session.rng).map(|planned| (planned, Vec::new())));
    };
    let fault = RefCell::new(None);
    let between = |ends: (&Place, &Place), wanted: &Wanted<'_>| {
        let found = places_between(learnt, &dialect, ends, wanted);
        found.unwrap_or_else(|error| {
            fault.replace(Some(error));
            Vec::new()
        })
    };
    let beyond = Beyond { known: room.known, is_open: room.is_open, between: &between };
    let planned = plan_beyond(&learnt.profile, &wish, &beyond, &mut session.rng);
    match fault.into_inner() {
        Some(error) => Err(DeedError::List { path: learnt.list.source.path.clone(), source: error.into() }),
        None => Ok(planned),
    }
}

/// Tells how a list is read whose rows have places that the profile does not hold; nothing for any other.
fn read_beyond(learnt: &Learnt) -> Option<Dialect> {
    match learnt.list.source.shape {
        // What is read again begins behind the mark.
        Shape::Text(dialect) if learnt.profile.has_more_places() => Some(Dialect { bom: false, ..dialect }),
        Shape::Text(_) | Shape::Book => None,
    }
}

fn places_between(
    learnt: &Learnt,
    dialect: &Dialect,
    (from, to): (&Place, &Place),
    wanted: &Wanted<'_>,
) -> Result<Vec<Place>, TextError> {
    let source = &learnt.list.source;
    let rows = FromStart { file: source.file(), at: from.offset };
    let stretch = Stretch { from, to, layout: &source.layout, serial: learnt.profile.serial };
    stretch.places(Records::new(rows, dialect), wanted)
}
