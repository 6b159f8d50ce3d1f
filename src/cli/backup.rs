//! `canaries backup`

use std::path::PathBuf;

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{Session, backup};
use crate::lang::Pair;

/// Copy the ledger to a new file while it stays in use
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  canaries backup /mnt/safe/canaries-2026-11-21.db")]
pub struct Args {
    /// The new file; the signing key is not in it
    file: PathBuf,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    if args.file.as_os_str() == "-" {
        return Err(Complaint::Usage {
            what: Pair::new("a ledger cannot go to standard output", "台账不能写到标准输出"),
            hint: Pair::new("name a file that is not there yet", "请给出一个尚不存在的文件名"),
        });
    }
    let made = backup(session, &args.file)?;
    if out.json {
        out.document(&json!({"path": made.path, "sha256": made.sha256, "entries": made.entries}))?;
    }
    let path = made.path.display();
    out.tell(Pair::new(
        format!("{path}: {} entries, SHA-256 {}", made.entries, made.sha256),
        format!("{path}：{} 条，SHA-256 {}", made.entries, made.sha256),
    ))?;
    Ok(Ending::Done)
}
