//! Faults: the program is struck at every file system call of its own, and nothing may be lost, doubled or half done.
//!
//! A random kill finds next to nothing, because few of them fall where there is something to recover; so the fault
//! moves on by one call until the command gets through untouched. After each fault the next ordinary command recovers.
//! `cargo test faults -- --nocapture` prints how many points there were and how they ended.

mod check;
mod contacts;
mod lists;
mod plantings;
mod strike;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::stage::{Stage, borrowed};
use contacts::Contacts;
use lists::Kind;
use plantings::Plantings;
use strike::{FAULTS, Fault, Point, Struck, own_calls, strike};

/// What a sweep found.
#[derive(Debug, Default)]
struct Swept {
    points: usize,
    /// How the struck runs ended, counted.
    endings: BTreeMap<String, usize>,
    violations: Vec<String>,
}

/// Strikes `args` at every call with every fault, each time on a twin of `base`.
///
/// `judge` recovers, and gives what is wrong after it; what it calls the ending is only counted.
fn sweep(
    base: &Stage,
    args: impl Fn(&Stage) -> Vec<String> + Sync,
    judge: impl Fn(&Stage, &Struck) -> (String, Vec<String>) + Sync,
) -> Swept {
    let first = base.twin();
    let calls = own_calls(&first, &borrowed(&args(&first)));
    let rows: Vec<(&String, usize, Fault)> =
        calls.iter().flat_map(|(call, from)| FAULTS.map(|fault| (call, *from, fault))).collect();
    let only = std::env::var("ONLY").unwrap_or_default();
    let rows: Vec<_> = rows.into_iter().filter(|r| only.is_empty() || only.split(',').any(|o| o == r.0)).collect();
    let next = AtomicUsize::new(0);
    let swept = Mutex::new(Swept::default());
    let worker = || {
        while let Some((call, from, fault)) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            for number in *from.. {
                let point = Point { call: call.to_string(), number, fault: *fault };
                let stage = base.twin();
                let struck = strike(&stage, &borrowed(&args(&stage)), &point);
                let Some(line) = &struck.line else {
                    assert!(number > *from, "{point}: nothing was struck");
                    break;
                };
                let (ending, violations) = judge(&stage, &struck);
                let mut swept = swept.lock().unwrap();
                swept.points += 1;
                *swept.endings.entry(ending).or_default() += 1;
                for v in &violations { println!("VIOLATION {point}: {v}\n    {line}"); }
                if swept.points % 100 == 0 { println!("{} {point}", swept.points); }
                swept.violations.extend(violations.iter().map(|what| format!("{point}: {what}\n    {line}")));
            }
        }
    };
    std::thread::scope(|threads| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            threads.spawn(worker);
        }
    });
    swept.into_inner().unwrap()
}

impl Swept {
    /// Prints what was done, and fails if anything was violated or too little was struck.
    fn holds(&self, name: &str, points_min: usize) {
        println!("{name}: {} points", self.points);
        for (ending, count) in &self.endings {
            println!("    {count:5}  {ending}");
        }
        let told: Vec<&str> = self.violations.iter().take(40).map(String::as_str).collect();
        assert!(told.is_empty(), "{name}: {} violations\n{}", self.violations.len(), told.join("\n"));
        assert!(self.points >= points_min, "{name}: only {} points were struck", self.points);
    }
}

#[test]
fn no_fault_at_any_call_of_an_import_loses_or_doubles_a_contact() {
    let contacts = Contacts::new();
    let base = contacts.stage();
    let swept = sweep(&base, |stage| contacts.command(stage), |stage, struck| contacts.judge(stage, struck));
    swept.holds("hit import", 100);
}

#[test]
fn no_fault_at_any_call_of_planting_text_breaks_an_invariant() {
    let (plantings, holders) = (Plantings { kind: Kind::Csv }, ["szfy", "agency"]);
    let base = plantings.stage();
    let swept = sweep(
        &base,
        |stage| plantings.command(stage, &holders),
        |stage, struck| plantings.judge(stage, struck, &holders),
    );
    swept.holds("plant csv for two", 1000);
}

#[test]
fn no_fault_at_any_call_of_planting_a_workbook_breaks_an_invariant() {
    let (plantings, holders) = (Plantings { kind: Kind::Xlsx }, ["szfy"]);
    let base = plantings.stage();
    let swept = sweep(
        &base,
        |stage| plantings.command(stage, &holders),
        |stage, struck| plantings.judge(stage, struck, &holders),
    );
    swept.holds("plant xlsx", 1000);
}
