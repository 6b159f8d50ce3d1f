//! What an event adds to the tables that answer questions: most events one row or none.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};

use super::mark::NumberMark;
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::ledger::{
    ContactRecord, Event, InputFile, MadeCanary, MetRecord, NumberRecord, PlantingRecord, ReceiptRecord, Record,
    StampRecord,
};

/// A statement and its values.
pub(super) type NewRow = (&'static str, Vec<Value>);

/// Gives what `event`, entered at `at`, adds to the tables.
pub(super) fn project(event: &Event, at: DateTime<Utc>) -> Vec<NewRow> {
    match event {
        Event::Made { planting, canaries } => canaries.iter().map(|made| canary(*planting, made)).collect(),
        Event::Sealed { planting, output, undo, roots } => {
            let came = roots.iter().flat_map(|roots| roots.came.iter().map(move |came| (roots, came)));
            let came = came.map(|(roots, came)| MetRecord {
                number: came.number.clone(),
                holder: roots.holder.clone(),
                planting: *planting,
                list_sha256: output.sha256.clone(),
                row: came.row,
            });
            let now = at.timestamp_micros();
            std::iter::once(sealed(*planting, output, undo.as_deref(), now))
                .chain(came.map(|one| met(&one, now)))
                .collect()
        }
        other => one(other, at.timestamp_micros()).into_iter().collect(),
    }
}

fn one(event: &Event, now: i64) -> Option<NewRow> {
    match event {
        Event::Made { .. } | Event::Sealed { .. } => None,
        Event::Backup { .. } | Event::Lock(_) | Event::Lookup(_) | Event::Witness(_) => None,
        Event::Key { public } => {
            Some(("INSERT INTO log_key (public, at) VALUES (?1, ?2)", vec![text(public), now.into()]))
        }
        Event::Holder(holder) => Some((
            "INSERT INTO holder (id, name, kind, region, parent) VALUES (?1, ?2, ?3, ?4, ?5)",
            vec![
                text(holder.id.as_str()),
                text(&holder.name),
                text(holder.kind.word()),
                text_if(holder.region.as_deref()),
                text_if(holder.parent.as_ref().map(HolderId::as_str)),
            ],
        )),
        Event::Flow(flow) => Some((
            "INSERT INTO flow (source, target, share, since, until) VALUES (?1, ?2, ?3, ?4, ?5)",
            vec![
                text(flow.from.as_str()),
                text(flow.to.as_str()),
                flow.share.into(),
                flow.since.map(|day| day.to_string()).into(),
                flow.until.map(|day| day.to_string()).into(),
            ],
        )),
        Event::Line { holder, caller } => {
            Some(("INSERT INTO line (caller, holder) VALUES (?1, ?2)", vec![text(caller), text(holder.as_str())]))
        }
        Event::Number(record) => Some(number(record, now)),
        Event::Control { number } => Some(mark(number.as_str(), NumberMark::Control, now)),
        Event::Trap { number } => Some(mark(number.as_str(), NumberMark::Trap, now)),
        Event::Retired { number } => Some(mark(number.as_str(), NumberMark::Retired, now)),
        Event::Reserved(record) => Some(reserved(record, now)),
        Event::Mint { canary: id, planting, number, row, record } => {
            Some(canary_row(*planting, *id, (number.as_str(), *row), record))
        }
        Event::Known { planting, rows } => Some((
            "INSERT INTO planting_step (planting, step, at, undo) VALUES (?1, 'known', ?2, ?3)",
            vec![count(planting.0), now.into(), text(rows)],
        )),
        Event::Planted { planting } => Some(step(*planting, "planted", now)),
        Event::Void { planting, .. } => Some(step(*planting, "void", now)),
        Event::Received { canary, holder, planting, list_sha256, row } => Some((
            "INSERT INTO received (canary, holder, planting, row, list_sha256, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            vec![count(canary.0), text(holder.as_str()), count(planting.0), count(*row), text(list_sha256), now.into()],
        )),
        Event::Met(record) => Some(met(record, now)),
        Event::Contact(record) => Some(contact(record)),
        Event::Stray { source, contacts } => Some((
            "INSERT INTO stray (source, contacts, at) VALUES (?1, ?2, ?3)",
            vec![text(source), count(*contacts), now.into()],
        )),
        Event::Seal { size, root, note } => Some(seal(*size, root, note, now)),
        Event::Receipt(record) => Some(receipt(record, now)),
        Event::Stamp(record) => Some(stamp(record, now)),
    }
}

fn canary(planting: PlantingId, made: &MadeCanary) -> NewRow {
    canary_row(planting, made.canary, (made.number.as_str(), made.row), &made.record)
}

fn canary_row(planting: PlantingId, id: CanaryId, (number, row): (&str, u64), record: &Record) -> NewRow {
    (
        "INSERT INTO canary (id, number, planting, row, identity, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        vec![count(id.0), text(number), count(planting.0), count(row), record.identity.into(), json(record).into()],
    )
}

/// Gives the row of a canary of which only its id can be read.
pub(super) fn unread_canary(canary: CanaryId, planting: PlantingId) -> NewRow {
    (
        "INSERT INTO canary (id, number, planting, row, identity, record) VALUES (?1, ?2, ?3, 0, 0, '{}')",
        vec![count(canary.0), text(&canary.to_string()), count(planting.0)],
    )
}

/// Gives the row of a finished file of which only what anybody may know can be read.
pub(super) fn unread_seal(planting: PlantingId, sha256: &str, rows: u64, at: DateTime<Utc>) -> NewRow {
    let output = InputFile { path: String::new(), sha256: sha256.to_string(), rows };
    sealed(planting, &output, None, at.timestamp_micros())
}

/// Puts the rows in.
pub(super) fn put(db: &Connection, rows: &[NewRow]) -> Result<()> {
    let one = |(sql, values): &NewRow| db.prepare_cached(sql)?.execute(params_from_iter(values)).map(|_| ());
    rows.iter().try_for_each(one)
}

fn text(value: &str) -> Value {
    Value::Text(value.to_string())
}

fn text_if(value: Option<&str>) -> Value {
    value.map_or(Value::Null, text)
}

fn count(value: u64) -> Value {
    Value::Integer(value as i64)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("texts and counts always become JSON")
}

fn number(record: &NumberRecord, now: i64) -> NewRow {
    (
        "INSERT INTO number (number, provider, kind, since, until, address, note, added_at, free_from)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        vec![
            text(record.number.as_str()),
            record.provider.clone().into(),
            record.kind.clone().into(),
            record.since.clone().into(),
            record.until.clone().into(),
            record.address.clone().into(),
            record.note.clone().into(),
            now.into(),
            record.free_from.timestamp_micros().into(),
        ],
    )
}

/// The canary is known by its number: whoever met it could not read more.
fn met(record: &MetRecord, now: i64) -> NewRow {
    (
        "INSERT INTO received (canary, holder, planting, row, list_sha256, at)
         SELECT id, ?2, ?3, ?4, ?5, ?6 FROM canary WHERE number = ?1",
        vec![
            text(record.number.as_str()),
            text(record.holder.as_str()),
            count(record.planting.0),
            count(record.row),
            text(&record.list_sha256),
            now.into(),
        ],
    )
}

fn mark(number: &str, mark: NumberMark, now: i64) -> NewRow {
    (
        "INSERT INTO number_mark (number, mark, at) VALUES (?1, ?2, ?3)",
        vec![text(number), text(mark.word()), now.into()],
    )
}

fn reserved(record: &PlantingRecord, now: i64) -> NewRow {
    let input = record.input.as_ref();
    (
        "INSERT INTO planting (id, holder, at, input_path, input_sha256, input_rows, final_path, temp_path, header)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        vec![
            count(record.planting.0),
            text(record.holder.as_str()),
            now.into(),
            text_if(input.map(|input| input.path.as_str())),
            text_if(input.map(|input| input.sha256.as_str())),
            input.map_or(Value::Null, |input| count(input.rows)),
            text(&record.final_path),
            text(&record.temp_path),
            json(&record.header).into(),
        ],
    )
}

fn step(planting: PlantingId, step: &str, now: i64) -> NewRow {
    (
        "INSERT INTO planting_step (planting, step, at) VALUES (?1, ?2, ?3)",
        vec![count(planting.0), text(step), now.into()],
    )
}

fn sealed(planting: PlantingId, output: &InputFile, undo: Option<&str>, now: i64) -> NewRow {
    (
        "INSERT INTO planting_step (planting, step, at, sha256, rows, undo) VALUES (?1, 'sealed', ?2, ?3, ?4, ?5)",
        vec![count(planting.0), now.into(), text(&output.sha256), count(output.rows), text_if(undo)],
    )
}

fn seal(size: u64, root: &str, note: &str, now: i64) -> NewRow {
    let values = vec![count(size), text(root), text(note), now.into()];
    ("INSERT INTO seal (size, root, note, at) VALUES (?1, ?2, ?3, ?4)", values)
}

fn stamp(record: &StampRecord, now: i64) -> NewRow {
    (
        "INSERT INTO stamp (size, token, authority, stamped_at, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        vec![
            count(record.size),
            text(&record.token),
            text(&record.authority),
            record.stamped_at.timestamp_micros().into(),
            now.into(),
        ],
    )
}

fn receipt(record: &ReceiptRecord, now: i64) -> NewRow {
    (
        "INSERT INTO receipt (planting, how, statement, signature, key, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        vec![
            count(record.planting.0),
            text(record.how.word()),
            text(&record.statement),
            text(&record.signature),
            text(&record.key),
            now.into(),
        ],
    )
}

fn contact(record: &ContactRecord) -> NewRow {
    (
        "INSERT INTO contact (key, number, caller, at, kind, seconds, said, source, raw_sha256)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        vec![
            text(&record.key),
            text(record.number.as_str()),
            text_if(record.from.as_deref()),
            record.at.timestamp_micros().into(),
            text(&record.kind),
            record.seconds.into(),
            text_if(record.said.as_deref()),
            text(&record.source),
            text(&record.raw_sha256),
        ],
    )
}
