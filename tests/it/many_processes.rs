//! Many programs at one ledger: no number goes to two holders, no contact is lost or doubled, nobody is told to wait.

use std::collections::{BTreeMap, HashSet};
use std::process::{Child, Stdio};

use rand::rngs::ChaCha20Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::lists::Shape;
use crate::stage::Told;
use crate::world::{Fixed, all, text};

const PLANTERS: usize = 16;
const CANARIES: usize = 5;
const IMPORTERS: usize = 4;

fn start(world: &Fixed, args: &[&str]) -> Child {
    world.program(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> Told {
    let told = Told::from(child.wait_with_output().unwrap());
    assert_eq!(told.code, Some(0), "{}{}", told.out, told.err);
    assert!(!told.err.contains("being used"), "{}", told.err);
    told
}

/// One line of a call-record file a contact.
fn contacts(world: &Fixed, count: usize) -> Vec<String> {
    let numbers = world.json(&["number", "list"]);
    let numbers: Vec<&str> = numbers.as_array().unwrap().iter().map(|number| text(number, "number")).collect();
    (0..count)
        .map(|i| format!("{},057188880000,2026-11-20 10:{:02}:{:02}\n", numbers[i % numbers.len()], i / 60, i % 60))
        .collect()
}

fn call_file(world: &Fixed, name: &str, lines: &[String]) -> String {
    world.write(name, format!("to,from,at\n{}", lines.concat()))
}

#[test]
fn sixteen_planters_and_four_importers_at_once_double_nothing() {
    let ids: Vec<String> = (0..PLANTERS).map(|i| format!("h{i}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let world = Fixed::ready(&ids, 6 * PLANTERS * CANARIES);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    let lines = contacts(&world, 120);
    let mut running = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        // Half of them share a folder, half have one of their own.
        let output = if at % 2 == 0 { format!("{id}.csv") } else { format!("{id}/out.csv") };
        std::fs::create_dir_all(world.at(&output).parent().unwrap()).unwrap();
        let count = CANARIES.to_string();
        running
            .push(start(&world, &["--json", "plant", &list, "--to", id, "--count", &count, "-o", &world.arg(&output)]));
    }
    for importer in 0..IMPORTERS {
        let file = call_file(&world, &format!("calls-{importer}.csv"), &lines[importer * 20..importer * 20 + 60]);
        running.push(start(&world, &["--json", "hit", "import", &file]));
    }
    let told: Vec<Told> = running.into_iter().map(ended).collect();
    let mut numbers = HashSet::new();
    let mut plantings = HashSet::new();
    for told in &told[..PLANTERS] {
        let planting: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        assert!(plantings.insert(text(&planting, "planting").to_string()));
        for canary in all(&planting, "canaries") {
            assert!(numbers.insert(text(canary, "number").to_string()), "{canary} was given out twice");
        }
    }
    assert_eq!(numbers.len(), PLANTERS * CANARIES);
    assert_eq!(world.json(&["hit", "list"]).as_array().unwrap().len(), 120);
    world.verified();
    assert!(world.files().iter().all(|path| path.extension().is_none_or(|end| end != "tmp")));
}

#[test]
fn minters_at_once_get_different_numbers() {
    let world = Fixed::ready(&["szfy"], 40);
    let running: Vec<Child> =
        (0..8).map(|_| start(&world, &["--json", "mint", "--to", "szfy", "--count", "4"])).collect();
    let mut numbers = HashSet::new();
    for told in running.into_iter().map(ended) {
        let minted: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        assert!(all(&minted, "canaries").iter().all(|canary| numbers.insert(text(canary, "number").to_string())));
    }
    assert_eq!(numbers.len(), 32);
    world.verified();
}

#[test]
fn contacts_are_the_same_whatever_the_order_and_the_files_they_come_in() {
    let world = Fixed::ready(&[], 20);
    let lines = contacts(&world, 90);
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let mut seen = BTreeMap::new();
    for round in 0..8 {
        let twin = world.twin();
        for part in 0..5 {
            let mut some: Vec<String> = lines.iter().filter(|_| rng.random_bool(0.6)).cloned().collect();
            some.shuffle(&mut rng);
            twin.done(&["hit", "import", &call_file(&twin, &format!("part-{part}.csv"), &some)]);
        }
        twin.done(&["hit", "import", &call_file(&twin, "rest.csv", &lines)]);
        let again = twin.json(&["hit", "import", &twin.arg("rest.csv")]);
        assert_eq!((&again["kept"], &again["known"]), (&0.into(), &90.into()));
        let hits = twin.json(&["hit", "list"]);
        let mut all: Vec<String> = hits.as_array().unwrap().iter().map(|hit| hit.to_string()).collect();
        all.sort();
        seen.insert(all.concat(), round);
        assert_eq!(hits.as_array().unwrap().len(), 90);
        twin.verified();
    }
    assert_eq!(seen.len(), 1, "rounds {seen:?} differ");
}

#[test]
fn entries_are_only_ever_added() {
    let world = Fixed::ready(&["szfy"], 60);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    let calls = call_file(&world, "calls.csv", &contacts(&world, 10));
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let mut before = world.entries();
    for step in 0..24 {
        let (holder, output) = (format!("h{step}"), world.arg(&format!("out-{step}.csv")));
        let steps: [Vec<&str>; 7] = [
            vec!["holder", "add", &holder, "--name", "x"],
            vec!["flow", "add", "szfy", "szfy"],
            vec!["number", "control", "--count", "1"],
            vec!["plant", &list, "--to", "szfy", "--count", "1", "-o", &output],
            vec!["plant", &list, "--to", "szfy", "--count", "500", "-o", &output],
            vec!["hit", "import", &calls],
            vec!["trace"],
        ];
        world.run(&steps[rng.random_range(0..steps.len())]);
        let after = world.entries();
        assert!(after.starts_with(&before), "an entry changed at step {step}");
        before = after;
    }
    world.verified();
}
