//! How fast a number's canary is found among a million, beside a bare prepared select in the same run.
//!
//! The ledger is the one `benches/run trace` makes, in $CANARIES_BENCH; without it there is nothing to measure.

use std::hint::black_box;
use std::path::PathBuf;

use canaries::phone::Number;
use canaries::store::Store;
use criterion::{Criterion, criterion_group, criterion_main};
use rusqlite::{Connection, OpenFlags};

/// What a look-up reads.
const SELECT: &str = "SELECT id, number, planting, row, record FROM canary WHERE number = ?1";

/// One canary in so many is looked for.
const STEP: usize = 997;

fn ledger() -> Option<PathBuf> {
    let room = std::env::var_os("CANARIES_BENCH").map_or(std::env::temp_dir().join("canaries-bench"), PathBuf::from);
    Some(room.join("million").join("l.db")).filter(|path| path.exists())
}

fn look_up(criterion: &mut Criterion) {
    let Some(path) = ledger() else {
        eprintln!("run `benches/run trace` first: it makes the ledger");
        return;
    };
    let bare = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the ledger opens");
    let mut all = bare.prepare("SELECT number FROM canary ORDER BY number").expect("the ledger has canaries");
    let texts = all.query_map([], |row| row.get::<_, String>(0)).expect("the ledger has numbers");
    let texts: Vec<String> = texts.step_by(STEP).collect::<Result<_, _>>().expect("numbers are texts");
    let numbers: Vec<Number> =
        texts.iter().map(|text| Number::from_e164(text).expect("the ledger holds whole numbers")).collect();
    let mut group = criterion.benchmark_group("look-up");
    group.bench_function("bare prepared select", |bench| {
        let mut select = bare.prepare(SELECT).expect("the ledger has canaries");
        let mut next = texts.iter().cycle();
        bench.iter(|| {
            let number = next.next().expect("a cycle has no end");
            select
                .query_row([number], |row| {
                    Ok(black_box((
                        row.get::<_, i64>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, i64>(2)?,
                        row.get::<_, i64>(3)?,
                        row.get::<_, String>(4)?,
                    )))
                })
                .expect("every number has its canary")
        });
    });
    group.bench_function("store", |bench| {
        let store = Store::open(&path).expect("the ledger opens");
        let mut next = numbers.iter().cycle();
        bench.iter(|| {
            let number = next.next().expect("a cycle has no end");
            black_box(store.read().canary_of(number).expect("the ledger can be read").expect("it has its canary"))
        });
    });
    group.finish();
}

criterion_group!(benches, look_up);
criterion_main!(benches);
