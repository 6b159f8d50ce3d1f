//! Whatever is wrong with a list: exit 2, one message that says what to do, no output, no temporary file, the ledger as
//! before, and never a word of a real row.

use std::fs::{self, File, FileTimes};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

use canaries::deed::Stage as Work;

use crate::lists::{ADDRESS, Coding, Ends, PHONE, Shape, encode};
use crate::stage::Told;
use crate::world::{Fixed, Refusal};

/// A line longer than any record may be; the real thing would be 1 GiB, which only takes longer to write.
const LONG_LINE_BYTES: usize = 64 << 20;
/// Address space that the program gets for such a line.
const ROOM_BYTES: usize = 400 << 20;

fn world() -> Fixed {
    Fixed::ready(&["szfy"], 40)
}

fn list() -> Vec<u8> {
    Shape::default().bytes()
}

/// Refuses to plant into these bytes; whatever the list, its content is not told.
fn refused(world: &Fixed, name: &str, bytes: &[u8]) -> Refusal {
    let input = world.write(name, bytes);
    let args = ["plant", &input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")];
    let refusal = world.refused(&args);
    refusal.names(name);
    silent(&refusal);
    world.refused(&["strip", &input, "-o", &world.arg("out.csv")]).names(name);
    fs::remove_file(&input).unwrap();
    refusal
}

/// No cell of a row is in what was said.
fn silent(refusal: &Refusal) {
    for row in Shape::default().people() {
        for cell in [&row[2], &row[PHONE], &row[ADDRESS], &row[1]] {
            assert!(!refusal.en.contains(cell.as_str()) && !refusal.zh.contains(cell.as_str()), "{}", refusal.en);
        }
    }
}

#[test]
fn a_list_without_people_is_refused() {
    let world = world();
    refused(&world, "empty.csv", b"").says("empty");
    refused(&world, "blank.csv", b"\r\n \r\n\r\n").says("empty");
    refused(&world, "bom.csv", b"\xEF\xBB\xBF").says("empty");
    let header = list().split_inclusive(|byte| *byte == b'\n').next().unwrap().to_vec();
    refused(&world, "header.csv", &header).says("no data row");
    refused(&world, "header.txt", &encode(&String::from_utf8(header).unwrap(), Coding::Utf16Le)).says("no data row");
}

#[test]
fn a_file_that_is_no_list_is_told_by_what_it_is() {
    let world = world();
    let jpeg = [&b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01"[..], &[0x5A; 400]].concat();
    refused(&world, "photo.jpg", &jpeg).says("a picture");
    refused(&world, "births.csv", &jpeg).says("a picture");
    refused(&world, "births.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n").says("a PDF");
    let page = "<html><head><meta charset=gbk></head><body><table><tr><td>13800138000</td></tr></table></body></html>";
    refused(&world, "births.xls", page.as_bytes()).says("a web page");
    let ole = [&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], &[0; 2048]].concat();
    refused(&world, "old.xls", &ole).says("(.xls)");
    let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(&world, "locked.xlsx", &[&ole[..], &wide, &[0; 512]].concat()).says("password");
    refused(&world, "list.csv.gz", b"\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03abcdefgh").says("an archive");
    let ods = zipped(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<x/>")]);
    refused(&world, "births.ods", &ods).says("OpenDocument");
    refused(&world, "births.xlsx", &ods).says("OpenDocument");
    refused(&world, "births.zip", &zipped(&[("births.csv", &list())])).says("an archive");
    refused(&world, "letter.docx", &zipped(&[("word/document.xml", b"<x/>")])).says("document");
    refused(&world, "births.json", br#"[{"phone": "13800138000"}]"#).says("JSON");
    refused(&world, "noise.csv", &(0..4000u32).map(|i| (i * 7919 % 251) as u8).collect::<Vec<u8>>());
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_was_cut_off_is_refused_wherever_it_ends() {
    let world = world();
    let book = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/demo_lists/daily.xlsx")).unwrap();
    for kept in [30, 200, book.len() / 4, book.len() / 2, book.len() - 100, book.len() - 1] {
        refused(&world, "cut.xlsx", &book[..kept]);
    }
    let mut holed = book.clone();
    let middle = book.len() / 2;
    holed[middle..middle + 64].fill(0);
    refused(&world, "holed.xlsx", &holed);
}

#[test]
fn a_name_that_says_something_else_than_the_content_is_refused() {
    let world = world();
    refused(&world, "births.xlsx", &list()).says("a text file by its contents");
    let book = include_bytes!("../../src/cli/demo_lists/daily.xlsx");
    refused(&world, "daily.csv", book).says("a workbook by its contents");
    let (text, book) = (world.write("births.csv", list()), world.write("daily.xlsx", book));
    for (input, output) in [(&text, "births_2.xlsx"), (&book, "daily_2.csv")] {
        let output = world.arg(output);
        for args in
            [vec!["plant", input, "--to", "szfy", "--count", "2", "-o", &output], vec!["strip", input, "-o", &output]]
        {
            world.refused(&args).names(&output);
            assert!(!std::path::Path::new(&output).exists());
        }
    }
    let plain = world.write("births.lst", list());
    world.done(&["plant", &plain, "--to", "szfy", "--count", "2", "-o", &world.arg("births.out")]);
}

#[test]
fn bytes_that_no_text_holds_are_refused_by_record() {
    let world = world();
    let mut nul = list();
    let at = nul.len() / 2;
    nul[at] = 0;
    refused(&world, "nul.csv", &nul);
    let mut wide = encode(&String::from_utf8(list()).unwrap(), Coding::Utf16Le);
    let at = wide.len() / 4 * 2;
    wide[at..at + 2].copy_from_slice(&0xD800u16.to_le_bytes());
    refused(&world, "half.txt", &wide);
    let mut late = Shape { rows: 14_000, ..Shape::default() }.bytes();
    let at = late.len() - 100;
    late[at] = 0;
    refused(&world, "late.csv", &late).says("NUL");
    let open = [&list()[..], b"9999,\"ZY"].concat();
    refused(&world, "open.csv", &open);
}

#[test]
fn a_broken_character_is_kept_as_it_is() {
    let world = world();
    let mut broken = list();
    let at = broken.windows(6).rposition(|six| six == "福田".as_bytes()).unwrap();
    broken.remove(at + 1);
    let input = world.write("broken.csv", &broken);
    world.done(&["plant", &input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")]);
    world.done(&["strip", &world.arg("out.csv"), "-o", &world.arg("clean.csv")]);
    assert!(fs::read(world.at("clean.csv")).unwrap() == broken);
}

#[test]
fn a_line_without_end_fails_fast_in_little_memory() {
    let world = world();
    let good = list();
    let fillers: [(&str, &[u8]); 4] =
        [("letters", b"abcdefgh"), ("digits", b"13800138"), ("commas", b",,,,,,,,"), ("quoted", b"\"\",\"\"x,")];
    for (name, filler) in fillers {
        for (place, before) in [("alone", &b""[..]), ("below", &good[..])] {
            let path = world.at(&format!("{name}-{place}.csv"));
            let mut file = File::create(&path).unwrap();
            file.write_all(before).unwrap();
            let block = filler.repeat((1 << 20) / filler.len());
            for _ in 0..LONG_LINE_BYTES >> 20 {
                file.write_all(&block).unwrap();
            }
            // The rest of a gigabyte is a hole, which takes no room on the disk.
            file.set_len(1 << 30).unwrap();
            let input = path.to_str().unwrap();
            let args = ["plant", input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")];
            let begun = std::time::Instant::now();
            world.refused_by(&args, &|args| in_little_room(&world, args)).names(input);
            assert!(begun.elapsed().as_secs() < 20, "{name} {place} took {:?}", begun.elapsed());
            fs::remove_file(path).unwrap();
        }
    }
}

fn in_little_room(world: &Fixed, args: &[&str]) -> Told {
    let mut command = Command::new("prlimit");
    command.arg(format!("--as={ROOM_BYTES}")).arg(env!("CARGO_BIN_EXE_canaries"));
    world.dress(&mut command);
    command.arg("--db").arg(world.at("canaries.db")).args(args);
    Told::from(command.output().unwrap())
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let append = |path: &Path| {
        let mut file = File::options().append(true).open(path).unwrap();
        file.write_all(b"121,ZY999999,x,30,2026-12-01,39,x,13700001111,x,3000\n").unwrap();
    };
    let truncate = |path: &Path| File::options().write(true).open(path).unwrap().set_len(3000).unwrap();
    let replace = |path: &Path| {
        let other = path.with_extension("new");
        fs::write(&other, Shape { seed: 8, ..Shape::default() }.bytes()).unwrap();
        fs::rename(other, path).unwrap();
    };
    // Same length, same time: only the time of the change itself tells.
    let overwrite = |path: &Path| {
        let known = fs::metadata(path).unwrap();
        let mut file = File::options().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(known.len() - 3)).unwrap();
        file.write_all(b"7").unwrap();
        file.set_times(FileTimes::new().set_modified(known.modified().unwrap())).unwrap();
    };
    type Way<'a> = (&'a str, fn(&Path), &'a [Work]);
    let ways: [Way<'_>; 4] = [
        ("append", append, &[Work::Reading, Work::Writing, Work::Checking]),
        ("truncate", truncate, &[Work::Reading, Work::Writing, Work::Checking]),
        ("replace", replace, &[Work::Reading, Work::Writing, Work::Checking]),
        ("overwrite", overwrite, &[Work::Reading, Work::Writing, Work::Checking]),
    ];
    for (name, change, stages) in ways {
        for stage in stages {
            let world = world();
            let input = world.write("births.csv", list());
            let before = world.files();
            let path = world.at("births.csv");
            // File systems tell times apart in steps of some milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(30));
            let (mut done, stage) = (false, *stage);
            let meddler = Box::new(move |now, _, _| {
                if now == stage && !done {
                    done = true;
                    change(&path);
                }
            });
            let told = world
                .run_watched(&["plant", &input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")], meddler);
            let shown = format!("{name} while {stage:?}: {}{}", told.out, told.err);
            assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{shown}");
            assert!(told.err.starts_with("canaries: ") && told.err.contains("births.csv"), "{shown}");
            assert_eq!(world.files(), before, "{shown}");
            world.verified();
            let plantings = world.json(&["holder", "show", "szfy"])["plantings"].clone();
            let states: Vec<&str> =
                plantings.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
            assert!(states.iter().all(|state| *state == "void"), "{shown}");
        }
    }
}

#[test]
fn a_phone_column_must_hold_phones() {
    let world = world();
    let shape = Shape::default();
    let emptied = |keep: &dyn Fn(usize) -> bool| {
        let text = String::from_utf8(shape.bytes()).unwrap();
        let lines = text.lines().enumerate().map(|(at, line)| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if at > 0 && !keep(at) {
                cells[PHONE] = "";
            }
            cells.join(",") + "\n"
        });
        lines.collect::<String>()
    };
    refused(&world, "nophones.csv", emptied(&|_| false).as_bytes()).names("联系电话").says("empty").says("--map");
    let without: String = String::from_utf8(shape.bytes())
        .unwrap()
        .lines()
        .map(|line| {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells.remove(PHONE);
            cells.join(",") + "\n"
        })
        .collect();
    refused(&world, "nocolumn.csv", without.as_bytes()).says("no column looks like a phone number").says("--map");
    let named = "姓名,电话\n张三,见附件\n李四,见附件\n王五,见附件\n";
    refused(&world, "words.csv", named.as_bytes()).names("电话");
}

#[test]
fn a_broken_map_file_says_what_is_wrong_with_it() {
    let world = world();
    let input = world.write("births.csv", list());
    for (name, map, wanted) in [
        ("syntax.toml", "phone = = 3", "syntax.toml"),
        ("meaning.toml", "fone = \"联系电话\"", "fone"),
        ("column.toml", "phone = \"手机\"", "手机"),
        ("number.toml", "phone = 99", "99"),
        ("value.toml", "phone = true", "phone"),
        ("twice.toml", "phone = \"联系电话\"\nother = \"联系电话\"", "联系电话"),
        ("binary.toml", "\0\u{1}", "binary.toml"),
    ] {
        let map = world.write(name, map);
        let args = ["plant", &input, "--to", "szfy", "--count", "3", "--map", &map, "-o", &world.arg("out.csv")];
        let refusal = world.refused(&args);
        refusal.names(wanted).names(name);
        assert!(!refusal.en.contains("births.csv"), "the list is not at fault: {}", refusal.en);
        silent(&refusal);
    }
    let missing = world.arg("nowhere.toml");
    let args = ["plant", &input, "--to", "szfy", "--count", "3", "--map", &missing, "-o", &world.arg("out.csv")];
    world.refused(&args).names("nowhere.toml");
    let sheet = ["plant", &input, "--to", "szfy", "--count", "3", "--sheet", "7月", "-o", &world.arg("out.csv")];
    world.refused(&sheet).names("7月");
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let world = world();
    let pipe = world.arg("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let folder = world.folder().to_str().unwrap();
    for input in [pipe.as_str(), "/dev/zero", "/dev/null", folder, "/proc/self/mem", &world.arg("nowhere.csv"), "-"] {
        let refusal = world.refused(&["plant", input, "--to", "szfy", "--count", "3", "-o", &world.arg("out.csv")]);
        refusal.names(input);
        world.refused(&["strip", input, "-o", &world.arg("out.csv")]).names(input);
    }
}

#[test]
fn a_doubt_about_columns_is_told_by_headings_not_by_rows() {
    let world = world();
    let text = String::from_utf8(Shape { ends: Ends::CrLf, ..Shape::default() }.bytes()).unwrap();
    let refusal = refused(&world, "doubled.csv", text.replace("家庭住址", "联系电话").as_bytes());
    refusal.names("联系电话").says("--map");
}
