//! The built program from outside: its language, its streams, its pipes.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::lists::Shape;
use crate::stage::Told;
use crate::world::Fixed;

fn program(world: &Fixed, args: &[&str], env: &[(&str, &str)]) -> Told {
    let mut command = Command::new(env!("CARGO_BIN_EXE_canaries"));
    command.current_dir(world.folder()).env_clear().envs(env.iter().copied()).args(args);
    Told::from(command.output().unwrap())
}

#[test]
fn the_ledger_lies_in_the_current_folder_unless_told_otherwise() {
    let world = Fixed::bare();
    assert_eq!(program(&world, &["init"], &[]).code, Some(0));
    assert!(world.at("canaries.db").is_file() && world.at("canaries.key").is_file());
    let other = world.arg("other.db");
    assert_eq!(program(&world, &["init"], &[("CANARIES_DB", &other)]).code, Some(0));
    assert!(world.at("other.db").is_file() && world.at("other.key").is_file());
    assert_eq!(program(&world, &["--db", "third.db", "init"], &[("CANARIES_DB", &other)]).code, Some(0));
    assert!(world.at("third.db").is_file());
}

#[test]
fn the_language_is_that_of_the_user() {
    let world = Fixed::bare();
    let told = |env: &[(&str, &str)], args: &[&str]| program(&world, args, env).err;
    let verify = &["verify"][..];
    assert!(told(&[("LANG", "zh_CN.UTF-8")], verify).contains("处没有台账"));
    assert!(told(&[("LANG", "de_DE.UTF-8")], verify).contains("there is no ledger"));
    assert!(told(&[], verify).contains("there is no ledger"));
    assert!(told(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")], verify).contains("处没有台账"));
    assert!(told(&[("LANG", "zh_CN.UTF-8")], &["--lang", "en", "verify"]).contains("there is no ledger"));
    let help = program(&world, &["--help"], &[("LANG", "zh_CN.UTF-8")]);
    assert!(help.code == Some(0) && help.out.contains("持有方"), "{}", help.out);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let world = Fixed::ready(&[], 3000);
    for args in [&["number", "list"][..], &["--json", "number", "list"], &["man"]] {
        let mut child = world.program(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut some = [0; 100];
        child.stdout.take().unwrap().read_exact(&mut some).unwrap();
        let told = Told::from(child.wait_with_output().unwrap());
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{args:?}");
    }
}

fn piped(world: &Fixed, args: &[&str], input: &[u8]) -> Told {
    let mut command = world.program(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Told::from(child.wait_with_output().unwrap())
}

#[test]
fn a_dash_is_standard_input() {
    let world = Fixed::ready(&["szfy"], 30);
    let list = Shape::default().bytes();
    let planted = piped(&world, &["plant", "-", "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")], &list);
    assert_eq!(planted.code, Some(0), "{}", planted.err);
    let seeded = std::fs::read(world.at("out.csv")).unwrap();
    let stripped = piped(&world, &["strip", "-", "-o", "-"], &seeded);
    assert!(stripped.code == Some(0) && stripped.out.as_bytes() == list, "{}", stripped.err);
    let holders = piped(&world, &["holder", "import", "-"], b"id,name\nnew,New\n");
    assert_eq!(holders.code, Some(0), "{}", holders.err);
    let hits = piped(&world, &["hit", "import", "-"], b"to,at\n95588,2026-11-21 10:00\n");
    assert!(hits.code == Some(0) && hits.out.contains("1 rows: 0 new contacts"), "{}{}", hits.out, hits.err);
}

#[test]
fn what_cannot_go_to_standard_output_and_no_server_is_told() {
    let world = Fixed::ready(&[], 0);
    let backup = world.program(&["backup", "-"]).output().map(Told::from).unwrap();
    assert!(backup.code == Some(2) && backup.err.contains("standard output"), "{}", backup.err);
    assert!(!world.at("-").exists());
    let told = program(&world, &["--db", "postgres://u:geheim@h/db", "init"], &[]);
    assert!(told.code == Some(2) && told.err.contains("SQLite") && !told.err.contains("geheim"), "{}", told.err);
}

#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let world = Fixed::ready(&[], 50);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let told = Told::from(world.program(&["number", "list"]).stdout(full).stderr(Stdio::piped()).output().unwrap());
    assert_eq!(told.code, Some(2));
    assert!(told.err.starts_with("canaries: cannot write the output"), "{}", told.err);
}

#[test]
fn what_is_no_data_goes_to_standard_error_and_nothing_is_drawn_without_a_terminal() {
    let world = Fixed::ready(&["szfy"], 60);
    let list = world.write("births.csv", Shape::default().bytes());
    let args = ["plant", &list, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")];
    let told = Told::from(world.program(&args).output().unwrap());
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{}", told.out);
    assert!(!told.out.contains('\u{1b}'));
    let quiet = Told::from(world.program(&["-q", "verify"]).output().unwrap());
    assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""));
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let world = Fixed::bare();
    let commands =
        ["init", "demo", "holder", "flow", "number", "plant", "mint", "strip", "hit", "trace", "verify", "backup"];
    for args in [&["completions", "bash"][..], &["completions", "zsh"], &["completions", "fish"], &["man"]] {
        let told = world.run(args);
        assert_eq!(told.code, Some(0), "{}", told.err);
        for command in commands {
            assert!(told.out.contains(command), "{args:?} does not name `{command}`");
        }
    }
}
