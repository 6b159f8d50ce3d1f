//! Tells what a file is from its first bytes, whatever its name says.
//!
//! Hospitals send web pages and tab-separated text named `.xls`; only the bytes are believed. The
//! name is looked at in one case: an OLE container whose directory lies beyond the first bytes.

use memchr::memmem;

use super::encoding::Extent;
use super::text::{Dialect, readable};
use crate::lang::{Pair, Speak};

/// First bytes of a file that are looked at.
pub const SNIFF_BYTES: usize = 1024 * 1024;

/// Bytes of a text that are looked at for the marks of a web page or JSON.
const MARKUP_BYTES: usize = 4 * 1024;

/// What kind of list a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text(Dialect),
    /// An Excel workbook (`.xlsx`, `.xlsm`).
    Book,
}

/// What a file is that cannot be used as a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    OldBook,
    BinaryBook,
    LockedBook,
    OpenDocument,
    XmlBook,
    WebPage,
    Pdf,
    Image,
    Document,
    Archive,
    Json,
    Binary,
}

/// Why a file is not taken as a list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SniffError {
    #[error("`{name}` is empty")]
    Empty { name: String },
    #[error("`{name}` is {}, not a list", what.en())]
    NotAList { name: String, what: Foreign },
    #[error("`{name}` writes quotes with a backslash (`\\\"`), as database dumps do")]
    Backslashes { name: String },
}

impl Speak for SniffError {
    fn zh(&self) -> String {
        match self {
            SniffError::Empty { name } => format!("`{name}` 是空文件"),
            SniffError::Backslashes { name } => format!("`{name}` 用反斜杠转义引号（`\\\"`），是数据库转储的写法"),
            SniffError::NotAList { name, what } => format!("`{name}` 是{}，不是名单", what.zh()),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            SniffError::Empty { .. } => Pair::new("check that the export ran to its end", "请检查导出是否完成"),
            SniffError::NotAList { what, .. } => what.hint(),
            SniffError::Backslashes { .. } => Pair::new(
                "it would be cut at the wrong commas; export it with doubled quotes (MySQL: FIELDS ESCAPED BY '\"'; pandas: doublequote=True), or as .xlsx",
                "照常读取会在错误的逗号处断开；请改用双写引号导出（MySQL：FIELDS ESCAPED BY '\"'；pandas：doublequote=True），或导出为 .xlsx",
            ),
        })
    }
}

impl Foreign {
    fn en(self) -> &'static str {
        match self {
            Foreign::OldBook => "an old Excel workbook (.xls)",
            Foreign::BinaryBook => "a binary Excel workbook (.xlsb)",
            Foreign::LockedBook => "a workbook protected by a password",
            Foreign::OpenDocument => "an OpenDocument file",
            Foreign::XmlBook => "an XML file",
            Foreign::WebPage => "a web page",
            Foreign::Pdf => "a PDF",
            Foreign::Image => "a picture",
            Foreign::Document => "a text document",
            Foreign::Archive => "an archive",
            Foreign::Json => "JSON",
            Foreign::Binary => "binary data",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Foreign::OldBook => "旧版 Excel 工作簿（.xls）",
            Foreign::BinaryBook => "二进制 Excel 工作簿（.xlsb）",
            Foreign::LockedBook => "有密码保护的工作簿",
            Foreign::OpenDocument => " OpenDocument 文件",
            Foreign::XmlBook => " XML 文件",
            Foreign::WebPage => "网页",
            Foreign::Pdf => " PDF",
            Foreign::Image => "图片",
            Foreign::Document => "文字文档",
            Foreign::Archive => "压缩包",
            Foreign::Json => " JSON",
            Foreign::Binary => "二进制数据",
        }
    }

    fn hint(self) -> Pair {
        match self {
            Foreign::OldBook | Foreign::BinaryBook | Foreign::OpenDocument | Foreign::XmlBook | Foreign::WebPage => {
                Pair::new(
                    "open it in Excel, WPS or LibreOffice and save it as .xlsx or CSV",
                    "请用 Excel、WPS 或 LibreOffice 打开，另存为 .xlsx 或 CSV",
                )
            }
            Foreign::LockedBook => Pair::new(
                "save it without a password, plant, and set the password again",
                "请先取消密码保存，投放后再重新加密",
            ),
            Foreign::Archive => Pair::new("unpack it and give the list inside", "请先解压，再指定其中的名单"),
            Foreign::Pdf | Foreign::Image | Foreign::Document | Foreign::Json | Foreign::Binary => Pair::new(
                "give the list as CSV or as an Excel workbook (.xlsx)",
                "请提供 CSV 或 Excel 工作簿（.xlsx）格式的名单",
            ),
        }
    }
}

/// Tells what a file is from `head`, its first [`SNIFF_BYTES`] (fewer: all of it); `name` is for messages.
pub fn sniff(head: &[u8], name: &str) -> Result<Shape, SniffError> {
    let foreign = |what| SniffError::NotAList { name: name.to_string(), what };
    let empty = || SniffError::Empty { name: name.to_string() };
    if head.is_empty() {
        return Err(empty());
    }
    if head.starts_with(b"PK\x03\x04") {
        return package(head).map_err(foreign);
    }
    if let Some(what) = container(head, name) {
        return Err(foreign(what));
    }
    let extent = if head.len() < SNIFF_BYTES { Extent::Whole } else { Extent::Cut };
    let Some((text, ..)) = readable(head, extent) else { return Err(foreign(Foreign::Binary)) };
    if extent == Extent::Whole && text.trim_ascii().is_empty() {
        return Err(empty());
    }
    if let Some(what) = markup(&text) {
        return Err(foreign(what));
    }
    if escapes_quotes(&text) {
        return Err(SniffError::Backslashes { name: name.to_string() });
    }
    Dialect::guess(head, extent).map(Shape::Text).ok_or_else(|| foreign(Foreign::Binary))
}

/// Tells whether quotes within quoted cells are written `\"` and never `""`.
///
/// A backslash in front of a quote that ends its cell is the end of a path or of a Chinese character in GBK.
fn escapes_quotes(text: &[u8]) -> bool {
    let ends_cell = |byte: Option<&u8>| byte.is_none_or(|byte| b",;\t|\r\n\"".contains(byte));
    let escaped = memmem::find_iter(text, b"\\\"").any(|at| {
        let line = text[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let in_quotes = text[line] == b'"' || memmem::find(&text[line..at], b",\"").is_some();
        in_quotes && !ends_cell(text.get(at + 2))
    });
    let doubled = || {
        memmem::find_iter(text, b"\"\"").any(|at| {
            let before = at.checked_sub(1).map(|before| &text[before]);
            !ends_cell(before) && before != Some(&b'\\') && !ends_cell(text.get(at + 2))
        })
    };
    escaped && !doubled()
}

/// Tells files with a signature of their own, zip packages aside.
fn container(head: &[u8], name: &str) -> Option<Foreign> {
    const SIGNATURES: [(&[u8], Foreign); 17] = [
        (b"\xFF\xD8\xFF", Foreign::Image),
        (b"\x89PNG\r\n\x1A\n", Foreign::Image),
        (b"GIF87a", Foreign::Image),
        (b"GIF89a", Foreign::Image),
        (b"II*\0", Foreign::Image),
        (b"MM\0*", Foreign::Image),
        (b"7z\xBC\xAF\x27\x1C", Foreign::Archive),
        (b"Rar!\x1A\x07", Foreign::Archive),
        (b"\x1F\x8B", Foreign::Archive),
        (b"BZh", Foreign::Archive),
        (b"\xFD7zXZ\0", Foreign::Archive),
        (b"\x28\xB5\x2F\xFD", Foreign::Archive),
        (b"PK\x05\x06", Foreign::Archive),
        (b"PK\x07\x08", Foreign::Archive),
        (b"{\\rtf", Foreign::Document),
        (b"%PDF-", Foreign::Pdf),
        (b"\xEF\xBB\xBF%PDF-", Foreign::Pdf),
    ];
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Some(ole(head, name));
    }
    let riff = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    let heic = head.get(4..8) == Some(b"ftyp");
    let bitmap = head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]);
    if riff || heic || bitmap {
        return Some(Foreign::Image);
    }
    SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)).map(|(_, what)| *what)
}

/// Tells OLE containers apart by the streams in their directory, or by the name where it is out of sight.
fn ole(head: &[u8], name: &str) -> Foreign {
    let holds = |stream: &str| {
        let wide: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memmem::find(head, &wide).is_some()
    };
    let name = name.to_ascii_lowercase();
    if holds("EncryptedPackage") || name.ends_with(".xlsx") || name.ends_with(".xlsm") {
        Foreign::LockedBook
    } else if holds("WordDocument") || holds("PowerPoint Document") {
        Foreign::Document
    } else {
        Foreign::OldBook
    }
}

/// Tells zip packages apart by the names of their parts.
fn package(head: &[u8]) -> Result<Shape, Foreign> {
    let mut found = Err(Foreign::Archive);
    for at in memmem::find_iter(head, b"PK\x03\x04") {
        let header = &head[at..];
        let Some(&[low, high]) = header.get(26..28) else { break };
        let part = header.get(30..30 + usize::from(u16::from_le_bytes([low, high]))).unwrap_or_default();
        let content = header.get(30 + part.len()..).unwrap_or_default();
        if part == b"mimetype" && content.starts_with(b"application/vnd.oasis.opendocument") {
            return Err(Foreign::OpenDocument);
        }
        if part == b"xl/workbook.bin" {
            return Err(Foreign::BinaryBook);
        }
        if part.starts_with(b"xl/") {
            found = Ok(Shape::Book);
        } else if part.starts_with(b"word/") || part.starts_with(b"ppt/") {
            found = Err(Foreign::Document);
        }
    }
    found
}

/// Tells text that is marked up, so that it has no rows of its own.
fn markup(text: &[u8]) -> Option<Foreign> {
    let start = text.trim_ascii_start();
    let start = start[..start.len().min(MARKUP_BYTES)].to_ascii_lowercase();
    let has = |word: &str| memmem::find(&start, word.as_bytes()).is_some();
    if start.starts_with(b"<?xml") && !has("<html") {
        return Some(Foreign::XmlBook);
    }
    let tags = ["<!doctype html", "<html", "<head", "<body", "<meta", "<style", "<table"];
    if start.starts_with(b"<") && tags.into_iter().any(has) || start.starts_with(b"mime-version:") {
        return Some(Foreign::WebPage);
    }
    let inner = start.get(1..).unwrap_or_default().trim_ascii_start();
    match (start.first(), inner.first()) {
        (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b'[' | b'"')) => Some(Foreign::Json),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::encoding::Encoding;

    fn what(head: &[u8]) -> Foreign {
        what_named(head, "births.xls")
    }

    fn what_named(head: &[u8], name: &str) -> Foreign {
        match sniff(head, name) {
            Err(SniffError::NotAList { what, .. }) => what,
            other => panic!("{other:?}"),
        }
    }

    /// A zip's local header with a stored part, as far as it is looked at.
    fn part(name: &str, content: &str) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.resize(26, 0);
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(name.bytes());
        bytes.extend(content.bytes());
        bytes
    }

    #[test]
    fn a_web_page_named_xls_is_a_web_page() {
        assert_eq!(what(b"\r\n<html xmlns:x=\"urn:schemas-microsoft-com\"><table><tr><td>1"), Foreign::WebPage);
        assert_eq!(what(b"\xEF\xBB\xBF<META charset=gbk><TABLE>"), Foreign::WebPage);
        assert_eq!(what(&Encoding::Utf16Le.encode("\u{feff}<html><body>").unwrap()), Foreign::WebPage);
        assert_eq!(what(b"<?xml version=\"1.0\"?><Workbook>"), Foreign::XmlBook);
    }

    #[test]
    fn quotes_behind_backslashes_are_refused_where_quotes_are_never_doubled() {
        let told = |text: &str| sniff(text.as_bytes(), "births.csv");
        let dump = "\"1\",\"王\\\"芳\\\", 3床\",\"13800138000\"\n\"2\",\"李娜\",\\N\n";
        assert_eq!(told(dump), Err(SniffError::Backslashes { name: "births.csv".to_string() }));
        for sound in [
            "\"1\",\"王\"\"芳\\\"\"x\"\n",
            "1,\"D:\\名单\\\",13800138000\n",
            "1,5\\\"屏,13800138000\n",
            "\"1\",\"\",\\N\n",
        ] {
            assert!(matches!(told(sound), Ok(Shape::Text(_))), "{sound}");
        }
    }

    #[test]
    fn packages_are_told_apart_by_their_parts() {
        let book = [part("[Content_Types].xml", "<Types>"), part("xl/worksheets/sheet1.xml", "<x>")].concat();
        assert_eq!(sniff(&book, "a.csv"), Ok(Shape::Book));
        let binary = [part("xl/worksheets/sheet1.bin", ""), part("xl/workbook.bin", "")].concat();
        assert_eq!(what(&binary), Foreign::BinaryBook);
        assert_eq!(what(&part("mimetype", "application/vnd.oasis.opendocument.spreadsheet")), Foreign::OpenDocument);
        assert_eq!(what(&part("word/document.xml", "")), Foreign::Document);
        assert_eq!(what(&part("list.csv", "a,b")), Foreign::Archive);
        assert_eq!(what(b"PK\x03\x04"), Foreign::Archive);
    }

    #[test]
    fn ole_containers_are_told_apart_by_their_streams() {
        let magic = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        let with = |stream: &str| [magic.clone(), Encoding::Utf16Le.encode(stream).unwrap()].concat();
        assert_eq!(what(&with("Workbook")), Foreign::OldBook);
        assert_eq!(what(&with("EncryptedPackage")), Foreign::LockedBook);
        assert_eq!(what(&with("WordDocument")), Foreign::Document);
        assert_eq!(what_named(&magic, "births.XLSX"), Foreign::LockedBook);
    }

    #[test]
    fn what_is_no_table_is_named() {
        assert_eq!(what(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0"), Foreign::Image);
        assert_eq!(what(b"%PDF-1.7\n"), Foreign::Pdf);
        assert_eq!(what(b"7z\xBC\xAF\x27\x1C\0\x04"), Foreign::Archive);
        assert_eq!(what(b"\x1F\x8B\x08\0"), Foreign::Archive);
        assert_eq!(what(b"[\n  {\"phone\": 1}]"), Foreign::Json);
        assert_eq!(what(b"a,b\n1,\0\0\n"), Foreign::Binary);
    }

    #[test]
    fn nothing_to_read_is_empty() {
        for head in ["", "\u{feff}", "\r\n \r\n"] {
            assert_eq!(sniff(head.as_bytes(), "a.csv"), Err(SniffError::Empty { name: "a.csv".to_string() }));
        }
    }

    #[test]
    fn text_with_brackets_is_still_a_list() {
        for text in ["[id],[name]\n1,x\n", "<1kg,>1kg\n3,4\n", "{id}\n5\n"] {
            assert!(matches!(sniff(text.as_bytes(), "a.csv"), Ok(Shape::Text(_))), "{text}");
        }
    }
}
