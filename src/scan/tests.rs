//! The whole engine: every spelling in every encoding, what only looks like a number, and any cut into blocks.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::classify::{Places, WORD_BYTES, WORDS_MAX};
use super::sweep::{Stretch, sweep, try_at};
use super::*;
use crate::phone::Number;

const MOBILE: &str = "+8613800138000";

/// Every spelling of 13800138000 that is read.
fn spellings() -> Vec<String> {
    let n = "13800138000";
    let (a, b, c) = (&n[..3], &n[3..7], &n[7..]);
    let shifted =
        |zero: u32| n.bytes().map(|d| char::from_u32(zero + u32::from(d - b'0')).expect("a digit")).collect::<String>();
    let each = |spell: &dyn Fn(u8) -> String| n.bytes().map(spell).collect::<String>();
    let mut all: Vec<String> = [
        "", "+86", "0086", "86", "0", "+86 ", "86-", "+86-", "(86)", "(+86)", "(+86) ", "+86 0", "0086-", "011 86 ",
        "（86）",
    ]
    .iter()
    .map(|before| format!("{before}{n}"))
    .collect();
    let joints = [
        " ", "-", ".", "\u{a0}", "\u{2009}", "\u{200b}", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2014}", "\u{2212}",
        "－", "\u{3000}", "·", "．", " - ", "&nbsp;", "&#160;", "&ndash;", "%20", "+", "\\u00a0", "\\u2013", "\r\n",
        "\n", "-\n", "=\r\n", "=C2=A0", "%C2%A0", "&#xa0;", "\u{202f}", "  ",
    ];
    for joint in joints {
        let second = if joint.contains('\n') { "" } else { joint };
        all.push(format!("{a}{joint}{b}{second}{c}"));
        if !joint.contains('\n') {
            all.push(format!("+86{joint}{a}{joint}{b}{joint}{c}"));
        }
    }
    all.extend([
        format!("({a}){b}-{c}"),
        format!("{a}({b}){c}"),
        format!("[{a}] {b} {c}"),
        format!("\u{202d}{n}\u{202c}"),
        format!("\u{feff}{n}"),
        format!("=\"{n}\""),
        format!("'{n}"),
        format!("{n}.0"),
        format!("{n}.00"),
        "1.3800138E10".into(),
        "1.3800138e+10".into(),
        "1.3800138000E+10".into(),
        "8.613800138E12".into(),
        shifted(0xff10),
        shifted(0x660),
        shifted(0x6f0),
        format!("＋８６{}", shifted(0xff10)),
        format!("+86{}", shifted(0xff10)),
        format!("+86 {}", shifted(0xff10)),
        format!("{a}<span>{b}</span>{c}"),
        format!("{a}<wbr>{b}<wbr/><b class=\"x\">{c}</b>"),
        "1<i>3</i>8<i>0013</i>8000".into(),
        each(&|d| format!("&#{d};")),
        each(&|d| format!("&#x{d:x};")),
        each(&|d| format!("%{d:02X}")),
        format!("%2B86{n}"),
        format!("%2B86%20{}", each(&|d| format!("%{d:02x}"))),
        each(&|d| format!("\\u{:04x}", d)),
        each(&|d| format!("\\uff1{}", d - b'0')),
        each(&|d| format!("%EF%BC%9{}", d - b'0')),
        each(&|d| format!("{}\u{200b}", d - b'0')),
        each(&|d| format!("{} ", d - b'0')).trim_end().into(),
        format!("&#49;{}", &n[1..]),
        format!("tel:{n}"),
        format!("Tel{n}"),
        format!("\\t{n}\\n"),
        format!("{n}转1"),
        format!("{n}/010-12345678"),
        format!("010-12345678/{n}"),
    ]);
    all
}

/// Its spellings in phone books, file names and messages of old programs.
fn rarer_spellings() -> Vec<String> {
    let n = "13800138000";
    let (a, b, c) = (&n[..3], &n[3..7], &n[7..]);
    let each = |spell: &dyn Fn(u8) -> String| n.bytes().map(spell).collect::<String>();
    vec![
        format!("17951{n}"),
        format!("12593 {n}"),
        format!("{a}~{b}~{c}"),
        format!("{a}_{b}_{c}"),
        format!("+86_{a}_{b}_{c}"),
        format!("{a}/{b}/{c}"),
        format!("{a}～{b}～{c}"),
        format!("img_{n}_1"),
        each(&|d| format!("=3{}", d - b'0')),
        format!("=31=33=38=30=30=31=\r\n=33=38=30=30=30"),
        format!("=31=33=38=30=30=31=33=38=30=30=\n=30"),
    ]
}

fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("GBK", encoding_rs::GBK.encode(text).0.into_owned()),
        ("GB18030", encoding_rs::GB18030.encode(text).0.into_owned()),
        ("UTF-16LE", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16BE", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
    ]
}

fn needles(numbers: &[&str]) -> Needles {
    Needles::of(
        numbers.iter().map(|number| Needle { number: Number::from_e164(number).expect("a number"), person: None }),
    )
}

fn look(needles: &Needles, bytes: &[u8]) -> Vec<Sighting> {
    let mut finder = Finder::new(needles);
    let mut found = Vec::new();
    finder.feed(bytes, &mut found);
    finder.finish(&mut found);
    found
}

/// Text that holds numbers like the needles, and none of them.
fn near_misses() -> Vec<String> {
    let n = "13800138000";
    let mut all: Vec<String> = [
        "110105{}",
        "{}123456",
        "99{}",
        "{}1",
        "1{}",
        "62220213{}",
        "{}00",
        "0x{}",
        "a{}f",
        "&#{};",
        "0.{}",
        "x=3.{}",
        "114.{}",
        "{}.5",
        "{}.25",
        "{}E5",
        "{}e3",
        "6222 0212 1380 0138 000",
        "6222-0212-1380-0138-000",
        "1380 0138 0001 2345",
        "13800138001",
        "1380013800",
        "138001380000",
        "23800138000",
        "138 0013 800",
        "138 0013 8001",
        "138,0013,8000",
        "13,800,138,000",
        "1.3800138",
        "1.38E10",
        "1.38001E+10",
        "1.3800138E9",
        "1.3800138000",
        "138.00138000",
        "138:0013:8000",
        "1380_013_8000",
        "138_0013~8000",
        "138/00138000",
        "13800_138000",
        "12590{}",
        "0x{}",
        "=3{}",
        "２{}",
        "{}２",
        "٢{}",
        "138 0013\n\n\n\n\n8000",
        "1380013 8 0 0 1",
        "2024-06-01 13:80:01",
        "SF{}99",
        "1１３８００１３８０００",
        "13800138\t000",
        "1‐1{}",
        "0013800138000",
        "00113800138000",
        "8613800138001",
        "008613800138",
        "+1 13800138000 5".get(..15).expect("fifteen bytes"),
        "%31%33800138001",
        "9%31%33%38%30%30%31%33%38%30%30%30",
    ]
    .iter()
    .map(|shape| shape.replace("{}", n))
    .collect();
    // An Arabic digit before a Latin number, and a dash before it, touch it no more than a word does.
    all.retain(|text| !text.starts_with('٢') && !text.starts_with("1‐1"));
    all
}

#[test]
fn every_spelling_is_found_once_in_every_encoding_and_setting() {
    let needles = needles(&["+8613900139000", MOBILE]);
    let settings = [
        "{}",
        "王芳,{},2024-06-01\n",
        "<td>{}</td>",
        "电话：{}，请联系",
        "('王芳','{}',3250),",
        "{\"phone\": \"{}\"}",
        "序号\t{}\t女",
    ];
    let mut missed = Vec::new();
    for spelling in spellings().into_iter().chain(rarer_spellings()) {
        for setting in settings {
            let text = setting.replace("{}", &spelling);
            for (encoding, bytes) in encodings(&text) {
                let found = look(&needles, &bytes);
                let right = found.len() == 1 && found[0].needle == 1 && found[0].by == MatchedBy::Number;
                if !right {
                    missed.push(format!("{encoding}: {text:?}: {found:?}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn no_neighbour_of_two_bytes_hides_a_number() {
    let needles = needles(&[MOBILE]);
    // Digits make another number of it.
    let is_part = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let mut missed = Vec::new();
    for c in (1..=0xFFFF_u32).filter_map(char::from_u32).filter(|c| !is_part(*c)) {
        for setting in [format!("王某\t{c}13800138000\t好的\r\n"), format!("王某\t13800138000{c}\t好的\r\n")] {
            for (encoding, bytes) in encodings(&setting).into_iter().filter(|(name, _)| *name != "GBK") {
                if look(&needles, &bytes).len() != 1 {
                    missed.push(format!("{encoding}: {:04x} {setting:?}", u32::from(c)));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed[..missed.len().min(60)].join("\n"));
}

#[test]
fn what_holds_a_number_s_digits_and_is_none_is_not_found() {
    let needles = needles(&[MOBILE]);
    let mut wrong = Vec::new();
    for text in near_misses() {
        for setting in ["{}", "编号,{},x", "编号：{}。"] {
            let text = setting.replace("{}", &text);
            for (encoding, bytes) in encodings(&text) {
                let found = look(&needles, &bytes);
                if !found.is_empty() {
                    wrong.push(format!("{encoding}: {text:?}: {}", found[0].text));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn numbers_of_other_regions_are_found_as_they_are_written_there() {
    let table: &[(&str, &[&str])] = &[
        (
            "+447911123456",
            &[
                "07911 123456",
                "+44 7911 123456",
                "+44 (0)7911 123456",
                "0044 7911 123456",
                "447911123456",
                "7911123456",
            ],
        ),
        (
            "+12125550123",
            &["(212) 555-0123", "212-555-0123", "1-212-555-0123", "+1 212 555 0123", "212.555.0123", "2125550123"],
        ),
        ("+85251234567", &["5123 4567", "+852 5123 4567", "51234567", "852-51234567", "00852 51234567"]),
        (
            "+8675512345678",
            &[
                "0755-12345678",
                "(0755)12345678",
                "0755 1234 5678",
                "+86 755 1234 5678",
                "0755/12345678",
                "075512345678",
                "86-0755-12345678",
            ],
        ),
        ("+390612345678", &["06 1234 5678", "+39 06 1234 5678", "0612345678"]),
        ("+79161234567", &["8 (916) 123-45-67", "+7 916 123-45-67", "89161234567"]),
    ];
    for (number, spelt) in table {
        let needles = needles(&[number]);
        for text in *spelt {
            for (encoding, bytes) in encodings(&format!("x,{text},y")) {
                let found = look(&needles, &bytes);
                assert_eq!(found.len(), 1, "{number} {encoding} {text}");
                assert_eq!(found[0].text, *text, "{number} {encoding}");
            }
        }
    }
    let hongkong = needles(&["+85220240601"]);
    assert!(look(&hongkong, b"born 2024-06-01,").is_empty(), "a date is no number");
}

#[test]
fn numbers_in_encodings_and_literals_of_old_programs_are_found() {
    let needles = needles(&[MOBILE]);
    let number = hex::encode("13800138000");
    for bytes in [
        b"Anne,138\xA00013\xA08000,x\n".to_vec(),
        [&encoding_rs::BIG5.encode("王麗,138－0013－8000,女").0[..], b"\n"].concat(),
        format!("b values (1,0x{number},NULL);").into_bytes(),
        format!("b values (1,X'{number}');").into_bytes(),
    ] {
        let found = look(&needles, &bytes);
        assert_eq!(found.len(), 1, "{}", String::from_utf8_lossy(&bytes));
        assert_eq!(found[0].by, MatchedBy::Number);
    }
    assert!(look(&needles, format!("0x{}", hex::encode("13800138001")).as_bytes()).is_empty());
}

#[test]
fn two_in_a_cell_are_both_found() {
    let needles = needles(&[MOBILE, "+8613900139000"]);
    for between in ["/", " ", "、", ";", ",", "\n", "(夫)", " / ", "－", ".", "或"] {
        let found = look(&needles, format!("13800138000{between}13900139000").as_bytes());
        assert_eq!(found.iter().map(|it| it.needle).collect::<Vec<_>>(), [0, 1], "{between}");
    }
}

#[test]
fn a_list_number_before_a_number_is_no_decimal() {
    let needles = needles(&[MOBILE]);
    assert_eq!(look(&needles, b"1.13800138000\n12.13800138000").len(), 2);
    assert!(look(&needles, b"x 12.13800138000").is_empty());
}

#[test]
fn masked_numbers_tell_all_that_fit() {
    let needles = needles(&[MOBILE, "+8613812348000", "+8613812348001", "+8613900138000"]);
    for text in [
        "138****8000",
        "138-XXXX-8000",
        "138…8000",
        "138●●●●8000",
        "+86 138****8000",
        "138***8000",
        "138xxxx8000",
        "138 **** 8000",
    ] {
        for (encoding, bytes) in encodings(&format!("王芳,{text},女\n")) {
            let found = look(&needles, &bytes);
            let said: Vec<_> = found.iter().map(|it| (it.needle, it.by, it.fits, it.hidden)).collect();
            let by = MatchedBy::MaskedNumber;
            assert_eq!(said, [(0, by, 2, 4), (1, by, 2, 4)], "{encoding} {text}");
        }
    }
    assert_eq!(look(&needles, b"1381234****").len(), 2);
    for text in ["138****8009", "138*********8000", "138********", "440301********8000", "*******8000", "138*8000*"] {
        assert!(look(&needles, text.as_bytes()).is_empty(), "{text}");
    }
}

fn people() -> Needles {
    let person = |mother: &str, baby: &str| Person {
        mother_name: Some(mother.into()),
        baby_name: Some(baby.into()),
        birth_date: NaiveDate::from_ymd_opt(2024, 6, 1),
        hospital: Some("深圳市南山人民医院".into()),
        address: Some("广东省深圳市南山区科技园路12号3栋501".into()),
        ..Person::default()
    };
    Needles::of([
        Needle {
            number: Number::from_e164(MOBILE).expect("a number"),
            person: Some(Box::new(person("张伟丽", "李晨宇"))),
        },
        Needle {
            number: Number::from_e164("+8613900139000").expect("a number"),
            person: Some(Box::new(person("王芳", "陈诗雨"))),
        },
    ])
}

#[test]
fn a_person_is_known_without_the_number_by_a_name_and_other_facts() {
    let needles = people();
    let table = [
        ("3,张伟丽,2024-06-01,女,3250", true),
        ("3,張偉麗,2024年6月1日,女,3250", true),
        ("3,Zhang Weili,2024/6/1,F,3250", true),
        ("3,WEILI ZHANG,1 June 2024,F,3250", true),
        ("3,张伟丽,20240601,女,3250", true),
        ("3,李晨宇,45444,女,3250", true),
        ("3,张伟丽,2024-06,深圳市南山人民医院,3250", true),
        ("3,张伟丽,,,南山区科技园路12号3栋501", true),
        ("姓名：张伟丽\n出生日期：2024-06-01\n", true),
        ("3,张伟丽,2024-06-01,女,13911112222", false),
        ("3,张伟丽,2024-06-01,女,139****2222", false),
        ("3,张伟丽,2024-06-01,女,138****8000,3250", false),
        ("3,张伟丽,2024-06-01,13911112222,深圳市南山人民医院", false),
        ("3,张伟丽,2024-06-01,13911112222,南山区科技园路12号3栋501", true),
        ("3,张伟丽,2024-06-01,13911112222,李晨宇", true),
        ("3,张伟丽,2024-06-03,深圳市南山人民医院,3250", false),
        ("3,张伟丽,2024-06-03,,南山区科技园路12号3栋501", false),
        ("张伟丽，2024-06-01出生。客服13911112222", true),
        ("{\"n\":\"张伟丽\",\"d\":\"2024-06-01\"},{\"n\":\"李娜\",\"t\":\"13911112222\"}", true),
        ("3,张伟丽,2024-06-02,女,3250", false),
        ("3,张伟丽,2024-07,深圳市南山人民医院,3250", false),
        ("3,张伟丽华,2024-06-01,女,3250", false),
        ("3,张伟,2024-06-01,女,3250", false),
        ("3,张伟丽,,深圳市南山人民医院,3250", false),
        ("3,张伟丽,,,3250\n4,李娜,2024-06-01,女,3250", false),
        ("张伟丽", false),
    ];
    for (text, wanted) in table {
        for (encoding, bytes) in encodings(&format!("序号,姓名,生日,院,重\n{text}\n")) {
            let found = look(&needles, &bytes);
            // The masked number that fits is what is seen there.
            let said = found.iter().filter(|it| it.by != MatchedBy::MaskedNumber).map(|it| (it.needle, it.by));
            let said: Vec<_> = said.collect();
            assert_eq!(said, vec![(0, MatchedBy::Persona); usize::from(wanted)], "{encoding} {text}");
        }
    }
}

#[test]
fn names_are_counted_row_by_row_but_where_the_number_stands_beside_them() {
    let needles = people();
    let rows = [
        "1,张伟丽,2024-06-02,x,13911112222",
        "2,张伟丽,2024-06-01,x,13800138000",
        "3,李娜,2024-06-01,x,",
        "4,张伟丽,2024-06-05,张伟丽,",
        "5,王芳,2024-06-05,x,",
        "6,张伟丽,,,",
    ];
    let mut finder = Finder::new(&needles);
    let mut found = Vec::new();
    finder.feed(rows.join("\n").as_bytes(), &mut found);
    finder.finish(&mut found);
    let counted = finder.namesakes();
    assert_eq!((counted.rows(0), counted.rows(1)), (3, 1));
    let day = |day: u32| {
        use chrono::Datelike;
        counted.on(NaiveDate::from_ymd_opt(2024, 6, day).expect("a day").num_days_from_ce())
    };
    assert_eq!((day(1), day(5), day(2)), ((1, 4), (2, 4), (1, 4)));
    assert_eq!(counted.in_month(2024 * 12 + 5), (4, 4));
}

#[test]
fn a_baby_called_after_its_mother_is_no_second_name() {
    let person = Person {
        mother_name: Some("张伟丽".into()),
        baby_name: Some("张伟丽之女".into()),
        birth_date: NaiveDate::from_ymd_opt(2024, 6, 1),
        ..Person::default()
    };
    let number = Number::from_e164(MOBILE).expect("a number");
    let needles = Needles::of([Needle { number, person: Some(Box::new(person)) }]);
    let found = look(&needles, "3,张伟丽之女,2024-06-01,女,3250\n".as_bytes());
    assert_eq!((found.len(), found[0].text.as_str()), (1, "张伟丽"));
    assert_eq!(rare_facts(&found[0].facts), 0, "{:?}", found[0].facts);
}

#[test]
fn a_damaged_number_counts_beside_its_person_s_name_only() {
    let needles = people();
    for number in [
        "l38OO138000",
        "138001380O0",
        "1380013800",
        "138001380000",
        "13800138001",
        "13800183000",
        "+86 138 0O13 8000",
        "13B00138000",
    ] {
        let found = look(&needles, format!("3,张伟丽,{number},女,3250\n").as_bytes());
        let said: Vec<_> = found.iter().map(|it| (it.needle, it.by, it.text.as_str())).collect();
        assert_eq!(said, [(0, MatchedBy::DamagedNumber, number.trim_start_matches('+'))]);
        assert!(
            look(&needles, format!("3,王芳,{number},女,3250\n").as_bytes()).is_empty(),
            "{number} beside another name"
        );
    }
    for number in ["13800138099", "1380013", "13900138001"] {
        assert!(look(&needles, format!("3,张伟丽,{number},女,3250\n").as_bytes()).is_empty(), "{number}");
    }
    let whole = look(&needles, "3,张伟丽,2024-06-01,13800138000,女\n".as_bytes());
    assert_eq!(whole.len(), 1, "the number itself says it");
    assert_eq!(whole[0].by, MatchedBy::Number);
}

/// All spellings and near misses in all encodings, one behind the other, with people among them.
fn corpus() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (k, text) in spellings().into_iter().chain(rarer_spellings()).chain(near_misses()).enumerate() {
        let row = format!("{k},张伟丽,2024-06-{:02},{text},备注\n", k % 30 + 1);
        let (_, encoded) = encodings(&row).swap_remove(k % 5);
        bytes.extend(encoded);
    }
    bytes
}

fn sorted(mut found: Vec<Sighting>) -> Vec<Sighting> {
    found.sort_by_key(|it| (it.at, it.needle));
    found
}

#[test]
fn sections_of_a_stream_give_what_the_whole_gives() {
    let needles = people();
    let bytes = corpus().repeat(3);
    let whole = look(&needles, &bytes);
    assert!(whole.len() > 200);
    for sections in [2, 3, 7] {
        let each = bytes.len().div_ceil(sections);
        let (mut all, mut lines) = (Vec::new(), 0);
        for k in 0..sections {
            let (from, to) = (k * each, ((k + 1) * each).min(bytes.len()));
            let mut finder = Finder::over(&needles, from as u64..to as u64);
            let mut found = Vec::new();
            let fed = from.saturating_sub(OVERLAP_BYTES)..(to + OVERLAP_BYTES).min(bytes.len());
            bytes[fed].chunks(10_000).for_each(|block| finder.feed(block, &mut found));
            finder.finish(&mut found);
            all.extend(found.into_iter().map(|it| Sighting { line: it.line + lines, ..it }));
            lines += finder.line_breaks();
        }
        assert_eq!(all.len(), whole.len(), "{sections} sections");
        for (one, other) in sorted(all).iter().zip(&sorted(whole.clone())) {
            assert_eq!(one, other, "{sections} sections");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cut_into_blocks_gives_the_same(sizes in prop::collection::vec(1_usize..9000, 1..40)) {
        let needles = people();
        let bytes = corpus();
        let mut finder = Finder::new(&needles);
        let (mut found, mut at) = (Vec::new(), 0);
        for size in sizes.iter().cycle() {
            let end = (at + size).min(bytes.len());
            finder.feed(&bytes[at..end], &mut found);
            at = end;
            if at == bytes.len() {
                break;
            }
        }
        finder.finish(&mut found);
        prop_assert_eq!(sorted(found), sorted(look(&needles, &bytes)));
    }

    #[test]
    fn the_fast_way_marks_the_same_places_as_the_plain_one(pieces in bytes_of_interest(), from in 0_usize..70) {
        let needles = needles(&[MOBILE, "+447911123456", "+8675512345678"]);
        let from = from.min(pieces.len());
        let words = (pieces.len() - from).div_ceil(WORD_BYTES).min(WORDS_MAX);
        let (mut fast, mut plain): (Box<Places>, Box<Places>) = (Box::new([0; _]), Box::new([0; _]));
        let count = needles.classifier().places(&pieces, from, words, &mut fast);
        let same = needles.classifier().places_plainly(&pieces, from, 0..words, (&mut plain, 0));
        prop_assert_eq!(&fast[..count], &plain[..same]);
    }

    #[test]
    fn nothing_is_turned_away_that_trying_every_place_would_find(pieces in bytes_of_interest()) {
        let needles = needles(&[MOBILE, "+447911123456", "+8675512345678", "+85251234567"]);
        let stretch = Stretch { bytes: &pieces, offset: 0 };
        let mut swept = Vec::new();
        sweep(&needles, stretch, 0..pieces.len(), |start, found| swept.push((start, found)));
        let (mut tried, mut at) = (Vec::new(), 0);
        while at < pieces.len() {
            match try_at(&needles, stretch, at) {
                Some((start, found)) => {
                    at = found.span().end.max(at + 1);
                    tried.push((start, found));
                }
                None => at += 1,
            }
        }
        prop_assert_eq!(&swept, &tried, "{:x?}", String::from_utf8_lossy(&pieces));
    }
}

/// Random bytes among parts of numbers in all encodings.
fn bytes_of_interest() -> impl Strategy<Value = Vec<u8>> {
    let parts: Vec<Vec<u8>> = spellings()
        .iter()
        .chain(&[
            "138".into(),
            "0013".into(),
            "8000".into(),
            "****".into(),
            "86".into(),
            "07911".into(),
            "0755-".into(),
            "12345678".into(),
            "年".into(),
        ])
        .flat_map(|text| encodings(text).into_iter().map(|(_, bytes)| bytes))
        .collect();
    let piece = prop_oneof![
        4 => prop::sample::select(parts),
        2 => prop::collection::vec(any::<u8>(), 0..6),
        1 => prop::collection::vec(prop::sample::select(b" -.()0123456789%&#=\\ux;,\n\0E+*".to_vec()), 0..8),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}
