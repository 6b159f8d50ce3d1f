//! A list is seized: canaries are found in it whatever it is packed in, and the copy it comes from is named.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::lists::{ADDRESS, BIRTH, NAME, PHONE, Shape};
use crate::packed::{book, bzipped, gzipped, message, page, seven_zipped, tarred, zipped, zstandard};
use crate::world::{Fixed, all, count, text};

/// A world in which one hospital got a list with canaries, and one of these canaries.
struct Seizure {
    world: Fixed,
    number: String,
    name: String,
    row: String,
}

/// Plants for `ids`, each its own list, and gives the first canary of the first.
fn seizure(ids: &[&str]) -> Seizure {
    let world = Fixed::ready(ids, 60);
    let mut first: Option<Value> = None;
    for (at, id) in ids.iter().enumerate() {
        let list = world.write(&format!("{id}.csv"), Shape { seed: at as u64 + 1, ..Shape::default() }.bytes());
        let out = world.arg(&format!("{id}-out.csv"));
        let planted = world.json(&["plant", &list, "--to", id, "--count", "8", "-o", &out]);
        first.get_or_insert(planted);
    }
    let planted = first.unwrap();
    let canary = &planted["canaries"][0];
    let number = text(canary, "number").trim_start_matches("+86").to_string();
    let copy = fs::read_to_string(world.at(&format!("{}-out.csv", ids[0]))).unwrap();
    let row = copy.lines().find(|line| line.contains(&number)).unwrap().to_string();
    let name = text(&canary["fields"], "mother_name").to_string();
    Seizure { world, number, name, row }
}

impl Seizure {
    /// Scans one file that must hold the canary; gives its one match.
    fn found(&self, name: &str, bytes: &[u8]) -> Value {
        let path = self.world.write(name, bytes);
        let scanned = self.world.json(&["scan", &path]);
        let of_canary = all(&scanned, "matches");
        assert_eq!(of_canary.len(), 1, "{name}: {scanned}");
        assert_eq!(text(&of_canary[0], "number"), format!("+86{}", self.number), "{name}");
        assert_eq!(text(&scanned["sources"][0], "holder"), "szfy", "{name}: {scanned}");
        of_canary[0].clone()
    }

    /// Scans one file in which nothing can be read; gives the reason.
    fn unread(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.world.write(name, bytes);
        let told = self.world.run(&["scan", &path]);
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{name}: {}", told.err);
        told.err
    }
}

#[test]
fn a_list_that_a_broker_edited_is_traced_to_its_copy() {
    let Seizure { world, number, .. } = seizure(&["szfy", "rmyy", "zyy"]);
    let copy = fs::read_to_string(world.at("szfy-out.csv")).unwrap();
    let lines: Vec<&str> = copy.lines().collect();
    // Nine rows of ten are gone, but one canary's is not; sorted by name; two columns left, one new; phones in threes.
    let mut kept: Vec<String> = lines[1..]
        .iter()
        .enumerate()
        .filter(|(at, line)| line.contains(&number) || at % 10 == 3)
        .map(|(_, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            let phone: String = cells[PHONE].chars().filter(char::is_ascii_digit).collect();
            format!("{},{} {} {},已联系", cells[2], &phone[..3], &phone[3..7], &phone[7..11])
        })
        .collect();
    kept.sort();
    let path = world.write("broker.csv", format!("姓名,手机,结果\n{}\n", kept.join("\n")));
    let scanned = world.json(&["scan", &path]);
    assert_eq!(text(&scanned["sources"][0], "holder"), "szfy", "{scanned}");
    assert_eq!(text(&scanned, "verdict"), "supported", "{scanned}");
    let found = all(&scanned, "matches").iter().find(|one| one["number"] == format!("+86{number}")).unwrap();
    assert_eq!(text(found, "text"), format!("{} {} {}", &number[..3], &number[3..7], &number[7..]));
    let sum: f64 = all(&scanned, "sources").iter().map(|source| source["probability"].as_f64().unwrap()).sum();
    assert!((sum + scanned["background"].as_f64().unwrap() - 1.0).abs() < 1e-6, "{scanned}");
    // Nobody else's row is shown.
    let told = world.done(&["scan", &path]) + &scanned.to_string();
    let other = lines.iter().skip(1).find(|line| !line.contains(&number)).unwrap().split(',').nth(PHONE).unwrap();
    assert!(!told.contains(other), "{told}");
}

/// Writes a row's cells as a broker would.
type Edit = fn(&[String]) -> String;

/// Edits that brokers make to a list of cells; the number is gone in some.
fn edits() -> Vec<(&'static str, Edit)> {
    fn digits(cell: &str) -> String {
        cell.chars().filter(char::is_ascii_digit).collect()
    }
    fn traditional(text: &str) -> String {
        let table = include_str!("../../src/scan/tables/traditional.tsv");
        let pairs = table.lines().filter_map(|line| line.split_once('\t')).filter(|(old, new)| old != new);
        let table: BTreeMap<&str, &str> = pairs.map(|(old, new)| (new, old)).collect();
        text.chars().map(|c| table.get(c.to_string().as_str()).map_or(c.to_string(), |old| old.to_string())).collect()
    }
    vec![
        ("an outcome is added", |cells| format!("{},已成交", cells.join(","))),
        ("columns are dropped", |cells| format!("{},{}", cells[NAME], cells[PHONE])),
        ("only numbers are left", |cells| digits(&cells[PHONE])),
        ("numbers are written out", |cells| {
            let phone = digits(&cells[PHONE]);
            format!("{};+86 ({}) {}-{}", cells[NAME], &phone[..3], &phone[3..7], &phone[7..11])
        }),
        ("numbers become floats", |cells| format!("{}\t{}.0", cells[NAME], digits(&cells[PHONE]))),
        ("numbers are dropped", |cells| format!("{},{},{},新客", cells[NAME], cells[BIRTH], cells[ADDRESS])),
        ("it is retyped in traditional characters", |cells| {
            let day: Vec<&str> = cells[BIRTH].split('-').collect();
            let address = traditional(&cells[ADDRESS]);
            format!("{},{}年{}月{}日,{address},", traditional(&cells[NAME]), day[0], day[1], day[2])
        }),
        ("one digit is lost", |cells| {
            let phone = digits(&cells[PHONE]);
            format!("{},{}{},{},x", cells[NAME], &phone[..6], &phone[7..], cells[BIRTH])
        }),
    ]
}

#[test]
fn the_right_source_comes_out_of_any_edit() {
    let Seizure { world, number, .. } = seizure(&["szfy", "rmyy", "zyy"]);
    let copy = fs::read_to_string(world.at("szfy-out.csv")).unwrap();
    let other = fs::read_to_string(world.at("rmyy.csv")).unwrap();
    let cells = |text: &str| -> Vec<Vec<String>> {
        text.lines().skip(1).map(|line| line.split(',').map(str::to_string).collect()).collect()
    };
    for (what, edit) in edits() {
        // Nine rows of ten are gone, but one canary's is not; the rest is mixed with another list's rows, and sorted.
        let kept =
            cells(&copy).into_iter().enumerate().filter(|(at, row)| row[PHONE].contains(&number) || at % 10 == 3);
        let mut lines: Vec<String> = kept.map(|(_, row)| row).chain(cells(&other)).map(|row| edit(&row)).collect();
        lines.sort();
        for (name, bytes) in [
            ("edited.csv", lines.join("\n").into_bytes()),
            ("edited.gbk.csv", encoding_rs::GB18030.encode(&lines.join("\r\n")).0.into_owned()),
            ("edited.zip", zipped(&[("list.csv", lines.join("\n").as_bytes())])),
        ] {
            let path = world.write(name, bytes);
            let scanned = world.json(&["scan", &path]);
            let found = all(&scanned, "matches").iter().any(|one| text(one, "number").ends_with(&number));
            assert!(found, "{what}, {name}: {scanned}");
            assert_eq!(text(&scanned["sources"][0], "holder"), "szfy", "{what}, {name}: {scanned}");
        }
    }
}

#[test]
fn a_long_list_of_strangers_who_share_names_and_days_is_no_match() {
    let Seizure { world, .. } = seizure(&["szfy"]);
    let copy = fs::read_to_string(world.at("szfy-out.csv")).unwrap();
    let people: Vec<Vec<&str>> = copy.lines().skip(1).map(|line| line.split(',').collect()).collect();
    // Everybody of the list bore a child on every day of it: more namesakes than any country has.
    let mut lines = String::from("姓名,日期,体重,备注\n");
    for other in &people {
        for person in &people {
            lines.push_str(&format!("{},{},3200,\n", person[NAME], other[BIRTH]));
        }
    }
    let path = world.write("strangers.csv", lines.repeat(70));
    let told = world.run(&["--json", "scan", &path]);
    let scanned: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((told.code, all(&scanned, "matches").len()), (Some(1), 0), "{scanned}");
    assert_eq!(count(&scanned, "coincidences"), 8, "{scanned}");
    let told = world.run(&["scan", &path]).out;
    assert!(told.contains("8 canaries were seen that lists of this length hold by chance"), "{told}");
}

#[test]
fn holders_whose_copies_both_had_the_canary_are_tied() {
    let Seizure { world, row, .. } = seizure(&["szfy", "rmyy"]);
    let (first, second) = (world.arg("szfy-out.csv"), world.arg("rmyy-second.csv"));
    let planted = world.json(&["plant", &first, "--to", "rmyy", "--count", "1", "-o", &second]);
    assert_eq!(count(&planted, "carried"), 8);
    let path = world.write("one.csv", format!("{row}\n"));
    let scanned = world.json(&["scan", &path]);
    assert_eq!(text(&scanned, "verdict"), "inconclusive", "{scanned}");
    assert!(all(&scanned, "named").is_empty(), "{scanned}");
    let mut tied = vec![text(&scanned["sources"][0], "holder")];
    tied.extend(all(&scanned, "alike").iter().map(|holder| holder.as_str().unwrap()));
    tied.sort_unstable();
    assert_eq!(tied, ["rmyy", "szfy"], "{scanned}");
    assert_eq!(all(&all(&scanned, "matches")[0], "received_by"), ["rmyy"], "{scanned}");
}

#[test]
fn a_copy_with_all_its_canaries_is_named_and_the_very_file_is_told() {
    let Seizure { world, .. } = seizure(&["szfy", "rmyy"]);
    let path = world.arg("rmyy-out.csv");
    let scanned = world.json(&["scan", &path]);
    assert_eq!(text(&scanned, "verdict"), "strongly-supported", "{scanned}");
    assert_eq!(scanned["named"], serde_json::json!(["rmyy"]));
    let file = &scanned["files"][0];
    assert_eq!((text(file, "planting"), count(file, "rows")), ("P-000002", 129), "{file}");
    assert_eq!(count(file, "bytes"), fs::metadata(&path).unwrap().len());
    assert!(all(&file["layout"], "plantings").contains(&"P-000002".into()), "{file}");
}

#[test]
fn a_control_in_the_list_takes_its_weight() {
    let Seizure { world, row, .. } = seizure(&["szfy"]);
    world.done(&["number", "control", "--count", "3"]);
    let controls = world.json(&["number", "list", "--state", "control"]);
    let control = text(&controls[0], "number");
    let path = world.write("mixed.csv", format!("{row}\nx,{control}\n"));
    let scanned = world.json(&["scan", &path]);
    assert_eq!(text(&scanned, "verdict"), "inconclusive", "{scanned}");
    assert!(text_of(&scanned["against"]).contains("1 control numbers"), "{scanned}");
    assert!(all(&scanned, "matches").iter().any(|one| one["canary"].is_null()), "{scanned}");
}

fn text_of(value: &Value) -> String {
    value.to_string()
}

#[test]
fn workbooks_are_read_cell_by_cell() {
    let seized = seizure(&["szfy"]);
    for as_number in [false, true] {
        let found = seized.found("book.xlsx", &book(&seized.number, as_number));
        assert_eq!((text(&found, "place"), count(&found, "line")), ("名单!C17", 17));
    }
    let open = "<office:document-content xmlns:office='o' xmlns:table='t' xmlns:text='x'><table:table table:name='表'>\
        <table:table-row table:number-rows-repeated='1000000000'/><table:table-row><table:table-cell table:number-columns-repeated='3'/>\
        <table:table-cell office:value='NUMBER'><text:p>1.38E+10</text:p></table:table-cell></table:table-row></table:table></office:document-content>";
    let open = open.replace("NUMBER", &seized.number);
    let mime: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let found = seized.found("book.ods", &zipped(&[("mimetype", mime), ("content.xml", open.as_bytes())]));
    assert_eq!(text(&found, "place"), "表!D1000000001");
}

#[test]
fn old_workbooks_and_pages_made_by_an_office_suite_are_read() {
    let seized = seizure(&["szfy"]);
    let row = seized.row.replace(',', "\t");
    let list = seized.world.write("office.csv", format!("序号\t姓名\n{row}\n"));
    for (ending, place) in [("xls", "office!"), ("ods", "office!"), ("pdf", "page "), ("xlsx", "office!")] {
        let mut office = Command::new("soffice");
        seized.world.dress(&mut office);
        let home = format!("-env:UserInstallation=file://{}", seized.world.arg("office-home"));
        office.args([&home, "--headless", "--infilter=CSV:9,34,76", "--convert-to", ending, "--outdir"]);
        let ran = office.arg(seized.world.folder()).arg(&list).output().expect("LibreOffice is installed by tests/run");
        let bytes = fs::read(seized.world.at(&format!("office.{ending}"))).unwrap_or_else(|_| panic!("{ran:?}"));
        let found = seized.found(&format!("made.{ending}"), &bytes);
        assert!(text(&found, "place").starts_with(place), "{ending}: {found}");
    }
}

#[test]
fn binary_workbooks_are_read() {
    let seized = seizure(&["szfy"]);
    let record = |kind: u16, body: &[u8]| {
        let mut bytes = if kind < 128 { vec![kind as u8] } else { vec![(kind & 127) as u8 | 128, (kind >> 7) as u8] };
        bytes.push(body.len() as u8);
        bytes.extend(body);
        bytes
    };
    let wide = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        bytes
    };
    let sheet = record(156, &[&[0; 8][..], &wide("rId1"), &wide("名单")].concat());
    let strings = record(19, &[&[0][..], &wide(&seized.number)].concat());
    let row = record(0, &16_u32.to_le_bytes());
    let cell = record(7, &[2_u32.to_le_bytes(), [0; 4], [0; 4]].concat());
    let links = b"<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.bin'/></Relationships>";
    let bytes = zipped(&[
        ("xl/workbook.bin", &sheet),
        ("xl/_rels/workbook.bin.rels", links),
        ("xl/sharedStrings.bin", &strings),
        ("xl/worksheets/sheet1.bin", &[row, cell].concat()),
    ]);
    assert_eq!(text(&seized.found("book.xlsb", &bytes), "place"), "名单!C17");
}

#[test]
fn documents_mail_and_databases_are_read() {
    let seized = seizure(&["szfy"]);
    let (head, tail) = seized.number.split_at(5);
    let document = format!(
        "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>名单</w:t></w:r></w:p><w:p><w:r><w:t>电话{head}</w:t></w:r><w:r><w:t>{tail}</w:t></w:r></w:p></w:body></w:document>"
    );
    let found = seized.found("a.docx", &zipped(&[("word/document.xml", document.as_bytes())]));
    assert_eq!((count(&found, "line"), text(&found, "text")), (2, seized.number.as_str()));
    let slide = format!("<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>", seized.number);
    seized.found("a.pptx", &zipped(&[("ppt/slides/slide1.xml", slide.as_bytes())]));

    let mail = message("list.xlsx", &book(&seized.number, false));
    let found = seized.found("a.eml", mail.as_bytes());
    assert_eq!(text(&found, "place"), "list.xlsx!名单!C17");
    let mailbox = format!(
        "From a@example.org Mon Jan  5 00:00:00 2026\nFrom: a@example.org\nTo: b@example.org\nSubject: none\n\nhello\n\nFrom b Mon Jan  5 00:00:01 2026\n{mail}"
    );
    let found = seized.found("a.mbox", mailbox.as_bytes());
    assert_eq!(text(&found, "place"), "message 2!list.xlsx!名单!C17");

    let path = seized.world.at("made.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    let number: i64 = seized.number.parse().unwrap();
    database.execute_batch(&format!("CREATE TABLE births (x); INSERT INTO births VALUES (1), ({number});")).unwrap();
    drop(database);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(text(&seized.found("a.sqlite", &bytes), "place"), "births!2");
    assert_eq!(text(&seized.found("db.zip", &zipped(&[("x.db", &bytes)])), "place"), "x.db!births!2");
}

#[test]
fn archives_within_archives_are_unpacked() {
    let seized = seizure(&["szfy"]);
    let row = seized.row.as_bytes();
    assert_eq!(seized.found("a.csv.gz", &gzipped(row)).get("place"), None);
    let inner = zipped(&[("里.xlsx", &book(&seized.number, true))]);
    let outer = gzipped(&tarred(&[("a/inner.zip", &inner), ("a/empty.txt", b"")]));
    assert_eq!(text(&seized.found("a.tar.gz", &outer), "place"), "a/inner.zip!里.xlsx!名单!C17");

    fs::write(seized.world.at("inner.zip"), &inner).unwrap();
    let packed = seven_zipped(&seized.world, &[], "packed.7z", "inner.zip");
    assert_eq!(text(&seized.found("a.7z", &packed), "place"), "inner.zip!里.xlsx!名单!C17");
    for method in ["-m0=BZip2", "-m0=PPMd"] {
        let packed = seven_zipped(&seized.world, &[method], &format!("packed{method}.7z"), "inner.zip");
        seized.found("other.7z", &packed);
    }
    let locked = seven_zipped(&seized.world, &["-psecret"], "locked.7z", "inner.zip");
    assert!(seized.unread("locked.7z", &locked).contains("password"));
    for method in ["Deflate64", "BZip2"] {
        let out = format!("{method}.zip");
        let packed = seven_zipped(&seized.world, &["-tzip", &format!("-mm={method}")], &out, "szfy-out.csv");
        let path = seized.world.write("method.zip", packed);
        assert_eq!(all(&seized.world.json(&["scan", &path]), "matches").len(), 8, "{method}");
    }
}

#[test]
fn packed_streams_are_unpacked_one_behind_the_other_too() {
    let seized = seizure(&["szfy"]);
    let row = seized.row.as_bytes();
    fs::write(seized.world.at("row.csv"), row).unwrap();
    let xz = seven_zipped(&seized.world, &["-txz"], "row.csv.xz", "row.csv");
    assert_eq!(seized.found("a.xz", &xz).get("place"), None);
    seized.found("a.bz2", &bzipped(row));
    seized.found("a.zst", &zstandard(row));
    seized.found("a.tar.bz2", &bzipped(&tarred(&[("list.csv", row)])));
    let header = "x\n".repeat(70_000).into_bytes();
    seized.found("two.bz2", &[bzipped(&header), bzipped(row)].concat());
    // A frame to be skipped stands between the two.
    let skipped = [&0x184D_2A50_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"xyz"].concat();
    let found = seized.found("two.zst", &[zstandard(&header), skipped, zstandard(row)].concat());
    assert_eq!(count(&found, "line"), 70_001);
    let cut = bzipped(&header);
    assert!(seized.unread("cut.bz2", &cut[..cut.len() / 2]).contains("damaged"));
    let zeros = vec![b'0'; 16 << 20];
    for (name, bomb) in [("bomb.bz2", bzipped(&zeros)), ("bomb.zst", zstandard(&zeros))] {
        assert!(seized.unread(name, &bomb).contains("200 times"), "{name}");
    }
}

#[test]
fn what_a_page_draws_and_what_was_filled_in_are_read_too() {
    let seized = seizure(&["szfy"]);
    let number = seized.number.as_str();
    for texts in [[number, "x", "y"], ["x", number, "y"], ["x", "y", number]] {
        let found = seized.found("page.pdf", &page(texts[0], texts[1], texts[2]));
        assert_eq!(text(&found, "place"), "page 1", "{texts:?}");
    }
}

#[test]
fn what_is_not_unpacked_is_told_with_what_to_do() {
    let seized = seizure(&["szfy"]);
    for (name, begin, advice) in [("a.Z", &b"\x1F\x9D\x90"[..], "gzip -d"), ("a.orc", b"ORC\0", "CSV")] {
        assert!(seized.unread(name, begin).contains(advice), "{name}");
    }
    seized.world.write("mixed/a.Z", b"\x1F\x9D\x90");
    seized.world.write("mixed/list.csv", &seized.row);
    let told = seized.world.done(&["scan", &seized.world.arg("mixed")]);
    assert!(
        told.contains("a.Z: it is a file packed by compress (.Z), which is not unpacked; unpack it with `gzip -d`"),
        "{told}"
    );
}

#[test]
fn a_picture_is_read_where_that_is_asked_for() {
    let seized = seizure(&["szfy"]);
    let drawn = "from PIL import Image, ImageDraw\nimport sys\n\
        i = Image.new('L', (120, 30), 255)\n\
        ImageDraw.Draw(i).text((10, 8), sys.argv[1], fill=0)\n\
        i.resize((840, 210), Image.LANCZOS).save(sys.argv[2])\n";
    let path = seized.world.arg("page.png");
    let made = Command::new("/usr/bin/python3").args(["-c", drawn, &seized.number, &path]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    assert!(seized.unread("same.png", &fs::read(&path).unwrap()).contains("--ocr"));
    let scanned = seized.world.json(&["scan", &path, "--ocr"]);
    assert_eq!(text(&scanned["sources"][0], "holder"), "szfy", "{scanned}");
}

#[test]
fn bombs_are_refused_and_the_scan_goes_on() {
    let seized = seizure(&["szfy"]);
    let zeros = vec![b'0'; 8 << 20];
    assert!(seized.unread("bomb.gz", &gzipped(&gzipped(&zeros))).contains("200 times"));
    assert!(seized.unread("bomb.zip", &zipped(&[("a", &zeros)])).contains("200 times"));
    let sheet = [
        b"<worksheet><sheetData><row r='1'><c r='A1' t='str'><v>".to_vec(),
        zeros.clone(),
        b"</v></c></row></sheetData></worksheet>".to_vec(),
    ]
    .concat();
    let far = b"<worksheet><dimension ref='A1:XFD1048576'/><sheetData><row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>";
    let book = zipped(&[("xl/worksheets/sheet1.xml", &sheet), ("xl/worksheets/sheet2.xml", far)]);
    let path = seized.world.write("bomb.xlsx", book);
    let told = seized.world.run(&["--json", "scan", &path]);
    assert_eq!(told.code, Some(1), "{}", told.err);
    assert!(told.out.contains("200 times"), "{}", told.out);
    let mut deep = seized.row.clone().into_bytes();
    (0..12).for_each(|_| deep = gzipped(&deep));
    assert!(seized.unread("deep.gz", &deep).contains("archives within archives"));
    let folder = seized.world.arg("bombs");
    seized.world.write("bombs/bomb.zip", zipped(&[("a", &zeros), ("b.csv", seized.row.as_bytes())]));
    seized.world.write("bombs/cut.pdf", "%PDF-1.4\n1 0 obj <<");
    seized.world.write("bombs/cut.xls", [&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], &[0; 700]].concat());
    seized.world.write("bombs/table.parquet", "PAR1xxxxPAR1");
    let scanned = seized.world.json(&["scan", &folder]);
    assert_eq!(all(&scanned, "matches").len(), 1, "{scanned}");
    assert_eq!(text(&all(&scanned, "matches")[0], "place"), "b.csv");
    let mut unread: Vec<&str> =
        all(&scanned, "unreadable").iter().map(|one| text(one, "path").rsplit('/').next().unwrap()).collect();
    unread.sort_unstable();
    assert_eq!(unread, ["bomb.zip", "cut.pdf", "cut.xls", "table.parquet"], "{scanned}");
}

#[test]
fn a_locked_archive_is_told_by_its_reason() {
    let seized = seizure(&["szfy"]);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a.csv", SimpleFileOptions::default()).unwrap();
    // Often enough that it is compressed: what is only stored is found in the bytes of the archive.
    zip.write_all(seized.row.repeat(9).as_bytes()).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    // The first bit of the flags says that a part is encrypted: in its own header, and in the directory.
    bytes[6] |= 1;
    let directory = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    bytes[directory + 8] |= 1;
    assert!(seized.unread("locked.zip", &bytes).contains("password"));
}

#[test]
fn folders_are_gone_through_without_going_round() {
    let seized = seizure(&["szfy"]);
    let world = &seized.world;
    world.write("in/deep/a.csv", &seized.row);
    std::os::unix::fs::symlink("..", world.at("in/deep/up")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, world.at("in/pipe"), rustix::fs::Mode::RWXU).unwrap();
    let scanned = world.json(&["scan", &world.arg("in")]);
    assert_eq!((all(&scanned, "files").len(), all(&scanned, "matches").len()), (1, 1), "{scanned}");
    assert_eq!(all(&scanned, "unreadable").len(), 2, "{scanned}");
}

#[test]
fn nothing_found_is_one_and_nothing_read_is_two() {
    let seized = seizure(&["szfy"]);
    let world = &seized.world;
    let clean = world.arg("szfy.csv");
    let told = world.run(&["--json", "scan", &clean]);
    assert_eq!(told.code, Some(1), "{}", told.err);
    let scanned: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((text(&scanned, "verdict"), scanned["background"].as_f64()), ("not-a-canary", Some(1.0)));
    assert!(all(&scanned, "sources").is_empty() && all(&scanned, "matches").is_empty());
    world.refused(&["scan", &world.arg("none.csv")]);
    fs::create_dir(world.at("empty")).unwrap();
    world.refused(&["scan", &world.arg("empty")]);
    world.write("only/a.zip", zipped(&[("a", &vec![0; 8 << 20])]));
    world.refused(&["scan", &world.arg("only")]);
}

#[test]
fn a_recorded_list_becomes_hits_once() {
    let seized = seizure(&["szfy", "rmyy"]);
    let world = &seized.world;
    let path = world.write("seized.csv", format!("姓名,电话\n{}\n", seized.row));
    let first = world.json(&["scan", &path, "--record"]);
    assert_eq!((count(&first["recorded"], "kept"), count(&first["recorded"], "known")), (1, 0));
    let facts = || {
        let is_look = |body: &Vec<u8>| String::from_utf8_lossy(body).contains("\nkind lookup\n");
        world.entries().into_iter().filter(|body| !is_look(body)).collect::<Vec<_>>()
    };
    let entries = facts();
    let again = world.write("copy/of it.csv", fs::read(&path).unwrap());
    world.pass_days(3);
    let second = world.json(&["scan", &again, "--record"]);
    assert_eq!((count(&second["recorded"], "kept"), count(&second["recorded"], "known")), (0, 1));
    assert_eq!(facts(), entries, "the same list changed the ledger, but for the look");
    let hits = world.json(&["hit", "list"]);
    assert_eq!((text(&hits[0], "kind"), text(&hits[0], "level")), ("list", "content"), "{hits}");
    let sha256 = text(&first["files"][0], "sha256");
    assert!(text(&hits[0], "from").ends_with(&sha256[..16]), "{hits}");
    let traced = world.json(&["trace"]);
    assert_eq!((text(&traced, "verdict"), text(&traced["sources"][0], "holder")), ("supported", "szfy"), "{traced}");
    world.verified();
    // Its hash is kept and its people are not.
    let ledger = fs::read(world.at("canaries.db")).unwrap();
    let whole = [ledger, fs::read(world.at("canaries.db-wal")).unwrap_or_default()].concat();
    let holds = |text: &str| whole.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(sha256));
    let other = fs::read_to_string(world.at("szfy.csv")).unwrap();
    let real = other.lines().nth(5).unwrap().split(',').nth(ADDRESS).unwrap().to_string();
    assert!(!real.is_empty() && !holds(&real));
}

#[test]
fn a_mother_is_found_without_her_number() {
    let seized = seizure(&["szfy"]);
    let row = seized.row.replace(&seized.number, "");
    let found = seized.found("dropped.csv", format!("x\n{row}\n").as_bytes());
    assert_eq!((text(&found, "matched_by"), text(&found, "text")), ("persona", seized.name.as_str()));
}

#[test]
fn standard_input_is_scanned_and_an_interrupted_scan_gives_what_it_found() {
    let seized = seizure(&["szfy"]);
    let mut program = seized.world.program(&["--json", "scan", "-"]);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{}\n", seized.row).as_bytes()).unwrap();
    drop(stdin);
    let ended = child.wait_with_output().unwrap();
    let scanned: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!((text(&scanned["files"][0], "path"), all(&scanned, "matches").len()), ("-", 1), "{scanned}");
    assert_eq!(scanned["interrupted"], false);

    let mut program = seized.world.program(&["--json", "scan", "-"]);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let filling = "x\n".repeat(5 << 20);
    stdin.write_all(format!("{}\n{filling}", seized.row).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let id = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{out}");
    drop(stdin);
    let scanned: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(scanned["interrupted"], true, "{scanned}");
    assert_eq!(all(&scanned, "matches").len(), 1, "{scanned}");
    assert_eq!(scanned["files"][0]["sha256"], Value::Null);
}
