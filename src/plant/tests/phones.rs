//! Whose numbers go into a list: only those that it can hold, in its spelling, and another one for everybody else on a row.

use super::*;
use crate::phone::numbers_in;

fn number(text: &str, region: &str) -> Number {
    Number::parse(text, region.parse().expect("a region")).expect("a number")
}

/// Numbers of four countries, twelve of each.
fn mixed() -> Vec<Number> {
    let of = |n: u32| {
        [
            number(&format!("+86177{:04}{n:04}", n * 37), "CN"),
            number(&format!("+447400{:02}{n:04}", n * 3), "GB"),
            number(&format!("+33612{:02}{n:04}", n * 3), "FR"),
            number(&format!("+862158{:02}{n:04}", n * 3), "CN"),
        ]
    };
    (10..22).flat_map(of).collect()
}

/// Plans for a list of births with a further phone column and phones as given.
fn planned_with(phones: impl Fn(u64) -> String, numbers: &[Number], spare: usize) -> Result<Vec<Planned>, PlantError> {
    let mut text = String::from("产妇姓名,分娩日期,联系电话,丈夫电话,联系人电话,家庭住址\n");
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    for n in 0..120 {
        let day = today() - chrono::Days::new(200 - n);
        text += &format!("{},{day},{},{}\n", NAMES[n as usize % 12], phones(n), address(&mut rng));
    }
    let profile = learned(&text, 6, numbers);
    let wish = Wish { numbers, count: 6, spare, today: today(), encodable: &|_| true, taken: &|_| false };
    plan(&profile, &wish, &mut ChaCha20Rng::seed_from_u64(2))
}

/// How numbers of our own begin that fit a list, its region, and its phones.
type Spelled = (&'static str, &'static str, fn(u64) -> String);

#[test]
fn of_a_mixed_pool_only_numbers_are_taken_that_the_list_can_hold() {
    let spelled: [Spelled; 8] = [
        ("+86177", "CN", |n| format!("+86138{n:04}{n:04},,")),
        ("+86177", "CN", |n| format!("0086138{n:04}{n:04},,")),
        ("+86177", "CN", |n| format!("138{n:04}{n:04}（本人）,,")),
        ("+86177", "CN", |n| format!("手机:138{n:04}{n:04},,")),
        ("+447400", "GB", |n| format!("+44 7512 {n:06},,")),
        ("+447400", "GB", |n| format!("447512{n:06},,")),
        ("+447400", "GB", |n| format!("07{}12 {n:06},,", [4, 5, 7, 8, 9][n as usize % 5])),
        ("+8621", "CN", |n| format!("021-5888{n:04},,")),
    ];
    let numbers = mixed();
    for (own, region, phones) in spelled {
        let plan = planned_with(phones, &numbers, 0).unwrap_or_else(|error| panic!("{}: {error}", phones(7)));
        for canary in plan {
            let cell = &canary.row.cells[2];
            assert!(canary.number.as_str().starts_with(own), "{} in a list of {}", canary.number, phones(7));
            let read = numbers_in(cell, region.parse().expect("a region"));
            assert_eq!(read, std::slice::from_ref(&canary.number), "{cell}");
        }
    }
}

#[test]
fn a_list_that_can_hold_no_number_of_the_pool_is_refused_with_the_cause() {
    let french: Vec<Number> = mixed().into_iter().filter(|number| number.as_str().starts_with("+33")).collect();
    let refused = planned_with(|n| format!("+86138{n:04}{n:04},,"), &french, 0);
    assert_eq!(refused, Err(PlantError::NoSpelling { column: "联系电话".to_string() }));
    let refused = planned_with(|n| format!("138{n:04}{n:04} 王小五,,"), &mixed(), 0);
    assert_eq!(refused, Err(PlantError::OddPhones { column: "联系电话".to_string() }));
}

#[test]
fn a_column_that_repeats_the_mothers_number_repeats_the_canarys() {
    let own = |n: u64| format!("138{n:04}{n:04},,138-{n:04}-{n:04}");
    for canary in planned_with(own, &pool(20), 0).expect("a plan") {
        let national = canary.number.national();
        assert_eq!(canary.row.cells[2], national);
        assert_eq!(canary.row.cells[4], format!("{}-{}-{}", &national[..3], &national[3..7], &national[7..]));
        assert!(canary.others.is_empty() && canary.row.cells[3].is_empty());
    }
}

#[test]
fn everybody_else_on_a_row_has_a_number_of_the_pool() {
    let numbers = pool(60);
    let three = |n: u64| format!("138{n:04}{n:04},139{n:04}{n:04},137{n:04}{n:04}");
    let ours = |cell: &str| numbers.iter().any(|number| number.national() == cell);
    for canary in planned_with(three, &numbers, 12).expect("a plan") {
        assert_eq!(canary.others.len(), 2);
        assert!(canary.row.cells[2..5].iter().all(|cell| ours(cell)), "{:?}", canary.row.cells);
        let different: HashSet<&String> = canary.row.cells[2..5].iter().collect();
        assert_eq!(different.len(), 3);
    }
    let refused = planned_with(three, &numbers, 11);
    assert_eq!(refused, Err(PlantError::SecondPhoneAlways { column: "丈夫电话".to_string() }));
    let again = |n: u64| format!("138{n:04}{n:04},139{n:04}{n:04},139{n:04}{n:04}");
    for canary in planned_with(again, &numbers, 6).expect("a plan") {
        assert_eq!((canary.others.len(), &canary.row.cells[3]), (1, &canary.row.cells[4]));
    }
}

#[test]
fn a_column_that_no_number_fits_stays_empty_and_is_told() {
    let landline = |n: u64| format!("138{n:04}{n:04},,0755-8123{n:04}");
    let mut text = String::from("产妇姓名,分娩日期,联系电话,丈夫电话,联系人电话\n");
    for n in 0..60 {
        let day = today() - chrono::Days::new(200 - n);
        text += &format!("{},{day},{}\n", NAMES[n as usize % 12], landline(n));
    }
    let plan = planned_with(landline, &pool(20), 20).expect("a plan");
    assert!(plan.iter().all(|canary| canary.row.cells[4].is_empty() && canary.others.is_empty()));
    let told = unfilled(&learned(&text, 6, &[]), plan.iter().map(|canary| canary.row.cells.as_slice()));
    assert_eq!(told.iter().map(|one| (one.column.as_str(), one.rows)).collect::<Vec<_>>(), [("联系人电话", 6)]);
}

#[test]
fn canaries_of_no_list_are_of_their_country_or_tell_it() {
    let numbers = mixed();
    let made = |count: usize| {
        let wish = Wish { numbers: &numbers, count, spare: 0, today: today(), encodable: &|_| true, taken: &|_| false };
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let place = crate::persona::Place::default();
        let rows = free_rows(&DEFAULT_COLUMNS, (crate::persona::Culture::Chinese, &place), &wish, &mut rng);
        rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).expect("rows")
    };
    assert!(made(10).iter().all(|row| row.number.is_chinese_mobile()));
    for row in made(20) {
        let read = numbers_in(&row.fields[&Meaning::Phone], Region::default());
        assert_eq!(read, [row.number], "{}", row.fields[&Meaning::Phone]);
    }
}
