//! A world: a ledger that was filled through the program's own deeds, and the truth beside it.
//!
//! Whether a canary reached a copy is decided here, row by row and stream by stream; the program is told only what
//! was planted and declared. Days count from the first planting; the pool is older than that.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use canaries::deed::{
    CallFile, MintOrder, PlantingDone, Session, canaries_in, choose_controls, import_flows, import_hits,
    import_holders, import_numbers, init, mint,
};
use canaries::hit::calls::CallFormat;
use canaries::list::Meaning;
use canaries::list::fresh::FreshFormat;
use canaries::phone::Region;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

use super::chance::{Chance, one_of, seeded};
use super::said::{Words, list_of_hospital};
use super::shape::{Graph, Known, Shape};

/// The day the pool is bought, before the first planting.
pub const POOL_DAY: f64 = -90.0;
/// Draws from which the true chance to be in a copy is taken.
const REACH_DRAWS: usize = 128;
/// Where ledgers are made if it is there: in memory, where syncing costs nothing.
const MEMORY: &str = "/dev/shm";

/// What a world is made from.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    pub shape: Shape,
    pub controls: usize,
    /// The share of the streams that nobody declared.
    pub undeclared: f64,
    pub seed: u64,
}

/// One number of the pool.
#[derive(Debug, Clone)]
pub struct Line {
    /// As it is dialled within the country.
    pub digits: String,
    /// The run of consecutive numbers that it was bought in; singles are a block of their own.
    pub block: usize,
    pub canary: Option<usize>,
}

/// One canary and the truth about it.
#[derive(Debug, Clone)]
pub struct Canary {
    pub line: usize,
    pub planting: usize,
    pub keeper: usize,
    pub day: f64,
    /// The day that its row bears.
    pub row_day: f64,
    pub words: Words,
    /// When it reached each keeper's copy; never is infinite.
    pub reached: Vec<f64>,
}

/// One planting, and the days on which its canaries reach each keeper over many draws, sorted.
#[derive(Debug, Clone)]
pub struct Planting {
    pub reach: Vec<Vec<f64>>,
}

/// A ledger with its truth.
pub struct World {
    pub folder: TempDir,
    pub graph: Graph,
    pub lines: Vec<Line>,
    pub canaries: Vec<Canary>,
    pub plantings: Vec<Planting>,
    clock: Rc<Cell<DateTime<Utc>>>,
}

impl Planting {
    /// Gives the true chance that a canary of this planting is in a copy made of `keeper`'s data on `day`.
    pub fn chance_in(&self, keeper: usize, day: f64) -> f64 {
        self.reach[keeper].partition_point(|reached| *reached <= day) as f64 / REACH_DRAWS as f64
    }
}

impl World {
    /// Builds the ledger, month by month.
    pub fn build(recipe: &Recipe) -> World {
        let mut rng = seeded(&[recipe.seed, 1]);
        let mut graph = recipe.shape.draw(&mut rng);
        graph.forget(recipe.undeclared, &mut rng);
        let place = if Path::new(MEMORY).is_dir() { PathBuf::from(MEMORY) } else { std::env::temp_dir() };
        let folder = TempDir::with_prefix_in("canaries-world-", place).expect("a folder can be made");
        let planted: usize = graph.sowings.iter().map(|sowing| sowing.count).sum();
        let lines = pool(planted + planted / 4 + recipe.controls + 100, &mut rng);
        let clock = Rc::new(Cell::new(time_of(POOL_DAY)));
        let (canaries, plantings) = (Vec::with_capacity(planted), Vec::new());
        let mut world = World { folder, graph, lines, canaries, plantings, clock };
        world.begin(recipe, &mut rng);
        world.sow(&mut rng);
        world
    }

    fn begin(&mut self, recipe: &Recipe, rng: &mut Chance) {
        let mut session = self.session(rng.random());
        init(&mut session, &[]).expect("a ledger can be made");
        let keepers = self.graph.keepers.iter().map(|keeper| {
            let parent = keeper.parent.map_or("", |parent| &self.graph.keepers[parent].id);
            format!("{0},{0},{1},{2}\n", keeper.id, keeper.kind.word(), parent)
        });
        let file = self.write("holders.csv", &("id,name,kind,parent\n".to_string() + &keepers.collect::<String>()));
        import_holders(&mut session, &file).expect("holders are good");
        let date = |day: Option<i64>| day.map_or(String::new(), |day| time_of(day as f64).date_naive().to_string());
        let declared = self.graph.streams.iter().filter(|stream| stream.known == Known::Flow).map(|stream| {
            let (from, to) = (&self.graph.keepers[stream.from].id, &self.graph.keepers[stream.to].id);
            format!("{from},{to},{:.3},{},{}\n", stream.share, date(stream.since), date(stream.until))
        });
        let file =
            self.write("flows.csv", &("from,to,share,since,until\n".to_string() + &declared.collect::<String>()));
        import_flows(&mut session, &file).expect("flows are good");
        let numbers = self.lines.iter().map(|line| format!("{},mobile\n", line.digits));
        let file = self.write("numbers.csv", &("number,kind\n".to_string() + &numbers.collect::<String>()));
        import_numbers(&mut session, &file, Region::default(), 0).expect("numbers are good");
        choose_controls(&mut session, recipe.controls).expect("there are numbers enough");
    }

    fn sow(&mut self, rng: &mut Chance) {
        let mut session = self.session(rng.random());
        let by_digits: std::collections::HashMap<String, usize> =
            self.lines.iter().enumerate().map(|(place, line)| (format!("+86{}", line.digits), place)).collect();
        for sowing in self.graph.sowings.clone() {
            self.clock.set(time_of(sowing.day));
            let keeper = &self.graph.keepers[sowing.keeper];
            let like = (keeper.kind == canaries::holder::Kind::Hospital).then(|| {
                let name = format!("深圳市第{}人民医院", number_zh(sowing.keeper));
                let list = list_of_hospital(&name, time_of(sowing.day).date_naive(), rng);
                self.write("like.csv", &list)
            });
            let order = MintOrder {
                holder: keeper.id.parse().expect("the ids of shapes are ids"),
                count: sowing.count,
                like,
                sheet: None,
                map: None,
                format: FreshFormat::Csv,
                output: None,
                authority: None,
            };
            let done = mint(&mut session, &order).expect("a canary can be minted").done;
            self.record(sowing.keeper, sowing.day, &done, &by_digits, rng);
        }
    }

    /// Remembers what was planted, and decides where it goes.
    fn record(
        &mut self,
        keeper: usize,
        day: f64,
        done: &PlantingDone,
        by_digits: &std::collections::HashMap<String, usize>,
        rng: &mut Chance,
    ) {
        let planting = self.plantings.len();
        let reader = self.session(0);
        for minted in
            canaries_in(&reader, done.planting).expect("a planting can be read").expect("the ledger is not locked")
        {
            let field = |meaning| minted.record.fields.get(&meaning).cloned();
            let line = by_digits[minted.number.as_str()];
            let birth = field(Meaning::BirthDate).and_then(|date| date.parse::<chrono::NaiveDate>().ok());
            let row_day = birth.map_or(day, |birth| day_of(birth.and_time(chrono::NaiveTime::MIN).and_utc()));
            let words = Words {
                mother: field(Meaning::MotherName).unwrap_or_default(),
                sex: field(Meaning::BabySex).unwrap_or_default(),
                birth,
                hospital: field(Meaning::Hospital),
                address: field(Meaning::Address).unwrap_or_default(),
            };
            self.lines[line].canary = Some(self.canaries.len());
            let reached = self.flow(keeper, day, rng);
            self.canaries.push(Canary { line, planting, keeper, day, row_day, words, reached });
        }
        let mut reach = vec![Vec::new(); self.graph.keepers.len()];
        for _ in 0..REACH_DRAWS {
            for (place, at) in self.flow(keeper, day, rng).into_iter().enumerate() {
                if at.is_finite() {
                    reach[place].push(at);
                }
            }
        }
        reach.iter_mut().for_each(|days| days.sort_by(f64::total_cmp));
        self.plantings.push(Planting { reach });
    }

    /// Draws when one canary reaches each keeper.
    fn flow(&self, keeper: usize, day: f64, rng: &mut Chance) -> Vec<f64> {
        let mut reached = vec![f64::INFINITY; self.graph.keepers.len()];
        reached[keeper] = day;
        // Streams of one giver stand anywhere in the list, but always lead to a higher place.
        for giver in keeper..reached.len() {
            let at = reached[giver];
            if at.is_infinite() {
                continue;
            }
            for stream in self.graph.streams.iter().filter(|stream| stream.from == giver) {
                // Both days are included.
                let runs = stream.since.is_none_or(|since| at >= since as f64)
                    && stream.until.is_none_or(|until| at < until as f64 + 1.0);
                if runs && rng.random_bool(stream.share) {
                    let arrives = at + rng.random_range(0.0..stream.period_days);
                    reached[stream.to] = reached[stream.to].min(arrives);
                }
            }
        }
        reached
    }

    /// Gives a session on a ledger of this world, whose clock is the world's.
    pub fn session(&self, seed: u64) -> Session {
        self.session_on(self.folder.path().join("canaries.db"), seed)
    }

    fn session_on(&self, db: PathBuf, seed: u64) -> Session {
        let clock = self.clock.clone();
        Session {
            clock: Box::new(move || clock.get()),
            rng: Chance::seed_from_u64(seed),
            ..session_on(db, self.clock.get())
        }
    }

    /// Copies the ledger, so that a run does not reach the next; the copy goes when the folder does.
    pub fn twin(&self, seed: u64) -> (TempDir, Session) {
        let beside = self.folder.path().parent().expect("a folder lies in one");
        let folder = TempDir::with_prefix_in("canaries-world-", beside).expect("a folder can be made");
        for name in ["canaries.db", "canaries.key"] {
            fs::copy(self.folder.path().join(name), folder.path().join(name)).expect("a ledger can be copied");
        }
        let session = self.session_on(folder.path().join("canaries.db"), seed);
        (folder, session)
    }

    /// Sets the clock.
    pub fn wait_until(&self, day: f64) {
        self.clock.set(time_of(day));
    }

    /// Gives the keepers that ever had a canary, whom a thief may choose from.
    pub fn with_canaries(&self) -> Vec<usize> {
        let has = |keeper: &usize| self.canaries.iter().any(|canary| canary.reached[*keeper].is_finite());
        (0..self.graph.keepers.len()).filter(has).collect()
    }

    /// Gives the id of a keeper.
    pub fn id(&self, keeper: usize) -> &str {
        &self.graph.keepers[keeper].id
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("a file can be written");
        path
    }
}

/// Gives a session on a ledger whose clock stands still.
pub fn session_on(db: PathBuf, now: DateTime<Utc>) -> Session {
    Session {
        db,
        clock: Box::new(move || now),
        rng: Chance::seed_from_u64(1),
        local: Box::new(|at| Some(at.and_utc() - TimeDelta::hours(8))),
        watcher: Box::new(|_, _, _| {}),
        recovered: Vec::new(),
        unlocking: Default::default(),
    }
}

/// Imports a file of contacts.
pub fn take_in(session: &mut Session, path: PathBuf) {
    let (region, format) = (Region::default(), CallFormat::Csv);
    let file = CallFile { path, format, map: None, year: None, number: None, region };
    import_hits(session, &file).expect("contacts can be imported");
}

/// Gives the time of a day of the world.
pub fn time_of(day: f64) -> DateTime<Utc> {
    first() + TimeDelta::seconds((day * 86_400.0) as i64)
}

fn day_of(time: DateTime<Utc>) -> f64 {
    (time - first()).num_seconds() as f64 / 86_400.0
}

fn first() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 1, 6, 0, 0, 0).single().expect("a day that was")
}

/// Draws a pool: half in runs of consecutive numbers, half one by one.
pub fn pool(count: usize, rng: &mut Chance) -> Vec<Line> {
    const PREFIXES: [u64; 8] = [135, 137, 138, 139, 150, 158, 159, 188];
    let mut taken = std::collections::HashSet::new();
    let mut lines = Vec::with_capacity(count);
    let mut block = 0;
    while lines.len() < count {
        let length = if rng.random_bool(0.008) { rng.random_range(10..=60) } else { 1 };
        let begin = one_of(&PREFIXES, rng) * 100_000_000 + rng.random_range(0..99_999_000);
        for number in begin..begin + length.min((count - lines.len()) as u64) {
            if taken.insert(number) {
                lines.push(Line { digits: number.to_string(), block, canary: None });
            }
        }
        block += 1;
    }
    lines
}

fn number_zh(n: usize) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (n + 1) / 10 {
        0 => DIGITS[n + 1].to_string(),
        tens => {
            format!("{}十{}", DIGITS[tens % 10], if (n + 1).is_multiple_of(10) { "" } else { DIGITS[(n + 1) % 10] })
        }
    }
}
