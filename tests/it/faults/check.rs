//! What must hold after any fault, whatever was struck and however it ended.

use std::fs;
use std::path::{Path, PathBuf};

use super::strike::Struck;
use crate::stage::{Stage, Told};

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
    // What was recovered is told first, whatever became of the command.
    let message: String = err.lines().filter(|line| !line.contains(", interrupted earlier, is ")).collect();
    // A program whose own messages cannot be written has only its exit code.
    let is_mute = struck.line.as_ref().is_some_and(|line| line.contains(" write("));
    match code {
        None | Some(0) => Vec::new(),
        Some(2) if is_mute && message.is_empty() => Vec::new(),
        Some(2) if message.starts_with("canaries: ") && message.matches("canaries: ").count() == 1 => Vec::new(),
        Some(2) => vec![format!("not one clear message: {err:?}")],
        Some(code) => vec![format!("exit code {code}: {err:?}")],
    }
}

/// Looks for what real rows hold (`sentinels`) in what was printed and in every file but those `meant` to hold it.
pub fn leaks(stage: &Stage, struck: &Struck, sentinels: &[String], meant: &[PathBuf]) -> Vec<String> {
    let found = |bytes: &[u8]| sentinels.iter().any(|text| holds(bytes, text.as_bytes()));
    let mut wrong = Vec::new();
    for (name, text) in [("standard output", &struck.told.out), ("standard error", &struck.told.err)] {
        if found(text.as_bytes()) {
            wrong.push(format!("a real row on {name}: {text}"));
        }
    }
    for path in files(stage.folder()) {
        if !meant.contains(&path) && found(&fs::read(&path).unwrap()) {
            wrong.push(format!("a real row in {}", path.display()));
        }
    }
    wrong
}

/// Tells whether `bytes` hold `text` somewhere.
pub fn holds(bytes: &[u8], text: &[u8]) -> bool {
    memchr::memmem::find(bytes, text).is_some()
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
