//! Makes the written finding: a page, a JSON document, or a package that a stranger can check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::DateTime;

use super::copies::CopyOf;
use super::files::look;
use super::font::read_font;
use super::gathered::{Gathered, gather};
use super::new_folder::{check_place, write_file, write_folder};
use super::package::package;
use super::receipt::fingerprint;
use super::seal::seal_log;
use super::trace::{Asked, Question, Traced, ask, traced};
use super::{DeedError, ProofError, Rotation, Session};
use crate::lang::Lang;
use crate::ledger::{Event, Looked, WitnessRecord};
use crate::phone::Number;
use crate::report::package::Files;
use crate::report::{Acknowledged, Canary, Cover, Finding, SeenBy, pdf};
use crate::store::{Reader, SealRow, key_path};
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
    check_place(&order.output)?;
    let key = key_path(&session.db);
    if form == ReportForm::Package && look(&key)?.is_none() {
        return Err(ProofError::NoPackageKey { path: key }.into());
    }
    let font = if form == ReportForm::Pdf { Some(read_font(order.font.as_deref())?) } else { None };
    let mut store = session.look_into(Looked::Report, order.question.in_words())?;
    let Traced::Found { finding: traced, asked, evidence, .. } = traced(&store, &order.question, session.now())? else {
        return Ok(Reported::NotOurs);
    };
    let asked = with_called(&store.read(), asked, &traced.hits, &evidence)?;
    if asked.len() > CANARIES_MAX {
        return Err(ProofError::TooManyForReport { canaries: asked.len(), most: CANARIES_MAX }.into());
    }
    if form == ReportForm::Package {
        seal_log(session, &mut store, Rotation::Keep)?;
    }
    let gathered = gather(&store.read(), &traced, &asked)?;
    let verdict = traced.verdict;
    let mut finding = Finding {
        made_at: session.now(),
        canaries: asked.iter().map(|asked| canary(asked, &gathered)).collect(),
        cover: cover(&store.read(), &gathered)?,
        acknowledged: Vec::new(),
        raw: gathered.raw(&traced.hits),
        looked: gathered.looked_before(),
        traced: *traced,
        evidence: *evidence,
    };
    finding.acknowledged = acknowledged(&store.read(), &finding)?;
    let files = match form {
        ReportForm::Pdf => Files::from([("".to_string(), set(&finding, order.lang, font)?)]),
        ReportForm::Page => Files::from([("".to_string(), finding.page(order.lang).into_bytes())]),
        ReportForm::Json => Files::from([("".to_string(), format!("{:#}\n", finding.document()).into_bytes())]),
        ReportForm::Package => package(&store, &finding, &asked, gathered, order.lang)?,
    };
    session.looked(&mut store, Looked::Report, order.question.in_words())?;
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

fn canary(asked: &Asked, gathered: &Gathered) -> Canary {
    let added = gathered.found.iter().find_map(|found| {
        if let Event::Number(record) = &found.event
            && record.number == asked.canary.number
        {
            return Some(record.free_from);
        }
        None
    });
    Canary {
        story: asked.story.clone(),
        row: asked.row,
        fields: asked.canary.record.fields.clone(),
        copies: asked.copies.iter().map(CopyOf::told).collect(),
        file_sha256: asked.planting.output_sha256.clone(),
        file_rows: asked.planting.output_rows,
        number_since: added.unwrap_or(asked.story.planted_at),
    }
}

/// Finds the oldest checkpoint that covers all plantings in question.
fn cover(reader: &Reader<'_>, gathered: &Gathered) -> Result<Option<Cover>, DeedError> {
    let planted = gathered.found.iter().filter(|found| matches!(found.event, Event::Planted { .. }));
    let Some(last) = planted.map(|found| found.index).max() else { return Ok(None) };
    let Some(oldest) = reader.seal_over(last)? else { return Ok(None) };
    let is_seen = |size: u64| gathered.witnessed.iter().any(|record| record.size == size);
    let is_shown = is_seen(oldest.size) || !reader.stamps_of(oldest.size)?.is_empty();
    // One that somebody else saw says more than an older one that nobody did.
    let seen = gathered.witnessed.iter().map(|record| record.size).chain(reader.stamped_over(last)?);
    let seen = seen.filter(|size| *size > last && !is_shown).min();
    let seal = seen.map(|size| reader.seal_of(size)).transpose()?.flatten().unwrap_or(oldest);
    let SealRow { size, root, at, .. } = seal;
    let stamped_at = reader.stamps_of(size)?.into_iter().map(|stamp| stamp.record.stamped_at).min();
    let witnesses = gathered.witnessed.iter().filter(|record| record.size == size).filter_map(seen_by).collect();
    Ok(Some(Cover { size, root, at, stamped_at, witnesses }))
}

fn seen_by(record: &WitnessRecord) -> Option<SeenBy> {
    let at = DateTime::from_timestamp(i64::try_from(record.at).ok()?, 0)?;
    Some(SeenBy { witness: record.witness.clone(), at })
}

fn acknowledged(reader: &Reader<'_>, finding: &Finding) -> Result<Vec<Acknowledged>, DeedError> {
    let plantings: BTreeSet<_> = finding.copies().into_iter().map(|copy| copy.planting).collect();
    let mut all = Vec::new();
    for planting in plantings {
        for receipt in reader.receipts_for(planting)? {
            all.push(Acknowledged {
                planting,
                how: receipt.record.how.word(),
                key: fingerprint(&receipt.record),
                at: receipt.at,
            });
        }
    }
    Ok(all)
}
