//! One call, several recipients: each gets a copy of its own, and all of them or none are made.

use std::collections::HashSet;
use std::fs;

use serde_json::Value;

use crate::lists::Shape;
use crate::world::{Fixed, all, count, text};

const CLERKS: [&str; 3] = ["clerk-a", "clerk-b", "clerk-c"];

fn plant<'w>(list: &'w str, output: &'w str) -> Vec<&'w str> {
    let to = CLERKS.iter().flat_map(|id| ["--to", id]);
    ["plant", list].into_iter().chain(to).chain(["--count", "4", "-o", output]).collect()
}

#[test]
fn each_clerk_gets_other_people_and_other_numbers_in_other_places() {
    let world = Fixed::ready(&CLERKS, 200);
    let list = world.write("daily.csv", Shape::default().bytes());
    let output = world.arg("out-{holder}.csv");
    let told = world.json(&plant(&list, &output));
    let copies = told.as_array().unwrap();
    assert_eq!(copies.len(), 3);
    let mut numbers = HashSet::new();
    let mut people = HashSet::new();
    for (copy, clerk) in copies.iter().zip(CLERKS) {
        assert_eq!(text(copy, "holder"), clerk);
        assert_eq!(text(&copy["output"], "path"), world.arg(&format!("out-{clerk}.csv")));
        for canary in all(copy, "canaries") {
            assert!(numbers.insert(text(canary, "number").to_string()), "{canary} is in two copies");
            let (name, born) = (text(&canary["fields"], "mother_name"), text(&canary["fields"], "birth_date"));
            assert!(people.insert((name.to_string(), born.to_string())), "{canary} is in two copies");
        }
        let bytes = fs::read(world.at(&format!("out-{clerk}.csv"))).unwrap();
        assert_eq!(Shape::default().read(&bytes).len() as u64, count(&copy["output"], "rows"));
    }
    assert_eq!(numbers.len(), 12);
    let rows = |copy: &Value| all(copy, "canaries").iter().map(|canary| count(canary, "row")).collect::<Vec<_>>();
    assert!(rows(&copies[0]) != rows(&copies[1]) || rows(&copies[1]) != rows(&copies[2]));
    for clerk in CLERKS {
        let (copy, clean) = (world.arg(&format!("out-{clerk}.csv")), world.arg(&format!("clean-{clerk}.csv")));
        world.done(&["strip", &copy, "-o", &clean]);
        assert!(fs::read(clean).unwrap() == Shape::default().bytes());
    }
    world.verified();
}

#[test]
fn copies_may_go_into_different_folders() {
    let world = Fixed::ready(&CLERKS, 200);
    let list = world.write("daily.csv", Shape::default().bytes());
    for clerk in CLERKS {
        fs::create_dir(world.at(clerk)).unwrap();
    }
    let output = world.arg("{holder}/daily.csv");
    world.done(&plant(&list, &output));
    assert!(CLERKS.iter().all(|clerk| world.at(&format!("{clerk}/daily.csv")).is_file()));
}

#[test]
fn one_bad_output_means_no_copy_at_all() {
    let world = Fixed::ready(&CLERKS, 200);
    let list = world.write("daily.csv", Shape::default().bytes());
    world.write("out-clerk-b.csv", "already here");
    let output = world.arg("out-{holder}.csv");
    world.refused(&plant(&list, &output)).names("out-clerk-b.csv");
    assert!(!world.at("out-clerk-a.csv").exists() && !world.at("out-clerk-c.csv").exists());
    assert_eq!(fs::read_to_string(world.at("out-clerk-b.csv")).unwrap(), "already here");
    let shared = world.arg("out.csv");
    world.refused(&plant(&list, &shared)).names("out.csv").names("{holder}");
    let twice = ["plant", &list, "--to", "clerk-a", "--to", "clerk-a", "--count", "1", "-o", &output];
    world.refused(&twice).names("clerk-a");
    let unknown = ["plant", &list, "--to", "clerk-a", "--to", "clerk-z", "--count", "1", "-o", &output];
    world.refused(&unknown).names("clerk-z");
    assert!(!world.at("out-clerk-a.csv").exists());
}

#[test]
fn the_numbers_must_be_enough_for_all() {
    let world = Fixed::ready(&CLERKS, 11);
    let list = world.write("daily.csv", Shape::default().bytes());
    let output = world.arg("out-{holder}.csv");
    world.refused(&plant(&list, &output)).names("12").names("11");
    assert_eq!(world.json(&["number", "list", "--state", "free"]).as_array().unwrap().len(), 11);
}

#[test]
fn a_single_recipient_may_be_in_the_name_too() {
    let world = Fixed::ready(&["szfy"], 40);
    let list = world.write("births.csv", Shape::default().bytes());
    let told =
        world.json(&["plant", &list, "--to", "szfy", "--density", "0.025", "-o", &world.arg("{holder}-{holder}.csv")]);
    assert_eq!(all(&told, "canaries").len(), 3, "a density of 0.025 in 120 rows");
    assert!(world.at("szfy-szfy.csv").is_file());
}
