//! Why a file, or a part of one, could not be read; the scan goes on without it.

use std::io;

use super::limits::{DEPTH_MAX, PART_BYTES_MAX, PARTS_MAX, RATIO_MAX};
use crate::lang::{Pair, Speak};

/// What cannot be unpacked and has advice of its own.
pub(super) const OTHER_PARQUET: &str = "a Parquet file packed in a way other than Snappy or Zstandard";
pub(super) const NESTED_COLUMN: &str = "a Parquet column of lists";
pub(super) const ORC: &str = "an ORC file";
pub(super) const AVRO: &str = "an Avro file";
pub(super) const ARROW: &str = "an Arrow file";
pub(super) const HDF5: &str = "an HDF5 file";
pub(super) const LZ4: &str = "an LZ4 file";
pub(super) const BROTLI: &str = "a Brotli file";
pub(super) const COMPRESS: &str = "a file packed by compress (.Z)";
pub(super) const LZOP: &str = "an LZO file";
pub(super) const SNAPPY: &str = "a Snappy file";
pub(super) const LRZIP: &str = "an LRZIP file";
pub(super) const CABINET: &str = "a cabinet archive";
pub(super) const WIM: &str = "a disk image of Windows (WIM)";
pub(super) const XAR: &str = "a XAR archive";
pub(super) const LHA: &str = "an LHA archive";
pub(super) const ACE: &str = "an ACE archive";
pub(super) const IWORK: &str = "a Numbers, Pages or Keynote document";
pub(super) const PDF_PACKING: &str = "a stream of a PDF packed in an unknown way";
/// What only its name says to be packed.
pub(super) const UNKNOWN: &str = "a file that its name calls packed and its bytes do not";
/// What may be packed behind the begin of something else.
pub const HIDDEN: &str = "a file in which an archive may lie behind other bytes";
pub(super) const OUTLOOK: &str = "an Outlook mailbox";

/// Why something was not scanned. Never holds any of its content.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is protected by a password")]
    Encrypted,
    #[error("it is damaged or cut short ({what})")]
    Damaged { what: &'static str },
    #[error("it unpacks to more than {RATIO_MAX} times its size")]
    Bomb,
    #[error("a part of it has more than {} MiB", PART_BYTES_MAX >> 20)]
    PartTooLarge,
    #[error("it holds more than {PARTS_MAX} parts")]
    TooManyParts,
    #[error("it holds archives within archives, more than {DEPTH_MAX} deep")]
    TooDeep,
    #[error("it is too large to be read as {what}")]
    TooLarge { what: &'static str },
    #[error("a stream in it unpacks to more than {mib} MiB")]
    StreamTooLarge { mib: usize },
    #[error("it is {what}, which is not unpacked")]
    NotUnpacked { what: &'static str },
    #[error("it is a picture, and reading pictures was not asked for")]
    Picture,
    #[error("its text recognition failed")]
    Recognition,
    #[error("its text recognition took longer than {seconds} s")]
    RecognitionTime { seconds: u64 },
    #[error("`tesseract` with the languages chi_sim and eng is not installed")]
    NoRecognition,
    #[error("it is a RAR archive, and `bsdtar` is not installed")]
    NoUnpacker,
    #[error("it is {what}, not a file")]
    NotAFile { what: &'static str },
    #[error("the links to it lead in a circle, or to nothing")]
    Link,
    #[error("the scan was interrupted before its end")]
    Stopped,
    #[error("{0}")]
    Io(#[source] io::Error),
}

impl Unreadable {
    /// Tells a limit that was met inside a reader, damage, and a failing disk apart.
    pub fn of(error: io::Error, what: &'static str) -> Unreadable {
        match error.downcast::<Unreadable>() {
            Ok(inner) => inner,
            Err(error) => match error.kind() {
                io::ErrorKind::InvalidData
                | io::ErrorKind::InvalidInput
                | io::ErrorKind::UnexpectedEof
                | io::ErrorKind::Unsupported
                | io::ErrorKind::Other => Unreadable::Damaged { what },
                _ => Unreadable::Io(error),
            },
        }
    }
}

impl Speak for Unreadable {
    fn zh(&self) -> String {
        match self {
            Unreadable::Encrypted => "有密码保护".to_string(),
            Unreadable::Damaged { what } => format!("已损坏或不完整（{}）", zh_of(what)),
            Unreadable::Bomb => format!("解压后超过自身大小的 {RATIO_MAX} 倍"),
            Unreadable::PartTooLarge => format!("其中一个部件超过 {} MiB", PART_BYTES_MAX >> 20),
            Unreadable::TooManyParts => format!("部件超过 {PARTS_MAX} 个"),
            Unreadable::TooDeep => format!("压缩包嵌套超过 {DEPTH_MAX} 层"),
            Unreadable::TooLarge { what } => format!("太大，无法按{}读取", zh_of(what)),
            Unreadable::StreamTooLarge { mib } => format!("其中一个数据流解压后超过 {mib} MiB"),
            Unreadable::NotUnpacked { what } => format!("是{}，无法解开", zh_of(what)),
            Unreadable::Picture => "是图片，未要求识别图片文字".to_string(),
            Unreadable::Recognition => "文字识别失败".to_string(),
            Unreadable::RecognitionTime { seconds } => format!("文字识别超过 {seconds} 秒"),
            Unreadable::NoRecognition => "未安装 `tesseract` 及其语言包 chi_sim、eng".to_string(),
            Unreadable::NoUnpacker => "是 RAR 压缩包，而未安装 `bsdtar`".to_string(),
            Unreadable::NotAFile { what } => format!("不是文件（{}）", zh_of(what)),
            Unreadable::Link => "链接成环，或指向不存在的文件".to_string(),
            Unreadable::Stopped => "扫描在读完之前被中断".to_string(),
            Unreadable::Io(error) => format!("无法读取：{error}"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            Unreadable::Encrypted => Pair::new("remove the password and scan again", "请去除密码后重新扫描"),
            Unreadable::Picture => Pair::new("give `--ocr` to read pictures", "加 `--ocr` 可识别图片文字"),
            Unreadable::NoRecognition => Pair::new(
                "install tesseract-ocr, tesseract-ocr-chi-sim and tesseract-ocr-eng",
                "请安装 tesseract-ocr、tesseract-ocr-chi-sim 和 tesseract-ocr-eng",
            ),
            Unreadable::NotAFile { what: "a pipe" } => Pair::new(
                "have the scan read it from standard input: give `-` and pipe it in",
                "请改用标准输入：以 `-` 为路径，并用管道送入",
            ),
            Unreadable::NoUnpacker => Pair::new(
                "install libarchive-tools and scan again, or unpack it with `unrar x` and scan the folder that comes out",
                "请安装 libarchive-tools 后重新扫描，或用 `unrar x` 解开后扫描所得文件夹",
            ),
            Unreadable::NotUnpacked { what }
                if [OTHER_PARQUET, NESTED_COLUMN, ORC, AVRO, ARROW, HDF5].contains(what) =>
            {
                Pair::new(
                    "write it out as CSV, for instance with `duckdb`, and scan that",
                    "请导出为 CSV（例如用 `duckdb`），再扫描",
                )
            }
            Unreadable::NotUnpacked { what } if *what == COMPRESS => {
                Pair::new("unpack it with `gzip -d`, and scan what comes out", "请用 `gzip -d` 解开，再扫描所得文件")
            }
            Unreadable::NotUnpacked { what } if *what == IWORK => Pair::new(
                "write the document out as CSV, XLSX or PDF, and scan that",
                "请将文稿导出为 CSV、XLSX 或 PDF，再扫描",
            ),
            Unreadable::NotUnpacked { what } if *what == LZ4 => {
                Pair::new("unpack it with `lz4 -d`, and scan what comes out", "请用 `lz4 -d` 解开，再扫描所得文件")
            }
            Unreadable::NotUnpacked { what } if *what == BROTLI => Pair::new(
                "unpack it with `brotli -d`, and scan what comes out",
                "请用 `brotli -d` 解开，再扫描所得文件",
            ),
            Unreadable::NotUnpacked { what } if *what == HIDDEN => Pair::new(
                "unpack it with 7-Zip or cut off what stands before it, and scan what comes out",
                "请用 7-Zip 解开，或去掉其前面的内容，再扫描所得文件",
            ),
            Unreadable::NotUnpacked { what } if *what == OUTLOOK => Pair::new(
                "write its messages out with `readpst`, and scan the folder that comes out",
                "请用 `readpst` 导出邮件，再扫描所得文件夹",
            ),
            Unreadable::Damaged { .. } => Pair::new(
                "its bytes were searched as they stand; repair or unpack it, and scan what comes out, to see more",
                "其原始字节已按原样检索；如需看到更多内容，请修复或解开后再扫描",
            ),
            Unreadable::NotUnpacked { .. }
            | Unreadable::Bomb
            | Unreadable::PartTooLarge
            | Unreadable::TooManyParts
            | Unreadable::TooDeep
            | Unreadable::StreamTooLarge { .. }
            | Unreadable::TooLarge { .. } => {
                Pair::new("unpack or convert it yourself, and scan what comes out", "请自行解压或转换，再扫描所得文件")
            }
            Unreadable::Recognition
            | Unreadable::RecognitionTime { .. }
            | Unreadable::NotAFile { .. }
            | Unreadable::Link
            | Unreadable::Stopped
            | Unreadable::Io(_) => return None,
        })
    }
}

/// Says in Chinese what is unpacked or damaged; names of formats stay as they are.
fn zh_of(what: &str) -> &str {
    match what {
        OTHER_PARQUET => "以 Snappy、Zstandard 以外的方式压缩的 Parquet 文件",
        NESTED_COLUMN => "含列表的 Parquet 列",
        ORC => "ORC 文件",
        AVRO => "Avro 文件",
        ARROW => "Arrow 文件",
        HDF5 => "HDF5 文件",
        LZ4 => "LZ4 文件",
        BROTLI => "Brotli 文件",
        COMPRESS => "compress 压缩文件（.Z）",
        LZOP => "LZO 文件",
        SNAPPY => "Snappy 文件",
        LRZIP => "LRZIP 文件",
        CABINET => "CAB 压缩包",
        WIM => "Windows 磁盘映像（WIM）",
        XAR => "XAR 压缩包",
        LHA => "LHA 压缩包",
        ACE => "ACE 压缩包",
        IWORK => "Numbers、Pages 或 Keynote 文稿",
        PDF_PACKING => "PDF 中以未知方式压缩的数据流",
        UNKNOWN => "名称表明是压缩文件而内容无法识别的文件",
        HIDDEN => "可能在其他内容之后夹带压缩包的文件",
        OUTLOOK => "Outlook 邮箱文件",
        "SQLite with its log" => "SQLite 数据库及其日志",
        "a pipe" => "管道",
        "a socket" => "套接字",
        "a device" => "设备",
        "a folder or a device" => "文件夹或设备",
        "this ledger itself" => "本台账自身",
        "a sparse file" => "稀疏文件",
        "packed in a way other than LZMA" => "以 LZMA 以外的方式压缩",
        "packed in a way other than deflate" => "以 deflate 以外的方式压缩",
        "a scanned page in a fax's packing" => "以传真方式压缩的扫描页",
        "a scanned page in an unknown colour space" => "色彩空间未知的扫描页",
        "SQLite from standard input" => "标准输入的 SQLite ",
        "its end is missing" => "缺少结尾",
        "its begin" => "开头",
        "its reader gave up" => "读取程序放弃",
        "a sheet is missing" => "缺少工作表",
        "PDF without pages" => "没有页面的 PDF",
        "PDF: part of a page" => "PDF：页面的一部分",
        "PDF: a stream" => "PDF：一个数据流",
        "PDF: picture" => "PDF：图片",
        "XML with a document type" => "带文档类型声明的 XML",
        "archive" => "压缩包",
        "package" => "文件包",
        "workbook" | "old workbook" | "binary workbook" => "工作簿",
        "message" => "邮件",
        "mailbox" => "邮箱文件",
        "picture" => "图片",
        "OLE container" => "OLE 文件",
        name => name,
    }
}

/// Makes the damage of a kind of file out of a foreign error.
pub(super) fn damaged<E>(what: &'static str) -> impl Fn(E) -> Unreadable {
    move |_| Unreadable::Damaged { what }
}
