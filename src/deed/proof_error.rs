//! Why something that proves the ledger to others was not made or not taken.

use std::path::PathBuf;

use crate::lang::{Pair, Speak};
use crate::report::FontError;
use crate::report::package::PackError;

/// Why a report, a stamp or a check by another program was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    #[error("`{program}` is not installed")]
    NoTool { program: &'static str },
    #[error("cannot run `{program}`")]
    Tool { program: &'static str, source: std::io::Error },
    #[error("the report `{path}` can be an .html page, a .pdf, a .json document, or a folder")]
    ReportForm { path: PathBuf },
    #[error("a report or page does not go to standard output")]
    ReportToStandardOutput,
    #[error("{canaries} canaries were called or asked about; a report stands on {most} at most")]
    TooManyForReport { canaries: usize, most: usize },
    #[error("an evidence package is signed with the ledger's key, and `{path}` is not here")]
    NoPackageKey { path: PathBuf },
    #[error("`{path}` is not an evidence package")]
    NotAPackage { path: PathBuf },
    #[error("the evidence package is not written: {source}")]
    NotPacked { source: PackError },
    #[error("`{target}` is no folder, web address or mailbox")]
    BadTarget { target: String },
    #[error("`{target}` is not encrypted")]
    PlainHttp { target: String },
    #[error("`{target}` did not take it: {said}")]
    Declined { target: String, said: String },
    #[error("the checkpoint is signed and entered, but not every place has a copy: {}", in_english(.failed))]
    NotPushed { failed: Vec<Pair> },
    #[error("there is no font with Chinese characters to set a PDF in")]
    NoFont,
    #[error("cannot set the report in the font `{path}`: {source}")]
    Font { path: PathBuf, source: FontError },
    #[error("there is no checkpoint yet")]
    NoCheckpoint,
    #[error("the time stamp `{path}` is refused: {said}")]
    StampRefused { path: PathBuf, said: String },
}

fn in_english(failed: &[Pair]) -> String {
    failed.iter().map(|pair| pair.en.as_str()).collect::<Vec<_>>().join("; ")
}

impl Speak for ProofError {
    fn zh(&self) -> String {
        match self {
            ProofError::NoTool { program } => format!("未安装 `{program}`"),
            ProofError::Tool { program, .. } => format!("无法运行 `{program}`"),
            ProofError::ReportForm { path } => {
                format!("报告 `{}` 只能是 .html 网页、.pdf、.json 文档或文件夹", path.display())
            }
            ProofError::ReportToStandardOutput => "报告和页面不能写到标准输出".to_string(),
            ProofError::TooManyForReport { canaries, most } => {
                format!("接到来电或被问及的蜜标有 {canaries} 条；一份报告最多 {most} 条")
            }
            ProofError::NoPackageKey { path } => {
                format!("证据包须用台账的密钥签名，而 `{}` 不在此处", path.display())
            }
            ProofError::NotPacked { source } => format!("未写出证据包：{}", source.zh()),
            ProofError::BadTarget { target } => format!("`{target}` 不是文件夹、网址或邮箱"),
            ProofError::PlainHttp { target } => format!("`{target}` 未加密"),
            ProofError::Declined { target, said } => format!("`{target}` 未收下：{said}"),
            ProofError::NotPushed { failed } => {
                let failed: Vec<&str> = failed.iter().map(|pair| pair.zh.as_str()).collect();
                format!("检查点已签署并记入台账，但有的地方没有副本：{}", failed.join("；"))
            }
            ProofError::NoFont => "没有可用于生成 PDF 的中文字体".to_string(),
            ProofError::Font { path, source } => format!("无法用字体 `{}` 排版：{}", path.display(), source.zh()),
            ProofError::NoCheckpoint => "还没有检查点".to_string(),
            ProofError::StampRefused { path, said } => format!("时间戳 `{}` 被拒绝：{said}", path.display()),
            ProofError::NotAPackage { path } => format!("`{}` 不是证据包", path.display()),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            ProofError::NoTool { program } if program.ends_with("sendmail") => Pair::new(
                "install a mail program that has it (Debian: apt-get install msmtp-mta), or push to a folder or a web address",
                "请安装提供该命令的邮件程序（Debian：apt-get install msmtp-mta），或改为推送到文件夹或网址",
            ),
            ProofError::NoTool { .. } | ProofError::Tool { .. } => Pair::new(
                "install it (Debian: apt-get install openssl openssh-client curl) and try again",
                "请安装后重试（Debian：apt-get install openssl openssh-client curl）",
            ),
            ProofError::BadTarget { .. } => Pair::new(
                "give a folder, https://…, or mailto:NAME@HOST",
                "请给出文件夹、https://… 或 mailto:用户@主机",
            ),
            ProofError::PlainHttp { .. } => Pair::new(
                "give https://…; plain http:// is taken only to this machine (localhost)",
                "请给出 https://…；http:// 只能发往本机（localhost）",
            ),
            ProofError::Declined { .. } | ProofError::NotPushed { .. } => Pair::new(
                "mend it and run the same command again: the same checkpoint is sent",
                "排除故障后重新运行同一命令即可：发送的仍是同一检查点",
            ),
            ProofError::ReportForm { .. } => {
                Pair::new("end its name in .html, .pdf or .json", "文件名请以 .html、.pdf 或 .json 结尾")
            }
            ProofError::ReportToStandardOutput => Pair::new(
                "name a file or a folder: -o finding.html; it is there whole or not at all",
                "请给出文件或文件夹：-o finding.html；它要么完整写出，要么不写",
            ),
            ProofError::NoFont => Pair::new(
                "install one (Debian: apt-get install fonts-wqy-microhei), or name a file: --font PATH",
                "请安装字体（Debian：apt-get install fonts-wqy-microhei），或用 --font 指定字体文件",
            ),
            ProofError::Font { source, .. } => return source.hint(),
            ProofError::TooManyForReport { .. } => Pair::new("name the numbers or a campaign", "请指明号码或批次"),
            ProofError::NoPackageKey { .. } => Pair::new(
                "make it on the planting machine, with --identity; a page, a PDF or a JSON document needs no key",
                "请在投放机上带 --identity 制作；网页、PDF 或 JSON 报告不需要密钥",
            ),
            ProofError::NotPacked { source } => return source.hint(),
            ProofError::NoCheckpoint => Pair::new("make one with `canaries seal`", "请用 `canaries seal` 签署"),
            ProofError::StampRefused { .. } => Pair::new(
                "nothing was put on record; ask the authority for its response and its certificates again",
                "未作记录；请向时间戳机构重新索取响应及其证书",
            ),
            ProofError::NotAPackage { .. } => Pair::new(
                "name the folder that `canaries report -o DIR` wrote",
                "请指明 `canaries report -o 文件夹` 写出的文件夹",
            ),
        })
    }
}
