//! A world for journeys: a stage whose clock and chance are fixed, so that every run tells the same story.
//!
//! The clock stands still within a command and moves on by a minute with each; chance starts anew with each command,
//! from the number of commands before it.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::ops::Deref;
use std::path::PathBuf;

use canaries::cli::{World, run};
use canaries::deed::{Session, Watcher};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use rusqlite::Connection;
use serde_json::Value;

use crate::stage::{Heard, Stage, Told, pool};

/// A stage with its own time.
pub struct Fixed {
    stage: Stage,
    now: Cell<DateTime<Utc>>,
    seed: Cell<u64>,
}

impl Deref for Fixed {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Fixed {
    /// Makes an empty folder on 21 November 2026, 10:00 in Shenzhen.
    pub fn bare() -> Fixed {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 2, 0, 0).unwrap();
        Fixed { stage: Stage::bare(), now: Cell::new(now), seed: Cell::new(1) }
    }

    /// Makes a folder with a ledger, hospitals called `ids`, and a pool of `numbers`.
    pub fn ready(ids: &[&str], numbers: usize) -> Fixed {
        let fixed = Fixed::bare();
        fixed.done(&["init"]);
        for id in ids {
            fixed.done(&["holder", "add", id, "--name", id, "--kind", "hospital"]);
        }
        fixed.add_numbers(numbers);
        fixed
    }

    /// Copies the whole world, so that what is done to one does not reach the other.
    pub fn twin(&self) -> Fixed {
        Fixed { stage: self.stage.twin(), now: self.now.clone(), seed: self.seed.clone() }
    }

    /// Imports the first `count` numbers of the pool.
    pub fn add_numbers(&self, count: usize) {
        let lines: String = pool(count).map(|number| number + "\n").collect();
        let file = self.write("numbers.csv", format!("number\n{lines}"));
        self.done(&["number", "import", &file]);
    }

    /// Lets days go by.
    pub fn pass_days(&self, days: i64) {
        self.now.set(self.now.get() + TimeDelta::days(days));
    }

    /// Runs a command in this process, in English, on the world's ledger unless it names another.
    pub fn run(&self, args: &[&str]) -> Told {
        self.run_watched(args, Box::new(|_, _, _| {}))
    }

    /// Runs a command in this process under a watcher, who may meddle while it is under way.
    pub fn run_watched(&self, args: &[&str], watcher: Watcher) -> Told {
        let (out, err) = (Heard::default(), Heard::default());
        let (now, seed) = (self.now.get(), self.seed.get());
        self.now.set(now + TimeDelta::minutes(1));
        self.seed.set(seed + 1);
        let watcher = RefCell::new(Some(watcher));
        let session = move |db| Session {
            db,
            clock: Box::new(move || now),
            rng: ChaCha20Rng::seed_from_u64(seed),
            local: Box::new(|at| Some(at.and_utc() - TimeDelta::hours(8))),
            watcher: watcher.borrow_mut().take().expect("a command has one session"),
            recovered: Vec::new(),
            unlocking: Default::default(),
        };
        let mut world = World {
            env: Box::new(|_| None),
            stdout: Box::new(out.clone()),
            stderr: Box::new(err.clone()),
            terminal: false,
            session: Box::new(session),
        };
        let ledger = ["--db".to_string(), self.arg("canaries.db")];
        let ledger = ledger.into_iter().filter(|_| !args.contains(&"--db"));
        let words = ["canaries".to_string()].into_iter().chain(ledger);
        let words = words.chain(args.iter().map(|arg| arg.to_string())).map(OsString::from);
        let code = run(words, &mut world);
        Told { code: Some(i32::from(code)), out: out.text(), err: err.text() }
    }

    /// Runs a command that must succeed; gives what it printed.
    pub fn done(&self, args: &[&str]) -> String {
        let told = self.run(args);
        assert_eq!(told.code, Some(0), "canaries {}\n{}{}", args.join(" "), told.out, told.err);
        told.out
    }

    /// Runs a command with `--json` that must succeed; gives the document it printed.
    pub fn json(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = ["--json"].into_iter().chain(args.iter().copied()).collect();
        serde_json::from_str(&self.done(&args)).unwrap()
    }

    /// Runs a command that must be refused, in both languages; gives what it said.
    ///
    /// Every refusal says what and what to do about it, prints no data, writes no entry, and leaves no file.
    pub fn refused(&self, args: &[&str]) -> Refusal {
        self.refused_by(args, &|args| self.run(args))
    }

    /// As [`Fixed::refused`], with another way to run the program.
    pub fn refused_by(&self, args: &[&str], run: &dyn Fn(&[&str]) -> Told) -> Refusal {
        let (before, files) = (self.entries(), self.files());
        let told = run(args);
        let shown = format!("canaries {}\n{}{}", args.join(" "), told.out, told.err);
        assert_eq!(told.code, Some(2), "{shown}");
        assert_eq!(told.out, "", "{shown}");
        assert!(told.err.starts_with("canaries: "), "{shown}");
        assert_eq!(told.err.matches("canaries: ").count(), 1, "more than one message: {shown}");
        assert!(told.err.contains("\nhint: "), "no hint: {shown}");
        let args: Vec<&str> = ["--lang", "zh"].into_iter().chain(args.iter().copied()).collect();
        let zh = run(&args);
        assert_eq!((zh.code, zh.out.as_str()), (Some(2), ""), "{}", zh.err);
        assert!(zh.err.starts_with("canaries: ") && zh.err.contains("\n提示："), "{}", zh.err);
        assert!(zh.err.chars().any(|c| ('一'..='龥').contains(&c)), "not in Chinese: {}", zh.err);
        assert_eq!(self.entries(), before, "the ledger changed: {shown}");
        assert_eq!(self.files(), files, "a file came or went: {shown}");
        Refusal { en: told.err, zh: zh.err }
    }

    /// Gives all entries of the ledger; none if there is no ledger.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        if !self.at("canaries.db").is_file() {
            return Vec::new();
        }
        let db = self.ledger();
        let Ok(mut entries) = db.prepare("SELECT body FROM entry ORDER BY idx") else { return Vec::new() };
        let bodies = entries.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        bodies.map(Result::unwrap).collect()
    }

    /// Lists the files and folders of the world, but not those that SQLite makes and removes beside the ledger.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
                found.push(entry.path());
            }
        }
        found.retain(|path| !path.ends_with("canaries.db-wal") && !path.ends_with("canaries.db-shm"));
        found.sort();
        found
    }

    /// Opens the ledger behind the program's back.
    pub fn ledger(&self) -> Connection {
        Connection::open(self.at("canaries.db")).unwrap()
    }

    /// Makes sure that the ledger has no fault.
    pub fn verified(&self) {
        let told = self.run(&["verify"]);
        assert_eq!(told.code, Some(0), "{}{}", told.out, told.err);
    }
}

/// What a refusal said, in both languages.
#[derive(Debug)]
pub struct Refusal {
    pub en: String,
    pub zh: String,
}

impl Refusal {
    /// Makes sure that both wordings name something.
    pub fn names(&self, what: &str) -> &Refusal {
        assert!(self.en.contains(what), "`{what}` is not named: {}", self.en);
        assert!(self.zh.contains(what), "`{what}` is not named: {}", self.zh);
        self
    }

    /// Makes sure that the English wording says something.
    pub fn says(&self, what: &str) -> &Refusal {
        assert!(self.en.contains(what), "`{what}` is not said: {}", self.en);
        self
    }
}

/// Gives a text of a JSON document.
pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` is no text in {value}"))
}

/// Gives a count of a JSON document.
pub fn count(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("`{key}` is no count in {value}"))
}

/// Gives the entries of a JSON list.
pub fn all<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("`{key}` is no list in {value}"))
}
