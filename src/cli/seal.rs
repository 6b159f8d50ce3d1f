//! `canaries seal`

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{DeedError, Elsewhere, ProofError, Rotation, Session, seal};
use crate::lang::Pair;

/// Sign a checkpoint over the whole ledger, enter it and print it
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries seal --push /mnt/notary\n  canaries seal --push https://notary.example/log --push mailto:notary@example.org\n\nA checkpoint proves something only if a copy lies with somebody else."
)]
pub struct Args {
    /// Who gets a copy: a folder, https://… (by curl) or mailto:… (by sendmail); may be given several times
    #[arg(long, value_name = "FOLDER|URL|MAILBOX")]
    push: Vec<OsString>,
    /// Write a page with the checkpoint to be printed, stamped and kept
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,
    /// Make a new signing key, which the old one confirms
    #[arg(long)]
    rotate: bool,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let rotation = if args.rotate { Rotation::NewKey } else { Rotation::Keep };
    let push = args.push.iter().map(|text| Elsewhere::read(text)).collect::<Result<Vec<_>, DeedError>>()?;
    let sealed = seal(session, rotation, &push, args.page.as_deref())?;
    let (size, root) = (sealed.checkpoint.size, hex::encode(sealed.checkpoint.root));
    if out.json {
        out.document(&json!({
            "origin": sealed.checkpoint.origin, "size": size, "root": root, "note": sealed.note,
            "key": sealed.key, "new": sealed.is_new, "pushed": sealed.pushed,
        }))?;
    } else {
        out.bytes(sealed.note.as_bytes())?;
    }
    if !sealed.is_new {
        out.note(Pair::new(
            "nothing was entered since: the last checkpoint stands",
            "此后没有新条目：沿用上一个检查点",
        ))?;
    }
    for path in &sealed.pushed {
        out.note(Pair::new(format!("copied to {path}"), format!("已复制到 {path}")))?;
    }
    if args.rotate {
        out.note(Pair::new(
            format!("key that signs from now on: {}", sealed.key),
            format!("今后签名的密钥：{}", sealed.key),
        ))?;
    }
    match sealed.failed.is_empty() {
        true => Ok(Ending::Done),
        false => Err(DeedError::from(ProofError::NotPushed { failed: sealed.failed }).into()),
    }
}
