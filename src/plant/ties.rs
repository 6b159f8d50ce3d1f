//! Cells that go by others of their row: days in hospital by two dates, a weekday by its date, an amount by its parts.
//!
//! A canary's cells are drawn one by one; where every row of the list keeps such a tie and one row does not, that row is found.
//! What is learnt here is what the list's own rows keep, whatever their columns are called.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use super::crowd::is_taken_over;
use crate::list::Meaning;
use crate::list::contents::unguarded;
use crate::list::moment;
use crate::list::profile::{Profile, Texts};

/// Rows that tell which cells go by others.
const ROWS: usize = 400;

/// Rows that a tie must have been kept in, beyond what chance would keep (e⁻⁸ that it is chance).
const SURPRISES_MIN: f64 = 8.0;

/// Share of rows that may break a tie: typing errors.
const BROKEN_MAX: f64 = 0.01;

/// Rows that tell of sums, fewest and most.
const SUM_ROWS: std::ops::Range<usize> = 12..80;

/// How far a sum may be off, in its own unit: half a cent.
const SUM_SLACK: f64 = 0.006;

/// A date follows the birth where its distance to it spreads by at most this part of its own spread.
const FOLLOWS_MAX: f64 = 0.8;

/// Columns of dates or of amounts that are compared with each other, at most.
const COMPARED_MAX: usize = 8;

/// What decides a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// The text of another cell.
    Text(usize),
    /// Days from one date to another.
    Days(usize, usize),
    Weekday(usize),
    /// The year a cell begins with.
    Year(usize),
}

/// A column whose cells go by another.
#[derive(Debug, Clone)]
struct Tie {
    column: usize,
    key: Key,
    /// What stands there, by the key.
    values: HashMap<String, String>,
}

/// A column whose amounts are the sum of two others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    total: usize,
    parts: [usize; 2],
}

/// What a list's rows keep between their cells.
#[derive(Debug, Clone, Default)]
pub struct Ties {
    ties: Vec<Tie>,
    sums: Vec<Sum>,
    /// Columns of dates that go by the birth.
    follow: Vec<usize>,
}

impl Ties {
    /// Learns from rows of the list.
    pub fn of(profile: &Profile, rows: &[&Texts]) -> Ties {
        let rows = &rows[..rows.len().min(ROWS)];
        let columns = 0..profile.layout.columns.len();
        let dates: Vec<usize> =
            columns.clone().filter(|at| profile.habits[*at].moment.is_some()).take(COMPARED_MAX).collect();
        let keys = keys(profile, rows, &dates);
        let ties = columns.filter(|at| may_be_tied(profile, *at)).filter_map(|at| {
            let own = keys.iter().filter(|(key, _)| *key != Key::Text(at) && *key != Key::Year(at));
            own.filter_map(|(key, told)| Some((tie(at, (*key, told), rows)?, told.iter().flatten().count())))
                .max_by_key(|(_, told)| *told)
                .map(|(tie, _)| tie)
        });
        let ties = ties.collect();
        let birth = profile.position(Meaning::BirthDate);
        let follow = birth.map_or_else(Vec::new, |birth| {
            dates.into_iter().filter(|at| *at != birth && follows(profile, rows, *at, birth)).collect()
        });
        Ties { ties, sums: sums(profile, rows), follow }
    }

    /// Tells whether a column's dates go by the birth.
    pub fn follows_birth(&self, column: usize) -> bool {
        self.follow.contains(&column)
    }

    /// Makes the cells of a new row keep what the list's rows keep.
    pub fn keep(&self, profile: &Profile, cells: &mut [String]) {
        for tie in &self.ties {
            let told = said(profile, tie.key, &|at| cells.get(at).map_or("", String::as_str));
            let due = told.and_then(|told| tie.values.get(&told));
            if let (Some(due), Some(cell)) = (due, cells.get_mut(tie.column))
                && !cell.is_empty()
            {
                cell.clone_from(due);
            }
        }
        for sum in &self.sums {
            let part = |at: usize| cells.get(at).and_then(|cell| amount(cell));
            if let ([Some(one), Some(other)], Some(total)) = (sum.parts.map(part), cells.get(sum.total))
                && let Some(written) = written_like(one + other, total)
            {
                cells[sum.total] = written;
            }
        }
    }
}

fn day(profile: &Profile, at: usize, cell: &str) -> Option<NaiveDate> {
    moment::parse(unguarded(cell.trim()), profile.habits.get(at)?.reading)?.0.day()
}

/// Gives what a row's cells say for a key.
fn said<'c>(profile: &Profile, key: Key, cell: &impl Fn(usize) -> &'c str) -> Option<String> {
    let day = |at: usize| day(profile, at, cell(at));
    match key {
        Key::Text(at) => Some(cell(at).trim()).filter(|text| !text.is_empty()).map(str::to_string),
        Key::Days(from, to) => Some((day(to)? - day(from)?).num_days().to_string()),
        Key::Weekday(at) => Some(day(at)?.weekday().to_string()),
        Key::Year(at) => year_in(cell(at)).map(|year| year.to_string()),
    }
}

/// Gives the year that a cell begins with.
pub fn year_in(cell: &str) -> Option<i32> {
    let digits = cell.trim().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok().filter(|year| (1900..2100).contains(year))
}

/// Tells whether a column's cells are words and counts that rows share, and nobody else's to decide.
fn may_be_tied(profile: &Profile, at: usize) -> bool {
    let habit = &profile.habits[at];
    // Sex, age, measures and parity are the persona's, or go by its measures.
    let is_personas = |meaning: Meaning| {
        use Meaning::{BabySex, BirthWeight, DeliveryMode, MotherAge, Parity};
        matches!(meaning, BabySex | MotherAge | BirthWeight | Parity | DeliveryMode)
    };
    let meaning = profile.layout.columns[at].meaning;
    let is_free = is_taken_over(meaning) && !is_personas(meaning);
    let rows: u32 = habit.values.iter().map(|(_, count)| count).sum();
    let is_shared = habit.is_choice || habit.values.len() * 3 <= rows as usize;
    is_free && is_shared && habit.moment.is_none() && profile.order(at).is_none()
}

/// Lists what may decide a cell, with what each row says for it.
fn keys(profile: &Profile, rows: &[&Texts], dates: &[usize]) -> Vec<(Key, Vec<Option<String>>)> {
    let choices = (0..profile.habits.len()).filter(|at| profile.habits[*at].is_choice).map(Key::Text);
    let years = (0..profile.habits.len()).filter(|at| {
        let told = rows.iter().filter(|row| year_in(row.cell(*at)).is_some()).count();
        told * 2 > rows.len()
    });
    let pairs = dates.iter().flat_map(|from| dates.iter().map(|to| (*from, *to))).filter(|(from, to)| from < to);
    let days = pairs.map(|(from, to)| Key::Days(from, to));
    let all = choices.chain(days).chain(dates.iter().map(|at| Key::Weekday(*at))).chain(years.map(Key::Year));
    all.map(|key| (key, rows.iter().map(|row| said(profile, key, &|at| row.cell(at))).collect())).collect()
}

/// Finds whether a key decides what stands in a column, far more often than by chance.
fn tie(column: usize, (key, told): (Key, &[Option<String>]), rows: &[&Texts]) -> Option<Tie> {
    let mut counts: HashMap<&str, HashMap<&str, u32>> = HashMap::new();
    let mut all: HashMap<&str, u32> = HashMap::new();
    for (told, row) in told.iter().zip(rows) {
        let (Some(told), cell) = (told, row.cell(column)) else { continue };
        if !cell.trim().is_empty() {
            *counts.entry(told).or_default().entry(cell).or_default() += 1;
            *all.entry(cell).or_default() += 1;
        }
    }
    let total: u32 = all.values().sum();
    let usual = all.values().max().copied().unwrap_or(0);
    let surprise = 1.0 - f64::from(usual) / f64::from(total.max(1));
    let (mut repeated, mut kept, mut tested) = (0, 0, 0);
    for values in counts.values() {
        let (rows, most): (u32, u32) = (values.values().sum(), values.values().max().copied().unwrap_or(0));
        if rows > 1 {
            repeated += rows;
            kept += most;
            tested += rows - 1;
        }
    }
    let broken = f64::from(repeated - kept);
    if f64::from(tested) * surprise < SURPRISES_MIN || broken > BROKEN_MAX * f64::from(repeated) {
        return None;
    }
    let values = counts.into_iter().filter_map(|(told, values)| {
        let (value, _) = values.into_iter().max_by_key(|(value, count)| (*count, *value))?;
        Some((told.to_string(), value.to_string()))
    });
    Some(Tie { column, key, values: values.collect() })
}

/// Tells whether a column's dates keep nearer to the birth than to each other.
fn follows(profile: &Profile, rows: &[&Texts], at: usize, birth: usize) -> bool {
    let days =
        rows.iter().filter_map(|row| Some((day(profile, at, row.cell(at))?, day(profile, birth, row.cell(birth))?)));
    let days: Vec<_> = days.collect();
    let own = spread(days.iter().map(|(day, _)| i64::from(day.num_days_from_ce())).collect());
    let apart = spread(days.iter().map(|(day, birth)| (*day - *birth).num_days()).collect());
    !days.is_empty() && apart <= own * FOLLOWS_MAX
}

/// Gives the mean distance from the median.
fn spread(mut values: Vec<i64>) -> f64 {
    values.sort_unstable();
    let Some(median) = values.get(values.len() / 2).copied() else { return 0.0 };
    values.iter().map(|value| (value - median).abs() as f64).sum::<f64>() / values.len() as f64
}

/// Finds columns of amounts that are the sum of two others.
fn sums(profile: &Profile, rows: &[&Texts]) -> Vec<Sum> {
    let rows = &rows[..rows.len().min(SUM_ROWS.end)];
    let is_amount = |at: &usize| {
        let is_other = profile.layout.columns[*at].meaning == Meaning::Other && profile.order(*at).is_none();
        let told = rows.iter().filter(|row| amount(row.cell(*at)).is_some()).count();
        is_other && told >= SUM_ROWS.start && told * 2 > rows.len()
    };
    let columns: Vec<usize> = (0..profile.habits.len()).filter(is_amount).take(COMPARED_MAX).collect();
    let is_sum = |sum: &Sum| {
        let told = rows.iter().filter_map(|row| {
            let [one, other] = sum.parts.map(|at| amount(row.cell(at)));
            Some((amount(row.cell(sum.total))?, one?, other?))
        });
        let told: Vec<_> = told.collect();
        let right = told.iter().filter(|(total, one, other)| (one + other - total).abs() < SUM_SLACK).count();
        let is_trivial = told.iter().all(|(_, one, other)| *one == 0.0 || *other == 0.0);
        told.len() >= SUM_ROWS.start && right * 20 >= told.len() * 19 && !is_trivial
    };
    let pairs = |total: usize| {
        let parts = columns.iter().copied().filter(move |at| *at != total);
        parts
            .clone()
            .flat_map(move |one| parts.clone().filter(move |other| *other > one).map(move |other| [one, other]))
    };
    columns.iter().filter_map(|total| pairs(*total).map(|parts| Sum { total: *total, parts }).find(is_sum)).collect()
}

fn amount(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let is_plain = !cell.is_empty() && cell.len() <= 12 && cell.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    cell.parse().ok().filter(|_| is_plain)
}

/// Writes an amount with as many decimals as another; nothing where that one is no amount.
fn written_like(amount_due: f64, like: &str) -> Option<String> {
    amount(like)?;
    let bare = like.trim();
    let decimals = bare.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let exact = (0..=2).find(|decimals| {
        let scale = 10_f64.powi(*decimals);
        ((amount_due * scale).round() / scale - amount_due).abs() < SUM_SLACK / 10.0
    });
    let decimals = decimals.max(exact.map_or(2, |decimals| decimals as usize));
    Some(like.replacen(bare, &format!("{amount_due:.decimals$}"), 1))
}
