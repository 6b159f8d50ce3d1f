//! A call comes: it is put on record once, and traced to whoever received the number.

use std::fs;

use serde_json::Value;

use crate::lists::Shape;
use crate::world::{Fixed, all, count, text};

/// A hospital that feeds a district and a city, with canaries in its list.
fn seeded(canaries: usize) -> (Fixed, Vec<Value>) {
    let world = Fixed::ready(&["szfy", "district", "city"], 100);
    world.done(&["flow", "add", "szfy", "district"]);
    world.done(&["flow", "add", "district", "city", "--share", "0.5"]);
    let list = world.write("births.csv", Shape::default().bytes());
    let many = canaries.to_string();
    let told = world.json(&["plant", &list, "--to", "szfy", "--count", &many, "-o", &world.arg("out.csv")]);
    world.pass_days(20);
    (world, all(&told, "canaries").to_vec())
}

fn hits(world: &Fixed) -> Vec<Value> {
    world.json(&["hit", "list"]).as_array().unwrap().clone()
}

#[test]
fn a_caller_who_knows_the_mother_and_her_day_is_at_the_level_of_content() {
    let (world, canaries) = seeded(2);
    let (number, fields) = (text(&canaries[0], "number"), &canaries[0]["fields"]);
    let said = format!("{}女士您好,您{}生的宝宝,免费拍满月照", text(fields, "mother_name"), text(fields, "birth_date"));
    let hit = world.json(&["hit", "add", "--to", number, "--from", "0571-88880000", "--said", &said]);
    assert_eq!(text(&hit, "level"), "content");
    let facts = all(&hit, "facts");
    assert!(facts.contains(&"mother_name".into()) && facts.contains(&"birth_date".into()), "{hit}");
    assert_eq!((text(&hit, "holder"), text(&hit, "from")), ("szfy", "+8657188880000"));
    assert_eq!(hit["canary"], canaries[0]["id"]);
    let other = text(&canaries[1], "number");
    let topic = world.json(&["hit", "add", "--to", other, "--said", "您家宝宝要拍满月照吗"]);
    assert_eq!(text(&topic, "level"), "topic");
    let ring = world.json(&["hit", "add", "--to", other, "--said", "您的快递到了"]);
    assert_eq!(text(&ring, "level"), "ring");
    world.verified();
}

#[test]
fn the_same_contact_typed_twice_is_one() {
    let (world, canaries) = seeded(1);
    let add = [
        "hit",
        "add",
        "--to",
        text(&canaries[0], "number"),
        "--from",
        "057188880000",
        "--at",
        "2026-12-20 09:30",
        "--said",
        "你好",
    ];
    world.done(&add);
    assert!(world.done(&add).contains("already"));
    assert_eq!(hits(&world).len(), 1);
    let sms = [&add[..], &["--kind", "sms"]].concat();
    world.done(&sms);
    assert_eq!(hits(&world).len(), 2, "a message is another contact");
    assert_eq!(text(&hits(&world)[0], "at"), "2026-12-20T01:30:00Z", "times are local unless they say otherwise");
}

#[test]
fn a_contact_to_a_number_outside_the_pool_is_counted_and_forgotten() {
    let (world, _) = seeded(1);
    let stranger = "13700009999";
    let told = world.json(&["hit", "add", "--to", stranger, "--from", "057188881234", "--said", "王敏女士"]);
    assert_eq!(told, serde_json::json!({"kept": false}));
    let file =
        world.write("calls.csv", format!("to,from,at,said\n{stranger},057188881234,2026-12-20 10:00,王敏女士\n"));
    let imported = world.json(&["hit", "import", &file]);
    assert_eq!((count(&imported, "kept"), count(&imported, "strays")), (0, 1));
    assert!(hits(&world).is_empty());
    let ledger =
        [fs::read(world.at("canaries.db")).unwrap(), fs::read(world.at("canaries.db-wal")).unwrap_or_default()];
    for forgotten in [&stranger[2..], "57188881234", "王敏女士"] {
        let bytes = forgotten.as_bytes();
        assert!(
            ledger.iter().all(|file| !file.windows(bytes.len()).any(|window| window == bytes)),
            "`{forgotten}` is in the ledger"
        );
    }
    world.verified();
}

#[test]
fn trace_tells_who_received_a_number_that_nobody_called_yet() {
    let (world, canaries) = seeded(1);
    let traced = world.json(&["trace", text(&canaries[0], "number")]);
    assert_eq!(traced["hits"], serde_json::json!([]));
    let canary = &traced["canary"];
    assert_eq!((text(canary, "holder"), text(canary, "planting")), ("szfy", "P-000001"));
    let downstream: Vec<&str> = all(canary, "downstream").iter().map(|one| text(one, "holder")).collect();
    assert_eq!(downstream, ["city", "district"]);
    assert_eq!(canary["row"], canaries[0]["row"]);
    assert_eq!(canary["fields"], canaries[0]["fields"]);
}

#[test]
fn a_number_is_traced_in_any_spelling() {
    let (world, canaries) = seeded(1);
    let number = text(&canaries[0], "number").strip_prefix("+86").unwrap();
    let dashed = format!("{}-{}-{}", &number[..3], &number[3..7], &number[7..]);
    let wide: String = number.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0xFF10).unwrap()).collect();
    for spelling in [number.to_string(), dashed, format!("0086{number}"), format!("+86 {number}"), wide] {
        let traced = world.json(&["trace", &spelling]);
        assert_eq!(traced["canary"]["id"], canaries[0]["id"], "{spelling}");
    }
}

#[test]
fn a_number_that_is_not_ours_is_no_canary_and_ends_with_1() {
    let (world, _) = seeded(1);
    for number in ["13700009999", "+44 20 7946 0018", "12345"] {
        let told = world.run(&["--json", "trace", number]);
        assert_eq!(told.code, Some(1), "{}", told.err);
        assert_eq!(serde_json::from_str::<Value>(&told.out).unwrap(), serde_json::json!({"verdict": "not-a-canary"}));
    }
    world.refused(&["trace", "hello"]).names("hello");
}

#[test]
fn several_calls_are_weighed_together() {
    let (world, canaries) = seeded(4);
    let mut file = String::from("to,from,at,seconds,said\n");
    for (day, canary) in canaries.iter().enumerate().take(3) {
        let name = text(&canary["fields"], "mother_name");
        file += &format!(
            "{},057188880000,2026-12-{:02} 10:00,40,{name}女士您好 宝宝拍照\n",
            text(canary, "number"),
            12 + day
        );
    }
    let file = world.write("calls.csv", file);
    assert_eq!(count(&world.json(&["hit", "import", &file]), "kept"), 3);
    let traced = world.json(&["trace"]);
    assert_eq!(all(&traced, "hits").len(), 3);
    assert_eq!(all(&traced, "campaigns").len(), 1, "one caller, three days: one campaign");
    let sources = all(&traced, "sources");
    let sum: f64 = sources.iter().map(|source| source["probability"].as_f64().unwrap()).sum();
    let whole = sum + traced["background"].as_f64().unwrap();
    assert!((whole - 1.0).abs() < 1e-6, "probabilities add up to {whole}");
    let named: Vec<&str> = sources.iter().map(|source| text(source, "holder")).collect();
    assert!(["szfy", "district", "city"].iter().all(|id| named.contains(id)), "{named:?}");
    let campaign = text(&all(&traced, "campaigns")[0], "id").to_string();
    for (filter, wanted) in [
        (vec!["--since", "2026-12-13"], 2),
        (vec!["--until", "2026-12-12 23:00"], 1),
        (vec!["--from", "0571 8888 0000"], 3),
        (vec!["--from", "13900000000"], 0),
        (vec!["--campaign", &campaign], 3),
        (vec![text(&canaries[0], "number")], 1),
        (vec![text(&canaries[0], "number"), text(&canaries[1], "number")], 2),
    ] {
        let args: Vec<&str> = ["trace"].into_iter().chain(filter.iter().copied()).collect();
        assert_eq!(all(&world.json(&args), "hits").len(), wanted, "{filter:?}");
    }
    world.refused(&["trace", "--campaign", "K-9999"]).names("K-9999");
    world.refused(&["trace", "--since", "2026-12-13", "--until", "2026-12-12"]).says("before it begins");
}

#[test]
fn every_format_of_call_records_is_taken_once() {
    let world = Fixed::ready(&[], 0);
    for tail in 0..10 {
        world.done(&["number", "add", &format!("1380013800{tail}")]);
    }
    let fixture = |name: &str| format!("{}/tests/fixtures/calls/{name}", env!("CARGO_MANIFEST_DIR"));
    let map = fixture("carrier_map.toml");
    let files: [(&str, &str, &[&str]); 7] = [
        ("csv_good.csv", "csv", &[]),
        ("asterisk_good.csv", "asterisk", &[]),
        ("freeswitch_good.json", "freeswitch", &[]),
        ("kamailio_good.log", "kamailio", &[]),
        ("twilio_calls.csv", "twilio", &[]),
        ("carrier_gbk.csv", "carrier", &["--number", "13800138000"]),
        ("carrier_mapped.csv", "carrier", &["--number", "13800138001", "--map", &map]),
    ];
    for (name, format, more) in files {
        let file = fixture(name);
        let args = [&["hit", "import", &file, "--format", format], more].concat();
        let first = world.json(&args);
        assert!(count(&first, "kept") > 0, "{name}: {first}");
        let before = hits(&world).len();
        let second = world.json(&args);
        assert_eq!((count(&second, "kept"), count(&second, "known")), (0, count(&first, "kept")), "{name}");
        assert_eq!(hits(&world).len(), before, "{name}");
    }
    world.verified();
}

#[test]
fn a_broken_call_record_leaves_no_contact_and_names_its_line() {
    let world = Fixed::ready(&[], 0);
    world.done(&["number", "add", "13800138000"]);
    for (name, format, line) in [
        ("csv_bad_time.csv", "csv", "3"),
        ("csv_bad_number.csv", "csv", "2"),
        ("csv_no_at.csv", "csv", "at"),
        ("asterisk_bad_start.csv", "asterisk", "start"),
        ("kamailio_broken.log", "kamailio", "2"),
        ("freeswitch_cut_off.json", "freeswitch", "2"),
    ] {
        let file = format!("{}/tests/fixtures/calls/{name}", env!("CARGO_MANIFEST_DIR"));
        world.refused(&["hit", "import", &file, "--format", format]).names(name).names(line);
    }
    world.refused(&["hit", "import", &world.arg("nowhere.csv")]).names("nowhere.csv");
    world.refused(&["hit", "add", "--to", "hello"]).names("hello");
    world.refused(&["hit", "add", "--to", "13800138000", "--at", "yesterday"]).names("yesterday");
    world.refused(&["hit", "add", "--to", "13800138000", "--from", "abc"]).names("abc");
    world.refused(&["trace", "--from", "abc"]).names("abc");
    assert!(hits(&world).is_empty());
}

/// A list whose every row has two numbers.
fn list_of_couples(rows: u32) -> String {
    let row = |n: u32| {
        let (day, phones) =
            (1 + n * 28 / rows, [1_000 + n * 37, 5_000 + n * 53].map(|tail| format!("1380013{tail:04}")));
        format!(
            "{},王{},2026-11-{day:02},{},{}\n",
            4_000 + n * 3,
            NAMES[n as usize % NAMES.len()],
            phones[0],
            phones[1]
        )
    };
    format!("住院号,产妇姓名,分娩日期,联系电话,丈夫电话\n{}", (0..rows).map(row).collect::<String>())
}

const NAMES: [&str; 12] = ["芳", "丽娟", "敏", "静怡", "秀英", "雪梅", "晓燕", "婷", "玉兰", "海燕", "佳慧", "文静"];

#[test]
fn both_numbers_of_a_row_are_one_canary_for_a_trace() {
    let world = Fixed::ready(&["szfy"], 400);
    world.write("list.csv", list_of_couples(120));
    world.done(&["plant", &world.arg("list.csv"), "--to", "szfy", "--count", "10", "-o", &world.arg("out.csv")]);
    let seeded = fs::read_to_string(world.at("out.csv")).unwrap();
    let before = list_of_couples(120);
    let new: Vec<Vec<&str>> =
        seeded.lines().filter(|line| !before.contains(line)).map(|line| line.split(',').collect()).collect();
    assert_eq!(new.len(), 10);
    assert!(new.iter().all(|row| row[4].len() == 11), "every row of the list has a second number: {new:?}");
    world.pass_days(20);
    let call = |number: &str, from: &str| {
        world.done(&["hit", "add", "--to", number, "--from", from, "--said", &format!("{}您好", new[0][1])]);
    };
    call(new[0][4], "13912345678");
    let second = world.json(&["trace"]);
    let counts = |traced: &Value| {
        [count(&traced["sources"][0], "canaries_called"), count(&traced["sources"][0], "canaries_silent")]
    };
    assert_eq!(counts(&second), [1, 9], "the row's first number is not silent beside it");
    assert_eq!(second["hits"][0]["number"], format!("+86{}", new[0][4]));
    let asked = world.json(&["trace", new[0][4]]);
    assert_eq!(asked["canary"]["number"], format!("+86{}", new[0][4]));
    call(new[0][3], "13912345678");
    let both = world.json(&["trace"]);
    assert_eq!(counts(&both), [1, 9], "both numbers of a row are no two witnesses");
    assert_eq!(both["hits"][0]["canary"], both["hits"][1]["canary"]);
    assert_eq!(both["verdict"], second["verdict"]);
    assert_eq!(count(&both["sources"][0], "hits_explained"), 2);
}
