//! Runs what README and docs show, on the built program in a fresh folder, and compares what is printed there.
//!
//! A block ```` ```console ```` holds commands after `$ ` and what they print; a block ```` ```output ```` is what the command
//! before it prints; any block whose fence names a file (```` ```csv numbers.csv ````) is that file. A line `…` stands
//! for any lines, and `…` within a line for any text.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use canaries::ledger::{Event, Salter};
use canaries::phone::Number;

/// The documents that show commands: the file, the language they run in, and how output is compared.
const DOCUMENTS: &[(&str, &str, Compare)] = &[
    ("README.md", "C.UTF-8", Compare::Masked),
    ("docs/README.zh.md", "zh_CN.UTF-8", Compare::Masked),
    ("docs/FORMATS.md", "C.UTF-8", Compare::Masked),
    ("docs/OPERATING.md", "C.UTF-8", Compare::Masked),
    ("docs/LEDGER.md", "C.UTF-8", Compare::Exact),
];
/// Chinese words that were used for something which the glossary calls otherwise.
const OTHER_NAMES: &[(&str, &str)] =
    &[("金丝雀", "蜜标"), ("植入", "投放"), ("布设", "投放"), ("号池", "号码池"), ("账本", "台账"), ("铸造", "制备")];
/// Fewest hexadecimal digits that are a hash and no word.
const HASH_DIGITS_MIN: usize = 16;

#[derive(Clone, Copy, PartialEq)]
enum Compare {
    Exact,
    /// Hashes, times, phone numbers and the width of columns may differ.
    Masked,
}

#[derive(Debug)]
enum Step {
    File { name: String, content: String },
    Run { command: String, printed: String, line: usize },
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Finds the files and commands of a document in their order.
fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((_, fence)) = lines.next() {
        let Some(info) = fence.strip_prefix("```") else { continue };
        let block: Vec<(usize, &str)> = lines.by_ref().take_while(|(_, line)| !line.starts_with("```")).collect();
        match info.split_once(' ') {
            Some((_, name)) => {
                let content = block.iter().map(|(_, line)| format!("{line}\n")).collect();
                steps.push(Step::File { name: name.to_string(), content });
            }
            None if info == "console" => steps.extend(commands(&block)),
            None if info == "output" => match steps.last_mut() {
                Some(Step::Run { printed, .. }) => printed.extend(block.iter().map(|(_, line)| format!("{line}\n"))),
                Some(Step::File { .. }) | None => panic!("output of no command: {block:?}"),
            },
            None => {}
        }
    }
    steps
}

fn commands(block: &[(usize, &str)]) -> Vec<Step> {
    let mut found = Vec::new();
    for (at, line) in block {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => {
                found.push(Step::Run { command: command.to_string(), printed: String::new(), line: at + 1 });
            }
            (None, Some(Step::Run { command, .. })) if command.ends_with('\\') => {
                command.pop();
                command.push_str(line.trim_start());
            }
            (None, Some(Step::Run { printed, .. })) => printed.push_str(&format!("{line}\n")),
            (None, Some(Step::File { .. }) | None) => panic!("line {}: output without a command", at + 1),
        }
    }
    found
}

/// Runs one line of shell, with the built program first in the path; gives what it printed, errors last.
fn run(command: &str, folder: &Path, lang: &str) -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_canaries"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    // The README runs the program through cargo; here it is built already.
    let command = command.replace("cargo run --release -- ", "canaries ");
    let done = Command::new("bash")
        .args(["-c", &command])
        .current_dir(folder)
        .env("PATH", path)
        .env("TZ", "UTC")
        .env("LANG", lang)
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env_remove("CANARIES_DB")
        .output()
        .unwrap();
    format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
}

/// Replaces what differs from run to run: hashes, times, phone numbers, places in a list, runs of blanks.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut before = "";
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let is_place = matches!(before, "row" | "第") && word.bytes().all(|byte| byte.is_ascii_digit());
        before = word.rsplit([',', '，']).next().unwrap_or(word);
        let mut rest = if is_place { "ROW" } else { word };
        while !rest.is_empty() {
            let of = |allowed: fn(char) -> bool| rest.find(|c: char| !allowed(c)).unwrap_or(rest.len());
            let hash = of(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
            let time = of(|c| c.is_ascii_digit() || "-:.TZ".contains(c));
            let number = of(|c| c.is_ascii_digit() || c == '+');
            let decimal = of(|c| c.is_ascii_digit() || c == '.');
            let (length, mask) = if rest[..decimal].matches('.').count() == 1 && !rest.starts_with('.') {
                (decimal, &rest[..decimal])
            } else if rest.starts_with('+') && number > 6 {
                (number, "NUMBER")
            } else if hash >= HASH_DIGITS_MIN {
                (hash, "HASH")
            } else if is_time(&rest[..time]) {
                (time, "TIME")
            } else {
                let length = of(char::is_alphanumeric).max(rest.chars().next().map_or(1, char::len_utf8));
                (length, &rest[..length])
            };
            out.push_str(mask);
            rest = &rest[length..];
        }
        out.push(' ');
    }
    out.trim_end().to_string()
}

/// Tells a day, or a time of day with or without its day.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', ':', 'T', '.', 'Z']).filter(|part| !part.is_empty()).collect();
    let two = |part: &&str| part.len() == 2;
    match parts.as_slice() {
        [year, rest @ ..] if year.len() == 4 && rest.len() >= 2 => rest[..2].iter().all(two),
        [hour, minute] => text.len() == 5 && text.contains(':') && two(hour) && two(minute),
        _ => false,
    }
}

/// Compares line by line; `…` stands for anything.
fn same(shown: &[String], printed: &[String]) -> bool {
    match shown {
        [] => printed.is_empty(),
        [any, rest @ ..] if any.trim() == "…" => (0..=printed.len()).any(|skip| same(rest, &printed[skip..])),
        [first, rest @ ..] => printed.split_first().is_some_and(|(line, below)| fits(first, line) && same(rest, below)),
    }
}

fn fits(shown: &str, line: &str) -> bool {
    match shown.split_once('…') {
        None => shown == line,
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| fits(after, &rest[at..]))
        }),
    }
}

fn lines(text: &str, compare: Compare) -> Vec<String> {
    let line = |line: &str| match compare {
        Compare::Exact => line.to_string(),
        Compare::Masked => masked(line),
    };
    text.trim_end().lines().map(line).collect()
}

#[test]
fn documents_show_what_the_program_prints() {
    let mut faults = Vec::new();
    for (document, lang, compare) in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let steps = steps(&text);
        assert!(steps.iter().any(|step| matches!(step, Step::Run { .. })), "{document} shows no command");
        for step in steps {
            match step {
                Step::File { name, content } => fs::write(folder.path().join(name), content).unwrap(),
                Step::Run { command, printed, line } => {
                    let real = run(&command, folder.path(), lang);
                    if !same(&lines(&printed, *compare), &lines(&real, *compare)) {
                        faults.push(format!("{document}:{line}: $ {command}\n--- shown\n{printed}--- printed\n{real}"));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn one_thing_has_one_chinese_name() {
    let mut faults = Vec::new();
    let mut folders = vec![root().join("src"), root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "md") {
                let text = fs::read_to_string(&path).unwrap();
                for (word, better) in OTHER_NAMES.iter().filter(|(word, _)| text.contains(word)) {
                    faults.push(format!("{}: `{word}`: the glossary says `{better}`", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn documents_are_bound_together() {
    let mut faults = Vec::new();
    let documents = ["README.md", "CHANGELOG.md"].map(str::to_string).into_iter().chain(
        fs::read_dir(root().join("docs"))
            .unwrap()
            .map(|entry| format!("docs/{}", entry.unwrap().file_name().display())),
    );
    for document in documents {
        let path = root().join(&document);
        let text = fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target) {
            let file = target.split('#').next().unwrap();
            if !target.starts_with("http") && !path.parent().unwrap().join(file).exists() {
                faults.push(format!("{document}: `{target}` is not there"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_architecture_is_short_and_names_every_module() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 200);
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for module in lib.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = module.trim_end_matches(';');
        assert!(text.contains(&format!("| `{module}` |")), "no floor for `{module}`");
    }
}

/// A source of chance that gives one byte for ever.
struct Constant(u8);

impl rand::TryRng for Constant {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_ne_bytes([self.0; 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_ne_bytes([self.0; 8]))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(self.0);
        Ok(())
    }
}

#[test]
fn the_vectors_of_the_ledger_are_those_of_the_program() {
    let text = fs::read_to_string(root().join("docs/LEDGER.md")).unwrap();
    let event = Event::Control { number: Number::from_e164("+8613800138000").unwrap() };
    let entry = event.write("2026-11-21T02:00:00Z".parse().unwrap(), &mut Salter(&mut Constant(1)));
    let body = String::from_utf8(entry.body.clone()).unwrap();
    assert!(text.contains(&body.replace('\n', "\\n")), "{body}");
    assert!(text.contains(&hex::encode(canaries::ledger::leaf_hash(&entry.body))));
    assert!(entry.openings.starts_with(format!("number {} +86", "01".repeat(32)).as_bytes()));
}

#[test]
fn what_must_not_differ_is_not_masked() {
    assert_eq!(masked("P-000001  out.csv: 20 rows"), "P-000001 out.csv: 20 rows");
    assert_eq!(masked("root d42cc6fd7b254933c80d6347848d22e5"), "root HASH");
    assert_eq!(masked("+8613800138000  2026-11-21 10:30  planted"), "NUMBER TIME TIME planted");
    assert_eq!(masked("\"at\": \"2026-11-21T02:30:00Z\","), "\"at\": \"TIME\",");
    assert_eq!(masked("out.csv，第 17 行"), masked("out.csv，第 3 行"));
    assert_eq!(masked("\"probability\": 0.5185359039128087,"), "\"probability\": 0.5185359039128087,");
    assert_ne!(masked("17 rows"), masked("3 rows"));
    let all = |text: &str| lines(text, Compare::Exact);
    assert!(same(&all("a\n…\nd"), &all("a\nb\nc\nd")));
    assert!(!same(&all("a\n…\nd"), &all("a\nb\nc")));
    assert!(same(&all("x … z"), &all("x y z")) && !same(&all("x … z"), &all("x y")));
}
