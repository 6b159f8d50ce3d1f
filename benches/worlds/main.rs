//! Judges `trace` from outside on worlds whose truth is known.
//!
//!     cargo bench --bench worlds -- [--worlds N] [--seed S] [--only NAME]… [--json FILE] [--noise SHARE]
//!     cargo bench --bench worlds -- [--keep DIR | --replay DIR]
//!     cargo bench --bench worlds -- [--runs FILE]… [--from FILE]…
//!     cargo bench --bench worlds -- --only speed --keep DIR [--contacts N] [--flows N]
//!     cargo bench --bench worlds -- --only plan [--worlds N] [--seed S] [--noise SHARE]
//!
//! `--keep` keeps the ledger of every run, and `--replay` asks about those again: a change of the model is judged on the
//! very same calls without building their worlds.
//!
//! `--runs` writes each run to a file as soon as it is judged, and `--from` sums up such files instead of playing: what was played
//! in parts, or ended early, is one table.
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
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::RngExt;
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
    /// Where runs are written to, and files of runs to be summed up.
    runs: Option<PathBuf>,
    from: Vec<PathBuf>,
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
        None if !asked.from.is_empty() => {
            match asked.from.iter().map(|file| written(file)).collect::<Result<Vec<_>, _>>() {
                Ok(played) => played.into_iter().flatten().collect(),
                Err(fault) => {
                    eprintln!("worlds: {fault}");
                    return ExitCode::from(2);
                }
            }
        }
        None => run(&jobs(&asked), &asked),
    };
    let mut rows = Vec::new();
    report::print_heading();
    for scenario in Scenario::ALL {
        let of = |played: &&Played| played.scenario == scenario.word();
        let runs: Vec<judge::Run> = played.iter().filter(of).map(|played| played.run.clone()).collect();
        if !runs.is_empty() {
            rows.extend(report::rows(scenario, &runs).into_iter().inspect(report::print));
            print_bins(&runs);
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
        runs: None,
        from: Vec::new(),
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
            "--runs" => asked.runs = Some(PathBuf::from(value()?)),
            "--from" => asked.from.push(PathBuf::from(value()?)),
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
fn run(jobs: &[Job], asked: &Asked) -> Vec<Played> {
    let (threads, keep) = (asked.threads, asked.keep.as_deref());
    let append = |file: &PathBuf| std::fs::File::options().create(true).append(true).open(file);
    let file = asked.runs.as_ref().map(|file| Mutex::new(append(file).expect("runs can be written")));
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let played = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(place) else { return };
                    let runs = play(job, keep);
                    if let Some(file) = &file {
                        let mut lines = Vec::new();
                        for run in &runs {
                            serde_json::to_writer(&mut lines, run).expect("a run is plain data");
                            lines.push(b'\n');
                        }
                        file.lock()
                            .expect("no thread panics with the lock")
                            .write_all(&lines)
                            .expect("runs can be written");
                    }
                    played.lock().expect("no thread panics with the lock").insert(place, runs);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    eprintln!("{done} of {} ({} {})", jobs.len(), job.scenario.word(), job.world);
                }
            });
        }
    });
    played.into_inner().expect("no thread panics with the lock").into_values().flatten().collect()
}

/// Reads runs that were written.
fn written(file: &Path) -> Result<Vec<Played>, String> {
    let text = std::fs::read_to_string(file).map_err(|fault| format!("{}: {fault}", file.display()))?;
    let line = |line| serde_json::from_str(line).map_err(|fault| format!("{}: {fault}", file.display()));
    text.lines().map(line).collect()
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

/// Prints how well the probabilities of first sources fit, bin by bin: stated on average, right, and the standard error of that;
/// and the calibration error that would be seen in so few runs if all that was stated were true.
fn print_bins(runs: &[judge::Run]) {
    const DRAWS: usize = 200;
    let called: Vec<&judge::Run> = runs.iter().filter(|run| run.called > 0).collect();
    let stated = judge::stated(&called);
    for bin in judge::bins(&stated).iter().filter(|bin| bin.count > 0) {
        let count = bin.count as f64;
        let (stated, right) = (bin.stated / count, bin.right / count);
        let error = (stated * (1.0 - stated) / count).sqrt();
        println!("  stated {stated:.3}  right {right:.3}  ± {error:.3}  of {}", bin.count);
    }
    let mut rng = chance::seeded(&[stated.len() as u64]);
    let mut drawn = |(probability, _): &(f64, bool)| (*probability, rng.random_bool(probability.clamp(0.0, 1.0)));
    let mut by_chance = || judge::calibration_error(&stated.iter().map(&mut drawn).collect::<Vec<_>>());
    if !stated.is_empty() {
        let sum: f64 = (0..DRAWS).map(|_| by_chance()).sum();
        println!("  calibration error by chance alone, if all of it were true: {:.3}", sum / DRAWS as f64);
    }
}
