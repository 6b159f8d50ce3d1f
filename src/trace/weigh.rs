//! How well a leak at one holder explains the calls, against chance.
//!
//! Given a leak at a holder, each canary of the stolen rows is called with one unknown rate, every other only by chance.
//! All that is not known is summed over: when the copy was made, which stretch of days it took, the rate, and for each
//! origin whether its rows were in that copy at all, for flows are declared by people. Silent canaries count.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::calls::Called;
use super::grid::{Copied, Grid, Window};
use super::numbers::{ln_mixed, ln_sum};
use super::parts::{Part, Parts};
use super::presence::Presence;
use super::sums::Sums;
use super::tables::{Arrival, BY_FLOW, Table, Tables, Taken};

/// Chance that a holder's own canaries are not in the copy that leaked, though they were handed over.
pub const OWN_ABSENT: f64 = 0.02;
/// Chance that a declared flow does not carry an origin's rows.
pub const FLOW_ABSENT: f64 = 0.1;
/// Holders, apart from those declared, that get an origin's rows all the same, on average.
pub const UNDECLARED_FLOWS: f64 = 0.02;
/// Chance that somebody who takes a copy with the rows of several origins takes those of one origin alone. Half of the leaks take all
/// rows ([`super::grid`]), and nothing is known of whether the others cut by days or by hospital.
const ONE_ORIGIN: f64 = 0.25;
/// Values of mixtures that are kept, at most.
const KEPT_MAX: usize = 8_000_000;

/// The likeliest way in which a holder's copy leaked.
#[derive(Debug, Clone)]
pub struct Best {
    pub copied: Copied,
    pub rate: f64,
    pub window: Window,
    /// By origin, the chance that its rows were in the copy.
    pub present: BTreeMap<usize, f64>,
}

/// How well a leak at a holder explains the calls; `ln` is the logarithm of the likelihood ratio to chance.
#[derive(Debug, Clone)]
pub struct Fit {
    pub place: usize,
    pub ln: f64,
    /// The share of each time of the grid in the sum.
    pub by_time: Vec<f64>,
    pub best: Option<Best>,
}

/// Whether a holder can have had rows that nobody declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undeclared {
    Possible,
    Excluded,
}

/// Mixtures by class, by how its rows came in, and by whether it is the holder's own.
type Mixtures = HashMap<(usize, Arrival, bool), Rc<[f64]>, RandomState>;

/// Weighs holders on one grid.
pub struct Weigher<'a> {
    pub(super) presence: &'a Presence<'a>,
    grid: &'a Grid,
    tables: Tables<'a>,
    /// Tables as they are with nothing taken, for the classes that no taken source reaches.
    plain: Option<(&'a Weigher<'a>, &'a Taken)>,
    /// Logarithms of mixtures for groups of one class, whose rows are in many copies alike.
    mixtures: RefCell<Mixtures>,
    called: &'a Called,
    pub(super) parts: Rc<Parts>,
    /// By origin, the classes with a canary whose calls speak by themselves.
    speaking: OnceCell<BTreeMap<usize, Vec<usize>>>,
    undeclared: OnceCell<Elsewhere>,
    /// The sum over all classes, whole and by flow.
    by_flow: OnceCell<Vec<f64>>,
}

/// What rows that nobody declared add: for each origin that speaks, and all of these together.
struct Elsewhere {
    by_origin: BTreeMap<usize, Vec<f64>>,
    all: Vec<f64>,
}

/// The rows of one origin in a copy: each class with its share, and how it came.
pub(super) struct Group {
    pub(super) origin: usize,
    pub(super) absent: f64,
    pub(super) first_planted: i64,
    pub(super) classes: Vec<(usize, f64, Arrival)>,
}

/// Mixes in that only the rows of one origin were taken.
fn add_to_each(logs: &mut [f64], one_origin: &Option<Vec<Vec<f64>>>) {
    let Some(origins) = one_origin else { return };
    logs.iter_mut().for_each(|log| *log += (1.0 - ONE_ORIGIN).ln());
    for own in origins {
        logs.iter_mut().zip(own).for_each(|(log, own)| *log = ln_sum([*log, *own]));
    }
}

impl<'a> Weigher<'a> {
    /// Prepares to weigh on a grid.
    pub fn new(presence: &'a Presence<'a>, grid: &'a Grid, called: &'a Called) -> Weigher<'a> {
        let tables = Tables::new(presence, grid, called);
        let (mixtures, speaking) = (RefCell::default(), OnceCell::new());
        let (undeclared, by_flow) = (OnceCell::new(), OnceCell::new());
        let parts = Rc::default();
        Weigher { presence, grid, tables, plain: None, mixtures, called, parts, speaking, undeclared, by_flow }
    }

    /// Prepares to weigh beside sources that are taken.
    pub fn beside(&'a self, taken: &'a Taken) -> Weigher<'a> {
        let (mixtures, speaking, undeclared) = (RefCell::default(), OnceCell::new(), OnceCell::new());
        Weigher {
            tables: self.tables.beside(taken),
            plain: Some((self, taken)),
            mixtures,
            parts: self.parts.clone(),
            speaking,
            undeclared,
            by_flow: OnceCell::new(),
            ..*self
        }
    }

    /// Weighs a leak at one holder.
    pub fn weigh(&self, place: usize, undeclared: Undeclared) -> Fit {
        let groups = self.groups(place);
        let Some(first) = groups.iter().map(|group| group.first_planted).min() else {
            return Fit { place, ln: f64::NEG_INFINITY, by_time: Vec::new(), best: None };
        };
        let mut sums = self.declared(&groups);
        if undeclared == Undeclared::Possible {
            self.add_undeclared(place, &mut sums);
        }
        let mut logs = sums.whole();
        add_to_each(&mut logs, &self.one_origin(&groups));
        self.fit(place, &groups, first, &logs)
    }

    /// Weighs a leak at one holder, with rows that nobody declared as [`Undeclared::Possible`] and as [`Undeclared::Excluded`].
    pub fn weigh_both(&self, place: usize) -> [Fit; 2] {
        let groups = self.groups(place);
        let Some(first) = groups.iter().map(|group| group.first_planted).min() else {
            let none = Fit { place, ln: f64::NEG_INFINITY, by_time: Vec::new(), best: None };
            return [none.clone(), none];
        };
        let declared = self.declared(&groups);
        let alone = self.one_origin(&groups);
        let mut possible = declared.clone();
        self.add_undeclared(place, &mut possible);
        [possible, declared].map(|sums| {
            let mut logs = sums.whole();
            add_to_each(&mut logs, &alone);
            self.fit(place, &groups, first, &logs)
        })
    }

    /// Weighs that these rows alone leaked.
    pub(super) fn weigh_only(&self, place: usize, groups: &[Group]) -> Fit {
        let Some(first) = groups.iter().map(|group| group.first_planted).min() else {
            return Fit { place, ln: f64::NEG_INFINITY, by_time: Vec::new(), best: None };
        };
        self.fit(place, groups, first, &self.declared(groups).whole())
    }

    /// Gives for each part of the rows whose calls speak, where a copy has several, that only these were taken; none where it has one.
    fn one_origin(&self, groups: &[Group]) -> Option<Vec<Vec<f64>>> {
        if groups.len() < 2 {
            return None;
        }
        let alone = (ONE_ORIGIN / groups.len() as f64).ln();
        let of = |part: Part| {
            let mut own = Sums::new(self.points());
            self.in_part(groups, part).iter().for_each(|group| self.add_group(group, &mut own));
            let mut logs = own.whole();
            logs.iter_mut().for_each(|log| *log += alone);
            logs
        };
        Some(self.parts_that_speak(groups).into_iter().map(of).collect())
    }

    fn fit(&self, place: usize, groups: &[Group], first: i64, sums: &[f64]) -> Fit {
        let grid = self.grid;
        let possible = |time: &usize| grid.times[*time].newest >= first;
        let days: f64 = (0..grid.times.len()).filter(possible).map(|time| grid.span_days(time)).sum();
        let weights: Vec<f64> = grid.windows.iter().map(|window| window.weight.ln()).collect();
        let (mut by_time, mut best) = (Vec::with_capacity(grid.times.len()), (f64::NEG_INFINITY, None));
        let of_a_time = grid.rates.len() * grid.windows.len();
        for (time, sums) in sums.chunks(of_a_time).enumerate() {
            if !possible(&time) {
                by_time.push(f64::NEG_INFINITY);
                continue;
            }
            let prior = (grid.span_days(time) / days / grid.rates.len() as f64).ln();
            let logs = sums.chunks(weights.len()).flat_map(|sums| sums.iter().zip(&weights));
            let logs: Vec<f64> = logs.map(|(sum, weight)| prior + weight + sum).collect();
            for (at, ln) in logs.iter().enumerate() {
                if *ln > best.0 {
                    best = (*ln, Some((time, at / weights.len(), grid.windows[at % weights.len()])));
                }
            }
            by_time.push(ln_sum(logs));
        }
        let ln = ln_sum(by_time.iter().copied());
        let by_time = by_time.into_iter().map(|log| (log - ln).exp()).collect();
        let best = best.1.map(|(time, rate, window)| self.best(groups, time, rate, window));
        Fit { place, ln, by_time, best }
    }

    fn best(&self, groups: &[Group], time: usize, rate: usize, window: Window) -> Best {
        let bins = self.grid.bins();
        let start = (time * self.grid.rates.len() + rate) * bins;
        let present = groups.iter().map(|group| {
            let log = |table: Rc<Table>| table.logs[start + window.first..start + window.end].iter().sum::<f64>();
            let ln: f64 = group.classes.iter().map(|class| log(self.table(*class))).sum();
            let present = (1.0 - group.absent).ln() + ln - ln_mixed(1.0 - group.absent, ln);
            (group.origin, present.exp())
        });
        Best { copied: self.grid.times[time], rate: self.grid.rates[rate], window, present: present.collect() }
    }

    /// Adds up the rows that a holder is known to get.
    fn declared(&self, groups: &[Group]) -> Sums {
        let mut sums = Sums::new(self.points());
        let whole = |group: &&Group| matches!(group.classes[..], [(_, 1.0, BY_FLOW)]) && group.absent == FLOW_ABSENT;
        let (by_flow, others): (Vec<&Group>, Vec<&Group>) = groups.iter().partition(whole);
        let classes = self.presence.classes.len();
        if by_flow.len() * 2 > classes && classes * self.points() < KEPT_MAX {
            // Where most rows go to most holders, those that one has not are fewer to take off than the others to add up.
            let mut is_here = vec![false; classes];
            by_flow.iter().for_each(|group| is_here[group.classes[0].0] = true);
            let all = self.by_flow.get_or_init(|| {
                let mut all = Sums::new(self.points());
                (0..classes).for_each(|class| all.add(&self.mixture(class, BY_FLOW, FLOW_ABSENT), 1.0));
                all.whole()
            });
            sums.add(all, 1.0);
            let missing = (0..classes).filter(|class| !is_here[*class]);
            missing.for_each(|class| sums.add(&self.mixture(class, BY_FLOW, FLOW_ABSENT), -1.0));
        } else {
            by_flow.iter().for_each(|group| self.add_group(group, &mut sums));
        }
        others.iter().for_each(|group| self.add_group(group, &mut sums));
        sums
    }

    fn add_group(&self, group: &Group, sums: &mut Sums) {
        match group.classes[..] {
            [(class, 1.0, arrival)] if self.presence.classes.len() * self.points() < KEPT_MAX => {
                sums.add(&self.mixture(class, arrival, group.absent), 1.0);
            }
            _ => self.mix(&group.classes, 1.0 - group.absent, sums),
        }
    }

    /// Gives the logarithms of the mixture for all rows of one class.
    fn mixture(&self, class: usize, arrival: Arrival, absent: f64) -> Rc<[f64]> {
        let key = (class, arrival, absent == OWN_ABSENT);
        if let Some(known) = self.mixtures.borrow().get(&key) {
            return known.clone();
        }
        let mut own = Sums::new(self.points());
        self.mix(&[(class, 1.0, arrival)], 1.0 - absent, &mut own);
        let mixture: Rc<[f64]> = own.whole().into();
        self.mixtures.borrow_mut().insert(key, mixture.clone());
        mixture
    }

    /// Adds up the rows that a holder may have had though nobody declared it.
    fn add_undeclared(&self, place: usize, sums: &mut Sums) {
        let elsewhere = self.undeclared.get_or_init(|| self.elsewhere());
        let reaches = |class: &usize| self.presence.classes[*class].reach.contains_key(&place);
        let (here, others): (Vec<_>, Vec<_>) =
            self.speaking().iter().partition(|(_, classes)| classes.iter().any(reaches));
        match here.len() > others.len() {
            true => others.iter().for_each(|(origin, _)| sums.add(&elsewhere.by_origin[origin], 1.0)),
            false => {
                sums.add(&elsewhere.all, 1.0);
                here.iter().for_each(|(origin, _)| sums.add(&elsewhere.by_origin[origin], -1.0));
            }
        }
        for (_, classes) in here {
            let rest: Vec<_> = classes.iter().filter(|class| !reaches(class)).collect();
            if !rest.is_empty() {
                let rest: Vec<_> = rest.into_iter().map(|class| (*class, 1.0, BY_FLOW)).collect();
                self.mix(&rest, self.undeclared_share(), sums);
            }
        }
    }

    /// Finds the classes whose calls speak; what is taken beside does not change that.
    pub(super) fn speaking(&self) -> &BTreeMap<usize, Vec<usize>> {
        match self.plain {
            Some((plain, _)) => plain.speaking(),
            None => self.speaking.get_or_init(|| self.that_speak()),
        }
    }

    fn that_speak(&self) -> BTreeMap<usize, Vec<usize>> {
        let mut speaking: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let speaks = self.called.iter().filter(|(_, calls)| calls.speak(self.grid.until));
        let mut classes: Vec<usize> = speaks.filter_map(|(listed, _)| self.presence.listed[*listed].class).collect();
        classes.sort_unstable();
        classes.dedup();
        for class in classes {
            speaking.entry(self.presence.classes[class].origin).or_default().push(class);
        }
        speaking
    }

    fn elsewhere(&self) -> Elsewhere {
        let speaking = self.speaking();
        let of = |classes: &Vec<usize>| {
            let mut sums = Sums::new(self.points());
            let classes: Vec<_> = classes.iter().map(|class| (*class, 1.0, BY_FLOW)).collect();
            self.mix(&classes, self.undeclared_share(), &mut sums);
            sums.whole()
        };
        let by_origin: BTreeMap<usize, Vec<f64>> =
            speaking.iter().map(|(origin, classes)| (*origin, of(classes))).collect();
        let mut all = vec![0.0; self.points()];
        by_origin.values().for_each(|logs| all.iter_mut().zip(logs).for_each(|(sum, log)| *sum += log));
        Elsewhere { by_origin, all }
    }

    /// Gives the chance that a holder has the rows of an origin that nobody declared.
    fn undeclared_share(&self) -> f64 {
        UNDECLARED_FLOWS / self.presence.holders.len().max(2) as f64
    }

    fn points(&self) -> usize {
        self.grid.times.len() * self.grid.rates.len() * self.grid.windows.len()
    }

    /// Adds for each point the logarithm of the mixture of "these rows are in the copy", with chance `part`, and not.
    fn mix(&self, classes: &[(usize, f64, Arrival)], part: f64, sums: &mut Sums) {
        let tables: Vec<Rc<Table>> = classes.iter().map(|class| self.table(*class)).collect();
        let (bins, windows) = (self.grid.bins(), &self.grid.windows);
        let joined;
        let table = match &tables[..] {
            [] => return,
            [table] => &**table,
            [first, others @ ..] => {
                let mut logs = first.logs.clone();
                for table in others {
                    logs.iter_mut().zip(&table.logs).for_each(|(sum, log)| *sum += log);
                }
                joined = Table::new(logs, bins);
                &joined
            }
        };
        for (row, start) in (0..table.logs.len()).step_by(bins).enumerate() {
            let (logs, ratios) = (&table.logs[start..start + bins], &table.ratios[start..start + bins]);
            let point = row * windows.len();
            match table.is_tame {
                true => sums.multiply(point, ratios, windows, part),
                false => sums.mixed(point, logs, windows, part),
            }
        }
    }

    /// Gives the rows of a holder's copy.
    pub(super) fn groups(&self, place: usize) -> Vec<Group> {
        let group = |classes: &[(usize, f64)]| {
            let origin = self.presence.classes[classes.first()?.0].home(place);
            let (mut absent, mut first_planted) = (FLOW_ABSENT, i64::MAX);
            let class = |(class, share): &(usize, f64)| {
                let found = &self.presence.classes[*class];
                let since = found.since(place);
                first_planted = first_planted.min(found.first_planted().max(since));
                if origin == place || found.seen.contains(&place) {
                    absent = absent.min(OWN_ABSENT);
                    return (*class, 1.0, Arrival::AtOnce { since });
                }
                (*class, *share, Arrival::ByFlow { since })
            };
            let classes = classes.iter().map(class).collect();
            Some(Group { origin, absent, first_planted, classes })
        };
        self.presence.by_origin(place).filter_map(group).collect()
    }

    fn table(&self, (class, share, arrival): (usize, f64, Arrival)) -> Rc<Table> {
        match self.plain {
            Some((plain, taken)) if !taken.reaches(self.presence, class) => plain.tables.of(class, share, arrival),
            Some(_) | None => self.tables.of(class, share, arrival),
        }
    }
}
