//! Proof for strangers: an evidence package, checked by its own script and by the program, and refused when anything in it is changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::lists::Shape;
use crate::stage::Told;
use crate::world::{Fixed, all, text};

/// What is done to a package, or to the file of this name in it.
pub type Change<'a> = Box<dyn Fn(&str) + 'a>;

/// A ledger with a planting, a receipt and a call that knew the row; the numbers of its canaries, the called one first.
pub struct Story {
    pub world: Fixed,
    pub numbers: Vec<String>,
}

/// Makes the story.
pub fn told() -> Story {
    let world = Fixed::ready(&["szfy", "district"], 30);
    let list = world.write("births.csv", Shape { rows: 60, ..Shape::default() }.bytes());
    let done = world.json(&["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("szfy.csv")]);
    world.done(&["plant", &list, "--to", "district", "--count", "4", "-o", &world.arg("district.csv")]);
    world.done(&["seal"]);
    world.pass_days(30);
    let canary = &all(&done, "canaries")[0];
    let said = format!("{}女士您好，恭喜宝宝出生，给宝宝拍满月照吗", text(&canary["fields"], "mother_name"));
    world.done(&["hit", "add", "--to", text(canary, "number"), "--from", "057188880000", "--said", &said]);
    let numbers = all(&done, "canaries").iter().map(|canary| text(canary, "number").to_string()).collect();
    Story { world, numbers }
}

impl Story {
    /// Makes a package about the called canary.
    pub fn package(&self, name: &str) -> String {
        let folder = self.world.arg(name);
        self.world.done(&["report", &self.numbers[0], "-o", &folder]);
        folder
    }
}

/// Runs the package's own script; gives whether it is content, and what it said.
fn script(folder: &str) -> (bool, String) {
    let done = Command::new("sh").arg("verify.sh").current_dir(folder).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    (done.status.success(), said)
}

/// Asks both verifiers, which must say the same step; gives it, or nothing if both are content.
pub fn both(world: &Fixed, folder: &str, what: &str) -> Option<String> {
    let (good, said) = script(folder);
    let ours = world.run(&["--json", "verify", folder]);
    let document: Value =
        serde_json::from_str(&ours.out).unwrap_or_else(|_| panic!("{what}: {}{}", ours.out, ours.err));
    assert_eq!(ours.code, Some(if good { 0 } else { 1 }), "{what}: the script says `{said}`, we say {document}");
    if good {
        assert!(said.contains(text(&document, "key_sha256")), "{what}: {said}");
        return None;
    }
    let step = text(&document, "step").to_string();
    assert!(said.contains(&format!("({step})")), "{what}: the script says `{said}`, we say {document}");
    Some(step)
}

/// Lists the files of a package by name.
pub fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&format!("{folder}/{name}")).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

/// Finds the file whose name begins and ends so.
pub fn the(folder: &str, start: &str, end: &str) -> String {
    let found = files(folder).into_iter().find(|name| name.starts_with(start) && name.ends_with(end));
    format!("{folder}/{}", found.unwrap_or_else(|| panic!("no {start}…{end} in {folder}")))
}

/// Finds the entry of a kind that is shown first.
pub fn entry(folder: &str, kind: &str) -> String {
    let is_of = |name: &String| {
        name.ends_with(".entry")
            && fs::read_to_string(format!("{folder}/{name}")).unwrap().contains(&format!("\nkind {kind}\n"))
    };
    let found = files(folder).into_iter().find(is_of).unwrap_or_else(|| panic!("no {kind}"));
    format!("{folder}/{}", found.trim_end_matches(".entry"))
}

fn outside(program: &str, args: &[&str], folder: &Path) {
    let done = Command::new(program).args(args).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Lists and signs the files again, as an operator could who changes a package with the log's key at hand.
pub fn sign_again(world: &Fixed, folder: &str) {
    let lines: String = files(folder)
        .into_iter()
        .filter(|name| !name.starts_with("SHA256SUMS"))
        .map(|name| {
            let bytes = fs::read(format!("{folder}/{name}")).unwrap();
            format!("{}  {name}\n", hex::encode(canaries::ledger::sha256(&bytes)))
        })
        .collect();
    fs::write(format!("{folder}/SHA256SUMS"), lines).unwrap();
    let key = world.arg("canaries.key");
    outside(
        "openssl",
        &["pkeyutl", "-sign", "-rawin", "-inkey", &key, "-in", "SHA256SUMS", "-out", "SHA256SUMS.sig"],
        Path::new(folder),
    );
}

/// Changes a file of text, which must change.
pub fn edit(path: &str, change: impl FnOnce(String) -> String) {
    let before = fs::read_to_string(path).unwrap();
    let after = change(before.clone());
    assert_ne!(before, after, "{path}");
    fs::write(path, after).unwrap();
}

/// Flips the last hexadecimal digit of a line that begins so.
fn flip(text: String, start: &str) -> String {
    let change = |line: &str| match line.starts_with(start) {
        true => format!("{}{}", &line[..line.len() - 1], if line.ends_with('0') { '1' } else { '0' }),
        false => line.to_string(),
    };
    text.lines().map(|line| change(line) + "\n").collect()
}

#[test]
fn a_package_is_checked_by_its_own_script_and_by_the_program() {
    let story = told();
    let folder = story.package("evidence");
    assert_eq!(both(&story.world, &folder, "a good package"), None);
    let bytes: u64 = files(&folder).iter().map(|name| fs::metadata(format!("{folder}/{name}")).unwrap().len()).sum();
    assert!(bytes < 64 * 1024, "{bytes} bytes");
    let script = fs::read_to_string(format!("{folder}/verify.sh")).unwrap();
    assert!(script.lines().count() <= 60);
    let report: Value = serde_json::from_slice(&fs::read(format!("{folder}/report.json")).unwrap()).unwrap();
    assert_eq!(all(&report, "ladder").len(), 6);
    assert_eq!(report["ladder"][1]["shown"], "operator-only", "nobody stamped it");
    assert!(report["ladder"][1]["ground"]["en"].as_str().unwrap().starts_with("the operator's clock only"));
    assert!(report["ladder"][2]["ground"]["zh"].as_str().unwrap().contains("未签收"));
    story.world.verified();
    // The folder stands by itself: neither ledger nor key is needed.
    let moved = Fixed::bare();
    let there = moved.arg("elsewhere");
    outside("cp", &["-r", &folder, &there], moved.folder());
    assert_eq!(both(&moved, &there, "a package elsewhere"), None);
}

#[test]
fn a_package_tells_nothing_of_other_canaries_of_real_rows_or_of_how_many_there_are() {
    let story = told();
    let folder = story.package("evidence");
    let shown: String = files(&folder)
        .iter()
        .map(|name| String::from_utf8_lossy(&fs::read(format!("{folder}/{name}")).unwrap()).into_owned())
        .collect();
    let pool = story.world.json(&["number", "list"]);
    for number in pool.as_array().unwrap().iter().map(|row| text(row, "number")).filter(|n| *n != story.numbers[0]) {
        for spelt in [number, number.trim_start_matches("+86")] {
            assert!(!shown.contains(spelt), "{number} is in the package");
        }
    }
    let births = fs::read_to_string(story.world.at("births.csv")).unwrap();
    for phone in births.split(',').filter(|cell| cell.len() == 11 && cell.starts_with('1')) {
        assert!(!shown.contains(phone), "a real number is in the package");
    }
    assert!(!files(&folder).iter().any(|name| name.contains("C-000002") || name.contains("C-000004")));
    assert_eq!(fs::read_to_string(the(&folder, "canaries/", ".proof")).unwrap().lines().count(), 7, "64 leaves");
    assert!(!shown.contains("leaked") && !shown.contains("泄露者"), "a report accuses nobody");
}

#[test]
fn twenty_ways_to_tamper_with_a_package_are_refused_at_the_step_that_fails() {
    let story = told();
    let good = story.package("good");
    let world = &story.world;
    /// Whether the sums are made and signed anew after the change, as only the operator can.
    #[derive(Clone, Copy, PartialEq)]
    enum By {
        Stranger,
        Operator,
    }
    use By::{Operator, Stranger};
    type Change = fn(&str);
    let ways: &[(&str, By, &str, Change)] = &[
        ("another word in the report", Stranger, "files", |f| {
            edit(&format!("{f}/REPORT.html"), |t| t.replace("szfy", "rival"))
        }),
        ("a file is gone", Stranger, "files", |f| fs::remove_file(the(f, "canaries/", ".open")).unwrap()),
        ("a file came", Stranger, "files", |f| fs::write(format!("{f}/REPORT.htm"), "x").unwrap()),
        ("an entry came", Stranger, "files", |f| fs::write(format!("{f}/entries/0000099.entry"), "x").unwrap()),
        ("the sums were made again", Stranger, "sums", |f| {
            edit(&format!("{f}/report.json"), |t| t.replace("szfy", "rival"));
            let hash = hex::encode(canaries::ledger::sha256(&fs::read(format!("{f}/report.json")).unwrap()));
            edit(&format!("{f}/SHA256SUMS"), |t| {
                let line = |line: &str| {
                    if line.ends_with("  report.json") { format!("{hash}  report.json\n") } else { format!("{line}\n") }
                };
                t.lines().map(line).collect()
            });
        }),
        ("the signature of the sums", Stranger, "sums", |f| fs::write(format!("{f}/SHA256SUMS.sig"), [7; 64]).unwrap()),
        ("size of the checkpoint", Operator, "checkpoint", |f| {
            edit(&format!("{f}/checkpoint.note"), |t| t.replacen('\n', "\n1", 1))
        }),
        ("signature of the checkpoint", Operator, "checkpoint", |f| {
            edit(&format!("{f}/checkpoint.note"), |t| t[..t.len() - 20].to_string() + "AAAAAAAAAAAAAAAAAAA\n")
        }),
        ("size of the older checkpoint", Operator, "checkpoint", |f| {
            edit(&format!("{f}/planting.note"), |t| t.replacen('\n', "\n1", 1))
        }),
        ("consistency proof", Operator, "history", |f| {
            edit(&format!("{f}/consistency.proof"), |t| {
                let second = t.lines().nth(1).unwrap()[..60].to_string();
                flip(t, &second)
            })
        }),
        ("an entry's time", Operator, "entries", |f| {
            edit(&format!("{}.entry", entry(f, "sealed")), |t| t.replacen("\nat 2026", "\nat 2025", 1))
        }),
        ("an entry's index", Operator, "entries", |f| {
            edit(&format!("{}.proof", entry(f, "planted")), |t| format!("1{t}"))
        }),
        ("an entry's proof", Operator, "entries", |f| {
            edit(&format!("{}.proof", entry(f, "planted")), |t| t.lines().next().unwrap().to_string() + "\n")
        }),
        ("another root over the canaries", Operator, "entries", |f| {
            edit(&format!("{}.entry", entry(f, "sealed")), |t| flip(t, "canaries-root "))
        }),
        ("another holder", Operator, "openings", |f| {
            edit(&format!("{}.open", entry(f, "sealed")), |t| t.replace("szfy", "rival"))
        }),
        ("another salt", Operator, "openings", |f| {
            edit(&format!("{}.open", entry(f, "number")), |t| t.replacen("number ", "number 0", 1))
        }),
        ("other words of the caller", Operator, "openings", |f| {
            edit(&format!("{}.open", entry(f, "contact")), |t| t.replace("女士", "先生"))
        }),
        ("another record", Operator, "canaries", |f| {
            edit(&the(f, "canaries/", ".open"), |t| t.replacen("\nrow ", "\nrow 1", 1))
        }),
        ("another proof of the canary", Operator, "canaries", |f| {
            edit(&the(f, "canaries/", ".proof"), |t| {
                let last = t.lines().last().unwrap()[..60].to_string();
                flip(t, &last)
            })
        }),
        ("a contact to another number", Operator, "order", |f| {
            let number = entry(f, "number");
            for end in [".entry", ".proof", ".open"] {
                fs::remove_file(format!("{number}{end}")).unwrap();
            }
        }),
        ("an opening without its last line end", Operator, "openings", |f| {
            edit(&format!("{}.open", entry(f, "contact")), |t| t + "said 00 nothing")
        }),
    ];
    assert!(ways.len() >= 20);
    for (at, (what, by, step, change)) in ways.iter().enumerate() {
        let folder = world.arg(&format!("bad-{at}"));
        outside("cp", &["-r", &good, &folder], world.folder());
        change(&folder);
        if *by == Operator {
            sign_again(world, &folder);
        }
        assert_eq!(both(world, &folder, what).as_deref(), Some(*step), "{what}");
    }
    // The last resort of a forger: a key of his own. All is sound then, but for the key that he cannot make known.
    let honest = world.json(&["verify", &good]);
    let other = Fixed::bare();
    other.done(&["completions", "bash"]);
    other.done(&["init"]);
    let folder = world.arg("own-key");
    outside("cp", &["-r", &good, &folder], world.folder());
    sign_again(&other, &folder);
    assert_eq!(both(world, &folder, "another key").as_deref(), Some("sums"));
    assert_eq!(text(&honest, "key_sha256").len(), 64);
}

#[test]
fn a_report_is_a_page_or_a_document_in_either_language() {
    let story = told();
    let world = &story.world;
    world.done(&["report", "-o", &world.arg("finding.html")]);
    world.done(&["--lang", "zh", "report", "-o", &world.arg("finding-zh.html")]);
    world.done(&["report", &story.numbers[0], "-o", &world.arg("finding.json")]);
    let page = fs::read_to_string(world.at("finding.html")).unwrap();
    assert!(page.contains("<html lang=\"en\">") && page.contains("the data used derive from the copy"), "{page}");
    assert!(page.contains("default-src 'none'") && !page.contains("<script") && !page.contains("http://"));
    let page = fs::read_to_string(world.at("finding-zh.html")).unwrap();
    assert!(page.contains("<html lang=\"zh-CN\">") && page.contains("主张与依据") && page.contains("仅有操作方的时钟"));
    let document: Value = serde_json::from_slice(&fs::read(world.at("finding.json")).unwrap()).unwrap();
    assert_eq!(text(&document["canaries"][0], "number"), story.numbers[0]);
    assert_eq!(all(&document, "raw_records").len(), 1);
    world.refused(&["report", "-o", &world.arg("finding.html")]).names("finding.html");
    world.refused(&["report", "-o", &world.arg("finding.docx")]).names("finding.docx");
    let none = world.run(&["report", "13000000000", "-o", &world.arg("none.html")]);
    assert_eq!((none.code, world.at("none.html").exists()), (Some(1), false));
    world.done(&["hit", "add", "--to", &story.numbers[1], "--said", "<img src=x onerror=alert(1)>宝宝拍照"]);
    world.done(&["report", "-o", &world.arg("hostile.html")]);
    let page = fs::read_to_string(world.at("hostile.html")).unwrap();
    assert!(!page.contains("<img") && page.contains("&lt;img"));
}

#[test]
fn a_holder_signs_for_its_file_with_ssh_openssl_or_by_hand() {
    let story = told();
    let world = &story.world;
    let (folder, asked) = (world.folder().to_path_buf(), world.arg("for-szfy"));
    world.done(&["receipt", "request", "P-000001", "-o", &asked]);
    let page = fs::read_to_string(format!("{asked}/RECEIPT.html")).unwrap();
    assert!(page.contains("已收到文件") && page.contains("<svg"));
    let statement = format!("{asked}/receipt.json");
    outside("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", "holder"], &folder);
    outside("ssh-keygen", &["-Y", "sign", "-f", "holder", "-n", "canaries-receipt@v1", &statement], &folder);
    let (sig, key) = (format!("{statement}.sig"), world.arg("holder.pub"));
    let added = world.json(&["receipt", "add", &statement, "--sig", &sig, "--key", &key]);
    assert_eq!((text(&added, "planting"), text(&added, "how")), ("P-000001", "ssh"));
    world.refused(&["receipt", "add", &statement, "--sig", &sig, "--key", &key]).names("P-000001");
    outside("openssl", &["genpkey", "-algorithm", "ed25519", "-out", "h.pem"], &folder);
    outside("openssl", &["pkey", "-in", "h.pem", "-pubout", "-out", "h.pub"], &folder);
    outside("openssl", &["pkeyutl", "-sign", "-rawin", "-inkey", "h.pem", "-in", &statement, "-out", "h.sig"], &folder);
    let added = world.json(&["receipt", "add", &statement, "--sig", &world.arg("h.sig"), "--key", &world.arg("h.pub")]);
    assert_eq!(text(&added, "how"), "openssl");
    let scan = world.write("scan.pdf", "a scan");
    assert_eq!(text(&world.json(&["receipt", "add", &statement, "--paper", &scan]), "how"), "paper");
    world.verified();
    let package = story.package("evidence");
    assert_eq!(both(world, &package, "with receipts"), None);
    let report: Value = serde_json::from_slice(&fs::read(format!("{package}/report.json")).unwrap()).unwrap();
    assert_eq!(report["ladder"][2]["shown"], "checkable");
    for (what, name) in [("an SSH signature", ".sig"), ("a statement", ".json")] {
        let bad = world.arg(&format!("bad{name}"));
        outside("cp", &["-r", &package, &bad], &folder);
        edit(&the(&bad, "receipts/P-000001.1", name), |text| match name {
            ".sig" => text.replacen("AAAA", "AAAB", 1),
            _ => text.replace("szfy", "rival"),
        });
        sign_again(world, &bad);
        assert_eq!(both(world, &bad, what).as_deref(), Some("receipts"), "{what}");
    }
}

#[test]
fn an_ssh_signature_brings_its_key_whose_fingerprint_is_shown() {
    let story = told();
    let world = &story.world;
    let (folder, asked) = (world.folder().to_path_buf(), world.arg("for-szfy"));
    world.done(&["receipt", "request", "P-000001", "-o", &asked]);
    let statement = format!("{asked}/receipt.json");
    let sig = format!("{statement}.sig");
    for (key, kind, is_other) in [("holder", "ed25519", false), ("stranger", "rsa", true)] {
        outside("ssh-keygen", &["-q", "-t", kind, "-N", "", "-f", key], &folder);
        outside("ssh-keygen", &["-q", "-Y", "sign", "-f", key, "-n", "canaries-receipt@v1", &statement], &folder);
        let told = Told::from(world.program(&["receipt", "add", &statement, "--sig", &sig]).output().unwrap());
        assert_eq!(told.code, Some(0), "{}", told.err);
        let listed =
            Command::new("ssh-keygen").args(["-lf", key]).current_dir(&folder).output().map(Told::from).unwrap();
        let fingerprint = listed.out.split(' ').nth(1).unwrap();
        assert!(fingerprint.starts_with("SHA256:") && told.err.contains(fingerprint), "{} {}", listed.out, told.err);
        assert_eq!(told.err.contains("another key"), is_other, "{}", told.err);
        fs::remove_file(&sig).unwrap();
    }
    outside("openssl", &["genpkey", "-algorithm", "ed25519", "-out", "h.pem"], &folder);
    outside("openssl", &["pkeyutl", "-sign", "-rawin", "-inkey", "h.pem", "-in", &statement, "-out", "h.sig"], &folder);
    let bare = world.refused(&["receipt", "add", &statement, "--sig", &world.arg("h.sig")]);
    bare.names("h.sig").names("--key");
}

#[test]
fn twenty_tampered_receipts_are_refused() {
    let story = told();
    let world = &story.world;
    let (folder, asked) = (world.folder().to_path_buf(), world.arg("for-szfy"));
    world.done(&["receipt", "request", "P-000001", "-o", &asked]);
    let statement = fs::read_to_string(format!("{asked}/receipt.json")).unwrap();
    outside("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", "holder"], &folder);
    let lines: Vec<&str> = statement.lines().collect();
    let mut bad: Vec<String> = (1..lines.len() - 1)
        .map(|at| {
            let (name, _) = lines[at].split_once(": ").unwrap();
            let end = if lines[at].ends_with(',') { "," } else { "" };
            let changed = format!("{name}: \"x\"{end}");
            let line = |(i, line): (usize, &&str)| if i == at { changed.clone() } else { line.to_string() };
            lines.iter().enumerate().map(|pair| line(pair) + "\n").collect()
        })
        .collect();
    bad.extend([
        statement.replace("P-000001", "P-000002"),
        statement.replace("P-000001", "P-000099"),
        statement.replace("\"rows\": ", "\"rows\": 1"),
        statement.replace("  ", " "),
        statement.trim_end().to_string(),
        format!("{statement}\n"),
        statement.replace("{\n", "{\n  \"more\": 1,\n"),
        "{}".to_string(),
        "no JSON".to_string(),
    ]);
    assert!(bad.len() >= 20, "{}", bad.len());
    for (at, text) in bad.iter().enumerate() {
        let file = world.write(&format!("r{at}.json"), text);
        outside("ssh-keygen", &["-q", "-Y", "sign", "-f", "holder", "-n", "canaries-receipt@v1", &file], &folder);
        world.refused(&["receipt", "add", &file, "--sig", &format!("{file}.sig"), "--key", &world.arg("holder.pub")]);
    }
    // A sound statement with a signature of another purpose, of another key, or of another statement.
    let file = world.write("good.json", &statement);
    outside("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", "other"], &folder);
    for (key, purpose, signed) in [
        ("holder", "file", "good.json"),
        ("other", "canaries-receipt@v1", "good.json"),
        ("holder", "canaries-receipt@v1", "births.csv"),
    ] {
        let signed = world.arg(signed);
        outside("ssh-keygen", &["-q", "-Y", "sign", "-f", key, "-n", purpose, &signed], &folder);
        let sig = format!("{signed}.sig");
        world.refused(&["receipt", "add", &file, "--sig", &sig, "--key", &world.arg("holder.pub")]).names(".sig");
        fs::remove_file(sig).unwrap();
    }
    world.refused(&["receipt", "request", "P-000009", "-o", &world.arg("none")]).names("P-000009");
}

/// A time-stamp authority of our own, in the world's folder.
fn authority(world: &Fixed) {
    world.write(
        "tsa.cnf",
        "[tsa]\ndefault_tsa = here\n[here]\nserial = serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\n\
         [ext]\nextendedKeyUsage = critical,timeStamping\n",
    );
    world.write("serial", "01\n");
    let folder = world.folder();
    let ca = [
        "req",
        "-x509",
        "-newkey",
        "ed25519",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-days",
        "30",
        "-subj",
        "/CN=authority",
    ];
    outside("openssl", &ca, folder);
    let request =
        ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=stamps"];
    outside("openssl", &request, folder);
    let sign = [
        "x509",
        "-req",
        "-in",
        "tsa.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-out",
        "tsa.pem",
        "-days",
        "30",
        "-extfile",
        "tsa.cnf",
        "-extensions",
        "ext",
    ];
    outside("openssl", &sign, folder);
}

fn stamp(world: &Fixed, query: &str, response: &str) {
    let reply = [
        "ts",
        "-reply",
        "-config",
        "tsa.cnf",
        "-section",
        "here",
        "-queryfile",
        query,
        "-signer",
        "tsa.pem",
        "-inkey",
        "tsa.key",
        "-out",
        response,
    ];
    outside("openssl", &reply, world.folder());
}

#[test]
fn a_neutral_authority_stamps_a_checkpoint() {
    let story = told();
    let world = &story.world;
    authority(world);
    let query = world.arg("cp.tsq");
    let size = world.json(&["stamp", "request", "-o", &query])["size"].as_u64().unwrap();
    stamp(world, "cp.tsq", "cp.tsr");
    let (response, ca) = (world.arg("cp.tsr"), world.arg("ca.pem"));
    world.done(&["holder", "add", "later", "--name", "Later"]);
    world.done(&["seal"]);
    let added = world.json(&["stamp", "add", &response, "--authority", &ca]);
    assert_eq!(added["size"].as_u64(), Some(size), "it is found among the checkpoints");
    world.verified();
    let package = story.package("evidence");
    assert_eq!(both(world, &package, "with a stamp"), None);
    let report: Value = serde_json::from_slice(&fs::read(format!("{package}/report.json")).unwrap()).unwrap();
    assert_eq!(report["ladder"][1]["shown"], "checkable");
    let bad = world.arg("bad");
    outside("cp", &["-r", &package, &bad], world.folder());
    edit(&the(&bad, "stamps/", ".time"), |_| "1000000000\n".to_string());
    sign_again(world, &bad);
    assert_eq!(both(world, &bad, "another time").as_deref(), Some("stamps"));
    // A stamp over something else, under another authority, and no stamp at all.
    world.write("other.txt", "x");
    outside(
        "openssl",
        &["ts", "-query", "-data", "other.txt", "-sha256", "-cert", "-out", "other.tsq"],
        world.folder(),
    );
    stamp(world, "other.tsq", "other.tsr");
    world.refused(&["stamp", "add", &world.arg("other.tsr"), "--authority", &ca]).names("other.tsr");
    let strangers = [
        "req",
        "-x509",
        "-newkey",
        "ed25519",
        "-nodes",
        "-keyout",
        "s.key",
        "-out",
        "s.pem",
        "-days",
        "30",
        "-subj",
        "/CN=stranger",
    ];
    outside("openssl", &strangers, world.folder());
    world.refused(&["stamp", "add", &response, "--authority", &world.arg("s.pem")]).names("cp.tsr");
    world.refused(&["stamp", "add", &world.arg("other.txt"), "--authority", &ca]).names("other.txt");
}

#[test]
fn a_stamp_needs_a_checkpoint_and_a_seal_can_be_printed() {
    let world = Fixed::ready(&["szfy"], 3);
    world.refused(&["stamp", "request", "-o", &world.arg("cp.tsq")]).says("no checkpoint");
    world.done(&["seal", "--page", &world.arg("seal.html")]);
    let page = fs::read_to_string(world.at("seal.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("keeper's signature"));
    world.refused(&["seal", "--page", &world.arg("seal.html")]).names("seal.html");
}

#[test]
fn a_folder_without_its_list_fails_the_check_and_what_is_no_folder_is_an_error() {
    let story = told();
    let good = story.package("good");
    fs::remove_file(format!("{good}/SHA256SUMS")).unwrap();
    assert_eq!(both(&story.world, &good, "no list").as_deref(), Some("files"));
    let empty = story.world.arg("empty");
    fs::create_dir(&empty).unwrap();
    let told = story.world.run(&["--json", "verify", &empty]);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((told.code, text(&document, "step"), text(&document, "file")), (Some(1), "files", "SHA256SUMS"));
    story.world.refused(&["verify", &story.world.arg("nowhere")]).names("nowhere");
    story.world.refused(&["verify", &story.world.arg("canaries.db")]).names("canaries.db");
}

#[test]
fn the_proof_of_one_canary_and_one_call_is_a_few_kilobytes() {
    let story = told();
    let folder = story.package("evidence");
    let size = |name: &String| fs::metadata(format!("{folder}/{name}")).unwrap().len();
    let for_people = |name: &&String| ["verify.sh", "REPORT.html", "report.json"].contains(&name.as_str());
    let all = files(&folder);
    let (proof, people): (Vec<&String>, Vec<&String>) = all.iter().partition(|name| !for_people(name));
    let [proof, people] = [proof, people].map(|names| names.into_iter().map(size).sum::<u64>());
    assert!(proof < 12_000 && people < 36_000, "{proof} bytes of proof, {people} beside it");
}

#[test]
fn a_package_outlives_a_change_of_the_key() {
    let story = told();
    story.world.done(&["seal", "--rotate"]);
    story.world.done(&["holder", "add", "later", "--name", "Later"]);
    let folder = story.package("evidence");
    assert_ne!(
        fs::read(format!("{folder}/planting.pub")).unwrap(),
        fs::read(format!("{folder}/checkpoint.pub")).unwrap()
    );
    assert_eq!(both(&story.world, &folder, "after a change of the key"), None);
}

#[test]
fn a_canary_of_a_very_large_planting_is_shown_by_its_place_among_all() {
    let world = Fixed::ready(&["szfy"], 4_400);
    let done = world.json(&["mint", "--to", "szfy", "--count", "4100", "-o", &world.arg("minted.csv")]);
    let number = text(&all(&done, "canaries")[7], "number").to_string();
    world.done(&["hit", "add", "--to", &number, "--said", "宝宝拍照"]);
    let folder = world.arg("evidence");
    world.done(&["report", &number, "-o", &folder]);
    assert_eq!(both(&world, &folder, "a large planting"), None);
    let canary = the(&folder, "canaries/", ".open");
    assert!(fs::read_to_string(&canary).unwrap().contains(&number));
    let proof = fs::read_to_string(canary.replace(".open", ".proof")).unwrap();
    assert!(proof.lines().next().unwrap().ends_with(" 8192"), "{proof}");
    edit(&canary, |text| text.replacen("row ", "row 1", 1));
    sign_again(&world, &folder);
    assert_eq!(both(&world, &folder, "another row").as_deref(), Some("canaries"));
}

/// Gives the kinds of all entries behind the first so many.
fn kinds(world: &Fixed, from: usize) -> Vec<String> {
    let kind = |body: &Vec<u8>| String::from_utf8_lossy(body).lines().nth(1).unwrap().to_string();
    world.entries()[from..].iter().map(kind).collect()
}

#[test]
fn a_log_looks_the_same_however_many_canaries_a_copy_has() {
    let shapes = ["1", "40"].map(|own| {
        let world = Fixed::ready(&["szfy", "district", "city"], 400);
        let list = world.write("births.csv", Shape { rows: 300, ..Shape::default() }.bytes());
        let from = world.entries().len();
        let (copy, shared) = (world.arg("szfy.csv"), world.arg("{holder}.csv"));
        world.done(&["plant", &list, "--to", "szfy", "--count", own, "-o", &copy]);
        // What stands in the list already comes along.
        let onward = world.arg("onward.csv");
        world.done(&["plant", &copy, "--to", "city", "--count", "1", "-o", &onward]);
        let both = ["plant", &list, "--to", "district", "--to", "city", "--count", own, "--shared", own];
        world.done(&[&both[..], &["-o", &shared, "--unrelated"]].concat());
        world.done(&["mint", "--to", "szfy", "--count", own, "-o", &world.arg("minted.csv")]);
        world.verified();
        let lengths = |body: &Vec<u8>| {
            // Times and hashes have one length; how many rows a copy has, its holder can count.
            let text = String::from_utf8_lossy(body).into_owned();
            text.lines().filter(|line| !line.starts_with("rows ")).map(str::len).collect::<Vec<_>>()
        };
        (kinds(&world, from), world.entries()[from..].iter().map(lengths).collect::<Vec<_>>())
    });
    assert!(shapes[0].0.iter().any(|kind| kind == "kind made"), "{:?}", shapes[0].0);
    assert_eq!(shapes[0], shapes[1]);
}

#[test]
fn a_large_planting_has_as_many_entries_as_the_next_power_of_two() {
    let counts = ["2100", "4000"].map(|count| {
        let world = Fixed::ready(&["szfy"], 4_100);
        let from = world.entries().len();
        world.done(&["mint", "--to", "szfy", "--count", count, "-o", &world.arg("minted.csv")]);
        world.verified();
        kinds(&world, from)
    });
    assert_eq!(counts[0], counts[1]);
    assert_eq!(counts[0].iter().filter(|kind| *kind == "kind made").count(), 4);
}
