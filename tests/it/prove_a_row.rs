//! A row of a file that was handed over: shown with its proof, found again by who has the file, and refused when it is another.

use std::fs;

use canaries::ledger::{Hash, leaf_hash, opening_of, root_of, row_in, row_text};

use crate::lists::Shape;
use crate::prove_it::{Change, both, sign_again};
use crate::world::{Fixed, all, count, text};

/// The open lines and the openings of the newest entry of a kind.
fn newest(world: &Fixed, kind: &str) -> (String, Vec<u8>) {
    let db = world.ledger();
    let mut rows = db.prepare("SELECT body, openings FROM entry ORDER BY idx DESC").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))).unwrap();
    let mut entries = rows.map(|row| row.map(|(body, openings)| (String::from_utf8(body).unwrap(), openings)).unwrap());
    entries.find(|(body, _)| body.contains(&format!("\nkind {kind}\n"))).unwrap()
}

fn line_of(body: &str, name: &str) -> Option<String> {
    body.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(' ')?.to_string()))
}

/// Plants, has one canary called, and makes a package of it; gives the canary and the package.
fn packaged(world: &Fixed, list: &str, out: &str) -> (serde_json::Value, String) {
    let done = world.json(&["plant", list, "--to", "szfy", "--count", "3", "-o", &world.arg(out)]);
    let canary = all(&done, "canaries")[1].clone();
    world.done(&["hit", "add", "--to", text(&canary, "number"), "--said", "宝宝拍照"]);
    let folder = world.arg(&format!("{out}.evidence"));
    world.done(&["report", text(&canary, "number"), "-o", &folder]);
    (canary, folder)
}

fn shown(folder: &str, canary: &serde_json::Value) -> (String, Vec<u8>) {
    let path = format!("{folder}/rows/{}.row", text(canary, "id"));
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[test]
fn a_row_of_a_text_list_is_the_line_of_the_file_and_anybody_with_the_key_grows_the_same_tree() {
    let world = Fixed::ready(&["szfy"], 20);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    let (canary, folder) = packaged(&world, &list, "seeded.csv");
    assert_eq!(both(&world, &folder, "a row is shown"), None);
    let (_, leaf) = shown(&folder, &canary);
    let head = String::from_utf8_lossy(&leaf).into_owned();
    let number: usize = line_of(&head, "record").unwrap().parse().unwrap();
    let copy = fs::read(world.at("seeded.csv")).unwrap();
    let lines: Vec<&[u8]> = copy.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n').collect();
    let lines: Vec<&[u8]> = lines.iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    let first = lines[0].strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(lines[0]);
    let lines = [&[first], &lines[1..]].concat();
    assert_eq!(row_in(&leaf), Some(lines[number - 1]), "line {number} of the file");
    let (body, openings) = newest(&world, "sealed");
    let mut key = [0; 32];
    hex::decode_to_slice(opening_of(&openings, "rows-key").unwrap(), &mut key).unwrap();
    let leaves: Vec<Hash> = (1..).zip(&lines).map(|(number, line)| leaf_hash(&row_text(&key, number, line))).collect();
    assert_eq!(line_of(&body, "rows-root"), Some(hex::encode(root_of(&leaves))));
    assert_eq!(count(&canary, "row") + 1, number as u64, "a header stands above");
    world.verified();
}

#[test]
fn no_real_row_is_in_the_ledger_though_all_are_in_the_tree() {
    let world = Fixed::ready(&["szfy"], 20);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    packaged(&world, &list, "seeded.csv");
    let (_, openings) = newest(&world, "sealed");
    let proofs: serde_json::Value = serde_json::from_str(opening_of(&openings, "rows-proofs").unwrap()).unwrap();
    assert_eq!(all(&proofs, "rows").len(), 3, "the canaries' rows and no other");
    assert_eq!(count(&proofs, "size"), 64, "a header and 63 rows");
}

#[test]
fn a_row_of_a_workbook_is_its_cells_on_one_line() {
    let world = Fixed::ready(&["szfy"], 60);
    let list = world.write("daily.xlsx", include_bytes!("../../src/cli/demo_lists/daily.xlsx"));
    let (canary, folder) = packaged(&world, &list, "seeded.xlsx");
    assert_eq!(both(&world, &folder, "a row of a workbook"), None);
    let (_, leaf) = shown(&folder, &canary);
    let row = String::from_utf8(row_in(&leaf).unwrap().to_vec()).unwrap();
    let cells: Vec<&str> = row.split('\t').collect();
    let national = text(&canary, "number").trim_start_matches("+86");
    assert!(cells.contains(&national) && cells.contains(&text(&canary["fields"], "mother_name")), "{row}");
    world.verified();
}

#[test]
fn another_row_another_place_and_a_row_of_no_canary_are_refused() {
    let world = Fixed::ready(&["szfy"], 20);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    let (canary, good) = packaged(&world, &list, "seeded.csv");
    let (path, leaf) = shown(&good, &canary);
    let end = text(&canary, "number")[7..].to_string();
    let changes: [(&str, Change<'_>); 4] = [
        ("another word", Box::new(|row| fs::write(row, [&leaf[..], b"x"].concat()).unwrap())),
        (
            "another number",
            Box::new(|row| {
                let leaf = String::from_utf8(leaf.clone()).unwrap();
                fs::write(row, leaf.replace(&end, "0000000")).unwrap();
            }),
        ),
        (
            "another place",
            Box::new(|row| {
                let proof = row.replace(".row", ".proof");
                let text = fs::read_to_string(&proof).unwrap();
                fs::write(&proof, format!("1{text}")).unwrap();
            }),
        ),
        (
            "a row of no canary",
            Box::new(|row| {
                fs::copy(row, row.replace("C-", "C-9")).unwrap();
            }),
        ),
    ];
    for (at, (what, change)) in changes.iter().enumerate() {
        let folder = world.arg(&format!("bad-{at}"));
        let copied = std::process::Command::new("cp").args(["-r", &good, &folder]).status().unwrap();
        assert!(copied.success());
        change(&path.replace(&good, &folder));
        sign_again(&world, &folder);
        assert_eq!(both(&world, &folder, what).as_deref(), Some("canaries"), "{what}");
    }
}
