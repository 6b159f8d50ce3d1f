//! Fixtures of every format, good and broken.

use chrono::TimeZone;

use super::*;
use crate::lang::Speak;

macro_rules! fixture {
    ($name:literal) => {
        &include_bytes!(concat!("../../../tests/fixtures/calls/", $name))[..]
    };
}

fn in_beijing(naive: NaiveDateTime) -> Option<DateTime<Utc>> {
    Some(naive.and_utc() - chrono::TimeDelta::hours(8))
}

fn how() -> Reading<'static> {
    Reading { region: Region::default(), local: &in_beijing, received: None, map: None, year: None, target: None }
}

fn read_as(format: CallFormat, mut bytes: &[u8], how: &Reading<'_>) -> Result<(Vec<RawContact>, Summary), CallError> {
    let mut contacts = Vec::new();
    let summary = read(format, &mut bytes, how, &mut |contact| {
        contacts.push(contact);
        Ok::<(), CallError>(())
    })?;
    Ok((contacts, summary))
}

fn read_all(format: CallFormat, bytes: &[u8]) -> (Vec<RawContact>, Summary) {
    read_as(format, bytes, &how()).expect("a good fixture")
}

fn fault(format: CallFormat, bytes: &[u8]) -> String {
    read_as(format, bytes, &how()).expect_err("a broken fixture").to_string()
}

fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0).single().expect("a test time")
}

fn to(contacts: &[RawContact]) -> Vec<&str> {
    contacts.iter().map(|raw| raw.contact.to.as_str()).collect()
}

fn from(contacts: &[RawContact]) -> Vec<Option<&str>> {
    contacts.iter().map(|raw| raw.contact.from.as_ref().map(Caller::as_str)).collect()
}

#[test]
fn plain_csv_is_read_with_its_quotes_times_and_lengths() {
    let (contacts, summary) = read_all(CallFormat::Csv, fixture!("csv_good.csv"));
    assert_eq!(summary, Summary { contacts: 3, elsewhere: 0, passed_over: 0, undated: 0 });
    assert_eq!(to(&contacts), ["+8613800138000", "+8613800138000", "+8613800138001"]);
    assert_eq!(from(&contacts), [Some("+8613900139000"), None, None]);
    assert_eq!(contacts[0].contact.said.as_deref(), Some("王女士您好,需要满月照吗"));
    let kinds: Vec<ContactKind> = contacts.iter().map(|raw| raw.contact.kind).collect();
    assert_eq!(kinds, [ContactKind::Call, ContactKind::Sms, ContactKind::Call]);
    let times: Vec<DateTime<Utc>> = contacts.iter().map(|raw| raw.contact.at).collect();
    assert_eq!(times, [at(21, 2, 0), at(21, 2, 5), at(21, 2, 10)]);
    assert_eq!(contacts[2].contact.seconds, Some(83));
    assert_eq!(contacts.iter().map(|raw| raw.line).collect::<Vec<_>>(), [2, 3, 5]);
}

#[test]
fn one_contact_has_one_key_whatever_the_order_and_the_quotes() {
    let (good, _) = read_all(CallFormat::Csv, fixture!("csv_good.csv"));
    let (other, _) = read_all(CallFormat::Csv, fixture!("csv_reordered.csv"));
    assert_eq!(other[0].key, good[0].key);
    assert_ne!(other[0].raw_hash, good[0].raw_hash);
    let plain = b"to,at,from\n13800138000,2026-11-21 10:00,8001\n".as_slice();
    let turned = b"from,to,at,note\n\"8001\",\"13800138000\",2026-11-21 10:00,\n".as_slice();
    let later = b"to,at,from\n13800138000,2026-11-21 10:01,8001\n".as_slice();
    let key = |bytes| read_all(CallFormat::Csv, bytes).0[0].key;
    assert_eq!(key(plain), key(turned));
    assert_ne!(key(plain), key(later));
}

#[test]
fn a_name_that_eats_into_the_next_value_is_another_row() {
    assert_ne!(pairs_hash([("a", "b"), ("c", "d")]), pairs_hash([("a", "bc"), ("d", "")]));
    assert_ne!(pairs_hash([("ab", "c")]), pairs_hash([("a", "bc")]));
}

#[test]
fn one_instant_in_two_zones_is_one_contact() {
    let keys = |text: &str| {
        let (contacts, _) = read_all(CallFormat::Csv, text.as_bytes());
        contacts.into_iter().map(|contact| contact.key).collect::<Vec<_>>()
    };
    let head = "to,from,at,kind,seconds,said,desk\n";
    let same = keys(&format!(
        "{head}13800138000,075588886666,2026-11-21T10:00:00+08:00,call,83,,1\n\
         +86 138-0013-8000,0755-8888 6666,2026-11-21T02:00:00Z,来电,1分23秒,,1\n\
         13800138000,075588886666,2026-11-21 10:00:00,call,00:01:23,,1\n"
    ));
    assert!(same.iter().all(|key| *key == same[0]));
    let others = keys(&format!(
        "{head}13800138000,075588886666,2026-11-21T02:00:00Z,call,83,,1\n\
         13800138000,075588886666,2026-11-21T02:00:01Z,call,83,,1\n\
         13800138000,075588886667,2026-11-21T02:00:00Z,call,83,,1\n\
         13800138000,075588886666,2026-11-21T02:00:00Z,call,83,满月照,1\n\
         13800138000,075588886666,2026-11-21T02:00:00Z,call,83,,2\n"
    ));
    assert!((1..others.len()).all(|at| !others[..at].contains(&others[at])));
}

#[test]
fn broken_plain_csv_names_line_and_column() {
    let csv = CallFormat::Csv;
    assert_eq!(fault(csv, fixture!("csv_bad_time.csv")), "line 3, column `at`: this is not a time");
    assert_eq!(fault(csv, fixture!("csv_bad_number.csv")), "line 2, column `to`: this is not a valid phone number");
    assert_eq!(fault(csv, fixture!("csv_open_quote.csv")), "line 2: the record that begins here has no end");
    assert_eq!(fault(csv, fixture!("csv_no_at.csv")), "there is no column `at`");
    assert_eq!(fault(csv, fixture!("csv_stray_comma.csv")), "line 2: more cells than the header has columns");
    assert_eq!(
        fault(csv, b"to,at,kind\n13800138000,2026-11-21 10:00,fax\n"),
        "line 2, column `kind`: this is not a kind of contact"
    );
    assert_eq!(
        fault(csv, b"to,at,seconds\n13800138000,2026-11-21 10:00,long\n"),
        "line 2, column `seconds`: this is not a length of time"
    );
    assert_eq!(fault(csv, b"to,at\n,2026-11-21 10:00\n"), "line 2, column `to`: nothing stands here");
}

#[test]
fn an_hour_that_the_clocks_skipped_is_refused() {
    let how = Reading { local: &|_| None, ..how() };
    let read = read_as(CallFormat::Csv, b"to,at\n13800138000,2026-03-29 02:30\n", &how);
    assert_eq!(read.expect_err("no such hour").to_string(), "line 2, column `at`: the clocks skipped this hour");
}

#[test]
fn asterisk_is_read_with_and_without_a_header() {
    let (contacts, summary) = read_all(CallFormat::Asterisk, fixture!("asterisk_good.csv"));
    assert_eq!(summary, Summary { contacts: 2, elsewhere: 1, passed_over: 0, undated: 0 });
    assert_eq!(to(&contacts), ["+8613800138000", "+8613800138001"]);
    assert_eq!(from(&contacts), [Some("+8613900139000"), None]);
    assert_eq!(contacts[1].contact.seconds, Some(27));
    assert_eq!(contacts[0].contact.at, at(21, 2, 0));
    let (headed, _) = read_all(CallFormat::Asterisk, fixture!("asterisk_header.csv"));
    assert_eq!((headed.len(), headed[0].key), (1, contacts[0].key));
    let broken = fault(CallFormat::Asterisk, fixture!("asterisk_bad_start.csv"));
    assert_eq!(broken, "line 2, column `start`: this is not a time");
}

#[test]
fn freeswitch_is_read_from_lines_an_array_and_csv() {
    let (contacts, summary) = read_all(CallFormat::Freeswitch, fixture!("freeswitch_good.json"));
    assert_eq!(summary, Summary { contacts: 2, elsewhere: 0, passed_over: 1, undated: 0 });
    assert_eq!(to(&contacts), ["+8613800138000", "+8613800138001"]);
    assert_eq!(from(&contacts), [Some("+8613900139000"); 2]);
    assert_eq!(contacts[0].contact.at, at(21, 2, 0));
    let (array, _) = read_all(CallFormat::Freeswitch, fixture!("freeswitch_array.json"));
    let keys = |contacts: &[RawContact]| contacts.iter().map(|raw| raw.key).collect::<Vec<_>>();
    assert_eq!(keys(&array), keys(&contacts));
    let (table, _) = read_all(CallFormat::Freeswitch, fixture!("freeswitch_good.csv"));
    assert_eq!((table[0].key, table[0].contact.at), (contacts[0].key, contacts[0].contact.at));
    let broken = fault(CallFormat::Freeswitch, fixture!("freeswitch_no_epoch.json"));
    assert_eq!(broken, "line 2, column `variables.start_epoch`: nothing stands here");
    assert_eq!(
        fault(CallFormat::Freeswitch, fixture!("freeswitch_cut_off.json")),
        "line 2: the record that begins here has no end"
    );
}

#[test]
fn kamailio_is_read_from_its_hook_its_hits_and_its_accounts() {
    let (contacts, summary) = read_all(CallFormat::Kamailio, fixture!("kamailio_good.log"));
    assert_eq!(summary, Summary { contacts: 4, elsewhere: 0, passed_over: 2, undated: 0 });
    assert_eq!(to(&contacts), ["+8613800138000", "+8613800138001", "+8613800138002", "+8613800138003"]);
    assert_eq!(from(&contacts), [Some("+8613900139000"); 4]);
    assert_eq!(contacts[1].contact.kind, ContactKind::Sms);
    assert_eq!(contacts[1].contact.said.as_deref(), Some("满月照 \"八折\""));
    assert_eq!(contacts[2].diverted_from.as_ref().map(Number::as_str), Some("+8613800138002"));
    assert_eq!(contacts[3].contact.at, at(21, 2, 3));
    assert_eq!(fault(CallFormat::Kamailio, fixture!("kamailio_no_ts.log")), "line 2, column `ts`: nothing stands here");
    assert_eq!(fault(CallFormat::Kamailio, fixture!("kamailio_broken.log")), "line 2: the record is not JSON");
}

#[test]
fn twilio_is_read_from_logs_and_webhooks() {
    let (calls, summary) = read_all(CallFormat::Twilio, fixture!("twilio_calls.csv"));
    assert_eq!(summary, Summary { contacts: 2, elsewhere: 0, passed_over: 1, undated: 0 });
    assert_eq!(from(&calls), [Some("+8613900139000"), None]);
    assert_eq!((calls[0].contact.at, calls[1].contact.at), (at(21, 2, 0), at(21, 2, 1)));
    let (messages, summary) = read_all(CallFormat::Twilio, fixture!("twilio_messages.json"));
    assert_eq!((messages.len(), summary.passed_over), (1, 1));
    assert_eq!(messages[0].contact.kind, ContactKind::Sms);
    assert_eq!(messages[0].contact.said.as_deref(), Some("满月照八折"));
    let how = Reading { received: Some(at(21, 3, 0)), ..how() };
    let (bodies, summary) = read_as(CallFormat::Twilio, fixture!("twilio_webhooks.txt"), &how).expect("a good fixture");
    assert_eq!((bodies.len(), summary.undated), (2, 2));
    let later = Reading { received: Some(at(22, 9, 0)), ..how };
    let (again, _) = read_as(CallFormat::Twilio, fixture!("twilio_webhooks.txt"), &later).expect("a good fixture");
    assert!(
        again.iter().zip(&bodies).all(|(later, first)| later.key == first.key),
        "the time of import is no part of it"
    );
    assert_eq!(bodies[0].key, calls[0].key);
    assert_eq!(bodies[1].contact.said.as_deref(), Some("满月照 50%"));
    assert_eq!(bodies[1].contact.at, at(21, 3, 0));
    let broken = fault(CallFormat::Twilio, fixture!("twilio_bad_time.csv"));
    assert_eq!(broken, "line 2, column `Start Time`: this is not a time");
    let broken = fault(CallFormat::Twilio, fixture!("twilio_webhooks.txt"));
    assert_eq!(broken, "line 1, column `Start Time`: nothing stands here");
}

#[test]
fn a_bill_gives_its_incoming_rows_in_beijing_time() {
    let (contacts, summary) = read_all(CallFormat::Carrier, fixture!("carrier_gbk.csv"));
    assert_eq!(summary.contacts, 3);
    assert_eq!(to(&contacts), ["+8613800138000"; 3]);
    assert_eq!(from(&contacts), [Some("+8613900139000"), Some("138****8009"), Some("10690000000000")]);
    assert_eq!((contacts[0].contact.at, contacts[0].contact.seconds), (at(21, 2, 0), Some(83)));
    assert_eq!((contacts[2].contact.at, contacts[2].contact.kind), (at(22, 0, 0), ContactKind::Sms));
    let broken = fault(CallFormat::Carrier, fixture!("carrier_bad_time.csv"));
    assert_eq!(broken, "line 7, column `at`: this is not a time");
}

#[test]
fn a_word_that_tells_no_way_stops_the_bill_unless_the_map_tells_it() {
    let bill = |word: &str| {
        format!("手机号码:13800138000,,\n起始时间,通信方式,对方号码\n2026-11-21 10:00:00,{word},13900139000\n合计,1,\n")
    };
    let read = |word: &str, map: Option<&str>| {
        read_as(CallFormat::Carrier, bill(word).as_bytes(), &Reading { map, ..how() })
            .map(|(contacts, _)| contacts.len())
    };
    for (word, contacts) in [("来话", 1), ("呼叫转移", 1), ("Incoming", 1), ("IN", 1), ("MT", 1), ("短信收", 1)]
    {
        assert_eq!(read(word, None).ok(), Some(contacts), "{word}");
    }
    for word in ["主叫", "Outgoing", "MO", "短信发", ""] {
        assert_eq!(read(word, None).ok(), Some(0), "{word}");
    }
    let doubt = read("彩铃", None).expect_err("neither in nor out");
    assert!(matches!(doubt, CallError::Direction { line: 3 }), "{doubt}");
    assert_eq!(read("彩铃", Some("incoming = \"彩铃\"")).ok(), Some(1));
    assert_eq!(read("彩铃", Some("incoming = \"被叫\"")).ok(), Some(0));
}

#[test]
fn an_id_is_one_contact_only_with_its_number_and_time() {
    let key = |row: &str| read_all(CallFormat::Csv, format!("id,to,at,said\n{row}\n").as_bytes()).0[0].key;
    let first = key("1,13800138000,2026-11-21 10:00,");
    assert_eq!(first, key("1,+86 138 0013 8000,2026-11-21T02:00:00Z,满月照"));
    assert_ne!(first, key("1,13800138001,2026-11-21 10:00,"));
    assert_ne!(first, key("1,13800138000,2026-11-22 10:00,"));
}

#[test]
fn extensions_and_short_numbers_are_not_ours_and_no_error() {
    let text = "to,at,seconds\n8001,2026-11-21 10:00,12.5\n95588,2026-11-21 10:00,\n13800138000,2026-11-21 10:00,7.9\n";
    let (contacts, summary) = read_all(CallFormat::Csv, text.as_bytes());
    assert_eq!((contacts.len(), summary.elsewhere, contacts[0].contact.seconds), (1, 2, Some(7)));
    for wrong in ["1380013800", "abc", "138001380000"] {
        let fault = fault(CallFormat::Csv, format!("to,at\n{wrong},2026-11-21 10:00\n").as_bytes());
        assert_eq!(fault, "line 2, column `to`: this is not a valid phone number", "{wrong}");
    }
}

#[test]
fn calls_and_messages_of_one_export_are_all_read() {
    let record = |sid: &str, time: &str| {
        format!("{{\"sid\":\"{sid}\",\"to\":\"+8613800138000\",\"{time}\":\"2026-11-21T02:00:00Z\"}}")
    };
    let both = format!("{{\"calls\":[{}],\"messages\":[{}]}}", record("CA1", "start_time"), record("SM1", "date_sent"));
    assert_eq!(read_all(CallFormat::Twilio, both.as_bytes()).0.len(), 2);
    let late = format!("{{\"calls\":[],\"messages\":[{}]}}", record("SM1", "date_sent"));
    assert_eq!(read_all(CallFormat::Twilio, late.as_bytes()).0.len(), 1);
}

#[test]
fn a_log_without_a_single_request_is_another_file() {
    let table = fixture!("csv_good.csv");
    assert_eq!(fault(CallFormat::Kamailio, table), "no line of the log tells of a request");
}

#[test]
fn a_bill_is_read_with_a_column_map() {
    let map = std::str::from_utf8(fixture!("carrier_map.toml")).expect("a map is text");
    let how = Reading { map: Some(map), ..how() };
    let (contacts, summary) =
        read_as(CallFormat::Carrier, fixture!("carrier_mapped.csv"), &how).expect("a good fixture");
    assert_eq!((contacts.len(), summary.passed_over), (1, 1));
    assert_eq!(to(&contacts), ["+8613800138000"]);
    let unmapped = fault(CallFormat::Carrier, fixture!("carrier_mapped.csv"));
    assert!(unmapped.starts_with("there is no column"), "{unmapped}");
    let how = Reading { map: Some("frm = \"who\""), ..how };
    assert!(matches!(read_as(CallFormat::Carrier, b"a", &how), Err(CallError::Map { .. })));
}

#[test]
fn the_year_of_a_bill_comes_from_its_titles_or_from_whoever_asks() {
    let bill = |title: &str| {
        format!(
            "{title}\n起始时间,通信方式,对方号码\n12-31 23:00:00,被叫,13900139000\n01-01 10:00:00,被叫,13900139000\n"
        )
    };
    let years = |title: &str, how: &Reading<'_>| {
        let read = read_as(CallFormat::Carrier, bill(title).as_bytes(), how);
        read.map(|(contacts, _)| contacts.iter().map(|raw| raw.contact.at.format("%Y").to_string()).collect::<Vec<_>>())
    };
    let over_new_year = years("本机号码:13800138000 2026-12-15至2027-01-14", &how());
    assert_eq!(over_new_year.ok(), Some(vec!["2026".to_string(), "2027".to_string()]));
    let told = Reading { year: Some(2025), target: Number::from_e164("+8613800138001").ok(), ..how() };
    assert_eq!(years("详单", &told).ok(), Some(vec!["2025".to_string(); 2]));
    let nobody = years("详单", &Reading { target: None, ..told }).expect_err("whose bill");
    assert!(matches!(nobody, CallError::NoTarget));
    let no_year = years("本机号码:13800138000", &how()).expect_err("no year");
    assert_eq!(no_year.to_string(), "line 3, column `at`: the time has no year");
}

#[test]
fn every_format_refuses_what_is_no_call_record() {
    let jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\xff\xff";
    for format in CallFormat::ALL {
        assert_eq!(format.word().parse(), Ok(format));
        let fault = read_as(format, jpeg, &how()).expect_err("a picture");
        assert!(matches!(fault, CallError::NotText { .. }), "{format:?} {fault}");
        assert!(fault.hint().is_some() && !fault.zh().is_empty());
    }
    for format in
        [CallFormat::Csv, CallFormat::Asterisk, CallFormat::Freeswitch, CallFormat::Twilio, CallFormat::Carrier]
    {
        assert!(matches!(read_as(format, b"", &how()), Err(CallError::Empty)), "{format:?}");
    }
    assert!("excel".parse::<CallFormat>().is_err());
}

#[test]
fn a_quote_that_never_closes_does_not_eat_the_memory() {
    let mut bytes = b"to,at,said\n13800138000,2026-11-21 10:00,\"".to_vec();
    bytes.resize(text::RECORD_BYTES_MAX * 2, b'x');
    assert!(matches!(read_as(CallFormat::Csv, &bytes, &how()), Err(CallError::TooLong { .. })));
}

#[test]
fn errors_never_repeat_a_row() {
    let fault = read_as(CallFormat::Csv, b"to,at,said\n13800138000,secret,secret\n", &how()).expect_err("no time");
    assert!(!format!("{fault}{}", fault.zh()).contains("secret"));
}

#[test]
fn whoever_takes_the_contacts_can_stop_the_reading() {
    #[derive(Debug)]
    enum Stopped {
        Full,
        Calls,
    }
    impl From<CallError> for Stopped {
        fn from(_: CallError) -> Stopped {
            Stopped::Calls
        }
    }
    let mut bytes = fixture!("csv_good.csv");
    let mut taken = 0;
    let read = read(CallFormat::Csv, &mut bytes, &how(), &mut |_| {
        taken += 1;
        Err(Stopped::Full)
    });
    assert!(matches!(read, Err(Stopped::Full)));
    assert_eq!(taken, 1);
}
