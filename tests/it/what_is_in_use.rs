//! What a locked ledger keeps of numbers in use, who looked into it, and traps in seized files.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::keep_secrets::{HOLDERS, Locked, births, number_in};
use crate::prove_it::both;
use crate::world::{Fixed, all, count, text};

/// Runs `verify`; gives its exit code and what it printed.
type Check<'a> = dyn Fn(&[&str]) -> (Option<i32>, Value) + 'a;

/// Bytes of a page of the file.
const PAGE: usize = 4096;

fn tags(world: &Fixed) -> Vec<Vec<u8>> {
    let db = world.ledger();
    let mut found = db.prepare("SELECT tag FROM used ORDER BY tag").unwrap();
    found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Gives the tags as they lie on each page, from its end to its beginning.
fn as_they_lie(world: &Fixed) -> BTreeMap<usize, Vec<Vec<u8>>> {
    let tags = tags(world);
    let file = fs::read(world.at("canaries.db")).unwrap();
    let mut places: Vec<(usize, Vec<u8>)> = Vec::new();
    for tag in tags {
        let at = memchr::memmem::find_iter(&file, &tag).collect::<Vec<_>>();
        assert_eq!(at.len(), 1, "a tag stands once in the file, and nothing is left of earlier places");
        places.push((at[0], tag));
    }
    places.sort();
    let mut pages: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
    places.into_iter().rev().for_each(|(at, tag)| pages.entry(at / PAGE).or_default().push(tag));
    pages
}

#[test]
fn where_a_tag_lies_in_the_file_tells_nothing_of_the_planting_it_came_with() {
    let locked = Locked::ready(300);
    let world = &locked.world;
    for (at, (holder, canaries)) in
        [(HOLDERS[0].0, 20), (HOLDERS[1].0, 30), (HOLDERS[0].0, 1), (HOLDERS[1].0, 60)].into_iter().enumerate()
    {
        let (list, output, canaries) = (births(world), world.arg(&format!("copy-{at}.csv")), canaries.to_string());
        world.done(&["plant", &list, "--to", holder, "--count", &canaries, "-o", &output, "--unrelated"]);
    }
    world.done(&["number", "trap", "--count", "2"]);
    assert_eq!(tags(world).len(), 256, "111 canaries and people and two traps, filled up");
    for (page, tags) in as_they_lie(world) {
        assert!(tags.is_sorted(), "page {page} has the order in which they came");
    }
    world.done(&locked.unlocked(&["verify"]));
}

#[test]
fn a_tag_that_is_gone_or_came_is_found_out_with_the_planters_key_and_told_apart_with_the_investigators() {
    let locked = Locked::ready(60);
    let world = &locked.world;
    locked.plant(HOLDERS[0].0, 6, "a.csv");
    world.done(&["number", "trap", "--count", "1"]);
    let checked = |args: &[&str]| {
        let told = world.run(args);
        (told.code, serde_json::from_str::<Value>(&told.out).unwrap_or_else(|_| panic!("{}", told.err)))
    };
    let whole = locked.unlocked(&["--json", "verify"]);
    assert_eq!((checked(&["--json", "verify"]).0, checked(&whole).0), (Some(0), Some(0)));
    let good = tags(world);
    for sql in ["DELETE FROM used WHERE tag = (SELECT min(tag) FROM used)", "INSERT INTO used VALUES (x'00'), (x'01')"]
    {
        world.ledger().execute_batch(sql).unwrap();
        let (code, told) = checked(&whole);
        assert_eq!(code, Some(1), "{sql}");
        let fault = all(&told, "faults")[0].as_str().unwrap();
        assert!(fault.starts_with("table `used`, row 1: "), "{fault}");
        put_back(world, &good);
    }
    // Without the other key it is known which numbers are in use, and how many there must be.
    let of_numbers: Vec<Vec<u8>> = good.iter().filter(|tag| is_noticed(&checked, world, tag, &good)).cloned().collect();
    assert_eq!(of_numbers.len(), 7, "six canaries and a trap");
    assert_eq!(checked(&["--json", "verify"]).0, Some(0));
}

/// Tells whether the planting machine alone notices that a tag is another one.
fn is_noticed(checked: &Check<'_>, world: &Fixed, tag: &[u8], good: &[Vec<u8>]) -> bool {
    world.ledger().execute("UPDATE used SET tag = ?1 WHERE tag = ?2", (vec![7_u8; 32], tag)).unwrap();
    let (code, told) = checked(&["--json", "verify"]);
    put_back(world, good);
    assert!(code == Some(0) || all(&told, "faults")[0].as_str().unwrap().contains("`used`"), "{told}");
    code == Some(1)
}

fn put_back(world: &Fixed, good: &[Vec<u8>]) {
    let db = world.ledger();
    db.execute_batch("DELETE FROM used").unwrap();
    good.iter().for_each(|tag| assert_eq!(db.execute("INSERT INTO used VALUES (?1)", [tag]).unwrap(), 1));
}

#[test]
fn who_looked_into_a_locked_ledger_is_listed_to_the_investigator_only() {
    let locked = Locked::ready(60);
    let world = &locked.world;
    let number = number_in(&locked.plant(HOLDERS[0].0, 3, "a.csv")[0]);
    world.done(&locked.unlocked(&["trace", &number]));
    world.done(&locked.unlocked(&["hit", "list"]));
    let listed: Value = serde_json::from_str(&world.done(&locked.unlocked(&["--json", "verify"]))).unwrap();
    let lookups = all(&listed, "lookups");
    assert_eq!(lookups.iter().map(|one| text(one, "what")).collect::<Vec<_>>(), ["trace", "hits"]);
    assert_eq!((text(&lookups[0], "asked"), text(&lookups[0], "case")), (number.as_str(), "case 7"));
    assert!(text(&lookups[0], "by").starts_with("Inspector Li"), "{listed}");
    let told = world.done(&locked.unlocked(&["verify"]));
    assert!(told.contains("look-ups on record: 2") && told.contains("Inspector Li"), "{told}");
    let planter: Value = serde_json::from_str(&world.done(&["--json", "verify"])).unwrap();
    assert!(planter.get("lookups").is_none(), "{planter}");
}

#[test]
fn a_package_of_a_locked_ledger_proves_copies_that_were_met_unread_and_needs_the_key() {
    let locked = Locked::ready(120);
    let world = &locked.world;
    let number = number_in(&locked.plant(HOLDERS[0].0, 3, "a.csv")[0]);
    world.done(&["plant", &world.arg("a.csv"), "--to", HOLDERS[1].0, "--count", "2", "-o", &world.arg("b.csv")]);
    let package = world.arg("evidence");
    world.done(&locked.unlocked(&["report", &number, "-o", &package]));
    assert_eq!(both(world, &package, "met unread"), None);
    let proven = world.json(&["verify", &package]);
    let holders: Vec<&str> = all(&proven, "copies").iter().map(|copy| text(copy, "holder")).collect();
    assert_eq!(holders, [HOLDERS[0].0, HOLDERS[1].0]);
    fs::rename(world.at("canaries.key"), world.at("elsewhere/canaries.key")).unwrap();
    let (looked, folder) = (locked.lookups(), world.arg("unsigned"));
    world.refused(&locked.unlocked(&["report", &number, "-o", &folder])).names("canaries.key").says("signed");
    assert_eq!(locked.lookups(), looked, "nothing was shown");
    world.done(&locked.unlocked(&["report", &number, "-o", &world.arg("finding.html")]));
}

#[test]
fn a_trap_in_a_seized_file_says_that_the_ledger_was_read_and_names_nobody() {
    let world = Fixed::ready(&["szfy"], 60);
    let list = births(&world);
    world.done(&["plant", &list, "--to", "szfy", "--count", "6", "-o", &world.arg("a.csv")]);
    world.done(&["number", "control", "--count", "3"]);
    for kind in ["trap", "control"] {
        let none = world.run(&["number", kind, "--count", "0"]);
        assert_eq!((none.code, none.out.as_str()), (Some(2), ""), "{}", none.err);
    }
    world.done(&["number", "trap", "--count", "2"]);
    let traps = world.json(&["number", "list", "--state", "trap"]);
    let trap = text(&traps[0], "number");
    let copy = fs::read_to_string(world.at("a.csv")).unwrap();
    let seized = world.write("seized.csv", &copy);
    let named = world.json(&["scan", &seized]);
    assert_eq!((all(&named, "named").len(), named.get("traps")), (1, None), "{named}");
    let seized = world.write("seized-too.csv", format!("{copy}{}\n", &trap[3..]));
    let found = world.json(&["scan", &seized]);
    assert_eq!(found["traps"], serde_json::json!([trap]));
    assert_eq!((text(&found, "verdict"), all(&found, "named").len()), ("inconclusive", 0), "{found:#}");
    let matches = all(&found, "matches");
    assert_eq!(matches.iter().filter(|one| one["trap"] == true).count(), 1);
    let told = world.done(&["scan", &seized]);
    assert!(told.contains("has read the ledger itself") && told.contains(trap), "{told}");
    // Nothing but a trap is a find too.
    let alone = world.write("numbers.txt", format!("{}\n", &trap[3..]));
    assert_eq!(all(&world.json(&["scan", &alone]), "matches").len(), 1);
    // Put on record, the list speaks against every later trace of it.
    world.done(&["scan", "--record", &seized]);
    let later = world.json(&["trace"]);
    assert_eq!(all(&later, "named").len(), 0, "{later:#}");
    assert!(all(&later, "against")[0].as_str().unwrap().contains("trap"), "{later:#}");
    assert_eq!(count(&all(&later, "traps")[0], "contacts"), 1);
    world.verified();
}
