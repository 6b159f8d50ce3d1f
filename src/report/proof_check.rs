//! Checks an evidence package, step by step as the `verify.sh` in it does, and names the first step that fails.
//!
//! Pure: what needs another program (receipts, time stamps) is handed back as [`Outside`], to be run by who opened the folder.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

use super::canary_check::ShownByPlace;
use super::copy_check::ProvenCopy;
use super::entry_check::Proven;
use super::finding_check::{Proofs, Told};
use super::outside_check::Outside;
use super::package::{Files, SUMS, SUMS_SIGNATURE, read_proof};
use super::spelling::{KEY, LISTED, NOTED, Spelling};
use super::witness_check::Seen;
use crate::lang::{Pair, Speak};
use crate::ledger::{Checkpoint, Hash, Signatory, checkpoint_in, open_note, sha256};

/// A step of the check, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageStep {
    Files = 1,
    Sums,
    Checkpoint,
    History,
    Entries,
    Openings,
    Canaries,
    Order,
    Copies,
    Finding,
    Witnesses,
    Receipts,
    Stamps,
}

/// The step that failed, and at which file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {} ({}): `{file}` {}", *.step as u8, .step.word(), .step.complaint().en)]
pub struct PackageFault {
    pub step: PackageStep,
    pub file: String,
}

/// What a package that passed shows, and what is left to other programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// SHA-256 of the 32 bytes of the log's public key, in hex: to be compared with what the operator made known.
    pub key_sha256: String,
    pub checkpoint: Checkpoint,
    /// Which canary stands in whose copy.
    pub copies: Vec<ProvenCopy>,
    /// What the finding names, and what it owns not to have proven.
    pub told: Told,
    /// Which witnesses saw a checkpoint.
    pub seen: Vec<Seen>,
    pub outside: Vec<Outside>,
}

impl PackageStep {
    /// Gives the word that `verify.sh` has for the step.
    pub fn word(self) -> &'static str {
        match self {
            PackageStep::Files => "files",
            PackageStep::Sums => "sums",
            PackageStep::Checkpoint => "checkpoint",
            PackageStep::History => "history",
            PackageStep::Entries => "entries",
            PackageStep::Openings => "openings",
            PackageStep::Canaries => "canaries",
            PackageStep::Order => "order",
            PackageStep::Copies => "copies",
            PackageStep::Finding => "finding",
            PackageStep::Witnesses => "witnesses",
            PackageStep::Receipts => "receipts",
            PackageStep::Stamps => "stamps",
        }
    }

    fn complaint(self) -> Pair {
        let (en, zh) = match self {
            PackageStep::Files => {
                ("is missing, foreign, or not what SHA256SUMS says", "缺失、多余，或与 SHA256SUMS 不符")
            }
            PackageStep::Sums => ("is not signed by the log's key", "没有台账密钥的签名"),
            PackageStep::Checkpoint => ("is not a checkpoint that its key signed", "不是由其密钥签名的检查点"),
            PackageStep::History => ("is no earlier state of the log", "不是该台账的早先状态"),
            PackageStep::Entries => ("is not in the log", "不在台账中"),
            PackageStep::Openings => ("does not open its entry", "与其条目的承诺值不符"),
            PackageStep::Canaries => ("is not in its planting", "不在其投放中"),
            PackageStep::Order => ("does not stand where it must in the log", "在台账中的先后位置不对"),
            PackageStep::Copies => ("stands in no copy that was handed over", "不在任何已交付的副本中"),
            PackageStep::Finding => ("names what is not proven", "指称了未经证明的内容"),
            PackageStep::Witnesses => ("is not a witness's signature on the checkpoint", "不是见证方对检查点的签名"),
            PackageStep::Receipts => ("is not a signed receipt for this file", "不是针对该文件的有效回执"),
            PackageStep::Stamps => ("is not a valid time stamp", "不是有效的时间戳"),
        };
        Pair::new(en, zh)
    }
}

impl Speak for PackageFault {
    fn zh(&self) -> String {
        let PackageFault { step, file } = self;
        format!("第 {} 步（{}）：`{file}` {}", *step as u8, step.word(), step.complaint().zh)
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new("ask for the package again; this one proves nothing", "请重新索取证据包；此包不能证明任何事"))
    }
}

/// Checks all that needs no other program.
pub fn check(files: &Files) -> Result<Checked, PackageFault> {
    let package = Opened { files };
    package.plain()?;
    package.sums()?;
    let key = package.key("checkpoint.pub", PackageStep::Sums)?;
    package.signed_sums(&key)?;
    let checkpoint = package.note("checkpoint")?;
    let planting = files.contains_key("planting.note").then(|| package.note("planting")).transpose()?;
    if let Some(old) = &planting {
        package.history(old, &checkpoint)?;
    }
    let (entries, canaries) = package.shown(&checkpoint)?;
    package.order(&entries, &canaries, planting.as_ref())?;
    let copies = package.copies(&entries, &canaries)?;
    let told = Proofs::of(&entries, &canaries, &copies).check(files)?;
    let seen = package.witnesses()?;
    let outside = package.receipts(&entries)?.into_iter().chain(package.stamps()?).collect();
    Ok(Checked { key_sha256: hex::encode(sha256(key.as_bytes())), checkpoint, copies, told, seen, outside })
}

/// Lists in a finding what the other files of a package prove of it, and what not.
pub(super) fn prove(files: &Files, finding: &mut serde_json::Value) -> Result<(), PackageFault> {
    let package = Opened { files };
    let checkpoint = package.note("checkpoint")?;
    let (entries, canaries) = package.shown(&checkpoint)?;
    let copies = package.copies(&entries, &canaries)?;
    Proofs::of(&entries, &canaries, &copies).write(files, finding);
    Ok(())
}

/// Folders that a package may have.
const FOLDERS: [&str; 7] = ["entries", "canaries", "copies", "rows", "receipts", "stamps", "witnesses"];

/// Tells whether a package may have a folder of this name.
pub fn is_folder(name: &str) -> bool {
    FOLDERS.contains(&name)
}

/// The files of a package.
pub(super) struct Opened<'f> {
    files: &'f Files,
}

pub(super) fn fault(step: PackageStep, file: impl Into<String>) -> PackageFault {
    PackageFault { step, file: file.into() }
}

impl<'f> Opened<'f> {
    pub(super) fn bytes(&self, name: &str, step: PackageStep) -> Result<&'f [u8], PackageFault> {
        self.files.get(name).map(Vec::as_slice).ok_or_else(|| fault(step, name))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(super) fn named(&self, folder: &str, ending: &str) -> impl Iterator<Item = &'f str> {
        let of = move |name: &&String| name.starts_with(folder) && name.ends_with(ending);
        self.files.keys().filter(of).map(String::as_str).collect::<Vec<_>>().into_iter()
    }

    /// Gives a file that is spelt as it must be.
    pub(super) fn spelt(&self, name: &str, as_in: &Spelling, step: PackageStep) -> Result<&'f [u8], PackageFault> {
        self.bytes(name, step).and_then(|bytes| if as_in.is_file(bytes) { Ok(bytes) } else { Err(fault(step, name)) })
    }

    /// Checks that files which are text have no byte 0.
    fn plain(&self) -> Result<(), PackageFault> {
        let is_text = |name: &str| !name.ends_with(".sig") && !name.ends_with(".tsr");
        match self.files.iter().find(|(name, bytes)| is_text(name) && bytes.contains(&0)) {
            Some((name, _)) => Err(fault(PackageStep::Files, name)),
            None => Ok(()),
        }
    }

    fn sums(&self) -> Result<(), PackageFault> {
        let step = PackageStep::Files;
        let bad = || fault(step, SUMS);
        let text = self.bytes(SUMS, step)?.strip_suffix(b"\n").ok_or_else(bad)?;
        let mut listed: BTreeMap<&str, &str> = BTreeMap::new();
        for line in text.split(|byte| *byte == b'\n') {
            let line = std::str::from_utf8(line).ok().filter(|line| LISTED.is_line(line.as_bytes())).ok_or_else(bad)?;
            let (hash, name) = line.split_once("  ").ok_or_else(bad)?;
            if listed.insert(name, hash).is_some() {
                return Err(bad());
            }
        }
        for (name, hash) in &listed {
            if hex::encode(sha256(self.bytes(name, step)?)) != **hash {
                return Err(fault(step, *name));
            }
        }
        let foreign =
            |name: &&String| ![SUMS, SUMS_SIGNATURE].contains(&name.as_str()) && !listed.contains_key(name.as_str());
        match self.files.keys().find(foreign) {
            Some(name) => Err(fault(step, name)),
            None => Ok(()),
        }
    }

    /// Reads a public key in PEM.
    pub(super) fn key(&self, name: &str, step: PackageStep) -> Result<VerifyingKey, PackageFault> {
        let bad = || fault(step, name);
        let line = self.spelt(name, &KEY, step)?.split(|byte| *byte == b'\n').nth(1).ok_or_else(bad)?;
        let der = STANDARD.decode(line).map_err(|_| bad())?;
        let bytes = der.last_chunk::<32>().ok_or_else(bad)?;
        VerifyingKey::from_bytes(bytes).map_err(|_| bad())
    }

    fn signed_sums(&self, key: &VerifyingKey) -> Result<(), PackageFault> {
        let step = PackageStep::Sums;
        let signature = Signature::from_slice(self.bytes(SUMS_SIGNATURE, step)?);
        let signed = signature.is_ok_and(|signature| {
            self.bytes(SUMS, step).is_ok_and(|sums| key.verify_strict(sums, &signature).is_ok())
        });
        if signed { Ok(()) } else { Err(fault(step, SUMS)) }
    }

    fn note(&self, name: &str) -> Result<Checkpoint, PackageFault> {
        let (step, file) = (PackageStep::Checkpoint, format!("{name}.note"));
        let bad = || fault(step, &file);
        let key = self.key(&format!("{name}.pub"), step)?;
        let note = self.spelt(&file, &NOTED, step)?;
        let origin = checkpoint_in(note).ok_or_else(bad)?.origin;
        open_note(note, &[Signatory { name: origin, key }]).map(|(checkpoint, _)| checkpoint).map_err(|_| bad())
    }

    /// Reads a proof: two numbers and hashes.
    pub(super) fn proof(&self, name: &str, step: PackageStep) -> Result<((u64, u64), Vec<Hash>), PackageFault> {
        self.bytes(name, step).and_then(|text| read_proof(text).ok_or_else(|| fault(step, name)))
    }

    /// Checks what is shown of the log and of plantings.
    fn shown(&self, checkpoint: &Checkpoint) -> Result<(Vec<Proven<'f>>, Vec<ShownByPlace<'f>>), PackageFault> {
        let entries = self.entries(checkpoint)?;
        let canaries = self.canaries(&entries)?;
        Ok((entries, canaries))
    }
}
