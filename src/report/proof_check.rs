//! Checks an evidence package, step by step as the `verify.sh` in it does, and names the first step that fails.
//!
//! Pure: what needs another program (receipts, time stamps) is handed back as [`Outside`], to be run by who opened the folder.

use std::collections::BTreeMap;

use ed25519_dalek::pkcs8::DecodePublicKey;
use ed25519_dalek::{Signature, VerifyingKey};

use super::copy_check::{ProvenCopy, copies};
use super::outside_check::Outside;
use super::package::{Files, SUMS, SUMS_SIGNATURE};
use crate::lang::{Pair, Speak};
use crate::ledger::{
    CanaryOpening, Checkpoint, Entry, Hash, Signatory, checkpoint_in, is_consistent, is_included, leaf_hash, open_note,
    row_in, sha256,
};

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
    package.sums()?;
    let (checkpoint, key) = package.note("checkpoint")?;
    package.signed_sums(&key)?;
    let planting = match files.contains_key("planting.note") {
        true => Some(package.note("planting")?.0),
        false => None,
    };
    if let Some(old) = &planting {
        package.history(old, &checkpoint)?;
    }
    let entries = package.entries(&checkpoint)?;
    let canaries = package.canaries(&entries)?;
    package.order(&entries, &canaries, planting.as_ref())?;
    let copies = copies(&entries, &canaries)?;
    let outside = package.receipts(&entries)?.into_iter().chain(package.stamps()?).collect();
    Ok(Checked { key_sha256: hex::encode(sha256(key.as_bytes())), checkpoint, copies, outside })
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Tells whether a file may be called so: plain names, in one folder at most, that no shell and no file system reads otherwise.
fn is_name(name: &str) -> bool {
    let is_plain = |part: &str| {
        let more = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && part.chars().all(more)
    };
    name.split('/').count() <= 2 && name.split('/').all(is_plain)
}

/// Last digits of a number by which it is known again in a row, however its beginning is written there.
const NUMBER_END: usize = 7;

pub(super) struct Opened<'f> {
    files: &'f Files,
}

/// An entry that was found in the log.
pub(super) struct Proven<'f> {
    pub(super) name: &'f str,
    pub(super) index: u64,
    pub(super) kind: String,
    pub(super) open: BTreeMap<String, String>,
    pub(super) body: BTreeMap<String, String>,
}

impl Proven<'_> {
    /// Gives an open line; empty if there is none.
    pub(super) fn line(&self, name: &str) -> &str {
        self.body.get(name).map_or("", String::as_str)
    }

    /// Gives a secret line that is opened; empty if it is not.
    pub(super) fn opened(&self, name: &str) -> &str {
        self.open.get(name).map_or("", String::as_str)
    }
}

pub(super) fn fault(step: PackageStep, file: impl Into<String>) -> PackageFault {
    PackageFault { step, file: file.into() }
}

impl<'f> Opened<'f> {
    fn bytes(&self, name: &str, step: PackageStep) -> Result<&'f [u8], PackageFault> {
        self.files.get(name).map(Vec::as_slice).ok_or_else(|| fault(step, name))
    }

    pub(super) fn text(&self, name: &str, step: PackageStep) -> Result<&'f str, PackageFault> {
        std::str::from_utf8(self.bytes(name, step)?).map_err(|_| fault(step, name))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(super) fn named(&self, folder: &str, ending: &str) -> impl Iterator<Item = &'f str> {
        let of = move |name: &&String| name.starts_with(folder) && name.ends_with(ending);
        self.files.keys().filter(of).map(String::as_str).collect::<Vec<_>>().into_iter()
    }

    fn sums(&self) -> Result<(), PackageFault> {
        let step = PackageStep::Files;
        let bad = || fault(step, SUMS);
        let text = self.text(SUMS, step)?.strip_suffix('\n').ok_or_else(bad)?;
        let mut listed: BTreeMap<&str, &str> = BTreeMap::new();
        for line in text.split('\n') {
            let (hash, name) =
                line.split_once("  ").filter(|(hash, name)| is_hash(hash) && is_name(name)).ok_or_else(bad)?;
            if [SUMS, SUMS_SIGNATURE].contains(&name) || listed.insert(name, hash).is_some() {
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

    fn signed_sums(&self, key: &VerifyingKey) -> Result<(), PackageFault> {
        let step = PackageStep::Sums;
        let signature = Signature::from_slice(self.bytes(SUMS_SIGNATURE, step)?);
        let signed = signature.is_ok_and(|signature| {
            self.bytes(SUMS, step).is_ok_and(|sums| key.verify_strict(sums, &signature).is_ok())
        });
        if signed { Ok(()) } else { Err(fault(step, SUMS)) }
    }

    fn note(&self, name: &str) -> Result<(Checkpoint, VerifyingKey), PackageFault> {
        let (step, file) = (PackageStep::Checkpoint, format!("{name}.note"));
        let bad = || fault(step, &file);
        let key = self.text(&format!("{name}.pub"), step)?;
        let key = VerifyingKey::from_public_key_pem(key).map_err(|_| fault(step, format!("{name}.pub")))?;
        let note = self.bytes(&file, step)?;
        let origin = checkpoint_in(note).ok_or_else(bad)?.origin;
        let (checkpoint, _) = open_note(note, &[Signatory { name: origin, key }]).map_err(|_| bad())?;
        Ok((checkpoint, key))
    }

    fn proof(&self, name: &str, step: PackageStep) -> Result<((u64, u64), Vec<Hash>), PackageFault> {
        let bad = || fault(step, name);
        let text = self.text(name, step)?.strip_suffix('\n').ok_or_else(bad)?;
        let mut lines = text.split('\n');
        let (first, second) = lines.next().and_then(|line| line.split_once(' ')).ok_or_else(bad)?;
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| number.to_string() == text).ok_or_else(bad);
        let numbers = (number(first)?, number(second)?);
        let hash = |line: &str| {
            let mut hash = Hash::default();
            hex::decode_to_slice(line, &mut hash).ok().filter(|()| is_hash(line)).map(|()| hash).ok_or_else(bad)
        };
        Ok((numbers, lines.map(hash).collect::<Result<_, _>>()?))
    }

    fn history(&self, old: &Checkpoint, new: &Checkpoint) -> Result<(), PackageFault> {
        let step = PackageStep::History;
        let (sizes, proof) = self.proof("consistency.proof", step)?;
        let fits = sizes == (old.size, new.size)
            && old.size < new.size
            && old.origin == new.origin
            && is_consistent((old.size, &old.root), (new.size, &new.root), &proof);
        if fits { Ok(()) } else { Err(fault(step, "planting.note")) }
    }

    fn entries(&self, checkpoint: &Checkpoint) -> Result<Vec<Proven<'f>>, PackageFault> {
        let entry = |file: &'f str| {
            let step = PackageStep::Entries;
            let name = file.trim_end_matches(".entry");
            let body = self.bytes(file, step)?;
            let (place, proof) = self.proof(&format!("{name}.proof"), step)?;
            if place.1 != checkpoint.size || !is_included(&leaf_hash(body), place, &proof, &checkpoint.root) {
                return Err(fault(step, file));
            }
            let open = self.files.get(&format!("{name}.open")).cloned().unwrap_or_default();
            let bad = || fault(PackageStep::Openings, format!("{name}.open"));
            let entry = Entry { body: body.to_vec(), openings: open };
            let open = entry.read_openings().map_err(|_| bad())?;
            let body = entry.open_lines().map_err(|_| fault(step, file))?;
            let kind = body.get("kind").cloned().unwrap_or_default();
            Ok(Proven { name, index: place.0, kind, open, body })
        };
        self.named("entries/", ".entry").map(entry).collect()
    }

    /// Checks that every canary is in its planting, and every row in its file.
    fn canaries(&self, entries: &[Proven<'_>]) -> Result<Vec<(&'f str, CanaryOpening)>, PackageFault> {
        let step = PackageStep::Canaries;
        let of = |row: &&str| {
            let id = row.trim_start_matches("rows/").split('.').next().unwrap_or_default();
            !self.has(&format!("canaries/{id}.open"))
        };
        if let Some(row) = self.named("rows/", ".row").find(of) {
            return Err(fault(step, row));
        }
        let mut canaries = Vec::new();
        for file in self.named("canaries/", ".open") {
            let bad = || fault(step, file);
            let text = self.text(file, step)?;
            let opening = CanaryOpening::read(text).ok_or_else(bad)?;
            let sealed = of_planting(entries, "sealed", &opening.planting.to_string()).ok_or_else(bad)?;
            let proof = format!("{}.proof", file.trim_end_matches(".open"));
            if sealed.opened("holder").is_empty()
                || !self.is_under(text.as_bytes(), &proof, sealed.line("canaries-root"))
            {
                return Err(bad());
            }
            canaries.push((file, opening));
        }
        self.named("rows/", ".row").try_for_each(|file| self.row(file, entries, &canaries))?;
        Ok(canaries)
    }

    /// Checks a row that a canary stands in: it is in the file of that planting, and has the canary's number.
    fn row(&self, file: &str, entries: &[Proven<'_>], canaries: &[(&str, CanaryOpening)]) -> Result<(), PackageFault> {
        let bad = || fault(PackageStep::Canaries, file);
        let name = file.trim_end_matches(".row");
        let (id, copy) =
            name.trim_start_matches("rows/").split_once('.').map_or((name, None), |(id, of)| (id, Some(of)));
        let of = format!("canaries/{}.open", id.trim_start_matches("rows/"));
        let (_, opening) = canaries.iter().find(|(file, _)| *file == of).ok_or_else(bad)?;
        let planting = copy.map_or_else(|| opening.planting.to_string(), str::to_string);
        let sealed = of_planting(entries, "sealed", &planting).ok_or_else(bad)?;
        let text = self.bytes(file, PackageStep::Canaries)?;
        let digits: Vec<u8> = row_in(text).ok_or_else(bad)?.iter().copied().filter(u8::is_ascii_digit).collect();
        let end = opening.number.len().checked_sub(NUMBER_END).ok_or_else(bad)?;
        let has_number = digits.windows(NUMBER_END).any(|run| run == &opening.number.as_bytes()[end..]);
        let is_good = has_number && self.is_under(text, &format!("{name}.proof"), sealed.line("rows-root"));
        if is_good { Ok(()) } else { Err(bad()) }
    }

    /// Tells whether the leaf of these bytes is in the tree with this root, by the proof in a file.
    fn is_under(&self, bytes: &[u8], proof: &str, root: &str) -> bool {
        let mut hash = Hash::default();
        let is_hash = hex::decode_to_slice(root, &mut hash).is_ok();
        let proof = self.proof(proof, PackageStep::Canaries);
        is_hash && proof.is_ok_and(|(place, proof)| is_included(&leaf_hash(bytes), place, &proof, &hash))
    }

    fn order(
        &self,
        entries: &[Proven<'_>],
        canaries: &[(&str, CanaryOpening)],
        planting: Option<&Checkpoint>,
    ) -> Result<(), PackageFault> {
        let step = PackageStep::Order;
        for (file, opening) in canaries {
            let sealed = of_planting(entries, "sealed", &opening.planting.to_string());
            let is_before = |entry: &Proven<'_>| sealed.is_some_and(|sealed| entry.index < sealed.index);
            let mut numbers = entries.iter().filter(|entry| entry.kind == "number" && is_before(entry));
            if !numbers.any(|entry| entry.opened("number") == opening.number) {
                return Err(fault(step, *file));
            }
        }
        let late = |entry: &&Proven<'_>| {
            entry.kind == "planted" && planting.is_some_and(|checkpoint| entry.index >= checkpoint.size)
        };
        let ours = |number: Option<&String>| {
            entries.iter().any(|entry| entry.kind == "number" && number.is_some() && entry.open.get("number") == number)
        };
        let stray = |entry: &&Proven<'_>| entry.kind == "contact" && !ours(entry.open.get("number"));
        match entries.iter().find(|entry| late(entry) || stray(entry)) {
            Some(entry) => Err(fault(step, entry.name)),
            None => Ok(()),
        }
    }
}

/// Finds the entry of a kind about a planting.
pub(super) fn of_planting<'e, 'f>(entries: &'e [Proven<'f>], kind: &str, planting: &str) -> Option<&'e Proven<'f>> {
    entries.iter().find(|entry| entry.kind == kind && entry.body.get("planting").is_some_and(|of| of == planting))
}
