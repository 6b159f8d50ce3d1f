//! The evidence package: a folder by which a stranger checks a finding without this program and without the ledger.
//!
//! It shows single entries of the log with their proofs, and of each entry only what the finding needs; other canaries, other
//! holders and real people are in none of its files. `verify.sh` in it and [`check`](super::check) do the same steps.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine};

use super::Finding;
use super::PackageFault;
use super::finding_check::{DOCUMENT, PAGE};
use super::proof_check::prove;
use super::spelling::PROOF;
use crate::id::{CanaryId, PlantingId};
use crate::lang::{Lang, Pair, Speak};
use crate::ledger::{
    CanaryOpening, Entry, Hash, ReceiptRecord, SignedHow, StampRecord, consistency_proof, inclusion_proof, sha256,
};

/// The script that checks a package with public tools.
pub const VERIFY_SH: &str = include_str!("verify.sh");
/// The file that lists all others with their SHA-256, and its signature.
pub const SUMS: &str = "SHA256SUMS";
pub const SUMS_SIGNATURE: &str = "SHA256SUMS.sig";
/// The same list with SM3; it says no more, and may be missing.
pub const SM3_SUMS: &str = "SM3SUMS";

/// The files of a package by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// An entry that is shown, and the names of those of its secret lines that are opened.
pub struct ShownEntry {
    pub index: u64,
    pub entry: Entry,
    pub open: &'static [&'static str],
}

/// A canary that is shown, and its proof in the tree of its planting.
pub struct ShownCanary {
    pub opening: CanaryOpening,
    /// What the leaf is the hash of.
    pub text: String,
    /// Place and number of leaves.
    pub place: (u64, u64),
    pub proof: Vec<Hash>,
    /// Its rows of the files it stands in, where there is a tree over the rows.
    pub rows: Vec<ShownRow>,
}

/// A canary that is shown to stand in the file of another planting, and its proof in the tree of that.
pub struct ShownCame {
    pub canary: CanaryId,
    pub planting: PlantingId,
    /// What the leaf is the hash of.
    pub text: String,
    /// Place and number of leaves.
    pub place: (u64, u64),
    pub proof: Vec<Hash>,
}

/// A row that is shown, and its proof in the tree over the rows of its file.
pub struct ShownRow {
    /// The planting of the file, where another entered the canary.
    pub of: Option<PlantingId>,
    /// What the leaf is the hash of.
    pub text: Vec<u8>,
    /// Place and number of leaves.
    pub place: (u64, u64),
    pub proof: Vec<Hash>,
}

/// A signed checkpoint, and the public key that signed it as PEM.
#[derive(Debug, Clone)]
pub struct Noted {
    pub size: u64,
    pub note: String,
    pub public: String,
}

/// A stamp, and the time it bears in seconds since 1970.
pub struct ShownStamp {
    pub record: StampRecord,
    pub at: i64,
}

/// Why a package cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("the ledger holds a signature or a token that cannot be read")]
    NotBase64(#[from] DecodeError),
    #[error("the package does not pass its own check: {0}")]
    Faulty(#[from] PackageFault),
}

impl Speak for PackError {
    fn zh(&self) -> String {
        match self {
            PackError::NotBase64(_) => "台账中有签名或时间戳无法读取".to_string(),
            PackError::Faulty(fault) => format!("它通不过自身的核验：{}", fault.zh()),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new("check the ledger with `canaries verify`", "请用 `canaries verify` 校验台账"))
    }
}

/// A witness's signature that is shown.
pub struct ShownWitness {
    pub size: u64,
    /// The witness's key as PEM.
    pub public: String,
    /// Seconds since 1970.
    pub at: u64,
    /// 64 bytes.
    pub signature: Vec<u8>,
}

/// All that goes into a package.
pub struct Package<'p> {
    pub finding: &'p Finding,
    pub lang: Lang,
    /// The leaf hashes of the log, from the first entry to the last that `checkpoint` covers.
    pub leaves: &'p [Hash],
    pub checkpoint: Noted,
    /// The oldest checkpoint that covers the plantings, where that is another one.
    pub planting: Option<Noted>,
    pub entries: Vec<ShownEntry>,
    pub canaries: Vec<ShownCanary>,
    pub came: Vec<ShownCame>,
    pub receipts: Vec<ReceiptRecord>,
    pub stamps: Vec<ShownStamp>,
    pub witnesses: Vec<ShownWitness>,
}

impl Package<'_> {
    /// Gives all files but the sums and their signature.
    pub fn files(&self) -> Result<Files, PackError> {
        let mut files = Files::new();
        let mut put = |name: String, bytes: Vec<u8>| {
            files.insert(name, bytes);
        };
        put("verify.sh".to_string(), VERIFY_SH.as_bytes().to_vec());
        put(PAGE.to_string(), self.finding.page(self.lang).into_bytes());
        for (name, noted) in [("checkpoint", Some(&self.checkpoint)), ("planting", self.planting.as_ref())] {
            let Some(noted) = noted else { continue };
            put(format!("{name}.note"), noted.note.clone().into_bytes());
            put(format!("{name}.pub"), noted.public.clone().into_bytes());
        }
        let size = self.leaves.len() as u64;
        if let Some(proof) = self.planting.as_ref().and_then(|old| consistency_proof(self.leaves, old.size)) {
            let old = self.planting.as_ref().map_or(0, |old| old.size);
            put("consistency.proof".to_string(), proof_text((old, size), &proof));
        }
        for shown in &self.entries {
            let name = format!("entries/{:07}", shown.index);
            put(format!("{name}.entry"), shown.entry.body.clone());
            if let Some(proof) = inclusion_proof(self.leaves, shown.index) {
                put(format!("{name}.proof"), proof_text((shown.index, size), &proof));
            }
            let open = shown.entry.opened(shown.open);
            if !open.is_empty() {
                put(format!("{name}.open"), open.into_bytes());
            }
        }
        for shown in &self.canaries {
            let name = format!("canaries/{}", shown.opening.canary);
            put(format!("{name}.open"), shown.text.clone().into_bytes());
            put(format!("{name}.proof"), proof_text(shown.place, &shown.proof));
            for row in &shown.rows {
                let canary = shown.opening.canary;
                let name = match row.of {
                    Some(planting) => format!("rows/{canary}.{planting}"),
                    None => format!("rows/{canary}"),
                };
                put(format!("{name}.row"), row.text.clone());
                put(format!("{name}.proof"), proof_text(row.place, &row.proof));
            }
        }
        for ShownCame { canary, planting, text, place, proof } in &self.came {
            put(format!("copies/{canary}.{planting}.open"), text.clone().into_bytes());
            put(format!("copies/{canary}.{planting}.proof"), proof_text(*place, proof));
        }
        for (at, receipt) in (1..).zip(&self.receipts) {
            put_receipt(&format!("receipts/{}.{at}", receipt.planting), receipt, &mut put)?;
        }
        for (at, stamp) in (1..).zip(&self.stamps) {
            let of_planting = self.planting.as_ref().is_some_and(|noted| noted.size == stamp.record.size);
            let name = format!("stamps/{}.{at}", if of_planting { "planting" } else { "checkpoint" });
            put(format!("{name}.tsr"), STANDARD.decode(&stamp.record.token)?);
            put(format!("{name}.pem"), stamp.record.authority.clone().into_bytes());
            put(format!("{name}.time"), format!("{}\n", stamp.at).into_bytes());
        }
        for (at, witness) in (1..).zip(&self.witnesses) {
            let of_planting = self.planting.as_ref().is_some_and(|noted| noted.size == witness.size);
            let name = format!("witnesses/{}.{at}", if of_planting { "planting" } else { "checkpoint" });
            put(format!("{name}.pem"), witness.public.clone().into_bytes());
            put(format!("{name}.sig"), witness.signature.clone());
            put(format!("{name}.time"), format!("{}\n", witness.at).into_bytes());
        }
        let mut document = self.finding.document();
        prove(&files, &mut document)?;
        files.insert(DOCUMENT.to_string(), format!("{document:#}\n").into_bytes());
        Ok(files)
    }
}

fn put_receipt(name: &str, receipt: &ReceiptRecord, put: &mut dyn FnMut(String, Vec<u8>)) -> Result<(), DecodeError> {
    put(format!("{name}.json"), receipt.statement.clone().into_bytes());
    match receipt.how {
        SignedHow::Ssh => {
            put(format!("{name}.sig"), receipt.signature.clone().into_bytes());
            put(format!("{name}.allowed"), receipt.key.clone().into_bytes());
        }
        SignedHow::Openssl => {
            put(format!("{name}.sig"), STANDARD.decode(&receipt.signature)?);
            put(format!("{name}.pem"), receipt.key.clone().into_bytes());
        }
        SignedHow::Paper => put(format!("{name}.paper"), format!("{}\n", receipt.signature).into_bytes()),
    }
    Ok(())
}

/// Writes a proof: two numbers (place and size, or older and newer size), then the hashes in hex, one a line.
pub fn proof_text((first, second): (u64, u64), proof: &[Hash]) -> Vec<u8> {
    let mut text = format!("{first} {second}\n");
    for hash in proof {
        writeln!(text, "{}", hex::encode(hash)).expect("a string takes all that is written");
    }
    text.into_bytes()
}

/// Reads such a proof.
pub fn read_proof(text: &[u8]) -> Option<((u64, u64), Vec<Hash>)> {
    let text = std::str::from_utf8(text).ok().filter(|text| PROOF.is_file(text.as_bytes()))?;
    let mut lines = text.split_terminator('\n');
    let (first, second) = lines.next()?.split_once(' ')?;
    let hash = |line: &str| {
        let mut hash = Hash::default();
        hex::decode_to_slice(line, &mut hash).is_ok().then_some(hash)
    };
    Some(((first.parse().ok()?, second.parse().ok()?), lines.map(hash).collect::<Option<_>>()?))
}

/// Lists files with their SHA-256, as `sha256sum` does.
pub fn sums(files: &Files) -> String {
    files.iter().map(|(name, bytes)| format!("{}  {name}\n", hex::encode(sha256(bytes)))).collect()
}
