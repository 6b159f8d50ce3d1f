//! Record numbers as the list has them: new ones lie in gaps between real ones that are written alike.
//!
//! Where a list is not in the order of its numbers, nothing else holds them in its range. A gap is entered no further than
//! gaps around are wide, so a day or year within a number stays one that real numbers have.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// Digits of a run that counts; a shorter last one may tell a kind.
const DIGITS_MIN: usize = 2;

/// Most digits of a run that counts, from the right.
const DIGITS_MAX: usize = 18;

/// Gaps on either side of the donor's number that are drawn among.
const NEAR: usize = 20;

/// Digits of a room: its floor, and two of its door.
const ROOM_DIGITS: std::ops::RangeInclusive<usize> = 3..=4;

/// Most doors of a floor, and rooms for each from which numbers are rooms.
const DOORS_MAX: usize = 24;
const ROOMS_PER_DOOR: usize = 3;

/// Tries to find a room that stands nowhere yet.
const TRIES: usize = 60;

/// The numbers of one column by what stands around them and how wide they are.
#[derive(Debug, Default)]
pub struct Ranges {
    by_shape: BTreeMap<(String, String, usize), Vec<u64>>,
}

impl Ranges {
    /// Learns the numbers of cells.
    pub fn of<'c>(cells: impl Iterator<Item = &'c str>) -> Ranges {
        let mut ranges = Ranges::default();
        for (before, digits, behind) in cells.filter_map(parts) {
            let Ok(number) = digits.parse() else { continue };
            let shape = (before.to_string(), behind.to_string(), digits.len());
            ranges.by_shape.entry(shape).or_default().push(number);
        }
        for numbers in ranges.by_shape.values_mut() {
            numbers.sort_unstable();
            numbers.dedup();
        }
        ranges
    }

    /// Draws a room, of a floor and with a door that others of the column have; nothing where numbers are no rooms.
    ///
    /// Where each door of each floor stands there already it is one of these.
    pub fn room(&self, donor: &str, rng: &mut impl Rng) -> Option<String> {
        let (before, _, behind) = parts(donor).filter(|(_, digits, _)| ROOM_DIGITS.contains(&digits.len()))?;
        let of_width = |width: usize| self.by_shape.get(&(before.to_string(), behind.to_string(), width));
        let rooms: Vec<u64> = ROOM_DIGITS.filter_map(of_width).flatten().copied().collect();
        if !are_rooms(rooms.iter().copied()) {
            return None;
        }
        let mut made = (0..TRIES).filter_map(|_| {
            let (floor, door) = (rooms.choose(rng)? / 100, rooms.choose(rng)? % 100);
            Some(floor * 100 + door)
        });
        let made = made.find(|room| !rooms.contains(room)).or_else(|| rooms.choose(rng).copied())?;
        Some(format!("{before}{made}{behind}"))
    }

    /// Draws a number between two that stand near the donor's; nothing where there is no room.
    pub fn between(&self, donor: &str, rng: &mut impl Rng) -> Option<String> {
        let (before, digits, behind) = parts(donor)?;
        let number: u64 = digits.parse().ok()?;
        let numbers = self.by_shape.get(&(before.to_string(), behind.to_string(), digits.len()))?;
        let zeros = numbers.iter().map(|number| closing_zeros(*number)).min()?;
        let step = 10_u64.pow(zeros);
        let own = numbers.partition_point(|other| *other < number);
        let around = &numbers[own.saturating_sub(NEAR)..(own + NEAR).min(numbers.len())];
        let mut wide: Vec<u64> = around.windows(2).map(|pair| pair[1] - pair[0]).collect();
        wide.sort_unstable();
        let usual = *wide.get(wide.len() / 2)?;
        let gaps: Vec<(u64, u64)> = around.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let roomy: Vec<&(u64, u64)> = gaps.iter().filter(|(low, high)| (high - low) / step > 1).collect();
        let (low, high) = roomy.get(rng.random_range(0..roomy.len().max(1)))?;
        let steps = ((high - low) / step - 1).min((usual / step).max(1));
        let made = low + step * rng.random_range(1..=steps);
        Some(format!("{before}{made:0width$}{behind}", width = digits.len()))
    }
}

/// Tells whether different numbers are rooms: a few doors on each of several floors.
pub fn are_rooms(numbers: impl Iterator<Item = u64>) -> bool {
    let mut doors = BTreeSet::new();
    let rooms = numbers.filter(|room| (100..10_000).contains(room)).inspect(|room| {
        doors.insert(room % 100);
    });
    let rooms = rooms.count();
    doors.len() <= DOORS_MAX && rooms > 0 && rooms >= doors.len() * ROOMS_PER_DOOR
}

fn closing_zeros(number: u64) -> u32 {
    number.to_string().bytes().rev().take_while(|digit| *digit == b'0').count() as u32
}

/// Cuts a cell around its last long run of digits.
fn parts(cell: &str) -> Option<(&str, &str, &str)> {
    let bytes = cell.as_bytes();
    let mut end = bytes.len();
    while end > 0 {
        let start = bytes[..end].iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
        if end - start >= DIGITS_MIN {
            let start = start.max(end.saturating_sub(DIGITS_MAX));
            return Some((cell.get(..start)?, cell.get(start..end)?, cell.get(end..)?));
        }
        end = start.saturating_sub(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn new_numbers_lie_between_real_ones_written_alike() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let real: Vec<String> = (0..200)
            .map(|n| format!("ZY{}", 268_597 + n * 22))
            .chain((0..50).map(|n| format!("26-{:05}", 400 + n * 30)))
            .collect();
        let ranges = Ranges::of(real.iter().map(String::as_str));
        for _ in 0..200 {
            let made = ranges.between("ZY268597", &mut rng).expect("room");
            let number: u64 = made.strip_prefix("ZY").expect("the prefix").parse().expect("a number");
            assert!((268_597..=268_597 + 199 * 22).contains(&number), "{made}");
            let made = ranges.between("26-00450", &mut rng).expect("room");
            assert!(made.starts_with("26-0") && made.len() == 8 && made.ends_with('0'), "{made}");
        }
        assert_eq!(ranges.between("QX268597", &mut rng), None, "nothing is written so");
        assert_eq!(ranges.between("无", &mut rng), None);
    }

    #[test]
    fn rooms_keep_to_floors_and_doors_of_the_list() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let real: Vec<String> = (0..90).map(|n| format!("{}室", (2 + n * 7 % 18) * 100 + 1 + n % 6)).collect();
        let ranges = Ranges::of(real.iter().map(String::as_str));
        for donor in &real {
            let made = ranges.room(donor, &mut rng).expect("a room");
            let room: u64 = made.trim_end_matches('室').parse().expect("a number");
            assert!((2..20).contains(&(room / 100)) && (1..7).contains(&(room % 100)), "{made}");
        }
        let counted: Vec<String> = (100..400).map(|n| n.to_string()).collect();
        assert_eq!(Ranges::of(counted.iter().map(String::as_str)).room("150", &mut rng), None);
    }

    #[test]
    fn a_day_within_a_number_stays_a_day() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let real: Vec<String> = (0..60).map(|n| format!("202608{:02}{:04}", 1 + n / 4, n % 4 * 7 + 1)).collect();
        let ranges = Ranges::of(real.iter().map(String::as_str));
        for donor in &real {
            let made = ranges.between(donor, &mut rng).expect("room");
            let day: u32 = made[6..8].parse().expect("a day");
            assert!(made.starts_with("202608") && (1..=15).contains(&day), "{made}");
        }
    }
}
