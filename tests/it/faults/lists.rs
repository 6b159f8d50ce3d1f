//! Small lists of made-up rows, as text and as a workbook, and what is compared to tell that one is unharmed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Rows of a list.
const ROWS: u64 = 10;
const HEADER: [&str; 7] = ["序号", "产妇姓名", "联系电话", "家庭住址", "分娩日期", "新生儿性别", "出生体重"];

/// A kind of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Csv,
    Xlsx,
}

impl Kind {
    /// The ending of file names.
    pub fn ending(self) -> &'static str {
        match self {
            Kind::Csv => "csv",
            Kind::Xlsx => "xlsx",
        }
    }

    /// Makes the list.
    pub fn list(self) -> Vec<u8> {
        match self {
            Kind::Csv => {
                let lines = std::iter::once(HEADER.map(str::to_string)).chain((0..ROWS).map(row));
                lines.map(|cells| cells.join(",") + "\r\n").collect::<String>().into_bytes()
            }
            Kind::Xlsx => workbook(),
        }
    }

    /// Takes a list apart: one piece for text, one for each part of a workbook; none if it cannot be read.
    pub fn pieces(self, path: &Path) -> BTreeMap<String, Vec<u8>> {
        let Ok(mut file) = File::open(path) else { return BTreeMap::new() };
        if self == Kind::Csv {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            return BTreeMap::from([("text".to_string(), bytes)]);
        }
        let Ok(mut archive) = ZipArchive::new(file) else { return BTreeMap::new() };
        let mut pieces = BTreeMap::new();
        for at in 0..archive.len() {
            let mut part = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            pieces.insert(part.name().unwrap().to_string(), bytes);
        }
        pieces
    }
}

/// Gives what every row holds that may never leave its own file: the real phone numbers.
pub fn sentinels() -> Vec<String> {
    (0..ROWS).map(phone).collect()
}

fn phone(i: u64) -> String {
    format!("{}{:08}", [137, 138, 150, 188][i as usize % 4], (i + 40) * 3_337_411 % 100_000_000)
}

fn row(i: u64) -> [String; 7] {
    const NAMES: [&str; 10] =
        ["王晓燕", "李梦婷", "张丽娜", "刘佳怡", "陈思雨", "杨雪", "赵敏", "黄诗涵", "周静", "吴海燕"];
    [
        (i + 1).to_string(),
        NAMES[i as usize].to_string(),
        phone(i),
        format!("桃源街道{}号{}栋{}室", i + 3, i % 4 + 1, i + 101),
        format!("2026-10-{:02}", i * 2 + 1),
        ["男", "女"][i as usize % 2].to_string(),
        (3000 + i * 37).to_string(),
    ]
}

fn workbook() -> Vec<u8> {
    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let lines = std::iter::once(HEADER.map(str::to_string)).chain((0..ROWS).map(row));
    let rows: String = lines.zip(1..).map(|(cells, at)| sheet_row(at, &cells)).collect();
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"10月\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>")),
    ];
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(format!("{HEAD}{content}").as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn sheet_row(at: u64, cells: &[String]) -> String {
    let cells: String = cells
        .iter()
        .zip('A'..)
        .map(|(text, column)| match (at, column) {
            (2.., 'A' | 'G') => format!("<c r=\"{column}{at}\"><v>{text}</v></c>"),
            (_, _) => format!("<c r=\"{column}{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
        })
        .collect();
    format!("<row r=\"{at}\">{cells}</row>")
}
