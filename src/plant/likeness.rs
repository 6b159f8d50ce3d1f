//! What a row to follow should have in common with a new one.

use chrono::{Datelike, NaiveDate, Weekday};

use super::draw::moment_of;
use super::model::Model;
use super::numbers::{RowNumbers, SEGMENT_DIGITS};
use super::site::Site;
use crate::list::digits;
use crate::list::profile::Texts;

/// What is known of a new row before anything is drawn.
pub struct Likeness<'a> {
    /// A row of its hospital.
    pub host: &'a Texts,
    /// How many numbers of others it has.
    pub others: usize,
    /// The day of the week of a column of dates in order.
    pub weekday: Option<(usize, Weekday)>,
    /// The first digits of its number.
    pub prefix: Option<String>,
}

impl Likeness<'_> {
    /// Counts what a row has in common with the new one.
    pub fn score(&self, model: &Model<'_>, row: &Texts) -> i32 {
        let same_day = self.weekday.is_none_or(|(at, weekday)| {
            model.moment(row, at).and_then(|(moment, _)| moment.day()).is_some_and(|day| day.weekday() == weekday)
        });
        let alike = self.prefix.as_ref().map_or(0, |prefix| {
            let national = digits::groups(row.cell(model.phone)).into_iter().next();
            let national =
                national.and_then(|group| digits::national_forms(group).next()).map(|digits| digits.to_string());
            national.map_or(0, |own| own.bytes().zip(prefix.bytes()).take_while(|(a, b)| a == b).count())
        });
        let closeness = match alike {
            SEGMENT_DIGITS.. => 3,
            4..SEGMENT_DIGITS => 2,
            3 => 1,
            0..3 => 0,
        };
        closeness + if same_day { 4 } else { 0 }
    }
}

impl<'p> Site<'p> {
    /// Says what the row at this site has in common with others, whoever it will be of.
    pub fn likeness(&self, model: &Model<'_>, numbers: &RowNumbers) -> Likeness<'p> {
        let dated = |(column, value): (&usize, &i64)| {
            let (day, _): (NaiveDate, _) = moment_of(model.profile.order(*column)?, *value)?;
            Some((*column, day.weekday()))
        };
        Likeness {
            host: self.place.host(),
            others: numbers.others.len(),
            weekday: self.values.iter().find_map(dated),
            prefix: numbers.first.national().get(..SEGMENT_DIGITS).map(str::to_string),
        }
    }
}
