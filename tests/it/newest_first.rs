//! Lists with the newest rows first, and columns that a list counts or works out by itself.

use std::collections::BTreeSet;
use std::fs;

use chrono::{Days, NaiveDate};
use serde_json::Value;

use crate::lists::{BIRTH, RECORD_ID, SERIAL, Shape};
use crate::plant_a_workbook::{libreoffice, loaded, parts, python, rows, sheet};
use crate::world::{Fixed, all, count, text};

const HEAD: &str = "序号,住院号,产妇姓名,年龄,分娩日期,孕周,性别,联系电话,家庭住址,出生体重";
const CANARIES: usize = 6;

/// The rows of a list, the newest on top: serial numbers, record ids and dates fall.
fn people(rows: usize) -> Vec<Vec<String>> {
    let mut people = Shape { rows, ..Shape::default() }.people();
    people.reverse();
    people
}

fn list(people: &[Vec<String>]) -> String {
    let rows: String = people.iter().map(|row| row.join(",") + "\r\n").collect();
    format!("{HEAD}\r\n{rows}合计,{},,,,,,,,\r\n", people.len())
}

fn plant(world: &Fixed, input: &str, canaries: usize, out: &str) -> Value {
    world.json(&["plant", input, "--to", "szfy", "--count", &canaries.to_string(), "-o", out])
}

/// Numbers count down to 1, record ids and dates fall, no id stands twice, and what was told stands in its row.
fn is_in_order(rows: &[Vec<String>], told: &Value) {
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row[SERIAL], (rows.len() - at).to_string(), "{row:?}");
    }
    for pair in rows.windows(2) {
        assert!(pair[0][RECORD_ID] > pair[1][RECORD_ID] && pair[0][BIRTH] >= pair[1][BIRTH], "{pair:?}");
    }
    let ids: BTreeSet<&String> = rows.iter().map(|row| &row[RECORD_ID]).collect();
    assert_eq!(ids.len(), rows.len());
    for canary in all(told, "canaries") {
        let (row, fields) = (&rows[count(canary, "row") as usize - 1], &canary["fields"]);
        assert_eq!((text(fields, "serial"), text(fields, "record_id")), (&*row[SERIAL], &*row[RECORD_ID]), "{canary}");
    }
}

#[test]
fn a_list_that_counts_down_is_numbered_through_and_comes_back() {
    let world = Fixed::ready(&["szfy"], 400);
    let before = list(&people(80));
    let (input, out, clean) = (world.write("births.csv", &before), world.arg("out.csv"), world.arg("clean.csv"));
    let told = plant(&world, &input, CANARIES, &out);
    let copy = fs::read_to_string(&out).unwrap();
    let rows = copy.lines().skip(1).take(80 + CANARIES).map(|line| line.split(',').map(str::to_string).collect());
    is_in_order(&rows.collect::<Vec<Vec<String>>>(), &told);
    assert!(copy.ends_with("合计,80,,,,,,,,\r\n"));
    world.done(&["strip", &out, "-o", &clean]);
    assert!(fs::read_to_string(&clean).unwrap() == before, "stripped, the copy is not the list");
    world.verified();
}

#[test]
fn the_next_export_of_a_list_that_counts_down_keeps_its_canaries() {
    let world = Fixed::ready(&["szfy"], 400);
    let all_of_it = people(160);
    let (older, newer) = (list(&all_of_it[60..]), list(&all_of_it));
    let first = plant(&world, &world.write("september.csv", older), 4, &world.arg("september-out.csv"));
    world.pass_days(30);
    let second = plant(&world, &world.write("october.csv", &newer), 3, &world.arg("october-out.csv"));
    assert_eq!((count(&first, "kept"), count(&second, "kept")), (0, 4));
    for canary in all(&second, "canaries") {
        assert!(count(canary, "row") <= 64, "{canary} stands among the old rows");
    }
    let copy = fs::read_to_string(world.at("october-out.csv")).unwrap();
    let rows = copy.lines().skip(1).take(167).map(|line| line.split(',').map(str::to_string).collect());
    is_in_order(&rows.collect::<Vec<Vec<String>>>(), &second);
    world.done(&["strip", &world.arg("october-out.csv"), "-o", &world.arg("clean.csv")]);
    assert!(fs::read_to_string(world.at("clean.csv")).unwrap() == newer, "stripped, the copy is not the list");
}

#[test]
fn numbers_of_persons_that_fall_without_a_gap_are_refused() {
    let world = Fixed::ready(&["szfy"], 400);
    let mut dense = people(60);
    for (at, row) in dense.iter_mut().enumerate() {
        row[RECORD_ID] = format!("ZY{}", 900_600 - at);
    }
    let input = world.write("dense.csv", list(&dense));
    let args = ["plant", &input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")];
    world.refused(&args).names("住院号").says("count down").says("--map");
}

#[test]
fn a_workbook_that_counts_down_is_numbered_through_and_comes_back() {
    let world = Fixed::ready(&["szfy"], 400);
    let (input, out, clean) = (world.arg("book.xlsx"), world.arg("out.xlsx"), world.arg("clean.xlsx"));
    python("by_openpyxl.py", &input, &serde_json::to_string(&people(60)).unwrap());
    let told = plant(&world, &input, CANARIES, &out);
    let cells = rows(&loaded(&world, "out.xlsx")["9月"], "cells");
    is_in_order(&cells[2..2 + 60 + CANARIES], &told);
    world.done(&["strip", &out, "-o", &clean]);
    for (old, new) in parts(&world.at("book.xlsx")).iter().zip(parts(&world.at("clean.xlsx"))) {
        assert!(*old == new, "part {} does not come back", old.0);
    }
}

#[test]
fn a_column_that_is_worked_out_is_told_as_it_stands_in_the_file() {
    let world = Fixed::ready(&["szfy"], 400);
    let input = world.arg("book.xlsx");
    python("worked_out.py", &input, &serde_json::to_string(&Shape { rows: 60, ..Shape::default() }.people()).unwrap());
    let told = plant(&world, &input, CANARIES, &world.arg("out.xlsx"));
    let day = |fields: &Value, meaning: &str| text(fields, meaning).parse::<NaiveDate>().unwrap();
    for canary in all(&told, "canaries") {
        let fields = &canary["fields"];
        assert_eq!(day(fields, "discharge_date"), day(fields, "birth_date") + Days::new(3), "{canary}");
        assert_eq!(text(fields, "serial"), count(canary, "row").to_string(), "{canary}");
    }
}

#[test]
fn a_column_that_counts_down_to_1_by_row_numbers_is_refused_and_one_that_stays_above_0_is_counted_on() {
    let world = Fixed::ready(&["szfy"], 400);
    let book = |first: usize, name: &str| {
        let input = serde_json::json!([first, people(60)]).to_string();
        python("counts_down.py", &world.arg(name), &input);
        world.arg(name)
    };
    let (down_to_1, above) = (book(60, "down.xlsx"), book(1_000, "book.xlsx"));
    let out = world.arg("out.xlsx");
    let refused = world.refused(&["plant", &down_to_1, "--to", "szfy", "--count", "6", "-o", &out]);
    refused.names("出院").names("-5").says("counts down by row numbers").says("values");
    let told = plant(&world, &above, CANARIES, &out);
    libreoffice(&world, &["out"]);
    let computed = sheet(&world, "out", "出院");
    let serials: Vec<&str> = computed[1..].iter().map(|row| row[0].as_str()).collect();
    let wanted: Vec<String> = (0..66).map(|row| (1_000 - row).to_string()).collect();
    assert_eq!(serials, wanted);
    let kept = rows(&loaded(&world, "out.xlsx")["出院"], "cells");
    for canary in all(&told, "canaries") {
        let row = count(canary, "row") as usize;
        assert_eq!(text(&canary["fields"], "serial"), computed[row][0], "{canary}");
        assert_eq!(kept[row][1], computed[row][1]);
    }
}
