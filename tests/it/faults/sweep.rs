//! Moves a fault on by one call, until the command gets through untouched.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::strike::{Fault, Point, Struck, own_calls, strike};
use crate::stage::{Stage, borrowed};

/// A stage, and what it is struck with.
pub struct Sweep<'s> {
    /// Makes the stage before the command. The ledger names files by their full path, so a stage stays in its folder
    /// and is reset for every point.
    pub prepare: &'s (dyn Fn() -> Stage + Sync),
    pub faults: &'s [Fault],
    /// The only calls that are struck; all of them if there are none here.
    pub only: &'s [&'s str],
    /// A fault that is there all the time, as strace words it.
    pub beside: Option<&'s str>,
}

/// What a sweep found.
#[derive(Debug, Default)]
pub struct Swept {
    points: usize,
    /// How the struck runs ended, counted.
    endings: BTreeMap<String, usize>,
    violations: Vec<String>,
}

impl Sweep<'_> {
    /// Strikes the command `args` at every call with every fault.
    ///
    /// `judge` recovers, and gives what is wrong after it; what it calls the ending is only counted.
    pub fn run(
        &self,
        args: impl Fn(&Stage) -> Vec<String> + Sync,
        judge: impl Fn(&Stage, &Struck) -> (String, Vec<String>) + Sync,
    ) -> Swept {
        let first = (self.prepare)();
        let calls = own_calls(&first, &borrowed(&args(&first)), self.beside);
        let wanted = |call: &&(String, usize)| self.only.is_empty() || self.only.contains(&call.0.as_str());
        let rows: Vec<(&(String, usize), Fault)> =
            calls.iter().filter(wanted).flat_map(|call| self.faults.iter().map(move |fault| (call, *fault))).collect();
        let next = AtomicUsize::new(0);
        let swept = Mutex::new(Swept::default());
        let worker = || {
            let stage = (self.prepare)();
            let earlier = stage.twin();
            while let Some(((call, from), fault)) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                for number in *from.. {
                    let point = Point { call: call.to_string(), number, fault: *fault };
                    stage.reset(&earlier);
                    let struck = strike(&stage, &borrowed(&args(&stage)), &point, self.beside);
                    if struck.line.is_none() {
                        assert!(number > *from, "{point}: nothing was struck");
                        break;
                    }
                    let judged = judge(&stage, &struck);
                    swept.lock().unwrap().note(&point, &struck, judged);
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
}

impl Swept {
    fn note(&mut self, point: &Point, struck: &Struck, (ending, violations): (String, Vec<String>)) {
        let line = struck.line.as_deref().unwrap_or_default();
        self.points += 1;
        *self.endings.entry(ending).or_default() += 1;
        self.violations.extend(violations.iter().map(|what| format!("{point}: {what}\n    {line}")));
    }

    /// Prints what was done; fails if anything was violated, too little was struck, or no run ended in one of `endings`.
    pub fn holds(&self, name: &str, points_min: usize, endings: &[&str]) {
        println!("{name}: {} points", self.points);
        for (ending, count) in &self.endings {
            println!("    {count:5}  {ending}");
        }
        let told: Vec<&str> = self.violations.iter().take(40).map(String::as_str).collect();
        assert!(told.is_empty(), "{name}: {} violations\n{}", self.violations.len(), told.join("\n"));
        assert!(self.points >= points_min, "{name}: only {} points were struck", self.points);
        for ending in endings {
            assert!(self.endings.contains_key(*ending), "{name}: no run ended as `{ending}`");
        }
    }
}
