//! Contacts in plain CSV with a header: `to`, `from`, `at`, `kind`, `seconds`, `said`, `id`.
//!
//! Unlike an exchange's records, a `to` that is no number is an error here, but for extensions and short numbers: the row was written
//! by hand. Whoever writes ids by hand counts from 1, so an id is that of a contact only together with its number and time.

use super::error::{CallError, Wrong};
use super::table::{Cells, Table};
use super::text::Text;
use super::{Intake, Reading, Seen, To, times};
use crate::hit::contact::{Caller, ContactKind, bare, rfc3339};
use crate::phone::Number;

/// Columns a file must have.
const NEEDED: [&str; 2] = ["to", "at"];
/// Numbers of services have three to six digits (ITU-T E.164, national annexes; China: 110, 95588, 123456).
const SHORT_DIGITS_MAX: usize = 6;

/// Reads plain contacts.
pub fn read<E: From<CallError>>(text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let mut table = Table::open(text)?;
    let header = table.next_row()?.ok_or(CallError::Empty)?;
    let names: Vec<String> = header.texts().map(str::to_lowercase).collect();
    if let Some(column) = NEEDED.into_iter().find(|column| !names.iter().any(|name| name == column)) {
        return Err(CallError::NoColumn { column: column.to_string() }.into());
    }
    table.name_columns(names.iter().map(String::as_str));
    while let Some(row) = table.next_row()? {
        let seen = seen(&row, intake.how)?;
        intake.take(seen)?;
    }
    Ok(())
}

fn seen<'t>(row: &'t Cells<'_>, how: &Reading<'_>) -> Result<Seen<'t>, CallError> {
    row.check_width()?;
    let wrong = |column: &str, wrong: Wrong| CallError::field(row.line, column, wrong);
    let dialled = bare(row.need("to")?);
    let to = match Number::parse(dialled, how.region) {
        Ok(number) => To::Number(number),
        Err(_) if is_short(dialled) => To::Text(dialled),
        Err(_) => return Err(wrong("to", Wrong::NotANumber)),
    };
    let to_text = match &to {
        To::Number(number) => number.as_str().to_string(),
        To::Text(text) => text.to_string(),
    };
    let at = times::time(row.need("at")?, how).map_err(|fault| wrong("at", fault))?;
    let kind = match row.get("kind") {
        Some(word) => word.parse().map_err(|_| wrong("kind", Wrong::NotAKind))?,
        None => ContactKind::Call,
    };
    let seconds = row.get("seconds").map(times::seconds).transpose().map_err(|fault| wrong("seconds", fault))?;
    // One instant may be written in several zones, one number in several spellings.
    let as_read = row.hash_as_read(&|column, text| match column {
        _ if text.is_empty() => String::new(),
        "to" => to_text.clone(),
        "from" => Caller::read(text, how.region).map_or_else(String::new, |caller| caller.to_string()),
        "at" => rfc3339(&at),
        "kind" => kind.word().to_string(),
        "seconds" => seconds.map_or_else(String::new, |seconds| seconds.to_string()),
        _ => text.to_string(),
    });
    Ok(Seen {
        line: row.line,
        id: row.get("id").map(|id| format!("{id}/{to_text}/{}", rfc3339(&at))),
        to,
        diverted_from: None,
        from: row.get("from"),
        at,
        kind,
        seconds,
        said: row.get("said"),
        raw_hash: row.hash(),
        row: as_read,
    })
}

/// Tells whether this is an extension or the short number of a service, which no number of a pool is.
fn is_short(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (1..=SHORT_DIGITS_MAX).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || "*# -".contains(c))
}
