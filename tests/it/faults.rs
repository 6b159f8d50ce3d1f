//! Faults: the program is struck at every file system call of its own, and nothing may be lost, doubled or half done.
//!
//! A random kill finds next to nothing, because few of them fall where there is something to recover; so the fault
//! moves on by one call until the command gets through untouched. After each fault the next ordinary command recovers.
//! `cargo test faults -- --nocapture` prints how many points there were and how they ended.

mod check;
mod contacts;
mod lists;
mod plantings;
mod strike;
mod strips;
mod sweep;

use std::fs;

use crate::stage::{Stage, Told, borrowed};
use contacts::Contacts;
use lists::Kind;
use plantings::Plantings;
use strike::{FAULTS, Fault, Point, Struck, number_of, strike};
use strips::Strips;
use sweep::Sweep;

#[test]
fn no_fault_at_any_call_of_an_import_loses_or_doubles_a_contact() {
    let contacts = Contacts::new();
    let sweep = Sweep { prepare: &|| contacts.stage(), faults: &FAULTS, only: &[], beside: None };
    let swept = sweep.run(|stage| contacts.command(stage), |stage, struck| contacts.judge(stage, struck));
    swept.holds("hit import", 500, &["killed, 1 of 5 contacts kept", "killed, 5 of 5 contacts kept"]);
}

#[test]
fn no_fault_at_any_call_of_planting_text_breaks_an_invariant() {
    let (plantings, holders) = (Plantings::into(Kind::Csv), ["szfy", "agency"]);
    let sweep = Sweep { prepare: &|| plantings.stage(), faults: &FAULTS, only: &[], beside: None };
    let swept =
        sweep.run(|stage| plantings.command(stage, &holders), |stage, struck| plantings.judge(stage, struck, &holders));
    let endings = ["killed: reserved reserved -> void void", "killed: sealed sealed -> planted planted"];
    swept.holds("plant csv for two", 1000, &endings);
}

#[test]
fn no_fault_at_any_call_of_planting_a_workbook_breaks_an_invariant() {
    let (plantings, holders) = (Plantings::into(Kind::Xlsx), ["szfy"]);
    let sweep = Sweep { prepare: &|| plantings.stage(), faults: &FAULTS, only: &[], beside: None };
    let swept =
        sweep.run(|stage| plantings.command(stage, &holders), |stage, struck| plantings.judge(stage, struck, &holders));
    swept.holds("plant xlsx", 1000, &["killed: reserved -> void", "killed: sealed -> planted"]);
}

#[test]
fn no_fault_at_any_call_of_minting_breaks_an_invariant() {
    let (plantings, holders) = (Plantings::minted(), ["szfy"]);
    // The order of writing is the one of planting, which meets all faults.
    let faults = [Fault::Kill, Fault::Once("EIO"), Fault::ForEver("ENOSPC")];
    let sweep = Sweep { prepare: &|| plantings.stage(), faults: &faults, only: &[], beside: None };
    let swept =
        sweep.run(|stage| plantings.command(stage, &holders), |stage, struck| plantings.judge(stage, struck, &holders));
    swept.holds("mint csv", 300, &["killed: reserved -> void", "killed: sealed -> planted"]);
}

/// A file system that cannot rename without replacing: the copy gets its name by a link.
#[test]
fn no_fault_while_a_copy_gets_its_name_by_a_link_breaks_an_invariant() {
    let (plantings, holders) = (Plantings::into(Kind::Csv), ["szfy", "agency"]);
    let only = ["link", "linkat", "unlink", "unlinkat", "fsync"];
    let sweep =
        Sweep { prepare: &|| plantings.stage(), faults: &FAULTS, only: &only, beside: Some("renameat2:error=EINVAL") };
    let swept =
        sweep.run(|stage| plantings.command(stage, &holders), |stage, struck| plantings.judge(stage, struck, &holders));
    swept.holds("plant csv by link", 50, &["killed: sealed sealed -> planted planted"]);
}

#[test]
fn no_fault_at_any_call_of_stripping_leaves_rows_behind() {
    let strips = Strips::new();
    let sweep = Sweep { prepare: &|| strips.stage(), faults: &FAULTS, only: &[], beside: None };
    let swept = sweep.run(|stage| strips.command(stage), |stage, struck| strips.judge(stage, struck));
    swept.holds("strip", 300, &["killed, nothing", "killed, the copy"]);
}

/// A file system that has no nameless files: a kill leaves a hidden one, which the next command removes.
#[test]
fn no_fault_while_a_stripped_copy_has_a_hidden_name_leaves_it_behind() {
    let strips = Strips::new();
    let stage = strips.stage();
    let nameless = number_of(&stage, &borrowed(&strips.command(&stage)), "openat", "O_TMPFILE");
    let beside = format!("openat:error=EOPNOTSUPP:when={nameless}");
    let only = ["write", "fsync", "flock", "renameat2", "unlink", "getdents64"];
    let sweep = Sweep { prepare: &|| strips.stage(), faults: &FAULTS, only: &only, beside: Some(&beside) };
    let swept = sweep.run(|stage| strips.command(stage), |stage, struck| strips.judge(stage, struck));
    swept.holds("strip under a hidden name", 30, &["killed, a hidden file", "killed, the copy"]);
}

/// A locked ledger without its first entries would be refused by every command.
#[test]
fn no_fault_at_any_call_of_making_a_locked_ledger_leaves_one_that_is_refused() {
    let faults = [Fault::Kill, Fault::Once("EIO"), Fault::ForEver("ENOSPC")];
    let public = age::x25519::Identity::generate().to_public().to_string();
    let sweep = Sweep { prepare: &Stage::bare, faults: &faults, only: &[], beside: None };
    let init = |_: &Stage| ["init", "--investigator", &public].map(str::to_string).to_vec();
    let judge = |stage: &Stage, struck: &Struck| {
        let there = ["canaries.key", "canaries.db"].map(|name| stage.at(name).exists());
        let mut wrong = Vec::new();
        if struck.told.code == Some(0) && there != [true, true] {
            wrong.push("exit 0, but not all is there".to_string());
        }
        let left = fs::read_dir(stage.folder()).unwrap().count();
        // What cannot be removed stays; and what cannot be printed was done all the same.
        let is_excused =
            struck.line.as_ref().is_some_and(|line| line.contains("unlink(") || line.contains("write(1, "));
        if struck.told.code == Some(2) && left > 0 && !is_excused {
            wrong.push(format!("refused, but {left} files are left"));
        }
        match there {
            [_, true] => {}
            [true, false] => fs::remove_file(stage.at("canaries.key")).unwrap(),
            [false, false] => {}
        }
        if !there[1] {
            wrong.extend(
                Some(stage.run(&borrowed(&init(stage)))).filter(|told| told.code != Some(0)).map(|told| told.err),
            );
        }
        for words in [&["holder", "add", "szfy", "--name", "szfy"][..], &["verify"]] {
            let told = stage.run(words);
            wrong.extend((told.code != Some(0)).then(|| format!("{words:?}: {}{}", told.out, told.err)));
        }
        (format!("{}: key {}, ledger {}", check::ending(&struck.told), there[0], there[1]), wrong)
    };
    let endings = ["killed: key false, ledger false", "killed: key true, ledger true"];
    sweep.run(init, judge).holds("init of a locked ledger", 100, &endings);
}

/// A second fault, while the next command takes up what the first one left.
#[test]
fn no_fault_at_any_call_of_recovery_breaks_an_invariant() {
    let faults = [Fault::Kill, Fault::Once("EIO"), Fault::ForEver("EIO")];
    for (call, number, ending) in [
        ("write", 1, "killed: reserved reserved -> void void"),
        ("renameat2", 2, "killed: sealed sealed -> planted planted"),
    ] {
        let plantings = Plantings::into(Kind::Csv);
        let point = Point { call: call.to_string(), number, fault: Fault::Kill };
        let crash = || {
            let stage = plantings.stage();
            let struck = strike(&stage, &borrowed(&plantings.command(&stage, &["szfy", "agency"])), &point, None);
            assert!(struck.line.is_some(), "{point}: nothing was struck");
            stage
        };
        // The command recovers, and then finds nothing to plant: what is struck is recovery alone.
        let missing = |stage: &Stage| {
            let mut words = plantings.command(stage, &["third"]);
            words[1] = stage.arg("missing.csv");
            words
        };
        let sweep = Sweep { prepare: &crash, faults: &faults, only: &[], beside: None };
        let swept = sweep.run(missing, |stage, struck| plantings.judge(stage, struck, &[]));
        swept.holds(&format!("recovery from {point}"), 300, &[ending]);
    }
}

/// What a crash had left is ended even if the command then comes to nothing, and whoever gave the command must know.
#[test]
fn a_command_that_recovers_and_then_fails_says_both() {
    let plantings = Plantings::into(Kind::Csv);
    let stage = plantings.stage();
    let point = Point { call: "write".to_string(), number: 1, fault: Fault::Kill };
    strike(&stage, &borrowed(&plantings.command(&stage, &["szfy", "agency"])), &point, None);
    let mut words = plantings.command(&stage, &["third"]);
    words[1] = stage.arg("missing.csv");
    let told = stage.run(&borrowed(&words));
    assert_eq!(told.code, Some(2));
    let lines: Vec<&str> = told.err.lines().collect();
    assert!(lines[0].starts_with("P-000001, interrupted earlier, is void"), "{}", told.err);
    assert!(lines[1].starts_with("P-000002, interrupted earlier, is void"), "{}", told.err);
    assert!(lines[2].starts_with("canaries: ") && lines[2].contains("missing.csv"), "{}", told.err);
    assert!(!stage.run(&borrowed(&words)).err.contains("interrupted"), "it is told once");
}

/// The copy had its name when the program was killed, and was gone when it was taken up again.
#[test]
fn a_copy_that_was_taken_away_after_a_crash_may_have_been_handed_over() {
    let plantings = Plantings::into(Kind::Csv);
    let stage = plantings.stage();
    let point = Point { call: "renameat2".to_string(), number: 2, fault: Fault::Kill };
    strike(&stage, &borrowed(&plantings.command(&stage, &["szfy", "agency"])), &point, None);
    fs::rename(stage.at("out/szfy.csv"), stage.at("taken.csv")).unwrap();
    let told = stage.run(&borrowed(&plantings.command(&stage, &["third"])));
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert!(told.err.contains("P-000001, interrupted earlier, stays open"), "{}", told.err);
    assert!(told.err.contains("P-000002, interrupted earlier, is finished"), "{}", told.err);
    let taken = fs::read_to_string(stage.at("taken.csv")).unwrap();
    let number = crate::stage::pool(60).find(|number| taken.contains(number)).unwrap();
    let number = ["--json", "trace", &number];
    let story = |told: String| serde_json::from_str::<serde_json::Value>(&told).unwrap();
    let standing = || story(stage.done(&number))["canary"]["standing"].clone();
    assert_eq!(standing(), "planted", "whoever has it may call");
    // With its calls nobody is named, since nothing says that szfy was given it.
    for said in ["喂", "宝宝拍照"] {
        stage.done(&["hit", "add", "--to", number[2], "--from", "075588886666", "--said", said]);
    }
    let finding = story(stage.done(&["--json", "trace"]));
    assert_eq!(finding["named"].as_array().unwrap().len(), 0, "{finding:#}");
    assert!(stage.run(&["verify"]).code == Some(0));
    fs::rename(stage.at("taken.csv"), stage.at("out/szfy.csv")).unwrap();
    let told = stage.run(&borrowed(&plantings.command(&stage, &["fourth"])));
    assert!(told.err.contains("P-000001, interrupted earlier, is finished"), "{}", told.err);
}

/// A checker that never finds anything would pass every sweep.
#[test]
fn the_check_of_plantings_finds_what_is_wrong() {
    let plantings = Plantings::into(Kind::Csv);
    let stage = plantings.stage();
    stage.done(&borrowed(&plantings.command(&stage, &["szfy", "agency"])));
    let earlier = stage.twin();
    let (szfy, agency) = (stage.at("out/szfy.csv"), stage.at("out/agency.csv"));
    let untouched = Struck { told: Told { code: Some(0), out: String::new(), err: String::new() }, line: None };
    let judged = |change: &dyn Fn(), struck: &Struck| {
        stage.reset(&earlier);
        change();
        plantings.judge(&stage, struck, &["szfy"]).1.join("\n")
    };
    assert_eq!(judged(&|| {}, &untouched), "");
    let copied = || {
        fs::copy(&szfy, stage.at("out/copy.csv")).unwrap();
    };
    assert!(judged(&copied, &untouched).contains("the ledger does not know"));
    let swapped = || {
        fs::copy(&szfy, &agency).unwrap();
    };
    let found = judged(&swapped, &untouched);
    assert!(found.contains("stands in the lists of szfy and agency"), "{found}");
    assert!(found.contains("for which the ledger does not know it"), "{found}");
    assert!(found.contains("has not the hash"), "{found}");
    assert!(judged(&|| fs::remove_file(&agency).unwrap(), &untouched).contains("planted, but"));
    assert!(judged(&|| drop(stage.write("out/.left.tmp", "")), &untouched).contains("left over"));
    let row = &lists::sentinels()[3];
    assert!(judged(&|| drop(stage.write("notes.txt", row)), &untouched).contains("a real row in"));
    let talkative = Told { code: Some(2), out: String::new(), err: format!("canaries: row {row}\n") };
    let talkative = judged(&|| {}, &Struck { told: talkative, line: None });
    assert!(talkative.contains("a real row on standard error"), "{talkative}");
    let crashed = Told { code: Some(101), out: String::new(), err: "thread panicked".to_string() };
    assert!(judged(&|| {}, &Struck { told: crashed, line: None }).contains("exit code 101"));
    let cut = || fs::write(stage.at("canaries.db"), &fs::read(stage.at("canaries.db")).unwrap()[..8192]).unwrap();
    assert!(judged(&cut, &untouched).contains("the ledger cannot be read"));
}

#[test]
fn the_check_of_contacts_finds_what_is_wrong() {
    let contacts = Contacts::new();
    let stage = contacts.stage();
    let done = Struck { told: Told { code: Some(0), out: String::new(), err: String::new() }, line: None };
    let (_, wrong) = contacts.judge(&stage, &done);
    assert_eq!(wrong, ["acknowledged contacts are not on record"]);
    stage.done(&["hit", "add", "--to", "13700001234", "--at", "2026-11-02T00:00:00Z"]);
    assert_eq!(contacts.judge(&stage, &done).1, Vec::<String>::new(), "a number outside the pool is forgotten");
    let number = crate::stage::pool(1).next().unwrap();
    stage.done(&["hit", "add", "--to", &number, "--at", "2026-11-02T00:00:00Z"]);
    let (_, wrong) = contacts.judge(&stage, &done);
    assert!(wrong.iter().any(|what| what.contains("neither all nor none")), "{wrong:?}");
    assert!(wrong.iter().any(|what| what.contains("on record after another import")), "{wrong:?}");
}
