//! Columns that nobody told the planter of: their cells are filled, in their pattern, and no real row's.

use super::*;
use crate::persona::nhs_check;

/// Makes a list with further columns behind those of a birth.
fn listed(columns: &str, rows: u64, cells: impl Fn(u64, &mut ChaCha20Rng) -> String) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(21);
    let mut text = format!("产妇姓名,联系电话,分娩日期,{columns}\n");
    for n in 0..rows {
        let day = today() - chrono::Days::new(200 - n / 4);
        text += &format!("{},{},{day},{}\n", NAMES[n as usize % 12], mobile(&mut rng), cells(n, &mut rng));
    }
    text
}

/// Gives the cells of a column of all canaries, and those of the list.
fn column(text: &str, at: usize, count: usize) -> (Vec<String>, HashSet<String>) {
    let (_, plan) = planned(text, count, 3).unwrap_or_else(|error| panic!("{error}"));
    let real = Rows::new(text).iter().skip(1).map(|row| row.text(at).to_string()).collect();
    (plan.into_iter().map(|canary| canary.row.cells[at].clone()).collect(), real)
}

fn luhn(number: &str) -> bool {
    let doubled = |(nth, b): (usize, u8)| {
        let digit = u32::from(b - b'0') * if nth % 2 == 1 { 2 } else { 1 };
        digit / 10 + digit % 10
    };
    number.bytes().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

#[test]
fn unique_numbers_of_any_length_are_made_in_their_pattern() {
    let digits = |rng: &mut ChaCha20Rng, count: u32| {
        let from = 10_u64.pow(count - 1);
        rng.random_range(from..from * 10).to_string()
    };
    let text = listed("医保卡号,出生医学证明编号,QQ,银行卡号,保单号", 240, |_, rng| {
        let card = format!("62220{}", digits(rng, 10));
        let card = (0..10).map(|last| format!("{card}{last}")).find(|card| luhn(card)).expect("a check digit");
        let (insured, born) = (digits(rng, 9), digits(rng, 7));
        format!("6{insured},U44{born},{},{card},P2026{}", digits(rng, 9), digits(rng, 8))
    });
    for (at, begins, length) in [(3, "6", 10), (4, "U44", 10), (5, "", 9), (6, "62220", 16), (7, "P2026", 13)] {
        let (made, real) = column(&text, at, 20);
        for cell in &made {
            assert!(cell.starts_with(begins) && cell.len() == length, "column {at}: {cell}");
            assert!(!real.contains(cell), "a real row's number");
            assert!(at != 6 || luhn(cell), "{cell} has no check digit");
        }
        assert_eq!(made.iter().collect::<HashSet<_>>().len(), made.len(), "each its own");
    }
}

#[test]
fn phones_of_others_are_never_made_up_whatever_their_column_is_called() {
    let text = listed("接生医生电话,备注一", 120, |n, rng| format!("{},0571-8{:07}", mobile(rng), n * 7_919));
    let (_, plan) = planned(&text, 6, 3).expect("a plan");
    assert!(plan.iter().all(|canary| canary.row.cells[3].is_empty() && canary.row.cells[4].is_empty()));
    let told = unfilled(&learned(&text, 6, &[]), plan.iter().map(|canary| canary.row.cells.as_slice()));
    assert_eq!(told.iter().map(|told| told.column.as_str()).collect::<Vec<_>>(), ["接生医生电话", "备注一"]);
}

#[test]
fn a_full_column_that_all_canaries_leave_empty_is_told() {
    let signs: Vec<char> = ('一'..='龥').collect();
    let text = listed("代号", 200, |n, _| signs[n as usize * 3].to_string());
    let profile = learned(&text, 6, &[]);
    let (_, plan) = planned(&text, 6, 3).expect("a plan");
    let told = unfilled(&profile, plan.iter().map(|canary| canary.row.cells.as_slice()));
    assert_eq!(told, [Unfilled { column: "代号".to_string(), rows: 6, lacking: Lacking::Values }]);
    assert!(unfilled(&profile, plan[..4].iter().map(|canary| canary.row.cells.as_slice())).is_empty(), "by chance");
}

#[test]
fn amounts_lie_among_the_lists_and_end_in_no_zero_where_none_does() {
    let text = listed("费用", 240, |_, rng| (f64::from(rng.random_range(400_000..1_800_000)) / 100.0).to_string());
    for cell in column(&text, 3, 30).0 {
        let value: f64 = cell.parse().expect("a number");
        assert!((4_000.0..18_000.0).contains(&value) && value.to_string() == cell, "{cell}");
    }
}

#[test]
fn a_time_of_day_stays_one() {
    let text =
        listed("访视时刻", 240, |_, rng| format!("{:02}:{:02}", rng.random_range(0..24), rng.random_range(0..60)));
    for cell in column(&text, 3, 40).0 {
        assert!(chrono::NaiveTime::parse_from_str(&cell, "%H:%M").is_ok(), "{cell}");
    }
}

/// Makes a list in English with an identity number in each row.
fn english(heading: &str, number: impl Fn(u64, &mut ChaCha20Rng) -> String) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let mut text = format!("Mother,{heading},Mobile,Date of birth\n");
    let (given, family) = (["Ann", "Mary", "Jane", "Lucy", "Emma"], ["Smith", "Jones", "Brown", "Taylor"]);
    for n in 0..120_u64 {
        let name = format!("{} {}", given[n as usize % 5], family[n as usize / 5 % 4]);
        text +=
            &format!("{name},{},{},{}\n", number(n, &mut rng), mobile(&mut rng), today() - chrono::Days::new(200 - n));
    }
    text
}

#[test]
fn identity_numbers_of_other_countries_keep_their_form_and_are_nobodys() {
    let nhs = |rng: &mut ChaCha20Rng| {
        let number = || Some(rng.random_range(400_000_000..500_000_000_u32).to_string());
        let number = std::iter::from_fn(number).find_map(|digits| Some(format!("{digits}{}", nhs_check(&digits)?)));
        number.expect("a number")
    };
    for (heading, spaced) in [("NHS Number", false), ("NHS No", true)] {
        let text = english(heading, |_, rng| {
            let number = nhs(rng);
            if spaced { format!("{} {} {}", &number[..3], &number[3..6], &number[6..]) } else { number }
        });
        for cell in column(&text, 1, 12).0 {
            let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
            assert!(digits.len() == 10 && cell.contains(' ') == spaced && digits.starts_with('5'), "{cell}");
            assert_eq!(nhs_check(&digits[..9]), digits.chars().last(), "{cell}");
        }
    }
    let social = |_: u64, rng: &mut ChaCha20Rng| {
        format!("{:03}-{:02}-{:04}", rng.random_range(100..600), rng.random_range(10..99), rng.random_range(1..9_999))
    };
    for cell in column(&english("SSN", social), 1, 12).0 {
        assert!(cell.len() == 11 && cell.starts_with('9') && &cell[3..4] == "-" && &cell[4..6] < "50", "{cell}");
    }
    let masked = english("SSN", |n, _| format!("***-**-{:04}", n * 77 % 10_000));
    assert!(column(&masked, 1, 12).0.iter().all(|cell| cell.starts_with("***-**-") && cell.len() == 11));
}

#[test]
fn a_passport_among_identity_numbers_is_followed_by_one() {
    let text = listed("身份证号", 200, |n, rng| match n % 2 {
        0 => format!("E{}", rng.random_range(10_000_000..99_999_999)),
        _ => format!("3101011990{:02}{:02}{:04}", n % 12 + 1, n % 28 + 1, rng.random_range(0..9_999)),
    });
    let (made, real) = column(&text, 3, 20);
    let passports = made.iter().filter(|cell| cell.starts_with('E')).count();
    assert!(
        (2..18).contains(&passports) && made.iter().all(|cell| matches!(cell.len(), 9 | 18) && !real.contains(cell))
    );
}

#[test]
fn an_address_of_two_real_rows_goes_into_no_canary() {
    let text = english("Email", |n, _| match n {
        3 | 50 => "shared.box@mail.example".to_string(),
        _ => format!(
            "{}.{}{}@{}.example",
            ["ann", "mary", "jane", "lucy", "emma"][n as usize % 5],
            ["smith", "jones", "brown", "taylor"][n as usize / 5 % 4],
            n * 37 % 120,
            ["mail", "post"][n as usize % 2]
        ),
    });
    let (_, plan) = planned(&text, 12, 5).expect("a plan");
    let real: HashSet<String> = Rows::new(&text).iter().map(|row| row.text(1).to_string()).collect();
    for canary in plan {
        let (name, mail) = (canary.row.cells[0].to_lowercase(), &canary.row.cells[1]);
        let host = mail.ends_with("@mail.example") || mail.ends_with("@post.example");
        assert!(!real.contains(mail) && host, "{mail}");
        let family = name.split_whitespace().next_back().expect("a name");
        assert!(mail.contains(&family.replace(['\'', '-'], "")) || mail.contains("box"), "{mail} of {name}");
    }
}

#[test]
fn a_text_of_one_row_is_taken_over_by_no_canary() {
    let (when, what, how) =
        (["孕期", "产后", "分娩时"], ["血压", "血糖", "体温", "水肿"], ["偏高复查", "正常", "偏低观察"]);
    let text = listed("病情", 150, |n, _| {
        let n = n as usize;
        format!("{}{}{}第{}诊", when[n % 3], what[n / 3 % 4], how[n / 12 % 3], NAMES[n / 36 % 12])
    });
    let (made, real) = column(&text, 3, 12);
    assert!(made.iter().all(|cell| !cell.is_empty() && !real.contains(cell)), "{made:?}");
}

#[test]
fn mobiles_and_landlines_stand_each_in_their_column() {
    let landline = |n: u64| Number::parse(&format!("0755-8{:07}", n * 7_919), Region::default()).expect("a number");
    let numbers: Vec<Number> = pool(60).into_iter().chain((0..60).map(landline)).collect();
    for (columns, own) in [("手机,座机", 2), ("座机,手机", 3)] {
        for share in [0.35, 1.0] {
            let mut rng = ChaCha20Rng::seed_from_u64(17);
            let mut text = format!("产妇姓名,分娩日期,{columns}\n");
            for n in 0..160_u64 {
                let fixed = if rng.random_bool(share) {
                    format!("0755-2{:07}", rng.random_range(0..9_999_999))
                } else {
                    String::new()
                };
                let (mobile, day) = (mobile(&mut rng), today() - chrono::Days::new(200 - n));
                let phones = if own == 2 { format!("{mobile},{fixed}") } else { format!("{fixed},{mobile}") };
                text += &format!("{},{day},{phones}\n", NAMES[n as usize % 12]);
            }
            let profile = learned(&text, 9, &numbers);
            assert_eq!(profile.position(Meaning::Phone), Some(own), "{columns}");
            let wish = Wish {
                numbers: &numbers,
                count: 9,
                spare: 50,
                today: today(),
                encodable: &|_| true,
                taken: &|_| false,
            };
            let plan = plan(&profile, &wish, &mut ChaCha20Rng::seed_from_u64(2))
                .unwrap_or_else(|error| panic!("{columns}: {error}"));
            for canary in &plan {
                let (mobile, fixed) = (&canary.row.cells[own], &canary.row.cells[5 - own]);
                assert!(
                    mobile.len() == 11 && mobile.starts_with('1') && *mobile == canary.number.national(),
                    "{mobile}"
                );
                assert!(
                    fixed.is_empty() == canary.others.is_empty() && (fixed.is_empty() || fixed.starts_with("0755-8")),
                    "{fixed}"
                );
            }
            let filled = plan.iter().filter(|canary| !canary.others.is_empty()).count();
            assert!(if share == 1.0 { filled == 9 } else { (1..8).contains(&filled) }, "{filled} of 9 at {share}");
        }
    }
}
