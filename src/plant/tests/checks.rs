//! What must hold for every planted list, checked by reading it again.

use std::collections::HashSet;

use super::planned;
use crate::list::Meaning;
use crate::list::digits;
use crate::list::profile::{Profile, Scope, Texts};
use crate::list::rows::Rows;
use crate::plant::Planned;

/// Puts the planned rows in, as the writer would; serial numbers are counted anew.
fn put_in(text: &str, plan: &[Planned]) -> String {
    let mut out = String::new();
    for (at, line) in text.lines().enumerate() {
        for canary in plan.iter().filter(|canary| canary.row.before == at as u64) {
            out += &canary.row.cells.join(",");
            out.push('\n');
        }
        out += line;
        out.push('\n');
    }
    out
}

/// Reads the planted list again and checks what must hold for every list.
pub fn check(text: &str, count: usize, seed: u64) -> Vec<Planned> {
    let (before, plan) = planned(text, count, seed).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(plan.len(), count);
    let out = put_in(text, &plan);
    let rows = Rows::new(&out);
    let data: Vec<_> = rows.iter().filter(|row| before.layout.is_data(row)).collect();
    assert_eq!(data.len() as u64, before.rows + count as u64);
    let canaries: HashSet<u64> = plan.iter().map(|canary| canary.data_row).collect();
    assert_eq!(canaries.len(), count);
    for canary in &plan {
        let at = usize::try_from(canary.data_row).expect("small") - 1;
        assert_eq!(data[at].texts(), canary.row.cells, "the row is where the plan says");
        let is_edge = at == 0 && before.rows > 1 || at + 1 == data.len();
        assert!(!is_edge, "never first, never last");
        let beside = [canary.data_row - 1, canary.data_row + 1];
        assert!(beside.iter().all(|row| !canaries.contains(row)), "canaries are not side by side");
        let told = digits::groups(&canary.fields[&Meaning::Phone]);
        assert_eq!(digits::national_forms(told[0]).next(), canary.number.national().parse().ok());
    }
    let texts: Vec<Texts> = data.iter().map(Texts::of).collect();
    in_order(&before, &texts, &canaries);
    nobody_twice(&before, &texts, &canaries);
    plan
}

/// Checks that every canary stands in order with the rows of its scope around it.
fn in_order(profile: &Profile, data: &[Texts], canaries: &HashSet<u64>) {
    let home = crate::list::home::Home::of(&profile.layout);
    let is_part = |column: usize| home.as_ref().is_some_and(|home| home.columns().any(|part| part == column));
    for order in profile.orders.iter().filter(|order| !is_part(order.column)) {
        let reading = profile.habits[order.column].reading;
        let value = |row: &Texts| order.value_of(row.cell(order.column), reading);
        let same = |a: &Texts, b: &Texts| match order.scope {
            Scope::Whole => true,
            Scope::Within { group } => a.cell(group) == b.cell(group),
        };
        for (at, row) in data.iter().enumerate().filter(|(at, _)| canaries.contains(&(*at as u64 + 1))) {
            let Some(own) = value(row) else { continue };
            let earlier = data[..at].iter().rev().find(|other| same(row, other)).and_then(value);
            let later = data[at + 1..].iter().find(|other| same(row, other)).and_then(value);
            let name = &profile.layout.columns[order.column].name;
            if order.strict {
                assert!(earlier.is_none_or(|earlier| earlier < own), "{name} above row {at}");
                assert!(later.is_none_or(|later| own < later), "{name} below row {at}");
            } else if !matches!(order.key, crate::list::profile::Key::Counter { .. }) {
                assert!(earlier.is_none_or(|earlier| earlier <= own), "{name} above row {at}");
                assert!(later.is_none_or(|later| own <= later), "{name} below row {at}");
            }
        }
    }
}

/// What a row tells that no other row may tell.
type Telling<'a> = Box<dyn Fn(&Texts) -> Option<String> + 'a>;

/// Checks that no canary shares name and birth date, an address or a number with any row.
fn nobody_twice(profile: &Profile, data: &[Texts], canaries: &HashSet<u64>) {
    let at = |meaning: Meaning| profile.position(meaning);
    let person = |row: &Texts| {
        let name = at(Meaning::MotherName)?;
        let (moment, _) = crate::list::moment::parse(
            row.cell(at(Meaning::BirthDate)?),
            profile.habits[at(Meaning::BirthDate)?].reading,
        )?;
        Some(format!("{}|{:?}", row.cell(name), moment.day()))
    };
    let address = |row: &Texts| at(Meaning::Address).map(|at| row.cell(at).to_string()).filter(|cell| !cell.is_empty());
    let phone = |row: &Texts| at(Meaning::Phone).map(|at| row.cell(at).to_string());
    let tellings = [Box::new(person) as Telling<'_>, Box::new(address), Box::new(phone)];
    for key in tellings {
        for (at, row) in data.iter().enumerate().filter(|(at, _)| canaries.contains(&(*at as u64 + 1))) {
            let Some(own) = key(row) else { continue };
            let others = data.iter().enumerate().filter(|(other, _)| *other != at);
            assert!(others.filter_map(|(_, row)| key(row)).all(|other| other != own), "{own} stands twice");
        }
    }
}
