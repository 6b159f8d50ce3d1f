//! Why a deed was not done.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::earlier_error::EarlierError;
use super::list_fault::ListFault;
use super::proof_error::ProofError;
use super::receipt::ReceiptError;
use super::scan::ScanError;
use super::witness_error::WitnessError;
use crate::hit::calls::CallError;
use crate::hit::{CampaignId, rfc3339};
use crate::holder::{HolderError, HolderId};
use crate::id::{IdError, PlantingId};
use crate::lang::{Pair, Speak};
use crate::list::SniffError;
use crate::list::fresh::FreshError;
use crate::phone::{Number, PhoneError};
use crate::plan::PlanError;
use crate::plant::PlantError;
use crate::store::StoreError;

/// Why a deed was refused or failed; the ledger is then as it was, or says what became of it.
#[derive(Debug, thiserror::Error)]
pub enum DeedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Holder(#[from] HolderError),
    #[error(transparent)]
    Phone(#[from] PhoneError),
    #[error(transparent)]
    Id(#[from] IdError),
    #[error(transparent)]
    ContactKind(#[from] crate::hit::NoSuchKind),
    #[error(transparent)]
    NotACaller(#[from] crate::hit::NotACaller),
    #[error(transparent)]
    NotListed(#[from] crate::hit::NotListed),
    #[error(transparent)]
    Scan(#[from] ScanError),
    #[error(transparent)]
    CallRow(#[from] CallError),
    #[error("`{path}` was not imported")]
    CallFile { path: PathBuf, source: CallError },
    #[error("a contact that was just written is not on record")]
    ContactLost,
    #[error("cannot read `{path}`")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write `{path}`")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot write into the folder `{path}`")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("`{path}` exists already")]
    OutputExists { path: PathBuf },
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Fresh(#[from] FreshError),
    #[error(transparent)]
    Sniff(#[from] SniffError),
    #[error("cannot use the list `{path}`")]
    List { path: PathBuf, source: ListFault },
    #[error("cannot use map file `{path}`")]
    Map { path: PathBuf, source: crate::list::LayoutError },
    #[error(transparent)]
    Earlier(#[from] EarlierError),
    #[error("canaries cannot be planted in `{path}`")]
    Plant { path: PathBuf, source: PlantError },
    #[error("number `{number}` was given to another planting meanwhile")]
    NumberTaken { number: Number },
    #[error("there is no campaign `{id}`")]
    NoSuchCampaign { id: CampaignId },
    #[error("the time asked about ends at {}, before it begins at {}", rfc3339(.until), rfc3339(.since))]
    EndsBeforeItBegins { since: DateTime<Utc>, until: DateTime<Utc> },
    #[error("planting `{planting}` is not in the ledger")]
    PlantingLost { planting: PlantingId },
    #[error("`{path}` cannot be the name of an output")]
    BadOutput { path: PathBuf },
    #[error("several recipients cannot share the one output `{path}`")]
    OneOutputForMany { path: PathBuf },
    #[error("holder `{id}` is named twice")]
    HolderTwice { id: HolderId },
    #[error("what the ledger keeps to undo `{path}` cannot be read")]
    UndoUnreadable { path: PathBuf },
    #[error("`{path}` is not a file")]
    NotAFile { path: PathBuf },
    #[error("cannot read the import file `{path}`")]
    ImportFile { path: PathBuf, source: csv::Error },
    #[error("`{path}` has no column `{column}`{}", if seen.is_empty() { String::new() } else { format!(" (it has: {})", seen.join(", ")) })]
    ImportColumn { path: PathBuf, column: &'static str, seen: Vec<String> },
    #[error("`{path}`, line {line}: column `{column}` is empty or cannot be read")]
    ImportCell { path: PathBuf, line: u64, column: &'static str },
    #[error("`{path}`, line {line}: this holder or flow is refused")]
    ImportHolder { path: PathBuf, line: u64, source: HolderError },
    #[error("`{path}`, line {line}: this number is refused")]
    ImportNumber { path: PathBuf, line: u64, source: PhoneError },
    #[error("there is no holder `{id}`")]
    UnknownHolder { id: HolderId },
    #[error("holder `{id}` exists already")]
    HolderExists { id: HolderId },
    #[error("the flow from `{from}` to `{to}` is declared already")]
    FlowExists { from: HolderId, to: HolderId },
    #[error("number `{number}` is in the pool already{}", at_line(*.line))]
    NumberExists { number: Number, line: Option<u64> },
    #[error("number `{number}` is not in the pool")]
    NotInPool { number: Number },
    #[error("number `{number}` is retired already")]
    RetiredAlready { number: Number },
    #[error(transparent)]
    Proof(#[from] ProofError),
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    #[error(transparent)]
    Witness(#[from] WitnessError),
    #[error("{asked} numbers are asked for, but only {free} are free")]
    TooFewNumbers { asked: usize, free: usize },
}

fn at_line(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(" (line {line} of the file)"))
}

/// Says what to do where a file has no room to grow.
fn no_room(source: &std::io::Error) -> Option<Pair> {
    match source.kind() {
        std::io::ErrorKind::StorageFull => Some(disk_is_full()),
        std::io::ErrorKind::FileTooLarge => Some(Pair::new(
            "raise the limit on the size of files (`ulimit -f`), or choose another disk",
            "请放宽文件大小限制（`ulimit -f`），或换一个磁盘",
        )),
        _ => None,
    }
}

fn disk_is_full() -> Pair {
    Pair::new("the disk is full: free some space and try again", "磁盘已满：请腾出空间后重试")
}

fn no_folder() -> Pair {
    Pair::new(
        "make the folder, or choose one that you may write to; nothing was written",
        "请建立该文件夹，或另选可写的文件夹；未写出任何内容",
    )
}

fn in_the_way() -> Pair {
    Pair::new(
        "a folder lies where the unfinished copy has its place: move it away and run again",
        "未完成副本的位置上有一个文件夹：请移走后重新运行",
    )
}

impl DeedError {
    /// Gives the error of a step below that this one only passes on, with its own words.
    fn told_by(&self) -> Option<&dyn Speak> {
        Some(match self {
            DeedError::Store(error) => error,
            DeedError::Holder(error) => error,
            DeedError::Phone(error) => error,
            DeedError::Id(error) => error,
            DeedError::ContactKind(error) => error,
            DeedError::NotACaller(error) => error,
            DeedError::NotListed(error) => error,
            DeedError::Scan(error) => error,
            DeedError::CallRow(error) => error,
            DeedError::Plan(error) => error,
            DeedError::Fresh(error) => error,
            DeedError::Sniff(error) => error,
            DeedError::CallFile { source, .. } => source,
            DeedError::ImportHolder { source, .. } => source,
            DeedError::ImportNumber { source, .. } => source,
            DeedError::List { source, .. } => source,
            DeedError::Map { source, .. } => source,
            DeedError::Plant { source, .. } => source,
            DeedError::Receipt(error) => error,
            DeedError::Witness(error) => error,
            DeedError::Proof(error) => error,
            DeedError::Earlier(error) => error,
            DeedError::ContactLost
            | DeedError::Read { .. }
            | DeedError::Write { .. }
            | DeedError::Folder { .. }
            | DeedError::OutputExists { .. }
            | DeedError::NumberTaken { .. }
            | DeedError::NoSuchCampaign { .. }
            | DeedError::EndsBeforeItBegins { .. }
            | DeedError::PlantingLost { .. }
            | DeedError::BadOutput { .. }
            | DeedError::OneOutputForMany { .. }
            | DeedError::HolderTwice { .. }
            | DeedError::UndoUnreadable { .. }
            | DeedError::NotAFile { .. }
            | DeedError::ImportFile { .. }
            | DeedError::ImportColumn { .. }
            | DeedError::ImportCell { .. }
            | DeedError::UnknownHolder { .. }
            | DeedError::HolderExists { .. }
            | DeedError::FlowExists { .. }
            | DeedError::NumberExists { .. }
            | DeedError::NotInPool { .. }
            | DeedError::RetiredAlready { .. }
            | DeedError::TooFewNumbers { .. } => return None,
        })
    }
}

impl Speak for DeedError {
    fn zh(&self) -> String {
        match self {
            DeedError::Store(_)
            | DeedError::Holder(_)
            | DeedError::Phone(_)
            | DeedError::Id(_)
            | DeedError::ContactKind(_)
            | DeedError::NotACaller(_)
            | DeedError::NotListed(_)
            | DeedError::Scan(_)
            | DeedError::CallRow(_)
            | DeedError::Plan(_)
            | DeedError::Fresh(_)
            | DeedError::Receipt(_)
            | DeedError::Witness(_)
            | DeedError::Proof(_)
            | DeedError::Earlier(_)
            | DeedError::Sniff(_) => self.told_by().map(Speak::zh).unwrap_or_default(),
            DeedError::CallFile { path, source } => format!("`{}` 未导入：{}", path.display(), source.zh()),
            DeedError::ContactLost => "刚写入的来电未在台账中找到".to_string(),
            DeedError::Read { path, .. } => format!("无法读取 `{}`", path.display()),
            DeedError::Write { path, .. } => format!("无法写入 `{}`", path.display()),
            DeedError::Folder { path, .. } => format!("无法写入文件夹 `{}`", path.display()),
            DeedError::OutputExists { path } => format!("`{}` 已存在", path.display()),
            DeedError::Map { path, source } => format!("无法使用映射文件 `{}`：{}", path.display(), source.zh()),
            DeedError::List { path, source } => format!("无法使用名单 `{}`：{}", path.display(), source.zh()),
            DeedError::Plant { path, source } => format!("无法在 `{}` 中投放蜜标：{}", path.display(), source.zh()),
            DeedError::NumberTaken { number } => format!("号码 `{number}` 同时被另一次投放占用"),
            DeedError::NoSuchCampaign { id } => format!("没有批次 `{id}`"),
            DeedError::EndsBeforeItBegins { since, until } => {
                format!("所问时段的结束 {} 早于开始 {}", rfc3339(until), rfc3339(since))
            }
            DeedError::PlantingLost { planting } => format!("台账中没有投放 `{planting}`"),
            DeedError::BadOutput { path } => format!("`{}` 不能作为输出文件名", path.display()),
            DeedError::OneOutputForMany { path } => format!("多个接收人不能共用一个输出文件 `{}`", path.display()),
            DeedError::HolderTwice { id } => format!("持有方 `{id}` 写了两次"),
            DeedError::UndoUnreadable { path } => format!("无法读取台账中还原 `{}` 所需的内容", path.display()),
            DeedError::NotAFile { path } => format!("`{}` 不是文件", path.display()),
            DeedError::ImportFile { path, .. } => format!("无法读取导入文件 `{}`", path.display()),
            DeedError::ImportColumn { path, column, seen } => {
                let seen = if seen.is_empty() { String::new() } else { format!("（现有：{}）", seen.join("、")) };
                format!("`{}` 没有 `{column}` 列{seen}", path.display())
            }
            DeedError::ImportCell { path, line, column } => {
                format!("`{}` 第 {line} 行：`{column}` 列为空或无法读取", path.display())
            }
            DeedError::ImportHolder { path, line, source } => {
                format!("`{}` 第 {line} 行：{}", path.display(), source.zh())
            }
            DeedError::ImportNumber { path, line, source } => {
                format!("`{}` 第 {line} 行：{}", path.display(), source.zh())
            }
            DeedError::UnknownHolder { id } => format!("没有持有方 `{id}`"),
            DeedError::HolderExists { id } => format!("持有方 `{id}` 已存在"),
            DeedError::FlowExists { from, to } => format!("从 `{from}` 到 `{to}` 的流向已声明过"),
            DeedError::NumberExists { number, line: Some(line) } => {
                format!("号码 `{number}` 已在号码池中（文件第 {line} 行）")
            }
            DeedError::NumberExists { number, line: None } => format!("号码 `{number}` 已在号码池中"),
            DeedError::NotInPool { number } => format!("号码 `{number}` 不在号码池中"),
            DeedError::RetiredAlready { number } => format!("号码 `{number}` 已经停用"),
            DeedError::TooFewNumbers { asked, free } => format!("需要 {asked} 个号码，但只有 {free} 个空闲"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        self.told_by().map_or_else(|| self.own_hint(), |error| error.hint())
    }
}

impl DeedError {
    /// Says what to do about an error that is not only passed on.
    fn own_hint(&self) -> Option<Pair> {
        Some(match self {
            DeedError::Store(_)
            | DeedError::Holder(_)
            | DeedError::Phone(_)
            | DeedError::Id(_)
            | DeedError::ContactKind(_)
            | DeedError::NotACaller(_)
            | DeedError::NotListed(_)
            | DeedError::Scan(_)
            | DeedError::CallRow(_)
            | DeedError::Plan(_)
            | DeedError::Fresh(_)
            | DeedError::Receipt(_)
            | DeedError::Witness(_)
            | DeedError::Proof(_)
            | DeedError::Earlier(_)
            | DeedError::Sniff(_)
            | DeedError::CallFile { .. }
            | DeedError::ImportHolder { .. }
            | DeedError::ImportNumber { .. }
            | DeedError::List { .. }
            | DeedError::Map { .. }
            | DeedError::Plant { .. } => return None,
            DeedError::Write { source, .. } if no_room(source).is_some() => return no_room(source),
            DeedError::Write { source, .. } if source.kind() == std::io::ErrorKind::IsADirectory => in_the_way(),
            DeedError::Read { .. } | DeedError::Write { .. } | DeedError::NotAFile { .. } => {
                Pair::new("check the path and your rights to it", "请检查路径及访问权限")
            }
            DeedError::NoSuchCampaign { .. } => Pair::new("see `canaries hit list`", "见 `canaries hit list`"),
            DeedError::EndsBeforeItBegins { .. } => Pair::new("swap --since and --until", "请对调 --since 与 --until"),
            DeedError::NumberTaken { .. } => Pair::new("run again; nothing was planted", "请重新运行；未作投放"),
            DeedError::ContactLost | DeedError::PlantingLost { .. } | DeedError::UndoUnreadable { .. } => {
                Pair::new("run `canaries verify`", "请运行 `canaries verify`")
            }
            DeedError::BadOutput { .. } => Pair::new(
                "give a file name with -o; seeded copies cannot go to standard output, because the ledger must know a file before it exists",
                "请用 -o 给出文件名；投放副本不能写到标准输出，因为台账须先于文件存在",
            ),
            DeedError::OneOutputForMany { .. } => Pair::new(
                "put {holder} into the name: -o 'out/{holder}.csv'",
                "请在文件名中写入 {holder}:-o 'out/{holder}.csv'",
            ),
            DeedError::Folder { .. } => no_folder(),
            DeedError::OutputExists { .. } => Pair::new(
                "nothing is ever overwritten: move it away or choose another name with -o",
                "本程序从不覆盖文件：请移走它，或用 -o 另取名称",
            ),
            DeedError::ImportFile { .. } | DeedError::ImportColumn { .. } | DeedError::ImportCell { .. } => Pair::new(
                "mend it (CSV with a header line, UTF-8) and import it again; nothing was imported",
                "请改正（带标题行的 UTF-8 CSV）后重新导入；未导入任何内容",
            ),
            DeedError::UnknownHolder { .. } => Pair::new(
                "`canaries holder list` shows all; add one with `canaries holder add ID --name TEXT`",
                "`canaries holder list` 可列出全部；用 `canaries holder add ID --name 名称` 添加",
            ),
            DeedError::HolderExists { .. } => Pair::new("choose another id", "请另选编号"),
            DeedError::HolderTwice { .. } => Pair::new("name each recipient once", "每个接收人只写一次"),
            DeedError::FlowExists { .. } => Pair::new("nothing needs to be done", "无需再做任何事"),
            DeedError::NumberExists { .. } => Pair::new("leave it out; nothing was added", "请去掉它；未添加任何号码"),
            DeedError::NotInPool { .. } | DeedError::RetiredAlready { .. } => {
                Pair::new("`canaries number list` shows the pool", "`canaries number list` 可列出号码池")
            }
            DeedError::TooFewNumbers { .. } => Pair::new(
                "import more with `canaries number import FILE`, or ask for fewer",
                "请用 `canaries number import FILE` 导入更多号码，或减少数量",
            ),
        })
    }
}
