//! Judges `trace` from outside on worlds whose truth is known.
//!
//!     cargo bench --bench worlds -- [--worlds N] [--seed S] [--only NAME]… [--json FILE] [--noise SHARE]
//!     cargo bench --bench worlds -- [--keep DIR | --replay DIR]
//!     cargo bench --bench worlds -- --only speed --keep DIR [--contacts N] [--flows N]
//!     cargo bench --bench worlds -- --only plan [--worlds N] [--seed S] [--noise SHARE]
//!
//! `--keep` keeps the ledger of every run, and `--replay` asks about those again: a change of the model is judged on the
//! very same calls without building their worlds.
//!
//! Deterministic for a seed: a world's chance depends on its scenario and its place alone. Figures go to standard
//! output, progress to standard error.

mod baselines;
mod chance;
mod judge;
mod leak;
mod noise;
mod oracle;
mod planned;
mod report;
mod said;
mod scenario;
mod shape;
mod speed;
mod world;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use scenario::{Job, Played, Scenario, play, replay};

/// Runs that share a world.
const RUNS_A_WORLD: usize = 25;

/// What was asked for.
struct Asked {
    worlds: Option<usize>,
    seed: u64,
    only: Vec<String>,
    json: Option<PathBuf>,
    keep: Option<PathBuf>,
    /// Ledgers of an earlier call's runs, to be asked again.
    replay: Option<PathBuf>,
    threads: usize,
    noise: f64,
    /// Of the ledger to time: its contacts, and its random flows if it has such.
    contacts: usize,
    flows: Option<usize>,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(fault) => {
            eprintln!("worlds: {fault}");
            return ExitCode::from(2);
        }
    };
    if asked.only.iter().any(|name| name == "speed") {
        let flows = asked.flows.map_or(speed::Flows::Chains, speed::Flows::Random);
        let size = speed::Size { holders: 1000, canaries_each: 100, contacts: asked.contacts, flows };
        return match asked.keep {
            Some(folder) => {
                speed::build(&folder, &size, asked.seed);
                ExitCode::SUCCESS
            }
            None => {
                eprintln!("worlds: --only speed needs --keep DIR");
                ExitCode::from(2)
            }
        };
    }
    if asked.only.iter().any(|name| name == "plan") {
        planned::compare(asked.worlds.unwrap_or(20), RUNS_A_WORLD, asked.seed, asked.noise);
        return ExitCode::SUCCESS;
    }
    let played = match &asked.replay {
        Some(folder) => match replayed(folder, asked.threads) {
            Ok(played) => played,
            Err(fault) => {
                eprintln!("worlds: {}: {fault}", folder.display());
                return ExitCode::from(2);
            }
        },
        None => run(&jobs(&asked), asked.threads, asked.keep.as_deref()),
    };
    let mut rows = Vec::new();
    report::print_heading();
    for scenario in Scenario::ALL {
        let of = |played: &&Played| played.scenario == scenario.word();
        let runs: Vec<judge::Run> = played.iter().filter(of).map(|played| played.run.clone()).collect();
        if !runs.is_empty() {
            rows.extend(report::rows(scenario, &runs).into_iter().inspect(report::print));
        }
    }
    if let Some(path) = asked.json {
        let json = serde_json::to_vec_pretty(&rows).expect("figures are plain data");
        std::fs::write(&path, json).expect("the figures can be written");
    }
    ExitCode::SUCCESS
}

fn asked(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut asked = Asked {
        worlds: None,
        seed: 1,
        only: Vec::new(),
        json: None,
        keep: None,
        replay: None,
        threads,
        noise: 1.0,
        contacts: 1_000_000,
        flows: None,
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
        let count = |text: String| text.parse::<u64>().map_err(|_| format!("`{text}` is no count"));
        match word.as_str() {
            "--worlds" => asked.worlds = Some(count(value()?)? as usize),
            "--seed" => asked.seed = count(value()?)?,
            "--noise" => {
                let text = value()?;
                asked.noise = text.parse().map_err(|_| format!("`{text}` is no share"))?;
            }
            "--contacts" => asked.contacts = count(value()?)? as usize,
            "--flows" => asked.flows = Some(count(value()?)? as usize),
            "--threads" => asked.threads = count(value()?)? as usize,
            "--only" => asked.only.push(value()?),
            "--json" => asked.json = Some(PathBuf::from(value()?)),
            "--replay" => asked.replay = Some(PathBuf::from(value()?)),
            "--keep" => asked.keep = Some(PathBuf::from(value()?)),
            // Cargo says so to every bench.
            "--bench" => {}
            _ => return Err(format!("`{word}` is not an option")),
        }
    }
    let known = |name: &String| {
        ["speed", "plan"].contains(&name.as_str()) || Scenario::ALL.iter().any(|scenario| scenario.word() == name)
    };
    match asked.only.iter().find(|name| !known(name)) {
        Some(name) => Err(format!("`{name}` is no scenario")),
        None => Ok(asked),
    }
}

/// Lists the worlds to be played.
fn jobs(asked: &Asked) -> Vec<Job> {
    let chosen = |scenario: &&Scenario| asked.only.is_empty() || asked.only.iter().any(|name| name == scenario.word());
    let mut jobs = Vec::new();
    for scenario in Scenario::ALL.iter().filter(chosen) {
        // A year of 0.67 calls a day is a quarter of a million contacts.
        let usual = if *scenario == Scenario::Busy { 50 } else { 500 };
        let mut left = asked.worlds.unwrap_or(usual);
        // Few runs are spread over as many shapes.
        let runs_a_world = RUNS_A_WORLD.min(left.div_ceil(5)).max(1);
        while left > 0 {
            let runs = left.min(runs_a_world);
            let world = jobs.iter().filter(|job: &&Job| job.scenario == *scenario).count();
            jobs.push(Job { scenario: *scenario, world, runs, seed: asked.seed, noise: asked.noise });
            left -= runs;
        }
    }
    jobs
}

/// Plays all jobs on some threads.
fn run(jobs: &[Job], threads: usize, keep: Option<&Path>) -> Vec<Played> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let played = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(place) else { return };
                    let runs = play(job, keep);
                    played.lock().expect("no thread panics with the lock").insert(place, runs);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    eprintln!("{done} of {} ({} {})", jobs.len(), job.scenario.word(), job.world);
                }
            });
        }
    });
    played.into_inner().expect("no thread panics with the lock").into_values().flatten().collect()
}

/// Asks the program again on the ledgers that an earlier call kept.
fn replayed(folder: &Path, threads: usize) -> std::io::Result<Vec<Played>> {
    let mut kept: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    kept.sort();
    let (next, played) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(folder) = kept.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = replay(folder);
                    played.lock().expect("no thread panics with the lock").push(run);
                }
            });
        }
    });
    Ok(played.into_inner().expect("no thread panics with the lock"))
}
