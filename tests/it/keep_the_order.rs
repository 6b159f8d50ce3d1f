//! Lists that are sorted by something else than time: the copy is sorted as the list was, and where a canary cannot be, it is said.

use rust_xlsxwriter::Workbook;

use crate::lists::{NAME, PHONE, RECORD_ID, SERIAL, Shape};
use crate::plant_a_workbook::{loaded, rows};
use crate::world::{Fixed, all};

const HEAD: [&str; 4] = ["产妇姓名", "联系电话", "科室", "家庭住址"];

/// People of three wards: their names, phones, wards and addresses.
fn people(seed: u64) -> Vec<[String; 4]> {
    let people = Shape { rows: 240, seed, ..Shape::default() }.people();
    let ward = |at: usize| ["产一科", "产二科", "特需"][at * at / 7 % 3].to_string();
    people
        .into_iter()
        .enumerate()
        .map(|(at, row)| [row[NAME].clone(), row[PHONE].clone(), ward(at), row[8].clone()])
        .collect()
}

/// Writes a text list as hospitals' programs do, in GB 18030.
fn gb18030(rows: &[[String; 4]]) -> Vec<u8> {
    let lines = std::iter::once(HEAD.join(",")).chain(rows.iter().map(|row| row.join(",")));
    let text: String = lines.map(|line| line + "\r\n").collect();
    encoding_rs::GB18030.encode(&text).0.into_owned()
}

fn key(cell: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(cell).0.into_owned()
}

/// Plants 12 canaries and reads the copy's rows.
fn planted(world: &Fixed, list: &str) -> Vec<Vec<String>> {
    let told = world.json(&["plant", list, "--to", "szfy", "--count", "12", "-o", &world.arg("out.csv")]);
    assert_eq!(all(&told, "out_of_order").len(), 0, "{told}");
    assert_eq!(all(&told, "canaries").len(), 12);
    let copy = std::fs::read(world.at("out.csv")).unwrap();
    let text = encoding_rs::GB18030.decode(&copy).0.into_owned();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_string).collect()).collect()
}

#[test]
fn a_text_list_sorted_by_name_or_phone_stays_sorted_and_is_stripped_to_itself() {
    type By = fn(&[String]) -> Vec<Vec<u8>>;
    let sortings: [By; 3] =
        [|row| vec![key(&row[0])], |row| vec![key(&row[1])], |row| vec![key(&row[2]), key(&row[0])]];
    for (seed, by) in (3..).zip(sortings) {
        let world = Fixed::ready(&["szfy"], 0);
        let mut rows = people(seed);
        // The operator buys where the list's people buy.
        let number = |(at, row): (usize, &[String; 4])| format!("{}{:04}", &row[1][..7], at * 7_919 % 10_000);
        let known: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
        let pool = rows.iter().enumerate().map(number).filter(|number| !known.contains(&number.as_str()));
        let pool = world.write("pool.csv", format!("number\n{}\n", pool.collect::<Vec<_>>().join("\n")));
        world.done(&["number", "import", &pool]);
        rows.sort_by_key(|row| by(row));
        let list = world.write("list.csv", gb18030(&rows));
        let copy = planted(&world, &list);
        assert_eq!(copy.len(), rows.len() + 12);
        assert!(copy.is_sorted_by_key(|row| by(row)), "sorting {seed}");
        world.done(&["strip", &world.arg("out.csv"), "-o", &world.arg("stripped.csv")]);
        assert_eq!(std::fs::read(world.at("stripped.csv")).unwrap(), gb18030(&rows));
    }
}

/// Rows of more people than places are kept of.
fn many(rows: usize) -> Vec<[String; 4]> {
    let (family, given): (Vec<char>, Vec<char>) = (
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何".chars().collect(),
        "芳娜敏静丽艳娟霞秀英慧玲桂兰玉萍红梅雪琳晶妍茜".chars().collect(),
    );
    let row = |at: usize| {
        let mixed = at * 7_919_333 % 104_729;
        let sign = |from: &[char], by: usize| from[mixed / by % from.len()];
        let name = format!("{}{}{}", sign(&family, 1), sign(&given, 17), sign(&given, 391));
        let phone = format!("138{:08}", (at * 15_485_863 + mixed) % 100_000_000);
        let address = format!("福田区东山弄{}号{}室", 1 + mixed % 900, 101 + mixed % 2_400);
        [name, phone, ["产一科", "产二科", "特需"][mixed % 3].to_string(), address]
    };
    (0..rows).map(row).collect()
}

#[test]
fn every_row_finds_its_place_in_a_list_of_which_few_places_are_kept() {
    const ROWS: usize = 40_000;
    type By = fn(&[String]) -> Vec<Vec<u8>>;
    let sortings: [By; 2] = [|row| vec![key(&row[0])], |row| vec![key(&row[1])]];
    for by in sortings {
        let world = Fixed::ready(&["szfy"], 0);
        let mut rows = many(ROWS);
        rows.sort_by_key(|row| by(row));
        let pool: Vec<String> = (0..60).map(|at| format!("138{:08}", 700_001 + at * 1_603_331)).collect();
        let pool = world.write("pool.csv", format!("number\n{}\n", pool.join("\n")));
        world.done(&["number", "import", &pool]);
        let list = world.write("list.csv", gb18030(&rows));
        let copy = planted(&world, &list);
        assert_eq!(copy.len(), ROWS + 12);
        assert!(copy.is_sorted_by_key(|row| by(row)));
        world.done(&["strip", &world.arg("out.csv"), "-o", &world.arg("stripped.csv")]);
        assert!(std::fs::read(world.at("stripped.csv")).unwrap() == gb18030(&rows));
    }
}

#[test]
fn canaries_out_of_order_are_told_of_before_and_after() {
    let world = Fixed::ready(&["szfy"], 60);
    let mut rows = people(9);
    // No number of the pool falls among these.
    rows.iter_mut().for_each(|row| row[1].replace_range(..3, "199"));
    rows.sort_by(|a, b| a[1].cmp(&b[1]));
    let list = world.write("list.csv", gb18030(&rows));
    let checked = world.run(&["--json", "check", &list, "--to", "szfy", "--count", "4"]);
    assert_eq!(checked.code, Some(1), "{}", checked.out);
    let checked: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(checked["out_of_order"], serde_json::json!([{"column": "联系电话", "rows": 4}]));
    assert_eq!(checked["hides"], false);
    let told = world.done(&["plant", &list, "--to", "szfy", "--count", "4", "-o", &world.arg("out.csv")]);
    assert!(told.contains("4 canaries stand out of the order of column `联系电话`"), "{told}");
}

#[test]
fn a_workbook_keeps_its_order_and_a_phone_is_a_number_where_such_phones_are() {
    let world = Fixed::ready(&["szfy"], 400);
    let mut list = people(5);
    list.sort_by(|a, b| (&a[2], &a[0]).cmp(&(&b[2], &b[0])));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in (0..).zip(HEAD) {
        sheet.write(0, at, name).unwrap();
    }
    for (row, cells) in (1..).zip(&list) {
        for (at, cell) in (0..).zip(cells) {
            let bare: f64 = cells[1].parse().unwrap();
            // Every other phone is written with hyphens, which only a text can be.
            match (at, row % 2) {
                (1, 0) => sheet.write(row, at, bare).unwrap(),
                (1, _) => sheet.write(row, at, format!("{}-{}-{}", &cell[..3], &cell[3..7], &cell[7..])).unwrap(),
                _ => sheet.write(row, at, cell).unwrap(),
            };
        }
    }
    book.save(world.at("book.xlsx")).unwrap();
    let input = world.arg("book.xlsx");
    let told = world.json(&["plant", &input, "--to", "szfy", "--count", "40", "-o", &world.arg("out.xlsx")]);
    assert_eq!(all(&told, "out_of_order").len(), 0, "{told}");
    let book = loaded(&world, "out.xlsx");
    let sheet = book.as_object().unwrap().values().next().unwrap();
    let (copy, kinds) = (rows(sheet, "cells"), rows(sheet, "kinds"));
    assert_eq!(copy.len(), list.len() + 41);
    assert!(copy[1..].is_sorted_by(|a, b| (&a[2], &a[0]) <= (&b[2], &b[0])));
    for (cells, kinds) in copy.iter().zip(&kinds).skip(1) {
        let is_bare = !cells[1].contains('-');
        assert_eq!(kinds[1], if is_bare { "n" } else { "s" }, "{}", cells[1]);
    }
}

#[test]
fn canaries_of_an_earlier_export_stand_in_order_among_new_rows() {
    let world = Fixed::ready(&["szfy"], 200);
    let rows = people(12);
    for month in 1..3 {
        let mut export: Vec<[String; 4]> = rows[..110 * month].to_vec();
        export.sort_by_key(|row| key(&row[0]));
        let list = world.write("list.csv", gb18030(&export));
        let args = ["plant", &list, "--to", "szfy", "--count", if month == 1 { "12" } else { "0" }, "-o"];
        let told = world.json(&[&args[..], &[&world.arg(&format!("{month}.csv"))]].concat());
        assert_eq!(told["kept"].as_u64(), Some(if month == 1 { 0 } else { 12 }), "{told}");
    }
    let copy = std::fs::read(world.at("2.csv")).unwrap();
    let text = encoding_rs::GB18030.decode(&copy).0.into_owned();
    assert_eq!(text.lines().count(), 220 + 12 + 1);
    assert!(text.lines().skip(1).is_sorted_by_key(|line| key(line.split(',').next().unwrap())));
}

#[test]
fn a_shorter_export_takes_its_canaries_back_and_no_new_ones() {
    let world = Fixed::ready(&["szfy"], 100);
    let shape = Shape { rows: 200, ..Shape::default() };
    let list = world.write("first.csv", shape.bytes());
    world.done(&["plant", &list, "--to", "szfy", "--count", "8", "-o", &world.arg("one.csv")]);
    let refused = world.refused(&[
        "plant",
        &world.write("other.csv", Shape { rows: 60, seed: 99, ..shape.clone() }.bytes()),
        "--to",
        "szfy",
        "--count",
        "0",
        "-o",
        &world.arg("no.csv"),
    ]);
    refused.names("other.csv");
    let shorter: String =
        String::from_utf8(shape.bytes()).unwrap().lines().take(181).map(|line| line.to_string() + "\n").collect();
    let list = world.write("second.csv", shorter);
    let told = world.json(&["plant", &list, "--to", "szfy", "--count", "0", "-o", &world.arg("two.csv")]);
    assert_eq!(all(&told, "canaries").len(), 0, "{told}");
    assert!(told["kept"].as_u64().unwrap() >= 6, "{told}");
    let scanned = world.json(&["scan", &world.arg("two.csv")]);
    assert_eq!(all(&scanned, "matches").len() as u64, told["kept"].as_u64().unwrap());
}

#[test]
fn a_canary_whose_number_a_late_row_has_by_now_stays_out() {
    let world = Fixed::ready(&["szfy"], 100);
    let mut list = Shape { rows: 160, ..Shape::default() }.people();
    let lines = |rows: &[Vec<String>]| {
        let head = "序号,住院号,产妇姓名,年龄,分娩日期,孕周,性别,联系电话,家庭住址,出生体重\n".to_string();
        rows.iter().fold(head, |text, row| text + &row.join(",") + "\n")
    };
    let first = world.write("first.csv", lines(&list));
    let told = world.json(&["plant", &first, "--to", "szfy", "--count", "3", "-o", &world.arg("one.csv")]);
    let canary = &all(&told, "canaries")[1]["fields"];
    let id = canary["record_id"].as_str().unwrap().to_string();
    let above = list.iter().rposition(|row| row[RECORD_ID] < id).unwrap();
    let mut late = list[above].clone();
    (late[RECORD_ID], late[NAME], late[PHONE]) = (id.clone(), "迟小晚".to_string(), "13714439999".to_string());
    list.insert(above + 1, late);
    list.iter_mut().enumerate().for_each(|(at, row)| row[SERIAL] = (at + 1).to_string());
    let second = world.write("second.csv", lines(&list));
    let told = world.json(&["plant", &second, "--to", "szfy", "--count", "0", "-o", &world.arg("two.csv")]);
    assert_eq!((told["kept"].as_u64(), told["left_out"].as_u64()), (Some(2), Some(1)), "{told}");
    let copy = std::fs::read_to_string(world.at("two.csv")).unwrap();
    assert_eq!(copy.lines().filter(|line| line.split(',').nth(RECORD_ID) == Some(&id)).count(), 1);
}
