//! Gathers what the ledger knows of some hits, for a trace to weigh.
//!
//! Canaries that nobody called are counted by planting and not read one by one, and only where they can be in a copy
//! that has a called one: the cost follows the contacts and the plantings in question, not the ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use foldhash::fast::RandomState;

use super::DeedError;
use super::heard::Heard;
use super::hospitals::Hospitals;
use super::listener::{Listener, planted_at};
use crate::hit::{Caller, Extent, Hit, Listed, birth_day};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;
use crate::store::{CohortRow, PlantingState, Reader, ReceivedRow};
use crate::trace::{CanaryFact, Cohort, Evidence, Receipt, Rows, Seen, Standing, related};

/// Canaries told of one by one from which the lists they were seen in are read in one go.
const RECEIVED_ONE_BY_ONE_MAX: usize = 1_000;

/// Lists in which a canary was seen.
type Lists = Vec<Seen>;
/// Canaries that are told of one by one, by number.
type Told = BTreeMap<Number, (CanaryId, PlantingId)>;
/// Where a canary was made, the date of its row, and among whose rows it is.
type Place = (PlantingId, Option<NaiveDate>, Rows);
/// The places of canaries that are not counted as silent.
type Apart = HashMap<CanaryId, Place, RandomState>;

/// Gathers everything that a weighing of some of the hits needs: all that were heard but those to numbers in `left_out`, which is
/// where the others went; `numbers` are told of even without hits.
pub(super) fn of_hits(
    listener: &mut Listener<'_>,
    heard: &Heard,
    (mut hits, left_out): (Vec<Hit>, &[Hit]),
    numbers: &[Number],
) -> Result<Evidence, DeedError> {
    heard.weigh_guesses(&mut hits);
    let in_part = lists_in_part(&hits)?;
    let hospitals = Hospitals::told(listener, &hits)?;
    let mut told: Told = BTreeMap::new();
    let mut met: HashSet<&Number, RandomState> = HashSet::default();
    let called = hits.iter().filter(|hit| hit.planted.is_some()).map(|hit| &hit.contact.to);
    for number in called.chain(numbers).filter(|number| met.insert(number)) {
        told.extend(listener.canary_at(number)?.map(|place| (number.clone(), place)));
    }
    let others: HashSet<&Number, RandomState> =
        heard.others.iter().chain(left_out.iter().map(|hit| &hit.contact.to)).collect();
    let mut called_otherwise = Apart::default();
    let told_of: HashSet<CanaryId, RandomState> = told.values().map(|(id, _)| *id).collect();
    for number in others.into_iter().filter(|number| !told.contains_key(*number)) {
        if let Some((id, planting)) = listener.canary_at(number)?.filter(|(id, _)| !told_of.contains(id)) {
            called_otherwise.insert(id, place_of(listener, &hospitals, (id, planting))?);
        }
    }
    let mut evidence = facts(listener, told, Some(&hospitals), heard.until)?;
    let starts = evidence.canaries.iter().filter(|fact| fact.standing == Standing::Planted).map(|fact| &fact.holder);
    let starts: Vec<HolderId> =
        starts.chain(evidence.received.iter().map(|receipt| &receipt.seen.holder)).cloned().collect();
    let listed = evidence.canaries.iter().map(|fact| (fact.id, (fact.planting, fact.dated, fact.rows)));
    let mut apart: Apart = listed.chain(called_otherwise.iter().map(|(id, place)| (*id, *place))).collect();
    // A number that was retired before the last of these contacts cannot have been called as the others were.
    let last = hits.iter().filter(|hit| !hit.is_listed()).map(|hit| hit.contact.at).max();
    let watched = &heard.watched;
    for (number, _) in watched.retired.iter().filter(|(_, retired)| Some(**retired) <= last) {
        if let Some(row) = listener.reader.canary_of(number)?.filter(|row| row.record.beside.is_none()) {
            apart.insert(row.id, place_of(listener, &hospitals, (row.id, row.planting))?);
        }
    }
    evidence.called_otherwise = called_otherwise.into_keys().collect();
    match in_part.is_empty() {
        true => evidence.silent = silent(listener, &hospitals, &related(&evidence.graph, starts), &apart)?,
        false => leave_out_unseen(&mut evidence, &hits),
    }
    Ok(Evidence {
        hits,
        in_part,
        retired: watched.retired.clone(),
        pool: watched.pool,
        watches: watched.watches.clone(),
        quiet: watched.quiet.clone(),
        watched_days: watched.days.clone(),
        diallers: heard.diallers.clone(),
        reached_by: heard.reached_by.clone(),
        ..evidence
    })
}

/// Makes canaries that were neither called nor seen neither silent nor counted: they may stand in a part that was not read.
fn leave_out_unseen(evidence: &mut Evidence, hits: &[Hit]) {
    let counts = |hit: &&Hit| hit.planted.as_ref().is_some_and(|planted| planted.planted_at <= hit.contact.at);
    let seen = hits.iter().filter(counts).filter_map(|hit| Some(hit.planted.as_ref()?.canary));
    let seen: HashSet<CanaryId, RandomState> = seen.collect();
    let unseen = evidence.canaries.iter().map(|fact| fact.id).filter(|id| !seen.contains(id));
    evidence.called_otherwise.extend(unseen);
}

/// Finds the lists that were read in part each time.
fn lists_in_part(hits: &[Hit]) -> Result<BTreeSet<Caller>, DeedError> {
    let mut whole: BTreeMap<&Caller, bool> = BTreeMap::new();
    for hit in hits.iter().filter(|hit| hit.is_listed()) {
        let Some(list) = &hit.contact.from else { continue };
        let listed: Listed = hit.contact.said.as_deref().unwrap_or_default().parse()?;
        *whole.entry(list).or_default() |= listed.extent == Extent::Whole;
    }
    Ok(whole.into_iter().filter(|(_, is_whole)| !is_whole).map(|(list, _)| list.clone()).collect())
}

/// Gathers what is known of numbers that nobody called yet.
pub(super) fn uncalled(reader: &Reader<'_>, numbers: &[Number], now: DateTime<Utc>) -> Result<Evidence, DeedError> {
    let mut told = Told::new();
    for number in numbers {
        told.extend(reader.canary_at(number)?.map(|place| (number.clone(), place)));
    }
    facts(&mut Listener::new(reader)?, told, None, now)
}

/// Finds where a canary was made, and among which rows it is.
fn place_of(
    listener: &mut Listener<'_>,
    hospitals: &Hospitals,
    (canary, planting): (CanaryId, PlantingId),
) -> Result<Place, DeedError> {
    Ok((planting, listener.dated(canary)?, hospitals.rows_of(listener, canary)?))
}

/// Begins the evidence with the canaries that are told of one by one.
fn facts(
    listener: &mut Listener<'_>,
    told: Told,
    hospitals: Option<&Hospitals>,
    until: DateTime<Utc>,
) -> Result<Evidence, DeedError> {
    let mut canaries = Vec::with_capacity(told.len());
    let mut received = Vec::new();
    if told.len() >= RECEIVED_ONE_BY_ONE_MAX {
        listener.read_received()?;
    }
    let mut told_of = HashSet::with_capacity_and_hasher(told.len(), RandomState::default());
    for (number, (id, planting)) in told {
        // Both numbers of a row are one canary.
        if !told_of.insert(id) {
            continue;
        }
        let dated = listener.dated(id)?;
        let Some(made_in) = listener.planting(planting)? else { continue };
        let standing = match made_in.state {
            PlantingState::Void => Standing::Void,
            PlantingState::Reserved | PlantingState::Sealed | PlantingState::Planted { .. } => Standing::Planted,
        };
        let (holder, planted_at) = (made_in.holder.clone(), planted_at(made_in));
        let rows = hospitals.map(|hospitals| hospitals.rows_of(listener, id)).transpose()?.unwrap_or_default();
        canaries.push(CanaryFact { id, number, holder, planting, planted_at, dated, rows, standing });
        received.extend(listener.received_of(id)?);
    }
    for fact in canaries.iter_mut().filter(|fact| fact.standing == Standing::Void) {
        // Of the copies that it was made for at once, another was handed over all the same.
        if let Some(row) = received.iter().find(|row| row.canary == fact.id) {
            (fact.holder, fact.planting, fact.planted_at) = (row.holder.clone(), row.planting, row.at);
            fact.standing = Standing::Planted;
        }
    }
    let receipt = |row: ReceivedRow| Receipt { canary: row.canary, planting: row.planting, seen: seen_in(&row) };
    canaries.sort_by_key(|fact| fact.id);
    let received = received.into_iter().map(receipt).collect();
    Ok(Evidence { canaries, received, ..Evidence::none(listener.reader.graph()?, until) })
}

/// Says where a canary was seen in the words of a trace.
pub(super) fn seen_in(row: &ReceivedRow) -> Seen {
    Seen { holder: row.holder.clone(), at: row.at, came: row.came }
}

/// Counts the canaries that these holders' copies have, but for those in `apart`.
fn silent(
    listener: &mut Listener<'_>,
    hospitals: &Hospitals,
    holders: &BTreeSet<HolderId>,
    apart: &Apart,
) -> Result<Vec<Cohort>, DeedError> {
    let reader = listener.reader;
    let mut seen: HashMap<CanaryId, (PlantingId, Lists), RandomState> = HashMap::default();
    for holder in holders {
        for (row, made_in) in reader.seen_with(holder)? {
            if listener.planting(row.planting)?.is_none_or(|planting| planting.state == PlantingState::Void) {
                continue;
            }
            seen.entry(row.canary).or_insert_with(|| (made_in, Vec::new())).1.push(seen_in(&row));
        }
    }
    let mut counted_apart: HashMap<Place, u64, RandomState> = HashMap::default();
    for (_, place) in apart.iter().filter(|(id, _)| !seen.contains_key(id)) {
        *counted_apart.entry(*place).or_default() += 1;
    }
    let mut alike: BTreeMap<(Place, Lists), usize> = BTreeMap::new();
    for (canary, (made_in, mut lists)) in seen {
        let place = place_of(listener, hospitals, (canary, made_in))?;
        *counted_apart.entry(place).or_default() += 1;
        if !apart.contains_key(&canary) {
            lists.sort();
            *alike.entry((place, lists)).or_default() += 1;
        }
    }
    let mut cohorts = Vec::new();
    for holder in holders {
        for (place, (planted_at, canaries)) in counted(reader, hospitals, holder)? {
            let left = canaries.saturating_sub(counted_apart.get(&place).copied().unwrap_or(0)) as usize;
            if left > 0 {
                let (holder, received, (_, dated, rows)) = (holder.clone(), Vec::new(), place);
                cohorts.push(Cohort { holder, planted_at, dated, rows, received, canaries: left });
            }
        }
    }
    for (((made_in, dated, rows), received), canaries) in alike {
        let Some(row) = listener.planting(made_in)? else { continue };
        // Where the copy that enters them came to nothing, they are of the first that was handed over.
        let made_for = match (&row.state, received.first()) {
            (PlantingState::Void, first) => first.map(|seen| (seen.holder.clone(), seen.at)),
            (PlantingState::Reserved | PlantingState::Sealed | PlantingState::Planted { .. }, _) => {
                Some((row.holder.clone(), planted_at(row)))
            }
        };
        if let Some((holder, planted_at)) = made_for {
            cohorts.push(Cohort { holder, planted_at, dated, rows, received, canaries });
        }
    }
    Ok(cohorts)
}

/// Counts the canaries that were made for a holder, each with the time at which they were handed over.
fn counted(
    reader: &Reader<'_>,
    hospitals: &Hospitals,
    holder: &HolderId,
) -> Result<BTreeMap<Place, (DateTime<Utc>, u64)>, DeedError> {
    let rows: Vec<(CohortRow, Rows)> = match hospitals.are_known() {
        true => {
            let rows = reader.cohorts_by_hospital(holder)?.into_iter();
            rows.map(|(row, hospital)| (row, hospitals.rows(&hospital))).collect()
        }
        false => reader.cohorts_of(holder)?.into_iter().map(|row| (row, Rows::Unknown)).collect(),
    };
    let mut counted: BTreeMap<Place, (DateTime<Utc>, u64)> = BTreeMap::new();
    for (row, rows) in rows {
        // Two spellings of one day are one day.
        let day = birth_day(&row.dated);
        counted.entry((row.planting, day, rows)).or_insert((row.at, 0)).1 += row.canaries;
    }
    Ok(counted)
}
