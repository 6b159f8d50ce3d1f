//! Strikes the built program at one of its system calls, with strace.
//!
//! Numbers of calls count from 1 within calls of the same name, as strace counts them. Only the program's own
//! work is struck: calls before the first one that names the stage's folder belong to the loader and the
//! runtime's start. `mmap` is left out: strace cannot tell a file's pages from plain memory, and without memory any
//! program stops; so are calls that touch no file (`poll`, `ioctl` on a terminal).

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::process::Command;

use crate::stage::{Stage, Told};

/// Calls on files and descriptors that are not struck.
const LEFT_OUT: [&str; 5] = ["execve", "mmap", "munmap", "poll", "ioctl"];

/// What happens at the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The process is killed before the call does anything.
    Kill,
    /// This call fails, the next one works.
    Once(&'static str),
    /// This call and all of its name after it fail.
    ForEver(&'static str),
}

/// Every fault a sweep injects.
pub const FAULTS: [Fault; 5] =
    [Fault::Kill, Fault::Once("EIO"), Fault::ForEver("EIO"), Fault::Once("ENOSPC"), Fault::ForEver("ENOSPC")];

/// One place to strike.
#[derive(Debug, Clone)]
pub struct Point {
    pub call: String,
    pub number: usize,
    pub fault: Fault,
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Point { call, number, fault } = self;
        match fault {
            Fault::Kill => write!(out, "SIGKILL at {call} {number}"),
            Fault::Once(error) => write!(out, "{error} at {call} {number}"),
            Fault::ForEver(error) => write!(out, "{error} at {call} {number} and all after"),
        }
    }
}

/// What became of a run that was struck.
#[derive(Debug)]
pub struct Struck {
    pub told: Told,
    /// The call that was struck, as strace wrote it down; none if the run ended before it came.
    pub line: Option<String>,
}

/// Finds the names of the file system calls that a command makes, each with the number of its first own call.
///
/// `beside` is a fault that is there all the time; its call is not struck.
pub fn own_calls(stage: &Stage, args: &[&str], beside: Option<&str>) -> Vec<(String, usize)> {
    let expressions =
        ["trace=%file,%desc".to_string()].into_iter().chain(beside.map(|fault| format!("inject={fault}")));
    let (told, log) = trace(stage, args, &expressions.collect::<Vec<_>>());
    assert!(told.code.is_some(), "the command must get through before it is struck: {told:?}");
    let lines: Vec<(&str, &str)> = log.lines().filter_map(|line| line.split_once(' ')).collect();
    let threads = lines.iter().filter(|(thread, _)| *thread != lines[0].0).count();
    assert_eq!(threads, 0, "calls are counted by thread, so a second thread needs a sweep of its own");
    let folder = stage.folder().to_str().unwrap();
    let calls = lines.iter().filter_map(|(_, call)| Some((call.trim_start().split_once('(')?.0, *call)));
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut own: BTreeMap<String, usize> = BTreeMap::new();
    let mut begun = false;
    for (name, call) in calls {
        let number = seen.entry(name).and_modify(|count| *count += 1).or_insert(1);
        begun = begun || (name != "execve" && call.contains(folder));
        let is_beside = beside.is_some_and(|fault| fault.starts_with(&format!("{name}:")));
        if begun && !is_beside && !LEFT_OUT.contains(&name) {
            own.entry(name.to_string()).or_insert(*number);
        }
    }
    own.into_iter().collect()
}

/// Finds the number of the first call of a name whose line holds a text.
pub fn number_of(stage: &Stage, args: &[&str], call: &str, text: &str) -> usize {
    let (_, log) = trace(stage, args, &[format!("trace={call}")]);
    let found = log.lines().position(|line| line.contains(text));
    found.unwrap_or_else(|| panic!("no {call} with {text} in {log}")) + 1
}

/// Runs a command and strikes it at one point.
///
/// Sleeping is cut short: a ledger whose locks fail is tried again for half a minute.
pub fn strike(stage: &Stage, args: &[&str], point: &Point, beside: Option<&str>) -> Struck {
    let Point { call, number, fault } = point;
    let what = match fault {
        Fault::Kill => format!("signal=SIGKILL:when={number}"),
        Fault::Once(error) => format!("error={error}:when={number}"),
        Fault::ForEver(error) => format!("error={error}:when={number}+"),
    };
    let also = beside.and_then(|fault| fault.split(':').next()).unwrap_or("clock_nanosleep");
    let mut expressions = vec![
        format!("trace={call},clock_nanosleep,{also}"),
        format!("inject={call}:{what}"),
        "inject=clock_nanosleep:retval=0".to_string(),
    ];
    expressions.extend(beside.map(|fault| format!("inject={fault}")));
    let (told, log) = trace(stage, args, &expressions);
    let calls = || log.lines().filter(|line| line.contains(&format!("{call}(")));
    let line = match fault {
        // strace dies of what killed the program it traced.
        Fault::Kill if told.code.is_none() => calls().next_back(),
        Fault::Kill => None,
        Fault::Once(_) | Fault::ForEver(_) => calls().find(|line| line.contains("(INJECTED)")),
    };
    Struck { line: line.map(str::to_string), told }
}

fn trace(stage: &Stage, args: &[&str], expressions: &[String]) -> (Told, String) {
    let log = stage.at("strace.log");
    let program = stage.program(args);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "signal=none", "-o"]).arg(&log);
    strace.args(expressions.iter().flat_map(|expression| ["-e", expression.as_str()]));
    strace.arg(program.get_program()).args(program.get_args());
    stage.dress(&mut strace);
    let ran = strace.output();
    let told = Told::from(ran.expect("`strace` cannot be run; install it (Debian: `apt-get install strace`)"));
    let written = fs::read_to_string(&log).unwrap_or_default();
    assert!(!written.is_empty(), "strace could not trace: {}", told.err);
    fs::remove_file(log).unwrap();
    (told, written)
}
