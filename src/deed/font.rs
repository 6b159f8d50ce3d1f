//! Finds the font that a PDF is set in.
//!
//! The program brings none: one with Chinese characters is larger than the program itself.

use std::path::{Path, PathBuf};

use super::{DeedError, ProofError};

/// Where Debian, Fedora, Arch and openEuler put fonts with Chinese characters.
const PLACES: [&str; 9] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/adobe-source-han-sans-cn/SourceHanSansCN-Regular.otf",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
];
/// Most bytes of a font that is read; collections with Chinese have some 20 MiB.
const BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Reads the font that was asked for, or the first of the usual ones that is there.
pub(super) fn read_font(asked: Option<&Path>) -> Result<(PathBuf, Vec<u8>), DeedError> {
    let usual = || PLACES.iter().map(Path::new).find(|path| path.is_file());
    let path = asked.or_else(usual).ok_or(ProofError::NoFont)?.to_path_buf();
    let failed = |source| DeedError::Read { path: path.clone(), source };
    let known = std::fs::metadata(&path).map_err(failed)?;
    if !known.is_file() {
        return Err(failed(std::io::ErrorKind::InvalidInput.into()));
    }
    if known.len() > BYTES_MAX {
        return Err(failed(std::io::ErrorKind::FileTooLarge.into()));
    }
    let read = std::fs::read(&path).map_err(failed)?;
    Ok((path, read))
}
