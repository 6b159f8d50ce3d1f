//! Makes the written finding: a page, a JSON document, or a package that a stranger can check.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::font::read_font;
use super::new_folder::{check_new, write_file, write_folder};
use super::seal::{seal_log, signatories};
use super::tool::{Ended, run};
use super::trace::{Asked, Question, Traced, ask, traced};
use super::{DeedError, ProofError, Rotation, Session};
use crate::id::PlantingId;
use crate::lang::Lang;
use crate::ledger::{
    CanaryOpening, CanaryTree, ContactRecord, Entry, Event, Hash, Looked, SealedRows, Signatory, kind_of, leaf_hash,
    open_note, opening_of, row_text,
};
use crate::phone::Number;
use crate::report::package::{
    Files, Noted, Package, SM3_SUMS, SUMS, SUMS_SIGNATURE, ShownCanary, ShownEntry, ShownRow, ShownStamp, sums,
};
use crate::report::{Acknowledged, Canary, Cover, Finding, RawRecord, pdf};
use crate::store::{Reader, SealRow, Store, StoreError, public_pem, sign_bytes, signing_key};
use crate::trace::{Standing, Verdict};

/// Most canaries that one report stands on.
const CANARIES_MAX: usize = 200;

/// What is asked of a report.
pub struct ReportOrder {
    pub question: Question,
    /// `.html`, `.pdf` and `.json` are files; any other name is a folder, which becomes an evidence package.
    pub output: PathBuf,
    /// The font that a PDF is set in, instead of one from the usual places.
    pub font: Option<PathBuf>,
    pub lang: Lang,
}

/// What a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportForm {
    Page,
    Pdf,
    Json,
    Package,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// None of the numbers is in the pool.
    NotOurs,
    Made {
        path: PathBuf,
        form: ReportForm,
        files: usize,
        bytes: usize,
        verdict: Verdict,
    },
}

/// Writes a report on the hits in question.
pub fn report(session: &mut Session, order: &ReportOrder) -> Result<Reported, DeedError> {
    let form = form_of(&order.output)?;
    check_new(&order.output)?;
    let font = if form == ReportForm::Pdf { Some(read_font(order.font.as_deref())?) } else { None };
    let mut store = session.look_into(Looked::Report, order.question.in_words())?;
    let Traced::Found { finding: traced, asked, evidence, .. } = traced(&store, &order.question, session.now())? else {
        return Ok(Reported::NotOurs);
    };
    if form == ReportForm::Package {
        seal_log(session, &mut store, Rotation::Keep)?;
    }
    let asked = with_called(&store.read(), asked, &traced.hits, &evidence)?;
    if asked.len() > CANARIES_MAX {
        return Err(ProofError::TooManyForReport { canaries: asked.len(), most: CANARIES_MAX }.into());
    }
    let gathered = gather(&store.read(), &asked)?;
    let verdict = traced.verdict;
    let finding = Finding {
        made_at: session.now(),
        canaries: asked.iter().map(|asked| canary(asked, &gathered)).collect(),
        cover: cover(&store.read(), &gathered)?,
        acknowledged: acknowledged(&store.read(), &asked)?,
        raw: gathered.raw(&traced.hits),
        traced: *traced,
        evidence: *evidence,
    };
    let files = match form {
        ReportForm::Pdf => Files::from([("".to_string(), set(&finding, order.lang, font)?)]),
        ReportForm::Page => Files::from([("".to_string(), finding.page(order.lang).into_bytes())]),
        ReportForm::Json => Files::from([("".to_string(), format!("{:#}\n", finding.document()).into_bytes())]),
        ReportForm::Package => package(&store, &finding, &asked, gathered, order.lang)?,
    };
    match files.get("") {
        Some(bytes) => write_file(session, &order.output, bytes)?,
        None => write_folder(session, &order.output, &files)?,
    }
    let bytes = files.values().map(Vec::len).sum();
    Ok(Reported::Made { path: order.output.clone(), form, files: files.len(), bytes, verdict })
}

/// Sets a PDF in a font that was read.
fn set(finding: &Finding, lang: Lang, font: Option<(PathBuf, Vec<u8>)>) -> Result<Vec<u8>, ProofError> {
    let (path, bytes) = font.ok_or(ProofError::NoFont)?;
    pdf(finding, lang, &bytes).map_err(|source| ProofError::Font { path, source })
}

fn form_of(path: &Path) -> Result<ReportForm, DeedError> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "html" | "htm" => Ok(ReportForm::Page),
        "json" => Ok(ReportForm::Json),
        "pdf" => Ok(ReportForm::Pdf),
        "txt" | "docx" | "zip" => Err(ProofError::ReportForm { path: path.to_path_buf() }.into()),
        _ => Ok(ReportForm::Package),
    }
}

/// Adds the canaries that were called to those that were asked about by number; void ones prove nothing and go.
fn with_called(
    reader: &Reader<'_>,
    asked: Vec<Asked>,
    hits: &[crate::hit::Hit],
    evidence: &crate::trace::Evidence,
) -> Result<Vec<Asked>, DeedError> {
    let mut all: BTreeMap<Number, Asked> = asked.into_iter().map(|asked| (asked.story.number.clone(), asked)).collect();
    for hit in hits.iter().filter(|hit| hit.planted.is_some()) {
        if !all.contains_key(&hit.contact.to)
            && let Some(asked) = ask(reader, evidence, &hit.contact.to)?
        {
            all.insert(hit.contact.to.clone(), asked);
        }
    }
    Ok(all.into_values().filter(|asked| asked.story.standing == Standing::Planted).collect())
}

/// An entry that concerns the canaries in question, with what it tells.
struct Found {
    index: u64,
    entry: Entry,
    event: Event,
}

/// The log's leaves, and the entries that concern the canaries in question.
struct Gathered {
    leaves: Vec<Hash>,
    found: Vec<Found>,
}

/// Reads the whole log once.
fn gather(reader: &Reader<'_>, asked: &[Asked]) -> Result<Gathered, DeedError> {
    let numbers: HashSet<&str> = asked.iter().map(|asked| asked.story.number.as_str()).collect();
    let plantings: HashSet<String> = asked.iter().map(|asked| format!("planting {}", asked.story.planting)).collect();
    let (mut leaves, mut found) = (Vec::new(), Vec::new());
    reader.each_entry::<DeedError>(&mut |index, body, openings| {
        leaves.push(leaf_hash(body));
        let of_planting =
            || std::str::from_utf8(body).is_ok_and(|body| body.lines().any(|line| plantings.contains(line)));
        let concerns = match kind_of(body) {
            Some("number" | "contact" | "mint") => {
                opening_of(openings, "number").is_some_and(|number| numbers.contains(number))
            }
            Some("reserved" | "sealed" | "planted" | "receipt") => of_planting(),
            Some(_) | None => false,
        };
        if concerns {
            let entry = Entry { body: body.to_vec(), openings: openings.to_vec() };
            let (_, event) = Event::read(&entry).map_err(|source| StoreError::Entry { index, source })?;
            found.push(Found { index, entry, event });
        }
        Ok(())
    })?;
    Ok(Gathered { leaves, found })
}

impl Gathered {
    fn contacts(&self) -> impl Iterator<Item = &ContactRecord> {
        self.found.iter().filter_map(
            |found| {
                if let Event::Contact(record) = &found.event { Some(record) } else { None }
            },
        )
    }

    /// Gives the raw record of each hit that is on record.
    fn raw(&self, hits: &[crate::hit::Hit]) -> Vec<RawRecord> {
        let of = |hit: &crate::hit::Hit| {
            self.contacts()
                .find(|record| is_of(record, hit))
                .map(|record| RawRecord { source: record.source.clone(), sha256: record.raw_sha256.clone() })
        };
        hits.iter().filter_map(of).collect()
    }

    /// Tells whether a planting has a root over its canaries.
    fn has_root(&self, planting: PlantingId) -> bool {
        self.found
            .iter()
            .any(|found| matches!(&found.event, Event::Sealed { planting: of, roots: Some(_), .. } if *of == planting))
    }
}

fn is_of(record: &ContactRecord, hit: &crate::hit::Hit) -> bool {
    let contact = &hit.contact;
    record.number == contact.to
        && record.at == contact.at
        && record.said == contact.said
        && record.seconds == contact.seconds
        && record.from.as_deref() == contact.from.as_ref().map(|caller| caller.as_str())
}

fn canary(asked: &Asked, gathered: &Gathered) -> Canary {
    let added = gathered.found.iter().find_map(|found| {
        if let Event::Number(record) = &found.event
            && record.number == asked.story.number
        {
            return Some(record.free_from);
        }
        None
    });
    Canary {
        story: asked.story.clone(),
        row: asked.row,
        fields: asked.record.fields.clone(),
        file_sha256: asked.planting.output_sha256.clone(),
        file_rows: asked.planting.output_rows,
        number_since: added.unwrap_or(asked.story.planted_at),
    }
}

/// Finds the oldest checkpoint that covers all plantings in question.
fn cover(reader: &Reader<'_>, gathered: &Gathered) -> Result<Option<Cover>, DeedError> {
    let planted = gathered.found.iter().filter(|found| matches!(found.event, Event::Planted { .. }));
    let Some(last) = planted.map(|found| found.index).max() else { return Ok(None) };
    let Some(SealRow { size, root, at, .. }) = reader.seal_over(last)? else { return Ok(None) };
    let stamped_at = reader.stamps_of(size)?.into_iter().map(|stamp| stamp.record.stamped_at).min();
    Ok(Some(Cover { size, root, at, stamped_at }))
}

fn acknowledged(reader: &Reader<'_>, asked: &[Asked]) -> Result<Vec<Acknowledged>, DeedError> {
    let plantings: BTreeSet<PlantingId> = asked.iter().map(|asked| asked.story.planting).collect();
    let mut all = Vec::new();
    for planting in plantings {
        for receipt in reader.receipts_for(planting)? {
            all.push(Acknowledged { planting, how: receipt.record.how.word(), at: receipt.at });
        }
    }
    Ok(all)
}

/// Puts the package together, with its sums and their signature.
fn package(
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
    for planting in asked.iter().map(|asked| asked.story.planting).collect::<BTreeSet<_>>() {
        receipts.extend(reader.receipts_for(planting)?.into_iter().map(|row| row.record));
    }
    let sizes: BTreeSet<u64> = planting.iter().map(|noted| noted.size).chain([checkpoint.size]).collect();
    let mut stamps = Vec::new();
    for size in sizes {
        let of = reader.stamps_of(size)?.into_iter();
        stamps.extend(of.map(|row| ShownStamp { at: row.record.stamped_at.timestamp(), record: row.record }));
    }
    let canaries = shown_canaries(&reader, asked, &gathered)?;
    let entries = shown_entries(&gathered, finding, checkpoint.size);
    let made =
        Package { finding, lang, leaves: &gathered.leaves, checkpoint, planting, entries, canaries, receipts, stamps };
    let mut files = made.files().map_err(|source| ProofError::NotBase64 { source })?;
    if let Some(list) = sm3_sums(&files)? {
        files.insert(SM3_SUMS.to_string(), list.into_bytes());
    }
    let list = sums(&files).into_bytes();
    let signature = sign_bytes(&signing_key(store.path(), last_key)?, &list);
    files.insert(SUMS.to_string(), list);
    files.insert(SUMS_SIGNATURE.to_string(), signature);
    Ok(files)
}

fn noted(seal: &SealRow, known: &[Signatory]) -> Result<Noted, StoreError> {
    let broken = || StoreError::NotContinued { size: seal.size };
    let (_, signed) = open_note(seal.note.as_bytes(), known).map_err(|_| broken())?;
    let by = signed.into_iter().max().and_then(|place| known.get(place)).ok_or_else(broken)?;
    Ok(Noted { size: seal.size, note: seal.note.clone(), public: public_pem(&by.key) })
}

/// Chooses the entries that are shown, and what of each is opened.
fn shown_entries(gathered: &Gathered, finding: &Finding, size: u64) -> Vec<ShownEntry> {
    let shown = gathered.found.iter().filter(|found| found.index < size).filter_map(|found| {
        let open: &[&str] = match &found.event {
            Event::Number(_) => &["number"],
            Event::Sealed { roots: Some(_), .. } => &["holder"],
            Event::Sealed { roots: None, .. } | Event::Planted { .. } | Event::Receipt(_) => &[],
            // Plantings of before there were roots are shown by their canary's own entry.
            Event::Reserved(record) if !gathered.has_root(record.planting) => &["holder"],
            Event::Mint { planting, .. } if !gathered.has_root(*planting) => &["number", "row", "record"],
            Event::Contact(record) if finding.traced.hits.iter().any(|hit| is_of(record, hit)) => {
                &["raw-sha256", "number", "from", "said"]
            }
            Event::Reserved(_) | Event::Mint { .. } | Event::Contact(_) => return None,
            // Nothing of these concerns a canary.
            Event::Key { .. }
            | Event::Holder(_)
            | Event::Flow(_)
            | Event::Line { .. }
            | Event::Control { .. }
            | Event::Trap { .. }
            | Event::Retired { .. }
            | Event::Known { .. }
            | Event::Void { .. }
            | Event::Received { .. }
            | Event::Stray { .. }
            | Event::Backup { .. }
            | Event::Seal { .. }
            | Event::Stamp(_)
            | Event::Lock(_)
            | Event::Lookup(_)
            | Event::Met(_) => return None,
        };
        Some(ShownEntry { index: found.index, entry: found.entry.clone(), open })
    });
    shown.collect()
}

fn shown_canaries(reader: &Reader<'_>, asked: &[Asked], gathered: &Gathered) -> Result<Vec<ShownCanary>, DeedError> {
    let ids: HashSet<_> = asked.iter().map(|asked| asked.story.id).collect();
    let mut shown = Vec::new();
    for found in &gathered.found {
        let Event::Sealed { planting, roots: Some(roots), .. } = &found.event else { continue };
        let mut key = [0; 32];
        hex::decode_to_slice(&roots.canaries_key, &mut key).map_err(|_| StoreError::BadHead)?;
        let (mut tree, mut wanted) = (CanaryTree::new(key), Vec::new());
        reader.each_opening(*planting, &mut |opening| {
            tree.add(&opening);
            if ids.contains(&opening.canary) {
                wanted.push(opening);
            }
            Ok::<_, StoreError>(())
        })?;
        let tree = tree.finish();
        for opening in wanted {
            let (index, leaves, proof) = tree.prove(&opening).ok_or(StoreError::BadHead)?;
            let row = roots.rows.as_ref().map(|rows| shown_row(rows, &opening)).transpose()?.flatten();
            shown.push(ShownCanary { text: opening.text(&key), opening, place: (index, leaves), proof, row });
        }
    }
    Ok(shown)
}

/// Gives the row that a canary stands in, if the tree over the rows has kept it.
fn shown_row(rows: &SealedRows, opening: &CanaryOpening) -> Result<Option<ShownRow>, StoreError> {
    let Some(kept) = rows.proofs.rows.iter().find(|kept| kept.row == opening.row) else { return Ok(None) };
    let mut key = [0; 32];
    hex::decode_to_slice(&rows.key, &mut key).map_err(|_| StoreError::BadHead)?;
    let (bytes, proof) = kept.read().ok_or(StoreError::BadHead)?;
    let text = row_text(&key, kept.record, &bytes);
    Ok(Some(ShownRow { text, place: (kept.index, rows.proofs.size), proof }))
}

/// Lists the files with SM3 as well, if there is an `openssl` that knows it.
fn sm3_sums(files: &Files) -> Result<Option<String>, DeedError> {
    let mut list = String::new();
    for (name, bytes) in files {
        let folder = std::path::Path::new("/");
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
