//! How fast text lists are read, seeded and stripped, beside the `csv` crate's copy loop in the same run.
//!
//! The peer cuts and writes records of the same list; it decodes nothing, keeps no bytes as they were
//! and plants nothing, so that it does less than what it is compared with.

use canaries::list::text::{Dialect, Records, Serial, Spacing, seed, strip};
use canaries::list::{Certainty, Counting, Encoding, LineEnd, NewRow};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// Size of the list, in bytes of UTF-8.
const LIST_BYTES: usize = 64 * 1024 * 1024;

/// Rows put into it.
const NEW_ROWS: u64 = 1000;

/// The number in every row of the list, and the one in the new rows.
const REAL: &str = "18868444742";
const NEW: &str = "13800138000";

const BARE: &str =
    "ZY268597,张立诚,33,2026-01-01 02:47,41+1,剖宫产,男,3580,18868444742,,拱墅区灯芯巷261号28#1308,2026-01-06";

fn list(cells: &str) -> String {
    let mut text =
        String::from("序号,住院号,产妇姓名,年龄,分娩时间,孕周,方式,性别,体重,电话,配偶电话,住址,出院日期\r\n");
    let mut serial = 1;
    while text.len() < LIST_BYTES {
        text.push_str(&format!("{serial},{cells}\r\n"));
        serial += 1;
    }
    text
}

fn dialect(encoding: Encoding) -> Dialect {
    Dialect {
        encoding,
        certainty: Certainty::Settled,
        bom: false,
        delimiter: b',',
        line_end: LineEnd::CrLf,
        spacing: Spacing::Tight,
    }
}

fn read(bytes: &[u8], encoding: Encoding) -> usize {
    let mut records = Records::new(bytes, &dialect(encoding));
    let mut cells = 0;
    while let Some(row) = records.next_row().expect("the list is well formed") {
        cells += row.len();
    }
    cells
}

/// Rows spread evenly over the list, in front of existing records.
fn new_rows(bytes: &[u8]) -> Vec<NewRow> {
    let mut places = Vec::new();
    let mut records = Records::new(bytes, &dialect(Encoding::Utf8));
    while let Some(row) = records.next_row().expect("the list is well formed") {
        places.push((row.ordinal, row.offset));
    }
    let step = places.len() / NEW_ROWS as usize;
    places
        .iter()
        .skip(1)
        .step_by(step)
        .map(|&(before, offset)| {
            let cells = format!(",{BARE}").replace(REAL, NEW).split(',').map(String::from).collect();
            NewRow { before, offset, cells, quoted: Vec::new(), line_end: LineEnd::CrLf }
        })
        .collect()
}

fn copy_with_csv(bytes: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut writer = csv::Writer::from_writer(out);
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).expect("the list is well formed") {
        writer.write_byte_record(&record).expect("memory takes everything");
    }
    writer.flush().expect("memory takes everything");
}

/// Gives memory that is already there, so that only the copying is measured.
fn fresh(out: &mut Vec<u8>) -> &mut Vec<u8> {
    out.clear();
    out
}

fn text(c: &mut Criterion) {
    let bare = list(BARE);
    let quoted = list(&format!("\"{}\"", BARE.replace(',', "\",\"")));
    let gbk = Encoding::Gbk.encode(&bare).expect("the list is in GBK's range");
    let wide = Encoding::Utf16Le.encode(&bare).expect("UTF-16 holds everything");
    let rows = new_rows(bare.as_bytes());
    let serial = Some(Serial { column: 0, first: 1, width: None, counting: Counting::Up });

    let mut out = Vec::with_capacity(2 * LIST_BYTES);
    let mut group = c.benchmark_group("text");
    group.sample_size(10);
    for (name, bytes, encoding) in [
        ("read UTF-8", bare.as_bytes(), Encoding::Utf8),
        ("read UTF-8, all quoted", quoted.as_bytes(), Encoding::Utf8),
        ("read GBK", &gbk, Encoding::Gbk),
        ("read UTF-16", &wide, Encoding::Utf16Le),
    ] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |b| b.iter(|| read(black_box(bytes), encoding)));
    }
    group.throughput(Throughput::Bytes(bare.len() as u64));
    for (name, serial) in [("seed", None), ("seed, renumbered", serial)] {
        group.bench_function(name, |b| {
            b.iter(|| seed(black_box(bare.as_bytes()), &dialect(Encoding::Utf8), &rows, serial, fresh(&mut out)))
        });
    }
    let seeded = |serial| {
        let mut out = Vec::new();
        seed(bare.as_bytes(), &dialect(Encoding::Utf8), &rows, serial, &mut out).expect("the places are of this list");
        out
    };
    for (name, serial) in [("strip", None), ("strip, renumbered", serial)] {
        let seeded = seeded(serial);
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut is_canary = |row: &canaries::list::Row<'_>| row.bytes(9) == NEW.as_bytes();
                strip(black_box(&seeded[..]), &dialect(Encoding::Utf8), &mut is_canary, serial, fresh(&mut out))
            })
        });
    }
    group.bench_function("peer: csv crate, copy", |b| b.iter(|| copy_with_csv(black_box(bare.as_bytes()), &mut out)));
    group.throughput(Throughput::Bytes(quoted.len() as u64));
    group.bench_function("peer: csv crate, copy, all quoted", |b| {
        b.iter(|| copy_with_csv(black_box(quoted.as_bytes()), &mut out))
    });
    group.finish();
}

criterion_group!(benches, text);
criterion_main!(benches);
