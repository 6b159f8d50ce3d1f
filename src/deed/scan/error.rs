//! Why a scan came to nothing.

use std::path::PathBuf;

use crate::lang::{Pair, Speak};
use crate::scan::open::Unreadable;

/// Why a scan read nothing at all.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    #[error("nothing could be read: `{path}`")]
    NothingRead { path: PathBuf, source: Unreadable },
    #[error("there is no file to scan")]
    NothingToRead,
}

impl Speak for ScanError {
    fn zh(&self) -> String {
        match self {
            ScanError::NothingRead { path, source } => {
                format!("没有能读取的内容：`{}`：{}", path.display(), source.zh())
            }
            ScanError::NothingToRead => "没有可扫描的文件".to_string(),
        }
    }

    fn hint(&self) -> Option<Pair> {
        let reason = match self {
            ScanError::NothingRead { source, .. } => source.hint(),
            ScanError::NothingToRead => None,
        };
        let usual = || Pair::new("check the path, and that it holds files", "请检查路径，以及其中是否有文件");
        Some(reason.unwrap_or_else(usual))
    }
}
