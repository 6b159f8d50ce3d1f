//! Columns in which the rows stand in order, and what is measured of that order.
//!
//! A column may rise over the whole list (a date, a counter), only in its last digits (a hospital's prefix
//! before a common counter), or only within the rows of one hospital. Newest first is an order too. Typing
//! errors and late entries break an order here and there: it need not be perfect to be kept.

use std::collections::HashMap;

use super::gaps::Gaps;
use super::kinship::Kin;
use super::texts::Kept;
use super::value::{self, Dated};
use crate::list::contents::unguarded;
use crate::list::layout::Layout;
use crate::list::meaning::Meaning;
use crate::list::moment::{self, DAY_SECONDS, Reading};
use crate::list::row::Row;

/// Share of neighbouring rows in order that makes a column sorted over the whole list.
const WHOLE_SHARE: f64 = 0.97;

/// The same within the rows of one hospital, where late entries are usual.
const WITHIN_SHARE: f64 = 0.75;

/// Steps with the order for one step against it, equal neighbours left out.
const AGAINST_MAX: usize = 2;

/// Share of filled cells that must be readable as numbers or moments.
const READABLE_SHARE: f64 = 0.9;

/// Most different texts before a counter that are depots.
const LEADS_MAX: usize = 60;

/// Gaps from which a kin's own are known.
const KIN_GAPS_MIN: u32 = 40;

/// Most kins whose gaps are kept.
const KINS_MAX: usize = 300;

/// Share of equal neighbours from which a column is a label that repeats, not a counter.
const LABEL_SHARE: f64 = 0.5;

/// How a cell of an ordered column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A moment, to the second.
    Instant,
    /// A moment of which only the day is in order.
    Day,
    /// The last digits of a counter.
    Counter { digits: usize },
}

/// Which rows are in order with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Whole,
    /// Rows that share the value of this column; if it is the column in order itself, what stands before its counter.
    Within {
        group: usize,
    },
}

/// Whether the first rows hold the lowest or the highest values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Rising,
    Falling,
}

/// A column in order.
#[derive(Debug, Clone)]
pub struct Order {
    pub column: usize,
    pub key: Key,
    pub scope: Scope,
    pub direction: Direction,
    /// Whether no two neighbours are alike, as a counter's are not.
    pub strict: bool,
    /// Whether it begins anew behind every title, subtotal or blank row.
    pub in_blocks: bool,
    pub gaps: Gaps,
    previous: Option<i64>,
    within: Within,
}

/// The gaps of each kin's own counter: a large hospital's numbers run on otherwise than a small one's.
#[derive(Debug, Clone, Default)]
struct Within {
    last: HashMap<u64, i64>,
    gaps: HashMap<u64, (Gaps, u32)>,
}

impl Order {
    /// Turns a value so that it rises down the list.
    #[inline]
    fn signed(&self, value: Option<i64>) -> Option<i64> {
        match self.direction {
            Direction::Rising => value,
            Direction::Falling => value.map(|value| -value),
        }
    }

    /// Reads a cell as this column's order sees it: a falling column's values are negated.
    pub fn value_of(&self, cell: &str, reading: Reading) -> Option<i64> {
        let cell = unguarded(cell);
        let seconds = || moment::parse(cell, reading).filter(|(moment, _)| moment.day().is_some());
        let value = match self.key {
            Key::Instant => seconds()?.0.seconds(),
            Key::Day => seconds()?.0.seconds().div_euclid(DAY_SECONDS),
            Key::Counter { digits } => value::counter(cell.as_bytes(), digits)?,
        };
        self.signed(Some(value))
    }

    /// Writes a counter's value into the cell of a neighbour; nothing for a value that does not fit its width.
    pub fn written(&self, neighbour: &str, value: i64) -> Option<String> {
        let Key::Counter { digits } = self.key else { return None };
        value::with_counter(neighbour.trim(), digits, self.signed(Some(value))?)
    }

    /// Forgets the row before, because rows were left out.
    pub fn begin(&mut self) {
        self.previous = None;
        self.within.last.clear();
    }

    /// Gives the gaps of a kin's numbers; those of all where it has few.
    pub fn gaps_of(&self, kin: Option<u64>) -> &Gaps {
        let own = kin.and_then(|kin| self.within.gaps.get(&kin)).filter(|(_, count)| *count >= KIN_GAPS_MIN);
        own.map_or(&self.gaps, |(gaps, _)| gaps)
    }

    /// Follows a counter within the rows of one kin; `kin` is the key of the row's own.
    pub fn follow_within(&mut self, row: &Row<'_>, kin: (Kin, u64), layout: &Layout, year: i32) {
        let Scope::Within { group } = self.scope else { return };
        if !self.strict || Kin::in_order(group, self.column) != kin.0 {
            return;
        }
        let Some(now) = self.signed(read(self.key, row, self.column, layout, year)) else { return };
        if let Some(before) = self.within.last.insert(kin.1, now)
            && (self.within.gaps.len() < KINS_MAX || self.within.gaps.contains_key(&kin.1))
        {
            let (gaps, count) = self.within.gaps.entry(kin.1).or_default();
            gaps.see(now - before);
            *count += 1;
        }
    }

    /// Follows the whole list; says whether something fits between the last row and this one.
    #[inline]
    pub fn follow(&mut self, row: &Row<'_>, layout: &Layout, year: i32, known: Option<Dated>) -> bool {
        if self.scope != Scope::Whole {
            return true;
        }
        let value = match (self.key, known.filter(|known| known.column == self.column)) {
            (Key::Instant, Some(known)) => self.signed(known.seconds),
            (Key::Day, Some(known)) => self.signed(known.day()),
            (Key::Counter { .. }, _) | (_, None) => self.signed(read(self.key, row, self.column, layout, year)),
        };
        let fits = match (self.previous, value) {
            (Some(before), Some(now)) if self.strict => {
                self.gaps.see(now - before);
                now - before > 1
            }
            (Some(before), Some(now)) => before <= now,
            (None, _) | (_, None) => !self.strict,
        };
        self.previous = value;
        fits
    }
}

#[inline]
fn read(key: Key, row: &Row<'_>, column: usize, layout: &Layout, year: i32) -> Option<i64> {
    match key {
        Key::Instant => value::seconds(row, column, layout, year),
        Key::Day => value::day(row, column, layout, year),
        Key::Counter { digits } => value::counter(row.bytes(column), digits),
    }
}

/// How neighbours compare.
#[derive(Debug, Clone, Copy, Default)]
struct Pairs {
    rising: usize,
    falling: usize,
    equal: usize,
}

impl Pairs {
    fn see(&mut self, before: i64, now: i64) {
        match before.cmp(&now) {
            std::cmp::Ordering::Less => self.rising += 1,
            std::cmp::Ordering::Greater => self.falling += 1,
            std::cmp::Ordering::Equal => self.equal += 1,
        }
    }

    fn all(self) -> usize {
        self.rising + self.falling + self.equal
    }

    /// Says in which direction the pairs go, if enough of them do and something moves at all.
    fn direction(self, share: f64) -> Option<Direction> {
        let enough = |with: usize, against: usize| {
            with > AGAINST_MAX * against && (with + self.equal) as f64 >= share * self.all() as f64
        };
        if enough(self.rising, self.falling) {
            Some(Direction::Rising)
        } else if enough(self.falling, self.rising) {
            Some(Direction::Falling)
        } else {
            None
        }
    }
}

/// Finds the ordered columns from the first data rows; `blocks` tells between which of them other rows stand, by a number for each.
pub fn find(layout: &Layout, rows: &[Kept], blocks: &[u64], year: i32) -> Vec<Order> {
    (0..layout.columns.len()).filter_map(|column| of_column(layout, (rows, blocks), column, year)).collect()
}

fn may_be_ordered(meaning: Meaning) -> bool {
    match meaning {
        Meaning::RecordId
        | Meaning::Serial
        | Meaning::BirthDate
        | Meaning::DischargeDate
        | Meaning::WaybillNumber
        | Meaning::Ward
        | Meaning::Other => true,
        Meaning::MotherName
        | Meaning::FatherName
        | Meaning::BabyName
        | Meaning::BabySex
        | Meaning::BirthTime
        | Meaning::MotherBirthDate
        | Meaning::MotherAge
        | Meaning::IdNumber
        | Meaning::Phone
        | Meaning::Phone2
        | Meaning::Address
        | Meaning::District
        | Meaning::Hospital
        | Meaning::BirthWeight
        | Meaning::BirthLength
        | Meaning::GestationWeeks
        | Meaning::Parity
        | Meaning::DeliveryMode
        | Meaning::HukouType
        | Meaning::Name
        | Meaning::PlateNumber
        | Meaning::Area => false,
    }
}

fn of_column(layout: &Layout, (rows, blocks): (&[Kept], &[u64]), column: usize, year: i32) -> Option<Order> {
    if !may_be_ordered(layout.columns[column].meaning) || layout.columns[column].meaning == Meaning::Serial {
        return None;
    }
    let within = layout.position(Meaning::Hospital).filter(|group| *group != column);
    let in_blocks = blocks.first() != blocks.last();
    for key in keys(layout, rows, column, year) {
        let values: Vec<Option<i64>> = rows.iter().map(|kept| read(key, &kept.row(), column, layout, year)).collect();
        let whole = ordered(column, key, Scope::Whole, &values, |_| 0);
        let of_blocks = || ordered(column, key, Scope::Whole, &values, |at| blocks[at]).filter(|_| in_blocks);
        if let Some(order) = whole.or_else(|| Some(Order { in_blocks, ..of_blocks()? })) {
            return Some(order);
        }
    }
    // A depot's letters before a number of its own say as much as a column of hospitals.
    for group in within.into_iter().chain([column]) {
        let kin = Kin::in_order(group, column);
        let groups: Vec<u64> = rows.iter().map(|kept| kin.key(&kept.row())).collect();
        let kinds = groups.iter().collect::<std::collections::HashSet<_>>().len();
        if group == column && !(2..=LEADS_MAX).contains(&kinds) {
            continue;
        }
        for key in keys(layout, rows, column, year) {
            let full = matches!(key, Key::Counter { digits } if digits == value::COUNTER_DIGITS_MAX)
                || group != column && !matches!(key, Key::Counter { .. });
            let values: Vec<Option<i64>> =
                rows.iter().map(|kept| read(key, &kept.row(), column, layout, year)).collect();
            if full && let Some(order) = ordered(column, key, Scope::Within { group }, &values, |at| groups[at]) {
                return Some(order);
            }
        }
    }
    None
}

/// Lists the ways a column's cells can be read, the strictest first.
fn keys(layout: &Layout, rows: &[Kept], column: usize, year: i32) -> Vec<Key> {
    let filled = rows.iter().filter(|kept| !kept.row().bytes(column).trim_ascii().is_empty()).count();
    let readable = |key: Key| {
        let read = rows.iter().filter(|kept| read(key, &kept.row(), column, layout, year).is_some()).count();
        filled > 0 && read as f64 >= READABLE_SHARE * filled as f64
    };
    // `20261019` as a person's number is no day, and two persons never share it.
    let is_number = matches!(layout.columns[column].meaning, Meaning::RecordId | Meaning::WaybillNumber);
    if !is_number && readable(Key::Instant) {
        return vec![Key::Instant, Key::Day];
    }
    let mut keys = Vec::new();
    if readable(Key::Counter { digits: value::COUNTER_DIGITS_MAX }) {
        let suffixes = [value::COUNTER_DIGITS_MAX, 12, 11, 10, 9, 8, 7, 6, 5, 4];
        keys.extend(suffixes.map(|digits| Key::Counter { digits }));
    }
    keys
}

fn ordered(
    column: usize,
    key: Key,
    scope: Scope,
    values: &[Option<i64>],
    group_of: impl Fn(usize) -> u64,
) -> Option<Order> {
    let share = match scope {
        Scope::Whole => WHOLE_SHARE,
        Scope::Within { .. } => WITHIN_SHARE,
    };
    let mut last: HashMap<u64, i64> = HashMap::new();
    let mut pairs = Pairs::default();
    let mut steps = Vec::new();
    for (at, value) in values.iter().enumerate() {
        let Some(now) = *value else { continue };
        if let Some(before) = last.insert(group_of(at), now) {
            pairs.see(before, now);
            steps.push(now - before);
        }
    }
    let direction = pairs.direction(share)?;
    let strict = matches!(key, Key::Counter { .. }) && (pairs.equal as f64) < LABEL_SHARE * pairs.all() as f64;
    if !strict && matches!((key, scope), (Key::Counter { .. }, Scope::Within { .. })) {
        return None;
    }
    let mut gaps = Gaps::default();
    if strict && matches!(scope, Scope::Within { .. }) {
        steps.into_iter().for_each(|step| match direction {
            Direction::Rising => gaps.see(step),
            Direction::Falling => gaps.see(-step),
        });
    }
    let within = Within::default();
    Some(Order { column, key, scope, direction, strict, in_blocks: false, gaps, previous: None, within })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::ColumnMap;
    use crate::list::layout::recognise;
    use crate::list::rows::{Rows, head};

    fn orders(text: &str) -> Vec<(usize, Key, Scope, Direction, bool)> {
        let layout = recognise(&head(text), &ColumnMap::default()).expect("a layout");
        let rows = Rows::new(text);
        let kept: Vec<Kept> = rows.iter().filter(|row| layout.is_data(row)).map(|row| Kept::of(&row)).collect();
        let mut block = 0;
        let blocks: Vec<u64> = rows
            .iter()
            .filter_map(|row| match layout.is_data(&row) {
                true => Some(block),
                false => {
                    block += 1;
                    None
                }
            })
            .collect();
        let found = find(&layout, &kept, &blocks, 2026);
        found.into_iter().map(|order| (order.column, order.key, order.scope, order.direction, order.strict)).collect()
    }

    const ALL: Key = Key::Counter { digits: value::COUNTER_DIGITS_MAX };

    #[test]
    fn dates_and_ids_that_rise_are_found() {
        let mut text = String::from("住院号,产妇姓名,分娩时间,联系电话\n");
        for n in 0..40 {
            let minute = n * 7 % 60;
            text += &format!("ZY{},张三,2026-01-{:02} 10:{minute:02},138001380{n:02}\n", 26_000 + 3 * n, 1 + n / 5);
        }
        let expected =
            [(0, ALL, Scope::Whole, Direction::Rising, true), (2, Key::Day, Scope::Whole, Direction::Rising, false)];
        assert_eq!(orders(&text), expected);
    }

    #[test]
    fn newest_first_is_an_order_too() {
        let mut text = String::from("产妇姓名,分娩日期,联系电话\n");
        for n in 0..20 {
            text += &format!("张三,2026-01-{:02},138001380{n:02}\n", 28 - n);
        }
        assert_eq!(orders(&text), [(1, Key::Instant, Scope::Whole, Direction::Falling, false)]);
    }

    #[test]
    fn a_common_counter_behind_a_hospital_code_is_found() {
        let mut text = String::from("登记编号,助产机构,住院号,产妇姓名,联系电话\n");
        for n in 0..60_u32 {
            let hospital = n * 7 % 3;
            text += &format!(
                "31000{hospital}26{:07},第{hospital}医院,{},张三,138001380{n:02}\n",
                260_101 + n,
                1_000 * (hospital + 1) + n
            );
        }
        let expected = [
            (0, Key::Counter { digits: 9 }, Scope::Whole, Direction::Rising, true),
            (2, ALL, Scope::Within { group: 1 }, Direction::Rising, true),
        ];
        assert_eq!(orders(&text), expected);
    }

    #[test]
    fn an_order_that_begins_anew_behind_each_title_is_found() {
        let mut text = String::from("床号,产妇姓名,分娩日期,联系电话\n");
        for block in 0..6 {
            text += &format!("第{block}病区,,,\n");
            for n in 0..9 {
                text += &format!("{}床,张三,2026-01-{:02},138001380{n:02}\n", 2 * n + 1, 3 + n / 2);
            }
        }
        let expected = [
            (0, ALL, Scope::Whole, Direction::Rising, true),
            (2, Key::Instant, Scope::Whole, Direction::Rising, false),
        ];
        assert_eq!(orders(&text), expected);
    }

    #[test]
    fn each_hospitals_counter_has_gaps_of_its_own() {
        let mut text = String::from("助产机构,住院号,产妇姓名,联系电话\n");
        for n in 0..400_u32 {
            let (hospital, step) = if n % 2 == 0 { ("甲医院", 2) } else { ("乙医院", 50) };
            text += &format!("{hospital},{},张三,13800138{:03}\n", 10_000 * (1 + n % 2) + n * step, n);
        }
        let layout = recognise(&head(&text), &ColumnMap::default()).expect("a layout");
        let rows = Rows::new(&text);
        let rows: Vec<Kept> = rows.iter().filter(|row| layout.is_data(row)).map(|row| Kept::of(&row)).collect();
        let mut found = find(&layout, &rows, &vec![0; rows.len()], 2026);
        let order = found.iter_mut().find(|order| order.column == 1).expect("an order");
        let kin = Kin::Cell(0);
        rows.iter().for_each(|row| order.follow_within(&row.row(), (kin, kin.key(&row.row())), &layout, 2026));
        let [large, small] = [0, 1].map(|at| order.gaps_of(Some(kin.key(&rows[at].row()))));
        assert!(large.density(4) > 10.0 * large.density(100) && small.density(100) > 10.0 * small.density(4));
    }

    #[test]
    fn chance_is_no_order() {
        let mut text = String::from("编号,产妇姓名,分娩日期,联系电话\n");
        for n in 0..60_u32 {
            text += &format!("A{},张三,2026-01-{:02},138001380{n:02}\n", n * 7_919 % 10_007, 1 + n * 17 % 28);
        }
        assert_eq!(orders(&text), []);
    }
}
