//! Large ledgers to time `trace` on: 1,000 holders, 100,000 canaries, 1,000,000 contacts in chains of gatherers; or as many
//! holders in a thicket of 3,000 random flows, circles included.
//!
//! Only the ledger is made here; a process that traces it is timed elsewhere.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use canaries::deed::{
    MintOrder, Session, canaries_in, choose_controls, import_flows, import_holders, import_numbers, init, mint,
};
use canaries::list::fresh::FreshFormat;
use canaries::phone::Region;
use chrono::TimeDelta;
use rand::{RngExt, SeedableRng};

use super::chance::{Chance, one_of, seeded};
use super::noise::{caller, seconds};
use super::said::{Talk, Words, by_a_stranger, by_one_who_knows};
use super::world::{POOL_DAY, pool, take_in, time_of};

/// How large the ledger is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub holders: usize,
    pub canaries_each: usize,
    pub contacts: usize,
    pub flows: Flows,
}

/// How rows go on from holder to holder.
#[derive(Debug, Clone, Copy)]
pub enum Flows {
    /// Chains of ten gatherers with nine holders each.
    Chains,
    /// So many flows between any two holders.
    Random(usize),
}

/// Numbers that are bought, and planted, at a time: a mint looks at all free ones.
const HOLDERS_A_BATCH: usize = 10;
const CONTROLS: usize = 2_000;

/// Makes the ledger in `folder`, as `canaries.db`.
pub fn build(folder: &Path, size: &Size, seed: u64) {
    fs::create_dir_all(folder).expect("a folder can be made");
    let mut rng = seeded(&[seed, 99]);
    let lines = pool(size.holders * size.canaries_each * 2 + CONTROLS, &mut rng);
    let mut session = session_at(folder, POOL_DAY, rng.random());
    init(&mut session, &[]).expect("a ledger can be made: is there one already?");
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        fs::write(&path, content).expect("a file can be written");
        path
    };
    let holders: String = (0..size.holders).map(|n| format!("h{n},h{n},hospital\n")).collect();
    import_holders(&mut session, &file("holders.csv", &format!("id,name,kind\n{holders}"))).expect("holders are good");
    let flows = match size.flows {
        Flows::Chains => chains(size.holders),
        Flows::Random(count) => random(size.holders, count, &mut rng),
    };
    import_flows(&mut session, &file("flows.csv", &format!("from,to\n{flows}"))).expect("flows are good");
    let mut rest = lines.as_slice();
    let mut planted: HashMap<String, Words> = HashMap::new();
    let mut buy = |session: &mut Session, count: usize| {
        let (bought, left) = rest.split_at(count.min(rest.len()));
        rest = left;
        let numbers: String = bought.iter().map(|line| format!("{},mobile\n", line.digits)).collect();
        import_numbers(session, &file("numbers.csv", &format!("number,kind\n{numbers}")), Region::default(), 0)
            .expect("numbers are good");
    };
    buy(&mut session, CONTROLS);
    let controls = choose_controls(&mut session, CONTROLS).expect("there are numbers enough");
    for batch in 0..size.holders.div_ceil(HOLDERS_A_BATCH) {
        let day = batch as f64 * 300.0 / size.holders.div_ceil(HOLDERS_A_BATCH) as f64;
        let mut session = session_at(folder, day, rng.random());
        buy(&mut session, size.canaries_each * HOLDERS_A_BATCH * 2);
        for holder in batch * HOLDERS_A_BATCH..((batch + 1) * HOLDERS_A_BATCH).min(size.holders) {
            mint_for(&mut session, holder, size.canaries_each, &mut planted);
        }
        eprintln!("{} canaries", planted.len());
    }
    let mut session = session_at(folder, 400.0, rng.random());
    let mut numbers: Vec<(String, Words)> = planted.into_iter().collect();
    numbers.extend(controls.iter().map(|number| (number.to_string(), Words::default())));
    numbers.sort_by(|a, b| a.0.cmp(&b.0));
    take_in(&mut session, file("contacts.csv", &contacts(&numbers, size.contacts, &mut rng)));
}

/// Every tenth holder gathers from the nine before it, and passes on to the next that gathers.
fn chains(holders: usize) -> String {
    let mut flows = String::new();
    for holder in 0..holders {
        let to = holder / 10 * 10 + 9;
        let to = if holder == to { holder + 10 } else { to };
        // Chains of ten gatherers, so that copies stay of different sizes.
        if to < holders && (holder % 10 != 9 || holder / 10 % 10 != 9) {
            flows += &format!("h{holder},h{to}\n");
        }
    }
    flows
}

/// Any holder passes on to any other.
fn random(holders: usize, count: usize, rng: &mut Chance) -> String {
    let mut flows = BTreeSet::new();
    while flows.len() < count {
        let (from, to) = (rng.random_range(0..holders), rng.random_range(0..holders));
        if from != to {
            flows.insert((from, to));
        }
    }
    flows.into_iter().map(|(from, to)| format!("h{from},h{to}\n")).collect()
}

fn mint_for(session: &mut Session, holder: usize, count: usize, planted: &mut HashMap<String, Words>) {
    let order = MintOrder {
        holder: format!("h{holder}").parse().expect("an id"),
        count,
        like: None,
        sheet: None,
        map: None,
        format: FreshFormat::Csv,
        output: None,
        authority: None,
    };
    let done = mint(session, &order).expect("canaries can be minted").done;
    for minted in
        canaries_in(session, done.planting).expect("a planting can be read").expect("the ledger is not locked")
    {
        let mother = minted.record.fields.get(&canaries::list::Meaning::MotherName).cloned().unwrap_or_default();
        planted.insert(minted.number.to_string(), Words { mother, ..Words::default() });
    }
}

/// Writes contacts: mostly strangers, and one buyer of one in a hundred numbers.
fn contacts(numbers: &[(String, Words)], count: usize, rng: &mut Chance) -> String {
    let buyer = caller(rng);
    let mut rows = "to,from,at,kind,seconds,said,id\n".to_string();
    for place in 0..count {
        let (number, words) = one_of(numbers, rng);
        // A buyer has no control's number.
        let (from, said) = if !words.mother.is_empty() && rng.random_bool(0.01) {
            (buyer.clone(), by_one_who_knows(words, Talk::Usual, rng))
        } else {
            (caller(rng), by_a_stranger(0.03, rng))
        };
        let (at, seconds) = (time_of(rng.random_range(-60.0..399.0)).to_rfc3339(), seconds(rng));
        let said = said.unwrap_or_default().replace('"', "");
        writeln!(rows, "{number},{from},{at},call,{seconds},\"{said}\",{place}").expect("a text takes text");
    }
    rows
}

fn session_at(folder: &Path, day: f64, seed: u64) -> Session {
    Session {
        db: folder.join("canaries.db"),
        clock: Box::new(move || time_of(day)),
        rng: Chance::seed_from_u64(seed),
        local: Box::new(|at| Some(at.and_utc() - TimeDelta::hours(8))),
        watcher: Box::new(|_, _, _| {}),
        recovered: Vec::new(),
        unlocking: Default::default(),
    }
}
