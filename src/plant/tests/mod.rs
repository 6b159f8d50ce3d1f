//! Plans for lists of every shape, checked by reading the planted list again.

use std::collections::HashSet;

mod cells;
mod checks;
mod company;
mod dates;
mod flats;
mod hard;
mod lists;
mod manner;
mod phones;
mod sorted;
mod standing;
mod together;

use proptest::prelude::*;
use rand::rngs::ChaCha20Rng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::list::ColumnMap;
use crate::list::profile::{Ask, Learner};
use crate::list::recognise;
use crate::list::rows::{Rows, head};
use crate::phone::Region;
use checks::check;
use lists::{NAMES, address, mobile, registry, upload};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

fn learned(text: &str, places: usize, ours: &[Number]) -> Profile {
    let layout = recognise(&head(text), &ColumnMap::default()).unwrap_or_else(|error| panic!("{error}"));
    let ours: HashSet<u64> = ours.iter().map(|number| number.national().parse().expect("digits")).collect();
    let watch = |value: u64| ours.contains(&value);
    let ask = Ask { places, watch: &watch, today: today(), bytes: None };
    let mut learner = Learner::new(layout, ask, ChaCha20Rng::seed_from_u64(5));
    let rows = Rows::new(text);
    rows.iter().for_each(|row| learner.see(&row));
    learner.finish()
}

fn pool(count: u64) -> Vec<Number> {
    let number = |n: u64| Number::parse(&(17_712_000_000 + n * 1_517).to_string(), Region::default());
    (0..count).map(|n| number(n).expect("a number")).collect()
}

fn planned(text: &str, count: usize, seed: u64) -> Result<(Profile, Vec<Planned>), PlantError> {
    let numbers = pool(count as u64 * 3 + 3);
    let profile = learned(text, count, &numbers);
    let wish = Wish { numbers: &numbers, count, spare: 0, today: today(), encodable: &|_| true, taken: &|_| false };
    let plan = plan(&profile, &wish, &mut ChaCha20Rng::seed_from_u64(seed))?;
    Ok((profile, plan))
}

#[test]
fn an_upload_keeps_serial_ids_and_days() {
    let plan = check(&upload(400, 3, 1), 20, 1);
    for (above, canary) in plan.iter().enumerate() {
        let place = canary.data_row - above as u64;
        assert_eq!(canary.fields[&Meaning::Serial], place.to_string(), "the number of the row at its place");
        assert!(canary.row.cells[10].is_empty(), "a second phone would be somebody's");
        assert!(canary.row.cells[1].starts_with("ZY"));
        assert_eq!(canary.fields[&Meaning::BirthDate].len(), "2026-01-01 02:47".len());
        let discharge: NaiveDate = canary.fields[&Meaning::DischargeDate].parse().expect("a date");
        let stay = (discharge - canary.persona.birth.date()).num_days();
        assert!((2..6).contains(&stay), "{stay}");
        let age: u32 = canary.fields[&Meaning::MotherAge].parse().expect("an age");
        assert_eq!(canary.persona.birth.date().years_since(canary.persona.mother_birth), Some(age));
    }
}

#[test]
fn a_registry_keeps_each_hospitals_numbers() {
    let plan = check(&registry(600, 1), 15, 1);
    for canary in &plan {
        let code = canary.row.cells[2].chars().nth(1).expect("a hospital");
        assert_eq!(canary.row.cells[0].chars().nth(5), Some(code), "the code is the hospital's");
        let id = &canary.fields[&Meaning::IdNumber];
        assert_eq!(id.len(), 18);
        assert!(id[6..14] == canary.persona.mother_birth.format("%Y%m%d").to_string());
    }
}

#[test]
fn blocks_of_hospitals_stay_blocks() {
    let mut text = String::from("医院\t出生日期\t产妇\t手机\t性别\t住址\n").replace('\t', ",");
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    for hospital in ["济南市妇幼保健院", "历下区妇幼", "市中心医院"] {
        for n in 0..60_u32 {
            text += &format!(
                "{hospital},2026年{}月{}日,{},{},男,{}\n",
                3 + n / 28,
                1 + n % 28,
                NAMES[n as usize % 12],
                mobile(&mut rng),
                address(&mut rng)
            );
        }
    }
    let plan = check(&text, 12, 2);
    let before = Rows::new(&text);
    let lines: Vec<Vec<String>> = before.iter().map(|row| row.texts()).collect();
    for canary in &plan {
        let above = &lines[usize::try_from(canary.row.before).expect("small") - 1];
        assert_eq!(canary.row.cells[0], above[0]);
        assert!(
            canary.row.cells[1].starts_with("2026年") && !canary.row.cells[1].contains("月0"),
            "{}",
            canary.row.cells[1]
        );
    }
}

#[test]
fn a_column_that_hides_part_of_the_phone_hides_it_of_the_new_one() {
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let mut text = String::from("产妇姓名,分娩时间,脱敏电话,联系电话,家庭住址\n");
    for day in 0..90 {
        let phone = mobile(&mut rng);
        let (name, hidden) = (NAMES[day % 12], format!("{}****{}", &phone[..3], &phone[7..]));
        text += &format!(
            "{name},2026-{:02}-{:02},{hidden},{phone},拱墅区东山弄{}号\n",
            day / 28 + 6,
            day % 28 + 1,
            day + 3
        );
    }
    for canary in check(&text, 5, 3) {
        let phone = &canary.row.cells[3];
        assert_eq!(canary.row.cells[2], format!("{}****{}", &phone[..3], &phone[7..]));
    }
}

#[test]
fn owners_and_parcels_are_planted_like_births() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let mut owners = String::from("楼栋,房号,业主姓名,电话,身份证号,面积,车牌号\n");
    for building in 1..6 {
        for room in 0..30 {
            let plate = if room % 3 == 0 {
                String::new()
            } else {
                format!("川F{}{:04}", ["A", "E", "J"][room % 3], rng.random_range(0..10_000))
            };
            let (floor, door) = (room / 3 + 1, room % 3 + 1);
            owners += &format!(
                "{building}栋,{floor}{door:02},{},{},5106041974********,{}㎡,{plate}\n",
                NAMES[room % 12],
                mobile(&mut rng),
                ["89.9", "102.3"][room % 2]
            );
        }
    }
    for canary in check(&owners, 10, 3) {
        assert!(canary.row.cells[4].ends_with("********") && canary.row.cells[4].len() == 18);
        assert!(canary.row.cells[6].is_empty() || !owners.contains(&canary.row.cells[6]), "a plate of the list");
    }
    let mut parcels = String::from("运单号,扫描时间,收件人,收件电话,收件地址,物品\n");
    let mut id = 78_200_693_721_004_u64;
    for n in 0..200_u32 {
        id += rng.random_range(1..40);
        parcels += &format!(
            "YT{id},2026-10-{:02} 08:{:02}:29,{},{},{},文件\n",
            1 + n / 10,
            rng.random_range(0..60),
            NAMES[n as usize % 12],
            mobile(&mut rng),
            address(&mut rng)
        );
    }
    check(&parcels, 10, 3);
}

#[test]
fn an_english_list_stays_english() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let mut text = String::from("MRN;Mother's name;Date of birth;Sex;Mobile;Address\n").replace(';', ",");
    for n in 0..80_u32 {
        let name = ["SMITH Jane", "Amy Jones", "Ruth Taylor", "Kate Brown", "Emma Wilson"][n as usize % 5];
        let phone = format!("07911 {}", rng.random_range(100_000..1_000_000));
        let street = ["High Street", "Mill Lane", "Station Road"][n as usize % 3];
        text += &format!(
            "MRN{:06},{name},{:02}/03/2026,{},{phone},{} {street} Leeds\n",
            4_000 + n * 3,
            1 + n / 4,
            ["M", "F"][n as usize % 2],
            rng.random_range(1..200)
        );
    }
    let numbers: Vec<Number> = (0..40_u32)
        .map(|n| Number::parse(&format!("+447400{:06}", 123_456 + n * 2_003), "GB".parse().expect("a region")))
        .filter_map(Result::ok)
        .collect();
    let profile = learned(&text, 5, &numbers);
    let wish =
        Wish { numbers: &numbers, count: 5, spare: 0, today: today(), encodable: &str::is_ascii, taken: &|_| false };
    let plan = plan(&profile, &wish, &mut ChaCha20Rng::seed_from_u64(1)).unwrap_or_else(|error| panic!("{error}"));
    for canary in plan {
        assert!(canary.row.cells[4].starts_with("07400 "), "{}", canary.row.cells[4]);
        assert!(canary.row.cells[2].ends_with("/03/2026"), "{}", canary.row.cells[2]);
    }
}

#[test]
fn a_list_of_one_row_takes_one() {
    let text = "产妇姓名,分娩日期,联系电话\n王芳,2026-11-02,13800138000\n";
    let (_, plan) = planned(text, 1, 1).expect("a plan");
    assert_eq!((plan[0].row.before, plan[0].data_row), (1, 1));
    assert!(matches!(planned(text, 2, 1), Err(PlantError::TooFewPlaces { needs: 2, has: 1 })));
}

#[test]
fn what_cannot_be_hidden_is_refused() {
    let mut dense = String::from("住院号,产妇姓名,联系电话\n");
    let mut two = String::from("产妇姓名,联系电话,配偶电话\n");
    for n in 0..60 {
        dense += &format!("ZY{},王芳,138001380{n:02}\n", 5_000 + n);
        two += &format!("王芳,138001380{n:02},139001380{n:02}\n");
    }
    let refused = planned(&dense, 3, 1).expect_err("no number is free");
    assert_eq!(refused, PlantError::Dense { column: "住院号".to_string(), needs: 3, has: 0 });
    let refused = planned(&two, 1, 1).expect_err("a second number would be needed");
    assert_eq!(refused, PlantError::SecondPhoneAlways { column: "配偶电话".to_string() });
    let profile = learned(&upload(50, 9, 1), 3, &[]);
    let wish = Wish { numbers: &pool(2), count: 3, spare: 0, today: today(), encodable: &|_| true, taken: &|_| false };
    let refused = plan(&profile, &wish, &mut ChaCha20Rng::seed_from_u64(1));
    assert_eq!(refused, Err(PlantError::TooFewNumbers { needs: 3, has: 2 }));
    let wish = Wish { numbers: &pool(9), taken: &|_| true, ..wish };
    let refused = plan(&profile, &wish, &mut ChaCha20Rng::seed_from_u64(1));
    assert!(matches!(refused, Err(PlantError::NobodyNew { .. })));
}

#[test]
fn a_number_that_stands_in_the_list_is_not_used_again() {
    let numbers = pool(9);
    let carried = numbers[4].national();
    let text =
        upload(50, 9, 1) + &format!("51,ZY999999,王芳,30,2026-11-20 10:00,39+1,顺产,男,3300,{carried},,,2026-11-21\n");
    let profile = learned(&text, 8, &numbers);
    assert_eq!(profile.watched.len(), 1);
    let wish = Wish { numbers: &numbers, count: 8, spare: 0, today: today(), encodable: &|_| true, taken: &|_| false };
    let plan = plan(&profile, &wish, &mut ChaCha20Rng::seed_from_u64(1)).expect("eight are left");
    assert!(plan.iter().all(|canary| canary.number != numbers[4]));
}

#[test]
fn twins_are_never_parted() {
    let mut text = String::from("产妇姓名,分娩日期,联系电话\n");
    for n in 0..40 {
        text += &format!("王芳,2026-01-{:02},138001380{:02}\n", 1 + n / 2, n / 2);
    }
    for canary in check(&text, 8, 1) {
        assert_eq!(canary.row.before % 2, 1, "a pair begins in front of row {}", canary.row.before);
    }
}

#[test]
fn free_rows_follow_a_list_or_stand_alone() {
    let text = upload(60, 9, 1);
    let numbers = pool(12);
    let profile = learned(&text, 1, &numbers);
    let wish = Wish { numbers: &numbers, count: 4, spare: 0, today: today(), encodable: &|_| true, taken: &|_| false };
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let like: Vec<_> =
        free_rows_like(&profile, &wish, &mut rng).and_then(Iterator::collect::<Result<_, _>>).expect("rows");
    assert_eq!(like.len(), 4);
    for row in &like {
        assert_eq!(row.cells.len(), 13);
        assert!(row.cells[0].is_empty() && row.cells[1].is_empty(), "counters are the system's to give");
        assert!((today() - row.persona.birth.date()).num_days() <= 21);
    }
    let place = crate::persona::Place::find(["杭州市西湖区"].into_iter());
    let plain = (crate::persona::Culture::Chinese, &place);
    let alone: Vec<_> =
        free_rows(&DEFAULT_COLUMNS, plain, &wish, &mut rng).and_then(Iterator::collect::<Result<_, _>>).expect("rows");
    assert!(alone.iter().all(|row| row.cells.iter().all(|cell| !cell.is_empty())));
    assert_eq!(alone[0].fields[&Meaning::Phone], alone[0].number.national());
}

#[test]
fn two_new_rows_in_one_gap_of_a_hospitals_numbers_are_in_order() {
    let (rows, step, seed) = (267, 2, 597690767414509502);
    check(&upload(rows, step, seed), (rows / 12) as usize, seed);
    check(&registry(rows * 2, seed), (rows / 40).max(1) as usize, seed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sorted_stays_sorted_and_nobody_stands_twice(rows in 30..300_u32, step in 2..30_u32, seed in any::<u64>()) {
        check(&upload(rows, step, seed), (rows / 12) as usize, seed);
        check(&registry(rows * 2, seed), (rows / 40).max(1) as usize, seed);
    }
}
