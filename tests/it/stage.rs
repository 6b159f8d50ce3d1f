//! A stage for journeys: a fresh folder with a ledger, holders and numbers, and the program to run in it.
//!
//! A command runs in this process unless the test needs a process of its own; either way `--db` is the stage's
//! ledger, and files are named by their full path, since tests share one working folder.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::rc::Rc;

use canaries::cli::{World, run};
use canaries::deed::Session;
use tempfile::TempDir;

/// What a run of the program gave; no code if it was killed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Told {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Where folders are made if it is there: in memory, where syncing costs nothing.
const MEMORY: &str = "/dev/shm";

/// A folder that goes when the stage does.
pub struct Stage {
    folder: TempDir,
}

impl Stage {
    /// Makes an empty folder.
    pub fn bare() -> Stage {
        let place = if Path::new(MEMORY).is_dir() { PathBuf::from(MEMORY) } else { std::env::temp_dir() };
        Stage { folder: TempDir::with_prefix_in("canaries-stage-", place).unwrap() }
    }

    /// Makes a folder with a ledger, the holders `ids` (hospitals) and `numbers` free mobile numbers.
    pub fn ready(ids: &[&str], numbers: usize) -> Stage {
        let stage = Stage::bare();
        stage.done(&["init"]);
        for id in ids {
            stage.done(&["holder", "add", id, "--name", id, "--kind", "hospital"]);
        }
        let pool: String = pool(numbers).map(|number| number + "\n").collect();
        let file = stage.write("numbers.csv", format!("number\n{pool}"));
        stage.done(&["number", "import", &file]);
        stage
    }

    /// Copies the whole folder to a new one. A ledger in it still names the files of the old one.
    pub fn twin(&self) -> Stage {
        let twin = Stage::bare();
        copy_folder(self.folder.path(), twin.folder.path());
        twin
    }

    /// Makes the folder what it was when `earlier` was made its twin.
    pub fn reset(&self, earlier: &Stage) {
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        copy_folder(earlier.folder.path(), self.folder.path());
    }

    /// Gives the folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Names a file of the stage by its full path.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Names a file of the stage as an argument.
    pub fn arg(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_string()
    }

    /// Writes a file and gives its full path as an argument.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self.arg(name)
    }

    /// Runs a command in this process.
    pub fn run(&self, args: &[&str]) -> Told {
        let (out, err) = (Heard::default(), Heard::default());
        let mut world = World {
            env: Box::new(|_| None),
            stdout: Box::new(out.clone()),
            stderr: Box::new(err.clone()),
            terminal: false,
            session: Box::new(Session::real),
        };
        let words = ["canaries".to_string(), "--db".to_string(), self.arg("canaries.db")];
        let words = words.into_iter().chain(args.iter().map(|arg| arg.to_string())).map(OsString::from);
        let code = run(words, &mut world);
        Told { code: Some(i32::from(code)), out: out.text(), err: err.text() }
    }

    /// Runs a command that must succeed; gives what it printed.
    pub fn done(&self, args: &[&str]) -> String {
        let told = self.run(args);
        assert_eq!(told.code, Some(0), "canaries {}\n{}{}", args.join(" "), told.out, told.err);
        told.out
    }

    /// Prepares the built program as a process of its own, in the stage's folder and in English.
    pub fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_canaries"));
        self.dress(&mut command);
        command.arg("--db").arg(self.at("canaries.db")).args(args);
        command
    }

    /// Gives a command the stage's folder and an environment that says nothing about this machine.
    pub fn dress(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).env_remove("CANARIES_DB").env("LC_ALL", "C.UTF-8");
    }
}

/// Lends arguments that were put together at run time.
pub fn borrowed(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

/// Gives valid mobile numbers, all under different prefixes of 7 digits.
pub fn pool(count: usize) -> impl Iterator<Item = String> {
    const PREFIXES: [u64; 6] = [137, 138, 139, 150, 158, 188];
    (0..count as u64).map(|i| {
        let tail = (i + 1) * 1_237_411 % 100_000_000;
        format!("{}{tail:08}", PREFIXES[i as usize % PREFIXES.len()])
    })
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Keeps what is written to it.
#[derive(Debug, Clone, Default)]
pub struct Heard(Rc<RefCell<Vec<u8>>>);

impl Heard {
    /// Gives all of it.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
