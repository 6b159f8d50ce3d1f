//! New rows among the rows around them: with whom they share a day, an absence, a depot.

use std::collections::HashMap;

use super::*;

fn births(days: impl Iterator<Item = u64>) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(21);
    let mut text = String::from("产妇姓名,联系电话,分娩日期\n");
    let day = |nth: u64| today() - chrono::Days::new(400) + chrono::Days::new(nth);
    days.zip(NAMES.iter().cycle()).for_each(|(nth, name)| {
        text += &format!("{name},{},{}\n", mobile(&mut rng), day(nth));
    });
    text
}

#[test]
fn new_rows_share_their_day_with_as_many_as_real_rows_do() {
    let text = births((0..300).flat_map(|day| (0..1 + day * 7 % 6).map(move |_| day)));
    let mut counts: HashMap<String, u32> = HashMap::new();
    text.lines().skip(1).for_each(|row| *counts.entry(row[row.len() - 10..].to_string()).or_default() += 1);
    let rows = f64::from(counts.values().sum::<u32>());
    let real = counts.values().map(|count| f64::from(count * (count - 1))).sum::<f64>() / rows;
    let (_, plan) = planned(&text, 60, 1).expect("a plan");
    let new = plan.iter().map(|row| f64::from(counts.get(&row.row.cells[2]).copied().unwrap_or(0))).sum::<f64>() / 60.0;
    assert!((new - real).abs() < 0.6, "{new} others, real rows have {real}");
}

#[test]
fn births_in_weak_order_stay_near_their_neighbours() {
    let mut rng = ChaCha20Rng::seed_from_u64(22);
    let text = births((0..600).map(|row| row / 3 + rng.random_range(0..9)));
    let rows: Vec<NaiveDate> = text.lines().skip(1).map(|row| row[row.len() - 10..].parse().expect("a day")).collect();
    let (_, plan) = planned(&text, 40, 1).expect("a plan");
    for canary in plan {
        let beside = rows[usize::try_from(canary.row.before).expect("small") - 1];
        let own: NaiveDate = canary.row.cells[2].parse().expect("a day");
        assert!((own - beside).num_days().abs() <= 10, "{own} beside {beside}");
    }
}

#[test]
fn a_counter_is_left_empty_as_often_as_rows_leave_it_empty() {
    let mut rng = ChaCha20Rng::seed_from_u64(23);
    let mut text = String::from("住院号,产妇姓名,联系电话\n");
    for n in 0..600_u32 {
        let id = if n % 4 == 1 { String::new() } else { format!("ZY{}", 260_000 + n * 5 + n % 3) };
        text += &format!("{id},{},{}\n", NAMES[n as usize % 12], mobile(&mut rng));
    }
    let (_, plan) = planned(&text, 40, 1).expect("a plan");
    let empty = plan.iter().filter(|canary| canary.row.cells[0].is_empty()).count();
    assert!((3..20).contains(&empty), "{empty} of 40 are empty, of the rows a quarter");
}

#[test]
fn what_goes_with_a_depot_goes_with_the_depot_of_the_new_row() {
    let mut rng = ChaCha20Rng::seed_from_u64(24);
    let mut text = String::from("运单号,收件人,收件电话,网点\n");
    let mut last = [88_120_034, 51_200_711];
    for n in 0..400 {
        let depot = usize::from(rng.random_bool(0.4));
        last[depot] += rng.random_range(2..40);
        let (lead, name) = [("DEN", "北站"), ("AUR", "南湖")][depot];
        text += &format!("{lead}{}US,{},{},{name}\n", last[depot], NAMES[n % 12], mobile(&mut rng));
    }
    let (_, plan) = planned(&text, 30, 1).expect("a plan");
    for canary in plan {
        let cells = &canary.row.cells;
        assert_eq!(cells[0].starts_with("DEN"), cells[3] == "北站", "{cells:?}");
    }
}
