//! Small worlds with a known leak.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::*;
use crate::hit::{Contact, ContactKind, Extent, Fact, Heard, Level, Listed, Planted, Trail};
use crate::holder::{Came, Flow, FlowGraph, Holder, Kind};
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;

fn id(text: &str) -> HolderId {
    text.parse().expect("a test id")
}

fn day(days: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 1, 2, 0, 0).single().expect("a test day") + TimeDelta::days(days)
}

fn holder(name: &str, kind: Kind, parent: Option<&str>) -> Holder {
    Holder { id: id(name), name: name.to_string(), kind, region: None, parent: parent.map(id) }
}

fn flow(from: &str, to: &str) -> Flow {
    Flow { from: id(from), to: id(to), share: 1.0, since: None, until: None }
}

/// A list in which canaries came along.
fn along(name: &str, at: DateTime<Utc>) -> Seen {
    Seen { holder: id(name), at, came: Came::Along }
}

fn number(serial: u64) -> Number {
    Number::from_e164(&format!("+86139{serial:08}")).expect("a test number")
}

/// Four hospitals give to an agency with a clerk; each hospital has six canaries, the agency four.
fn city() -> Evidence {
    let hospitals = ["h1", "h2", "h3", "h4"];
    let mut holders: Vec<Holder> = hospitals.iter().map(|name| holder(name, Kind::Hospital, None)).collect();
    holders.push(holder("agency", Kind::Agency, None));
    holders.push(holder("clerk", Kind::Person, Some("agency")));
    let flows = hospitals.iter().map(|name| flow(name, "agency")).collect();
    let planted = hospitals.iter().flat_map(|name| std::iter::repeat_n(*name, 6)).chain(["agency"; 4]);
    let canaries = (1..).zip(planted).map(|(serial, name)| CanaryFact {
        id: CanaryId(serial),
        number: number(serial),
        holder: id(name),
        planting: PlantingId(1),
        planted_at: day(0),
        dated: None,
        rows: Rows::Unknown,
        standing: Standing::Planted,
    });
    let canaries = canaries.collect();
    Evidence { canaries, pool: 60, ..Evidence::none(FlowGraph::new(holders, flows), day(60)) }
}

fn control(contacts: u64) -> Watch {
    let (kind, topics) = (WatchKind::Control, contacts / 2);
    Watch { number: number(900), kind, since: day(0), until: day(60), contacts, topics }
}

fn heard(level: Level) -> Heard {
    let facts = match level {
        Level::Ring | Level::Topic => vec![],
        Level::Content => vec![Fact::Surname, Fact::BirthDate, Fact::Hospital],
    };
    let chance = facts.iter().map(|fact| fact.commonness()).product();
    Heard { level, facts, chance }
}

fn call(evidence: &mut Evidence, canary: u64, level: Level, campaign: u64) {
    let fact = evidence.canaries.iter().find(|fact| fact.id == CanaryId(canary)).expect("a test canary");
    let contact = Contact {
        to: fact.number.clone(),
        from: Some(Caller::Text(format!("caller {campaign}"))),
        at: day(40 + canary as i64 % 10),
        kind: ContactKind::Call,
        seconds: None,
        said: None,
    };
    let planted = Planted {
        canary: fact.id,
        holder: fact.holder.clone(),
        planting: fact.planting,
        planted_at: fact.planted_at,
        others: Vec::new(),
    };
    let hit = Hit {
        contact,
        heard: heard(level),
        campaign: CampaignId(campaign),
        planted: Some(planted.into()),
        expected: None,
    };
    evidence.hits.push(hit);
}

fn probability(finding: &Finding, name: &str) -> f64 {
    finding.sources.iter().find(|source| source.holder == id(name)).map_or(0.0, |source| source.probability)
}

fn sums_to_one(finding: &Finding) {
    let sum: f64 = finding.sources.iter().map(|source| source.probability).sum::<f64>() + finding.background;
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    for campaign in &finding.campaigns {
        let sum: f64 = campaign.sources.iter().map(|source| source.probability).sum::<f64>() + campaign.background;
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    }
}

#[test]
fn one_hospital_canary_is_shared_with_everybody_downstream() {
    let mut city = city();
    call(&mut city, 1, Level::Content, 1);
    let finding = trace(&city);
    sums_to_one(&finding);
    assert_eq!(finding.sources[0].holder, id("h1"));
    assert!(probability(&finding, "agency") > 0.0);
    let rivals = probability(&finding, "agency") / probability(&finding, "clerk");
    assert!((0.5..2.0).contains(&rivals), "nothing tells the clerk's copy from the agency's: {rivals}");
    assert_eq!(probability(&finding, "h2"), 0.0);
    let others = vec![id("agency"), id("clerk")];
    assert!(finding.against.contains(&Doubt::SameCanaries { first: id("h1"), others }));
    assert!(finding.against.contains(&Doubt::FewCanaries { called: 1 }));
    assert_eq!(finding.sources[0].copied_between, Some((day(0).date_naive(), day(41).date_naive())));
}

#[test]
fn canaries_of_several_hospitals_point_to_the_agency_not_to_the_one_with_most_hits() {
    let mut city = city();
    for canary in [1, 2, 3, 7, 13] {
        call(&mut city, canary, Level::Content, canary % 2 + 1);
    }
    let finding = trace(&city);
    sums_to_one(&finding);
    let first: BTreeSet<&HolderId> = finding.sources[..2].iter().map(|source| &source.holder).collect();
    assert_eq!(first, BTreeSet::from([&id("agency"), &id("clerk")]));
    assert!(probability(&finding, "h1") < 0.06, "{}", probability(&finding, "h1"));
    assert_eq!(finding.sources[0].hits_explained, 5);
    assert_eq!(finding.campaigns.len(), 2);
    assert_eq!(finding.verdict, Verdict::Inconclusive);
}

#[test]
fn silent_canaries_speak_for_the_smaller_copy() {
    let mut city = city();
    for canary in 1..=5 {
        call(&mut city, canary, Level::Content, 1);
    }
    let finding = trace(&city);
    assert!(probability(&finding, "h1") > 0.95, "{}", probability(&finding, "h1"));
    assert!(finding.against.contains(&Doubt::Silent { holder: id("h1"), silent: 1, called: 5 }));
}

#[test]
fn bare_rings_are_chance_and_content_is_not() {
    let mut rung = city();
    let mut told = city();
    for canary in [1, 2] {
        call(&mut rung, canary, Level::Ring, 1);
        call(&mut told, canary, Level::Content, 1);
    }
    let (rung, told) = (trace(&rung), trace(&told));
    sums_to_one(&rung);
    assert!(rung.background > 0.7, "{}", rung.background);
    assert!(told.background < 0.01, "{}", told.background);
    assert!(rung.against.contains(&Doubt::NoContent));
}

#[test]
fn busy_controls_make_chance_likelier() {
    let mut quiet = city();
    call(&mut quiet, 1, Level::Topic, 1);
    let mut busy = quiet.clone();
    quiet.watches.push(control(0));
    busy.watches.push(control(60));
    let (quiet, busy) = (trace(&quiet), trace(&busy));
    assert!(busy.background > quiet.background + 0.05, "{} {}", busy.background, quiet.background);
    assert!(busy.against.contains(&Doubt::ControlsCalled { contacts: 60 }));
    assert!(!quiet.against.contains(&Doubt::NoControls));
}

#[test]
fn a_flow_carries_only_what_came_on_its_days() {
    let mut city = city();
    let ended = Flow { until: Some(day(-1).date_naive()), ..flow("h1", "agency") };
    let holders = city.graph.holders().cloned().collect();
    city.graph = FlowGraph::new(holders, vec![ended]);
    call(&mut city, 1, Level::Content, 1);
    assert_eq!(probability(&trace(&city), "agency"), 0.0);
    city.received.push(Receipt { canary: CanaryId(1), planting: PlantingId(2), seen: along("agency", day(3)) });
    let finding = trace(&city);
    assert!(probability(&finding, "agency") > 0.0);
    assert!(probability(&finding, "clerk") > 0.0);
}

#[test]
fn flows_in_a_circle_end() {
    let mut city = city();
    let holders = city.graph.holders().cloned().collect();
    city.graph = FlowGraph::new(holders, vec![flow("h1", "h2"), flow("h2", "h1"), flow("h2", "h2")]);
    call(&mut city, 1, Level::Content, 1);
    sums_to_one(&trace(&city));
}

#[test]
fn without_hits_everything_is_chance_and_the_story_is_still_told() {
    let city = city();
    let finding = trace(&city);
    assert_eq!((finding.background, finding.sources.len()), (1.0, 0));
    assert_eq!(finding.against[0], Doubt::NothingCalled);
    let story = story(&city, CanaryId(1)).expect("a planted number");
    assert_eq!(story.holder, id("h1"));
    let downstream: Vec<&str> = story.downstream.iter().map(|reached| reached.holder.as_str()).collect();
    assert_eq!(downstream, ["agency", "clerk"]);
    assert_eq!(super::story(&city, CanaryId(99)), None);
}

#[test]
fn void_canaries_and_calls_before_the_planting_explain_nothing() {
    let mut city = city();
    call(&mut city, 1, Level::Content, 1);
    call(&mut city, 2, Level::Content, 1);
    city.canaries[0].standing = Standing::Void;
    city.hits[1].contact.at = day(-5);
    let finding = trace(&city);
    assert_eq!(finding.background, 1.0);
    assert!(finding.against.contains(&Doubt::VoidCanaries { hits: 1 }));
    assert!(finding.against.contains(&Doubt::BeforePlanting { hits: 1 }));
}

#[test]
fn canaries_called_by_others_are_not_silent() {
    let mut alone = city();
    call(&mut alone, 1, Level::Content, 1);
    call(&mut alone, 7, Level::Content, 1);
    let mut asked = alone.clone();
    asked.called_otherwise.extend([2, 3, 8, 9, 13, 14, 19, 25].map(CanaryId));
    assert!(trace(&asked).background < trace(&alone).background);
}

#[test]
fn silent_canaries_weigh_the_same_counted_and_listed() {
    let mut listed = city();
    for canary in [1, 2, 7] {
        call(&mut listed, canary, Level::Content, 1);
    }
    listed.received.extend([3, 4].map(|canary| Receipt {
        canary: CanaryId(canary),
        planting: PlantingId(2),
        seen: along("h2", day(2)),
    }));
    let mut counted = listed.clone();
    counted.canaries.retain(|fact| [1, 2, 7].map(CanaryId).contains(&fact.id));
    counted.received.clear();
    let cohort = |holder, received, canaries| Cohort {
        holder: id(holder),
        planted_at: day(0),
        dated: None,
        rows: Rows::Unknown,
        received,
        canaries,
    };
    counted.silent = vec![
        cohort("h1", Vec::new(), 2),
        cohort("h1", vec![along("h2", day(2))], 2),
        cohort("h2", Vec::new(), 5),
        cohort("h3", Vec::new(), 6),
        cohort("h4", Vec::new(), 6),
        cohort("agency", Vec::new(), 4),
    ];
    let (listed, counted) = (trace(&listed), trace(&counted));
    assert_eq!(listed.against, counted.against);
    for (one, other) in listed.sources.iter().zip(&counted.sources) {
        assert_eq!(one.holder, other.holder);
        assert!((one.probability - other.probability).abs() < 1e-12, "{one:?} {other:?}");
    }
}

#[test]
fn related_holders_are_all_that_feed_any_holder_of_the_copy() {
    let mut city = city();
    let holders = city.graph.holders().cloned().chain([holder("apart", Kind::Hospital, None)]).collect();
    city.graph = FlowGraph::new(holders, city.graph.flows().to_vec());
    let all = related(&city.graph, [id("h1")]);
    assert_eq!(all, ["agency", "clerk", "h1", "h2", "h3", "h4"].map(id).into());
    assert_eq!(related(&city.graph, [id("apart")]), [id("apart")].into());
}

#[test]
fn two_hundred_thousand_silent_canaries_leave_the_sum_at_one() {
    let mut city = city();
    city.silent.push(Cohort {
        holder: id("h1"),
        planted_at: day(0),
        dated: None,
        rows: Rows::Unknown,
        received: Vec::new(),
        canaries: 200_000,
    });
    for canary in 1..=20 {
        call(&mut city, canary, Level::Content, canary);
    }
    let finding = trace(&city);
    sums_to_one(&finding);
    assert_eq!(finding.campaigns.len(), 20);
}

/// The same, where the rows name hospitals, and all that the agency has besides is among the rows of the first.
fn by_hospital() -> Evidence {
    let mut city = city();
    for fact in &mut city.canaries {
        fact.rows = if [id("h1"), id("agency")].contains(&fact.holder) { Rows::Hospital(0) } else { Rows::Other };
    }
    city
}

/// Five of the six canaries of one hospital were called by somebody who knew the rows, and controls are watched.
fn plain_leak() -> Evidence {
    let mut city = by_hospital();
    city.watches.push(control(0));
    for canary in 1..=5 {
        call(&mut city, canary, Level::Content, canary);
    }
    city
}

#[test]
fn a_plain_leak_is_strongly_supported_and_each_condition_matters() {
    let finding = trace(&plain_leak());
    assert_eq!((finding.verdict, finding.named.as_slice()), (Verdict::StronglySupported, &[id("h1")][..]));
    let mut without_controls = plain_leak();
    without_controls.watches.clear();
    assert_eq!(trace(&without_controls).verdict, Verdict::Supported);
    let mut few = plain_leak();
    few.hits.truncate(2);
    assert!(trace(&few).verdict <= Verdict::Supported);
    let mut dialled = plain_leak();
    dialled.diallers.extend(dialled.hits[0].contact.from.clone());
    assert_eq!(trace(&dialled).verdict, Verdict::Supported);
    let mut guessed = plain_leak();
    guessed.hits.iter_mut().for_each(|hit| hit.heard.chance = 0.02);
    let guessed = trace(&guessed);
    assert_eq!((guessed.verdict, guessed.named.len()), (Verdict::Inconclusive, 0), "two common facts are a guess");
    let mut rung = plain_leak();
    rung.hits.iter_mut().for_each(|hit| hit.heard = heard(Level::Ring));
    assert_eq!(trace(&rung).verdict, Verdict::Inconclusive);
}

#[test]
fn lines_that_a_holder_declared_never_count() {
    for owner in ["h1", "h2", "city"] {
        let mut city = plain_leak();
        city.hits.iter_mut().for_each(|hit| hit.expected = Some(id(owner)));
        let finding = trace(&city);
        assert_eq!((finding.background, finding.verdict), (1.0, Verdict::Inconclusive), "{owner}");
        assert!(finding.against.contains(&Doubt::Expected { hits: 5 }), "{owner}");
    }
}

#[test]
fn one_caller_who_says_the_same_all_day_says_no_more_than_once() {
    let mut once = city();
    call(&mut once, 1, Level::Content, 7);
    once.hits[0].heard.chance = 0.02;
    let mut often = once.clone();
    for _ in 0..20 {
        often.hits.extend(once.hits.clone());
    }
    let (once, often) = (trace(&once), trace(&often));
    assert!(often.background >= once.background - 1e-9, "{} {}", often.background, once.background);
    assert_eq!(often.verdict, Verdict::Inconclusive);
}

#[test]
fn silent_calls_of_one_caller_through_one_copy_hold_together() {
    let ring = |callers: [u64; 5]| {
        let mut city = city();
        city.pool = 50_000;
        for fact in &mut city.canaries {
            fact.number = number(fact.id.0 * 10_000);
        }
        for (canary, caller) in (1..).zip(callers) {
            call(&mut city, canary, Level::Ring, caller);
        }
        if callers[0] == callers[1] {
            city.reached_by.insert(Caller::Text(format!("caller {}", callers[0])), 5);
        }
        probability(&trace(&city), "h1")
    };
    let (one, many) = (ring([9; 5]), ring([1, 2, 3, 4, 5]));
    assert!(one > many + 0.05, "{one} {many}");
}

#[test]
fn two_leaks_at_once_are_told_as_two() {
    let mut city = city();
    let holders = city.graph.holders().cloned().collect();
    city.graph = FlowGraph::new(holders, Vec::new());
    city.watches.push(control(0));
    for canary in [1, 2, 3, 4, 7, 8, 9, 10] {
        call(&mut city, canary, Level::Content, canary);
    }
    let finding = trace(&city);
    sums_to_one(&finding);
    assert_eq!(finding.together[0].holders, [id("h1"), id("h2")]);
    assert!(finding.together[0].probability > 0.6, "{:?}", finding.together);
    let first: BTreeSet<&HolderId> = finding.sources[..2].iter().map(|source| &source.holder).collect();
    assert_eq!(first, BTreeSet::from([&id("h1"), &id("h2")]));
    assert!(finding.alike.is_empty(), "members of one explanation are no rivals: {:?}", finding.alike);
}

#[test]
fn a_hub_whose_own_canaries_all_stay_silent_is_not_named() {
    let mut city = city();
    city.watches.push(control(0));
    let holders = city.graph.holders().filter(|holder| holder.id != id("clerk")).cloned().collect();
    city.graph = FlowGraph::new(holders, city.graph.flows().to_vec());
    for canary in 1..=24 {
        call(&mut city, canary, Level::Content, canary);
    }
    let finding = trace(&city);
    assert_eq!(finding.sources[0].holder, id("agency"), "{:?}", finding.sources);
    assert!(finding.against.contains(&Doubt::OwnSilent { holder: id("agency") }));
    assert_eq!((finding.verdict, finding.named.len()), (Verdict::Inconclusive, 0));
    call(&mut city, 25, Level::Content, 25);
    assert!(!trace(&city).against.contains(&Doubt::OwnSilent { holder: id("agency") }));
}

#[test]
fn some_hits_name_nobody_whom_all_hits_speak_against() {
    let mut whole = city();
    for canary in [1, 2, 3, 7, 8, 13, 14, 19, 25, 26] {
        call(&mut whole, canary, Level::Content, canary);
    }
    let (some, whole) = (trace(&plain_leak()), trace(&whole));
    assert_eq!(some.named, [id("h1")]);
    let likely = whole.sources[0].holder.clone();
    assert_ne!(likely, id("h1"));
    let beside = some.beside(&whole);
    assert_eq!((beside.verdict, beside.named.len()), (Verdict::Inconclusive, 0));
    assert_eq!(beside.against[0], Doubt::Whole(WholeDoubt::Other { holder: likely }));
}

#[test]
fn rows_planted_after_a_flow_ended_are_not_downstream() {
    let mut city = city();
    let ended = Flow { until: Some(day(10).date_naive()), ..flow("h1", "agency") };
    let holders = city.graph.holders().cloned().collect();
    city.graph = FlowGraph::new(holders, vec![ended]);
    for fact in &mut city.canaries[3..6] {
        fact.planted_at = day(20);
    }
    for canary in [4, 5, 6] {
        call(&mut city, canary, Level::Content, 1);
    }
    let finding = trace(&city);
    assert!(probability(&finding, "h1") > 0.9, "{:?}", finding.sources);
    assert!(probability(&finding, "agency") < 0.02, "{:?}", finding.sources);
}

#[test]
fn later_canaries_that_stay_silent_date_the_copy() {
    let mut city = city();
    for (at, fact) in city.canaries.iter_mut().take(6).enumerate() {
        fact.planted_at = day(10 * at as i64);
    }
    city.until = day(200);
    for canary in [1, 2, 3] {
        call(&mut city, canary, Level::Content, 1);
    }
    for hit in &mut city.hits {
        hit.contact.at = day(100);
    }
    let (from, to) = trace(&city).sources[0].copied_between.expect("a copy that can be dated");
    assert!(from >= day(20).date_naive() && to <= day(100).date_naive(), "{from} {to}");
}

#[test]
fn json_is_as_the_interface_says() {
    let mut city = city();
    call(&mut city, 1, Level::Content, 1);
    let json = serde_json::to_value(trace(&city)).expect("a finding is plain data");
    assert_eq!(json["verdict"], "inconclusive");
    assert_eq!(json["hits"][0]["canary"], "C-000001");
    assert_eq!(json["hits"][0]["facts"][0], "surname");
    assert_eq!(json["sources"][0]["copied_between"], serde_json::json!(["2026-06-01", "2026-07-12"]));
    assert_eq!(json["campaigns"][0]["id"], "K-0001");
    assert_eq!(json["against"][0], "only 1 canary was called");
    let not_ours = serde_json::to_value(NotOurs::new()).expect("a verdict is plain data");
    assert_eq!(not_ours, serde_json::json!({"verdict": "not-a-canary"}));
}

#[test]
fn a_caller_who_also_reaches_controls_speaks_less() {
    let mut city = city();
    city.watches.push(control(1));
    call(&mut city, 1, Level::Topic, 1);
    call(&mut city, 2, Level::Topic, 2);
    let mut dialled = city.clone();
    let mut to_control = city.hits[0].clone();
    to_control.contact.to = number(900);
    to_control.planted = None;
    dialled.diallers.extend(to_control.contact.from.clone());
    dialled.hits.push(to_control);
    let (alone, dialled) = (trace(&city), trace(&dialled));
    assert!(dialled.background > alone.background, "{} {}", dialled.background, alone.background);
    assert!(dialled.against.contains(&Doubt::Dialler { callers: 1 }));
    assert!(!alone.against.contains(&Doubt::Dialler { callers: 1 }));
}

#[test]
fn a_caller_who_keeps_to_an_early_copy_went_through_it() {
    let mut early = city();
    early.pool = 300;
    // Neighbouring numbers are one draw.
    early.canaries.iter_mut().for_each(|fact| fact.number = number(fact.id.0 * 1000));
    let later = |name| Cohort {
        holder: id(name),
        planted_at: day(20),
        dated: None,
        rows: Rows::Unknown,
        received: Vec::new(),
        canaries: 60,
    };
    early.silent = ["h1", "h2", "h3", "h4"].map(later).to_vec();
    for canary in [1, 7, 13] {
        call(&mut early, canary, Level::Ring, 1);
    }
    early.reached_by.insert(Caller::Text("caller 1".to_string()), 3);
    let mut late = early.clone();
    late.canaries.iter_mut().for_each(|fact| fact.planted_at = day(20));
    let drawn = |city: &Evidence| Coherent::among(city, &Presence::of(city)).ratio(&city.hits[0], 1.0);
    assert!(drawn(&early).is_some(), "28 canaries of 300 numbers were in the agency's copy for 20 days");
    assert!(drawn(&late).is_none(), "no copy ever had fewer than 60 of the 300 numbers");
}

#[test]
fn a_list_that_came_after_the_calls_is_not_where_they_come_from() {
    let mut city = plain_leak();
    let mut holders: Vec<Holder> = city.graph.holders().cloned().collect();
    holders.push(holder("watchdog", Kind::Agency, None));
    city.graph = FlowGraph::new(holders, city.graph.flows().to_vec());
    let called: BTreeSet<CanaryId> =
        city.hits.iter().filter_map(|hit| hit.planted.as_ref()).map(|planted| planted.canary).collect();
    let last = city.hits.iter().map(|hit| hit.contact.at).max().expect("there are hits");
    let seen = |at| {
        called.iter().map(move |canary| Receipt {
            canary: *canary,
            planting: PlantingId(2),
            seen: along("watchdog", at),
        })
    };
    city.received = seen(last + TimeDelta::days(5)).collect();
    let late = trace(&city);
    assert_eq!(late.named, [id("h1")]);
    assert!(probability(&late, "watchdog") < 1e-6, "{:?}", late.sources);
    city.received = seen(day(1)).collect();
    let early = trace(&city);
    assert!(probability(&early, "watchdog") > 0.1, "all of its list was called: {:?}", early.sources);
}

#[test]
fn what_reaches_a_retired_number_is_not_for_its_canary() {
    let mut city = plain_leak();
    assert_eq!(trace(&city).named, [id("h1")]);
    city.retired = city.canaries.iter().map(|fact| (fact.number.clone(), day(30))).collect();
    let finding = trace(&city);
    assert_eq!((finding.verdict, finding.background), (Verdict::Inconclusive, 1.0));
    assert!(finding.against.contains(&Doubt::Retired { hits: city.hits.len() }));
}

#[test]
fn nobody_is_named_who_never_had_what_callers_told() {
    // The agency sold the rows of h1 with some of its own. Seven silent hospitals speak against it, one by one, and a
    // flow that nobody declared could have brought its own canaries to h1.
    let hospitals: Vec<String> = (1..=8).map(|at| format!("h{at}")).collect();
    let mut holders: Vec<Holder> = hospitals.iter().map(|name| holder(name, Kind::Hospital, None)).collect();
    holders.push(holder("agency", Kind::Agency, None));
    let flows = hospitals.iter().map(|name| flow(name, "agency")).collect();
    let of = |name: &str, count: usize| std::iter::repeat_n(id(name), count);
    let planted = hospitals.iter().flat_map(|name| of(name, 6)).chain(of("agency", 12));
    let fact = |(serial, holder)| CanaryFact {
        id: CanaryId(serial),
        number: number(serial),
        holder,
        planting: PlantingId(1),
        planted_at: day(0),
        dated: None,
        rows: Rows::Unknown,
        standing: Standing::Planted,
    };
    let canaries = (1..).zip(planted).map(fact).collect();
    let none = Evidence::none(FlowGraph::new(holders, flows), day(60));
    let mut sold = Evidence { canaries, pool: 60, watches: vec![control(0)], ..none };
    for canary in (1..=6).chain(49..=52) {
        call(&mut sold, canary, Level::Content, canary);
    }
    let finding = trace(&sold);
    assert!(probability(&finding, "h1") < 0.1, "{:?}", finding.sources);
    assert!(!finding.named.contains(&id("h1")));
    // One canary that h1 never had is enough, and a silent call by the same caller too.
    for level in [Level::Content, Level::Ring] {
        let mut told = plain_leak();
        call(&mut told, 25, level, 1);
        let finding = trace(&told);
        assert_eq!(finding.verdict, Verdict::Inconclusive, "{level:?}");
        let is_elsewhere = |doubt: &Doubt| matches!(doubt, Doubt::Elsewhere { canaries: 1, .. });
        assert!(finding.against.iter().any(is_elsewhere) || probability(&finding, "h1") < 0.95, "{finding:?}");
        assert!(finding.alike.contains(&id("agency")) || finding.sources[0].holder == id("agency"), "{finding:?}");
    }
}

#[test]
fn what_a_downstream_copy_has_among_other_hospitals_rows_does_not_clear_it() {
    let mut city = plain_leak();
    for fact in city.canaries.iter_mut().filter(|fact| fact.holder == id("agency")) {
        fact.rows = Rows::Other;
    }
    let finding = trace(&city);
    assert_eq!((finding.verdict, finding.named.len()), (Verdict::Inconclusive, 0));
    assert!(finding.alike.contains(&id("agency")) && finding.alike.contains(&id("clerk")), "{:?}", finding.alike);
    let plant = Decider::PlantAmong { holder: id("agency") };
    let also_had = finding.against.iter().any(|doubt| matches!(doubt, Doubt::AlsoHad { .. }));
    assert_eq!(finding.decides.contains(&plant), also_had);
}

#[test]
fn chance_rings_leave_a_canary_as_good_as_silent() {
    let mut city = plain_leak();
    city.watches = (900..920).map(|serial| Watch { number: number(serial), ..control(7) }).collect();
    for (caller, canary) in (100..).zip(25..=28) {
        call(&mut city, canary, Level::Ring, caller);
    }
    assert_eq!(trace(&city).named, [id("h1")], "a stranger rang each of the agency's canaries once");
}

#[test]
fn one_fact_that_is_no_whole_name_names_nobody() {
    let mut city = plain_leak();
    for hit in &mut city.hits {
        hit.heard = Heard { level: Level::Content, facts: vec![Fact::Address], chance: 1e-4 };
    }
    assert_eq!(trace(&city).verdict, Verdict::Inconclusive);
    for hit in &mut city.hits {
        hit.heard.facts = vec![Fact::MotherName];
    }
    assert_eq!(trace(&city).named, [id("h1")]);
}

/// Puts canaries into a seized list of 230 rows.
fn seize(evidence: &mut Evidence, canaries: impl IntoIterator<Item = u64>) {
    for canary in canaries {
        let before = evidence.hits.len();
        call(evidence, canary, Level::Content, 1);
        let hit = &mut evidence.hits[before];
        let listed = Listed {
            trail: Trail::Number,
            row: 1,
            rows: 230,
            hidden: 0,
            facts: Vec::new(),
            controls: (0, 0),
            strangers: None,
            extent: Extent::Whole,
        };
        hit.contact.kind = ContactKind::List;
        hit.heard = listed.heard();
    }
}

#[test]
fn a_list_with_all_of_one_hospital_and_nothing_else_is_that_hospitals_copy() {
    let mut city = by_hospital();
    seize(&mut city, 1..=6);
    let finding = trace(&city);
    sums_to_one(&finding);
    assert_eq!(finding.named, [id("h1")]);
    // No number was called, so how often numbers are called by chance does not matter.
    assert_eq!(finding.verdict, Verdict::StronglySupported);
    assert!(!finding.against.contains(&Doubt::NoControls), "{:?}", finding.against);
}

#[test]
fn a_list_with_some_of_every_hospital_is_the_agencys_copy_or_its_clerks() {
    let mut city = city();
    seize(&mut city, [2, 9, 14, 20, 26]);
    let finding = trace(&city);
    sums_to_one(&finding);
    assert!(probability(&finding, "agency") + probability(&finding, "clerk") > 0.95, "{:?}", finding.sources);
    assert_eq!(finding.verdict, Verdict::Inconclusive, "nothing parts the clerk from the agency");
    assert!(finding.named.is_empty() && finding.alike.len() == 1);
}

#[test]
fn one_canary_that_survived_speaks_for_nobody_but_those_who_had_it() {
    let mut city = city();
    seize(&mut city, [1]);
    let finding = trace(&city);
    assert!(finding.background < 1e-3, "{}", finding.background);
    assert_eq!(finding.sources[0].holder, id("h1"));
    let strangers = ["h2", "h3", "h4"].map(|name| probability(&finding, name));
    assert!(strangers.iter().all(|share| *share < 0.01), "{strangers:?}");
    assert!(finding.against.contains(&Doubt::Listed(ListDoubt::Few { found: 1 })));
}

/// Four holders; of every set of them, all have three canaries that nobody else has.
fn group(seen: DateTime<Utc>, came: Came) -> Evidence {
    let names = ["h1", "h2", "h3", "h4"];
    let holders = names.iter().map(|name| holder(name, Kind::Agency, None)).collect();
    let mut evidence = Evidence { pool: 90, ..Evidence::none(FlowGraph::new(holders, Vec::new()), day(60)) };
    for serial in 0..45_u64 {
        let mut had = (0..4).filter(|place| (serial % 15 + 1) >> place & 1 == 1).map(|place: usize| id(names[place]));
        let first = had.next().expect("no set is empty");
        evidence.canaries.push(CanaryFact {
            id: CanaryId(serial + 1),
            number: number(serial + 1),
            holder: first,
            planting: PlantingId(1),
            planted_at: day(0),
            dated: None,
            rows: Rows::Unknown,
            standing: Standing::Planted,
        });
        let seen = had.map(|holder| Seen { holder, at: seen, came });
        evidence.received.extend(seen.map(|seen| Receipt {
            canary: CanaryId(serial + 1),
            planting: PlantingId(2),
            seen,
        }));
    }
    evidence
}

/// Has the canaries called that the first two of the group have in common.
fn call_common(group: &mut Evidence) {
    for canary in (0..45).filter(|serial| (serial % 15 + 1) & 3 == 3).map(|serial| serial + 1) {
        call(group, canary, Level::Content, 1);
    }
}

#[test]
fn two_who_kept_only_what_both_have_are_named_by_it() {
    let mut group = group(day(0), Came::AtOnce);
    call_common(&mut group);
    let finding = trace(&group);
    sums_to_one(&finding);
    assert_eq!((finding.verdict, &finding.named[..]), (Verdict::Supported, &[id("h1"), id("h2")][..]));
    assert_eq!(finding.together[0].how, How::RowsInCommon);
    assert!(probability(&finding, "h3") + probability(&finding, "h4") < 0.001);
}

#[test]
fn a_told_canary_of_a_list_that_came_to_nothing_lets_nobody_be_named() {
    let mut group = group(day(0), Came::AtOnce);
    for canary in (0..45).filter(|serial| (serial % 15 + 1) & 4 == 4).map(|serial| serial + 1) {
        call(&mut group, canary, Level::Content, 1);
    }
    group.canaries[0].standing = Standing::Void;
    assert_eq!(trace(&group).named, [id("h3")], "nobody told of it");
    call(&mut group, 1, Level::Content, 1);
    let finding = trace(&group);
    assert_eq!((finding.verdict, finding.named.len()), (Verdict::Inconclusive, 0));
}

#[test]
fn a_first_few_calls_that_two_have_in_common_do_not_name_the_other_however_many_holders_there_are() {
    let mut group = group(day(0), Came::AtOnce);
    let holders: Vec<Holder> = group.graph.holders().cloned().collect();
    let others = (0..500).map(|nth| holder(&format!("other{nth}"), Kind::Hospital, None));
    group.graph = FlowGraph::new(holders.into_iter().chain(others).collect(), Vec::new());
    for canary in [3, 7, 11, 15] {
        call(&mut group, canary, Level::Content, 1);
    }
    let finding = trace(&group);
    assert!(finding.named.is_empty(), "{:?} {:?}", finding.named, finding.together);
}

#[test]
fn what_was_seen_later_in_a_list_is_no_row_that_two_were_given() {
    let mut group = group(day(0), Came::Along);
    call_common(&mut group);
    let finding = trace(&group);
    assert!(finding.together.iter().all(|several| several.how == How::Apart), "{:?}", finding.together);
}

#[test]
fn a_whole_copy_with_rows_that_others_have_too_is_one_source() {
    let mut group = group(day(0), Came::AtOnce);
    for canary in (0..45).filter(|serial| (serial % 15 + 1) & 4 == 4).map(|serial| serial + 1) {
        call(&mut group, canary, Level::Content, 1);
    }
    let finding = trace(&group);
    assert_eq!(finding.named, [id("h3")]);
    assert!(probability(&finding, "h3") > 0.99);
}
