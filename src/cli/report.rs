//! `canaries report`

use std::path::PathBuf;

use serde_json::json;

use super::hit::word;
use super::time::read_time;
use super::{Complaint, Ending, Out};
use crate::deed::{Question, ReportForm, ReportOrder, Reported, Session, report};
use crate::hit::CampaignId;
use crate::lang::Pair;
use crate::phone::Region;

/// Write the finding for people: a page, a JSON document, or a folder that a stranger can check
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries report -o finding.html\n  canaries report 13800138000 -o evidence/\n  canaries verify evidence/\n  sh evidence/verify.sh\n\nExit code 1 means that none of the numbers is in the pool."
)]
pub struct Args {
    /// Numbers that were called (default: all hits)
    #[arg(value_name = "NUMBER")]
    numbers: Vec<String>,
    /// FILE.html, FILE.json, or a new folder for an evidence package
    #[arg(short, long, value_name = "FILE|DIR")]
    output: PathBuf,
    /// Only contacts from this time on
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only contacts up to this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only contacts of this campaign
    #[arg(long, value_name = "ID")]
    campaign: Option<CampaignId>,
    /// Region whose habits the numbers' spelling follows
    #[arg(long, default_value = "CN", value_name = "CODE")]
    region: Region,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let read = |text: Option<String>| text.map(|text| read_time(&text, session)).transpose();
    let question = Question {
        since: read(args.since)?,
        until: read(args.until)?,
        numbers: args.numbers,
        region: args.region,
        from: None,
        campaign: args.campaign,
    };
    let order = ReportOrder { question, output: args.output, lang: out.lang };
    let Reported::Made { path, form, files, bytes, verdict } = report(session, &order)? else {
        out.tell(Pair::new("not a canary: no such number in the pool", "不是蜜标：号码池中没有这个号码"))?;
        return Ok(Ending::Nothing);
    };
    let verdict = word(&verdict);
    if out.json {
        let form = match form {
            ReportForm::Page => "page",
            ReportForm::Json => "json",
            ReportForm::Package => "package",
        };
        out.document(&json!({"path": path, "form": form, "files": files, "bytes": bytes, "verdict": verdict}))?;
        return Ok(Ending::Done);
    }
    let shown = path.display();
    out.tell(match form {
        ReportForm::Page | ReportForm::Json => Pair::new(format!("{shown}: {verdict}"), format!("{shown}：{verdict}")),
        ReportForm::Package => Pair::new(
            format!("{shown}: {verdict}, {files} files, {bytes} bytes; to check it: sh verify.sh"),
            format!("{shown}：{verdict}，{files} 个文件，{bytes} 字节；核验：sh verify.sh"),
        ),
    })?;
    Ok(Ending::Done)
}
