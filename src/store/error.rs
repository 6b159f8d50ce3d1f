//! Why the ledger cannot be opened, read or written.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::id::CanaryId;
use crate::lang::{Pair, Speak};
use crate::ledger::LedgerError;

/// Why the store refuses or fails.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no ledger at `{path}`")]
    Missing { path: PathBuf },
    #[error("the ledger's key `{path}` is missing")]
    KeyMissing { path: PathBuf },
    #[error("cannot read the ledger's key `{path}`")]
    KeyUnreadable { path: PathBuf, source: std::io::Error },
    #[error("`{path}` exists already")]
    Exists { path: PathBuf },
    #[error("`{path}` is not a ledger of canaries")]
    NotALedger { path: PathBuf },
    #[error("the ledger `{path}` was written by a newer version of canaries (format {version})")]
    Newer { path: PathBuf, version: i64 },
    #[error("SQLite {found} is too old for the ledger")]
    OldSqlite { found: String },
    #[error("the ledger `{path}` is being used by another program")]
    Busy { path: PathBuf },
    #[error("the ledger `{path}` is read-only")]
    ReadOnly { path: PathBuf },
    #[error("there is no room left for the ledger `{path}`")]
    Full { path: PathBuf },
    #[error("the ledger `{path}` is damaged")]
    Damaged { path: PathBuf, source: rusqlite::Error },
    #[error("cannot use the ledger `{path}`")]
    Sql { path: PathBuf, source: rusqlite::Error },
    #[error("cannot write `{path}`")]
    File { path: PathBuf, source: std::io::Error },
    #[error("entry {index} of the ledger cannot be read")]
    Entry { index: u64, source: LedgerError },
    #[error("the tree head of the ledger does not fit its entries")]
    BadHead,
    #[error("`{canary}` is missing from the tables of the ledger")]
    NoSuchCanary { canary: CanaryId },
    #[error("the key that signs the ledger is not in `{path}`")]
    KeyForeign { path: PathBuf },
    #[error("the ledger `{path}` is locked: this can be shown only to its investigator")]
    Locked { path: PathBuf },
    #[error("the identity in `{path}` does not open this ledger")]
    WrongIdentity { path: PathBuf },
    #[error("cannot read an age identity from `{path}`")]
    IdentityUnreadable { path: PathBuf, source: std::io::Error },
    #[error("what was given is not a public key of age")]
    NotARecipient,
    #[error("the ledger does not continue its last checkpoint, of {size} entries; nothing was signed")]
    NotContinued { size: u64 },
}

impl StoreError {
    /// Tells what a SQLite error on the ledger at `path` means.
    pub(super) fn of(path: &std::path::Path, source: rusqlite::Error) -> StoreError {
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
            Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { path },
            Some(ErrorCode::DiskFull) => StoreError::Full { path },
            Some(ErrorCode::NotADatabase) => StoreError::NotALedger { path },
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, source },
            Some(_) | None => StoreError::Sql { path, source },
        }
    }
}

impl Speak for StoreError {
    fn zh(&self) -> String {
        match self {
            StoreError::Missing { path } => format!("`{}` 处没有台账", path.display()),
            StoreError::KeyMissing { path } => format!("缺少台账的密钥 `{}`", path.display()),
            StoreError::KeyUnreadable { path, .. } => format!("无法读取台账的密钥 `{}`", path.display()),
            StoreError::Exists { path } => format!("`{}` 已存在", path.display()),
            StoreError::NotALedger { path } => format!("`{}` 不是 canaries 的台账", path.display()),
            StoreError::Newer { path, version } => {
                format!("台账 `{}` 由更新版本的 canaries 写成（格式 {version}）", path.display())
            }
            StoreError::OldSqlite { found } => format!("SQLite {found} 太旧，不能用于台账"),
            StoreError::Busy { path } => format!("台账 `{}` 正被其他程序使用", path.display()),
            StoreError::ReadOnly { path } => format!("台账 `{}` 是只读的", path.display()),
            StoreError::Full { path } => format!("台账 `{}` 所在磁盘已满", path.display()),
            StoreError::Damaged { path, .. } => format!("台账 `{}` 已损坏", path.display()),
            StoreError::Sql { path, .. } => format!("无法使用台账 `{}`", path.display()),
            StoreError::File { path, .. } => format!("无法写入 `{}`", path.display()),
            StoreError::Entry { index, .. } => format!("台账第 {index} 条无法读取"),
            StoreError::NoSuchCanary { canary } => format!("台账的表中缺少 `{canary}`"),
            StoreError::BadHead => "台账的树根与条目不符".to_string(),
            StoreError::KeyForeign { path } => format!("`{}` 中没有为台账签名的密钥", path.display()),
            StoreError::Locked { path } => format!("台账 `{}` 已加锁：此内容只能给其调查人看", path.display()),
            StoreError::WrongIdentity { path } => format!("`{}` 中的身份打不开此台账", path.display()),
            StoreError::IdentityUnreadable { path, .. } => format!("无法从 `{}` 读取 age 身份", path.display()),
            StoreError::NotARecipient => "所给的不是 age 公钥".to_string(),
            StoreError::NotContinued { size } => format!("台账与其最近的检查点（{size} 条）不相承；未签名"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            StoreError::Missing { .. } => Pair::new(
                "make one with `canaries init`, or name another with --db",
                "请用 `canaries init` 建立，或用 --db 指定",
            ),
            StoreError::KeyMissing { .. } => Pair::new(
                "put it back beside the ledger: without it, next month's copy could not keep this month's canaries",
                "请把密钥放回台账旁：没有它，下月的副本无法保留本月的蜜标",
            ),
            StoreError::Exists { .. } => {
                Pair::new("nothing was changed; choose another place", "未作任何改动；请另选位置")
            }
            StoreError::NotALedger { .. } => Pair::new("name the ledger with --db", "请用 --db 指明台账"),
            StoreError::Newer { .. } => Pair::new("install the newer version of canaries", "请安装更新版本的 canaries"),
            StoreError::OldSqlite { .. } => Pair::new(
                "build canaries with its bundled SQLite (3.51.3 or later: earlier ones can lose committed rows)",
                "请用自带的 SQLite 构建 canaries（须 3.51.3 以上：更早的版本可能丢失已提交的数据）",
            ),
            StoreError::Busy { .. } => Pair::new("wait until it has finished and try again", "请等它结束后重试"),
            StoreError::ReadOnly { .. } => {
                Pair::new("make the file and its folder writable for you", "请使该文件及其文件夹可写")
            }
            StoreError::Full { .. } => Pair::new("free some space and try again", "请腾出空间后重试"),
            StoreError::Locked { .. } => Pair::new(
                "unlock it with --identity FILE, or CANARIES_IDENTITY: the age identity file that belongs to the key given to `init --investigator`",
                "请用 --identity 文件（或 CANARIES_IDENTITY）开锁：即与 `init --investigator` 所给公钥相配的 age 身份文件",
            ),
            StoreError::WrongIdentity { .. } => Pair::new(
                "give the identity that belongs to the key the ledger was locked to; nothing was shown",
                "请给出与加锁公钥相配的身份；未显示任何内容",
            ),
            StoreError::IdentityUnreadable { .. } => Pair::new(
                "give a file made by `age-keygen -o FILE`, not protected by a passphrase",
                "请给出由 `age-keygen -o 文件` 生成、未设口令的文件",
            ),
            StoreError::NotARecipient => Pair::new(
                "give the line `age1…` that `age-keygen` prints as public key; never the secret one",
                "请给出 `age-keygen` 显示的公钥 `age1…`；切勿给出私钥",
            ),
            StoreError::KeyForeign { .. } => Pair::new(
                "put the key file that belongs to this ledger beside it, under the ledger's name ending in .key",
                "请把属于该台账的密钥文件放在台账旁，文件名与台账相同、以 .key 结尾",
            ),
            StoreError::Damaged { .. }
            | StoreError::Entry { .. }
            | StoreError::NotContinued { .. }
            | StoreError::BadHead
            | StoreError::NoSuchCanary { .. } => Pair::new(
                "copy the file aside, run `canaries verify`, and restore the last good backup",
                "请先另存该文件，运行 `canaries verify`，并恢复最近的完好备份",
            ),
            StoreError::Sql { .. } | StoreError::File { .. } | StoreError::KeyUnreadable { .. } => {
                Pair::new("check the path, its folder and your rights to them", "请检查路径、所在文件夹及访问权限")
            }
        })
    }
}
