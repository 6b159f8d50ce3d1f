//! What hides in a seized file: lists behind an archive's first bytes, streams that few programs pack, fields that no page shows;
//! each is found, or told of with its reason and what to do.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use lopdf::{Document, Object, Stream, dictionary};
use parquet::basic::{Compression, ZstdLevel};
use serde_json::Value;

use crate::lists::Shape;
use crate::packed::{Cells, bzipped, gzipped, message, parquet, seven_zipped, tarred, zipped, zstandard};
use crate::world::{Fixed, all, text};

/// A world with a planted list, and a row of it that is a canary's.
pub struct Hidden {
    pub world: Fixed,
    pub number: String,
    pub row: String,
}

pub fn hidden() -> Hidden {
    let world = Fixed::ready(&["szfy"], 20);
    let list = world.write("a.csv", Shape::default().bytes());
    let out = world.arg("b.csv");
    let planted = world.json(&["plant", &list, "--to", "szfy", "--count", "4", "-o", &out]);
    let number = text(&planted["canaries"][0], "number").trim_start_matches("+86").to_string();
    let copy = fs::read_to_string(&out).unwrap();
    let row = copy.lines().find(|line| line.contains(&number)).unwrap().to_string() + "\n";
    Hidden { world, number, row }
}

impl Hidden {
    /// Scans one file in which the canary must be seen once; gives the whole answer.
    pub fn found(&self, name: &str, bytes: &[u8]) -> Value {
        let path = self.world.write(name, bytes);
        let scanned = self.world.json(&["scan", &path]);
        let seen = all(&scanned, "matches");
        assert_eq!(seen.len(), 1, "{name}: {scanned}");
        assert_eq!(text(&seen[0], "number"), format!("+86{}", self.number), "{name}: {scanned}");
        scanned
    }

    /// Scans one file that must be read whole, with the canary in it.
    pub fn read(&self, name: &str, bytes: &[u8]) -> Value {
        let scanned = self.found(name, bytes);
        assert!(all(&scanned, "unreadable").is_empty(), "{name}: {scanned}");
        all(&scanned, "matches")[0].clone()
    }

    /// Scans one file in which nothing can be read; gives what is told.
    pub fn unread(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.world.write(name, bytes);
        let told = self.world.run(&["scan", &path]);
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{name}: {}", told.err);
        told.err
    }

    /// Has a program pack the row.
    fn packed(&self, program: &str, args: &[&str]) -> Vec<u8> {
        let mut child = Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(self.row.as_bytes()).unwrap();
        child.wait_with_output().unwrap().stdout
    }
}

/// First bytes of formats that a list may be given, so that it is taken for one of them.
const BEGINS: [&[u8]; 24] = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"BZh9",
    b"%PDF-1.7\n",
    b"\x1F\x8B\x08\0\0\0\0\0\0\x03",
    b"\x1F\x9D\x90",
    b"\xFD7zXZ\0",
    b"\x28\xB5\x2F\xFD",
    b"\x50\x2A\x4D\x18\xFF\xFF\xFF\x7F",
    b"LZIP\x01\x0C",
    b"\x5D\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0",
    b"\x04\x22\x4D\x18",
    b"7z\xBC\xAF\x27\x1C\0\x04",
    b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
    b"SQLite format 3\0",
    b"\x89PNG\r\n\x1A\n",
    b"\xFF\xD8\xFF\xE0",
    b"II*\0",
    b"PAR1",
    b"Rar!\x1A\x07\x01\0",
    b"MSCF\0\0\0\0",
    b"Salted__",
    b"!BDN",
    b"ARROW1\0\0",
];

#[test]
fn a_list_behind_the_first_bytes_of_another_format_is_found_and_told_of() {
    let hidden = hidden();
    let filling = "1,王小明,2026-01-02,,女,3100\n".repeat(60);
    for begin in BEGINS {
        let list = [begin, b"\n", filling.as_bytes(), hidden.row.as_bytes(), filling.as_bytes()].concat();
        let name = format!("{:02x?}.csv", &begin[..3]);
        let scanned = hidden.found(&name, &list);
        assert_eq!(all(&scanned, "unreadable").len(), 1, "{name}: {scanned}");
        assert_eq!(text(&scanned["sources"][0], "holder"), "szfy", "{name}: {scanned}");
        // Within others, and from standard input, too.
        for (outer, bytes) in [
            ("a.zip", zipped(&[("x.csv", &list)])),
            ("a.gz", gzipped(&list)),
            ("a.tar", tarred(&[("x.csv", &list)])),
            ("a.eml", message("x.csv", &list).into_bytes()),
        ] {
            let scanned = hidden.found(outer, &bytes);
            assert!(!all(&scanned, "unreadable").is_empty(), "{name} in {outer}: {scanned}");
        }
        let mut child = hidden.world.program(&["--json", "scan", "-"]);
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&list).unwrap();
        let scanned: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!(all(&scanned, "matches").len(), 1, "{name} from standard input: {scanned}");
    }
    let mut list = filling.clone().into_bytes();
    list.splice(257..262, *b"ustar");
    list.extend(hidden.row.as_bytes());
    assert_eq!(all(&hidden.found("tar.csv", &list), "unreadable").len(), 1);
}

#[test]
fn a_person_without_number_is_seen_in_what_could_not_be_opened() {
    let hidden = hidden();
    let row = hidden.row.replace(&hidden.number, "");
    let scanned = hidden.found("a.zip", format!("PK\x03\x04\n{row}").as_bytes());
    assert_eq!(text(&all(&scanned, "matches")[0], "matched_by"), "persona");
}

#[test]
fn what_a_sound_container_holds_beside_its_parts_is_found() {
    let hidden = hidden();
    let row = hidden.row.as_bytes();
    let behind = |bytes: Vec<u8>| [&bytes[..], b"\n", row].concat();
    hidden.found("a.zip", &behind(zipped(&[("x", b"nothing")])));
    hidden.found("a.gz", &behind(gzipped(b"nothing")));
    hidden.found("a.bz2", &behind(bzipped(b"nothing")));
    hidden.found("a.zst", &behind(zstandard(b"nothing")));
    hidden.found("a.tar", &behind(tarred(&[("x", b"nothing")])));
    // Rows lie side by side in a database's file: only whole numbers count there.
    let path = hidden.world.at("made.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("PRAGMA secure_delete = OFF; CREATE TABLE births (x);").unwrap();
    database.execute("INSERT INTO births VALUES (?1)", [&hidden.row]).unwrap();
    database.execute("DELETE FROM births", []).unwrap();
    drop(database);
    hidden.read("deleted.db", &fs::read(&path).unwrap());
}

#[test]
fn what_is_found_in_a_part_is_not_told_twice() {
    let hidden = hidden();
    let row = hidden.row.as_bytes();
    let stored = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file("x.csv", options).unwrap();
        zip.write_all(row).unwrap();
        zip.finish().unwrap().into_inner()
    };
    for (name, bytes) in [("a.zip", stored), ("a.tar", tarred(&[("x.csv", row)]))] {
        assert_eq!(text(&hidden.read(name, &bytes), "place"), "x.csv", "{name}");
    }
}

#[test]
fn streams_that_few_programs_pack_are_read() {
    let hidden = hidden();
    hidden.read("a.lzma", &hidden.packed("xz", &["--format=lzma", "-c"]));
    let alone = hidden.packed("xz", &["--format=lzma", "-c"]);
    let trailer = [&[0; 4][..], &(hidden.row.len() as u64).to_le_bytes(), &[0; 8]].concat();
    let member = [b"LZIP\x01\x17", &alone[13..], &trailer].concat();
    hidden.read("a.lz", &member);
    hidden.read("a.tar.lz", &member);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(hidden.row.as_bytes()).unwrap();
    hidden.read("a.zlib", &zlib.finish().unwrap());
    let frame = [&0x184D_2A5F_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"xyz"].concat();
    hidden.read("a.zst", &[&frame[..], &frame, &zstandard(b"x\n"), &frame, &zstandard(hidden.row.as_bytes())].concat());
}

#[test]
fn what_no_reader_is_there_for_is_told_with_what_to_do() {
    let hidden = hidden();
    let brotli = b"\x0B\x02\x80\xFF\xFE\xFD".to_vec();
    for (name, bytes, reason, advice) in [
        ("a.csv.Z", b"\x1F\x9D\x90\xFF\xFE".to_vec(), "(.Z)", "gzip -d"),
        ("a.br", brotli, "Brotli", "brotli -d"),
        ("a.lz4", b"\x04\x22\x4D\x18\xFF\xFF".to_vec(), "LZ4", "lz4 -d"),
        ("a.lz4", [&b"\x5A\x2A\x4D\x18\x01\0\0\0x\x04\x22\x4D\x18"[..], &[0xFF; 9]].concat(), "LZ4", "lz4 -d"),
        ("a.pst", b"!BDN\0\0\0\0".to_vec(), "Outlook", "readpst"),
        ("a.numbers", zipped(&[("Index/Tables/DataList.iwa", b"\0\x01\x02")]), "Numbers", "CSV"),
        ("a.age", b"age-encryption.org/v1\n-> X25519\n".to_vec(), "password", "password"),
    ] {
        let told = hidden.unread(name, &bytes);
        assert!(told.contains(reason) && told.contains(advice), "{name}: {told}");
    }
}

#[test]
fn tables_in_parquet_are_read_row_by_row() {
    let hidden = hidden();
    let other = "139 0000 0000";
    let texts: Vec<&str> = (0..5_000).map(|at| if at == 4_321 { hidden.number.as_str() } else { other }).collect();
    for packing in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())] {
        let table = parquet(&texts, packing, Cells::Single);
        assert_eq!(text(&hidden.read("a.parquet", &table), "place"), "rows!4322", "{packing:?}");
        assert_eq!(text(&hidden.read("a.zip", &zipped(&[("a.parquet", &table)])), "place"), "a.parquet!rows!4322");
    }
    // A row is a window: the name and the day of the canary in it are its person.
    let cells: Vec<&str> = hidden.row.trim_end().split(',').collect();
    let row = cells.iter().map(|cell| cell.replace(&hidden.number, "")).collect::<Vec<_>>().join(" ");
    let found = hidden.read("people.parquet", &parquet(&["x", &row], Compression::SNAPPY, Cells::Single));
    assert_eq!((text(&found, "matched_by"), text(&found, "place")), ("persona", "rows!2"));
}

#[test]
fn tables_in_parquet_that_cannot_be_read_are_told_of() {
    let hidden = hidden();
    let lists = parquet(&["x", "x"], Compression::SNAPPY, Cells::Lists);
    let scanned = hidden.world.run(&["--json", "scan", &hidden.world.write("lists.parquet", &lists)]);
    assert!(scanned.out.contains("a Parquet column of lists"), "{}", scanned.out);
    let table = parquet(&[&hidden.number, &hidden.number], Compression::UNCOMPRESSED, Cells::Single);
    let bare = parquet(&["x", "x"], Compression::UNCOMPRESSED, Cells::Single);
    for cut in [4, 60, bare.len() - 9] {
        assert!(hidden.unread("cut.parquet", &bare[..cut]).contains("damaged"), "{cut}");
    }
    // A page says that it has two gigabytes.
    let place = |wanted: &[u8]| table.windows(wanted.len()).position(|window| window == wanted).unwrap();
    let mut long = table.clone();
    let page = place(b"\x15\x04\x15");
    long.splice(page + 3..page + 4, b"\xFE\xFF\xFF\xFF\x0F".iter().copied());
    let scanned = hidden.world.json(&["scan", &hidden.world.write("long.parquet", &long)]);
    assert!(!all(&scanned, "matches").is_empty(), "its bytes were not searched: {scanned}");
    assert!(text(&all(&scanned, "unreadable")[0], "reason").contains("too large to be read as Parquet"), "{scanned}");
}

/// How a field of a form holds what was filled in.
#[derive(Debug, Clone, Copy)]
enum Filled {
    Array,
    Stream,
    InParent,
    /// Nothing on a page leads to it.
    Unshown,
    Xml,
    Attachment,
    Title,
}

/// Makes a page with a form in which a text is filled in.
fn form(how: Filled, filled: &str) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let literal = Object::string_literal(filled);
    let wide: Vec<u8> = [0xFE, 0xFF].into_iter().chain(filled.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let stream = |kind: Object, bytes: &[u8]| Stream::new(dictionary! { "Type" => kind }, bytes.to_vec());
    let other = || Object::string_literal("x");
    let (mut catalog, mut title) = (dictionary! { "Type" => "Catalog" }, other());
    let mut field = dictionary! { "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx" };
    match how {
        Filled::Array => field.set("V", vec![other(), Object::Array(vec![literal])]),
        Filled::Stream => field.set("V", document.add_object(stream(Object::Null, &wide))),
        Filled::InParent => field.set("Parent", document.add_object(dictionary! { "T" => other(), "V" => literal })),
        Filled::Unshown => {
            let field = document.add_object(dictionary! { "T" => other(), "V" => literal });
            catalog.set("AcroForm", dictionary! { "Fields" => vec![field.into()] });
        }
        Filled::Xml => {
            let xml = format!("<xfa:data><phone>{filled}</phone></xfa:data>");
            let data = document.add_object(stream(Object::Null, xml.as_bytes()));
            let xml = vec![Object::string_literal("datasets"), data.into()];
            catalog.set("AcroForm", dictionary! { "Fields" => Vec::<Object>::new(), "XFA" => xml });
        }
        Filled::Attachment => {
            let bytes = zipped(&[("list.csv", filled.as_bytes())]);
            document.add_object(stream("EmbeddedFile".into(), &bytes));
        }
        Filled::Title => title = literal,
    }
    let field = document.add_object(field);
    let content = document.add_object(Stream::new(dictionary! {}, b"BT (x) Tj ET".to_vec()));
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Annots" => vec![field.into()],
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()]
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, Object::Dictionary(tree));
    catalog.set("Pages", pages);
    let catalog = document.add_object(catalog);
    document.trailer.set("Root", catalog);
    let about = document.add_object(dictionary! { "Title" => title });
    document.trailer.set("Info", about);
    document.compress();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn what_was_filled_in_is_found_wherever_a_form_keeps_it() {
    let hidden = hidden();
    for (how, place) in [
        (Filled::Array, "page 1"),
        (Filled::Stream, "page 1"),
        (Filled::InParent, "page 1"),
        (Filled::Unshown, "beside its pages"),
        (Filled::Xml, "beside its pages"),
        (Filled::Attachment, "attachment!list.csv"),
        (Filled::Title, "beside its pages"),
    ] {
        let found = hidden.read(&format!("{how:?}.pdf"), &form(how, &hidden.number));
        assert_eq!(text(&found, "place"), place, "{how:?}");
    }
}

#[test]
fn a_workbook_whose_xml_is_refused_is_searched_as_it_stands() {
    let hidden = hidden();
    let sheet = format!("<!DOCTYPE x><worksheet><row><c t='str'><v>{}</v></c></row></worksheet>", hidden.number);
    let book =
        zipped(&[("xl/worksheets/sheet1.xml", sheet.as_bytes()), ("xl/workbook.xml", b"<!DOCTYPE x><workbook/>")]);
    let scanned = hidden.found("a.xlsx", &book);
    assert!(all(&scanned, "unreadable")[0].to_string().contains("document type"), "{scanned}");
}

/// Sets the dictionary of every LZMA coder in an archive, and makes its check sums fit.
fn with_dictionary(archive: &[u8], bytes: u32) -> Vec<u8> {
    let mut archive = archive.to_vec();
    let sum = |bytes: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        sum.sum().to_le_bytes()
    };
    let long = |archive: &[u8], at: usize| u64::from_le_bytes(*archive[at..].first_chunk().unwrap()) as usize;
    let begin = 32 + long(&archive, 12);
    let end = begin + long(&archive, 20);
    let coder = [0x23, 3, 1, 1, 5, 0x5D];
    let at = archive[begin..end].windows(6).position(|window| window == coder).expect("an LZMA coder") + begin + 6;
    archive[at..at + 4].copy_from_slice(&bytes.to_le_bytes());
    let directory = sum(&archive[begin..end]);
    archive[28..32].copy_from_slice(&directory);
    let header = sum(&archive[12..32]);
    archive[8..12].copy_from_slice(&header);
    archive
}

#[test]
fn an_archive_that_asks_for_much_memory_is_refused_before_it_gets_it() {
    let hidden = hidden();
    hidden.world.write("row.csv", &hidden.row);
    // The directory is packed with a dictionary of its own, or says that of the files.
    for (name, args) in [("packed.7z", &["-m0=LZMA", "-mhc=on"][..]), ("bare.7z", &["-m0=LZMA", "-mhc=off"])] {
        let archive = seven_zipped(&hidden.world, args, name, "row.csv");
        hidden.read(name, &archive);
        hidden.read(name, &with_dictionary(&archive, 1 << 20));
        let told = hidden.unread(name, &with_dictionary(&archive, 0xFFFF_FFFF));
        assert!(told.contains("too large to be read as 7z") && told.contains("unpack"), "{name}: {told}");
    }
}
