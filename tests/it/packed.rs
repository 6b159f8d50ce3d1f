//! Makes the containers that seized files come in, small ones, as their programs would.

use std::io::{Cursor, Write};
use std::process::Command;

use bzip2::write::BzEncoder;
use flate2::Compression;
use flate2::write::GzEncoder;
use lopdf::{Document, Object, Stream, dictionary};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::stage::Stage;

pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

pub fn bzipped(bytes: &[u8]) -> Vec<u8> {
    let mut bzip2 = BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bzip2.write_all(bytes).unwrap();
    bzip2.finish().unwrap()
}

pub fn zstandard(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// Has 7-Zip pack a file of the stage; gives what comes out.
pub fn seven_zipped(stage: &Stage, args: &[&str], out: &str, file: &str) -> Vec<u8> {
    let words: Vec<&str> = ["a", "-bd"].iter().chain(args).copied().chain([out, file]).collect();
    let ran = Command::new("7zz").args(&words).current_dir(stage.folder()).output();
    assert!(ran.expect("7zz is installed by tests/run").status.success(), "{words:?}");
    std::fs::read(stage.at(out)).unwrap()
}

/// Makes a RAR archive of the fifth version, its files stored as they are.
pub fn rar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let number = |mut number: usize| {
        let mut bytes = Vec::new();
        while number > 0x7F {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    };
    let sum = |bytes: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        sum.sum().to_le_bytes()
    };
    let block = |fields: &[u8]| {
        let header = [&number(fields.len())[..], fields].concat();
        [&sum(&header)[..], &header].concat()
    };
    let mut archive = [&b"Rar!\x1A\x07\x01\0"[..], &block(&[1, 0, 0])].concat();
    for (name, bytes) in files {
        let length = number(bytes.len());
        let mode = number(0o100_644);
        let about = [&[2, 2][..], &length, &[4], &length, &mode, &sum(bytes), &[0, 1], &number(name.len())].concat();
        archive.extend(block(&[&about[..], name.as_bytes()].concat()));
        archive.extend_from_slice(bytes);
    }
    archive.extend(block(&[5, 0, 0]));
    archive
}

pub fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

/// Makes a workbook with the number as text, or as a number.
pub fn book(number: &str, as_number: bool) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("名单").unwrap();
    sheet.write(0, 2, "电话").unwrap();
    match as_number {
        true => sheet.write(16, 2, number.parse::<f64>().unwrap()).unwrap(),
        false => sheet.write(16, 2, number).unwrap(),
    };
    book.save_to_buffer().unwrap()
}

/// Makes an old workbook of one cell.
pub fn old_book(text: &str) -> Vec<u8> {
    let record = |kind: u16, body: &[u8]| {
        let head = [kind.to_le_bytes(), (body.len() as u16).to_le_bytes()].concat();
        [&head[..], body].concat()
    };
    let sheet_at = 4 + 16 + 4 + 15 + 4;
    let mut plan = vec![0; 4];
    plan[..4].copy_from_slice(&(sheet_at as u32).to_le_bytes());
    plan.extend([0, 0, 5, 0]);
    plan.extend(b"Sheet");
    plan.resize(15, 0);
    let begin = |kind: u8| record(0x809, &[0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let mut cell = vec![16, 0, 2, 0, 0, 0];
    cell.extend((text.len() as u16).to_le_bytes());
    cell.push(0);
    cell.extend(text.as_bytes());
    let all = [begin(5), record(0x85, &plan), record(0x0A, &[]), begin(0x10), record(0x204, &cell), record(0x0A, &[])];
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&all.concat()).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// Makes a page that shows one text by itself, one in a form that it draws, and has one in a field that was filled in.
pub fn page(own: &str, in_form: &str, in_field: &str) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let shown = |text: &str| format!("BT /F1 12 Tf 1 0 0 1 72 700 Tm ({text}) Tj ET").into_bytes();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier", "Encoding" => "WinAnsiEncoding"
    });
    let fonts = dictionary! { "Font" => dictionary! { "F1" => font } };
    let form = dictionary! { "Type" => "XObject", "Subtype" => "Form", "Resources" => fonts.clone() };
    let form = document.add_object(Stream::new(form, shown(in_form)));
    let content = [shown(own), b" /X1 Do".to_vec()].concat();
    let content = document.add_object(Stream::new(dictionary! {}, content));
    let field = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "V" => Object::string_literal(in_field)
    });
    let mut resources = fonts;
    resources.set("XObject", dictionary! { "X1" => form });
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "Annots" => vec![field.into()], "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()]
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, Object::Dictionary(tree));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    document.compress();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// A line of base64 of any bytes.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let quads = bytes.chunks(3).map(|three| {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let letter = |at: usize| char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]);
        (0..4).map(|at| if at <= three.len() { letter(at) } else { '=' }).collect::<String>()
    });
    quads.collect::<Vec<_>>().chunks(18).map(|line| line.concat() + "\r\n").collect()
}

/// A message with a file attached to it.
pub fn message(name: &str, attached: &[u8]) -> String {
    let attached = base64(attached);
    format!(
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=BB\r\n\r\n\
         --BB\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--BB\r\nContent-Type: application/octet-stream\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{attached}--BB--\r\n"
    )
}

/// Makes a Parquet table of one column of texts, packed so; of lists of texts, if asked.
pub fn parquet(texts: &[&str], packing: parquet::basic::Compression, cells: Cells) -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
    let schema = match cells {
        Cells::Single => "message births { required binary 电话 (UTF8); required int32 日期 (DATE); }",
        Cells::Lists => "message births { repeated binary 电话 (UTF8); required int32 日期 (DATE); }",
    };
    let schema = std::sync::Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = parquet::file::properties::WriterProperties::builder().set_compression(packing).build();
    let mut table = parquet::file::writer::SerializedFileWriter::new(Vec::new(), schema, properties.into()).unwrap();
    let mut group = table.next_row_group().unwrap();
    let values: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(*text)).collect();
    let levels = vec![i16::from(cells == Cells::Lists); values.len()];
    let single = vec![0; values.len()];
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), Some(&single)).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&vec![20_697; values.len()], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    table.into_inner().unwrap()
}

/// How many texts a cell of a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    Single,
    Lists,
}
