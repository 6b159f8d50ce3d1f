//! What the canaries of one class say at each point of a grid: a table of logarithms by time, rate and bin of days.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::calls::{Called, Calls};
use super::grid::Grid;
use super::presence::{Presence, Silent};
use super::weigh::Fit;

/// Mean days until a flow has brought a row.
const FLOW_DAYS: f64 = 7.0;
/// A product is turned into its logarithm when it leaves these bounds; one factor is below 1e131.
pub const PRODUCT_MIN: f64 = 1e-140;
pub const PRODUCT_MAX: f64 = 1e140;
/// Sum of the positive logarithms of a table up to which its products are safe from overflow.
const TAME_MAX: f64 = 300.0;
/// Values that are kept in tables, at most.
const KEPT_MAX: usize = 8_000_000;

/// Sources that are taken as leaking, each in its likeliest way; what they explain needs no other.
pub struct Taken {
    pub fits: Vec<Fit>,
}

/// How rows came into a copy, and the time in seconds before which they cannot have been there, whenever they were planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// Planted there, or seen there.
    AtOnce {
        since: i64,
    },
    ByFlow {
        since: i64,
    },
}

/// By flows from where the rows were planted.
pub const BY_FLOW: Arrival = Arrival::ByFlow { since: i64::MIN };

impl Arrival {
    /// Gives the time in seconds before which the rows cannot have been there.
    pub fn since(self) -> i64 {
        match self {
            Arrival::AtOnce { since } | Arrival::ByFlow { since } => since,
        }
    }
}

/// A table of one class: for each time, rate and bin of days the logarithm, and what it is the logarithm of.
pub struct Table {
    pub logs: Vec<f64>,
    /// Zero where that is too small for an `f64`.
    pub ratios: Vec<f64>,
    /// Whether no product of ratios of one time and rate is too large for an `f64`.
    pub is_tame: bool,
}

/// Ratios of the called canaries of a class, one row of times for each.
type Ratios = Rc<[f64]>;
/// The called canaries of each class, by place in [`Presence::listed`].
type CalledIn<'a> = HashMap<usize, Vec<(usize, &'a Calls)>, RandomState>;

/// Tables by class, share in thousandths, and how the rows came.
type Known = HashMap<(usize, u32, Arrival), Rc<Table>, RandomState>;

/// The tables of all classes on one grid.
pub struct Tables<'a> {
    presence: &'a Presence<'a>,
    grid: &'a Grid,
    called: Rc<CalledIn<'a>>,
    ratios: Rc<RefCell<HashMap<usize, Ratios, RandomState>>>,
    taken: Option<&'a Taken>,
    known: RefCell<Known>,
    kept: RefCell<usize>,
}

impl<'a> Tables<'a> {
    /// Sorts the called canaries by class.
    pub fn new(presence: &'a Presence<'a>, grid: &'a Grid, called: &'a Called) -> Tables<'a> {
        let mut by_class = CalledIn::default();
        for (listed, calls) in called {
            if let Some(class) = presence.listed[*listed].class {
                by_class.entry(class).or_default().push((*listed, calls));
            }
        }
        let (ratios, called) = (Rc::default(), Rc::new(by_class));
        Tables { presence, grid, called, ratios, taken: None, known: RefCell::default(), kept: RefCell::default() }
    }

    /// Prepares tables beside sources that are taken.
    pub fn beside(&self, taken: &'a Taken) -> Tables<'a> {
        let (called, ratios, taken) = (self.called.clone(), self.ratios.clone(), Some(taken));
        Tables { called, ratios, taken, known: RefCell::default(), kept: RefCell::default(), ..*self }
    }

    /// Gives the table of a class of which a copy holds this share.
    pub fn of(&self, class: usize, share: f64, arrival: Arrival) -> Rc<Table> {
        // Shares are kept to a thousandth.
        let key = (class, (share * 1000.0).round() as u32, arrival);
        if let Some(table) = self.known.borrow().get(&key) {
            return table.clone();
        }
        let table = Rc::new(Table::new(self.computed(class, share, arrival), self.grid.bins()));
        let mut kept = self.kept.borrow_mut();
        if *kept < KEPT_MAX {
            *kept += 2 * table.logs.len();
            self.known.borrow_mut().insert(key, table.clone());
        }
        table
    }

    fn called(&self, class: usize) -> &[(usize, &'a Calls)] {
        self.called.get(&class).map_or(&[], Vec::as_slice)
    }

    fn ratios(&self, class: usize, since: i64) -> Ratios {
        let of = |(listed, calls): &(usize, &'a Calls)| {
            let (calls, first) = (*calls, self.grid.first_with(self.presence.listed[*listed].planted));
            // Before the canary was planted no copy has it, and what it says then is never asked.
            let ratio = move |(time, from)| if time < first { 1.0 } else { calls.ratio(from, self.grid.until) };
            self.grid.times.iter().map(move |at| at.from.max(since)).enumerate().map(ratio)
        };
        let ratios = || self.called(class).iter().flat_map(of).collect();
        if since != i64::MIN {
            return ratios();
        }
        self.ratios.borrow_mut().entry(class).or_insert_with(ratios).clone()
    }

    /// Counts the listed canaries of a class that nothing reached.
    fn quiet(&self, class: usize) -> Vec<Silent> {
        let mut quiet = self.presence.classes[class].listed_on.clone();
        for (listed, _) in self.called(class) {
            let canary = &self.presence.listed[*listed];
            let key = |on: &Silent| (on.planted, on.day);
            if let Ok(at) = quiet.binary_search_by_key(&(canary.planted, canary.day), key) {
                quiet[at].canaries -= 1;
            }
        }
        quiet.retain(|on| on.canaries > 0);
        quiet
    }

    fn computed(&self, class: usize, share: f64, arrival: Arrival) -> Vec<f64> {
        let (grid, found) = (self.grid, &self.presence.classes[class]);
        let mut table = vec![0.0; grid.times.len() * grid.rates.len() * grid.bins()];
        let taken = self.taken.map(|taken| taken.on(self.presence, class)).filter(|taken| !taken.ways.is_empty());
        for silent in [&found.silent, &self.quiet(class)] {
            self.add_silent(silent, (share, arrival), taken.as_ref(), &mut table);
        }
        self.add_called(class, (share, arrival), taken.as_ref(), &mut table);
        table
    }

    /// Adds up the canaries that nothing reached; those of one planting stand together.
    fn add_silent(&self, silent: &[Silent], come: (f64, Arrival), taken: Option<&TakenWays<'_>>, table: &mut [f64]) {
        let (grid, bins, ratio) = (self.grid, self.grid.bins(), Calls::silent_ratio());
        for of_planting in silent.chunk_by(|a, b| a.planted == b.planted) {
            let planted = of_planting[0].planted;
            let chances = chances(grid, planted, come);
            let logs = |other| chances.iter().map(|chance| factor(*chance, ratio, other).ln()).collect::<Vec<f64>>();
            // All days of one bin say the same.
            let mut by_bin: Vec<Option<Vec<f64>>> = vec![None; if taken.is_none() { 1 } else { bins }];
            for silent in of_planting {
                let (bin, canaries) = (grid.bin(silent.day), silent.canaries as f64);
                let logs = match taken {
                    None => by_bin[0].get_or_insert_with(|| logs(None)),
                    Some(taken) => by_bin[bin].get_or_insert_with(|| logs(Some(taken.of(grid, (planted, bin), None)))),
                };
                table[bin..].iter_mut().step_by(bins).zip(&*logs).for_each(|(sum, ln)| *sum += canaries * ln);
            }
        }
    }

    /// Adds up the called canaries, as products for as long as these hold.
    fn add_called(&self, class: usize, come: (f64, Arrival), taken: Option<&TakenWays<'_>>, table: &mut [f64]) {
        let (grid, (times, rates, bins)) =
            (self.grid, (self.grid.times.len(), self.grid.rates.len(), self.grid.bins()));
        let mut products = vec![1.0_f64; bins * times * rates];
        let mut last: Option<(i64, Vec<f64>)> = None;
        let ratios = self.ratios(class, come.1.since());
        for ((place, calls), ratios) in self.called(class).iter().zip(ratios.chunks(times.max(1))) {
            let listed = &self.presence.listed[*place];
            let bin = grid.bin(listed.day);
            let (_, chances) = match last.take() {
                Some(known) if known.0 == listed.planted => last.insert(known),
                _ => last.insert((listed.planted, chances(grid, listed.planted, come))),
            };
            let other = taken.map(|taken| taken.of(grid, (listed.planted, bin), Some(*calls)));
            let products = &mut products[bin * times * rates..(bin + 1) * times * rates];
            let rows = products.chunks_exact_mut(rates).zip(chances.chunks_exact(rates)).zip(ratios).enumerate();
            for (time, ((row, chances), ratio)) in rows.skip(grid.first_with(listed.planted)) {
                match other {
                    None => row.iter_mut().zip(chances).for_each(|(row, chance)| *row *= factor(*chance, *ratio, None)),
                    Some(_) => {
                        row.iter_mut().zip(chances).for_each(|(row, chance)| *row *= factor(*chance, *ratio, other));
                    }
                }
                for (rate, product) in row.iter_mut().enumerate() {
                    if !(PRODUCT_MIN..=PRODUCT_MAX).contains(product) {
                        table[(time * rates + rate) * bins + bin] += product.ln();
                        *product = 1.0;
                    }
                }
            }
        }
        for (place, product) in products.into_iter().enumerate().filter(|(_, product)| *product != 1.0) {
            let (bin, at) = (place / (times * rates), place % (times * rates));
            table[at * bins + bin] += product.ln();
        }
    }
}

impl Table {
    pub fn new(logs: Vec<f64>, bins: usize) -> Table {
        let high = |row: &[f64]| row.iter().map(|log| log.max(0.0)).sum::<f64>();
        let is_tame = logs.chunks(bins).all(|row| high(row) <= TAME_MAX);
        // Most bins of days hold nothing of one class.
        let ratio = |log: &f64| if *log == 0.0 { 1.0 } else { log.exp() };
        Table { ratios: logs.iter().map(ratio).collect(), logs, is_tame }
    }
}

/// Gives the chance that a canary planted then is called, for each time and rate.
fn chances(grid: &Grid, planted: i64, (share, arrival): (f64, Arrival)) -> Vec<f64> {
    let planted = planted.max(arrival.since());
    let at = |copied: &super::grid::Copied| {
        let arrived = match arrival {
            _ if planted > copied.newest => 0.0,
            Arrival::AtOnce { .. } => 1.0,
            // The copy can be as late as the next point.
            Arrival::ByFlow { .. } => 1.0 - (-((copied.before - planted) as f64 / 86_400.0) / FLOW_DAYS).exp(),
        };
        grid.rates.iter().map(move |called| share * arrived * called)
    };
    grid.times.iter().flat_map(at).collect()
}

/// Gives the likelihood ratio for one canary that is called with this chance, beside what is taken.
fn factor(chance: f64, ratio: f64, taken: Option<(f64, f64)>) -> f64 {
    match taken {
        Some((other, other_ratio)) if other > 0.0 => {
            let before = 1.0 - other + other * other_ratio;
            (1.0 - chance) + chance * ratio / before
        }
        Some(_) | None => 1.0 + chance * (ratio - 1.0),
    }
}

/// The ways in which the canaries of one class are called from the sources that are taken.
struct TakenWays<'t> {
    /// Each with the chance, and the time since when the source can have them.
    ways: Vec<(&'t super::weigh::Best, f64, i64)>,
}

impl Taken {
    /// Tells whether any of the sources can have the canaries of a class.
    pub fn reaches(&self, presence: &Presence<'_>, class: usize) -> bool {
        self.fits.iter().any(|fit| presence.classes[class].reach.contains_key(&fit.place))
    }

    fn on<'t>(&'t self, presence: &Presence<'_>, class: usize) -> TakenWays<'t> {
        let found = &presence.classes[class];
        let way = |fit: &'t Fit| {
            let (best, share) = (fit.best.as_ref()?, found.reach.get(&fit.place)?);
            let present = best.present.get(&found.home(fit.place)).copied().unwrap_or(0.0);
            Some((best, share * present * best.rate, found.since(fit.place)))
        };
        TakenWays { ways: self.fits.iter().filter_map(way).collect() }
    }
}

impl TakenWays<'_> {
    /// Gives the chance that a canary is called from the sources that are taken, and its ratio then.
    fn of(&self, grid: &Grid, (planted, bin): (i64, usize), calls: Option<&Calls>) -> (f64, f64) {
        let (mut missed, mut largest, mut ratio) = (1.0, 0.0, Calls::silent_ratio());
        for (best, chance, since) in &self.ways {
            let inside =
                planted.max(*since) <= best.copied.newest && (best.window.first..best.window.end).contains(&bin);
            let chance = if inside { *chance } else { 0.0 };
            missed *= 1.0 - chance;
            if chance > largest {
                largest = chance;
                ratio = calls.map_or(ratio, |calls| calls.ratio(best.copied.from.max(*since), grid.until));
            }
        }
        (1.0 - missed, ratio)
    }
}
