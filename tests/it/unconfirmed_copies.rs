//! Copies that a crash left open, or that came to nothing: whoever took their file gets nobody named who was never given it.
//!
//! What a crash leaves is made behind the program's back: the ledger forgets that a copy was handed over.

use std::fs;

use serde_json::Value;

use crate::lists::Shape;
use crate::world::{Fixed, all, count, text};

pub const CALLER: &str = "0755-88886666";

/// Makes a ledger as if the planting had been sealed, and never ended.
pub fn leave_open(world: &Fixed, planting: u64) {
    let db = world.ledger();
    db.execute_batch("DROP TRIGGER IF EXISTS planting_step_no_delete").unwrap();
    let forget = "DELETE FROM planting_step WHERE planting = ?1 AND step = 'planted'";
    assert_eq!(db.execute(forget, [planting as i64]).unwrap(), 1);
}

/// Makes a ledger as if the planting had been sealed, and had come to nothing.
pub fn make_void(world: &Fixed, planting: u64) {
    leave_open(world, planting);
    let end = "INSERT INTO planting_step (planting, step, at)
               SELECT planting, 'void', at FROM planting_step WHERE planting = ?1 AND step = 'sealed'";
    assert_eq!(world.ledger().execute(end, [planting as i64]).unwrap(), 1);
}

/// Has somebody call who knows the mother's name and the day of birth.
pub fn tell(world: &Fixed, canary: &Value) {
    let fields = &canary["fields"];
    let said = format!("{}您好,宝宝是{}出生的吧", text(fields, "mother_name"), text(fields, "birth_date"));
    world.done(&["hit", "add", "--to", text(canary, "number"), "--from", CALLER, "--said", &said]);
}

/// Has the same caller speak of the trade alone.
fn speak(world: &Fixed, canary: &Value) {
    world.done(&["hit", "add", "--to", text(canary, "number"), "--from", CALLER, "--said", "宝宝满月照优惠"]);
}

/// Gives who is named.
pub fn named(told: &Value) -> Vec<&str> {
    all(told, "named").iter().map(|holder| holder.as_str().unwrap()).collect()
}

/// Makes sure that nobody is named, and that a fact against it says why.
pub fn names_nobody(told: &Value, why: &str) {
    assert_eq!((text(told, "verdict"), named(told).len()), ("inconclusive", 0), "{told:#}");
    let against = all(told, "against");
    assert!(against.iter().any(|fact| fact.as_str().unwrap().contains(why)), "{against:?}");
}

/// Two exports of one system for h1, the second with all canaries of the first; gives the canaries of each.
pub fn two_months() -> (Fixed, Vec<Value>, Vec<Value>) {
    let world = Fixed::ready(&["h1", "h2"], 200);
    world.done(&["number", "control", "--count", "10"]);
    let whole = Shape { rows: 400, ..Shape::default() }.bytes();
    let export = |rows: usize| whole.split_inclusive(|byte| *byte == b'\n').take(rows + 1).collect::<Vec<_>>().concat();
    let list = world.write("september.csv", export(240));
    let out = world.arg("september-out.csv");
    let first = world.json(&["plant", &list, "--to", "h1", "--count", "8", "-o", &out]);
    world.pass_days(30);
    let list = world.write("october.csv", export(400));
    let out = world.arg("october-out.csv");
    let second = world.json(&["plant", &list, "--to", "h1", "--count", "8", "-o", &out]);
    assert_eq!(count(&second, "kept"), 8);
    world.pass_days(20);
    (world, all(&first, "canaries").to_vec(), all(&second, "canaries").to_vec())
}

#[test]
fn a_seized_file_that_was_never_handed_over_names_nobody() {
    for (end, why) in [(leave_open as fn(&Fixed, u64), "a crash left P-000002 open"), (make_void, "never handed over")]
    {
        let (world, _, _) = two_months();
        let file = world.arg("october-out.csv");
        assert_eq!(named(&world.json(&["scan", &file])), ["h1"]);
        assert!(world.done(&["scan", &file]).contains("the very file that P-000002 handed over"));
        end(&world, 2);
        let scanned = world.json(&["scan", &file, "--record"]);
        assert_eq!((named(&scanned).len(), text(&scanned, "verdict")), (0, "inconclusive"), "{scanned:#}");
        assert_eq!(scanned["files"][0]["handed_over"], false);
        names_nobody(&scanned, why);
        let words = world.done(&["scan", &file]);
        assert!(words.contains("P-000002 made") && words.contains("nothing says that it was handed over"), "{words}");
        assert!(!words.contains("that P-000002 handed over"), "{words}");
        names_nobody(&world.json(&["trace"]), why);
    }
}

#[test]
fn a_ring_to_an_older_canary_does_not_turn_an_open_copy_into_one_that_was_given() {
    let (world, kept, new) = two_months();
    leave_open(&world, 2);
    new.iter().take(6).for_each(|canary| tell(&world, canary));
    names_nobody(&world.json(&["trace"]), "P-000002");
    world.done(&["hit", "add", "--to", text(&kept[0], "number"), "--from", CALLER]);
    names_nobody(&world.json(&["trace"]), "P-000002");
    kept.iter().take(2).for_each(|canary| tell(&world, canary));
    names_nobody(&world.json(&["trace"]), "P-000002");
    // Nor where only the older ones are asked about.
    names_nobody(&world.json(&["trace", text(&kept[0], "number"), text(&kept[1], "number")]), "");
}

#[test]
fn canaries_of_an_earlier_copy_alone_name_its_holder_and_only_that_copy() {
    let (world, kept, new) = two_months();
    leave_open(&world, 2);
    kept.iter().take(6).for_each(|canary| tell(&world, canary));
    // Somebody else's wrong number speaks for no copy.
    world.done(&["hit", "add", "--to", text(&new[0], "number"), "--from", "0755-88881111"]);
    let told = world.json(&["trace"]);
    assert_eq!(named(&told), ["h1"], "{told:#}");
    // What the second weighing leaves out is told of all the same, in its place.
    let hits: Vec<(&str, &str)> =
        all(&told, "hits").iter().map(|hit| (text(hit, "number"), text(hit, "level"))).collect();
    let of_kept = kept.iter().take(6).map(|canary| (text(canary, "number"), "content"));
    assert_eq!(hits, of_kept.chain([(text(&new[0], "number"), "ring")]).collect::<Vec<_>>());
    let out = world.arg("report.json");
    world.done(&["report", "-o", &out]);
    let report: Value = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
    let headline = text(&report["headline"][1], "en");
    assert!(headline.contains("P-000001") && !headline.contains("P-000002"), "{headline}");
    let rung = &report["ladder"][2];
    assert_eq!(text(&rung["claim"], "en"), "the copies were handed over: P-000001 → h1");
    assert!(text(&rung["ground"], "en").contains("a crash left P-000002 → h1 open"), "{rung}");
    assert!(text(&rung["ground"], "zh").contains("P-000002 → h1 因中断而未了结"), "{rung}");
}

#[test]
fn nobody_downstream_is_named_by_canaries_of_an_open_copy() {
    let (world, _, new) = two_months();
    world.done(&["holder", "add", "clerk", "--name", "clerk", "--kind", "person"]);
    world.done(&["flow", "add", "h1", "clerk"]);
    let list = world.write("clerk.csv", Shape { rows: 90, seed: 7, ..Shape::default() }.bytes());
    let out = world.arg("clerk-out.csv");
    let planted = world.json(&["plant", &list, "--to", "clerk", "--count", "4", "-o", &out, "--unrelated"]);
    world.pass_days(20);
    new.iter().take(6).for_each(|canary| tell(&world, canary));
    all(&planted, "canaries").iter().for_each(|canary| speak(&world, canary));
    let told = world.json(&["trace"]);
    assert_eq!(named(&told), ["clerk"], "with the copy of h1 handed over, the clerk is the source: {told:#}");
    leave_open(&world, 2);
    names_nobody(&world.json(&["trace"]), "a crash left P-000002 open");
}

#[test]
fn a_topic_said_to_several_canaries_of_a_copy_that_came_to_nothing_withholds_the_name() {
    let (world, kept, new) = two_months();
    make_void(&world, 2);
    kept.iter().take(6).for_each(|canary| tell(&world, canary));
    assert_eq!(named(&world.json(&["trace"])), ["h1"]);
    speak(&world, &new[0]);
    speak(&world, &new[1]);
    names_nobody(&world.json(&["trace"]), "");
}

#[test]
fn a_copy_that_is_gone_is_ended_by_the_operators_word_and_still_makes_trace_doubt() {
    let (world, kept, new) = two_months();
    leave_open(&world, 2);
    world.refused(&["receipt", "none", "P-000001"]).names("P-000001");
    world.refused(&["receipt", "none", "P-000009"]).names("P-000009");
    let lost = world.twin();
    // The file is there: it was handed over, or can still be.
    assert_eq!(world.run(&["receipt", "none", "P-000002"]).code, Some(2));
    assert_eq!(text(&all(&world.json(&["holder", "show", "h1"]), "plantings")[1], "state"), "planted");
    fs::remove_file(lost.at("october-out.csv")).unwrap();
    // The ledger names the folder of the first world.
    let other = lost.write("more.csv", Shape { rows: 90, seed: 7, ..Shape::default() }.bytes());
    fs::remove_file(world.at("october-out.csv")).unwrap();
    let warned =
        lost.run(&["plant", &other, "--to", "h2", "--count", "1", "-o", &world.arg("more-out.csv"), "--unrelated"]);
    assert!(warned.err.contains("receipt none P-000002"), "{}", warned.err);
    assert_eq!(lost.json(&["receipt", "none", "P-000002"])["state"], "void");
    lost.refused(&["receipt", "none", "P-000002"]).names("P-000002");
    let quiet =
        lost.run(&["plant", &other, "--to", "h2", "--count", "1", "-o", &world.arg("last-out.csv"), "--unrelated"]);
    assert!(quiet.code == Some(0) && !quiet.err.contains("P-000002"), "{}", quiet.err);
    assert_eq!(text(&all(&lost.json(&["holder", "show", "h1"]), "plantings")[1], "state"), "void");
    kept.iter().take(6).for_each(|canary| tell(&lost, canary));
    assert_eq!(named(&lost.json(&["trace"])), ["h1"], "the copy that was handed over speaks");
    new.iter().take(2).for_each(|canary| speak(&lost, canary));
    names_nobody(&lost.json(&["trace"]), "");
}

/// Four copies that share canaries; gives what each has.
fn four_copies() -> (Fixed, Vec<Value>) {
    let world = Fixed::ready(&["h1", "h2", "h3", "h4"], 300);
    world.done(&["number", "control", "--count", "10"]);
    let list = world.write("births.csv", Shape { rows: 600, ..Shape::default() }.bytes());
    let out = world.arg("out-{holder}.csv");
    let to = ["--to", "h1", "--to", "h2", "--to", "h3", "--to", "h4", "--count", "3", "--shared", "40", "-o", &out];
    let copies = world.json(&["plant", &list].into_iter().chain(to).collect::<Vec<_>>());
    world.pass_days(40);
    (world, copies.as_array().unwrap().clone())
}

#[test]
fn shared_canaries_of_a_copy_that_came_to_nothing_name_none_of_those_who_share_them() {
    let (world, copies) = four_copies();
    make_void(&world, 1);
    let stolen = all(&copies[0], "shared");
    assert_eq!(text(&copies[0], "holder"), "h1");
    // What only h1 had would give the file away: it is deleted.
    let others = |canary: &&Value| all(canary, "holders").len() > 1;
    stolen.iter().filter(others).for_each(|canary| tell(&world, canary));
    let told = world.json(&["trace"]);
    assert_eq!((text(&told, "verdict"), named(&told).len()), ("inconclusive", 0), "{told:#}");
}

#[test]
fn one_whose_whole_copy_leaks_is_named_though_another_copy_came_to_nothing() {
    let (world, copies) = four_copies();
    make_void(&world, 1);
    all(&copies[1], "canaries").iter().chain(all(&copies[1], "shared")).for_each(|canary| tell(&world, canary));
    assert_eq!(named(&world.json(&["trace"])), ["h2"]);
}

#[test]
fn a_trap_in_one_seized_file_takes_nothing_from_what_the_others_show() {
    let (world, ..) = two_months();
    let list = world.write("h2.csv", Shape { rows: 90, seed: 7, ..Shape::default() }.bytes());
    let out = world.arg("h2-out.csv");
    world.done(&["plant", &list, "--to", "h2", "--count", "6", "-o", &out, "--unrelated"]);
    world.done(&["number", "trap", "--count", "1"]);
    let trap = text(&world.json(&["number", "list", "--state", "trap"])[0], "number").to_string();
    let read = world.write("read.csv", fs::read_to_string(&out).unwrap() + &format!("x,{}\n", &trap[3..]));
    let alone = world.json(&["scan", &read]);
    names_nobody(&alone, "files with 1 trap of the ledger");
    let both = world.json(&["scan", &read, &world.arg("october-out.csv")]);
    assert_eq!(named(&both), ["h1"], "{both:#}");
    assert!(all(&both, "against")[0].as_str().unwrap().contains("files with 1 trap"), "{both:#}");
}
