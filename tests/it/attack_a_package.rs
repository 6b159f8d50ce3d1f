//! Attacks on an evidence package by somebody who has the log's key: odd names, links, shells, mark-up, and openings that say something else.
//!
//! The script runs under every shell that is here, and says what the program says.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::prove_it::{Change, Story, both, edit, entry, files, sign_again, the, told};

/// Another text in the place of one.
type Rewrite<'a> = Box<dyn Fn(String) -> String + 'a>;
/// What is done to the folder with this name.
type Act = fn(&str);

/// Copies a package.
pub fn copied(story: &Story, good: &str, name: &str) -> String {
    let folder = story.world.arg(name);
    assert!(Command::new("cp").args(["-r", good, &folder]).status().unwrap().success());
    folder
}

/// Names that a shell, an option parser or a file system could read otherwise.
const ODD_NAMES: [&str; 12] = [
    "entries/0000001 0000002.entry",
    "entries/$(touch owned).entry",
    "entries/`touch owned`.entry",
    "entries/;touch owned;.entry",
    "canaries/-n.open",
    "-rf",
    "entries/a\nb.entry",
    "receipts/*.json",
    ".hidden",
    "entries/.hidden",
    "报告.html",
    "a\\x62",
];

#[test]
fn odd_names_are_refused_at_the_first_step_and_run_nothing() {
    let story = told();
    let good = story.package("good");
    for (at, name) in ODD_NAMES.iter().enumerate() {
        let folder = copied(&story, &good, &format!("odd-{at}"));
        let path = Path::new(&folder).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
        assert_eq!(both(&story.world, &folder, name).as_deref(), Some("files"), "{name} came");
        sign_again(&story.world, &folder);
        assert_eq!(both(&story.world, &folder, name).as_deref(), Some("files"), "{name} is listed");
        assert!(!Path::new(&folder).join("owned").exists(), "{name}");
    }
}

#[test]
fn lists_that_reach_outside_or_say_a_thing_twice_are_refused() {
    let story = told();
    let good = story.package("good");
    let zeros = "0".repeat(64);
    let changes: [(&str, Rewrite<'_>); 7] = [
        ("a path upwards", Box::new(|list| format!("{list}{zeros}  ../good/report.json\n"))),
        ("a device", Box::new(|list| format!("{list}{zeros}  /dev/zero\n"))),
        ("carriage returns", Box::new(|list| list.replace('\n', "\r\n"))),
        ("a line twice", Box::new(|list| format!("{list}{}\n", list.lines().next().unwrap()))),
        ("no last line end", Box::new(|list| list.trim_end().to_string())),
        ("an empty line", Box::new(|list| format!("{list}\n"))),
        ("upper-case hashes", Box::new(|list| list.to_uppercase())),
    ];
    for (at, (what, change)) in changes.iter().enumerate() {
        let folder = copied(&story, &good, &format!("list-{at}"));
        edit(&format!("{folder}/SHA256SUMS"), change);
        assert_eq!(both(&story.world, &folder, what).as_deref(), Some("files"), "{what}");
    }
}

#[test]
fn links_and_pipes_and_deep_folders_are_refused() {
    let story = told();
    let good = story.package("good");
    let with_room = copied(&story, &good, "room");
    fs::create_dir(format!("{with_room}/stamps")).unwrap();
    assert_eq!(both(&story.world, &with_room, "an empty folder that may be there"), None);
    let changes: [(&str, Act); 6] = [
        ("a link to a file", |f| {
            fs::rename(format!("{f}/report.json"), format!("{f}/../moved.json")).unwrap();
            symlink("../moved.json", format!("{f}/report.json")).unwrap();
        }),
        ("a link to a folder", |f| symlink("/etc", format!("{f}/receipts")).unwrap()),
        ("a pipe", |f| assert!(Command::new("mkfifo").arg(format!("{f}/pipe")).status().unwrap().success())),
        ("a folder in a folder", |f| {
            fs::create_dir(format!("{f}/entries/more")).unwrap();
            fs::write(format!("{f}/entries/more/x.entry"), "x").unwrap();
        }),
        ("an empty folder in a folder", |f| fs::create_dir(format!("{f}/entries/more")).unwrap()),
        ("an empty folder of another name", |f| fs::create_dir(format!("{f}/more")).unwrap()),
    ];
    for (at, (what, change)) in changes.iter().enumerate() {
        let folder = copied(&story, &good, &format!("link-{at}"));
        change(&folder);
        assert_eq!(both(&story.world, &folder, what).as_deref(), Some("files"), "{what}");
    }
}

/// Moves the first byte of an opened value to the end of its salt: the bytes that are hashed stay the same.
fn shift(path: &str, name: &str) {
    edit(path, |text| {
        let line = |line: &str| match line.split_once(' ') {
            Some((of, rest)) if of == name => {
                let (salt, value) = rest.split_once(' ').unwrap();
                let first = value.chars().next().unwrap();
                let moved = hex::encode(first.to_string());
                format!("{of} {salt}{moved} {}\n", &value[first.len_utf8()..])
            }
            Some(_) | None => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    });
}

#[test]
fn openings_that_say_something_else_with_the_same_bytes_are_refused() {
    let story = told();
    let good = story.package("good");
    let changes: [(&str, &str, Change<'_>); 6] = [
        (
            "the caller's words begin later",
            "openings",
            Box::new(|f| shift(&format!("{}.open", entry(f, "contact")), "said")),
        ),
        (
            "another holder by a longer salt",
            "openings",
            Box::new(|f| shift(&format!("{}.open", entry(f, "sealed")), "holder")),
        ),
        (
            "no holder is opened",
            "canaries",
            Box::new(|f| fs::remove_file(format!("{}.open", entry(f, "sealed"))).unwrap()),
        ),
        (
            "an option for grep",
            "openings",
            Box::new(|f| {
                edit(&format!("{}.open", entry(f, "contact")), |text| {
                    format!("{text}-f/etc/passwd {} x\n", "0".repeat(64))
                });
            }),
        ),
        (
            "a shell's words in a salt",
            "openings",
            Box::new(|f| {
                edit(&format!("{}.open", entry(f, "contact")), |text| {
                    format!("{text}said $(touch${{IFS}}owned)%n%s x\n")
                });
            }),
        ),
        (
            "a canary that nobody proves",
            "canaries",
            Box::new(|f| {
                fs::copy(the(f, "canaries/", ".open"), format!("{f}/canaries/C-000099.open")).unwrap();
            }),
        ),
    ];
    for (at, (what, step, change)) in changes.iter().enumerate() {
        let folder = copied(&story, &good, &format!("other-{at}"));
        change(&folder);
        sign_again(&story.world, &folder);
        assert_eq!(both(&story.world, &folder, what).as_deref(), Some(*step), "{what}");
        assert!(!files(&folder).iter().any(|name| name.ends_with("owned")), "{what}");
    }
}

#[test]
fn the_script_says_the_same_under_every_shell() {
    let story = told();
    let good = story.package("good");
    let bad = copied(&story, &good, "bad");
    edit(&format!("{}.open", entry(&bad, "contact")), |text| text.replace("女士", "先生"));
    sign_again(&story.world, &bad);
    for shell in ["sh", "bash"] {
        let run = |folder: &str| Command::new(shell).arg("verify.sh").current_dir(folder).output().unwrap();
        assert!(run(&good).stdout.starts_with(b"ok"), "{shell}: {:?}", run(&good));
        assert!(String::from_utf8_lossy(&run(&bad).stdout).contains("6 (openings)"), "{shell}: {:?}", run(&bad));
    }
}

#[test]
fn nothing_that_people_said_or_are_called_becomes_mark_up() {
    let story = told();
    let world = &story.world;
    let hostile = [
        "<script>alert(1)</script>宝宝",
        "\"><svg onload=alert(1)>",
        "'><img src=x onerror=alert(1)>",
        "</td></table><iframe src=//x>",
        "<style>*{display:none}</style>",
        "javascript:alert(1)",
        "&lt;b&gt;",
        "]]><x>",
    ];
    for (at, words) in hostile.iter().enumerate() {
        world.done(&["hit", "add", "--to", &story.numbers[at % 3], "--from", "057188880000", "--said", words]);
        world.done(&["holder", "add", &format!("x{at}"), "--name", words, "--parent", "szfy"]);
    }
    world.done(&["report", "-o", &world.arg("hostile.html")]);
    world.done(&["--lang", "zh", "report", "-o", &world.arg("hostile-zh.html")]);
    for page in ["hostile.html", "hostile-zh.html"] {
        let page = fs::read_to_string(world.at(page)).unwrap();
        for mark in ["<script", "<svg onload", "<img", "<iframe", "<x>", "<style>*"] {
            assert!(!page.contains(mark), "{mark}");
        }
        assert!(page.contains("&lt;script&gt;") && page.contains("&amp;lt;b&amp;gt;"));
    }
}

#[test]
fn a_package_on_a_number_that_nobody_was_given_is_taken_by_both() {
    let story = told();
    let control = story.world.done(&["number", "control", "--count", "1"]);
    let package = story.world.arg("of-a-control");
    story.world.done(&["report", control.trim(), "-o", &package]);
    assert_eq!(both(&story.world, &package, "a control"), None);
}
