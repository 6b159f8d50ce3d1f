//! What must hold after any fault, whatever was struck and however it ended.

use std::fs;
use std::path::{Path, PathBuf};

use canaries::store::Store;

use super::strike::Struck;
use crate::stage::{Stage, Told, pool};

/// Stands in every row that must not leave its own file.
pub const SENTINEL: &str = "哨兵";

/// An import of call records after one contact that was acknowledged before.
pub struct Contacts {
    numbers: Vec<String>,
}

impl Contacts {
    pub fn new() -> Contacts {
        Contacts { numbers: pool(4).collect() }
    }

    /// Makes the stage before the import.
    pub fn stage(&self) -> Stage {
        let stage = Stage::ready(&["szfy"], self.numbers.len());
        let at = "2026-10-01T08:00:00Z";
        stage.done(&["hit", "add", "--to", &self.numbers[0], "--from", "075588880000", "--at", at]);
        let mut calls = "to,from,at,kind,seconds,said,id\n".to_string();
        for (i, number) in self.numbers.iter().enumerate() {
            calls += &format!("{number},07558888000{i},2026-11-01T0{i}:00:00Z,call,2{i},满月照,call-{i}\n");
        }
        calls += &format!("13900009999,13900008888,2026-11-01T10:00:00Z,call,30,{SENTINEL},call-stray\n");
        stage.write("calls.csv", calls);
        stage
    }

    /// Gives the command that is struck.
    pub fn command(&self, stage: &Stage) -> Vec<String> {
        ["hit", "import", &stage.arg("calls.csv")].map(str::to_string).to_vec()
    }

    /// Judges the stage as the fault left it, imports again, and judges the result.
    pub fn judge(&self, stage: &Stage, struck: &Struck) -> (String, Vec<String>) {
        let mut wrong = manners(struck);
        wrong.extend(leaks(stage, struck, &[stage.at("calls.csv")]));
        let all = self.numbers.len() + 1;
        let kept = match autopsy(stage) {
            Ok(contacts) => contacts,
            Err(error) => return ("ledger broken".to_string(), vec![error]),
        };
        match (kept.len(), struck.told.code) {
            (1, Some(0)) => wrong.push("acknowledged contacts are not on record".to_string()),
            (1, _) => {}
            (n, _) if n == all => {}
            (n, _) => wrong.push(format!("{n} of {all} contacts: neither all nor none were imported")),
        }
        let again = stage.run(&borrowed(&self.command(stage)));
        if again.code != Some(0) {
            wrong.push(format!("cannot be imported again: {}", again.err));
        }
        wrong.extend(unverified(stage));
        wrong.extend(leaks(stage, struck, &[stage.at("calls.csv")]));
        let now = autopsy(stage).unwrap_or_default();
        let mut expected: Vec<String> = (0..self.numbers.len())
            .map(|i| format!("+86{} 2026-11-01 0{i}:00:00 UTC", self.numbers[i]))
            .collect();
        expected.push(format!("+86{} 2026-10-01 08:00:00 UTC", self.numbers[0]));
        expected.sort();
        if now != expected {
            wrong.push(format!("on record after another import: {now:?}"));
        }
        let ending = format!("{}, {} of {all} contacts kept", ending(&struck.told), kept.len());
        (ending, wrong)
    }
}

/// Reads the contacts as the next program to open the ledger would find them, without touching it.
fn autopsy(stage: &Stage) -> Result<Vec<String>, String> {
    let twin = stage.twin();
    let store = Store::open(&twin.at("canaries.db")).map_err(|error| format!("the ledger cannot be opened: {error}"))?;
    let contacts = store.read().contacts().map_err(|error| format!("the ledger cannot be read: {error}"))?;
    let mut contacts: Vec<String> = contacts.iter().map(|row| format!("{} {}", row.number, row.at)).collect();
    contacts.sort();
    Ok(contacts)
}

fn borrowed(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

/// Says in a word how a struck run ended.
pub fn ending(told: &Told) -> String {
    match told.code {
        Some(code) => format!("exit {code}"),
        None => "killed".to_string(),
    }
}

/// Checks how a struck run took its leave: done, one clear message, or killed by us.
pub fn manners(struck: &Struck) -> Vec<String> {
    let Told { code, err, .. } = &struck.told;
    let mut wrong = Vec::new();
    // A program whose own messages cannot be written has only its exit code.
    let is_mute = struck.line.as_ref().is_some_and(|line| line.contains(" write("));
    match code {
        None | Some(0) => {}
        Some(2) if is_mute && err.is_empty() => {}
        Some(2) => {
            if err.matches("canaries: ").count() != 1 || !err.starts_with("canaries: ") {
                wrong.push(format!("not one clear message: {err:?}"));
            }
        }
        Some(code) => wrong.push(format!("exit code {code}: {err:?}")),
    }
    wrong
}

/// Looks for a real row outside the files that are meant to hold it.
pub fn leaks(stage: &Stage, struck: &Struck, meant: &[PathBuf]) -> Vec<String> {
    let has = |bytes: &[u8]| bytes.windows(SENTINEL.len()).any(|window| window == SENTINEL.as_bytes());
    let mut wrong = Vec::new();
    for (what, text) in [("standard output", &struck.told.out), ("standard error", &struck.told.err)] {
        if has(text.as_bytes()) {
            wrong.push(format!("a real row on {what}: {text}"));
        }
    }
    for path in files(stage.folder()) {
        if !meant.contains(&path) && has(&fs::read(&path).unwrap()) {
            wrong.push(format!("a real row in {}", path.display()));
        }
    }
    wrong
}

/// Lists all files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// Runs `verify` on the stage's ledger.
pub fn unverified(stage: &Stage) -> Vec<String> {
    let told = stage.run(&["verify"]);
    match told.code {
        Some(0) => Vec::new(),
        Some(_) | None => vec![format!("verify: {}{}", told.out, told.err)],
    }
}
