//! What can be wrong with a ledger, told in both languages.
//!
//! A fault is a finding, not a failure: the check goes on after it.

use crate::lang::{Pair, Speak};
use crate::ledger::{LedgerError, NoteError};

/// One thing that a check found wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// In SQLite's own words.
    #[error("database page: {line}")]
    Page { line: String },
    #[error("{part}: is not as it was made")]
    PartChanged { part: String },
    #[error("{part}: missing")]
    PartMissing { part: String },
    #[error("{part}: does not belong into a ledger")]
    PartForeign { part: String },
    #[error("entry {index}: missing (the next one found is {next})")]
    EntryMissing { index: u64, next: i64 },
    #[error("entry {index}: {source}")]
    EntryUnreadable { index: i64, source: LedgerError },
    #[error("entry {index}: does not follow from those before it ({source})")]
    EntryUnfounded { index: i64, source: rusqlite::Error },
    #[error("entry {index}: no head covers it")]
    EntryUncovered { index: i64 },
    #[error("head {size}: the root does not follow from the entries")]
    HeadWrong { size: i64 },
    #[error("head {size}: its entries are missing")]
    HeadWithoutEntries { size: i64 },
    #[error("entry {index}: the checkpoint in it is not over the entries before it, or not signed by the ledger's key")]
    SealWrong { index: i64 },
    #[error("entry {index}: the new key is not confirmed by a checkpoint that both keys signed")]
    KeyUnproven { index: i64 },
    #[error("entry {index}: the witness's signature in it is not over an earlier checkpoint of this ledger")]
    WitnessWrong { index: i64 },
    #[error("checkpoint `{name}`: {source}")]
    KeptRefused { name: String, source: NoteError },
    #[error(
        "checkpoint `{name}` covers {size} entries, but the ledger has only {entries}: an old copy, or its tail is gone"
    )]
    KeptBeyond { name: String, size: u64, entries: u64 },
    #[error("checkpoint `{name}`: the first {size} entries are not those it was signed over")]
    KeptDiffers { name: String, size: u64 },
    #[error("table `{table}`, row {row}: differs from the entries")]
    RowDiffers { table: &'static str, row: u64 },
    #[error("table `{table}`, row {row}: no entry tells of it")]
    RowUnfounded { table: &'static str, row: u64 },
    #[error("table `{table}`, row {row}: missing, though an entry tells of it")]
    RowMissing { table: &'static str, row: u64 },
    /// Of entries that cannot be opened only their kind is known.
    #[error("table `used`: {tags} tags, {found} of numbers; the entries imply {least} to {most}, {numbers} of numbers")]
    TagsWrong { tags: u64, least: u64, most: u64, found: u64, numbers: u64 },
}

impl Speak for Fault {
    fn zh(&self) -> String {
        match self {
            Fault::Page { line } => format!("数据库页：{line}"),
            Fault::PartChanged { part } => format!("{part}：与建立时不同"),
            Fault::PartMissing { part } => format!("{part}：缺失"),
            Fault::PartForeign { part } => format!("{part}：不属于台账"),
            Fault::EntryMissing { index, next } => format!("第 {index} 条：缺失（找到的下一条是第 {next} 条）"),
            Fault::EntryUnreadable { index, source } => format!("第 {index} 条：{}", source.zh()),
            Fault::EntryUnfounded { index, source } => format!("第 {index} 条：与之前的条目不相承（{source}）"),
            Fault::EntryUncovered { index } => format!("第 {index} 条：没有树头包含它"),
            Fault::HeadWrong { size } => format!("树头 {size}：根与条目不符"),
            Fault::HeadWithoutEntries { size } => format!("树头 {size}：缺少它所包含的条目"),
            Fault::SealWrong { index } => {
                format!("第 {index} 条：其中的检查点与之前的条目不符，或并非由台账密钥签名")
            }
            Fault::KeyUnproven { index } => format!("第 {index} 条：新密钥没有经新旧两把密钥共同签名的检查点确认"),
            Fault::WitnessWrong { index } => {
                format!("第 {index} 条：其中见证方的签名并非针对本台账此前的检查点")
            }
            Fault::KeptRefused { name, source } => format!("检查点 `{name}`：{}", source.zh()),
            Fault::KeptBeyond { name, size, entries } => {
                format!("检查点 `{name}` 包含 {size} 条，而台账只有 {entries} 条：是旧副本，或末尾已丢失")
            }
            Fault::KeptDiffers { name, size } => format!("检查点 `{name}`：前 {size} 条并非其签名时的条目"),
            Fault::RowDiffers { table, row } => format!("表 `{table}` 第 {row} 行：与条目不符"),
            Fault::RowUnfounded { table, row } => format!("表 `{table}` 第 {row} 行：没有条目记载它"),
            Fault::RowMissing { table, row } => format!("表 `{table}` 第 {row} 行：缺失，但有条目记载它"),
            Fault::TagsWrong { tags, least, most, found, numbers } => format!(
                "表 `used`：有 {tags} 个标记，其中 {found} 个属于号码；按条目应有 {least} 至 {most} 个，其中 {numbers} 个属于号码"
            ),
        }
    }

    /// What to do does not depend on the fault.
    fn hint(&self) -> Option<Pair> {
        None
    }
}

impl Fault {
    /// Gives both wordings.
    pub fn told(&self) -> Pair {
        Pair::new(self.to_string(), self.zh())
    }
}
