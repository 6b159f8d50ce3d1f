//! One change anywhere in an evidence package, signed again or not: whatever it is, the script and the program say the same of it.
//!
//! How many are tried is set by `CANARIES_MUTATIONS`, and where chance begins by `CANARIES_SEED`; the script takes a second for each.

use std::fs;
use std::path::Path;
use std::process::Command;

use canaries::report::package::{Files, VERIFY_SH, sums};
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use rand::rngs::ChaCha20Rng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::prove_it::{Story, files, told};
use crate::world::text;

/// Changes that are tried.
const MUTATIONS: usize = 40;
/// One in so many is not signed again: it goes no further than the first steps.
const UNSIGNED: u32 = 8;

fn set(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// Makes a package with all that a package can have, but for what other authorities give.
fn package(story: &Story) -> Files {
    let world = &story.world;
    let asked = world.arg("for-szfy");
    world.done(&["receipt", "request", "P-000001", "-o", &asked]);
    let statement = format!("{asked}/receipt.json");
    for args in [
        &["genpkey", "-algorithm", "ed25519", "-out", "h.pem"][..],
        &["pkey", "-in", "h.pem", "-pubout", "-out", "h.pub"],
        &["pkeyutl", "-sign", "-rawin", "-inkey", "h.pem", "-in", &statement, "-out", "h.sig"],
    ] {
        assert!(Command::new("openssl").args(args).current_dir(world.folder()).status().unwrap().success());
    }
    world.done(&["receipt", "add", &statement, "--sig", &world.arg("h.sig"), "--key", &world.arg("h.pub")]);
    let folder = story.package("good");
    files(&folder).into_iter().map(|name| (name.clone(), fs::read(format!("{folder}/{name}")).unwrap())).collect()
}

/// Bytes that a reader of lines may stumble over.
const ODD: [&[u8]; 12] = [b"\0", b"\r", b"\n", b" ", b"\t", b"\"", b"\\", b"'", b"=", b"\xff", b"\x01", "é".as_bytes()];
/// Endings and names that a file may be given.
const NAMES: [&str; 16] = [
    "entries/0000001.entry",
    "entries/0000001.entry.entry",
    "canaries/C-000001.open",
    "canaries/C-000009.open",
    "copies/C-000001.P-000002.open",
    "copies/C-000001.P-000001.open",
    "rows/C-000001.row",
    "rows/C-000001.P-000001.row",
    "rows/C-000001.P-000002.proof",
    "receipts/P-000001.1.allowed",
    "receipts/P-000001.2.json",
    "stamps/checkpoint.1.tsr",
    "witnesses/checkpoint.1.sig",
    "planting.note",
    "SM3SUMS",
    "receipts/P-000001.1.paper",
];

/// Makes one change; says what it was.
fn mutate(package: &mut Files, rng: &mut ChaCha20Rng) -> String {
    let names: Vec<String> = package.keys().filter(|name| !name.starts_with("SHA256SUMS")).cloned().collect();
    let name = names[rng.random_range(0..names.len())].clone();
    let kind = rng.random_range(0..16);
    let bytes = package.get_mut(&name).unwrap();
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (at, line) = (rng.random_range(0..bytes.len().max(1)), rng.random_range(0..lines.len().max(1)));
    let odd = ODD[rng.random_range(0..ODD.len())];
    match kind {
        0 | 1 if !bytes.is_empty() => bytes[at] ^= 1 << rng.random_range(0..8),
        2 if !bytes.is_empty() => drop(bytes.remove(at)),
        3 | 4 => drop(bytes.splice(at..at, odd.iter().copied())),
        5 if !lines.is_empty() => drop(lines.remove(line)),
        6 if !lines.is_empty() => lines.insert(line, lines[line].clone()),
        7 if lines.len() > 1 => lines.swap(line, (line + 1) % rng.random_range(1..=line.max(1)).max(1)),
        8 => drop(bytes.pop()),
        9 => bytes.extend_from_slice(odd),
        10 => {
            let text = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
            *bytes = text.into_bytes();
        }
        11 => drop(package.remove(&name)),
        12 => {
            let (bytes, to) = (package[&name].clone(), NAMES[rng.random_range(0..NAMES.len())]);
            package.insert(to.to_string(), bytes);
            return format!("{name} copied to {to}");
        }
        13 => {
            let other = &names[rng.random_range(0..names.len())];
            let (one, two) = (package[&name].clone(), package[other].clone());
            package.insert(name.clone(), two);
            package.insert(other.clone(), one);
            return format!("{name} and {other} changed places");
        }
        14 if !lines.is_empty() => lines[line].splice(0..0, odd.iter().copied()).for_each(drop),
        15 if !lines.is_empty() => {
            let end = lines[line].len().saturating_sub(1);
            lines[line].splice(end..end, odd.iter().copied()).for_each(drop);
        }
        _ => bytes.extend_from_slice(b"x"),
    }
    if matches!(kind, 5 | 6 | 7 | 14 | 15) && !lines.is_empty() {
        package.insert(name.clone(), lines.concat());
    }
    format!("change {kind} at byte {at} or line {line} of {name}, {odd:?}")
}

fn sign(package: &mut Files, key: &SigningKey) {
    package.retain(|name, _| !name.starts_with("SHA256SUMS"));
    let list = sums(package);
    package.insert("SHA256SUMS.sig".to_string(), key.sign(list.as_bytes()).to_bytes().to_vec());
    package.insert("SHA256SUMS".to_string(), list.into_bytes());
}

#[test]
fn of_any_change_of_a_package_both_verifiers_say_the_same() {
    let story = told();
    let good = package(&story);
    let key = fs::read_to_string(story.world.at("canaries.key")).unwrap();
    let key = SigningKey::from_pkcs8_pem(&key).unwrap();
    let script = story.world.write("verify.sh", VERIFY_SH);
    let mut rng = ChaCha20Rng::seed_from_u64(set("CANARIES_SEED", 11));
    let folder = story.world.arg("changed");
    let (mut refused, mut differ) = (0, Vec::new());
    let wanted = set("CANARIES_MUTATIONS", MUTATIONS as u64) as usize;
    for at in 0..wanted {
        let mut package = good.clone();
        let what = if at == 0 { "nothing".to_string() } else { mutate(&mut package, &mut rng) };
        if !rng.random_ratio(1, UNSIGNED) {
            sign(&mut package, &key);
        }
        for (name, bytes) in &package {
            let path = Path::new(&folder).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let done = Command::new("sh").args([&script, &folder]).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let ours = story.world.run(&["--json", "verify", &folder]);
        let document: Value = serde_json::from_str(&ours.out).unwrap_or_default();
        let alike = match done.status.success() {
            true => ours.code == Some(0) && said.contains(text(&document, "key_sha256")),
            false => ours.code == Some(1) && said.contains(&format!("({})", text(&document, "step"))),
        };
        refused += usize::from(!done.status.success());
        if !alike {
            differ.push(format!("{at}: {what}: the script: {said:?}, we: {} {}", ours.out.trim(), ours.err.trim()));
        }
        fs::remove_dir_all(&folder).unwrap();
    }
    assert!(differ.is_empty(), "{} of {wanted} differ:\n{}", differ.len(), differ.join("\n"));
    assert!(refused * 10 > wanted * 7, "only {refused} of {wanted} were refused");
}
