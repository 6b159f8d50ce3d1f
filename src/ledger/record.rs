//! What the ledger keeps of things: numbers, canaries, files, plantings, contacts.
//!
//! These are values; how they are written down is `event`'s, and the order of fields in a serialised one is frozen.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rows::RowProofs;
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::list::Meaning;
use crate::phone::Number;

/// What is known of a number when it enters the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRecord {
    pub number: Number,
    pub provider: Option<String>,
    pub kind: Option<String>,
    pub since: Option<String>,
    pub until: Option<String>,
    pub address: Option<String>,
    pub note: Option<String>,
    pub free_from: DateTime<Utc>,
}

/// What was written into a list for one canary, and how to find its neighbours again.
///
/// `anchors` are hashes, under a key that is not in the ledger, of the rows above and below it; with `input_row`, the data
/// row of the input it went in front of, they let a later export of the same growing list keep it at its place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record {
    pub fields: BTreeMap<Meaning, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<u64>,
    #[serde(default)]
    pub input_row: u64,
    /// The [`identity`] of the persona.
    pub identity: i64,
    /// The first number of the row, if this canary is the second number in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

/// The fields of a [`Record`], borrowed from its text where that has no escapes; the rest of it is not read.
#[derive(Debug, Deserialize)]
pub struct RecordFields<'r> {
    #[serde(borrow)]
    fields: BTreeMap<Meaning, Text<'r>>,
    #[serde(borrow, default)]
    beside: Option<Text<'r>>,
}

#[derive(Debug, Deserialize)]
struct Text<'r>(#[serde(borrow)] Cow<'r, str>);

impl<'r> RecordFields<'r> {
    /// Borrows the fields of a record.
    pub fn of(record: &'r Record) -> RecordFields<'r> {
        let text = |(meaning, text): (&Meaning, &'r String)| (*meaning, Text(Cow::Borrowed(text.as_str())));
        let beside = record.beside.as_deref().map(|number| Text(Cow::Borrowed(number)));
        RecordFields { fields: record.fields.iter().map(text).collect(), beside }
    }

    /// Gives the first number of the row, if the canary is the second number in it.
    pub fn beside(&self) -> Option<&str> {
        self.beside.as_ref().map(|text| text.0.as_ref())
    }

    /// Gives a field.
    pub fn field(&self, meaning: Meaning) -> Option<&str> {
        self.fields.get(&meaning).map(|text| text.0.as_ref())
    }
}

/// A file that was read or written: where it lay, its SHA-256 in hex, its data rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    pub path: String,
    pub sha256: String,
    pub rows: u64,
}

/// What is settled before the first byte of a seeded copy is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlantingRecord {
    pub planting: PlantingId,
    pub holder: HolderId,
    pub input: Option<InputFile>,
    pub final_path: String,
    pub temp_path: String,
    pub header: Vec<String>,
    /// The order that allows loading canaries into a live system, if there is one.
    pub authority: Option<String>,
    /// Missing in older entries, whose canaries have an entry each.
    pub canaries: Option<CanaryRange>,
}

/// The ids that a planting gives to the canaries it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanaryRange {
    pub first: CanaryId,
    pub count: u64,
}

impl CanaryRange {
    /// Gives the ids one by one.
    pub fn ids(self) -> impl Iterator<Item = CanaryId> {
        (self.first.0..self.first.0.saturating_add(self.count)).map(CanaryId)
    }
}

/// A canary as it is made; it is entered with others of its planting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "MadeText")]
pub struct MadeCanary {
    pub canary: CanaryId,
    pub number: Number,
    /// Data row of the file, from 1.
    pub row: u64,
    pub record: Record,
}

#[derive(Deserialize)]
struct MadeText {
    canary: String,
    number: String,
    row: u64,
    record: Record,
}

impl TryFrom<MadeText> for MadeCanary {
    type Error = &'static str;

    fn try_from(text: MadeText) -> Result<MadeCanary, &'static str> {
        let canary = text.canary.parse().map_err(|_| "no id of a canary")?;
        let number = Number::from_e164(&text.number).map_err(|_| "no number")?;
        Ok(MadeCanary { canary, number, row: text.row, record: text.record })
    }
}

/// The number of an older canary that stands in a new file, and its data row there, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CameText")]
pub struct CameAlong {
    pub number: Number,
    pub row: u64,
}

#[derive(Deserialize)]
struct CameText {
    number: String,
    row: u64,
}

impl TryFrom<CameText> for CameAlong {
    type Error = &'static str;

    fn try_from(text: CameText) -> Result<CameAlong, &'static str> {
        let number = Number::from_e164(&text.number).map_err(|_| "no number")?;
        Ok(CameAlong { number, row: text.row })
    }
}

/// Why a planting came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoidReason {
    /// Writing failed, and the program said so.
    Failed,
    /// A crash left it unfinished.
    Crashed,
    /// Something else lay at the final path when it was taken up again.
    ForeignFile,
    /// The copy is gone, and the operator says that nobody received it.
    Withdrawn,
}

impl VoidReason {
    /// Gives the word that stands in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            VoidReason::Failed => "failed",
            VoidReason::Crashed => "crashed",
            VoidReason::ForeignFile => "foreign-file",
            VoidReason::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word that stands in the ledger.
    pub fn from_word(word: &str) -> Option<VoidReason> {
        let all = [VoidReason::Failed, VoidReason::Crashed, VoidReason::ForeignFile, VoidReason::Withdrawn];
        all.into_iter().find(|why| why.word() == word)
    }
}

/// What a sealed planting commits to besides its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRoots {
    pub holder: HolderId,
    /// In hex, over the openings of its canaries, made for it or come along, among random leaves.
    pub canaries_root: String,
    /// In hex: what the salts and the random leaves are derived from.
    pub canaries_key: String,
    /// Older canaries that stand in the file; older entries tell of these by entries of their own.
    pub came: Vec<CameAlong>,
    /// Missing in older entries and where nobody made a tree over the rows.
    pub rows: Option<SealedRows>,
}

/// What a sealed planting commits to of the rows of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRows {
    /// In hex, over all rows.
    pub root: String,
    /// In hex: what the salts are derived from.
    pub key: String,
    pub proofs: RowProofs,
}

/// How a holder has signed that it got a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedHow {
    /// `ssh-keygen -Y sign`.
    Ssh,
    /// `openssl pkeyutl -sign -rawin` or `openssl dgst -sign`.
    Openssl,
    /// By hand on the printed page: the signature is the SHA-256 of its scan.
    Paper,
}

/// The holder's signed word that it got a planting's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRecord {
    pub planting: PlantingId,
    pub how: SignedHow,
    /// The very bytes that were signed.
    pub statement: String,
    /// Armoured or in base64.
    pub signature: String,
    /// The public key: a line of an allowed-signers file, or PEM; empty for paper.
    pub key: String,
}

/// A witness's signature on a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRecord {
    /// Of the checkpoint.
    pub size: u64,
    /// The witness's name and public key, as [`Witness::text`](super::Witness::text) writes them.
    pub witness: String,
    /// Seconds since 1970, by the witness's clock.
    pub at: u64,
    /// 64 bytes in base64.
    pub signature: String,
}

/// A time-stamp authority's word that a checkpoint was there at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampRecord {
    /// Of the checkpoint.
    pub size: u64,
    /// The RFC 3161 response in base64.
    pub token: String,
    /// Certificates that the token is checked with, in PEM.
    pub authority: String,
    /// What the token says.
    pub stamped_at: DateTime<Utc>,
}

impl SignedHow {
    /// Gives the word that stands in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            SignedHow::Ssh => "ssh",
            SignedHow::Openssl => "openssl",
            SignedHow::Paper => "paper",
        }
    }

    /// Reads the word that stands in the ledger.
    pub fn from_word(word: &str) -> Option<SignedHow> {
        [SignedHow::Ssh, SignedHow::Openssl, SignedHow::Paper].into_iter().find(|how| how.word() == word)
    }
}

/// One contact that reached a number of the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRecord {
    pub number: Number,
    pub from: Option<String>,
    pub at: DateTime<Utc>,
    pub kind: String,
    pub seconds: Option<u32>,
    pub said: Option<String>,
    pub source: String,
    pub key: String,
    pub raw_sha256: String,
}
