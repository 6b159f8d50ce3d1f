//! `canaries hit`

use std::path::PathBuf;

use serde_json::json;

use super::time::read_time;
pub use crate::report::word;

use super::{Complaint, Ending, Out};
use crate::deed::{CallFile, Imported, NewContact, Noted, Session, add_hit, import_hits, list_hits};
use crate::hit::calls::CallFormat;
use crate::hit::{ContactKind, Hit, Planted};
use crate::holder::HolderId;
use crate::lang::{Lang, Pair};
use crate::phone::Region;

/// Calls, messages and visits that reached a number of the pool
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Put one contact on record
    #[command(
        after_help = "Examples:\n  canaries hit add --to 13800138000 --from 0755-8888666 --at '2026-11-21 10:30' --said '王女士您好,宝宝要拍满月照吗'\n  canaries hit add --to 13800138000 --kind sms --said 'Newborn photos, 20% off'"
    )]
    Add {
        /// The number that was reached
        #[arg(long, value_name = "NUMBER")]
        to: String,
        /// Who called; leave it out when withheld
        #[arg(long, value_name = "NUMBER")]
        from: Option<String>,
        /// When: RFC 3339, or `YYYY-MM-DD HH:MM[:SS]` in local time (default: now)
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// call, sms or visit
        #[arg(long, default_value = "call")]
        kind: ContactKind,
        /// What was said or written, in Chinese or English
        #[arg(long, value_name = "TEXT")]
        said: Option<String>,
        /// Region whose habits the numbers' spelling follows
        #[arg(long, default_value = "CN", value_name = "CODE")]
        region: Region,
    },
    /// Put the contacts of a call-record file on record; what is there already stays as it is
    #[command(
        after_help = "Examples:\n  canaries hit import contacts.csv\n  canaries hit import Master.csv --format asterisk\n  canaries hit import bill.csv --format carrier --number 13800138000 --map bill.toml"
    )]
    Import {
        file: PathBuf,
        /// csv, asterisk, freeswitch, kamailio, twilio or carrier
        #[arg(long, default_value = "csv")]
        format: CallFormat,
        /// Column map of a carrier's bill, in TOML
        #[arg(long, value_name = "FILE")]
        map: Option<PathBuf>,
        /// Year of a bill that does not print it
        #[arg(long)]
        year: Option<i32>,
        /// The number that a carrier's bill belongs to
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
        /// Region whose habits the numbers' spelling follows
        #[arg(long, default_value = "CN", value_name = "CODE")]
        region: Region,
    },
    /// List all contacts as hits: level, facts, canary, holder
    List,
}

/// Runs the command.
pub fn run(command: Command, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    match command {
        Command::Add { to, from, at, kind, said, region } => {
            let at = at.map(|text| read_time(&text, session)).transpose()?;
            let noted = add_hit(session, NewContact { to, from, at, kind, said, region })?;
            show_noted(&noted, out)?;
        }
        Command::Import { file, format, map, year, number, region } => {
            let imported = import_hits(session, &CallFile { path: file, format, map, year, number, region })?;
            show_imported(&imported, out)?;
        }
        Command::List => {
            let hits = list_hits(session)?;
            if out.json {
                out.document(&hits)?;
            } else {
                table(&hits, out)?;
            }
        }
    }
    Ok(Ending::Done)
}

fn show_noted(noted: &Noted, out: &mut Out<'_>) -> Result<(), Complaint> {
    let (hit, first) = match noted {
        Noted::Kept(hit) => (hit, Pair::new("on record", "已记录")),
        Noted::Known(hit) => (hit, Pair::new("on record already", "此前已记录")),
        Noted::Locked | Noted::LockedBefore => {
            let is_new = *noted == Noted::Locked;
            if out.json {
                return out.document(&json!({"kept": true, "known": !is_new}));
            }
            return out.tell(match is_new {
                true => Pair::new("on record, for the investigator to read", "已记录，仅调查人可读"),
                false => Pair::new("on record already, for the investigator to read", "此前已记录，仅调查人可读"),
            });
        }
        Noted::Stray => {
            if out.json {
                return out.document(&json!({"kept": false}));
            }
            return out.tell(Pair::new(
                "this number is not in the pool: the contact was counted and forgotten",
                "该号码不在号码池中：来电已计数，未保留内容",
            ));
        }
    };
    if out.json {
        return out.document(hit);
    }
    out.tell(first)?;
    table(std::slice::from_ref(hit), out)
}

fn show_imported(imported: &Imported, out: &mut Out<'_>) -> Result<(), Complaint> {
    let Imported { rows, kept, known, strays, skipped, undated } = imported;
    if out.json {
        return out.document(&json!({
            "rows": rows, "kept": kept, "known": known, "strays": strays, "skipped": skipped, "undated": undated
        }));
    }
    if *undated > 0 {
        out.tell(Pair::new(
            format!("{undated} rows bear no time: they count as received now"),
            format!("{undated} 行没有时间，按此刻收到计"),
        ))?;
    }
    out.tell(Pair::new(
        format!("{rows} rows: {kept} new contacts, {known} known already, {strays} to numbers that are not ours, {skipped} not incoming"),
        format!("共 {rows} 行：新增 {kept} 条，此前已记录 {known} 条，非本池号码 {strays} 条，非来电 {skipped} 条"),
    ))
}

/// Lists all who got the canary: a hit tells nobody of them from the others.
fn holders(planted: &Planted) -> String {
    planted.holders().map(HolderId::as_str).collect::<Vec<_>>().join(", ")
}

/// Prints hits as a table.
pub fn table(hits: &[Hit], out: &mut Out<'_>) -> Result<(), Complaint> {
    let head = match out.lang {
        Lang::En => ["number", "time (UTC)", "from", "kind", "level", "facts", "canary", "holder", "campaign"],
        Lang::Zh => ["号码", "时间 (UTC)", "来电方", "方式", "级别", "说中的事实", "蜜标", "持有方", "批次"],
    };
    let rows = hits.iter().map(|hit| {
        let facts: Vec<String> = hit.heard.facts.iter().map(word).collect();
        vec![
            hit.contact.to.to_string(),
            hit.contact.at.format("%Y-%m-%d %H:%M").to_string(),
            hit.contact.from.as_ref().map(|caller| caller.to_string()).unwrap_or_default(),
            hit.contact.kind.word().to_string(),
            word(&hit.heard.level),
            facts.join(" "),
            hit.planted.as_ref().map(|planted| planted.canary.to_string()).unwrap_or_default(),
            hit.planted.as_deref().map(holders).unwrap_or_default(),
            hit.campaign.to_string(),
        ]
    });
    out.table(&head, rows.collect())
}
