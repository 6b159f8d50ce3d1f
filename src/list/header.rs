//! Finds the header among the first records: below titles, in one row or two, or not at all.

use super::contents::Contents;
use super::heading;
use super::layout::HeadRow;
use super::look::Look;
use super::meaning::Meaning;

/// How many records from the top may hold titles and the header.
const HEADER_SEARCH_MAX: usize = 40;

/// Where the header is and what it calls the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Ordinal of the (lower) header row.
    pub ordinal: u64,
    /// Index in the head of the record below it.
    pub below: usize,
    pub names: Vec<String>,
}

/// Finds the row, or the pair of rows, that names the most columns; nothing when no row names two or a phone.
pub fn find(head: &[HeadRow]) -> Option<Header> {
    let width = head.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut best: Option<(usize, Header)> = None;
    for (at, row) in head.iter().enumerate().take(HEADER_SEARCH_MAX) {
        if !may_be_header(&row.cells, width) {
            continue;
        }
        let single = names_of(&row.cells, width);
        let mut offer = |names: Vec<String>, below: usize, price: usize| {
            let score = score(&names).saturating_sub(price);
            let enough = if proven(&names, head.get(below)) { 2 } else { 4 };
            if score >= enough && best.as_ref().is_none_or(|(so_far, _)| score > *so_far) {
                best = Some((score, Header { ordinal: head[below - 1].ordinal, below, names }));
            }
        };
        offer(single, at + 1, 0);
        if let Some(lower) = head.get(at + 1)
            && may_be_header(&lower.cells, width)
            && lower.ordinal == row.ordinal + 1
        {
            offer(joined(&row.cells, &lower.cells, width), at + 2, 1);
        }
    }
    best.map(|(_, header)| header)
}

/// Counts what the names claim; a claim counts two, so that a phone or two others make a header.
fn score(names: &[String]) -> usize {
    let claims = names.iter().filter_map(|name| heading::claim(name));
    claims.map(|claim| if claim.meaning == Meaning::Phone { 4 } else { 2 }).sum()
}

/// Tells whether a single claim is enough: it is half of the names, or what stands below has what no header has.
fn proven(names: &[String], below: Option<&HeadRow>) -> bool {
    let filled = names.iter().filter(|name| !name.is_empty()).count();
    score(names) >= filled
        || below.is_some_and(|row| row.cells.len() > 1 && !may_be_header(&row.cells, row.cells.len()))
}

fn names_of(cells: &[String], width: usize) -> Vec<String> {
    let name = |at: usize| cells.get(at).map_or_else(String::new, |cell| cell.trim().replace(['\r', '\n'], ""));
    (0..width).map(name).collect()
}

/// Joins two header rows: a group heading reaches right over blanks, and is put before what stands below it
/// where only both together have a known meaning.
fn joined(upper: &[String], lower: &[String], width: usize) -> Vec<String> {
    let (upper, lower) = (names_of(upper, width), names_of(lower, width));
    let mut group = String::new();
    let mut names = Vec::with_capacity(width);
    for (above, below) in upper.into_iter().zip(lower) {
        if !above.is_empty() {
            group = above.clone();
        }
        if below.is_empty() {
            names.push(above);
            continue;
        }
        let both = format!("{group}{below}");
        let more_telling =
            heading::claim(&both).map(|claim| claim.strength) > heading::claim(&below).map(|claim| claim.strength);
        names.push(if more_telling { both } else { below });
    }
    names
}

/// Tells whether a row can be a header: at least two words unless the list is one column wide, and nothing that only data has.
fn may_be_header(cells: &[String], width: usize) -> bool {
    let filled: Vec<&str> = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    if filled.len() < width.min(2) || filled.is_empty() {
        return false;
    }
    let mut contents = Contents::default();
    for cell in &filled {
        contents.see(cell);
    }
    let data = [Look::Phone, Look::Day, Look::TimeOfDay, Look::IdNumber, Look::Plate, Look::Whole, Look::Gestation];
    data.into_iter().all(|look| contents.share(look) == 0.0)
        || data.into_iter().map(|look| contents.share(look)).sum::<f64>() <= 0.15
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(rows: &[&[&str]]) -> Vec<HeadRow> {
        let row = |(at, cells): (usize, &&[&str])| HeadRow {
            ordinal: at as u64,
            cells: cells.iter().map(|cell| (*cell).to_string()).collect(),
        };
        rows.iter().enumerate().map(row).collect()
    }

    #[test]
    fn a_header_is_found_below_titles() {
        let found = find(&head(&[
            &["母婴服务日报 2026年11月20日", "", ""],
            &["", "", ""],
            &["序号", "宝妈姓名", "联系电话"],
            &["1", "张三", "13800138000"],
        ]));
        assert_eq!(found.map(|header| (header.ordinal, header.below)), Some((2, 3)));
    }

    #[test]
    fn two_header_rows_are_read_as_one() {
        let found = find(&head(&[
            &["住院号", "新生儿情况", "", "母亲", "", "联系电话"],
            &["", "性别", "体重(g)", "姓名", "年龄", ""],
            &["1001", "男", "3300", "张三", "30", "13800138000"],
        ]))
        .expect("a header");
        assert_eq!(found.ordinal, 1);
        assert_eq!(found.names, ["住院号", "新生儿情况性别", "新生儿情况体重(g)", "母亲姓名", "母亲年龄", "联系电话"]);
    }

    #[test]
    fn a_list_one_column_wide_may_have_a_header_too() {
        let found = find(&head(&[&["电话"], &["13800138000"], &["13900139000"]]));
        assert_eq!(found.map(|header| (header.below, header.names)), Some((1, vec!["电话".to_string()])));
        assert_eq!(find(&head(&[&["13800138000"], &["13900139000"]])), None);
    }

    #[test]
    fn a_list_without_a_header_has_none() {
        let rows: &[&[&str]] = &[&["张三", "13800138000", "女"], &["李四", "13900139000", "男"]];
        assert_eq!(find(&head(rows)), None);
    }
}
