//! `canaries verify`

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{Session, verify};
use crate::lang::Pair;
use crate::store::Fault;

/// Check the whole ledger: every entry, the tree, and the tables
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries verify\n  canaries --db backup.db verify --json\n\nExit code 1 means that a fault was found."
)]
pub struct Args {}

/// Runs the command.
pub fn run(_: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let checked = verify(session)?;
    let ok = checked.faults.is_empty();
    let root = hex::encode(checked.root);
    if out.json {
        let faults: Vec<String> = checked.faults.iter().map(Fault::to_string).collect();
        let more = checked.more_faults;
        let document =
            json!({"ok": ok, "entries": checked.entries, "root": root, "faults": faults, "more_faults": more});
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
    Ok(if ok { Ending::Done } else { Ending::Nothing })
}
