//! Addresses nobody lives at, in the style of the list.
//!
//! Road, house number and compound are each drawn on their own, so that together they name no real door
//! though each part exists. [`like`] is for lists with a style to follow; [`home`] starts from nothing.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::places::{a_compound, a_road};
use super::tables::pick;
use super::{Culture, Place, rewrite_en, rewrite_zh};

/// An address in its parts; a part the list or the place does not have is empty or 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    pub province: String,
    pub city: String,
    pub district: String,
    pub road: String,
    pub number: u32,
    pub compound: String,
    pub building: u32,
    /// Room; in an English address the flat.
    pub room: u32,
}

/// The part an address text begins with; parts above it are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    Province,
    City,
    District,
    Road,
}

impl Address {
    /// Writes the address out: `西湖区东山弄569号文鼎苑12栋1101室`; `12 Oak Street, Flat 3` then district, city.
    pub fn text(&self, culture: Culture, start: StartAt) -> String {
        let above = match start {
            StartAt::Province => [self.province.as_str(), &self.city, &self.district],
            StartAt::City => ["", &self.city, &self.district],
            StartAt::District => ["", "", &self.district],
            StartAt::Road => ["", "", ""],
        };
        let mut above: Vec<&str> = above.into_iter().filter(|part| !part.is_empty()).collect();
        // Shanghai is its own province, and a city without districts its own district.
        above.dedup();
        match culture {
            Culture::Chinese => {
                let (road, compound) = (&self.road, &self.compound);
                format!("{}{road}{}号{compound}{}栋{}室", above.concat(), self.number, self.building, self.room)
            }
            Culture::English => {
                let flat = if self.room == 0 { String::new() } else { format!(", Flat {}", self.room) };
                let street = format!("{} {}{flat}", self.number, self.road);
                let parts: Vec<&str> = std::iter::once(street.as_str()).chain(above.into_iter().rev()).collect();
                parts.join(", ")
            }
        }
    }
}

/// Draws a home in the place; an unknown place gives roads that every town has, and no city.
pub fn home(culture: Culture, place: &Place, rng: &mut impl Rng) -> Address {
    let quarter = place.a_district(rng);
    let district = quarter.map_or(place.district(), |quarter| quarter.name).to_string();
    let (province, city) = (place.province().to_string(), place.city().to_string());
    match culture {
        Culture::Chinese => {
            let floor = up_to([(6, 0.5), (32, 0.5)], rng);
            Address {
                province,
                city,
                district,
                road: a_road(quarter, rng).to_string(),
                number: up_to([(99, 0.3), (999, 0.7)], rng),
                compound: a_compound(quarter, rng),
                building: up_to([(12, 0.6), (38, 0.4)], rng),
                room: floor * 100 + rng.random_range(1..=4),
            }
        }
        Culture::English => Address {
            province,
            city,
            district,
            road: rewrite_en::a_street(rng),
            number: rng.random_range(1..=180),
            compound: String::new(),
            building: 0,
            room: if rng.random_bool(0.35) { rng.random_range(1..=24) } else { 0 },
        },
    }
}

fn up_to(most: [(u32, f64); 2], rng: &mut impl Rng) -> u32 {
    let most = pick(most, rng);
    rng.random_range(1..=most)
}

/// Times a rewritten address is made again when it came out as the donor.
const REWRITES_MAX: usize = 8;

/// Rewrites a real address of the list into a new one of the same style.
///
/// The administrative prefix stays (a district of its own in `place` replaces the donor's); road, house
/// number, compound, building, unit and room change. Separators, widths and the signs of building and
/// room stay. None if the donor cannot be read as an address or holds a phone number; never the donor.
pub fn like(donor: &str, place: &Place, rng: &mut impl Rng) -> Option<String> {
    let is_chinese = donor.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
    for _ in 0..REWRITES_MAX {
        let rewritten =
            if is_chinese { rewrite_zh::rewrite(donor, place, rng)? } else { rewrite_en::rewrite(donor, rng)? };
        if rewritten != donor {
            return Some(rewritten);
        }
    }
    None
}
