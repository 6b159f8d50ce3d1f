//! How many canaries, where, for which chance: the calculator, the plan of a ledger, and what its commands do.

use serde_json::{Value, json};

use crate::lists::{Shape, Spelling};
use crate::world::{Fixed, all, count, text};

/// Two hospitals that pass their rows on to an agency, with twelve and three canaries.
fn planted() -> Fixed {
    let world = Fixed::ready(&["szfy", "renmin", "agency"], 120);
    world.done(&["flow", "add", "szfy", "agency"]);
    world.done(&["flow", "add", "renmin", "agency"]);
    let list = world.write("births.csv", Shape { rows: 230 - 3, ..Shape::default() }.bytes());
    world.done(&["plant", &list, "--to", "renmin", "--count", "3", "-o", &world.arg("renmin.csv")]);
    let other = world.write("other.csv", Shape { rows: 400, ..Shape::default() }.bytes());
    world.done(&["plant", &other, "--to", "szfy", "--count", "12", "-o", &world.arg("szfy.csv")]);
    world
}

fn of<'p>(plan: &'p Value, holder: &str) -> &'p Value {
    all(plan, "holders").iter().find(|one| one["holder"] == holder).unwrap_or_else(|| panic!("no {holder} in {plan}"))
}

fn share(value: &Value, key: &str) -> f64 {
    let share = value[key].as_f64().unwrap_or_else(|| panic!("`{key}` is no number in {value}"));
    assert!((0.0..=1.0).contains(&share), "`{key}` is no chance in {value}");
    share
}

fn added(plan: &Value) -> u64 {
    all(plan, "allocation").iter().map(|give| count(give, "add")).sum()
}

#[test]
fn the_calculator_needs_no_ledger_and_gives_the_published_figures() {
    let world = Fixed::bare();
    for (canaries, chance, shown) in [("3", 0.06408, "6.4 %"), ("10", 0.20089, "20 %"), ("0", 0.0, "0 %")] {
        let args = ["plan", "--rows", "230", "--canaries", canaries, "--calls", "5"];
        assert!((share(&world.json(&args), "chance") - chance).abs() < 1e-5, "{canaries}");
        assert!(world.done(&args).starts_with(shown));
    }
    let all_rows = world.json(&["plan", "--rows", "230", "--canaries", "1", "--calls", "230"]);
    assert_eq!(all_rows["chance"], json!(1.0));
    assert_eq!(world.files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn figures_that_cannot_be_are_refused() {
    let world = Fixed::bare();
    let calculate = |rows, canaries, calls| ["plan", "--rows", rows, "--canaries", canaries, "--calls", calls];
    world.refused(&calculate("0", "0", "0")).names("0");
    world.refused(&calculate("230", "231", "5")).names("231").names("230");
    world.refused(&calculate("230", "3", "500")).names("500").names("230");
    for bad in [&calculate("-1", "3", "5")[..], &calculate("1.5", "1", "1"), &["plan", "--rows", "230"]] {
        assert_eq!(world.run(bad).code, Some(2), "{bad:?}");
    }
    for bad in [["--chance", "1"], ["--chance", "0"], ["--numbers", "0"], ["--told", "1.1"], ["--with-flow", "a"]] {
        assert_eq!(world.run(&["plan", bad[0], bad[1]]).code, Some(2), "{bad:?}");
    }
}

#[test]
fn without_holders_there_is_nothing_to_plan() {
    let world = Fixed::bare();
    world.refused(&["plan"]).names("canaries.db");
    world.done(&["init"]);
    world.refused(&["plan"]).says("no holder");
    world.refused(&["plan", "--numbers", "5"]).says("holder add");
    let tried = world.json(&["plan", "--with-holder", "szfy", "--numbers", "5"]);
    assert_eq!(added(&tried) + count(&tried, "controls"), 5);
    assert_eq!(count(&tried["pool"], "to_buy"), 5);
}

#[test]
fn the_plan_of_a_ledger_counts_what_is_in_each_copy() {
    let world = planted();
    let before = world.entries();
    let plan = world.json(&["plan"]);
    assert_eq!(plan["allocation"], json!([]));
    let (renmin, agency) = (of(&plan, "renmin"), of(&plan, "agency"));
    assert_eq!((count(renmin, "canaries"), count(renmin, "rows")), (3, 230));
    assert_eq!((count(agency, "canaries"), agency["in_copy"].as_f64()), (0, Some(15.0)));
    assert_eq!(count(agency, "rows"), 230 + 412);
    // Three canaries in 230 rows and five calls.
    assert!((share(&renmin["noticed"], "sample") - 0.06408).abs() < 1e-5);
    assert_eq!(share(renmin, "chance_noticed"), 1.0);
    for one in all(&plan, "holders") {
        share(one, "chance_named");
        share(one, "chance_told");
        assert!(one["told_after_days"].as_f64().unwrap() > 0.0);
        assert!(all(one, "confused_with").iter().all(Value::is_string));
    }
    let confused: Vec<&str> = all(renmin, "confused_with").iter().filter_map(Value::as_str).collect();
    assert_eq!(confused, ["agency"], "every canary of the hospital is also in the agency's copy");
    assert_eq!(world.twin().json(&["plan"]), world.json(&["plan"]), "one ledger gives one plan at one time");
    assert_eq!(world.entries(), before);
    let shown = world.done(&["plan"]);
    for word in ["renmin", "6.4 %", "--told", "no promises", "reuse"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let zh = world.done(&["--lang", "zh", "plan", "--numbers", "9"]);
    assert!(zh.contains("并非承诺") && zh.contains("指认"), "{zh}");
}

#[test]
fn more_numbers_name_more_and_the_commands_can_be_pasted() {
    let world = planted();
    let now = world.json(&["plan"]);
    let plan = world.json(&["plan", "--numbers", "40"]);
    assert_eq!(added(&plan) + count(&plan, "controls"), 40);
    assert_eq!(count(&plan, "controls"), 4);
    let curve = all(&plan, "curve");
    let (first, last) = (share(&curve[0], "chance"), share(&curve[curve.len() - 1], "chance"));
    assert!(curve.len() > 4 && last > first + 0.1, "{first} {last}");
    let given = all(&plan, "allocation").iter().find(|give| give["holder"] == "agency").expect("it has none so far");
    assert!(count(given, "add") >= 1, "{given}");
    world.write("agency.csv", Shape::default().bytes());
    let commands: Vec<&str> = all(&plan, "commands").iter().filter_map(Value::as_str).collect();
    assert!(commands[0].starts_with("canaries number control --count 4"), "{commands:?}");
    for command in commands {
        // Tests share one working folder: paths are made full.
        let words: Vec<String> = command.split(' ').skip(1).map(str::to_string).collect();
        let is_file = |word: &String| word.ends_with(".csv") && !word.starts_with('/');
        let words: Vec<String> =
            words.into_iter().map(|word| if is_file(&word) { world.arg(&word) } else { word }).collect();
        world.done(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    world.verified();
    let then = world.json(&["plan"]);
    for one in all(&now, "holders") {
        let holder = text(one, "holder");
        let give = all(&plan, "allocation").iter().find(|give| give["holder"] == holder);
        let more = give.map_or(0, |give| count(give, "add"));
        assert_eq!(count(of(&then, holder), "canaries"), count(one, "canaries") + more, "{holder}");
    }
    let mean = |plan: &Value| all(plan, "holders").iter().map(|one| share(one, "chance_named")).sum::<f64>() / 3.0;
    assert!(mean(&then) > mean(&now) + 0.1, "{} {}", mean(&then), mean(&now));
    assert!((mean(&then) - share(&plan, "chance")).abs() < 0.1, "{} came true", mean(&then));
    let shown = world.done(&["plan", "--numbers", "40"]);
    assert!(shown.contains("█") && shown.contains("canaries plant ") && shown.contains("1 − 1/e"), "{shown}");
}

#[test]
fn the_fewest_numbers_for_a_chance_reach_it_and_months_and_cost_are_told() {
    let world = planted();
    let plan = world.json(&["plan", "--chance", "0.9", "--cost", "15"]);
    assert!(share(&plan, "chance") >= 0.9);
    let needed = added(&plan) + count(&plan, "controls");
    let fewer = world.json(&["plan", "--numbers", &(needed / 2).to_string()]);
    assert!(share(&fewer, "chance") < 0.9);
    assert_eq!(plan["yearly_cost"]["pool"], json!(120.0 * 15.0 * 12.0));
    let months = world.json(&["plan", "--numbers", "62", "--months", "12"]);
    let by_month = |month: usize| {
        let of = |give: &Value| all(give, "by_month")[month].as_u64().unwrap();
        all(&months, "allocation").iter().map(of).sum::<u64>()
    };
    let each: Vec<u64> = (0..12).map(by_month).collect();
    assert_eq!(each.iter().sum::<u64>() + count(&months, "controls"), 62);
    assert!(each.iter().all(|numbers| (4..=5).contains(numbers)), "{each:?}");
    let too_many = world.json(&["plan", "--numbers", "500"]);
    assert_eq!(count(&too_many["pool"], "to_buy"), 500 - 105);
    assert!(world.run(&["plan", "--numbers", "500"]).err.contains("395 more must be bought"));
}

#[test]
fn what_if_changes_the_plan_and_not_the_ledger() {
    let world = planted();
    world.done(&["plant", &world.arg("other.csv"), "--to", "agency", "--count", "8", "-o", &world.arg("agency.csv")]);
    let (before, now) = (world.entries(), world.json(&["plan"]));
    let named = |plan: &Value, holder: &str| share(of(plan, holder), "chance_named");
    let agency = world.json(&["plan", "--with-holder", "lab", "--with-flow", "szfy:lab:0.5"]);
    assert_eq!(of(&agency, "lab")["in_copy"].as_f64(), Some(6.0));
    assert_eq!(of(&agency, "lab")["chance_named_before"], Value::Null);
    assert_eq!(share(of(&agency, "szfy"), "chance_named_before"), named(&now, "szfy"));
    let merged = world.json(&["plan", "--with-flow", "agency:renmin"]);
    assert!(named(&merged, "agency") < named(&now, "agency"), "two copies are nearly alike then");
    let retired = world.json(&["plan", "--retired", "3"]);
    assert_eq!((count(of(&retired, "renmin"), "canaries"), named(&retired, "renmin")), (0, 0.0));
    assert!(share(&of(&retired, "renmin")["noticed"], "seized") > 0.99, "they stand in the list for ever");
    let loud = world.json(&["plan", "--background", "100"]);
    let sum = |plan: &Value| ["szfy", "renmin", "agency"].iter().map(|holder| named(plan, holder)).sum::<f64>();
    assert!(sum(&loud) < sum(&now), "{} {}", sum(&loud), sum(&now));
    let rate = |plan: &Value| plan["chance_calls_a_day"].as_f64().unwrap();
    // A minute of quiet controls goes by between the two.
    assert!((80.0..=100.0).contains(&(rate(&loud) / rate(&now))), "{} {}", rate(&loud), rate(&now));
    world.refused(&["plan", "--retired", "24"]).names("24").names("23");
    world.refused(&["plan", "--with-holder", "szfy"]).names("szfy");
    world.refused(&["plan", "--with-flow", "szfy:nobody"]).names("nobody");
    assert!(world.done(&["plan", "--retired", "3"]).contains("named before"));
    assert_eq!(world.entries(), before);
}

#[test]
fn a_retired_number_rings_no_more_and_a_second_number_is_no_second_row() {
    let world = Fixed::ready(&["szfy"], 200);
    let shape = Shape { rows: 300, spelling: Spelling::TwoInSome, ..Shape::default() };
    let list = world.write("births.csv", shape.bytes());
    let planted = world.json(&["plant", &list, "--to", "szfy", "--count", "20", "-o", &world.arg("out.csv")]);
    let seconds = "SELECT count(*) FROM canary WHERE record ->> '$.beside' IS NOT NULL";
    let seconds: i64 = world.ledger().query_row(seconds, [], |row| row.get(0)).unwrap();
    assert!(seconds > 0, "no canary has a second number");
    assert_eq!(count(of(&world.json(&["plan"]), "szfy"), "canaries"), 20);
    let first = text(&all(&planted, "canaries")[0], "number");
    world.done(&["number", "retire", first]);
    assert_eq!(count(of(&world.json(&["plan"]), "szfy"), "canaries"), 19);
}
