//! Looks for places between two that are known, in the rows of a long list that were only counted when it was learnt.
//!
//! A list sorted by values has one place for a row, and of a long list only a few places are kept. The rows around that one
//! place are cut again, and only those are decoded that tell where it is: half of what is left each time.

use std::io::Read;

use super::place::Place;
use super::serial::Serial;
use super::texts::{Kept, Texts};
use crate::list::layout::Layout;
use crate::list::row::Row;
use crate::list::text::{Batch, Records, TextError};

/// Places that are given at most: where many rows are alike the new one may stand between any two.
const PLACES_MAX: usize = 64;

/// What a new row says of where it belongs.
pub struct Wanted<'a> {
    /// Tells whether it belongs somewhere behind a row of the list.
    pub is_behind: &'a dyn Fn(&Texts) -> bool,
    /// Tells whether it belongs between two neighbours.
    pub fits: &'a dyn Fn(&Texts, &Texts) -> bool,
}

/// Rows between two known places, and what is known of the list.
pub struct Stretch<'a> {
    pub from: &'a Place,
    pub to: &'a Place,
    pub layout: &'a Layout,
    /// The column of serial numbers, if it counts.
    pub serial: Option<usize>,
}

impl Stretch<'_> {
    /// Finds places in front of the rows between the two, not counting theirs; `records` begin with the row at the first.
    ///
    /// Gives nothing where the serial numbers begin anew within the stretch.
    pub fn places(&self, mut records: Records<impl Read>, wanted: &Wanted<'_>) -> Result<Vec<Place>, TextError> {
        if self.serial.is_some() && self.from.run != self.to.run {
            return Ok(Vec::new());
        }
        let mut batch = Batch::new();
        let (mut data_rows, mut above) = (self.from.data_row - 1, None);
        while records.next_batch(&mut batch)? {
            let begin = batch.row(0).map_or(0, |row| self.standing(row).ordinal);
            let Some(left) = self.to.ordinal.checked_sub(begin) else { break };
            let len = usize::try_from(left).map_or(batch.len(), |left| batch.len().min(left + 1));
            let rows: Vec<Row<'_>> = batch.rows().take(len).map(|row| self.standing(row)).collect();
            let Some(last) = rows.last() else { break };
            if !(wanted.is_behind)(&Texts::of(last)) {
                return Ok(self.among(&rows, (data_rows, above), wanted));
            }
            data_rows += rows.iter().filter(|row| self.layout.is_data(row)).count() as u64;
            above = Some(Kept::of(last));
        }
        Ok(Vec::new())
    }

    /// Counts a row from the beginning of the list.
    fn standing<'r>(&self, row: Row<'r>) -> Row<'r> {
        row.standing(self.from.ordinal + row.ordinal, self.from.offset + row.offset)
    }

    /// Finds the places among rows that follow so many data rows, and the record above.
    fn among(&self, rows: &[Row<'_>], (before, above): (u64, Option<Kept>), wanted: &Wanted<'_>) -> Vec<Place> {
        let first = rows.partition_point(|row| (wanted.is_behind)(&Texts::of(row)));
        let mut data_row = before + rows[..first].iter().filter(|row| self.layout.is_data(row)).count() as u64;
        let mut above = first.checked_sub(1).map_or(above, |nth| Some(Kept::of(&rows[nth])));
        let mut found = Vec::new();
        for (nth, at) in rows.iter().enumerate().skip(first) {
            let is_data = self.layout.is_data(at);
            data_row += u64::from(is_data);
            let inside = self.from.ordinal < at.ordinal && at.ordinal < self.to.ordinal;
            let between = above.as_ref().map(Kept::row).filter(|above| inside && is_data && self.layout.is_data(above));
            if let Some(above) = between {
                let mut place = Place::between(&above, at, data_row, self.number_of(at));
                if !(wanted.fits)(&place.above, &place.at) || found.len() == PLACES_MAX {
                    break;
                }
                place.below = rows.get(nth + 1).filter(|below| self.layout.is_data(below)).map(Texts::of);
                found.push(place);
            }
            above = Some(Kept::of(at));
        }
        found
    }

    fn number_of(&self, row: &Row<'_>) -> (Option<u64>, u32) {
        (self.serial.and_then(|column| Serial::new(column).follow(row).0), self.from.run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::rows::{Rows, head};
    use crate::list::text::{Dialect, Spacing};
    use crate::list::{Certainty, ColumnMap, Encoding, LineEnd, recognise};

    /// A list sorted by name, as long as several batches, with a title among the rows.
    fn list() -> String {
        let row = |n: usize| format!("{n},A{:05},2026-01-{:02},138{n:08}\n", n / 2 * 2, 1 + n * 17 % 28);
        let rows = (1..=40_000).map(|n| if n == 20_000 { "第二页,,,\n".to_string() + &row(n) } else { row(n) });
        "序号,产妇姓名,分娩日期,联系电话\n".to_string() + &rows.collect::<String>()
    }

    fn found(text: &str, (from, to): (usize, usize), name: &str) -> Vec<Place> {
        let layout = recognise(&head(text), &ColumnMap::default()).expect("a layout");
        let rows = Rows::new(text);
        let mut data_rows = 0;
        let (mut all, mut above): (Vec<Place>, Option<Row<'_>>) = (Vec::new(), None);
        for row in rows.iter() {
            if layout.is_data(&row) {
                data_rows += 1;
                if let Some(above) = above.filter(|above| layout.is_data(above)) {
                    all.push(Place::between(&above, &row, data_rows, (Some(data_rows), 0)));
                }
            }
            above = Some(row);
        }
        let dialect = Dialect {
            encoding: Encoding::Utf8,
            certainty: Certainty::Settled,
            bom: false,
            delimiter: b',',
            line_end: LineEnd::Lf,
            spacing: Spacing::Tight,
        };
        let (from, to) = (&all[from], &all[to]);
        let stretch = Stretch { from, to, layout: &layout, serial: Some(0) };
        let wanted = Wanted {
            is_behind: &|row| row.cell(1) < name,
            fits: &|above, at| above.cell(1) <= name && name <= at.cell(1),
        };
        let records = Records::new(&text.as_bytes()[from.offset as usize..], &dialect);
        let found = stretch.places(records, &wanted).expect("a sound list");
        for place in &found {
            let known = all.iter().find(|known| known.ordinal == place.ordinal).expect("a place of the list");
            assert_eq!((place.data_row, place.offset), (known.data_row, known.offset), "{name}");
            assert_eq!((&place.above, &place.at, place.serial), (&known.above, &known.at, known.serial), "{name}");
        }
        found
    }

    #[test]
    fn the_one_place_of_a_row_is_found_however_far_it_is() {
        let text = list();
        for (name, rows) in [("A00011", 12), ("A19001", 19_002), ("A20001", 20_002), ("A39001", 39_002)] {
            let found = found(&text, (2, 39_990), name);
            assert_eq!(found.iter().map(|place| place.data_row).collect::<Vec<_>>(), [rows], "{name}");
        }
        assert_eq!(found(&text, (2, 9_000), "A00100").len(), 3, "in front of, between and behind its like");
    }

    #[test]
    fn what_does_not_stand_between_the_two_is_not_found() {
        let text = list();
        assert!(found(&text, (2, 500), "A00601").is_empty());
        assert!(found(&text, (700, 900), "A00601").is_empty());
        assert!(found(&text, (600, 600), "A00601").is_empty());
    }
}
