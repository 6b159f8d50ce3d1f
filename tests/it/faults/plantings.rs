//! Plantings: what the ledger knows of every file in the folder, and what the files hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use canaries::store::{PlantingRow, PlantingState, Store};
use sha2::{Digest, Sha256};

use super::check::{ending, files, holds, leaks, manners, unverified};
use super::lists::{Kind, sentinels};
use super::strike::Struck;
use crate::stage::{Stage, borrowed, pool};

/// Numbers of the pool: many more than are planted, so that a number that is used twice is no accident.
const POOL: usize = 60;

/// The planting of one kind of list, or minting without one.
#[derive(Debug, Clone, Copy)]
pub struct Plantings {
    kind: Kind,
    way: Way,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Plant,
    Mint,
}

/// What `mint` is asked for, for each holder.
const MINTED: &str = "3";

/// A planting as the ledger knows it.
struct Known {
    row: PlantingRow,
    /// Numbers that may stand in its file, as the file spells them.
    numbers: BTreeSet<String>,
    /// Whether a file with the sealed hash lay under its temporary or final name when the ledger was read.
    is_whole: bool,
}

impl Known {
    /// Whether its file may bear its final name.
    fn is_published(&self) -> bool {
        match self.row.state {
            PlantingState::Sealed | PlantingState::Planted { .. } => true,
            PlantingState::Reserved | PlantingState::Void => false,
        }
    }

    fn is_planted(&self) -> bool {
        matches!(self.row.state, PlantingState::Planted { .. })
    }

    fn word(&self) -> &'static str {
        match self.row.state {
            PlantingState::Reserved => "reserved",
            PlantingState::Sealed => "sealed",
            PlantingState::Planted { .. } => "planted",
            PlantingState::Void => "void",
        }
    }

    fn has_hash(&self, path: &str) -> bool {
        has_hash(path, &self.row)
    }
}

impl Plantings {
    /// Plants into a list of this kind.
    pub fn into(kind: Kind) -> Plantings {
        Plantings { kind, way: Way::Plant }
    }

    /// Mints text.
    pub fn minted() -> Plantings {
        Plantings { kind: Kind::Csv, way: Way::Mint }
    }

    /// Makes the stage before anything is planted.
    pub fn stage(self) -> Stage {
        let stage = Stage::ready(&["szfy", "agency", "third", "fourth"], POOL);
        stage.write(&self.list(), self.kind.list());
        fs::create_dir(stage.at("out")).unwrap();
        stage
    }

    fn list(self) -> String {
        format!("births.{}", self.kind.ending())
    }

    /// Plants one canary each for `holders`, or mints a few for the only one.
    pub fn command(self, stage: &Stage, holders: &[&str]) -> Vec<String> {
        let (list, output) = (stage.arg(&self.list()), |name: &str| format!("out/{name}.{}", self.kind.ending()));
        let (mut words, output) = match self.way {
            Way::Plant => (vec!["plant", &list, "--count", "1"], output("{holder}")),
            Way::Mint => (vec!["mint", "--count", MINTED], output(holders[0])),
        };
        let output = stage.arg(&output);
        words.extend(holders.iter().flat_map(|holder| ["--to", holder]));
        words.extend(["-o", &output]);
        words.into_iter().map(str::to_string).collect()
    }

    /// Judges the stage as the fault left it, plants for one more holder, and judges the result.
    pub fn judge(self, stage: &Stage, struck: &Struck, asked: &[&str]) -> (String, Vec<String>) {
        let mut wrong = manners(struck);
        let before = match autopsy(stage) {
            Ok(known) => known,
            Err(error) => return ("ledger broken".to_string(), vec![error]),
        };
        wrong.extend(self.at_any_time(stage, struck, &before));
        if struck.told.code == Some(0) {
            let planted =
                |holder: &&&str| before.iter().any(|one| one.row.holder.as_str() == **holder && one.is_planted());
            wrong.extend(
                asked
                    .iter()
                    .filter(|holder| !planted(holder))
                    .map(|holder| format!("exit 0, but nothing is planted for {holder}")),
            );
        }
        let next = stage.run(&borrowed(&self.command(stage, &["fourth"])));
        if next.code != Some(0) {
            wrong.push(format!("the next planting fails: {}", next.err));
        }
        let after = match autopsy(stage) {
            Ok(known) => known,
            Err(error) => return ("ledger broken by recovery".to_string(), vec![error]),
        };
        wrong.extend(self.at_any_time(stage, struck, &after));
        wrong.extend(self.after_recovery(stage, &before, &after));
        wrong.extend(unverified(stage));
        let states = |known: &[Known]| known.iter().map(Known::word).collect::<Vec<_>>().join(" ");
        let ended = &after[..before.len().min(after.len())];
        (format!("{}: {} -> {}", ending(&struck.told), states(&before), states(ended)), wrong)
    }

    /// What holds at any time: no canary in a file that the ledger does not know, none for two holders, no half file
    /// under a final name, no real row outside the copies.
    fn at_any_time(self, stage: &Stage, struck: &Struck, known: &[Known]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut meant = vec![stage.at(&self.list())];
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for path in files(&stage.at("out")) {
            let name = path.to_str().unwrap();
            let of_final = known.iter().find(|one| one.row.final_path == name && one.is_published());
            let Some(owner) = of_final.or(known.iter().find(|one| one.row.temp_path == name)) else {
                wrong.push(format!("the ledger does not know {name}"));
                continue;
            };
            meant.push(path.clone());
            if of_final.is_some() && !owner.has_hash(name) {
                wrong.push(format!("{name} has not the hash that the ledger knows"));
            }
            for number in self.numbers_in(&path) {
                if !owner.numbers.contains(&number) {
                    wrong.push(format!("{number} stands in {name}, for which the ledger does not know it"));
                }
                let holder = owner.row.holder.as_str();
                let other = seen.insert(number.clone(), holder).filter(|other| *other != holder);
                wrong.extend(other.map(|other| format!("{number} stands in the lists of {holder} and {other}")));
            }
        }
        let is_lost = |one: &&Known| one.row.state == PlantingState::Sealed && !one.is_whole;
        wrong.extend(known.iter().filter(is_lost).map(|one| format!("{} is sealed, and its file is gone", one.row.id)));
        for one in known.iter().filter(|one| one.is_planted() && !one.has_hash(&one.row.final_path)) {
            wrong.push(format!("planted, but {} is not whole", one.row.final_path));
        }
        wrong.extend(leaks(stage, struck, &sentinels(), &meant));
        wrong
    }

    /// What holds once the next command has recovered.
    fn after_recovery(self, stage: &Stage, before: &[Known], after: &[Known]) -> Vec<String> {
        let mut wrong = Vec::new();
        for (was, is) in before.iter().zip(after) {
            let should = match was.row.state {
                PlantingState::Planted { .. } | PlantingState::Sealed => "planted",
                PlantingState::Reserved | PlantingState::Void => "void",
            };
            if is.word() != should {
                wrong.push(format!("{} was {} and is {}, not {should}", is.row.id, was.word(), is.word()));
            }
        }
        for path in files(&stage.at("out")) {
            let name = path.to_str().unwrap();
            if !after.iter().any(|one| one.row.final_path == name && one.is_planted()) {
                wrong.push(format!("left over: {name}"));
            } else if !self.is_reversible(stage, name) {
                wrong.push(format!("stripping {name} does not give the list back"));
            }
        }
        let used: BTreeSet<&String> = before.iter().flat_map(|one| &one.numbers).collect();
        let fresh = after.iter().skip(before.len()).flat_map(|one| &one.numbers);
        wrong.extend(fresh.filter(|number| used.contains(number)).map(|number| format!("{number} is used again")));
        wrong
    }

    fn is_reversible(self, stage: &Stage, name: &str) -> bool {
        let stripped = stage.at(&format!("stripped.{}", self.kind.ending()));
        let told = stage.run(&["strip", name, "-o", stripped.to_str().unwrap()]);
        let left = self.kind.pieces(&stripped);
        let same = told.code == Some(0)
            && match self.way {
                Way::Plant => left == self.kind.pieces(&stage.at(&self.list())),
                Way::Mint => left["text"].starts_with(b"mother_name,") && left["text"].ends_with(b",discharge_date\n"),
            };
        if told.code == Some(0) {
            fs::remove_file(stripped).unwrap();
        }
        same
    }

    fn numbers_in(self, path: &Path) -> Vec<String> {
        let pieces = self.kind.pieces(path);
        pool(POOL).filter(|number| pieces.values().any(|bytes| holds(bytes, number.as_bytes()))).collect()
    }
}

/// Reads the ledger as the next program to open it would find it, without touching it.
fn autopsy(stage: &Stage) -> Result<Vec<Known>, String> {
    let twin = stage.twin();
    let broken = |error| format!("the ledger cannot be read: {error}");
    let store = Store::open(&twin.at("canaries.db")).map_err(broken)?;
    let reader = store.read();
    let canaries = reader.canaries().map_err(broken)?;
    let received = reader.received().map_err(broken)?;
    let rows = reader.plantings().map_err(broken)?;
    let known = rows.into_iter().map(|row| {
        let own = canaries.iter().filter(|canary| {
            let came_along = received.iter().any(|one| one.canary == canary.id && one.planting == row.id);
            canary.planting == row.id || came_along
        });
        let numbers = own.map(|canary| canary.number.as_str().trim_start_matches("+86").to_string()).collect();
        let is_whole = has_hash(&row.temp_path, &row) || has_hash(&row.final_path, &row);
        Known { row, numbers, is_whole }
    });
    Ok(known.collect())
}

fn has_hash(path: &str, row: &PlantingRow) -> bool {
    let found = fs::read(path).map(|bytes| hex::encode(Sha256::digest(bytes)));
    found.is_ok_and(|found| row.output_sha256.as_ref() == Some(&found))
}
