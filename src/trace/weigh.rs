//! How well a leak at one holder explains the calls, against chance.
//!
//! Given a leak at a holder, each canary of the stolen rows is called with one unknown rate, every other only by chance.
//! All that is not known is summed over: when the copy was made, which stretch of days it took, the rate, and for each
//! origin whether its rows were in that copy at all, for flows are declared by people. Silent canaries count.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::calls::{Called, Calls};
use super::grid::{Copied, Grid, Window};
use super::numbers::{ln_mixed, ln_sum};
use super::presence::{Listed, Presence};

/// Chance that a holder's own canaries are not in the copy that leaked, though they were handed over.
const OWN_ABSENT: f64 = 0.02;
/// Chance that a declared flow does not carry an origin's rows.
const FLOW_ABSENT: f64 = 0.1;
/// Holders, apart from those declared, that get an origin's rows all the same, on average.
const UNDECLARED_FLOWS: f64 = 0.02;
/// Mean days until a flow has brought a row.
const FLOW_DAYS: f64 = 7.0;

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

/// Sources that are taken as leaking, each in its likeliest way; what they explain needs no other.
pub struct Taken {
    pub fits: Vec<Fit>,
}

/// Whether a holder can have had rows that nobody declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undeclared {
    Possible,
    Excluded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Arrival {
    /// Planted there, or seen there.
    AtOnce,
    ByFlow,
}

/// A table of one class: the logarithm for each time, rate and bin of days.
type Table = Rc<[f64]>;

/// Weighs holders on one grid.
pub struct Weigher<'a> {
    presence: &'a Presence<'a>,
    grid: &'a Grid,
    called: &'a Called,
    /// Ratios of the called canaries, by time.
    ratios: HashMap<usize, Vec<f64>>,
    tables: RefCell<HashMap<(usize, u32, Arrival), Table>>,
    taken: Option<&'a Taken>,
    /// Classes with a canary whose calls speak by themselves.
    speaking: Vec<usize>,
}

struct Group {
    origin: usize,
    absent: f64,
    first_planted: i64,
    tables: Vec<Table>,
}

impl<'a> Weigher<'a> {
    /// Prepares the ratios of the called canaries.
    pub fn new(
        presence: &'a Presence<'a>,
        grid: &'a Grid,
        called: &'a Called,
        taken: Option<&'a Taken>,
    ) -> Weigher<'a> {
        let at_times = |calls: &Calls| grid.times.iter().map(|at| calls.ratio(at.from, grid.until)).collect();
        let ratios = called.iter().map(|(listed, calls)| (*listed, at_times(calls))).collect();
        let speaks = called.iter().filter(|(_, calls)| calls.speak(grid.until));
        let mut speaking: Vec<usize> = speaks.filter_map(|(listed, _)| presence.listed[*listed].class).collect();
        speaking.sort_unstable();
        speaking.dedup();
        Weigher { presence, grid, called, ratios, tables: RefCell::default(), taken, speaking }
    }

    /// Weighs a leak at one holder.
    pub fn weigh(&self, place: usize, undeclared: Undeclared) -> Fit {
        let groups = self.groups(place, undeclared);
        let Some(first) = groups.iter().filter(|group| group.absent < 0.5).map(|group| group.first_planted).min()
        else {
            return Fit { place, ln: f64::NEG_INFINITY, by_time: Vec::new(), best: None };
        };
        let grid = self.grid;
        let possible = |time: &usize| grid.times[*time].newest >= first;
        let days: f64 = (0..grid.times.len()).filter(possible).map(|time| grid.span_days(time)).sum();
        let (mut by_time, mut best) = (Vec::with_capacity(grid.times.len()), (f64::NEG_INFINITY, None));
        for time in 0..grid.times.len() {
            if !possible(&time) {
                by_time.push(f64::NEG_INFINITY);
                continue;
            }
            let prior = (grid.span_days(time) / days / grid.rates.len() as f64).ln();
            let mut logs = Vec::with_capacity(grid.rates.len() * grid.windows.len());
            for rate in 0..grid.rates.len() {
                let sums = self.sums(&groups, time, rate);
                for window in &grid.windows {
                    let ln = prior + window.weight.ln() + mixed(&groups, &sums, window, grid.bins());
                    if ln > best.0 {
                        best = (ln, Some((time, rate, *window)));
                    }
                    logs.push(ln);
                }
            }
            by_time.push(ln_sum(logs));
        }
        let ln = ln_sum(by_time.iter().copied());
        let by_time = by_time.into_iter().map(|log| (log - ln).exp()).collect();
        let best = best.1.map(|(time, rate, window)| self.best(&groups, time, rate, window));
        Fit { place, ln, by_time, best }
    }

    fn best(&self, groups: &[Group], time: usize, rate: usize, window: Window) -> Best {
        let sums = self.sums(groups, time, rate);
        let bins = self.grid.bins();
        let present = groups.iter().enumerate().map(|(at, group)| {
            let ln = sums[at * (bins + 1) + window.end] - sums[at * (bins + 1) + window.first];
            let present = (1.0 - group.absent).ln() + ln - ln_mixed(1.0 - group.absent, ln);
            (group.origin, present.exp())
        });
        Best { copied: self.grid.times[time], rate: self.grid.rates[rate], window, present: present.collect() }
    }

    /// Gives for each group the running sums over the bins of days.
    fn sums(&self, groups: &[Group], time: usize, rate: usize) -> Vec<f64> {
        let bins = self.grid.bins();
        let start = (time * self.grid.rates.len() + rate) * bins;
        let mut sums = Vec::with_capacity(groups.len() * (bins + 1));
        for group in groups {
            let mut sum = 0.0;
            sums.push(sum);
            for bin in start..start + bins {
                sum += group.tables.iter().map(|table| table[bin]).sum::<f64>();
                sums.push(sum);
            }
        }
        sums
    }

    fn groups(&self, place: usize, undeclared: Undeclared) -> Vec<Group> {
        // Rows that nobody declared are another matter than those of the same origin that somebody did.
        let mut groups: BTreeMap<(usize, Undeclared), Group> = BTreeMap::new();
        let mut add = |class: usize, declared: Undeclared, absent: f64, (share, arrival): (f64, Arrival)| {
            let found = &self.presence.classes[class];
            let listed = found.listed.iter().map(|listed| self.presence.listed[*listed].planted);
            let planted = found.silent.iter().map(|silent| silent.planted).chain(listed).min().unwrap_or(i64::MAX);
            let group = groups.entry((found.origin, declared)).or_insert_with(|| Group {
                origin: found.origin,
                absent,
                first_planted: planted,
                tables: Vec::new(),
            });
            group.absent = group.absent.min(absent);
            group.first_planted = group.first_planted.min(planted);
            group.tables.push(self.table(class, share, arrival));
        };
        for (class, found) in self.presence.classes.iter().enumerate() {
            if let Some(share) = found.reach.get(&place) {
                if found.origin == place || found.seen.contains(&place) {
                    add(class, Undeclared::Excluded, OWN_ABSENT, (1.0, Arrival::AtOnce));
                } else {
                    add(class, Undeclared::Excluded, FLOW_ABSENT, (*share, Arrival::ByFlow));
                }
            }
        }
        if undeclared == Undeclared::Possible {
            let absent = 1.0 - UNDECLARED_FLOWS / self.presence.holders.len().max(2) as f64;
            for class in &self.speaking {
                let found = &self.presence.classes[*class];
                if !found.reach.contains_key(&place) {
                    add(*class, Undeclared::Possible, absent, (1.0, Arrival::ByFlow));
                }
            }
        }
        groups.into_values().collect()
    }

    fn table(&self, class: usize, share: f64, arrival: Arrival) -> Table {
        // Shares are kept to a thousandth.
        let key = (class, (share * 1000.0).round() as u32, arrival);
        if let Some(table) = self.tables.borrow().get(&key) {
            return table.clone();
        }
        let table = self.computed(class, share, arrival);
        self.tables.borrow_mut().insert(key, table.clone());
        table
    }

    fn computed(&self, class: usize, share: f64, arrival: Arrival) -> Table {
        let (grid, found) = (self.grid, &self.presence.classes[class]);
        let (rates, bins) = (grid.rates.len(), grid.bins());
        let mut table = vec![0.0; grid.times.len() * rates * bins];
        let silent = found.silent.iter().map(|silent| (silent.planted, silent.day, silent.canaries as f64, None));
        let listed = found.listed.iter().map(|place| {
            let Listed { planted, day, .. } = self.presence.listed[*place];
            (planted, day, 1.0, Some(*place))
        });
        for (planted, day, canaries, place) in silent.chain(listed) {
            let bin = grid.bin(day);
            let ratios = place.and_then(|place| self.ratios.get(&place));
            let calls = place.and_then(|place| self.called.get(&place));
            let taken = self.taken.map(|taken| taken.of(self.presence, grid, class, (planted, bin), calls));
            for (time, copied) in grid.times.iter().enumerate().filter(|(_, copied)| planted <= copied.newest) {
                let arrived = match arrival {
                    Arrival::AtOnce => 1.0,
                    // The copy can be as late as the next point.
                    Arrival::ByFlow => 1.0 - (-((copied.before - planted) as f64 / 86_400.0) / FLOW_DAYS).exp(),
                };
                let ratio = ratios.map_or(Calls::silent_ratio(), |ratios| ratios[time]);
                for (rate, called) in grid.rates.iter().enumerate() {
                    let ln = likelihood(share * arrived * called, ratio, taken);
                    table[(time * rates + rate) * bins + bin] += canaries * ln;
                }
            }
        }
        table.into()
    }
}

/// Gives the logarithm for one canary that is called with this chance, beside what is taken.
fn likelihood(chance: f64, ratio: f64, taken: Option<(f64, f64)>) -> f64 {
    match taken {
        Some((other, other_ratio)) if other > 0.0 => {
            let before = 1.0 - other + other * other_ratio;
            ((1.0 - chance) + chance * ratio / before).ln()
        }
        Some(_) | None => (chance * (ratio - 1.0)).ln_1p(),
    }
}

fn mixed(groups: &[Group], sums: &[f64], window: &Window, bins: usize) -> f64 {
    let of = |(at, group): (usize, &Group)| {
        let ln = sums[at * (bins + 1) + window.end] - sums[at * (bins + 1) + window.first];
        if ln == 0.0 { 0.0 } else { ln_mixed(1.0 - group.absent, ln) }
    };
    groups.iter().enumerate().map(of).sum()
}

impl Taken {
    /// Gives the chance that a canary of a class is called from the sources that are taken, and its ratio then.
    fn of(
        &self,
        presence: &Presence<'_>,
        grid: &Grid,
        class: usize,
        (planted, bin): (i64, usize),
        calls: Option<&Calls>,
    ) -> (f64, f64) {
        let found = &presence.classes[class];
        let (mut missed, mut largest, mut ratio) = (1.0, 0.0, Calls::silent_ratio());
        for (place, best) in self.fits.iter().filter_map(|fit| Some((fit.place, fit.best.as_ref()?))) {
            let Some(share) = found.reach.get(&place) else { continue };
            let inside = planted <= best.copied.newest && (best.window.first..best.window.end).contains(&bin);
            let present = best.present.get(&found.origin).copied().unwrap_or(0.0);
            let chance = if inside { share * present * best.rate } else { 0.0 };
            missed *= 1.0 - chance;
            if chance > largest {
                largest = chance;
                ratio = calls.map_or(ratio, |calls| calls.ratio(best.copied.from, grid.until));
            }
        }
        (1.0 - missed, ratio)
    }
}
