//! Keeps the order of the house: which module may use which, what stands where, how large things get.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the story: each may use only those above it.
const FLOORS: [&str; 16] = [
    "lang", "id", "phone", "holder", "persona", "list", "plant", "ledger", "hit", "scan", "trace", "plan", "report",
    "store", "deed", "cli",
];
/// Edges that exist. A new one is a line here, so that a reviewer sees it.
const EDGES: &[(&str, &[&str])] = &[
    ("lang", &[]),
    ("id", &["lang"]),
    ("phone", &["lang", "id"]),
    ("holder", &["lang"]),
    ("persona", &[]),
    ("list", &["lang", "phone"]),
    ("plant", &["lang", "list", "persona", "phone"]),
    ("ledger", &["lang", "id", "phone", "holder", "list"]),
    ("hit", &["lang", "id", "phone", "holder", "persona"]),
    ("scan", &["lang", "phone"]),
    ("trace", &["lang", "id", "phone", "holder", "hit"]),
    ("plan", &["lang", "id", "phone", "holder", "hit", "trace"]),
    ("report", &["lang", "id", "phone", "holder", "list", "ledger", "hit", "trace"]),
    ("store", &["lang", "id", "phone", "holder", "list", "ledger", "hit"]),
    (
        "deed",
        &[
            "lang", "id", "phone", "holder", "persona", "list", "plant", "ledger", "hit", "scan", "trace", "plan",
            "report", "store",
        ],
    ),
    ("cli", &["lang", "id", "phone", "holder", "list", "plant", "hit", "trace", "plan", "report", "store", "deed"]),
];
/// Words that may stand only in some modules: the word, where it may, why.
const WORDS: &[(&str, &[&str], &str)] = &[
    ("SELECT ", &["store"], "SQL lives in the store"),
    ("INSERT INTO", &["store"], "SQL lives in the store"),
    ("Utc::now", &["deed"], "the clock enters in deeds"),
    ("Local::now", &["deed"], "the clock enters in deeds"),
    ("rand::rng(", &["deed"], "chance enters in deeds"),
    ("make_rng(", &["deed"], "chance enters in deeds"),
    ("println!", &["cli"], "only the command line prints"),
    ("print!(", &["cli"], "only the command line prints"),
    ("std::env", &["cli", "main"], "the environment is read at the door"),
    ("std::fs", &["store", "deed", "cli"], "floors 0 and 1 open nothing"),
    ("File::open", &["store", "deed", "cli"], "floors 0 and 1 open nothing"),
    ("unsafe ", &["scan"], "only the scanner may"),
];
/// Words that stand nowhere.
const NOWHERE: &[&str] = &["todo!(", "unimplemented!(", "dbg!(", "TODO", "FIXME", "#[ignore", "allow(dead_code"];
/// Lines of code a file may have, its unit tests not counted.
const FILE_LINES_MAX: usize = 400;
/// Lines a function may have.
const FUNCTION_LINES_MAX: usize = 70;

struct Source {
    path: PathBuf,
    module: String,
    text: String,
}

impl Source {
    /// The code without the unit tests at the foot.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
    }

    /// The code without comments.
    fn bare(&self) -> String {
        self.code().lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
                let module = first.trim_end_matches(".rs").to_string();
                found.push(Source { module, text: fs::read_to_string(&path).unwrap(), path });
            }
        }
    }
    assert!(found.len() > 30, "the sources are not where they should be");
    found
}

fn no_faults(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let mut faults = Vec::new();
    for source in sources() {
        if source.module == "main" || source.module == "lib" {
            continue;
        }
        let Some((_, allowed)) = EDGES.iter().find(|(module, _)| *module == source.module) else {
            faults.push(format!("{}: module `{}` is on no floor", source.path.display(), source.module));
            continue;
        };
        let text = source.text.replace("use crate::{", "use crate::BRACES{");
        let used: BTreeSet<&str> = text
            .split("crate::")
            .skip(1)
            .map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default())
            .collect();
        for other in used {
            if other != source.module && !allowed.contains(&other) {
                faults.push(format!("{}: uses `{other}`, which is not in the table", source.path.display()));
            }
        }
    }
    no_faults(faults);
}

#[test]
fn the_table_itself_goes_only_upwards() {
    let floor = |module: &str| FLOORS.iter().position(|known| *known == module).unwrap();
    for (module, uses) in EDGES {
        for other in *uses {
            assert!(floor(other) < floor(module), "{module} -> {other}");
        }
    }
}

#[test]
fn the_modules_stand_in_lib_in_the_order_of_the_story() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let order: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")).map(|line| line.trim_end_matches(';')).collect();
    assert_eq!(order, FLOORS);
}

#[test]
fn words_stand_where_they_belong() {
    let mut faults = Vec::new();
    for source in sources() {
        let code = source.bare();
        for (word, allowed, why) in WORDS {
            if code.contains(word) && !allowed.contains(&source.module.as_str()) {
                faults.push(format!("{}: `{word}`: {why}", source.path.display()));
            }
        }
        for word in NOWHERE {
            if source.text.contains(word) {
                faults.push(format!("{}: `{word}`", source.path.display()));
            }
        }
        if code.contains(".unwrap()") {
            faults.push(format!("{}: unwrap outside tests", source.path.display()));
        }
        if code.contains("let _ =") {
            faults.push(format!("{}: a result thrown away", source.path.display()));
        }
    }
    no_faults(faults);
}

#[test]
fn files_open_with_what_they_are_and_stay_small() {
    let mut faults = Vec::new();
    for source in sources() {
        let path = source.path.display();
        if !source.text.starts_with("//! ") {
            faults.push(format!("{path}: no `//!` line"));
        }
        let lines = source.code().lines().count();
        if lines > FILE_LINES_MAX && !source.path.ends_with("tests.rs") {
            faults.push(format!("{path}: {lines} lines"));
        }
        let name = source.path.file_stem().unwrap().to_str().unwrap();
        if ["util", "utils", "helper", "helpers", "common", "misc", "manager", "types"].contains(&name) {
            faults.push(format!("{path}: a name that says nothing"));
        }
    }
    no_faults(faults);
}

#[test]
fn functions_fit_on_a_screen() {
    let mut faults = Vec::new();
    for source in sources() {
        let mut begun: Option<(usize, usize, String)> = None;
        for (number, line) in source.code().lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let head = line.trim_start();
            let is_function =
                ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn "].iter().any(|word| head.starts_with(word));
            if is_function && begun.is_none() {
                begun = Some((number, indent, head.to_string()));
            }
            if let Some((from, depth, name)) = &begun
                && (line == format!("{}}}", " ".repeat(*depth)) || (number == *from && line.ends_with('}')))
            {
                let lines = number - from + 1;
                if lines > FUNCTION_LINES_MAX {
                    faults.push(format!("{}:{}: {lines} lines: {name}", source.path.display(), from + 1));
                }
                begun = None;
            }
        }
    }
    no_faults(faults);
}
