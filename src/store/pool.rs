//! Questions about the pool: when each number came, and who was given it when.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::Row;

use super::error::StoreError;
use super::mark::NumberMark;
use super::read::Reader;
use super::rows::{e164, time};
use crate::phone::Number;

/// A number of the pool, and until when nobody can have had it from a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchRow {
    pub number: Number,
    pub added_at: DateTime<Utc>,
    /// When its canary was handed over, or reserved if it never was; nothing without a canary.
    pub planted_at: Option<DateTime<Utc>>,
    /// Tells whether it was set aside to stand in no list and count calls by chance.
    pub control: bool,
    /// Tells whether it stands in the ledger alone.
    pub trap: bool,
    pub retired_at: Option<DateTime<Utc>>,
}

/// Numbers that came at one time and were handed over at one time, counted, whatever became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockRow {
    pub added_at: DateTime<Utc>,
    /// When their canaries were handed over, or reserved if they never were; nothing for numbers without one.
    pub planted_at: Option<DateTime<Utc>>,
    pub numbers: u64,
}

/// A mark of a number: which number, which mark, since when.
type Mark = (Number, NumberMark, DateTime<Utc>);

impl Reader<'_> {
    /// Visits every number of the pool, whatever its state.
    pub fn each_number(&self, visit: &mut dyn FnMut(Number)) -> Result<(), StoreError> {
        self.each_of("SELECT number FROM number", [], visit)
    }

    /// Lets go of the ledger's pages in memory, which a walk over a large pool leaves behind.
    pub fn let_pages_go(&self) -> Result<(), StoreError> {
        self.db.execute_batch("PRAGMA shrink_memory").map_err(|source| StoreError::of(self.path, source))
    }

    /// Lists every number of the pool with the time it came, the time its canary was handed over if it has one,
    /// whether it is a control, and when it was retired, by number.
    pub fn watches(&self) -> Result<Vec<WatchRow>, StoreError> {
        let handed_over: HashMap<i64, i64> = self.pairs(
            "SELECT p.id, coalesce(s.at, p.at) FROM planting p
             LEFT JOIN planting_step s ON s.planting = p.id AND s.step = 'planted'",
        )?;
        let mut planted: Vec<(Number, i64)> =
            self.many("SELECT number, planting FROM canary", [], |row| Ok((e164(row, 0)?, row.get(1)?)))?;
        planted.sort_unstable();
        let mut planted = planted.into_iter().peekable();
        let mut rows = self.many("SELECT number, added_at, NULL FROM number ORDER BY number", [], watch)?;
        for row in &mut rows {
            while planted.next_if(|(number, _)| *number < row.number).is_some() {}
            let planting = planted.next_if(|(number, _)| *number == row.number).map(|(_, planting)| planting);
            row.planted_at = planting.and_then(|id| DateTime::from_timestamp_micros(*handed_over.get(&id)?));
        }
        mark(&mut rows, self.marks()?);
        Ok(rows)
    }

    /// Lists as [`Reader::watches`] does those numbers that begin like one of `blocks`, and all controls and retired ones.
    pub fn watches_in(&self, blocks: &[&str]) -> Result<Vec<WatchRow>, StoreError> {
        const WATCH: &str = "SELECT n.number, n.added_at, coalesce(s.at, p.at) FROM number n
            LEFT JOIN canary c ON c.number = n.number LEFT JOIN planting p ON p.id = c.planting
            LEFT JOIN planting_step s ON s.planting = p.id AND s.step = 'planted'";
        let mut rows = Vec::new();
        for block in blocks {
            // The character behind `9` ends the numbers that begin with the block.
            let sql = format!("{WATCH} WHERE n.number >= ?1 AND n.number < ?1 || ':'");
            rows.extend(self.many(&sql, [block], watch)?);
        }
        let marks = self.marks()?;
        for (number, ..) in &marks {
            rows.extend(self.one(&format!("{WATCH} WHERE n.number = ?1"), [number.as_str()], watch)?);
        }
        rows.sort_unstable_by(|a, b| a.number.cmp(&b.number));
        rows.dedup_by(|a, b| a.number == b.number);
        mark(&mut rows, marks);
        Ok(rows)
    }

    /// Counts the numbers of the pool by when they came and when they were handed over.
    pub fn stock(&self) -> Result<Vec<StockRow>, StoreError> {
        let mut rows = self.many(
            "SELECT c.added_at, coalesce(s.at, p.at) AS planted_at, sum(c.canaries + c.seconds) FROM cohort c
             JOIN planting p ON p.id = c.planting
             LEFT JOIN planting_step s ON s.planting = p.id AND s.step = 'planted' GROUP BY 1, 2",
            [],
            stock,
        )?;
        let mut left: HashMap<DateTime<Utc>, u64> = HashMap::new();
        for row in &rows {
            *left.entry(row.added_at).or_default() += row.numbers;
        }
        for mut row in self.many("SELECT at, NULL, numbers FROM arrival", [], stock)? {
            row.numbers = row.numbers.saturating_sub(left.get(&row.added_at).copied().unwrap_or(0));
            rows.push(row);
        }
        Ok(rows)
    }

    /// Counts the numbers of the pool, and the marks they bear.
    pub fn pool_and_marks(&self) -> Result<(u64, u64), StoreError> {
        let numbers = self.count("SELECT coalesce(sum(numbers), 0) FROM arrival", [])?;
        Ok((numbers, self.count("SELECT count(*) FROM number_mark", [])?))
    }

    fn marks(&self) -> Result<Vec<Mark>, StoreError> {
        self.many("SELECT number, mark, at FROM number_mark", [], |row| Ok((e164(row, 0)?, row.get(1)?, time(row, 2)?)))
    }

    fn pairs(&self, sql: &str) -> Result<HashMap<i64, i64>, StoreError> {
        Ok(self.many(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
    }
}

/// Marks numbers that are in order.
fn mark(rows: &mut [WatchRow], marks: Vec<Mark>) {
    for (number, mark, at) in marks {
        if let Ok(place) = rows.binary_search_by(|row| row.number.cmp(&number)) {
            match mark {
                NumberMark::Control => rows[place].control = true,
                NumberMark::Trap => rows[place].trap = true,
                NumberMark::Retired => rows[place].retired_at = Some(at),
                // The investigator alone can tell as what; to anybody else the number is one of the pool.
                NumberMark::Used => {}
            }
        }
    }
}

/// Reads a number whose marks are not known yet.
fn watch(row: &Row<'_>) -> rusqlite::Result<WatchRow> {
    let planted_at = planted_at(row, 2)?;
    let (number, added_at) = (e164(row, 0)?, time(row, 1)?);
    Ok(WatchRow { number, added_at, planted_at, control: false, trap: false, retired_at: None })
}

fn stock(row: &Row<'_>) -> rusqlite::Result<StockRow> {
    let numbers = row.get::<_, i64>(2)?.unsigned_abs();
    Ok(StockRow { added_at: time(row, 0)?, planted_at: planted_at(row, 1)?, numbers })
}

fn planted_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(DateTime::from_timestamp_micros))
}
