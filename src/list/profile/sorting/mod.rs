//! By which columns the rows of a list are sorted: by the first, where that is alike by the second, and so on.
//!
//! A key may put rows in order, or only put like beside like (hospitals one after the other, in nobody's order). What is
//! learnt is told from pairs of neighbours, so a list may be in order but for a few rows. Columns in order by themselves
//! (`order`) are keys too; a list is only sorted *by values* if a key is none of these, and then a new row belongs
//! wherever its values say.

mod collation;
mod evidence;

use std::cmp::Ordering;

use super::order::{Direction, Order, Scope};
use super::texts::Texts;
use crate::list::home::Home;
use crate::list::layout::Layout;
use crate::list::meaning::Meaning;
use crate::list::moment::Reading;

use collation::{Collation, rising};
use evidence::{Rows, beside, in_order};

/// Most columns that a list is sorted by.
const KEYS_MAX: usize = 5;

/// Fewest pairs of neighbours, alike in all keys so far, that may tell of another key.
const TIES_MIN: usize = 6;

/// How rows stand by one column.
#[derive(Debug, Clone)]
enum How {
    /// As an order that was found by itself.
    InOrder(Order),
    /// In order in each of these ways: no row tells which one is meant.
    Sorted(Vec<Collation>, Direction),
    /// Like beside like.
    Together,
}

/// One column that a list is sorted by.
#[derive(Debug, Clone)]
struct Key {
    column: usize,
    how: How,
}

/// By what a list is sorted.
#[derive(Debug, Clone, Default)]
pub struct Sorting {
    keys: Vec<Key>,
    readings: Vec<Reading>,
    by_value: bool,
}

/// What a row says in each key; nothing where a cell cannot be read.
pub type SortKeys = Vec<Option<Vec<Vec<u8>>>>;

/// Two neighbours of a list, with the data row of the lower one.
pub(super) type Neighbours<'r> = (&'r Texts, &'r Texts, u64);

impl Sorting {
    /// Learns from neighbours, in the order of the list.
    pub(super) fn of(layout: &Layout, orders: &[Order], year: i32, pairs: &[Neighbours<'_>]) -> Sorting {
        let readings = layout.columns.iter().map(|column| Reading { order: column.order, year }).collect();
        let mut sorting = Sorting { keys: Vec::new(), readings, by_value: false };
        let columns: Vec<usize> = (0..layout.columns.len())
            .filter(|at| layout.columns[*at].meaning != Meaning::Serial)
            .filter(|at| !orders.iter().any(|order| order.column == *at && order.strict))
            .collect();
        while sorting.keys.len() < KEYS_MAX {
            let rows = Rows::new(&sorting, pairs);
            if rows.ties.len() < TIES_MIN {
                break;
            }
            let left = columns.iter().filter(|at| sorting.keys.iter().all(|key| key.column != **at));
            let found = left.filter_map(|at| sorting.key_of((*at, layout.columns[*at].meaning), orders, &rows));
            // The coarsest first: those that go finer are in order where it is alike.
            let Some((_, key)) = found.min_by_key(|(changes, _)| *changes) else { break };
            sorting.keys.push(key);
        }
        let home: Vec<usize> = Home::of(layout).iter().flat_map(Home::columns).collect();
        let is_kept = |key: &Key| {
            let meaning = layout.columns[key.column].meaning;
            orders.iter().any(|order| order.column == key.column)
                || home.contains(&key.column)
                || matches!(meaning, Meaning::Hospital | Meaning::BirthTime)
        };
        sorting.by_value = sorting.keys.iter().any(|key| !is_kept(key));
        sorting
    }

    /// Tells how a column goes on where all keys so far are alike, and in how many pairs it changes.
    fn key_of(&self, (column, meaning): (usize, Meaning), orders: &[Order], rows: &Rows<'_>) -> Option<(usize, Key)> {
        let whole =
            orders.iter().find(|order| order.column == column && order.scope == Scope::Whole && !order.in_blocks);
        if let Some(order) = whole.filter(|_| self.keys.is_empty()) {
            let how = How::InOrder(order.clone());
            let key = Key { column, how };
            let changes = rows.pairs.iter().filter(|(above, at, _)| self.one(&key, above) != self.one(&key, at));
            return Some((changes.count(), key));
        }
        let changes = rows.changes(column);
        if let Some((ways, direction)) = in_order(rows, column, self.readings[column]) {
            return Some((changes, Key { column, how: How::Sorted(ways, direction) }));
        }
        // What is one person's stands beside its like where twins do.
        let is_own = matches!(
            meaning,
            Meaning::Phone | Meaning::Phone2 | Meaning::IdNumber | Meaning::RecordId | Meaning::WaybillNumber
        );
        (!is_own && beside(rows, column)).then_some((changes, Key { column, how: How::Together }))
    }

    /// Tells whether a new row belongs wherever its values say.
    pub fn is_by_value(&self) -> bool {
        self.by_value
    }

    /// Lists the columns that the list is sorted by, the first key first.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.keys.iter().map(|key| key.column)
    }

    /// Gives the keys up to the one of a column.
    pub fn up_to(&self, column: usize) -> Sorting {
        let count = self.keys.iter().position(|key| key.column == column).map_or(0, |at| at + 1);
        Sorting { keys: self.keys[..count].to_vec(), ..self.clone() }
    }

    /// Reads a row's keys.
    pub fn keys_of(&self, row: &Texts) -> SortKeys {
        self.keys_in(&|at| row.cell(at))
    }

    /// Reads the keys of a row that is still in cells.
    pub fn keys_in<'c>(&self, cell: &dyn Fn(usize) -> &'c str) -> SortKeys {
        self.keys.iter().map(|key| self.read(key, cell(key.column))).collect()
    }

    fn one(&self, key: &Key, row: &Texts) -> Option<Vec<Vec<u8>>> {
        self.read(key, row.cell(key.column))
    }

    fn read(&self, key: &Key, cell: &str) -> Option<Vec<Vec<u8>>> {
        let cell = cell.trim();
        match &key.how {
            How::InOrder(order) => {
                order.value_of(cell, self.readings[key.column]).map(|value| vec![rising(value).to_vec()])
            }
            How::Sorted(ways, _) => ways.iter().map(|way| way.key(cell)).collect(),
            How::Together => (!cell.is_empty()).then(|| vec![cell.as_bytes().to_vec()]),
        }
    }

    /// Compares two rows; nothing where the list says nothing of which comes first.
    pub fn compare(&self, one: &SortKeys, other: &SortKeys) -> Option<Ordering> {
        for ((key, one), other) in self.keys.iter().zip(one).zip(other) {
            let (Some(one), Some(other)) = (one, other) else {
                if one.is_none() && other.is_none() { continue } else { return None }
            };
            // A way that sees no difference leaves it to the others.
            let mut ways = one.iter().zip(other).map(|(one, other)| one.cmp(other)).filter(|way| way.is_ne());
            let first = ways.next().unwrap_or(Ordering::Equal);
            if ways.any(|way| way != first) {
                return None;
            }
            match (&key.how, first) {
                (_, Ordering::Equal) => {}
                (How::Together, Ordering::Less | Ordering::Greater) => return None,
                (How::InOrder(_) | How::Sorted(_, Direction::Rising), _) => return Some(first),
                (How::Sorted(_, Direction::Falling), _) => return Some(first.reverse()),
            }
        }
        Some(Ordering::Equal)
    }

    /// Tells whether a row belongs between two neighbours: behind the end of its like, before their beginning, or within.
    pub fn fits(&self, above: &SortKeys, row: &SortKeys, at: &SortKeys) -> bool {
        let is_behind = self.compare(above, row).map(|way| way != Ordering::Greater);
        let is_before = self.compare(row, at).map(|way| way != Ordering::Greater);
        match (is_behind, is_before) {
            (Some(behind), Some(before)) => behind && before,
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => false,
        }
    }

    /// Counts the keys at the beginning by which like stands beside like: what they say tells the part of the list.
    pub fn parts(&self) -> usize {
        self.keys.iter().take_while(|key| matches!(key.how, How::Together)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::ColumnMap;
    use crate::list::layout::recognise;
    use crate::list::profile::texts::Kept;
    use crate::list::rows::{Rows as Records, head};

    fn names_of_keys(text: &str) -> Vec<String> {
        let layout = recognise(&head(text), &ColumnMap::default()).expect("a layout");
        let records = Records::new(text);
        let kept: Vec<Kept> = records.iter().filter(|row| layout.is_data(row)).map(|row| Kept::of(&row)).collect();
        let orders = super::super::order::find(&layout, &kept, &vec![0; kept.len()], 2026);
        let rows: Vec<Texts> = kept.iter().map(|kept| Texts::of(&kept.row())).collect();
        let pairs: Vec<Neighbours<'_>> =
            rows.windows(2).zip(2..).map(|(pair, row)| (&pair[0], &pair[1], row)).collect();
        let sorting = Sorting::of(&layout, &orders, 2026, &pairs);
        sorting.columns().map(|at| layout.columns[at].name.clone()).collect()
    }

    const NAMES: [&str; 6] = ["丁一", "李娜", "王芳", "吴敏", "张敏", "周桂英"];

    #[test]
    fn first_and_second_keys_are_found() {
        let mut text = String::from("医院,产妇姓名,分娩日期,联系电话\n");
        for (at, hospital) in ["妇幼", "人民", "中心"].into_iter().enumerate() {
            for n in 0..18_usize {
                let day = 1 + (n * 11 + at) % 28;
                text += &format!("{hospital},{},2026-01-{day:02},138{:08}\n", NAMES[n / 3], n * 7_919_333 % 10_000_000);
            }
        }
        assert_eq!(names_of_keys(&text), ["医院", "产妇姓名"]);
    }

    #[test]
    fn chance_and_twins_are_no_sorting() {
        let mut text = String::from("产妇姓名,分娩日期,性别,联系电话\n");
        for n in 0..80_usize {
            let twin = n - n % 2;
            let (name, day) = (NAMES[twin * 7 % 13 % 6], 1 + twin * 17 % 28);
            text += &format!(
                "{name}{twin},2026-01-{day:02},{},138{:08}\n",
                ["男", "女"][n * n / 3 % 2],
                twin * 7_919_333 % 10_000_000
            );
        }
        assert_eq!(names_of_keys(&text), Vec::<String>::new());
    }

    #[test]
    fn numbers_that_only_count_are_no_sorting() {
        let mut text = String::from("产妇姓名,分娩日期,联系电话\n");
        for n in 0..40_usize {
            text += &format!("{},2026-01-{:02},138001380{n:02}\n", NAMES[n * 5 % 6], 1 + n * 17 % 28);
        }
        assert_eq!(names_of_keys(&text), Vec::<String>::new());
        let mut text = String::from("产妇姓名,分娩日期,年龄,家庭住址,联系电话\n");
        for n in 0..40_usize {
            let (day, phone) = (1 + n * 17 % 28, n * 7_919_333 % 10_000_000);
            text += &format!("产妇{n},2026-01-{day:02},{},东山弄{n}号,138{phone:08}\n", 20 + n / 3);
        }
        assert_eq!(names_of_keys(&text), ["年龄"]);
    }
}
