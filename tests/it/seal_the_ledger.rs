//! Checkpoints: what they show, that other programs can check them, and what they find out that the ledger alone does not.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
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
fn a_planting_is_under_a_checkpoint_at_once_unless_the_key_is_elsewhere() {
    let world = Fixed::ready(&["szfy"], 20);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    let last_kind = || String::from_utf8(world.entries().pop().unwrap()).unwrap().lines().nth(1).unwrap().to_string();
    world.done(&["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("szfy.csv")]);
    assert_eq!(last_kind(), "kind seal");
    let told = world.json(&["seal"]);
    assert_eq!((&told["new"], count(&told, "size")), (&Value::Bool(false), world.entries().len() as u64 - 1));
    world.done(&["mint", "--to", "szfy", "--count", "2"]);
    assert_eq!(last_kind(), "kind seal");
    world.verified();
    fs::rename(world.at("canaries.key"), world.at("elsewhere.key")).unwrap();
    world.done(&["mint", "--to", "szfy", "--count", "2", "-o", &world.arg("minted.csv")]);
    assert_eq!(last_kind(), "kind planted");
    fs::rename(world.at("elsewhere.key"), world.at("canaries.key")).unwrap();
    assert_eq!(world.json(&["seal"])["new"], true);
    world.verified();
}

#[test]
fn a_copy_that_cannot_be_laid_leaves_nothing_behind() {
    let (world, pushed) = sealed();
    fs::write(&pushed, "something else").unwrap();
    assert_eq!(world.run(&["seal", "--push", &world.arg("notary")]).code, Some(2));
    assert_eq!(fs::read_to_string(&pushed).unwrap(), "something else");
    assert_eq!(fs::read_dir(world.at("notary")).unwrap().count(), 1);
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
    let document: Value = serde_json::from_str(&old.out).unwrap();
    assert_eq!(document["stands"], document["entries"], "what an old copy has is whole: {document}");
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
        assert_eq!(document["stands"], document["entries"], "{name} says nothing of this log: {document}");
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
    world.done(&["holder", "add", "third", "--name", "Third"]);
    let second = keys.rfind("-----BEGIN").unwrap();
    fs::write(world.at("canaries.key"), &keys[..second]).unwrap();
    world.refused(&["seal"]).names("canaries.key");
    fs::remove_file(world.at("canaries.key")).unwrap();
    world.refused(&["seal"]).names("canaries.key");
}

#[test]
fn an_older_ledger_is_brought_up_to_date_when_it_is_opened() {
    let world = Fixed::ready(&["szfy"], 9);
    // A version that knows of no checkpoints enters none.
    fs::rename(world.at("canaries.key"), world.at("elsewhere.key")).unwrap();
    world.done(&["mint", "--to", "szfy", "--count", "2", "-o", &world.arg("august-out.csv")]);
    fs::rename(world.at("elsewhere.key"), world.at("canaries.key")).unwrap();
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

/// A web address that answers one request with `status`; gives it, and what it will have been sent.
fn web(status: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/log", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = Vec::new();
        let length = |text: &str| text.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
        loop {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).unwrap();
            heard.extend_from_slice(&piece[..read]);
            let text = String::from_utf8_lossy(&heard).into_owned();
            let whole = text
                .split_once("\r\n\r\n")
                .zip(length(&text))
                .map(|((head, _), body): (_, usize)| head.len() + 4 + body);
            if read == 0 || whole.is_some_and(|whole| heard.len() >= whole) {
                break;
            }
        }
        stream
            .write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes())
            .unwrap();
        String::from_utf8(heard).unwrap()
    });
    (address, served)
}

#[test]
fn a_checkpoint_goes_to_a_web_address_and_one_that_refuses_it_is_told_of() {
    let (world, pushed) = sealed();
    let note = fs::read_to_string(pushed).unwrap();
    let (address, served) = web("201 Created");
    let told = world.json(&["seal", "--push", &address]);
    assert_eq!(all(&told, "pushed"), [address]);
    let heard = served.join().unwrap();
    assert!(heard.starts_with("POST /log HTTP/1.1\r\n") && heard.ends_with(&note), "{heard}");
    let (address, served) = web("503 Service Unavailable");
    let told = world.run(&["seal", "--push", &address]);
    assert!(told.code == Some(2) && told.out == note && told.err.contains(&address), "{}{}", told.out, told.err);
    served.join().unwrap();
    world.refused(&["seal", "--push", "mailto:a@b\nBcc: c@d"]).says("no folder, web address or mailbox");
    for target in ["", "ftp://a.example/", "file:///etc"] {
        world.refused(&["seal", "--push", target]).says("no folder, web address or mailbox");
    }
}

#[test]
fn every_place_is_tried_and_each_that_has_no_copy_is_named() {
    let (world, pushed) = sealed();
    let note = fs::read_to_string(pushed).unwrap();
    fs::create_dir(world.at("second")).unwrap();
    let (gone, second) = (world.arg("gone"), world.arg("second"));
    for lang in ["en", "zh"] {
        // One who sends elsewhere has taken nothing.
        let (elsewhere, served) = web("302 Found\r\nLocation: http://127.0.0.1:9/other");
        let told = world.run(&["--lang", lang, "seal", "--push", &gone, "--push", &elsewhere, "--push", &second]);
        served.join().unwrap();
        assert_eq!((told.code, &told.out), (Some(2), &note), "{}", told.err);
        for word in [&gone, &elsewhere, "HTTP 302"] {
            assert!(told.err.contains(word), "{word} is not named: {}", told.err);
        }
        assert!(!told.err.contains("nothing was planted") && !told.err.contains("未投放"), "{}", told.err);
        let copies: Vec<_> = fs::read_dir(&second).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(copies.len() == 1 && fs::read_to_string(&copies[0]).unwrap() == note, "{copies:?}");
    }
}

#[test]
fn a_checkpoint_goes_to_a_mailbox_through_the_mail_program() {
    use std::os::unix::fs::PermissionsExt;
    let (world, pushed) = sealed();
    let note = fs::read_to_string(pushed).unwrap();
    let programs = world.at("programs");
    fs::create_dir(&programs).unwrap();
    let mail = world.arg("mail");
    fs::write(programs.join("sendmail"), format!("#!/bin/sh\n[ \"$*\" = '-i -t' ] && cat >'{mail}'\n")).unwrap();
    fs::set_permissions(programs.join("sendmail"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let done = world.program(&["seal", "--push", "mailto:notary@a.example"]).env("PATH", path).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mail = fs::read_to_string(mail).unwrap();
    assert!(
        mail.starts_with("To: notary@a.example\nSubject: canaries/") && mail.ends_with(&format!("\n\n{note}")),
        "{mail}"
    );
}
