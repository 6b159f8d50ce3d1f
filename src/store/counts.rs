//! Counts of numbers and canaries, kept beside the tables so that no question about the pool need read all of it.
//!
//! They follow from the entries like every other table, and are checked as those are. Their rows alone are added to: `arrival` and
//! `cohort` have no triggers.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, params};

use crate::id::PlantingId;
use crate::ledger::{Event, Record};
use crate::list::Meaning;
use crate::phone::Number;

/// Fills the counts of an older ledger from its tables.
pub(super) const FILL: &str =
    "INSERT INTO arrival (at, numbers) SELECT added_at, count(*) FROM number GROUP BY added_at;
  INSERT INTO cohort (planting, dated, added_at, canaries, seconds)
    SELECT planting, dated, added_at, sum(beside IS NULL), sum(beside IS NOT NULL) FROM (
      SELECT c.planting, n.added_at, c.record ->> '$.beside' AS beside,
        CASE WHEN c.record ->> '$.beside' IS NOT NULL THEN ''
        ELSE coalesce(c.record ->> '$.fields.birth_date', c.record ->> '$.fields.birth_time', '') END AS dated
      FROM canary c JOIN number n ON n.number = c.number
    ) GROUP BY planting, dated, added_at;";

/// What an event adds to the counts.
pub(super) enum Counted {
    Number {
        at: i64,
    },
    /// The first number of a row, with its date as it is written, empty if there is none.
    First {
        planting: i64,
        number: Number,
        dated: String,
    },
    /// The second number of a row.
    Second {
        planting: i64,
        number: Number,
    },
}

impl Counted {
    /// Gives what `event`, entered at `at`, adds to the counts.
    pub(super) fn of(event: &Event, at: DateTime<Utc>) -> Vec<Counted> {
        match event {
            Event::Number(_) => vec![Counted::Number { at: at.timestamp_micros() }],
            Event::Mint { planting, number, record, .. } => vec![Counted::canary(*planting, number, record)],
            Event::Made { planting, canaries } => {
                canaries.iter().map(|made| Counted::canary(*planting, &made.number, &made.record)).collect()
            }
            Event::Key { .. }
            | Event::Lock(_)
            | Event::Lookup(_)
            | Event::Met(_)
            | Event::Trap { .. }
            | Event::Holder(_)
            | Event::Flow(_)
            | Event::Line { .. }
            | Event::Control { .. }
            | Event::Retired { .. }
            | Event::Reserved(_)
            | Event::Sealed { .. }
            | Event::Known { .. }
            | Event::Planted { .. }
            | Event::Void { .. }
            | Event::Received { .. }
            | Event::Contact(_)
            | Event::Stray { .. }
            | Event::Backup { .. }
            | Event::Seal { .. }
            | Event::Receipt(_)
            | Event::Stamp(_)
            | Event::Witness(_) => Vec::new(),
        }
    }

    fn canary(planting: PlantingId, number: &Number, record: &Record) -> Counted {
        let (planting, number) = (planting.0 as i64, number.clone());
        if record.beside.is_some() {
            return Counted::Second { planting, number };
        }
        let dated = [Meaning::BirthDate, Meaning::BirthTime];
        let dated = dated.iter().find_map(|meaning| record.fields.get(meaning)).cloned().unwrap_or_default();
        Counted::First { planting, number, dated }
    }
}

/// First and second numbers of rows.
#[derive(Default)]
struct Rows {
    canaries: i64,
    seconds: i64,
}

/// What some events add to the counts, by planting, time of the number's coming, and date.
#[derive(Default)]
pub(super) struct Counts {
    arrivals: BTreeMap<i64, i64>,
    cohorts: BTreeMap<(i64, i64), HashMap<String, Rows>>,
}

impl Counts {
    /// Counts one more; a canary's number must be in the pool.
    pub(super) fn see(&mut self, db: &Connection, counted: &Counted) -> Result<()> {
        match counted {
            Counted::Number { at } => *self.arrivals.entry(*at).or_default() += 1,
            Counted::First { planting, number, dated } => {
                self.rows(db, (*planting, number), dated)?.canaries += 1;
            }
            Counted::Second { planting, number } => self.rows(db, (*planting, number), "")?.seconds += 1,
        }
        Ok(())
    }

    fn rows(&mut self, db: &Connection, (planting, number): (i64, &Number), dated: &str) -> Result<&mut Rows> {
        let mut added = db.prepare_cached("SELECT added_at FROM number WHERE number = ?1")?;
        let added: i64 = added.query_row([number.as_str()], |row| row.get(0))?;
        let cohorts = self.cohorts.entry((planting, added)).or_default();
        if !cohorts.contains_key(dated) {
            cohorts.insert(dated.to_string(), Rows::default());
        }
        Ok(cohorts.get_mut(dated).expect("it was put in above"))
    }

    /// Adds what was counted to the tables, and begins anew.
    pub(super) fn put(&mut self, db: &Connection) -> Result<()> {
        let Counts { arrivals, cohorts } = std::mem::take(self);
        for (at, numbers) in arrivals {
            db.prepare_cached(
                "INSERT INTO arrival (at, numbers) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET numbers = numbers + excluded.numbers",
            )?
            .execute([at, numbers])?;
        }
        for ((planting, added_at), dates) in cohorts {
            let mut dates: Vec<(String, Rows)> = dates.into_iter().collect();
            dates.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            for (dated, Rows { canaries, seconds }) in dates {
                db.prepare_cached(
                    "INSERT INTO cohort (planting, dated, added_at, canaries, seconds) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT DO UPDATE SET canaries = canaries + excluded.canaries, seconds = seconds + excluded.seconds",
                )?
                .execute(params![planting, dated, added_at, canaries, seconds])?;
            }
        }
        Ok(())
    }
}
