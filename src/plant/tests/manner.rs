//! Manners of writing that a new row must keep, or must not fall for.

use super::*;

/// A list of 40 rows with the phones and dates as given.
fn written(phone: impl Fn(u32) -> String, date: impl Fn(NaiveDate) -> String) -> String {
    let mut text = String::from("产妇姓名,联系电话,分娩日期\n");
    for n in 0..40 {
        let day = today() - chrono::Days::new(u64::from(100 - n / 2));
        text += &format!("{},{},{}\n", NAMES[n as usize % 12], phone(n), date(day));
    }
    text
}

#[test]
fn of_two_phones_in_every_cell_one_is_written() {
    let two = |n: u32| format!("138{n:08}(妈妈) 139{n:08}(爸爸)");
    let (_, plan) = planned(&written(two, |day| day.to_string()), 4, 1).expect("a plan");
    for canary in plan {
        assert_eq!(canary.row.cells[1], format!("{}(妈妈)", canary.number.national()));
    }
}

#[test]
fn phones_with_a_decimal_point_have_it_in_their_share() {
    let decimal = |n: u32| format!("138{n:08}.0");
    let (_, plan) = planned(&written(decimal, |day| day.to_string()), 4, 1).expect("a plan");
    assert!(plan.iter().all(|canary| canary.row.cells[1] == format!("{}.0", canary.number.national())));
    let some = |n: u32| format!("138{n:08}{}", if n.is_multiple_of(4) { "" } else { ".0" });
    let (mut bare, mut all) = (0, 0);
    for seed in 0..20 {
        let (_, plan) = planned(&written(some, |day| day.to_string()), 8, seed).expect("a plan");
        bare += plan.iter().filter(|canary| !canary.row.cells[1].ends_with(".0")).count();
        all += plan.len();
    }
    assert!((all / 8..all / 2).contains(&bare), "{bare} of {all}");
}

#[test]
fn a_tab_behind_every_phone_is_kept() {
    let tabbed = |n: u32| format!("138{n:08}\t");
    let (_, plan) = planned(&written(tabbed, |day| day.to_string()), 4, 1).expect("a plan");
    assert!(plan.iter().all(|canary| canary.row.cells[1] == format!("{}\t", canary.number.national())));
}

#[test]
fn days_stored_as_midnights_stay_midnights() {
    let phone = |n: u32| format!("138{n:08}");
    let (_, plan) = planned(&written(phone, |day| format!("{day} 00:00:00")), 8, 1).expect("a plan");
    for canary in plan {
        assert!(canary.row.cells[2].ends_with(" 00:00:00"), "{}", canary.row.cells[2]);
    }
}

#[test]
fn nobody_has_the_name_of_a_neighbour() {
    let mut text = String::from("产妇姓名,联系电话,分娩日期\n");
    for n in 0..150_u64 {
        let name = format!("{}芳", ["王", "李"][n as usize % 2]);
        text += &format!("{name},138{n:08},{}\n", today() - chrono::Days::new(3 * (150 - n)));
    }
    for seed in 0..4 {
        let (_, plan) = planned(&text, 20, seed).expect("a plan");
        assert!(plan.iter().all(|canary| !["王芳", "李芳"].contains(&canary.row.cells[0].as_str())));
    }
}

#[test]
fn a_row_has_as_many_cells_as_rows_around_usually_have() {
    let widths = |ragged: &dyn Fn(u32) -> &'static str| {
        let mut text = String::from("产妇姓名,联系电话,分娩日期,备注\n");
        for n in 0..60 {
            let day = today() - chrono::Days::new(u64::from(100 - n / 2));
            text += &format!("{},138{n:08},{day}{}\n", NAMES[n as usize % 12], ragged(n));
        }
        let mut widths = std::collections::BTreeMap::<usize, usize>::new();
        for seed in 0..4 {
            let (_, plan) = planned(&text, 8, seed).expect("a plan");
            plan.iter().for_each(|canary| *widths.entry(canary.row.cells.len()).or_default() += 1);
        }
        widths
    };
    assert_eq!(widths(&|_| ",,,").into_keys().collect::<Vec<_>>(), [6]);
    assert_eq!(widths(&|_| "").into_keys().collect::<Vec<_>>(), [3]);
    let mostly = widths(&|n| if n % 7 == 3 { "" } else { ",," });
    assert_eq!(mostly.into_keys().collect::<Vec<_>>(), [5], "a short row is no pattern");
}

#[test]
fn names_are_hidden_as_the_lists_are() {
    for (hide, end) in [(1, ""), (0, "丽")] {
        let mut text = String::from("产妇姓名,联系电话,分娩日期\n");
        for n in 0..80_usize {
            let name: String = NAMES[n % 12].chars().take(hide).collect();
            text += &format!("{name}**{end},138{n:08},{}\n", today() - chrono::Days::new(100 - n as u64 / 2));
        }
        let (_, plan) = planned(&text, 5, 3).expect("a plan");
        for canary in plan {
            let name = &canary.row.cells[0];
            assert!(name.contains("**") && name.chars().count() <= 3, "{name}");
        }
    }
}

#[test]
fn numbers_out_of_order_stay_in_the_range_of_the_lists() {
    let ids: Vec<u64> = (0..300).map(|n| 268_597 + n * 13 + n % 7).collect();
    let mut text = String::from("住院号,产妇姓名,联系电话,分娩日期\n");
    for n in 0..300_usize {
        let id = ids[n * 101 % 300];
        text += &format!("ZY{id},{},138{n:08},{}\n", NAMES[n % 12], today() - chrono::Days::new(200 - n as u64 / 2));
    }
    for seed in 0..4 {
        let (_, plan) = planned(&text, 6, seed).expect("a plan");
        for canary in plan {
            let id: u64 = canary.row.cells[0].strip_prefix("ZY").and_then(|id| id.parse().ok()).expect("an id");
            assert!((ids[0]..=ids[299]).contains(&id) && !ids.contains(&id), "{id}");
        }
    }
}
