//! What a seized file does not show at once: rows in a database's log, texts of a workbook outside its cells, lists of two columns.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rust_xlsxwriter::{DataValidation, DocProperties, Formula, Note, Workbook, Worksheet};

use crate::packed::zipped;
use crate::scan_what_hides::{Hidden, hidden};
use crate::world::text;

/// Makes a database whose rows stand in its log alone, as that of a phone that was taken from its owner; both files' bytes.
fn logged(folder: &Path, number: &str) -> (Vec<u8>, Vec<u8>) {
    let path = folder.join("made.db");
    let database = Connection::open(&path).unwrap();
    let rows = "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE births (name, phone INTEGER);";
    database.execute_batch(rows).unwrap();
    for (name, phone) in [("林某", "13800138000"), ("陈某", number), ("王某", "13800138001")] {
        database.execute("INSERT INTO births VALUES (?1, CAST(?2 AS INTEGER))", [name, phone]).unwrap();
    }
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let both = (read("made.db"), read("made.db-wal"));
    drop(database);
    both
}

/// The place within the file of the one match that a file must have.
fn place(hidden: &Hidden, name: &str, bytes: &[u8]) -> String {
    text(&hidden.read(name, bytes), "place").to_string()
}

#[test]
fn rows_that_stand_only_in_a_database_s_log_are_found_and_nothing_is_left_beside_it() {
    let hidden = hidden();
    let folder = tempfile::tempdir().unwrap();
    let (database, log) = logged(folder.path(), &hidden.number);
    hidden.world.write("phone/contacts.db-wal", &log);
    // The database is named alone, and its log lies beside it.
    assert_eq!(place(&hidden, "phone/contacts.db", &database), "births!2");
    let names = |folder: &str| fs::read_dir(hidden.world.at(folder)).unwrap().count();
    assert_eq!(names("phone"), 2);
    // A log by itself, also in an archive, and one whose last bytes are missing.
    assert!(place(&hidden, "alone/contacts.db-wal", &log).starts_with("sqlite-wal!"));
    let packed = zipped(&[("contacts.db", &database[..]), ("contacts.db-wal", &log[..])]);
    assert!(place(&hidden, "alone/phone.zip", &packed).starts_with("contacts.db-wal!sqlite-wal!"));
    hidden.world.write("cut/contacts.db-wal", &log[..log.len() - 100]);
    assert_eq!(place(&hidden, "cut/contacts.db", &database), "births!2");
    // A log of another database is none of this one's, and is no harm.
    let mut other = log.clone();
    other[20] ^= 1;
    hidden.world.write("other/contacts.db-wal", &other);
    let told = hidden.world.run(&["scan", &hidden.world.write("other/contacts.db", &database)]);
    assert_eq!(told.code, Some(1), "{}", told.err);
}

#[test]
fn pages_that_an_unfinished_transaction_replaced_are_read() {
    let hidden = hidden();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.db");
    let database = Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE births (name, phone INTEGER);").unwrap();
    database.execute("INSERT INTO births VALUES ('陈某', CAST(?1 AS INTEGER))", [&hidden.number]).unwrap();
    database.execute_batch("PRAGMA cache_size = 1; BEGIN; DELETE FROM births;").unwrap();
    // Enough that pages are written before the transaction ends.
    for _ in 0..200 {
        database.execute("INSERT INTO births VALUES (hex(zeroblob(2000)), 1)", []).unwrap();
    }
    let journal = fs::read(folder.path().join("made.db-journal")).unwrap();
    drop(database);
    assert!(place(&hidden, "births.db-journal", &journal).starts_with("sqlite-journal!"));
}

#[test]
fn what_a_workbook_says_outside_its_cells_is_found() {
    let hidden = hidden();
    let number = hidden.number.as_str();
    let (first, rest) = number.split_at(3);
    let made = |fill: &dyn Fn(&mut Worksheet)| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name("名单").unwrap();
        sheet.write(0, 0, "a").unwrap();
        fill(sheet);
        book
    };
    let formula = Formula::new(format!("=\"{first}\"&\"{rest}\"")).set_result("");
    let choice = DataValidation::new().allow_list_strings(&["13800138000", number]).unwrap();
    let cells = [&number[..3], &number[3..7], &number[7..]];
    let mut titled = made(&|_| ());
    titled.set_properties(&DocProperties::new().set_title(number));
    let mut named = made(&|_| ());
    named.define_name("电话", &format!("=\"{number}\"")).unwrap();
    for (name, mut book, wanted) in [
        ("formula", made(&|sheet| assert!(sheet.write(2, 1, formula.clone()).is_ok())), "名单!B3"),
        ("header", made(&|sheet| assert_eq!(sheet.set_header(format!("&C名单 {number}")).name(), "名单")), "名单"),
        ("choice", made(&|sheet| assert!(sheet.add_data_validation(0, 1, 5, 1, &choice).is_ok())), "名单"),
        ("note", made(&|sheet| assert!(sheet.insert_note(1, 1, &Note::new(number)).is_ok())), "xl/comments1.xml"),
        ("cells", made(&|sheet| assert!(sheet.write_row(4, 1, cells).is_ok())), "名单!D5"),
        ("title", titled, "docProps/core.xml"),
        ("name", named, "xl/workbook.xml"),
    ] {
        assert_eq!(place(&hidden, &format!("{name}.xlsx"), &book.save_to_buffer().unwrap()), wanted);
    }
    let near = [&number[..3], &number[3..7], "x", &number[7..]];
    let book = made(&|sheet| assert!(sheet.write_row(4, 1, near).is_ok())).save_to_buffer().unwrap();
    let told = hidden.world.run(&["scan", &hidden.world.write("near.xlsx", book)]);
    assert_eq!(told.code, Some(1), "{}", told.out);
}

#[test]
fn a_file_that_an_old_program_put_into_a_message_is_found() {
    let hidden = hidden();
    let bytes = hidden.row.as_bytes();
    let mut body = String::from("begin 644 list.csv\n");
    for line in bytes.chunks(45) {
        let character = |value: u8| char::from(if value == 0 { b'`' } else { b' ' + value });
        body.push(character(line.len() as u8));
        for three in line.chunks(3) {
            let [a, b, c] = [0, 1, 2].map(|at| three.get(at).copied().unwrap_or(0));
            body.extend([a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63].map(character));
        }
        body.push('\n');
    }
    body.push_str("`\nend\n");
    let mail = format!("From: a@example.org\nTo: b@example.org\nSubject: x\n\n{body}");
    assert_eq!(place(&hidden, "old.eml", mail.as_bytes()), "list.csv");
}
