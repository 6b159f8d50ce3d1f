//! Whose columns a list has: the names in its first lines beside those of every planting.
//!
//! Columns that were dropped or put into another order do not matter; renamed ones do.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use serde::Serialize;

use crate::id::PlantingId;
use crate::scan::{self, Column};
use crate::store::PlantingRow;

/// Fewest columns in common that say anything.
const COLUMNS_MIN: usize = 3;
/// First lines in which the names of columns are sought, below titles.
const LINES_MAX: usize = 8;
/// Most plantings of one layout that are listed: more than these say nothing.
const PLANTINGS_MAX: usize = 3;

/// Plantings whose lists name these columns too, and how many of theirs the list has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout {
    pub columns: usize,
    pub of: usize,
    /// The likeliest of them: those with most canaries in the list; nothing where many have these columns and none of them any.
    pub plantings: Vec<PlantingId>,
    /// How many there are.
    pub shared_by: usize,
}

/// The columns of all plantings, each set of names once.
pub(super) struct Layouts {
    all: BTreeMap<BTreeSet<String>, Vec<PlantingId>>,
}

impl Layouts {
    pub fn of(plantings: &[PlantingRow]) -> Layouts {
        let mut all: BTreeMap<BTreeSet<String>, Vec<PlantingId>> = BTreeMap::new();
        for planting in plantings {
            let header = &planting.header;
            let names: BTreeSet<String> = header.iter().filter_map(|name| folded(name)).collect();
            all.entry(names).or_default().push(planting.id);
        }
        Layouts { all }
    }

    /// Finds the layout that one of these begins of texts has most of; of a list with these canaries, by planting.
    pub fn nearest(&self, heads: &[Vec<u8>], canaries: &BTreeMap<PlantingId, usize>) -> Option<Layout> {
        let mut best: Option<Layout> = None;
        for line in heads.iter().flat_map(|head| lines(head)) {
            for (names, plantings) in &self.all {
                let columns = names.intersection(&line).count();
                let fewer_left = |known: &Layout| (columns, known.of) > (known.columns, names.len());
                if columns >= COLUMNS_MIN && best.as_ref().is_none_or(fewer_left) {
                    let (of, shared_by) = (names.len(), plantings.len());
                    best = Some(Layout { columns, of, plantings: likeliest(plantings, canaries), shared_by });
                }
            }
        }
        best
    }
}

/// Picks the plantings with most canaries in a list; all of a few.
fn likeliest(plantings: &[PlantingId], canaries: &BTreeMap<PlantingId, usize>) -> Vec<PlantingId> {
    let count = |planting: &PlantingId| canaries.get(planting).copied().unwrap_or_default();
    let is_one = |planting: &&PlantingId| plantings.len() <= PLANTINGS_MAX || count(planting) > 0;
    let mut likeliest: Vec<PlantingId> = plantings.iter().filter(is_one).copied().collect();
    likeliest.sort_by_key(|planting| std::cmp::Reverse(count(planting)));
    likeliest.truncate(PLANTINGS_MAX);
    likeliest
}

/// Tells whether a column is named as one of other people than mothers, fathers and babies.
pub(super) fn is_of_others(heads: &[Vec<u8>], column: Column) -> bool {
    let cell = |line: &str| line.split(column.separator).nth(column.index as usize).is_some_and(scan::is_of_others);
    heads.iter().any(|head| decoded(head).lines().take(LINES_MAX).any(cell))
}

/// Cuts the first lines into cells.
fn lines(head: &[u8]) -> Vec<BTreeSet<String>> {
    let cells = |line: &str| line.split([',', ';', '\t', '|', '，']).filter_map(folded).collect();
    decoded(head).lines().take(LINES_MAX).map(cells).collect()
}

fn decoded(head: &[u8]) -> Cow<'_, str> {
    match head {
        [0xFF, 0xFE, rest @ ..] => UTF_16LE.decode_without_bom_handling(rest).0,
        [0xFE, 0xFF, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0,
        _ => match std::str::from_utf8(&head[..whole_characters(head)]) {
            Ok(text) => text.into(),
            Err(_) => GB18030.decode_without_bom_handling(head).0,
        },
    }
}

/// Gives where the last character that is there in full ends.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Ok(_) | Err(_) => bytes.len(),
    }
}

fn folded(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\u{feff}')).collect();
    (!name.is_empty()).then(|| name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_among_those_who_key_rows_in_is_told_by_its_column() {
        let gbk = GB18030.encode("某院名单\n姓名,电话,录入人\n王芳,1,李娜\n").0.into_owned();
        let at = |index| is_of_others(std::slice::from_ref(&gbk), Column { separator: ',', index });
        assert_eq!((at(0), at(1), at(2), at(3)), (false, false, true, false));
    }

    fn layouts() -> Layouts {
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<BTreeSet<String>>();
        let all = [
            (names(&["序号", "姓名", "电话", "住址"]), vec![PlantingId(1), PlantingId(3)]),
            (names(&["姓名", "电话", "住址", "病区", "体重"]), vec![PlantingId(2)]),
        ];
        Layouts { all: all.into() }
    }

    #[test]
    fn the_layout_with_most_in_common_is_found_in_any_order_and_encoding() {
        let near =
            |text: &str| layouts().nearest(&[text.as_bytes().to_vec()], &BTreeMap::new()).map(|found| found.plantings);
        assert_eq!(near("某院\n住址, \"姓名\",电话,序号,结果\n1,2\n"), Some(vec![PlantingId(1), PlantingId(3)]));
        assert_eq!(near("姓名\t病区\t电话\n"), Some(vec![PlantingId(2)]));
        assert_eq!(near("a,b,电话\n"), None);
        let gbk = GB18030.encode("序号,姓名,电话\n").0.into_owned();
        assert_eq!(layouts().nearest(&[gbk], &BTreeMap::new()).map(|found| (found.columns, found.of)), Some((3, 4)));
    }

    #[test]
    fn of_many_plantings_with_the_same_columns_those_with_canaries_in_the_list_are_told() {
        let names = ["姓名", "电话", "住址"].map(str::to_string).into();
        let all = Layouts { all: [(names, (1..=22).map(PlantingId).collect())].into() };
        let near = |canaries: &[(u64, usize)]| {
            let canaries = canaries.iter().map(|(planting, count)| (PlantingId(*planting), *count)).collect();
            let found = all.nearest(&["姓名,电话,住址\n".as_bytes().to_vec()], &canaries).unwrap();
            (found.plantings.iter().map(|planting| planting.0).collect::<Vec<_>>(), found.shared_by)
        };
        assert_eq!(near(&[(7, 1), (21, 4), (99, 8), (2, 2), (3, 3)]), (vec![21, 3, 2], 22));
        assert_eq!(near(&[]), (vec![], 22));
    }
}
