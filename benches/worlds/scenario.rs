//! Scenarios: which world, which leak, which trick; and one world's runs, asked of the program and judged.
//!
//! The leaks of a world share a ledger, each on a copy of it. What differs between scenarios is stated here and nowhere
//! else, and the program is asked in the same way in all of them.

use std::fs;
use std::path::Path;
use std::time::Instant;

use canaries::deed::{Question, Session, Traced, trace_hits};
use chrono::{DateTime, Utc};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::baselines::{self, Sight};
use super::chance::{Chance, one_of, seeded};
use super::judge::{Run, Told};
use super::leak::{Leak, Style, frame, leak};
use super::noise::{Call, Callers, Noise, dial_through};
use super::oracle;
use super::said::Talk;
use super::shape::{Shape, YEAR_DAYS};
use super::world::{POOL_DAY, Recipe, World, session_on, take_in, time_of};

/// Days after the year of planting until all is looked at.
const AFTER_DAYS: f64 = 90.0;
/// Most numbers of a pool that is called 0.67 times a day: the others would take too long.
const BUSY_LINES_MAX: usize = 600;

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    Leak,
    Talkative,
    Quiet,
    Busy,
    TwoLeaks,
    Permuted,
    Withheld,
    Stripped,
    Undeclared,
    Dirty,
    Dialler,
    Framer,
    NoControls,
}

/// One world and the runs on it.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    pub scenario: Scenario,
    /// Counts the worlds of the scenario.
    pub world: usize,
    pub runs: usize,
    pub seed: u64,
    /// The share of the usual noise that is made; 1 but for a quick look.
    pub noise: f64,
}

/// A run of a scenario, asked at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Played {
    pub scenario: String,
    now: DateTime<Utc>,
    pub run: Run,
}

/// The file beside a kept ledger.
const KEPT: &str = "run.json";

/// What a run puts into the ledger.
struct Story {
    leaks: Vec<Leak>,
    calls: Vec<Call>,
}

impl Scenario {
    pub const ALL: [Scenario; 13] = [
        Scenario::Leak,
        Scenario::Talkative,
        Scenario::Quiet,
        Scenario::Busy,
        Scenario::TwoLeaks,
        Scenario::Permuted,
        Scenario::Withheld,
        Scenario::Stripped,
        Scenario::Undeclared,
        Scenario::Dirty,
        Scenario::Dialler,
        Scenario::Framer,
        Scenario::NoControls,
    ];

    /// Gives the word that chooses it.
    pub fn word(self) -> &'static str {
        match self {
            Scenario::Leak => "leak",
            Scenario::Talkative => "talkative",
            Scenario::Quiet => "quiet",
            Scenario::Busy => "busy",
            Scenario::TwoLeaks => "two-leaks",
            Scenario::Permuted => "permuted",
            Scenario::Withheld => "withheld",
            Scenario::Stripped => "stripped",
            Scenario::Undeclared => "undeclared",
            Scenario::Dirty => "dirty",
            Scenario::Dialler => "dialler",
            Scenario::Framer => "framer",
            Scenario::NoControls => "no-controls",
        }
    }

    /// Says what it plays.
    pub fn title(self) -> &'static str {
        match self {
            Scenario::Leak => "one leak",
            Scenario::Talkative => "one leak, every call tells",
            Scenario::Quiet => "no leak, 0.12 calls a day",
            Scenario::Busy => "no leak, 0.67 calls a day",
            Scenario::TwoLeaks => "two leaks at once",
            Scenario::Permuted => "callers permuted",
            Scenario::Withheld => "all callers withheld",
            Scenario::Stripped => "30 % of canaries stripped",
            Scenario::Undeclared => "20 % of flows undeclared",
            Scenario::Dirty => "recycled numbers",
            Scenario::Dialler => "no leak, diallers on blocks",
            Scenario::Framer => "no leak, a framer",
            Scenario::NoControls => "no controls",
        }
    }

    fn recipe(self, job: &Job, seed: u64) -> Recipe {
        let shape = match self {
            Scenario::Quiet | Scenario::Busy => Shape::Flat,
            Scenario::Undeclared => [Shape::City, Shape::Dag, Shape::Chain][job.world % 3],
            Scenario::Leak
            | Scenario::Talkative
            | Scenario::TwoLeaks
            | Scenario::Permuted
            | Scenario::Withheld
            | Scenario::Stripped
            | Scenario::Dirty
            | Scenario::Dialler
            | Scenario::Framer
            | Scenario::NoControls => Shape::ALL[job.world % Shape::ALL.len()],
        };
        let controls = if self == Scenario::NoControls { 0 } else { 60 };
        Recipe { shape, controls, undeclared: if self == Scenario::Undeclared { 0.2 } else { 0.0 }, seed }
    }

    /// Tells whether each run has a year of calls of its own.
    fn has_own_noise(self) -> bool {
        matches!(self, Scenario::Quiet | Scenario::Busy)
    }

    fn noise(self, lines: usize, rng: &mut Chance) -> Noise {
        let small = lines <= BUSY_LINES_MAX;
        let rate = match self {
            Scenario::Quiet => 0.12,
            Scenario::Busy => 0.67,
            Scenario::Leak
            | Scenario::Talkative
            | Scenario::TwoLeaks
            | Scenario::Permuted
            | Scenario::Withheld
            | Scenario::Stripped
            | Scenario::Undeclared
            | Scenario::Dirty
            | Scenario::Dialler
            | Scenario::Framer
            | Scenario::NoControls => *one_of(&[0.12, if small { 0.67 } else { 0.12 }], rng),
        };
        let mut noise = Noise::ordinary(rate, rng);
        noise.storms = if self.has_own_noise() { rng.random_range(2..=6) } else { noise.storms };
        noise.callers = if self == Scenario::Withheld { Callers::Withheld } else { Callers::Shown };
        noise.recycled = if self == Scenario::Dirty { 0.2 } else { 0.0 };
        noise
    }

    fn style(self, shape: Shape) -> Style {
        let year = match (shape, self.has_own_noise()) {
            (Shape::Hour, _) => Style { copied: (0.1, 30.0), stripped: 0.0, now: 30.0 + AFTER_DAYS, talk: Talk::Usual },
            (_, true) => Style::of_the_year(YEAR_DAYS),
            (Shape::City | Shape::Dag | Shape::Flat | Shape::Chain, false) => {
                Style::of_the_year(YEAR_DAYS + AFTER_DAYS)
            }
        };
        let talk = if self == Scenario::Talkative { Talk::Always } else { Talk::Usual };
        Style { stripped: if self == Scenario::Stripped { 0.3 } else { 0.0 }, talk, ..year }
    }
}

/// Builds the world of a job and plays its runs.
pub fn play(job: &Job, keep: Option<&Path>) -> Vec<Played> {
    let part = [job.seed, job.scenario as u64, job.world as u64];
    let mut rng = seeded(&part);
    let recipe = job.scenario.recipe(job, rng.random());
    let world = World::build(&recipe);
    let style = job.scenario.style(recipe.shape);
    let noise = job.scenario.noise(world.lines.len(), &mut rng).made_less(job.noise);
    world.wait_until(style.now + 1.0);
    let mut strangers = Vec::new();
    if !job.scenario.has_own_noise() {
        strangers = noise.calls(&world.lines, (POOL_DAY, style.now), &mut rng);
        let mut session = world.session(rng.random());
        put(&world, &mut session, &strangers, "noise");
    }
    let runs = (0..job.runs).map(|run| {
        let mut rng = seeded(&[part[0], part[1], part[2], 1 + run as u64]);
        let mut story = tell(job.scenario, &world, &style, &strangers, &mut rng);
        if job.scenario.has_own_noise() {
            story.calls = noise.calls(&world.lines, (-30.0, style.now), &mut rng);
        }
        let (folder, mut session) = world.twin(rng.random());
        put(&world, &mut session, &story.calls, "run");
        let run_of = judge_one(&world, &mut session, recipe.shape, &style, (&story, &strangers));
        let played = Played { scenario: job.scenario.word().to_string(), now: time_of(style.now + 1.0), run: run_of };
        if let Some(keep) = keep {
            let kept = keep.join(format!("{}-{:03}-{run:02}", played.scenario, job.world));
            played.keep(folder.path(), &kept).expect("a run can be kept");
        }
        folder.close().expect("a copy can be removed");
        played
    });
    runs.collect()
}

/// Draws what happens in one run.
fn tell(scenario: Scenario, world: &World, style: &Style, strangers: &[Call], rng: &mut Chance) -> Story {
    let keepers = world.with_canaries();
    let thefts = match scenario {
        Scenario::Quiet | Scenario::Busy | Scenario::Dialler | Scenario::Framer => 0,
        Scenario::TwoLeaks => 2,
        Scenario::Leak
        | Scenario::Talkative
        | Scenario::Permuted
        | Scenario::Withheld
        | Scenario::Stripped
        | Scenario::Undeclared
        | Scenario::Dirty
        | Scenario::NoControls => 1,
    };
    let mut leaks: Vec<Leak> = Vec::new();
    while leaks.len() < thefts {
        let keeper = *one_of(&keepers, rng);
        if leaks.iter().all(|leak| leak.keeper != keeper) {
            leaks.push(leak(world, keeper, style, rng));
        }
    }
    let mut calls: Vec<Call> = leaks.iter().flat_map(|leak| leak.calls.clone()).collect();
    match scenario {
        Scenario::Permuted => calls.iter_mut().for_each(|call| call.from = one_of(strangers, rng).from.clone()),
        Scenario::Withheld => calls.iter_mut().for_each(|call| call.from = None),
        Scenario::Dialler => {
            for _ in 0..rng.random_range(1..=3) {
                calls.extend(dial_through(&world.lines, rng.random_range(style.copied.0..style.now), rng));
            }
        }
        Scenario::Framer => {
            let day = rng.random_range(style.copied.1 / 2.0..style.copied.1);
            calls = frame(world, *one_of(&keepers, rng), day, rng);
        }
        Scenario::Leak
        | Scenario::Talkative
        | Scenario::Quiet
        | Scenario::Busy
        | Scenario::TwoLeaks
        | Scenario::Stripped
        | Scenario::Undeclared
        | Scenario::Dirty
        | Scenario::NoControls => {}
    }
    calls.sort_by(|a, b| a.day.total_cmp(&b.day));
    Story { leaks, calls }
}

/// Asks the program, and notes the truth beside its answer.
fn judge_one(
    world: &World,
    session: &mut Session,
    shape: Shape,
    style: &Style,
    (story, strangers): (&Story, &[Call]),
) -> Run {
    let begun = Instant::now();
    let told = ask(session);
    let seconds = begun.elapsed().as_secs_f64();
    let id = |keeper: usize| world.id(keeper).to_string();
    let rang: Vec<&Leak> = story.leaks.iter().filter(|leak| !leak.touches.is_empty()).collect();
    // Of two leaks, the simpler ways are told the louder one.
    let louder = rang.iter().max_by_key(|leak| leak.touches.len());
    let mut told_calls = louder.map(|leak| leak.calls.iter()).into_iter().flatten();
    let by = |sight, calls: &mut dyn Iterator<Item = &Call>| {
        baselines::named(world, &baselines::seen(world, sight, calls)).map(|named| named.map(id))
    };
    let first = |found: Vec<(usize, f64)>| {
        found.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(keeper, sure)| (id(keeper), sure))
    };
    let oracle = first(rang.iter().flat_map(|leak| oracle::posterior(world, leak, style)).collect());
    let blind = match rang.is_empty() {
        true => None,
        false => first(oracle::blind(world, strangers, &story.calls, style)),
    };
    let copied = match &story.leaks[..] {
        [leak] => Some(time_of(leak.copied).date_naive()),
        [] | [_, _, ..] => None,
    };
    Run {
        group: shape.word().to_string(),
        copied,
        truth: story.leaks.iter().map(|leak| id(leak.keeper)).collect(),
        called: rang.iter().map(|leak| leak.touches.len()).sum(),
        told,
        oracle,
        blind,
        by_told: by(Sight::Told, &mut told_calls),
        by_desk: by(Sight::Desk, &mut strangers.iter().chain(&story.calls)),
        seconds,
    }
}

impl Played {
    /// Keeps the ledger of this run and the truth beside it.
    fn keep(&self, from: &Path, into: &Path) -> std::io::Result<()> {
        fs::create_dir_all(into)?;
        for name in ["canaries.db", "canaries.key"] {
            fs::copy(from.join(name), into.join(name))?;
        }
        fs::write(into.join(KEPT), serde_json::to_vec(self)?)
    }
}

/// Asks again on a ledger that was kept.
pub fn replay(folder: &Path) -> Played {
    let text = fs::read(folder.join(KEPT)).expect("a kept run can be read");
    let mut played: Played = serde_json::from_slice(&text).expect("a kept run is whole");
    let mut session = session_on(folder.join("canaries.db"), played.now);
    let begun = Instant::now();
    played.run.told = ask(&mut session);
    played.run.seconds = begun.elapsed().as_secs_f64();
    played
}

/// Asks about all hits, and reads the answer as a program does that was handed the JSON.
pub fn ask(session: &mut Session) -> Told {
    match trace_hits(session, &Question::default()).expect("a trace can be made") {
        Traced::Found { finding, .. } => {
            let json = serde_json::to_vec(&finding).expect("a finding is plain data");
            serde_json::from_slice(&json).expect("a finding has the fields of the interface")
        }
        Traced::NotOurs => unreachable!("nothing was asked about by number"),
    }
}

/// Writes calls to a file of contacts and imports it.
pub fn put(world: &World, session: &mut Session, calls: &[Call], name: &str) {
    if calls.is_empty() {
        return;
    }
    let path = session.db.with_file_name("contacts.csv");
    let mut file = csv::Writer::from_path(&path).expect("a file can be written");
    file.write_record(["to", "from", "at", "kind", "seconds", "said", "id"]).expect("a file can be written");
    for (place, call) in calls.iter().enumerate() {
        let at = time_of(call.day).to_rfc3339();
        let (seconds, id) = (call.seconds.to_string(), format!("{name}-{place}"));
        let (from, said) = (call.from.as_deref().unwrap_or(""), call.said.as_deref().unwrap_or(""));
        file.write_record([&world.lines[call.line].digits, from, &at, "call", &seconds, said, &id])
            .expect("a file can be written");
    }
    file.flush().expect("a file can be written");
    drop(file);
    take_in(session, path);
}
