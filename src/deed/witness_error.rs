//! Why a witness did not sign, or what it signed was not taken.

use std::path::PathBuf;

use crate::lang::{Pair, Speak};
use crate::ledger::NoteError;

/// Why a witness did not sign, or what it signed was not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WitnessError {
    #[error("`{name}` cannot be a witness's name")]
    BadName { name: String },
    #[error("`{path}` is not a witness's key")]
    NotAKey { path: PathBuf },
    #[error("`{key}` is not the public key of a witness")]
    BadWitness { key: String },
    #[error("`{key}` is not the key of this log")]
    BadLogKey { key: String },
    #[error("no key of the log `{origin}` is known yet")]
    NoLogKey { origin: String },
    #[error("`{path}` is signed by a key that no earlier key of the log confirms")]
    KeyUnproven { path: PathBuf },
    #[error("`{path}` is refused: {source}")]
    NotOfTheLog { path: PathBuf, source: NoteError },
    #[error("the checkpoint covers {size} entries, but one over {seen} was signed before: the log was rolled back")]
    Rollback { seen: u64, size: u64 },
    #[error(
        "the checkpoint over {size} entries contradicts the one over {seen} that was signed before: two histories are shown"
    )]
    Fork { seen: u64, size: u64 },
    #[error(
        "nothing shows that the checkpoint over {size} entries goes on from the one over {seen} that was signed before"
    )]
    NoProof { seen: u64, size: u64 },
    #[error("`{path}` is not a proof")]
    NotAProof { path: PathBuf },
    #[error("the proof `{path}` is not from {seen} to {size} entries")]
    OtherProof { path: PathBuf, seen: u64, size: u64 },
    #[error("`{path}` does not tell what was signed last")]
    NotAState { path: PathBuf },
    #[error("the newest checkpoint covers {size} entries, less than {since}")]
    Beyond { since: u64, size: u64 },
    #[error("`{path}` is over {size} entries, of which this ledger has no such checkpoint")]
    OtherCheckpoint { path: PathBuf, size: u64 },
    #[error("this signature on the checkpoint over {size} entries is on record already")]
    Known { size: u64 },
}

impl Speak for WitnessError {
    fn zh(&self) -> String {
        match self {
            WitnessError::BadName { name } => format!("`{name}` 不能作为见证方名称"),
            WitnessError::NotAKey { path } => format!("`{}` 不是见证方密钥", path.display()),
            WitnessError::BadWitness { key } => format!("`{key}` 不是见证方公钥"),
            WitnessError::BadLogKey { key } => format!("`{key}` 不是该台账的公钥"),
            WitnessError::NoLogKey { origin } => format!("尚不知道台账 `{origin}` 的任何公钥"),
            WitnessError::KeyUnproven { path } => {
                format!("`{}` 的签名密钥没有经该台账先前的密钥确认", path.display())
            }
            WitnessError::NotOfTheLog { path, source } => format!("拒绝 `{}`：{}", path.display(), source.zh()),
            WitnessError::Rollback { seen, size } => {
                format!("该检查点只有 {size} 条，而此前签过 {seen} 条的检查点：台账被回退")
            }
            WitnessError::Fork { seen, size } => {
                format!("{size} 条的检查点与此前签过的 {seen} 条的检查点相矛盾：出示了两套历史")
            }
            WitnessError::NoProof { seen, size } => {
                format!("没有证明表明 {size} 条的检查点延续了此前签过的 {seen} 条的检查点")
            }
            WitnessError::NotAProof { path } => format!("`{}` 不是证明文件", path.display()),
            WitnessError::OtherProof { path, seen, size } => {
                format!("证明 `{}` 不是从 {seen} 条到 {size} 条的", path.display())
            }
            WitnessError::NotAState { path } => format!("`{}` 没有说明上次签了什么", path.display()),
            WitnessError::Beyond { since, size } => format!("最新检查点只有 {size} 条，少于 {since} 条"),
            WitnessError::OtherCheckpoint { path, size } => {
                format!("`{}` 针对 {size} 条，而本台账没有这样的检查点", path.display())
            }
            WitnessError::Known { size } => format!("对 {size} 条检查点的这一签名此前已记录"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            WitnessError::BadName { .. } => Pair::new(
                "use up to 100 letters, digits and signs without blanks, `+` or `~`: witness.example/one",
                "最多 100 个英文字母、数字或符号，不含空格、`+` 和 `~`，如 witness.example/one",
            ),
            WitnessError::NotAKey { .. } | WitnessError::BadWitness { .. } => Pair::new(
                "make one with `canaries witness key NAME -o FILE`; it prints the public key",
                "请用 `canaries witness key 名称 -o 文件` 生成；它会显示公钥",
            ),
            WitnessError::BadLogKey { .. } | WitnessError::NoLogKey { .. } => Pair::new(
                "ask the operator in person for the key that `canaries seal --json` tells (`key`), and give it with --log",
                "请当面向操作方索取 `canaries seal --json` 给出的公钥（`key`），用 --log 指定",
            ),
            WitnessError::KeyUnproven { .. } => Pair::new(
                "sign the checkpoint of `canaries seal --rotate` first, which both keys signed",
                "请先为 `canaries seal --rotate` 生成的检查点（新旧密钥共同签名）作见证",
            ),
            WitnessError::Rollback { .. } | WitnessError::Fork { .. } => Pair::new(
                "nothing was signed; keep this note: with the one that was signed before it shows what was done",
                "未签名；请保留此检查点：它与此前签过的检查点一起即为证据",
            ),
            WitnessError::NoProof { seen, .. } | WitnessError::OtherProof { seen, .. } => Pair::new(
                format!(
                    "ask the operator for `canaries witness request --since {seen} -o DIR`, and give its proof with --proof"
                ),
                format!(
                    "请操作方运行 `canaries witness request --since {seen} -o 文件夹`，并用 --proof 给出其中的证明"
                ),
            ),
            WitnessError::Beyond { .. } => {
                Pair::new("make a checkpoint with `canaries seal` first", "请先用 `canaries seal` 签署检查点")
            }
            WitnessError::Known { .. } => Pair::new("nothing needs to be done", "无需再做任何事"),
            WitnessError::NotOfTheLog { .. }
            | WitnessError::NotAProof { .. }
            | WitnessError::NotAState { .. }
            | WitnessError::OtherCheckpoint { .. } => {
                Pair::new("give the file as it was written, unchanged", "请给出未经改动的原文件")
            }
        })
    }
}
