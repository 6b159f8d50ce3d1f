//! Puts an evidence package together: chooses the entries, what of each is opened, and the rows that are shown.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::copies::CopyOf;
use super::gathered::{Gathered, is_of};
use super::seal::signatories;
use super::sealed_copy::openings;
use super::tool::{Ended, run};
use super::trace::Asked;
use super::{DeedError, ProofError};
use crate::id::CanaryId;
use crate::lang::Lang;
use crate::ledger::{CanaryTree, Event, Signatory, WitnessRecord, open_note, row_text};
use crate::phone::Number;
use crate::report::package::{
    Files, Noted, Package, SM3_SUMS, SUMS, SUMS_SIGNATURE, ShownCame, ShownCanary, ShownEntry, ShownRow, ShownStamp,
    ShownWitness, sums,
};
use crate::report::{Finding, Given, check};
use crate::store::{Reader, SealRow, Store, StoreError, public_pem, sign_bytes, signing_key};

/// Puts the package together, with its sums and their signature.
pub(super) fn package(
    store: &Store,
    finding: &Finding,
    asked: &[Asked],
    mut gathered: Gathered,
    lang: Lang,
) -> Result<Files, DeedError> {
    let reader = store.read();
    let keys = reader.log_keys()?;
    let (known, last_key) = signatories(&keys, store.path())?;
    let last = reader.last_seal()?.ok_or(StoreError::BadHead)?;
    let checkpoint = noted(&last, &known)?;
    gathered.leaves.truncate(checkpoint.size as usize);
    let planting = match &finding.cover {
        Some(cover) if cover.size < checkpoint.size => {
            reader.seal_of(cover.size)?.map(|seal| noted(&seal, &known)).transpose()?
        }
        Some(_) | None => None,
    };
    let mut receipts = Vec::new();
    for planting in finding.copies().into_iter().map(|copy| copy.planting).collect::<BTreeSet<_>>() {
        receipts.extend(reader.receipts_for(planting)?.into_iter().map(|row| row.record));
    }
    let sizes: BTreeSet<u64> = planting.iter().map(|noted| noted.size).chain([checkpoint.size]).collect();
    let mut stamps = Vec::new();
    for size in sizes {
        let of = reader.stamps_of(size)?.into_iter();
        stamps.extend(of.map(|row| ShownStamp { at: row.record.stamped_at.timestamp(), record: row.record }));
    }
    let of_these = gathered.witnessed.iter().filter(|record| {
        record.size == checkpoint.size || planting.as_ref().is_some_and(|noted| noted.size == record.size)
    });
    let witnesses = of_these.filter_map(shown_witness).collect();
    let proven = proven(asked, &gathered);
    let (canaries, came) = shown_canaries(&reader, &proven, &gathered)?;
    let entries = shown_entries(&gathered, finding, &proven, checkpoint.size);
    let made = Package {
        finding,
        lang,
        leaves: &gathered.leaves,
        checkpoint,
        planting,
        entries,
        canaries,
        came,
        receipts,
        stamps,
        witnesses,
    };
    let mut files = made.files().map_err(|source| ProofError::NotPacked { source })?;
    if let Some(list) = sm3_sums(&files)? {
        files.insert(SM3_SUMS.to_string(), list.into_bytes());
    }
    let list = sums(&files).into_bytes();
    let signature = sign_bytes(&signing_key(store.path(), last_key)?, &list);
    files.insert(SUMS.to_string(), list);
    files.insert(SUMS_SIGNATURE.to_string(), signature);
    check(&files).map_err(|fault| ProofError::NotPacked { source: fault.into() })?;
    Ok(files)
}

fn shown_witness(record: &WitnessRecord) -> Option<ShownWitness> {
    let (witness, by) = record.read()?;
    let (public, signature) = (public_pem(&witness.key), by.signature.to_vec());
    Some(ShownWitness { size: record.size, public, at: by.at, signature })
}

fn noted(seal: &SealRow, known: &[Signatory]) -> Result<Noted, StoreError> {
    let broken = || StoreError::NotContinued { size: seal.size };
    let (_, signed) = open_note(seal.note.as_bytes(), known).map_err(|_| broken())?;
    let by = signed.into_iter().max().and_then(|place| known.get(place)).ok_or_else(broken)?;
    Ok(Noted { size: seal.size, note: seal.note.clone(), public: public_pem(&by.key) })
}

/// Lists the canaries that stand in a copy which the finding speaks of and which was handed over for certain; of any other
/// nothing is shown, since it would prove nothing.
fn proven<'a>(asked: &'a [Asked], gathered: &Gathered) -> HashMap<CanaryId, &'a [CopyOf]> {
    let is_shown = |copy: &CopyOf| gathered.is_copy(copy.planting.id);
    let proven = asked.iter().filter(|asked| asked.copies.iter().any(is_shown));
    proven.map(|asked| (asked.canary.id, &asked.copies[..])).collect()
}

/// Chooses the entries that are shown, and what of each is opened.
fn shown_entries(
    gathered: &Gathered,
    finding: &Finding,
    proven: &HashMap<CanaryId, &[CopyOf]>,
    size: u64,
) -> Vec<ShownEntry> {
    let shown = gathered.found.iter().filter(|found| found.index < size).filter_map(|found| {
        let open: &[&str] = match &found.event {
            Event::Number(_) => &["number"],
            Event::Sealed { roots: Some(_), .. } => &["holder"],
            Event::Sealed { roots: None, .. } | Event::Planted { .. } | Event::Receipt(_) => &[],
            // Plantings of before there were roots are shown by their canary's own entry.
            Event::Reserved(record) if !gathered.has_root(record.planting) => &["holder"],
            Event::Mint { canary, planting, .. } if !gathered.has_root(*planting) && proven.contains_key(canary) => {
                &["number", "row", "record"]
            }
            Event::Flow(_) => &["from", "to"],
            Event::Holder(_) => &["holder", "parent"],
            Event::Received { .. } => &["holder", "row"],
            Event::Met(_) => &["number", "holder", "row"],
            Event::Contact(record) if finding.traced.hits.iter().any(|hit| is_of(record, hit)) => {
                &["raw-sha256", "number", "from", "said"]
            }
            Event::Reserved(_) | Event::Mint { .. } | Event::Contact(_) => return None,
            // Nothing of these concerns a canary.
            Event::Key { .. }
            | Event::Line { .. }
            | Event::Control { .. }
            | Event::Trap { .. }
            | Event::Retired { .. }
            | Event::Made { .. }
            | Event::Known { .. }
            | Event::Void { .. }
            | Event::Stray { .. }
            | Event::Backup { .. }
            | Event::Seal { .. }
            | Event::Stamp(_)
            | Event::Witness(_)
            | Event::Lock(_)
            | Event::Lookup(_) => return None,
        };
        Some(ShownEntry { index: found.index, entry: found.entry.clone(), open })
    });
    shown.collect()
}

fn shown_canaries(
    reader: &Reader<'_>,
    proven: &HashMap<CanaryId, &[CopyOf]>,
    gathered: &Gathered,
) -> Result<(Vec<ShownCanary>, Vec<ShownCame>), DeedError> {
    let numbers: HashMap<Number, CanaryId> = proven
        .keys()
        .map(|id| Ok((reader.number_of(*id)?.ok_or(StoreError::NoSuchCanary { canary: *id })?, *id)))
        .collect::<Result<_, StoreError>>()?;
    let (mut shown, mut shown_came) = (Vec::new(), Vec::new());
    for found in &gathered.found {
        let Event::Sealed { planting, roots: Some(roots), .. } = &found.event else { continue };
        let key = key(&roots.canaries_key)?;
        let (mut tree, mut wanted) = (CanaryTree::new(key), Vec::new());
        reader.each_opening(*planting, &mut |opening| {
            tree.add(&opening);
            if let Some(copies) = proven.get(&opening.canary) {
                wanted.push((opening, *copies));
            }
            Ok::<_, StoreError>(())
        })?;
        openings(*planting, &roots.came).for_each(|opening| tree.add_came(&opening));
        let tree = tree.finish();
        let prove = |text: &str| tree.prove(text).ok_or(StoreError::BadHead);
        for (opening, copies) in wanted {
            let text = opening.text(&key);
            let (index, leaves, proof) = prove(&text)?;
            let rows = shown_rows(gathered, copies)?;
            shown.push(ShownCanary { text, opening, place: (index, leaves), proof, rows });
        }
        if !gathered.is_copy(*planting) {
            continue;
        }
        let ours = openings(*planting, &roots.came).zip(&roots.came);
        for (opening, canary) in ours.filter_map(|(opening, came)| Some((opening, *numbers.get(&came.number)?))) {
            let text = opening.text(&key);
            let (index, leaves, proof) = prove(&text)?;
            shown_came.push(ShownCame { canary, planting: *planting, text, place: (index, leaves), proof });
        }
    }
    Ok((shown, shown_came))
}

/// Gives the rows that a canary stands in, of those copies whose tree over the rows has kept them.
fn shown_rows(gathered: &Gathered, copies: &[CopyOf]) -> Result<Vec<ShownRow>, StoreError> {
    let mut shown = Vec::new();
    for copy in copies.iter().filter(|copy| gathered.is_copy(copy.planting.id)) {
        let Some(rows) = gathered.rows_of(copy.planting.id) else { continue };
        let Some(kept) = rows.proofs.rows.iter().find(|kept| kept.row == copy.row) else { continue };
        let (bytes, proof) = kept.read().ok_or(StoreError::BadHead)?;
        let text = row_text(&key(&rows.key)?, kept.record, &bytes);
        let of = match copy.given {
            Given::Made => None,
            Given::AtOnce | Given::Along => Some(copy.planting.id),
        };
        shown.push(ShownRow { of, text, place: (kept.index, rows.proofs.size), proof });
    }
    Ok(shown)
}

fn key(text: &str) -> Result<[u8; 32], StoreError> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key).map_err(|_| StoreError::BadHead)?;
    Ok(key)
}

/// Lists the files with SM3 as well, if there is an `openssl` that knows it.
fn sm3_sums(files: &Files) -> Result<Option<String>, DeedError> {
    let mut list = String::new();
    for (name, bytes) in files {
        let folder = Path::new("/");
        match run("openssl", &["dgst", "-sm3", "-r"], folder, bytes) {
            Ok(Ended::Well(out)) => {
                let out = String::from_utf8_lossy(&out);
                let hash = out.split(' ').next().unwrap_or_default();
                list += &format!("{hash}  {name}\n");
            }
            Ok(Ended::Refused(_)) | Err(DeedError::Proof(ProofError::NoTool { .. })) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(list))
}
