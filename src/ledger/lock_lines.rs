//! Entries of locked ledgers: whom the ledger is locked to, look-ups, canaries that were met unread; and who may open what.
//!
//! In a locked ledger the openings of an entry are encrypted. Most go to the planting machine as well as to the investigator,
//! because planting needs them again; what tells whose canary a number is goes to the investigator alone.

use super::entry::{Fields, LedgerError, Lines, bad_line};
use super::event::Event;
use crate::holder::HolderId;
use crate::id::PlantingId;
use crate::phone::Number;

/// Who can open what an entry of a locked ledger commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The planting machine, and the investigators.
    Planter,
    /// The investigators alone.
    Investigator,
}

/// Whom a ledger is locked to: recipients of age, `age1…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockRecord {
    /// At least one.
    pub investigators: Vec<String>,
    pub planter: String,
}

/// What was looked at in a locked ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    Trace,
    Report,
    Scan,
    Hits,
    Numbers,
    Holder,
    Plan,
}

/// A look into a locked ledger, put on record before anything is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupRecord {
    pub what: Looked,
    /// Who looked.
    pub by: String,
    pub case: Option<String>,
    /// What was asked, in words.
    pub asked: String,
}

/// A number that was in use already and stood in a list: whose canary it is, the planting machine cannot read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetRecord {
    pub number: Number,
    pub holder: HolderId,
    pub planting: PlantingId,
    /// In hex.
    pub list_sha256: String,
    /// Data row of the list, from 1.
    pub row: u64,
}

impl Looked {
    const ALL: [Looked; 7] =
        [Looked::Trace, Looked::Report, Looked::Scan, Looked::Hits, Looked::Numbers, Looked::Holder, Looked::Plan];

    /// Gives the word that stands in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Looked::Trace => "trace",
            Looked::Report => "report",
            Looked::Scan => "scan",
            Looked::Hits => "hits",
            Looked::Numbers => "numbers",
            Looked::Holder => "holder",
            Looked::Plan => "plan",
        }
    }

    fn from_word(word: &str) -> Option<Looked> {
        Looked::ALL.into_iter().find(|what| what.word() == word)
    }
}

impl Event {
    /// Tells who can open what the event's entry commits to, in a locked ledger.
    pub fn audience(&self) -> Audience {
        match self {
            Event::Key { .. }
            | Event::Lock(_)
            | Event::Holder(_)
            | Event::Flow(_)
            | Event::Line { .. }
            | Event::Number(_)
            | Event::Control { .. }
            | Event::Retired { .. }
            | Event::Reserved(_)
            | Event::Planted { .. }
            | Event::Void { .. }
            | Event::Stray { .. }
            | Event::Backup { .. }
            | Event::Seal { .. }
            | Event::Receipt(_)
            | Event::Stamp(_)
            | Event::Witness(_) => Audience::Planter,
            Event::Trap { .. }
            | Event::Mint { .. }
            | Event::Made { .. }
            | Event::Sealed { .. }
            | Event::Known { .. }
            | Event::Received { .. }
            | Event::Met(_)
            | Event::Contact(_)
            | Event::Lookup(_) => Audience::Investigator,
        }
    }
}

/// Writes whom the ledger is locked to.
pub(super) fn write_lock(record: &LockRecord, lines: &mut Lines<'_, '_>) {
    lines.open("investigators", &record.investigators.join(" ")).open("planter", &record.planter);
}

/// Writes a look into the ledger.
pub(super) fn write_lookup(record: &LookupRecord, lines: &mut Lines<'_, '_>) {
    lines.open("what", record.what.word()).secret("by", &record.by).secret_if("case", record.case.as_deref());
    lines.secret("asked", &record.asked);
}

/// Writes a number that was met.
pub(super) fn write_met(record: &MetRecord, lines: &mut Lines<'_, '_>) {
    lines.open("planting", &record.planting.to_string()).secret("number", record.number.as_str());
    lines.secret("holder", record.holder.as_str()).open("sha256", &record.list_sha256);
    lines.secret("row", &record.row.to_string());
}

/// Reads whom the ledger is locked to.
pub(super) fn read_lock(fields: &Fields) -> Result<LockRecord, LedgerError> {
    let investigators = fields.need("investigators")?.split(' ').map(str::to_string).collect();
    Ok(LockRecord { investigators, planter: fields.need("planter")?.to_string() })
}

/// Reads a look into the ledger.
pub(super) fn read_lookup(fields: &Fields) -> Result<LookupRecord, LedgerError> {
    Ok(LookupRecord {
        what: Looked::from_word(fields.need("what")?).ok_or_else(|| bad_line("what"))?,
        by: fields.need("by")?.to_string(),
        case: fields.maybe("case"),
        asked: fields.need("asked")?.to_string(),
    })
}

/// Reads a number that was met.
pub(super) fn read_met(fields: &Fields) -> Result<MetRecord, LedgerError> {
    Ok(MetRecord {
        number: Number::from_e164(fields.need("number")?).map_err(|_| bad_line("number"))?,
        holder: fields.parse("holder")?,
        planting: fields.parse("planting")?,
        list_sha256: fields.need("sha256")?.to_string(),
        row: fields.parse("row")?,
    })
}
