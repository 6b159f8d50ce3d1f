//! Odd things that lie on a seized disk: each is told of, nothing is lost for it, and nothing of it reaches the terminal.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use serde_json::Value;

use crate::lists::Shape;
use crate::packed::zipped;
use crate::world::{Fixed, all, text};

/// A world with a planted list; gives a row of it that is a canary's.
fn planted() -> (Fixed, String) {
    let world = Fixed::ready(&["szfy"], 20);
    let list = world.write("a.csv", Shape::default().bytes());
    let out = world.arg("b.csv");
    let planted = world.json(&["plant", &list, "--to", "szfy", "--count", "4", "-o", &out]);
    let number = text(&planted["canaries"][0], "number").trim_start_matches("+86").to_string();
    let copy = fs::read_to_string(&out).unwrap();
    let row = copy.lines().find(|line| line.contains(&number)).unwrap().to_string();
    (world, row + "\n")
}

fn found(scanned: &Value) -> usize {
    all(scanned, "matches").len()
}

#[test]
fn names_with_orders_to_the_terminal_are_shown_without_them() {
    let (world, row) = planted();
    fs::create_dir(world.at("odd")).unwrap();
    for name in [&b"a\nb\x1B[31mred.csv"[..], b"x\xFF\xFE.csv", "\u{202e}vsc.csv".as_bytes(), b" .csv", b"-"] {
        fs::write(world.at("odd").join(OsStr::from_bytes(name)), &row).unwrap();
    }
    world
        .write("odd/n.zip", zipped(&[("c\nd\u{1b}[2J\u{202e}.csv", row.as_bytes()), ("../../up.csv", row.as_bytes())]));
    fs::write(world.at("odd").join("e\u{1b}[31m.rar"), b"Rar!\x1A\x07\x01\0").unwrap();
    let told = world.done(&["scan", &world.arg("odd")]);
    assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}'), "{told:?}");
    let scanned = world.json(&["scan", &world.arg("odd")]);
    assert_eq!(found(&scanned), 7, "{scanned}");
}

#[test]
fn what_cannot_be_opened_is_told_and_the_rest_is_scanned() {
    let (world, row) = planted();
    world.write("odd/list.csv", &row);
    world.write("odd/deep/in/it/empty.csv", "");
    world.write("odd/locked.csv", &row);
    fs::set_permissions(world.at("odd/locked.csv"), fs::Permissions::from_mode(0o000)).unwrap();
    symlink("/dev/zero", world.at("odd/zero")).unwrap();
    symlink(".", world.at("odd/here")).unwrap();
    symlink("list.csv", world.at("odd/again.csv")).unwrap();
    let scanned = world.json(&["scan", &world.arg("odd")]);
    let locked = if fs::read(world.at("odd/locked.csv")).is_ok() { 1 } else { 0 };
    assert_eq!((found(&scanned), all(&scanned, "unreadable").len()), (1 + locked, 3 - locked), "{scanned}");
    world.refused(&["scan", "/dev/zero"]).says("device");
    world.refused(&["scan", &world.arg("odd/deep"), &world.arg("nowhere")]).names("nowhere");
}

#[test]
fn a_path_given_twice_is_scanned_once() {
    let (world, row) = planted();
    let path = world.write("odd/list.csv", &row);
    let scanned = world.json(&["scan", &path, &path, &world.arg("odd"), &world.arg("odd/../odd/list.csv")]);
    assert_eq!((all(&scanned, "files").len(), found(&scanned)), (1, 1), "{scanned}");
}

#[test]
fn ten_thousand_small_files_are_each_scanned() {
    let (world, row) = planted();
    for at in 0..10_000 {
        let text = if at % 1_000 == 7 { row.as_str() } else { "x,y\n" };
        world.write(&format!("many/{}/{at}.txt", at % 100), text);
    }
    let scanned = world.json(&["scan", &world.arg("many")]);
    assert_eq!((all(&scanned, "files").len(), found(&scanned)), (10_000, 10), "{scanned}");
}

#[test]
fn a_line_without_end_and_zeros_without_number_hide_nothing() {
    let (world, row) = planted();
    let filling =
        ["姓名".repeat(3_000_000), "\0".repeat(6_000_000), "138".repeat(3_000_000), "\u{202e}".repeat(500_000)];
    for (at, filling) in filling.iter().enumerate() {
        let path = world.write(&format!("long{at}.txt"), format!("{filling}\n{row}{filling}"));
        let scanned = world.json(&["scan", &path]);
        assert_eq!(found(&scanned), 1, "{at}");
    }
}

#[test]
fn wrong_endings_deceive_nobody() {
    let (world, row) = planted();
    for (name, bytes) in [("a.xlsx", row.as_bytes().to_vec()), ("a.csv", zipped(&[("x", row.as_bytes())]))] {
        let path = world.write(name, bytes);
        assert_eq!(found(&world.json(&["scan", &path])), 1, "{name}");
    }
    let whole = zipped(&[("x.csv", row.as_bytes()), ("y.csv", row.repeat(50).as_bytes())]);
    for cut in [5, 30, 60] {
        let path = world.write("cut.zip", &whole[..cut]);
        world.refused(&["scan", &path]).says("damaged");
    }
    // The directory at the end is cut off: what lies before it is read all the same.
    let path = world.write("cut.zip", &whole[..whole.len() - 30]);
    let scanned = world.json(&["scan", &path]);
    assert!(found(&scanned) > 1 && !all(&scanned, "unreadable").is_empty(), "{scanned}");
    let name = row.split(',').nth(2).unwrap();
    assert!(!all(&scanned, "unreadable")[0].to_string().contains(name), "{scanned}");
}

#[test]
fn standard_input_that_is_closed_or_empty_holds_nothing() {
    let (world, _) = planted();
    let ended = world.program(&["scan", "-"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", String::from_utf8_lossy(&ended.stderr));
    let mut closed = std::process::Command::new("sh");
    world.dress(&mut closed);
    closed.args(["-c", "exec \"$0\" --db canaries.db scan - <&-", env!("CARGO_BIN_EXE_canaries")]);
    assert!(matches!(closed.output().unwrap().status.code(), Some(1 | 2)));
}
