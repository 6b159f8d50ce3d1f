//! Who and what stands in a list already, so that no canary repeats it.
//!
//! Keys are hashes of the file's own bytes; a canary's text is encoded before it is looked up.

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::NaiveDate;

use super::bloom::Bloom;
use crate::list::encoding::Encoding;
use crate::list::hash;
use crate::list::heading::{NamePart, Whose, name_part};
use crate::list::home::Home;
use crate::list::layout::Layout;
use crate::list::meaning::Meaning;
use crate::list::row::Row;

const ADDRESS_SALT: u64 = 1;
const PERSON_SALT: u64 = 2;
const HOME_SALT: u64 = 3;
const COLUMN_SALT: u64 = 16;

/// The names with birth dates, addresses and unique values of a list.
#[derive(Debug)]
pub struct Seen {
    bloom: Bloom,
    encoding: Encoding,
    names: Vec<usize>,
    /// Columns of the surname and the given name of whom the list is about.
    parts: Option<[usize; 2]>,
    dated: bool,
    address: Option<usize>,
    home: Option<Home>,
    unique: Vec<usize>,
    /// Values of columns in which no two rows are alike, of rows that stand in the copy besides.
    besides: HashSet<u64>,
}

impl Seen {
    /// Makes an empty memory; `unique` are columns in which no two rows are alike.
    pub fn new(layout: &Layout, encoding: Encoding, unique: Vec<usize>) -> Seen {
        let names = [Meaning::MotherName, Meaning::Name, Meaning::BabyName];
        Seen {
            bloom: Bloom::new(),
            encoding,
            names: names.into_iter().filter_map(|meaning| layout.position(meaning)).collect(),
            parts: parts(layout),
            dated: layout.position(Meaning::BirthDate).is_some(),
            address: layout.position(Meaning::Address),
            home: Home::of(layout),
            unique,
            besides: HashSet::new(),
        }
    }

    /// Keeps apart what stands in these rows, and in none that were named before.
    pub fn keep_apart_from<'r>(&mut self, rows: impl Iterator<Item = &'r [String]>) {
        let values =
            rows.flat_map(|cells| self.unique.iter().map(|at| (*at, cells.get(*at).map_or("", |cell| cell.trim()))));
        self.besides = values.filter(|(_, text)| !text.is_empty()).map(|(at, text)| self.value_key(at, text)).collect();
    }

    fn value_key(&self, at: usize, text: &str) -> u64 {
        hash::of(&self.encoded(text), COLUMN_SALT + at as u64)
    }

    /// Remembers a row; `birth` is the day of birth, counted from year 1.
    #[inline]
    pub fn see(&mut self, row: &Row<'_>, birth: Option<i64>) {
        if let Some(day) = birth {
            for at in &self.names {
                let name = trimmed(row.bytes(*at));
                if !name.is_empty() {
                    self.bloom.insert(person_key(name, day));
                }
            }
            if let Some(parts) = self.parts {
                let [family, given] = parts.map(|at| trimmed(row.bytes(at)));
                self.bloom.insert(hash::of(given, person_key(family, day)));
            }
        }
        if let Some(at) = self.address {
            let address = trimmed(row.bytes(at));
            if !address.is_empty() {
                self.bloom.insert(hash::of(address, ADDRESS_SALT));
            }
        }
        if let Some(home) = &self.home {
            self.bloom.insert(home_key(home.columns().map(|at| trimmed(row.bytes(at)))));
        }
        for at in &self.unique {
            let cell = trimmed(row.bytes(*at));
            if !cell.is_empty() {
                self.bloom.insert(hash::of(cell, COLUMN_SALT + *at as u64));
            }
        }
    }

    /// Remembers a made-up row as if it stood in the list; `birth` is the day of birth.
    pub fn take_in(&mut self, cells: &[String], birth: NaiveDate) {
        let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
        let mut keys = Vec::new();
        for name in self.names.iter().map(|at| cell(*at)).filter(|name| !name.is_empty()) {
            keys.push(person_key(&self.encoded(name), day_number(birth)));
        }
        if let Some(parts) = self.parts {
            let [family, given] = parts.map(cell);
            keys.push(hash::of(&self.encoded(given), person_key(&self.encoded(family), day_number(birth))));
        }
        if let Some(address) = self.address.map(cell).filter(|address| !address.is_empty()) {
            keys.push(hash::of(&self.encoded(address), ADDRESS_SALT));
        }
        if let Some(home) = &self.home {
            let parts: Vec<Cow<'_, [u8]>> = home.columns().map(|at| self.encoded(cell(at))).collect();
            keys.push(home_key(parts.iter().map(AsRef::as_ref)));
        }
        for (at, text) in self.unique.iter().map(|at| (*at, cell(*at))).filter(|(_, text)| !text.is_empty()) {
            keys.push(self.value_key(at, text));
        }
        keys.into_iter().for_each(|key| self.bloom.insert(key));
    }

    /// Tells whether somebody of this name was, perhaps, born on this day.
    pub fn may_hold_person(&self, name: &str, birth: NaiveDate) -> bool {
        self.dated && self.bloom.may_hold(person_key(&self.encoded(name), day_number(birth)))
    }

    /// Tells whether somebody whose name these cells hold in two parts was, perhaps, born on this day.
    pub fn may_hold_parts(&self, cells: &[String], birth: NaiveDate) -> bool {
        let texts = self.parts.map(|parts| parts.map(|at| cells.get(at).map_or("", |cell| cell.trim())));
        texts.filter(|_| self.dated).is_some_and(|[family, given]| {
            let family = person_key(&self.encoded(family), day_number(birth));
            self.bloom.may_hold(hash::of(&self.encoded(given), family))
        })
    }

    /// Tells whether a row has, perhaps, this address.
    pub fn may_hold_address(&self, address: &str) -> bool {
        self.bloom.may_hold(hash::of(&self.encoded(address.trim()), ADDRESS_SALT))
    }

    /// Tells whether a row has, perhaps, this home, given by its parts in the order of [`Home::columns`].
    pub fn may_hold_home(&self, parts: &[&str]) -> bool {
        let encoded: Vec<Cow<'_, [u8]>> = parts.iter().map(|part| self.encoded(part.trim())).collect();
        self.bloom.may_hold(home_key(encoded.iter().map(AsRef::as_ref)))
    }

    /// Tells whether a column of unique values has, perhaps, this one.
    pub fn may_hold_value(&self, column: usize, value: &str) -> bool {
        let is_held = |key: u64| self.besides.contains(&key) || self.bloom.may_hold(key);
        self.unique.contains(&column) && is_held(self.value_key(column, value.trim()))
    }

    /// Tells whether no two rows have the same value in this column.
    pub fn keeps_apart(&self, column: usize) -> bool {
        self.unique.contains(&column)
    }

    fn encoded<'t>(&self, text: &'t str) -> Cow<'t, [u8]> {
        match self.encoding {
            Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be => Cow::Borrowed(text.as_bytes()),
            Encoding::Gbk | Encoding::Gb18030 => encoding_rs::GB18030.encode(text).0,
            Encoding::Latin1 => encoding_rs::WINDOWS_1252.encode(text).0,
        }
    }
}

/// Finds the columns of a surname and a given name that are nobody else's on the row.
fn parts(layout: &Layout) -> Option<[usize; 2]> {
    let find = |wanted: fn(NamePart) -> Option<Whose>| {
        layout.columns.iter().position(|column| {
            let whose = name_part(&column.name).and_then(wanted);
            matches!(whose, Some(Whose::Mother | Whose::Owner | Whose::Nobody))
        })
    };
    let family = find(|part| if let NamePart::Family(whose) = part { Some(whose) } else { None });
    let given = find(|part| if let NamePart::Given(whose) = part { Some(whose) } else { None });
    Some([family?, given?])
}

fn day_number(day: NaiveDate) -> i64 {
    i64::from(chrono::Datelike::num_days_from_ce(&day))
}

#[inline]
fn person_key(name: &[u8], day: i64) -> u64 {
    hash::of(name, PERSON_SALT ^ (day as u64) << 8)
}

/// Chains the parts, so that `1, 21` is another home than `12, 1`.
#[inline]
fn home_key<'b>(parts: impl Iterator<Item = &'b [u8]>) -> u64 {
    parts.fold(HOME_SALT, |so_far, part| hash::of(part, so_far))
}

#[inline]
fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::ColumnMap;
    use crate::list::layout::recognise;
    use crate::list::rows::{Rows, head};

    #[test]
    fn real_people_and_addresses_are_known_again() {
        let text = "产妇姓名,分娩日期,电话,地址,编号\n张三,2026年3月1日,13800138000,杭州市东山弄569号,A-1\n";
        let layout = recognise(&head(text), &ColumnMap::default()).expect("a layout");
        let mut seen = Seen::new(&layout, Encoding::Utf8, vec![4]);
        let rows = Rows::new(text);
        let march = Some(day_number(NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day")));
        rows.iter().filter(|row| layout.is_data(row)).for_each(|row| seen.see(&row, march));
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).expect("a day");
        assert!(seen.may_hold_person("张三", day(1)));
        assert!(!seen.may_hold_person("张三", day(2)));
        assert!(!seen.may_hold_person("李四", day(1)));
        assert!(seen.may_hold_address("杭州市东山弄569号") && !seen.may_hold_address("杭州市东山弄570号"));
        assert!(seen.may_hold_value(4, "A-1") && !seen.may_hold_value(4, "A-2") && !seen.may_hold_value(3, "A-1"));
    }

    #[test]
    fn a_made_up_row_is_known_again_as_a_real_one_is() {
        let text = "产妇姓名,分娩日期,电话,地址,编号\n张三,2026年3月1日,13800138000,杭州市东山弄569号,A-1\n";
        let layout = recognise(&head(text), &ColumnMap::default()).expect("a layout");
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
        for encoding in [Encoding::Utf8, Encoding::Gbk] {
            let mut seen = Seen::new(&layout, encoding, vec![4]);
            assert!(!seen.may_hold_person("李四", day) && !seen.may_hold_value(4, "A-2"));
            seen.take_in(&["李四", "2026年3月2日", "13800138001", "灯芯巷261号", "A-2"].map(String::from), day);
            assert!(seen.may_hold_person("李四", day) && seen.may_hold_address("灯芯巷261号"), "{encoding:?}");
            assert!(seen.may_hold_value(4, "A-2") && !seen.may_hold_value(4, "A-1"));
        }
    }
}
