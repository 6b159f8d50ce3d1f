//! Record numbers as the list has them: new ones lie in gaps between real ones that are written alike.
//!
//! Where a list is not in the order of its numbers, nothing else holds them in its range. Whoever sorts by them sees gaps, so
//! the two new ones should be as usual as the one they replace; a wide gap is entered no further than gaps usually are wide, so a
//! day or year within a number stays one that real numbers have. Numbers that are given in one order and listed in another that is
//! nearly the same (given at admission, listed by birth) stand near their neighbours': a new one stands as far from them as real ones do.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand::seq::IndexedRandom;

use crate::list::profile::Gaps;

/// Digits of a run that counts; a shorter last one may tell a kind.
const DIGITS_MIN: usize = 2;

/// Most digits of a run that counts, from the right.
const DIGITS_MAX: usize = 18;

/// Gaps on either side of the number that a new one is near to that are drawn among, at least and at most.
const NEAR: (usize, usize) = (2, 20);

/// Neighbours that must be known before a new number is placed beside its own.
const MOVES_MIN: usize = 20;

/// Digits of a room: its floor, and two of its door.
const ROOM_DIGITS: std::ops::RangeInclusive<usize> = 3..=4;

/// Most doors of a floor, and rooms for each from which numbers are rooms.
const DOORS_MAX: usize = 24;
const ROOMS_PER_DOOR: usize = 3;

/// Tries to find a rank that there is, or a room that stands nowhere yet.
const TRIES: usize = 60;

/// The numbers of one column by what stands around them and how wide they are.
#[derive(Debug, Default)]
pub struct Ranges {
    by_shape: BTreeMap<(String, String, usize), Numbers>,
}

/// Numbers written alike.
#[derive(Debug, Default)]
struct Numbers {
    /// Rising; all of them a multiple of `step`, and counted in it.
    sorted: Vec<i64>,
    step: i64,
    gaps: Gaps,
    /// How many numbers lie between those of neighbouring rows, one way or the other.
    moves: Vec<i64>,
    near: usize,
}

impl Ranges {
    /// Learns the numbers of cells, and how they go on from a row to the next of its kind.
    pub fn of<'c>(cells: impl Iterator<Item = &'c str>, pairs: impl Iterator<Item = (&'c str, &'c str)>) -> Ranges {
        let mut ranges = Ranges::default();
        for (before, digits, behind) in cells.filter_map(parts) {
            let Ok(number) = digits.parse() else { continue };
            ranges.by_shape.entry(shape((before, digits, behind))).or_default().sorted.push(number);
        }
        ranges.by_shape.values_mut().for_each(Numbers::settle);
        for (above, below) in pairs.filter_map(|(above, below)| Some((parts(above)?, parts(below)?))) {
            let (Some(numbers), true) = (ranges.by_shape.get_mut(&shape(above)), shape(above) == shape(below)) else {
                continue;
            };
            if let (Ok(above), Ok(below)) = (above.1.parse(), below.1.parse()) {
                numbers.moves.push(numbers.rank(below) as i64 - numbers.rank(above) as i64);
            }
        }
        ranges.by_shape.values_mut().for_each(Numbers::settle_moves);
        ranges
    }

    /// Draws a room, of a floor and with a door that others of the column have; nothing where numbers are no rooms.
    ///
    /// Where each door of each floor stands there already it is one of these.
    pub fn room(&self, donor: &str, rng: &mut impl Rng) -> Option<String> {
        let (before, _, behind) = parts(donor).filter(|(_, digits, _)| ROOM_DIGITS.contains(&digits.len()))?;
        let of_width = |width: usize| self.by_shape.get(&(before.to_string(), behind.to_string(), width));
        let all = ROOM_DIGITS.filter_map(of_width).flat_map(|numbers| numbers.sorted.iter().map(|n| n * numbers.step));
        let rooms: Vec<i64> = all.collect();
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

    /// Draws a number written as the donor's, between two that stand as far from the row's neighbour `beside` as neighbours do, or near
    /// the donor's where that is not known; nothing where there is no room.
    pub fn between(&self, donor: &str, beside: &str, rng: &mut impl Rng) -> Option<String> {
        let own = parts(donor)?;
        let numbers = self.by_shape.get(&shape(own))?;
        let beside = parts(beside).filter(|other| shape(*other) == shape(own) && numbers.moves.len() >= MOVES_MIN);
        let rank = match beside {
            Some((_, digits, _)) => numbers.moved(numbers.rank(digits.parse().ok()?), rng),
            None => numbers.rank(own.1.parse().ok()?),
        };
        let made = numbers.near(rank, rng)?;
        Some(format!("{}{made:0width$}{}", own.0, own.2, width = own.1.len()))
    }
}

/// What numbers that are written alike share.
fn shape((before, digits, behind): (&str, &str, &str)) -> (String, String, usize) {
    (before.to_string(), behind.to_string(), digits.len())
}

impl Numbers {
    fn settle(&mut self) {
        self.sorted.sort_unstable();
        self.sorted.dedup();
        let zeros = self.sorted.iter().map(|number| closing_zeros(*number)).min().unwrap_or(0);
        self.step = 10_i64.pow(zeros);
        self.sorted.iter_mut().for_each(|number| *number /= self.step);
        self.sorted.windows(2).for_each(|pair| self.gaps.see(pair[1] - pair[0]));
    }

    /// Takes the reach of a draw from how far neighbours usually are from each other.
    fn settle_moves(&mut self) {
        let mut ways: Vec<u64> = self.moves.iter().map(|way| way.unsigned_abs()).collect();
        ways.sort_unstable();
        self.near = ways.get(ways.len() / 2).map_or(NEAR.1, |way| (*way as usize).clamp(NEAR.0, NEAR.1));
    }

    /// Counts the numbers below this one.
    fn rank(&self, number: i64) -> usize {
        self.sorted.partition_point(|other| *other < number / self.step)
    }

    /// Goes from a rank as far as neighbours are apart, to a rank that there is.
    fn moved(&self, rank: usize, rng: &mut impl Rng) -> usize {
        let there = |way: &i64| (rank as i64 + way).try_into().ok().filter(|to: &usize| *to < self.sorted.len());
        (0..TRIES).find_map(|_| there(self.moves.choose(rng)?)).unwrap_or(rank)
    }

    /// Draws a number that nobody has in a gap near a rank, a gap the more often the better one more fits there.
    fn near(&self, own: usize, rng: &mut impl Rng) -> Option<i64> {
        let around = &self.sorted[own.saturating_sub(self.near)..(own + self.near).min(self.sorted.len())];
        let fitting = around.windows(2).filter_map(|pair| self.gaps.between(pair[0], pair[1], rng));
        let fitting: Vec<(i64, f64)> = fitting.collect();
        let Ok((made, _)) = fitting.choose_weighted(rng, |(_, weight)| *weight) else { return None };
        Some(made * self.step)
    }
}

/// Tells whether different numbers are rooms: a few doors on each of several floors.
pub fn are_rooms(numbers: impl Iterator<Item = i64>) -> bool {
    let mut doors = BTreeSet::new();
    let rooms = numbers.filter(|room| (100..10_000).contains(room)).inspect(|room| {
        doors.insert(room % 100);
    });
    let rooms = rooms.count();
    doors.len() <= DOORS_MAX && rooms > 0 && rooms >= doors.len() * ROOMS_PER_DOOR
}

fn closing_zeros(number: i64) -> u32 {
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
    use rand::rngs::ChaCha20Rng;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn new_numbers_lie_between_real_ones_written_alike() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let real: Vec<String> = (0..200)
            .map(|n| format!("ZY{}", 268_597 + n * 22))
            .chain((0..50).map(|n| format!("26-{:05}", 400 + n * 30)))
            .collect();
        let ranges = Ranges::of(real.iter().map(String::as_str), std::iter::empty());
        for _ in 0..200 {
            let made = ranges.between("ZY268597", "", &mut rng).expect("room");
            let number: u64 = made.strip_prefix("ZY").expect("the prefix").parse().expect("a number");
            assert!((268_597..=268_597 + 199 * 22).contains(&number), "{made}");
            let made = ranges.between("26-00450", "无", &mut rng).expect("room");
            assert!(made.starts_with("26-0") && made.len() == 8 && made.ends_with('0'), "{made}");
        }
        assert_eq!(ranges.between("QX268597", "", &mut rng), None, "nothing is written so");
        assert_eq!(ranges.between("无", "", &mut rng), None);
    }

    #[test]
    fn rooms_keep_to_floors_and_doors_of_the_list() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let real: Vec<String> = (0..90).map(|n| format!("{}室", (2 + n * 7 % 18) * 100 + 1 + n % 6)).collect();
        let ranges = Ranges::of(real.iter().map(String::as_str), std::iter::empty());
        for donor in &real {
            let made = ranges.room(donor, &mut rng).expect("a room");
            let room: u64 = made.trim_end_matches('室').parse().expect("a number");
            assert!((2..20).contains(&(room / 100)) && (1..7).contains(&(room % 100)), "{made}");
        }
        let counted: Vec<String> = (100..400).map(|n| n.to_string()).collect();
        assert_eq!(Ranges::of(counted.iter().map(String::as_str), std::iter::empty()).room("150", &mut rng), None);
    }

    #[test]
    fn a_day_within_a_number_stays_a_day() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let real: Vec<String> = (0..60).map(|n| format!("202608{:02}{:04}", 1 + n / 4, n % 4 * 7 + 1)).collect();
        let ranges = Ranges::of(real.iter().map(String::as_str), std::iter::empty());
        for donor in &real {
            let made = ranges.between(donor, "", &mut rng).expect("room");
            let day: u32 = made[6..8].parse().expect("a day");
            assert!(made.starts_with("202608") && (1..=15).contains(&day), "{made}");
        }
    }

    /// How far a new number is from its neighbour's, in ranks, at the median and at most, where rows are shuffled by up to `reach` ranks.
    fn ways(reach: f64) -> [(usize, usize); 2] {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let mut rows: Vec<(f64, u64)> =
            (0..400_u64).map(|n| (n as f64 + rng.random_range(0.0..=reach), 26_010_000 + n * 3 + n % 2)).collect();
        let ids: Vec<u64> = rows.iter().map(|row| row.1).collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let cells: Vec<String> = rows.iter().map(|row| row.1.to_string()).collect();
        let pairs = || cells.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str()));
        let ranges = Ranges::of(cells.iter().map(String::as_str), pairs());
        let rank = |cell: &str| ids.partition_point(|id| *id < cell.parse().expect("a number"));
        let summed = |mut ways: Vec<usize>| {
            ways.sort_unstable();
            (ways[ways.len() / 2], ways[ways.len() - 1])
        };
        let real = pairs().map(|(above, below)| rank(above).abs_diff(rank(below))).collect();
        let new = (cells.iter().zip(cells.iter().rev()))
            .map(|(above, donor)| rank(above).abs_diff(rank(&ranges.between(donor, above, &mut rng).expect("room"))))
            .collect();
        [summed(real), summed(new)]
    }

    #[test]
    fn new_numbers_stand_as_far_from_their_neighbours_as_real_ones() {
        for reach in [5.0, 40.0] {
            let [real, new] = ways(reach);
            assert!(new.1 <= real.1 + 20 && new.0 <= 2 * real.0 + 2, "{reach}: {real:?} {new:?}");
        }
        let [real, new] = ways(1e6);
        assert!(2 * new.0 > real.0, "rows in no order: {real:?} {new:?}");
    }
}
