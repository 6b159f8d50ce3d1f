//! The lists that `benches/run` works on and the named peers it compares with, each a whole process.
//!
//! `list OUT BYTES plain|serial` makes a list; `copy IN OUT` is the `csv` crate's bare loop from reader to
//! writer; `insert LEDGER OUT` puts a ledger's rows into a new database with the same tables and indexes.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use rand::rngs::ChaCha20Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

/// The list's headings.
const HEAD: &str = "住院号,产妇姓名,分娩时间,新生儿性别,体重(g),联系电话,家庭住址";
const SURNAMES: &str =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任沈姚卢姜崔钟";
const GIVEN: &str =
    "芳娜敏静丽艳娟霞秀英慧玲桂兰玉萍红梅雪琳晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓荷丹蓉眉君琴蕊薇菁梦岚苑婕馨";
const DISTRICTS: [&str; 9] = ["拱墅区", "西湖区", "余杭区", "上城区", "滨江区", "萧山区", "临平区", "钱塘区", "富阳区"];
const ROADS: [&str; 8] = ["灯芯巷", "东山弄", "人民路", "文晖路", "古墩路", "莫干山路", "石祥路", "丽水路"];
const MOBILES: [&str; 8] = ["135", "136", "138", "139", "150", "158", "187", "189"];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["list", out, bytes, shape] => list(out, bytes.parse()?, *shape == "serial"),
        ["copy", from, to] => copy(from, to),
        ["insert", ledger, to] => insert(ledger, Path::new(to)),
        // A plain `cargo bench` has nothing to ask.
        [] => Ok(()),
        other => Err(format!("there is no peer for {other:?}").into()),
    }
}

/// Writes a growing register of about `bytes` bytes: made-up people in order of birth, record numbers with gaps.
fn list(out: &str, bytes: u64, serial: bool) -> Result<(), Box<dyn Error>> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(out)?);
    let (surnames, given): (Vec<char>, Vec<char>) = (SURNAMES.chars().collect(), GIVEN.chars().collect());
    let mut pick = |from: &[char]| *from.choose(&mut rng).expect("the tables are not empty");
    let names: Vec<String> = (0..20_000)
        .map(|nth| (0..2 + nth % 3 / 2).map(|at| pick(if at == 0 { &surnames } else { &given })).collect())
        .collect();
    let head = if serial { format!("序号,{HEAD}") } else { HEAD.to_string() };
    let begin = chrono::NaiveDate::from_ymd_opt(2010, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let begin = begin.ok_or("the first day is a day")?;
    let (mut written, mut number, mut record, mut seconds) = (0, 0_u64, 10_000_000_u64, 0_i64);
    let mut line = head + "\r\n";
    while written < bytes {
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        number += 1;
        record += if rng.random_bool(0.8) { 1 } else { rng.random_range(2..10) };
        seconds += rng.random_range(0..110);
        line.clear();
        if serial {
            write!(line, "{number},")?;
        }
        let born = begin + chrono::TimeDelta::seconds(seconds);
        let one = |from: &[&'static str], rng: &mut ChaCha20Rng| from.choose(rng).copied().unwrap_or_default();
        let (mobile, district) = (one(&MOBILES, &mut rng), one(&DISTRICTS, &mut rng));
        let road = one(&ROADS, &mut rng);
        write!(line, "ZY{record},{},{},", names[rng.random_range(0..names.len())], born.format("%Y-%m-%d %H:%M"))?;
        let sex = if rng.random_bool(0.52) { "男" } else { "女" };
        write!(line, "{sex},{}0,{mobile}{:08},", rng.random_range(250..420), rng.random_range(0..100_000_000))?;
        let (house, block) = (rng.random_range(1..999), rng.random_range(1..60));
        write!(line, "{district}{road}{house}号{block}幢{}室\r\n", rng.random_range(101..3604))?;
    }
    Ok(out.flush()?)
}

/// Copies a list record by record with the `csv` crate: nothing learned, nothing hashed, nothing synced.
fn copy(from: &str, to: &str) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(from)?;
    let terminator = csv::Terminator::CRLF;
    let mut writer = csv::WriterBuilder::new().flexible(true).terminator(terminator).from_path(to)?;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        writer.write_byte_record(&record)?;
    }
    Ok(writer.flush()?)
}

/// Inserts the rows that minting made, entries and canaries, into the same tables of a new database, durably.
///
/// Prints the seconds of the inserts and the commit alone.
fn insert(ledger: &str, to: &Path) -> Result<(), Box<dyn Error>> {
    let from = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut db = Connection::open(to)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    let tables = ["holder", "number", "planting", "entry", "canary"];
    let of = "SELECT sql FROM sqlite_schema WHERE tbl_name = ?1 AND type IN ('table', 'index') AND sql IS NOT NULL ORDER BY type DESC";
    for table in tables {
        let schema =
            from.prepare(of)?.query_map([table], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        schema.iter().try_for_each(|sql| db.execute_batch(sql))?;
    }
    let [holder, number, planting, entry, canary] = tables.map(|table| rows(&from, table));
    let before = db.transaction()?;
    for (table, rows) in [("holder", holder?), ("number", number?), ("planting", planting?)] {
        put(&before, table, &rows)?;
    }
    before.commit()?;
    let (entries, canaries) = (entry?, canary?);
    let entries = &entries[entries.len() - canaries.len()..];
    let begun = Instant::now();
    let transaction = db.transaction()?;
    put(&transaction, "entry", entries)?;
    put(&transaction, "canary", &canaries)?;
    transaction.commit()?;
    println!("{}", begun.elapsed().as_secs_f64());
    Ok(())
}

fn rows(db: &Connection, table: &str) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut all = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1"))?;
    let columns = all.column_count();
    all.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?.collect()
}

fn put(db: &Connection, table: &str, rows: &[Vec<Value>]) -> rusqlite::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let places = vec!["?"; first.len()].join(", ");
    let mut insert = db.prepare(&format!("INSERT INTO {table} VALUES ({places})"))?;
    rows.iter().try_for_each(|row| insert.execute(params_from_iter(row)).map(|_| ()))
}
