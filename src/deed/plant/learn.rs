//! Learns the list and drafts what each recipient's copy gets.

use std::collections::HashSet;

use rand::seq::SliceRandom;

use super::super::learn_list::{Learned, Watched, learn_list, open_list, serial_of};
use super::super::publish::NewCanary;
use super::super::source::Source;
use super::super::{DeedError, Session};
use super::carry::{Earlier, Kept, Trail, earlier, refuse_unread};
use super::order::{PlantOrder, Relation};
use crate::id::CanaryId;
use crate::ledger::{InputFile, Record, identity};
use crate::list::book::Tried;
use crate::list::profile::{Place, Profile, Texts, fingerprint_of};
use crate::list::text::Serial;
use crate::list::{NewRow, Shape};
use crate::phone::Number;
use crate::plant::{Planned, Wish, plan};
use crate::store::{Access, People, Store};

/// Numbers offered to the planner for each canary, so that it can choose those that fit the list.
const NUMBERS_PER_CANARY: usize = 50;

/// The list as it was learnt.
pub(super) struct Learnt {
    pub(super) source: Source,
    pub(super) input: InputFile,
    pub(super) header: Vec<String>,
    pub(super) serial: Option<Serial>,
    /// Ordinal of the last data row.
    pub(super) last: u64,
    /// Canaries of any planting that stand in the list, with their data rows.
    pub(super) carried: Vec<(CanaryId, u64)>,
    /// Numbers in use that stand in the list and whose canaries cannot be read, with their data rows.
    pub(super) met: Vec<(Number, u64)>,
    /// How many of them are the first number of their row.
    pub(super) carried_rows: usize,
    pub(super) profile: Profile,
    trails: Vec<(Vec<Earlier>, Trail)>,
    anchor_key: [u8; 32],
}

/// A canary that is to be written.
pub(super) struct CanaryDraft {
    pub(super) number: Number,
    /// The number of the second phone in the row, if it has one.
    pub(super) second: Option<Number>,
    /// Data row of the output, from 1.
    pub(super) row: u64,
    pub(super) record: Record,
    new_row: NewRow,
}

impl CanaryDraft {
    /// Gives what is entered for the row: a canary for each of its numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = NewCanary> {
        let of = |number: &Number, record: Record| NewCanary { number: number.clone(), row: self.row, record };
        let beside = Record { beside: Some(self.number.to_string()), ..self.record.clone() };
        let second = self.second.as_ref().map(|number| of(number, beside));
        std::iter::once(of(&self.number, self.record.clone())).chain(second)
    }
}

/// What one recipient's copy gets.
pub(super) struct Draft {
    pub(super) canaries: Vec<CanaryDraft>,
    pub(super) kept: Vec<Kept>,
    /// What trying a copy of a workbook found out.
    pub(super) tried: Option<Tried>,
}

impl Draft {
    /// Gives all rows that go into the copy, in its order.
    pub(super) fn rows(&self) -> Vec<NewRow> {
        let new = self.canaries.iter().map(|canary| (canary.row, &canary.new_row));
        let mut rows: Vec<(u64, &NewRow)> = new.chain(self.kept.iter().map(|kept| (kept.row, &kept.new_row))).collect();
        rows.sort_by_key(|(row, _)| *row);
        rows.into_iter().map(|(_, new_row)| new_row.clone()).collect()
    }

    /// Gives where data row `row` of the input stands in the copy.
    pub(super) fn row_in_copy(&self, row: u64) -> u64 {
        let above = self.canaries.iter().map(|canary| canary.record.input_row);
        let above = above.chain(self.kept.iter().map(|kept| kept.input_row)).filter(|before| *before <= row);
        row + above.count() as u64
    }

    /// Numbers the rows of the copy: each new one pushes those below it down.
    fn number_rows(&mut self) {
        let new = self.canaries.iter_mut().map(|canary| (canary.record.input_row, 1, &mut canary.row));
        let mut places: Vec<(u64, u8, &mut u64)> =
            new.chain(self.kept.iter_mut().map(|kept| (kept.input_row, 0, &mut kept.row))).collect();
        places.sort_by_key(|(before, rank, _)| (*before, *rank));
        for (above, (before, _, row)) in places.into_iter().enumerate() {
            *row = before + above as u64;
        }
    }
}

/// Reads the list once.
pub(super) fn learn(session: &mut Session, store: &Store, order: &PlantOrder) -> Result<Learnt, DeedError> {
    let mut source = open_list(&order.list, order.sheet.as_deref(), order.map.as_deref())?;
    let header: Vec<String> = source.layout.columns.iter().map(|column| column.name.clone()).collect();
    let reader = store.read();
    let is_unread = store.access() == Access::Planter;
    if is_unread && order.relation == Relation::Unknown {
        order.holders.iter().try_for_each(|holder| refuse_unread(&reader, holder, &header, &order.list))?;
    }
    let pool = Watched::new(reader.numbers_in_pool()?);
    let anchor_key = crate::store::anchor_key(store.path())?;
    let mut trails = Vec::new();
    for holder in &order.holders {
        let before = if is_unread { Vec::new() } else { earlier(&reader, holder, &header)? };
        let trail = Trail::new(anchor_key, &before);
        trails.push((before, trail));
    }
    // A density is not known in canaries before the rows are counted; the sample grows with what is asked for at most.
    let places = order.amount.of(0).max(1) * order.holders.len();
    let Learned { profile, sha256 } = learn_list(session, &mut source, &pool, places, &mut |row, layout| {
        for (_, trail) in &mut trails {
            trail.see(row, layout);
        }
    })?;
    let used: HashSet<Number> = reader.numbers_used_unread()?.into_iter().collect();
    let (mut carried, mut met, mut seconds) = (Vec::new(), Vec::new(), 0);
    for watched in &profile.watched {
        let Some(number) = pool.number(watched.digits) else { continue };
        if used.contains(number) {
            met.push((number.clone(), watched.data_row));
        }
        let canary = reader.canary_of(number)?;
        seconds += usize::from(canary.as_ref().is_some_and(|canary| canary.record.beside.is_some()));
        carried.extend(canary.map(|canary| (canary.id, watched.data_row)));
    }
    let input = InputFile { path: order.list.display().to_string(), sha256, rows: profile.rows };
    Ok(Learnt {
        serial: serial_of(&profile),
        last: profile.last,
        source,
        input,
        header,
        carried_rows: carried.len() - seconds + met.iter().map(|(_, row)| row).collect::<HashSet<_>>().len(),
        carried,
        met,
        profile,
        trails,
        anchor_key,
    })
}

/// Drafts each recipient's copy; no number and no person is used twice.
pub(super) fn draft_all(
    session: &mut Session,
    store: &Store,
    learnt: &mut Learnt,
    order: &PlantOrder,
) -> Result<Vec<Draft>, DeedError> {
    let (count, free, spare) = offered(session, store, learnt, order)?;
    let mut people = store.read().people()?;
    let mut used = HashSet::new();
    let mut drafts = Vec::new();
    for at in 0..order.holders.len() {
        let numbers: Vec<Number> =
            free.iter().filter(|number| !used.contains(*number)).take(count * NUMBERS_PER_CANARY).cloned().collect();
        // Where one recipient had canaries before says nothing of the next one's places.
        let places = (learnt.profile.places.clone(), learnt.profile.roomy.clone());
        let draft = draft(session, learnt, at, &Offer { count, spare, numbers: &numbers, people: &people })?;
        (learnt.profile.places, learnt.profile.roomy) = places;
        used.extend(draft.canaries.iter().flat_map(|canary| canary.second.iter().chain([&canary.number])).cloned());
        people.extend(draft.canaries.iter().map(|canary| canary.record.identity));
        drafts.push(draft);
    }
    Ok(drafts)
}

/// What one copy may use.
struct Offer<'a> {
    count: usize,
    spare: usize,
    numbers: &'a [Number],
    /// Identities that were planted before, or go into another copy.
    people: &'a People,
}

/// Plans for the first holder as [`draft_all`] would; nothing comes of it.
pub(super) fn rehearse(
    session: &mut Session,
    store: &Store,
    learnt: &mut Learnt,
    order: &PlantOrder,
) -> Result<Vec<Planned>, DeedError> {
    let (count, numbers, spare) = offered(session, store, learnt, order)?;
    let people = store.read().people()?;
    let numbers = &numbers[..numbers.len().min(count * NUMBERS_PER_CANARY)];
    Ok(planned(session, learnt, 0, &Offer { count, spare, numbers, people: &people })?.0)
}

/// Gives how many canaries each copy gets, the free numbers in any order, and how many of them second phones may take.
fn offered(
    session: &mut Session,
    store: &Store,
    learnt: &Learnt,
    order: &PlantOrder,
) -> Result<(usize, Vec<Number>, usize), DeedError> {
    let count = order.amount.of(learnt.input.rows);
    let holders = order.holders.len();
    let mut free = store.read().free_numbers(session.now())?;
    if free.len() < count * holders {
        return Err(DeedError::TooFewNumbers { asked: count * holders, free: free.len() });
    }
    free.shuffle(&mut session.rng);
    // Second phones never take more of the pool than would leave half of it.
    let spare = (free.len() / 2).saturating_sub(count * holders) / holders;
    Ok((count, free, spare))
}

fn draft(session: &mut Session, learnt: &mut Learnt, at: usize, offer: &Offer<'_>) -> Result<Draft, DeedError> {
    let (planned, kept) = planned(session, learnt, at, offer)?;
    let canaries = planned.into_iter().enumerate().map(|(above, planned)| canary_draft(learnt, above, planned));
    let mut draft = Draft { canaries: canaries.collect(), kept, tried: None };
    draft.number_rows();
    Ok(draft)
}

/// Plans one copy's canaries, and finds those that keep their places.
fn planned(
    session: &mut Session,
    learnt: &mut Learnt,
    at: usize,
    offer: &Offer<'_>,
) -> Result<(Vec<Planned>, Vec<Kept>), DeedError> {
    let (before, trail) = &learnt.trails[at];
    let kept = trail.keep(before, &learnt.carried);
    let all = (learnt.profile.places.clone(), learnt.profile.roomy.clone());
    trail.only_new_places(&mut learnt.profile, before);
    // A gap of numbers that holds a kept canary has no room that the planner knows of.
    let is_free = |place: &Place| kept.iter().all(|kept| kept.new_row.before != place.ordinal);
    learnt.profile.places.retain(is_free);
    if let Some(roomy) = &mut learnt.profile.roomy {
        roomy.retain(is_free);
    }
    let encodable = |text: &str| match learnt.source.shape {
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
    let planned = plan(&learnt.profile, &wish, &mut session.rng)
        .map_err(|source| DeedError::Plant { path: learnt.source.path.clone(), source })?;
    // The next recipient's earlier exports are others.
    (learnt.profile.places, learnt.profile.roomy) = all;
    Ok((planned, kept))
}

fn canary_draft(learnt: &Learnt, above: usize, planned: Planned) -> CanaryDraft {
    let place = learnt
        .profile
        .places
        .iter()
        .chain(learnt.profile.roomy.iter().flatten())
        .find(|place| place.ordinal == planned.row.before);
    let anchor = |row: &Texts| fingerprint_of(row, &learnt.profile.layout, &learnt.anchor_key);
    let anchors = place.map_or_else(Vec::new, |place| vec![anchor(&place.above), anchor(&place.at)]);
    let person = crate::plant::identity(&planned.persona);
    let record = Record {
        identity: identity(&person),
        fields: planned.fields,
        cells: planned.row.cells.clone(),
        anchors,
        input_row: planned.data_row - above as u64,
        beside: None,
    };
    CanaryDraft { number: planned.number, second: planned.second, row: planned.data_row, record, new_row: planned.row }
}
