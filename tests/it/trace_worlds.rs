//! A few of the worlds that `benches/worlds` judges `trace` on: small, and nearly without noise.
//!
//! What is asserted here is that nobody is accused wrongly and that most sources are found; the figures that count
//! are those of the bench.

#[path = "../../benches/worlds/baselines.rs"]
mod baselines;
#[path = "../../benches/worlds/chance.rs"]
mod chance;
#[path = "../../benches/worlds/checks.rs"]
mod checks;
#[path = "../../benches/worlds/judge.rs"]
mod judge;
#[path = "../../benches/worlds/leak.rs"]
mod leak;
#[path = "../../benches/worlds/noise.rs"]
mod noise;
#[path = "../../benches/worlds/oracle.rs"]
mod oracle;
#[path = "../../benches/worlds/report.rs"]
mod report;
#[path = "../../benches/worlds/said.rs"]
mod said;
#[path = "../../benches/worlds/scenario.rs"]
mod scenario;
#[path = "../../benches/worlds/shape.rs"]
mod shape;
#[path = "../../benches/worlds/speed.rs"]
mod speed;
#[path = "../../benches/worlds/world.rs"]
mod world;

use judge::{Figures, Run};
use scenario::{Job, Scenario, play, replay};

/// How near to the oracle's share of right first places the program must come where four canaries or more were called.
const RIGHT_OF_ORACLE_MIN: f64 = 0.7;

/// The world of each five that is a chain, and the one that is a city planted within an hour.
const CHAIN: usize = 3;
const HOUR: usize = 4;

fn played(scenario: Scenario, worlds: &[usize], runs: usize) -> Vec<Run> {
    let job = |world: &usize| Job { scenario, world: *world, runs, seed: 11, noise: 0.02 };
    worlds.iter().flat_map(|world| play(&job(world), None)).map(|played| played.run).collect()
}

#[test]
fn most_leaks_are_named_and_nobody_is_accused_wrongly() {
    let runs = played(Scenario::Leak, &[CHAIN, HOUR], 10);
    let all = Figures::of(&runs.iter().collect::<Vec<_>>());
    assert_eq!((all.worlds, all.wrong_supported, all.wrong_strong), (20, 0, 0));
    assert!(all.supported + all.strong > 0, "somebody is named");
    let rows = report::rows(Scenario::Leak, &runs);
    report::print_heading();
    rows.iter().for_each(report::print);
    let many = rows.iter().find(|row| row.of.trim() == "4+ called").expect("some leaks are loud");
    let (right, oracle) = (many.figures.right, many.figures.oracle);
    assert!(right >= oracle * RIGHT_OF_ORACLE_MIN, "{right} beside {oracle} of {}", many.figures.called);
    for run in &runs {
        let sum = run.told.background + run.told.sources.iter().map(|named| named.probability).sum::<f64>();
        assert!((sum - 1.0).abs() < 1e-6, "probabilities add up to {sum}");
    }
}

#[test]
fn no_leak_no_accusation() {
    let runs = played(Scenario::Dialler, &[HOUR], 6);
    let all = Figures::of(&runs.iter().collect::<Vec<_>>());
    assert_eq!((all.worlds, all.called, all.accused), (6, 0, 0));
}

#[test]
fn a_large_ledger_is_as_large_as_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let size = speed::Size { holders: 20, canaries_each: 5, contacts: 200, flows: speed::Flows::Chains };
    speed::build(folder.path(), &size, 1);
    let store = canaries::store::Store::open(&folder.path().join("canaries.db")).unwrap();
    assert_eq!(store.read().planted_numbers().unwrap().len(), 100);
    assert_eq!(store.read().contacts().unwrap().len(), 200);
    assert_eq!(store.read().flows().unwrap().len(), 19);
    let thicket = folder.path().join("thicket");
    speed::build(&thicket, &speed::Size { flows: speed::Flows::Random(60), ..size }, 1);
    let store = canaries::store::Store::open(&thicket.join("canaries.db")).unwrap();
    assert_eq!(store.read().flows().unwrap().len(), 60);
}

#[test]
fn where_every_call_tells_the_source_is_found_nearly_as_often_as_can_be() {
    let runs = played(Scenario::Talkative, &[CHAIN, HOUR], 10);
    let many: Vec<&Run> = runs.iter().filter(|run| run.called >= 4).collect();
    let figures = Figures::of(&many);
    assert!(many.len() >= 5, "{} worlds with calls enough", many.len());
    assert!(figures.right >= figures.oracle - 0.15, "{} beside {}", figures.right, figures.oracle);
    assert_eq!(figures.accused, 0);
}

#[test]
fn a_kept_run_is_answered_alike_when_asked_again() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let job = Job { scenario: Scenario::Leak, world: HOUR, runs: 2, seed: 12, noise: 0.02 };
    let played = play(&job, Some(folder.path()));
    for (place, before) in played.iter().enumerate() {
        let again = replay(&folder.path().join(format!("leak-00{HOUR}-{place:02}")));
        let told = |run: &Run| serde_json::to_value(&run.told).expect("an answer is plain data");
        assert_eq!(told(&before.run), told(&again.run));
        assert_eq!((before.run.called, &before.run.truth), (again.run.called, &again.run.truth));
    }
}
