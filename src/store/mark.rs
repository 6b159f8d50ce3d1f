//! Marks of numbers, as the table `number_mark` spells them. Statements spell them as well, as SQL has no enums.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// What a number is set aside for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberMark {
    Control,
    Trap,
    Retired,
    /// In use, in a locked ledger that is read without its identity: nobody can tell as what.
    Used,
}

impl NumberMark {
    const ALL: [NumberMark; 4] = [NumberMark::Control, NumberMark::Trap, NumberMark::Retired, NumberMark::Used];

    /// Gives the word in the table.
    pub(super) fn word(self) -> &'static str {
        match self {
            NumberMark::Control => "control",
            NumberMark::Trap => "trap",
            NumberMark::Retired => "retired",
            NumberMark::Used => "used",
        }
    }
}

impl ToSql for NumberMark {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for NumberMark {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<NumberMark> {
        let word = value.as_str()?;
        let mark = NumberMark::ALL.into_iter().find(|mark| mark.word() == word);
        mark.ok_or_else(|| FromSqlError::Other(format!("no mark of numbers: `{word}`").into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_as_they_are_written_and_others_are_an_error() {
        let db = rusqlite::Connection::open_in_memory().expect("a database");
        let echo = |word: &dyn ToSql| db.query_row("SELECT ?1", [word], |row| row.get::<_, NumberMark>(0));
        for mark in NumberMark::ALL {
            assert_eq!(echo(&mark), Ok(mark));
        }
        assert!(echo(&"borrowed").is_err());
    }
}
