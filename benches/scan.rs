//! Drives the engine of `scan` over one file, for `benches/scan.py`: NUMBERS (E.164, one a line), FILE, THREADS.

use std::fs::{File, read_to_string};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use canaries::phone::Number;
use canaries::scan::{Finder, Needle, Needles, OVERLAP_BYTES};

/// Bytes read at a time by each thread.
const BLOCK_BYTES: usize = 1 << 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let [numbers, list, threads] = arguments.as_slice() else {
        // `cargo bench` calls every bench without arguments.
        println!("scan: see benches/scan.py");
        return;
    };
    let threads: u64 = threads.parse().expect("a count of threads");
    let numbers = read_to_string(numbers).expect("a list of numbers");
    let needle = |line: &str| Needle { number: Number::from_e164(line).expect("an E.164 number"), person: None };
    let needles = Needles::of(numbers.lines().map(needle));
    drop(numbers);
    let size = std::fs::metadata(list).expect("a file").len();
    let part = size.div_ceil(threads);
    let found: u64 = std::thread::scope(|scope| {
        let sections = (0..threads).map(|k| k * part..((k + 1) * part).min(size));
        let running: Vec<_> =
            sections.map(|section| scope.spawn(|| look(&needles, Path::new(list), section, size))).collect();
        running.into_iter().map(|thread| thread.join().expect("a thread that ends")).sum()
    });
    println!("{found} sightings, {} bytes of needles", needles.bytes());
}

fn look(needles: &Needles, list: &Path, section: Range<u64>, size: u64) -> u64 {
    let file = File::open(list).expect("a file");
    let mut at = section.start.saturating_sub(OVERLAP_BYTES as u64);
    let end = (section.end + OVERLAP_BYTES as u64).min(size);
    let mut finder = Finder::over(needles, section);
    let mut block = vec![0; BLOCK_BYTES];
    let mut found = Vec::new();
    while at < end {
        let wanted = BLOCK_BYTES.min((end - at) as usize);
        let read = file.read_at(&mut block[..wanted], at).expect("a file that can be read");
        assert!(read > 0, "the file became shorter");
        finder.feed(&block[..read], &mut found);
        at += read as u64;
    }
    finder.finish(&mut found);
    found.len() as u64
}
