//! How the cells of one column are usually written, from the sampled rows.

use std::collections::HashMap;

use chrono::Timelike;

use super::around::Around;
use super::texts::Texts;
use crate::list::contents::{Contents, unguarded};
use crate::list::look::Look;
use crate::list::moment::{self, DayOrder, MomentFormat, Reading};

/// Most different values of a column whose values are a fixed choice.
const CHOICES_MAX: usize = 64;

/// Mean repeats of a value from which a column is a choice.
const REPEATS_MIN: f64 = 3.0;

/// What a column is usually like.
#[derive(Debug, Clone)]
pub struct Habit {
    /// What stands around the values.
    pub around: Around,
    /// Share of empty cells.
    pub blank: f64,
    /// How often each value stands in the sample, most frequent first.
    pub values: Vec<(String, u32)>,
    /// Whether the column is a choice among few values.
    pub is_choice: bool,
    pub reading: Reading,
    /// The most frequent format of dates, padding settled.
    pub moment: Option<MomentFormat>,
    /// Whether any time of day has seconds other than 0.
    pub has_seconds: bool,
    /// Whether every time of day is midnight: days that a program stored as moments.
    pub is_midnight: bool,
    /// Share of filled cells with digits enough for a phone.
    pub phones: f64,
    /// Share of filled cells that look like a Chinese name.
    pub names: f64,
    pub addresses: f64,
    pub id_numbers: f64,
}

impl Habit {
    pub(super) fn of(rows: &[&Texts], at: usize, order: DayOrder, year: i32) -> Habit {
        let reading = Reading { order, year };
        let mut counts: HashMap<&str, u32> = HashMap::new();
        let mut formats: HashMap<MomentFormat, u32> = HashMap::new();
        let mut contents = Contents::default();
        let mut blank = 0_usize;
        let mut has_seconds = false;
        let mut times = (0_usize, 0_usize);
        for row in rows {
            let cell = row.cell(at).trim();
            contents.see(cell);
            if cell.is_empty() {
                blank += 1;
                continue;
            }
            *counts.entry(cell).or_default() += 1;
            if let Some((moment, format)) = moment::parse(unguarded(cell), reading) {
                if let Some(time) = moment.time() {
                    times.0 += 1;
                    times.1 += usize::from(time == chrono::NaiveTime::MIN);
                }
                has_seconds |= moment.time().is_some_and(|time| time.second() != 0);
                *formats.entry(format).or_default() += 1;
            }
        }
        let filled = rows.len() - blank;
        let distinct = counts.len();
        let mut values: Vec<(String, u32)> = counts.into_iter().map(|(value, n)| (value.to_string(), n)).collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let repeats = filled as f64 / distinct.max(1) as f64;
        let is_choice = distinct > 0
            && distinct <= CHOICES_MAX.max(filled / 20)
            && (repeats >= REPEATS_MIN || distinct <= 2 && filled > 4);
        Habit {
            around: Around::of(rows.iter().map(|row| row.cell(at))),
            blank: blank as f64 / rows.len().max(1) as f64,
            values,
            is_choice,
            reading,
            moment: usual_format(formats),
            has_seconds,
            is_midnight: times.0 > 0 && times.0 == times.1,
            phones: contents.share(Look::Phone),
            names: contents.share(Look::HanName),
            addresses: contents.share(Look::Address),
            id_numbers: contents.share(Look::IdNumber),
        }
    }
}

fn usual_format(formats: HashMap<MomentFormat, u32>) -> Option<MomentFormat> {
    let mut formats: Vec<(MomentFormat, u32)> = formats.into_iter().collect();
    formats.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| format!("{:?}", a.0).cmp(&format!("{:?}", b.0))));
    let first = formats.first()?.0.clone();
    Some(formats.iter().skip(1).fold(first, |settled, (other, _)| settled.settle(other)))
}
