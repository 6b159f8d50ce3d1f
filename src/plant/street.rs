//! Addresses of the list's own words: roads and compounds as it has them, numbers that nobody there lives at.
//!
//! An address is a chain of texts with numbers between. Each link is drawn as the list goes on from the links before it
//! (a compound stays on its road), and is new to the list as often as a real row's link is; a new link is taken from
//! elsewhere in the same district. Only a text that stands nowhere is made from the tables.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use rand::{Rng, RngExt};

use super::range::are_rooms;
use super::turing::Counts;
use crate::persona::{self, Place};

/// Rows from which the list can tell how it names places.
const ROWS_MIN: usize = 30;

/// Rows with the same words around a number from which its numbers are drawn.
const NUMBERS_MIN: u32 = 12;

/// Most links of an address.
const LINKS_MAX: usize = 16;

/// Times a link is drawn again that would not be new where it must be.
const TRIES: usize = 30;

/// Words that end the part of an address which names a district.
const AREA_ENDS: [char; 6] = ['区', '县', '市', '镇', '旗', '乡'];

/// Characters among which the end of the district is looked for.
const AREA_CHARS_MAX: usize = 14;

/// The addresses of one column.
#[derive(Default)]
pub struct Streets<'p> {
    /// What follows on the texts so far, by their hash.
    texts: HashMap<u64, Counts<Link<'p>>>,
    /// What stands at a place of the chain in a district, and anywhere.
    around: HashMap<u64, Counts<Link<'p>>>,
    /// What number follows on the whole chain of texts and the numbers so far.
    numbers: HashMap<u64, Counts<&'p str>>,
    /// What numbers stand between two texts, and behind the sign of one.
    between: HashMap<u64, Counts<&'p str>>,
    /// Keys of `between` under which floors and doors stand.
    rooms: HashSet<u64>,
}

/// A text of a chain, and whether it is the last, so that an end is a link like any other.
type Link<'p> = (&'p str, bool);

/// An address in its links: one text more than numbers; the first and the last text may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Chain<'p> {
    texts: Vec<Link<'p>>,
    numbers: Vec<&'p str>,
}

impl<'p> Chain<'p> {
    fn of(address: &'p str) -> Chain<'p> {
        let mut chain = Chain::default();
        let mut rest = address;
        loop {
            let end = rest.find(is_digit).unwrap_or(rest.len());
            chain.texts.push((&rest[..end], end == rest.len()));
            if end == rest.len() {
                return chain;
            }
            rest = &rest[end..];
            let end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
            chain.numbers.push(&rest[..end]);
            rest = &rest[end..];
        }
    }
}

/// Puts an address together.
fn written<'t>(texts: impl Iterator<Item = &'t str>, numbers: &[Cow<'_, str>]) -> String {
    texts.enumerate().flat_map(|(at, text)| [text, numbers.get(at).map_or("", AsRef::as_ref)]).collect()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

fn area(text: &str) -> &str {
    let ends = text.char_indices().take(AREA_CHARS_MAX).filter(|(_, c)| AREA_ENDS.contains(c));
    ends.last().map_or("", |(at, c)| &text[..at + c.len_utf8()])
}

/// Hashes a beginning of a chain, link by link.
fn key<T: Hash>(kind: &str, parts: &[T]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, parts).hash(&mut hasher);
    hasher.finish()
}

/// Draws the last two digits of a number again; the first digit stays.
fn another(number: &str, rng: &mut impl Rng) -> String {
    let count = number.chars().count();
    let changed = number.chars().enumerate().map(|(at, c)| match c {
        '0'..='9' if count == 1 || at > 0 && at + 2 >= count => {
            char::from(b'0' + rng.random_range(u8::from(count == 1)..10))
        }
        c => c,
    });
    changed.collect()
}

/// Puts the first digits of a number before the last two of another: floors and doors stay those the list has.
fn crossed(one: &str, other: &str) -> Option<String> {
    let parted = |number: &str| number.char_indices().nth_back(1).map(|(at, _)| at).filter(|at| *at > 0);
    Some(format!("{}{}", &one[..parted(one)?], &other[parted(other)?..]))
}

fn number_keys(texts: &[Link<'_>], at: usize) -> [u64; 2] {
    let ((before, _), (after, _)) = (texts[at], texts[at + 1]);
    let signs = [before.chars().next_back(), after.chars().next()];
    [key("near", &[(before, at), (after, at)]), key("far", &[(signs[0], at), (signs[1], at)])]
}

fn numbers_key<T: Hash>(texts: &[Link<'_>], numbers: &[T]) -> u64 {
    key("numbers", &[key("texts", texts), key("sofar", numbers)])
}

/// The texts of an address with a flat go on otherwise than those of one without, but both begin alike.
fn texts_key(texts: &[Link<'_>], length: usize) -> u64 {
    key("texts", &[key("sofar", texts), if texts.is_empty() { 0 } else { length as u64 }])
}

fn around_keys(area: &str, at: usize, length: usize) -> [u64; 2] {
    [key("area", &[(area, at, length)]), key("any", &[(at, length)])]
}

/// Counts what stands under each key; what stands alone under its key is left out, for nothing follows from it.
fn counted<T: Ord + Clone>(mut found: Vec<(u64, T)>, newness: f64) -> HashMap<u64, Counts<T>> {
    found.sort_unstable();
    let groups = found.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
    let counts = |group: &[(u64, T)]| {
        let values: Vec<T> = group.iter().map(|(_, value)| value.clone()).collect();
        (group[0].0, Counts::sorted(&values, newness))
    };
    groups.map(counts).collect()
}

impl<'p> Streets<'p> {
    /// Learns the addresses of a column; nothing from a few rows.
    pub fn of(addresses: impl Iterator<Item = &'p str>, per_sampled: f64) -> Option<Streets<'p>> {
        let chains: Vec<Chain<'p>> = addresses.filter(|text| !text.is_empty()).map(Chain::of).collect();
        if chains.len() < ROWS_MIN {
            return None;
        }
        let mut streets = Streets::default();
        let links = chains.iter().map(|chain| chain.texts.len()).max().unwrap_or(0);
        (0..links).for_each(|at| streets.learn(&chains, at, per_sampled));
        let are_rooms =
            |counts: &Counts<&str>| are_rooms(counts.values().filter_map(|(number, _)| number.parse().ok()));
        streets.rooms = streets.between.iter().filter(|(_, counts)| are_rooms(counts)).map(|(key, _)| *key).collect();
        Some(streets)
    }

    /// Counts the links at one place of the chains.
    ///
    /// How much of what the sample shows once is new to the list is told by the beginnings up to there: roads are soon
    /// all known, their houses never.
    fn learn(&mut self, chains: &[Chain<'p>], at: usize, per_sampled: f64) {
        let (mut texts, mut around) = (Vec::new(), Vec::new());
        let texted = || chains.iter().filter(|chain| at < chain.texts.len());
        for chain in texted() {
            let (text, length) = (chain.texts[at], chain.texts.len());
            texts.push((texts_key(&chain.texts[..at], length), text));
            around.extend(around_keys(area(chain.texts[0].0), at, length).map(|key| (key, text)));
        }
        let newness = Counts::of(texted().map(|chain| key("texts", &chain.texts[..=at])), per_sampled).newness();
        self.texts.extend(counted(texts, newness));
        self.around.extend(counted(around, newness));
        let (mut numbers, mut between) = (Vec::new(), Vec::new());
        let numbered = || chains.iter().filter(|chain| at < chain.numbers.len());
        for chain in numbered() {
            let number = chain.numbers[at];
            numbers.push((numbers_key(&chain.texts, &chain.numbers[..at]), number));
            between.extend(number_keys(&chain.texts, at).map(|key| (key, number)));
        }
        let beginnings = numbered().map(|chain| numbers_key(&chain.texts, &chain.numbers[..=at]));
        let newness = Counts::of(beginnings, per_sampled).newness();
        self.numbers.extend(counted(numbers, newness));
        self.between.extend(counted(between, newness));
    }

    /// Writes an address in the manner of a donor's that is not the donor's.
    pub fn like(&self, donor: &'p str, place: &Place, rng: &mut impl Rng) -> Option<String> {
        let chain = Chain::of(donor);
        if chain.numbers.is_empty() {
            return None;
        }
        // Outlives the chain that may begin with it.
        let made = persona::address::like(donor, place, rng);
        let made = made.as_deref().map(|made| Chain::of(made).texts).unwrap_or_default();
        let mut texts: Vec<Link<'_>> = Vec::with_capacity(chain.texts.len());
        while !texts.last().is_some_and(|(_, ends)| *ends) {
            let next = self.text(&chain, &texts, &made, rng)?;
            texts.push(next);
            if texts.len() > LINKS_MAX {
                return None;
            }
        }
        let mut numbers: Vec<Cow<'_, str>> = Vec::new();
        for _ in 0..texts.len() - 1 {
            let next = self.number(&chain, &texts, &numbers, rng)?;
            numbers.push(next);
        }
        let text = written(texts.into_iter().map(|(text, _)| text), &numbers);
        (text != donor).then_some(text)
    }

    /// Draws the text that follows on those so far.
    fn text<'t>(&self, donor: &Chain<'p>, texts: &[Link<'t>], made: &[Link<'t>], rng: &mut impl Rng) -> Option<Link<'t>>
    where
        'p: 't,
    {
        let (at, length) = (texts.len(), donor.texts.len());
        let node = self.texts.get(&texts_key(texts, length));
        let own = donor.texts.get(at).filter(|_| donor.texts[..at] == *texts);
        let known = match (node, own) {
            // What names the district must go on fitting the cells that name it too.
            (Some(node), Some(own)) => {
                node.like(own, |other| other.1 == own.1 && (at > 0 || area(other.0) == area(own.0)), rng)
            }
            (Some(node), None) => node.draw(rng),
            (None, _) => None,
        };
        let is_new = |text: &Link<'t>| node.is_none_or(|node| node.count(text) == 0);
        match known {
            Some(known) => Some(*known),
            None if at == 0 => {
                made.first().filter(|text| is_new(text) && area(text.0) == area(donor.texts[0].0)).copied().or_else(
                    || {
                        // Nothing could be made up: the road of somebody else of the district.
                        (0..TRIES)
                            .find_map(|_| node?.any(rng).filter(|text| area(text.0) == area(donor.texts[0].0)))
                            .copied()
                    },
                )
            }
            None => {
                let around = around_keys(area(texts[0].0), at, length).map(|key| self.around.get(&key));
                let mut around = around.into_iter().flatten();
                let anywhere = self.around.get(&around_keys("", at, length)[1]);
                let ends = at + 1 == length;
                let made =
                    made.get(at).filter(|text| text.1 == ends && anywhere.is_none_or(|all| all.count(text) == 0));
                let found =
                    around.find_map(|around| (0..TRIES).map_while(|_| around.draw(rng)).find(|text| is_new(text)));
                found.or(made).or_else(|| donor.texts.get(at)).copied()
            }
        }
    }

    /// Draws the number that follows on those so far: a new one as the same words have it elsewhere.
    fn number(
        &self,
        donor: &Chain<'p>,
        texts: &[Link<'_>],
        numbers: &[Cow<'p, str>],
        rng: &mut impl Rng,
    ) -> Option<Cow<'p, str>> {
        let at = numbers.len();
        let node = self.numbers.get(&numbers_key(texts, numbers));
        let follows = donor.texts == *texts && donor.numbers[..at] == *numbers;
        let known = match node {
            Some(node) if follows => node.like(&donor.numbers[at], |_| true, rng),
            Some(node) => node.draw(rng),
            None => None,
        };
        if let Some(known) = known {
            return Some(Cow::Borrowed(known));
        }
        let is_new = |number: &&str| node.is_none_or(|node| node.count(number) == 0);
        let [near, far] = number_keys(texts, at).map(|key| self.between.get(&key));
        let near = near.filter(|near| near.total() >= NUMBERS_MIN);
        // As new to these words as a number usually is there: then it is one of other words.
        let of_near = near.and_then(|near| (0..TRIES).map_while(|_| near.draw(rng)).find(|number| is_new(number)));
        let of_far =
            || far.and_then(|far| (0..TRIES).map_while(|_| far.draw(rng)).find(|number| is_new(number))).copied();
        match of_near.copied().or_else(of_far) {
            Some(number) => Some(Cow::Borrowed(number)),
            None => {
                let is_free = |number: &String| far.is_none_or(|far| far.count(&number.as_str()) == 0);
                if self.rooms.contains(&number_keys(texts, at)[1]) {
                    let pairs = (0..TRIES).map_while(|_| Some((far?.any(rng)?, far?.any(rng)?)));
                    let rooms: Vec<String> = pairs.filter_map(|(one, other)| crossed(one, other)).collect();
                    // Where each door of each floor is somebody's in another house, one of these.
                    let taken = || rooms.iter().find(|number| is_new(&number.as_str()));
                    return rooms.iter().find(|number| is_free(number)).or_else(taken).cloned().map(Cow::Owned);
                }
                let like = far.and_then(|far| far.single(rng)).copied().or_else(|| donor.numbers.get(at).copied())?;
                let mut made = (0..TRIES).map(|_| another(like, rng));
                made.find(is_free).map(Cow::Owned).or(Some(Cow::Borrowed(like)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    use super::*;

    fn list(rng: &mut ChaCha20Rng) -> Vec<String> {
        let homes = |rng: &mut ChaCha20Rng, n: u32| match n % 3 {
            0 => format!("杨浦区军工路1810弄{}号{}室", rng.random_range(1..90), rng.random_range(101..1800)),
            1 => format!("杨浦区{}路{}号", if n < 300 { "控江" } else { "国定" }, rng.random_range(1..900)),
            _ => format!(
                "虹口区曲阳路{}弄玉兰苑{}号{}室",
                500 + n % 2,
                rng.random_range(1..30),
                rng.random_range(101..700)
            ),
        };
        (0..600).map(|n| homes(rng, n)).collect()
    }

    #[test]
    fn lanes_stay_on_their_roads_and_nobody_has_the_address() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let list = list(&mut rng);
        let streets = Streets::of(list.iter().map(String::as_str), 1.0).expect("enough");
        for donor in &list {
            let made = streets.like(donor, &Place::default(), &mut rng).expect("an address");
            assert_ne!(&made, donor);
            assert!(!made.contains("军工路") || made.contains("军工路1810弄"), "{made}");
            assert!(!made.contains("曲阳路") || made.contains("弄玉兰苑"), "{made}");
            assert_eq!(area(&made), area(donor), "{made} for {donor}");
        }
    }

    #[test]
    fn rooms_end_in_doors_that_the_list_has() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        for ending in ["", "室"] {
            let home = |rng: &mut ChaCha20Rng| {
                let room = rng.random_range(2..20) * 100 + rng.random_range(1..7);
                format!("福田区景田路{}号景田苑{}栋{room}{ending}", rng.random_range(1..200), rng.random_range(1..15))
            };
            let list: Vec<String> = (0..200).map(|_| home(&mut rng)).collect();
            let streets = Streets::of(list.iter().map(String::as_str), 1.0).expect("enough");
            let made: Vec<String> =
                list.iter().filter_map(|donor| streets.like(donor, &Place::default(), &mut rng)).collect();
            assert!(made.len() > 150, "{} of 200", made.len());
            for made in made {
                let room = made.trim_end_matches('室').rsplit('栋').next().and_then(|room| room.parse::<u32>().ok());
                let room = room.unwrap_or_else(|| panic!("{made} has no room"));
                assert!((1..7).contains(&(room % 100)) && (2..20).contains(&(room / 100)), "{made}");
            }
        }
    }

    #[test]
    fn a_chain_put_together_again_is_the_address() {
        for address in ["", "杨浦区军工路1810弄12号303室", "12 Oak St Apt 3, Denver, CO 80204", "１２栋", "4B"]
        {
            let chain = Chain::of(address);
            let numbers: Vec<Cow<'_, str>> = chain.numbers.iter().map(|number| Cow::Borrowed(*number)).collect();
            assert_eq!(written(chain.texts.iter().map(|(text, _)| *text), &numbers), address);
            assert_eq!(chain.texts.iter().filter(|(_, ends)| *ends).count(), 1);
        }
    }

    #[test]
    fn house_numbers_that_stand_alone_become_new_ones() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let list: Vec<String> = (0..300).map(|n| format!("{} Mill Road, Leeds", 1_000 + n * 7)).collect();
        let streets = Streets::of(list.iter().map(String::as_str), 1.0).expect("enough");
        let made: Vec<String> =
            list.iter().filter_map(|home| streets.like(home, &Place::default(), &mut rng)).collect();
        assert!(made.len() > 290);
        let new = made.iter().filter(|home| !list.contains(home)).count();
        assert!(new * 10 > made.len() * 9, "{new} of {} are nobody's", made.len());
        assert!(made.iter().all(|home| home.ends_with(" Mill Road, Leeds")), "{made:?}");
    }
}
