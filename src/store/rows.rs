//! What the tables hold, as values.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use rusqlite::types::Type;

use crate::hit::{Caller, Contact, ContactKind};
use crate::holder::{Came, Flow, Holder, HolderId};
use crate::id::{CanaryId, PlantingId};
use crate::ledger::{Record, RecordFields};
use crate::phone::{Number, State};

/// A number, its state, and how often it was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberRow {
    pub number: Number,
    pub state: State,
    pub provider: Option<String>,
    pub kind: Option<String>,
    pub added_at: DateTime<Utc>,
    pub contacts: u64,
}

/// How far a planting has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlantingState {
    Reserved,
    Sealed,
    Planted { at: DateTime<Utc> },
    Void,
}

/// One seeded copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlantingRow {
    pub id: PlantingId,
    pub holder: HolderId,
    pub reserved_at: DateTime<Utc>,
    pub state: PlantingState,
    pub input_path: Option<String>,
    pub input_sha256: Option<String>,
    pub input_rows: Option<u64>,
    pub final_path: String,
    pub temp_path: String,
    /// The headings of its list's columns.
    pub header: Vec<String>,
    pub output_sha256: Option<String>,
    pub output_rows: Option<u64>,
}

/// One canary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryRow {
    pub id: CanaryId,
    pub number: Number,
    pub planting: PlantingId,
    pub row: u64,
    pub record: Record,
}

/// The canaries made in one planting with one birth date (as it is written in the list), counted; `at` is when they were
/// handed over, or were to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortRow {
    pub planting: PlantingId,
    pub at: DateTime<Utc>,
    pub canaries: u64,
    /// Empty if there is none.
    pub dated: String,
}

/// Rows with canaries of one planting: all of them, and those whose number is retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeRow {
    pub planting: PlantingId,
    pub canaries: u64,
    pub retired: u64,
}

/// A canary that was seen in a list made for a holder, and where it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRow {
    pub seen: ReceivedRow,
    pub made_in: PlantingId,
    pub retired: bool,
}

/// A canary that was seen in a list made for a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRow {
    pub canary: CanaryId,
    pub holder: HolderId,
    pub planting: PlantingId,
    pub at: DateTime<Utc>,
    pub came: Came,
    /// Data row of that list, from 1.
    pub row: u64,
}

/// Whether a canary (of the planting `made`) came into another list (of the planting `got`) at once: one command reserves all
/// copies of a list in one transaction, whose entries bear one time, and only copies of one list share what is made for them.
pub(super) const AT_ONCE: &str =
    "coalesce(made.id <> got.id AND made.at = got.at AND made.input_sha256 = got.input_sha256, 0)";

/// A number as its row holds it, before a time is known to judge its state by.
pub(super) struct RawNumber {
    row: NumberRow,
    free_from: DateTime<Utc>,
}

impl RawNumber {
    pub(super) fn judged_at(self, now: DateTime<Utc>) -> NumberRow {
        let waits = self.row.state == State::Free && self.free_from > now;
        let state = if waits { State::Quarantined { until: self.free_from } } else { self.row.state };
        NumberRow { state, ..self.row }
    }
}

pub(super) fn number(row: &Row<'_>) -> rusqlite::Result<RawNumber> {
    let (retired, control): (bool, bool) = (row.get(5)?, row.get(6)?);
    let state = match row.get::<_, Option<i64>>(7)? {
        _ if retired => State::Retired,
        _ if control => State::Control,
        _ if row.get(9)? => State::Trap,
        Some(planting) => State::Planted { planting: PlantingId(planting.unsigned_abs()) },
        None => State::Free,
    };
    Ok(RawNumber {
        row: NumberRow {
            number: e164(row, 0)?,
            state,
            provider: row.get(1)?,
            kind: row.get(2)?,
            added_at: time(row, 3)?,
            contacts: row.get::<_, i64>(8)?.unsigned_abs(),
        },
        free_from: time(row, 4)?,
    })
}

pub(super) fn holder(row: &Row<'_>) -> rusqlite::Result<Holder> {
    Ok(Holder {
        id: parsed(row, 0)?,
        name: row.get(1)?,
        kind: parsed(row, 2)?,
        region: row.get(3)?,
        parent: parsed_maybe(row, 4)?,
    })
}

pub(super) fn flow(row: &Row<'_>) -> rusqlite::Result<Flow> {
    Ok(Flow {
        from: parsed(row, 0)?,
        to: parsed(row, 1)?,
        share: row.get(2)?,
        since: parsed_maybe(row, 3)?,
        until: parsed_maybe(row, 4)?,
    })
}

pub(super) fn planting(row: &Row<'_>) -> rusqlite::Result<PlantingRow> {
    let output_sha256: Option<String> = row.get(8)?;
    let (planted, void): (Option<i64>, Option<i64>) = (row.get(10)?, row.get(11)?);
    let state = match (planted, void) {
        (_, Some(_)) => PlantingState::Void,
        (Some(_), None) => PlantingState::Planted { at: time(row, 10)? },
        (None, None) if output_sha256.is_some() => PlantingState::Sealed,
        (None, None) => PlantingState::Reserved,
    };
    Ok(PlantingRow {
        id: PlantingId(row.get::<_, i64>(0)?.unsigned_abs()),
        holder: parsed(row, 1)?,
        reserved_at: time(row, 2)?,
        state,
        input_path: row.get(3)?,
        input_sha256: row.get(4)?,
        input_rows: row.get::<_, Option<i64>>(12)?.map(i64::unsigned_abs),
        final_path: row.get(5)?,
        temp_path: row.get(6)?,
        header: serde_json::from_str(row.get_ref(7)?.as_str()?).map_err(|error| unreadable(7, error))?,
        output_sha256,
        output_rows: row.get::<_, Option<i64>>(9)?.map(i64::unsigned_abs),
    })
}

pub(super) fn canary(row: &Row<'_>) -> rusqlite::Result<CanaryRow> {
    Ok(CanaryRow {
        id: CanaryId(row.get::<_, i64>(0)?.unsigned_abs()),
        number: e164(row, 1)?,
        planting: PlantingId(row.get::<_, i64>(2)?.unsigned_abs()),
        row: row.get::<_, i64>(3)?.unsigned_abs(),
        record: serde_json::from_str(row.get_ref(4)?.as_str()?).map_err(|error| unreadable(4, error))?,
    })
}

/// Reads the cells of a record, and nothing else of it.
pub(super) fn cells(row: &Row<'_>) -> rusqlite::Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Cells {
        #[serde(default)]
        cells: Vec<String>,
    }
    let record: Cells = serde_json::from_str(row.get_ref(0)?.as_str()?).map_err(|error| unreadable(0, error))?;
    Ok(record.cells)
}

/// Reads the fields of a record, and nothing else of it.
pub(super) fn fields<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<RecordFields<'r>> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| unreadable(column, error))
}

pub(super) fn cohort(row: &Row<'_>) -> rusqlite::Result<CohortRow> {
    Ok(CohortRow {
        planting: PlantingId(row.get::<_, i64>(0)?.unsigned_abs()),
        at: time(row, 1)?,
        canaries: row.get::<_, i64>(2)?.unsigned_abs(),
        dated: row.get(3)?,
    })
}

pub(super) fn received(row: &Row<'_>) -> rusqlite::Result<ReceivedRow> {
    Ok(ReceivedRow {
        canary: CanaryId(row.get::<_, i64>(0)?.unsigned_abs()),
        holder: parsed(row, 1)?,
        planting: PlantingId(row.get::<_, i64>(2)?.unsigned_abs()),
        at: time(row, 3)?,
        came: if row.get(4)? { Came::AtOnce } else { Came::Along },
        row: row.get::<_, i64>(5)?.unsigned_abs(),
    })
}

pub(super) fn made(row: &Row<'_>) -> rusqlite::Result<MadeRow> {
    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(MadeRow { planting: PlantingId(count(0)?), canaries: count(1)?, retired: count(2)? })
}

pub(super) fn seen(row: &Row<'_>) -> rusqlite::Result<SeenRow> {
    let made_in = PlantingId(row.get::<_, i64>(6)?.unsigned_abs());
    Ok(SeenRow { seen: received(row)?, made_in, retired: row.get(7)? })
}

pub(super) fn contact(row: &Row<'_>) -> rusqlite::Result<Contact> {
    let from = row.get_ref(1)?.as_str_or_null()?.map(Caller::from_kept);
    Ok(Contact {
        to: e164(row, 0)?,
        from,
        at: time(row, 2)?,
        kind: ContactKind::from_kept(row.get_ref(3)?.as_str()?).map_err(|error| unreadable(3, error))?,
        seconds: row.get(4)?,
        said: row.get(5)?,
    })
}

pub(super) fn unreadable(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

pub(super) fn e164(row: &Row<'_>, column: usize) -> rusqlite::Result<Number> {
    Number::from_e164(row.get_ref(column)?.as_str()?).map_err(|error| unreadable(column, error))
}

pub(super) fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get_ref(column)?.as_str()?.parse().map_err(|error| unreadable(column, error))
}

pub(super) fn parsed_maybe<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|error| unreadable(column, error))).transpose()
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<DateTime<Utc>> {
    let micros = row.get(column)?;
    DateTime::from_timestamp_micros(micros).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, micros))
}
