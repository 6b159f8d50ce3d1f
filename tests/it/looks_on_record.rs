//! Looks into an open ledger: each is on record before anything is shown, and the report says who looked before anybody called.

use serde_json::Value;

use crate::lists::Shape;
use crate::world::{Fixed, all, text};

/// A ledger with a planting; gives it with the first canary of that.
fn planted() -> (Fixed, Value) {
    let world = Fixed::ready(&["szfy"], 30);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    let done = world.json(&["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("szfy.csv")]);
    let canary = all(&done, "canaries")[0].clone();
    (world, canary)
}

/// Counts the looks on record.
fn looks(world: &Fixed) -> usize {
    let is_look = |body: &Vec<u8>| String::from_utf8_lossy(body).contains("\nkind lookup\n");
    world.entries().iter().filter(|body| is_look(body)).count()
}

/// Has somebody call who knows the mother's name.
fn call(world: &Fixed, canary: &Value) {
    let said = format!("{}女士您好，给宝宝拍满月照吗", text(&canary["fields"], "mother_name"));
    world.done(&["hit", "add", "--to", text(canary, "number"), "--from", "057188880000", "--said", &said]);
}

#[test]
fn every_look_at_an_open_ledger_is_on_record_or_shows_nothing() {
    let (world, canary) = planted();
    let number = text(&canary, "number");
    world.pass_days(9);
    call(&world, &canary);
    let (list, page) = (world.arg("szfy.csv"), world.arg("finding.json"));
    let all: [&[&str]; 7] = [
        &["trace"],
        &["trace", number],
        &["hit", "list"],
        &["number", "list"],
        &["holder", "show", "szfy"],
        &["scan", &list],
        &["report", number, "-o", &page],
    ];
    for look in all {
        let full = world.twin();
        full.ledger()
            .execute_batch("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'x'); END")
            .unwrap();
        let look_there: Vec<String> = look.iter().map(|word| word.replace(&world.arg(""), &full.arg(""))).collect();
        let told = full.run(&look_there.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{look:?}: {}", told.err);
        assert!(!told.err.contains("szfy\n") && !full.at("finding.json").exists(), "{look:?}: {}", told.err);
        let before = looks(&world);
        world.done(look);
        assert!(looks(&world) > before, "{look:?} left no entry");
    }
    world.verified();
    let checked = world.json(&["verify"]);
    assert!(all_asked(&checked).contains(&number.to_string()), "{checked}");
}

fn all_asked(checked: &Value) -> Vec<String> {
    all(checked, "lookups").iter().map(|look| text(look, "asked").to_string()).collect()
}

#[test]
fn what_shows_nothing_and_what_is_refused_leaves_no_entry() {
    let (world, _) = planted();
    let before = world.entries();
    assert_eq!(world.run(&["trace", "13999999999"]).code, Some(1));
    let innocent = world.write("innocent.csv", "姓名,电话\n王芳,13999999999\n");
    assert_eq!(world.run(&["scan", &innocent]).code, Some(1));
    world.refused(&["holder", "show", "nobody"]);
    world.refused(&["trace", "--since", "2026-12-02", "--until", "2026-12-01"]);
    assert_eq!(world.entries(), before);
}

#[test]
fn a_report_tells_who_looked_before_anybody_called_and_not_what_else_was_asked() {
    let (world, canary) = planted();
    let number = text(&canary, "number");
    let report = |world: &Fixed, name: &str| -> Value {
        world.done(&["report", number, "-o", &world.arg(name)]);
        serde_json::from_str(&std::fs::read_to_string(world.at(name)).unwrap()).unwrap()
    };
    let nobody = world.twin();
    call(&nobody, &canary);
    nobody.done(&["trace", number]);
    let after = report(&nobody, "after.json");
    assert_eq!(after["looked_before"], serde_json::json!([]), "who looked when it was too late");
    assert!(text(&after["ladder"][5]["ground"], "en").contains("No look into the ledger"), "{after:#}");
    world.done(&["trace", number]);
    world.done(&["number", "list"]);
    world.pass_days(2);
    call(&world, &canary);
    let before = report(&world, "before.json");
    let what: Vec<&str> = all(&before, "looked_before").iter().map(|look| text(look, "what")).collect();
    assert_eq!(what, ["trace", "numbers"], "{before:#}");
    let ground = &before["ladder"][5]["ground"];
    assert!(text(ground, "en").contains("2 looks into the ledger") && text(ground, "en").contains("uid "), "{ground}");
    assert!(text(ground, "zh").contains("共有记录 2 次"), "{ground}");
}

#[test]
fn a_thousand_looks_leave_a_thousand_entries() {
    let (world, canary) = planted();
    let before = looks(&world);
    for _ in 0..1_000 {
        world.done(&["trace", text(&canary, "number")]);
    }
    assert_eq!(looks(&world) - before, 1_000);
    world.verified();
}
