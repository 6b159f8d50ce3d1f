//! Cells of a row that go by each other in every real row do in a canary's, too.

use chrono::Datelike;

use super::*;
use crate::plant::model::name_parts;

const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
const SIGNS: [&str; 12] = ["鼠", "牛", "虎", "兔", "龙", "蛇", "马", "羊", "猴", "鸡", "狗", "猪"];

fn day(cell: &str) -> NaiveDate {
    cell.parse().unwrap_or_else(|error| panic!("{cell}: {error}"))
}

/// A follow-up sheet of which nearly every cell goes by another.
fn follow_up(rows: u32) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let mut text = String::from(
        "序号,产妇姓名,出生年月,年龄,生肖,联系电话,分娩日期,星期,末次月经,孕周,访视日期,日龄,总费用,医保支付,自付金额,父亲姓名,宝宝姓名\n",
    );
    for n in 0..rows {
        let birth = today() - chrono::Days::new(u64::from(120 - n / 4));
        let mother = birth - chrono::Days::new(rng.random_range(8_000..14_000));
        let (carried, seen) = (rng.random_range(260..292_u64), rng.random_range(3..29_u64));
        let (paid, own) = (rng.random_range(200_000..900_000), rng.random_range(1_000..300_000));
        let father = NAMES[rng.random_range(0..NAMES.len())];
        let child = format!("{}{}", &father[..3], ["子涵", "雨桐", "一诺"][rng.random_range(0..3)]);
        let last = birth - chrono::Days::new(carried);
        text += &format!(
            "{},{},{}-{:02},{},{},{},{birth},星期{},{last},{},{},{seen},{:.2},{:.2},{:.2},{father},{child}\n",
            n + 1,
            NAMES[rng.random_range(0..NAMES.len())],
            mother.year(),
            mother.month(),
            birth.years_since(mother).expect("an age"),
            SIGNS[(mother.year() - 4).rem_euclid(12) as usize],
            mobile(&mut rng),
            WEEKDAYS[birth.weekday().num_days_from_monday() as usize],
            carried / 7,
            birth + chrono::Days::new(seen),
            f64::from(paid + own) / 100.0,
            f64::from(paid) / 100.0,
            f64::from(own) / 100.0,
        );
    }
    text
}

#[test]
fn a_canarys_cells_go_by_each_other_as_all_rows_do() {
    for canary in check(&follow_up(420), 40, 3) {
        let cells = &canary.row.cells;
        let whole = cells.join(",");
        let year: i32 = cells[2][..4].parse().expect("a year");
        let birth = day(&cells[6]);
        assert_eq!(cells[4], SIGNS[(year - 4).rem_euclid(12) as usize], "the year's sign: {whole}");
        let age: i32 = cells[3].parse().expect("an age");
        assert!((birth.year() - year - 1..=birth.year() - year).contains(&age), "age and year of birth: {whole}");
        assert_eq!(cells[7], format!("星期{}", WEEKDAYS[birth.weekday().num_days_from_monday() as usize]), "{whole}");
        let carried = (birth - day(&cells[8])).num_days();
        assert_eq!((carried / 7).to_string(), cells[9], "weeks by two dates: {whole}");
        assert_eq!((day(&cells[10]) - birth).num_days().to_string(), cells[11], "days by two dates: {whole}");
        let amount = |at: usize| cells[at].parse::<f64>().expect("an amount");
        assert!((amount(12) - amount(13) - amount(14)).abs() < 0.005, "a sum: {whole}");
        assert_eq!(cells[12].split_once('.').expect("decimals").1.len(), 2, "{whole}");
        let family = |at: usize| name_parts(&cells[at]).expect("a name").0;
        assert_eq!(family(16), family(15), "the father's name: {whole}");
    }
}

#[test]
fn cells_that_go_by_nothing_stay_free() {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let mut text = String::from("产妇姓名,联系电话,分娩日期,血型,产次\n");
    for n in 0..300_u32 {
        let birth = today() - chrono::Days::new(u64::from(90 - n / 4));
        let (blood, parity) = (["A", "B", "O", "AB"][rng.random_range(0..4)], rng.random_range(1..4));
        text += &format!("{},{},{birth},{blood},{parity}\n", NAMES[rng.random_range(0..12)], mobile(&mut rng));
    }
    let plan = check(&text, 25, 4);
    let blood: HashSet<&str> = plan.iter().map(|canary| canary.row.cells[3].as_str()).collect();
    assert!(blood.len() > 2, "{blood:?}");
}

#[test]
fn an_owners_sex_is_that_of_the_name_and_of_the_number() {
    const MEN: [&str; 12] =
        ["王建军", "李国强", "张伟", "刘洋", "陈志强", "杨磊", "赵军", "黄勇", "周强", "吴刚", "徐斌", "孙涛"];
    let mut rng = ChaCha20Rng::seed_from_u64(10);
    let mut text = String::from("姓名,性别,身份证号,联系电话\n");
    let woman_or_man = |digit: u32| if digit % 2 == 1 { ("男", &MEN) } else { ("女", &NAMES) };
    for _ in 0..300 {
        let digit = rng.random_range(0..10_u32);
        let (sex, names) = woman_or_man(digit);
        let head = format!("3301061{}0{}1501{digit}", rng.random_range(960..990), rng.random_range(1..10));
        let number = format!("{head}{}", crate::persona::id_number::check_character(&head).expect("seventeen digits"));
        text += &format!("{},{sex},{number},{}\n", names[rng.random_range(0..12)], mobile(&mut rng));
    }
    let mut sexes = HashSet::new();
    for canary in check(&text, 24, 5) {
        let cells = &canary.row.cells;
        let digit: u32 = cells[2][16..17].parse().expect("a digit");
        let (sex, names) = woman_or_man(digit);
        assert_eq!(cells[1], sex, "{cells:?}");
        let given = name_parts(&cells[0]).expect("a name").1;
        let last = given.chars().last();
        let other = if sex == "男" { &NAMES } else { &MEN };
        let known = |names: &[&str; 12]| names.iter().any(|name| name.chars().last() == last);
        assert!(known(names) || !known(other), "{cells:?}");
        sexes.insert(cells[1].clone());
    }
    assert_eq!(sexes.len(), 2);
}

#[test]
fn a_guardian_is_who_the_row_says_and_named_as_the_column_names_its_own() {
    const SIGNS: [char; 10] = ['芬', '芳', '莲', '菊', '珍', '凤', '香', '琴', '翠', '桂'];
    for relation in ["母亲", "其他"] {
        let mut rng = ChaCha20Rng::seed_from_u64(12);
        let mut text = String::from("儿童姓名,出生日期,监护人,与儿童关系,联系电话\n");
        for n in 0..300_usize {
            let born = today() - chrono::Days::new(200 - n as u64 / 3);
            let guardian = format!("{}{}{}", &NAMES[n % 12][..3], SIGNS[n / 12 % 10], SIGNS[n % 7]);
            let (family, given) = (["赵", "钱", "冯"][n % 3], ["子涵", "雨桐", "一诺"][n / 3 % 3]);
            text += &format!("{family}{given},{born},{guardian},{relation},{}\n", mobile(&mut rng));
        }
        let plan = check(&text, 30, 6);
        let own = |canary: &&Planned| canary.row.cells[2].chars().skip(1).all(|sign| SIGNS.contains(&sign));
        let mothers = |canary: &&Planned| canary.row.cells[2] == canary.persona.mother.full(canary.persona.culture);
        match relation {
            "母亲" => assert_eq!(plan.iter().filter(mothers).count(), 30, "the mother"),
            _ => assert!(plan.iter().filter(own).count() >= 25, "a name of the column's own signs"),
        }
    }
}
