//! Planting into workbooks that other programs wrote: they still open them, the totals are the same plus the canaries,
//! every other part is the same byte for byte, and stripping gives every part back.
//!
//! The books are made by openpyxl and XlsxWriter, and opened by openpyxl and LibreOffice; a missing one fails the tests.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::lists::{BIRTH, NAME, PHONE, RECORD_ID, SERIAL, Shape, digits};
use crate::world::{Fixed, all, count, text};

const CANARIES: usize = 5;
/// LibreOffice's words for: every sheet, commas, quotes, UTF-8.
const CSV_OF_ALL_SHEETS: &str = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1";
/// Makes LibreOffice compute every formula when it opens a book.
const COMPUTE_ALWAYS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"#;

/// A program that writes workbooks, and where its list stands.
struct Maker {
    script: &'static str,
    sheet: &'static str,
    /// Rows above the first person.
    above: usize,
    /// Parts that tell of the list's rows and therefore change with it.
    changing: &'static [&'static str],
}

const OPENPYXL: Maker = Maker {
    script: "by_openpyxl.py",
    sheet: "9月",
    above: 2,
    changing: &[
        "xl/worksheets/sheet2.xml",
        "xl/worksheets/sheet3.xml",
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
        "xl/charts/chart1.xml",
        "xl/comments/comment1.xml",
        "xl/drawings/commentsDrawing1.vml",
    ],
};
const XLSXWRITER: Maker = Maker {
    script: "by_xlsxwriter.py",
    sheet: "日报",
    above: 1,
    changing: &[
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml",
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
        "xl/charts/chart1.xml",
    ],
};

fn shape() -> Shape {
    Shape { rows: 60, ..Shape::default() }
}

fn script(name: &str) -> String {
    format!("{}/tests/fixtures/books/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script under Debian's Python, which has the packages.
pub fn python(name: &str, argument: &str, input: &str) -> String {
    let mut command = Command::new("/usr/bin/python3");
    command.arg(script(name)).arg(argument).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("/usr/bin/python3 is missing: run tests/run");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Makes a book, plants into it, and gives what was told.
fn planted(world: &Fixed, maker: &Maker) -> Value {
    let input = world.arg("book.xlsx");
    python(maker.script, &input, &serde_json::to_string(&shape().people()).unwrap());
    let many = CANARIES.to_string();
    world.json(&["plant", &input, "--to", "szfy", "--count", &many, "-o", &world.arg("out.xlsx")])
}

pub fn loaded(world: &Fixed, name: &str) -> Value {
    serde_json::from_str(&python("load.py", &world.arg(name), "")).unwrap()
}

pub fn rows(sheet: &Value, key: &str) -> Vec<Vec<String>> {
    let cell = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_string);
    all(sheet, key).iter().map(|row| row.as_array().unwrap().iter().map(cell).collect()).collect()
}

/// Reads every part of a book, in the order of the package.
pub fn parts(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut book = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let many = book.len();
    let part = |at| {
        let mut part = book.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        (part.name().unwrap().into_owned(), bytes)
    };
    (0..many).map(part).collect()
}

fn openpyxl_finds_the_list_and_whole_people_in_it(maker: &Maker) {
    let world = Fixed::ready(&["szfy"], 200);
    let told = planted(&world, maker);
    assert_eq!(count(&told["input"], "rows"), 60);
    assert_eq!(count(&told["output"], "rows"), 65);
    let (before, after) = (loaded(&world, "book.xlsx"), loaded(&world, "out.xlsx"));
    let sheets = |book: &Value| book.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(sheets(&before), sheets(&after));
    let (old, new) = (&before[maker.sheet], &after[maker.sheet]);
    let people = rows(new, "cells")[maker.above..maker.above + 65].to_vec();
    for canary in all(&told, "canaries") {
        let row = &people[count(canary, "row") as usize - 1];
        assert_eq!(format!("+86{}", digits(&row[PHONE])), text(canary, "number"));
        assert_eq!(row[NAME], text(&canary["fields"], "mother_name"));
        assert_eq!(row[RECORD_ID], text(&canary["fields"], "record_id"));
    }
    let planted: Vec<usize> = all(&told, "canaries").iter().map(|canary| count(canary, "row") as usize - 1).collect();
    let kept = |key: &str, column: usize| {
        let list = rows(new, key)[maker.above..].to_vec();
        let list = list.into_iter().enumerate().filter(|(at, _)| !planted.contains(at));
        list.map(|(_, row)| row[column].clone()).collect::<Vec<_>>()
    };
    for column in [RECORD_ID, NAME, BIRTH, PHONE] {
        let was: Vec<String> = rows(old, "cells")[maker.above..].iter().map(|row| row[column].clone()).collect();
        let is = kept("cells", column);
        assert_eq!(is[..60], was[..60], "column {column}");
    }
    for above in people.windows(2) {
        assert!(above[0][BIRTH] <= above[1][BIRTH] && above[0][RECORD_ID] < above[1][RECORD_ID], "{above:?}");
    }
    looks_like_its_neighbours(new, maker, &planted);
    world.verified();
}

/// A canary's cells have the kinds and styles of a row beside it.
fn looks_like_its_neighbours(sheet: &Value, maker: &Maker, planted: &[usize]) {
    for key in ["kinds", "styles"] {
        let rows = rows(sheet, key);
        for at in planted {
            let row = maker.above + at;
            let beside: Vec<&Vec<String>> =
                (row - 1..=row + 1).filter(|near| *near != row).map(|near| &rows[near]).collect();
            assert!(beside.contains(&&rows[row]), "{key} of row {row}: {:?}, beside it {beside:?}", rows[row]);
        }
    }
}

#[test]
fn openpyxl_finds_whole_people_in_the_list_it_wrote() {
    openpyxl_finds_the_list_and_whole_people_in_it(&OPENPYXL);
}

#[test]
fn openpyxl_finds_whole_people_in_a_list_of_xlsxwriter() {
    openpyxl_finds_the_list_and_whole_people_in_it(&XLSXWRITER);
}

#[test]
fn every_part_that_does_not_tell_of_rows_stays_as_it_was() {
    for maker in [OPENPYXL, XLSXWRITER] {
        let world = Fixed::ready(&["szfy"], 200);
        planted(&world, &maker);
        let (before, after) = (parts(&world.at("book.xlsx")), parts(&world.at("out.xlsx")));
        let names = |parts: &[(String, Vec<u8>)]| parts.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&before), names(&after), "the parts and their order");
        let mut same = 0;
        for ((name, was), (_, is)) in before.iter().zip(&after) {
            if !maker.changing.contains(&name.as_str()) {
                assert!(was == is, "{name} changed");
                same += 1;
            }
        }
        assert!(same >= 7, "only {same} parts are kept");
        let main = maker.changing.iter().find(|name| name.contains("worksheets")).unwrap();
        assert!(before.iter().zip(&after).any(|(was, is)| was.0 == **main && was.1 != is.1));
    }
}

#[test]
fn stripping_gives_every_part_back() {
    for maker in [OPENPYXL, XLSXWRITER] {
        let world = Fixed::ready(&["szfy"], 200);
        planted(&world, &maker);
        let stripped = world.json(&["strip", &world.arg("out.xlsx"), "-o", &world.arg("clean.xlsx")]);
        assert_eq!(count(&stripped, "removed"), CANARIES as u64);
        let (before, after) = (parts(&world.at("book.xlsx")), parts(&world.at("clean.xlsx")));
        assert_eq!(before.len(), after.len());
        for (was, is) in before.iter().zip(&after) {
            assert!(was == is, "{} does not come back:\n{}\n{}", was.0, shown(&was.1), shown(&is.1));
        }
    }
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(3000).collect()
}

#[test]
fn libreoffice_computes_the_same_totals_plus_the_canaries() {
    let world = Fixed::bare();
    let mut sums = Vec::new();
    for (name, maker) in [("o", OPENPYXL), ("x", XLSXWRITER)] {
        let each = Fixed::ready(&["szfy"], 200);
        let told = planted(&each, &maker);
        each.done(&["strip", &each.arg("out.xlsx"), "-o", &each.arg("clean.xlsx")]);
        for (from, to) in [("book", "before"), ("out", "after"), ("clean", "stripped")] {
            fs::copy(each.at(&format!("{from}.xlsx")), world.at(&format!("{name}-{to}.xlsx"))).unwrap();
        }
        sums.push((name, maker, told));
    }
    libreoffice(&world, &["o-before", "o-after", "o-stripped", "x-before", "x-after", "x-stripped"]);
    for (name, maker, told) in sums {
        let (before, after) = (totals(&world, &format!("{name}-before")), totals(&world, &format!("{name}-after")));
        assert_eq!(before, totals(&world, &format!("{name}-stripped")));
        let of = |meaning: &str| -> i64 {
            all(&told, "canaries").iter().map(|canary| text(&canary["fields"], meaning).parse::<i64>().unwrap()).sum()
        };
        let girls = all(&told, "canaries").iter().filter(|canary| canary["fields"]["baby_sex"] == "女").count() as i64;
        let number = |totals: &BTreeMap<String, String>, key: &str| totals[key].parse::<i64>().unwrap();
        assert_eq!(number(&before, "人数"), 60, "LibreOffice computes");
        for (key, more) in [("人数", 5), ("总体重", of("birth_weight")), ("总年龄", of("mother_age")), ("女婴", girls)]
        {
            assert_eq!(number(&after, key), number(&before, key) + more, "{key} in {name}");
        }
        if let Some(sum) = after.get("合计行") {
            assert_eq!(sum, &after["总体重"], "the total row moved down and the reference with it");
        }
        let list = sheet(&world, &format!("{name}-after"), maker.sheet);
        let serials = list.iter().skip(maker.above).take(65).map(|row| row[SERIAL].clone());
        assert_eq!(serials.collect::<Vec<_>>(), (1..=65).map(|at| at.to_string()).collect::<Vec<_>>());
    }
}

/// Converts books to CSV, a file a sheet.
pub fn libreoffice(world: &Fixed, names: &[&str]) {
    let profile = world.at("profile");
    fs::create_dir_all(profile.join("user")).unwrap();
    fs::write(profile.join("user/registrymodifications.xcu"), COMPUTE_ALWAYS).unwrap();
    let mut command = Command::new("soffice");
    command.arg(format!("-env:UserInstallation=file://{}", profile.display()));
    command.args(["--headless", "--convert-to", CSV_OF_ALL_SHEETS, "--outdir"]).arg(world.folder());
    command.args(names.iter().map(|name| world.at(&format!("{name}.xlsx"))));
    let output = command.output().expect("soffice is missing: run tests/run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub fn sheet(world: &Fixed, name: &str, sheet: &str) -> Vec<Vec<String>> {
    let file = world.at(&format!("{name}-{sheet}.csv"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(&file).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(str::to_string).collect()).collect()
}

fn totals(world: &Fixed, name: &str) -> BTreeMap<String, String> {
    sheet(world, name, "汇总").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

#[test]
fn a_sheet_may_be_named_and_a_wrong_one_is_told() {
    let world = Fixed::ready(&["szfy"], 200);
    python(OPENPYXL.script, &world.arg("book.xlsx"), &serde_json::to_string(&shape().people()).unwrap());
    let plant = |sheet: &'static str, output: &str| {
        let (input, output) = (world.arg("book.xlsx"), world.arg(output));
        ["plant", &input, "--to", "szfy", "--count", "2", "--sheet", sheet, "-o", &output].map(str::to_string).to_vec()
    };
    world.done(&crate::stage::borrowed(&plant("9月", "named.xlsx")));
    world.refused(&crate::stage::borrowed(&plant("十月", "none.xlsx"))).names("十月").names("9月");
    world.refused(&crate::stage::borrowed(&plant("汇总", "none.xlsx"))).names("汇总");
}

#[test]
fn the_city_s_july_list_takes_its_canaries_and_gives_them_back() {
    let world = Fixed::ready(&["szfy", "renmin"], 400);
    let book = world.write("daily.xlsx", include_bytes!("../../src/cli/demo_lists/daily.xlsx"));
    let out = world.arg("{holder}.xlsx");
    let told = world.json(&["plant", &book, "--to", "szfy", "--to", "renmin", "--count", "4", "-o", &out]);
    for planting in told.as_array().unwrap() {
        let holder = text(planting, "holder");
        let clean = world.arg(&format!("clean-{holder}.xlsx"));
        world.done(&["strip", &world.arg(&format!("{holder}.xlsx")), "-o", &clean]);
        assert!(parts(Path::new(&clean)) == parts(Path::new(&book)));
        for canary in all(planting, "canaries") {
            let loaded = loaded(&world, &format!("{holder}.xlsx")).to_string();
            assert!(loaded.contains(text(&canary["fields"], "mother_name")), "{canary}");
        }
    }
}

/// Changes one part of a book.
fn change_part(path: &Path, part: &str, (old, new): (&str, &str)) {
    let parts = parts(path);
    let mut book = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in parts {
        book.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        let bytes = if name == part {
            // How openpyxl spells 月 depends on the other packages of the machine.
            let text = String::from_utf8(bytes).unwrap().replace("&#26376;", "月");
            assert!(text.contains(old), "{part} has no {old}: {text}");
            text.replacen(old, new, 1).into_bytes()
        } else {
            bytes
        };
        book.write_all(&bytes).unwrap();
    }
    book.finish().unwrap();
}

/// A planting that comes to nothing spends its numbers, so what would be refused is refused before.
#[test]
fn a_book_whose_places_are_spelt_out_is_refused_before_any_number_is_spent() {
    for formula in ["INDIRECT(&quot;'9月'!C40&quot;)", "OFFSET('9月'!$A$1,40,2)"] {
        let world = Fixed::ready(&["szfy"], 40);
        let input = world.arg("book.xlsx");
        python(OPENPYXL.script, &input, &serde_json::to_string(&shape().people()).unwrap());
        change_part(Path::new(&input), "xl/worksheets/sheet1.xml", ("'9月'!C3", formula));
        let command = ["plant", &input, "--to", "szfy", "--count", "5", "-o", &world.arg("out.xlsx")];
        world.refused(&command).names("说明!B3");
        assert_eq!(world.json(&["number", "list", "--state", "free"]).as_array().unwrap().len(), 40);
    }
}
