//! Lists that come again: the same list grown by a month, and lists that hold canaries already.

use std::fs;

use serde_json::Value;

use crate::lists::{ADDRESS, RECORD_ID, Shape};
use crate::world::{Fixed, all, count, text};

/// The first `rows` rows of one long list, as an export of that day shows them.
fn export(rows: usize) -> Vec<u8> {
    let whole = Shape { rows: 240, ..Shape::default() }.bytes();
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').take(rows + 1).collect();
    lines.concat()
}

fn plant(world: &Fixed, bytes: &[u8], to: &str, canaries: usize, output: &str) -> Value {
    let list = world.write(&format!("in-{output}"), bytes);
    world.json(&["plant", &list, "--to", to, "--count", &canaries.to_string(), "-o", &world.arg(output)])
}

fn copy(world: &Fixed, name: &str) -> String {
    fs::read_to_string(world.at(name)).unwrap()
}

#[test]
fn next_months_copy_begins_with_last_months_copy() {
    let world = Fixed::ready(&["szfy"], 200);
    let first = plant(&world, &export(100), "szfy", 5, "september.csv");
    world.pass_days(30);
    let second = plant(&world, &export(160), "szfy", 4, "october.csv");
    world.pass_days(30);
    let third = plant(&world, &export(240), "szfy", 3, "november.csv");
    assert!(copy(&world, "october.csv").starts_with(&copy(&world, "september.csv")), "the difference names canaries");
    assert!(copy(&world, "november.csv").starts_with(&copy(&world, "october.csv")), "the difference names canaries");
    assert_eq!([count(&first, "kept"), count(&second, "kept"), count(&third, "kept")], [0, 5, 9]);
    assert_eq!(count(&third["output"], "rows"), 240 + 5 + 4 + 3);
    for canary in all(&second, "canaries") {
        assert!(count(canary, "row") > 105, "{canary} stands among the old rows");
    }
    for (name, rows) in [("october.csv", 160), ("november.csv", 240)] {
        let clean = world.arg(&format!("clean-{name}"));
        world.done(&["strip", &world.arg(name), "-o", &clean]);
        assert!(fs::read(&clean).unwrap() == export(rows), "{name} does not come back");
    }
    world.verified();
}

#[test]
fn a_canary_that_came_again_goes_where_the_later_copy_goes() {
    let world = Fixed::ready(&["szfy", "district"], 200);
    let first = plant(&world, &export(100), "szfy", 2, "september.csv");
    let number = text(&all(&first, "canaries")[0], "number");
    world.done(&["flow", "add", "szfy", "district", "--since", "2026-12-01"]);
    let downstream = || world.json(&["trace", number])["canary"]["downstream"].as_array().unwrap().len();
    assert_eq!(downstream(), 0, "the flow began after the copy");
    world.pass_days(30);
    plant(&world, &export(160), "szfy", 1, "october.csv");
    assert_eq!(downstream(), 1, "the later copy holds it too");
}

#[test]
fn rows_that_left_the_list_take_their_canaries_with_them() {
    let world = Fixed::ready(&["szfy"], 200);
    let first = plant(&world, &export(100), "szfy", 5, "september.csv");
    world.pass_days(30);
    let whole = export(200);
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let later: Vec<u8> = [&lines[..1], &lines[150..]].concat().concat();
    let second = plant(&world, &later, "szfy", 4, "late.csv");
    assert_eq!(count(&second, "kept"), 0);
    for canary in all(&first, "canaries") {
        assert!(!copy(&world, "late.csv").contains(text(&canary["fields"], "record_id")), "{canary} stands alone");
    }
}

#[test]
fn another_holder_gets_canaries_of_its_own() {
    let world = Fixed::ready(&["szfy", "district"], 200);
    plant(&world, &export(100), "szfy", 5, "szfy.csv");
    let other = plant(&world, &export(160), "district", 4, "district.csv");
    assert_eq!((count(&other, "kept"), count(&other, "carried")), (0, 0));
    assert_eq!(count(&other["output"], "rows"), 164);
}

#[test]
fn canaries_that_stand_in_a_list_stay_and_are_received() {
    let world = Fixed::ready(&["szfy", "district", "city"], 200);
    world.done(&["flow", "add", "district", "city"]);
    let first = plant(&world, &export(100), "szfy", 5, "szfy.csv");
    world.pass_days(1);
    let seeded = fs::read(world.at("szfy.csv")).unwrap();
    let second = plant(&world, &seeded, "district", 3, "district.csv");
    assert_eq!((count(&second, "carried"), count(&second, "kept")), (5, 0));
    assert_eq!(count(&second["input"], "rows"), 105);
    let rows = Shape::default().read(&fs::read(world.at("district.csv")).unwrap());
    for canary in all(&first, "canaries").iter().chain(all(&second, "canaries")) {
        let fields = &canary["fields"];
        let standing = rows.iter().filter(|row| row[RECORD_ID] == text(fields, "record_id")).count();
        assert_eq!(standing, 1, "{canary}");
        assert!(rows.iter().any(|row| row[ADDRESS] == text(fields, "address")));
    }
    let traced = world.json(&["trace", text(&all(&first, "canaries")[0], "number")]);
    let canary = &traced["canary"];
    assert_eq!(text(canary, "holder"), "szfy");
    let holders = |key: &str| all(canary, key).iter().map(|one| text(one, "holder").to_string()).collect::<Vec<_>>();
    assert_eq!(holders("received"), ["district"]);
    assert!(holders("downstream").contains(&"city".to_string()), "what district got reaches city: {canary}");
    world.verified();
}

#[test]
fn the_same_list_planted_again_for_the_same_holder_keeps_what_it_had() {
    let world = Fixed::ready(&["szfy"], 200);
    plant(&world, &export(100), "szfy", 5, "one.csv");
    let again = plant(&world, &export(100), "szfy", 1, "two.csv");
    assert_eq!(count(&again, "kept"), 5);
    let before = copy(&world, "one.csv");
    let after = copy(&world, "two.csv");
    let without_serial = |line: &str| line.split_once(',').unwrap().1.to_string();
    let old: Vec<String> = before.lines().map(without_serial).collect();
    let new: Vec<String> = after.lines().map(without_serial).collect();
    assert!(old.iter().all(|line| new.contains(line)));
    assert_eq!(new.len(), old.len() + 1);
}
