//! Canaries without a list: made to be keyed into a system, and traced like any other.

use std::collections::HashSet;
use std::fs;

use serde_json::Value;

use crate::lists::{Shape, digits};
use crate::world::{Fixed, all, count, text};

#[test]
fn minted_people_are_on_record_before_they_are_handed_out() {
    let world = Fixed::ready(&["szfy"], 60);
    let output = world.arg("minted.csv");
    let told = world.json(&["mint", "--to", "szfy", "--count", "4", "-o", &output]);
    assert!(told["input"].is_null());
    assert_eq!(count(&told["output"], "rows"), 4);
    let file = fs::read_to_string(&output).unwrap();
    for canary in all(&told, "canaries") {
        let line = file.lines().nth(count(canary, "row") as usize).unwrap();
        assert!(digits(line).contains(&text(canary, "number")[3..]), "{canary} is not in {line}");
        assert!(line.contains(text(&canary["fields"], "mother_name")));
        let traced = world.json(&["trace", text(canary, "number")]);
        assert_eq!((text(&traced["canary"], "holder"), &traced["canary"]["planting"]), ("szfy", &told["planting"]));
    }
    world.refused(&["mint", "--to", "szfy", "--count", "1", "-o", &output]).names("minted.csv");
    world.verified();
}

#[test]
fn standard_output_gets_the_rows_and_nothing_else() {
    let world = Fixed::ready(&["szfy"], 60);
    let told = world.run(&["mint", "--to", "szfy", "--count", "3"]);
    assert_eq!((told.code, told.out.lines().count()), (Some(0), 4), "a heading and three people: {}", told.out);
    let planted = world.json(&["number", "list", "--state", "planted"]);
    assert_eq!(planted.as_array().unwrap().len(), 3);
    for number in planted.as_array().unwrap() {
        assert!(digits(&told.out).contains(&text(number, "number")[3..]), "{number} was not handed out");
    }
    world.verified();
}

#[test]
fn people_like_those_of_a_list_have_its_columns() {
    let world = Fixed::ready(&["szfy"], 100);
    let list = world.write("births.csv", Shape::default().bytes());
    let told = world.run(&["mint", "--to", "szfy", "--count", "3", "--like", &list]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    let heading = String::from_utf8(Shape::default().bytes()).unwrap().lines().next().unwrap().to_string();
    assert!(told.out.trim_start_matches('\u{feff}').starts_with(&heading), "{}", told.out);
    world.verified();
}

#[test]
fn every_format_holds_every_number() {
    let world = Fixed::ready(&["szfy"], 100);
    for format in ["csv", "sql", "fhir"] {
        let told = world.run(&["mint", "--to", "szfy", "--count", "2", "--format", format]);
        assert_eq!(told.code, Some(0), "{}", told.err);
        if format == "fhir" {
            let bundle: Value = serde_json::from_str(&told.out).unwrap();
            assert_eq!(text(&bundle, "resourceType"), "Bundle");
        }
        let planted = world.json(&["number", "list", "--state", "planted"]);
        let handed_out = planted
            .as_array()
            .unwrap()
            .iter()
            .filter(|number| digits(&told.out).contains(&text(number, "number")[3..]));
        assert_eq!(handed_out.count(), 2, "{format}: {}", told.out);
    }
    world.done(&["mint", "--to", "szfy", "--count", "2", "--format", "xlsx", "-o", &world.arg("minted.xlsx")]);
    assert!(fs::read(world.at("minted.xlsx")).unwrap().starts_with(b"PK"));
    world.refused(&["mint", "--to", "szfy", "--count", "2", "--format", "xlsx"]).says("-o");
}

#[test]
fn minting_is_refused_like_planting() {
    let world = Fixed::ready(&["szfy"], 3);
    world.refused(&["mint", "--to", "nobody", "--count", "1"]).names("nobody");
    world.refused(&["mint", "--to", "szfy", "--count", "4"]).names("4").names("3");
    world.refused(&["mint", "--to", "szfy", "--count", "1", "-o", &world.arg("missing/x.csv")]).names("missing");
    let empty = world.write("empty.csv", "");
    world.refused(&["mint", "--to", "szfy", "--count", "1", "--like", &empty]).names("empty.csv");
}

#[test]
fn many_people_are_all_different_and_stand_in_the_order_of_the_ledger() {
    let world = Fixed::ready(&["szfy"], 1300);
    let told = world.json(&["mint", "--to", "szfy", "--count", "1100", "-o", &world.arg("minted.csv")]);
    let canaries = all(&told, "canaries");
    let file = fs::read_to_string(world.at("minted.csv")).unwrap();
    assert_eq!((canaries.len(), file.lines().count()), (1100, 1101));
    for (line, canary) in file.lines().skip(1).zip(canaries) {
        assert!(line.contains(&text(canary, "number")[3..]), "{canary} is not in {line}");
    }
    let people: HashSet<&str> = file.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert!(people.len() > 900, "only {} names", people.len());
    world.verified();
}

#[test]
fn people_like_those_of_a_list_continue_it() {
    let world = Fixed::ready(&["szfy"], 100);
    let list = world.write("births.csv", Shape::default().bytes());
    let told = world.json(&["mint", "--to", "szfy", "--count", "30", "--like", &list, "-o", &world.arg("new.csv")]);
    let born: Vec<&str> = all(&told, "canaries").iter().map(|canary| text(&canary["fields"], "birth_date")).collect();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    for day in born {
        let day: chrono::NaiveDate = day[..10].parse().unwrap();
        assert!((1..=21).contains(&(today - day).num_days()), "{day} is not of late");
    }
    assert!(
        all(&told, "canaries").iter().all(|canary| canary["fields"]["record_id"].is_null()),
        "the system gives those"
    );
    world.verified();
}
