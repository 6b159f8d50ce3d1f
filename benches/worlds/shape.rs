//! The shapes of worlds: who keeps data, to whom it flows, and when canaries are planted.
//!
//! A stream is what truly happens; whether the ledger knows of it is a second question. Every stream goes from a
//! lower place to a higher one, so that one pass in order follows the data.

use canaries::holder::Kind;
use rand::RngExt;

use super::chance::{Chance, one_of};

/// Days of the year in which lists are planted.
pub const YEAR_DAYS: f64 = 365.0;

/// What the graph of a world looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Hospitals, districts, a city, a registry, agencies and their clerks.
    City,
    /// Any acyclic graph of 10 to 60 holders with shares and dates.
    Dag,
    /// A hundred hospitals that pass nothing on, one planting each.
    Flat,
    /// A chain of six with branches.
    Chain,
    /// A city whose canaries were all planted within one hour.
    Hour,
}

/// One who keeps data.
#[derive(Debug, Clone)]
pub struct Keeper {
    pub id: String,
    pub kind: Kind,
    pub parent: Option<usize>,
}

/// How the ledger knows of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Flow,
    /// The giver is the taker's parent.
    Parent,
    Nowise,
}

/// Data that truly goes from one keeper to another; days count from the world's first.
#[derive(Debug, Clone)]
pub struct Stream {
    pub from: usize,
    pub to: usize,
    pub share: f64,
    pub since: Option<i64>,
    pub until: Option<i64>,
    /// A row waits up to so many days.
    pub period_days: f64,
    pub known: Known,
}

/// Canaries to be planted for one keeper.
#[derive(Debug, Clone, Copy)]
pub struct Sowing {
    pub keeper: usize,
    pub day: f64,
    pub count: usize,
}

/// A world before it has a ledger.
#[derive(Debug, Clone)]
pub struct Graph {
    pub keepers: Vec<Keeper>,
    pub streams: Vec<Stream>,
    pub sowings: Vec<Sowing>,
}

impl Shape {
    pub const ALL: [Shape; 5] = [Shape::City, Shape::Dag, Shape::Flat, Shape::Chain, Shape::Hour];

    /// Gives the word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Shape::City => "city",
            Shape::Dag => "dag",
            Shape::Flat => "flat",
            Shape::Chain => "chain",
            Shape::Hour => "hour",
        }
    }

    /// Draws a graph of this shape.
    pub fn draw(self, rng: &mut Chance) -> Graph {
        let mut graph = Graph { keepers: Vec::new(), streams: Vec::new(), sowings: Vec::new() };
        match self {
            Shape::City => {
                graph.city(rng);
                graph.monthly(rng, &|kind| if kind == Kind::Hospital { 6 } else { 4 });
            }
            Shape::Hour => {
                graph.city(rng);
                for keeper in 0..graph.keepers.len() {
                    let day = rng.random_range(0.0..1.0 / 24.0);
                    graph.sowings.push(Sowing { keeper, day, count: rng.random_range(10..=30) });
                }
            }
            Shape::Dag => graph.dag(rng),
            Shape::Flat => {
                for n in 0..100 {
                    let keeper = graph.add(format!("h{n:03}"), Kind::Hospital, None);
                    let day = rng.random_range(0.0..YEAR_DAYS / 2.0);
                    graph.sowings.push(Sowing { keeper, day, count: 10 });
                }
            }
            Shape::Chain => {
                graph.chain(rng);
                graph.monthly(rng, &|_| 2);
            }
        }
        graph.sowings.sort_by(|a, b| a.day.total_cmp(&b.day));
        graph
    }
}

impl Graph {
    /// Makes a part of the declared streams unknown to the ledger.
    pub fn forget(&mut self, share: f64, rng: &mut Chance) {
        for stream in &mut self.streams {
            if stream.known == Known::Flow && rng.random_bool(share) {
                stream.known = Known::Nowise;
            }
        }
    }

    fn add(&mut self, id: String, kind: Kind, parent: Option<usize>) -> usize {
        self.keepers.push(Keeper { id, kind, parent });
        let place = self.keepers.len() - 1;
        if let Some(from) = parent {
            let (since, until, period_days) = (None, None, 1.0);
            self.streams.push(Stream { from, to: place, share: 1.0, since, until, period_days, known: Known::Parent });
        }
        place
    }

    fn join(&mut self, from: usize, to: usize, share: f64, rng: &mut Chance) {
        let period_days = *one_of(&[1.0, 1.0, 7.0, 14.0], rng);
        let (since, until) = (None, None);
        self.streams.push(Stream { from, to, share, since, until, period_days, known: Known::Flow });
    }

    fn city(&mut self, rng: &mut Chance) {
        let hospitals: Vec<usize> = (0..12).map(|n| self.add(format!("hospital{n}"), Kind::Hospital, None)).collect();
        let districts: Vec<usize> = (0..4).map(|n| self.add(format!("district{n}"), Kind::Agency, None)).collect();
        let city = self.add("city".to_string(), Kind::Agency, None);
        let registry = self.add("registry".to_string(), Kind::Registry, None);
        for (n, hospital) in hospitals.iter().enumerate() {
            self.join(*hospital, districts[n % districts.len()], 1.0, rng);
        }
        districts.iter().for_each(|district| self.join(*district, city, 1.0, rng));
        self.join(city, registry, 1.0, rng);
        for n in 0..3 {
            let agency = self.add(format!("agency{n}"), Kind::Company, None);
            for hospital in &hospitals {
                if rng.random_bool(0.35) {
                    let share = if rng.random_bool(0.5) { 1.0 } else { rng.random_range(0.3..1.0) };
                    self.join(*hospital, agency, share, rng);
                }
            }
            for clerk in 0..2 {
                self.add(format!("clerk{n}{clerk}"), Kind::Person, Some(agency));
            }
        }
    }

    fn dag(&mut self, rng: &mut Chance) {
        let keepers = rng.random_range(10..=60);
        let sources = (keepers / 3).max(3);
        for place in 0..keepers {
            let kind = if place < sources { Kind::Hospital } else { *one_of(&[Kind::Agency, Kind::Company], rng) };
            self.add(format!("k{place:02}"), kind, None);
            if place < sources {
                continue;
            }
            let mut givers: Vec<usize> = (0..rng.random_range(1..=3)).map(|_| rng.random_range(0..place)).collect();
            givers.sort_unstable();
            givers.dedup();
            for from in givers {
                self.join(from, place, rng.random_range(0.2..=1.0), rng);
                let last = self.streams.len() - 1;
                if rng.random_bool(0.25) {
                    self.streams[last].since = Some(rng.random_range(30..250));
                }
                if rng.random_bool(0.25) {
                    self.streams[last].until = Some(rng.random_range(250..360));
                }
            }
        }
        let (rounds, most) = (rng.random_range(4..=8), if keepers > 35 { 3 } else { 6 });
        for keeper in 0..keepers {
            for _ in 0..rounds {
                let (day, count) = (rng.random_range(0.0..YEAR_DAYS), rng.random_range(1..=most));
                self.sowings.push(Sowing { keeper, day, count });
            }
        }
    }

    fn chain(&mut self, rng: &mut Chance) {
        let mut before: Option<usize> = None;
        for n in 0..6 {
            let link = self.add(format!("link{n}"), Kind::Company, None);
            if let Some(from) = before {
                self.join(from, link, 1.0, rng);
            }
            for branch in 0..rng.random_range(1..=2) {
                let side = self.add(format!("side{n}{branch}"), Kind::Company, None);
                let share = if rng.random_bool(0.5) { 1.0 } else { rng.random_range(0.3..1.0) };
                self.join(link, side, share, rng);
            }
            before = Some(link);
        }
    }

    fn monthly(&mut self, rng: &mut Chance, count: &dyn Fn(Kind) -> usize) {
        for (keeper, kept) in self.keepers.iter().enumerate() {
            for month in 0..12 {
                let day = f64::from(month) * YEAR_DAYS / 12.0 + rng.random_range(0.0..25.0);
                self.sowings.push(Sowing { keeper, day, count: count(kept.kind) });
            }
        }
    }
}
