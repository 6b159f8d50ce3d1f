//! The pool: which state a number is in, and what is refused.

use serde_json::Value;

use crate::lists::Shape;
use crate::stage::pool;
use crate::world::{Fixed, all, text};

fn states(world: &Fixed) -> Vec<(String, String)> {
    let numbers = world.json(&["number", "list"]);
    let row = |row: &Value| (text(row, "number").to_string(), text(row, "state").to_string());
    numbers.as_array().unwrap().iter().map(row).collect()
}

fn state_of(world: &Fixed, number: &str) -> String {
    let found = states(world).into_iter().find(|(known, _)| known == number);
    found.unwrap_or_else(|| panic!("{number} is not in the pool")).1
}

#[test]
fn a_number_goes_from_quarantine_to_free_to_planted_to_retired() {
    let world = Fixed::ready(&["szfy"], 0);
    for number in pool(40) {
        world.done(&["number", "add", &number, "--quarantine", "30"]);
    }
    let list = world.write("births.csv", Shape::default().bytes());
    assert!(states(&world).iter().all(|(_, state)| state == "quarantined"));
    world.refused(&["plant", &list, "--to", "szfy", "--count", "1", "-o", &world.arg("early.csv")]).names("0");
    world.pass_days(31);
    assert!(states(&world).iter().all(|(_, state)| state == "free"));
    let told = world.json(&["plant", &list, "--to", "szfy", "--count", "1", "-o", &world.arg("out.csv")]);
    let number = text(&all(&told, "canaries")[0], "number");
    assert_eq!(state_of(&world, number), "planted");
    world.done(&["number", "retire", number]);
    assert_eq!(state_of(&world, number), "retired");
    assert_eq!(world.json(&["number", "list", "--state", "free"]).as_array().unwrap().len(), 39);
    world.verified();
}

#[test]
fn a_retired_number_still_names_who_received_it() {
    let world = Fixed::ready(&["szfy"], 40);
    let list = world.write("births.csv", Shape::default().bytes());
    let told = world.json(&["plant", &list, "--to", "szfy", "--count", "1", "-o", &world.arg("out.csv")]);
    let number = text(&all(&told, "canaries")[0], "number");
    world.done(&["number", "retire", number]);
    world.done(&["hit", "add", "--to", number, "--from", "057188880000"]);
    let traced = world.json(&["trace", number]);
    assert_eq!(text(&traced["canary"], "holder"), "szfy");
    assert_eq!(text(&all(&traced, "hits")[0], "holder"), "szfy");
}

#[test]
fn controls_are_never_planted() {
    let world = Fixed::ready(&["szfy"], 30);
    let chosen = world.json(&["number", "control", "--count", "10"]);
    assert_eq!(all(&chosen, "controls").len(), 10);
    let list = world.write("births.csv", Shape::default().bytes());
    let told = world.json(&["plant", &list, "--to", "szfy", "--count", "5", "-o", &world.arg("out.csv")]);
    for canary in all(&told, "canaries") {
        assert!(!all(&chosen, "controls").contains(&canary["number"]), "{canary}");
    }
    world.refused(&["plant", &list, "--to", "szfy", "--count", "16", "-o", &world.arg("more.csv")]).names("15");
    world.refused(&["number", "control", "--count", "16"]).names("15");
}

#[test]
fn a_number_is_taken_once_whatever_its_spelling() {
    let world = Fixed::ready(&[], 0);
    world.done(&["number", "add", "138 0013 8000"]);
    for spelling in ["13800138000", "+86 138-0013-8000", "008613800138000", "138 0013 8000"] {
        world.refused(&["number", "add", spelling]).names("+8613800138000");
    }
    let twice = world.write("twice.csv", "number\n13712345678\n137-1234-5678\n");
    world.refused(&["number", "import", &twice]).names("+8613712345678").names("3");
    let known = world.write("known.csv", "number\n13712345678\n13800138000\n");
    world.refused(&["number", "import", &known]).names("+8613800138000").names("3");
    assert_eq!(states(&world).len(), 1, "a refused import leaves nothing behind");
}

#[test]
fn only_numbers_that_can_be_dialled_are_taken() {
    let world = Fixed::ready(&[], 0);
    for text in ["12345", "1380013800", "+44 1", "hello", "12011112222"] {
        world.refused(&["number", "add", text]);
    }
    let file = world.write("bad.csv", "number,provider\n13712345678,x\n23712345678,x\n");
    world.refused(&["number", "import", &file]).names(&file).names("3");
    assert!(states(&world).is_empty());
    world.done(&["number", "add", "020 7946 0018", "--region", "GB"]);
    assert_eq!(states(&world)[0].0, "+442079460018");
}

#[test]
fn import_files_say_what_they_lack() {
    let world = Fixed::ready(&[], 0);
    let other = world.write("other.csv", "phone,provider\n13712345678,x\n");
    world.refused(&["number", "import", &other]).names("number").names("provider");
    let gap = world.write("gap.csv", "number,provider\n,x\n");
    world.refused(&["number", "import", &gap]).names("number").names("2");
    world.refused(&["number", "import", &world.arg("nowhere.csv")]).names("nowhere.csv");
    world.refused(&["number", "retire", "13800138000"]).names("+8613800138000");
    world.done(&["number", "add", "13800138000"]);
    world.done(&["number", "retire", "13800138000"]);
    world.refused(&["number", "retire", "13800138000"]).names("+8613800138000");
}
