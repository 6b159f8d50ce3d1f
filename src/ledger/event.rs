//! What can happen, and how each event is written down and read back.
//!
//! Names, numbers, holders, paths and words are secret lines; times, ids, counts and hashes are open ones.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Fields, LedgerError, Lines, Salter, bad_line};
use super::lock_lines::{
    LockRecord, LookupRecord, MetRecord, read_lock, read_lookup, read_met, write_lock, write_lookup, write_met,
};
use super::merkle::sha256;
use super::planting_lines::{read_reserved, read_roots, write_reserved, write_roots};
use super::proof_lines::{read_receipt, read_stamp, read_witness, write_receipt, write_stamp, write_witness};
use super::record::{
    ContactRecord, InputFile, MadeCanary, NumberRecord, PlantingRecord, ReceiptRecord, Record, SealedRoots,
    StampRecord, VoidReason, WitnessRecord,
};
use crate::holder::{Flow, Holder, HolderId};
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;

/// One fact for the ledger.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Key {
        public: String,
    },
    Holder(Holder),
    Flow(Flow),
    /// A line that a holder calls from itself, as a contact's `from` has it.
    Line {
        holder: HolderId,
        caller: String,
    },
    Number(NumberRecord),
    Control {
        number: Number,
    },
    /// A number that stands in no list: whoever calls it has read the ledger.
    Trap {
        number: Number,
    },
    Retired {
        number: Number,
    },
    Reserved(PlantingRecord),
    /// One canary; older ledgers have an entry for each.
    Mint {
        canary: CanaryId,
        planting: PlantingId,
        number: Number,
        row: u64,
        record: Record,
    },
    /// Canaries of one planting, however many: nobody who sees the entry can count them.
    Made {
        planting: PlantingId,
        canaries: Vec<MadeCanary>,
    },
    /// `undo` is what taking the canaries out again needs besides the file itself; older entries have no `roots`.
    Sealed {
        planting: PlantingId,
        output: InputFile,
        undo: Option<String>,
        roots: Option<SealedRoots>,
    },
    /// Which rows a list that was planted into had, to be known again in its next export (`list::profile::KnownRows`).
    Known {
        planting: PlantingId,
        rows: String,
    },
    Planted {
        planting: PlantingId,
    },
    Void {
        planting: PlantingId,
        why: VoidReason,
    },
    /// One canary in a later file; older ledgers have an entry for each.
    Received {
        canary: CanaryId,
        holder: HolderId,
        planting: PlantingId,
        list_sha256: String,
        row: u64,
    },
    Contact(ContactRecord),
    Stray {
        source: String,
        contacts: u64,
    },
    Backup {
        sha256: String,
    },
    /// A signed checkpoint over all entries before this one; `root` is in hex.
    Seal {
        size: u64,
        root: String,
        note: String,
    },
    Receipt(ReceiptRecord),
    Stamp(StampRecord),
    Witness(WitnessRecord),
    /// Whom the ledger is locked to; the second entry, or none.
    Lock(LockRecord),
    Lookup(LookupRecord),
    Met(MetRecord),
}

/// Gives the short hash by which personas are kept apart.
pub fn identity(person: &str) -> i64 {
    let hash = sha256(person.as_bytes());
    i64::from_be_bytes(hash[..8].try_into().expect("a hash has 32 bytes"))
}

impl Event {
    /// Names the kind, as it stands in the entry.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::Key { .. } => "key",
            Event::Holder(_) => "holder",
            Event::Flow(_) => "flow",
            Event::Line { .. } => "line",
            Event::Number(_) => "number",
            Event::Control { .. } => "control",
            Event::Trap { .. } => "trap",
            Event::Retired { .. } => "retired",
            Event::Reserved(_) => "reserved",
            Event::Mint { .. } => "mint",
            Event::Made { .. } => "made",
            Event::Sealed { .. } => "sealed",
            Event::Known { .. } => "known",
            Event::Planted { .. } => "planted",
            Event::Void { .. } => "void",
            Event::Received { .. } => "received",
            Event::Contact(_) => "contact",
            Event::Stray { .. } => "stray",
            Event::Backup { .. } => "backup",
            Event::Seal { .. } => "seal",
            Event::Receipt(_) => "receipt",
            Event::Stamp(_) => "stamp",
            Event::Witness(_) => "witness",
            Event::Lock(_) => "lock",
            Event::Lookup(_) => "lookup",
            Event::Met(_) => "met",
        }
    }

    /// Writes the event down as it happened at `at`.
    pub fn write(&self, at: DateTime<Utc>, salter: &mut Salter<'_>) -> Entry {
        self.write_lines(at, Lines::new(self.kind(), salter))
    }

    /// Writes the event down for a locked ledger: hashes of what could be guessed are secret there.
    pub fn write_locked(&self, at: DateTime<Utc>, salter: &mut Salter<'_>) -> Entry {
        self.write_lines(at, Lines::with_secret_hashes(self.kind(), salter))
    }

    fn write_lines(&self, at: DateTime<Utc>, mut lines: Lines<'_, '_>) -> Entry {
        lines.open("at", &time_text(at));
        match self {
            Event::Key { public } => {
                lines.open("public", public);
            }
            Event::Holder(holder) => write_holder(holder, &mut lines),
            Event::Flow(flow) => write_flow(flow, &mut lines),
            Event::Line { holder, caller } => {
                lines.secret("holder", holder.as_str()).secret("caller", caller);
            }
            Event::Number(record) => write_number(record, &mut lines),
            Event::Control { number } | Event::Trap { number } | Event::Retired { number } => {
                lines.secret("number", number.as_str());
            }
            Event::Reserved(record) => write_reserved(record, &mut lines),
            Event::Mint { canary, planting, number, row, record } => {
                lines.open("canary", &canary.to_string()).open("planting", &planting.to_string());
                lines.secret("number", number.as_str()).secret("row", &row.to_string()).secret("record", &json(record));
            }
            Event::Made { planting, canaries } => {
                lines.open("planting", &planting.to_string()).secret("canaries", &json(canaries));
            }
            Event::Sealed { planting, output, undo, roots } => {
                lines.open("planting", &planting.to_string()).secret("path", &output.path);
                lines.open("sha256", &output.sha256).open("rows", &output.rows.to_string());
                lines.secret_if("undo", undo.as_deref());
                if let Some(roots) = roots {
                    write_roots(roots, &mut lines);
                }
            }
            Event::Known { planting, rows } => {
                lines.open("planting", &planting.to_string()).secret("rows", rows);
            }
            Event::Planted { planting } => {
                lines.open("planting", &planting.to_string());
            }
            Event::Void { planting, why } => {
                lines.open("planting", &planting.to_string()).open("why", why.word());
            }
            Event::Received { canary, holder, planting, list_sha256, row } => {
                lines.open("canary", &canary.to_string()).open("planting", &planting.to_string());
                lines.secret("holder", holder.as_str()).open("sha256", list_sha256).secret("row", &row.to_string());
            }
            Event::Contact(record) => write_contact(record, &mut lines),
            Event::Stray { source, contacts } => {
                lines.open("source", source).open("contacts", &contacts.to_string());
            }
            Event::Backup { sha256 } => {
                lines.open("sha256", sha256);
            }
            Event::Seal { size, root, note } => {
                lines.open("size", &size.to_string()).open("root", root).open("note", note);
            }
            Event::Receipt(record) => write_receipt(record, &mut lines),
            Event::Stamp(record) => write_stamp(record, &mut lines),
            Event::Witness(record) => write_witness(record, &mut lines),
            Event::Lock(record) => write_lock(record, &mut lines),
            Event::Lookup(record) => write_lookup(record, &mut lines),
            Event::Met(record) => write_met(record, &mut lines),
        }
        lines.end()
    }

    /// Reads an event and when it was written down; checks every commitment on the way.
    pub fn read(entry: &Entry) -> Result<(DateTime<Utc>, Event), LedgerError> {
        let fields = Fields::read(entry)?;
        Ok((fields.parse("at")?, read_event(&fields)?))
    }
}

fn write_holder(holder: &Holder, lines: &mut Lines<'_, '_>) {
    lines.secret("holder", holder.id.as_str()).secret("name", &holder.name).open("sort", holder.kind.word());
    lines.secret_if("region", holder.region.as_deref());
    lines.secret_if("parent", holder.parent.as_ref().map(HolderId::as_str));
}

fn write_flow(flow: &Flow, lines: &mut Lines<'_, '_>) {
    lines.secret("from", flow.from.as_str()).secret("to", flow.to.as_str());
    lines.open("share", &flow.share.to_string());
    for (name, day) in [("since", flow.since), ("until", flow.until)] {
        if let Some(day) = day {
            lines.open(name, &day.to_string());
        }
    }
}

fn write_number(record: &NumberRecord, lines: &mut Lines<'_, '_>) {
    lines.secret("number", record.number.as_str()).open("free-from", &time_text(record.free_from));
    lines.secret_if("provider", record.provider.as_deref()).secret_if("line", record.kind.as_deref());
    lines.secret_if("since", record.since.as_deref()).secret_if("until", record.until.as_deref());
    lines.secret_if("address", record.address.as_deref()).secret_if("note", record.note.as_deref());
}

fn write_contact(record: &ContactRecord, lines: &mut Lines<'_, '_>) {
    lines.open("source", &record.source).hash("raw-sha256", &record.raw_sha256).open("kind-of-contact", &record.kind);
    lines.open("when", &time_text(record.at)).secret("number", record.number.as_str()).secret("key", &record.key);
    lines.secret_if("from", record.from.as_deref()).secret_if("said", record.said.as_deref());
    if let Some(seconds) = record.seconds {
        lines.open("seconds", &seconds.to_string());
    }
}

fn read_event(fields: &Fields) -> Result<Event, LedgerError> {
    Ok(match fields.kind.as_str() {
        "key" => Event::Key { public: fields.need("public")?.to_string() },
        "holder" => Event::Holder(read_holder(fields)?),
        "flow" => Event::Flow(Flow {
            from: fields.parse("from")?,
            to: fields.parse("to")?,
            share: fields.parse("share")?,
            since: fields.parse_maybe("since")?,
            until: fields.parse_maybe("until")?,
        }),
        "line" => Event::Line { holder: fields.parse("holder")?, caller: fields.need("caller")?.to_string() },
        "number" => Event::Number(NumberRecord {
            number: number(fields)?,
            provider: fields.maybe("provider"),
            kind: fields.maybe("line"),
            since: fields.maybe("since"),
            until: fields.maybe("until"),
            address: fields.maybe("address"),
            note: fields.maybe("note"),
            free_from: fields.parse("free-from")?,
        }),
        "control" => Event::Control { number: number(fields)? },
        "trap" => Event::Trap { number: number(fields)? },
        "retired" => Event::Retired { number: number(fields)? },
        "reserved" => Event::Reserved(read_reserved(fields)?),
        "mint" => Event::Mint {
            canary: fields.parse("canary")?,
            planting: fields.parse("planting")?,
            number: number(fields)?,
            row: fields.parse("row")?,
            record: from_json(fields, "record")?,
        },
        "made" => Event::Made { planting: fields.parse("planting")?, canaries: from_json(fields, "canaries")? },
        "sealed" => {
            let output = file(fields, ["path", "sha256", "rows"])?;
            Event::Sealed {
                planting: fields.parse("planting")?,
                output,
                undo: fields.maybe("undo"),
                roots: read_roots(fields)?,
            }
        }
        "known" => Event::Known { planting: fields.parse("planting")?, rows: fields.need("rows")?.to_string() },
        "planted" => Event::Planted { planting: fields.parse("planting")? },
        "void" => Event::Void { planting: fields.parse("planting")?, why: void_reason(fields)? },
        "received" => Event::Received {
            canary: fields.parse("canary")?,
            holder: fields.parse("holder")?,
            planting: fields.parse("planting")?,
            list_sha256: fields.need("sha256")?.to_string(),
            row: fields.parse("row")?,
        },
        "contact" => Event::Contact(read_contact(fields)?),
        "stray" => Event::Stray { source: fields.need("source")?.to_string(), contacts: fields.parse("contacts")? },
        "backup" => Event::Backup { sha256: fields.need("sha256")?.to_string() },
        "seal" => Event::Seal {
            size: fields.parse("size")?,
            root: fields.need("root")?.to_string(),
            note: fields.need("note")?.to_string(),
        },
        "receipt" => Event::Receipt(read_receipt(fields)?),
        "stamp" => Event::Stamp(read_stamp(fields)?),
        "witness" => Event::Witness(read_witness(fields)?),
        "lock" => Event::Lock(read_lock(fields)?),
        "lookup" => Event::Lookup(read_lookup(fields)?),
        "met" => Event::Met(read_met(fields)?),
        kind => return Err(LedgerError::NoSuchKind { kind: kind.chars().take(32).collect() }),
    })
}

fn read_holder(fields: &Fields) -> Result<Holder, LedgerError> {
    Ok(Holder {
        id: fields.parse("holder")?,
        name: fields.need("name")?.to_string(),
        kind: fields.parse("sort")?,
        region: fields.maybe("region"),
        parent: fields.parse_maybe("parent")?,
    })
}

fn read_contact(fields: &Fields) -> Result<ContactRecord, LedgerError> {
    Ok(ContactRecord {
        number: number(fields)?,
        from: fields.maybe("from"),
        at: fields.parse("when")?,
        kind: fields.need("kind-of-contact")?.to_string(),
        seconds: fields.parse_maybe("seconds")?,
        said: fields.maybe("said"),
        source: fields.need("source")?.to_string(),
        key: fields.need("key")?.to_string(),
        raw_sha256: fields.need("raw-sha256")?.to_string(),
    })
}

fn number(fields: &Fields) -> Result<Number, LedgerError> {
    Number::from_e164(fields.need("number")?).map_err(|_| bad_line("number"))
}

fn void_reason(fields: &Fields) -> Result<VoidReason, LedgerError> {
    VoidReason::from_word(fields.need("why")?).ok_or_else(|| bad_line("why"))
}

pub(super) fn file(fields: &Fields, [path, sha256, rows]: [&str; 3]) -> Result<InputFile, LedgerError> {
    Ok(InputFile {
        path: fields.need(path)?.to_string(),
        sha256: fields.need(sha256)?.to_string(),
        rows: fields.parse(rows)?,
    })
}

/// Writes a time as entries have it.
pub(super) fn time_text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and maps keyed by words always become JSON")
}

pub(super) fn from_json<T: for<'a> Deserialize<'a>>(fields: &Fields, name: &str) -> Result<T, LedgerError> {
    serde_json::from_str(fields.need(name)?).map_err(|_| bad_line(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{CameAlong, CanaryRange, Looked, RowProofs, SealedRows, SignedHow};
    use crate::list::Meaning;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn number(text: &str) -> Number {
        Number::from_e164(text).unwrap()
    }

    fn all_kinds() -> Vec<Event> {
        let (canary, planting) = ("C-000001".parse().unwrap(), "P-000001".parse().unwrap());
        let holder: HolderId = "szfy".parse().unwrap();
        let file = InputFile { path: "a =b\n.csv".to_string(), sha256: "00".repeat(32), rows: 7 };
        let at = "2026-11-21T02:00:00.123456Z".parse().unwrap();
        vec![
            Event::Key { public: "ab".to_string() },
            Event::Holder(Holder {
                id: holder.clone(),
                name: "市妇幼".to_string(),
                kind: crate::holder::Kind::Hospital,
                region: None,
                parent: Some("city".parse().unwrap()),
            }),
            Event::Flow(Flow {
                from: holder.clone(),
                to: "city".parse().unwrap(),
                share: 0.25,
                since: Some("2026-01-01".parse().unwrap()),
                until: None,
            }),
            Event::Line { holder: holder.clone(), caller: "+8613800138000".to_string() },
            Event::Number(NumberRecord {
                number: number("+8613800138000"),
                provider: Some(String::new()),
                kind: None,
                since: None,
                until: None,
                address: None,
                note: None,
                free_from: at,
            }),
            Event::Control { number: number("+8613800138000") },
            Event::Trap { number: number("+8613800138000") },
            Event::Retired { number: number("+8613800138000") },
            Event::Reserved(PlantingRecord {
                planting,
                holder: holder.clone(),
                input: Some(file.clone()),
                final_path: "out.csv".to_string(),
                temp_path: ".out.tmp".to_string(),
                header: vec!["电话".to_string()],
                authority: Some("order 7".to_string()),
                canaries: Some(CanaryRange { first: canary, count: 20 }),
            }),
            Event::Made {
                planting,
                canaries: vec![MadeCanary {
                    canary,
                    number: number("+8613800138000"),
                    row: 17,
                    record: Record { cells: vec!["王\\n\"芳\n".to_string()], ..Record::default() },
                }],
            },
            Event::Mint {
                canary,
                planting,
                number: number("+8613800138000"),
                row: 17,
                record: Record {
                    fields: [(Meaning::MotherName, "王\"芳".to_string())].into(),
                    cells: vec!["=x".to_string()],
                    anchors: vec![7, 8],
                    input_row: 3,
                    identity: -5,
                    beside: None,
                },
            },
            Event::Sealed { planting, output: file.clone(), undo: Some("{}".to_string()), roots: None },
            Event::Sealed {
                planting,
                output: file.clone(),
                undo: None,
                roots: Some(SealedRoots {
                    holder: holder.clone(),
                    canaries_root: "55".repeat(32),
                    canaries_key: "66".repeat(32),
                    came: vec![CameAlong { number: number("+8613800138000"), row: 9 }],
                    rows: None,
                }),
            },
            Event::Sealed {
                planting,
                output: file,
                undo: None,
                roots: Some(SealedRoots {
                    holder: holder.clone(),
                    canaries_root: "55".repeat(32),
                    canaries_key: "66".repeat(32),
                    came: vec![CameAlong { number: number("+8613800138000"), row: 9 }],
                    rows: Some(SealedRows {
                        root: "77".repeat(32),
                        key: "88".repeat(32),
                        proofs: RowProofs { size: 8, rows: Vec::new() },
                    }),
                }),
            },
            Event::Known { planting, rows: "BAAX".to_string() },
            Event::Planted { planting },
            Event::Void { planting, why: VoidReason::ForeignFile },
            Event::Met(MetRecord {
                number: number("+8613800138000"),
                holder: holder.clone(),
                planting,
                list_sha256: "11".repeat(32),
                row: 3,
            }),
            Event::Lock(LockRecord { investigators: vec!["age1a".to_string()], planter: "age1b".to_string() }),
            Event::Lookup(LookupRecord {
                what: Looked::Trace,
                by: "王芳".to_string(),
                case: Some("szfy 7".to_string()),
                asked: "13800138000".to_string(),
            }),
            Event::Received { canary, holder, planting, list_sha256: "11".repeat(32), row: 3 },
            Event::Contact(ContactRecord {
                number: number("+8613800138000"),
                from: Some("=anonymous".to_string()),
                at,
                kind: "call".to_string(),
                seconds: Some(30),
                said: Some("王女士您好\r\n".to_string()),
                source: "csv".to_string(),
                key: "22".repeat(32),
                raw_sha256: "33".repeat(32),
            }),
            Event::Stray { source: "csv".to_string(), contacts: 9 },
            Event::Backup { sha256: "44".repeat(32) },
            Event::Seal { size: 7, root: "77".repeat(32), note: "canaries/x\n7\n".to_string() },
            Event::Receipt(ReceiptRecord {
                planting,
                how: SignedHow::Ssh,
                statement: "{\"holder\": \"szfy\"}\n".to_string(),
                signature: "signed by 王芳".to_string(),
                key: "ssh-ed25519 AAAA szfy".to_string(),
            }),
            Event::Witness(WitnessRecord {
                size: 5,
                witness: "w+00000000+BA==".to_string(),
                at: 1_795_288_002,
                signature: "AA==".to_string(),
            }),
            Event::Stamp(StampRecord {
                size: 7,
                token: "AAAA".to_string(),
                authority: "PEM".to_string(),
                stamped_at: at,
            }),
        ]
    }

    #[test]
    fn every_kind_of_event_comes_back_as_it_was_written() {
        let at = "2026-11-21T02:00:00.000001Z".parse().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        for event in all_kinds() {
            let entry = event.write(at, &mut Salter(&mut rng));
            let locked = event.write_locked(at, &mut Salter(&mut rng));
            assert_eq!(Event::read(&entry), Ok((at, event.clone())));
            assert_eq!(Event::read(&locked), Ok((at, event)));
        }
    }

    #[test]
    fn no_body_of_a_locked_ledger_shows_a_hash_of_what_could_be_guessed() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        for event in all_kinds() {
            let body = String::from_utf8(event.write_locked(Utc::now(), &mut Salter(&mut rng)).body).unwrap();
            for name in ["raw-sha256", "statement-sha256", "signature-sha256"] {
                assert!(body.lines().all(|line| !line.starts_with(name) || line.contains(" =")), "{body}");
            }
        }
    }

    #[test]
    fn no_body_tells_how_many_canaries_a_file_has() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let planting = "P-000001".parse().unwrap();
        let output = InputFile { path: "out.csv".to_string(), sha256: "00".repeat(32), rows: 700 };
        let input = InputFile { rows: 600, ..output.clone() };
        let mut shapes = |count: u64| -> Vec<Vec<String>> {
            let came = (0..count).map(|row| CameAlong { number: number("+8613800138000"), row }).collect();
            let canaries = (1..=count).map(|row| MadeCanary {
                canary: CanaryId(row),
                number: number("+8613800138000"),
                row,
                record: Record::default(),
            });
            let events = [
                Event::Reserved(PlantingRecord {
                    planting,
                    holder: "szfy".parse().unwrap(),
                    input: Some(input.clone()),
                    final_path: "a".to_string(),
                    temp_path: "b".to_string(),
                    header: Vec::new(),
                    authority: None,
                    canaries: Some(CanaryRange { first: CanaryId(1), count }),
                }),
                Event::Made { planting, canaries: canaries.collect() },
                Event::Sealed {
                    planting,
                    output: output.clone(),
                    undo: None,
                    roots: Some(SealedRoots {
                        holder: "szfy".parse().unwrap(),
                        canaries_root: "55".repeat(32),
                        canaries_key: "66".repeat(32),
                        came,
                        rows: None,
                    }),
                },
            ];
            let at = "2026-11-21T02:00:00Z".parse().unwrap();
            let mut body = |event: &Event| String::from_utf8(event.write(at, &mut Salter(&mut rng)).body).unwrap();
            // All but the commitments, which are of one length.
            let plain = |line: &str| line.split(" =").next().unwrap().to_string();
            events.iter().map(|event| body(event).lines().map(plain).collect()).collect()
        };
        assert_eq!(shapes(1), shapes(60));
    }

    #[test]
    fn no_body_names_a_number_a_holder_or_a_person() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        for event in all_kinds() {
            let body = String::from_utf8(event.write(Utc::now(), &mut Salter(&mut rng)).body).unwrap();
            for secret in ["13800138000", "szfy", "市妇幼", "out.csv", "王", "anonymous"] {
                assert!(!body.contains(secret), "{body}");
            }
        }
    }
}
