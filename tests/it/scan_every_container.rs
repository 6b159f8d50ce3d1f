//! Every spelling of a number in every container: each is found once, and the numbers beside it that differ by a digit are not.

use std::collections::BTreeMap;
use std::fs;

use parquet::basic::{Compression, ZstdLevel};

use crate::packed::{Cells, book, bzipped, gzipped, message, old_book, page, parquet, rar, tarred, zipped, zstandard};
use crate::scan_what_hides::{Hidden, hidden};
use crate::world::{all, text};

/// How a number is written, with a word for it.
type Spelling = (&'static str, fn(&str) -> String);

/// How a text is put into a file, with the file's ending.
type Container = (&'static str, fn(&str) -> Vec<u8>);

fn shifted(number: &str, zero: u32) -> String {
    number.bytes().map(|digit| char::from_u32(zero + u32::from(digit - b'0')).unwrap()).collect()
}

fn joined(number: &str, joint: &str) -> String {
    [&number[..3], &number[3..7], &number[7..]].join(joint)
}

fn spellings() -> Vec<Spelling> {
    vec![
        ("bare", str::to_string),
        ("country", |n| format!("+86{n}")),
        ("abroad", |n| format!("0086 {n}")),
        ("code", |n| format!("86-{n}")),
        ("trunk", |n| format!("0{n}")),
        ("spaces", |n| joined(n, " ")),
        ("dashes", |n| joined(n, "-")),
        ("en", |n| joined(n, "\u{2013}")),
        ("wide-dash", |n| joined(n, "－")),
        ("dots", |n| joined(n, ".")),
        ("nbsp", |n| joined(n, "\u{a0}")),
        ("zero-width", |n| joined(n, "\u{200b}")),
        ("bidi", |n| format!("\u{202d}{n}\u{202c}")),
        ("brackets", |n| format!("({}) {}", &n[..3], &n[3..])),
        ("full-width", |n| shifted(n, 0xFF10)),
        ("arabic", |n| shifted(n, 0x660)),
        ("float", |n| format!("{n}.0")),
        ("formula", |n| format!("=\"{n}\"")),
        ("text-mark", |n| format!("'{n}")),
        ("percent", |n| n.bytes().map(|digit| format!("%{digit:02X}")).collect()),
        ("entities", |n| n.bytes().map(|digit| format!("&#{digit};")).collect()),
    ]
}

/// Rows of text with one cell among them, and numbers beside it that are others.
fn rows(cell: &str, separator: &str) -> String {
    let join = |cells: [&str; 3]| cells.join(separator);
    [join(["姓名", "电话", "备注"]), join(["林某", "1380013800", "x"]), join(["陈某", cell, "y"]), String::new()]
        .join("\n")
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn word(cell: &str) -> Vec<u8> {
    let cell = xml(cell);
    let document = format!(
        "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>名单</w:t></w:r></w:p><w:p><w:r><w:t>电话 {cell}</w:t></w:r></w:p></w:body></w:document>"
    );
    zipped(&[("word/document.xml", document.as_bytes())])
}

fn slides(cell: &str) -> Vec<u8> {
    let slide = format!("<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:r><a:t>电话 {}</a:t></a:r></a:p></p:sld>", xml(cell));
    zipped(&[("ppt/slides/slide1.xml", slide.as_bytes())])
}

fn open_sheet(cell: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office='o' xmlns:table='t' xmlns:text='x'><table:table table:name='表'><table:table-row>\
         <table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row></table:table></office:document-content>",
        xml(cell)
    );
    zipped(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())])
}

fn database(cell: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE births (name, phone);").unwrap();
    database.execute("INSERT INTO births VALUES ('林某', '1380013800'), ('陈某', ?1)", [cell]).unwrap();
    drop(database);
    fs::read(path).unwrap()
}

fn containers() -> Vec<Container> {
    vec![
        ("csv", |cell| rows(cell, ",").into_bytes()),
        ("utf16le.txt", |cell| rows(cell, "\t").encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("utf16be.txt", |cell| rows(cell, "\t").encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("html", |cell| format!("<tr><td>林某</td><td>{cell}</td></tr>\n").into_bytes()),
        ("sql", |cell| format!("INSERT INTO b VALUES (1,\"林某\",`{cell}`),(2,\"x\",\"y\");\n").into_bytes()),
        ("xlsx", |cell| book(cell, false)),
        ("ods", open_sheet),
        ("docx", word),
        ("pptx", slides),
        ("eml", |cell| message("list.csv", rows(cell, ",").as_bytes()).into_bytes()),
        ("book.eml", |cell| message("list.xlsx", &book(cell, false)).into_bytes()),
        ("mbox", |cell| {
            let mail = message("list.xlsx", &book(cell, false));
            format!("From a@example.org Mon Jan  5 00:00:00 2026\nFrom: a@example.org\nTo: b@example.org\n\nx\n\nFrom b Mon Jan  5 00:00:01 2026\n{mail}").into_bytes()
        }),
        ("db", database),
        ("parquet", |cell| parquet(&["x", cell, "1380013800"], Compression::SNAPPY, Cells::Single)),
        ("zst.parquet", |cell| parquet(&["x", cell], Compression::ZSTD(ZstdLevel::default()), Cells::Single)),
        ("gz", |cell| gzipped(rows(cell, ",").as_bytes())),
        ("bz2", |cell| bzipped(rows(cell, ";").as_bytes())),
        ("zst", |cell| zstandard(rows(cell, "|").as_bytes())),
        ("tar", |cell| tarred(&[("a/b.csv", rows(cell, ",").as_bytes())])),
        ("zip", |cell| zipped(&[("b.csv", rows(cell, ",").as_bytes())])),
        ("rar", |cell| rar(&[("空.txt", b""), ("b/名单.csv", rows(cell, ",").as_bytes())])),
        ("nested.tar.gz", |cell| gzipped(&tarred(&[("x.zip", &zipped(&[("y.xlsx", &book(cell, false))]))]))),
        ("nested.rar", |cell| rar(&[("x.zip", &zipped(&[("y.docx", &word(cell))]))])),
    ]
}

/// Containers of which the ones made here hold ASCII alone.
fn narrow_containers() -> Vec<Container> {
    vec![("xls", |cell| old_book(cell)), ("pdf", |cell| page(&cell.replace('(', "\\(").replace(')', "\\)"), "x", "y"))]
}

/// How often the canary is found in each file of a folder.
fn seen(hidden: &Hidden, folder: &str) -> BTreeMap<String, usize> {
    let scanned = hidden.world.json(&["scan", &hidden.world.arg(folder)]);
    assert!(all(&scanned, "unreadable").is_empty(), "{}", scanned["unreadable"]);
    let mut seen = BTreeMap::new();
    for found in all(&scanned, "matches") {
        assert_eq!(
            (text(found, "number"), text(found, "matched_by")),
            (format!("+86{}", hidden.number).as_str(), "number")
        );
        *seen.entry(text(found, "file").rsplit('/').next().unwrap().to_string()).or_default() += 1;
    }
    seen
}

#[test]
fn every_spelling_is_found_in_every_container() {
    let hidden = hidden();
    let other = hidden.number.bytes().last().map(|digit| if digit == b'0' { '1' } else { '0' }).unwrap();
    let near = format!("{}{other}", &hidden.number[..10]);
    let mut wanted = BTreeMap::new();
    for (word, spell) in spellings() {
        let cell = spell(&hidden.number);
        let narrow = narrow_containers().into_iter().filter(|_| cell.is_ascii());
        for (ending, contain) in containers().into_iter().chain(narrow) {
            hidden.world.write(&format!("every/{word}.{ending}"), contain(&cell));
            hidden.world.write(&format!("others/{word}.{ending}"), contain(&spell(&near)));
            wanted.insert(format!("{word}.{ending}"), 1);
        }
    }
    assert_eq!(seen(&hidden, "every"), wanted);
    let others = hidden.world.run(&["--json", "scan", &hidden.world.arg("others")]);
    assert_eq!(others.code, Some(1), "{}", others.out);
}

#[test]
fn a_rar_archive_that_is_cut_or_holds_nothing_is_told_of() {
    let hidden = hidden();
    let whole = rar(&[("a.csv", &[b"x\n".repeat(40_000), hidden.row.clone().into_bytes()].concat())]);
    assert_eq!(text(&hidden.read("a.rar", &whole), "place"), "a.csv");
    for cut in [&whole[..60_000], &whole[..12], &rar(&[])[..]] {
        assert!(hidden.unread("cut.rar", cut).contains("damaged or cut short (RAR)"), "{}", cut.len());
    }
}
