//! The ledger: nothing in it is changed or deleted, and whoever does it behind the program's back is found out.

use std::fs;
use std::process::Stdio;

use rand::rngs::ChaCha20Rng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::lists::Shape;
use crate::stage::Told;
use crate::world::{Fixed, all, count, text};

const TABLES: [&str; 14] = [
    "entry",
    "head",
    "holder",
    "flow",
    "number",
    "number_mark",
    "planting",
    "planting_step",
    "canary",
    "received",
    "contact",
    "stray",
    "log_key",
    "seal",
];
/// Tables of counts, which are added to.
const COUNTS: [&str; 2] = ["arrival", "cohort"];

/// A ledger with rows in every table.
fn full() -> Fixed {
    let world = Fixed::ready(&["szfy", "district"], 30);
    world.done(&["flow", "add", "szfy", "district", "--since", "2026-01-01"]);
    world.done(&["number", "control", "--count", "2"]);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    let told = world.json(&["plant", &list, "--to", "szfy", "--count", "2", "-o", &world.arg("szfy.csv")]);
    world.done(&[
        "plant",
        &world.arg("szfy.csv"),
        "--to",
        "district",
        "--count",
        "1",
        "-o",
        &world.arg("district.csv"),
    ]);
    let number = text(&all(&told, "canaries")[0], "number");
    world.done(&["hit", "add", "--to", number, "--from", "057188880000", "--said", "宝宝拍照"]);
    world.done(&["hit", "add", "--to", "13700009999"]);
    world.done(&["seal"]);
    world.verified();
    world
}

/// Does something to the ledger that its triggers forbid, and puts the triggers back.
fn tamper(world: &Fixed, sql: &str) {
    let db = world.ledger();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    let mut triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let triggers: Vec<(String, String)> =
        triggers.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    for (name, _) in &triggers {
        db.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    db.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    for (_, sql) in &triggers {
        db.execute_batch(sql).unwrap();
    }
}

/// Makes sure that the check fails; gives what it found.
fn found_out(world: &Fixed, what: &str) -> String {
    let told = world.run(&["--json", "verify"]);
    assert_eq!(told.code, Some(1), "`{what}` is not found: {}{}", told.out, told.err);
    let checked: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(checked["ok"], false, "{what}");
    assert!(!all(&checked, "faults").is_empty(), "{what}");
    checked["faults"].to_string()
}

fn columns(db: &Connection, table: &str) -> Vec<String> {
    let mut statement = db.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn nothing_is_changed_or_deleted_in_any_table() {
    let world = full();
    let db = world.ledger();
    for table in TABLES {
        let rows: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert!(rows > 0, "`{table}` is empty: the story does not touch it");
        let deleted = db.execute(&format!("DELETE FROM {table}"), []).unwrap_err().to_string();
        assert!(deleted.contains("append-only"), "{table}: {deleted}");
        for column in columns(&db, table) {
            let changed = db.execute(&format!("UPDATE {table} SET {column} = {column}"), []).unwrap_err().to_string();
            assert!(changed.contains("append-only"), "{table}.{column}: {changed}");
        }
    }
    drop(db);
    world.verified();
}

#[test]
fn a_changed_value_in_any_column_of_any_table_is_found() {
    let world = full();
    for table in TABLES.into_iter().chain(COUNTS) {
        for column in columns(&world.ledger(), table) {
            let twin = world.twin();
            let first: Value = {
                let db = twin.ledger();
                let sql = format!("SELECT {column} FROM {table} ORDER BY 1 DESC LIMIT 1");
                db.query_row(&sql, [], |row| row.get(0)).unwrap()
            };
            let changed = match &first {
                Value::Null => "1".to_string(),
                Value::Integer(_) => format!("{column} + 1000000"),
                Value::Real(_) => "0.123".to_string(),
                Value::Text(_) => format!("{column} || 'x'"),
                Value::Blob(_) => format!("zeroblob(length({column}))"),
            };
            let sql = format!(
                "UPDATE {table} SET {column} = {changed} WHERE {column} IS (SELECT {column} FROM {table} ORDER BY 1 DESC LIMIT 1)"
            );
            tamper(&twin, &sql);
            found_out(&twin, &sql);
        }
    }
}

#[test]
fn one_flipped_bit_anywhere_in_an_entry_is_found() {
    let world = full();
    let sizes: Vec<(i64, i64, i64)> = {
        let db = world.ledger();
        let mut rows = db.prepare("SELECT idx, length(body), length(openings) FROM entry ORDER BY idx").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let last = sizes.last().unwrap().0;
    for (index, body, openings) in sizes.into_iter().filter(|(index, ..)| index % 7 == 0 || *index > last - 6) {
        for (column, length) in [("body", body), ("openings", openings)] {
            for at in [0, length / 3, length / 2, length - 1] {
                if length == 0 {
                    continue;
                }
                let twin = world.twin();
                let before: Vec<u8> = {
                    let sql = format!("SELECT {column} FROM entry WHERE idx = {index}");
                    twin.ledger().query_row(&sql, [], |row| row.get(0)).unwrap()
                };
                let mut after = before.clone();
                after[at as usize] ^= 1;
                let sql = format!("UPDATE entry SET {column} = x'{}' WHERE idx = {index}", hex::encode(after));
                tamper(&twin, &sql);
                found_out(&twin, &format!("bit 0 of byte {at} of {column} of entry {index}"));
            }
        }
    }
}

/// Bits that are flipped by chance; `CANARIES_FLIPS` sets another number.
const FLIPS: usize = 40;

#[test]
fn bits_flipped_by_chance_in_any_entry_or_head_are_all_found() {
    let flips = std::env::var("CANARIES_FLIPS").ok().and_then(|count| count.parse().ok()).unwrap_or(FLIPS);
    let world = full();
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let places =
        [("entry", "idx", "body"), ("entry", "idx", "openings"), ("head", "size", "root"), ("head", "size", "edge")];
    for _ in 0..flips {
        let (table, key, column) = places[rng.random_range(0..places.len())];
        let rows: Vec<(i64, Vec<u8>)> = {
            let db = world.ledger();
            let mut found =
                db.prepare(&format!("SELECT {key}, {column} FROM {table} WHERE length({column}) > 0")).unwrap();
            let found = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            found.map(Result::unwrap).collect()
        };
        let (row, mut bytes) = rows[rng.random_range(0..rows.len())].clone();
        let at = rng.random_range(0..bytes.len());
        bytes[at] ^= 1 << rng.random_range(0..8);
        let twin = world.twin();
        tamper(&twin, &format!("UPDATE {table} SET {column} = x'{}' WHERE {key} = {row}", hex::encode(&bytes)));
        found_out(&twin, &format!("a bit of byte {at} of {column} of {table} {row}"));
    }
}

#[test]
fn entries_and_heads_that_are_gone_swapped_or_added_are_found() {
    let world = full();
    let last = world.entries().len() - 1;
    let swap = |a: usize, b: usize| {
        format!(
            "UPDATE entry SET idx = -1 WHERE idx = {a}; UPDATE entry SET idx = {a} WHERE idx = {b}; UPDATE entry SET idx = {b} WHERE idx = -1"
        )
    };
    let copied = |to: usize| format!("INSERT INTO entry SELECT {to}, body, openings FROM entry WHERE idx = {last}");
    let gap = |at: usize| {
        format!(
            "UPDATE entry SET idx = -idx WHERE idx >= {at}; UPDATE entry SET idx = 1 - idx WHERE idx < 0; \
             INSERT INTO entry SELECT {at}, body, openings FROM entry WHERE idx = 1"
        )
    };
    let shut = "DELETE FROM entry WHERE idx = 5; UPDATE entry SET idx = -idx WHERE idx > 5; UPDATE entry SET idx = -idx - 1 WHERE idx < 0";
    for sql in [
        "DELETE FROM entry WHERE idx = 0".to_string(),
        "DELETE FROM entry WHERE idx = 5".to_string(),
        shut.to_string(),
        format!("DELETE FROM entry WHERE idx = {last}"),
        "DELETE FROM entry".to_string(),
        swap(3, 4),
        swap(1, last),
        copied(last + 1),
        gap(9),
        "DELETE FROM head".to_string(),
        "DELETE FROM head WHERE size = (SELECT max(size) FROM head)".to_string(),
        "UPDATE head SET edge = zeroblob(32) WHERE size = (SELECT max(size) FROM head)".to_string(),
        "INSERT INTO head SELECT size + 1, root, edge FROM head ORDER BY size DESC LIMIT 1".to_string(),
    ] {
        let twin = world.twin();
        tamper(&twin, &sql);
        found_out(&twin, &sql);
    }
}

#[test]
fn rows_that_no_entry_tells_of_are_found() {
    let world = full();
    for table in TABLES.into_iter().filter(|table| !matches!(*table, "entry" | "head")) {
        let twin = world.twin();
        let key = &columns(&twin.ledger(), table)[0];
        tamper(&twin, &format!("DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})"));
        assert!(found_out(&twin, table).contains(table));
    }
    let twin = world.twin();
    tamper(&twin, "INSERT INTO holder (id, name, kind) VALUES ('ghost', 'Ghost', 'company')");
    assert!(found_out(&twin, "an added holder").contains("holder"));
}

#[test]
fn what_verify_finds_is_told_in_both_languages_and_counted_beyond_fifty() {
    let world = Fixed::ready(&[], 70);
    tamper(&world, "UPDATE number SET provider = 'x'");
    let checked: serde_json::Value = serde_json::from_str(&world.run(&["--json", "verify"]).out).unwrap();
    assert_eq!((all(&checked, "faults").len(), &checked["more_faults"]), (50, &serde_json::json!(20)));
    assert_eq!(checked["faults"][0], "table `number`, row 1: differs from the entries");
    let told = world.run(&["verify"]).out;
    assert!(
        told.contains("fault: table `number`, row 50: differs from the entries\nfaults not listed: 20\n"),
        "{told}"
    );
    let told = world.run(&["--lang", "zh", "verify"]).out;
    assert!(told.contains("错误：表 `number` 第 50 行：与条目不符\n未列出的错误：20 处\n"), "{told}");
}

#[test]
fn a_ledger_that_lost_a_trigger_or_gained_a_table_is_found() {
    let world = full();
    for sql in [
        "DROP TRIGGER canary_no_update",
        "DROP INDEX received_by_canary",
        "CREATE TABLE extra (x)",
        "CREATE TRIGGER sly AFTER INSERT ON contact BEGIN INSERT INTO stray (source, contacts, at) VALUES ('x', 1, 0); END",
    ] {
        let twin = world.twin();
        twin.ledger().execute_batch(sql).unwrap();
        found_out(&twin, sql);
    }
    let replaced = world.twin();
    replaced
        .ledger()
        .execute_batch("INSERT OR REPLACE INTO stray SELECT id, source, contacts + 1, at FROM stray")
        .unwrap();
    found_out(&replaced, "replaced rows, which fire no trigger");
}

#[test]
fn a_damaged_file_is_told_or_found_but_never_a_panic() {
    let world = full();
    let bodies = world.entries();
    world.ledger().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let good = fs::read(world.at("canaries.db")).unwrap();
    let mut damaged = 0;
    for body in bodies.iter().step_by(3) {
        let middle = &body[body.len() / 2 - 8..body.len() / 2 + 8];
        let places: Vec<usize> = good.windows(16).enumerate().filter(|(_, w)| *w == middle).map(|(at, _)| at).collect();
        let mut bad = good.clone();
        places.iter().for_each(|at| bad[at + 8] ^= 0x10);
        let twin = world.twin();
        fs::write(twin.at("canaries.db"), &bad).unwrap();
        if !places.is_empty() {
            found_out(&twin, "a flipped bit in the file");
            damaged += 1;
        }
    }
    assert!(damaged > 10, "only {damaged} entries were found in the file");
    for at in (0..good.len() - 64).step_by(3511) {
        let twin = world.twin();
        let mut bad = good.clone();
        bad[at..at + 64].fill(0xA5);
        fs::write(twin.at("canaries.db"), &bad).unwrap();
        let told = twin.run(&["verify"]);
        assert!(matches!(told.code, Some(0..=2)), "{}", told.err);
    }
    for kept in [good.len() / 2, 5000, 100, 50] {
        let twin = world.twin();
        fs::write(twin.at("canaries.db"), &good[..kept]).unwrap();
        let told = twin.run(&["verify"]);
        assert!(matches!(told.code, Some(1 | 2)), "{kept} bytes: {}{}", told.out, told.err);
    }
}

#[test]
fn what_is_no_ledger_of_ours_is_not_touched() {
    let world = Fixed::bare();
    let asked: [&[&str]; 3] = [&["number", "list"], &["verify"], &["holder", "add", "szfy", "--name", "x"]];
    for args in asked {
        world.refused(args).names("canaries.db").says("canaries init");
    }
    let strangers: [(&str, &[u8]); 3] =
        [("text", b"number,provider\n13800138000,x\n"), ("empty", b""), ("half", b"SQLite format 3\0and then nothing")];
    for (name, bytes) in strangers {
        world.write("canaries.db", bytes);
        for args in asked {
            world.refused(args).names("canaries.db").says("not a ledger");
        }
        assert!(fs::read(world.at("canaries.db")).unwrap() == bytes, "the {name} file was changed");
    }
    fs::remove_file(world.at("canaries.db")).unwrap();
    Connection::open(world.at("canaries.db")).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    world.refused(&["number", "list"]).says("not a ledger");
    fs::remove_file(world.at("canaries.db")).unwrap();
    fs::create_dir(world.at("canaries.db")).unwrap();
    world.refused(&["number", "list"]).names("canaries.db");
}

#[test]
fn a_ledger_of_a_newer_version_is_refused() {
    let world = Fixed::ready(&["szfy"], 3);
    world.ledger().pragma_update(None, "user_version", 4).unwrap();
    world.refused(&["number", "list"]).names("4").says("newer");
    world.refused(&["verify"]).says("newer");
}

#[test]
fn init_overwrites_nothing() {
    let world = Fixed::ready(&[], 0);
    let (ledger, key) = (fs::read(world.at("canaries.db")).unwrap(), fs::read(world.at("canaries.key")).unwrap());
    world.refused(&["init"]).names("canaries.db");
    fs::remove_file(world.at("canaries.db")).unwrap();
    world.refused(&["init"]).names("canaries.key");
    assert_eq!(fs::read(world.at("canaries.key")).unwrap(), key);
    assert!(!ledger.is_empty());
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(world.at("canaries.key")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_ledger_that_another_program_keeps_locked_is_told_after_a_while() {
    let world = Fixed::ready(&["szfy"], 3);
    let db = world.ledger();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    let add = |lang| {
        let mut command = world.program(&["--lang", lang, "holder", "add", "other", "--name", "x"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let waiting = [add("en"), add("zh")];
    assert_eq!(world.json(&["number", "list"]).as_array().unwrap().len(), 3, "reading goes on");
    let told = waiting.map(|child| Told::from(child.wait_with_output().unwrap()));
    db.execute_batch("ROLLBACK").unwrap();
    assert!(told.iter().all(|told| told.code == Some(2) && told.out.is_empty()), "{told:?}");
    assert!(told[0].err.contains("being used by another program") && told[0].err.contains("hint: "), "{}", told[0].err);
    assert!(told[1].err.contains("正被其他程序使用") && told[1].err.contains("提示："), "{}", told[1].err);
    world.done(&["holder", "add", "other", "--name", "x"]);
    world.verified();
}

#[test]
fn a_backup_made_while_others_write_is_whole() {
    let world = Fixed::ready(&["szfy"], 3);
    let mut writers: Vec<_> = (0..3)
        .map(|writer| {
            let holders: String = (0..40).map(|i| format!("w{writer}-{i},Name\n")).collect();
            let file = world.write(&format!("holders-{writer}.csv"), format!("id,name\n{holders}"));
            let mut command = world.program(&["holder", "import", &file]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let copies: Vec<String> = (0..4).map(|copy| world.arg(&format!("backup-{copy}.db"))).collect();
    for copy in &copies {
        let made = world.json(&["backup", copy]);
        assert_eq!(text(&made, "path"), copy);
        let checked = world.json(&["--db", copy, "verify"]);
        assert_eq!(count(&checked, "entries"), count(&made, "entries"));
    }
    assert!(writers.iter_mut().all(|writer| writer.wait().unwrap().success()));
    world.refused(&["backup", &copies[0]]).names("backup-0.db");
    world.refused(&["backup", &world.arg("no/such/folder.db")]).names("folder.db");
    world.verified();
}
