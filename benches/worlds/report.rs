//! The table that is printed, and the same figures as JSON.
//!
//! `most`, `first`, `guilt` are the simpler ways: by the calls that look suspicious, and (`t.`) told which are the leak's.
//! Shares are of the runs in which a canary rang because of the leak; counts are of all runs.

use super::judge::{Figures, Run};
use super::scenario::Scenario;

/// One row of the report.
#[derive(serde::Serialize)]
pub struct Row {
    pub scenario: &'static str,
    pub of: String,
    #[serde(flatten)]
    pub figures: Figures,
}

/// Canaries called, as the rows of a leak are split.
const SPLITS: [(&str, usize, usize); 5] = [
    ("1 called", 1, 1),
    ("2-3 called", 2, 3),
    ("4-9 called", 4, 9),
    ("10+ called", 10, usize::MAX),
    ("4+ called", 4, usize::MAX),
];

/// Makes the rows of a scenario.
pub fn rows(scenario: Scenario, runs: &[Run]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |of: String, chosen: &dyn Fn(&&Run) -> bool| {
        let chosen: Vec<&Run> = runs.iter().filter(chosen).collect();
        if !chosen.is_empty() {
            rows.push(Row { scenario: scenario.word(), of, figures: Figures::of(&chosen) });
        }
    };
    add(scenario.title().to_string(), &|_| true);
    if runs.iter().all(|run| run.truth.is_empty()) {
        return rows;
    }
    for (name, least, most) in SPLITS {
        add(format!("  {name}"), &|run| (least..=most).contains(&run.called));
    }
    if matches!(scenario, Scenario::Leak | Scenario::Talkative) {
        let mut groups: Vec<&str> = runs.iter().map(|run| run.group.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            add(format!("  in a {group}"), &|run| run.group == group);
            add(format!("  in a {group}, 4+ called"), &|run| run.group == group && run.called >= 4);
        }
    }
    rows
}

/// Prints the heading of the table.
pub fn print_heading() {
    println!(
        "{:28} {:>6} {:>6} | {:>6} {:>6} {:>6} {:>6} {:>6} | {:>6} {:>6} {:>6} | {:>6} {:>6} {:>6} | {:>6} | {:>6} {:>6} {:>6} | {:>7} {:>7} {:>7} {:>7} | {:>6} {:>6} {:>6} | {:>6}",
        "",
        "worlds",
        "called",
        "right",
        "oracle",
        "(sure)",
        "blind",
        "(sure)",
        "most",
        "first",
        "guilt",
        "t.most",
        "t.frst",
        "t.glt",
        "dated",
        "inconc",
        "supp",
        "strong",
        "wr.supp",
        "wr.str",
        "accused",
        "by camp",
        "ECE",
        "of all",
        "log",
        "s"
    );
}

/// Prints one row.
pub fn print(row: &Row) {
    let figures = &row.figures;
    println!(
        "{:28} {:6} {:6} | {} {} {} {} {} | {} {} {} | {} {} {} | {} | {:6} {:6} {:6} | {:7} {:7} {:7} {:7} | {} {} {} | {:6.2}",
        row.of,
        figures.worlds,
        figures.called,
        share(figures.right),
        share(figures.oracle),
        share(figures.oracle_sure),
        share(figures.blind),
        share(figures.blind_sure),
        share(figures.by_desk[0]),
        share(figures.by_desk[1]),
        share(figures.by_desk[2]),
        share(figures.by_told[0]),
        share(figures.by_told[1]),
        share(figures.by_told[2]),
        share(figures.dated),
        figures.inconclusive,
        figures.supported,
        figures.strong,
        figures.wrong_supported,
        figures.wrong_strong,
        figures.accused,
        figures.accused_by_campaign,
        share(figures.ece),
        share(figures.ece_of_all),
        share(figures.log_score),
        figures.seconds,
    );
}

fn share(value: f64) -> String {
    if value.is_nan() { format!("{:>6}", "-") } else { format!("{value:6.3}") }
}
