//! The ways that data go: from parent to child and along declared flows, on the days these run.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use chrono::{Datelike, NaiveDate};

use super::evidence::Evidence;
use crate::holder::{FlowGraph, HolderId};

/// One way out of a holder: to whom, which share, on which days (in days of the common era, both included).
struct Way {
    to: usize,
    share: f64,
    from_day: i32,
    until_day: i32,
}

/// The graph by places, with the days on which it changes.
pub struct Ways<'e> {
    pub holders: Vec<&'e HolderId>,
    place: HashMap<&'e HolderId, usize>,
    out: Vec<Vec<Way>>,
    changes: Vec<i32>,
}

impl<'e> Ways<'e> {
    /// Reads the graph.
    pub fn of(evidence: &'e Evidence) -> Ways<'e> {
        let mut ways = Ways { holders: Vec::new(), place: HashMap::new(), out: Vec::new(), changes: Vec::new() };
        let day = |date: Option<NaiveDate>, open: i32| date.map_or(open, |date| date.num_days_from_ce());
        for holder in evidence.graph.holders() {
            let child = ways.place_of(&holder.id);
            if let Some(parent) = &holder.parent {
                let parent = ways.place_of(parent);
                ways.out[parent].push(Way { to: child, share: 1.0, from_day: i32::MIN, until_day: i32::MAX });
            }
        }
        for flow in evidence.graph.flows() {
            let (from, to) = (ways.place_of(&flow.from), ways.place_of(&flow.to));
            let (from_day, until_day) = (day(flow.since, i32::MIN), day(flow.until, i32::MAX));
            ways.out[from].push(Way { to, share: flow.share, from_day, until_day });
            ways.changes.extend([from_day, until_day.saturating_add(1)]);
        }
        ways.changes.sort_unstable();
        ways.changes.dedup();
        ways
    }

    /// Gives the place of a holder, a new one if it has none yet.
    pub fn place_of(&mut self, holder: &'e HolderId) -> usize {
        *self.place.entry(holder).or_insert_with(|| {
            self.holders.push(holder);
            self.out.push(Vec::new());
            self.holders.len() - 1
        })
    }

    /// Gives the span of days, between two changes of the graph, in which a day lies.
    pub fn span_of(&self, day: NaiveDate) -> usize {
        self.changes.partition_point(|change| *change <= day.num_days_from_ce())
    }

    fn runs_in(&self, way: &Way, span: usize) -> bool {
        let first_day = span.checked_sub(1).map_or(i32::MIN, |before| self.changes[before]);
        way.from_day <= first_day && first_day <= way.until_day
    }

    /// Gives the best share with which each holder got what these starts got.
    ///
    /// A share only falls along a way, so the largest that is left is a holder's best: each holder is settled once.
    pub fn reach(&self, starts: &[(usize, usize)]) -> BTreeMap<usize, f64> {
        let mut best = vec![0.0_f64; self.holders.len()];
        for (start, span) in starts {
            let mut settled = vec![false; self.holders.len()];
            // The bits of shares, which are not negative, are in the order of the shares.
            let mut to_leave = BinaryHeap::from([(1.0_f64.to_bits(), *start)]);
            while let Some((bits, place)) = to_leave.pop() {
                if std::mem::replace(&mut settled[place], true) {
                    continue;
                }
                let share = f64::from_bits(bits);
                best[place] = best[place].max(share);
                let ways = self.out[place].iter().filter(|way| !settled[way.to] && self.runs_in(way, *span));
                let passed = ways.map(|way| (share * way.share, way.to)).filter(|(passed, _)| *passed > 0.0);
                to_leave.extend(passed.map(|(passed, to)| (passed.to_bits(), to)));
            }
        }
        best.into_iter().enumerate().filter(|(_, share)| *share > 0.0).collect()
    }
}

/// Finds all holders whose canaries can be in a copy that some holder of these canaries has, on whatever day.
///
/// `starts` are those the canaries were planted for or seen with. What others planted cannot be silent there.
pub fn related(graph: &FlowGraph, starts: impl IntoIterator<Item = HolderId>) -> BTreeSet<HolderId> {
    let mut below: HashMap<&HolderId, Vec<&HolderId>> = HashMap::new();
    let mut above: HashMap<&HolderId, Vec<&HolderId>> = HashMap::new();
    let children = graph.holders().filter_map(|holder| Some((holder.parent.as_ref()?, &holder.id)));
    for (from, to) in children.chain(graph.flows().iter().map(|flow| (&flow.from, &flow.to))) {
        below.entry(from).or_default().push(to);
        above.entry(to).or_default().push(from);
    }
    let walk = |mut found: BTreeSet<HolderId>, ways: &HashMap<&HolderId, Vec<&HolderId>>| {
        let mut to_leave: Vec<HolderId> = found.iter().cloned().collect();
        while let Some(holder) = to_leave.pop() {
            for next in ways.get(&holder).into_iter().flatten() {
                if found.insert((*next).clone()) {
                    to_leave.push((*next).clone());
                }
            }
        }
        found
    };
    walk(walk(starts.into_iter().collect(), &below), &above)
}
