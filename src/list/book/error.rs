//! Why a workbook is refused.
//!
//! Messages name files inside the package, sheets, rows and cells by position, never what stands in them.

use crate::lang::{Pair, Speak};

/// Why a workbook cannot be read, seeded or stripped.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    #[error("the file is a workbook of the old kind (`.xls`)")]
    OldFormat,
    #[error("the workbook is protected by a password")]
    Encrypted,
    #[error("the file is an OpenDocument sheet (`.ods`)")]
    OpenDocument,
    #[error("the file is not a workbook: {why}")]
    NotAWorkbook { why: &'static str },
    #[error("the workbook is damaged")]
    Damaged { source: zip::result::ZipError },
    #[error("`{part}` is not well-formed")]
    Malformed { part: String, source: quick_xml::Error },
    #[error("`{part}` is not laid out as a workbook should be: {why}")]
    Unexpected { part: String, why: &'static str },
    #[error("`{part}` declares a document type")]
    Doctype { part: String },
    #[error("`{part}` is not in UTF-8")]
    NotUtf8 { part: String },
    #[error("the workbook carries a digital signature")]
    Signed,
    #[error("the workbook is too large: {what} above {max}")]
    TooLarge { what: &'static str, max: u64 },
    #[error("`{part}` grows more than {max} times when unpacked")]
    Bomb { part: String, max: u64 },
    #[error("the workbook has no sheet `{name}`")]
    NoSuchSheet { name: String, sheets: Vec<String> },
    #[error("a pivot table stands on sheet `{sheet}`")]
    Pivot { sheet: String },
    #[error("an array formula at `{cell}` spans the place of a new row")]
    ArrayAcross { cell: String },
    #[error("a formula in `{part}` adds up the same cells of several sheets, `{sheet}` among them")]
    AcrossSheets { part: String, sheet: String },
    #[error("a formula in `{place}` spells out with {function} a place that would be another one after a new row")]
    SpeltPlace { place: String, function: String },
    #[error("what the formula in `{cell}` of sheet `{sheet}` shows cannot be worked out for a new row")]
    UnknownFormula { sheet: String, cell: String },
    #[error(
        "the formula in `{cell}` of sheet `{sheet}` counts down by row numbers: with the new rows the last one would show {then}"
    )]
    CountsBelow { sheet: String, cell: String, then: i64 },
    #[error("sheet `{sheet}` has no room for {more} more rows")]
    NoRoom { sheet: String, more: usize },
    #[error("sheet `{sheet}` has no row {row} to follow")]
    NoSuchRow { sheet: String, row: u64 },
    #[error("cannot read the workbook")]
    Io {
        #[from]
        source: std::io::Error,
    },
    #[error("cannot write the new workbook")]
    Write { source: std::io::Error },
}

impl From<zip::result::ZipError> for BookError {
    fn from(source: zip::result::ZipError) -> BookError {
        match source {
            zip::result::ZipError::Io(source) if source.kind() != std::io::ErrorKind::UnexpectedEof => {
                BookError::Io { source }
            }
            source => BookError::Damaged { source },
        }
    }
}

impl BookError {
    /// Says where the formula at fault stands, in the words people know.
    pub(super) fn standing_at(self, at: impl FnOnce() -> String) -> BookError {
        match self {
            BookError::SpeltPlace { function, .. } => BookError::SpeltPlace { place: at(), function },
            other => other,
        }
    }
}

impl Speak for BookError {
    fn zh(&self) -> String {
        match self {
            BookError::OldFormat => "该文件是旧式工作簿（`.xls`）".to_string(),
            BookError::Encrypted => "该工作簿设有密码".to_string(),
            BookError::OpenDocument => "该文件是 OpenDocument 表格（`.ods`）".to_string(),
            BookError::NotAWorkbook { why } => format!("该文件不是工作簿：{}", why_zh(why)),
            BookError::Damaged { .. } => "该工作簿已损坏或不完整".to_string(),
            BookError::Malformed { part, .. } => format!("`{part}` 的内容格式有误"),
            BookError::Unexpected { part, why } => format!("`{part}` 的结构不符合工作簿的规定：{}", why_zh(why)),
            BookError::Doctype { part } => format!("`{part}` 含有文档类型声明（DOCTYPE）"),
            BookError::NotUtf8 { part } => format!("`{part}` 不是 UTF-8 编码"),
            BookError::Signed => "该工作簿带有数字签名".to_string(),
            BookError::TooLarge { what, max } => format!("该工作簿过大：{}超过 {max}", why_zh(what)),
            BookError::Bomb { part, max } => format!("`{part}` 解压后膨胀超过 {max} 倍"),
            BookError::NoSuchSheet { name, .. } => format!("工作簿中没有名为 `{name}` 的工作表"),
            BookError::Pivot { sheet } => format!("工作表 `{sheet}` 上有数据透视表"),
            BookError::ArrayAcross { cell } => format!("`{cell}` 处的数组公式跨越了要插入行的位置"),
            BookError::AcrossSheets { part, sheet } => {
                format!("`{part}` 中有公式对包括 `{sheet}` 在内的多张工作表的相同单元格求值")
            }
            BookError::SpeltPlace { place, function } => {
                format!("`{place}` 处的公式用 {function} 直接写出了位置，插入新行后它所指的就不是原来的单元格了")
            }
            BookError::UnknownFormula { sheet, cell } => {
                format!("工作表 `{sheet}` 中 `{cell}` 的公式无法为新行算出结果")
            }
            BookError::CountsBelow { sheet, cell, then } => {
                format!("工作表 `{sheet}` 中 `{cell}` 的公式按行号倒数：插入新行后最后一行会显示 {then}")
            }
            BookError::NoRoom { sheet, more } => format!("工作表 `{sheet}` 容不下再加 {more} 行"),
            BookError::NoSuchRow { sheet, row } => format!("工作表 `{sheet}` 没有可参照的第 {row} 行"),
            BookError::Io { .. } => "无法读取该工作簿".to_string(),
            BookError::Write { .. } => "无法写入新工作簿".to_string(),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            BookError::OldFormat | BookError::Encrypted | BookError::OpenDocument => Pair::new(
                "open it in Excel, WPS or LibreOffice, remove the password if it has one, and save it as `.xlsx`",
                "请用 Excel、WPS 或 LibreOffice 打开，如有密码请先去除，再另存为 `.xlsx`",
            ),
            BookError::NotAWorkbook { .. } => Pair::new(
                "give an `.xlsx` workbook; a text list under another name should end in `.csv` or `.txt`",
                "请提供 `.xlsx` 工作簿；若实为文本名单，请把扩展名改为 `.csv` 或 `.txt`",
            ),
            BookError::Damaged { .. } | BookError::Malformed { .. } | BookError::Unexpected { .. } => Pair::new(
                "ask for the file again, or open it in Excel or WPS and save it anew",
                "请重新索取该文件，或用 Excel、WPS 打开后重新保存",
            ),
            BookError::Doctype { .. } | BookError::NotUtf8 { .. } => Pair::new(
                "no spreadsheet program writes this; ask where the file comes from",
                "表格软件不会写出这样的内容，请核实文件来源",
            ),
            BookError::Signed => Pair::new(
                "any change would break the signature; ask for an unsigned copy",
                "任何改动都会使签名失效，请索取未签名的副本",
            ),
            BookError::TooLarge { .. } | BookError::Bomb { .. } => {
                Pair::new("split the list, or export it as CSV", "请拆分名单，或导出为 CSV")
            }
            BookError::NoSuchSheet { sheets, .. } => Pair::new(
                format!("its sheets are: {}", sheets.join(", ")),
                format!("它的工作表有：{}", sheets.join("、")),
            ),
            BookError::Pivot { .. } => Pair::new(
                "a pivot table keeps its own copy of the rows; plant into a copy of the book without it",
                "数据透视表另存有一份数据；请在去掉透视表的副本上投放",
            ),
            BookError::ArrayAcross { .. } => Pair::new(
                "turn the array formula into ordinary ones, or export the list as CSV",
                "请把数组公式改为普通公式，或将名单导出为 CSV",
            ),
            BookError::AcrossSheets { .. } => Pair::new(
                "name the sheets one by one in that formula, or export the list as CSV",
                "请在该公式中逐张写出工作表，或将名单导出为 CSV",
            ),
            BookError::SpeltPlace { .. } => Pair::new(
                "write ordinary references (`B12`) in that formula, or use a copy of the book with values only",
                "请在该公式中改用普通引用（如 `B12`），或改用只保留数值的副本",
            ),
            BookError::UnknownFormula { .. } => Pair::new(
                "a cell without a result would tell the new row; turn the column into values in a copy of the book",
                "没有结果的单元格会暴露新行；请在副本中把该列转为数值（选择性粘贴）",
            ),
            BookError::CountsBelow { .. } => Pair::new(
                "turn the column into values in a copy of the book: numbers that count down to 1 are numbered through",
                "请在副本中把该列转为数值（选择性粘贴）：倒数到 1 的序号会自动重排",
            ),
            BookError::NoRoom { .. } => Pair::new("split the list over two sheets", "请把名单分到两张工作表"),
            BookError::NoSuchRow { .. } => Pair::new("plant between rows that hold records", "请在有记录的行之间投放"),
            BookError::Io { .. } | BookError::Write { .. } => {
                Pair::new("check the disk, the path and your rights to it", "请检查磁盘、路径及访问权限")
            }
        })
    }
}

/// Says a fixed English reason in Chinese.
fn why_zh(why: &'static str) -> &'static str {
    match why {
        "it is empty" => "文件是空的",
        "it is not a zip package" => "不是 zip 压缩包",
        "it is a zip package without a workbook" => "压缩包里没有工作簿",
        "bytes in one part" => "单个部件的字节数",
        "bytes in all" => "总字节数",
        "files in the package" => "包内文件数",
        "cells on one sheet" => "单张工作表的单元格数",
        "bytes in one row" => "单行的字节数",
        "it lies outside the sheet" => "单元格超出工作表范围",
        "rows are not in order" => "行的次序混乱",
        "cells are not in order" => "单元格的次序混乱",
        "it names a shared text that does not exist" => "引用了不存在的共享文本",
        "a part is missing" => "缺少部件",
        "it breaks off" => "内容不完整",
        "two files have the same name" => "有重名的文件",
        _ => "无法识别",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_sheet_is_told_with_the_sheets_there_are() {
        let error =
            BookError::NoSuchSheet { name: "7月".to_string(), sheets: vec!["6月".to_string(), "汇总".to_string()] };
        assert_eq!(error.to_string(), "the workbook has no sheet `7月`");
        assert_eq!(error.hint().map(|pair| pair.zh), Some("它的工作表有：6月、汇总".to_string()));
    }
}
