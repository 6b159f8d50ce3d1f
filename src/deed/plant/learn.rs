//! Learns the list and drafts what each recipient's copy gets.

use std::collections::HashSet;

use rand::seq::SliceRandom;

use super::super::free_numbers::sample_free;
use super::super::learn_list::{Learned, check_copy_name, learn_list, open_list, serial_of};
use super::super::source::Source;
use super::super::watched::Watched;
use super::super::{DeedError, EarlierError, Session};
use super::before::{Before, Look, see_keys};
use super::carry::refuse_unread;
use super::draft::{CanaryDraft, Draft};
use super::history::Lists;
use super::order::{PlantOrder, Relation};
use super::planned::{Offer, keep_places, planned};
use super::share::{Given, part_of};
use crate::id::CanaryId;
use crate::ledger::{InputFile, Record, identity};
use crate::list::Shape;
use crate::list::profile::{Kind, Profile, RowKeys, RowsSeen, Texts, fingerprint_of};
use crate::list::text::Serial;
use crate::phone::Number;
use crate::plant::{Planned, are_apart, astray};
use crate::store::{Access, Store};

/// Numbers offered to the planner for each canary, so that it can choose those that fit the list.
const NUMBERS_PER_CANARY: usize = 50;

/// Numbers offered at least: few of a pool may be of the list's country.
const NUMBERS_MIN: usize = 5_000;

/// How many more places are looked at where most of them may be among old rows.
const PLACES_AMONG_OLD: usize = 8;

/// About how many bytes a row of a text list has.
const ROW_BYTES: u64 = 100;

/// The list as it was learnt.
pub(super) struct Learnt {
    pub(super) list: List,
    pub(super) header: Vec<String>,
    pub(super) profile: Profile,
    pub(super) before: Vec<Before>,
    /// Records that canaries of every copy stand in front of.
    pub(super) full: HashSet<u64>,
    anchor_key: [u8; 32],
}

/// What writing a copy needs of a list.
pub(super) struct List {
    pub(super) source: Source,
    pub(super) input: InputFile,
    serial: Option<Serial>,
    /// Ordinal of the last data row.
    pub(super) last: u64,
    /// Canaries of any planting that stand in the list, with their data rows.
    pub(super) carried: Vec<(CanaryId, u64)>,
    /// Numbers in use that stand in the list and whose canaries cannot be read, with their data rows.
    pub(super) met: Vec<(Number, u64)>,
    /// How many of them are the first number of their row.
    pub(super) carried_rows: usize,
    /// Which rows it has, to be known again in its next export.
    pub(super) known: String,
    /// Whether one of the recipients got a copy of this very list before.
    pub(super) came_before: bool,
}

impl Learnt {
    /// Forgets the rows that were learnt: nothing more is made up, and a long copy takes room of its own.
    pub(super) fn into_list(self) -> List {
        self.list
    }
}

impl List {
    /// Gives the serial column as so many new rows need it.
    pub(super) fn serial_for(&self, rows: usize) -> Option<Serial> {
        self.serial.map(|serial| serial.for_rows(rows))
    }
}

/// Reads the list once.
pub(super) fn learn(session: &mut Session, store: &Store, order: &PlantOrder) -> Result<Learnt, DeedError> {
    let mut source = opened(order)?;
    let header: Vec<String> = source.layout.columns.iter().map(|column| column.name.clone()).collect();
    let reader = store.read();
    let is_unread = store.access() == Access::Planter;
    if is_unread && order.relation == Relation::Unknown {
        refuse_unread(&reader, &order.holders, &source.layout.columns, &order.list)?;
    }
    let pool = Watched::of_pool(&reader)?;
    let watch = |digits| pool.may_be_ours(digits);
    let anchor_key = crate::store::anchor_key(store.path())?;
    let is_read = !is_unread && order.relation == Relation::Unknown;
    let (mut lists, mut before) = (Vec::new(), Vec::new());
    for holder in order.holders.iter().filter(|_| is_read) {
        let of_holder = Lists::of(&reader, holder, &source.layout.columns)?;
        before.push(Before::of(&reader, holder, (&source.layout.columns, anchor_key), &of_holder)?);
        lists.push(of_holder);
    }
    let keys = RowKeys::new(&source.layout, anchor_key);
    let rows = match source.shape {
        Shape::Text(_) => Some(source.bytes() / ROW_BYTES),
        Shape::Book => None,
    };
    let mut rows_seen = RowsSeen::new(keys.clone(), rows);
    // A density is not known in canaries before the rows are counted; the sample grows with what is asked for at most.
    let asked = order.amount.of(0).max(1) * order.holders.len() + order.shared;
    let places = if before.iter().all(|before| before.history.is_empty()) { asked } else { asked * PLACES_AMONG_OLD };
    let Learned { mut profile, sha256 } = learn_list(session, &mut source, &watch, places, &mut |row, list, kind| {
        before.iter_mut().for_each(|before| before.trail.see(row, list));
        if kind == Kind::Data {
            rows_seen.see(row);
            see_keys(&mut before, &keys, row, Look::First);
        }
    })?;
    let came_before = lists.iter().any(|lists| lists.has(&sha256));
    if came_before {
        let others = lists.iter().map(|lists| lists.but(Some(&sha256)));
        before.iter_mut().zip(others).for_each(|(before, history)| before.history = history);
        let layout = source.layout.clone();
        source.each_row(&mut session.watcher, &mut |row| {
            if layout.is_data(row) {
                see_keys(&mut before, &keys, row, Look::Again);
            }
        })?;
    }
    let used: HashSet<Number> = reader.numbers_used_unread()?.into_iter().collect();
    let (mut carried, mut met, mut seconds) = (Vec::new(), Vec::new(), 0);
    for standing in pool.standing(&reader, &mut profile)? {
        let canary = reader.canary_of(&standing.number)?;
        seconds += usize::from(canary.as_ref().is_some_and(|canary| canary.record.beside.is_some()));
        carried.extend(canary.map(|canary| (canary.id, standing.data_row)));
        if used.contains(&standing.number) {
            met.push((standing.number, standing.data_row));
        }
    }
    let input = InputFile { path: order.list.display().to_string(), sha256, rows: profile.rows };
    let list = List {
        serial: serial_of(&profile),
        last: profile.last,
        source,
        input,
        carried_rows: carried.len() - seconds + met.iter().map(|(_, row)| row).collect::<HashSet<_>>().len(),
        carried,
        met,
        known: rows_seen.finish().encoded(),
        came_before,
    };
    before.iter_mut().try_for_each(|before| before.tell_left_out(&list, &profile))?;
    Ok(Learnt { list, header, profile, before, full: HashSet::new(), anchor_key })
}

/// Opens the list, whose copies are of its kind.
fn opened(order: &PlantOrder) -> Result<Source, DeedError> {
    let source = open_list(&order.list, order.sheet.as_deref(), order.map.as_deref())?;
    check_copy_name(&source, &order.output).map(|()| source)
}

/// Drafts each recipient's copy; no number and no person is used twice, but for the canaries that copies share.
pub(super) fn draft_all(
    session: &mut Session,
    store: &Store,
    learnt: &mut Learnt,
    order: &PlantOrder,
) -> Result<Vec<Draft>, DeedError> {
    let (count, mut free, spare) = offered(session, store, learnt, order)?;
    let mut people = store.read().people()?;
    let all = (learnt.profile.places.clone(), learnt.profile.roomy.clone());
    let holders: Vec<usize> = (0..order.holders.len()).collect();
    let mut shared = Vec::new();
    if order.shared > 0 {
        let offer = Offer {
            count: order.shared,
            spare,
            numbers: &free[..free.len().min(numbers_for(order.shared))],
            people: &people,
        };
        let (planned, _) = planned(session, learnt, &holders, &offer)?;
        shared = drafts(learnt, planned, || Given::dealt(holders.len(), &mut session.rng));
        make_room(learnt, &shared);
        // Two numbers of one list are not near each other, in whichever copies these come to stand.
        free.retain(|number| shared.iter().flat_map(CanaryDraft::numbers).all(|shared| are_apart(shared, number)));
        people.extend(shared.iter().map(|canary| canary.record.identity));
    }
    let mut copies = Vec::new();
    for at in holders {
        let numbers = &free[..free.len().min(numbers_for(count))];
        let (planned, kept) = planned(session, learnt, &[at], &Offer { count, spare, numbers, people: &people })?;
        let astray = astray(&learnt.profile, &planned);
        let own = drafts(learnt, planned, || Given::Alone);
        let used: HashSet<&Number> = own.iter().flat_map(CanaryDraft::numbers).collect();
        free.retain(|number| !used.contains(number));
        people.extend(own.iter().map(|canary| canary.record.identity));
        let canaries = own.into_iter().chain(part_of(&shared, at)).collect();
        let left_out = learnt.before.get(at).map_or(0, |before| before.left_out);
        copies.push(Draft::new(at, canaries, kept, &learnt.profile).leaving_out(left_out).standing(astray));
    }
    (learnt.profile.places, learnt.profile.roomy) = all;
    let is_empty = |copy: &Draft| copy.canaries.is_empty() && copy.kept.is_empty();
    if count == 0 && order.shared == 0 && copies.iter().any(is_empty) {
        return Err(EarlierError::NothingToKeep { path: order.list.clone() }.into());
    }
    Ok(copies)
}

/// Leaves what these canaries take to nobody else: their places, and all that is theirs alone in their rows.
fn make_room(learnt: &mut Learnt, canaries: &[CanaryDraft]) {
    let taken: HashSet<u64> = canaries.iter().map(|canary| canary.new_row.before).collect();
    keep_places(&mut learnt.profile, |place| !taken.contains(&place.ordinal));
    learnt.full.extend(taken);
    canaries.iter().for_each(|canary| learnt.profile.seen.take_in(&canary.new_row.cells, canary.born));
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
    let numbers = &numbers[..numbers.len().min(numbers_for(count))];
    Ok(planned(session, learnt, &[0], &Offer { count, spare, numbers, people: &people })?.0)
}

/// Gives how many canaries each copy gets, enough free numbers in any order, and how many second phones may take.
fn offered(
    session: &mut Session,
    store: &Store,
    learnt: &Learnt,
    order: &PlantOrder,
) -> Result<(usize, Vec<Number>, usize), DeedError> {
    let count = order.amount.of(learnt.list.input.rows);
    let holders = order.holders.len();
    let asked = count * holders + order.shared;
    let (reader, now) = (store.read(), session.now());
    let (mut offered, free) = sample_free(&reader, now, numbers_for(asked), &mut session.rng)?;
    reader.let_pages_go()?;
    if free < asked {
        return Err(DeedError::TooFewNumbers { asked, free });
    }
    offered.shuffle(&mut session.rng);
    // Second phones never take more of the pool than would leave half of it.
    let plans = holders + usize::from(order.shared > 0);
    let spare = (free / 2).saturating_sub(asked) / plans;
    Ok((count, offered, spare))
}

/// Says how many numbers are offered for so many canaries.
fn numbers_for(count: usize) -> usize {
    (count * NUMBERS_PER_CANARY).max(NUMBERS_MIN)
}

fn drafts(learnt: &Learnt, planned: Vec<Planned>, mut given: impl FnMut() -> Given) -> Vec<CanaryDraft> {
    planned.into_iter().enumerate().map(|(above, planned)| canary_draft(learnt, above, planned, given())).collect()
}

fn canary_draft(learnt: &Learnt, above: usize, planned: Planned, given: Given) -> CanaryDraft {
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
    CanaryDraft {
        number: planned.number,
        others: planned.others,
        row: planned.data_row,
        record,
        given,
        serial: place.and_then(|place| Some((place.run, place.serial?))),
        born: planned.persona.birth.date(),
        new_row: planned.row,
    }
}
