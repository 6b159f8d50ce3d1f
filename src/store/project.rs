//! Writes the rows that answer questions about an event.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, ToSql, params};

use crate::holder::HolderId;
use crate::id::PlantingId;
use crate::ledger::{ContactRecord, Event, InputFile, NumberRecord, PlantingRecord};

/// Writes what `event`, entered at `at`, adds to the tables.
pub(super) fn project(db: &Connection, event: &Event, at: DateTime<Utc>) -> Result<()> {
    let now = at.timestamp_micros();
    match event {
        Event::Key { .. } | Event::Backup { .. } => Ok(()),
        Event::Holder(holder) => run(
            db,
            "INSERT INTO holder (id, name, kind, region, parent) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                holder.id.as_str(),
                holder.name,
                holder.kind.word(),
                holder.region,
                holder.parent.as_ref().map(HolderId::as_str)
            ],
        ),
        Event::Flow(flow) => run(
            db,
            "INSERT INTO flow (source, target, share, since, until) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                flow.from.as_str(),
                flow.to.as_str(),
                flow.share,
                flow.since.map(|day| day.to_string()),
                flow.until.map(|day| day.to_string())
            ],
        ),
        Event::Line { holder, caller } => {
            run(db, "INSERT INTO line (caller, holder) VALUES (?1, ?2)", params![caller, holder.as_str()])
        }
        Event::Number(record) => number(db, record, now),
        Event::Control { number } => mark(db, number.as_str(), "control", now),
        Event::Retired { number } => mark(db, number.as_str(), "retired", now),
        Event::Reserved(record) => reserved(db, record, now),
        Event::Mint { canary, planting, number, row, record } => run(
            db,
            "INSERT INTO canary (id, number, planting, row, identity, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                canary.0 as i64,
                number.as_str(),
                planting.0 as i64,
                *row as i64,
                record.identity,
                serde_json::to_string(record).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?
            ],
        ),
        Event::Sealed { planting, output, undo } => sealed(db, *planting, output, undo.as_deref(), now),
        Event::Planted { planting } => step(db, *planting, "planted", now),
        Event::Void { planting, .. } => step(db, *planting, "void", now),
        Event::Received { canary, holder, planting, list_sha256, row } => run(
            db,
            "INSERT INTO received (canary, holder, planting, row, list_sha256, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![canary.0 as i64, holder.as_str(), planting.0 as i64, *row as i64, list_sha256, now],
        ),
        Event::Contact(record) => contact(db, record),
        Event::Stray { source, contacts } => run(
            db,
            "INSERT INTO stray (source, contacts, at) VALUES (?1, ?2, ?3)",
            params![source, *contacts as i64, now],
        ),
    }
}

fn run(db: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<()> {
    db.prepare_cached(sql)?.execute(values).map(|_| ())
}

fn number(db: &Connection, record: &NumberRecord, now: i64) -> Result<()> {
    run(
        db,
        "INSERT INTO number (number, provider, kind, since, until, address, note, added_at, free_from)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            record.number.as_str(),
            record.provider,
            record.kind,
            record.since,
            record.until,
            record.address,
            record.note,
            now,
            record.free_from.timestamp_micros()
        ],
    )
}

fn mark(db: &Connection, number: &str, mark: &str, now: i64) -> Result<()> {
    run(db, "INSERT INTO number_mark (number, mark, at) VALUES (?1, ?2, ?3)", params![number, mark, now])
}

fn reserved(db: &Connection, record: &PlantingRecord, now: i64) -> Result<()> {
    let header = serde_json::to_string(&record.header);
    run(
        db,
        "INSERT INTO planting (id, holder, at, input_path, input_sha256, input_rows, final_path, temp_path, header)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            record.planting.0 as i64,
            record.holder.as_str(),
            now,
            record.input.as_ref().map(|input| &input.path),
            record.input.as_ref().map(|input| &input.sha256),
            record.input.as_ref().map(|input| input.rows as i64),
            record.final_path,
            record.temp_path,
            header.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?
        ],
    )
}

fn step(db: &Connection, planting: PlantingId, step: &str, now: i64) -> Result<()> {
    run(db, "INSERT INTO planting_step (planting, step, at) VALUES (?1, ?2, ?3)", params![planting.0 as i64, step, now])
}

fn sealed(db: &Connection, planting: PlantingId, output: &InputFile, undo: Option<&str>, now: i64) -> Result<()> {
    run(
        db,
        "INSERT INTO planting_step (planting, step, at, sha256, rows, undo) VALUES (?1, 'sealed', ?2, ?3, ?4, ?5)",
        params![planting.0 as i64, now, output.sha256, output.rows as i64, undo],
    )
}

fn contact(db: &Connection, record: &ContactRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO contact (key, number, caller, at, kind, seconds, said, source, raw_sha256)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            record.key,
            record.number.as_str(),
            record.from,
            record.at.timestamp_micros(),
            record.kind,
            record.seconds,
            record.said,
            record.source,
            record.raw_sha256
        ],
    )
}
