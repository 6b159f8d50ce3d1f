//! Births, times and discharges that must fit each other and the order they stand in.

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn a_discharge_follows_its_birth_by_a_stay_of_the_list() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let mut text = String::from("产妇姓名,联系电话,分娩日期,出院日期\n");
    let mut born = today() - chrono::Days::new(200);
    for n in 0..30 {
        born = born + chrono::Days::new(rng.random_range(1..14));
        text += &format!("{},{},{born},{}\n", NAMES[n % 12], mobile(&mut rng), born + chrono::Days::new(3));
    }
    for seed in 0..6 {
        for canary in check(&text, 4, seed) {
            let cells = &canary.row.cells;
            assert_eq!((day(&cells[3]) - day(&cells[2])).num_days(), 3, "{cells:?}");
            assert_eq!(canary.persona.discharge, day(&cells[3]));
        }
    }
}

#[test]
fn stays_win_over_an_order_of_discharges() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let mut text = String::from("产妇姓名,联系电话,分娩日期,出院日期\n");
    for n in 0..60_u64 {
        let born = today() - chrono::Days::new(200 - n / 3);
        let stay = [3, 3, 4][n as usize % 3];
        text += &format!("{},{},{born},{}\n", NAMES[n as usize % 12], mobile(&mut rng), born + chrono::Days::new(stay));
    }
    let (_, plan) = planned(&text, 10, 1).expect("a plan");
    for canary in plan {
        let stay = (day(&canary.row.cells[3]) - day(&canary.row.cells[2])).num_days();
        assert!((3..=4).contains(&stay), "{stay}");
    }
}

#[test]
fn times_of_one_day_stay_in_order() {
    for newest_first in [false, true] {
        let mut rng = ChaCha20Rng::seed_from_u64(9);
        let mut rows = Vec::new();
        for n in 0..60_u32 {
            let date = today() - chrono::Days::new(u64::from(100 - n / 6));
            rows.push(format!(
                "{},{},{date},{:02}:{:02}",
                NAMES[n as usize % 12],
                mobile(&mut rng),
                4 * (n % 6),
                n % 60
            ));
        }
        if newest_first {
            rows.reverse();
        }
        let text = format!("产妇姓名,联系电话,分娩日期,分娩时间\n{}\n", rows.join("\n"));
        let key = |cells: &[&str]| format!("{} {}", cells[2], cells[3]);
        for seed in 0..4 {
            for canary in check(&text, 8, seed) {
                let at = usize::try_from(canary.row.before).expect("small");
                let line = |at: usize| key(&text.lines().nth(at).expect("a row").split(',').collect::<Vec<_>>());
                let own = key(&canary.row.cells.iter().map(String::as_str).collect::<Vec<_>>());
                let (above, below) = if newest_first { (line(at), line(at - 1)) } else { (line(at - 1), line(at)) };
                assert!(above <= own && own <= below, "{above}, {own}, {below}");
            }
        }
    }
}

#[test]
fn gestations_and_weights_are_those_of_the_list() {
    let mut rng = ChaCha20Rng::seed_from_u64(10);
    let mut text = String::from("产妇姓名,联系电话,分娩日期,孕周,体重\n");
    for n in 0..60_u64 {
        let date = today() - chrono::Days::new(100 - n);
        let weight = format!("{}斤{}两", rng.random_range(6..8), rng.random_range(0..10));
        text += &format!("{},{},{date},{}+{},{weight}\n", NAMES[n as usize % 12], mobile(&mut rng), 39 + n % 2, n % 7);
    }
    for canary in check(&text, 15, 1) {
        let weeks = &canary.row.cells[3];
        assert!(weeks.starts_with("39") || weeks.starts_with("40"), "{weeks}");
        let jin = canary.row.cells[4].split('斤').next().and_then(|jin| jin.parse::<u32>().ok());
        assert!(jin.is_some_and(|jin| (4..=10).contains(&jin)), "{}", canary.row.cells[4]);
    }
}
