//! Locked ledgers: the planting machine adds and cannot read back, the investigator reads and is put on record, a thief finds nothing.
//!
//! The thief's search is tried on an open ledger too, where it must find what it looks for.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::process::{Child, Stdio};

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

use crate::lists::Shape;
use crate::stage::{Told, pool};
use crate::world::{Fixed, all, count, text};

pub const HOLDERS: [(&str, &str); 2] =
    [("shenzhen-fuyou", "深圳市妇幼保健院"), ("futian-district", "福田区卫生健康局")];

/// A world whose ledger is locked to an investigator, and the file with the investigator's identity.
pub struct Locked {
    pub world: Fixed,
    identity: String,
}

/// Makes an identity; gives its file and the public key.
fn identity(world: &Fixed, name: &str) -> (String, String) {
    let made = Identity::generate();
    let file = format!("# created: today\n{}\n", made.to_string().expose_secret());
    (world.write(&format!("elsewhere/{name}"), file), made.to_public().to_string())
}

fn people(world: &Fixed) {
    for (id, name) in HOLDERS {
        world.done(&["holder", "add", id, "--name", name, "--kind", "hospital"]);
    }
    world.done(&["flow", "add", HOLDERS[0].0, HOLDERS[1].0, "--share", "0.5"]);
}

/// Writes a list and gives its path.
pub fn births(world: &Fixed) -> String {
    world.write("births.csv", Shape { rows: 80, ..Shape::default() }.bytes())
}

impl Locked {
    /// Makes it, with so many free numbers.
    pub fn ready(numbers: usize) -> Locked {
        let world = Fixed::bare();
        let (identity, public) = identity(&world, "investigator.txt");
        world.done(&["init", "--investigator", &public]);
        people(&world);
        world.add_numbers(numbers);
        Locked { world, identity }
    }

    /// Plants; gives the rows of the copy that the list does not have.
    pub fn plant(&self, to: &str, canaries: usize, output: &str) -> Vec<String> {
        let list = births(&self.world);
        let canaries = canaries.to_string();
        self.world.done(&["plant", &list, "--to", to, "--count", &canaries, "-o", &self.world.arg(output)]);
        self.new_rows(output)
    }

    fn new_rows(&self, output: &str) -> Vec<String> {
        new_rows(&self.world, output)
    }

    /// Adds to a command what unlocks the ledger.
    pub fn unlocked<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        args.iter().copied().chain(["--identity", &self.identity, "--as", "Inspector Li", "--case", "case 7"]).collect()
    }

    /// Counts the looks on record.
    pub fn lookups(&self) -> usize {
        let is_lookup = |body: &Vec<u8>| String::from_utf8_lossy(body).contains("\nkind lookup\n");
        self.world.entries().iter().filter(|body| is_lookup(body)).count()
    }
}

/// Gives the rows of a copy that the list does not have; the first column counts them in both.
fn new_rows(world: &Fixed, output: &str) -> Vec<String> {
    let read = |name: &str| fs::read_to_string(world.at(name)).unwrap();
    let rest = |line: &str| line.split_once(',').map_or(String::new(), |(_, rest)| rest.to_string());
    let known: BTreeSet<String> = read("births.csv").lines().map(rest).collect();
    read(output).lines().filter(|line| !known.contains(&rest(line))).map(str::to_string).collect()
}

/// Gives the first number of the pool in a row.
pub fn number_in(row: &str) -> String {
    pool(400).find(|number| row.contains(number.as_str())).unwrap_or_else(|| panic!("no number of ours in {row}"))
}

/// Everything that a thief looks for, in every form that is searched.
struct Search {
    needles: Vec<(String, Vec<u8>)>,
}

impl Search {
    fn of(words: &[String]) -> Search {
        let mut needles = Vec::new();
        for word in words {
            let utf16: Vec<u16> = word.encode_utf16().collect();
            let raw = [
                word.as_bytes().to_vec(),
                utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
                utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            ];
            for bytes in raw {
                needles.push((word.clone(), hex::encode(&bytes).into_bytes()));
                needles.push((word.clone(), hex::encode_upper(&bytes).into_bytes()));
                for before in 0..3 {
                    // The digits at both ends also depend on what stands beside.
                    let text = STANDARD_NO_PAD.encode([vec![0; before], bytes.clone()].concat());
                    let (from, to) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
                    needles.push((word.clone(), text.as_bytes()[from..to].to_vec()));
                }
                needles.push((word.clone(), bytes));
            }
        }
        // Shorter ones stand in any noise.
        needles.retain(|(_, bytes)| bytes.len() >= 6);
        Search { needles }
    }

    /// Gives the words that are found in the bytes, or in anything packed in them.
    fn found(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut found = self.found_in(bytes);
        for at in 0..bytes.len().saturating_sub(2) {
            let (first, second) = (u32::from(bytes[at]), u32::from(bytes[at + 1]));
            if first & 15 == 8 && (first * 256 + second) % 31 == 0 {
                let mut plain = Vec::new();
                let read = flate2::read::ZlibDecoder::new(&bytes[at..]).take(1 << 20).read_to_end(&mut plain);
                if read.is_ok() || !plain.is_empty() {
                    found.extend(self.found_in(&plain));
                }
            }
        }
        found
    }

    fn found_in(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let holds = |needle: &[u8]| memchr::memmem::find(bytes, needle).is_some();
        self.needles.iter().filter(|(_, needle)| holds(needle)).map(|(word, _)| word.as_str()).collect()
    }
}

/// Plays a story of planting, calls, seals and backups; gives all bytes that a thief of the ledger has, and what he looks for.
fn stolen(world: &Fixed) -> (Vec<(String, Vec<u8>)>, Search) {
    let mut logs = String::new();
    let mut run = |args: &[&str]| {
        let args: Vec<&str> = args.iter().copied().chain(["-v"]).collect();
        let told = world.run(&args);
        assert_eq!(told.code, Some(0), "{args:?}\n{}{}", told.out, told.err);
        logs += &told.err;
    };
    let keep_open = world.ledger();
    keep_open.query_row("SELECT count(*) FROM head", [], |row| row.get::<_, i64>(0)).unwrap();
    let list = births(world);
    let book = world.write("births.xlsx", include_bytes!("../../src/cli/demo_lists/daily.xlsx"));
    run(&["plant", &list, "--to", HOLDERS[0].0, "--count", "6", "-o", &world.arg("a.csv")]);
    run(&["plant", &book, "--to", HOLDERS[1].0, "--count", "2", "-o", &world.arg("b.xlsx")]);
    run(&["mint", "--to", HOLDERS[1].0, "--count", "3", "-o", &world.arg("c.csv")]);
    run(&["number", "trap", "--count", "2"]);
    run(&["number", "control", "--count", "2"]);
    let known = fs::read_to_string(&list).unwrap();
    let canaries = new_rows(world, "a.csv");
    let minted = fs::read_to_string(world.at("c.csv")).unwrap();
    let called = number_in(&canaries[0]);
    let calls = world
        .write("calls.csv", format!("to,from,at,said\n{called},075588880001,2026-11-22 10:00:00,王女士您好宝宝照\n"));
    run(&["hit", "import", &calls]);
    run(&["hit", "add", "--to", &called, "--from", "0755-8888 0002", "--said", "恭喜宝宝满月照优惠"]);
    run(&["seal"]);
    run(&["receipt", "request", "P-000001", "-o", &world.arg("receipt")]);
    run(&["backup", &world.arg("backup.db")]);
    let mut files = vec![("the log".to_string(), logs.into_bytes())];
    for name in ["canaries.db", "canaries.db-wal", "canaries.db-shm", "backup.db"] {
        files.push((name.to_string(), fs::read(world.at(name)).unwrap()));
    }
    let mut words: Vec<String> = pool(60).collect();
    words.extend(HOLDERS.iter().flat_map(|(id, name)| [id.to_string(), name.to_string()]));
    words.extend(["075588880001", "75588880002", "王女士您好宝宝照", "恭喜宝宝满月照优惠"].map(str::to_string));
    // Names, addresses and all else that was made up; what real rows have too tells nothing.
    for line in canaries.iter().map(String::as_str).chain(minted.lines().skip(1)) {
        words.extend(line.split(',').map(str::to_string).filter(|cell| {
            let is_text = cell.chars().any(|c| ('一'..='龥').contains(&c));
            is_text && cell.chars().count() >= 2 && !known.contains(cell.as_str())
        }));
    }
    (files, Search::of(&words))
}

#[test]
fn a_thief_of_a_locked_ledger_finds_no_number_no_name_and_no_holder() {
    let Locked { world, .. } = Locked::ready(60);
    let (files, search) = stolen(&world);
    for (name, bytes) in &files {
        assert!(!bytes.is_empty(), "{name} is empty");
        assert_eq!(search.found(bytes), BTreeSet::new(), "{name}");
    }
    world.verified();
}

#[test]
fn the_same_search_finds_everything_in_an_open_ledger() {
    let world = Fixed::bare();
    world.done(&["init"]);
    people(&world);
    world.add_numbers(60);
    let (files, search) = stolen(&world);
    let all: BTreeSet<&str> = files.iter().flat_map(|(_, bytes)| search.found(bytes)).collect();
    for word in pool(60).chain(HOLDERS.iter().flat_map(|(id, name)| [id.to_string(), name.to_string()])) {
        assert!(all.contains(word.as_str()), "{word} is not found");
    }
    assert!(all.len() > 70, "only {} words are found", all.len());
}

#[test]
fn packed_and_encoded_words_are_found_by_the_search() {
    let search = Search::of(&["13800138000".to_string()]);
    let utf16: Vec<u8> = "x13800138000".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut packed = flate2::write::ZlibEncoder::new(b"noise".to_vec(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, b"call 13800138000 now").unwrap();
    let base64 = |text: &str| STANDARD_NO_PAD.encode(text).into_bytes();
    for hidden in [
        utf16,
        packed.finish().unwrap(),
        base64("13800138000!"),
        base64("+13800138000!"),
        base64("++13800138000"),
        hex::encode("13800138000").into_bytes(),
    ] {
        assert_eq!(search.found(&hidden).len(), 1, "{hidden:?}");
    }
}

#[test]
fn the_whole_story_on_a_locked_ledger() {
    let locked = Locked::ready(80);
    let world = &locked.world;
    let rows = locked.plant(HOLDERS[0].0, 5, "a.csv");
    assert!(rows.len() >= 5);
    let number = number_in(&rows[0]);
    locked.plant(HOLDERS[1].0, 4, "b.csv");
    world.done(&["seal"]);
    world.pass_days(20);
    let name = rows[0].split(',').find(|cell| cell.chars().all(|c| ('一'..='龥').contains(&c))).unwrap();
    let said = format!("{name}您好，恭喜宝宝出生，来拍满月照吧");
    let calls =
        world.write("calls.csv", format!("to,from,at,said\n{number},057188880000,2026-12-01 10:00:00,{said}\n"));
    let import = || world.json(&["hit", "import", &calls]);
    assert_eq!(import()["kept"], 1);
    assert_eq!(import()["known"], 1, "a contact that cannot be read is known again");
    let canary = serde_json::from_str::<Value>(&world.done(&locked.unlocked(&["--json", "trace", &number]))).unwrap();
    assert_eq!(text(&canary["canary"], "holder"), HOLDERS[0].0);
    assert_eq!(all(&canary, "hits").len(), 1);
    assert_eq!(locked.lookups(), 1);
    let hits = world.done(&locked.unlocked(&["hit", "list"]));
    assert!(hits.contains(&number) && hits.contains(HOLDERS[0].0), "{hits}");
    assert!(world.done(&locked.unlocked(&["number", "list"])).contains("planted"));
    assert!(world.done(&locked.unlocked(&["holder", "show", HOLDERS[0].0])).contains("P-000001"));
    let scanned = world.done(&locked.unlocked(&["scan", &world.arg("a.csv")]));
    assert!(scanned.contains(HOLDERS[0].0), "{scanned}");
    let package = world.arg("evidence");
    world.done(&locked.unlocked(&["report", &number, "-o", &package]));
    assert_eq!(locked.lookups(), 6);
    let script = std::process::Command::new("sh").arg("verify.sh").current_dir(&package).output().unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stdout));
    world.done(&["verify", &package]);
    world.done(&["backup", &world.arg("backup.db")]);
    for db in ["canaries.db", "backup.db"] {
        let checked: Value = serde_json::from_str(&world.done(&["--db", &world.arg(db), "--json", "verify"])).unwrap();
        assert!(checked["ok"] == true && count(&checked, "unopened") > 0, "{checked}");
        let db = world.arg(db);
        let args = locked.unlocked(&["--db", &db, "--json", "verify"]);
        let checked: Value = serde_json::from_str(&world.done(&args)).unwrap();
        assert!(checked["ok"] == true && checked.get("unopened").is_none(), "{checked}");
    }
    let clean = world.arg("clean.csv");
    world.done(&["strip", &world.arg("a.csv"), "-o", &clean]);
    assert!(fs::read(clean).unwrap() == fs::read(world.at("births.csv")).unwrap(), "the list does not come back");
}

#[test]
fn without_the_identity_or_with_a_wrong_one_nothing_is_shown() {
    let locked = Locked::ready(60);
    let world = &locked.world;
    let number = number_in(&locked.plant(HOLDERS[0].0, 3, "a.csv")[0]);
    let (wrong, _) = identity(world, "somebody.txt");
    let (list, package) = (world.arg("a.csv"), world.arg("package"));
    let looks: [&[&str]; 8] = [
        &["trace"],
        &["trace", &number],
        &["hit", "list"],
        &["number", "list"],
        &["holder", "show", HOLDERS[0].0],
        &["scan", &list],
        &["report", &number, "-o", &package],
        &["plan"],
    ];
    for look in looks {
        world.refused(look).says("locked").says("--identity");
        let wrongly: Vec<&str> = look.iter().copied().chain(["--identity", &wrong]).collect();
        world.refused(&wrongly).names("somebody.txt");
    }
    assert_eq!(locked.lookups(), 0);
    assert_eq!(
        serde_json::from_str::<Value>(&world.done(&["--json", "hit", "add", "--to", &number])).unwrap()["kept"],
        true
    );
    let listed = world.run(&["--json", "mint", "--to", HOLDERS[0].0, "--count", "1"]);
    assert_eq!(listed.code, Some(2), "{}", listed.out);
    // Not even what only the planting machine may read, without its key.
    fs::rename(world.at("canaries.key"), world.at("elsewhere/canaries.key")).unwrap();
    world.refused(&["holder", "list"]).names("canaries.key");
    world.verified();
    assert!(world.done(&locked.unlocked(&["trace", &number])).contains(HOLDERS[0].0));
}

#[test]
fn a_look_that_cannot_be_put_on_record_shows_nothing() {
    let locked = Locked::ready(60);
    let world = &locked.world;
    let number = number_in(&locked.plant(HOLDERS[0].0, 2, "a.csv")[0]);
    world
        .ledger()
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'x'); END")
        .unwrap();
    let told = world.run(&locked.unlocked(&["trace", &number]));
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{}", told.err);
    assert!(!told.err.contains(HOLDERS[0].0), "{}", told.err);
}

#[test]
fn a_list_with_the_columns_of_an_earlier_one_is_refused_unless_it_can_be_read_or_is_another() {
    let locked = Locked::ready(120);
    let world = &locked.world;
    locked.plant(HOLDERS[0].0, 3, "a.csv");
    let whole = Shape { rows: 120, ..Shape::default() }.bytes();
    let list = world.write("december.csv", whole);
    let (out, other) = (world.arg("december-out.csv"), world.arg("other.csv"));
    let plant = ["plant", &list, "--to", HOLDERS[0].0, "--count", "3", "-o", &out];
    world.refused(&plant).names("december.csv");
    let kept: Value =
        serde_json::from_str(&world.done(&locked.unlocked(&[&["--json"][..], &plant[..]].concat()))).unwrap();
    assert_eq!((count(&kept, "kept"), &kept["canaries"]), (3, &Value::Null));
    world.done(&["plant", &list, "--to", HOLDERS[0].0, "--count", "3", "-o", &other, "--unrelated"]);
    world.verified();
}

#[test]
fn a_number_met_unread_is_told_of_by_the_investigator() {
    let locked = Locked::ready(120);
    let world = &locked.world;
    let number = number_in(&locked.plant(HOLDERS[0].0, 3, "a.csv")[0]);
    let args =
        ["--json", "plant", &world.arg("a.csv"), "--to", HOLDERS[1].0, "--count", "2", "-o", &world.arg("b.csv")];
    let planted: Value = serde_json::from_str(&world.done(&args)).unwrap();
    assert_eq!(count(&planted, "carried"), 3);
    let traced: Value = serde_json::from_str(&world.done(&locked.unlocked(&["--json", "trace", &number]))).unwrap();
    assert_eq!(text(&traced["canary"], "holder"), HOLDERS[0].0);
    assert_eq!(text(&all(&traced["canary"], "received")[0], "holder"), HOLDERS[1].0, "{traced}");
}

#[test]
fn planters_of_a_locked_ledger_at_once_give_no_number_twice() {
    let locked = Locked::ready(70);
    let world = &locked.world;
    let list = births(world);
    let start = |at: usize| -> Child {
        let output = world.arg(&format!("out-{at}/copy.csv"));
        fs::create_dir_all(world.at(&format!("out-{at}"))).unwrap();
        let args = ["plant", &list, "--to", HOLDERS[at % 2].0, "--count", "8", "-o", &output, "--unrelated"];
        world.program(&args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let running: Vec<Child> = (0..4).map(start).collect();
    for child in running {
        let told = Told::from(child.wait_with_output().unwrap());
        assert_eq!(told.code, Some(0), "{}{}", told.out, told.err);
    }
    let mut seen = BTreeSet::new();
    for at in 0..4 {
        let rows = locked.new_rows(&format!("out-{at}/copy.csv"));
        for number in pool(70).filter(|number| rows.iter().any(|row| row.contains(number.as_str()))) {
            assert!(seen.insert(number.clone()), "{number} was given twice");
        }
    }
    assert!(seen.len() >= 32, "{}", seen.len());
    world.done(&locked.unlocked(&["verify"]));
}

#[test]
fn a_planting_that_was_killed_is_ended_with_the_planters_key_alone() {
    let locked = Locked::ready(200);
    let world = &locked.world;
    let list = births(world);
    for (round, wait_ms) in [0, 8, 16, 24, 32, 40, 55, 70].into_iter().enumerate() {
        let output = world.arg(&format!("copy-{round}.csv"));
        let args = ["plant", &list, "--to", HOLDERS[0].0, "--count", "4", "-o", &output, "--unrelated"];
        let mut child = world.program(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait_ms));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    world.done(&["plant", &list, "--to", HOLDERS[0].0, "--count", "4", "-o", &world.arg("last.csv"), "--unrelated"]);
    assert!(world.files().iter().all(|path| path.extension().is_none_or(|end| end != "tmp")));
    let shown: Value =
        serde_json::from_str(&world.done(&locked.unlocked(&["--json", "holder", "show", HOLDERS[0].0]))).unwrap();
    for planting in all(&shown, "plantings") {
        let is_there = fs::exists(text(planting, "output")).unwrap();
        assert_eq!(text(planting, "state") == "planted", is_there, "{planting}");
    }
    world.done(&locked.unlocked(&["verify"]));
}

#[test]
fn a_ledger_is_locked_to_public_keys_only() {
    let world = Fixed::bare();
    let secret = Identity::generate().to_string();
    for text in ["age1", "ssh-ed25519 AAAA", "-"] {
        let refusal = world.refused(&["init", "--investigator", text]);
        refusal.says("public key of age");
    }
    let refused = world.refused(&["init", "--investigator", secret.expose_secret()]);
    assert!(!refused.en.contains(secret.expose_secret()), "a secret is not repeated");
}

#[test]
fn a_call_to_a_trap_says_that_the_ledger_was_read_and_names_nobody() {
    let world = Fixed::ready(&["szfy"], 40);
    let list = births(&world);
    world.done(&["plant", &list, "--to", "szfy", "--count", "5", "-o", &world.arg("a.csv")]);
    assert_eq!(world.done(&["number", "trap", "--count", "2"]), "2 traps set\n");
    let traps = world.json(&["number", "list", "--state", "trap"]);
    let traps: Vec<&str> = traps.as_array().unwrap().iter().map(|row| text(row, "number")).collect();
    assert_eq!(traps.len(), 2);
    let quiet = world.done(&["trace", traps[0]]);
    assert!(quiet.contains("is a trap") && !quiet.contains("has read"), "{quiet}");
    world.done(&["hit", "add", "--to", traps[0], "--from", "057188880000", "--said", "宝宝满月照"]);
    for args in [vec!["trace", traps[0]], vec!["trace"]] {
        let told = world.done(&args);
        assert!(told.contains("has read the ledger") && told.contains(traps[0]), "{told}");
        assert!(!told.contains("szfy"), "{told}");
        let document = world.json(&args);
        assert_eq!(count(&document["traps"][0], "contacts"), 1, "{document}");
        assert_eq!(all(&document, "sources").len(), 0, "{document}");
    }
    // No later planting takes it.
    world.done(&["plant", &list, "--to", "szfy", "--count", "8", "-o", &world.arg("b.csv")]);
    let copy = fs::read_to_string(world.at("b.csv")).unwrap();
    assert!(traps.iter().all(|trap| !copy.contains(&trap[3..])), "a trap stands in a list");
    world.verified();
}

#[test]
fn nobody_is_named_by_calls_of_one_who_called_a_trap_too() {
    let world = Fixed::ready(&["szfy"], 60);
    let list = births(&world);
    let planted = world.json(&["plant", &list, "--to", "szfy", "--count", "5", "-o", &world.arg("a.csv")]);
    world.done(&["number", "control", "--count", "3"]);
    world.done(&["number", "trap", "--count", "2"]);
    let traps = world.json(&["number", "list", "--state", "trap"]);
    world.pass_days(20);
    for canary in all(&planted, "canaries") {
        let said = format!("您好，是{}吗", text(&canary["fields"], "mother_name"));
        world.done(&["hit", "add", "--to", text(canary, "number"), "--from", "057188880000", "--said", &said]);
    }
    let named = world.json(&["trace"]);
    assert_eq!(all(&named, "named").len(), 1, "{named}");
    // Somebody else's ring to a trap says nothing of those who called canaries.
    world.done(&["hit", "add", "--to", text(&traps[1], "number"), "--from", "057188889999"]);
    let named = world.json(&["trace"]);
    assert_eq!(all(&named, "named").len(), 1, "{named}");
    world.done(&["hit", "add", "--to", text(&traps[0], "number"), "--from", "057188880000"]);
    let told = world.json(&["trace"]);
    assert_eq!((text(&told, "verdict"), all(&told, "named").len()), ("inconclusive", 0), "{told}");
    assert!(all(&told, "against")[0].as_str().unwrap().contains("trap"), "{told}");
}

#[test]
fn an_identity_that_is_only_at_hand_stops_nothing_that_needs_none() {
    let locked = Locked::ready(60);
    let world = &locked.world;
    let list = births(world);
    let (wrong, _) = identity(world, "somebody.txt");
    for (nth, at_hand) in
        [wrong, world.arg("gone.txt"), world.write("torn.txt", "AGE-SECRET-KEY-1XX")].iter().enumerate()
    {
        let run = |args: &[&str]| {
            let told = world.program(args).env("CANARIES_IDENTITY", at_hand).output().unwrap();
            (told.status.code(), String::from_utf8(told.stderr).unwrap())
        };
        let copy = world.arg(&format!("copy-{nth}.csv"));
        let (code, err) =
            run(&["plant", &list, "--to", HOLDERS[nth % 2].0, "--count", "1", "-o", &copy, "--unrelated"]);
        assert_eq!(code, Some(0), "{err}");
        assert_eq!(run(&["hit", "add", "--to", "13800138000"]).0, Some(0));
        assert_eq!(run(&["verify"]).0, Some(0));
        // What needs it says what is wrong with it; so does one that was named.
        let (code, err) = run(&["trace"]);
        assert!(code == Some(2) && err.contains(at_hand.as_str()), "{err}");
        let named = world.run(&[
            "plant",
            &list,
            "--to",
            HOLDERS[0].0,
            "--count",
            "1",
            "-o",
            &world.arg("x.csv"),
            "--identity",
            at_hand,
        ]);
        assert!(named.code == Some(2) && named.err.contains(at_hand.as_str()), "{}", named.err);
    }
    let marked = format!("\u{feff}{}", fs::read_to_string(&locked.identity).unwrap());
    let marked = world.write("elsewhere/marked.txt", marked);
    world.done(&["trace", "--identity", &marked]);
}
