//! `canaries scan`

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::finding::tell_answer;
use super::{Complaint, Ending, Out};
use crate::deed::{FileScanned, Match, Pictures, Recorded, Recording, ScanOrder, Scanned, Session, UnreadFile, scan};
use crate::holder::HolderId;
use crate::lang::{Lang, Pair, Speak};
use crate::phone::Number;
use crate::trace::{Finding, Verdict};

/// Most matches and unreadable files that are shown one by one; `--json` has all.
const MATCHES_MAX: usize = 40;
const UNREAD_MAX: usize = 20;

/// Find canaries in seized files, and say whose copy they come from
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries scan seized.xlsx\n  canaries scan /mnt/laptop --ocr --record\n  zcat dump.sql.gz | canaries scan -\n\nExit code 1 means that no canary was found. Ctrl-C ends a scan early, with what was found so far."
)]
pub struct Args {
    /// Files of any kind, and folders with all that is in them; `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Threads that look for canaries (default: one for each core)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: Option<u16>,
    /// Read the text in pictures and scanned pages, with tesseract
    #[arg(long)]
    ocr: bool,
    /// Put what is found on record: each list becomes hits; the same list again changes nothing
    #[arg(long)]
    record: bool,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The first one ends the scan, and the next one the program.
        let asked = flag::register_conditional_default(signal, stopped.clone())
            .and_then(|_| flag::register(signal, stopped.clone()));
        asked.map_err(Complaint::Output)?;
    }
    let spool = (out.world().env)("TMPDIR").filter(|folder| !folder.is_empty());
    let order = ScanOrder {
        paths: args.paths,
        threads: args.threads.map_or(0, usize::from),
        pictures: if args.ocr { Pictures::Recognised } else { Pictures::Skipped },
        recording: if args.record { Recording::Hits } else { Recording::Nothing },
        spool: PathBuf::from(spool.unwrap_or_else(|| "/tmp".to_string())),
        stopped: stopped.clone(),
    };
    let scanned = scan(session, &order);
    stopped.store(true, Ordering::Relaxed);
    let scanned = scanned?;
    let ending = if scanned.matches.is_empty() { Ending::Nothing } else { Ending::Done };
    if out.json {
        out.document(&document(&scanned, out.lang))?;
        return Ok(ending);
    }
    tell_files(&scanned, out)?;
    tell_matches(&scanned, out)?;
    tell_traps(&scanned.traps, out)?;
    if let Some((finding, evidence)) = &scanned.answer {
        out.line("")?;
        tell_answer(finding, evidence, out)?;
    }
    if let Some(Recorded { kept, known }) = scanned.recorded {
        out.tell(Pair::new(
            format!("on record: {kept} new hits, {known} known already"),
            format!("已记录：新增命中 {kept} 条，此前已记录 {known} 条"),
        ))?;
    }
    Ok(ending)
}

/// Writes a name so that it cannot break a line, move the cursor, or turn the text around it.
fn plain(name: &str) -> String {
    let is_order = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    name.chars().map(|c| if is_order(c) { '\u{FFFD}' } else { c }).collect()
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'s> {
    files: &'s [FileScanned],
    unreadable: Vec<UnreadShown<'s>>,
    matches: &'s [Match],
    matches_left_out: u64,
    coincidences: u64,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    traps: &'s BTreeSet<Number>,
    interrupted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<Recorded>,
    #[serde(flatten)]
    answer: Answer<'s>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer<'s> {
    Found(&'s Finding),
    Nothing { verdict: Verdict, sources: [(); 0], background: f64 },
}

#[derive(Serialize)]
struct UnreadShown<'s> {
    path: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'s str>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

fn document(scanned: &Scanned, lang: Lang) -> Document<'_> {
    Document {
        files: &scanned.files,
        unreadable: scanned.unread.iter().map(|one| shown(one, lang)).collect(),
        matches: &scanned.matches,
        matches_left_out: scanned.matches_left_out,
        coincidences: scanned.coincidences,
        traps: &scanned.traps,
        interrupted: scanned.interrupted,
        recorded: scanned.recorded,
        answer: match &scanned.answer {
            Some((finding, _)) => Answer::Found(finding),
            None => Answer::Nothing { verdict: Verdict::NotACanary, sources: [], background: 1.0 },
        },
    }
}

fn shown(one: &UnreadFile, lang: Lang) -> UnreadShown<'_> {
    UnreadShown { path: &one.path, place: one.place.as_deref(), reason: reason(one, lang), hint: hint(one, lang) }
}

/// What to do about it.
fn hint(unread: &UnreadFile, lang: Lang) -> Option<String> {
    unread.why.hint().map(|hint| hint.in_lang(lang).to_string())
}

fn reason(unread: &UnreadFile, lang: Lang) -> String {
    match lang {
        Lang::En => unread.why.to_string(),
        Lang::Zh => unread.why.zh(),
    }
}

/// Tells what was read, and what was not.
fn tell_files(scanned: &Scanned, out: &mut Out<'_>) -> Result<(), Complaint> {
    if scanned.interrupted {
        out.tell(Pair::new(
            "interrupted: what follows is only what was found so far",
            "扫描被中断：以下只是目前已找到的内容",
        ))?;
    }
    let (files, bytes) = (scanned.files.len(), scanned.files.iter().map(|file| file.bytes).sum::<u64>());
    let rows: u64 = scanned.files.iter().map(|file| file.rows).sum();
    out.tell(Pair::new(
        format!("{files} files scanned: {bytes} bytes, {rows} rows"),
        format!("已扫描 {files} 个文件：{bytes} 字节，{rows} 行"),
    ))?;
    for (file, planting) in scanned.files.iter().filter_map(|file| Some((file, file.planting?))) {
        let path = plain(&file.path);
        out.tell(match file.handed_over {
            Some(true) => Pair::new(
                format!("`{path}` is the very file that {planting} handed over, byte for byte"),
                format!("`{path}` 与 {planting} 交付的文件逐字节相同"),
            ),
            Some(false) | None => Pair::new(
                format!("`{path}` is the very file that {planting} made, byte for byte; nothing says that it was handed over"),
                format!("`{path}` 与 {planting} 制作的文件逐字节相同；没有记录表明该文件已交付"),
            ),
        })?;
    }
    for (path, layout) in scanned.files.iter().filter_map(|file| Some((plain(&file.path), file.layout.as_ref()?))) {
        let plantings: Vec<String> = layout.plantings.iter().map(|id| id.to_string()).collect();
        let (seen, of, all) = (layout.columns, layout.of, layout.shared_by);
        let (en, zh) = match (plantings.len() == all, plantings.join(" ")) {
            (true, plantings) => (plantings.clone(), plantings),
            (false, none) if none.is_empty() => (format!("{all} plantings"), format!("{all} 次投放")),
            (false, few) => {
                (format!("{few} ({all} plantings have these)"), format!("{few}（共 {all} 次投放列名相同）"))
            }
        };
        out.tell(Pair::new(
            format!("`{path}` names {seen} of the {of} columns of {en}"),
            format!("`{path}` 的列名与 {zh} 的 {of} 列中的 {seen} 列相同"),
        ))?;
    }
    if scanned.unread.is_empty() {
        return Ok(());
    }
    let unread = scanned.unread.len();
    out.tell(Pair::new(format!("could not be read: {unread}"), format!("未能读取：{unread} 项")))?;
    for one in scanned.unread.iter().take(UNREAD_MAX) {
        let place = one.place.as_ref().map(|place| format!("!{}", plain(place))).unwrap_or_default();
        let reason = reason(one, out.lang);
        let hint = hint(one, out.lang).map(|hint| format!("; {hint}")).unwrap_or_default();
        out.line(format!("- {}{place}: {reason}{hint}", plain(&one.path)))?;
    }
    match unread.checked_sub(UNREAD_MAX).filter(|more| *more > 0) {
        Some(more) => {
            out.tell(Pair::new(format!("… and {more} more: see --json"), format!("……另有 {more} 项：见 --json")))
        }
        None => Ok(()),
    }
}

/// Lists all in whose lists a canary stands, that of the planting first.
fn holders(one: &Match) -> String {
    let others = one.received_by.iter().filter(|other| Some(*other) != one.holder.as_ref());
    one.holder.iter().chain(others).map(HolderId::as_str).collect::<Vec<_>>().join(", ")
}

/// Tells of traps what they mean.
fn tell_traps(traps: &BTreeSet<Number>, out: &mut Out<'_>) -> Result<(), Complaint> {
    if traps.is_empty() {
        return Ok(());
    }
    let numbers = traps.iter().map(Number::as_str).collect::<Vec<_>>().join(" ");
    out.tell(Pair::new(
        format!("traps, which stand in no list and only in the ledger: {numbers}: whoever made these files has read the ledger itself"),
        format!("陷阱号码（不在任何名单中，只在台账中）：{numbers}：制作这些文件的人直接读过台账"),
    ))
}

fn tell_matches(scanned: &Scanned, out: &mut Out<'_>) -> Result<(), Complaint> {
    if scanned.coincidences > 0 {
        let seen = scanned.coincidences;
        out.tell(Pair::new(
            format!(
                "names and dates of {seen} canaries were seen that lists of this length hold by chance: not counted"
            ),
            format!("另有 {seen} 条蜜标的姓名与日期出现，但这么长的名单里本会偶然出现：不计入"),
        ))?;
    }
    if scanned.matches.is_empty() {
        return out.tell(Pair::new("no canary was found", "没有找到蜜标"));
    }
    let weightless = scanned.matches.iter().filter(|one| one.weighs == Some(false)).count();
    if weightless > 0 {
        out.tell(Pair::new(
            format!("{weightless} matches without a number are no more than chance gives in lists of this length: listed, and not weighed"),
            format!("{weightless} 处无号码的匹配不多于这么长的名单里偶然会有的：仅列出，不计入判断"),
        ))?;
    }
    out.line("")?;
    let head = match out.lang {
        Lang::En => ["file", "where", "seen as", "matched by", "canary", "holder", "planting"],
        Lang::Zh => ["文件", "位置", "原文", "匹配方式", "蜜标", "持有方", "投放"],
    };
    let (control, trap) = (out.say("control", "对照").to_string(), out.say("trap", "陷阱").to_string());
    let rows = scanned.matches.iter().take(MATCHES_MAX).map(|one| {
        vec![
            plain(&one.file),
            one.place.as_deref().map_or_else(|| one.line.to_string(), plain),
            plain(&one.text),
            one.matched_by.word().to_string(),
            match one.canary {
                Some(canary) => canary.to_string(),
                None if one.trap => trap.clone(),
                None => control.clone(),
            },
            holders(one),
            one.planting.map(|planting| planting.to_string()).unwrap_or_default(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let more = scanned.matches.len() as u64 - rows.len() as u64 + scanned.matches_left_out;
    out.table(&head, rows)?;
    match more {
        0 => Ok(()),
        more => out.tell(Pair::new(format!("… and {more} more: see --json"), format!("……另有 {more} 处：见 --json"))),
    }
}
