//! How well canaries would hide, asked before anything is written.

use crate::lists::Shape;
use crate::world::{Fixed, all, count};

#[test]
fn a_check_judges_and_changes_nothing() {
    let world = Fixed::ready(&["szfy"], 200);
    let list = world.write("births.csv", Shape::default().bytes());
    let (entries, files) = (world.entries(), world.files());
    let told = world.run(&["--json", "check", &list, "--to", "szfy", "--count", "20"]);
    let judged: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let hides = judged["hides"].as_bool().unwrap();
    assert_eq!(told.code, Some(if hides { 0 } else { 1 }), "{judged}");
    assert_eq!(count(&judged, "count"), 20);
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let (auc, between) = (number(&judged["auc"]), all(&judged, "auc_between"));
    assert!(number(&between[0]) <= auc && auc <= number(&between[1]), "{judged}");
    assert!((0.0..=1.0).contains(&number(&judged["removed_at_1_percent"])), "{judged}");
    assert_eq!(world.entries(), entries, "a check enters nothing");
    assert_eq!(world.files(), files, "a check leaves no file");
    let free = world.json(&["number", "list", "--state", "free"]);
    assert_eq!(free.as_array().unwrap().len(), 200, "a check reserves nothing");
}

#[test]
fn a_check_refuses_what_planting_would() {
    let world = Fixed::ready(&["szfy"], 5);
    let list = world.write("births.csv", Shape::default().bytes());
    world.refused(&["check", &list, "--to", "nobody", "--count", "2"]).names("nobody");
    world.refused(&["check", &list, "--to", "szfy", "--count", "20"]).names("20");
    world.refused(&["check", &world.arg("missing.csv"), "--to", "szfy", "--count", "2"]).names("missing.csv");
}
