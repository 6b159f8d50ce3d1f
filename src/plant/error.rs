//! Why a planting cannot be planned, and what to do about it.

use crate::lang::{Pair, Speak};

/// Why no rows can be made for a list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlantError {
    #[error("{needs} numbers are needed, but only {has} of the free ones can go into this list")]
    TooFewNumbers { needs: usize, has: usize },
    #[error("the list has room for {has} canaries, not for {needs}")]
    TooFewPlaces { needs: usize, has: usize },
    #[error("the numbers in column `{column}` leave room for {has} canaries, not for {needs}")]
    Dense { column: String, needs: usize, has: usize },
    #[error("the numbers in column `{column}` count down and leave room for {has} canaries, not for {needs}")]
    CountsDown { column: String, needs: usize, has: usize },
    #[error("neighbours in this list mostly share a phone, and {has} places are between two mothers, not {needs}")]
    Twins { needs: usize, has: usize },
    #[error("column `{column}` is in order only here and there, which leaves room for {has} canaries, not for {needs}")]
    OutOfOrder { column: String, needs: usize, has: usize },
    #[error(
        "column `{column}` mostly holds nothing that a number or time between its neighbours can be made of: there is room for {has} canaries, not for {needs}"
    )]
    Unread { column: String, needs: usize, has: usize },
    #[error("the homes of the list leave room for {has} canaries, not for {needs}: all others are somebody's")]
    NoHome { needs: usize, has: usize },
    #[error("the numbers in column `{column}` do not count by one, so they cannot be renumbered")]
    NoCount { column: String },
    #[error("every row has a second phone in column `{column}`")]
    SecondPhoneAlways { column: String },
    #[error("no number of the pool can be written as phones are in column `{column}`")]
    NoSpelling { column: String },
    #[error("phones in column `{column}` are written in no way that another number could be")]
    OddPhones { column: String },
    #[error("{count} canaries are to be shared, but there is only one recipient")]
    NobodyToShare { count: usize },
    #[error("no person could be made up who is not in the list already, near data row {row}")]
    NobodyNew { row: u64 },
}

impl PlantError {
    /// Says what to do about the cause that most places are of no use.
    fn hint_about_room(&self) -> Option<Pair> {
        Some(match self {
            PlantError::Twins { .. } => Pair::new(
                "ask for fewer; or, if that column is not the mother's own phone, name the right one in a map file",
                "请减少数量；若该列并非产妇本人电话，请在映射文件里指明正确的列",
            ),
            PlantError::OutOfOrder { column, .. } => Pair::new(
                format!("ask for fewer, or sort the list by `{column}` before planting"),
                format!("请减少数量，或先按 `{column}` 排序再投放"),
            ),
            PlantError::Unread { column, .. } => Pair::new(
                format!(
                    "ask for fewer, mend the cells of `{column}`, or say in a map file what the column is (`other = \"{column}\"` if it is nothing of these)"
                ),
                format!(
                    "请减少数量，改正 `{column}` 列的内容，或在映射文件里说明该列的含义（都不是则写 `other = \"{column}\"`）"
                ),
            ),
            PlantError::NoHome { .. } => Pair::new(
                "ask for fewer, or plant into a list that leaves out some homes",
                "请减少数量，或使用并非每户都在列的名单",
            ),
            PlantError::Dense { column, .. } => Pair::new(
                format!(
                    "ask for fewer, plant into a list with gaps in `{column}`, or have the source system give the numbers (`canaries mint`); only if `{column}` merely counts rows, put \
                     `serial = \"{column}\"` into a map file and pass --map: every number below a canary is then raised, which \
                     ruins a number that belongs to a person"
                ),
                format!(
                    "请减少数量，使用 `{column}` 有空号的名单，或由源系统发放编号（`canaries mint`）；只有当 `{column}` 仅仅是行号时，才可在映射文件里写 \
                     `serial = \"{column}\"` 并用 --map 指定：蜜标以下的编号会全部顺延，若是病人的编号就会被改错"
                ),
            ),
            PlantError::CountsDown { column, .. } => Pair::new(
                format!(
                    "ask for fewer, or plant into a list with gaps in `{column}`; only if `{column}` merely counts rows, put \
                     `serial = \"{column}\"` into a map file and pass --map: every number above a canary is then raised, which \
                     ruins a number that belongs to a person"
                ),
                format!(
                    "请减少数量，或使用 `{column}` 有空号的名单；只有当 `{column}` 仅仅是行号时，才可在映射文件里写 \
                     `serial = \"{column}\"` 并用 --map 指定：蜜标以上的编号会全部顺延，若是病人的编号就会被改错"
                ),
            ),
            PlantError::TooFewPlaces { .. }
            | PlantError::TooFewNumbers { .. }
            | PlantError::NoCount { .. }
            | PlantError::SecondPhoneAlways { .. }
            | PlantError::NoSpelling { .. }
            | PlantError::OddPhones { .. }
            | PlantError::NobodyToShare { .. }
            | PlantError::NobodyNew { .. } => return None,
        })
    }

    /// Tells whether another choice of places may help.
    pub fn is_about_room(&self) -> bool {
        match self {
            PlantError::Twins { .. }
            | PlantError::OutOfOrder { .. }
            | PlantError::Unread { .. }
            | PlantError::NoHome { .. }
            | PlantError::TooFewPlaces { .. }
            | PlantError::Dense { .. }
            | PlantError::CountsDown { .. }
            | PlantError::NobodyNew { .. } => true,
            PlantError::TooFewNumbers { .. }
            | PlantError::NoCount { .. }
            | PlantError::SecondPhoneAlways { .. }
            | PlantError::NoSpelling { .. }
            | PlantError::OddPhones { .. }
            | PlantError::NobodyToShare { .. } => false,
        }
    }
}

impl Speak for PlantError {
    fn zh(&self) -> String {
        match self {
            PlantError::TooFewNumbers { needs, has } => {
                format!("需要 {needs} 个号码，但空闲号码中只有 {has} 个能放进这份名单")
            }
            PlantError::TooFewPlaces { needs, has } => format!("名单只容得下 {has} 条蜜标，放不下 {needs} 个"),
            PlantError::Dense { column, needs, has } => {
                format!("列 `{column}` 的编号只留有 {has} 个空位，放不下 {needs} 条蜜标")
            }
            PlantError::CountsDown { column, needs, has } => {
                format!("列 `{column}` 的编号从大到小排列，只留有 {has} 个空位，放不下 {needs} 条蜜标")
            }
            PlantError::Twins { needs, has } => {
                format!("名单中相邻的行大多共用一个电话，只有 {has} 处在两位产妇之间，不够 {needs} 处")
            }
            PlantError::OutOfOrder { column, needs, has } => {
                format!("列 `{column}` 只有部分行是按顺序排列的，只容得下 {has} 条蜜标，放不下 {needs} 条")
            }
            PlantError::Unread { column, needs, has } => format!(
                "列 `{column}` 多数单元格无法取得相邻两行之间的编号或时间，只容得下 {has} 条蜜标，放不下 {needs} 条"
            ),
            PlantError::NoHome { needs, has } => {
                format!("名单中的住处只容得下 {has} 条蜜标，放不下 {needs} 条：其余都有人住")
            }
            PlantError::NoCount { column } => format!("列 `{column}` 的编号既不是逐行加一也不是逐行减一，无法重排"),
            PlantError::SecondPhoneAlways { column } => format!("列 `{column}` 每一行都有第二个电话"),
            PlantError::NoSpelling { column } => format!("号码池里没有号码能按列 `{column}` 的写法书写"),
            PlantError::OddPhones { column } => format!("列 `{column}` 的电话写法特殊，无法照样写入另一个号码"),
            PlantError::NobodyToShare { count } => format!("要共用 {count} 条蜜标，却只有一个接收人"),
            PlantError::NobodyNew { row } => format!("在第 {row} 条数据附近，编不出名单里没有的人"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            PlantError::TooFewNumbers { .. } => Pair::new(
                "import more numbers, or ask for fewer canaries; numbers within 1,000 of each other never go into one list",
                "请导入更多号码，或减少数量；相差不到 1000 的号码不会进入同一份名单",
            ),
            PlantError::TooFewPlaces { .. } => Pair::new(
                "ask for fewer canaries; each stands between two people of the list",
                "请减少数量；每条蜜标都放在名单的两个人之间",
            ),
            PlantError::Twins { .. }
            | PlantError::OutOfOrder { .. }
            | PlantError::Unread { .. }
            | PlantError::NoHome { .. }
            | PlantError::Dense { .. }
            | PlantError::CountsDown { .. } => return self.hint_about_room(),
            PlantError::NoCount { column } => Pair::new(
                format!(
                    "take `{column}` out of the map file, or number its rows 1, 2, 3 … from the top before planting"
                ),
                format!("请从映射文件中去掉 `{column}`，或先把它从上到下按 1、2、3 … 编号"),
            ),
            PlantError::SecondPhoneAlways { column } => Pair::new(
                format!(
                    "a second number of your own is needed for each canary; leave `{column}` empty in some rows or plant into another list"
                ),
                format!("每条蜜标需要第二个自有号码；请使用 `{column}` 有空白的名单"),
            ),
            PlantError::NoSpelling { .. } => Pair::new(
                "import numbers of the country and kind (mobile or landline) that the list has; another country's code is never put in front of a number",
                "请导入与名单同一国家或地区、同一类型（手机或座机）的号码；号码前绝不会写上别国的代码",
            ),
            PlantError::OddPhones { column } => Pair::new(
                format!(
                    "leave nothing but the number in the cells of `{column}` (a name or remark beside it belongs into a column of its own), or name another column in a map file"
                ),
                format!("请让 `{column}` 列的单元格只含号码（旁边的姓名、备注请另放一列），或在映射文件里指明另一列"),
            ),
            PlantError::NobodyToShare { .. } => Pair::new(
                "name several recipients, each with --to, or leave --shared out",
                "请用多个 --to 写出多个接收人，或去掉 --shared",
            ),
            PlantError::NobodyNew { .. } => {
                Pair::new("ask for fewer canaries, or check the map file", "请减少数量，或检查映射文件")
            }
        })
    }
}
