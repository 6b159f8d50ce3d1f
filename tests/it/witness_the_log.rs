//! Witnesses: other people sign what they saw of the log, refuse a history that does not go on, and their word goes into the package.

use std::fs;

use serde_json::Value;

use crate::attack_a_package::copied;
use crate::prove_it::{both, edit, sign_again, the, told};
use crate::world::{Fixed, text};

/// A witness on a machine of its own, with its public key.
struct Notary {
    world: Fixed,
    public: String,
}

impl Notary {
    fn new(name: &str) -> Notary {
        let world = Fixed::bare();
        let public = world.done(&["witness", "key", name, "-o", &world.arg("witness.key")]).trim().to_string();
        Notary { world, public }
    }

    fn args<'a>(&self, note: &'a str, more: &[&'a str], out: &'a str) -> Vec<&'a str> {
        [&["witness", "sign", note, "-o", out][..], more].concat()
    }

    /// Signs a note; gives the path of the signed one.
    fn signs(&self, note: &str, more: &[&str], out: &str) -> String {
        let (key, out) = (self.world.arg("witness.key"), self.world.arg(out));
        let args = [&self.args(note, more, &out)[..], &["--key", &key]].concat();
        self.world.done(&args);
        out
    }

    fn refuses(&self, note: &str, more: &[&str], word: &str) {
        let (key, out) = (self.world.arg("witness.key"), self.world.arg("never.note"));
        let args = [&self.args(note, more, &out)[..], &["--key", &key]].concat();
        self.world.refused(&args).says(word);
    }
}

/// Seals and asks for a witness; gives the folder and the log's key.
fn asked(world: &Fixed, name: &str, since: u64) -> (String, String) {
    let sealed = world.json(&["seal"]);
    let folder = world.arg(name);
    world.done(&["witness", "request", "--since", &since.to_string(), "-o", &folder]);
    (folder, text(&sealed, "key").to_string())
}

fn size_of(folder: &str) -> u64 {
    fs::read_to_string(format!("{folder}/checkpoint.note")).unwrap().lines().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_witness_signs_what_goes_on_and_refuses_a_rollback_and_a_second_history() {
    let world = Fixed::ready(&["szfy"], 5);
    let notary = Notary::new("notary.example/one");
    let (first, log) = asked(&world, "first", 0);
    let note = format!("{first}/checkpoint.note");
    notary.refuses(&note, &[], "no key of the log");
    notary.refuses(&note, &["--log", &notary.public], "not the key of this log");
    let signed = notary.signs(&note, &["--log", &log], "first.note");
    assert!(fs::read_to_string(&signed).unwrap().contains("\u{2014} notary.example/one "));
    let added = world.json(&["witness", "add", &signed, "--witness", &notary.public]);
    assert_eq!(added["size"].as_u64(), Some(size_of(&first)));
    world.refused(&["witness", "add", &signed, "--witness", &notary.public]).says("on record already");
    world.verified();
    assert!(world.done(&["verify"]).contains("notary.example/one"));
    // Another history from here on: the same ledger, copied, goes two ways.
    let fork = world.twin();
    world.done(&["holder", "add", "later", "--name", "Later"]);
    fork.done(&["holder", "add", "other", "--name", "Other"]);
    let since = size_of(&first);
    let (second, _) = asked(&world, "second", since);
    let (third, _) = asked(&fork, "second", since);
    let (note, proof) = (format!("{second}/checkpoint.note"), format!("{second}/consistency.proof"));
    notary.refuses(&note, &[], "goes on from");
    let cut =
        notary.world.write("cut.proof", fs::read_to_string(&proof).unwrap().lines().next().unwrap().to_string() + "\n");
    notary.refuses(&note, &["--proof", &cut], "two histories");
    notary.refuses(&note, &["--proof", &signed], "is not a proof");
    notary.signs(&note, &["--proof", &proof], "second.note");
    notary.signs(&note, &[], "again.note");
    let forked = format!("{third}/checkpoint.note");
    assert_eq!(size_of(&second), size_of(&third));
    notary.refuses(&forked, &["--proof", &format!("{third}/consistency.proof")], "two histories");
    notary.refuses(&format!("{first}/checkpoint.note"), &[], "rolled back");
    fork.done(&["holder", "add", "more", "--name", "More"]);
    let (longer, _) = asked(&fork, "longer", size_of(&third));
    notary.refuses(
        &format!("{longer}/checkpoint.note"),
        &["--proof", &format!("{longer}/consistency.proof")],
        "two histories",
    );
}

#[test]
fn what_a_witness_signed_is_taken_only_from_it_and_only_over_this_ledger() {
    let world = Fixed::ready(&["szfy"], 5);
    let notary = Notary::new("notary.example/one");
    let elsewhere = Fixed::bare();
    elsewhere.done(&["completions", "bash"]);
    let other = elsewhere.done(&["witness", "key", "notary.example/one", "-o", &elsewhere.arg("witness.key")]);
    let (first, log) = asked(&world, "first", 0);
    let signed = notary.signs(&format!("{first}/checkpoint.note"), &["--log", &log], "first.note");
    world.refused(&["witness", "add", &signed, "--witness", other.trim()]).says("no key that is known");
    world.refused(&["witness", "add", &signed, "--witness", &log]).says("not the public key of a witness");
    let text = fs::read_to_string(&signed).unwrap();
    let line = text.lines().last().unwrap().to_string();
    let flipped = line.replacen("A", "B", 3);
    let bad = world.write("bad.note", text.replace(&line, &flipped));
    world.refused(&["witness", "add", &bad, "--witness", &notary.public]);
    let stranger = Fixed::bare();
    stranger.pass_days(1);
    stranger.done(&["completions", "bash"]);
    stranger.done(&["init"]);
    stranger.done(&["seal"]);
    stranger.refused(&["witness", "add", &signed, "--witness", &notary.public]).names("first.note");
    world.refused(&["witness", "request", "--since", "9999", "-o", &world.arg("x")]).says("9999");
    notary.world.refused(&["witness", "key", "two words", "-o", &notary.world.arg("k")]).names("two words");
    notary
        .world
        .refused(&["witness", "sign", &signed, "--key", &signed, "-o", &notary.world.arg("n")])
        .says("not a witness's key");
}

#[test]
fn a_new_key_of_the_log_is_taken_once_the_old_one_confirmed_it() {
    let world = Fixed::ready(&["szfy"], 5);
    let notary = Notary::new("notary.example/one");
    let (first, log) = asked(&world, "first", 0);
    notary.signs(&format!("{first}/checkpoint.note"), &["--log", &log], "first.note");
    let (since, new) = (size_of(&first), text(&world.json(&["seal", "--rotate"]), "key").to_string());
    assert_ne!(log, new);
    world.done(&["witness", "request", "--since", &since.to_string(), "-o", &world.arg("rotated")]);
    world.done(&["holder", "add", "later", "--name", "Later"]);
    let (later, _) = asked(&world, "later", since);
    let proof = format!("{later}/consistency.proof");
    notary.refuses(&format!("{later}/checkpoint.note"), &["--log", &new, "--proof", &proof], "no earlier key");
    let (rotated, proof) = (world.arg("rotated/checkpoint.note"), world.arg("rotated/consistency.proof"));
    notary.signs(&rotated, &["--log", &new, "--proof", &proof], "rotated.note");
    let since = size_of(&world.arg("rotated")).to_string();
    world.done(&["witness", "request", "--since", &since, "-o", &world.arg("last")]);
    let (last, proof) = (world.arg("last/checkpoint.note"), world.arg("last/consistency.proof"));
    notary.signs(&last, &["--proof", &proof], "last.note");
}

#[test]
fn a_package_shows_who_saw_its_checkpoint() {
    let story = told();
    let notary = Notary::new("notary.example/one");
    let log = text(&story.world.json(&["seal"]), "key").to_string();
    story.world.done(&["witness", "request", "-o", &story.world.arg("asked")]);
    let signed = notary.signs(&story.world.arg("asked/checkpoint.note"), &["--log", &log], "signed.note");
    story.world.done(&["witness", "add", &signed, "--witness", &notary.public]);
    // The oldest checkpoint over the planting was seen by nobody: the oldest that somebody saw is shown.
    let good = story.package("good");
    assert_eq!(both(&story.world, &good, "with a witness"), None);
    let seen = the(&good, "witnesses/", ".sig");
    for (at, end) in [".time", ".pem", ".sig"].into_iter().enumerate() {
        let bad = copied(&story, &good, &format!("bad-{at}"));
        let file = the(&bad, "witnesses/", end);
        match end {
            ".time" => edit(&file, |_| "1000000000\n".to_string()),
            ".pem" => drop(fs::copy(format!("{bad}/checkpoint.pub"), &file).unwrap()),
            _ => fs::write(&file, [7; 64]).unwrap(),
        }
        sign_again(&story.world, &bad);
        assert_eq!(both(&story.world, &bad, end).as_deref(), Some("witnesses"), "{end}");
    }
    assert_eq!(fs::read(seen).unwrap().len(), 64);
    let document: Value = serde_json::from_slice(&fs::read(format!("{good}/report.json")).unwrap()).unwrap();
    assert_eq!(text(&document["checkpoint"]["witnesses"][0], "witness"), notary.public);
    assert_eq!(document["ladder"][1]["shown"], "checkable");
    story.world.verified();
}
