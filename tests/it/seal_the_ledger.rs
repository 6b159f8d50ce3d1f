//! Checkpoints: what they show, that other programs can check them, and what they find out that the ledger alone does not.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::lists::Shape;
use crate::stage::Told;
use crate::world::{Fixed, all, count, text};

const TABLES_OF_VERSION_2: [&str; 4] = ["stamp", "receipt", "seal", "log_key"];
const TABLES_OF_VERSION_3: [&str; 2] = ["cohort", "arrival"];

/// A ledger with a planting and a checkpoint of it, laid elsewhere.
fn sealed() -> (Fixed, String) {
    let world = Fixed::ready(&["szfy", "district"], 20);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    world.done(&["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("szfy.csv")]);
    fs::create_dir(world.at("notary")).unwrap();
    let told = world.json(&["seal", "--push", &world.arg("notary")]);
    let pushed = all(&told, "pushed")[0].as_str().unwrap().to_string();
    (world, pushed)
}

/// Runs an outside program; gives what it printed, or nothing if it failed.
fn outside(program: &str, args: &[&str], folder: &Path) -> Option<Vec<u8>> {
    let done = Command::new(program).args(args).current_dir(folder).output().unwrap();
    done.status.success().then_some(done.stdout)
}

fn verify_against(world: &Fixed, checkpoint: &str) -> (Told, Value) {
    let told = world.run(&["--json", "verify", "--checkpoint", checkpoint]);
    let document = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{}{}", told.out, told.err));
    (told, document)
}

#[test]
fn openssl_verifies_the_checkpoint_that_seal_prints() {
    let (world, pushed) = sealed();
    let note = fs::read_to_string(&pushed).unwrap();
    let lines: Vec<&str> = note.lines().collect();
    assert_eq!(lines.len(), 5, "{note}");
    world.write("text", format!("{}\n", lines[..3].join("\n")));
    world.write("line", lines[4].rsplit(' ').next().unwrap());
    let folder = world.folder();
    let signed = outside("openssl", &["base64", "-d", "-A", "-in", "line"], folder).unwrap();
    world.write("signature", &signed[4..]);
    let public = outside("openssl", &["pkey", "-in", "canaries.key", "-pubout"], folder).unwrap();
    world.write("log.pub", public);
    let check = ["pkeyutl", "-verify", "-pubin", "-inkey", "log.pub", "-rawin", "-in", "text", "-sigfile", "signature"];
    assert!(outside("openssl", &check, folder).is_some());
    world.write("text", format!("{}\n", lines[..3].join("\n").replace(lines[1], "9")));
    assert!(outside("openssl", &check, folder).is_none());
}

#[test]
fn a_checkpoint_covers_all_entries_before_it_and_is_one_itself() {
    let (world, pushed) = sealed();
    let entries = world.entries();
    let note = fs::read_to_string(&pushed).unwrap();
    assert_eq!(note.lines().nth(1).unwrap(), (entries.len() - 1).to_string());
    let last = String::from_utf8(entries.last().unwrap().clone()).unwrap();
    assert!(last.starts_with("canaries/entry/1\nkind seal\n"), "{last}");
    world.verified();
    let again = world.json(&["seal", "--push", &world.arg("notary")]);
    assert_eq!((&again["new"], text(&again, "note")), (&Value::Bool(false), note.as_str()));
    assert_eq!(world.entries().len(), entries.len(), "nothing new was signed");
    assert_eq!(fs::read_dir(world.at("notary")).unwrap().count(), 1);
    assert_eq!(world.done(&["seal"]), note);
    world.done(&["holder", "add", "other", "--name", "Other"]);
    let next = world.json(&["seal", "--push", &world.arg("notary")]);
    assert_eq!(count(&next, "size"), entries.len() as u64 + 1);
    assert_eq!(fs::read_dir(world.at("notary")).unwrap().count(), 2);
    world.verified();
}

#[test]
fn a_ledger_is_compared_with_a_checkpoint_that_was_kept_elsewhere() {
    let (world, pushed) = sealed();
    let (told, document) = verify_against(&world, &pushed);
    assert_eq!((told.code, &document["ok"]), (Some(0), &Value::Bool(true)), "{}", told.err);
    let whole = world.entries().len() as u64;
    assert_eq!((count(&document, "entries"), count(&document, "stands")), (whole, whole));
    assert_eq!(count(&document, "sealed"), whole - 1);
    world.refused(&["verify", "--checkpoint", &world.arg("none.note")]).names("none.note");
}

#[test]
fn an_old_backup_and_a_lost_tail_are_found_out_by_the_checkpoint() {
    let world = Fixed::ready(&["szfy"], 5);
    world.done(&["seal"]);
    world.done(&["backup", &world.arg("old.db")]);
    world.done(&["holder", "add", "other", "--name", "Other"]);
    fs::create_dir(world.at("notary")).unwrap();
    let told = world.json(&["seal", "--push", &world.arg("notary")]);
    let pushed = all(&told, "pushed")[0].as_str().unwrap();
    let old = world.run(&["--db", &world.arg("old.db"), "--json", "verify"]);
    assert_eq!(old.code, Some(0), "by itself an old copy is sound: {}", old.out);
    let old = world.run(&["--db", &world.arg("old.db"), "--json", "verify", "--checkpoint", pushed]);
    assert_eq!(old.code, Some(1));
    assert!(old.out.contains("an old copy, or its tail is gone"), "{}", old.out);
    // A write-ahead log that is cut loses whole transactions, and SQLite says nothing.
    let cut = world.twin();
    let db = cut.ledger();
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    cut.done(&["holder", "add", "third", "--name", "Third"]);
    let kept = [cut.arg("canaries.db"), cut.arg("canaries.db-wal")].map(|path| fs::read(path).unwrap());
    let told = cut.json(&["seal", "--push", &cut.arg("notary")]);
    let pushed = all(&told, "pushed")[0].as_str().unwrap().to_string();
    drop(db);
    fs::write(cut.at("canaries.db"), &kept[0]).unwrap();
    fs::write(cut.at("canaries.db-wal"), &kept[1][..kept[1].len() / 2]).unwrap();
    let (told, document) = verify_against(&cut, &pushed);
    assert_eq!(told.code, Some(1), "{document}");
}

#[test]
fn another_history_of_the_same_length_is_found_out_by_the_checkpoint() {
    let world = Fixed::ready(&["szfy"], 5);
    fs::create_dir(world.at("notary")).unwrap();
    let early = world.json(&["seal", "--push", &world.arg("notary")]);
    let forged = world.twin();
    world.done(&["holder", "add", "thief", "--name", "Thief"]);
    forged.done(&["holder", "add", "rival", "--name", "Rival"]);
    let told = world.json(&["seal", "--push", &world.arg("notary")]);
    forged.done(&["seal"]);
    forged.verified();
    let pushed = all(&told, "pushed")[0].as_str().unwrap();
    let (told, document) = verify_against(&forged, pushed);
    assert_eq!(told.code, Some(1), "{document}");
    assert!(all(&document, "faults")[0].as_str().unwrap().contains("are not those it was signed over"), "{document}");
    let first = all(&early, "pushed")[0].as_str().unwrap();
    let both = forged.run(&["--json", "verify", "--checkpoint", first, "--checkpoint", pushed]);
    let both: Value = serde_json::from_str(&both.out).unwrap();
    assert_eq!(both["stands"], early["size"], "what the earlier checkpoint covers still stands");
}

#[test]
fn a_changed_or_strange_checkpoint_is_refused() {
    let (world, pushed) = sealed();
    let note = fs::read_to_string(&pushed).unwrap();
    let other = Fixed::bare();
    other.done(&["completions", "bash"]);
    other.done(&["init"]);
    for (name, text, says) in [
        ("size", note.replacen('\n', "\n1", 1), "does not fit it"),
        ("text", "no note at all\n".to_string(), "not a signed note"),
        ("other", other.done(&["seal"]), "another log"),
    ] {
        let file = world.write(&format!("{name}.note"), text);
        let (told, document) = verify_against(&world, &file);
        assert_eq!(told.code, Some(1), "{name}");
        assert!(all(&document, "faults")[0].as_str().unwrap().contains(says), "{name}: {document}");
    }
}

#[test]
fn a_new_key_takes_over_only_with_the_old_ones_signature() {
    let (world, _) = sealed();
    let told = world.json(&["seal", "--rotate"]);
    assert_eq!(text(&told, "note").lines().count(), 6, "two signatures");
    world.verified();
    world.done(&["holder", "add", "other", "--name", "Other"]);
    let next = world.done(&["seal"]);
    assert_eq!(next.lines().count(), 5);
    let key_id = |note: &str| note.lines().last().unwrap().rsplit(' ').next().unwrap()[..5].to_string();
    assert_eq!(key_id(text(&told, "note")), key_id(&next), "the new key signs");
    world.verified();
    let keys = fs::read_to_string(world.at("canaries.key")).unwrap();
    assert_eq!(keys.matches("BEGIN PRIVATE KEY").count(), 2);
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(world.at("canaries.key")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let list = world.write("july.csv", Shape { rows: 80, ..Shape::default() }.bytes());
    world.done(&["plant", &list, "--to", "szfy", "--count", "2", "-o", &world.arg("july-out.csv")]);
    let second = keys.rfind("-----BEGIN").unwrap();
    fs::write(world.at("canaries.key"), &keys[..second]).unwrap();
    world.refused(&["seal"]).names("canaries.key");
    fs::remove_file(world.at("canaries.key")).unwrap();
    world.refused(&["seal"]).names("canaries.key");
}

#[test]
fn an_older_ledger_is_brought_up_to_date_when_it_is_opened() {
    let world = Fixed::ready(&["szfy"], 9);
    let list = world.write("august.csv", Shape { rows: 40, ..Shape::default() }.bytes());
    world.done(&["plant", &list, "--to", "szfy", "--count", "2", "-o", &world.arg("august-out.csv")]);
    world.done(&["number", "add", "13912345678"]);
    let db = world.ledger();
    for table in TABLES_OF_VERSION_2.into_iter().chain(TABLES_OF_VERSION_3) {
        db.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    let before = world.entries();
    world.verified();
    assert_eq!(world.entries(), before, "no entry changed");
    let list = world.write("births.csv", Shape { rows: 40, ..Shape::default() }.bytes());
    world.done(&["plant", &list, "--to", "szfy", "--count", "2", "-o", &world.arg("out.csv")]);
    assert_eq!(world.done(&["seal"]).lines().count(), 5);
    world.verified();
}
