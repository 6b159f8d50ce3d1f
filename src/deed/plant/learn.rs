//! Learns the list and drafts what each recipient's copy gets.

use std::collections::HashSet;

use rand::seq::SliceRandom;

use super::super::learn_list::{Learned, Watched, learn_list, open_list, serial_of};
use super::super::source::Source;
use super::super::{DeedError, Session};
use super::carry::{Earlier, Kept, Trail, earlier, refuse_unread};
use super::draft::{CanaryDraft, Draft};
use super::order::{PlantOrder, Relation};
use super::share::{Given, part_of};
use crate::id::CanaryId;
use crate::ledger::{InputFile, Record, identity};
use crate::list::Shape;
use crate::list::profile::{Place, Profile, Texts, fingerprint_of};
use crate::list::text::Serial;
use crate::phone::Number;
use crate::plant::{Planned, Wish, are_apart, plan};
use crate::store::{Access, People, Store};

/// Numbers offered to the planner for each canary, so that it can choose those that fit the list.
const NUMBERS_PER_CANARY: usize = 50;

/// The list as it was learnt.
pub(super) struct Learnt {
    pub(super) list: List,
    pub(super) header: Vec<String>,
    pub(super) profile: Profile,
    trails: Vec<(Vec<Earlier>, Trail)>,
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
    let places = order.amount.of(0).max(1) * order.holders.len() + order.shared;
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
    let list = List {
        serial: serial_of(&profile),
        last: profile.last,
        source,
        input,
        carried_rows: carried.len() - seconds + met.iter().map(|(_, row)| row).collect::<HashSet<_>>().len(),
        carried,
        met,
    };
    Ok(Learnt { list, header, profile, trails, anchor_key })
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
            numbers: &free[..free.len().min(order.shared * NUMBERS_PER_CANARY)],
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
        let numbers = &free[..free.len().min(count * NUMBERS_PER_CANARY)];
        let (planned, kept) = planned(session, learnt, &[at], &Offer { count, spare, numbers, people: &people })?;
        let own = drafts(learnt, planned, || Given::Alone);
        let used: HashSet<&Number> = own.iter().flat_map(CanaryDraft::numbers).collect();
        free.retain(|number| !used.contains(number));
        people.extend(own.iter().map(|canary| canary.record.identity));
        let canaries = own.into_iter().chain(part_of(&shared, at)).collect();
        copies.push(Draft::new(at, canaries, kept, &learnt.profile));
    }
    (learnt.profile.places, learnt.profile.roomy) = all;
    Ok(copies)
}

/// Leaves what these canaries take to nobody else: their places, and all that is theirs alone in their rows.
fn make_room(learnt: &mut Learnt, canaries: &[CanaryDraft]) {
    let taken: HashSet<u64> = canaries.iter().map(|canary| canary.new_row.before).collect();
    keep_places(&mut learnt.profile, |place| !taken.contains(&place.ordinal));
    canaries.iter().for_each(|canary| learnt.profile.seen.take_in(&canary.new_row.cells, canary.born));
}

fn keep_places(profile: &mut Profile, keep: impl Fn(&Place) -> bool) {
    profile.places.retain(&keep);
    if let Some(roomy) = &mut profile.roomy {
        roomy.retain(&keep);
    }
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
    Ok(planned(session, learnt, &[0], &Offer { count, spare, numbers, people: &people })?.0)
}

/// Gives how many canaries each copy gets, the free numbers in any order, and how many of them second phones may take.
fn offered(
    session: &mut Session,
    store: &Store,
    learnt: &Learnt,
    order: &PlantOrder,
) -> Result<(usize, Vec<Number>, usize), DeedError> {
    let count = order.amount.of(learnt.list.input.rows);
    let holders = order.holders.len();
    let asked = count * holders + order.shared;
    let mut free = store.read().free_numbers(session.now())?;
    if free.len() < asked {
        return Err(DeedError::TooFewNumbers { asked, free: free.len() });
    }
    free.shuffle(&mut session.rng);
    // Second phones never take more of the pool than would leave half of it.
    let plans = holders + usize::from(order.shared > 0);
    let spare = (free.len() / 2).saturating_sub(asked) / plans;
    Ok((count, free, spare))
}

fn drafts(learnt: &Learnt, planned: Vec<Planned>, mut given: impl FnMut() -> Given) -> Vec<CanaryDraft> {
    planned.into_iter().enumerate().map(|(above, planned)| canary_draft(learnt, above, planned, given())).collect()
}

/// Plans canaries for the copies of the holders at these places, and finds those that keep theirs.
fn planned(
    session: &mut Session,
    learnt: &mut Learnt,
    holders: &[usize],
    offer: &Offer<'_>,
) -> Result<(Vec<Planned>, Vec<Kept>), DeedError> {
    // Where one recipient had canaries before says nothing of the next one's places.
    let all = (learnt.profile.places.clone(), learnt.profile.roomy.clone());
    let mut kept = Vec::new();
    for (before, trail) in holders.iter().map(|holder| &learnt.trails[*holder]) {
        let standing = trail.keep(before, &learnt.list.carried);
        trail.only_new_places(&mut learnt.profile, before);
        // A gap of numbers that holds a kept canary has no room that the planner knows of.
        let taken: HashSet<u64> = standing.iter().map(|kept| kept.new_row.before).collect();
        keep_places(&mut learnt.profile, |place| !taken.contains(&place.ordinal));
        kept.extend(standing);
    }
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
    let planned = plan(&learnt.profile, &wish, &mut session.rng)
        .map_err(|source| DeedError::Plant { path: learnt.list.source.path.clone(), source })?;
    (learnt.profile.places, learnt.profile.roomy) = all;
    Ok((planned, kept))
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
        second: planned.second,
        row: planned.data_row,
        record,
        given,
        serial: place.and_then(|place| Some((place.run, place.serial?))),
        born: planned.persona.birth.date(),
        new_row: planned.row,
    }
}
