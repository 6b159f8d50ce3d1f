//! Stripping a seeded copy: the list comes out whole or not at all, and no file with real rows is left behind.

use std::fs;

use super::check::{ending, files, leaks, manners};
use super::lists::{Kind, sentinels};
use super::strike::Struck;
use crate::stage::{Stage, borrowed};

/// The list that was seeded.
pub struct Strips {
    list: Vec<u8>,
}

impl Strips {
    pub fn new() -> Strips {
        Strips { list: Kind::Csv.list() }
    }

    /// Makes the stage before the copy is stripped.
    pub fn stage(&self) -> Stage {
        let stage = Stage::ready(&["szfy"], 20);
        let list = stage.write("births.csv", &self.list);
        stage.done(&["plant", &list, "--to", "szfy", "--count", "2", "-o", &stage.arg("seeded.csv")]);
        fs::create_dir(stage.at("out")).unwrap();
        stage
    }

    /// Gives the command that is struck.
    pub fn command(&self, stage: &Stage) -> Vec<String> {
        ["strip", &stage.arg("seeded.csv"), "-o", &stage.arg("out/clean.csv")].map(str::to_string).to_vec()
    }

    /// Judges the stage as the fault left it, strips to another file, and judges the result.
    pub fn judge(&self, stage: &Stage, struck: &Struck) -> (String, Vec<String>) {
        let mut wrong = manners(struck);
        let lists = [stage.at("births.csv"), stage.at("seeded.csv")];
        let found = files(&stage.at("out"));
        let meant: Vec<_> = lists.iter().chain(&found).cloned().collect();
        wrong.extend(leaks(stage, struck, &sentinels(), &meant));
        let clean = stage.at("out/clean.csv");
        let what = match found.as_slice() {
            [] => "nothing",
            [one] if *one == clean => "the copy",
            [one] if one.file_name().unwrap().to_str().unwrap().starts_with('.') => "a hidden file",
            _ => "something else",
        };
        let is_whole = fs::read(&clean).is_ok_and(|bytes| bytes == self.list);
        if clean.exists() && !is_whole {
            wrong.push("the copy is not whole".to_string());
        }
        match struck.told.code {
            Some(0) if !is_whole => wrong.push("exit 0, but there is no copy".to_string()),
            Some(0) | None => {}
            Some(_) if what == "a hidden file" && !is_unlink(struck) => {
                wrong.push("refused, but a file is left".to_string())
            }
            Some(_) => {}
        }
        let next = stage.arg("out/next.csv");
        let mut words = self.command(stage);
        words[3] = next.clone();
        let told = stage.run(&borrowed(&words));
        if told.code != Some(0) {
            wrong.push(format!("the next strip fails: {}", told.err));
        }
        for path in files(&stage.at("out")) {
            if fs::read(&path).unwrap() != self.list {
                wrong.push(format!("left over: {}", path.display()));
            }
            if path != clean && path.to_str() != Some(&next) {
                wrong.push(format!("left over: {}", path.display()));
            }
        }
        (format!("{}, {what}", ending(&struck.told)), wrong)
    }
}

/// Tells whether the fault was that nothing could be removed.
fn is_unlink(struck: &Struck) -> bool {
    struck.line.as_ref().is_some_and(|line| line.contains("unlink"))
}
