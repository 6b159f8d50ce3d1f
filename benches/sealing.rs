//! What the log costs of planting: the whole `plant` process, beside entering again what it entered, and beside the log's part of that.
//!
//! `cargo bench --bench sealing` plants 10 canaries into 400 rows of a new ledger, in turn with the other two, on the disk of the
//! temporary folder. "All entries" is everything a planting writes into the ledger, rows of the tables and three syncs included; "the log"
//! is what is there for proof alone: commitments, leaves, the tree, the root over canaries, the checkpoint and its signature.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use canaries::ledger::{CanaryOpening, CanaryTree, Checkpoint, Entry, Event, Salter, Tree, leaf_hash, origin_of};
use canaries::store::{Store, StoreError, signing_key};
use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use rusqlite::Connection;

const RUNS: usize = 21;
const ROWS: usize = 400;
const CANARIES: usize = 10;

fn canaries(folder: &Path, args: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_canaries")).args(args).current_dir(folder).output();
    let done = done.expect("the program is built with the bench");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Makes a ledger with numbers, and a list.
fn prepare(folder: &Path) {
    let numbers: String = (0..400u64).map(|at| format!("1{}\n", 3_800_000_000 + at * 200_003)).collect();
    std::fs::write(folder.join("numbers.csv"), format!("number\n{numbers}")).expect("the folder is new");
    let (family, given): (Vec<char>, Vec<char>) = (
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗".chars().collect(),
        "芳敏静丽娟艳霞梅兰燕玲萍红英华云雪琳洁莉".chars().collect(),
    );
    let row = |at: usize| {
        let name: String = [family[at % 20], given[at / 20 % 20], given[(at * 7 + at / 400) % 20]].iter().collect();
        let (day, phone) = (at % 28 + 1, 13_500_000_000u64 + at as u64 * 104_729);
        format!("{},{name},{phone},2026-10-{day:02},福田区{}路{}号\n", at + 1, given[at % 17], at * 13 % 200 + 1)
    };
    let rows: String = (0..ROWS).map(row).collect();
    std::fs::write(folder.join("list.csv"), format!("序号,产妇姓名,联系电话,出生日期,家庭住址\n{rows}"))
        .expect("the folder is new");
    canaries(folder, &["init"]);
    canaries(folder, &["holder", "add", "h1", "--name", "First", "--kind", "hospital"]);
    canaries(folder, &["number", "import", "numbers.csv"]);
}

/// What one planting entered.
struct Planting {
    events: Vec<Event>,
    openings: Vec<CanaryOpening>,
    at: DateTime<Utc>,
    key: SigningKey,
}

fn entered(db: &Path) -> Planting {
    let ledger = Connection::open(db).expect("the ledger is there");
    let mut rows = ledger.prepare("SELECT body, openings FROM entry ORDER BY idx").expect("it has entries");
    let read =
        rows.query_map([], |row| Ok(Entry { body: row.get(0)?, openings: row.get(1)? })).expect("they are blobs");
    let all: Vec<Event> =
        read.map(|entry| Event::read(&entry.expect("a row")).expect("an entry of this version").1).collect();
    let from = all.iter().position(|event| matches!(event, Event::Reserved(_))).expect("it was planted into");
    let store = Store::open(db).expect("the ledger opens");
    let mut openings = Vec::new();
    let planting = "P-000001".parse().expect("an id");
    let seen = store.read().each_opening::<StoreError>(planting, &mut |opening| {
        openings.push(opening);
        Ok(())
    });
    seen.expect("the planting has canaries");
    let keys = store.read().log_keys().expect("the log has a key");
    let key = signing_key(db, &keys[0].public).expect("its key lies beside it");
    Planting { events: all[from..].to_vec(), openings, at: Utc::now(), key }
}

impl Planting {
    /// Gives the events of its three commits; the last one ends with the checkpoint.
    fn commits(&self) -> [&[Event]; 3] {
        let at =
            |kind: &str| self.events.iter().position(|event| event.kind() == kind).expect("each kind is there once");
        [&self.events[..at("sealed")], &self.events[at("sealed")..at("planted")], &self.events[at("planted")..]]
    }

    fn root(&self) -> [u8; 32] {
        let mut tree = CanaryTree::new([7; 32]);
        self.openings.iter().for_each(|opening| tree.add(opening));
        tree.finish().root()
    }

    fn checkpoint(&self, tree: &Tree) -> (Checkpoint, String) {
        let checkpoint = Checkpoint::of(&origin_of(&self.key.verifying_key()), tree);
        let note = checkpoint.sign(&[&self.key]);
        (checkpoint, note)
    }

    /// Enters everything again, into a ledger that has none of it.
    fn enter(&self, db: &Path) -> Duration {
        let mut store = Store::open(db).expect("the ledger opens");
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let begun = Instant::now();
        std::hint::black_box(self.root());
        for events in self.commits() {
            let done: Result<(), StoreError> = store.write(self.at, &mut rng, |writing| {
                events.iter().try_for_each(|event| match event {
                    Event::Seal { .. } => {
                        let (checkpoint, note) = self.checkpoint(writing.tree());
                        writing.append_seal(&checkpoint, &note)
                    }
                    other => writing.append(other),
                })
            });
            done.expect("a ledger takes what another took");
        }
        begun.elapsed()
    }

    /// Does what only proof needs, but for the writing of its bytes.
    fn log(&self) -> Duration {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut tree = Tree::default();
        let begun = Instant::now();
        std::hint::black_box(self.root());
        for event in &self.events {
            let entry = event.write(self.at, &mut Salter(&mut rng));
            tree.push(leaf_hash(&entry.body));
        }
        std::hint::black_box(self.checkpoint(&tree));
        begun.elapsed()
    }
}

fn median(mut all: Vec<Duration>) -> f64 {
    all.sort_unstable();
    all[all.len() / 2].as_secs_f64() * 1000.0
}

fn main() {
    let room = tempfile::tempdir().expect("the temporary folder takes a folder");
    let clean = room.path().join("clean");
    std::fs::create_dir(&clean).expect("it is new");
    prepare(&clean);
    let copy = |name: &str| {
        let to = room.path().join(name);
        std::fs::create_dir(&to).expect("each run has a folder of its own");
        for file in ["canaries.db", "canaries.key", "list.csv"] {
            std::fs::copy(clean.join(file), to.join(file)).expect("it was made above");
        }
        to
    };
    let (mut plant, mut all, mut log) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        let folder = copy(&format!("plant-{run}"));
        let count = CANARIES.to_string();
        let begun = Instant::now();
        canaries(&folder, &["plant", "list.csv", "--to", "h1", "--count", &count, "-o", "out.csv"]);
        plant.push(begun.elapsed());
        let planting = entered(&folder.join("canaries.db"));
        all.push(planting.enter(&copy(&format!("again-{run}")).join("canaries.db")));
        log.push(planting.log());
    }
    let [plant, all, log] = [plant, all, log].map(median);
    println!(
        "plant, {CANARIES} canaries into {ROWS} rows, new ledger, whole process: {plant:.1} ms (median of {RUNS})"
    );
    println!("all it enters, three syncs and a checkpoint included: {all:.1} ms, {:.1} %", 100.0 * all / plant);
    println!("of that the log (commitments, tree, roots, signature): {log:.2} ms, {:.1} %", 100.0 * log / plant);
}
