//! Made-up lists in the shapes that hospitals send, and what must hold of a seeded one.
//!
//! People and numbers are drawn by a fixed seed; no row is a person. Read back, a list is decoded and cut into cells
//! by other code than the program's.

use chrono::{Days, NaiveDate};
use rand::rngs::ChaCha20Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

const SURNAMES: &[&str] = &["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡"];
const GIVEN: &[&str] = &[
    "静", "敏", "丽", "婷", "雪梅", "晓燕", "佳怡", "思雨", "海燕", "秀英", "慧", "娟", "文静", "嘉欣", "雨桐", "梦洁",
];
const ROADS: &[&str] = &["红荔路", "深南大道", "莲花路", "福强路", "景田路", "彩田路", "梅林路", "侨香路"];
const DISTRICTS: &[&str] = &["福田区", "南山区", "罗湖区", "宝安区"];
const SEGMENTS: &[u64] = &[1371443, 1382335, 1392380, 1581408, 1890302, 1508867, 1868855, 1354300];
const FRENCH: &[&str] = &["Élodie", "Zoë", "Anaïs", "Chloé", "Françoise", "Hélène", "Aïcha", "Margaux"];
const FAMILIES: &[&str] = &["Lefèvre", "Gauthier", "Müller", "Bélanger", "Côté", "Noël", "Garçon", "Dupré"];

/// How the text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Utf8,
    Utf8Bom,
    Gbk,
    Gb18030,
    Utf16Le,
    Utf16Be,
    Latin1,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    Lf,
    CrLf,
    /// Two with one kind, one with the other.
    Mixed,
}

/// The line above the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    Chinese,
    English,
    None,
}

/// How phone numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    Plain,
    Dashes,
    Spaces,
    /// `="138…"`, which keeps a spreadsheet from making a number of it.
    Guard,
    CountryCode,
    /// Some cells hold the husband's number too.
    TwoInSome,
}

/// Which fields are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    AsNeeded,
    All,
    /// The address is quoted and breaks the line in some rows.
    LineBreaks,
}

/// The shape of a list.
#[derive(Debug, Clone)]
pub struct Shape {
    pub coding: Coding,
    pub delimiter: char,
    pub ends: Ends,
    pub last_newline: bool,
    pub titles: Vec<String>,
    /// Every so many rows a blank one stands: by turns an empty line and nothing but delimiters.
    pub blank_every: Option<usize>,
    pub total: bool,
    pub head: Head,
    pub spelling: Spelling,
    pub quotes: Quotes,
    pub rows: usize,
    pub seed: u64,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape {
            coding: Coding::Utf8,
            delimiter: ',',
            ends: Ends::Lf,
            last_newline: true,
            titles: Vec::new(),
            blank_every: None,
            total: false,
            head: Head::Chinese,
            spelling: Spelling::Plain,
            quotes: Quotes::AsNeeded,
            rows: 120,
            seed: 7,
        }
    }
}

/// Columns of the lists made here.
pub const SERIAL: usize = 0;
pub const RECORD_ID: usize = 1;
pub const NAME: usize = 2;
pub const BIRTH: usize = 4;
pub const PHONE: usize = 7;
pub const ADDRESS: usize = 8;

impl Shape {
    /// Makes the rows' cells, in date order.
    pub fn people(&self) -> Vec<Vec<String>> {
        let mut rng = ChaCha20Rng::seed_from_u64(self.seed);
        let mut day = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
        let mut id = 260_100;
        (1..=self.rows)
            .map(|serial| {
                day = day + Days::new(rng.random_range(0..2));
                id += rng.random_range(2..9);
                let weeks = *[37, 38, 38, 39, 39, 39, 40, 40, 41].choose(&mut rng).unwrap();
                let weight = 2500 + (weeks - 37) * 150 + rng.random_range(0..90) * 10;
                let (name, sex, address) = self.words(&mut rng);
                vec![
                    serial.to_string(),
                    format!("ZY{id}"),
                    name,
                    rng.random_range(22..40).to_string(),
                    day.to_string(),
                    weeks.to_string(),
                    sex.to_string(),
                    self.phones(&mut rng),
                    address,
                    weight.to_string(),
                ]
            })
            .collect()
    }

    fn words(&self, rng: &mut ChaCha20Rng) -> (String, &'static str, String) {
        let girl = rng.random_bool(0.48);
        let house = rng.random_range(1..400);
        if self.coding == Coding::Latin1 {
            let name = format!("{} {}", FRENCH.choose(rng).unwrap(), FAMILIES.choose(rng).unwrap());
            return (name, if girl { "F" } else { "M" }, format!("{house} Rue de la Liberté"));
        }
        let name = format!("{}{}", SURNAMES.choose(rng).unwrap(), GIVEN.choose(rng).unwrap());
        let (district, road) = (DISTRICTS.choose(rng).unwrap(), ROADS.choose(rng).unwrap());
        let (block, room) = (rng.random_range(1..20), rng.random_range(1..30) * 100 + rng.random_range(1..5));
        let break_here = self.quotes == Quotes::LineBreaks && rng.random_bool(0.3);
        let gap = if break_here { "\n" } else { "" };
        (name, if girl { "女" } else { "男" }, format!("{district}{road}{house}号{gap}{block}栋{room}室"))
    }

    fn phones(&self, rng: &mut ChaCha20Rng) -> String {
        let mut number = || format!("{}{:04}", SEGMENTS.choose(rng).unwrap(), rng.random_range(0..10_000));
        let digits = number();
        let (a, b, c) = (&digits[..3], &digits[3..7], &digits[7..]);
        match self.spelling {
            Spelling::Plain => digits,
            Spelling::Dashes => format!("{a}-{b}-{c}"),
            Spelling::Spaces => format!("{a} {b} {c}"),
            Spelling::Guard => format!("=\"{digits}\""),
            Spelling::CountryCode => format!("+86{digits}"),
            Spelling::TwoInSome => {
                let second = number();
                if rng.random_bool(0.3) { format!("{digits}/{second}") } else { digits }
            }
        }
    }

    fn heading(&self) -> Option<&'static [&'static str]> {
        match self.head {
            Head::Chinese => Some(&[
                "序号",
                "住院号",
                "产妇姓名",
                "年龄",
                "分娩日期",
                "孕周",
                "性别",
                "联系电话",
                "家庭住址",
                "出生体重",
            ]),
            Head::English => Some(&[
                "No.",
                "Record ID",
                "Mother name",
                "Mother age",
                "Birth date",
                "Gestation weeks",
                "Sex",
                "Phone",
                "Address",
                "Birth weight",
            ]),
            Head::None => None,
        }
    }

    /// Writes the list.
    pub fn bytes(&self) -> Vec<u8> {
        let mut lines: Vec<String> = self.titles.clone();
        lines.extend(self.heading().map(|names| names.join(&self.delimiter.to_string())));
        for (at, row) in self.people().iter().enumerate() {
            let cells: Vec<String> = row.iter().enumerate().map(|(column, cell)| self.quoted(column, cell)).collect();
            lines.push(cells.join(&self.delimiter.to_string()));
            if let Some(every) = self.blank_every.filter(|every| (at + 1).is_multiple_of(*every)) {
                let cells = if (at + 1).is_multiple_of(2 * every) { 10 } else { 1 };
                lines.push(vec![""; cells].join(&self.delimiter.to_string()));
            }
        }
        if self.total {
            let mut cells = vec![String::new(); 10];
            (cells[0], cells[2]) = ("合计".to_string(), self.rows.to_string());
            lines.push(cells.join(&self.delimiter.to_string()));
        }
        let last = lines.len() - 1;
        let mut text = String::new();
        for (at, line) in lines.iter().enumerate() {
            text.push_str(line);
            if at < last || self.last_newline {
                text.push_str(self.line_end(at));
            }
        }
        encode(&text, self.coding)
    }

    fn line_end(&self, at: usize) -> &'static str {
        match self.ends {
            Ends::Lf => "\n",
            Ends::CrLf => "\r\n",
            Ends::Mixed if at % 3 == 2 => "\n",
            Ends::Mixed => "\r\n",
        }
    }

    fn quoted(&self, column: usize, cell: &str) -> String {
        let quote = match self.quotes {
            // A guard is written as it stands: quoting it would take its meaning.
            _ if cell.starts_with("=\"") => false,
            Quotes::AsNeeded => cell.contains([self.delimiter, '"', '\n']),
            Quotes::All => true,
            Quotes::LineBreaks => column == ADDRESS,
        };
        if quote { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_string() }
    }

    /// Reads a list of this shape back into the cells of its data rows.
    pub fn read(&self, bytes: &[u8]) -> Vec<Vec<String>> {
        let text = decode(bytes, self.coding);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter as u8)
            .quoting(self.spelling != Spelling::Guard)
            .from_reader(text.as_bytes());
        let records = reader.records().map(|record| record.unwrap().iter().map(str::to_string).collect());
        let rows: Vec<Vec<String>> = records.collect();
        rows.into_iter().filter(|row| row.len() > PHONE && row[SERIAL].parse::<u64>().is_ok()).collect()
    }
}

/// Turns text into bytes.
pub fn encode(text: &str, coding: Coding) -> Vec<u8> {
    let with = |encoding: &'static encoding_rs::Encoding| {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy, "the text does not fit {}", encoding.name());
        bytes.into_owned()
    };
    match coding {
        Coding::Utf8 => text.as_bytes().to_vec(),
        Coding::Utf8Bom => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Coding::Gbk => with(encoding_rs::GBK),
        Coding::Gb18030 => with(encoding_rs::GB18030),
        Coding::Utf16Le => [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        Coding::Utf16Be => [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        Coding::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
    }
}

/// Turns bytes into text.
pub fn decode(bytes: &[u8], coding: Coding) -> String {
    let encoding = match coding {
        Coding::Utf8 | Coding::Utf8Bom => encoding_rs::UTF_8,
        Coding::Gbk => encoding_rs::GBK,
        Coding::Gb18030 => encoding_rs::GB18030,
        Coding::Utf16Le => encoding_rs::UTF_16LE,
        Coding::Utf16Be => encoding_rs::UTF_16BE,
        Coding::Latin1 => return bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let (text, _, broken) = encoding.decode(bytes);
    assert!(!broken, "not {}", encoding.name());
    text.into_owned()
}

/// Keeps only the digits of a text.
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
