//! Columns that nobody names: a canary's cells are filled, stored and shown as those of the rows around.

use std::collections::HashSet;
use std::fs;

use rust_xlsxwriter::{ExcelDateTime, FilterCondition, Format, Workbook};

use crate::lists::{NAME, PHONE, Shape};
use crate::plant_a_workbook::{loaded, parts, rows};
use crate::world::{Fixed, all, count};

const ROWS: u32 = 120;

/// Writes a book with phones, days, times, fees, card numbers and a status by which rows are hidden.
fn book(world: &Fixed) -> String {
    let people = Shape { rows: ROWS as usize, seed: 9, ..Shape::default() }.people();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = |code: &str| Format::new().set_num_format(code);
    for (at, name) in
        (0..).zip(["产妇姓名", "联系电话", "分娩日期", "出生时间", "入院时间", "费用", "医保卡号", "访视"])
    {
        sheet.write(0, at, name).unwrap();
    }
    for (row, person) in (1..).zip(&people) {
        let nth = u64::from(row);
        let day = ExcelDateTime::parse_from_str(&format!("2026-09-{:02}", 1 + row / 5)).unwrap();
        let clock = format!("{:02}:{:02}", nth * 7 % 24, nth * 13 % 60);
        let time = ExcelDateTime::parse_from_str(&clock).unwrap();
        let moment = ExcelDateTime::parse_from_str(&format!("2026-08-{:02} {clock}", 1 + row / 5)).unwrap();
        sheet.write(row, 0, &person[NAME]).unwrap();
        sheet.write(row, 1, person[PHONE].parse::<f64>().unwrap()).unwrap();
        sheet.write_with_format(row, 2, &day, &format("yyyy-mm-dd")).unwrap();
        sheet.write_with_format(row, 3, &time, &format("h:mm")).unwrap();
        sheet.write_with_format(row, 4, &moment, &format("yyyy/m/d h:mm")).unwrap();
        sheet.write(row, 5, (400_000 + nth * 86_028_157 % 1_400_000) as f64 / 100.0).unwrap();
        sheet.write(row, 6, (6_000_000_000 + nth * 86_028_157 % 1_000_000_000) as f64).unwrap();
        sheet.write(row, 7, ["已访", "未访", "已访"][(nth * nth % 7 % 3) as usize]).unwrap();
    }
    sheet.autofilter(0, 0, ROWS, 7).unwrap();
    sheet.filter_column(7, &FilterCondition::new().add_list_filter("已访")).unwrap();
    book.save(world.at("book.xlsx")).unwrap();
    world.arg("book.xlsx")
}

#[test]
fn cells_of_a_workbook_are_of_their_columns_kind_and_hidden_with_their_status() {
    let world = Fixed::ready(&["szfy"], 400);
    let input = book(&world);
    let told = world.json(&["plant", &input, "--to", "szfy", "--count", "30", "-o", &world.arg("out.xlsx")]);
    assert_eq!(all(&told, "unfilled").len(), 0, "{told}");
    let [real, copy] = ["book.xlsx", "out.xlsx"]
        .map(|name| loaded(&world, name).as_object().unwrap().values().next().unwrap().clone());
    let (before, cells, kinds) = (rows(&real, "cells"), rows(&copy, "cells"), rows(&copy, "kinds"));
    let known: HashSet<&Vec<String>> = before.iter().collect();
    let of_column = |at: usize| before.iter().map(|row| row[at].clone()).collect::<HashSet<String>>();
    let (cards, hidden) = (of_column(6), hidden_rows(&world));
    assert_eq!(cells.len(), before.len() + 30);
    for ((row, cells), kinds) in (1..).zip(&cells).zip(&kinds).skip(1) {
        assert_eq!(kinds.join(""), "sndddnns", "row {row}");
        assert_eq!(hidden.contains(&row), cells[7] == "未访", "row {row} is shown against its status");
        if !known.contains(cells) {
            assert!(cells[3].ends_with(":00") && cells[4].ends_with(":00"), "no clock there has seconds");
            assert!(cells[6].len() == 10 && cells[6].starts_with('6') && !cards.contains(&cells[6]));
        }
    }
    let clean = world.arg("clean.xlsx");
    assert_eq!(count(&world.json(&["strip", &world.arg("out.xlsx"), "-o", &clean]), "removed"), 30);
    let sheet =
        |name: &str| parts(&world.at(name)).into_iter().find(|(part, _)| part.ends_with("sheet1.xml")).unwrap().1;
    assert!(sheet("clean.xlsx") == sheet("book.xlsx"));
}

/// Lists the numbers of hidden rows of the copy.
fn hidden_rows(world: &Fixed) -> HashSet<u32> {
    let sheet = parts(&world.at("out.xlsx")).into_iter().find(|(part, _)| part.ends_with("sheet1.xml")).unwrap().1;
    let text = String::from_utf8(sheet).unwrap();
    let tags = text.split("<row ").skip(1).map(|rest| rest.split('>').next().unwrap().to_string());
    let number = |tag: &String| tag.split("r=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    tags.filter(|tag| tag.contains("hidden=\"1\"")).map(|tag| number(&tag)).collect()
}

/// A list whose rows are counted from 101 under a heading that says no such thing.
fn counted(world: &Fixed) -> (String, String) {
    let people = Shape { rows: 60, ..Shape::default() }.people();
    let lines = (101..).zip(&people).map(|(nth, row)| {
        let day = 1 + (nth - 101) / 3;
        format!("{nth},{},{},2026-09-{day:02}\n", row[NAME], row[PHONE])
    });
    let list = world.write("counted.csv", format!("编号,产妇姓名,联系电话,分娩日期\n{}", lines.collect::<String>()));
    (list, world.write("columns.toml", "serial = \"编号\"\n"))
}

#[test]
fn what_was_planted_with_a_map_is_stripped_without_it() {
    let world = Fixed::ready(&["szfy"], 40);
    let (list, map) = counted(&world);
    let out = world.arg("out.csv");
    world.done(&["plant", &list, "--to", "szfy", "--count", "3", "--map", &map, "-o", &out]);
    world.done(&["strip", &out, "-o", &world.arg("clean.csv")]);
    assert!(fs::read(world.at("clean.csv")).unwrap() == fs::read(&list).unwrap(), "the numbers are as they were");
    let wrong = world.write("wrong.toml", "record_id = \"编号\"\n");
    world.refused(&["strip", &out, "--map", &wrong, "-o", &world.arg("no.csv")]).says("--map");
    assert!(!world.at("no.csv").exists());
}
