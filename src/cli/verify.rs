//! `canaries verify`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{Session, check_package, verify};
use crate::hit::rfc3339;
use crate::lang::{Lang, Pair, Speak};
use crate::report::ProvenCopy;
use crate::store::{Fault, Lookup};

/// Most looks that are listed.
const LOOKUPS_MAX: usize = 40;

/// Check the whole ledger (every entry, the tree, the checkpoints, the tables), or an evidence package
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries verify\n  canaries verify --checkpoint /mnt/notary/8a53b955-0000000120.note\n  canaries --db backup.db verify --json\n  canaries verify evidence/\n\nExit code 1 means that a fault was found."
)]
pub struct Args {
    /// The folder of an evidence package; it is checked by itself, without the ledger
    #[arg(value_name = "PACKAGE", conflicts_with = "checkpoint")]
    package: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere, to compare the ledger with; may be given several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    if let Some(package) = &args.package {
        return verify_package(package, out);
    }
    let checked = verify(session, &args.checkpoint)?;
    let ok = checked.faults.is_empty();
    let root = hex::encode(checked.root);
    if out.json {
        let faults: Vec<String> = checked.faults.iter().map(Fault::to_string).collect();
        let more = checked.more_faults;
        let mut document = json!({
            "ok": ok, "entries": checked.entries, "root": root, "faults": faults, "more_faults": more,
            "stands": checked.stands, "sealed": checked.sealed,
        });
        if checked.unopened > 0 {
            document["unopened"] = json!(checked.unopened);
        }
        if !checked.lookups.is_empty() {
            document["lookups"] = checked.lookups.iter().map(shown).collect();
        }
        if !checked.witnessed.is_empty() {
            let seen = checked.witnessed.iter();
            let seen = seen.map(|one| json!({"witness": one.witness, "size": one.size, "seen_seconds": one.at}));
            document["witnesses"] = seen.collect();
        }
        out.document(&document)?;
    }
    for told in checked.faults.iter().map(Fault::told) {
        out.tell(Pair::new(format!("fault: {}", told.en), format!("错误：{}", told.zh)))?;
    }
    if checked.more_faults > 0 {
        let more = checked.more_faults;
        out.tell(Pair::new(format!("faults not listed: {more}"), format!("未列出的错误：{more} 处")))?;
    }
    let verdict = if ok { Pair::new("ok", "完好") } else { Pair::new("NOT ok", "有错") };
    out.tell(Pair::new(
        format!("{}: {} entries, root {root}", verdict.en, checked.entries),
        format!("{}：{} 条，根 {root}", verdict.zh, checked.entries),
    ))?;
    if checked.unopened > 0 {
        let unopened = checked.unopened;
        out.tell(Pair::new(
            format!("{unopened} of them are locked: their place was checked, not what they hold"),
            format!("其中 {unopened} 条已加锁：只核对了位置，未核对内容"),
        ))?;
    }
    for record in &checked.witnessed {
        let (size, witness) = (record.size, &record.witness);
        out.tell(Pair::new(
            format!("{witness} saw the checkpoint of {size} entries"),
            format!("{witness} 见过 {size} 条的检查点"),
        ))?;
    }
    match checked.is_locked {
        true => tell_lookups(&checked.lookups, out)?,
        false => count_lookups(checked.lookups.len(), out)?,
    }
    if !ok {
        let (stands, sealed) = (checked.stands, checked.sealed);
        out.tell(Pair::new(
            format!("what still stands: the first {stands} entries; a good checkpoint covers {sealed} of them"),
            format!("仍然成立的部分：前 {stands} 条；其中 {sealed} 条有完好的检查点"),
        ))?;
    }
    Ok(if ok { Ending::Done } else { Ending::Nothing })
}

fn shown(lookup: &Lookup) -> serde_json::Value {
    let Lookup { index, at, record } = lookup;
    json!({
        "entry": index, "at": rfc3339(at), "what": record.what.word(), "by": record.by, "case": record.case,
        "asked": record.asked,
    })
}

/// Counts the looks into a ledger that anybody with its file can read.
fn count_lookups(all: usize, out: &mut Out<'_>) -> Result<(), Complaint> {
    match all {
        0 => Ok(()),
        _ => out.tell(Pair::new(
            format!("look-ups on record: {all} (--json lists them)"),
            format!("有记录的查看：{all} 次（--json 可列出）"),
        )),
    }
}

/// Lists the last looks into a locked ledger.
fn tell_lookups(lookups: &[Lookup], out: &mut Out<'_>) -> Result<(), Complaint> {
    let (all, first) = (lookups.len(), lookups.len().saturating_sub(LOOKUPS_MAX));
    if all == 0 || out.json {
        return Ok(());
    }
    out.tell(Pair::new(
        format!("look-ups on record: {all}; the last of them (--json has all):"),
        format!("有记录的查看：{all} 次；最近的（--json 有全部）："),
    ))?;
    let head = match out.lang {
        Lang::En => ["entry", "time (UTC)", "what", "by", "case", "asked"],
        Lang::Zh => ["条目", "时间 (UTC)", "查看", "查看人", "案件", "所问"],
    };
    let row = |lookup: &Lookup| {
        let record = &lookup.record;
        vec![
            lookup.index.to_string(),
            rfc3339(&lookup.at),
            record.what.word().to_string(),
            record.by.clone(),
            record.case.clone().unwrap_or_default(),
            record.asked.clone(),
        ]
    };
    out.table(&head, lookups[first..].iter().map(row).collect())
}

/// Checks an evidence package.
fn verify_package(folder: &Path, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    match check_package(folder)? {
        Ok(checked) => {
            let (size, root) = (checked.checkpoint.size, hex::encode(checked.checkpoint.root));
            let key = &checked.key_sha256;
            if out.json {
                let copy = |copy: &ProvenCopy| {
                    json!({
                        "canary": copy.canary, "planting": copy.planting, "holder": copy.holder, "number": copy.number,
                        "file_sha256": copy.file_sha256,
                    })
                };
                let copies: Vec<_> = checked.copies.iter().map(copy).collect();
                out.document(&json!({
                    "ok": true, "entries": size, "root": root, "faults": [], "key_sha256": key, "copies": copies,
                    "named": checked.told.named, "unproven": checked.told.unproven,
                }))?;
            }
            out.tell(Pair::new(format!("ok: log key SHA-256 {key}"), format!("完好：台账公钥 SHA-256 {key}")))?;
            for ProvenCopy { canary, planting, holder, .. } in &checked.copies {
                out.tell(Pair::new(
                    format!("{canary} stands in {planting}, the copy for {holder}"),
                    format!("{canary} 在交给 {holder} 的副本 {planting} 中"),
                ))?;
            }
            for seen in &checked.seen {
                let (note, key) = (&seen.note, &seen.key_sha256);
                out.tell(Pair::new(
                    format!("{note}.note was seen by the witness with the key SHA-256 {key}"),
                    format!("{note}.note 有公钥 SHA-256 为 {key} 的见证方签名"),
                ))?;
            }
            for holder in &checked.told.named {
                out.tell(Pair::new(format!("named: {holder}"), format!("指称：{holder}")))?;
            }
            for word in &checked.told.unproven {
                out.tell(Pair::new(format!("not proven here: {word}"), format!("此处未证明：{word}")))?;
            }
            Ok(Ending::Done)
        }
        Err(fault) => {
            if out.json {
                let step = fault.step.word();
                out.document(&json!({"ok": false, "entries": 0, "root": null, "faults": [fault.to_string()], "step": step, "file": fault.file}))?;
            }
            out.tell(Pair::new(format!("NOT ok: {fault}"), format!("有错：{}", fault.zh())))?;
            Ok(Ending::Nothing)
        }
    }
}
