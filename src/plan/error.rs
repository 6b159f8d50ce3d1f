//! Why a plan cannot be made.

use crate::holder::{HolderError, HolderId};
use crate::lang::{Pair, Speak};

use super::allocate::PAIRS_MAX;
use super::chance::ROWS_MAX;

/// Why figures are refused, or a plan cannot be made.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PlanError {
    #[error(transparent)]
    Holder(#[from] HolderError),
    #[error("a list of {rows} rows cannot be reckoned with")]
    Rows { rows: u64 },
    #[error("{canaries} canaries cannot stand in {rows} rows")]
    CanariesBeyondRows { canaries: u64, rows: u64 },
    #[error("{calls} calls are more than the {rows} rows there are")]
    CallsBeyondRows { calls: u64, rows: u64 },
    #[error("there is no holder to plan for")]
    NoHolders,
    #[error("a chance of {chance} is out of reach: with {numbers} more numbers it is {reached:.3}")]
    OutOfReach { chance: f64, numbers: usize, reached: f64 },
    #[error("{holders} holders share canaries with each other in more than {PAIRS_MAX} pairs")]
    Tangled { holders: usize },
    #[error("{asked} numbers cannot be taken out: only {there} planted ones ring")]
    TooFewPlanted { asked: usize, there: usize },
    #[error("there is no holder `{id}`")]
    UnknownHolder { id: HolderId },
    #[error("holder `{id}` exists already")]
    HolderExists { id: HolderId },
}

impl Speak for PlanError {
    fn zh(&self) -> String {
        match self {
            PlanError::Holder(error) => error.zh(),
            PlanError::Rows { rows } => format!("无法按 {rows} 行的名单计算"),
            PlanError::CanariesBeyondRows { canaries, rows } => format!("{rows} 行中放不下 {canaries} 条蜜标"),
            PlanError::CallsBeyondRows { calls, rows } => format!("{calls} 通电话多于名单的 {rows} 行"),
            PlanError::NoHolders => "没有可规划的持有方".to_string(),
            PlanError::OutOfReach { chance, numbers, reached } => {
                format!("达不到 {chance} 的概率：再加 {numbers} 个号码也只有 {reached:.3}")
            }
            PlanError::Tangled { holders } => {
                format!("{holders} 个持有方之间共有蜜标的组合超过 {PAIRS_MAX} 对")
            }
            PlanError::TooFewPlanted { asked, there } => {
                format!("无法停用 {asked} 个号码：已投放且在用的只有 {there} 个")
            }
            PlanError::UnknownHolder { id } => format!("没有持有方 `{id}`"),
            PlanError::HolderExists { id } => format!("持有方 `{id}` 已存在"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            PlanError::Holder(error) => return error.hint(),
            PlanError::Rows { .. } => {
                Pair::new(format!("--rows is 1 to {ROWS_MAX}"), format!("--rows 为 1 到 {ROWS_MAX}"))
            }
            PlanError::CanariesBeyondRows { .. } => {
                Pair::new("--rows counts all rows of the list, canaries included", "--rows 是名单的全部行数，含蜜标")
            }
            PlanError::CallsBeyondRows { .. } => {
                Pair::new("a row is called once: --calls is at most --rows", "每行只打一次：--calls 不多于 --rows")
            }
            PlanError::NoHolders => Pair::new(
                "add one with `canaries holder add ID --name TEXT`, or try one with --with-holder ID",
                "请用 `canaries holder add ID --name 名称` 添加，或用 --with-holder ID 试算",
            ),
            PlanError::OutOfReach { .. } => Pair::new(
                "ask for less, or raise --told or --days if callers are heard better or for longer",
                "请降低要求；若来电听得更清或时间更长，可提高 --told 或 --days",
            ),
            PlanError::Tangled { .. } => Pair::new(
                "plan for a part of the holders in a ledger of their own",
                "请把一部分持有方放在另一个台账中规划",
            ),
            PlanError::TooFewPlanted { .. } => Pair::new(
                "`canaries number list --state planted` shows them",
                "`canaries number list --state planted` 可列出",
            ),
            PlanError::UnknownHolder { .. } => Pair::new(
                "`canaries holder list` shows all; --with-holder ID adds one for this plan",
                "`canaries holder list` 可列出全部；--with-holder ID 可为本次规划添加一个",
            ),
            PlanError::HolderExists { .. } => Pair::new("leave --with-holder out", "请去掉 --with-holder"),
        })
    }
}
