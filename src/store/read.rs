//! Questions to the tables.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::error::StoreError;
use super::lock::Lock;
use super::rows::{
    AT_ONCE, CanaryRow, CohortRow, MadeRow, NumberRow, ReceivedRow, SeenRow, canary, cells, cohort, contact, e164,
    fields, flow, holder, made, number, parsed, received, seen,
};
use crate::hit::{Caller, Contact};
use crate::holder::{Flow, FlowGraph, Holder, HolderId};
use crate::id::{CanaryId, PlantingId};
use crate::ledger::RecordFields;
use crate::phone::Number;

/// Asks questions of an open ledger.
pub struct Reader<'a> {
    pub(super) db: &'a Connection,
    pub(super) path: &'a Path,
    pub(super) lock: Option<&'a Lock>,
}

const NUMBERS: &str = "SELECT n.number, n.provider, n.kind, n.added_at, n.free_from,
   EXISTS (SELECT 1 FROM number_mark m WHERE m.number = n.number AND m.mark = 'retired'),
   EXISTS (SELECT 1 FROM number_mark m WHERE m.number = n.number AND m.mark = 'control'),
   (SELECT c.planting FROM canary c WHERE c.number = n.number),
   (SELECT count(*) FROM contact k WHERE k.number = n.number),
   EXISTS (SELECT 1 FROM number_mark m WHERE m.number = n.number AND m.mark = 'trap')
   FROM number n";
const FREE: &str = "SELECT number FROM number n WHERE free_from <= ?1
   AND NOT EXISTS (SELECT 1 FROM canary c WHERE c.number = n.number)
   AND NOT EXISTS (SELECT 1 FROM number_mark m WHERE m.number = n.number)";
const CANARIES: &str = "SELECT id, number, planting, row, record FROM canary";
const CONTACTS: &str = "SELECT number, caller, at, kind, seconds, said FROM contact";
/// Where canaries were seen; the text behind it names the columns and goes on.
const SEEN: &str = "FROM received r JOIN canary c ON c.id = r.canary
   JOIN planting made ON made.id = c.planting JOIN planting got ON got.id = r.planting";

/// Looks at one canary: its id, number, planting, and the fields of its record.
pub type SeeCanary<'v, E> = dyn FnMut(CanaryId, Number, PlantingId, RecordFields<'_>) -> Result<(), E> + 'v;

impl<'a> Reader<'a> {
    pub(super) fn new(db: &'a Connection, path: &'a Path, lock: Option<&'a Lock>) -> Reader<'a> {
        Reader { db, path, lock }
    }

    pub(super) fn many<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let of = |source| StoreError::of(self.path, source);
        let mut found = Vec::new();
        let mut statement = self.db.prepare_cached(sql).map_err(of)?;
        for row in statement.query_map(values, read).map_err(of)? {
            found.push(row.map_err(of)?);
        }
        Ok(found)
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let of = |source| StoreError::of(self.path, source);
        self.db.prepare_cached(sql).and_then(|mut found| found.query_row(values, read).optional()).map_err(of)
    }

    pub(super) fn count(&self, sql: &str, values: impl Params) -> Result<u64, StoreError> {
        let count = self.one(sql, values, |row| row.get::<_, i64>(0))?;
        Ok(count.map_or(0, i64::unsigned_abs))
    }

    /// Lists all holders by id.
    pub fn holders(&self) -> Result<Vec<Holder>, StoreError> {
        self.many("SELECT id, name, kind, region, parent FROM holder ORDER BY id", [], holder)
    }

    /// Finds a holder.
    pub fn holder(&self, id: &HolderId) -> Result<Option<Holder>, StoreError> {
        self.one("SELECT id, name, kind, region, parent FROM holder WHERE id = ?1", [id.as_str()], holder)
    }

    /// Lists the declared flows, oldest first.
    pub fn flows(&self) -> Result<Vec<Flow>, StoreError> {
        self.many("SELECT source, target, share, since, until FROM flow ORDER BY id", [], flow)
    }

    /// Gives all holders and flows together.
    pub fn graph(&self) -> Result<FlowGraph, StoreError> {
        Ok(FlowGraph::new(self.holders()?, self.flows()?))
    }

    /// Lists the lines that holders call from themselves, as contacts have them.
    pub fn lines(&self) -> Result<HashMap<String, HolderId>, StoreError> {
        let found = self.many("SELECT caller, holder FROM line", [], |row| Ok((row.get(0)?, parsed(row, 1)?)))?;
        Ok(found.into_iter().collect())
    }

    /// Lists the whole pool by number, with states as of `now`.
    pub fn numbers(&self, now: DateTime<Utc>) -> Result<Vec<NumberRow>, StoreError> {
        let found = self.many(&format!("{NUMBERS} ORDER BY n.number"), [], number)?;
        Ok(found.into_iter().map(|row| row.judged_at(now)).collect())
    }

    /// Finds one number of the pool, with its state as of `now`.
    pub fn number(&self, wanted: &Number, now: DateTime<Utc>) -> Result<Option<NumberRow>, StoreError> {
        let found = self.one(&format!("{NUMBERS} WHERE n.number = ?1"), [wanted.as_str()], number)?;
        Ok(found.map(|row| row.judged_at(now)))
    }

    /// Tells whether a number is in the pool.
    pub fn owns(&self, number: &Number) -> Result<bool, StoreError> {
        Ok(self.count("SELECT count(*) FROM number WHERE number = ?1", [number.as_str()])? > 0)
    }

    /// Lists the numbers that may be planted at `now`, by number.
    pub fn free_numbers(&self, now: DateTime<Utc>) -> Result<Vec<Number>, StoreError> {
        let mut free = Vec::new();
        self.each_free_number(now, &mut |number| free.push(number))?;
        Ok(free)
    }

    /// Visits the numbers that may be planted at `now`, by number.
    pub fn each_free_number(&self, now: DateTime<Utc>, visit: &mut dyn FnMut(Number)) -> Result<(), StoreError> {
        self.each_of(&format!("{FREE} ORDER BY number"), [now.timestamp_micros()], visit)
    }

    pub(super) fn each_of(
        &self,
        sql: &str,
        values: impl Params,
        visit: &mut dyn FnMut(Number),
    ) -> Result<(), StoreError> {
        let of = |source| StoreError::of(self.path, source);
        let mut statement = self.db.prepare_cached(sql).map_err(of)?;
        let mut rows = statement.query(values).map_err(of)?;
        while let Some(row) = rows.next().map_err(of)? {
            visit(e164(row, 0).map_err(of)?);
        }
        Ok(())
    }

    /// Tells whether a number may be planted at `now`.
    pub fn is_free(&self, number: &Number, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = (now.timestamp_micros(), number.as_str());
        Ok(self.one(&format!("{FREE} AND number = ?2"), values, |row| e164(row, 0))?.is_some())
    }

    /// Lists the traps by number, with the contacts that reached each since it was set aside.
    pub fn traps(&self) -> Result<Vec<(Number, u64)>, StoreError> {
        self.many(
            "SELECT m.number, (SELECT count(*) FROM contact c WHERE c.number = m.number AND c.at >= m.at)
             FROM number_mark m WHERE m.mark = 'trap' ORDER BY m.number",
            [],
            |row| Ok((e164(row, 0)?, row.get::<_, i64>(1)?.unsigned_abs())),
        )
    }

    /// Lists who reached which trap since it was set aside, as far as callers showed themselves.
    pub fn trap_callers(&self) -> Result<Vec<(Number, Caller)>, StoreError> {
        self.at_traps("c.kind <> 'list'")
    }

    /// Lists the seized lists in which a trap stands, each by the name under which it is on record.
    pub fn trap_lists(&self) -> Result<Vec<(Number, Caller)>, StoreError> {
        self.at_traps("c.kind = 'list'")
    }

    fn at_traps(&self, kind: &str) -> Result<Vec<(Number, Caller)>, StoreError> {
        let sql = format!(
            "SELECT m.number, c.caller FROM number_mark m CROSS JOIN contact c ON c.number = m.number AND c.at >= m.at
             WHERE m.mark = 'trap' AND c.caller IS NOT NULL AND {kind}"
        );
        self.many(&sql, [], |row| Ok((e164(row, 0)?, Caller::from_kept(row.get_ref(1)?.as_str()?))))
    }

    /// Lists the numbers that are in use and of which it cannot be read whose canaries they are.
    pub fn numbers_used_unread(&self) -> Result<Vec<Number>, StoreError> {
        self.many("SELECT number FROM number_mark WHERE mark = 'used'", [], |row| e164(row, 0))
    }

    /// Lists every number of the pool that was ever given to a canary.
    pub fn planted_numbers(&self) -> Result<Vec<Number>, StoreError> {
        self.many("SELECT number FROM canary", [], |row| e164(row, 0))
    }

    /// Finds the canary of a number without its record: its id and planting. A second number's is that of its row's first.
    pub fn canary_at(&self, number: &Number) -> Result<Option<(CanaryId, PlantingId)>, StoreError> {
        let sql = "SELECT coalesce(first.id, c.id), c.planting FROM canary c
                   LEFT JOIN canary first ON first.number = c.record ->> '$.beside' WHERE c.number = ?1";
        self.one(sql, [number.as_str()], |row| {
            let id = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok((CanaryId(id(0)?), PlantingId(id(1)?)))
        })
    }

    /// Gives the birth date in a canary's record, as it is written in the list.
    pub fn birth_date_of(&self, canary: CanaryId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT coalesce(record ->> '$.fields.birth_date', record ->> '$.fields.birth_time')
                   FROM canary WHERE id = ?1";
        Ok(self.one(sql, [canary.0 as i64], |row| row.get::<_, Option<String>>(0))?.flatten())
    }

    /// Counts the canaries made in each planting for a holder, by the birth date in their record; void ones and second
    /// numbers of a row are left out.
    pub fn cohorts_of(&self, holder: &HolderId) -> Result<Vec<CohortRow>, StoreError> {
        self.many(
            "SELECT p.id, coalesce(planted.at, p.at), sum(c.canaries) AS made, c.dated
             FROM planting p LEFT JOIN planting_step planted ON planted.planting = p.id AND planted.step = 'planted'
             JOIN cohort c ON c.planting = p.id WHERE p.holder = ?1
             AND NOT EXISTS (SELECT 1 FROM planting_step void WHERE void.planting = p.id AND void.step = 'void')
             GROUP BY p.id, c.dated HAVING made > 0",
            [holder.as_str()],
            cohort,
        )
    }

    /// Lists the canaries that stood in lists made for a holder already, each with the planting it was made in; second
    /// numbers of a row are left out.
    pub fn seen_with(&self, holder: &HolderId) -> Result<Vec<(ReceivedRow, PlantingId)>, StoreError> {
        self.many(
            &format!(
                "SELECT r.canary, r.holder, r.planting, r.at, {AT_ONCE}, r.row, c.planting {SEEN}
                 WHERE got.holder = ?1 AND c.record ->> '$.beside' IS NULL"
            ),
            [holder.as_str()],
            |row| Ok((received(row)?, PlantingId(row.get::<_, i64>(6)?.unsigned_abs()))),
        )
    }

    /// Counts the rows with canaries made in each planting; a second number in a row is no row.
    pub fn made(&self) -> Result<Vec<MadeRow>, StoreError> {
        self.many(
            "SELECT c.planting, count(*), count(m.number) FROM canary c
             LEFT JOIN number_mark m ON m.number = c.number AND m.mark = 'retired'
             WHERE c.record ->> '$.beside' IS NULL GROUP BY c.planting ORDER BY c.planting",
            [],
            made,
        )
    }

    /// Lists every time a row with a canary was seen in a list made for a holder, with the planting it was made in.
    pub fn seen(&self) -> Result<Vec<SeenRow>, StoreError> {
        self.many(
            &format!(
                "SELECT r.canary, r.holder, r.planting, r.at, {AT_ONCE}, r.row, c.planting, m.number IS NOT NULL {SEEN}
                 LEFT JOIN number_mark m ON m.number = c.number AND m.mark = 'retired'
                 WHERE c.record ->> '$.beside' IS NULL ORDER BY r.id"
            ),
            [],
            seen,
        )
    }

    /// Gives the id that the next planting takes; holds only within a transaction.
    pub fn next_planting(&self) -> Result<PlantingId, StoreError> {
        Ok(PlantingId(self.count("SELECT coalesce(max(id), 0) + 1 FROM planting", [])?))
    }

    /// Gives the id that the next canary takes; holds only within a transaction.
    pub fn next_canary(&self) -> Result<CanaryId, StoreError> {
        Ok(CanaryId(self.count("SELECT coalesce(max(id), 0) + 1 FROM canary", [])?))
    }

    /// Finds the canary that a number belongs to.
    pub fn canary_of(&self, number: &Number) -> Result<Option<CanaryRow>, StoreError> {
        self.one(&format!("{CANARIES} WHERE number = ?1"), [number.as_str()], canary)
    }

    /// Finds the number of a canary.
    pub fn number_of(&self, id: CanaryId) -> Result<Option<Number>, StoreError> {
        self.one("SELECT number FROM canary WHERE id = ?1", [id.0 as i64], |row| e164(row, 0))
    }

    /// Finds a canary by its id.
    pub fn canary(&self, id: CanaryId) -> Result<Option<CanaryRow>, StoreError> {
        self.one(&format!("{CANARIES} WHERE id = ?1"), [id.0 as i64], canary)
    }

    /// Lists the canaries that were made for a planting, by id.
    pub fn canaries_in(&self, planting: PlantingId) -> Result<Vec<CanaryRow>, StoreError> {
        self.many(&format!("{CANARIES} WHERE planting = ?1 ORDER BY id"), [planting.0 as i64], canary)
    }

    /// Visits the cells of every canary that was made for a planting, by id.
    pub fn each_cells<E: From<StoreError>>(
        &self,
        planting: PlantingId,
        visit: &mut dyn FnMut(&[String]) -> Result<(), E>,
    ) -> Result<(), E> {
        let of = |source| StoreError::of(self.path, source);
        let sql = "SELECT record FROM canary WHERE planting = ?1 ORDER BY id";
        let mut statement = self.db.prepare_cached(sql).map_err(of)?;
        let mut rows = statement.query([planting.0 as i64]).map_err(of)?;
        while let Some(row) = rows.next().map_err(of)? {
            visit(&cells(row).map_err(of)?)?;
        }
        Ok(())
    }

    /// Visits the fields of every canary that was made for a planting, by id.
    pub fn each_fields<E: From<StoreError>>(
        &self,
        planting: PlantingId,
        visit: &mut dyn FnMut(RecordFields<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let of = |source| StoreError::of(self.path, source);
        let sql = "SELECT record FROM canary WHERE planting = ?1 ORDER BY id";
        let mut statement = self.db.prepare_cached(sql).map_err(of)?;
        let mut rows = statement.query([planting.0 as i64]).map_err(of)?;
        while let Some(row) = rows.next().map_err(of)? {
            visit(fields(row, 0).map_err(of)?)?;
        }
        Ok(())
    }

    /// Visits every canary by id: its id, number, planting, and the fields of its record.
    pub fn each_canary<E: From<StoreError>>(&self, visit: &mut SeeCanary<'_, E>) -> Result<(), E> {
        let of = |source| StoreError::of(self.path, source);
        let mut statement = self.db.prepare_cached("SELECT id, number, planting, record FROM canary").map_err(of)?;
        let mut rows = statement.query([]).map_err(of)?;
        while let Some(row) = rows.next().map_err(of)? {
            let id = |column| row.get::<_, i64>(column).map(i64::unsigned_abs).map_err(of);
            let (canary, planting) = (CanaryId(id(0)?), PlantingId(id(2)?));
            visit(canary, e164(row, 1).map_err(of)?, planting, fields(row, 3).map_err(of)?)?;
        }
        Ok(())
    }

    /// Lists all canaries by id.
    pub fn canaries(&self) -> Result<Vec<CanaryRow>, StoreError> {
        self.many(&format!("{CANARIES} ORDER BY id"), [], canary)
    }

    /// Lists every time a canary was seen in a list made for a holder.
    pub fn received(&self) -> Result<Vec<ReceivedRow>, StoreError> {
        self.many(
            &format!("SELECT r.canary, r.holder, r.planting, r.at, {AT_ONCE}, r.row {SEEN} ORDER BY r.id"),
            [],
            received,
        )
    }

    /// Lists the lists in which one canary was seen.
    pub fn received_of(&self, canary: CanaryId) -> Result<Vec<ReceivedRow>, StoreError> {
        let sql = format!(
            "SELECT r.canary, r.holder, r.planting, r.at, {AT_ONCE}, r.row {SEEN} WHERE r.canary = ?1 ORDER BY r.id"
        );
        self.many(&sql, [canary.0 as i64], received)
    }

    /// Lists all contacts in the order in which they were put on record.
    pub fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        self.many(&format!("{CONTACTS} ORDER BY id"), [], contact)
    }

    /// Tells whether anything reached a number.
    pub fn is_called(&self, number: &Number) -> Result<bool, StoreError> {
        Ok(self.count("SELECT EXISTS (SELECT 1 FROM contact WHERE number = ?1)", [number.as_str()])? > 0)
    }

    /// Tells whether a contact with this key is on record.
    pub fn has_contact(&self, key: &str) -> Result<bool, StoreError> {
        let is_tagged = match self.lock.and_then(|lock| lock.blind_if_there()) {
            Some(blind) => self.count("SELECT count(*) FROM main.used WHERE tag = ?1", [blind.contact(key)])? > 0,
            None => false,
        };
        Ok(is_tagged || self.count("SELECT count(*) FROM contact WHERE key = ?1", [key])? > 0)
    }

    /// Counts the entries of the ledger that a tree head covers.
    pub fn entries(&self) -> Result<u64, StoreError> {
        self.count("SELECT coalesce(max(size), 0) FROM head", [])
    }
}
