//! Whatever is wrong with the place of an output, the ledger or the pool: told before anything is planted, with exit 2, one
//! message that says what to do, no file more or less, and the ledger as before.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::lists::Shape;
use crate::stage::Told;
use crate::world::{Fixed, text};

fn world() -> Fixed {
    Fixed::ready(&["szfy"], 40)
}

fn list() -> Vec<u8> {
    Shape::default().bytes()
}

#[test]
fn an_output_that_is_there_is_left_alone() {
    let world = world();
    let input = world.write("births.csv", list());
    let plant = |output: &str| {
        world.refused(&["plant", &input, "--to", "szfy", "--count", "3", "-o", output]).names(output);
        world.refused(&["strip", &input, "-o", output]).names(output);
    };
    plant(&world.write("taken.csv", "somebody else's"));
    assert_eq!(fs::read_to_string(world.at("taken.csv")).unwrap(), "somebody else's");
    plant(&input);
    assert!(fs::read(&input).unwrap() == list());
    fs::create_dir(world.at("folder")).unwrap();
    plant(&world.arg("folder"));
    symlink(world.at("elsewhere.csv"), world.at("dangling.csv")).unwrap();
    plant(&world.arg("dangling.csv"));
    assert!(!world.at("elsewhere.csv").exists(), "a link was followed");
    symlink(&input, world.at("link.csv")).unwrap();
    plant(&world.arg("link.csv"));
    assert!(fs::read(&input).unwrap() == list());
}

#[test]
fn an_output_that_cannot_be_made_is_told_before_anything_is_planted() {
    let world = world();
    let input = world.write("births.csv", list());
    world.write("file", "not a folder");
    for output in ["missing/out.csv", "missing/deeper/out.csv", "file/out.csv"] {
        let output = world.arg(output);
        let folder = Path::new(&output).parent().unwrap().to_str().unwrap();
        world.refused(&["plant", &input, "--to", "szfy", "--count", "3", "-o", &output]).names(folder);
        world.refused(&["strip", &input, "-o", &output]).names(folder);
    }
    for output in ["-", "out/", ".."] {
        let refusal = world.refused(&["plant", &input, "--to", "szfy", "--count", "3", "-o", output]);
        refusal.names(output);
    }
}

#[test]
fn a_report_or_a_copy_that_has_no_place_is_told_in_words_that_fit() {
    let world = world();
    world.done(&["number", "control", "--count", "1"]);
    let refusal = world.refused(&["report", "-o", &world.arg("missing/finding.html")]);
    refusal.names("missing").says("nothing was written");
    let refusal = world.refused(&["seal", "--push", "http://notary.example/log"]);
    refusal.names("http://notary.example/log").says("https://");
}

#[test]
fn a_folder_that_takes_no_files_stops_no_later_planting() {
    let world = world();
    let input = world.write("births.csv", list());
    for folder in ["/proc", "/sys"] {
        let told = world.run(&["plant", &input, "--to", "szfy", "--count", "3", "-o", &format!("{folder}/out.csv")]);
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{}", told.err);
        assert!(told.err.starts_with("canaries: ") && told.err.contains(folder), "{}", told.err);
    }
    world.done(&["plant", &input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")]);
    let plantings = world.json(&["holder", "show", "szfy"])["plantings"].clone();
    let states: Vec<&str> = plantings.as_array().unwrap().iter().map(|one| text(one, "state")).collect();
    assert_eq!(states, ["void", "void", "planted"]);
    world.verified();
}

#[test]
fn a_read_only_folder_is_told() {
    let world = world();
    let input = world.write("births.csv", list());
    fs::create_dir(world.at("shut")).unwrap();
    fs::set_permissions(world.at("shut"), fs::Permissions::from_mode(0o555)).unwrap();
    let before = world.entries();
    let output = world.arg("shut/out.csv");
    let args = ["plant", &input, "--to", "szfy", "--count", "3", "-o", &output];
    let told = as_nobody(&world, &args);
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{}", told.err);
    assert!(
        told.err.starts_with("canaries: ") && told.err.contains("shut") && told.err.contains("hint: "),
        "{}",
        told.err
    );
    assert!(!world.at("shut/out.csv").exists());
    assert_eq!(world.entries(), before, "no number was spent on it");
}

#[test]
fn a_file_that_outgrows_its_limit_is_told_and_undone() {
    let world = world();
    let list = Shape { rows: 4000, ..Shape::default() }.bytes();
    let input = world.write("long.csv", list);
    let plant = world.program(&["plant", &input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")]);
    let mut limited = Command::new("prlimit");
    limited.arg("--fsize=100000").arg(plant.get_program()).args(plant.get_args());
    world.dress(&mut limited);
    let told = Told::from(limited.output().unwrap());
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{}", told.err);
    assert!(told.err.contains("cannot write") && told.err.contains("ulimit -f"), "{}", told.err);
    assert!(world.files().iter().all(|file| !file.to_string_lossy().contains(".tmp")), "{:?}", world.files());
}

#[test]
fn a_read_only_ledger_is_told() {
    let world = world();
    let input = world.write("births.csv", list());
    let before = world.entries();
    world.ledger().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let told = nobody(&world, &["plant", &input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")], 0o444);
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{}", told.err);
    assert!(told.err.contains("canaries.db") && told.err.contains("hint: "), "{}", told.err);
    assert_eq!(world.entries(), before);
    assert!(!world.at("out.csv").exists());
}

/// Runs the built program as a user without special rights, to whom all files but `shut` belong.
fn as_nobody(world: &Fixed, args: &[&str]) -> Told {
    nobody(world, args, 0o666)
}

fn nobody(world: &Fixed, args: &[&str], ledger_mode: u32) -> Told {
    let is_root = rustix::process::geteuid().is_root();
    fs::set_permissions(world.folder(), fs::Permissions::from_mode(0o777)).unwrap();
    for path in world.files().into_iter().filter(|path| path.is_file()) {
        fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
    }
    fs::set_permissions(world.at("canaries.db"), fs::Permissions::from_mode(ledger_mode)).unwrap();
    for beside in
        ["canaries.db-wal", "canaries.db-shm"].map(|name| world.at(name)).into_iter().filter(|path| path.exists())
    {
        fs::set_permissions(beside, fs::Permissions::from_mode(ledger_mode)).unwrap();
    }
    let mut command = Command::new(if is_root { "setpriv" } else { "env" });
    if is_root {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    }
    command.arg(env!("CARGO_BIN_EXE_canaries"));
    world.dress(&mut command);
    command.arg("--db").arg(world.at("canaries.db")).args(args);
    Told::from(command.output().unwrap())
}

#[test]
fn the_numbers_must_be_there_and_fit() {
    let world = Fixed::ready(&["szfy"], 4);
    let input = world.write("births.csv", list());
    world
        .refused(&["plant", &input, "--to", "szfy", "--count", "5", "-o", &world.arg("out.csv")])
        .names("5")
        .names("4");
    world.refused(&["plant", &input, "--to", "szfy", "--density", "0.5", "-o", &world.arg("out.csv")]).names("60");
    let none = Fixed::ready(&["szfy"], 0);
    none.refused(&["plant", &input, "--to", "szfy", "--count", "1", "-o", &none.arg("out.csv")]).names("0");
}
