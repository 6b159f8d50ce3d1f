//! What programs read from `--json`: every field is there, has its type, and keeps its name.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::lists::Shape;
use crate::world::{Fixed, all, count, text};

/// What a field must be.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// `P-000001` and its like, by their letter.
    Id(char),
    E164,
    Time,
    Day,
    Sha256,
    Count,
    Share,
    Text,
    List,
    Object,
}

/// Checks fields by name, and says in which document one is wrong.
fn fields(value: &Value, wanted: &[(&str, Kind)]) {
    for (name, kind) in wanted {
        let field = &value[name];
        assert!(is(field, *kind), "`{name}` is no {kind:?}: {field} in {value}");
    }
}

fn is(field: &Value, kind: Kind) -> bool {
    let words = field.as_str();
    match kind {
        Kind::Id(letter) => words.is_some_and(|id| {
            let digits = id.strip_prefix(letter).and_then(|rest| rest.strip_prefix('-'));
            digits.is_some_and(|digits| digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_digit()))
        }),
        Kind::E164 => words.is_some_and(|number| {
            number.strip_prefix('+').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
        }),
        Kind::Time => words.is_some_and(|at| DateTime::parse_from_rfc3339(at).is_ok() && at.ends_with('Z')),
        Kind::Day => words.is_some_and(|day| day.parse::<chrono::NaiveDate>().is_ok()),
        Kind::Sha256 => words.is_some_and(|hash| {
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        }),
        Kind::Count => field.is_u64(),
        Kind::Share => field.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)),
        Kind::Text => words.is_some_and(|word| !word.is_empty()),
        Kind::List => field.is_array(),
        Kind::Object => field.is_object(),
    }
}

fn hit(value: &Value) {
    fields(value, &[("number", Kind::E164), ("at", Kind::Time), ("kind", Kind::Text), ("level", Kind::Text)]);
    fields(value, &[("facts", Kind::List), ("campaign", Kind::Id('K'))]);
    assert!(["ring", "topic", "content"].contains(&text(value, "level")));
    assert!(["call", "sms", "visit"].contains(&text(value, "kind")));
    assert!(value.get("from").is_some_and(|from| from.is_null() || is(from, Kind::Text)));
    if value["canary"].is_null() {
        let empty = ["holder", "planting", "planted_at"].iter().all(|name| value[name].is_null());
        assert!(empty, "a control was planted: {value}");
    } else {
        fields(value, &[("canary", Kind::Id('C')), ("planting", Kind::Id('P'))]);
        fields(value, &[("holder", Kind::Text), ("planted_at", Kind::Time)]);
    }
}

fn planting(value: &Value) {
    fields(value, &[("planting", Kind::Id('P')), ("holder", Kind::Text), ("planted_at", Kind::Time)]);
    fields(value, &[("input", Kind::Object), ("output", Kind::Object), ("carried", Kind::Count)]);
    for file in ["input", "output"] {
        fields(&value[file], &[("path", Kind::Text), ("sha256", Kind::Sha256), ("rows", Kind::Count)]);
    }
    assert!(!all(value, "canaries").is_empty());
    for canary in all(value, "canaries") {
        fields(
            canary,
            &[("id", Kind::Id('C')), ("number", Kind::E164), ("row", Kind::Count), ("fields", Kind::Object)],
        );
        fields(&canary["fields"], &[("mother_name", Kind::Text), ("birth_date", Kind::Day), ("phone", Kind::Text)]);
        assert!((1..=count(&value["output"], "rows")).contains(&count(canary, "row")));
    }
}

fn finding(value: &Value) {
    fields(
        value,
        &[("verdict", Kind::Text), ("hits", Kind::List), ("sources", Kind::List), ("background", Kind::Share)],
    );
    fields(value, &[("campaigns", Kind::List), ("against", Kind::List)]);
    all(value, "hits").iter().for_each(hit);
    weighed(value);
    for campaign in all(value, "campaigns") {
        fields(campaign, &[("id", Kind::Id('K')), ("callers", Kind::List), ("verdict", Kind::Text)]);
        weighed(campaign);
    }
    assert!(all(value, "against").iter().all(Value::is_string));
}

/// Sources and background of a finding or a campaign add up to 1.
fn weighed(value: &Value) {
    let mut sum = value["background"].as_f64().unwrap();
    for source in all(value, "sources") {
        fields(source, &[("holder", Kind::Text), ("probability", Kind::Share), ("hits_explained", Kind::Count)]);
        sum += source["probability"].as_f64().unwrap();
        let between = &source["copied_between"];
        let days = between.as_array().is_some_and(|days| days.len() == 2 && days.iter().all(|day| is(day, Kind::Day)));
        assert!(between.is_null() || days, "{source}");
    }
    assert!((sum - 1.0).abs() < 1e-6, "probabilities add up to {sum}: {value}");
}

/// Two hospitals, a district, canaries in one list, calls to two canaries and a control.
fn told() -> (Fixed, Vec<Value>) {
    let world = Fixed::ready(&["szfy", "renmin", "district"], 100);
    world.done(&["flow", "add", "szfy", "district"]);
    world.done(&["number", "control", "--count", "3"]);
    let list = world.write("births.csv", Shape::default().bytes());
    let planted = world.json(&["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")]);
    planting(&planted);
    world.pass_days(10);
    let canaries = all(&planted, "canaries").to_vec();
    for (canary, caller) in canaries.iter().zip(["057188880000", "057188880000"]) {
        let said = format!("{}女士 宝宝拍照", text(&canary["fields"], "mother_name"));
        hit(&world.json(&["hit", "add", "--to", text(canary, "number"), "--from", caller, "--said", &said]));
    }
    let controls = world.json(&["number", "list", "--state", "control"]);
    hit(&world.json(&["hit", "add", "--to", text(&controls[0], "number"), "--kind", "sms", "--said", "贷款"]));
    (world, canaries)
}

#[test]
fn plant_gives_one_document_or_a_list_of_them() {
    let world = Fixed::ready(&["a", "b"], 100);
    let list = world.write("births.csv", Shape::default().bytes());
    let out = world.arg("{holder}.csv");
    let several = world.json(&["plant", &list, "--to", "a", "--to", "b", "--count", "2", "-o", &out]);
    assert_eq!(several.as_array().unwrap().len(), 2);
    several.as_array().unwrap().iter().for_each(planting);
    let one = world.json(&["plant", &list, "--to", "a", "--count", "2", "-o", &world.arg("one.csv")]);
    planting(&one);
    assert_eq!(text(&one["input"], "path"), list, "paths are told as they were given");
    assert_eq!(text(&one["output"], "path"), world.arg("one.csv"));
    let hash = |name: &str| hex::encode(<sha2::Sha256 as sha2::Digest>::digest(std::fs::read(world.at(name)).unwrap()));
    assert_eq!(text(&one["input"], "sha256"), hash("births.csv"));
    assert_eq!(text(&one["output"], "sha256"), hash("one.csv"));
}

#[test]
fn trace_gives_a_finding_in_all_its_forms() {
    let (world, canaries) = told();
    let all_hits = world.json(&["trace"]);
    finding(&all_hits);
    assert_eq!(all(&all_hits, "hits").len(), 3);
    assert!(all(&all_hits, "hits").iter().any(|hit| hit["canary"].is_null()), "the control is among them");
    let called = text(&canaries[0], "number");
    let one = world.json(&["trace", called]);
    finding(&one);
    story(&one["canary"]);
    let silent = world.json(&["trace", text(&canaries[2], "number")]);
    finding(&silent);
    assert_eq!(silent["hits"], json!([]));
    story(&silent["canary"]);
    let two = world.json(&["trace", called, text(&canaries[1], "number")]);
    finding(&two);
    assert_eq!(all(&two, "hits").len(), 2);
    let control = text(&world.json(&["number", "list", "--state", "control"])[0], "number").to_string();
    finding(&world.json(&["trace", &control]));
    finding(&world.json(&["trace", called, "13700009999"]));
    for filter in [["--since", "2026-12-01T00:00:00Z"], ["--until", "2026-12-01"], ["--from", "057188880000"]] {
        finding(&world.json(&["trace", filter[0], filter[1]]));
    }
    let stranger = world.run(&["--json", "trace", "13700009999"]);
    assert_eq!(stranger.code, Some(1));
    assert_eq!(serde_json::from_str::<Value>(&stranger.out).unwrap(), json!({"verdict": "not-a-canary"}));
}

fn story(canary: &Value) {
    fields(
        canary,
        &[("id", Kind::Id('C')), ("number", Kind::E164), ("holder", Kind::Text), ("planting", Kind::Id('P'))],
    );
    fields(canary, &[("planted_at", Kind::Time), ("row", Kind::Count), ("fields", Kind::Object)]);
    fields(canary, &[("received", Kind::List), ("downstream", Kind::List)]);
    for reached in all(canary, "downstream") {
        fields(reached, &[("holder", Kind::Text), ("share", Kind::Share)]);
    }
}

#[test]
fn scan_tells_files_matches_and_sources() {
    let world = Fixed::ready(&["szfy"], 20);
    let list = world.write("a.csv", Shape::default().bytes());
    let out = world.arg("b.csv");
    world.done(&["plant", &list, "--to", "szfy", "--count", "4", "-o", &out]);
    world.done(&["number", "control", "--count", "2"]);
    let number = world.json(&["number", "list", "--state", "control"])[0]["number"].clone();
    world.write("seized/list.csv", std::fs::read(&out).unwrap());
    world.write("seized/control.txt", number.as_str().unwrap());
    world.write("seized/archive.rar", b"Rar!\x1A\x07\x01\0");
    let scanned = world.json(&["scan", &world.arg("seized"), "--record"]);
    let lists = [("files", Kind::List), ("unreadable", Kind::List), ("matches", Kind::List), ("sources", Kind::List)];
    fields(&scanned, &lists);
    let counts = [("matches_left_out", Kind::Count), ("coincidences", Kind::Count), ("recorded", Kind::Object)];
    fields(&scanned, &counts);
    fields(&scanned, &[("verdict", Kind::Text), ("background", Kind::Share)]);
    fields(&scanned["recorded"], &[("kept", Kind::Count), ("known", Kind::Count)]);
    assert_eq!(scanned["interrupted"], false);
    weighed(&scanned);
    for file in all(&scanned, "files") {
        fields(file, &[("path", Kind::Text), ("sha256", Kind::Sha256), ("bytes", Kind::Count), ("rows", Kind::Count)]);
    }
    let whole = all(&scanned, "files").iter().find(|file| text(file, "path").ends_with("list.csv")).unwrap();
    fields(whole, &[("planting", Kind::Id('P')), ("layout", Kind::Object)]);
    fields(&whole["layout"], &[("columns", Kind::Count), ("of", Kind::Count), ("plantings", Kind::List)]);
    let unread = &all(&scanned, "unreadable")[0];
    fields(unread, &[("path", Kind::Text), ("reason", Kind::Text), ("hint", Kind::Text)]);
    assert_eq!(all(&scanned, "matches").len(), 5, "{scanned}");
    for seen in all(&scanned, "matches") {
        fields(seen, &[("number", Kind::E164), ("file", Kind::Text), ("line", Kind::Count), ("text", Kind::Text)]);
        fields(seen, &[("matched_by", Kind::Text), ("facts", Kind::List), ("fits", Kind::Count)]);
        fields(seen, &[("people", Kind::Count), ("received_by", Kind::List)]);
        match seen["canary"].is_null() {
            true => assert!(seen["holder"].is_null() && seen["planting"].is_null(), "{seen}"),
            false => fields(seen, &[("canary", Kind::Id('C')), ("holder", Kind::Text), ("planting", Kind::Id('P'))]),
        }
    }
}

#[test]
fn verify_says_whether_all_is_well() {
    let (world, _) = told();
    let checked = world.json(&["verify"]);
    fields(&checked, &[("entries", Kind::Count), ("root", Kind::Sha256), ("faults", Kind::List)]);
    assert_eq!((&checked["ok"], &checked["faults"]), (&json!(true), &json!([])));
    assert_eq!(count(&checked, "entries"), world.entries().len() as u64);
    world.ledger().execute_batch("DROP TRIGGER entry_no_delete; DELETE FROM entry WHERE idx = 3").unwrap();
    let broken = world.run(&["--json", "verify"]);
    assert_eq!(broken.code, Some(1));
    let broken: Value = serde_json::from_str(&broken.out).unwrap();
    assert_eq!(broken["ok"], json!(false));
    assert!(all(&broken, "faults").iter().all(Value::is_string) && !all(&broken, "faults").is_empty());
}

#[test]
fn lists_are_lists() {
    let (world, _) = told();
    let numbers = world.json(&["number", "list"]);
    assert_eq!(numbers.as_array().unwrap().len(), 100);
    for number in numbers.as_array().unwrap() {
        fields(number, &[("number", Kind::E164), ("state", Kind::Text), ("contacts", Kind::Count)]);
        if text(number, "state") == "planted" {
            fields(number, &[("planting", Kind::Id('P'))]);
        }
    }
    assert_eq!(numbers.as_array().unwrap().iter().map(|number| count(number, "contacts")).sum::<u64>(), 3);
    let hits = world.json(&["hit", "list"]);
    assert_eq!(hits.as_array().unwrap().len(), 3);
    hits.as_array().unwrap().iter().for_each(hit);
    for holder in world.json(&["holder", "list"]).as_array().unwrap() {
        fields(holder, &[("id", Kind::Text), ("name", Kind::Text), ("kind", Kind::Text)]);
        assert!(holder.get("region").is_some() && holder.get("parent").is_some());
    }
    for flow in world.json(&["flow", "list"]).as_array().unwrap() {
        fields(flow, &[("from", Kind::Text), ("to", Kind::Text), ("share", Kind::Share)]);
        assert!(flow.get("since").is_some() && flow.get("until").is_some());
    }
    let shown = world.json(&["holder", "show", "szfy"]);
    fields(&shown, &[("id", Kind::Text), ("receives_from", Kind::List), ("downstream", Kind::List)]);
    for planting in all(&shown, "plantings") {
        fields(planting, &[("planting", Kind::Id('P')), ("state", Kind::Text), ("reserved_at", Kind::Time)]);
        fields(planting, &[("output", Kind::Text), ("sha256", Kind::Sha256), ("rows", Kind::Count)]);
    }
}

#[test]
fn every_other_command_has_a_document_too() {
    let world = Fixed::bare();
    let made = world.json(&["init"]);
    fields(&made, &[("ledger", Kind::Text), ("key", Kind::Text), ("public", Kind::Sha256)]);
    fields(&world.json(&["holder", "add", "a", "--name", "A"]), &[("id", Kind::Text), ("name", Kind::Text)]);
    world.json(&["holder", "add", "b", "--name", "B"]);
    fields(
        &world.json(&["flow", "add", "a", "b"]),
        &[("from", Kind::Text), ("to", Kind::Text), ("share", Kind::Share)],
    );
    fields(&world.json(&["number", "add", "13800138000"]), &[("number", Kind::E164)]);
    fields(&world.json(&["number", "retire", "13800138000"]), &[("number", Kind::E164)]);
    world.add_numbers(60);
    fields(&world.json(&["number", "control", "--count", "2"]), &[("controls", Kind::List)]);
    let calls = world.write("calls.csv", "to,at\n13800138000,2026-11-20 10:00\n");
    let imported = world.json(&["hit", "import", &calls]);
    fields(&imported, &[("rows", Kind::Count), ("kept", Kind::Count), ("known", Kind::Count), ("strays", Kind::Count)]);
    let list = world.write("births.csv", Shape::default().bytes());
    planting(&world.json(&["plant", &list, "--to", "a", "--count", "1", "-o", &world.arg("out.csv")]));
    let stripped = world.json(&["strip", &world.arg("out.csv"), "-o", &world.arg("clean.csv")]);
    fields(&stripped, &[("removed", Kind::Count), ("output", Kind::Object)]);
    let minted = world.json(&["mint", "--to", "a", "--count", "2", "-o", &world.arg("minted.csv")]);
    fields(&minted, &[("planting", Kind::Id('P')), ("holder", Kind::Text), ("canaries", Kind::List)]);
    assert!(minted["input"].is_null());
    let backup = world.json(&["backup", &world.arg("backup.db")]);
    fields(&backup, &[("path", Kind::Text), ("sha256", Kind::Sha256), ("entries", Kind::Count)]);
}

#[test]
fn an_error_prints_no_document() {
    let world = Fixed::ready(&["szfy"], 3);
    for args in [
        &["--json", "trace", "--since", "soon"][..],
        &["--json", "holder", "show", "nobody"],
        &["--json", "number", "retire", "13800138000"],
        &["--json", "strip", "nowhere.csv", "-o", "x.csv"],
    ] {
        world.refused(args);
    }
    for args in [&["nonsense"][..], &["plant"], &["number", "list", "--state", "sleeping"], &["--lang", "fr", "verify"]]
    {
        let told = world.run(args);
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{args:?}: {}", told.err);
        assert!(!told.err.is_empty());
    }
    for args in [&["--help"][..], &["plant", "--help"], &["--version"], &["help", "trace"]] {
        let told = world.run(args);
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{args:?}");
    }
}
