//! Somebody else's SQLite file, row by row: opened so that nothing is written and nothing beside it is touched.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Bytes of one value; a longer one ends the reading of its table.
const VALUE_BYTES_MAX: i32 = 16 << 20;
/// Bytes of a binary value that are taken for text.
const BLOB_BYTES_MAX: usize = 64 << 10;

/// Why the rows were not all seen.
#[derive(Debug)]
pub enum Foreign<E> {
    /// The file is damaged, or no database.
    Damaged,
    /// Whoever saw the rows ended it.
    Ended(E),
}

/// Is told of each row: its table, its place in that from 1, its values as text.
pub type SeeForeign<'s, E> = dyn FnMut(&str, u64, &[String]) -> Result<(), E> + 's;

/// Visits all rows of all tables: the table's name, the row's place in it from 1, its values as text. From `opened` on the
/// file needs its name no more.
pub fn each_foreign_row<E>(
    path: &Path,
    opened: &mut dyn FnMut(),
    see: &mut SeeForeign<'_, E>,
) -> Result<(), Foreign<E>> {
    let of = |_: rusqlite::Error| Foreign::Damaged;
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags);
    opened();
    let db = db.map_err(of)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(of)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).map_err(of)?;
    db.pragma_update(None, "cell_size_check", true).map_err(of)?;
    db.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX).map_err(of)?;
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")
        .and_then(|mut found| found.query_map([], |row| row.get(0))?.collect())
        .map_err(of)?;
    let mut is_whole = true;
    for table in tables {
        match each_row(&db, &table, see) {
            Err(Foreign::Damaged) => is_whole = false,
            other => other?,
        }
    }
    if is_whole { Ok(()) } else { Err(Foreign::Damaged) }
}

fn each_row<E>(db: &Connection, table: &str, see: &mut SeeForeign<'_, E>) -> Result<(), Foreign<E>> {
    let of = |_: rusqlite::Error| Foreign::Damaged;
    let quoted = table.replace('"', "\"\"");
    let mut statement = db.prepare(&format!("SELECT * FROM \"{quoted}\"")).map_err(of)?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(of)?;
    let (mut cells, mut place) = (Vec::with_capacity(columns), 0);
    while let Some(row) = rows.next().map_err(of)? {
        place += 1;
        cells.clear();
        for column in 0..columns {
            cells.push(match row.get_ref(column).map_err(of)? {
                ValueRef::Null => String::new(),
                ValueRef::Integer(value) => value.to_string(),
                ValueRef::Real(value) => value.to_string(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                ValueRef::Blob(bytes) => {
                    String::from_utf8_lossy(&bytes[..bytes.len().min(BLOB_BYTES_MAX)]).into_owned()
                }
            });
        }
        see(table, place, &cells).map_err(Foreign::Ended)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_any_table_are_seen_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a?b#c%.db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch(
            "CREATE TABLE \"a\"\"b\" (x, y); INSERT INTO \"a\"\"b\" VALUES ('王芳', 13800138000), (NULL, x'3133');",
        )
        .unwrap();
        drop(db);
        let mut seen = Vec::new();
        let done = each_foreign_row::<()>(&path, &mut || {}, &mut |table, row, cells| {
            seen.push((table.to_string(), row, cells.join(",")));
            Ok(())
        });
        assert!(done.is_ok());
        assert_eq!(
            seen,
            [("a\"b".to_string(), 1, "王芳,13800138000".to_string()), ("a\"b".to_string(), 2, ",13".to_string())]
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::write(&path, b"SQLite format 3\0garbage").unwrap();
        assert!(matches!(each_foreign_row::<()>(&path, &mut || {}, &mut |_, _, _| Ok(())), Err(Foreign::Damaged)));
    }
}
