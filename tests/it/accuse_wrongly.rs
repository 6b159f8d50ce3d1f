//! Packages that name somebody else than their proofs do, made by who has the log's key: both verifiers refuse them.

use std::fs;

use serde_json::Value;

use crate::attack_a_package::copied;
use crate::lists::Shape;
use crate::prove_it::{Change, both, edit, files, sign_again, told};
use crate::world::{Fixed, all, text};

fn report(folder: &str, change: impl FnOnce(&mut Value)) {
    let path = format!("{folder}/report.json");
    let mut document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let before = document.clone();
    change(&mut document);
    assert_ne!(before, document);
    fs::write(path, format!("{document:#}\n")).unwrap();
}

fn rewrite(folder: &str, name: &str, old: &str, new: &str) {
    edit(&format!("{folder}/{name}"), |text| text.replacen(old, new, 1));
}

#[test]
fn a_finding_that_names_what_is_not_proven_is_refused() {
    let story = told();
    let good = story.package("good");
    let other = story.numbers[1].clone();
    let document = fs::read_to_string(format!("{good}/report.json")).unwrap();
    assert!(document.contains("\"named\": [\n      \"szfy\"\n    ]"), "{document}");
    let changes: Vec<(&str, Change<'_>)> = vec![
        ("another holder is named", Box::new(|f| report(f, |d| d["finding"]["named"][0] = "district".into()))),
        (
            "and the headline with it",
            Box::new(|f| {
                rewrite(f, "report.json", "\"named\": [\n      \"szfy\"", "\"named\": [\n      \"district\"");
                edit(&format!("{f}/report.json"), |t| {
                    t.replace("given to szfy (", "given to district (").replace("交给 szfy（", "交给 district（")
                });
                edit(&format!("{f}/REPORT.html"), |t| t.replace("given to szfy (", "given to district ("));
            }),
        ),
        (
            "a second holder is named",
            Box::new(|f| report(f, |d| d["finding"]["named"] = vec!["szfy", "district"].into())),
        ),
        ("nobody is named", Box::new(|f| report(f, |d| d["finding"]["named"] = Value::Array(Vec::new())))),
        (
            "the names stand twice",
            Box::new(|f| {
                rewrite(f, "report.json", "    \"named\": [", "    \"named\": [],\n    \"named\": [");
            }),
        ),
        (
            "the names in another spelling",
            Box::new(|f| rewrite(f, "report.json", "\"szfy\"\n    ]", "\"szf\\u0079\"\n    ]")),
        ),
        (
            "the headline in English",
            Box::new(|f| rewrite(f, "report.json", "copy given to szfy", "copy given to district")),
        ),
        ("the headline in Chinese", Box::new(|f| rewrite(f, "report.json", "来自交给 szfy", "来自交给 district"))),
        (
            "the claim of the page",
            Box::new(|f| rewrite(f, "REPORT.html", "copy given to szfy", "copy given to district")),
        ),
        (
            "a claim more on the page",
            Box::new(|f| {
                rewrite(
                    f,
                    "REPORT.html",
                    "<p class=\"claim\">",
                    "<p class=\"claim\">the data used derive from the copy given to district (x)</p>\n<p class=\"claim\">",
                );
            }),
        ),
        ("another planting on the page", Box::new(|f| rewrite(f, "REPORT.html", "P-000001", "P-000002"))),
        ("the holder of a hit", Box::new(|f| report(f, |d| d["finding"]["hits"][0]["holder"] = "district".into()))),
        ("the planting of a hit", Box::new(|f| report(f, |d| d["finding"]["hits"][0]["planting"] = "P-000002".into()))),
        ("the number of a hit", Box::new(|f| report(f, |d| d["finding"]["hits"][0]["number"] = other.as_str().into()))),
        ("the canary of a hit", Box::new(|f| report(f, |d| d["finding"]["hits"][0]["canary"] = "C-000002".into()))),
        ("the holder of a canary", Box::new(|f| report(f, |d| d["canaries"][0]["holder"] = "district".into()))),
        ("the number of a canary", Box::new(|f| report(f, |d| d["canaries"][0]["number"] = other.as_str().into()))),
        (
            "the holder of a copy",
            Box::new(|f| report(f, |d| d["canaries"][0]["copies"][0]["holder"] = "district".into())),
        ),
        (
            "the file of a copy",
            Box::new(|f| report(f, |d| d["canaries"][0]["copies"][0]["file_sha256"] = "00".repeat(32).into())),
        ),
        (
            "what is proven, of another file",
            Box::new(|f| {
                report(f, |d| {
                    let line = d["proven"][0].as_str().unwrap().rsplit_once(' ').unwrap().0.to_string();
                    d["proven"][0] = format!("{line} {}", "00".repeat(32)).into();
                });
            }),
        ),
        ("nothing is proven", Box::new(|f| report(f, |d| d["proven"] = Value::Array(Vec::new())))),
        ("a word among what is not proven", Box::new(|f| report(f, |d| d["unproven"] = vec!["district"].into()))),
        ("carriage returns", Box::new(|f| edit(&format!("{f}/report.json"), |t| t.replace('\n', "\r\n")))),
        (
            "all on one line",
            Box::new(|f| {
                edit(&format!("{f}/report.json"), |t| serde_json::from_str::<Value>(&t).unwrap().to_string());
            }),
        ),
        ("no report", Box::new(|f| fs::remove_file(format!("{f}/report.json")).unwrap())),
        ("no page", Box::new(|f| fs::remove_file(format!("{f}/REPORT.html")).unwrap())),
    ];
    for (at, (what, change)) in changes.iter().enumerate() {
        let folder = copied(&story, &good, &format!("accused-{at}"));
        change(&folder);
        sign_again(&story.world, &folder);
        assert_eq!(both(&story.world, &folder, what).as_deref(), Some("finding"), "{what}");
    }
}

#[test]
fn what_a_finding_owns_not_to_prove_is_told_by_both() {
    let story = told();
    let good = story.package("good");
    let folder = copied(&story, &good, "owned");
    report(&folder, |d| {
        d["finding"]["hits"][0]["seen_in"] = "P-000077".into();
        d["unproven"] = vec!["P-000077"].into();
    });
    sign_again(&story.world, &folder);
    assert_eq!(both(&story.world, &folder, "owned"), None);
    let said = story.world.done(&["verify", &folder]);
    assert!(said.contains("named: szfy") && said.contains("not proven here: P-000077"), "{said}");
}

#[test]
fn a_holder_that_got_its_data_by_declared_flows_is_named_with_the_flows_that_are_in_the_log() {
    let hospitals = ["szfy", "district", "people"];
    let world = Fixed::ready(&hospitals, 60);
    world.done(&["holder", "add", "agency", "--name", "agency", "--kind", "agency"]);
    hospitals.iter().for_each(|from| drop(world.done(&["flow", "add", from, "agency"])));
    world.done(&["number", "control", "--count", "10"]);
    let list = world.write("births.csv", Shape { rows: 200, ..Shape::default() }.bytes());
    let mut called = Vec::new();
    for holder in hospitals {
        let out = world.arg(&format!("{holder}.csv"));
        let done = world.json(&["plant", &list, "--to", holder, "--count", "8", "-o", &out]);
        called.extend(all(&done, "canaries").iter().take(6).cloned());
    }
    world.done(&["seal"]);
    world.pass_days(20);
    for canary in &called {
        let said = format!("{}女士您好，恭喜宝宝出生，给宝宝拍满月照吗", text(&canary["fields"], "mother_name"));
        world.done(&["hit", "add", "--to", text(canary, "number"), "--from", "057188880000", "--said", &said]);
    }
    let package = world.arg("evidence");
    world.done(&["report", "-o", &package]);
    let document: Value = serde_json::from_slice(&fs::read(format!("{package}/report.json")).unwrap()).unwrap();
    assert_eq!(document["finding"]["named"], serde_json::json!(["agency"]));
    assert_eq!(both(&world, &package, "by flows"), None);
    let flows = || {
        let is_flow = |name: &String| {
            name.ends_with(".entry")
                && fs::read_to_string(format!("{package}/{name}")).unwrap().contains("\nkind flow\n")
        };
        files(&package)
            .into_iter()
            .filter(is_flow)
            .map(|name| name.trim_end_matches("entry").to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(flows().len(), 1, "one way is enough");
    for flow in flows() {
        for end in ["entry", "proof", "open"] {
            fs::remove_file(format!("{package}/{flow}{end}")).unwrap();
        }
    }
    sign_again(&world, &package);
    assert_eq!(both(&world, &package, "without the flows").as_deref(), Some("finding"));
}
