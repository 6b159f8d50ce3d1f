//! Words a finding for people: what happened, what may be claimed and how it is shown, what speaks against it.
//!
//! A [`Finding`] decides nothing: the verdict is the trace's. It never says that somebody leaked, only from whose copy the data
//! used derive. What is laid beside it so that a stranger can check it is a [`package`].

mod canary_check;
mod copy_check;
mod entry_check;
mod finding_check;
mod font;
mod html;
mod json_lines;
mod ladder;
mod outside_check;
pub mod package;
mod pdf;
mod pictures;
mod proof_check;
mod receipt_page;
mod sheet;
mod spelling;
mod witness_check;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use copy_check::ProvenCopy;
pub use finding_check::Told;
pub use font::FontError;
pub use html::html;
pub use ladder::{Rung, Shown, Step};
pub use outside_check::Outside;
pub use pdf::pdf;
pub use proof_check::{Checked, PackageFault, PackageStep, check, is_folder};
pub use receipt_page::{ReceiptPage, receipt_page, seal_page};
pub use witness_check::Seen;
pub use words::{headline, reasons, verdict_word, word};

use crate::hit::rfc3339;
use crate::holder::HolderId;
use crate::id::PlantingId;
use crate::lang::{Lang, Pair};
use crate::ledger::LookupRecord;
use crate::list::Meaning;
use crate::trace::{Evidence, Finding as Traced, Story};

/// A canary that the finding stands on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Canary {
    #[serde(flatten)]
    pub story: Story,
    /// Data row of the file, from 1.
    pub row: u64,
    pub fields: BTreeMap<Meaning, String>,
    /// SHA-256 of the file that was handed over, in hex, and its data rows.
    pub file_sha256: Option<String>,
    pub file_rows: Option<u64>,
    /// All lists that have it; the row and the file above are of the first.
    pub copies: Vec<Copy>,
    /// When its number entered the pool.
    #[serde(serialize_with = "time")]
    pub number_since: DateTime<Utc>,
}

/// A list that has a canary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Copy {
    pub planting: PlantingId,
    pub holder: HolderId,
    /// When it was handed over, or was to be.
    #[serde(serialize_with = "time")]
    pub at: DateTime<Utc>,
    pub handed_over: HandedOver,
    pub given: Given,
    /// Data row of the file, from 1.
    pub row: u64,
    pub file_sha256: Option<String>,
    pub file_rows: Option<u64>,
}

/// Whether a copy was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandedOver {
    Yes,
    /// A crash left it open, and the file was gone when it was taken up again.
    Open,
}

/// How a canary came into a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Given {
    /// It was made for it, and entered with it.
    Made,
    /// It was made for several copies, and entered with another.
    AtOnce,
    /// It stood in the list already, or was put back from an earlier export.
    Along,
}

/// The oldest signed checkpoint that covers the plantings in question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cover {
    pub size: u64,
    /// In hex.
    pub root: String,
    #[serde(serialize_with = "time")]
    pub at: DateTime<Utc>,
    /// When a neutral authority stamped it; without it there is the operator's clock only.
    #[serde(serialize_with = "some_time")]
    pub stamped_at: Option<DateTime<Utc>>,
    /// Who saw it, and when by their clocks.
    pub witnesses: Vec<SeenBy>,
}

/// A witness who saw a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeenBy {
    /// Name and public key.
    pub witness: String,
    #[serde(serialize_with = "time")]
    pub at: DateTime<Utc>,
}

/// A holder's signed word that it got a planting's file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acknowledged {
    pub planting: PlantingId,
    /// `ssh`, `openssl` or `paper`.
    pub how: &'static str,
    /// The fingerprint of the key; none for paper.
    pub key: Option<String>,
    #[serde(serialize_with = "time")]
    pub at: DateTime<Utc>,
}

/// A finding that can be told to people, with all that it stands on.
#[derive(Debug, Clone)]
pub struct Finding {
    pub made_at: DateTime<Utc>,
    pub traced: Traced,
    pub evidence: Evidence,
    pub canaries: Vec<Canary>,
    pub cover: Option<Cover>,
    pub acknowledged: Vec<Acknowledged>,
    /// Where each contact came from and the SHA-256 of its raw record, in the order of the hits.
    pub raw: Vec<RawRecord>,
    /// Looks into the ledger before the first contact that can have shown these canaries, in the order of the log.
    pub looked: Vec<LookedAt>,
}

/// A look into the ledger that is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookedAt {
    #[serde(serialize_with = "time")]
    pub at: DateTime<Utc>,
    pub what: &'static str,
    pub by: String,
}

impl LookedAt {
    /// Takes of a look what a report tells; what was asked could name other canaries.
    pub fn of(at: DateTime<Utc>, record: LookupRecord) -> LookedAt {
        LookedAt { at, what: record.what.word(), by: record.by }
    }
}

/// The raw record of a contact, which its holder keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RawRecord {
    pub source: String,
    pub sha256: String,
}

impl Finding {
    /// Gives the ladder of claims, each with what shows it or what is lacking.
    pub fn ladder(&self) -> Vec<Rung> {
        ladder::ladder(self)
    }

    /// Gives what speaks against the finding.
    pub fn against(&self) -> Vec<Pair> {
        self.traced.against.iter().map(|doubt| doubt.told()).collect()
    }

    /// Names a holder with its id.
    pub fn name(&self, id: &HolderId) -> String {
        name_of(&self.evidence, id)
    }

    /// Gives the copies that it speaks of, each once.
    pub fn copies(&self) -> Vec<&Copy> {
        let mut seen = std::collections::BTreeSet::new();
        let all = self.canaries.iter().flat_map(|canary| spoken_of(&self.traced, &canary.copies));
        all.filter(|copy| seen.insert(copy.planting)).collect()
    }

    /// Gives the finding as a JSON document, its words in both languages.
    pub fn document(&self) -> serde_json::Value {
        let both = |pair: &Pair| serde_json::json!({"en": pair.en, "zh": pair.zh});
        let all = |pairs: Vec<Pair>| pairs.iter().map(both).collect::<Vec<_>>();
        serde_json::json!({
            "made_at": rfc3339(&self.made_at),
            "program": concat!("canaries ", env!("CARGO_PKG_VERSION")),
            "headline": all(headline(&self.traced, &self.evidence)),
            "reasons": all(reasons(&self.traced, &self.evidence)),
            "ladder": self.ladder(),
            "against": all(self.against()),
            "finding": self.traced,
            "canaries": self.canaries,
            "checkpoint": self.cover,
            "receipts": self.acknowledged,
            "raw_records": self.raw,
            "looked_before": self.looked,
        })
    }

    /// Gives the finding as one page that needs nothing else and can be printed.
    pub fn page(&self, lang: Lang) -> String {
        html(self, lang)
    }
}

/// Chooses of a canary's copies those of the holders that a finding names or cannot tell from them; all, if none is theirs.
pub fn spoken_of<'c>(traced: &Traced, copies: &'c [Copy]) -> Vec<&'c Copy> {
    let alike = if traced.named.is_empty() { &[][..] } else { &traced.alike[..] };
    let is_theirs = |copy: &&Copy| traced.named.contains(&copy.holder) || alike.contains(&copy.holder);
    let theirs: Vec<&Copy> = copies.iter().filter(is_theirs).collect();
    if theirs.is_empty() { copies.iter().collect() } else { theirs }
}

/// Names a holder with its id.
pub(crate) fn name_of(evidence: &Evidence, id: &HolderId) -> String {
    match evidence.graph.holder(id) {
        Some(holder) => format!("{id} ({})", holder.name),
        None => id.to_string(),
    }
}

fn time<S: serde::Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(at))
}

fn some_time<S: serde::Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => time(at, serializer),
        None => serializer.serialize_none(),
    }
}
