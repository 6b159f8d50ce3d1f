//! Words a finding for people: what happened, what may be claimed and how it is shown, what speaks against it.
//!
//! A [`Finding`] decides nothing: the verdict is the trace's. It never says that somebody leaked, only from whose copy the data
//! used derive. What is laid beside it so that a stranger can check it is a [`package`].

mod font;
mod html;
mod ladder;
pub mod package;
mod pdf;
mod pictures;
mod proof_check;
mod receipt_page;
mod sheet;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use font::FontError;
pub use html::html;
pub use ladder::{Rung, Shown, Step};
pub use pdf::pdf;
pub use proof_check::{Checked, Outside, PackageFault, PackageStep, check};
pub use receipt_page::{ReceiptPage, receipt_page, seal_page};
pub use words::{headline, reasons, verdict_word, word};

use crate::hit::rfc3339;
use crate::holder::HolderId;
use crate::id::PlantingId;
use crate::lang::{Lang, Pair};
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
    /// When its number entered the pool.
    #[serde(serialize_with = "time")]
    pub number_since: DateTime<Utc>,
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
}

/// A holder's signed word that it got a planting's file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acknowledged {
    pub planting: PlantingId,
    /// `ssh`, `openssl` or `paper`.
    pub how: &'static str,
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

    /// Gives the plantings of the canaries it stands on, each once.
    pub fn plantings(&self) -> Vec<&Canary> {
        let mut seen = std::collections::BTreeSet::new();
        self.canaries.iter().filter(|canary| seen.insert(canary.story.planting)).collect()
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
        })
    }

    /// Gives the finding as one page that needs nothing else and can be printed.
    pub fn page(&self, lang: Lang) -> String {
        html(self, lang)
    }
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
