//! Holders, people among them, and the flows between them.

use crate::world::{Fixed, all, text};

#[test]
fn a_city_is_declared_from_files_in_any_order() {
    let world = Fixed::ready(&[], 0);
    let holders = world.write(
        "holders.csv",
        "id,name,kind,region,parent,remark\nclerk,李某,person,440300,agency,x\nagency,月子公司,company,,,\nszfy,市妇幼,hospital,440300,,\n",
    );
    let flows = world.write("flows.csv", "from,to,share,since,until\nszfy,agency,0.3,2026-01-01,\n");
    assert_eq!(world.json(&["holder", "import", &holders])["holders"], 3);
    assert_eq!(world.json(&["flow", "import", &flows])["flows"], 1);
    let shown = world.json(&["holder", "show", "szfy"]);
    assert_eq!(
        shown["downstream"],
        serde_json::json!(["agency", "clerk"]),
        "data flows from parent to child by itself"
    );
    let clerk = world.json(&["holder", "show", "clerk"]);
    assert_eq!(clerk["receives_from"], serde_json::json!(["agency"]));
    assert_eq!(text(&clerk, "parent"), "agency");
    let ids: Vec<String> =
        world.json(&["holder", "list"]).as_array().unwrap().iter().map(|one| text(one, "id").to_string()).collect();
    assert_eq!(ids, ["agency", "clerk", "szfy"]);
    let listed = world.json(&["flow", "list"]);
    assert_eq!((text(&listed[0], "from"), text(&listed[0], "to")), ("szfy", "agency"));
    assert_eq!((&listed[0]["share"], text(&listed[0], "since")), (&serde_json::json!(0.3), "2026-01-01"));
    world.verified();
}

#[test]
fn nobody_is_declared_twice_or_without_a_parent_there() {
    let world = Fixed::ready(&["szfy"], 0);
    world.refused(&["holder", "add", "szfy", "--name", "again"]).names("szfy");
    world.refused(&["holder", "add", "ward", "--name", "ward", "--parent", "nobody"]).names("nobody");
    world.refused(&["holder", "show", "nobody"]).names("nobody");
    world.refused(&["flow", "add", "szfy", "nobody"]).names("nobody");
    world.refused(&["holder", "add", "blank", "--name", " "]).names("blank");
    let list = world.write("births.csv", crate::lists::Shape::default().bytes());
    world.refused(&["plant", &list, "--to", "nobody", "--count", "1", "-o", &world.arg("out.csv")]).names("nobody");
    assert!(!world.at("out.csv").exists());
}

#[test]
fn a_person_is_never_above_an_organisation() {
    let world = Fixed::ready(&["szfy"], 0);
    world.done(&["holder", "add", "clerk", "--name", "李某", "--kind", "person", "--parent", "szfy"]);
    world
        .refused(&["holder", "add", "ward", "--name", "ward", "--kind", "company", "--parent", "clerk"])
        .names("clerk");
    world.refused(&["flow", "add", "clerk", "szfy"]).names("clerk");
    world.done(&["holder", "add", "friend", "--name", "张某", "--kind", "person"]);
    world.done(&["flow", "add", "clerk", "friend"]);
    let circle = world.write("circle.csv", "id,name,parent\na,A,b\nb,B,a\n");
    world.refused(&["holder", "import", &circle]).names("a");
}

#[test]
fn a_flow_says_something_true_of_days_and_shares() {
    let world = Fixed::ready(&["szfy", "district"], 0);
    world.refused(&["flow", "add", "szfy", "szfy"]).names("szfy");
    world.refused(&["flow", "add", "szfy", "district", "--share", "1.5"]).names("1.5");
    world.refused(&["flow", "add", "szfy", "district", "--share", "NaN"]);
    let days = ["--since", "2026-03-01", "--until", "2026-02-01"];
    world.refused(&[&["flow", "add", "szfy", "district"], &days[..]].concat()).names("2026-02-01");
    world.done(&["flow", "add", "szfy", "district"]);
    world.refused(&["flow", "add", "szfy", "district"]).names("district");
    world.done(&["flow", "add", "szfy", "district", "--share", "0.5"]);
}

#[test]
fn a_file_with_one_bad_line_declares_nobody() {
    let world = Fixed::ready(&[], 0);
    let bad_kind = world.write("kind.csv", "id,name,kind\na,A,hospital\nb,B,palace\n");
    world.refused(&["holder", "import", &bad_kind]).names("kind.csv").names("3").names("palace");
    let bad_id = world.write("id.csv", "id,name\n../a,A\n");
    world.refused(&["holder", "import", &bad_id]).names("id.csv").names("2");
    let flows = world.write("flows.csv", "from,to,since\na,b,soon\n");
    world.refused(&["flow", "import", &flows]).names("flows.csv").names("2").names("since");
    assert_eq!(world.json(&["holder", "list"]), serde_json::json!([]));
}

#[test]
fn a_holder_shows_what_it_was_given() {
    let world = Fixed::ready(&["szfy"], 40);
    let list = world.write("births.csv", crate::lists::Shape::default().bytes());
    let told = world.json(&["plant", &list, "--to", "szfy", "--count", "2", "-o", &world.arg("out.csv")]);
    let shown = world.json(&["holder", "show", "szfy"]);
    let plantings = all(&shown, "plantings");
    assert_eq!(plantings.len(), 1);
    assert_eq!(plantings[0]["planting"], told["planting"]);
    assert_eq!(text(&plantings[0], "state"), "planted");
    assert_eq!(plantings[0]["sha256"], told["output"]["sha256"]);
    assert_eq!(plantings[0]["rows"], told["output"]["rows"]);
}

#[test]
fn calls_from_a_line_that_a_holder_declared_never_count() {
    let world = Fixed::ready(&["szfy", "district"], 3);
    let canary = world.json(&["number", "list"])[0]["number"].as_str().unwrap().to_string();
    world.done(&["hit", "add", "--to", &canary, "--from", "0755-88881234", "--at", "2026-12-01 10:00"]);
    assert_eq!(world.json(&["holder", "line", "szfy", "0755-88881234", "12320"])["lines"], 2);
    assert_eq!(world.json(&["holder", "line", "szfy", "+86 755 8888 1234"])["lines"], 0, "known already");
    let hits = world.json(&["hit", "list"]);
    assert_eq!(hits[0]["expected"], "szfy", "also for a call that was on record before");
    world.refused(&["holder", "line", "district", "12320"]).names("12320");
    world.refused(&["holder", "line", "szfy", "anonymous"]).names("anonymous");
    world.refused(&["holder", "line", "szfy", &canary]).names(&canary);
    world.refused(&["holder", "line", "nobody", "12320"]).names("nobody");
    world.verified();
}
