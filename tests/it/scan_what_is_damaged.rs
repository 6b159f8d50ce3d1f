//! What is damaged, cut, swollen or hidden behind something else in a seized file: it is found, or told of; never passed over.

use std::io::{Cursor, Write};

use lopdf::{Document, Object, ObjectId, Stream, dictionary};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::packed::{base64, book, gzipped, seven_zipped, zipped};
use crate::scan_what_hides::{Hidden, hidden};
use crate::world::{all, text};

/// Why the first thing that was not read was not.
fn reason(scanned: &Value) -> String {
    all(scanned, "unreadable").first().map_or(String::new(), |one| text(one, "reason").to_string())
}

/// Scans a file, whatever is found in it.
fn scanned(hidden: &Hidden, name: &str, bytes: &[u8]) -> Value {
    let told = hidden.world.run(&["--json", "scan", &hidden.world.write(name, bytes)]);
    serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{name}: {} {}", told.out, told.err))
}

/// Makes a PDF of one page with this content, and with what else is put in.
fn pdf(content: Stream, more: impl Fn(&mut Document) -> Option<ObjectId>) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let content = document.add_object(content);
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()]
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, Object::Dictionary(tree));
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => pages };
    if let Some(more) = more(&mut document) {
        catalog.set("More", more);
    }
    let catalog = document.add_object(catalog);
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn flate(text: &[u8], change: impl Fn(&mut Vec<u8>)) -> Stream {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(text).unwrap();
    let mut packed = packed.finish().unwrap();
    change(&mut packed);
    Stream::new(dictionary! { "Filter" => "FlateDecode" }, packed)
}

#[test]
fn a_page_whose_stream_is_changed_or_cut_is_told_of() {
    let hidden = hidden();
    let lines: String = (0..900).map(|at| format!("BT (x{}) Tj ET\n", at * 7919)).collect();
    let content = format!("BT ({}) Tj ET\n{lines}", hidden.number);
    hidden.read("sound.pdf", &pdf(flate(content.as_bytes(), |_| ()), |_| None));
    let cut = pdf(flate(content.as_bytes(), |packed| packed.truncate(packed.len() / 2)), |_| None);
    assert!(reason(&hidden.found("cut.pdf", &cut)).contains("damaged"));
    let changed = pdf(flate(content.as_bytes(), |packed| *packed.iter_mut().rev().nth(300).unwrap() ^= 0x55), |_| None);
    assert!(reason(&scanned(&hidden, "changed.pdf", &changed)).contains("damaged"));
    // Its text ends within a word.
    let half = Stream::new(dictionary! {}, format!("BT ({}) Tj ET\nBT (abc", hidden.number).into_bytes());
    assert!(reason(&hidden.found("half.pdf", &pdf(half, |_| None))).contains("damaged"));
}

#[test]
fn a_page_that_unpacks_to_too_much_names_the_limit() {
    let hidden = hidden();
    let bomb = pdf(flate(&vec![b' '; 9 << 20], |_| ()), |_| None);
    assert!(reason(&scanned(&hidden, "bomb.pdf", &bomb)).contains("more than 8 MiB"));
}

#[test]
fn a_file_attached_without_a_type_and_a_form_that_no_page_draws_are_read() {
    let hidden = hidden();
    let page = || Stream::new(dictionary! {}, b"BT (x) Tj ET".to_vec());
    let attached = pdf(page(), |document| {
        let file = document.add_object(Stream::new(dictionary! {}, zipped(&[("list.csv", hidden.row.as_bytes())])));
        Some(document.add_object(dictionary! { "Type" => "Filespec", "EF" => dictionary! { "F" => file } }))
    });
    assert_eq!(text(&hidden.read("attached.pdf", &attached), "place"), "attachment!list.csv");
    let (one, two) = hidden.number.split_at(5);
    let form = pdf(page(), |document| {
        let entries = dictionary! { "Type" => "XObject", "Subtype" => "Form" };
        Some(document.add_object(Stream::new(entries, format!("BT [({one}) -20 ({two})] TJ ET").into_bytes())))
    });
    assert_eq!(text(&hidden.read("form.pdf", &form), "place"), "beside its pages");
}

#[test]
fn a_zip_file_packed_in_another_way_is_not_called_damaged() {
    let hidden = hidden();
    hidden.world.write("row.csv", hidden.row.repeat(9));
    let packed = seven_zipped(&hidden.world, &["-tzip", "-mm=LZMA"], "lzma.zip", "row.csv");
    let told = hidden.unread("other.zip", &packed);
    assert!(told.contains("packed in a way other than deflate"), "{told}");
}

#[test]
fn an_archive_behind_other_bytes_is_read() {
    let hidden = hidden();
    let zip = zipped(&[("list.csv", hidden.row.as_bytes())]);
    hidden.world.write("row.csv", &hidden.row);
    let seven = seven_zipped(&hidden.world, &[], "row.7z", "row.csv");
    let program = [b"MZ\x90\0".as_slice(), &[0x55; 70_000]].concat();
    for (name, front, archive, place) in [
        ("sfx.exe", program.as_slice(), &zip, "list.csv"),
        ("seven.exe", &program, &seven, "archive at byte 70004!row.csv"),
        ("first.txt", b"see below\n", &zip, "list.csv"),
        ("gif.gif", b"GIF89a....", &zip, "list.csv"),
        ("list.csv", b"name,phone\n", &gzipped(hidden.row.as_bytes()), "archive at byte 11"),
        ("a.xlsx", b"\n", &book(&hidden.number, false), "名单!C17"),
    ] {
        let scanned = hidden.found(name, &[front, archive].concat());
        assert_eq!(text(&all(&scanned, "matches")[0], "place"), place, "{scanned}");
        let is_picture = name == "gif.gif";
        assert_eq!(all(&scanned, "unreadable").len(), usize::from(is_picture), "{scanned}");
        // Within another archive it is told of.
        let mut outer = ZipWriter::new(Cursor::new(Vec::new()));
        outer.start_file(name, SimpleFileOptions::default()).unwrap();
        outer.write_all(&[front, archive].concat()).unwrap();
        let outer = outer.finish().unwrap().into_inner();
        let reasons = self::scanned(&hidden, "outer.zip", &outer)["unreadable"].to_string();
        assert!(reasons.contains("an archive may lie behind other bytes"), "{name}: {reasons}");
    }
}

#[test]
fn text_in_four_bytes_a_character_and_a_list_as_base64_or_hex_are_read() {
    let hidden = hidden();
    let list = hidden.row.repeat(3);
    let wide: Vec<u8> = list.chars().flat_map(|one| u32::from(one).to_le_bytes()).collect();
    for (name, bytes) in [
        ("wide.csv", wide.clone()),
        ("marked.csv", [&b"\xFF\xFE\0\0"[..], &wide].concat()),
        ("base64.txt", base64(list.as_bytes()).into_bytes()),
        ("packed.txt", base64(&gzipped(list.as_bytes())).into_bytes()),
        ("hex.txt", hex::encode(&list).into_bytes()),
    ] {
        let scanned = scanned(&hidden, name, &bytes);
        assert_eq!(all(&scanned, "matches").len(), 3, "{name}: {scanned}");
        assert!(all(&scanned, "unreadable").is_empty(), "{name}: {scanned}");
    }
}

#[test]
fn what_only_its_name_calls_packed_is_told_of_and_what_comes_out_of_a_stream_is_not() {
    let hidden = hidden();
    assert!(hidden.unread("a.lzma", b"\x5D\x07\x02\x80\xFF\xFF").contains("its name calls packed"));
    let (old, ..) = encoding_rs::GB18030.encode(&hidden.row);
    hidden.read("a.csv.gz", &gzipped(&old));
}
