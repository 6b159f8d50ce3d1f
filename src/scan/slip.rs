//! Numbers with one slip in them: a letter read for a digit, a digit lost, doubled, changed, or two swapped.

use std::ops::Range;

/// Fewest true digits of a damaged number.
const DIGITS_MIN: usize = 7;

/// Most characters of a damaged number, separators included.
const CHARS_MAX: usize = 32;

/// Finds the run of characters that spells a national number with a slip, in folded text; the first one.
pub fn damaged(chars: &[char], national: &str, country: &str) -> Option<Range<usize>> {
    let mut at = 0;
    while at < chars.len() {
        let Some(run) = run(chars, at) else {
            at += 1;
            continue;
        };
        let read: Vec<u8> = chars[run.clone()].iter().filter_map(|c| digit(*c)).collect();
        let whole = |read: &[u8]| is_one_slip(read, national.as_bytes());
        let prefixes = [String::new(), country.to_string(), format!("00{country}"), "0".to_string()];
        let fits = prefixes.iter().any(|prefix| read.strip_prefix(prefix.as_bytes()).is_some_and(whole));
        if fits {
            return Some(run);
        }
        at = run.end;
    }
    None
}

/// The run of digits, their look-alikes and separators that begins at a place, if it can be a number.
fn run(chars: &[char], at: usize) -> Option<Range<usize>> {
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
    (digits >= DIGITS_MIN && !in_word).then_some(run)
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
