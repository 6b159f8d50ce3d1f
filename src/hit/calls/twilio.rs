//! Twilio: exported logs in CSV or JSON, and bodies of its webhooks, one per line.
//!
//! The same field is `Call Sid`, `CallSid` or `sid` depending on the door it came through. A webhook's
//! body has no time unless it is a status callback; then the time it was received counts. An export has times.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use serde_json::Value;

use super::error::{CallError, Wrong};
use super::freeswitch::decoded;
use super::objects::Objects;
use super::table::Table;
use super::text::Text;
use super::{Intake, Seen, To, pairs_hash, times};
use crate::hit::contact::ContactKind;

/// Numbers that Twilio puts where a caller is withheld: the words on a telephone's keys.
///
/// ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE (Twilio's help page on these numbers).
const WITHHELD: [&str; 5] = ["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"];

/// The names of the things read, letters and digits only, in lower case.
const SID: [&str; 5] = ["callsid", "messagesid", "smssid", "smsmessagesid", "sid"];
const AT: [&str; 7] = ["starttime", "timestamp", "datesent", "sentdate", "datecreated", "createddate", "date"];

/// Where a record came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Export,
    Webhook,
}

/// One record: names folded, values as they came.
struct Record {
    door: Door,
    line: u64,
    fields: BTreeMap<String, String>,
}

/// Reads calls and messages.
pub fn read<E: From<CallError>>(mut text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let beginning = text.beginning().map_err(CallError::reading)?.trim_start();
    let first_line = beginning.lines().next().ok_or(CallError::Empty)?;
    if first_line.starts_with(['{', '[']) {
        return read_objects(text, intake);
    }
    if first_line.contains('&') && first_line.contains('=') {
        return read_bodies(text, intake);
    }
    let mut table = Table::open(text)?;
    let header = table.next_row()?.ok_or(CallError::Empty)?;
    let names: Vec<String> = header.texts().map(folded).collect();
    if let Some(column) = ["to", "from"].into_iter().find(|column| !names.iter().any(|name| name == column)) {
        return Err(CallError::NoColumn { column: column.to_string() }.into());
    }
    table.name_columns(names.iter().map(String::as_str));
    while let Some(row) = table.next_row()? {
        row.check_width()?;
        let cells = names.iter().cloned().zip(row.texts().map(str::to_string));
        let record = Record { door: Door::Export, line: row.line, fields: cells.collect() };
        take(&record, intake)?;
    }
    Ok(())
}

fn read_objects<E: From<CallError>>(text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let mut objects = Objects::new(text);
    while let Some(object) = objects.next_object()? {
        let pages = ["calls", "messages", "sms_messages"].iter().filter_map(|name| object.value.get(*name)?.as_array());
        let pages: Vec<&Vec<Value>> = pages.collect();
        let alone = pages.is_empty().then_some(&object.value);
        for record in pages.into_iter().flatten().chain(alone) {
            let fields = record.as_object().into_iter().flatten();
            let fields = fields.filter_map(|(name, value)| Some((folded(name), text_of(value)?))).collect();
            take(&Record { door: Door::Export, line: object.line, fields }, intake)?;
        }
    }
    Ok(())
}

fn read_bodies<E: From<CallError>>(text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let spent = text.spent();
    for (number, line) in (1..).zip(BufReader::new(text).lines()) {
        let line = line.map_err(CallError::reading)?;
        spent.record_ends();
        let pairs = line.trim().split('&').filter_map(|pair| pair.split_once('='));
        let fields = pairs.map(|(name, value)| (folded(&decoded(name)), decoded(&value.replace('+', " "))));
        let record = Record { door: Door::Webhook, line: number, fields: fields.collect() };
        if !line.trim().is_empty() {
            take(&record, intake)?;
        }
    }
    Ok(())
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn take<E: From<CallError>>(record: &Record, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let get = |names: &[&str]| {
        let mut filled = names.iter().filter_map(|name| record.fields.get(*name).map(|text| text.trim()));
        filled.find(|text| !text.is_empty())
    };
    if get(&["direction"]).is_some_and(|direction| direction.to_lowercase().starts_with("outbound")) {
        intake.pass_over();
        return Ok(());
    }
    let to = get(&["to", "called"]).ok_or_else(|| CallError::field(record.line, "To", Wrong::Missing))?;
    let at = match (get(&AT), record.door) {
        (Some(text), Door::Export | Door::Webhook) => times::time(text, intake.how),
        (None, Door::Webhook) => {
            intake.summary.undated += 1;
            intake.how.received.ok_or(Wrong::Missing)
        }
        (None, Door::Export) => Err(Wrong::Missing),
    };
    let at = at.map_err(|wrong| CallError::field(record.line, "Start Time", wrong))?;
    let sid = get(&SID);
    let is_message = get(&["messagesid", "smssid", "body", "numsegments"]).is_some()
        || sid.is_some_and(|sid| sid.starts_with("SM") || sid.starts_with("MM"));
    let seconds = get(&["duration", "callduration"]).filter(|_| !is_message).map(times::seconds).transpose();
    let hash = pairs_hash(record.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    intake.take(Seen {
        line: record.line,
        to: To::Text(to),
        diverted_from: get(&["forwardedfrom"]),
        from: get(&["from", "caller"]).filter(|from| !WITHHELD.contains(from)),
        at,
        kind: if is_message { ContactKind::Sms } else { ContactKind::Call },
        seconds: seconds.map_err(|wrong| CallError::field(record.line, "Duration", wrong))?,
        said: get(&["body"]),
        id: sid.map(str::to_string),
        raw_hash: hash,
        row: hash,
    })
}
