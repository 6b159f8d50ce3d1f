//! A row known again in a later export of the same list, without keeping the row.

use sha2::{Digest, Sha256};

use super::texts::Texts;
use crate::list::layout::Layout;
use crate::list::meaning::Meaning;
use crate::list::row::Row;

/// Hashes all cells but the serial number under a secret key.
///
/// Cells are decoded and trimmed, so another encoding or quoting of the same list gives the same fingerprint.
/// Without the key nobody can test which person a fingerprint is of.
pub fn fingerprint(row: &Row<'_>, layout: &Layout, key: &[u8; 32]) -> u64 {
    of_cells((0..row.len()).map(|at| row.text(at)), layout, key)
}

/// Gives the [`fingerprint`] of a row that was kept.
pub fn fingerprint_of(row: &Texts, layout: &Layout, key: &[u8; 32]) -> u64 {
    of_cells((0..row.len()).map(|at| row.cell(at)), layout, key)
}

/// Gives the [`fingerprint`] that a row had in a list with these columns alone, in this order; none may be the serial number.
pub fn fingerprint_at(row: &Row<'_>, columns: &[usize], key: &[u8; 32]) -> u64 {
    hashed(columns.iter().map(|at| row.text(*at)), key)
}

fn of_cells(cells: impl Iterator<Item = impl AsRef<str>>, layout: &Layout, key: &[u8; 32]) -> u64 {
    let is_serial = |at: usize| layout.columns.get(at).is_some_and(|column| column.meaning == Meaning::Serial);
    hashed(cells.enumerate().filter(|(at, _)| !is_serial(*at)).map(|(_, text)| text), key)
}

fn hashed(cells: impl Iterator<Item = impl AsRef<str>>, key: &[u8; 32]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(key);
    for text in cells {
        let cell = text.as_ref().trim();
        hash.update((cell.len() as u32).to_le_bytes());
        hash.update(cell.as_bytes());
    }
    let digest = hash.finalize();
    let mut first = [0_u8; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::ColumnMap;
    use crate::list::layout::recognise;
    use crate::list::rows::{Rows, head};

    #[test]
    fn only_the_serial_may_change() {
        let of = |line: &str, key: u8| {
            let text = format!("序号,姓名,电话\n{line}\n");
            let layout = recognise(&head(&text), &ColumnMap::default()).expect("a layout");
            let rows = Rows::new(&text);
            let found = rows.iter().find(|row| layout.is_data(row)).map(|row| fingerprint(&row, &layout, &[key; 32]));
            found.expect("a data row")
        };
        let first = of("1,张三,13800138000", 1);
        assert_eq!(first, of("2,张三,13800138000", 1));
        assert_ne!(first, of("1,张三,13800138001", 1));
        assert_ne!(first, of("1,张三,13800138000", 2));
    }

    #[test]
    fn a_row_is_known_again_among_columns_that_were_added_and_moved() {
        let of = |text: &str, columns: Option<&[usize]>| {
            let layout = recognise(&head(text), &ColumnMap::default()).expect("a layout");
            let rows = Rows::new(text);
            let row = rows.iter().find(|row| layout.is_data(row)).expect("a data row");
            columns.map_or_else(|| fingerprint(&row, &layout, &[1; 32]), |at| fingerprint_at(&row, at, &[1; 32]))
        };
        let first = of("序号,姓名,电话\n1,张三,13800138000\n", None);
        let wider = "电话,随访,姓名,序号\n13800138000,是,张三,9\n";
        assert_ne!(first, of(wider, None));
        assert_eq!(first, of(wider, Some(&[2, 0])));
        assert_ne!(first, of("电话,随访,姓名,序号\n138-0013-8000,是,张三,9\n", Some(&[2, 0])));
    }
}
