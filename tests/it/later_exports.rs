//! Made-up histories of lists that are exported again: no new canary may come to stand among rows that an earlier copy had.

use std::collections::{HashMap, HashSet};

use rand::rngs::ChaCha20Rng;
use rand::seq::{IteratorRandom, SliceRandom};
use rand::{RngExt, SeedableRng};

use crate::lists::{ADDRESS, BIRTH, NAME, PHONE, RECORD_ID, SERIAL, Shape};
use crate::world::{Fixed, all, count};

const HEAD: [&str; 10] =
    ["序号", "住院号", "产妇姓名", "年龄", "分娩日期", "孕周", "性别", "联系电话", "家庭住址", "出生体重"];
const CANARIES: u64 = 4;
const SEEDS: u64 = 3;

/// What happens to a list between two exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    OldestLost,
    NewestFirst,
    LateRows,
    Resorted,
    ColumnAdded,
    Corrected,
}

use Turn::{ColumnAdded, Corrected, LateRows, NewestFirst, OldestLost, Resorted};

const HISTORIES: &[&[Turn]] = &[
    &[],
    &[OldestLost],
    &[NewestFirst],
    &[NewestFirst, OldestLost],
    &[LateRows],
    &[NewestFirst, LateRows],
    &[Corrected],
    &[Corrected, OldestLost, LateRows],
    &[NewestFirst, Corrected, OldestLost, LateRows],
    &[Resorted],
    &[Resorted, Corrected, OldestLost],
    &[ColumnAdded],
    &[ColumnAdded, OldestLost, Corrected, LateRows],
];

/// The rows of one export, each with its place in the whole list, which no correction changes.
struct Export {
    head: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

fn export(turns: &[Turn], month: usize, seed: u64) -> Export {
    let people = Shape { rows: 420, seed: 70 + seed, ..Shape::default() }.people();
    let mut rng = ChaCha20Rng::seed_from_u64(1_000 * seed + month as u64);
    let has = |turn| turns.contains(&turn);
    let (first, last) = (if has(OldestLost) { month * 55 } else { 0 }, 160 + month * 80);
    // Every so many rows one comes an export late.
    let late = |at: usize| has(LateRows) && at % 23 == 7 && at + 80 > last && month < 3;
    let mut rows: Vec<(usize, Vec<String>)> =
        people.into_iter().enumerate().take(last).skip(first).filter(|(at, _)| !late(*at)).collect();
    if has(Corrected) && month > 0 {
        let some = rows.iter_mut().sample(&mut rng, 25);
        some.into_iter().for_each(|(_, row)| correct(row, &mut rng));
    }
    if has(NewestFirst) {
        rows.reverse();
    }
    if has(Resorted) {
        if month == 1 { rows.sort_by(|one, other| one.1[NAME].cmp(&other.1[NAME])) } else { rows.shuffle(&mut rng) }
    }
    let mut head: Vec<String> = HEAD.iter().map(|name| name.to_string()).collect();
    for (at, (place, row)) in rows.iter_mut().enumerate() {
        row[SERIAL] = (at + 1).to_string();
        // What a row says stays, whichever rows before it are lost.
        let added = if has(ColumnAdded) { month } else { 0 };
        (0..added).for_each(|nth| row.push(["是", "否", ""][(*place + nth) % 3].into()));
    }
    if has(ColumnAdded) {
        (0..month).for_each(|nth| head.push(format!("随访{}", nth + 1)));
    }
    Export { head, rows }
}

/// Corrects one or two cells of a row.
fn correct(row: &mut [String], rng: &mut ChaCha20Rng) {
    for _ in 0..rng.random_range(1..3) {
        match rng.random_range(0..4) {
            0 => row[PHONE] = format!("1370013{:04}", rng.random_range(0..10_000)),
            1 => row[NAME] += "一",
            2 => row[ADDRESS] += "甲",
            _ => row[BIRTH] = row[BIRTH].replace('-', "/"),
        }
    }
}

impl Export {
    fn bytes(&self) -> Vec<u8> {
        let lines = std::iter::once(&self.head).chain(self.rows.iter().map(|(_, row)| row));
        lines.map(|row| row.join(",") + "\n").collect::<String>().into_bytes()
    }
}

/// What became of the canaries of one history.
#[derive(Debug, Default)]
struct Tally {
    new: u64,
    between_new: u64,
    among_old: u64,
    refused: u64,
    kept: u64,
}

/// Plants four exports of a list one after another and looks where the new canaries stand.
fn plant_through(turns: &[Turn], seed: u64, tally: &mut Tally) {
    let world = Fixed::ready(&["szfy"], 200);
    let mut oldest_unseen = vec![true; 500];
    for month in 0..4 {
        let export = export(turns, month, seed);
        let (list, name) = (world.write(&format!("in{month}.csv"), export.bytes()), format!("out{month}.csv"));
        let args =
            ["--json", "plant", &list, "--to", "szfy", "--count", &CANARIES.to_string(), "-o", &world.arg(&name)];
        let told = world.run(&args);
        if told.code != Some(0) {
            assert!(told.err.contains("no earlier copy had"), "{turns:?} {seed} {month}: {}", told.err);
            tally.refused += 1;
            continue;
        }
        let done: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        tally.kept += count(&done, "kept");
        let places: HashMap<&str, usize> =
            export.rows.iter().map(|(place, row)| (row[RECORD_ID].as_str(), *place)).collect();
        let copy = std::fs::read_to_string(world.at(&name)).unwrap();
        let ids: Vec<&str> = copy.lines().skip(1).map(|line| line.split(',').nth(RECORD_ID).unwrap()).collect();
        let different: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(different.len(), ids.len(), "{turns:?} {seed} {month}: an id stands twice");
        for canary in all(&done, "canaries").iter().filter(|_| month > 0) {
            let at = count(canary, "row") as usize - 1;
            let is_new = |id: &&&str| places.get(**id).map(|place| oldest_unseen[*place]);
            let above = ids[..at].iter().rev().find_map(|id| is_new(&id));
            let below = ids[at + 1..].iter().find_map(|id| is_new(&id));
            tally.new += 1;
            tally.between_new += u64::from(above == Some(true) && below == Some(true));
            tally.among_old += u64::from(above != Some(true) && below != Some(true));
        }
        export.rows.iter().for_each(|(place, _)| oldest_unseen[*place] = false);
        world.done(&["strip", &world.arg(&name), "-o", &world.arg("clean.csv")]);
        assert!(std::fs::read(world.at("clean.csv")).unwrap() == export.bytes(), "{turns:?} does not come back");
        std::fs::remove_file(world.at("clean.csv")).unwrap();
        world.pass_days(30);
    }
    world.verified();
}

#[test]
fn no_new_canary_stands_among_rows_that_an_earlier_copy_had() {
    for turns in HISTORIES {
        let mut tally = Tally::default();
        (0..SEEDS).for_each(|seed| plant_through(turns, seed, &mut tally));
        println!("{turns:?}: {tally:?}");
        assert_eq!(tally.among_old, 0, "{turns:?}: {tally:?}");
        let single = turns.contains(&Resorted);
        assert!(single || tally.between_new == tally.new, "{turns:?}: {tally:?}");
        assert!(tally.refused <= SEEDS, "{turns:?}: {tally:?}");
        let stays = !turns.iter().any(|turn| matches!(turn, OldestLost | Corrected));
        let earlier = SEEDS * CANARIES * (1 + 2 + 3);
        // A late row may have the number of a canary, which stays out then.
        let least = if turns.contains(&LateRows) { earlier * 4 / 5 } else { earlier };
        assert!(!stays || tally.refused > 0 || (least..=earlier).contains(&tally.kept), "{turns:?}: {tally:?}");
    }
}

/// Changes every row of an export in one way.
type Change = fn(&mut Vec<String>);

/// Plants an export, then a later one of which every row was changed.
fn replanted(head: &[&str], change: Change) -> (Fixed, crate::stage::Told) {
    let world = Fixed::ready(&["szfy"], 200);
    let first = export(&[], 0, 1);
    let list = world.write("one.csv", first.bytes());
    world.done(&["plant", &list, "--to", "szfy", "--count", "4", "-o", &world.arg("out-one.csv")]);
    world.pass_days(30);
    let mut later = export(&[], 1, 1);
    later.rows.iter_mut().for_each(|(_, row)| change(row));
    later.head = head.iter().map(|name| name.to_string()).collect();
    let list = world.write("two.csv", later.bytes());
    let told = world.run(&["--json", "plant", &list, "--to", "szfy", "--count", "4", "-o", &world.arg("out-two.csv")]);
    (world, told)
}

#[test]
fn canaries_go_back_between_rows_whose_columns_were_added_moved_or_renamed() {
    let renamed = ["No", "病案号", "姓名", "年龄", "分娩日期", "孕周", "性别", "手机号", "住址", "出生体重"];
    let added = [&["医院"], &HEAD[..], &["备注"]].concat();
    let swapped = [&HEAD[..7], &[HEAD[8], HEAD[7], HEAD[9]]].concat();
    let changes: [(&str, &[&str], Change); 4] = [
        ("renamed", &renamed, |_| {}),
        ("added", &added, |row| {
            row.insert(0, "深圳一院".into());
            row.push(String::new());
        }),
        ("swapped", &swapped, |row| row.swap(7, 8)),
        ("no serial", &HEAD[1..], |row| drop(row.remove(0))),
    ];
    for (name, head, change) in changes {
        let (world, told) = replanted(head, change);
        assert_eq!(told.code, Some(0), "{name}: {}", told.err);
        let done: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!((count(&done, "kept"), count(&done, "left_out")), (4, 0), "{name}");
        world.verified();
    }
}

#[test]
fn a_list_whose_rows_are_all_written_otherwise_is_refused() {
    let changes: [(&str, Change); 5] = [
        ("phones", |row| row[PHONE].insert(3, '-')),
        ("days", |row| row[BIRTH] = row[BIRTH].replace('-', "/")),
        ("ages", |row| row[3] = (row[3].parse::<u32>().unwrap() + 1).to_string()),
        ("weights", |row| row[9].insert(1, '.')),
        ("names", |row| row[NAME] = row[NAME].chars().take(1).chain("**".chars()).collect()),
    ];
    for (name, change) in changes {
        let (world, told) = replanted(&HEAD, change);
        assert_eq!(told.code, Some(2), "{name}: {}", told.out);
        assert!(told.err.contains("written otherwise now") && told.err.contains("--unrelated"), "{name}: {}", told.err);
        assert!(!world.at("out-two.csv").exists(), "{name}");
    }
    let (_world, told) = replanted(&HEAD[..9], |row| row.truncate(9));
    assert!(told.err.contains("written otherwise now"), "a column is gone: {} {}", told.out, told.err);
}
