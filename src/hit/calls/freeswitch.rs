//! FreeSWITCH: `mod_json_cdr` (one object per file, per line, or in an array) and `mod_cdr_csv`.
//!
//! Values are URL-encoded unless the exchange was told otherwise, and a `+` in one is a plus, not a
//! blank. The outgoing leg of a call is a second record of the same call and is passed over.

use serde_json::Value;

use super::error::{CallError, Wrong};
use super::objects::{Object, Objects};
use super::table::{Cells, Table};
use super::text::Text;
use super::{Intake, Reading, Seen, To, bytes_hash, object_hash, times};
use crate::hit::contact::{Caller, ContactKind};

/// The columns of `mod_cdr_csv`'s shipped `example` template.
const COLUMNS: [&str; 15] = [
    "caller_id_name",
    "caller_id_number",
    "destination_number",
    "context",
    "start_stamp",
    "answer_stamp",
    "end_stamp",
    "duration",
    "billsec",
    "hangup_cause",
    "uuid",
    "bleg_uuid",
    "accountcode",
    "read_codec",
    "write_codec",
];

/// Reads calls.
pub fn read<E: From<CallError>>(mut text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let beginning = text.beginning().map_err(CallError::reading)?.trim_start();
    if beginning.is_empty() {
        return Err(CallError::Empty.into());
    }
    if !beginning.starts_with(['{', '[']) {
        return read_table(text, intake);
    }
    let mut objects = Objects::new(text);
    while let Some(object) = objects.next_object()? {
        if variable(&object.value, "direction").as_deref() == Some("outbound") {
            intake.pass_over();
            continue;
        }
        take_object(&object, intake)?;
    }
    Ok(())
}

fn take_object<E: From<CallError>>(object: &Object, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let line = object.line;
    let profile = object.value.pointer("/callflow/0/caller_profile");
    let of_profile = |name: &str| profile.and_then(|profile| text_of(profile.get(name)?));
    let to = of_profile("destination_number").or_else(|| variable(&object.value, "sip_to_user"));
    let Some(to) = to else {
        return Err(CallError::field(line, "callflow[0].caller_profile.destination_number", Wrong::Missing).into());
    };
    let stamp = variable(&object.value, "start_epoch");
    let stamp = stamp.ok_or_else(|| CallError::field(line, "variables.start_epoch", Wrong::Missing))?;
    let asserted = ["sip_h_P-Asserted-Identity", "sip_P-Asserted-Identity"];
    let asserted = asserted.iter().find_map(|name| variable(&object.value, name));
    let region = intake.how.region;
    let asserted = asserted.filter(|text| Caller::read(text, region).is_some());
    let from = asserted.or_else(|| of_profile("caller_id_number")).or_else(|| of_profile("ani"));
    let diverted = variable(&object.value, "sip_h_Diversion").or_else(|| of_profile("rdnis"));
    let billsec = variable(&object.value, "billsec");
    let seconds = billsec.as_deref().map(times::seconds).transpose();
    intake.take(Seen {
        line,
        to: To::Text(&to),
        diverted_from: diverted.as_deref(),
        from: from.as_deref(),
        at: times::epoch(&stamp).map_err(|wrong| CallError::field(line, "variables.start_epoch", wrong))?,
        kind: ContactKind::Call,
        seconds: seconds.map_err(|wrong| CallError::field(line, "variables.billsec", wrong))?,
        said: None,
        id: variable(&object.value, "uuid"),
        raw_hash: bytes_hash(&object.bytes),
        row: object_hash(&object.value),
    })
}

fn variable(object: &Value, name: &str) -> Option<String> {
    text_of(object.get("variables")?.get(name)?)
}

fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => decoded(text),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.trim().is_empty()).then(|| text.trim().to_string())
}

/// Decodes `%2B86` to `+86`; a percent sign that begins no code is kept.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit())).map(|code| u8::from_str_radix(code, 16)) {
            Some(Ok(byte)) => {
                plain.push(byte);
                at += 3;
            }
            Some(Err(_)) | None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn read_table<E: From<CallError>>(text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let mut table = Table::open(text)?;
    table.name_columns(COLUMNS);
    while let Some(row) = table.next_row()? {
        let seen = seen(&row, intake.how)?;
        intake.take(seen)?;
    }
    Ok(())
}

fn seen<'t>(row: &'t Cells<'_>, how: &Reading<'_>) -> Result<Seen<'t>, CallError> {
    row.check_width()?;
    let wrong = |column: &str, wrong: Wrong| CallError::field(row.line, column, wrong);
    let at = times::time(row.need("start_stamp")?, how).map_err(|fault| wrong("start_stamp", fault))?;
    let seconds = row.get("billsec").map(times::seconds).transpose().map_err(|fault| wrong("billsec", fault))?;
    let hash = row.hash();
    Ok(Seen {
        line: row.line,
        to: To::Text(row.need("destination_number")?),
        diverted_from: None,
        from: row.get("caller_id_number"),
        at,
        kind: ContactKind::Call,
        seconds,
        said: None,
        id: row.get("uuid").map(str::to_string),
        raw_hash: hash,
        row: hash,
    })
}
