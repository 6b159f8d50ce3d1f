//! `canaries flow`

use std::path::PathBuf;

use chrono::NaiveDate;
use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{Session, add_flow, import_flows, list_flows};
use crate::holder::{Flow, HolderId};
use crate::lang::Pair;

/// Who passes rows on to whom
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Declare that FROM passes a share of its rows on to TO
    #[command(
        after_help = "Examples:\n  canaries flow add szfy district\n  canaries flow add district city --share 0.9 --since 2026-01-01"
    )]
    Add {
        from: HolderId,
        to: HolderId,
        /// Share of the rows, between 0 and 1
        #[arg(long, default_value_t = 1.0, value_name = "0..1")]
        share: f64,
        /// First day
        #[arg(long, value_name = "DATE")]
        since: Option<NaiveDate>,
        /// Last day
        #[arg(long, value_name = "DATE")]
        until: Option<NaiveDate>,
    },
    /// Declare the flows of a CSV file: from, to, share, since, until
    #[command(after_help = "Examples:\n  canaries flow import flows.csv")]
    Import { file: PathBuf },
    /// List the declared flows
    List,
}

/// Runs the command.
pub fn run(command: Command, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    match command {
        Command::Add { from, to, share, since, until } => {
            let flow = Flow { from, to, share, since, until };
            add_flow(session, flow.clone())?;
            if out.json {
                out.document(&flow)?;
            }
            out.tell(Pair::new(format!("{} -> {}", flow.from, flow.to), format!("{} -> {}", flow.from, flow.to)))?;
        }
        Command::Import { file } => {
            let added = import_flows(session, &file)?;
            if out.json {
                out.document(&json!({"flows": added}))?;
            }
            out.tell(Pair::new(format!("{added} flows added"), format!("已添加 {added} 条流向")))?;
        }
        Command::List => list(session, out)?,
    }
    Ok(Ending::Done)
}

fn list(session: &Session, out: &mut Out<'_>) -> Result<(), Complaint> {
    let flows = list_flows(session)?;
    if out.json {
        return out.document(&flows);
    }
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let rows = flows.iter().map(|flow| {
        vec![flow.from.to_string(), flow.to.to_string(), flow.share.to_string(), day(flow.since), day(flow.until)]
    });
    let head = match out.lang {
        crate::lang::Lang::En => ["from", "to", "share", "since", "until"],
        crate::lang::Lang::Zh => ["从", "到", "比例", "开始", "结束"],
    };
    out.table(&head, rows.collect())
}
