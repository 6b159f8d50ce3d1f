//! Seized lists that prove less than they show: of which a part could not be read, or whose makers have read the ledger.

use std::fs;

use serde_json::Value;

use crate::lists::Shape;
use crate::packed::{gzipped, zipped};
use crate::unconfirmed_copies::{named, names_nobody, tell, two_months};
use crate::world::{Fixed, all, text};

/// A hospital, whose list went on to an agency that has canaries of its own.
struct Handed {
    world: Fixed,
    of_agency: Vec<Value>,
    /// The agency's copy: the hospital's rows, and what else the agency has.
    first: String,
    rest: String,
}

fn handed() -> Handed {
    let world = Fixed::ready(&["h1", "agency"], 120);
    world.done(&["number", "control", "--count", "10"]);
    let list = world.write("h1.csv", Shape { rows: 80, ..Shape::default() }.bytes());
    let out = world.arg("h1-out.csv");
    world.json(&["plant", &list, "--to", "h1", "--count", "6", "-o", &out]);
    world.pass_days(10);
    let copy = fs::read_to_string(&out).unwrap();
    let more = String::from_utf8(Shape { rows: 80, seed: 9, ..Shape::default() }.bytes()).unwrap();
    let both = world.write("agency.csv", copy.clone() + more.split_once('\n').unwrap().1);
    let out = world.arg("agency-out.csv");
    let told = world.json(&["plant", &both, "--to", "agency", "--count", "16", "-o", &out, "--unrelated"]);
    let whole = fs::read_to_string(&out).unwrap();
    let of_agency = all(&told, "canaries").to_vec();
    let is_own = |line: &&str| of_agency.iter().any(|canary| line.contains(&text(canary, "number")[3..]));
    // The rest is what the agency has besides, and the first part has none of its canaries.
    let (own, others): (Vec<&str>, Vec<&str>) = whole.lines().partition(is_own);
    world.pass_days(10);
    let (first, rest) = (others.join("\n"), own.join("\n"));
    Handed { world, of_agency, first, rest }
}

#[test]
fn what_was_not_read_of_a_seized_file_is_not_missing_from_it() {
    let Handed { world, first, rest, .. } = handed();
    let alone = world.write("first.csv", &first);
    assert_eq!(named(&world.json(&["scan", &alone])), ["h1"], "the silence of the agency's own canaries counts");
    let packed = gzipped(rest.as_bytes());
    let whole = world.write("whole.zip", zipped(&[("a.csv", first.as_bytes()), ("b.csv.gz", &packed)]));
    assert_eq!(named(&world.json(&["scan", &whole])), ["agency"]);
    let cut = world.write("cut.zip", zipped(&[("a.csv", first.as_bytes()), ("b.csv.gz", &packed[..12])]));
    let scanned = world.json(&["scan", &cut, "--record"]);
    assert_eq!(all(&scanned, "unreadable").len(), 1, "{scanned:#}");
    names_nobody(&scanned, "parts of 1 list could not be read");
    let missing = |told: &Value| told.to_string().contains("are missing from the lists");
    assert!(!missing(&scanned), "{scanned:#}");
    // What is on record says so too.
    let told = world.json(&["trace"]);
    names_nobody(&told, "parts of 1 list could not be read");
    assert!(!missing(&told), "{told:#}");
}

#[test]
fn calls_name_their_copy_beside_a_list_of_which_only_a_part_was_read() {
    let Handed { world, of_agency, first, rest } = handed();
    of_agency.iter().take(8).for_each(|canary| tell(&world, canary));
    assert_eq!(named(&world.json(&["trace"])), ["agency"]);
    let packed = gzipped(rest.as_bytes());
    let cut = world.write("cut.zip", zipped(&[("a.csv", first.as_bytes()), ("b.csv.gz", &packed[..12])]));
    world.done(&["scan", &cut, "--record"]);
    let told = world.json(&["trace"]);
    assert_eq!(named(&told), ["agency"], "{told:#}");
}

#[test]
fn a_list_with_a_trap_on_record_takes_no_name_from_what_others_called() {
    let (world, kept, new) = two_months();
    world.done(&["number", "trap", "--count", "1"]);
    let trap = text(&world.json(&["number", "list", "--state", "trap"])[0], "number").to_string();
    let copy = fs::read_to_string(world.at("october-out.csv")).unwrap();
    let read = world.write("read.csv", copy + &format!("x,{}\n", &trap[3..]));
    names_nobody(&world.json(&["scan", &read, "--record"]), "files with 1 trap of the ledger");
    names_nobody(&world.json(&["trace"]), "files with 1 trap of the ledger");
    kept.iter().chain(&new).take(10).for_each(|canary| tell(&world, canary));
    let told = world.json(&["trace"]);
    assert_eq!(named(&told), ["h1"], "{told:#}");
    assert!(all(&told, "against")[0].as_str().unwrap().contains("files with 1 trap"), "{told:#}");
    assert_eq!(all(&told, "hits").len(), 16 + 1 + 10, "all hits are told, with the trap's");
    // Somebody who calls the trap has read the ledger, whatever lists there are.
    world.done(&["hit", "add", "--to", &trap, "--from", "0755-88886666"]);
    names_nobody(&world.json(&["trace"]), "trap");
}
