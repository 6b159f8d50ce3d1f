//! Canaries that several copies share: two holders who delete all that differs between their copies still hold some.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;

use canaries::deed::Stage;
use serde_json::Value;

use crate::lists::{PHONE, SERIAL, Shape};
use crate::prove_it::{Change, both, edit, files, sign_again};
use crate::world::{Fixed, all, count, text};

const GROUP: [&str; 4] = ["h1", "h2", "h3", "h4"];

/// A world with four copies of one list: three canaries of its own in each, and forty that random halves have.
struct Shared {
    world: Fixed,
    copies: Vec<Value>,
    shape: Shape,
}

impl Shared {
    fn planted() -> Shared {
        let world = Fixed::ready(&GROUP, 300);
        world.done(&["number", "control", "--count", "10"]);
        let shape = Shape { rows: 600, ..Shape::default() };
        let list = world.write("births.csv", shape.bytes());
        let copies = plant(&world, &list, "out-{holder}.csv", 40);
        Shared { world, copies, shape }
    }

    fn rows(&self, holder: &str) -> Vec<Vec<String>> {
        self.shape.read(&fs::read(self.world.at(&format!("out-{holder}.csv"))).unwrap())
    }

    /// Gives the shared canaries by number, with whom they were given to.
    fn shared(&self) -> BTreeMap<String, (Value, BTreeSet<String>)> {
        let of = |canary: &Value| {
            let holders = all(canary, "holders").iter().map(|holder| holder.as_str().unwrap().to_string()).collect();
            (text(canary, "number").to_string(), (canary.clone(), holders))
        };
        self.copies.iter().flat_map(|copy| all(copy, "shared")).map(of).collect()
    }

    /// Has somebody call, who knows the mother's name and the day of birth.
    fn call(&self, numbers: &[String]) {
        let shared = self.shared();
        for number in numbers {
            let fields = &shared[number].0["fields"];
            let said = format!("{}您好,宝宝是{}出生的吧", text(fields, "mother_name"), text(fields, "birth_date"));
            self.world.done(&["hit", "add", "--to", number, "--from", "0755-88886666", "--said", &said]);
        }
    }
}

fn plant(world: &Fixed, list: &str, output: &str, shared: usize) -> Vec<Value> {
    let (output, shared) = (world.arg(output), shared.to_string());
    let to = GROUP.iter().flat_map(|id| ["--to", id]);
    let words: Vec<&str> =
        ["plant", list].into_iter().chain(to).chain(["--count", "3", "--shared", &shared, "-o", &output]).collect();
    world.json(&words).as_array().unwrap().clone()
}

/// Gives what two holders keep who delete every row that only one of them has.
fn kept_by(one: &[Vec<String>], other: &[Vec<String>]) -> HashSet<String> {
    // The serial number tells nothing: it is another in every copy.
    let rows = |rows: &[Vec<String>]| rows.iter().map(|row| row[SERIAL + 1..].join("|")).collect::<HashSet<_>>();
    let theirs = rows(other);
    one.iter().filter(|row| theirs.contains(&row[SERIAL + 1..].join("|"))).map(|row| row[PHONE].clone()).collect()
}

#[test]
fn each_copy_has_its_own_canaries_and_those_shared_ones_it_is_said_to_have() {
    let stage = Shared::planted();
    let shared = stage.shared();
    assert_eq!(shared.len(), 40);
    let mut ids = HashSet::new();
    for copy in &stage.copies {
        let (holder, rows) = (text(copy, "holder"), stage.rows(text(copy, "holder")));
        let (own, common) = (all(copy, "canaries"), all(copy, "shared"));
        assert_eq!((own.len(), rows.len() as u64), (3, count(&copy["output"], "rows")));
        assert_eq!(rows.len(), 600 + own.len() + common.len(), "{holder}");
        assert!((10..=30).contains(&common.len()), "a coin for each canary: {} of 40", common.len());
        let has = |number: &str| rows.iter().any(|row| number.ends_with(&row[PHONE]));
        for (number, (_, holders)) in &shared {
            assert_eq!(has(number), holders.contains(holder), "{number} in the copy of {holder}");
        }
        for canary in own.iter().chain(common) {
            let row = &rows[count(canary, "row") as usize - 1];
            let fields = &canary["fields"];
            assert!(text(canary, "number").ends_with(&row[PHONE]), "{canary}");
            assert_eq!(text(fields, "serial"), row[SERIAL], "{canary}");
            assert_eq!(row[SERIAL], count(canary, "row").to_string());
        }
        assert!(own.iter().all(|canary| ids.insert(text(canary, "id").to_string())), "another's own canary");
        let clean = stage.world.arg(&format!("clean-{holder}.csv"));
        stage.world.done(&["strip", &stage.world.arg(&format!("out-{holder}.csv")), "-o", &clean]);
        assert!(fs::read(&clean).unwrap() == stage.shape.bytes(), "the copy of {holder} does not come back");
    }
    stage.world.verified();
}

#[test]
fn two_who_delete_what_differs_are_named_by_what_they_have_in_common() {
    let stage = Shared::planted();
    let kept = kept_by(&stage.rows("h1"), &stage.rows("h3"));
    let pair = BTreeSet::from(["h1".to_string(), "h3".to_string()]);
    let left: Vec<String> = stage.shared().into_keys().filter(|number| kept.contains(&number[3..])).collect();
    assert!(left.iter().all(|number| stage.shared()[number].1.is_superset(&pair)) && left.len() > 4, "{left:?}");
    for copy in &stage.copies {
        let own = all(copy, "canaries").iter().filter(|canary| kept.contains(&text(canary, "number")[3..]));
        assert_eq!(own.count(), 0, "what one holder alone had is deleted");
    }
    stage.world.pass_days(40);
    stage.call(&left);
    let told = stage.world.json(&["trace"]);
    let named: BTreeSet<&str> = all(&told, "named").iter().map(|holder| holder.as_str().unwrap()).collect();
    assert_eq!(named, BTreeSet::from(["h1", "h3"]), "{told:#}");
    let together = &all(&told, "together")[0];
    assert_eq!(text(together, "how"), "rows-in-common");
    assert_eq!(text(&told, "verdict"), "supported");
    for source in all(&told, "sources").iter().filter(|source| ["h2", "h4"].contains(&text(source, "holder"))) {
        assert!(source["probability"].as_f64().unwrap() < 0.01, "{source}");
    }
    let words = stage.world.done(&["trace"]);
    assert!(words.contains("the rows that the copies given to h1 + h3 have in common"), "{words}");
}

#[test]
fn one_whose_whole_copy_leaks_is_named_alone_though_others_have_some_of_its_canaries() {
    let stage = Shared::planted();
    let of_h2 = |(_, holders): &(Value, BTreeSet<String>)| holders.contains("h2");
    let shared = stage.shared().into_iter().filter(|(_, canary)| of_h2(canary)).map(|(number, _)| number);
    stage.world.pass_days(40);
    stage.call(&shared.collect::<Vec<_>>());
    let told = stage.world.json(&["trace"]);
    assert_eq!(all(&told, "named").iter().collect::<Vec<_>>(), ["h2"], "{told:#}");
}

#[test]
fn a_shared_canary_came_with_its_copy_and_did_not_flow_from_whoever_enters_it() {
    let stage = Shared::planted();
    stage.world.done(&["holder", "add", "clerk", "--name", "clerk", "--kind", "person", "--parent", "h2"]);
    let shared = stage.shared();
    let (number, (_, holders)) =
        shared.iter().find(|(_, (_, holders))| holders.len() == 2 && holders.contains("h2")).unwrap();
    let told = stage.world.json(&["trace", number]);
    let canary = &told["canary"];
    let reached = |key: &str| all(canary, key).iter().map(|one| text(one, "holder").to_string()).collect::<Vec<_>>();
    let had: BTreeSet<String> = reached("received").into_iter().chain([text(canary, "holder").to_string()]).collect();
    assert_eq!(&had, holders);
    assert_eq!(reached("downstream"), ["clerk"]);
}

#[test]
fn next_months_copies_keep_what_each_holder_shares() {
    let world = Fixed::ready(&GROUP, 400);
    let whole = Shape { rows: 400, ..Shape::default() }.bytes();
    let export = |rows: usize| whole.split_inclusive(|byte| *byte == b'\n').take(rows + 1).collect::<Vec<_>>().concat();
    let list = world.write("september.csv", export(240));
    let first = plant(&world, &list, "september-{holder}.csv", 12);
    world.pass_days(30);
    let list = world.write("october.csv", export(400));
    let second = plant(&world, &list, "october-{holder}.csv", 8);
    for (before, after) in first.iter().zip(&second) {
        let holder = text(before, "holder");
        assert_eq!(count(after, "kept"), 3 + all(before, "shared").len() as u64, "{holder}");
        let copy = |month: &str| fs::read_to_string(world.at(&format!("{month}-{holder}.csv"))).unwrap();
        assert!(copy("october").starts_with(&copy("september")), "the difference names canaries of {holder}");
    }
    world.verified();
}

/// Makes a package of a leak of the whole copy of h2, and gives it.
fn package_on_h2(stage: &Shared) -> String {
    let of_h2 = |(_, holders): &(Value, BTreeSet<String>)| holders.contains("h2");
    let called = stage.shared().into_iter().filter(|(_, canary)| of_h2(canary)).map(|(number, _)| number);
    stage.world.pass_days(40);
    stage.call(&called.take(8).collect::<Vec<_>>());
    let folder = stage.world.arg("evidence");
    stage.world.done(&["report", "-o", &folder]);
    folder
}

/// Gives the entry of a kind that is about a planting, without its ending.
fn entry_of(folder: &str, kind: &str, planting: &str) -> String {
    let is_of = |name: &String| {
        let body = fs::read_to_string(format!("{folder}/{name}")).unwrap_or_default();
        name.ends_with(".entry")
            && body.contains(&format!("\nkind {kind}\n"))
            && body.contains(&format!("\nplanting {planting}\n"))
    };
    let found = files(folder).into_iter().find(is_of).unwrap_or_else(|| panic!("no {kind} of {planting}"));
    format!("{folder}/{}", found.trim_end_matches(".entry"))
}

#[test]
fn a_package_proves_the_copy_of_the_holder_that_is_named_and_no_other() {
    let stage = Shared::planted();
    let (world, good) = (&stage.world, package_on_h2(&stage));
    assert_eq!(both(world, &good, "shared canaries"), None);
    let report: Value = serde_json::from_slice(&fs::read(format!("{good}/report.json")).unwrap()).unwrap();
    assert_eq!(all(&report["finding"], "named").iter().collect::<Vec<_>>(), ["h2"], "{report:#}");
    let checked = world.json(&["verify", &good]);
    let copies = all(&checked, "copies");
    assert_eq!(copies.len(), 8, "{copies:?}");
    assert!(
        copies.iter().all(|copy| (text(copy, "planting"), text(copy, "holder")) == ("P-000002", "h2")),
        "{copies:?}"
    );
    let delivered = text(&report["ladder"][2]["claim"], "en").to_string();
    assert_eq!(delivered, "the copies were handed over: P-000002 → h2");
    let headline = text(&report["headline"][1], "en");
    assert!(headline.contains("h2") && headline.contains("P-000002"), "{headline}");
    let received = copies.iter().filter(|copy| {
        !fs::read_to_string(format!("{good}/canaries/{}.open", text(copy, "canary")))
            .unwrap()
            .contains("planting P-000002")
    });
    let received: Vec<&str> = received.map(|copy| text(copy, "canary")).collect();
    assert!(!received.is_empty(), "h2 enters all of them itself");
    for canary in &received {
        let row = format!("{good}/rows/{canary}.P-000002.row");
        assert!(fs::metadata(&row).is_ok(), "its row of the file is not shown: {row}");
    }
    let came = format!("copies/{}.P-000002", received[0]);
    let changes: [(&str, &str, Change<'_>); 8] = [
        (
            "that it came along is left out",
            "copies",
            Box::new(|f| {
                ["open", "proof"].iter().for_each(|end| fs::remove_file(format!("{f}/{came}.{end}")).unwrap())
            }),
        ),
        ("the handing over is left out", "copies", Box::new(|f| remove(&entry_of(f, "planted", "P-000002")))),
        (
            "its file is left out",
            "copies",
            Box::new(|f| {
                remove(&entry_of(f, "sealed", "P-000002"));
                files(f)
                    .iter()
                    .filter(|name| name.starts_with("rows/") || own(f, name))
                    .for_each(|name| fs::remove_file(format!("{f}/{name}")).unwrap());
            }),
        ),
        (
            "another number came along",
            "copies",
            Box::new(|f| edit(&format!("{f}/{came}.open"), |text| text.replace("number +86", "number +87"))),
        ),
        (
            "it stands in another row",
            "copies",
            Box::new(|f| edit(&format!("{f}/{came}.open"), |text| text.replace("\nrow ", "\nrow 1"))),
        ),
        (
            "its way to the root is left out",
            "copies",
            Box::new(|f| fs::remove_file(format!("{f}/{came}.proof")).unwrap()),
        ),
        (
            "it is said to have come into another copy",
            "copies",
            Box::new(|f| {
                for end in ["open", "proof"] {
                    let to = came.replace("P-000002", "P-000001");
                    fs::rename(format!("{f}/{came}.{end}"), format!("{f}/{to}.{end}")).unwrap();
                }
            }),
        ),
        (
            "its row is said to be of another file",
            "canaries",
            Box::new(|f| {
                for end in ["row", "proof"] {
                    let name = |planting: &str| format!("{f}/rows/{}.{planting}.{end}", received[0]);
                    fs::rename(name("P-000002"), name("P-000001")).unwrap();
                }
            }),
        ),
    ];
    for (at, (what, step, change)) in changes.iter().enumerate() {
        let folder = world.arg(&format!("bad-{at}"));
        assert!(std::process::Command::new("cp").args(["-r", &good, &folder]).status().unwrap().success());
        change(&folder);
        sign_again(world, &folder);
        assert_eq!(both(world, &folder, what).as_deref(), Some(*step), "{what}");
    }
}

/// Tells whether a file shows a canary that the planting of h2 enters itself.
fn own(folder: &str, name: &str) -> bool {
    let opening = name.replace(".proof", ".open");
    let text = fs::read_to_string(format!("{folder}/{opening}")).unwrap_or_default();
    name.starts_with("canaries/") && text.contains("planting P-000002")
}

/// Removes an entry with all that goes with it.
fn remove(entry: &str) {
    for end in ["entry", "proof", "open"] {
        if let Err(error) = fs::remove_file(format!("{entry}.{end}")) {
            assert!(end == "open", "{entry}.{end}: {error}");
        }
    }
}

#[test]
fn a_hit_names_all_who_got_its_canary() {
    let stage = Shared::planted();
    let shared = stage.shared();
    let (number, (_, holders)) = shared.iter().find(|(_, (_, holders))| holders.len() == 3).unwrap();
    stage.call(std::slice::from_ref(number));
    let hit = &stage.world.json(&["hit", "list"]).as_array().unwrap()[0].clone();
    let told: Vec<&str> = all(hit, "holders").iter().map(|holder| holder.as_str().unwrap()).collect();
    assert_eq!((told[0], told.len()), (text(hit, "holder"), 3));
    assert_eq!(&told.iter().map(|holder| holder.to_string()).collect::<BTreeSet<_>>(), holders);
    assert!(stage.world.done(&["hit", "list"]).contains(&told.join(", ")));
}

#[test]
fn one_recipient_has_nobody_to_share_with() {
    let world = Fixed::ready(&GROUP, 60);
    let list = world.write("births.csv", Shape::default().bytes());
    let output = world.arg("out.csv");
    world.refused(&["plant", &list, "--to", "h1", "--count", "1", "--shared", "9", "-o", &output]).names("9");
    let output = world.arg("{holder}.csv");
    let to = ["--to", "h1", "--to", "h2", "--count", "2", "--shared", "57", "-o", &output];
    world.refused(&["plant", &list].into_iter().chain(to).collect::<Vec<_>>()).names("61").names("60");
}

#[test]
fn a_copy_that_came_to_nothing_takes_nothing_from_those_who_share_with_it() {
    let world = Fixed::ready(&GROUP, 300);
    let list = world.write("births.csv", Shape { rows: 400, ..Shape::default() }.bytes());
    let (output, theirs) = (world.arg("out-{holder}.csv"), world.at("out-h1.csv"));
    let to = GROUP.iter().flat_map(|id| ["--to", id]);
    let words = ["plant", &list].into_iter().chain(to).chain(["--count", "2", "--shared", "30", "-o", &output]);
    let meddle = Box::new(move |stage, _, _| {
        if stage == Stage::Checking {
            fs::write(&theirs, "somebody else's").unwrap();
        }
    });
    let told = world.run_watched(&words.collect::<Vec<_>>(), meddle);
    assert_eq!(told.code, Some(2), "{}{}", told.out, told.err);
    let entered = "SELECT DISTINCT c.number FROM canary c JOIN received r ON r.canary = c.id WHERE c.planting = 1";
    let ledger = world.ledger();
    let mut found = ledger.prepare(entered).unwrap();
    let numbers: Vec<String> = found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(!numbers.is_empty(), "no shared canary is entered by the copy that came to nothing");
    world.done(&["hit", "add", "--to", &numbers[0], "--said", "宝宝拍照"]);
    let package = world.arg("evidence");
    world.done(&["report", &numbers[0], "-o", &package]);
    assert_eq!(both(&world, &package, "the copy that enters it came to nothing"), None);
    let proven = world.json(&["verify", &package]);
    let told = world.json(&["trace", &numbers[0]]);
    let holders: BTreeSet<&str> =
        all(&told["hits"][0], "holders").iter().map(|holder| holder.as_str().unwrap()).collect();
    assert!(!holders.contains("h1") && text(&told["hits"][0], "holder") != "h1", "{told:#}");
    assert_eq!(all(&proven, "copies").iter().map(|copy| text(copy, "holder")).collect::<BTreeSet<_>>(), holders);
    for number in &numbers {
        let told = world.json(&["trace", number]);
        let canary = &told["canary"];
        assert_eq!(text(canary, "standing"), "planted", "{canary}");
        let others = all(canary, "received").iter().map(|one| text(one, "holder"));
        for holder in others.chain([text(canary, "holder")]) {
            let copy = fs::read_to_string(world.at(&format!("out-{holder}.csv"))).unwrap();
            assert!(copy.contains(&number[3..]), "{number} is not in the copy of {holder}");
        }
    }
    world.verified();
}
