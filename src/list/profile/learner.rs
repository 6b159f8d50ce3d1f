//! Learns a list in one pass and flat memory.
//!
//! Every row is counted, and who and what stands in it is remembered. How rows run on is learnt from runs of
//! neighbours (a short list is one), and heavy work (decoding, formats, value tables) is left to the sample of
//! places. The first rows are held back until their columns' orders are known.

use chrono::{Datelike, NaiveDate};
use rand::Rng;

use super::kinship::{Kin, Recent};
use super::order::{self, Order, Scope};
use super::place::Place;
use super::reservoir::Reservoir;
use super::sample::{After, Sample};
use super::seen::Seen;
use super::segments::Segments;
use super::serial::Serial;
use super::sorting::Sorting;
use super::texts::{Kept, Texts};
use super::turns::Turns;
use super::unique::unique_columns;
use super::value::{Dated, Days};
use super::{Profile, Watched};
use crate::list::digits;
use crate::list::encoding::Encoding;
use crate::list::layout::Layout;
use crate::list::meaning::Meaning;
use crate::list::row::Row;

/// Rows that are held back to find orders.
const WARM_UP_ROWS: usize = 1_024;

/// Fewest places kept, so that formats and values are well known.
const PLACES_MIN: usize = 1_500;

/// Places kept for each canary that is asked for.
const PLACES_PER_CANARY: usize = 4;

/// Memory for the rows of one sample, unless more canaries are asked for than fit.
const SAMPLE_BYTES_MAX: usize = 6 << 20;

/// The same for a list sorted by values: a new row belongs at one place, which must be among them.
const SORTED_BYTES_MAX: usize = 7 << 20;

/// Memory for the rows that values are counted in.
const CROWD_BYTES_MAX: usize = 5 << 20;

/// Most rows that values are counted in.
const CROWD_ROWS_MAX: usize = 9_000;

/// What the caller wants to know of the list.
pub struct Ask<'a> {
    /// How many canaries are to be planted.
    pub places: usize,
    /// Tells whether national digits (`13800138000`) are a number of ours, those about to be planted included.
    pub watch: &'a dyn Fn(u64) -> bool,
    /// The day, for dates without a year.
    pub today: NaiveDate,
    /// Bytes of the list, where they tell how many rows it may have; all rows are learnt otherwise.
    pub bytes: Option<u64>,
}

/// Whether a record is a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Data,
    /// A title, a heading, a total or a blank row.
    Other,
}

impl Kind {
    /// Tells a record's kind.
    #[inline]
    pub fn of(row: &Row<'_>, layout: &Layout) -> Kind {
        if layout.is_data(row) { Kind::Data } else { Kind::Other }
    }
}

/// Learns a list row by row.
pub struct Learner<'a, R: Rng> {
    layout: Layout,
    ask: Ask<'a>,
    rng: R,
    warm_up: Option<Vec<(Kept, After)>>,
    rows: u64,
    turns: Turns,
    steps: Steps,
    /// The last row learnt, wherever the place behind it is about to be taken.
    previous: Option<Kept>,
    /// Data row of the last row learnt.
    learnt: u64,
    /// Ordinal of the last record, if it was data.
    last_data: Option<u64>,
    /// Ordinal of the last data row.
    last: Option<u64>,
    watched: Vec<Watched>,
    segments: Segments,
}

/// What is followed once the orders are known.
#[derive(Default)]
struct Steps {
    orders: Vec<Order>,
    serial: Option<Serial>,
    phones: Vec<usize>,
    kin: Option<Kin>,
    recent: Recent,
    /// The column of births.
    birth: Option<usize>,
    days: Days,
    seen: Option<Seen>,
    anywhere: Sample,
    roomy: Option<Sample>,
    crowd: Option<Reservoir<(u64, Texts)>>,
}

impl<'a, R: Rng> Learner<'a, R> {
    /// Starts before the first record; all records of the list are to be shown, data or not.
    pub fn new(layout: Layout, ask: Ask<'a>, rng: R) -> Learner<'a, R> {
        Learner {
            layout,
            ask,
            rng,
            warm_up: Some(Vec::new()),
            rows: 0,
            turns: Turns::all(),
            steps: Steps::default(),
            previous: None,
            learnt: 0,
            last_data: None,
            last: None,
            watched: Vec::new(),
            segments: Segments::default(),
        }
    }

    /// Learns from one record.
    pub fn see(&mut self, row: &Row<'_>) {
        self.see_as(row, Kind::of(row, &self.layout));
    }

    /// Learns from one record of which it is known whether it is data.
    pub fn see_as(&mut self, row: &Row<'_>, kind: Kind) {
        if kind == Kind::Other {
            self.last_data = None;
            return;
        }
        // In a workbook a gap in the ordinals is a blank row that is not stored.
        let follows = self.last_data.is_some_and(|last| last + 1 == row.ordinal);
        let after = if follows { After::Data } else { After::Other };
        match &mut self.warm_up {
            Some(held) => {
                held.push((Kept::of(row), after));
                if held.len() >= WARM_UP_ROWS {
                    self.begin();
                }
            }
            None => self.walk(row, after),
        }
        self.last_data = Some(row.ordinal);
        self.last = self.last_data;
    }

    /// Ends the pass.
    pub fn finish(mut self) -> Profile {
        if self.warm_up.is_some() {
            self.begin();
        }
        let steps = self.steps;
        let mut anywhere = steps.anywhere.places.into_items();
        if let (true, Some(only)) = (anywhere.is_empty() && self.rows == 1, &self.previous) {
            anywhere.push(Place::before_only_row(&only.row()));
        }
        let roomy = steps.roomy.map(|sample| sample.places.into_items());
        let serial = steps.serial.and_then(|serial| Some((serial.column, serial.goes()?)));
        let year = self.ask.today.year();
        let seen = steps.seen.unwrap_or_else(|| Seen::new(&self.layout, Encoding::Utf8, Vec::new()));
        let last = self.last.unwrap_or(self.layout.first);
        let mut crowd = steps.crowd.map_or_else(Vec::new, Reservoir::into_items);
        crowd.sort_by_key(|(data_row, _)| *data_row);
        let crowd = crowd.into_iter().map(|(_, row)| row).collect();
        let orders = steps.orders;
        let (rows, segments) = (self.rows, self.segments);
        let parts = super::Parts { rows, last, anywhere, roomy, crowd, orders, serial, seen, segments, year };
        Profile::new(self.layout, parts, self.watched)
    }

    /// Finds the orders in the rows held back, and runs them through.
    fn begin(&mut self) {
        let held = self.warm_up.take().unwrap_or_default();
        let year = self.ask.today.year();
        let kept: Vec<Kept> = held.iter().map(|(kept, _)| kept.clone()).collect();
        let mut block = 0;
        let blocks = held.iter().map(|(_, after)| {
            block += u64::from(*after == After::Other);
            block
        });
        let orders = order::find(&self.layout, &kept, &blocks.collect::<Vec<_>>(), year);
        let texts: Vec<Texts> = kept.iter().map(|kept| Texts::of(&kept.row())).collect();
        let weight = texts.iter().map(Texts::weight).sum::<usize>() / kept.len().max(1);
        let rows = self.ask.bytes.zip(row_bytes(&kept)).map(|(bytes, row_bytes)| bytes / row_bytes);
        let capacity = self.capacity(&orders, &texts, weight, rows);
        let tight = orders.iter().any(|order| order.strict && order.scope == Scope::Whole);
        let kin = Kin::of(&orders, &self.layout);
        if let Some(rows) = rows {
            self.turns = Turns::new(rows, capacity as u64, self.fitting(&orders, &kept));
        }
        let unique = unique_columns(&self.layout, &kept);
        let encoding = kept.first().map_or(Encoding::Utf8, |kept| kept.row().encoding);
        self.steps = Steps {
            serial: self.layout.position(Meaning::Serial).map(Serial::new),
            phones: [Meaning::Phone, Meaning::Phone2].iter().flat_map(|m| self.layout.positions(*m)).collect(),
            kin,
            recent: Recent::new(kin, &kept),
            birth: self.layout.position(Meaning::BirthDate),
            days: Days::default(),
            seen: Some(Seen::new(&self.layout, encoding, unique)),
            anywhere: Sample::new(capacity),
            roomy: tight.then(|| Sample::new(capacity)),
            crowd: Some(Reservoir::new((CROWD_BYTES_MAX / weight.max(1)).min(CROWD_ROWS_MAX))),
            orders,
        };
        for (kept, after) in &held {
            self.walk(&kept.row(), *after);
        }
    }

    /// Says how many places are kept; `weight` is what a row takes, and `rows` about how many there are, if that is known.
    fn capacity(&self, orders: &[Order], texts: &[Texts], weight: usize, rows: Option<u64>) -> usize {
        let wanted = PLACES_MIN.max(self.ask.places * PLACES_PER_CANARY);
        let fitting = |bytes: usize| bytes / (4 * weight.max(1));
        let sorted = fitting(SORTED_BYTES_MAX);
        // Of a text list that is longer than can be kept whole, places are looked for in the file.
        let is_far =
            rows.is_some_and(|rows| rows > sorted as u64) && orders.iter().all(|order| order.scope == Scope::Whole);
        let pairs: Vec<_> = texts.windows(2).zip(2..).map(|(pair, row)| (&pair[0], &pair[1], row)).collect();
        if !is_far && Sorting::of(&self.layout, orders, self.ask.today.year(), &pairs).is_by_value() {
            return sorted.max(wanted);
        }
        wanted.min(fitting(SAMPLE_BYTES_MAX).max(self.ask.places * 3 / 2).max(64))
    }

    /// Gives the share of the first rows that have room in front of them.
    fn fitting(&self, orders: &[Order], rows: &[Kept]) -> f64 {
        let mut orders = orders.to_vec();
        let year = self.ask.today.year();
        let fits = |kept: &&Kept| {
            orders.iter_mut().fold(true, |fits, order| fits & order.follow(&kept.row(), &self.layout, year, None))
        };
        rows.iter().filter(fits).count() as f64 / rows.len() as f64
    }

    /// Notes what has to be known of every row, and learns the row if its turn has come.
    fn walk(&mut self, row: &Row<'_>, after: After) {
        self.rows += 1;
        self.watch(row);
        let year = self.ask.today.year();
        let day = self.steps.birth.and_then(|column| self.steps.days.read(row, column, &self.layout, year));
        if let Some(seen) = &mut self.steps.seen {
            seen.see(row, day);
        }
        let serial = self.steps.serial.as_mut().map_or((None, 0), |serial| serial.follow(row));
        if self.turns.next() {
            self.learn(row, after, serial);
        } else if std::iter::once(&self.steps.anywhere).chain(&self.steps.roomy).any(Sample::waits) {
            let own = self.group_of(row);
            let samples = std::iter::once(&mut self.steps.anywhere).chain(&mut self.steps.roomy);
            samples.for_each(|sample| sample.complete(row, after, own));
        }
    }

    fn group_of(&self, row: &Row<'_>) -> Option<u64> {
        self.steps.kin.map(|kin| kin.key(row))
    }

    /// Learns how a row goes on from the one before.
    fn learn(&mut self, row: &Row<'_>, after: After, serial: (Option<u64>, u32)) {
        if self.learnt + 1 != self.rows {
            self.previous = None;
            self.steps.orders.iter_mut().for_each(Order::begin);
            self.steps.recent.clear();
        }
        self.learnt = self.rows;
        if after == After::Other {
            self.steps.orders.iter_mut().filter(|order| order.in_blocks).for_each(Order::begin);
        }
        let year = self.ask.today.year();
        let birth = self.steps.birth.map(|column| Dated::read(row, column, &self.layout, year));
        let mut fits = true;
        for order in &mut self.steps.orders {
            fits &= order.follow(row, &self.layout, year, birth);
        }
        if let Some(kin) = self.steps.kin {
            let own = (kin, kin.key(row));
            self.steps.orders.iter_mut().for_each(|order| order.follow_within(row, own, &self.layout, year));
        }
        self.sample(row, after, fits, serial);
        if let Some(crowd) = &mut self.steps.crowd
            && let Some(slot) = crowd.offer(&mut self.rng)
        {
            crowd.put(slot, (self.rows, Texts::of(row)));
        }
        self.steps.recent.see(row);
        let due = std::iter::once(&self.steps.anywhere).chain(&self.steps.roomy).any(|sample| sample.places.is_due());
        match &mut self.previous {
            Some(previous) if due => previous.set(row),
            // Not due, so only a row to count the next place from.
            Some(_) => {}
            None => self.previous = Some(Kept::of(row)),
        }
    }

    /// Takes the place in front of this row into the samples, if its turn has come.
    fn sample(&mut self, row: &Row<'_>, after: After, fits: bool, serial: (Option<u64>, u32)) {
        let own = self.group_of(row);
        let samples = std::iter::once(&mut self.steps.anywhere).chain(&mut self.steps.roomy);
        for (nth, sample) in samples.enumerate() {
            sample.complete(row, after, own);
            let (After::Data, Some(above)) = (after, &self.previous) else { continue };
            if nth == 1 && !fits {
                continue;
            }
            let Some(slot) = sample.places.offer(&mut self.rng) else { continue };
            let above = above.row();
            let mut place = Place::between(&above, row, self.rows, serial);
            let host = self.steps.recent.host(&mut self.rng);
            place.kin = match host {
                Some((group, host)) => {
                    place.host = (host.row().ordinal != above.ordinal).then(|| Texts::of(&host.row()));
                    Some(group)
                }
                None => self.steps.kin.map(|kin| kin.key(&above)),
            };
            if place.kin.is_some() && place.kin == own {
                place.peer = Some(place.at.clone());
            }
            sample.put(slot, place);
        }
    }

    /// Notes numbers of ours that stand in the row.
    fn watch(&mut self, row: &Row<'_>) {
        for (nth, column) in self.steps.phones.iter().enumerate() {
            let bytes = row.bytes(*column);
            let mut note = |group: digits::Group| {
                if nth == 0 {
                    digits::national_forms(group).take(1).for_each(|number| self.segments.insert(number));
                }
                let ours = digits::national_forms(group).find(|digits| (self.ask.watch)(*digits));
                self.watched.extend(ours.map(|digits| Watched {
                    digits,
                    column: *column,
                    data_row: self.rows,
                    ordinal: row.ordinal,
                    offset: row.offset,
                }));
            };
            match digits::plain(bytes) {
                Some(group) if group.digits == 0 => {}
                Some(group) => note(group),
                None => digits::groups(&row.text(*column)).into_iter().for_each(note),
            }
        }
    }
}

/// Gives about how many bytes a row of the file takes; nothing if it cannot be told.
fn row_bytes(rows: &[Kept]) -> Option<u64> {
    let (first, last) = (rows.first()?.row(), rows.last()?.row());
    let records = last.ordinal.checked_sub(first.ordinal).filter(|records| *records > 0)?;
    last.offset.checked_sub(first.offset).map(|bytes| bytes / records).filter(|bytes| *bytes > 0)
}
