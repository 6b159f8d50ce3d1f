//! Numbers with one slip in them: a letter read for a digit, a digit lost, doubled, changed, or two swapped.

use std::ops::Range;

use super::few::Few;

/// Fewest true digits of a damaged number.
const DIGITS_MIN: usize = 7;

/// Most characters of a damaged number, separators included.
const CHARS_MAX: usize = 32;

/// Most digits of either half by which a number is recognised.
const HALF_DIGITS_MAX: u32 = 5;

/// Most digits before a national number (`00`, a country code).
const PREFIX_DIGITS_MAX: usize = 5;

/// A run of characters that can be a damaged number.
#[derive(Debug)]
struct Run {
    chars: Range<usize>,
    /// Its digits, look-alikes read as what they look like, and how many there are.
    digits: [u8; CHARS_MAX],
    count: usize,
}

impl Run {
    fn digits(&self) -> &[u8] {
        &self.digits[..self.count]
    }
}

/// How a national number begins and ends. One slip leaves one of the two as it is.
#[derive(Debug, Clone, Copy)]
pub struct Halves {
    digits: u8,
    first: u32,
    last: u32,
}

impl Halves {
    /// The halves of no number: longer than any.
    pub const NONE: Halves = Halves { digits: HALF_DIGITS_MAX as u8, first: u32::MAX, last: u32::MAX };

    /// Halves a national number of so many digits.
    pub fn of(national: u64, digits: u8) -> Halves {
        // A digit is left in the middle, so that no two neighbours that are swapped belong to both halves.
        let half = (u32::from(digits).saturating_sub(1) / 2).min(HALF_DIGITS_MAX);
        let first = national / 10_u64.pow(u32::from(digits).saturating_sub(half));
        Halves { digits: half as u8, first: first as u32, last: (national % 10_u64.pow(half)) as u32 }
    }
}

/// The runs of a text that can be damaged numbers.
#[derive(Debug)]
pub struct Runs {
    all: Vec<Run>,
    /// How the runs begin, behind each possible prefix, and how they end: as many digits as the halves of most numbers have.
    firsts: Few,
    lasts: Few,
}

impl Runs {
    /// Lists the runs of folded text.
    pub fn of(chars: &[char]) -> Runs {
        let mut runs = Runs { all: Vec::new(), firsts: Few::with_room(32), lasts: Few::with_room(8) };
        let mut at = 0;
        while at < chars.len() {
            match run(chars, at) {
                Some(run) => {
                    at = run.chars.end;
                    firsts(run.digits(), HALF_DIGITS_MAX as usize).for_each(|first| runs.firsts.add(first));
                    runs.lasts.add(last(run.digits(), HALF_DIGITS_MAX as usize));
                    runs.all.push(run);
                }
                None => at += 1,
            }
        }
        runs
    }

    /// Tells whether one of the runs may be a number with a slip: false for nearly all that are not.
    pub fn may_be_damaged(&self, number: Halves) -> bool {
        if u32::from(number.digits) == HALF_DIGITS_MAX {
            return self.lasts.holds(number.last) || self.firsts.holds(number.first);
        }
        let half = usize::from(number.digits);
        let may_be = |digits: &[u8]| {
            last(digits, half) == number.last || firsts(digits, half).any(|first| first == number.first)
        };
        self.all.iter().any(|run| may_be(run.digits()))
    }

    /// Finds the run that spells a national number with a slip; the first one.
    pub fn damaged(&self, national: &str, country: &str) -> Option<Range<usize>> {
        let prefixes = [String::new(), country.to_string(), format!("00{country}"), "0".to_string()];
        let is_slip = |read: &[u8]| is_one_slip(read, national.as_bytes());
        let fits = |run: &&Run| {
            prefixes.iter().any(|prefix| run.digits().strip_prefix(prefix.as_bytes()).is_some_and(is_slip))
        };
        self.all.iter().find(fits).map(|run| run.chars.clone())
    }
}

fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}

/// The values of as many digits behind each possible prefix.
fn firsts(digits: &[u8], half: usize) -> impl Iterator<Item = u32> {
    (0..=PREFIX_DIGITS_MAX.min(digits.len() - half)).map(move |at| value(&digits[at..at + half]))
}

fn last(digits: &[u8], half: usize) -> u32 {
    value(&digits[digits.len() - half..])
}

/// The run of digits, their look-alikes and separators that begins at a place, if it can be a number.
fn run(chars: &[char], at: usize) -> Option<Run> {
    digit(chars[at])?;
    if at > 0 && digit(chars[at - 1]).is_some() || chars[..at].last().is_some_and(char::is_ascii_alphabetic) {
        return None;
    }
    let is_part = |c: &&char| digit(**c).is_some() || matches!(c, ' ' | '-' | '.');
    let length = chars[at..].iter().take(CHARS_MAX).take_while(is_part).count();
    let last = chars[at..at + length].iter().rposition(|c| digit(*c).is_some())?;
    let run = at..at + last + 1;
    let digits = chars[run.clone()].iter().filter(|c| c.is_ascii_digit()).count();
    let in_word = chars.get(run.end).is_some_and(char::is_ascii_alphanumeric);
    if digits < DIGITS_MIN || in_word {
        return None;
    }
    let mut read = Run { chars: run.clone(), digits: [0; CHARS_MAX], count: 0 };
    for digit in chars[run].iter().filter_map(|c| digit(*c)) {
        read.digits[read.count] = digit;
        read.count += 1;
    }
    Some(read)
}

/// The digit a folded character is or looks like.
fn digit(c: char) -> Option<u8> {
    Some(match c {
        '0'..='9' => c as u8,
        'o' | 'q' | 'd' => b'0',
        'l' | 'i' | '|' => b'1',
        'z' => b'2',
        's' => b'5',
        'b' => b'8',
        'g' => b'9',
        _ => return None,
    })
}

/// Tells whether two strings differ by at most one character lost, added or changed, or two neighbours swapped (Damerau 1964).
fn is_one_slip(read: &[u8], wanted: &[u8]) -> bool {
    let same = read.iter().zip(wanted).take_while(|(a, b)| a == b).count();
    let (read, wanted) = (&read[same..], &wanted[same..]);
    match (read, wanted) {
        ([], []) => true,
        ([_, rest @ ..], []) | ([], [_, rest @ ..]) => rest.is_empty(),
        ([a, read_on @ ..], [b, wanted_on @ ..]) => {
            read_on == wanted_on
                || read_on == wanted
                || read == wanted_on
                || matches!((read_on, wanted_on), ([c, r @ ..], [d, w @ ..]) if a == d && b == c && r == w)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_slip_is_turned_away_by_its_halves() {
        for national in ["13800138000", "51234567", "912345678", "7911123456"] {
            let number = Halves::of(national.parse().unwrap(), national.len() as u8);
            let (mut asked, mut recognised) = (0, 0);
            let mut slips = vec![national.to_string()];
            for at in 0..national.len() {
                slips.push(format!("{}{}", &national[..at], &national[at + 1..]));
                for digit in '0'..='9' {
                    slips.push(format!("{}{digit}{}", &national[..at], &national[at..]));
                    slips.push(format!("{}{digit}{}", &national[..at], &national[at + 1..]));
                }
                let mut swapped: Vec<char> = national.chars().collect();
                swapped.swap(at, (at + 1).min(national.len() - 1));
                slips.push(swapped.into_iter().collect());
            }
            for slip in slips {
                for before in ["", "0", "86", "0086", "+86 "] {
                    let chars: Vec<char> = format!("x,{before}{slip},y").chars().collect();
                    let runs = Runs::of(&chars);
                    asked += 1;
                    if runs.damaged(national, "86").is_some() {
                        recognised += 1;
                        assert!(runs.may_be_damaged(number), "{before}{slip} for {national}");
                    }
                }
            }
            // A few of them, such as a digit before that joins what stands there, are no slips any more.
            assert!(recognised * 100 >= asked * 95, "{national}: {recognised} of {asked}");
            let other: Vec<char> = "x,13977755522,y".chars().collect();
            assert!(!Runs::of(&other).may_be_damaged(number));
        }
    }
}
