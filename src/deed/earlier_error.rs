//! Why a list that comes again cannot be planted into as the earlier copies of it ask for.

use std::path::PathBuf;

use crate::holder::HolderId;
use crate::id::PlantingId;
use crate::lang::{Pair, Speak};
use crate::plant::PlantError;

/// Why canaries cannot be put back, or no new ones put beside them.
#[derive(Debug, thiserror::Error)]
pub enum EarlierError {
    #[error(
        "`{path}` has most of the columns of an earlier list for `{id}`, whose canaries must be put back, and the ledger is locked"
    )]
    Unread { path: PathBuf, id: HolderId },
    #[error("canaries of earlier copies cannot be put back into `{path}`: column `{column}` is new")]
    NewColumn { path: PathBuf, column: String },
    #[error(
        "`{path}` has the rows of an earlier copy for `{id}` (planting `{planting}`), but all are written otherwise now: its canaries cannot be put back"
    )]
    Changed { path: PathBuf, id: HolderId, planting: PlantingId },
    #[error("what the ledger keeps of the rows of planting `{planting}` cannot be read")]
    KnownUnreadable { planting: PlantingId },
    #[error("no canary of an earlier copy has its place in `{path}`, and no new one is asked for")]
    NothingToKeep { path: PathBuf },
    #[error(
        "`{path}` without its canaries is not the list of planting `{planting}`: its columns were taken to mean something else then"
    )]
    OtherColumns { path: PathBuf, planting: PlantingId },
    #[error("canaries cannot be planted among the rows of `{path}` that no earlier copy had")]
    AmongOld { path: PathBuf, source: PlantError },
}

impl Speak for EarlierError {
    fn zh(&self) -> String {
        match self {
            EarlierError::Unread { path, id } => {
                format!("`{}` 的列与此前给 `{id}` 的名单大多相同，其中的蜜标须放回原位，而台账已加锁", path.display())
            }
            EarlierError::NewColumn { path, column } => {
                format!("无法把此前各期的蜜标放回 `{}`：列 `{column}` 是新增的", path.display())
            }
            EarlierError::Changed { path, id, planting } => {
                format!(
                    "`{}` 含有此前给 `{id}` 的副本（投放 `{planting}`）的各行，但写法都变了：其中的蜜标无法放回原位",
                    path.display()
                )
            }
            EarlierError::KnownUnreadable { planting } => format!("无法读取台账中投放 `{planting}` 的原有各行"),
            EarlierError::NothingToKeep { path } => {
                format!("`{}` 中没有此前各期蜜标的位置，也未要求新增蜜标", path.display())
            }
            EarlierError::OtherColumns { path, planting } => {
                format!("`{}` 去掉蜜标后并不是投放 `{planting}` 的原名单：当时对各列含义的理解不同", path.display())
            }
            EarlierError::AmongOld { path, source } => {
                format!("`{}` 中此前各期没有的那些行里无法投放蜜标：{}", path.display(), source.zh())
            }
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            EarlierError::Unread { .. } => Pair::new(
                "plant it with --identity FILE; or with --unrelated, if it has no row in common with earlier lists: otherwise the difference of the two copies names every canary",
                "请加 --identity 文件 投放；若它与此前的名单没有相同的行，可加 --unrelated：否则两份副本相减即可看出全部蜜标",
            ),
            EarlierError::NewColumn { column, .. } => Pair::new(
                format!(
                    "leave `{column}` out of the list; or plant it with --unrelated: whoever has an earlier copy too then sees which rows are gone and which came among the old ones"
                ),
                format!(
                    "请去掉 `{column}` 列；或加 --unrelated 投放：但持有此前副本的人就能看出哪些行消失、哪些混在旧行里"
                ),
            ),
            EarlierError::Changed { .. } => Pair::new(
                "give the list in the same form as before: the same columns, dates, phones and figures written alike; with --unrelated it is planted all the same, and whoever has both copies sees by comparing them which rows are canaries",
                "请按此前的样式提供名单：列相同，日期、电话、数字的写法相同；加 --unrelated 仍可投放，但同时持有两份副本的人一比较就能看出哪些行是蜜标",
            ),
            EarlierError::OtherColumns { .. } => {
                Pair::new("pass the --map that it was planted with", "请加上投放时所用的 --map")
            }
            EarlierError::KnownUnreadable { .. } => Pair::new("run `canaries verify`", "请运行 `canaries verify`"),
            EarlierError::NothingToKeep { .. } => {
                Pair::new("ask for some with --count N", "请用 --count N 指定新增数量")
            }
            EarlierError::AmongOld { .. } => Pair::new(
                "ask for fewer, or wait for an export with more new rows; with --unrelated they go anywhere, and whoever has an earlier copy too sees them among the old rows",
                "请减少数量，或等新增行更多的下一期；加 --unrelated 可投放在任何位置，但持有此前副本的人会在旧行之间看出它们",
            ),
        })
    }
}
