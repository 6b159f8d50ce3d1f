//! Words for addresses: the roads and compounds of a district.
//!
//! What the list itself names comes first; the tables know seven cities only, and elsewhere give names that
//! any Chinese town could have. A name new to the list must turn up too, or its absence tells.

use std::collections::HashMap;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::country::{COUNTRY, District};
use super::reading_zh::{Piece, read};

/// Share of names taken from the list where it names some.
const HEARD_SHARE: f64 = 0.75;

/// Least number of roads the table must know for a district to go without common ones.
const ROADS_ENOUGH: usize = 12;

/// What the list's own addresses name, by district as they write it, repeats kept as frequencies.
#[derive(Debug, Default)]
pub(super) struct Heard {
    by_district: HashMap<String, Names>,
    nothing: Names,
}

/// Roads and compounds.
#[derive(Debug, Default)]
pub(super) struct Names {
    roads: Vec<String>,
    compounds: Vec<String>,
}

impl Heard {
    /// Takes the roads and compounds out of the addresses.
    pub fn listen<'a>(addresses: impl Iterator<Item = &'a str>) -> Heard {
        let mut heard = Heard::default();
        for address in addresses {
            let Some(pieces) = read(address) else { continue };
            let district = pieces.iter().rev().find_map(Piece::region).unwrap_or_default();
            let names = heard.by_district.entry(district.to_string()).or_default();
            for piece in pieces {
                if let Piece::Road(name) = piece {
                    names.roads.push(name.to_string());
                } else if let Piece::Compound(name) = piece {
                    names.compounds.push(name.to_string());
                }
            }
        }
        heard
    }

    /// Gives what was heard of a district; of no district, what addresses without one name.
    pub fn of(&self, district: &str) -> &Names {
        self.by_district.get(district).unwrap_or(&self.nothing)
    }
}

/// The words for addresses of one district.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'p> {
    pub district: Option<&'static District>,
    pub heard: &'p Names,
}

impl Words<'_> {
    /// Draws a road.
    pub fn road(&self, rng: &mut impl Rng) -> String {
        if let Some(road) = self.heard.roads.choose(rng).filter(|_| rng.random_bool(HEARD_SHARE)) {
            return road.clone();
        }
        let own = self.district.map_or(&[][..], |district| &district.roads);
        let others = if own.len() < ROADS_ENOUGH { ROADS_ENOUGH / 2 } else { 0 };
        if let Some(road) = own.get(rng.random_range(0..own.len() + others)) {
            return road.to_string();
        }
        let is_unknown = own.is_empty() && rng.random_bool(0.5);
        let others = if is_unknown { &COUNTRY.roads } else { &COUNTRY.common_roads };
        others[rng.random_range(0..others.len())].to_string()
    }

    /// Draws a compound: the list's, the district's, or one put together from the words of others.
    pub fn compound(&self, rng: &mut impl Rng) -> String {
        if let Some(compound) = self.heard.compounds.choose(rng).filter(|_| rng.random_bool(HEARD_SHARE)) {
            return compound.clone();
        }
        let own = self.district.map_or(&[][..], |district| &district.compounds);
        if own.len() > 3 && rng.random_bool(0.6) {
            return own[rng.random_range(0..own.len())].to_string();
        }
        let stem = COUNTRY.stems.choose(rng).copied().unwrap_or("新华");
        let suffix = COUNTRY.suffixes.choose(rng).copied().unwrap_or("花园");
        format!("{stem}{suffix}")
    }
}
