//! Callers that call anybody: they reach numbers nobody was given, or run through neighbouring ones.

use super::contact::{Caller, Contact, ContactKind};
use super::roster::Roster;
use crate::phone::Number;

/// Different numbers in a row, each the next one up or down, that make a run; by chance one caller in sixty orders five
/// numbers so. Of a caller of many numbers, half must make one run.
const RUN_NUMBERS: usize = 5;
/// Different numbers all in order that make a dialler whatever their steps; by chance one caller in 2,520.
const ORDERED_NUMBERS: usize = 7;
/// Largest step between numbers that are neighbours: machines run through blocks.
pub const NEIGHBOURS: u64 = 100;

/// Finds the callers among these contacts that call anybody; `by_chance` tells, by place, contacts to numbers that nobody
/// can have had from a list at that time. Each is told once, in the order in which callers first come.
pub fn diallers<'c>(contacts: &'c [Contact], roster: &Roster, by_chance: impl Fn(usize) -> bool) -> Vec<&'c Caller> {
    let dials = |places: &&[usize]| {
        // A list dials nobody, in whatever order its numbers stand.
        if places.iter().any(|place| contacts[*place].kind == ContactKind::List) {
            return false;
        }
        let of_caller = || places.iter().map(|place| &contacts[*place]);
        places.iter().any(|place| by_chance(*place))
            || places.len() >= RUN_NUMBERS && runs(&mut of_caller().collect::<Vec<_>>())
    };
    let groups = roster.groups();
    groups.each().filter(dials).filter_map(|places| contacts[*places.first()?].from.as_ref()).collect()
}

/// Tells whether contacts go through neighbouring numbers one after the other.
fn runs(contacts: &mut [&Contact]) -> bool {
    contacts.sort_by_key(|contact| contact.at);
    let mut numbers: Vec<u64> = contacts.iter().filter_map(|contact| digits(&contact.to)).collect();
    numbers.dedup();
    let long = RUN_NUMBERS.max(numbers.len() / 2);
    let (mut up, mut down) = (1, 1);
    numbers.windows(2).any(|pair| {
        up = if pair[1] > pair[0] && pair[1] - pair[0] <= NEIGHBOURS { up + 1 } else { 1 };
        down = if pair[0] > pair[1] && pair[0] - pair[1] <= NEIGHBOURS { down + 1 } else { 1 };
        up >= long || down >= long
    }) || is_ordered(&numbers)
}

/// Tells whether all numbers come in order, up or down, however far apart: a list is not called in the order of its phones.
fn is_ordered(numbers: &[u64]) -> bool {
    numbers.len() >= ORDERED_NUMBERS
        && (numbers.windows(2).all(|pair| pair[0] < pair[1]) || numbers.windows(2).all(|pair| pair[0] > pair[1]))
}

fn digits(number: &Number) -> Option<u64> {
    number.as_str().strip_prefix('+')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};

    use super::*;

    fn call(from: &str, minute: i64, to: u64) -> Contact {
        let start = Utc.with_ymd_and_hms(2026, 11, 2, 2, 0, 0).single().expect("a test day");
        Contact {
            to: Number::from_e164(&format!("+86138{to:08}")).expect("a test number"),
            from: Some(Caller::Text(from.to_string())),
            at: start + TimeDelta::minutes(minute),
            kind: ContactKind::Call,
            seconds: None,
            said: None,
        }
    }

    fn found(contacts: &[Contact]) -> Vec<&str> {
        let control = Number::from_e164("+8613800009999").expect("a test number");
        let found = diallers(contacts, &Roster::of(contacts), |at| contacts[at].to == control);
        found.into_iter().map(Caller::as_str).collect()
    }

    #[test]
    fn a_run_up_or_down_is_a_dialler_and_a_list_in_its_own_order_is_not() {
        let run = |from: &str, numbers: &[u64]| -> Vec<Contact> {
            (0..).zip(numbers).map(|(minute, to)| call(from, minute, *to)).collect()
        };
        let mut all = run("up", &[100, 101, 105, 160, 161]);
        all.extend(run("down", &[900, 850, 800, 799, 720]));
        all.extend(run("list", &[104, 101, 160, 102, 900, 850, 105]));
        all.extend(run("twice", &[300, 300, 301, 301, 302, 302, 303, 303, 304, 304]));
        all.extend(run("far", &[1000, 2200, 3300, 4400, 5900, 7100, 8000]));
        all.extend(run("wide", &[1000, 2000, 3000, 4000, 5000]));
        assert_eq!(found(&all), ["up", "down", "twice", "far"]);
    }

    #[test]
    fn who_reaches_a_control_calls_anybody() {
        let all = [call("studio", 1, 5), call("studio", 2, 17), call("anybody", 3, 5), call("anybody", 9, 9999)];
        assert_eq!(found(&all), ["anybody"]);
    }
}
