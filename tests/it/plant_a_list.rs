//! Planting into text lists as hospitals send them: whatever the shape, the copy is the list plus whole people, and
//! taking them out gives every byte back.

use std::os::unix::fs::PermissionsExt;

use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use rand::seq::IndexedRandom;
use serde_json::Value;

use crate::lists::{
    ADDRESS, BIRTH, Coding, Ends, Head, NAME, PHONE, Quotes, RECORD_ID, SERIAL, Shape, Spelling, digits,
};
use crate::world::{Fixed, all, count, text};

/// How many canaries each journey plants.
const CANARIES: usize = 6;

/// Plants into a list of this shape, checks all that must hold, and gives what was told.
fn journey(shape: &Shape) -> Value {
    let world = Fixed::ready(&["szfy"], 400);
    let list = shape.bytes();
    let (input, output, clean) = (world.write("births.csv", &list), world.arg("out.csv"), world.arg("clean.csv"));
    let many = CANARIES.to_string();
    let told = world.json(&["plant", &input, "--to", "szfy", "--count", &many, "-o", &output]);
    assert_eq!(count(&told["input"], "rows"), shape.rows as u64);
    assert_eq!(count(&told["output"], "rows"), (shape.rows + CANARIES) as u64);
    assert_eq!(all(&told, "canaries").len(), CANARIES);
    let copy = std::fs::read(&output).unwrap();
    holds_its_canaries(shape, &copy, &told);
    keeps_its_order(shape, &copy);
    world.done(&["strip", &output, "-o", &clean]);
    assert!(std::fs::read(&clean).unwrap() == list, "stripped, the copy is not the list");
    world.verified();
    told
}

/// Each canary's fields stand in the row that was told.
fn holds_its_canaries(shape: &Shape, copy: &[u8], told: &Value) {
    let rows = shape.read(copy);
    assert_eq!(rows.len(), shape.rows + CANARIES);
    for canary in all(told, "canaries") {
        let row = &rows[count(canary, "row") as usize - 1];
        let national = text(canary, "number").strip_prefix("+86").unwrap();
        assert!(digits(&row[PHONE]).contains(national), "{canary} is not in {row:?}");
        let fields = &canary["fields"];
        for (meaning, column) in
            [("mother_name", NAME), ("birth_date", BIRTH), ("address", ADDRESS), ("record_id", RECORD_ID)]
        {
            // Without a heading a column may be known by another meaning.
            if shape.head != Head::None || fields.get(meaning).is_some() {
                assert_eq!(text(fields, meaning), row[column], "{meaning} of {canary}");
            }
        }
    }
}

/// The copy is sorted as the list was: by date, by record id, and counted without a gap.
fn keeps_its_order(shape: &Shape, copy: &[u8]) {
    let rows = shape.read(copy);
    for (above, row) in rows.iter().zip(rows.iter().skip(1)) {
        assert!(above[BIRTH] <= row[BIRTH], "{above:?} stands above {row:?}");
        assert!(above[RECORD_ID] < row[RECORD_ID], "{above:?} stands above {row:?}");
    }
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row[SERIAL], (at + 1).to_string(), "{row:?}");
    }
}

#[test]
fn a_plain_list_gets_whole_people_in_its_order() {
    let told = journey(&Shape::default());
    assert_eq!(text(&told, "planting"), "P-000001");
    assert_eq!(text(&told, "holder"), "szfy");
    assert_eq!(text(&told, "planted_at"), "2026-11-21T02:03:00Z");
    assert_eq!(count(&told, "carried"), 0);
}

#[test]
fn every_encoding_is_kept() {
    for coding in [Coding::Utf8Bom, Coding::Gbk, Coding::Gb18030, Coding::Utf16Le, Coding::Utf16Be] {
        journey(&Shape { coding, ..Shape::default() });
    }
}

#[test]
fn a_latin_1_list_gets_people_of_its_alphabet() {
    journey(&Shape { coding: Coding::Latin1, delimiter: ';', head: Head::English, ..Shape::default() });
}

#[test]
fn every_delimiter_is_kept() {
    for delimiter in [';', '\t', '|'] {
        journey(&Shape { delimiter, ..Shape::default() });
    }
}

#[test]
fn line_ends_stay_as_they_are() {
    for ends in [Ends::CrLf, Ends::Mixed] {
        journey(&Shape { ends, ..Shape::default() });
    }
}

#[test]
fn a_missing_last_newline_stays_missing() {
    journey(&Shape { last_newline: false, ..Shape::default() });
    journey(&Shape { last_newline: false, ends: Ends::CrLf, coding: Coding::Utf16Le, ..Shape::default() });
}

#[test]
fn quoted_fields_may_break_the_line() {
    journey(&Shape { quotes: Quotes::LineBreaks, ..Shape::default() });
    journey(&Shape { quotes: Quotes::All, ends: Ends::CrLf, ..Shape::default() });
}

#[test]
fn titles_blank_rows_and_a_total_stay_where_they_are() {
    let titles = vec!["2026年9月新生儿登记表".to_string(), "填报单位:市妇幼保健院,,,,,,,,,".to_string()];
    journey(&Shape { titles, blank_every: Some(25), total: true, ..Shape::default() });
}

#[test]
fn a_header_may_be_english_or_missing() {
    journey(&Shape { head: Head::English, ..Shape::default() });
    journey(&Shape { head: Head::None, ..Shape::default() });
}

#[test]
fn lists_of_any_shape_are_seeded_and_come_back() {
    let mut rng = ChaCha20Rng::seed_from_u64(2026);
    for seed in 0..14 {
        let mut pick = |from: &[usize]| *from.choose(&mut rng).unwrap();
        let coding = [Coding::Utf8, Coding::Utf8Bom, Coding::Gbk, Coding::Gb18030, Coding::Utf16Le, Coding::Utf16Be]
            [pick(&[0, 1, 2, 3, 4, 5])];
        let spelling =
            [Spelling::Plain, Spelling::Dashes, Spelling::Spaces, Spelling::CountryCode][pick(&[0, 1, 2, 3])];
        let shape = Shape {
            coding,
            spelling,
            delimiter: [',', ';', '\t', '|'][pick(&[0, 1, 2, 3])],
            ends: [Ends::Lf, Ends::CrLf, Ends::Mixed][pick(&[0, 1, 2])],
            quotes: [Quotes::AsNeeded, Quotes::All, Quotes::LineBreaks][pick(&[0, 1, 2])],
            head: [Head::Chinese, Head::English][pick(&[0, 1])],
            last_newline: pick(&[0, 1]) == 1,
            total: pick(&[0, 1]) == 1,
            blank_every: [None, Some(20)][pick(&[0, 1])],
            titles: vec!["新生儿登记表".to_string(); pick(&[0, 1])],
            rows: 60 + pick(&[0, 13, 41]),
            seed,
        };
        println!("{shape:?}");
        journey(&shape);
    }
}

#[test]
fn no_real_row_enters_the_ledger() {
    let world = Fixed::ready(&["szfy"], 40);
    let shape = Shape::default();
    let list = world.write("births.csv", shape.bytes());
    world.done(&["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")]);
    world.done(&["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("again.csv")]);
    let files = ["canaries.db", "canaries.db-wal", "canaries.key"]
        .map(|name| std::fs::read(world.at(name)).unwrap_or_default());
    for person in shape.people() {
        for cell in [&person[PHONE], &person[ADDRESS], &person[RECORD_ID]] {
            let found = files.iter().any(|file| memchr::memmem::find(file, cell.as_bytes()).is_some());
            assert!(!found, "`{cell}` of a real row is in the ledger");
        }
    }
}

#[test]
fn what_is_left_in_the_folder_is_the_copy_and_belongs_to_its_owner_only() {
    let world = Fixed::ready(&["szfy"], 40);
    let list = world.write("births.csv", Shape::default().bytes());
    let before = world.files();
    world.done(&["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")]);
    let new: Vec<_> = world.files().into_iter().filter(|path| !before.contains(path)).collect();
    assert_eq!(new, [world.at("out.csv")]);
    let mode = std::fs::metadata(world.at("out.csv")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn phones_are_spelt_as_the_list_spells_them() {
    for spelling in [Spelling::Dashes, Spelling::Spaces, Spelling::Guard, Spelling::CountryCode, Spelling::TwoInSome] {
        let shape = Shape { spelling, ..Shape::default() };
        journey(&shape);
    }
}

#[test]
fn numbers_without_a_gap_are_refused_unless_a_map_says_that_they_count_rows() {
    let world = Fixed::ready(&["szfy"], 200);
    let mut list = String::from("登记编号,产妇姓名,联系电话,分娩日期\n");
    for n in 0..40 {
        let name = format!("{}{}", ["王", "李", "张", "刘"][n % 4], ["秀英", "丽", "静", "敏", "燕"][n % 5]);
        list += &format!("{},{name},1380{:07},2026-10-{:02}\n", 2_026_000_001 + n, n * 7_919, 1 + n / 2);
    }
    let input = world.write("dense.csv", &list);
    let out = world.arg("out.csv");
    let args = ["plant", &input, "--to", "szfy", "--count", "3", "-o", &out];
    world.refused(&args).names("登记编号").says("serial = ").says("--map").says("canaries mint");
    let map = world.write("columns.toml", "serial = \"登记编号\"\n");
    let told = world.json(&[&args[..], &["--map", &map]].concat());
    let planted = std::fs::read_to_string(world.at("out.csv")).unwrap();
    let numbers: Vec<&str> = planted.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(numbers, (2_026_000_001..=2_026_000_043u64).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(all(&told, "canaries").len(), 3);
    world.done(&["strip", &out, "--map", &map, "-o", &world.arg("clean.csv")]);
    assert_eq!(std::fs::read_to_string(world.at("clean.csv")).unwrap(), list);
}
