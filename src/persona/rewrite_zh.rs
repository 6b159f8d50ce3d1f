//! Chinese addresses, written anew in the style of the donor.
//!
//! Every number keeps its count of digits and its width, so the new text is about as long as the old one; a
//! building beyond those of the real compound is welcome, because nobody lives in it.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::Place;
use super::country::{District, Named, district_of};
use super::reading_zh::{Piece, Role, read};
use super::words::Words;

/// Times a name is drawn again until it is about as long as the donor's, and another.
const DRAWS_MAX: usize = 6;

/// Names of villages, without `村`.
const VILLAGES: &str = "新华 东升 红星 前进 光明 永丰 新民 太平 双桥 石桥 龙泉 兴隆 联合 团结 河西 山前 王家 李家 张家 陈家 \
    杨家 周家 徐家 沈家";

const VILLAGES_COUNT: usize = 24;

/// Writes the address anew; none if nothing in it can be changed or it holds a phone number.
pub(super) fn rewrite(donor: &str, place: &Place, rng: &mut impl Rng) -> Option<String> {
    let pieces = read(donor)?;
    let mut local = Local::new(place, rng);
    let mut text = String::with_capacity(donor.len());
    let mut changed = false;
    for piece in pieces {
        changed |= match piece {
            Piece::Kept(_) | Piece::Region(..) | Piece::Town(_) | Piece::Letter(_) => false,
            Piece::Number(_, role) => role != Role::Postcode,
            Piece::Road(_) | Piece::Compound(_) | Piece::Village(_) => true,
        };
        match piece {
            Piece::Kept(same) | Piece::Number(same, Role::Postcode) => text.push_str(same),
            Piece::Region(name, named) => text.push_str(local.region(name, named)),
            Piece::Town(name) => text.push_str(local.town(name, rng)),
            Piece::Letter(letter) => text.extend(letter.chars().map(|letter| another_letter(letter, rng))),
            Piece::Number(digits, role) => another_number(digits, role, &mut text, rng),
            Piece::Road(name) => text.push_str(&another(name, || local.words().road(rng))),
            Piece::Compound(name) => text.push_str(&another(name, || local.words().compound(rng))),
            Piece::Village(name) => text.push_str(&another(name, || a_village(rng))),
        }
    }
    changed.then_some(text)
}

/// Where the address is, as far as it has been read.
struct Local<'a> {
    place: &'a Place,
    district: Option<&'static District>,
    /// The district as the text writes it; empty while it has named none.
    name: &'a str,
    is_moved: bool,
}

impl<'a> Local<'a> {
    fn new(place: &'a Place, rng: &mut impl Rng) -> Local<'a> {
        Local { place, district: place.a_district(rng), name: "", is_moved: false }
    }

    /// Gives the name to write: the place's own district instead of another one of the same city.
    fn region(&mut self, name: &'a str, named: &[Named]) -> &'a str {
        let districts = named.iter().filter_map(|one| match one {
            Named::District { city, district } => district_of(*city, *district),
            Named::City { .. } | Named::Province => None,
        });
        let all: Vec<_> = districts.collect();
        let here = all.iter().find(|(city, _)| city.name == self.place.city());
        let found = here.or(all.first().filter(|_| all.len() == 1));
        let own = self.place.district();
        let is_other_district = !all.is_empty() && !own.is_empty() && own != name;
        self.name = name;
        if is_other_district && (here.is_some() || !self.place.is_known()) {
            self.is_moved = true;
            self.name = own;
        } else if let Some((_, district)) = found {
            self.district = Some(district);
        } else if named.iter().any(|one| matches!(one, Named::City { .. })) && name != self.place.city() {
            self.leave_for(name);
        }
        self.name
    }

    /// Forgets the district when the donor is in another city than the list.
    fn leave_for(&mut self, city: &str) {
        if !self.place.city().starts_with(city) {
            self.district = None;
        }
    }

    fn town(&self, name: &'a str, rng: &mut impl Rng) -> &'a str {
        let rank = ["街道", "镇", "乡"].into_iter().find(|rank| name.ends_with(rank));
        match (self.is_moved, rank, self.district) {
            (false, ..) => name,
            (true, Some(rank), Some(district)) => {
                let alike: Vec<&str> =
                    district.streets.iter().copied().filter(|street| street.ends_with(rank)).collect();
                alike.choose(rng).copied().unwrap_or_default()
            }
            (true, ..) => "",
        }
    }

    fn words(&self) -> Words<'a> {
        self.place.words(self.district, self.name)
    }
}

/// Draws a name that is not the donor's and differs by at most one character in length, if one comes up.
fn another(donor: &str, mut draw: impl FnMut() -> String) -> String {
    let length = donor.chars().count();
    let mut best = draw();
    for _ in 0..DRAWS_MAX {
        if best != donor && best.chars().count().abs_diff(length) <= 1 {
            break;
        }
        best = draw();
    }
    best
}

fn a_village(rng: &mut impl Rng) -> String {
    VILLAGES.split(' ').nth(rng.random_range(0..VILLAGES_COUNT)).unwrap_or("新华").to_string()
}

fn another_letter(letter: char, rng: &mut impl Rng) -> char {
    let first = match letter {
        'A'..='F' => 'A',
        'a'..='f' => 'a',
        'Ａ'..='Ｆ' => 'Ａ',
        _ => return letter,
    };
    char::from_u32(first as u32 + rng.random_range(0..4)).unwrap_or(letter)
}

/// Writes a number near the donor's with as many digits, in its width, zeros at the front kept.
fn another_number(donor: &str, role: Role, text: &mut String, rng: &mut impl Rng) {
    let is_wide = donor.starts_with(|digit: char| !digit.is_ascii());
    // A number may mix widths; what is no digit at all cannot come here.
    let digits = donor.chars().map(|digit| u32::from(digit) & 0xF);
    let zeros = digits.clone().take_while(|digit| *digit == 0).count();
    let value = digits.fold(0, |value, digit| 10 * value + digit);
    let number = if value == 0 { String::new() } else { near(value, role, rng).to_string() };
    let zero = if is_wide { '０' } else { '0' };
    text.extend(std::iter::repeat_n(zero, zeros));
    text.extend(number.bytes().filter_map(|digit| char::from_u32(zero as u32 + u32::from(digit - b'0'))));
}

/// Draws a number of as many digits, from about two thirds to one and a half of `value`, so that the
/// numbers of a list stay spread as they are.
fn near(value: u32, role: Role, rng: &mut impl Rng) -> u32 {
    if role == Role::Room && value >= 100 {
        let door = (value % 100).max(DOORS_USUAL);
        return 100 * within(value / 100, FLOORS_USUAL, rng) + rng.random_range(1..=door);
    }
    let usual = match role {
        Role::House | Role::Postcode => 3999,
        Role::Building => 39,
        Role::Unit => 4,
        Role::Floor | Role::Room => FLOORS_USUAL,
        Role::Group => 18,
    };
    within(value, usual, rng)
}

/// Doors on a floor that any house may have.
const DOORS_USUAL: u32 = 4;

/// Floors that a tower of flats may have.
const FLOORS_USUAL: u32 = 33;

/// Draws near `value` with as many digits, above `usual` only if the value itself is.
fn within(value: u32, usual: u32, rng: &mut impl Rng) -> u32 {
    let lowest = 10u32.pow(value.max(1).ilog10());
    let highest = (10 * lowest - 1).min(value * 3 / 2 + 2).min(usual.max(value));
    rng.random_range(lowest.max(value * 2 / 3)..=highest)
}
