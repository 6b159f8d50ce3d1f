//! Why call records cannot be read: the line, the column, what is wrong with it, what to do.

use std::io;

use super::text::TextFault;
use super::{CallFormat, NoSuchFormat};
use crate::lang::{Pair, Speak};

/// What is wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Missing,
    NotANumber,
    NotATime,
    NoSuchLocalTime,
    NoYear,
    NotAKind,
    NotSeconds,
}

/// Why call records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("cannot read the call records")]
    Read { source: io::Error },
    #[error("line {line}: this is not text")]
    NotText { line: u64 },
    #[error("line {line}: the record is longer than {bytes_max} bytes")]
    TooLong { line: u64, bytes_max: usize },
    #[error("line {line}: the record is not JSON")]
    NotJson { line: u64, source: serde_json::Error },
    #[error("line {line}: neither a record nor a separator")]
    Stray { line: u64 },
    #[error("line {line}: the record that begins here has no end")]
    CutOff { line: u64 },
    #[error("line {line}: more cells than the header has columns")]
    TooManyCells { line: u64 },
    #[error("the call records are empty")]
    Empty,
    #[error("there is no column `{column}`")]
    NoColumn { column: String },
    #[error("line {line}, column `{column}`: {}", wrong.en())]
    Field { line: u64, column: String, wrong: Wrong },
    #[error("the column map cannot be read")]
    Map { source: toml::de::Error },
    #[error("the bill does not say whose number it is of")]
    NoTarget,
    #[error("line {line}: nothing tells whether this was an incoming call")]
    Direction { line: u64 },
    #[error("no line of the log tells of a request")]
    NoRequest,
}

impl Wrong {
    fn en(self) -> &'static str {
        match self {
            Wrong::Missing => "nothing stands here",
            Wrong::NotANumber => "this is not a valid phone number",
            Wrong::NotATime => "this is not a time",
            Wrong::NoSuchLocalTime => "the clocks skipped this hour",
            Wrong::NoYear => "the time has no year",
            Wrong::NotAKind => "this is not a kind of contact",
            Wrong::NotSeconds => "this is not a length of time",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Wrong::Missing => "此处为空",
            Wrong::NotANumber => "不是有效的电话号码",
            Wrong::NotATime => "不是时间",
            Wrong::NoSuchLocalTime => "当地时钟跳过了这个小时",
            Wrong::NoYear => "时间没有年份",
            Wrong::NotAKind => "不是联系方式",
            Wrong::NotSeconds => "不是时长",
        }
    }

    fn hint(self) -> Pair {
        match self {
            Wrong::Missing => {
                Pair::new("fill it in or take the row out; nothing was imported", "请补上或删去该行；没有导入任何内容")
            }
            Wrong::NotANumber => Pair::new(
                "write it with its country code (`+86 138…`); nothing was imported",
                "请写上国家代码（`+86 138…`）；没有导入任何内容",
            ),
            Wrong::NotATime | Wrong::NoSuchLocalTime => Pair::new(
                "write RFC 3339 or `YYYY-MM-DD HH:MM[:SS]` in local time; nothing was imported",
                "请写 RFC 3339 或当地时间 `YYYY-MM-DD HH:MM[:SS]`；没有导入任何内容",
            ),
            Wrong::NoYear => Pair::new(
                "put `year = 2026` into a map file and pass --map; nothing was imported",
                "请在映射文件中写 `year = 2026` 并用 --map 指定；没有导入任何内容",
            ),
            Wrong::NotAKind => Pair::new(
                "kinds are call, sms, visit; nothing was imported",
                "类型有 call、sms、visit；没有导入任何内容",
            ),
            Wrong::NotSeconds => Pair::new(
                "write seconds, `00:01:23` or `1分23秒`; nothing was imported",
                "请写秒数、`00:01:23` 或 `1分23秒`；没有导入任何内容",
            ),
        }
    }
}

impl CallError {
    /// Tells a fault of the text from one of the disk.
    pub(super) fn reading(source: io::Error) -> CallError {
        match source.get_ref().and_then(|inner| inner.downcast_ref::<TextFault>()) {
            Some(TextFault::NotText { line }) => CallError::NotText { line: *line },
            Some(TextFault::TooLong { line, bytes_max }) => CallError::TooLong { line: *line, bytes_max: *bytes_max },
            None => CallError::Read { source },
        }
    }

    pub(super) fn field(line: u64, column: &str, wrong: Wrong) -> CallError {
        CallError::Field { line, column: column.to_string(), wrong }
    }
}

impl Speak for CallError {
    fn zh(&self) -> String {
        match self {
            CallError::Read { .. } => "无法读取通话记录".to_string(),
            CallError::NotText { line } => format!("第 {line} 行：不是文本"),
            CallError::TooLong { line, bytes_max } => format!("第 {line} 行：记录超过 {bytes_max} 字节"),
            CallError::NotJson { line, .. } => format!("第 {line} 行：记录不是 JSON"),
            CallError::Stray { line } => format!("第 {line} 行：既不是记录也不是分隔符"),
            CallError::CutOff { line } => format!("第 {line} 行开始的记录没有结尾"),
            CallError::TooManyCells { line } => format!("第 {line} 行：单元格多于表头的列"),
            CallError::Empty => "通话记录为空".to_string(),
            CallError::NoColumn { column } => format!("没有 `{column}` 这一列"),
            CallError::Field { line, column, wrong } => format!("第 {line} 行 `{column}` 列：{}", wrong.zh()),
            CallError::Map { .. } => "无法读取列映射".to_string(),
            CallError::NoTarget => "详单没有写明是哪个号码的".to_string(),
            CallError::Direction { line } => format!("第 {line} 行：看不出是不是来电"),
            CallError::NoRequest => "日志中没有任何一行记录呼叫或短信".to_string(),
        }
    }

    fn hint(&self) -> Option<Pair> {
        match self {
            CallError::Read { .. } => None,
            CallError::Field { wrong, .. } => Some(wrong.hint()),
            CallError::NotText { .. } | CallError::NotJson { .. } | CallError::Stray { .. } => Some(Pair::new(
                "see that the file is of the format named with --format; nothing was imported",
                "请确认文件属于 --format 指定的格式；没有导入任何内容",
            )),
            CallError::TooLong { .. } | CallError::TooManyCells { .. } => Some(Pair::new(
                "look for a missing or stray quotation mark; nothing was imported",
                "请检查引号是否缺失或多余；没有导入任何内容",
            )),
            CallError::CutOff { .. } => Some(Pair::new(
                "close its quotation mark or bracket, or copy the file again, whole; nothing was imported",
                "请补全引号或括号，或重新完整复制文件；没有导入任何内容",
            )),
            CallError::Empty => Some(Pair::new("see that it is the right file", "请确认文件是否正确")),
            CallError::NoColumn { .. } => Some(Pair::new(
                "name the columns in the header, or for a carrier's bill in a map file (`from = \"对方号码\"`)",
                "请在表头写明列名；运营商详单可用映射文件（`from = \"对方号码\"`）",
            )),
            CallError::Map { .. } => Some(Pair::new(
                "write lines such as `at = \"起始时间\"`; keys are at, from, to, direction, kind, seconds, incoming, number, year",
                "请写如 `at = \"起始时间\"` 的行；可用 at、from、to、direction、kind、seconds、incoming、number、year",
            )),
            CallError::Direction { .. } => Some(Pair::new(
                "name the words for incoming calls in a map file (`incoming = [\"来话\", \"转移\"]`) and pass --map; all others are then outgoing; nothing was imported",
                "请在映射文件中写明表示来电的词（`incoming = [\"来话\", \"转移\"]`）并用 --map 指定，其余都算去电；没有导入任何内容",
            )),
            CallError::NoRequest => Some(Pair::new(
                "see that it is a log of Kamailio and that its `HIT` or `ACC` lines are in it",
                "请确认是 Kamailio 的日志，且含有 `HIT` 或 `ACC` 行",
            )),
            CallError::NoTarget => Some(Pair::new(
                "put `number = \"138…\"` into a map file and pass --map",
                "请在映射文件中写 `number = \"138…\"` 并用 --map 指定",
            )),
        }
    }
}

impl Speak for NoSuchFormat {
    fn zh(&self) -> String {
        format!("没有 `{}` 这种通话记录格式", self.word)
    }

    fn hint(&self) -> Option<Pair> {
        let words = CallFormat::ALL.map(CallFormat::word).join(", ");
        Some(Pair::new(format!("formats are {words}"), format!("格式有 {words}")))
    }
}
