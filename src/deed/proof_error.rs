//! Why something that proves the ledger to others was not made or not taken.

use std::path::PathBuf;

use crate::lang::{Pair, Speak};

/// Why a report, a stamp or a check by another program was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    #[error("`{program}` is not installed")]
    NoTool { program: &'static str },
    #[error("cannot run `{program}`")]
    Tool { program: &'static str, source: std::io::Error },
    #[error("the report `{path}` can be an .html page, a .json document, or a folder")]
    ReportForm { path: PathBuf },
    #[error("{canaries} canaries were called or asked about; a report stands on {most} at most")]
    TooManyForReport { canaries: usize, most: usize },
    #[error("`{path}` is not an evidence package")]
    NotAPackage { path: PathBuf },
    #[error("the ledger holds a receipt's signature or a stamp that cannot be read")]
    NotBase64 { source: base64::DecodeError },
    #[error("there is no checkpoint yet")]
    NoCheckpoint,
    #[error("the time stamp `{path}` is refused: {said}")]
    StampRefused { path: PathBuf, said: String },
}

impl Speak for ProofError {
    fn zh(&self) -> String {
        match self {
            ProofError::NoTool { program } => format!("未安装 `{program}`"),
            ProofError::Tool { program, .. } => format!("无法运行 `{program}`"),
            ProofError::ReportForm { path } => {
                format!("报告 `{}` 只能是 .html 网页、.json 文档或文件夹", path.display())
            }
            ProofError::TooManyForReport { canaries, most } => {
                format!("接到来电或被问及的蜜标有 {canaries} 条；一份报告最多 {most} 条")
            }
            ProofError::NotBase64 { .. } => "台账中有回执签名或时间戳无法读取".to_string(),
            ProofError::NoCheckpoint => "还没有检查点".to_string(),
            ProofError::StampRefused { path, said } => format!("时间戳 `{}` 被拒绝：{said}", path.display()),
            ProofError::NotAPackage { path } => format!("`{}` 不是证据包", path.display()),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            ProofError::NoTool { .. } | ProofError::Tool { .. } => Pair::new(
                "install it (Debian: apt-get install openssl openssh-client) and try again",
                "请安装后重试（Debian：apt-get install openssl openssh-client）",
            ),
            ProofError::ReportForm { .. } => Pair::new(
                "print the .html page to paper or PDF with a browser",
                "可用浏览器把 .html 网页打印到纸上或存为 PDF",
            ),
            ProofError::TooManyForReport { .. } => Pair::new("name the numbers or a campaign", "请指明号码或批次"),
            ProofError::NotBase64 { .. } => {
                Pair::new("check the ledger with `canaries verify`", "请用 `canaries verify` 校验台账")
            }
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
