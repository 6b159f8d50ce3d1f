//! Rows that went on into a later copy, and are called from there: the holder of the earlier copy is not named for it.
//!
//! Where all that is called stands in both copies, only what the later one has besides, among the same days, can tell them apart.

use std::fs;
use std::ops::Range;

use serde_json::Value;

use crate::lists::Shape;
use crate::unconfirmed_copies::{leave_open, make_void, named, names_nobody, tell};
use crate::world::{Fixed, all, count, text};

/// Rows of the earlier list, and of the later one.
const EARLIER: usize = 60;
const LATER: usize = 400;

fn lines(seed: u64) -> Vec<String> {
    let whole = String::from_utf8(Shape { rows: LATER, seed, ..Shape::default() }.bytes()).unwrap();
    whole.lines().map(|line| format!("{line}\n")).collect()
}

fn rows(lines: &[String], of: Range<usize>) -> String {
    lines[of.start + 1..=of.end].concat()
}

/// Plants a list for a holder; gives its canaries.
fn plant(world: &Fixed, list: &str, to: &str, canaries: usize, name: &str) -> Vec<Value> {
    let list = world.write(&format!("in-{name}"), list);
    let out = world.arg(name);
    let told = world.json(&["plant", &list, "--to", to, "--count", &canaries.to_string(), "-o", &out, "--unrelated"]);
    all(&told, "canaries").to_vec()
}

fn days(canaries: &[Value]) -> impl Iterator<Item = &str> {
    canaries.iter().map(|canary| text(&canary["fields"], "birth_date"))
}

fn hospital(canary: &Value) -> &str {
    canary["fields"]["hospital"].as_str().unwrap_or_default()
}

/// A list of the first days that was handed to `a`, and a month later the same, with its canaries and the days after, to `b`.
struct CarriedOn {
    world: Fixed,
    of_a: Vec<Value>,
    /// Canaries that only `b` has.
    of_b: Vec<Value>,
}

/// Where the canaries stand that only the later copy has.
#[derive(PartialEq)]
enum Own {
    AmongTheFirstDays,
    OnLaterDays,
}

impl CarriedOn {
    /// Chance puts canaries anywhere in a list: makes worlds until they stand where they are wanted.
    fn with_own(wanted: &Own) -> CarriedOn {
        let made = (1..40).map(CarriedOn::made).find(|made| {
            let (first, last) = (days(&made.of_a).min().unwrap(), days(&made.of_a).max().unwrap());
            let rows = (first..=last, made.of_a.iter().map(hospital).collect::<Vec<_>>());
            let is_among = |canary: &&Value| rows.0.contains(&text(&canary["fields"], "birth_date"));
            let same_rows = |canary: &&Value| is_among(canary) && rows.1.contains(&hospital(canary));
            match wanted {
                Own::AmongTheFirstDays => made.of_b.iter().filter(same_rows).count() >= 4,
                Own::OnLaterDays => !made.of_b.iter().any(|canary| is_among(&canary)),
            }
        });
        made.expect("one of so many worlds has them there")
    }

    /// Has the later days handed to `b` first, with most of its canaries, and then all days: with few more, in every other world.
    fn made(seed: u64) -> CarriedOn {
        let world = Fixed::ready(&["a", "b"], 160);
        world.done(&["number", "control", "--count", "10"]);
        let lines = lines(seed);
        let of_a = plant(&world, &(lines[0].clone() + &rows(&lines, 0..EARLIER)), "a", 6, "a.csv");
        let mut of_b = plant(&world, &(lines[0].clone() + &rows(&lines, EARLIER..LATER)), "b", 30, "b-later.csv");
        world.pass_days(30);
        let [copy, later] = ["a.csv", "b-later.csv"].map(|name| fs::read_to_string(world.at(name)).unwrap());
        let all_days = copy + later.split_once('\n').unwrap().1;
        of_b.extend(plant(&world, &all_days, "b", if seed.is_multiple_of(2) { 40 } else { 1 }, "b.csv"));
        world.pass_days(20);
        CarriedOn { world, of_a, of_b }
    }
}

#[test]
fn who_calls_only_the_older_rows_of_a_later_copy_gets_nobody_named() {
    let CarriedOn { world, of_a, of_b } = CarriedOn::with_own(&Own::OnLaterDays);
    of_a.iter().for_each(|canary| tell(&world, canary));
    let told = world.json(&["trace"]);
    names_nobody(&told, "in the copies of b too");
    // By all that stayed silent it would be `a`; but all of that stands on other days.
    assert!(told["sources"][0]["probability"].as_f64().unwrap() > 0.9, "{told:#}");
    assert!(all(&told, "alike").iter().any(|holder| holder == "b"), "{told:#}");
    assert!(all(&told, "decides")[0].as_str().unwrap().contains("speak for `b`"), "{told:#}");
    // Calls to later rows decide it.
    of_b.iter().take(3).for_each(|canary| tell(&world, canary));
    assert_eq!(named(&world.json(&["trace"])), ["b"]);
}

#[test]
fn silent_canaries_of_a_later_copy_among_the_same_rows_name_the_earlier_one() {
    let CarriedOn { world, of_a, .. } = CarriedOn::with_own(&Own::AmongTheFirstDays);
    of_a.iter().for_each(|canary| tell(&world, canary));
    let told = world.json(&["trace"]);
    assert_eq!(named(&told), ["a"], "{told:#}");
}

#[test]
fn a_later_copy_that_a_crash_left_open_can_be_where_the_older_rows_are_from() {
    let CarriedOn { world, of_a, .. } = CarriedOn::with_own(&Own::OnLaterDays);
    leave_open(&world, 3);
    of_a.iter().for_each(|canary| tell(&world, canary));
    names_nobody(&world.json(&["trace"]), "in the copies of b too");
    // One that came to nothing was never anybody's: the program says that it was deleted.
    let CarriedOn { world, of_a, .. } = CarriedOn::with_own(&Own::OnLaterDays);
    make_void(&world, 3);
    of_a.iter().for_each(|canary| tell(&world, canary));
    assert_eq!(named(&world.json(&["trace"])), ["a"]);
}

#[test]
fn what_was_called_before_the_later_copy_was_made_is_the_earlier_one() {
    let world = Fixed::ready(&["a", "b"], 120);
    world.done(&["number", "control", "--count", "10"]);
    let lines = lines(3);
    let of_a = plant(&world, &(lines[0].clone() + &rows(&lines, 0..EARLIER)), "a", 6, "a.csv");
    world.pass_days(20);
    of_a.iter().for_each(|canary| tell(&world, canary));
    world.pass_days(10);
    let copy = fs::read_to_string(world.at("a.csv")).unwrap() + &rows(&lines, EARLIER..LATER);
    plant(&world, &copy, "b", 3, "b.csv");
    assert_eq!(named(&world.json(&["trace"])), ["a"]);
}

#[test]
fn a_seized_list_of_the_older_rows_alone_names_nobody_and_the_whole_names_its_copy() {
    let CarriedOn { world, of_a, .. } = CarriedOn::with_own(&Own::OnLaterDays);
    let whole = fs::read_to_string(world.at("b.csv")).unwrap();
    let first: Vec<&str> = whole.lines().take(EARLIER + 1 + of_a.len()).collect();
    let part = world.write("seized.csv", first.join("\n"));
    let scanned = world.json(&["scan", &part, "--record"]);
    assert_eq!(count(&scanned["recorded"], "kept"), 6, "{scanned:#}");
    names_nobody(&scanned, "in the copies of b too");
    names_nobody(&world.json(&["trace"]), "in the copies of b too");
    let scanned = world.json(&["scan", &world.arg("b.csv"), "--record"]);
    assert_eq!(named(&scanned), ["b"]);
    assert_eq!(named(&world.json(&["trace"])), ["b"]);
}

/// Two hospitals feed one agency until the end of November and another from December on, when both export all again.
fn two_agencies() -> (Fixed, Vec<Value>, Vec<Value>) {
    let world = Fixed::ready(&["h1", "h2", "old", "new"], 200);
    world.done(&["number", "control", "--count", "10"]);
    for hospital in ["h1", "h2"] {
        world.done(&["flow", "add", hospital, "old", "--until", "2026-11-30"]);
        world.done(&["flow", "add", hospital, "new", "--since", "2026-12-01"]);
    }
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (seed, hospital) in [(1, "h1"), (2, "h2")] {
        let lines = lines(seed);
        first.extend(plant(
            &world,
            &(lines[0].clone() + &rows(&lines, 0..150)),
            hospital,
            5,
            &format!("{hospital}.csv"),
        ));
    }
    world.pass_days(30);
    for (seed, hospital) in [(1, "h1"), (2, "h2")] {
        let lines = lines(seed);
        let (list, out) = (world.write("in.csv", lines.concat()), world.arg(&format!("{hospital}-again.csv")));
        let told = world.json(&["plant", &list, "--to", hospital, "--count", "5", "-o", &out]);
        assert_eq!(count(&told, "kept"), 5);
        second.extend(all(&told, "canaries").to_vec());
    }
    world.pass_days(30);
    (world, first, second)
}

#[test]
fn an_agency_whose_flows_ended_is_not_named_for_older_rows_that_the_next_one_got_too() {
    let (world, first, second) = two_agencies();
    first.iter().for_each(|canary| tell(&world, canary));
    let told = world.json(&["trace"]);
    names_nobody(&told, "in the copies of");
    assert!(all(&told, "alike").iter().any(|holder| holder == "new"), "{told:#}");
    // Rows that only the next agency got from both hospitals are its own.
    second.iter().step_by(2).for_each(|canary| tell(&world, canary));
    assert_eq!(named(&world.json(&["trace"])), ["new"]);
}

#[test]
fn two_who_share_canaries_are_not_named_for_a_third_copy_that_was_made_of_what_they_have_in_common() {
    let world = Fixed::ready(&["h1", "h2", "h3", "third"], 300);
    world.done(&["number", "control", "--count", "10"]);
    let list = world.write("births.csv", lines(5).concat());
    let out = world.arg("out-{holder}.csv");
    let to = ["--to", "h1", "--to", "h2", "--to", "h3", "--count", "3", "--shared", "30", "-o", &out];
    let copies = world.json(&["plant", &list].into_iter().chain(to).collect::<Vec<_>>());
    world.pass_days(10);
    let [one, other] = ["h1", "h2"].map(|id| fs::read_to_string(world.at(&format!("out-{id}.csv"))).unwrap());
    let is_same = |a: &str, b: &str| a.split_once(',').map(|row| row.1) == b.split_once(',').map(|row| row.1);
    let common: Vec<&str> = one.lines().filter(|line| other.lines().any(|theirs| is_same(line, theirs))).collect();
    plant(&world, &(common.join("\n") + "\n"), "third", 1, "third.csv");
    world.pass_days(30);
    let has = |canary: &&Value, id: &str| all(canary, "holders").iter().any(|holder| holder == id);
    let both = all(&copies[0], "shared").iter().filter(|canary| has(canary, "h1") && has(canary, "h2"));
    let called: Vec<&Value> = both.collect();
    assert!(called.len() > 4);
    called.iter().for_each(|canary| tell(&world, canary));
    let told = world.json(&["trace"]);
    let named = named(&told);
    assert!(named.is_empty() || named == ["third"], "{told:#}");
}
