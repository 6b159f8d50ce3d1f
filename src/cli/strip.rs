//! `canaries strip`

use std::path::PathBuf;

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{Session, StripOrder, strip};
use crate::lang::Pair;

/// Write a copy of a list without canaries, for statistics and follow-up care
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  canaries strip seeded.csv -o clean.csv")]
pub struct Args {
    /// The list
    list: PathBuf,
    /// The file to write; `-` for standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// The sheet that is the list (default: the first that looks like one)
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What the columns mean, in TOML: `phone = "联系方式"`
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let to_stdout = args.output.as_os_str() == "-";
    let output = (!to_stdout).then_some(args.output);
    let order = StripOrder { list: args.list, output, sheet: args.sheet, map: args.map };
    let mut stripped = strip(session, &order)?;
    if let Some(file) = &mut stripped.unnamed {
        return out.copy(file).map(|()| Ending::Done);
    }
    if out.json {
        out.document(&json!({"removed": stripped.removed, "output": stripped.output}))?;
    }
    let (removed, path) = (stripped.removed, &stripped.output.path);
    out.tell(Pair::new(format!("{path}: {removed} canaries went"), format!("{path}：去除 {removed} 条蜜标")))?;
    Ok(Ending::Done)
}
