//! Lists that invite a mistake: numbers without gaps, numbers that look like days.

use super::*;
use crate::list::profile::Direction;

/// A list of consecutive numbers from `first`, two births a day.
fn numbered(heading: &str, first: u32, rows: u32) -> String {
    let mut text = format!("{heading},产妇姓名,联系电话,分娩日期\n");
    for n in 0..rows {
        let day = today() - chrono::Days::new(u64::from(200 - n / 2));
        text += &format!("{},{},138{n:04}{:04},{day}\n", first + n, NAMES[n as usize % 12], n * 7_919 % 10_000);
    }
    text
}

#[test]
fn a_persons_number_is_never_taken_for_a_count_of_rows() {
    for rows in [20, 81] {
        let refused = planned(&numbered("住院号", 20_261_000, rows), 2, 1).expect_err("no number is free");
        assert_eq!(refused, PlantError::Dense { column: "住院号".to_string(), needs: 2, has: 0 });
    }
    let refused = planned(&numbered("编号", 20_261_000, 30), 2, 1).expect_err("no number is free");
    assert!(matches!(refused, PlantError::Dense { .. }), "{refused}");
    for (heading, first) in [("序号", 1), ("序号", 17), ("编号", 1), ("#", 1)] {
        let (profile, _) = planned(&numbered(heading, first, 30), 2, 1).expect("a count of rows may be renumbered");
        assert_eq!(profile.serial, Some(0), "{heading} from {first}");
    }
}

#[test]
fn a_number_that_looks_like_a_day_stands_once() {
    let mut text = String::from("住院号,产妇姓名,联系电话\n");
    for n in 0..28 {
        text += &format!("202610{:02},{},138001380{n:02}\n", 1 + n, NAMES[n % 12]);
    }
    assert!(matches!(planned(&text, 2, 1), Err(PlantError::Dense { .. })));
    let mut text = String::from("住院号,产妇姓名,联系电话\n");
    for n in 0..40_u32 {
        let id = if n == 30 { 5_019 } else { 5_000 + 2 * n };
        text += &format!("{id},{},138001380{n:02}\n", NAMES[n as usize % 12]);
    }
    for seed in 0..20 {
        let (_, plan) = planned(&text, 12, seed).expect("every second number is free");
        let ids: HashSet<&str> = plan.iter().map(|canary| canary.row.cells[0].as_str()).collect();
        assert!(ids.len() == 12 && !ids.contains("5019"), "{ids:?}");
    }
}

#[test]
fn a_count_that_cannot_be_renumbered_is_refused() {
    let mut text = String::from("序号,产妇姓名,联系电话\n");
    for n in 0..30 {
        text += &format!("{},{},138001380{n:02}\n", 7 * n % 30, NAMES[n % 12]);
    }
    let map = ColumnMap::parse("serial = \"序号\"").expect("a map");
    let refused = plan_mapped(&text, &map, 2).expect_err("numbers in no order");
    assert_eq!(refused, PlantError::NoCount { column: "序号".to_string() });
}

#[test]
fn a_count_from_the_last_row_up_is_a_count() {
    let list = |heading: &str, first: usize| {
        let rows = (0..30).map(|n| format!("{},{},138001380{n:02}\n", first - n, NAMES[n % 12]));
        format!("{heading},产妇姓名,联系电话\n{}", rows.collect::<String>())
    };
    let (profile, plan) = planned(&list("序号", 30), 3, 1).expect("a count of rows may be renumbered");
    assert_eq!((profile.serial, profile.serial_goes), (Some(0), Direction::Falling));
    for (at, canary) in plan.iter().enumerate() {
        let place = 30 - (canary.data_row - at as u64 - 1);
        assert_eq!(canary.row.cells[0], place.to_string(), "the number of the row at its place");
    }
    let refused = planned(&list("住院号", 20_261_030), 2, 1).expect_err("a person's numbers are no count");
    assert_eq!(refused, PlantError::CountsDown { column: "住院号".to_string(), needs: 2, has: 0 });
}

fn plan_mapped(text: &str, map: &ColumnMap, count: usize) -> Result<Vec<Planned>, PlantError> {
    let layout = recognise(&head(text), map).unwrap_or_else(|error| panic!("{error}"));
    let ask = Ask { places: count, watch: &|_| false, today: today(), bytes: None };
    let mut learner = Learner::new(layout, ask, ChaCha20Rng::seed_from_u64(5));
    Rows::new(text).iter().for_each(|row| learner.see(&row));
    let wish = Wish { numbers: &pool(9), count, spare: 0, today: today(), encodable: &|_| true, taken: &|_| false };
    plan(&learner.finish(), &wish, &mut ChaCha20Rng::seed_from_u64(1))
}

#[test]
fn a_refusal_names_what_most_places_lack() {
    // Twice as many rows as mothers: every other place is between a mother's twins, however roomy the hospital numbers are.
    let twins: String = upload(60, 9, 1)
        .lines()
        .enumerate()
        .map(|(at, line)| {
            let mut cells: Vec<String> = line.split(',').map(str::to_string).collect();
            if at > 0 {
                cells[9] = format!("138{:08}", (at - 1) / 4 * 7_919 + 1_000_000);
            }
            cells.join(",") + "\n"
        })
        .collect();
    let refused = planned(&twins, 30, 1).expect_err("between twins nobody belongs");
    assert!(matches!(refused, PlantError::Twins { needs: 30, has: 1..=14 }), "{refused}");
    let refused = planned(&upload(6, 9, 1), 7, 1).expect_err("five places");
    assert!(matches!(refused, PlantError::TooFewPlaces { needs: 7, .. }), "{refused}");
}
