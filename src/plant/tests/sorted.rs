//! Lists that are sorted by a name, a phone or any other column: sorted before, sorted after.

use rand::seq::SliceRandom;

use super::*;
use crate::list::profile::Texts;

const GIVEN: [&str; 14] =
    ["芳", "娜", "敏", "静", "丽娟", "艳", "秀英", "桂英", "洁", "晓燕", "玉兰", "雪", "婷婷", "红梅"];
const FAMILY: [&str; 12] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"];

/// Rows of a hospital's list in no order.
fn shuffled(rows: usize, seed: u64) -> Vec<[String; 9]> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut row = || {
        let hospital = ["市妇幼保健院", "第一人民医院", "中心医院"][rng.random_range(0..3)];
        let district = ["西湖区", "拱墅区", "上城区", "滨江区"][rng.random_range(0..4)];
        let born = today() - chrono::Days::new(rng.random_range(10..200));
        let name = format!("{}{}", FAMILY[rng.random_range(0..12)], GIVEN[rng.random_range(0..14)]);
        [
            hospital.to_string(),
            name,
            rng.random_range(21..41).to_string(),
            format!("{born}"),
            ["男", "女"][rng.random_range(0..2)].to_string(),
            (rng.random_range(2_400..4_200) / 10 * 10).to_string(),
            format!("177{:08}", rng.random_range(10_000_000..100_000_000_u64)),
            district.to_string(),
            format!("{district}{}号{}室", address(&mut rng), rng.random_range(101..999)),
        ]
    };
    let mut rows: Vec<_> = (0..rows).map(|_| row()).collect();
    rows.shuffle(&mut rng);
    rows
}

const HEADER: &str = "医院,产妇姓名,年龄,分娩日期,新生儿性别,体重,联系电话,区县,家庭住址";

fn written(rows: &[[String; 9]]) -> String {
    rows.iter().fold(format!("{HEADER}\n"), |text, row| text + &row.join(",") + "\n")
}

/// What a row is sorted by.
type SortedBy = fn(&[&str]) -> Vec<Vec<u8>>;

fn text(cell: &str) -> Vec<u8> {
    cell.as_bytes().to_vec()
}

fn number(cell: &str) -> Vec<u8> {
    cell.parse::<u64>().expect("a number").to_be_bytes().to_vec()
}

fn gbk(cell: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(cell).0.into_owned()
}

/// The sortings that a list is tried with, by their names.
const SORTINGS: [(&str, SortedBy); 13] = [
    ("name by code", |row| vec![text(row[1])]),
    ("name by sound", |row| vec![gbk(row[1])]),
    ("phone", |row| vec![text(row[6])]),
    ("hospital, name", |row| vec![text(row[0]), text(row[1])]),
    ("hospital, phone", |row| vec![text(row[0]), number(row[6])]),
    ("hospital, date, name", |row| vec![text(row[0]), text(row[3]), text(row[1])]),
    ("date, name", |row| vec![text(row[3]), gbk(row[1])]),
    ("age", |row| vec![number(row[2])]),
    ("weight", |row| vec![number(row[5])]),
    ("sex, weight", |row| vec![text(row[4]), number(row[5])]),
    ("district", |row| vec![text(row[7])]),
    ("district, name", |row| vec![text(row[7]), text(row[1])]),
    ("address", |row| vec![text(row[8])]),
];

fn cells(row: &[String; 9]) -> Vec<&str> {
    row.iter().map(String::as_str).collect()
}

/// Plants into a sorted list and says whether it is sorted afterwards.
fn stays_sorted(rows: usize, (by, falling): (SortedBy, bool), seed: u64) -> bool {
    let mut list = shuffled(rows, seed);
    list.sort_by_key(|row| by(&cells(row)));
    if falling {
        list.reverse();
    }
    let text = written(&list);
    let count = rows / 15;
    let numbers: Vec<Number> = {
        let mut rng = ChaCha20Rng::seed_from_u64(seed + 1);
        let number = |n: u64| Number::parse(&n.to_string(), Region::default()).expect("a number");
        (0..count * 4).map(|_| number(17_710_000_000 + rng.random_range(0..90_000_000))).collect()
    };
    let profile = learned(&text, count, &numbers);
    let wish = Wish { numbers: &numbers, count, spare: 0, today: today(), encodable: &|_| true, taken: &|_| false };
    let plan = plan(&profile, &wish, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap_or_else(|error| panic!("{error}"));
    let told = astray(&profile, &plan);
    let mut out: Vec<Vec<String>> = Vec::new();
    for (at, row) in list.iter().enumerate() {
        let new = plan.iter().filter(|canary| canary.row.before == at as u64 + 1);
        out.extend(new.map(|canary| canary.row.cells.clone()));
        out.push(row.to_vec());
    }
    let keys: Vec<_> = out.iter().map(|row| by(&row.iter().map(String::as_str).collect::<Vec<_>>())).collect();
    let is_sorted = if falling { keys.is_sorted_by(|a, b| a >= b) } else { keys.is_sorted() };
    assert_eq!(is_sorted, told.is_empty(), "what stands out of order is told: {told:?}");
    is_sorted
}

#[test]
fn a_list_sorted_by_any_column_stays_sorted() {
    for (name, by) in SORTINGS {
        for (seed, falling) in [(1, false), (2, true)] {
            assert!(stays_sorted(240, (by, falling), seed), "{name}, falling: {falling}");
        }
    }
}

#[test]
fn new_rows_of_a_sorted_list_stand_all_over_it() {
    let mut list = shuffled(400, 5);
    list.sort_by(|a, b| a[1].cmp(&b[1]));
    let (_, plan) = planned(&written(&list), 30, 5).expect("a plan");
    let upper = plan.iter().filter(|canary| canary.row.before < 200).count();
    assert!((5..=25).contains(&upper), "{upper} of 30 in the upper half");
    let names: HashSet<&str> = list.iter().map(|row| row[1].as_str()).collect();
    let is_new = |plan: &[Planned]| plan.iter().filter(|canary| !names.contains(canary.row.cells[1].as_str())).count();
    let new: Vec<usize> = (5..10).map(|seed| is_new(&planned(&written(&list), 30, seed).expect("a plan").1)).collect();
    assert!(new.iter().sum::<usize>() > 0, "names are new as ever: {new:?}");
}

#[test]
fn numbers_that_belong_nowhere_in_a_list_sorted_by_phone_are_told_of() {
    let mut list = shuffled(120, 6);
    list.iter_mut().for_each(|row| row[6] = row[6].replacen("177", "138", 1));
    list.sort_by(|a, b| a[6].cmp(&b[6]));
    let (profile, plan) = planned(&written(&list), 6, 6).expect("a plan");
    assert_eq!(plan.len(), 6);
    let told = astray(&profile, &plan);
    assert_eq!(told, [Astray { column: "联系电话".to_string(), rows: 6 }]);
}

#[test]
fn a_home_in_its_place_counts_floors_as_numbers() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let mut homes: Vec<(u32, u32)> =
        (1..24).flat_map(|building| (1..13).map(move |floor| (building, floor * 100 + 1))).collect();
    homes.retain(|_| rng.random_bool(0.7));
    let mut text = String::from("业主姓名,联系电话,家庭住址\n");
    for (building, room) in &homes {
        let name = format!("{}{}", FAMILY[rng.random_range(0..12)], GIVEN[rng.random_range(0..14)]);
        text += &format!("{name},{},文鼎苑{building}栋{room}室\n", mobile(&mut rng));
    }
    let (profile, plan) = planned(&text, 6, 7).expect("a plan");
    assert!(profile.sorting.is_by_value());
    let read = |cell: &str| -> Vec<u32> {
        cell.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
    };
    for canary in plan {
        let at = usize::try_from(canary.row.before).expect("small");
        let real = |at: usize| vec![homes[at].0, homes[at].1];
        let own = read(&canary.row.cells[2]);
        assert!(real(at - 2) < own && own < real(at - 1), "{own:?}");
    }
}

#[test]
fn a_record_number_goes_with_the_day_of_birth_where_neither_is_in_order() {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let mut rows: Vec<u64> = (0..400).collect();
    rows.shuffle(&mut rng);
    let mut text = String::from("住院号,产妇姓名,联系电话,分娩日期\n");
    for n in rows {
        let name = format!("{}{}", FAMILY[rng.random_range(0..12)], GIVEN[rng.random_range(0..14)]);
        let id = 268_000 + 11 * n + n * n % 7;
        text += &format!("ZY{id},{name},{},{}\n", mobile(&mut rng), today() - chrono::Days::new(200 - n / 4));
    }
    let (_, plan) = planned(&text, 20, 9).expect("a plan");
    for canary in plan {
        let id: i64 = canary.row.cells[0][2..].parse().expect("a number");
        let days = (today() - canary.persona.birth.date()).num_days();
        let usual = 200 - (id - 268_000) / 11 / 4;
        assert!((days - usual).abs() <= 9, "{id} is of {usual} days ago, born {days} days ago");
    }
}

fn is_kept(profile: &Profile, canary: &Planned) -> bool {
    let place = profile.places.iter().find(|place| place.ordinal == canary.row.before).expect("a place");
    let keys = |row: &Texts| profile.sorting.keys_of(row);
    let own = profile.sorting.keys_in(&|at| canary.row.cells.get(at).map_or("", String::as_str));
    profile.sorting.fits(&keys(&place.above), &own, &keys(&place.at))
}

#[test]
fn counters_of_a_hospital_go_on_in_a_list_sorted_by_it_and_by_name() {
    let mut list = shuffled(300, 8);
    list.sort_by(|a, b| (&a[0], &a[1]).cmp(&(&b[0], &b[1])));
    let mut text = format!("{HEADER},编号\n");
    for (n, row) in list.iter().enumerate() {
        text += &format!("{},A{:06}\n", row.join(","), 5_000 + 3 * n + n % 2);
    }
    let (profile, plan) = planned(&text, 15, 8).expect("a plan");
    for canary in plan {
        let id: usize = canary.row.cells[9][1..].parse().expect("a number");
        let at = usize::try_from(canary.row.before).expect("small") - 1;
        assert!(5_000 + 3 * (at - 1) < id && id < 5_000 + 3 * at + 1, "{id}");
        assert!(is_kept(&profile, &canary));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_list_is_sorted_by_it_is_sorted_by_afterwards(
        rows in 150..400_usize, which in 0..SORTINGS.len(), falling in any::<bool>(), seed in 0..u64::MAX / 2,
    ) {
        prop_assert!(stays_sorted(rows, (SORTINGS[which].1, falling), seed), "{}", SORTINGS[which].0);
    }
}
