//! Why the columns of a list are not understood.
//!
//! Messages show headings and guessed meanings, never a cell: a list without headings is spoken of by
//! column numbers.

use super::meaning::Meaning;
use crate::lang::{Pair, Speak};

/// A column as the recogniser saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Counted from 1.
    pub number: usize,
    /// The heading; nothing in a list without headings.
    pub name: Option<String>,
    pub meaning: Meaning,
}

/// Why a layout, or a map file, is refused.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    #[error("the list has no data row")]
    NoRows,
    #[error("no column looks like a phone number; seen: {}", listed(seen))]
    NoPhone {
        seen: Vec<Seen>,
        /// A column whose cells could be phones.
        other: Option<Seen>,
    },
    #[error("the phone column {} is empty", column.shown())]
    EmptyPhone {
        column: Seen,
        /// A column whose cells could be phones.
        other: Option<Box<Seen>>,
    },
    #[error("the column {} says {}, but its cells look otherwise; seen: {}", column.shown(), column.meaning, listed(seen))]
    Mismatch { column: Seen, seen: Vec<Seen> },
    #[error("the dates in the column {} are not understood", column.shown())]
    UnreadDates { column: Seen },
    #[error("several columns could be {meaning}: {}; seen: {}", shown_all(columns), listed(seen))]
    Disputed { meaning: Meaning, columns: Vec<Seen>, seen: Vec<Seen> },
    #[error("the map file cannot be read")]
    MapUnreadable {
        #[source]
        cause: Box<toml::de::Error>,
    },
    #[error("the map file names `{word}`, which is no meaning of a column")]
    NoSuchMeaning { word: String },
    #[error("the map file's `{meaning}` is neither a heading nor a column number")]
    MapValue { meaning: Meaning },
    #[error("the map file names column `{column}`, which the list does not have; it has: {}", names.join(", "))]
    NoSuchColumn { column: String, names: Vec<String> },
    #[error("the map file names column `{column}` twice")]
    ColumnTwice { column: String },
    #[error("the map file gives `{meaning}` to several columns")]
    MeaningTwice { meaning: Meaning },
    #[error("several columns are called `{column}`")]
    HeadingTwice { column: String },
}

impl LayoutError {
    /// Tells whether the fault is the map file's, not the list's.
    pub fn is_of_map(&self) -> bool {
        match self {
            LayoutError::MapUnreadable { .. }
            | LayoutError::NoSuchMeaning { .. }
            | LayoutError::MapValue { .. }
            | LayoutError::NoSuchColumn { .. }
            | LayoutError::ColumnTwice { .. }
            | LayoutError::MeaningTwice { .. } => true,
            LayoutError::NoRows
            | LayoutError::NoPhone { .. }
            | LayoutError::EmptyPhone { .. }
            | LayoutError::Mismatch { .. }
            | LayoutError::UnreadDates { .. }
            | LayoutError::Disputed { .. }
            | LayoutError::HeadingTwice { .. } => false,
        }
    }
}

impl Seen {
    fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("`{name}`"),
            None => format!("{}", self.number),
        }
    }

    /// Writes this column as a line of a map file.
    fn map_line(&self, meaning: Meaning) -> String {
        match &self.name {
            Some(name) => format!("{meaning} = {}", toml::Value::String(name.clone())),
            None => format!("{meaning} = {}", self.number),
        }
    }
}

fn listed(seen: &[Seen]) -> String {
    seen.iter().map(|column| format!("{} {}", column.shown(), column.meaning)).collect::<Vec<_>>().join(", ")
}

fn shown_all(columns: &[Seen]) -> String {
    columns.iter().map(Seen::shown).collect::<Vec<_>>().join(", ")
}

fn map_hint(line: &str) -> Pair {
    Pair::new(
        format!("write what you know into a map file and pass --map FILE, such as:\n{line}"),
        format!("请把列的含义写进映射文件，并用 --map 文件 指定，例如：\n{line}"),
    )
}

/// Says which column may hold phones; where none looks so, that one is needed.
fn phone_hint(other: Option<&Seen>) -> Pair {
    match other {
        Some(column) => map_hint(&column.map_line(Meaning::Phone)),
        None => Pair::new(
            "a canary is known by its phone number: give a list with a column that holds the mothers' phone numbers, or name that column in a map file (--map)",
            "蜜标靠电话号码识别：请使用含有产妇电话一列、且已填写的名单，或在映射文件里指明该列（--map）",
        ),
    }
}

fn dispute_lines(meaning: Meaning, columns: &[Seen]) -> String {
    let line = |(at, column): (usize, &Seen)| column.map_line(if at == 0 { meaning } else { Meaning::Other });
    columns.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

impl Speak for LayoutError {
    fn zh(&self) -> String {
        match self {
            LayoutError::NoRows => "名单里没有数据行".to_string(),
            LayoutError::NoPhone { seen, .. } => format!("没有一列像电话号码；看到的列：{}", listed(seen)),
            LayoutError::EmptyPhone { column, .. } => format!("电话列 {} 是空的", column.shown()),
            LayoutError::Mismatch { column, seen } => {
                format!("列 {} 的表头表示 {}，但内容不像；看到的列：{}", column.shown(), column.meaning, listed(seen))
            }
            LayoutError::UnreadDates { column } => format!("看不懂列 {} 里的日期", column.shown()),
            LayoutError::Disputed { meaning, columns, seen } => {
                format!("有几列都可能是 {meaning}：{}；看到的列：{}", shown_all(columns), listed(seen))
            }
            LayoutError::MapUnreadable { .. } => "映射文件无法读取".to_string(),
            LayoutError::NoSuchMeaning { word } => format!("映射文件里的 `{word}` 不是列的含义"),
            LayoutError::MapValue { meaning } => format!("映射文件里 `{meaning}` 的值既不是表头也不是列号"),
            LayoutError::NoSuchColumn { column, names } => {
                format!("映射文件指定的列 `{column}` 不在名单里；名单的列有：{}", names.join("、"))
            }
            LayoutError::ColumnTwice { column } => format!("映射文件两次用到列 `{column}`"),
            LayoutError::MeaningTwice { meaning } => format!("映射文件把 `{meaning}` 给了多列"),
            LayoutError::HeadingTwice { column } => format!("有多列都叫 `{column}`"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            LayoutError::NoRows => Pair::new("give a list with at least one person", "请给出至少有一个人的名单"),
            LayoutError::NoPhone { other, .. } => phone_hint(other.as_ref()),
            LayoutError::EmptyPhone { other, .. } => phone_hint(other.as_deref()),
            LayoutError::UnreadDates { .. } => Pair::new(
                "write them with year, month and day, such as `2026-06-01`, `2026/6/1 08:30` or `2026年6月1日` (in a spreadsheet: give the cells a date format and export again); \
                 a map file (--map) that gives the column the meaning `other` leaves them unread, but then canaries stand in no order of these dates, and whoever looks finds them",
                "请写成带年月日的形式，如 `2026-06-01`、`2026/6/1 08:30`、`2026年6月1日`（表格软件里请把单元格设为日期格式后重新导出）；用映射文件（--map）把该列归入 `other` 可以不解读它，但蜜标将不按该列日期排列，细看即可发现",
            ),
            LayoutError::Mismatch { column, .. } => map_hint(&column.map_line(Meaning::Other)),
            LayoutError::Disputed { meaning, columns, .. } => map_hint(&dispute_lines(*meaning, columns)),
            LayoutError::MapUnreadable { .. } | LayoutError::MapValue { .. } => {
                map_hint("phone = \"联系电话\"\nother = [5, 6]")
            }
            LayoutError::NoSuchMeaning { .. } => {
                let words = Meaning::ALL.map(Meaning::word).join(", ");
                Pair::new(format!("meanings are {words}"), format!("可用的含义：{words}"))
            }
            LayoutError::NoSuchColumn { .. } | LayoutError::HeadingTwice { .. } => Pair::new(
                "write the heading as it stands in the list, or the column's number from the left, 1 first",
                "请照抄名单里的表头，或写从左数起的列号（从 1 开始）",
            ),
            LayoutError::ColumnTwice { .. } => Pair::new("name each column once", "每列只写一次"),
            LayoutError::MeaningTwice { .. } => Pair::new(
                "give the others the meaning `other` (a list is allowed there: `other = [5, 6]`)",
                "请把其余的列归入 `other`（可写多列：`other = [5, 6]`）",
            ),
        })
    }
}
