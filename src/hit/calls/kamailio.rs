//! Kamailio: JSON lines of the hook, the `HIT` line of its log, and its `ACC` log.
//!
//! These stand among other lines of a log, which are passed over; `<null>` is how Kamailio writes an
//! empty variable. A forwarded call has the number it was dialled to in `diversion`, not in `called`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use serde_json::Value;

use super::error::{CallError, Wrong};
use super::text::Text;
use super::{Intake, Seen, To, bytes_hash, pairs_hash, times};
use crate::hit::contact::{Caller, ContactKind};

/// The fields of one request, from JSON or from `name=value` pairs.
struct Request {
    line: u64,
    fields: BTreeMap<String, String>,
}

impl Request {
    fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.fields.get(*name)).map(String::as_str)
    }
}

/// Reads requests.
pub fn read<E: From<CallError>>(text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let spent = text.spent();
    let mut text = BufReader::new(text);
    let (mut line, mut lines, mut requests) = (Vec::new(), 0_u64, 0_u64);
    for number in 1.. {
        line.clear();
        let count = text.read_until(b'\n', &mut line).map_err(CallError::reading)?;
        spent.record_ends();
        if count == 0 {
            break;
        }
        let shown = String::from_utf8_lossy(&line);
        match request(shown.trim(), number)? {
            Some(request) => {
                requests += 1;
                take(&request, &line, intake)?;
            }
            None if shown.trim().is_empty() => continue,
            None => intake.pass_over(),
        }
        lines += 1;
    }
    if lines > 0 && requests == 0 { Err(CallError::NoRequest.into()) } else { Ok(()) }
}

/// Finds the request in a line of a log.
fn request(line: &str, number: u64) -> Result<Option<Request>, CallError> {
    let marked = ["HIT", "ACC:"].iter().find_map(|mark| {
        let (front, rest) = line.split_once(mark)?;
        front.chars().next_back().is_none_or(|c| !c.is_alphanumeric()).then_some(rest)
    });
    let body = match marked {
        Some(rest) => rest,
        None if line.starts_with('{') => line,
        None => return Ok(None),
    };
    let fields = match body.find('{') {
        Some(at) => json_fields(&body[at..], number)?,
        None => pair_fields(body),
    };
    Ok(Some(Request { line: number, fields }))
}

fn json_fields(text: &str, line: u64) -> Result<BTreeMap<String, String>, CallError> {
    let fields: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|source| CallError::NotJson { line, source })?;
    let text_of = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let filled = |text: &String| !matches!(text.trim(), "" | "<null>");
    Ok(fields.into_iter().filter_map(|(name, value)| Some((name, text_of(value).filter(filled)?))).collect())
}

/// Reads `timestamp=…;method=INVITE;…`; a `;` inside a number is followed by no known name and is kept with it.
fn pair_fields(text: &str) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    let body = text.rfind(": ").filter(|at| !text[..*at].contains('=')).map_or(text, |at| &text[at + 2..]);
    for piece in body.split(';') {
        match piece.split_once('=') {
            Some((name, value)) if !matches!(name.trim(), "rn" | "user" | "reason-code" | "phone-context") => {
                last = name.trim().to_lowercase();
                fields.insert(last.clone(), value.trim().trim_matches('"').to_string());
            }
            Some(_) | None => {
                if let Some(value) = fields.get_mut(&last) {
                    value.push(';');
                    value.push_str(piece);
                }
            }
        }
    }
    fields.retain(|_, value| !matches!(value.as_str(), "" | "<null>"));
    fields
}

fn take<E: From<CallError>>(request: &Request, line: &[u8], intake: &mut Intake<'_, E>) -> Result<(), E> {
    let kind = match request.get(&["kind", "method"]).map(str::to_uppercase).as_deref() {
        Some("INVITE") => ContactKind::Call,
        Some("MESSAGE") => ContactKind::Sms,
        Some(_) => {
            intake.pass_over();
            return Ok(());
        }
        None => return Err(CallError::field(request.line, "kind", Wrong::Missing).into()),
    };
    let missing = |column: &str| CallError::field(request.line, column, Wrong::Missing);
    let to = request.get(&["called", "ruri", "dst_ouser", "dst_user", "to_user"]).ok_or_else(|| missing("called"))?;
    let stamp = request.get(&["ts", "timestamp", "time"]).ok_or_else(|| missing("ts"))?;
    let region = intake.how.region;
    let asserted = request.get(&["pai"]).filter(|text| Caller::read(text, region).is_some());
    let hash = pairs_hash(request.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    intake.take(Seen {
        line: request.line,
        to: To::Text(to),
        diverted_from: request.get(&["diversion"]),
        from: asserted.or_else(|| request.get(&["from_user", "src_user", "from"])),
        at: times::epoch(stamp).map_err(|wrong| CallError::field(request.line, "ts", wrong))?,
        kind,
        seconds: None,
        said: request.get(&["body", "text"]),
        id: request.get(&["call_id", "callid"]).map(|id| format!("{id}/{to}")),
        raw_hash: bytes_hash(line.trim_ascii()),
        row: hash,
    })
}
