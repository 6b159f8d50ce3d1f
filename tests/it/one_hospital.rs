//! A city's list has the rows of two hospitals, and only those of one are called: the hospital is not named for what the city lost.
//!
//! What the city has besides tells the two apart only where it stands among the rows of that hospital.

use std::fs;

use serde_json::Value;

use crate::stage::pool;
use crate::unconfirmed_copies::{CALLER, named, names_nobody, tell};
use crate::world::{Fixed, all, count, text};

const HOSPITALS: [&str; 2] = ["城东妇幼保健院", "城西人民医院"];

/// Numbers in the pool.
const NUMBERS: usize = 160;

/// Made-up births of one hospital, in the order of their days.
fn births(hospital: usize) -> String {
    let mut list = "产妇姓名,婴儿性别,出生日期,联系电话,家庭住址,分娩医院\n".to_string();
    for row in 0..60 {
        let surname = ["王", "李", "张", "刘", "陈"][row % 5];
        let given = ["秀兰", "晓梅", "丽华", "雪", "婷婷", "欣怡", "芳"][row % 7];
        let (sex, day, home) = (["男", "女"][row % 2], 1 + row / 3, HOSPITALS[hospital]);
        let phone = format!("137{:08}", 20_000_000 * (hospital + 1) + row * 7_919);
        list += &format!("{surname}{given},{sex},2026-09-{day:02},{phone},长安路{}号{}室,{home}\n", row + 3, 101 + row);
    }
    list
}

fn plant(world: &Fixed, list: &str, to: &str, canaries: usize) -> Vec<Value> {
    let out = world.arg(&format!("{to}-{list}"));
    let list = world.arg(list);
    let told = world.json(&["plant", &list, "--to", to, "--count", &canaries.to_string(), "-o", &out, "--unrelated"]);
    all(&told, "canaries").to_vec()
}

/// Has strangers ring every number three times in twenty days, before anybody has it.
fn ring_by_chance(world: &Fixed) {
    let ring = |at: usize, number: &str, nth: usize| {
        let from = 13_800_000_000_u64 + (at * 3 + nth) as u64 * 7_919;
        format!("{number},+86{from},2026-11-{:02}T05:00:00Z,call,,r{at}-{nth}\n", 23 + nth * 2)
    };
    let rings = pool(NUMBERS).enumerate().flat_map(|(at, number)| (0..3).map(move |nth| ring(at, &number, nth)));
    let file = world.write("rings.csv", "to,from,at,kind,said,id\n".to_string() + &rings.collect::<String>());
    world.pass_days(20);
    world.done(&["hit", "import", &file]);
}

/// Each hospital's list was handed to it with six canaries, and then to the city with some more.
struct City {
    world: Fixed,
    of_hospital: Vec<Value>,
    among_its_rows: Vec<Value>,
    among_others: Vec<Value>,
}

impl City {
    fn with(among_its_rows: usize, among_others: usize) -> City {
        let world = Fixed::ready(&["east", "west", "city"], NUMBERS);
        world.done(&["number", "control", "--count", "20"]);
        ring_by_chance(&world);
        for (hospital, name) in ["east", "west"].into_iter().enumerate() {
            fs::write(world.at(&format!("{name}.csv")), births(hospital)).unwrap();
        }
        let of_hospital = plant(&world, "east.csv", "east", 6);
        plant(&world, "west.csv", "west", 6);
        world.pass_days(3);
        let among_its_rows = plant(&world, "east-east.csv", "city", among_its_rows);
        let among_others = plant(&world, "west-west.csv", "city", among_others);
        world.pass_days(20);
        City { world, of_hospital, among_its_rows, among_others }
    }

    fn ring(&self, canary: &Value, from: &str) {
        self.world.done(&["hit", "add", "--to", text(canary, "number"), "--from", from]);
    }
}

#[test]
fn silence_among_other_hospitals_rows_does_not_clear_the_city() {
    let city = City::with(1, 14);
    city.of_hospital.iter().for_each(|canary| tell(&city.world, canary));
    let told = city.world.json(&["trace"]);
    names_nobody(&told, "in the copies of city too");
    assert!(all(&told, "alike").iter().any(|holder| holder == "city"), "{told:#}");
    assert_eq!(city.among_others.len(), 14, "all of them silent");
}

#[test]
fn silence_among_its_own_rows_names_the_hospital_whatever_rings_by_chance() {
    let city = City::with(6, 4);
    city.of_hospital.iter().for_each(|canary| tell(&city.world, canary));
    let told = city.world.json(&["trace"]);
    assert_eq!(named(&told), ["east"], "{told:#}");
    // One stranger for each of the city's canaries, with nothing to say.
    for (at, canary) in city.among_its_rows.iter().enumerate() {
        city.ring(canary, &format!("+861380000{:04}", 1000 + at * 37));
    }
    let rung = city.world.json(&["trace"]);
    assert_eq!(named(&rung), ["east"], "{rung:#}");
    assert_eq!(count(&rung["sources"][0], "canaries_called"), 6, "{rung:#}");
    let of_city = all(&rung, "sources").iter().find(|source| source["holder"] == "city");
    assert!(
        of_city.is_none_or(|city| count(city, "hits_explained") == 6),
        "strangers' rings explain nothing: {rung:#}"
    );
}

#[test]
fn whoever_also_reaches_what_the_hospital_never_had_has_another_copy() {
    let city = City::with(6, 4);
    city.of_hospital.iter().for_each(|canary| tell(&city.world, canary));
    assert_eq!(named(&city.world.json(&["trace"])), ["east"]);
    city.ring(&city.among_its_rows[0], CALLER);
    let told = city.world.json(&["trace"]);
    names_nobody(&told, "east never had");
    assert!(all(&told, "alike").iter().any(|holder| holder == "city"), "{told:#}");
    // Told of more of these, the city comes first.
    city.among_its_rows[1..].iter().for_each(|canary| tell(&city.world, canary));
    let told = city.world.json(&["trace"]);
    assert_eq!(told["sources"][0]["holder"], "city", "{told:#}");
    assert!(!named(&told).contains(&"east"), "{told:#}");
}
