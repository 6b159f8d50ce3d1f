//! Taking canaries out again: also from a list that came back changed.

use std::fs;

use crate::lists::{Coding, PHONE, Shape, Spelling};
use crate::world::{Fixed, all, count, text};

fn planted(world: &Fixed, shape: &Shape, canaries: usize) -> serde_json::Value {
    let list = world.write("births.csv", shape.bytes());
    world.json(&["plant", &list, "--to", "szfy", "--count", &canaries.to_string(), "-o", &world.arg("out.csv")])
}

#[test]
fn strip_says_how_many_went_and_what_it_wrote() {
    let world = Fixed::ready(&["szfy"], 40);
    let shape = Shape::default();
    let told = planted(&world, &shape, 4);
    let clean = world.arg("clean.csv");
    let stripped = world.json(&["strip", &world.arg("out.csv"), "-o", &clean]);
    assert_eq!(count(&stripped, "removed"), 4);
    assert_eq!(text(&stripped["output"], "path"), clean);
    assert_eq!(count(&stripped["output"], "rows"), shape.rows as u64);
    assert_eq!(stripped["output"]["sha256"], told["input"]["sha256"], "the copy without canaries is the list");
    world.verified();
}

#[test]
fn a_list_without_canaries_comes_out_as_it_went_in() {
    let world = Fixed::ready(&["szfy"], 40);
    planted(&world, &Shape::default(), 2);
    let other = Shape { seed: 99, coding: Coding::Gb18030, ..Shape::default() }.bytes();
    let list = world.write("other.csv", &other);
    let stripped = world.json(&["strip", &list, "-o", &world.arg("same.csv")]);
    assert_eq!(count(&stripped, "removed"), 0);
    assert!(fs::read(world.at("same.csv")).unwrap() == other);
}

#[test]
fn canaries_are_found_in_a_list_that_was_sorted_anew_and_spelt_otherwise() {
    let world = Fixed::ready(&["szfy"], 40);
    let shape = Shape::default();
    let told = planted(&world, &shape, 4);
    let copy = fs::read_to_string(world.at("out.csv")).unwrap();
    let mut lines: Vec<String> = copy.lines().map(str::to_string).collect();
    lines[1..].reverse();
    for line in &mut lines[1..] {
        let mut cells: Vec<String> = line.split(',').map(str::to_string).collect();
        cells[PHONE] = format!("+86 {}-{}", &cells[PHONE][..3], &cells[PHONE][3..]);
        *line = cells.join(",");
    }
    let came_back = world.write("came-back.csv", lines.join("\r\n"));
    assert_eq!(count(&world.json(&["strip", &came_back, "-o", &world.arg("clean.csv")]), "removed"), 4);
    let clean = fs::read_to_string(world.at("clean.csv")).unwrap();
    assert_eq!(shape.read(clean.as_bytes()).len(), shape.rows);
    for canary in all(&told, "canaries") {
        assert!(!clean.contains(text(&canary["fields"], "record_id")), "{canary} is still there");
    }
}

#[test]
fn a_canary_that_stands_in_one_cell_with_another_number_goes_too() {
    let world = Fixed::ready(&["szfy"], 40);
    let shape = Shape { spelling: Spelling::TwoInSome, ..Shape::default() };
    let told = planted(&world, &shape, 1);
    let number = text(&all(&told, "canaries")[0], "number").strip_prefix("+86").unwrap();
    let copy = fs::read_to_string(world.at("out.csv")).unwrap();
    let joined = world.write("joined.csv", copy.replace(number, &format!("13900001111、{number}")));
    assert_eq!(count(&world.json(&["strip", &joined, "-o", &world.arg("clean.csv")]), "removed"), 1);
}

#[test]
fn nothing_is_overwritten_by_strip() {
    let world = Fixed::ready(&["szfy"], 40);
    planted(&world, &Shape::default(), 1);
    let taken = world.write("taken.csv", "somebody else's");
    world.refused(&["strip", &world.arg("out.csv"), "-o", &taken]).names("taken.csv");
    assert_eq!(fs::read_to_string(&taken).unwrap(), "somebody else's");
    let same = world.arg("out.csv");
    world.refused(&["strip", &same, "-o", &same]).names("out.csv");
}
