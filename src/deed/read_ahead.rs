//! Reads a text list: a short one on the spot, a long one cut by a thread of its own, ahead of who looks at the rows.
//!
//! The rows come in the list's order either way, and a fault of the list comes behind the rows before it.

use std::io::Read;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::list::Row;
use crate::list::text::{Batch, Dialect, Records, TextError};

/// Batches on their way at once.
const BATCHES: usize = 4;

/// Whether a list is worth a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Short,
    Long,
}

/// Visits every record; gives the dialect as it was settled at the end.
pub(super) fn each_row<R: Read + Send>(
    mut records: Records<R>,
    length: Length,
    visit: &mut dyn FnMut(&Row<'_>),
) -> Result<Dialect, TextError> {
    match length {
        Length::Short => {
            while let Some(row) = records.next_row()? {
                visit(&row);
            }
            Ok(*records.dialect())
        }
        Length::Long => std::thread::scope(|scope| {
            let (full, batches) = channel::<Batch>();
            let (seen, empty) = channel::<Batch>();
            (0..BATCHES).for_each(|_| seen.send(Batch::new()).expect("the other end is held here"));
            let cutting = scope.spawn(move || cut(&mut records, &full, &empty).map(|()| *records.dialect()));
            for batch in batches {
                batch.rows().for_each(|row| visit(&row));
                if seen.send(batch).is_err() {
                    // The list has ended, and what was cut of it is still to be seen.
                    continue;
                }
            }
            cutting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        }),
    }
}

/// Fills empty batches until the list ends, or nobody wants more of it.
fn cut(records: &mut Records<impl Read>, full: &Sender<Batch>, empty: &Receiver<Batch>) -> Result<(), TextError> {
    for mut batch in empty {
        if !records.next_batch(&mut batch)? || full.send(batch).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::text::Spacing;
    use crate::list::{Certainty, Encoding, LineEnd};

    fn rows(bytes: &[u8], encoding: Encoding, length: Length) -> (Vec<(u64, u64, Vec<String>)>, String) {
        let dialect = Dialect {
            encoding,
            certainty: Certainty::Settled,
            bom: true,
            delimiter: b',',
            line_end: LineEnd::CrLf,
            spacing: Spacing::Tight,
        };
        let mut rows = Vec::new();
        let mut visit = |row: &Row<'_>| rows.push((row.ordinal, row.offset, row.texts()));
        let end = each_row(Records::new(bytes, &dialect), length, &mut visit);
        (rows, end.map_or_else(|error| error.to_string(), |dialect| format!("{dialect:?}")))
    }

    #[test]
    fn a_thread_gives_the_same_rows_and_the_same_faults() {
        let mut text = String::new();
        for at in 0..30_000 {
            text.push_str(&format!("{at},\"第一行\r\n{at}\",住址{}\r\n", "号".repeat(at % 70)));
        }
        for encoding in [Encoding::Utf8, Encoding::Gbk, Encoding::Utf16Le] {
            let bytes = encoding.encode(&text).unwrap();
            let nul = encoding.encode("x\0,y\r\n").unwrap();
            let half = bytes.len() / 2 / 2 * 2;
            for list in [&bytes[..], &[&bytes[..half], &nul, &bytes[half..]].concat(), &bytes[..half], b""] {
                let (short, long) = (rows(list, encoding, Length::Short), rows(list, encoding, Length::Long));
                assert!(short == long, "{encoding} {} {} {:?} {:?}", short.0.len(), long.0.len(), short.1, long.1);
            }
        }
        assert_eq!(rows(text.as_bytes(), Encoding::Utf8, Length::Long).0.len(), 30_000);
    }
}
