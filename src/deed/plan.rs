//! Planning: what the ledger knows of holders, lists and numbers, and what would be the best use of more.
//!
//! Leaks are rehearsed from a chance that is always the same, so that one ledger gives one plan.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;

use super::evidence::seen_in;
use super::hit::contacts_by_time;
use super::watch::{end_of_record, watches};
use super::{DeedError, Session};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::ledger::Looked;
use crate::plan::{Allotment, Assumptions, Ground, Known, Outlook, Planted, WhatIf, Wish, allot, quiet_after_days};
use crate::store::{PlantingRow, PlantingState, Reader, SeenRow, WatchRow};
use crate::trace::{Background, Cohort, Rows, Seen, WatchKind};

/// Lists in which a canary was seen.
type Lists = Vec<Seen>;
/// By planting and lists, canaries and those of them that are retired.
type Counts = BTreeMap<(PlantingId, Lists), (usize, usize)>;

/// Where rehearsals take their chance from.
const REHEARSAL_SEED: u64 = 1;

/// What is to be planned.
#[derive(Debug, Clone)]
pub struct PlanOrder {
    pub assumed: Assumptions,
    pub what_if: WhatIf,
    pub wish: Option<Wish>,
    /// Months over which numbers are spread, at least 1.
    pub months: usize,
}

/// The pool, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolCount {
    /// Numbers that are paid for: all but the retired ones.
    pub in_service: usize,
    pub free: usize,
    pub controls: usize,
    /// Numbers whose canary was handed over so long ago that hardly a call for it is still to come.
    pub quiet: usize,
    /// When the next number gets there.
    pub next_quiet: Option<DateTime<Utc>>,
}

/// The list that was last planted for a holder, as it was named, and how many plantings it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListGiven {
    pub input: PathBuf,
    pub plantings: usize,
}

/// A plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub outlook: Vec<Outlook>,
    /// The outlook without the what-if, where there is one.
    pub before: Option<Vec<Outlook>>,
    pub allotment: Option<Allotment>,
    pub chance_per_day: f64,
    pub controls_wanted: usize,
    pub pool: PoolCount,
    pub lists: BTreeMap<HolderId, ListGiven>,
}

/// Plans on what the ledger knows; writes nothing.
pub fn plan(session: &mut Session, order: &PlanOrder) -> Result<Planned, DeedError> {
    let store = session.look_into(Looked::Plan, "all".to_string())?;
    let (reader, now) = (store.read(), session.now());
    let mut plantings = reader.plantings()?;
    plantings.retain(|planting| planting.state != PlantingState::Void);
    let seen = reader.seen()?;
    let (known, pool) = known(&reader, &plantings, &seen, now)?;
    let chance = || ChaCha20Rng::seed_from_u64(REHEARSAL_SEED);
    let outlook = |known: &Known| {
        let ground = Ground::of(known, &order.assumed)?;
        let outlook = ground.outlook(&order.assumed, &mut chance());
        Ok::<_, DeedError>((ground, outlook))
    };
    let then = order.what_if.apply(&known)?;
    let before = match order.what_if.is_nothing() || known.graph.holders().next().is_none() {
        true => None,
        false => Some(outlook(&known)?.1),
    };
    let (ground, outlook) = outlook(&then)?;
    let allotment = order.wish.map(|wish| allot(&then, &ground, wish, order.months, &chance)).transpose()?;
    Ok(Planned {
        outlook,
        before,
        allotment,
        chance_per_day: then.chance_per_day,
        controls_wanted: then.controls_wanted(),
        pool,
        lists: lists(&plantings),
    })
}

fn known(
    reader: &Reader<'_>,
    plantings: &[PlantingRow],
    seen: &[SeenRow],
    now: DateTime<Utc>,
) -> Result<(Known, PoolCount), DeedError> {
    let contacts = contacts_by_time(reader)?;
    let watched = watches(reader, &contacts, end_of_record(&contacts, now))?;
    let background = Background::learned(&watched.watches, &watched.quiet, &watched.days);
    let controls = watched.watches.iter().filter(|watch| watch.kind == WatchKind::Control).count();
    let known = Known {
        graph: reader.graph()?,
        planted: planted(reader, plantings, seen)?,
        rows: rows(plantings, seen),
        chance_per_day: background.mean_per_day(),
        shape: background.shape(),
        controls,
        now,
    };
    let free = reader.free_numbers(now)?.len();
    Ok((known, pool(&reader.watches()?, free, now)))
}

fn pool(rows: &[WatchRow], free: usize, now: DateTime<Utc>) -> PoolCount {
    let in_service = rows.iter().filter(|row| row.retired_at.is_none());
    let wait = TimeDelta::seconds((quiet_after_days() * 86_400.0) as i64);
    let quiet_at = rows.iter().filter_map(|row| row.planted_at).map(|at| at + wait);
    PoolCount {
        in_service: in_service.count(),
        free,
        controls: rows.iter().filter(|row| row.control && row.retired_at.is_none()).count(),
        quiet: quiet_at.clone().filter(|at| *at <= now).count(),
        next_quiet: quiet_at.filter(|at| *at > now).min(),
    }
}

fn handed_over(planting: &PlantingRow) -> DateTime<Utc> {
    match planting.state {
        PlantingState::Planted { at } => at,
        PlantingState::Reserved | PlantingState::Sealed | PlantingState::Void => planting.reserved_at,
    }
}

/// Counts the canaries of each planting, those apart that were seen in other lists.
fn planted(reader: &Reader<'_>, plantings: &[PlantingRow], seen: &[SeenRow]) -> Result<Vec<Planted>, DeedError> {
    let by_id: HashMap<PlantingId, &PlantingRow> = plantings.iter().map(|planting| (planting.id, planting)).collect();
    let mut lists: BTreeMap<CanaryId, (&SeenRow, Lists)> = BTreeMap::new();
    for row in seen.iter().filter(|row| by_id.contains_key(&row.seen.planting)) {
        lists.entry(row.seen.canary).or_insert_with(|| (row, Vec::new())).1.push(seen_in(&row.seen));
    }
    let mut apart = Counts::new();
    let mut counted: HashMap<PlantingId, (u64, u64)> = HashMap::new();
    for (row, mut received) in lists.into_values() {
        received.sort();
        let (all, retired) = (counted.entry(row.made_in).or_default(), u64::from(row.retired));
        *all = (all.0 + 1, all.1 + retired);
        let of_lists = apart.entry((row.made_in, received)).or_default();
        *of_lists = (of_lists.0 + 1, of_lists.1 + usize::from(row.retired));
    }
    for made in reader.made()? {
        let (all, retired) = counted.get(&made.planting).copied().unwrap_or_default();
        let left = (made.canaries.saturating_sub(all) as usize, made.retired.saturating_sub(retired) as usize);
        apart.insert((made.planting, Vec::new()), left);
    }
    let planted = apart.into_iter().filter_map(|((planting, received), (canaries, retired))| {
        let made_in = by_id.get(&planting)?;
        let (holder, planted_at) = (made_in.holder.clone(), handed_over(made_in));
        let canaries = canaries.saturating_sub(retired);
        Some(Planted {
            cohort: Cohort { holder, planted_at, dated: None, rows: Rows::Unknown, received, canaries },
            retired,
        })
    });
    Ok(planted.filter(|planted| planted.cohort.canaries + planted.retired > 0).collect())
}

/// Gives the rows of each holder's own lists: a list that grew, or was planted again, counts once, as it was last.
fn rows(plantings: &[PlantingRow], seen: &[SeenRow]) -> BTreeMap<HolderId, u64> {
    let holder_of: HashMap<PlantingId, &HolderId> = plantings.iter().map(|row| (row.id, &row.holder)).collect();
    let grew: HashSet<PlantingId> = seen
        .iter()
        .filter(|row| holder_of.get(&row.made_in).is_some_and(|holder| **holder == row.seen.holder))
        .map(|row| row.seen.planting)
        .collect();
    let mut rows: BTreeMap<HolderId, (u64, HashSet<&str>)> = BTreeMap::new();
    for planting in plantings {
        // What was minted stands in a system whose size nobody said.
        let (Some(input), Some(count)) = (&planting.input_path, planting.output_rows.or(planting.input_rows)) else {
            continue;
        };
        let (sum, inputs) = rows.entry(planting.holder.clone()).or_default();
        let is_new = inputs.insert(input) && !grew.contains(&planting.id);
        *sum = if is_new { *sum + count } else { count.max(*sum) };
    }
    rows.into_iter().map(|(holder, (rows, _))| (holder, rows)).collect()
}

fn lists(plantings: &[PlantingRow]) -> BTreeMap<HolderId, ListGiven> {
    let mut lists: BTreeMap<HolderId, ListGiven> = BTreeMap::new();
    for planting in plantings {
        let Some(input) = planting.input_path.as_ref().map(PathBuf::from) else { continue };
        let plantings = lists.get(&planting.holder).map_or(0, |list| list.plantings) + 1;
        lists.insert(planting.holder.clone(), ListGiven { input, plantings });
    }
    lists
}
