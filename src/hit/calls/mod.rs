//! Call records of exchanges, providers and carriers, one file per format.
//!
//! A broken row stops the reading with its line and column; the contacts before it were already
//! handed out, so whoever takes them must be able to take all or none.

mod asterisk;
mod carrier;
mod error;
mod freeswitch;
mod kamailio;
mod objects;
mod plain;
mod table;
mod text;
mod times;
mod twilio;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use sha2::{Digest, Sha256};

pub use error::{CallError, Wrong};

use self::text::Text;
use super::contact::{Caller, Contact, ContactKind, bare};
use crate::phone::{Number, Region};

/// A format of call records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallFormat {
    Csv,
    Asterisk,
    Freeswitch,
    Kamailio,
    Twilio,
    Carrier,
}

/// What a file of call records does not say by itself.
pub struct Reading<'r> {
    /// The region whose spelling numbers without a country code follow.
    pub region: Region,
    /// Turns a local time into UTC; `None` for an hour that the clocks skipped.
    pub local: &'r dyn Fn(NaiveDateTime) -> Option<DateTime<Utc>>,
    /// The time of records that have none (the body of a webhook).
    pub received: Option<DateTime<Utc>>,
    /// TOML of a column map, for a carrier's bill.
    pub map: Option<&'r str>,
    /// The year of a bill whose times have none.
    pub year: Option<i32>,
    /// The number a bill is of: it lists only the other side.
    pub target: Option<Number>,
}

/// A contact as it stood in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawContact {
    pub contact: Contact,
    /// The number a forwarded call was first dialled to; the contact is to it, if it is one of ours.
    pub diverted_from: Option<Number>,
    /// SHA-256 of format and id, or of the whole row as name=value pairs: the same contact has the same key.
    pub key: [u8; 32],
    /// SHA-256 of the row: for a table its name=value pairs by name, for other formats its bytes in UTF-8.
    pub raw_hash: [u8; 32],
    /// The line on which the row begins, counted from 1.
    pub line: u64,
}

/// What a file held besides contacts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows handed out as contacts.
    pub contacts: u64,
    /// Incoming rows to something that is no phone number, such as an extension.
    pub elsewhere: u64,
    /// Outgoing calls, titles, totals and lines of other matters.
    pub passed_over: u64,
    /// Bodies of webhooks that bear no time, and got the one they were received at.
    pub undated: u64,
}

/// Why a word is not a format.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{word}` is not a format of call records")]
pub struct NoSuchFormat {
    word: String,
}

impl CallFormat {
    /// All formats, in the order help texts show them.
    pub const ALL: [CallFormat; 6] = [
        CallFormat::Csv,
        CallFormat::Asterisk,
        CallFormat::Freeswitch,
        CallFormat::Kamailio,
        CallFormat::Twilio,
        CallFormat::Carrier,
    ];

    /// Gives the word used on the command line.
    pub fn word(self) -> &'static str {
        match self {
            CallFormat::Csv => "csv",
            CallFormat::Asterisk => "asterisk",
            CallFormat::Freeswitch => "freeswitch",
            CallFormat::Kamailio => "kamailio",
            CallFormat::Twilio => "twilio",
            CallFormat::Carrier => "carrier",
        }
    }
}

impl FromStr for CallFormat {
    type Err = NoSuchFormat;

    fn from_str(word: &str) -> Result<CallFormat, NoSuchFormat> {
        let word = word.trim().to_ascii_lowercase();
        CallFormat::ALL.into_iter().find(|format| format.word() == word).ok_or(NoSuchFormat { word })
    }
}

/// Reads call records and hands out each contact in the order of the file, in memory that does not
/// grow with the file.
pub fn read<E: From<CallError>>(
    format: CallFormat,
    input: &mut dyn BufRead,
    how: &Reading<'_>,
    sink: &mut dyn FnMut(RawContact) -> Result<(), E>,
) -> Result<Summary, E> {
    let text = Text::new(input);
    let mut intake = Intake { format, how, sink, summary: Summary::default() };
    match format {
        CallFormat::Csv => plain::read(text, &mut intake)?,
        CallFormat::Asterisk => asterisk::read(text, &mut intake)?,
        CallFormat::Freeswitch => freeswitch::read(text, &mut intake)?,
        CallFormat::Kamailio => kamailio::read(text, &mut intake)?,
        CallFormat::Twilio => twilio::read(text, &mut intake)?,
        CallFormat::Carrier => carrier::read(text, &mut intake)?,
    }
    Ok(intake.summary)
}

/// Where a contact went: a number that was checked, or a text that may be an extension.
enum To<'t> {
    Number(Number),
    Text(&'t str),
}

/// A row as a format understood it.
struct Seen<'t> {
    line: u64,
    to: To<'t>,
    diverted_from: Option<&'t str>,
    from: Option<&'t str>,
    at: DateTime<Utc>,
    kind: ContactKind,
    seconds: Option<u32>,
    said: Option<&'t str>,
    id: Option<String>,
    raw_hash: [u8; 32],
    row: [u8; 32],
}

/// Takes rows in and hands contacts out.
struct Intake<'i, E> {
    format: CallFormat,
    how: &'i Reading<'i>,
    sink: &'i mut dyn FnMut(RawContact) -> Result<(), E>,
    summary: Summary,
}

impl<E: From<CallError>> Intake<'_, E> {
    fn take(&mut self, seen: Seen<'_>) -> Result<(), E> {
        let region = self.how.region;
        let diverted_from = seen.diverted_from.and_then(|text| called(text, region));
        let to = match seen.to {
            To::Number(number) => Some(number),
            To::Text(text) => called(text, region),
        };
        let Some(to) = to.or_else(|| diverted_from.clone()) else {
            self.summary.elsewhere += 1;
            return Ok(());
        };
        let contact = Contact {
            to,
            from: seen.from.and_then(|text| Caller::read(text, region)),
            at: seen.at,
            kind: seen.kind,
            seconds: seen.seconds,
            said: seen.said.map(str::to_string),
        };
        self.summary.contacts += 1;
        let key = match &seen.id {
            Some(id) => pairs_hash([("format", self.format.word()), ("id", id.as_str())]),
            None => seen.row,
        };
        (self.sink)(RawContact { contact, diverted_from, key, raw_hash: seen.raw_hash, line: seen.line })
    }

    fn pass_over(&mut self) {
        self.summary.passed_over += 1;
    }
}

/// Reads a called number in any spelling of a SIP URI; an extension or a number of nobody is `None`.
fn called(text: &str, region: Region) -> Option<Number> {
    Number::parse(bare(text), region).ok()
}

/// Hashes name=value pairs so that neither their order nor their quoting matters; empty values do not count.
fn pairs_hash<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> [u8; 32] {
    let mut pairs: Vec<(&str, &str)> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    pairs.sort_unstable();
    let mut hash = Sha256::new();
    for (name, value) in pairs {
        for part in [name, value] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().into()
}

/// Hashes the fields of a JSON object like the row of a table, nested ones by their path.
fn object_hash(object: &serde_json::Value) -> [u8; 32] {
    fn walk(path: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
        let mut inner = |name: &str, value| walk(&format!("{path}.{name}"), value, into);
        match value {
            serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| inner(name, value)),
            serde_json::Value::Array(items) => (0..).zip(items).for_each(|(i, item)| inner(&format!("{i}"), item)),
            serde_json::Value::String(text) => drop(into.insert(path.to_string(), text.clone())),
            serde_json::Value::Null => {}
            other @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_)) => {
                drop(into.insert(path.to_string(), other.to_string()));
            }
        }
    }
    let mut pairs = BTreeMap::new();
    walk("", object, &mut pairs);
    pairs_hash(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Hashes a row of a format that is not a table.
fn bytes_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests;
