//! Small worlds: what a plan says of them, and what the program's own trace says of the same leaks.

use chrono::TimeDelta;
use rand::rngs::ChaCha20Rng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::holder::{Flow, Holder, Kind};
use crate::id::{CanaryId, PlantingId};
use crate::trace::Rows;

/// Leaks at each holder that are put to the trace.
const LEAKS: usize = 60;

fn id(text: &str) -> HolderId {
    text.parse().expect("a test id")
}

fn day(days: i64) -> DateTime<Utc> {
    "2026-06-01T02:00:00Z".parse::<DateTime<Utc>>().expect("a test time") + TimeDelta::days(days)
}

fn chance() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(3)
}

/// Holders by name, each with its canaries; each flow passes all rows on.
fn known(holders: &[(&str, usize)], flows: &[(&str, &str)]) -> Known {
    let holder = |(name, _): &(&str, usize)| Holder {
        id: id(name),
        name: name.to_string(),
        kind: Kind::Agency,
        region: None,
        parent: None,
    };
    let flow = |(from, to): &(&str, &str)| Flow { from: id(from), to: id(to), share: 1.0, since: None, until: None };
    let cohort = |(name, canaries): &(&str, usize)| Planted {
        cohort: Cohort {
            holder: id(name),
            planted_at: day(0),
            dated: None,
            rows: Rows::Unknown,
            received: Vec::new(),
            canaries: *canaries,
        },
        retired: 0,
    };
    Known {
        graph: FlowGraph::new(holders.iter().map(holder).collect(), flows.iter().map(flow).collect()),
        planted: holders.iter().map(cohort).collect(),
        rows: BTreeMap::new(),
        chance_per_day: 0.12,
        shape: 0.6,
        controls: 20,
        now: day(60),
    }
}

/// Four hospitals give to an agency, which gives to a company.
pub(super) fn city() -> Known {
    let holders = [("h1", 6), ("h2", 6), ("h3", 6), ("h4", 6), ("agency", 4), ("company", 5)];
    known(&holders, &[("h1", "agency"), ("h2", "agency"), ("h3", "agency"), ("h4", "agency"), ("agency", "company")])
}

fn of<'o>(outlook: &'o [Outlook], name: &str) -> &'o Outlook {
    outlook.iter().find(|one| one.holder == id(name)).expect("a holder")
}

fn outlook(known: &Known, assumed: &Assumptions) -> Vec<Outlook> {
    Ground::of(known, assumed).expect("there are holders").outlook(assumed, &mut chance())
}

pub(super) mod traced {
    //! Leaks as the trace sees them.

    use super::*;
    use crate::hit::{CampaignId, Contact, ContactKind, Fact, Heard, Hit, Level, Planted};
    use crate::phone::Number;
    use crate::trace::{CanaryFact, Evidence, Standing, Verdict, Watch, WatchKind, trace};

    /// Calls a day by chance that one number in six gets each; 0.12 on average.
    const RATES: [f64; 6] = [0.0, 0.01, 0.03, 0.08, 0.2, 0.4];

    /// Clusters, and how many of their canaries were told of.
    pub type Told = Vec<(usize, usize)>;

    fn number(serial: u64) -> Number {
        Number::from_e164(&format!("+86139{serial:08}")).expect("a test number")
    }

    fn calls(days: i64, rate: f64, rng: &mut ChaCha20Rng) -> Vec<i64> {
        (0..days).filter(|_| rng.random_bool(rate)).collect()
    }

    /// Puts the world's canaries before the trace, with what chance did to their numbers.
    fn evidence(known: &Known, rng: &mut ChaCha20Rng) -> Evidence {
        let origins = known
            .planted
            .iter()
            .flat_map(|planted| std::iter::repeat_n(planted.cohort.holder.clone(), planted.cohort.canaries));
        let mut evidence = Evidence { pool: 60, ..Evidence::none(known.graph.clone(), day(60)) };
        for (serial, holder) in (1..).zip(origins) {
            let (planted_at, standing) = (day(0), Standing::Planted);
            let (id, planting) = (CanaryId(serial), PlantingId(1));
            let fact = CanaryFact {
                id,
                number: number(serial),
                holder,
                planting,
                planted_at,
                dated: None,
                rows: Rows::Unknown,
                standing,
            };
            let rate = RATES[rng.random_range(0..RATES.len())];
            let contacts = calls(60, rate, rng).len() as u64;
            let (kind, since, until) = (WatchKind::NotPlanted, day(-60), day(0));
            evidence.watches.push(Watch { number: number(serial), kind, since, until, contacts, topics: 0 });
            for day in calls(60, rate, rng) {
                evidence.hits.push(hit(&fact, day, Level::Ring));
            }
            evidence.canaries.push(fact);
        }
        for control in 900..920 {
            let (kind, since, until) = (WatchKind::Control, day(-60), day(60));
            let contacts = calls(120, RATES[rng.random_range(0..RATES.len())], rng).len() as u64;
            evidence.watches.push(Watch { number: number(control), kind, since, until, contacts, topics: 0 });
        }
        evidence
    }

    fn hit(fact: &CanaryFact, at: i64, level: Level) -> Hit {
        let contact = Contact {
            to: fact.number.clone(),
            from: None,
            at: day(at),
            kind: ContactKind::Call,
            seconds: None,
            said: None,
        };
        let (facts, chance) = match level {
            Level::Ring | Level::Topic => (Vec::new(), 1.0),
            Level::Content => (vec![Fact::MotherName], Fact::MotherName.commonness()),
        };
        let (holder, planting) = (fact.holder.clone(), fact.planting);
        let planted = Planted { canary: fact.id, holder, planting, planted_at: fact.planted_at, others: Vec::new() };
        let heard = Heard { level, facts, chance };
        Hit { contact, heard, campaign: CampaignId(1), planted: Some(planted.into()), expected: None }
    }

    /// Lets canaries be told of where chance rings nowhere; gives them by cluster, and the sources that the trace finds.
    pub fn told(known: &Known, ground: &Ground, told: &[u64]) -> (Told, Vec<(HolderId, f64)>) {
        let mut evidence = evidence(known, &mut chance());
        evidence.hits.clear();
        evidence.watches.iter_mut().for_each(|watch| watch.contacts = 7);
        let mut drawn: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, serial) in (0..).zip(told) {
            let fact = evidence.canaries.iter().find(|fact| fact.id.0 == *serial).cloned().expect("a canary");
            let place = ground.copies.holders.iter().position(|holder| *holder == fact.holder).expect("a holder");
            *drawn.entry(ground.copies.next[place]).or_default() += 1;
            evidence.hits.push(hit(&fact, 20 + at * 3, Level::Content));
        }
        let sources = trace(&evidence).sources.into_iter().map(|source| (source.holder, source.probability));
        (drawn.into_iter().collect(), sources.collect())
    }

    /// Gives how often the trace names a holder rightly, and anybody else.
    pub fn named(known: &Known, leaks: &HolderId, told: f64, rng: &mut ChaCha20Rng) -> (f64, f64) {
        let (mut right, mut wrong) = (0, 0);
        for _ in 0..LEAKS {
            let mut evidence = evidence(known, rng);
            let downstream =
                |fact: &CanaryFact| fact.holder == *leaks || known.graph.downstream(&fact.holder).contains(leaks);
            let stolen: Vec<CanaryFact> = evidence.canaries.iter().filter(|fact| downstream(fact)).cloned().collect();
            for fact in &stolen {
                if rng.random_bool(told) {
                    evidence.hits.push(hit(fact, rng.random_range(20..59), Level::Content));
                }
            }
            let finding = trace(&evidence);
            if finding.verdict >= Verdict::Supported {
                match finding.named.contains(leaks) {
                    true => right += 1,
                    false => wrong += 1,
                }
            }
        }
        (f64::from(right) / LEAKS as f64, f64::from(wrong) / LEAKS as f64)
    }
}

#[test]
fn a_plan_promises_no_more_than_the_trace_keeps() {
    let (known, assumed) = (city(), Assumptions::default());
    let outlook = outlook(&known, &assumed);
    let (mut planned, mut traced, mut rng) = (0.0, 0.0, chance());
    for one in &outlook {
        let (right, wrong) = traced::named(&known, &one.holder, assumed.told, &mut rng);
        assert!(wrong <= 0.1, "{}: {wrong} of leaks named another", one.holder);
        planned += one.named / outlook.len() as f64;
        traced += right / outlook.len() as f64;
    }
    assert!(planned < traced + 0.05, "{planned} planned, {traced} traced");
    assert!(planned > traced - 0.2, "{planned} planned, {traced} traced");
}

#[test]
fn what_flows_on_confuses_and_what_is_alone_is_named() {
    let known = known(&[("h1", 12), ("h2", 0), ("twin", 0), ("alone", 12)], &[("h1", "twin")]);
    let outlook = outlook(&known, &Assumptions::default());
    assert!(of(&outlook, "alone").named > 0.9);
    assert_eq!(of(&outlook, "alone").confused_with, []);
    assert!(of(&outlook, "h1").named < 0.1);
    assert_eq!(of(&outlook, "h1").confused_with, [id("twin")]);
    assert_eq!(of(&outlook, "twin").confused_with, [id("h1")]);
    let empty = of(&outlook, "h2");
    assert_eq!((empty.named, empty.noticed.worked_through, empty.first_told), (0.0, 0.0, None));
}

#[test]
fn a_sample_of_a_seen_list_is_the_published_figure() {
    let mut known = known(&[("h1", 3)], &[]);
    known.rows.insert(id("h1"), 230);
    let outlook = outlook(&known, &Assumptions::default());
    assert!((of(&outlook, "h1").noticed.sample - 0.06408).abs() < 1e-5);
    assert_eq!((of(&outlook, "h1").rows, of(&outlook, "h1").rows_assumed), (230, false));
}

#[test]
fn the_last_in_a_chain_is_given_most() {
    let (known, assumed) = (city(), Assumptions::default());
    let ground = Ground::of(&known, &assumed).expect("there are holders");
    let allotment = allot(&known, &ground, Wish::Numbers(30), 1, &chance).expect("a small world");
    let add = |name: &str| allotment.gives.iter().find(|give| give.holder == id(name)).map_or(0, |give| give.add);
    // What the agency is given is in the company's copy too: only the company's own parts these two.
    assert!(add("company") > add("h1"), "{:?}", allotment.gives);
    assert_eq!(allotment.gives.iter().map(|give| give.add).sum::<usize>(), 30, "controls enough are there");
    let first = allotment.curve.first().expect("a picture");
    // Hospitals gain little by it: the agency has to have some of its own among the rows of each.
    assert!(allotment.chance > first.chance + 0.1, "{allotment:?}");
}

#[test]
fn months_share_alike_and_the_same_order_of_holders() {
    let (known, assumed) = (Known { controls: 0, ..city() }, Assumptions::default());
    let ground = Ground::of(&known, &assumed).expect("there are holders");
    let allotment = allot(&known, &ground, Wish::Numbers(100), 3, &chance).expect("a small world");
    assert_eq!(allotment.controls, 10);
    let month = |month: usize| allotment.gives.iter().map(|give| give.by_month[month]).sum::<usize>();
    assert_eq!([month(0), month(1), month(2)], [30, 30, 30]);
    assert!(allotment.gives.iter().all(|give| give.by_month[0] == give.by_month[2]));
}

#[test]
fn a_chance_out_of_reach_is_refused_with_what_is_reached() {
    let (known, assumed) = (city(), Assumptions { told: 1e-9, ..Assumptions::default() });
    let ground = Ground::of(&known, &assumed).expect("there are holders");
    let refused = allot(&known, &ground, Wish::Chance(0.9), 1, &chance);
    assert!(matches!(refused, Err(PlanError::OutOfReach { reached: 0.0, .. })), "{refused:?}");
}

#[test]
fn louder_numbers_name_fewer() {
    let (quiet, assumed) = (city(), Assumptions::default());
    let loud = WhatIf { background: 200.0, ..WhatIf::default() }.apply(&quiet).expect("a small change");
    let mean = |known: &Known| outlook(known, &assumed).iter().map(|one| one.named).sum::<f64>();
    assert!(mean(&loud) < mean(&quiet) - 0.5, "{} {}", mean(&loud), mean(&quiet));
}

#[test]
fn a_thousand_holders_with_a_hundred_thousand_canaries_can_be_planned_for() {
    let names: Vec<String> = (0..1_000).map(|n| format!("h{n}")).collect();
    let holders: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 100)).collect();
    // Every tenth gathers from the nine before it and passes on to the next that gathers.
    let gathers = |n: usize| if n % 10 == 9 { n + 10 } else { n / 10 * 10 + 9 };
    let flows: Vec<(&str, &str)> = (0..1_000)
        .filter(|n| gathers(*n) < 1_000 && n % 100 != 99)
        .map(|n| (names[n].as_str(), names[gathers(n)].as_str()))
        .collect();
    let (known, assumed) = (known(&holders, &flows), Assumptions::default());
    let ground = Ground::of(&known, &assumed).expect("there are holders");
    assert_eq!(ground.outlook(&assumed, &mut chance()).len(), 1_000);
    let allotment = allot(&known, &ground, Wish::Numbers(1_000), 1, &chance).expect("a large world");
    assert_eq!(allotment.gives.iter().map(|give| give.add).sum::<usize>(), 1_000);
}
