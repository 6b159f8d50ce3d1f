//! `canaries mint`

use std::path::PathBuf;

use super::plant::{document, show};
use super::wanted::positive;
use super::{Complaint, Ending, Out};
use crate::deed::{MintOrder, Session, mint};
use crate::holder::HolderId;
use crate::lang::Pair;
use crate::list::fresh::FreshFormat;

/// Make canaries to key into, or load into, a live system
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries mint --to szfy --count 3\n  canaries mint --to szfy --count 20 --like births.csv -o new.csv\n  canaries mint --to registry --count 5 --format fhir --i-am-authorised ORDER-2026-17 -o bundle.json"
)]
pub struct Args {
    /// Who gets them
    #[arg(long, value_name = "HOLDER")]
    to: HolderId,
    /// How many
    #[arg(long, value_name = "N", value_parser = positive)]
    count: usize,
    /// A list whose columns, formats and places they follow
    #[arg(long, value_name = "LIST")]
    like: Option<PathBuf>,
    /// The sheet of LIST (default: the first that looks like a list)
    #[arg(long, value_name = "NAME", requires = "like")]
    sheet: Option<String>,
    /// What the columns of LIST mean, in TOML
    #[arg(long, value_name = "FILE", requires = "like")]
    map: Option<PathBuf>,
    /// csv, xlsx, sql or fhir
    #[arg(long, default_value = "csv")]
    format: FreshFormat,
    /// The file to write (default: standard output)
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// The order that allows loading them into a clinical or statutory system; kept in the ledger
    #[arg(long, value_name = "ORDER-ID")]
    i_am_authorised: Option<String>,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let to_stdout = args.output.as_ref().is_none_or(|path| path.as_os_str() == "-");
    if args.format == FreshFormat::Xlsx && to_stdout && !out.json {
        return Err(Complaint::Usage {
            what: Pair::new("a workbook cannot go to standard output", "工作簿不能写到标准输出"),
            hint: Pair::new("name a file with -o", "请用 -o 给出文件名"),
        });
    }
    if out.json && to_stdout && session.is_locked()? {
        return Err(Complaint::Usage {
            what: Pair::new("the canaries of a locked ledger are not listed", "加锁的台账不列出蜜标"),
            hint: Pair::new("name a file with -o, or leave --json out", "请用 -o 给出文件名，或去掉 --json"),
        });
    }
    let authorised = args.i_am_authorised.is_some();
    let order = MintOrder {
        holder: args.to,
        count: args.count,
        like: args.like,
        sheet: args.sheet,
        map: args.map,
        format: args.format,
        output: args.output.filter(|_| !to_stdout),
        authority: args.i_am_authorised,
    };
    let minted = mint(session, &order)?;
    if !authorised && matches!(order.format, FreshFormat::Sql | FreshFormat::Fhir) {
        out.note(Pair::new(
            "for copies and summaries only: a clinical or statutory system takes --i-am-authorised ORDER-ID",
            "仅用于副本和汇总：写入临床或法定系统须有 --i-am-authorised 授权编号",
        ))?;
    }
    match minted.bytes {
        _ if out.json => out.document(&document(session, &minted.done)?)?,
        Some(bytes) => out.bytes(&bytes)?,
        None => show(&minted.done, out)?,
    }
    Ok(Ending::Done)
}
