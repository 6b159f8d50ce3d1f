//! Containers that were cut, stained and stirred: the program neither falls over nor runs out of memory or time, and finds
//! what lies beside them.
//!
//! The files are the same in every run; `CANARIES_MUTANTS` makes more of each.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use parquet::basic::{Compression, ZstdLevel};
use rand::rngs::ChaCha20Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::lists::Shape;
use crate::packed::{
    Cells, book, bzipped, gzipped, message, old_book, page, parquet, seven_zipped, tarred, zipped, zstandard,
};
use crate::world::{Fixed, all, text};

/// Mutants of each container.
const MUTANTS: usize = 40;
/// Address space of the program, in KiB: its threads' own areas, which are mostly not used, included.
const SPACE_KIB: u32 = 1 << 20;
/// How long all mutants together may take on a busy machine.
const TIME_MAX: Duration = Duration::from_secs(300);

/// One sound file of each kind, with a number in it.
fn sound(world: &Fixed, number: &str) -> Vec<(&'static str, Vec<u8>)> {
    let row = format!("3,张伟丽,2026-09-01,{number},女,3250\n");
    let rows = row.repeat(40);
    let bytes = rows.as_bytes();
    let document = format!("<w:document><w:body><w:p><w:r><w:t>{rows}</w:t></w:r></w:p></w:body></w:document>");
    let open = format!(
        "<office:document-content><table:table table:name='a'><table:table-row><table:table-cell><text:p>{number}</text:p></table:table-cell></table:table-row></table:table></office:document-content>"
    );
    let wide: Vec<u8> = rows.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let path = world.at("sound.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE births (x); CREATE INDEX by_x ON births (x);").unwrap();
    for _ in 0..40 {
        database.execute("INSERT INTO births VALUES (?1)", [&row]).unwrap();
    }
    drop(database);
    world.write("sound.csv", bytes);
    vec![
        ("csv", bytes.to_vec()),
        ("utf16", wide),
        ("gbk", encoding_rs::GBK.encode(&rows).0.into_owned()),
        ("xlsx", book(number, true)),
        ("xls", old_book(number)),
        ("docx", zipped(&[("word/document.xml", document.as_bytes())])),
        ("ods", zipped(&[("mimetype", b"x"), ("content.xml", open.as_bytes())])),
        ("zip", zipped(&[("a.csv", bytes), ("b.xlsx", &book(number, false))])),
        ("tar", tarred(&[("a.csv", bytes), ("b.gz", &gzipped(bytes))])),
        ("gz", gzipped(bytes)),
        ("bz2", bzipped(bytes)),
        ("zst", zstandard(bytes)),
        ("xz", seven_zipped(world, &["-txz"], "sound.xz", "sound.csv")),
        ("7z", seven_zipped(world, &[], "sound.7z", "sound.csv")),
        ("pdf", page(number, "form", "field")),
        ("eml", message("a.xlsx", &book(number, false)).into_bytes()),
        ("db", fs::read(&path).unwrap()),
        ("parquet", parquet(&[row.as_str(); 40], Compression::SNAPPY, Cells::Single)),
        ("zst.parquet", parquet(&[row.as_str(); 40], Compression::ZSTD(ZstdLevel::default()), Cells::Single)),
    ]
}

/// Cuts, stains or stirs bytes.
fn mutant(bytes: &[u8], rng: &mut ChaCha20Rng) -> Vec<u8> {
    const STAINS: [&[u8]; 8] =
        [&[0xFF; 4], &[0; 4], &[0xFF, 0xFF, 0xFF, 0x7F], &[0x80; 8], b"\xE5\xBC", b"138****8000", b"<", b"\n"];
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.random_range(1..=4) {
        let len = bytes.len().max(1);
        let at = rng.random_range(0..len).min(bytes.len());
        match rng.random_range(0..6) {
            0 => bytes.truncate(at),
            1 => {
                let stain = STAINS.choose(rng).unwrap();
                let end = (at + stain.len()).min(bytes.len());
                bytes.splice(at..end, stain.iter().copied());
            }
            2 => {
                let end = (at + rng.random_range(1..200)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = rng.random_range(0..=bytes.len());
                bytes.splice(to..to, piece);
            }
            3 => {
                let end = (at + rng.random_range(1..64)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                for _ in 0..rng.random_range(1..=8) {
                    let at = rng.random_range(0..len);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << rng.random_range(0..8);
                    }
                }
            }
        }
    }
    bytes
}

fn write_mutants(world: &Fixed, folder: &Path, number: &str) -> usize {
    let each = std::env::var("CANARIES_MUTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTANTS);
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let sound = sound(world, number);
    for (ending, bytes) in &sound {
        for at in 0..each {
            fs::write(folder.join(format!("{at}.{ending}")), mutant(bytes, &mut rng)).unwrap();
        }
    }
    sound.len() * each
}

#[test]
fn no_mutant_of_any_container_brings_the_program_down() {
    let world = Fixed::ready(&["szfy"], 20);
    let list = world.write("a.csv", Shape::default().bytes());
    let out = world.arg("b.csv");
    let planted = world.json(&["plant", &list, "--to", "szfy", "--count", "4", "-o", &out]);
    let number = text(&planted["canaries"][0], "number").trim_start_matches("+86").to_string();
    let folder = world.at("mutants");
    fs::create_dir(&folder).unwrap();
    let mutants = write_mutants(&world, &folder, &number);
    fs::copy(&out, folder.join("sound copy.csv")).unwrap();
    // Under a limit that the program cannot lift.
    let mut limited = Command::new("sh");
    world.dress(&mut limited);
    limited
        .args(["-c", &format!("ulimit -v {SPACE_KIB}; exec \"$0\" --db canaries.db --json scan mutants --threads 2")]);
    limited.arg(env!("CARGO_BIN_EXE_canaries")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let begun = Instant::now();
    let ended = limited.spawn().unwrap().wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&ended.stderr);
    assert_eq!((ended.status.code(), complaint.as_ref()), (Some(0), ""));
    assert!(begun.elapsed() < TIME_MAX, "{:?}", begun.elapsed());
    let scanned: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    let unread = all(&scanned, "unreadable");
    let of_sound = all(&scanned, "matches").iter().filter(|one| text(one, "file").ends_with("sound copy.csv")).count();
    assert_eq!(of_sound, 4, "{scanned}");
    assert!(all(&scanned, "files").len() + unread.len() >= mutants, "a file is told of neither way");
    // No reason holds anything of a row.
    assert!(unread.iter().all(|one| !text(one, "reason").contains("张伟丽")), "{unread:?}");
}
