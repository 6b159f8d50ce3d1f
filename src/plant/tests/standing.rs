//! What stands around values, and in them: blanks, tabs, widths, gaps in names.

use super::*;

const COLUMNS: [&str; 7] = ["序号", "产妇姓名", "联系电话", "分娩日期", "性别", "医院", "家庭住址"];

/// Plans for a list whose cells stand as `cell` writes them, by column.
fn planned_as(cell: impl Fn(usize, &str) -> String) -> Vec<Planned> {
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let mut text = COLUMNS.join(",") + "\n";
    for n in 0..150_u64 {
        let cells = [
            (n + 1).to_string(),
            NAMES[n as usize % 12].to_string(),
            mobile(&mut rng),
            (today() - chrono::Days::new(160 - n)).to_string(),
            ["男", "女"][n as usize % 2].to_string(),
            ["市一医院", "区妇幼"][n as usize / 75].to_string(),
            address(&mut rng),
        ];
        let row: Vec<String> = cells.iter().enumerate().map(|(at, text)| cell(at, text)).collect();
        text += &(row.join(",") + "\n");
    }
    planned(&text, 10, 3).unwrap_or_else(|error| panic!("{error}")).1
}

#[test]
fn a_tab_or_blank_behind_or_before_every_cell_is_behind_or_before_each_new_one() {
    for (before, behind) in [("", "\t"), (" ", ""), ("", "  "), (" ", "\t")] {
        for canary in planned_as(|_, text| format!("{before}{text}{behind}")) {
            for (cell, column) in canary.row.cells.iter().zip(COLUMNS) {
                let stands = cell.starts_with(before) && cell.ends_with(behind);
                let bare = cell.len() == before.len() + cell.trim().len() + behind.len();
                assert!(stands && bare && !cell.trim().is_empty(), "{column} with {before:?} and {behind:?}: {cell:?}");
            }
        }
    }
}

#[test]
fn cells_of_a_fixed_width_are_filled_up() {
    let width = |at: usize| [6, 10, 15, 12, 4, 12, 60][at];
    let characters = |at: usize, text: &str| format!("{text}{}", " ".repeat(width(at) - text.chars().count()));
    for canary in planned_as(characters) {
        for (at, cell) in canary.row.cells.iter().enumerate() {
            assert_eq!(cell.chars().count(), width(at), "{}: {cell:?}", COLUMNS[at]);
        }
    }
    let places = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    for canary in planned_as(|at, text| format!("{}{text}", " ".repeat(width(at) - places(text)))) {
        for (at, cell) in canary.row.cells.iter().enumerate() {
            assert_eq!(places(cell), width(at), "{}: {cell:?}", COLUMNS[at]);
        }
    }
}

#[test]
fn a_cell_that_holds_a_blank_alone_holds_one_in_a_new_row() {
    for canary in planned_as(|at, text| if at == 4 { " ".to_string() } else { text.to_string() }) {
        assert_eq!(canary.row.cells[4], " ");
    }
}

#[test]
fn short_names_with_a_gap_come_as_often_as_in_the_list() {
    let (mut short, mut all) = (0, 0);
    let gapped = |text: &str| match text.chars().collect::<Vec<_>>().as_slice() {
        [first, last] => format!("{first}\u{3000}{last}"),
        _ => text.to_string(),
    };
    for canary in planned_as(|at, text| if at == 1 { gapped(text) } else { text.to_string() }) {
        let name = &canary.row.cells[1];
        let signs = name.chars().count();
        assert_eq!(signs, 3, "{name}");
        short += usize::from(name.contains('\u{3000}'));
        all += 1;
    }
    assert!(short > all / 3, "{short} of {all} names are short; of the list's three in four");
}
