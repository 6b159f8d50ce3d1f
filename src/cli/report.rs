//! `canaries report`

use std::path::PathBuf;

use serde_json::json;

use super::hit::word;
use super::selection::Selection;
use super::{Complaint, Ending, Out};
use crate::deed::{ReportForm, ReportOrder, Reported, Session, report};
use crate::lang::Pair;

/// Write the finding for people: a page, a PDF, a JSON document, or a folder that a stranger can check
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries report -o finding.html\n  canaries --lang zh report -o finding.pdf\n  canaries report 13800138000 -o evidence/\n  canaries verify evidence/\n  sh evidence/verify.sh\n\nExit code 1 means that none of the numbers is in the pool."
)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// FILE.html, FILE.pdf, FILE.json, or a new folder for an evidence package
    #[arg(short, long, value_name = "FILE|DIR")]
    output: PathBuf,
    /// The font a PDF is set in (default: a usual one with Chinese characters)
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let question = args.selection.question(session)?;
    let order = ReportOrder { question, output: args.output, font: args.font, lang: out.lang };
    let Reported::Made { path, form, files, bytes, verdict } = report(session, &order)? else {
        out.tell(Pair::new("not a canary: no such number in the pool", "不是蜜标：号码池中没有这个号码"))?;
        return Ok(Ending::Nothing);
    };
    let verdict = word(&verdict);
    if out.json {
        let form = match form {
            ReportForm::Page => "page",
            ReportForm::Pdf => "pdf",
            ReportForm::Json => "json",
            ReportForm::Package => "package",
        };
        out.document(&json!({"path": path, "form": form, "files": files, "bytes": bytes, "verdict": verdict}))?;
        return Ok(Ending::Done);
    }
    let shown = path.display();
    out.tell(match form {
        ReportForm::Page | ReportForm::Pdf | ReportForm::Json => {
            Pair::new(format!("{shown}: {verdict}"), format!("{shown}：{verdict}"))
        }
        ReportForm::Package => Pair::new(
            format!("{shown}: {verdict}, {files} files, {bytes} bytes; to check it: sh verify.sh"),
            format!("{shown}：{verdict}，{files} 个文件，{bytes} 字节；核验：sh verify.sh"),
        ),
    })?;
    Ok(Ending::Done)
}
