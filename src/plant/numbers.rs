//! Which numbers of the pool go into a list.
//!
//! No two within 1,000 of each other (a block of numbers is the surest sign of a canary), none that stands in
//! the list, and mostly those with prefixes that are usual there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use super::error::PlantError;
use super::turing::Counts;
use crate::list::digits;
use crate::list::profile::Profile;
use crate::phone::Number;

/// Numbers of one list are further apart than this.
const APART: u64 = 1_000;

/// Digits of a prefix: of which operator.
const PREFIX_DIGITS: usize = 3;

/// Digits of a segment: bought where; all but the last four of a shorter number.
pub const SEGMENT_DIGITS: usize = 7;

/// Last digits that people choose by.
const TAIL_DIGITS: usize = 4;

/// The number of a canary, and those of further phones in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowNumbers {
    pub first: Number,
    pub others: Vec<Number>,
}

/// Numbers that fit the list and each other, in random order.
pub struct Chosen(Vec<Number>);

impl Chosen {
    /// Counts what is left when each of `count` rows has a number.
    pub fn beside(&self, count: usize) -> usize {
        self.0.len().saturating_sub(count)
    }

    /// Gives each row a number and as many others as it needs; any of the rows gets any of the needs.
    pub fn rows(mut self, mut needs: Vec<usize>, rng: &mut impl Rng) -> Vec<RowNumbers> {
        let mut others = self.0.split_off(needs.len()).into_iter();
        needs.shuffle(rng);
        let row = |(first, need): (Number, usize)| RowNumbers { first, others: others.by_ref().take(need).collect() };
        self.0.into_iter().zip(needs).map(row).collect()
    }

    /// Gives the numbers, one a canary.
    pub fn single(self) -> impl Iterator<Item = Number> {
        self.0.into_iter()
    }
}

/// Chooses `count` numbers that fit the list and `seconds` more, fewer of these if there are no more.
pub fn choose(
    numbers: &[Number],
    (count, seconds): (usize, usize),
    profile: Option<&Profile>,
    rng: &mut impl Rng,
) -> Result<Chosen, PlantError> {
    let standing: HashSet<u64> = profile.iter().flat_map(|profile| &profile.watched).map(|seen| seen.digits).collect();
    let mut offers = Vec::with_capacity(numbers.len());
    for number in numbers {
        let national = number.as_dialled();
        if let Ok(value) = national.parse::<u64>()
            && !standing.contains(&value)
        {
            let stands = profile.is_some_and(|profile| profile.segments.may_hold(value));
            offers.push(Offer { segment: segment(national), value, stands, number });
        }
    }
    offers.shuffle(rng);
    let segments = profile.map(segments).filter(|segments| segments.total() > 0);
    let mut shelf = Shelf::new(offers, segments.as_ref(), profile.map_or(0.0, fours));
    let mut taken = BTreeSet::new();
    let mut chosen = Vec::with_capacity(count + seconds);
    while chosen.len() < count + seconds {
        let Some(offer) = shelf.take(segments.as_ref(), rng) else { break };
        let near = offer.value.saturating_sub(APART)..=offer.value.saturating_add(APART);
        if taken.range(near).next().is_none() {
            taken.insert(offer.value);
            chosen.push(offer.number.clone());
        }
    }
    if chosen.len() < count {
        return Err(PlantError::TooFewNumbers { needs: count, has: chosen.len() });
    }
    Ok(Chosen(chosen))
}

/// Tells whether two numbers may go into one list.
pub fn are_apart(one: &Number, other: &Number) -> bool {
    value(one).abs_diff(value(other)) > APART
}

/// Counts the most numbers that may go into one list together.
pub fn how_many_apart(numbers: &[Number]) -> usize {
    let mut values: Vec<u64> = numbers.iter().map(value).collect();
    values.sort_unstable();
    let (mut last, mut count) = (None, 0);
    for value in values {
        if last.is_none_or(|last| value - last > APART) {
            (last, count) = (Some(value), count + 1);
        }
    }
    count
}

fn value(number: &Number) -> u64 {
    number.as_dialled().parse().unwrap_or(u64::MAX)
}

/// A number of the pool that may be used.
struct Offer<'n> {
    segment: Cow<'n, str>,
    value: u64,
    /// Whether its segment stands in the list, in a row that was not sampled perhaps.
    stands: bool,
    number: &'n Number,
}

/// The numbers of the pool by how they would look in the list.
struct Shelf<'n> {
    /// Of segments that the list has, by how often it has them.
    known: BTreeMap<(u32, String), Vec<Offer<'n>>>,
    /// Of segments that it has not, by prefix.
    new: BTreeMap<String, Vec<Offer<'n>>>,
    /// How many there are on all shelves.
    left: usize,
    /// Share of the list's numbers with a 4 among the last digits; buyers of numbers avoid it in some places.
    fours: f64,
}

impl<'n> Shelf<'n> {
    fn new(offers: Vec<Offer<'n>>, segments: Option<&Counts<String>>, fours: f64) -> Shelf<'n> {
        let mut shelf = Shelf { known: BTreeMap::new(), new: BTreeMap::new(), left: offers.len(), fours };
        for offer in offers {
            let sampled = segments.map_or(0, |segments| segments.count(&offer.segment.to_string()));
            let count = sampled.max(u32::from(offer.stands && segments.is_some()));
            if count > 0 {
                shelf.known.entry((count, offer.segment.to_string())).or_default().push(offer);
            } else if let Some(others) = shelf.new.get_mut(prefix(&offer.segment)) {
                others.push(offer);
            } else {
                shelf.new.insert(prefix(&offer.segment).to_string(), vec![offer]);
            }
        }
        shelf
    }

    /// Takes the number that is most like the next row's would be: its segment as usual there, else its prefix.
    fn take(&mut self, segments: Option<&Counts<String>>, rng: &mut impl Rng) -> Option<Offer<'n>> {
        const TRIES: usize = 200;
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let known = segments.is_some_and(|segments| segments.draw(rng).is_some());
        let four = rng.random_bool(self.fours);
        let found = segments.and_then(|segments| {
            if known {
                let drawn = (0..TRIES).find_map(|_| segments.draw(rng))?;
                return self.of_known((segments.count(drawn), drawn.clone()), four);
            }
            (0..TRIES).find_map(|_| {
                let shelf = self.new.get_mut(prefix(segments.single(rng)?));
                shelf.and_then(|left| take_tail(left, four))
            })
        });
        found.or_else(|| self.any(segments, rng))
    }

    /// Takes a number of a segment that the list has, or of one that stands there about as often.
    fn of_known(&mut self, wanted: (u32, String), four: bool) -> Option<Offer<'n>> {
        let above = self.known.range(wanted.clone()..).next().map(|(key, _)| key.clone());
        let below = self.known.range(..wanted.clone()).next_back().map(|(key, _)| key.clone());
        let nearer = match (above, below) {
            (Some(above), Some(below)) if wanted.0 - below.0 < above.0 - wanted.0 => below,
            (Some(above), _) => above,
            (None, below) => below?,
        };
        let left = self.known.get_mut(&nearer)?;
        let taken = take_tail(left, four);
        if left.is_empty() {
            self.known.remove(&nearer);
        }
        taken
    }

    /// Takes any number, of a usual prefix if there is one.
    fn any(&mut self, segments: Option<&Counts<String>>, rng: &mut impl Rng) -> Option<Offer<'n>> {
        const TRIES: usize = 30;
        let usual = (0..TRIES).find_map(|_| {
            let wanted = prefix(segments?.any(rng)?).to_string();
            let of_new = self.new.get_mut(&wanted).and_then(Vec::pop);
            of_new.or_else(|| {
                let mut known =
                    self.known.iter_mut().filter(|((_, segment), left)| prefix(segment) == wanted && !left.is_empty());
                known.next().and_then(|(_, left)| left.pop())
            })
        });
        usual.or_else(|| {
            let shelves = self.known.values_mut().chain(self.new.values_mut());
            let mut filled: Vec<&mut Vec<Offer<'n>>> = shelves.filter(|left| !left.is_empty()).collect();
            let at = rng.random_range(0..filled.len().max(1));
            filled.get_mut(at).and_then(|left| left.pop())
        })
    }
}

/// Takes a number with or without a 4 among its last digits, if there is one.
fn take_tail<'n>(left: &mut Vec<Offer<'n>>, four: bool) -> Option<Offer<'n>> {
    let fits = left.iter().rposition(|offer| has_four(offer.value) == four);
    fits.or(left.len().checked_sub(1)).map(|at| left.swap_remove(at))
}

fn has_four(value: u64) -> bool {
    value.to_string().bytes().rev().take(TAIL_DIGITS).any(|digit| digit == b'4')
}

/// Counts the numbers of the sampled rows that have a 4 among their last digits, as a share.
fn fours(profile: &Profile) -> f64 {
    let Some(phone) = profile.position(crate::list::Meaning::Phone) else { return 0.0 };
    let groups = profile.crowd.iter().filter_map(|row| digits::groups(row.cell(phone)).into_iter().next());
    let (mut all, mut with) = (0_u32, 0_u32);
    for group in groups {
        all += 1;
        with += u32::from(has_four(group.value));
    }
    f64::from(with) / f64::from(all.max(1))
}

fn segment(national: Cow<'_, str>) -> Cow<'_, str> {
    let digits = SEGMENT_DIGITS.min(national.len().saturating_sub(4));
    match national {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..digits).unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(digits);
            Cow::Owned(text)
        }
    }
}

fn prefix(segment: &str) -> &str {
    segment.get(..PREFIX_DIGITS).unwrap_or(segment)
}

/// Counts the segments of the sampled rows' phones.
fn segments(profile: &Profile) -> Counts<String> {
    let phone = profile.position(crate::list::Meaning::Phone);
    let cells = profile.crowd.iter().filter_map(|row| Some(row.cell(phone?)));
    let groups = cells.flat_map(|cell| digits::groups(cell).into_iter());
    let national = groups.map(|group| digits::national_forms(group).next().unwrap_or(group.value).to_string());
    Counts::of(national.map(|national| segment(national.into()).into_owned()), profile.rows_per_sampled())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::Region;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn numbers(tails: impl Iterator<Item = u64>) -> Vec<Number> {
        let number =
            |tail: u64| Number::parse(&(13_800_000_000 + tail).to_string(), Region::default()).expect("a number");
        tails.map(number).collect()
    }

    #[test]
    fn numbers_that_are_far_apart_are_counted() {
        let numbers = |step: u64| -> Vec<Number> {
            (0..50).map(|nth| Number::from_e164(&format!("+86138{:08}", nth * step)).expect("a test number")).collect()
        };
        assert_eq!(how_many_apart(&numbers(1_001)), 50);
        assert_eq!(how_many_apart(&numbers(1_000)), 25);
        assert_eq!(how_many_apart(&numbers(1)), 1);
    }

    #[test]
    fn neighbours_in_a_block_never_go_together() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let pool = numbers((0..50).map(|n| n * 400));
        let needs = vec![2, 1, 0, 0, 0, 0, 0, 0];
        let chosen = choose(&pool, (8, 3), None, &mut rng).expect("enough").rows(needs, &mut rng);
        let mut others: Vec<usize> = chosen.iter().map(|row| row.others.len()).collect();
        others.sort_unstable();
        assert_eq!(others, [0, 0, 0, 0, 0, 0, 1, 2]);
        let all = chosen.iter().flat_map(|row| std::iter::once(&row.first).chain(&row.others));
        let mut values: Vec<u64> = all.map(|n| n.national().parse().expect("digits")).collect();
        values.sort_unstable();
        assert!(values.windows(2).all(|pair| pair[1] - pair[0] > APART));
        let all = choose(&numbers(0..50), (2, 0), None, &mut rng).map(|chosen| chosen.single().count());
        assert_eq!(all, Err(PlantError::TooFewNumbers { needs: 2, has: 1 }));
    }

    #[test]
    fn a_shelf_gives_segments_as_usual_as_those_drawn_and_new_ones_at_the_lists_rate() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let own = (0..900).map(|row| if row < 600 { "1380000".to_string() } else { format!("138{row:04}") });
        let segments = Counts::of(own, 1.0);
        let pool = numbers(
            (0..400)
                .map(|n| n * 17)
                .chain((0..400).map(|n| 6_000_000 + n * 7_919))
                .chain((5_000..5_400).map(|n| n * 10_000)),
        );
        let offer = |number| Offer { segment: segment(Number::as_dialled(number)), value: 0, stands: false, number };
        let mut shelf = Shelf::new(pool.iter().map(offer).collect(), Some(&segments), 0.5);
        let taken = (0..90).filter_map(|_| shelf.take(Some(&segments), &mut rng));
        let drawn: Vec<String> = taken.map(|offer| offer.segment.into_owned()).collect();
        let usual = drawn.iter().filter(|segment| *segment == "1380000").count();
        let new = drawn.iter().filter(|segment| segments.count(segment) == 0).count();
        assert!((48..72).contains(&usual) && (18..42).contains(&new), "{usual} usual, {new} new");
    }
}
