//! Forged histories: whatever an operator does to the past, a package made of it is refused beside what he signed before.
//!
//! How many are tried is set by `CANARIES_FORGERIES`, and how many of these by the script too by `CANARIES_FORGERIES_BY_SCRIPT`; without
//! them, few enough for a quick run.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use canaries::ledger::{
    CanaryOpening, CanaryTree, Checkpoint, Entry, Event, Hash, InputFile, Record, Salter, SealedRoots, Tree,
    consistency_proof, inclusion_proof, leaf_hash, sha256,
};
use canaries::phone::Number;
use canaries::report::package::{Files, proof_text, sums};
use canaries::report::{PackageStep, check};
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use rand::rngs::ChaCha20Rng;
use rand::{RngExt, SeedableRng};

use crate::lists::Shape;
use crate::world::{Fixed, all, text};

/// Forged histories that are tried, half of them with a new checkpoint signed by the log's key.
const FORGERIES: usize = 1_000;
/// Forged packages that are given to the script as well: it takes a second for each.
const BY_SCRIPT: usize = 6;

fn set(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

fn wanted() -> usize {
    set("CANARIES_FORGERIES", FORGERIES)
}

struct Case {
    world: Fixed,
    entries: Vec<Entry>,
    package: Files,
    key: SigningKey,
}

fn read(folder: &std::path::Path, prefix: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

fn case() -> Case {
    let world = Fixed::ready(&["szfy", "rival"], 20);
    let list = world.write("births.csv", Shape { rows: 40, ..Shape::default() }.bytes());
    let done = world.json(&["plant", &list, "--to", "szfy", "--count", "2", "-o", &world.arg("szfy.csv")]);
    world.done(&["seal"]);
    let number = text(&all(&done, "canaries")[0], "number").to_string();
    world.pass_days(9);
    world.done(&["hit", "add", "--to", &number, "--from", "057188880000", "--said", "宝宝拍照"]);
    world.done(&["report", &number, "-o", &world.arg("evidence")]);
    let mut package = Files::new();
    read(&world.at("evidence"), "", &mut package);
    let db = world.ledger();
    let mut rows = db.prepare("SELECT body, openings FROM entry ORDER BY idx").unwrap();
    let rows = rows.query_map([], |row| Ok(Entry { body: row.get(0)?, openings: row.get(1)? })).unwrap();
    let entries = rows.map(Result::unwrap).collect();
    let key = SigningKey::from_pkcs8_pem(&fs::read_to_string(world.at("canaries.key")).unwrap()).unwrap();
    Case { world, entries, package, key }
}

/// Changes the past below `end`; gives the new history, and where each old entry stands in it, if it does.
fn forge(entries: &[Entry], end: usize, rng: &mut ChaCha20Rng) -> (Vec<Entry>, BTreeMap<usize, usize>) {
    let mut forged: Vec<(Option<usize>, Entry)> =
        entries.iter().cloned().enumerate().map(|(at, e)| (Some(at), e)).collect();
    let at = rng.random_range(1..end);
    let again = |entry: &Entry, change: &dyn Fn(Event) -> Event, days: i64, rng: &mut ChaCha20Rng| {
        let (when, event) = Event::read(entry).unwrap();
        change(event).write(when - chrono::TimeDelta::days(days), &mut Salter(rng))
    };
    match rng.random_range(0..6) {
        0 => forged.insert(at, (None, again(&entries[at], &|event| event, 0, rng))),
        1 => drop(forged.remove(at)),
        2 if at + 1 < end => forged.swap(at, at + 1),
        3 => forged[at].1 = again(&entries[at], &|event| event, 1, rng),
        4 => {
            let rival = |event| match event {
                Event::Sealed { planting, output, undo, roots: Some(mut roots) } => {
                    roots.holder = "rival".parse().unwrap();
                    Event::Sealed { planting, output, undo, roots: Some(roots) }
                }
                Event::Reserved(mut record) => {
                    record.holder = "rival".parse().unwrap();
                    Event::Reserved(record)
                }
                other => other,
            };
            forged[at].1 = again(&entries[at], &rival, 0, rng);
        }
        _ => forged[at].1 = again(&entries[at], &|event| event, 0, rng),
    }
    if forged.iter().map(|(_, entry)| &entry.body).eq(entries.iter().map(|entry| &entry.body)) {
        // An entry without a secret line has the same bytes when it is salted anew.
        return forge(entries, end, rng);
    }
    let places = forged.iter().enumerate().filter_map(|(now, (before, _))| Some(((*before)?, now))).collect();
    (forged.into_iter().map(|(_, entry)| entry).collect(), places)
}

/// Makes the package anew from a forged history, as well as it can be made.
fn repackage(case: &Case, (forged, places): &(Vec<Entry>, BTreeMap<usize, usize>), signs_anew: bool) -> Files {
    let note = String::from_utf8(case.package["checkpoint.note"].clone()).unwrap();
    let size = note.lines().nth(1).unwrap().parse::<usize>().unwrap();
    let old: u64 =
        std::str::from_utf8(&case.package["planting.note"]).unwrap().lines().nth(1).unwrap().parse().unwrap();
    let leaves: Vec<Hash> = forged.iter().map(|entry| leaf_hash(&entry.body)).collect();
    let leaves = &leaves[..size.min(leaves.len())];
    let mut files: Files = case
        .package
        .iter()
        .filter(|(name, _)| !name.starts_with("entries/"))
        .map(|(n, b)| (n.clone(), b.clone()))
        .collect();
    for name in case.package.keys().filter(|name| name.ends_with(".entry")) {
        let before: usize = name["entries/".len()..].trim_end_matches(".entry").parse().unwrap();
        let Some(now) = places.get(&before).copied().filter(|now| *now < leaves.len()) else { continue };
        let stem = format!("entries/{now:07}");
        files.insert(format!("{stem}.entry"), forged[now].body.clone());
        let proof = inclusion_proof(leaves, now as u64).unwrap();
        files.insert(format!("{stem}.proof"), proof_text((now as u64, leaves.len() as u64), &proof));
        if let Some(open) = case.package.get(&name.replace(".entry", ".open")) {
            let names: Vec<&str> =
                std::str::from_utf8(open).unwrap().lines().filter_map(|line| line.split(' ').next()).collect();
            files.insert(format!("{stem}.open"), forged[now].opened(&names).into_bytes());
        }
    }
    if signs_anew {
        let proof = consistency_proof(leaves, old).unwrap_or_default();
        files.insert("consistency.proof".to_string(), proof_text((old, leaves.len() as u64), &proof));
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        let checkpoint = Checkpoint::of(note.lines().next().unwrap(), &tree);
        files.insert("checkpoint.note".to_string(), checkpoint.sign(&[&case.key]).into_bytes());
    }
    sign(&mut files, &case.key);
    files
}

fn sign(files: &mut Files, key: &SigningKey) {
    files.retain(|name, _| !name.starts_with("SHA256SUMS"));
    let list = sums(files);
    files.insert("SHA256SUMS.sig".to_string(), key.sign(list.as_bytes()).to_bytes().to_vec());
    files.insert("SHA256SUMS".to_string(), list.into_bytes());
}

/// Gives what the script says of a package.
fn script(case: &Case, name: &str, files: &Files) -> String {
    let folder = case.world.at(name);
    for (name, bytes) in files {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    }
    let done = Command::new("sh").arg("verify.sh").current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(done.status.success(), said.starts_with("ok"), "{said}");
    said
}

#[test]
fn no_forged_history_is_accepted() {
    let case = case();
    assert!(check(&case.package).is_ok());
    let unchanged =
        repackage(&case, &(case.entries.clone(), (0..case.entries.len()).map(|at| (at, at)).collect()), true);
    assert!(check(&unchanged).is_ok(), "made anew from the true history it is accepted");
    assert!(script(&case, "true", &unchanged).starts_with("ok"));
    let end: usize =
        std::str::from_utf8(&case.package["planting.note"]).unwrap().lines().nth(1).unwrap().parse().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut steps: BTreeMap<PackageStep, usize> = BTreeMap::new();
    let by_script = set("CANARIES_FORGERIES_BY_SCRIPT", BY_SCRIPT);
    for at in 0..wanted() {
        let history = forge(&case.entries, end, &mut rng);
        let files = repackage(&case, &history, at % 2 == 0);
        let fault = check(&files).expect_err("a forged history was accepted");
        *steps.entry(fault.step).or_default() += 1;
        if at < by_script {
            let name = format!("forged-{at}");
            let said = script(&case, &name, &files);
            fs::remove_dir_all(case.world.at(&name)).unwrap();
            assert!(said.contains(&format!("({})", fault.step.word())), "{said}, but we say {fault}");
        }
    }
    assert!(steps.contains_key(&PackageStep::History) && steps.contains_key(&PackageStep::Entries), "{steps:?}");
}

/// Makes the package anew from the true history with one more entry, which is shown and opened in the place of those of `hidden` kind.
fn with_one_more(case: &Case, event: &Event, open: &[&str], hidden: &str) -> Files {
    let old_size = |name: &str| -> usize {
        std::str::from_utf8(&case.package[name]).unwrap().lines().nth(1).unwrap().parse().unwrap()
    };
    let size = old_size("checkpoint.note");
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let at = "2026-12-24T00:00:00Z".parse().unwrap();
    let mut entries = case.entries[..size].to_vec();
    entries.push(event.write(at, &mut Salter(&mut rng)));
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(&entry.body)).collect();
    let mut files = case.package.clone();
    let kind = format!("\nkind {hidden}\n");
    let is_hidden =
        |files: &Files, stem: &str| String::from_utf8_lossy(&files[&format!("{stem}.entry")]).contains(&kind);
    for name in case.package.keys().filter(|name| name.ends_with(".entry")) {
        let stem = name.trim_end_matches(".entry").to_string();
        if is_hidden(&files, &stem) {
            files.retain(|name, _| !name.starts_with(&stem));
            continue;
        }
        let index: u64 = stem["entries/".len()..].parse().unwrap();
        let proof = inclusion_proof(&leaves, index).unwrap();
        files.insert(format!("{stem}.proof"), proof_text((index, leaves.len() as u64), &proof));
    }
    let stem = format!("entries/{size:07}");
    files.insert(format!("{stem}.entry"), entries[size].body.clone());
    files.insert(format!("{stem}.open"), entries[size].opened(open).into_bytes());
    let proof = inclusion_proof(&leaves, size as u64).unwrap();
    files.insert(format!("{stem}.proof"), proof_text((size as u64, leaves.len() as u64), &proof));
    let old = old_size("planting.note") as u64;
    let proof = consistency_proof(&leaves, old).unwrap();
    files.insert("consistency.proof".to_string(), proof_text((old, leaves.len() as u64), &proof));
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    let origin = std::str::from_utf8(&case.package["checkpoint.note"]).unwrap().lines().next().unwrap().to_string();
    let note = Checkpoint::of(&origin, &tree).sign(&[&case.key]);
    files.insert("checkpoint.note".to_string(), note.into_bytes());
    files
}

#[test]
fn what_an_operator_enters_afterwards_speaks_for_no_older_planting() {
    let case = case();
    let refused = |name: &str, mut files: Files, step: PackageStep| {
        sign(&mut files, &case.key);
        let fault = check(&files).expect_err(name);
        let said = script(&case, name, &files);
        assert_eq!(fault.step, step, "{name}: {fault}");
        assert!(said.contains(&format!("({})", step.word())), "{name}: {said}");
    };
    let stranger = Event::Stray { source: "csv".to_string(), contacts: 1 };
    refused("a-kind-that-proves-nothing", with_one_more(&case, &stranger, &[], "none"), PackageStep::Entries);
    // The planting was for szfy; now it is sealed again, with the same canary, for rival.
    let shown = case.package.iter().find(|(name, _)| name.starts_with("canaries/") && name.ends_with(".open")).unwrap();
    let opening = CanaryOpening::read(std::str::from_utf8(shown.1).unwrap()).unwrap();
    let key = [9; 32];
    let mut tree = CanaryTree::new(key);
    tree.add(&opening);
    let (tree, text) = (tree.finish(), opening.text(&key));
    let sealed = Event::Sealed {
        planting: opening.planting,
        output: InputFile { path: "x".to_string(), sha256: "ab".repeat(32), rows: 42 },
        undo: None,
        roots: Some(SealedRoots {
            holder: "rival".parse().unwrap(),
            canaries_root: hex::encode(tree.root()),
            canaries_key: hex::encode(key),
            came: Vec::new(),
            rows: None,
        }),
    };
    let mut files = with_one_more(&case, &sealed, &["holder"], "sealed");
    let (index, size, proof) = tree.prove(&text).unwrap();
    files.insert(shown.0.clone(), text.into_bytes());
    files.insert(shown.0.replace(".open", ".proof"), proof_text((index, size), &proof));
    files.retain(|name, _| !name.starts_with("rows/"));
    refused("sealed-again", files.clone(), PackageStep::Order);
    files.retain(|name, _| !name.starts_with("planting.") && name != "consistency.proof");
    refused("sealed-again-unbounded", files, PackageStep::Order);
    // A canary is said to have been made for it.
    let mint = Event::Mint {
        canary: "C-000077".parse().unwrap(),
        planting: opening.planting,
        number: Number::from_e164(&opening.number).unwrap(),
        row: 3,
        record: Record::default(),
    };
    refused("minted-late", with_one_more(&case, &mint, &["number", "row", "record"], "none"), PackageStep::Copies);
}

#[test]
fn every_flipped_bit_of_a_package_is_flagged() {
    let case = case();
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let names: Vec<&String> = case.package.keys().collect();
    for _ in 0..wanted() {
        let name = names[rng.random_range(0..names.len())];
        let mut files = case.package.clone();
        let bytes = files.get_mut(name).unwrap();
        let at = rng.random_range(0..bytes.len());
        bytes[at] ^= 1 << rng.random_range(0..8);
        assert!(check(&files).is_err(), "byte {at} of {name}");
        assert_ne!(sha256(&files[name]), sha256(&case.package[name]));
    }
}
