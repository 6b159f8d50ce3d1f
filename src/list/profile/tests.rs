//! Lists of every kind, learned from made-up rows.

use chrono::NaiveDate;
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;

use super::*;
use crate::list::ColumnMap;
use crate::list::layout::recognise;
use crate::list::rows::{Rows, head};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

fn learned(text: &str, places: usize, ours: &[u64]) -> Profile {
    let layout = recognise(&head(text), &ColumnMap::default()).expect("a layout");
    let watch = |digits: u64| ours.contains(&digits);
    let ask = Ask { places, watch: &watch, today: today(), bytes: None };
    let mut learner = Learner::new(layout, ask, ChaCha20Rng::seed_from_u64(1));
    let rows = Rows::new(text);
    rows.iter().for_each(|row| learner.see(&row));
    learner.finish()
}

#[test]
fn places_are_never_first_nor_behind_a_gap() {
    let text = "姓名,分娩日期,电话\n甲甲,2026-01-01,13800138001\n乙乙,2026-01-02,13800138002\n,,\n丙丙,2026-01-03,13800138003\n\
                丁丁,2026-01-04,13800138004\n合计,4,\n";
    let profile = learned(text, 3, &[]);
    assert_eq!(profile.rows, 4);
    assert_eq!(
        profile.places.iter().map(|place| (place.data_row, place.ordinal)).collect::<Vec<_>>(),
        [(2, 2), (4, 5)]
    );
    assert_eq!(profile.places[0].above.cell(0), "甲甲");
    assert_eq!(profile.places[0].at.cell(0), "乙乙");
    assert!(profile.places[0].below.is_none());
}

#[test]
fn numbers_of_ours_are_found_with_their_rows() {
    let text =
        "姓名,电话,备用电话\n甲甲,138-0013-8001,\n乙乙,13800138002/13800138003,\n丙丙,13700138004,+86 13800138005\n";
    let profile = learned(text, 1, &[13_800_138_001, 13_800_138_003, 13_800_138_005]);
    let found: Vec<_> =
        profile.watched.iter().map(|watched| (watched.digits, watched.data_row, watched.column)).collect();
    assert_eq!(found, [(13_800_138_001, 1, 1), (13_800_138_003, 2, 1), (13_800_138_005, 3, 2)]);
}

#[test]
fn a_dense_counter_has_room_only_at_its_gaps() {
    let mut text = String::from("住院号,姓名,分娩日期,电话\n");
    let mut id = 5_000;
    for n in 0..3_000_u64 {
        id += if n % 100 == 50 { 3 } else { 1 };
        text += &format!("ZY{id},张三,2026-01-{:02},{}\n", 1 + n / 120, 13_800_000_000 + n);
    }
    let profile = learned(&text, 10, &[]);
    let roomy = profile.roomy.as_ref().expect("a counter that runs through");
    assert_eq!(roomy.len(), 30);
    assert!(roomy.iter().all(|place| (place.data_row - 1) % 100 == 50));
    assert!(profile.places.len() >= 1_000);
}

#[test]
fn the_next_row_of_the_same_hospital_is_found() {
    let mut text = String::from("医院,住院号,姓名,电话\n");
    for n in 0..60_u64 {
        text += &format!(
            "第{}医院,{},张三,{}\n",
            n % 3,
            [1_234, 17_071, 25_560][n as usize % 3] + n * 5,
            13_800_000_000 + n
        );
    }
    let profile = learned(&text, 10, &[]);
    for place in profile.places.iter().filter(|place| place.data_row < 58) {
        let peer = place.peer.as_ref().expect("a next row");
        assert_eq!(peer.cell(0), place.host().cell(0));
        let id = |texts: &Texts| texts.cell(1).parse::<u64>().expect("an id");
        assert_eq!(id(peer), id(place.host()) + 15);
    }
}

#[test]
fn a_list_of_one_row_has_one_place() {
    let profile = learned("姓名,电话\n甲甲,13800138001\n", 1, &[]);
    assert_eq!((profile.rows, profile.places.len()), (1, 1));
    assert_eq!(profile.places[0].ordinal, 1);
}

#[test]
fn a_long_list_is_learnt_in_part_and_remembered_whole() {
    let mut text = String::from("住院号,姓名,分娩日期,电话,地址\n");
    for n in 0..450_000_u64 {
        let (id, phone) = (10_000_000 + 3 * n, 13_800_000_000 + n);
        text += &format!("ZY{id},张三{n},2026-01-{:02} 10:{:02},{phone},东山弄{n}号\n", 1 + n / 15_000, n % 60);
    }
    let layout = recognise(&head(&text), &ColumnMap::default()).expect("a layout");
    let ours = 13_800_449_999;
    let watch = |digits: u64| digits == ours;
    let ask = Ask { places: 1_000, watch: &watch, today: today(), bytes: Some(text.len() as u64) };
    let mut learner = Learner::new(layout, ask, ChaCha20Rng::seed_from_u64(1));
    let rows = Rows::new(&text);
    rows.iter().for_each(|row| learner.see(&row));
    let profile = learner.finish();
    assert_eq!((profile.rows, profile.last), (450_000, 450_000));
    assert_eq!(profile.watched.iter().map(|watched| watched.data_row).collect::<Vec<_>>(), [450_000]);
    for row in (0..450_000).step_by(997) {
        let day = NaiveDate::from_ymd_opt(2026, 1, 1 + row / 15_000).expect("a day");
        assert!(profile.seen.may_hold_person(&format!("张三{row}"), day), "person {row}");
        assert!(profile.seen.may_hold_address(&format!("东山弄{row}号")), "address {row}");
        assert!(profile.seen.may_hold_value(0, &format!("ZY{}", 10_000_000 + 3 * row)), "record {row}");
    }
    let places = || profile.places.iter().chain(profile.roomy.iter().flatten());
    let id = |texts: &Texts| texts.cell(0)[2..].parse::<u64>().expect("an id");
    assert!(places().all(|place| id(&place.above) + 3 == id(&place.at)), "rows of different runs are no neighbours");
    assert!(places().all(|place| id(&place.at) == 10_000_000 + 3 * (place.data_row - 1)));
    let upper = places().filter(|place| place.data_row > 225_000).count() as f64 / places().count() as f64;
    assert!((0.45..0.55).contains(&upper), "{upper}");
    assert_eq!(profile.order(0).expect("ids in order").gaps.density(5).to_bits(), Gaps::default().density(5).to_bits());
    let runs = profile.order(0).expect("ids in order").gaps.clone();
    assert!((4..600).all(|gap| runs.density(gap) < 0.1), "a jump between two runs is no gap");
}
