//! What can be wrong with a text list.
//!
//! Records are numbered from 1 as a person counts them, titles and header included; a record with
//! line breaks in quotes is one record.

use std::io;

use super::{CELL_BYTES_MAX, RECORD_BYTES_MAX};
use crate::lang::{Pair, Speak};
use crate::list::encoding::EncodingError;

/// Why a text list cannot be read, seeded or stripped.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    #[error("cannot read the list")]
    Read(#[source] io::Error),
    #[error("cannot write the list")]
    Write(#[source] io::Error),
    #[error("record {record} holds a NUL byte, which no text list does")]
    Nul { record: u64 },
    #[error("record {record} is not valid UTF-16")]
    Surrogate { record: u64 },
    #[error("record {record} is longer than {} KiB", RECORD_BYTES_MAX / 1024)]
    RecordTooLong { record: u64 },
    #[error("record {record} has a cell longer than {} KiB in column {column}", CELL_BYTES_MAX / 1024)]
    CellTooLong { record: u64, column: usize },
    #[error("record {record} opens a quote in column {column} that is never closed")]
    UnclosedQuote { record: u64, column: usize },
    #[error("record {record} has a serial number of more than 15 digits")]
    SerialTooLong { record: u64 },
    #[error("the list has no record {record} any more")]
    NoSuchRecord { record: u64 },
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

impl Speak for TextError {
    fn zh(&self) -> String {
        match self {
            TextError::Read(_) => "无法读取名单".to_string(),
            TextError::Write(_) => "无法写出名单".to_string(),
            TextError::Nul { record } => format!("第 {record} 条记录含有 NUL 字节，文本名单不会有"),
            TextError::Surrogate { record } => format!("第 {record} 条记录不是有效的 UTF-16"),
            TextError::RecordTooLong { record } => {
                format!("第 {record} 条记录超过 {} KiB", RECORD_BYTES_MAX / 1024)
            }
            TextError::CellTooLong { record, column } => {
                format!("第 {record} 条记录第 {column} 列的单元格超过 {} KiB", CELL_BYTES_MAX / 1024)
            }
            TextError::UnclosedQuote { record, column } => {
                format!("第 {record} 条记录第 {column} 列的引号没有闭合")
            }
            TextError::SerialTooLong { record } => format!("第 {record} 条记录的序号超过 15 位"),
            TextError::NoSuchRecord { record } => format!("名单中已没有第 {record} 条记录"),
            TextError::Encoding(error) => error.zh(),
        }
    }

    fn hint(&self) -> Option<Pair> {
        match self {
            TextError::Read(_) | TextError::Write(_) => None,
            TextError::Nul { .. } | TextError::Surrogate { .. } | TextError::RecordTooLong { .. } => Some(Pair::new(
                "export the list again as CSV or as an Excel workbook (.xlsx)",
                "请将名单重新导出为 CSV 或 Excel 工作簿（.xlsx）",
            )),
            TextError::CellTooLong { .. } | TextError::UnclosedQuote { .. } => Some(Pair::new(
                "look for a stray double quote in or before that record",
                "请检查该记录及其之前是否有多余的双引号",
            )),
            TextError::SerialTooLong { .. } => Some(Pair::new(
                "that column is not a serial number; say what it is in a map file and pass --map",
                "该列并非序号；请在映射文件中写明其含义并用 --map 指定",
            )),
            TextError::NoSuchRecord { .. } => {
                Some(Pair::new("the list changed while it was read; try again", "名单在读取过程中被修改；请重试"))
            }
            TextError::Encoding(error) => error.hint(),
        }
    }
}
