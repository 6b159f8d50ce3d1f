//! Lists that were never seeded name nobody, however many of their people share names and days with canaries; and what is left
//! of a copy without its phone numbers is found among them all the same.

use std::fs;

use chrono::{Days, NaiveDate};
use rand::rngs::ChaCha20Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::world::{Fixed, all, count, text};

/// Few enough that every list shares names with every other.
const SURNAMES: [&str; 12] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙"];
const GIVEN: [&str; 20] = [
    "静", "敏", "丽", "婷", "雪梅", "晓燕", "佳怡", "思雨", "海燕", "秀英", "慧", "娟", "文静", "嘉欣", "雨桐", "梦洁",
    "芳", "琳", "颖", "倩",
];
const ROADS: [&str; 6] = ["红荔路", "深南大道", "莲花路", "福强路", "景田路", "彩田路"];
const HOSPITAL: &str = "深圳市妇幼保健院";
const HEADER: &str = "产妇姓名,性别,出生日期,联系电话,家庭住址,出生医院,录入人";

/// Whether a list has its phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phones {
    Kept,
    Dropped,
}

/// Rows of one hospital and some days, made up as those of all other lists here.
fn rows(seed: u64, count: usize, days: u64, phones: Phones) -> Vec<String> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let first = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
    let row = |_| {
        let name = format!("{}{}", SURNAMES.choose(&mut rng).unwrap(), GIVEN.choose(&mut rng).unwrap());
        let sex = ["男", "女"].choose(&mut rng).unwrap();
        let day = first + Days::new(rng.random_range(0..days));
        let phone = format!("1{}{:08}", rng.random_range(37..40), rng.random_range(0..100_000_000));
        let phone = if phones == Phones::Kept { phone } else { String::new() };
        let road = ROADS.choose(&mut rng).unwrap();
        let (house, room) = (rng.random_range(1..300), rng.random_range(101..2800));
        format!("{name},{sex},{day},{phone},南山区{road}{house}号{room}室,{HOSPITAL},王敏")
    };
    (0..count).map(row).collect()
}

fn list(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// A ledger in which four hospitals and two clerks have lists of these people, hospital and months.
fn planted() -> (Fixed, Vec<(String, String)>) {
    let ids = ["h1", "h2", "h3", "h4", "c1", "c2"];
    let world = Fixed::ready(&ids, 120);
    let mut copies = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let path = world.write(&format!("{id}.csv"), list(&rows(900 + at as u64, 200, 45, Phones::Kept)));
        let out = world.arg(&format!("{id}.out.csv"));
        world.json(&["plant", &path, "--to", id, "--count", "12", "-o", &out]);
        copies.push((id.to_string(), fs::read_to_string(&out).unwrap()));
    }
    (world, copies)
}

fn scanned(world: &Fixed, path: &str) -> Value {
    serde_json::from_str(&world.run(&["--json", "scan", path]).out).unwrap()
}

#[test]
fn two_hundred_innocent_folders_name_nobody() {
    let (world, _) = planted();
    let mut shared = 0;
    for folder in 0..200_u64 {
        let files = [1, 2, 4, 8][folder as usize % 4];
        let phones = if folder % 3 == 0 { Phones::Kept } else { Phones::Dropped };
        let days = [45, 30, 7, 1][folder as usize / 4 % 4];
        for file in 0..files {
            let rows = rows(10_000 + folder * 10 + file, 150, days, phones);
            world.write(&format!("f{folder}/{file}.csv"), list(&rows));
        }
        let found = scanned(&world, &world.arg(&format!("f{folder}")));
        let verdict = text(&found, "verdict");
        assert!(matches!(verdict, "inconclusive" | "not-a-canary"), "{folder}: {found}");
        assert!(found["named"].as_array().is_none_or(Vec::is_empty), "{folder}: {found}");
        // Who has another number is nobody of ours.
        let seen = all(&found, "matches").len() as u64 + count(&found, "coincidences");
        assert!(phones == Phones::Dropped || seen == 0, "{folder}: {found}");
        shared += seen;
    }
    assert!(shared > 100, "the lists share names and days with the canaries: {shared}");
}

#[test]
fn a_copy_without_its_numbers_is_found_among_strangers() {
    let (world, copies) = planted();
    for (at, (holder, copy)) in copies.iter().enumerate() {
        let rows_of_copy = copy.lines().skip(1).map(|line| {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells[3] = "";
            cells.join(",")
        });
        let sold: Vec<String> = rows_of_copy.chain(rows(77 + at as u64, 200, 45, Phones::Kept)).collect();
        world.write(&format!("sold{at}/a.csv"), list(&sold));
        world.write(&format!("sold{at}/b.csv"), list(&rows(88 + at as u64, 300, 45, Phones::Kept)));
        let found = scanned(&world, &world.arg(&format!("sold{at}")));
        assert_eq!(text(&found["sources"][0], "holder"), holder, "{found}");
        assert!(text(&found, "verdict").ends_with("supported"), "{found}");
        let personas = all(&found, "matches").iter().filter(|one| text(one, "matched_by") == "persona");
        assert!(personas.clone().count() >= 10, "{found}");
        assert!(personas.clone().all(|one| one["strangers_due"].as_f64().unwrap() < 1.0), "{found}");
    }
    // What is on record of it is weighed alike, and nothing of the strangers is.
    let path = world.arg("sold0");
    let first = world.json(&["scan", &path, "--record"]);
    let traced = world.json(&["trace"]);
    assert_eq!(text(&traced["sources"][0], "holder"), text(&first["sources"][0], "holder"), "{traced}");
    assert_eq!(text(&traced, "verdict"), text(&first, "verdict"), "{traced}");
    world.verified();
}

#[test]
fn a_short_workbook_of_few_columns_that_is_mostly_canaries_names_its_holder() {
    let (world, copies) = planted();
    let (holder, copy) = &copies[4];
    let found = world.json(&["scan", &world.arg("c1.out.csv")]);
    let canaries: Vec<u64> = all(&found, "matches").iter().map(|one| count(one, "line")).collect();
    let lines = copy.lines().enumerate().filter(|(at, _)| canaries.contains(&(*at as u64 + 1)));
    let mut people: Vec<String> = lines.map(|(_, line)| line.to_string()).collect();
    assert!(people.len() >= 12, "{found}");
    people.extend(rows(4_321, 23, 45, Phones::Dropped));
    people.sort();
    // Numbers are gone, and what became of a call is noted beside some.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["联系电话", "产妇姓名", "出生日期", "结果"]).unwrap();
    let mut narrow = String::from("姓名,日期\n");
    for (at, person) in people.iter().enumerate() {
        let cells: Vec<&str> = person.split(',').collect();
        sheet.write_row(at as u32 + 1, 1, [cells[0], cells[2]]).unwrap();
        if at % 3 == 0 {
            sheet.write(at as u32 + 1, 3, "未接").unwrap();
        }
        narrow.push_str(&format!("{},{}\n", cells[0], cells[2]));
    }
    world.write("short/a.xlsx", book.save_to_buffer().unwrap());
    // The same people in nine more files are the same chance.
    for name in ["b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        world.write(&format!("short/{name}.csv"), &narrow);
    }
    for path in ["short/a.xlsx", "short/b.csv", "short"] {
        let found = scanned(&world, &world.arg(path));
        assert_eq!(text(&found["sources"][0], "holder"), holder, "{path}: {found}");
        assert!(text(&found, "verdict").ends_with("supported"), "{path}: {found}");
        assert!(all(&found, "matches").iter().all(|one| one["weighs"] == true), "{path}: {found}");
    }
}

#[test]
fn one_person_alone_without_a_number_is_listed_and_names_nobody() {
    let (world, copies) = planted();
    let canaries = world.json(&["scan", &world.arg("h1.out.csv")]);
    let line = count(&all(&canaries, "matches")[0], "line") as usize;
    let row: Vec<&str> = copies[0].1.lines().nth(line - 1).unwrap().split(',').collect();
    let path = world.write("one.csv", format!("姓名,日期,备注,其他\n{},{},,\n", row[0], row[2]));
    let found = scanned(&world, &path);
    let seen = all(&found, "matches").iter().filter(|one| text(one, "text") == row[0]).count();
    assert!(seen >= 1, "{found}");
    assert_eq!(text(&found, "verdict"), "inconclusive", "{found}");
    assert!(all(&found, "matches").iter().all(|one| one["weighs"] == false), "{found}");
    let told = world.run(&["scan", &path]);
    assert_eq!(told.code, Some(0));
    assert!(told.out.contains("no more than chance gives"), "{}", told.out);
}
