//! What is wrong with a list that was to be read, seeded or stripped.

use crate::lang::{Pair, Speak};
use crate::list::book::BookError;
use crate::list::text::TextError;
use crate::list::{LayoutError, Shape};

/// Why a list cannot be used; [`super::DeedError::List`] names the file.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error("sheet `{sheet}`: {source}")]
    Sheet { sheet: String, source: LayoutError },
    #[error("it is a text file and has no sheet `{sheet}`")]
    NoSheets { sheet: String },
    #[error("{} by its contents, but not by its name", kind(*.shape).en)]
    Misnamed { shape: Shape },
    #[error("the list is {}, and so is its copy: `{output}` says something else", kind(*.shape).en)]
    CopyMisnamed { shape: Shape, output: String },
    #[error("no sheet of it can be seen")]
    NoVisibleSheet,
    #[error("it changed while it was read")]
    Changed,
    #[error("taking the new rows out again does not give the same bytes back")]
    NotReversible,
}

/// Names what a file is.
fn kind(shape: Shape) -> Pair {
    match shape {
        Shape::Text(_) => Pair::new("a text file", "文本文件"),
        Shape::Book => Pair::new("a workbook", "工作簿"),
    }
}

impl Speak for ListFault {
    fn zh(&self) -> String {
        match self {
            ListFault::Text(error) => error.zh(),
            ListFault::Book(error) => error.zh(),
            ListFault::Layout(error) => error.zh(),
            ListFault::Sheet { sheet, source } => format!("工作表 `{sheet}`：{}", source.zh()),
            ListFault::NoSheets { sheet } => format!("这是文本文件，没有工作表 `{sheet}`"),
            ListFault::Misnamed { shape } => format!("内容是{}，与文件名不符", kind(*shape).zh),
            ListFault::CopyMisnamed { shape, output } => {
                format!("名单是{0}，副本也是{0}，与文件名 `{output}` 不符", kind(*shape).zh)
            }
            ListFault::NoVisibleSheet => "没有可见的工作表".to_string(),
            ListFault::Changed => "读取期间文件发生了变化".to_string(),
            ListFault::NotReversible => "去除新增行后得不到原来的字节".to_string(),
        }
    }

    fn hint(&self) -> Option<Pair> {
        match self {
            ListFault::Text(error) => error.hint(),
            ListFault::Book(error) => error.hint(),
            ListFault::Layout(error) | ListFault::Sheet { source: error, .. } => error.hint(),
            ListFault::NoSheets { .. } => Some(Pair::new("leave --sheet out", "请去掉 --sheet")),
            ListFault::Misnamed { shape } | ListFault::CopyMisnamed { shape, .. } => Some(match shape {
                Shape::Book => Pair::new("let the name end in `.xlsx`", "文件名请以 `.xlsx` 结尾"),
                Shape::Text(_) => Pair::new(
                    "let the name end as a text file's does (`.csv`, `.tsv`, `.txt`), or save the list as a workbook first",
                    "文件名请以文本文件的扩展名（`.csv`、`.tsv`、`.txt`）结尾，或先将名单另存为工作簿",
                ),
            }),
            ListFault::NoVisibleSheet => {
                Some(Pair::new("name a hidden sheet with --sheet", "请用 --sheet 指明隐藏的工作表"))
            }
            ListFault::Changed => Some(Pair::new(
                "wait until whoever writes it has finished, or work on a copy",
                "请等写入结束后再试，或使用副本",
            )),
            ListFault::NotReversible => Some(Pair::new(
                "this list is written in a way that canaries cannot undo; nothing was kept. Save it anew from its program, or as CSV, and try again",
                "该名单的写法无法被准确还原；未保留任何内容。请用原程序重新保存，或另存为 CSV 后重试",
            )),
        }
    }
}
