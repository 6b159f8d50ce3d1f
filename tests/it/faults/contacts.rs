//! An import of call records after one contact that was acknowledged before: none is lost, none is doubled.

use canaries::store::Store;

use super::check::{ending, leaks, manners, unverified};
use super::strike::Struck;
use crate::stage::{Stage, borrowed, pool};

/// Stands in a call to a number that is not ours: it is counted and forgotten.
const STRAY: &str = "哨兵来电";

/// The numbers that are called, and what is expected of them.
pub struct Contacts {
    numbers: Vec<String>,
}

impl Contacts {
    pub fn new() -> Contacts {
        Contacts { numbers: pool(4).collect() }
    }

    /// Makes the stage before the import.
    pub fn stage(&self) -> Stage {
        let stage = Stage::ready(&["szfy"], self.numbers.len());
        let at = "2026-10-01T08:00:00Z";
        stage.done(&["hit", "add", "--to", &self.numbers[0], "--from", "075588880000", "--at", at]);
        let mut calls = "to,from,at,kind,seconds,said,id\n".to_string();
        for (i, number) in self.numbers.iter().enumerate() {
            calls += &format!("{number},07558888000{i},2026-11-01T0{i}:00:00Z,call,2{i},满月照,call-{i}\n");
        }
        calls += &format!("13900009999,13900008888,2026-11-01T10:00:00Z,call,30,{STRAY},call-stray\n");
        stage.write("calls.csv", calls);
        stage
    }

    /// Gives the command that is struck.
    pub fn command(&self, stage: &Stage) -> Vec<String> {
        ["hit", "import", &stage.arg("calls.csv")].map(str::to_string).to_vec()
    }

    /// Judges the stage as the fault left it, imports again, and judges the result.
    pub fn judge(&self, stage: &Stage, struck: &Struck) -> (String, Vec<String>) {
        let mut wrong = manners(struck);
        wrong.extend(leaks(stage, struck, &[STRAY.to_string()], &[stage.at("calls.csv")]));
        let all = self.numbers.len() + 1;
        let kept = match autopsy(stage) {
            Ok(contacts) => contacts,
            Err(error) => return ("ledger broken".to_string(), vec![error]),
        };
        match (kept.len(), struck.told.code) {
            (1, Some(0)) => wrong.push("acknowledged contacts are not on record".to_string()),
            (1, _) => {}
            (n, _) if n == all => {}
            (n, _) => wrong.push(format!("{n} of {all} contacts: neither all nor none were imported")),
        }
        let again = stage.run(&borrowed(&self.command(stage)));
        if again.code != Some(0) {
            wrong.push(format!("cannot be imported again: {}", again.err));
        }
        wrong.extend(unverified(stage));
        wrong.extend(leaks(stage, struck, &[STRAY.to_string()], &[stage.at("calls.csv")]));
        let now = autopsy(stage).unwrap_or_default();
        let mut expected: Vec<String> =
            (0..self.numbers.len()).map(|i| format!("+86{} 2026-11-01 0{i}:00:00 UTC", self.numbers[i])).collect();
        expected.push(format!("+86{} 2026-10-01 08:00:00 UTC", self.numbers[0]));
        expected.sort();
        if now != expected {
            wrong.push(format!("on record after another import: {now:?}"));
        }
        let ending = format!("{}, {} of {all} contacts kept", ending(&struck.told), kept.len());
        (ending, wrong)
    }
}

/// Reads the contacts as the next program to open the ledger would find them, without touching it.
fn autopsy(stage: &Stage) -> Result<Vec<String>, String> {
    let twin = stage.twin();
    let store =
        Store::open(&twin.at("canaries.db")).map_err(|error| format!("the ledger cannot be opened: {error}"))?;
    let contacts = store.read().contacts().map_err(|error| format!("the ledger cannot be read: {error}"))?;
    let mut contacts: Vec<String> = contacts.iter().map(|row| format!("{} {}", row.to, row.at)).collect();
    contacts.sort();
    Ok(contacts)
}
